//! Goals: a target on a metric for a person, a team or the guild over a period.

pub mod commands;
pub mod rules;
mod store;
mod view;

use chrono::{NaiveDate, NaiveTime};
use sqlx::AnyConnection;

use super::recognition::rules::{Found, Why};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::db::Tx;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GoalId, GuildId, MetricId, PersonId};
use crate::kernel::permit::{Actor, Manager, Over};
use crate::kernel::state::State;
use crate::kernel::text::escape;
use crate::ledger::metric::{self, Metric};
use crate::ledger::roster::{self, Guild, Scope};
use crate::ledger::totals;
use crate::outbox::{self, Fact};

/// A goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    /// On what.
    pub metric: MetricId,
    /// For whom.
    pub scope: Scope,
    /// Minor units of money, or hundredths of a count.
    pub target: i64,
    /// Over which days.
    pub period: Period,
    /// Who set it.
    pub set_by: PersonId,
    /// Whether its target has been reached.
    pub is_reached: bool,
}

/// The permit to set a goal: over a person, or as a manager for more than one.
#[derive(Debug, Clone, Copy)]
pub enum MaySet {
    /// For one person.
    For(Over),
    /// For a team or the guild.
    Wide(Manager),
}

impl MaySet {
    /// The permit of an actor for a scope.
    ///
    /// # Errors
    /// When it takes a manager.
    pub fn of(actor: &Actor, scope: Scope) -> Result<Self> {
        Ok(match scope {
            Scope::Person(person) => Self::For(actor.over(person)?),
            Scope::Team(_) | Scope::Guild => Self::Wide(actor.manage()?),
        })
    }

    fn by(self) -> (GuildId, PersonId) {
        match self {
            Self::For(over) => (over.guild, over.by),
            Self::Wide(manager) => (manager.guild, manager.person),
        }
    }
}

/// Sets a goal. The same interaction again changes nothing.
pub async fn set(state: &State, permit: MaySet, goal: &Goal) -> Result<()> {
    let (guild, by) = permit.by();
    let mut tx = state.db.write().await?;
    if store::insert(&mut tx, state, guild, by, goal).await? {
        outbox::tell(&mut tx, state, guild, &Fact::GoalSet { goal: goal.id }).await?;
    }
    tx.commit().await?;
    state.wake();
    Ok(())
}

/// Cancels a goal. Cancelled before, it stays as it is.
///
/// # Errors
/// When there is none of that id, or it takes a manager: for more than oneself, and for what somebody else has set.
pub async fn cancel(state: &State, actor: &Actor, id: GoalId) -> Result<Goal> {
    let mut tx = state.db.write().await?;
    let goal = store::open(&mut *tx, actor.guild).await?.into_iter().find(|goal| goal.id == id);
    let goal =
        goal.ok_or_else(|| Error::user("That goal is not open any more. /goal list shows those that are."))?;
    let (_, by) = MaySet::of(actor, goal.scope)?.by();
    if goal.set_by != by {
        actor.manage()?;
    }
    store::cancel(&mut tx, state, id).await?;
    tx.commit().await?;
    tracing::info!(goal = id.0, by = by.0, "goal cancelled");
    Ok(goal)
}

/// A goal with where it stands.
#[derive(Debug)]
pub struct Standing {
    /// The goal.
    pub goal: Goal,
    /// On what.
    pub metric: Metric,
    /// For whom, by name.
    pub whose: String,
    /// What there is so far, in the goal's unit.
    pub actual: i64,
}

/// The open goals that an actor may see: their own, their teams' and the guild's; a manager sees all.
pub async fn standings(state: &State, actor: &Actor, guild: &Guild) -> Result<Vec<Standing>> {
    let db = state.db.read();
    let (teams, persons) = (roster::teams(db, guild.id).await?, roster::persons(db, guild.id).await?);
    let metrics = metric::all(db, guild.id).await?;
    let today = guild.today(&state.clock);
    let mut standings = Vec::new();
    for goal in store::open(db, guild.id).await? {
        let theirs = actor.is_manager || goal.scope.covers(actor.person, &teams);
        let Some(metric) = metrics.iter().find(|metric| metric.id == goal.metric) else { continue };
        if theirs && goal.period.until > today {
            let sums = totals::by_person(db, goal.metric, goal.period).await?;
            let whose = escape(&goal.scope.name(&teams, &persons));
            standings.push(Standing {
                goal,
                metric: metric.clone(),
                whose,
                actual: goal.scope.sum(&sums, &teams),
            });
        }
    }
    Ok(standings)
}

