//! The schema that all migrations produce: the effect of changing one shows here.

use std::collections::BTreeMap;

use bellringer::kernel::calendar::Period;
use bellringer::kernel::ids::{GuildId, PersonId};
use bellringer::kernel::quantity::Quantity;
use bellringer::ledger::{metric, totals};
use bellringer::store::db::Db;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

#[tokio::test]
async fn the_schema_is_what_all_migrations_together_leave() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
    let made: Vec<(String,)> = sqlx::query_as(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY tbl_name, type DESC, name",
    )
    .fetch_all(db.read())
    .await
    .unwrap();
    db.close().await;
    let made: Vec<String> = made.into_iter().map(|(sql,)| format!("{sql};")).collect();
    insta::assert_snapshot!(made.join("\n\n"));
}

/// Schedules and goal deadlines, and when they are due next: before and after the migration.
const DUE: (&str, &str) = (
    "SELECT kind || ' ' || COALESCE(next_due, 0) FROM schedule
     UNION ALL SELECT 'goal_end ' || ends_at FROM goal WHERE closed_at IS NULL AND cancelled_at IS NULL ORDER BY 1",
    "SELECT kind || ' ' || COALESCE(next_due, 0) FROM schedule ORDER BY 1",
);

/// All sums with their owners, and all posts with their state.
const SAID: [&str; 3] = [
    "SELECT metric.name || ' ' || person.name || ' ' || SUM(quantity) FROM entry
     JOIN metric ON metric.id = metric_id JOIN person ON person.id = person_id
     GROUP BY metric.name, person.name ORDER BY 1",
    "SELECT metric.name || ' ' || person.name || ' ' || grain || ' ' || start_day || ' ' || quantity FROM total
     JOIN metric ON metric.id = metric_id JOIN person ON person.id = person_id ORDER BY 1",
    "SELECT post_key || ' ' || state || ' ' || revision FROM post ORDER BY 1",
];

#[tokio::test]
async fn a_database_of_an_earlier_version_opens_and_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    // A demo's week, as written by the version before features were registered.
    let mut before =
        SqliteConnectOptions::new().filename(&file).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql(include_str!("fixtures/schema_8.sql")).execute(&mut before).await.unwrap();
    let mut said = Vec::new();
    let said_as = || SAID.into_iter().map(|sql| (sql, sql)).chain([DUE]);
    for (sql, _) in said_as() {
        let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut before).await.unwrap();
        assert!(!rows.is_empty(), "{sql}");
        said.push(rows);
    }
    before.close().await.unwrap();
    let db = Db::open(&format!("sqlite://{}", file.display())).await.unwrap();
    for ((_, sql), said) in said_as().zip(said) {
        let now: Vec<(String,)> = sqlx::query_as(sql).fetch_all(db.read()).await.unwrap();
        assert_eq!(now, said);
    }
    let (guild,): (GuildId,) = sqlx::query_as("SELECT id FROM guild").fetch_one(db.read()).await.unwrap();
    let mut sums = 0;
    for metric in metric::all(db.read(), guild).await.unwrap() {
        let ever = Period::days("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
        let read = totals::by_person(db.read(), metric.id, ever).await.unwrap();
        let rows: Vec<(PersonId, Quantity)> = sqlx::query_as(
            "SELECT person_id, SUM(quantity) FROM entry WHERE metric_id = $1 GROUP BY person_id HAVING SUM(quantity) <> 0",
        )
        .bind(metric.id)
        .fetch_all(db.read())
        .await
        .unwrap();
        let read: BTreeMap<_, _> = read.into_iter().filter(|(_, sum)| *sum != Quantity::ZERO).collect();
        assert_eq!(read, rows.into_iter().collect(), "{}", metric.name);
        sums += read.len();
    }
    assert!(sums > 10, "{sums}");
    db.close().await;
}
