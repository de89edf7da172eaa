//! Records: pure functions.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};

use crate::kernel::calendar::{Period, Span};
use crate::kernel::quantity::Quantity;

/// With fewer earlier wins, a person's largest isn't news.
pub const FEW_WINS: usize = 5;
/// With fewer earlier wins in the guild, the largest isn't news.
pub const FEW_OF_EVERYONE: i64 = 20;
/// With fewer other non-empty days, weeks or months, the best isn't news.
pub const FEW_PERIODS: usize = 3;

/// A quantity, and the first day of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// The quantity.
    pub quantity: Quantity,
    /// The day, or the first day of the period.
    pub day: NaiveDate,
}

/// The best day, week and month; none if empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bests {
    /// The best day.
    pub day: Option<Record>,
    /// The best week.
    pub week: Option<Record>,
    /// The best month.
    pub month: Option<Record>,
}

/// Sums by period of a span, keyed by first day.
fn sums(
    days: &[(NaiveDate, Quantity)],
    span: Option<Span>,
    week_start: Weekday,
) -> BTreeMap<NaiveDate, Quantity> {
    let mut sums: BTreeMap<_, Quantity> = BTreeMap::new();
    for (day, quantity) in days {
        let first = span.map_or(*day, |span| Period::around(span, *day, week_start).from);
        *sums.entry(first).or_default() += *quantity;
    }
    sums
}

/// The best of daily sums; the latest if tied.
pub fn bests(days: &[(NaiveDate, Quantity)], week_start: Weekday) -> Bests {
    let best = |span| {
        let best = sums(days, span, week_start).into_iter().filter(|(_, sum)| sum.is_positive());
        best.max_by_key(|(day, sum)| (*sum, *day)).map(|(day, quantity)| Record { quantity, day })
    };
    Bests { day: best(None), week: best(Some(Span::Week)), month: best(Some(Span::Month)) }
}

/// What had been logged before a win.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// The logger's wins: the day and their share of each.
    pub wins: Vec<(NaiveDate, Quantity)>,
    /// The guild's: how many, and the largest.
    pub of_everyone: (i64, Quantity),
}

/// A broken record, with its new value. The most significant comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallen {
    /// The guild's largest win.
    OfEveryone(Quantity),
    /// The person's largest win.
    Win(Quantity),
    /// The person's best month.
    Month(Quantity),
    /// The person's best week.
    Week(Quantity),
    /// The person's best day.
    Day(Quantity),
}

