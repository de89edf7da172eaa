//! The control API under `/sandbox`: makes guilds and people, acts for them, looks, sets the clock, breaks things.
//! Loopback only, and never for a web page of another origin.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::hub::Hub;
use super::refused::{self, Refused};
use super::world::{Id, World, id_of};

mod act;
mod choose;
mod outcome;
mod people;
mod steer;

/// The largest request of the control API; files in it are text.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// What an action leads to.
enum Done {
    Now(Value),
    /// An interaction whose answer is awaited.
    Awaited(Id),
}

/// Serves the control API.
pub(super) async fn serve(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    if !is_local(request.headers()) {
        return refuse(&Refused::new(403, "the control API is for this machine only"));
    }
    let (parts, body) = request.into_parts();
    let path: Vec<&str> = parts.uri.path().split('/').filter(|part| !part.is_empty()).skip(1).collect();
    if let ["files", id, ..] = path.as_slice() {
        return file(&hub, id);
    }
    let query: HashMap<String, String> =
        Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default();
    let Ok(bytes) = to_bytes(body, LARGEST_BODY).await else {
        return refuse(&refused::TOO_LARGE);
    };
    let body: Value = match serde_json::from_slice(&bytes) {
        _ if bytes.is_empty() => json!({}),
        Ok(body) => body,
        Err(error) => return refuse(&Refused::bad(format!("not JSON: {error}"))),
    };
    let method = parts.method.as_str();
    let done = match path.first() {
        Some(&"act") => act::route(&mut hub.world(), &path, &body),
        Some(&("guilds" | "channels" | "users")) => {
            people::route(&mut hub.world(), method, &path, &query, &body).map(Done::Now)
        }
        _ => steer::route(&hub, method, &path, &query, &body).map(Done::Now),
    };
    match done {
        Ok(Done::Now(value)) => axum::Json(value).into_response(),
        Ok(Done::Awaited(id)) => match outcome::wait(&hub, id).await {
            Ok(outcome) => axum::Json(outcome).into_response(),
            Err(refused) => refuse(&refused),
        },
        Err(refused) => refuse(&refused),
    }
}

fn refuse(refused: &Refused) -> Response {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, axum::Json(refused.body())).into_response()
}

fn file(hub: &Hub, id: &str) -> Response {
    let world = hub.world();
    match id.parse().ok().and_then(|id: Id| world.files.get(&id)) {
        Some(file) => {
            ([(header::CONTENT_TYPE, file.content_type.clone())], file.bytes.clone()).into_response()
        }
        None => refuse(&refused::NOT_FOUND),
    }
}

/// A web page elsewhere can make a browser call loopback; its `Origin`, or a rebound `Host`, gives it away.
fn is_local(headers: &HeaderMap) -> bool {
    let local = |value: &str| {
        let host = value.split_once("://").map_or(value, |(_, rest)| rest);
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    };
    [header::HOST, header::ORIGIN]
        .iter()
        .filter_map(|name| headers.get(name))
        .all(|value| value.to_str().is_ok_and(local))
}

/// An id in the path.
fn path_id(text: &str) -> Result<Id, Refused> {
    text.parse().map_err(|_| Refused::bad(format!("{text} is not an id")))
}

/// An id in a body's field.
fn field_id(body: &Value, key: &str) -> Result<Id, Refused> {
    body.get(key).and_then(id_of).ok_or_else(|| Refused::bad(format!("{key}: an id is needed")))
}

fn field_text<'b>(body: &'b Value, key: &str) -> Result<&'b str, Refused> {
    body.get(key).and_then(Value::as_str).ok_or_else(|| Refused::bad(format!("{key}: a text is needed")))
}

/// The channel of an action: the one named, or the person's direct messages where no guild is.
fn place(world: &mut World, body: &Value) -> Result<(Id, Id), Refused> {
    let person = field_id(body, "user")?;
    world.user(person)?;
    let channel = match body.get("channel").and_then(id_of) {
        Some(channel) => channel,
        None => world.direct(person)?,
    };
    world.allowed(person, channel, 0)?;
    let guild = body.get("guild").and_then(id_of);
    if guild.is_some_and(|guild| world.channel(channel).is_ok_and(|it| it.guild != Some(guild))) {
        return Err(Refused::bad("the channel is not in that guild"));
    }
    Ok((person, channel))
}
