//! All SQL of badges.

use std::collections::HashMap;

use sqlx::any::AnyExecutor;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::kernel::calendar::day_number;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::ledger::metric::WINS;
use crate::store::db::{Tx, among};

crate::row! {
    /// A person's all-time sum of a metric.
    pub(super) struct Sum {
        pub(super) person_id: PersonId,
        /// The metric's name.
        pub(super) name: String,
        /// The metric's horizon.
        pub(super) horizon: String,
        /// Whether every guild has the metric.
        pub(super) built_in: i64,
        pub(super) quantity: Quantity,
    }
}

/// All-time sums by person, count metrics only.
pub(super) async fn sums(on: &mut AnyConnection, guild: GuildId, persons: &[PersonId]) -> Result<Vec<Sum>> {
    let sql = format!(
        "SELECT total.person_id, metric.name, metric.horizon, metric.built_in, CAST(SUM(total.quantity) AS BIGINT) AS quantity
         FROM metric JOIN total ON total.metric_id = metric.id AND total.grain = 'month'
         WHERE metric.guild_id = $1 AND metric.unit = 'count'{}
         GROUP BY total.person_id, metric.id, metric.name, metric.horizon, metric.built_in",
        among("total.person_id", Some(persons))
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).persistent(false).bind(guild).fetch_all(on).await?)
}

/// Each person's longest gap in days between two consecutive days with wins.
pub(super) async fn longest_pauses(
    on: &mut AnyConnection,
    guild: GuildId,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, i64>> {
    let sql = format!(
        "SELECT person_id, MAX(start_day - earlier) FROM (
             SELECT total.person_id, total.start_day,
                    LAG(total.start_day) OVER (PARTITION BY total.person_id ORDER BY total.start_day) AS earlier
             FROM metric JOIN total ON total.metric_id = metric.id AND total.grain = 'day'
             WHERE metric.guild_id = $1 AND metric.name_key = $2 AND metric.built_in = 1 AND total.quantity > 0{}) AS days
         WHERE earlier IS NOT NULL GROUP BY person_id",
        among("total.person_id", Some(persons))
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).persistent(false).bind(guild).bind(WINS);
    let rows: Vec<(PersonId, i64)> = query.fetch_all(on).await?;
    Ok(rows.into_iter().collect())
}

/// The keys of people's badges, in the order they were earned.
pub(super) async fn had(
    on: impl AnyExecutor<'_>,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, Vec<String>>> {
    let sql = format!(
        "SELECT person_id, badge FROM badge WHERE 1 = 1{} ORDER BY day, badge",
        among("person_id", Some(persons))
    );
    let rows: Vec<(PersonId, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    let mut had: HashMap<PersonId, Vec<String>> = HashMap::new();
    for (person, badge) in rows {
        had.entry(person).or_default().push(badge);
    }
    Ok(had)
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
