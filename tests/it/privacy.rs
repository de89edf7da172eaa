//! Stories of personal data, and its erasure.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use bellringer::feature::{tables, traces};
use bellringer::features::FEATURES;
use bellringer::features::TABLES;
use bellringer::features::privacy::{self, guild_came, guilds_present};
use bellringer::kernel::ids::GuildId;
use bellringer::people::NOBODY;
use bellringer::sandbox::client::{Fault, Mishap, Person};
use bellringer::store::db::Db;
use bellringer::store::state::State;
use bellringer::store::sweep::Going;
use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Column, Connection, Row};

use crate::database::Database;
use crate::story::{MAYA, Story, april, said, spoken};
use crate::weekly::jump;

/// Every text in the database, with its location.
async fn texts(story: &Story) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for table in TABLES.iter() {
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

/// How many rows of each table belong to a guild.
async fn rows(story: &Story, guild: &str) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for table in tables(FEATURES) {
        let sql =
            sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {} WHERE {}", table.name, table.of_guild()));
        let guild: i64 = guild.parse().unwrap();
        let (count,): (i64,) =
            sqlx::query_as(sql).bind(guild).fetch_one(story.stage.state.db.read()).await.unwrap();
        counts.push((table.name, count));
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

/// A story in which Ana has left every kind of trace.
async fn lived() -> Story {
    let mut story = Story::begin_without_badges().await;
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
    let thanks = json!({"to": ana, "reason": "You stayed late until the demo worked", "private": true});
    story.runs("Ben", "kudos give", thanks).await;
    story
}

#[tokio::test]
async fn every_column_that_refers_to_a_person_is_among_the_traces() {
    let story = Story::before_setup("UTC", april(6, "08:00")).await;
    if !story.stage.database().starts_with("sqlite") {
        return story.ends().await;
    }
    for table in TABLES.iter().copied() {
        let sql = r#"SELECT "table", "from" FROM pragma_foreign_key_list($1)"#;
        let keys: Vec<(String, String)> =
            sqlx::query_as(sql).bind(table).fetch_all(story.stage.state.db.read()).await.unwrap();
        for (_, column) in keys.into_iter().filter(|(to, _)| to == "person") {
            let traced =
                traces(FEATURES).iter().any(|(of, trace)| of.name == table && trace.rows.contains(&column));
            assert!(traced, "{table}.{column} refers to a person and is no trace");
        }
    }
    story.ends().await;
}

#[tokio::test]
async fn what_refers_to_a_row_is_found_by_an_index_once_the_row_goes_and_goes_before_it() {
    let story = Story::before_setup("UTC", april(6, "08:00")).await;
    if !story.stage.database().starts_with("sqlite") {
        return story.ends().await;
    }
    for table in tables(FEATURES) {
        let keys = r#"SELECT key."table", key."from", (SELECT COUNT(*) FROM pragma_index_list($1) AS list
                          JOIN pragma_index_info(list.name) AS part WHERE part.seqno = 0 AND part.name = key."from")
                      FROM pragma_foreign_key_list($1) AS key"#;
        let keys: Vec<(String, String, i64)> =
            sqlx::query_as(keys).bind(table.name).fetch_all(story.stage.state.db.read()).await.unwrap();
        for (to, column, indexes) in &keys {
            assert!(*indexes > 0, "no index of {} begins with {column}, which refers to {to}", table.name);
        }
        let own = keys.iter().find(|(to, ..)| to == table.name).map(|(_, column, _)| column.as_str());
        assert_eq!(table.earlier, own, "{} refers to itself", table.name);
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
    for table in ["person", "entry", "total", "win", "win_share", "goal", "expectation", "team_member"] {
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

/// A story whose server was left thirty days ago according to the guild list; nothing is erased yet.
async fn left_long_ago() -> Story {
    let mut story = lived().await;
    story.until(april(6, "08:30")).await;
    guilds_present(&story.stage.state, &[], (0, 1)).await.unwrap();
    jump(&story, story.stage.clock.now() + TimeDelta::days(30)).await;
    story
}

/// Erases a batch, with a fresh process state each time. False if there is nothing to erase.
async fn erases_more(story: &Story) -> bool {
    let of_now = &story.stage.state;
    let state = State::new(of_now.db.clone(), of_now.clock.clone());
    (privacy::FEATURE.duties[0].step)(&state).await.unwrap()
}

async fn count_all(story: &Story, guild: &str) -> i64 {
    rows(story, guild).await.into_iter().map(|(_, count)| count).sum()
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_goes_on_and_nothing_of_another_server_goes() {
    let story = left_long_ago().await;
    let guild = story.stage.guild.id.clone();
    // Another server has equal values in every column except its own ids.
    let mut tx = story.stage.state.db.write().await.unwrap();
    for sql in [
        "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (7, 'UTC', 'USD', 0, 0)",
        "INSERT INTO person (id, guild_id, name, created_at) VALUES (71, 7, 'Ana', 0)",
        "INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
         VALUES (72, 7, 'wins', 'wins', 'count', 'forecast', 1, 0)",
        "INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
         VALUES (73, 7, 72, 71, 100, 3, 'win', 75, 0)",
        "INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
         VALUES (7, 72, 'day', 3, 71, 100), (7, 72, 'month', 0, 71, 100)",
        "INSERT INTO win (id, guild_id, person_id, day, logged_at) VALUES (75, 7, 71, 3, 0)",
        "INSERT INTO win_share (win_id, person_id, percent) VALUES (75, 71, 100)",
    ] {
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let theirs = count_all(&story, "7").await;
    let mut before = count_all(&story, &guild).await;
    assert!(erases_more(&story).await);
    assert_eq!(count_all(&story, &guild).await, before, "first it is no longer known");
    while erases_more(&story).await {
        let now = count_all(&story, &guild).await;
        assert!(now < before, "{now} of {before} rows are left");
        before = now;
    }
    assert_eq!((before, count_all(&story, "7").await), (0, theirs));
    story.ends().await;
}

#[tokio::test]
async fn a_server_that_returns_while_it_is_erased_is_told_so_and_met_as_new() {
    let mut story = left_long_ago().await;
    let (guild, state) = (story.stage.guild.id.clone(), story.stage.state.clone());
    assert!(!state.counted_on.lock().unwrap().is_empty(), "its metrics are in memory");
    assert!(erases_more(&story).await && erases_more(&story).await);
    let left = count_all(&story, &guild).await;
    guild_came(&state, GuildId(guild.parse().unwrap())).await.unwrap();
    let place = story.stage.place("Ana", "general");
    let refused = story.stage.control.command(&place, "win list", json!({})).await.unwrap();
    assert!(said(&refused).contains("still erasing"), "{}", said(&refused));
    assert_eq!(count_all(&story, &guild).await, left, "nobody is met, and nothing is back");
    story.stage.settle().await.unwrap();
    assert_eq!(count_all(&story, &guild).await, 0);
    let list = story.hears("Ana", "win list", json!({})).await;
    assert!(!list.contains("Acme") && !list.contains("still erasing"), "{list}");
    // On its new metrics: those that were in memory are gone.
    let logged = story.hears("Ana", "win log", json!({"amount": "5k"})).await;
    assert!(logged.contains("Logged"), "{logged}");
    let met = "SELECT COUNT(*) FROM guild WHERE left_at IS NULL AND erasing_at IS NULL AND set_up_at IS NULL";
    waits_for(&story, met).await;
    story.ends().await;
}

#[tokio::test]
async fn whoever_writes_has_their_turn_between_the_pieces_of_what_goes() {
    let story = Story::begin().await;
    let (state, guild) = (story.stage.state.clone(), story.stage.guild_id());
    let writes = async |sql: String| {
        let mut tx = state.db.write().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    };
    let days: Vec<String> = (1..=3000).map(|day| format!("({}, 5, {day}, 1)", guild.0)).collect();
    let days = days.join(", ");
    writes(format!("INSERT INTO channel_day (guild_id, channel_id, day, messages) VALUES {days}")).await;
    let table = tables(FEATURES).into_iter().find(|it| it.name == "channel_day").unwrap();
    let going = Going::of_guild(table, guild);
    let mut sweep = Box::pin(going.sweep(&state.db));
    let mut turns = 0;
    let found = loop {
        tokio::select! {
            found = &mut sweep => break found.unwrap(),
            () = writes("UPDATE guild SET zone = zone".to_owned()) => turns += 1,
        }
    };
    assert!(found >= 3000 && turns >= 4, "{found} rows went, and somebody wrote {turns} times meanwhile");
    assert_eq!(going.sweep(&state.db).await.unwrap(), 0, "all are gone");
    story.ends().await;
}

/// The gateway's events arrive concurrently with the story.
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
    // A shard that the guild doesn't belong to says nothing about it.
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
    // Using a command there proves that the bot is there.
    guilds_present(&state, &[], (own, total)).await.unwrap();
    assert_eq!(left().await, 1);
    story.runs("Ana", "win log", json!({"amount": "2k", "customer": "Back"})).await;
    waits_for(&story, "SELECT COUNT(*) FROM guild WHERE left_at IS NULL").await;
    story.until(april(10, "17:00")).await;
    assert!(!story.channel("recognition").await.is_empty(), "the week's posts come again");
    story.ends().await;
}

/// Difficult names: contained in each other, in the bot's own words, in SQL or markdown; and two equal ones.
const CALLED: [&str; 10] = ["e", "%", "_", "Ben", "Benno", "1", "Sam", "Sam", "wins", "[Ben](person:1)"];

fn key(index: usize) -> String {
    format!("P{index}")
}

/// A story of people with these names, in which nothing is sent: each has a win, and has thanked the next one
/// in public and the one after that in private. Maya has asked for direct messages, and gets none either.
async fn lived_by_oddly_called() -> Story {
    let mut story = Story::begin().await;
    let guild = story.stage.guild.clone();
    story.runs(MAYA, "noise set", json!({"small": "1k"})).await;
    story.runs(MAYA, "me messages", json!({"direct": true})).await;
    let maya = story.stage.user(MAYA);
    story.stage.control.close_direct(&maya, true).await.unwrap();
    let denied = json!([{"id": guild.bot_role_id, "type": 0, "allow": "0", "deny": "18432"}]);
    for channel in ["wins", "recognition"] {
        story.stage.control.overwrites(&story.stage.channel(channel), denied.clone()).await.unwrap();
    }
    for (index, called) in CALLED.iter().enumerate() {
        story.stage.joins(&key(index), false).await.unwrap();
        let user = story.stage.user(&key(index));
        story.stage.control.change_person(&guild.id, &user, json!({"nick": called})).await.unwrap();
    }
    // Nobody thanks the other person called e: the digest says so, only to Maya.
    story.stage.joins("Quiet", false).await.unwrap();
    let user = story.stage.user("Quiet");
    story.stage.control.change_person(&guild.id, &user, json!({"nick": "e"})).await.unwrap();
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Quiet", "activity log", json!({"metric": "calls", "count": "7"})).await;
    story.runs("Quiet", "me praise", json!({"how": "not at all"})).await;
    for index in 0..CALLED.len() {
        let amount = if index % 2 == 0 { "400" } else { "5k" };
        let win = json!({"amount": amount, "customer": format!("Firm{index:02}")});
        story.runs(&key(index), "win log", win).await;
        for (ahead, how) in [(1, "Openly"), (2, "Privately")] {
            let to = story.stage.user(&key((index + ahead) % CALLED.len()));
            let reason = format!("{how}{index:02} for the help with the offer");
            let thanks = json!({"to": to, "reason": reason, "private": ahead == 2});
            story.runs(&key(index), "kudos give", thanks).await;
        }
    }
    story.until(april(13, "09:00")).await;
    story.writes_out().await;
    story
}

/// One's export, each table's rows as one text.
async fn exported(story: &mut Story, who: &str) -> Vec<(String, String)> {
    let file = story.runs(who, "privacy export", json!({})).await;
    assert!(file.ephemeral);
    let url = file.message.unwrap()["attachments"][0]["url"].as_str().unwrap().to_owned();
    let text = spoken().read(&reqwest::get(url).await.unwrap().text().await.unwrap());
    let parts: Value = serde_json::from_str(&text).unwrap();
    let part = |part: &Value| (part["table"].as_str().unwrap().to_owned(), part["rows"].to_string());
    parts.as_array().unwrap().iter().map(part).collect()
}

#[tokio::test]
async fn what_one_exports_is_ones_own_whatever_people_are_called() {
    let mut story = lived_by_oddly_called().await;
    let count = CALLED.len();
    for (index, called) in CALLED.iter().enumerate() {
        let parts = exported(&mut story, &key(index)).await;
        let holds = |tables: &[&str], what: &str| {
            parts.iter().any(|(table, rows)| tables.contains(&table.as_str()) && rows.contains(what))
        };
        for (other, theirs) in CALLED.iter().enumerate() {
            let (next, after) = ((other + 1) % count, (other + 2) % count);
            let who = format!("{called} exports what is {theirs}'s: {parts:?}");
            let told = if other % 2 == 0 { "folded" } else { "post" };
            assert_eq!(holds(&[told], &format!("Firm{other:02}")), index == other, "{who}");
            let openly = holds(&["post"], &format!("Openly{other:02}"));
            assert_eq!(openly, index == other || index == next, "{who}");
            let privately = format!("Privately{other:02}");
            assert!(!holds(&["post", "folded"], &privately), "{who}");
            assert_eq!(holds(&["inbox"], &privately), index == after, "{who}");
            assert_eq!(holds(&["kudos"], &privately), index == other || index == after, "{who}");
        }
        assert!(!holds(&["post", "folded", "inbox"], "Your week as a manager"), "{parts:?}");
    }
    let quiet = exported(&mut story, "Quiet").await;
    assert!(!quiet.iter().any(|(_, rows)| rows.contains("Your week as a manager")), "{quiet:?}");
    let own = exported(&mut story, MAYA).await;
    for table in ["inbox", "post"] {
        let has = |part: &(String, String)| part.0 == table && part.1.contains("Your week as a manager");
        assert!(own.iter().any(has), "the digest is hers: {own:?}");
    }
    assert!(!own.iter().any(|(_, rows)| rows.contains("Firm01") || rows.contains("Openly")), "{own:?}");
    story.ends().await;
}

#[tokio::test]
async fn whoever_is_erased_goes_out_of_every_text_and_nobody_else_does() {
    let mut story = lived_by_oddly_called().await;
    let state = story.stage.state.clone();
    let kept = async || {
        let mut kept = Vec::new();
        for sql in [
            "SELECT id, subject FROM post",
            "SELECT id, subject FROM inbox",
            "SELECT id, subject FROM folded",
        ] {
            let rows: Vec<(i64, String)> = sqlx::query_as(sql).fetch_all(state.db.read()).await.unwrap();
            kept.extend(rows.into_iter().map(|(id, text)| ((sql, id), text)));
        }
        kept.into_iter().collect::<std::collections::BTreeMap<_, _>>()
    };
    for index in [1, 5, 6, 8, 9] {
        let user: i64 = story.stage.user(&key(index)).parse().unwrap();
        let (id,): (i64,) = sqlx::query_as("SELECT id FROM person WHERE user_id = $1")
            .bind(user)
            .fetch_one(state.db.read())
            .await
            .unwrap();
        let (link, before) = (format!("](person:{id})"), kept().await);
        story.runs(&key(index), "privacy erase", json!({})).await;
        story.stage.presses(&key(index), "general", "Erase me for good").await.unwrap();
        let (after, mut changed) = (kept().await, 0);
        for (row, text) in &after {
            assert!(!text.contains(&link), "{} is still named: {text}", CALLED[index]);
            let earlier = &before[row];
            if earlier.contains(&link) {
                changed += 1;
                assert!(text.contains(NOBODY), "{text}");
            } else {
                assert_eq!(text, earlier, "it doesn't name {}", CALLED[index]);
            }
        }
        assert!(changed > 3, "{} was named in {changed} texts", CALLED[index]);
    }
    let texts = kept().await;
    assert!(texts.values().any(|text| text.contains("[Sam](person:")), "the other Sam is still there");
    story.ends().await;
}

#[tokio::test]
async fn what_was_written_before_names_were_kept_by_id_is_nobodys_and_is_rewritten_by_name() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "noise set", json!({"small": "1k"})).await;
    story.runs("Ana", "win log", json!({"amount": "400", "customer": "Acme"})).await;
    let state = story.stage.state.clone();
    let mut tx = state.db.write().await.unwrap();
    let older = "UPDATE folded SET names_by_id = 0, subject = '{\"kind\":\"said\",\"line\":\"🔔 **Ana** · Anabel · $400\"}'";
    sqlx::query(older).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let parts = exported(&mut story, "Ana").await;
    assert!(!parts.iter().any(|(table, _)| table == "folded"), "{parts:?}");
    story.runs("Ana", "privacy erase", json!({})).await;
    story.stage.presses("Ana", "general", "Erase me for good").await.unwrap();
    let (kept,): (String,) =
        sqlx::query_as("SELECT subject FROM folded").fetch_one(state.db.read()).await.unwrap();
    assert_eq!(story.composes(&kept).await.line, format!("🔔 **{NOBODY}** · Anabel · $400"));
    story.ends().await;
}

#[tokio::test]
async fn nobody_who_is_in_the_server_is_erased_by_a_manager_by_command_or_by_an_old_button() {
    let mut story = lived().await;
    let (guild, ana, ben) = (story.stage.guild.id.clone(), story.stage.user("Ana"), story.stage.user("Ben"));
    let there = async |story: &Story| {
        sqlx::query_as::<_, (i64,)>("SELECT COUNT(*) FROM person WHERE erased_at IS NULL")
            .fetch_one(story.stage.state.db.read())
            .await
            .unwrap()
            .0
    };
    let everyone = there(&story).await;
    let refused = story.hears(MAYA, "privacy erase", json!({"who": ben})).await;
    assert!(refused.contains("still in this server"), "{refused}");
    // Ana leaves, Maya runs the command, and Ana returns before she confirms.
    story.stage.control.remove_person(&guild, &ana).await.unwrap();
    let asked = story.hears(MAYA, "privacy erase", json!({"who": ana})).await;
    assert!(asked.contains("Erase data about Ana in this server?"), "{asked}");
    let back = Person { user: Some(ana.clone()), ..Person::default() };
    story.stage.control.person(&guild, &back).await.unwrap();
    let pressed = story.stage.presses(MAYA, "general", "Erase them for good").await.unwrap();
    assert!(said(&pressed).contains("still in this server"), "{}", said(&pressed));
    // A forged press with a person in it, and one by another manager.
    story.stage.joins("Mona", true).await.unwrap();
    let (id,): (i64,) = sqlx::query_as("SELECT id FROM person WHERE name = 'Ben'")
        .fetch_one(story.stage.state.db.read())
        .await
        .unwrap();
    for who in [MAYA, "Mona"] {
        let pressed = story.presses_guessed(who, &format!("privacy:erase:{id}")).await;
        assert!(said(&pressed).contains("still in this server"), "{}", said(&pressed));
    }
    // Once she has left again, only Discord's answer counts.
    story.stage.control.remove_person(&guild, &ana).await.unwrap();
    story.stage.control.fault(&Fault::once("GET /guilds/{id}/members/{id}", Mishap::Internal)).await.unwrap();
    let pressed = story.stage.presses(MAYA, "general", "Erase them for good").await.unwrap();
    assert!(said(&pressed).contains("Try again"), "{}", said(&pressed));
    assert_eq!(there(&story).await, everyone + 1, "nobody was erased, and Mona came");
    story.stage.presses(MAYA, "general", "Erase them for good").await.unwrap();
    assert_eq!(there(&story).await, everyone);
    story.ends().await;
}

#[tokio::test]
async fn a_database_from_before_knows_whose_its_direct_messages_were_and_that_its_texts_say_no_ids() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh().await);
    let file = || format!("sqlite://{}?mode=rwc", folder.path().join("old.db").display());
    let url = database.as_ref().map_or_else(file, Database::url);
    sqlx::any::install_default_drivers();
    let mut old = AnyConnection::connect(&url).await.unwrap();
    let all = Migrator::new(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))).await.unwrap();
    let earlier = all.iter().filter(|it| it.version < 6).cloned().collect();
    Migrator::with_migrations(earlier).run(&mut old).await.unwrap();
    let rows = "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (1, 'UTC', 'USD', 0, 0);
        INSERT INTO person (id, guild_id, user_id, name, created_at) VALUES (17, 1, 5, 'Ana', 0), (177, 1, 6, 'Ben', 0);
        INSERT INTO post (id, guild_id, channel_id, post_key, body, state, not_before, created_at) VALUES
            (1, 1, 9, 'inbox:17:badge:x', '{}', 'sent', 0, 0), (2, 1, 9, 'inbox:177:y', '{\"body\":\"Ana\"}', 'failed', 0, 0),
            (3, 1, 9, 'win:x', '{\"body\":\"Ana won\"}', 'failed', 0, 0);
        INSERT INTO folded (id, guild_id, channel_id, day, line_key, line) VALUES (1, 1, 9, 1, 'k', 'Ana \\*says\\* \"so\"');
        INSERT INTO moment (id, guild_id, person_id, moment_key, kind, strength, reason, day, created_at)
            VALUES (1, 1, 17, 'nominated:1', 'nominated', 95, '\n> \"Ana\" \\*stayed\\*', 1, 0)";
    sqlx::raw_sql(rows).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    let db = Db::open(&url).await.unwrap();
    let posts: Vec<(i64, Option<i64>, i64)> =
        sqlx::query_as("SELECT id, person_id, names_by_id FROM post ORDER BY id")
            .fetch_all(db.read())
            .await
            .unwrap();
    assert_eq!(posts, [(1, Some(17), 0), (2, Some(177), 0), (3, None, 0)]);
    let lines: Vec<(i64,)> =
        sqlx::query_as("SELECT names_by_id FROM folded").fetch_all(db.read()).await.unwrap();
    assert_eq!(lines, [(0,)]);
    // Text that was stored is shown unchanged.
    let kept = async |sql: &'static str| -> Vec<Value> {
        let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(db.read()).await.unwrap();
        rows.into_iter().map(|(text,)| serde_json::from_str(&text).unwrap()).collect()
    };
    let said = |body: &str| json!({"kind": "said", "post": {"body": body}});
    let posts = kept("SELECT subject FROM post ORDER BY id").await;
    assert_eq!(posts, [json!({"kind": "said"}), said("Ana"), said("Ana won")]);
    let line = json!({"kind": "said", "line": "Ana \\*says\\* \"so\""});
    assert_eq!(kept("SELECT subject FROM folded").await, [line]);
    let reason = json!({"said": "\n> \"Ana\" \\*stayed\\*"});
    assert_eq!(kept("SELECT reason FROM moment").await, [reason]);
    db.close().await;
    if let Some(database) = database {
        database.drop().await;
    }
}

