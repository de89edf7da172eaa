//! All SQL of badges.

use sqlx::AnyConnection;
use sqlx::any::AnyExecutor;

use crate::kernel::calendar::day_number;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::store::db::Tx;

/// The sums of a person over all time: metric's name, horizon, whether it is built in, quantity. Of counts alone.
pub(super) async fn sums(
    on: &mut AnyConnection,
    guild: GuildId,
    person: PersonId,
) -> Result<Vec<(String, String, i64, Quantity)>> {
    Ok(sqlx::query_as(
        "SELECT metric.name, metric.horizon, metric.built_in, CAST(SUM(total.quantity) AS BIGINT) FROM metric
         JOIN total ON total.metric_id = metric.id AND total.grain = 'month' AND total.person_id = $2
         WHERE metric.guild_id = $1 AND metric.unit = 'count' GROUP BY metric.id, metric.name, metric.horizon, metric.built_in",
    )
    .bind(guild)
    .bind(person)
    .fetch_all(on)
    .await?)
}

/// The longest time in days between two days with wins, one after the other.
pub(super) async fn longest_pause(on: &mut AnyConnection, guild: GuildId, person: PersonId) -> Result<i64> {
    let days: Vec<(i64,)> = sqlx::query_as(
        "SELECT total.start_day FROM total JOIN metric ON metric.id = total.metric_id
         WHERE metric.guild_id = $1 AND metric.name = 'wins' AND metric.built_in = 1 AND total.grain = 'day'
           AND total.person_id = $2 AND total.quantity > 0 ORDER BY total.start_day",
    )
    .bind(guild)
    .bind(person)
    .fetch_all(on)
    .await?;
    Ok(days.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap_or_default())
}

/// The keys of a person's badges, the first one first.
pub(super) async fn had(on: impl AnyExecutor<'_>, person: PersonId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT badge FROM badge WHERE person_id = $1 ORDER BY day, badge")
            .bind(person)
            .fetch_all(on)
            .await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// False if they have it already.
pub(super) async fn award(
    tx: &mut Tx,
    guild: GuildId,
    person: PersonId,
    key: &str,
    day: chrono::NaiveDate,
) -> Result<bool> {
    let written = sqlx::query(
        "INSERT INTO badge (guild_id, person_id, badge, day) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(guild)
    .bind(person)
    .bind(key)
    .bind(day_number(day))
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() == 1)
}
