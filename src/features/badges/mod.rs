//! Badges: milestones, found by reactions to facts, told in private, kept for good. A profile shows them; whoever wants no
//! praise is told nothing.

pub mod rules;
mod store;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rules::{Badge, Deeds, earned};
use serde::{Deserialize, Serialize};

use crate::feature::{Feature, Part, Reactor, Section, Viewed};
use crate::features::{goals, streaks};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
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

/// What badges add to the house.
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

/// A badge that its owner is told of.
#[derive(Debug, Serialize, Deserialize)]
struct Earned {
    badge: String,
}

impl Subject for Earned {
    const KIND: &'static str = "badge";
}

/// A person's badges, the first one first.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let had = store::had(&mut **db, viewed.person.id).await?;
    let badges = had.iter().filter_map(|key| rules::named(key)).map(|badge| titled(badge, voice));
    Ok(vec![Part { name: voice.say(words::on_profile()), lines: vec![voice.say(joined(badges))] }])
}

fn titled(badge: &Badge, voice: Voice<'_>) -> String {
    format!("{} {}", badge.emoji, voice.say((badge.name)()))
}

/// What those whom facts concern have earned is theirs since then, and lies in their inbox unless they want no praise.
async fn react(tx: &mut Tx, state: &State, guild: &Guild, events: &[Event]) -> Result<()> {
    let mut concerned = BTreeMap::new();
    for event in events {
        let counted = event.of::<Counted>()?.map(|it| it.persons).unwrap_or_default();
        let reached = event.of::<goals::Reached>()?.and_then(|it| it.person);
        for person in counted.into_iter().chain(reached) {
            concerned.entry(person).or_insert(guild.zone.day(event.happened));
        }
    }
    for (person, day) in concerned {
        let known = people::person(&mut **tx, guild.id, person).await?;
        if known.is_erased {
            continue;
        }
        let (deeds, had) = (deeds(tx, guild, person, day).await?, store::had(&mut **tx, person).await?);
        for badge in earned(&deeds, &had) {
            let is_new = store::award(tx, guild.id, person, badge.key, day).await?;
            if is_new && known.praise != Praise::Nothing {
                let key = format!("badge:{}", badge.key);
                let subject = Earned { badge: badge.key.to_owned() };
                outbox::inbox::add(tx, state, guild.id, person, &key, &subject).await?;
            }
        }
    }
    Ok(())
}

async fn deeds(tx: &mut Tx, guild: &Guild, person: PersonId, day: NaiveDate) -> Result<Deeds> {
    let sums = store::sums(tx, guild.id, person).await?;
    let by_hand =
        sums.iter().filter(|(_, horizon, built_in, _)| *built_in == 0 && horizon == Horizon::Leading.name());
    Ok(Deeds {
        pipeline: by_hand.map(|(.., sum)| sum).sum(),
        sums: sums
            .iter()
            .filter(|(_, _, built_in, _)| *built_in == 1)
            .map(|(name, _, _, sum)| (name.clone(), *sum))
            .collect(),
        streak: streaks::of(tx, guild, person, day).await?.best,
        goals: goals::count_reached(tx, person).await?,
        pause: store::longest_pause(tx, guild.id, person).await?,
    })
}

fn told(badge: &Badge, voice: Voice<'_>) -> Post {
    Post::new(Tone::Bell, titled(badge, voice), voice.say(words::earned((badge.why)())))
}
