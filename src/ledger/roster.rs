//! Whom the ledger is about: guilds, their persons, and their teams.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use sqlx::any::AnyExecutor;

use super::metric;
use crate::kernel::calendar::{Period, Span, Zone, day_of};
use crate::kernel::clock::Clock;
use crate::kernel::db::{Tx, flag};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, PersonId, RoleId, TeamId, UserId};
use crate::kernel::money::Currency;
use crate::kernel::name::Name;
use crate::kernel::state::State;
use crate::kernel::text::{escape, quote};

/// A guild and how it works. Before `/setup`: UTC, US dollars, weeks from Monday, no channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guild {
    /// Its id.
    pub id: GuildId,
    /// Its time zone.
    pub zone: Zone,
    /// Its currency.
    pub currency: Currency,
    /// The day its week starts.
    pub week_start: Weekday,
    /// Where wins ring.
    pub wins_channel: Option<ChannelId>,
    /// Where leaderboards and shout-outs go.
    pub recognition_channel: Option<ChannelId>,
    /// Where the week's expectations go.
    pub expectations_channel: Option<ChannelId>,
    /// Whoever has it manages, besides those with *Manage Server*.
    pub manager_role: Option<RoleId>,
    /// Whether `/setup` has been run.
    pub is_set_up: bool,
}

impl Guild {
    /// The wall clock there.
    pub fn local(&self, clock: &Clock) -> NaiveDateTime {
        self.zone.local(clock.now())
    }

    /// The day it is there.
    pub fn today(&self, clock: &Clock) -> NaiveDate {
        self.local(clock).date()
    }

    /// The period of a span around a day on its calendar.
    pub fn period(&self, span: Span, day: NaiveDate) -> Period {
        Period::around(span, day, self.week_start)
    }

    /// This week there.
    pub fn week(&self, clock: &Clock) -> Period {
        self.period(Span::Week, self.today(clock))
    }
}

/// Reads a guild.
///
/// # Errors
/// When it was never seen, or its row does not read back.
pub async fn guild(on: impl AnyExecutor<'_>, id: GuildId) -> Result<Guild> {
    find_guild(on, id).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
}

crate::row! {
    struct GuildRow {
        zone: String,
        currency: String,
        week_start: i64,
        wins_channel: Option<ChannelId>,
        recognition_channel: Option<ChannelId>,
        expectations_channel: Option<ChannelId>,
        manager_role: Option<RoleId>,
        set_up_at: Option<i64>,
    }
}

/// Reads a guild, if it was ever seen.
pub async fn find_guild(on: impl AnyExecutor<'_>, id: GuildId) -> Result<Option<Guild>> {
    let row: Option<GuildRow> = sqlx::query_as(
        "SELECT zone, currency, week_start, wins_channel, recognition_channel, expectations_channel, manager_role, set_up_at
         FROM guild WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(on)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let unreadable = |what: &str| Error::other("reading a guild", format!("unknown {what}"));
    Ok(Some(Guild {
        id,
        zone: Zone::parse(&row.zone).ok_or_else(|| unreadable("zone"))?,
        currency: Currency::from_code(&row.currency).ok_or_else(|| unreadable("currency"))?,
        week_start: u8::try_from(row.week_start)
            .ok()
            .and_then(|day| Weekday::try_from(day).ok())
            .ok_or_else(|| unreadable("weekday"))?,
        wins_channel: row.wins_channel,
        recognition_channel: row.recognition_channel,
        expectations_channel: row.expectations_channel,
        manager_role: row.manager_role,
        is_set_up: row.set_up_at.is_some(),
    }))
}

/// Writes what `/setup` chose.
pub async fn set_up(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    sqlx::query(
        "UPDATE guild SET zone = $2, currency = $3, week_start = $4, wins_channel = $5, recognition_channel = $6,
                expectations_channel = $7, manager_role = $8, set_up_at = COALESCE(set_up_at, $9) WHERE id = $1",
    )
    .bind(guild.id)
    .bind(guild.zone.name())
    .bind(guild.currency.code())
    .bind(i64::from(guild.week_start.num_days_from_monday()))
    .bind(guild.wins_channel)
    .bind(guild.recognition_channel)
    .bind(guild.expectations_channel)
    .bind(guild.manager_role)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The guild, as it is or freshly met with its built-in metrics.
pub async fn meet_guild(state: &State, id: GuildId) -> Result<Guild> {
    if let Some(guild) = find_guild(state.db.read(), id).await? {
        return Ok(guild);
    }
    let mut tx = state.db.write().await?;
    let met = sqlx::query(
        "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES ($1, 'UTC', 'USD', 0, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(state.micros())
    .execute(&mut *tx)
    .await?;
    if met.rows_affected() == 1 {
        metric::add_built_in(&mut tx, state, id).await?;
    }
    let guild = guild(&mut *tx, id).await?;
    tx.commit_unasked().await?;
    Ok(guild)
}

/// The person of a Discord user in a guild, as they are or freshly met; their name is kept up to date, and whether they
/// manage where that is seen.
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
    if let Some((person, known_as, managed)) = known
        && known_as == name
        && manages.is_none_or(|manages| flag(manages) == managed)
    {
        return Ok(person);
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

/// The person of a Discord user in a guild, if they were ever met.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Praise {
    /// Where everyone sees it.
    #[default]
    Public,
    /// In their inbox.
    Private,
    /// Not at all.
    Nothing,
}

impl Praise {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Nothing];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Nothing => "none",
        }
    }
}

