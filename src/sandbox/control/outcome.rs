//! Waiting for the bot's answer to an action, and reporting it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::super::hub::Hub;
use super::super::interactions::{FIRST_RESPONSE, Stage};
use super::super::refused::{self, Refused};
use super::super::world::{Id, World};

/// How long to wait for a deferred reply.
const FILLED: Duration = Duration::from_secs(30);
/// How long to wait for an edit after a press was only acknowledged; there may be none.
const UPDATED: Duration = Duration::from_millis(500);

/// Waits until the interaction is answered, or no longer can be.
pub(super) async fn wait(hub: &Hub, id: Id) -> Result<Value, Refused> {
    let mut stage = {
        let world = hub.world();
        world.interactions.get(&id).ok_or(refused::UNKNOWN_INTERACTION)?.stage.subscribe()
    };
    // Timing out is an outcome too, reported by the current stage.
    drop(timeout(FIRST_RESPONSE, stage.wait_for(|stage| *stage != Stage::Waiting)).await);
    let reached = *stage.borrow();
    if let Some(longer) = match reached {
        Stage::Deferred => Some(FILLED),
        Stage::DeferredUpdate => Some(UPDATED),
        _ => None,
    } {
        drop(timeout(longer, stage.wait_for(|stage| *stage != reached)).await);
    }
    of(&hub.world(), id)
}

/// The interaction's outcome so far.
pub(super) fn of(world: &World, id: Id) -> Result<Value, Refused> {
    let found = world.interactions.get(&id).ok_or(refused::UNKNOWN_INTERACTION)?;
    let state = match found.stage() {
        Stage::Waiting | Stage::Missed => "silent",
        Stage::Deferred | Stage::DeferredUpdate => "deferred",
        Stage::Replied => "replied",
        Stage::Updated => "updated",
        Stage::Modal => "modal",
        Stage::Choices => "choices",
    };
    let message = found.original.and_then(|it| world.message(found.channel, it).ok());
    Ok(json!({
        "interaction": id.to_string(), "state": state, "message": message.map(|it| &it.value),
        "ephemeral": message.is_some_and(|it| it.audience.is_some()), "modal": found.modal, "choices": found.choices,
    }))
}
