//! Stories of the noise budget.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april};

/// The messages of #wins, as (text, whether it arrived silently).
async fn heard(story: &Story) -> Vec<(String, bool)> {
    let messages = story.stage.control.messages(&story.stage.channel("wins"), None).await.unwrap();
    let silent = |message: &Value| message["flags"].as_u64().unwrap_or(0) & (1 << 12) != 0;
    messages.iter().map(|message| (crate::story::text(message), silent(message))).collect()
}

async fn wins(story: &mut Story, name: &str, amount: &str, customer: &str) -> String {
    story.hears(name, "win log", json!({"amount": amount, "customer": customer})).await
}

#[tokio::test]
async fn small_wins_share_the_days_message_medium_ones_are_silent_and_large_ones_notify() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "noise set", json!({"small": "1k", "large": "10k"})).await;
    wins(&mut story, "Ana", "400", "Acme").await;
    wins(&mut story, "Ben", "5k", "Birch").await;
    wins(&mut story, "Cleo", "25k", "Cedar").await;
    wins(&mut story, "Ben", "900", "Dorn").await;
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    let heard = heard(&story).await;
    let [(day, true), (medium, true), (large, false)] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(day.contains("Acme") && day.contains("Dorn"), "both small ones stand in one message: {day}");
    assert!(medium.contains("Birch") && large.contains("Cedar"), "{heard:?}");
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_small_win_taken_back_is_struck_out_of_the_days_message() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "noise set", json!({"small": "1k"})).await;
    wins(&mut story, "Ana", "400", "Acme").await;
    wins(&mut story, "Ben", "300", "Birch").await;
    story.runs("Ana", "win undo", json!({})).await;
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    let heard = heard(&story).await;
    assert_eq!(heard.len(), 1);
    let day = &heard[0].0;
    assert!(day.contains("~~Ana · Acme · $400~~ undone by Ana") && day.contains("**Ben** · Birch"), "{day}");
    story.ends().await;
}

#[tokio::test]
async fn what_a_channel_has_no_room_for_is_folded_and_a_new_day_begins_anew() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "noise set", json!({"most": 2})).await;
    for customer in ["One", "Two", "Three", "Four"] {
        wins(&mut story, "Ana", "5k", customer).await;
    }
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    let told = heard(&story).await;
    assert_eq!(told.len(), 3, "two of their own, and the day's: {told:?}");
    assert!(told[2].0.contains("Three") && told[2].0.contains("Four"), "{told:?}");
    story.until(april(7, "00:01")).await;
    wins(&mut story, "Ana", "5k", "Five").await;
    let told = heard(&story).await;
    assert!(told.len() == 4 && told[3].0.contains("Five") && !told[3].1, "{told:?}");
    story.ends().await;
}

#[tokio::test]
async fn once_there_are_many_the_guilds_own_history_says_what_is_small_and_what_is_large() {
    let mut story = Story::begin().await;
    for number in 1..=60 {
        wins(&mut story, "Ana", &format!("{number}k"), "Acme").await;
    }
    story.until(april(7, "09:00")).await;
    for (amount, customer) in [("2k", "Small"), ("30k", "Middle"), ("70k", "Large")] {
        wins(&mut story, "Ben", amount, customer).await;
    }
    let heard = heard(&story).await;
    let of = |customer: &str| heard.iter().find(|(text, _)| text.contains(customer)).unwrap();
    assert!(of("Small").0.contains("Daily summary"), "{heard:?}");
    assert!(of("Middle").1 && !of("Large").1, "{heard:?}");
    story.ends().await;
}

#[tokio::test]
async fn a_budget_that_cannot_be_says_why_and_is_not_set() {
    let mut story = Story::begin().await;
    for options in [
        json!({"small": "10k", "large": "1k"}),
        json!({"small": "lots"}),
        json!({"most": 0}),
        json!({"most": 1001}),
        json!({}),
    ] {
        story.runs(MAYA, "noise set", options).await;
    }
    story.runs("Ana", "noise set", json!({"most": 5})).await;
    story.runs("Ana", "noise show", json!({})).await;
    story.runs(MAYA, "noise set", json!({"small": "1k", "large": "10k"})).await;
    story.runs(MAYA, "noise set", json!({"small": "auto"})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn what_found_no_room_takes_none_and_what_was_taken_back_is_no_size() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "noise set", json!({"most": 1})).await;
    for customer in ["One", "Two", "Three", "Four"] {
        wins(&mut story, "Ana", "5k", customer).await;
    }
    // Three didn't fit; with room for two more, two more get their own message.
    story.runs(MAYA, "noise set", json!({"most": 3})).await;
    for customer in ["Five", "Six", "Seven"] {
        wins(&mut story, "Ana", "5k", customer).await;
    }
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    let told = heard(&story).await;
    assert_eq!(told.len(), 4, "three of their own, and the day's: {told:?}");
    assert!(
        told.iter()
            .filter(|(text, _)| !text.contains("Daily summary"))
            .all(|(text, _)| !text.contains("Seven"))
    );

    wins(&mut story, "Ben", "2k", "Acme").await;
    for _ in 0..2 {
        wins(&mut story, "Ben", "50k", "Birch").await;
        story.runs("Ben", "win undo", json!({})).await;
    }
    let place = story.hears("Ben", "leaderboard", json!({})).await;
    assert!(place.contains("typical deals ($2,000 each)"), "{place}");
    story.ends().await;
}
