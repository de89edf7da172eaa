//! What nobody needs any more goes, once a day. What that is, and after how long, whoever owns a table says.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use sqlx::AssertSqlSafe;

use super::FEATURES;
use crate::feature::{Duty, Feature, tables};
use crate::kernel::calendar::day_number;
use crate::kernel::error::Result;
use crate::store::state::State;
use crate::store::table::{Old, Table, Than};

/// What pruning adds to the house.
pub static FEATURE: Feature = Feature {
    duties: &[Duty {
        name: "pruning what is old",
        step: |state| Box::pin(step(state)),
        // Nobody waits for it: it is done in passing.
        due: |_| Box::pin(async { Ok(None) }),
    }],
    ..Feature::NONE
};

const DAY: i64 = 86_400_000_000;

/// Prunes every table, if a day has passed. Each is a transaction of its own, so that nobody waits for long.
async fn step(state: &State) -> Result<bool> {
    let since = state.micros() - state.pruned_at.load(Ordering::Relaxed);
    // Before it did is never: the clock was set back.
    if (0..DAY).contains(&since) {
        return Ok(false);
    }
    let mut count = 0;
    for table in tables(FEATURES) {
        if let Some(old) = table.old {
            count += prune(state, table, old).await?;
        }
    }
    state.pruned_at.store(state.micros(), Ordering::Relaxed);
    tracing::info!(count, "pruned what was old");
    Ok(count > 0)
}

async fn prune(state: &State, table: &Table, old: Old) -> Result<u64> {
    let then = state.clock.now() - TimeDelta::days(old.days);
    let then = match old.than {
        Than::Micros => then.timestamp_micros(),
        Than::Day => day_number(then.date_naive()),
    };
    let sql = format!("DELETE FROM {} WHERE {}", table.name, old.rows);
    let mut tx = state.db.write().await?;
    let gone = sqlx::query(AssertSqlSafe(sql)).bind(then).execute(&mut *tx).await?.rows_affected();
    tx.commit().await?;
    Ok(gone)
}
