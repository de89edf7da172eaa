//! The worker: due occurrences, reactions to facts, deliveries. A step at a time, so that tests can drain it.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use crate::features::{self, schedules};
use crate::kernel::error::{Error, Result};
use crate::kernel::state::State;
use crate::ledger::roster;
use crate::outbox::deliver::Deliverer;
use crate::outbox::{fact, queue};

/// Whether a step found something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It did something; there may be more.
    Did,
    /// There is nothing to do now.
    Idle,
}

/// Does what has become due.
#[derive(Debug)]
pub struct Worker {
    state: Arc<State>,
    deliverer: Deliverer,
}

impl Worker {
    /// A worker on a state, with the deliverer of its posts.
    pub fn new(state: Arc<State>, deliverer: Deliverer) -> Self {
        Self { state, deliverer }
    }

    /// Does one thing: decides a due occurrence, else reacts to a fact, else delivers.
    pub async fn step(&self) -> Result<Step> {
        let did = schedules::step(&self.state).await?
            || self.react().await?
            || self.deliverer.step(&self.state).await? > 0;
        Ok(if did { Step::Did } else { Step::Idle })
    }

    async fn react(&self) -> Result<bool> {
        let Some((id, guild, fact)) = fact::oldest_unreacted(&self.state).await? else { return Ok(false) };
        let mut tx = self.state.db.write().await?;
        if fact::mark_reacted(&mut tx, &self.state, id).await? {
            let guild = roster::guild(&mut *tx, guild).await?;
            features::react(&mut tx, &self.state, &guild, &fact).await?;
            tx.commit().await?;
        }
        Ok(true)
    }

    /// Steps until there is nothing to do.
    pub async fn drain(&self) -> Result<()> {
        while self.step().await? == Step::Did {}
        Ok(())
    }

    /// Steps until `stop`, waiting where there is nothing to do. A step that has begun is finished.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let wait = match self.step().await {
                Ok(Step::Did) => continue,
                Ok(Step::Idle) => self.until_next().await,
                Err(error) => Err(error),
            };
            let wait = wait.unwrap_or_else(|error: Error| {
                self.state.report("worker", &error);
                TimeDelta::seconds(5)
            });
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.state.wake.notified() => {}
                () = self.state.clock.pass(wait) => {}
            }
        }
    }

    /// How long to wait for what is due next: not so short as to spin, not so long as to miss a changed clock.
    async fn until_next(&self) -> Result<TimeDelta> {
        let next = [schedules::next_due(&self.state).await?, queue::next_attempt(&self.state).await?];
        let next = next.into_iter().flatten().min().unwrap_or(i64::MAX);
        let wait = next.saturating_sub(self.state.micros());
        Ok(TimeDelta::microseconds(wait).clamp(TimeDelta::milliseconds(50), TimeDelta::seconds(30)))
    }
}
