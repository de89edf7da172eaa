//! A minimal Discord: it accepts one bot, sends it interactions, and records when each is answered.
//! Everything else (rate limits, permissions, validation) is in the sandbox and not needed for a measurement.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
// The sandbox enables axum's `ws` for the whole build.
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use bellringer::kernel::clock::Clock;
use bellringer::shutdown;
use flate2::{Compress, Compression, FlushCompress};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Fails;
use crate::world::{self, Form};

/// The first millisecond of Discord's ids.
pub(crate) const EPOCH_MS: i64 = 1_420_070_400_000;
/// How long a bot may take to connect, and to register its commands.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one may take to answer; Discord waits for three seconds.
const PROMPT: Duration = Duration::from_secs(10);

/// A running one. Stops when dropped.
#[derive(Debug)]
pub(crate) struct Discord {
    /// Where its API is, without `/api`.
    pub(crate) url: String,
    floor: Arc<Floor>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Floor {
    gateway: String,
    clock: Clock,
    last_id: AtomicU64,
    /// Unanswered interactions. Locked only for an insert or a removal, never while waiting.
    asked: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    /// The channel for events to the connected bot.
    session: watch::Sender<Option<mpsc::UnboundedSender<String>>>,
    has_commands: watch::Sender<bool>,
}

/// A bot's answer, and when it arrived.
#[derive(Debug)]
pub(crate) struct Answer {
    /// When it arrived.
    pub(crate) at: Instant,
    /// How long it took.
    pub(crate) took: Duration,
    /// Its content.
    pub(crate) body: Bytes,
}

impl Discord {
    /// Starts one on a free port.
    pub(crate) async fn open() -> Fails<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let floor = Arc::new(Floor {
            gateway: format!("ws://{address}"),
            clock: Clock::system(),
            last_id: AtomicU64::default(),
            asked: Mutex::default(),
            session: watch::Sender::new(None),
            has_commands: watch::Sender::new(false),
        });
        let router = Router::new()
            .route("/", any(connect))
            .route("/api/v10/interactions/{id}/{token}/callback", post(answered))
            .fallback(rest)
            .with_state(floor.clone());
        // Otherwise a small answer would wait for the previous one to be acknowledged.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serving = shutdown::spawn(async {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the local Discord ended: {error}");
            }
        });
        Ok(Self { url: format!("http://{address}"), floor, serving })
    }

    /// Waits until a bot is connected, and has received READY and its guild.
    pub(crate) async fn connected(&self) -> Fails {
        let mut session = self.floor.session.subscribe();
        timeout(PATIENCE, session.wait_for(Option::is_some))
            .await
            .map_err(|_| "the bot did not connect")??;
        Ok(())
    }

    /// Waits until it has registered its commands.
    pub(crate) async fn ready(&self) -> Fails {
        let mut commands = self.floor.has_commands.subscribe();
        timeout(PATIENCE, commands.wait_for(|has| *has)).await.map_err(|_| "the bot has no commands")??;
        Ok(())
    }

    /// Sends the bot an interaction, and waits for its answer. Timed from handing the event to the connection
    /// until the whole answer has been read.
    pub(crate) async fn ask(&self, form: &Form, who: u64, number: usize) -> Fails<Answer> {
        let session = self.floor.session.borrow().clone().ok_or("the bot is not connected")?;
        let id = self.floor.id();
        let written = form.written(id, who, number);
        let (tell, told) = oneshot::channel();
        self.floor.asked().insert(id, tell);
        let begun = Instant::now();
        session.send(written).map_err(|_| "the bot has gone")?;
        let answer = timeout(PROMPT, told).await.map_err(|_| "the bot did not answer in ten seconds")??;
        Ok(Answer { took: answer.at.duration_since(begun), ..answer })
    }
}

