//! All SQL of goals.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::any::AnyExecutor;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::Goal;
use super::rules::Ramp;
use crate::kernel::calendar::{Period, Span, day_number, day_of};
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::ids::{GoalId, GuildId, MetricId, PersonId, TeamId};
use crate::kernel::name::Name;
use crate::kernel::quantity::Quantity;
use crate::people::Scope;
use crate::store::db::{Tx, among, flag};
use crate::store::state::State;

/// Writes a goal. False, and nothing written, if it exists or the previous one has a successor.
pub(super) async fn insert(tx: &mut Tx, state: &State, guild: GuildId, goal: &Goal) -> Result<bool> {
    let written = sqlx::query(
        "INSERT INTO goal (id, guild_id, metric_id, person_id, team_id, target, whole, stretch, span, from_day, until_day,
                           set_by, set_at, is_public, repeats, follows, turn, ramp)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT DO NOTHING",
    )
    .bind(goal.id)
    .bind(guild)
    .bind(goal.metric)
    .bind(goal.scope.person())
    .bind(goal.scope.team())
    .bind(goal.target)
    .bind(goal.whole)
    .bind(goal.stretch)
    .bind(goal.period.span.name())
    .bind(day_number(goal.period.from))
    .bind(day_number(goal.period.until))
    .bind(goal.set_by)
    .bind(state.micros())
    .bind(flag(goal.is_public))
    .bind(flag(goal.repeats))
    .bind(goal.follows)
    .bind(goal.turn)
    .bind(goal.ramp.as_ref().map(Ramp::text))
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

crate::row! {
    struct Row {
        id: GoalId,
        metric_id: MetricId,
        person_id: Option<PersonId>,
        team_id: Option<TeamId>,
        target: Quantity,
        whole: Quantity,
        stretch: Option<Quantity>,
        span: String,
        from_day: i64,
        until_day: i64,
        set_by: PersonId,
        reached_at: Option<i64>,
        stretched_at: Option<i64>,
        closed_at: Option<i64>,
        cancelled_at: Option<i64>,
        is_public: i64,
        repeats: i64,
        follows: Option<GoalId>,
        turn: i64,
        ramp: Option<String>,
        version: i64,
    }
}

impl From<Row> for Goal {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            metric: row.metric_id,
            scope: Scope::from_columns(row.person_id, row.team_id),
            target: row.target,
            whole: row.whole,
            stretch: row.stretch,
            period: Period {
                span: Span::parse(&row.span).unwrap_or(Span::Custom),
                from: day_of(row.from_day),
                until: day_of(row.until_day),
            },
            set_by: row.set_by,
            reached_at: row.reached_at.map(at),
            stretched_at: row.stretched_at.map(at),
            is_over: row.closed_at.is_some(),
            is_cancelled: row.cancelled_at.is_some(),
            is_public: row.is_public == 1,
            repeats: row.repeats == 1,
            follows: row.follows,
            turn: row.turn,
            ramp: row.ramp.as_deref().and_then(|text| Ramp::parse(text).ok()),
            version: row.version,
        }
    }
}

macro_rules! goals {
    ($condition:literal) => {
        concat!(
            "SELECT id, metric_id, person_id, team_id, target, whole, stretch, span, from_day, until_day, set_by, reached_at,
                    stretched_at, closed_at, cancelled_at, is_public, repeats, follows, turn, ramp, version
             FROM goal WHERE ",
            $condition
        )
    };
}

/// A guild's goals that were not cancelled and end after a day, ordered by end.
pub(super) async fn after(on: impl AnyExecutor<'_>, guild: GuildId, day: i64) -> Result<Vec<Goal>> {
    let rows: Vec<Row> = sqlx::query_as(goals!(
        "cancelled_at IS NULL AND guild_id = $1 AND until_day > $2 ORDER BY until_day, id"
    ))
    .bind(guild)
    .bind(day)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(Goal::from).collect())
}

/// A guild's goals that were not cancelled and cover any of these days, ordered by end.
pub(super) async fn counting(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    (first, last): (i64, i64),
) -> Result<Vec<Goal>> {
    let rows: Vec<Row> = sqlx::query_as(goals!(
        "cancelled_at IS NULL AND guild_id = $1 AND until_day > $2 AND from_day <= $3 ORDER BY until_day, id"
    ))
    .bind(guild)
    .bind(first)
    .bind(last)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(Goal::from).collect())
}

