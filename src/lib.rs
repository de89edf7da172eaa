//! Bellringer: a Discord bot where a sales team's performance is recognised, expected and understood.
//!
//! The rooms, in reading order. Imports run one way: a room may use those above it.
//!
//! 1. [`words`]: what people read, in every language.
//! 2. [`kernel`]: terms with no I/O.
//! 3. [`store`]: the database and what stands around it.
//! 4. [`people`]: guilds, persons, teams, and when somebody is away.
//! 5. [`ledger`]: the scoreboard. Every number shown anywhere is a sum over it.
//! 6. [`render`]: a post as a value, and as Discord wants it.
//! 7. [`outbox`]: posts, committed with the state that caused them, composed when they leave; delivery.
//! 8. [`schedules`]: what comes by itself when it is due, and what became of it.
//! 9. [`chat`]: the words that commands are written in.
//! 10. [`features`]: one folder a feature; `features/mod.rs` is the list of them.
//! 11. [`worker`]: due occurrences, reactions to facts, deliveries, a step at a time.
//! 12. [`gateway`] and [`web`]: the connections to Discord and to whoever watches the process.
//! 13. [`app`]: wires everything; [`demo`] plays a week with it.
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
pub mod words;
pub mod worker;

pub use bellringer_sandbox as sandbox;
