//! SQLite's single writer, with group commit: a waiting writer joins the open transaction, behind a savepoint
//! of its own, and one commit makes all members durable. None of them is told before that.
//!
//! A commit costs a disk sync and a member's statements cost far less, so concurrent writers are faster
//! together than one after the other. If a member fails or is dropped, the next writer rolls it back alone.
//! If the database itself ends the transaction (a full disk, an I/O error), all members fail, and each is
//! told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::db::Fate;
use crate::kernel::error::{Error, Result};
use crate::shutdown::{spawn, spawn_last};

/// The most members in a group, so that the first doesn't wait for the hundredth.
const MOST: usize = 32;
/// The longest that a group stays open to new members.
const LONGEST: Duration = Duration::from_millis(25);
/// A writer that waits for its turn longer than this is told that the database isn't responding.
const PATIENCE: Duration = Duration::from_secs(10);

/// The result of a commit and, as far as the database has said, what became of the writes.
type Told = (Result<()>, Fate);

/// The shared single writer.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    desk: Arc<Mutex<Desk>>,
    /// How many writers wait to join the group.
    joining: Arc<AtomicUsize>,
    pool: AnyPool,
    commits: Counter,
}

/// The write connection, if it is open, and the group whose transaction is open on it.
#[derive(Debug, Default)]
struct Desk {
    connection: Option<PoolConnection<Any>>,
    group: Option<Group>,
}

/// Writers that share a transaction.
#[derive(Debug)]
struct Group {
    began: Instant,
    /// Members that have committed, and wait for the group's commit.
    members: Vec<oneshot::Sender<Told>>,
    /// Whether the writes since the savepoint are kept; if not, the next writer rolls them back.
    stands: bool,
}

/// A member's turn at the writer. If dropped without [`commit`](Turn::commit), its writes are rolled back.
#[derive(Debug)]
pub(super) struct Turn {
    desk: Option<OwnedMutexGuard<Desk>>,
    writer: Writer,
}

/// A writer waiting to join, until it gets its turn or gives up.
struct Joining(Option<Writer>);

impl Joining {
    fn new(writer: &Writer) -> Self {
        writer.joining.fetch_add(1, Ordering::AcqRel);
        Self(Some(writer.clone()))
    }