/// The most significant record that a day's win broke, if any, given the person's share and the whole.
pub fn fallen(
    day: NaiveDate,
    (part, whole): (Quantity, Quantity),
    earlier: &Earlier,
    week_start: Weekday,
) -> Option<Fallen> {
    let (count, largest) = earlier.of_everyone;
    if count >= FEW_OF_EVERYONE && whole > largest {
        return Some(Fallen::OfEveryone(whole));
    }
    let own = earlier.wins.iter().map(|(_, part)| *part).max().unwrap_or_default();
    if earlier.wins.len() >= FEW_WINS && part > own {
        return Some(Fallen::Win(part));
    }
    let broken = |span: Option<Span>| {
        let mut sums = sums(&earlier.wins, span, week_start);
        let first = span.map_or(day, |span| Period::around(span, day, week_start).from);
        let before = sums.remove(&first).unwrap_or_default();
        let best = sums.values().copied().filter(|sum| sum.is_positive()).max()?;
        let has_many = sums.values().filter(|sum| sum.is_positive()).count() >= FEW_PERIODS;
        (has_many && before <= best && before + part > best).then_some(before + part)
    };
    let month = broken(Some(Span::Month)).map(Fallen::Month);
    let week = || broken(Some(Span::Week)).map(Fallen::Week);
    month.or_else(week).or_else(|| broken(None).map(Fallen::Day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i64) -> NaiveDate {
        "2026-01-05".parse::<NaiveDate>().unwrap() + chrono::TimeDelta::days(number)
    }

    #[test]
    fn the_best_day_week_and_month_are_those_of_the_largest_sums() {
        let days =
            [(0, 500), (1, 400), (8, 700), (40, -100)].map(|(number, sum)| (day(number), Quantity(sum)));
        let bests = bests(&days, Weekday::Mon);
        let record = |quantity, number| Some(Record { quantity: Quantity(quantity), day: day(number) });
        assert_eq!(bests.day, record(700, 8));
        assert_eq!(bests.week, record(900, 0));
        assert_eq!(bests.month.map(|it| it.quantity), Some(Quantity(1600)));
        assert_eq!(super::bests(&[], Weekday::Mon), Bests::default());
    }

    #[test]
    fn a_first_win_breaks_nothing_and_the_largest_of_many_does() {
        let earlier = |count: i64| Earlier {
            wins: (0..count).map(|it| (day(it * 40), Quantity(1000))).collect(),
            of_everyone: (count, Quantity(1000)),
        };
        let broken =
            |part, count| fallen(day(2000), (Quantity(part), Quantity(part)), &earlier(count), Weekday::Mon);
        assert_eq!(broken(9000, 0), None);
        assert_eq!(broken(9000, 2), None);
        assert_eq!(broken(9000, 5), Some(Fallen::Win(Quantity(9000))));
        assert_eq!(broken(1000, 5), None, "as large is no larger");
        assert_eq!(broken(9000, 20), Some(Fallen::OfEveryone(Quantity(9000))));
    }

    #[test]
    fn a_month_falls_when_it_passes_the_best_and_not_again() {
        let mut wins: Vec<_> = (0..4)
            .flat_map(|it| [(day(it * 40), Quantity(1000)), (day(it * 40 + 1), Quantity(1000))])
            .collect();
        let broken = |wins: &[(NaiveDate, Quantity)]| {
            let earlier = Earlier { wins: wins.to_vec(), of_everyone: (0, Quantity::ZERO) };
            fallen(day(200), (Quantity(900), Quantity(900)), &earlier, Weekday::Mon)
        };
        assert_eq!(broken(&wins), None);
        wins.extend([(day(201), Quantity(900))]);
        assert_eq!(broken(&wins), None, "1,800 of 2,000");
        wins.extend([(day(202), Quantity(900))]);
        assert_eq!(broken(&wins), Some(Fallen::Month(Quantity(2700))));
        wins.extend([(day(203), Quantity(900))]);
        assert_eq!(
            broken(&wins),
            Some(Fallen::Week(Quantity(2700))),
            "the month has fallen, and the week falls now"
        );
    }

    proptest! {
        #[test]
        fn no_sum_is_better_than_the_best(days in proptest::collection::vec((0_i64..400, -50_i64..100), 0..60)) {
            let days: Vec<_> = days.into_iter().map(|(number, quantity)| (day(number), Quantity(quantity))).collect();
            let bests = bests(&days, Weekday::Sun);
            for (span, best) in [(None, bests.day), (Some(Span::Week), bests.week), (Some(Span::Month), bests.month)] {
                let most = sums(&days, span, Weekday::Sun).into_values().max().unwrap_or_default();
                prop_assert_eq!(best.map(|it| it.quantity), Some(most).filter(|it| it.is_positive()));
            }
        }

        #[test]
        fn what_falls_is_larger_than_whatever_was(
            parts in proptest::collection::vec((0_i64..200, 1_i64..100), 0..30), number in 0_i64..200, part in 1_i64..200,
        ) {
            let wins: Vec<_> = parts.into_iter().map(|(number, part)| (day(number), Quantity(part))).collect();
            let part = Quantity(part);
            let largest = wins.iter().map(|(_, part)| *part).max().unwrap_or_default();
            let earlier = Earlier { wins: wins.clone(), of_everyone: (0, Quantity::ZERO) };
            let now: Vec<_> = wins.iter().copied().chain([(day(number), part)]).collect();
            match fallen(day(number), (part, part), &earlier, Weekday::Mon) {
                Some(Fallen::Win(it)) => prop_assert!(it == part && part > largest),
                Some(Fallen::Month(it)) => prop_assert_eq!(bests(&now, Weekday::Mon).month.unwrap().quantity, it),
                Some(Fallen::Week(it)) => prop_assert_eq!(bests(&now, Weekday::Mon).week.unwrap().quantity, it),
                Some(Fallen::Day(it)) => prop_assert_eq!(bests(&now, Weekday::Mon).day.unwrap().quantity, it),
                Some(Fallen::OfEveryone(_)) => prop_assert!(false, "there were too few"),
                None => {}
            }
        }
    }
}
