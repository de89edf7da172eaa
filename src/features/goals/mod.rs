//! Goals: a target on a metric for a person, a team or the guild over a period. One message shows a shared
//! goal's progress.

pub mod commands;
pub mod rules;
mod store;
mod view;

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rules::{Pace, Ramp};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::any::AnyExecutor;
use store::GoalVersion;

use crate::chat::permit::{Actor, Manager, Member, Over};
use crate::chat::target::Target;
use crate::feature::{Feature, Help, Part, Reactor, Route, Section, Viewed};
use crate::kernel::calendar::{Period, Span, day_number};
use crate::kernel::error::{Doing, Error, Result};
use crate::kernel::ids::{GoalId, GuildId, MetricId, PersonId};
use crate::kernel::name::Name;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::escape;
use crate::ledger::metric::{self, Metric, Unit};
use crate::ledger::totals::{self, Totals};
use crate::ledger::{Counted, Event, Fact, OnceKey, fact};
use crate::outbox;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Guild, Person, Scope, Team, Voice};
use crate::schedules::{self, Deadline};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Trace};
use crate::words::{Message, goals as words};

/// The *Cheer* button.
const CHEER: Target<GoalId> = Target::new("goal:cheer");

/// The end of a goal: midnight after its last day.
const END: Deadline =
    Deadline { name: "goal_end", passed: |tx, state, guild, goal| close(tx, state, guild, GoalId(goal)) };

/// The goals feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::goal()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    routes: &[Route {
        name: CHEER.name,
        pressed: |state, press, here| Box::pin(commands::cheered(state, press, here)),
    }],
    composers: COMPOSERS,
    reactors: &[Reactor {
        name: "goals",
        react: |tx, state, guild, events| Box::pin(react(tx, state, guild, events)),
    }],
    deadlines: &[END],
    profile: &[Section { weight: 50, read: |db, voice, viewed| Box::pin(on_profile(db, voice, viewed)) }],
    digest: &[Section { weight: 40, read: |db, voice, period| Box::pin(in_digest(db, voice, period)) }],
    forget: Some(|tx, guild, whose| Box::pin(forget(tx, guild, whose))),
    money: Some(|tx, guild| Box::pin(in_money(tx, guild))),
    tables: &[
        Table::new(
            "goal",
            &[
                Trace::own(
                    words::trace_personal_goals,
                    Erasure::Loses(
                        "cancelled_at = COALESCE(cancelled_at, set_at), repeats = 0, is_public = 0",
                    ),
                ),
                Trace::rows(words::trace_goals_set, "set_by = $1", Erasure::Stays),
            ],
        )
        .after("follows"),
        Table::new(
            "goal_version",
            &[Trace::rows(words::trace_goal_updates_made, "changed_by = $1", Erasure::Stays)],
        )
        .of("goal_id", "goal"),
        Table::new("goal_cheer", &[Trace::own(words::trace_goals_cheered_on, Erasure::Goes)])
            .of("goal_id", "goal"),
    ],
    ..Feature::NONE
};

/// A goal was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// The goal.
    pub goal: GoalId,
}

impl Fact for Set {
    const KIND: &'static str = "goal_set";
}

/// A goal was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The goal.
    pub goal: GoalId,
}

impl Fact for Changed {
    const KIND: &'static str = "goal_changed";
}

/// A goal's target was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// The goal.
    pub goal: GoalId,
    /// The owner, if it is a person's goal.
    #[serde(default)]
    pub person: Option<PersonId>,
}

impl Fact for Reached {
    const KIND: &'static str = "goal_reached";
}

/// A goal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    /// The metric.
    pub metric: MetricId,
    /// Whose goal it is.
    pub scope: Scope,
    /// The target.
    pub target: Quantity,
    /// The target without a ramp.
    pub whole: Quantity,
    /// The stretch target, if any.
    pub stretch: Option<Quantity>,
    /// The days it covers.
    pub period: Period,
    /// Who set it.
    pub set_by: PersonId,
    /// When the target was reached, if it was.
    pub reached_at: Option<DateTime<Utc>>,
    /// When the stretch was reached, if it was.
    pub stretched_at: Option<DateTime<Utc>>,
    /// Whether its last day is over and it was closed.
    pub is_over: bool,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// Whether a personal goal is visible to others.
    pub is_public: bool,
    /// Whether a new one follows in the next period.
    pub repeats: bool,
    /// The previous goal, if this one repeats it.
    pub follows: Option<GoalId>,
    /// How many periods after the first one.
    pub turn: i64,
    /// How a new hire's target grows from period to period.
    pub ramp: Option<Ramp>,
    /// Incremented by each change.
    pub version: i64,
}

