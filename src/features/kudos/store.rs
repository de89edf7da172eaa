//! All SQL of kudos and of the team's values.

use std::collections::HashMap;

use sqlx::any::AnyExecutor;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{Allowances, Draft, Kudos, ListQuery, Receiver, Side, Value};
use crate::chat::permit::Member;
use crate::kernel::calendar::{Period, day_number};
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, KudosId, PersonId, UserId, ValueId};
use crate::kernel::name::Name;
use crate::kernel::text::Line;
use crate::store::db::{Tx, among, flag};
use crate::store::state::State;

/// Writes kudos and their recipients. False, and nothing written, if that id exists.
pub(super) async fn insert(
    tx: &mut Tx,
    state: &State,
    by: Member,
    id: KudosId,
    draft: &Draft,
    day: i64,
) -> Result<bool> {
    let written = sqlx::query(
        "INSERT INTO kudos (id, guild_id, giver_id, reason, value_id, is_private, day, given_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(by.guild)
    .bind(by.person)
    .bind(draft.reason.as_str())
    .bind(draft.value)
    .bind(flag(draft.is_private))
    .bind(day)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        return Ok(false);
    }
    for person in &draft.to {
        sqlx::query(
            "INSERT INTO kudos_receiver (kudos_id, person_id, is_public)
             SELECT $1, id, CASE WHEN praise = 'public' AND $3 = 0 THEN 1 ELSE 0 END FROM person WHERE id = $2",
        )
        .bind(id)
        .bind(person)
        .bind(flag(draft.is_private))
        .execute(&mut **tx)
        .await?;
    }
    Ok(true)
}

