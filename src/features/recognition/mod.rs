//! Shout-outs: few, drawn from a pool of moments, each with its reason, never the same people week after
//! week.
//!
//! Moments are computed from the ledger's sums on demand: for a preview, a digest, or the post. Only what
//! people did is stored: nominations, vetoes and praise.

pub mod commands;
mod overlooked;
pub mod rules;
mod store;
mod view;

use std::collections::HashMap;

use chrono::Days;
use rules::{Candidate, Dates, MomentKind, PraisedBefore, Reason, Sums};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::{goals, kudos, streaks};
use crate::chat::permit::Manager;
use crate::chat::target::Target;
use crate::feature::{Feature, Help, Route, Section};
use crate::kernel::calendar::{Period, Span, day_number};
use crate::kernel::error::{Doing, Error, Result};
use crate::kernel::ids::{MetricId, MomentId, PersonId};
use crate::ledger::metric::{self, Horizon, Metric, Unit};
use crate::ledger::{OnceKey, totals};
use crate::outbox;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Guild, Person, Praise, Voice};
use crate::render::post::Post;
use crate::schedules::{Beside, Chosen, Composed, Place, Scheduled};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Than, Trace};
use crate::words::recognition as words;

/// *Veto*.
const VETO: Target<MomentId> = Target::new("shoutout:veto");

/// The shout-outs feature.
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
        )
        .pruned(&[Old { days: 400, rows: "day < $1", than: Than::Day }]),
    ],
    ..Feature::NONE
};

/// Something that may be praised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    id: Option<MomentId>,
    /// The person.
    pub person: PersonId,
    key: String,
    /// The kind.
    pub kind: MomentKind,
    strength: i64,
    /// The reason.
    pub reason: Reason,
    day: i64,
    state: String,
}

impl Moment {
    /// Whether it was neither praised nor vetoed.
    fn is_open(&self) -> bool {
        self.state == "open"
    }
}

