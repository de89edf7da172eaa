//! What goes, goes in pieces, each a transaction of its own: whoever writes meanwhile waits for a piece at most, however much goes
//! and however much stays.
//!
//! Rows are looked for by a reader, whom nobody waits for, and go by their place: what each database calls where a row stands. Another row
//! may have come to stand there meanwhile, so each is asked once more.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use super::db::Db;
use super::table::{Old, Table, Than};
use crate::kernel::calendar::day_number;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;

/// How long a piece is to take, its commit included.
const PIECE: Duration = Duration::from_millis(6);
/// How many rows it has, at least, in the beginning and at most.
const ROWS: (usize, usize, usize) = (10, 100, 500);
/// How many rows are looked for at once.
const FOUND: usize = 20_000;

/// Rows of a table that are to go.
#[derive(Debug)]
pub struct Going {
    table: &'static str,
    /// Which they are, as a condition on $1.
    rows: String,
    /// The same of one that has been found.
    is_one: String,
    /// What $1 is.
    of: i64,
}

impl Going {
    /// A guild's. What another row of the same table refers to goes after that one.
    pub fn of_guild(table: &Table, guild: GuildId) -> Self {
        Self {
            table: table.name,
            rows: format!("{} AND {}", table.of_guild(), table.is_last()),
            is_one: table.is_of_guild(),
            of: guild.0,
        }
    }

    /// What is old.
    pub fn old(table: &Table, old: &Old, now: DateTime<Utc>) -> Self {
        let then = now - TimeDelta::days(old.days);
        Self {
            table: table.name,
            rows: old.rows.to_owned(),
            // A planner that can't look into it doesn't look for the others once more.
            is_one: format!("CASE WHEN {} THEN 1 END = 1", old.rows),
            of: match old.than {
                Than::Micros => then.timestamp_micros(),
                Than::Day => day_number(then.date_naive()),
            },
        }
    }

    /// Deletes some thousands of them. Returns how many: none where all are gone.
    ///
    /// # Errors
    /// When a piece can't be deleted; those before it are gone.
    pub async fn sweep(&self, db: &Db) -> Result<usize> {
        let places = self.places(db).await?;
        let mut left = places.as_slice();
        let mut most = ROWS.1;
        while !left.is_empty() {
            let (piece, others) = left.split_at(most.min(left.len()));
            let took = self.delete(db, piece).await?;
            most = fitting(piece.len(), took);
            left = others;
            // Half of the time is for others.
            tokio::time::sleep(took).await;
        }
        Ok(places.len())
    }

    async fn places(&self, db: &Db) -> Result<Vec<String>> {
        let Self { table, rows, .. } = self;
        let sql = format!("SELECT CAST({} AS TEXT) FROM {table} WHERE {rows} LIMIT {FOUND}", place(db));
        let found: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(self.of).fetch_all(db.read()).await?;
        Ok(found.into_iter().map(|(place,)| place).collect())
    }

    /// Deletes what stands at these places, and says how long others had to wait for it.
    async fn delete(&self, db: &Db, places: &[String]) -> Result<Duration> {
        let Self { table, is_one, .. } = self;
        let sql =
            format!("DELETE FROM {table} WHERE {} IN ('{}') AND {is_one}", place(db), places.join("', '"));
        let mut tx = db.write_alone().await?;
        let begun = Instant::now();
        // Another piece has other places: it is not worth keeping.
        sqlx::query(AssertSqlSafe(sql)).bind(self.of).persistent(false).execute(&mut *tx).await?;
        tx.commit_unasked().await?;
        Ok(begun.elapsed())
    }
}

/// Where a row stands, as SQLite and PostgreSQL call it.
fn place(db: &Db) -> &'static str {
    if db.skips_locked() { "ctid" } else { "rowid" }
}

/// How many rows are to be in a piece, after one of so many took so long.
fn fitting(rows: usize, took: Duration) -> usize {
    let micros = |span: Duration| usize::try_from(span.as_micros()).unwrap_or(usize::MAX);
    let fits = rows.saturating_mul(micros(PIECE)) / micros(took).max(1);
    // One that was quick by chance doesn't make the next one slow.
    fits.min(rows + rows / 2).clamp(ROWS.0, ROWS.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_as_large_as_what_lately_fitted_into_its_time() {
        let after = |rows, millis| fitting(rows, Duration::from_millis(millis));
        assert_eq!([after(100, 20), after(100, 8), after(100, 1)], [30, 75, 150]);
        assert_eq!([after(400, 1), after(100, 5_000), after(1, 0)], [500, 10, 10]);
    }
}
