//! Stories of the posts that come by themselves.

use serde_json::json;

use crate::story::{MAYA, Story, april};

#[tokio::test]
async fn monday_brings_the_expectations_and_friday_board_and_praise() {
    let mut story = Story::begin().await;
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": "Acme"})).await;
    story.until(april(10, "17:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1);
    assert_eq!(story.channel("recognition").await.len(), 2);
    insta::assert_snapshot!(story.told());
    story.ends().await;
}
