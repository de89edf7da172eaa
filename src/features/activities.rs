//! Counts of a guild's own metrics, logged by hand, and the metrics themselves.

use chrono::NaiveDate;

use crate::chat::choice::Choice;
use crate::chat::permit::{Manager, Member};
use crate::chat::{Ctx, here, receipt, whisper};
use crate::feature::{Feature, Help};
use crate::features::periods::{own_metric_names, quantities};
use crate::kernel::calendar::{Span, parse_past_day, show_day};
use crate::kernel::error::{Error, Result};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Line, escape};
use crate::ledger::metric::{self, Horizon, Metric, Unit};
use crate::ledger::{self, Entry, OnceKey, Source, totals};
use crate::render::post::{Post, Tone};
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::activities as words;

/// What a count logged by hand comes from: the interaction's id.
const ACTIVITY: Source = Source("activity");

/// What counting adds to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![activity(), metric()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    ..Feature::NONE
};

/// Logs a count. The same key again changes nothing.
async fn record(
    tx: &mut Tx,
    state: &State,
    by: Member,
    metric: &Metric,
    quantity: Quantity,
    day: NaiveDate,
    key: OnceKey<'_>,
) -> Result<()> {
    let source_id = key.id(tx, state, by.guild).await?;
    let entry = Entry { metric: metric.id, person: by.person, quantity, day, source: ACTIVITY, source_id };
    ledger::record(tx, state, by.guild, &[entry]).await
}

/// Adds a metric of the guild's own.
async fn create(
    tx: &mut Tx,
    state: &State,
    by: Manager,
    name: &Line,
    unit: Unit,
    horizon: Horizon,
) -> Result<()> {
    metric::add(tx, state, by.guild, name, unit, horizon).await?;
    Ok(())
}

/// Log the work behind your wins: calls, demos, meetings
#[poise::command(slash_command, guild_only, subcommand_required, subcommands("log"))]
pub(crate) async fn activity(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Log calls, demos, or whatever else your team tracks
#[poise::command(slash_command, guild_only)]
pub(crate) async fn log(
    ctx: Ctx<'_>,
    #[description = "Which metric, like demos; /metric list shows them all"]
    #[autocomplete = "own_metric_names"]
    metric: String,
    #[description = "How many (default: 1)"]
    #[autocomplete = "quantities"]
    count: Option<String>,
    #[description = "Date, like yesterday or Apr 3 (default: today)"] when: Option<String>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let metric = metric::named(state.db.read(), here.guild.id, &metric).await?;
    if metric.built_in {
        let text = if metric.counts_thanks() {
            format!("I count {} automatically. Use /kudos give instead.", metric.name)
        } else {
            format!("I count {} automatically. Use /win log instead.", metric.name)
        };
        return Err(Error::user(text));
    }
    let quantity = metric.parse(count.as_deref().unwrap_or("1"), here.guild.currency)?;
    let today = here.guild.today(&state.clock);
    let day = when.as_deref().map_or(Ok(today), |when| parse_past_day(when, today))?;
    let mut tx = state.db.write().await?;
    record(&mut tx, state, here.actor.member(), &metric, quantity, day, here.interaction.into()).await?;
    state.commit(tx).await?;
    let week = here.guild.period(Span::Week, day);
    let sums = totals::by_person(state.db.read(), metric.id, week).await?;
    let sum = sums.get(&here.actor.person).copied().unwrap_or_default();
    let week = if week.contains(today) { "this week".to_owned() } else { format!("for the {week}") };
    let on = if day == today { String::new() } else { format!(" for {}", show_day(day)) };
    let (what, sum) =
        (metric.show_named(quantity, here.guild.currency), metric.show(sum, here.guild.currency));
    receipt(ctx, &here, Post::text(format!("Logged {what}{on}. That's {sum} {week}."))).await
}

/// What your team tracks
#[poise::command(slash_command, guild_only, subcommand_required, subcommands("add", "list"))]
pub(crate) async fn metric(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Track a new metric, like calls, demos or meetings (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn add(
    ctx: Ctx<'_>,
    #[description = "Name, the way your team says it, like demos"] name: String,
    #[description = "Count or money (default: count)"] unit: Option<Choice<Unit>>,
    #[description = "Pipeline or forecast (default: pipeline)"] horizon: Option<Choice<Horizon>>,
) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let name = Line::parse("The name", &name, 40)?;
    let unit = unit.map_or_else(Unit::default, |Choice(unit)| unit);
    let horizon = horizon.map_or_else(Horizon::default, |Choice(horizon)| horizon);
    let mut tx = ctx.data().db.write().await?;
    create(&mut tx, ctx.data(), permit, &name, unit, horizon).await?;
    ctx.data().commit(tx).await?;
    let name = escape(name.as_str());
    let measured = match unit {
        Unit::Count => String::new(),
        Unit::Money => format!(" in {}", here.guild.currency.code()),
    };
    let text = format!(
        "Now tracking **{name}**, a {} metric{measured}. Reps log them with /activity log.",
        horizon.name()
    );
    receipt(ctx, &here, Post::text(text)).await
}

/// See what your team tracks
#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let metrics = metric::all(ctx.data().db.read(), here.guild.id).await?;
    whisper(ctx, &listed(&metrics)).await
}

fn listed(metrics: &[Metric]) -> Post {
    let line = |metric: &Metric| {
        let from = match metric.built_in {
            true if metric.counts_thanks() => "from kudos",
            true => "from wins",
            false => "logged by hand",
        };
        format!("**{}** · {} · {} · {from}", escape(&metric.name), metric.unit.name(), metric.horizon.name())
    };
    let lines: Vec<String> = metrics.iter().map(line).collect();
    Post::new(Tone::Calm, "What your team tracks", lines.join("\n"))
        .footer("Pipeline builds future business · Forecast closes this period")
}
