//! What a use case needs of the running app. Passed down, never global.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;

use chrono::TimeDelta;
use tokio::sync::watch;

use super::db::{Db, Tx};
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GuildId, Ids, MetricId, reference};
use crate::kernel::patience::half;
use crate::store::meters::Meters;

/// The running app, as seen from a use case.
#[derive(Debug)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Metrics.
    pub meters: Meters,
    /// When this process last pruned old data, in microseconds since 1970; 0 before the first time.
    pub pruned_at: AtomicI64,
    /// The ids of what never changes while a guild is there, by the guild and when it was met, so that they are never those of
    /// one that was erased: its metrics for wins, revenue and assists.
    pub counted_on: Mutex<HashMap<(GuildId, i64), [MetricId; 3]>>,
    wake: watch::Sender<()>,
    ids: Ids,
}

impl State {
    /// The state of an app on a database and a clock.
    pub fn new(db: Db, clock: Clock) -> Self {
        let meters = Meters::new(&db);
        let pruned_at = AtomicI64::default();
        let counted_on = Mutex::default();
        Self { db, clock, meters, pruned_at, counted_on, wake: watch::Sender::new(()), ids: Ids::new() }
    }

    /// Tells the worker that there is work.
    pub fn wake(&self) {
        self.wake.send_replace(());
    }

    /// Changes whenever there is work.
    pub fn woken(&self) -> watch::Receiver<()> {
        self.wake.subscribe()
    }

    /// How long to wait for what is due at `next`, in microseconds since 1970: not so short that it spins,
    /// nor so long that it misses a clock change or another process's work.
    pub fn wait_until(&self, next: Option<i64>) -> TimeDelta {
        let wait = next.unwrap_or(i64::MAX).saturating_sub(self.micros());
        TimeDelta::microseconds(wait).clamp(TimeDelta::milliseconds(50), TimeDelta::seconds(30))
    }

    /// When to retry something that has been due since `due` and failed, both in microseconds since 1970: the
    /// longer it has failed, the later.
    pub fn retry(&self, due: i64) -> i64 {
        let now = self.micros();
        let wait = half(TimeDelta::microseconds(now - due), TimeDelta::minutes(10));
        now + wait.num_microseconds().unwrap_or_default()
    }

    /// A retry time later than this dates from before the clock was set back, and is ignored.
    pub fn latest_retry(&self) -> i64 {
        self.micros() + 900_000_000
    }

    /// Reports an error of background work, and returns how long to wait before the next attempt.
    pub fn troubled(&self, doing: &str, error: &Error) -> TimeDelta {
        self.report(doing, error);
        TimeDelta::seconds(5)
    }

    /// Makes every later id larger than those of existing posts, so that their order holds even if the clock
    /// was set back while the bot was down.
    pub async fn resume_ids(&self) -> sqlx::Result<()> {
        let (last,): (Option<i64>,) =
            sqlx::query_as("SELECT MAX(id) FROM post").fetch_one(self.db.read()).await?;
        self.ids.after(last.unwrap_or_default());
        Ok(())
    }

    /// Commits what somebody asked for, and wakes the worker.
    ///
    /// # Errors
    /// When the database refuses, or doesn't answer: then the outcome is unknown.
    pub async fn commit(&self, tx: Tx) -> Result<()> {
        tx.commit().await?;
        self.wake();
        Ok(())
    }

    /// A fresh id of any kind.
    pub fn id(&self) -> i64 {
        self.ids.next(&self.clock)
    }

    /// The time as stored in the database: microseconds since 1970 in UTC.
    pub fn micros(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }

    /// Logs a failure once, and returns the reference that a person can quote.
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
