//! A team: a named group of persons. And the scope of something: a person, a team or everyone.

use std::collections::{HashMap, HashSet};

use sqlx::any::AnyExecutor;

use super::person::{self, Person};
use crate::kernel::error::{Error, OnConstraint, Result};
use crate::kernel::ids::{GuildId, PersonId, TeamId};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Line, escape, quote};
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::{Value, people as words};

/// A named group of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name, as it was typed.
    pub name: String,
    /// Its current members.
    pub members: HashSet<PersonId>,
}

/// A guild's teams with their members, sorted by name.
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

/// The team with this name, in any case.
///
/// # Errors
/// When the guild has no such team.
pub async fn team_named(on: impl AnyExecutor<'_>, guild: GuildId, name: &str) -> Result<Team> {
    let key = name.trim().to_lowercase();
    let found = teams(on, guild).await?.into_iter().find(|team| team.name.to_lowercase() == key);
    found.ok_or_else(|| Error::user(words::unknown_team(quote(name.trim()))))
}

/// Inserts a team.
///
/// # Errors
/// When the guild has a team with that name.
pub async fn insert_team(tx: &mut Tx, state: &State, guild: GuildId, name: &Line) -> Result<()> {
    sqlx::query("INSERT INTO team (id, guild_id, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(state.id())
        .bind(guild)
        .bind(name.as_str())
        .bind(name.as_str().to_lowercase())
        .bind(state.micros())
        .execute(&mut **tx)
        .await
        .on_unique(|| words::team_taken(quote(name.as_str())))?;
    Ok(())
}

/// Adds a person to a team, or removes them. False if nothing changed, or the guild has no such team.
pub async fn belongs(
    tx: &mut Tx,
    guild: GuildId,
    team: TeamId,
    member: PersonId,
    belongs: bool,
) -> Result<bool> {
    let sql = if belongs {
        "INSERT INTO team_member (team_id, person_id) SELECT id, $2 FROM team WHERE id = $1 AND guild_id = $3 ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM team_member WHERE team_id = $1 AND person_id = $2 AND team_id IN (SELECT id FROM team WHERE guild_id = $3)"
    };
    let changed = sqlx::query(sql).bind(team).bind(member).bind(guild).execute(&mut **tx).await?;
    Ok(changed.rows_affected() == 1)
}

/// Who a goal or an expectation applies to.
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
    /// From the two columns that store it.
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

    /// The scope's name within a text: "Ana", "team North", "everyone".
    pub fn name(self, teams: &[Team], persons: &HashMap<PersonId, Person>) -> Value {
        match self {
            Self::Person(id) => person::name(persons, id),
            Self::Team(id) => teams
                .iter()
                .find(|team| team.id == id)
                .map_or_else(words::someone, |team| words::team(escape(&team.name)))
                .into(),
            Self::Guild => words::everyone().into(),
        }
    }

    /// Whether a person is in it.
    pub fn covers(self, person: PersonId, teams: &[Team]) -> bool {
        match self {
            Self::Person(one) => one == person,
            Self::Team(id) => teams.iter().any(|team| team.id == id && team.members.contains(&person)),
            Self::Guild => true,
        }
    }

    /// The sum of the numbers of everyone in scope. A team's number is that of its current members.
    pub fn sum(self, totals: &HashMap<PersonId, Quantity>, teams: &[Team]) -> Quantity {
        totals.iter().filter(|(person, _)| self.covers(**person, teams)).map(|(_, quantity)| quantity).sum()
    }
}
