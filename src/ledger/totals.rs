//! Sums over the ledger, and the rows behind each.

use std::collections::HashMap;

use chrono::{Datelike, Months, NaiveDate};
use sqlx::any::AnyExecutor;

use crate::kernel::calendar::{Period, day_number, day_of};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::store::db::Tx;

/// What each person has in a period. Who has no entry is not in it.
pub type Totals = HashMap<PersonId, Quantity>;

pub(super) async fn add(
    tx: &mut Tx,
    guild: GuildId,
    metric: MetricId,
    person: PersonId,
    day: NaiveDate,
    quantity: Quantity,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
         VALUES ($1, $2, 'day', $3, $5, $6), ($1, $2, 'month', $4, $5, $6)
         ON CONFLICT (metric_id, grain, start_day, person_id) DO UPDATE SET quantity = total.quantity + excluded.quantity",
    )
    .bind(guild)
    .bind(metric)
    .bind(day_number(day))
    .bind(day_number(first_of_month(day)))
    .bind(person)
    .bind(quantity)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Cuts a period into the days before its whole months, its whole months, and the days after. Each half open.
fn cut(period: Period) -> [(NaiveDate, NaiveDate); 3] {
    let start = first_of_month(period.from);
    let months_from = if start == period.from { start } else { start + Months::new(1) };
    let months_until = first_of_month(period.until);
    if months_from < months_until {
        [(period.from, months_from), (months_from, months_until), (months_until, period.until)]
    } else {
        [(period.from, period.until), (period.until, period.until), (period.until, period.until)]
    }
}

/// The sum of a metric for each person over a period.
pub async fn by_person(on: impl AnyExecutor<'_>, metric: MetricId, period: Period) -> Result<Totals> {
    let [head, months, tail] = cut(period);
    let rows: Vec<(PersonId, Quantity)> = sqlx::query_as(
        "SELECT person_id, CAST(SUM(quantity) AS BIGINT) FROM (
             SELECT person_id, quantity FROM total WHERE metric_id = $1 AND grain = 'day' AND start_day >= $2 AND start_day < $3
             UNION ALL
             SELECT person_id, quantity FROM total WHERE metric_id = $1 AND grain = 'month' AND start_day >= $4 AND start_day < $5
             UNION ALL
             SELECT person_id, quantity FROM total WHERE metric_id = $1 AND grain = 'day' AND start_day >= $6 AND start_day < $7
         ) AS part GROUP BY person_id",
    )
    .bind(metric)
    .bind(day_number(head.0))
    .bind(day_number(head.1))
    .bind(day_number(months.0))
    .bind(day_number(months.1))
    .bind(day_number(tail.0))
    .bind(day_number(tail.1))
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().collect())
}

/// The sum of a metric for each person over a period, and over as many days before it, and before those: the latest
/// first.
pub async fn by_person_and_before<const TIMES: usize>(
    on: impl AnyExecutor<'_>,
    metric: MetricId,
    period: Period,
) -> Result<[Totals; TIMES]> {
    let (until, length) = (day_number(period.until), (period.until - period.from).num_days());
    let times = i64::try_from(TIMES).unwrap_or(i64::MAX);
    let rows: Vec<(PersonId, i64, Quantity)> = sqlx::query_as(
        "SELECT person_id, ($3 - 1 - start_day) / $4 AS back, CAST(SUM(quantity) AS BIGINT) FROM total
         WHERE metric_id = $1 AND grain = 'day' AND start_day >= $2 AND start_day < $3 GROUP BY person_id, back",
    )
    .bind(metric)
    .bind(until - length * times)
    .bind(until)
    .bind(length)
    .fetch_all(on)
    .await?;
    let mut totals: [Totals; TIMES] = std::array::from_fn(|_| Totals::new());
    for (person, back, quantity) in rows {
        if let Some(totals) = usize::try_from(back).ok().and_then(|back| totals.get_mut(back)) {
            totals.insert(person, quantity);
        }
    }
    Ok(totals)
}

/// The first day on which each person has anything of a metric.
pub async fn first_days(on: impl AnyExecutor<'_>, metric: MetricId) -> Result<HashMap<PersonId, NaiveDate>> {
    let rows: Vec<(PersonId, i64)> = sqlx::query_as(
        "SELECT person_id, MIN(start_day) FROM total WHERE metric_id = $1 AND grain = 'day' AND quantity > 0 GROUP BY person_id",
    )
    .bind(metric)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(|(person, day)| (person, day_of(day))).collect())
}

