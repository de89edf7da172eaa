//! Invalid actions: by the wrong person, twice, too late, or before setup.

use std::collections::BTreeSet;
use std::fmt::Write;

use bellringer::sandbox::client::{Outcome, Pings};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{check, kept, latest, now, refused, since};
use crate::story::{MAYA, Story, april, said};

#[tokio::test]
async fn a_rep_who_runs_a_managers_command_is_told_whom_to_ask() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs(MAYA, "team create", json!({"name": "North"})).await;
    story
        .runs(
            MAYA,
            "expect set",
            json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "A", "if_missed": "B"}),
        )
        .await;
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "10", "everyone": true})).await;
    story.runs("Ben", "win log", json!({"amount": "2k"})).await;
    let win = latest(&story, "Ben").await;
    let place = story.stage.place(MAYA, "general");
    let of = async |command: &str| {
        let offered = story.stage.control.autocomplete(&place, command, json!({}), "which").await.unwrap();
        offered.choices.unwrap()[0]["value"].clone()
    };
    let (goal, expectation) = (of("goal cancel").await, of("expect end").await);
    let post = "leaderboard";
    let cases = [
        ("setup", json!({})),
        ("noise show", json!({})),
        ("board show", json!({})),
        ("board set", json!({"cards": false})),
        ("noise set", json!({"most": 5})),
        ("setup", json!({"time_zone": "Europe/Berlin"})),
        ("metric add", json!({"name": "calls"})),
        ("kudos allowance", json!({})),
        ("values set", json!({"values": "Care"})),
        ("shoutout nominate", json!({"who": ben, "reason": "You stayed late until the demo worked"})),
        ("shoutout preview", json!({})),
        ("team create", json!({"name": "South"})),
        ("team add", json!({"team": "North", "who": ben})),
        ("team remove", json!({"team": "North", "who": ben})),
        ("expect set", json!({"what": "X", "by": "friday 15:00", "if_met": "A", "if_missed": "B"})),
        ("expect end", json!({"which": expectation})),
        ("schedule list", json!({})),
        ("schedule set", json!({"post": post, "when": "mondays 9:00"})),
        ("schedule pause", json!({"post": post})),
        ("schedule resume", json!({"post": post})),
        ("schedule preview", json!({"post": post})),
        ("schedule explain", json!({"post": post})),
        ("goal set", json!({"metric": "wins", "target": "5", "who": ben})),
        ("goal set", json!({"metric": "wins", "target": "5", "team": "North"})),
        ("goal set", json!({"metric": "wins", "target": "5", "everyone": true})),
        ("goal cancel", json!({"which": goal})),
        ("win undo", json!({"which": win})),
        ("win list", json!({"who": ben})),
        ("win why", json!({"who": ben})),
    ];
    // A later feature's manager command must be added to the table.
    let tried: BTreeSet<String> = cases.iter().map(|(command, _)| (*command).to_owned()).collect();
    for command in managers_commands() {
        assert!(tried.contains(&command), "/{command} is the managers' and no rep has tried it");
    }
    let mut told = String::new();
    for (command, options) in cases {
        let answer = refused(&mut story, "Ana", command, &options).await;
        writeln!(told, "/{command}\n    {answer}").unwrap();
    }
    insta::assert_snapshot!(told);
    story.ends().await;
}

/// The commands described as for managers; for a group described so, each of its commands.
fn managers_commands() -> BTreeSet<String> {
    let marked = |command: &bellringer::chat::Command| {
        command.description.as_deref().is_some_and(|text| text.ends_with("(managers)"))
    };
    let mut found = BTreeSet::new();
    for command in bellringer::features::commands() {
        if command.subcommands.is_empty() && marked(&command) {
            found.insert(command.name.to_string());
        }
        for inner in command.subcommands.iter().filter(|inner| marked(&command) || marked(inner)) {
            found.insert(format!("{} {}", command.name, inner.name));
        }
    }
    assert!(found.len() >= 13, "the managers' commands are no longer marked: {found:?}");
    found
}

