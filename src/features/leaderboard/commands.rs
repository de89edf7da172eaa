//! `/leaderboard`, and `/board …`.

use super::{Board, OWN, Style, own, set as set_board, store, view};
use crate::chat::choice::{Choice, Offered};
use crate::chat::press::{Press, stale};
use crate::chat::target::Day;
use crate::chat::{AtOnce, Ctx, Here, here, receipt, say, whisper};
use crate::features::periods::{BoardSpan, metric_names};
use crate::kernel::calendar::Period;
use crate::kernel::error::{Error, Result};
use crate::ledger::metric;
use crate::store::state::State;
use crate::words::leaderboard as words;

impl Offered for Style {
    const NAME: &'static str = "style";
}

/// A board's audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poise::ChoiceParameter)]
pub enum Audience {
    /// Only the actor, with their own place.
    #[name = "audience.me"]
    Me,
    /// The channel, with the top three.
    #[name = "audience.channel"]
    Channel,
}

#[poise::command(slash_command, guild_only, custom_data = "AtOnce")]
pub(crate) async fn leaderboard(
    ctx: Ctx<'_>,
    #[autocomplete = "metric_names"] metric: Option<String>,
    period: Option<BoardSpan>,
    show: Option<Audience>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let name = metric.as_deref().unwrap_or(metric::REVENUE);
    let metric = metric::named(state.db.read(), here.guild.id, name).await?;
    let today = here.guild.today(&state.clock);
    let period = period.unwrap_or(BoardSpan::Week).period(&here.guild, today);
    let mut db = state.db.reader().await?;
    let board = Board::read(&mut db, &here.guild, metric, period).await?;
    if show == Some(Audience::Channel) {
        drop(db);
        return say(ctx, &view::public(&board, here.voice_of_the_guild())).await;
    }
    let own = own(&mut db, &here.guild, board, here.actor.person, today).await?;
    drop(db);
    whisper(ctx, &view::private(&own, here.voice())).await
}

/// *Where am I?* on a board: the presser's own place on it.
pub(super) async fn pressed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let (id, span, Day(from), Day(until)) = press.held(&OWN)?;
    // Reject spans longer than any period.
    if !(1..=366).contains(&(until - from).num_days()) {
        return Err(stale());
    }
    let metrics = metric::all(state.db.read(), here.guild.id).await?;
    let metric = metrics.into_iter().find(|metric| metric.id == id).ok_or_else(stale)?;
    let period = Period { span, from, until };
    let mut db = state.db.reader().await?;
    let board = Board::read(&mut db, &here.guild, metric, period).await?;
    let today = here.guild.today(&state.clock);
    let own = own(&mut db, &here.guild, board, here.actor.person, today).await?;
    drop(db);
    press.whisper(&view::private(&own, here.voice())).await
}

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("show", "set"))]
pub(crate) async fn board(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn show(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    here.actor.manage()?;
    let (style, cards) = store::wanted(ctx.data().db.read(), here.guild.id).await?;
    whisper(ctx, &view::wanted(style, cards, false, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn set(ctx: Ctx<'_>, style: Option<Choice<Style>>, cards: Option<bool>) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    if style.is_none() && cards.is_none() {
        return Err(Error::user(words::nothing_to_set()));
    }
    let before = store::wanted(ctx.data().db.read(), here.guild.id).await?;
    let (style, cards) = (style.map_or(before.0, |Choice(style)| style), cards.unwrap_or(before.1));
    let mut tx = ctx.data().db.write().await?;
    set_board(&mut tx, permit, style, cards).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::wanted(style, cards, true, here.voice())).await
}
