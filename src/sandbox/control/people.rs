//! Guilds, channels, roles and people: creating, changing and removing them.

use serde_json::{Value, json};

use super::super::form;
use super::super::objects;
use super::super::permissions;
use super::super::refused::{self, Refused};
use super::super::rooms::read_overwrites;
use super::super::world::{Guild, Id, Member, Role, World, id_of};
use super::{field_text, optional, optional_id, path_id};

/// How many guilds one request can make.
const MOST_GUILDS: u64 = 10_000;

pub(super) fn route(world: &mut World, method: &str, path: &[&str], body: &Value) -> Result<Value, Refused> {
    match (method, path) {
        ("POST", ["guilds"]) => make_guilds(world, body),
        ("GET", ["guilds"]) => Ok(world.guilds.values().map(|guild| told(world, guild)).collect()),
        ("GET", ["guilds", guild]) => Ok(told(world, world.guild(path_id(guild)?)?)),
        ("DELETE", ["guilds", guild]) => leave(world, path_id(guild)?),
        ("POST", ["guilds", guild, "channels"]) => make_channel(world, path_id(guild)?, body),
        ("POST", ["guilds", guild, "roles"]) => make_role(world, path_id(guild)?, body),
        ("POST", ["guilds", guild, "people"]) => join(world, path_id(guild)?, body),
        ("PATCH", ["guilds", guild, "people", user]) => change(world, path_id(guild)?, path_id(user)?, body),
        ("DELETE", ["guilds", guild, "people", user]) => part(world, path_id(guild)?, path_id(user)?),
        ("DELETE", ["channels", channel]) => world.remove_channel(path_id(channel)?).map(|()| json!({})),
        ("PUT", ["channels", channel, "overwrites"]) => {
            let id = path_id(channel)?;
            let wrapped = json!({ "overwrites": body });
            let overwrites =
                form::read(&wrapped, |form| form.need("overwrites").map(|list| read_overwrites(&list)))?;
            let channel = world.channel_mut(id)?;
            channel.overwrites = overwrites.unwrap_or_default();
            let guild = channel.guild;
            let value = world.channel_json(world.channel(id)?);
            world.dispatch("CHANNEL_UPDATE", guild, value.clone());
            Ok(value)
        }
        ("PATCH", ["users", user]) => {
            let id = path_id(user)?;
            let closed = optional(body, "closed", "true or false", Value::as_bool)?;
            let user = world.users.get_mut(&id).ok_or(refused::UNKNOWN_USER)?;
            user.closed = closed.unwrap_or(user.closed);
            Ok(world.user_json(id))
        }
        ("POST", ["users", user, "direct"]) => {
            let channel = world.direct(path_id(user)?)?;
            Ok(json!({ "id": channel.to_string() }))
        }
        _ => Err(Refused::not_built(&format!("{method} /sandbox/{}", path.join("/")))),
    }
}

/// A guild in the control API.
fn told(world: &World, guild: &Guild) -> Value {
    let channels: Vec<_> = guild.channels.iter().filter_map(|id| world.channels.get(id)).collect();
    json!({
        "id": guild.id.to_string(), "name": guild.name, "owner_id": guild.owner.to_string(),
        "channel_id": channels.first().map(|channel| channel.id.to_string()),
        "bot_role_id": guild.roles.iter().find(|role| role.bot.is_some()).map(|role| role.id.to_string()),
        "channels": channels.iter().map(|it| json!({ "id": it.id.to_string(), "name": it.name })).collect::<Vec<_>>(),
        "members": guild.members.len(),
    })
}

fn make_guilds(world: &mut World, body: &Value) -> Result<Value, Refused> {
    let name = field_text(body, "name")?;
    let bot_permissions = body.get("bot_permissions").map(bits).transpose()?.unwrap_or(permissions::BOT);
    let owner = match body.get("owner") {
        None | Some(Value::Null) => None,
        Some(owner) => match id_of(owner).filter(|id| world.users.contains_key(id)) {
            Some(id) => Some(id),
            None => Some(world.add_user(field_text(body, "owner")?, None, false)),
        },
    };
    let Some(count) = optional(body, "count", "a whole number", Value::as_u64)? else {
        let id = make_guild(world, name, owner, bot_permissions)?;
        return Ok(told(world, world.guild(id)?));
    };
    if count > MOST_GUILDS {
        return Err(Refused::bad(format!("at most {MOST_GUILDS} guilds at once")));
    }
    let owner = owner.unwrap_or_else(|| world.add_user("owner", None, false));
    let ids: Result<Vec<String>, Refused> = (1..=count)
        .map(|number| {
            make_guild(world, &format!("{name} {number}"), Some(owner), bot_permissions)
                .map(|id| id.to_string())
        })
        .collect();
    Ok(json!({ "ids": ids? }))
}

fn make_guild(world: &mut World, name: &str, owner: Option<Id>, bot_permissions: u64) -> Result<Id, Refused> {
    let id = world.next_guild_id();
    let owner = owner.unwrap_or_else(|| world.add_user("owner", None, false));
    let (bot, now, bot_role) = (world.application, world.stamp(), world.next_id());
    let role = |id, name: &str, permissions, position, bot| Role {
        id,
        name: name.to_owned(),
        permissions,
        position,
        bot,
        mentionable: false,
    };
    let member = |roles| Member { nick: None, roles, joined_at: now.clone() };
    let guild = Guild {
        id,
        name: name.to_owned(),
        owner,
        roles: vec![
            role(id, "@everyone", permissions::EVERYONE, 0, None),
            role(bot_role, "bot", bot_permissions, 1, Some(bot)),
        ],
        channels: Vec::new(),
        members: [(owner, member(Vec::new())), (bot, member(vec![bot_role]))].into(),
        joined_at: now.clone(),
    };
    world.guilds.insert(id, guild);
    world.add_channel(id, "general", 0, Vec::new())?;
    let value = world.guild_create_json(world.guild(id)?);
    world.dispatch("GUILD_CREATE", Some(id), value);
    Ok(id)
}

