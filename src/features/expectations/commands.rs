//! `/expect …`, and the button *I've got it*.

use serenity::all::User;

use super::rules::Deadline;
use super::{
    ACK, Expectation, Week, acknowledge, end as end_expectation, set as set_expectation, store, view,
};
use crate::chat::press::Press;
use crate::chat::{Ctx, Here, Suggestions, here, receipt, suggest_labelled, whisper};
use crate::features::goals;
use crate::features::periods::team_names;
use crate::kernel::calendar::{Period, Span};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ExpectationId, dereference, reference};
use crate::kernel::text::{Line, quote};
use crate::people::Scope;
use crate::store::state::State;
use crate::words::expectations as words;

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("set", "list", "end"))]
pub(crate) async fn expect(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// How often an expectation repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poise::ChoiceParameter)]
pub enum Repeat {
    /// Every week.
    #[name = "repeat.weekly"]
    Weekly,
    /// Once.
    #[name = "repeat.once"]
    Once,
}

#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn set(
    ctx: Ctx<'_>,
    what: String,
    by: String,
    if_met: String,
    if_missed: String,
    repeat: Option<Repeat>,
    who: Option<User>,
    #[autocomplete = "team_names"] team: Option<String>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let permit = here.actor.manage()?;
    let scope = match (&who, &team) {
        (None, None) => Scope::Guild,
        (who, team) => goals::commands::scope(ctx, &here, who.as_ref(), team.as_deref(), false).await?,
    };
    let weekly = repeat != Some(Repeat::Once);
    let what = Line::parse(words::field_what(), &what, 200)?;
    let deadline = Deadline::parse(&by, weekly, here.guild.local(&state.clock))?;
    let if_met = Line::parse(words::field_if_met(), &if_met, 300)?;
    let if_missed = Line::parse(words::field_if_missed(), &if_missed, 300)?;
    let set_by = here.actor.person;
    let expectation = |id| Expectation { id, what, deadline, scope, if_met, if_missed, set_by };
    let mut tx = state.db.write().await?;
    let key = here.interaction.into();
    let expectation = set_expectation(&mut tx, state, permit, key, expectation).await?;
    state.commit(tx).await?;
    let week = Week::read(&mut state.db.reader().await?, &here.guild, here.guild.week(&state.clock)).await?;
    receipt(ctx, &here, view::set(&expectation, &week, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let week = Week::read(&mut state.db.reader().await?, &here.guild, here.guild.week(&state.clock)).await?;
    let shown =
        if here.actor.is_manager { week.expectations.iter().collect() } else { week.of(here.actor.person) };
    whisper(ctx, &view::list(&week, &shown, here.actor.is_manager, here.voice())).await
}

async fn current(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    if !here.actor.is_manager {
        return Suggestions::new();
    }
    let current = store::current(ctx.data().db.read(), here.guild.id).await.unwrap_or_default();
    suggest_labelled(typed, current.iter().map(|it| (view::label(it, here.voice()), reference(it.id.0))))
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn end(ctx: Ctx<'_>, #[autocomplete = "current"] which: String) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let unknown = || Error::user(words::unknown(quote(&which)));
    let id = dereference(which.trim()).ok_or_else(unknown)?;
    let mut tx = ctx.data().db.write().await?;
    let ended = end_expectation(&mut tx, ctx.data(), permit, ExpectationId(id)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::ended(&ended, here.voice())).await
}

/// *I've got it*, under the weekly post.
pub(super) async fn pressed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let stale = || Error::user(words::older_post());
    let day = press.held(&ACK).map_err(|_| stale())?;
    let period = here.guild.period(Span::Week, day);
    let present = here.guild.week(&state.clock);
    if period.until < present.from || period.from > present.until {
        return Err(stale());
    }
    let period = Period { from: day, until: day + chrono::Days::new(7), span: Span::Week };
    let week = Week::read(&mut state.db.reader().await?, &here.guild, period).await?;
    let own = week.of(here.actor.person);
    let answer = view::acknowledged(&week, &own, here.voice());
    if own.is_empty() {
        return press.whisper(&answer).await;
    }
    let mut tx = state.db.write().await?;
    acknowledge(&mut tx, state, here.actor.member(), period).await?;
    state.commit(tx).await?;
    press.receipt(state, here, answer).await
}
