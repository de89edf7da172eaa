//! Stories of proxies, firewalls and Discord's own front end answering in Discord's place: no post is lost,
//! duplicated or blamed on permissions.

use bellringer::kernel::ids::{ChannelId, GuildId};
use bellringer::outbox;
use bellringer::outbox::queue::{self, Claim, Outcome, Watch};
use bellringer::outbox::subject::Said;
use bellringer::render::post::Post;
use bellringer::sandbox::client::{Fault, Filler, Mishap};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::delivery::{SENDING, bells, count, requests, requests_after, wait, wins};
use crate::story::{MAYA, Story, april};

const FILLERS: [Filler; 4] = [Filler::Html, Filler::Json, Filler::CodeZero, Filler::Empty];
const FOREVER: u32 = u32::MAX;
/// How long a post waits after each of its first seven attempts.
const PAUSES: [i64; 7] = [2, 4, 8, 16, 32, 64, 128];

async fn faults(story: &Story, route: &str, status: u16, body: Filler, times: u32) {
    story.stage.control.fault(&Fault::between(route, status, body, times)).await.unwrap();
}

async fn clear(story: &Story) {
    story.stage.control.clear_faults().await.unwrap();
}

/// Puts a post in the outbox; the worker doesn't run yet.
async fn enqueues(story: &Story, channel: &str, text: &str) {
    let state = story.stage.state.clone();
    let guild = GuildId(story.stage.guild.id.parse().unwrap());
    let mut tx = state.db.write().await.unwrap();
    let channel = ChannelId(channel.parse().unwrap());
    outbox::enqueue(&mut tx, &state, guild, channel, text, &Said::from(Post::text(text))).await.unwrap();
    tx.commit().await.unwrap();
}

async fn posts(story: &mut Story, channel: &str, text: &str) {
    enqueues(story, &story.stage.channel(channel), text).await;
    story.stage.settle().await.unwrap();
}

async fn waits(story: &mut Story, seconds: impl IntoIterator<Item = i64>) {
    for seconds in seconds {
        wait(story, TimeDelta::seconds(seconds)).await;
    }
}

#[tokio::test]
async fn whatever_answers_in_discords_place_a_post_arrives_once() {
    let mut story = Story::begin().await;
    let (mut posted, mut heard) = (0, 0);
    for status in [200, 204, 302, 307, 400, 401, 403, 404, 405, 408, 413, 500, 503] {
        for body in FILLERS {
            for (done, later) in [(false, 10), (true, 10), (true, 600)] {
                posted += 1;
                let case = format!("{posted}: {status} {body:?}, done: {done}");
                requests_after(&story, &mut heard).await;
                let fault = Fault { done, ..Fault::between(SENDING, status, body, 1) };
                story.stage.control.fault(&fault).await.unwrap();
                posts(&mut story, "wins", &case).await;
                assert_eq!(count(&story, "waiting").await, 1, "{case}: it waits");
                waits(&mut story, [later]).await;
                assert_eq!(count(&story, "sent").await, posted, "{case}");
                let asked = requests_after(&story, &mut heard).await.len();
                assert_eq!(asked, 2, "{case}: once more, or found");
            }
        }
    }
    let made = story.stage.control.feed(0).await.unwrap();
    let made = made.iter().filter(|item| item.kind == "made" && item.channel.name == "wins").count();
    assert_eq!(made, usize::try_from(posted).unwrap(), "each is there, and once");
    assert_eq!((count(&story, "held").await, count(&story, "failed").await), (0, 0));
    story.ends().await;
}

