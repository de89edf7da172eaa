//! The only reader of the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// The system's time, or one that is set by hand, so that a year can be run in seconds.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Hand>>);

#[derive(Debug)]
struct Hand {
    micros: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is set.
    pub fn by_hand(now: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Hand { micros: AtomicI64::new(now.timestamp_micros()), moved: Notify::new() })))
    }

    /// Moves a clock set by hand; the system's can't be moved and stays.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Some(hand) = &self.0 {
            hand.micros.store(now.timestamp_micros(), Ordering::Release);
            hand.moved.notify_waiters();
        }
    }

    /// The present instant, to the microsecond.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Some(hand) => at(hand.micros.load(Ordering::Acquire)),
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that reads the system's time"
            )]
            None => at(Utc::now().timestamp_micros()),
        }
    }

    /// Ends after `span` on the system's clock; on one set by hand, when it is next moved.
    pub async fn pass(&self, span: TimeDelta) {
        match &self.0 {
            Some(hand) => hand.moved.notified().await,
            None => tokio::time::sleep(span.to_std().unwrap_or_default()).await,
        }
    }
}

/// The instant at `micros` microseconds since 1970 in UTC, as the database keeps it.
pub fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}
