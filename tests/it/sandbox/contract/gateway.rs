//! The gateway: close codes, intents, what is heard and what is blanked.

use serde_json::{Value, json};

use super::super::wire::{Heard, Wire, identify};
use super::super::{Any, Floor};
use super::scene::{control, general, text};
use super::{Rule, Source, page, story};

const CLOSE: Source = page!("topics/opcodes-and-status-codes#gateway-gateway-close-event-codes");
const INTENTS: Source = page!("events/gateway#list-of-intents");
const CONTENT: Source = page!("events/gateway#message-content-intent");
const CONNECTING: Source = page!("events/gateway#connecting");
const READY: Source = page!("events/gateway-events#ready");

const GUILDS: u64 = 1;
const MEMBERS: u64 = 1 << 1;
const MESSAGES: u64 = 1 << 9;
const REACTIONS: u64 = 1 << 10;
const DIRECT: u64 = 1 << 12;
const MESSAGE_CONTENT: u64 = 1 << 15;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "gateway.hello",
            page!("events/gateway#hello-event"),
            "The first word is op 10 with the heartbeat's interval.",
            hello
        ),
        story!(
            "gateway.heartbeat",
            page!("events/gateway#sending-heartbeats"),
            "A heartbeat is answered with op 11.",
            heartbeat
        ),
        story!("gateway.opcode", CLOSE, "An unknown opcode closes with 4001.", opcode),
        story!("gateway.decode", CLOSE, "What is no JSON closes with 4002.", decode),
        story!("gateway.opless", CLOSE, "A payload without an opcode closes with 4002.", opless),
        story!(
            "gateway.size",
            page!("events/gateway#sending-events"),
            "A payload over 4,096 bytes closes with 4002.",
            size
        ),
        story!("gateway.unidentified", CLOSE, "A request before identifying closes with 4003.", unidentified),
        story!("gateway.token", CLOSE, "A wrong token closes with 4004.", token),
        story!("gateway.twice", CLOSE, "Identifying twice closes with 4005.", twice),
        story!(
            "gateway.rate",
            page!("events/gateway#rate-limiting"),
            "The 121st payload in 60 seconds closes with 4008.",
            rate
        ),
        story!("gateway.shard", CLOSE, "A shard outside its count closes with 4010.", shard),
        story!(
            "gateway.shard.full",
            CLOSE,
            "A shard of more than 2,500 guilds closes with 4011.",
            full_shard
        ),
        story!("gateway.version", CLOSE, "A version that never was closes with 4012.", version),
        story!("gateway.intents", CLOSE, "An unknown intent closes with 4013.", intents),
        story!(
            "gateway.intents.needed",
            CLOSE,
            "Identifying without intents closes with 4013.",
            intents_needed
        ),
        story!(
            "gateway.properties",
            page!("events/gateway-events#identify"),
            "Identifying without properties closes with 4002.",
            properties
        ),
        story!(
            "gateway.ready",
            READY,
            "READY brings v, user, guilds, session_id, resume_gateway_url and application.",
            ready
        ),
        story!("gateway.ready.shard", READY, "READY tells the shard.", ready_shard),
        story!(
            "gateway.guilds",
            page!("events/gateway#guild-availability"),
            "Guilds begin as unavailable, and come whole in GUILD_CREATE.",
            availability
        ),
        story!(
            "gateway.guild_create",
            page!("events/gateway-events#guild-create"),
            "GUILD_CREATE brings channels, threads, members and member_count.",
            guild_create
        ),
        story!(
            "gateway.intent.guilds",
            INTENTS,
            "Without GUILDS no guild or channel is told.",
            without_guilds
        ),
        story!(
            "gateway.intent.messages",
            INTENTS,
            "Without GUILD_MESSAGES no guild's message is told.",
            without_messages
        ),
        story!(
            "gateway.intent.direct",
            INTENTS,
            "Without DIRECT_MESSAGES no private message is told.",
            without_direct
        ),
        story!(
            "gateway.intent.reactions",
            INTENTS,
            "Without GUILD_MESSAGE_REACTIONS no reaction is told.",
            without_reactions
        ),
        story!(
            "gateway.intent.members",
            INTENTS,
            "Without GUILD_MEMBERS no member is told.",
            without_members
        ),
        story!(
            "gateway.intent.own",
            page!("events/gateway#caveats"),
            "What changes about the bot as a member is told without GUILD_MEMBERS too.",
            own_member
        ),
        story!(
            "gateway.intent.pins",
            INTENTS,
            "Pins in direct messages are told under DIRECT_MESSAGES.",
            direct_pins
        ),
        story!(
            "gateway.intent.interactions",
            INTENTS,
            "Interactions are told whatever the intents.",
            interactions
        ),
        story!(
            "gateway.content.blank",
            CONTENT,
            "Without MESSAGE_CONTENT a message has no content, embeds, attachments or components.",
            blank
        ),
        story!("gateway.content.granted", CONTENT, "With MESSAGE_CONTENT it has them.", granted),
        story!("gateway.content.own", CONTENT, "The bot's own messages are told whole.", own),
        story!("gateway.content.mention", CONTENT, "Messages that mention the bot are told whole.", mention),
        story!("gateway.content.direct", CONTENT, "Direct messages are told whole.", direct_content),
        story!(
            "gateway.zlib",
            page!("events/gateway#transport-compression"),
            "zlib-stream frames end with 00 00 FF FF and share one context.",
            zlib
        ),
        story!("gateway.zstd", Source::Own, "zstd-stream answers 501.", zstd),
        story!("gateway.etf", Source::Own, "The encoding etf answers 501.", etf),
        story!(
            "gateway.bot",
            page!("events/gateway#get-gateway-bot"),
            "Get Gateway Bot tells url, shards and the limit of session starts.",
            bot
        ),
        story!(
            "gateway.null",
            page!("events/gateway-events#payload-structure"),
            "s and t are null where op is not 0.",
            null
        ),
        story!("gateway.connecting", CONNECTING, "The url of Get Gateway takes connections.", connecting),
    ]
}