/// Takes this many thanks out of a person's weekly allowance. False, and nothing taken, if fewer are left. A
/// single statement decides, so that concurrent calls are safe; a failing CHECK would abort the transaction
/// on PostgreSQL.
pub(super) async fn spend(
    tx: &mut Tx,
    person: PersonId,
    week_day: i64,
    granted: i64,
    count: i64,
) -> Result<bool> {
    let spent = sqlx::query(
        "INSERT INTO allowance (person_id, week_day, granted, given) SELECT $1, $2, $3, $4 WHERE $4 <= $3
         ON CONFLICT (person_id, week_day) DO UPDATE SET granted = excluded.granted, given = allowance.given + excluded.given
         WHERE allowance.given + excluded.given <= excluded.granted",
    )
    .bind(person)
    .bind(week_day)
    .bind(granted)
    .bind(count)
    .execute(&mut **tx)
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Refunds undone thanks to the allowance.
pub(super) async fn give_back(tx: &mut Tx, person: PersonId, week_day: i64, count: i64) -> Result<()> {
    sqlx::query(
        "UPDATE allowance SET given = given - $3 WHERE person_id = $1 AND week_day = $2 AND given >= $3",
    )
    .bind(person)
    .bind(week_day)
    .bind(count)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many people a person has thanked in a week.
pub(super) async fn given(on: impl AnyExecutor<'_>, person: PersonId, week_day: i64) -> Result<i64> {
    let given: Option<(i64,)> =
        sqlx::query_as("SELECT given FROM allowance WHERE person_id = $1 AND week_day = $2")
            .bind(person)
            .bind(week_day)
            .fetch_optional(on)
            .await?;
    Ok(given.map_or(0, |(given,)| given))
}

pub(super) async fn allowances(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Allowances> {
    let (everyone, managers): (i64, i64) =
        sqlx::query_as("SELECT kudos_allowance, manager_allowance FROM guild WHERE id = $1")
            .bind(guild)
            .fetch_one(on)
            .await?;
    Ok(Allowances { everyone, managers })
}

pub(super) async fn save_allowances(tx: &mut Tx, guild: GuildId, allowances: Allowances) -> Result<()> {
    sqlx::query("UPDATE guild SET kudos_allowance = $2, manager_allowance = $3 WHERE id = $1")
        .bind(guild)
        .bind(allowances.everyone)
        .bind(allowances.managers)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

crate::row! {
    struct Row {
        id: KudosId,
        giver_id: PersonId,
        giver: String,
        reason: String,
        value: Option<String>,
        day: i64,
        given_at: i64,
        undone_by: Option<PersonId>,
        undone: Option<String>,
    }
}

macro_rules! kudos {
    ($rest:literal) => {
        concat!(
            "SELECT kudos.id, kudos.giver_id, giver.name AS giver, kudos.reason, team_value.name AS value,
                    kudos.day, kudos.given_at, kudos.undone_by, undoer.name AS undone
             FROM kudos JOIN person AS giver ON giver.id = kudos.giver_id
             LEFT JOIN team_value ON team_value.id = kudos.value_id
             LEFT JOIN person AS undoer ON undoer.id = kudos.undone_by WHERE kudos.guild_id = $1 ",
            $rest
        )
    };
}

/// The recipients of kudos.
async fn receivers(on: &mut AnyConnection, ids: &[KudosId]) -> Result<HashMap<KudosId, Vec<Receiver>>> {
    let sql = format!(
        "SELECT kudos_receiver.kudos_id, person.id, person.name, person.user_id, kudos_receiver.is_public FROM kudos_receiver
         JOIN person ON person.id = kudos_receiver.person_id{} ORDER BY person.name, person.id",
        among("kudos_receiver.kudos_id", Some(ids))
    );
    let rows: Vec<(KudosId, PersonId, String, Option<UserId>, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    let mut receivers: HashMap<KudosId, Vec<Receiver>> = HashMap::new();
    for (kudos, person, name, user, is_public) in rows {
        let receiver = Receiver { person, name: Name::new(person, name), user, is_public: is_public == 1 };
        receivers.entry(kudos).or_default().push(receiver);
    }
    Ok(receivers)
}

/// The people who added a +1 to kudos.
async fn seconders(on: &mut AnyConnection, ids: &[KudosId]) -> Result<HashMap<KudosId, Vec<Name>>> {
    let sql = format!(
        "SELECT kudos_second.kudos_id, person.id, person.name FROM kudos_second
         JOIN person ON person.id = kudos_second.person_id{} ORDER BY kudos_second.seconded_at, person.id",
        among("kudos_second.kudos_id", Some(ids))
    );
    let rows: Vec<(KudosId, PersonId, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    let mut seconders: HashMap<KudosId, Vec<Name>> = HashMap::new();
    for (kudos, person, name) in rows {
        seconders.entry(kudos).or_default().push(Name::new(person, name));
    }
    Ok(seconders)
}

/// Kudos with their recipients and +1s, in row order.
async fn whole(on: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Kudos>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<KudosId> = rows.iter().map(|row| row.id).collect();
    let mut receivers = receivers(&mut *on, &ids).await?;
    let mut seconders = seconders(&mut *on, &ids).await?;
    let kudos = |row: Row| Kudos {
        id: row.id,
        giver: row.giver_id,
        giver_name: Name::new(row.giver_id, row.giver),
        receivers: receivers.remove(&row.id).unwrap_or_default(),
        reason: row.reason,
        value: row.value,
        day: row.day,
        given_at: at(row.given_at),
        seconders: seconders.remove(&row.id).unwrap_or_default(),
        undone_by: row.undone_by.zip(row.undone).map(|(person, name)| Name::new(person, name)),
    };
    Ok(rows.into_iter().map(kudos).collect())
}

pub(super) async fn kudos(on: &mut AnyConnection, guild: GuildId, id: KudosId) -> Result<Option<Kudos>> {
    let row: Option<Row> =
        sqlx::query_as(kudos!("AND kudos.id = $2")).bind(guild).bind(id).fetch_optional(&mut *on).await?;
    Ok(whole(on, row.into_iter().collect()).await?.pop())
}

/// A guild's kudos among these ids.
pub(super) async fn kudos_of_many(
    on: &mut AnyConnection,
    guild: GuildId,
    ids: &[KudosId],
) -> Result<HashMap<KudosId, Kudos>> {
    let sql = format!("{}{}", kudos!(""), among("kudos.id", Some(ids)));
    let rows: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(guild).persistent(false).fetch_all(&mut *on).await?;
    Ok(whole(on, rows).await?.into_iter().map(|kudos| (kudos.id, kudos)).collect())
}

/// The latest that a person gave, undone or not.
pub(super) async fn newest(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    giver: PersonId,
) -> Result<Option<KudosId>> {
    let newest: Option<(KudosId,)> =
        sqlx::query_as("SELECT id FROM kudos WHERE guild_id = $1 AND giver_id = $2 ORDER BY id DESC LIMIT 1")
            .bind(guild)
            .bind(giver)
            .fetch_optional(on)
            .await?;
    Ok(newest.map(|(id,)| id))
}

/// The latest public kudos to a person, except undone ones and those whose reason was erased with their
/// author.
pub(super) async fn latest_in_public(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    whose: PersonId,
) -> Result<Option<KudosId>> {
    let latest: Option<(KudosId,)> = sqlx::query_as(
        "SELECT kudos.id FROM kudos JOIN kudos_receiver ON kudos_receiver.kudos_id = kudos.id
         WHERE kudos.guild_id = $1 AND kudos_receiver.person_id = $2 AND kudos_receiver.is_public = 1
           AND kudos.undone_at IS NULL AND kudos.reason <> '' ORDER BY kudos.id DESC LIMIT 1",
    )
    .bind(guild)
    .bind(whose)
    .fetch_optional(on)
    .await?;
    Ok(latest.map(|(id,)| id))
}

/// A page of the kudos a person received or gave, as far as the viewer may see them, latest first; and the
/// total count.
pub(super) async fn page(
    on: &mut AnyConnection,
    seen: &ListQuery,
    offset: i64,
    most: i64,
) -> Result<(Vec<Kudos>, i64)> {
    let is_theirs = match seen.side {
        Side::Received => {
            "EXISTS (SELECT 1 FROM kudos_receiver AS own WHERE own.kudos_id = kudos.id AND own.person_id = $2
                     AND (own.person_id = $3 OR kudos.giver_id = $3 OR own.is_public = 1))"
        }
        Side::Given => "kudos.giver_id = $2",
    };
    let may_see = "(kudos.giver_id = $3 OR EXISTS (SELECT 1 FROM kudos_receiver AS seer
         WHERE seer.kudos_id = kudos.id AND (seer.person_id = $3 OR seer.is_public = 1)))";
    let which = format!("AND kudos.undone_at IS NULL AND {is_theirs} AND {may_see}");
    let (count,): (i64,) = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT COUNT(*) FROM kudos WHERE kudos.guild_id = $1 {which}"
    )))
    .bind(seen.guild)
    .bind(seen.whose)
    .bind(seen.by)
    .fetch_one(&mut *on)
    .await?;
    let sql = format!("{} {which} ORDER BY kudos.id DESC LIMIT $4 OFFSET $5", kudos!(""));
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(seen.guild)
        .bind(seen.whose)
        .bind(seen.by)
        .bind(most)
        .bind(offset)
        .fetch_all(&mut *on)
        .await?;
    Ok((whole(on, rows).await?, count))
}

