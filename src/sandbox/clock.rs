//! The sandbox's clock: the system's, or one set by hand. The only place that reads the system's time.

use chrono::{DateTime, Utc};

/// What time it is in the sandbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    by_hand: Option<DateTime<Utc>>,
}

impl Clock {
    /// A clock that stands at `by_hand`, or follows the system when that is `None`.
    pub(crate) const fn new(by_hand: Option<DateTime<Utc>>) -> Self {
        Self { by_hand }
    }

    pub(crate) fn now(self) -> DateTime<Utc> {
        self.by_hand.unwrap_or_else(system)
    }

    pub(crate) const fn is_set_by_hand(self) -> bool {
        self.by_hand.is_some()
    }
}

/// A time as Discord writes it.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox's one reader of the system's time")]
fn system() -> DateTime<Utc> {
    Utc::now()
}
