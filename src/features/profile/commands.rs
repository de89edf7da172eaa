//! `/profile`

use serenity::all::User;

use super::{read, view};
use crate::chat::{Ctx, anyone, here, whisper};
use crate::kernel::error::Result;

#[poise::command(slash_command, guild_only)]
pub(crate) async fn profile(ctx: Ctx<'_>, who: Option<User>) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let whose = match &who {
        Some(user) if user.id.get() != here.actor.user.get() => anyone(ctx, &here, user).await?,
        _ => here.actor.person,
    };
    let (viewed, parts) = read(state, &here.actor, here.voice(), whose).await?;
    whisper(ctx, &view::shown(&viewed, parts, here.voice())).await
}
