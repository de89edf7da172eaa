//! Invalid typed input: amounts, shares, days, names, texts.

use std::fmt::Write as _;

use bellringer::sandbox::client::{Person, Pings};
use serde_json::json;

use super::{now, since, table};
use crate::story::{MAYA, Story, april, text};

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

/// Numbers with a mark before three digits, or that could be taken for one. Each is refused.
const MARKED: [&str; 30] = [
    "1.500",
    "12.000",
    "100.000",
    "1.234",
    "1.500k",
    "1.500 k",
    "1.250m",
    "-1.500",
    "1.500,00",
    "1.500.000",
    "1'500",
    "1’500",
    "1 500",
    "1\u{a0}500",
    "1\u{202f}500",
    "1.500.",
    "0.500",
    "0,500",
    "01.500",
    ".500",
    "1.5000",
    "1.50000",
    "１.５００",
    "1．500",
    "1٬500",
    "1٫500",
    "1·500",
    "1_500",
    "1,500.000",
    "1.500,000",
];

#[tokio::test]
async fn a_mark_before_three_digits_is_never_taken_for_decimals_wherever_a_number_is_typed() {
    let mut story = Story::before_setup("Europe/Berlin", april(6, "08:00")).await;
    let wins = story.stage.channel("wins");
    let options = json!({"time_zone": "Europe/Berlin", "currency": "EUR", "wins_channel": wins});
    story.runs(MAYA, "setup", options).await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs(MAYA, "metric add", json!({"name": "offers", "unit": "money"})).await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "20k"})).await;
    let place = story.stage.place("Ana", "general");
    let goals = story.stage.control.autocomplete(&place, "goal change", json!({}), "which").await.unwrap();
    let goal = goals.choices.unwrap()[0]["value"].clone();

    let money = MARKED.iter().copied().chain(["€12.000", "1.500 EUR", "€ 1.500", "EUR 1.500", "1.500€"]);
    let cases = money.clone().map(|amount| (amount, json!({"amount": amount, "customer": "Acme"})));
    let mut told = String::from("/win log amount:\n\n");
    told += &table(&mut story, "Ana", "win log", cases).await;
    told += "\n/activity log count:\n\n";
    let counts = MARKED.map(|count| (count, json!({"metric": "calls", "count": count})));
    told += &table(&mut story, "Ana", "activity log", counts).await;
    // The same parsers: it is enough to check that each of these uses them.
    for (command, who, cases) in [
        ("activity log", "Ana", vec![json!({"metric": "offers", "count": "1.500"})]),
        (
            "goal set",
            "Ana",
            vec![
                json!({"metric": "revenue", "target": "1.500"}),
                json!({"metric": "calls", "target": "1.500"}),
                json!({"metric": "revenue", "target": "1k", "stretch": "1.500"}),
            ],
        ),
        (
            "goal change",
            "Ana",
            vec![json!({"which": goal, "target": "1.500"}), json!({"which": goal, "stretch": "30.000"})],
        ),
        ("noise set", MAYA, vec![json!({"small": "1.500"}), json!({"large": "12.000"})]),
    ] {
        writeln!(told, "\n/{command}:\n").unwrap();
        let named: Vec<(String, _)> = cases
            .into_iter()
            .map(|options| (options.to_string().replace(&goal.to_string(), "GOAL"), options))
            .collect();
        told += &table(
            &mut story,
            who,
            command,
            named.iter().map(|(name, options)| (name.as_str(), options.clone())),
        )
        .await;
    }
    insta::assert_snapshot!(told);
    assert_eq!(story.channel("wins").await.len(), 0);
    for (typed, shown) in [
        ("1500", "€1,500"),
        ("1.50", "€1.50"),
        ("1,500", "€1,500"),
        ("€1,500.50", "€1,500.50"),
        ("1.5k", "€1,500"),
    ] {
        let logged = story.hears("Ana", "win log", json!({"amount": typed})).await;
        assert!(logged.contains(&format!("Logged {shown}")), "{typed}: {logged}");
    }
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
    // Only the answers: right-to-left input would garble this file.
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
