//! Stories of delivery: whatever crashes, is lost or is refused, a post is in its channel once, or a manager
//! is told.

use bellringer::outbox::failure::Failure;
use bellringer::outbox::queue::{self, Outcome, Watch};
use bellringer::sandbox::client::{Fault, Mishap};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april};
use crate::weekly::jump;

pub(crate) const SENDING: &str = "POST /channels/{id}/messages";
/// Longer than a lease, but shorter than a nonce is remembered.
const SOON: TimeDelta = TimeDelta::seconds(61);
/// Longer than a nonce is remembered.
const LATER: TimeDelta = TimeDelta::minutes(10);

pub(crate) async fn wait(story: &mut Story, span: TimeDelta) {
    jump(story, story.stage.clock.now() + span).await;
    story.stage.settle().await.unwrap();
}

/// Ana logs a win; the worker hasn't run yet.
pub(crate) async fn wins_unseen(story: &Story, customer: &str) {
    let place = story.stage.place("Ana", "general");
    story
        .stage
        .control
        .command(&place, "win log", json!({"amount": "4k", "customer": customer}))
        .await
        .unwrap();
}

pub(crate) async fn wins(story: &mut Story, customer: &str) {
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": customer})).await;
}

/// The customers of the bells in #wins, in order.
pub(crate) async fn bells(story: &Story) -> Vec<String> {
    let customers = ["Acme", "Birch", "Cedar"];
    let named =
        |text: &String| customers.iter().filter(|name| text.contains(*name)).copied().collect::<String>();
    story.channel("wins").await.iter().map(named).collect()
}

/// Requests about channel messages so far: method and status, or the injected fault.
pub(crate) async fn requests(story: &Story) -> Vec<String> {
    requests_after(story, &mut 0).await
}

/// Those after the last log entry read.
pub(crate) async fn requests_after(story: &Story, heard: &mut u64) -> Vec<String> {
    let log = story.stage.control.log(*heard).await.unwrap();
    *heard = log.last().map_or(*heard, |entry| entry["seq"].as_u64().unwrap());
    let line = |entry: &Value| {
        let (method, _) = entry["route"].as_str()?.split_once(" /channels/{id}/messages")?;
        let became = entry["fault"].as_str().map_or_else(|| entry["status"].to_string(), str::to_owned);
        Some(format!("{method} {became}"))
    };
    log.iter().filter_map(line).collect()
}

pub(crate) async fn count(story: &Story, state: &str) -> i64 {
    let query = sqlx::query_as("SELECT COUNT(*) FROM post WHERE state = $1").bind(state);
    let (count,): (i64,) = query.fetch_one(story.stage.state.db.read()).await.unwrap();
    count
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_one_message_whenever_the_bot_comes_back() {
    for (mishap, span, asked) in [
        (Mishap::DropBefore, SOON, ["POST drop_before", "POST 200"].as_slice()),
        (Mishap::DropAfter, SOON, &["POST drop_after", "POST 200"]), // the nonce returns the first message
        (Mishap::DropBefore, LATER, &["POST drop_before", "GET 200", "POST 200"]),
        (Mishap::DropAfter, LATER, &["POST drop_after", "GET 200"]), // found in the channel
    ] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, mishap)).await.unwrap();
        wins(&mut story, "Acme").await;
        assert_eq!(bells(&story).await.len(), usize::from(mishap == Mishap::DropAfter));
        story.stage.crash().await.unwrap();
        wait(&mut story, span).await;
        assert_eq!(bells(&story).await, ["Acme"], "{mishap:?} and back after {span}");
        assert_eq!(requests(&story).await, asked, "{mishap:?} and back after {span}");
        wait(&mut story, LATER).await;
        assert_eq!(bells(&story).await, ["Acme"], "{mishap:?} and back after {span}");
        story.ends().await;
    }
}

#[tokio::test]
async fn a_bot_that_dies_between_claiming_and_sending_sends_once_when_it_is_back() {
    for span in [SOON, LATER] {
        let mut story = Story::begin().await;
        wins_unseen(&story, "Acme").await;
        assert_eq!(queue::claim(&story.stage.state, &Watch::default(), 8).await.unwrap().len(), 1);
        story.stage.crash().await.unwrap();
        story.stage.settle().await.unwrap();
        wait(&mut story, TimeDelta::seconds(29)).await;
        assert_eq!(bells(&story).await.len(), 0, "the lease still holds");
        wait(&mut story, span).await;
        assert_eq!(bells(&story).await, ["Acme"], "back after {span}");
        story.ends().await;
    }
}

