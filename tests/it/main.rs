//! The tests' one binary: stories through sandbox and bot, delivery, the sandbox by itself, and the architecture.
#![allow(clippy::unwrap_used, reason = "a test ends where its assumptions do")]

mod architecture;
mod bad_input;
mod bot;
mod command_line;
mod copying;
mod database;
mod delivery;
mod digest;
mod expectations;
mod floor;
mod goals;
mod killed;
mod kudos;
mod leaderboard;
mod noise;
mod outage;
mod people;
mod permissions;
mod privacy;
mod processes;
mod reading;
mod recognition;
mod running;
mod sandbox;
mod schedules;
mod setup;
mod simulation;
mod simulation_seeds;
mod story;
mod watched;
mod weekly;
mod wins;
mod year;
