//! A guild's calendar: its zone, its days, its periods and its working time.
//!
//! A ledger entry stores its day in the guild's zone, so a period is always a range of days, and a time zone
//! is only ever asked "what day and time is it there?".

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use chrono::{
    DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta,
    Timelike, Utc, Weekday,
};
use jiff::tz::AmbiguousOffset::{Fold, Gap, Unambiguous};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::error::UserError;
use super::text::quote;
use crate::words::{Message, calendar as words};

/// An IANA time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    name: &'static str,
    rules: &'static TimeZone,
}

/// A zone's name, and its rules once they have been looked up.
struct Known {
    name: String,
    rules: OnceLock<Option<TimeZone>>,
}

/// Every zone, by its name in lower case.
static ZONES: LazyLock<BTreeMap<String, Known>> = LazyLock::new(|| {
    let database = TimeZoneDatabase::bundled();
    // "Factory" means that the machine's zone was never set.
    let names = database.available().map(|name| name.to_string()).filter(|name| name != "Factory");
    names.map(|name| (name.to_ascii_lowercase(), Known { name, rules: OnceLock::new() })).collect()
});

impl Zone {
    /// The zone with this IANA name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let Known { name, rules } = ZONES.get(&name.trim().to_ascii_lowercase())?;
        let rules = rules.get_or_init(|| TimeZoneDatabase::bundled().get(name).ok()).as_ref()?;
        Some(Self { name, rules })
    }

    /// Every zone's name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ZONES.values().map(|known| known.name.as_str())
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The wall-clock time at an instant.
    pub fn local(self, instant: DateTime<Utc>) -> NaiveDateTime {
        let utc = instant.naive_utc();
        utc.checked_add_offset(self.offset(instant)).unwrap_or(utc)
    }

    /// The offset from UTC at an instant.
    pub fn offset(self, instant: DateTime<Utc>) -> FixedOffset {
        fixed(self.rules.to_offset(timestamp(instant)))
    }

    /// The local day at an instant.
    pub fn day(self, instant: DateTime<Utc>) -> NaiveDate {
        self.local(instant).date()
    }

    /// The instant at which the wall clock shows `local`. If the clock skips it, the first instant after the
    /// gap; if it occurs twice, the first of the two.
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        let by = |offset| local.checked_sub_offset(fixed(offset)).unwrap_or(local).and_utc();
        let shown = jiff::tz::Offset::UTC.to_datetime(timestamp(local.and_utc()));
        match self.rules.to_ambiguous_timestamp(shown).offset() {
            Unambiguous { offset } | Fold { before: offset, .. } => by(offset),
            Gap { after, .. } => {
                // With the offset from after the gap, a skipped time maps to an instant before the gap ends.
                let skipped = by(after);
                let end = self.rules.following(timestamp(skipped)).find(|change| change.offset() == after);
                let end = end.and_then(|change| DateTime::from_timestamp(change.timestamp().as_second(), 0));
                end.unwrap_or(skipped)
            }
        }
    }
}

/// An instant as a jiff timestamp, to the second; clamped to jiff's range for years with more than four
/// digits.
fn timestamp(instant: DateTime<Utc>) -> jiff::Timestamp {
    use jiff::Timestamp;
    let last = if instant < DateTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(instant.timestamp()).unwrap_or(last)
}

/// No zone is a day or more from UTC.
fn fixed(offset: jiff::tz::Offset) -> FixedOffset {
    FixedOffset::east_opt(offset.seconds()).unwrap_or(Utc.fix())
}

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Span {
    /// Seven days from the guild's week start.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
    /// Any other range of days.
    Custom,
}

impl Span {
    /// Its name in the database and in commands.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The span with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A range of days in a guild's calendar, from `from` to before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// How it was asked for.
    pub span: Span,
    /// Its first day.
    pub from: NaiveDate,
    /// The day after its last.
    pub until: NaiveDate,
}

impl Period {
    /// The period of a span that contains a day. For a custom span, that day alone.
    pub fn around(span: Span, day: NaiveDate, week_start: Weekday) -> Self {
        let first_of = |month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        let from = match span {
            Span::Week => day.week(week_start).first_day(),
            Span::Month => first_of(day.month()),
            Span::Quarter => first_of((day.month0() / 3) * 3 + 1),
            Span::Year => first_of(1),
            Span::Custom => day,
        };
        let until = match span {
            Span::Week => from + Days::new(7),
            Span::Month => from + Months::new(1),
            Span::Quarter => from + Months::new(3),
            Span::Year => from + Months::new(12),
            Span::Custom => from + Days::new(1),
        };
        Self { span, from, until }
    }

