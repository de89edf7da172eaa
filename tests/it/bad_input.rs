//! What people get wrong: a clear, private answer, and nothing half done.

use std::collections::BTreeSet;
use std::fmt::Write;

use bellringer::render::post::Tone;
use bellringer::sandbox::client::{FeedItem, Outcome, Person, Pings};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said, text};

/// Everything that is kept about a guild but the names of its people, in numbers that any write changes.
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
        UNION ALL SELECT cron, COALESCE(channel_id, 0) FROM schedule
        UNION ALL SELECT zone || currency || week_start, COALESCE(manager_role, 0) FROM guild
        UNION ALL SELECT 'bots', COUNT(*) FROM person WHERE name = 'Clippy'";
    sqlx::query_as(sql).fetch_all(story.stage.state.db.read()).await.unwrap()
}

/// Runs a command that has to be refused: privately, with a text that says so, and with nothing written.
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

/// A table of what was typed and what was answered.
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

/// Everything said since `seq`.
async fn since(story: &Story, seq: u64) -> Vec<FeedItem> {
    story.stage.control.feed(seq).await.unwrap()
}

async fn now(story: &Story) -> u64 {
    since(story, 0).await.last().map_or(0, |item| item.seq)
}

/// The reference of somebody's latest win, as their list of suggestions has it.
async fn latest(story: &Story, name: &str) -> String {
    let place = story.stage.place(name, "general");
    let offered = story.stage.control.autocomplete(&place, "win undo", json!({}), "which").await.unwrap();
    offered.choices.unwrap()[0]["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_amount_that_is_none_says_what_to_type_and_logs_nothing() {
    let mut story = Story::begin().await;
    let amounts = [
        "",
        "   ",
        "-5",
        "$-5",
        "0",
        "0.00",
        "abc",
        "1.2.3",
        "1,20",
        "1.234",
        "90071992547409.93",
        "99999999999999999999",
        "99999999999m",
        "€500",
        "500 EUR",
        "١٢٣",
        "1e5",
        "12 apples",
        "$",
        "12k5",
        "`12`",
        "NaN",
    ];
    let cases = amounts.map(|amount| (amount, json!({"amount": amount, "customer": "Acme"})));
    insta::assert_snapshot!(table(&mut story, "Ana", "win log", cases).await);
    assert_eq!(story.channel("wins").await.len(), 0);
    story.ends().await;
}

#[tokio::test]
async fn every_share_that_cannot_be_says_why_and_logs_nothing() {
    let mut story = Story::begin().await;
    let guild = story.stage.guild.id.clone();
    let bot = Person { bot: true, display_name: Some("Clippy".to_owned()), ..Person::named("clippy") };
    let bot = story.stage.control.person(&guild, &bot).await.unwrap();
    let [ana, ben, cleo] = ["Ana", "Ben", "Cleo"].map(|name| story.stage.user(name));
    let cases = [
        ("101 % to Ben", json!({"with": ben, "share": 101})),
        ("100 % to Ben", json!({"with": ben, "share": 100})),
        ("60 % to Ben, 60 % to Cleo", json!({"with": ben, "share": 60, "with_2": cleo, "share_2": 60})),
        ("0 % to Ben", json!({"with": ben, "share": 0})),
        ("-5 % to Ben", json!({"with": ben, "share": -5})),
        ("a million million % to Ben", json!({"with": ben, "share": 1_000_000_000_000_i64})),
        ("with oneself", json!({"with": ana, "share": 20})),
        ("with a bot", json!({"with": bot, "share": 20})),
        ("Ben twice", json!({"with": ben, "share": 20, "with_2": ben, "share_2": 10})),
        ("a share of some", json!({"with": ben, "share": 20, "with_2": cleo})),
        ("a share for nobody", json!({"share": 20})),
        ("a third share for nobody", json!({"with": ben, "share": 20, "share_3": 20})),
    ];
    let cases = cases.map(|(typed, mut options)| {
        options["amount"] = json!("1200");
        (typed, options)
    });
    insta::assert_snapshot!(table(&mut story, "Ana", "win log", cases).await);
    story.ends().await;
}

#[tokio::test]
async fn every_day_that_is_none_or_not_yet_says_so_and_logs_nothing() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    let days = [
        "tomorrow",
        "2026-04-07",
        "31 February",
        "2026-02-30",
        "29 february 2025",
        "03/04",
        "3.4.26",
        "2026-13-01",
        "soon",
        "last week",
        "the other day",
        "",
        "1 april 1999",
        "99999-01-01",
        "april",
    ];
    let wins =
        table(&mut story, "Ana", "win log", days.map(|day| (day, json!({"amount": "5k", "when": day}))))
            .await;
    let calls = table(
        &mut story,
        "Ana",
        "activity log",
        days.map(|day| (day, json!({"metric": "calls", "when": day}))),
    )
    .await;
    insta::assert_snapshot!(format!("/win log when:\n\n{wins}\n/activity log when:\n\n{calls}"));
    story.ends().await;
}

