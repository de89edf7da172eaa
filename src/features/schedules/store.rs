//! All SQL of schedules and occurrences.

use chrono::NaiveDateTime;
use sqlx::any::AnyExecutor;

use super::{Kind, Schedule, kind};
use crate::kernel::calendar::{Period, local_of, local_text};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, PostId, ScheduleId};
use crate::kernel::wall_cron::{Due, WallCron};
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
         VALUES ($1, $2, $3, $4, 'post', $5, $6, $7) ON CONFLICT (guild_id, kind) DO NOTHING",
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

crate::row! {
    struct Row {
        id: ScheduleId,
        guild_id: GuildId,
        kind: String,
        cron: String,
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
            kind: kind(&row.kind).ok_or_else(unreadable("kind"))?,
            cron: WallCron::from_fields(&row.cron).ok_or_else(unreadable("cron"))?,
            channel: row.channel_id,
            late: row.late.parse().map_err(|_| unreadable("late policy")())?,
            is_paused: row.paused_at.is_some(),
            next: row.next_due.zip(row.next_local.as_deref().and_then(local_of)),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, guild_id, kind, cron, channel_id, late, paused_at, next_due, next_local FROM schedule ", $rest)
    };
}

pub(super) async fn of_guild(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Schedule>> {
    let rows: Vec<Row> =
        sqlx::query_as(select!("WHERE guild_id = $1 ORDER BY id")).bind(guild).fetch_all(on).await?;
    rows.into_iter().map(Schedule::try_from).collect()
}

/// A schedule that is due, as far as it can be read.
pub(super) struct Overdue {
    pub(super) id: ScheduleId,
    /// Microseconds since 1970.
    pub(super) since: i64,
    pub(super) schedule: Result<Schedule>,
}

/// The schedule that has been due for longest, and is not put off.
pub(super) async fn due(on: impl AnyExecutor<'_>, state: &State) -> Result<Option<Overdue>> {
    let row: Option<Row> = sqlx::query_as(select!(
        "WHERE next_due <= $1 AND (retry_at <= $1 OR retry_at > $2) ORDER BY next_due, id LIMIT 1"
    ))
    .bind(state.micros())
    .bind(state.latest_retry())
    .fetch_optional(on)
    .await?;
    let overdue = |row: Row| Overdue {
        id: row.id,
        since: row.next_due.unwrap_or_default(),
        schedule: Schedule::try_from(row),
    };
    Ok(row.map(overdue))
}

/// Puts off a schedule whose occurrence could not be decided.
pub(super) async fn put_off(state: &State, schedule: ScheduleId, since: i64) -> Result<()> {
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE schedule SET retry_at = $2 WHERE id = $1")
        .bind(schedule)
        .bind(state.retry(since))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

pub(super) async fn next_due(state: &State) -> Result<Option<i64>> {
    let (next,): (Option<i64>,) = sqlx::query_as(
        "SELECT MIN(CASE WHEN next_due > retry_at THEN next_due ELSE retry_at END) FROM schedule
         WHERE next_due IS NOT NULL",
    )
    .fetch_one(state.db.read())
    .await?;
    Ok(next)
}

pub(super) async fn save(tx: &mut Tx, state: &State, schedule: &Schedule) -> Result<()> {
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

/// The guilds that are set up and have fewer schedules than this.
pub(super) async fn incomplete(state: &State, kinds: usize) -> Result<Vec<GuildId>> {
    let rows: Vec<(GuildId,)> = sqlx::query_as(
        "SELECT id FROM guild WHERE set_up_at IS NOT NULL AND left_at IS NULL
         AND (SELECT COUNT(*) FROM schedule WHERE schedule.guild_id = guild.id) < $1",
    )
    .bind(i64::try_from(kinds).unwrap_or(i64::MAX))
    .fetch_all(state.db.read())
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn suspend(tx: &mut Tx, guild: GuildId) -> Result<()> {
    sqlx::query("UPDATE schedule SET next_due = NULL, next_local = NULL WHERE guild_id = $1")
        .bind(guild)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Moves a schedule on from an occurrence. False if somebody else has done so: then this transaction must be dropped.
pub(super) async fn advance(tx: &mut Tx, schedule: &Schedule, due: i64, next: Option<Due>) -> Result<bool> {
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

/// Records what became of an occurrence. Decided before (the clock was set back), it stays as it was decided.
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

/// The key of the post that a guild's schedule of a kind made in a period, the latest of them.
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

/// The first of the occurrences that were folded since the last one that was not.
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
    /// What became of one occurrence.
    #[derive(Debug)]
    pub(super) struct Past {
        pub(super) due: i64,
        pub(super) outcome: String,
        pub(super) post_state: Option<String>,
        pub(super) failure: Option<String>,
        pub(super) sent_at: Option<i64>,
        pub(super) tries: Option<i64>,
    }
}

/// The latest occurrences of a schedule, the last one first.
pub(super) async fn past(state: &State, schedule: ScheduleId, most: i64) -> Result<Vec<Past>> {
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
