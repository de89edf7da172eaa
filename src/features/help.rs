//! `/help`: what one can do here, by role.

use super::FEATURES;
use crate::chat::{Ctx, here, whisper};
use crate::feature::{Feature, Help};
use crate::kernel::error::Result;
use crate::render::post::{Post, Tone};

/// What help adds to the house.
pub static FEATURE: Feature = Feature { commands: || vec![help()], ..Feature::NONE };

/// See what you can do here
#[poise::command(slash_command, guild_only)]
pub(crate) async fn help(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    whisper(ctx, &shown(here.actor.is_manager, here.guild.is_set_up)).await
}

fn shown(is_manager: bool, is_set_up: bool) -> Post {
    let lines = |of: fn(&Help) -> &'static str| {
        let all = FEATURES.iter().map(|it| of(&it.help)).filter(|lines| !lines.is_empty());
        all.collect::<Vec<_>>().join("\n")
    };
    let post = Post::new(Tone::Calm, "What you can do here", lines(|it| it.everyone));
    let post = if is_manager { post.field("As a manager", lines(|it| it.managers)) } else { post };
    match (is_set_up, is_manager) {
        (true, _) => post,
        (false, true) => post.field("Start here", "Run /setup. It takes a minute."),
        (false, false) => post.field("Start here", "Ask a manager to run /setup. It takes a minute."),
    }
}