/// A goal of a guild, unless cancelled.
pub(super) async fn goal(on: impl AnyExecutor<'_>, guild: GuildId, id: GoalId) -> Result<Option<Goal>> {
    let row: Option<Row> = sqlx::query_as(goals!("cancelled_at IS NULL AND guild_id = $1 AND id = $2"))
        .bind(guild)
        .bind(id)
        .fetch_optional(on)
        .await?;
    Ok(row.map(Goal::from))
}

/// A guild's goals among these ids, unless cancelled.
pub(super) async fn goals(on: impl AnyExecutor<'_>, guild: GuildId, ids: &[GoalId]) -> Result<Vec<Goal>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(goals!("cancelled_at IS NULL AND guild_id = $1{}"), among("id", Some(ids)));
    let rows: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(guild).persistent(false).fetch_all(on).await?;
    Ok(rows.into_iter().map(Goal::from).collect())
}

/// A goal of a guild, cancelled or not.
pub(super) async fn ever(on: impl AnyExecutor<'_>, guild: GuildId, id: GoalId) -> Result<Option<Goal>> {
    let row: Option<Row> =
        sqlx::query_as(goals!("guild_id = $1 AND id = $2")).bind(guild).bind(id).fetch_optional(on).await?;
    Ok(row.map(Goal::from))
}

/// All goals of a person, cancelled or not.
pub(super) async fn of_person(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    person: PersonId,
) -> Result<Vec<Goal>> {
    let rows: Vec<Row> = sqlx::query_as(goals!("guild_id = $1 AND person_id = $2 ORDER BY id"))
        .bind(guild)
        .bind(person)
        .fetch_all(on)
        .await?;
    Ok(rows.into_iter().map(Goal::from).collect())
}

/// A guild's goals that were set before an instant, in microseconds since 1970.
pub(super) async fn set_before(
    on: &mut AnyConnection,
    guild: GuildId,
    micros: i64,
) -> Result<HashSet<GoalId>> {
    let rows: Vec<(GoalId,)> = sqlx::query_as("SELECT id FROM goal WHERE guild_id = $1 AND set_at < $2")
        .bind(guild)
        .bind(micros)
        .fetch_all(on)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Closes a goal. False if it already was, or was cancelled.
pub(super) async fn close(tx: &mut Tx, state: &State, id: GoalId) -> Result<bool> {
    let closed = sqlx::query(
        "UPDATE goal SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL AND cancelled_at IS NULL",
    )
    .bind(id)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// Uncancelled personal goals reached between two instants, in microseconds since 1970.
pub(super) async fn reached(
    on: &mut AnyConnection,
    guild: GuildId,
    (from, until): (i64, i64),
) -> Result<Vec<Goal>> {
    let rows: Vec<Row> = sqlx::query_as(goals!(
        "cancelled_at IS NULL AND guild_id = $1 AND person_id IS NOT NULL AND reached_at >= $2 AND reached_at < $3
         ORDER BY until_day, id"
    ))
    .bind(guild)
    .bind(from)
    .bind(until)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(Goal::from).collect())
}

/// Whether a guild has an open goal in money.
pub(super) async fn is_in_money(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<bool> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM goal JOIN metric ON metric.id = goal.metric_id
         WHERE goal.guild_id = $1 AND goal.cancelled_at IS NULL AND goal.closed_at IS NULL AND metric.unit = 'money' LIMIT 1",
    )
    .bind(guild)
    .fetch_optional(on)
    .await?;
    Ok(found.is_some())
}

