//! The one place where an error becomes a reply.

use std::sync::Arc;

use poise::FrameworkError;
use serenity::all::HttpError;

use super::{Ctx, whisper};
use crate::kernel::error::Error;
use crate::kernel::state::State;
use crate::render::post::{Post, Tone};

/// Discord's codes for an interaction that was answered already, or too late: nothing is left to say to anyone.
const ANSWERED: [isize; 2] = [40060, 10062];

/// Tells the person what to do, or gives them a reference to what the log holds.
pub async fn answer(error: FrameworkError<'_, Arc<State>, Error>) {
    match error {
        FrameworkError::Command { error, ctx, .. } => tell(ctx, &error).await,
        FrameworkError::ArgumentParse { error, ctx, .. } => {
            tell(ctx, &Error::user(format!("One of the options can't be read: {error}. Please try again.")))
                .await;
        }
        FrameworkError::CommandPanic { payload, ctx, .. } => {
            let why = payload.unwrap_or_else(|| "a panic without a word".to_owned());
            tell(ctx, &Error::other("running a command", why)).await;
        }
        FrameworkError::GuildOnly { ctx, .. } => tell(ctx, &super::outside()).await,
        FrameworkError::CommandStructureMismatch { description, ctx, .. } => {
            tracing::warn!(command = %ctx.command().name, description, "a command of an older shape");
            let text = "This command has changed. Type it again and choose it from the list.";
            tell(Ctx::Application(ctx), &Error::user(text)).await;
        }
        FrameworkError::EventHandler { error, framework, .. } => {
            framework.user_data.report("event", &error);
        }
        FrameworkError::UnknownInteraction { interaction, .. } => {
            tracing::warn!(command = interaction.data.name, "an unknown command");
        }
        other => tracing::debug!(%other, "not a command of ours"),
    }
}

async fn tell(ctx: Ctx<'_>, error: &Error) {
    if was_answered(error) {
        tracing::info!(command = %ctx.command().qualified_name, "answered before, or too late");
        return;
    }
    let post = refusal(ctx.data(), &ctx.command().qualified_name, error);
    if let Err(lost) = whisper(ctx, &post).await
        && !was_answered(&lost)
    {
        ctx.data().report("answering a failure", &lost);
    }
}

/// An error as a person reads it. Anything but a [`Error::User`] is logged here, once.
pub fn refusal(state: &State, doing: &str, error: &Error) -> Post {
    let text = match error {
        Error::User(told) => told.to_string(),
        other => {
            let reference = state.report(doing, other);
            // The answer was lost, perhaps after the work was done.
            if matches!(other, Error::Other { source, .. } if source.is::<serenity::Error>()) {
                return Post {
                    tone: Tone::Refusal,
                    ..Post::text(format!(
                        "My answer was lost on the way, and what you asked for may have been done. Look before you try again. The log has the cause under `{reference}`."
                    ))
                };
            }
            format!(
                "Something went wrong on my side, and nothing was changed. If it happens again, tell whoever runs me: `{reference}`."
            )
        }
    };
    Post { tone: Tone::Refusal, ..Post::text(text) }
}

/// Whether Discord said that the interaction was answered already, or too late.
pub fn was_answered(error: &Error) -> bool {
    let Error::Other { source, .. } = error else { return false };
    let Some(serenity::Error::Http(HttpError::UnsuccessfulRequest(answer))) = source.downcast_ref() else {
        return false;
    };
    ANSWERED.contains(&answer.error.code)
}
