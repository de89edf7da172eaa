//! Goals: a target on a metric for a person, a team or the guild over a period. One message shows how a shared one stands.

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
use crate::ledger::{Counted, Event, Fact, OnceKey, fact, totals};
use crate::outbox;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Guild, Person, Scope, Team, Voice};
use crate::schedules::{self, Deadline};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Trace};
use crate::words::{Message, goals as words};

/// The button that cheers somebody on.
const CHEER: Target<GoalId> = Target::new("goal:cheer");

/// The end of a goal: the midnight after its last day.
const END: Deadline =
    Deadline { name: "goal_end", passed: |tx, state, guild, goal| close(tx, state, guild, GoalId(goal)) };

/// What goals add to the house.
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
        ),
        Table::new(
            "goal_version",
            &[Trace::rows(words::trace_goal_updates_made, "changed_by = $1", Erasure::Stays)],
        )
        .whose("goal_id IN (SELECT id FROM goal WHERE guild_id = $1)"),
        Table::new("goal_cheer", &[Trace::own(words::trace_goals_cheered_on, Erasure::Goes)])
            .whose("goal_id IN (SELECT id FROM goal WHERE guild_id = $1)"),
    ],
    ..Feature::NONE
};

/// A goal was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    /// Which.
    pub goal: GoalId,
}

impl Fact for Set {
    const KIND: &'static str = "goal_set";
}

/// A goal was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Which.
    pub goal: GoalId,
}

impl Fact for Changed {
    const KIND: &'static str = "goal_changed";
}

/// A goal's target was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Which.
    pub goal: GoalId,
    /// By whom, where it is one person's.
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
    /// On what.
    pub metric: MetricId,
    /// For whom.
    pub scope: Scope,
    /// How much.
    pub target: Quantity,
    /// The target without a ramp.
    pub whole: Quantity,
    /// What is beyond the target, if anything is.
    pub stretch: Option<Quantity>,
    /// Over which days.
    pub period: Period,
    /// Who set it.
    pub set_by: PersonId,
    /// When its target was reached, if it is.
    pub reached_at: Option<DateTime<Utc>>,
    /// When its stretch was reached, if it is.
    pub stretched_at: Option<DateTime<Utc>>,
    /// Whether its last day is over, and was noted to be.
    pub is_over: bool,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// Whether others see a person's own.
    pub is_public: bool,
    /// Whether another follows it in the next period.
    pub repeats: bool,
    /// The one before, of a goal that repeats.
    pub follows: Option<GoalId>,
    /// How many periods after its first.
    pub turn: i64,
    /// How a new hire's target grows from turn to turn.
    pub ramp: Option<Ramp>,
    /// Counts up with each change.
    pub version: i64,
}

impl Goal {
    /// Whether one message shows how it stands.
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

/// When a day begins on the wall clock, and so the period before it is over.
fn begins(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

/// Writes a goal, and when it is over. False, and nothing written, if it is there, or another follows the same one.
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

/// Sets a goal. The same key again changes nothing.
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

/// The guild as it is once nobody else changes it or lets its goals end: what is read from here on stays so until the transaction
/// ends.
async fn held(tx: &mut Tx, guild: &Guild) -> Result<Guild> {
    people::hold_guild(tx, guild.id).await?;
    people::guild(&mut **tx, guild.id).await
}

/// A goal that an actor may change: their own that they set themselves, or any as a manager.
async fn theirs(tx: &mut Tx, actor: &Actor, id: GoalId) -> Result<(Goal, MaySet)> {
    let goal = store::goal(&mut **tx, actor.guild, id).await?.filter(|goal| !goal.is_over);
    let goal = goal.ok_or_else(|| Error::user(words::not_open()))?;
    let permit = MaySet::of(&mut **tx, actor, goal.scope).await?;
    if goal.set_by != actor.person {
        actor.manage()?;
    }
    Ok((goal, permit))
}

/// Cancels a goal; none follows it. Cancelled before, it stays as it is.
///
/// # Errors
/// When there is none of that id, or it takes a manager: for more than oneself, and for what somebody else has set.
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

/// What a goal is to become.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The target.
    pub target: Option<Quantity>,
    /// The stretch; `Some(None)` takes it away.
    pub stretch: Option<Option<Quantity>>,
    /// The last day.
    pub until: Option<NaiveDate>,
}

/// Changes a goal while it runs; both versions are kept, its message says what changed, and a person whose goal somebody
/// else has changed is told in their inbox.
///
/// # Errors
/// When it is not theirs to change, when nothing would change or it can't be so, and when somebody else has changed it
/// meanwhile.
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

/// Lets others see a goal of one's own, or nobody any more.
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
/// When there is no such goal that others see, it is one's own, or one has cheered before.
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

/// A goal with where it stands.
#[derive(Debug)]
pub struct Standing {
    /// The goal.
    pub goal: Goal,
    /// On what.
    pub metric: Metric,
    /// What the person or the team is called, escaped; nothing where it is everyone's.
    pub whose: String,
    /// What there is so far, in the goal's unit.
    pub actual: Quantity,
    /// What a win of theirs is usually worth, of goals in money.
    usual: Option<Quantity>,
    /// When the person is away, of a person's goal.
    away: Vec<Period>,
    /// Who cheers it on.
    cheers: Vec<Name>,
    /// What it was before each change.
    before: Vec<GoalVersion>,
}

/// What goals are read against.
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