pub(super) async fn cancel(tx: &mut Tx, state: &State, id: GoalId) -> Result<()> {
    sqlx::query("UPDATE goal SET cancelled_at = $2 WHERE id = $1 AND cancelled_at IS NULL")
        .bind(id)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn mark_reached(
    tx: &mut Tx,
    id: GoalId,
    (is_reached, is_stretched): (bool, bool),
    happened: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "UPDATE goal SET reached_at = CASE WHEN $2 = 1 THEN COALESCE(reached_at, $4) ELSE NULL END,
                stretched_at = CASE WHEN $3 = 1 THEN COALESCE(stretched_at, $4) ELSE NULL END WHERE id = $1",
    )
    .bind(id)
    .bind(flag(is_reached))
    .bind(flag(is_stretched))
    .bind(happened.timestamp_micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn share(tx: &mut Tx, id: GoalId, is_public: bool) -> Result<()> {
    sqlx::query("UPDATE goal SET is_public = $2 WHERE id = $1")
        .bind(id)
        .bind(flag(is_public))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Saves the current version of a goal and applies the new one. Returns false if it was changed meanwhile:
/// then the transaction must be dropped.
pub(super) async fn change(
    tx: &mut Tx,
    state: &State,
    by: PersonId,
    (before, after): (&Goal, &Goal),
) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE goal SET target = $3, whole = $4, stretch = $5, until_day = $6, span = $7, version = version + 1
         WHERE id = $1 AND version = $2 AND cancelled_at IS NULL AND closed_at IS NULL",
    )
    .bind(before.id)
    .bind(before.version)
    .bind(after.target)
    .bind(after.whole)
    .bind(after.stretch)
    .bind(day_number(after.period.until))
    .bind(after.period.span.name())
    .execute(&mut **tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO goal_version (goal_id, version, target, stretch, until_day, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(before.id)
    .bind(before.version)
    .bind(before.target)
    .bind(before.stretch)
    .bind(day_number(before.period.until))
    .bind(by)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

crate::row! {
    /// A previous version of a goal.
    #[derive(Debug, Clone)]
    pub(super) struct GoalVersion {
        goal_id: GoalId,
        pub(super) target: Quantity,
        pub(super) stretch: Option<Quantity>,
        pub(super) until_day: i64,
        /// Who changed it.
        pub(super) changed_by: PersonId,
        pub(super) name: String,
        pub(super) changed_at: i64,
    }
}

/// Previous versions of goals, oldest first.
pub(super) async fn versions(
    on: &mut AnyConnection,
    ids: &[GoalId],
) -> Result<HashMap<GoalId, Vec<GoalVersion>>> {
    let mut versions: HashMap<GoalId, Vec<GoalVersion>> = HashMap::new();
    if ids.is_empty() {
        return Ok(versions);
    }
    let sql = format!(
        "SELECT goal_version.goal_id, goal_version.target, goal_version.stretch, goal_version.until_day,
                goal_version.changed_by, person.name, goal_version.changed_at
         FROM goal_version JOIN person ON person.id = goal_version.changed_by{} ORDER BY version",
        among("goal_id", Some(ids))
    );
    let rows: Vec<GoalVersion> = sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    for row in rows {
        versions.entry(row.goal_id).or_default().push(row);
    }
    Ok(versions)
}

/// False if they have cheered before.
pub(super) async fn cheer(tx: &mut Tx, state: &State, id: GoalId, by: PersonId) -> Result<bool> {
    let written = sqlx::query(
        "INSERT INTO goal_cheer (goal_id, person_id, cheered_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(by)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// The names of those who cheered, in order.
pub(super) async fn cheers(on: &mut AnyConnection, ids: &[GoalId]) -> Result<HashMap<GoalId, Vec<Name>>> {
    let mut cheers: HashMap<GoalId, Vec<Name>> = HashMap::new();
    if ids.is_empty() {
        return Ok(cheers);
    }
    let sql = format!(
        "SELECT goal_cheer.goal_id, person.id, person.name FROM goal_cheer JOIN person ON person.id = goal_cheer.person_id{}
         ORDER BY cheered_at, person.id",
        among("goal_id", Some(ids))
    );
    let rows: Vec<(GoalId, PersonId, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    for (goal, person, name) in rows {
        cheers.entry(goal).or_default().push(Name::new(person, name));
    }
    Ok(cheers)
}

/// When each of these people (or everyone) reached a personal goal on a manual metric, thanks or help, in
/// microseconds since 1970.
pub(super) async fn met(
    on: &mut AnyConnection,
    guild: GuildId,
    only: Option<&[PersonId]>,
) -> Result<Vec<(PersonId, i64)>> {
    let sql = format!(
        "SELECT goal.person_id, goal.reached_at FROM goal JOIN metric ON metric.id = goal.metric_id
         WHERE goal.guild_id = $1 AND goal.person_id IS NOT NULL AND goal.reached_at IS NOT NULL
           AND (metric.built_in = 0 OR metric.horizon = 'pipeline' OR metric.name = 'assists'){}",
        among("goal.person_id", only)
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).persistent(only.is_none()).bind(guild).fetch_all(on).await?)
}

/// How many of their own goals people have reached; no entry means none.
pub(super) async fn count_reached(
    on: &mut AnyConnection,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, i64>> {
    let sql = format!(
        "SELECT person_id, COUNT(*) FROM goal WHERE reached_at IS NOT NULL{} GROUP BY person_id",
        among("person_id", Some(persons))
    );
    let rows: Vec<(PersonId, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    Ok(rows.into_iter().collect())
}