impl Goal {
    /// Whether it has a progress message.
    fn is_shown(&self) -> bool {
        self.is_public || self.scope.person().is_none()
    }

    fn live(&self) -> String {
        format!("goal:{}:live", self.id)
    }

    fn announced(&self) -> String {
        format!("goal:{}:reached", self.id)
    }
}

/// The permission to set a goal: for one person, or as a manager for a team or the guild.
#[derive(Debug, Clone, Copy)]
pub enum MaySet {
    /// For one person.
    For(Over),
    /// For a team or the guild.
    Wide(Manager),
}

impl MaySet {
    /// The permission of an actor for a scope.
    ///
    /// # Errors
    /// When only a manager may.
    pub async fn of(on: impl AnyExecutor<'_>, actor: &Actor, scope: Scope) -> Result<Self> {
        Ok(match scope {
            Scope::Person(person) => Self::For(actor.over(on, person).await?),
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

/// The start of a day on the guild's wall clock, when the period before it ends.
fn begins(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

/// Writes a goal and its deadline. False, and nothing written, if it exists or the previous one has a
/// successor.
async fn insert(tx: &mut Tx, state: &State, guild: &Guild, goal: &Goal) -> Result<bool> {
    let is_new = store::insert(tx, state, guild.id, goal).await?;
    if is_new {
        schedules::arrange(tx, state, guild, (&END, goal.id.0), begins(goal.period.until)).await?;
        fact::tell(tx, state, guild.id, &Set { goal: goal.id }).await?;
    }
    Ok(is_new)
}

async fn in_money(tx: &mut Tx, guild: &Guild) -> Result<Option<Message>> {
    let found = store::is_in_money(&mut **tx, guild.id).await?;
    Ok(found.then(|| words::in_money(guild.currency.code())))
}

/// Sets a goal. Idempotent per key.
pub async fn set(
    tx: &mut Tx,
    state: &State,
    permit: MaySet,
    guild: &Guild,
    key: OnceKey<'_>,
    goal: impl FnOnce(GoalId) -> Goal,
) -> Result<Goal> {
    let (id, _) = permit.by();
    let guild = &held(tx, guild).await?;
    let goal = goal(GoalId(key.id(tx, state, id).await?));
    insert(tx, state, guild, &goal).await?;
    Ok(goal)
}

/// The guild, locked against changes and closing goals: what is read from here on stays valid until the
/// transaction ends.
async fn held(tx: &mut Tx, guild: &Guild) -> Result<Guild> {
    people::hold_guild(tx, guild.id).await?;
    people::guild(&mut **tx, guild.id).await
}

/// A goal that an actor may change: their own if they set it themselves, or any as a manager.
async fn theirs(tx: &mut Tx, actor: &Actor, id: GoalId) -> Result<(Goal, MaySet)> {
    let goal = store::goal(&mut **tx, actor.guild, id).await?.filter(|goal| !goal.is_over);
    let goal = goal.ok_or_else(|| Error::user(words::not_open()))?;
    let permit = MaySet::of(&mut **tx, actor, goal.scope).await?;
    if goal.set_by != actor.person {
        actor.manage()?;
    }
    Ok((goal, permit))
}

/// Cancels a goal, which also ends its repetition. Cancelling twice changes nothing.
///
/// # Errors
/// When there is no such goal, or when only a manager may: for a goal of others, or one that somebody else
/// has set.
pub async fn cancel(tx: &mut Tx, state: &State, actor: &Actor, guild: &Guild, id: GoalId) -> Result<Goal> {
    held(tx, guild).await?;
    let (goal, _) = theirs(tx, actor, id).await?;
    store::cancel(tx, state, id).await?;
    schedules::call_off(tx, guild.id, &END, id.0).await?;
    if goal.is_shown() {
        outbox::amend(tx, guild.id, &goal.live(), &Live { goal: id }).await?;
    }
    Ok(goal)
}

/// The changes to a goal.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The target.
    pub target: Option<Quantity>,
    /// The stretch; `Some(None)` removes it.
    pub stretch: Option<Option<Quantity>>,
    /// The last day.
    pub until: Option<NaiveDate>,
}

/// Changes an open goal. Both versions are kept, its message says what changed, and a person whose goal
/// somebody else has changed is told in their inbox.
///
/// # Errors
/// When the actor may not change it, when nothing would change, when the result is invalid, or when somebody
/// else has changed it meanwhile.
pub async fn change(
    tx: &mut Tx,
    state: &State,
    actor: &Actor,
    guild: &Guild,
    id: GoalId,
    change: Change,
) -> Result<Standing> {
    let guild = &held(tx, guild).await?;
    let today = guild.today(&state.clock);
    let (before, _) = theirs(tx, actor, id).await?;
    let mut after = before.clone();
    if let Some(until) = change.until {
        if before.repeats {
            return Err(Error::user(words::repeats_until()));
        }
        if until != before.period.last() {
            after.period = Period { from: before.period.from, ..rules::accept_until(until, today)? };
        }
    }
    if let Some(target) = change.target {
        let metric = metric::by_id(&mut **tx, before.metric).await?;
        after.whole = target;
        after.target = ramped(after.ramp.as_ref(), target, after.turn, &metric);
    }
    after.stretch = rules::accept_stretch(change.stretch.unwrap_or(before.stretch), after.whole)?;
    if after == before {
        return Err(Error::user(words::nothing_changed()));
    }
    if !store::change(tx, state, actor.person, (&before, &after)).await? {
        return Err(Error::user(words::changed_meanwhile()));
    }
    if after.period != before.period {
        schedules::arrange(tx, state, guild, (&END, id.0), begins(after.period.until)).await?;
    }
    fact::tell(tx, state, guild.id, &Changed { goal: id }).await?;
    let goal = store::goal(&mut **tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let standing = StandingContext::read(tx, guild).await?.standing(tx, guild, goal).await?;
    if let Some(person) = before.scope.person().filter(|person| *person != actor.person) {
        let key = format!("goal:{id}:changed:{}", before.version);
        let subject = ChangedForYou { goal: id, version: before.version };
        outbox::inbox::add(tx, state, guild.id, person, &key, &subject).await?;
    }
    Ok(standing)
}

/// Makes one's own goal visible to others, or hides it again.
///
/// # Errors
/// When it is not one's own.
pub async fn share(
    tx: &mut Tx,
    state: &State,
    by: Member,
    guild: &Guild,
    id: GoalId,
    is_public: bool,
) -> Result<()> {
    held(tx, guild).await?;
    let goal = store::goal(&mut **tx, by.guild, id).await?;
    let own = goal.filter(|goal| goal.scope == Scope::Person(by.person) && !goal.is_over);
    let goal = own.ok_or_else(|| Error::user(words::share_own_open()))?;
    store::share(tx, id, is_public).await?;
    let announced = Announced { goal: id, was_changed: false };
    outbox::amend(tx, guild.id, &goal.announced(), &announced).await?;
    if is_public {
        show(tx, state, guild, &goal).await
    } else {
        outbox::amend(tx, guild.id, &goal.live(), &Live { goal: id }).await
    }
}

/// Cheers somebody on.
///
/// # Errors
/// When there is no such shared goal, when it is one's own, or when one has cheered before.
pub async fn cheer(tx: &mut Tx, state: &State, by: Member, guild: &Guild, id: GoalId) -> Result<String> {
    let goal = store::goal(&mut **tx, by.guild, id).await?;
    let shown = goal.filter(|goal| goal.is_public && !goal.is_over && goal.scope.person().is_some());
    let goal = shown.ok_or_else(|| Error::user(words::cheer_unshared()))?;
    if goal.scope == Scope::Person(by.person) {
        return Err(Error::user(words::cheer_own()));
    }
    if !store::cheer(tx, state, id, by.person).await? {
        return Err(Error::user(words::cheer_twice()));
    }
    show(tx, state, guild, &goal).await?;
    let standing = StandingContext::read(tx, guild).await?.standing(tx, guild, goal).await?;
    Ok(standing.whose)
}

/// A goal with its progress.
#[derive(Debug)]
pub struct Standing {
    /// The goal.
    pub goal: Goal,
    /// The metric.
    pub metric: Metric,
    /// The name of the person or team, escaped; none for a guild goal.
    pub whose: String,
    /// The progress so far, in the goal's unit.
    pub actual: Quantity,
    /// The owner's typical win, for goals in money.
    usual: Option<Quantity>,
    /// The owner's absences, for a personal goal.
    away: Vec<Period>,
    /// Who cheered.
    cheers: Vec<Name>,
    /// Its previous versions.
    before: Vec<GoalVersion>,
}

/// What is needed to compute progress.
struct StandingContext {
    teams: Vec<Team>,
    persons: HashMap<PersonId, Person>,
    metrics: Vec<Metric>,
    absences: HashMap<PersonId, Vec<Period>>,
}

impl StandingContext {
    async fn read(db: &mut AnyConnection, guild: &Guild) -> Result<Self> {
        Ok(Self {
            teams: people::teams(&mut *db, guild.id).await?,
            persons: people::persons(&mut *db, guild.id).await?,
            metrics: metric::all(&mut *db, guild.id).await?,
            absences: people::absences(&mut *db, guild.id).await?,
        })
    }

    fn metric(&self, goal: &Goal) -> Result<&Metric> {
        let found = self.metrics.iter().find(|metric| metric.id == goal.metric);
        found.ok_or_else(|| Error::other("reading a goal", "its metric is missing"))
    }

    fn whose(&self, scope: Scope) -> Result<String> {
        let found = match scope {
            Scope::Person(id) => self.persons.get(&id).map(|person| person.name.to_string()),
            Scope::Team(id) => self.teams.iter().find(|team| team.id == id).map(|team| escape(&team.name)),
            Scope::Guild => Some(String::new()),
        };
        found.ok_or_else(|| Error::other("reading a goal", "whoever it is for is missing"))
    }

    /// The typical win of the people a money goal is for.
    async fn usual(
        &self,
        db: &mut AnyConnection,
        guild: &Guild,
        goals: &[Goal],
    ) -> Result<HashMap<GoalId, Quantity>> {
        let is_in_money = |goal: &&Goal| self.metric(goal).is_ok_and(|metric| metric.unit == Unit::Money);
        let goals: Vec<&Goal> = goals.iter().filter(is_in_money).collect();
        let asked: Vec<_> = goals.iter().map(|goal| (goal.metric, goal.scope.person())).collect();
        let latest = totals::latest(&mut *db, guild.id, &asked).await?;
        let usual = goals.into_iter().zip(latest).filter_map(|(goal, latest)| {
            let theirs = latest.into_iter().filter(|(person, _)| goal.scope.covers(*person, &self.teams));
            Some((goal.id, totals::usual(theirs.map(|(_, quantity)| quantity))?))
        });
        Ok(usual.collect())
    }

    /// The progress of goals, in the given order, with a constant number of queries.
    async fn standings(
        &self,
        db: &mut AnyConnection,
        guild: &Guild,
        goals: Vec<Goal>,
    ) -> Result<Vec<Standing>> {
        let counted: Vec<_> = goals.iter().map(|goal| (goal.metric, goal.period)).collect();
        let sums = totals::of_many(&mut *db, &counted).await?;
        let usual = self.usual(&mut *db, guild, &goals).await?;
        let shared: Vec<_> = goals.iter().filter(|goal| goal.is_public).map(|goal| goal.id).collect();
        let mut cheers = store::cheers(&mut *db, &shared).await?;
        let changed: Vec<_> = goals.iter().filter(|goal| goal.version > 1).map(|goal| goal.id).collect();
        let mut before = store::versions(&mut *db, &changed).await?;
        let standing = |(goal, sums): (Goal, Totals)| -> Result<Standing> {
            let away = goal.scope.person().and_then(|person| self.absences.get(&person)).cloned();
            Ok(Standing {
                metric: self.metric(&goal)?.clone(),
                whose: self.whose(goal.scope)?,
                actual: goal.scope.sum(&sums, &self.teams),
                usual: usual.get(&goal.id).copied(),
                away: away.unwrap_or_default(),
                cheers: cheers.remove(&goal.id).unwrap_or_default(),
                before: before.remove(&goal.id).unwrap_or_default(),
                goal,
            })
        };
        goals.into_iter().zip(sums).map(standing).collect()
    }

    async fn standing(&self, db: &mut AnyConnection, guild: &Guild, goal: Goal) -> Result<Standing> {
        let standing = self.standings(db, guild, vec![goal]).await?.pop();
        Ok(standing.ok_or(sqlx::Error::RowNotFound)?)
    }
}

/// The goals that an actor may see.
#[derive(Debug, Default)]
pub struct Standings {
    /// Their own, their teams' and the guild's; for managers, all that are set for somebody.
    pub theirs: Vec<Standing>,
    /// Goals that others share.
    pub shared: Vec<Standing>,
}

/// The open goals that an actor may see.
pub async fn standings(state: &State, actor: &Actor, guild: &Guild) -> Result<Standings> {
    let mut db = state.db.reader().await?;
    let context = StandingContext::read(&mut db, guild).await?;
    let today = day_number(guild.today(&state.clock));
    let is_theirs = |goal: &Goal| actor.is_manager || goal.scope.covers(actor.person, &context.teams);
    let mut goals = store::after(&mut *db, guild.id, today).await?;
    goals.retain(|goal| goal.is_public || is_theirs(goal));
    let standings = context.standings(&mut db, guild, goals).await?;
    let (theirs, shared) = standings.into_iter().partition(|standing| is_theirs(&standing.goal));
    Ok(Standings { theirs, shared })
}

/// A person's own open goals: all of them for the owner, the shared ones for others.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let context = StandingContext::read(&mut *db, voice.guild).await?;
    let mut goals = store::after(&mut **db, voice.id, day_number(viewed.now.date())).await?;
    goals.retain(|goal| goal.scope == Scope::Person(viewed.person.id) && (viewed.is_own || goal.is_public));
    let standings = context.standings(&mut *db, voice.guild, goals).await?;
    let lines: Vec<_> = standings.iter().map(|it| view::line(it, voice, viewed.now)).collect();
    Ok(vec![Part { name: voice.say(words::on_profile()), lines: vec![lines.join("\n\n")] }])
}

/// A personal goal that was reached before its last day.
#[derive(Debug, Clone, Copy)]
pub struct Early {
    /// The owner.
    pub person: PersonId,
    /// The goal.
    pub goal: GoalId,
    /// The metric.
    pub metric: MetricId,
    /// The target.
    pub target: Quantity,
    /// How many working days early.
    pub days: i64,
}

/// The personal goals that were reached in a period, on a working day before the goal's own last one.
pub async fn reached_early(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Vec<Early>> {
    let mut found = Vec::new();
    // One day wider on either side: the guild's clock decides on which day a goal was reached.
    let from = guild.zone.instant(begins(period.from - Days::new(1))).timestamp_micros();
    let until = guild.zone.instant(begins(period.until + Days::new(1))).timestamp_micros();
    for goal in store::reached(&mut *db, guild.id, (from, until)).await? {
        let Some((person, reached)) = goal.scope.person().zip(goal.reached_at) else { continue };
        let day = guild.zone.day(reached);
        let (days, _) = rules::days_left(goal.period, day + Days::new(1), &[]);
        if days >= 1 && period.contains(day) {
            found.push(Early { person, goal: goal.id, metric: goal.metric, target: goal.target, days });
        }
    }
    Ok(found)
}

/// The goals that were behind pace when a period begins, for managers only.
async fn in_digest(db: &mut Reader, voice: Voice<'_>, period: &Period) -> Result<Vec<Part>> {
    let day = period.from;
    let context = StandingContext::read(&mut *db, voice.guild).await?;
    // The digest may be opened later but must describe the goals as of then.
    let began = voice.zone.instant(begins(day)).timestamp_micros();
    let known = store::set_before(db, voice.id, began).await?;
    let mut goals = store::after(&mut **db, voice.id, day_number(day)).await?;
    goals.retain(|goal| goal.period.from < day && known.contains(&goal.id));
    let so_far = |goal: &Goal| {
        let period = Period { until: day, span: Span::Custom, ..goal.period };
        Goal { period, ..goal.clone() }
    };
    let so_far: Vec<_> = goals.iter().map(so_far).collect();
    let standings = context.standings(&mut *db, voice.guild, so_far).await?;
    let is_behind = |(goal, standing): &(&Goal, Standing)| {
        rules::pace(standing.actual, goal.target, goal.period, begins(day), &standing.away) == Pace::Behind
    };
    let behind = goals.iter().zip(standings).filter(is_behind);
    let lines = behind.map(|(goal, standing)| view::behind(&standing, goal, voice)).collect();
    Ok(vec![Part { name: voice.say(words::behind_title()), lines }])
}

/// When each of these people (or everyone) reached a personal goal on a manual metric, thanks or help, in
/// microseconds since 1970.
pub async fn met(
    db: &mut AnyConnection,
    guild: GuildId,
    only: Option<&[PersonId]>,
) -> Result<Vec<(PersonId, i64)>> {
    store::met(db, guild, only).await
}

/// How many of their own goals people have reached; no entry means none.
pub async fn count_reached(db: &mut AnyConnection, persons: &[PersonId]) -> Result<HashMap<PersonId, i64>> {
    store::count_reached(db, persons).await
}

/// The target in a given period of its ramp.
fn ramped(ramp: Option<&Ramp>, whole: Quantity, turn: i64, metric: &Metric) -> Quantity {
    let unit = if metric.unit == Unit::Count { Quantity::ONE } else { Quantity(1) };
    ramp.map_or(whole, |ramp| ramp.target(whole, turn, unit))
}

/// Posts a goal's progress message the first time, and updates it from then on.
async fn show(tx: &mut Tx, state: &State, guild: &Guild, goal: &Goal) -> Result<()> {
    let Some(channel) = guild.social_channel() else { return Ok(()) };
    let (key, subject) = (goal.live(), Live { goal: goal.id });
    if outbox::show(tx, state, guild.id, channel, &key, &subject).await? {
        outbox::noise::count(tx, guild.id, channel, guild.today(&state.clock)).await?;
    }
    Ok(())
}

/// The progress message of a goal, which also says how it ended or that it is no longer shared.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Live {
    goal: GoalId,
}

impl Subject for Live {
    const KIND: &'static str = "goal";
}

/// Announces to everyone that a goal is reached, or was reopened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Announced {
    goal: GoalId,
    /// Whether it was reached by changing the target.
    was_changed: bool,
}

impl Subject for Announced {
    const KIND: &'static str = "goal_reached";
}

/// The same in one person's inbox.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct AnnouncedAlone {
    goal: GoalId,
    was_changed: bool,
}

impl Subject for AnnouncedAlone {
    const KIND: &'static str = "goal_reached_alone";
}

/// Tells a person that somebody else has changed their goal.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct ChangedForYou {
    goal: GoalId,
    /// The version that was changed.
    version: i64,
}

impl Subject for ChangedForYou {
    const KIND: &'static str = "goal_changed";
}

/// A goal in any state, including cancelled.
async fn as_it_stands(db: &mut Reader, guild: &Guild, id: GoalId) -> Result<Standing> {
    let goal = store::ever(&mut **db, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    StandingContext::read(db, guild).await?.standing(db, guild, goal).await
}

/// The texts of a goal's messages.
const COMPOSERS: &[Composer] = &[
    Composer {
        kind: Live::KIND,
        compose: |db, state, voice, about| {
            Box::pin(async move {
                let standing = as_it_stands(db, voice.guild, about.of::<Live>()?.goal).await?;
                Ok(if standing.goal.is_shown() {
                    view::live(&standing, voice, voice.local(&state.clock))
                } else {
                    view::unshared(voice)
                }
                .into())
            })
        },
    },
    Composer {
        kind: Announced::KIND,
        compose: |db, _, voice, about| {
            Box::pin(async move {
                let Announced { goal, was_changed } = about.of()?;
                let standing = as_it_stands(db, voice.guild, goal).await?;
                Ok(if standing.goal.is_shown() {
                    view::announced(&standing, voice, was_changed, false)
                } else {
                    view::unshared(voice)
                }
                .into())
            })
        },
    },
    Composer {
        kind: AnnouncedAlone::KIND,
        compose: |db, _, voice, about| {
            Box::pin(async move {
                let AnnouncedAlone { goal, was_changed } = about.of()?;
                let standing = as_it_stands(db, voice.guild, goal).await?;
                Ok(view::announced(&standing, voice, was_changed, true).into())
            })
        },
    },
    Composer {
        kind: ChangedForYou::KIND,
        compose: |db, _, voice, about| {
            Box::pin(async move {
                let ChangedForYou { goal, version } = about.of()?;
                let standing = as_it_stands(db, voice.guild, goal).await?;
                Ok(view::changed_for_you(&standing, voice, version).into())
            })
        },
    },
];

/// A goal that facts may affect.
struct Touched {
    goal: Goal,
    /// When the first of these facts happened.
    happened: DateTime<Utc>,
    /// Whether somebody has changed the goal.
    was_changed: bool,
}

/// What the facts say about goals, each with when it happened.
#[derive(Default)]
struct Told {
    /// Goals that were set or changed, and whether it was a change.
    named: Vec<(GoalId, bool, DateTime<Utc>)>,
    /// What was counted.
    counted: Vec<(Counted, DateTime<Utc>)>,
}

impl Told {
    fn by(events: &[Event]) -> Result<Self> {
        let mut told = Self::default();
        for event in events {
            let set = event.of::<Set>()?.map(|it| (it.goal, false));
            let changed = event.of::<Changed>()?.map(|it| (it.goal, true));
            told.named.extend(set.or(changed).map(|(goal, was_changed)| (goal, was_changed, event.happened)));
            told.counted.extend(event.of::<Counted>()?.map(|it| (it, event.happened)));
        }
        Ok(told)
    }

    /// The goals named by facts, and those that cover any day the facts are about, even if they ended long
    /// ago or the reaction is late.
    async fn goals(&self, tx: &mut Tx, guild: GuildId) -> Result<HashMap<GoalId, Goal>> {
        let named: Vec<_> = self.named.iter().map(|(id, ..)| *id).collect();
        let mut goals = store::goals(&mut **tx, guild, &named).await?;
        let first = self.counted.iter().map(|(it, _)| it.first).min();
        if let Some(days) = first.zip(self.counted.iter().map(|(it, _)| it.last).max()) {
            goals.extend(store::counting(&mut **tx, guild, days).await?);
        }
        Ok(goals.into_iter().map(|goal| (goal.id, goal)).collect())
    }

    /// Those of these goals whose progress may have changed: facts name them, or are about what they count.
    fn touches(&self, goals: HashMap<GoalId, Goal>, teams: &[Team]) -> Vec<Touched> {
        let mut touched = Vec::new();
        for goal in goals.into_values() {
            let (from, until) = (day_number(goal.period.from), day_number(goal.period.until));
            let is_theirs = |it: &Counted| it.persons.iter().any(|person| goal.scope.covers(*person, teams));
            let is_then = |it: &Counted| it.first < until && it.last >= from;
            let counts = |it: &Counted| it.metrics.contains(&goal.metric) && is_then(it) && is_theirs(it);
            let named = || self.named.iter().filter(|(id, ..)| *id == goal.id);
            let counted = self.counted.iter().filter(|(it, _)| counts(it));
            let told = named().map(|(.., happened)| *happened).chain(counted.map(|(_, happened)| *happened));
            if let Some(happened) = told.min() {
                let was_changed = named().any(|(_, was_changed, _)| *was_changed);
                touched.push(Touched { goal, happened, was_changed });
            }
        }
        touched.sort_by_key(|it| (it.goal.period.until, it.goal.id));
        touched
    }
}

/// Reacts to facts that may change progress: marks and announces goals reached, as of when that happened,
/// reopens goals that fell below target again, and updates progress messages.
async fn react(tx: &mut Tx, state: &State, guild: &Guild, events: &[Event]) -> Result<()> {
    let told = Told::by(events)?;
    let goals = told.goals(tx, guild.id).await?;
    if goals.is_empty() {
        return Ok(());
    }
    let teams = people::teams(&mut **tx, guild.id).await?;
    let touched = told.touches(goals, &teams);
    let asked: Vec<_> = touched.iter().map(|it| (it.goal.metric, it.goal.period)).collect();
    let sums = totals::of_many(tx, &asked).await?;
    for (Touched { goal, happened, was_changed }, sums) in touched.into_iter().zip(sums) {
        let was = (goal.reached_at.is_some(), goal.stretched_at.is_some());
        let id = goal.id;
        let actual = goal.scope.sum(&sums, &teams);
        let is_reached = actual >= goal.target;
        let is_stretched = goal.stretch.is_some_and(|stretch| actual >= stretch);
        if was != (is_reached, is_stretched) {
            store::mark_reached(tx, id, (is_reached, is_stretched), happened).await?;
            if is_reached && !was.0 {
                let reached = Reached { goal: id, person: goal.scope.person() };
                fact::follow(tx, state, guild.id, &reached, happened).await?;
            }
            announce(tx, state, guild, &goal, (is_reached, was_changed)).await?;
        }
        if goal.is_shown() {
            show(tx, state, guild, &goal).await?;
        }
    }
    Ok(())
}

/// Announces a goal once: in the channel if it is shared, else in the person's inbox. If it is reopened,
/// reached again or passes its stretch, that message is edited.
async fn announce(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    goal: &Goal,
    (is_reached, was_changed): (bool, bool),
) -> Result<()> {
    let (key, id) = (goal.announced(), goal.id);
    if let Some(person) = goal.scope.person().filter(|_| !goal.is_shown()) {
        outbox::inbox::withdraw(tx, person, &key).await?;
        if is_reached {
            let subject = AnnouncedAlone { goal: id, was_changed };
            outbox::inbox::add(tx, state, guild.id, person, &key, &subject).await?;
        }
        return Ok(());
    }
    let Some(channel) = guild.social_channel() else { return Ok(()) };
    let subject = Announced { goal: id, was_changed };
    if is_reached && outbox::enqueue(tx, state, guild.id, channel, &key, &subject).await?.is_some() {
        return Ok(());
    }
    outbox::amend(tx, guild.id, &key, &subject).await
}

/// Closes a goal: its message says how it ended, and a repeating goal gets its successor.
/// (The return type is spelled out because closing is recursive through the successor.)
fn close<'a>(tx: &'a mut Tx, state: &'a State, guild: &'a Guild, id: GoalId) -> Doing<'a, ()> {
    Box::pin(async move {
        if !store::close(tx, state, id).await? {
            return Ok(());
        }
        let goal = store::goal(&mut **tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
        if goal.is_shown() {
            outbox::amend(tx, guild.id, &goal.live(), &Live { goal: id }).await?;
        }
        if goal.repeats {
            let next = next(state, guild, &goal, &metric::by_id(&mut **tx, goal.metric).await?);
            insert(tx, state, guild, &next).await?;
        }
        Ok(())
    })
}

/// The successor in the present period. Periods missed in between are skipped.
fn next(state: &State, guild: &Guild, goal: &Goal, metric: &Metric) -> Goal {
    let span = goal.period.span;
    let today = guild.today(&state.clock).max(goal.period.until);
    let (mut period, mut turn) = (guild.period(span, goal.period.until), goal.turn + 1);
    while period.until <= today {
        period = guild.period(span, period.until);
        turn += 1;
    }
    Goal {
        id: GoalId(state.id()),
        period,
        turn,
        target: ramped(goal.ramp.as_ref(), goal.whole, turn, metric),
        follows: Some(goal.id),
        reached_at: None,
        stretched_at: None,
        is_over: false,
        is_cancelled: false,
        version: 1,
        ..goal.clone()
    }
}

/// Removes a person's name from their goals' messages, before they are erased.
async fn forget(tx: &mut Tx, guild: &Guild, whose: PersonId) -> Result<()> {
    for goal in store::of_person(&mut **tx, guild.id, whose).await? {
        let (id, was_changed) = (goal.id, false);
        outbox::amend(tx, guild.id, &goal.live(), &Live { goal: id }).await?;
        outbox::amend(tx, guild.id, &goal.announced(), &Announced { goal: id, was_changed }).await?;
    }
    Ok(())
}
