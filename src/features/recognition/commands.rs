//! `/shoutout …`

use serenity::all::User;

use super::{VETO, nominate as put_forward, preview as next, veto, view};
use crate::chat::press::Press;
use crate::chat::{Ctx, Here, Receipt, here, member, receipt, whisper};
use crate::kernel::error::{Error, Result};
use crate::people;
use crate::store::state::State;
use crate::words::recognition as words;

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("nominate", "preview"))]
pub(crate) async fn shoutout(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn nominate(ctx: Ctx<'_>, who: User, reason: String) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    if who.bot {
        return Err(Error::user(words::bots()));
    }
    let id = member(ctx, &here, &who).await?;
    let whom = people::person(ctx.data().db.read(), here.guild.id, id).await?;
    let mut tx = ctx.data().db.write().await?;
    put_forward(&mut tx, ctx.data(), permit, here.interaction.into(), &whom, &reason).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::nominated(&whom.name, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn preview(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    whisper(ctx, &view::preview(&next(ctx.data(), permit).await?, here.voice())).await
}

/// *Veto*. Rechecks that the presser is a manager.
pub(super) async fn vetoed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let permit = here.actor.manage()?;
    let mut tx = state.db.write().await?;
    let moment = press.held(&VETO)?;
    veto(&mut tx, permit, moment).await?;
    state.commit(tx).await?;
    tracing::info!(moment = moment.0, by = permit.person.0, "moment vetoed");
    let voice = here.voice();
    let page = Receipt::from(view::preview(&next(state, permit).await?, voice));
    press.replace_with_receipt(state, here, page.kept_as(&voice.say(words::vetoed()))).await
}
