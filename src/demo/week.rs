//! A sales team's week, from Monday to Friday.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use super::stage::{Speech, Stage, line};
use crate::kernel::calendar::Zone;
use crate::words::{Language, expectations, goals, kudos};

const REPS: [&str; 6] = ["Ana", "Ben", "Cleo", "Dev", "Elif", "Finn"];
const MANAGER: &str = "Maya";

/// Monday is 0.
fn time(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 4, 6 + day)
        .and_then(|date| date.and_hms_opt(hour, minute, 0))
        .unwrap_or_default()
}

/// Plays the week, and returns the stage on Friday evening.
pub(super) async fn play(language: Language, speech: Speech) -> Result<Stage, String> {
    let zone = Zone::parse("America/New_York").ok_or("the zone is missing")?;
    let mut stage = Stage::open("Harbour Lane Sales", language, zone, time(0, 7, 45), speech).await?;
    stage.tell("A sales team's week, played with real interactions on a local Discord.");
    stage.channels(&["wins", "recognition", "expectations"]).await?;
    let owner = json!({"nick": "Rosa"});
    stage.control.change_person(&stage.guild.id, &stage.guild.owner_id, owner).await.map_err(line)?;
    stage.joins(MANAGER, true).await?;
    for name in REPS {
        stage.joins(name, false).await?;
    }
    set_up(&mut stage).await?;

    stage.until(time(0, 9, 5)).await?;
    for name in ["Ana", "Ben", "Elif"] {
        stage.presses(name, "expectations", expectations::confirm_button()).await?;
    }
    win(
        &mut stage,
        "Ana",
        (0, 11, 20),
        json!({"amount": "4.2k", "customer": "Kestrel Foods", "kind": "upsell"}),
    )
    .await?;
    stage
        .runs("Dev", "general", "goal set", json!({"metric": "demos", "target": "5", "share": true}))
        .await?;
    stage.presses("Elif", "recognition", goals::cheer_button()).await?;

    stage.until(time(1, 10, 0)).await?;
    stage.runs("Dev", "general", "activity log", json!({"metric": "demos", "count": "3"})).await?;
    let with = stage.user("Finn");
    let shared = json!({"amount": "$18,500", "customer": "Ostrow Labs", "kind": "new business",
        "note": "Finn's security answers sealed it.", "with": with, "share": 30});
    win(&mut stage, "Cleo", (1, 14, 10), shared).await?;
    stage.until(time(1, 14, 30)).await?;
    let to = stage.user("Finn");
    let thanks =
        json!({"to": to, "reason": "Your security answers turned a maybe into a yes.", "value": "Craft"});
    stage.runs("Cleo", "general", "kudos give", thanks).await?;
    stage.presses("Ben", "recognition", kudos::second_button()).await?;
    stage.until(time(1, 15, 0)).await?;
    let message =
        stage.says("Ben", "general", "Just signed! $7,300 with Pell & Moss, kickoff Monday").await?;
    stage.picks("Ben", "general", "Log as a win", &message).await?;

    stage.until(time(2, 9, 30)).await?;
    stage.runs(MANAGER, "general", "expect list", json!({})).await?;
    stage.runs("Dev", "general", "activity log", json!({"metric": "demos", "count": "2"})).await?;
    win(&mut stage, "Elif", (2, 16, 40), json!({"amount": "2,950", "customer": "Tidewater Clinics"})).await?;
    win(&mut stage, "Finn", (2, 16, 50), json!({"amount": "15k", "customer": "Aldous Freight"})).await?;
    stage.runs("Finn", "general", "win undo", json!({})).await?;
    win(&mut stage, "Finn", (2, 16, 55), json!({"amount": "5k", "customer": "Aldous Freight"})).await?;

    win(
        &mut stage,
        "Ana",
        (3, 13, 5),
        json!({"amount": "11.8k", "customer": "Brightwell Homes", "note": "Third time's the charm."}),
    )
    .await?;
    stage.runs("Ben", "general", "leaderboard", json!({})).await?;
    stage.runs(MANAGER, "general", "shoutout preview", json!({})).await?;
    win(&mut stage, "Ana", (4, 11, 30), json!({"amount": "6,400", "customer": "Corvid Media"})).await?;
    stage.runs(MANAGER, "general", "goal list", json!({})).await?;
    stage.until(time(4, 16, 30)).await?;
    stage.settle().await?;
    stage.runs("Ana", "general", "win why", json!({"period": "week"})).await?;
    stage.runs("Finn", "general", "profile", json!({})).await?;
    stage.until(time(4, 17, 0)).await?;
    Ok(stage)
}

async fn set_up(stage: &mut Stage) -> Result<(), String> {
    let channels = ["wins", "recognition", "expectations"].map(|name| stage.channel(name));
    let [wins, recognition, expectations] = channels;
    let options = json!({"time_zone": "America/New_York", "currency": "USD", "wins_channel": wins,
        "recognition_channel": recognition, "expectations_channel": expectations});
    stage.runs(MANAGER, "general", "setup", options).await?;
    stage.runs(MANAGER, "general", "metric add", json!({"name": "demos"})).await?;
    stage.runs(MANAGER, "general", "team create", json!({"name": "Harbour"})).await?;
    for name in ["Ana", "Ben", "Cleo"] {
        let who = stage.user(name);
        stage.runs(MANAGER, "general", "team add", json!({"team": "Harbour", "who": who})).await?;
    }
    stage.runs(MANAGER, "general", "values set", json!({"values": "Care, Courage, Craft"})).await?;
    let goal = json!({"metric": "revenue", "target": "50k", "everyone": true});
    stage.runs(MANAGER, "general", "goal set", goal).await?;
    let expectation = json!({"what": "Next step and date on every open deal", "by": "friday 3pm",
        "if_met": "Friday's pipeline review is ten minutes.", "if_missed": "We go deal by deal on Monday."});
    stage.runs(MANAGER, "general", "expect set", expectation).await?;
    // Last week's, so that this week has something to improve on.
    for (name, amount, customer) in
        [("Ana", "9k", "Larch & Co"), ("Cleo", "6k", "Vantage Dental"), ("Elif", "1,500", "Quill Press")]
    {
        let options = json!({"amount": amount, "customer": customer, "when": "friday"});
        stage.runs(name, "general", "win log", options).await?;
    }
    Ok(())
}

async fn win(
    stage: &mut Stage,
    name: &str,
    (day, hour, minute): (u32, u32, u32),
    options: Value,
) -> Result<(), String> {
    stage.until(time(day, hour, minute)).await?;
    stage.runs(name, "general", "win log", options).await.map(drop)
}
