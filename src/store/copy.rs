//! `bellringer copy`: moves everything from SQLite to PostgreSQL, proves that nothing is missing, and seals the old
//! database.
//!
//! One transaction on each side. The source's holds off writers from before the first row is read until it is
//! sealed, so nothing can be acknowledged that isn't copied. The target's is committed first: if anything
//! fails before that, both databases are unchanged. If the process dies between the two commits, the target
//! is full and the source unsealed; the next copy detects this and says so.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use futures_util::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::kernel::clock::Clock;
use crate::kernel::error::Error;
use crate::kernel::number;
use crate::kernel::text::plural;
use crate::store::db::{self, Db, OpenError, Tx};
use crate::store::seal::{self, Seal};

/// The migrations' own table: each database keeps its own.
const MIGRATIONS: &str = "_sqlx_migrations";
/// The most rows in a statement, which bounds memory use.
const MOST_ROWS: usize = 1000;
/// The most parameters of a statement of PostgreSQL.
const MOST_PARAMETERS: usize = 65_535;

/// What a copy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To go on with the target: the source is sealed.
    Move,
    /// To see whether it can be done: everything is copied and checked, and nothing is kept. Nobody waits for it.
    Rehearsal,
}

/// Why a copy failed, and the state it left, as one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is nothing to copy.
    #[error("--from and --to are the same database")]
    Same,
    /// The source isn't SQLite: the wrong direction, or another database.
    #[error("--from must start with sqlite://; copying goes from SQLite to PostgreSQL")]
    NotSqlite,
    /// The target isn't PostgreSQL: the wrong direction, or another database.
    #[error("--to must start with postgres://; copying goes from SQLite to PostgreSQL")]
    NotPostgres,
    /// The source can't be opened.
    #[error("--from: {0}")]
    OpenSource(OpenError),
    /// The target can't be opened.
    #[error("--to: {0}")]
    OpenTarget(OpenError),
    /// It belongs to another program.
    #[error("--from: this isn't a Bellringer database")]
    NotOurs,
    /// Its schema must first be updated by running this version on it.
    #[error(
        "--from: the database was last used by an older Bellringer (schema {has}; this version needs {here}); run this version on it once, then copy"
    )]
    Older {
        /// The source's schema version.
        has: i64,
        /// The schema version this Bellringer needs.
        here: i64,
    },
    /// A table that would be left behind.
    #[error("--from: {0}, which Bellringer doesn't know and would leave behind")]
    Unknown(String),
    /// It belongs to another program.
    #[error("--to: there's a table {0} that isn't Bellringer's; use an empty database")]
    Foreign(String),
    /// There is data already, perhaps from an interrupted copy.
    #[error(
        "--to: the target isn't empty ({0}); use an empty database. Only if an earlier copy was cut off at the very end, and no bot has run on the target since: recreate it (DROP DATABASE, CREATE DATABASE) and copy again"
    )]
    NotEmpty(String),
    /// A value that PostgreSQL can't store.
    #[error(
        "{table}.{column} has {what} in the row with rowid {rowid}, which PostgreSQL can't store; fix that row, then copy again"
    )]
    Unstorable {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// What the value is.
        what: &'static str,
        /// The row's SQLite rowid.
        rowid: i64,
    },
    /// The data read back differs.
    #[error("{0}; nothing was kept, and the source hasn't changed")]
    Mismatch(String),
    /// The source can't be read or locked.
    #[error("the source couldn't be copied ({0}); neither database has changed")]
    Source(Error),
    /// The target can't be written or read.
    #[error("the target couldn't be filled ({0}); neither database has changed")]
    Target(Error),
    /// Whether the target was committed is unknown.
    #[error(
        "PostgreSQL didn't say whether it kept the copy ({0}). The source hasn't changed; copy again to find out whether the target is still empty"
    )]
    Unsure(Error),
    /// The target was committed, but the source could not be sealed.
    #[error(
        "the target is complete, but the source couldn't be sealed ({0}), and a bot may still be writing to it. Recreate the target (DROP DATABASE, CREATE DATABASE) and copy again"
    )]
    Unsealed(Error),
}

type Result<T, E = CopyError> = std::result::Result<T, E>;

fn at_source(error: impl Into<Error>) -> CopyError {
    CopyError::Source(error.into())
}

fn at_target(error: impl Into<Error>) -> CopyError {
    CopyError::Target(error.into())
}