/// What an erased person is called.
pub const NOBODY: &str = "somebody who left";

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
    /// Month and day of their birthday, if they said it. No year is kept.
    pub birthday: Option<(u32, u32)>,
    /// Their first day at work, if they said it.
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
            praise: Praise::ALL.into_iter().find(|it| it.name() == row.praise).unwrap_or_default(),
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

/// Everyone of a guild, by id.
pub async fn persons(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<HashMap<PersonId, Person>> {
    let rows: Vec<PersonRow> = sqlx::query_as(person!("")).bind(guild).fetch_all(on).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
}

/// What somebody is called among these persons; escaped.
pub fn name<S: BuildHasher>(persons: &HashMap<PersonId, Person, S>, person: PersonId) -> String {
    persons.get(&person).map_or_else(|| "somebody".to_owned(), |it| it.name.to_string())
}

/// Makes whoever else holds the guild wait until this transaction ends, or waits for them. On PostgreSQL, writers see nothing of
/// what others have not committed; SQLite has one writer anyway.
pub async fn hold_guild(tx: &mut Tx, guild: GuildId) -> Result<()> {
    sqlx::query("UPDATE guild SET id = id WHERE id = $1").bind(guild).execute(&mut **tx).await?;
    Ok(())
}

/// The same for whoever changes a person: what is read of them afterwards stays so until this transaction ends.
pub async fn hold_person(tx: &mut Tx, person: PersonId) -> Result<()> {
    sqlx::query("UPDATE person SET id = id WHERE id = $1").bind(person).execute(&mut **tx).await?;
    Ok(())
}

/// How many persons of a guild are erased: whoever reads now and writes later sees whether one of them was meanwhile.
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

/// When each person of a guild is away, the earliest first.
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

/// A person of a guild.
///
/// # Errors
/// When the guild has none of that id.
pub async fn person(on: impl AnyExecutor<'_>, guild: GuildId, id: PersonId) -> Result<Person> {
    let row: Option<PersonRow> =
        sqlx::query_as(person!(" AND id = $2")).bind(guild).bind(id).fetch_optional(on).await?;
    row.map(Person::from).ok_or_else(|| Error::user("I don't know that person here. Run the command again."))
}

/// A named group of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name, as people wrote it.
    pub name: String,
    /// Who is in it now.
    pub members: HashSet<PersonId>,
}

/// A guild's teams with their members, by name.
pub async fn teams(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Team>> {
    let rows: Vec<(TeamId, String, Option<PersonId>)> = sqlx::query_as(
        "SELECT team.id, team.name, team_member.person_id FROM team
         LEFT JOIN team_member ON team_member.team_id = team.id WHERE team.guild_id = $1 ORDER BY team.name_key",
    )
    .bind(guild)
    .fetch_all(on)
    .await?;
    let mut teams: Vec<Team> = Vec::new();
    for (id, name, member) in rows {
        if teams.last().is_none_or(|team| team.id != id) {
            teams.push(Team { id, name, members: HashSet::new() });
        }
        if let (Some(team), Some(member)) = (teams.last_mut(), member) {
            team.members.insert(member);
        }
    }
    Ok(teams)
}

/// The team of a name, any case.
///
/// # Errors
/// When the guild has none of it.
pub async fn team_named(on: impl AnyExecutor<'_>, guild: GuildId, name: &str) -> Result<Team> {
    let key = name.trim().to_lowercase();
    teams(on, guild).await?.into_iter().find(|team| team.name.to_lowercase() == key).ok_or_else(|| {
        Error::user(format!(
            "There is no team called {}. /team list shows the ones there are.",
            quote(name.trim())
        ))
    })
}

/// For whom a goal or an expectation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One person.
    Person(PersonId),
    /// A team's members.
    Team(TeamId),
    /// Everyone in the guild.
    Guild,
}

impl Scope {
    /// From the two columns that keep it.
    pub fn from_columns(person: Option<PersonId>, team: Option<TeamId>) -> Self {
        match (person, team) {
            (Some(person), _) => Self::Person(person),
            (None, Some(team)) => Self::Team(team),
            (None, None) => Self::Guild,
        }
    }

    /// The person, where it is one.
    pub fn person(self) -> Option<PersonId> {
        if let Self::Person(person) = self { Some(person) } else { None }
    }

    /// The team, where it is one.
    pub fn team(self) -> Option<TeamId> {
        if let Self::Team(team) = self { Some(team) } else { None }
    }

    /// For whom, in a text: "Ana", "team North", "everyone".
    pub fn name(self, teams: &[Team], persons: &HashMap<PersonId, Person>) -> String {
        let name = match self {
            Self::Person(id) => persons.get(&id).map(|person| person.name.to_string()),
            Self::Team(id) => {
                teams.iter().find(|team| team.id == id).map(|team| escape(&format!("team {}", team.name)))
            }
            Self::Guild => Some("everyone".to_owned()),
        };
        name.unwrap_or_else(|| "somebody".to_owned())
    }

    /// Whether a person is in it.
    pub fn covers(self, person: PersonId, teams: &[Team]) -> bool {
        match self {
            Self::Person(one) => one == person,
            Self::Team(id) => teams.iter().any(|team| team.id == id && team.members.contains(&person)),
            Self::Guild => true,
        }
    }

    /// The sum of everyone's numbers that count for it. A team's number is that of its present members.
    pub fn sum(self, totals: &super::totals::Totals, teams: &[Team]) -> i64 {
        totals.iter().filter(|(person, _)| self.covers(**person, teams)).map(|(_, quantity)| quantity).sum()
    }
}
