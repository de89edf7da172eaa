//! Kudos: thanks from one person to others, with a reason and a value of the team's. Entries of the ledger, like wins.
//!
//! Kudos count as one `kudos` for each recipient and one `kudos given` per recipient for the giver. A +1 adds
//! one to each recipient and one given to its author; it doesn't use their allowance.

pub mod commands;
pub mod rules;
mod store;
mod view;

use std::collections::HashMap;

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
use crate::ledger::{self, Entry, OnceKey, Source, UNDO_WITHIN};
use crate::outbox;
use crate::outbox::noise::{Loudness, News};
use crate::outbox::subject::{Composer, Subject, Told};
use crate::people::{self, Guild, Voice};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Than, Trace};
use crate::words::kudos as words;

/// Source key of kudos entries: their id.
const KUDOS: Source = Source("kudos");
/// Source key of +1 entries: the interaction's id.
const SECOND: Source = Source("second");

/// The modal of the context menu: the recipient.
const FORM: Target<PersonId> = Target::new("kudos:form");
/// The *+1* button.
const SECOND_IT: Target<KudosId> = Target::new("kudos:second");
/// The undo button.
const UNDO: Target<KudosId> = Target::new("kudos:undo");
/// Page buttons of a person's kudos list.
const LIST: Target<(PersonId, Side, Page)> = Target::new("kudos:list");

/// The kudos feature.
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
        Origin { source: KUDOS, of: |db, voice, kudos, asked| Box::pin(given(db, voice, kudos, asked)) },
        Origin { source: SECOND, of: |db, voice, ids, asked| Box::pin(joined(db, voice, ids, asked)) },
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
        .of("kudos_id", "kudos"),
        Table::new("kudos_second", &[Trace::own(words::trace_1s_given, Erasure::Stays)])
            .of("kudos_id", "kudos"),
        Table::new("allowance", &[Trace::own(words::trace_kudos_given_by_week, Erasure::Goes)])
            .of("person_id", "person")
            .pruned(&[Old { days: 35, rows: "week_day < $1", than: Than::Day }]),
    ],
    ..Feature::NONE
};

/// The public post of kudos, also after they were undone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Thanks {
    kudos: KudosId,
}

impl Subject for Thanks {
    const KIND: &'static str = "kudos";
}

/// The same for a recipient in private.
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

/// How many kudos a page shows.
const PAGE: i64 = 6;

/// A team value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its id.
    pub id: ValueId,
    /// Its text, as the team wrote it.
    pub name: String,
}

/// How many people one may thank in a week: ten by default, on the low side between five a day (HeyTaco,
/// gratibot) and fifty a week (Matter).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowances {
    /// The limit for everyone.
    pub everyone: i64,
    /// The limit for managers.
    pub managers: i64,
}

/// Kudos to be given.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The recipients, without duplicates.
    pub to: Vec<PersonId>,
    /// The reason.
    pub reason: Line,
    /// A team value.
    pub value: Option<ValueId>,
    /// Whether only the recipients see it.
    pub is_private: bool,
}

/// A recipient.
#[derive(Debug, Clone)]
struct Receiver {
    person: PersonId,
    name: Name,
    user: Option<UserId>,
    /// Whether they are thanked publicly, according to their praise setting at the time.
    is_public: bool,
}

/// Kudos for display.
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
    /// Who added a +1, in order.
    seconders: Vec<Name>,
    /// Who undid them.
    undone_by: Option<Name>,
}

impl Kudos {
    /// The recipients thanked publicly.
    fn in_public(&self) -> impl Iterator<Item = &Receiver> {
        self.receivers.iter().filter(|it| it.is_public)
    }

    /// The recipients thanked in their inbox.
    fn in_private(&self) -> impl Iterator<Item = &Receiver> {
        self.receivers.iter().filter(|it| !it.is_public)
    }

    fn key(&self) -> String {
        format!("kudos:{}", reference(self.id.0))
    }
}

/// The result of giving kudos.
#[derive(Debug)]
struct Given {
    kudos: Kudos,
    /// The channel of the public post; none if nobody is thanked publicly or no channel is set.
    channel: Option<ChannelId>,
    /// How many people the giver may still thank this week.
    left: i64,
}

/// How many people an actor may thank per week, and has thanked this week.
async fn allowance(tx: &mut Tx, state: &State, actor: &Actor, guild: &Guild) -> Result<(i64, i64)> {
    let allowances = store::allowances(&mut **tx, guild.id).await?;
    let granted = if actor.is_manager { allowances.managers } else { allowances.everyone };
    let week = day_number(guild.week(&state.clock).from);
    Ok((granted, store::given(&mut **tx, actor.person, week).await?))
}

/// Gives kudos: the kudos, their ledger entries, the post and inbox items, in one transaction. Idempotent per
/// key.
///
/// # Errors
/// When they are to oneself, or exceed the rest of the week's allowance.
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
    let is_new = store::insert(tx, state, by, id, draft, day_number(guild.today(&state.clock))).await?;
    if is_new {
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
    if let Some(channel) = channel.filter(|_| is_new) {
        let key = kudos.key();
        let news = News { key: &key, loudness: Loudness::Medium, subject: &Thanks { kudos: id } };
        outbox::noise::announce(tx, state, guild, channel, news).await?;
    }
    let left = granted - store::given(&mut **tx, by.person, day_number(week.from)).await?;
    Ok(Given { kudos, channel, left })
}

