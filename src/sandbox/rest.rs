//! The REST side: reads a request, applies faults and rate limits, gets the answer from `routes`, logs the
//! exchange.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use hyper::ext::ReasonPhrase;
use serde_json::{Value, json};

use super::draft::Upload;
use super::faults::{Fault, Kind};
use super::form;
use super::hub::Hub;
use super::refused::{self, Refused};
use super::world::Id;

mod channels;
mod guilds;
mod routes;

/// The maximum request size.
const LARGEST_BODY: usize = 25 * 1024 * 1024;

/// A parsed request.
#[derive(Debug)]
struct Call {
    method: Method,
    segments: Vec<String>,
    query: HashMap<String, String>,
    body: Value,
    files: Vec<Upload>,
}

impl Call {
    /// A query parameter as an id.
    fn id(&self, key: &str) -> Option<Id> {
        self.query.get(key)?.parse().ok()
    }

    fn is_set(&self, key: &str) -> bool {
        self.query.get(key).is_some_and(|value| matches!(value.as_str(), "true" | "True" | "1"))
    }
}

/// A response.
type Answer = Result<(StatusCode, Value), Refused>;

/// Serves everything except the gateway and the control API.
pub(super) async fn serve(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let segments = match segments(&path) {
        Ok(segments) => segments,
        Err(refused) => return answer(Err(refused), HeaderMap::new()).1,
    };
    let method = request.method().clone();
    let route = format!("{method} {}", template(&segments));
    let fault = hub.faults().meet(&route);
    if let Some(fault) = &fault {
        tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
        if let Some(response) = faulty(fault) {
            let mut entry = json!({
                "kind": "rest", "method": method.as_str(), "route": route, "path": path,
                "status": response.status().as_u16(), "fault": fault.kind,
            });
            if fault.kind == Kind::TooMany {
                entry["limit"] = json!({ "scope": fault.scope(), "retry_after": fault.retry_after });
            }
            hub.world().note(|| entry);
            return response;
        }
    }
    let authorized = authorized(&hub, request.headers(), &segments);
    let verdict = {
        let own_token = matches!(segments.first().map(String::as_str), Some("interactions" | "webhooks"));
        let top = segments
            .iter()
            .skip(1)
            .take(if own_token { 2 } else { 1 })
            .map(String::as_str)
            .collect::<Vec<_>>();
        let now = hub.world().now();
        hub.rates().take(&route, &top.join("/"), !own_token, now)
    };
    let query = Query::try_from_uri(request.uri()).map(|Query(query)| query).unwrap_or_default();
    let (body, files, read) = match read(request).await {
        Ok((body, files)) => (body, files, None),
        Err(refused) => (Value::Null, Vec::new(), Some(refused)),
    };
    let call = Call { method, segments, query, body, files };
    let result = match (read, verdict.refused) {
        _ if !authorized => Err(refused::UNAUTHORIZED),
        (_, Some((wait, global))) => {
            return too_many(&hub, &call, &route, wait, global, verdict.headers);
        }
        (Some(refused), _) => Err(refused),
        _ => routes::route(&mut hub.world(), &call, &route),
    };
    let (body, response) = answer(result, verdict.headers);
    let kind = fault.as_ref().map(|fault| fault.kind);
    let response = match &fault {
        Some(fault) if fault.kind == Kind::Between => between(fault),
        _ => response,
    };
    note(&hub, &call, &route, &path, response.status(), &body, kind);
    if kind == Some(Kind::DropAfter) { dropped() } else { response }
}

fn note(
    hub: &Hub,
    call: &Call,
    route: &str,
    path: &str,
    status: StatusCode,
    response: &Value,
    fault: Option<Kind>,
) {
    let files: Vec<_> =
        call.files.iter().map(|file| json!({ "name": file.filename, "size": file.bytes.len() })).collect();
    hub.world().note(|| json!({
        "kind": "rest", "method": call.method.as_str(), "route": route, "path": path,
        "query": call.query, "status": status.as_u16(), "request": call.body, "files": files, "response": response,
        "fault": fault,
    }));
}

