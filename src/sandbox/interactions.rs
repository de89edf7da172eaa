//! Interactions, from the press of a button to the bot's last follow-up. Started by `control`, answered
//! through `rest`.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::commands::check_choice;
use super::draft::{Draft, Route, Upload};
use super::form;
use super::messages::{self, NewMessage};
use super::modal;
use super::objects::ATTACHMENT_LIMIT;
use super::refused::{self, Refused};
use super::world::{Id, World, id_of};

pub(crate) const COMMAND: u8 = 2;
pub(crate) const COMPONENT: u8 = 3;
pub(crate) const AUTOCOMPLETE: u8 = 4;
pub(crate) const MODAL_SUBMIT: u8 = 5;

/// The bot's time to respond, in real time.
pub(crate) const FIRST_RESPONSE: Duration = Duration::from_secs(3);
/// A token's lifetime, by the sandbox's clock.
const LIFE_MINUTES: i64 = 15;
/// Above this number, the oldest are dropped.
const KEPT: usize = 20_000;

/// How far an interaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Waiting,
    /// The bot answered too late.
    Missed,
    Deferred,
    /// A component press was acknowledged; an edit may or may not follow.
    DeferredUpdate,
    Replied,
    Updated,
    Modal,
    Choices,
}

#[derive(Debug)]
pub(crate) struct Interaction {
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) kind: u8,
    pub(crate) person: Id,
    pub(crate) channel: Id,
    pub(crate) guild: Option<Id>,
    /// The dispatched payload, for a second delivery.
    pub(crate) payload: Value,
    asked: Instant,
    asked_at: DateTime<Utc>,
    pub(crate) stage: watch::Sender<Stage>,
    /// The message that the press or the modal came from.
    pub(crate) source: Option<Id>,
    /// The bot's reply, or the source message if that was updated: `@original`.
    pub(crate) original: Option<Id>,
    pub(crate) modal: Option<Value>,
    /// The last submission of the modal.
    pub(crate) submitted: Option<Id>,
    pub(crate) choices: Option<Value>,
    /// The type of the option being autocompleted.
    pub(crate) focused: i64,
}

impl Interaction {
    pub(crate) fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    /// Whether the bot missed the deadline for its first response.
    pub(crate) fn unanswered(&self) -> bool {
        match self.stage() {
            Stage::Waiting => self.asked.elapsed() > FIRST_RESPONSE,
            stage => stage == Stage::Missed,
        }
    }
}

/// An interaction to be started.
#[derive(Debug)]
pub(crate) struct Begin {
    pub(crate) kind: u8,
    pub(crate) person: Id,
    pub(crate) channel: Id,
    pub(crate) data: Value,
    pub(crate) source: Option<Id>,
    pub(crate) focused: i64,
    /// How long it took to reach the bot.
    pub(crate) late: Duration,
}