    /// It got its turn.
    fn joins(mut self) {
        if let Some(writer) = self.0.take() {
            writer.joining.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Joining {
    fn drop(&mut self) {
        let Some(writer) = self.0.take() else { return };
        writer.joining.fetch_sub(1, Ordering::AcqRel);
        // A group may have been kept open for it.
        spawn_last(async move {
            let desk = writer.desk.clone().lock_owned().await;
            writer.leave(desk);
        });
    }
}

impl Writer {
    pub(super) fn new(pool: AnyPool) -> Self {
        Self { desk: Arc::default(), joining: Arc::default(), pool, commits: Counter::default() }
    }

    /// How many transactions were committed.
    pub(super) fn commits(&self) -> &Counter {
        &self.commits
    }

    /// A turn in the open group if there is one.
    pub(super) async fn join(&self) -> Result<Turn> {
        let joining = Joining::new(self);
        let desk = self.desk().await?;
        joining.joins();
        self.turn(desk, true).await
    }

    /// A turn in a group of its own, for writes that take longer than others should wait.
    pub(super) async fn alone(&self) -> Result<Turn> {
        let desk = self.desk().await?;
        self.turn(desk, false).await
    }

    async fn desk(&self) -> Result<OwnedMutexGuard<Desk>> {
        let waited = tokio::time::timeout(PATIENCE, self.desk.clone().lock_owned()).await;
        waited.map_err(|_| sqlx::Error::PoolTimedOut.into())
    }

    /// Runs to completion even if the caller is gone: interrupted in the middle of a statement, the
    /// transaction's state would be unknown.
    async fn turn(&self, mut desk: OwnedMutexGuard<Desk>, joins: bool) -> Result<Turn> {
        let writer = self.clone();
        let begun = spawn(async move {
            if !joins {
                writer.end(&mut desk).await;
            }
            desk.begin(&writer).await?;
            Ok(Turn { desk: Some(desk), writer })
        });
        begun.await.unwrap_or_else(|_| Err(sqlx::Error::WorkerCrashed.into()))
    }

    /// Commits the open group, and tells its members the result.
    async fn end(&self, desk: &mut Desk) {
        let Some(group) = desk.group.take() else { return };
        if group.members.is_empty() {
            desk.roll_back().await;
            return;
        }
        // A failed member's writes go first.
        if !group.stands && desk.run("ROLLBACK TO SAVEPOINT member").await.is_err() {
            return desk.lose(group).await;
        }
        match desk.run("COMMIT").await.map_err(Error::from) {
            Ok(()) => {
                self.commits.inc();
                group.tell(&Ok(()), Fate::Written);
            }
            Err(error) => {
                desk.roll_back().await;
                let fate = Fate::of(&error);
                group.tell(&Err(Arc::new(error)), fate);
            }
        }
    }

    /// Leaves the group to a waiting writer, or else ends it.
    fn leave(&self, desk: OwnedMutexGuard<Desk>) {
        if desk.is_full() || self.joining.load(Ordering::Acquire) == 0 {
            let (writer, mut desk) = (self.clone(), desk);
            spawn_last(async move { writer.end(&mut desk).await });
        }
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        let mut desk = self.desk.lock().await;
        self.end(&mut desk).await;
        desk.connection = None;
    }
}

impl Group {
    fn tell(self, committed: &Result<(), Arc<Error>>, fate: Fate) {
        for member in self.members {
            // A caller that is gone needs no answer.
            let _ = member.send((committed.clone().map_err(Error::Shared), fate));
        }
    }
}

impl Desk {
    fn is_full(&self) -> bool {
        self.group.as_ref().is_some_and(|it| it.members.len() >= MOST || it.began.elapsed() >= LONGEST)
    }

    /// Opens a savepoint in the group's transaction, or in a new one.
    async fn begin(&mut self, writer: &Writer) -> Result<()> {
        if self.group.as_ref().is_some_and(|group| group.members.is_empty()) {
            self.group = None;
            self.roll_back().await;
        }
        if let Some(mut group) = self.group.take() {
            let last = if group.stands {
                "RELEASE SAVEPOINT member; SAVEPOINT member"
            } else {
                "ROLLBACK TO SAVEPOINT member"
            };
            if self.run(last).await.is_ok() {
                group.stands = false;
                self.group = Some(group);
                return Ok(());
            }
            self.lose(group).await;
        }
        if self.connection.is_none() {
            self.connection = Some(writer.pool.acquire().await?);
        }
        // IMMEDIATE: a transaction that reads first and only then finds that it can't write would have to
        // start over.
        if let Err(error) = self.run("BEGIN IMMEDIATE; SAVEPOINT member").await {
            self.roll_back().await;
            return Err(error.into());
        }
        self.group = Some(Group { began: Instant::now(), members: Vec::new(), stands: false });
        Ok(())
    }

    /// Everything the group has written is lost: without its savepoint, the database has ended the
    /// transaction by itself, which it does when it is in trouble, and not over what it was asked.
    async fn lose(&mut self, group: Group) {
        self.roll_back().await;
        let ended = std::io::Error::other("the database has ended the transaction");
        group.tell(&Err(Arc::new(sqlx::Error::Io(ended).into())), Fate::Unwritten);
    }

    /// Leaves nothing open. ROLLBACK fails if the database has already ended the transaction; that's fine.
    async fn roll_back(&mut self) {
        if self.connection.is_none()
            || matches!(self.run("ROLLBACK").await, Ok(()) | Err(sqlx::Error::Database(_)))
        {
            return;
        }
        // The connection's state is unknown.
        if let Some(connection) = self.connection.take() {
            let _ = connection.detach().close_hard().await;
        }
    }

    async fn run(&mut self, sql: &'static str) -> sqlx::Result<()> {
        let connection = self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        sqlx::raw_sql(sql).execute(connection).await.map(drop)
    }
}

impl Turn {
    /// The connection to write with.
    pub(super) fn connection(&self) -> &AnyConnection {
        self.desk.as_ref().and_then(|desk| desk.connection.as_deref()).expect("a turn has a connection")
    }

    /// The same.
    pub(super) fn connection_mut(&mut self) -> &mut AnyConnection {
        let desk = self.desk.as_mut();
        desk.and_then(|desk| desk.connection.as_deref_mut()).expect("a turn has a connection")
    }

    /// Makes it durable together with the rest of the group: once this returns, a power cut can't undo it.
    pub(super) async fn commit(mut self) -> Told {
        let unknown = || (Err(sqlx::Error::WorkerCrashed.into()), Fate::Unknown);
        let (tell, told) = oneshot::channel();
        let Some(mut desk) = self.desk.take() else { return unknown() };
        let Some(group) = &mut desk.group else { return unknown() };
        group.members.push(tell);
        group.stands = true;
        self.writer.leave(desk);
        told.await.unwrap_or_else(|_| unknown())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.take() {
            self.writer.leave(desk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::{Db, Tx};

    async fn open() -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await;
        (folder, db.expect("a file"))
    }

    async fn writes(tx: &mut Tx, id: i64) {
        sqlx::query(
            "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES ($1, 'UTC', 'USD', 0, 0)",
        )
        .bind(id)
        .execute(&mut **tx)
        .await
        .expect("it can be written");
    }

    async fn written(db: &Db) -> Vec<i64> {
        let rows: Vec<(i64,)> =
            sqlx::query_as("SELECT id FROM guild ORDER BY id").fetch_all(db.read()).await.expect("rows");
        rows.into_iter().map(|(id,)| id).collect()
    }

    /// Gives all waiting writers time to queue.
    async fn all_wait() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// Starts a task that opens a transaction, writes and commits.
    fn commits(db: &Db, id: i64) -> tokio::task::JoinHandle<Result<()>> {
        let db = db.clone();
        spawn(async move {
            let mut tx = db.write().await?;
            writes(&mut tx, id).await;
            tx.commit().await
        })
    }

    #[tokio::test]
    async fn those_who_wait_are_committed_together_and_none_is_told_before() {
        let (_folder, db) = open().await;
        let mut first = db.write().await.expect("the first");
        writes(&mut first, 1).await;
        let others: Vec<_> = (2..10).map(|id| commits(&db, id)).collect();
        all_wait().await;
        let mut last = Box::pin(db.write());
        assert!(futures_util::poll!(&mut last).is_pending(), "the first has not ended");
        let mut told = Box::pin(first.commit());
        assert!(futures_util::poll!(&mut told).is_pending());
        let last = last.await.expect("the last of them");
        assert!(futures_util::poll!(&mut told).is_pending(), "nothing is durable yet");
        assert!(others.iter().all(|other| !other.is_finished()), "nor told");
        assert_eq!((written(&db).await, db.commits().get()), (Vec::new(), 0));
        last.commit().await.expect("it commits");
        told.await.expect("so has the first");
        for other in others {
            other.await.expect("no panic").expect("and all others");
        }
        assert_eq!((written(&db).await, db.commits().get()), ((1..10).collect(), 1));
    }

    #[tokio::test]
    async fn who_fails_or_goes_away_is_rolled_back_alone() {
        let (_folder, db) = open().await;
        let mut first = db.write().await.expect("the first");
        writes(&mut first, 1).await;
        let goes = {
            let db = db.clone();
            spawn(async move {
                let mut tx = db.write().await.expect("a turn");
                writes(&mut tx, 2).await;
                let taken = sqlx::query(
                    "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (1, '', '', 0, 0)",
                );
                assert!(taken.execute(&mut *tx).await.is_err(), "there is one of that id");
            })
        };
        all_wait().await;
        let stays = commits(&db, 3);
        all_wait().await;
        // A writer that gives up waiting blocks nobody.
        let gives_up = spawn({
            let db = db.clone();
            async move { db.write().await.map(drop) }
        });
        all_wait().await;
        gives_up.abort();
        first.commit().await.expect("it commits");
        goes.await.expect("no panic");
        stays.await.expect("no panic").expect("it commits");
        assert_eq!(written(&db).await, [1, 3]);
        drop(db.write().await.expect("a turn"));
        commits(&db, 4).await.expect("no panic").expect("it commits");
        assert_eq!(written(&db).await, [1, 3, 4]);
    }

    #[tokio::test]
    async fn who_asked_and_is_gone_before_being_told_is_written_like_the_others() {
        let (_folder, db) = open().await;
        let mut first = db.write().await.expect("the first");
        writes(&mut first, 1).await;
        let second = commits(&db, 2);
        all_wait().await;
        let mut told = Box::pin(first.commit());
        assert!(futures_util::poll!(&mut told).is_pending());
        drop(told);
        second.await.expect("no panic").expect("it commits");
        assert_eq!(written(&db).await, [1, 2]);
    }

    #[tokio::test]
    async fn where_the_database_ends_the_transaction_all_fail_and_the_next_begins_anew() {
        let (_folder, db) = open().await;
        let mut first = db.write().await.expect("the first");
        writes(&mut first, 1).await;
        let ends = spawn({
            let db = db.clone();
            async move {
                let mut tx = db.write().await.expect("a turn");
                sqlx::raw_sql("ROLLBACK").execute(&mut *tx).await.expect("as a full disk does");
            }
        });
        all_wait().await;
        let next = commits(&db, 3);
        all_wait().await;
        let told = crate::store::db::keeping_in_mind(async {
            let refused = first.commit().await.expect_err("it is lost");
            (refused.is_passing(), crate::store::db::fate())
        });
        assert_eq!(told.await, (true, Fate::Unwritten));
        ends.await.expect("no panic");
        next.await.expect("no panic").expect("it is of another group");
        assert_eq!(written(&db).await, [3]);
    }

    #[tokio::test]
    async fn where_the_last_of_a_group_meets_the_end_of_the_transaction_the_others_fail_too() {
        let (_folder, db) = open().await;
        let mut first = db.write().await.expect("the first");
        writes(&mut first, 1).await;
        let mut last = Box::pin(db.write());
        assert!(futures_util::poll!(&mut last).is_pending());
        let mut told = Box::pin(first.commit());
        assert!(futures_util::poll!(&mut told).is_pending());
        let mut last = last.await.expect("a turn");
        sqlx::raw_sql("ROLLBACK").execute(&mut *last).await.expect("as a full disk does");
        drop(last);
        assert!(told.await.expect_err("it is lost").is_passing());
        commits(&db, 2).await.expect("no panic").expect("it is of another group");
        assert_eq!(written(&db).await, [2]);
    }

    #[tokio::test]
    async fn what_takes_longer_is_waited_for_by_nobody_who_came_before() {
        let (_folder, db) = open().await;
        let mut first = db.write().await.expect("the first");
        writes(&mut first, 1).await;
        let mut alone = Box::pin(db.write_alone());
        assert!(futures_util::poll!(&mut alone).is_pending());
        first.commit().await.expect("it doesn't wait");
        let mut alone = alone.await.expect("a turn");
        assert_eq!(written(&db).await, [1]);
        writes(&mut alone, 2).await;
        alone.commit().await.expect("it commits");
        assert_eq!((written(&db).await, db.commits().get()), (vec![1, 2], 2));
    }
}
