//! A second reader of everything the sandbox sends and accepts: twilight, an independent implementation.

use bellringer::sandbox::client::FeedItem;
use serde::de::DeserializeSeed;
use serde_json::{Value, json};
use twilight_model::application::command::{Command, CommandType};
use twilight_model::channel::{Channel, Message};
use twilight_model::gateway::connection_info::BotConnectionInfo;
use twilight_model::gateway::event::GatewayEventDeserializer;
use twilight_model::guild::{Guild, Member, Role};
use twilight_model::oauth::Application;
use twilight_model::user::{CurrentUser, CurrentUserGuild, User};

/// Reads a log of REST exchanges and gateway events, and the resulting messages. Returns what can't be read,
/// and what should not have been accepted.
pub(crate) fn again(log: &[Value], feed: &[FeedItem]) -> Vec<String> {
    // Requests with an injected fault have no answer to read.
    let exchanges = log.iter().filter(|entry| entry["kind"] != "gateway" && entry["fault"].is_null());
    let answers = exchanges
        .filter(|entry| entry["status"].as_u64().is_some_and(|status| status < 300))
        .map(|entry| answer(entry["route"].as_str().unwrap_or_default(), &entry["response"]));
    let events = log
        .iter()
        .filter(|entry| entry["kind"] == "gateway" && entry["event"].is_string())
        .map(|entry| event(entry["event"].as_str().unwrap_or_default(), &entry["data"]));
    let messages = feed.iter().filter(|item| item.kind != "deleted").map(|item| message(&item.message));
    answers.chain(events).chain(messages).filter_map(Result::err).collect()
}

/// An accepted message is within every limit.
fn message(value: &Value) -> Result<(), String> {
    let read: Message =
        serde_json::from_value(value.clone()).map_err(|error| format!("{error} in {value}"))?;
    let told = |error: twilight_validate::message::MessageValidationError| format!("{error} in {value}");
    twilight_validate::message::content(&read.content).map_err(told)?;
    twilight_validate::message::embeds(&read.embeds).map_err(told)?;
    twilight_validate::message::components(&read.components, false).map_err(told)
}

/// Accepted commands are within every limit.
fn commands(value: &Value) -> Result<(), String> {
    let read: Vec<Command> =
        serde_json::from_value(value.clone()).map_err(|error| format!("{error} in {value}"))?;
    for command in read {
        let checked = if command.kind == CommandType::ChatInput {
            twilight_validate::command::command(&command)
        } else {
            twilight_validate::command::name(&command.name)
        };
        checked.map_err(|error| format!("{}: {error}", command.name))?;
    }
    Ok(())
}

fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> Result<(), String> {
    serde_json::from_value::<T>(value.clone()).map(drop).map_err(|error| format!("{error} in {value}"))
}

fn event(name: &str, data: &Value) -> Result<(), String> {
    let text = json!({ "op": 0, "s": 1, "t": name, "d": data }).to_string();
    let seed = GatewayEventDeserializer::from_json(&text).ok_or("no event")?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    seed.deserialize(&mut reader).map(drop).map_err(|error| format!("{name}: {error} in {data}"))
}

fn answer(route: &str, body: &Value) -> Result<(), String> {
    match route {
        "GET /channels/{id}/messages" | "GET /channels/{id}/pins" => parse::<Vec<Message>>(body),
        "GET /users/@me" => parse::<CurrentUser>(body),
        "GET /users/@me/guilds" => parse::<Vec<CurrentUserGuild>>(body),
        "GET /users/{id}" => parse::<User>(body),
        "GET /oauth2/applications/@me" | "GET /applications/@me" => parse::<Application>(body),
        "GET /gateway/bot" => parse::<BotConnectionInfo>(body),
        "GET /guilds/{id}" => parse::<Guild>(body),
        "GET /guilds/{id}/channels" => parse::<Vec<Channel>>(body),
        "GET /guilds/{id}/roles" => parse::<Vec<Role>>(body),
        "GET /guilds/{id}/members" => parse::<Vec<Member>>(body),
        "GET /guilds/{id}/members/{id}" => parse::<Member>(body),
        "POST /users/@me/channels" | "GET /channels/{id}" => parse::<Channel>(body),
        "PUT /applications/{id}/commands" | "GET /applications/{id}/commands" => commands(body),
        "POST /channels/{id}/messages"
        | "PATCH /channels/{id}/messages/{id}"
        | "GET /channels/{id}/messages/{id}"
        | "POST /webhooks/{id}/{token}"
        | "GET /webhooks/{id}/{token}/messages/@original"
        | "PATCH /webhooks/{id}/{token}/messages/@original" => parse::<Message>(body),
        "GET /gateway" => Ok(()),
        _ if body.is_null() => Ok(()),
        _ => Err(format!("nobody reads {route}")),
    }
}
