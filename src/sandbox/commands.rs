//! Application commands: validation and registry. For `rest` and `control`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::form::{self, Form};
use super::refused::{self, Refused};
use super::world::{Id, World, id_of};

pub(crate) const CHAT_INPUT: i64 = 1;
pub(crate) const USER: i64 = 2;
pub(crate) const MESSAGE: i64 = 3;
pub(crate) const SUBCOMMAND: i64 = 1;
pub(crate) const GROUP: i64 = 2;
pub(crate) const STRING: i64 = 3;
pub(crate) const INTEGER: i64 = 4;
pub(crate) const CHANNEL: i64 = 7;
pub(crate) const NUMBER: i64 = 10;

/// The most characters in a command's names, descriptions and choice values together.
const ALL_TEXT: usize = 8000;
/// The largest integer that Discord's clients can represent.
const MAX_SAFE: i64 = (1 << 53) - 1;
/// A command that launches an Activity.
const ENTRY_POINT: i64 = 4;
const LOCALES: [&str; 34] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko", "ar", "he",
];

/// How many commands of a type a scope may hold.
const fn most(kind: i64) -> usize {
    if kind == CHAT_INPUT { 100 } else { 15 }
}

/// Validates one command, and returns it with the defaults filled in.
fn check(form: &Form<'_>) -> Value {
    form.object();
    let kind =
        form.get("type").and_then(|kind| kind.one_of(&[CHAT_INPUT, USER, MESSAGE])).unwrap_or(CHAT_INPUT);
    let mut text = 0;
    names(form, kind == CHAT_INPUT, &mut text);
    if kind == CHAT_INPUT {
        described(form, &mut text);
        if let Some(list) = form.get("options") {
            options(&list, 0, &mut text);
        }
    } else {
        if form.get("description").is_some_and(|it| it.value() != "") {
            form.fault(
                "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION",
                "Context menu commands have no description",
            );
        }
        if form.get("options").is_some_and(|it| it.value().as_array().is_none_or(|list| !list.is_empty())) {
            form.fault(
                "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS",
                "Context menu commands cannot have options",
            );
        }
    }
    if text > ALL_TEXT {
        form.fault("APPLICATION_COMMAND_TOO_LARGE", format!("Command exceeds maximum size ({ALL_TEXT})"));
    }
    if let Some(bits) = form.get("default_member_permissions")
        && id_of(bits.value()).is_none()
    {
        bits.fault("NUMBER_TYPE_COERCE", "Value is not a permission bitset.");
    }
    for (key, range) in [("contexts", 0..=2), ("integration_types", 0..=1)] {
        for item in form.get(key).map(|list| list.list(1..=3)).unwrap_or_default() {
            item.int(range.clone());
        }
    }
    for key in ["dm_permission", "default_permission", "nsfw"] {
        if let Some(flag) = form.get(key) {
            flag.flag();
        }
    }
    let given = form.value();
    let or = |key: &str, default: Value| given.get(key).cloned().unwrap_or(default);
    json!({
        "type": kind, "name": or("name", Value::Null),
        "description": if kind == CHAT_INPUT { or("description", json!("")) } else { json!("") },
        "name_localizations": or("name_localizations", Value::Null),
        "description_localizations": or("description_localizations", Value::Null),
        "options": or("options", json!([])),
        "default_member_permissions": given.get("default_member_permissions").and_then(id_of).map(|it| it.to_string()),
        "dm_permission": or("dm_permission", json!(true)), "default_permission": or("default_permission", json!(true)),
        "nsfw": or("nsfw", json!(false)), "contexts": or("contexts", Value::Null),
        "integration_types": or("integration_types", json!([0])),
    })
}

fn names(form: &Form<'_>, strict: bool, total: &mut usize) {
    let check = |name: &Form<'_>| -> usize {
        let Some(text) = name.text(1..=32) else {
            return 0;
        };
        let wrong = if strict {
            !text.chars().all(fits_a_name) || text != text.to_lowercase()
        } else {
            text.trim() != text
        };
        if wrong {
            name.fault("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
        }
        text.chars().count()
    };
    let main = form.need("name").map_or(0, |name| check(&name));
    *total += main.max(localized(form, "name_localizations", check));
}

/// `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]$`: the scripts' combining marks are not letters, so they are named.
fn fits_a_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '\'' | '\u{900}'..='\u{97f}' | '\u{e01}'..='\u{e5b}')
}

fn described(form: &Form<'_>, total: &mut usize) {
    let check = |it: &Form<'_>| it.text(1..=100).map_or(0, |text| text.chars().count());
    let main = form.need("description").map_or(0, |it| check(&it));
    *total += main.max(localized(form, "description_localizations", check));
}

/// Validates the localizations under `key`; returns the length of the longest.
fn localized(form: &Form<'_>, key: &str, check: impl Fn(&Form<'_>) -> usize) -> usize {
    let entries = form.get(key).map(|map| map.entries()).unwrap_or_default();
    entries.iter().fold(0, |longest, (locale, text)| {
        if !LOCALES.contains(locale) {
            text.fault("DICT_TYPE_INVALID_KEY", format!("{locale} is not a locale."));
        }
        longest.max(check(text))
    })
}

