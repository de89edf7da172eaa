//! Ranking. Nobody is ever shown as last: people with nothing in the period are not ranked.

use std::collections::HashMap;

use crate::kernel::chance::{GOLDEN, finalised};
use crate::kernel::ids::PersonId;
use crate::kernel::quantity::Quantity;
use crate::ledger::totals::Totals;

/// What everyone sees of a board.
///
/// The default shows three places, because full rankings cost: without private feedback on ranks, sales rose
/// by 11 % in a three-year trial (Barankay 2012), and prizes for more than one help while ranked ones gain
/// nothing (Lim, Ahearne & Ham 2009). The team bar is shown because team feedback helps (Gjedrem & Kvaløy
/// 2020).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Style {
    /// Three places, the teams, the most improved, the most helpful.
    #[default]
    Podium,
    /// Everyone who has something.
    Full,
    /// Ten places.
    #[strum(serialize = "top ten")]
    TopTen,
    /// Groups of similar performers, each with its own top three: people far ahead ease off, and people far
    /// behind give up (Casas-Arce & Martínez-Jerez 2009).
    Leagues,
    /// Teams only.
    Teams,
    /// Everyone who has something, under pseudonyms that only their owners know.
    Pseudonyms,
}

impl Style {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The last place shown on a board, or in each league.
    pub fn last_place(self) -> usize {
        match self {
            Self::Podium | Self::Leagues => 3,
            Self::TopTen => 10,
            Self::Full | Self::Pseudonyms => usize::MAX,
            Self::Teams => 0,
        }
    }
}

/// The most people in a league; the fewest are half as many.
pub const LEAGUE: usize = 8;

/// Groups of similar performers, by their quantities in previous periods, highest first, as even as possible.
pub fn leagues(people: &[PersonId], level: &Totals) -> Vec<Vec<PersonId>> {
    let mut sorted: Vec<PersonId> = people.to_vec();
    sorted.sort_by_key(|person| (std::cmp::Reverse(level.get(person).copied().unwrap_or_default()), *person));
    let count = sorted.len().div_ceil(LEAGUE);
    let mut groups = Vec::with_capacity(count);
    let mut rest = &sorted[..];
    for left in (1..=count).rev() {
        let (group, after) = rest.split_at(rest.len().div_ceil(left));
        groups.push(group.to_vec());
        rest = after;
    }
    groups
}

const BIRDS: [&str; 40] = [
    "Heron", "Wren", "Falcon", "Plover", "Kestrel", "Swift", "Osprey", "Robin", "Curlew", "Magpie", "Crane",
    "Finch", "Raven", "Lapwing", "Puffin", "Starling", "Owl", "Gannet", "Jay", "Linnet", "Martin",
    "Nightjar", "Oriole", "Petrel", "Quail", "Redstart", "Siskin", "Tern", "Avocet", "Bittern", "Chough",
    "Dunlin", "Egret", "Fulmar", "Goshawk", "Hoopoe", "Ibis", "Jackdaw", "Kite", "Lark",
];

/// A bird name for each person, all different, and always the same within a period of a guild.
pub fn pseudonyms(people: &[PersonId], seed: u64) -> HashMap<PersonId, String> {
    let mut sorted: Vec<PersonId> = people.to_vec();
    sorted.sort_by_key(|person| finalised(person.get() ^ seed.wrapping_mul(GOLDEN)));
    let name = |index: usize| match index / BIRDS.len() {
        0 => BIRDS[index].to_owned(),
        round => format!("{} {}", BIRDS[index % BIRDS.len()], round + 1),
    };
    sorted.into_iter().enumerate().map(|(index, person)| (person, name(index))).collect()
}

/// The last weeks as a sparkline, latest last, scaled to the highest.
pub fn spark(quantities: &[Quantity]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = quantities.iter().copied().max().unwrap_or_default().0.max(1);
    let block = |quantity: &Quantity| {
        let level = i128::from(quantity.0.max(0)) * 7 / i128::from(most);
        BLOCKS[usize::try_from(level).unwrap_or_default().min(7)]
    };
    quantities.iter().map(block).collect()
}

/// A place on the board. Equal quantities share a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub place: usize,
    /// The person.
    pub person: PersonId,
    /// Their quantity.
    pub quantity: Quantity,
}

