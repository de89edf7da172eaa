//! The sandbox's clock: the system's, or one set by hand that stands still or runs at its own speed. The only
//! place that reads the system's time.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// First millisecond of Discord's snowflakes.
pub(crate) const EPOCH_MS: i64 = 1_420_070_400_000;

/// What time it is in the sandbox.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The system's clock.
    System,
    /// Was `at` when set, and has run `speed` times as fast as the system's since; at 0 it stands still.
    ByHand { at: DateTime<Utc>, since: Instant, speed: u32 },
}

impl Clock {
    /// A clock that stands at `at`, or follows the system when that is `None`.
    pub(crate) fn new(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::System, |at| Self::set(at, 0))
    }

    /// A clock that starts at `at` and runs `speed` times as fast as the system's.
    pub(crate) fn set(at: DateTime<Utc>, speed: u32) -> Self {
        Self::ByHand { at, since: Instant::now(), speed }
    }

    pub(crate) fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => system(),
            Self::ByHand { at, speed: 0, .. } => at,
            Self::ByHand { at, since, speed } => {
                let passed = TimeDelta::from_std(since.elapsed()).unwrap_or_default();
                let passed = passed.checked_mul(i32::try_from(speed).unwrap_or(i32::MAX));
                passed.and_then(|passed| at.checked_add_signed(passed)).unwrap_or(at).min(latest())
            }
        }
    }

    /// Simulated seconds per second; `None` for the system's clock.
    pub(crate) const fn speed(self) -> Option<u32> {
        match self {
            Self::System => None,
            Self::ByHand { speed, .. } => Some(speed),
        }
    }
}

/// Discord's ids begin here.
pub(crate) fn earliest() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(EPOCH_MS).unwrap_or_default()
}

/// The last time that fits into an id.
pub(crate) fn latest() -> DateTime<Utc> {
    earliest() + TimeDelta::days(49_000)
}

/// A time in Discord's format.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox's one reader of the system's time")]
fn system() -> DateTime<Utc> {
    Utc::now()
}
