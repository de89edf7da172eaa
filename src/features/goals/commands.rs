//! `/goal …`

use serenity::all::User;

use super::{Goal, MaySet, Standing, cancel as cancel_goal, rules, set as set_goal, standings, view};
use crate::chat::{Ctx, Here, Suggestions, here, person, suggest_labelled, whisper};
use crate::features::periods::{SpanChoice, metric_names, team_names};
use crate::kernel::calendar::{Span, Toward, parse_day};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GoalId, dereference, reference};
use crate::kernel::text::{escape, quote};
use crate::ledger::roster::{self, Scope};
use crate::ledger::{metric, totals};

/// Goals: for yourself, a team, or everyone
#[poise::command(slash_command, guild_only, subcommand_required, subcommands("set", "list", "cancel"))]
pub(crate) async fn goal(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Set a goal: for yourself, or, if you manage, for anyone
#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn set(
    ctx: Ctx<'_>,
    #[description = "On which metric"]
    #[autocomplete = "metric_names"]
    metric: String,
    #[description = "How much: 10, 50k, €1,200"] target: String,
    #[description = "Over which period; this week if you don't say"] period: Option<SpanChoice>,
    #[description = "Or until which day: friday, 30 june, 2026-06-30"] until: Option<String>,
    #[description = "For whom; for you if you don't say"] who: Option<User>,
    #[description = "For which team"]
    #[autocomplete = "team_names"]
    team: Option<String>,
    #[description = "For everyone here"] everyone: Option<bool>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let metric = metric::named(state.db.read(), here.guild.id, &metric).await?;
    let scope = scope(ctx, &here, who.as_ref(), team.as_deref(), everyone == Some(true)).await?;
    let permit = MaySet::of(&here.actor, scope)?;
    let target = metric.parse(&target, here.guild.currency)?;
    let today = here.guild.today(&state.clock);
    let period = match (until, period) {
        (Some(_), Some(_)) => return Err(Error::user("Say a period or a last day, not both.")),
        (Some(until), None) => rules::accept_until(parse_day(&until, today, Toward::Future)?, today)?,
        (None, period) => here.guild.period(period.map_or(Span::Week, SpanChoice::span), today),
    };
    let goal = Goal {
        id: GoalId(here.interaction.0),
        metric: metric.id,
        scope,
        target,
        period,
        set_by: here.actor.person,
        is_reached: false,
    };
    set_goal(state, permit, &goal).await?;
    let db = state.db.read();
    let (teams, persons) =
        (roster::teams(db, here.guild.id).await?, roster::persons(db, here.guild.id).await?);
    let actual = scope.sum(&totals::by_person(db, metric.id, period).await?, &teams);
    let standing = Standing { goal, metric, whose: escape(&scope.name(&teams, &persons)), actual };
    whisper(ctx, &view::set(&standing, &here.guild, here.guild.local(&state.clock))).await
}

/// The one of three options that says for whom; oneself if none does.
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
            Ok(Scope::Team(roster::team_named(ctx.data().db.read(), here.guild.id, team).await?.id))
        }
        (Some(user), None, false) => Ok(Scope::Person(person(ctx, here, user).await?)),
        (None, None, false) => Ok(Scope::Person(here.actor.person)),
        _ => Err(Error::user("Choose one of person, team and everyone.")),
    }
}

/// See the open goals and where they stand
#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let standings = standings(state, &here.actor, &here.guild).await?;
    whisper(ctx, &view::list(&standings, &here.guild, here.guild.local(&state.clock))).await
}

async fn open_goals(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let open = standings(ctx.data(), &here.actor, &here.guild).await.unwrap_or_default();
    suggest_labelled(typed, open.iter().map(|it| (view::label(it, &here.guild), reference(it.goal.id.0))))
}

/// Cancel a goal
#[poise::command(slash_command, guild_only)]
pub(crate) async fn cancel(
    ctx: Ctx<'_>,
    #[description = "Which"]
    #[autocomplete = "open_goals"]
    which: String,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let id = dereference(which.trim()).ok_or_else(|| {
        Error::user(format!("I don't know a goal {}. Choose one from the list.", quote(&which)))
    })?;
    let goal = cancel_goal(state, &here.actor, GoalId(id)).await?;
    let db = state.db.read();
    let (teams, persons) =
        (roster::teams(db, here.guild.id).await?, roster::persons(db, here.guild.id).await?);
    whisper(ctx, &view::cancelled(&escape(&goal.scope.name(&teams, &persons)))).await
}
