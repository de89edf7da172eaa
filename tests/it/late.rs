//! Stories of late, lost or deferred answers: Discord decides what is late, and nothing is done twice.

use std::collections::BTreeSet;
use std::time::Duration;

use bellringer::sandbox::client::{Fault, Filler, Mishap, Outcome, State};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::delivery::bells;
use crate::permissions::{Door, Scene, commanded, pressable, refuses};
use crate::story::{MAYA, Story, said, text};

/// The endpoint of first responses.
const CALLBACK: &str = "/callback";
/// More than Discord's three seconds.
const TOO_LATE: f64 = 5.0;
/// More than the two seconds after which the bot assumes that it may be late.
const OLD: f64 = 2.05;

/// A command that reaches the bot this many seconds late.
async fn says_late(story: &mut Story, who: &str, command: &str, options: Value, seconds: f64) -> Outcome {
    let place = story.stage.place(who, "general");
    let outcome = story.stage.control.late(seconds).command(&place, command, options).await.unwrap();
    story.stage.settle().await.unwrap();
    outcome
}

async fn one(story: &Story, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(story.stage.state.db.read()).await.unwrap();
    count
}

async fn wins(story: &Story) -> i64 {
    one(story, "SELECT COUNT(*) FROM win WHERE undone_at IS NULL").await
}

const RECEIPTS: &str = "SELECT COUNT(*) FROM inbox WHERE item_key LIKE 'receipt:%'";

/// Waits until this many receipts are in inboxes: the bot adds them after the client has given up.
async fn receipts(story: &Story, wanted: i64) {
    for _ in 0..500 {
        if one(story, RECEIPTS).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} receipts lie in inboxes, not {wanted}", one(story, RECEIPTS).await);
}

/// The responses to interactions since the story began, each as method and status or fault.
async fn answers(story: &Story) -> Vec<String> {
    let log = story.stage.control.log(0).await.unwrap();
    let to_interactions = log.iter().filter(|it| {
        let route = it["route"].as_str().unwrap_or_default();
        route.contains("/interactions/") || route.contains("/webhooks/")
    });
    let told = to_interactions.map(|it| {
        let what = it["fault"].as_str().map_or_else(|| it["status"].to_string(), ToOwned::to_owned);
        format!("{} {what}", it["method"].as_str().unwrap_or_default())
    });
    // The first is the answer to /setup.
    told.skip(2).collect()
}

#[tokio::test]
async fn a_win_that_arrives_too_late_is_not_booked_and_the_second_try_logs_one() {
    let mut story = Story::begin().await;
    let win = json!({"amount": "4k", "customer": "Acme"});
    let late = says_late(&mut story, "Ana", "win log", win.clone(), TOO_LATE).await;
    assert_eq!((late.state, late.message), (State::Silent, None));
    assert_eq!(
        answers(&story).await,
        ["POST 404"],
        "it is deferred, which Discord refuses, and nothing else"
    );
    assert_eq!((wins(&story).await, bells(&story).await.len()), (0, 0));
    assert!(story.hears("Ana", "win log", win).await.contains("Logged"));
    assert_eq!((wins(&story).await, bells(&story).await.len()), (1, 1));
    assert_eq!(one(&story, RECEIPTS).await, 0);
    story.ends().await;
}

#[tokio::test]
async fn a_win_that_is_old_but_in_time_is_deferred_and_answered_and_a_young_one_is_answered_at_once() {
    let mut story = Story::begin().await;
    let win = json!({"amount": "4k", "customer": "Acme"});
    let old = says_late(&mut story, "Ana", "win log", win.clone(), OLD).await;
    assert_eq!((old.state, old.ephemeral), (State::Replied, true));
    assert!(said(&old).contains("Logged"));
    assert_eq!(answers(&story).await, ["POST 204", "PATCH 200"]);
    story.runs("Ana", "win log", win).await;
    assert_eq!(answers(&story).await[2..], ["POST 204"]);
    assert_eq!((wins(&story).await, bells(&story).await.len()), (2, 2));
    story.ends().await;
}

