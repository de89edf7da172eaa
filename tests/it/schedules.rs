//! Stories of schedules: when posts are sent, what happens to missed ones, and how a manager can check.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said};
use crate::weekly::{jump, times};

/// A week with something to post on Monday.
async fn begin() -> Story {
    let mut story = Story::begin().await;
    let calls = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", calls).await;
    story
}

async fn explained(story: &mut Story) -> String {
    story.hears(MAYA, "schedule explain", json!({"post": "expectations"})).await
}

/// The bot is away until a local time in April: the clock jumps over everything due.
async fn away_until(story: &mut Story, day: u32, time: &str) {
    let zone = bellringer::kernel::calendar::Zone::parse("America/New_York").unwrap();
    jump(story, zone.instant(april(day, time))).await;
    story.stage.settle().await.unwrap();
}

#[tokio::test]
async fn a_manager_sees_moves_pauses_resumes_and_previews_the_weeks_posts() {
    let mut story = begin().await;
    let wins = story.stage.channel("wins");
    for (command, options) in [
        ("schedule list", json!({})),
        ("schedule preview", json!({"post": "expectations"})),
        ("schedule preview", json!({"post": "leaderboard"})),
        (
            "schedule set",
            json!({"post": "expectations", "when": "weekdays at 8:30 am", "channel": wins, "late": "roll it into the next one"}),
        ),
        ("schedule set", json!({"post": "leaderboard", "when": "0 17 1,15 * *", "late": "skip it"})),
        ("schedule pause", json!({"post": "shout-outs"})),
        ("schedule pause", json!({"post": "shout-outs"})),
        ("schedule list", json!({})),
        ("schedule resume", json!({"post": "shout-outs"})),
        ("schedule resume", json!({"post": "shout-outs"})),
        ("schedule explain", json!({"post": "shout-outs"})),
    ] {
        let outcome = story.runs(MAYA, command, options).await;
        assert!(outcome.ephemeral, "/{command} is for the manager alone");
    }
    assert!(story.channel("expectations").await.is_empty(), "a preview posts nothing");
    insta::assert_snapshot!(story.told());
    story.until(april(7, "12:00")).await;
    assert_eq!(story.channel("wins").await.len(), 2, "Monday's and Tuesday's, where they were moved to");
    assert!(story.channel("expectations").await.is_empty());
    story.ends().await;
}

#[tokio::test]
async fn a_preview_cannot_be_pressed_and_is_what_will_be_posted() {
    let mut story = begin().await;
    let outcome = story.runs(MAYA, "schedule preview", json!({"post": "expectations"})).await;
    let preview = outcome.message.unwrap();
    assert!(outcome.ephemeral && preview["components"].as_array().is_none_or(Vec::is_empty));
    story.until(april(6, "09:00")).await;
    let channel = story.stage.channel("expectations");
    let posted = story.stage.control.messages(&channel, None).await.unwrap();
    for part in ["title", "description", "fields"] {
        assert_eq!(preview["embeds"][0][part], posted[0]["embeds"][0][part]);
    }
    story.ends().await;
}

#[tokio::test]
async fn a_time_that_never_comes_or_comes_too_often_is_refused() {
    let mut story = begin().await;
    let before = explained(&mut story).await;
    let mut told = Vec::new();
    for when in [
        "0 9 30 2 *",
        "* * * * *",
        "* * * * * *",
        "*/30 * * * *",
        "0,59 * * * *",
        "61 9 * * *",
        "0 9 * * 9",
        "mondays",
        "mondays 25:00",
        "now and then",
        "@everyone",
    ] {
        let options = json!({"post": "expectations", "when": when});
        let outcome = story.runs(MAYA, "schedule set", options).await;
        assert!(outcome.ephemeral);
        told.push(said(&outcome));
    }
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(explained(&mut story).await, before, "nothing has changed");
    story.ends().await;
}

