//! Schedules: the posts that come by themselves, when they are due, and what became of each.

pub mod commands;
pub mod rules;
mod store;
mod view;

use chrono::{NaiveDateTime, TimeDelta};
use rules::{Decision, Late};

use super::{Composed, Kind, leaderboard};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::clock::at;
use crate::kernel::db::{Reader, Tx};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, ScheduleId};
use crate::kernel::permit::Manager;
use crate::kernel::state::State;
use crate::kernel::wall_cron::WallCron;
use crate::ledger::roster::{self, Guild};
use crate::outbox;
use crate::render::post::Post;

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
        self.channel.or(match self.kind {
            Kind::Expectations => guild.expectations_channel,
            Kind::Leaderboard | Kind::Shoutouts => guild.recognition_channel,
            Kind::Digest | Kind::Final => None,
        })
    }
}

/// Gives a guild the default schedules that it lacks.
pub async fn create_defaults(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    for kind in Kind::ALL {
        let Some(cron) = WallCron::from_fields(kind.default_cron()) else { continue };
        store::insert(tx, state, guild, kind, &cron).await?;
    }
    Ok(())
}

/// Gives every guild that is set up the default schedules that it lacks, since there were fewer once.
pub async fn complete(state: &State) -> Result<()> {
    for id in store::incomplete(state, Kind::ALL.len()).await? {
        let mut tx = state.db.write().await?;
        let guild = roster::guild(&mut *tx, id).await?;
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
    state: &State,
    by: Manager,
    kind: Kind,
    edit: impl FnOnce(&mut Schedule) -> Result<()>,
) -> Result<Schedule> {
    let guild = roster::guild(state.db.read(), by.guild).await?;
    let mut tx = state.db.write().await?;
    let found = store::of_guild(&mut *tx, by.guild).await?.into_iter().find(|schedule| schedule.kind == kind);
    let mut schedule =
        found.ok_or_else(|| Error::user("There are no schedules here yet. /setup creates them."))?;
    let (cron, was_paused) = (schedule.cron.fields().to_owned(), schedule.is_paused);
    edit(&mut schedule)?;
    // Otherwise what is due already and was not decided yet stays due.
    if schedule.cron.fields() != cron || schedule.is_paused != was_paused {
        reckon(&mut tx, state, &guild, &mut schedule).await?;
    }
    store::save(&mut tx, state, &schedule).await?;
    tx.commit().await?;
    state.wake();
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
    let guild = roster::guild(&mut *db, by.guild).await?;
    let local = guild.local(&state.clock);
    super::compose(&mut db, kind, &guild, period(&guild, local, None)).await
}

/// Decides the earliest occurrence that is due, if any. Returns whether there was one. One that can't be decided is put
/// off, so that it holds up nothing behind it.
pub async fn step(state: &State) -> Result<bool> {
    let mut db = state.db.reader().await?;
    let Some(overdue) = store::due(&mut *db, state).await? else { return Ok(false) };
    let (id, since) = (overdue.id, overdue.since);
    let decided = match overdue.schedule {
        Ok(schedule) => decide(state, db, &schedule).await,
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
    let guild = roster::guild(&mut *db, schedule.guild).await?;
    let now = state.clock.now();
    let next = schedule.cron.next(guild.zone, at(due));
    let superseded = next.is_some_and(|next| next.at <= now);
    let decision = if schedule.kind == Kind::Final {
        // However late: nothing is posted, and every week has its end.
        Decision::Post { is_late: false }
    } else {
        rules::decide(schedule.late, now - at(due), superseded)
    };
    let erased = roster::erased(&mut *db, guild.id).await?;
    let folded = store::folded_before(&mut *db, schedule.id).await?;
    let about = period(&guild, local, folded);
    let mut composed = match decision {
        Decision::Post { .. } => super::compose(&mut db, schedule.kind, &guild, about).await?,
        Decision::Skip | Decision::Fold => None,
    };
    let board =
        composed.as_mut().and_then(|it| it.post.as_mut()).filter(|_| schedule.kind == Kind::Leaderboard);
    if let Some(board) = board {
        let others = store::of_guild(&mut *db, guild.id).await?;
        let ends = others.iter().find(|other| other.kind == Kind::Final).and_then(|other| other.next);
        if let Some((_, ends)) = ends {
            board.footer = Some(format!("Final on {}", ends.format("%A at %H:%M")));
        }
    }
    drop(db);
    let mut tx = state.db.write().await?;
    roster::hold_guild(&mut tx, guild.id).await?;
    if roster::erased(&mut *tx, guild.id).await? != erased {
        return Ok(false);
    }
    let (outcome, post) = match (decision, composed, schedule.target(&guild)) {
        (Decision::Skip, ..) => ("skipped", None),
        (Decision::Fold, ..) => ("folded", None),
        (Decision::Post { .. }, composed, _) if schedule.kind == Kind::Final => {
            let week = about.before();
            leaderboard::keep(&mut tx, state, &guild, week).await?;
            if let Some(post) = composed.as_ref().and_then(|it| it.post.as_ref())
                && let Some(key) = store::posted_in(&mut tx, guild.id, Kind::Leaderboard, week).await?
            {
                outbox::amend(&mut tx, guild.id, &key, post).await?;
            }
            (if composed.is_some() { "kept" } else { "quiet" }, None)
        }
        (Decision::Post { .. }, None, _) => ("quiet", None),
        (Decision::Post { .. }, Some(composed), _) if schedule.kind == Kind::Digest => {
            let key = occurrence(schedule, local);
            if let Some(post) = &composed.post {
                for manager in roster::managers(&mut *tx, guild.id).await? {
                    outbox::inbox::lay(&mut tx, state, guild.id, manager, &key, post).await?;
                }
            }
            ("told", None)
        }
        (Decision::Post { is_late }, Some(mut composed), channel) => {
            let decided = match (composed.post.take(), channel) {
                (None, _) => ("told", None),
                (Some(_), None) => ("blocked", None),
                (Some(post), Some(channel)) => {
                    let post = if is_late { late(post, local) } else { post };
                    let key = occurrence(schedule, local);
                    let post = outbox::enqueue(&mut tx, state, guild.id, channel, &key, &post).await?;
                    // Late and then held up is not to be twice as late.
                    if let Some(post) = post {
                        outbox::date(&mut tx, post, due).await?;
                        outbox::noise::count(&mut tx, guild.id, channel, guild.today(&state.clock)).await?;
                    }
                    ("posted", post)
                }
            };
            let is_posted = decided.0 == "posted";
            if !composed.remember(&mut tx, state, &guild, about, is_posted).await? {
                return Ok(false);
            }
            decided
        }
    };
    if store::advance(&mut tx, schedule, due, next).await? {
        store::record(&mut tx, state, schedule.id, local, due, outcome, post).await?;
        tx.commit().await?;
        state.meters.decided(outcome, now - at(due) > GRACE);
        tracing::info!(guild = guild.id.0, kind = schedule.kind.name(), %local, outcome, "occurrence decided");
    }
    Ok(true)
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