/// The largest single entry of a metric in a period that was not taken back, and whose it is.
pub async fn largest_entry(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    metric: MetricId,
    period: Period,
) -> Result<Option<(PersonId, Quantity)>> {
    Ok(sqlx::query_as(
        "SELECT person_id, quantity FROM entry AS made
         WHERE guild_id = $1 AND metric_id = $2 AND day >= $3 AND day < $4 AND reverses IS NULL
           AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)
         ORDER BY quantity DESC, id LIMIT 1",
    )
    .bind(guild)
    .bind(metric)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_optional(on)
    .await?)
}

/// How many of the latest rows say what is usual.
const USUAL: usize = 20;

/// What a row of somebody's is usually worth: the middle one of their latest; of an even number the lower of the two.
/// `latest` is in the order of [`latest`].
pub fn usual(latest: impl IntoIterator<Item = Quantity>) -> Option<Quantity> {
    let mut sizes: Vec<Quantity> = latest.into_iter().take(USUAL).collect();
    sizes.sort_unstable();
    sizes.get(sizes.len().saturating_sub(1) / 2).copied()
}

/// The latest rows of a metric that were not taken back, of one person or of everyone: whose, and how much; the latest
/// first, and two hundred at most.
pub async fn latest(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    metric: MetricId,
    of: Option<PersonId>,
) -> Result<Vec<(PersonId, Quantity)>> {
    macro_rules! latest {
        ($of:literal) => {
            concat!(
                "SELECT person_id, quantity FROM entry AS made WHERE guild_id = $1 AND metric_id = $2 AND reverses IS NULL ",
                $of,
                " AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)
                 ORDER BY day DESC, id DESC LIMIT 200"
            )
        };
    }
    let sql =
        if of.is_some() { latest!("AND person_id = $3") } else { latest!("AND CAST($3 AS BIGINT) IS NULL") };
    Ok(sqlx::query_as(sql).bind(guild).bind(metric).bind(of).fetch_all(on).await?)
}

/// A row behind a number.
#[derive(Debug, Clone)]
pub struct Row {
    /// How much.
    pub quantity: Quantity,
    /// The day it counts for.
    pub day: NaiveDate,
    /// What it came from: "win", "activity", "kudos" or "second".
    pub source: String,
    /// Which one.
    pub source_id: i64,
    /// Whether it cancels an earlier row.
    pub is_reversal: bool,
}

/// The rows behind a person's number, oldest first; `offset` of them skipped, `most` returned.
pub async fn rows(
    on: impl AnyExecutor<'_>,
    metric: MetricId,
    guild: GuildId,
    person: PersonId,
    period: Period,
    page: (i64, i64),
) -> Result<Vec<Row>> {
    let rows: Vec<(Quantity, i64, String, i64, i64)> = sqlx::query_as(
        "SELECT quantity, day, source, source_id, CASE WHEN reverses IS NULL THEN 0 ELSE 1 END FROM entry
         WHERE guild_id = $1 AND metric_id = $2 AND person_id = $3 AND day >= $4 AND day < $5
         ORDER BY day, id LIMIT $6 OFFSET $7",
    )
    .bind(guild)
    .bind(metric)
    .bind(person)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .bind(page.1)
    .bind(page.0)
    .fetch_all(on)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(quantity, day, source, source_id, reversal)| Row {
            quantity,
            day: day_of(day),
            source,
            source_id,
            is_reversal: reversal == 1,
        })
        .collect())
}

/// How many rows there are behind a person's number, and their sum.
pub async fn count_and_sum(
    on: impl AnyExecutor<'_>,
    metric: MetricId,
    guild: GuildId,
    person: PersonId,
    period: Period,
) -> Result<(i64, Quantity)> {
    Ok(sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM entry
         WHERE guild_id = $1 AND metric_id = $2 AND person_id = $3 AND day >= $4 AND day < $5",
    )
    .bind(guild)
    .bind(metric)
    .bind(person)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_one(on)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_usual_is_the_middle_of_the_latest_twenty() {
        let usual = |latest: &[i64]| usual(latest.iter().copied().map(Quantity)).map(|it| it.0);
        assert_eq!(usual(&[5, 1, 9, 7]), Some(5));
        assert_eq!(usual(&[[3; 20].as_slice(), &[100; 180]].concat()), Some(3));
        assert_eq!(usual(&[]), None);
    }

    proptest! {
        #[test]
        fn the_cuts_cover_the_period_once(from in 0_i64..20_000, length in 1_i64..800) {
            let period = Period::days(day_of(from), day_of(from + length - 1));
            let [head, months, tail] = cut(period);
            prop_assert!(head.0 == period.from && tail.1 == period.until);
            prop_assert!(head.1 == months.0 && months.1 == tail.0);
            prop_assert!(months.0 == months.1 || (months.0.day() == 1 && months.1.day() == 1));
        }
    }
}
