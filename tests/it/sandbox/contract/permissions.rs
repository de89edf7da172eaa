//! Permissions, one by one: what the bot can't do without each, and how they combine.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{control, general, permit, text, upload};
use super::{Rule, Source, page, refused, story};

const FLAGS: Source = page!("topics/permissions#permissions-bitwise-permission-flags");
const CREATE: Source = page!("resources/message#create-message");
const REACTION: Source = page!("resources/message#create-reaction");
const MODIFY: Source = page!("resources/channel#modify-channel");
const EMBEDS: Source = Source::Observed("https://github.com/discord/discord-api-docs/issues/2601");

const MANAGE_CHANNELS: u64 = 1 << 4;
const ADD_REACTIONS: u64 = 1 << 6;
const VIEW: u64 = 1 << 10;
const SEND: u64 = 1 << 11;
const TTS: u64 = 1 << 12;
const MANAGE_MESSAGES: u64 = 1 << 13;
const EMBED: u64 = 1 << 14;
const ATTACH: u64 = 1 << 15;
const HISTORY: u64 = 1 << 16;
const MANAGE_ROLES: u64 = 1 << 28;
const IN_THREADS: u64 = 1 << 38;
const PIN: u64 = 1 << 51;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "permission.view",
            FLAGS,
            "Without VIEW_CHANNEL, the channel can't be accessed (50001).",
            view
        ),
        story!(
            "permission.view.listed",
            page!("topics/permissions#channel-visibility"),
            "Without VIEW_CHANNEL, the channel isn't listed with the guild's channels.",
            view_listed
        ),
        story!("permission.send", CREATE, "Without SEND_MESSAGES, messages can't be sent (50013).", send),
        story!(
            "permission.tts",
            CREATE,
            "Without SEND_TTS_MESSAGES, text-to-speech messages can't be sent (50013).",
            tts
        ),
        story!(
            "permission.embed",
            EMBEDS,
            "Without EMBED_LINKS, a message with only embeds is refused (50013).",
            embed
        ),
        story!(
            "permission.embed.beside",
            Source::Own,
            "Without EMBED_LINKS, a message with content and embeds is refused too; Discord would leave the embeds out.",
            embed_beside
        ),
        story!("permission.attach", FLAGS, "Without ATTACH_FILES, files can't be sent (50013).", attach),
        story!(
            "permission.history",
            page!("resources/message#get-channel-messages"),
            "Without READ_MESSAGE_HISTORY, message history is empty.",
            history
        ),
        story!(
            "permission.history.one",
            page!("resources/message#get-channel-message"),
            "Without READ_MESSAGE_HISTORY, a single message can't be read (50013).",
            history_one
        ),
        story!(
            "permission.history.pins",
            page!("resources/message#get-channel-pins"),
            "Without READ_MESSAGE_HISTORY, the list of pins is empty.",
            history_pins
        ),
        story!(
            "permission.history.reply",
            page!("topics/opcodes-and-status-codes#json"),
            "Without READ_MESSAGE_HISTORY, replies are refused (160002).",
            history_reply
        ),
        story!(
            "permission.history.reaction",
            REACTION,
            "Without READ_MESSAGE_HISTORY, reactions can't be added (50013).",
            history_reaction
        ),
        story!(
            "permission.react",
            REACTION,
            "Without ADD_REACTIONS, the first reaction of a kind can't be added (50013), but an existing one can be joined.",
            react
        ),
        story!(
            "permission.react.back",
            page!("resources/message#delete-own-reaction"),
            "The bot can remove its own reaction without any permission.",
            react_back
        ),
        story!(
            "permission.messages.delete",
            page!("resources/message#delete-message"),
            "Without MANAGE_MESSAGES, the bot can't delete other users' messages (50013), only its own.",
            delete
        ),
        story!(
            "permission.messages.flags",
            page!("resources/message#edit-message"),
            "The flags of other users' messages can be edited only with MANAGE_MESSAGES (50013 without it).",
            flags
        ),
        story!(
            "permission.channels.create",
            page!("resources/guild#create-guild-channel"),
            "Without MANAGE_CHANNELS, channels can't be created (50013).",
            create_channel
        ),
        story!(
            "permission.channels.modify",
            MODIFY,
            "Without MANAGE_CHANNELS, channels can't be changed or deleted (50013).",
            modify_channel
        ),
        story!(
            "permission.roles",
            MODIFY,
            "Without MANAGE_ROLES, overwrites can't be changed (50013).",
            roles
        ),
        story!(
            "permission.roles.held",
            MODIFY,
            "The bot can't allow or deny permissions it doesn't have (50013).",
            held
        ),
        story!(
            "permission.pin",
            page!("resources/message#pin-message"),
            "Without PIN_MESSAGES, messages can't be pinned or unpinned (50013).",
            pin
        ),
        story!(
            "permission.threads",
            page!("topics/permissions#inherited-permissions-threads"),
            "Sending in a thread needs SEND_MESSAGES_IN_THREADS, not SEND_MESSAGES.",
            threads
        ),
    ]
}

