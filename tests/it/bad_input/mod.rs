//! Invalid input gets a clear, private answer, and nothing is half done.

mod acted;
mod typed;

use std::fmt::Write;

use bellringer::render::post::Tone;
use bellringer::sandbox::client::{FeedItem, Outcome};
use serde_json::{Value, json};

use crate::story::{Story, said};

/// Everything stored about a guild except names, as numbers that any write changes.
async fn kept(story: &Story) -> Vec<(String, i64)> {
    let sql = "SELECT 'entries', COUNT(*) FROM entry UNION ALL SELECT 'quantity', CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM entry
        UNION ALL SELECT 'sums', CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM total
        UNION ALL SELECT 'wins', COUNT(*) FROM win UNION ALL SELECT 'undone', COUNT(undone_at) FROM win
        UNION ALL SELECT 'shares', COUNT(*) FROM win_share
        UNION ALL SELECT 'facts', COUNT(*) FROM fact UNION ALL SELECT 'posts', CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM post
        UNION ALL SELECT 'metrics', COUNT(*) FROM metric UNION ALL SELECT 'teams', COUNT(*) FROM team
        UNION ALL SELECT 'members', COUNT(*) FROM team_member
        UNION ALL SELECT 'goals', COUNT(*) - COUNT(cancelled_at) FROM goal
        UNION ALL SELECT 'expectations', COUNT(*) - COUNT(ended_at) FROM expectation
        UNION ALL SELECT 'schedules', COUNT(next_due) FROM schedule
        UNION ALL SELECT COALESCE(cron, kind), COALESCE(channel_id, 0) FROM schedule
        UNION ALL SELECT zone || currency || week_start, COALESCE(manager_role, 0) FROM guild
        UNION ALL SELECT 'bots', COUNT(*) FROM person WHERE name = 'Clippy'";
    sqlx::query_as(sql).fetch_all(story.stage.state.db.read()).await.unwrap()
}

/// Runs a command that must be refused: privately, with an explanation, and without writing anything.
async fn refused(story: &mut Story, name: &str, command: &str, options: &Value) -> String {
    let before = kept(story).await;
    let outcome = story.runs(name, command, options.clone()).await;
    let what: String = format!("/{command} {options}").chars().take(100).collect();
    check(&outcome, &what);
    assert_eq!(kept(story).await, before, "{what} left something behind");
    said(&outcome).trim_start_matches("| ").to_owned()
}

fn check(outcome: &Outcome, what: &str) {
    assert!(outcome.ephemeral, "{what} was answered in the open");
    let colour = &outcome.message.as_ref().unwrap()["embeds"][0]["color"];
    assert_eq!(*colour, json!(Tone::Refusal.colour()), "{what} was not refused: {}", said(outcome));
}

/// A table of inputs and answers.
async fn table<'a>(
    story: &mut Story,
    name: &str,
    command: &str,
    cases: impl IntoIterator<Item = (&'a str, Value)>,
) -> String {
    let mut table = String::new();
    for (typed, options) in cases {
        let answer = refused(story, name, command, &options).await;
        writeln!(table, "{typed}\n    {answer}").unwrap();
    }
    table
}

/// Every message since `seq`.
async fn since(story: &Story, seq: u64) -> Vec<FeedItem> {
    story.stage.control.feed(seq).await.unwrap()
}

async fn now(story: &Story) -> u64 {
    since(story, 0).await.last().map_or(0, |item| item.seq)
}

/// The reference of somebody's latest win, from their suggestions.
async fn latest(story: &Story, name: &str) -> String {
    let place = story.stage.place(name, "general");
    let offered = story.stage.control.autocomplete(&place, "win undo", json!({}), "which").await.unwrap();
    offered.choices.unwrap()[0]["value"].as_str().unwrap().to_owned()
}
