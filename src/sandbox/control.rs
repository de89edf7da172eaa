//! The control API under `/sandbox`: makes guilds and people, acts as them, reads, sets the clock, injects
//! faults. Loopback only, and closed to web pages of other origins, like all of the sandbox.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::hub::Hub;
use super::journal;
use super::refused::{self, Refused};
use super::world::{Id, World, id_of};

mod act;
mod choose;
mod outcome;
mod people;
mod see;
mod steer;
mod time;

/// The largest request of the control API; files in it are text.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// The result of an action.
enum Done {
    Now(Value),
    /// An interaction whose answer must be awaited.
    Awaited(Id),
}

/// Serves the control API.
pub(super) async fn serve(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    match answer(&hub, request).await {
        Ok(response) => response,
        Err(refused) => refuse(&refused),
    }
}

async fn answer(hub: &Hub, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let path: Vec<&str> = parts.uri.path().split('/').filter(|part| !part.is_empty()).skip(1).collect();
    if let ["files", id, ..] = path.as_slice() {
        return file(hub, id);
    }
    let query: HashMap<String, String> =
        Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default();
    if let ("GET", ["feed" | "log"]) = (parts.method.as_str(), path.as_slice()) {
        return noted(hub, path == ["feed"], query.get("after"));
    }
    let bytes = to_bytes(body, LARGEST_BODY).await.map_err(|_| refused::TOO_LARGE)?;
    let body: Value = match serde_json::from_slice(&bytes) {
        _ if bytes.is_empty() => json!({}),
        Ok(body) => body,
        Err(error) => return Err(Refused::bad(format!("not JSON: {error}"))),
    };
    let value = if path == ["clock", "forward"] {
        time::forward(hub, &body).await?
    } else {
        match route(hub, parts.method.as_str(), &path, &query, &body)? {
            Done::Now(value) => value,
            Done::Awaited(id) => outcome::wait(hub, id).await?,
        }
    };
    Ok(axum::Json(value).into_response())
}

fn route(
    hub: &Hub,
    method: &str,
    path: &[&str],
    query: &HashMap<String, String>,
    body: &Value,
) -> Result<Done, Refused> {
    if path.first() == Some(&"act") {
        return act::route(&mut hub.world(), path, body);
    }
    if method == "GET"
        && let Some(seen) = see::route(&hub.world(), path, query)
    {
        return seen.map(Done::Now);
    }
    let value = match path.first() {
        Some(&("guilds" | "channels" | "users")) => people::route(&mut hub.world(), method, path, body),
        Some(&("clock" | "agenda")) => time::route(&mut hub.world(), method, path, body),
        _ => steer::route(hub, method, path, body),
    }?;
    if method != "GET" {
        hub.world().journal.change();
    }
    Ok(Done::Now(value))
}

/// The feed or the log; serialized without holding the lock.
fn noted(hub: &Hub, feed: bool, after: Option<&String>) -> Result<Response, Refused> {
    let after = after.map(|text| path_id(text)).transpose()?.unwrap_or(0);
    let entries = {
        let world = hub.world();
        if feed { world.journal.feed_after(after) } else { world.journal.log_after(after) }
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], journal::array(&entries)).into_response())
}

/// Answers with an error.
pub(super) fn refuse(refused: &Refused) -> Response {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, axum::Json(refused.body())).into_response()
}

fn file(hub: &Hub, id: &str) -> Result<Response, Refused> {
    let world = hub.world();
    let file = id.parse().ok().and_then(|id: Id| world.files.get(&id)).ok_or(refused::NOT_FOUND)?;
    let kind = HeaderValue::from_str(&file.content_type);
    let kind = [(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")))];
    // A file may be a web page; it must not act for the person who opens it in a browser.
    let policy = [(header::CONTENT_SECURITY_POLICY, "sandbox"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((kind, policy, file.bytes.clone()).into_response())
}

/// Admits only this machine, and only the sandbox's own web pages: another page can make a browser call
/// loopback, but is detected by its `Origin`, or a rebound `Host`.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    if is_let_in(request.headers()) {
        next.run(request).await
    } else {
        refuse(&Refused::new(403, "the sandbox is for this machine, and for no web page but its own"))
    }
}

fn is_let_in(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let local = name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    let own = text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    local && own && !host.contains('@')
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

/// An optional id in a body's field.
fn optional_id(body: &Value, key: &str) -> Result<Option<Id>, Refused> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => field_id(body, key).map(Some),
    }
}

/// An optional field that must be of the right type if present.
fn optional<'b, T>(
    body: &'b Value,
    key: &str,
    kind: &str,
    read: impl Fn(&'b Value) -> Option<T>,
) -> Result<Option<T>, Refused> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            read(value).map(Some).ok_or_else(|| Refused::bad(format!("{key}: {kind} is needed, not {value}")))
        }
    }
}

/// The channel of an action: the one given, or the person's direct messages if there is no guild.
fn place(world: &mut World, body: &Value) -> Result<(Id, Id), Refused> {
    let person = field_id(body, "user")?;
    if world.user(person)?.bot {
        return Err(Refused::bad("user: a bot acts for itself"));
    }
    let channel = match optional_id(body, "channel")? {
        Some(channel) => channel,
        None => world.direct(person)?,
    };
    world.allowed(person, channel, 0)?;
    let guild = optional_id(body, "guild")?;
    if guild.is_some_and(|guild| world.channel(channel).is_ok_and(|it| it.guild != Some(guild))) {
        return Err(Refused::bad("the channel is not in that guild"));
    }
    Ok((person, channel))
}
