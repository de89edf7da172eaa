//! When something is due on a wall clock, computed by chrono-tz from its own copy of the time zone database.

use std::collections::BTreeMap;

use chrono::{
    DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::{GapInfo, TZ_VARIANTS, Tz};

/// From an instant (exclusive) to another (inclusive).
pub(crate) type Span = (DateTime<Utc>, DateTime<Utc>);

/// Zones whose rules were changed by a later release of the time zone database than this copy. Neither copy
/// is wrong: each has what was known when it was made.
pub(crate) const CHANGED_SINCE: [&str; 15] = [
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Edmonton",
    "America/Havana",
    "America/Inuvik",
    "America/Rainy_River",
    "America/Vancouver",
    "America/Winnipeg",
    "America/Yellowknife",
    "Canada/Central",
    "Canada/Mountain",
    "Canada/Pacific",
    "Cuba",
    "Europe/Chisinau",
    "Europe/Tiraspol",
];

/// The zones known to chrono-tz, by name.
pub(crate) fn zones() -> BTreeMap<&'static str, Tz> {
    TZ_VARIANTS.iter().map(|zone| (zone.name(), *zone)).collect()
}

/// A valid date.
pub(crate) const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the day exists")
}

/// From the start of one UTC day to the start of another.
pub(crate) fn days(from: NaiveDate, until: NaiveDate) -> Span {
    let starts = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    (starts(from), starts(until))
}

/// A year of UTC.
pub(crate) fn year(year: i32) -> Span {
    days(date(year, 1, 1), date(year + 1, 1, 1))
}

/// When the wall clock shows `local`: in a fold the first of the two, in a gap the first instant after it.
pub(crate) fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
        MappedLocalTime::None => {
            GapInfo::new(&local, &zone).and_then(|gap| gap.end).expect("a gap ends").to_utc()
        }
    }
}

/// The wall-clock time and its instant, for each time within a span on one of these days.
pub(crate) fn dues(
    zone: Tz,
    days: impl Fn(NaiveDate) -> bool,
    time: NaiveTime,
    (after, until): Span,
) -> Vec<(NaiveDateTime, DateTime<Utc>)> {
    let day = |instant: DateTime<Utc>| instant.with_timezone(&zone).date_naive();
    // A gap may be a whole day long.
    let (first, last) = (day(after) - TimeDelta::days(2), day(until) + TimeDelta::days(2));
    first
        .iter_days()
        .take_while(|date| *date <= last)
        .filter(|date| days(*date))
        .map(|date| date.and_time(time))
        .map(|local| (local, instant(zone, local)))
        .filter(|(_, at)| after < *at && *at <= until)
        .collect()
}

/// How far a zone is from UTC at an instant, in seconds.
pub(crate) fn offset(zone: Tz, instant: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
}

/// A zone's behavior in a span: its offset at the start, and each change of it. No zone has changed twice in
/// a day.
pub(crate) fn behaviour(zone: Tz, (from, until): Span) -> Vec<(DateTime<Utc>, i32)> {
    let mut offsets = vec![(from, offset(zone, from))];
    let mut day = from;
    while day < until {
        let next = (day + TimeDelta::days(1)).min(until);
        if offset(zone, next) != offset(zone, day) {
            offsets.push((change(zone, day, next), offset(zone, next)));
        }
        day = next;
    }
    offsets
}

/// The first second with the offset that the zone has at the end of a span.
fn change(zone: Tz, mut before: DateTime<Utc>, mut after: DateTime<Utc>) -> DateTime<Utc> {
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if offset(zone, middle) == offset(zone, after) { after = middle } else { before = middle }
    }
    after
}
