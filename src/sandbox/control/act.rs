//! Acting as a person. Refuses what a person's client would refuse: hidden commands, missing options,
//! disabled buttons, messages they can't see.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::commands::{self, CHAT_INPUT, USER};
use super::super::components::{self, STRING_SELECT};
use super::super::draft::{Draft, Route};
use super::super::interactions::{AUTOCOMPLETE, Begin, COMMAND, COMPONENT, MODAL_SUBMIT, begin};
use super::super::messages;
use super::super::modal;
use super::super::permissions::{
    ADD_REACTIONS, ADMINISTRATOR, MANAGE_MESSAGES, READ_MESSAGE_HISTORY, USE_APPLICATION_COMMANDS,
};
use super::super::refused::{self, Refused};
use super::super::world::{Channel, Id, Message, World, id_of};
use super::choose::{self, Resolved};
use super::{Done, field_id, field_text, optional, optional_id, place};

/// The longest delay of an interaction.
const LATEST: Duration = Duration::from_mins(15);

pub(super) fn route(world: &mut World, path: &[&str], body: &Value) -> Result<Done, Refused> {
    match path {
        ["act", "command"] => command(world, body, None),
        ["act", "autocomplete"] => command(world, body, Some(field_text(body, "focused")?)),
        ["act", "menu"] => menu(world, body),
        ["act", "button"] => press(world, body, true),
        ["act", "select"] => press(world, body, false),
        ["act", "modal"] => submit(world, body),
        ["act", "redeliver"] => {
            let found = world
                .interactions
                .get(&field_id(body, "interaction")?)
                .ok_or(refused::UNKNOWN_INTERACTION)?;
            let (guild, payload) = (found.guild, found.payload.clone());
            world.dispatch("INTERACTION_CREATE", guild, payload);
            Ok(Done::Now(json!({})))
        }
        ["act", "outcome"] => super::outcome::of(world, field_id(body, "interaction")?).map(Done::Now),
        ["act", "message"] => {
            let (person, channel) = place(world, body)?;
            let draft = Draft::read(&without(body, &["user", "channel", "guild"]), &[], Route::Channel)?;
            let made = messages::post(world, person, channel, draft)?;
            Ok(Done::Now(world.message(channel, made)?.value.clone()))
        }
        ["act", "edit"] => {
            let (channel, message, author) = located(world, body)?;
            if optional_id(body, "user")?.is_some_and(|person| person != author) {
                return Err(refused::ANOTHER_USERS_MESSAGE);
            }
            let draft = Draft::read(&without(body, &["user", "message"]), &[], Route::Edit)?;
            messages::edit(world, channel, message, draft)?;
            Ok(Done::Now(world.message(channel, message)?.value.clone()))
        }
        ["act", "delete"] => {
            let (channel, message, author) = located(world, body)?;
            if let Some(person) = optional_id(body, "user")?.filter(|person| *person != author) {
                world.allowed(person, channel, MANAGE_MESSAGES)?;
            }
            messages::delete(world, channel, message)?;
            Ok(Done::Now(json!({})))
        }
        ["act", "reaction"] => {
            let (channel, message, _) = located(world, body)?;
            let person = field_id(body, "user")?;
            world.allowed(person, channel, READ_MESSAGE_HISTORY | ADD_REACTIONS)?;
            let add = body.get("remove") != Some(&json!(true));
            world.react(channel, message, person, field_text(body, "emoji")?, add)?;
            Ok(Done::Now(json!({})))
        }
        _ => Err(Refused::not_built(&path.join("/"))),
    }
}

/// How many seconds ago the person acted.
fn late(body: &Value) -> Result<Duration, Refused> {
    let seconds = optional(body, "late", "a number of seconds", Value::as_f64)?.unwrap_or_default();
    let late = Duration::try_from_secs_f64(seconds).ok().filter(|late| *late <= LATEST);
    late.ok_or_else(|| Refused::bad("late: 0 to 900 seconds"))
}

fn without(body: &Value, keys: &[&str]) -> Value {
    let mut rest = body.clone();
    if let Some(map) = rest.as_object_mut() {
        map.retain(|key, _| !keys.contains(&key.as_str()));
    }
    rest
}

fn located(world: &World, body: &Value) -> Result<(Id, Id, Id), Refused> {
    let id = field_id(body, "message")?;
    let (channel, message) = world.find_message(id)?;
    Ok((channel, id, message.author))
}

fn started(id: Id, body: &Value) -> Done {
    if body.get("wait") == Some(&json!(false)) {
        Done::Now(json!({ "interaction": id.to_string(), "state": "waiting", "ephemeral": false }))
    } else {
        Done::Awaited(id)
    }
}

