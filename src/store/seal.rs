//! The seal on a SQLite database that has moved: it says where to, and blocks all further writes.

use std::fmt;

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::kernel::clock::at;

/// Where a database has moved, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The new one's name and host.
    pub to: String,
    /// When it moved.
    pub at: DateTime<Utc>,
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.format("%B %-d, %Y at %H:%M UTC");
        write!(f, "this database has moved to PostgreSQL, {}, on {at}", self.to)
    }
}

impl Seal {
    /// The seal of a SQLite database, if it has one.
    pub async fn read(on: &mut AnyConnection) -> sqlx::Result<Option<Self>> {
        if !tables(on).await?.iter().any(|table| table == "moved") {
            return Ok(None);
        }
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT moved_to, moved_at FROM moved").fetch_optional(on).await?;
        Ok(row.map(|(to, micros)| Self { to, at: at(micros) }))
    }

    /// Seals a SQLite database. Triggers block the writes, since a bot that has it open never checks for the
    /// seal again.
    pub(crate) async fn set(&self, on: &mut AnyConnection) -> sqlx::Result<()> {
        sqlx::raw_sql("CREATE TABLE moved (moved_to TEXT NOT NULL, moved_at BIGINT NOT NULL)")
            .execute(&mut *on)
            .await?;
        sqlx::query("INSERT INTO moved VALUES ($1, $2)")
            .bind(self.to.as_str())
            .bind(self.at.timestamp_micros())
            .execute(&mut *on)
            .await?;
        let line = self.to_string().replace('\'', "''");
        for table in tables(on).await? {
            for change in ["INSERT", "UPDATE", "DELETE"] {
                let refusal = format!(
                    r#"CREATE TRIGGER "moved: {change} {table}" BEFORE {change} ON "{table}"
                       BEGIN SELECT RAISE(ABORT, '{line}'); END"#
                );
                sqlx::raw_sql(AssertSqlSafe(refusal)).execute(&mut *on).await?;
            }
        }
        Ok(())
    }
}

/// A SQLite database's tables, without SQLite's internal ones.
pub(crate) async fn tables(on: &mut AnyConnection) -> sqlx::Result<Vec<String>> {
    let own = r"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'";
    let rows: Vec<(String,)> = sqlx::query_as(own).fetch_all(on).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
