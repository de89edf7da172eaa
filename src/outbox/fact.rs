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

impl Fact {
    /// Whose numbers it has changed, as far as it says so.
    pub fn concerned(&self) -> Vec<PersonId> {
        match self {
            Self::WinLogged { persons, .. } => persons.clone(),
            Self::ActivityLogged { person, .. } => vec![*person],
            Self::KudosGiven { giver, receivers, .. } => [&[*giver], &receivers[..]].concat(),
            Self::KudosSeconded { by, receivers, .. } => [&[*by], &receivers[..]].concat(),
            Self::GoalReached { person, .. } => person.iter().copied().collect(),
            Self::WinUndone { .. }
            | Self::KudosUndone { .. }
            | Self::GoalSet { .. }
            | Self::GoalChanged { .. } => Vec::new(),
        }
    }
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

/// Keeps in mind that a reaction failed, and when it is tried again; in the transaction that marks the fact as reacted to.
pub async fn owe(tx: &mut Tx, state: &State, waiting: &Waiting, reactor: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO reaction (fact_id, reactor, retry_at) VALUES ($1, $2, $3)
         ON CONFLICT (fact_id, reactor) DO UPDATE SET retry_at = excluded.retry_at",
    )
    .bind(waiting.id)
    .bind(reactor)
    .bind(state.retry(waiting.happened))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts off a reaction that could not be made up for. One that was after all stays done.
pub async fn owe_longer(state: &State, waiting: &Waiting, reactor: &str) -> Result<()> {
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE reaction SET retry_at = $3 WHERE fact_id = $1 AND reactor = $2")
        .bind(waiting.id)
        .bind(reactor)
        .bind(state.retry(waiting.happened))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

crate::row! {
    /// A reaction that failed and is due again.
    #[derive(Debug)]
    pub struct Owed {
        id: FactId,
        guild_id: GuildId,
        body: String,
        happened: i64,
        reactor: String,
    }
}

impl Owed {
    /// Whose it is, and the fact that it is about.
    pub fn parts(self) -> (String, Waiting) {
        let Self { id, guild_id, body, happened, reactor } = self;
        (reactor, Waiting { id, guild_id, body, happened })
    }
}

/// The reaction that has been due again for longest.
pub async fn owed(state: &State) -> Result<Option<Owed>> {
    let owed = sqlx::query_as(
        "SELECT fact.id, fact.guild_id, fact.body, fact.happened, reaction.reactor FROM reaction
         JOIN fact ON fact.id = reaction.fact_id WHERE reaction.retry_at <= $1 OR reaction.retry_at > $2
         ORDER BY reaction.retry_at, fact.id LIMIT 1",
    );
    Ok(owed.bind(state.micros()).bind(state.never()).fetch_optional(state.db.read()).await?)
}

/// Takes a reaction off, in the transaction that makes up for it. False if somebody else has done so: then this transaction
/// must be dropped.
pub async fn settle(tx: &mut Tx, fact: FactId, reactor: &str) -> Result<bool> {
    let settled = sqlx::query("DELETE FROM reaction WHERE fact_id = $1 AND reactor = $2")
        .bind(fact)
        .bind(reactor)
        .execute(&mut **tx)
        .await?;
    Ok(settled.rows_affected() == 1)
}

/// Microseconds since 1970 at which the next fact that was put off, or the next reaction that failed, is due again.
pub async fn next_due(state: &State) -> Result<Option<i64>> {
    let (next,): (Option<i64>,) = sqlx::query_as(
        "SELECT MIN(retry_at) FROM (SELECT retry_at FROM fact WHERE reacted_at IS NULL
         UNION ALL SELECT retry_at FROM reaction) AS due",
    )
    .fetch_one(state.db.read())
    .await?;
    Ok(next)
}