impl Drop for Discord {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Floor {
    fn asked(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A current snowflake, larger than the last. An older one would look late to a bot, and be deferred.
    fn id(&self) -> u64 {
        let millis = (self.clock.now().timestamp_millis() - EPOCH_MS).unsigned_abs();
        let after = |last: u64| (millis << 22).max(last + 1);
        let last = self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        after(last.unwrap_or_else(|last| last))
    }
}

/// The answer to an interaction: the only timed request, so it does as little as possible.
async fn answered(
    State(floor): State<Arc<Floor>>,
    Path((id, _)): Path<(u64, String)>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let at = Instant::now();
    let Some(waiting) = floor.asked().remove(&id) else {
        return (StatusCode::NOT_FOUND, Json(json!({"code": 10062, "message": "Unknown interaction"})))
            .into_response();
    };
    // The receiver is gone if this came too late.
    let _ = waiting.send(Answer { at, took: Duration::ZERO, body });
    let wants_message =
        query.is_some_and(|it| it.contains("with_response=1") || it.contains("with_response=true"));
    if wants_message {
        Json(world::callback(id)).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// All other REST requests of the bots.
async fn rest(State(floor): State<Arc<Floor>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let path = uri.path().trim_start_matches("/api").trim_start_matches("/v10");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // A request with a file isn't JSON; the resulting message has no text.
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let said = match (method.as_str(), parts.as_slice()) {
        ("GET", ["gateway"]) => json!({"url": floor.gateway}),
        ("GET", ["gateway", "bot"]) => json!({
            "url": floor.gateway, "shards": 1,
            "session_start_limit": {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1},
        }),
        ("GET", ["users", "@me"]) => world::me(),
        ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => world::application(),
        ("PUT", ["applications", _, "commands"]) => {
            floor.has_commands.send_replace(true);
            world::registered(&body)
        }
        ("GET", ["guilds", _]) => world::guild(),
        ("GET", ["guilds", _, "members", _]) => world::bot_member(),
        ("GET", ["channels", id]) => world::channel(id),
        ("POST", ["channels", id, "messages"])
        | ("PATCH", ["channels", id, "messages", _])
        | ("POST" | "PATCH", ["webhooks", id, ..]) => world::message(floor.id(), id, &body),
        _ => {
            eprintln!("the local Discord doesn't know {method} {}", uri.path());
            return (StatusCode::NOT_FOUND, Json(json!({"code": 0, "message": "404: Not Found"})))
                .into_response();
        }
    };
    Json(said).into_response()
}

async fn connect(
    State(floor): State<Arc<Floor>>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    let is_deflated = query.is_some_and(|it| it.contains("compress=zlib-stream"));
    upgrade.on_upgrade(move |socket| async move {
        let stream = is_deflated.then(|| Compress::new(Compression::fast(), true));
        // In any case, there is no bot any more.
        drop(Wire { socket, stream, sent: 0 }.serve(&floor).await);
        floor.session.send_replace(None);
    })
}

/// The opcode of a payload.
#[derive(Deserialize)]
struct Payload {
    op: u8,
}

const HEARTBEAT: u8 = 1;
const IDENTIFY: u8 = 2;

/// A connection to the gateway.
struct Wire {
    socket: WebSocket,
    /// discord.py needs a single compressed stream.
    stream: Option<Compress>,
    /// How many events were sent.
    sent: u64,
}

impl Wire {
    async fn serve(mut self, floor: &Floor) -> Fails {
        let (session, mut events) = mpsc::unbounded_channel();
        self.send(r#"{"op":10,"d":{"heartbeat_interval":41250},"s":null,"t":null}"#.to_owned()).await?;
        loop {
            tokio::select! {
                said = self.socket.recv() => {
                    let payload: Payload = match said.ok_or("the bot has gone")?? {
                        Message::Text(text) => serde_json::from_str(&text)?,
                        Message::Binary(bytes) => serde_json::from_slice(&bytes)?,
                        Message::Close(_) => return Ok(()),
                        Message::Ping(_) | Message::Pong(_) => continue,
                    };
                    match payload.op {
                        HEARTBEAT => self.send(r#"{"op":11,"d":null,"s":null,"t":null}"#.to_owned()).await?,
                        IDENTIFY => {
                            self.dispatch("READY", &world::ready(&floor.gateway).to_string()).await?;
                            self.dispatch("GUILD_CREATE", &world::guild_came().to_string()).await?;
                            floor.session.send_replace(Some(session.clone()));
                        }
                        _ => {}
                    }
                }
                Some(interaction) = events.recv() => self.dispatch("INTERACTION_CREATE", &interaction).await?,
            }
        }
    }

    async fn dispatch(&mut self, event: &str, data: &str) -> Fails {
        self.sent += 1;
        let sent = self.sent;
        self.send(format!(r#"{{"op":0,"s":{sent},"t":"{event}","d":{data}}}"#)).await
    }

    async fn send(&mut self, text: String) -> Fails {
        let message = match &mut self.stream {
            None => Message::Text(text.into()),
            Some(stream) => {
                // Room for everything even if it is incompressible, so that one call writes it all.
                let mut packed = Vec::with_capacity(text.len() + text.len() / 8 + 64);
                stream.compress_vec(text.as_bytes(), &mut packed, FlushCompress::Sync)?;
                Message::Binary(packed.into())
            }
        };
        Ok(self.socket.send(message).await?)
    }
}