/// Uses a command or button as Maya, this many seconds late.
async fn tries(scene: &mut Scene, door: &Door, seconds: f64) -> Outcome {
    let control = scene.story.stage.control.clone();
    let outcome = match scene.filled(&door.input) {
        Value::String(custom_id) => {
            scene.story.stage.control = control.late(seconds);
            let outcome = scene.story.presses_guessed(MAYA, &custom_id).await;
            scene.story.stage.control = control;
            outcome
        }
        options => {
            let place = scene.story.stage.place(MAYA, "general");
            control.late(seconds).command(&place, door.name, options).await.unwrap()
        }
    };
    scene.story.stage.settle().await.unwrap();
    outcome
}

fn doors() -> impl Iterator<Item = Door> {
    commanded().into_iter().chain(pressable())
}

#[tokio::test]
async fn nothing_that_arrives_too_late_writes_or_says_anything() {
    let mut scene = Scene::set().await;
    for door in doors() {
        let before = scene.rows().await;
        let outcome = tries(&mut scene, &door, TOO_LATE).await;
        assert_eq!((outcome.state, outcome.message), (State::Silent, None), "{}", door.name);
        assert_eq!(scene.rows().await, before, "{}", door.name);
    }
    scene.story.ends().await;
}

#[tokio::test]
async fn whatever_is_old_but_in_time_is_answered_as_if_it_were_young() {
    let mut scene = Scene::set().await;
    for door in doors() {
        let outcome = tries(&mut scene, &door, OLD).await;
        let what = format!("{}: {:?} {}", door.name, outcome.state, said(&outcome));
        assert_eq!(outcome.state, State::Replied, "{what}");
        assert!(outcome.ephemeral && !said(&outcome).is_empty(), "{what}");
    }
    scene.story.ends().await;
}

#[tokio::test]
async fn what_was_done_and_could_not_be_said_lies_in_the_inbox_and_what_was_only_read_does_not() {
    let mut scene = Scene::set().await;
    // The bot's clock is behind, so a late command looks recent; Discord rejects the answer although the work
    // is done.
    let behind = scene.story.stage.clock.now() - TimeDelta::seconds(4);
    scene.story.stage.clock.set(behind);
    let changed = |rows: BTreeSet<String>| {
        rows.into_iter().filter(|row| !row.starts_with("inbox ")).collect::<BTreeSet<_>>()
    };
    let mut done = Vec::new();
    for door in doors() {
        let before = changed(scene.rows().await);
        let outcome = tries(&mut scene, &door, TOO_LATE).await;
        assert_eq!((outcome.state, outcome.message), (State::Silent, None), "{}", door.name);
        // A preview stores the moments it finds, so that they can be vetoed; that isn't a user's change.
        let has_changed = changed(scene.rows().await) != before && door.name != "shoutout preview";
        done.push((door.name, format!("receipt:{}", outcome.interaction), has_changed));
    }
    let wrote = done.iter().filter(|(.., has_changed)| *has_changed).count();
    assert!(wrote >= 20, "{done:?}");
    for (name, key, has_changed) in done {
        if has_changed {
            lies(&scene.story, &key, name).await;
        }
        let last = name.split([' ', ':']).next_back().unwrap();
        if READS.contains(&last) {
            assert!(!is_laid(&scene.story, &key).await, "{name} was only read");
        }
    }
    scene.story.ends().await;
}

/// The end of the text for commands that only show something.
const READS: [&str; 14] = [
    "list",
    "why",
    "show",
    "history",
    "preview",
    "explain",
    "export",
    "help",
    "profile",
    "leaderboard",
    "inbox",
    "me",
    "page",
    "keep",
];

async fn is_laid(story: &Story, key: &str) -> bool {
    let sql = "SELECT COUNT(*) FROM inbox WHERE item_key = $1";
    let (count,): (i64,) =
        sqlx::query_as(sql).bind(key).fetch_one(story.stage.state.db.read()).await.unwrap();
    count == 1
}

