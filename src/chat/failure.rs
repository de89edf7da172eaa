//! The one place where an error becomes a reply.

use std::sync::Arc;

use super::answer::{Unanswered, unanswered};
use super::{Ctx, language_in, whisper};
use crate::kernel::error::Error;
use crate::render::post::{Post, Tone};
use crate::store::db::{self, Fate};
use crate::store::state::State;
use crate::words::{Language, chat as words};
use poise::FrameworkError;

/// Tells the person what to do, or gives them the reference of the log entry.
pub async fn answer(error: FrameworkError<'_, Arc<State>, Error>) {
    match error {
        // If the check failed, nothing was started.
        FrameworkError::Command { error, ctx, .. }
        | FrameworkError::CommandCheckFailed { error: Some(error), ctx, .. } => tell(ctx, &error).await,
        FrameworkError::ArgumentParse { error, ctx, .. } => {
            tell(ctx, &Error::user(words::unreadable_option(error.to_string()))).await;
        }
        FrameworkError::CommandPanic { payload, ctx, .. } => {
            let why = payload.unwrap_or_else(|| "a panic without a message".to_owned());
            tell(ctx, &Error::other("running a command", why)).await;
        }
        FrameworkError::GuildOnly { ctx, .. } => tell(ctx, &super::outside()).await,
        FrameworkError::CommandStructureMismatch { description, ctx, .. } => {
            tracing::warn!(command = %ctx.command().name, description, "outdated command options");
            tell(Ctx::Application(ctx), &Error::user(words::changed())).await;
        }
        FrameworkError::EventHandler { error, framework, .. } => {
            framework.user_data.report("event", &error);
        }
        FrameworkError::UnknownInteraction { interaction, .. } => {
            tracing::warn!(command = interaction.data.name, "an unknown command");
        }
        other => tracing::debug!(%other, "ignored framework error"),
    }
}

async fn tell(ctx: Ctx<'_>, error: &Error) {
    let (state, command) = (ctx.data(), &ctx.command().qualified_name);
    if is_beyond_words(state, command, error) {
        return;
    }
    let guild = ctx.guild_id();
    let language = language_in(state, guild, ctx.locale().unwrap_or_default()).await;
    let post = refusal(state, language, command, error);
    if let Err(lost) = whisper(ctx, &post).await {
        is_beyond_words(state, "answering a failure", &lost);
    }
}

/// Whether an error means that the person can't be told. If so, it is only logged.
pub fn is_beyond_words(state: &State, doing: &str, error: &Error) -> bool {
    match unanswered(error) {
        None => return false,
        Some(why @ (Unanswered::Late | Unanswered::Before)) => tracing::info!(doing, %why, "not answered"),
        Some(_) => drop(state.report(doing, error)),
    }
    true
}

/// An error as shown to a person. Anything but a [`Error::User`] is logged here, once.
pub fn refusal(state: &State, language: Language, doing: &str, error: &Error) -> Post {
    let (tone, text) = match error {
        Error::User(told) => (Tone::Refusal, language.say(told.message())),
        other => {
            let reference = state.report(doing, other);
            let (tone, told) = match db::fate() {
                Fate::Unwritten => (Tone::Refusal, words::failed(reference)),
                Fate::Written => (Tone::Calm, words::failed_when_done(reference)),
                Fate::Unknown => (Tone::Refusal, words::failed_while_saving(reference)),
            };
            (tone, language.say(told))
        }
    };
    Post { tone, ..Post::text(text) }
}
