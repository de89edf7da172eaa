//! The database: SQLite or PostgreSQL behind one handle and one SQL text.
//!
//! Writers queue in one place and commit in groups; readers never wait for them. No transaction is held across the network.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, Connection, SqlStr, Transaction};

use super::seal::Seal;
use super::writer::{Turn, Writer};
use crate::kernel::error::{Error, Result, passes};
use crate::store::meters;

macro_rules! migration {
    ($name:literal) => {
        ($name, include_str!(concat!("../../migrations/", $name, ".sql")))
    };
}

/// Every file of `migrations/`, in order; a test notices a missing one. sqlx's own macro would list them too,
/// but pulls a second SQLite and a second PostgreSQL driver into the build.
const FILES: [(&str, &str); 14] = [
    migration!("0001_the_house"),
    migration!("0002_delivery"),
    migration!("0003_the_social_half"),
    migration!("0006_about"),
    migration!("0007_claims"),
    migration!("0008_erasure"),
    migration!("0009_reactions"),
    migration!("0010_the_ledger_tells"),
    migration!("0011_posts_are_composed"),
    migration!("0012_once"),
    migration!("0013_deadlines"),
    migration!("0014_words"),
    migration!("0015_language"),
    migration!("0016_pieces"),
];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| migrations(&FILES));

