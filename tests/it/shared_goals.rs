//! Stories of shared goals: one progress message, cheers, stretch, ramps, and changes.

use std::fmt::Write;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::goals::choices;
use crate::story::{MAYA, Story, april, said};

/// The reference of a person's open goal in commands.
async fn which(story: &Story, name: &str) -> String {
    choices(story, name).await[0].1.clone()
}

/// The progress messages in #recognition.
async fn shown(story: &Story) -> Vec<String> {
    let posts = story.channel("recognition").await;
    posts.into_iter().filter(|text| text.contains(['▰', '▱']) || text.contains("inished at")).collect()
}

#[tokio::test]
async fn a_teams_goal_has_one_message_that_shows_how_it_stands_until_it_is_over() {
    let mut story = Story::begin().await;
    let ana = story.stage.user("Ana");
    story.runs(MAYA, "metric add", json!({"name": "demos"})).await;
    story.runs(MAYA, "team create", json!({"name": "Harbour"})).await;
    story.runs(MAYA, "team add", json!({"team": "Harbour", "who": ana})).await;
    let goal = json!({"metric": "demos", "target": "6", "team": "Harbour", "stretch": "8"});
    story.runs(MAYA, "goal set", goal).await;
    story.runs("Ana", "activity log", json!({"metric": "demos", "count": "2"})).await;
    story.runs("Ben", "activity log", json!({"metric": "demos", "count": "5"})).await;
    story.until(april(7, "12:00")).await;
    story.runs("Ana", "activity log", json!({"metric": "demos"})).await;
    story.runs("Ana", "activity log", json!({"metric": "demos", "count": "4"})).await;
    story.until(april(8, "12:00")).await;
    story.runs("Ana", "activity log", json!({"metric": "demos"})).await;
    story.until(april(13, "00:01")).await;
    let posts = story.channel("recognition").await;
    let of_goals = posts.iter().filter(|text| !text.contains("shout-outs")).count();
    assert_eq!(of_goals, 2, "the goal's one message, and that it was reached: {posts:?}");
    assert!(posts[0].contains("Goal reached with 8"), "{posts:?}");
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_goal_of_ones_own_is_cheered_on_once_it_is_shared_and_is_nobodys_business_before() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Ana", "goal set", json!({"metric": "calls", "target": "20"})).await;
    assert_eq!(shown(&story).await.len(), 0);
    let list = story.hears("Ben", "goal list", json!({})).await;
    assert!(list.contains("No open goals"), "{list}");
    let goal = which(&story, "Ana").await;
    // A guessed reference isn't found.
    let guessed = story.presses_guessed("Ben", &format!("goal:cheer:{goal}")).await;
    assert!(said(&guessed).contains("isn't shared anymore"), "{}", said(&guessed));
    story.runs("Ben", "goal share", json!({"which": goal})).await;
    story.runs("Ana", "goal share", json!({"which": goal})).await;
    story.stage.presses("Ben", "recognition", "Cheer").await.unwrap();
    story.stage.presses("Ben", "recognition", "Cheer").await.unwrap();
    story.stage.presses("Ana", "recognition", "Cheer").await.unwrap();
    story.stage.presses("Cleo", "recognition", "Cheer").await.unwrap();
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    story.runs("Ben", "goal list", json!({})).await;
    story.runs("Ana", "goal share", json!({"which": goal, "shared": false})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_private_goal_that_is_reached_is_told_in_private() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Ana", "goal set", json!({"metric": "calls", "target": "2"})).await;
    story.runs("Ana", "activity log", json!({"metric": "calls", "count": "2"})).await;
    assert_eq!(story.channel("recognition").await, Vec::<String>::new());
    let inbox = story.hears("Ana", "inbox", json!({})).await;
    assert!(inbox.contains("You hit your goal"), "{inbox}");
    assert!(!story.hears("Ben", "inbox", json!({})).await.contains("hit your goal"));
    story.ends().await;
}

#[tokio::test]
async fn a_goal_is_changed_while_it_runs_says_what_changed_and_keeps_both_versions() {
    let mut story = Story::begin_without_badges().await;
    let ana = story.stage.user("Ana");
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "50k", "everyone": true})).await;
    story.runs("Ana", "win log", json!({"amount": "38k", "customer": "Acme"})).await;
    story.until(april(8, "10:00")).await;
    let goal = which(&story, MAYA).await;
    story.runs(MAYA, "goal change", json!({"which": goal, "target": "45k", "stretch": "55k"})).await;
    story.runs(MAYA, "goal change", json!({"which": goal, "target": "38k"})).await;
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    story.runs("Ana", "goal history", json!({"which": goal})).await;
    // A person whose goal was changed by somebody else is told.
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "9", "who": ana})).await;
    let hers = choices(&story, MAYA).await;
    let hers = hers.iter().find(|(label, _)| label.contains("Ana")).unwrap().1.clone();
    story.runs(MAYA, "goal change", json!({"which": hers, "target": "7", "until": "30 june"})).await;
    story.runs("Ana", "inbox", json!({})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_new_hires_goal_grows_by_its_ramp_and_comes_again_each_week_once() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    let goal = json!({"metric": "calls", "target": "40", "who": ben, "repeats": true, "ramp": "25, 50, 75"});
    story.runs(MAYA, "goal set", goal).await;
    let mut told = story.hears("Ben", "goal list", json!({})).await;
    for (day, time) in [(13, "00:00"), (20, "08:00"), (27, "00:05")] {
        story.until(april(day, time)).await;
        write!(told, "\n\n{day} April\n{}", story.hears("Ben", "goal list", json!({})).await).unwrap();
    }
    // After weeks away, the bot creates one goal for the current week, and none for the missed ones.
    let now = story.stage.state.clock.now() + TimeDelta::weeks(5);
    crate::weekly::jump(&story, now).await;
    story.stage.settle().await.unwrap();
    write!(told, "\n\nfive weeks later\n{}", story.hears("Ben", "goal list", json!({})).await).unwrap();
    let (goals,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM goal").fetch_one(story.stage.state.db.read()).await.unwrap();
    assert_eq!(goals, 5);
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn what_a_goal_cannot_be_says_why_and_changes_nothing() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs("Ana", "goal set", json!({"metric": "wins", "target": "9"})).await;
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "90", "everyone": true})).await;
    let own = which(&story, "Ana").await;
    let wide =
        choices(&story, MAYA).await.into_iter().find(|(label, _)| label.contains("everyone")).unwrap().1;
    let ramp = json!({"metric": "kudos", "target": "40", "who": ben, "repeats": true, "ramp": "25, 50"});
    story.runs(MAYA, "goal set", ramp).await;
    let ramped =
        choices(&story, MAYA).await.into_iter().find(|(label, _)| label.contains("kudos")).unwrap().1;
    let mut told = String::new();
    for (name, command, options) in [
        ("Ana", "goal set", json!({"metric": "wins", "target": "9", "stretch": "9"})),
        ("Ana", "goal set", json!({"metric": "wins", "target": "9", "stretch": "lots"})),
        ("Ana", "goal set", json!({"metric": "wins", "target": "9", "repeats": true, "until": "30 june"})),
        ("Ana", "goal set", json!({"metric": "wins", "target": "9", "ramp": "25,50"})),
        (
            MAYA,
            "goal set",
            json!({"metric": "wins", "target": "9", "who": ben, "repeats": true, "ramp": "0,200,x"}),
        ),
        (
            MAYA,
            "goal set",
            json!({"metric": "wins", "target": "9", "who": ben, "repeats": true, "ramp": "50,25"}),
        ),
        (MAYA, "goal set", json!({"metric": "wins", "target": "9", "everyone": true, "share": true})),
        ("Ana", "goal change", json!({"which": own})),
        ("Ana", "goal change", json!({"which": own, "target": "9"})),
        ("Ana", "goal change", json!({"which": own, "target": "0"})),
        ("Ana", "goal change", json!({"which": own, "stretch": "8"})),
        ("Ana", "goal change", json!({"which": own, "until": "yesterday"})),
        (MAYA, "goal change", json!({"which": ramped, "stretch": "30"})),
        ("Ana", "goal change", json!({"which": wide, "target": "5"})),
        ("Ben", "goal change", json!({"which": own, "target": "5"})),
        ("Ana", "goal change", json!({"which": "zzz", "target": "5"})),
        ("Ana", "goal history", json!({"which": "!"})),
        ("Ben", "goal history", json!({"which": own})),
        ("Ben", "goal share", json!({"which": own})),
        ("Ana", "goal share", json!({"which": wide})),
    ] {
        let outcome = story.runs(name, command, options.clone()).await;
        let shown =
            options.to_string().replace(&own, "OWN").replace(&wide, "WIDE").replace(&ramped, "RAMPED");
        assert!(outcome.ephemeral);
        writeln!(told, "{name} /{command} {}\n    {}", crate::story::stable(&shown), said(&outcome)).unwrap();
    }
    story.runs("Ana", "goal cancel", json!({"which": own})).await;
    let gone = story.hears("Ana", "goal change", json!({"which": own, "target": "5"})).await;
    writeln!(told, "cancelled\n    {gone}").unwrap();
    let (changed,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM goal_version")
        .fetch_one(story.stage.state.db.read())
        .await
        .unwrap();
    assert_eq!(changed, 0);
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn of_two_who_change_a_goal_at_once_one_is_told_that_the_other_has() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "90", "everyone": true})).await;
    let (goal, place) = (which(&story, MAYA).await, story.stage.place(MAYA, "general"));
    let control = story.stage.control.clone();
    let change = async |target: &str| {
        let options = json!({"which": goal, "target": target});
        control.command(&place, "goal change", options).await.unwrap()
    };
    let all = futures_util::future::join_all(["70", "71", "72", "73"].map(change)).await;
    story.stage.settle().await.unwrap();
    let done = all.iter().filter(|it| said(it).contains("Goal updated")).count();
    let versions: Vec<(i64,)> = sqlx::query_as("SELECT version FROM goal_version ORDER BY version")
        .fetch_all(story.stage.state.db.read())
        .await
        .unwrap();
    assert_eq!(versions.len(), done, "each change that was acknowledged is kept");
    assert!((1..=4).contains(&done));
    story.ends().await;
}

