//! A profile: what there is of one person, feature by feature. To others only what that person has agreed to.

pub mod commands;
mod view;

use crate::chat::permit::Actor;
use crate::feature::{Feature, Help, Part, Viewed, gather};
use crate::features::FEATURES;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::people::{self, Voice};
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
async fn read(
    state: &State,
    actor: &Actor,
    voice: Voice<'_>,
    whose: PersonId,
) -> Result<(Viewed, Vec<Part>)> {
    let mut db = state.db.reader().await?;
    let person = people::person(&mut *db, voice.id, whose).await?;
    let is_own = whose == actor.person;
    if !is_own && (!person.shares_profile || person.is_erased) {
        return Err(Error::user(words::not_shared()));
    }
    let viewed = Viewed { person, is_own, now: voice.local(&state.clock) };
    let parts = gather(FEATURES.iter().flat_map(|it| it.profile), &mut db, voice, &viewed).await?;
    Ok((viewed, parts))
}
