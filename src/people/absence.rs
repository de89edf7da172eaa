//! When somebody is away.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::any::AnyExecutor;

use crate::kernel::calendar::{Period, day_number, day_of};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};
use crate::store::db::Tx;
use crate::store::state::State;

/// Each person's absences in a guild, the earliest first.
pub async fn absences(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<HashMap<PersonId, Vec<Period>>> {
    let rows: Vec<(PersonId, i64, i64)> = sqlx::query_as(
        "SELECT person_id, from_day, until_day FROM away WHERE guild_id = $1 ORDER BY from_day, id",
    )
    .bind(guild)
    .fetch_all(on)
    .await?;
    let mut absences: HashMap<PersonId, Vec<Period>> = HashMap::new();
    for (person, from, until) in rows {
        absences.entry(person).or_default().push(Period::days(day_of(from), day_of(until - 1)));
    }
    Ok(absences)
}

/// Records an absence, merged with those it touches, and returns the merged one.
pub async fn go_away(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    person: PersonId,
    away: Period,
) -> Result<Period> {
    let touched: Vec<(i64, i64)> = sqlx::query_as(
        "DELETE FROM away WHERE person_id = $1 AND from_day <= $3 AND until_day >= $2 RETURNING from_day, until_day",
    )
    .bind(person)
    .bind(day_number(away.from))
    .bind(day_number(away.until))
    .fetch_all(&mut **tx)
    .await?;
    let from = touched.iter().map(|it| it.0).chain([day_number(away.from)]).min().unwrap_or_default();
    let until = touched.iter().map(|it| it.1).chain([day_number(away.until)]).max().unwrap_or_default();
    sqlx::query(
        "INSERT INTO away (id, guild_id, person_id, from_day, until_day) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(state.id())
    .bind(guild)
    .bind(person)
    .bind(from)
    .bind(until)
    .execute(&mut **tx)
    .await?;
    Ok(Period::days(day_of(from), day_of(until - 1)))
}

/// Ends a person's absences on a day, and deletes upcoming ones.
pub async fn come_back(tx: &mut Tx, person: PersonId, today: NaiveDate) -> Result<()> {
    for sql in [
        "DELETE FROM away WHERE person_id = $1 AND from_day >= $2",
        "UPDATE away SET until_day = $2 WHERE person_id = $1 AND until_day > $2",
    ] {
        sqlx::query(sql).bind(person).bind(day_number(today)).execute(&mut **tx).await?;
    }
    Ok(())
}
