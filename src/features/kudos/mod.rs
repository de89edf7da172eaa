//! Kudos: thanks from one person to others, with a reason and a value of the team's. Entries of the ledger, like wins.
//!
//! Thanks count as one `kudos` for each who is thanked and one `kudos given` for each to whoever thanks. Whoever joins in
//! adds one to those who are thanked, and one given to themselves; it takes nothing of their allowance.

pub mod commands;
pub mod rules;
mod store;
mod view;

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

use crate::chat::permit::{Actor, Manager, Member, Over};
use crate::chat::target::{Held, Page, Target};
use crate::feature::{Asked, Feature, Help, Origin, Part, Route, Section, Viewed};
use crate::kernel::calendar::{Period, Span, day_number, day_of};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, KudosId, PersonId, UserId, ValueId, reference};
use crate::kernel::name::Name;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::Line;
use crate::ledger::metric;
use crate::ledger::totals::Row;
use crate::ledger::{self, Entry, OnceKey, Source, UNDO_WITHIN};
use crate::outbox;
use crate::outbox::noise::{Loudness, News};
use crate::outbox::subject::{Composer, Subject, Told};
use crate::people::{self, Guild, Voice};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Than, Trace};
use crate::words::kudos as words;

/// What entries of thanks come from: their id.
const KUDOS: Source = Source("kudos");
/// What entries of joining in come from: the interaction's id.
const SECOND: Source = Source("second");

/// The form of a context menu: whom to thank.
const FORM: Target<PersonId> = Target::new("kudos:form");
/// *Second it*.
const SECOND_IT: Target<KudosId> = Target::new("kudos:second");
/// The button that takes thanks back.
const UNDO: Target<KudosId> = Target::new("kudos:undo");
/// Pages of somebody's thanks.
const LIST: Target<(PersonId, Side, Page)> = Target::new("kudos:list");

/// What thanks add to the house.
pub static FEATURE: Feature = Feature {
    commands: || {
        vec![commands::kudos(), commands::give_kudos(), commands::give_kudos_for_this(), commands::values()]
    },
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    routes: &[
        Route { name: FORM.name, pressed: |state, press, here| Box::pin(commands::sent(state, press, here)) },
        Route {
            name: SECOND_IT.name,
            pressed: |state, press, here| Box::pin(commands::joined(state, press, here)),
        },
        Route {
            name: UNDO.name,
            pressed: |state, press, here| Box::pin(commands::undone(state, press, here)),
        },
        Route {
            name: LIST.name,
            pressed: |state, press, here| Box::pin(commands::listed(state, press, here)),
        },
    ],
    composers: &[
        Composer {
            kind: Thanks::KIND,
            compose: |db, _, voice, about| {
                Box::pin(async move {
                    let kudos = thanks(db, voice, about.of::<Thanks>()?.kudos).await?;
                    Ok(Told { post: view::told(&kudos, voice), line: view::line(&kudos, voice) })
                })
            },
        },
        Composer {
            kind: InPrivate::KIND,
            compose: |db, _, voice, about| {
                Box::pin(async move {
                    let kudos = thanks(db, voice, about.of::<InPrivate>()?.kudos).await?;
                    Ok(view::privately(&kudos, voice).into())
                })
            },
        },
    ],
    origins: &[
        Origin { source: KUDOS, of: |db, voice, row, asked| Box::pin(origin(db, voice, row, asked)) },
        Origin { source: SECOND, of: |db, voice, row, asked| Box::pin(origin(db, voice, row, asked)) },
    ],
    profile: &[Section { weight: 40, read: |db, voice, viewed| Box::pin(on_profile(db, voice, viewed)) }],
    digest: &[Section { weight: 30, read: |db, voice, period| Box::pin(in_digest(db, voice, period)) }],
    tables: &[
        Table::new("team_value", &[]),
        Table::new(
            "kudos",
            &[
                Trace::rows(words::trace_kudos_given, "giver_id = $1", Erasure::Loses("reason = ''")),
                Trace::rows(
                    words::trace_kudos_received,
                    "id IN (SELECT kudos_id FROM kudos_receiver WHERE person_id = $1)",
                    Erasure::Loses("reason = ''"),
                ),
                Trace::rows(words::trace_kudos_undone, "undone_by = $1", Erasure::Stays),
            ],
        ),
        Table::new(
            "kudos_receiver",
            &[Trace::own(words::trace_thanks_that_count_toward_totals, Erasure::Stays)],
        )
        .whose("kudos_id IN (SELECT id FROM kudos WHERE guild_id = $1)"),
        Table::new("kudos_second", &[Trace::own(words::trace_1s_given, Erasure::Stays)])
            .whose("kudos_id IN (SELECT id FROM kudos WHERE guild_id = $1)"),
        Table::new("allowance", &[Trace::own(words::trace_kudos_given_by_week, Erasure::Goes)])
            .whose("person_id IN (SELECT id FROM person WHERE guild_id = $1)")
            .pruned(Old { days: 35, rows: "week_day < $1", than: Than::Day }),
    ],
    ..Feature::NONE
};

