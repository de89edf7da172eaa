//! Command options for metrics, quantities and periods, shared by all features that ask for a number.

use crate::chat::{Ctx, Here, Suggestions, beside, here, offer, suggest, suggest_labelled};
use chrono::{Days, NaiveDate};

use crate::kernel::calendar::{Period, Span};
use crate::kernel::money::Money;
use crate::ledger::metric;
use crate::people::Guild;

/// A board's period, as a choice: a current or previous calendar period, or the last so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poise::ChoiceParameter)]
pub enum BoardSpan {
    /// The present week.
    #[name = "board-span.week"]
    Week,
    /// The week before.
    #[name = "board-span.last-week"]
    LastWeek,
    /// The present month.
    #[name = "board-span.month"]
    Month,
    /// The month before.
    #[name = "board-span.last-month"]
    LastMonth,
    /// The present quarter.
    #[name = "board-span.quarter"]
    Quarter,
    /// The quarter before.
    #[name = "board-span.last-quarter"]
    LastQuarter,
    /// The present year.
    #[name = "board-span.year"]
    Year,
    /// A week up to today.
    #[name = "board-span.last-7-days"]
    SevenDays,
    /// A month up to today.
    #[name = "board-span.last-30-days"]
    ThirtyDays,
    /// A quarter up to today.
    #[name = "board-span.last-90-days"]
    NinetyDays,
}

impl BoardSpan {
    /// The days it covers.
    pub fn period(self, guild: &Guild, today: NaiveDate) -> Period {
        let rolling = |days: u64| Period::days(today - Days::new(days - 1), today);
        match self {
            Self::Week => guild.period(Span::Week, today),
            Self::LastWeek => guild.period(Span::Week, today).before(),
            Self::Month => guild.period(Span::Month, today),
            Self::LastMonth => guild.period(Span::Month, today).before(),
            Self::Quarter => guild.period(Span::Quarter, today),
            Self::LastQuarter => guild.period(Span::Quarter, today).before(),
            Self::Year => guild.period(Span::Year, today),
            Self::SevenDays => rolling(7),
            Self::ThirtyDays => rolling(30),
            Self::NinetyDays => rolling(90),
        }
    }
}

/// The guild's metrics that match what was typed.
pub async fn metric_names(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    names(ctx, typed, |_| true).await
}

/// The guild's metrics that are logged by hand.
pub async fn own_metric_names(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    names(ctx, typed, |metric| !metric.built_in).await
}

async fn names(ctx: Ctx<'_>, typed: &str, keep: fn(&metric::Metric) -> bool) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let metrics = metric::all(ctx.data().db.read(), here.guild.id).await.unwrap_or_default();
    let kept = metrics.into_iter().filter(keep);
    suggest_labelled(typed, kept.map(|metric| (here.voice().say(metric.label()), metric.name)))
}

/// How the amount being typed will be read; both readings if it is ambiguous.
pub async fn amounts(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let all = Money::readings(typed, here.guild.currency);
    offer(all.into_iter().map(|it| (here.voice().say(it.shown()), it.plain())))
}

/// The same for a quantity of the metric in another option.
pub async fn quantities(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let (Ok(here), Some(name)) = (here(ctx).await, beside(ctx, "metric")) else { return Suggestions::new() };
    match metric::named(ctx.data().db.read(), here.guild.id, name).await {
        Ok(metric) => offer(readings(&here, &metric, typed)),
        Err(_) => Suggestions::new(),
    }
}

/// Every reading of a typed quantity, as choices.
pub fn readings(here: &Here, metric: &metric::Metric, typed: &str) -> Vec<(String, String)> {
    let all = metric.readings(typed, here.guild.currency);
    all.into_iter().map(|(shown, plain)| (here.voice().say(shown), plain)).collect()
}

/// The guild's teams that match what was typed.
pub async fn team_names(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let teams = crate::people::teams(ctx.data().db.read(), here.guild.id).await.unwrap_or_default();
    suggest(typed, teams.iter().map(|team| team.name.as_str()))
}
