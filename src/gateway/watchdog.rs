//! Ends the process when a shard is dead: serenity retries forever, and a shard can die silently.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serenity::all::{ConnectionStage, ShardManager};

use super::relay::Relay;
use crate::config::Shards;
use crate::store::state::State;

/// How often the shards are checked.
const GLANCE: Duration = Duration::from_secs(1);
/// serenity starts a shard this long after the previous one.
const BETWEEN: Duration = Duration::from_secs(5);

/// When each shard last showed signs of life.
#[derive(Debug)]
struct Watchdog {
    patience: Duration,
    shards: HashMap<u32, Observed>,
}

#[derive(Debug)]
struct Observed {
    at: Instant,
    heartbeat: Option<Duration>,
}

impl Watchdog {
    fn new(shards: Shards, patience: Duration, now: Instant) -> Self {
        let seen = |(turn, shard)| (shard, Observed { at: now + BETWEEN * turn, heartbeat: None });
        Self { patience, shards: (0..).zip(shards.first..=shards.last).map(seen).collect() }
    }

    /// Records a check. Latencies are measured in nanoseconds, so a different value than at the last check
    /// means a new heartbeat.
    fn look(&mut self, shard: u32, heartbeat: Option<Duration>, now: Instant) {
        if let Some(seen) =
            self.shards.get_mut(&shard).filter(|seen| heartbeat.is_some() && seen.heartbeat != heartbeat)
        {
            *seen = Observed { at: now, heartbeat };
        }
    }

    /// A shard without signs of life for longer than `patience`.
    fn dead(&self, now: Instant) -> Option<u32> {
        let is_dead = |seen: &Observed| now.saturating_duration_since(seen.at) > self.patience;
        self.shards.iter().find(|(_, seen)| is_dead(seen)).map(|(shard, _)| *shard)
    }
}

/// Watches until a shard is dead, and returns its number.
pub(super) async fn watch(
    manager: &ShardManager,
    relay: &Relay,
    shards: Shards,
    patience: Duration,
    state: &State,
) -> u32 {
    let mut watchdog = Watchdog::new(shards, patience, Instant::now());
    loop {
        // While sessions keep being started and lost, a restart would only use up identifies faster.
        if relay.begins(patience) {
            watchdog = Watchdog::new(shards, patience, Instant::now());
        }
        for (id, runner) in &*manager.runners.lock().await {
            state.meters.shard(id.0, runner.stage == ConnectionStage::Connected, runner.latency);
            watchdog.look(id.0, runner.latency, Instant::now());
        }
        if let Some(dead) = watchdog.dead(Instant::now()) {
            return dead;
        }
        tokio::time::sleep(GLANCE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_without_new_heartbeats_is_dead_after_a_while_and_the_others_are_not() {
        let (begun, second) = (Instant::now(), Duration::from_secs(1));
        let mut watchdog = Watchdog::new(Shards { first: 4, last: 6, total: 8 }, 10 * second, begun);
        watchdog.look(4, Some(Duration::from_nanos(17)), begun + 2 * second);
        watchdog.look(5, Some(Duration::from_nanos(18)), begun + 2 * second);
        assert_eq!(watchdog.dead(begun + 12 * second), None);
        for after in 3..13 {
            watchdog.look(4, Some(Duration::from_nanos(17)), begun + after * second);
            watchdog.look(5, Some(Duration::from_nanos(18 + u64::from(after))), begun + after * second);
        }
        assert_eq!(watchdog.dead(begun + 13 * second), Some(4));
    }

    #[test]
    fn a_shard_whose_turn_comes_late_has_its_patience_from_then() {
        let (begun, second) = (Instant::now(), Duration::from_secs(1));
        let mut watchdog = Watchdog::new(Shards { first: 0, last: 1, total: 2 }, 10 * second, begun);
        watchdog.look(0, Some(second), begun + 9 * second);
        assert_eq!(watchdog.dead(begun + 15 * second), None);
        assert_eq!(watchdog.dead(begun + 16 * second), Some(1));
    }
}
