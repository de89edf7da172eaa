//! Stories of praise: found, selected, previewed, vetoed, and given according to people's preferences.

use std::collections::BTreeSet;
use std::fmt::Write;

use bellringer::kernel::ids::reference;
use chrono::TimeDelta;
use serde_json::json;

use crate::story::{MAYA, Story, april, instant, said};
use crate::weekly::jump;

const REASON: &str = "You stayed late until the demo worked";

/// Changes the database directly.
async fn sets(story: &Story, sql: &'static str) {
    let mut tx = story.stage.state.db.write().await.unwrap();
    sqlx::query(sql).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// The stored pool: person, kind, state.
async fn pool(story: &Story) -> Vec<(String, String, String)> {
    let sql = "SELECT person.name, moment.kind, moment.state FROM moment JOIN person ON person.id = person_id ORDER BY 1, 2, moment.id";
    sqlx::query_as(sql).fetch_all(story.stage.state.db.read()).await.unwrap()
}

async fn praise(story: &Story) -> Vec<String> {
    story
        .channel("recognition")
        .await
        .into_iter()
        .filter(|it| it.to_lowercase().contains("shout-outs"))
        .collect()
}

/// A person's stored inbox items.
async fn inbox(story: &Story, name: &'static str) -> Vec<(String,)> {
    let sql = "SELECT inbox.subject FROM inbox JOIN person ON person.id = person_id WHERE item_key NOT LIKE 'badge:%' AND person.name = $1 ORDER BY inbox.id";
    sqlx::query_as(sql).bind(name).fetch_all(story.stage.state.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_preview_shows_what_is_posted_and_a_veto_makes_room_for_the_next() {
    let mut story = Story::begin().await;
    for name in ["Dev", "Elif"] {
        story.stage.joins(name, false).await.unwrap();
    }
    for name in ["Ana", "Ben", "Cleo", "Dev", "Elif"] {
        story.runs(name, "win log", json!({"amount": "4k", "customer": "Acme"})).await;
    }
    let cleo = story.stage.user("Cleo");
    story.runs(MAYA, "shoutout nominate", json!({"who": cleo, "reason": REASON})).await;
    let shown = story.runs(MAYA, "shoutout preview", json!({})).await;
    assert!(shown.ephemeral);
    let before = said(&shown);
    let body = |text: &str| -> BTreeSet<&'static str> {
        let first = text.split("Also in the running").next().unwrap().to_owned();
        ["Ana", "Ben", "Cleo", "Dev", "Elif"]
            .into_iter()
            .filter(|name| first.contains(&format!("**{name}**")))
            .collect()
    };
    let vetoed = *body(&before).iter().next().unwrap();
    let buttons = shown.message.unwrap()["components"].clone();
    let label = buttons
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row["components"].as_array().unwrap())
        .map(|it| it["label"].as_str().unwrap().to_owned())
        .find(|label| label.starts_with(&format!("Veto {vetoed}")))
        .unwrap();
    story.stage.presses(MAYA, "general", label.as_str()).await.unwrap();
    let after = story.hears(MAYA, "shoutout preview", json!({})).await;
    assert_ne!(before, after);
    assert_eq!(body(&after).len(), 3, "the next takes the place: {after}");
    let scheduled = story.hears(MAYA, "schedule preview", json!({"post": "shout-outs"})).await;
    story.until(april(10, "17:00")).await;
    let posted = praise(&story).await;
    assert_eq!(posted.len(), 1);
    for text in [&scheduled, &posted[0]] {
        assert_eq!(body(text), body(&after), "{text}");
    }
    let (id,): (i64,) = sqlx::query_as("SELECT id FROM moment WHERE state = 'praised' LIMIT 1")
        .fetch_one(story.stage.state.db.read())
        .await
        .unwrap();
    let late = story.presses_guessed(MAYA, &format!("shoutout:veto:{}", reference(id))).await;
    assert!(said(&late).contains("too late"), "{}", said(&late));
    story.ends().await;
}

#[tokio::test]
async fn a_win_undone_voids_what_rested_on_it_and_restores_nothing_that_was_vetoed() {
    let mut story = Story::begin().await;
    let ben = story.stage.user("Ben");
    story.runs("Ana", "win log", json!({"amount": "4k", "with": ben})).await;
    let ahead = story.hears(MAYA, "shoutout preview", json!({})).await;
    assert!(ahead.contains("Ana"), "{ahead}");
    story.runs("Ana", "win undo", json!({})).await;
    for look in ["shoutout preview", "schedule preview"] {
        let options = if look == "schedule preview" { json!({"post": "shout-outs"}) } else { json!({}) };
        let quiet = story.hears(MAYA, look, options).await;
        assert!(!quiet.contains("Ana"), "{quiet}");
    }
    story.runs("Ana", "win log", json!({"amount": "5k"})).await;
    let ahead = story.hears(MAYA, "shoutout preview", json!({})).await;
    assert!(ahead.contains("Ana"), "{ahead}");
    story.until(april(10, "17:00")).await;
    let posted = praise(&story).await;
    assert!(posted.len() == 1 && posted[0].contains("Ana") && !posted[0].contains("Ben"), "{posted:?}");
    story.ends().await;
}

#[tokio::test]
async fn people_are_praised_as_they_like_it_in_public_in_private_or_not_at_all() {
    let mut story = Story::begin().await;
    for name in ["Ana", "Ben", "Cleo"] {
        story.runs(name, "win log", json!({"amount": "4k"})).await;
    }
    sets(&story, "UPDATE person SET praise = 'private' WHERE name = 'Ben'").await;
    sets(&story, "UPDATE person SET praise = 'none' WHERE name = 'Cleo'").await;
    let cleo = story.stage.user("Cleo");
    let refused = story.hears(MAYA, "shoutout nominate", json!({"who": cleo, "reason": REASON})).await;
    assert!(refused.contains("rather not"), "{refused}");
    story.until(april(10, "17:00")).await;
    let posted = praise(&story).await;
    assert!(posted.len() == 1 && posted[0].contains("Ana"), "{posted:?}");
    assert!(!posted[0].contains("Ben") && !posted[0].contains("Cleo"), "{posted:?}");
    assert_eq!(inbox(&story, "Ben").await.len(), 1);
    assert!(inbox(&story, "Cleo").await.is_empty() && inbox(&story, "Ana").await.is_empty());
    story.ends().await;
}

#[tokio::test]
async fn what_is_no_nomination_and_no_veto_says_why() {
    let mut story = Story::begin().await;
    let (maya, ben) = (story.stage.user(MAYA), story.stage.user("Ben"));
    story.runs("Ana", "win log", json!({"amount": "4k"})).await;
    story.runs(MAYA, "shoutout preview", json!({})).await;
    let (id,): (i64,) =
        sqlx::query_as("SELECT id FROM moment LIMIT 1").fetch_one(story.stage.state.db.read()).await.unwrap();
    let mut told = String::new();
    for (who, options) in [
        (MAYA, json!({"who": maya, "reason": REASON})),
        (MAYA, json!({"who": ben, "reason": "nice"})),
        (MAYA, json!({"who": ben, "reason": "@everyone @everyone @everyone @here"})),
        (MAYA, json!({"who": ben, "reason": " ".repeat(40)})),
        (MAYA, json!({"who": ben, "reason": "x".repeat(301)})),
        ("Ana", json!({"who": ben, "reason": REASON})),
    ] {
        let outcome = story.runs(who, "shoutout nominate", options).await;
        assert!(outcome.ephemeral);
        writeln!(told, "{}", said(&outcome)).unwrap();
    }
    let own = format!("shoutout:veto:{}", reference(id));
    for (who, pressed) in [
        ("Ana", own.as_str()),
        (MAYA, "shoutout:veto:77"),
        (MAYA, "shoutout:veto"),
        (MAYA, "shoutout:veto:$$"),
        (MAYA, own.as_str()),
        (MAYA, own.as_str()),
    ] {
        let outcome = story.presses_guessed(who, pressed).await;
        let shown = if pressed == own { "shoutout:veto:ITS" } else { pressed };
        writeln!(told, "{who} {shown}: {}", said(&outcome)).unwrap();
    }
    let left = pool(&story).await;
    assert!(left.iter().all(|it| it.1 != "nominated"), "{left:?}");
    insta::assert_snapshot!(crate::story::stable(&told));
    story.ends().await;
}

#[tokio::test]
async fn over_weeks_praise_is_scarce_goes_round_and_never_speaks_of_little() {
    let mut story = Story::begin().await;
    for name in ["Dev", "Elif"] {
        story.stage.joins(name, false).await.unwrap();
    }
    story.runs("Elif", "help", json!({})).await;
    sets(&story, "UPDATE person SET praise = 'none' WHERE name = 'Elif'").await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    let names = ["Ana", "Ben", "Cleo", "Dev", "Elif"];
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for week in 0_usize..8 {
        for (index, name) in names.iter().enumerate() {
            // Dev is lowest in everything except calls.
            let amount = if *name == "Dev" { 1 } else { (index * 3 + week * 5) % 7 + 2 };
            if *name != "Dev" || week % 4 == 0 {
                story.runs(name, "win log", json!({"amount": format!("{amount}k")})).await;
            }
            let calls = json!({"metric": "calls", "count": (5 + week + index).to_string()});
            story.runs(name, "activity log", calls).await;
        }
        let friday = april(10, "17:00") + TimeDelta::weeks(i64::try_from(week).unwrap());
        story.until(friday).await;
        let text = praise(&story).await.get(week).cloned().unwrap_or_default();
        let praised: BTreeSet<&str> =
            names.into_iter().filter(|name| text.contains(&format!("**{name}**"))).collect();
        assert!(praised.len() <= 3 && !praised.contains("Elif"), "{text}");
        for again in praised.intersection(&before) {
            let line = text.lines().find(|line| line.contains(&format!("**{again}**"))).unwrap();
            let is_record = ["record", "their best", "their biggest"].iter().any(|it| line.contains(it));
            assert!(is_record, "{again} again, and no record: {line}");
        }
        let lower = text.to_lowercase();
        for word in [
            "least",
            "worst",
            "last place",
            "lowest",
            "fewest",
            "behind",
            "only",
            "despite",
            "below",
            "less than",
        ] {
            assert!(!lower.contains(word), "{word}: {text}");
        }
        before = praised;
        story.until(friday + TimeDelta::days(3)).await;
    }
    let all = praise(&story).await.join("\n\n---\n\n");
    assert!(["Ana", "Ben", "Cleo", "Dev"].iter().all(|name| all.contains(name)), "{all}");
    story.ends().await;
}

#[tokio::test]
async fn birthdays_anniversaries_help_and_a_goal_reached_early_are_found() {
    let mut story = Story::begin().await;
    let cleo = story.stage.user("Cleo");
    story.runs("Ana", "goal set", json!({"metric": "wins", "target": "1"})).await;
    story.runs("Ana", "win log", json!({"amount": "4k", "with": cleo, "share": 34})).await;
    story.runs("Ana", "win log", json!({"amount": "4k"})).await;
    story.runs("Ben", "help", json!({})).await;
    sets(&story, "UPDATE person SET birthday = 409, first_day = 19821 WHERE name = 'Ben'").await; // 8 April 2024
    let shown = story.hears(MAYA, "shoutout preview", json!({})).await;
    // Which of a person's moments are chosen depends on the server; all of them are in the pool.
    for moment in [
        "**Ana** hit their goal of 1 win with 4 business days to spare.",
        "**Ana** rang the bell for the first time.",
        "**Cleo** helped close a deal. Nobody had more assists this week.",
        "**Ben** is celebrating 2 years with the team this week.",
        "**Ben** has a birthday this week.",
    ] {
        assert!(shown.contains(moment), "{moment}: {shown}");
    }
    story.ends().await;
}

#[tokio::test]
async fn where_everyone_wants_praise_in_private_everyone_who_earned_it_is_praised() {
    for channels in [true, false] {
        let mut story = Story::begin().await;
        for name in ["Ana", "Ben"] {
            story.runs(name, "win log", json!({"amount": "4k"})).await;
        }
        if channels {
            sets(&story, "UPDATE person SET praise = 'private'").await;
        } else {
            // Private praise doesn't wait for a channel either.
            sets(&story, "UPDATE person SET praise = 'private' WHERE name = 'Ana'").await;
            sets(&story, "UPDATE guild SET recognition_channel = NULL, wins_channel = NULL").await;
        }
        let shown = story.hears(MAYA, "shoutout preview", json!({})).await;
        assert!(shown.contains("In their inbox"), "{shown}");
        story.until(april(10, "17:00")).await;
        assert!(praise(&story).await.is_empty());
        assert_eq!(inbox(&story, "Ana").await.len(), 1);
        assert_eq!(inbox(&story, "Ben").await.len(), usize::from(channels));
        story.ends().await;
    }
}

#[tokio::test]
async fn a_veto_that_is_confirmed_while_the_post_is_being_made_holds() {
    const ANA: &str = "(SELECT id FROM person WHERE name = 'Ana')";
    holds_meanwhile(&format!("UPDATE moment SET state = 'vetoed' WHERE person_id = {ANA}")).await;
}

#[tokio::test]
async fn whoever_is_erased_or_wants_no_praise_while_the_post_is_being_made_is_not_in_it() {
    for change in ["praise = 'none'", "praise = 'private'", "erased_at = 1, name = 'a former teammate'"] {
        holds_meanwhile(&format!("UPDATE person SET {change} WHERE name = 'Ana'")).await;
    }
}

/// A change committed while Friday's praise is composed, which excludes Ana, takes effect.
async fn holds_meanwhile(change: &str) {
    let mut story = Story::begin().await;
    for name in ["Ana", "Ben"] {
        story.runs(name, "win log", json!({"amount": "4k"})).await;
    }
    story.until(april(10, "16:29")).await;
    story.runs(MAYA, "shoutout preview", json!({})).await;
    let (state, worker) = (story.stage.state.clone(), story.stage.worker.clone());
    // Another writer is active while the post is composed.
    let mut writing = state.db.write().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(change.to_owned())).execute(&mut *writing).await.unwrap();
    jump(&story, instant(april(10, "16:30"))).await;
    let confirming = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        writing.commit().await.unwrap();
    };
    let (stepped, ()) = tokio::join!(worker.step(), confirming);
    stepped.unwrap();
    // It is composed again a moment later.
    story.stage.passes(TimeDelta::seconds(10)).await.unwrap();
    let posted = praise(&story).await;
    assert!(posted.len() == 1 && posted[0].contains("Ben") && !posted[0].contains("Ana"), "{posted:?}");
    story.ends().await;
}

#[tokio::test]
async fn after_missed_weeks_praise_names_the_weeks_and_each_thing_once() {
    let mut story = Story::begin().await;
    story
        .runs(MAYA, "schedule set", json!({"post": "shout-outs", "late": "roll it into the next one"}))
        .await;
    story.runs("Ana", "win log", json!({"amount": "4k"})).await;
    story.runs("Cleo", "me dates", json!({"birthday": "8 april"})).await;
    // A fact, which causes the week's moments to be stored.
    story.runs("Ana", "win log", json!({"amount": "5k"})).await;
    jump(&story, instant(april(14, "10:00"))).await;
    story.stage.settle().await.unwrap();
    assert!(praise(&story).await.is_empty());
    story.runs("Ben", "win log", json!({"amount": "6k"})).await;
    story.until(april(17, "17:00")).await;
    let posted = praise(&story).await;
    assert_eq!(posted.len(), 1, "{posted:?}");
    insta::assert_snapshot!(posted[0]);
    story.until(april(24, "17:00")).await;
    assert_eq!(praise(&story).await.len(), 1, "nothing twice: {:?}", praise(&story).await);
    story.ends().await;
}
