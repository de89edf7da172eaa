//! Backoff, and waiting for something that isn't available: with longer and longer pauses, and few log lines.
//! Every backoff in the code base uses [`doubled`] or [`half`].

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::time::sleep;

/// The longest pause between two tries.
const LONGEST: TimeDelta = TimeDelta::minutes(1);
/// An attempt that takes longer than this is reported as waiting.
const AT_ONCE: Duration = Duration::from_secs(2);
/// The log repeats the same wait no more often than this.
const SELDOM: Duration = Duration::from_mins(15);

/// What a process is waiting for, as shown in its log and on its health pages.
#[derive(Debug, Clone, Default)]
pub struct Waits(Arc<Mutex<BTreeMap<&'static str, Waiting>>>);

#[derive(Debug)]
struct Waiting {
    why: String,
    told: Instant,
}

impl Waits {
    fn all(&self) -> MutexGuard<'_, BTreeMap<&'static str, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts waiting for something. Logged at first, then at most once per interval.
    pub fn begin(&self, what: &'static str, why: &str) {
        let now = Instant::now();
        let mut all = self.all();
        let told = all.get(what).map(|waiting| waiting.told).filter(|told| now - *told < SELDOM);
        if told.is_none() {
            tracing::warn!("waiting for {what}: {why}");
        }
        all.insert(what, Waiting { why: why.to_owned(), told: told.unwrap_or(now) });
    }

    /// The wait is over.
    pub fn end(&self, what: &'static str) {
        if self.all().remove(what).is_some() {
            tracing::info!("the wait for {what} is over");
        }
    }

    /// What it is waiting for now, if anything.
    pub fn told(&self) -> Option<String> {
        let all = self.all();
        let told = |(what, waiting): (&&str, &Waiting)| format!("waiting for {what}: {}", waiting.why);
        (!all.is_empty()).then(|| all.iter().map(told).collect::<Vec<_>>().join("; "))
    }
}

/// Repeated attempts at one thing.
#[derive(Debug)]
pub struct Patience<'a> {
    waits: &'a Waits,
    what: &'static str,
    failures: u32,
}

impl<'a> Patience<'a> {
    /// Before the first try.
    pub fn new(waits: &'a Waits, what: &'static str) -> Self {
        Self { waits, what, failures: 0 }
    }

    /// Runs one attempt. If it takes a while, it is reported that there is no answer yet.
    pub async fn during<T>(&self, attempt: impl Future<Output = T>) -> T {
        let mut attempt = pin!(attempt);
        tokio::select! {
            came = &mut attempt => came,
            () = sleep(AT_ONCE) => {
                self.waits.begin(self.what, "no answer yet");
                attempt.await
            }
        }
    }

    /// After a failed attempt: waits until it is time for the next.
    pub async fn again(&mut self, why: &str) {
        self.waits.begin(self.what, why);
        sleep(pause(self.failures)).await;
        self.failures += 1;
    }

    /// After a successful attempt.
    pub fn rewarded(self) {
        self.waits.end(self.what);
    }
}

/// The wait after this many failures before the latest: a second, doubling up to a minute.
pub fn pause(failures: u32) -> Duration {
    doubled(TimeDelta::seconds(1), failures, LONGEST).to_std().unwrap_or_default()
}

/// A doubling backoff by number of failures: the first pause after none of them, up to the longest.
pub fn doubled(first: TimeDelta, failures: u32, longest: TimeDelta) -> TimeDelta {
    (first * (1 << failures.min(16))).min(longest)
}

/// A backoff by how long something has been failing: half of that, at least five seconds, up to the longest.
/// So attempts get rarer however long each takes, and their number needn't be stored.
pub fn half(failing: TimeDelta, longest: TimeDelta) -> TimeDelta {
    (failing / 2).clamp(TimeDelta::seconds(5), longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_minute() {
        let seconds: Vec<u64> = (0..8).chain([u32::MAX]).map(|it| pause(it).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn what_knows_since_when_it_has_failed_waits_for_half_of_that() {
        let after = |seconds| half(TimeDelta::seconds(seconds), TimeDelta::minutes(1)).num_seconds();
        assert_eq!([-60, 0, 9, 40, 119, 3600].map(after), [5, 5, 5, 20, 59, 60]);
    }

    #[test]
    fn what_is_waited_for_is_told_until_it_is_there() {
        let waits = Waits::default();
        waits.begin("PostgreSQL", "no answer");
        waits.begin("PostgreSQL", "refused");
        assert_eq!(waits.told().as_deref(), Some("waiting for PostgreSQL: refused"));
        waits.end("PostgreSQL");
        assert_eq!(waits.told(), None);
    }
}
