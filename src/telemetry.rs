//! Logs: to standard error, at the levels that the settings name.

use std::io::IsTerminal;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogFormat;

/// Starts logging at `levels`, for instance "info" or "bellringer=debug,serenity=warn".
///
/// # Errors
/// When `levels` can't be read. Started twice in a process, the first stays.
pub fn start(levels: &str, format: LogFormat) -> Result<(), String> {
    let targets: Targets =
        levels.parse().map_err(|_| "BELLRINGER_LOG must be log levels, like info,sqlx=warn".to_owned())?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
    Ok(())
}
