//! What a feature consists of. `features/mod.rs` lists the features; the worker, the gateway, `/help`,
//! `/profile`, the managers' digest, `copy` and erasure are driven by that list, and nothing else names a
//! feature.

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

/// Removes a person's name from messages.
pub type Forget = for<'a> fn(&'a mut Tx, &'a Guild, PersonId) -> Doing<'a, ()>;
/// Finds amounts in a guild's currency; tells anyone who wants to change the currency what they are and what
/// to do.
pub type Holds = for<'a> fn(&'a mut Tx, &'a Guild) -> Doing<'a, Option<Message>>;

/// A feature: everything it contributes to the app.
#[derive(Debug)]
pub struct Feature {
    /// Its commands.
    pub commands: fn() -> Vec<Command>,
    /// Its lines in `/help`.
    pub help: Help,
    /// Its buttons and forms.
    pub routes: &'static [Route],
    /// How its subjects are composed: posts, inbox items, lines of a daily summary.
    pub composers: &'static [Composer],
    /// Its scheduled posts.
    pub posts: &'static [Scheduled],
    /// Its deadlines.
    pub deadlines: &'static [Deadline],
    /// Its reactions to facts. Features further up the list react first.
    pub reactors: &'static [Reactor],
    /// Its periodic work.
    pub duties: &'static [Duty],
    /// What the ledger rows it writes are about.
    pub origins: &'static [Origin],
    /// Its additions to the announcement of a win.
    pub bell: &'static [Section<Rung>],
    /// Its additions to the reply to the person who logged a win.
    pub receipt: &'static [Section<Rung>],
    /// Its additions to the week's first post, about that week.
    pub kick_off: &'static [Section<Period>],
    /// Its additions to a profile.
    pub profile: &'static [Section<Viewed>],
    /// Its additions to the managers' digest, about what had ended when a period begins.
    pub digest: &'static [Section<Period>],
    /// Removes a person's name from the messages that show it, before they are erased.
    pub forget: Option<Forget>,
    /// Whether it holds amounts in a guild's currency, and which.
    pub money: Option<Holds>,
    /// Its tables; a table comes after those it refers to.
    pub tables: &'static [Table],
}

impl Feature {
    /// A feature that contributes nothing.
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

/// A feature's lines in `/help`.
#[derive(Debug)]
pub struct Help {
    /// For everyone.
    pub everyone: Lines,
    /// Additional lines for managers.
    pub managers: Lines,
}

/// Returns the lines, if there are any.
pub type Lines = Option<fn() -> Message>;

/// A button or a form.
#[derive(Debug)]
pub struct Route {
    /// The first two parts of its `custom_id`.
    pub name: &'static str,
    /// Handles the press. The rest of the `custom_id` is validated as if it had been typed.
    pub pressed: for<'a> fn(&'a State, Press<'a>, &'a Here) -> Doing<'a, ()>,
}

/// A feature's reaction to facts, once for each, in the transaction that marks them as reacted to; a guild's
/// waiting facts are handled together, in order. A reaction that fails or panics is rolled back alone, and
/// retried later.
#[derive(Debug)]
pub struct Reactor {
    /// Its name, in the log and in the database.
    pub name: &'static str,
    /// Reacts.
    pub react: for<'a> fn(&'a mut Tx, &'a State, &'a Guild, &'a [Event]) -> Doing<'a, ()>,
}

/// Periodic work. A duty that fails or panics doesn't hold up the others.
#[derive(Debug)]
pub struct Duty {
    /// What it does, for the log: "closing goals".
    pub name: &'static str,
    /// Does one due item. Returns whether there was one.
    pub step: for<'a> fn(&'a State) -> Doing<'a, bool>,
    /// When the next item is due, in microseconds since 1970, if there is one.
    pub due: for<'a> fn(&'a State) -> Doing<'a, Option<i64>>,
}

/// Describes where ledger rows came from.
#[derive(Debug)]
pub struct Origin {
    /// The source of the rows.
    pub source: Source,
    /// What a person's rows are about, as far as the viewer may see it, formatted, by source id. Called once
    /// for all rows of a page.
    pub of: for<'a> fn(&'a mut Reader, Voice<'a>, &'a [i64], Asked) -> Doing<'a, Origins>,
}

/// Descriptions of sources, by source id.
pub type Origins = HashMap<i64, String>;

/// Whose rows are viewed, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The person whose rows they are.
    pub whose: PersonId,
    /// The viewer.
    pub by: PersonId,
}

/// A feature's contribution to a view shared by many features.
#[derive(Debug)]
pub struct Section<About: 'static> {
    /// Lower weights come first.
    pub weight: u8,
    /// Reads its parts. A part without lines is left out.
    pub read: for<'a> fn(&'a mut Reader, Voice<'a>, &'a About) -> Doing<'a, Vec<Part>>,
}

/// A part of a shared view.
#[derive(Debug)]
pub struct Part {
    /// Its heading.
    pub name: String,
    /// Its lines, formatted.
    pub lines: Vec<String>,
}

/// A win that is announced.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    /// The win.
    pub win: WinId,
    /// Who logged it.
    pub by: PersonId,
    /// The day it counts for.
    pub day: NaiveDate,
}

/// A profile being viewed.
#[derive(Debug)]
pub struct Viewed {
    /// The person it is about.
    pub person: Person,
    /// Whether they are viewing it themselves; others only see what is public.
    pub is_own: bool,
    /// The guild's local time.
    pub now: NaiveDateTime,
}

/// An app's features. Their order is the order of everything they contribute.
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

/// Dispatches a press to its feature.
///
/// # Errors
/// The feature's own; or, if no feature has that route, that the message is outdated.
pub async fn pressed(features: &Features, state: &State, press: Press<'_>) -> Result<()> {
    let here = press.here(state).await?;
    let mut parts = press.custom_id().split(':');
    let name = parts.next().zip(parts.next());
    let found = features.iter().flat_map(|it| it.routes).find(|it| it.name.split_once(':') == name);
    (found.ok_or_else(stale)?.pressed)(state, press, &here).await
}

/// A view's parts, in order.
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

/// Every table: the core's first, then the features'. A row only refers to tables further up, or to an
/// earlier row of its own table: rows are copied in this order, and a guild's are deleted in reverse.
pub fn tables(features: &'static Features) -> Vec<&'static Table> {
    let of_features = features.iter().flat_map(|it| it.tables);
    let of_rooms = people::TABLES.iter().chain(ledger::TABLES).chain(outbox::TABLES).chain(schedules::TABLES);
    of_rooms.chain(of_features).collect()
}

/// Every trace of a person, with its table: shown, exported and erased in this order. The person's own row
/// comes last.
pub fn traces(features: &'static Features) -> Vec<(&'static Table, &'static Trace)> {
    let of_rooms =
        outbox::TABLES.iter().chain(ledger::TABLES.iter().rev()).chain(people::TABLES.iter().rev());
    let all = features.iter().flat_map(|it| it.tables).chain(of_rooms);
    all.flat_map(|table| table.traces.iter().map(move |trace| (table, trace))).collect()
}