fn leave(world: &mut World, id: Id) -> Result<Value, Refused> {
    let guild = world.guilds.remove(&id).ok_or(refused::UNKNOWN_GUILD)?;
    for channel in &guild.channels {
        world.channels.remove(channel);
    }
    world.whereabouts.retain(|_, channel| !guild.channels.contains(channel));
    world.commands.remove(&Some(id));
    world.dispatch("GUILD_DELETE", Some(id), json!({ "id": id.to_string() }));
    Ok(json!({}))
}

fn make_channel(world: &mut World, guild: Id, body: &Value) -> Result<Value, Refused> {
    let name = field_text(body, "name")?;
    let known = |kind: &Value| kind.as_u64().filter(|kind| matches!(kind, 0 | 2 | 4 | 5 | 10..=13 | 15));
    let kind = optional(body, "type", "a type of channel", known)?;
    let kind = kind.and_then(|kind| u8::try_from(kind).ok()).unwrap_or(0);
    let overwrites = form::read(body, |form| form.get("overwrites").map(|list| read_overwrites(&list)))?;
    let id = world.add_channel(guild, name, kind, overwrites.unwrap_or_default())?;
    let value = world.channel_json(world.channel(id)?);
    world.dispatch("CHANNEL_CREATE", Some(guild), value.clone());
    Ok(value)
}

/// A permission bitset, from a string or a number.
fn bits(value: &Value) -> Result<u64, Refused> {
    id_of(value).ok_or_else(|| Refused::bad("permissions: a bitset is needed"))
}

fn make_role(world: &mut World, guild: Id, body: &Value) -> Result<Value, Refused> {
    let name = field_text(body, "name")?.to_owned();
    let permissions = body.get("permissions").map(bits).transpose()?.unwrap_or(0);
    let mentionable = optional(body, "mentionable", "true or false", Value::as_bool)?.unwrap_or(false);
    let id = world.next_id();
    let home = world.guild_mut(guild)?;
    let role = Role { id, name, permissions, position: home.roles.len(), bot: None, mentionable };
    let value = objects::role(guild, &role);
    home.roles.push(role);
    world.dispatch("GUILD_ROLE_CREATE", Some(guild), json!({ "guild_id": guild.to_string(), "role": value }));
    Ok(value)
}

fn roles(world: &World, guild: Id, body: &Value) -> Result<Option<Vec<Id>>, Refused> {
    let Some(list) = body.get("roles").filter(|list| !list.is_null()) else {
        return Ok(None);
    };
    let ids = list.as_array().and_then(|list| list.iter().map(id_of).collect::<Option<Vec<Id>>>());
    let ids = ids.ok_or_else(|| Refused::bad("roles: a list of ids is needed"))?;
    let known = &world.guild(guild)?.roles;
    match ids.iter().find(|id| !known.iter().any(|role| role.id == **id)) {
        Some(_) => Err(refused::UNKNOWN_ROLE),
        None => Ok(Some(ids)),
    }
}

fn join(world: &mut World, guild: Id, body: &Value) -> Result<Value, Refused> {
    world.guild(guild)?;
    let text = |key| Ok(optional(body, key, "a text", Value::as_str)?.map(ToOwned::to_owned));
    let user = if let Some(user) = optional_id(body, "user")? {
        world.user(user)?.id
    } else {
        let bot = optional(body, "bot", "true or false", Value::as_bool)?.unwrap_or(false);
        let name = field_text(body, "username")?;
        if name.trim().is_empty() {
            return Err(Refused::bad("username: a name is needed"));
        }
        world.add_user(name, text("display_name")?, bot)
    };
    let member = Member {
        nick: text("nick")?,
        roles: roles(world, guild, body)?.unwrap_or_default(),
        joined_at: world.stamp(),
    };
    world.guild_mut(guild)?.members.insert(user, member);
    member_event(world, guild, user, "GUILD_MEMBER_ADD")
}

fn change(world: &mut World, guild: Id, user: Id, body: &Value) -> Result<Value, Refused> {
    let roles = roles(world, guild, body)?;
    optional(body, "nick", "a text", Value::as_str)?;
    let member = world.guild_mut(guild)?.members.get_mut(&user).ok_or(refused::UNKNOWN_MEMBER)?;
    if let Some(nick) = body.get("nick") {
        member.nick = nick.as_str().map(ToOwned::to_owned);
    }
    member.roles = roles.unwrap_or_else(|| member.roles.clone());
    member_event(world, guild, user, "GUILD_MEMBER_UPDATE")
}

fn member_event(world: &mut World, guild: Id, user: Id, event: &str) -> Result<Value, Refused> {
    let member = world.guild(guild)?.members.get(&user).ok_or(refused::UNKNOWN_MEMBER)?;
    let mut value = world.member_json(user, member);
    value["guild_id"] = json!(guild.to_string());
    world.dispatch(event, Some(guild), value.clone());
    // Returned to the caller, who will want to act as this person next.
    value["id"] = json!(user.to_string());
    Ok(value)
}

fn part(world: &mut World, guild: Id, user: Id) -> Result<Value, Refused> {
    world.guild_mut(guild)?.members.remove(&user).ok_or(refused::UNKNOWN_MEMBER)?;
    let data = json!({ "guild_id": guild.to_string(), "user": world.user_json(user) });
    world.dispatch("GUILD_MEMBER_REMOVE", Some(guild), data);
    Ok(json!({}))
}
