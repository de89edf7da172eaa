//! Counts of a guild's own metrics, logged by hand, and the metrics themselves.

use chrono::NaiveDate;

use crate::chat::choice::Choice;
use crate::chat::permit::{Manager, Member};
use crate::chat::{Ctx, here, receipt, whisper};
use crate::feature::{Feature, Help};
use crate::features::periods::{own_metric_names, quantities};
use crate::kernel::calendar::{Span, parse_past_day};
use crate::kernel::error::{Error, Result};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Line, escape};
use crate::ledger::metric::{self, Horizon, Metric, Unit};
use crate::ledger::{self, Entry, OnceKey, Source, totals};
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::{self as said, activities as words, joined};

/// Source key of a count logged by hand: the interaction's id.
const ACTIVITY: Source = Source("activity");

/// The activities feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![activity(), metric()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    ..Feature::NONE
};

/// Logs a count. Idempotent per key.
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

/// Adds a custom metric to the guild.
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

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("log"))]
pub(crate) async fn activity(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn log(
    ctx: Ctx<'_>,
    #[autocomplete = "own_metric_names"] metric: String,
    #[autocomplete = "quantities"] count: Option<String>,
    when: Option<String>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let metric = metric::named(state.db.read(), here.guild.id, &metric).await?;
    if metric.built_in {
        return Err(Error::user(if metric.counts_thanks() {
            words::counted_by_kudos(metric.called())
        } else {
            words::counted_by_wins(metric.called())
        }));
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
    let what = metric.quantity_named(quantity, here.guild.currency);
    let sum = metric.quantity(sum, here.guild.currency);
    let text = if day == today {
        words::logged(what, sum)
    } else if week.contains(today) {
        words::logged_on(what, here.voice().day(day), sum)
    } else {
        words::logged_before(what, here.voice().day(day), sum, week.called())
    };
    receipt(ctx, &here, Post::text(here.voice().say(text))).await
}

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("add", "list"))]
pub(crate) async fn metric(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn add(
    ctx: Ctx<'_>,
    name: String,
    unit: Option<Choice<Unit>>,
    horizon: Option<Choice<Horizon>>,
) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let name = Line::parse(said::text::field_name(), &name, 40)?;
    let unit = unit.map_or_else(Unit::default, |Choice(unit)| unit);
    let horizon = horizon.map_or_else(Horizon::default, |Choice(horizon)| horizon);
    let mut tx = ctx.data().db.write().await?;
    create(&mut tx, ctx.data(), permit, &name, unit, horizon).await?;
    ctx.data().commit(tx).await?;
    let name = escape(name.as_str());
    let text = match unit {
        Unit::Count => words::tracking(name, horizon.name()),
        Unit::Money => words::tracking_money(name, horizon.name(), here.guild.currency.code()),
    };
    receipt(ctx, &here, Post::text(here.voice().say(text))).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let metrics = metric::all(ctx.data().db.read(), here.guild.id).await?;
    whisper(ctx, &listed(&metrics, here.voice())).await
}

fn listed(metrics: &[Metric], voice: Voice<'_>) -> Post {
    let line = |metric: &Metric| {
        let unit = match metric.unit {
            Unit::Count => words::list_count(),
            Unit::Money => words::list_money(),
        };
        let from = match metric.built_in {
            true if metric.counts_thanks() => words::list_from_kudos(),
            true => words::list_from_wins(),
            false => words::list_by_hand(),
        };
        let name: said::Value = format!("**{}**", voice.say(metric.called())).into();
        voice.say(joined([name, unit.into(), metric.horizon.called().into(), from.into()]))
    };
    let lines: Vec<String> = metrics.iter().map(line).collect();
    Post::new(Tone::Calm, voice.say(words::list_title()), lines.join("\n"))
        .footer(voice.say(words::list_footer()))
}
