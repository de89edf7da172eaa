//! A profile: what there is of one person, feature by feature. To others only what that person has agreed to.

pub mod commands;
mod view;

use crate::chat::permit::Actor;
use crate::feature::{Feature, Help, Part, Viewed, gather};
use crate::features::FEATURES;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::people::{self, Guild};
use crate::store::state::State;
use crate::words::profile as words;

/// What profiles add to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::profile()],
    help: Help { everyone: Some(words::help), managers: None },
    ..Feature::NONE
};

/// Reads a profile.
///
/// # Errors
/// When it is somebody else's who has not agreed to it.
async fn read(state: &State, actor: &Actor, guild: &Guild, whose: PersonId) -> Result<(Viewed, Vec<Part>)> {
    let mut db = state.db.reader().await?;
    let person = people::person(&mut *db, guild.id, whose).await?;
    let is_own = whose == actor.person;
    if !is_own && (!person.shares_profile || person.is_erased) {
        return Err(Error::user("That profile is private. They can share it with /me sharing."));
    }
    let viewed = Viewed { person, is_own, now: guild.local(&state.clock) };
    let parts =
        gather(FEATURES.iter().flat_map(|it| it.profile), &mut db, crate::people::Voice::of(guild), &viewed)
            .await?;
    Ok((viewed, parts))
}
