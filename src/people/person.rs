//! A person: a member of a sales team, and their own settings.

use std::collections::HashMap;
use std::hash::BuildHasher;

use chrono::NaiveDate;
use sqlx::any::AnyExecutor;
use sqlx::{FromRow, Row};

use super::guild::{Guild, GuildRow, guild_columns};
use crate::kernel::calendar::{day_number, day_of};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, PersonId, UserId};
use crate::kernel::name::Name;
use crate::store::db::{Tx, flag};
use crate::store::state::State;
use crate::words::{Value, people as words};

/// Somebody as they were last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    id: PersonId,
    name: String,
    manages: bool,
}

/// Looks up a guild and one of its Discord users, if they are known: a single query for whoever acts.
pub async fn at_the_door(
    on: impl AnyExecutor<'_>,
    guild: GuildId,
    user: UserId,
) -> Result<Option<(Guild, Option<Known>)>> {
    let row = sqlx::query(concat!(
        "SELECT ",
        guild_columns!(),
        ", person.id AS person_id, person.name, person.manages
         FROM guild LEFT JOIN person ON person.guild_id = guild.id AND person.user_id = $2
         WHERE guild.id = $1 AND guild.erasing_at IS NULL"
    ))
    .bind(guild)
    .bind(user)
    .fetch_optional(on)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let guild = Guild::try_from(GuildRow::from_row(&row)?)?;
    let Some(id) = row.try_get("person_id")? else { return Ok(Some((guild, None))) };
    let manages: i64 = row.try_get("manages")?;
    Ok(Some((guild, Some(Known { id, name: row.try_get("name")?, manages: manages == 1 }))))
}

/// The person for a Discord user in a guild, created if new. Their name is kept up to date, and so is whether
/// they manage, where that is known.
pub async fn meet_person(
    state: &State,
    guild: GuildId,
    user: UserId,
    name: &str,
    manages: Option<bool>,
) -> Result<PersonId> {
    let known: Option<(PersonId, String, i64)> =
        sqlx::query_as("SELECT id, name, manages FROM person WHERE guild_id = $1 AND user_id = $2")
            .bind(guild)
            .bind(user)
            .fetch_optional(state.db.read())
            .await?;
    let known = known.map(|(id, name, manages)| Known { id, name, manages: manages == 1 });
    keep_up_to_date(state, guild, user, known, (name, manages)).await
}

/// The same for somebody who was already looked up.
pub async fn keep_up_to_date(
    state: &State,
    guild: GuildId,
    user: UserId,
    known: Option<Known>,
    (name, manages): (&str, Option<bool>),
) -> Result<PersonId> {
    if let Some(known) = known
        && known.name == name
        && manages.is_none_or(|manages| manages == known.manages)
    {
        return Ok(known.id);
    }
    let mut tx = state.db.write().await?;
    let (person,): (PersonId,) = sqlx::query_as(
        "INSERT INTO person (id, guild_id, user_id, name, manages, created_at) VALUES ($1, $2, $3, $4, COALESCE($5, 0), $6)
         ON CONFLICT (guild_id, user_id) DO UPDATE SET name = excluded.name, manages = COALESCE($5, person.manages)
         RETURNING id",
    )
    .bind(state.id())
    .bind(guild)
    .bind(user)
    .bind(name)
    .bind(manages.map(flag))
    .bind(state.micros())
    .fetch_one(&mut *tx)
    .await?;
    tx.commit_unasked().await?;
    Ok(person)
}

/// The person for a Discord user in a guild, if they are known.
pub async fn person_of(on: impl AnyExecutor<'_>, guild: GuildId, user: UserId) -> Result<Option<PersonId>> {
    let found: Option<(PersonId,)> =
        sqlx::query_as("SELECT id FROM person WHERE guild_id = $1 AND user_id = $2")
            .bind(guild)
            .bind(user)
            .fetch_optional(on)
            .await?;
    Ok(found.map(|(id,)| id))
}

/// How a person wants to be praised.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Praise {
    /// Where everyone sees it.
    #[default]
    Public,
    /// In their inbox.
    Private,
    /// Not at all.
    #[strum(serialize = "none")]
    Nothing,
}

impl Praise {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What an erased person is called.
pub const NOBODY: &str = "a former teammate";

/// A member of a sales team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their Discord user, if linked.
    pub user: Option<UserId>,
    /// Their name, as last seen.
    pub name: Name,
    /// Whether they managed when last seen.
    pub manages: bool,
    /// How they want to be praised.
    pub praise: Praise,
    /// Whether others see their profile.
    pub shares_profile: bool,
    /// Where private things go as well, if they asked for it.
    pub dm_channel: Option<ChannelId>,
    /// Month and day of their birthday, if they set it. The year isn't stored.
    pub birthday: Option<(u32, u32)>,
    /// Their first day at work, if they set it.
    pub first_day: Option<NaiveDate>,
    /// Whether their name is gone and only their totals stay.
    pub is_erased: bool,
}