pub(super) fn posted(content: &str) -> Value {
    json!({ "content": content })
}

/// The path of a new message by the bot.
pub(super) async fn own(floor: &Floor) -> Any<String> {
    let (_, made) = floor.post(posted("own")).await?;
    Ok(general(floor, &format!("/messages/{}", text(&made, "id"))))
}

/// The path of a new message by Ann.
async fn anns(floor: &Floor) -> Any<String> {
    let said = floor.control.say(&floor.ann, &floor.guild.channel_id, "hi").await?;
    Ok(general(floor, &format!("/messages/{}", text(&said, "id"))))
}

async fn view(floor: &Floor) -> Any {
    permit(floor, 0, VIEW).await?;
    refused(&floor.post(posted("c")).await?, 403, 50001);
    refused(&floor.rest("GET", &general(floor, ""), json!({})).await?, 403, 50001);
    refused(&floor.rest("GET", &general(floor, "/messages"), json!({})).await?, 403, 50001);
    Ok(())
}

async fn view_listed(floor: &Floor) -> Any {
    floor.control.channel(&floor.guild.id, "extra").await?;
    permit(floor, 0, VIEW).await?;
    let (_, channels) = floor.rest("GET", &format!("/guilds/{}/channels", floor.guild.id), json!({})).await?;
    let names: Vec<_> = channels.as_array().into_iter().flatten().map(|it| text(it, "name")).collect();
    assert_eq!(names, ["extra"]);
    Ok(())
}

async fn send(floor: &Floor) -> Any {
    permit(floor, 0, SEND).await?;
    refused(&floor.post(posted("c")).await?, 403, 50013);
    Ok(())
}

async fn tts(floor: &Floor) -> Any {
    let aloud = json!({ "content": "c", "tts": true });
    permit(floor, 0, TTS).await?;
    refused(&floor.post(aloud.clone()).await?, 403, 50013);
    permit(floor, TTS, 0).await?;
    assert_eq!(floor.post(aloud).await?.1["tts"], true);
    Ok(())
}

async fn embed(floor: &Floor) -> Any {
    permit(floor, 0, EMBED).await?;
    refused(&floor.post(json!({ "embeds": [{ "title": "t" }] })).await?, 403, 50013);
    Ok(())
}

async fn embed_beside(floor: &Floor) -> Any {
    permit(floor, 0, EMBED).await?;
    refused(&floor.post(json!({ "content": "c", "embeds": [{ "title": "t" }] })).await?, 403, 50013);
    Ok(())
}

async fn attach(floor: &Floor) -> Any {
    permit(floor, 0, ATTACH).await?;
    let sent = upload(floor, "POST", &general(floor, "/messages"), &posted("c"), &[("a.txt", 1)]).await?;
    refused(&sent, 403, 50013);
    Ok(())
}

async fn history(floor: &Floor) -> Any {
    own(floor).await?;
    permit(floor, 0, HISTORY).await?;
    assert_eq!(floor.rest("GET", &general(floor, "/messages"), json!({})).await?, (200, json!([])));
    Ok(())
}

async fn history_one(floor: &Floor) -> Any {
    let path = own(floor).await?;
    permit(floor, 0, HISTORY).await?;
    refused(&floor.rest("GET", &path, json!({})).await?, 403, 50013);
    Ok(())
}

async fn history_pins(floor: &Floor) -> Any {
    let path = own(floor).await?.replace("/messages/", "/messages/pins/");
    assert_eq!(floor.rest("PUT", &path, json!({})).await?.0, 204);
    permit(floor, 0, HISTORY).await?;
    let (status, pins) = floor.rest("GET", &general(floor, "/messages/pins"), json!({})).await?;
    assert_eq!((status, &pins["items"]), (200, &json!([])));
    Ok(())
}

async fn history_reply(floor: &Floor) -> Any {
    let (_, made) = floor.post(posted("own")).await?;
    permit(floor, 0, HISTORY).await?;
    let reply = json!({ "content": "re", "message_reference": { "message_id": made["id"] } });
    refused(&floor.post(reply).await?, 403, 160_002);
    Ok(())
}

const BELL: &str = "/reactions/%F0%9F%94%94/@me";

async fn history_reaction(floor: &Floor) -> Any {
    let path = own(floor).await?;
    permit(floor, 0, HISTORY).await?;
    refused(&floor.rest("PUT", &format!("{path}{BELL}"), json!({})).await?, 403, 50013);
    Ok(())
}

async fn react(floor: &Floor) -> Any {
    let path = own(floor).await?;
    permit(floor, 0, ADD_REACTIONS).await?;
    refused(&floor.rest("PUT", &format!("{path}{BELL}"), json!({})).await?, 403, 50013);
    floor.control.react(&floor.ann, path.rsplit('/').next().unwrap_or_default(), "🔔").await?;
    assert_eq!(floor.rest("PUT", &format!("{path}{BELL}"), json!({})).await?.0, 204);
    Ok(())
}

