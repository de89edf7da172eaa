//! Monitoring: `/healthz` says that the process runs, `/readyz` that it is ready for work, `/metrics` serves
//! Prometheus metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::kernel::patience::Waits;
use crate::outbox::queue;
use crate::store::state::State;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Listens at an address.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// What the pages report on.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What the process is waiting for.
    pub waits: Waits,
    /// The app, once its database is open.
    pub state: watch::Receiver<Option<Arc<State>>>,
    /// Whether it is connected and its commands are registered.
    pub ready: watch::Receiver<bool>,
}

/// Serves until `stop`.
pub async fn serve(listener: TcpListener, watched: Watched, stop: CancellationToken) {
    let state = watched.state.clone();
    let metrics = move || {
        let state = state.borrow().clone();
        async move {
            let told = match state {
                Some(state) => measured(&state).await,
                None => "# EOF\n".to_owned(),
            };
            ([(CONTENT_TYPE, OPENMETRICS)], told)
        }
    };
    let is_ready = move || {
        let watched = watched.clone();
        async move {
            match lacking(&watched).await {
                None => (StatusCode::OK, "ready\n".to_owned()),
                Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
            }
        }
    };
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(is_ready))
        .route("/metrics", get(metrics));
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "the health pages stopped");
    }
}

/// Why it isn't ready, if so.
async fn lacking(watched: &Watched) -> Option<String> {
    let state = watched.state.borrow().clone();
    let not_yet = || watched.waits.told().unwrap_or_else(|| "not connected to Discord yet".to_owned());
    let Some(state) = state.filter(|_| *watched.ready.borrow()) else { return Some(not_yet()) };
    let answers = sqlx::query("SELECT 1").execute(state.db.read()).await.is_ok();
    (!answers).then(|| "the database isn't responding".to_owned())
}

/// The metrics, after sampling those that aren't counted as they happen: the outbox, and the database's
/// response time.
async fn measured(state: &State) -> String {
    let asked = Instant::now();
    if let Ok((posts, oldest)) = queue::depth(state).await {
        state.meters.read(asked.elapsed());
        let age = oldest.map(|since| TimeDelta::microseconds(state.micros() - since));
        state.meters.outbox(posts, age.and_then(|age| age.to_std().ok()).unwrap_or_default());
    }
    state.meters.told()
}
