//! Rows are deleted in batches, each in a transaction of its own, so that a writer waits for one batch at
//! most, however many rows are deleted or kept.
//!
//! Rows are found by a reader, which blocks nobody, and deleted by their physical location (SQLite's rowid,
//! PostgreSQL's ctid). Another row may have taken that place in the meantime, so the condition is checked
//! again.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use super::db::Db;
use super::table::{Old, Table, Than};
use crate::kernel::calendar::day_number;
use crate::kernel::error::Result;
use crate::kernel::ids::GuildId;

/// How long a batch should take, its commit included.
const PIECE: Duration = Duration::from_millis(6);
/// How many rows a batch has: minimum, initial and maximum.
const ROWS: (usize, usize, usize) = (10, 100, 500);
/// How many rows are looked up at once.
const FOUND: usize = 20_000;

/// Rows of a table that are to be deleted.
#[derive(Debug)]
pub struct Going {
    table: &'static str,
    /// The condition that selects them, on $1.
    rows: String,
    /// The same condition for a row that has been found.
    is_one: String,
    /// The value of $1.
    of: i64,
}

impl Going {
    /// A guild's rows. A row that others in the same table refer to is deleted after them.
    pub fn of_guild(table: &Table, guild: GuildId) -> Self {
        Self {
            table: table.name,
            rows: format!("{} AND {}", table.of_guild(), table.is_last()),
            is_one: table.is_of_guild(),
            of: guild.0,
        }
    }

    /// Rows past their retention.
    pub fn old(table: &Table, old: &Old, now: DateTime<Utc>) -> Self {
        let then = now - TimeDelta::days(old.days);
        Self {
            table: table.name,
            rows: old.rows.to_owned(),
            // CASE hides the condition from the planner, which would otherwise search for the other rows
            // again.
            is_one: format!("CASE WHEN {} THEN 1 END = 1", old.rows),
            of: match old.than {
                Than::Micros => then.timestamp_micros(),
                Than::Day => day_number(then.date_naive()),
            },
        }
    }

    /// Deletes some thousands of them. Returns how many; zero once all are gone.
    ///
    /// # Errors
    /// When a batch can't be deleted; earlier batches are gone.
    pub async fn sweep(&self, db: &Db) -> Result<usize> {
        let places = self.places(db).await?;
        let mut left = places.as_slice();
        let mut most = ROWS.1;
        while !left.is_empty() {
            let (piece, others) = left.split_at(most.min(left.len()));
            let took = self.delete(db, piece).await?;
            most = fitting(piece.len(), took);
            left = others;
            // Leave half of the time to other writers.
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

    /// Deletes the rows at these locations, and returns how long other writers had to wait.
    async fn delete(&self, db: &Db, places: &[String]) -> Result<Duration> {
        let Self { table, is_one, .. } = self;
        let sql =
            format!("DELETE FROM {table} WHERE {} IN ('{}') AND {is_one}", place(db), places.join("', '"));
        let mut tx = db.write_alone().await?;
        let begun = Instant::now();
        // Every batch has other locations in its text, so the statement isn't worth caching.
        sqlx::query(AssertSqlSafe(sql)).bind(self.of).persistent(false).execute(&mut *tx).await?;
        tx.commit_unasked().await?;
        Ok(begun.elapsed())
    }
}

/// The column with a row's physical location.
fn place(db: &Db) -> &'static str {
    if db.skips_locked() { "ctid" } else { "rowid" }
}

/// The next batch size, given how long a batch of `rows` took.
fn fitting(rows: usize, took: Duration) -> usize {
    let micros = |span: Duration| usize::try_from(span.as_micros()).unwrap_or(usize::MAX);
    let fits = rows.saturating_mul(micros(PIECE)) / micros(took).max(1);
    // A batch that was quick by chance must not make the next one slow.
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
