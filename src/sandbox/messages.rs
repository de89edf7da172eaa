//! Creating, editing and deleting messages, and notifying the gateway and the feed. For `rest`,
//! `interactions` and `control`, which check permissions first.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::draft::{Draft, EPHEMERAL, LOADING, Upload};
use super::mentions::{self, Allowed, Pings};
use super::objects;
use super::permissions::{
    ATTACH_FILES, EMBED_LINKS, READ_MESSAGE_HISTORY, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS,
    SEND_TTS_MESSAGES,
};
use super::refused::{self, Refused};
use super::world::{File, Id, Message, World};

/// How long an enforced nonce is remembered.
const NONCE_MINUTES: i64 = 5;

/// A message to be created.
#[derive(Debug)]
pub(crate) struct NewMessage {
    pub(crate) channel: Id,
    pub(crate) author: Id,
    pub(crate) draft: Draft,
    /// Discord's message type.
    pub(crate) kind: u8,
    pub(crate) audience: Option<Id>,
    pub(crate) interaction: Option<Id>,
    /// Extra fields of the object, such as `interaction_metadata`.
    pub(crate) extra: Vec<(&'static str, Value)>,
    pub(crate) loading: bool,
}

/// The most bytes of files; beyond that the oldest are dropped.
const MOST_KEPT: usize = 256 * 1024 * 1024;

impl NewMessage {
    pub(crate) fn plain(channel: Id, author: Id, draft: Draft) -> Self {
        Self {
            channel,
            author,
            draft,
            kind: 0,
            audience: None,
            interaction: None,
            extra: Vec::new(),
            loading: false,
        }
    }
}

/// A message as embedded in a reply to it: without the message it replied to itself.
pub(crate) fn without_reference(message: &Value) -> Value {
    let mut message = message.clone();
    if let Some(fields) = message.as_object_mut() {
        fields.remove("referenced_message");
    }
    message
}

/// A message to a channel by the bot or a person: checks permissions, nonce and reply, then creates it.
/// Returns its id.
pub(crate) fn post(world: &mut World, author: Id, channel_id: Id, draft: Draft) -> Result<Id, Refused> {
    let in_thread = world.channel(channel_id)?.is_thread();
    let mut needed = if in_thread { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
    for (wanted, permission) in [
        (draft.embeds.as_ref().is_some_and(|list| !list.is_empty()), EMBED_LINKS),
        (!draft.files.is_empty(), ATTACH_FILES),
        (draft.tts, SEND_TTS_MESSAGES),
    ] {
        needed |= if wanted { permission } else { 0 };
    }
    let channel = world.allowed(author, channel_id, needed)?;
    if channel.is_forum() {
        return Err(refused::IN_A_FORUM);
    }
    if draft.reply_to.is_some() && world.permissions(author, channel) & READ_MESSAGE_HISTORY == 0 {
        return Err(refused::NO_HISTORY_TO_REPLY);
    }
    if !channel.holds_messages() {
        return Err(refused::NOT_A_TEXT_CHANNEL);
    }
    let closed = channel.recipient.and_then(|id| world.users.get(&id)).is_some_and(|user| user.closed);
    if closed && author == world.application {
        return Err(refused::CANNOT_DM);
    }
    if draft.is_empty() {
        return Err(refused::EMPTY_MESSAGE);
    }
    let enforced = draft.nonce.as_ref().filter(|_| draft.enforce_nonce).map(nonce_text);
    if let Some(nonce) = &enforced
        && let Some(earlier) = earlier(world, channel_id, author, nonce)?
    {
        return Ok(earlier);
    }
    let mut new = NewMessage::plain(channel_id, author, draft);
    if let Some(reply) = new.draft.reply_to {
        let exists = world.message(channel_id, reply.message).is_ok_and(|message| message.audience.is_none());
        if exists {
            new.kind = 19;
        } else if reply.must_exist {
            return super::form::read(&json!({}), |form| {
                form.fault("MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message");
                0
            });
        } else {
            new.draft.reply_to = None;
        }
    }
    let id = create(world, new)?;
    if let Some(nonce) = enforced {
        let now = world.now();
        world.channel_mut(channel_id)?.nonces.push_back((author, nonce, now, id));
    }
    Ok(id)
}

fn nonce_text(nonce: &Value) -> String {
    nonce.as_str().map_or_else(|| nonce.to_string(), ToOwned::to_owned)
}

/// The message created earlier with an enforced nonce. If that was deleted, the retry is an error and creates
/// none.
fn earlier(world: &mut World, channel: Id, author: Id, nonce: &str) -> Result<Option<Id>, Refused> {
    let since = world.now() - chrono::Duration::minutes(NONCE_MINUTES);
    let channel = world.channel_mut(channel)?;
    while channel.nonces.front().is_some_and(|(_, _, at, _)| *at < since) {
        channel.nonces.pop_front();
    }
    let found =
        channel.nonces.iter().find(|(by, text, _, _)| *by == author && text == nonce).map(|entry| entry.3);
    match found {
        Some(id) if !channel.messages.contains_key(&id) => Err(refused::UNKNOWN_MESSAGE),
        found => Ok(found),
    }
}

/// Creates the message and notifies everyone who may see it. Returns its id.
pub(crate) fn create(world: &mut World, new: NewMessage) -> Result<Id, Refused> {
    let id = world.next_id();
    let attachments = store(world, &new.draft);
    let draft = new.draft;
    let reply_to = draft.reply_to.map(|reply| reply.message);
    let channel = world.channel(new.channel)?;
    let replied = reply_to.and_then(|id| channel.messages.get(&id));
    let content = draft.content.unwrap_or_default();
    // A placeholder pings nobody; the message that fills it may.
    let replied_author = replied.filter(|_| !new.loading).map(|it| it.author);
    let allowed = draft.allowed.unwrap_or_else(|| Allowed::unsaid(new.interaction.is_some()));
    let pings = mentions::pings(world, channel, new.author, &content, &allowed, replied_author);
    let mut flags = draft.flags.unwrap_or(0) & !EPHEMERAL;
    flags |= if new.audience.is_some() { EPHEMERAL } else { 0 };
    flags |= if new.loading { LOADING } else { 0 };
    let mut value = json!({
        "id": id.to_string(), "channel_id": new.channel.to_string(), "author": world.user_json(new.author),
        "content": content, "timestamp": world.stamp(), "edited_timestamp": null, "tts": draft.tts,
        "attachments": attachments, "embeds": draft.embeds.unwrap_or_default(),
        "components": draft.components.unwrap_or_default(), "pinned": false, "type": new.kind, "flags": flags,
        "mention_everyone": false, "mentions": [], "mention_roles": [],
    });
    resolve_media(&mut value);
    write_pings(world, &mut value, &pings);
    if let Some(replied) = replied {
        value["message_reference"] = json!({
            "type": 0, "message_id": replied.value["id"], "channel_id": new.channel.to_string(),
        });
        if let Some(guild) = channel.guild {
            value["message_reference"]["guild_id"] = json!(guild.to_string());
        }
        value["referenced_message"] = without_reference(&replied.value);
    }
    for (key, part) in new.extra {
        value[key] = part;
    }
    let message = Message {
        value,
        author: new.author,
        audience: new.audience,
        interaction: new.interaction,
        pings,
        reactions: HashMap::new(),
        loading: new.loading,
    };
    world.whereabouts.insert(id, new.channel);
    world.channel_mut(new.channel)?.messages.insert(id, message);
    announce(world, new.channel, id, "MESSAGE_CREATE", draft.nonce.as_ref());
    feed(world, new.channel, id, if new.loading { "thinking" } else { "made" });
    Ok(id)
}

/// Applies the fields of `draft`. Filling a deferred reply this way counts as creating it.
pub(crate) fn edit(world: &mut World, channel_id: Id, id: Id, draft: Draft) -> Result<(), Refused> {
    let new_files = store(world, &draft);
    let now = world.stamp();
    let message = world.message(channel_id, id)?;
    let (mut value, author, filled) = (message.value.clone(), message.author, message.loading);
    let (by_interaction, mut pings) = (message.interaction.is_some(), message.pings.clone());
    let rewritten = draft.content.is_some() || draft.allowed.is_some();
    if let Some(content) = draft.content {
        value["content"] = json!(content);
    }
    if let Some(embeds) = draft.embeds {
        value["embeds"] = json!(embeds);
    }
    if let Some(components) = draft.components {
        value["components"] = json!(components);
    }
    let mut attachments = value["attachments"].as_array().cloned().unwrap_or_default();
    if let Some(kept) = &draft.kept {
        attachments.retain(|it| super::world::id_of(&it["id"]).is_some_and(|id| kept.contains(&id)));
    }
    attachments.extend(new_files);
    value["attachments"] = json!(attachments);
    let nothing = |key: &str| value[key].as_array().is_none_or(Vec::is_empty);
    if value["content"] == json!("") && ["embeds", "components", "attachments"].into_iter().all(nothing) {
        return Err(refused::EMPTY_MESSAGE);
    }
    resolve_media(&mut value);
    let flags = value["flags"].as_u64().unwrap_or(0) & !LOADING;
    let settable = super::draft::SUPPRESS_EMBEDS;
    value["flags"] = json!(draft.flags.map_or(flags, |new| flags & !settable | new & settable));
    let channel = world.channel(channel_id)?;
    let replied = value.pointer("/referenced_message/author/id").filter(|_| !by_interaction);
    let replied = replied.and_then(super::world::id_of);
    let content = value["content"].as_str().unwrap_or_default();
    if rewritten {
        let allowed = draft.allowed.unwrap_or_else(|| Allowed::unsaid(by_interaction));
        pings = mentions::pings(world, channel, author, content, &allowed, replied);
    }
    write_pings(world, &mut value, &pings);
    if !filled {
        value["edited_timestamp"] = json!(now);
    }
    if let Some(message) = world.channel_mut(channel_id)?.messages.get_mut(&id) {
        message.value = value;
        message.pings = pings;
        message.loading = false;
    }
    announce(world, channel_id, id, "MESSAGE_UPDATE", None);
    feed(world, channel_id, id, if filled { "made" } else { "edited" });
    Ok(())
}

pub(crate) fn delete(world: &mut World, channel_id: Id, id: Id) -> Result<(), Refused> {
    world.message(channel_id, id)?;
    feed(world, channel_id, id, "deleted");
    let channel = world.channel_mut(channel_id)?;
    let guild = channel.guild;
    let message = channel.messages.remove(&id);
    world.whereabouts.remove(&id);
    if message.is_some_and(|message| message.audience.is_none()) {
        let mut data = json!({ "id": id.to_string(), "channel_id": channel_id.to_string() });
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild.to_string());
        }
        world.dispatch("MESSAGE_DELETE", guild, data);
    }
    Ok(())
}

