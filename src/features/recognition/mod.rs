//! Shout-outs: few, drawn from a pool of moments, each with its reason, never the same people week after week.
//!
//! A moment is found in the ledger's sums whenever a fact may have changed them. The week is reckoned anew each time: what
//! is no longer so is void, and what is so again is open again.

pub mod commands;
mod overlooked;
pub mod rules;
mod store;
mod view;

use std::collections::{BTreeMap, HashMap};

use chrono::Days;
use rules::{Candidate, Dates, MomentKind, PraisedBefore, Reason, Sums};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::{goals, kudos, streaks};
use crate::chat::permit::Manager;
use crate::chat::target::Target;
use crate::feature::{Feature, Help, Reactor, Route, Section};
use crate::kernel::calendar::{Period, Span, day_number};
use crate::kernel::error::{Doing, Error, Result};
use crate::kernel::ids::{MomentId, PersonId};
use crate::ledger::metric::{self, Horizon, Metric, Unit};
use crate::ledger::{Counted, Event, OnceKey, totals};
use crate::outbox;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Guild, Person, Praise, Voice};
use crate::render::post::Post;
use crate::schedules::{Beside, Chosen, Composed, Place, Scheduled};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Trace};
use crate::words::recognition as words;

/// *Veto*.
const VETO: Target<MomentId> = Target::new("shoutout:veto");

/// What shout-outs add to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::shoutout()],
    help: Help { everyone: None, managers: Some(words::help_managers) },
    routes: &[Route {
        name: VETO.name,
        pressed: |state, press, here| Box::pin(commands::vetoed(state, press, here)),
    }],
    posts: &[Scheduled {
        name: "shoutouts",
        title: words::post_weekly_shout_outs,
        cron: "30 16 * * fri",
        place: Place::Channel(|guild| guild.recognition_channel),
        compose: |db, voice, period| Box::pin(compose(db, voice, period)),
        tell: Some(|db, voice, period, chosen| Box::pin(tell(db, voice, period, chosen))),
    }],
    composers: &[Composer {
        kind: Alone::KIND,
        compose: |db, _, voice, about| {
            Box::pin(async move { Ok(tell_alone(db, voice, about.of()?).await?.into()) })
        },
    }],
    reactors: &[Reactor {
        name: "shout-outs",
        react: |tx, state, guild, events| Box::pin(react(tx, state, guild, events)),
    }],
    digest: &[Section {
        weight: 10,
        read: |db, voice, period| Box::pin(overlooked::parts(db, voice, period)),
    }],
    tables: &[
        Table::new(
            "shoutout",
            &[Trace::own(words::trace_shout_outs_received, Erasure::Loses("reason = ''"))],
        ),
        Table::new(
            "moment",
            &[
                Trace::own(words::trace_moments_that_may_get_a_shout_out, Erasure::Goes),
                Trace::rows(
                    words::trace_shout_out_nominations_made,
                    "nominated_by = $1",
                    Erasure::Loses("nominated_by = NULL"),
                ),
            ],
        ),
    ],
    ..Feature::NONE
};

/// Something that may be praised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    id: Option<MomentId>,
    /// Whose.
    pub person: PersonId,
    key: String,
    /// Of what kind.
    pub kind: MomentKind,
    strength: i64,
    /// What for.
    pub reason: Reason,
    day: i64,
    state: String,
}

/// What moments are put into words with.
#[derive(Debug)]
struct Words {
    metrics: Vec<Metric>,
    persons: HashMap<PersonId, Person>,
    /// The first day of the week that they call this one, as the ledger keeps days.
    week: i64,
}

impl Words {
    async fn read(db: &mut AnyConnection, guild: &Guild, week: i64) -> Result<Self> {
        Ok(Self {
            metrics: metric::all(&mut *db, guild.id).await?,
            persons: people::persons(&mut *db, guild.id).await?,
            week,
        })
    }
}

/// The first day of a period's last week.
fn last_week(guild: &Guild, period: Period) -> i64 {
    day_number(guild.period(Span::Week, period.last()).from)
}

/// What a week's shout-outs are chosen from.
#[derive(Debug)]
struct Pool {
    open: Vec<Moment>,
    before: Vec<PraisedBefore>,
    words: Words,
    seed: u64,
}

impl Pool {
    /// Who is praised in public, in the post's order, and who in their inbox.
    fn choice(&self) -> (Vec<&Moment>, Vec<&Moment>) {
        let of = |praise: Praise| {
            let open: Vec<&Moment> =
                self.open.iter().filter(|it| self.words.persons[&it.person].praise == praise).collect();
            let candidates: Vec<Candidate> = open
                .iter()
                .map(|it| Candidate { person: it.person, kind: it.kind, strength: it.strength })
                .collect();
            let chosen = rules::choose(&candidates, &self.before, self.seed);
            chosen.into_iter().map(|index| open[index]).collect()
        };
        (of(Praise::Public), of(Praise::Private))
    }
}

