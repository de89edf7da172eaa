//! Metrics and periods as options of a command. Used by every feature that asks for a number.

use crate::chat::{Ctx, Suggestions, here, suggest};
use crate::kernel::calendar::Span;
use crate::ledger::metric;

/// A period of a guild's calendar, as people choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poise::ChoiceParameter)]
pub enum SpanChoice {
    /// The present week.
    #[name = "week"]
    Week,
    /// The present month.
    #[name = "month"]
    Month,
    /// The present quarter.
    #[name = "quarter"]
    Quarter,
    /// The present year.
    #[name = "year"]
    Year,
}

impl SpanChoice {
    /// The span it stands for.
    pub fn span(self) -> Span {
        match self {
            Self::Week => Span::Week,
            Self::Month => Span::Month,
            Self::Quarter => Span::Quarter,
            Self::Year => Span::Year,
        }
    }
}

/// The guild's metrics that fit what was typed.
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
    suggest(typed, metrics.iter().filter(|metric| keep(metric)).map(|metric| metric.name.as_str()))
}

/// The guild's teams that fit what was typed.
pub async fn team_names(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let teams = crate::ledger::roster::teams(ctx.data().db.read(), here.guild.id).await.unwrap_or_default();
    suggest(typed, teams.iter().map(|team| team.name.as_str()))
}