/// Stores the files of a draft and returns their attachment objects.
pub(crate) fn store(world: &mut World, draft: &Draft) -> Vec<Value> {
    draft
        .files
        .iter()
        .map(|file| {
            let mut value = keep(world, file);
            if let Some((_, text)) = draft.descriptions.iter().find(|(index, _)| *index == file.index) {
                value["description"] = json!(text);
            }
            value
        })
        .collect()
}

/// Stores one file and returns its attachment object.
pub(crate) fn keep(world: &mut World, file: &Upload) -> Value {
    let id = world.next_id();
    let url =
        format!("{}/sandbox/files/{id}/{}", world.url, file.filename.replace([' ', '/', '?', '#', '%'], "_"));
    let mut value = json!({
        "id": id.to_string(), "filename": file.filename, "size": file.bytes.len(), "url": url,
        "proxy_url": url, "content_type": file.content_type,
    });
    if let Some((width, height)) = png_size(&file.bytes) {
        value["width"] = json!(width);
        value["height"] = json!(height);
    }
    world.files.insert(id, File { content_type: file.content_type.clone(), bytes: file.bytes.clone() });
    let mut kept: usize = world.files.values().map(|file| file.bytes.len()).sum();
    while kept > MOST_KEPT
        && let Some((_, oldest)) = world.files.pop_first()
    {
        kept -= oldest.bytes.len();
    }
    value
}