/// The commands registered for this channel, the guild's own first.
pub(super) fn registered<'w>(world: &'w World, channel: &Channel) -> impl Iterator<Item = &'w Value> {
    let scopes = [channel.guild.map(Some), Some(None)];
    scopes.into_iter().flatten().filter_map(|scope| world.commands.get(&scope)).flatten()
}

/// Whether this person may use a command here.
pub(super) fn may_use(world: &World, person: Id, channel: &Channel, command: &Value) -> Result<(), Refused> {
    let contexts = command["contexts"].as_array();
    if channel.guild.is_none() {
        let here = contexts.map_or(command["dm_permission"] != json!(false), |it| it.contains(&json!(1)));
        return if here { Ok(()) } else { Err(Refused::new(403, "that command is not for direct messages")) };
    }
    if contexts.is_some_and(|contexts| !contexts.contains(&json!(0))) {
        return Err(Refused::new(403, "that command is not for guilds"));
    }
    let needed = command["default_member_permissions"].as_str().and_then(|bits| bits.parse::<u64>().ok());
    // "0" hides a command from everyone but administrators, who hold every permission.
    let needed = match needed {
        Some(0) => ADMINISTRATOR,
        needed => needed.unwrap_or(0),
    } | USE_APPLICATION_COMMANDS;
    if world.permissions(person, channel) & needed == needed {
        Ok(())
    } else {
        Err(Refused::new(403, "that person may not use this command"))
    }
}

/// The registered command that this person may use here.
fn usable(world: &World, person: Id, channel: Id, fits: impl Fn(&Value) -> bool) -> Result<Value, Refused> {
    let channel = world.channel(channel)?;
    let command = registered(world, channel)
        .find(|it| fits(it))
        .ok_or_else(|| Refused::new(404, "no such command is registered"))?;
    may_use(world, person, channel, command)?;
    Ok(command.clone())
}

fn command(world: &mut World, body: &Value, focused: Option<&str>) -> Result<Done, Refused> {
    let (person, channel) = place(world, body)?;
    let name = field_text(body, "name")?.trim_start_matches('/');
    let mut words = name.split_whitespace();
    let first = words.next().unwrap_or_default();
    let command =
        usable(world, person, channel, |it| commands::kind(it) == CHAT_INPUT && it["name"] == json!(first))?;
    let mut level = &command["options"];
    let mut nesting: Vec<&Value> = Vec::new();
    let step = |level: &'_ Value| {
        level
            .as_array()
            .is_some_and(|it| it.iter().any(|option| option["type"].as_i64().is_some_and(|kind| kind <= 2)))
    };
    for word in words {
        let options = level.as_array().map(Vec::as_slice).unwrap_or_default();
        let inner = options
            .iter()
            .find(|it| it["name"] == json!(word) && it["type"].as_i64().is_some_and(|kind| kind <= 2));
        let inner =
            inner.ok_or_else(|| Refused::new(404, format!("{name}: no such subcommand is registered")))?;
        nesting.push(inner);
        level = &inner["options"];
    }
    if step(level) {
        return Err(Refused::bad(format!("{name} has subcommands and can't be called itself")));
    }
    let empty = json!({});
    let given = body.get("options").unwrap_or(&empty);
    let guild = world.channel(channel)?.guild;
    let mut resolved = Resolved::new(guild);
    let rules = level.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut options = choose::options(world, rules, given, focused, &mut resolved)?;
    for outer in nesting.iter().rev() {
        options = vec![json!({ "name": outer["name"], "type": outer["type"], "options": options })];
    }
    let mut data =
        json!({ "id": command["id"], "name": command["name"], "type": CHAT_INPUT, "options": options });
    resolved.write(&mut data);
    if let Some(guild) = command.get("guild_id") {
        data["guild_id"] = guild.clone();
    }
    let focused = rules.iter().find(|it| focused.is_some_and(|name| it["name"] == json!(name)));
    let (kind, focused) = match focused {
        Some(option) if option["autocomplete"] == json!(true) => {
            (AUTOCOMPLETE, option["type"].as_i64().unwrap_or(0))
        }
        Some(_) => return Err(Refused::bad("that option has no autocomplete")),
        None if body.get("focused").is_some() => {
            return Err(Refused::bad("the focused option is not registered"));
        }
        None => (COMMAND, 0),
    };
    let id = begin(world, Begin { kind, person, channel, data, source: None, focused, late: late(body)? })?;
    Ok(started(id, body))
}

