//! The badges and their rules, in one table. Help, thanks and pipeline work count as much as revenue, since
//! revenue alone favors tenure.

use crate::kernel::quantity::Quantity;
use crate::ledger::metric;
use crate::words::{Message, badges as words};

/// What a badge is awarded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A total of a built-in metric.
    Sum(&'static str, Quantity),
    /// A total of manual counts on pipeline metrics.
    Pipeline(Quantity),
    /// A streak of this many weeks.
    Streak(u32),
    /// This many of their own goals reached.
    Goals(i64),
    /// A win after this many days without one.
    Back(i64),
}

/// A milestone.
#[derive(Debug, Clone, Copy)]
pub struct Badge {
    /// Its name in the database.
    pub key: &'static str,
    /// Its emoji.
    pub emoji: &'static str,
    /// Its display name.
    pub name: fn() -> Message,
    /// What it is for, after "for".
    pub why: fn() -> Message,
    /// Its rule.
    pub rule: Rule,
}

const fn badge(
    key: &'static str,
    emoji: &'static str,
    name: fn() -> Message,
    why: fn() -> Message,
    rule: Rule,
) -> Badge {
    Badge { key, emoji, name, why, rule }
}

/// Every badge.
pub const BADGES: [Badge; 16] = [
    badge(
        "first_bell",
        "🔔",
        words::first_bell,
        words::first_bell_deed,
        Rule::Sum(metric::WINS, Quantity::ONE),
    ),
    badge(
        "ten_bells",
        "🎶",
        words::ten_bells,
        words::ten_bells_deed,
        Rule::Sum(metric::WINS, Quantity::things(10)),
    ),
    badge(
        "hundred_bells",
        "🎼",
        words::hundred_bells,
        words::hundred_bells_deed,
        Rule::Sum(metric::WINS, Quantity::things(100)),
    ),
    badge(
        "helping_hand",
        "🤝",
        words::helping_hand,
        words::helping_hand_deed,
        Rule::Sum(metric::ASSISTS, Quantity::ONE),
    ),
    badge(
        "good_company",
        "🧭",
        words::good_company,
        words::good_company_deed,
        Rule::Sum(metric::ASSISTS, Quantity::things(10)),
    ),
    badge(
        "kind_word",
        "💬",
        words::kind_word,
        words::kind_word_deed,
        Rule::Sum(metric::KUDOS_GIVEN, Quantity::ONE),
    ),
    badge(
        "generous",
        "💐",
        words::generous,
        words::generous_deed,
        Rule::Sum(metric::KUDOS_GIVEN, Quantity::things(50)),
    ),
    badge(
        "thanked",
        "💛",
        words::thanked,
        words::thanked_deed,
        Rule::Sum(metric::KUDOS, Quantity::things(10)),
    ),
    badge(
        "treasured",
        "💎",
        words::treasured,
        words::treasured_deed,
        Rule::Sum(metric::KUDOS, Quantity::things(50)),
    ),
    badge("sower", "🌱", words::sower, words::sower_deed, Rule::Pipeline(Quantity::things(25))),
    badge("gardener", "🌳", words::gardener, words::gardener_deed, Rule::Pipeline(Quantity::things(250))),
    badge("rhythm", "🥁", words::rhythm, words::rhythm_deed, Rule::Streak(4)),
    badge("steady", "⛵", words::steady, words::steady_deed, Rule::Streak(12)),
    badge("on_target", "🎯", words::on_target, words::on_target_deed, Rule::Goals(1)),
    badge("sharp_eye", "🏹", words::sharp_eye, words::sharp_eye_deed, Rule::Goals(10)),
    badge("back_again", "🌤️", words::back_again, words::back_again_deed, Rule::Back(28)),
];

/// What a person has done, as far as badges need it.
#[derive(Debug, Clone, Default)]
pub struct Deeds {
    /// All-time sums of built-in metrics, by name.
    pub sums: Vec<(String, Quantity)>,
    /// All-time manual counts on pipeline metrics.
    pub pipeline: Quantity,
    /// The longest streak, in weeks.
    pub streak: u32,
    /// How many of their own goals they reached.
    pub goals: i64,
    /// The longest gap in days between two days with wins.
    pub pause: i64,
}

impl Rule {
    /// Whether the rule is met.
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

/// The badge with a key.
pub fn named(key: &str) -> Option<&'static Badge> {
    BADGES.iter().find(|badge| badge.key == key)
}

/// The badges that are earned but not awarded yet.
pub fn earned<'a>(deeds: &'a Deeds, had: &'a [String]) -> impl Iterator<Item = &'static Badge> + 'a {
    BADGES.iter().filter(|badge| badge.rule.holds(deeds) && !had.iter().any(|key| key == badge.key))
}

/// Whether somebody lacks a badge of some rule.
pub fn lacks(had: &[String], is_of: fn(&Rule) -> bool) -> bool {
    BADGES.iter().any(|badge| is_of(&badge.rule) && !had.iter().any(|key| key == badge.key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_badge_has_a_key_and_a_name_of_its_own() {
        for (index, badge) in BADGES.iter().enumerate() {
            assert_eq!(named(badge.key).unwrap().rule, badge.rule);
            let name = |it: &Badge| (it.name)().to_string();
            assert!(BADGES[index + 1..].iter().all(|it| it.key != badge.key && name(it) != name(badge)));
        }
    }

    #[test]
    fn whoever_has_all_badges_of_a_rule_lacks_none_of_it() {
        let is_streak = |rule: &Rule| matches!(rule, Rule::Streak(_));
        let all = BADGES.iter().filter(|badge| is_streak(&badge.rule)).map(|badge| badge.key.to_owned());
        let all: Vec<String> = all.collect();
        assert!(!lacks(&all, is_streak) && lacks(&all[1..], is_streak) && lacks(&[], is_streak));
        assert!(lacks(&all, |rule| matches!(rule, Rule::Back(_))));
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
            let new: Vec<&str> = earned(&deeds, &had).map(|badge| badge.key).collect();
            for badge in &BADGES {
                let is_had = had.iter().any(|key| key == badge.key);
                prop_assert_eq!(new.contains(&badge.key), badge.rule.holds(&deeds) && !is_had);
            }
        }
    }
}
