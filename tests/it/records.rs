//! Stories of records: announced in the bell that breaks one, and listed in private.

use chrono::TimeDelta;
use serde_json::json;

use crate::story::{MAYA, Story};

/// Logs a win of each amount, a day apart.
async fn wins(story: &mut Story, name: &'static str, amounts: &[&str]) {
    for amount in amounts {
        story.runs(name, "win log", json!({"amount": amount, "customer": "Acme"})).await;
        story.stage.passes(TimeDelta::days(1)).await.unwrap();
    }
}

/// The record lines of the bells, in order.
async fn told(story: &Story) -> Vec<String> {
    let bells = story.channel("wins").await;
    let lines = bells.iter().flat_map(|it| it.lines()).filter(|line| line.contains('🏆'));
    lines.map(|line| line.trim_start_matches("| ").to_owned()).collect()
}

#[tokio::test]
async fn a_bell_says_that_its_win_broke_a_record_and_no_other_bell_does() {
    let mut story = Story::begin().await;
    wins(&mut story, "Ana", &["4k", "3k", "2k", "3k", "1k"]).await;
    assert!(told(&story).await.is_empty(), "{:?}", told(&story).await);
    wins(&mut story, "Ana", &["9k", "5k"]).await;
    assert_eq!(told(&story).await, ["🏆 Ana's biggest win yet"]);
    // Once undone, it is no longer a record; an existing bell keeps what was true when it was posted.
    story.runs("Ana", "win log", json!({"amount": "12k"})).await;
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(told(&story).await.len(), 2);
    story.runs("Ana", "win undo", json!({})).await;
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(told(&story).await, ["🏆 Ana's biggest win yet"]);
    story.ends().await;
}

#[tokio::test]
async fn whoever_wants_no_praise_in_public_breaks_records_in_silence() {
    let mut story = Story::begin().await;
    story.runs("Ben", "me praise", json!({"how": "in private"})).await;
    wins(&mut story, "Ben", &["1k", "1k", "1k", "1k", "1k", "9k"]).await;
    assert!(told(&story).await.is_empty(), "{:?}", told(&story).await);
    let own = story.hears("Ben", "records", json!({})).await;
    assert!(own.contains("Biggest win: **$9,000**"), "{own}");
    let others = story.hears("Ana", "records", json!({})).await;
    assert!(others.contains("Biggest win: **$9,000**, ") && !others.contains("Ben"), "{others}");
    story.ends().await;
}

#[tokio::test]
async fn records_are_listed_for_oneself_for_ones_teams_and_of_all_time() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs(MAYA, "team create", json!({"name": "North"})).await;
    for who in [&ana, &ben] {
        story.runs(MAYA, "team add", json!({"team": "North", "who": who})).await;
    }
    let none = story.runs("Ana", "records", json!({})).await;
    assert!(none.ephemeral);
    wins(&mut story, "Ana", &["4k", "3k"]).await;
    story.runs("Ben", "win log", json!({"amount": "6k", "with": ana})).await;
    wins(&mut story, "Cleo", &["10k"]).await;
    let shown = story.runs("Ana", "records", json!({})).await;
    assert!(shown.ephemeral);
    story.runs("Ana", "profile", json!({})).await;
    insta::assert_snapshot!(crate::story::said(&shown));
    story.ends().await;
}

#[tokio::test]
async fn where_no_amount_is_named_wins_are_counted() {
    let mut story = Story::begin().await;
    for _ in 0..3 {
        story.runs("Ana", "win log", json!({"customer": "Acme"})).await;
    }
    let shown = story.hears("Ana", "records", json!({})).await;
    assert!(shown.contains("Best day: **3 wins**") && !shown.contains("Biggest win"), "{shown}");
    story.ends().await;
}
