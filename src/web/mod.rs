//! For whoever watches the process: `/healthz` says that it runs, `/readyz` that it can do its work.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::kernel::state::State;

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
    let router = Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(is_ready));
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "the health pages ended");
    }
}
