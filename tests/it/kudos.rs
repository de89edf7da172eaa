//! Stories of kudos: given, joined, undone, counted, and what is refused.

use std::fmt::Write;

use bellringer::sandbox::client::Outcome;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said};

const REASON: &str = "You stayed late until the demo worked";

/// Gives kudos by command; returns the reply's text.
async fn thanks(story: &mut Story, by: &str, to: &str, reason: &str) -> String {
    let to = story.stage.user(to);
    story.hears(by, "kudos give", json!({"to": to, "reason": reason})).await
}

/// A person's kudos received and given according to the ledger, in hundredths.
async fn counted(story: &Story, name: &str) -> (i64, i64) {
    let sum = async |metric: &str| {
        let sql = "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM entry JOIN metric ON metric.id = metric_id
            JOIN person ON person.id = entry.person_id WHERE metric.name = $1 AND person.name = $2";
        let row: (i64,) =
            sqlx::query_as(sql).bind(metric).bind(name).fetch_one(story.stage.state.db.read()).await.unwrap();
        row.0
    };
    (sum("kudos").await, sum("kudos given").await)
}

/// The `custom_id` of the last public button with that label in #recognition.
async fn button(story: &Story, label: &str) -> String {
    let messages = story.stage.control.messages(&story.stage.channel("recognition"), None).await.unwrap();
    let buttons =
        messages.iter().rev().flat_map(|it| it["components"].as_array().cloned().unwrap_or_default());
    let mut all = buttons.flat_map(|row| row["components"].as_array().cloned().unwrap_or_default());
    let found = all.find(|it| it["label"] == label).expect("there is such a button");
    found["custom_id"].as_str().unwrap().to_owned()
}

/// Fills in the modal that a context menu opened.
async fn fills(story: &mut Story, name: &str, opened: &Outcome, values: Value) -> Outcome {
    let user = story.stage.user(name);
    let sent = story.stage.control.modal(&user, &opened.interaction, values).await.unwrap();
    story.stage.settle().await.unwrap();
    sent
}

