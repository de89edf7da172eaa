//! Who acts, and the permits that writes require: without a permit, they can't be called. Permits come from
//! an [`Actor`], and an actor from an entry point; neither can be created or changed elsewhere.

use std::ops::Deref;

use sqlx::any::AnyExecutor;

use crate::kernel::error::{Error, Result, UserError};
use crate::kernel::ids::{GuildId, PersonId, UserId};
use crate::people;
use crate::words::chat as words;

/// A value that can be read, but not created or changed outside this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed<T>(T);

impl<T> Deref for Sealed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A person in a guild who is acting now.
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
/// May change the guild's settings.
pub type Manager = Sealed<Managing>;
/// May act for one person of the guild: themselves, or anyone if they manage.
pub type Over = Sealed<ActingFor>;

/// Who acts, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acting {
    /// The guild they act in; nothing outside it can be read or written on their behalf.
    pub guild: GuildId,
    /// Their person in Bellringer.
    pub person: PersonId,
    /// Their Discord user.
    pub user: UserId,
    /// Whether they have *Manage Server* or the guild's manager role.
    pub is_manager: bool,
}

/// A member of a guild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Themselves {
    /// The guild.
    pub guild: GuildId,
    /// Themselves.
    pub person: PersonId,
}

/// A manager of a guild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Managing {
    /// The guild.
    pub guild: GuildId,
    /// Themselves.
    pub person: PersonId,
}

/// Somebody acting for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActingFor {
    /// The guild of both.
    pub guild: GuildId,
    /// Who acts.
    pub by: PersonId,
    /// The person they act for.
    pub person: PersonId,
    /// Whether the one who acts is a manager.
    pub as_manager: bool,
}

impl Actor {
    /// The actor that an entry point has identified.
    pub(super) fn at_the_door(acting: Acting) -> Self {
        Sealed(acting)
    }

    /// The permit to act for oneself.
    pub fn member(&self) -> Member {
        Sealed(Themselves { guild: self.guild, person: self.person })
    }

    /// The permit to manage.
    ///
    /// # Errors
    /// When they aren't a manager.
    pub fn manage(&self) -> Result<Manager, UserError> {
        if self.is_manager {
            Ok(Sealed(Managing { guild: self.guild, person: self.person }))
        } else {
            Err(words::only_managers().into())
        }
    }

    /// The permit to act for oneself, for actions that managers may also do for others.
    pub fn own(&self) -> Over {
        Sealed(ActingFor {
            guild: self.guild,
            by: self.person,
            person: self.person,
            as_manager: self.is_manager,
        })
    }

    /// The permit to act for a person in this guild.
    ///
    /// # Errors
    /// When it is someone else and they aren't a manager, or when the guild has no such person.
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
