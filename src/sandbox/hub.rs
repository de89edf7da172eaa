//! State shared by all connections: the world and a few other things, each behind its own short lock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Options;
use super::clock::Clock;
use super::faults::Faults;
use super::rates::Rates;
use super::world::World;

#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) token: String,
    pub(crate) url: String,
    pub(crate) heartbeat: Duration,
    pub(crate) stop: CancellationToken,
    world: Mutex<World>,
    rates: Mutex<Rates>,
    faults: Mutex<Faults>,
}

impl Hub {
    pub(crate) fn new(options: Options, url: String, stop: CancellationToken) -> Self {
        let world = World::new(url.clone(), Clock::new(options.now), &options);
        Self {
            token: options.token,
            heartbeat: options.heartbeat,
            stop,
            world: Mutex::new(world),
            rates: Mutex::new(Rates::new(options.limits)),
            faults: Mutex::default(),
            url,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        held(&self.world)
    }

    pub(crate) fn rates(&self) -> MutexGuard<'_, Rates> {
        held(&self.rates)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        held(&self.faults)
    }
}

/// A panic elsewhere must not block the rest of the sandbox.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
