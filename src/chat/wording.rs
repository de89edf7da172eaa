//! The texts of commands: the descriptions of commands and options, and the labels of choices. They are in
//! the catalogues with the other messages, under `command-` and the command's name:
//!
//! ```ftl
//! command-goal-set = Set a goal
//!     .period = Time frame (default: this week)
//! choice-span =
//!     .week = week
//! ```
//!
//! A context-menu entry is labelled by its own message: `menu-log-as-a-win`. In other languages, `.called`
//! and `.period-called` may localise the names of the command and its option.

use std::borrow::Cow;

use serenity::all::CreateCommand;

use super::Command;
use crate::words::Language;

/// The locales that Discord's clients can have; it refuses commands in any other.
const LOCALES: [&str; 32] = [
    "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "hi", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN",
    "zh-TW",
];

type Texts = Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>;

/// Adds the commands' texts: in the default language, and localised for Discord.
pub fn worded(mut commands: Vec<Command>) -> Vec<Command> {
    for command in &mut commands {
        word(command, "command");
    }
    commands
}

/// The commands as registered with Discord.
pub fn registered(commands: &[Command]) -> Vec<CreateCommand> {
    let menus = commands.iter().filter_map(|command| {
        let menu = command.create_as_context_menu_command()?;
        let names = command.name_localizations.iter();
        Some(names.fold(menu, |menu, (language, name)| menu.name_localized(language.as_ref(), name.as_ref())))
    });
    commands.iter().filter_map(Command::create_as_slash_command).chain(menus).collect()
}

/// A name in the code, as used in message ids.
fn key(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

fn word(command: &mut Command, above: &str) {
    if command.context_menu_action.is_some() {
        // A menu entry shows nothing but its name.
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

/// A text in the default language. If it is missing, its id, which a test detects.
fn said(id: &str, attribute: Option<&str>) -> String {
    let text = Language::default().attribute(id, attribute);
    text.unwrap_or_else(|| attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}")))
}

/// A text in every language; untranslated, it is `otherwise`.
fn everywhere(id: &str, attribute: Option<&str>, otherwise: Option<&str>) -> Texts {
    let of_discord = Language::all().filter(|language| LOCALES.contains(&language.tag()));
    let texts = of_discord.map(|language| {
        let text = language.attribute(id, attribute).or_else(|| otherwise.map(str::to_owned));
        (language.tag().into(), text.unwrap_or_else(|| said(id, attribute)).into())
    });
    texts.collect()
}