/// What a connection closes with after this payload.
fn closes(floor: &Floor, payload: &Value) -> Any<Option<u16>> {
    let mut wire = Wire::open(floor)?;
    wire.say(payload)?;
    Ok(wire.closed())
}

fn identifying(floor: &Floor, key: &str, value: Value) -> Value {
    let mut payload = identify(floor, 1);
    payload["d"][key] = value;
    payload
}

async fn hello(floor: &Floor) -> Any {
    let mut wire = Wire::dial(floor, "v=10&encoding=json")?;
    let Heard::Frame(first) = wire.hear() else { return Err("no hello".into()) };
    assert!(first["op"] == 10 && first["d"]["heartbeat_interval"].as_u64() > Some(0), "{first}");
    Ok(())
}

async fn heartbeat(floor: &Floor) -> Any {
    let mut wire = Wire::open(floor)?;
    for seq in [Value::Null, json!(1)] {
        wire.say(&json!({ "op": 1, "d": seq }))?;
        assert!(matches!(wire.hear(), Heard::Frame(ack) if ack["op"] == 11));
    }
    Ok(())
}

async fn opcode(floor: &Floor) -> Any {
    for op in [5, 7, 99] {
        assert_eq!(closes(floor, &json!({ "op": op, "d": {} }))?, Some(4001), "{op}");
    }
    Ok(())
}

async fn decode(floor: &Floor) -> Any {
    let mut wire = Wire::open(floor)?;
    wire.text(b"{not json")?;
    assert_eq!(wire.closed(), Some(4002));
    Ok(())
}

async fn opless(floor: &Floor) -> Any {
    assert_eq!(closes(floor, &json!({ "d": {} }))?, Some(4002));
    Ok(())
}

async fn size(floor: &Floor) -> Any {
    let frame = |count: usize| json!({ "op": 1, "d": null, "x": super::long(count) });
    let around = frame(0).to_string().len();
    let mut wire = Wire::open(floor)?;
    wire.say(&frame(4096 - around))?;
    assert!(matches!(wire.hear(), Heard::Frame(ack) if ack["op"] == 11));
    assert_eq!(closes(floor, &frame(4097 - around))?, Some(4002));
    Ok(())
}

