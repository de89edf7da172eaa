//! The badges: one table, each with its rule. Not for revenue alone: help, thanks and what builds later periods count as
//! much, since boards of revenue favour tenure.

use crate::kernel::quantity::Quantity;
use crate::ledger::metric;

/// What a badge is had for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// So much of a built-in metric in all.
    Sum(&'static str, Quantity),
    /// So much counted by hand in all, on metrics that build later periods.
    Pipeline(Quantity),
    /// A streak of so many weeks.
    Streak(u32),
    /// So many goals of one's own reached.
    Goals(i64),
    /// A win after so many days without.
    Back(i64),
}

/// A milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// Its name in the database.
    pub key: &'static str,
    /// How it looks.
    pub emoji: &'static str,
    /// Its name as people read it.
    pub name: &'static str,
    /// What it is for, after "for".
    pub why: &'static str,
    /// When one has it.
    pub rule: Rule,
}

const fn badge(
    key: &'static str,
    emoji: &'static str,
    name: &'static str,
    why: &'static str,
    rule: Rule,
) -> Badge {
    Badge { key, emoji, name, why, rule }
}

/// Every badge.
pub const BADGES: [Badge; 16] = [
    badge("first_bell", "🔔", "First bell", "your first win", Rule::Sum(metric::WINS, Quantity::ONE)),
    badge("ten_bells", "🎶", "Ten bells", "ten wins", Rule::Sum(metric::WINS, Quantity::things(10))),
    badge("hundred_bells", "🎼", "Hundred bells", "100 wins", Rule::Sum(metric::WINS, Quantity::things(100))),
    badge(
        "helping_hand",
        "🤝",
        "Helping hand",
        "helping a teammate close a deal",
        Rule::Sum(metric::ASSISTS, Quantity::ONE),
    ),
    badge(
        "good_company",
        "🧭",
        "Good company",
        "helping teammates close ten deals",
        Rule::Sum(metric::ASSISTS, Quantity::things(10)),
    ),
    badge(
        "kind_word",
        "💬",
        "A kind word",
        "giving your first kudos",
        Rule::Sum(metric::KUDOS_GIVEN, Quantity::ONE),
    ),
    badge(
        "generous",
        "💐",
        "Generous",
        "giving 50 kudos",
        Rule::Sum(metric::KUDOS_GIVEN, Quantity::things(50)),
    ),
    badge("thanked", "💛", "Thanked", "getting ten kudos", Rule::Sum(metric::KUDOS, Quantity::things(10))),
    badge("treasured", "💎", "Treasured", "getting 50 kudos", Rule::Sum(metric::KUDOS, Quantity::things(50))),
    badge(
        "sower",
        "🌱",
        "Pipeline starter",
        "logging 25 pipeline activities",
        Rule::Pipeline(Quantity::things(25)),
    ),
    badge(
        "gardener",
        "🌳",
        "Pipeline builder",
        "logging 250 pipeline activities",
        Rule::Pipeline(Quantity::things(250)),
    ),
    badge("rhythm", "🥁", "On a roll", "a four-week streak", Rule::Streak(4)),
    badge("steady", "⛵", "Steady", "a 12-week streak", Rule::Streak(12)),
    badge("on_target", "🎯", "On target", "hitting a personal goal", Rule::Goals(1)),
    badge("sharp_eye", "🏹", "Bullseye", "hitting ten personal goals", Rule::Goals(10)),
    badge("back_again", "🌤️", "Comeback", "a win after four weeks without one", Rule::Back(28)),
];

/// What a person has done, as far as badges ask for it.
#[derive(Debug, Clone, Default)]
pub struct Deeds {
    /// Sums of built-in metrics over all time, by name.
    pub sums: Vec<(String, Quantity)>,
    /// What was counted by hand on metrics that build later periods.
    pub pipeline: Quantity,
    /// Weeks of the longest streak.
    pub streak: u32,
    /// Goals of one's own reached.
    pub goals: i64,
    /// The longest time between two days with wins.
    pub pause: i64,
}

impl Rule {
    /// Whether it holds.
    pub fn holds(self, deeds: &Deeds) -> bool {
        match self {
            Self::Sum(metric, least) => deeds.sums.iter().any(|(name, sum)| name == metric && *sum >= least),
            Self::Pipeline(least) => deeds.pipeline >= least,
            Self::Streak(least) => deeds.streak >= least,
            Self::Goals(least) => deeds.goals >= least,
            Self::Back(least) => deeds.pause >= least,
        }
    }
}

/// The badge of a key.
pub fn named(key: &str) -> Option<&'static Badge> {
    BADGES.iter().find(|badge| badge.key == key)
}

/// The badges that are earned and not had yet.
pub fn earned<'a>(deeds: &'a Deeds, had: &'a [String]) -> impl Iterator<Item = &'static Badge> + 'a {
    BADGES.iter().filter(|badge| badge.rule.holds(deeds) && !had.iter().any(|key| key == badge.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_badge_has_a_key_and_a_name_of_its_own() {
        for (index, badge) in BADGES.iter().enumerate() {
            assert_eq!(named(badge.key), Some(badge));
            assert!(BADGES[index + 1..].iter().all(|it| it.key != badge.key && it.name != badge.name));
        }
    }

    proptest! {
        #[test]
        fn a_badge_is_earned_if_its_rule_holds_and_never_twice(
            wins in 0_i64..20_000, kudos in 0_i64..8_000, pipeline in 0_i64..40_000,
            streak in 0_u32..20, goals in 0_i64..20, pause in 0_i64..60,
            had in proptest::collection::vec(0_usize..16, 0..8),
        ) {
            let sums = vec![("wins".to_owned(), Quantity(wins)), ("kudos".to_owned(), Quantity(kudos))];
            let deeds = Deeds { sums, pipeline: Quantity(pipeline), streak, goals, pause };
            let had: Vec<String> = had.into_iter().map(|at| BADGES[at].key.to_owned()).collect();
            let new: Vec<&Badge> = earned(&deeds, &had).collect();
            for badge in &BADGES {
                let is_had = had.iter().any(|key| key == badge.key);
                prop_assert_eq!(new.contains(&badge), badge.rule.holds(&deeds) && !is_had);
            }
        }
    }
}
