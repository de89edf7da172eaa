//! How loud a win is: by the guild's own limits if set, otherwise by its history.
//!
//! If every deal notifies, people stop looking, so in a busy guild only a few are loud. A guild with few wins
//! hears about every one.

use super::Loudness;
use crate::kernel::error::UserError;
use crate::kernel::quantity::Quantity;
use crate::words::noise as words;

/// With fewer wins than this to compare with, every win notifies.
const FEW: i64 = 20;
/// From this many wins in thirty days, about three per working day, the small ones are folded.
const BUSY: i64 = 60;

/// A guild's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Wins below this amount (minor units) are folded. Decided by history if not set.
    pub small: Option<Quantity>,
    /// Wins of at least this amount (minor units) notify. Decided by history if not set.
    pub large: Option<Quantity>,
    /// How many messages a channel gets a day before the rest is folded.
    pub most: i64,
}

/// A guild's latest wins, compared with an amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// How many wins are compared.
    pub count: i64,
    /// How many of them are smaller.
    pub smaller: i64,
    /// How many of them are larger.
    pub larger: i64,
    /// How many of them are from the last thirty days.
    pub lately: i64,
}

/// How loud a win of an amount (minor units) is. A win without an amount is medium once there are many wins.
/// By history, a win larger than three quarters of the latest ones notifies, and in a busy guild one smaller
/// than three quarters of them is folded. If all are equal, as with a single price, none is small.
/// quarters of them folds. Where all are alike, as where everything has one price, none is small.
pub fn loudness(amount: Option<Quantity>, history: &History, budget: &Budget) -> Loudness {
    let Some(amount) = amount else {
        return if history.count < FEW { Loudness::Large } else { Loudness::Medium };
    };
    let is_large = match budget.large {
        Some(large) => amount >= large,
        None => history.count < FEW || history.smaller * 4 >= history.count * 3,
    };
    let is_small = match budget.small {
        Some(small) => amount < small,
        None => history.count >= FEW && history.lately >= BUSY && history.larger * 4 >= history.count * 3,
    };
    match (is_small, is_large) {
        // The guild's own limits take precedence over its history.
        (true, true) if budget.small.is_none() => Loudness::Large,
        (true, _) => Loudness::Small,
        (false, true) => Loudness::Large,
        (false, false) => Loudness::Medium,
    }
}

/// Checks that a budget is consistent.
pub fn accept(budget: &Budget) -> Result<(), UserError> {
    if let (Some(small), Some(large)) = (budget.small, budget.large)
        && small > large
    {
        return Err(words::small_over_large().into());
    }
    if !(1..=1000).contains(&budget.most) {
        return Err(words::limit_out_of_range().into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPEN: Budget = Budget { small: None, large: None, most: 20 };

    #[test]
    fn where_wins_are_few_each_of_them_notifies() {
        let few = History { count: 19, smaller: 0, larger: 0, lately: 19 };
        assert_eq!(loudness(Some(Quantity(1)), &few, &OPEN), Loudness::Large);
        assert_eq!(loudness(None, &few, &OPEN), Loudness::Large);
    }

    #[test]
    fn where_they_are_many_the_upper_quarter_notifies_and_the_lower_folds() {
        let many = |smaller| History { count: 100, smaller, larger: 99 - smaller, lately: 60 };
        assert_eq!(loudness(Some(Quantity(9)), &many(75), &OPEN), Loudness::Large);
        assert_eq!(loudness(Some(Quantity(9)), &many(74), &OPEN), Loudness::Medium);
        assert_eq!(loudness(Some(Quantity(9)), &many(25), &OPEN), Loudness::Medium);
        assert_eq!(loudness(Some(Quantity(9)), &many(24), &OPEN), Loudness::Small);
        let slow = History { lately: 59, ..many(0) };
        assert_eq!(
            loudness(Some(Quantity(9)), &slow, &OPEN),
            Loudness::Medium,
            "nothing folds where there is room"
        );
        let alike = History { smaller: 0, larger: 0, ..many(0) };
        assert_eq!(
            loudness(Some(Quantity(9)), &alike, &OPEN),
            Loudness::Medium,
            "no price is the only one's lower"
        );
    }

    proptest! {
        #[test]
        fn what_a_guild_says_goes(amount in 1_i64..1000, small in 1_i64..1000, more in 0_i64..1000,
                                  count in 0_i64..200, smaller in 0_i64..200, lately in 0_i64..200) {
            let budget = Budget { small: Some(Quantity(small)), large: Some(Quantity(small + more)), most: 20 };
            let smaller = smaller.min(count);
            let history = History { count, smaller, larger: count - smaller, lately: lately.min(count) };
            let want = if amount < small { Loudness::Small } else if amount >= small + more { Loudness::Large } else { Loudness::Medium };
            prop_assert_eq!(loudness(Some(Quantity(amount)), &history, &budget), want);
            prop_assert!(accept(&budget).is_ok());
        }

        #[test]
        fn a_larger_win_is_never_quieter(wins in proptest::collection::vec(1_i64..9, 1..200),
                                         one in 1_i64..9, other in 1_i64..9, lately in 0_i64..=100) {
            let of = |amount: i64| {
                let count = |is: &dyn Fn(&i64) -> bool| i64::try_from(wins.iter().filter(|it| is(it)).count()).unwrap();
                let (smaller, larger) = (count(&|it| *it < amount), count(&|it| *it > amount));
                loudness(Some(Quantity(amount)), &History { count: count(&|_| true), smaller, larger, lately }, &OPEN)
            };
            prop_assert!(of(one.min(other)) <= of(one.max(other)));
        }
    }
}