/// Waits until it is in an inbox.
async fn lies(story: &Story, key: &str, what: &str) {
    for _ in 0..500 {
        if is_laid(story, key).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("what {what} has done lies in no inbox");
}

/// A person presses the button with this label in their inbox; returns the last message they see.
async fn presses_in_inbox(story: &mut Story, who: &str, label: &str, seconds: f64) -> String {
    let inbox = story.runs(who, "inbox", json!({})).await.message.unwrap();
    let rows = inbox["components"].as_array().unwrap().iter();
    let mut buttons = rows.flat_map(|row| row["components"].as_array().unwrap());
    let button = buttons.find(|button| button["label"] == label).unwrap_or_else(|| panic!("{inbox}"));
    let (user, channel) = (story.stage.user(who), story.stage.channel("general"));
    let control = story.stage.control.late(seconds);
    let (message, id) = (inbox["id"].as_str().unwrap(), button["custom_id"].as_str().unwrap());
    let outcome = control.button(&user, message, id).await.unwrap();
    assert!(matches!(outcome.state, State::Replied | State::Updated), "{outcome:?}");
    story.stage.settle().await.unwrap();
    let seen = control.messages(&channel, Some(&user)).await.unwrap();
    text(seen.last().unwrap())
}

#[tokio::test]
async fn a_win_whose_answer_was_lost_lies_in_the_inbox_and_can_be_undone_there() {
    let mut story = Story::begin_without_badges().await;
    let down = Fault { times: 3, ..Fault::once(CALLBACK, Mishap::BadGateway) };
    story.stage.control.fault(&down).await.unwrap();
    let place = story.stage.place("Ana", "general");
    let win = json!({"amount": "4k", "customer": "Acme *&* Co"});
    story.stage.control.command_unawaited(&place, "win log", win).await.unwrap();
    receipts(&story, 1).await;
    story.stage.settle().await.unwrap();
    assert_eq!((wins(&story).await, bells(&story).await.len()), (1, 1));
    insta::assert_snapshot!(story.hears("Ana", "inbox", json!({})).await);
    assert_eq!(
        one(
            &story,
            "SELECT COUNT(*) FROM inbox WHERE person_id IN (SELECT id FROM person WHERE name <> 'Ana')"
        )
        .await,
        0
    );
    let undone = presses_in_inbox(&mut story, "Ana", "Undo $4,000", OLD).await;
    assert!(undone.contains("Undone"), "{undone}");
    assert_eq!(wins(&story).await, 0);
    receipts(&story, 0).await;
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn thanks_whose_answer_was_lost_lie_in_the_inbox_and_can_be_undone_there() {
    let mut story = Story::begin().await;
    let down = Fault { times: 3, ..Fault::once(CALLBACK, Mishap::DropBefore) };
    story.stage.control.fault(&down).await.unwrap();
    let place = story.stage.place("Ana", "general");
    let thanks = json!({"to": story.stage.user("Ben"), "reason": "You stayed late until the demo worked"});
    story.stage.control.command_unawaited(&place, "kudos give", thanks).await.unwrap();
    receipts(&story, 1).await;
    let undone = presses_in_inbox(&mut story, "Ana", "Undo kudos", 0.0).await;
    assert!(undone.contains("Undone"), "{undone}");
    receipts(&story, 0).await;
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn an_answer_that_was_limited_or_lost_on_the_way_is_given_again_and_says_the_same() {
    let mishaps =
        [Mishap::TooMany, Mishap::Internal, Mishap::BadGateway, Mishap::DropBefore, Mishap::DropAfter]
            .map(|mishap| Fault { retry_after: 0.2, ..Fault::once("", mishap) });
    // A proxy answers in Discord's place, whether or not it has forwarded the response.
    let between = [
        (200, Filler::Html),
        (302, Filler::Html),
        (403, Filler::CodeZero),
        (404, Filler::Json),
        (413, Filler::Empty),
    ]
    .map(|(status, body)| [false, true].map(|done| Fault { done, ..Fault::between("", status, body, 1) }));
    for fault in mishaps.into_iter().chain(between.into_iter().flatten()) {
        for seconds in [0.0, OLD] {
            let mut story = Story::begin().await;
            // For a deferred one, the final answer; otherwise the first response.
            let route = if seconds > 0.0 { "/messages/@original" } else { CALLBACK };
            let (mishap, fault) = (format!("{fault:?}"), Fault { route: route.to_owned(), ..fault.clone() });
            story.stage.control.fault(&fault).await.unwrap();
            let win = json!({"amount": "4k", "customer": "Acme"});
            let outcome = says_late(&mut story, "Ana", "win log", win, seconds).await;
            assert_eq!(outcome.state, State::Replied, "{mishap}");
            assert!(said(&outcome).contains("Logged") && !refuses(&outcome), "{mishap} {}", said(&outcome));
            let (channel, ana) = (story.stage.channel("general"), story.stage.user("Ana"));
            let private = story.stage.control.messages(&channel, Some(&ana)).await.unwrap();
            assert_eq!(private.len(), 1, "{mishap}: nothing is said beside it");
            assert_eq!((wins(&story).await, bells(&story).await.len()), (1, 1), "{mishap}");
            assert_eq!(one(&story, RECEIPTS).await, 0, "{mishap}");
            story.ends().await;
        }
    }
}

#[tokio::test]
async fn a_limit_of_longer_than_anybody_waits_leaves_the_answer_in_the_inbox() {
    let mut story = Story::begin().await;
    let fault = Fault { retry_after: 60.0, ..Fault::once(CALLBACK, Mishap::TooMany) };
    story.stage.control.fault(&fault).await.unwrap();
    let place = story.stage.place("Ana", "general");
    story.stage.control.command_unawaited(&place, "win log", json!({"amount": "4k"})).await.unwrap();
    receipts(&story, 1).await;
    assert_eq!(answers(&story).await, ["POST 429"]);
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn a_form_that_arrives_too_late_books_nothing_and_can_be_sent_again() {
    let mut story = Story::begin().await;
    let (user, place) = (story.stage.user("Ana"), story.stage.place("Ana", "general"));
    let message = story.stage.says("Ben", "general", "Acme signed for $4,000").await.unwrap();
    let late = story.stage.control.late(TOO_LATE).menu(&place, "Log as a win", &message).await.unwrap();
    assert_eq!(
        (late.state, late.modal),
        (State::Silent, None),
        "a form that is asked for too late does not open"
    );
    let opened = story.stage.control.late(OLD).menu(&place, "Log as a win", &message).await.unwrap();
    assert_eq!(opened.state, State::Modal, "one that is asked for in time does");
    let values = json!({"amount": "$4,000", "customer": "Acme"});
    let control = story.stage.control.late(TOO_LATE);
    let late = control.modal(&user, &opened.interaction, values.clone()).await.unwrap();
    assert_eq!((late.state, wins(&story).await), (State::Silent, 0));
    let control = story.stage.control.late(OLD);
    let sent = control.modal(&user, &opened.interaction, values).await.unwrap();
    assert!(sent.ephemeral && said(&sent).contains("Logged"), "{}", said(&sent));
    story.stage.settle().await.unwrap();
    assert_eq!((wins(&story).await, bells(&story).await.len()), (1, 1));
    story.ends().await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_costs_a_deferral_and_refuses_nobody() {
    for hours in [-1, 1] {
        let mut story = Story::begin().await;
        story.stage.clock.set(story.stage.clock.now() + TimeDelta::hours(hours));
        let told = story.hears("Ana", "win log", json!({"amount": "4k"})).await;
        assert!(told.contains("Logged"), "{told}");
        assert_eq!(answers(&story).await, ["POST 204", "PATCH 200"]);
        let late = says_late(&mut story, "Ana", "win log", json!({"amount": "4k"}), TOO_LATE).await;
        assert_eq!((late.state, wins(&story).await), (State::Silent, 1));
        story.ends().await;
    }
}

#[tokio::test]
async fn what_lies_in_the_inbox_goes_as_a_message_without_a_button_that_would_not_work_there() {
    let mut story = Story::begin().await;
    story.runs("Ana", "me messages", json!({"direct": true})).await;
    let down = Fault { times: 3, ..Fault::once(CALLBACK, Mishap::Internal) };
    story.stage.control.fault(&down).await.unwrap();
    let place = story.stage.place("Ana", "general");
    story.stage.control.command_unawaited(&place, "win log", json!({"amount": "4k"})).await.unwrap();
    receipts(&story, 1).await;
    story.stage.settle().await.unwrap();
    let user = story.stage.user("Ana");
    let direct = story.stage.control.direct_channel(&user).await.unwrap();
    let messages = story.stage.control.messages(&direct, Some(&user)).await.unwrap();
    let is_receipt =
        |it: &&Value| it["embeds"][0]["description"].as_str().is_some_and(|it| it.contains("Logged"));
    let receipt = messages.iter().find(is_receipt).unwrap_or_else(|| panic!("{messages:?}"));
    assert_eq!(receipt["components"], json!([]));
    story.expected_failures = 1;
    story.ends().await;
}
