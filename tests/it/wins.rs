//! Stories of wins.

use serde_json::json;

use crate::story::{MAYA, Story};

#[tokio::test]
async fn a_win_rings_in_the_channel_and_can_be_taken_back() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"amount": "12.5k", "customer": "Acme", "note": "At last."})).await;
    story.runs("Ana", "win list", json!({})).await;
    story.runs("Ana", "win undo", json!({})).await;
    story.runs(MAYA, "win list", json!({"who": story.stage.user("Ana")})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}
