//! All SQL of schedules and occurrences.

use chrono::NaiveDateTime;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyExecutor;

use super::{Deadline, Due, Kind, Schedule};
use crate::kernel::calendar::{Period, local_of, local_text};
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, PostId, ScheduleId};
use crate::kernel::wall_cron::{Due as Next, WallCron};
use crate::people::Guild;
use crate::store::db::Tx;
use crate::store::state::State;

pub(super) async fn insert(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    kind: Kind,
    cron: &WallCron,
) -> Result<()> {
    let due = cron.next(guild.zone, state.clock.now());
    sqlx::query(
        "INSERT INTO schedule (id, guild_id, kind, cron, late, next_due, next_local, created_at)
         VALUES ($1, $2, $3, $4, 'post', $5, $6, $7) ON CONFLICT (guild_id, kind, subject) DO NOTHING",
    )
    .bind(state.id())
    .bind(guild.id)
    .bind(kind.name)
    .bind(cron.fields())
    .bind(due.map(|due| due.at.timestamp_micros()))
    .bind(due.map(|due| local_text(due.local)))
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A local time as if it were UTC, in microseconds since 1970.
fn shown(local: NaiveDateTime) -> i64 {
    local.and_utc().timestamp_micros()
}

pub(super) async fn arrange(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    (deadline, subject): (&Deadline, i64),
    local: NaiveDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO schedule (id, guild_id, kind, subject, once_at, late, next_due, created_at)
         VALUES ($1, $2, $3, $4, $5, 'post', $6, $7) ON CONFLICT (guild_id, kind, subject)
         DO UPDATE SET once_at = excluded.once_at, next_due = excluded.next_due, retry_at = 0",
    )
    .bind(state.id())
    .bind(guild.id)
    .bind(deadline.name)
    .bind(subject)
    .bind(shown(local))
    .bind(guild.zone.instant(local).timestamp_micros())
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn call_off(tx: &mut Tx, guild: GuildId, deadline: &Deadline, subject: i64) -> Result<()> {
    sqlx::query("DELETE FROM schedule WHERE guild_id = $1 AND kind = $2 AND subject = $3")
        .bind(guild)
        .bind(deadline.name)
        .bind(subject)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Recomputes when each of a guild's deadlines passes.
pub(super) async fn reckon_deadlines(tx: &mut Tx, guild: &Guild) -> Result<()> {
    let rows: Vec<(ScheduleId, i64)> =
        sqlx::query_as("SELECT id, once_at FROM schedule WHERE guild_id = $1 AND once_at IS NOT NULL")
            .bind(guild.id)
            .fetch_all(&mut **tx)
            .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let row = |(id, once): &(ScheduleId, i64)| {
        let due = guild.zone.instant(at(*once).naive_utc()).timestamp_micros();
        format!("(CAST({id} AS BIGINT), CAST({once} AS BIGINT), CAST({due} AS BIGINT))")
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    // A deadline that was rearranged in the meantime already has its new due time.
    let sql = format!(
        "WITH reckoned (id, once_at, due) AS (VALUES {})
         UPDATE schedule SET next_due = reckoned.due, retry_at = 0 FROM reckoned
         WHERE schedule.id = reckoned.id AND schedule.once_at = reckoned.once_at",
        rows.join(", ")
    );
    sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(&mut **tx).await?;
    Ok(())
}

/// Removes a passed deadline. False if another process has done so, or its time has changed: then drop this
/// transaction.
pub(super) async fn finish(tx: &mut Tx, id: ScheduleId, due: i64) -> Result<bool> {
    let gone = sqlx::query("DELETE FROM schedule WHERE id = $1 AND next_due = $2")
        .bind(id)
        .bind(due)
        .execute(&mut **tx)
        .await?;
    Ok(gone.rows_affected() == 1)
}

crate::row! {
    struct Row {
        id: ScheduleId,
        guild_id: GuildId,
        kind: String,
        subject: i64,
        cron: Option<String>,
        channel_id: Option<ChannelId>,
        late: String,
        paused_at: Option<i64>,
        next_due: Option<i64>,
        next_local: Option<String>,
    }
}

impl TryFrom<Row> for Schedule {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable =
            |what: &'static str| move || Error::other("reading a schedule", format!("unknown {what}"));
        Ok(Self {
            id: row.id,
            guild: row.guild_id,
            kind: row.kind,
            cron: row.cron.as_deref().and_then(WallCron::from_fields).ok_or_else(unreadable("cron"))?,
            channel: row.channel_id,
            late: row.late.parse().map_err(|_| unreadable("late policy")())?,
            is_paused: row.paused_at.is_some(),
            next: row.next_due.zip(row.next_local.as_deref().and_then(local_of)),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, guild_id, kind, subject, cron, channel_id, late, paused_at, next_due, next_local FROM schedule ",
            $rest
        )
    };
}

/// A guild's schedules.
///
/// # Errors
/// When one of the schedules can't be parsed.
pub async fn of_guild(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Schedule>> {
    let rows: Vec<Row> = sqlx::query_as(select!("WHERE guild_id = $1 AND cron IS NOT NULL ORDER BY id"))
        .bind(guild)
        .fetch_all(on)
        .await?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// Something overdue, as far as it can be parsed.
pub(super) struct Overdue {
    pub(super) id: ScheduleId,
    pub(super) guild: GuildId,
    /// Microseconds since 1970.
    pub(super) since: i64,
    pub(super) due: Result<Due>,
}

/// What has been due the longest, and isn't postponed.
pub(super) async fn overdue(on: impl AnyExecutor<'_>, state: &State) -> Result<Option<Overdue>> {
    let row: Option<Row> = sqlx::query_as(select!(
        "WHERE next_due <= $1 AND (retry_at <= $1 OR retry_at > $2) ORDER BY next_due, id LIMIT 1"
    ))
    .bind(state.micros())
    .bind(state.latest_retry())
    .fetch_optional(on)
    .await?;
    let overdue = |row: Row| Overdue {
        id: row.id,
        guild: row.guild_id,
        since: row.next_due.unwrap_or_default(),
        due: if row.cron.is_some() {
            Schedule::try_from(row).map(Box::new).map(Due::Post)
        } else {
            Ok(Due::Deadline { kind: row.kind, subject: row.subject })
        },
    };
    Ok(row.map(overdue))
}

/// Postpones something that could not be decided.
pub(super) async fn put_off(state: &State, schedule: ScheduleId, since: i64) -> Result<()> {
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE schedule SET retry_at = $2 WHERE id = $1")
        .bind(schedule)
        .bind(state.retry(since))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// The first part reads one row and the second only postponed rows, however many schedules there are, since
/// its condition matches the partial index.
pub(super) async fn next_due(state: &State) -> Result<Option<i64>> {
    let (next,): (Option<i64>,) = sqlx::query_as(
        "SELECT MIN(due) FROM (
             SELECT MIN(next_due) AS due FROM schedule WHERE next_due IS NOT NULL AND retry_at = 0
             UNION ALL
             SELECT MIN(CASE WHEN next_due IS NULL THEN NULL WHEN next_due > retry_at THEN next_due ELSE retry_at END)
               FROM schedule WHERE retry_at <> 0) AS soonest",
    )
    .fetch_one(state.db.read())
    .await?;
    Ok(next)
}

/// Saves a schedule.
pub async fn save(tx: &mut Tx, state: &State, schedule: &Schedule) -> Result<()> {
    sqlx::query(
        "UPDATE schedule SET cron = $2, channel_id = $3, late = $4, next_due = $5, next_local = $6, retry_at = 0,
                paused_at = CASE WHEN $7 = 1 THEN COALESCE(paused_at, $8) ELSE NULL END WHERE id = $1",
    )
    .bind(schedule.id)
    .bind(schedule.cron.fields())
    .bind(schedule.channel)
    .bind(schedule.late.name())
    .bind(schedule.next.map(|(due, _)| due))
    .bind(schedule.next.map(|(_, local)| local_text(local)))
    .bind(crate::store::db::flag(schedule.is_paused))
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The set-up guilds that lack a schedule of this kind.
pub(super) async fn lacking(state: &State, kind: Kind) -> Result<Vec<GuildId>> {
    let rows: Vec<(GuildId,)> = sqlx::query_as(
        "SELECT id FROM guild WHERE set_up_at IS NOT NULL AND left_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM schedule WHERE schedule.guild_id = guild.id AND schedule.kind = $1)",
    )
    .bind(kind.name)
    .fetch_all(state.db.read())
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Suspends everything in a guild, until its due times are recomputed.
pub async fn suspend(tx: &mut Tx, guild: GuildId) -> Result<()> {
    sqlx::query("UPDATE schedule SET next_due = NULL, next_local = NULL WHERE guild_id = $1")
        .bind(guild)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The same if the guild has been left in the meantime. False, with nothing written, if it hasn't.
pub(super) async fn suspend_left(tx: &mut Tx, guild: GuildId) -> Result<bool> {
    let suspended = sqlx::query(
        "UPDATE schedule SET next_due = NULL, next_local = NULL WHERE guild_id = $1
         AND EXISTS (SELECT 1 FROM guild WHERE id = $1 AND left_at IS NOT NULL)",
    )
    .bind(guild)
    .execute(&mut **tx)
    .await?;
    Ok(suspended.rows_affected() > 0)
}

/// Advances a schedule past an occurrence. False if another process has done so: then drop this transaction.
pub(super) async fn advance(tx: &mut Tx, schedule: &Schedule, due: i64, next: Option<Next>) -> Result<bool> {
    let moved = sqlx::query(
        "UPDATE schedule SET next_due = $3, next_local = $4, retry_at = 0 WHERE id = $1 AND next_due = $2",
    )
    .bind(schedule.id)
    .bind(due)
    .bind(next.map(|due| due.at.timestamp_micros()))
    .bind(next.map(|due| local_text(due.local)))
    .execute(&mut **tx)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Records the outcome of an occurrence. If it was decided before (the clock was set back), the earlier
/// decision stays.
pub(super) async fn record(
    tx: &mut Tx,
    state: &State,
    schedule: ScheduleId,
    local: NaiveDateTime,
    due: i64,
    outcome: &str,
    post: Option<PostId>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO occurrence (schedule_id, local_time, due, outcome, post_id, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(schedule)
    .bind(local_text(local))
    .bind(due)
    .bind(outcome)
    .bind(post)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The key of the latest post that a guild's schedule of a kind made in a period.
pub(super) async fn posted_in(
    tx: &mut Tx,
    guild: GuildId,
    kind: &str,
    period: Period,
) -> Result<Option<String>> {
    let start = |day: chrono::NaiveDate| local_text(day.and_time(chrono::NaiveTime::MIN));
    let key: Option<(String,)> = sqlx::query_as(
        "SELECT post.post_key FROM occurrence JOIN schedule ON schedule.id = occurrence.schedule_id
         JOIN post ON post.id = occurrence.post_id WHERE schedule.guild_id = $1 AND schedule.kind = $2
           AND occurrence.local_time >= $3 AND occurrence.local_time < $4 ORDER BY occurrence.local_time DESC LIMIT 1",
    )
    .bind(guild)
    .bind(kind)
    .bind(start(period.from))
    .bind(start(period.until))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(key.map(|(key,)| key))
}

/// The first of the occurrences folded since the last one that wasn't.
pub(super) async fn folded_before(
    on: impl AnyExecutor<'_>,
    schedule: ScheduleId,
) -> Result<Option<NaiveDateTime>> {
    let (first,): (Option<String>,) = sqlx::query_as(
        "SELECT MIN(local_time) FROM occurrence WHERE schedule_id = $1 AND outcome = 'folded'
         AND local_time > COALESCE((SELECT MAX(local_time) FROM occurrence WHERE schedule_id = $1 AND outcome <> 'folded'), '')",
    )
    .bind(schedule)
    .fetch_one(on)
    .await?;
    Ok(first.as_deref().and_then(local_of))
}

crate::row! {
    /// A past occurrence.
    #[derive(Debug)]
    pub struct Past {
        /// When it was due, in microseconds since 1970.
        pub due: i64,
        /// What was decided.
        pub outcome: String,
        /// The state of its post, if it made one.
        pub post_state: Option<String>,
        /// Why the post failed.
        pub failure: Option<String>,
        /// When the post was sent, in microseconds since 1970.
        pub sent_at: Option<i64>,
        /// How many tries had an unknown outcome.
        pub tries: Option<i64>,
    }
}

/// The latest occurrences of a schedule, the most recent first.
pub async fn past(state: &State, schedule: ScheduleId, most: i64) -> Result<Vec<Past>> {
    Ok(sqlx::query_as(
        "SELECT occurrence.due, occurrence.outcome, post.state AS post_state, post.failure, post.sent_at,
                post.unsettled AS tries
         FROM occurrence LEFT JOIN post ON post.id = occurrence.post_id
         WHERE occurrence.schedule_id = $1 ORDER BY occurrence.due DESC LIMIT $2",
    )
    .bind(schedule)
    .bind(most)
    .fetch_all(state.db.read())
    .await?)
}