#[tokio::test]
async fn thanks_stand_in_the_channel_others_join_in_and_both_ends_are_counted() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "values set", json!({"values": "Care, Courage, Craft"})).await;
    let (ben, cleo) = (story.stage.user("Ben"), story.stage.user("Cleo"));
    story.runs("Ana", "kudos give", json!({"to": ben, "and": cleo, "reason": REASON, "value": "care"})).await;
    story.stage.joins("Dev", false).await.unwrap();
    story.stage.presses("Dev", "recognition", "+1").await.unwrap();
    story.stage.presses("Dev", "recognition", "+1").await.unwrap();
    story.stage.presses("Ben", "recognition", "+1").await.unwrap();
    story.stage.presses("Ana", "recognition", "+1").await.unwrap();
    story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
    story.runs("Ben", "kudos list", json!({})).await;
    story.stage.presses("Ben", "general", "Given").await.unwrap();
    story.runs("Ana", "win why", json!({"metric": "kudos given"})).await;
    story.runs("Ben", "win why", json!({"metric": "kudos"})).await;
    assert_eq!(counted(&story, "Ana").await, (0, 200));
    assert_eq!(counted(&story, "Ben").await, (200, 0));
    assert_eq!(counted(&story, "Dev").await, (0, 100));
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn private_thanks_and_those_who_want_none_in_public_are_thanked_in_their_inbox() {
    let mut story = Story::begin().await;
    let (ben, cleo) = (story.stage.user("Ben"), story.stage.user("Cleo"));
    let mut told =
        story.hears("Ana", "kudos give", json!({"to": ben, "reason": REASON, "private": true})).await;
    let sql = "UPDATE person SET praise = 'private' WHERE name = 'Cleo'";
    story.runs("Cleo", "help", json!({})).await;
    let mut tx = story.stage.state.db.write().await.unwrap();
    sqlx::query(sql).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    told += "\n\n";
    told += &story.hears("Ana", "kudos give", json!({"to": cleo, "and": ben, "reason": REASON})).await;
    let posts = story.channel("recognition").await;
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert!(posts[0].contains("Ana thanks Ben") && !posts[0].contains("Cleo"), "{posts:?}");
    // Private kudos between Ana and Ben are hidden from managers.
    for options in [json!({"who": ben}), json!({"who": ben, "which": "given"})] {
        let list = story.hears(MAYA, "kudos list", options).await;
        assert_eq!(list.matches(REASON).count(), usize::from(!list.contains("gave")), "{list}");
    }
    let why = story.hears(MAYA, "win why", json!({"who": ben, "metric": "kudos"})).await;
    assert_eq!(why.matches(REASON).count(), 1, "{why}");
    assert!(why.contains("in private"), "{why}");
    // So are those to Cleo, who wanted them in her inbox, even after she changes that setting.
    story.runs("Cleo", "me praise", json!({"how": "in public"})).await;
    let cleos = story.hears(MAYA, "win why", json!({"who": cleo, "metric": "kudos"})).await;
    assert!(cleos.contains("in private") && !cleos.contains(REASON), "{cleos}");
    let list = story.hears(MAYA, "kudos list", json!({"who": cleo})).await;
    assert!(list.contains("None yet"), "{list}");
    let ana = story.stage.user("Ana");
    let given = story.hears(MAYA, "kudos list", json!({"who": ana, "which": "given"})).await;
    assert!(given.contains("to Ben") && !given.contains("Cleo"), "{given}");
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn a_person_and_a_message_are_thanked_by_their_menus() {
    let mut story = Story::begin().await;
    let message =
        story.stage.says("Ben", "general", "The security answers are in the shared folder").await.unwrap();
    let (place, ben) = (story.stage.place("Ana", "general"), story.stage.user("Ben"));
    let control = story.stage.control.clone();
    let opened = control.menu(&place, "Give kudos for this", &message).await.unwrap();
    let sent = fills(&mut story, "Ana", &opened, json!({"reason": REASON})).await;
    let mut told = said(&sent);
    let opened = control.menu(&place, "Give kudos", &ben).await.unwrap();
    assert!(opened.modal.as_ref().unwrap()["title"].as_str().unwrap().starts_with("Thank "));
    let sent = fills(&mut story, "Ana", &opened, json!({"reason": REASON, "value": "Grit"})).await;
    write!(told, "\n\n{}", said(&sent)).unwrap();
    assert_eq!(counted(&story, "Ben").await, (100, 0));
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn what_is_no_thanks_says_why_gives_the_reason_back_and_counts_nothing() {
    let mut story = Story::begin().await;
    let control = story.stage.control.clone();
    let guild = story.stage.guild.id.clone();
    let (ana, ben, cleo) = (story.stage.user("Ana"), story.stage.user("Ben"), story.stage.user("Cleo"));
    let bot = bellringer::sandbox::client::Person {
        bot: true,
        ..bellringer::sandbox::client::Person::named("clippy")
    };
    let bot = control.person(&guild, &bot).await.unwrap();
    story.runs(MAYA, "values set", json!({"values": "Care, Courage"})).await;
    story.runs("Cleo", "help", json!({})).await;
    control.remove_person(&guild, &cleo).await.unwrap();
    let mut told = String::new();
    for options in [
        json!({"to": ana, "reason": REASON}),
        json!({"to": ben, "and": ana, "reason": REASON}),
        json!({"to": bot, "reason": REASON}),
        json!({"to": cleo, "reason": REASON}),
        json!({"to": ben, "reason": "thanks"}),
        json!({"to": ben, "reason": " ".repeat(40)}),
        json!({"to": ben, "reason": "@everyone @everyone @everyone @here"}),
        json!({"to": ben, "reason": "\u{200b}".repeat(40)}),
        json!({"to": ben, "reason": "x".repeat(301)}),
        json!({"to": ben, "reason": REASON, "value": "Grit"}),
    ] {
        let shown = options.to_string().chars().take(90).collect::<String>();
        let outcome = story.runs("Ana", "kudos give", options).await;
        assert!(outcome.ephemeral);
        let answer: String = said(&outcome).chars().take(260).collect();
        writeln!(told, "{}\n    {answer}", crate::story::stable(&shown)).unwrap();
    }
    // By context menu: on a bot's message, on one's own, and on oneself.
    let own = story.stage.says("Ana", "general", "I did it all myself").await.unwrap();
    story.runs(MAYA, "leaderboard", json!({"show": 1})).await;
    let bots = control.messages(&story.stage.channel("general"), None).await.unwrap();
    let bots =
        bots.iter().rev().find(|it| it["author"]["bot"] == true).unwrap()["id"].as_str().unwrap().to_owned();
    let place = story.stage.place("Ana", "general");
    for (menu, target) in [
        ("Give kudos for this", &own),
        ("Give kudos for this", &bots),
        ("Give kudos", &ana),
        ("Give kudos", &bot),
    ] {
        let outcome = control.menu(&place, menu, target).await.unwrap();
        assert!(outcome.modal.is_none() && outcome.ephemeral);
        writeln!(told, "{menu}\n    {}", said(&outcome)).unwrap();
    }
    for name in ["Ana", "Ben"] {
        assert_eq!(counted(&story, name).await, (0, 0));
    }
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn a_reason_pings_nobody_but_those_who_are_thanked() {
    let mut story = Story::begin().await;
    let reason = "@everyone look at <@1234567890> who saved the quarter **again**";
    thanks(&mut story, "Ana", "Ben", reason).await;
    let feed = story.stage.control.feed(0).await.unwrap();
    let post = feed.iter().rev().find(|item| item.channel.name == "recognition").unwrap();
    assert_eq!(post.pings.users, [story.stage.user("Ben")]);
    assert!(!post.pings.everyone, "{:?}", post.pings);
    story.ends().await;
}

#[tokio::test]
async fn the_allowance_holds_says_when_it_is_new_and_is_new_on_the_weeks_first_midnight() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "kudos allowance", json!({"everyone": 3})).await;
    let (ben, cleo) = (story.stage.user("Ben"), story.stage.user("Cleo"));
    story.runs("Ana", "kudos give", json!({"to": ben, "and": cleo, "reason": REASON})).await;
    // Two at once exceed the limit; one is allowed; then none are left.
    story.runs("Ana", "kudos give", json!({"to": ben, "and": cleo, "reason": REASON})).await;
    story.runs("Ana", "kudos give", json!({"to": ben, "reason": REASON})).await;
    story.runs("Ana", "kudos give", json!({"to": ben, "reason": REASON})).await;
    assert_eq!(counted(&story, "Ana").await, (0, 300));
    story.until(april(12, "23:59")).await;
    assert!(thanks(&mut story, "Ana", "Ben", REASON).await.contains("You've used all"));
    story.until(april(13, "00:00")).await;
    assert!(thanks(&mut story, "Ana", "Ben", REASON).await.contains("Your thanks to"));
    assert_eq!(counted(&story, "Ana").await, (0, 400));
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn however_many_are_given_at_once_the_allowance_holds() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "kudos allowance", json!({"everyone": 5})).await;
    let ben = story.stage.user("Ben");
    let place = story.stage.place("Ana", "general");
    let control = story.stage.control.clone();
    let at_once = (0..12).map(|_| {
        let options = json!({"to": ben, "reason": REASON});
        let (control, place) = (control.clone(), place.clone());
        async move { control.command(&place, "kudos give", options).await.unwrap() }
    });
    let outcomes = futures_util::future::join_all(at_once).await;
    story.stage.settle().await.unwrap();
    let given = outcomes.iter().filter(|it| said(it).contains("Your thanks to")).count();
    assert_eq!(given, 5);
    assert_eq!((counted(&story, "Ana").await, counted(&story, "Ben").await), ((0, 500), (500, 0)));
    story.ends().await;
}

