//! One gateway connection: HELLO, IDENTIFY or RESUME, heartbeats, and Discord's close codes for errors.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::super::hub::Hub;
use super::super::refused::Refused;
use super::transport::Transport;
use super::{ALL_INTENTS, Greeting, Line, Push, Resumed};

/// A connection is cut when a payload stays unread for this long.
const STALLED: Duration = Duration::from_secs(5);
/// Discord's limit for a client's frame.
const LONGEST_FRAME: usize = 4096;
/// Sends allowed in `SENDS_PER`.
const SENDS: usize = 120;
const SENDS_PER: Duration = Duration::from_mins(1);

/// Why a connection ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Close(u16),
    Drop,
}

/// What a connection does next.
enum Turn<T> {
    Tell(Utf8Bytes),
    Hear(T),
}

/// Waits for something to send or receive. Sending doesn't extend the deadline of a silent client.
async fn turn<T>(
    inbox: &mut mpsc::Receiver<Push>,
    heard: impl Future<Output = T>,
    silent_at: Instant,
) -> Result<Turn<T>, End> {
    tokio::select! {
        push = inbox.recv() => match push {
            Some(Push::Text(text)) => Ok(Turn::Tell(text)),
            Some(Push::Close(code)) => Err(End::Close(code)),
            Some(Push::Drop) | None => Err(End::Drop),
        },
        heard = heard => Ok(Turn::Hear(heard)),
        () = sleep_until(silent_at) => Err(End::Close(4009)),
    }
}

/// Accepts a gateway connection.
pub(crate) async fn upgrade(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<HashMap<String, String>>,
    socket: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let asked = |key: &str| query.get(key).map(String::as_str);
    if asked("encoding").is_some_and(|encoding| encoding != "json") {
        return refuse(&Refused::not_built("gateway encodings other than json"));
    }
    let Some(transport) = Transport::named(asked("compress").unwrap_or_default()) else {
        return refuse(&Refused::not_built("gateway compression other than zlib-stream and zstd-stream"));
    };
    let known = match asked("v").map(str::parse::<u32>) {
        None | Some(Ok(9 | 10)) => true,
        Some(Ok(6..=8)) => return refuse(&Refused::not_built("the deprecated gateway versions, 6 to 8")),
        Some(_) => false,
    };
    match socket {
        Ok(socket) => {
            let greeting = hub.world().gateway.greeting();
            if let Some(Greeting::Refuse { status }) = greeting {
                return refuse_upgrade(&hub, status);
            }
            socket.on_upgrade(async move |socket| {
                let connection = Connection::new(hub, socket, transport, greeting);
                if known { connection.run().await } else { connection.close(4012).await }
            })
        }
        Err(rejection) => rejection.into_response(),
    }
}

fn refuse(refused: &Refused) -> Response {
    (StatusCode::NOT_IMPLEMENTED, axum::Json(refused.body())).into_response()
}

/// Refuses as Discord's front end does.
fn refuse_upgrade(hub: &Hub, status: u16) -> Response {
    hub.world().note(|| json!({ "kind": "socket", "did": "refused", "status": status }));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, Html("<html><body>This connection is refused.</body></html>")).into_response()
}

struct Connection {
    hub: Arc<Hub>,
    socket: WebSocket,
    transport: Transport,
    session: Option<String>,
    sends: VecDeque<Instant>,
    heard_at: Instant,
    line: Line,
    inbox: mpsc::Receiver<Push>,
    greeting: Option<Greeting>,
}

impl Connection {
    fn new(hub: Arc<Hub>, socket: WebSocket, transport: Transport, greeting: Option<Greeting>) -> Self {
        let ((line, inbox), heard_at) = (Line::new(), Instant::now());
        Self {
            hub,
            socket,
            transport,
            session: None,
            sends: VecDeque::new(),
            heard_at,
            line,
            inbox,
            greeting,
        }
    }

    async fn run(mut self) {
        self.note(&json!({ "did": "connected", "compress": self.transport.name() }));
        let end = self.talk().await;
        self.note(&match end {
            Ok(()) => json!({ "did": "closed", "by": "the bot" }),
            Err(End::Drop) => json!({ "did": "closed", "by": "the sandbox, without a word" }),
            Err(End::Close(code)) => {
                json!({ "did": "closed", "by": "the sandbox", "code": code, "reason": reason(code) })
            }
        });
        if let Some(id) = &self.session {
            self.hub.world().hang_up(id, &self.line);
        }
        if let Err(End::Close(code)) = end {
            self.close(code).await;
        }
    }

