//! Stories of `/setup`.

use bellringer::features::kinds;
use serde_json::json;

use crate::story::{MAYA, Story, april, said};
use crate::wins::offered;

const SEND_MESSAGES: u64 = 1 << 11;
const EMBED_LINKS: u64 = 1 << 14;
const VIEW_CHANNEL: u64 = 1 << 10;

#[tokio::test]
async fn setup_shows_the_defaults_takes_a_choice_and_can_be_run_again() {
    let mut story = Story::before_setup("Europe/Berlin", april(6, "08:00")).await;
    let wins = story.stage.channel("wins");
    story.runs(MAYA, "setup", json!({})).await;
    let options = json!({"time_zone": "europe/berlin", "currency": "eur", "week_start": "Sunday", "wins_channel": wins});
    assert!(story.runs(MAYA, "setup", options).await.ephemeral);
    story.runs(MAYA, "schedule list", json!({})).await;
    story.runs(MAYA, "setup", json!({"recognition_channel": story.stage.channel("recognition")})).await;
    story.runs(MAYA, "setup", json!({})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn setup_again_with_the_same_changes_nothing_and_makes_no_second_schedules() {
    let mut story = Story::begin().await;
    let options = json!({"time_zone": "America/New_York", "currency": "USD"});
    let again = story.hears(MAYA, "setup", options).await;
    assert!(again.starts_with("| Settings\n"), "{again}");
    let count = "SELECT COUNT(*) FROM schedule";
    let (schedules,): (i64,) = sqlx::query_as(count).fetch_one(story.stage.state.db.read()).await.unwrap();
    assert_eq!(schedules, i64::try_from(kinds().count()).unwrap());
    story.ends().await;
}

#[tokio::test]
async fn a_new_zone_moves_the_weeks_posts_with_it() {
    let mut story = Story::begin().await;
    let before = story.hears(MAYA, "schedule list", json!({})).await;
    story.runs(MAYA, "setup", json!({"time_zone": "Asia/Kolkata"})).await;
    let after = story.hears(MAYA, "schedule list", json!({})).await;
    insta::assert_snapshot!(format!("{before}\n\n{after}"));
    story.ends().await;
}

#[tokio::test]
async fn setup_names_the_permission_that_is_lacking_and_the_channel() {
    let mut story = Story::begin().await;
    let (bot, control) = (story.stage.guild.bot_role_id.clone(), story.stage.control.clone());
    let deny = |bits: u64| json!([{"id": bot, "type": 0, "allow": "0", "deny": bits.to_string()}]);
    let [wins, recognition, expectations] =
        ["wins", "recognition", "expectations"].map(|name| story.stage.channel(name));
    control.overwrites(&wins, deny(SEND_MESSAGES | EMBED_LINKS)).await.unwrap();
    control.overwrites(&recognition, deny(VIEW_CHANNEL)).await.unwrap();
    control.delete_channel(&expectations).await.unwrap();
    story.runs(MAYA, "setup", json!({})).await;
    control.overwrites(&wins, json!([])).await.unwrap();
    control.overwrites(&recognition, json!([])).await.unwrap();
    story.runs(MAYA, "setup", json!({"expectations_channel": wins})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn the_currency_stays_once_the_ledger_holds_amounts() {
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"customer": "Acme"})).await;
    let changed = story.hears(MAYA, "setup", json!({"currency": "EUR"})).await;
    assert!(changed.contains("**EUR**"), "{changed}");
    story.runs("Ana", "win log", json!({"amount": "€5k"})).await;
    let refused = story.hears(MAYA, "setup", json!({"currency": "USD", "time_zone": "Europe/Berlin"})).await;
    insta::assert_snapshot!(refused);
    let shown = story.hears(MAYA, "setup", json!({})).await;
    assert!(shown.contains("**EUR**") && shown.contains("**America/New_York**"), "{shown}");
    story.ends().await;
}

#[tokio::test]
async fn the_currency_stays_while_anything_at_all_is_in_it() {
    const DEMOS: &str = "pilot revenue";
    let metric = json!({"name": DEMOS, "unit": "money", "horizon": "forecast: closes this period"});
    let goal = json!({"metric": "revenue", "target": "50k", "everyone": true});
    let mut told = Vec::new();
    for (who, command, options) in [
        ("Ana", "activity log", json!({"metric": DEMOS, "count": "500"})),
        (MAYA, "goal set", goal),
        (MAYA, "noise set", json!({"large": "10k"})),
        (MAYA, "noise set", json!({"small": "500"})),
    ] {
        let mut story = Story::begin().await;
        story.runs(MAYA, "metric add", metric.clone()).await;
        let done = story.hears(who, command, options).await;
        let refused = story.hears(MAYA, "setup", json!({"currency": "JPY"})).await;
        assert!(refused.contains("I can't convert currencies"), "{done}\n{refused}");
        told.push(refused);
        story.ends().await;
    }
    insta::assert_snapshot!(told.join("\n"));

    // A final board keeps its numbers, even though everything was undone since.
    let mut story = Story::begin().await;
    story.runs("Ana", "win log", json!({"amount": "5k"})).await;
    story.until(april(13, "12:01")).await;
    let which = offered(&story, MAYA, "win undo", json!({}), "which").await[0].1.clone();
    story.runs(MAYA, "win undo", json!({"which": which})).await;
    let sums = "SELECT COUNT(*) FROM total JOIN metric ON metric.id = metric_id WHERE unit = 'money' AND quantity > 0";
    let (left,): (i64,) = sqlx::query_as(sums).fetch_one(story.stage.state.db.read()).await.unwrap();
    assert_eq!(left, 0);
    let refused = story.hears(MAYA, "setup", json!({"currency": "JPY"})).await;
    assert!(refused.contains("final leaderboards are in USD"), "{refused}");
    story.ends().await;
}

#[tokio::test]
async fn whoever_has_the_manager_role_manages() {
    let mut story = Story::begin().await;
    let (guild, ana) = (story.stage.guild.id.clone(), story.stage.user("Ana"));
    let role = story.stage.control.role(&guild, "Lead", 0).await.unwrap();
    story.stage.control.change_person(&guild, &ana, json!({"roles": [role]})).await.unwrap();
    let before = story.hears("Ana", "team create", json!({"name": "North"})).await;
    let set = story.hears(MAYA, "setup", json!({"manager_role": role})).await;
    let after = story.hears("Ana", "team create", json!({"name": "North"})).await;
    insta::assert_snapshot!(format!("{before}\n\n{set}\n\n{after}"));
    story.ends().await;
}

#[tokio::test]
async fn zones_and_currencies_are_offered_by_what_people_type() {
    let story = Story::begin().await;
    for (option, typed, first) in [
        ("time_zone", "berl", "Europe/Berlin"),
        ("time_zone", "new york", "America/New_York"),
        ("time_zone", "KOLK", "Asia/Kolkata"),
        ("currency", "eur", "EUR"),
        ("currency", "yen", "JPY"),
        ("currency", "swiss", "CHF"),
    ] {
        let choices = offered(&story, MAYA, "setup", json!({option: typed}), option).await;
        assert_eq!(choices.first().map(|(_, value)| value.as_str()), Some(first), "{typed}: {choices:?}");
    }
    for (option, typed, count) in
        [("time_zone", "", 25), ("currency", "", 25), ("time_zone", "mars", 0), ("currency", "bitcoin", 0)]
    {
        let choices = offered(&story, MAYA, "setup", json!({option: typed}), option).await;
        assert_eq!(choices.len(), count, "{typed}");
    }
    story.ends().await;
}

#[tokio::test]
async fn setup_can_be_run_by_whoever_may_manage_the_server_and_by_no_one_else() {
    let mut story = Story::before_setup("UTC", april(6, "08:00")).await;
    let refused = story.runs("Ana", "setup", json!({"time_zone": "UTC"})).await;
    assert!(refused.ephemeral);
    let set: (Option<i64>,) =
        sqlx::query_as("SELECT set_up_at FROM guild").fetch_one(story.stage.state.db.read()).await.unwrap();
    assert_eq!(set.0, None, "{}", said(&refused));
    story.ends().await;
}
