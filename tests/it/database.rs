//! The database that stories run on: a file each, unless `BELLRINGER_TEST_POSTGRES` names a cluster to create
//! databases in. `tests/postgres` starts such a cluster, and deletes it afterwards.
#![allow(clippy::unwrap_used, reason = "a test ends where its assumptions do")]

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, Connection};

/// The cluster to use, if any.
fn cluster() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one setting of the tests themselves")]
    std::env::var("BELLRINGER_TEST_POSTGRES").ok()
}

/// Whether stories run on PostgreSQL.
pub(crate) fn is_on_postgres() -> bool {
    cluster().is_some()
}

static MADE: AtomicU32 = AtomicU32::new(0);

/// A database in a cluster, for one story.
pub(crate) struct Database {
    cluster: String,
    name: String,
}

impl Database {
    /// A new one, if a cluster is configured.
    ///
    /// # Panics
    /// When it is configured but can't be reached: a suite that didn't run must not look as if it had passed.
    pub(crate) async fn fresh() -> Option<Self> {
        let cluster = cluster()?;
        let name = format!("story_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let database = Self { cluster, name };
        database.tell(&format!("CREATE DATABASE {}", database.name)).await;
        Some(database)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        let (address, options) = self.cluster.split_once('?').unwrap_or((&self.cluster, ""));
        format!("{}/{}?{options}", address.trim_end_matches('/'), self.name)
    }

    /// Drops it.
    pub(crate) async fn drop(self) {
        self.tell(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    /// Its name in the cluster.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs a statement on the cluster, outside the database.
    pub(crate) async fn tell(&self, sql: &str) {
        sqlx::any::install_default_drivers();
        let (address, options) = self.cluster.split_once('?').unwrap_or((&self.cluster, ""));
        let home = format!("{}/postgres?{options}", address.trim_end_matches('/'));
        let mut connection = AnyConnection::connect(&home)
            .await
            .unwrap_or_else(|error| panic!("PostgreSQL was asked for at {}, and: {error}", self.cluster));
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}
