//! Who acts, and the permits that writes ask for. A permit can only be had from an [`Actor`]: no permit, no call.

use super::error::UserError;
use super::ids::{GuildId, PersonId, UserId};

/// A person of a guild, acting now. Made by `chat/` from an interaction, and by nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Where they act; nothing outside this guild can be read or written on their behalf.
    pub guild: GuildId,
    /// Who they are to Bellringer.
    pub person: PersonId,
    /// Who they are to Discord.
    pub user: UserId,
    /// Whether they have *Manage Server* or the guild's manager role.
    pub is_manager: bool,
}

/// Keeps a permit from being made outside this file.
#[derive(Debug, Clone, Copy)]
struct Sealed;

/// May do what any member of the team may do, as themselves.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The guild.
    pub guild: GuildId,
    /// Themselves.
    pub person: PersonId,
    #[expect(dead_code, reason = "only its privacy matters")]
    sealed: Sealed,
}

/// May set how the guild works.
#[derive(Debug, Clone, Copy)]
pub struct Manager {
    /// The guild.
    pub guild: GuildId,
    /// Themselves.
    pub person: PersonId,
    #[expect(dead_code, reason = "only its privacy matters")]
    sealed: Sealed,
}

/// May act for one person: themselves, or anyone if they manage.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// The guild.
    pub guild: GuildId,
    /// Who acts.
    pub by: PersonId,
    /// For whom.
    pub person: PersonId,
    /// Whether the one who acts manages.
    pub as_manager: bool,
    #[expect(dead_code, reason = "only its privacy matters")]
    sealed: Sealed,
}

impl Actor {
    /// The permit to act as oneself.
    pub fn member(&self) -> Member {
        Member { guild: self.guild, person: self.person, sealed: Sealed }
    }

    /// The permit to manage.
    ///
    /// # Errors
    /// When they don't, naming what would let them.
    pub fn manage(&self) -> Result<Manager, UserError> {
        if self.is_manager {
            Ok(Manager { guild: self.guild, person: self.person, sealed: Sealed })
        } else {
            Err(UserError::new(
                "That one is for managers: people with *Manage Server* or the manager role. Ask one of them to run it.",
            ))
        }
    }

    /// The permit to act for a person.
    ///
    /// # Errors
    /// When it is someone else and they don't manage.
    pub fn over(&self, person: PersonId) -> Result<Over, UserError> {
        if person == self.person || self.is_manager {
            Ok(Over {
                guild: self.guild,
                by: self.person,
                person,
                as_manager: self.is_manager,
                sealed: Sealed,
            })
        } else {
            Err(UserError::new("You can do that for yourself. For somebody else, ask a manager."))
        }
    }
}
