//! All SQL of profiles.

use sqlx::AnyConnection;

use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};

/// A person's largest win that was not taken back: what is theirs of it, and the day.
pub(super) async fn best_win(
    on: &mut AnyConnection,
    guild: GuildId,
    person: PersonId,
) -> Result<Option<(i64, i64)>> {
    Ok(sqlx::query_as(
        "SELECT made.quantity, made.day FROM entry AS made JOIN metric ON metric.id = made.metric_id
         WHERE made.guild_id = $1 AND made.person_id = $2 AND metric.name = 'revenue' AND metric.built_in = 1
           AND made.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)
         ORDER BY made.quantity DESC, made.id LIMIT 1",
    )
    .bind(guild)
    .bind(person)
    .fetch_optional(on)
    .await?)
}

/// A person's revenue by day, or by month, each by its first day.
pub(super) async fn revenue(
    on: &mut AnyConnection,
    guild: GuildId,
    person: PersonId,
    grain: &str,
) -> Result<Vec<(i64, i64)>> {
    Ok(sqlx::query_as(
        "SELECT total.start_day, total.quantity FROM total JOIN metric ON metric.id = total.metric_id
         WHERE metric.guild_id = $1 AND metric.name = 'revenue' AND metric.built_in = 1 AND total.grain = $3
           AND total.person_id = $2",
    )
    .bind(guild)
    .bind(person)
    .bind(grain)
    .fetch_all(on)
    .await?)
}
