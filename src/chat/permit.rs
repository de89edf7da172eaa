//! Who acts, and the permits that writes ask for: no permit, no call. A permit is had from an [`Actor`], an actor from a door,
//! and neither can be made or changed elsewhere.

use std::ops::Deref;

use sqlx::any::AnyExecutor;

use crate::kernel::error::{Error, Result, UserError};
use crate::kernel::ids::{GuildId, PersonId, UserId};
use crate::people;
use crate::words::chat as words;

/// What can be read, and neither made nor changed outside this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed<T>(T);

impl<T> Deref for Sealed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A person of a guild, acting now.
///
/// ```compile_fail
/// use bellringer::chat::permit::{Acting, Actor};
/// # let acting: Acting = todo!();
/// let made: Actor = Actor::at_the_door(acting);
/// ```
///
/// ```compile_fail
/// # fn of(mut actor: bellringer::chat::permit::Actor) {
/// actor.is_manager = true;
/// # }
/// ```
pub type Actor = Sealed<Acting>;
/// May do what any member of the team may do, as themselves.
pub type Member = Sealed<Themselves>;
/// May set how the guild works.
pub type Manager = Sealed<Managing>;
/// May act for one person of the guild: themselves, or anyone if they manage.
pub type Over = Sealed<ActingFor>;

/// Who acts, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acting {
    /// Where they act; nothing outside this guild can be read or written on their behalf.
    pub guild: GuildId,
    /// Who they are to Bellringer.
    pub person: PersonId,
    /// Who they are to Discord.
    pub user: UserId,
    /// Whether they have *Manage Server* or the guild's manager role.
    pub is_manager: bool,
}

/// Somebody of a guild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Themselves {
    /// The guild.
    pub guild: GuildId,
    /// Themselves.
    pub person: PersonId,
}

/// Somebody who manages a guild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Managing {
    /// The guild.
    pub guild: GuildId,
    /// Themselves.
    pub person: PersonId,
}

/// Somebody, and whom they act for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActingFor {
    /// The guild, of which both are.
    pub guild: GuildId,
    /// Who acts.
    pub by: PersonId,
    /// For whom.
    pub person: PersonId,
    /// Whether the one who acts manages.
    pub as_manager: bool,
}

impl Actor {
    /// Whoever came through a door, as it knows them.
    pub(super) fn at_the_door(acting: Acting) -> Self {
        Sealed(acting)
    }

    /// The permit to act as oneself.
    pub fn member(&self) -> Member {
        Sealed(Themselves { guild: self.guild, person: self.person })
    }

    /// The permit to manage.
    ///
    /// # Errors
    /// When they don't.
    pub fn manage(&self) -> Result<Manager, UserError> {
        if self.is_manager {
            Ok(Sealed(Managing { guild: self.guild, person: self.person }))
        } else {
            Err(words::only_managers().into())
        }
    }

    /// The permit to act for oneself where others may act for one, too.
    pub fn own(&self) -> Over {
        Sealed(ActingFor {
            guild: self.guild,
            by: self.person,
            person: self.person,
            as_manager: self.is_manager,
        })
    }

    /// The permit to act for a person, who is of this guild.
    ///
    /// # Errors
    /// When it is someone else and they don't manage, and when nobody here is that person.
    pub async fn over(&self, on: impl AnyExecutor<'_>, person: PersonId) -> Result<Over> {
        if person == self.person {
            return Ok(self.own());
        }
        if !self.is_manager {
            return Err(Error::user(words::only_for_oneself()));
        }
        let person = people::person(on, self.guild, person).await?.id;
        Ok(Sealed(ActingFor { person, ..*self.own() }))
    }
}
