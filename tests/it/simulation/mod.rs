//! The simulation: the real app and two more workers on one database, a sandbox, and one seed that decides what time it
//! is, what happens next, and what goes wrong.
//!
//! What it proves: a win that was acknowledged is in the database; whatever is due leads to one message, or to a recorded
//! reason why not, and never to a flood of old posts; what happened is reacted to once. Processes die, requests and answers
//! are lost, wander or wait, disks are full, clocks are wrong.
//!
//! One thing happens at a time, so a seed is a story: the same one gives the same trace. Where a transaction is atomic, a
//! process can only be seen to die between steps, before a request has its effect, or after it and before it is recorded;
//! all three are played.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a simulation ends where its assumptions do"
)]

mod chance;
mod check;
mod ground;
mod network;
mod play;
mod process;
mod rhythm;
mod world;

use std::collections::BTreeMap;
use std::fmt;

/// What is planted in the database for the simulation to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    None,
    /// A claim is forgotten at once, as if it were committed only after sending.
    #[allow(dead_code, reason = "the tests plant it")]
    SendsBeforeCommit,
    /// A claim keeps nobody else away.
    #[allow(dead_code, reason = "the tests plant it")]
    ClaimsWithoutLease,
}

/// What is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) sabotage: Sabotage,
    /// Whether nobody sets a clock wrong.
    pub(crate) clocks_are_right: bool,
    /// Whether the database is a file, whatever else there is: what is planted to be found is planted there, and its planner
    /// always takes rows in the same order.
    pub(crate) is_in_a_file: bool,
}

impl Setting {
    /// As the world is: nothing planted, and clocks that are wrong now and then.
    pub(crate) const USUAL: Self =
        Self { sabotage: Sabotage::None, clocks_are_right: false, is_in_a_file: false };
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    Lost(String),
    Doubled(String),
    Other(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(what) => write!(f, "lost: {what}"),
            Self::Doubled(what) => write!(f, "doubled: {what}"),
            Self::Other(what) => write!(f, "wrong: {what}"),
        }
    }
}

/// What a run has counted.
#[derive(Debug, Clone, Default)]
#[allow(dead_code, reason = "the bench counts")]
pub(crate) struct Figures {
    /// Faults by kind.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// Wins acknowledged.
    pub(crate) wins: usize,
    pub(crate) posts: usize,
    pub(crate) occurrences: usize,
}

/// What came of a seed.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) trace: Vec<String>,
    pub(crate) wrong: Vec<Wrong>,
    #[allow(dead_code, reason = "the bench counts")]
    pub(crate) figures: Figures,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.trace.join("\n"))?;
        for wrong in &self.wrong {
            writeln!(f, "{wrong}")?;
        }
        write!(f, "Seed {0}. To see it again: BELLRINGER_SEED={0} cargo test simulation", self.seed)
    }
}

/// Plays a seed. Where an assumption of the simulation's own ends it, the seed is named.
pub(crate) fn run(seed: u64, setting: Setting) -> Report {
    let played = std::panic::catch_unwind(|| play_out(seed, setting));
    played.unwrap_or_else(|panic| {
        let why = panic.downcast_ref::<String>().cloned();
        let why = why.or_else(|| panic.downcast_ref::<&str>().map(|&it| it.to_owned())).unwrap_or_default();
        let wrong = vec![Wrong::Other(format!("the simulation itself ended: {why}"))];
        Report { seed, trace: Vec::new(), wrong, figures: Figures::default() }
    })
}

fn play_out(seed: u64, setting: Setting) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut world = world::World::begin(seed, setting).await;
        play::play(&mut world).await;
        let figures = check::check(&mut world).await;
        let (trace, wrong) = (std::mem::take(&mut world.trace), std::mem::take(&mut world.wrong));
        world.end().await;
        Report { seed, trace, wrong, figures }
    })
}
