//! Deadlines of expectations.

use chrono::{NaiveDateTime, TimeDelta};

use crate::kernel::calendar::{Period, Toward, parse_day, parse_time};
use crate::kernel::error::UserError;
use crate::kernel::text::quote;
use crate::words::expectations as words;

/// A deadline on the guild's wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// When it is first due.
    pub first: NaiveDateTime,
    /// Whether it repeats every seven days.
    pub weekly: bool,
}

impl Deadline {
    /// Reads "friday 17:00", "friday at 5pm", "30 april 12:00"; without a time, the end of the working day.
    ///
    /// # Errors
    /// When it can't be read or is in the past.
    pub fn parse(typed: &str, weekly: bool, now: NaiveDateTime) -> Result<Self, UserError> {
        let text = typed.trim().to_lowercase().replace(" at ", " ").replace(" am", "am").replace(" pm", "pm");
        let split = text.rsplit_once(' ').and_then(|(day, time)| {
            let looks_like_time = time.contains(':') || time.ends_with("am") || time.ends_with("pm");
            looks_like_time.then(|| parse_time(time).map(|time| (day, time)))
        });
        let (day, time) = match split {
            Some(Some(parts)) => parts,
            Some(None) => return Err(words::time_unreadable(quote(typed)).into()),
            None => (text.as_str(), parse_time("17:00").unwrap_or_default()),
        };
        let mut first = parse_day(day, now.date(), Toward::Future)?.and_time(time);
        if first.date() == now.date() + TimeDelta::days(7)
            && (first - TimeDelta::days(7)) > now
            && !day.contains(char::is_numeric)
        {
            first -= TimeDelta::days(7); // "friday 17:00" said on Friday morning is today
        }
        if first <= now {
            return Err(words::in_the_past(quote(typed)).into());
        }
        Ok(Self { first, weekly })
    }

    /// The deadline within a period, if any.
    pub fn within(self, period: Period) -> Option<NaiveDateTime> {
        if !self.weekly {
            return period.contains(self.first.date()).then_some(self.first);
        }
        let weeks = (period.from - self.first.date()).num_days().div_euclid(7).max(0);
        let due = |week: i64| self.first + TimeDelta::days(week * 7);
        [due(weeks), due(weeks + 1)].into_iter().find(|at| period.contains(at.date()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    fn time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn deadlines_are_read_as_people_type_them() {
        let now = time("2026-04-08T10:00:00"); // a Wednesday
        for (text, want) in [
            ("friday 17:00", "2026-04-10T17:00:00"),
            ("Friday at 5 pm", "2026-04-10T17:00:00"),
            ("friday", "2026-04-10T17:00:00"),
            ("wednesday 12:00", "2026-04-08T12:00:00"),
            ("wednesday 9:00", "2026-04-15T09:00:00"),
            ("30 april 12:00", "2026-04-30T12:00:00"),
            ("2026-05-01", "2026-05-01T17:00:00"),
        ] {
            assert_eq!(Deadline::parse(text, false, now).unwrap().first, time(want), "{text}");
        }
        for text in ["yesterday", "2020-01-01 9:00", "friday 25:00", "whenever", ""] {
            assert!(Deadline::parse(text, false, now).is_err(), "{text}");
        }
    }

    #[test]
    fn a_weekly_deadline_is_due_once_in_every_week_from_its_first() {
        let weekly = Deadline { first: time("2026-04-10T17:00:00"), weekly: true };
        let week_of = |day: &str| {
            Period::around(crate::kernel::calendar::Span::Week, day.parse().unwrap(), Weekday::Mon)
        };
        assert_eq!(weekly.within(week_of("2026-04-01")), None);
        assert_eq!(weekly.within(week_of("2026-04-06")), Some(time("2026-04-10T17:00:00")));
        assert_eq!(weekly.within(week_of("2026-05-06")), Some(time("2026-05-08T17:00:00")));
        assert_eq!(Deadline { weekly: false, ..weekly }.within(week_of("2026-05-06")), None);
    }
}
