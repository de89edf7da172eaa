//! Validation of wins, credit sharing, and when a win can be undone.

use chrono::{DateTime, NaiveDate, Utc};

use crate::kernel::error::UserError;
use crate::kernel::ids::PersonId;
use crate::kernel::money::{Currency, Money};
use crate::kernel::name::Name;
use crate::kernel::text::Line;
use crate::ledger::UNDO_WITHIN;
use crate::words::wins as words;

/// A share of the credit, in percent. A win's shares add up to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The person.
    pub person: PersonId,
    /// From 1 to 100.
    pub percent: u8,
}

/// A win that may be logged.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The amount, if known.
    pub amount: Option<Money>,
    /// The customer.
    pub customer: Option<Line>,
    /// The type: new, renewal, upsell.
    pub kind: Option<Line>,
    /// A note.
    pub note: Option<Line>,
    /// The day it counts for.
    pub day: NaiveDate,
    /// The shares, the logger's first.
    pub shares: Vec<Share>,
}

/// Splits the credit: the others get what was given, the logger keeps the rest; without any shares given, it
/// is split equally.
///
/// # Errors
/// For a share with oneself, a duplicate person, a share below 1, a total of 100 or more, and when only some
/// are given.
pub fn share(own: PersonId, others: &[(PersonId, Option<i64>)]) -> Result<Vec<Share>, UserError> {
    for (index, (person, _)) in others.iter().enumerate() {
        if *person == own {
            return Err(words::share_with_oneself().into());
        }
        if others[..index].iter().any(|(earlier, _)| earlier == person) {
            return Err(words::share_twice().into());
        }
    }
    let said: Option<Vec<i64>> = others.iter().map(|(_, percent)| *percent).collect();
    let percents = match said {
        Some(said) => said,
        None if others.iter().all(|(_, percent)| percent.is_none()) => {
            let each = 100 / (i64::try_from(others.len()).unwrap_or(99) + 1);
            vec![each; others.len()]
        }
        None => return Err(words::share_some().into()),
    };
    let given: i64 = percents.iter().fold(0, |sum, percent| sum.saturating_add(*percent));
    if percents.iter().any(|percent| *percent < 1) {
        return Err(words::share_of_nothing().into());
    }
    if given > 100 {
        return Err(words::share_too_much(given.to_string()).into());
    }
    if given == 100 {
        return Err(words::share_of_all().into());
    }
    let part = |percent: i64| u8::try_from(percent).unwrap_or(0);
    let mut shares = vec![Share { person: own, percent: part(100 - given) }];
    shares.extend(
        others
            .iter()
            .zip(&percents)
            .map(|((person, _), percent)| Share { person: *person, percent: part(*percent) }),
    );
    Ok(shares)
}

/// Whether somebody may undo the win now.
pub fn may_undo(
    undone_by: Option<&Name>,
    by: PersonId,
    logged_at: DateTime<Utc>,
    as_manager: bool,
    now: DateTime<Utc>,
) -> Result<(), UserError> {
    if let Some(name) = undone_by {
        let told = if name.is_of(by) { words::undone_before_by_you() } else { words::undone_before(name) };
        return Err(told.into());
    }
    if !as_manager && now - logged_at > UNDO_WITHIN {
        return Err(words::too_late(UNDO_WITHIN.num_minutes()).into());
    }
    Ok(())
}

/// Guesses a win from a chat message: the amount as written, and the customer. An ambiguous amount is
/// returned too: the person who submits the form decides.
pub fn guess(message: &str, currency: Currency) -> (Option<String>, Option<String>) {
    let typed: Vec<&str> = message.split_whitespace().collect();
    let is_amount = |text: &String| {
        let looks_like_one = text.chars().filter(char::is_ascii_digit).count() >= 3
            || text.starts_with(|c: char| !c.is_alphanumeric())
            || text.ends_with(['k', 'K', 'm', 'M']);
        looks_like_one && !Money::readings(text, currency).is_empty()
    };
    let amount = (0..typed.len()).map(|index| number_at(&typed[index..])).find(is_amount);
    let names =
        |word: &&&str| word.starts_with(|c: char| c.is_uppercase()) || matches!(**word, "&" | "of" | "and");
    let customer = typed
        .iter()
        .enumerate()
        .filter(|(_, word)| {
            matches!(word.to_lowercase().as_str(), "with" | "from" | "at" | "for" | "to" | "customer")
        })
        .map(|(index, _)| {
            typed[index + 1..].iter().take_while(names).take(5).copied().collect::<Vec<_>>().join(" ")
        })
        .map(|name| bare(&name).trim_end_matches(" and").trim_end_matches(" of").to_owned())
        .find(|name| name.starts_with(|c: char| c.is_uppercase()));
    (amount, customer)
}