#[tokio::test]
async fn what_does_not_read_back_holds_up_nobody_who_looks_exports_or_is_erased() {
    let mut story = lived().await;
    story.stage.worker.drain().await.unwrap();
    let mut tx = story.stage.state.db.write().await.unwrap();
    for sql in [
        "UPDATE post SET subject = 'scribble of Ana', state = 'failed' WHERE person_id IS NULL",
        "UPDATE inbox SET subject = 'scribble of Ana'",
    ] {
        let changed = sqlx::query(sql).execute(&mut *tx).await.unwrap();
        assert!(changed.rows_affected() > 0, "{sql}");
    }
    tx.commit().await.unwrap();
    for (who, command) in
        [("Ana", "inbox"), ("Ben", "inbox"), ("Ana", "privacy show"), ("Ana", "privacy export")]
    {
        let told = story.hears(who, command, json!({})).await;
        assert!(!told.contains("went wrong"), "{command}: {told}");
    }
    story.runs("Ana", "privacy erase", json!({})).await;
    story.stage.presses("Ana", "general", "Erase me for good").await.unwrap();
    let left: Vec<_> = texts(&story).await.into_iter().filter(|(_, text)| text.contains("Ana")).collect();
    assert!(left.is_empty(), "{left:?}");
    story.ends().await;
}