/// The moments that the ledger's sums of a week hold.
async fn found(db: &mut AnyConnection, guild: &Guild, week: Period) -> Result<Vec<Moment>> {
    let metrics = metric::all(&mut *db, guild.id).await?;
    let of = |name| metric::built_in(&metrics, name).map(|it| it.id);
    let (wins, revenue) = (of(metric::WINS)?, of(metric::REVENUE)?);
    let (assists, thanks) = (of(metric::ASSISTS)?, of(metric::KUDOS)?);
    let since = day_number(week.from) - 7 * i64::try_from(rules::WEEKS - 1).unwrap_or(12);
    let mut months = Vec::new();
    let mut month = guild.period(Span::Month, week.from);
    for _ in 0..rules::MONTHS {
        months.push(totals::by_person(&mut *db, revenue, month).await?);
        month = month.before();
    }
    let quarter = guild.period(Span::Quarter, week.last());
    let earlier = Period { span: Span::Custom, from: quarter.from, until: week.from };
    let before = if earlier.from < earlier.until {
        totals::largest_entry(&mut *db, guild.id, revenue, earlier).await?
    } else {
        None
    };
    let now = totals::largest_entry(&mut *db, guild.id, revenue, week).await?;
    let biggest = now.filter(|(_, amount)| before.is_some_and(|(_, most)| *amount > most));
    let mut groundwork = Vec::new();
    let is_groundwork =
        |it: &&metric::Metric| !it.built_in && it.horizon == Horizon::Leading && it.unit == Unit::Count;
    for metric in metrics.iter().filter(is_groundwork) {
        let weeks = totals::by_person_and_before::<4>(&mut *db, metric.id, week).await?;
        groundwork.push((metric.id, weeks.into()));
    }
    let persons = people::persons(&mut *db, guild.id).await?;
    let dates = persons
        .values()
        .map(|it| Dates { person: it.id, birthday: it.birthday, first_day: it.first_day })
        .collect();
    let mut grown = streaks::all(&mut *db, guild, week.from).await?;
    grown.retain(|_, streak| streak.counts_now && streak.weeks == streak.best);
    let early = goals::reached_early(&mut *db, guild, week).await?;
    let sums = Sums {
        revenue: totals::by_person_and_before::<{ rules::WEEKS }>(&mut *db, revenue, week).await?.into(),
        months,
        deals: store::deals(&mut *db, guild.id, revenue, since, week).await?,
        wins: totals::by_person_and_before::<5>(&mut *db, wins, week).await?.into(),
        first_days: totals::first_days(&mut *db, wins).await?,
        biggest,
        assists: totals::by_person(&mut *db, assists, week).await?,
        thanks: totals::by_person(&mut *db, thanks, week).await?,
        groundwork,
        goals: early.into_iter().map(rules::Found::from).collect(),
        streaks: grown.into_iter().map(|(person, streak)| (person, streak.weeks)).collect(),
        dates,
    };
    // Without its metric there is nothing to say.
    let is_known = |it: &rules::Found| {
        it.why.metric().is_none_or(|named| metrics.iter().any(|metric| metric.id == named))
    };
    let moment = |it: rules::Found| Moment {
        id: None,
        person: it.person,
        key: it.key(week),
        kind: it.why.kind(),
        strength: it.why.kind().strength(),
        reason: Reason::Found(it.why),
        day: day_number(week.last()),
        state: "open".to_owned(),
    };
    let all = rules::find(&sums, week)
        .into_iter()
        .filter(|it| persons.get(&it.person).is_some_and(|person| !person.is_erased));
    Ok(all.filter(is_known).map(moment).collect())
}

