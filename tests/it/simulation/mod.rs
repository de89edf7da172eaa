//! The simulation: the real app and two more workers on one database, a sandbox, and one seed that decides
//! what time it is, what happens next, and what goes wrong.
//!
//! What it proves: an acknowledged win is in the database; everything due leads to one message, or to a
//! recorded reason why not, and never to a flood of old posts; every fact is reacted to once. Processes die,
//! requests and answers are lost, delayed or reordered, disks fill up, clocks are wrong.
//!
//! One thing happens at a time, so a seed is a story: the same seed gives the same trace. Since transactions
//! are atomic, a process can only be observed to die between steps, before a request takes effect, or after
//! it and before it is recorded; all three are played.
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

/// A bug planted for the simulation to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    None,
    /// Claims are forgotten at once, as if committed only after sending.
    #[allow(dead_code, reason = "the tests plant it")]
    SendsBeforeCommit,
    /// Claims don't exclude others.
    #[allow(dead_code, reason = "the tests plant it")]
    ClaimsWithoutLease,
}

/// The settings of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) sabotage: Sabotage,
    /// Whether clocks are never set wrong.
    pub(crate) clocks_are_right: bool,
    /// Whether to use a file even if a cluster is available: bugs can only be planted there, and its planner
    /// always returns rows in the same order.
    pub(crate) is_in_a_file: bool,
}

impl Setting {
    /// The default: no planted bug, and clocks that are sometimes wrong.
    pub(crate) const USUAL: Self =
        Self { sabotage: Sabotage::None, clocks_are_right: false, is_in_a_file: false };
}

/// A broken promise.
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

/// The counters of a run.
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

/// The result of a seed.
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

/// Plays a seed. If an assumption of the simulation itself fails, the seed is named.
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
