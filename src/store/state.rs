//! What a use case needs of the running app. Passed down, never global.

use std::sync::atomic::AtomicI64;

use chrono::TimeDelta;
use tokio::sync::watch;

use super::db::{Db, Tx};
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{Ids, reference};
use crate::kernel::patience::half;
use crate::store::meters::Meters;

/// The running app, as seen from a use case.
#[derive(Debug)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What is counted and timed.
    pub meters: Meters,
    /// When this process pruned what is old, in microseconds since 1970; 0 before it has.
    pub pruned_at: AtomicI64,
    wake: watch::Sender<()>,
    ids: Ids,
}

impl State {
    /// The state of an app on a database and a clock.
    pub fn new(db: Db, clock: Clock) -> Self {
        let meters = Meters::new(&db);
        let pruned_at = AtomicI64::default();
        Self { db, clock, meters, pruned_at, wake: watch::Sender::new(()), ids: Ids::new() }
    }

    /// Tells the worker that there is work.
    pub fn wake(&self) {
        self.wake.send_replace(());
    }

    /// Changes whenever there is work.
    pub fn woken(&self) -> watch::Receiver<()> {
        self.wake.subscribe()
    }

    /// How long to wait for what is due at `next`, in microseconds since 1970: not so short as to spin, not so long as to
    /// miss a changed clock or what another process has done.
    pub fn wait_until(&self, next: Option<i64>) -> TimeDelta {
        let wait = next.unwrap_or(i64::MAX).saturating_sub(self.micros());
        TimeDelta::microseconds(wait).clamp(TimeDelta::milliseconds(50), TimeDelta::seconds(30))
    }

    /// When to try again what has been due since `due` and failed, both in microseconds since 1970: the longer it has
    /// failed, the later.
    pub fn retry(&self, due: i64) -> i64 {
        let now = self.micros();
        let wait = half(TimeDelta::microseconds(now - due), TimeDelta::minutes(10));
        now + wait.num_microseconds().unwrap_or_default()
    }

    /// Whatever is put off until later than this was put off before the clock was set back: it is not put off any more.
    pub fn latest_retry(&self) -> i64 {
        self.micros() + 900_000_000
    }

    /// Reports what went wrong while working, and says how long to wait before the next try.
    pub fn troubled(&self, doing: &str, error: &Error) -> TimeDelta {
        self.report(doing, error);
        TimeDelta::seconds(5)
    }

    /// Lets every later id be larger than those of the posts that are there, so that their order holds when the clock was
    /// set back while nobody ran.
    pub async fn resume_ids(&self) -> sqlx::Result<()> {
        let (last,): (Option<i64>,) =
            sqlx::query_as("SELECT MAX(id) FROM post").fetch_one(self.db.read()).await?;
        self.ids.after(last.unwrap_or_default());
        Ok(())
    }

    /// Commits what somebody asked for, and wakes whoever has work by it.
    ///
    /// # Errors
    /// When the database refuses, or does not answer: then it is unknown.
    pub async fn commit(&self, tx: Tx) -> Result<()> {
        tx.commit().await?;
        self.wake();
        Ok(())
    }

    /// A fresh id of any kind.
    pub fn id(&self) -> i64 {
        self.ids.next(&self.clock)
    }

    /// The time as the database keeps it: microseconds since 1970 in UTC.
    pub fn micros(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }

    /// Logs a failure, once, and returns the reference by which a person can quote it.
    pub fn report(&self, doing: &str, error: &Error) -> String {
        let reference = reference(self.id());
        self.meters.failed();
        tracing::error!(%reference, doing, %error, "failed");
        reference
    }

    /// How many failures have been reported since the start.
    pub fn failures(&self) -> u64 {
        self.meters.failures()
    }
}
