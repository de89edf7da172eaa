//! The clock and the agenda: what time it is, what is due, and going there.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize as _;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::super::agenda::Agenda;
use super::super::clock::{Clock, stamp};
use super::super::hub::Hub;
use super::super::refused::Refused;
use super::super::world::World;

/// The fastest that the clock goes: a day in a second.
const FASTEST: u64 = 86_400;
/// How long the bot has to say that it did what was due.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn route(world: &mut World, method: &str, path: &[&str], body: &Value) -> Result<Value, Refused> {
    match (method, path) {
        ("GET", ["clock"]) => Ok(clock(world)),
        ("PUT", ["clock"]) => set(world, body),
        ("GET", ["agenda"]) => Ok(json!(world.agenda)),
        ("PUT", ["agenda"]) => Agenda::deserialize(body)
            .map_err(|error| Refused::bad(format!("agenda: {error}")))
            .map(|agenda| {
                world.agenda = agenda;
                json!(world.agenda)
            }),
        _ => Err(Refused::not_built(&format!("{method} /sandbox/{}", path.join("/")))),
    }
}

pub(super) fn clock(world: &World) -> Value {
    let speed = world.clock.speed();
    json!({ "now": stamp(world.now()), "by_hand": speed.is_some(), "speed": speed.unwrap_or(1) })
}

fn instant(value: &Value, key: &str) -> Result<Option<DateTime<Utc>>, Refused> {
    Option::<DateTime<Utc>>::deserialize(value.get(key).unwrap_or(&Value::Null))
        .map_err(|error| Refused::bad(format!("{key}: {error}")))
}

/// `{now?, speed?}`; a `now` of null lets the clock follow the system again.
fn set(world: &mut World, body: &Value) -> Result<Value, Refused> {
    if body.get("now").is_some_and(Value::is_null) {
        world.clock = Clock::System;
        return Ok(clock(world));
    }
    let now = instant(body, "now")?.unwrap_or_else(|| world.now());
    let speed = match body.get("speed") {
        None => world.clock.speed().unwrap_or(0),
        Some(speed) => speed
            .as_u64()
            .filter(|speed| *speed <= FASTEST)
            .and_then(|speed| u32::try_from(speed).ok())
            .ok_or_else(|| Refused::bad(format!("speed: a whole number up to {FASTEST} is needed")))?,
    };
    world.clock = Clock::set(now, speed);
    Ok(clock(world))
}

/// Takes the clock forward, `{to}` an instant or by so many `{seconds}`, and stops at whatever is due on the way until
/// the bot says that it isn't any more. Answers the clock.
pub(super) async fn forward(hub: &Hub, body: &Value) -> Result<Value, Refused> {
    let now = hub.world().now();
    let by = body.get("seconds").and_then(Value::as_i64).and_then(TimeDelta::try_seconds);
    let target = instant(body, "to")?.or_else(|| now.checked_add_signed(by?));
    let target = target.ok_or_else(|| Refused::bad("to: a time, or seconds: a number is needed"))?;
    if target < now {
        return Err(Refused::bad("forward is not back: set the clock instead"));
    }
    loop {
        let Some(due) = stop_at_next(&mut hub.world(), target) else { break };
        if timeout(PATIENCE, done(hub, due)).await.is_err() {
            break;
        }
    }
    let mut world = hub.world();
    turn(&mut world, target);
    Ok(clock(&world))
}

/// Waits until the bot says that nothing is due at `due` any more.
async fn done(hub: &Hub, due: DateTime<Utc>) {
    let mut seq = hub.world().journal.watch();
    while hub.world().agenda.next(due).is_some() {
        if seq.changed().await.is_err() {
            return;
        }
    }
}

/// Sets the clock to the next thing due, if there is any before `target`.
fn stop_at_next(world: &mut World, target: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let due = world.agenda.next(target)?.max(world.now());
    turn(world, due);
    Some(due)
}

fn turn(world: &mut World, now: DateTime<Utc>) {
    world.clock = Clock::set(now, world.clock.speed().unwrap_or(0));
    world.journal.change();
}
