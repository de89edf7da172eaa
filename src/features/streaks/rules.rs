//! Length of a streak: weeks with a win or a personal goal met.
//!
//! A broken streak demotivates more than never having had one (Silverman & Barasch 2023), so a missed week is
//! repaired by the next good one, at most once in four good weeks. Two misses in a row, or a second one too
//! soon, end the streak. A week away neither counts nor breaks it.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

/// This many good weeks must follow a repair before another one.
pub const REPAIRED_FOR: u32 = 4;

/// A streak of weeks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streak {
    /// Good weeks of the current streak; none if it is broken.
    pub weeks: u32,
    /// Good weeks of the longest streak ever.
    pub best: u32,
    /// Whether a missed week within the current streak was repaired.
    pub is_repaired: bool,
    /// Whether the last week that counts was missed, so that a good one would repair it.
    pub hangs: bool,
    /// Whether the current week is already good.
    pub counts_now: bool,
}

/// The streak for these good weeks and weeks away, each by its first day, as of the week of `current`.
pub fn streak(good: &BTreeSet<NaiveDate>, away: &BTreeSet<NaiveDate>, current: NaiveDate) -> Streak {
    let mut now = Streak::default();
    let (mut missed, mut since_repair) = (0_u32, u32::MAX);
    let weeks = good
        .first()
        .into_iter()
        .flat_map(|first| std::iter::successors(Some(*first), |week| week.checked_add_days(Days::new(7))));
    for week in weeks.take_while(|week| *week <= current) {
        if good.contains(&week) {
            if missed == 1 {
                now.is_repaired = true;
                since_repair = 0;
            }
            missed = 0;
            now.weeks += 1;
            since_repair = since_repair.saturating_add(1);
            now.best = now.best.max(now.weeks);
        } else if !away.contains(&week) && week != current {
            missed += 1;
            if missed > 1 || since_repair < REPAIRED_FOR {
                now = Streak { best: now.best, ..Streak::default() };
                since_repair = u32::MAX;
                // There is no streak left to repair.
                missed = 2;
            }
        }
    }
    now.hangs = missed == 1 && now.weeks > 0;
    now.counts_now = good.contains(&current);
    now
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn week(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 5).unwrap() + Days::new(7 * number)
    }

    /// One letter per week: good, missed, away; the last is the current one.
    fn of(letters: &str) -> Streak {
        let mut sets = (BTreeSet::new(), BTreeSet::new());
        for (number, letter) in (0..).zip(letters.chars()) {
            match letter {
                'g' => drop(sets.0.insert(week(number))),
                'a' => drop(sets.1.insert(week(number))),
                _ => {}
            }
        }
        streak(&sets.0, &sets.1, week(letters.len() as u64 - 1))
    }

    #[test]
    fn one_missed_week_is_repaired_and_two_break_it() {
        for (letters, weeks, best, is_repaired, hangs) in [
            ("g", 1, 1, false, false),
            ("ggg.", 3, 3, false, false),
            ("ggg..", 3, 3, false, true),
            ("ggg...", 0, 3, false, false),
            ("ggg.g", 4, 4, true, false),
            ("ggg..g", 1, 3, false, false),
            ("gaaaag", 2, 2, false, false),
            ("g.aag", 2, 2, true, false),
            ("gg.g.gg", 2, 3, false, false),
            ("gg.gggg.g", 7, 7, true, false),
            ("..", 0, 0, false, false),
        ] {
            let want = Streak { weeks, best, is_repaired, hangs, counts_now: letters.ends_with('g') };
            assert_eq!(of(letters), want, "{letters}");
        }
    }

    proptest! {
        #[test]
        fn another_good_week_never_shortens_it(letters in "[g.a]{1,40}", at in 0_usize..40) {
            let before = of(&letters);
            let mut better: Vec<char> = letters.chars().collect();
            let last = better.len() - 1;
            better[at.min(last)] = 'g';
            // In the current week it counts at once.
            if at >= last {
                prop_assert!(of(&better.iter().collect::<String>()).weeks >= before.weeks);
            }
            prop_assert!(before.weeks <= before.best);
            prop_assert!(before.best as usize <= letters.matches('g').count());
        }

        #[test]
        fn weeks_away_are_as_if_they_had_not_been(letters in "[g.]{1,20}", at in 1_usize..20, length in 1_usize..6) {
            let at = at.min(letters.len());
            let (head, tail) = letters.split_at(at);
            // The current week must not be an away week.
            prop_assume!(!tail.is_empty() && head.contains('g'));
            let with = format!("{head}{}{tail}", "a".repeat(length));
            prop_assert_eq!(of(&with), of(&letters));
        }
    }
}