#[tokio::test]
async fn thanks_delivered_twice_count_once_and_what_is_taken_back_comes_off_every_count() {
    let mut story = Story::begin().await;
    thanks(&mut story, "Ana", "Ben", REASON).await;
    let seconding = button(&story, "+1").await;
    story.stage.presses("Cleo", "recognition", "+1").await.unwrap();
    assert_eq!(counted(&story, "Ben").await, (200, 0));
    let mut told = story.hears("Ben", "kudos undo", json!({})).await;
    writeln!(told, "\n{}", story.hears("Ana", "kudos undo", json!({})).await).unwrap();
    writeln!(told, "{}", story.hears("Ana", "kudos undo", json!({})).await).unwrap();
    for name in ["Ana", "Ben", "Cleo"] {
        assert_eq!(counted(&story, name).await, (0, 0), "{name}");
    }
    // The allowance is refunded, and undone kudos can't be joined.
    assert!(thanks(&mut story, "Ana", "Ben", REASON).await.contains("9 left"));
    let late = story.presses_guessed("Cleo", &seconding).await;
    writeln!(told, "{}", said(&late)).unwrap();
    story.stage.passes(TimeDelta::minutes(16)).await.unwrap();
    writeln!(told, "{}", story.hears("Ana", "kudos undo", json!({})).await).unwrap();
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn what_is_guessed_of_private_or_anothers_thanks_opens_nothing() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs("Ana", "kudos give", json!({"to": ben, "reason": REASON, "private": true})).await;
    let db = story.stage.state.clone();
    let (kudos,): (i64,) = sqlx::query_as("SELECT id FROM kudos").fetch_one(db.db.read()).await.unwrap();
    let (ana,): (i64,) =
        sqlx::query_as("SELECT id FROM person WHERE name = 'Ana'").fetch_one(db.db.read()).await.unwrap();
    let reference = bellringer::kernel::ids::reference(kudos);
    for custom_id in [
        format!("kudos:second:{reference}"),
        format!("kudos:list:{ana}:given:0"),
        format!("kudos:list:{ana}:received:-4"),
        format!("kudos:form:{ana}"),
    ] {
        let outcome = story.presses_guessed("Cleo", &custom_id).await;
        assert!(outcome.ephemeral && !said(&outcome).contains(REASON), "{custom_id}: {}", said(&outcome));
    }
    let undo = story.hears("Cleo", "kudos undo", json!({"which": reference})).await;
    assert!(undo.contains("can't find"), "{undo}");
    let managers = story.hears(MAYA, "kudos undo", json!({"which": reference})).await;
    assert!(managers.contains("can't find") && !managers.contains(REASON), "{managers}");
    assert_eq!(counted(&story, "Ben").await, (100, 0));
    story.ends().await;
}

#[tokio::test]
async fn a_goal_on_thanks_given_is_reached_by_thanking() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "goal set", json!({"metric": "kudos given", "target": "2", "everyone": true})).await;
    thanks(&mut story, "Ana", "Ben", REASON).await;
    thanks(&mut story, "Ben", "Cleo", REASON).await;
    let posts = story.channel("recognition").await;
    assert_eq!(posts.iter().filter(|text| text.contains("hit the goal")).count(), 1, "{posts:?}");
    story.ends().await;
}
