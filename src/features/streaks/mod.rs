//! Streaks: weeks in a row with a win or a personal goal met.

pub mod rules;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
pub use rules::Streak;
use sqlx::AnyConnection;

use crate::feature::{Feature, Part, Section, Viewed};
use crate::features::goals;
use crate::kernel::calendar::{Period, Span, day_of};
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::quantity::Quantity;
use crate::people::{self, Guild, Voice};
use crate::store::db::Reader;
use crate::words::{Message, streaks as words};

/// The streaks feature.
pub static FEATURE: Feature = Feature {
    profile: &[Section { weight: 30, read: |db, voice, viewed| Box::pin(on_profile(db, voice, viewed)) }],
    ..Feature::NONE
};

async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let streak = of(&mut *db, voice.guild, viewed.person.id, viewed.now.date()).await?;
    Ok(vec![Part { name: voice.say(words::on_profile()), lines: vec![voice.say(told(&streak))] }])
}

/// A streak in words.
pub fn told(streak: &Streak) -> Message {
    let had_longer = streak.best > streak.weeks;
    let now = match (streak.weeks, streak.hangs) {
        (0, _) => words::none(),
        (now, true) => words::hangs(now),
        (now, false) if streak.is_repaired => words::repaired(now),
        (now, false) if had_longer => words::weeks_before_best(now),
        (now, false) => words::weeks(now),
    };
    if had_longer { words::and_best(now, streak.best) } else { now }
}

/// The streaks of everyone who ever had one, as of the week of `today`.
pub async fn all(
    db: &mut AnyConnection,
    guild: &Guild,
    today: NaiveDate,
) -> Result<HashMap<PersonId, Streak>> {
    read(db, guild, None, |_| today).await
}

/// A person's streak as of the week of `today`.
pub async fn of(db: &mut AnyConnection, guild: &Guild, person: PersonId, today: NaiveDate) -> Result<Streak> {
    let mut read = read(db, guild, Some(&[person]), |_| today).await?;
    Ok(read.remove(&person).unwrap_or_default())
}

/// The streaks of people, each as of the week of a given day. No entry for people who never had one.
pub async fn on_days(
    db: &mut AnyConnection,
    guild: &Guild,
    days: &BTreeMap<PersonId, NaiveDate>,
) -> Result<HashMap<PersonId, Streak>> {
    let persons: Vec<PersonId> = days.keys().copied().collect();
    read(db, guild, Some(&persons), |person| days[&person]).await
}

async fn read(
    db: &mut AnyConnection,
    guild: &Guild,
    only: Option<&[PersonId]>,
    today: impl Fn(PersonId) -> NaiveDate,
) -> Result<HashMap<PersonId, Streak>> {
    let week = |day: NaiveDate| guild.period(Span::Week, day).from;
    let mut sums: HashMap<(PersonId, NaiveDate), Quantity> = HashMap::new();
    for (person, day, quantity) in store::days_with_wins(db, guild.id, only).await? {
        *sums.entry((person, week(day_of(day)))).or_default() += quantity;
    }
    let mut good: HashMap<PersonId, BTreeSet<NaiveDate>> = HashMap::new();
    for ((person, week), quantity) in sums {
        if quantity.is_positive() {
            good.entry(person).or_default().insert(week);
        }
    }
    for (person, reached_at) in goals::met(db, guild.id, only).await? {
        good.entry(person).or_default().insert(week(guild.zone.day(at(reached_at))));
    }
    let absences = people::absences(&mut *db, guild.id).await?;
    let none = Vec::new();
    Ok(good
        .into_iter()
        .map(|(person, good)| {
            let away = weeks_away(absences.get(&person).unwrap_or(&none), guild);
            (person, rules::streak(&good, &away, week(today(person))))
        })
        .collect())
}

/// The weeks in which somebody is away on all working days, by first day.
fn weeks_away(absences: &[Period], guild: &Guild) -> BTreeSet<NaiveDate> {
    let days: BTreeSet<NaiveDate> = absences
        .iter()
        .flat_map(|it| it.from.iter_days().take_while(|day| *day < it.until).collect::<Vec<_>>())
        .collect();
    let weeks: BTreeSet<NaiveDate> = days.iter().map(|day| guild.period(Span::Week, *day).from).collect();
    let is_free = |week: &NaiveDate| {
        guild.period(Span::Week, *week).working_days().iter().all(|day| days.contains(day))
    };
    weeks.into_iter().filter(is_free).collect()
}
