//! A profile: what there is of one person, feature by feature. To others only what that person has agreed to.

pub mod commands;
mod store;
mod view;

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::chat::permit::Actor;
use crate::feature::{Feature, Help, Part, Section, Viewed, gather};
use crate::features::FEATURES;
use crate::kernel::calendar::{Span, day_of};
use crate::kernel::db::Reader;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::kernel::state::State;
use crate::ledger::roster::{self, Guild};

/// What profiles add to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::profile()],
    help: Help { everyone: "/profile: records, badges, streak.", managers: "" },
    profile: &[Section { weight: 10, read: |db, guild, viewed| Box::pin(records(db, guild, viewed)) }],
    ..Feature::NONE
};

/// A record: how much, and the first day of when.
type Record = Option<(i64, NaiveDate)>;

/// A person's records in money.
#[derive(Debug)]
struct Records {
    win: Record,
    week: Record,
    month: Record,
}

/// Reads a profile.
///
/// # Errors
/// When it is somebody else's who has not agreed to it.
async fn read(state: &State, actor: &Actor, guild: &Guild, whose: PersonId) -> Result<(Viewed, Vec<Part>)> {
    let mut db = state.db.reader().await?;
    let person = roster::person(&mut *db, guild.id, whose).await?;
    let is_own = whose == actor.person;
    if !is_own && (!person.shares_profile || person.is_erased) {
        return Err(Error::user("Their profile is theirs alone. They can share it with /me sharing."));
    }
    let viewed = Viewed { person, is_own, now: guild.local(&state.clock) };
    let parts = gather(FEATURES.iter().flat_map(|it| it.profile), &mut db, guild, &viewed).await?;
    Ok((viewed, parts))
}

async fn records(db: &mut Reader, guild: &Guild, viewed: &Viewed) -> Result<Vec<Part>> {
    let whose = viewed.person.id;
    let best = |sums: HashMap<NaiveDate, i64>| {
        let best = sums.into_iter().filter(|(_, sum)| *sum > 0).max_by_key(|(day, sum)| (*sum, *day));
        best.map(|(day, sum)| (sum, day))
    };
    let mut weeks: HashMap<NaiveDate, i64> = HashMap::new();
    for (day, quantity) in store::revenue(&mut *db, guild.id, whose, "day").await? {
        *weeks.entry(guild.period(Span::Week, day_of(day)).from).or_default() += quantity;
    }
    let months = store::revenue(&mut *db, guild.id, whose, "month").await?;
    let win = store::best_win(&mut *db, guild.id, whose).await?;
    let records = Records {
        win: win.map(|(quantity, day)| (quantity, day_of(day))),
        week: best(weeks),
        month: best(months.into_iter().map(|(day, quantity)| (day_of(day), quantity)).collect()),
    };
    Ok(vec![Part { name: "Records", lines: view::records(&records, guild) }])
}