fn options(list: &Form<'_>, depth: usize, total: &mut usize) {
    let options = list.list(0..=25);
    let mut seen = HashSet::new();
    let (mut nested, mut plain, mut optional_seen) = (false, false, false);
    for option in &options {
        option.object();
        let kind = option.need("type").and_then(|kind| kind.int(1..=11)).unwrap_or(STRING);
        names(option, true, total);
        described(option, total);
        if let Some(name) = option.value()["name"].as_str()
            && !seen.insert(name)
        {
            option.fault("APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", "Option names must be unique");
        }
        if kind == SUBCOMMAND || kind == GROUP {
            nested = true;
            if kind == GROUP && depth > 0 || kind == SUBCOMMAND && depth > 1 {
                option.fault(
                    "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                    "Sub-command option nesting is invalid",
                );
            } else if let Some(inner) = option.get("options") {
                // A group's options are subcommands (depth 1); a subcommand's are plain (depth 2).
                options_of(&inner, kind, total);
            }
            continue;
        }
        plain = true;
        let required = option.get("required").and_then(|flag| flag.flag()).unwrap_or(false);
        if required && optional_seen {
            option.fault(
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            );
        }
        optional_seen |= !required;
        value_rules(option, kind, total);
    }
    if nested && plain {
        list.fault(
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        );
    }
}

fn options_of(inner: &Form<'_>, kind: i64, total: &mut usize) {
    let found = inner.value().as_array().map(Vec::as_slice).unwrap_or_default();
    let wants_subcommands = kind == GROUP;
    for option in found {
        if (option["type"] == json!(SUBCOMMAND)) != wants_subcommands {
            inner.fault("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option nesting is invalid");
            return;
        }
    }
    options(inner, if wants_subcommands { 1 } else { 2 }, total);
}

fn value_rules(option: &Form<'_>, kind: i64, total: &mut usize) {
    let autocomplete = option.get("autocomplete").and_then(|flag| flag.flag()).unwrap_or(false);
    let takes_choices = matches!(kind, STRING | INTEGER | NUMBER);
    let choices = option.get("choices").map(|list| list.list(0..=25)).unwrap_or_default();
    if (autocomplete || !choices.is_empty()) && !takes_choices || autocomplete && !choices.is_empty() {
        option.fault(
            "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
            "This option can't have choices or autocomplete so",
        );
    }
    let mut seen = HashSet::new();
    for choice in &choices {
        *total += check_choice(choice, kind);
        if !seen.insert(choice.value()["name"].to_string()) {
            choice
                .fault("APPLICATION_COMMAND_OPTIONS_CHOICE_NAMES_DUPLICATED", "Choice names must be unique");
        }
    }
    for key in ["min_value", "max_value"] {
        let Some(bound) = option.get(key) else {
            continue;
        };
        match kind {
            INTEGER => drop(bound.int(-MAX_SAFE..=MAX_SAFE)),
            NUMBER => drop(bound.number()),
            _ => bound.fault("APPLICATION_COMMAND_OPTIONS_RANGE_INVALID", "Only numbers have a range"),
        }
    }
    for (key, least) in [("min_length", 0), ("max_length", 1)] {
        let Some(bound) = option.get(key) else {
            continue;
        };
        if kind == STRING {
            bound.int(least..=6000);
        } else {
            bound.fault("APPLICATION_COMMAND_OPTIONS_LENGTH_INVALID", "Only strings have a length");
        }
    }
    if let Some(types) =
        option.get("channel_types").filter(|list| list.value().as_array().is_none_or(|it| !it.is_empty()))
    {
        if kind != CHANNEL {
            types.fault("APPLICATION_COMMAND_OPTIONS_CHANNEL_TYPES", "Only channels have channel types");
        }
        for kind in types.list(1..=20) {
            kind.int(0..=16);
        }
    }
}

/// Validates a choice, registered or autocompleted, of an option of type `kind`; returns its length.
pub(crate) fn check_choice(choice: &Form<'_>, kind: i64) -> usize {
    choice.object();
    let name = choice.need("name").and_then(|name| name.text(1..=100));
    let mut length = name.map_or(0, |name| name.chars().count());
    localized(choice, "name_localizations", |it| it.text(1..=100).map_or(0, str::len));
    if let Some(value) = choice.need("value") {
        match kind {
            INTEGER => drop(value.int(-MAX_SAFE..=MAX_SAFE)),
            NUMBER => drop(value.number()),
            _ => length += value.text(0..=100).map_or(0, |text| text.chars().count()),
        }
    }
    length
}

/// The type of a stored command.
pub(crate) fn kind(command: &Value) -> i64 {
    command["type"].as_i64().unwrap_or(CHAT_INPUT)
}

