//! Progress of a goal: attainment, pace, and what is left to do; and how a new hire's target grows.

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::kernel::calendar::{Period, full_day, near_day, weekday};
use crate::kernel::error::UserError;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::quote;
use crate::words::{Message, goals as words};

/// Actual / target in whole percent, rounded down, so that 100 means reached.
pub fn attainment(actual: Quantity, target: Quantity) -> i64 {
    actual.percent_of(target)
}

/// Attainment against the share of working time that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The target is reached.
    Reached,
    /// The period has not begun.
    NotBegun,
    /// More than five points ahead of pace.
    Ahead,
    /// Within five points of pace.
    OnPace,
    /// More than five points behind pace.
    Behind,
}

/// The pace of a goal at a local time, taking absences into account.
pub fn pace(
    actual: Quantity,
    target: Quantity,
    period: Period,
    local: NaiveDateTime,
    away: &[Period],
) -> Pace {
    let (attained, passed) = (attainment(actual, target), period.passed_without(local, away) / 10);
    match attained - passed {
        _ if actual >= target => Pace::Reached,
        _ if local.date() < period.from => Pace::NotBegun,
        6.. => Pace::Ahead,
        -5..=5 => Pace::OnPace,
        _ => Pace::Behind,
    }
}

/// A goal's last day, if it isn't in the past.
pub fn accept_until(last: NaiveDate, today: NaiveDate) -> Result<Period, UserError> {
    if last < today {
        return Err(words::until_past().into());
    }
    if last > today + Days::new(731) {
        return Err(words::until_far().into());
    }
    Ok(Period::days(today, last))
}

/// A stretch, if it is more than the target.
pub fn accept_stretch(stretch: Option<Quantity>, target: Quantity) -> Result<Option<Quantity>, UserError> {
    match stretch {
        Some(stretch) if stretch <= target => Err(words::stretch_too_low().into()),
        stretch => Ok(stretch),
    }
}

/// The most weeks of a ramp.
const LONGEST_RAMP: usize = 26;

/// Percentages of the target by week for a new hire, before the full target applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ramp(Vec<u8>);

impl Ramp {
    /// Reads "25, 50, 75".
    ///
    /// # Errors
    /// When it isn't a list of percentages from 1 to 100, none smaller than the one before.
    pub fn parse(typed: &str) -> Result<Self, UserError> {
        let unreadable = || UserError::new(words::ramp_unreadable(quote(typed), LONGEST_RAMP));
        let share =
            |part: &str| part.trim().trim_end_matches('%').trim().parse::<u8>().map_err(|_| unreadable());
        let shares: Vec<u8> = typed.split(',').map(share).collect::<Result<_, _>>()?;
        if shares.iter().any(|share| !(1..=100).contains(share)) || shares.len() > LONGEST_RAMP {
            return Err(unreadable());
        }
        if shares.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(words::ramp_goes_down().into());
        }
        Ok(Self(shares))
    }

    /// The form stored in the database.
    pub fn text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// The percentage for a period, from 0; 100 after the last one.
    pub fn share(&self, turn: i64) -> i64 {
        let of = usize::try_from(turn).ok().and_then(|turn| self.0.get(turn));
        of.map_or(100, |share| i64::from(*share))
    }

    /// The share of a target for a period: rounded up, at least one smallest unit, and whole numbers for
    /// counts.
    pub fn target(&self, whole: Quantity, turn: i64, unit: Quantity) -> Quantity {
        let part = (i128::from(whole.0) * i128::from(self.share(turn)) + 99) / 100;
        let part = i64::try_from(part).unwrap_or(whole.0).max(1);
        let up = part.checked_add(unit.0 - 1).map_or(part, |it| it / unit.0 * unit.0);
        Quantity(up.min(whole.0.max(1)))
    }
}

/// What is left of a goal, as actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// This many whole things.
    Things(i64),
    /// This many typical wins.
    Wins {
        /// How many wins.
        count: i64,
        /// The amount of a typical one.
        usual: Quantity,
    },
    /// This much per remaining working day.
    EachDay(Quantity),
}

/// What is left to do: whole things for counts; typical wins for money, unless there is no typical win or it
/// would take too many.
pub fn left(missing: Quantity, is_money: bool, usual: Option<Quantity>, days: i64) -> Option<Left> {
    const TOO_MANY: i64 = 20;
    if !missing.is_positive() {
        return None;
    }
    if !is_money {
        return Some(Left::Things(missing.takes(Quantity::ONE)));
    }
    let wins = usual.filter(|usual| usual.is_positive()).map(|usual| (missing.takes(usual), usual));
    Some(match wins {
        Some((count, usual)) if count <= TOO_MANY => Left::Wins { count, usual },
        _ => Left::EachDay(missing.each_of(days.max(1))),
    })
}

/// The remaining working days of a period, including today, and the last of them.
pub fn days_left(period: Period, today: NaiveDate, away: &[Period]) -> (i64, NaiveDate) {
    let left: Vec<NaiveDate> = period
        .working_days()
        .into_iter()
        .filter(|day| *day >= today && !away.iter().any(|absence| absence.contains(*day)))
        .collect();
    (i64::try_from(left.len()).unwrap_or(i64::MAX), left.last().copied().unwrap_or_else(|| period.last()))
}