#[tokio::test]
async fn a_post_that_is_turned_away_is_held_after_some_tries_and_those_behind_it_pass() {
    for (status, body) in [(403, Filler::Html), (404, Filler::CodeZero), (502, Filler::Empty)] {
        let mut story = Story::begin().await;
        faults(&story, SENDING, status, body, 8).await;
        for customer in ["Acme", "Birch", "Cedar"] {
            wins(&mut story, customer).await;
        }
        let (last, rest) = PAUSES.split_last().unwrap();
        waits(&mut story, rest.iter().copied()).await;
        assert_eq!((bells(&story).await.len(), count(&story, "held").await), (0, 0), "it is waited for");
        waits(&mut story, [*last]).await;
        assert_eq!(bells(&story).await, ["Birch", "Cedar"]);
        assert_eq!(count(&story, "held").await, 1);
        let setup = story.hears(MAYA, "setup", json!({})).await;
        assert!(!setup.contains("Fix these channels"), "{setup}");
        let told: Vec<&str> =
            setup.lines().filter(|line| line.contains("Recent posts with problems")).collect();
        insta::allow_duplicates! { insta::assert_snapshot!(told.join("\n"), @"| Recent posts with problems: #ID, Mon 6 Apr 12:00: Discord or a proxy in between kept blocking this post while newer ones got through. Ask the person who hosts me to check."); }
        waits(&mut story, [3600, 3600]).await;
        assert_eq!(bells(&story).await, ["Birch", "Cedar"], "nor does it come after them");
        story.ends().await;
    }
}

#[tokio::test]
async fn two_posts_that_are_turned_away_hold_up_the_third_only_for_so_long() {
    let mut story = Story::begin().await;
    // The first is tried eight times; from then on each attempt also tries the second, until both have as
    // many.
    faults(&story, SENDING, 403, Filler::Html, 8 + 8 + 7).await;
    for customer in ["Acme", "Birch", "Cedar"] {
        wins(&mut story, customer).await;
    }
    waits(&mut story, PAUSES.into_iter().chain([256; 7])).await;
    assert_eq!(bells(&story).await, ["Cedar"]);
    assert_eq!(count(&story, "held").await, 2);
    story.ends().await;
}

#[tokio::test]
async fn the_post_behind_is_tried_only_while_the_claim_of_the_one_ahead_stands_and_by_nobody_else() {
    let mut story = Story::begin().await;
    let (state, wins) = (story.stage.state.clone(), story.stage.channel("wins"));
    for text in ["one", "two", "three"] {
        enqueues(&story, &wins, text).await;
    }
    let ahead = queue::claim(&state, &Watch::default(), 8).await.unwrap().remove(0);
    let lost = Claim { attempts: ahead.attempts + 1, ..ahead.clone() };
    assert!(queue::behind(&state, &lost).await.unwrap().is_none(), "somebody else has it by now");
    let next = queue::behind(&state, &ahead).await.unwrap().unwrap();
    assert!(next.id > ahead.id);
    assert!(queue::behind(&state, &ahead).await.unwrap().is_none(), "the third waits for the second");
    let put_back = [ahead, next].map(|claim| (claim, Outcome::Later(TimeDelta::zero())));
    queue::settle(&state, &put_back).await.unwrap();
    assert!(queue::behind(&state, &put_back[0].0).await.unwrap().is_none(), "nobody has the first any more");
    story.stage.settle().await.unwrap();
    assert_eq!(count(&story, "sent").await, 3);
    story.ends().await;
}

#[tokio::test]
async fn where_nothing_gets_through_nothing_is_held_and_all_of_it_comes_in_order_afterwards() {
    for (route, status) in [(SENDING, 403), ("/channels/{id}/messages", 403), (SENDING, 401)] {
        let mut story = Story::begin().await;
        faults(&story, route, status, Filler::Html, FOREVER).await;
        for customer in ["Acme", "Birch", "Cedar"] {
            wins(&mut story, customer).await;
        }
        posts(&mut story, "recognition", "Well done.").await;
        let before = requests(&story).await.len();
        waits(&mut story, [60; 60]).await;
        let asked = requests(&story).await.len() - before;
        assert!(asked < 100, "{asked} requests in an hour");
        assert_eq!((count(&story, "held").await, count(&story, "failed").await), (0, 0), "{route} {status}");
        let setup = story.hears(MAYA, "setup", json!({})).await;
        assert!(setup.contains("It isn't getting through yet"), "{setup}");
        clear(&story).await;
        waits(&mut story, [260]).await;
        assert_eq!(bells(&story).await, ["Acme", "Birch", "Cedar"], "{route} {status}");
        assert_eq!(story.channel("recognition").await.len(), 1);
        story.ends().await;
    }
}

