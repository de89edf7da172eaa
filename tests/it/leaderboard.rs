//! Stories of the board: the top three in public, one's own place in private, nobody shamed.

use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said};

const CHANNEL: &str = "this channel: the leaderboard everyone sees";

/// Reps and their wins; zero means that they only used the bot.
async fn play(story: &mut Story, wins: &[(&str, &str)]) {
    for (name, amount) in wins {
        story.runs(name, "win log", json!({"amount": amount, "customer": "Acme"})).await;
    }
}

async fn with_more(names: &[&str]) -> Story {
    let mut story = Story::begin().await;
    for name in names {
        story.stage.joins(name, false).await.unwrap();
    }
    story
}

async fn private(story: &mut Story, name: &str) -> String {
    let outcome = story.runs(name, "leaderboard", json!({})).await;
    assert!(outcome.ephemeral, "one's own place is one's own");
    said(&outcome)
}

async fn public(story: &mut Story, options: Value) -> String {
    let mut options = options;
    options["show"] = json!(CHANNEL);
    let outcome = story.runs("Ben", "leaderboard", options).await;
    assert!(!outcome.ephemeral);
    said(&outcome)
}

#[tokio::test]
async fn the_channel_sees_three_places_and_nobody_below_them() {
    let mut story = with_more(&["Dev", "Elif", "Finn"]).await;
    play(&mut story, &[("Ana", "5k"), ("Ben", "8k"), ("Cleo", "3k"), ("Dev", "1k"), ("Elif", "500")]).await;
    story.runs("Finn", "win list", json!({})).await;
    let told = public(&mut story, json!({})).await;
    for name in ["Dev", "Elif", "Finn", "Maya"] {
        assert!(!told.contains(name), "{name} is shown: {told}");
    }
    insta::assert_snapshot!(told);
    story.ends().await;
}

#[tokio::test]
async fn equal_quantities_share_a_place() {
    let mut story = with_more(&["Dev", "Elif", "Finn"]).await;
    play(&mut story, &[("Ana", "5k"), ("Ben", "5k"), ("Cleo", "3k"), ("Dev", "1k")]).await;
    let mut told = vec![public(&mut story, json!({})).await];
    assert!(!told[0].contains("Dev"), "fourth is not third: {}", told[0]);
    for name in ["Ana", "Cleo"] {
        told.push(private(&mut story, name).await);
    }
    play(&mut story, &[("Cleo", "2k"), ("Dev", "4k"), ("Elif", "5k"), ("Finn", "5k")]).await;
    told.push(public(&mut story, json!({})).await);
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn in_private_one_sees_two_neighbours_on_either_side_and_the_gap_to_the_next() {
    let mut story = with_more(&["Dev", "Elif", "Finn"]).await;
    play(
        &mut story,
        &[("Ana", "9k"), ("Ben", "8k"), ("Cleo", "6k"), ("Dev", "3k"), ("Elif", "500"), ("Finn", "100")],
    )
    .await;
    let mut told = Vec::new();
    for name in ["Ana", "Dev", "Finn"] {
        told.push(private(&mut story, name).await);
    }
    assert!(told[0].contains("You're in first place") && !told[0].contains("Dev"));
    assert!(!told[1].contains("Ana") && told[1].contains("Finn"));
    assert!(!told[2].contains("Cleo") && told[2].contains("Dev"));
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn an_empty_period_shames_nobody() {
    let mut story = Story::begin().await;
    let mut told = vec![private(&mut story, "Ana").await, public(&mut story, json!({})).await];
    play(&mut story, &[("Ben", "4k")]).await;
    told.push(private(&mut story, "Ana").await);
    told.push(story.hears("Ana", "leaderboard", json!({"metric": "wins", "period": "year"})).await);
    // An undone win doesn't count.
    story.runs("Ben", "win undo", json!({})).await;
    told.push(private(&mut story, "Ben").await);
    told.push(public(&mut story, json!({})).await);
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn teams_and_the_most_improved_stand_beside_the_three() {
    let mut story = Story::begin().await;
    for (team, names) in [("Harbour", ["Ana", "Ben"].as_slice()), ("Hills", &["Cleo"]), ("Empty", &[])] {
        story.runs(MAYA, "team create", json!({"name": team})).await;
        for name in names {
            let who = story.stage.user(name);
            story.runs(MAYA, "team add", json!({"team": team, "who": who})).await;
        }
    }
    play(&mut story, &[("Ana", "9k"), ("Ben", "1k"), ("Cleo", "2k")]).await;
    story.until(april(14, "12:00")).await;
    play(&mut story, &[("Ana", "6k"), ("Ben", "3.5k"), ("Cleo", "2,200")]).await;
    let told = [
        public(&mut story, json!({})).await,
        public(&mut story, json!({"metric": "wins", "period": "month"})).await,
        private(&mut story, "Ben").await,
    ];
    assert!(told[0].contains("Most improved: Ben, up $2,500 from the week before"), "{}", told[0]);
    insta::assert_snapshot!(told.join("\n\n---\n\n"));
    story.ends().await;
}

#[tokio::test]
async fn a_board_of_an_unknown_metric_says_which_there_are() {
    let mut story = Story::begin().await;
    insta::assert_snapshot!(story.hears("Ana", "leaderboard", json!({"metric": "yachts"})).await);
    story.ends().await;
}

#[tokio::test]
async fn a_week_of_wins_without_amounts_is_ranked_by_wins() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"customer": "Acme"})).await;
    story.until(april(10, "16:00")).await;
    insta::assert_snapshot!(story.channel("recognition").await.join("\n\n---\n\n"));
    story.ends().await;
}
