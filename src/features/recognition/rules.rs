//! What is worth praise, and who gets it: pure functions.
//!
//! Recognition works best when it is scarce and unannounced (Bradler, Dur, Neckermann & Non 2016), and fixed
//! criteria get gamed (Gubler, Larkin & Pierce 2016): so at most three a week, with kinds and order chosen by
//! a seeded draw. Nothing compares people downwards: moments are about what somebody did, mostly against
//! their own past.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::features::goals::Early;
use crate::kernel::calendar::{Period, Span, day_number};
use crate::kernel::chance::mixed;
use crate::kernel::ids::{GoalId, GuildId, MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::ledger::totals::Totals;

/// The most people that one post praises.
pub const MOST: usize = 3;
/// How many weeks a personal record covers.
pub const WEEKS: usize = 13;
/// The same in months.
pub const MONTHS: usize = 6;
/// A streak is news each time it has grown by this many weeks.
const STREAK: u32 = 4;
/// After this many weeks without a win, the next one is a comeback.
const DRY: usize = 4;

/// The kind of a moment.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum MomentKind {
    /// A personal record: largest deal.
    RecordDeal,
    /// A personal record: best week.
    RecordWeek,
    /// A personal record: best month.
    RecordMonth,
    /// A personal record: longest streak.
    RecordStreak,
    /// The first win ever.
    FirstWin,
    /// A win after a dry spell.
    Comeback,
    /// The biggest win of the quarter so far.
    BiggestWin,
    /// Better than their typical week.
    Improved,
    /// A personal goal reached before its last day.
    GoalEarly,
    /// The most assists of the week.
    MostHelp,
    /// The most thanks received this week.
    MostThanked,
    /// Assists on other people's wins.
    Assist,
    /// Pipeline work.
    Groundwork,
    /// A work anniversary.
    Anniversary,
    /// A birthday.
    Birthday,
    /// A manager's nomination.
    Nominated,
}

impl MomentKind {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Parses a name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Whether it is a personal record, which may be praised two weeks in a row.
    pub fn is_record(self) -> bool {
        matches!(self, Self::RecordDeal | Self::RecordWeek | Self::RecordMonth | Self::RecordStreak)
    }

    /// Whether it still reads true a week later, so that it may be praised then.
    pub fn lasts(self) -> bool {
        matches!(self, Self::FirstWin | Self::RecordDeal | Self::Comeback | Self::GoalEarly | Self::Nominated)
    }

    /// Its weight in the draw, 0 to 100.
    pub fn strength(self) -> i64 {
        match self {
            Self::Nominated => 95,
            Self::FirstWin => 85,
            Self::RecordMonth => 80,
            Self::BiggestWin | Self::Comeback => 75,
            Self::RecordWeek | Self::RecordDeal | Self::MostHelp => 70,
            Self::GoalEarly | Self::MostThanked | Self::Anniversary => 65,
            Self::RecordStreak => 60,
            Self::Groundwork | Self::Improved => 55,
            Self::Birthday => 50,
            Self::Assist => 45,
        }
    }
}

/// Why a moment is praised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Found in the ledger's sums.
    Found(Why),
    /// A manager's text, unchanged.
    Nominated(String),
    /// A text from before reasons were stored as data.
    Said(String),
}

/// The reason of a found moment, with the values for its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The amount of the deal.
    RecordDeal(Quantity),
    /// The amount of the week.
    RecordWeek(Quantity),
    /// The amount of the month.
    RecordMonth(Quantity),
    /// How many weeks.
    RecordStreak(u32),
    /// The first win ever.
    FirstWin,
    /// A win after a dry spell.
    Comeback,
    /// The amount.
    BiggestWin(Quantity),
    /// The amount of the week, and of a typical one.
    Improved {
        /// This week's.
        now: Quantity,
        /// The mean of the earlier weeks that had any.
        usual: Quantity,
    },
    /// A goal, and how many days before its end.
    GoalEarly {
        /// The goal.
        goal: GoalId,
        /// Its metric.
        metric: MetricId,
        /// Its target.
        target: Quantity,
        /// How early.
        days: i64,
    },
    /// On how many wins, in hundredths.
    MostHelp(Quantity),
    /// How often, in hundredths.
    MostThanked(Quantity),
    /// On how many wins, in hundredths.
    Assist(Quantity),
    /// What, and how much.
    Groundwork {
        /// The metric.
        metric: MetricId,
        /// How much.
        quantity: Quantity,
    },
    /// How many years.
    Anniversary(i32),
    /// A birthday.
    Birthday,
}