    /// What there is of a goal so far, in its unit.
    async fn actual(&self, db: &mut AnyConnection, goal: &Goal) -> Result<Quantity> {
        let sums = totals::by_person(&mut *db, goal.metric, goal.period).await?;
        Ok(goal.scope.sum(&sums, &self.teams))
    }

    async fn standing(&self, db: &mut AnyConnection, guild: &Guild, goal: Goal) -> Result<Standing> {
        let metric = self.metric(&goal)?.clone();
        let usual = if metric.unit == Unit::Money {
            let latest = totals::latest(&mut *db, guild.id, metric.id, goal.scope.person()).await?;
            let theirs = latest.into_iter().filter(|(person, _)| goal.scope.covers(*person, &self.teams));
            totals::usual(theirs.map(|(_, quantity)| quantity))
        } else {
            None
        };
        let away = goal.scope.person().and_then(|person| self.absences.get(&person)).cloned();
        Ok(Standing {
            whose: self.whose(goal.scope)?,
            actual: self.actual(db, &goal).await?,
            usual,
            away: away.unwrap_or_default(),
            cheers: if goal.is_public { store::cheers(&mut *db, goal.id).await? } else { Vec::new() },
            before: if goal.version > 1 { store::versions(&mut *db, goal.id).await? } else { Vec::new() },
            metric,
            goal,
        })
    }
}

/// How far down an actor's list of goals somebody looks.
#[derive(Debug, Default)]
pub struct Standings {
    /// Their own, their teams' and the guild's; a manager's list has all that are set for somebody.
    pub theirs: Vec<Standing>,
    /// What others share.
    pub shared: Vec<Standing>,
}

/// The open goals that an actor may see.
pub async fn standings(state: &State, actor: &Actor, guild: &Guild) -> Result<Standings> {
    let mut db = state.db.reader().await?;
    let context = StandingContext::read(&mut db, guild).await?;
    let today = day_number(guild.today(&state.clock));
    let mut all = Standings::default();
    for goal in store::after(&mut *db, guild.id, today).await? {
        let covers = goal.scope.covers(actor.person, &context.teams);
        let theirs = covers || actor.is_manager;
        if theirs || goal.is_public {
            let standing = context.standing(&mut db, guild, goal).await?;
            if theirs { &mut all.theirs } else { &mut all.shared }.push(standing);
        }
    }
    Ok(all)
}

/// A person's own open goals: all of them, or to others those that others see.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let context = StandingContext::read(&mut *db, voice.guild).await?;
    let mut lines = Vec::new();
    for goal in store::after(&mut **db, voice.id, day_number(viewed.now.date())).await? {
        if goal.scope == Scope::Person(viewed.person.id) && (viewed.is_own || goal.is_public) {
            let standing = context.standing(&mut *db, voice.guild, goal).await?;
            lines.push(view::line(&standing, voice, viewed.now));
        }
    }
    Ok(vec![Part { name: voice.say(words::on_profile()), lines: vec![lines.join("\n\n")] }])
}

