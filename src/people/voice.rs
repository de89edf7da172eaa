//! The language and point of view of a text about a guild.

use std::ops::Deref;

use chrono::{Datelike, NaiveDate};

use super::Guild;
use crate::kernel::calendar::{Period, Span, full_day, near_day};
use crate::kernel::clock::Clock;
use crate::kernel::ids::PersonId;
use crate::kernel::money;
use crate::kernel::quantity::Quantity;
use crate::words::{Language, Message, Value, calendar as words};

/// A guild, and the language of what is said about it: the guild's own where everyone reads it, a person's
/// where only they do.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// The language.
    pub language: Language,
    /// The guild.
    pub guild: &'a Guild,
    /// The guild's current day.
    pub today: NaiveDate,
    /// The only reader, if the text is for one person: what is theirs is then "yours".
    pub to: Option<PersonId>,
}

impl<'a> Voice<'a> {
    /// The guild's own voice.
    pub fn of(guild: &'a Guild, clock: &Clock) -> Self {
        Self { language: guild.language, guild, today: guild.today(clock), to: None }
    }

    /// Whether this person is the only reader.
    pub fn is_to(&self, person: PersonId) -> bool {
        self.to == Some(person)
    }

    /// Renders a message.
    pub fn say(&self, it: impl Into<Value>) -> String {
        self.language.say(it)
    }

    /// A day, with its year if that isn't the current one.
    pub fn day(&self, day: NaiveDate) -> Message {
        if day.year() == self.today.year() { near_day(day) } else { full_day(day) }
    }

    /// A period within a sentence; a custom one by its first and last day, formatted like [`Voice::day`].
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