/// The goals of one person each that were reached in a period, before the goal's own last day.
pub async fn reached_early(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (goal, reached) in store::reached(&mut *db, guild.id).await? {
        let day = guild.zone.day(reached);
        let days = (goal.period.last() - day).num_days();
        if let Some(person) = goal.scope.person().filter(|_| days >= 1 && period.contains(day)) {
            let why = Why::GoalEarly { goal: goal.id, metric: goal.metric, target: goal.target, days };
            found.push(Found { person, why });
        }
    }
    Ok(found)
}

/// A guild's goals that were behind their pace when a day began, for managers alone: whose, in words what, and percent.
pub async fn off_pace(
    db: &mut AnyConnection,
    guild: &Guild,
    day: NaiveDate,
) -> Result<Vec<(String, String, i64)>> {
    let (teams, persons) =
        (roster::teams(&mut *db, guild.id).await?, roster::persons(&mut *db, guild.id).await?);
    let metrics = metric::all(&mut *db, guild.id).await?;
    let mut behind = Vec::new();
    for goal in store::open(&mut *db, guild.id).await? {
        let Some(metric) = metrics.iter().find(|metric| metric.id == goal.metric) else { continue };
        if goal.period.until <= day || goal.period.from >= day {
            continue;
        }
        let so_far = Period { until: day, span: Span::Custom, ..goal.period };
        let actual = goal.scope.sum(&totals::by_person(&mut *db, goal.metric, so_far).await?, &teams);
        let local = day.and_time(NaiveTime::MIN);
        if rules::pace(actual, goal.target, goal.period, local) == rules::Pace::Behind {
            let whose = escape(&goal.scope.name(&teams, &persons));
            let what = metric.show_named(goal.target, guild.currency);
            behind.push((whose, what, rules::attainment(actual, goal.target)));
        }
    }
    Ok(behind)
}

/// Reacts to a fact that may have changed a number: goals reached are marked, told and posted; a goal whose number
/// fell below its target again is open again.
pub async fn react(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    let goals = store::open(&mut **tx, guild.id).await?;
    if goals.is_empty() {
        return Ok(());
    }
    let teams = roster::teams(&mut **tx, guild.id).await?;
    // A win may be logged for a day that is past, so a goal is looked at for a while after its end.
    let today = guild.today(&state.clock);
    let counts_still = |goal: &&Goal| goal.period.until + chrono::Days::new(7) > today;
    for goal in goals.iter().filter(counts_still) {
        let sums = totals::by_person(&mut **tx, goal.metric, goal.period).await?;
        let actual = goal.scope.sum(&sums, &teams);
        let is_reached = actual >= goal.target;
        if is_reached == goal.is_reached {
            continue;
        }
        store::mark_reached(tx, state, goal.id, is_reached).await?;
        if is_reached {
            outbox::tell(tx, state, guild.id, &Fact::GoalReached { goal: goal.id }).await?;
        }
        let Some(channel) = guild.recognition_channel.or(guild.wins_channel) else { continue };
        let persons = roster::persons(&mut **tx, guild.id).await?;
        let metric = metric::by_id(&mut **tx, goal.metric).await?;
        let whose = escape(&goal.scope.name(&teams, &persons));
        let standing = Standing { goal: *goal, metric, whose, actual };
        let key = format!("goal:{}:reached", goal.id);
        // A goal is announced once. What was announced and is no longer so, or is so again, is an edit.
        if is_reached {
            let post = view::reached(&standing, guild, guild.local(&state.clock));
            if outbox::enqueue(tx, state, guild.id, channel, &key, &post).await?.is_none() {
                outbox::amend(tx, guild.id, &key, &post).await?;
            }
        } else {
            outbox::amend(tx, guild.id, &key, &view::open_again(&standing, guild)).await?;
        }
    }
    Ok(())
}
