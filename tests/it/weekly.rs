//! Stories of scheduled posts.

use std::collections::BTreeSet;

use bellringer::kernel::calendar::Period;
use bellringer::kernel::ids::GuildId;
use bellringer::ledger::{metric, totals};
use bellringer::people;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::json;

use crate::story::{MAYA, Story, april, instant};

/// Moves the clocks without letting anybody react.
pub(crate) async fn jump(story: &Story, now: DateTime<Utc>) {
    story.stage.control.set_clock(Some(now)).await.unwrap();
    story.stage.clock.set(now);
}

/// When each message of a channel was created.
pub(crate) async fn times(story: &Story, channel: &str) -> Vec<DateTime<Utc>> {
    let messages = story.stage.control.messages(&story.stage.channel(channel), None).await.unwrap();
    messages.iter().map(|message| message["timestamp"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn monday_brings_the_expectations_and_friday_board_and_praise() {
    let mut story = Story::begin().await;
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
    story.runs("Ana", "win log", json!({"amount": "4k", "customer": "Acme"})).await;
    story.until(april(10, "17:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 1);
    assert_eq!(story.channel("recognition").await.len(), 2);
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn a_week_with_nothing_to_say_is_quiet() {
    let mut story = Story::begin().await;
    story.until(april(20, "08:00")).await;
    for channel in ["wins", "recognition", "expectations"] {
        assert_eq!(story.channel(channel).await, Vec::<String>::new(), "#{channel}");
    }
    let told = story.hears(MAYA, "schedule explain", json!({"post": "shout-outs"})).await;
    assert_eq!(told.matches("nothing to post").count(), 2, "{told}");
    story.ends().await;
}

#[tokio::test]
async fn shout_outs_name_at_most_three_and_never_the_same_person_two_weeks_in_a_row() {
    let mut story = Story::begin().await;
    for name in ["Dev", "Elif"] {
        story.stage.joins(name, false).await.unwrap();
    }
    let names = ["Ana", "Ben", "Cleo", "Dev", "Elif"];
    let mut weeks: Vec<BTreeSet<&str>> = Vec::new();
    let mut told = 0;
    for week in 0_u32..4 {
        for (index, name) in names.iter().enumerate() {
            let amount = format!("{}k", (index + 2 * week as usize) % 5 + 1);
            story.runs(name, "win log", json!({"amount": amount, "customer": "Acme"})).await;
        }
        let friday = april(10, "17:00") + TimeDelta::weeks(week.into());
        story.until(friday).await;
        let posts = story.channel("recognition").await;
        let praise: Vec<&String> = posts.iter().filter(|text| text.contains("shout-outs")).collect();
        assert!(praise.len() <= told + 1, "a week has one, or none where there is nothing special");
        let post = praise.get(told).map_or("", |post| post.as_str());
        told = praise.len();
        let praised: BTreeSet<&str> = names.into_iter().filter(|name| post.contains(name)).collect();
        assert!(praised.len() <= 3, "{praise:?}");
        for again in weeks.last().into_iter().flat_map(|before| before.intersection(&praised)) {
            let is_record = post.lines().any(|it| it.contains(again) && it.contains("record"));
            assert!(is_record, "week {week}: {again} again, and no record");
        }
        weeks.push(praised);
        story.until(friday + TimeDelta::days(3)).await;
    }
    assert!(told >= 2, "there was something to praise");
    let all: BTreeSet<&str> = weeks.iter().flatten().copied().collect();
    assert!(all.len() >= 4, "over a month praise goes round: {weeks:?}");
    story.ends().await;
}

#[tokio::test]
async fn the_weeks_before_are_the_same_at_once_as_one_by_one() {
    let mut story = Story::begin().await;
    for (back, name) in (0..16).zip(["Ana", "Ben", "Cleo", "Ana", "Ben"].into_iter().cycle()) {
        let day = april(6, "12:00").date() - TimeDelta::days(2 * back);
        let win = json!({"amount": format!("{}k", back + 1), "when": day.to_string()});
        story.runs(name, "win log", win).await;
    }
    let state = story.stage.state.clone();
    let db = state.db.read();
    let (guild,): (GuildId,) = sqlx::query_as("SELECT id FROM guild").fetch_one(db).await.unwrap();
    let revenue = metric::named(db, guild, metric::REVENUE).await.unwrap().id;
    for days in [7, 14] {
        let mut period = Period::days(april(6, "12:00").date(), april(5 + days, "12:00").date());
        let at_once = totals::by_person_and_before::<4>(db, &[revenue], period)
            .await
            .unwrap()
            .remove(&revenue)
            .unwrap();
        assert!(at_once.iter().filter(|week| !week.is_empty()).count() >= 3, "{at_once:?}");
        for week in at_once {
            assert_eq!(week, totals::by_person(db, revenue, period).await.unwrap(), "{}", period.called());
            period = period.before();
        }
    }
    story.ends().await;
}

/// A guild in a zone with an expectation for everyone and a board, from a local time on.
async fn in_zone(zone: &str, start: &str) -> Story {
    let mut story = Story::before_setup(zone, start.parse().unwrap()).await;
    let [wins, recognition, expectations] =
        ["wins", "recognition", "expectations"].map(|name| story.stage.channel(name));
    let options = json!({"time_zone": zone, "currency": "EUR", "wins_channel": wins,
        "recognition_channel": recognition, "expectations_channel": expectations});
    story.runs(MAYA, "setup", options).await;
    let expectation = json!({"what": "Ten calls", "by": "sunday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
    story
}

/// Advances to an instant in half-hour steps, without asking the bot what is due.
async fn walk(story: &mut Story, until: &str) {
    let until: DateTime<Utc> = until.parse().unwrap();
    while story.stage.clock.now() < until {
        jump(story, (story.stage.clock.now() + TimeDelta::minutes(30)).min(until)).await;
        story.stage.settle().await.unwrap();
    }
}

fn shown(times: &[DateTime<Utc>]) -> Vec<String> {
    times.iter().map(|time| time.format("%m-%d %H:%MZ").to_string()).collect()
}

#[tokio::test]
async fn where_a_country_has_lately_changed_its_clock_the_posts_follow_the_new_rule() {
    // Each: the zone, and Monday 09:00 there on 9 November 2026, in UTC.
    for (zone, monday) in [
        ("America/Vancouver", "11-09 16:00Z"), // stays at -7 from 2026 on; by the old rule it would be 17:00
        ("America/Edmonton", "11-09 15:00Z"),  // stays at -6; before, 16:00
        ("America/Winnipeg", "11-09 14:00Z"),  // stays at -5; before, 15:00
        ("America/Havana", "11-09 13:00Z"),    // keeps -4 over this winter; before, 14:00
        ("Africa/Casablanca", "11-09 09:00Z"), // back to UTC on 20 September; before, +1 and 08:00
    ] {
        let mut story = in_zone(zone, "2026-11-08T20:00:00").await;
        walk(&mut story, "2026-11-09T18:00:00Z").await;
        assert_eq!(shown(&times(&story, "expectations").await), [monday], "{zone}");
        story.ends().await;
    }
}

#[tokio::test]
async fn the_weeks_posts_keep_to_the_wall_clock_over_both_changes_of_daylight_saving() {
    // Each: the zone, the Sunday evening before, and Monday 09:00 and Friday 16:00 there in UTC.
    for (zone, start, until, mondays, fridays) in [
        (
            "America/New_York", // forward on 8 March
            "2026-03-01T20:00:00",
            "2026-03-17T00:00:00Z",
            ["03-02 14:00Z", "03-09 13:00Z", "03-16 13:00Z"].as_slice(),
            ["03-06 21:00Z", "03-13 20:00Z"],
        ),
        (
            "America/New_York", // back on 1 November
            "2026-10-25T20:00:00",
            "2026-11-10T00:00:00Z",
            &["10-26 13:00Z", "11-02 14:00Z", "11-09 14:00Z"],
            ["10-30 20:00Z", "11-06 21:00Z"],
        ),
        (
            "Europe/Berlin", // forward on 29 March
            "2026-03-22T20:00:00",
            "2026-04-07T00:00:00Z",
            &["03-23 08:00Z", "03-30 07:00Z", "04-06 07:00Z"],
            ["03-27 15:00Z", "04-03 14:00Z"],
        ),
        (
            "Europe/Berlin", // back on 25 October
            "2026-10-18T20:00:00",
            "2026-11-03T00:00:00Z",
            &["10-19 07:00Z", "10-26 08:00Z", "11-02 08:00Z"],
            ["10-23 14:00Z", "10-30 15:00Z"],
        ),
        (
            "Asia/Kolkata", // half an hour off, and no change at all
            "2026-03-22T20:00:00",
            "2026-04-07T00:00:00Z",
            &["03-23 03:30Z", "03-30 03:30Z", "04-06 03:30Z"],
            ["03-27 10:30Z", "04-03 10:30Z"],
        ),
        (
            "Australia/Lord_Howe", // back by half an hour on 5 April
            "2026-03-29T20:00:00",
            "2026-04-14T00:00:00Z",
            &["03-29 22:00Z", "04-05 22:30Z", "04-12 22:30Z"],
            ["04-03 05:00Z", "04-10 05:30Z"],
        ),
        (
            "Australia/Lord_Howe", // forward by half an hour on 4 October
            "2026-09-27T20:00:00",
            "2026-10-13T00:00:00Z",
            &["09-27 22:30Z", "10-04 22:00Z", "10-11 22:00Z"],
            ["10-02 05:30Z", "10-09 05:00Z"],
        ),
    ] {
        let mut story = in_zone(zone, start).await;
        walk(&mut story, &format!("2026-{}T00:00:00Z", &mondays[0][..5])).await;
        let boards = json!({"post": "shout-outs"});
        story.runs(MAYA, "schedule pause", boards).await;
        for friday in fridays {
            let noon: DateTime<Utc> = format!("2026-{}T00:00:00Z", &friday[..5]).parse().unwrap();
            walk(&mut story, &noon.to_rfc3339()).await;
            story.runs("Ana", "win log", json!({"amount": "4k"})).await;
        }
        walk(&mut story, until).await;
        assert_eq!(shown(&times(&story, "expectations").await), mondays, "{zone} from {start}");
        assert_eq!(shown(&times(&story, "recognition").await), fridays, "{zone} from {start}");
        story.ends().await;
    }
}

#[tokio::test]
async fn a_time_that_the_clock_skips_or_shows_twice_is_posted_once() {
    for (zone, when, start, until, due) in [
        // 02:30 does not exist on 8 March: it runs at 03:00 daylight time, the first instant after the gap.
        (
            "America/New_York",
            "daily 2:30",
            "2026-03-06T20:00:00",
            "2026-03-10T00:00:00Z",
            ["03-07 07:30Z", "03-08 07:00Z", "03-09 06:30Z"].as_slice(),
        ),
        // 01:30 occurs twice on 1 November: it runs at the first.
        (
            "America/New_York",
            "daily 1:30",
            "2026-10-30T20:00:00",
            "2026-11-03T00:00:00Z",
            &["10-31 05:30Z", "11-01 05:30Z", "11-02 06:30Z"],
        ),
        (
            "Europe/Berlin",
            "daily 2:30",
            "2026-03-27T20:00:00",
            "2026-03-30T20:00:00Z",
            &["03-28 01:30Z", "03-29 01:00Z", "03-30 00:30Z"],
        ),
        (
            "Europe/Berlin",
            "daily 2:30",
            "2026-10-23T20:00:00",
            "2026-10-26T20:00:00Z",
            &["10-24 00:30Z", "10-25 00:30Z", "10-26 01:30Z"],
        ),
        (
            "Asia/Kolkata",
            "daily 2:30",
            "2026-03-27T20:00:00",
            "2026-03-30T20:00:00Z",
            &["03-27 21:00Z", "03-28 21:00Z", "03-29 21:00Z"],
        ),
        // Half an hour: 02:00 becomes 02:30 on 4 October, and 01:30 occurs twice on 5 April.
        (
            "Australia/Lord_Howe",
            "daily 2:00",
            "2026-10-02T20:00:00",
            "2026-10-05T12:00:00Z",
            &["10-02 15:30Z", "10-03 15:30Z", "10-04 15:00Z"],
        ),
        (
            "Australia/Lord_Howe",
            "daily 1:30",
            "2026-04-03T20:00:00",
            "2026-04-06T12:00:00Z",
            &["04-03 14:30Z", "04-04 14:30Z", "04-05 15:00Z"],
        ),
    ] {
        let mut story = in_zone(zone, start).await;
        let local: NaiveDateTime = start.parse().unwrap();
        story.runs(MAYA, "schedule set", json!({"post": "expectations", "when": when})).await;
        walk(&mut story, until).await;
        assert_eq!(shown(&times(&story, "expectations").await), due, "{when} in {zone} from {local}");
        story.ends().await;
    }
}

#[tokio::test]
async fn whoever_is_erased_while_the_board_is_being_made_is_not_on_it() {
    let mut story = Story::begin().await;
    for name in ["Ana", "Ben"] {
        story.runs(name, "win log", json!({"amount": "4k"})).await;
    }
    story.until(april(10, "15:59")).await;
    let (state, worker) = (story.stage.state.clone(), story.stage.worker.clone());
    let guild = GuildId(story.stage.guild.id.parse().unwrap());
    let mut erasing = state.db.write().await.unwrap();
    people::hold_guild(&mut erasing, guild).await.unwrap();
    sqlx::query("UPDATE person SET erased_at = 1, name = 'a former teammate' WHERE name = 'Ana'")
        .execute(&mut *erasing)
        .await
        .unwrap();
    jump(&story, instant(april(10, "16:00"))).await;
    let committing = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        erasing.commit().await.unwrap();
    };
    let (stepped, ()) = tokio::join!(worker.step(), committing);
    stepped.unwrap();
    // It is composed again a moment later.
    story.stage.passes(TimeDelta::seconds(10)).await.unwrap();
    let posted = story.channel("recognition").await;
    assert!(posted.len() == 1 && posted[0].contains("Ben") && !posted[0].contains("Ana"), "{posted:?}");
    story.ends().await;
}