/// Width and height from a PNG's header.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(8..16)?;
    let number = |part: &[u8]| part.try_into().ok().map(u32::from_be_bytes);
    Some((number(header.get(..4)?)?, number(header.get(4..)?)?))
}

/// Resolves `attachment://name` in embeds to the URL of that file.
fn resolve_media(message: &mut Value) {
    let attachments = message["attachments"].take();
    for embed in message["embeds"].as_array_mut().into_iter().flatten() {
        for key in ["image", "thumbnail"] {
            let Some(media) = embed.get_mut(key) else {
                continue;
            };
            let name = media["url"].as_str().and_then(|url| url.strip_prefix("attachment://"));
            let file = name
                .and_then(|name| attachments.as_array()?.iter().find(|file| file["filename"] == json!(name)));
            if let Some(file) = file {
                *media = json!({
                    "url": file["url"], "proxy_url": file["url"], "width": file["width"].as_u64().unwrap_or(0),
                    "height": file["height"].as_u64().unwrap_or(0),
                });
            }
        }
    }
    message["attachments"] = attachments;
}

fn write_pings(world: &World, value: &mut Value, pings: &Pings) {
    value["mention_everyone"] = json!(pings.everyone);
    value["mentions"] = pings.users.iter().map(|id| world.user_json(*id)).collect();
    value["mention_roles"] = pings.roles.iter().map(ToString::to_string).collect();
}

