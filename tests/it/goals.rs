//! Stories of goals: who sets them for whom, what reaching one triggers, and what happens when a win is
//! undone.

use bellringer::kernel::clock::at;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said};
use crate::weekly::jump;

fn win(amount: &str) -> Value {
    json!({"amount": amount, "customer": "Acme"})
}

/// The goals offered to a person to cancel: label and value.
pub(crate) async fn choices(story: &Story, name: &str) -> Vec<(String, String)> {
    let place = story.stage.place(name, "general");
    let options = json!({"which": ""});
    let offered = story.stage.control.autocomplete(&place, "goal cancel", options, "which").await.unwrap();
    let text = |choice: &Value, key: &str| choice[key].as_str().unwrap().to_owned();
    let choices = offered.choices.unwrap();
    choices.iter().map(|choice| (text(choice, "name"), text(choice, "value"))).collect()
}

#[tokio::test]
async fn a_manager_sets_goals_for_a_person_a_team_and_everyone() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs(MAYA, "metric add", json!({"name": "demos"})).await;
    story.runs(MAYA, "team create", json!({"name": "Harbour"})).await;
    story.runs(MAYA, "team add", json!({"team": "Harbour", "who": ana})).await;
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "50k", "everyone": true})).await;
    story
        .runs(
            MAYA,
            "goal set",
            json!({"metric": "wins", "target": "6", "team": "harbour", "period": "month"}),
        )
        .await;
    story
        .runs(MAYA, "goal set", json!({"metric": "demos", "target": "8", "who": ben, "period": "quarter"}))
        .await;
    story.runs("Ana", "win log", win("20k")).await;
    story.runs("Ben", "activity log", json!({"metric": "demos", "count": "4"})).await;
    story.until(april(8, "13:00")).await;
    story.runs(MAYA, "goal list", json!({})).await;
    insta::assert_snapshot!(story.told());
    // A rep sees the goals they are part of.
    let ana = story.hears("Ana", "goal list", json!({})).await;
    assert!(ana.contains("Team goal") && ana.contains("Team Harbour") && !ana.contains("demos"), "{ana}");
    let cleo = story.hears("Cleo", "goal list", json!({})).await;
    assert!(cleo.contains("Team goal") && !cleo.contains("Harbour") && !cleo.contains("demos"), "{cleo}");
    story.ends().await;
}

#[tokio::test]
async fn a_rep_sets_goals_for_oneself_and_for_nobody_else() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "team create", json!({"name": "Harbour"})).await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    let mut told = Vec::new();
    for options in [
        json!({"metric": "wins", "target": "3"}),
        json!({"metric": "wins", "target": "4", "who": ana}),
        json!({"metric": "wins", "target": "3", "who": ben}),
        json!({"metric": "wins", "target": "3", "team": "Harbour"}),
        json!({"metric": "wins", "target": "3", "everyone": true}),
    ] {
        let outcome = story.runs("Ana", "goal set", options).await;
        assert!(outcome.ephemeral);
        told.push(said(&outcome));
    }
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    assert_eq!(choices(&story, MAYA).await.len(), 2, "only her own were set");
    story.ends().await;
}

#[tokio::test]
async fn a_goal_that_cannot_be_says_why_and_is_not_set() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    let mut told = Vec::new();
    for options in [
        json!({"metric": "revenue", "target": "abc"}),
        json!({"metric": "revenue", "target": "0"}),
        json!({"metric": "revenue", "target": "-5"}),
        json!({"metric": "revenue", "target": "€500"}),
        json!({"metric": "wins", "target": "1.234"}),
        json!({"metric": "yachts", "target": "5"}),
        json!({"metric": "wins", "target": "5", "team": "Nobody"}),
        json!({"metric": "wins", "target": "5", "who": ben, "everyone": true}),
        json!({"metric": "wins", "target": "5", "period": "week", "until": "friday"}),
        json!({"metric": "wins", "target": "5", "until": "yesterday"}),
        json!({"metric": "wins", "target": "5", "until": "2031-01-01"}),
        json!({"metric": "wins", "target": "5", "until": "31 february"}),
        json!({"metric": "wins", "target": "5", "until": "04/05"}),
    ] {
        let outcome = story.runs(MAYA, "goal set", options.clone()).await;
        assert!(outcome.ephemeral);
        told.push(format!("{options}\n{}", said(&outcome)));
    }
    let told = told.join("\n\n").replace(&ben, "BEN");
    insta::assert_snapshot!(told);
    assert!(choices(&story, MAYA).await.is_empty());
    story.ends().await;
}

/// Posts in #recognition about reached goals.
async fn announced(story: &Story) -> Vec<String> {
    let posts = story.channel("recognition").await;
    posts
        .into_iter()
        .filter(|text| {
            ["hit the goal", "hit their goal", "is open again", "after all"]
                .iter()
                .any(|said| text.contains(said))
        })
        .collect()
}

