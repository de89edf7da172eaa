//! `/shoutout …`

use serenity::all::User;

use super::{nominate as put_forward, preview as next, veto, view};
use crate::chat::press::Press;
use crate::chat::{Ctx, Here, Receipt, here, member, receipt, whisper};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::MomentId;
use crate::kernel::state::State;
use crate::ledger::roster;

/// Who is praised next (managers)
#[poise::command(slash_command, guild_only, subcommand_required, subcommands("nominate", "preview"))]
pub(crate) async fn shoutout(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Put somebody forward for the next shout-outs (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn nominate(
    ctx: Ctx<'_>,
    #[description = "Whom"] who: User,
    #[description = "What they did, and what came of it"] reason: String,
) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    if who.bot {
        return Err(Error::user("Bots are glad anyway. Name a person."));
    }
    let id = member(ctx, &here, &who).await?;
    let whom = roster::person(ctx.data().db.read(), here.guild.id, id).await?;
    put_forward(ctx.data(), permit, here.interaction, &whom, &reason).await?;
    receipt(ctx, &here, view::nominated(&whom.name)).await
}

/// See whom the next shout-outs would praise, and veto what should not be (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn preview(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    whisper(ctx, &view::preview(&next(ctx.data(), permit).await?)).await
}

/// *Veto*. Whoever presses is asked anew whether they manage.
pub(super) async fn vetoed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let permit = here.actor.manage()?;
    veto(state, permit, MomentId(press.id(0)?)).await?;
    let page = Receipt::from(view::preview(&next(state, permit).await?));
    press.replace_with_receipt(state, here, page.kept_as("Vetoed: it stays out of the shout-outs.")).await
}
