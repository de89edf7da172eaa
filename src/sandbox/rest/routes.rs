//! The route table. Unknown routes get an error that names them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::interactions;
use super::super::messages;
use super::super::objects;
use super::super::refused::{self, Refused};
use super::super::world::{Id, World};
use super::{Answer, Call, channels, guilds};

pub(super) const OK: StatusCode = StatusCode::OK;
pub(super) const DONE: (StatusCode, Value) = (StatusCode::NO_CONTENT, Value::Null);

#[expect(clippy::unnecessary_wraps, reason = "every arm of the table is an answer")]
fn ok(value: Value) -> Answer {
    Ok((OK, value))
}

fn id(text: &str) -> Result<Id, Refused> {
    text.parse().map_err(|_| refused::NOT_FOUND)
}

pub(super) fn route(world: &mut World, call: &Call, route: &str) -> Answer {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let body = &call.body;
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["gateway"]) => ok(json!({ "url": world.url.replace("http", "ws") })),
        ("GET", ["gateway", "bot"]) => ok(json!({
            "url": world.url.replace("http", "ws"), "shards": world.guilds.len() / 2500 + 1,
            "session_start_limit": { "total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 16 },
        })),
        ("GET", ["oauth2", "applications", "@me"] | ["applications", "@me"]) => ok(world.application_json()),
        ("GET", ["users", "@me"]) => ok(objects::own_user(world)),
        ("GET", ["users", "@me", "guilds"]) => ok(guilds::mine(world, call)),
        ("POST", ["users", "@me", "channels"]) => channels::open_direct(world, body),
        ("GET", ["users", user]) => {
            let user = id(user)?;
            world.user(user)?;
            ok(world.user_json(user))
        }
        (_, ["applications", app, "commands", rest @ ..]) => {
            commands(world, call, id(app)?, None, rest, route)
        }
        (_, ["applications", app, "guilds", guild, "commands", rest @ ..]) => {
            commands(world, call, id(app)?, Some(id(guild)?), rest, route)
        }
        ("POST", ["interactions", interaction, token, "callback"]) => {
            let answer = interactions::callback(world, id(interaction)?, token, body, &call.files)?;
            if call.is_set("with_response") { ok(answer) } else { Ok(DONE) }
        }
        ("POST", ["webhooks", app, token]) => {
            let answer = interactions::follow_up(world, id(app)?, token, body, &call.files)?;
            ok(answer)
        }
        (method, ["webhooks", app, token, "messages", which]) => {
            let own = interactions::own_message(world, id(app)?, token, which)?;
            match method {
                "GET" => ok(world.message(own.1, own.2)?.value.clone()),
                "PATCH" => ok(interactions::edit(world, own, body, &call.files)?),
                "DELETE" => messages::delete(world, own.1, own.2).map(|()| DONE),
                _ => Err(Refused::not_built(route)),
            }
        }
        (_, ["guilds", guild, rest @ ..]) => guilds::route(world, call, id(guild)?, rest, route),
        (_, ["channels", channel, rest @ ..]) => channels::route(world, call, id(channel)?, rest, route),
        _ => Err(Refused::not_built(route)),
    }
}

fn commands(
    world: &mut World,
    call: &Call,
    app: Id,
    guild: Option<Id>,
    rest: &[&str],
    route: &str,
) -> Answer {
    if app != world.application {
        return Err(refused::MISSING_ACCESS);
    }
    if call.method != Method::GET {
        world.journal.change();
    }
    match (call.method.as_str(), rest) {
        ("GET", []) => ok(world.list_commands(guild)?),
        ("PUT", []) => ok(world.overwrite_commands(guild, &call.body)?),
        ("POST", []) => {
            let (command, new) = world.create_command(guild, &call.body)?;
            Ok((if new { StatusCode::CREATED } else { OK }, command))
        }
        ("GET", [command]) => ok(world.command(guild, id(command)?)?.clone()),
        ("PATCH", [command]) => ok(world.edit_command(guild, id(command)?, &call.body)?),
        ("DELETE", [command]) => world.delete_command(guild, id(command)?).map(|()| DONE),
        _ => Err(Refused::not_built(route)),
    }
}
