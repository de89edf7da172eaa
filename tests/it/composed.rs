//! Stories of posts that are composed when sent: from what is known then, once, and edited when that changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bellringer::feature::Feature;
use bellringer::kernel::error::Error;
use bellringer::outbox::subject::Composer;
use bellringer::sandbox::client::{Fault, Mishap};
use chrono::TimeDelta;
use serde_json::json;

use crate::apart::after;
use crate::delivery::{SENDING, requests, wait, wins_unseen};
use crate::story::{MAYA, Story};

const REASON: &str = "You stayed late until the demo worked";

/// Renames somebody, as if Discord had sent a new name.
async fn renames(story: &Story, from: &'static str, to: &'static str) {
    let mut tx = story.stage.state.db.write().await.unwrap();
    let sql = "UPDATE person SET name = $2 WHERE name = $1";
    sqlx::query(sql).bind(from).bind(to).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_post_says_what_is_known_when_it_leaves_and_no_text_of_it_is_kept() {
    let mut story = Story::begin().await;
    wins_unseen(&story, "Acme").await;
    renames(&story, "Ana", "Anabel").await;
    story.stage.settle().await.unwrap();
    let bells = story.channel("wins").await;
    assert!(bells[0].contains("Anabel") && bells[0].contains("Acme"), "{bells:?}");
    for sql in ["SELECT subject FROM post", "SELECT subject FROM inbox", "SELECT body FROM fact"] {
        let kept: Vec<(String,)> = sqlx::query_as(sql).fetch_all(story.stage.state.db.read()).await.unwrap();
        let said = kept.iter().find(|(text,)| text.contains("Ana") || text.contains("Acme"));
        assert_eq!(said, None, "{sql}");
    }
    story.ends().await;
}

#[tokio::test]
async fn a_message_that_an_earlier_try_made_is_edited_only_where_it_would_say_something_else_now() {
    let (soon, later) = (TimeDelta::seconds(61), TimeDelta::minutes(10));
    for (span, changes, asked) in [
        (soon, false, ["POST drop_after", "POST 200"].as_slice()),
        (soon, true, &["POST drop_after", "POST 200", "PATCH 200"]),
        (later, false, &["POST drop_after", "GET 200"]),
        (later, true, &["POST drop_after", "GET 200", "PATCH 200"]),
    ] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
        wins_unseen(&story, "Acme").await;
        story.stage.worker.drain().await.unwrap();
        story.stage.crash().await.unwrap();
        if changes {
            renames(&story, "Ana", "Anabel").await;
        }
        wait(&mut story, span).await;
        assert_eq!(requests(&story).await, asked, "{span}, changed: {changes}");
        let bells = story.channel("wins").await;
        assert_eq!(bells.len(), 1, "{bells:?}");
        assert_eq!(bells[0].contains("Anabel"), changes, "{bells:?}");
        story.ends().await;
    }
}

#[tokio::test]
async fn a_post_that_cannot_be_composed_is_its_own_trouble_alone() {
    static IS_WELL: AtomicBool = AtomicBool::new(false);
    static IS_MILD: AtomicBool = AtomicBool::new(false);
    // Planted in place of kudos, whose kind it takes.
    static STUMBLING: Feature = Feature {
        composers: &[Composer {
            kind: "kudos",
            compose: |_, _, _, _| {
                Box::pin(async {
                    match (IS_WELL.load(Ordering::SeqCst), IS_MILD.load(Ordering::SeqCst)) {
                        (true, _) => Ok(bellringer::render::post::Post::text("Well again").into()),
                        (false, true) => Err(Error::other("stumbling", "planted")),
                        (false, false) => panic!("planted"),
                    }
                })
            },
        }],
        ..Feature::NONE
    };
    for is_mild in [true, false] {
        IS_MILD.store(is_mild, Ordering::SeqCst);
        IS_WELL.store(false, Ordering::SeqCst);
        let mut story = Story::begin().await;
        story.stage.worker = Arc::new(story.stage.worker.with(after(&STUMBLING)));
        let ana = story.stage.user("Ana");
        story.runs("Ben", "kudos give", json!({"to": ana, "reason": REASON})).await;
        // Posts queued behind it in its channel, and in others.
        story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "3", "everyone": true})).await;
        story.runs("Ana", "win log", json!({"amount": "4k"})).await;
        assert_eq!(story.channel("wins").await.len(), 1);
        for _ in 0..4 {
            wait(&mut story, TimeDelta::seconds(10)).await;
        }
        let shown = story.channel("recognition").await;
        assert!(shown.len() == 1 && shown[0].contains("3 wins"), "{shown:?}");
        let told = story.hears(MAYA, "setup", json!({})).await;
        assert!(told.contains("I couldn't put this post together. Details are in my log under"), "{told}");
        // The next post isn't affected.
        IS_WELL.store(true, Ordering::SeqCst);
        story.runs("Cleo", "kudos give", json!({"to": ana, "reason": REASON})).await;
        let shown = story.channel("recognition").await;
        assert!(shown.iter().any(|it| it.contains("Well again")), "{shown:?}");
        story.expected_failures = 3;
        story.ends().await;
    }
}

#[tokio::test]
async fn praise_that_has_not_left_leaves_out_whoever_wants_none_any_more() {
    let mut story = Story::begin().await;
    for name in ["Ana", "Ben"] {
        story.runs(name, "win log", json!({"amount": "4k"})).await;
    }
    let refused = Fault { times: 2, ..Fault::once(SENDING, Mishap::Internal) };
    story.until(crate::story::april(10, "16:10")).await;
    story.stage.control.fault(&refused).await.unwrap();
    story.until(crate::story::april(10, "16:30")).await;
    story.runs("Ana", "me praise", json!({"how": "not at all"})).await;
    for _ in 0..4 {
        wait(&mut story, TimeDelta::seconds(30)).await;
    }
    let praise: Vec<String> = story.channel("recognition").await;
    let praise: Vec<&String> = praise.iter().filter(|it| it.contains("shout-outs")).collect();
    assert!(praise.len() == 1 && praise[0].contains("**Ben**"), "{praise:?}");
    assert!(!praise[0].contains("Ana"), "{praise:?}");
    story.ends().await;
}
