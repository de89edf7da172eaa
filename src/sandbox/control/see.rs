//! What a person sees: guilds and channels, people, messages, and the commands they may use.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::draft::EPHEMERAL;
use super::super::messages;
use super::super::objects;
use super::super::permissions::{self, MANAGE_GUILD, READ_MESSAGE_HISTORY, SEND_MESSAGES, VIEW_CHANNEL};
use super::super::refused::Refused;
use super::super::world::{Channel, Guild, Id, Member, Message, World};
use super::{act, path_id};

pub(super) fn route(
    world: &World,
    path: &[&str],
    query: &HashMap<String, String>,
) -> Option<Result<Value, Refused>> {
    Some(match path {
        ["view"] => view(world, query),
        ["channels", channel, "messages"] => seen(world, channel, query),
        ["channels", channel, "commands"] => commands(world, channel, query),
        _ => return None,
    })
}

fn id_in(query: &HashMap<String, String>, key: &str) -> Result<Option<Id>, Refused> {
    query.get(key).map(|text| path_id(text)).transpose()
}

fn manages(guild: &Guild, user: Id) -> bool {
    permissions::of(guild, user, None) & MANAGE_GUILD != 0
}

/// Everything that a person's window shows besides messages. Default: the first who manages nothing.
fn view(world: &World, query: &HashMap<String, String>) -> Result<Value, Refused> {
    let mut people: Vec<Id> = world
        .guilds
        .values()
        .flat_map(|guild| guild.members.keys().copied())
        .filter(|id| world.users.get(id).is_some_and(|user| !user.bot))
        .collect();
    people.sort_unstable();
    people.dedup();
    let manages_any = |id: Id| world.guilds.values().any(|guild| manages(guild, id));
    let first = people.iter().find(|id| !manages_any(**id)).or(people.first());
    let me = id_in(query, "as")?.or(first.copied());
    if let Some(me) = me {
        world.user(me)?;
    }
    let direct = world.channels.values().find(|channel| me.is_some() && channel.recipient == me);
    let guilds = world.guilds.values().filter(|guild| me.is_some_and(|me| guild.members.contains_key(&me)));
    let person = |id: &Id| {
        let at_home = world.guilds.values().find_map(|guild| Some((guild, guild.members.get(id)?)));
        named(world, *id, at_home.map(|(_, member)| member), manages_any(*id))
    };
    Ok(json!({
        "me": me.as_ref().map(person),
        "application": named(world, world.application, None, false),
        "people": people.iter().map(person).collect::<Vec<_>>(),
        "guilds": guilds.map(|guild| guild_as(world, guild, me.unwrap_or_default())).collect::<Vec<_>>(),
        "direct": direct.map(|channel| json!({
            "id": channel.id.to_string(), "user": named(world, world.application, None, false),
        })),
    }))
}

/// Nickname, else display name, else user name.
fn named(world: &World, id: Id, member: Option<&Member>, manages: bool) -> Value {
    let Some(user) = world.users.get(&id) else { return Value::Null };
    let nick = member.and_then(|member| member.nick.as_ref());
    json!({
        "id": id.to_string(), "username": user.username, "bot": user.bot, "manages": manages,
        "name": nick.or(user.display_name.as_ref()).unwrap_or(&user.username),
    })
}

fn guild_as(world: &World, guild: &Guild, me: Id) -> Value {
    let channels = guild.channels.iter().filter_map(|id| world.channels.get(id));
    let members = guild.members.iter().map(|(id, member)| {
        let mut value = named(world, *id, Some(member), manages(guild, *id));
        value["roles"] = member.roles.iter().map(ToString::to_string).collect();
        value
    });
    json!({
        "id": guild.id.to_string(), "name": guild.name, "owner_id": guild.owner.to_string(),
        "channels": channels.filter_map(|channel| channel_as(world, channel, me)).collect::<Vec<_>>(),
        "roles": guild.roles.iter().map(|role| objects::role(guild.id, role)).collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
    })
}

fn channel_as(world: &World, channel: &Channel, me: Id) -> Option<Value> {
    let held = world.permissions(me, channel);
    let last = channel.messages.iter().rev().find(|(_, it)| messages::visible(world, channel.id, it, me));
    (held & VIEW_CHANNEL != 0).then(|| {
        json!({
            "id": channel.id.to_string(), "name": channel.name, "type": channel.kind, "topic": channel.topic,
            "can_write": held & SEND_MESSAGES != 0 && channel.holds_messages(),
            "last_message_id": last.map(|(id, _)| id.to_string()),
        })
    })
}

/// What a person sees in a channel, oldest first; without a person, everything that isn't ephemeral. Limited
/// to the last `limit` before `before`, or the first after `after`.
fn seen(world: &World, channel: &str, query: &HashMap<String, String>) -> Result<Value, Refused> {
    let (id, person) = (path_id(channel)?, id_in(query, "as")?);
    let before = id_in(query, "before")?.unwrap_or(Id::MAX);
    let after = id_in(query, "after")?;
    let limit = id_in(query, "limit")?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let channel = match person {
        Some(person) => world.allowed(person, id, READ_MESSAGE_HISTORY)?,
        None => world.channel(id)?,
    };
    let shown = |message: &&Message| match person {
        Some(person) => messages::visible(world, id, message, person),
        None => message.value["flags"].as_u64().is_none_or(|flags| flags & EPHEMERAL == 0),
    };
    let first = after.map_or(0, |after| after.saturating_add(1)).min(before);
    let all = channel.messages.range(first..before);
    let all = all.map(|(_, message)| message).filter(shown);
    if after.is_some() {
        return Ok(all.take(limit).map(|message| message.value.clone()).collect());
    }
    let mut last: Vec<Value> = all.rev().take(limit).map(|message| message.value.clone()).collect();
    last.reverse();
    Ok(json!(last))
}

/// The commands that a person may use in a channel.
fn commands(world: &World, channel: &str, query: &HashMap<String, String>) -> Result<Value, Refused> {
    let person = id_in(query, "as")?.ok_or_else(|| Refused::bad("as: a user's id is needed"))?;
    let channel = world.allowed(person, path_id(channel)?, 0)?;
    let usable = act::registered(world, channel)
        .filter(|command| act::may_use(world, person, channel, command).is_ok());
    Ok(usable.map(|command| localized(command.clone(), &world.locale)).collect())
}

/// A command, option or choice as a client with this locale shows it. Names of commands and options aren't
/// replaced, since commands are invoked by them.
fn localized(mut shown: Value, locale: &str) -> Value {
    if let Some(text) = shown["description_localizations"][locale].as_str() {
        shown["description"] = json!(text);
    }
    for choice in shown["choices"].as_array_mut().into_iter().flatten() {
        if let Some(name) = choice["name_localizations"][locale].as_str() {
            choice["name"] = json!(name);
        }
    }
    if let Some(options) = shown["options"].as_array_mut() {
        for option in options {
            *option = localized(option.take(), locale);
        }
    }
    shown
}
