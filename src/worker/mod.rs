//! The worker: due occurrences, reactions to facts, deliveries. A step at a time, so that tests can drain it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::features::{self, goals, privacy, schedules};
use crate::kernel::error::Result;
use crate::kernel::state::State;
use crate::ledger::roster;
use crate::outbox::deliver::Deliverer;
use crate::outbox::fact::{self, Waiting};

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
            || goals::step(&self.state).await?
            || self.react().await?
            || self.deliverer.step(&self.state).await? > 0
            || privacy::step(&self.state).await?;
        Ok(if did { Step::Did } else { Step::Idle })
    }

    /// Reacts to the oldest fact that waits for it. One that fails is put off, so that it holds up nothing behind it.
    async fn react(&self) -> Result<bool> {
        let state = &self.state;
        let Some(waiting) = fact::oldest_unreacted(state).await? else { return Ok(false) };
        if let Err(error) = self.react_to(&waiting).await {
            state.report("reacting to a fact", &error);
            fact::put_off(state, &waiting).await?;
        }
        Ok(true)
    }

    async fn react_to(&self, waiting: &Waiting) -> Result<()> {
        let fact = waiting.fact()?;
        let mut tx = self.state.db.write().await?;
        if fact::mark_reacted(&mut tx, &self.state, waiting.id).await? {
            let guild = roster::guild(&mut *tx, waiting.guild_id).await?;
            features::react(&mut tx, &self.state, &guild, &fact, waiting.happened()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Steps until there is nothing to do.
    pub async fn drain(&self) -> Result<()> {
        while self.step().await? == Step::Did {}
        Ok(())
    }

    /// Decides, reacts and delivers until `stop`, side by side, waiting where there is nothing to do. What has begun is
    /// finished.
    pub async fn run(&self, stop: CancellationToken) {
        if let Err(error) = schedules::complete(&self.state).await {
            self.state.report("creating schedules", &error);
        }
        tokio::join!(
            self.keep(Duty::Decide, &stop),
            self.keep(Duty::React, &stop),
            self.keep(Duty::Close, &stop),
            self.keep(Duty::Erase, &stop),
            self.deliverer.run(&self.state, &stop)
        );
    }

    async fn keep(&self, duty: Duty, stop: &CancellationToken) {
        let state = &*self.state;
        let mut woken = state.woken();
        while !stop.is_cancelled() {
            woken.mark_unchanged();
            let wait = match self.once(duty).await {
                Ok(Ok(())) => {
                    // What was done may be work for the others.
                    state.wake();
                    continue;
                }
                Ok(Err(next)) => state.until(next),
                Err(error) => state.troubled(duty.doing(), &error),
            };
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = woken.changed() => {}
                () = state.clock.pass(wait) => {}
            }
        }
    }

    /// Does one thing; where there is nothing to do, says when there will be, in microseconds since 1970 if that is known.
    async fn once(&self, duty: Duty) -> Result<Result<(), Option<i64>>> {
        Ok(match duty {
            Duty::Decide if schedules::step(&self.state).await? => Ok(()),
            Duty::Decide => Err(schedules::next_due(&self.state).await?),
            Duty::React if self.react().await? => Ok(()),
            Duty::React => Err(None),
            Duty::Close if goals::step(&self.state).await? => Ok(()),
            Duty::Close => Err(goals::next_due(&self.state).await?),
            Duty::Erase if privacy::step(&self.state).await? => Ok(()),
            Duty::Erase => Err(privacy::next_due(&self.state).await?),
        })
    }
}

/// What a worker does besides delivering.
#[derive(Debug, Clone, Copy)]
enum Duty {
    Decide,
    React,
    Close,
    Erase,
}

impl Duty {
    fn doing(self) -> &'static str {
        match self {
            Self::Decide => "deciding occurrences",
            Self::React => "reacting to facts",
            Self::Close => "closing goals",
            Self::Erase => "erasing guilds that were left",
        }
    }
}
