//! Records: the largest win, the best day, week and month, the longest streak; personal, per team, and
//! all-time. They are marks to beat, not ranks: all-time holders are only named if they like public praise.

pub mod commands;
pub mod rules;
mod store;
mod view;

use rules::{Bests, Earlier, Record, bests, fallen};

use super::streaks;
use crate::feature::{Feature, Help, Part, Rung, Section, Viewed};
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::name::Name;
use crate::ledger::metric::{self, Metric};
use crate::people::{self, Guild, Praise, Scope, Team, Voice};
use crate::store::db::Reader;
use crate::words::records as words;

/// The records feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::records()],
    help: Help { everyone: Some(words::help), managers: None },
    bell: &[Section { weight: 10, read: |db, voice, rung| Box::pin(in_bell(db, voice, rung)) }],
    profile: &[Section { weight: 10, read: |db, voice, viewed| Box::pin(on_profile(db, voice, viewed)) }],
    ..Feature::NONE
};

/// The records of a person, a team or a guild.
#[derive(Debug)]
struct Records {
    /// The metric of the bests: revenue, or wins if no amounts were logged.
    metric: Metric,
    /// The largest win, or their share of it (minor units).
    win: Option<Record>,
    /// Who is credited with it and may be named.
    by: Vec<Name>,
    bests: Bests,
    /// In weeks; none where it is shown elsewhere.
    streak: Option<u32>,
}

async fn read(db: &mut Reader, guild: &Guild, scope: Scope) -> Result<Records> {
    let revenue = metric::named(&mut **db, guild.id, metric::REVENUE).await?;
    let win = store::largest_win(db, guild.id, revenue.id, scope).await?;
    let (mut metric, mut days) = (revenue.clone(), store::days(db, revenue.id, scope).await?);
    if days.is_empty() {
        metric = metric::named(&mut **db, guild.id, metric::WINS).await?;
        days = store::days(db, metric.id, scope).await?;
    }
    let mut by = Vec::new();
    if let Some(win) = win.filter(|_| scope == Scope::Guild) {
        let persons = people::persons(&mut **db, guild.id).await?;
        let credited = store::credited(db, revenue.id, win.source).await?;
        let named = credited.iter().filter_map(|id| persons.get(id)).filter(|it| it.praise == Praise::Public);
        by.extend(named.map(|person| person.name.clone()));
    }
    let bests = bests(&days, guild.week_start);
    Ok(Records { metric, win: win.map(|it| it.record), by, bests, streak: None })
}

/// The records of each of these teams of a person, in order.
async fn of_teams(db: &mut Reader, guild: &Guild, teams: &[&Team], person: PersonId) -> Result<Vec<Records>> {
    if teams.is_empty() {
        return Ok(Vec::new());
    }
    let metrics = metric::all(&mut **db, guild.id).await?;
    let (revenue, wins) =
        (metric::built_in(&metrics, metric::REVENUE)?, metric::built_in(&metrics, metric::WINS)?);
    let largest = store::largest_wins_of_teams(db, guild.id, revenue.id, person).await?;
    let days = store::days_of_teams(db, (revenue.id, wins.id), person).await?;
    let records = |team: &&Team| {
        let of = |metric: &Metric| days.get(&(team.id, metric.id));
        let (metric, days) = match of(revenue) {
            Some(days) => (revenue, Some(days)),
            None => (wins, of(wins)),
        };
        Records {
            metric: metric.clone(),
            win: largest.get(&team.id).map(|it| it.record),
            by: Vec::new(),
            bests: days.map(|days| bests(days, guild.week_start)).unwrap_or_default(),
            streak: None,
        }
    };
    Ok(teams.iter().map(records).collect())
}

/// One's own records, those of one's teams, and all-time ones, each labeled.
async fn shown(db: &mut Reader, guild: &Guild, viewed: &Viewed) -> Result<Vec<(Whose, Records)>> {
    let person = viewed.person.id;
    let teams = people::teams(&mut **db, guild.id).await?;
    let streaks = streaks::all(db, guild, viewed.now.date()).await?;
    let own_teams: Vec<&Team> = teams.iter().filter(|team| team.members.contains(&person)).collect();
    let own = read(db, guild, Scope::Person(person)).await?;
    let theirs = of_teams(db, guild, &own_teams, person).await?;
    let everyones = read(db, guild, Scope::Guild).await?;
    let of_team = |team: &&Team| (Whose::Team(team.name.clone()), Scope::Team(team.id));
    let all = std::iter::once(((Whose::Own, Scope::Person(person)), own))
        .chain(own_teams.iter().map(of_team).zip(theirs))
        .chain([((Whose::Everyone, Scope::Guild), everyones)]);
    let with_streak = |((whose, scope), records): ((Whose, Scope), Records)| {
        let theirs = streaks.iter().filter(|(person, _)| scope.covers(**person, &teams));
        let streak = theirs.map(|(_, streak)| streak.best).max().filter(|best| *best > 0);
        (whose, Records { streak, ..records })
    };
    Ok(all.map(with_streak).collect())
}

/// Whose records are listed together.
#[derive(Debug)]
enum Whose {
    Own,
    Team(String),
    Everyone,
}

/// A person's records on their profile, without the streak, which has its own section.
async fn on_profile(db: &mut Reader, voice: Voice<'_>, viewed: &Viewed) -> Result<Vec<Part>> {
    let records = read(db, voice.guild, Scope::Person(viewed.person.id)).await?;
    Ok(vec![Part { name: voice.say(words::title()), lines: view::lines(&records, voice) }])
}

/// The record that a win broke, for the person who logged it; none if they don't like public praise. Only
/// considers what had been logged by then, so that composing the bell again gives the same text.
async fn in_bell(db: &mut Reader, voice: Voice<'_>, rung: &Rung) -> Result<Vec<Part>> {
    let person = people::person(&mut **db, voice.id, rung.by).await?;
    if person.is_erased || person.praise != Praise::Public {
        return Ok(Vec::new());
    }
    let revenue = metric::named(&mut **db, voice.id, metric::REVENUE).await?;
    let win = rung.win.0;
    let weighed = store::weighed(db, voice.id, revenue.id, win, rung.by).await?;
    let Some(store::Weighed { part, whole, before }) = weighed else { return Ok(Vec::new()) };
    let wins = store::earlier(db, voice.id, revenue.id, win, rung.by).await?;
    let earlier = Earlier { wins, of_everyone: before };
    let broken = fallen(rung.day, (part, whole), &earlier, voice.week_start);
    Ok(vec![Part {
        name: voice.say(words::title()),
        lines: broken.map(|it| view::fallen(it, &person.name, voice)).into_iter().collect(),
    }])
}
