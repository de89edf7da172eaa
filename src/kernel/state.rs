//! What a use case needs of the running app. Passed down, never global.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::clock::Clock;
use super::db::Db;
use super::error::Error;
use super::ids::{Ids, reference};

/// The running app, as seen from a use case.
#[derive(Debug)]
pub struct State {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Rung when there is work for the worker.
    pub wake: Notify,
    ids: Ids,
    reported: AtomicU64,
}

impl State {
    /// The state of an app on a database and a clock.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, wake: Notify::new(), ids: Ids::new(), reported: AtomicU64::new(0) }
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
        self.reported.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%reference, doing, %error, "failed");
        reference
    }

    /// How many failures have been reported since the start.
    pub fn failures(&self) -> u64 {
        self.reported.load(Ordering::Relaxed)
    }
}
