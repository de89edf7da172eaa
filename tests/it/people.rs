//! Stories of counts, teams, and help.

use std::collections::BTreeSet;

use serde_json::json;

use crate::story::{MAYA, Story, april};
use crate::wins::offered;

#[tokio::test]
async fn a_team_counts_what_it_wants_and_each_count_adds_up_over_the_week() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "Calls"})).await;
    story
        .runs(
            MAYA,
            "metric add",
            json!({"name": "offers", "unit": "money", "horizon": "forecast: closes this period"}),
        )
        .await;
    story.runs("Ana", "metric list", json!({})).await;
    story.runs("Ana", "activity log", json!({"metric": "calls"})).await;
    story.runs("Ana", "activity log", json!({"metric": "CALLS", "count": "1,200.5"})).await;
    story.runs("Ana", "activity log", json!({"metric": "offers", "count": "$2.5k"})).await;
    // Sunday belongs to the previous week.
    story.runs("Ana", "activity log", json!({"metric": "calls", "count": "7", "when": "yesterday"})).await;
    story.runs("Ben", "activity log", json!({"metric": "calls", "count": "3"})).await;
    story.runs("Ana", "win why", json!({"metric": "calls", "period": "month"})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn only_what_is_logged_by_hand_is_offered_for_logging() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "Calls"})).await;
    story.runs(MAYA, "metric add", json!({"name": "cold calls"})).await;
    let values = async |command: &str, typed: &str| -> Vec<String> {
        let all = offered(&story, "Ana", command, json!({"metric": typed}), "metric").await;
        all.into_iter().map(|(_, value)| value).collect()
    };
    assert_eq!(values("activity log", "").await, ["Calls", "cold calls"]);
    assert_eq!(
        values("win why", "").await,
        ["assists", "kudos", "kudos given", "revenue", "wins", "Calls", "cold calls"]
    );
    assert_eq!(values("win why", "call").await, ["Calls", "cold calls"], "what begins with it comes first");
    assert_eq!(values("win why", "x").await, [""; 0]);
    story.ends().await;
}

#[tokio::test]
async fn a_team_is_made_filled_shown_and_left() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs("Ana", "team list", json!({})).await;
    story.runs(MAYA, "team create", json!({"name": "North"})).await;
    story.runs(MAYA, "team create", json!({"name": "South *coast*"})).await;
    story.runs(MAYA, "team add", json!({"team": "north", "who": ben})).await;
    story.runs(MAYA, "team add", json!({"team": " NORTH ", "who": ana})).await;
    story.runs(MAYA, "team add", json!({"team": "South *coast*", "who": ana})).await;
    story.runs("Ana", "team list", json!({})).await;
    story.runs(MAYA, "team remove", json!({"team": "North", "who": ana})).await;
    story.runs("Ana", "team list", json!({})).await;
    insta::assert_snapshot!(story.told());
    let north = offered(&story, MAYA, "team add", json!({"team": "nor"}), "team").await;
    assert_eq!(north, [("North".to_owned(), "North".to_owned())]);
    story.ends().await;
}

#[tokio::test]
async fn help_says_what_one_can_do_here_by_role() {
    let mut story = Story::begin().await;
    story.runs("Ana", "help", json!({})).await;
    story.runs(MAYA, "help", json!({})).await;
    insta::assert_snapshot!(story.told());
    let told = story.hears(MAYA, "help", json!({})).await;
    let mut missing = BTreeSet::new();
    for command in bellringer::features::commands() {
        let group = format!("/{}", command.name);
        let inner: Vec<String> = command.subcommands.iter().map(|inner| inner.name.to_string()).collect();
        let named = if command.slash_action.is_none() {
            command.context_menu_name.as_ref().is_some_and(|name| told.contains(&format!("*{name}*")))
        } else {
            command.name == "help"
                || told.contains(&group) && inner.iter().all(|name| told.contains(name.as_str()))
        };
        if !named {
            missing.insert(command.name);
        }
    }
    assert!(missing.is_empty(), "/help doesn't name {missing:?}");
    story.ends().await;
}

#[tokio::test]
async fn help_before_setup_says_who_has_to_begin() {
    let mut story = Story::before_setup("Europe/Berlin", april(6, "08:00")).await;
    let rep = story.hears("Ana", "help", json!({})).await;
    let manager = story.hears(MAYA, "help", json!({})).await;
    let last = |text: &str| text.lines().last().unwrap().to_owned();
    insta::assert_snapshot!(format!("Ana:  {}\nMaya: {}", last(&rep), last(&manager)));
    story.ends().await;
}