    /// From one day through another, inclusive.
    pub fn days(from: NaiveDate, last: NaiveDate) -> Self {
        Self { span: Span::Custom, from, until: last.max(from) + Days::new(1) }
    }

    /// The period of the same length just before.
    #[must_use]
    pub fn before(self) -> Self {
        let from = match self.span {
            Span::Month => self.from - Months::new(1),
            Span::Quarter => self.from - Months::new(3),
            Span::Year => self.from - Months::new(12),
            Span::Week | Span::Custom => self.from - (self.until - self.from),
        };
        Self { span: self.span, from, until: self.from }
    }

    /// Whether it contains a day.
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.from..self.until).contains(&day)
    }

    /// Its last day.
    pub fn last(self) -> NaiveDate {
        self.until - Days::new(1)
    }

    /// Its working days, Monday to Friday; all its days if it has none.
    pub fn working_days(self) -> Vec<NaiveDate> {
        let works = |day: &NaiveDate| day.weekday().num_days_from_monday() < 5;
        let days: Vec<NaiveDate> = self.from.iter_days().take_while(|day| *day < self.until).collect();
        let working: Vec<NaiveDate> = days.iter().copied().filter(works).collect();
        if working.is_empty() { days } else { working }
    }

    /// The share of its working time that has passed at a local time, in thousandths.
    ///
    /// Working time is Monday to Friday, 09:00 to 17:00; a period without any counts all its days.
    pub fn passed(self, local: NaiveDateTime) -> i64 {
        self.passed_without(local, &[])
    }

    /// The same for somebody with absences: those days aren't working time for them.
    pub fn passed_without(self, local: NaiveDateTime, away: &[Period]) -> i64 {
        const OPENS: i64 = 9 * 60;
        const MINUTES: i64 = 8 * 60;
        let is_there = |day: &NaiveDate| !away.iter().any(|absence| absence.contains(*day));
        let all = self.working_days();
        let there: Vec<NaiveDate> = all.iter().copied().filter(is_there).collect();
        let counted = if there.is_empty() { all } else { there };
        let today = (local.time() - NaiveTime::MIN).num_minutes();
        let passed: i64 = counted
            .iter()
            .map(|day| match day.cmp(&local.date()) {
                std::cmp::Ordering::Less => MINUTES,
                std::cmp::Ordering::Equal => (today - OPENS).clamp(0, MINUTES),
                std::cmp::Ordering::Greater => 0,
            })
            .sum();
        passed * 1000 / (MINUTES * i64::try_from(counted.len().max(1)).unwrap_or(1))
    }
}

impl Period {
    /// Its name within a sentence: "week of Apr 6", "Q2 2026".
    pub fn called(self) -> Message {
        let (from, year) = (self.from, self.from.year());
        match self.span {
            Span::Week => words::week_of(short_month(from), from.day()),
            Span::Month => words::month_of(words::month(from.month()), year.to_string()),
            Span::Quarter => words::quarter_of(from.month0() / 3 + 1, year.to_string()),
            Span::Year => words::year_of(year.to_string()),
            Span::Custom => words::from_to(full_day(from), full_day(self.last())),
        }
    }

    /// The same at the start of a heading.
    pub fn heading(self) -> Message {
        match self.span {
            Span::Week => words::week_of_heading(short_month(self.from), self.from.day()),
            _ => self.called(),
        }
    }
}

fn short_month(day: NaiveDate) -> Message {
    words::short_month(day.month())
}

fn short_weekday(day: NaiveDate) -> Message {
    words::short_weekday(key(day.weekday()))
}

/// A weekday's key in messages: "mon".
pub(crate) fn key(day: Weekday) -> String {
    day.to_string().to_lowercase()
}

/// A weekday's name: "Monday".
pub fn weekday(day: Weekday) -> Message {
    words::weekday(key(day))
}

/// A day with its year: "Mon, Apr 6, 2026".
pub fn full_day(day: NaiveDate) -> Message {
    words::full_day(short_weekday(day), short_month(day), day.day(), day.year().to_string())
}

