//! In which language something is told about a guild.

use std::ops::Deref;

use super::Guild;
use crate::kernel::money;
use crate::kernel::quantity::Quantity;
use crate::words::{Language, Message, Value};

/// A guild, and the language in which it is told about: its own where everyone reads, and a person's where they alone do.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// The language.
    pub language: Language,
    /// The guild.
    pub guild: &'a Guild,
}

impl<'a> Voice<'a> {
    /// The guild's own.
    pub fn of(guild: &'a Guild) -> Self {
        Self { language: guild.language, guild }
    }

    /// Says something.
    pub fn say(&self, it: impl Into<Value>) -> String {
        self.language.say(it)
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
