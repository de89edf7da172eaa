//! All SQL of the noise budget.

use sqlx::any::AnyExecutor;

use super::rules::Budget;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;
use crate::kernel::quantity::Quantity;
use crate::store::batch::{Answers, Batch};
use crate::store::db::Tx;

const BUDGET: &str = "SELECT noise_small, noise_large, noise_most FROM guild WHERE id = $1";

type Row = (Option<Quantity>, Option<Quantity>, i64);

fn read((small, large, most): Row) -> Budget {
    Budget { small, large, most }
}

/// A guild's budget as it is set.
pub async fn budget(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Budget> {
    Ok(read(sqlx::query_as(BUDGET).bind(guild).fetch_one(on).await?))
}

/// Asks for a guild's budget, for [`answered`].
pub(super) fn ask(batch: &mut Batch, guild: GuildId) {
    batch.add(BUDGET).bind(guild);
}

/// A guild's budget that was asked for.
pub(super) fn answered(answers: &mut Answers) -> Result<Budget> {
    Ok(read(answers.row()?))
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
