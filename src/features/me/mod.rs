//! What is one's own: how one wants to be praised, when one is away, what others see, and the balance of one's work.

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

/// What being oneself adds to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::me()],
    help: Help { everyone: Some(words::help), managers: None },
    ..Feature::NONE
};

/// The longest absence, in days.
const LONGEST: u64 = 366;
/// How far the balance looks back, in days.
const LATELY: u64 = 28;

/// Sets what a person says of themselves.
async fn set(tx: &mut Tx, by: Member, setting: Setting) -> Result<()> {
    people::set_person(tx, by.person, setting).await?;
    Ok(())
}

/// Someone is away from one day up to and with another. What overlaps becomes one.
///
/// # Errors
/// When it is over, turned around, or too long.
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

/// Someone is back: absences end today, and those to come are off.
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
    /// How many rows of the ledger build later periods, and how many count in theirs, of the last four weeks.
    balance: (i64, i64),
    /// How many things lie in their inbox that they have not seen.
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
