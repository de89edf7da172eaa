//! A local, strict server that speaks Discord's REST and gateway protocols, and a control API to play the people.
//!
//! It imports nothing from the bot, so the two can't share a mistake; other bots and client libraries can use
//! it too. Rust code starts one with [`Sandbox::start`]; everything else goes over HTTP: the bot's side under
//! `/api`, the control side under `/sandbox` through [`Client`].
//!
//! Reading order: `world` (what exists), `rest` (what a bot may ask), `draft` and `commands` (what is accepted),
//! `gateway` (what a bot hears), `control` (playing the people), `live` and `page` (watching them), `client`,
//! `transcript`.

mod agenda;
pub mod client;
mod clock;
mod commands;
mod components;
mod control;
mod draft;
mod embeds;
mod faults;
mod form;
mod gateway;
mod hub;
mod interactions;
mod journal;
mod live;
mod mentions;
mod messages;
mod modal;
mod objects;
mod page;
mod permissions;
mod rates;
mod refused;
mod rest;
mod rooms;
pub mod transcript;
mod world;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::{any, get};
use axum::serve::ListenerExt as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use agenda::{Agenda, Due};
pub use client::Client;
pub use refused::Refused;

/// The default bot token. Like every bot token, it starts with the application's id.
pub const TOKEN: &str = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.sandbox.bellringer-local-discord-token";

/// The usual port.
pub const PORT: u16 = 8077;

/// The settings of a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub addr: SocketAddr,
    /// The bot's token. If it starts with an id in base 64, that is the application's.
    pub token: String,
    /// The bot's user name.
    pub bot: String,
    /// The locale of every client and guild, in Discord's form.
    pub locale: String,
    /// The time at which the clock stands; `None` follows the system.
    pub now: Option<DateTime<Utc>>,
    /// Whether Discord's rate limits apply.
    pub limits: Limits,
    /// The heartbeat interval for the bot.
    pub heartbeat: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: TOKEN.to_owned(),
            bot: "Bellringer".to_owned(),
            locale: "en-US".to_owned(),
            now: None,
            limits: Limits::Discord,
            heartbeat: Duration::from_millis(41_250),
        }
    }
}

/// Whether Discord's rate limits apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limits {
    /// As on Discord.
    #[default]
    Discord,
    /// The same headers, but without effective limits.
    Lifted,
}

/// A running sandbox. Dropping it ends it.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    token: String,
    stop: DropGuard,
    served: JoinHandle<std::io::Result<()>>,
}

impl Sandbox {
    /// Listens and serves until stopped or dropped.
    ///
    /// # Errors
    /// When the address can't be bound.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind(options.addr).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let token = options.token.clone();
        let stop = CancellationToken::new();
        let hub = Arc::new(hub::Hub::new(options, url.clone(), stop.clone()));
        let router = Router::new()
            .route("/", any(front))
            .route("/page/{name}", get(page::file))
            .route("/gateway", any(gateway::upgrade))
            .route("/sandbox/live", get(live::serve))
            .route("/sandbox", any(control::serve))
            .route("/sandbox/{*rest}", any(control::serve))
            .fallback(rest::serve)
            .layer(from_fn(control::guard))
            .with_state(hub);
        // Nagle's algorithm would hold small answers back for tens of milliseconds.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let until = stop.clone();
        let served = spawn(async move {
            axum::serve(listener, router).with_graceful_shutdown(until.cancelled_owned()).await
        });
        Ok(Self { url, token, stop: stop.drop_guard(), served })
    }

    /// The same, falling back to another port if the requested one is taken.
    ///
    /// # Errors
    /// When nothing can be bound.
    pub async fn start_or_elsewhere(options: Options) -> std::io::Result<Self> {
        let elsewhere = Options { addr: SocketAddr::new(options.addr.ip(), 0), ..options.clone() };
        match Self::start(options).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Self::start(elsewhere).await,
            started => started,
        }
    }

    /// `http://127.0.0.1:PORT`, the base of both sides.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The bot's token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A client of the control API.
    #[must_use]
    pub fn control(&self) -> Client {
        Client::new(&self.url)
    }

    /// Closes every connection and waits until the server has stopped.
    pub async fn stop(self) {
        drop(self.stop);
        // A client's idle keep-alive connections may linger, so don't wait for them.
        drop(tokio::time::timeout(Duration::from_secs(1), self.served).await);
    }
}

/// Serves the gateway to a bot, and the page to a browser.
async fn front(
    hub: State<Arc<hub::Hub>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if socket.is_err() { page::index(&headers) } else { gateway::upgrade(hub, query, socket).await }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox serves beside its caller, and ends with its handle"
)]
fn spawn(
    server: impl Future<Output = std::io::Result<()>> + Send + 'static,
) -> JoinHandle<std::io::Result<()>> {
    tokio::spawn(server)
}
