//! All SQL of streaks.

use sqlx::AnyConnection;

use crate::kernel::error::Result;
use crate::kernel::ids::{MetricId, PersonId};
use crate::kernel::quantity::Quantity;

/// The days on which each person has a win, or one person.
pub(super) async fn days_with_wins(
    on: &mut AnyConnection,
    wins: MetricId,
    only: Option<PersonId>,
) -> Result<Vec<(PersonId, i64, Quantity)>> {
    Ok(sqlx::query_as(
        "SELECT person_id, start_day, quantity FROM total
         WHERE metric_id = $1 AND grain = 'day' AND ($2 = 0 OR person_id = $2)",
    )
    .bind(wins)
    .bind(only.map_or(0, |person| person.0))
    .fetch_all(on)
    .await?)
}
