//! Schedules: posts and deadlines that become due, and what happened to them. A schedule belongs to a guild,
//! a kind and a subject: a guild's Monday post, the end of one of its goals.

mod kind;
pub mod rules;
mod store;

use chrono::{NaiveDateTime, TimeDelta};
use rules::{Decision, Late};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyExecutor;

use crate::kernel::calendar::{Period, Span, day_number, day_of, local_of, local_text};
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result, caught};
use crate::kernel::ids::{ChannelId, GuildId, PostId, ScheduleId};
use crate::kernel::wall_cron::WallCron;
use crate::outbox;
use crate::outbox::subject::{About, Subject};
use crate::people::{self, Guild, Voice};
use crate::render::post::Post;
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Old, Table, Than};

pub use kind::{Beside, Chosen, Composed, Deadline, Kind, Kinds, Place, Scheduled, Tell};
pub use store::{Past, of_guild, past, save, suspend};

/// The tables of schedules and their occurrences.
pub const TABLES: &[Table] = &[
    Table::new("schedule", &[]),
    Table::new("occurrence", &[]).of("schedule_id", "schedule").pruned(&[Old {
        days: 400,
        rows: "decided_at < $1",
        than: Than::Micros,
    }]),
];

/// The subject of a scheduled post.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Occurrence {
    /// The name of its kind.
    post: String,
    span: String,
    /// The first day of its period, as the ledger keeps days.
    from: i64,
    /// The day after the last.
    until: i64,
    /// If it is late: when it was due, in the guild's local time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    late: Option<String>,
    #[serde(default, skip_serializing_if = "Chosen::is_null")]
    chosen: Chosen,
}

impl Subject for Occurrence {
    const KIND: &'static str = "occurrence";
}

impl Occurrence {
    /// If it is late: when it was due, in the guild's local time.
    pub fn late(&self) -> Option<NaiveDateTime> {
        self.late.as_deref().and_then(local_of)
    }

    /// Composes the post at delivery; none if there is nothing left to say.
    ///
    /// # Errors
    /// When the kind no longer exists, or composing fails.
    pub async fn tell(&self, db: &mut Reader, voice: Voice<'_>, kinds: &dyn Kinds) -> Result<Option<Post>> {
        let kind = kinds
            .post(&self.post)
            .ok_or_else(|| Error::other("composing a scheduled post", "unknown kind"))?;
        let span = Span::parse(&self.span).unwrap_or(Span::Custom);
        let period = Period { span, from: day_of(self.from), until: day_of(self.until) };
        match kind.tell {
            Some(tell) => tell(db, voice, period, &self.chosen).await,
            None => Ok((kind.compose)(db, voice, period).await?.and_then(|composed| composed.post)),
        }
    }
}

/// Whether an inbox item is only for managers: true for every scheduled one.
pub fn is_for_managers(about: &About) -> bool {
    about.kind() == Occurrence::KIND
}

/// A guild's schedule for a kind of post.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Its guild.
    pub guild: GuildId,
    /// What it posts: the name of its kind.
    pub kind: String,
    /// When, in the guild's local time.
    pub cron: WallCron,
    /// The channel; if none, the guild's channel for this kind.
    pub channel: Option<ChannelId>,
    /// What to do about a missed occurrence.
    pub late: Late,
    /// Whether it is paused.
    pub is_paused: bool,
    /// When it is next due: microseconds since 1970, and the local time that identifies the occurrence.
    pub next: Option<(i64, NaiveDateTime)>,
}

impl Schedule {
    /// The channel it posts to.
    pub fn target(&self, kind: Kind, guild: &Guild) -> Option<ChannelId> {
        self.channel.or(match kind.place {
            Place::Channel(of) => of(guild),
            Place::Inboxes | Place::There(_) => None,
        })
    }
}

/// Adds the default schedules that a guild lacks.
pub async fn create_defaults(tx: &mut Tx, state: &State, guild: &Guild, kinds: &dyn Kinds) -> Result<()> {
    for kind in kinds.posts() {
        let Some(cron) = WallCron::from_fields(kind.cron) else { continue };
        store::insert(tx, state, guild, kind, &cron).await?;
    }
    Ok(())
}

