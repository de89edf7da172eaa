//! What a feature is made of. `features/mod.rs` lists the features; the worker, the gateway, `/help`, `/profile`, the
//! managers' digest, `copy` and what is erased are made of that list, and nothing else names a feature.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::chat::press::{Press, stale};
use crate::chat::{Command, Here};
use crate::kernel::calendar::Period;
use crate::kernel::error::{Doing, Error, Result};
use crate::kernel::ids::{PersonId, WinId};
use crate::ledger::{Event, Source};
use crate::outbox::subject::{About, COMPOSERS, Compose, Composer, Told};
use crate::people::{Guild, Person, Voice};
use crate::schedules::{Deadline, Kind, Kinds, Scheduled};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Table, Trace};
use crate::words::Message;
use crate::{ledger, outbox, people, schedules};

/// Takes a person's name off messages.
pub type Forget = for<'a> fn(&'a mut Tx, &'a Guild, PersonId) -> Doing<'a, ()>;
/// Looks for amounts in a guild's currency; says which, and what to do, to whoever would change it.
pub type Holds = for<'a> fn(&'a mut Tx, &'a Guild) -> Doing<'a, Option<Message>>;

/// A feature: whatever it adds to the house.
#[derive(Debug)]
pub struct Feature {
    /// Its commands.
    pub commands: fn() -> Vec<Command>,
    /// Its lines in `/help`.
    pub help: Help,
    /// What can be pressed or sent as a form.
    pub routes: &'static [Route],
    /// What its subjects say: those of its posts, of what lies in inboxes, of lines of a day's message.
    pub composers: &'static [Composer],
    /// The posts that come by themselves.
    pub posts: &'static [Scheduled],
    /// What ends at a time of its own.
    pub deadlines: &'static [Deadline],
    /// What it does about facts. Those of features further up the list come first.
    pub reactors: &'static [Reactor],
    /// What becomes due by the clock.
    pub duties: &'static [Duty],
    /// What rows of the ledger are about.
    pub origins: &'static [Origin],
    /// What it adds to the bell of a win that stands.
    pub bell: &'static [Section<Rung>],
    /// What it adds to the reply to whoever logged one.
    pub receipt: &'static [Section<Rung>],
    /// What it adds to the week's first post, about its week.
    pub kick_off: &'static [Section<Period>],
    /// What it adds to a profile.
    pub profile: &'static [Section<Viewed>],
    /// What it adds to the managers' digest, about what had ended when a period begins.
    pub digest: &'static [Section<Period>],
    /// Takes a person's name off the messages that show it, before they are erased.
    pub forget: Option<Forget>,
    /// What of it holds amounts in a guild's currency, if anything does.
    pub money: Option<Holds>,
    /// Its tables; one that refers to another comes after it.
    pub tables: &'static [Table],
}

impl Feature {
    /// One that adds nothing.
    pub const NONE: Self = Self {
        commands: Vec::new,
        help: Help { everyone: None, managers: None },
        routes: &[],
        composers: &[],
        posts: &[],
        deadlines: &[],
        reactors: &[],
        duties: &[],
        origins: &[],
        bell: &[],
        receipt: &[],
        kick_off: &[],
        profile: &[],
        digest: &[],
        forget: None,
        money: None,
        tables: &[],
    };
}

/// What `/help` says of a feature: lines, or nothing.
#[derive(Debug)]
pub struct Help {
    /// To everyone.
    pub everyone: Lines,
    /// To managers, besides.
    pub managers: Lines,
}

/// What makes lines, if there are any.
pub type Lines = Option<fn() -> Message>;

/// Something that can be pressed or sent as a form.
#[derive(Debug)]
pub struct Route {
    /// The first two parts of its `custom_id`.
    pub name: &'static str,
    /// Does what it is for. What else the `custom_id` says is checked as if it had been typed.
    pub pressed: for<'a> fn(&'a State, Press<'a>, &'a Here) -> Doing<'a, ()>,
}

/// What a feature does about facts, once for each, in the transaction that says so; those of a guild that wait come together,
/// in their order. One that fails or panics is taken back alone, and does so again later.
#[derive(Debug)]
pub struct Reactor {
    /// Its name, in the log and in the database.
    pub name: &'static str,
    /// Reacts.
    pub react: for<'a> fn(&'a mut Tx, &'a State, &'a Guild, &'a [Event]) -> Doing<'a, ()>,
}

/// What becomes due by the clock. One that fails or panics holds up no other.
#[derive(Debug)]
pub struct Duty {
    /// What it does, as the log says it: "closing goals".
    pub name: &'static str,
    /// Does one thing that is due. Returns whether there was one.
    pub step: for<'a> fn(&'a State) -> Doing<'a, bool>,
    /// Microseconds since 1970 at which the next is due, if any is.
    pub due: for<'a> fn(&'a State) -> Doing<'a, Option<i64>>,
}

