//! The noise budget of a guild: which wins fold into the day's message, which arrive silently, which notify; and how many
//! messages a channel takes a day.

pub mod commands;
pub mod rules;
mod store;
mod view;

use sqlx::any::AnyExecutor;

use crate::chat::permit::Manager;
use crate::feature::{Feature, Help, InMoney};
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;
use crate::ledger::roster::Guild;
use crate::outbox::noise::Loudness;
pub use rules::{Budget, History};

/// What the noise budget adds to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::noise()],
    help: Help {
        everyone: "",
        managers: "/noise set: which wins fold, which arrive silently, which notify.",
    },
    money: Some(|tx, guild| Box::pin(in_money(tx, guild))),
    ..Feature::NONE
};

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
