//! Controls of the sandbox itself: summary, limits, faults, gateway mishaps.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::super::Limits;
use super::super::faults::Fault;
use super::super::gateway::{Greeting, Push};
use super::super::hub::Hub;
use super::super::refused::Refused;
use super::super::world::World;
use super::{field_text, path_id, time};

pub(super) fn route(hub: &Hub, method: &str, path: &[&str], body: &Value) -> Result<Value, Refused> {
    match (method, path) {
        ("GET", []) => Ok(summary(hub)),
        ("PUT", ["log"]) => {
            let on = body
                .get("on")
                .and_then(Value::as_bool)
                .ok_or_else(|| Refused::bad("on: true or false is needed"))?;
            hub.world().journal.logging = on;
            Ok(json!({ "on": on }))
        }
        ("PUT", ["limits"]) => {
            let mode = Limits::deserialize(body.get("mode").unwrap_or(&Value::Null))
                .map_err(|error| Refused::bad(format!("mode: {error}")))?;
            hub.rates().limits = mode;
            Ok(json!({ "mode": mode }))
        }
        ("GET", ["faults"]) => Ok(json!(hub.faults().all())),
        ("POST", ["faults"]) => {
            let fault = Fault::deserialize(body).map_err(|error| Refused::bad(error.to_string()))?;
            if fault.times == 0 || !(0.0..=86_400.0).contains(&fault.retry_after) {
                return Err(Refused::bad(
                    "times: 1 or more, and retry_after: up to a day's seconds, is needed",
                ));
            }
            if !(200..=599).contains(&fault.status) {
                return Err(Refused::bad("status: 200 to 599 is needed"));
            }
            Ok(json!({ "id": hub.faults().add(fault) }))
        }
        ("DELETE", ["faults"]) => {
            hub.faults().clear();
            Ok(json!({}))
        }
        ("DELETE", ["faults", id]) => {
            let known = hub.faults().remove(path_id(id)?);
            if known { Ok(json!({})) } else { Err(Refused::new(404, "there is no such fault")) }
        }
        ("POST", ["gateway"]) => gateway(&mut hub.world(), body),
        _ => Err(Refused::not_built(&format!("{method} /sandbox/{}", path.join("/")))),
    }
}

fn summary(hub: &Hub) -> Value {
    let limits = hub.rates().limits;
    let world = hub.world();
    json!({
        "url": hub.url, "token": hub.token, "application_id": world.application.to_string(), "limits": limits,
        "clock": time::clock(&world), "agenda": world.agenda, "guilds": world.guilds.len(), "users": world.users.len(),
        "channels": world.channels.len(), "messages": world.whereabouts.len(),
        "commands": world.commands.values().map(Vec::len).sum::<usize>(),
        "connections": world.gateway.connected(), "seq": world.journal.seq(),
    })
}

fn gateway(world: &mut World, body: &Value) -> Result<Value, Refused> {
    let told = |value: &Value| Push::Text(value.to_string().into());
    let sessions = &mut world.gateway;
    match field_text(body, "do")? {
        "drop" => sessions.push_all(|| Push::Drop),
        "close" => {
            let code = match body.get("code") {
                None => 4000,
                Some(code) => code
                    .as_u64()
                    .and_then(|code| u16::try_from(code).ok())
                    .filter(|code| is_close_code(*code))
                    .ok_or_else(|| Refused::bad("code: 1000 to 1014, or 3000 to 4999, is needed"))?,
            };
            sessions.push_all(|| Push::Close(code));
        }
        "forget" => {
            sessions.push_all(|| Push::Drop);
            sessions.forget();
        }
        "greet" => {
            let greeted = Greeted::deserialize(body).map_err(|error| Refused::bad(error.to_string()))?;
            let with = match greeted.with {
                Greeting::Refuse { status } => (400..600).contains(&status),
                Greeting::Close { code } | Greeting::Reject { code } => is_close_code(code),
                Greeting::Silence | Greeting::Invalidate { .. } => true,
            };
            if !with {
                return Err(Refused::bad("with: a status of 400 to 599, or a close code, is needed"));
            }
            sessions.greet(greeted.with, greeted.times);
        }
        "reconnect" => {
            let op = json!({ "op": 7, "s": null, "t": null, "d": null });
            sessions.push_all(|| told(&op));
        }
        "invalidate" => {
            let resumable = body.get("resumable").and_then(Value::as_bool).unwrap_or(false);
            let op = json!({ "op": 9, "s": null, "t": null, "d": resumable });
            sessions.push_all(|| told(&op));
            if !resumable {
                sessions.forget();
            }
        }
        "heartbeat" => {
            let op = json!({ "op": 1, "s": null, "t": null, "d": null });
            sessions.push_all(|| told(&op));
        }
        "hold" => sessions.hold(),
        "release" => sessions.release(),
        other => {
            return Err(Refused::bad(format!(
                "do: {other} is not drop, close, reconnect, invalidate, forget, greet, heartbeat, hold or release"
            )));
        }
    }
    Ok(json!({ "connections": world.gateway.connected() }))
}

/// What the next connections get, and how many of them.
#[derive(serde::Deserialize)]
struct Greeted {
    with: Greeting,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

/// Codes that a close frame can carry; 1005 stands for a frame without a code.
fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1005 | 1007..=1014 | 3000..=4999)
}
