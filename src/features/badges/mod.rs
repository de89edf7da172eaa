//! Badges: milestones, found by reactions to facts, told in private, kept for good. A profile shows them; whoever wants no
//! praise is told nothing.

pub mod rules;
mod store;

use chrono::NaiveDate;
pub use rules::Badge;
use rules::{Deeds, earned};
use sqlx::AnyConnection;

use crate::features::streaks;
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::state::State;
use crate::ledger::metric::Horizon;
use crate::ledger::roster::{self, Guild, Praise};
use crate::outbox;
use crate::render::post::{Post, Tone};

/// A person's badges, the first one first.
pub async fn of(db: &mut AnyConnection, person: PersonId) -> Result<Vec<&'static Badge>> {
    Ok(store::had(db, person).await?.iter().filter_map(|key| rules::named(key)).collect())
}

/// Reacts to a fact about these persons on a day: what they have earned is theirs since then, and lies in their inbox unless
/// they want no praise.
pub async fn react(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    persons: &[PersonId],
    day: NaiveDate,
) -> Result<()> {
    for &person in persons {
        let known = roster::person(&mut **tx, guild.id, person).await?;
        if known.is_erased {
            continue;
        }
        let (deeds, had) = (deeds(tx, guild, person, day).await?, store::had(&mut **tx, person).await?);
        for badge in earned(&deeds, &had) {
            let is_new = store::award(tx, guild.id, person, badge.key, day).await?;
            if is_new && known.praise != Praise::Nothing {
                let key = format!("badge:{}", badge.key);
                outbox::inbox::lay(tx, state, guild.id, person, &key, &told(badge)).await?;
            }
        }
    }
    Ok(())
}

async fn deeds(tx: &mut Tx, guild: &Guild, person: PersonId, day: NaiveDate) -> Result<Deeds> {
    let sums = store::sums(tx, guild.id, person).await?;
    let by_hand =
        sums.iter().filter(|(_, horizon, built_in, _)| *built_in == 0 && horizon == Horizon::Pipeline.name());
    Ok(Deeds {
        pipeline: by_hand.map(|(.., sum)| sum).sum(),
        sums: sums
            .iter()
            .filter(|(_, _, built_in, _)| *built_in == 1)
            .map(|(name, _, _, sum)| (name.clone(), *sum))
            .collect(),
        streak: streaks::of(tx, guild, person, day).await?.best,
        goals: store::goals_reached(tx, person).await?,
        pause: store::longest_pause(tx, guild.id, person).await?,
    })
}

fn told(badge: &Badge) -> Post {
    Post::new(
        Tone::Bell,
        format!("{} {}", badge.emoji, badge.name),
        format!("A badge for {}. It stands on your /profile.", badge.why),
    )
}