#[tokio::test]
async fn a_rep_is_refused_whatever_they_want_of_a_schedule() {
    let mut story = begin().await;
    let post = json!({"post": "expectations"});
    let mut told = Vec::new();
    for (command, options) in [
        ("schedule list", json!({})),
        ("schedule set", json!({"post": "expectations", "when": "mondays 10:00"})),
        ("schedule pause", post.clone()),
        ("schedule resume", post.clone()),
        ("schedule preview", post.clone()),
        ("schedule explain", post),
    ] {
        let outcome = story.runs("Ana", command, options).await;
        assert!(outcome.ephemeral);
        told.push(said(&outcome));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    insta::assert_snapshot!(told[0]);
    story.until(april(6, "09:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1, "it comes when it came before");
    story.ends().await;
}

#[tokio::test]
async fn before_setup_there_is_nothing_to_move() {
    let mut story = Story::before_setup("America/New_York", april(6, "08:00")).await;
    let mut told = vec![story.hears(MAYA, "schedule list", json!({})).await];
    for command in ["schedule pause", "schedule preview", "schedule explain"] {
        told.push(story.hears(MAYA, command, json!({"post": "expectations"})).await);
    }
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_missed_post_comes_late_within_twelve_hours_and_says_so() {
    let mut story = begin().await;
    away_until(&mut story, 6, "20:59").await;
    let posts = story.channel("expectations").await;
    assert_eq!(posts.len(), 1);
    insta::assert_snapshot!(format!("{}\n\n---\n\n{}", posts[0], explained(&mut story).await));
    story.ends().await;
}

#[tokio::test]
async fn after_more_than_twelve_hours_a_missed_post_is_left_out() {
    let mut story = begin().await;
    away_until(&mut story, 6, "21:01").await;
    assert!(story.channel("expectations").await.is_empty());
    insta::assert_snapshot!(explained(&mut story).await);
    story.until(april(13, "09:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn a_post_a_few_minutes_late_is_on_time() {
    for late in ["post it late, within 12 hours", "skip it", "roll it into the next one"] {
        let mut story = begin().await;
        story.runs(MAYA, "schedule set", json!({"post": "expectations", "late": late})).await;
        away_until(&mut story, 6, "09:05").await;
        let posts = story.channel("expectations").await;
        assert_eq!(posts.len(), 1, "{late}");
        assert!(!posts[0].contains("Late"), "{late}: {}", posts[0]);
        story.ends().await;
    }
}

#[tokio::test]
async fn where_missed_ones_are_left_out_a_post_ten_minutes_late_is_left_out() {
    let mut story = begin().await;
    story.runs(MAYA, "schedule set", json!({"post": "expectations", "late": "skip it"})).await;
    away_until(&mut story, 6, "09:10").await;
    assert!(story.channel("expectations").await.is_empty());
    assert!(explained(&mut story).await.contains("skipped: I was offline"));
    story.ends().await;
}

#[tokio::test]
async fn where_missed_ones_are_folded_the_next_post_tells_of_both_weeks() {
    let mut story = Story::begin().await;
    story
        .runs(MAYA, "schedule set", json!({"post": "leaderboard", "late": "roll it into the next one"}))
        .await;
    story.runs(MAYA, "schedule pause", json!({"post": "shout-outs"})).await;
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": "Acme"})).await;
    away_until(&mut story, 11, "09:00").await;
    assert!(story.channel("recognition").await.is_empty());
    story.until(april(14, "09:00")).await;
    story.runs("Ben", "win log", json!({"amount": "3k", "customer": "Birch"})).await;
    story.until(april(17, "16:00")).await;
    let posts = story.channel("recognition").await;
    assert_eq!(posts.len(), 1);
    assert!(posts[0].contains("$4,000") && posts[0].contains("$3,000"), "{}", posts[0]);
    let told = story.hears(MAYA, "schedule explain", json!({"post": "leaderboard"})).await;
    insta::assert_snapshot!(format!("{}\n\n---\n\n{told}", posts[0]));
    // The next one is about its own week again.
    story.runs("Cleo", "win log", json!({"amount": "1k", "customer": "Cedar", "when": "today"})).await;
    story.until(april(24, "16:00")).await;
    assert_eq!(story.channel("recognition").await.len(), 1, "that week had nothing to say");
    story.ends().await;
}

#[tokio::test]
async fn whoever_was_away_for_weeks_posts_no_burst() {
    for late in ["post it late, within 12 hours", "skip it", "roll it into the next one"] {
        let mut story = begin().await;
        let options = json!({"post": "expectations", "when": "daily 9:00", "late": late});
        story.runs(MAYA, "schedule set", options).await;
        away_until(&mut story, 27, "09:01").await;
        let posts = story.channel("expectations").await;
        assert_eq!(posts.len(), 1, "{late}: only what is due now");
        assert!(!posts[0].contains("Late"), "{}", posts[0]);
        story.ends().await;
    }
}

#[tokio::test]
async fn explain_tells_of_the_last_ten_the_latest_first() {
    let mut story = begin().await;
    let options = json!({"post": "expectations", "when": "daily 9:00", "late": "skip it"});
    story.runs(MAYA, "schedule set", options).await;
    story.until(april(15, "12:00")).await;
    away_until(&mut story, 16, "12:00").await;
    story.until(april(17, "12:00")).await;
    let told = explained(&mut story).await;
    insta::assert_snapshot!(told);
    assert_eq!(times(&story, "expectations").await.len(), 11);
    assert_eq!(told.matches(" · posted").count() + told.matches("skipped: I was").count(), 10);
    story.ends().await;
}

#[tokio::test]
async fn what_is_paused_is_not_posted_and_not_made_up_for() {
    let mut story = begin().await;
    let post: Value = json!({"post": "expectations"});
    story.runs(MAYA, "schedule pause", post.clone()).await;
    story.until(april(14, "09:00")).await;
    story.runs(MAYA, "schedule resume", post).await;
    assert!(story.channel("expectations").await.is_empty());
    story.until(april(20, "09:00")).await;
    let at = times(&story, "expectations").await;
    assert_eq!(at.len(), 1);
    assert!(story.stage.clock.now() - at[0] < TimeDelta::seconds(1));
    story.ends().await;
}

#[tokio::test]
async fn a_post_whose_channel_is_not_set_says_so_where_the_manager_looks() {
    let mut story = Story::before_setup("America/New_York", april(6, "08:00")).await;
    story.runs(MAYA, "setup", json!({"time_zone": "America/New_York", "currency": "USD"})).await;
    let calls = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    let set = story.hears(MAYA, "expect set", calls).await;
    assert!(set.contains("no expectations channel is set"), "{set}");
    story.until(april(6, "09:00")).await;
    insta::assert_snapshot!(explained(&mut story).await);
    story.ends().await;
}

#[tokio::test]
async fn a_post_that_is_due_when_its_schedule_is_changed_still_comes() {
    let mut story = begin().await;
    let zone = bellringer::kernel::calendar::Zone::parse("America/New_York").unwrap();
    jump(&story, zone.instant(april(6, "09:10"))).await;
    // The bot was away at nine; the manager acts before the worker does.
    story
        .runs(MAYA, "schedule set", json!({"post": "expectations", "late": "post it late, within 12 hours"}))
        .await;
    assert_eq!(story.channel("expectations").await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn what_was_due_when_its_schedule_was_changed_says_so_and_comes_at_the_new_time() {
    let mut story = Story::begin().await;
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "A", "if_missed": "B"});
    story.runs(MAYA, "expect set", expectation).await;
    // It is nine o'clock, and the occurrence isn't decided yet.
    crate::weekly::jump(&story, story.stage.state.clock.now() + chrono::TimeDelta::minutes(61)).await;
    let place = story.stage.place(MAYA, "general");
    let moved = json!({"post": "expectations", "when": "mondays 9:30"});
    story.stage.control.command(&place, "schedule set", moved).await.unwrap();
    story.until(april(6, "10:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1, "once, at half past nine");
    let told = story.hears(MAYA, "schedule explain", json!({"post": "expectations"})).await;
    assert!(told.contains("skipped: the schedule changed before I got to it"), "{told}");
    assert!(told.contains("· posted"), "{told}");
    story.ends().await;
}
