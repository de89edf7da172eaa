//! All SQL of profiles.

use sqlx::AnyConnection;

use crate::kernel::db::flag;
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

/// A person's kudos received and given, in hundredths; unless it is for themselves, those without a part that was told in
/// private.
pub(super) async fn kudos(
    on: &mut AnyConnection,
    guild: GuildId,
    person: PersonId,
    for_themselves: bool,
) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN metric.name = 'kudos' THEN entry.quantity ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN metric.name = 'kudos given' THEN entry.quantity ELSE 0 END), 0) AS BIGINT)
         FROM entry JOIN metric ON metric.id = entry.metric_id
         WHERE entry.guild_id = $1 AND entry.person_id = $2 AND metric.built_in = 1
           AND ($3 = 1 OR NOT EXISTS (
               SELECT 1 FROM kudos_receiver AS told WHERE entry.source = 'kudos' AND told.kudos_id = entry.source_id
                   AND told.is_public = 0 AND (metric.name = 'kudos given' OR told.person_id = $2)))",
    )
    .bind(guild)
    .bind(person)
    .bind(flag(for_themselves))
    .fetch_one(on)
    .await?)
}
