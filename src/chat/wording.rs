//! What commands say of themselves: the description of each and of its options, and the names of what can be chosen. They stand in
//! the catalogues beside the other messages, under `command-` and the command's name:
//!
//! ```ftl
//! command-goal-set = Set a goal
//!     .period = Time frame (default: this week)
//! choice-span =
//!     .week = week
//! ```
//!
//! An entry of a menu is called what its message says: `menu-log-as-a-win`. In another language, `.called` and `.period-called` may say what the command and its option are called there.

use std::borrow::Cow;

use serenity::all::CreateCommand;

use super::Command;
use crate::words::Language;

/// The languages that Discord's clients can be set to; it refuses commands in any other.
const LOCALES: [&str; 32] = [
    "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "hi", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN",
    "zh-TW",
];

type Texts = Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>;

/// Commands with their texts: in the default language, and in every language for Discord to choose from.
pub fn worded(mut commands: Vec<Command>) -> Vec<Command> {
    for command in &mut commands {
        word(command, "command");
    }
    commands
}

/// As Discord is told of them.
pub fn registered(commands: &[Command]) -> Vec<CreateCommand> {
    let menus = commands.iter().filter_map(|command| {
        let menu = command.create_as_context_menu_command()?;
        let names = command.name_localizations.iter();
        Some(names.fold(menu, |menu, (language, name)| menu.name_localized(language.as_ref(), name.as_ref())))
    });
    commands.iter().filter_map(Command::create_as_slash_command).chain(menus).collect()
}

/// What a name in the code is in an id of a message.
fn key(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

fn word(command: &mut Command, above: &str) {
    if command.context_menu_action.is_some() {
        // The name is all that a menu shows.
        let id = format!("menu-{}", key(&command.name));
        command.context_menu_name = Some(said(&id, None).into());
        command.name_localizations = everywhere(&id, None, None);
        return;
    }
    let id = format!("{above}-{}", key(&command.name));
    command.description = Some(said(&id, None).into());
    command.description_localizations = everywhere(&id, None, None);
    command.name_localizations = everywhere(&id, Some("called"), Some(&command.name));
    for option in &mut command.parameters {
        let name = key(&option.name);
        option.description = Some(said(&id, Some(&name)).into());
        option.description_localizations = everywhere(&id, Some(&name), None);
        option.name_localizations = everywhere(&id, Some(&format!("{name}-called")), Some(&option.name));
        for choice in option.choices.to_mut() {
            let (of, value) = choice.name.split_once('.').unwrap_or_default();
            let (id, value) = (format!("choice-{}", key(of)), key(value));
            choice.name = said(&id, Some(&value)).into();
            choice.localizations = everywhere(&id, Some(&value), None);
        }
    }
    for below in &mut command.subcommands {
        word(below, &id);
    }
}

/// A text in the default language; the id of one that is missing, which a test finds.
fn said(id: &str, attribute: Option<&str>) -> String {
    let text = Language::default().attribute(id, attribute);
    text.unwrap_or_else(|| attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}")))
}

/// A text in every language; what it is in the code where nobody has translated it.
fn everywhere(id: &str, attribute: Option<&str>, otherwise: Option<&str>) -> Texts {
    let of_discord = Language::all().filter(|language| LOCALES.contains(&language.tag()));
    let texts = of_discord.map(|language| {
        let text = language.attribute(id, attribute).or_else(|| otherwise.map(str::to_owned));
        (language.tag().into(), text.unwrap_or_else(|| said(id, attribute)).into())
    });
    texts.collect()
}
