//! Metrics of interactions: their outcome, and how long the answer took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poise::FrameworkError;

use crate::chat::Ctx;
use crate::chat::press::Press;
use crate::kernel::error::{Error, Result};
use crate::store::state::State;

/// A command starts.
pub(super) async fn begun(ctx: Ctx<'_>) {
    ctx.set_invocation_data(Instant::now()).await;
}

/// A command succeeded.
pub(super) async fn done(ctx: Ctx<'_>) {
    let took = since_begun(ctx).await;
    ctx.data().meters.interacted(&ctx.command().qualified_name, "ok", took);
}

/// A command failed.
pub(super) async fn failed(error: &FrameworkError<'_, Arc<State>, Error>) {
    let Some(ctx) = error.ctx() else { return };
    let result = match error {
        FrameworkError::Command { error, .. } => became(Err(error)),
        FrameworkError::CommandPanic { .. } => "failed",
        _ => "refused",
    };
    let took = since_begun(ctx).await;
    ctx.data().meters.interacted(&ctx.command().qualified_name, result, took);
}

/// A button was pressed or a form submitted.
pub(super) fn pressed(state: &State, press: Press<'_>, result: &Result<()>, took: Duration) {
    let name = if press.is_form() { "a form" } else { "a button" };
    state.meters.interacted(name, became(result.as_ref()), Some(took));
}

async fn since_begun(ctx: Ctx<'_>) -> Option<Duration> {
    ctx.invocation_data::<Instant>().await.map(|begun| begun.elapsed())
}

fn became(result: Result<&(), &Error>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(Error::User(_)) => "refused",
        Err(_) => "failed",
    }
}
