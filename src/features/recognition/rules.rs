//! Who is praised, and why: at most three, one reason each, nobody two weeks in a row.
//!
//! Recognition works most when it is scarce and not announced beforehand (Bradler, Dur, Neckermann & Non 2016), and
//! fixed criteria are gamed (Gubler, Larkin & Pierce 2016): so the order of the rules turns with the week.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::kernel::calendar::{Period, day_number};
use crate::kernel::ids::PersonId;
use crate::ledger::metric::ONE;
use crate::ledger::totals::Totals;

/// The most people that one post praises.
pub const MOST: usize = 3;

/// What a week's shout-outs are chosen from.
#[derive(Debug, Default)]
pub struct Week {
    /// This week's revenue.
    pub revenue: Totals,
    /// The revenue of the weeks before, the latest first.
    pub earlier: Vec<Totals>,
    /// This week's help with other people's wins.
    pub assists: Totals,
    /// The day of each person's first win ever.
    pub first_days: HashMap<PersonId, NaiveDate>,
    /// The largest amount credited at once this week.
    pub biggest: Option<(PersonId, i64)>,
    /// Who was praised the week before.
    pub praised_lately: Vec<PersonId>,
}

/// Why someone is praised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The largest step on oneself: this week against one's ordinary week.
    Improved {
        /// Minor units.
        now: i64,
        /// Minor units: the mean of the weeks before in which there was anything.
        usual: i64,
    },
    /// The first win ever.
    FirstWin,
    /// The largest amount of the week.
    BiggestWin {
        /// Minor units.
        amount: i64,
    },
    /// The most help with other people's wins.
    MostHelp {
        /// How many.
        wins: i64,
    },
}

/// Someone to praise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Whom.
    pub person: PersonId,
    /// Why.
    pub why: Why,
}

/// Chooses whom a week's post praises.
pub fn choose(week: &Week, period: Period) -> Vec<Moment> {
    let mut rules: [fn(&Week, Period) -> Vec<Moment>; 4] = [improved, first_wins, biggest, helpers];
    let turn = usize::try_from(day_number(period.from).div_euclid(7).rem_euclid(4)).unwrap_or(0);
    rules.rotate_left(turn);
    let mut chosen: Vec<Moment> = Vec::new();
    for rule in rules {
        let is_new = |moment: &Moment| {
            !week.praised_lately.contains(&moment.person)
                && chosen.iter().all(|other| other.person != moment.person)
        };
        // The best of this rule who is not praised already; the rule is silent if there is none.
        if let Some(moment) = rule(week, period).into_iter().find(is_new) {
            chosen.push(moment);
        }
    }
    chosen.truncate(MOST);
    chosen
}

fn improved(week: &Week, _: Period) -> Vec<Moment> {
    let mut steps: Vec<(i64, Moment)> = week
        .revenue
        .iter()
        .filter_map(|(person, now)| {
            let weeks: Vec<i64> = week
                .earlier
                .iter()
                .filter_map(|totals| totals.get(person))
                .copied()
                .filter(|it| *it > 0)
                .collect();
            let count = i64::try_from(weeks.len()).ok().filter(|count| *count > 0)?;
            let usual = weeks.iter().sum::<i64>() / count;
            let why = Why::Improved { now: *now, usual };
            (*now > usual).then_some((now - usual, Moment { person: *person, why }))
        })
        .collect();
    steps.sort_by_key(|(gain, moment)| (std::cmp::Reverse(*gain), moment.person));
    steps.into_iter().map(|(_, moment)| moment).take(1).collect()
}

fn first_wins(week: &Week, period: Period) -> Vec<Moment> {
    let mut firsts: Vec<(NaiveDate, PersonId)> = week
        .first_days
        .iter()
        .filter(|(_, day)| period.contains(**day))
        .map(|(person, day)| (*day, *person))
        .collect();
    firsts.sort_unstable();
    firsts.into_iter().map(|(_, person)| Moment { person, why: Why::FirstWin }).collect()
}