fn answer(result: Answer, mut headers: HeaderMap) -> (Value, Response) {
    // Sent by Discord's front end; discord.py takes a 429 without it for a Cloudflare ban.
    headers.insert(header::VIA, HeaderValue::from_static("1.1 google"));
    let (status, body) = result.unwrap_or_else(|refused| {
        (StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST), refused.body())
    });
    if body.is_null() {
        return (body, (status, headers).into_response());
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = (status, headers, body.to_string()).into_response();
    // For a 5xx, discord.js shows only the reason phrase.
    if status == StatusCode::NOT_IMPLEMENTED
        && let Ok(reason) = ReasonPhrase::try_from(body["message"].as_str().unwrap_or_default().as_bytes())
    {
        response.extensions_mut().insert(reason);
    }
    (body, response)
}

fn too_many(hub: &Hub, call: &Call, route: &str, wait: f64, global: bool, headers: HeaderMap) -> Response {
    let body = json!({
        "message": "You are being rate limited.", "retry_after": wait, "global": global, "code": 0,
    });
    let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    hub.world().note(|| json!({
        "kind": "rest", "method": call.method.as_str(), "route": route, "status": 429, "request": call.body,
        "response": body, "limit": {
            "scope": told("x-ratelimit-scope"), "bucket": told("x-ratelimit-bucket"), "retry_after": wait,
        },
    }));
    answer(Ok((StatusCode::TOO_MANY_REQUESTS, body)), headers).1
}

fn faulty(fault: &Fault) -> Option<Response> {
    let html =
        |status: StatusCode| (status, [(header::CONTENT_TYPE, "text/html")], "<html></html>").into_response();
    match fault.kind {
        Kind::TooMany => {
            let scope = fault.scope();
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("retry-after", format!("{:.0}", fault.retry_after.ceil())),
                ("x-ratelimit-scope", scope.to_owned()),
                ("x-ratelimit-reset-after", fault.retry_after.to_string()),
                ("x-ratelimit-limit", "5".to_owned()),
                ("x-ratelimit-remaining", "0".to_owned()),
                ("x-ratelimit-bucket", "fault".to_owned()),
            ] {
                headers.extend(
                    HeaderValue::from_str(&value)
                        .ok()
                        .map(|value| (header::HeaderName::from_static(name), value)),
                );
            }
            if fault.global {
                headers.insert("x-ratelimit-global", HeaderValue::from_static("true"));
            }
            let body = json!({
                "message": "You are being rate limited.", "retry_after": fault.retry_after,
                "global": fault.global, "code": 0,
            });
            Some(answer(Ok((StatusCode::TOO_MANY_REQUESTS, body)), headers).1)
        }
        Kind::Internal => {
            let body = json!({ "message": "500: Internal Server Error", "code": 0 });
            Some(answer(Ok((StatusCode::INTERNAL_SERVER_ERROR, body)), HeaderMap::new()).1)
        }
        Kind::BadGateway => Some(html(StatusCode::BAD_GATEWAY)),
        Kind::DropBefore => Some(dropped()),
        Kind::Between if !fault.done => Some(between(fault)),
        Kind::DropAfter | Kind::Delay | Kind::Between => None,
    }
}

/// Answers as a proxy between the bot and Discord does: without a Discord error code, and without a retry
/// time on a 429 unless one was set.
fn between(fault: &Fault) -> Response {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::FORBIDDEN);
    let (kind, text) = fault.body.text(fault.status);
    let mut response = (status, [(header::CONTENT_TYPE, kind)], text).into_response();
    if status.is_redirection() {
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
    }
    if fault.retry_after > 0.0
        && let Ok(seconds) = HeaderValue::from_str(&format!("{:.0}", fault.retry_after.ceil()))
    {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// An answer that is never sent: its body fails before the head is flushed, so the connection just closes.
fn dropped() -> Response {
    let broken =
        futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("dropped on purpose")) });
    Response::new(Body::from_stream(broken))
}