/// Creates the interaction and dispatches it. Returns its id.
pub(crate) fn begin(world: &mut World, begin: Begin) -> Result<Id, Refused> {
    let asked_at = world.now() - begin.late;
    let id = if begin.late.is_zero() { world.next_id() } else { world.earlier_id(asked_at) };
    let token = format!("interaction.{id}.{:016x}", id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let channel = world.channel(begin.channel)?;
    let guild = channel.guild;
    let owner = guild.map_or_else(|| "0".to_owned(), |id| id.to_string());
    let mut payload = json!({
        "id": id.to_string(), "application_id": world.application.to_string(), "type": begin.kind,
        "data": null, "channel": world.interaction_channel_json(channel, begin.person),
        "channel_id": begin.channel.to_string(), "token": token, "version": 1,
        "app_permissions": world.app_permissions(channel).to_string(), "locale": world.locale, "entitlements": [],
        "authorizing_integration_owners": { "0": owner }, "context": i32::from(guild.is_none()),
        "attachment_size_limit": ATTACHMENT_LIMIT,
    });
    if let Some(guild) = guild.map(|id| world.guild(id)).transpose()? {
        let member = guild.members.get(&begin.person).ok_or(refused::UNKNOWN_MEMBER)?;
        payload["guild_id"] = json!(guild.id.to_string());
        payload["guild_locale"] = json!(world.locale);
        payload["guild"] = json!({ "id": guild.id.to_string(), "locale": world.locale, "features": [] });
        payload["member"] = world.member_json(begin.person, member);
        payload["member"]["permissions"] = json!(world.permissions(begin.person, channel).to_string());
    } else {
        payload["user"] = world.user_json(begin.person);
    }
    payload["data"] = begin.data;
    if let Some(source) = begin.source {
        payload["message"] = world.message(begin.channel, source)?.value.clone();
    }
    while world.interactions.len() >= KEPT {
        world.interactions.pop_first();
    }
    world.dispatch("INTERACTION_CREATE", guild, payload.clone());
    let interaction = Interaction {
        id,
        token,
        kind: begin.kind,
        person: begin.person,
        channel: begin.channel,
        guild,
        payload,
        asked: Instant::now().checked_sub(begin.late).unwrap_or_else(Instant::now),
        asked_at,
        stage: watch::Sender::new(Stage::Waiting),
        source: begin.source,
        original: None,
        modal: None,
        submitted: None,
        choices: None,
        focused: begin.focused,
    };
    world.interactions.insert(id, interaction);
    Ok(id)
}

/// The bot's first response. Returns the body for `with_response`.
pub(crate) fn callback(
    world: &mut World,
    id: Id,
    token: &str,
    body: &Value,
    files: &[Upload],
) -> Result<Value, Refused> {
    let found =
        world.interactions.get(&id).filter(|it| it.token == token).ok_or(refused::UNKNOWN_INTERACTION)?;
    if found.unanswered() {
        found.stage.send_replace(Stage::Missed);
        return Err(refused::UNKNOWN_INTERACTION);
    }
    if found.stage() != Stage::Waiting {
        return Err(refused::ALREADY_ACKNOWLEDGED);
    }
    if body["type"] == json!(9) {
        modal::built(&body["data"])?;
    }
    let from_message = found.source.is_some();
    let allowed: &[i64] = match found.kind {
        COMPONENT => &[4, 5, 6, 7, 9],
        AUTOCOMPLETE => &[8],
        MODAL_SUBMIT if from_message => &[4, 5, 6, 7],
        MODAL_SUBMIT => &[4, 5],
        _ => &[4, 5, 9],
    };
    let focused = found.focused;
    let kind = form::read(body, |form| {
        let kind = form.need("type").and_then(|kind| kind.one_of(allowed)).unwrap_or_default();
        let data = if matches!(kind, 8 | 9) { form.need("data") } else { form.get("data") };
        match (kind, data) {
            (8, Some(data)) => {
                for choice in data.need("choices").map(|list| list.list(0..=25)).unwrap_or_default() {
                    check_choice(&choice, focused);
                }
            }
            (9, Some(data)) => modal::check(&data),
            _ => {}
        }
        kind
    })?;
    let data = body.get("data").filter(|data| !data.is_null()).cloned().unwrap_or_else(|| json!({}));
    let (stage, original) = match kind {
        4 | 5 => {
            let route = if kind == 5 { Route::Deferral } else { Route::Interaction };
            let mut draft = draft_of(&data, files, route)?;
            if kind == 4 && draft.is_empty() {
                return Err(refused::EMPTY_MESSAGE);
            }
            if kind == 5 {
                draft = Draft { flags: draft.flags, ..Draft::default() };
            }
            let made = respond(world, id, draft, kind == 5, true)?;
            (if kind == 5 { Stage::Deferred } else { Stage::Replied }, Some(made))
        }
        6 => (Stage::DeferredUpdate, found.source),
        7 => {
            let (source, channel) = (found.source, found.channel);
            let draft = draft_of(&data, files, Route::Edit)?;
            messages::edit(world, channel, source.ok_or(refused::UNKNOWN_MESSAGE)?, draft)?;
            (Stage::Updated, source)
        }
        8 => (Stage::Choices, None),
        _ => (Stage::Modal, None),
    };
    let found = world.interactions.get_mut(&id).ok_or(refused::UNKNOWN_INTERACTION)?;
    found.original = original;
    match kind {
        8 => found.choices = Some(data["choices"].clone()),
        9 => found.modal = Some(data),
        _ => {}
    }
    found.stage.send_replace(stage);
    Ok(callback_response(world, id, kind, original))
}

fn callback_response(world: &World, id: Id, kind: i64, original: Option<Id>) -> Value {
    let Some(found) = world.interactions.get(&id) else {
        return Value::Null;
    };
    let mut answer = json!({
        "interaction": { "id": id.to_string(), "type": found.kind }, "resource": { "type": kind },
    });
    if let Some((message_id, message)) =
        original.and_then(|it| Some((it, world.message(found.channel, it).ok()?)))
    {
        answer["interaction"]["response_message_id"] = json!(message_id.to_string());
        answer["interaction"]["response_message_loading"] = json!(message.loading);
        answer["interaction"]["response_message_ephemeral"] = json!(message.audience.is_some());
        if kind != 6 {
            answer["resource"]["message"] = message.value.clone();
        }
    }
    answer
}

fn draft_of(data: &Value, files: &[Upload], route: Route) -> Result<Draft, Refused> {
    Draft::read(data, files, route).map_err(|refused| Refused {
        // In a callback the message is under `data`, and so are its errors.
        errors: refused.errors.map(|errors| json!({ "data": errors })),
        ..refused
    })
}

/// Makes a message that answers an interaction: the reply itself, or a follow-up.
fn respond(world: &mut World, id: Id, draft: Draft, loading: bool, first: bool) -> Result<Id, Refused> {
    let found = world.interactions.get(&id).ok_or(refused::UNKNOWN_INTERACTION)?;
    let owners = found.payload["authorizing_integration_owners"].clone();
    let user = world.user_json(found.person);
    let data = &found.payload["data"];
    let mut metadata = json!({
        "id": id.to_string(), "type": found.kind, "user": user, "authorizing_integration_owners": owners,
    });
    let mut extra = vec![
        ("application_id", json!(world.application.to_string())),
        ("webhook_id", json!(world.application.to_string())),
    ];
    let reference = if first { found.source } else { found.original };
    if found.kind == COMMAND {
        let name = full_name(data);
        metadata["name"] = json!(name);
        metadata["command_type"] = data["type"].clone();
        extra.push((
            "interaction",
            json!({
                "id": id.to_string(), "type": found.kind, "name": name, "user": world.user_json(found.person),
            }),
        ));
    }
    if let Some(source) = found.source {
        metadata["interacted_message_id"] = json!(source.to_string());
    }
    if found.kind == MODAL_SUBMIT {
        metadata["triggering_interaction_metadata"] = json!({
            "id": id.to_string(), "type": COMMAND, "user": user, "name": "modal",
            "authorizing_integration_owners": found.payload["authorizing_integration_owners"],
        });
    }
    extra.push(("interaction_metadata", metadata));
    if let Some(message) = reference {
        let mut value =
            json!({ "type": 0, "message_id": message.to_string(), "channel_id": found.channel.to_string() });
        if let Some(guild) = found.guild {
            value["guild_id"] = json!(guild.to_string());
        }
        extra.push(("message_reference", value));
        if let Ok(referenced) = world.message(found.channel, message) {
            extra.push(("referenced_message", messages::without_reference(&referenced.value)));
        }
    }
    let kind = match found.kind {
        COMMAND if first => {
            if data["type"] == json!(1) {
                20
            } else {
                23
            }
        }
        _ if reference.is_some() => 19,
        _ => 0,
    };
    let audience = draft.is_ephemeral().then_some(found.person);
    let (channel, author) = (found.channel, world.application);
    messages::create(
        world,
        NewMessage { channel, author, draft, kind, audience, interaction: Some(id), extra, loading },
    )
}

/// The name of a command with its group and subcommand.
fn full_name(data: &Value) -> String {
    let mut name = data["name"].as_str().unwrap_or_default().to_owned();
    let mut level = data;
    while let Some(inner) =
        level.pointer("/options/0").filter(|it| it["type"].as_i64().is_some_and(|kind| kind <= 2))
    {
        name = format!("{name} {}", inner["name"].as_str().unwrap_or_default());
        level = inner;
    }
    name
}

/// The acknowledged interaction of a webhook token.
fn acknowledged<'w>(world: &'w World, application: Id, token: &str) -> Result<&'w Interaction, Refused> {
    let id = token.split('.').nth(1).and_then(|id| id.parse().ok()).unwrap_or(0);
    let found = world
        .interactions
        .get(&id)
        .filter(|it: &&Interaction| it.token == token && application == world.application)
        .ok_or(refused::UNKNOWN_WEBHOOK)?;
    if world.now() - found.asked_at > chrono::Duration::minutes(LIFE_MINUTES) {
        return Err(refused::INVALID_WEBHOOK_TOKEN);
    }
    if matches!(found.stage(), Stage::Waiting | Stage::Missed) {
        return Err(refused::UNKNOWN_WEBHOOK);
    }
    Ok(found)
}

