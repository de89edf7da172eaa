//! The database: a SQLite file, or a database in a PostgreSQL cluster; and how to make each misbehave.

use std::path::Path;

use bellringer::store::db::{Db, Tx};
use tempfile::TempDir;

use super::Sabotage;
use super::process::Process;
use crate::database::Database;

/// The database shared by the processes.
pub(crate) enum Ground {
    File(TempDir),
    Cluster(Database),
}

/// On SQLite: deliver one post at a time, so that only one thing happens at once.
const ONE_AT_A_TIME: &str = "
    CREATE TABLE turn (taken BIGINT NOT NULL);
    INSERT INTO turn VALUES (0);
    CREATE TRIGGER wait_your_turn BEFORE UPDATE OF attempts ON post
    WHEN NEW.state = 'claimed' AND NEW.attempts > OLD.attempts AND EXISTS (SELECT 1 FROM turn WHERE taken = NEW.tried_at)
    BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER take_your_turn AFTER UPDATE OF attempts ON post
    WHEN NEW.state = 'claimed' AND NEW.attempts > OLD.attempts
    BEGIN UPDATE turn SET taken = NEW.tried_at; END;";

/// The same on PostgreSQL, and a disk that can fill up.
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

/// Another program holds a lock, so that nobody can write.
const HOLD_ON_POSTGRES: &str = "DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', name);
    END LOOP; END $$;";

impl Ground {
    /// A database in the cluster named by `BELLRINGER_TEST_POSTGRES`, or a file.
    pub(crate) async fn fresh(is_in_a_file: bool) -> Self {
        let database = if is_in_a_file { None } else { Database::fresh().await };
        if let Some(database) = database {
            // Report a busy database soon; real waiting would gain nothing.
            database.tell(&format!("ALTER DATABASE {} SET lock_timeout = '100ms'", database.name())).await;
            return Self::Cluster(database);
        }
        // Writes don't wait for the disk.
        let memory = Path::new("/dev/shm");
        Self::File(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(folder) => format!("sqlite://{}", folder.path().join("bellringer.db").display()),
            Self::Cluster(database) => database.url(),
        }
    }

    /// One post at a time; and the bug to plant, if any.
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

    /// How long processes wait for a busy file, in milliseconds: short while a lock is held on purpose, since
    /// real time would pass for nothing; otherwise long enough for processes that collide by chance.
    pub(crate) async fn wait(&self, processes: &[Option<Process>], millis: u32) {
        if let Self::File(_) = self {
            for process in processes.iter().flatten() {
                process.tells(&format!("PRAGMA busy_timeout = {millis}")).await;
            }
        }
    }

    /// Fills the disk, or frees it again.
    pub(crate) async fn fill(&self, processes: &[Option<Process>], db: &Db, is_full: bool) {
        match self {
            // A limit below the current size means the current size.
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

    /// Holds a lock until the transaction ends.
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
