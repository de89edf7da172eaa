//! Validation of reasons and values, and pairs who only thank each other.

use std::collections::BTreeMap;

use crate::kernel::error::UserError;
use crate::kernel::ids::PersonId;
use crate::kernel::text::Line;
use crate::words::kudos as words;

/// The fewest characters of a reason, so that it says something (gratibot requires the same).
pub const LEAST: usize = 20;
/// The most characters of a reason.
pub const MOST: usize = 300;
/// The most characters of a value.
pub const MOST_OF_A_VALUE: usize = 40;
/// The most values of a team: as many as one choice list can show.
pub const MOST_VALUES: usize = 25;

/// Reads a reason.
///
/// # Errors
/// When it is too short without mentions, or too long.
pub fn reason(typed: &str) -> Result<Line, UserError> {
    let line = Line::parse(words::field_reason(), typed, MOST)?;
    let is_mention = |word: &&str| word.starts_with('@') || (word.starts_with('<') && word.ends_with('>'));
    let says = |word: &&str| word.chars().any(char::is_alphanumeric) && !is_mention(word);
    let saying: Vec<&str> = line.as_str().split(' ').filter(says).collect();
    let length = saying.join(" ").chars().count();
    if length < LEAST {
        return Err(words::reason_too_short(LEAST).into());
    }
    Ok(line)
}

/// Parses a typed list of values: "Care, Courage, Craft".
///
/// # Errors
/// When one is too long, there are too many, or none.
pub fn values(typed: &str) -> Result<Vec<Line>, UserError> {
    let mut values: Vec<Line> = Vec::new();
    for part in typed.split([',', ';', '\n']).filter(|part| !part.trim().is_empty()) {
        let value = Line::parse(words::field_value(), part, MOST_OF_A_VALUE)?;
        let key = value.as_str().to_lowercase();
        if values.iter().all(|other| other.as_str().to_lowercase() != key) {
            values.push(value);
        }
    }
    match values.len() {
        0 => Err(words::values_unreadable().into()),
        1..=MOST_VALUES => Ok(values),
        more => Err(words::values_too_many(more, MOST_VALUES).into()),
    }
}

/// Two people who thank each other and hardly anyone else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The one with the smaller id.
    pub one: PersonId,
    /// The other.
    pub other: PersonId,
    /// How often they thanked each other, both directions together.
    pub times: i64,
}

/// The pairs in which each thanked the other at least twice and gave them at least three quarters of all
/// their thanks. Input: giver, receiver, count. Nobody is blocked for it; managers see it.
pub fn only_each_other(given: &[(PersonId, PersonId, i64)]) -> Vec<Pair> {
    let mut times: BTreeMap<(PersonId, PersonId), i64> = BTreeMap::new();
    let mut all: BTreeMap<PersonId, i64> = BTreeMap::new();
    for (giver, receiver, count) in given.iter().filter(|(giver, receiver, _)| giver != receiver) {
        *times.entry((*giver, *receiver)).or_default() += count;
        *all.entry(*giver).or_default() += count;
    }
    let mostly = |giver: PersonId, count: i64| count >= 2 && 4 * count >= 3 * all[&giver];
    times
        .iter()
        .filter(|((giver, receiver), _)| giver < receiver)
        .filter_map(|((one, other), there)| {
            let back = times.get(&(*other, *one)).copied()?;
            let both = mostly(*one, *there) && mostly(*other, back);
            both.then_some(Pair { one: *one, other: *other, times: there + back })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reason_says_something() {
        for typed in [
            "",
            "                          ",
            "thanks!",
            "<@123456789012345678> <@123456789012345678>",
            "@everyone @everyone @everyone",
            "\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}",
            "!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
            "- - - - - - - - - - - - - - -",
        ] {
            assert!(reason(typed).is_err(), "{typed}");
        }
        assert!(reason("She stayed until the demo worked").is_ok());
        assert!(reason(&"long ".repeat(80)).is_err());
    }

    #[test]
    fn values_are_read_as_people_list_them() {
        let read = |typed: &str| {
            values(typed).map(|it| it.iter().map(|it| it.as_str().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read("Care, Courage ,,care; Craft").unwrap(), ["Care", "Courage", "Craft"]);
        assert!(read(" , ").is_err() && read(&"x".repeat(41)).is_err());
        assert!(read(&(0..26).map(|n| n.to_string()).collect::<Vec<_>>().join(",")).is_err());
    }

    #[test]
    fn a_pair_thanks_only_each_other() {
        let p = PersonId;
        let pair = Pair { one: p(1), other: p(2), times: 6 };
        assert_eq!(only_each_other(&[(p(1), p(2), 3), (p(2), p(1), 3), (p(1), p(3), 1)]), [pair]);
        // Once each is a coincidence, and people who also thank others are no pair.
        assert_eq!(only_each_other(&[(p(1), p(2), 1), (p(2), p(1), 1)]), []);
        assert_eq!(only_each_other(&[(p(1), p(2), 3), (p(2), p(1), 3), (p(1), p(3), 3)]), []);
        assert_eq!(only_each_other(&[(p(1), p(2), 9)]), []);
    }

    proptest! {
        #[test]
        fn a_person_is_in_one_pair_at_most_and_pairs_go_both_ways(
            given in proptest::collection::vec((0_i64..6, 0_i64..6, 1_i64..5), 0..20),
        ) {
            let given: Vec<_> = given.into_iter().map(|(a, b, n)| (PersonId(a), PersonId(b), n)).collect();
            let turned: Vec<_> = given.iter().map(|(a, b, n)| (*b, *a, *n)).collect();
            let pairs = only_each_other(&given);
            let mut people: Vec<PersonId> = pairs.iter().flat_map(|it| [it.one, it.other]).collect();
            people.sort_unstable();
            let before = people.len();
            people.dedup();
            prop_assert_eq!(people.len(), before);
            for pair in pairs {
                prop_assert!(pair.one < pair.other && pair.times >= 4);
                prop_assert!(turned.iter().any(|(a, b, _)| (*a, *b) == (pair.one, pair.other)));
            }
        }

        #[test]
        fn no_text_makes_it_panic(typed in "\\PC{0,400}") {
            let _ = (reason(&typed), values(&typed));
        }
    }
}