impl Why {
    /// The metric named in its text, if any.
    pub fn metric(self) -> Option<MetricId> {
        match self {
            Self::GoalEarly { metric, .. } | Self::Groundwork { metric, .. } => Some(metric),
            _ => None,
        }
    }

    /// Its kind.
    pub fn kind(self) -> MomentKind {
        match self {
            Self::RecordDeal(_) => MomentKind::RecordDeal,
            Self::RecordWeek(_) => MomentKind::RecordWeek,
            Self::RecordMonth(_) => MomentKind::RecordMonth,
            Self::RecordStreak(_) => MomentKind::RecordStreak,
            Self::FirstWin => MomentKind::FirstWin,
            Self::Comeback => MomentKind::Comeback,
            Self::BiggestWin(_) => MomentKind::BiggestWin,
            Self::Improved { .. } => MomentKind::Improved,
            Self::GoalEarly { .. } => MomentKind::GoalEarly,
            Self::MostHelp(_) => MomentKind::MostHelp,
            Self::MostThanked(_) => MomentKind::MostThanked,
            Self::Assist(_) => MomentKind::Assist,
            Self::Groundwork { .. } => MomentKind::Groundwork,
            Self::Anniversary(_) => MomentKind::Anniversary,
            Self::Birthday => MomentKind::Birthday,
        }
    }
}

/// A moment found, which may be praised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The person.
    pub person: PersonId,
    /// The reason.
    pub why: Why,
}

impl From<Early> for Found {
    fn from(it: Early) -> Self {
        let why = Why::GoalEarly { goal: it.goal, metric: it.metric, target: it.target, days: it.days };
        Self { person: it.person, why }
    }
}

impl Found {
    /// Its identity: the same moment found again has the same key.
    pub fn key(&self, week: Period) -> String {
        let (kind, person) = (self.why.kind().name(), self.person);
        let week_of = day_number(week.from);
        match self.why {
            Why::FirstWin => format!("{kind}:{person}"),
            Why::GoalEarly { goal, .. } => format!("{kind}:{goal}"),
            Why::RecordMonth(_) => {
                let month = Period::around(Span::Month, week.from, week.from.weekday());
                format!("{kind}:{person}:{}", day_number(month.from))
            }
            _ => format!("{kind}:{person}:{week_of}"),
        }
    }
}

/// Someone's largest deals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deals {
    /// The largest of the week.
    pub now: Quantity,
    /// The largest before that.
    pub before: Quantity,
    /// How many there were before.
    pub count: i64,
}

/// A person's birthday and first day at work, if set.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    /// The person.
    pub person: PersonId,
    /// Month and day of the birthday.
    pub birthday: Option<(u32, u32)>,
    /// The first day at work.
    pub first_day: Option<NaiveDate>,
}

/// The ledger sums that moments are found in. Lists start with the current week or month and go back.
#[derive(Debug, Default)]
pub struct Sums {
    /// Revenue by week.
    pub revenue: Vec<Totals>,
    /// Revenue by month.
    pub months: Vec<Totals>,
    /// Deals.
    pub deals: HashMap<PersonId, Deals>,
    /// Wins by week.
    pub wins: Vec<Totals>,
    /// The day of each person's first win ever.
    pub first_days: HashMap<PersonId, NaiveDate>,
    /// The biggest win of the quarter, if it was this week and there are others in the quarter.
    pub biggest: Option<(PersonId, Quantity)>,
    /// This week's assists.
    pub assists: Totals,
    /// This week's thanks.
    pub thanks: Totals,
    /// Pipeline counts by week.
    pub groundwork: Vec<(MetricId, Vec<Totals>)>,
    /// Personal goals reached this week before their last day.
    pub goals: Vec<Found>,
    /// Streaks that became personal records this week, in weeks.
    pub streaks: Vec<(PersonId, u32)>,
    /// Birthdays and first days at work.
    pub dates: Vec<Dates>,
}

fn of(totals: &[Totals], index: usize, person: PersonId) -> Quantity {
    totals.get(index).and_then(|it| it.get(&person)).copied().unwrap_or_default()
}

fn earlier(totals: &[Totals], person: PersonId) -> Vec<Quantity> {
    (1..totals.len()).map(|index| of(totals, index, person)).filter(|it| it.is_positive()).collect()
}

