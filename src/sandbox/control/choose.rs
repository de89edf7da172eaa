//! The options of a command as a person fills them in: validates types, ranges and choices as Discord's
//! client does, and resolves users, roles, channels and messages.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::commands::{CHANNEL, INTEGER, NUMBER, STRING};
use super::super::draft::Upload;
use super::super::messages;
use super::super::objects;
use super::super::permissions;
use super::super::refused::{self, Refused};
use super::super::world::{Id, Message, World, id_of};

const BOOLEAN: i64 = 5;
const USER: i64 = 6;
const ROLE: i64 = 8;
const MENTIONABLE: i64 = 9;
const ATTACHMENT: i64 = 11;

/// The objects that the options refer to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    guild: Option<Id>,
    parts: Map<String, Value>,
}

impl Resolved {
    pub(super) fn new(guild: Option<Id>) -> Self {
        Self { guild, parts: Map::new() }
    }

    fn put(&mut self, part: &str, id: Id, value: Value) {
        self.parts.entry(part).or_insert_with(|| json!({}))[id.to_string()] = value;
    }

    pub(super) fn user(&mut self, world: &World, id: Id) -> Result<(), Refused> {
        world.user(id)?;
        self.put("users", id, world.user_json(id));
        let guild = self.guild.and_then(|guild| world.guilds.get(&guild));
        if let Some((guild, member)) = guild.and_then(|guild| Some((guild, guild.members.get(&id)?))) {
            let mut value = objects::bare_member(member);
            value["permissions"] = json!(permissions::of(guild, id, None).to_string());
            self.put("members", id, value);
        }
        Ok(())
    }

    fn role(&mut self, world: &World, id: Id) -> Result<(), Refused> {
        let guild = self.guild.and_then(|guild| world.guilds.get(&guild));
        let role = guild
            .and_then(|guild| guild.roles.iter().find(|role| role.id == id))
            .ok_or(refused::UNKNOWN_ROLE)?;
        self.put("roles", id, objects::role(self.guild.unwrap_or_default(), role));
        Ok(())
    }

    fn channel(&mut self, world: &World, id: Id, person: Id) -> Result<u8, Refused> {
        let channel = world.channel(id)?;
        if channel.guild != self.guild {
            return Err(refused::UNKNOWN_CHANNEL);
        }
        self.put("channels", id, world.interaction_channel_json(channel, person));
        Ok(channel.kind)
    }

    pub(super) fn message(&mut self, id: Id, message: &Message) {
        self.put("messages", id, message.value.clone());
    }

    /// Resolves an id given for an option of this kind.
    pub(super) fn of_kind(&mut self, world: &World, kind: i64, id: Id, person: Id) -> Result<(), Refused> {
        match kind {
            USER => self.user(world, id),
            ROLE => self.role(world, id),
            CHANNEL => self.channel(world, id, person).map(drop),
            _ => self.user(world, id).or_else(|_| self.role(world, id)),
        }
    }

    pub(super) fn write(self, data: &mut Value) {
        if !self.parts.is_empty() {
            data["resolved"] = Value::Object(self.parts);
        }
    }
}

/// Fills the options that `rules` describe with what was `given` (`{name: value}`). While an option is
/// `focused`, required ones may be missing and the focused one may be incomplete.
pub(super) fn options(
    world: &mut World,
    rules: &[Value],
    given: &Value,
    focused: Option<&str>,
    resolved: &mut Resolved,
) -> Result<Vec<Value>, Refused> {
    let given =
        given.as_object().ok_or_else(|| Refused::bad("options: an object {name: value} is needed"))?;
    if let Some(unknown) = given.keys().find(|name| !rules.iter().any(|rule| rule["name"] == json!(name))) {
        return Err(Refused::bad(format!("the command has no option {unknown}")));
    }
    let mut options = Vec::new();
    for rule in rules {
        let name = rule["name"].as_str().unwrap_or_default();
        let is_focused = focused == Some(name);
        let Some(value) = given.get(name).filter(|value| !value.is_null()) else {
            if is_focused {
                options.push(json!({ "name": name, "type": rule["type"], "value": "", "focused": true }));
            } else if focused.is_none() && rule["required"] == json!(true) {
                return Err(Refused::bad(format!("{name}: this option is required")));
            }
            continue;
        };
        let kind = rule["type"].as_i64().unwrap_or(STRING);
        if is_focused {
            let typed = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            options.push(json!({ "name": name, "type": kind, "value": typed, "focused": true }));
            continue;
        }
        let value = one(world, rule, kind, value, resolved).map_err(|problem| Refused {
            message: format!("{name}: {}", problem.message).into(),
            ..problem
        })?;
        options.push(json!({ "name": name, "type": kind, "value": value }));
    }
    Ok(options)
}