/// Thanks that everyone sees: how they stand, or that they were taken back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Thanks {
    kudos: KudosId,
}

impl Subject for Thanks {
    const KIND: &'static str = "kudos";
}

/// The same for somebody who is thanked in private.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct InPrivate {
    kudos: KudosId,
}

impl Subject for InPrivate {
    const KIND: &'static str = "kudos_in_private";
}

async fn thanks(db: &mut Reader, voice: Voice<'_>, id: KudosId) -> Result<Kudos> {
    Ok(store::kudos(db, voice.id, id).await?.ok_or(sqlx::Error::RowNotFound)?)
}

/// How many a page shows.
const PAGE: i64 = 6;

/// Something that a team values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Which.
    pub id: ValueId,
    /// As the team writes it.
    pub name: String,
}

/// How many people one may thank in a week: ten unless a guild says otherwise, which lies between five a day (HeyTaco,
/// gratibot) and fifty a week (Matter) on the side of few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowances {
    /// Of everyone.
    pub everyone: i64,
    /// Of those who manage.
    pub managers: i64,
}

/// Thanks to be given.
#[derive(Debug, Clone)]
pub struct Draft {
    /// To whom, each once.
    pub to: Vec<PersonId>,
    /// What for.
    pub reason: Line,
    /// A value of the team's.
    pub value: Option<ValueId>,
    /// Whether only those thanked see it.
    pub is_private: bool,
}

/// Somebody who is thanked.
#[derive(Debug, Clone)]
struct Receiver {
    person: PersonId,
    name: Name,
    user: Option<UserId>,
    /// Whether they are thanked where everyone sees it: as they wanted praise then.
    is_public: bool,
}

/// Thanks as they are shown.
#[derive(Debug, Clone)]
struct Kudos {
    id: KudosId,
    giver: PersonId,
    giver_name: Name,
    receivers: Vec<Receiver>,
    reason: String,
    value: Option<String>,
    /// The day they count for.
    day: i64,
    given_at: DateTime<Utc>,
    /// Who joined in, in their order.
    seconders: Vec<Name>,
    /// Who took it back.
    undone_by: Option<Name>,
}

impl Kudos {
    /// Those who are thanked where everyone sees it.
    fn in_public(&self) -> impl Iterator<Item = &Receiver> {
        self.receivers.iter().filter(|it| it.is_public)
    }

    /// Those who are thanked in their inbox.
    fn in_private(&self) -> impl Iterator<Item = &Receiver> {
        self.receivers.iter().filter(|it| !it.is_public)
    }

    fn key(&self) -> String {
        format!("kudos:{}", reference(self.id.0))
    }
}

/// What came of giving thanks.
#[derive(Debug)]
struct Given {
    kudos: Kudos,
    /// Where everyone sees it; nowhere if nobody is thanked in public, or no channel is set.
    channel: Option<ChannelId>,
    /// How many the giver may still thank this week.
    left: i64,
}

/// How many people an actor may thank in a week, and has thanked in this one.
async fn allowance(tx: &mut Tx, state: &State, actor: &Actor, guild: &Guild) -> Result<(i64, i64)> {
    let allowances = store::allowances(&mut **tx, guild.id).await?;
    let granted = if actor.is_manager { allowances.managers } else { allowances.everyone };
    let week = day_number(guild.week(&state.clock).from);
    Ok((granted, store::given(&mut **tx, actor.person, week).await?))
}