/// A place as everyone sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible {
    /// The place, within the league if there are any.
    pub place: Place,
    /// The pseudonym, if any.
    pub alias: Option<String>,
    /// The league, from 1.
    pub league: Option<usize>,
}

/// The places that everyone sees in a style. `before` determines leagues, `seed` pseudonyms.
pub fn seen(style: Style, places: &[Place], before: &Totals, seed: u64) -> Vec<Visible> {
    let plain = |place: &Place| Visible { place: *place, alias: None, league: None };
    let last = style.last_place();
    match style {
        Style::Podium | Style::Full | Style::TopTen | Style::Teams => {
            places.iter().filter(|it| it.place <= last).map(plain).collect()
        }
        Style::Pseudonyms => {
            let people: Vec<PersonId> = places.iter().map(|it| it.person).collect();
            let mut names = pseudonyms(&people, seed);
            places.iter().map(|it| Visible { alias: names.remove(&it.person), ..plain(it) }).collect()
        }
        Style::Leagues => {
            let people: Vec<PersonId> = places.iter().map(|it| it.person).collect();
            let of = |group: &[PersonId]| -> Totals {
                let theirs = places.iter().filter(|it| group.contains(&it.person));
                theirs.map(|it| (it.person, it.quantity)).collect()
            };
            let groups = leagues(&people, before);
            let each = groups.iter().enumerate().flat_map(|(index, group)| {
                let places = rank(&of(group));
                places.into_iter().filter(|it| it.place <= last).map(move |place| (index + 1, place))
            });
            each.map(|(league, place)| Visible { league: Some(league), ..plain(&place) }).collect()
        }
    }
}

/// Who has the most (all of them if tied), and how much.
pub fn most(totals: &Totals) -> Option<(Vec<PersonId>, Quantity)> {
    let most = totals.values().copied().max().filter(|quantity| quantity.is_positive())?;
    let mut people: Vec<PersonId> =
        totals.iter().filter(|(_, quantity)| **quantity == most).map(|(person, _)| *person).collect();
    people.sort_unstable();
    Some((people, most))
}

