//! All SQL of records.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::AnyConnection;

use super::rules::Record;
use crate::kernel::calendar::day_of;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId, TeamId};
use crate::kernel::quantity::Quantity;
use crate::people::Scope;

/// Filters rows by scope: $2 is a person or 0, $3 a team or 0; both 0 means everyone.
macro_rules! theirs {
    () => {
        "($2 = 0 OR person_id = $2) AND ($3 = 0 OR person_id IN (SELECT person_id FROM team_member WHERE team_id = $3))"
    };
}

/// A win's row that was not undone.
macro_rules! stands {
    () => {
        // The plus keeps SQLite off the index on reversals, where nearly every entry is NULL.
        "made.source = 'win' AND +made.reverses IS NULL
         AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)"
    };
}

fn ids(scope: Scope) -> (i64, i64) {
    (scope.person().map_or(0, |it| it.0), scope.team().map_or(0, |it| it.0))
}

/// A win, and somebody's share of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Largest {
    pub(super) record: Record,
    /// The win's id.
    pub(super) source: i64,
}

/// A scope's largest win that was not undone, by their share of it.
pub(super) async fn largest_win(
    db: &mut AnyConnection,
    guild: GuildId,
    revenue: MetricId,
    scope: Scope,
) -> Result<Option<Largest>> {
    let (person, team) = ids(scope);
    let found: Option<(i64, Quantity, i64)> = sqlx::query_as(concat!(
        "SELECT made.source_id, CAST(SUM(made.quantity) AS BIGINT), MIN(made.day) FROM entry AS made
         WHERE made.guild_id = $4 AND made.metric_id = $1 AND ",
        stands!(),
        " AND ",
        theirs!(),
        " GROUP BY made.source_id ORDER BY 2 DESC, 1 DESC LIMIT 1"
    ))
    .bind(revenue)
    .bind(person)
    .bind(team)
    .bind(guild)
    .fetch_optional(&mut *db)
    .await?;
    let largest = |(source, quantity, day)| Largest { record: Record { quantity, day: day_of(day) }, source };
    Ok(found.map(largest))
}

/// The same for each team of a person.
pub(super) async fn largest_wins_of_teams(
    db: &mut AnyConnection,
    guild: GuildId,
    revenue: MetricId,
    person: PersonId,
) -> Result<HashMap<TeamId, Largest>> {
    // CROSS JOIN makes SQLite keep this order.
    let rows: Vec<(TeamId, i64, Quantity, i64)> = sqlx::query_as(concat!(
        "SELECT team_id, source_id, quantity, day FROM (
             SELECT own.team_id, made.source_id, CAST(SUM(made.quantity) AS BIGINT) AS quantity, MIN(made.day) AS day,
                    ROW_NUMBER() OVER (PARTITION BY own.team_id ORDER BY SUM(made.quantity) DESC, made.source_id DESC) AS place
             FROM team_member AS own CROSS JOIN team_member AS mate CROSS JOIN entry AS made
             WHERE own.person_id = $3 AND mate.team_id = own.team_id AND made.guild_id = $2 AND made.metric_id = $1
               AND made.person_id = mate.person_id AND ",
        stands!(),
        " GROUP BY own.team_id, made.source_id) AS won WHERE place = 1"
    ))
    .bind(revenue)
    .bind(guild)
    .bind(person)
    .fetch_all(&mut *db)
    .await?;
    let largest = |(team, source, quantity, day)| {
        (team, Largest { record: Record { quantity, day: day_of(day) }, source })
    };
    Ok(rows.into_iter().map(largest).collect())
}

/// Who is credited with a win, largest share first.
pub(super) async fn credited(db: &mut AnyConnection, revenue: MetricId, win: i64) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = sqlx::query_as(
        "SELECT person_id FROM entry WHERE metric_id = $1 AND source = 'win' AND source_id = $2 AND reverses IS NULL
         ORDER BY quantity DESC, person_id",
    )
    .bind(revenue)
    .bind(win)
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Daily sums of a metric in a scope.
pub(super) async fn days(
    db: &mut AnyConnection,
    metric: MetricId,
    scope: Scope,
) -> Result<Vec<(NaiveDate, Quantity)>> {
    let (person, team) = ids(scope);
    let rows: Vec<(i64, Quantity)> = sqlx::query_as(concat!(
        "SELECT start_day, CAST(SUM(quantity) AS BIGINT) FROM total WHERE metric_id = $1 AND grain = 'day' AND ",
        theirs!(),
        " GROUP BY start_day HAVING SUM(quantity) <> 0 ORDER BY start_day"
    ))
    .bind(metric)
    .bind(person)
    .bind(team)
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().map(|(day, sum)| (day_of(day), sum)).collect())
}

