//! Stories of `/me`: balance, streak, praise, absence, dates, inbox, messages, badges and profile.

use std::fmt::Write;

use chrono::TimeDelta;
use serde_json::json;

use crate::story::{MAYA, Story, april, said};

const REASON: &str = "You stayed late until the demo worked";

#[tokio::test]
async fn one_sees_what_ones_work_builds_and_says_how_one_wants_it() {
    let mut story = Story::begin_without_badges().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Ana", "me show", json!({})).await;
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": "Acme"})).await;
    for _ in 0..3 {
        story.runs("Ana", "activity log", json!({"metric": "calls", "count": "10"})).await;
    }
    story.runs("Ana", "me praise", json!({"how": "in private"})).await;
    story.runs("Ana", "me sharing", json!({"profile": true})).await;
    story.runs("Ana", "me dates", json!({"birthday": "29 february", "first_day": "2 september 2024"})).await;
    story.runs("Ana", "me away", json!({"from": "13 april", "until": "17 april"})).await;
    story.runs("Ana", "me away", json!({"from": "16 april", "until": "20 april"})).await;
    story.runs("Ana", "me show", json!({})).await;
    story.runs("Ana", "me back", json!({})).await;
    story.runs("Ana", "me dates", json!({"birthday": "none"})).await;
    story.runs("Ana", "me show", json!({})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn what_cannot_be_of_oneself_says_why() {
    let mut story = Story::begin().await;
    let mut told = String::new();
    for (command, options) in [
        ("me away", json!({"until": "yesterday"})),
        ("me away", json!({"from": "20 april", "until": "17 april 2026"})),
        ("me away", json!({"from": "2026-04-10", "until": "2028-04-10"})),
        ("me away", json!({"until": "soon"})),
        ("me dates", json!({"birthday": "31 february"})),
        ("me dates", json!({"birthday": "friday"})),
        ("me dates", json!({"birthday": "03/04"})),
        ("me dates", json!({"first_day": "2031-01-01"})),
    ] {
        writeln!(told, "/{command} {options}\n    {}", story.hears("Ana", command, options.clone()).await)
            .unwrap();
    }
    insta::assert_snapshot!(told);
    let (away,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM away").fetch_one(story.stage.state.db.read()).await.unwrap();
    assert_eq!(away, 0);
    story.ends().await;
}

#[tokio::test]
async fn badges_come_once_wait_in_the_inbox_and_stand_on_a_profile_that_others_see_only_if_it_is_shared() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": "Acme", "with": ben})).await;
    story.runs("Ana", "win log", json!({"amount": "9k", "customer": "Birch"})).await;
    story.runs("Ana", "kudos give", json!({"to": ben, "reason": REASON})).await;
    story.runs("Ana", "inbox", json!({})).await;
    story.runs("Ben", "inbox", json!({})).await;
    story.runs("Ben", "inbox", json!({})).await;
    story.runs("Ben", "profile", json!({"who": ana})).await;
    story.runs(MAYA, "profile", json!({"who": ana})).await;
    story.runs("Ana", "goal set", json!({"metric": "wins", "target": "30", "share": true})).await;
    story.runs("Ana", "goal set", json!({"metric": "wins", "target": "777"})).await;
    story.runs("Ana", "me sharing", json!({"profile": true})).await;
    let shared = story.hears("Ben", "profile", json!({"who": ana})).await;
    assert!(shared.contains("30 wins") && !shared.contains("777"), "{shared}");
    story.runs("Ana", "profile", json!({})).await;
    let stored = story.hears("Ana", "privacy show", json!({})).await;
    assert!(stored.contains("Badges: 2"), "{stored}");
    // A badge stays even if the win behind it is undone.
    story.runs("Ana", "win undo", json!({})).await;
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT badge, COUNT(*) FROM badge JOIN person ON person.id = badge.person_id WHERE name = 'Ana' GROUP BY badge ORDER BY badge",
    )
    .fetch_all(story.stage.state.db.read())
    .await
    .unwrap();
    assert_eq!(rows, [("first_bell".to_owned(), 1), ("kind_word".to_owned(), 1)]);
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn an_inbox_has_pages_that_are_always_ones_own() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    let empty = story.hears("Ben", "inbox", json!({})).await;
    assert!(empty.contains("You're all caught up"), "{empty}");
    for number in 1..=7 {
        let thanks = json!({"to": ben, "reason": format!("{REASON}, number {number}"), "private": true});
        story.runs("Ana", "kudos give", thanks).await;
    }
    let first = story.hears("Ben", "inbox", json!({})).await;
    assert!(first.contains("number 7") && !first.contains("number 2"), "{first}");
    assert_eq!(first.matches("🆕").count(), 3, "{first}");
    let older = story.stage.presses("Ben", "general", "Older").await.unwrap();
    assert!(said(&older).contains("number 4"), "{}", said(&older));
    for custom_id in ["inbox:page:0", "inbox:page:1", "inbox:page:-7", "inbox:page:99999999999"] {
        let guessed = story.presses_guessed("Cleo", custom_id).await;
        assert!(!said(&guessed).contains(REASON), "{custom_id}: {}", said(&guessed));
    }
    story.ends().await;
}

#[tokio::test]
async fn direct_messages_come_to_those_who_asked_and_can_be_ended() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    let control = story.stage.control.clone();
    let direct = control.direct_channel(&ben).await.unwrap();
    let thanks = json!({"to": ben, "reason": REASON, "private": true});
    story.runs("Ana", "kudos give", thanks.clone()).await;
    assert_eq!(control.messages(&direct, Some(&ben)).await.unwrap().len(), 0, "nobody asked");
    let mut told = story.hears("Ben", "me messages", json!({"direct": true})).await;
    story.runs("Ana", "kudos give", thanks.clone()).await;
    let messages = control.messages(&direct, Some(&ben)).await.unwrap();
    assert!(messages.len() == 2 && crate::story::text(&messages[1]).contains(REASON), "{messages:?}");
    write!(told, "\n{}", story.hears("Ben", "me messages", json!({"direct": false})).await).unwrap();
    story.runs("Ana", "kudos give", thanks).await;
    assert_eq!(control.messages(&direct, Some(&ben)).await.unwrap().len(), 2);
    control.close_direct(&ana, true).await.unwrap();
    write!(told, "\n{}", story.hears("Ana", "me messages", json!({"direct": true})).await).unwrap();
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn a_streak_is_repaired_after_one_missed_week_and_waits_while_one_is_away() {
    let mut story = Story::begin().await;
    let win = json!({"amount": "4k", "customer": "Acme"});
    story.runs("Ana", "win log", win.clone()).await;
    story.until(april(13, "10:00")).await;
    story.runs("Ana", "win log", win.clone()).await;
    // She misses the week of the 20th, and is away in that of the 27th.
    story.until(april(20, "10:00")).await;
    story.runs("Ana", "me away", json!({"from": "27 april", "until": "1 may"})).await;
    story.stage.until(april(6, "10:00") + TimeDelta::weeks(4)).await.unwrap();
    let hangs = story.hears("Ana", "me show", json!({})).await;
    assert!(
        hangs.contains("2 weeks, with one week missed. A win or a personal goal this week repairs it."),
        "{hangs}"
    );
    story.runs("Ana", "win log", win).await;
    let repaired = story.hears("Ana", "me show", json!({})).await;
    assert!(repaired.contains("3 weeks, with one missed week repaired."), "{repaired}");
    story.ends().await;
}

#[tokio::test]
async fn what_is_taken_back_is_no_longer_told_directly_and_told_again_once_it_is_so_again() {
    let mut story = Story::begin().await;
    let (ben, control) = (story.stage.user("Ben"), story.stage.control.clone());
    let direct = control.direct_channel(&ben).await.unwrap();
    let told = async || {
        let messages = control.messages(&direct, Some(&ben)).await.unwrap();
        messages.iter().map(crate::story::text).collect::<Vec<_>>()
    };
    story.runs("Ben", "me messages", json!({"direct": true})).await;
    let welcome = told().await.len();

    // If it hasn't been sent yet, it isn't.
    let place = story.stage.place("Ana", "general");
    let thanks = json!({"to": ben, "reason": REASON, "private": true});
    control.command(&place, "kudos give", thanks.clone()).await.unwrap();
    control.command(&place, "kudos undo", json!({})).await.unwrap();
    story.stage.settle().await.unwrap();
    assert_eq!(told().await.len(), welcome);

    // After sending, the message is edited.
    story.runs("Ana", "kudos give", thanks).await;
    assert!(told().await[welcome].contains(REASON));
    story.runs("Ana", "kudos undo", json!({})).await;
    let now = told().await;
    assert!(now.len() == welcome + 1 && now[welcome].contains("undone"), "{now:?}");

    // A goal reached again is announced again.
    story.runs("Ben", "goal set", json!({"metric": "wins", "target": "1"})).await;
    for times in 1..=3 {
        story.runs("Ben", "win log", json!({"amount": "2k", "customer": "Acme"})).await;
        let reached = told().await.iter().filter(|it| it.contains("hit your goal")).count();
        assert_eq!(reached, 1, "time {times}: {:?}", told().await);
        story.runs("Ben", "win undo", json!({})).await;
    }
    assert_eq!(told().await.iter().filter(|it| it.contains("undone")).count(), 4, "{:?}", told().await);
    story.ends().await;
}
