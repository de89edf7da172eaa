//! In which language something is told about a guild.

use std::ops::Deref;

use chrono::{Datelike, NaiveDate};

use super::Guild;
use crate::kernel::calendar::{Period, Span, full_day, near_day};
use crate::kernel::clock::Clock;
use crate::kernel::ids::PersonId;
use crate::kernel::money;
use crate::kernel::quantity::Quantity;
use crate::words::{Language, Message, Value, calendar as words};

/// A guild, and the language in which it is told about: its own where everyone reads, and a person's where they alone do.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// The language.
    pub language: Language,
    /// The guild.
    pub guild: &'a Guild,
    /// The day it is there.
    pub today: NaiveDate,
    /// Who alone is told, if one person is: to them, what is theirs is "yours".
    pub to: Option<PersonId>,
}

impl<'a> Voice<'a> {
    /// The guild's own.
    pub fn of(guild: &'a Guild, clock: &Clock) -> Self {
        Self { language: guild.language, guild, today: guild.today(clock), to: None }
    }

    /// Whether it is this person who alone is told.
    pub fn is_to(&self, person: PersonId) -> bool {
        self.to == Some(person)
    }

    /// Says something.
    pub fn say(&self, it: impl Into<Value>) -> String {
        self.language.say(it)
    }

    /// A day: with its year, where that isn't this one.
    pub fn day(&self, day: NaiveDate) -> Message {
        if day.year() == self.today.year() { near_day(day) } else { full_day(day) }
    }

    /// A period within a sentence; one of any other days by its first and last, as [`Voice::day`] has them.
    pub fn called(&self, period: Period) -> Message {
        match period.span {
            Span::Custom => words::from_to(self.day(period.from), self.day(period.last())),
            _ => period.called(),
        }
    }

    /// An amount in the guild's currency.
    pub fn money(&self, quantity: Quantity) -> Message {
        money::worth(quantity, self.guild.currency)
    }
}

impl Deref for Voice<'_> {
    type Target = Guild;

    fn deref(&self) -> &Guild {
        self.guild
    }
}
