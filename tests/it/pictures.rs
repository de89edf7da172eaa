//! Stories of posts with a picture: each is in its channel once, and without the picture rather than not at
//! all.

use bellringer::kernel::ids::{ChannelId, GuildId};
use bellringer::kernel::text::{escape, replaced};
use bellringer::outbox;
use bellringer::outbox::subject::Said;
use bellringer::render::card::{Card, Row};
use bellringer::render::post::{Post, Tone};
use bellringer::sandbox::client::{Fault, Filler, Mishap};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::delivery::{SENDING, denies, requests, wait};
use crate::story::{MAYA, Story};

const KEY: &str = "board:story";
const ATTACH_FILES: u64 = 1 << 15;

/// A board with a first place.
fn board(name: &str) -> Post {
    let row = Row { place: 1, name: name.to_owned(), quantity: "$4,000".to_owned(), percent: 100 };
    let card = Card {
        title: "Revenue".to_owned(),
        subtitle: "This week".to_owned(),
        rows: vec![row],
        ..Card::default()
    };
    let post = Post::new(Tone::Bell, "Revenue, this week", format!("1. {} · $4,000", escape(name)));
    Post { card: Some(card), ..post }
}

async fn guild(story: &Story) -> GuildId {
    let (id,): (i64,) =
        sqlx::query_as("SELECT id FROM guild").fetch_one(story.stage.state.db.read()).await.unwrap();
    GuildId(id)
}

async fn posts(story: &mut Story, post: &Post) {
    let state = story.stage.state.clone();
    let channel = ChannelId(story.stage.channel("recognition").parse().unwrap());
    let guild = guild(story).await;
    let mut tx = state.db.write().await.unwrap();
    outbox::enqueue(&mut tx, &state, guild, channel, KEY, &Said::from(post.clone())).await.unwrap();
    tx.commit().await.unwrap();
    story.stage.settle().await.unwrap();
}

async fn amends(story: &mut Story, post: &Post) {
    let guild = guild(story).await;
    let mut tx = story.stage.state.db.write().await.unwrap();
    outbox::amend(&mut tx, guild, KEY, &Said::from(post.clone())).await.unwrap();
    tx.commit().await.unwrap();
    story.stage.settle().await.unwrap();
}

async fn messages(story: &Story) -> Vec<Value> {
    story.stage.control.messages(&story.stage.channel("recognition"), None).await.unwrap()
}

/// The description of the single picture in the single message, after checking that the embed shows it.
fn described(messages: &[Value]) -> String {
    let [message] = messages else { panic!("{} messages", messages.len()) };
    let [file] = &message["attachments"].as_array().unwrap()[..] else { panic!("{message}") };
    assert_eq!(
        message["embeds"][0]["image"]["url"], file["url"],
        "it is shown in the embed, and not below it"
    );
    assert_eq!((&file["filename"], &file["width"]), (&json!("board.png"), &json!(1000)));
    file["description"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_board_comes_with_its_picture_and_with_the_same_in_words() {
    let mut story = Story::begin().await;
    posts(&mut story, &board("Ana")).await;
    let there = messages(&story).await;
    assert_eq!(described(&there), "Revenue, This week. 1. Ana: $4,000.");
    assert!(there[0]["embeds"][0]["description"].as_str().unwrap().contains("Ana"), "and below it in words");
    story.ends().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_one_message_with_one_picture() {
    for (mishap, span, asked) in [
        (Mishap::DropBefore, TimeDelta::seconds(61), ["POST drop_before", "POST 200"].as_slice()),
        (Mishap::DropAfter, TimeDelta::seconds(61), &["POST drop_after", "POST 200"]),
        (Mishap::DropAfter, TimeDelta::minutes(10), &["POST drop_after", "GET 200"]),
    ] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, mishap)).await.unwrap();
        posts(&mut story, &board("Ana")).await;
        story.stage.crash().await.unwrap();
        wait(&mut story, span).await;
        described(&messages(&story).await);
        assert_eq!(requests(&story).await, asked, "{mishap:?} and back after {span}");
        story.ends().await;
    }
}