/// A month and day in a given year; February 29 becomes the 28th in other years.
fn day_in(year: i32, (month, day): (u32, u32)) -> Option<NaiveDate> {
    let day_of = |day| NaiveDate::from_ymd_opt(year, month, day);
    day_of(day).or_else(|| if (month, day) == (2, 29) { day_of(28) } else { None })
}

/// Whoever has the most, unless too many are tied for it to mean anything.
fn most(totals: &Totals, least: Quantity) -> Vec<(PersonId, Quantity)> {
    let most = totals.values().copied().max().filter(|most| *most >= least);
    let all: Vec<_> = totals.iter().filter(|(_, it)| Some(**it) == most).map(|(p, it)| (*p, *it)).collect();
    if all.len() <= MOST { all } else { Vec::new() }
}

/// Every moment of a week.
pub fn find(sums: &Sums, week: Period) -> Vec<Found> {
    let mut found = sums.goals.clone();
    let mut add = |person, why| found.push(Found { person, why });
    let people: HashSet<PersonId> =
        sums.revenue.first().map(|it| it.keys().copied().collect()).unwrap_or_default();
    for person in people {
        let (now, before) = (of(&sums.revenue, 0, person), earlier(&sums.revenue, person));
        if let Some(best) = before.iter().max().filter(|_| before.len() >= 4)
            && now > *best
        {
            add(person, Why::RecordWeek(now));
        }
        let recent: Vec<Quantity> = before.iter().copied().take(4).collect();
        if let Ok(count @ 1..) = i64::try_from(recent.len()) {
            let usual = recent.iter().sum::<Quantity>() / count;
            if now > usual + usual / 4 {
                add(person, Why::Improved { now, usual });
            }
        }
        let (month, months) = (of(&sums.months, 0, person), earlier(&sums.months, person));
        if months.len() >= 3 && months.iter().all(|it| month > *it) {
            add(person, Why::RecordMonth(month));
        }
    }
    for (person, deals) in &sums.deals {
        if deals.count >= 3 && deals.now > deals.before {
            add(*person, Why::RecordDeal(deals.now));
        }
    }
    for (person, first) in &sums.first_days {
        let is_dry = (1..=DRY).all(|index| !of(&sums.wins, index, *person).is_positive());
        if week.contains(*first) {
            add(*person, Why::FirstWin);
        } else if *first < week.from && is_dry && of(&sums.wins, 0, *person).is_positive() {
            add(*person, Why::Comeback);
        }
    }
    for (person, weeks) in &sums.streaks {
        // Every fourth week only: a record each week isn't news.
        if weeks % STREAK == 0 {
            add(*person, Why::RecordStreak(*weeks));
        }
    }
    if let Some((person, amount)) = sums.biggest {
        add(person, Why::BiggestWin(amount));
    }
    let helpers = most(&sums.assists, Quantity::ONE);
    for (person, wins) in &sums.assists {
        if helpers.iter().any(|(helper, _)| helper == person) {
            add(*person, Why::MostHelp(*wins));
        } else if *wins >= Quantity::ONE {
            add(*person, Why::Assist(*wins));
        }
    }
    for (person, times) in most(&sums.thanks, Quantity::things(2)) {
        add(person, Why::MostThanked(times));
    }
    let mut laid: HashMap<PersonId, (Quantity, MetricId)> = HashMap::new();
    for (metric, weeks) in &sums.groundwork {
        for (person, now) in weeks.first().into_iter().flatten() {
            let before = earlier(weeks, *person);
            let has_won = (0..3).any(|index| of(&sums.wins, index, *person).is_positive());
            if !has_won && *now >= Quantity::things(3) && before.iter().all(|it| now >= it) {
                let best = laid.entry(*person).or_insert((*now, *metric));
                *best = (*best).max((*now, *metric));
            }
        }
    }
    for (person, (quantity, metric)) in laid {
        add(person, Why::Groundwork { metric, quantity });
    }
    for dates in &sums.dates {
        let years = [week.from.year(), week.last().year()];
        let in_week =
            |day| years.into_iter().find(|year| day_in(*year, day).is_some_and(|it| week.contains(it)));
        if dates.birthday.and_then(in_week).is_some() {
            add(dates.person, Why::Birthday);
        }
        if let Some(first) = dates.first_day
            && let Some(year) = in_week((first.month(), first.day())).filter(|year| *year > first.year())
        {
            add(dates.person, Why::Anniversary(year - first.year()));
        }
    }
    found.sort_by_key(|it| (it.person, it.why.kind()));
    found
}