#[tokio::test]
async fn before_setup_everything_works_with_defaults_or_says_what_to_do() {
    let mut story = Story::before_setup("UTC", april(6, "08:00")).await;
    let ana = story.stage.user("Ana");
    for (name, command, options) in [
        ("Ana", "help", json!({})),
        (MAYA, "help", json!({})),
        ("Ana", "win log", json!({"amount": "1200", "customer": "Acme"})),
        ("Ana", "win list", json!({})),
        ("Ana", "win why", json!({})),
        ("Ana", "win undo", json!({})),
        ("Ana", "metric list", json!({})),
        ("Ana", "team list", json!({})),
        (MAYA, "metric add", json!({"name": "calls"})),
        ("Ana", "activity log", json!({"metric": "calls", "count": "12"})),
        (MAYA, "team create", json!({"name": "North"})),
        (MAYA, "team add", json!({"team": "North", "who": ana})),
        ("Ana", "goal set", json!({"metric": "wins", "target": "3"})),
        ("Ana", "goal list", json!({})),
        (
            MAYA,
            "expect set",
            json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "A", "if_missed": "B"}),
        ),
        ("Ana", "expect list", json!({})),
        ("Ana", "leaderboard", json!({})),
        (MAYA, "schedule list", json!({})),
        (MAYA, "setup", json!({})),
    ] {
        let outcome = story.runs(name, command, options).await;
        assert!(outcome.message.is_some(), "/{command}");
    }
    assert_eq!(story.channel("wins").await.len(), 0, "no channel is known yet");
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_win_is_taken_back_once_and_only_by_whoever_may() {
    let mut story = Story::begin().await;
    let mut told = String::new();
    let mut tell = |what: &str, answer: String| writeln!(told, "{what}\n    {answer}").unwrap();
    tell("who has none", refused(&mut story, "Cleo", "win undo", &json!({})).await);
    story.runs("Ana", "win log", json!({"amount": "5k", "customer": "Acme"})).await;
    let win = json!({"which": latest(&story, "Ana").await});
    tell("somebody else's", refused(&mut story, "Ben", "win undo", &win).await);
    tell("one that isn't", refused(&mut story, "Ana", "win undo", &json!({"which": "7zz"})).await);
    tell("no reference at all", refused(&mut story, "Ana", "win undo", &json!({"which": "Acme!"})).await);
    story.until(april(6, "08:15")).await;
    assert!(story.hears("Ana", "win undo", win.clone()).await.starts_with("| Undone"));
    tell("a second time, without saying which", refused(&mut story, "Ana", "win undo", &json!({})).await);
    tell("a second time", refused(&mut story, "Ana", "win undo", &win).await);
    tell("a second time, by a manager", refused(&mut story, MAYA, "win undo", &win).await);

    story.runs("Ana", "win log", json!({"amount": "7k", "customer": "Globex"})).await;
    let win = json!({"which": latest(&story, "Ana").await});
    story.until(april(6, "08:30") + TimeDelta::seconds(1)).await;
    tell("a second after 15 minutes", refused(&mut story, "Ana", "win undo", &win).await);
    story.until(april(9, "08:00")).await;
    tell("three days after, by a manager", story.hears(MAYA, "win undo", win).await);
    insta::assert_snapshot!(told);
    assert_eq!(kept(&story).await[1], ("quantity".to_owned(), 0));
    story.ends().await;
}

