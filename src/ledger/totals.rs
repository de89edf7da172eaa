//! Sums over the ledger, and the rows behind each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, Months, NaiveDate};
use sqlx::any::AnyExecutor;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::Written;
use crate::kernel::calendar::{Period, day_number, day_of};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::store::batch::Batch;
use crate::store::db::{among, values};

/// Each person's total in a period. A person without entries isn't in it.
pub type Totals = HashMap<PersonId, Quantity>;

/// Adds entries to their daily and monthly sums.
pub(super) fn add(batch: &mut Batch, guild: GuildId, written: &[Written]) {
    // Summed first: one statement must not update a row twice.
    let mut sums: BTreeMap<(&str, MetricId, i64, PersonId), Quantity> = BTreeMap::new();
    for (metric, person, day, quantity) in written {
        let month = day_number(first_of_month(day_of(*day)));
        for (grain, start) in [("day", *day), ("month", month)] {
            *sums.entry((grain, *metric, start, *person)).or_default() += *quantity;
        }
    }
    let sql = format!(
        "INSERT INTO total (guild_id, grain, metric_id, start_day, person_id, quantity) VALUES {}
         ON CONFLICT (metric_id, grain, start_day, person_id) DO UPDATE SET quantity = total.quantity + excluded.quantity",
        values("$1, {}, {}, {}, {}, {}", 2, sums.len())
    );
    batch.add(&sql).bind(guild);
    for ((grain, metric, start, person), quantity) in sums {
        batch.bind(grain).bind(metric).bind(start).bind(person).bind(quantity);
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Splits a period into the days before its whole months, its whole months, and the days after. Each range is
/// half-open.
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

/// Aggregates rows into one text per row of `asked`. Each is a correlated subquery, since SQLite has no
/// lateral join, and with a plain join PostgreSQL would read the whole table for a few of its rows.
macro_rules! texts {
    ($($rows:tt)+) => {
        concat!(
            "(SELECT string_agg(CAST(person_id AS TEXT) || ' ' || CAST(quantity AS TEXT), ',') FROM (",
            $($rows)+,
            ") AS found)"
        )
    };
}

/// Parses such a text into persons and quantities.
fn read(text: &str) -> impl Iterator<Item = (PersonId, Quantity)> {
    text.split(',').filter_map(|row| {
        let (person, quantity) = row.split_once(' ')?;
        Some((PersonId(person.parse().ok()?), Quantity(quantity.parse().ok()?)))
    })
}

/// Part of a period that has stored sums: metric, grain, first day, and the day after the last.
type Part = (MetricId, &'static str, i64, i64);

fn parts((metric, period): (MetricId, Period)) -> impl Iterator<Item = Part> {
    let parts =
        ["day", "month", "day"].into_iter().zip(cut(period)).filter(|(_, (from, until))| from < until);
    parts.map(move |(grain, (from, until))| (metric, grain, day_number(from), day_number(until)))
}

/// The sums for many metrics and periods, as from [`by_person`], in a single statement.
pub async fn of_many(on: &mut AnyConnection, asked: &[(MetricId, Period)]) -> Result<Vec<Totals>> {
    let each: BTreeSet<Part> = asked.iter().flat_map(|it| parts(*it)).collect();
    let mut found: Vec<(i64, Option<String>)> = Vec::new();
    if !each.is_empty() {
        let row = |(n, (metric, grain, from, until)): (usize, &Part)| {
            format!(
                "(CAST({n} AS BIGINT), CAST({metric} AS BIGINT), '{grain}', CAST({from} AS BIGINT), CAST({until} AS BIGINT))"
            )
        };
        let rows: Vec<String> = each.iter().enumerate().map(row).collect();
        let sql = format!(
            concat!(
                "WITH asked (n, metric_id, grain, from_day, until_day) AS (VALUES {}) SELECT asked.n, ",
                texts!(
                    "SELECT total.person_id, CAST(SUM(total.quantity) AS BIGINT) AS quantity FROM total
                     WHERE total.metric_id = asked.metric_id AND total.grain = asked.grain
                       AND total.start_day >= asked.from_day AND total.start_day < asked.until_day GROUP BY total.person_id"
                ),
                " FROM asked ORDER BY asked.n"
            ),
            rows.join(", ")
        );
        found = sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    }
    let texts = found.into_iter().map(|(_, text)| text.unwrap_or_default());
    let sums: HashMap<Part, String> = each.into_iter().zip(texts).collect();
    let total = |it: &(MetricId, Period)| {
        let mut total = Totals::new();
        let texts = parts(*it).filter_map(|part| sums.get(&part));
        for (person, quantity) in texts.flat_map(|text| read(text)) {
            *total.entry(person).or_default() += quantity;
        }
        total
    };
    Ok(asked.iter().map(total).collect())
}

/// Each person's sum of each metric in a period and in the preceding periods of the same length, the latest
/// first.
pub async fn by_person_and_before<const TIMES: usize>(
    on: impl AnyExecutor<'_>,
    metrics: &[MetricId],
    period: Period,
) -> Result<HashMap<MetricId, [Totals; TIMES]>> {
    let (until, length) = (day_number(period.until), (period.until - period.from).num_days());
    let times = i64::try_from(TIMES).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT metric_id, person_id, ($2 - 1 - start_day) / $3 AS back, CAST(SUM(quantity) AS BIGINT) FROM total
         WHERE grain = 'day' AND start_day >= $1 AND start_day < $2{} GROUP BY metric_id, person_id, back",
        among("metric_id", Some(metrics))
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).persistent(false);
    let rows: Vec<(MetricId, PersonId, i64, Quantity)> =
        query.bind(until - length * times).bind(until).bind(length).fetch_all(on).await?;
    let none = || std::array::from_fn(|_| Totals::new());
    let mut totals: HashMap<MetricId, [Totals; TIMES]> =
        metrics.iter().map(|metric| (*metric, none())).collect();
    for (metric, person, back, quantity) in rows {
        let at = usize::try_from(back).ok();
        if let Some(totals) = at.and_then(|back| totals.get_mut(&metric)?.get_mut(back)) {
            totals.insert(person, quantity);
        }
    }
    Ok(totals)
}

/// The first day on which each person has an entry of a metric.
pub async fn first_days(on: impl AnyExecutor<'_>, metric: MetricId) -> Result<HashMap<PersonId, NaiveDate>> {
    let rows: Vec<(PersonId, i64)> = sqlx::query_as(
        "SELECT person_id, MIN(start_day) FROM total WHERE metric_id = $1 AND grain = 'day' AND quantity > 0 GROUP BY person_id",
    )
    .bind(metric)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(|(person, day)| (person, day_of(day))).collect())
}

/// The largest single entry of a metric in a period that wasn't undone, and the person it belongs to.
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

/// How many of the latest rows determine the typical value.
const USUAL: usize = 20;

/// The typical value of somebody's row: the median of their latest; of an even number, the lower of the
/// middle two.
/// `latest` is in the order of [`latest`].
pub fn usual(latest: impl IntoIterator<Item = Quantity>) -> Option<Quantity> {
    let mut sizes: Vec<Quantity> = latest.into_iter().take(USUAL).collect();
    sizes.sort_unstable();
    sizes.get(sizes.len().saturating_sub(1) / 2).copied()
}

/// The latest rows of many metrics that weren't undone, each of one person or of everyone, as person and
/// quantity: the latest first, as many as determine the typical value, and two hundred for everyone. A single
/// statement, however many metrics.
pub async fn latest(
    on: &mut AnyConnection,
    guild: GuildId,
    asked: &[(MetricId, Option<PersonId>)],
) -> Result<Vec<Vec<(PersonId, Quantity)>>> {
    macro_rules! latest {
        ($of:literal, $most:literal) => {
            // The plus keeps the planner from using the indexes on reversals, which don't include days.
            texts!(
                "SELECT made.person_id, made.quantity FROM entry AS made
                 WHERE made.guild_id = $1 AND made.metric_id = asked.metric_id ",
                $of,
                " AND +made.reverses IS NULL
                   AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)
                 ORDER BY made.day DESC, made.id DESC LIMIT ",
                $most
            )
        };
    }
    let whose = |of: Option<PersonId>| of.map_or(0, |person| person.0);
    let each: BTreeSet<_> = asked.iter().map(|(metric, of)| (*metric, whose(*of))).collect();
    if each.is_empty() {
        return Ok(Vec::new());
    }
    let row = |(metric, of): &(MetricId, i64)| format!("(CAST({metric} AS BIGINT), CAST({of} AS BIGINT))");
    let rows: Vec<String> = each.iter().map(row).collect();
    let sql = format!(
        concat!(
            "WITH asked (metric_id, person_id) AS (VALUES {})
             SELECT asked.metric_id, asked.person_id, CASE WHEN asked.person_id = 0 THEN ",
            latest!("", 200),
            " ELSE ",
            latest!("AND made.person_id = asked.person_id", 20),
            " END FROM asked"
        ),
        rows.join(", ")
    );
    let found: Vec<(MetricId, i64, Option<String>)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(guild).persistent(false).fetch_all(on).await?;
    let found: HashMap<_, _> = found.into_iter().map(|(metric, of, text)| ((metric, of), text)).collect();
    let rows = |(metric, of): &(MetricId, Option<PersonId>)| {
        let text = found.get(&(*metric, whose(*of))).and_then(Option::as_deref);
        text.map(|text| read(text).collect::<Vec<_>>()).unwrap_or_default()
    };
    Ok(asked.iter().map(rows).collect())
}

/// Whether a guild has any entries of a money metric.
pub async fn is_in_money(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<bool> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM metric JOIN total ON total.metric_id = metric.id AND total.grain = 'month'
         WHERE metric.guild_id = $1 AND metric.unit = 'money' AND total.quantity > 0 LIMIT 1",
    )
    .bind(guild)
    .fetch_optional(on)
    .await?;
    Ok(found.is_some())
}

/// A row that contributes to a number.
#[derive(Debug, Clone)]
pub struct Row {
    /// How much.
    pub quantity: Quantity,
    /// The day it counts for.
    pub day: NaiveDate,
    /// Its source: "win", "activity", "kudos" or "second".
    pub source: String,
    /// The id within the source.
    pub source_id: i64,
    /// Whether it cancels an earlier row.
    pub is_reversal: bool,
}

/// The rows that make up a person's number, oldest first; `offset` are skipped, and at most `most` returned.
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

/// How many rows make up a person's number, and their sum.
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