/// Adds the default schedules that set-up guilds lack, since new kinds may have been introduced.
pub async fn complete(state: &State, kinds: &dyn Kinds) -> Result<()> {
    for kind in kinds.posts() {
        for id in store::lacking(state, kind).await? {
            let mut tx = state.db.write().await?;
            let guild = people::guild(&mut *tx, id).await?;
            create_defaults(&mut tx, state, &guild, kinds).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Sets a deadline at a guild's local time, replacing an earlier one for the same subject.
pub async fn arrange(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    (deadline, subject): (&Deadline, i64),
    local: NaiveDateTime,
) -> Result<()> {
    store::arrange(tx, state, guild, (deadline, subject), local).await
}

/// Cancels a deadline that hasn't passed.
pub async fn call_off(tx: &mut Tx, guild: GuildId, deadline: &Deadline, subject: i64) -> Result<()> {
    store::call_off(tx, guild, deadline, subject).await
}

/// Recomputes everything's due time in a guild, after its zone has changed or its schedules were suspended.
pub async fn reckon_anew(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    for mut schedule in of_guild(&mut **tx, guild.id).await? {
        reckon(tx, state, guild, &mut schedule).await?;
        save(tx, state, &schedule).await?;
    }
    store::reckon_deadlines(tx, guild).await
}

/// Computes when a schedule is next due. An occurrence that is due but undecided is skipped, and recorded as
/// such.
pub async fn reckon(tx: &mut Tx, state: &State, guild: &Guild, schedule: &mut Schedule) -> Result<()> {
    if let Some((due, local)) = schedule.next.filter(|(due, _)| *due <= state.micros()) {
        store::record(tx, state, schedule.id, local, due, "changed", None).await?;
    }
    let due = if schedule.is_paused { None } else { schedule.cron.next(guild.zone, state.clock.now()) };
    schedule.next = due.map(|due| (due.at.timestamp_micros(), due.local));
    Ok(())
}

/// The period of an occurrence: its week, or if occurrences were folded into it, from the first of these on.
pub fn period(guild: &Guild, local: NaiveDateTime, folded: Option<NaiveDateTime>) -> Period {
    let week = guild.period(Span::Week, local.date());
    match folded.map(|first| guild.period(Span::Week, first.date())) {
        Some(first) if first.from < week.from => {
            Period { span: Span::Custom, from: first.from, until: week.until }
        }
        _ => week,
    }
}

/// Something that is due.
#[derive(Debug)]
enum Due {
    /// A scheduled post.
    Post(Box<Schedule>),
    /// A deadline.
    Deadline {
        /// The name of its kind.
        kind: String,
        subject: i64,
    },
}

/// Decides the earliest due occurrence, if any. Returns whether there was one. One that can't be decided is
/// postponed, so that it doesn't hold up those behind it.
pub async fn step(state: &State, kinds: &dyn Kinds) -> Result<bool> {
    let mut db = state.db.reader().await?;
    let Some(overdue) = store::overdue(&mut *db, state).await? else { return Ok(false) };
    let (id, guild, since) = (overdue.id, overdue.guild, overdue.since);
    let decided = match overdue.due {
        Ok(Due::Post(schedule)) => caught(decide(state, kinds, db, &schedule)).await,
        Ok(Due::Deadline { kind, subject }) => {
            drop(db);
            caught(pass(state, kinds, (id, guild, since), (&kind, subject))).await
        }
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

/// Passes a deadline: its consequences and its completion are one transaction.
async fn pass(
    state: &State,
    kinds: &dyn Kinds,
    (id, guild, due): (ScheduleId, GuildId, i64),
    (kind, subject): (&str, i64),
) -> Result<bool> {
    let deadline = kinds
        .deadline(kind)
        .ok_or_else(|| Error::other("passing a deadline", format!("there is no {kind}")))?;
    let mut tx = state.db.write().await?;
    // Serialises with erasures, with changes to the deadline's subject, and with a guild being left:
    // otherwise none of them would see what the other has not committed.
    people::hold_guild(&mut tx, guild).await?;
    if store::suspend_left(&mut tx, guild).await? {
        tx.commit().await?;
        return Ok(true);
    }
    let guild = people::guild(&mut *tx, guild).await?;
    (deadline.passed)(&mut tx, state, &guild, subject).await?;
    // Last, so that rows are locked in the same order as when a deadline is arranged.
    if store::finish(&mut tx, id, due).await? {
        tx.commit().await?;
        tracing::info!(guild = guild.id.0, kind, subject, "deadline passed");
    }
    Ok(true)
}

/// Decides an occurrence: the decision, its post and the next due time are one transaction. False, with
/// nothing written, if the post's data has changed while it was being composed.
async fn decide(state: &State, kinds: &dyn Kinds, mut db: Reader, schedule: &Schedule) -> Result<bool> {
    let unreadable = |what| Error::other("reading a schedule", format!("unknown {what}"));
    let kind = kinds.post(&schedule.kind).ok_or_else(|| unreadable("kind"))?;
    let (due, local) = schedule.next.ok_or_else(|| unreadable("local time"))?;
    let guild = people::guild(&mut *db, schedule.guild).await?;
    let now = state.clock.now();
    let next = schedule.cron.next(guild.zone, at(due));
    let superseded = next.is_some_and(|next| next.at <= now);
    let decision = match kind.place {
        // However late: nothing is posted, and every week must be closed.
        Place::There(_) => Decision::Post { is_late: false },
        Place::Channel(_) | Place::Inboxes => rules::decide(schedule.late, now - at(due), superseded),
    };
    let erased = people::erased(&mut *db, guild.id).await?;
    let folded = store::folded_before(&mut *db, schedule.id).await?;
    let about = period(&guild, local, folded);
    let composed = match decision {
        Decision::Post { .. } => (kind.compose)(&mut db, Voice::of(&guild, &state.clock), about).await?,
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
            let put = put(&mut tx, state, &guild, (kind, schedule), (due, local), composed, (about, is_late))
                .await?;
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
        tracing::info!(guild = guild.id.0, kind = kind.name, %local, outcome, "occurrence decided");
    }
    Ok(true)
}

/// Sends what was composed to its place. Returns the outcome, and the post if it has one of its own.
async fn put(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    (kind, schedule): (Kind, &Schedule),
    (due, local): (i64, NaiveDateTime),
    composed: &Composed,
    (period, is_late): (Period, bool),
) -> Result<(&'static str, Option<PostId>)> {
    let key = format!("schedule:{}:{}", schedule.id, local.format("%Y-%m-%dT%H:%M"));
    let subject = Occurrence {
        post: kind.name.to_owned(),
        span: period.span.name().to_owned(),
        from: day_number(period.from),
        until: day_number(period.until),
        late: is_late.then(|| local_text(local)),
        chosen: composed.chosen.clone(),
    };
    Ok(match (kind.place, &composed.post, schedule.target(kind, guild)) {
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
            let pages = post.clone().pages(guild.language).len();
            let posts = outbox::enqueue_pages(tx, state, guild.id, (channel, pages), &key, &subject).await?;
            for post in &posts {
                // A late post must not get the full expiry time again.
                outbox::set_due(tx, *post, due).await?;
                outbox::noise::count(tx, guild.id, channel, guild.today(&state.clock)).await?;
            }
            ("posted", posts.first().copied())
        }
    })
}

/// When a guild's schedule of a kind is due next, on its wall clock.
pub async fn next_of(on: impl AnyExecutor<'_>, guild: GuildId, kind: &str) -> Result<Option<NaiveDateTime>> {
    let all = of_guild(on, guild).await?;
    Ok(all.iter().find(|it| it.kind == kind).and_then(|it| it.next).map(|(_, local)| local))
}

/// The key of the latest post that a guild's schedule of a kind made in a period.
pub async fn posted_in(tx: &mut Tx, guild: GuildId, kind: &str, period: Period) -> Result<Option<String>> {
    store::posted_in(tx, guild, kind, period).await
}

/// When the next occurrence is due, in microseconds since 1970, if there is one.
pub async fn next_due(state: &State) -> Result<Option<i64>> {
    store::next_due(state).await
}

/// How late an occurrence may be and still count as on time.
pub const GRACE: TimeDelta = TimeDelta::minutes(5);
/// After this long, a missed post is too old to send.
pub const STALE: TimeDelta = TimeDelta::hours(12);