#[tokio::test]
async fn a_bot_that_dies_between_sending_and_recording_does_not_send_again() {
    for (span, asked) in [(SOON, ["POST delay", "POST 200"]), (LATER, ["POST delay", "GET 200"])] {
        let mut story = Story::begin().await;
        let slow = Fault { delay_ms: 200, ..Fault::once(SENDING, Mishap::Delay) };
        story.stage.control.fault(&slow).await.unwrap();
        wins_unseen(&story, "Acme").await;
        let (worker, state) = (story.stage.worker.clone(), story.stage.state.clone());
        // The answer is slow, and meanwhile nobody can write: the message is made, but can't be recorded.
        let made = async {
            while count(&story, "claimed").await == 0 {}
            let mut held = state.db.write().await.unwrap();
            // SQLite has one writer anyway; PostgreSQL locks the rows that are touched.
            sqlx::query("UPDATE post SET state = state").execute(&mut *held).await.unwrap();
            while bells(&story).await.is_empty() {}
            held
        };
        tokio::select! {
            drained = worker.drain() => panic!("it was recorded: {drained:?}"),
            held = made => drop(held),
        }
        assert_eq!(count(&story, "claimed").await, 1);
        drop((worker, state));
        story.stage.crash().await.unwrap();
        story.stage.settle().await.unwrap();
        wait(&mut story, span).await;
        assert_eq!(bells(&story).await, ["Acme"], "back after {span}");
        assert_eq!(requests(&story).await, asked, "back after {span}");
        story.ends().await;
    }
}

#[tokio::test]
async fn every_post_carries_a_nonce_and_its_reference() {
    let mut story = Story::begin().await;
    wins(&mut story, "Acme").await;
    wins(&mut story, "Birch").await;
    let log = story.stage.control.log(0).await.unwrap();
    let sent: Vec<&Value> =
        log.iter().filter(|entry| entry["route"] == SENDING).map(|entry| &entry["request"]).collect();
    assert_eq!(sent.len(), 2);
    for request in &sent {
        assert_eq!(request["enforce_nonce"], true);
        let nonce = request["nonce"].as_str().unwrap();
        assert!((1..=25).contains(&nonce.len()), "{nonce}");
        assert!(request["embeds"][0]["footer"]["text"].as_str().unwrap().ends_with(&format!("#{nonce}")));
    }
    assert_ne!(sent[0]["nonce"], sent[1]["nonce"]);
    story.ends().await;
}

const SEND_MESSAGES: u64 = 1 << 11;
const READ_MESSAGE_HISTORY: u64 = 1 << 16;

/// Takes a permission away from everyone in a channel, including the bot.
pub(crate) async fn denies(story: &Story, channel: &str, permission: u64) {
    let guild = &story.stage.guild;
    let deny = |role: &str| json!({"id": role, "type": 0, "allow": "0", "deny": permission.to_string()});
    let denied = json!([deny(&guild.id), deny(&guild.bot_role_id)]);
    story.stage.control.overwrites(&story.stage.channel(channel), denied).await.unwrap();
}

#[tokio::test]
async fn where_history_cannot_be_read_a_doubtful_post_is_held_and_the_manager_told() {
    for mishap in [Mishap::DropBefore, Mishap::DropAfter] {
        let mut story = Story::begin().await;
        let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
        story.runs(MAYA, "expect set", expectation).await;
        denies(&story, "expectations", READ_MESSAGE_HISTORY).await;
        story.stage.control.fault(&Fault::once(SENDING, mishap)).await.unwrap();
        story.until(april(6, "09:00")).await;
        let before = story.channel("expectations").await.len();
        story.stage.crash().await.unwrap();
        wait(&mut story, LATER).await;
        assert_eq!(story.channel("expectations").await.len(), before, "it is not guessed");
        assert_eq!(count(&story, "held").await, 1);
        let explained = story.hears(MAYA, "schedule explain", json!({"post": "expectations"})).await;
        let setup = story.hears(MAYA, "setup", json!({})).await;
        insta::allow_duplicates! { insta::assert_snapshot!(format!("{explained}\n\n---\n\n{setup}")); }
        story.ends().await;
    }
}