/// The path below `/api` or `/api/vN`, in decoded parts.
fn segments(path: &str) -> Result<Vec<String>, Refused> {
    let rest = path.strip_prefix("/api/").ok_or(refused::NOT_FOUND)?;
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    let rest = match first.strip_prefix('v').and_then(|number| number.parse::<u32>().ok()) {
        None => rest,
        Some(9 | 10) => below,
        Some(6..=8) => return Err(Refused::not_built("the deprecated API versions, 6 to 8")),
        Some(_) => return Err(refused::BAD_VERSION),
    };
    Ok(rest.split('/').filter(|part| !part.is_empty()).map(decode).collect())
}

fn decode(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `/channels/{id}/messages`: the route with the variable parts replaced.
fn template(segments: &[String]) -> String {
    let mut route = String::new();
    for (index, segment) in segments.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| segments.get(at)).map(String::as_str);
        let top = segments.first().map(String::as_str);
        let name = match (top, index, before) {
            (Some("interactions" | "webhooks"), 2, _) => "{token}",
            (_, _, Some("reactions")) => "{emoji}",
            _ if segment.parse::<Id>().is_ok() => "{id}",
            _ => segment,
        };
        route.push('/');
        route.push_str(name);
    }
    route
}

/// Interactions and their webhooks are authorized by their own token; everything else needs the bot's.
fn authorized(hub: &Hub, headers: &HeaderMap, segments: &[String]) -> bool {
    if matches!(segments, [top, _, _, ..] if top == "interactions" || top == "webhooks")
        || matches!(segments, [only] if only == "gateway")
    {
        return true;
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bot ")).is_some_and(|token| token == hub.token)
}

fn told(request: &Request, name: header::HeaderName) -> &str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn read(request: Request) -> Result<(Value, Vec<Upload>), Refused> {
    let kind = told(&request, header::CONTENT_TYPE).to_ascii_lowercase();
    if told(&request, header::CONTENT_LENGTH).parse::<usize>().is_ok_and(|length| length > LARGEST_BODY) {
        // Leaving it unread would reset the sender's connection and lose the answer.
        let mut rest = request.into_body().into_data_stream();
        while let Some(Ok(_)) = rest.next().await {}
        return Err(refused::TOO_LARGE);
    }
    if kind.starts_with("multipart/form-data") {
        return multipart(request).await;
    }
    let bytes = to_bytes(request.into_body(), LARGEST_BODY).await.map_err(|_| refused::TOO_LARGE)?;
    if bytes.is_empty() {
        return Ok((json!({}), Vec::new()));
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Refused::not_built("bodies of application/x-www-form-urlencoded"));
    }
    if !kind.starts_with("application/json") {
        form::read(&json!({}), |form| {
            form.fault("CONTENT_TYPE_INVALID", "Expected \"Content-Type\" header to be application/json.");
        })?;
    }
    Ok((serde_json::from_slice(&bytes).map_err(|_| refused::BAD_JSON)?, Vec::new()))
}

async fn multipart(mut request: Request) -> Result<(Value, Vec<Upload>), Refused> {
    axum::extract::DefaultBodyLimit::max(LARGEST_BODY).apply(&mut request);
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => refused::TOO_LARGE,
        _ => refused::BAD_JSON,
    };
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| refused::BAD_JSON)?;
    let (mut body, mut files) = (json!({}), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let index = name
            .strip_prefix("files[")
            .and_then(|rest| rest.strip_suffix(']'))
            .and_then(|it| it.parse().ok());
        match (name.as_str(), index) {
            ("payload_json", _) => {
                let bytes = part.bytes().await.map_err(broken)?;
                body = serde_json::from_slice(&bytes).map_err(|_| refused::BAD_JSON)?;
            }
            (_, Some(index)) => {
                let filename = part.file_name().unwrap_or("file").to_owned();
                let content_type = part.content_type().map_or_else(|| guess(&filename), ToOwned::to_owned);
                let bytes = part.bytes().await.map_err(broken)?;
                files.push(Upload { index, filename, content_type, bytes });
            }
            _ => {
                return Err(Refused::not_built(&format!("a multipart field named {name}")));
            }
        }
    }
    Ok((body, files))
}

fn guess(filename: &str) -> String {
    let kind = match filename.rsplit_once('.').map(|(_, ending)| ending) {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        _ => "application/octet-stream",
    };
    kind.to_owned()
}
