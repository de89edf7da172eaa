//! Stories of deleting rows that are no longer needed.

use chrono::TimeDelta;
use serde_json::json;

use crate::story::{MAYA, Story};
use crate::weekly::jump;

async fn counts(story: &Story, tables: &[&'static str]) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let (count,): (i64,) = sqlx::query_as(sql).fetch_one(story.stage.state.db.read()).await.unwrap();
        counts.push(count);
    }
    counts
}

/// Time passes, and the worker does everything due.
async fn passes(story: &mut Story, days: i64) {
    jump(story, story.stage.clock.now() + TimeDelta::days(days)).await;
    story.stage.settle().await.unwrap();
}

#[tokio::test]
async fn what_nobody_needs_any_more_goes_and_numbers_and_messages_stay() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs(MAYA, "noise set", json!({"small": "1k"})).await;
    story
        .runs(
            MAYA,
            "expect set",
            json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "A", "if_missed": "B"}),
        )
        .await;
    story.runs("Ana", "win log", json!({"amount": "5k", "customer": "Acme"})).await;
    story.runs("Ana", "win log", json!({"amount": "500", "customer": "Small"})).await;
    story
        .runs("Ana", "kudos give", json!({"to": ben, "reason": "You stayed late until the demo worked"}))
        .await;
    let ana = story.stage.user("Ana");
    let thanks = json!({"to": ana, "reason": "You stayed late until the demo worked", "private": true});
    story.runs("Ben", "kudos give", thanks).await;
    story.runs("Ana", "inbox", json!({})).await;
    let went = ["fact", "folded", "channel_day", "allowance", "inbox WHERE read_at IS NOT NULL"];
    let stayed = ["entry", "total", "win", "kudos", "person"];
    let (before, kept) = (counts(&story, &went).await, counts(&story, &stayed).await);
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    let place = async |story: &mut Story| {
        let shown = story.hears("Ana", "leaderboard", json!({"period": "year"})).await;
        shown.lines().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let first = place(&mut story).await;

    passes(&mut story, 29).await;
    assert!(counts(&story, &went[..1]).await[0] > 0, "what is younger stays");
    passes(&mut story, 9).await;
    assert_eq!(counts(&story, &went[..4]).await[1], 0, "lines with what people did are gone");
    passes(&mut story, 150).await;
    assert_eq!(counts(&story, &went[3..]).await, [0, 0]);
    assert_eq!(counts(&story, &stayed).await, kept);
    assert_eq!(place(&mut story).await, first);

    // A win whose line is pruned can still be undone; the daily summary stays unchanged.
    let wins = story.channel("wins").await;
    story.runs(MAYA, "win undo", json!({"which": "Small"})).await;
    let (posts, occurrences) = (counts(&story, &["post"]).await, counts(&story, &["occurrence"]).await);
    assert_eq!(story.channel("wins").await, wins);
    for _ in 0..3 {
        passes(&mut story, 300).await;
    }
    assert!(counts(&story, &["post"]).await < posts);
    assert!(counts(&story, &["occurrence WHERE decided_at < 1780000000000000"]).await < occurrences);
    let long_ago = ["inbox WHERE created_at < 1780000000000000", "moment WHERE day < 20600"];
    assert_eq!(counts(&story, &long_ago).await, [0, 0], "whether it was read or not");
    story.ends().await;
}
