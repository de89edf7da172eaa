//! `/schedule …`

use std::borrow::Cow;

use poise::{ChoiceParameter, CommandParameterChoice};
use serenity::all::PartialChannel;

use super::{change, of_kind, preview as preview_post, view};
use crate::chat::choice::{Choice, Offered, text_channel};
use crate::chat::{Ctx, here, receipt, whisper};
use crate::features::kinds;
use crate::kernel::error::{Error, Result};
use crate::kernel::wall_cron::WallCron;
use crate::schedules::rules::Late;
use crate::schedules::{Kind, Place, of_guild, past};
use crate::words::schedules as words;

impl Offered for Late {
    const NAME: &'static str = "late";
}

#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("list", "set", "pause", "resume", "preview", "explain")
)]
pub(crate) async fn schedule(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// A scheduled post, as a choice.
#[derive(Debug, Clone, Copy)]
pub struct KindChoice(Kind);

impl ChoiceParameter for KindChoice {
    fn list() -> Cow<'static, [CommandParameterChoice]> {
        let choice = |kind: Kind| CommandParameterChoice {
            name: format!("post.{}", kind.name).into(),
            localizations: Cow::default(),
            __non_exhaustive: (),
        };
        Cow::Owned(kinds().map(choice).collect())
    }

    fn from_index(index: usize) -> Option<Self> {
        kinds().nth(index).map(Self)
    }

    fn from_name(name: &str) -> Option<Self> {
        kinds().find(|kind| kind.name == name).map(Self)
    }

    fn name(&self) -> &'static str {
        let Self(kind) = self;
        kind.name
    }

    fn localized_name(&self, _: &str) -> Option<&'static str> {
        None
    }
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    here.actor.manage()?;
    let schedules = of_guild(ctx.data().db.read(), here.guild.id).await?;
    let of = |kind: Kind| schedules.iter().find(|it| it.kind == kind.name).map(|it| (kind, it.clone()));
    let schedules: Vec<_> = kinds().filter_map(of).collect();
    whisper(ctx, &view::list(&schedules, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn set(
    ctx: Ctx<'_>,
    post: KindChoice,
    when: Option<String>,
    channel: Option<PartialChannel>,
    late: Option<Choice<Late>>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let permit = here.actor.manage()?;
    let cron = when.map(|text| WallCron::parse(&text, here.guild.local(&state.clock))).transpose()?;
    let channel = channel.map(|channel| text_channel(&channel)).transpose()?;
    if channel.is_some() && !post.0.makes_a_message() {
        return Err(Error::user(words::takes_no_channel()));
    }
    let mut tx = state.db.write().await?;
    let changed = change(&mut tx, state, permit, post.0, |schedule| {
        schedule.cron = cron.unwrap_or_else(|| schedule.cron.clone());
        schedule.channel = channel.or(schedule.channel);
        schedule.late = late.map_or(schedule.late, |Choice(late)| late);
        Ok(())
    })
    .await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::changed(post.0, &changed, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn pause(ctx: Ctx<'_>, post: KindChoice) -> Result<()> {
    set_paused(ctx, post.0, true).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn resume(ctx: Ctx<'_>, post: KindChoice) -> Result<()> {
    set_paused(ctx, post.0, false).await
}

async fn set_paused(ctx: Ctx<'_>, kind: Kind, paused: bool) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let mut tx = ctx.data().db.write().await?;
    let changed = change(&mut tx, ctx.data(), permit, kind, |schedule| {
        if schedule.is_paused == paused {
            return Err(Error::user(if paused { words::already_paused() } else { words::not_paused() }));
        }
        schedule.is_paused = paused;
        Ok(())
    })
    .await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::changed(kind, &changed, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn preview(ctx: Ctx<'_>, post: KindChoice) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let permit = here.actor.manage()?;
    let schedule = of_kind(state, here.guild.id, post.0).await?;
    // Managers read inbox posts in their own language; everything else is in the guild's.
    let voice = match post.0.place {
        Place::Inboxes => here.voice(),
        Place::Channel(_) | Place::There(_) => here.voice_of_the_guild(),
    };
    let composed = preview_post(state, permit, voice, post.0).await?;
    whisper(ctx, &view::preview(composed.and_then(|composed| composed.post), &schedule, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn explain(ctx: Ctx<'_>, post: KindChoice) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    here.actor.manage()?;
    let schedule = of_kind(state, here.guild.id, post.0).await?;
    let past = past(state, schedule.id, 10).await?;
    whisper(ctx, &view::explain(post.0, &schedule, &past, here.voice())).await
}
