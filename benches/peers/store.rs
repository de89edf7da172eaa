//! Where the bots store their wins: a file each, or a database on a PostgreSQL server.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bellringer::kernel::clock::Clock;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection};

use crate::Fails;

/// How long a worker may take to finish everything.
const PATIENCE: Duration = Duration::from_mins(5);

/// A bot's store.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    /// A SQLite file.
    File(PathBuf),
    /// A database on a server: its name and URL.
    Server(String, String),
}

impl Store {
    /// Its URL in Bellringer's format.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(file) => format!("sqlite://{}", file.display()),
            Self::Server(_, url) => url.clone(),
        }
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> Fails<AnyConnection> {
        Ok(AnyConnection::connect(&self.url()).await?)
    }

    /// The wins in it. All three bots have a table of that name.
    pub(crate) async fn wins(&self) -> Fails<usize> {
        let mut db = self.connect().await?;
        let (wins,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM win").fetch_one(&mut db).await?;
        db.close().await?;
        Ok(usize::try_from(wins)?)
    }

    /// Waits until Bellringer's worker has reacted to every win, and sent all posts.
    pub(crate) async fn settles(&self) -> Fails {
        let (begun, clock) = (Instant::now(), Clock::system());
        let mut db = self.connect().await?;
        loop {
            let (left,): (i64,) = sqlx::query_as(
                "SELECT (SELECT COUNT(*) FROM fact WHERE reacted_at IS NULL)
                      + (SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed') AND not_before <= $1)",
            )
            .bind(clock.now().timestamp_micros())
            .fetch_one(&mut db)
            .await?;
            if left == 0 {
                return Ok(db.close().await?);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{left} facts and posts are left over").into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Moves everything into the main file, so that it can be copied. A stopped bot may leave its latest
    /// writes in a second file.
    async fn gather(&self) -> Fails {
        if let Self::File(_) = self {
            let mut db = self.connect().await?;
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await?;
            db.close().await?;
        }
        Ok(())
    }
}

/// Makes stores: files in a folder, and Bellringer's in a server if there is one.
#[derive(Debug)]
pub(crate) struct Stores {
    /// The folder of the files, which are reused; on a disk, since commits in memory cost nothing.
    pub(crate) folder: PathBuf,
    server: Option<PgConnectOptions>,
    /// Databases on the server.
    made: Mutex<Vec<String>>,
}

impl Stores {
    /// Makes the folder.
    pub(crate) fn open(folder: &Path, url: Option<&str>) -> Fails<Self> {
        sqlx::any::install_default_drivers();
        std::fs::create_dir_all(folder)?;
        let server = url.map(PgConnectOptions::from_str).transpose()?;
        Ok(Self { folder: folder.canonicalize()?, server, made: Mutex::default() })
    }

    fn store(&self, name: &str, is_ours: bool) -> Store {
        match self.server.as_ref().filter(|_| is_ours) {
            None => Store::File(self.folder.join(format!("{name}.db"))),
            Some(server) => {
                let name: String =
                    name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
                let name = format!("bellringer_peers_{}_{name}", std::process::id());
                let url = server.clone().database(&name).to_url_lossy().to_string();
                Store::Server(name, url)
            }
        }
    }

    /// An empty store with that name, replacing any existing one.
    pub(crate) async fn fresh(&self, name: &str, is_ours: bool) -> Fails<Store> {
        let store = self.store(name, is_ours);
        self.remove(&store).await?;
        if let Store::Server(name, _) = &store {
            self.says(format!("CREATE DATABASE {name}")).await?;
            self.made().push(name.clone());
        }
        Ok(store)
    }

    /// A copy under another name, replacing any existing one.
    pub(crate) async fn copy(&self, of: &Store, name: &str) -> Fails<Store> {
        of.gather().await?;
        let store = self.store(name, matches!(of, Store::Server(..)));
        self.remove(&store).await?;
        match (of, &store) {
            (Store::File(from), Store::File(to)) => {
                std::fs::copy(from, to)?;
                // Flush now rather than while the bot is measured.
                std::fs::File::open(to)?.sync_all()?;
            }
            (Store::Server(from, _), Store::Server(to, _)) => {
                self.says(format!("CREATE DATABASE {to} TEMPLATE {from}")).await?;
                self.made().push(to.clone());
            }
            _ => return Err("a file is no server's database".into()),
        }
        Ok(store)
    }

    /// A file with this name from an earlier run, if any.
    pub(crate) fn kept(&self, name: &str, is_ours: bool) -> Option<Store> {
        let store = self.store(name, is_ours);
        matches!(&store, Store::File(file) if file.exists()).then_some(store)
    }

    /// Removes files of earlier days and other builds, by name prefix.
    pub(crate) fn forget(&self, beginning: &str) -> Fails {
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(beginning) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes one.
    pub(crate) async fn remove(&self, store: &Store) -> Fails {
        match store {
            Store::File(file) => {
                for end in ["", "-wal", "-shm"] {
                    let file = PathBuf::from(format!("{}{end}", file.display()));
                    if file.exists() {
                        std::fs::remove_file(file)?;
                    }
                }
            }
            Store::Server(name, _) => {
                self.says(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
                self.made().retain(|made| made != name);
            }
        }
        Ok(())
    }

    /// Drops all databases on the server.
    pub(crate) async fn close(&self) -> Fails {
        let made: Vec<String> = self.made().drain(..).collect();
        for name in made {
            self.says(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }

    fn made(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn says(&self, sql: String) -> Fails {
        let server = self.server.as_ref().ok_or("there is no server")?;
        let mut db = server.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await?;
        Ok(db.close().await?)
    }
}
