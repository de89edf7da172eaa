//! The scoreboard: an append-only list of entries, and the sums over it.
//!
//! Features that count write here; features that derive read here. Nobody else keeps a count. Whoever wrote an entry, the
//! ledger tells which numbers have changed.

pub mod fact;
pub mod metric;
pub mod once;
pub mod totals;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
pub use fact::{Counted, Event, Fact};
pub use once::OnceKey;

use crate::kernel::calendar::{day_number, day_of};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::people::{self, Guild};
use crate::store::db::Tx;
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Than, Trace};
use crate::words::{Language, ledger as words};

/// The tables of the scoreboard, and of what happened.
pub const TABLES: &[Table] = &[
    Table::new("metric", &[]),
    Table::new("entry", &[Trace::own(words::trace_ledger_entries, Erasure::Stays)]),
    Table::new("total", &[Trace::own(words::trace_daily_and_monthly_totals, Erasure::Stays)]),
    Table::new("fact", &[]).pruned(Old {
        days: 30,
        rows: "reacted_at < $1 AND NOT EXISTS (SELECT 1 FROM reaction WHERE reaction.fact_id = fact.id)",
        than: Than::Micros,
    }),
    Table::new("once", &[]).pruned(Old { days: 400, rows: "asked_at < $1", than: Than::Micros }),
    Table::new("reaction", &[]).whose("fact_id IN (SELECT id FROM fact WHERE guild_id = $1)"),
];

/// The guild, as it is or freshly met with its built-in metrics and a language to begin with.
pub async fn meet_guild(state: &State, id: GuildId, language: Language) -> Result<Guild> {
    if let Some(guild) = people::find_guild(state.db.read(), id).await? {
        return Ok(guild);
    }
    let mut tx = state.db.write().await?;
    if people::insert_guild(&mut tx, state, id, language).await? {
        metric::add_built_in(&mut tx, state, id).await?;
    }
    let guild = people::guild(&mut *tx, id).await?;
    tx.commit_unasked().await?;
    Ok(guild)
}

/// For how long whoever recorded something may take it back; a manager may later, too.
pub const UNDO_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// The kind of thing an entry came from: `source_id` says which. Each has an `Origin` in its feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(pub &'static str);

/// What is to be written in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What is counted.
    pub metric: MetricId,
    /// For whom.
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

/// Writes entries and their sums, and tells once what they changed. Those that the same source has recorded before change
/// nothing.
pub async fn record(tx: &mut Tx, state: &State, guild: GuildId, entries: &[Entry]) -> Result<()> {
    let mut written = Vec::new();
    for entry in entries {
        let done = sqlx::query(
            "INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (source, source_id, metric_id, person_id) WHERE reverses IS NULL DO NOTHING",
        )
        .bind(state.id())
        .bind(guild)
        .bind(entry.metric)
        .bind(entry.person)
        .bind(entry.quantity)
        .bind(day_number(entry.day))
        .bind(entry.source.0)
        .bind(entry.source_id)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
        if done.rows_affected() == 1 {
            totals::add(tx, guild, entry.metric, entry.person, entry.day, entry.quantity).await?;
            written.push((entry.metric, entry.person, day_number(entry.day)));
        }
    }
    counted(tx, state, guild, &written).await
}

/// Cancels every entry of a source by an opposite one for the same day, and tells once what that changed. Entries cancelled
/// before stay as they are.
pub async fn reverse(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    source: Source,
    source_id: i64,
) -> Result<()> {
    let rows: Vec<(i64, MetricId, PersonId, Quantity, i64)> = sqlx::query_as(
        "SELECT id, metric_id, person_id, quantity, day FROM entry AS made
         WHERE source = $1 AND source_id = $2 AND guild_id = $3 AND reverses IS NULL
           AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)",
    )
    .bind(source.0)
    .bind(source_id)
    .bind(guild)
    .fetch_all(&mut **tx)
    .await?;
    for (id, metric, person, quantity, day) in &rows {
        sqlx::query(
            "INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, reverses, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(state.id())
        .bind(guild)
        .bind(*metric)
        .bind(*person)
        .bind(-*quantity)
        .bind(*day)
        .bind(source.0)
        .bind(source_id)
        .bind(*id)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
        totals::add(tx, guild, *metric, *person, day_of(*day), -*quantity).await?;
    }
    let written: Vec<_> = rows.into_iter().map(|(_, metric, person, _, day)| (metric, person, day)).collect();
    counted(tx, state, guild, &written).await
}

/// Tells which numbers entries have changed, if there were any.
async fn counted(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    written: &[(MetricId, PersonId, i64)],
) -> Result<()> {
    let days = || written.iter().map(|(.., day)| *day);
    let Some((first, last)) = days().min().zip(days().max()) else { return Ok(()) };
    let metrics: BTreeSet<_> = written.iter().map(|(metric, ..)| *metric).collect();
    let persons: BTreeSet<_> = written.iter().map(|(_, person, _)| *person).collect();
    let counted = Counted {
        metrics: metrics.into_iter().collect(),
        persons: persons.into_iter().collect(),
        first,
        last,
    };
    fact::tell(tx, state, guild, &counted).await
}