/// Copies the SQLite database `from`, which may be in use, to the empty PostgreSQL database `to`. `tables`
/// must be ordered so that a row only refers to tables further up, or to an earlier row of its own table.
///
/// # Errors
/// One line that says what to do. Except for [`CopyError::Unsure`] and [`CopyError::Unsealed`], both
/// databases are then unchanged.
pub async fn copy(
    from: &str,
    to: &str,
    tables: &[&'static str],
    purpose: Purpose,
    clock: &Clock,
) -> Result<Report> {
    if from == to {
        return Err(CopyError::Same);
    }
    if !db::is_sqlite(from) {
        return Err(CopyError::NotSqlite);
    }
    if !db::is_postgres(to) {
        return Err(CopyError::NotPostgres);
    }
    let source = Db::existing(from).await.map_err(CopyError::OpenSource)?;
    // Before any writer has to wait.
    survey(&mut *source.read().acquire().await.map_err(at_source)?, tables).await?;
    let target = Db::connect(to).await.map_err(CopyError::OpenTarget)?;
    let mut into = target.write().await.map_err(at_target)?;
    // The target is idle while the source is being read, and nobody is waiting for it yet.
    sqlx::raw_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        .execute(&mut *into)
        .await
        .map_err(at_target)?;
    let place = prepare(&mut into, to, tables).await?;
    let out = match purpose {
        Purpose::Move => source.write().await.map_err(at_source)?,
        Purpose::Rehearsal => source.snapshot().await.map_err(at_source)?,
    };
    let seal = Seal { to: place, at: clock.now() };
    let copied = transfer(out, into, tables, purpose, seal).await;
    target.close().await;
    source.close().await;
    copied
}

async fn transfer(
    mut out: Tx,
    mut into: Tx,
    tables: &[&'static str],
    purpose: Purpose,
    seal: Seal,
) -> Result<Report> {
    let tables = survey(&mut out, tables).await?;
    for table in &tables {
        pour(table, &mut out, &mut into).await?;
    }
    let mut checked = Vec::new();
    for table in &tables {
        checked.push(compare(table, &mut out, &mut into).await?);
    }
    let metrics = compare_ledgers(&mut out, &mut into).await?;
    let report = Report { tables: checked, metrics, seal, purpose };
    if purpose == Purpose::Rehearsal {
        return Ok(report);
    }
    // Without statistics, the planner would scan whole tables for the first boards.
    for table in &tables {
        let analyze = format!("ANALYZE {}", table.name);
        sqlx::raw_sql(AssertSqlSafe(analyze)).execute(&mut *into).await.map_err(at_target)?;
    }
    // Sealed before either commits, so that little can go wrong afterwards.
    report.seal.set(&mut out).await.map_err(at_source)?;
    into.commit().await.map_err(CopyError::Unsure)?;
    out.commit().await.map_err(CopyError::Unsealed)?;
    Ok(report)
}

struct Table {
    name: &'static str,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: ColumnKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Whole,
    Text,
}

impl Table {
    /// The columns, as SQL lists them.
    fn list(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        names.join(", ")
    }

    /// An insert statement for this many rows.
    fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |row: usize| {
            let places: Vec<String> = (1..=width).map(|place| format!("${}", row * width + place)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name, self.list(), rows.join(", "))
    }
}

/// Reads the source's tables, and checks that they are exactly the ones this version knows.
async fn survey(source: &mut AnyConnection, names: &[&'static str]) -> Result<Vec<Table>> {
    let there = seal::tables(source).await.map_err(at_source)?;
    if !there.iter().any(|name| name == MIGRATIONS) {
        return Err(CopyError::NotOurs);
    }
    let (has,): (Option<i64>,) = sqlx::query_as("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(&mut *source)
        .await
        .map_err(at_source)?;
    let (has, here) = (has.unwrap_or_default(), db::schema());
    if has > here {
        return Err(CopyError::OpenSource(OpenError::Newer(has)));
    }
    if has < here {
        return Err(CopyError::Older { has, here });
    }
    if let Some(table) = there.iter().find(|name| *name != MIGRATIONS && !names.contains(&name.as_str())) {
        return Err(CopyError::Unknown(format!("there's a table {table}")));
    }
    let mut tables = Vec::new();
    for name in names {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(name)
                .fetch_all(&mut *source)
                .await
                .map_err(at_source)?;
        let column = |(column, kind): (String, String)| match kind.as_str() {
            "BIGINT" => Ok(Column { name: column, kind: ColumnKind::Whole }),
            "TEXT" => Ok(Column { name: column, kind: ColumnKind::Text }),
            _ => Err(CopyError::Unknown(format!("{name}.{column} has the type {kind}"))),
        };
        tables.push(Table { name, columns: rows.into_iter().map(column).collect::<Result<_>>()? });
    }
    Ok(tables)
}

/// Creates the schema in the target, and makes sure that nothing else is there or gets in. Returns the
/// target's name.
async fn prepare(target: &mut AnyConnection, url: &str, tables: &[&'static str]) -> Result<String> {
    let there: Vec<(String,)> = sqlx::query_as(
        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1",
    )
    .fetch_all(&mut *target)
    .await
    .map_err(at_target)?;
    if let Some((table,)) = there.iter().find(|(it,)| it != MIGRATIONS && !tables.contains(&it.as_str())) {
        return Err(CopyError::Foreign(table.clone()));
    }
    db::migrate(target).await.map_err(CopyError::OpenTarget)?;
    let lock = format!("LOCK TABLE {} IN EXCLUSIVE MODE", tables.join(", "));
    sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *target).await.map_err(at_target)?;
    for table in tables {
        let (rows,): (i64,) = sqlx::query_as(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")))
            .fetch_one(&mut *target)
            .await
            .map_err(at_target)?;
        if rows > 0 {
            let rows = plural(usize::try_from(rows).unwrap_or_default(), "row", "rows");
            return Err(CopyError::NotEmpty(format!("{table} has {rows}")));
        }
    }
    let (name,): (String,) = sqlx::query_as("SELECT CAST(current_database() AS TEXT)")
        .fetch_one(target)
        .await
        .map_err(at_target)?;
    let options = PgConnectOptions::from_str(&db::understood(url)).map_err(at_target)?;
    let host = options.get_socket().map_or_else(
        || format!("{}:{}", options.get_host(), options.get_port()),
        |path| path.display().to_string(),
    );
    Ok(format!("{name} at {host}"))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Whole(Option<i64>),
    Text(Option<String>),
}

impl Value {
    fn read(row: &AnyRow, index: usize, kind: ColumnKind) -> sqlx::Result<Self> {
        match kind {
            ColumnKind::Whole => row.try_get(index).map(Self::Whole),
            ColumnKind::Text => row.try_get(index).map(Self::Text),
        }
    }
}

/// Writes a table's rows into the target in batches, in the order in which they were created.
async fn pour(table: &Table, out: &mut AnyConnection, into: &mut AnyConnection) -> Result<()> {
    let width = table.columns.len();
    let most = MOST_ROWS.min(MOST_PARAMETERS / width);
    let select = format!("SELECT {}, rowid FROM {} ORDER BY rowid", table.list(), table.name);
    let full = table.insert(most);
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(out);
    let mut batch = Vec::with_capacity(most * width);
    while let Some(row) = rows.try_next().await.map_err(at_source)? {
        for (index, column) in table.columns.iter().enumerate() {
            let what = match Value::read(&row, index, column.kind) {
                Ok(Value::Text(Some(text))) if text.contains('\0') => "a NUL character",
                Ok(value) => {
                    batch.push(value);
                    continue;
                }
                Err(_) if column.kind == ColumnKind::Whole => "something other than a whole number",
                Err(_) => "something other than text",
            };
            let rowid = row.try_get(width).map_err(at_source)?;
            return Err(CopyError::Unstorable {
                table: table.name,
                column: column.name.clone(),
                what,
                rowid,
            });
        }
        if batch.len() == most * width {
            insert(&full, &mut batch, into).await.map_err(at_target)?;
        }
    }
    if !batch.is_empty() {
        let rest = table.insert(batch.len() / width);
        insert(&rest, &mut batch, into).await.map_err(at_target)?;
    }
    Ok(())
}

async fn insert(statement: &str, batch: &mut Vec<Value>, into: &mut AnyConnection) -> sqlx::Result<()> {
    let mut query = sqlx::query(AssertSqlSafe(statement));
    for value in batch.drain(..) {
        query = match value {
            Value::Whole(whole) => query.bind(whole),
            Value::Text(text) => query.bind(text),
        };
    }
    query.execute(into).await?;
    Ok(())
}

/// A table's checksum, independent of the order of its rows.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    /// For each column: the sum of its numbers or of its lengths in characters, and the sum of its hashes.
    columns: Vec<(i128, u64)>,
    /// The sum of the rows' hashes, which detects values that ended up in the wrong row.
    whole: u64,
}

impl Tally {
    async fn of(table: &Table, on: &mut AnyConnection) -> Result<Self, Error> {
        let mut tally = Self { columns: vec![(0, 0); table.columns.len()], ..Self::default() };
        let select = format!("SELECT {} FROM {}", table.list(), table.name);
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(on);
        while let Some(row) = rows.try_next().await? {
            let mut whole = DefaultHasher::new();
            for (index, column) in table.columns.iter().enumerate() {
                let value = Value::read(&row, index, column.kind)?;
                let mut hasher = DefaultHasher::new();
                value.hash(&mut hasher);
                let hash = hasher.finish();
                whole.write_u64(hash);
                let (sum, hashes) = &mut tally.columns[index];
                *hashes = hashes.wrapping_add(hash);
                *sum += match &value {
                    Value::Whole(whole) => i128::from(whole.unwrap_or_default()),
                    Value::Text(text) => text.as_ref().map_or(0, |text| text.chars().count() as i128),
                };
            }
            tally.whole = tally.whole.wrapping_add(whole.finish());
            tally.rows += 1;
        }
        Ok(tally)
    }

    /// How it differs from another tally of the same table.
    fn difference(&self, target: &Self, table: &Table) -> Option<String> {
        let name = table.name;
        if self.rows != target.rows {
            let (source, target) = (self.rows, target.rows);
            return Some(format!("{name} has {source} rows in the source and {target} in the target"));
        }
        for (column, (source, target)) in table.columns.iter().zip(self.columns.iter().zip(&target.columns)) {
            let unit = if column.kind == ColumnKind::Text { " characters" } else { "" };
            if source.0 != target.0 {
                return Some(format!(
                    "{name}.{} adds up to {}{unit} in the source and {} in the target",
                    column.name, source.0, target.0
                ));
            }
            if source.1 != target.1 {
                return Some(format!("{name}.{} has different values in the target", column.name));
            }
        }
        (self.whole != target.whole)
            .then(|| format!("{name} has the same values in different rows in the target"))
    }
}

/// Reads a table back on both sides and compares the tallies.
async fn compare(table: &Table, out: &mut AnyConnection, into: &mut AnyConnection) -> Result<Checked> {
    let (source, target) = tokio::join!(Tally::of(table, out), Tally::of(table, into));
    let (source, target) = (source.map_err(at_source)?, target.map_err(at_target)?);
    match source.difference(&target, table) {
        Some(difference) => Err(CopyError::Mismatch(difference)),
        None => Ok(Checked { table: table.name, rows: source.rows, columns: table.columns.len() }),
    }
}

/// Compares the ledger sums that each database computes itself, by metric. Returns how many metrics have one.
async fn compare_ledgers(out: &mut AnyConnection, into: &mut AnyConnection) -> Result<usize> {
    let sums =
        "SELECT metric_id, CAST(SUM(quantity) AS BIGINT) FROM entry GROUP BY metric_id ORDER BY metric_id";
    let sums_of = |on| sqlx::query_as::<_, (i64, i64)>(sums).fetch_all(on);
    let (source, target) = tokio::join!(sums_of(out), sums_of(into));
    let (source, target) = (source.map_err(at_source)?, target.map_err(at_target)?);
    if source == target {
        Ok(source.len())
    } else {
        Err(CopyError::Mismatch("the ledger's totals (entry.quantity by metric) don't match".to_owned()))
    }
}

/// A table that matches on both sides.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Its name.
    pub table: &'static str,
    /// Its rows, all read back on both sides.
    pub rows: u64,
    /// Its columns, all with matching sums on both sides.
    pub columns: usize,
}

/// What was copied and verified.
#[derive(Debug, Clone)]
pub struct Report {
    /// Every table.
    pub tables: Vec<Checked>,
    /// How many metrics have ledger sums.
    pub metrics: usize,
    /// The seal that the source has from now on, unless it was a rehearsal.
    pub seal: Seal,
    /// Why the copy was made.
    pub purpose: Purpose,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |rows: u64| number::show(i64::try_from(rows).unwrap_or(i64::MAX), 0);
        writeln!(f, "{:<16}{:>14}  checked", "table", "rows")?;
        for Checked { table, rows, columns } in &self.tables {
            let rows = figure(*rows);
            let ledger = if *table == "entry" {
                format!(", and the sums of {}", plural(self.metrics, "metric", "metrics"))
            } else {
                String::new()
            };
            writeln!(f, "{table:<16}{rows:>14}  each row, the sums of {columns} columns{ledger}")?;
        }
        let rows = figure(self.tables.iter().map(|table| table.rows).sum());
        let guilds = self.tables.iter().find(|table| table.table == "guild").map_or(0, |guild| guild.rows);
        let guilds = plural(usize::try_from(guilds).unwrap_or(usize::MAX), "server", "servers");
        write!(f, "{rows} rows in {} tables for {guilds}: the same on both sides.", self.tables.len())
    }
}
