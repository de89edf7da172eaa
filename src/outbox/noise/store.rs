//! All SQL of the noise budget.

use sqlx::any::AnyExecutor;

use super::rules::Budget;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;
use crate::kernel::quantity::Quantity;
use crate::store::db::Tx;

/// A guild's budget as set.
pub async fn budget(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Budget> {
    let (small, large, most): (Option<Quantity>, Option<Quantity>, i64) =
        sqlx::query_as("SELECT noise_small, noise_large, noise_most FROM guild WHERE id = $1")
            .bind(guild)
            .fetch_one(on)
            .await?;
    Ok(Budget { small, large, most })
}

pub(super) async fn save(tx: &mut Tx, guild: GuildId, budget: &Budget) -> Result<()> {
    sqlx::query("UPDATE guild SET noise_small = $2, noise_large = $3, noise_most = $4 WHERE id = $1")
        .bind(guild)
        .bind(budget.small)
        .bind(budget.large)
        .bind(budget.most)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