/// The message as sent over the gateway: with guild and member.
fn announce(world: &mut World, channel_id: Id, id: Id, event: &str, nonce: Option<&Value>) {
    let Ok(message) = world.message(channel_id, id) else {
        return;
    };
    if message.audience.is_some() {
        return;
    }
    let mut value = message.value.clone();
    let author = message.author;
    let guild = world.channels.get(&channel_id).and_then(|channel| channel.guild);
    if let Some(guild) = guild.and_then(|id| world.guilds.get(&id)) {
        value["guild_id"] = json!(guild.id.to_string());
        if let Some(member) = guild.members.get(&author) {
            value["member"] = objects::bare_member(member);
        }
    }
    if let Some(nonce) = nonce {
        value["nonce"] = nonce.clone();
    }
    world.dispatch(event, guild, value);
}

pub(crate) fn feed(world: &mut World, channel_id: Id, id: Id, kind: &str) {
    let (Ok(channel), Ok(message)) = (world.channel(channel_id), world.message(channel_id, id)) else {
        return;
    };
    let author = world.users.get(&message.author);
    let only = message.audience.or(channel.recipient);
    let entry = json!({
        "kind": kind, "channel": { "id": channel_id.to_string(), "name": channel.name },
        "guild": channel.guild.map(|id| id.to_string()),
        "author": { "id": message.author.to_string(), "name": author.map(|user| &user.username) },
        "for": only.map(|id| id.to_string()), "message": message.value, "pings": message.pings.json(),
    });
    world.journal.feed(entry);
}

/// Whether `person` can see the message.
pub(crate) fn visible(world: &World, channel: Id, message: &Message, person: Id) -> bool {
    message.audience.is_none_or(|only| only == person)
        && world
            .channel(channel)
            .is_ok_and(|channel| world.permissions(person, channel) & super::permissions::VIEW_CHANNEL != 0)
}