/// A goal of one person that was reached before its last day.
#[derive(Debug, Clone, Copy)]
pub struct Early {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub goal: GoalId,
    /// On what.
    pub metric: MetricId,
    /// How much.
    pub target: Quantity,
    /// How many working days before.
    pub days: i64,
}

/// The goals of one person each that were reached in a period, on a working day before the goal's own last one.
pub async fn reached_early(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Vec<Early>> {
    let mut found = Vec::new();
    for (goal, reached) in store::reached(&mut *db, guild.id).await? {
        let day = guild.zone.day(reached);
        let (days, _) = rules::days_left(goal.period, day + Days::new(1), &[]);
        if let Some(person) = goal.scope.person().filter(|_| days >= 1 && period.contains(day)) {
            found.push(Early { person, goal: goal.id, metric: goal.metric, target: goal.target, days });
        }
    }
    Ok(found)
}

/// A guild's goals that were behind their pace when a period begins, for managers alone.
async fn in_digest(db: &mut Reader, voice: Voice<'_>, period: &Period) -> Result<Vec<Part>> {
    let day = period.from;
    let context = StandingContext::read(&mut *db, voice.guild).await?;
    // It may be looked at later, and tells of what there was.
    let began = voice.zone.instant(begins(day)).timestamp_micros();
    let known = store::set_before(db, voice.id, began).await?;
    let mut lines = Vec::new();
    for goal in store::after(&mut **db, voice.id, day_number(day)).await? {
        if goal.period.from >= day || !known.contains(&goal.id) {
            continue;
        }
        let period = Period { until: day, span: Span::Custom, ..goal.period };
        let so_far = Goal { period, ..goal.clone() };
        let standing = context.standing(&mut *db, voice.guild, so_far).await?;
        let local = begins(day);
        if rules::pace(standing.actual, goal.target, goal.period, local, &standing.away) == Pace::Behind {
            lines.push(view::behind(&standing, &goal, voice));
        }
    }
    Ok(vec![Part { name: voice.say(words::behind_title()), lines }])
}

/// When each person, or one, has met a goal of their own on what is logged by hand or counts thanks and help (microseconds
/// since 1970).
pub async fn met(
    db: &mut AnyConnection,
    guild: GuildId,
    only: Option<PersonId>,
) -> Result<Vec<(PersonId, i64)>> {
    store::met(db, guild, only).await
}

/// How many goals of their own a person has reached.
pub async fn count_reached(db: &mut AnyConnection, person: PersonId) -> Result<i64> {
    store::count_reached(db, person).await
}

/// What a target is in a turn of its ramp.
fn ramped(ramp: Option<&Ramp>, whole: Quantity, turn: i64, metric: &Metric) -> Quantity {
    let unit = if metric.unit == Unit::Count { Quantity::ONE } else { Quantity(1) };
    ramp.map_or(whole, |ramp| ramp.target(whole, turn, unit))
}

/// Shows how a goal stands: its one message, the first time a new one.
async fn show(tx: &mut Tx, state: &State, guild: &Guild, goal: &Goal) -> Result<()> {
    let Some(channel) = guild.social_channel() else { return Ok(()) };
    let (key, subject) = (goal.live(), Live { goal: goal.id });
    if outbox::enqueue(tx, state, guild.id, channel, &key, &subject).await?.is_some() {
        outbox::noise::count(tx, guild.id, channel, guild.today(&state.clock)).await
    } else {
        outbox::refresh(tx, guild.id, &key, &subject).await
    }
}

/// The one message that shows how a goal stands, or how it ended, or that it is not shared any more.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Live {
    goal: GoalId,
}

impl Subject for Live {
    const KIND: &'static str = "goal";
}

/// That a goal is reached, for everyone; or that it is open again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Announced {
    goal: GoalId,
    /// Whether it was since its target had been changed to what there was.
    was_changed: bool,
}

impl Subject for Announced {
    const KIND: &'static str = "goal_reached";
}

/// The same for one person.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct AnnouncedAlone {
    goal: GoalId,
    was_changed: bool,
}

impl Subject for AnnouncedAlone {
    const KIND: &'static str = "goal_reached_alone";
}

/// That somebody else has changed a person's goal.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct ChangedForYou {
    goal: GoalId,
    /// Which version was changed.
    version: i64,
}

