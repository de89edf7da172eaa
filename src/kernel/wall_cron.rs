//! Schedules on a wall clock: cron expressions or plain words, evaluated in a guild's zone.
//!
//! The expression is evaluated on naive local time, and each hit is mapped to an instant afterwards.
//! Evaluated directly in a zone, the `cron` crate skips a time inside the spring gap and fires twice in the
//! autumn fold.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday};

use super::calendar::{Zone, key, parse_time, parse_weekday, time_of_day};
use super::error::UserError;
use super::text::quote;
use crate::words::{Message, cron as said, listed};

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// A recurring time on the wall clock, to the minute, at most once an hour.
#[derive(Debug, Clone)]
pub struct WallCron {
    fields: String,
    schedule: cron::Schedule,
}

impl WallCron {
    /// Reads five cron fields (minute, hour, day of month, month, day of week) or words: "mondays 9:00",
    /// "weekdays at 8:30", "mon, wed and fri 16:00", "daily 17:00", "monthly 9:00". `now` is needed to detect
    /// schedules that never fire.
    ///
    /// # Errors
    /// Says what to type when it is neither, when it never fires, or when it fires more than once an hour.
    pub fn parse(text: &str, now: NaiveDateTime) -> Result<Self, UserError> {
        let typed = text.trim().to_lowercase();
        let fields = words(&typed).unwrap_or(typed);
        let unreadable = || UserError::from(said::unreadable(quote(text)));
        let cron = Self::from_fields(&fields).ok_or_else(unreadable)?;
        let hits: Vec<NaiveDateTime> = cron.after(now).take(60).collect();
        if hits.is_empty() {
            return Err(said::never(quote(text)).into());
        }
        if hits.windows(2).any(|pair| pair[1] - pair[0] < TimeDelta::hours(1)) {
            return Err(said::too_often(quote(text)).into());
        }
        Ok(cron)
    }

    /// The schedule for fields that were validated before.
    pub fn from_fields(fields: &str) -> Option<Self> {
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts[..] else { return None };
        // The crate counts weekdays from Sunday = 1; cron counts from Sunday = 0. Names are the same in both.
        let weekday = named_weekdays(weekday)?;
        let schedule =
            cron::Schedule::from_str(&format!("0 {minute} {hour} {day} {month} {weekday}")).ok()?;
        Some(Self { fields: format!("{minute} {hour} {day} {month} {weekday}"), schedule })
    }

    /// The five fields, as stored in the database.
    pub fn fields(&self) -> &str {
        &self.fields
    }

    fn after(&self, local: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> + '_ {
        self.schedule.after_owned(local.and_utc()).map(|hit| hit.naive_utc())
    }

    /// The first occurrence strictly after an instant: the wall-clock time asked for, and the instant it
    /// falls on.
    pub fn next(&self, zone: Zone, after: DateTime<Utc>) -> Option<Due> {
        self.after(zone.local(after))
            .map(|local| Due { local, at: zone.instant(local) })
            .find(|due| due.at > after)
    }
}

/// One occurrence of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The scheduled wall-clock time, which identifies the occurrence.
    pub local: NaiveDateTime,
    /// The instant it falls on.
    pub at: DateTime<Utc>,
}