#[tokio::test]
async fn counts_metrics_and_teams_that_cannot_be_are_refused() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs(MAYA, "metric add", json!({"name": "offers", "unit": "money"})).await;
    story.runs(MAYA, "team create", json!({"name": "North"})).await;
    let (ana, guild) = (story.stage.user("Ana"), story.stage.guild.id.clone());
    let bot = Person { bot: true, display_name: Some("Clippy".to_owned()), ..Person::named("clippy") };
    let bot = story.stage.control.person(&guild, &bot).await.unwrap();
    let counts = ["", "0", "-3", "abc", "1,20", "1.234", "99999999999999999999", "١٢"];
    let counts = counts.map(|count| (count, json!({"metric": "calls", "count": count})));
    let long = "x".repeat(4000);
    let names = [
        ("nothing", ""),
        ("spaces", "   "),
        ("control characters alone", "\u{7}\u{1b}\n"),
        ("4,000 characters", &long),
        ("one that there is, in capitals", "CALLS"),
        ("a built-in one", "revenue"),
    ];
    let mut told = String::from("/activity log count:\n\n");
    told += &table(&mut story, "Ana", "activity log", counts).await;
    told += "\n/activity log metric:\n\n";
    let metrics =
        ["demos", "", "wins", "revenue", "`x`\n@everyone"].map(|name| (name, json!({"metric": name})));
    told += &table(&mut story, "Ana", "activity log", metrics).await;
    told += &table(
        &mut story,
        "Ana",
        "activity log",
        [("offers of 5 €", json!({"metric": "offers", "count": "5 €"}))],
    )
    .await;
    told += "\n/metric add name:\n\n";
    told += &table(&mut story, MAYA, "metric add", names.map(|(typed, name)| (typed, json!({"name": name}))))
        .await;
    told += "\n/team create name:\n\n";
    let names = names[..4].iter().copied().chain([("one that there is, in capitals", "NORTH")]);
    told +=
        &table(&mut story, MAYA, "team create", names.map(|(typed, name)| (typed, json!({"name": name}))))
            .await;
    told += "\n/team add and /team remove:\n\n";
    let nowhere = [
        ("a team that isn't", json!({"team": "South", "who": ana})),
        ("a bot", json!({"team": "north", "who": bot})),
    ];
    told += &table(&mut story, MAYA, "team add", nowhere).await;
    let absent = [("who isn't in it", json!({"team": "North", "who": ana}))];
    told += &table(&mut story, MAYA, "team remove", absent).await;
    story.runs(MAYA, "team add", json!({"team": "North", "who": ana})).await;
    told +=
        &table(&mut story, MAYA, "team add", [("who is in it", json!({"team": "North", "who": ana}))]).await;
    told += "\n/win list and /win why:\n\n";
    told += &table(&mut story, MAYA, "win list", [("of a bot", json!({"who": bot}))]).await;
    let asked = [("of a bot", json!({"who": bot})), ("a metric that isn't", json!({"metric": "**demos**"}))];
    told += &table(&mut story, MAYA, "win why", asked).await;
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn setup_refuses_zones_currencies_and_roles_that_cannot_be() {
    let mut story = Story::begin().await;
    let everyone = story.stage.guild.id.clone();
    let cases = [
        ("a zone that doesn't exist", json!({"time_zone": "Mars/Olympus_Mons"})),
        ("no zone", json!({"time_zone": ""})),
        ("an abbreviation of one", json!({"time_zone": "CEST"})),
        ("an offset", json!({"time_zone": "+02:00"})),
        ("a currency that doesn't exist", json!({"currency": "ZZZ"})),
        ("a currency by its sign", json!({"currency": "€"})),
        ("gold", json!({"currency": "XAU"})),
        ("@everyone as the manager role", json!({"manager_role": everyone})),
        ("a good zone with a bad currency", json!({"time_zone": "Europe/Berlin", "currency": "bitcoin"})),
    ];
    insta::assert_snapshot!(table(&mut story, MAYA, "setup", cases).await);
    story.ends().await;
}