/// A day without its year: "Mon, Apr 6".
pub fn near_day(day: NaiveDate) -> Message {
    words::near_day(short_weekday(day), short_month(day), day.day())
}

/// A time of day: "9:00 AM".
pub fn time_of_day(time: NaiveTime) -> Message {
    let (is_pm, hour) = time.hour12();
    let (hour24, minute) = (format!("{:02}", time.hour()), format!("{:02}", time.minute()));
    words::time(hour, hour24, minute, if is_pm { "pm" } else { "am" })
}

/// A local time without its year: "Mon, Apr 6 at 9:00 AM".
pub fn near_time(local: NaiveDateTime) -> Message {
    words::day_and_time(near_day(local.date()), time_of_day(local.time()))
}

/// A day as stored in the database: days since 1 January 1970.
pub fn day_number(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

/// The day for a number from the database.
pub fn day_of(number: i64) -> NaiveDate {
    NaiveDate::default() + TimeDelta::days(number)
}

const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";

/// A local time as stored in the database.
pub fn local_text(local: NaiveDateTime) -> String {
    local.format(LOCAL).to_string()
}

/// The local time for a text from the database.
pub fn local_of(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, LOCAL).ok()
}

/// How to resolve a weekday, or a date without a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// "friday" is the last one.
    Past,
    /// "friday" is the next one.
    Future,
}

/// Reads a day: "today", "yesterday", "tomorrow", "friday", "3 april", "april 3", "3 apr 2026",
/// "Fri, Apr 3, 2026", "2026-04-03".
///
/// # Errors
/// Says so when the day doesn't exist, when it could mean two days ("03/04"), or when it isn't a day at all.
pub fn parse_day(text: &str, today: NaiveDate, toward: Toward) -> Result<NaiveDate, UserError> {
    let typed = text.trim().to_lowercase().replace(',', " ");
    let (shown, iso) = (quote(text.trim()), today.format("%Y-%m-%d").to_string());
    let unknown = || {
        UserError::from(match toward {
            Toward::Past => words::past_unreadable(&shown, &iso),
            Toward::Future => words::future_unreadable(&shown, &iso),
        })
    };
    match typed.as_str() {
        "today" | "now" => return Ok(today),
        "yesterday" => return Ok(today - Days::new(1)),
        "tomorrow" => return Ok(today + Days::new(1)),
        _ => {}
    }
    if typed.contains('/') || (typed.contains('.') && typed.chars().all(|c| c.is_ascii_digit() || c == '.')) {
        return Err(words::slashes(&shown, &iso).into());
    }
    if let Some(weekday) = parse_weekday(&typed) {
        let ahead = i64::from(weekday.days_since(today.weekday()));
        return Ok(match toward {
            Toward::Future => today + TimeDelta::days(if ahead == 0 { 7 } else { ahead }),
            Toward::Past => today - TimeDelta::days(7 - ahead),
        });
    }
    let missing_day = || UserError::from(words::no_such_day(&shown));
    let fits = |year: i32| (1970..=2200).contains(&year);
    let mut parts: Vec<&str> =
        typed.split(|c: char| c == '-' || c.is_whitespace()).filter(|part| !part.is_empty()).collect();
    // "Mon, Apr 6, 2026", as we show it: the weekday is redundant, but must match the date.
    let weekday = if parts.len() > 2 { parse_weekday(parts[0]) } else { None };
    if let Some(weekday) = weekday {
        let day = parse_day(&parts.split_off(1).join(" "), today, toward).map_err(|_| unknown())?;
        if day.weekday() != weekday {
            let (is, said) = (self::weekday(day.weekday()), self::weekday(weekday));
            return Err(words::other_weekday(full_day(day), is, said).into());
        }
        return Ok(day);
    }
    if let [year, month, day] = parts[..]
        && let (Ok(year), Ok(month), Ok(day)) = (year.parse::<i32>(), month.parse(), day.parse())
        && fits(year)
    {
        return NaiveDate::from_ymd_opt(year, month, day).ok_or_else(missing_day);
    }
    let (day, month, year) = match parts[..] {
        [a, b] => (a, b, None),
        [a, b, year] => (a, b, Some(year.parse::<i32>().ok().filter(|y| fits(*y)).ok_or_else(unknown)?)),
        _ => return Err(unknown()),
    };
    let (day, month) = match (parse_month(day), parse_month(month)) {
        (None, Some(month)) => (day, month),
        (Some(month), None) => (parts[1], month),
        _ => return Err(unknown()),
    };
    let day: u32 = day.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().map_err(|_| unknown())?;
    let in_year = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    if let Some(year) = year {
        return in_year(year).ok_or_else(missing_day);
    }
    let this = in_year(today.year()).ok_or_else(missing_day)?;
    Ok(match toward {
        Toward::Past if this > today => in_year(today.year() - 1).unwrap_or(this),
        Toward::Future if this < today => in_year(today.year() + 1).unwrap_or(this),
        _ => this,
    })
}