/// What rows of the ledger are about.
#[derive(Debug)]
pub struct Origin {
    /// The source that they name.
    pub source: Source,
    /// What rows of a person are about, as far as somebody may see it, ready to be shown: by the id of what each came from. Of
    /// all of a page at once.
    pub of: for<'a> fn(&'a mut Reader, Voice<'a>, &'a [i64], Asked) -> Doing<'a, Origins>,
}

/// What is said of where rows came from, by the id of each.
pub type Origins = HashMap<i64, String>;

/// Whose row is asked about, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Whose.
    pub whose: PersonId,
    /// By whom.
    pub by: PersonId,
}

/// What a feature adds to a place that shows many features' things.
#[derive(Debug)]
pub struct Section<About: 'static> {
    /// The smaller, the further up.
    pub weight: u8,
    /// Reads it. A part without a line is left out.
    pub read: for<'a> fn(&'a mut Reader, Voice<'a>, &'a About) -> Doing<'a, Vec<Part>>,
}

/// A part of such a place.
#[derive(Debug)]
pub struct Part {
    /// What stands above it.
    pub name: String,
    /// Its lines, ready to be shown.
    pub lines: Vec<String>,
}

/// A win that rings.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    /// Which.
    pub win: WinId,
    /// Who logged it.
    pub by: PersonId,
    /// The day it counts for.
    pub day: NaiveDate,
}

/// Whose profile is looked at.
#[derive(Debug)]
pub struct Viewed {
    /// Whose.
    pub person: Person,
    /// Whether they look at it themselves; others see what everyone may.
    pub is_own: bool,
    /// When, on the guild's wall clock.
    pub now: NaiveDateTime,
}

/// The features of an app. The first, in every respect, comes first.
pub type Features = [&'static Feature];

impl Kinds for &'static Features {
    fn posts(&self) -> Vec<Kind> {
        self.iter().flat_map(|it| it.posts).collect()
    }

    fn deadlines(&self) -> Vec<&'static Deadline> {
        self.iter().flat_map(|it| it.deadlines).collect()
    }
}

impl Compose for &'static Features {
    fn compose<'a>(
        &'a self,
        db: &'a mut Reader,
        state: &'a State,
        voice: Voice<'a>,
        about: &'a About,
    ) -> Doing<'a, Told> {
        let composer = COMPOSERS
            .iter()
            .chain(self.iter().flat_map(|it| it.composers))
            .find(|it| it.kind == about.kind());
        let Some(composer) = composer else {
            let why = format!("nothing here composes {}", about.kind());
            return Box::pin(async { Err(Error::other("composing", why)) });
        };
        (composer.compose)(db, state, voice, about)
    }
}

/// Sends what was pressed to its feature.
///
/// # Errors
/// What the feature says; and where nothing of that name can be pressed, that the message is an older one.
pub async fn pressed(features: &Features, state: &State, press: Press<'_>) -> Result<()> {
    let here = press.here(state).await?;
    let mut parts = press.custom_id().split(':');
    let name = parts.next().zip(parts.next());
    let found = features.iter().flat_map(|it| it.routes).find(|it| it.name.split_once(':') == name);
    (found.ok_or_else(stale)?.pressed)(state, press, &here).await
}

/// The parts of a place, in their order.
///
/// # Errors
/// When one of them can't be read.
pub async fn gather<About: 'static>(
    sections: impl Iterator<Item = &'static Section<About>>,
    db: &mut Reader,
    voice: Voice<'_>,
    about: &About,
) -> Result<Vec<Part>> {
    let mut sections: Vec<_> = sections.collect();
    sections.sort_by_key(|it| it.weight);
    let mut parts = Vec::new();
    for section in sections {
        parts.extend((section.read)(&mut *db, voice, about).await?);
    }
    parts.retain(|part| !part.lines.is_empty());
    Ok(parts)
}

/// Every table: those of the rooms below, then the features'. What a row refers to is in a table further up, or in an earlier
/// row of its own: in this order they are copied, and in the opposite one the rows of a guild can go.
pub fn tables(features: &'static Features) -> Vec<&'static Table> {
    let of_features = features.iter().flat_map(|it| it.tables);
    let of_rooms = people::TABLES.iter().chain(ledger::TABLES).chain(outbox::TABLES).chain(schedules::TABLES);
    of_rooms.chain(of_features).collect()
}

/// Where a person leaves traces, each with its table: what is shown, exported, and erased in this order. The person's own
/// row comes last.
pub fn traces(features: &'static Features) -> Vec<(&'static Table, &'static Trace)> {
    let of_rooms =
        outbox::TABLES.iter().chain(ledger::TABLES.iter().rev()).chain(people::TABLES.iter().rev());
    let all = features.iter().flat_map(|it| it.tables).chain(of_rooms);
    all.flat_map(|table| table.traces.iter().map(move |trace| (table, trace))).collect()
}