async fn react_back(floor: &Floor) -> Any {
    let path = own(floor).await?;
    assert_eq!(floor.rest("PUT", &format!("{path}{BELL}"), json!({})).await?.0, 204);
    permit(floor, 0, ADD_REACTIONS).await?;
    assert_eq!(floor.rest("DELETE", &format!("{path}{BELL}"), json!({})).await?.0, 204);
    Ok(())
}

async fn delete(floor: &Floor) -> Any {
    let (theirs, ours) = (anns(floor).await?, own(floor).await?);
    refused(&floor.rest("DELETE", &theirs, json!({})).await?, 403, 50013);
    assert_eq!(floor.rest("DELETE", &ours, json!({})).await?.0, 204);
    permit(floor, MANAGE_MESSAGES, 0).await?;
    assert_eq!(floor.rest("DELETE", &theirs, json!({})).await?.0, 204);
    Ok(())
}

async fn flags(floor: &Floor) -> Any {
    let path = anns(floor).await?;
    refused(&floor.rest("PATCH", &path, json!({ "flags": 4 })).await?, 403, 50013);
    permit(floor, MANAGE_MESSAGES, 0).await?;
    assert_eq!(floor.rest("PATCH", &path, json!({ "flags": 4 })).await?.1["flags"], 4);
    Ok(())
}

/// A guild where the bot has these permissions in addition to everyone's; its id and its channel's.
pub(super) async fn holding(floor: &Floor, permissions: u64) -> Any<(String, String)> {
    let guild = floor.control.guild_with("Held", permissions).await?;
    Ok((guild.id, guild.channel_id))
}

async fn create_channel(floor: &Floor) -> Any {
    let body = json!({ "name": "new" });
    let (guild, _) = holding(floor, 0).await?;
    refused(&floor.rest("POST", &format!("/guilds/{guild}/channels"), body.clone()).await?, 403, 50013);
    let (guild, _) = holding(floor, MANAGE_CHANNELS).await?;
    assert_eq!(floor.rest("POST", &format!("/guilds/{guild}/channels"), body).await?.0, 201);
    Ok(())
}

async fn modify_channel(floor: &Floor) -> Any {
    let (_, channel) = holding(floor, 0).await?;
    let path = format!("/channels/{channel}");
    refused(&floor.rest("PATCH", &path, json!({ "name": "new" })).await?, 403, 50013);
    refused(&floor.rest("DELETE", &path, json!({})).await?, 403, 50013);
    let (_, channel) = holding(floor, MANAGE_CHANNELS).await?;
    let path = format!("/channels/{channel}");
    assert_eq!(floor.rest("PATCH", &path, json!({ "name": "new" })).await?.1["name"], "new");
    assert_eq!(floor.rest("DELETE", &path, json!({})).await?.0, 200);
    Ok(())
}

fn deny(floor: &Floor, bits: u64) -> Value {
    let over = json!({ "id": floor.ann, "type": 1, "allow": "0", "deny": bits.to_string() });
    json!({ "permission_overwrites": [over] })
}

async fn roles(floor: &Floor) -> Any {
    let (_, channel) = holding(floor, MANAGE_CHANNELS).await?;
    refused(&floor.rest("PATCH", &format!("/channels/{channel}"), deny(floor, SEND)).await?, 403, 50013);
    let (_, channel) = holding(floor, MANAGE_CHANNELS | MANAGE_ROLES).await?;
    assert_eq!(floor.rest("PATCH", &format!("/channels/{channel}"), deny(floor, SEND)).await?.0, 200);
    Ok(())
}

async fn held(floor: &Floor) -> Any {
    let (guild, channel) = holding(floor, MANAGE_CHANNELS | MANAGE_ROLES).await?;
    let body = deny(floor, MANAGE_MESSAGES);
    refused(&floor.rest("PATCH", &format!("/channels/{channel}"), body.clone()).await?, 403, 50013);
    let mut new = body;
    new["name"] = json!("new");
    refused(&floor.rest("POST", &format!("/guilds/{guild}/channels"), new).await?, 403, 50013);
    Ok(())
}

async fn pin(floor: &Floor) -> Any {
    let path = own(floor).await?.replace("/messages/", "/messages/pins/");
    permit(floor, 0, PIN).await?;
    for method in ["PUT", "DELETE"] {
        refused(&floor.rest(method, &path, json!({})).await?, 403, 50013);
    }
    Ok(())
}

async fn threads(floor: &Floor) -> Any {
    for (denied, status) in [(SEND, 200), (IN_THREADS, 403)] {
        let over = json!({ "id": floor.app, "type": 1, "allow": "0", "deny": denied.to_string() });
        let thread = json!({ "name": "thread", "type": 11, "overwrites": [over] });
        let path = format!("/guilds/{}/channels", floor.guild.id);
        let (_, thread) = control(floor, "POST", &path, &thread).await?;
        let path = format!("/channels/{}/messages", text(&thread, "id"));
        assert_eq!(floor.rest("POST", &path, json!({ "embeds": [{ "title": "t" }] })).await?.0, status);
    }
    Ok(())
}
