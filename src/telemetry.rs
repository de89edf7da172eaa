//! Logs: to standard error, at the levels that the settings name.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging at `levels`, for instance "info" or "bellringer=debug,serenity=warn".
///
/// # Errors
/// When `levels` can't be read. Started twice in a process, the first stays.
pub fn start(levels: &str) -> Result<(), String> {
    let targets: Targets = levels.parse().map_err(|_| format!("the log setting can't be read: {levels}"))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
    Ok(())
}
