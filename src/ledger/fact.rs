//! Domain events: what happened and was committed. The worker reacts to each once.

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::ids::{FactId, GuildId, MetricId, PersonId};
use crate::store::batch::Batch;
use crate::store::db::{Tx, among};
use crate::store::state::State;

/// Something that happened: a domain event. The code that records it defines its type.
pub trait Fact: Serialize + DeserializeOwned + Sync {
    /// Its unique name in the database.
    const KIND: &'static str;
}

/// Numbers have changed: entries were written or reversed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The metrics that changed.
    pub metrics: Vec<MetricId>,
    /// The persons whose numbers changed.
    pub persons: Vec<PersonId>,
    /// The first day affected, as the ledger stores days.
    pub first: i64,
    /// The last day affected.
    pub last: i64,
}

impl Fact for Counted {
    const KIND: &'static str = "counted";
}

/// How a fact is stored.
#[derive(Serialize)]
struct Kept<'a, F> {
    kind: &'static str,
    #[serde(flatten)]
    fact: &'a F,
}

/// A fact, and when it happened. Dates in it are relative to then: the worker may have been down for weeks
/// since.
#[derive(Debug, Clone)]
pub struct Event {
    kind: String,
    body: serde_json::Value,
    /// When it happened.
    pub happened: DateTime<Utc>,
}

impl Event {
    /// The fact, if it is of this type.
    ///
    /// # Errors
    /// When it is, and can't be parsed.
    pub fn of<F: Fact>(&self) -> Result<Option<F>> {
        if self.kind != F::KIND {
            return Ok(None);
        }
        Ok(Some(F::deserialize(&self.body)?))
    }
}

/// Records a fact, in the transaction that changes the state it is about.
pub async fn tell<F: Fact>(tx: &mut Tx, state: &State, guild: GuildId, fact: &F) -> Result<()> {
    follow(tx, state, guild, fact, state.clock.now()).await
}

/// Records a fact that follows from another, with that fact's time, however late the reaction.
pub async fn follow<F: Fact>(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    fact: &F,
    happened: DateTime<Utc>,
) -> Result<()> {
    let mut batch = Batch::of(tx);
    add(&mut batch, state, guild, fact, happened)?;
    batch.run(tx).await.map(drop)
}

/// Records a fact as one of several statements.
pub(super) fn add<F: Fact>(
    batch: &mut Batch,
    state: &State,
    guild: GuildId,
    fact: &F,
    happened: DateTime<Utc>,
) -> Result<()> {
    batch
        .add("INSERT INTO fact (id, guild_id, body, happened) VALUES ($1, $2, $3, $4)")
        .bind(state.id())
        .bind(guild)
        .bind(serde_json::to_string(&Kept { kind: F::KIND, fact })?)
        .bind(happened.timestamp_micros());
    Ok(())
}

crate::row! {
    /// A fact that nothing has reacted to yet.
    #[derive(Debug)]
    pub struct Waiting {
        /// The fact.
        pub id: FactId,
        /// Its guild.
        pub guild_id: GuildId,
        body: String,
        happened: i64,
    }
}

impl Waiting {
    /// What happened, and when.
    ///
    /// # Errors
    /// When it can't be parsed.
    pub fn event(&self) -> Result<Event> {
        #[derive(Deserialize)]
        struct Named {
            kind: String,
        }
        let body: serde_json::Value = serde_json::from_str(&self.body)?;
        let Named { kind } = Named::deserialize(&body)?;
        Ok(Event { kind, body, happened: at(self.happened) })
    }
}

/// The most facts that features react to at once.
const TOGETHER: i64 = 500;

/// Facts awaiting reaction and not postponed: the oldest, if it has waited for at least `waited`, and the
/// others waiting in its guild, in order.
pub async fn unreacted(state: &State, waited: TimeDelta) -> Result<Vec<Waiting>> {
    let now = state.micros();
    // A fact dated in the future happened before the clock was set back. The plus keeps the planner from
    // using the index of all of a guild's facts.
    let waiting = sqlx::query_as(
        "SELECT id, guild_id, body, happened FROM fact
         WHERE reacted_at IS NULL AND (retry_at <= $1 OR retry_at > $2) AND +guild_id = (
             SELECT guild_id FROM fact WHERE reacted_at IS NULL AND (retry_at <= $1 OR retry_at > $2)
               AND (happened <= $3 OR happened > $1) ORDER BY id LIMIT 1)
         ORDER BY id LIMIT $4",
    );
    let waiting = waiting.bind(now).bind(state.latest_retry());
    let waiting = waiting.bind(now - waited.num_microseconds().unwrap_or_default()).bind(TOGETHER);
    Ok(waiting.fetch_all(state.db.read()).await?)
}

/// Postpones facts that could not be dispatched.
pub async fn put_off(state: &State, waiting: &[Waiting]) -> Result<()> {
    let mut tx = state.db.write().await?;
    for one in waiting {
        sqlx::query("UPDATE fact SET retry_at = $2 WHERE id = $1")
            .bind(one.id)
            .bind(state.retry(one.happened))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

/// Marks facts as reacted to. False if another process has already done so for one of them: then drop this
/// transaction.
pub async fn mark_reacted(tx: &mut Tx, state: &State, waiting: &[Waiting]) -> Result<bool> {
    let ids: Vec<FactId> = waiting.iter().map(|it| it.id).collect();
    let sql = format!("UPDATE fact SET reacted_at = $1 WHERE reacted_at IS NULL{}", among("id", Some(&ids)));
    let marked =
        sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(state.micros()).execute(&mut **tx).await?;
    Ok(usize::try_from(marked.rows_affected()) == Ok(waiting.len()))
}

/// Records that a reaction failed and when to retry it, in the transaction that marks the fact as reacted to.
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

/// Postpones a reaction whose retry failed. If it has succeeded in the meantime, it stays done.
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
    /// A failed reaction that is due for a retry.
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
    /// The reactor's name, and the fact.
    pub fn parts(self) -> (String, Waiting) {
        let Self { id, guild_id, body, happened, reactor } = self;
        (reactor, Waiting { id, guild_id, body, happened })
    }
}

/// The failed reaction that has been due the longest.
pub async fn owed(state: &State) -> Result<Option<Owed>> {
    let owed = sqlx::query_as(
        "SELECT fact.id, fact.guild_id, fact.body, fact.happened, reaction.reactor FROM reaction
         JOIN fact ON fact.id = reaction.fact_id WHERE reaction.retry_at <= $1 OR reaction.retry_at > $2
         ORDER BY reaction.retry_at, fact.id LIMIT 1",
    );
    Ok(owed.bind(state.micros()).bind(state.latest_retry()).fetch_optional(state.db.read()).await?)
}

/// Removes a failed reaction, in the transaction of its successful retry. False if another process has done
/// so: then drop this transaction.
pub async fn settle(tx: &mut Tx, fact: FactId, reactor: &str) -> Result<bool> {
    let settled = sqlx::query("DELETE FROM reaction WHERE fact_id = $1 AND reactor = $2")
        .bind(fact)
        .bind(reactor)
        .execute(&mut **tx)
        .await?;
    Ok(settled.rows_affected() == 1)
}

/// When the next postponed fact or failed reaction is due, in microseconds since 1970.
pub async fn next_due(state: &State) -> Result<Option<i64>> {
    let (next,): (Option<i64>,) = sqlx::query_as(
        "SELECT MIN(retry_at) FROM (SELECT retry_at FROM fact WHERE reacted_at IS NULL
         UNION ALL SELECT retry_at FROM reaction) AS due",
    )
    .fetch_one(state.db.read())
    .await?;
    Ok(next)
}