    async fn close(mut self, code: u16) {
        // 1005 means that the frame carried no code.
        let close = Message::Close((code != 1005).then(|| CloseFrame { code, reason: reason(code).into() }));
        let farewell = async {
            if self.socket.send(close).await.is_ok() {
                drop(self.socket.recv().await);
            }
        };
        // The client may be gone or not reading, so don't wait forever.
        drop(timeout(Duration::from_millis(500), farewell).await);
    }

    /// How this connection ended, for the log.
    fn note(&self, what: &Value) {
        self.hub.world().note(|| {
            let mut entry = what.clone();
            entry["kind"] = json!("socket");
            entry
        });
    }

    async fn talk(&mut self) -> Result<(), End> {
        let hello = json!({
            "op": 10, "s": null, "t": null,
            "d": { "heartbeat_interval": self.hub.heartbeat.as_millis(), "_trace": ["sandbox"] },
        });
        if self.greeting != Some(Greeting::Silence) {
            self.send(hello.to_string()).await?;
        }
        if let Some(Greeting::Close { code }) = self.greeting {
            return Err(End::Close(code));
        }
        let (stop, cut) = (self.hub.stop.clone(), self.line.cut.clone());
        loop {
            // Closed after two missed heartbeats.
            let silent_at = self.heard_at + 2 * self.hub.heartbeat;
            let turn = tokio::select! {
                () = stop.cancelled() => return Err(End::Close(1001)),
                () = cut.cancelled() => return Err(End::Drop),
                turn = turn(&mut self.inbox, self.socket.recv(), silent_at) => turn?,
            };
            match turn {
                Turn::Tell(text) => self.send_text(text).await?,
                Turn::Hear(Some(Ok(Message::Text(text)))) => self.hear(text.as_bytes()).await?,
                Turn::Hear(Some(Ok(Message::Binary(bytes)))) => self.hear(&bytes).await?,
                Turn::Hear(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Turn::Hear(Some(Ok(Message::Close(frame)))) => {
                    // Closing with 1000 or 1001 ends the session; any other end can be resumed.
                    if frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001))
                        && let Some(id) = self.session.take()
                    {
                        self.hub.world().gateway.all.remove(&id);
                    }
                    return Ok(());
                }
                Turn::Hear(Some(Err(_)) | None) => return Ok(()),
            }
        }
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        self.send_text(text.into()).await
    }

    async fn send_text(&mut self, text: Utf8Bytes) -> Result<(), End> {
        let message = self.transport.pack(text).ok_or(End::Drop)?;
        tokio::select! {
            sent = timeout(STALLED, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => Err(End::Drop),
            },
            () = self.line.cut.cancelled() => Err(End::Drop),
        }
    }

    async fn hear(&mut self, frame: &[u8]) -> Result<(), End> {
        if frame.len() > LONGEST_FRAME {
            return Err(End::Close(4002));
        }
        let now = Instant::now();
        self.heard_at = now;
        while self.sends.front().is_some_and(|at| now - *at > SENDS_PER) {
            self.sends.pop_front();
        }
        self.sends.push_back(now);
        if self.sends.len() > SENDS {
            return Err(End::Close(4008));
        }
        let frame: Value = serde_json::from_slice(frame).map_err(|_| End::Close(4002))?;
        let data = &frame["d"];
        match (frame["op"].as_u64(), self.greeting) {
            (Some(2), Some(Greeting::Reject { code })) => {
                self.note(&json!({ "did": "rejected", "code": code }));
                return Err(End::Close(code));
            }
            (Some(2 | 6), Some(Greeting::Invalidate { resumable })) => {
                self.note(&json!({ "did": "refused", "reason": "every session is invalid", "resumable": resumable }));
                return self.send(json!({ "op": 9, "s": null, "t": null, "d": resumable }).to_string()).await;
            }
            (_, Some(Greeting::Silence)) => return Ok(()),
            _ => {}
        }
        match frame["op"].as_u64() {
            Some(1) => self.send(json!({ "op": 11, "s": null, "t": null, "d": null }).to_string()).await,
            Some(2) => self.identify(data),
            Some(6) => self.resume(data).await,
            Some(3 | 4 | 8 | 31 | 43) if self.session.is_none() => Err(End::Close(4003)),
            Some(8) => {
                if let Some(id) = &self.session {
                    self.hub.world().tell_members(id, data);
                }
                Ok(())
            }
            // Presence, voice state and soundboards have no visible effect here.
            Some(3 | 4 | 31 | 43) => Ok(()),
            Some(_) => Err(End::Close(4001)),
            None => Err(End::Close(4002)),
        }
    }

    fn knows(&self, data: &Value) -> bool {
        data["token"]
            .as_str()
            .is_some_and(|token| token.strip_prefix("Bot ").unwrap_or(token) == self.hub.token)
    }

    /// After op 9 the session is gone, and the same connection may identify again.
    fn has_session(&self) -> bool {
        self.session.as_ref().is_some_and(|id| self.hub.world().gateway.all.contains_key(id))
    }

    fn identify(&mut self, data: &Value) -> Result<(), End> {
        if self.has_session() {
            return Err(End::Close(4005));
        }
        if !self.knows(data) {
            return Err(End::Close(4004));
        }
        if !data["properties"].is_object() {
            return Err(End::Close(4002));
        }
        let intents =
            data["intents"].as_u64().filter(|bits| bits & !ALL_INTENTS == 0).ok_or(End::Close(4013))?;
        let shard = match &data["shard"] {
            Value::Null => (0, 1),
            shard => match (shard[0].as_u64(), shard[1].as_u64()) {
                (Some(id), Some(count)) if id < count => (id, count),
                _ => return Err(End::Close(4010)),
            },
        };
        let session = self.hub.world().identify(intents, shard, self.line.clone());
        let session = session.ok_or(End::Close(4011))?;
        self.note(&json!({ "did": "identified", "intents": intents, "shard": [shard.0, shard.1], "session": session }));
        self.hub.world().journal.change();
        self.session = Some(session);
        Ok(())
    }

    async fn resume(&mut self, data: &Value) -> Result<(), End> {
        if self.has_session() {
            return Err(End::Close(4005));
        }
        if !self.knows(data) {
            return Err(End::Close(4004));
        }
        let (Some(id), Some(seq)) = (data["session_id"].as_str(), data["seq"].as_u64()) else {
            return Err(End::Close(4002));
        };
        let resumed = self.hub.world().resume(id, seq, &self.line);
        match resumed {
            Resumed::Yes => {
                self.note(&json!({ "did": "resumed", "session": id, "seq": seq }));
                self.hub.world().journal.change();
                self.session = Some(id.to_owned());
                Ok(())
            }
            Resumed::Gone => {
                self.note(&json!({ "did": "refused", "session": id, "seq": seq, "reason": "the session can't be resumed" }));
                self.send(json!({ "op": 9, "s": null, "t": null, "d": false }).to_string()).await
            }
            Resumed::NoSuchSeq => Err(End::Close(4007)),
        }
    }
}

fn reason(code: u16) -> &'static str {
    match code {
        1001 => "Going away.",
        4001 => "Unknown opcode.",
        4002 => "Error while decoding payload.",
        4003 => "Not authenticated.",
        4004 => "Authentication failed.",
        4005 => "Already authenticated.",
        4007 => "Invalid seq.",
        4008 => "You are being rate limited.",
        4009 => "Session timed out.",
        4010 => "Invalid shard.",
        4011 => "Sharding required.",
        4012 => "Invalid API version.",
        4013 => "Invalid intent(s).",
        4014 => "Disallowed intent(s).",
        _ => "Unknown error.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_says_nothing_is_closed_though_it_is_told_much() {
        let (line, mut inbox) = Line::new();
        let silent_at = Instant::now() + Duration::from_millis(50);
        let end = async {
            loop {
                line.push(Push::Text("{}".into()));
                match turn(&mut inbox, std::future::pending::<()>(), silent_at).await {
                    Ok(_) => tokio::time::sleep(Duration::from_millis(1)).await,
                    Err(end) => return end,
                }
            }
        };
        assert_eq!(timeout(Duration::from_secs(5), end).await, Ok(End::Close(4009)));
    }
}
