//! All SQL of `/me`.

use sqlx::any::AnyExecutor;

use crate::chat::permit::Member;
use crate::kernel::calendar::{Period, day_number};
use crate::kernel::error::Result;

/// How many distinct things a person did on pipeline metrics and on forecast metrics, counting ledger rows
/// that were not undone.
pub(super) async fn balance(on: impl AnyExecutor<'_>, by: Member, period: Period) -> Result<(i64, i64)> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT horizon, COUNT(*) FROM (
             SELECT DISTINCT metric.horizon, made.source, made.source_id FROM entry AS made JOIN metric ON metric.id = made.metric_id
             WHERE made.guild_id = $1 AND made.person_id = $2 AND made.day >= $3 AND made.day < $4 AND made.reverses IS NULL
               AND metric.name <> 'kudos'
               AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)) AS things GROUP BY horizon",
    )
    .bind(by.guild)
    .bind(by.person)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_all(on)
    .await?;
    let of = |name: &str| rows.iter().find(|(horizon, _)| horizon == name).map_or(0, |(_, count)| *count);
    Ok((of("pipeline"), of("forecast")))
}