fn menu(world: &mut World, body: &Value) -> Result<Done, Refused> {
    let (person, channel) = place(world, body)?;
    let (name, target) = (field_text(body, "name")?, field_id(body, "target")?);
    let command =
        usable(world, person, channel, |it| commands::kind(it) != CHAT_INPUT && it["name"] == json!(name))?;
    let guild = world.channel(channel)?.guild;
    let mut resolved = Resolved::new(guild);
    if commands::kind(&command) == USER {
        resolved.user(world, target)?;
    } else {
        let (at, message) = world.find_message(target)?;
        if at != channel || !messages::visible(world, at, message, person) {
            return Err(refused::UNKNOWN_MESSAGE);
        }
        resolved.message(target, message);
    }
    let mut data = json!({
        "id": command["id"], "name": command["name"], "type": command["type"], "target_id": target.to_string(),
    });
    resolved.write(&mut data);
    if let Some(guild) = command.get("guild_id") {
        data["guild_id"] = guild.clone();
    }
    let begin_with =
        Begin { kind: COMMAND, person, channel, data, source: None, focused: 0, late: late(body)? };
    let id = begin(world, begin_with)?;
    Ok(started(id, body))
}

/// The component with this `custom_id`, if the message has it and it is enabled.
fn component<'m>(message: &'m Message, custom_id: &str) -> Result<&'m Value, Refused> {
    let rows = message.value["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = rows
        .iter()
        .filter_map(|row| row["components"].as_array())
        .flatten()
        .find(|it| it["custom_id"] == json!(custom_id))
        .ok_or_else(|| Refused::new(404, format!("the message has no component {custom_id}")))?;
    if found["disabled"] == json!(true) {
        return Err(Refused::bad(format!("{custom_id} is disabled")));
    }
    Ok(found)
}

fn press(world: &mut World, body: &Value, button: bool) -> Result<Done, Refused> {
    let (person, source) = (field_id(body, "user")?, field_id(body, "message")?);
    let custom_id = field_text(body, "custom_id")?;
    let (channel, message) = world.find_message(source)?;
    if !messages::visible(world, channel, message, person) {
        return Err(refused::UNKNOWN_MESSAGE);
    }
    let component = component(message, custom_id)?;
    let kind = component["type"].as_i64().unwrap_or_default();
    if (kind == 2) != button {
        return Err(Refused::bad(format!("{custom_id} is a component of another kind")));
    }
    let mut data = json!({ "component_type": kind, "custom_id": custom_id, "id": component["id"] });
    if !button {
        let guild = world.channel(channel)?.guild;
        let mut resolved = Resolved::new(guild);
        let chosen = body.get("values").and_then(Value::as_array).cloned().unwrap_or_default();
        components::chosen(component, &chosen)?;
        for value in chosen.iter().filter(|_| kind != STRING_SELECT) {
            let id = id_of(value).ok_or_else(|| Refused::bad(format!("{value} is not an id")))?;
            // Select types 5 to 8 correspond to option types 6 user, 8 role, 9 mentionable, 7 channel.
            let wanted = match kind {
                5 => 6,
                6 => 8,
                7 => 9,
                _ => 7,
            };
            resolved.of_kind(world, wanted, id, person)?;
        }
        data["values"] = json!(chosen);
        resolved.write(&mut data);
    }
    let begin_with =
        Begin { kind: COMPONENT, person, channel, data, source: Some(source), focused: 0, late: late(body)? };
    let id = begin(world, begin_with)?;
    Ok(started(id, body))
}

fn submit(world: &mut World, body: &Value) -> Result<Done, Refused> {
    let person = field_id(body, "user")?;
    let interaction = field_id(body, "interaction")?;
    let opened = world.interactions.get(&interaction).ok_or(refused::UNKNOWN_INTERACTION)?;
    // A form that the bot left unanswered stays open, as in Discord's client.
    let sent = opened.submitted.and_then(|id| world.interactions.get(&id)).is_some_and(|it| !it.unanswered());
    let shown = opened.modal.as_ref().filter(|_| opened.person == person && !sent);
    let shown = shown.ok_or_else(|| Refused::new(404, "that interaction opened no modal for this person"))?;
    let empty = json!({});
    let components = modal::submit(shown, body.get("values").unwrap_or(&empty))?;
    let data = json!({ "custom_id": shown["custom_id"], "components": components });
    let (channel, source) = (opened.channel, opened.source);
    let begin_with =
        Begin { kind: MODAL_SUBMIT, person, channel, data, source, focused: 0, late: late(body)? };
    let id = begin(world, begin_with)?;
    if let Some(opened) = world.interactions.get_mut(&interaction) {
        opened.submitted = Some(id);
    }
    Ok(started(id, body))
}
