//! All SQL of privacy.

use chrono::TimeDelta;
use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Column, Row};

use crate::kernel::calendar::day_of;
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Text, Trace};

/// How many rows a trace has.
pub(super) async fn count(
    db: &mut Reader,
    (table, trace): (&Table, &Trace),
    person: PersonId,
) -> Result<usize> {
    if trace.text.is_some() {
        return Ok(rows(db, (table, trace), person).await?.len());
    }
    let sql = format!("SELECT COUNT(*) FROM {} WHERE {}", table.name, trace.rows);
    let (count,): (i64,) = sqlx::query_as(AssertSqlSafe(sql)).bind(person).fetch_one(&mut **db).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The rows of a trace, as JSON objects.
pub(super) async fn rows(
    db: &mut Reader,
    (table, trace): (&Table, &Trace),
    person: PersonId,
) -> Result<Vec<Value>> {
    let sql = format!("SELECT * FROM {} WHERE {}", table.name, trace.rows);
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(person).fetch_all(&mut **db).await?;
    let mut objects = Vec::new();
    for row in &rows {
        let mut object = object(row)?;
        let theirs = match trace.text {
            None => true,
            Some(Text { column, of }) => {
                let of_them = of(&row.try_get::<String, _>(column)?, person);
                let found = of_them.is_some();
                object.insert(column.to_owned(), of_them.map_or(Value::Null, Value::String));
                found
            }
        };
        if theirs {
            objects.push(Value::Object(object));
        }
    }
    Ok(objects)
}

/// A readable row: ids as text, times and days as dates.
fn object(row: &AnyRow) -> Result<Map<String, Value>> {
    let mut object = Map::new();
    for column in row.columns() {
        let name = column.name();
        let value = if let Ok(text) = row.try_get::<Option<String>, _>(name) {
            text.map_or(Value::Null, Value::String)
        } else {
            row.try_get::<Option<i64>, _>(name)?.map_or(Value::Null, |number| readable(name, number))
        };
        object.insert(name.to_owned(), value);
    }
    Ok(object)
}

fn readable(column: &str, number: i64) -> Value {
    match column {
        "id" => Value::String(number.to_string()),
        "birthday" => Value::String(format!("--{:02}-{:02}", number / 100, number % 100)),
        _ if column.ends_with("_id") || column.ends_with("_channel") => Value::String(number.to_string()),
        _ if column.ends_with("_at") => Value::String(at(number).to_rfc3339()),
        _ if column == "day" || column.ends_with("_day") => Value::String(day_of(number).to_string()),
        _ => number.into(),
    }
}

pub(super) async fn erase(tx: &mut Tx, (table, trace): (&Table, &Trace), person: PersonId) -> Result<()> {
    let (table, rows) = (table.name, trace.rows);
    let sql = match trace.erasure {
        Erasure::Stays => return Ok(()),
        Erasure::Goes => format!("DELETE FROM {table} WHERE {rows}"),
        Erasure::Loses(what) => format!("UPDATE {table} SET {what} WHERE {rows}"),
    };
    sqlx::query(AssertSqlSafe(sql)).bind(person).execute(&mut **tx).await?;
    Ok(())
}

/// False if it was already done.
pub(super) async fn mark_erased(tx: &mut Tx, state: &State, person: PersonId) -> Result<bool> {
    let marked = sqlx::query("UPDATE person SET erased_at = $2 WHERE id = $1 AND erased_at IS NULL")
        .bind(person)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(marked.rows_affected() == 1)
}

/// Where texts that the bot wrote may be stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    /// In everyone's inboxes.
    Inbox,
    /// In unsent posts.
    Unsent,
    /// In lines of a daily summary.
    Folded,
}