/// Adds a +1. False if they already had.
pub(super) async fn second(
    tx: &mut Tx,
    state: &State,
    kudos: KudosId,
    by: PersonId,
    id: i64,
) -> Result<bool> {
    let written = sqlx::query(
        "INSERT INTO kudos_second (id, kudos_id, person_id, seconded_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(kudos)
    .bind(by)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// The interaction behind each person's +1.
pub(super) async fn seconds(tx: &mut Tx, kudos: KudosId) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as("SELECT id FROM kudos_second WHERE kudos_id = $1")
        .bind(kudos)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The kudos behind each of these +1 interactions.
pub(super) async fn seconded(on: &mut AnyConnection, ids: &[i64]) -> Result<Vec<(i64, KudosId)>> {
    let sql = format!("SELECT id, kudos_id FROM kudos_second WHERE 1 = 1{}", among("id", Some(ids)));
    Ok(sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?)
}

/// False if it was already undone.
pub(super) async fn mark_undone(tx: &mut Tx, state: &State, id: KudosId, by: PersonId) -> Result<bool> {
    let marked =
        sqlx::query("UPDATE kudos SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL")
            .bind(id)
            .bind(state.micros())
            .bind(by)
            .execute(&mut **tx)
            .await?;
    Ok(marked.rows_affected() == 1)
}

/// Who thanked whom how often in a period, public kudos only.
pub(super) async fn thanks(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    period: Period,
) -> Result<Vec<(PersonId, PersonId, i64)>> {
    Ok(sqlx::query_as(
        "SELECT kudos.giver_id, kudos_receiver.person_id, COUNT(*) FROM kudos
         JOIN kudos_receiver ON kudos_receiver.kudos_id = kudos.id
         WHERE kudos.guild_id = $1 AND kudos.day >= $2 AND kudos.day < $3 AND kudos.undone_at IS NULL AND kudos_receiver.is_public = 1
         GROUP BY kudos.giver_id, kudos_receiver.person_id",
    )
    .bind(guild)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_all(on)
    .await?)
}

/// The active values, in the team's order.
pub(super) async fn values(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Value>> {
    let rows: Vec<(ValueId, String)> = sqlx::query_as(
        "SELECT id, name FROM team_value WHERE guild_id = $1 AND ended_at IS NULL ORDER BY created_at, id",
    )
    .bind(guild)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(|(id, name)| Value { id, name }).collect())
}

/// Sets the active values; others remain on the kudos that use them.
pub(super) async fn save_values(tx: &mut Tx, state: &State, guild: GuildId, values: &[Line]) -> Result<()> {
    sqlx::query("UPDATE team_value SET ended_at = $2 WHERE guild_id = $1 AND ended_at IS NULL")
        .bind(guild)
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    for value in values {
        sqlx::query(
            "INSERT INTO team_value (id, guild_id, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (guild_id, name_key) DO UPDATE SET name = excluded.name, created_at = excluded.created_at, ended_at = NULL",
        )
        .bind(state.id())
        .bind(guild)
        .bind(value.as_str())
        .bind(value.as_str().to_lowercase())
        .bind(state.micros())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// A person's kudos received and given, in hundredths; for anyone but themselves without private ones.
pub(super) async fn sums(
    on: &mut AnyConnection,
    guild: GuildId,
    person: PersonId,
    for_themselves: bool,
) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN metric.name = 'kudos' THEN entry.quantity ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN metric.name = 'kudos given' THEN entry.quantity ELSE 0 END), 0) AS BIGINT)
         FROM entry JOIN metric ON metric.id = entry.metric_id
         WHERE entry.guild_id = $1 AND entry.person_id = $2 AND metric.built_in = 1
           AND ($3 = 1 OR NOT EXISTS (
               SELECT 1 FROM kudos_receiver AS told WHERE entry.source = 'kudos' AND told.kudos_id = entry.source_id
                   AND told.is_public = 0 AND (metric.name = 'kudos given' OR told.person_id = $2)))",
    )
    .bind(guild)
    .bind(person)
    .bind(flag(for_themselves))
    .fetch_one(on)
    .await?)
}
