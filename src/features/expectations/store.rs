//! All SQL of expectations.

use chrono::NaiveDate;
use sqlx::any::AnyExecutor;

use super::Expectation;
use super::rules::Deadline;
use crate::chat::permit::Member;
use crate::kernel::calendar::{day_number, local_of, local_text};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ExpectationId, GuildId, PersonId, TeamId};
use crate::kernel::text::Line;
use crate::people::Scope;
use crate::store::db::{Tx, flag};
use crate::store::state::State;

pub(super) async fn insert(tx: &mut Tx, state: &State, guild: GuildId, it: &Expectation) -> Result<()> {
    sqlx::query(
        "INSERT INTO expectation (id, guild_id, what, weekly, first_due, person_id, team_id, if_met, if_missed, set_by, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
    )
    .bind(it.id)
    .bind(guild)
    .bind(it.what.as_str())
    .bind(flag(it.deadline.weekly))
    .bind(local_text(it.deadline.first))
    .bind(it.scope.person())
    .bind(it.scope.team())
    .bind(it.if_met.as_str())
    .bind(it.if_missed.as_str())
    .bind(it.set_by)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

crate::row! {
    struct Row {
        id: ExpectationId,
        what: String,
        weekly: i64,
        first_due: String,
        person_id: Option<PersonId>,
        team_id: Option<TeamId>,
        if_met: String,
        if_missed: String,
        set_by: PersonId,
    }
}

/// A guild's open expectations, oldest first.
pub(super) async fn current(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Expectation>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, what, weekly, first_due, person_id, team_id, if_met, if_missed, set_by
         FROM expectation WHERE guild_id = $1 AND ended_at IS NULL ORDER BY id",
    )
    .bind(guild)
    .fetch_all(on)
    .await?;
    rows.into_iter()
        .map(|row| {
            let first = local_of(&row.first_due)
                .ok_or_else(|| Error::other("reading an expectation", "unknown deadline"))?;
            let line = |text: &str| Line::parse("it", text, usize::MAX);
            Ok(Expectation {
                id: row.id,
                what: line(&row.what)?,
                deadline: Deadline { first, weekly: row.weekly == 1 },
                scope: Scope::from_columns(row.person_id, row.team_id),
                if_met: line(&row.if_met)?,
                if_missed: line(&row.if_missed)?,
                set_by: row.set_by,
            })
        })
        .collect()
}

pub(super) async fn end(tx: &mut Tx, state: &State, id: ExpectationId) -> Result<()> {
    sqlx::query("UPDATE expectation SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn acknowledge(tx: &mut Tx, state: &State, by: Member, week: NaiveDate) -> Result<()> {
    sqlx::query(
        "INSERT INTO expectation_ack (guild_id, week_day, person_id, acked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(by.guild)
    .bind(day_number(week))
    .bind(by.person)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn acknowledged(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    week: NaiveDate,
) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> =
        sqlx::query_as("SELECT person_id FROM expectation_ack WHERE guild_id = $1 AND week_day = $2")
            .bind(guild)
            .bind(day_number(week))
            .fetch_all(on)
            .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}
