//! The noise budget of a guild: which wins fold into the day's message, which arrive silently, which notify; and how many
//! messages a channel takes a day.

pub mod commands;
pub mod rules;
mod store;
mod view;

use sqlx::any::AnyExecutor;

use crate::chat::permit::Manager;
use crate::feature::{Feature, Help, InMoney};
use crate::features::FEATURES;
use crate::kernel::db::{Reader, Tx};
use crate::kernel::error::{Result, caught};
use crate::kernel::ids::GuildId;
use crate::kernel::state::State;
use crate::ledger::roster::Guild;
use crate::outbox;
use crate::outbox::noise::{DayOf, Loudness};
use crate::outbox::subject::{Compose, Composer, Subject};
use crate::render::post::Post;
pub use rules::{Budget, History};

/// What the noise budget adds to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::noise()],
    help: Help {
        everyone: "",
        managers: "/noise set: which wins fold, which arrive silently, which notify.",
    },
    composers: &[Composer {
        kind: DayOf::KIND,
        compose: |db, state, guild, about| {
            Box::pin(async { Ok(day(db, state, guild, about.of()?).await?.into()) })
        },
    }],
    money: Some(|tx, guild| Box::pin(in_money(tx, guild))),
    ..Feature::NONE
};

/// The day's message. A line that can't be composed is left out alone.
async fn day(db: &mut Reader, state: &State, guild: &Guild, day: DayOf) -> Result<Post> {
    let mut lines = Vec::new();
    for about in outbox::noise::folded(db, day).await? {
        match caught(FEATURES.compose(db, state, guild, &about)).await {
            Ok(told) => lines.push(told.line),
            Err(error) => drop(state.report(&format!("composing a line: {}", about.kind()), &error)),
        }
    }
    Ok(view::day(&lines))
}

async fn in_money(tx: &mut Tx, guild: &Guild) -> Result<Option<InMoney>> {
    let budget = store::budget(&mut **tx, guild.id).await?;
    Ok(budget.small.or(budget.large).map(|_| InMoney {
        what: "The noise budget is",
        way_out: "Take its amounts out first, or keep the currency: `/noise set small:auto large:auto`.",
    }))
}

/// How loud something of an amount (minor units) is in a guild, beside what there was before.
pub async fn of(tx: &mut Tx, guild: GuildId, amount: Option<i64>, history: &History) -> Result<Loudness> {
    Ok(rules::loudness(amount, history, &store::budget(&mut **tx, guild).await?))
}

/// A guild's budget as it is set.
async fn budget(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Budget> {
    store::budget(on, guild).await
}

/// Sets a guild's budget.
///
/// # Errors
/// When what folds is not less than what notifies.
pub async fn set(tx: &mut Tx, by: Manager, budget: &Budget) -> Result<()> {
    rules::accept(budget)?;
    store::save(tx, by.guild, budget).await?;
    Ok(())
}
