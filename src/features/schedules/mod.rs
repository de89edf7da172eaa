//! Schedules: the posts that come by themselves, when they are due, and what became of each.

pub mod commands;
pub mod rules;
mod store;
mod view;

use chrono::{NaiveDateTime, TimeDelta};
use rules::{Decision, Late};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyExecutor;

use crate::chat::permit::Manager;
use crate::feature::{Chosen, Composed, Duty, Feature, Help, Kind, Place};
use crate::features::{kind, kinds};
use crate::kernel::calendar::{Period, Span, day_number, day_of, local_of, local_text};
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result, caught};
use crate::kernel::ids::{ChannelId, GuildId, PostId, ScheduleId};
use crate::kernel::wall_cron::WallCron;
use crate::outbox;
use crate::outbox::subject::{About, Composer, Subject};
use crate::people::{self, Guild};
use crate::render::post::Post;
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Old, Table, Than};

/// What schedules add to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::schedule()],
    help: Help {
        everyone: "",
        managers: "/schedule list, set, pause, resume, preview, explain: the week's posts.",
    },
    composers: &[Composer {
        kind: Occurrence::KIND,
        compose: |db, _, guild, about| Box::pin(async { Ok(tell(db, guild, &about.of()?).await?.into()) }),
    }],
    duties: &[Duty {
        name: "deciding occurrences",
        step: |state| Box::pin(step(state)),
        due: |state| Box::pin(next_due(state)),
    }],
    rezone: Some(|tx, state, guild| Box::pin(reckon_anew(tx, state, guild))),
    tables: &[
        Table::new("schedule", &[]),
        Table::new("occurrence", &[])
            .whose("schedule_id IN (SELECT id FROM schedule WHERE guild_id = $1)")
            // Before the posts that they refer to.
            .pruned(Old { days: 400, rows: "decided_at < $1", than: Than::Micros }),
    ],
    ..Feature::NONE
};

/// What a post that comes by itself is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Occurrence {
    /// The name of its kind.
    post: String,
    span: String,
    /// The first day of its period, as the ledger keeps days.
    from: i64,
    /// The day after the last.
    until: i64,
    /// When it was due, on the guild's wall clock, where it is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    late: Option<String>,
    #[serde(default, skip_serializing_if = "Chosen::is_null")]
    chosen: Chosen,
}

impl Subject for Occurrence {
    const KIND: &'static str = "occurrence";
}

/// Whether something that lies in an inbox is for those who manage alone: whatever comes to inboxes by itself.
pub fn is_for_managers(about: &About) -> bool {
    about.kind() == Occurrence::KIND
}

/// What a post that comes by itself says when it leaves.
async fn tell(db: &mut Reader, guild: &Guild, of: &Occurrence) -> Result<Post> {
    let kind =
        kind(&of.post).ok_or_else(|| Error::other("telling an occurrence", "there is no such post"))?;
    let span = Span::parse(&of.span).unwrap_or(Span::Custom);
    let period = Period { span, from: day_of(of.from), until: day_of(of.until) };
    let told = match kind.tell {
        Some(tell) => tell(db, guild, period, &of.chosen).await?,
        None => (kind.compose)(db, guild, period).await?.and_then(|composed| composed.post),
    };
    let post = told.unwrap_or_else(view::nothing_left);
    Ok(match of.late.as_deref().and_then(local_of) {
        Some(due) => late(post, due),
        None => post,
    })
}

/// A recurring post of a guild.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Whose.
    pub guild: GuildId,
    /// What it posts.
    pub kind: Kind,
    /// When, on the guild's wall clock.
    pub cron: WallCron,
    /// Where; the guild's channel for this kind if none is said.
    pub channel: Option<ChannelId>,
    /// What becomes of one that was missed.
    pub late: Late,
    /// Whether it is paused.
    pub is_paused: bool,
    /// When it is due next: microseconds since 1970, and the wall-clock time that names the occurrence.
    pub next: Option<(i64, NaiveDateTime)>,
}

impl Schedule {
    /// The channel that it posts to.
    pub fn target(&self, guild: &Guild) -> Option<ChannelId> {
        self.channel.or(match self.kind.place {
            Place::Channel(of) => of(guild),
            Place::Inboxes | Place::There(_) => None,
        })
    }
}

/// Gives a guild the default schedules that it lacks.
pub async fn create_defaults(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    for kind in kinds() {
        let Some(cron) = WallCron::from_fields(kind.cron) else { continue };
        store::insert(tx, state, guild, kind, &cron).await?;
    }
    Ok(())
}