fn migrations(files: &[(&'static str, &'static str)]) -> Migrator {
    let migration = |(name, sql): &(&'static str, &'static str)| {
        let (number, about) = name.split_once('_').expect("a file has a number and a name");
        let version = number.parse().expect("a file's name begins with its number");
        let about = about.replace('_', " ").into();
        Migration::new(version, about, MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(files.iter().map(migration).collect())
}

/// A struct that is read from a row, with columns named like its fields.
#[macro_export]
macro_rules! row {
    ($(#[$about:meta])* $seen:vis struct $name:ident {
        $($(#[$of:meta])* $shown:vis $field:ident: $kind:ty),+ $(,)?
    }) => {
        $(#[$about])*
        $seen struct $name {
            $($(#[$of])* $shown $field: $kind),+
        }

        impl<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> for $name {
            fn from_row(row: &'r sqlx::any::AnyRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),+ })
            }
        }
    };
}

/// A write transaction. If dropped without `commit`, it is rolled back.
#[derive(Debug)]
pub struct Tx {
    of: Of,
    asked: Instant,
    took: Histogram,
}

/// How the transaction is committed.
#[derive(Debug)]
enum Of {
    /// On its own.
    Itself(Transaction<'static, Any>),
    /// As part of a group.
    Group(Turn),
}

/// What happened to a requested write, as far as the database has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Nothing is written.
    #[default]
    Unwritten,
    /// The database has not said whether it is.
    Unknown,
    /// It is written.
    Written,
}

impl Fate {
    /// The outcome of a commit that failed.
    pub(super) fn of(error: &Error) -> Self {
        // A server that closes the connection doesn't say whether the commit went through.
        let is_silent = |code: &str| ["08", "57P"].iter().any(|ends| code.starts_with(ends));
        match error {
            // It answered, and refused.
            Error::Database(sqlx::Error::Database(refused))
                if !refused.code().is_some_and(|code| is_silent(&code)) =>
            {
                Self::Unwritten
            }
            Error::Shared(error) => Self::of(error),
            _ => Self::Unknown,
        }
    }
}

tokio::task_local! {
    static FATE: Cell<Fate>;
}

/// Runs something and tracks what it commits, so that whoever reports its failure can ask [`fate`].
pub async fn keeping_in_mind<T>(doing: impl Future<Output = T>) -> T {
    FATE.scope(Cell::default(), doing).await
}

/// The fate of what is running now.
pub fn fate() -> Fate {
    FATE.try_with(Cell::get).unwrap_or_default()
}

impl Tx {
    /// Makes it durable: once this returns, a power cut can't undo it.
    pub async fn commit(self) -> Result<()> {
        let (committed, fate) = self.end().await;
        // The worker doesn't track its commits.
        let _ = FATE.try_with(|kept| kept.set(kept.get().max(fate)));
        committed
    }

    /// The same for a write that nobody asked for, as when somebody is met for the first time; it doesn't
    /// count for [`fate`].
    pub async fn commit_unasked(self) -> Result<()> {
        self.end().await.0
    }

    async fn end(self) -> (Result<()>, Fate) {
        let (committed, fate) = match self.of {
            Of::Group(turn) => turn.commit().await,
            Of::Itself(transaction) => match transaction.commit().await {
                Ok(()) => (Ok(()), Fate::Written),
                Err(error) => {
                    let error = error.into();
                    let fate = Fate::of(&error);
                    (Err(error), fate)
                }
            },
        };
        if committed.is_ok() {
            self.took.observe(self.asked.elapsed().as_secs_f64());
        }
        (committed, fate)
    }

    /// Begins a part that can be rolled back by itself. One at a time.
    pub async fn begin_part(&mut self) -> Result<()> {
        sqlx::raw_sql("SAVEPOINT part").execute(&mut **self).await?;
        Ok(())
    }

    /// Ends the part: its writes are kept, or rolled back by themselves.
    ///
    /// # Errors
    /// When the transaction can't go on.
    pub async fn end_part(&mut self, stands: bool) -> Result<()> {
        let ends = if stands { "RELEASE SAVEPOINT part" } else { "ROLLBACK TO SAVEPOINT part" };
        sqlx::raw_sql(ends).execute(&mut **self).await?;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.of {
            Of::Itself(transaction) => transaction,
            Of::Group(turn) => turn.connection(),
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.of {
            Of::Itself(transaction) => transaction,
            Of::Group(turn) => turn.connection_mut(),
        }
    }
}

/// A connection for reading. When dropped, it returns to its pool.
pub type Reader = PoolConnection<Any>;

/// The pools of one database.
#[derive(Debug, Clone)]
pub struct Db {
    reads: AnyPool,
    writes: AnyPool,
    /// SQLite's single writer; none for PostgreSQL, which can write on every connection and groups commits
    /// itself.
    writer: Option<Writer>,
    wrote: Histogram,
}

/// Why a database can't be used, as one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address isn't that of a database Bellringer supports.
    #[error("DATABASE_URL must start with sqlite:// or postgres://")]
    Address,
    /// Part of the address can't be parsed. It isn't quoted, since it may contain a password.
    #[error("the database address isn't valid: check the host, the port and each option after the ?")]
    Options,
    /// It can't be reached, read or written.
    #[error("can't open the database for writing: {0}. Check that the path exists and is writable")]
    Unusable(sqlx::Error),
    /// PostgreSQL can't be reached, or refuses the connection.
    #[error("the database can't be used: {0}")]
    Server(sqlx::Error),
    /// It was written by a newer Bellringer.
    #[error(
        "the database was written by a newer Bellringer (schema {0}); run that version, or restore an older backup"
    )]
    Newer(i64),
    /// Its schema could not be brought up to date.
    #[error("the database schema couldn't be updated: {0}")]
    Migration(MigrateError),
    /// It has moved elsewhere, and is kept as it was then.
    #[error("{0}; set DATABASE_URL to the new one")]
    Moved(Seal),
}

/// The error without the database's address.
fn unusable(error: sqlx::Error) -> OpenError {
    match error {
        sqlx::Error::Configuration(_) => OpenError::Options,
        error => OpenError::Unusable(error),
    }
}

/// How long a database on the network may take to answer.
const PROMPT: Duration = Duration::from_secs(10);

impl OpenError {
    /// Why the database at this address can't be used.
    pub(crate) fn of(error: sqlx::Error, url: &str) -> Self {
        Self::Unusable(error).at(url)
    }

    /// The same for a database at this address.
    fn at(self, url: &str) -> Self {
        match self {
            Self::Unusable(error) if !is_sqlite(url) => Self::Server(error),
            other => other,
        }
    }

    /// Whether it may resolve by itself: PostgreSQL is unreachable, doesn't answer, or says so. A file either
    /// exists or doesn't.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Server(error) if passes(error))
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Newer(version),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => unusable(error),
            other => Self::Migration(other),
        }
    }
}

impl Db {
    /// Opens, and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let db = Self::connect(url).await?;
        MIGRATIONS.run(&db.writes).await.map_err(|error| OpenError::from(error).at(url))?;
        Ok(db)
    }

    /// Opens an existing SQLite database without updating its schema; never creates one.
    pub(crate) async fn existing(url: &str) -> Result<Self, OpenError> {
        let mode = match (url.contains("mode="), url.contains('?')) {
            (true, _) => "",
            (false, true) => "&mode=rw",
            (false, false) => "?mode=rw",
        };
        Self::connect(&format!("{}{mode}", url.replace("mode=rwc", "mode=rw"))).await
    }

    /// Connects without updating the schema.
    pub(crate) async fn connect(url: &str) -> Result<Self, OpenError> {
        Self::connected(url).await.map_err(|error| error.at(url))
    }

    async fn connected(url: &str) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let sqlite = is_sqlite(url);
        if !sqlite && !is_postgres(url) {
            return Err(OpenError::Address);
        }
        let url = match (sqlite, url.contains("mode="), url.contains('?')) {
            (true, false, true) => format!("{url}&mode=rwc"),
            (true, false, false) => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        let url = if sqlite { url } else { understood(&url) };
        let options = AnyConnectOptions::from_str(&url).map_err(unusable)?;
        if sqlite && url.contains("mode=rwc") {
            let options = SqliteConnectOptions::from_str(&url).map_err(unusable)?;
            let file = options.get_filename();
            if !file.to_string_lossy().starts_with("file:") {
                // If it can't be created, SQLite says why.
                drop(create_private(file));
            }
        }
        // A pool retries until its timeout; a single connection reports the problem at once.
        let probed = tokio::time::timeout(PROMPT, probe(&options, sqlite)).await;
        let seal = probed.unwrap_or_else(|_| Err(silence())).map_err(unusable)?;
        if let Some(seal) = seal {
            return Err(OpenError::Moved(seal));
        }
        let pool = |size: u32| {
            AnyPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(10))
                // A connection to a file can't go stale; a network connection can.
                .test_before_acquire(!sqlite)
                .after_connect(move |connection, _| Box::pin(prepare(connection, sqlite)))
                // After a full disk has ended a transaction, a connection to the file may not know that it is
                // over, so it is replaced.
                .before_acquire(move |connection, _| {
                    let is_free = !(sqlite && connection.is_in_transaction());
                    Box::pin(async move { Ok(is_free) })
                })
        };
        let writes =
            pool(if sqlite { 1 } else { 8 }).connect_with(options.clone()).await.map_err(unusable)?;
        let reads = pool(4).connect_lazy_with(options);
        let writer = sqlite.then(|| Writer::new(writes.clone()));
        Ok(Self { reads, writes, writer, wrote: meters::seconds() })
    }

    /// Begins a write transaction. On SQLite it waits for its turn, and is committed together with the writes
    /// around it.
    pub async fn write(&self) -> Result<Tx> {
        self.begin(true).await
    }

    /// The same for a write that takes longer than a person's command, so that no other commit waits for it.
    pub async fn write_alone(&self) -> Result<Tx> {
        self.begin(false).await
    }

    async fn begin(&self, joins: bool) -> Result<Tx> {
        let asked = Instant::now();
        let of = match &self.writer {
            Some(writer) if joins => Of::Group(writer.join().await?),
            Some(writer) => Of::Group(writer.alone().await?),
            None => Of::Itself(self.writes.begin().await?),
        };
        Ok(Tx { of, asked, took: self.wrote.clone() })
    }

    /// Whether queries can use SKIP LOCKED; SQLite has one writer and no such clause.
    pub fn skips_locked(&self) -> bool {
        self.writer.is_none()
    }

    /// How many transactions a SQLite database has committed; a group counts as one.
    pub fn commits(&self) -> Counter {
        self.writer.as_ref().map(|writer| writer.commits().clone()).unwrap_or_default()
    }

    /// Time from requesting a write transaction until it is durable, in seconds.
    pub fn wrote(&self) -> &Histogram {
        &self.wrote
    }

    /// Begins a read transaction: everything it reads is from the same moment.
    pub(crate) async fn snapshot(&self) -> Result<Tx> {
        let of = Of::Itself(self.reads.begin().await?);
        Ok(Tx { of, asked: Instant::now(), took: self.wrote.clone() })
    }

    /// The pool for reading.
    pub fn read(&self) -> &AnyPool {
        &self.reads
    }

    /// A connection for reading. For several queries in a row, use one: the pool tests each connection it
    /// hands out, which costs as much as a query.
    pub async fn reader(&self) -> Result<Reader> {
        Ok(self.reads.acquire().await?)
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        self.reads.close().await;
        if let Some(writer) = &self.writer {
            writer.close().await;
        }
        self.writes.close().await;
    }
}

/// Updates a schema on a connection, within its transaction if there is one.
pub(crate) async fn migrate(on: &mut AnyConnection) -> Result<(), OpenError> {
    Ok(MIGRATIONS.run(on).await?)
}

/// The schema version of this Bellringer.
pub(crate) fn schema() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Whether an address is that of a SQLite database.
pub(crate) fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// Whether an address is that of a PostgreSQL database.
pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

/// The address without options that PostgreSQL's driver doesn't know; it would log them with their values.
pub(crate) fn understood(url: &str) -> String {
    const KNOWN: [&str; 18] = [
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
        "options",
    ];
    let Some((address, options)) = url.split_once('?') else { return url.to_owned() };
    let is_known = |option: &&str| {
        let key = option.split('=').next().unwrap_or_default();
        KNOWN.contains(&key) || key.starts_with("options[") || key.starts_with("options%5B")
    };
    let known: Vec<&str> = options.split('&').filter(is_known).collect();
    if known.len() < options.split('&').filter(|option| !option.is_empty()).count() {
        tracing::warn!("ignoring an unknown option in the database address");
    }
    format!("{address}?{}", known.join("&"))
}

/// Creates an empty file if there is none, readable only by its owner from the start. SQLite treats it as a
/// new database, and gives the files beside it (`-wal`, `-shm`) the same mode.
fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// A SQLite database's files that users other than their owner can open.
pub fn open_to_others(url: &str) -> Vec<PathBuf> {
    let Some(options) = is_sqlite(url).then(|| SqliteConnectOptions::from_str(url).ok()).flatten() else {
        return Vec::new();
    };
    let file = options.get_filename();
    let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
    let all = [file.to_owned(), beside("-wal"), beside("-shm")];
    all.into_iter().filter(|file| is_open_to_others(file)).collect()
}

#[cfg(unix)]
fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|known| known.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// PostgreSQL has its own backup tools.
    #[error("backup is for SQLite; on PostgreSQL, use pg_dump --format=custom")]
    NotSqlite,
    /// The file exists, and is never overwritten.
    #[error("{} already exists; pick another file name", .0.display())]
    Exists(PathBuf),
    /// The database can't be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The copy can't be written.
    #[error("the backup couldn't be made: {0}")]
    Copy(#[from] sqlx::Error),
    /// The copy can't be saved.
    #[error("the backup couldn't be saved: {0}")]
    Keep(#[from] std::io::Error),
    /// The copy is corrupt, and was deleted.
    #[error("the backup failed its integrity check ({0}); the database itself may be damaged")]
    Unsound(String),
}

/// Copies a SQLite database that may be in use, exactly as committed when the copy begins. The file appears
/// complete or not at all. Returns its size in bytes.
pub async fn backup(url: &str, file: &Path) -> Result<u64, BackupError> {
    if !is_sqlite(url) {
        return Err(BackupError::NotSqlite);
    }
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let part = file.with_added_extension("part");
    if part.exists() {
        std::fs::remove_file(&part)?;
    }
    let db = Db::existing(url).await?;
    create_private(&part)?;
    let copied = copy(&db, &part).await;
    db.close().await;
    if let Err(error) = copied {
        drop(std::fs::remove_file(&part));
        return Err(error);
    }
    let copy = std::fs::File::open(&part)?;
    copy.sync_all()?;
    std::fs::rename(&part, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder)?.sync_all()?;
    Ok(copy.metadata()?.len())
}

async fn copy(db: &Db, part: &Path) -> Result<(), BackupError> {
    sqlx::query("VACUUM INTO $1").bind(part.display().to_string()).execute(&db.writes).await?;
    let mut copy = AnyConnection::connect(&format!("sqlite://{}", part.display())).await?;
    let (verdict,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&mut copy).await?;
    copy.close().await?;
    if verdict == "ok" { Ok(()) } else { Err(BackupError::Unsound(verdict)) }
}

/// Connects once, and reads the seal of a database that has moved.
async fn probe(options: &AnyConnectOptions, sqlite: bool) -> sqlx::Result<Option<Seal>> {
    let mut probe = AnyConnection::connect_with(options).await?;
    prepare(&mut probe, sqlite).await?;
    let seal = if sqlite { Seal::read(&mut probe).await? } else { None };
    probe.close().await?;
    Ok(seal)
}

fn silence() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "it isn't responding"))
}

