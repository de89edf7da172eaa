//! All SQL of streaks.

use sqlx::AnyConnection;

use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId};

/// The days on which each person has a win, or one person.
pub(super) async fn days_with_wins(
    on: &mut AnyConnection,
    wins: MetricId,
    only: Option<PersonId>,
) -> Result<Vec<(PersonId, i64, i64)>> {
    Ok(sqlx::query_as(
        "SELECT person_id, start_day, quantity FROM total
         WHERE metric_id = $1 AND grain = 'day' AND ($2 = 0 OR person_id = $2)",
    )
    .bind(wins)
    .bind(only.map_or(0, |person| person.0))
    .fetch_all(on)
    .await?)
}

/// When each person has met a goal of their own on what is logged by hand or counts thanks and help (microseconds since
/// 1970).
pub(super) async fn goals_met(
    on: &mut AnyConnection,
    guild: GuildId,
    only: Option<PersonId>,
) -> Result<Vec<(PersonId, i64)>> {
    Ok(sqlx::query_as(
        "SELECT goal.person_id, goal.reached_at FROM goal JOIN metric ON metric.id = goal.metric_id
         WHERE goal.guild_id = $1 AND goal.person_id IS NOT NULL AND goal.reached_at IS NOT NULL
           AND (metric.built_in = 0 OR metric.horizon = 'pipeline' OR metric.name = 'assists') AND ($2 = 0 OR goal.person_id = $2)",
    )
    .bind(guild)
    .bind(only.map_or(0, |person| person.0))
    .fetch_all(on)
    .await?)
}
