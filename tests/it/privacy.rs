//! Stories of what is stored about people, and how it goes.

use std::collections::BTreeSet;
use std::fmt::Write;

use bellringer::copy::TABLES;
use bellringer::features::privacy::traces::{NOBODY, OF_GUILD, TRACES};
use bellringer::features::privacy::{guild_came, guilds_present};
use bellringer::kernel::ids::GuildId;
use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::{Column, Row};

use crate::story::{MAYA, Story, april, said};

/// Every text in the database, with where it stands.
async fn texts(story: &Story) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for table in TABLES {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        for row in sqlx::query(sql).fetch_all(story.stage.state.db.read()).await.unwrap() {
            for column in row.columns() {
                if let Ok(Some(text)) = row.try_get::<Option<String>, _>(column.name()) {
                    texts.push((format!("{table}.{}", column.name()), text));
                }
            }
        }
    }
    texts
}

/// How many rows of each table are a guild's.
async fn rows(story: &Story, guild: &str) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for (table, of_guild) in OF_GUILD {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE {of_guild}"));
        let guild: i64 = guild.parse().unwrap();
        let (count,): (i64,) =
            sqlx::query_as(sql).bind(guild).fetch_one(story.stage.state.db.read()).await.unwrap();
        counts.push((table, count));
    }
    counts
}

async fn totals(story: &Story) -> Vec<(i64, i64, i64)> {
    sqlx::query_as(
        "SELECT metric_id, start_day, CAST(SUM(quantity) AS BIGINT) FROM total GROUP BY metric_id, start_day, grain ORDER BY 1, 2, 3",
    )
    .fetch_all(story.stage.state.db.read())
    .await
    .unwrap()
}

/// A story in which Ana has left traces wherever one can.
async fn lived() -> Story {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs(MAYA, "noise set", json!({"small": "1k"})).await;
    story.runs(MAYA, "team create", json!({"name": "North"})).await;
    story.runs(MAYA, "team add", json!({"team": "North", "who": ana})).await;
    story
        .runs(
            "Ana",
            "win log",
            json!({"amount": "5k", "customer": "Acme", "note": "Ana's own words", "with": ben}),
        )
        .await;
    story.runs("Ana", "win log", json!({"amount": "500", "customer": "Small"})).await;
    story.runs("Ana", "activity log", json!({"metric": "calls", "count": "7"})).await;
    story.runs("Ana", "goal set", json!({"metric": "calls", "target": "20"})).await;
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "9", "team": "North"})).await;
    let expectation =
        json!({"what": "Ten calls", "by": "friday 15:00", "who": ana, "if_met": "A", "if_missed": "B"});
    story.runs(MAYA, "expect set", expectation).await;
    story
}

#[tokio::test]
async fn every_column_that_refers_to_a_person_is_among_the_traces_and_every_table_among_a_guilds() {
    let story = Story::before_setup("UTC", april(6, "08:00")).await;
    assert_eq!(
        OF_GUILD.iter().map(|(table, _)| *table).collect::<BTreeSet<_>>(),
        TABLES.into_iter().collect()
    );
    if !story.stage.database().starts_with("sqlite") {
        return story.ends().await;
    }
    for table in TABLES {
        let sql = r#"SELECT "table", "from" FROM pragma_foreign_key_list($1)"#;
        let keys: Vec<(String, String)> =
            sqlx::query_as(sql).bind(table).fetch_all(story.stage.state.db.read()).await.unwrap();
        for (_, column) in keys.into_iter().filter(|(to, _)| to == "person") {
            let traced = TRACES.iter().any(|trace| trace.table == table && trace.rows.contains(&column));
            assert!(traced, "{table}.{column} refers to a person and is no trace");
        }
    }
    story.ends().await;
}

