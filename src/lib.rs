//! Bellringer: a Discord bot where a sales team's performance is recognised, expected and understood.
//!
//! The rooms, in reading order. Imports run one way: a room may use those above it.
//!
//! 1. [`kernel`]: words with no I/O, and the database handle.
//! 2. [`ledger`]: the scoreboard. Every number shown anywhere is a sum over it.
//! 3. [`render`]: a post as a value, and as Discord wants it.
//! 4. [`outbox`]: facts and posts, committed with the state that caused them; delivery.
//! 5. [`chat`]: the words that commands are written in.
//! 6. [`features`]: one folder a feature; `features/mod.rs` is the list of them.
//! 7. [`worker`]: due occurrences, reactions to facts, deliveries, a step at a time.
//! 8. [`gateway`] and [`web`]: the connections to Discord and to whoever watches the process.
//! 9. [`app`]: wires everything; [`demo`] plays a week with it.
//!
//! [`sandbox`] is a local Discord, and a crate of its own. It imports nothing of the above, so the two can't share a mistake.

pub mod app;
pub mod chat;
pub mod config;
pub mod copy;
pub mod demo;
pub mod doctor;
pub mod feature;
pub mod features;
pub mod gateway;
pub mod kernel;
pub mod ledger;
pub mod outbox;
pub mod render;
pub mod shutdown;
pub mod telemetry;
pub mod web;
pub mod worker;

pub use bellringer_sandbox as sandbox;