#[tokio::test]
async fn being_told_to_slow_down_keeps_the_order_and_the_other_channels() {
    let mut story = Story::begin().await;
    let slow = Fault { retry_after: 30.0, ..Fault::once(SENDING, Mishap::TooMany) };
    story.stage.control.fault(&slow).await.unwrap();
    wins(&mut story, "Acme").await;
    wins(&mut story, "Birch").await;
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "8k", "everyone": true})).await;
    assert_eq!(story.channel("recognition").await.len(), 2, "the goal's channel is not closed");
    wait(&mut story, TimeDelta::seconds(29)).await;
    wins(&mut story, "Cedar").await;
    assert_eq!(bells(&story).await.len(), 0, "not before the time told");
    wait(&mut story, TimeDelta::seconds(1)).await;
    assert_eq!(bells(&story).await, ["Acme", "Birch", "Cedar"]);
    assert_eq!(
        requests(&story).await.iter().filter(|line| *line == "POST 429").count(),
        1,
        "it was asked once too often, not more"
    );
    story.ends().await;
}

#[tokio::test]
async fn the_global_limit_closes_every_channel() {
    let mut story = Story::begin().await;
    let slow = Fault { retry_after: 30.0, global: true, ..Fault::once(SENDING, Mishap::TooMany) };
    story.stage.control.fault(&slow).await.unwrap();
    wins(&mut story, "Acme").await;
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "3k", "everyone": true})).await;
    assert_eq!(story.channel("recognition").await.len(), 0);
    wait(&mut story, TimeDelta::seconds(30)).await;
    assert_eq!((story.channel("recognition").await.len(), bells(&story).await.len()), (2, 1));
    story.ends().await;
}

#[tokio::test]
async fn a_server_error_is_tried_again_in_order() {
    for mishap in [Mishap::Internal, Mishap::BadGateway] {
        let mut story = Story::begin().await;
        let broken = Fault { times: 3, ..Fault::once(SENDING, mishap) };
        story.stage.control.fault(&broken).await.unwrap();
        for customer in ["Acme", "Birch", "Cedar"] {
            wins(&mut story, customer).await;
        }
        assert_eq!(requests(&story).await.len(), 1, "the ones behind wait for the first");
        for _ in 0..3 {
            wait(&mut story, TimeDelta::seconds(10)).await;
        }
        assert_eq!(bells(&story).await, ["Acme", "Birch", "Cedar"], "{mishap:?}");
        assert_eq!(requests(&story).await.len(), 6, "{mishap:?}");
        story.ends().await;
    }
}

#[tokio::test]
async fn a_doubt_outlives_being_told_to_slow_down() {
    // Made, but the answer was lost; then 429 for longer than the nonce is remembered. The first attempt must
    // not be forgotten.
    let mut story = Story::begin().await;
    story.stage.control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
    let slow = Fault { retry_after: 600.0, ..Fault::once(SENDING, Mishap::TooMany) };
    story.stage.control.fault(&slow).await.unwrap();
    wins(&mut story, "Acme").await;
    wait(&mut story, TimeDelta::seconds(5)).await;
    wait(&mut story, TimeDelta::seconds(601)).await;
    assert_eq!(bells(&story).await, ["Acme"]);
    assert_eq!(requests(&story).await, ["POST drop_after", "POST 429", "GET 200"]);
    story.ends().await;
}

#[tokio::test]
async fn a_refusal_is_for_good_and_the_manager_is_told() {
    let mut story = Story::begin().await;
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
    denies(&story, "wins", SEND_MESSAGES).await;
    wins(&mut story, "Acme").await;
    story.stage.control.delete_channel(&story.stage.channel("expectations")).await.unwrap();
    story.until(april(6, "09:00")).await;
    let tried = requests(&story).await;
    assert_eq!(tried, ["POST 403", "POST 404"]);
    let explained = story.hears(MAYA, "schedule explain", json!({"post": "expectations"})).await;
    let setup = story.hears(MAYA, "setup", json!({})).await;
    wait(&mut story, TimeDelta::hours(1)).await;
    assert_eq!(requests(&story).await, tried, "it is not tried again");
    assert_eq!(count(&story, "failed").await, 2);
    insta::assert_snapshot!(format!("{explained}\n\n---\n\n{setup}"));
    story.ends().await;
}

