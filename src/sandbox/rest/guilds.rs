//! Guilds, their channels, roles and members, as far as the bot may see them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::form;
use super::super::objects;
use super::super::permissions::{self, MANAGE_CHANNELS, VIEW_CHANNEL};
use super::super::refused::{self, Refused};
use super::super::world::{Id, World};
use super::channels::{self, read_channel};
use super::routes::OK;
use super::{Answer, Call};

pub(super) fn route(world: &mut World, call: &Call, id: Id, rest: &[&str], route: &str) -> Answer {
    let guild = world.guilds.get(&id).ok_or(refused::UNKNOWN_GUILD)?;
    if !guild.members.contains_key(&world.application) {
        return Err(refused::MISSING_ACCESS);
    }
    let answer = match (call.method.as_str(), rest) {
        ("GET", []) => {
            let mut value = objects::guild(guild);
            if call.is_set("with_counts") {
                value["approximate_member_count"] = json!(guild.members.len());
                value["approximate_presence_count"] = json!(guild.members.len());
            }
            value
        }
        ("GET", ["channels"]) => guild
            .channels
            .iter()
            .filter_map(|id| world.channels.get(id))
            .filter(|channel| world.permissions(world.application, channel) & VIEW_CHANNEL != 0)
            .map(|channel| world.channel_json(channel))
            .collect(),
        ("POST", ["channels"]) => {
            if permissions::of(guild, world.application, None) & MANAGE_CHANNELS == 0 {
                return Err(refused::MISSING_PERMISSIONS);
            }
            channels::built(&call.body)?;
            let mut wanted = form::read(&call.body, |form| {
                form.need("name");
                read_channel(form)
            })?;
            channels::within(wanted.overwrites.as_deref().unwrap_or_default(), guild, world.application)?;
            let made = world.add_channel(
                id,
                wanted.name.as_deref().unwrap_or_default(),
                wanted.kind.unwrap_or(0),
                wanted.overwrites.take().unwrap_or_default(),
            )?;
            wanted.shape(world.channel_mut(made)?);
            let value = world.channel_json(world.channel(made)?);
            world.dispatch("CHANNEL_CREATE", Some(id), value.clone());
            return Ok((StatusCode::CREATED, value));
        }
        ("GET", ["roles"]) => guild.roles.iter().map(|role| objects::role(id, role)).collect(),
        ("GET", ["roles", role]) => guild
            .roles
            .iter()
            .find(|it| it.id.to_string() == *role)
            .map(|role| objects::role(id, role))
            .ok_or(refused::UNKNOWN_ROLE)?,
        ("GET", ["members"]) => {
            let (limit, after) = (limit(call, 1, 1000)?, call.id("after").unwrap_or(0));
            let later = guild.members.range(after.saturating_add(1)..).take(limit);
            later.map(|(user, member)| world.member_json(*user, member)).collect()
        }
        ("GET", ["members", "search"]) => {
            let query = call.query.get("query").map(|it| it.to_lowercase()).unwrap_or_default();
            let starts = |text: &str| text.to_lowercase().starts_with(&query);
            let found = guild.members.iter().filter(|(user, member)| {
                member.nick.as_deref().is_some_and(starts)
                    || world.users.get(user).is_some_and(|it| {
                        starts(&it.username) || it.display_name.as_deref().is_some_and(starts)
                    })
            });
            found.take(limit(call, 1, 1000)?).map(|(user, member)| world.member_json(*user, member)).collect()
        }
        ("GET", ["members", user]) => {
            let user = if *user == "@me" { world.application } else { channels::id(user)? };
            world.user(user)?;
            world.member_json(user, guild.members.get(&user).ok_or(refused::UNKNOWN_MEMBER)?)
        }
        _ => return Err(Refused::not_built(route)),
    };
    Ok((OK, answer))
}

/// The guilds the bot is in.
pub(super) fn mine(world: &World, call: &Call) -> Value {
    let (after, before) = (call.id("after").unwrap_or(0), call.id("before").unwrap_or(Id::MAX));
    let limit = limit(call, 200, 200).unwrap_or(200);
    let guilds = world.guilds.values().filter(|guild| guild.id > after && guild.id < before).take(limit);
    guilds
        .map(|guild| {
            json!({
                "id": guild.id.to_string(), "name": guild.name, "icon": null, "banner": null, "features": [],
                "owner": guild.owner == world.application,
                "permissions": permissions::of(guild, world.application, None).to_string(),
            })
        })
        .collect()
}

/// The `limit` parameter: `default` if absent, an error if out of range.
pub(super) fn limit(call: &Call, default: usize, most: usize) -> Result<usize, Refused> {
    let Some(text) = call.query.get("limit") else {
        return Ok(default);
    };
    match text.parse() {
        Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
        _ => form::read(&json!({ "limit": text }), |form| {
            if let Some(field) = form.get("limit") {
                field.fault("NUMBER_TYPE_MAX", format!("int value should be between 1 and {most}."));
            }
            default
        }),
    }
}
