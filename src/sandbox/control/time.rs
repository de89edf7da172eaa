//! The clock and the agenda: current time, what is due, and moving there.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize as _;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::super::agenda::Agenda;
use super::super::clock::{Clock, earliest, latest, stamp};
use super::super::hub::Hub;
use super::super::refused::Refused;
use super::super::world::World;

/// The clock's maximum speed: a day per second.
const FASTEST: u64 = 86_400;
/// How long the bot has to report that due work is done.
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
    let time = Option::<DateTime<Utc>>::deserialize(value.get(key).unwrap_or(&Value::Null))
        .map_err(|error| Refused::bad(format!("{key}: {error}")))?;
    time.map(bounded).transpose()
}

fn bounded(time: DateTime<Utc>) -> Result<DateTime<Utc>, Refused> {
    if (earliest()..=latest()).contains(&time) {
        Ok(time)
    } else {
        Err(Refused::bad(format!(
            "{time} is outside of what ids have room for, {} to {}",
            earliest(),
            latest()
        )))
    }
}

/// `{now?, speed?}`; a `now` of null lets the clock follow the system again.
fn set(world: &mut World, body: &Value) -> Result<Value, Refused> {
    let keys = body.as_object().ok_or_else(|| Refused::bad("an object with now or speed is needed"))?;
    if keys.is_empty() || keys.keys().any(|key| key != "now" && key != "speed") {
        return Err(Refused::bad("now or speed is needed, and nothing else is known"));
    }
    let speed = match body.get("speed") {
        None => world.clock.speed().unwrap_or(0),
        Some(speed) => speed
            .as_u64()
            .filter(|speed| *speed <= FASTEST)
            .and_then(|speed| u32::try_from(speed).ok())
            .ok_or_else(|| Refused::bad(format!("speed: a whole number up to {FASTEST} is needed")))?,
    };
    world.clock = if keys.get("now").is_some_and(Value::is_null) {
        Clock::System
    } else {
        Clock::set(instant(body, "now")?.unwrap_or_else(|| world.now()), speed)
    };
    world.clock_set += 1;
    Ok(clock(world))
}

/// Moves the clock forward, to the instant `{to}` or by `{seconds}`, stopping at everything due on the way
/// until the bot reports it done. Returns the clock, and anything the bot took too long to finish.
pub(super) async fn forward(hub: &Hub, body: &Value) -> Result<Value, Refused> {
    let now = hub.world().now();
    let by = body.get("seconds").and_then(Value::as_i64).and_then(TimeDelta::try_seconds);
    let target = match instant(body, "to")? {
        Some(target) => target,
        None => bounded(
            by.and_then(|by| now.checked_add_signed(by))
                .ok_or_else(|| Refused::bad("to: a time, or seconds: a number is needed"))?,
        )?,
    };
    if target < now {
        return Err(Refused::bad("forward is not back: set the clock instead"));
    }
    let mut missed = None;
    let mut mine = hub.world().clock_set;
    loop {
        let Some(due) = stop_at_next(&mut hub.world(), target, &mut mine)? else { break };
        if timeout(PATIENCE, done(hub, due)).await.is_err() {
            missed = Some(stamp(due));
            break;
        }
    }
    let mut world = hub.world();
    let reached = target.max(world.now());
    turn(&mut world, reached, &mut mine)?;
    let mut answer = clock(&world);
    answer["missed"] = json!(missed);
    Ok(answer)
}

/// Waits until the bot reports that nothing is due at `due` any more.
async fn done(hub: &Hub, due: DateTime<Utc>) {
    let mut seq = hub.world().journal.watch();
    while hub.world().agenda.next(due).is_some() {
        if seq.changed().await.is_err() {
            return;
        }
    }
}

/// Sets the clock to the next due time, if there is one before `target`.
fn stop_at_next(
    world: &mut World,
    target: DateTime<Utc>,
    mine: &mut u64,
) -> Result<Option<DateTime<Utc>>, Refused> {
    let Some(due) = world.agenda.next(target) else { return Ok(None) };
    let due = due.max(world.now());
    turn(world, due, mine)?;
    Ok(Some(due))
}

/// Sets the clock, unless somebody else has since `mine`.
fn turn(world: &mut World, now: DateTime<Utc>, mine: &mut u64) -> Result<(), Refused> {
    if world.clock_set != *mine {
        return Err(Refused::new(409, "somebody else has set the clock meanwhile"));
    }
    world.clock = Clock::set(now, world.clock.speed().unwrap_or(0));
    world.clock_set += 1;
    *mine = world.clock_set;
    world.journal.change();
    Ok(())
}
