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
    /// Whose its rows are.
    pub whose: Whose,
    /// By which column a row refers to an earlier one, if any does.
    pub earlier: Option<&'static str>,
    /// Where a person leaves traces in it.
    pub traces: &'static [Trace],
    /// What goes once it is old; all else stays for as long as its guild does.
    pub old: &'static [Old],
}

/// Whose rows are.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// The guild's whose id stands in this column.
    Column(&'static str),
    /// That of a row of another table, whose id stands in this column.
    Of {
        /// The column.
        column: &'static str,
        /// The other table.
        table: &'static str,
    },
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

/// That a row was made before $1, in microseconds since 1970. Ids grow with time, so what is old is the beginning of an index,
/// and nothing younger is read.
macro_rules! made_before {
    () => {
        "id < ($1 / 1000 - 1420070400000) * 4194304"
    };
}
pub(crate) use made_before;

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
        Self { name, whose: Whose::Column("guild_id"), earlier: None, traces, old: &[] }
    }

    /// The same, where another column says it.
    #[must_use]
    pub const fn whose(self, column: &'static str) -> Self {
        Self { whose: Whose::Column(column), ..self }
    }

    /// The same, where rows are of one of another table, which this column names.
    #[must_use]
    pub const fn of(self, column: &'static str, table: &'static str) -> Self {
        Self { whose: Whose::Of { column, table }, ..self }
    }

    /// The same, where a row may refer to an earlier one of the table by this column.
    #[must_use]
    pub const fn after(self, column: &'static str) -> Self {
        Self { earlier: Some(column), ..self }
    }

    /// The same, where rows go once they are old.
    #[must_use]
    pub const fn pruned(self, old: &'static [Old]) -> Self {
        Self { old, ..self }
    }

    /// Which rows are a guild's, as a condition on its id, $1: by this they are found.
    pub fn of_guild(&self) -> String {
        match self.whose {
            Whose::Column(column) => format!("{column} = $1"),
            Whose::Of { column, table } => {
                format!("{column} IN (SELECT id FROM {table} WHERE guild_id = $1)")
            }
        }
    }

    /// The same of a row that has been found, without looking for the others once more: the plus keeps planners from it.
    pub fn is_of_guild(&self) -> String {
        match self.whose {
            Whose::Column(column) => format!("+{column} = $1"),
            Whose::Of { column, table } => format!(
                "EXISTS (SELECT 1 FROM {table} AS one WHERE one.id = {}.{column} AND +one.guild_id = $1)",
                self.name
            ),
        }
    }

    /// Which rows no other of the table refers to.
    pub fn is_last(&self) -> String {
        let name = self.name;
        self.earlier.map_or_else(
            || "1 = 1".to_owned(),
            |column| format!("NOT EXISTS (SELECT 1 FROM {name} AS later WHERE later.{column} = {name}.id)"),
        )
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
