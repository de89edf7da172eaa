//! What a table holds of whom. Whoever owns a table says it here, and the order of a copy, what is erased with a guild and
//! what is shown, exported and erased of a person follow from it. A test misses a table that nobody names, and a column that
//! refers to a person and is no trace.

use crate::kernel::ids::PersonId;
use crate::words::Message;

/// A table of the database.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Which rows are a guild's, as a condition on its id, $1.
    pub of_guild: &'static str,
    /// Where a person leaves traces in it.
    pub traces: &'static [Trace],
    /// What goes once it is old; elsewhere, rows stay for as long as their guild does.
    pub old: Option<Old>,
}

/// Rows that nobody needs any more after a while.
#[derive(Debug, Clone, Copy)]
pub struct Old {
    /// After how many days.
    pub days: i64,
    /// Which rows are older than that, as a condition on $1.
    pub rows: &'static str,
    /// What $1 is.
    pub than: Than,
}

/// How a table keeps time.
#[derive(Debug, Clone, Copy)]
pub enum Than {
    /// In microseconds since 1970.
    Micros,
    /// In days, as the ledger keeps them.
    Day,
}

impl Table {
    /// A table whose rows say in `guild_id` whose they are.
    pub const fn new(name: &'static str, traces: &'static [Trace]) -> Self {
        Self { name, of_guild: "guild_id = $1", traces, old: None }
    }

    /// The same, where another condition says it.
    #[must_use]
    pub const fn whose(self, of_guild: &'static str) -> Self {
        Self { of_guild, ..self }
    }

    /// The same, where rows go once they are old.
    #[must_use]
    pub const fn pruned(self, old: Old) -> Self {
        Self { old: Some(old), ..self }
    }
}

/// What becomes of rows when the person that they are about is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// They stay, as somebody's whose name is gone: totals don't change.
    Stays,
    /// They go.
    Goes,
    /// They stay without what tells of the person: assignments of SQL.
    Loses(&'static str),
}

/// Rows of a table that are about a person.
#[derive(Debug)]
pub struct Trace {
    /// What they are, as people read it.
    pub what: fn() -> Message,
    /// Which they are, as a condition on the person's id, $1.
    pub rows: &'static str,
    /// Where it is their text that makes them about somebody: it names the person.
    pub text: Option<Text>,
    /// What becomes of them.
    pub erasure: Erasure,
}

impl Trace {
    /// Rows that say in `person_id` whom they are about.
    pub const fn own(what: fn() -> Message, erasure: Erasure) -> Self {
        Self::rows(what, "person_id = $1", erasure)
    }

    /// The same, where another condition says it.
    pub const fn rows(what: fn() -> Message, rows: &'static str, erasure: Erasure) -> Self {
        Self { what, rows, text: None, erasure }
    }

    /// Rows whose text names the person. It is rewritten when they are erased.
    pub const fn naming(what: fn() -> Message, rows: &'static str, text: Text) -> Self {
        Self { what, rows, text: Some(text), erasure: Erasure::Stays }
    }
}

/// A text of a row that may name somebody.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The column.
    pub column: &'static str,
    /// What it says of a person, as people read it; none where it doesn't name them, or doesn't read back.
    pub of: fn(&str, PersonId) -> Option<String>,
}
