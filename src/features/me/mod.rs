//! A person's own settings and data: praise preferences, absences, sharing, and the balance of their work.

pub mod commands;
mod store;
mod view;

use chrono::{Days, NaiveDate};

use crate::chat::permit::Member;
use crate::feature::{Feature, Help};
use crate::features::streaks::{self, Streak};
use crate::kernel::calendar::Period;
use crate::kernel::error::{Error, Result};
use crate::outbox::inbox;
use crate::people::{self, Guild, Person, Setting};
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::me as words;

/// The `/me` feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::me()],
    help: Help { everyone: Some(words::help), managers: None },
    ..Feature::NONE
};

/// The longest absence, in days.
const LONGEST: u64 = 366;
/// How many days the balance looks back.
const LATELY: u64 = 28;

/// Changes a person's own settings.
async fn set(tx: &mut Tx, by: Member, setting: Setting) -> Result<()> {
    people::set_person(tx, by.person, setting).await?;
    Ok(())
}

/// Records an absence, both days included. Overlapping ones are merged.
///
/// # Errors
/// When it is over, ends before it starts, or is too long.
async fn go_away(
    tx: &mut Tx,
    state: &State,
    by: Member,
    guild: &Guild,
    from: NaiveDate,
    last: NaiveDate,
) -> Result<Period> {
    if last < guild.today(&state.clock) {
        return Err(Error::user(words::away_is_over()));
    }
    if last < from {
        return Err(Error::user(words::away_backwards()));
    }
    let away = Period::days(from, last);
    if away.until > from + Days::new(LONGEST) {
        return Err(Error::user(words::away_too_long()));
    }
    let away = people::go_away(tx, state, by.guild, by.person, away).await?;
    Ok(away)
}

/// Ends current absences today and cancels future ones.
async fn come_back(tx: &mut Tx, state: &State, by: Member, guild: &Guild) -> Result<()> {
    people::come_back(tx, by.person, guild.today(&state.clock)).await?;
    Ok(())
}

/// A person as they see themselves.
#[derive(Debug)]
struct Own {
    person: Person,
    away: Vec<Period>,
    streak: Streak,
    /// How many things in the last four weeks build pipeline, and how many close business.
    balance: (i64, i64),
    /// How many unseen inbox items they have.
    unread: i64,
}

async fn own(state: &State, by: Member, guild: &Guild) -> Result<Own> {
    let today = guild.today(&state.clock);
    let mut db = state.db.reader().await?;
    let person = people::person(&mut *db, by.guild, by.person).await?;
    let mut away = people::absences(&mut *db, by.guild).await?.remove(&by.person).unwrap_or_default();
    away.retain(|period| period.until > today);
    let streak = streaks::of(&mut db, guild, by.person, today).await?;
    let lately = Period::days(today - Days::new(LATELY - 1), today);
    let balance = store::balance(&mut *db, by, lately).await?;
    let unread = inbox::unread(&mut *db, by.person).await?;
    Ok(Own { person, away, streak, balance, unread })
}