/// Writes the ledger entries of kudos: one per recipient, and as many for the giver. They count for today.
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

/// Adds a +1 to somebody's kudos. It counts for the recipients who are still present, and as given for its
/// author.
///
/// # Errors
/// When there are no such kudos to join, when no recipient is present, or when one already has.
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

/// Undoes kudos and their +1s by reversal, never by deletion. The allowance is refunded.
///
/// # Errors
/// When they don't exist or aren't the actor's, when it is too late, or when they were already undone.
async fn undo(tx: &mut Tx, state: &State, over: Over, guild: &Guild, id: KudosId) -> Result<Kudos> {
    let found = store::kudos(tx, guild.id, id).await?;
    let found = found
        .filter(|it| it.giver == over.person && (over.by == over.person || it.in_public().next().is_some()));
    let kudos = found.ok_or_else(|| Error::user(words::not_found()))?;
    if !over.as_manager && state.clock.now() - kudos.given_at > UNDO_WITHIN {
        // A manager can't find private ones.
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

/// Received or given.
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

/// Whose kudos are viewed, and by whom.
#[derive(Debug, Clone, Copy)]
struct ListQuery {
    guild: GuildId,
    by: PersonId,
    whose: PersonId,
    side: Side,
}

/// Descriptions of ledger rows that come from kudos.
async fn given(db: &mut Reader, voice: Voice<'_>, ids: &[i64], asked: Asked) -> Result<HashMap<i64, String>> {
    let ids: Vec<KudosId> = ids.iter().map(|id| KudosId(*id)).collect();
    let kudos = store::kudos_of_many(db, voice.id, &ids).await?;
    Ok(kudos.values().map(|it| (it.id.0, origin(it, voice, asked, false))).collect())
}

/// The same for +1s.
async fn joined(
    db: &mut Reader,
    voice: Voice<'_>,
    ids: &[i64],
    asked: Asked,
) -> Result<HashMap<i64, String>> {
    let seconded = store::seconded(&mut *db, ids).await?;
    let with: Vec<KudosId> = seconded.iter().map(|(_, kudos)| *kudos).collect();
    let kudos = store::kudos_of_many(db, voice.id, &with).await?;
    let about = seconded
        .into_iter()
        .filter_map(|(id, with)| Some((id, origin(kudos.get(&with)?, voice, asked, true))));
    Ok(about.collect())
}

/// The description of a kudos ledger row, as far as the viewer may see it: who thanked them for `kudos`, whom
/// they thanked for `kudos given`.
fn origin(kudos: &Kudos, voice: Voice<'_>, Asked { whose, by }: Asked, joined: bool) -> String {
    let is_in = kudos.giver == by || kudos.receivers.iter().any(|it| it.person == by);
    let is_told = kudos.in_public().any(|it| it.person == whose || kudos.giver == whose || joined);
    if is_in || is_told {
        view::origin(kudos, whose, by, joined, voice)
    } else {
        voice.say(words::in_private())
    }
}

/// Kudos received and given, and the latest public one; others only see public ones.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let whose = viewed.person.id;
    let (received, given) = store::sums(&mut *db, voice.id, whose, viewed.is_own).await?;
    let mut lines = vec![view::sums(received, given, voice)];
    if let Some(id) = store::latest_in_public(&mut **db, voice.id, whose).await? {
        lines.extend(store::kudos(&mut *db, voice.id, id).await?.map(|kudos| view::quoted(&kudos, voice)));
    }
    Ok(vec![Part { name: voice.say(words::on_profile()), lines }])
}

/// The pairs who only thanked each other in the four weeks before a period, for managers only.
async fn in_digest(db: &mut Reader, voice: Voice<'_>, period: &Period) -> Result<Vec<Part>> {
    let lately = Period { span: Span::Custom, from: period.from - Days::new(28), until: period.from };
    let pairs = rules::only_each_other(&store::thanks(&mut **db, voice.id, lately).await?);
    let persons = people::persons(&mut **db, voice.id).await?;
    let name = |person: &PersonId| people::name(&persons, *person);
    let lines = pairs.iter().map(|it| view::pair(name(&it.one), name(&it.other), it.times, voice)).collect();
    Ok(vec![Part { name: voice.say(words::in_digest()), lines }])
}

/// Sets how many people one may thank in a week, effective immediately.
///
/// # Errors
/// When a number is out of range.
async fn allow(tx: &mut Tx, by: Manager, allowances: Allowances) -> Result<()> {
    let fits = |count: i64| (0..=1000).contains(&count);
    if !fits(allowances.everyone) || !fits(allowances.managers) {
        return Err(Error::user(words::limit_range()));
    }
    store::save_allowances(tx, by.guild, allowances).await?;
    Ok(())
}

/// Sets the team's values.
async fn set_values(tx: &mut Tx, state: &State, by: Manager, values: &[Line]) -> Result<()> {
    store::save_values(tx, state, by.guild, values).await?;
    Ok(())
}
