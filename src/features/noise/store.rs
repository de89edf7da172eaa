//! All SQL of the noise budget.

use chrono::TimeDelta;
use sqlx::any::AnyExecutor;

use super::rules::{Budget, History};
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;
use crate::kernel::state::State;

/// How far back "lately" reaches.
const LATELY: TimeDelta = TimeDelta::days(30);

pub(super) async fn budget(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Budget> {
    let (small, large, most): (Option<i64>, Option<i64>, i64) =
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

/// The latest two hundred wins that have an amount, beside this one.
pub(super) async fn history(
    on: impl AnyExecutor<'_>,
    state: &State,
    guild: GuildId,
    amount: i64,
) -> Result<History> {
    let since = state.micros() - LATELY.num_microseconds().unwrap_or_default();
    let (count, smaller, lately): (i64, i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN amount < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN logged_at > $3 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM (SELECT amount, logged_at FROM win WHERE guild_id = $1 AND amount IS NOT NULL AND undone_at IS NULL
               ORDER BY id DESC LIMIT 200) AS latest",
    )
    .bind(guild)
    .bind(amount)
    .bind(since)
    .fetch_one(on)
    .await?;
    Ok(History { count, smaller, lately })
}
