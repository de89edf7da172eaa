//! Signals, cancellation, and the one place that starts tasks.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Starts a task. Whoever starts one holds its handle and waits for it.
#[expect(clippy::disallowed_methods, reason = "this is the one place that starts tasks")]
pub fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(task)
}

/// Starts what something does as its last; nobody waits for it, and at the very end of the process it is left undone.
pub fn spawn_last(task: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        drop(runtime.spawn(task));
    }
}

/// How long a stop may take; then the process ends anyway.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Cancelled on the first SIGINT or SIGTERM. From then on, or from when it is cancelled otherwise, the process has
/// [`PATIENCE`] to end; a second signal ends it at once.
///
/// A thread of its own listens and looks at the clock, so that both hold when every other one is busy or blocked.
///
/// # Errors
/// When the signals can't be listened to.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    on_signal_within(PATIENCE)
}

/// The same with another patience.
///
/// # Errors
/// When the signals can't be listened to.
pub fn on_signal_within(patience: Duration) -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let stop = CancellationToken::new();
    let heard = stop.clone();
    let listen = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = heard.cancelled() => {}
        }
        heard.cancel();
        tokio::select! {
            _ = interrupt.recv() => "stopped immediately after a second signal",
            _ = terminate.recv() => "stopped immediately after a second signal",
            () = tokio::time::sleep(patience) => "stopped before everything was finished",
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let why = runtime.block_on(listen);
        eprintln!("bellringer: {why}");
        std::process::exit(1);
    })?;
    Ok(stop)
}
