//! All SQL of wins.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::any::AnyExecutor;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe};

use super::rules::{Draft, Share};
use crate::chat::permit::Member;
use crate::kernel::calendar::{day_number, day_of};
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId, WinId};
use crate::kernel::money::Money;
use crate::kernel::name::Name;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Line;
use crate::outbox::noise::History;
use crate::store::batch::{Answers, Batch};
use crate::store::db::{Tx, among, values};
use crate::store::state::State;

/// A win for display.
#[derive(Debug, Clone)]
pub(super) struct Win {
    pub(super) id: WinId,
    pub(super) by: PersonId,
    pub(super) amount: Option<Quantity>,
    pub(super) customer: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) note: Option<String>,
    pub(super) day: NaiveDate,
    pub(super) logged_at: DateTime<Utc>,
    /// Name and percent of everyone credited, the logger first.
    pub(super) shares: Vec<(Name, i64)>,
    /// Who undid it.
    pub(super) undone_by: Option<Name>,
}

crate::row! {
    struct Row {
        id: WinId,
        person_id: PersonId,
        amount: Option<Quantity>,
        customer: Option<String>,
        kind: Option<String>,
        note: Option<String>,
        day: i64,
        logged_at: i64,
        undone_by: Option<PersonId>,
        undone_name: Option<String>,
    }
}

impl Row {
    fn with(self, shares: &mut Shares) -> Win {
        let shares = shares.remove(&self.id).unwrap_or_default();
        Win {
            id: self.id,
            by: self.person_id,
            amount: self.amount,
            customer: self.customer,
            kind: self.kind,
            note: self.note,
            day: day_of(self.day),
            logged_at: at(self.logged_at),
            shares: in_order(shares, self.person_id),
            undone_by: self.undone_by.zip(self.undone_name).map(|(id, name)| Name::new(id, name)),
        }
    }
}

/// Writes a win, as the first statement of a batch, which the database refuses if there is one of that id. The win is as it
/// is shown, but for whom it credits: [`credit`] writes that.
pub(super) fn insert(batch: &mut Batch, state: &State, by: Member, id: WinId, draft: &Draft) -> Win {
    let text = |line: &Option<Line>| line.as_ref().map(|line| line.as_str().to_owned());
    let win = Win {
        id,
        by: by.person,
        amount: draft.amount.map(Money::quantity),
        customer: text(&draft.customer),
        kind: text(&draft.kind),
        note: text(&draft.note),
        day: draft.day,
        logged_at: state.clock.now(),
        shares: Vec::new(),
        undone_by: None,
    };
    batch
        .add(
            "INSERT INTO win (id, guild_id, person_id, amount, customer, kind, note, day, logged_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(by.guild)
        .bind(by.person)
        .bind(win.amount)
        .bind(win.customer.clone())
        .bind(win.kind.clone())
        .bind(win.note.clone())
        .bind(day_number(win.day))
        .bind(win.logged_at.timestamp_micros());
    win
}

/// Writes whom a win credits, for [`credited`].
pub(super) fn credit(batch: &mut Batch, id: WinId, shares: &[Share]) {
    let sql = format!(
        "INSERT INTO win_share (win_id, person_id, percent) VALUES {}
         RETURNING person_id, (SELECT name FROM person WHERE person.id = win_share.person_id), percent",
        values("$1, {}, {}", 2, shares.len())
    );
    batch.add(&sql).bind(id);
    for share in shares {
        batch.bind(share.person).bind(i64::from(share.percent));
    }
}

/// Whom a win credits, as [`credit`] wrote it.
pub(super) fn credited(answers: &mut Answers, by: PersonId) -> Result<Vec<(Name, i64)>> {
    Ok(in_order(answers.rows()?, by))
}

/// Whom a win credits: the logger first, then by percent.
fn in_order(mut shares: Vec<(PersonId, String, i64)>, by: PersonId) -> Vec<(Name, i64)> {
    shares.sort_by(|(one, called, percent), (other, named, part)| {
        (*one != by, Reverse(percent), called, one).cmp(&(*other != by, Reverse(part), named, other))
    });
    shares.into_iter().map(|(person, name, percent)| (Name::new(person, name), percent)).collect()
}

/// Whom each win credits, with their percent.
type Shares = HashMap<WinId, Vec<(PersonId, String, i64)>>;

async fn shares(on: impl AnyExecutor<'_>, wins: &[WinId]) -> Result<Shares> {
    let sql = format!(
        "SELECT win_share.win_id, person.id, person.name, win_share.percent
         FROM win_share JOIN person ON person.id = win_share.person_id{}",
        among("win_share.win_id", Some(wins))
    );
    let rows: Vec<(WinId, PersonId, String, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(on).await?;
    let mut shares = Shares::new();
    for (win, person, name, percent) in rows {
        shares.entry(win).or_default().push((person, name, percent));
    }
    Ok(shares)
}

pub(super) async fn win(on: &mut AnyConnection, guild: GuildId, id: WinId) -> Result<Option<Win>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT win.id, win.person_id, win.amount, win.customer, win.kind, win.note, win.day, win.logged_at,
                win.undone_by, undoer.name AS undone_name
         FROM win LEFT JOIN person AS undoer ON undoer.id = win.undone_by WHERE win.guild_id = $1 AND win.id = $2",
    )
    .bind(guild)
    .bind(id)
    .fetch_optional(&mut *on)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(row.with(&mut shares(on, &[id]).await?)))
}