fn biggest(week: &Week, _: Period) -> Vec<Moment> {
    week.biggest
        .map(|(person, amount)| Moment { person, why: Why::BiggestWin { amount } })
        .into_iter()
        .collect()
}

fn helpers(week: &Week, _: Period) -> Vec<Moment> {
    let most = week.assists.values().copied().max().filter(|most| *most > 0);
    let mut best: Vec<PersonId> =
        week.assists.iter().filter(|(_, count)| Some(**count) == most).map(|(person, _)| *person).collect();
    best.sort_unstable();
    let why = Why::MostHelp { wins: most.unwrap_or_default() / ONE };
    best.into_iter().map(|person| Moment { person, why }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn week() -> Period {
        Period::days("2026-04-06".parse().unwrap(), "2026-04-12".parse().unwrap())
    }

    fn totals(pairs: &[(i64, i64)]) -> Totals {
        pairs.iter().map(|(person, quantity)| (PersonId(*person), *quantity)).collect()
    }

    #[test]
    fn each_rule_finds_its_person_and_nobody_is_praised_twice() {
        let data = Week {
            revenue: totals(&[(1, 900), (2, 500), (3, 100)]),
            earlier: vec![totals(&[(1, 850), (2, 100)]), totals(&[(2, 300)])],
            assists: totals(&[(4, 200)]),
            first_days: [
                (PersonId(3), "2026-04-07".parse().unwrap()),
                (PersonId(1), "2025-01-01".parse().unwrap()),
            ]
            .into(),
            biggest: Some((PersonId(1), 900)),
            praised_lately: Vec::new(),
        };
        let found: Vec<Moment> =
            [improved, first_wins, biggest, helpers].iter().flat_map(|rule| rule(&data, week())).collect();
        assert_eq!(
            found,
            [
                Moment { person: PersonId(2), why: Why::Improved { now: 500, usual: 200 } },
                Moment { person: PersonId(3), why: Why::FirstWin },
                Moment { person: PersonId(1), why: Why::BiggestWin { amount: 900 } },
                Moment { person: PersonId(4), why: Why::MostHelp { wins: 2 } },
            ]
        );
        assert_eq!(choose(&data, week()).len(), MOST);
        let lately = Week { praised_lately: vec![PersonId(1), PersonId(2), PersonId(3)], ..data };
        assert_eq!(choose(&lately, week()).iter().map(|it| it.person.0).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn an_empty_week_praises_nobody() {
        assert!(choose(&Week::default(), week()).is_empty());
    }

    proptest! {
        #[test]
        fn at_most_three_different_people_none_of_last_week(
            revenue in proptest::collection::vec(-100_i64..1000, 12),
            before in proptest::collection::vec(0_i64..1000, 12),
            assists in proptest::collection::vec(0_i64..4, 12),
            lately in proptest::collection::vec(0_i64..12, 0..6),
            turn in 0_i64..8,
        ) {
            let of = |values: &[i64]| values.iter().enumerate().map(|(i, v)| (PersonId(i64::try_from(i).unwrap()), *v)).collect::<Totals>();
            let data = Week {
                revenue: of(&revenue),
                earlier: vec![of(&before)],
                assists: of(&assists),
                first_days: HashMap::new(),
                biggest: revenue.iter().enumerate().max_by_key(|(_, v)| **v).map(|(i, v)| (PersonId(i64::try_from(i).unwrap()), *v)),
                praised_lately: lately.iter().map(|p| PersonId(*p)).collect(),
            };
            let from = week().from + chrono::Days::new(7 * u64::try_from(turn).unwrap());
            let chosen = choose(&data, Period::days(from, from + chrono::Days::new(6)));
            let mut people: Vec<PersonId> = chosen.iter().map(|it| it.person).collect();
            people.sort_unstable();
            people.dedup();
            prop_assert!(people.len() == chosen.len() && chosen.len() <= MOST);
            prop_assert!(people.iter().all(|person| !data.praised_lately.contains(person)));
        }
    }
}