impl Subject for ChangedForYou {
    const KIND: &'static str = "goal_changed";
}

/// A goal as it stands, whatever became of it.
async fn as_it_stands(db: &mut Reader, guild: &Guild, id: GoalId) -> Result<Standing> {
    let goal = store::ever(&mut **db, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    StandingContext::read(db, guild).await?.standing(db, guild, goal).await
}

/// What the messages of a goal say.
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

/// A goal that facts have touched.
struct Touched {
    goal: Goal,
    /// When the first of them happened.
    happened: DateTime<Utc>,
    /// Whether somebody has changed the goal.
    was_changed: bool,
}

/// The goals whose number facts may have changed: those that count the days that facts are about, however long ago they ended
/// and however late somebody reacts.
async fn touched(tx: &mut Tx, guild: &Guild, events: &[Event]) -> Result<Vec<Touched>> {
    let (mut named, mut counted) = (Vec::new(), Vec::new());
    for event in events {
        let set = event.of::<Set>()?.map(|it| (it.goal, false));
        let changed = event.of::<Changed>()?.map(|it| (it.goal, true));
        named.extend(set.or(changed).map(|(goal, was_changed)| (goal, was_changed, event.happened)));
        counted.extend(event.of::<Counted>()?.map(|it| (it, event.happened)));
    }
    let mut goals = HashMap::new();
    for (id, ..) in &named {
        goals.extend(store::goal(&mut **tx, guild.id, *id).await?.map(|goal| (goal.id, goal)));
    }
    let first = counted.iter().map(|(it, _)| it.first).min();
    if let Some(days) = first.zip(counted.iter().map(|(it, _)| it.last).max()) {
        let counting = store::counting(&mut **tx, guild.id, days).await?;
        goals.extend(counting.into_iter().map(|goal| (goal.id, goal)));
    }
    let mut touched = Vec::new();
    for goal in goals.into_values() {
        let (from, until) = (day_number(goal.period.from), day_number(goal.period.until));
        let counts = |it: &Counted| it.metrics.contains(&goal.metric) && it.first < until && it.last >= from;
        let of_it = || named.iter().filter(|(id, ..)| *id == goal.id);
        let told = of_it().map(|(.., happened)| *happened);
        let told = told.chain(counted.iter().filter(|(it, _)| counts(it)).map(|(_, happened)| *happened));
        if let Some(happened) = told.min() {
            let was_changed = of_it().any(|(_, was_changed, _)| *was_changed);
            touched.push(Touched { goal, happened, was_changed });
        }
    }
    touched.sort_by_key(|it| (it.goal.period.until, it.goal.id));
    Ok(touched)
}

/// Reacts to facts that may have changed a number: goals reached are marked, told and posted, as of when that happened; a goal
/// whose number fell below its target again is open again. The messages that show how goals stand say the latest.
async fn react(tx: &mut Tx, state: &State, guild: &Guild, events: &[Event]) -> Result<()> {
    let touched = touched(tx, guild, events).await?;
    if touched.is_empty() {
        return Ok(());
    }
    let context = StandingContext::read(tx, guild).await?;
    for Touched { goal, happened, was_changed } in touched {
        let was = (goal.reached_at.is_some(), goal.stretched_at.is_some());
        let id = goal.id;
        let actual = context.actual(tx, &goal).await?;
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

/// A goal is announced once: one that others see in the channel, any other in the person's inbox. What was announced and is
/// no longer so, or is so again, or is more now, is an edit.
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

/// Notes that a goal is over: its message says how it ended, and of a goal that repeats the next one begins.
/// (Its type is written out, since the next goal ends by it too.)
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

/// The goal that follows in the present period. Periods that nobody saw pass are not made up for.
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

/// Takes a person's name off the messages of their goals, before they are erased.
async fn forget(tx: &mut Tx, guild: &Guild, whose: PersonId) -> Result<()> {
    for goal in store::of_person(&mut **tx, guild.id, whose).await? {
        let (id, was_changed) = (goal.id, false);
        outbox::amend(tx, guild.id, &goal.live(), &Live { goal: id }).await?;
        outbox::amend(tx, guild.id, &goal.announced(), &Announced { goal: id, was_changed }).await?;
    }
    Ok(())
}
