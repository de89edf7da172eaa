//! For whoever watches the process: `/healthz` says that it runs, `/readyz` that it can do its work, `/metrics` how it
//! goes, as Prometheus reads it.

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

use crate::kernel::state::State;
use crate::outbox::queue;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Listens at an address.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `stop`.
pub async fn serve(
    listener: TcpListener,
    state: Arc<State>,
    ready: watch::Receiver<bool>,
    stop: CancellationToken,
) {
    let watched = state.clone();
    let metrics = move || {
        let state = watched.clone();
        async move { ([(CONTENT_TYPE, OPENMETRICS)], measured(&state).await) }
    };
    let is_ready = move || {
        let (state, is_connected) = (state.clone(), *ready.borrow());
        async move {
            let answers = sqlx::query("SELECT 1").execute(state.db.read()).await.is_ok();
            match (is_connected, answers) {
                (true, true) => (StatusCode::OK, "ready\n"),
                (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "not connected to Discord yet\n"),
                (_, false) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
            }
        }
    };
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(is_ready))
        .route("/metrics", get(metrics));
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "the health pages ended");
    }
}

/// What is counted and timed, after a look at what nobody counts: the outbox, and how long the database takes.
async fn measured(state: &State) -> String {
    let asked = Instant::now();
    if let Ok((posts, oldest)) = queue::depth(state).await {
        state.meters.read(asked.elapsed());
        let age = oldest.map(|since| TimeDelta::microseconds(state.micros() - since));
        state.meters.outbox(posts, age.and_then(|age| age.to_std().ok()).unwrap_or_default());
    }
    state.meters.told()
}
