//! All SQL of goals.

use chrono::{DateTime, Utc};
use sqlx::AnyConnection;
use sqlx::any::AnyExecutor;

use super::Goal;
use crate::kernel::calendar::{Period, Span, day_number, day_of};
use crate::kernel::clock::at;
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{GoalId, GuildId, MetricId, PersonId, TeamId};
use crate::kernel::state::State;
use crate::ledger::roster::Scope;

pub(super) async fn insert(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    by: PersonId,
    goal: &Goal,
) -> Result<bool> {
    let written = sqlx::query(
        "INSERT INTO goal (id, guild_id, metric_id, person_id, team_id, target, span, from_day, until_day, set_by, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
    )
    .bind(goal.id)
    .bind(guild)
    .bind(goal.metric)
    .bind(goal.scope.person())
    .bind(goal.scope.team())
    .bind(goal.target)
    .bind(goal.period.span.name())
    .bind(day_number(goal.period.from))
    .bind(day_number(goal.period.until))
    .bind(by)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: GoalId,
    metric_id: MetricId,
    person_id: Option<PersonId>,
    team_id: Option<TeamId>,
    target: i64,
    span: String,
    from_day: i64,
    until_day: i64,
    set_by: PersonId,
    reached_at: Option<i64>,
}

/// A guild's goals that were not cancelled, the one that ends first in front.
pub(super) async fn open(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Goal>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, metric_id, person_id, team_id, target, span, from_day, until_day, set_by, reached_at
         FROM goal WHERE guild_id = $1 AND cancelled_at IS NULL ORDER BY until_day, id",
    )
    .bind(guild)
    .fetch_all(on)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Goal {
            id: row.id,
            metric: row.metric_id,
            scope: Scope::from_columns(row.person_id, row.team_id),
            target: row.target,
            period: Period {
                span: Span::parse(&row.span).unwrap_or(Span::Custom),
                from: day_of(row.from_day),
                until: day_of(row.until_day),
            },
            set_by: row.set_by,
            is_reached: row.reached_at.is_some(),
        })
        .collect())
}

/// The open goals that are reached, with when.
pub(super) async fn reached(db: &mut AnyConnection, guild: GuildId) -> Result<Vec<(Goal, DateTime<Utc>)>> {
    let rows: Vec<(GoalId, i64)> = sqlx::query_as(
        "SELECT id, reached_at FROM goal WHERE guild_id = $1 AND cancelled_at IS NULL AND reached_at IS NOT NULL",
    )
    .bind(guild)
    .fetch_all(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let all = open(&mut *db, guild).await?;
    let of = |(id, reached): (GoalId, i64)| Some((*all.iter().find(|it| it.id == id)?, at(reached)));
    Ok(rows.into_iter().filter_map(of).collect())
}

pub(super) async fn cancel(tx: &mut Tx, state: &State, id: GoalId) -> Result<()> {
    sqlx::query("UPDATE goal SET cancelled_at = $2 WHERE id = $1 AND cancelled_at IS NULL")
        .bind(id)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn mark_reached(tx: &mut Tx, state: &State, id: GoalId, is_reached: bool) -> Result<()> {
    sqlx::query("UPDATE goal SET reached_at = $2 WHERE id = $1")
        .bind(id)
        .bind(is_reached.then(|| state.micros()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
