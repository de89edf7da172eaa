//! `/goal …`

use serenity::all::User;

use super::rules::{self, Ramp};
use super::{
    CHEER, Change, Goal, MaySet, Standing, StandingContext, cancel as cancel_goal, change as change_goal,
    cheer, ramped, set as set_goal, share as share_goal, standings, store, view,
};
use crate::chat::choice::Choice;
use crate::chat::press::Press;
use crate::chat::{
    Ctx, Here, Suggestions, beside, here, member, offer, receipt, still_here, suggest_labelled, whisper,
};
use crate::features::periods::{metric_names, quantities, readings, team_names};
use crate::kernel::calendar::{Span, Toward, parse_day};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GoalId, dereference, reference};
use crate::kernel::text::quote;
use crate::ledger::metric;
use crate::people::{self, Scope};
use crate::store::state::State;
use crate::words::goals as words;

#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("set", "list", "change", "history", "share", "cancel")
)]
pub(crate) async fn goal(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn set(
    ctx: Ctx<'_>,
    #[autocomplete = "metric_names"] metric: String,
    #[autocomplete = "quantities"] target: String,
    period: Option<Choice<Span>>,
    until: Option<String>,
    who: Option<User>,
    #[autocomplete = "team_names"] team: Option<String>,
    everyone: Option<bool>,
    #[autocomplete = "quantities"] stretch: Option<String>,
    repeats: Option<bool>,
    ramp: Option<String>,
    share: Option<bool>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let metric = metric::named(state.db.read(), here.guild.id, &metric).await?;
    let scope = scope(ctx, &here, who.as_ref(), team.as_deref(), everyone == Some(true)).await?;
    let permit = MaySet::of(state.db.read(), &here.actor, scope).await?;
    let whole = metric.parse(&target, here.guild.currency)?;
    let today = here.guild.today(&state.clock);
    let repeats = repeats == Some(true);
    let period = match (until, period) {
        (Some(_), Some(_)) => return Err(Error::user(words::period_or_date())),
        (Some(_), None) if repeats => return Err(Error::user(words::repeats_without_period())),
        (Some(until), None) => rules::accept_until(parse_day(&until, today, Toward::Future)?, today)?,
        (None, period) => here.guild.period(period.map_or(Span::Week, |Choice(span)| span), today),
    };
    let ramp = ramp.as_deref().map(Ramp::parse).transpose()?;
    if ramp.is_some() && !(repeats && period.span == Span::Week && scope.person().is_some()) {
        return Err(Error::user(words::ramp_alone()));
    }
    if share == Some(true) && scope != Scope::Person(here.actor.person) {
        return Err(Error::user(words::share_own()));
    }
    let target = ramped(ramp.as_ref(), whole, 0, &metric);
    let stretch = stretch.map(|typed| metric.parse(&typed, here.guild.currency)).transpose()?;
    let stretch = rules::accept_stretch(stretch, whole)?;
    let goal = |id| Goal {
        id,
        metric: metric.id,
        scope,
        target,
        whole,
        stretch,
        period,
        set_by: here.actor.person,
        reached_at: None,
        stretched_at: None,
        is_over: false,
        is_cancelled: false,
        is_public: share == Some(true),
        repeats,
        follows: None,
        turn: 0,
        ramp,
        version: 1,
    };
    let mut tx = state.db.write().await?;
    let goal = set_goal(&mut tx, state, permit, &here.guild, here.interaction.into(), goal).await?;
    state.commit(tx).await?;
    let standing = stand(state, &here, goal).await?;
    receipt(ctx, &here, view::set(&standing, here.voice(), here.guild.local(&state.clock))).await
}

async fn stand(state: &State, here: &Here, goal: Goal) -> Result<Standing> {
    let mut db = state.db.reader().await?;
    StandingContext::read(&mut db, &here.guild).await?.standing(&mut db, &here.guild, goal).await
}

/// Reads which of three options names the new goal's owner; the actor if none is given.
pub async fn scope(
    ctx: Ctx<'_>,
    here: &Here,
    who: Option<&User>,
    team: Option<&str>,
    everyone: bool,
) -> Result<Scope> {
    match (who, team, everyone) {
        (None, None, true) => Ok(Scope::Guild),
        (None, Some(team), false) => {
            Ok(Scope::Team(people::team_named(ctx.data().db.read(), here.guild.id, team).await?.id))
        }
        (Some(user), None, false) => Ok(Scope::Person(member(ctx, here, user).await?)),
        (None, None, false) => Ok(Scope::Person(here.actor.person)),
        _ => Err(Error::user(words::for_several())),
    }
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let standings = standings(state, &here.actor, &here.guild).await?;
    whisper(ctx, &view::list(&standings, here.voice(), here.guild.local(&state.clock))).await
}

async fn open_goals(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let open = standings(ctx.data(), &here.actor, &here.guild).await.unwrap_or_default();
    let label = |it: &Standing| (view::label(it, here.voice()), reference(it.goal.id.0));
    suggest_labelled(typed, open.theirs.iter().map(label))
}

fn named(which: &str) -> Result<GoalId> {
    let id = dereference(which.trim()).map(GoalId);
    id.ok_or_else(|| Error::user(words::unknown(quote(which))))
}

/// How the quantity being typed will be read, by the metric of the goal option.
async fn quantities_of_the_goal(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let (Ok(here), Some(which)) = (here(ctx).await, beside(ctx, "which")) else { return Suggestions::new() };
    let metric = async {
        let db = ctx.data().db.read();
        let goal = store::goal(db, here.guild.id, named(which)?).await?;
        match goal {
            Some(goal) => {
                MaySet::of(db, &here.actor, goal.scope).await?;
                metric::by_id(db, goal.metric).await.map(Some)
            }
            None => Ok(None),
        }
    };
    match metric.await {
        Ok(Some(metric)) => offer(readings(&here, &metric, typed)),
        _ => Suggestions::new(),
    }
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn change(
    ctx: Ctx<'_>,
    #[autocomplete = "open_goals"] which: String,
    #[autocomplete = "quantities_of_the_goal"] target: Option<String>,
    #[autocomplete = "quantities_of_the_goal"] stretch: Option<String>,
    until: Option<String>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let id = named(&which)?;
    let not_open = || Error::user(words::not_open());
    let goal = store::goal(state.db.read(), here.guild.id, id).await?.ok_or_else(not_open)?;
    // GoalVersion what was typed is looked at: whose it is not has no business with its metric.
    MaySet::of(state.db.read(), &here.actor, goal.scope).await?;
    if let Some(whose) = goal.scope.person().filter(|whose| *whose != here.actor.person) {
        let whose = people::person(state.db.read(), here.guild.id, whose).await?;
        still_here(ctx.serenity_context(), &here, &whose).await?;
    }
    let metric = metric::by_id(state.db.read(), goal.metric).await?;
    let amount = |typed: &str| metric.parse(typed, here.guild.currency);
    let today = here.guild.today(&state.clock);
    let change = Change {
        target: target.as_deref().map(amount).transpose()?,
        stretch: match stretch.as_deref().map(str::trim) {
            None => None,
            Some(none) if none.eq_ignore_ascii_case("none") => Some(None),
            Some(typed) => Some(Some(amount(typed)?)),
        },
        until: until.map(|text| parse_day(&text, today, Toward::Future)).transpose()?,
    };
    let mut tx = state.db.write().await?;
    let changed = change_goal(&mut tx, state, &here.actor, &here.guild, id, change).await?;
    state.commit(tx).await?;
    receipt(ctx, &here, view::changed(&changed, here.voice(), here.guild.local(&state.clock))).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn history(ctx: Ctx<'_>, #[autocomplete = "open_goals"] which: String) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let id = named(&which)?;
    let open = standings(state, &here.actor, &here.guild).await?;
    let found = open.theirs.into_iter().chain(open.shared).find(|it| it.goal.id == id);
    let standing = found.ok_or_else(|| Error::user(words::not_open()))?;
    whisper(ctx, &view::history(&standing, here.voice(), here.guild.local(&state.clock))).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn share(
    ctx: Ctx<'_>,
    #[autocomplete = "open_goals"] which: String,
    shared: Option<bool>,
) -> Result<()> {
    let here = here(ctx).await?;
    let shared = shared != Some(false);
    let mut tx = ctx.data().db.write().await?;
    share_goal(&mut tx, ctx.data(), here.actor.member(), &here.guild, named(&which)?, shared).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::shared(shared, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn cancel(ctx: Ctx<'_>, #[autocomplete = "open_goals"] which: String) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let mut tx = state.db.write().await?;
    let goal = cancel_goal(&mut tx, state, &here.actor, &here.guild, named(&which)?).await?;
    state.commit(tx).await?;
    tracing::info!(goal = goal.id.0, by = here.actor.person.0, "goal cancelled");
    let standing = stand(state, &here, goal).await?;
    receipt(ctx, &here, view::cancelled(&standing, here.voice())).await
}

/// *Cheer*, on the message of a shared goal.
pub(super) async fn cheered(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let id = press.held(&CHEER)?;
    let goal = store::goal(state.db.read(), here.guild.id, id).await?;
    if let Some(whose) = goal.and_then(|goal| goal.scope.person()) {
        let whose = people::person(state.db.read(), here.guild.id, whose).await?;
        still_here(press.discord, here, &whose).await?;
    }
    let mut tx = state.db.write().await?;
    let whose = cheer(&mut tx, state, here.actor.member(), &here.guild, id).await?;
    state.commit(tx).await?;
    press.receipt(state, here, view::cheered(&whose, here.voice())).await
}