#[tokio::test]
async fn a_win_whose_person_left_can_still_be_seen_and_taken_back_by_a_manager() {
    let mut story = Story::begin().await;
    let (guild, ana, ben) = (story.stage.guild.id.clone(), story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs("Ana", "win log", json!({"amount": "5k", "customer": "Acme", "with": ben, "share": 40})).await;
    let win = json!({"which": latest(&story, MAYA).await});
    story.stage.control.remove_person(&guild, &ana).await.unwrap();
    story.runs(MAYA, "win list", json!({"who": ana})).await;
    story.runs(MAYA, "win undo", win).await;
    story.runs(MAYA, "win list", json!({"who": ana})).await;
    story.runs("Ben", "win why", json!({})).await;
    insta::assert_snapshot!(story.told());
    assert_eq!(kept(&story).await[1], ("quantity".to_owned(), 0));
    story.ends().await;
}

/// Delivers an interaction again, and waits until the bot has tried to answer it.
async fn again(story: &mut Story, outcome: &Outcome) {
    let control = story.stage.control.clone();
    let path = format!("/interactions/{}/", outcome.interaction);
    let answered = async || {
        let log = control.log(0).await.unwrap();
        log.iter().filter(|entry| entry["path"].as_str().is_some_and(|it| it.contains(&path))).count()
    };
    assert_eq!(answered().await, 1);
    control.redeliver(&outcome.interaction).await.unwrap();
    let twice = async {
        while answered().await < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), twice).await.expect("nobody answered the second");
    story.stage.settle().await.unwrap();
}

#[tokio::test]
async fn an_interaction_delivered_twice_counts_once() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    let ben = story.stage.user("Ben");
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "A", "if_missed": "B"});
    for (name, command, options) in [
        ("Ana", "win log", json!({"amount": "12.5k", "customer": "Acme", "with": ben, "share": 30})),
        ("Ana", "activity log", json!({"metric": "calls", "count": "12"})),
        ("Ana", "goal set", json!({"metric": "wins", "target": "10"})),
        (MAYA, "expect set", expectation),
        (MAYA, "metric add", json!({"name": "demos"})),
        (MAYA, "team create", json!({"name": "North"})),
        // There is an earlier win that the second delivery must not undo.
        ("Ana", "win log", json!({"amount": "7k"})),
        ("Ana", "win undo", json!({})),
    ] {
        let outcome = story.runs(name, command, options).await;
        let (once, at) = (kept(&story).await, now(&story).await);
        again(&mut story, &outcome).await;
        assert_eq!(kept(&story).await, once, "/{command} delivered twice");
        assert_eq!(since(&story, at).await.len(), 0, "/{command} delivered twice said something twice");
    }
    assert_eq!(story.channel("wins").await.len(), 2);
    story.ends().await;
}