#[tokio::test]
async fn one_sees_what_is_stored_takes_it_along_and_is_erased_while_totals_stay() {
    let mut story = lived().await;
    story.runs("Ana", "privacy show", json!({})).await;
    let file = story.runs("Ana", "privacy export", json!({})).await;
    assert!(file.ephemeral);
    let url = file.message.unwrap()["attachments"][0]["url"].as_str().unwrap().to_owned();
    let parts: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let tables: BTreeSet<&str> =
        parts.as_array().unwrap().iter().map(|part| part["table"].as_str().unwrap()).collect();
    for table in
        ["person", "entry", "total", "win", "win_share", "goal", "expectation", "team_member", "folded"]
    {
        assert!(tables.contains(table), "{table}: {tables:?}");
    }
    assert!(
        parts.to_string().contains("Ana's own words") && parts.to_string().contains("2026-04-06"),
        "{parts}"
    );
    let before = totals(&story).await;
    story.runs("Ana", "privacy erase", json!({})).await;
    story.stage.presses("Ana", "general", "Erase me for good").await.unwrap();
    assert_eq!(totals(&story).await, before);
    let left: Vec<_> = texts(&story).await.into_iter().filter(|(_, text)| text.contains("Ana")).collect();
    assert!(left.is_empty(), "{left:?}");
    story.runs(MAYA, "goal list", json!({})).await;
    story.runs(MAYA, "leaderboard", json!({"show": 1})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn nobody_erases_others_but_a_manager_may_for_who_has_left() {
    let mut story = lived().await;
    let (guild, ana) = (story.stage.guild.id.clone(), story.stage.user("Ana"));
    let (person,): (i64,) = sqlx::query_as("SELECT id FROM person WHERE name = 'Ana'")
        .fetch_one(story.stage.state.db.read())
        .await
        .unwrap();
    let mut told = String::new();
    for guessed in [
        format!("privacy:erase:{person}"),
        "privacy:erase:77".to_owned(),
        "privacy:erase".to_owned(),
        "privacy:gone:1".to_owned(),
    ] {
        let outcome = story.presses_guessed("Ben", &guessed).await;
        assert!(outcome.ephemeral);
        let guessed = guessed.replace(&person.to_string(), "ANA");
        writeln!(told, "{guessed}: {}", said(&outcome)).unwrap();
    }
    for (command, options) in [("privacy erase", json!({"who": ana})), ("privacy show", json!({"who": ana}))]
    {
        writeln!(told, "/{command}: {}", story.hears("Ben", command, options).await).unwrap();
    }
    assert!(texts(&story).await.iter().any(|(_, text)| text == "Ana"));
    story.stage.control.remove_person(&guild, &ana).await.unwrap();
    told += &story.hears(MAYA, "privacy erase", json!({"who": ana})).await;
    let again = story.presses_guessed(MAYA, "privacy:keep").await;
    writeln!(told, "\n{}", said(&again)).unwrap();
    story.stage.presses(MAYA, "general", "Erase them for good").await.unwrap();
    let names: Vec<_> = texts(&story).await.into_iter().filter(|(_, text)| text.contains("Ana")).collect();
    assert!(names.is_empty(), "{names:?}");
    let twice = story.presses_guessed(MAYA, &format!("privacy:erase:{person}")).await;
    writeln!(told, "{}", said(&twice)).unwrap();
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn whoever_was_erased_and_comes_back_begins_anew() {
    let mut story = lived().await;
    story.runs("Ana", "privacy erase", json!({})).await;
    story.stage.presses("Ana", "general", "Erase me for good").await.unwrap();
    story.runs("Ana", "win log", json!({"amount": "3k", "customer": "New"})).await;
    let list = story.hears("Ana", "win list", json!({})).await;
    assert!(list.contains("New") && !list.contains("Acme"), "{list}");
    let board = story.hears("Ana", "leaderboard", json!({})).await;
    assert!(board.to_lowercase().contains(NOBODY), "the earlier wins are nobody's now: {board}");
    story.ends().await;
}

#[tokio::test]
async fn thirty_days_after_the_bot_was_removed_nothing_of_the_guild_is_left() {
    let mut story = lived().await;
    let guild = story.stage.guild.id.clone();
    story.until(april(7, "08:00")).await;
    story.stage.control.leave(&guild).await.unwrap();
    waits_for(&story, "SELECT COUNT(*) FROM guild WHERE left_at IS NOT NULL").await;
    let (due,): (i64,) = sqlx::query_as("SELECT COUNT(next_due) FROM schedule")
        .fetch_one(story.stage.state.db.read())
        .await
        .unwrap();
    assert_eq!(due, 0, "nothing is due there any more");
    story.stage.passes(TimeDelta::days(30) - TimeDelta::minutes(1)).await.unwrap();
    assert!(rows(&story, &guild).await.iter().any(|(_, count)| *count > 0), "not before the time");
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    let left: Vec<_> = rows(&story, &guild).await.into_iter().filter(|(_, count)| *count > 0).collect();
    assert!(left.is_empty(), "{left:?}");
    story.ends().await;
}

/// The gateway's events come beside the story.
async fn waits_for(story: &Story, sql: &'static str) {
    let told = async {
        loop {
            let (count,): (i64,) = sqlx::query_as(sql).fetch_one(story.stage.state.db.read()).await.unwrap();
            if count > 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), told).await.expect("it was never so");
}

#[tokio::test]
async fn removed_while_it_was_down_and_brought_back_all_goes_on() {
    let mut story = lived().await;
    let state = story.stage.state.clone();
    let guild = story.stage.guild.id.parse::<i64>().unwrap();
    // A shard that the guild is not of says nothing about it.
    let total = 4;
    let own = u32::try_from((guild.cast_unsigned() >> 22) % u64::from(total)).unwrap();
    let left = async || {
        let sql = "SELECT COUNT(*) FROM guild WHERE left_at IS NOT NULL";
        sqlx::query_as::<_, (i64,)>(sql).fetch_one(state.db.read()).await.unwrap().0
    };
    // A guild that was just met may not be on the list yet.
    guilds_present(&state, &[], (own, total)).await.unwrap();
    assert_eq!(left().await, 0);
    story.until(april(6, "08:30")).await;
    guilds_present(&state, &[], ((own + 1) % total, total)).await.unwrap();
    assert_eq!(left().await, 0);
    guilds_present(&state, &[GuildId(guild)], (own, total)).await.unwrap();
    assert_eq!(left().await, 0);
    guilds_present(&state, &[], (own, total)).await.unwrap();
    assert_eq!(left().await, 1);
    guild_came(&state, GuildId(guild)).await.unwrap();
    assert_eq!(left().await, 0);
    // Whoever uses a command there shows that the bot is there.
    guilds_present(&state, &[], (own, total)).await.unwrap();
    assert_eq!(left().await, 1);
    story.runs("Ana", "win log", json!({"amount": "2k", "customer": "Back"})).await;
    waits_for(&story, "SELECT COUNT(*) FROM guild WHERE left_at IS NULL").await;
    story.until(april(10, "17:00")).await;
    assert!(!story.channel("recognition").await.is_empty(), "the week's posts come again");
    story.ends().await;
}
