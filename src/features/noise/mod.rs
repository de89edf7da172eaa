//! The noise budget of a guild: which wins fold into the day's message, which arrive silently, which notify; and how many
//! messages a channel takes a day.

pub mod commands;
pub mod rules;
mod store;
mod view;

use sqlx::any::AnyExecutor;

use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;
use crate::kernel::permit::Manager;
use crate::kernel::state::State;
use crate::outbox::noise::Loudness;
pub use rules::Budget;

/// How loud a win of an amount (minor units) is among the guild's others, before it is written.
pub async fn of_win(tx: &mut Tx, state: &State, guild: GuildId, amount: Option<i64>) -> Result<Loudness> {
    let budget = store::budget(&mut **tx, guild).await?;
    let history = store::history(&mut **tx, state, guild, amount.unwrap_or_default()).await?;
    Ok(rules::loudness(amount, &history, &budget))
}

/// A guild's budget as it is set.
pub async fn budget(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Budget> {
    store::budget(on, guild).await
}

/// Sets a guild's budget.
///
/// # Errors
/// When what folds is not less than what notifies.
pub async fn set(state: &State, by: Manager, budget: &Budget) -> Result<()> {
    rules::accept(budget)?;
    let mut tx = state.db.write().await?;
    store::save(&mut tx, by.guild, budget).await?;
    tx.commit().await
}
