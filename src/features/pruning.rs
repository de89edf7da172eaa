//! Deletes rows that are no longer needed, once a day. Each table declares which, and after how long.

use std::sync::atomic::Ordering;

use super::FEATURES;
use crate::feature::{Duty, Feature, tables};
use crate::kernel::error::Result;
use crate::store::state::State;
use crate::store::sweep::Going;

/// The pruning feature.
pub static FEATURE: Feature = Feature {
    duties: &[Duty {
        name: "pruning what is old",
        step: |state| Box::pin(step(state)),
        // Nobody waits for it, so it runs in the background.
        due: |_| Box::pin(async { Ok(None) }),
    }],
    ..Feature::NONE
};

const DAY: i64 = 86_400_000_000;

/// Prunes a batch of old rows, daily. Referring tables come before those they refer to.
async fn step(state: &State) -> Result<bool> {
    let since = state.micros() - state.pruned_at.load(Ordering::Relaxed);
    // Negative means that the clock was set back.
    if (0..DAY).contains(&since) {
        return Ok(false);
    }
    for table in tables(FEATURES).into_iter().rev() {
        for old in table.old {
            let count = Going::old(table, old, state.clock.now()).sweep(&state.db).await?;
            if count > 0 {
                tracing::info!(table = table.name, count, "pruned old rows");
                return Ok(true);
            }
        }
    }
    state.pruned_at.store(state.micros(), Ordering::Relaxed);
    Ok(false)
}