/// Reads a past day: today, or a day within the year before it.
///
/// # Errors
/// As [`parse_day`]; and for a day in the future, or so long ago that it is probably a typo.
pub fn parse_past_day(text: &str, today: NaiveDate) -> Result<NaiveDate, UserError> {
    let day = parse_day(text, today, Toward::Past)?;
    if day > today {
        return Err(words::not_yet().into());
    }
    if today - day > TimeDelta::days(366) {
        return Err(words::too_long_ago().into());
    }
    Ok(day)
}

/// Reads a weekday: "mon", "monday", "mondays".
pub fn parse_weekday(text: &str) -> Option<Weekday> {
    let word = text.trim().to_lowercase();
    word.strip_suffix('s').and_then(|singular| singular.parse().ok()).or_else(|| word.parse().ok())
}

fn parse_month(text: &str) -> Option<u32> {
    text.parse::<chrono::Month>().ok().map(|month| month.number_from_month())
}

/// Reads a time of day: "9:00", "16:30", "9am", "4:30 pm", "9".
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    let word = text.trim().to_lowercase();
    let (clock, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim_end().to_owned(), Some(0)),
        (_, Some(rest)) => (rest.trim_end().to_owned(), Some(12)),
        _ => (word, None),
    };
    let (hour, minute) = clock.split_once(':').unwrap_or((&clock, "00"));
    if hour.is_empty() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let hour: u32 = hour.parse().ok()?;
    let hour = match half {
        Some(_) if hour == 0 || hour > 12 => return None,
        Some(base) => hour % 12 + base,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute.parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        let today = day("2026-04-08"); // a Wednesday
        for (text, toward, want) in [
            ("yesterday", Toward::Past, "2026-04-07"),
            ("Friday", Toward::Past, "2026-04-03"),
            ("friday", Toward::Future, "2026-04-10"),
            ("wednesday", Toward::Past, "2026-04-01"),
            ("3 April", Toward::Past, "2026-04-03"),
            ("dec 24th", Toward::Past, "2025-12-24"),
            ("24 dec", Toward::Future, "2026-12-24"),
            ("April 3, 2025", Toward::Past, "2025-04-03"),
            ("2026-04-03", Toward::Past, "2026-04-03"),
        ] {
            assert_eq!(parse_day(text, today, toward), Ok(day(want)), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_day_says_why() {
        let texts = [
            "31 February",
            "2026-02-30",
            "03/04",
            "3.4.26",
            "soon",
            "last week",
            "",
            "99999999999-1-1",
            "3 3 april",
        ];
        let told: Vec<String> = texts
            .iter()
            .map(|text| {
                format!("{text:>16} -> {}", parse_day(text, day("2026-04-08"), Toward::Past).unwrap_err())
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_skipped_time_is_the_first_instant_after_and_a_doubled_one_the_first() {
        let new_york = Zone::parse("america/new_york").unwrap();
        assert_eq!(new_york.instant(time("2026-03-08T02:30:00")).to_rfc3339(), "2026-03-08T07:00:00+00:00");
        assert_eq!(new_york.instant(time("2026-11-01T01:30:00")).to_rfc3339(), "2026-11-01T05:30:00+00:00");
        let lord_howe = Zone::parse("Australia/Lord_Howe").unwrap();
        assert_eq!(lord_howe.instant(time("2026-10-04T02:10:00")).to_rfc3339(), "2026-10-03T15:30:00+00:00");
        let apia = Zone::parse("Pacific/Apia").unwrap();
        assert_eq!(apia.instant(time("2011-12-30T12:00:00")).to_rfc3339(), "2011-12-30T10:00:00+00:00");
    }

    #[test]
    fn every_name_that_a_guild_may_have_stored_is_a_zone() {
        let named: Vec<&str> = Zone::names().collect();
        let known: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        let lost: Vec<&&str> = known.iter().filter(|name| !named.contains(name)).collect();
        assert!(lost.is_empty(), "{lost:?}");
        for name in named {
            let typed = format!(" {} ", name.to_uppercase());
            assert_eq!(Zone::parse(&typed).map(Zone::name), Some(name));
        }
        for name in ["", "Europe", "Europe/Bellringer", "Factory", "Etc/Unknown"] {
            assert_eq!(Zone::parse(name), None, "{name}");
        }
    }

    #[test]
    fn in_years_far_away_the_wall_clock_goes_on() {
        for name in Zone::names() {
            let zone = Zone::parse(name).unwrap();
            for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                let shown = zone.local(instant);
                assert!((shown - instant.naive_utc()).abs() < TimeDelta::days(1), "{name}");
                assert!((zone.instant(shown) - instant).abs() < TimeDelta::days(1), "{name}");
            }
            for local in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
                assert!((zone.instant(local) - local.and_utc()).abs() < TimeDelta::days(1), "{name}");
            }
        }
    }

    #[test]
    fn periods_hold_the_days_people_mean() {
        let around = |span| Period::around(span, day("2026-05-17"), Weekday::Mon);
        assert_eq!(around(Span::Week).from, day("2026-05-11"));
        assert_eq!(Period::around(Span::Week, day("2026-05-17"), Weekday::Sun).from, day("2026-05-17"));
        assert_eq!(around(Span::Quarter).called().to_string(), "Q2 2026");
        assert_eq!(around(Span::Quarter).before().called().to_string(), "Q1 2026");
        assert_eq!(around(Span::Year).until, day("2027-01-01"));
    }

    #[test]
    fn working_time_stands_still_at_night_and_at_weekends() {
        let week = Period::around(Span::Week, day("2026-04-06"), Weekday::Mon);
        assert_eq!(week.passed(time("2026-04-06T08:00:00")), 0);
        assert_eq!(week.passed(time("2026-04-06T13:00:00")), 100);
        assert_eq!(week.passed(time("2026-04-08T23:00:00")), 600);
        assert_eq!(week.passed(time("2026-04-11T12:00:00")), 1000);
        assert_eq!(
            Period::days(day("2026-04-11"), day("2026-04-12")).passed(time("2026-04-12T01:00:00")),
            500
        );
    }

    #[test]
    fn times_of_day_are_read_as_people_type_them() {
        for (text, want) in
            [("9", "09:00"), ("9:00", "09:00"), ("4:30 pm", "16:30"), ("12am", "00:00"), ("12pm", "12:00")]
        {
            assert_eq!(parse_time(text).unwrap().format("%H:%M").to_string(), want);
        }
        for text in ["25:00", "9:5", "13pm", "0am", "noon", ":30", ""] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_day_that_is_shown_reads_back_and_with_another_weekday_it_does_not(number in 0_i64..60_000, ahead in 1_i64..7) {
            let (day, today) = (day_of(number), day("2026-04-08"));
            let shown = full_day(day).to_string();
            prop_assert_eq!(parse_day(&shown, today, Toward::Past), Ok(day));
            let other = full_day(day + TimeDelta::days(ahead)).to_string();
            let slip = format!("{}{}", &other[..3], &shown[3..]);
            prop_assert!(parse_day(&slip, today, Toward::Past).is_err(), "{}", slip);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = parse_day(&text, day("2026-04-08"), Toward::Past);
            let _ = parse_time(&text);
        }

        #[test]
        fn an_instant_never_shows_an_earlier_time_than_asked(zone in 0_usize..500, hours in 0_i64..20_000, minute in 0_i64..60) {
            let zone = Zone::parse(Zone::names().nth(zone).unwrap()).unwrap();
            let local = time("2025-01-01T00:00:00") + TimeDelta::hours(hours) + TimeDelta::minutes(minute);
            let shown = zone.local(zone.instant(local));
            prop_assert!(shown >= local && shown - local <= TimeDelta::hours(1));
        }
    }
}