#[tokio::test]
async fn a_form_sent_twice_logs_one_win() {
    let mut story = Story::begin().await;
    let message = story.stage.says("Ana", "general", "Closed $3k with Acme!").await.unwrap();
    let outcome = story.stage.picks("Ana", "general", "Log as a win", &message).await.unwrap();
    let once = kept(&story).await;
    again(&mut story, &outcome).await;
    assert_eq!(kept(&story).await, once);
    assert_eq!(story.channel("wins").await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn a_form_that_cannot_be_read_gives_everything_typed_back() {
    let mut story = Story::begin().await;
    let message = story.stage.says("Ana", "general", "We won it, finally").await.unwrap();
    let place = story.stage.place("Ana", "general");
    let mut told = String::new();
    for typed in [
        json!({"amount": "lots", "customer": "Acme", "kind": "renewal", "note": "It took a year, and *everyone* helped."}),
        json!({"amount": "-5", "note": "@everyone look `here`"}),
        json!({"amount": "5k", "customer": "\u{202e}\u{200b}", "note": "A note worth keeping"}),
        json!({"amount": "€5k", "note": "x".repeat(500)}),
    ] {
        let before = (kept(&story).await, now(&story).await);
        let opened = story.stage.control.menu(&place, "Log as a win", &message).await.unwrap();
        let outcome =
            story.stage.control.modal(&place.user, &opened.interaction, typed.clone()).await.unwrap();
        story.stage.settle().await.unwrap();
        check(&outcome, &typed.to_string());
        assert_eq!(kept(&story).await, before.0, "{typed}");
        let answer = outcome.message.as_ref().unwrap().to_string();
        for text in typed.as_object().unwrap().values().filter_map(Value::as_str) {
            // Only invisible characters and what would end the quote may be removed.
            let shown: String =
                text.chars().filter(|c| !matches!(c, '`' | '\u{202e}' | '\u{200b}')).collect();
            assert!(answer.contains(&shown), "{text} was lost");
            assert!(!answer.contains('\u{202e}'), "{text} turned the answer around");
        }
        for item in since(&story, before.1).await {
            assert_eq!(item.pings, Pings::default(), "{typed}");
        }
        writeln!(told, "{}\n", said(&outcome)).unwrap();
    }
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn a_channel_deleted_after_setup_fails_its_posts_for_good_and_setup_says_so() {
    let mut story = Story::begin().await;
    let wins = story.stage.channel("wins");
    story.stage.control.delete_channel(&wins).await.unwrap();
    let logged = story.runs("Ana", "win log", json!({"amount": "5k", "customer": "Acme"})).await;
    assert!(logged.ephemeral);
    let state = "SELECT state FROM post";
    let posts: Vec<(String,)> = sqlx::query_as(state).fetch_all(story.stage.state.db.read()).await.unwrap();
    assert_eq!(posts, [("failed".to_owned(),)]);
    story.until(april(8, "08:00")).await;
    let shown = story.hears(MAYA, "setup", json!({})).await;
    let general = story.stage.guild.channel_id.clone();
    let mended = story.hears(MAYA, "setup", json!({"wins_channel": general})).await;
    story.runs("Ana", "win log", json!({"amount": "6k", "customer": "Globex"})).await;
    assert!(story.channel("general").await.iter().any(|text| text.contains("6,000")));
    insta::assert_snapshot!(format!("{shown}\n\n{mended}"));
    story.ends().await;
}

#[tokio::test]
async fn a_page_of_somebody_elses_list_is_not_turned_by_who_may_not() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    for number in 1..=9 {
        story.runs("Ben", "win log", json!({"amount": format!("{number}k")})).await;
    }
    // Maya reads Ben's list, then loses her manager role: her old buttons must stop working.
    story.runs(MAYA, "win list", json!({"who": ben})).await;
    let (guild, maya) = (story.stage.guild.id.clone(), story.stage.user(MAYA));
    story.stage.control.change_person(&guild, &maya, json!({"roles": []})).await.unwrap();
    let outcome = story.stage.presses(MAYA, "general", "Next page").await.unwrap();
    check(&outcome, "the button");
    insta::assert_snapshot!(said(&outcome));
    story.ends().await;
}

#[tokio::test]
async fn commands_are_not_offered_in_direct_messages() {
    let story = Story::begin().await;
    let place = bellringer::sandbox::client::Place::direct(&story.stage.user("Ana"));
    for command in bellringer::features::commands() {
        let Some(name) =
            command.slash_action.map(|_| command.name.clone()).filter(|_| command.subcommands.is_empty())
        else {
            continue;
        };
        let refused = story.stage.control.command(&place, &name, json!({})).await.unwrap_err();
        assert_eq!(refused.status, 403, "/{name}: {refused:?}");
    }
    story.ends().await;
}

#[tokio::test]
async fn a_button_of_another_version_or_of_nobodys_making_says_so_and_changes_nothing() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"amount": "5k", "customer": "Acme"})).await;
    let routes = bellringer::features::routes();
    // Each with its arguments missing, or with wrong ones.
    let lost =
        routes.flat_map(|route| [format!("{route}:"), format!("{route}:x:y:z"), format!("{route}:-1:-1:-1")]);
    let nobodys = [
        "win",
        "win:",
        ":",
        "nothing:at:all",
        "win:gone:1",
        "WIN:LIST:1:0",
        "win:list:99999999999999999999:0",
    ];
    let old: Vec<String> = nobodys.map(str::to_owned).into_iter().chain(lost).collect();
    for custom_id in old {
        let before = kept(&story).await;
        let outcome = story.presses_guessed("Ana", &custom_id).await;
        assert!(outcome.ephemeral, "{custom_id} was answered in the open");
        if !custom_id.starts_with("privacy:keep") && custom_id != "inbox:page:-1:-1:-1" {
            check(&outcome, &custom_id);
        }
        assert_eq!(kept(&story).await, before, "{custom_id}");
    }
    story.ends().await;
}
