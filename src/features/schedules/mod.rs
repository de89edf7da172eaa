//! `/schedule`: when and where scheduled posts are sent, and what happened to them. The mechanism is in its
//! own module ([`crate::schedules`]).

pub mod commands;
mod view;

use crate::chat::permit::Manager;
use crate::feature::{Feature, Help};
use crate::features::FEATURES;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::GuildId;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Voice};
use crate::schedules::{self, Composed, Kind, Occurrence, Schedule, of_guild, period};
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::schedules as words;

/// The schedules feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::schedule()],
    help: Help { everyone: None, managers: Some(words::help_managers) },
    composers: &[Composer {
        kind: Occurrence::KIND,
        compose: |db, _, voice, about| {
            Box::pin(async move {
                let occurrence: Occurrence = about.of()?;
                let told = occurrence.tell(db, voice, &FEATURES).await?;
                let post = told.unwrap_or_else(|| view::nothing_left(voice));
                Ok(match occurrence.late() {
                    Some(due) => view::late_by(post, due, voice),
                    None => post,
                }
                .into())
            })
        },
    }],
    ..Feature::NONE
};

fn not_yet() -> Error {
    Error::user(words::not_yet())
}

/// A guild's schedule of a kind.
///
/// # Errors
/// When it doesn't exist yet.
async fn of_kind(state: &State, guild: GuildId, kind: Kind) -> Result<Schedule> {
    let found = of_guild(state.db.read(), guild).await?.into_iter().find(|it| it.kind == kind.name);
    found.ok_or_else(not_yet)
}

/// Changes a schedule and computes when it is due next.
///
/// # Errors
/// When it doesn't exist yet, or when the edit fails.
async fn change(
    tx: &mut Tx,
    state: &State,
    by: Manager,
    kind: Kind,
    edit: impl FnOnce(&mut Schedule) -> Result<()>,
) -> Result<Schedule> {
    let guild = people::guild(&mut **tx, by.guild).await?;
    let found = of_guild(&mut **tx, by.guild).await?.into_iter().find(|it| it.kind == kind.name);
    let mut schedule = found.ok_or_else(not_yet)?;
    let (cron, was_paused) = (schedule.cron.fields().to_owned(), schedule.is_paused);
    edit(&mut schedule)?;
    // If neither changed, a due occurrence that wasn't decided yet stays due.
    if schedule.cron.fields() != cron || schedule.is_paused != was_paused {
        schedules::reckon(tx, state, &guild, &mut schedule).await?;
    }
    schedules::save(tx, state, &schedule).await?;
    Ok(schedule)
}

/// What a schedule would post now.
async fn preview(state: &State, _: Manager, voice: Voice<'_>, kind: Kind) -> Result<Option<Composed>> {
    let mut db = state.db.reader().await?;
    let local = voice.local(&state.clock);
    (kind.compose)(&mut db, voice, period(voice.guild, local, None)).await
}
