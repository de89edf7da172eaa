//! The worker: features' duties, reactions to facts, deliveries. Runs in steps, so that tests can drain it.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::feature::{Features, Reactor};
use crate::features::FEATURES;
use crate::kernel::error::{Doing, Result, caught};
use crate::kernel::patience::half;
use crate::ledger::fact::{self, Waiting};
use crate::outbox::deliver::Deliverer;
use crate::people::{self, Guild};
use crate::schedules;
use crate::store::db::Tx;
use crate::store::state::State;

/// Whether a step found something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It did something; there may be more to do.
    Did,
    /// There is nothing to do now.
    Idle,
}

/// Does due work in steps.
#[derive(Debug)]
pub struct Worker {
    state: Arc<State>,
    deliverer: Arc<Deliverer>,
    features: &'static Features,
}

impl Worker {
    /// A worker for a state, with its post deliverer.
    pub fn new(state: Arc<State>, deliverer: Deliverer) -> Self {
        Self { state, deliverer: Arc::new(deliverer), features: FEATURES }
    }

    /// The same worker with a different list of features.
    #[must_use]
    pub fn with(&self, features: &'static Features) -> Self {
        Self { state: self.state.clone(), deliverer: self.deliverer.clone(), features }
    }

    /// Does one thing, in this order: decide a due occurrence, run a due duty, react to facts, deliver.
    pub async fn step(&self) -> Result<Step> {
        if schedules::step(&self.state, &self.features).await? {
            return Ok(Step::Did);
        }
        for duty in self.features.iter().flat_map(|it| it.duties) {
            if (duty.step)(&self.state).await? {
                return Ok(Step::Did);
            }
        }
        let did = self.react(TimeDelta::zero()).await?
            || self.deliverer.step(&self.state, &self.features).await? > 0;
        Ok(if did { Step::Did } else { Step::Idle })
    }

    /// Microseconds since 1970 at which something is due next, if anything is.
    pub async fn next_due(&self) -> Result<Option<i64>> {
        let mut next = schedules::next_due(&self.state).await?;
        for duty in self.features.iter().flat_map(|it| it.duties) {
            next = next.into_iter().chain((duty.due)(&self.state).await?).min();
        }
        Ok(next)
    }