async fn prepare(connection: &mut AnyConnection, sqlite: bool) -> sqlx::Result<()> {
    if sqlite {
        // FULL: a reply is only sent once a power cut can't undo what it says. If another process keeps the
        // file locked past the timeout, the person is told so within Discord's three seconds.
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                       PRAGMA busy_timeout = 2000;";
        sqlx::raw_sql(pragmas).execute(connection).await?;
    } else {
        // A process that stalls inside a transaction must not hold its row locks for longer than its posts'
        // lease: others wait for both.
        sqlx::raw_sql("SET idle_in_transaction_session_timeout = '30s'").execute(connection).await?;
    }
    Ok(())
}

/// A VALUES list with this many rows: `of` is one row, with `{}` for each parameter of its own, numbered from
/// `first` on. Parameters shared by all rows are written in it by number.
pub fn values(of: &str, first: usize, count: usize) -> String {
    let mut number = first - 1;
    let mut text = String::new();
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for (part, between) in of.split("{}").enumerate() {
            if part > 0 {
                number += 1;
                text.push('$');
                text.push_str(&number.to_string());
            }
            text.push_str(between);
        }
        text.push(')');
    }
    text
}

/// A condition that a column is one of these ids, if a filter is given: `AND person_id IN (1, 2)`.
/// The text differs each time, so don't cache it as a prepared statement.
pub fn among<I: ToString>(column: &str, ids: Option<&[I]>) -> String {
    match ids {
        None => String::new(),
        Some([]) => " AND 1 = 0".to_owned(),
        Some(ids) => {
            let listed: Vec<String> = ids.iter().map(ToString::to_string).collect();
            format!(" AND {column} IN ({})", listed.join(", "))
        }
    }
}