async fn unidentified(floor: &Floor) -> Any {
    for op in [3, 4, 8] {
        assert_eq!(closes(floor, &json!({ "op": op, "d": {} }))?, Some(4003), "{op}");
    }
    Ok(())
}

async fn token(floor: &Floor) -> Any {
    assert_eq!(closes(floor, &identifying(floor, "token", json!("nobody")))?, Some(4004));
    Ok(())
}

async fn twice(floor: &Floor) -> Any {
    let (mut wire, _) = Wire::ready(floor, 1)?;
    wire.say(&identify(floor, 1))?;
    assert_eq!(wire.closed(), Some(4005));
    Ok(())
}

async fn rate(floor: &Floor) -> Any {
    let mut wire = Wire::open(floor)?;
    for _ in 0..120 {
        wire.say(&json!({ "op": 1, "d": null }))?;
        assert!(matches!(wire.hear(), Heard::Frame(ack) if ack["op"] == 11));
    }
    wire.say(&json!({ "op": 1, "d": null }))?;
    assert_eq!(wire.closed(), Some(4008));
    Ok(())
}

async fn shard(floor: &Floor) -> Any {
    for shard in [json!([2, 2]), json!([0, 0]), json!([0]), json!("first")] {
        assert_eq!(closes(floor, &identifying(floor, "shard", shard.clone()))?, Some(4010), "{shard}");
    }
    Ok(())
}

async fn full_shard(floor: &Floor) -> Any {
    floor.control.guilds("Many", 2_500).await?;
    assert_eq!(closes(floor, &identify(floor, 0))?, Some(4011));
    let mut wire = Wire::open(floor)?;
    wire.say(&identifying(floor, "shard", json!([0, 2])))?;
    wire.event("READY")?;
    Ok(())
}

async fn version(floor: &Floor) -> Any {
    for it in ["99", "ten"] {
        assert_eq!(Wire::dial(floor, &format!("v={it}&encoding=json"))?.closed(), Some(4012), "{it}");
    }
    Ok(())
}

async fn intents(floor: &Floor) -> Any {
    assert_eq!(closes(floor, &identifying(floor, "intents", json!(1u64 << 40)))?, Some(4013));
    Ok(())
}

async fn intents_needed(floor: &Floor) -> Any {
    assert_eq!(closes(floor, &identifying(floor, "intents", Value::Null))?, Some(4013));
    Ok(())
}

async fn properties(floor: &Floor) -> Any {
    assert_eq!(closes(floor, &identifying(floor, "properties", Value::Null))?, Some(4002));
    Ok(())
}

async fn ready(floor: &Floor) -> Any {
    let (_, ready) = Wire::ready(floor, 1)?;
    assert_eq!((&ready["v"], text(&ready["user"], "id")), (&json!(10), &*floor.app));
    assert!(ready["guilds"].is_array() && ready["session_id"].is_string());
    assert!(text(&ready, "resume_gateway_url").starts_with("ws://"));
    assert_eq!(text(&ready["application"], "id"), floor.app);
    assert!(ready["application"]["flags"].is_u64());
    Ok(())
}

async fn ready_shard(floor: &Floor) -> Any {
    let mut wire = Wire::open(floor)?;
    wire.say(&identifying(floor, "shard", json!([1, 3])))?;
    assert_eq!(wire.event("READY")?["shard"], json!([1, 3]));
    Ok(())
}

async fn availability(floor: &Floor) -> Any {
    let (mut wire, ready) = Wire::ready(floor, 1)?;
    assert_eq!(ready["guilds"], json!([{ "id": floor.guild.id, "unavailable": true }]));
    let guild = wire.event("GUILD_CREATE")?;
    assert_eq!((text(&guild, "id"), &guild["unavailable"]), (&*floor.guild.id, &json!(false)));
    Ok(())
}

async fn guild_create(floor: &Floor) -> Any {
    let (mut wire, _) = Wire::ready(floor, 1)?;
    let guild = wire.event("GUILD_CREATE")?;
    for key in ["channels", "threads", "members", "presences", "voice_states", "stage_instances", "roles"] {
        assert!(guild[key].is_array(), "{key}");
    }
    assert_eq!((&guild["member_count"], &guild["large"]), (&json!(3), &json!(false)));
    assert!(guild["joined_at"].is_string());
    Ok(())
}

