//! When something is due on a wall clock, reckoned by jiff from the copy of the time zone database that it brings along.

use std::collections::BTreeMap;

use bellringer::kernel::calendar::Zone;
use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

/// From an instant, which is not in it, up to and with another.
pub(crate) type Span = (Timestamp, Timestamp);

/// Zones whose rules were changed by a later release of the time zone database than the bot's copy is of. Neither copy
/// is wrong about them: they say what was known when they were made.
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

/// The zones that both sides know, by name.
pub(crate) fn zones() -> BTreeMap<&'static str, TimeZone> {
    let bundled = TimeZoneDatabase::bundled();
    Zone::names().filter_map(|name| Some((name, bundled.get(name).ok()?))).collect()
}

/// From the start of a day in UTC up to the start of another.
pub(crate) fn days(from: Date, until: Date) -> Span {
    let starts = |date: Date| instant(&TimeZone::UTC, date.at(0, 0, 0, 0));
    (starts(from), starts(until))
}

/// A year of UTC.
pub(crate) fn year(year: i16) -> Span {
    days(date(year, 1, 1), date(year + 1, 1, 1))
}

/// When the wall clock shows `local`: in a fold the first of the two, in a gap the first instant after it.
pub(crate) fn instant(zone: &TimeZone, local: DateTime) -> Timestamp {
    let by = |offset: Offset| offset.to_timestamp(local).expect("the years are ordinary ones");
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => by(offset),
        AmbiguousOffset::Fold { before, .. } => by(before),
        // Read by the offset that comes after the gap, a time in it lies before it.
        AmbiguousOffset::Gap { after, .. } => {
            let end = zone.following(by(after)).find(|change| change.offset() == after);
            end.expect("a gap ends with a change").timestamp()
        }
    }
}

/// What the wall clock is to show, and when that is, each time within a span that one of these days reaches a time.
pub(crate) fn dues(
    zone: &TimeZone,
    days: impl Fn(Date) -> bool,
    time: Time,
    (after, until): Span,
) -> Vec<(DateTime, Timestamp)> {
    let day = |instant: Timestamp| zone.to_datetime(instant).date();
    // A gap may be a whole day long.
    let (first, last) = (day(after).saturating_sub(2.days()), day(until).saturating_add(2.days()));
    first
        .series(1.day())
        .take_while(|date| *date <= last)
        .filter(|date| days(*date))
        .map(|date| date.to_datetime(time))
        .map(|local| (local, instant(zone, local)))
        .filter(|(_, at)| after < *at && *at <= until)
        .collect()
}

/// How a zone behaves in a span: its offset at the start, and then each change of it.
pub(crate) fn behaviour(zone: &TimeZone, (from, until): Span) -> Vec<(Timestamp, Offset)> {
    let mut offsets = vec![(from, zone.to_offset(from))];
    for change in zone.following(from).take_while(|change| change.timestamp() <= until) {
        if offsets.last().is_some_and(|(_, offset)| *offset != change.offset()) {
            offsets.push((change.timestamp(), change.offset()));
        }
    }
    offsets
}
