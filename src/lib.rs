//! Bellringer: a Discord bot where a sales team's performance is recognised, expected and understood.
//!
//! The rooms, in reading order. Imports run one way: a room may use those above it.
//!
//! 1. [`kernel`]: words with no I/O.
//! 2. [`store`]: the database and what stands around it.
//! 3. [`people`]: guilds, persons, teams, and when somebody is away.
//! 4. [`ledger`]: the scoreboard. Every number shown anywhere is a sum over it.
//! 5. [`render`]: a post as a value, and as Discord wants it.
//! 6. [`outbox`]: posts, committed with the state that caused them, composed when they leave; delivery.
//! 7. [`schedules`]: what comes by itself when it is due, and what became of it.
//! 8. [`chat`]: the words that commands are written in.
//! 9. [`features`]: one folder a feature; `features/mod.rs` is the list of them.
//! 10. [`worker`]: due occurrences, reactions to facts, deliveries, a step at a time.
//! 11. [`gateway`] and [`web`]: the connections to Discord and to whoever watches the process.
//! 12. [`app`]: wires everything; [`demo`] plays a week with it.
//!
//! [`sandbox`] is a local Discord, and a crate of its own. It imports nothing of the above, so the two can't share a mistake.

pub mod app;
pub mod chat;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod feature;
pub mod features;
pub mod gateway;
pub mod kernel;
pub mod ledger;
pub mod outbox;
pub mod people;
pub mod render;
pub mod schedules;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod worker;

pub use bellringer_sandbox as sandbox;