    /// Reacts to a guild's pending facts, once the oldest has waited this long, or retries a failed reaction.
    /// A fact that can't be read is put off, so that it doesn't block the ones behind it.
    async fn react(&self, waited: TimeDelta) -> Result<bool> {
        let state = &*self.state;
        let waiting = fact::unreacted(state, waited).await?;
        if !waiting.is_empty() {
            let (waiting, unread): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|it| {
                let read = it.event().inspect_err(|error| drop(state.report("reading a fact", error)));
                read.is_ok()
            });
            if !unread.is_empty() {
                fact::put_off(state, &unread).await?;
            }
            if let Err(error) = caught(self.react_to(&waiting)).await {
                state.report("reacting to facts", &error);
                fact::put_off(state, &waiting).await?;
            }
            return Ok(true);
        }
        let Some(owed) = fact::owed(state).await? else { return Ok(false) };
        let (reactor, waiting) = owed.parts();
        if let Err(error) = caught(self.make_up(&waiting, &reactor)).await {
            state.report(&format!("reacting to a fact: {reactor}"), &error);
            fact::owe_longer(state, &waiting, &reactor).await?;
        }
        Ok(true)
    }

    /// Lets every feature react to a guild's facts in one transaction, isolated from each other: a failed
    /// reaction is recorded as owed, and the others are kept.
    async fn react_to(&self, waiting: &[Waiting]) -> Result<()> {
        let Some(first) = waiting.first() else { return Ok(()) };
        let mut tx = self.state.db.write_alone().await?;
        if !fact::mark_reacted(&mut tx, &self.state, waiting).await? {
            return Ok(());
        }
        let guild = people::guild(&mut *tx, first.guild_id).await?;
        for reactor in self.features.iter().flat_map(|it| it.reactors) {
            self.apart(&mut tx, reactor, &guild, waiting).await?;
        }
        tx.commit().await
    }

    /// Lets a feature react to all facts at once, or if that fails to one at a time; only those that fail
    /// again are owed.
    async fn apart(&self, tx: &mut Tx, reactor: &Reactor, guild: &Guild, waiting: &[Waiting]) -> Result<()> {
        if waiting.len() > 1 && self.reacts(tx, reactor, guild, waiting).await?.is_ok() {
            return Ok(());
        }
        for one in waiting {
            if let Err(error) = self.reacts(tx, reactor, guild, std::slice::from_ref(one)).await? {
                self.state.report(&format!("reacting to a fact: {}", reactor.name), &error);
                fact::owe(tx, &self.state, one, reactor.name).await?;
            }
        }
        Ok(())
    }

    /// Lets a feature react. If it fails, only its own writes are rolled back.
    async fn reacts(
        &self,
        tx: &mut Tx,
        reactor: &Reactor,
        guild: &Guild,
        waiting: &[Waiting],
    ) -> Result<Result<()>> {
        let events = waiting.iter().map(Waiting::event).collect::<Result<Vec<_>>>()?;
        tx.begin_part().await?;
        let reacted = caught((reactor.react)(&mut *tx, &self.state, guild, &events)).await;
        tx.end_part(reacted.is_ok()).await?;
        Ok(reacted)
    }

    /// Retries a feature's failed reaction. Dropped if the feature no longer exists.
    async fn make_up(&self, waiting: &Waiting, name: &str) -> Result<()> {
        let mut tx = self.state.db.write_alone().await?;
        if !fact::settle(&mut tx, waiting.id, name).await? {
            return Ok(());
        }
        let guild = people::guild(&mut *tx, waiting.guild_id).await?;
        if let Some(reactor) = self.features.iter().flat_map(|it| it.reactors).find(|it| it.name == name) {
            self.apart(&mut tx, reactor, &guild, std::slice::from_ref(waiting)).await?;
        }
        tx.commit().await
    }

    /// Steps until there is nothing to do.
    pub async fn drain(&self) -> Result<()> {
        while self.step().await? == Step::Did {}
        Ok(())
    }

    /// Runs duties, reactions and deliveries concurrently until `stop`, sleeping when there is nothing to do.
    /// Work in progress is finished.
    pub async fn run(&self, stop: CancellationToken) {
        if let Err(error) = schedules::complete(&self.state, &self.features).await {
            self.state.report("creating schedules", &error);
        }
        let state = &*self.state;
        let duties = self.features.iter().flat_map(|it| it.duties);
        let due = join_all(
            duties.map(|duty| self.keep(duty.name, || (duty.step)(state), || (duty.due)(state), &stop)),
        );
        let decide = self.keep(
            "deciding occurrences",
            || Box::pin(schedules::step(state, &self.features)),
            || Box::pin(schedules::next_due(state)),
            &stop,
        );
        let react = self.keep(
            "reacting to facts",
            || Box::pin(self.react(GATHERS)),
            || Box::pin(fact::next_due(state)),
            &stop,
        );
        tokio::join!(decide, due, react, self.deliverer.run(&self.state, &self.features, &stop));
    }

    /// Repeats a step; when there is nothing to do, waits until there is. Errors and panics are reported and
    /// retried after growing pauses.
    async fn keep<'a>(
        &self,
        name: &str,
        step: impl Fn() -> Doing<'a, bool>,
        due: impl Fn() -> Doing<'a, Option<i64>>,
        stop: &CancellationToken,
    ) {
        let state = &*self.state;
        let mut woken = state.woken();
        let mut failing: Option<i64> = None;
        while !stop.is_cancelled() {
            woken.mark_unchanged();
            let once = async { Ok(if step().await? { Ok(()) } else { Err(due().await?) }) };
            let wait = match caught(once).await {
                Ok(Ok(())) => {
                    failing = None;
                    // This may have created work for the others.
                    state.wake();
                    continue;
                }
                Ok(Err(next)) => {
                    failing = None;
                    state.wait_until(next)
                }
                Err(error) => {
                    state.report(name, &error);
                    let since = *failing.get_or_insert(state.micros());
                    let wait = half(TimeDelta::microseconds(state.micros() - since), LONGEST_PAUSE);
                    // Don't wake up for other work: this step would only fail again.
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = state.clock.pass(wait) => {}
                    }
                    continue;
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = woken.changed() => tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(GATHERS.to_std().unwrap_or_default()) => {}
                },
                () = state.clock.pass(wait) => {}
            }
        }
    }
}

/// How long facts wait for more facts of their guild, and other work for more to do, so that it is done once
/// for all of them. A bell isn't delayed by this.
const GATHERS: TimeDelta = TimeDelta::milliseconds(200);

/// The longest pause after a failure: shorter than what still counts as on time, since a database that was
/// down for an hour may be back by then.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(1);
const _: () = assert!(LONGEST_PAUSE.num_seconds() < schedules::GRACE.num_seconds());