crate::row! {
    struct PersonRow {
        id: PersonId,
        user_id: Option<UserId>,
        name: String,
        manages: i64,
        praise: String,
        shares_profile: i64,
        dm_channel: Option<ChannelId>,
        birthday: Option<i64>,
        first_day: Option<i64>,
        erased_at: Option<i64>,
    }
}

macro_rules! person {
    ($condition:literal) => {
        concat!(
            "SELECT id, user_id, name, manages, praise, shares_profile, dm_channel, birthday, first_day, erased_at
             FROM person WHERE guild_id = $1",
            $condition
        )
    };
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            name: Name::new(row.id, row.name),
            manages: row.manages == 1,
            praise: row.praise.parse().unwrap_or_default(),
            shares_profile: row.shares_profile == 1,
            dm_channel: row.dm_channel,
            birthday: row.birthday.and_then(|it| {
                let it = u32::try_from(it).ok()?;
                Some((it / 100, it % 100))
            }),
            first_day: row.first_day.map(day_of),
            is_erased: row.erased_at.is_some(),
        }
    }
}

/// Everyone in a guild, by id.
pub async fn persons(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<HashMap<PersonId, Person>> {
    let rows: Vec<PersonRow> = sqlx::query_as(person!("")).bind(guild).fetch_all(on).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
}

/// Somebody's name among these persons; escaped.
pub fn name<S: BuildHasher>(persons: &HashMap<PersonId, Person, S>, person: PersonId) -> Value {
    persons.get(&person).map_or_else(|| words::someone().into(), |it| (&it.name).into())
}

/// A person in a guild.
///
/// # Errors
/// When the guild has nobody with that id.
pub async fn person(on: impl AnyExecutor<'_>, guild: GuildId, id: PersonId) -> Result<Person> {
    let row: Option<PersonRow> =
        sqlx::query_as(person!(" AND id = $2")).bind(guild).bind(id).fetch_optional(on).await?;
    row.map(Person::from).ok_or_else(|| Error::user(words::unknown()))
}

/// Serialises with other transactions that change a person: what is read of them afterwards stays true until
/// this transaction ends.
pub async fn hold_person(tx: &mut Tx, person: PersonId) -> Result<()> {
    // Not the id column: SQLite would check every row that refers to it.
    sqlx::query("UPDATE person SET name = name WHERE id = $1").bind(person).execute(&mut **tx).await?;
    Ok(())
}

/// How many of a guild's persons are erased. Comparing it between a read and a later write shows whether one
/// was erased in between.
pub async fn erased(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM person WHERE guild_id = $1 AND erased_at IS NOT NULL")
            .bind(guild)
            .fetch_one(on)
            .await?;
    Ok(count)
}

/// Who managed when last seen, by id.
pub async fn managers(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = sqlx::query_as(
        "SELECT id FROM person WHERE guild_id = $1 AND manages = 1 AND erased_at IS NULL ORDER BY id",
    )
    .bind(guild)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A person's own setting.
#[derive(Debug, Clone, Copy)]
pub enum Setting {
    /// How they want to be praised.
    Praise(Praise),
    /// Whether others see their profile.
    Sharing(bool),
    /// Where private things go as well.
    Messages(Option<ChannelId>),
    /// Month and day, without a year.
    Birthday(Option<(u32, u32)>),
    /// The first day at work.
    FirstDay(Option<NaiveDate>),
}

/// Saves a person's setting.
pub async fn set_person(tx: &mut Tx, person: PersonId, setting: Setting) -> Result<()> {
    let query = match setting {
        Setting::Praise(praise) => {
            sqlx::query("UPDATE person SET praise = $2 WHERE id = $1").bind(person).bind(praise.name())
        }
        Setting::Sharing(shares) => {
            sqlx::query("UPDATE person SET shares_profile = $2 WHERE id = $1").bind(person).bind(flag(shares))
        }
        Setting::Messages(channel) => sqlx::query("UPDATE person SET dm_channel = $2 WHERE id = $1")
            .bind(person)
            .bind(channel.map(|channel| channel.0)),
        Setting::Birthday(date) => sqlx::query("UPDATE person SET birthday = $2 WHERE id = $1")
            .bind(person)
            .bind(date.map(|(month, day)| i64::from(month * 100 + day))),
        Setting::FirstDay(day) => sqlx::query("UPDATE person SET first_day = $2 WHERE id = $1")
            .bind(person)
            .bind(day.map(day_number)),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}