#[tokio::test]
async fn an_edit_brings_its_own_picture_and_one_without_takes_it_away() {
    let mut story = Story::begin().await;
    posts(&mut story, &board("Ana")).await;
    amends(&mut story, &board("Ben")).await;
    assert_eq!(described(&messages(&story).await), "Revenue, This week. 1. Ben: $4,000.");
    amends(&mut story, &Post { card: None, ..board("Cleo") }).await;
    let there = messages(&story).await;
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["attachments"], json!([]));
    assert!(there[0]["embeds"][0].get("image").is_none_or(Value::is_null));
    story.ends().await;
}

#[tokio::test]
async fn where_no_files_may_be_attached_the_words_come_alone() {
    let mut story = Story::begin().await;
    denies(&story, "recognition", ATTACH_FILES).await;
    posts(&mut story, &board("Ana")).await;
    let there = messages(&story).await;
    assert_eq!((there.len(), &there[0]["attachments"]), (1, &json!([])));
    assert!(there[0]["embeds"][0]["description"].as_str().unwrap().contains("Ana"));
    assert_eq!(requests(&story).await, ["POST 403", "POST 200"]);
    amends(&mut story, &board("Ben")).await;
    assert!(messages(&story).await[0]["embeds"][0]["description"].as_str().unwrap().contains("Ben"));
    let told = story.hears(MAYA, "setup", json!({})).await;
    assert!(told.contains("give me Attach Files to post leaderboards as images"), "{told}");
    story.ends().await;
}

#[tokio::test]
async fn where_a_proxy_takes_no_picture_the_words_come_alone_and_else_it_is_waited_for() {
    for (status, asked) in [(413, ["POST between", "POST 200"]), (403, ["POST between", "POST 200"])] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::between(SENDING, status, Filler::Html, 1)).await.unwrap();
        posts(&mut story, &board("Ana")).await;
        assert_eq!(messages(&story).await.len(), usize::from(status == 413));
        wait(&mut story, TimeDelta::seconds(5)).await;
        let there = messages(&story).await;
        assert_eq!(requests(&story).await, asked, "{status}");
        let pictures = there[0]["attachments"].as_array().unwrap().len();
        assert_eq!((there.len(), pictures), (1, usize::from(status == 403)), "{status}");
        story.ends().await;
    }
}

#[tokio::test]
async fn a_picture_that_was_turned_away_after_it_was_posted_is_not_posted_again_in_words() {
    let mut story = Story::begin().await;
    let refused = Fault { done: true, ..Fault::between(SENDING, 413, Filler::Html, 1) };
    story.stage.control.fault(&refused).await.unwrap();
    let slow = Fault { retry_after: 600.0, ..Fault::once(SENDING, Mishap::TooMany) };
    story.stage.control.fault(&slow).await.unwrap();
    posts(&mut story, &board("Ana")).await;
    // Longer than the nonce is remembered.
    wait(&mut story, TimeDelta::minutes(11)).await;
    described(&messages(&story).await);
    assert_eq!(requests(&story).await, ["POST between", "POST 429", "GET 200"]);
    story.ends().await;
}

#[tokio::test]
async fn a_board_that_is_asked_for_where_no_files_may_be_attached_is_told_in_words() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": "Acme"})).await;
    let asked = json!({"show": "this channel: the leaderboard everyone sees"});
    let shown = story.runs("Ana", "leaderboard", asked.clone()).await.message.unwrap();
    described(&[shown]);
    denies(&story, "general", ATTACH_FILES).await;
    let shown = story.runs("Ana", "leaderboard", asked).await.message.unwrap();
    assert_eq!(shown["attachments"], json!([]));
    assert!(shown["embeds"][0]["description"].as_str().unwrap().contains("Ana"));
    story.ends().await;
}

#[test]
fn a_picture_that_names_somebody_who_left_is_left_out_whatever_they_are_called() {
    for name in ["Ana", "Ana_B *the* closer"] {
        let without = |text: &str| replaced(text, &escape(name), "a former teammate");
        assert!(board(name).forgetting(without).card.is_none());
        assert!(board("Ben").forgetting(without).card.is_some());
    }
}