/// Rewrites a guild's stored texts of a kind. `change` is told whether names in the text carry their person's
/// id, and must leave subjects composed at sending time unchanged.
pub(super) async fn rewrite(
    tx: &mut Tx,
    guild: GuildId,
    kept: Kept,
    change: impl Fn(&str, bool) -> Result<String>,
) -> Result<()> {
    let (read, write) = match kept {
        Kept::Inbox => (
            "SELECT id, subject, names_by_id FROM inbox WHERE guild_id = $1",
            "UPDATE inbox SET subject = $2 WHERE id = $1",
        ),
        Kept::Unsent => (
            // Uses the indexes of these states; there are many sent posts.
            "SELECT id, subject, names_by_id FROM post WHERE guild_id = $1 AND state IN ('held', 'failed')
             UNION ALL
             SELECT id, subject, names_by_id FROM post WHERE +guild_id = $1 AND state IN ('waiting', 'claimed')",
            "UPDATE post SET subject = $2 WHERE id = $1",
        ),
        Kept::Folded => (
            "SELECT id, subject, names_by_id FROM folded WHERE guild_id = $1",
            "UPDATE folded SET subject = $2 WHERE id = $1",
        ),
    };
    let rows: Vec<(i64, String, i64)> = sqlx::query_as(read).bind(guild).fetch_all(&mut **tx).await?;
    for (id, text, by_id) in rows {
        let changed = change(&text, by_id == 1)?;
        if changed != text {
            sqlx::query(write).bind(id).bind(changed).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// False if it is unknown or already left.
pub(super) async fn mark_left(tx: &mut Tx, state: &State, guild: GuildId) -> Result<bool> {
    let marked = sqlx::query("UPDATE guild SET left_at = $2 WHERE id = $1 AND left_at IS NULL")
        .bind(guild)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(marked.rows_affected() == 1)
}

pub(super) async fn has_left(state: &State, guild: GuildId) -> Result<bool> {
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT 1 FROM guild WHERE id = $1 AND left_at IS NOT NULL AND erasing_at IS NULL")
            .bind(guild)
            .fetch_optional(state.db.read())
            .await?;
    Ok(found.is_some())
}

/// False if it is unknown, or its erasure has begun.
pub(super) async fn mark_back(tx: &mut Tx, guild: GuildId) -> Result<bool> {
    let marked = sqlx::query(
        "UPDATE guild SET left_at = NULL, erase_after = NULL WHERE id = $1 AND erasing_at IS NULL",
    )
    .bind(guild)
    .execute(&mut **tx)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// The guilds that the bot is believed to be in and first met longer ago than this.
pub(super) async fn guilds_before(state: &State, lately: TimeDelta) -> Result<Vec<GuildId>> {
    let rows: Vec<(GuildId,)> =
        sqlx::query_as("SELECT id FROM guild WHERE left_at IS NULL AND created_at <= $1")
            .bind(state.micros() - micros(lately))
            .fetch_all(state.db.read())
            .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A guild that is to be erased.
pub(super) struct Overdue {
    pub(super) guild: GuildId,
    /// Since when, in microseconds since 1970.
    pub(super) since: i64,
    /// Whether its erasure has begun.
    pub(super) has_begun: bool,
}

/// A guild whose erasure has begun, or whose retention is over; none that is put off.
pub(super) async fn overdue(state: &State, stays: TimeDelta) -> Result<Option<Overdue>> {
    let found: Option<(GuildId, i64, i64)> = sqlx::query_as(
        "SELECT id, left_at, CASE WHEN erasing_at IS NULL THEN 0 ELSE 1 END FROM guild
         WHERE left_at IS NOT NULL AND (left_at <= $1 OR erasing_at IS NOT NULL)
           AND (erase_after IS NULL OR erase_after <= $2 OR erase_after > $3) ORDER BY left_at LIMIT 1",
    )
    .bind(state.micros() - micros(stays))
    .bind(state.micros())
    .bind(state.latest_retry())
    .fetch_optional(state.db.read())
    .await?;
    let overdue =
        |(guild, left, has_begun)| Overdue { guild, since: left + micros(stays), has_begun: has_begun == 1 };
    Ok(found.map(overdue))
}

/// Begins the erasure of a guild, unless it is back; afterwards it is unknown.
pub(super) async fn begin_erasing(state: &State, guild: GuildId, stays: TimeDelta) -> Result<()> {
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE guild SET erasing_at = $2 WHERE id = $1 AND left_at <= $3 AND erasing_at IS NULL")
        .bind(guild)
        .bind(state.micros())
        .bind(state.micros() - micros(stays))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

pub(super) async fn next_due(state: &State, stays: TimeDelta) -> Result<Option<i64>> {
    let (first,): (Option<i64>,) = sqlx::query_as(
        "SELECT MIN(CASE WHEN erase_after > left_at + $1 THEN erase_after ELSE left_at + $1 END)
         FROM guild WHERE left_at IS NOT NULL",
    )
    .bind(micros(stays))
    .fetch_one(state.db.read())
    .await?;
    Ok(first)
}

/// Postpones a guild's erasure.
pub(super) async fn put_off(state: &State, guild: GuildId, until: i64) -> Result<()> {
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE guild SET erase_after = $2 WHERE id = $1")
        .bind(guild)
        .bind(until)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

fn micros(span: TimeDelta) -> i64 {
    span.num_microseconds().unwrap_or_default()
}
