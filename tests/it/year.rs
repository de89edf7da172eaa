//! A year of schedules in every kind of time zone, step by step; and the wall clock's cron in any zone at any instant.
//! `cargo bench --bench year` plays the same with 500 guilds.

mod play;
mod reckoning;

use std::cell::Cell;

use bellringer::kernel::calendar::Zone;
use bellringer::kernel::wall_cron::WallCron;
use chrono::{
    DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use play::{Guilds, Tally, UPHEAVALS, day_and_night, one_of_each};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reckoning::{CHANGED_SINCE, Span, behaviour, date, days, dues, offset, year, zones};

fn hold(tally: &Tally, least: usize) {
    let Tally { occurrences, wrong, .. } = tally;
    assert!(wrong.is_empty(), "{} of {occurrences} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(*occurrences >= least, "only {occurrences} were played");
}

/// The weeks of a season with clock changes, for a guild in each kind of zone.
async fn season(from: NaiveDate, until: NaiveDate) -> Tally {
    let folder = tempfile::tempdir().unwrap();
    let zones = one_of_each(year(2026));
    assert!(zones.len() >= 40, "{zones:?}");
    let mut guilds = Guilds::found(folder.path(), days(from, until)).await.unwrap();
    for zone in zones {
        guilds.join(zone).await.unwrap();
    }
    guilds.play().await.unwrap()
}

#[tokio::test]
async fn while_clocks_are_changed_in_spring_each_post_comes_once_and_at_the_right_local_time() {
    hold(&season(date(2026, 3, 2), date(2026, 4, 28)).await, 1400);
}

#[tokio::test]
async fn while_clocks_are_changed_in_autumn_each_post_comes_once_and_at_the_right_local_time() {
    hold(&season(date(2026, 8, 31), date(2026, 11, 3)).await, 1600);
}

#[tokio::test]
async fn in_the_nights_when_clocks_are_changed_nothing_is_left_out_and_nothing_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut guilds = Guilds::found(folder.path(), year(2026)).await.unwrap();
    for zone in one_of_each(year(2026)) {
        guilds.join_by_night(zone).await.unwrap();
    }
    hold(&guilds.play().await.unwrap(), 150);
}

#[tokio::test]
async fn where_a_zone_changes_its_rules_or_leaves_a_day_out_the_posts_follow() {
    let folder = tempfile::tempdir().unwrap();
    let mut tally = Tally::default();
    for (zone, day) in UPHEAVALS {
        let weeks = days(day - TimeDelta::days(8), day + TimeDelta::days(8));
        let changes = behaviour(zones()[zone], weeks).len() - 1;
        assert_eq!(changes, 1, "{zone} around {day}");
        tally.add(day_and_night(folder.path(), zone, weeks).await.unwrap());
    }
    hold(&tally, 250);
}

/// The first instant in a span at which the bot's copy of the time zone database differs from the
/// reference's: checked once a week, and on both sides of each change.
fn differ(name: &str, zone: Tz, (from, until): Span) -> Option<DateTime<Utc>> {
    let own = Zone::parse(name).expect("the bot knows every zone that the reckoning knows");
    let weeks = std::iter::successors(Some(from), |instant| Some(*instant + TimeDelta::days(7)));
    let second = TimeDelta::seconds(1);
    let changes = behaviour(zone, (from, until)).into_iter().flat_map(|(at, _)| [at - second, at]);
    weeks
        .take_while(|instant| *instant <= until)
        .chain(changes)
        .filter(|instant| own.offset(*instant).local_minus_utc() != offset(zone, *instant))
        .min()
}

#[test]
fn the_two_copies_of_the_time_zone_database_differ_only_where_rules_have_changed_since() {
    let span = (year(2000).0, year(2037).1);
    let zones = zones();
    let differing: Vec<&str> = zones
        .iter()
        .filter(|(name, zone)| differ(name, **zone, span).is_some())
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(differing, CHANGED_SINCE);
}

/// A zone, an instant, and a time on some days of the week: random, or close to a change of the zone's clock.
#[derive(Debug, Clone)]
struct Case {
    zone: usize,
    is_close: bool,
    /// Which change, or how far into the years.
    pick: u32,
    /// The instant's distance from the change.
    seconds: i64,
    micros: i64,
    /// The time's distance from the new clock time at the change, or from midnight.
    minutes: i64,
    /// One bit per day, Monday's the lowest.
    days: u8,
}

fn case() -> impl Strategy<Value = Case> {
    let any_day = prop_oneof![Just(127_u8), 1_u8..128];
    let micros = prop_oneof![Just(0_i64), Just(1), Just(999_999)];
    // Mostly in the day before the change, so that the next due time falls on it.
    let seconds =
        prop_oneof![1 => Just(0_i64), 4 => -90_000..0_i64, 2 => -7200..7200_i64, 1 => -200_000..200_000_i64];
    let minutes = prop_oneof![0_i64..60, -30_i64..150];
    (any::<usize>(), prop::bool::weighted(0.9), any::<u32>(), seconds, micros, minutes, any_day).prop_map(
        |(zone, is_close, pick, seconds, micros, minutes, days)| Case {
            zone,
            is_close,
            pick,
            seconds,
            micros,
            minutes,
            days,
        },
    )
}

impl Case {
    /// The instant, and a wall-clock time on its day, for a zone with this behavior in a span.
    fn place(
        &self,
        zone: Tz,
        offsets: &[(DateTime<Utc>, i32)],
        (from, until): Span,
    ) -> (DateTime<Utc>, NaiveDateTime) {
        let changes: Vec<_> = offsets.windows(2).collect();
        let (minutes, shift) = (TimeDelta::minutes(self.minutes), TimeDelta::seconds(self.seconds));
        if self.is_close && !changes.is_empty() {
            let change = changes[self.pick as usize % changes.len()];
            let instant = change[1].0 + shift + TimeDelta::microseconds(self.micros);
            // With the smaller offset, this is where a gap or a fold begins.
            let smaller = TimeDelta::seconds(change[0].1.min(change[1].1).into());
            (instant, change[1].0.naive_utc() + smaller + minutes)
        } else {
            let instant = from + TimeDelta::seconds(i64::from(self.pick) % (until - from).num_seconds());
            (instant, instant.with_timezone(&zone).naive_local() + shift + minutes)
        }
    }
}

#[test]
fn the_next_time_is_the_first_strictly_after_an_instant_in_any_zone() {
    let span = (year(2000).0, year(2037).1);
    let zones: Vec<_> = zones()
        .into_iter()
        .filter(|(name, _)| !CHANGED_SINCE.contains(name))
        .map(|(name, zone)| (name, zone, behaviour(zone, span)))
        .collect();
    let (in_gaps, in_folds) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) };
    let mut runner = TestRunner::new(config);
    let ran = runner.run(&case(), |case| {
        let (name, zone, offsets) = &zones[case.zone % zones.len()];
        let (after, near) = case.place(*zone, offsets, span);
        let time = near.time().with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap();
        let is_on = |date: NaiveDate| case.days >> date.weekday().num_days_from_monday() & 1 == 1;
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days: Vec<&str> = (0..7).filter(|day| case.days >> day & 1 == 1).map(|day| names[day]).collect();
        let fields = format!("{} {} * * {}", time.minute(), time.hour(), days.join(","));

        let soon = after + TimeDelta::days(16);
        let (local, instant) = dues(*zone, is_on, time, (after, soon))
            .into_iter()
            .min_by_key(|(local, at)| (*at, *local))
            .expect("a day of the week comes within two weeks");
        match zone.from_local_datetime(&local) {
            MappedLocalTime::None => in_gaps.set(in_gaps.get() + 1),
            MappedLocalTime::Ambiguous(..) => in_folds.set(in_folds.get() + 1),
            MappedLocalTime::Single(_) => {}
        }
        let cron = WallCron::from_fields(&fields).unwrap();
        let next = cron.next(Zone::parse(name).unwrap(), after).unwrap();
        prop_assert_eq!((next.local, next.at), (local, instant), "{} {} after {}", name, fields, after);
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(in_gaps.get() > 100 && in_folds.get() > 100, "{in_gaps:?} in gaps and {in_folds:?} in folds");
}
