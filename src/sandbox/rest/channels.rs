//! Channels and their messages, reactions and pins, as the bot may use them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::draft::{Draft, Route};
use super::super::form::{self, Form};
use super::super::messages;
use super::super::permissions::{
    self, ADD_REACTIONS, MANAGE_CHANNELS, MANAGE_MESSAGES, MANAGE_ROLES, PIN_MESSAGES, READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
};
use super::super::refused::{self, Refused};
use super::super::rooms::{is_emoji, read_overwrites};
use super::super::world::{Channel, Guild, Id, Message, Overwrite, World};
use super::guilds::limit;
use super::routes::{DONE, OK};
use super::{Answer, Call};

const MOST_PINS: usize = 250;
const MOST_REACTIONS: usize = 20;
/// Seconds; six hours.
const SLOWEST: i64 = 21_600;

pub(super) fn id(text: &str) -> Result<Id, Refused> {
    text.parse().map_err(|_| refused::NOT_FOUND)
}

pub(super) fn route(world: &mut World, call: &Call, channel: Id, rest: &[&str], route: &str) -> Answer {
    let me = world.application;
    world.allowed(me, channel, 0)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok((OK, world.channel_json(world.channel(channel)?))),
        ("PATCH", []) => change(world, channel, &call.body),
        ("DELETE", []) => {
            world.allowed(me, channel, MANAGE_CHANNELS)?;
            let value = world.channel_json(world.channel(channel)?);
            world.remove_channel(channel)?;
            Ok((OK, value))
        }
        ("POST", ["typing"]) => world.allowed(me, channel, SEND_MESSAGES).map(|_| DONE),
        ("GET", ["messages"]) => Ok((OK, history(world, call, channel)?)),
        ("POST", ["messages"]) => {
            let draft = Draft::read(&call.body, &call.files, Route::Channel)?;
            let nonce = draft.nonce.clone();
            let made = messages::post(world, me, channel, draft)?;
            let mut value = world.message(channel, made)?.value.clone();
            if let Some(nonce) = nonce {
                value["nonce"] = nonce;
            }
            Ok((OK, value))
        }
        ("GET", ["messages", "pins"]) => Ok((OK, pins(world, call, channel)?)),
        ("GET", ["pins"]) => Ok((OK, pinned(world, channel).iter().map(|it| it.value.clone()).collect())),
        ("PUT", ["messages", "pins", message] | ["pins", message]) => pin(world, channel, id(message)?, true),
        ("DELETE", ["messages", "pins", message] | ["pins", message]) => {
            pin(world, channel, id(message)?, false)
        }
        ("GET", ["messages", message]) => {
            world.allowed(me, channel, READ_MESSAGE_HISTORY)?;
            Ok((OK, open(world, channel, id(message)?)?.value.clone()))
        }
        ("PATCH", ["messages", message]) => {
            let message = id(message)?;
            if open(world, channel, message)?.author != me {
                let flags_alone = call.body.as_object().is_some_and(|it| it.keys().eq(["flags"]));
                if !flags_alone || !call.files.is_empty() {
                    return Err(refused::ANOTHER_USERS_MESSAGE);
                }
                world.allowed(me, channel, MANAGE_MESSAGES)?;
            }
            let draft = Draft::read(&call.body, &call.files, Route::Edit)?;
            messages::edit(world, channel, message, draft)?;
            Ok((OK, world.message(channel, message)?.value.clone()))
        }
        ("DELETE", ["messages", message]) => {
            let message = id(message)?;
            if open(world, channel, message)?.author != me {
                world.allowed(me, channel, MANAGE_MESSAGES)?;
            }
            messages::delete(world, channel, message).map(|()| DONE)
        }
        (method @ ("PUT" | "DELETE"), ["messages", message, "reactions", emoji, "@me"]) => {
            let (message, adds) = (id(message)?, method == "PUT");
            reactable(world, channel, message, emoji, adds)?;
            world.react(channel, message, me, emoji, adds).map(|()| DONE)
        }
        _ => Err(Refused::not_built(route)),
    }
}

/// A message that everyone can see: ephemeral ones can't be reached through their channel.
fn open(world: &World, channel: Id, message: Id) -> Result<&Message, Refused> {
    let message = world.message(channel, message)?;
    if message.audience.is_some() { Err(refused::UNKNOWN_MESSAGE) } else { Ok(message) }
}

