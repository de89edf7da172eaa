//! Where a goal stands: attainment and pace.

use chrono::{Days, NaiveDate, NaiveDateTime};

use crate::kernel::calendar::Period;
use crate::kernel::error::UserError;

/// Actual / target, in whole percent, rounded down: 100 is said only of a goal that is reached.
pub fn attainment(actual: i64, target: i64) -> i64 {
    i64::try_from(i128::from(actual.max(0)) * 100 / i128::from(target.max(1))).unwrap_or(i64::MAX)
}

/// Attainment against the share of working time that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// The target is reached.
    Reached,
    /// The period has not begun.
    NotBegun,
    /// More than five points ahead of the time.
    Ahead,
    /// Within five points of the time.
    OnPace,
    /// More than five points behind the time.
    Behind,
}

/// The pace of a goal at a local time.
pub fn pace(actual: i64, target: i64, period: Period, local: NaiveDateTime) -> Pace {
    let (attained, passed) = (attainment(actual, target), period.passed(local) / 10);
    match attained - passed {
        _ if actual >= target => Pace::Reached,
        _ if local.date() < period.from => Pace::NotBegun,
        6.. => Pace::Ahead,
        -5..=5 => Pace::OnPace,
        _ => Pace::Behind,
    }
}

/// A goal's last day, if it is one that can still be reached.
pub fn accept_until(last: NaiveDate, today: NaiveDate) -> Result<Period, UserError> {
    if last < today {
        return Err(UserError::new("That day is over. A goal ends today or later."));
    }
    if last > today + Days::new(731) {
        return Err(UserError::new(
            "That is more than two years away. Set a goal that people can see the end of.",
        ));
    }
    Ok(Period::days(today, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pace_compares_with_the_working_time_passed() {
        let week = Period::days("2026-04-06".parse().unwrap(), "2026-04-12".parse().unwrap());
        let wednesday_night = "2026-04-08T20:00:00".parse().unwrap(); // 60 % has passed
        assert_eq!(pace(60, 100, week, wednesday_night), Pace::OnPace);
        assert_eq!(pace(54, 100, week, wednesday_night), Pace::Behind);
        assert_eq!(pace(66, 100, week, wednesday_night), Pace::Ahead);
        assert_eq!(pace(100, 100, week, wednesday_night), Pace::Reached);
        assert_eq!(pace(0, 100, week, "2026-04-05T20:00:00".parse().unwrap()), Pace::NotBegun);
    }

    proptest! {
        #[test]
        fn a_hundred_percent_is_said_only_of_a_goal_reached(actual in -10_i64..i64::MAX, target in 1_i64..i64::MAX) {
            prop_assert_eq!(attainment(actual, target) >= 100, actual >= target);
        }
    }
}