/// What is needed to word moments.
#[derive(Debug)]
struct Words {
    metrics: Vec<Metric>,
    persons: HashMap<PersonId, Person>,
    /// The first day of the week worded as "this week", as a ledger day number.
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

/// The candidates for a week's shout-outs.
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

/// The moments found in the ledger's sums for a week.
async fn found(db: &mut AnyConnection, guild: &Guild, week: Period) -> Result<Vec<Moment>> {
    let metrics = metric::all(&mut *db, guild.id).await?;
    let of = |name| metric::built_in(&metrics, name).map(|it| it.id);
    let (wins, revenue) = (of(metric::WINS)?, of(metric::REVENUE)?);
    let (assists, thanks) = (of(metric::ASSISTS)?, of(metric::KUDOS)?);
    let since = day_number(week.from) - 7 * i64::try_from(rules::WEEKS - 1).unwrap_or(12);
    let month = guild.period(Span::Month, week.from);
    let months = std::iter::successors(Some(month), |month| Some(month.before())).take(rules::MONTHS);
    let mut asked: Vec<_> = months.map(|month| (revenue, month)).collect();
    asked.extend([(assists, week), (thanks, week)]);
    let mut months = totals::of_many(&mut *db, &asked).await?;
    let (thanks, assists) = (months.pop().unwrap_or_default(), months.pop().unwrap_or_default());
    let quarter = guild.period(Span::Quarter, week.last());
    let earlier = Period { span: Span::Custom, from: quarter.from, until: week.from };
    let before = if earlier.from < earlier.until {
        totals::largest_entry(&mut *db, guild.id, revenue, earlier).await?
    } else {
        None
    };
    let now = totals::largest_entry(&mut *db, guild.id, revenue, week).await?;
    let biggest = now.filter(|(_, amount)| before.is_some_and(|(_, most)| *amount > most));
    let is_groundwork =
        |it: &&Metric| !it.built_in && it.horizon == Horizon::Leading && it.unit == Unit::Count;
    let worked: Vec<MetricId> = metrics.iter().filter(is_groundwork).map(|it| it.id).collect();
    let mut weeks = totals::by_person_and_before::<4>(&mut *db, &worked, week).await?;
    let groundwork = worked.iter().filter_map(|it| Some((*it, weeks.remove(it)?.into()))).collect();
    let persons = people::persons(&mut *db, guild.id).await?;
    let dates = persons
        .values()
        .map(|it| Dates { person: it.id, birthday: it.birthday, first_day: it.first_day })
        .collect();
    let mut grown = streaks::all(&mut *db, guild, week.from).await?;
    grown.retain(|_, streak| streak.counts_now && streak.weeks == streak.best);
    let early = goals::reached_early(&mut *db, guild, week).await?;
    let mut before =
        totals::by_person_and_before::<{ rules::WEEKS }>(&mut *db, &[revenue, wins], week).await?;
    let sums = Sums {
        revenue: before.remove(&revenue).map(Into::into).unwrap_or_default(),
        months,
        deals: store::deals(&mut *db, guild.id, revenue, since, week).await?,
        wins: before.remove(&wins).map(|all| all.into_iter().take(5).collect()).unwrap_or_default(),
        first_days: totals::first_days(&mut *db, wins).await?,
        biggest,
        assists,
        thanks,
        groundwork,
        goals: early.into_iter().map(rules::Found::from).collect(),
        streaks: grown.into_iter().map(|(person, streak)| (person, streak.weeks)).collect(),
        dates,
    };
    // Without its metric it can't be worded.
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

/// The moments of a period (a week, or several folded into one post) with their states: those found in its
/// sums now, and nominations.
async fn moments(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Vec<Moment>> {
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
    let keys: Vec<String> = all.iter().map(|it| it.key.clone()).collect();
    for known in store::of_keys(&mut *db, guild.id, &keys).await? {
        if let Some(moment) = all.iter_mut().find(|it| it.key == known.key) {
            (moment.id, moment.state) = (known.id, known.state);
        }
    }
    all.extend(store::nominated(&mut *db, guild.id, period).await?);
    Ok(all)
}

/// The pool of a period: its open moments, and those left open from the previous period that still read true.
/// People who want no praise or are away throughout are left out.
async fn pool(db: &mut AnyConnection, guild: &Guild, period: Period) -> Result<Pool> {
    let before = period.before();
    let mut open = moments(&mut *db, guild, period).await?;
    for moment in moments(&mut *db, guild, before).await? {
        let lasts = moment.kind.lasts() || moment.kind == MomentKind::Nominated;
        if lasts && open.iter().all(|it| it.key != moment.key) {
            open.push(moment);
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
        it.is_open() && person.is_some_and(|person| person.praise != Praise::Nothing) && !is_away(it.person)
    });
    open.sort_by(|one, other| one.key.cmp(&other.key));
    let lately = Period { span: Span::Custom, from: period.from - Days::new(56), until: period.until };
    let before = store::praised(&mut *db, guild.id, lately, day_number(before.from)).await?;
    Ok(Pool { open, before, words, seed: rules::seed(guild.id, period) })
}

/// Whom a week's post praises, in public and in private; stored when it is sent.
#[derive(Debug)]
struct Praised {
    public: Vec<Moment>,
    private: Vec<Moment>,
}

/// A shout-out for one person alone.
#[derive(Debug, Serialize, Deserialize)]
struct Alone {
    /// The key of the moment.
    moment: String,
    /// The first day of the week worded as "this week", as a ledger day number.
    week: i64,
}

impl Subject for Alone {
    const KIND: &'static str = "shoutout";
}

/// The week's shout-outs and whom they praise; no post if nobody is praised in public, and none at all if
/// nobody is praised.
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

/// The chosen shout-outs, without people erased since or who no longer want public praise; none if empty.
async fn tell(db: &mut Reader, voice: Voice<'_>, period: Period, chosen: &Chosen) -> Result<Option<Post>> {
    let keys: Vec<String> = serde_json::from_value(chosen.clone())?;
    let mut moments = store::of_keys(db, voice.id, &keys).await?;
    moments.sort_by_key(|it| keys.iter().position(|key| *key == it.key));
    let words = Words::read(db, voice.guild, last_week(voice.guild, period)).await?;
    let wants = |it: &&Moment| words.persons.get(&it.person).is_some_and(|it| it.praise == Praise::Public);
    let moments: Vec<&Moment> = moments.iter().filter(wants).collect();
    Ok((!moments.is_empty()).then(|| view::told(&moments, &words, period, voice)))
}

/// The inbox entry of somebody praised in private.
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

/// Stores who was praised, in public if it is posted, and adds the inbox entries, in the sending transaction.
/// False if one of them was vetoed or praised meanwhile, is erased, or has changed their preference.
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
        store::keep(tx, state, guild.id, &mut [moment.clone()]).await?;
        if !store::close(tx, guild.id, &moment.key, "praised").await? {
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

/// What the next post would praise. Moments found are stored, so that they can be vetoed.
///
/// # Errors
/// When the database fails.
async fn preview(state: &State, by: Manager) -> Result<Pool> {
    let mut db = state.db.reader().await?;
    let guild = people::guild(&mut *db, by.guild).await?;
    let mut pool = pool(&mut db, &guild, guild.week(&state.clock)).await?;
    drop(db);
    let mut tx = state.db.write().await?;
    store::keep(&mut tx, state, guild.id, &mut pool.open).await?;
    tx.commit_unasked().await?;
    Ok(pool)
}

/// Nominates somebody for the next shout-outs.
///
/// # Errors
/// When it is oneself or somebody who wants no praise, or the reason is too short.
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
/// When there is no such moment here, or it was already praised or vetoed.
async fn veto(tx: &mut Tx, by: Manager, id: MomentId) -> Result<()> {
    let found = store::moment(tx, by.guild, id).await?;
    let moment = found.ok_or_else(|| Error::user(words::gone()))?;
    if !store::close(tx, by.guild, &moment.key, "vetoed").await? {
        let praised = moment.state == "praised";
        return Err(Error::user(if praised { words::praised_before() } else { words::vetoed_before() }));
    }
    Ok(())
}
