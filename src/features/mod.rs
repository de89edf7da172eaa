//! THE list of features. Nothing else names one: each says for itself what it adds.

pub mod activities;
pub mod badges;
pub mod digest;
pub mod expectations;
pub mod goals;
pub mod help;
pub mod inbox;
pub mod kudos;
pub mod leaderboard;
pub mod me;
pub mod noise;
pub mod periods;
pub mod privacy;
pub mod profile;
pub mod pruning;
pub mod recognition;
pub mod records;
pub mod schedules;
pub mod setup;
pub mod streaks;
pub mod teams;
pub mod wins;

use std::sync::LazyLock;

use crate::chat::Command;
use crate::feature::{Features, tables};
use crate::schedules::{Kind, Kinds};

/// Every feature. In this order their lines stand in `/help`, their reactors react, and their tables are copied.
pub static FEATURES: &Features = &[
    &setup::FEATURE,
    &wins::FEATURE,
    &kudos::FEATURE,
    &activities::FEATURE,
    &goals::FEATURE,
    &expectations::FEATURE,
    &leaderboard::FEATURE,
    &me::FEATURE,
    &profile::FEATURE,
    &inbox::FEATURE,
    &teams::FEATURE,
    &badges::FEATURE,
    &streaks::FEATURE,
    &records::FEATURE,
    &recognition::FEATURE,
    &digest::FEATURE,
    &schedules::FEATURE,
    &noise::FEATURE,
    &privacy::FEATURE,
    &help::FEATURE,
    &pruning::FEATURE,
];

/// The names of the tables in the order in which they are copied: what a row refers to is in a table further up, or in an
/// earlier row of its own.
pub static TABLES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| tables(FEATURES).into_iter().map(|table| table.name).collect());

/// Every command.
pub fn commands() -> Vec<Command> {
    FEATURES.iter().flat_map(|it| (it.commands)()).collect()
}

/// Every post that comes by itself.
pub fn kinds() -> impl Iterator<Item = Kind> {
    FEATURES.posts().into_iter()
}

/// Whatever can be pressed or sent as a form, by the first two parts of its `custom_id`.
pub fn routes() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().flat_map(|it| it.routes).map(|it| it.name)
}
