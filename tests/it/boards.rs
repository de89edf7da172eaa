//! Stories of boards: styles, one's own place by a button, weeks that become final, and sums that match the
//! ledger.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::story::{MAYA, Story, april, said};

const REPS: [&str; 6] = ["Ana", "Ben", "Cleo", "Dev", "Elif", "Finn"];

/// Six reps with a win each, the largest first.
async fn team() -> Story {
    let mut story = Story::begin().await;
    for name in &REPS[3..] {
        story.stage.joins(name, false).await.unwrap();
    }
    for (index, name) in REPS.iter().enumerate() {
        let amount = format!("{}k", 12 - 2 * index);
        story.runs(name, "win log", json!({"amount": amount, "customer": "Acme"})).await;
    }
    story
}

/// The public board.
async fn shown(story: &mut Story) -> String {
    story.hears("Ana", "leaderboard", json!({"show": 1})).await
}

#[tokio::test]
async fn each_style_shows_what_it_says_and_ones_own_place_stays_ones_own() {
    let mut story = team().await;
    let mut told = String::new();
    for style in [
        "full: everyone on the board",
        "top ten",
        "leagues: similar performers, top three in each",
        "teams: totals only, no names",
        "podium: top three, teams, most improved, most helpful",
    ] {
        let set = story.hears(MAYA, "board set", json!({"style": style, "cards": false})).await;
        writeln!(told, "{set}\n\n{}\n\n---\n", shown(&mut story).await).unwrap();
    }
    insta::assert_snapshot!(told);
    let finn = story.stage.presses("Finn", "general", "Where am I?").await.unwrap();
    assert!(finn.ephemeral && said(&finn).contains("6. Finn · $2,000"), "{}", said(&finn));
    story.ends().await;
}

#[tokio::test]
async fn under_pseudonyms_nobody_is_named_and_each_knows_their_own() {
    let mut story = team().await;
    let style = "pseudonyms: aliases only their owners know";
    story.runs(MAYA, "board set", json!({"style": style, "cards": false})).await;
    let board = shown(&mut story).await;
    assert!(REPS.iter().all(|name| !board.contains(name)), "{board}");
    let mut birds = BTreeMap::new();
    for name in REPS {
        let own = story.hears(name, "leaderboard", json!({})).await;
        let others = REPS.iter().filter(|other| **other != name);
        assert!(others.into_iter().all(|other| !own.contains(other)), "{own}");
        let bird = own.split("Others see you as **").nth(1).unwrap().split("**").next().unwrap().to_owned();
        assert!(board.contains(&bird), "{bird} is on the board: {board}");
        birds.insert(bird, name);
    }
    assert_eq!(birds.len(), REPS.len(), "each has another: {birds:?}");
    story.ends().await;
}

#[tokio::test]
async fn a_weeks_board_becomes_final_and_stays_as_it_was() {
    let mut story = team().await;
    story.until(april(10, "17:00")).await;
    let friday = story.channel("recognition").await;
    assert!(friday[0].contains("Final on Monday at 12:00 PM"), "{friday:?}");
    // It stays open over the weekend.
    let late = json!({"amount": "5k", "customer": "Late", "when": "2026-04-12"});
    story.until(april(13, "09:00")).await;
    story.runs("Ben", "win log", late.clone()).await;
    story.until(april(13, "12:01")).await;
    let monday = story.channel("recognition").await;
    assert!(monday[0].contains("Ben · $15,000") && monday[0].contains("(Final ·"), "{monday:?}");
    // From then on, new rows change the ledger but not the board.
    story.runs("Finn", "win log", json!({"amount": "90k", "customer": "Later", "when": "2026-04-12"})).await;
    let last_week = json!({"period": "last week", "show": 1});
    let kept = story.hears("Ana", "leaderboard", last_week).await;
    assert!(kept.contains("🥇 Ben · $15,000") && !kept.contains("90,000"), "{kept}");
    assert!(kept.contains("Final · 1 later entry isn't included"), "{kept}");
    let own = story.hears("Finn", "leaderboard", json!({"period": "last week"})).await;
    assert!(own.contains("Final since Mon, Apr 13") && own.contains("$2,000"), "{own}");
    let rolling = story.hears("Finn", "leaderboard", json!({"period": "last 7 days"})).await;
    assert!(rolling.contains("1. Finn · $90,000"), "the last days are those of the ledger: {rolling}");
    let explained = story.hears(MAYA, "schedule explain", json!({"post": "final leaderboard"})).await;
    assert!(explained.contains("the week's leaderboard is final"), "{explained}");
    story.ends().await;
}

/// Pseudorandom numbers, the same in every run (`SplitMix64`).
fn chance(state: &mut u64, most: u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % most
}

#[tokio::test]
async fn whatever_is_logged_thanked_and_taken_back_a_boards_sum_is_that_of_the_ledgers_rows() {
    let mut story = team().await;
    story.runs(MAYA, "board set", json!({"cards": false})).await;
    let mut state = 20_261_126;
    for _ in 0..60 {
        let by = REPS[usize::try_from(chance(&mut state, 6)).unwrap()];
        let other = REPS[usize::try_from(chance(&mut state, 6)).unwrap()];
        let with = story.stage.user(other);
        match chance(&mut state, 5) {
            0 | 1 => {
                let amount = format!("{}.{:02}", 1 + chance(&mut state, 9000), chance(&mut state, 100));
                let mut win = json!({"amount": amount, "customer": "Acme"});
                if by != other {
                    win["with"] = Value::String(with);
                }
                story.runs(by, "win log", win).await;
            }
            2 => drop(story.runs(by, "win undo", json!({})).await),
            3 => {
                let reason = "You stayed late until the demo worked";
                story.runs(by, "kudos give", json!({"to": with, "reason": reason})).await;
            }
            _ => drop(story.runs(by, "kudos undo", json!({})).await),
        }
    }
    for metric in ["revenue", "wins", "kudos", "kudos given", "assists"] {
        let sql = "SELECT person.name, CAST(SUM(entry.quantity) AS BIGINT) FROM entry JOIN metric ON metric.id = metric_id
            JOIN person ON person.id = entry.person_id WHERE metric.name = $1 GROUP BY person.name";
        let sums: Vec<(String, i64)> =
            sqlx::query_as(sql).bind(metric).fetch_all(story.stage.state.db.read()).await.unwrap();
        let board = story.hears("Ana", "leaderboard", json!({"metric": metric, "show": 1})).await;
        let sum: i64 = sums.iter().map(|(_, sum)| sum).sum();
        let shown = if metric == "revenue" {
            format!("${}", bellringer::kernel::number::show(sum, 2))
        } else {
            bellringer::kernel::number::show(sum, 2)
        };
        let people = sums.iter().filter(|(_, sum)| *sum > 0).count();
        assert!(
            people == 0 || board.contains(&format!("Total: {shown} from {people} p")),
            "{sums:?}\n{board}"
        );
    }
    story.ends().await;
}