/// The same for each team of a person, for two metrics.
pub(super) async fn days_of_teams(
    db: &mut AnyConnection,
    (one, other): (MetricId, MetricId),
    person: PersonId,
) -> Result<HashMap<(TeamId, MetricId), Vec<(NaiveDate, Quantity)>>> {
    let rows: Vec<(TeamId, MetricId, i64, Quantity)> = sqlx::query_as(
        "SELECT own.team_id, total.metric_id, total.start_day, CAST(SUM(total.quantity) AS BIGINT)
         FROM team_member AS own JOIN team_member AS mate ON mate.team_id = own.team_id
         JOIN total ON total.person_id = mate.person_id
         WHERE own.person_id = $3 AND total.metric_id IN ($1, $2) AND total.grain = 'day'
         GROUP BY own.team_id, total.metric_id, total.start_day HAVING SUM(total.quantity) <> 0 ORDER BY total.start_day",
    )
    .bind(one)
    .bind(other)
    .bind(person)
    .fetch_all(&mut *db)
    .await?;
    let mut days: HashMap<_, Vec<_>> = HashMap::new();
    for (team, metric, day, sum) in rows {
        days.entry((team, metric)).or_default().push((day_of(day), sum));
    }
    Ok(days)
}

/// A win compared with earlier ones: a person's share and the whole, if it has an amount, and the number and
/// the largest of the earlier wins that have an amount and were not undone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighed {
    pub(super) part: Quantity,
    pub(super) whole: Quantity,
    pub(super) before: (i64, Quantity),
}

pub(super) async fn weighed(
    db: &mut AnyConnection,
    guild: GuildId,
    revenue: MetricId,
    win: i64,
    person: PersonId,
) -> Result<Option<Weighed>> {
    let row: (Option<Quantity>, Option<Quantity>, i64, Option<Quantity>) = sqlx::query_as(concat!(
        "SELECT own.part, own.whole, earlier.count, earlier.largest FROM
           (SELECT CAST(SUM(CASE WHEN person_id = $4 THEN quantity END) AS BIGINT) AS part, CAST(SUM(quantity) AS BIGINT) AS whole
            FROM entry WHERE metric_id = $1 AND source = 'win' AND source_id = $2 AND reverses IS NULL) AS own
         CROSS JOIN
           (SELECT COUNT(*) AS count, MAX(worth) AS largest FROM
              (SELECT CAST(SUM(made.quantity) AS BIGINT) AS worth FROM entry AS made
               WHERE made.guild_id = $3 AND made.metric_id = $1 AND made.source_id < $2 AND ",
        stands!(),
        " GROUP BY made.source_id) AS won) AS earlier"
    ))
    .bind(revenue)
    .bind(win)
    .bind(guild)
    .bind(person)
    .fetch_one(&mut *db)
    .await?;
    let (part, whole, count, largest) = row;
    Ok(part.zip(whole).map(|(part, whole)| Weighed {
        part,
        whole,
        before: (count, largest.unwrap_or_default()),
    }))
}

/// A person's earlier wins that were not undone, each with its day and their share. Ids grow with time.
pub(super) async fn earlier(
    db: &mut AnyConnection,
    guild: GuildId,
    revenue: MetricId,
    win: i64,
    person: PersonId,
) -> Result<Vec<(NaiveDate, Quantity)>> {
    let rows: Vec<(i64, Quantity)> = sqlx::query_as(concat!(
        "SELECT made.day, made.quantity FROM entry AS made
         WHERE made.guild_id = $4 AND made.metric_id = $1 AND made.source_id < $2
           AND made.person_id = $3 AND ",
        stands!()
    ))
    .bind(revenue)
    .bind(win)
    .bind(person)
    .bind(guild)
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().map(|(day, part)| (day_of(day), part)).collect())
}
