//! Intents: which events each gives, and whose content is blanked.

use bellringer::sandbox::client::Gateway;
use serde_json::{Value, json};

use super::super::wire::{Heard, Wire};
use super::super::{Any, Floor};
use super::scene::{control, text};
use super::{Rule, Source, page, story};

const INTENTS: Source = page!("events/gateway#list-of-intents");
const CONTENT: Source = page!("events/gateway#message-content-intent");

const GUILDS: u64 = 1;
const MEMBERS: u64 = 1 << 1;
const MESSAGES: u64 = 1 << 9;
const REACTIONS: u64 = 1 << 10;
const DIRECT: u64 = 1 << 12;
const MESSAGE_CONTENT: u64 = 1 << 15;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "gateway.intent.guilds",
            INTENTS,
            "Without GUILDS, no guild or channel events are sent.",
            without_guilds
        ),
        story!(
            "gateway.intent.messages",
            INTENTS,
            "Without GUILD_MESSAGES, no guild message events are sent.",
            without_messages
        ),
        story!(
            "gateway.intent.direct",
            INTENTS,
            "Without DIRECT_MESSAGES, no direct message events are sent.",
            without_direct
        ),
        story!(
            "gateway.intent.reactions",
            INTENTS,
            "Without GUILD_MESSAGE_REACTIONS, no reaction events are sent.",
            without_reactions
        ),
        story!(
            "gateway.intent.members",
            INTENTS,
            "Without GUILD_MEMBERS, no member events are sent.",
            without_members
        ),
        story!(
            "gateway.intent.own",
            page!("events/gateway#caveats"),
            "Changes to the bot's own member are sent even without GUILD_MEMBERS.",
            own_member
        ),
        story!(
            "gateway.intent.pins",
            INTENTS,
            "Pin events in direct messages need DIRECT_MESSAGES.",
            direct_pins
        ),
        story!(
            "gateway.intent.interactions",
            INTENTS,
            "Interactions are sent whatever the intents.",
            interactions
        ),
        story!(
            "gateway.content.blank",
            CONTENT,
            "Without MESSAGE_CONTENT, messages have no content, embeds, attachments or components.",
            blank
        ),
        story!("gateway.content.granted", CONTENT, "With MESSAGE_CONTENT, messages have them.", granted),
        story!("gateway.content.own", CONTENT, "The bot's own messages are sent in full.", own),
        story!(
            "gateway.content.mention",
            CONTENT,
            "Messages that mention the bot are sent in full.",
            mention
        ),
        story!("gateway.content.direct", CONTENT, "Direct messages are sent in full.", direct_content),
    ]
}

fn parts(message: &Value) -> (&str, usize) {
    (text(message, "content"), message["embeds"].as_array().map_or(0, Vec::len))
}

/// Connects with these intents, runs `happen`, and returns the events before a marker.
async fn heard(floor: &Floor, intents: u64, happen: impl AsyncFn() -> Any) -> Any<Vec<String>> {
    let (mut wire, _) = Wire::ready(floor, intents)?;
    if intents & GUILDS != 0 {
        wire.event("GUILD_CREATE")?;
    }
    happen().await?;
    // The marker is sent like the events, so it comes after them.
    floor.control.gateway(Gateway::Heartbeat).await?;
    let mut events = Vec::new();
    loop {
        match wire.hear() {
            Heard::Frame(frame) if frame["op"] == 1 => return Ok(events),
            Heard::Frame(frame) => events.push(text(&frame, "t").to_owned()),
            other => return Err(format!("{other:?}").into()),
        }
    }
}

async fn without_guilds(floor: &Floor) -> Any {
    let happen = async || -> Any {
        floor.control.channel(&floor.guild.id, "new").await?;
        floor.control.role(&floor.guild.id, "new", 0).await?;
        Ok(floor.control.guild("New").await.map(drop)?)
    };
    assert!(heard(floor, MESSAGES, happen).await?.is_empty());
    let all = heard(floor, GUILDS, happen).await?;
    assert!(
        all.contains(&"CHANNEL_CREATE".to_owned()) && all.contains(&"GUILD_ROLE_CREATE".to_owned()),
        "{all:?}"
    );
    Ok(())
}

async fn without_messages(floor: &Floor) -> Any {
    let happen = async || -> Any { floor.post(json!({ "content": "c" })).await.map(drop) };
    assert!(heard(floor, GUILDS | DIRECT, happen).await?.is_empty());
    assert_eq!(heard(floor, MESSAGES, happen).await?, ["MESSAGE_CREATE"]);
    Ok(())
}

