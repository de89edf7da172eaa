//! `/profile`

use serenity::all::User;

use super::{read, view};
use crate::chat::{Ctx, anyone, here, whisper};
use crate::kernel::error::Result;

/// See your records, badges, streak, kudos and goals, or a teammate's shared profile
#[poise::command(slash_command, guild_only)]
pub(crate) async fn profile(
    ctx: Ctx<'_>,
    #[description = "Whose profile (default: yours)"] who: Option<User>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let whose = match &who {
        Some(user) if user.id.get() != here.actor.user.get() => anyone(ctx, &here, user).await?,
        _ => here.actor.person,
    };
    let (viewed, parts) = read(state, &here.actor, &here.guild, whose).await?;
    whisper(ctx, &view::shown(&viewed, parts)).await
}