/// A word without surrounding punctuation.
fn bare(word: &str) -> String {
    word.trim_end_matches(['.', ',', '!', '?', ';', ':', ')']).trim_start_matches('(').to_owned()
}

/// The longest number at the start of these words: "12.5 k", "12.5 million", "1 500 000".
fn number_at(words: &[&str]) -> String {
    let mut text = bare(words[0]);
    let leading = |word: &str| word.chars().take_while(char::is_ascii_digit).count();
    for pair in words.windows(2) {
        let digits_before = pair[0].chars().rev().take_while(char::is_ascii_digit).count();
        let next = bare(pair[1]);
        if (1..=3).contains(&digits_before) && leading(&next) == 3 {
            text = format!("{text} {next}");
            continue;
        }
        if pair[0].ends_with(|c: char| c.is_ascii_digit()) {
            match next.to_lowercase().as_str() {
                "k" | "thousand" | "grand" => text.push('k'),
                "m" | "million" => text.push('m'),
                _ => {}
            }
        }
        break;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANA: PersonId = PersonId(1);
    const BEN: PersonId = PersonId(2);
    const CLEO: PersonId = PersonId(3);

    #[test]
    fn the_rest_of_the_credit_stays_with_the_one_who_logs() {
        let shares = share(ANA, &[(BEN, Some(30)), (CLEO, Some(20))]).unwrap();
        assert_eq!(shares.iter().map(|share| share.percent).collect::<Vec<_>>(), [50, 30, 20]);
        let equal = share(ANA, &[(BEN, None), (CLEO, None)]).unwrap();
        assert_eq!(equal.iter().map(|share| share.percent).collect::<Vec<_>>(), [34, 33, 33]);
    }

    #[test]
    fn every_impossible_share_says_why() {
        let cases: [&[(PersonId, Option<i64>)]; 7] = [
            &[(BEN, Some(101))],
            &[(BEN, Some(100))],
            &[(BEN, Some(0))],
            &[(ANA, Some(20))],
            &[(BEN, Some(20)), (BEN, Some(20))],
            &[(BEN, Some(20)), (CLEO, None)],
            &[(BEN, Some(i64::MAX)), (CLEO, Some(i64::MAX))],
        ];
        let told: Vec<String> =
            cases.iter().map(|others| share(ANA, others).unwrap_err().to_string()).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_message_is_read_for_amount_and_customer() {
        let dollar = Currency::from_code("USD").unwrap();
        for (text, amount, customer) in [
            ("Just closed $12.5k with Acme Corp!", Some("$12.5k"), Some("Acme Corp")),
            ("signed Globex for 4,200 today", Some("4,200"), None),
            ("5 calls and a renewal from Bank of Norway.", None, Some("Bank of Norway")),
            ("closed 1.500 with Acme, 300 seats", Some("1.500"), Some("Acme")),
            ("closed 1 500 $ with Acme", Some("1 500"), Some("Acme")),
            ("closed $1\u{a0}500\u{a0}000!", Some("$1 500 000"), None),
            ("closed 1.500,00 with Acme", Some("1.500,00"), Some("Acme")),
            ("closed 12.5 k with Acme", Some("12.5k"), Some("Acme")),
            ("closed 1.25 million, 300 seats", Some("1.25m"), None),
            ("closed 12, 300 seats", Some("300"), None),
            ("in Q2 500 with Acme", Some("500"), Some("Acme")),
            ("hello there", None, None),
            ("", None, None),
        ] {
            let (got_amount, got_customer) = guess(text, dollar);
            assert_eq!((got_amount.as_deref(), got_customer.as_deref()), (amount, customer), "{text}");
        }
    }

    proptest! {
        #[test]
        fn accepted_shares_add_up_to_a_hundred(a in -5_i64..130, b in -5_i64..130) {
            if let Ok(shares) = share(ANA, &[(BEN, Some(a)), (CLEO, Some(b))]) {
                prop_assert_eq!(shares.iter().map(|share| i64::from(share.percent)).sum::<i64>(), 100);
            }
        }

        #[test]
        fn no_message_makes_guessing_panic(text in "\\PC{0,200}") {
            let _ = guess(&text, Currency::from_code("EUR").unwrap());
        }
    }
}
