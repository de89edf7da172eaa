//! The scoreboard: an append-only list of entries, and the sums over it.
//!
//! Features that count things write here, and features that derive numbers read here; nothing else keeps a
//! count. The ledger reports which numbers changed, whichever feature wrote the entry.

pub mod fact;
pub mod metric;
pub mod once;
pub mod totals;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
pub use fact::{Counted, Event, Fact};
pub use once::OnceKey;

use crate::kernel::calendar::day_number;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GuildId, MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::people::{self, Guild};
use crate::store::batch::Batch;
use crate::store::db::{Tx, values};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Than, Trace, made_before};
use crate::words::{Language, ledger as words};

/// The tables of the scoreboard and of domain events.
pub const TABLES: &[Table] = &[
    Table::new("metric", &[]),
    Table::new("entry", &[Trace::own(words::trace_ledger_entries, Erasure::Stays)])
        .of("metric_id", "metric")
        .after("reverses"),
    Table::new(
        "total",
        &[Trace::rows(
            words::trace_daily_and_monthly_totals,
            "person_id = $1 AND metric_id IN (
                 SELECT id FROM metric WHERE guild_id = (SELECT guild_id FROM person WHERE id = $1))",
            Erasure::Stays,
        )],
    )
    .of("metric_id", "metric"),
    Table::new("fact", &[]).pruned(&[Old {
        days: 30,
        rows: concat!(
            made_before!(),
            " AND reacted_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reaction WHERE reaction.fact_id = fact.id)"
        ),
        than: Than::Micros,
    }]),
    Table::new("once", &[]).pruned(&[Old { days: 400, rows: "asked_at < $1", than: Than::Micros }]),
    Table::new("reaction", &[]).of("fact_id", "fact"),
];

/// The guild, created with its built-in metrics and this language if it is new.
///
/// # Errors
/// When its previous data is still being erased.
pub async fn meet_guild(state: &State, id: GuildId, language: Language) -> Result<Guild> {
    if let Some(guild) = people::find_guild(state.db.read(), id).await? {
        return Ok(guild);
    }
    let mut tx = state.db.write().await?;
    if people::insert_guild(&mut tx, state, id, language).await? {
        metric::add_built_in(&mut tx, state, id).await?;
    }
    let met = people::find_guild(&mut *tx, id).await?;
    let guild = met.ok_or_else(|| Error::user(words::still_erasing()))?;
    tx.commit_unasked().await?;
    Ok(guild)
}

/// For how long the person who recorded something may undo it; a manager may do so later, too.
pub const UNDO_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// The kind of thing an entry came from, with `source_id` as its id. Each has an `Origin` in its feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(pub &'static str);

/// An entry to write to the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The metric.
    pub metric: MetricId,
    /// The person it counts for.
    pub person: PersonId,
    /// How much.
    pub quantity: Quantity,
    /// The day it counts for, on the guild's calendar.
    pub day: NaiveDate,
    /// What it came from.
    pub source: Source,
    /// Which one.
    pub source_id: i64,
}

/// Writes entries and updates their sums, and records one fact about what changed. Entries that the same
/// source already recorded are ignored.
pub async fn record(tx: &mut Tx, state: &State, guild: GuildId, entries: &[Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::of(tx);
    let ignored = "ON CONFLICT (source, source_id, metric_id, person_id) WHERE reverses IS NULL DO NOTHING
                   RETURNING metric_id, person_id, day, quantity";
    insert(&mut batch, state, guild, entries, ignored);
    let written: Vec<Written> = batch.run(tx).await?.rows()?;
    let mut batch = Batch::of(tx);
    counted(&mut batch, state, guild, &written)?;
    batch.run(tx).await.map(drop)
}

/// The same as part of a batch, for entries of a source that is new: the database refuses any other.
pub fn record_new(batch: &mut Batch, state: &State, guild: GuildId, entries: &[Entry]) -> Result<()> {
    insert(batch, state, guild, entries, "");
    let written = entries.iter().map(|it| (it.metric, it.person, day_number(it.day), it.quantity));
    counted(batch, state, guild, &written.collect::<Vec<_>>())
}

fn insert(batch: &mut Batch, state: &State, guild: GuildId, entries: &[Entry], on_conflict: &str) {
    let sql = format!(
        "INSERT INTO entry (guild_id, recorded_at, id, metric_id, person_id, quantity, day, source, source_id) VALUES {} {on_conflict}",
        values("$1, $2, {}, {}, {}, {}, {}, {}, {}", 3, entries.len())
    );
    batch.add(&sql).bind(guild).bind(state.micros());
    for entry in entries {
        batch.bind(state.id()).bind(entry.metric).bind(entry.person).bind(entry.quantity);
        batch.bind(day_number(entry.day)).bind(entry.source.0).bind(entry.source_id);
    }
}

/// What an entry changes: metric, person, day and amount.
type Written = (MetricId, PersonId, i64, Quantity);

/// Cancels every entry of a source with an opposite one for the same day, and records one fact about what
/// changed. Entries cancelled before are left alone.
pub async fn reverse(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    source: Source,
    source_id: i64,
) -> Result<()> {
    let made: Vec<(i64, MetricId, PersonId, Quantity, i64)> = sqlx::query_as(
        "SELECT id, metric_id, person_id, quantity, day FROM entry AS made
         WHERE source = $1 AND source_id = $2 AND guild_id = $3 AND reverses IS NULL
           AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)",
    )
    .bind(source.0)
    .bind(source_id)
    .bind(guild)
    .fetch_all(&mut **tx)
    .await?;
    if made.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO entry (guild_id, recorded_at, source, source_id, id, metric_id, person_id, quantity, day, reverses) VALUES {}",
        values("$1, $2, $3, $4, {}, {}, {}, {}, {}, {}", 5, made.len())
    );
    let mut batch = Batch::of(tx);
    batch.add(&sql).bind(guild).bind(state.micros()).bind(source.0).bind(source_id);
    for (id, metric, person, quantity, day) in &made {
        batch.bind(state.id()).bind(*metric).bind(*person).bind(-*quantity).bind(*day).bind(*id);
    }
    let written: Vec<Written> =
        made.into_iter().map(|(_, metric, person, quantity, day)| (metric, person, day, -quantity)).collect();
    counted(&mut batch, state, guild, &written)?;
    batch.run(tx).await.map(drop)
}

/// Adds entries to their sums, and records which numbers changed, if any did.
fn counted(batch: &mut Batch, state: &State, guild: GuildId, written: &[Written]) -> Result<()> {
    let days = || written.iter().map(|(_, _, day, _)| *day);
    let Some((first, last)) = days().min().zip(days().max()) else { return Ok(()) };
    totals::add(batch, guild, written);
    let metrics: BTreeSet<_> = written.iter().map(|(metric, ..)| *metric).collect();
    let persons: BTreeSet<_> = written.iter().map(|(_, person, ..)| *person).collect();
    let counted = Counted {
        metrics: metrics.into_iter().collect(),
        persons: persons.into_iter().collect(),
        first,
        last,
    };
    fact::add(batch, state, guild, &counted, state.clock.now())
}