#[tokio::test]
async fn a_post_in_doubt_whose_channel_is_gone_or_hidden_ends_and_says_why() {
    const VIEW_CHANNEL: u64 = 1 << 10;
    for (is_gone, state) in [(true, "failed"), (false, "held")] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, Mishap::DropBefore)).await.unwrap();
        wins(&mut story, "Acme").await;
        if is_gone {
            story.stage.control.delete_channel(&story.stage.channel("wins")).await.unwrap();
        } else {
            denies(&story, "wins", VIEW_CHANNEL).await;
        }
        wait(&mut story, LATER).await;
        assert_eq!(count(&story, state).await, 1);
        story.ends().await;
    }
}

#[tokio::test]
async fn a_post_that_fails_does_not_stop_those_behind_it() {
    let mut story = Story::begin().await;
    let channel = story.stage.channel("wins");
    denies(&story, "wins", SEND_MESSAGES).await;
    wins(&mut story, "Acme").await;
    story.stage.control.overwrites(&channel, json!([])).await.unwrap();
    wins(&mut story, "Birch").await;
    assert_eq!(bells(&story).await, ["Birch"]);
    story.ends().await;
}

#[tokio::test]
async fn a_post_that_changes_before_it_is_sent_is_sent_once_as_it_is_now() {
    let mut story = Story::begin().await;
    let slow = Fault { retry_after: 30.0, ..Fault::once(SENDING, Mishap::TooMany) };
    story.stage.control.fault(&slow).await.unwrap();
    wins(&mut story, "Acme").await;
    story.runs("Ana", "win undo", json!({})).await;
    assert_eq!(bells(&story).await.len(), 0);
    wait(&mut story, TimeDelta::seconds(30)).await;
    insta::assert_snapshot!(story.channel("wins").await.join("\n\n---\n\n"));
    assert_eq!(requests(&story).await, ["POST 429", "POST 200"]);
    story.ends().await;
}

#[tokio::test]
async fn a_post_that_changes_while_its_first_sending_is_in_doubt_ends_as_it_is_now() {
    for span in [TimeDelta::seconds(5), LATER] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
        wins_unseen(&story, "Acme").await;
        story.stage.worker.drain().await.unwrap();
        let place = story.stage.place("Ana", "general");
        jump(&story, story.stage.clock.now() + span).await;
        story.stage.control.command(&place, "win undo", json!({})).await.unwrap();
        story.stage.settle().await.unwrap();
        let shown = story.channel("wins").await;
        assert_eq!(shown.len(), 1);
        assert!(shown[0].contains("Undone"), "after {span} it still says {}", shown[0]);
        story.ends().await;
    }
}

#[tokio::test]
async fn what_one_worker_has_claimed_no_other_sends_within_the_lease() {
    let mut story = Story::begin().await;
    wins_unseen(&story, "Acme").await;
    wins_unseen(&story, "Birch").await;
    let state = story.stage.state.clone();
    let claims = queue::claim(&state, &Watch::default(), 8).await.unwrap();
    assert_eq!(claims.len(), 1, "one at a time in a channel");
    story.stage.settle().await.unwrap();
    wait(&mut story, TimeDelta::seconds(29)).await;
    assert_eq!(bells(&story).await.len(), 0, "nor does the one behind overtake it");
    wait(&mut story, TimeDelta::seconds(2)).await;
    assert_eq!(bells(&story).await, ["Acme", "Birch"], "after the lease another takes over");
    // The first worker wakes up at last: its results for a claim it has lost change nothing.
    for outcome in [
        Outcome::Later(TimeDelta::zero()),
        Outcome::Unknown(TimeDelta::zero()),
        Outcome::Failed(Failure::TooLate),
    ] {
        queue::settle(&state, &[(claims[0].clone(), outcome)]).await.unwrap();
        story.stage.settle().await.unwrap();
    }
    assert_eq!(bells(&story).await, ["Acme", "Birch"]);
    assert_eq!((count(&story, "sent").await, count(&story, "failed").await), (2, 0));
    story.ends().await;
}