pub(super) async fn mark_undone(tx: &mut Tx, state: &State, by: PersonId, id: WinId) -> Result<()> {
    sqlx::query("UPDATE win SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL")
        .bind(id)
        .bind(state.micros())
        .bind(by)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The wins that credit a person, latest first, and how many there are.
pub(super) async fn of_person(
    db: &AnyPool,
    guild: GuildId,
    person: PersonId,
    offset: i64,
    most: i64,
) -> Result<(Vec<Win>, i64)> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM win_share JOIN win ON win.id = win_share.win_id WHERE win.guild_id = $1 AND win_share.person_id = $2",
    )
    .bind(guild)
    .bind(person)
    .fetch_one(db)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT win.id, win.person_id, win.amount, win.customer, win.kind, win.note, win.day, win.logged_at,
                win.undone_by, undoer.name AS undone_name
         FROM win_share JOIN win ON win.id = win_share.win_id LEFT JOIN person AS undoer ON undoer.id = win.undone_by
         WHERE win.guild_id = $1 AND win_share.person_id = $2 ORDER BY win.day DESC, win.id DESC LIMIT $3 OFFSET $4",
    )
    .bind(guild)
    .bind(person)
    .bind(most)
    .bind(offset)
    .fetch_all(db)
    .await?;
    let wins: Vec<WinId> = rows.iter().map(|row| row.id).collect();
    let mut shares = shares(db, &wins).await?;
    Ok((rows.into_iter().map(|row| row.with(&mut shares)).collect(), count))
}

/// The customers of wins, and a person's percent of each.
pub(super) async fn origins(
    on: &mut AnyConnection,
    guild: GuildId,
    wins: &[i64],
    person: PersonId,
) -> Result<Vec<(i64, Option<String>, Option<i64>)>> {
    let sql = format!(
        "SELECT win.id, win.customer, win_share.percent FROM win
         LEFT JOIN win_share ON win_share.win_id = win.id AND win_share.person_id = $2 WHERE win.guild_id = $1{}",
        among("win.id", Some(wins))
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(guild).bind(person).persistent(false);
    Ok(query.fetch_all(on).await?)
}

/// The latest wins that were not undone, as (id, logger's name, amount, customer), of one person or of all;
/// more than a choice list shows, so that typing a name finds older ones.
pub(super) async fn latest(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    by: Option<PersonId>,
) -> Result<Vec<(WinId, String, Option<Quantity>, Option<String>)>> {
    // The plus keeps planners from reading the whole guild's for one person's.
    let whose = if by.is_some() { "+win.guild_id" } else { "win.guild_id" };
    let sql = format!(
        "SELECT win.id, person.name, win.amount, win.customer FROM win JOIN person ON person.id = win.person_id
         WHERE {whose} = $1{} AND win.undone_at IS NULL ORDER BY win.id DESC LIMIT 500",
        among("win.person_id", by.as_ref().map(std::slice::from_ref))
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).persistent(by.is_none()).bind(guild).fetch_all(on).await?)
}

/// The latest win that a person logged, undone or not.
pub(super) async fn newest(on: impl AnyExecutor<'_>, guild: GuildId, by: PersonId) -> Result<Option<WinId>> {
    let newest: Option<(WinId,)> =
        sqlx::query_as("SELECT id FROM win WHERE guild_id = $1 AND person_id = $2 ORDER BY id DESC LIMIT 1")
            .bind(guild)
            .bind(by)
            .fetch_optional(on)
            .await?;
    Ok(newest.map(|(id,)| id))
}

/// How recent "lately" is.
const LATELY: TimeDelta = TimeDelta::days(30);

/// Compares an amount with the latest two hundred wins that have one, for [`compared`].
pub(super) fn compare(batch: &mut Batch, state: &State, guild: GuildId, amount: Option<Quantity>) {
    let since = state.micros() - LATELY.num_microseconds().unwrap_or_default();
    batch
        .add(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN amount < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN amount > $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN logged_at > $3 THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM (SELECT amount, logged_at FROM win
                   WHERE guild_id = $1 AND amount IS NOT NULL AND undone_at IS NULL
                   ORDER BY id DESC LIMIT 200) AS latest",
        )
        .bind(guild)
        .bind(amount.unwrap_or_default())
        .bind(since);
}

/// How an amount compares, as [`compare`] asked.
pub(super) fn compared(answers: &mut Answers) -> Result<History> {
    let (count, smaller, larger, lately) = answers.row()?;
    Ok(History { count, smaller, larger, lately })
}
