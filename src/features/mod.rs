//! The list of features, and the only place that names them. Each declares what it adds.

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
use crate::chat::wording::worded;
use crate::feature::{Features, tables};
use crate::schedules::{Kind, Kinds};

/// Every feature. This is the order of `/help` lines, of reactors, and of copying tables.
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

/// The table names in copying order: a row only refers to tables earlier in the list, or to an earlier row of
/// its own table.
pub static TABLES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| tables(FEATURES).into_iter().map(|table| table.name).collect());

/// Every command.
pub fn commands() -> Vec<Command> {
    worded(FEATURES.iter().flat_map(|it| (it.commands)()).collect())
}

/// Every scheduled post.
pub fn kinds() -> impl Iterator<Item = Kind> {
    FEATURES.posts().into_iter()
}

/// Everything that can be pressed or submitted, by the first two parts of its `custom_id`.
pub fn routes() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().flat_map(|it| it.routes).map(|it| it.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::words::check::ids;

    /// All descriptions of a command, its subcommands and their options.
    fn own(command: &Command) -> Vec<String> {
        let of_itself = command.context_menu_name.as_ref().or(command.description.as_ref());
        let options = command.parameters.iter().filter(|_| command.context_menu_action.is_none());
        let of_options = options.filter_map(|option| option.description.as_ref());
        let texts = of_itself.into_iter().chain(of_options).map(ToString::to_string);
        texts.chain(command.subcommands.iter().flat_map(own)).collect()
    }

    /// The choices in a command and its subcommands, by catalogue name.
    fn chosen(command: &Command) -> BTreeSet<String> {
        let names = command.parameters.iter().flat_map(|option| option.choices.iter()).map(|it| &it.name);
        let names = names.map(|name| format!("choice-{}", name.replace(['_', ' '], "-")));
        names.chain(command.subcommands.iter().flat_map(chosen)).collect()
    }

    #[test]
    fn every_command_option_and_choice_has_a_text_and_every_text_of_one_has_it() {
        let texts: Vec<String> = commands().iter().flat_map(own).collect();
        let is_missing = |text: &&String| text.starts_with("command-") || text.starts_with("menu-");
        assert_eq!(texts.iter().filter(is_missing).collect::<Vec<_>>(), Vec::<&String>::new());
        let known = ids("command-").len() + ids("menu-").len();
        assert_eq!(texts.len(), known, "some text is no command's or option's");
        let raw = FEATURES.iter().flat_map(|it| (it.commands)());
        let chosen: BTreeSet<String> = raw.flat_map(|command| chosen(&command)).collect();
        assert_eq!(chosen.into_iter().collect::<Vec<_>>(), ids("choice-"));
    }
}
