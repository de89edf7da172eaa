//! The database underneath: a SQLite file, or a database of a PostgreSQL cluster; and how each is made to misbehave.

use std::path::Path;

use bellringer::store::db::{Db, Tx};
use tempfile::TempDir;

use super::Sabotage;
use super::process::Process;
use crate::database::Database;

/// What the processes work on.
pub(crate) enum Ground {
    File(TempDir),
    Cluster(Database),
}

/// On SQLite: one post at a time, so that one thing happens at a time.
const ONE_AT_A_TIME: &str = "
    CREATE TABLE turn (taken BIGINT NOT NULL);
    INSERT INTO turn VALUES (0);
    CREATE TRIGGER wait_your_turn BEFORE UPDATE OF attempts ON post
    WHEN NEW.state = 'claimed' AND NEW.attempts > OLD.attempts AND EXISTS (SELECT 1 FROM turn WHERE taken = NEW.tried_at)
    BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER take_your_turn AFTER UPDATE OF attempts ON post
    WHEN NEW.state = 'claimed' AND NEW.attempts > OLD.attempts
    BEGIN UPDATE turn SET taken = NEW.tried_at; END;";

/// The same on PostgreSQL, and a disk that can be full.
const ON_POSTGRES: &str = "
    CREATE TABLE turn (taken BIGINT NOT NULL);
    INSERT INTO turn VALUES (0);
    CREATE FUNCTION take_your_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.state = 'claimed' AND NEW.attempts > OLD.attempts THEN
            IF EXISTS (SELECT 1 FROM turn WHERE taken = NEW.tried_at) THEN RETURN NULL; END IF;
            UPDATE turn SET taken = NEW.tried_at;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER take_your_turn BEFORE UPDATE OF attempts ON post FOR EACH ROW EXECUTE FUNCTION take_your_turn();
    CREATE TABLE disk (is_full BOOLEAN NOT NULL);
    INSERT INTO disk VALUES (false);
    CREATE FUNCTION write_to_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT is_full FROM disk) THEN
            RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
        END IF;
        RETURN NULL;
    END $$;
    DO $$ DECLARE name TEXT; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'disk' LOOP
            EXECUTE format('CREATE TRIGGER write_to_disk BEFORE INSERT OR UPDATE OR DELETE ON %I
                            FOR EACH STATEMENT EXECUTE FUNCTION write_to_disk()', name);
        END LOOP;
    END $$;";

/// Another program holds everything, and lets nobody write.
const HOLD_ON_POSTGRES: &str = "DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', name);
    END LOOP; END $$;";

impl Ground {
    /// A database of the cluster that `BELLRINGER_TEST_POSTGRES` names, else a file.
    pub(crate) async fn fresh(is_in_a_file: bool) -> Self {
        let database = if is_in_a_file { None } else { Database::fresh().await };
        if let Some(database) = database {
            // A database that is busy is told of soon: real seconds would pass for nothing.
            database.tell(&format!("ALTER DATABASE {} SET lock_timeout = '100ms'", database.name())).await;
            return Self::Cluster(database);
        }
        // What is written there costs no waiting for a disk.
        let memory = Path::new("/dev/shm");
        Self::File(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(folder) => format!("sqlite://{}", folder.path().join("bellringer.db").display()),
            Self::Cluster(database) => database.url(),
        }
    }

    /// One post at a time; and what is planted to be found.
    pub(crate) async fn prepare(&self, db: &Db, sabotage: Sabotage) {
        let forget = match sabotage {
            Sabotage::None => "",
            Sabotage::SendsBeforeCommit => {
                "UPDATE post SET state = 'waiting', first_attempt = NULL, unsettled = 0 WHERE id = NEW.id;"
            }
            Sabotage::ClaimsWithoutLease => {
                "UPDATE post SET state = 'waiting', not_before = 0 WHERE id = NEW.id;"
            }
        };
        let planted = if forget.is_empty() {
            String::new()
        } else {
            format!(
                "CREATE TRIGGER planted AFTER UPDATE OF attempts ON post
                 WHEN NEW.state = 'claimed' AND NEW.attempts > OLD.attempts BEGIN {forget} END;"
            )
        };
        let rule = if matches!(self, Self::File(_)) { ONE_AT_A_TIME } else { ON_POSTGRES };
        let mut tx = db.write().await.unwrap();
        for sql in [rule, &planted] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// How long the processes wait for a file that is busy. In milliseconds: while somebody holds it real time would pass for
    /// nothing, and else two of them that meet there by chance have to wait for each other.
    pub(crate) async fn wait(&self, processes: &[Option<Process>], millis: u32) {
        if let Self::File(_) = self {
            for process in processes.iter().flatten() {
                process.tells(&format!("PRAGMA busy_timeout = {millis}")).await;
            }
        }
    }

    /// The disk is full, or has room again.
    pub(crate) async fn fill(&self, processes: &[Option<Process>], db: &Db, is_full: bool) {
        match self {
            // Fewer pages than there are means as many as there are.
            Self::File(_) => {
                let most = if is_full { "1" } else { "4294967294" };
                for process in processes.iter().flatten() {
                    process.tells(&format!("PRAGMA max_page_count = {most}")).await;
                }
            }
            Self::Cluster(_) => {
                let mut tx = db.write().await.unwrap();
                let sql = format!("UPDATE disk SET is_full = {is_full}");
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    /// Holds everything until the transaction ends.
    pub(crate) async fn hold(&self, db: &Db) -> Tx {
        let mut tx = db.write().await.unwrap();
        if let Self::Cluster(_) = self {
            sqlx::raw_sql(HOLD_ON_POSTGRES).execute(&mut *tx).await.unwrap();
        }
        tx
    }

    pub(crate) async fn clear(self) {
        match self {
            Self::File(folder) => folder.close().unwrap(),
            Self::Cluster(database) => database.drop().await,
        }
    }
}
