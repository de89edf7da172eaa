//! The scoreboard: an append-only list of entries, and the sums over it.
//!
//! Features that record facts write here; features that derive read here. Nobody else keeps a count.

pub mod metric;
pub mod roster;
pub mod totals;

use chrono::NaiveDate;

use crate::kernel::calendar::{day_number, day_of};
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, PersonId};
use crate::kernel::state::State;
use crate::kernel::table::{Erasure, Table, Trace};

/// The tables of the scoreboard and its roster.
pub const TABLES: &[Table] = &[
    Table::new("guild", &[]).whose("id = $1"),
    Table::new(
        "person",
        &[Trace::rows(
            "Your name, your Discord user, and what you chose",
            "id = $1",
            Erasure::Loses(
                "user_id = NULL, name = 'somebody who left', manages = 0, praise = 'none', shares_profile = 0,
                 dm_channel = NULL, birthday = NULL, first_day = NULL",
            ),
        )],
    ),
    Table::new("team", &[]),
    Table::new("team_member", &[Trace::own("Teams you are in", Erasure::Stays)])
        .whose("team_id IN (SELECT id FROM team WHERE guild_id = $1)"),
    Table::new("metric", &[]),
    Table::new("entry", &[Trace::own("Rows of the ledger that count for you", Erasure::Stays)]),
    Table::new("total", &[Trace::own("Sums over them by day and month", Erasure::Stays)]),
];

/// The kind of thing an entry came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A win: `source_id` is its id.
    Win,
    /// A count logged by hand: `source_id` is the interaction's.
    Activity,
    /// Thanks: `source_id` is that of the kudos.
    Kudos,
    /// Joining in with somebody's thanks: `source_id` is the interaction's.
    Second,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Win => "win",
            Self::Activity => "activity",
            Self::Kudos => "kudos",
            Self::Second => "second",
        }
    }
}

/// What is to be written in the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What is counted.
    pub metric: MetricId,
    /// For whom.
    pub person: PersonId,
    /// Minor units of money, or hundredths of a count.
    pub quantity: i64,
    /// The day it counts for, on the guild's calendar.
    pub day: NaiveDate,
    /// What it came from.
    pub source: Source,
    /// Which one.
    pub source_id: i64,
}

/// Writes an entry and its sums. Returns false, and changes nothing, if the same source has recorded it before.
pub async fn record(tx: &mut Tx, state: &State, guild: GuildId, entry: Entry) -> Result<bool> {
    let written = sqlx::query(
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
    .bind(entry.source.name())
    .bind(entry.source_id)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(false);
    }
    totals::add(tx, guild, entry.metric, entry.person, entry.day, entry.quantity).await?;
    Ok(true)
}

/// The first and the last day that what came from a source counts for, as the ledger keeps days.
pub async fn days_of(tx: &mut Tx, source: Source, source_id: i64) -> Result<Option<(i64, i64)>> {
    let (first, last): (Option<i64>, Option<i64>) =
        sqlx::query_as("SELECT MIN(day), MAX(day) FROM entry WHERE source = $1 AND source_id = $2")
            .bind(source.name())
            .bind(source_id)
            .fetch_one(&mut **tx)
            .await?;
    Ok(first.zip(last))
}

/// Cancels every entry of a source by an opposite one for the same day. Entries cancelled before stay as they are.
pub async fn reverse(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    source: Source,
    source_id: i64,
) -> Result<()> {
    let rows: Vec<(i64, MetricId, PersonId, i64, i64)> = sqlx::query_as(
        "SELECT id, metric_id, person_id, quantity, day FROM entry AS made
         WHERE source = $1 AND source_id = $2 AND guild_id = $3 AND reverses IS NULL
           AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)",
    )
    .bind(source.name())
    .bind(source_id)
    .bind(guild)
    .fetch_all(&mut **tx)
    .await?;
    for (id, metric, person, quantity, day) in rows {
        sqlx::query(
            "INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, reverses, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(state.id())
        .bind(guild)
        .bind(metric)
        .bind(person)
        .bind(-quantity)
        .bind(day)
        .bind(source.name())
        .bind(source_id)
        .bind(id)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
        totals::add(tx, guild, metric, person, day_of(day), -quantity).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_person_is_called_what_the_table_says() {
        let person = TABLES.iter().find(|it| it.name == "person").expect("there is one");
        let Erasure::Loses(what) = person.traces[0].erasure else { panic!() };
        assert!(what.contains(&format!("name = '{}'", roster::NOBODY)));
    }
}
