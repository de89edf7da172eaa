//! Stories of expectations: public, confirmed by button; only the manager sees who hasn't confirmed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, instant, said};
use crate::weekly::jump;

fn calls() -> Value {
    json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."})
}

fn with(mut options: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        options[key] = value.clone();
    }
    options
}

#[tokio::test]
async fn mondays_post_carries_a_button_and_the_manager_alone_sees_who_has_not_pressed_it() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs(MAYA, "team create", json!({"name": "Harbour"})).await;
    for who in [&ana, &ben] {
        story.runs(MAYA, "team add", json!({"team": "Harbour", "who": who})).await;
    }
    story.runs(MAYA, "expect set", calls()).await;
    let review = json!({"what": "Pipeline review", "by": "wednesday at 4pm", "team": "Harbour"});
    story.runs(MAYA, "expect set", with(calls(), &review)).await;
    let once = json!({"what": "Hand over Acme", "by": "9 april 12:00", "who": ana, "repeat": "once"});
    story.runs(MAYA, "expect set", with(calls(), &once)).await;
    story.runs("Cleo", "expect list", json!({})).await;
    story.until(april(6, "09:00")).await;
    story.runs(MAYA, "expect list", json!({})).await;
    for name in ["Ana", "Cleo", "Ana"] {
        let outcome = story.stage.presses(name, "expectations", "I've got it").await.unwrap();
        assert!(outcome.ephemeral, "who has pressed is nobody else's business");
    }
    story.runs(MAYA, "expect list", json!({})).await;
    story.stage.presses("Ben", "expectations", "I've got it").await.unwrap();
    story.runs(MAYA, "expect list", json!({})).await;
    insta::assert_snapshot!(story.told());
    assert_eq!(story.channel("expectations").await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn a_new_week_is_acknowledged_anew_and_what_was_due_once_is_gone() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "expect set", calls()).await;
    let once = json!({"what": "Hand over Acme", "by": "9 april 12:00", "repeat": "once"});
    story.runs(MAYA, "expect set", with(calls(), &once)).await;
    story.runs("Ana", "expect list", json!({})).await;
    story.until(april(6, "09:00")).await;
    story.stage.presses("Ana", "expectations", "I've got it").await.unwrap();
    assert!(story.hears(MAYA, "expect list", json!({})).await.contains("Everyone has confirmed"));
    story.until(april(13, "09:00")).await;
    let listed = story.hears(MAYA, "expect list", json!({})).await;
    assert!(listed.contains("yet: Ana."), "{listed}");
    let posts = story.channel("expectations").await;
    assert_eq!(posts.len(), 2);
    assert!(posts[1].contains("Ten calls") && !posts[1].contains("Acme"), "{}", posts[1]);
    story.ends().await;
}

#[tokio::test]
async fn what_has_ended_is_posted_no_more() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "expect set", calls()).await;
    story.until(april(6, "09:00")).await;
    let place = story.stage.place(MAYA, "general");
    let offered =
        story.stage.control.autocomplete(&place, "expect end", json!({"which": ""}), "which").await.unwrap();
    let offered = offered.choices.unwrap();
    assert_eq!(offered[0]["name"], "Ten calls · Fridays at 3:00 PM");
    let which = json!({"which": offered[0]["value"]});
    let mut told = Vec::new();
    for (name, which) in [("Ana", &which), (MAYA, &which), (MAYA, &which), (MAYA, &json!({"which": "calls"}))]
    {
        told.push(story.hears(name, "expect end", which.clone()).await);
    }
    // The button under the old post still works.
    let outcome = story.stage.presses("Ana", "expectations", "I've got it").await.unwrap();
    told.push(said(&outcome));
    told.push(story.hears(MAYA, "expect list", json!({})).await);
    told.push(story.hears("Ana", "expect list", json!({})).await);
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.until(april(20, "10:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn an_expectation_that_cannot_be_says_why_and_is_not_set() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs(MAYA, "team create", json!({"name": "Harbour"})).await;
    let mut told = vec![story.hears("Ana", "expect set", calls()).await];
    for more in [
        json!({"by": "yesterday"}),
        json!({"by": "friday 25:00"}),
        json!({"by": "whenever"}),
        json!({"by": "5 april 2026 12:00", "repeat": "once"}),
        json!({"by": "31 february"}),
        json!({"what": "x".repeat(201)}),
        json!({"what": " "}),
        json!({"if_met": "y".repeat(301)}),
        json!({"who": ben, "team": "Harbour"}),
        json!({"team": "Nobody"}),
    ] {
        let outcome = story.runs(MAYA, "expect set", with(calls(), &more)).await;
        assert!(outcome.ephemeral);
        told.push(said(&outcome));
    }
    insta::assert_snapshot!(told.join("\n\n"));
    story.until(april(6, "10:00")).await;
    assert!(story.channel("expectations").await.is_empty());
    story.ends().await;
}

#[tokio::test]
async fn a_button_of_weeks_ago_says_that_it_is_old() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "expect set", calls()).await;
    story.until(april(6, "09:00")).await;
    story.runs(MAYA, "schedule pause", json!({"post": "expectations"})).await;
    story.until(april(27, "09:00")).await;
    let outcome = story.stage.presses("Ana", "expectations", "I've got it").await.unwrap();
    assert!(outcome.ephemeral);
    insta::assert_snapshot!(said(&outcome));
    let listed = story.hears(MAYA, "expect list", json!({})).await;
    assert!(listed.contains("yet: Ana."), "{listed}");
    story.ends().await;
}

#[tokio::test]
async fn after_missed_weeks_the_button_confirms_the_week_that_is_on() {
    for missed in [1, 3] {
        let mut story = Story::begin().await;
        story.runs(MAYA, "expect set", calls()).await;
        story
            .runs(MAYA, "schedule set", json!({"post": "expectations", "late": "roll it into the next one"}))
            .await;
        for week in 0..missed {
            // The bot was away on each of these Mondays.
            jump(&story, instant(april(6, "10:00") + TimeDelta::weeks(week))).await;
            story.stage.settle().await.unwrap();
        }
        let monday = april(6, "09:00") + TimeDelta::weeks(missed);
        story.until(monday).await;
        let posts = story.channel("expectations").await;
        assert_eq!(posts.len(), 1, "{posts:?}");
        let week = format!("Expectations for the week of {}", monday.format("%b %-d"));
        assert!(posts[0].to_lowercase().contains(&week.to_lowercase()), "{posts:?}");
        let pressed = story.stage.presses("Ana", "expectations", "I've got it").await.unwrap();
        assert!(said(&pressed).contains("On your plate"), "{}", said(&pressed));
        let list = story.hears(MAYA, "expect list", json!({})).await;
        assert!(!list.contains("Ana"), "she has pressed it: {list}");
        story.ends().await;
    }
}
