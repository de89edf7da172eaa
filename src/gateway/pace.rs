//! Limits how often to connect to the gateway: sessions that end right away are retried with growing pauses,
//! and Discord lets a bot identify only 1,000 times a day.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::config::Shards;
use crate::kernel::patience::{Waits, pause};

const DAY: Duration = Duration::from_hours(24);
/// How many of the bot's 1,000 a day to use; the rest is left for restarts.
const A_DAY: u32 = 800;
/// How many identifies the whole bot may burst, beyond one per shard.
const SPARE: u32 = 20;
/// How many connections may burst, beyond one per shard; then one a second.
const CONNECTIONS: u32 = 60;
/// Longer waits for an identify are logged and checked again after this.
const LONG: Duration = Duration::from_secs(30);

/// The remaining identifies of the day, according to Discord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identifies {
    /// The daily total.
    pub total: u64,
    /// What is left until `reset_after`.
    pub remaining: u64,
    /// The time until `total` is available again.
    pub reset_after: Duration,
}

/// The pace of one process.
#[derive(Debug)]
pub(super) struct Pace {
    waits: Waits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Consecutive connections that Discord ended before accepting a session.
    unwelcome: u32,
    /// Earliest time of the next connection.
    next: Instant,
    connections: Bucket,
    identifies: Bucket,
    /// What Discord said is left, and when that resets to a full day's.
    left: Option<(u64, Instant)>,
    total: u64,
    /// When a shard last was about to identify.
    begun: Option<Instant>,
}

/// Allows a burst, then one per `period`.
#[derive(Debug)]
struct Bucket {
    period: Duration,
    burst: u32,
    /// When it is full again.
    full_at: Instant,
}

impl Bucket {
    /// Takes one token, or returns how long to wait.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let full_at = self.full_at.max(now);
        let owed = full_at - now;
        // The whole burst is used up.
        let most = self.period * self.burst.saturating_sub(1);
        if owed > most {
            return Err(owed.saturating_sub(most));
        }
        self.full_at = full_at + self.period;
        Ok(())
    }
}

impl State {
    fn connects(&mut self, now: Instant) -> Result<(), Duration> {
        if self.next > now {
            return Err(self.next - now);
        }
        self.connections.take(now)
    }

    fn identifies(&mut self, now: Instant) -> Result<(), Duration> {
        self.begun = Some(now);
        if let Some((left, reset_at)) = &mut self.left {
            if now >= *reset_at {
                (*left, *reset_at) = (self.total, now + DAY);
            }
            if *left == 0 {
                return Err(*reset_at - now);
            }
        }
        self.identifies.take(now)?;
        if let Some((left, _)) = &mut self.left {
            *left -= 1;
        }
        Ok(())
    }

    fn ended(&mut self, was_welcome: bool, now: Instant) {
        self.unwelcome = if was_welcome { 0 } else { self.unwelcome.saturating_add(1) };
        // The first one may be a coincidence.
        if let Some(more) = self.unwelcome.checked_sub(2) {
            self.next = now + pause(more);
        }
    }
}

impl Pace {
    /// The pace of a process with these shards.
    pub(super) fn new(shards: Shards, identifies: Option<Identifies>, waits: Waits) -> Self {
        let (now, own) = (Instant::now(), shards.last - shards.first + 1);
        let bucket = |period, burst| Bucket { period, burst, full_at: now };
        // The process gets its share of the bot's limit.
        let period = DAY * shards.total / (A_DAY * own);
        let state = State {
            unwelcome: 0,
            next: now,
            connections: bucket(Duration::from_secs(1), own + CONNECTIONS),
            identifies: bucket(period, own + SPARE * own / shards.total),
            left: identifies.map(|it| (it.remaining, now + it.reset_after)),
            total: identifies.map_or(u64::MAX, |it| it.total),
            begun: None,
        };
        Self { waits, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until another connection may be made.
    pub(super) async fn before_connecting(&self) {
        loop {
            let taken = self.state().connects(Instant::now());
            match taken {
                Ok(()) => return,
                Err(wait) => sleep(wait).await,
            }
        }
    }

    /// Waits until another identify is allowed. Takes nothing if dropped before.
    pub(super) async fn before_identifying(&self) {
        const WHAT: &str = "Discord to let the bot identify again";
        loop {
            let taken = self.state().identifies(Instant::now());
            match taken {
                Ok(()) => {
                    self.waits.end(WHAT);
                    return;
                }
                Err(wait) => {
                    if wait > LONG {
                        let why = format!("the limit is 1,000 a day; the next is in {} s", wait.as_secs());
                        self.waits.begin(WHAT, &why);
                    }
                    sleep(wait.min(LONG)).await;
                }
            }
        }
    }

    /// Whether a shard was about to identify within this time.
    pub(super) fn begins(&self, within: Duration) -> bool {
        self.state().begun.is_some_and(|begun| begun.elapsed() < within)
    }

    /// A connection has ended, before or after Discord accepted a session.
    pub(super) fn ended(&self, was_welcome: bool, how: &str) {
        const WHAT: &str = "Discord to accept the session";
        let mut state = self.state();
        state.ended(was_welcome, Instant::now());
        if was_welcome {
            self.waits.end(WHAT);
        } else if state.unwelcome > 1 {
            self.waits.begin(WHAT, how);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace(shards: Shards, left: Option<Identifies>) -> State {
        Pace::new(shards, left, Waits::default()).state.into_inner().unwrap()
    }

    /// How many get through in a time if each comes as soon as allowed.
    fn through(mut take: impl FnMut(Instant) -> Result<(), Duration>, within: Duration) -> usize {
        let (begun, mut now, mut count) = (Instant::now(), Instant::now(), 0);
        while now - begun < within {
            match take(now) {
                Ok(()) => count += 1,
                Err(wait) => now += wait,
            }
        }
        count
    }

    #[test]
    fn however_often_a_session_is_lost_a_day_of_identifying_is_not_spent() {
        for shards in [
            Shards { first: 0, last: 0, total: 1 },
            Shards { first: 0, last: 3, total: 8 },
            Shards { first: 0, last: 15, total: 16 },
        ] {
            let mut state = pace(shards, None);
            let own = usize::try_from(shards.last - shards.first + 1).unwrap();
            let share = 1000 * own / usize::try_from(shards.total).unwrap();
            let count = through(|now| state.identifies(now), DAY);
            assert!(count > own && count < share, "{shards:?}: {count} of {share}");
        }
    }

    #[test]
    fn what_discord_says_is_left_is_all_there_is_until_it_says_so() {
        let shards = Shards { first: 0, last: 0, total: 1 };
        let left = Identifies { total: 1000, remaining: 3, reset_after: 3600 * SECOND };
        let mut state = pace(shards, Some(left));
        assert_eq!(through(|now| state.identifies(now), 3000 * SECOND), 3);
        let mut state = pace(shards, Some(left));
        assert!(through(|now| state.identifies(now), 2 * 3600 * SECOND) > 3);
    }

    #[test]
    fn who_is_not_welcome_comes_more_and_more_slowly_until_welcome() {
        let mut state = pace(Shards { first: 0, last: 0, total: 1 }, None);
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..10 {
            state.ended(false, now);
            let wait = state.connects(now).err().unwrap_or_default();
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        state.ended(true, now);
        assert_eq!(state.connects(now), Ok(()));
        // Even with each session accepted, connections stay close to one a second.
        assert!(through(|now| state.connects(now), 600 * SECOND) < 700);
    }
}