/// Gives every guild that is set up the default schedules that it lacks, since there were fewer once.
pub async fn complete(state: &State) -> Result<()> {
    for id in store::incomplete(state, kinds().count()).await? {
        let mut tx = state.db.write().await?;
        let guild = people::guild(&mut *tx, id).await?;
        create_defaults(&mut tx, state, &guild).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reckons anew when each schedule is due, after the guild's zone has changed.
pub async fn reckon_anew(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    for mut schedule in store::of_guild(&mut **tx, guild.id).await? {
        reckon(tx, state, guild, &mut schedule).await?;
        store::save(tx, state, &schedule).await?;
    }
    Ok(())
}

/// Lets nothing be due in a guild any more, until all is reckoned anew.
pub async fn suspend(tx: &mut Tx, guild: GuildId) -> Result<()> {
    store::suspend(tx, guild).await
}

/// Reckons when a schedule is due next. What is due already and nobody has decided is left out, and says so.
async fn reckon(tx: &mut Tx, state: &State, guild: &Guild, schedule: &mut Schedule) -> Result<()> {
    if let Some((due, local)) = schedule.next.filter(|(due, _)| *due <= state.micros()) {
        store::record(tx, state, schedule.id, local, due, "changed", None).await?;
    }
    let due = if schedule.is_paused { None } else { schedule.cron.next(guild.zone, state.clock.now()) };
    schedule.next = due.map(|due| (due.at.timestamp_micros(), due.local));
    Ok(())
}

/// A guild's schedules.
pub async fn of_guild(state: &State, guild: GuildId) -> Result<Vec<Schedule>> {
    store::of_guild(state.db.read(), guild).await
}

/// A guild's schedule of a kind.
///
/// # Errors
/// When there is none yet.
pub async fn of_kind(state: &State, guild: GuildId, kind: Kind) -> Result<Schedule> {
    let found = of_guild(state, guild).await?.into_iter().find(|schedule| schedule.kind == kind);
    found.ok_or_else(|| Error::user("There are no schedules here yet. /setup creates them."))
}

/// Changes a schedule, and reckons when it is due next.
pub async fn change(
    tx: &mut Tx,
    state: &State,
    by: Manager,
    kind: Kind,
    edit: impl FnOnce(&mut Schedule) -> Result<()>,
) -> Result<Schedule> {
    let guild = people::guild(&mut **tx, by.guild).await?;
    let found =
        store::of_guild(&mut **tx, by.guild).await?.into_iter().find(|schedule| schedule.kind == kind);
    let mut schedule =
        found.ok_or_else(|| Error::user("There are no schedules here yet. /setup creates them."))?;
    let (cron, was_paused) = (schedule.cron.fields().to_owned(), schedule.is_paused);
    edit(&mut schedule)?;
    // Otherwise what is due already and was not decided yet stays due.
    if schedule.cron.fields() != cron || schedule.is_paused != was_paused {
        reckon(tx, state, &guild, &mut schedule).await?;
    }
    store::save(tx, state, &schedule).await?;
    Ok(schedule)
}

/// The period that an occurrence is about: its week; from an earlier one on, where occurrences were folded into it.
fn period(guild: &Guild, local: NaiveDateTime, folded: Option<NaiveDateTime>) -> Period {
    let week = guild.period(Span::Week, local.date());
    match folded.map(|first| guild.period(Span::Week, first.date())) {
        Some(first) if first.from < week.from => {
            Period { span: Span::Custom, from: first.from, until: week.until }
        }
        _ => week,
    }
}

/// What a schedule would post now.
pub async fn preview(state: &State, by: Manager, kind: Kind) -> Result<Option<Composed>> {
    let mut db = state.db.reader().await?;
    let guild = people::guild(&mut *db, by.guild).await?;
    let local = guild.local(&state.clock);
    (kind.compose)(&mut db, &guild, period(&guild, local, None)).await
}

/// Decides the earliest occurrence that is due, if any. Returns whether there was one. One that can't be decided is put
/// off, so that it holds up nothing behind it.
pub async fn step(state: &State) -> Result<bool> {
    let mut db = state.db.reader().await?;
    let Some(overdue) = store::due(&mut *db, state).await? else { return Ok(false) };
    let (id, since) = (overdue.id, overdue.since);
    let decided = match overdue.schedule {
        Ok(schedule) => caught(decide(state, db, &schedule)).await,
        Err(error) => Err(error),
    };
    match decided {
        Ok(true) => {}
        Ok(false) => store::put_off(state, id, since).await?,
        Err(error) => {
            state.report("deciding an occurrence", &error);
            store::put_off(state, id, since).await?;
        }
    }
    Ok(true)
}

/// Decides an occurrence: it, its post and the next due time are one transaction. False, and nothing written, if what the post
/// tells has changed while it was composed.
async fn decide(state: &State, mut db: Reader, schedule: &Schedule) -> Result<bool> {
    let Some((due, local)) = schedule.next else {
        return Err(Error::other("reading a schedule", "unknown local time"));
    };
    let guild = people::guild(&mut *db, schedule.guild).await?;
    let now = state.clock.now();
    let next = schedule.cron.next(guild.zone, at(due));
    let superseded = next.is_some_and(|next| next.at <= now);
    let decision = match schedule.kind.place {
        // However late: nothing is posted, and every week has its end.
        Place::There(_) => Decision::Post { is_late: false },
        Place::Channel(_) | Place::Inboxes => rules::decide(schedule.late, now - at(due), superseded),
    };
    let erased = people::erased(&mut *db, guild.id).await?;
    let folded = store::folded_before(&mut *db, schedule.id).await?;
    let about = period(&guild, local, folded);
    let composed = match decision {
        Decision::Post { .. } => (schedule.kind.compose)(&mut db, &guild, about).await?,
        Decision::Skip | Decision::Fold => None,
    };
    drop(db);
    let mut tx = state.db.write().await?;
    people::hold_guild(&mut tx, guild.id).await?;
    if people::erased(&mut *tx, guild.id).await? != erased {
        return Ok(false);
    }
    let (outcome, post) = match (decision, &composed) {
        (Decision::Skip, _) => ("skipped", None),
        (Decision::Fold, _) => ("folded", None),
        (Decision::Post { .. }, None) => ("quiet", None),
        (Decision::Post { is_late }, Some(composed)) => {
            let put = put(&mut tx, state, &guild, schedule, composed, (about, is_late)).await?;
            if let Some(beside) = &composed.beside
                && !beside.write(&mut tx, state, &guild, about, put.0 == "posted").await?
            {
                return Ok(false);
            }
            put
        }
    };
    if store::advance(&mut tx, schedule, due, next).await? {
        store::record(&mut tx, state, schedule.id, local, due, outcome, post).await?;
        tx.commit().await?;
        state.meters.decided(outcome, now - at(due) > GRACE);
        tracing::info!(guild = guild.id.0, kind = schedule.kind.name, %local, outcome, "occurrence decided");
    }
    Ok(true)
}

/// Puts what was composed where it goes: the outcome, and the post if it is one of its own.
async fn put(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    schedule: &Schedule,
    composed: &Composed,
    (period, is_late): (Period, bool),
) -> Result<(&'static str, Option<PostId>)> {
    let Some((due, local)) = schedule.next else { return Ok(("quiet", None)) };
    let key = occurrence(schedule, local);
    let subject = Occurrence {
        post: schedule.kind.name.to_owned(),
        span: period.span.name().to_owned(),
        from: day_number(period.from),
        until: day_number(period.until),
        late: is_late.then(|| local_text(local)),
        chosen: composed.chosen.clone(),
    };
    let channel = schedule.target(guild);
    Ok(match (schedule.kind.place, &composed.post, channel) {
        (Place::There(_), post, _) => (if post.is_some() { "kept" } else { "quiet" }, None),
        (Place::Inboxes, post, _) => {
            if post.is_some() {
                for manager in people::managers(&mut **tx, guild.id).await? {
                    outbox::inbox::add(tx, state, guild.id, manager, &key, &subject).await?;
                }
            }
            ("told", None)
        }
        (Place::Channel(_), None, _) => ("told", None),
        (Place::Channel(_), Some(_), None) => ("blocked", None),
        (Place::Channel(_), Some(post), Some(channel)) => {
            let pages = post.clone().pages().len();
            let posts = outbox::enqueue_pages(tx, state, guild.id, (channel, pages), &key, &subject).await?;
            for post in &posts {
                // Late and then held up is not to be twice as late.
                outbox::set_due(tx, *post, due).await?;
                outbox::noise::count(tx, guild.id, channel, guild.today(&state.clock)).await?;
            }
            ("posted", posts.first().copied())
        }
    })
}

/// When a guild's schedule of a kind is due next, on its wall clock.
pub async fn next_of(on: impl AnyExecutor<'_>, guild: GuildId, kind: &str) -> Result<Option<NaiveDateTime>> {
    let all = store::of_guild(on, guild).await?;
    Ok(all.iter().find(|it| it.kind.name == kind).and_then(|it| it.next).map(|(_, local)| local))
}

/// The key of the post that a guild's schedule of a kind made in a period, the latest of them.
pub async fn posted_in(tx: &mut Tx, guild: GuildId, kind: &str, period: Period) -> Result<Option<String>> {
    store::posted_in(tx, guild, kind, period).await
}

/// A post that says that it is late.
fn late(mut post: Post, local: NaiveDateTime) -> Post {
    let was = local.format("%a %-d %b, %H:%M");
    let ends = post.footer.take().map(|ends| format!(" · {ends}")).unwrap_or_default();
    post.footer(format!("Late: this was due {was}, and I was away{ends}"))
}

/// What an occurrence is called in the outbox.
fn occurrence(schedule: &Schedule, local: NaiveDateTime) -> String {
    format!("schedule:{}:{}", schedule.id, local.format("%Y-%m-%dT%H:%M"))
}

/// Microseconds since 1970 at which the next occurrence is due, if any is.
pub async fn next_due(state: &State) -> Result<Option<i64>> {
    store::next_due(state).await
}

/// How late an occurrence may be and still be on time.
pub const GRACE: TimeDelta = TimeDelta::minutes(5);
/// After this long, a missed post is of no use any more.
pub const STALE: TimeDelta = TimeDelta::hours(12);
