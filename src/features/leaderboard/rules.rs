//! Who stands where. Nobody is ever shown as last: who has nothing in the period is not ranked.

use crate::kernel::ids::PersonId;
use crate::ledger::totals::Totals;

/// A place on the board. Equal quantities share a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub place: usize,
    /// Whose.
    pub person: PersonId,
    /// Minor units of money, or hundredths of a count.
    pub quantity: i64,
}

/// Everyone with more than nothing, the most first.
pub fn rank(totals: &Totals) -> Vec<Place> {
    let mut sorted: Vec<(PersonId, i64)> =
        totals.iter().map(|(p, q)| (*p, *q)).filter(|(_, q)| *q > 0).collect();
    sorted.sort_by_key(|(person, quantity)| (std::cmp::Reverse(*quantity), *person));
    let mut places: Vec<Place> = Vec::with_capacity(sorted.len());
    for (index, (person, quantity)) in sorted.into_iter().enumerate() {
        let place = match places.last() {
            Some(above) if above.quantity == quantity => above.place,
            _ => index + 1,
        };
        places.push(Place { place, person, quantity });
    }
    places
}

/// Who did most better than in the period before, and by how much. Whoever had nothing then is new, not improved.
pub fn most_improved(now: &Totals, before: &Totals) -> Option<(PersonId, i64)> {
    now.iter()
        .filter_map(|(person, quantity)| {
            let earlier = before.get(person).copied().filter(|it| *it > 0)?;
            Some((*person, quantity - earlier)).filter(|(_, gain)| *gain > 0)
        })
        .max_by_key(|(person, gain)| (*gain, std::cmp::Reverse(*person)))
}

/// One's own place with two neighbours on either side.
pub fn around(places: &[Place], person: PersonId) -> &[Place] {
    match places.iter().position(|place| place.person == person) {
        Some(own) => &places[own.saturating_sub(2)..places.len().min(own + 3)],
        None => &[],
    }
}

/// What is missing to the next better place, and whose it is.
pub fn gap(places: &[Place], person: PersonId) -> Option<(PersonId, i64)> {
    let own = places.iter().find(|place| place.person == person)?;
    let next = places.iter().rev().find(|place| place.quantity > own.quantity)?;
    Some((next.person, next.quantity - own.quantity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn totals(quantities: &[(i64, i64)]) -> Totals {
        quantities.iter().map(|(person, quantity)| (PersonId(*person), *quantity)).collect()
    }

    #[test]
    fn ties_share_a_place_and_nothing_is_not_ranked() {
        let places = rank(&totals(&[(1, 50), (2, 80), (3, 50), (4, 0), (5, -3), (6, 10)]));
        assert_eq!(
            places.iter().map(|it| (it.person.0, it.place)).collect::<Vec<_>>(),
            [(2, 1), (1, 2), (3, 2), (6, 4)]
        );
        assert_eq!(gap(&places, PersonId(3)), Some((PersonId(2), 30)));
        assert_eq!(gap(&places, PersonId(2)), None);
    }

    #[test]
    fn improvement_is_on_oneself() {
        let (now, before) = (totals(&[(1, 50), (2, 80), (3, 900)]), totals(&[(1, 10), (2, 70)]));
        assert_eq!(most_improved(&now, &before), Some((PersonId(1), 40)));
        assert_eq!(most_improved(&before, &now), None);
    }

    proptest! {
        #[test]
        fn a_person_sees_at_most_two_on_either_side(quantities in proptest::collection::vec(-5_i64..20, 0..30), own in 0_i64..30) {
            let totals = quantities.iter().enumerate().map(|(i, q)| (PersonId(i64::try_from(i).unwrap()), *q)).collect();
            let places = rank(&totals);
            let shown = around(&places, PersonId(own));
            prop_assert!(shown.len() <= 5);
            prop_assert!(shown.is_empty() || shown.iter().any(|it| it.person == PersonId(own)));
            prop_assert!(places.windows(2).all(|pair| pair[0].quantity >= pair[1].quantity && pair[0].place <= pair[1].place));
        }
    }
}
