//! A profile: records, badges, streak, thanks and goals of one person. To others only what that person has agreed to.

pub mod commands;
mod store;
mod view;

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::features::badges::{self, Badge};
use crate::features::goals::{self, Standing};
use crate::features::kudos;
use crate::features::streaks::{self, Streak};
use crate::kernel::calendar::{Span, day_of};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::kernel::permit::Actor;
use crate::kernel::state::State;
use crate::ledger::roster::{self, Guild, Person};

/// A record: how much, and the first day of when.
type Record = Option<(i64, NaiveDate)>;

/// A person, as far as somebody may see them.
#[derive(Debug)]
struct Profile {
    person: Person,
    is_own: bool,
    best_win: Record,
    best_week: Record,
    best_month: Record,
    badges: Vec<&'static Badge>,
    streak: Streak,
    /// Received and given, in hundredths; to others those that everyone saw.
    kudos: (i64, i64),
    /// The latest thanks that everyone saw, ready to be shown.
    latest: Option<String>,
    goals: Vec<Standing>,
}

/// Reads a profile.
///
/// # Errors
/// When it is somebody else's who has not agreed to it.
async fn read(state: &State, actor: &Actor, guild: &Guild, whose: PersonId) -> Result<Profile> {
    let mut db = state.db.reader().await?;
    let person = roster::person(&mut *db, guild.id, whose).await?;
    let is_own = whose == actor.person;
    if !is_own && (!person.shares_profile || person.is_erased) {
        return Err(Error::user("Their profile is theirs alone. They can share it with /me sharing."));
    }
    let today = guild.today(&state.clock);
    let best = |sums: HashMap<NaiveDate, i64>| {
        let best = sums.into_iter().filter(|(_, sum)| *sum > 0).max_by_key(|(day, sum)| (*sum, *day));
        best.map(|(day, sum)| (sum, day))
    };
    let mut weeks: HashMap<NaiveDate, i64> = HashMap::new();
    for (day, quantity) in store::revenue(&mut db, guild.id, whose, "day").await? {
        *weeks.entry(guild.period(Span::Week, day_of(day)).from).or_default() += quantity;
    }
    let months = store::revenue(&mut db, guild.id, whose, "month").await?;
    let best_win = store::best_win(&mut db, guild.id, whose).await?;
    let badges = badges::of(&mut db, whose).await?;
    let kudos = store::kudos(&mut db, guild.id, whose, is_own).await?;
    let latest = kudos::latest_in_public(&mut db, guild.id, whose).await?;
    let streak = streaks::of(&mut db, guild, whose, today).await?;
    drop(db);
    let goals = goals::of_person(state, guild, whose, is_own).await?;
    Ok(Profile {
        person,
        is_own,
        best_win: best_win.map(|(quantity, day)| (quantity, day_of(day))),
        best_week: best(weeks),
        best_month: best(months.into_iter().map(|(day, quantity)| (day_of(day), quantity)).collect()),
        badges,
        streak,
        kudos,
        latest,
        goals,
    })
}