#[tokio::test]
async fn who_is_erased_while_a_shared_goal_runs_leaves_no_name_and_the_teams_goal_its_sum() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "50k", "everyone": true})).await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "20k", "share": true})).await;
    story.runs("Ana", "win log", json!({"amount": "12k", "customer": "Acme"})).await;
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    assert!(shown(&story).await.iter().any(|text| text.contains("Ana's goal")));
    story.runs("Ana", "privacy erase", json!({})).await;
    story.stage.presses("Ana", "general", "Erase me for good").await.unwrap();
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    let posts: Vec<Value> =
        story.stage.control.messages(&story.stage.channel("recognition"), None).await.unwrap();
    assert!(!json!(posts).to_string().contains("Ana"), "{posts:?}");
    let list = story.hears(MAYA, "goal list", json!({})).await;
    assert!(list.contains("$12,000 (24%)") && !list.contains("Ana"), "{list}");
    story.ends().await;
}

#[tokio::test]
async fn what_is_not_shared_any_more_is_in_no_message_and_stays_out_of_them_when_its_owner_is_erased() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Ana", "goal set", json!({"metric": "calls", "target": "20"})).await;
    let goal = which(&story, "Ana").await;
    story.runs("Ana", "goal share", json!({"which": goal})).await;
    story.runs("Ana", "activity log", json!({"metric": "calls", "count": "20"})).await;
    let named = async |story: &Story| {
        let posts = story.channel("recognition").await;
        posts.iter().filter(|text| text.contains("Ana")).count()
    };
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(named(&story).await, 2, "how it stands, and that it is reached");
    story.runs("Ana", "goal share", json!({"which": goal, "shared": false})).await;
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(named(&story).await, 0, "{:?}", story.channel("recognition").await);
    story.runs("Ana", "goal share", json!({"which": goal})).await;
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(named(&story).await, 2);
    // A cancelled goal's message keeps her name until she is erased.
    story.runs("Ana", "goal cancel", json!({"which": goal})).await;
    story.runs("Ana", "privacy erase", json!({})).await;
    story.stage.presses("Ana", "general", "Erase me for good").await.unwrap();
    story.stage.passes(TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(named(&story).await, 0, "{:?}", story.channel("recognition").await);
    story.ends().await;
}
