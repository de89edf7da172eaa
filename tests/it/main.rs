//! The tests' one binary: stories through sandbox and bot, delivery, the sandbox by itself, and the architecture.
#![allow(clippy::unwrap_used, reason = "a test ends where its assumptions do")]

mod architecture;
mod bad_input;
mod command_line;
mod copying;
mod database;
mod delivery;
mod expectations;
mod goals;
mod leaderboard;
mod people;
mod reading;
mod running;
mod sandbox;
mod schedules;
mod setup;
mod story;
mod weekly;
mod wins;
