//! All SQL of moments and shout-outs.

use std::collections::{HashMap, HashSet};

use sqlx::{AnyConnection, AssertSqlSafe};

use super::Moment;
use super::rules::{Deals, MomentKind, PraisedBefore};
use crate::kernel::calendar::{Period, day_number};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, MetricId, MomentId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::store::db::{Tx, values};
use crate::store::state::State;

/// Each person's largest deal in a week and in the days before it from a given day on.
pub(super) async fn deals(
    db: &mut AnyConnection,
    guild: GuildId,
    revenue: MetricId,
    since: i64,
    week: Period,
) -> Result<HashMap<PersonId, Deals>> {
    let rows: Vec<(PersonId, Quantity, Quantity, i64)> = sqlx::query_as(
        "SELECT person_id, MAX(CASE WHEN day >= $4 THEN quantity ELSE 0 END), MAX(CASE WHEN day < $4 THEN quantity ELSE 0 END),
                CAST(SUM(CASE WHEN day < $4 THEN 1 ELSE 0 END) AS BIGINT)
         FROM entry AS made WHERE guild_id = $1 AND metric_id = $2 AND day >= $3 AND day < $5 AND reverses IS NULL
           AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id) GROUP BY person_id",
    )
    .bind(guild)
    .bind(revenue)
    .bind(since)
    .bind(day_number(week.from))
    .bind(day_number(week.until))
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().map(|(person, now, before, count)| (person, Deals { now, before, count })).collect())
}

type Row = (MomentId, PersonId, String, String, i64, String, i64, String);

/// All nominations in a period, oldest first.
pub(super) async fn nominated(db: &mut AnyConnection, guild: GuildId, period: Period) -> Result<Vec<Moment>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, person_id, moment_key, kind, strength, reason, day, state FROM moment
         WHERE guild_id = $1 AND day >= $2 AND day < $3 AND kind = $4 ORDER BY id",
    )
    .bind(guild)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .bind(MomentKind::Nominated.name())
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// A guild's moments with these keys, from any day.
pub(super) async fn of_keys(db: &mut AnyConnection, guild: GuildId, keys: &[String]) -> Result<Vec<Moment>> {
    // A key that never exists, so that the list isn't empty.
    let sql = format!(
        "SELECT id, person_id, moment_key, kind, strength, reason, day, state FROM moment
         WHERE guild_id = $1 AND moment_key IN (VALUES (''){}{})",
        if keys.is_empty() { "" } else { ", " },
        values("{}", 2, keys.len())
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(guild);
    let rows: Vec<Row> = keys.iter().fold(query, sqlx::query::QueryAs::bind).fetch_all(&mut *db).await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

fn read((id, person, key, kind, strength, reason, day, state): Row) -> Option<Moment> {
    let (kind, reason) = (MomentKind::parse(&kind)?, serde_json::from_str(&reason).ok()?);
    Some(Moment { id: Some(id), person, key, kind, strength, reason, day, state })
}

/// Stores open moments, so that they can be vetoed or praised, and sets their ids. Those praised or vetoed
/// meanwhile are unchanged and get no id.
pub(super) async fn keep(tx: &mut Tx, state: &State, guild: GuildId, moments: &mut [Moment]) -> Result<()> {
    if moments.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO moment (guild_id, created_at, id, person_id, moment_key, kind, strength, reason, day) VALUES {}
         ON CONFLICT (guild_id, moment_key) DO UPDATE SET strength = excluded.strength, reason = excluded.reason
         WHERE moment.state = 'open' RETURNING moment_key, id",
        values("$1, $2, {}, {}, {}, {}, {}, {}, {}", 3, moments.len())
    );
    let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(guild).bind(state.micros());
    for moment in moments.iter() {
        query = query
            .bind(state.id())
            .bind(moment.person)
            .bind(moment.key.as_str())
            .bind(moment.kind.name())
            .bind(moment.strength)
            .bind(serde_json::to_string(&moment.reason)?)
            .bind(moment.day);
    }
    let kept: HashMap<String, MomentId> = query.fetch_all(&mut **tx).await?.into_iter().collect();
    for moment in moments {
        moment.id = kept.get(&moment.key).copied();
    }
    Ok(())
}

/// Stores a nomination. Idempotent per interaction.
pub(super) async fn nominate(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    id: MomentId,
    moment: &Moment,
    by: PersonId,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO moment (id, guild_id, person_id, moment_key, kind, strength, reason, day, nominated_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(guild)
    .bind(moment.person)
    .bind(moment.key.as_str())
    .bind(moment.kind.name())
    .bind(moment.strength)
    .bind(serde_json::to_string(&moment.reason)?)
    .bind(moment.day)
    .bind(by)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets the state of an open moment. False if it isn't open.
pub(super) async fn close(tx: &mut Tx, guild: GuildId, key: &str, becomes: &str) -> Result<bool> {
    let closed = sqlx::query(
        "UPDATE moment SET state = $3 WHERE guild_id = $1 AND moment_key = $2 AND state = 'open'",
    )
    .bind(guild)
    .bind(key)
    .bind(becomes)
    .execute(&mut **tx)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// A moment of a guild's.
pub(super) async fn moment(tx: &mut Tx, guild: GuildId, id: MomentId) -> Result<Option<Moment>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, person_id, moment_key, kind, strength, reason, day, state FROM moment WHERE guild_id = $1 AND id = $2",
    )
    .bind(guild)
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(read))
}

/// Who was praised in a period, and whether since a given day.
pub(super) async fn praised(
    db: &mut AnyConnection,
    guild: GuildId,
    period: Period,
    recent: i64,
) -> Result<Vec<PraisedBefore>> {
    let rows: Vec<(PersonId, String, i64)> = sqlx::query_as(
        "SELECT person_id, kind, week_day FROM shoutout WHERE guild_id = $1 AND week_day >= $2 AND week_day < $3",
    )
    .bind(guild)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_all(&mut *db)
    .await?;
    let before = |(person, kind, day): (PersonId, String, i64)| PraisedBefore {
        person,
        kind: MomentKind::parse(&kind),
        is_recent: day >= recent,
    };
    Ok(rows.into_iter().map(before).collect())
}

/// A guild's people first met before an instant, in microseconds since 1970.
pub(super) async fn met_before(
    db: &mut AnyConnection,
    guild: GuildId,
    micros: i64,
) -> Result<HashSet<PersonId>> {
    let rows: Vec<(PersonId,)> =
        sqlx::query_as("SELECT id FROM person WHERE guild_id = $1 AND created_at < $2")
            .bind(guild)
            .bind(micros)
            .fetch_all(&mut *db)
            .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Records that somebody was praised.
pub(super) async fn remember(tx: &mut Tx, guild: GuildId, week_day: i64, moment: &Moment) -> Result<()> {
    sqlx::query(
        "INSERT INTO shoutout (guild_id, week_day, person_id, reason, kind) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(guild)
    .bind(week_day)
    .bind(moment.person)
    .bind(serde_json::to_string(&moment.reason)?)
    .bind(moment.kind.name())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