/// Everyone with more than nothing, ranked.
pub fn rank(totals: &Totals) -> Vec<Place> {
    let mut sorted: Vec<(PersonId, Quantity)> =
        totals.iter().map(|(p, q)| (*p, *q)).filter(|(_, q)| q.is_positive()).collect();
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

/// Who improved most over the previous period (all of them if tied), and by how much. People who had nothing
/// then are new, not improved.
pub fn most_improved(now: &Totals, before: &Totals) -> Option<(Vec<PersonId>, Quantity)> {
    let gain = |(person, quantity): (&PersonId, &Quantity)| {
        let earlier = before.get(person).copied().filter(|it| it.is_positive())?;
        Some((*person, *quantity - earlier))
    };
    let gains: Totals = now.iter().filter_map(gain).collect();
    most(&gains)
}

/// One's own place with two neighbours on either side.
pub fn around(places: &[Place], person: PersonId) -> &[Place] {
    match places.iter().position(|place| place.person == person) {
        Some(own) => &places[own.saturating_sub(2)..places.len().min(own + 3)],
        None => &[],
    }
}

/// The gap to the next better place, and who holds it.
pub fn gap(places: &[Place], person: PersonId) -> Option<(PersonId, Quantity)> {
    let own = places.iter().find(|place| place.person == person)?;
    let next = places.iter().rev().find(|place| place.quantity > own.quantity)?;
    Some((next.person, next.quantity - own.quantity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use strum::VariantArray;

    fn totals(quantities: &[(i64, i64)]) -> Totals {
        quantities.iter().map(|(person, quantity)| (PersonId(*person), Quantity(*quantity))).collect()
    }

    #[test]
    fn ties_share_a_place_and_nothing_is_not_ranked() {
        let places = rank(&totals(&[(1, 50), (2, 80), (3, 50), (4, 0), (5, -3), (6, 10)]));
        assert_eq!(
            places.iter().map(|it| (it.person.0, it.place)).collect::<Vec<_>>(),
            [(2, 1), (1, 2), (3, 2), (6, 4)]
        );
        assert_eq!(gap(&places, PersonId(3)), Some((PersonId(2), Quantity(30))));
        assert_eq!(gap(&places, PersonId(2)), None);
    }

    #[test]
    fn improvement_is_on_oneself() {
        let (now, before) = (totals(&[(1, 50), (2, 80), (3, 900)]), totals(&[(1, 10), (2, 70)]));
        assert_eq!(most_improved(&now, &before), Some((vec![PersonId(1)], Quantity(40))));
        let equal = totals(&[(1, 20), (2, 80)]);
        assert_eq!(most_improved(&equal, &before), Some((vec![PersonId(1), PersonId(2)], Quantity(10))));
        assert_eq!(most_improved(&before, &now), None);
    }

    #[test]
    fn weeks_are_drawn_from_nothing_to_the_most() {
        assert_eq!(spark(&[0, 50, 100, -3].map(Quantity)), "▁▄█▁");
        assert_eq!(spark(&[]), "");
    }

    proptest! {
        #[test]
        fn leagues_are_even_hold_everyone_once_and_are_of_a_like_level(levels in proptest::collection::vec(0_i64..1000, 0..90)) {
            let level: Totals = (1..).zip(&levels).map(|(id, level)| (PersonId(id), Quantity(*level))).collect();
            let people: Vec<PersonId> = level.keys().copied().collect();
            let groups = leagues(&people, &level);
            prop_assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), people.len());
            let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
            prop_assert!(sizes.iter().all(|size| (1..=LEAGUE).contains(size)));
            if let (Some(most), Some(fewest)) = (sizes.iter().max(), sizes.iter().min()) {
                prop_assert!(most - fewest <= 1);
            }
            for pair in groups.windows(2) {
                let lowest = pair[0].iter().map(|it| level[it]).min();
                prop_assert!(lowest >= pair[1].iter().map(|it| level[it]).max());
            }
        }

        #[test]
        fn on_the_podium_nobody_below_three_is_named_and_no_style_names_who_has_nothing(
            quantities in proptest::collection::vec(-5_i64..40, 0..40), before in proptest::collection::vec(0_i64..40, 40), seed: u64,
        ) {
            let of = |all: &[i64]| -> Totals { (1..).zip(all).map(|(id, it)| (PersonId(id), Quantity(*it))).collect() };
            let (totals, before) = (of(&quantities), of(&before));
            let places = rank(&totals);
            for style in Style::VARIANTS.iter().copied() {
                let seen = seen(style, &places, &before, seed);
                prop_assert!(seen.iter().all(|it| it.place.quantity.is_positive() && it.place.place <= style.last_place()));
                prop_assert!(seen.iter().all(|it| totals[&it.place.person] == it.place.quantity));
                prop_assert_eq!(seen.iter().all(|it| it.alias.is_some()), style == Style::Pseudonyms || seen.is_empty());
                if matches!(style, Style::Full | Style::Pseudonyms) {
                    prop_assert_eq!(seen.len(), places.len());
                }
                if style == Style::Teams {
                    prop_assert!(seen.is_empty());
                }
            }
        }

        #[test]
        fn no_two_have_the_same_bird(count in 0_i64..100, seed: u64) {
            let people: Vec<PersonId> = (0..count).map(PersonId).collect();
            let names = pseudonyms(&people, seed);
            let distinct: std::collections::BTreeSet<&String> = names.values().collect();
            prop_assert_eq!(distinct.len(), people.len());
            prop_assert_eq!(&names, &pseudonyms(&people, seed));
        }

        #[test]
        fn a_person_sees_at_most_two_on_either_side(quantities in proptest::collection::vec(-5_i64..20, 0..30), own in 0_i64..30) {
            let totals = quantities.iter().enumerate().map(|(i, q)| (PersonId(i64::try_from(i).unwrap()), Quantity(*q))).collect();
            let places = rank(&totals);
            let shown = around(&places, PersonId(own));
            prop_assert!(shown.len() <= 5);
            prop_assert!(shown.is_empty() || shown.iter().any(|it| it.person == PersonId(own)));
            prop_assert!(places.windows(2).all(|pair| pair[0].quantity >= pair[1].quantity && pair[0].place <= pair[1].place));
        }
    }
}
