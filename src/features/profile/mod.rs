//! A profile: each feature's section about a person. Others only see what that person shares.

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

/// The profile feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::profile()],
    help: Help { everyone: Some(words::help), managers: None },
    ..Feature::NONE
};

/// Reads a profile.
///
/// # Errors
/// When it is somebody else's and not shared.
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