/// The same of each week of a period that is a week, or several in which earlier ones were folded.
async fn found_in(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Vec<Moment>> {
    let mut all: Vec<Moment> = Vec::new();
    let mut week = guild.period(Span::Week, period.last());
    while week.from >= period.from {
        for moment in found(&mut *db, guild, week).await? {
            if all.iter().all(|it| it.key != moment.key) {
                all.push(moment);
            }
        }
        week = week.before();
    }
    Ok(all)
}

/// Writes down what a week holds: what is new, what is so again, and what is no longer so.
async fn reckon(tx: &mut Tx, state: &State, guild: &Guild, week: Period) -> Result<()> {
    let found = found(&mut *tx, guild, week).await?;
    for moment in &found {
        store::save(tx, state, guild.id, moment).await?;
    }
    for known in store::moments(&mut *tx, guild.id, week).await? {
        let stands = known.kind == MomentKind::Nominated || found.iter().any(|it| it.key == known.key);
        if !stands {
            store::change_state(tx, guild.id, &known.key, "open", "void").await?;
        }
    }
    Ok(())
}

/// Reckons anew the weeks that facts may have changed: that of then, and the one before where something counts for it.
async fn react(tx: &mut Tx, state: &State, guild: &Guild, events: &[Event]) -> Result<()> {
    let mut weeks = BTreeMap::new();
    for event in events {
        let week = guild.period(Span::Week, guild.zone.day(event.happened));
        let counted = event.of::<Counted>()?;
        let of_goals = event.of::<goals::Changed>()?.is_some() || event.of::<goals::Reached>()?.is_some();
        if counted.is_some() || of_goals {
            weeks.insert(week.from, week);
        }
        if counted.is_some_and(|it| it.first < day_number(week.from)) {
            weeks.insert(week.before().from, week.before());
        }
    }
    for week in weeks.into_values() {
        reckon(tx, state, guild, week).await?;
    }
    Ok(())
}

/// The pool of a period: what its own sums hold now, nominations, and what is still open of the week before. Who wants no
/// praise is not in it, nor who is away all the while.
async fn pool(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Pool> {
    let before = period.before();
    let reach = Period { span: Span::Custom, from: before.from, until: period.until };
    let mut known = store::moments(&mut *db, guild.id, reach).await?;
    let fresh = found_in(&mut *db, guild, period).await?;
    // What is praised once, or once a month, may have been praised long ago.
    let unseen = fresh.iter().map(|it| &it.key).filter(|key| known.iter().all(|it| it.key != **key)).cloned();
    known.extend(store::of_keys(&mut *db, guild.id, &unseen.collect::<Vec<_>>()).await?);
    let own = day_number(period.from);
    let mut open: Vec<Moment> = known
        .iter()
        .filter(|it| it.state == "open")
        // Of the period itself what holds now counts; of the one before, what still reads true.
        .filter(|it| {
            let lasts = it.day < own && it.kind.lasts();
            lasts || it.kind == MomentKind::Nominated || fresh.iter().any(|now| now.key == it.key)
        })
        .cloned()
        .collect();
    for moment in fresh {
        match known.iter().find(|it| it.key == moment.key) {
            None => open.push(moment),
            Some(it) if it.state == "void" => open.push(Moment { id: it.id, ..moment }),
            Some(_) => {}
        }
    }
    let words = Words::read(db, guild, last_week(guild, period)).await?;
    let absences = people::absences(&mut *db, guild.id).await?;
    let is_away = |person: PersonId| {
        absences
            .get(&person)
            .is_some_and(|all| all.iter().any(|it| it.from <= period.from && it.until >= period.until))
    };
    open.retain(|it| {
        let person = words.persons.get(&it.person).filter(|person| !person.is_erased);
        person.is_some_and(|person| person.praise != Praise::Nothing) && !is_away(it.person)
    });
    open.sort_by(|one, other| one.key.cmp(&other.key));
    let lately = Period { span: Span::Custom, from: period.from - Days::new(56), until: period.until };
    let before = store::praised(&mut *db, guild.id, lately, day_number(before.from)).await?;
    Ok(Pool { open, before, words, seed: rules::seed(guild.id, period) })
}

/// Whom a week praises, in public and in private; remembered when it is told.
#[derive(Debug)]
struct Praised {
    public: Vec<Moment>,
    private: Vec<Moment>,
}

/// A shout-out for one person alone.
#[derive(Debug, Serialize, Deserialize)]
struct Alone {
    /// The key of the moment that is praised.
    moment: String,
    /// The first day of the week that it calls this one, as the ledger keeps days.
    week: i64,
}

impl Subject for Alone {
    const KIND: &'static str = "shoutout";
}

/// The week's shout-outs and whom they praise; no post when there is nobody to praise in public, and nothing at all when
/// there is nobody.
async fn compose(db: &mut Reader, voice: Voice<'_>, period: Period) -> Result<Option<Composed>> {
    let pool = pool(&mut *db, voice.guild, period).await?;
    let (public, private) = pool.choice();
    if public.is_empty() && private.is_empty() {
        return Ok(None);
    }
    let post = (!public.is_empty()).then(|| view::told(&public, &pool.words, period, voice));
    let chosen = public.iter().map(|moment| Chosen::from(moment.key.as_str())).collect();
    let cloned = |moments: Vec<&Moment>| moments.into_iter().cloned().collect();
    let praised = Praised { public: cloned(public), private: cloned(private) };
    Ok(Some(Composed { post, chosen, beside: Some(Box::new(praised)) }))
}

/// The shout-outs that were chosen, without who was erased since or wants none in public any more; nothing if nobody is left.
async fn tell(db: &mut Reader, voice: Voice<'_>, period: Period, chosen: &Chosen) -> Result<Option<Post>> {
    let keys: Vec<String> = serde_json::from_value(chosen.clone())?;
    let mut moments = store::of_keys(db, voice.id, &keys).await?;
    moments.sort_by_key(|it| keys.iter().position(|key| *key == it.key));
    let words = Words::read(db, voice.guild, last_week(voice.guild, period)).await?;
    let wants = |it: &&Moment| words.persons.get(&it.person).is_some_and(|it| it.praise == Praise::Public);
    let moments: Vec<&Moment> = moments.iter().filter(wants).collect();
    Ok((!moments.is_empty()).then(|| view::told(&moments, &words, period, voice)))
}

/// What lies in the inbox of somebody who is praised in private.
async fn tell_alone(db: &mut Reader, voice: Voice<'_>, Alone { moment, week }: Alone) -> Result<Post> {
    let found = store::of_keys(db, voice.id, &[moment]).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
    Ok(view::privately(&found, &Words::read(db, voice.guild, week).await?, voice))
}

impl Beside for Praised {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        state: &'a State,
        guild: &'a Guild,
        period: Period,
        is_posted: bool,
    ) -> Doing<'a, bool> {
        Box::pin(remember(tx, state, guild, period, self, is_posted))
    }
}