#[tokio::test]
async fn text_that_is_too_long_or_empty_is_refused_by_its_length() {
    let mut story = Story::begin().await;
    let long = "x".repeat(4000);
    let cases = [
        ("customer of 4,000", json!({"customer": long})),
        ("customer of 121", json!({"customer": "x".repeat(121)})),
        ("kind of 4,000", json!({"kind": long})),
        ("note of 4,000", json!({"note": long})),
        ("note of control characters", json!({"note": "\u{0}\u{7}\u{1b}\u{9b}"})),
        ("customer of nothing that shows", json!({"customer": "\u{202e}\u{200b}\u{feff}"})),
        ("amount of 4,000", json!({"amount": "9".repeat(4000)})),
        ("when of 4,000", json!({"when": long})),
    ];
    let logging = table(&mut story, "Ana", "win log", cases).await;
    let undoing = table(&mut story, "Ana", "win undo", [("which of 4,000", json!({"which": long}))]).await;
    let asking = table(&mut story, "Ana", "win why", [("metric of 4,000", json!({"metric": long}))]).await;
    insta::assert_snapshot!(format!("{logging}{undoing}{asking}"));
    story.ends().await;
}

#[tokio::test]
async fn hostile_text_is_shown_as_it_was_typed_and_pings_nobody() {
    let mut story = Story::begin().await;
    let (ben, role) = (story.stage.user("Ben"), story.stage.guild.bot_role_id.clone());
    let before = now(&story).await;
    for (customer, note) in [
        ("@everyone", format!("@here <@{ben}> <@&{role}> <@!{ben}>")),
        ("**Acme** __Corp__ ||secret||", "```rust\nfn main() {}\n``` and `code`".to_owned()),
        ("# Acme", "> quoted\n- listed\n[link](https://example.com) ~~gone~~".to_owned()),
        ("\u{202e}emcA\u{202c}", "bell\u{7} escape\u{1b}[31m null\u{0} zero\u{200b}width".to_owned()),
        ("A\n\n\nB\r\nC\tD", "<t:0:R> </win log:1> <:a:1> <id:home>".to_owned()),
        ("\\*Acme\\*", "\\".repeat(20)),
    ] {
        let options = json!({"amount": "1k", "customer": customer, "note": note, "kind": customer});
        let outcome = story.runs("Ana", "win log", options).await;
        assert!(outcome.ephemeral, "{customer}");
    }
    story.runs(MAYA, "team create", json!({"name": "**@everyone**"})).await;
    story.runs(MAYA, "team list", json!({})).await;
    story.runs(MAYA, "metric add", json!({"name": "@here <@&1> calls"})).await;
    story.runs("Ana", "activity log", json!({"metric": "@here <@&1> calls", "count": "2"})).await;
    story.runs(MAYA, "metric list", json!({})).await;
    story.runs("Ana", "win list", json!({})).await;
    story.runs("Ana", "win why", json!({})).await;
    story.runs("Ana", "win log", json!({"amount": "@everyone", "when": format!("<@{ben}>")})).await;
    let said = since(&story, before).await;
    let bells = said.iter().filter(|item| item.channel.name == "wins").count();
    assert_eq!(bells, 6);
    for item in &said {
        assert_eq!(item.pings, Pings::default(), "{}", item.message);
        let shown = item.message.to_string();
        assert!(!shown.contains(['\u{202e}', '\u{202c}', '\u{200b}', '\u{7}']), "{shown}");
    }
    // Only what was answered: what was typed would turn this file around.
    let shown: Vec<String> = said.iter().map(|item| text(&item.message)).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_person_whose_name_is_hostile_neither_pings_nor_breaks_the_post() {
    let mut story = Story::begin().await;
    let (guild, ana) = (story.stage.guild.id.clone(), story.stage.user("Ana"));
    let before = now(&story).await;
    for nick in ["@everyone", "**Ana**", "\u{202e}anA", "\u{200b}\u{200b}"] {
        story.stage.control.change_person(&guild, &ana, json!({"nick": nick})).await.unwrap();
        story.runs("Ana", "win log", json!({"amount": "1k"})).await;
    }
    for item in since(&story, before).await {
        assert_eq!(item.pings, Pings::default(), "{}", item.message);
        assert!(!item.message["embeds"].to_string().contains('\u{202e}'), "{}", item.message);
    }
    insta::assert_snapshot!(story.channel("wins").await.join("\n\n"));
    story.ends().await;
}

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
        ("setup", json!({"time_zone": "Europe/Berlin"})),
        ("metric add", json!({"name": "calls"})),
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
    // Whatever a later feature marks as the managers' has to be in the table.
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

/// The commands whose description says that they are the managers'; of a group that says so, each of its commands.
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
    assert!(story.hears("Ana", "win undo", win.clone()).await.starts_with("| Taken back"));
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

/// Delivers an interaction once more, and waits until the bot has tried to answer it.
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
        // With an earlier win that the second delivery must not reach for.
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
            // What shows nothing and what would end the quote is all that may go.
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
    // Maya reads Ben's list, and then manages no more: her old buttons open nothing.
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
