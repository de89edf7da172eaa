//! The gateway: close codes, intents, which events arrive and what is blanked.

use serde_json::{Value, json};

use super::super::wire::{Heard, Wire, identify};
use super::super::{Any, Floor};
use super::scene::text;
use super::{Rule, Source, page, story};

const CLOSE: Source = page!("topics/opcodes-and-status-codes#gateway-gateway-close-event-codes");
const CONNECTING: Source = page!("events/gateway#connecting");
const READY: Source = page!("events/gateway-events#ready");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "gateway.hello",
            page!("events/gateway#hello-event"),
            "The first payload is op 10, with the heartbeat interval.",
            hello
        ),
        story!(
            "gateway.heartbeat",
            page!("events/gateway#sending-heartbeats"),
            "A heartbeat is answered with op 11.",
            heartbeat
        ),
        story!("gateway.opcode", CLOSE, "An unknown opcode closes the connection with 4001.", opcode),
        story!("gateway.decode", CLOSE, "A payload that isn't JSON closes the connection with 4002.", decode),
        story!(
            "gateway.opless",
            CLOSE,
            "A payload without an opcode closes the connection with 4002.",
            opless
        ),
        story!(
            "gateway.size",
            page!("events/gateway#sending-events"),
            "A payload over 4,096 bytes closes the connection with 4002.",
            size
        ),
        story!(
            "gateway.unidentified",
            CLOSE,
            "A request before identifying closes the connection with 4003.",
            unidentified
        ),
        story!("gateway.token", CLOSE, "A wrong token closes the connection with 4004.", token),
        story!("gateway.twice", CLOSE, "Identifying twice closes the connection with 4005.", twice),
        story!(
            "gateway.rate",
            page!("events/gateway#rate-limiting"),
            "The 121st payload in 60 seconds closes the connection with 4008.",
            rate
        ),
        story!(
            "gateway.shard",
            CLOSE,
            "A shard number outside the shard count closes the connection with 4010.",
            shard
        ),
        story!(
            "gateway.shard.full",
            CLOSE,
            "A shard with more than 2,500 guilds closes the connection with 4011.",
            full_shard
        ),
        story!(
            "gateway.version",
            CLOSE,
            "A version that never existed closes the connection with 4012.",
            version
        ),
        story!("gateway.intents", CLOSE, "An unknown intent closes the connection with 4013.", intents),
        story!(
            "gateway.intents.needed",
            Source::Own,
            "Identifying without intents closes the connection with 4013.",
            intents_needed
        ),
        story!(
            "gateway.properties",
            Source::Own,
            "Identifying without properties closes the connection with 4002.",
            properties
        ),
        story!(
            "gateway.ready",
            READY,
            "READY contains v, user, guilds, session_id, resume_gateway_url and application.",
            ready
        ),
        story!("gateway.ready.shard", READY, "READY contains the shard.", ready_shard),
        story!(
            "gateway.guilds",
            page!("events/gateway#guild-availability"),
            "Guilds start as unavailable, and GUILD_CREATE sends them in full.",
            availability
        ),
        story!(
            "gateway.guild_create",
            page!("events/gateway-events#guild-create"),
            "GUILD_CREATE contains channels, threads, members and member_count.",
            guild_create
        ),
        story!(
            "gateway.zlib",
            page!("events/gateway#transport-compression"),
            "zlib-stream frames end with 00 00 FF FF and share one context.",
            zlib
        ),
        story!(
            "gateway.zstd",
            page!("events/gateway#transport-compression"),
            "A zstd-stream connection is a single zstd frame, flushed after each payload.",
            zstd
        ),
        story!("gateway.etf", Source::Own, "The etf encoding is answered with 501.", etf),
        story!(
            "gateway.bot",
            page!("events/gateway#get-gateway-bot"),
            "Get Gateway Bot gives the url, the shards and the session start limit.",
            bot
        ),
        story!(
            "gateway.null",
            page!("events/gateway-events#payload-structure"),
            "s and t are null if op isn't 0.",
            null
        ),
        story!("gateway.connecting", CONNECTING, "The url from Get Gateway accepts connections.", connecting),
    ]
}

/// The close code after this payload.
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

async fn zstd(floor: &Floor) -> Any {
    let mut wire = Wire::dial(floor, "v=10&encoding=json&compress=zstd-stream")?;
    let (op, hello) = wire.payload()?;
    assert_eq!(op, 2);
    let blocks = hello.strip_prefix(&[0x28, 0xB5, 0x2F, 0xFD, 0, 0x58]).ok_or("no zstd frame begins")?;
    assert_eq!(raw(blocks)?["op"], 10);
    wire.say(&json!({ "op": 1, "d": null }))?;
    assert_eq!(raw(&wire.payload()?.1)?["op"], 11, "the frame goes on");
    Ok(())
}

/// The contents of the raw blocks of a zstd frame (RFC 8878, 3.1.1.2).
fn raw(mut blocks: &[u8]) -> Any<Value> {
    let mut text = Vec::new();
    while let [a, b, c, rest @ ..] = blocks {
        let head = u32::from_le_bytes([*a, *b, *c, 0]);
        assert_eq!(head & 0b111, 0, "raw, and not the last");
        let (block, after) = rest.split_at(usize::try_from(head >> 3)?);
        text.extend(block);
        blocks = after;
    }
    Ok(serde_json::from_slice(&text)?)
}

async fn etf(floor: &Floor) -> Any {
    let asked = floor.http.get(format!("{}/?v=10&encoding=etf", floor.sandbox.url()));
    let asked = asked.header("connection", "upgrade").header("upgrade", "websocket");
    let asked =
        asked.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(asked.send().await?.status(), 501);
    Ok(())
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
    Wire::dial(floor, "v=9&encoding=json")?;
    Ok(())
}