/// Gives thanks: the kudos, their ledger entries, the post and what lies in inboxes, in one transaction. The
/// same key again changes nothing.
///
/// # Errors
/// When it is to oneself, or beyond what is left of the week's allowance.
async fn give(
    tx: &mut Tx,
    state: &State,
    actor: &Actor,
    guild: &Guild,
    key: OnceKey<'_>,
    draft: &Draft,
) -> Result<Given> {
    let id = KudosId(key.id(tx, state, guild.id).await?);
    let by = actor.member();
    if draft.to.contains(&by.person) {
        return Err(Error::user(words::to_oneself()));
    }
    let count = i64::try_from(draft.to.len()).unwrap_or(i64::MAX);
    let (granted, _) = allowance(tx, state, actor, guild).await?;
    let week = guild.week(&state.clock);
    if store::insert(tx, state, by, id, draft, day_number(guild.today(&state.clock))).await? {
        if !store::spend(tx, by.person, day_number(week.from), granted, count).await? {
            let (granted, given) = allowance(tx, state, actor, guild).await?;
            let turns = guild.zone.instant(week.until.and_time(chrono::NaiveTime::MIN));
            return Err(Error::user(view::beyond(granted, given, count, turns)));
        }
        count_thanks(tx, state, guild, (KUDOS, id.0), &draft.to, (by.person, count)).await?;
    }
    let kudos = store::kudos(tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    for receiver in kudos.in_private() {
        let subject = InPrivate { kudos: id };
        outbox::inbox::add(tx, state, guild.id, receiver.person, &kudos.key(), &subject).await?;
    }
    let channel = guild.social_channel().filter(|_| kudos.in_public().next().is_some());
    if let Some(channel) = channel {
        let key = kudos.key();
        let news = News { key: &key, loudness: Loudness::Medium, subject: &Thanks { kudos: id } };
        outbox::noise::announce(tx, state, guild, channel, news).await?;
    }
    let left = granted - store::given(&mut **tx, by.person, day_number(week.from)).await?;
    Ok(Given { kudos, channel, left })
}

/// Writes what thanks count for: one for each who is thanked, and so many for whoever thanks. They count for today.
async fn count_thanks(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    (source, source_id): (Source, i64),
    to: &[PersonId],
    (by, times): (PersonId, i64),
) -> Result<()> {
    let metrics = metric::all(&mut **tx, guild.id).await?;
    let received = metric::built_in(&metrics, metric::KUDOS)?.id;
    let given = metric::built_in(&metrics, metric::KUDOS_GIVEN)?.id;
    let day = guild.today(&state.clock);
    let entry = |metric, person, times| Entry {
        metric,
        person,
        quantity: Quantity::ONE * times,
        day,
        source,
        source_id,
    };
    let thanked = to.iter().map(|person| entry(received, *person, 1));
    let entries: Vec<Entry> = thanked.chain([entry(given, by, times)]).collect();
    ledger::record(tx, state, guild.id, &entries).await
}

/// Joins in with somebody's thanks. Counts for those who are thanked and still present, and as given for whoever joins in.
///
/// # Errors
/// When there are none that one may join in with, when nobody thanked is present, and when one has before.
async fn second(
    tx: &mut Tx,
    state: &State,
    by: Member,
    guild: &Guild,
    id: KudosId,
    key: OnceKey<'_>,
    present: &[PersonId],
) -> Result<Kudos> {
    let kudos = store::kudos(tx, guild.id, id).await?;
    let kudos = kudos.filter(|it| it.undone_by.is_none() && it.in_public().next().is_some());
    let kudos = kudos.ok_or_else(|| Error::user(words::second_too_late()))?;
    if kudos.giver == by.person {
        return Err(Error::user(words::second_own()));
    }
    if kudos.receivers.iter().any(|it| it.person == by.person) {
        return Err(Error::user(words::second_received()));
    }
    let thanked = kudos.in_public().map(|it| it.person);
    let to: Vec<PersonId> = thanked.filter(|person| present.contains(person)).collect();
    if to.is_empty() {
        return Err(Error::user(words::second_of_nobody()));
    }
    let second = key.id(tx, state, guild.id).await?;
    if !store::second(tx, state, id, by.person, second).await? {
        return Err(Error::user(words::second_twice()));
    }
    count_thanks(tx, state, guild, (SECOND, second), &to, (by.person, 1)).await?;
    let kudos = store::kudos(tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    outbox::refresh(tx, guild.id, &kudos.key(), &Thanks { kudos: id }).await?;
    Ok(kudos)
}

/// Takes thanks back, and what others joined in with: by reversal, never by deletion. The allowance is given back.
///
/// # Errors
/// When there are none of theirs, or it is too late, or they were taken back before.
async fn undo(tx: &mut Tx, state: &State, over: Over, guild: &Guild, id: KudosId) -> Result<Kudos> {
    let found = store::kudos(tx, guild.id, id).await?;
    let found = found
        .filter(|it| it.giver == over.person && (over.by == over.person || it.in_public().next().is_some()));
    let kudos = found.ok_or_else(|| Error::user(words::not_found()))?;
    if !over.as_manager && state.clock.now() - kudos.given_at > UNDO_WITHIN {
        // A manager finds none that are private.
        let minutes = UNDO_WITHIN.num_minutes();
        return Err(Error::user(if kudos.in_public().next().is_some() {
            words::too_late(minutes)
        } else {
            words::too_late_in_private(minutes)
        }));
    }
    if !store::mark_undone(tx, state, id, over.by).await? {
        return Err(Error::user(words::undone_before()));
    }
    ledger::reverse(tx, state, guild.id, KUDOS, id.0).await?;
    for second in store::seconds(tx, id).await? {
        ledger::reverse(tx, state, guild.id, SECOND, second).await?;
    }
    let count = i64::try_from(kudos.receivers.len()).unwrap_or_default();
    let week = guild.period(Span::Week, day_of(kudos.day));
    store::give_back(tx, kudos.giver, day_number(week.from), count).await?;
    let kudos = store::kudos(tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    outbox::noise::amend(tx, state, guild.id, &kudos.key(), &Thanks { kudos: id }).await?;
    for receiver in kudos.in_private() {
        outbox::inbox::withdraw(tx, receiver.person, &kudos.key()).await?;
    }
    Ok(kudos)
}

/// Which end of thanks.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Side {
    #[default]
    Received,
    Given,
}

impl Held for Side {
    fn write(&self, parts: &mut Vec<String>) {
        parts.push(<&str>::from(self).to_owned());
    }

    fn read<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        parts.next()?.parse().ok()
    }
}

/// Whose thanks are looked at, and by whom.
#[derive(Debug, Clone, Copy)]
struct ListQuery {
    guild: GuildId,
    by: PersonId,
    whose: PersonId,
    side: Side,
}

/// What a row of the ledger that came of kudos is about, as far as somebody may see it. Of a person's `kudos`: who thanked
/// them; of `kudos given`: whom they thanked.
async fn origin(
    db: &mut Reader,
    voice: Voice<'_>,
    row: &Row,
    Asked { whose, by }: Asked,
) -> Result<Option<String>> {
    let joined = row.source == "second";
    let kudos =
        if joined { store::seconded(&mut **db, row.source_id).await? } else { Some(KudosId(row.source_id)) };
    let Some(kudos) = kudos else { return Ok(None) };
    let kudos = store::kudos(db, voice.id, kudos).await?;
    Ok(kudos.map(|kudos| {
        let is_in = kudos.giver == by || kudos.receivers.iter().any(|it| it.person == by);
        let is_told = kudos.in_public().any(|it| it.person == whose || kudos.giver == whose || joined);
        if is_in || is_told {
            view::origin(&kudos, whose, by, joined, voice)
        } else {
            voice.say(words::in_private())
        }
    }))
}

/// Thanks given and received, and the latest that everyone saw: to others, those that everyone saw alone.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let whose = viewed.person.id;
    let (received, given) = store::sums(&mut *db, voice.id, whose, viewed.is_own).await?;
    let mut lines = vec![view::sums(received, given, voice)];
    if let Some(id) = store::latest_in_public(&mut **db, voice.id, whose).await? {
        lines.extend(store::kudos(&mut *db, voice.id, id).await?.map(|kudos| view::quoted(&kudos, voice)));
    }
    Ok(vec![Part { name: voice.say(words::on_profile()), lines }])
}

