//! What happened and was committed. The worker reacts to each fact once.

use serde::{Deserialize, Serialize};

use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{FactId, GoalId, GuildId, MetricId, PersonId, WinId};
use crate::kernel::state::State;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A win was logged.
    WinLogged {
        /// Which.
        win: WinId,
        /// Whose numbers it changed.
        persons: Vec<PersonId>,
    },
    /// A win was taken back.
    WinUndone {
        /// Which.
        win: WinId,
    },
    /// A count was logged by hand.
    ActivityLogged {
        /// By whom.
        person: PersonId,
        /// Of what.
        metric: MetricId,
    },
    /// A goal was set.
    GoalSet {
        /// Which.
        goal: GoalId,
    },
    /// A goal's target was reached.
    GoalReached {
        /// Which.
        goal: GoalId,
    },
}

/// Records a fact in the transaction of the state that it is about.
pub async fn tell(tx: &mut Tx, state: &State, guild: GuildId, fact: &Fact) -> Result<()> {
    sqlx::query("INSERT INTO fact (id, guild_id, body, happened) VALUES ($1, $2, $3, $4)")
        .bind(state.id())
        .bind(guild)
        .bind(serde_json::to_string(fact)?)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The oldest fact that nothing has reacted to.
pub async fn oldest_unreacted(state: &State) -> Result<Option<(FactId, GuildId, Fact)>> {
    let row: Option<(FactId, GuildId, String)> =
        sqlx::query_as("SELECT id, guild_id, body FROM fact WHERE reacted_at IS NULL ORDER BY id LIMIT 1")
            .fetch_optional(state.db.read())
            .await?;
    row.map(|(id, guild, body)| Ok((id, guild, serde_json::from_str(&body)?))).transpose()
}

/// Marks a fact as reacted to. False if somebody else has done so: then this transaction must be dropped.
pub async fn mark_reacted(tx: &mut Tx, state: &State, fact: FactId) -> Result<bool> {
    let marked = sqlx::query("UPDATE fact SET reacted_at = $2 WHERE id = $1 AND reacted_at IS NULL")
        .bind(fact)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(marked.rows_affected() == 1)
}
