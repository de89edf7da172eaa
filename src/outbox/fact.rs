//! What happened and was committed. The worker reacts to each fact once.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::clock::at;
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{FactId, GoalId, GuildId, KudosId, MetricId, PersonId, WinId};
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
        /// The day that it counts for, as the ledger keeps it; facts of an earlier version don't say.
        #[serde(default)]
        day: Option<i64>,
    },
    /// A goal was set.
    GoalSet {
        /// Which.
        goal: GoalId,
    },
    /// Kudos were given.
    KudosGiven {
        /// Which.
        kudos: KudosId,
        /// By whom.
        giver: PersonId,
        /// To whom.
        receivers: Vec<PersonId>,
    },
    /// Somebody joined in with kudos.
    KudosSeconded {
        /// Which.
        kudos: KudosId,
        /// Who joined in.
        by: PersonId,
        /// Whom they thank.
        #[serde(default)]
        receivers: Vec<PersonId>,
    },
    /// Kudos were taken back.
    KudosUndone {
        /// Which.
        kudos: KudosId,
    },
    /// A goal was changed.
    GoalChanged {
        /// Which.
        goal: GoalId,
    },
    /// A goal's target was reached.
    GoalReached {
        /// Which.
        goal: GoalId,
        /// By whom, where it is one person's.
        #[serde(default)]
        person: Option<PersonId>,
    },
}

/// Records a fact in the transaction of the state that it is about.
pub async fn tell(tx: &mut Tx, state: &State, guild: GuildId, fact: &Fact) -> Result<()> {
    follow(tx, state, guild, fact, state.clock.now()).await
}

/// Records a fact that follows from another: it happened when that did, however late somebody reacts.
pub async fn follow(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    fact: &Fact,
    happened: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("INSERT INTO fact (id, guild_id, body, happened) VALUES ($1, $2, $3, $4)")
        .bind(state.id())
        .bind(guild)
        .bind(serde_json::to_string(fact)?)
        .bind(happened.timestamp_micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

crate::row! {
    /// A fact that nothing has reacted to.
    #[derive(Debug)]
    pub struct Waiting {
        /// Which.
        pub id: FactId,
        /// Whose.
        pub guild_id: GuildId,
        body: String,
        happened: i64,
    }
}

impl Waiting {
    /// What happened.
    ///
    /// # Errors
    /// When it does not read back.
    pub fn fact(&self) -> Result<Fact> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// When it happened: what reacts to it may run days later.
    pub fn happened(&self) -> DateTime<Utc> {
        at(self.happened)
    }
}

/// The oldest fact that nothing has reacted to, and that is not put off.
pub async fn oldest_unreacted(state: &State) -> Result<Option<Waiting>> {
    let waiting = sqlx::query_as(
        "SELECT id, guild_id, body, happened FROM fact WHERE reacted_at IS NULL
         AND (retry_at <= $1 OR retry_at > $2) ORDER BY id LIMIT 1",
    );
    Ok(waiting.bind(state.micros()).bind(state.never()).fetch_optional(state.db.read()).await?)
}

/// Puts off a fact whose reactions failed.
pub async fn put_off(state: &State, waiting: &Waiting) -> Result<()> {
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE fact SET retry_at = $2 WHERE id = $1")
        .bind(waiting.id)
        .bind(state.retry(waiting.happened))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
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