#[tokio::test]
async fn a_goal_reached_is_announced_once_and_opens_again_when_the_win_is_taken_back() {
    let mut story = Story::begin().await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "10k", "share": true})).await;
    story.runs("Ana", "win log", win("6k")).await;
    assert!(announced(&story).await.is_empty());
    story.runs("Ana", "win log", win("5k")).await;
    let mut told = announced(&story).await;
    story.runs("Ana", "win log", win("1k")).await;
    assert_eq!(announced(&story).await, told, "what is beyond it is not announced again");
    story.runs("Ana", "win undo", json!({})).await;
    told.extend(announced(&story).await);
    let place = story.stage.place("Ana", "general");
    let options = json!({"which": ""});
    let offered = story.stage.control.autocomplete(&place, "win undo", options, "which").await.unwrap();
    let offered = offered.choices.unwrap();
    let five = offered.iter().find(|choice| choice["name"].as_str().unwrap().contains("$5,000")).unwrap();
    story.runs("Ana", "win undo", json!({"which": five["value"]})).await;
    told.extend(announced(&story).await);
    told.push(story.hears("Ana", "goal list", json!({})).await);
    story.runs("Ana", "win log", win("4k")).await;
    told.extend(announced(&story).await);
    assert_eq!(told.len(), 5, "it was one message all the time");
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_goal_of_what_is_done_already_is_reached_at_once() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", win("6k")).await;
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "1", "everyone": true})).await;
    assert_eq!(announced(&story).await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn a_team_reaches_its_goal_together_and_others_do_not_count() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "team create", json!({"name": "Harbour"})).await;
    for name in ["Ana", "Ben"] {
        let who = story.stage.user(name);
        story.runs(MAYA, "team add", json!({"team": "Harbour", "who": who})).await;
    }
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "10k", "team": "Harbour"})).await;
    story.runs("Cleo", "win log", win("50k")).await;
    story.runs("Ana", "win log", win("6k")).await;
    assert!(announced(&story).await.is_empty());
    story.runs("Ben", "win log", win("4k")).await;
    insta::assert_snapshot!(announced(&story).await.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_goal_until_a_date_counts_its_own_days_and_is_over_after_the_last() {
    let mut story = Story::begin().await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "10k", "until": "friday"})).await;
    let early = json!({"amount": "50k", "customer": "Acme", "when": "yesterday"});
    story.runs("Ana", "win log", early).await;
    assert!(story.channel("recognition").await.is_empty(), "yesterday is before it began");
    story.until(april(10, "20:00")).await;
    let last_evening = story.hears("Ana", "goal list", json!({})).await;
    insta::assert_snapshot!(last_evening);
    story.until(april(11, "09:00")).await;
    let after = story.hears("Ana", "goal list", json!({})).await;
    assert!(after.contains("No open goals"), "{after}");
    // A win dated Friday that is logged on Saturday still counts.
    story.runs("Ana", "win log", json!({"amount": "12k", "customer": "Acme", "when": "yesterday"})).await;
    let told = story.hears("Ana", "inbox", json!({})).await;
    assert!(told.contains("You hit your goal"), "{told}");
    story.ends().await;
}

#[tokio::test]
async fn a_goal_is_cancelled_by_whoever_may_set_it() {
    let mut story = Story::begin().await;
    story.runs("Ana", "goal set", json!({"metric": "wins", "target": "3"})).await;
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "5k", "everyone": true})).await;
    let offered = choices(&story, "Ana").await;
    let labels: Vec<&str> = offered.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["3 wins · Ana · week of Apr 6", "$5,000 in revenue · everyone · week of Apr 6"]);
    let [own, everyones] = [&offered[0].1, &offered[1].1];
    let mut told = Vec::new();
    for (name, which) in [
        ("Ben", own.as_str()),
        ("Ana", everyones),
        ("Ana", own),
        ("Ana", own),
        ("Ana", "the big one"),
        (MAYA, everyones),
    ] {
        told.push(story.hears(name, "goal cancel", json!({"which": which})).await);
    }
    let who = story.stage.user("Ben");
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "9", "who": who})).await;
    let set_by_maya = choices(&story, "Ben").await[0].1.clone();
    told.push(story.hears("Ben", "goal cancel", json!({"which": set_by_maya})).await);
    assert_eq!(choices(&story, "Ben").await.len(), 1, "it still stands");
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.runs("Ana", "win log", win("6k")).await;
    assert!(announced(&story).await.is_empty(), "a cancelled goal is not reached");
    story.ends().await;
}

/// Ana logs a win while the worker isn't running.
async fn wins_unseen(story: &Story, options: Value) {
    let place = story.stage.place("Ana", "general");
    story.stage.control.command(&place, "win log", options).await.unwrap();
}

#[tokio::test]
async fn a_goal_that_was_reached_while_the_worker_stood_still_for_weeks_is_announced_as_of_when_it_was() {
    let mut story = Story::begin().await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "10k", "share": true})).await;
    story.until(april(7, "12:00")).await;
    wins_unseen(&story, win("12k")).await;
    // As when a machine was suspended: nothing happens in between.
    let later = story.stage.clock.now() + TimeDelta::days(24);
    jump(&story, later).await;
    story.stage.settle().await.unwrap();
    let told = announced(&story).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("days to spare"), "it took a day and a half: {told:?}");
    let (reached,): (i64,) =
        sqlx::query_as("SELECT reached_at FROM goal").fetch_one(story.stage.state.db.read()).await.unwrap();
    let day = at(reached).date_naive();
    assert_eq!(day.to_string(), "2026-04-07", "streaks and badges count the week in which it was reached");
    story.ends().await;
}

#[tokio::test]
async fn a_win_logged_long_afterwards_reaches_the_goal_of_its_day_and_taken_back_it_did_not() {
    let mut story = Story::begin().await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "10k", "share": true})).await;
    story.until(april(28, "09:00")).await;
    let late = json!({"amount": "12k", "customer": "Acme", "when": "2026-04-09"});
    story.runs("Ana", "win log", late).await;
    assert_eq!(announced(&story).await.len(), 1);
    assert!(announced(&story).await[0].contains("hit their goal"));
    story.runs("Ana", "win undo", json!({})).await;
    let told = announced(&story).await;
    assert!(told.len() == 1 && told[0].contains("wasn't reached after all"), "{told:?}");
    story.ends().await;
}
