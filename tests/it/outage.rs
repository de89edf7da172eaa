//! Stories of bad days: clocks that are changed, long outages, unreadable data.

use std::time::Duration;

use bellringer::features::TABLES;
use bellringer::features::privacy;
use bellringer::outbox::queue::{self, Watch};
use bellringer::sandbox::client::{Fault, Mishap};
use chrono::TimeDelta;
use serde_json::json;

use crate::delivery::{SENDING, bells, count, requests, wait, wins, wins_unseen};
use crate::permissions::{Scene, commanded, pressable};
use crate::story::{MAYA, Story, april, said};
use crate::weekly::jump;

/// Changes the database behind the app's back.
async fn meddle(story: &Story, sql: &'static str) {
    let mut tx = story.stage.state.db.write().await.unwrap();
    sqlx::query(sql).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Maya sets an expectation, so that Monday has a post.
async fn expects(story: &mut Story) {
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
}

#[tokio::test]
async fn a_clock_set_back_an_hour_neither_doubles_a_post_nor_holds_it_up() {
    for mishap in [Mishap::DropBefore, Mishap::DropAfter] {
        let mut story = Story::begin().await;
        story.stage.control.fault(&Fault::once(SENDING, mishap)).await.unwrap();
        wins(&mut story, "Acme").await;
        story.stage.crash().await.unwrap();
        // A few minutes have passed by Discord's clock, but this machine's is an hour back.
        story.stage.control.set_clock(Some(story.stage.clock.now() + TimeDelta::minutes(7))).await.unwrap();
        story.stage.clock.set(story.stage.clock.now() - TimeDelta::hours(1));
        wins(&mut story, "Birch").await;
        assert_eq!(bells(&story).await, ["Acme", "Birch"], "{mishap:?}");
        assert_eq!(requests(&story).await[1], "GET 200", "{mishap:?}: the channel is searched first");
        story.ends().await;
    }
}

#[tokio::test]
async fn what_a_dead_process_had_claimed_is_taken_over_though_the_clock_was_set_back() {
    let mut story = Story::begin().await;
    wins_unseen(&story, "Acme").await;
    assert_eq!(queue::claim(&story.stage.state, &Watch::default(), 8).await.unwrap().len(), 1);
    story.stage.crash().await.unwrap();
    story.stage.clock.correct(story.stage.clock.now() - TimeDelta::hours(1));
    story.stage.settle().await.unwrap();
    wait(&mut story, TimeDelta::seconds(30)).await;
    assert_eq!(bells(&story).await, ["Acme"]);
    story.ends().await;
}

#[tokio::test]
async fn however_a_clock_is_set_a_claim_keeps_everyone_else_away_for_a_lease() {
    for leap in [TimeDelta::hours(1), TimeDelta::minutes(10), TimeDelta::minutes(-4), TimeDelta::hours(-1)] {
        let mut story = Story::begin().await;
        wins_unseen(&story, "Acme").await;
        let state = story.stage.state.clone();
        let (mine, theirs) = (Watch::default(), Watch::default());
        assert_eq!(queue::claim(&state, &mine, 8).await.unwrap().len(), 1);
        assert_eq!(queue::claim(&state, &theirs, 8).await.unwrap().len(), 0);
        let steps = [(leap, 0), (TimeDelta::zero(), 29), (-leap, 0), (leap, 0)];
        for (correction, seconds) in steps {
            story.stage.clock.correct(story.stage.clock.now() + correction);
            story.stage.clock.set(story.stage.clock.now() + TimeDelta::seconds(seconds));
            for watch in [&mine, &theirs] {
                assert_eq!(queue::claim(&state, watch, 8).await.unwrap().len(), 0, "{leap} {correction}");
            }
        }
        story.stage.clock.set(story.stage.clock.now() + TimeDelta::seconds(1));
        assert_eq!(queue::claim(&state, &theirs, 8).await.unwrap().len(), 1, "{leap}: a lease has passed");
        assert_eq!(queue::claim(&state, &mine, 8).await.unwrap().len(), 0, "{leap}: and another begins");
        drop(state);
        story.stage.settle().await.unwrap();
        wait(&mut story, TimeDelta::seconds(30)).await;
        story.ends().await;
    }
}

#[tokio::test]
async fn an_hour_that_comes_twice_does_not_bring_its_post_twice() {
    let mut story = Story::begin().await;
    expects(&mut story).await;
    story.until(april(6, "09:10")).await;
    story.stage.clock.set(story.stage.clock.now() - TimeDelta::hours(1));
    // Setting the schedule again recomputes from the current clock: 09:00 is ahead again.
    let again = json!({"post": "expectations", "when": "mondays 9:00"});
    story.runs(MAYA, "schedule set", again).await;
    story.until(april(6, "12:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1);
    story.ends().await;
}

#[tokio::test]
async fn what_could_not_leave_for_half_a_day_is_left_out_and_says_so() {
    let mut story = Story::begin().await;
    expects(&mut story).await;
    let down = Fault { times: 1_000_000, ..Fault::once(SENDING, Mishap::BadGateway) };
    story.stage.control.fault(&down).await.unwrap();
    wins(&mut story, "Acme").await;
    story.until(april(6, "09:00")).await;
    for _ in 0..13 {
        wait(&mut story, TimeDelta::hours(1)).await;
    }
    story.stage.control.clear_faults().await.unwrap();
    wait(&mut story, TimeDelta::hours(1)).await;
    assert_eq!(
        bells(&story).await.len() + story.channel("expectations").await.len(),
        0,
        "no flood of old posts"
    );
    assert_eq!(count(&story, "failed").await, 2);
    insta::assert_snapshot!(story.hears(MAYA, "schedule explain", json!({"post": "expectations"})).await);
    // New events are reported.
    wins(&mut story, "Birch").await;
    assert_eq!(bells(&story).await, ["Birch"]);
    story.ends().await;
}

#[tokio::test]
async fn what_was_made_before_a_long_outage_is_found_and_not_called_lost() {
    let mut story = Story::begin().await;
    story.stage.control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
    wins(&mut story, "Acme").await;
    story.stage.crash().await.unwrap();
    wait(&mut story, TimeDelta::hours(20)).await;
    assert_eq!((count(&story, "sent").await, count(&story, "failed").await), (1, 0));
    assert_eq!(requests(&story).await, ["POST drop_after", "GET 200"]);
    story.ends().await;
}

#[tokio::test]
async fn a_message_is_found_again_behind_hundreds_of_others() {
    let mut story = Story::begin().await;
    story.stage.control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
    wins(&mut story, "Acme").await;
    story.stage.crash().await.unwrap();
    for line in 0..250 {
        let (user, channel) = (story.stage.user("Ben"), story.stage.channel("wins"));
        story.stage.control.say(&user, &channel, &format!("line {line}")).await.unwrap();
    }
    wait(&mut story, TimeDelta::minutes(10)).await;
    assert_eq!(requests(&story).await, ["POST drop_after", "GET 200", "GET 200", "GET 200"]);
    assert_eq!(count(&story, "sent").await, 1);
    story.ends().await;
}

#[tokio::test]
async fn a_fact_that_does_not_read_back_holds_up_no_other() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "goal set", json!({"metric": "wins", "target": "1", "everyone": true})).await;
    story.stage.worker.drain().await.unwrap();
    wins_unseen(&story, "Acme").await;
    meddle(&story, "UPDATE fact SET body = 'scribble' WHERE reacted_at IS NULL").await;
    wins(&mut story, "Birch").await;
    let told = story.channel("wins").await.join("\n") + &story.channel("recognition").await.join("\n");
    assert!(told.contains("hit the goal"), "the goal is reached all the same: {told}");
    assert_eq!(story.stage.state.failures(), 1);
    jump(&story, story.stage.clock.now() + TimeDelta::minutes(1)).await;
    story.stage.settle().await.unwrap();
    assert_eq!(story.stage.state.failures(), 2, "it is tried again, later and later");
    meddle(&story, "UPDATE fact SET reacted_at = 1 WHERE reacted_at IS NULL").await;
    story.expected_failures = 2;
    story.ends().await;
}

#[tokio::test]
async fn a_schedule_that_does_not_read_back_holds_up_no_other() {
    let mut story = Story::begin().await;
    expects(&mut story).await;
    wins(&mut story, "Acme").await;
    meddle(&story, "UPDATE schedule SET cron = 'scribble' WHERE kind = 'expectations'").await;
    story.until(april(6, "09:05")).await;
    story.until(april(10, "17:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 0);
    assert!(!story.channel("recognition").await.is_empty(), "Friday's board is there");
    let failures = story.stage.state.failures();
    assert!((1..2_000).contains(&failures), "it was tried {failures} times");
    meddle(&story, "UPDATE schedule SET cron = '0 9 * * mon', retry_at = 0 WHERE kind = 'expectations'")
        .await;
    story.until(april(13, "09:05")).await;
    assert_eq!(story.channel("expectations").await.len(), 1, "and once mended it goes on");
    story.expected_failures = failures;
    story.ends().await;
}

#[tokio::test]
async fn a_post_that_does_not_read_back_fails_alone_and_says_so() {
    let mut story = Story::begin().await;
    expects(&mut story).await;
    wins_unseen(&story, "Acme").await;
    meddle(&story, "UPDATE post SET subject = 'scribble'").await;
    wins(&mut story, "Birch").await;
    story.until(april(6, "09:00")).await;
    assert_eq!(bells(&story).await, ["Birch"]);
    assert_eq!(story.channel("expectations").await.len(), 1, "what was claimed with it is sent");
    assert_eq!((count(&story, "failed").await, story.stage.state.failures()), (1, 1));
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn what_was_put_off_by_a_clock_far_ahead_is_tried_once_the_clock_is_right() {
    let mut story = Story::begin().await;
    wins_unseen(&story, "Acme").await;
    let right = story.stage.clock.now();
    meddle(&story, "UPDATE fact SET body = 'scribble' || body WHERE reacted_at IS NULL").await;
    jump(&story, right + TimeDelta::days(365)).await;
    story.stage.settle().await.unwrap();
    assert_eq!(story.stage.state.failures(), 1);
    jump(&story, right).await;
    meddle(&story, "UPDATE fact SET body = replace(body, 'scribble', '') WHERE reacted_at IS NULL").await;
    story.stage.settle().await.unwrap();
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn a_schedule_without_a_readable_time_is_put_off_too() {
    let mut story = Story::begin().await;
    wins(&mut story, "Acme").await;
    meddle(&story, "UPDATE schedule SET next_local = 'scribble', next_due = 1 WHERE kind = 'expectations'")
        .await;
    story.stage.settle().await.unwrap();
    assert_eq!(story.stage.state.failures(), 1);
    meddle(&story, "UPDATE schedule SET next_due = NULL WHERE kind = 'expectations'").await;
    story.expected_failures = 1;
    story.ends().await;
}

#[tokio::test]
async fn whatever_fails_once_it_is_written_is_said_to_be_done_and_nothing_that_was_done_is_denied() {
    let mut scene = Scene::set().await;
    let mut said_to_be_done = 0;
    for door in commanded().into_iter().chain(pressable()) {
        let before = scene.rows().await;
        let state = scene.story.stage.state.clone();
        // It reads, waits for another writer, writes, and then fails to read.
        let mut writing = state.db.write().await.unwrap();
        if state.db.skips_locked() {
            let lock = format!("LOCK TABLE {} IN SHARE MODE", TABLES.join(", "));
            sqlx::query(sqlx::AssertSqlSafe(lock)).execute(&mut *writing).await.unwrap();
        }
        let (control, place) = (scene.story.stage.control.clone(), scene.story.stage.place(MAYA, "general"));
        let input = scene.filled(&door.input);
        let trying = async {
            match input.as_str() {
                Some(custom_id) => {
                    let channel = scene.story.stage.channel("general");
                    let message = scene.story.button_of(&channel, custom_id).await;
                    control.button(&place.user, &message, custom_id).await.unwrap()
                }
                None => control.command(&place, door.name, input.clone()).await.unwrap(),
            }
        };
        let failing = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let closed = state.db.read().close();
            drop(writing);
            closed.await;
        };
        let (outcome, ()) = tokio::join!(trying, failing);
        let url = scene.story.stage.database().to_owned();
        scene.story.stage.moves_to(url).await.unwrap();
        let (told, after) = (said(&outcome), scene.rows().await);
        let what = format!("{}: {told}", door.name);
        assert!(!told.contains("nothing changed") || before == after, "{what}");
        if told.contains("done and saved") {
            assert!(before != after, "{what}");
            said_to_be_done += 1;
        }
    }
    assert!(said_to_be_done > 3, "only {said_to_be_done} failed after they had written");
    scene.story.ends().await;
}

#[tokio::test]
async fn a_search_that_is_broken_off_goes_on_where_it_was() {
    let mut story = Story::begin().await;
    let control = story.stage.control.clone();
    control.fault(&Fault::once(SENDING, Mishap::DropAfter)).await.unwrap();
    wins(&mut story, "Acme").await;
    story.stage.crash().await.unwrap();
    for line in 0..250 {
        let (user, channel) = (story.stage.user("Ben"), story.stage.channel("wins"));
        control.say(&user, &channel, &format!("line {line}")).await.unwrap();
    }
    // Two pages fit into the time limit of a delivery, and the message is on the third.
    let slow = Fault {
        delay_ms: 7_500,
        times: u32::MAX,
        ..Fault::once("GET /channels/{id}/messages", Mishap::Delay)
    };
    control.fault(&slow).await.unwrap();
    wait(&mut story, TimeDelta::minutes(10)).await;
    assert_eq!(count(&story, "sent").await, 0);
    wait(&mut story, TimeDelta::minutes(10)).await;
    let asked = requests(&story).await;
    assert_eq!(count(&story, "sent").await, 1, "{asked:?}");
    story.ends().await;
}

#[tokio::test]
async fn what_fails_before_anything_is_done_is_answered_by_command_and_by_button() {
    let mut story = Story::begin().await;
    let message = story.button_of(&story.stage.channel("general"), "inbox:page:0").await;
    let (control, place) = (story.stage.control.clone(), story.stage.place("Ana", "general"));
    let state = story.stage.state.clone();
    state.db.read().close().await;
    let pressed = control.button(&place.user, &message, "inbox:page:0").await.unwrap();
    let commanded = control.command(&place, "inbox", json!({})).await.unwrap();
    for outcome in [pressed, commanded] {
        assert!(said(&outcome).contains("nothing changed"), "{outcome:?}");
    }
    let url = story.stage.database().to_owned();
    story.stage.moves_to(url).await.unwrap();
    story.ends().await;
}

/// From now on the database rejects a change to some rows; `change` is the trigger's event.
async fn forbids(story: &Story, change: &str, of: &str) {
    let mut tx = story.stage.state.db.write().await.unwrap();
    let sqls = if story.stage.state.db.skips_locked() {
        vec![
            "CREATE FUNCTION forbidden() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'forbidden'; END $$"
                .to_owned(),
            format!("CREATE TRIGGER forbidden BEFORE {change} FOR EACH ROW WHEN ({of}) EXECUTE FUNCTION forbidden()"),
        ]
    } else {
        vec![format!(
            "CREATE TRIGGER forbidden BEFORE {change} WHEN {of} BEGIN SELECT RAISE(ABORT, 'forbidden'); END"
        )]
    };
    for sql in sqls {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Removes that rejection.
async fn allows(story: &Story, table: &str) {
    let is_shared = story.stage.state.db.skips_locked();
    let on = if is_shared { format!(" ON {table}") } else { String::new() };
    let mut tx = story.stage.state.db.write().await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("DROP TRIGGER forbidden{on}"));
    sqlx::query(sql).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn one(story: &Story, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(story.stage.state.db.read()).await.unwrap();
    count
}

#[tokio::test]
async fn a_goal_that_cannot_be_closed_is_tried_less_and_less_often_and_holds_up_no_other() {
    const CLOSED: &str = "SELECT COUNT(*) FROM goal WHERE closed_at IS NOT NULL";
    let mut story = Story::begin().await;
    for target in ["777", "888"] {
        let goal = json!({"metric": "wins", "target": target, "until": "2026-04-10", "everyone": true});
        story.runs(MAYA, "goal set", goal).await;
    }
    forbids(&story, "UPDATE OF closed_at ON goal", "OLD.target = 77700").await;
    story.until(april(11, "00:01")).await;
    assert_eq!(one(&story, CLOSED).await, 1);
    story.until(april(12, "00:01")).await;
    let failures = story.stage.state.failures();
    assert!((10..300).contains(&failures), "in a day it was tried {failures} times");
    allows(&story, "goal").await;
    story.until(april(12, "00:12")).await;
    assert_eq!(one(&story, CLOSED).await, 2);
    story.expected_failures = failures;
    story.ends().await;
}

#[tokio::test]
async fn a_guild_that_cannot_be_erased_is_tried_less_and_less_often_and_holds_up_no_other() {
    const LEFT: &str = "SELECT COUNT(*) FROM guild";
    let mut story = Story::begin().await;
    let control = story.stage.control.clone();
    let other = control.guild("Other").await.unwrap();
    let owner = bellringer::sandbox::client::Place::new(&other.id, &other.channel_id, &other.owner_id);
    control.command(&owner, "help", json!({})).await.unwrap();
    forbids(&story, "DELETE ON guild", &format!("OLD.id = {}", story.stage.guild.id)).await;
    for (number, guild) in [story.stage.guild.id.clone(), other.id].iter().enumerate() {
        let gone = i64::try_from(number).unwrap() + 1;
        control.leave(guild).await.unwrap();
        while one(&story, "SELECT COUNT(*) FROM guild WHERE left_at IS NOT NULL").await < gone {
            tokio::task::yield_now().await;
        }
    }
    story.stage.passes(TimeDelta::days(30) + TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(one(&story, LEFT).await, 1);
    let again = privacy::next_due(&story.stage.state).await.unwrap().unwrap();
    assert!(again > story.stage.state.micros(), "it is put off");
    story.stage.passes(TimeDelta::days(1)).await.unwrap();
    let failures = story.stage.state.failures();
    assert!((2..300).contains(&failures), "in a day it was tried {failures} times");
    allows(&story, "guild").await;
    story.stage.passes(TimeDelta::minutes(11)).await.unwrap();
    assert_eq!(one(&story, LEFT).await, 0);
    story.expected_failures = failures;
    story.ends().await;
}
