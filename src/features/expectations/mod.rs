//! Expectations: what, by when, for whom, what follows if met, what follows if missed. Acknowledged by button.

pub mod commands;
pub mod rules;
mod store;
mod view;

use std::collections::HashMap;

use chrono::NaiveDate;
use rules::Deadline;

use crate::chat::permit::{Manager, Member};
use crate::chat::target::Target;
use crate::feature::{Feature, Help, Route, gather};
use crate::features::FEATURES;
use crate::kernel::calendar::{Period, Span};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ExpectationId, PersonId};
use crate::kernel::text::Line;
use crate::ledger::OnceKey;
use crate::people::{self, Guild, Person, Scope, Team, Voice};
use crate::schedules::{Composed, Place, Scheduled};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Than, Trace};
use crate::words::expectations as words;

/// *I've got it*, for the week that begins on that day.
const ACK: Target<NaiveDate> = Target::new("expect:ack");

/// The expectations feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::expect()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    routes: &[Route {
        name: ACK.name,
        pressed: |state, press, here| Box::pin(commands::pressed(state, press, here)),
    }],
    posts: &[Scheduled {
        name: "expectations",
        title: words::post_weekly_expectations,
        cron: "0 9 * * mon",
        place: Place::Channel(|guild| guild.expectations_channel),
        compose: |db, voice, period| Box::pin(compose(db, voice, period)),
        tell: None,
    }],
    tables: &[
        Table::new(
            "expectation",
            &[
                Trace::own(
                    words::trace_personal_expectations,
                    Erasure::Loses("ended_at = COALESCE(ended_at, set_at)"),
                ),
                Trace::rows(words::trace_expectations_set, "set_by = $1", Erasure::Stays),
            ],
        ),
        Table::new(
            "expectation_ack",
            &[Trace::own(words::trace_weeks_of_expectations_confirmed, Erasure::Goes)],
        )
        .pruned(&[Old { days: 400, rows: "week_day < $1", than: Than::Day }]),
    ],
    ..Feature::NONE
};

/// An expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Its id.
    pub id: ExpectationId,
    /// What to do.
    pub what: Line,
    /// The deadline.
    pub deadline: Deadline,
    /// Who it applies to.
    pub scope: Scope,
    /// The consequence if it is met.
    pub if_met: Line,
    /// The consequence if it is missed.
    pub if_missed: Line,
    /// Who set it.
    pub set_by: PersonId,
}

/// Sets an expectation. Idempotent per key.
pub async fn set(
    tx: &mut Tx,
    state: &State,
    by: Manager,
    key: OnceKey<'_>,
    expectation: impl FnOnce(ExpectationId) -> Expectation,
) -> Result<Expectation> {
    let expectation = expectation(ExpectationId(key.id(tx, state, by.guild).await?));
    store::insert(tx, state, by.guild, &expectation).await?;
    Ok(expectation)
}

/// Ends an expectation.
///
/// # Errors
/// When there is no open expectation with that id.
pub async fn end(tx: &mut Tx, state: &State, by: Manager, id: ExpectationId) -> Result<Expectation> {
    let found = store::current(&mut **tx, by.guild).await?.into_iter().find(|it| it.id == id);
    let found = found.ok_or_else(|| Error::user(words::already_ended()))?;
    store::end(tx, state, id).await?;
    Ok(found)
}

/// A week's expectations, and who has confirmed.
#[derive(Debug)]
pub struct Week {
    period: Period,
    expectations: Vec<Expectation>,
    teams: Vec<Team>,
    persons: HashMap<PersonId, Person>,
    acknowledged: Vec<PersonId>,
}

impl Week {
    /// Reads a guild's week.
    pub async fn read(db: &mut Reader, guild: &Guild, period: Period) -> Result<Self> {
        let current = store::current(&mut **db, guild.id).await?;
        Ok(Self {
            period,
            expectations: current.into_iter().filter(|it| it.deadline.within(period).is_some()).collect(),
            teams: people::teams(&mut **db, guild.id).await?,
            persons: people::persons(&mut **db, guild.id).await?,
            acknowledged: store::acknowledged(&mut **db, guild.id, period.from).await?,
        })
    }

    /// Those that apply to a person.
    fn of(&self, person: PersonId) -> Vec<&Expectation> {
        self.expectations.iter().filter(|it| it.scope.covers(person, &self.teams)).collect()
    }

    /// Who still has to confirm. Whoever sets an expectation for everyone doesn't have to confirm it
    /// themselves.
    fn silent(&self) -> Vec<&Person> {
        let waits = |person: &&Person| {
            let theirs = self.of(person.id);
            theirs.iter().any(|it| it.set_by != person.id || it.scope.person().is_some())
                && !self.acknowledged.contains(&person.id)
        };
        let mut silent: Vec<&Person> = self.persons.values().filter(waits).collect();
        silent.sort_by(|a, b| a.name.plain().cmp(b.name.plain()));
        silent
    }
}

/// Records that a person has read this week's expectations. Idempotent.
async fn acknowledge(tx: &mut Tx, state: &State, by: Member, week: Period) -> Result<()> {
    store::acknowledge(tx, state, by, week.from).await
}

/// The post about a period's last week, since earlier weeks' expectations have expired; none when nothing is
/// expected and no feature has anything to add.
async fn compose(db: &mut Reader, voice: Voice<'_>, period: Period) -> Result<Option<Composed>> {
    let week = Week::read(db, voice.guild, voice.period(Span::Week, period.last())).await?;
    let parts = gather(FEATURES.iter().flat_map(|it| it.kick_off), db, voice, &week.period).await?;
    let is_told = !week.expectations.is_empty() || !parts.is_empty();
    Ok(is_told.then(|| Some(view::week(&week, parts, voice)).into()))
}
