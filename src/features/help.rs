//! `/help`: what you can do here, by role.

use super::FEATURES;
use crate::chat::{Ctx, here, whisper};
use crate::feature::{Feature, Help, Lines};
use crate::kernel::error::Result;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::help as words;

/// The help feature.
pub static FEATURE: Feature = Feature { commands: || vec![help()], ..Feature::NONE };

#[poise::command(slash_command, guild_only)]
pub(crate) async fn help(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    whisper(ctx, &shown(here.voice(), here.actor.is_manager)).await
}

fn shown(voice: Voice<'_>, is_manager: bool) -> Post {
    let lines = |of: fn(&Help) -> Lines| {
        let all = FEATURES.iter().filter_map(|it| of(&it.help)).map(|lines| voice.say(lines()));
        all.collect::<Vec<_>>().join("\n")
    };
    let post = Post::new(Tone::Calm, voice.say(words::title()), lines(|it| it.everyone));
    let post =
        if is_manager { post.field(voice.say(words::as_a_manager()), lines(|it| it.managers)) } else { post };
    let start = match (voice.is_set_up, is_manager) {
        (true, _) => return post,
        (false, true) => words::start(),
        (false, false) => words::ask_to_start(),
    };
    post.field(voice.say(words::start_here()), voice.say(start))
}
