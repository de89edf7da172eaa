//! All SQL of streaks.

use sqlx::{AnyConnection, AssertSqlSafe};

use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::ledger::metric::WINS;
use crate::store::db::among;

/// The days on which some people, or everyone in a guild, have wins: person, day, count.
pub(super) async fn days_with_wins(
    on: &mut AnyConnection,
    guild: GuildId,
    only: Option<&[PersonId]>,
) -> Result<Vec<(PersonId, i64, Quantity)>> {
    let sql = format!(
        "SELECT total.person_id, total.start_day, total.quantity FROM metric
         JOIN total ON total.metric_id = metric.id AND total.grain = 'day'
         WHERE metric.guild_id = $1 AND metric.name_key = $2 AND metric.built_in = 1{}",
        among("total.person_id", only)
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql))
        .persistent(only.is_none())
        .bind(guild)
        .bind(WINS)
        .fetch_all(on)
        .await?)
}