/// The pairs who only thanked each other in the four weeks before a period, for managers alone.
async fn in_digest(db: &mut Reader, voice: Voice<'_>, period: &Period) -> Result<Vec<Part>> {
    let lately = Period { span: Span::Custom, from: period.from - Days::new(28), until: period.from };
    let pairs = rules::only_each_other(&store::thanks(&mut **db, voice.id, lately).await?);
    let persons = people::persons(&mut **db, voice.id).await?;
    let name = |person: &PersonId| people::name(&persons, *person);
    let lines = pairs.iter().map(|it| view::pair(name(&it.one), name(&it.other), it.times, voice)).collect();
    Ok(vec![Part { name: voice.say(words::in_digest()), lines }])
}

/// Sets how many people one may thank in a week. Holds at once.
///
/// # Errors
/// When a number is no number of people.
async fn allow(tx: &mut Tx, by: Manager, allowances: Allowances) -> Result<()> {
    let fits = |count: i64| (0..=1000).contains(&count);
    if !fits(allowances.everyone) || !fits(allowances.managers) {
        return Err(Error::user(words::limit_range()));
    }
    store::save_allowances(tx, by.guild, allowances).await?;
    Ok(())
}

/// Makes these the team's values.
async fn set_values(tx: &mut Tx, state: &State, by: Manager, values: &[Line]) -> Result<()> {
    store::save_values(tx, state, by.guild, values).await?;
    Ok(())
}