/// Connects with these intents; after `happen` hears which events come before a marker.
async fn heard(floor: &Floor, intents: u64, happen: impl AsyncFn() -> Any) -> Any<Vec<String>> {
    let (mut wire, _) = Wire::ready(floor, intents)?;
    if intents & GUILDS != 0 {
        wire.event("GUILD_CREATE")?;
    }
    happen().await?;
    wire.say(&json!({ "op": 1, "d": null }))?;
    let mut events = Vec::new();
    loop {
        match wire.hear() {
            Heard::Frame(frame) if frame["op"] == 11 => return Ok(events),
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
    let happen = async || -> Any { Ok(floor.control.react(&floor.ann, text(&made, "id"), "🔔").await?) };
    assert!(heard(floor, GUILDS | MESSAGES, happen).await?.is_empty());
    assert_eq!(heard(floor, REACTIONS, happen).await?, ["MESSAGE_REACTION_ADD"]);
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

/// Ann's message as it is told under these intents.
async fn as_told(floor: &Floor, intents: u64, channel: &str, content: &str) -> Any<Value> {
    let (mut wire, _) = Wire::ready(floor, intents)?;
    let said =
        json!({ "user": floor.ann, "channel": channel, "content": content, "embeds": [{ "title": "t" }] });
    assert_eq!(control(floor, "POST", "/act/message", &said).await?.0, 200);
    wire.event("MESSAGE_CREATE")
}

fn parts(message: &Value) -> (&str, usize) {
    (text(message, "content"), message["embeds"].as_array().map_or(0, Vec::len))
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

async fn zlib(floor: &Floor) -> Any {
    let mut wire = Wire::dial(floor, "v=10&encoding=json&compress=zlib-stream")?;
    let mut stream = flate2::Decompress::new(true);
    let mut next = |wire: &mut Wire| -> Any<Value> {
        let (op, bytes) = wire.payload()?;
        assert!(op == 2 && bytes.ends_with(&[0, 0, 0xFF, 0xFF]), "{op} {bytes:?}");
        let mut text = Vec::with_capacity(1 << 20);
        stream.decompress_vec(&bytes, &mut text, flate2::FlushDecompress::Sync)?;
        Ok(serde_json::from_slice(&text)?)
    };
    assert_eq!(next(&mut wire)?["op"], 10);
    wire.say(&identify(floor, 1))?;
    assert_eq!(next(&mut wire)?["t"], "READY");
    assert_eq!(next(&mut wire)?["t"], "GUILD_CREATE");
    Ok(())
}

async fn unbuilt(floor: &Floor, query: &str) -> Any {
    let answer = floor.http.get(format!("{}/?v=10&{query}", floor.sandbox.url())).send().await?;
    assert_eq!(answer.status(), 501);
    Ok(())
}

async fn zstd(floor: &Floor) -> Any {
    unbuilt(floor, "encoding=json&compress=zstd-stream").await
}

async fn etf(floor: &Floor) -> Any {
    unbuilt(floor, "encoding=etf").await
}

async fn bot(floor: &Floor) -> Any {
    let (_, told) = floor.rest("GET", "/gateway/bot", json!({})).await?;
    assert!(text(&told, "url").starts_with("ws://"));
    assert_eq!(told["shards"], 1);
    for key in ["total", "remaining", "reset_after", "max_concurrency"] {
        assert!(told["session_start_limit"][key].is_u64(), "{key}");
    }
    Ok(())
}

async fn null(floor: &Floor) -> Any {
    let mut wire = Wire::open(floor)?;
    wire.say(&json!({ "op": 1, "d": null }))?;
    let Heard::Frame(ack) = wire.hear() else { return Err("no answer".into()) };
    assert!(ack["s"].is_null() && ack["t"].is_null(), "{ack}");
    Ok(())
}

async fn connecting(floor: &Floor) -> Any {
    let (_, told) = floor.rest("GET", "/gateway", json!({})).await?;
    assert_eq!(text(&told, "url").replace("ws://", "http://"), floor.sandbox.url());
    floor.rest("GET", &general(floor, ""), json!({})).await?;
    Wire::dial(floor, "v=9&encoding=json")?;
    Ok(())
}
