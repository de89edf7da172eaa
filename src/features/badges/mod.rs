//! Badges: permanent milestones, awarded by reactions to facts and announced in private. A profile shows
//! them; people who want no praise aren't notified.

pub mod rules;
mod store;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rules::{Badge, Deeds, Rule, earned};
use serde::{Deserialize, Serialize};

use crate::feature::{Feature, Part, Reactor, Section, Viewed};
use crate::features::{goals, streaks};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::kernel::quantity::Quantity;
use crate::ledger::metric::Horizon;
use crate::ledger::{Counted, Event};
use crate::outbox;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Guild, Praise, Voice};
use crate::render::post::{Post, Tone};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Trace};
use crate::words::{badges as words, joined};

/// The badges feature.
pub static FEATURE: Feature = Feature {
    reactors: &[Reactor {
        name: "badges",
        react: |tx, state, guild, events| Box::pin(react(tx, state, guild, events)),
    }],
    composers: &[Composer {
        kind: Earned::KIND,
        compose: |_, _, voice, about| {
            Box::pin(async move {
                let Earned { badge } = about.of()?;
                let badge = rules::named(&badge);
                let unknown = || Error::other("telling of a badge", "there is none of that name");
                Ok(told(badge.ok_or_else(unknown)?, voice).into())
            })
        },
    }],
    profile: &[Section { weight: 20, read: |db, voice, viewed| Box::pin(on_profile(db, voice, viewed)) }],
    tables: &[Table::new("badge", &[Trace::own(words::trace_badges, Erasure::Goes)])],
    ..Feature::NONE
};

/// A badge award in its owner's inbox.
#[derive(Debug, Serialize, Deserialize)]
struct Earned {
    badge: String,
}

impl Subject for Earned {
    const KIND: &'static str = "badge";
}

/// A person's badges, in the order they were earned.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let id = viewed.person.id;
    let had = store::had(&mut **db, &[id]).await?.remove(&id).unwrap_or_default();
    let badges = had.iter().filter_map(|key| rules::named(key)).map(|badge| titled(badge, voice));
    Ok(vec![Part { name: voice.say(words::on_profile()), lines: vec![voice.say(joined(badges))] }])
}

fn titled(badge: &Badge, voice: Voice<'_>) -> String {
    format!("{} {}", badge.emoji, voice.say((badge.name)()))
}

/// Awards what the people in these facts have earned, and puts it in their inbox unless they want no praise.
async fn react(tx: &mut Tx, state: &State, guild: &Guild, events: &[Event]) -> Result<()> {
    let mut concerned = BTreeMap::new();
    for event in events {
        let counted = event.of::<Counted>()?.map(|it| it.persons).unwrap_or_default();
        let reached = event.of::<goals::Reached>()?.and_then(|it| it.person);
        for person in counted.into_iter().chain(reached) {
            concerned.entry(person).or_insert(guild.zone.day(event.happened));
        }
    }
    if concerned.is_empty() {
        return Ok(());
    }
    let persons: Vec<PersonId> = concerned.keys().copied().collect();
    let mut had = store::had(&mut **tx, &persons).await?;
    let mut earned_by = Vec::new();
    for (person, deeds) in deeds(tx, guild, &concerned, &had).await? {
        let had = had.remove(&person).unwrap_or_default();
        earned_by.extend(earned(&deeds, &had).map(|badge| (person, badge)));
    }
    for (person, badge) in earned_by {
        let known = people::person(&mut **tx, guild.id, person).await?;
        let is_new =
            !known.is_erased && store::award(tx, guild.id, person, badge.key, concerned[&person]).await?;
        if is_new && known.praise != Praise::Nothing {
            let key = format!("badge:{}", badge.key);
            let subject = Earned { badge: badge.key.to_owned() };
            outbox::inbox::add(tx, state, guild.id, person, &key, &subject).await?;
        }
    }
    Ok(())
}

/// What people have done as far as badges that they lack need it, each as of a day. Streaks and pauses are read from all of
/// somebody's days, so not of whoever has every badge for them.
async fn deeds(
    tx: &mut Tx,
    guild: &Guild,
    days: &BTreeMap<PersonId, NaiveDate>,
    had: &HashMap<PersonId, Vec<String>>,
) -> Result<BTreeMap<PersonId, Deeds>> {
    let persons: Vec<PersonId> = days.keys().copied().collect();
    let lack = |is_of: fn(&Rule) -> bool| {
        let lacks = |person: &&PersonId| rules::lacks(had.get(person).map_or(&[][..], Vec::as_slice), is_of);
        persons.iter().filter(lacks).copied().collect::<Vec<_>>()
    };
    let lacking_streaks = lack(|rule| matches!(rule, Rule::Streak(_))).into_iter();
    let streaks =
        streaks::on_days(tx, guild, &lacking_streaks.map(|person| (person, days[&person])).collect()).await?;
    let goals = goals::count_reached(tx, &persons).await?;
    let lacking_pauses = lack(|rule| matches!(rule, Rule::Back(_)));
    let pauses = store::longest_pauses(tx, guild.id, &lacking_pauses).await?;
    let of = |person: &PersonId| Deeds {
        pipeline: Quantity::default(),
        sums: Vec::new(),
        streak: streaks.get(person).map(|streak| streak.best).unwrap_or_default(),
        goals: goals.get(person).copied().unwrap_or_default(),
        pause: pauses.get(person).copied().unwrap_or_default(),
    };
    let mut deeds: BTreeMap<PersonId, Deeds> = persons.iter().map(|person| (*person, of(person))).collect();
    for store::Sum { person_id, name, horizon, built_in, quantity } in
        store::sums(tx, guild.id, &persons).await?
    {
        let Some(deeds) = deeds.get_mut(&person_id) else { continue };
        if built_in == 1 {
            deeds.sums.push((name, quantity));
        } else if horizon == Horizon::Leading.name() {
            deeds.pipeline += quantity;
        }
    }
    Ok(deeds)
}

fn told(badge: &Badge, voice: Voice<'_>) -> Post {
    Post::new(Tone::Bell, titled(badge, voice), voice.say(words::earned((badge.why)())))
}