#[tokio::test]
async fn what_is_turned_away_for_half_a_day_is_left_out_and_no_permission_is_blamed() {
    let mut story = Story::begin().await;
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
    faults(&story, SENDING, 403, Filler::Html, FOREVER).await;
    story.until(april(6, "09:00")).await;
    let explain = json!({"post": "expectations"});
    assert!(story.hears(MAYA, "schedule explain", explain.clone()).await.contains("on its way"));
    waits(&mut story, PAUSES).await;
    let explained = story.hears(MAYA, "schedule explain", explain.clone()).await;
    assert!(explained.contains("It isn't getting through yet"), "{explained}");
    waits(&mut story, [3600; 13]).await;
    clear(&story).await;
    assert_eq!(count(&story, "failed").await, 1);
    for told in [
        story.hears(MAYA, "setup", json!({})).await,
        story.hears(MAYA, "schedule explain", explain.clone()).await,
    ] {
        assert!(told.contains("within 12 hours, so I skipped it") && !told.contains("Give me"), "{told}");
    }
    story.ends().await;
}

#[tokio::test]
async fn a_doubt_is_neither_settled_nor_given_up_by_who_answers_in_discords_place() {
    for route in [
        "GET /channels/{id}/messages",
        "GET /users/@me",
        "GET /guilds/{id}",
        "GET /guilds/{id}/members/{id}",
        "GET /channels/{id}",
    ] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
        wins(&mut story, "Acme").await;
        let mut pauses = vec![300];
        for (status, body) in [
            (403, Filler::Html),
            (404, Filler::CodeZero),
            (401, Filler::CodeZero),
            (200, Filler::Html),
            (200, Filler::Json),
            (200, Filler::Empty),
        ] {
            faults(&story, route, status, body, 1).await;
            pauses.push(300);
        }
        waits(&mut story, pauses).await;
        assert_eq!((bells(&story).await.len(), count(&story, "sent").await), (1, 1), "{route}");
        let sent = requests(&story).await.iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(sent, 1, "{route}: it was found, and not made anew");
        story.ends().await;
    }
}

#[tokio::test]
async fn an_edit_that_something_else_refuses_is_made_later() {
    let mut story = Story::begin().await;
    wins(&mut story, "Acme").await;
    for (status, body) in
        [(403, Filler::Html), (404, Filler::CodeZero), (400, Filler::Json), (200, Filler::Json)]
    {
        faults(&story, "PATCH /channels/{id}/messages/{id}", status, body, 1).await;
    }
    story.runs("Ana", "win undo", json!({})).await;
    assert!(!story.channel("wins").await[0].contains("Undone"));
    waits(&mut story, PAUSES).await;
    assert!(story.channel("wins").await[0].contains("Undone"));
    assert_eq!(count(&story, "failed").await, 0);
    story.ends().await;
}