/// A follow-up. After a deferred reply, the first one fills the placeholder. Returns the message.
pub(crate) fn follow_up(
    world: &mut World,
    application: Id,
    token: &str,
    body: &Value,
    files: &[Upload],
) -> Result<Value, Refused> {
    let found = acknowledged(world, application, token)?;
    let (id, channel) = (found.id, found.channel);
    let draft = Draft::read(body, files, Route::Interaction)?;
    if draft.is_empty() {
        return Err(refused::EMPTY_MESSAGE);
    }
    let placeholder =
        found.original.filter(|it| world.message(channel, *it).is_ok_and(|message| message.loading));
    let (message, stage) = match placeholder {
        Some(message) => {
            messages::edit(world, channel, message, draft)?;
            (message, Some(Stage::Replied))
        }
        None => (respond(world, id, draft, false, false)?, None),
    };
    settle(world, id, stage);
    Ok(world.message(channel, message)?.value.clone())
}

/// Notifies waiters that the interaction has progressed.
fn settle(world: &World, id: Id, stage: Option<Stage>) {
    let Some(found) = world.interactions.get(&id) else {
        return;
    };
    let next = stage.unwrap_or_else(|| match found.stage() {
        Stage::DeferredUpdate => Stage::Updated,
        unchanged => unchanged,
    });
    found.stage.send_replace(next);
}