/// Whether the bot may add or remove this reaction. Joining an existing reaction needs no permission for it.
fn reactable(world: &World, channel: Id, message: Id, emoji: &str, adds: bool) -> Result<(), Refused> {
    let reactions = open(world, channel, message)?.value["reactions"].as_array().map(Vec::as_slice);
    let reactions = reactions.unwrap_or_default();
    if !is_emoji(emoji) {
        return Err(refused::UNKNOWN_EMOJI);
    }
    if !adds {
        return Ok(());
    }
    let is_there = reactions.iter().any(|it| it["emoji"]["name"] == json!(emoji));
    let needed = if is_there { READ_MESSAGE_HISTORY } else { READ_MESSAGE_HISTORY | ADD_REACTIONS };
    world.allowed(world.application, channel, needed)?;
    if !is_there && reactions.len() >= MOST_REACTIONS {
        return Err(refused::TOO_MANY_REACTIONS);
    }
    Ok(())
}

fn history(world: &World, call: &Call, channel: Id) -> Result<Value, Refused> {
    let limit = limit(call, 50, 100)?;
    // Without READ_MESSAGE_HISTORY Discord shows an empty channel.
    let Ok(channel) = world.allowed(world.application, channel, READ_MESSAGE_HISTORY) else {
        return Ok(json!([]));
    };
    let shown = |range: std::ops::Range<Id>| {
        channel.messages.range(range).map(|(_, message)| message).filter(|message| message.audience.is_none())
    };
    let end = Id::MAX;
    let newest_first: Vec<&Message> = if let Some(around) = call.id("around") {
        let mut found: Vec<_> = shown(0..around).rev().take(limit / 2).collect();
        found.reverse();
        let rest = limit - found.len();
        found.extend(shown(around..end).take(rest));
        found.into_iter().rev().collect()
    } else if let Some(after) = call.id("after") {
        let mut found: Vec<_> = shown(after.saturating_add(1)..end).take(limit).collect();
        found.reverse();
        found
    } else {
        shown(0..call.id("before").unwrap_or(end)).rev().take(limit).collect()
    };
    Ok(newest_first.into_iter().map(|message| message.value.clone()).collect())
}

fn pinned(world: &World, channel: Id) -> Vec<&Message> {
    // As with the history, Discord returns an empty list rather than an error.
    let Ok(channel) = world.allowed(world.application, channel, READ_MESSAGE_HISTORY) else {
        return Vec::new();
    };
    channel.messages.values().rev().filter(|message| message.value["pinned"] == json!(true)).collect()
}

fn pins(world: &World, call: &Call, channel: Id) -> Result<Value, Refused> {
    let (limit, found) = (limit(call, 50, 50)?, pinned(world, channel));
    let items: Vec<_> = found
        .iter()
        .take(limit)
        .map(|message| json!({ "pinned_at": message.value["timestamp"], "message": message.value }))
        .collect();
    Ok(json!({ "items": items, "has_more": found.len() > limit }))
}

fn pin(world: &mut World, channel: Id, message: Id, on: bool) -> Answer {
    world.allowed(world.application, channel, PIN_MESSAGES)?;
    open(world, channel, message)?;
    let count =
        world.channel(channel)?.messages.values().filter(|it| it.value["pinned"] == json!(true)).count();
    if on && count >= MOST_PINS {
        return Err(refused::TOO_MANY_PINS);
    }
    let guild = world.channel(channel)?.guild;
    if let Some(message) = world.channel_mut(channel)?.messages.get_mut(&message) {
        message.value["pinned"] = json!(on);
    }
    let now = world.stamp();
    let mut data = json!({ "channel_id": channel.to_string(), "last_pin_timestamp": now });
    if let Some(guild) = guild {
        data["guild_id"] = json!(guild.to_string());
    }
    world.dispatch("CHANNEL_PINS_UPDATE", guild, data);
    Ok(DONE)
}

pub(super) fn open_direct(world: &mut World, body: &Value) -> Answer {
    let user = form::read(body, |form| form.need("recipient_id").and_then(|id| id.id()))?;
    let user = user.ok_or(refused::UNKNOWN_USER)?;
    if user == world.application {
        return Err(refused::CANNOT_DM);
    }
    let channel = world.direct(user)?;
    Ok((OK, world.channel_json(world.channel(channel)?)))
}

