//! What a button's or form's `custom_id` holds: a route and a value. Both are written and read only here, so
//! that a handler receives exactly what a view put in.
//!
//! A `custom_id` comes from a client, which may send anything: what is read is only certain to be a value of
//! its type. Whether such a win exists, and whether the person who pressed may have it, is for the use case
//! to check.

use std::marker::PhantomData;

use chrono::{Datelike, NaiveDate};

use crate::kernel::calendar::{Span, day_number, day_of};
use crate::kernel::ids::{GoalId, KudosId, MetricId, MomentId, PersonId, WinId, dereference, reference};

/// A route, and the type of its value.
#[derive(Debug)]
pub struct Target<A> {
    /// "feature:action".
    pub name: &'static str,
    holds: PhantomData<fn() -> A>,
}

impl<A: Held> Target<A> {
    /// The route with this name, "feature:action".
    pub const fn new(name: &'static str) -> Self {
        Self { name, holds: PhantomData }
    }

    /// The `custom_id` with a value: the name and the value's parts, separated by colons.
    pub fn with(&self, held: &A) -> String {
        let mut parts = vec![self.name.to_owned()];
        held.write(&mut parts);
        parts.join(":")
    }

    /// The value in a `custom_id` of this route; none for any other.
    pub fn read(&self, id: &str) -> Option<A> {
        let mut parts = id.strip_prefix(self.name)?.split(':').skip(1);
        let held = A::read(&mut parts)?;
        (self.with(&held) == id).then_some(held)
    }
}

/// A value that fits in a `custom_id`: parts without colons.
pub trait Held: Sized {
    /// Appends its parts.
    fn write(&self, parts: &mut Vec<String>);
    /// Consumes its parts.
    fn read<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Self>;
}

impl Held for () {
    fn write(&self, _: &mut Vec<String>) {}

    fn read<'a>(_: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        Some(())
    }
}

macro_rules! held {
    ($($kind:ty: $write:expr, $read:expr;)*) => {$(
        impl Held for $kind {
            fn write(&self, parts: &mut Vec<String>) {
                let write: fn(&$kind) -> String = $write;
                parts.push(write(self));
            }

            fn read<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
                let read: fn(&str) -> Option<$kind> = $read;
                read(parts.next()?)
            }
        }
    )*};
}

held! {
    PersonId: |it| it.0.to_string(), |text| text.parse().ok().map(Self);
    MetricId: |it| it.0.to_string(), |text| text.parse().ok().map(Self);
    // As the reference people see.
    WinId: |it| reference(it.0), |text| dereference(text).map(Self);
    GoalId: |it| reference(it.0), |text| dereference(text).map(Self);
    KudosId: |it| reference(it.0), |text| dereference(text).map(Self);
    MomentId: |it| reference(it.0), |text| dereference(text).map(Self);
    Span: |it| it.name().to_owned(), Self::parse;
    // Only days that the calendar can handle.
    NaiveDate: NaiveDate::to_string, |text| text.parse().ok().filter(|day: &Self| (2000..2200).contains(&day.year()));
    Day: |it| day_number(it.0).to_string(), |text| {
        text.parse().ok().filter(|number| (0..=200_000).contains(number)).map(|number| Day(day_of(number)))
    };
    Page: |it| it.0.to_string(), |text| text.parse().ok().filter(|number| (0..=1_000_000).contains(number)).map(Page);
}

/// A day, as the ledger stores days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

/// A page number, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page(pub i64);

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        #[allow(non_snake_case, reason = "a part has the name of its type")]
        impl<$($name: Held),+> Held for ($($name,)+) {
            fn write(&self, parts: &mut Vec<String>) {
                let ($($name,)+) = self;
                $($name.write(parts);)+
            }

            fn read<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
                Some(($($name::read(parts)?,)+))
            }
        }
    )*};
}

tuples! {
    A B;
    A B C;
    A B C D;
    A B C D E;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERYTHING: Target<(PersonId, MetricId, Span, Day, Page)> = Target::new("some:thing");

    fn spans() -> impl Strategy<Value = Span> {
        prop::sample::select(vec![Span::Week, Span::Month, Span::Quarter, Span::Year, Span::Custom])
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_fits(
            (person, metric, id) in any::<(i64, i64, i64)>(), span in spans(), day in 0_i64..=200_000, page in 0_i64..=1_000_000,
        ) {
            let held = (PersonId(person), MetricId(metric), span, Day(day_of(day)), Page(page));
            let written = EVERYTHING.with(&held);
            prop_assert!(written.len() <= 100, "{written}");
            prop_assert_eq!(EVERYTHING.read(&written), Some(held));
            let (win, goal) = (Target::<WinId>::new("win:undo"), Target::<(GoalId, MomentId, KudosId)>::new("a:b"));
            prop_assert_eq!(win.read(&win.with(&WinId(id))), Some(WinId(id)));
            let held = (GoalId(id), MomentId(person), KudosId(metric));
            prop_assert_eq!(goal.read(&goal.with(&held)), Some(held));
        }

        #[test]
        fn whatever_a_client_sends_is_what_a_view_could_have_written_or_nothing(
            parts in prop::collection::vec("[ -~]{0,8}|-?[0-9]{1,20}|week|custom|[0-9]{4}-[0-9]{2}-[0-9]{2}|\\PC{0,4}", 0..8),
            name in "some:thing|some:thin|some:things|\\PC{0,12}",
        ) {
            let id = std::iter::once(name).chain(parts).collect::<Vec<_>>().join(":");
            if let Some(held) = EVERYTHING.read(&id) {
                prop_assert_eq!(EVERYTHING.with(&held), id.clone());
            }
            let ack = Target::<NaiveDate>::new("some:thing");
            if let Some(day) = ack.read(&id) {
                prop_assert_eq!(ack.with(&day), id);
            }
        }
    }

    #[test]
    fn a_value_of_another_shape_is_none() {
        for id in [
            "win:undo",
            "win:undo:",
            "win:undo:ab:cd",
            "win:undone:ab",
            "win:undo:AB",
            "win:undo:zzzzzzzzzzzzzzzz",
            "win:undo:é",
            "other:undo:ab",
            "",
            ":",
        ] {
            assert_eq!(Target::<WinId>::new("win:undo").read(id), None, "{id}");
        }
        for page in ["-1", "+1", "01", "1000001", "99999999999999999999", " 1", ""] {
            assert_eq!(Target::<Page>::new("a:b").read(&format!("a:b:{page}")), None, "{page}");
        }
    }
}
