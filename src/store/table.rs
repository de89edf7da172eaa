//! Which tables hold whose data. Each table's owner declares it here; the order of a copy, what is deleted
//! with a guild, and what is shown, exported and erased for a person follow from it. A test notices a table
//! that isn't declared, and a column that refers to a person without being a trace.

use crate::kernel::ids::PersonId;
use crate::words::Message;

/// A table of the database.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Who owns its rows.
    pub whose: Whose,
    /// The column by which a row refers to an earlier row of the table, if any.
    pub earlier: Option<&'static str>,
    /// Its data about persons.
    pub traces: &'static [Trace],
    /// Rows deleted once they are old; all others stay as long as their guild does.
    pub old: &'static [Old],
}

/// Who owns a table's rows.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// The guild whose id is in this column.
    Column(&'static str),
    /// The owner of a row in another table, whose id is in this column.
    Of {
        /// The column.
        column: &'static str,
        /// The other table.
        table: &'static str,
    },
}

/// Rows with limited retention.
#[derive(Debug, Clone, Copy)]
pub struct Old {
    /// How many days they are kept.
    pub days: i64,
    /// The rows older than that, as a condition on $1.
    pub rows: &'static str,
    /// What $1 is.
    pub than: Than,
}

/// The condition that a row was created before $1, in microseconds since 1970. Ids grow with time, so old
/// rows are the start of an index, and newer ones are never read.
macro_rules! made_before {
    () => {
        "id < ($1 / 1000 - 1420070400000) * 4194304"
    };
}
pub(crate) use made_before;

/// The unit of a table's times.
#[derive(Debug, Clone, Copy)]
pub enum Than {
    /// In microseconds since 1970.
    Micros,
    /// In days, as the ledger keeps them.
    Day,
}

impl Table {
    /// A table whose `guild_id` column says which guild owns a row.
    pub const fn new(name: &'static str, traces: &'static [Trace]) -> Self {
        Self { name, whose: Whose::Column("guild_id"), earlier: None, traces, old: &[] }
    }

    /// The same with another column.
    #[must_use]
    pub const fn whose(self, column: &'static str) -> Self {
        Self { whose: Whose::Column(column), ..self }
    }

    /// The same for rows that belong to a row of another table, which this column names.
    #[must_use]
    pub const fn of(self, column: &'static str, table: &'static str) -> Self {
        Self { whose: Whose::Of { column, table }, ..self }
    }

    /// The same for a table whose rows may refer to an earlier row by this column.
    #[must_use]
    pub const fn after(self, column: &'static str) -> Self {
        Self { earlier: Some(column), ..self }
    }

    /// The same for a table with rows of limited retention.
    #[must_use]
    pub const fn pruned(self, old: &'static [Old]) -> Self {
        Self { old, ..self }
    }

    /// The condition for finding a guild's rows, on its id, $1.
    pub fn of_guild(&self) -> String {
        match self.whose {
            Whose::Column(column) => format!("{column} = $1"),
            Whose::Of { column, table } => {
                format!("{column} IN (SELECT id FROM {table} WHERE guild_id = $1)")
            }
        }
    }

    /// The same for a row that was already found; the plus keeps the planner from using an index to find the
    /// others again.
    pub fn is_of_guild(&self) -> String {
        match self.whose {
            Whose::Column(column) => format!("+{column} = $1"),
            Whose::Of { column, table } => format!(
                "EXISTS (SELECT 1 FROM {table} AS one WHERE one.id = {}.{column} AND +one.guild_id = $1)",
                self.name
            ),
        }
    }

    /// The rows that no other row of the table refers to.
    pub fn is_last(&self) -> String {
        let name = self.name;
        self.earlier.map_or_else(
            || "1 = 1".to_owned(),
            |column| format!("NOT EXISTS (SELECT 1 FROM {name} AS later WHERE later.{column} = {name}.id)"),
        )
    }
}

/// What happens to rows about a person when that person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// They stay, attributed to a nameless person, so that totals don't change.
    Stays,
    /// They are deleted.
    Goes,
    /// They stay, without what identifies the person: SQL assignments.
    Loses(&'static str),
}

/// Rows of a table that are about a person.
#[derive(Debug)]
pub struct Trace {
    /// What they are, as shown to people.
    pub what: fn() -> Message,
    /// The condition that selects them, on the person's id, $1.
    pub rows: &'static str,
    /// The text that names the person, if that is what makes the rows about them.
    pub text: Option<Text>,
    /// What happens to them when the person is erased.
    pub erasure: Erasure,
}

impl Trace {
    /// Rows whose `person_id` says whom they are about.
    pub const fn own(what: fn() -> Message, erasure: Erasure) -> Self {
        Self::rows(what, "person_id = $1", erasure)
    }

    /// The same, selected by another condition.
    pub const fn rows(what: fn() -> Message, rows: &'static str, erasure: Erasure) -> Self {
        Self { what, rows, text: None, erasure }
    }

    /// Rows whose text names the person. The text is rewritten when the person is erased.
    pub const fn naming(what: fn() -> Message, rows: &'static str, text: Text) -> Self {
        Self { what, rows, text: Some(text), erasure: Erasure::Stays }
    }
}

/// A text in a row that may name somebody.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The column.
    pub column: &'static str,
    /// What it says about a person, as shown to people; none if it doesn't name them or can't be parsed.
    pub of: fn(&str, PersonId) -> Option<String>,
}