/// The requested changes to a channel; `None` leaves a field unchanged.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) kind: Option<u8>,
    /// Empty removes it.
    pub(super) topic: Option<String>,
    /// Zero removes it.
    pub(super) parent: Option<Id>,
    pub(super) overwrites: Option<Vec<Overwrite>>,
    pub(super) position: Option<usize>,
    pub(super) nsfw: Option<bool>,
    pub(super) slow_mode: Option<u64>,
}

impl Wanted {
    /// Applies the changes to a channel, except kind and permissions.
    pub(super) fn shape(self, channel: &mut Channel) {
        channel.name = self.name.unwrap_or_else(|| channel.name.clone());
        if let Some(topic) = self.topic {
            channel.topic = Some(topic).filter(|topic| !topic.is_empty());
        }
        if let Some(parent) = self.parent {
            channel.parent = Some(parent).filter(|parent| *parent != 0);
        }
        channel.position = self.position.unwrap_or(channel.position);
        channel.nsfw = self.nsfw.unwrap_or(channel.nsfw);
        channel.slow_mode = self.slow_mode.unwrap_or(channel.slow_mode);
    }
}

/// Rejects channel fields that Discord has and the sandbox doesn't.
pub(super) fn built(body: &Value) -> Result<(), Refused> {
    const MISSING: [&str; 10] = [
        "bitrate",
        "user_limit",
        "rtc_region",
        "video_quality_mode",
        "flags",
        "available_tags",
        "default_reaction_emoji",
        "default_sort_order",
        "default_forum_layout",
        "default_auto_archive_duration",
    ];
    let missing = MISSING.iter().find(|key| body.get(**key).is_some_and(|value| !value.is_null()));
    missing.map_or(Ok(()), |key| Err(Refused::not_built(&format!("{key} of a channel"))))
}

/// Parses the body of a new or changed channel.
pub(super) fn read_channel(form: &Form<'_>) -> Wanted {
    Wanted {
        name: form.get("name").and_then(|it| it.text(1..=100)).map(ToOwned::to_owned),
        kind: form
            .get("type")
            .and_then(|it| it.one_of(&[0, 2, 4, 5, 13, 15]))
            .and_then(|it| u8::try_from(it).ok()),
        topic: form.given("topic").map(|it| {
            if it.value().is_null() {
                String::new()
            } else {
                it.text(0..=1024).unwrap_or_default().to_owned()
            }
        }),
        parent: form
            .given("parent_id")
            .map(|it| if it.value().is_null() { 0 } else { it.id().unwrap_or_default() }),
        overwrites: form.get("permission_overwrites").map(|it| read_overwrites(&it)),
        position: form.get("position").and_then(|it| it.int(0..=i64::MAX)).and_then(|it| it.try_into().ok()),
        nsfw: form.get("nsfw").and_then(|it| it.flag()),
        slow_mode: form
            .get("rate_limit_per_user")
            .and_then(|it| it.int(0..=SLOWEST))
            .and_then(|it| it.try_into().ok()),
    }
}

/// The bot can neither allow nor deny permissions it lacks in the guild.
pub(super) fn within(overwrites: &[Overwrite], guild: &Guild, bot: Id) -> Result<(), Refused> {
    let held = permissions::of(guild, bot, None);
    let fits = overwrites.iter().all(|over| (over.allow | over.deny) & !held == 0);
    if fits { Ok(()) } else { Err(refused::MISSING_PERMISSIONS) }
}

fn change(world: &mut World, id: Id, body: &Value) -> Answer {
    let guild = world.allowed(world.application, id, MANAGE_CHANNELS)?.guild;
    built(body)?;
    let mut wanted = form::read(body, read_channel)?;
    if let Some(overwrites) = &wanted.overwrites {
        let held = world.permissions(world.application, world.channel(id)?);
        if held & MANAGE_ROLES == 0 {
            return Err(refused::MISSING_PERMISSIONS);
        }
        within(overwrites, world.guild(guild.unwrap_or_default())?, world.application)?;
    }
    let channel = world.channel_mut(id)?;
    channel.overwrites = wanted.overwrites.take().unwrap_or_else(|| channel.overwrites.clone());
    wanted.shape(channel);
    let value = world.channel_json(world.channel(id)?);
    world.dispatch("CHANNEL_UPDATE", guild, value.clone());
    Ok((StatusCode::OK, value))
}
