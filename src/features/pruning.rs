//! What nobody needs any more goes, once a day. What that is, and after how long, whoever owns a table says.

use std::sync::atomic::Ordering;

use super::FEATURES;
use crate::feature::{Duty, Feature, tables};
use crate::kernel::error::Result;
use crate::store::state::State;
use crate::store::sweep::Going;

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

/// Prunes some of what is old in a table, if a day has passed since all was. What refers to others goes before them.
async fn step(state: &State) -> Result<bool> {
    let since = state.micros() - state.pruned_at.load(Ordering::Relaxed);
    // Before it did is never: the clock was set back.
    if (0..DAY).contains(&since) {
        return Ok(false);
    }
    for table in tables(FEATURES).into_iter().rev() {
        for old in table.old {
            let count = Going::old(table, old, state.clock.now()).sweep(&state.db).await?;
            if count > 0 {
                tracing::info!(table = table.name, count, "pruned what was old");
                return Ok(true);
            }
        }
    }
    state.pruned_at.store(state.micros(), Ordering::Relaxed);
    Ok(false)
}
