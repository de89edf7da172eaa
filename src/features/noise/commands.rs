//! `/noise …`

use super::view;
use crate::chat::{Ctx, here, receipt, whisper};
use crate::features::periods::amounts;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::{Currency, Money};
use crate::kernel::quantity::Quantity;
use crate::outbox::noise::{Budget, budget, set as set_budget};
use crate::words::noise as words;

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("show", "set"))]
pub(crate) async fn noise(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn show(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    here.actor.manage()?;
    let budget = budget(ctx.data().db.read(), here.guild.id).await?;
    whisper(ctx, &view::shown(&budget, here.voice(), false)).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn set(
    ctx: Ctx<'_>,
    #[autocomplete = "amounts"] small: Option<String>,
    #[autocomplete = "amounts"] large: Option<String>,
    most: Option<i64>,
) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    if small.is_none() && large.is_none() && most.is_none() {
        return Err(Error::user(words::nothing_to_change()));
    }
    let before = budget(ctx.data().db.read(), here.guild.id).await?;
    let after = Budget {
        small: amount(small.as_deref(), before.small, here.guild.currency)?,
        large: amount(large.as_deref(), before.large, here.guild.currency)?,
        most: most.unwrap_or(before.most),
    };
    let mut tx = ctx.data().db.write().await?;
    set_budget(&mut tx, permit.guild, &after).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::shown(&after, here.voice(), true)).await
}

/// `None` for "auto"; unchanged if nothing was typed.
fn amount(typed: Option<&str>, before: Option<Quantity>, currency: Currency) -> Result<Option<Quantity>> {
    Ok(match typed {
        None => before,
        Some(typed) if typed.trim().eq_ignore_ascii_case("auto") => None,
        Some(typed) => Some(Money::parse(typed, currency)?.quantity()),
    })
}
