//! When a guild's posts are due, computed independently of the bot: days, hours and minutes on a wall clock.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

use super::chance::Chance;

/// Which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Only(Weekday),
    Weekdays,
    EveryDay,
}

impl On {
    fn fits(self, day: NaiveDate) -> bool {
        match self {
            Self::Only(weekday) => day.weekday() == weekday,
            Self::Weekdays => day.weekday().number_from_monday() < 6,
            Self::EveryDay => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Only(Weekday::Mon) => "mondays",
            Self::Only(_) => "fridays",
            Self::Weekdays => "weekdays",
            Self::EveryDay => "daily",
        }
    }
}

/// A schedule as set by the simulation.
#[derive(Debug, Clone)]
pub(crate) struct Rhythm {
    /// Its kind in the database.
    pub(crate) kind: &'static str,
    on: On,
    hour: u32,
    minute: u32,
    pub(crate) late: &'static str,
    /// Only due times after this instant count.
    since: DateTime<Utc>,
}

/// The misfire policy.
pub(crate) const LATE: [&str; 3] = ["post it late, within 12 hours", "skip it", "roll it into the next one"];

impl Rhythm {
    /// A guild's three schedules, with expectations also at hours that daylight saving skips or repeats.
    pub(crate) fn of_a_guild(chance: &mut Chance) -> Vec<Self> {
        let since = DateTime::UNIX_EPOCH;
        let (monday, friday) = (On::Only(Weekday::Mon), On::Only(Weekday::Fri));
        let often = [(monday, 9, 0), (On::Weekdays, 9, 0), (On::EveryDay, 2, 30), (On::EveryDay, 1, 30)];
        let expectations = chance.pick(&often);
        [("expectations", expectations), ("leaderboard", (friday, 16, 0)), ("shoutouts", (friday, 16, 30))]
            .map(|(kind, (on, hour, minute))| {
                let late = chance.weigh(&[(4, LATE[0]), (1, LATE[1]), (1, LATE[2])]);
                Self { kind, on, hour, minute, late, since }
            })
            .into()
    }

    /// The same, set at this instant.
    pub(crate) fn from(self, since: DateTime<Utc>) -> Self {
        Self { since, ..self }
    }

    /// The kind as a command option.
    pub(crate) fn choice(&self) -> &'static str {
        if self.kind == "shoutouts" { "shout-outs" } else { self.kind }
    }

    /// The time, as a manager types it.
    pub(crate) fn when(&self) -> String {
        format!("{} {}:{:02}", self.on.name(), self.hour, self.minute)
    }

    /// Each due time until then: on the wall clock, and as an instant.
    pub(crate) fn due(&self, zone: Tz, until: DateTime<Utc>) -> Vec<(NaiveDateTime, DateTime<Utc>)> {
        let mut day = self.since.with_timezone(&zone).date_naive();
        let mut all = Vec::new();
        while let Some(local) = day.and_hms_opt(self.hour, self.minute, 0) {
            let instant = instant(zone, local);
            if instant > until {
                break;
            }
            if self.on.fits(day) && instant > self.since {
                all.push((local, instant));
            }
            day = day + Days::new(1);
        }
        all
    }
}

/// The first instant of a wall-clock time; if the clock skips it, the first after the gap.
fn instant(zone: Tz, mut local: NaiveDateTime) -> DateTime<Utc> {
    loop {
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(instant, _) => {
                return instant.with_timezone(&Utc);
            }
            MappedLocalTime::None => local += TimeDelta::minutes(1),
        }
    }
}