/// A candidate for praise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The person.
    pub person: PersonId,
    /// The kind of moment.
    pub kind: MomentKind,
    /// Its weight, 0 to 100.
    pub strength: i64,
}

/// Earlier praise: whom, which kind, and how many weeks ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PraisedBefore {
    /// The person.
    pub person: PersonId,
    /// The kind.
    pub kind: Option<MomentKind>,
    /// Whether it was this week or the previous one.
    pub is_recent: bool,
}

/// The seed of a guild's draw for a week, so that a preview matches the post.
pub fn seed(guild: GuildId, week: Period) -> u64 {
    mixed(guild.0.cast_unsigned() ^ mixed(day_number(week.from).cast_unsigned()))
}

/// Draws whom a week's post praises, in order, as indices of the candidates.
pub fn choose(candidates: &[Candidate], before: &[PraisedBefore], seed: u64) -> Vec<usize> {
    // By rank, since ids differ between databases and the draw shouldn't.
    let mut people: Vec<PersonId> = candidates.iter().map(|one| one.person).collect();
    people.sort_unstable();
    people.dedup();
    let rank = |person: PersonId| people.binary_search(&person).unwrap_or_default() as u64;
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < MOST {
        let is_free = |one: &Candidate| {
            let again = before.iter().any(|it| it.is_recent && it.person == one.person);
            (!again || one.kind.is_record()) && chosen.iter().all(|it| candidates[*it].person != one.person)
        };
        let score = |one: &Candidate| {
            let chance = mixed(seed ^ mixed(rank(one.person) ^ (one.kind as u64) << 56)) % 100;
            let times = before.iter().filter(|it| it.person == one.person).count();
            let last_week = before.iter().any(|it| it.is_recent && it.kind == Some(one.kind));
            let in_post = chosen.iter().any(|it| candidates[*it].kind == one.kind);
            let stale = i64::from(last_week) + 2 * i64::from(in_post) + 2 * i64::try_from(times).unwrap_or(9);
            one.strength.max(1) * (100 + i64::try_from(chance).unwrap_or_default()) * 4 / (4 + 3 * stale)
        };
        let free = candidates.iter().enumerate().filter(|(_, one)| is_free(one));
        let best = free.max_by_key(|(index, one)| (score(one), std::cmp::Reverse(*index)));
        let Some((best, _)) = best else { break };
        chosen.push(best);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;
    use strum::VariantArray;

    fn week() -> Period {
        Period::days("2026-04-06".parse().unwrap(), "2026-04-12".parse().unwrap())
    }

    fn totals(pairs: &[(i64, i64)]) -> Totals {
        pairs.iter().map(|(person, quantity)| (PersonId(*person), Quantity(*quantity))).collect()
    }

    fn whys(sums: &Sums) -> Vec<(i64, Why)> {
        find(sums, week()).into_iter().map(|it| (it.person.0, it.why)).collect()
    }

    #[test]
    fn records_and_steps_are_against_oneself() {
        let weeks = |values: &[i64]| values.iter().map(|it| totals(&[(1, *it)])).collect::<Vec<_>>();
        let sums = Sums { revenue: weeks(&[900, 800, 700, 600, 500]), ..Sums::default() };
        let step = (1, Why::Improved { now: Quantity(900), usual: Quantity(650) });
        assert_eq!(whys(&sums), [(1, Why::RecordWeek(Quantity(900))), step]);
        let few = Sums { revenue: weeks(&[900, 800, 700]), ..Sums::default() };
        assert_eq!(whys(&few), []);
        let equal = Sums { revenue: weeks(&[800, 800, 800, 800, 800]), ..Sums::default() };
        assert_eq!(whys(&equal), []);
        let months = Sums { revenue: weeks(&[1]), months: weeks(&[9, 8, 7, 6]), ..Sums::default() };
        assert_eq!(whys(&months), [(1, Why::RecordMonth(Quantity(9)))]);
        let deals = [
            (PersonId(2), Deals { now: Quantity(9), before: Quantity(8), count: 3 }),
            (PersonId(3), Deals { now: Quantity(9), before: Quantity(1), count: 2 }),
        ];
        assert_eq!(
            whys(&Sums { deals: deals.into(), ..Sums::default() }),
            [(2, Why::RecordDeal(Quantity(9)))]
        );
    }

    #[test]
    fn first_wins_comebacks_help_thanks_and_groundwork_are_found() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let calls = MetricId(7);
        let sums = Sums {
            wins: vec![totals(&[(1, 100), (2, 100), (3, 100)]), totals(&[(3, 100)])],
            first_days: [(1, "2026-04-07"), (2, "2025-01-01"), (3, "2025-01-01")]
                .map(|(person, first)| (PersonId(person), day(first)))
                .into(),
            assists: totals(&[(4, 200), (5, 100)]),
            thanks: totals(&[(6, 200), (7, 100)]),
            groundwork: vec![(calls, vec![totals(&[(1, 900), (8, 900), (9, 500)]), totals(&[(9, 600)])])],
            ..Sums::default()
        };
        assert_eq!(
            whys(&sums),
            [
                (1, Why::FirstWin),
                (2, Why::Comeback),
                (4, Why::MostHelp(Quantity(200))),
                (5, Why::Assist(Quantity(100))),
                (6, Why::MostThanked(Quantity(200))),
                (8, Why::Groundwork { metric: calls, quantity: Quantity(900) }),
            ]
        );
    }

    #[test]
    fn the_29th_of_february_is_the_28th_in_other_years() {
        let dates =
            Dates { person: PersonId(1), birthday: Some((2, 29)), first_day: "2024-02-29".parse().ok() };
        let at = |from: &str, last: &str| {
            let sums = Sums { dates: vec![dates], ..Sums::default() };
            find(&sums, Period::days(from.parse().unwrap(), last.parse().unwrap())).len()
        };
        assert_eq!(at("2026-02-23", "2026-03-01"), 2);
        assert_eq!(at("2026-03-02", "2026-03-08"), 0);
        assert_eq!(at("2028-02-28", "2028-03-05"), 2);
        assert_eq!(at("2024-02-26", "2024-03-03"), 1, "the first day is no anniversary");
    }

    proptest! {
        #[test]
        fn over_a_year_praise_is_scarce_goes_round_and_varies(
            facts in proptest::collection::vec(proptest::collection::vec((0_i64..12, 0_usize..15), 8..30), 52),
            guild in any::<i64>(),
        ) {
            let mut given: Vec<Vec<PraisedBefore>> = Vec::new();
            let mut shares: BTreeMap<PersonId, usize> = BTreeMap::new();
            let mut kinds: BTreeMap<MomentKind, usize> = BTreeMap::new();
            for (number, facts) in facts.into_iter().enumerate() {
                let candidates: Vec<Candidate> = facts
                    .into_iter()
                    .map(|(person, kind)| MomentKind::VARIANTS[kind].strength_of(PersonId(person)))
                    .collect();
                let recent = given.iter().rev().take(8).enumerate().flat_map(|(ago, week)| {
                    week.iter().map(move |it| PraisedBefore { is_recent: ago == 0, ..*it })
                });
                let before: Vec<PraisedBefore> = recent.collect();
                let from = week().from + chrono::Days::new(7 * u64::try_from(number).unwrap());
                let seed = seed(GuildId(guild), Period::days(from, from + chrono::Days::new(6)));
                let chosen = choose(&candidates, &before, seed);
                prop_assert_eq!(&chosen, &choose(&candidates, &before, seed));
                prop_assert!((1..=MOST).contains(&chosen.len()));
                let people: HashSet<PersonId> = chosen.iter().map(|it| candidates[*it].person).collect();
                prop_assert_eq!(people.len(), chosen.len());
                for one in chosen.iter().map(|it| candidates[*it]) {
                    let again = before.iter().any(|it| it.is_recent && it.person == one.person);
                    prop_assert!(!again || one.kind.is_record());
                    *shares.entry(one.person).or_default() += 1;
                    *kinds.entry(one.kind).or_default() += 1;
                }
                given.push(chosen.iter().map(|it| candidates[*it]).map(|one| PraisedBefore {
                    person: one.person, kind: Some(one.kind), is_recent: true,
                }).collect());
            }
            let all: usize = shares.values().sum();
            prop_assert!(shares.values().all(|share| share * 4 < all), "one has most of it: {shares:?}");
            prop_assert!(shares.len() >= 10 && kinds.len() >= 6, "{shares:?} {kinds:?}");
            prop_assert!(kinds.values().all(|share| share * 2 < all), "{kinds:?}");
        }
    }

    impl MomentKind {
        fn strength_of(self, person: PersonId) -> Candidate {
            Candidate { person, kind: self, strength: self.strength() }
        }
    }
}