async fn without_direct(floor: &Floor) -> Any {
    let direct = floor.control.direct_channel(&floor.ann).await?;
    let happen = async || -> Any { Ok(floor.control.say(&floor.ann, &direct, "psst").await.map(drop)?) };
    assert!(heard(floor, GUILDS | MESSAGES, happen).await?.is_empty());
    assert_eq!(heard(floor, DIRECT, happen).await?, ["MESSAGE_CREATE"]);
    Ok(())
}

async fn without_reactions(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    let react =
        async |emoji: &str| -> Any { Ok(floor.control.react(&floor.ann, text(&made, "id"), emoji).await?) };
    assert!(heard(floor, GUILDS | MESSAGES, async || react("🔔").await).await?.is_empty());
    assert_eq!(heard(floor, REACTIONS, async || react("🎉").await).await?, ["MESSAGE_REACTION_ADD"]);
    Ok(())
}

async fn without_members(floor: &Floor) -> Any {
    let happen = async || -> Any {
        let change = json!({ "nick": "Annie" });
        Ok(floor.control.change_person(&floor.guild.id, &floor.ann, change).await.map(drop)?)
    };
    assert!(heard(floor, GUILDS | MESSAGES, happen).await?.is_empty());
    assert_eq!(heard(floor, MEMBERS, happen).await?, ["GUILD_MEMBER_UPDATE"]);
    Ok(())
}

async fn own_member(floor: &Floor) -> Any {
    let happen = async || -> Any {
        let change = json!({ "nick": "Bell" });
        Ok(floor.control.change_person(&floor.guild.id, &floor.app, change).await.map(drop)?)
    };
    assert_eq!(heard(floor, GUILDS, happen).await?, ["GUILD_MEMBER_UPDATE"]);
    Ok(())
}

async fn direct_pins(floor: &Floor) -> Any {
    let direct = floor.control.direct_channel(&floor.ann).await?;
    let (_, made) =
        floor.rest("POST", &format!("/channels/{direct}/messages"), json!({ "content": "c" })).await?;
    let path = format!("/channels/{direct}/messages/pins/{}", text(&made, "id"));
    let happen = async || -> Any { floor.rest("PUT", &path, json!({})).await.map(drop) };
    assert!(heard(floor, GUILDS, happen).await?.is_empty());
    assert_eq!(heard(floor, DIRECT, happen).await?, ["CHANNEL_PINS_UPDATE"]);
    Ok(())
}

async fn interactions(floor: &Floor) -> Any {
    floor.register_usual().await?;
    let happen = async || -> Any {
        let options = json!({ "amount": "1" });
        Ok(floor.control.command_unawaited(&floor.place(), "win log", options).await.map(drop)?)
    };
    assert_eq!(heard(floor, 0, happen).await?, ["INTERACTION_CREATE"]);
    Ok(())
}

/// Ann's message as received with these intents.
async fn as_told(floor: &Floor, intents: u64, channel: &str, content: &str) -> Any<Value> {
    let (mut wire, _) = Wire::ready(floor, intents)?;
    let said =
        json!({ "user": floor.ann, "channel": channel, "content": content, "embeds": [{ "title": "t" }] });
    assert_eq!(control(floor, "POST", "/act/message", &said).await?.0, 200);
    wire.event("MESSAGE_CREATE")
}

async fn blank(floor: &Floor) -> Any {
    let told = as_told(floor, MESSAGES, &floor.guild.channel_id, "secret").await?;
    assert_eq!(parts(&told), ("", 0));
    assert_eq!((&told["attachments"], &told["components"]), (&json!([]), &json!([])));
    Ok(())
}

async fn granted(floor: &Floor) -> Any {
    let told = as_told(floor, MESSAGES | MESSAGE_CONTENT, &floor.guild.channel_id, "secret").await?;
    assert_eq!(parts(&told), ("secret", 1));
    Ok(())
}

async fn own(floor: &Floor) -> Any {
    let (mut wire, _) = Wire::ready(floor, MESSAGES)?;
    floor.post(json!({ "content": "own", "embeds": [{ "title": "t" }] })).await?;
    assert_eq!(parts(&wire.event("MESSAGE_CREATE")?), ("own", 1));
    Ok(())
}

async fn mention(floor: &Floor) -> Any {
    let content = format!("hey <@{}>", floor.app);
    let told = as_told(floor, MESSAGES, &floor.guild.channel_id, &content).await?;
    assert_eq!(parts(&told), (&*content, 1));
    Ok(())
}

async fn direct_content(floor: &Floor) -> Any {
    let direct = floor.control.direct_channel(&floor.ann).await?;
    assert_eq!(parts(&as_told(floor, DIRECT, &direct, "psst").await?), ("psst", 1));
    Ok(())
}