fn one(
    world: &mut World,
    rule: &Value,
    kind: i64,
    value: &Value,
    resolved: &mut Resolved,
) -> Result<Value, Refused> {
    let wrong = |what: &str| Refused::bad(format!("{value} is not {what}"));
    // People choose by name; the value is sent.
    let choices = rule["choices"].as_array().into_iter().flatten();
    let named =
        choices.into_iter().find(|choice| choice["name"] == *value).map(|choice| choice["value"].clone());
    let value = named.as_ref().unwrap_or(value);
    let value = match kind {
        STRING => {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let length = text.chars().count() as u64;
            if length < rule["min_length"].as_u64().unwrap_or(0)
                || length > rule["max_length"].as_u64().unwrap_or(6000)
            {
                return Err(wrong("of an allowed length"));
            }
            json!(text)
        }
        INTEGER => {
            let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
            in_range(rule, json!(number.ok_or_else(|| wrong("a whole number"))?))?
        }
        NUMBER => {
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            let number = number.filter(|number| number.is_finite());
            in_range(rule, json!(number.ok_or_else(|| wrong("a number"))?))?
        }
        BOOLEAN => {
            let flag = value.as_bool().or_else(|| value.as_str()?.to_lowercase().parse().ok());
            json!(flag.ok_or_else(|| wrong("true or false"))?)
        }
        USER | CHANNEL | ROLE | MENTIONABLE => {
            let id = id_of(value).ok_or_else(|| wrong("an id"))?;
            if kind == CHANNEL {
                let found = resolved.channel(world, id, world.application)?;
                let types = rule["channel_types"].as_array().filter(|types| !types.is_empty());
                if types.is_some_and(|types| !types.contains(&json!(found))) {
                    return Err(wrong("a channel of an allowed type"));
                }
            } else {
                resolved.of_kind(world, kind, id, world.application)?;
            }
            json!(id.to_string())
        }
        ATTACHMENT => {
            // A file is given as {"filename", "text" or "base64", "content_type"?}.
            let text = value["text"].as_str().map(|text| text.as_bytes().to_vec());
            let bytes = text.or_else(|| STANDARD.decode(value["base64"].as_str()?).ok());
            let (Some(name), Some(bytes)) = (value["filename"].as_str(), bytes) else {
                return Err(wrong("a file, {filename, text or base64}"));
            };
            let upload = Upload {
                index: 0,
                filename: name.to_owned(),
                content_type: value["content_type"]
                    .as_str()
                    .unwrap_or("text/plain; charset=utf-8")
                    .to_owned(),
                bytes: Bytes::from(bytes),
            };
            let attachment = messages::keep(world, &upload);
            let id = id_of(&attachment["id"]).unwrap_or_default();
            resolved.put("attachments", id, attachment);
            json!(id.to_string())
        }
        _ => return Err(Refused::not_built(&format!("options of type {kind}"))),
    };
    let choices = rule["choices"].as_array().filter(|choices| !choices.is_empty());
    match choices {
        Some(choices) => choices
            .iter()
            .find(|choice| choice["value"] == value)
            .map(|choice| choice["value"].clone())
            .ok_or_else(|| wrong("one of the choices")),
        None => Ok(value),
    }
}

fn in_range(rule: &Value, number: Value) -> Result<Value, Refused> {
    let at = number.as_f64().unwrap_or_default();
    let below = rule["min_value"].as_f64().is_some_and(|least| at < least);
    let above = rule["max_value"].as_f64().is_some_and(|most| at > most);
    if below || above { Err(Refused::bad(format!("{number} is out of range"))) } else { Ok(number) }
}