/// A near day by its name, any other by its date; the year only if it isn't the present one.
pub fn by(day: NaiveDate, today: NaiveDate) -> Message {
    use chrono::Datelike;
    match (day - today).num_days() {
        0 => words::today(),
        1 => words::tomorrow(),
        2..=6 => weekday(day.weekday()),
        _ if day.year() == today.year() => near_day(day),
        _ => full_day(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn week() -> Period {
        Period::days("2026-04-06".parse().unwrap(), "2026-04-12".parse().unwrap())
    }

    #[test]
    fn pace_compares_with_the_working_time_passed() {
        let wednesday_night = "2026-04-08T20:00:00".parse().unwrap(); // 60 % has passed
        let pace = |actual, local| pace(Quantity(actual), Quantity(100), week(), local, &[]);
        assert_eq!(pace(60, wednesday_night), Pace::OnPace);
        assert_eq!(pace(54, wednesday_night), Pace::Behind);
        assert_eq!(pace(66, wednesday_night), Pace::Ahead);
        assert_eq!(pace(100, wednesday_night), Pace::Reached);
        assert_eq!(pace(0, "2026-04-05T20:00:00".parse().unwrap()), Pace::NotBegun);
    }

    #[test]
    fn who_is_away_is_not_behind_for_it() {
        let wednesday_night = "2026-04-08T20:00:00".parse().unwrap();
        let until_wednesday = Period::days("2026-04-01".parse().unwrap(), "2026-04-08".parse().unwrap());
        let none = |away: &[Period]| pace(Quantity::ZERO, Quantity(100), week(), wednesday_night, away);
        assert_eq!(none(&[until_wednesday]), Pace::OnPace);
        // If they are away for the whole period, calendar time counts.
        assert_eq!(none(&[week()]), Pace::Behind);
    }

    #[test]
    fn a_ramp_is_a_list_of_percents_that_goes_up() {
        let ramp = Ramp::parse("25, 50 %,75").unwrap();
        assert_eq!(ramp.text(), "25,50,75");
        assert_eq!(
            [0, 1, 2, 3, 99].map(|turn| ramp.target(Quantity(1000), turn, Quantity::ONE).0),
            [300, 500, 800, 1000, 1000]
        );
        assert_eq!(ramp.target(Quantity(1000), 0, Quantity(1)), Quantity(250));
        for typed in ["", "0,50", "50,25", "25;50", "x", "101", "25,,50", "-5", &"1,".repeat(30)] {
            assert!(Ramp::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn what_is_left_is_said_in_things_one_can_do() {
        let usual = Quantity(8_000);
        let left = |missing, is_money, usual, days| left(Quantity(missing), is_money, usual, days);
        assert_eq!(left(250, false, None, 3), Some(Left::Things(3)));
        assert_eq!(left(15_000, true, Some(usual), 3), Some(Left::Wins { count: 2, usual }));
        assert_eq!(left(900_000, true, Some(usual), 3), Some(Left::EachDay(Quantity(300_000))));
        assert_eq!(left(900, true, None, 0), Some(Left::EachDay(Quantity(900))));
        assert_eq!(left(0, true, None, 3), None);
        assert_eq!(days_left(week(), "2026-04-09".parse().unwrap(), &[]), (2, "2026-04-10".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn a_hundred_percent_is_said_only_of_a_goal_reached(actual in -10_i64..i64::MAX, target in 1_i64..i64::MAX) {
            prop_assert_eq!(attainment(Quantity(actual), Quantity(target)) >= 100, actual >= target);
        }

        #[test]
        fn doing_what_is_left_reaches_the_goal(missing in 1_i64..1_000_000_000, is_money: bool, usual in proptest::option::of(0_i64..1_000_000), days in 0_i64..300) {
            let missing = Quantity(missing);
            let done = match left(missing, is_money, usual.map(Quantity), days).unwrap() {
                Left::Things(count) => Quantity::things(count),
                Left::Wins { count, usual } => usual * count,
                Left::EachDay(each) => each * days.max(1),
            };
            prop_assert!(done >= missing);
        }

        #[test]
        fn a_ramp_never_asks_for_more_than_the_whole_nor_for_less_than_before(
            shares in proptest::collection::vec(1_u8..=100, 1..20), whole in 1_i64..1_000_000, turn in 0_i64..30, unit in prop_oneof![Just(1_i64), Just(100)],
        ) {
            let mut shares = shares;
            shares.sort_unstable();
            let ramp = Ramp(shares);
            prop_assert_eq!(Ramp::parse(&ramp.text()), Ok(ramp.clone()));
            let (whole, unit) = (Quantity(whole), Quantity(unit));
            let (now, next) = (ramp.target(whole, turn, unit), ramp.target(whole, turn + 1, unit));
            prop_assert!(now.is_positive() && now <= next && next <= whole);
        }

        #[test]
        fn no_text_makes_it_panic(typed in "\\PC{0,60}") {
            let _ = Ramp::parse(&typed);
        }
    }
}