#[tokio::test]
async fn a_limit_without_a_time_pauses_everything_for_a_minute_and_longer_each_time() {
    for body in FILLERS {
        let mut story = Story::begin().await;
        faults(&story, SENDING, 429, body, FOREVER).await;
        let mut channels =
            ["general", "wins", "recognition", "expectations"].map(|name| story.stage.channel(name)).to_vec();
        channels.push(story.stage.control.channel(&story.stage.guild.id, "fifth").await.unwrap());
        for (at, channel) in channels.iter().enumerate() {
            enqueues(&story, channel, &format!("post {at}")).await;
        }
        story.stage.settle().await.unwrap();
        let five = requests(&story).await.len();
        assert!((1..=5).contains(&five), "{five} at once");
        for _ in 0..59 {
            waits(&mut story, [1]).await;
        }
        assert_eq!(requests(&story).await.len(), five, "{body:?}: no more in the minute");
        // One minute, two, four, eight, sixteen and thirty-two; then an hour each.
        waits(&mut story, [60; 3 * 60]).await;
        let asked = requests(&story).await.len();
        assert!((8..=5 * 9).contains(&asked), "{body:?}: {asked} in three hours");
        clear(&story).await;
        waits(&mut story, [3600]).await;
        for channel in &channels {
            assert_eq!(story.stage.control.messages(channel, None).await.unwrap().len(), 1, "{body:?}");
        }
        // The success reset the pause: the next one is a minute again.
        faults(&story, SENDING, 429, body, 1).await;
        posts(&mut story, "wins", "the next").await;
        waits(&mut story, [59]).await;
        assert_eq!(count(&story, "waiting").await, 1);
        waits(&mut story, [1]).await;
        assert_eq!(count(&story, "waiting").await, 0);
        assert_eq!((count(&story, "held").await, count(&story, "failed").await), (0, 0));
        story.ends().await;
    }
}

#[tokio::test]
async fn a_limit_that_is_not_discords_own_closes_every_channel_for_the_time_in_its_header() {
    let mut story = Story::begin().await;
    let fault = Fault { retry_after: 30.0, ..Fault::between(SENDING, 429, Filler::Html, 1) };
    story.stage.control.fault(&fault).await.unwrap();
    posts(&mut story, "wins", "one").await;
    posts(&mut story, "recognition", "two").await;
    waits(&mut story, [29]).await;
    assert_eq!((count(&story, "waiting").await, requests(&story).await.len()), (2, 1));
    waits(&mut story, [1]).await;
    assert_eq!((count(&story, "waiting").await, requests(&story).await.len()), (0, 3));
    story.ends().await;
}

#[tokio::test]
async fn a_channel_that_could_not_be_looked_at_is_not_said_to_lack_permissions() {
    let mut story = Story::begin().await;
    for (status, body) in [(403, Filler::Html), (404, Filler::CodeZero), (200, Filler::Json)] {
        faults(&story, "GET /channels/{id}", status, body, FOREVER).await;
        let setup = story.hears(MAYA, "setup", json!({})).await;
        let told: Vec<&str> = setup
            .lines()
            .filter(|line| line.contains("check") || line.contains("Fix these channels"))
            .collect();
        insta::allow_duplicates! { insta::assert_snapshot!(told.join("\n"), @"| Couldn't check: #ID, #ID, #ID: Discord didn't answer just now. Run /setup again in a few minutes."); }
        clear(&story).await;
    }
    story.ends().await;
}

#[tokio::test]
async fn whoever_asks_for_messages_is_not_told_to_change_their_settings_over_a_proxy() {
    let mut story = Story::begin().await;
    faults(&story, SENDING, 403, Filler::Html, 1).await;
    let told = story.hears("Ana", "me messages", json!({"direct": true})).await;
    assert!(!told.contains("privacy settings"), "{told}");
    story.stage.control.close_direct(&story.stage.user("Ana"), true).await.unwrap();
    let told = story.hears("Ana", "me messages", json!({"direct": true})).await;
    assert!(told.contains("I can't message you"), "{told}");
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn the_log_of_what_was_asked_names_who_answered() {
    let mut story = Story::begin().await;
    faults(&story, SENDING, 413, Filler::Html, 1).await;
    posts(&mut story, "wins", "one").await;
    waits(&mut story, [5]).await;
    let log = story.stage.control.log(0).await.unwrap();
    let met: Vec<&Value> = log.iter().filter(|entry| entry["fault"] == "between").collect();
    assert_eq!((met.len(), &met[0]["status"]), (1, &json!(413)));
    story.ends().await;
}
