//! The tests' one binary: stories through sandbox and bot, delivery, the sandbox by itself, and the architecture.
#![allow(clippy::unwrap_used, reason = "a test ends where its assumptions do")]

mod architecture;
mod command_line;
mod delivery;
mod sandbox;
mod story;
mod weekly;
mod wins;