/// One of the interaction's messages: `@original` or an id. Returns interaction, channel and message.
pub(crate) fn own_message(
    world: &World,
    application: Id,
    token: &str,
    which: &str,
) -> Result<(Id, Id, Id), Refused> {
    let found = acknowledged(world, application, token)?;
    let message = match which {
        "@original" => found.original.ok_or(refused::UNKNOWN_MESSAGE)?,
        id => id_of(&json!(id)).ok_or(refused::UNKNOWN_MESSAGE)?,
    };
    let owned = world.message(found.channel, message)?.interaction == Some(found.id)
        || found.original == Some(message);
    if !owned {
        return Err(refused::UNKNOWN_MESSAGE);
    }
    Ok((found.id, found.channel, message))
}

/// Edits one of the interaction's messages; this is also how a deferred reply is filled.
pub(crate) fn edit(
    world: &mut World,
    (id, channel, message): (Id, Id, Id),
    body: &Value,
    files: &[Upload],
) -> Result<Value, Refused> {
    let draft = Draft::read(body, files, Route::Edit)?;
    let filled = world.message(channel, message)?.loading;
    messages::edit(world, channel, message, draft)?;
    settle(world, id, filled.then_some(Stage::Replied));
    Ok(world.message(channel, message)?.value.clone())
}
