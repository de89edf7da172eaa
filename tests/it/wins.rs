//! Stories of wins.

use bellringer::sandbox::client::State;
use bellringer::words::Language;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said, spoken};

/// The suggestions while an option is typed, as label and value.
pub(crate) async fn offered(
    story: &Story,
    name: &str,
    command: &str,
    typed: Value,
    option: &str,
) -> Vec<(String, String)> {
    let place = story.stage.place(name, "general");
    let outcome = story.stage.control.autocomplete(&place, command, typed, option).await.unwrap();
    assert_eq!(outcome.state, State::Choices);
    let text = |choice: &Value, key: &str| choice[key].as_str().unwrap().to_owned();
    outcome.choices.unwrap().iter().map(|choice| (text(choice, "name"), text(choice, "value"))).collect()
}

/// A person's all-time total on a metric, in hundredths.
async fn number(story: &Story, name: &str, metric: &str) -> i64 {
    let (sum,): (i64,) = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM entry JOIN person ON person.id = person_id
         JOIN metric ON metric.id = metric_id WHERE person.name = $1 AND metric.name = $2",
    )
    .bind(name)
    .bind(metric)
    .fetch_one(story.stage.state.db.read())
    .await
    .unwrap();
    sum
}

#[tokio::test]
async fn a_win_rings_in_the_channel_and_can_be_taken_back() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"amount": "12.5k", "customer": "Acme", "note": "At last."})).await;
    story.runs("Ana", "win list", json!({})).await;
    story.runs("Ana", "win undo", json!({})).await;
    story.runs(MAYA, "win list", json!({"who": story.stage.user("Ana")})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_win_with_everything_is_shared_to_the_cent_and_every_row_behind_it_is_shown() {
    let mut story = Story::begin().await;
    let (ben, cleo) = (story.stage.user("Ben"), story.stage.user("Cleo"));
    story
        .runs(
            "Ana",
            "win log",
            json!({"amount": "$1,000.01", "customer": "Bank of Norway", "kind": "renewal", "note": "Two years, signed on site.",
                "when": "yesterday", "with": ben, "share": 33, "with_2": cleo, "share_2": 33}),
        )
        .await;
    assert_eq!(number(&story, "Ana", "revenue").await, 34_001);
    assert_eq!(number(&story, "Ben", "revenue").await + number(&story, "Cleo", "revenue").await, 66_000);
    assert_eq!(number(&story, "Ana", "wins").await, 34);
    assert_eq!(number(&story, "Ben", "assists").await, 100);
    assert_eq!(number(&story, "Ana", "assists").await, 0);
    story.runs("Ben", "win why", json!({"period": "month"})).await;
    story.runs("Ben", "win why", json!({"metric": "Wins", "period": "quarter"})).await;
    story.runs("Ben", "win why", json!({"metric": "assists", "period": "year"})).await;
    story.runs("Ben", "win list", json!({})).await;
    // Yesterday was Sunday, so it counts for last week.
    story.runs(MAYA, "win why", json!({"who": story.stage.user("Ana")})).await;
    story
        .runs(
            MAYA,
            "win undo",
            json!({"which": offered(&story, MAYA, "win undo", json!({}), "which").await[0].1}),
        )
        .await;
    story.runs("Ben", "win why", json!({"period": "month"})).await;
    for name in ["Ana", "Ben", "Cleo"] {
        for metric in ["revenue", "wins", "assists"] {
            assert_eq!(number(&story, name, metric).await, 0, "{metric} of {name}");
        }
    }
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_win_needs_neither_amount_nor_customer_and_equal_parts_need_no_percent() {
    let mut story = Story::begin().await;
    let (ben, cleo) = (story.stage.user("Ben"), story.stage.user("Cleo"));
    story.runs("Ana", "win log", json!({})).await;
    story.runs("Ana", "win log", json!({"customer": "Acme"})).await;
    story.runs("Ana", "win log", json!({"amount": "0.01", "with": ben})).await;
    story.runs("Ana", "win log", json!({"amount": "100", "with": ben, "with_3": cleo})).await;
    story
        .runs("Ana", "win log", json!({"amount": "90071992547409.92", "customer": "The largest there is"}))
        .await;
    story.runs("Ana", "win undo", json!({})).await;
    story.runs("Ana", "win list", json!({})).await;
    story.runs("Ben", "win list", json!({})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn wins_are_listed_in_pages_that_buttons_turn() {
    let mut story = Story::begin().await;
    for number in 1..=17 {
        story.runs("Ana", "win log", json!({"amount": format!("{number}k"), "customer": "Acme"})).await;
    }
    let mut pages = vec![story.hears("Ana", "win list", json!({})).await];
    for label in ["Next page", "Next page", "Previous page"] {
        let turned = story.stage.presses("Ana", "general", label).await.unwrap();
        assert_eq!(turned.state, State::Updated);
        assert!(turned.ephemeral);
        pages.push(said(&turned));
    }
    assert_eq!(pages[1], pages[3]);
    pages.push(story.hears("Ana", "win why", json!({"metric": "wins"})).await);
    pages.push(said(&story.stage.presses("Ana", "general", "Next page").await.unwrap()));
    insta::assert_snapshot!(pages.join("\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_chat_message_becomes_a_win_by_the_context_menu() {
    let mut story = Story::begin().await;
    let message = story.stage.says("Ana", "general", "Just closed $12.5k with Acme Corp!").await.unwrap();
    let read = story.stage.picks("Ana", "general", "Log as a win", &message).await.unwrap();
    assert!(read.ephemeral);
    let message = story.stage.says("Ben", "general", "hello, nothing in here").await.unwrap();
    story.stage.picks("Ben", "general", "Log as a win", &message).await.unwrap();
    insta::assert_snapshot!(story.told());
    assert_eq!(number(&story, "Ana", "revenue").await, 1_250_000);
    assert_eq!(number(&story, "Ben", "wins").await, 100);
    story.ends().await;
}

#[tokio::test]
async fn a_form_holds_what_was_read_and_everything_in_it_can_be_changed() {
    let mut story = Story::begin().await;
    let message = story.stage.says("Ana", "general", "Signed Globex for 4,200 today").await.unwrap();
    let place = story.stage.place("Ana", "general");
    let opened = story.stage.control.menu(&place, "Log as a win", &message).await.unwrap();
    let form = opened.modal.as_ref().unwrap();
    let fields: Vec<String> = form["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["components"][0])
        .map(|input| {
            format!("{}: {}", input["label"].as_str().unwrap(), input["value"].as_str().unwrap_or("-"))
        })
        .collect();
    insta::assert_snapshot!(format!("{}\n{}", form["title"].as_str().unwrap(), fields.join("\n")));
    let typed = json!({"amount": "4.3k", "customer": "Globex", "kind": "upsell", "note": "More seats."});
    story.stage.control.modal(&place.user, &opened.interaction, typed).await.unwrap();
    story.stage.settle().await.unwrap();
    insta::assert_snapshot!(story.channel("wins").await.join("\n"));
    story.ends().await;
}

/// The wins suggested to somebody for undoing, while they type.
async fn undoable(story: &Story, name: &str, typed: &str) -> Vec<String> {
    let all = offered(story, name, "win undo", json!({"which": typed}), "which").await;
    all.into_iter().map(|(label, _)| label).collect()
}

#[tokio::test]
async fn a_rep_is_offered_their_own_wins_to_take_back_and_a_manager_everyones() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"amount": "5k", "customer": "Acme"})).await;
    story.runs("Ben", "win log", json!({"amount": "7k"})).await;
    story.runs("Ben", "win log", json!({"customer": "Globex"})).await;
    assert_eq!(undoable(&story, "Ana", "").await, ["Acme · $5,000 · Ana"]);
    assert_eq!(undoable(&story, "Ben", "").await, ["Globex · Ben", "$7,000 · Ben"]);
    assert_eq!(undoable(&story, "Cleo", "").await, [""; 0]);
    assert_eq!(undoable(&story, MAYA, "").await.len(), 3);
    assert_eq!(undoable(&story, MAYA, "glob").await, ["Globex · Ben"]);
    for number in 1..=25 {
        story.runs("Cleo", "win log", json!({"amount": format!("{number}k")})).await;
    }
    assert_eq!(undoable(&story, MAYA, "").await.len(), 25);
    assert_eq!(undoable(&story, MAYA, "acme").await, ["Acme · $5,000 · Ana"], "typing reaches further back");
    let (_, reference) = offered(&story, "Ana", "win undo", json!({}), "which").await.remove(0);
    let written = json!({"which": format!(" #{}", reference.to_uppercase())});
    assert!(story.hears("Ana", "win undo", written).await.starts_with("| Undone: $5,000 from Acme"));
    assert_eq!(undoable(&story, "Ana", "").await, [""; 0], "what was taken back is offered no more");
    story.ends().await;
}

#[tokio::test]
async fn kinds_and_days_are_offered_and_neither_is_forced() {
    let mut story = Story::begin().await;
    // In a language with other letters, these don't occur.
    let typed = if spoken() == Language::default() { "re" } else { "" };
    let kinds = offered(&story, "Ana", "win log", json!({"kind": typed}), "kind").await;
    assert!(kinds.iter().any(|(_, kind)| kind == "renewal"), "{kinds:?}");
    let days = offered(&story, "Ana", "win log", json!({"when": "yes"}), "when").await;
    assert_eq!(days, [("yesterday".to_owned(), "yesterday".to_owned())]);
    story.until(april(8, "12:00")).await;
    story.runs("Ana", "win log", json!({"kind": "barter", "when": "Monday"})).await;
    insta::assert_snapshot!(story.channel("wins").await.join("\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_team_that_counts_in_yen_logs_whole_yen_only() {
    let mut story = Story::before_setup("Asia/Tokyo", april(6, "08:00")).await;
    let wins = story.stage.channel("wins");
    let options = json!({"time_zone": "Asia/Tokyo", "currency": "JPY", "wins_channel": wins});
    story.runs(MAYA, "setup", options).await;
    let refused = story.hears("Ana", "win log", json!({"amount": "500.50"})).await;
    let logged = story.hears("Ana", "win log", json!({"amount": "¥1.25m", "customer": "Acme"})).await;
    insta::assert_snapshot!(format!("{refused}\n\n{logged}\n\n{}", story.channel("wins").await.join("\n")));
    assert_eq!(number(&story, "Ana", "revenue").await, 1_250_000);
    story.ends().await;
}

/// A guild with this currency.
async fn counting_in(currency: &str) -> Story {
    let mut story = Story::before_setup("Europe/Berlin", april(6, "08:00")).await;
    let wins = story.stage.channel("wins");
    let options = json!({"time_zone": "Europe/Berlin", "currency": currency, "wins_channel": wins});
    story.runs(MAYA, "setup", options).await;
    story
}

#[tokio::test]
async fn a_point_means_decimals_where_money_has_three_of_them_and_asks_where_it_has_none() {
    let mut story = counting_in("KWD").await;
    let logged = story.hears("Ana", "win log", json!({"amount": "1.500"})).await;
    let thousands = story.hears("Ana", "win log", json!({"amount": "1,500"})).await;
    let refused = story.hears("Ana", "win log", json!({"amount": "1.500k"})).await;
    assert_eq!(number(&story, "Ana", "revenue").await, 1_500 + 1_500_000);
    story.ends().await;
    let mut story = counting_in("JPY").await;
    let yen = story.hears("Ana", "win log", json!({"amount": "1.000"})).await;
    let finer = story.hears("Ana", "win log", json!({"amount": "1.234"})).await;
    assert_eq!(number(&story, "Ana", "revenue").await, 0);
    insta::assert_snapshot!([logged, thousands, refused, yen, finer].join("\n"));
    story.ends().await;
}

#[tokio::test]
async fn what_is_offered_for_an_amount_says_how_it_will_be_read_and_both_readings_where_there_are_two() {
    let mut story = counting_in("EUR").await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Ana", "goal set", json!({"metric": "calls", "target": "20"})).await;
    story.runs("Ana", "goal set", json!({"metric": "revenue", "target": "20k"})).await;
    let goals = offered(&story, "Ana", "goal change", json!({}), "which").await;
    let goal = |name: &str| &goals.iter().find(|(label, _)| label.contains(name)).unwrap().1;
    let mut told = Vec::new();
    for (command, options, option) in [
        ("win log", json!({"amount": "1.500"}), "amount"),
        ("win log", json!({"amount": "€12.000"}), "amount"),
        ("win log", json!({"amount": "1.234"}), "amount"),
        ("win log", json!({"amount": "12.5k"}), "amount"),
        ("win log", json!({"amount": "1.500,25"}), "amount"),
        ("win log", json!({"amount": "1.500.000"}), "amount"),
        ("win log", json!({"amount": "12,5"}), "amount"),
        ("win log", json!({"amount": ""}), "amount"),
        ("win log", json!({"amount": "a lot"}), "amount"),
        ("activity log", json!({"metric": "calls", "count": "1.500"}), "count"),
        ("goal set", json!({"metric": "calls", "target": "1.500"}), "target"),
        ("goal set", json!({"metric": "revenue", "target": "1.500"}), "target"),
        ("goal set", json!({"metric": "none such", "target": "1.500"}), "target"),
        ("goal set", json!({"metric": "revenue", "target": "1k", "stretch": "1.500"}), "stretch"),
        ("goal change", json!({"which": goal("calls"), "target": "1.500"}), "target"),
        ("goal change", json!({"which": goal("revenue"), "stretch": "30.000"}), "stretch"),
        ("noise set", json!({"small": "1.500"}), "small"),
        ("noise set", json!({"large": "12.000"}), "large"),
    ] {
        let who = if command == "noise set" { MAYA } else { "Ana" };
        let mut choices = Vec::new();
        for (label, value) in offered(&story, who, command, options.clone(), option).await {
            choices.push(format!("{label} = {value}"));
        }
        let typed = options[option].as_str().unwrap();
        told.push(format!("/{command} {option}:{typed} -> {}", choices.join(" | ")));
    }
    insta::assert_snapshot!(told.join("\n"));
    // The suggestion was chosen.
    let choice = offered(&story, "Ana", "win log", json!({"amount": "1.500"}), "amount").await[0].1.clone();
    story.runs("Ana", "win log", json!({"amount": choice})).await;
    assert_eq!(number(&story, "Ana", "revenue").await, 150_000);
    story.ends().await;
}

#[tokio::test]
async fn a_form_asks_which_it_is_where_a_message_can_be_read_in_two_ways() {
    let mut story = counting_in("EUR").await;
    let mut told = Vec::new();
    for text in [
        "Closed 1.500 with Acme, 300 seats",
        "Closed €12.000 with Acme!",
        "Closed Acme for 1.500.",
        "Closed 12.5k",
    ] {
        let message = story.stage.says("Ana", "general", text).await.unwrap();
        let place = story.stage.place("Ana", "general");
        let opened = story.stage.control.menu(&place, "Log as a win", &message).await.unwrap();
        let field = &opened.modal.as_ref().unwrap()["components"][0]["components"][0];
        told.push(format!(
            "{text}\n    {}: {}",
            field["label"].as_str().unwrap(),
            field["value"].as_str().unwrap_or("-")
        ));
    }
    let message = story.stage.says("Ana", "general", "Closed 1.500 with Acme, 300 seats").await.unwrap();
    let sent = story.stage.picks("Ana", "general", "Log as a win", &message).await.unwrap();
    told.push(said(&sent));
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(number(&story, "Ana", "wins").await, 0);
    story.ends().await;
}