impl World {
    fn scope(&mut self, guild: Option<Id>) -> Result<&mut Vec<Value>, Refused> {
        if let Some(id) = guild
            && !self.guilds.contains_key(&id)
        {
            return Err(refused::MISSING_ACCESS);
        }
        Ok(self.commands.entry(guild).or_default())
    }

    fn stamped(&mut self, mut command: Value, guild: Option<Id>, id: Option<&Value>) -> Value {
        let fresh = self.next_id().to_string();
        command["id"] = id.cloned().unwrap_or_else(|| json!(fresh));
        command["version"] = json!(fresh);
        command["application_id"] = json!(self.application.to_string());
        if let Some(guild) = guild {
            command["guild_id"] = json!(guild.to_string());
        }
        command
    }

    pub(crate) fn list_commands(&mut self, guild: Option<Id>) -> Result<Value, Refused> {
        Ok(json!(self.scope(guild)?))
    }

    pub(crate) fn command(&mut self, guild: Option<Id>, id: Id) -> Result<&mut Value, Refused> {
        let id = json!(id.to_string());
        self.scope(guild)?.iter_mut().find(|command| command["id"] == id).ok_or(refused::UNKNOWN_COMMAND)
    }

    /// Replaces all commands of a scope.
    pub(crate) fn overwrite_commands(&mut self, guild: Option<Id>, body: &Value) -> Result<Value, Refused> {
        for command in body.as_array().into_iter().flatten() {
            built(command)?;
        }
        // `form::read` needs an object at the root; Discord's paths start with the index.
        let wrapped: Map<String, Value> = match body {
            Value::Array(list) => {
                list.iter().enumerate().map(|(at, it)| (at.to_string(), it.clone())).collect()
            }
            _ => {
                return form::read(body, |form| {
                    form.list(0..=0);
                    Value::Null
                });
            }
        };
        let order = |key: &str| key.parse::<usize>().unwrap_or_default();
        let mut checked = form::read(&Value::Object(wrapped), |form| {
            let mut seen = HashSet::new();
            let entries = form.entries();
            entries
                .iter()
                .map(|(at, command)| {
                    let value = check(command);
                    if !seen.insert((kind(&value), value["name"].to_string())) {
                        command.fault(
                            "APPLICATION_COMMANDS_DUPLICATE_NAME",
                            "Application command names must be unique",
                        );
                    }
                    (order(at), value)
                })
                .collect::<Vec<_>>()
        })?;
        checked.sort_by_key(|(at, _)| *at);
        for wanted in [CHAT_INPUT, USER, MESSAGE] {
            if checked.iter().filter(|(_, command)| kind(command) == wanted).count() > most(wanted) {
                return Err(too_many(wanted));
            }
        }
        let earlier = std::mem::take(self.scope(guild)?);
        let commands: Vec<Value> = checked
            .into_iter()
            .map(|(_, command)| {
                let same =
                    earlier.iter().find(|it| it["name"] == command["name"] && kind(it) == kind(&command));
                self.stamped(command, guild, same.map(|it| &it["id"]))
            })
            .collect();
        self.commands.insert(guild, commands.clone());
        Ok(json!(commands))
    }

    /// Registers one command, replacing an earlier one of its type and name. Returns it, and whether it is
    /// new.
    pub(crate) fn create_command(
        &mut self,
        guild: Option<Id>,
        body: &Value,
    ) -> Result<(Value, bool), Refused> {
        built(body)?;
        let command = form::read(body, check)?;
        let list = self.scope(guild)?;
        let same = list.iter().position(|it| it["name"] == command["name"] && kind(it) == kind(&command));
        if same.is_none()
            && list.iter().filter(|it| kind(it) == kind(&command)).count() >= most(kind(&command))
        {
            return Err(too_many(kind(&command)));
        }
        let earlier = same.map(|at| list.remove(at));
        let command = self.stamped(command, guild, earlier.as_ref().map(|it| &it["id"]));
        self.scope(guild)?.push(command.clone());
        Ok((command, earlier.is_none()))
    }

    pub(crate) fn edit_command(&mut self, guild: Option<Id>, id: Id, body: &Value) -> Result<Value, Refused> {
        let mut merged = self.command(guild, id)?.clone();
        for (key, value) in body.as_object().into_iter().flatten() {
            merged[key] = value.clone();
        }
        let command = form::read(&merged, check)?;
        let command = self.stamped(command, guild, Some(&json!(id.to_string())));
        self.command(guild, id)?.clone_from(&command);
        Ok(command)
    }

    pub(crate) fn delete_command(&mut self, guild: Option<Id>, id: Id) -> Result<(), Refused> {
        self.command(guild, id)?;
        let id = json!(id.to_string());
        self.scope(guild)?.retain(|command| command["id"] != id);
        Ok(())
    }
}

fn built(command: &Value) -> Result<(), Refused> {
    if command["type"] == json!(ENTRY_POINT) {
        Err(Refused::not_built("entry point commands"))
    } else {
        Ok(())
    }
}

fn too_many(kind: i64) -> Refused {
    let message = format!("Maximum number of application commands reached ({})", most(kind));
    Refused { code: 30032, ..Refused::new(400, message) }
}