impl WallCron {
    /// The schedule as shown to people: "Mondays at 9:00 AM".
    pub fn shown(&self) -> Message {
        let parts: Vec<&str> = self.fields.split(' ').collect();
        let fixed = |index: usize| parts[index].parse::<u32>().ok();
        let days: Option<BTreeSet<u32>> = parts[4]
            .split(',')
            .map(|name| parse_weekday(name).map(|day| day.num_days_from_monday()))
            .collect();
        let clock = |hour, minute| time_of_day(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
        match (fixed(0), fixed(1), parts[2], parts[3], parts[4], days) {
            (Some(minute), Some(hour), "*", "*", "*", _) => said::every_day(clock(hour, minute)),
            (Some(minute), Some(hour), "*", "*", _, Some(days)) => {
                if days.iter().eq([0, 1, 2, 3, 4].iter()) {
                    return said::weekdays(clock(hour, minute));
                }
                let names = days.iter().map(|&day| said::day(key(WEEK[day as usize])));
                said::weekly(listed(names), clock(hour, minute))
            }
            (Some(minute), Some(hour), "1", "*", "*", _) => said::monthly(clock(hour, minute)),
            _ => said::other(&self.fields),
        }
    }
}

/// Weekly at a weekday and time, as cron fields.
pub fn weekly(day: Weekday, time: NaiveTime) -> String {
    format!("{} {} * * {}", time.minute(), time.hour(), day.to_string().to_lowercase())
}

/// The next time strictly after `local` that a weekday and time occur.
pub fn weekly_after(local: NaiveDateTime, day: Weekday, time: NaiveTime) -> NaiveDateTime {
    let ahead = i64::from(day.days_since(local.weekday()));
    let candidate = (local.date() + TimeDelta::days(ahead)).and_time(time);
    if candidate <= local { candidate + TimeDelta::days(7) } else { candidate }
}

fn words(text: &str) -> Option<String> {
    let text = text.replace(" at ", " ").replace(" on ", " ").replace("every ", "").replace(" and ", ",");
    let (days, time) = match text.rsplit_once(' ') {
        // "9:00 am" contains a space itself.
        Some((rest, half @ ("am" | "pm"))) => {
            let (days, clock) = rest.rsplit_once(' ')?;
            (days.to_owned(), format!("{clock}{half}"))
        }
        Some((days, time)) => (days.to_owned(), time.to_owned()),
        None => return None,
    };
    let time = parse_time(&time)?;
    let on =
        |day: &str, weekdays: &str| Some(format!("{} {} {day} * {weekdays}", time.minute(), time.hour()));
    match days.trim() {
        "day" | "daily" | "days" => on("*", "*"),
        "weekday" | "weekdays" | "workday" | "workdays" => on("*", "mon,tue,wed,thu,fri"),
        "month" | "monthly" => on("1", "*"),
        list => {
            let list = list.strip_prefix("weekly").unwrap_or(list);
            let names: Option<Vec<String>> = list
                .split([',', ' '])
                .filter(|name| !name.is_empty())
                .map(|name| parse_weekday(name).map(|day| day.to_string().to_lowercase()))
                .collect();
            names.filter(|names| !names.is_empty()).and_then(|names| on("*", &names.join(",")))
        }
    }
}

fn named_weekdays(field: &str) -> Option<String> {
    const NAMES: [&str; 8] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    if field == "?" {
        return Some("*".to_owned());
    }
    let mut named = Vec::new();
    for item in field.split(',') {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let name = |text: &str| match text.parse::<usize>() {
            Ok(number) => NAMES.get(number).map(|&name| name.to_owned()),
            Err(_) => Some(text.to_owned()),
        };
        let range = match range.split_once('-') {
            Some((from, to)) => format!("{}-{}", name(from)?, name(to)?),
            None => name(range)?,
        };
        named.push(step.map_or_else(|| range.clone(), |step| format!("{range}/{step}")));
    }
    Some(named.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> NaiveDateTime {
        "2026-01-01T00:00:00".parse().unwrap()
    }

    #[test]
    fn words_and_cron_say_the_same() {
        for (text, fields, shown) in [
            ("Mondays 9:00", "0 9 * * mon", "Mondays at 9:00 AM"),
            ("0 9 * * 1", "0 9 * * mon", "Mondays at 9:00 AM"),
            ("0 9 * * 0", "0 9 * * sun", "Sundays at 9:00 AM"),
            ("0 9 * * 7", "0 9 * * sun", "Sundays at 9:00 AM"),
            ("every friday at 4:30 pm", "30 16 * * fri", "Fridays at 4:30 PM"),
            ("weekdays at 8:30", "30 8 * * mon,tue,wed,thu,fri", "Weekdays at 8:30 AM"),
            ("mon, wed and fri 16:00", "0 16 * * mon,wed,fri", "Mondays, Wednesdays and Fridays at 4:00 PM"),
            ("daily 17:00", "0 17 * * *", "Every day at 5:00 PM"),
            ("monthly 9:00", "0 9 1 * *", "The 1st of every month at 9:00 AM"),
        ] {
            let cron = WallCron::parse(text, now()).unwrap();
            assert_eq!((cron.fields(), cron.shown().to_string().as_str()), (fields, shown), "{text}");
        }
    }

    #[test]
    fn what_never_fires_or_fires_too_often_is_refused() {
        let texts = [
            "0 9 30 2 *",
            "* * * * *",
            "*/30 * * * *",
            "* * * * * *",
            "now and then",
            "",
            "61 9 * * *",
            "0 9 * * 9",
        ];
        let told: Vec<String> = texts
            .iter()
            .map(|text| format!("{text:>14} -> {}", WallCron::parse(text, now()).unwrap_err()))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    fn due(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let (cron, zone) = (WallCron::parse(text, now()).unwrap(), Zone::parse(zone).unwrap());
        let mut after: DateTime<Utc> = after.parse().unwrap();
        (0..count)
            .map(|_| {
                let due = cron.next(zone, after).unwrap();
                after = due.at;
                format!("{} = {}", due.local.format("%m-%d %H:%M"), due.at.format("%m-%d %H:%MZ"))
            })
            .collect()
    }

    #[test]
    fn daylight_saving_neither_skips_nor_doubles() {
        let new_york = "America/New_York";
        assert_eq!(
            due("daily 2:30", new_york, "2026-03-07T00:00:00Z", 3),
            ["03-07 02:30 = 03-07 07:30Z", "03-08 02:30 = 03-08 07:00Z", "03-09 02:30 = 03-09 06:30Z"]
        );
        assert_eq!(
            due("daily 1:30", new_york, "2026-10-31T12:00:00Z", 2),
            ["11-01 01:30 = 11-01 05:30Z", "11-02 01:30 = 11-02 06:30Z"]
        );
        assert_eq!(
            due("mondays 9:00", "Europe/Berlin", "2026-03-23T12:00:00Z", 2),
            ["03-30 09:00 = 03-30 07:00Z", "04-06 09:00 = 04-06 07:00Z"]
        );
        assert_eq!(
            due("daily 2:10", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2),
            ["10-04 02:10 = 10-03 15:30Z", "10-05 02:10 = 10-04 15:10Z"]
        );
        assert_eq!(
            due("mondays 9:00", "Asia/Kolkata", "2026-01-01T00:00:00Z", 1),
            ["01-05 09:00 = 01-05 03:30Z"]
        );
    }

    #[test]
    fn the_second_pass_of_the_fold_is_not_due_again() {
        let (cron, zone) =
            (WallCron::parse("daily 1:30", now()).unwrap(), Zone::parse("America/New_York").unwrap());
        let second_pass = "2026-11-01T06:10:00Z".parse().unwrap();
        assert_eq!(cron.next(zone, second_pass).unwrap().local.to_string(), "2026-11-02 01:30:00");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-0-9a-z*/,: ?]{0,24}") {
            let _ = WallCron::parse(&text, now());
        }
    }
}
