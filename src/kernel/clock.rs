//! The only place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// The system clock, or one set by hand, so that a year can run in seconds.
#[derive(Debug, Clone)]
pub struct Clock {
    began: Instant,
    hand: Option<Arc<Hand>>,
}

#[derive(Debug)]
struct Hand {
    micros: AtomicI64,
    /// Microseconds elapsed, unaffected by corrections of the time.
    passed: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self { began: Instant::now(), hand: None }
    }

    /// A clock that only moves when it is set.
    pub fn by_hand(now: DateTime<Utc>) -> Self {
        let hand = Hand {
            micros: AtomicI64::new(now.timestamp_micros()),
            passed: AtomicI64::new(0),
            moved: Notify::new(),
        };
        Self { hand: Some(Arc::new(hand)), ..Self::system() }
    }

    /// Advances a clock set by hand to `now`. Does nothing to the system clock.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Some(hand) = &self.hand {
            let before = hand.micros.swap(now.timestamp_micros(), Ordering::AcqRel);
            hand.passed.fetch_add((now.timestamp_micros() - before).max(0), Ordering::AcqRel);
            hand.moved.notify_waiters();
        }
    }

    /// Corrects a clock set by hand: it shows another time, but no time has elapsed.
    pub fn correct(&self, now: DateTime<Utc>) {
        if let Some(hand) = &self.hand {
            hand.micros.store(now.timestamp_micros(), Ordering::Release);
            hand.moved.notify_waiters();
        }
    }

    /// The present instant, to the microsecond.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.hand {
            Some(hand) => at(hand.micros.load(Ordering::Acquire)),
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that reads the system's time"
            )]
            None => at(Utc::now().timestamp_micros()),
        }
    }

    /// How long this clock has run. Monotonic: corrections of the time don't affect it.
    pub fn steady(&self) -> Duration {
        match &self.hand {
            Some(hand) => {
                Duration::from_micros(hand.passed.load(Ordering::Acquire).try_into().unwrap_or_default())
            }
            None => self.began.elapsed(),
        }
    }

    /// Completes after `span` on the system clock; on a clock set by hand, the next time it moves.
    pub async fn pass(&self, span: TimeDelta) {
        match &self.hand {
            Some(hand) => hand.moved.notified().await,
            None => tokio::time::sleep(span.to_std().unwrap_or_default()).await,
        }
    }
}

/// The instant at `micros` microseconds since 1970 in UTC, as stored in the database.
pub fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_moves_the_time_and_no_time_passes() {
        let clock = Clock::by_hand(at(0));
        clock.set(at(40_000_000));
        clock.correct(at(3_600_000_000));
        clock.correct(at(5));
        assert_eq!((clock.now(), clock.steady()), (at(5), Duration::from_secs(40)));
        clock.set(at(1_000_005));
        assert_eq!(clock.steady(), Duration::from_secs(41));
        clock.set(at(0));
        assert_eq!(clock.steady(), Duration::from_secs(41), "nothing goes back");
    }
}