/// Remembers who was praised, in public if it is posted, and lays in inboxes what is for one person; in the transaction that
/// tells it. False if one of them was vetoed or praised meanwhile, is erased, or wants it otherwise now.
async fn remember(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    period: Period,
    praised: &Praised,
    is_posted: bool,
) -> Result<bool> {
    let private = praised.private.iter().map(|moment| (moment, Praise::Private));
    let public = praised.public.iter().filter(|_| is_posted).map(|moment| (moment, Praise::Public));
    for (moment, wanted) in public.chain(private) {
        people::hold_person(tx, moment.person).await?;
        let person = people::person(&mut **tx, guild.id, moment.person).await?;
        if person.is_erased || person.praise != wanted {
            return Ok(false);
        }
        store::save(tx, state, guild.id, moment).await?;
        if !store::change_state(tx, guild.id, &moment.key, "open", "praised").await? {
            return Ok(false);
        }
        store::remember(tx, guild.id, day_number(period.last()), moment).await?;
        if wanted == Praise::Private {
            let key = format!("shoutout:{}", moment.key);
            let subject = Alone { moment: moment.key.clone(), week: last_week(guild, period) };
            outbox::inbox::add(tx, state, guild.id, moment.person, &key, &subject).await?;
        }
    }
    Ok(true)
}

/// What the next post would praise. What was found by then can be vetoed.
async fn preview(tx: &mut Tx, state: &State, by: Manager) -> Result<Pool> {
    let guild = people::guild(&mut **tx, by.guild).await?;
    let week = guild.week(&state.clock);
    reckon(tx, state, &guild, week).await?;
    let pool = pool(tx, &guild, week).await?;
    Ok(pool)
}

/// Puts somebody forward for the next shout-outs.
///
/// # Errors
/// When it is oneself, or somebody who wants no praise, or the reason says too little.
async fn nominate(
    tx: &mut Tx,
    state: &State,
    by: Manager,
    key: OnceKey<'_>,
    person: &Person,
    reason: &str,
) -> Result<()> {
    if person.id == by.person {
        return Err(Error::user(words::oneself()));
    }
    let reason = kudos::rules::reason(reason)?;
    if person.is_erased || person.praise == Praise::Nothing {
        return Err(Error::user(words::unwanted()));
    }
    let guild = people::guild(&mut **tx, by.guild).await?;
    let id = key.id(tx, state, by.guild).await?;
    let moment = Moment {
        id: None,
        person: person.id,
        key: format!("nominated:{id}"),
        kind: MomentKind::Nominated,
        strength: MomentKind::Nominated.strength(),
        reason: Reason::Nominated(reason.as_str().to_owned()),
        day: day_number(guild.today(&state.clock)),
        state: "open".to_owned(),
    };
    store::nominate(tx, state, by.guild, MomentId(id), &moment, by.person).await?;
    Ok(())
}

/// Takes a moment out of the pool for good.
///
/// # Errors
/// When there is none of that id here, it was praised, or it is out already.
async fn veto(tx: &mut Tx, by: Manager, id: MomentId) -> Result<()> {
    let found = store::moment(tx, by.guild, id).await?;
    let moment = found.ok_or_else(|| Error::user(words::gone()))?;
    if !store::change_state(tx, by.guild, &moment.key, "open", "vetoed").await? {
        return Err(Error::user(match moment.state.as_str() {
            "praised" => words::praised_before(),
            "vetoed" => words::vetoed_before(),
            _ => words::no_longer(),
        }));
    }
    Ok(())
}
