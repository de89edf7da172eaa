//! `/leaderboard`.

use super::{Board, view};
use crate::chat::{Ctx, here, say, whisper};
use crate::features::periods::{SpanChoice, metric_names};
use crate::kernel::calendar::Span;
use crate::kernel::error::Result;
use crate::ledger::metric;

/// Who sees a board, as people choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poise::ChoiceParameter)]
pub enum Audience {
    /// Oneself, with one's own place.
    #[name = "just me: my place and my neighbours"]
    Me,
    /// The channel, with the top three.
    #[name = "this channel: top three, teams, most improved"]
    Channel,
}

/// Where you stand, for you alone; or the top three for the channel
#[poise::command(slash_command, guild_only)]
pub(crate) async fn leaderboard(
    ctx: Ctx<'_>,
    #[description = "Which metric; revenue if you don't say"]
    #[autocomplete = "metric_names"]
    metric: Option<String>,
    #[description = "Over which period; this week if you don't say"] period: Option<SpanChoice>,
    #[description = "Who sees it; just you if you don't say"] show: Option<Audience>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let name = metric.as_deref().unwrap_or(metric::REVENUE);
    let metric = metric::named(state.db.read(), here.guild.id, name).await?;
    let period =
        here.guild.period(period.map_or(Span::Week, SpanChoice::span), here.guild.today(&state.clock));
    let board = Board::read(&mut state.db.reader().await?, &here.guild, metric, period).await?;
    if show == Some(Audience::Channel) {
        say(ctx, &view::public(&board, &here.guild)).await
    } else {
        whisper(ctx, &view::private(&board, here.actor.person, &here.guild)).await
    }
}