/// A flag as stored in the database.
pub fn flag(value: bool) -> i64 {
    i64::from(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_values_share_some_and_number_their_own() {
        assert_eq!(values("{}, $1, {}", 3, 2), "($3, $1, $4), ($5, $1, $6)");
        assert_eq!(values("$1", 2, 1), "($1)");
    }

    #[test]
    fn no_migration_is_missing() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .expect("there are migrations")
            .filter_map(|file| Some(file.ok()?.file_name().to_str()?.strip_suffix(".sql")?.to_owned()))
            .collect();
        there.sort();
        assert_eq!(FILES.map(|(name, _)| name).to_vec(), there);
    }

    #[tokio::test]
    async fn what_nobody_had_reacted_to_before_the_ledger_told_is_told_by_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("x.db").display());
        let before = Db::connect(&url).await.expect("a file");
        migrations(&FILES[..7]).run(&before.writes).await.expect("an earlier version");
        sqlx::raw_sql(
            r#"INSERT INTO guild (id, zone, currency, week_start, created_at)
                   VALUES (1, 'UTC', 'USD', 0, 0), (2, 'UTC', 'USD', 0, 0);
               INSERT INTO person (id, guild_id, name, created_at) VALUES (5, 1, 'Ana', 0), (6, 2, 'Bo', 0);
               INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
                   VALUES (8, 1, 'wins', 'wins', 'count', 'forecast', 1, 0), (9, 2, 'wins', 'wins', 'count', 'forecast', 1, 0);
               INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, reverses, recorded_at)
                   VALUES (20, 1, 8, 5, 100, 3, 'win', 2, NULL, 1000000000),
                          (21, 1, 8, 5, 100, 4, 'win', 3, NULL, 2000000000),
                          (22, 1, 8, 5, -100, 4, 'win', 3, 21, 3000000000),
                          (23, 2, 9, 6, 100, 4, 'win', 4, NULL, 3000000000);
               INSERT INTO fact (id, guild_id, body, happened, reacted_at)
                   VALUES (30, 1, '{"kind":"win_logged","win":2,"persons":[5]}', 1000000001, 1000000002),
                          (31, 1, '{"kind":"win_logged","win":3,"persons":[5]}', 2000000001, 2000000002),
                          (32, 1, '{"kind":"win_undone","win":3}', 3000000001, NULL),
                          (33, 1, '{"kind":"goal_reached","goal":7,"person":5}', 2000000001, 2000000002),
                          (34, 2, '{"kind":"win_logged","win":4,"persons":[6]}', 3000000001, 3000000002);
               INSERT INTO reaction (fact_id, reactor, retry_at) VALUES (31, 'goals', 0), (33, 'badges', 0);"#,
        )
        .execute(&before.writes)
        .await
        .expect("rows");
        before.close().await;
        let db = Db::open(&url).await.expect("it is carried over");
        let waiting: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, body FROM fact WHERE reacted_at IS NULL ORDER BY id")
                .fetch_all(db.read())
                .await
                .expect("facts");
        let counted = |id, day| {
            let body = r#"{"kind":"counted","metrics":[8],"persons":[5],"first":D,"last":D}"#;
            (id, body.replace('D', &i64::to_string(&day)))
        };
        assert_eq!(waiting, [counted(21, 4), counted(22, 4)]);
        let owed: Vec<(i64, String)> =
            sqlx::query_as("SELECT fact_id, reactor FROM reaction").fetch_all(db.read()).await.expect("owed");
        assert_eq!(owed, [(33, "badges".to_owned())]);
        db.close().await;
    }

    #[tokio::test]
    async fn what_was_open_before_goals_ended_by_schedules_ends_by_them_and_who_was_erased_is_a_former_teammate()
     {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("x.db").display());
        let before = Db::connect(&url).await.expect("a file");
        migrations(&FILES[..10]).run(&before.writes).await.expect("an earlier version");
        sqlx::raw_sql(
            "INSERT INTO guild (id, zone, currency, week_start, created_at, left_at)
                 VALUES (1, 'UTC', 'USD', 0, 0, NULL), (2, 'UTC', 'USD', 0, 0, 9);
             INSERT INTO person (id, guild_id, name, created_at, erased_at)
                 VALUES (5, 1, 'Ana', 0, NULL), (6, 1, 'somebody who left', 0, 9), (7, 1, 'somebody who left', 0, NULL);
             INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
                 VALUES (8, 1, 'wins', 'wins', 'count', 'forecast', 1, 0);
             INSERT INTO goal (id, guild_id, metric_id, target, span, from_day, until_day, set_by, set_at, cancelled_at, closed_at, ends_at)
                 VALUES (20, 1, 8, 100, 'week', 3, 10, 5, 0, NULL, NULL, 864000000001),
                        (21, 1, 8, 100, 'week', 3, 10, 5, 0, 7, NULL, 864000000001),
                        (22, 1, 8, 100, 'week', 3, 10, 5, 0, NULL, 7, 864000000001),
                        (23, 2, 8, 100, 'week', 3, 10, 5, 0, NULL, NULL, 864000000001);
             INSERT INTO schedule (id, guild_id, kind, cron, late, next_due, next_local, created_at)
                 VALUES (30, 1, 'leaderboard', '0 16 * * fri', 'fold', 5, '2026-04-10T16:00:00', 0);
             INSERT INTO occurrence (schedule_id, local_time, due, outcome, decided_at) VALUES (30, '2026-04-03T16:00:00', 4, 'quiet', 4);
             INSERT INTO moment (id, guild_id, person_id, moment_key, kind, strength, reason, day, state, created_at)
                 VALUES (40, 1, 5, 'a', 'goal_early', 65, '{}', 3, 'open', 0), (41, 1, 5, 'b', 'goal_early', 65, '{}', 3, 'praised', 0),
                        (42, 1, 5, 'c', 'first_win', 65, '{}', 3, 'open', 0);",
        )
        .execute(&before.writes)
        .await
        .expect("rows");
        before.close().await;
        let db = Db::open(&url).await.expect("it is carried over");
        let told = async |sql: &'static str| {
            let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(db.read()).await.expect("rows");
            rows.into_iter().map(|(row,)| row).collect::<Vec<_>>()
        };
        let schedules = "SELECT kind || ' ' || subject || ' ' || COALESCE(cron, once_at) || ' ' || late || ' ' || COALESCE(next_due, 'never')
             FROM schedule ORDER BY guild_id, kind";
        assert_eq!(
            told(schedules).await,
            [
                "goal_end 20 864000000000 post 864000000001",
                "leaderboard 0 0 16 * * fri fold 5",
                "goal_end 23 864000000000 post never",
            ]
        );
        assert_eq!(told("SELECT outcome || ' ' || schedule_id FROM occurrence").await, ["quiet 30"]);
        let names = told("SELECT name FROM person ORDER BY id").await;
        assert_eq!(
            names,
            ["Ana", "a former teammate", "somebody who left"],
            "a name that somebody bears stays"
        );
        assert_eq!(told("SELECT state FROM moment ORDER BY id").await, ["praised", "open"]);
        db.close().await;
    }

    #[tokio::test]
    async fn what_has_become_of_it_is_what_the_database_has_said() {
        const MET: &str =
            "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (1, 'UTC', 'USD', 0, 0)";
        const NOBODYS: &str =
            "INSERT INTO person (id, guild_id, name, manages, created_at) VALUES (1, 99, 'Ana', 0, 0)";
        let folder = tempfile::tempdir().expect("a folder");
        let db =
            Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await.expect("a file");
        let writes = async |sqls: &[&'static str]| {
            let mut tx = db.write().await.expect("nobody else writes");
            for sql in sqls {
                sqlx::query(*sql).execute(&mut *tx).await.expect("it can be written");
            }
            tx
        };
        let refused = keeping_in_mind(async {
            // Deferred, so it is only checked, and refused, at commit.
            let refused = writes(&["PRAGMA defer_foreign_keys = ON", NOBODYS]).await.commit().await;
            (refused.is_err(), fate())
        });
        assert_eq!(refused.await, (true, Fate::Unwritten));
        let unasked = keeping_in_mind(async {
            writes(&[MET]).await.commit_unasked().await.expect("it commits");
            fate()
        });
        assert_eq!(unasked.await, Fate::Unwritten);
        let done = keeping_in_mind(async {
            writes(&[]).await.commit().await.expect("it commits");
            drop(writes(&["PRAGMA defer_foreign_keys = ON", NOBODYS]).await.commit().await);
            fate()
        });
        assert_eq!(done.await, Fate::Written, "what comes after takes nothing back");
        assert_eq!(fate(), Fate::Unwritten, "nobody keeps it in mind");
        db.close().await;
    }
}
