//! All SQL of boards: their settings, and final weeks.

use sqlx::any::AnyExecutor;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::rules::{Place, Style};
use crate::kernel::calendar::{Period, day_number};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::store::db::{Tx, flag};
use crate::store::state::State;

pub(super) async fn wanted(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<(Style, bool)> {
    let (style, cards): (String, i64) =
        sqlx::query_as("SELECT board_style, board_cards FROM guild WHERE id = $1")
            .bind(guild)
            .fetch_one(on)
            .await?;
    Ok((style.parse().unwrap_or_default(), cards == 1))
}

pub(super) async fn save(tx: &mut Tx, guild: GuildId, style: Style, cards: bool) -> Result<()> {
    sqlx::query("UPDATE guild SET board_style = $2, board_cards = $3 WHERE id = $1")
        .bind(guild)
        .bind(style.name())
        .bind(flag(cards))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Since when a week is final (microseconds since 1970), if it is.
pub(super) async fn final_since(on: &mut AnyConnection, guild: GuildId, week: Period) -> Result<Option<i64>> {
    let kept: Option<(i64,)> =
        sqlx::query_as("SELECT kept_at FROM final_week WHERE guild_id = $1 AND week_day = $2")
            .bind(guild)
            .bind(day_number(week.from))
            .fetch_optional(on)
            .await?;
    Ok(kept.map(|(at,)| at))
}

/// The stored places of a final week: who had how much.
pub(super) async fn kept(
    on: &mut AnyConnection,
    metric: MetricId,
    week: Period,
) -> Result<Vec<(PersonId, Quantity)>> {
    Ok(sqlx::query_as("SELECT person_id, quantity FROM final_place WHERE metric_id = $1 AND week_day = $2")
        .bind(metric)
        .bind(day_number(week.from))
        .fetch_all(on)
        .await?)
}

/// Whether any week has stored places on a money metric.
pub(super) async fn is_in_money(on: &mut AnyConnection, guild: GuildId) -> Result<bool> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM final_place JOIN metric ON metric.id = final_place.metric_id
         WHERE final_place.guild_id = $1 AND metric.unit = 'money' LIMIT 1",
    )
    .bind(guild)
    .fetch_optional(on)
    .await?;
    Ok(found.is_some())
}

/// How many of a week's rows on a metric were written after it became final.
pub(super) async fn later(
    on: &mut AnyConnection,
    guild: GuildId,
    metric: MetricId,
    week: Period,
    since: i64,
) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM entry WHERE guild_id = $1 AND metric_id = $2 AND day >= $3 AND day < $4 AND recorded_at > $5",
    )
    .bind(guild)
    .bind(metric)
    .bind(day_number(week.from))
    .bind(day_number(week.until))
    .bind(since)
    .fetch_one(on)
    .await?;
    Ok(count)
}

/// Makes a week final. False if it is already.
pub(super) async fn make_final(tx: &mut Tx, state: &State, guild: GuildId, week: Period) -> Result<bool> {
    let made = sqlx::query(
        "INSERT INTO final_week (guild_id, week_day, kept_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(guild)
    .bind(day_number(week.from))
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(made.rows_affected() == 1)
}

/// Stores the places on each metric in a week.
pub(super) async fn keep(
    tx: &mut Tx,
    guild: GuildId,
    week: Period,
    places: &[(MetricId, Place)],
) -> Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    let row = |(metric, place): &(MetricId, Place)| {
        format!("($1, {metric}, $2, {}, {}, {})", place.person, place.place, place.quantity.0)
    };
    let rows: Vec<String> = places.iter().map(row).collect();
    let sql = format!(
        "INSERT INTO final_place (guild_id, metric_id, week_day, person_id, place, quantity) VALUES {}",
        rows.join(", ")
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(guild).bind(day_number(week.from)).persistent(false);
    query.execute(&mut **tx).await?;
    Ok(())
}
