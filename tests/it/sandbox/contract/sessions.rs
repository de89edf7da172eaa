//! Sessions: resuming, reconnect requests, and shards.

use bellringer::sandbox::client::{Gateway, Greeting};
use serde_json::{Value, json};

use super::super::wire::{Heard, Wire, identify};
use super::super::{Any, Floor};
use super::scene::text;
use super::{Rule, Source, page, story};

const RESUMING: Source = page!("events/gateway#resuming");
const CLOSE: Source = page!("topics/opcodes-and-status-codes#gateway-gateway-close-event-codes");
const SHARDING: Source = page!("events/gateway#sharding");
const LEAVING: Source = page!("events/gateway#initiating-a-disconnect");
const MEMBERS: Source = page!("events/gateway-events#request-guild-members");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "session.replay",
            RESUMING,
            "Resuming replays missed events in order, then sends RESUMED.",
            replay
        ),
        story!(
            "session.replay.none",
            RESUMING,
            "If nothing was missed, resuming sends only RESUMED.",
            replay_none
        ),
        story!("session.live", RESUMING, "A resumed session receives new events.", live),
        story!(
            "session.sequence",
            page!("events/gateway#dispatch-events"),
            "Events are numbered consecutively.",
            sequence
        ),
        story!(
            "session.unknown",
            RESUMING,
            "Resuming a session that doesn't exist gets op 9 with false.",
            unknown
        ),
        story!(
            "session.forgotten",
            RESUMING,
            "Resuming a session that was discarded while nobody was connected gets op 9 with false; the bot can then identify again.",
            forgotten
        ),
        story!(
            "session.greeted",
            Source::Own,
            "A new connection can be given a refused upgrade, silence, any close code or none, or op 9, before one is accepted.",
            greeted
        ),
        story!(
            "session.seq",
            CLOSE,
            "A sequence number that hasn't been reached yet closes the connection with 4007.",
            wrong_seq
        ),
        story!(
            "session.token",
            CLOSE,
            "Resuming with a wrong token closes the connection with 4004.",
            wrong_token
        ),
        story!(
            "session.again",
            Source::Own,
            "Resuming on a connection that already has a session closes it with 4005.",
            again
        ),
        story!(
            "session.reconnect",
            page!("events/gateway-events#reconnect"),
            "Op 7 asks the bot to reconnect, and the session can be resumed.",
            reconnect
        ),
        story!(
            "session.invalid",
            page!("events/gateway-events#invalid-session"),
            "Op 9 with false ends the session.",
            invalid
        ),
        story!(
            "session.invalid.resumable",
            page!("events/gateway-events#invalid-session"),
            "After op 9 with true, the session can be resumed.",
            resumable
        ),
        story!(
            "session.invalid.anew",
            page!("events/gateway-events#invalid-session"),
            "After op 9, the bot can identify again to start another session.",
            anew
        ),
        story!(
            "session.asked",
            page!("events/gateway#heartbeat-requests"),
            "Op 1 asks for a heartbeat right away.",
            asked
        ),
        story!("session.leave", LEAVING, "Closing with 1000 or 1001 ends the session.", leave),
        story!(
            "session.stay",
            LEAVING,
            "After closing with any other code, the session can be resumed.",
            stay
        ),
        story!("session.cut", LEAVING, "If the connection is cut, the session can be resumed.", cut),
        story!("shard.formula", SHARDING, "A guild belongs to shard (id >> 22) % shards.", formula),
        story!("shard.guilds", SHARDING, "Every guild is on exactly one shard.", each_once),
        story!("shard.direct", SHARDING, "Direct messages are sent only to shard 0.", direct),
        story!(
            "shard.twice",
            SHARDING,
            "Two sessions of the same shard receive the same events.",
            two_sessions
        ),
        story!("members.chunk", MEMBERS, "Requested members are sent in GUILD_MEMBERS_CHUNK.", chunk),
        story!(
            "members.query",
            MEMBERS,
            "Members can be requested by the start of a name or by id.",
            by_query
        ),
        story!(
            "members.nonce",
            MEMBERS,
            "The chunk contains the nonce and the ids that weren't found.",
            nonce
        ),
    ]
}

fn resume(floor: &Floor, session: &Value, seq: u64) -> Value {
    json!({ "op": 6, "d": { "token": floor.sandbox.token(), "session_id": session, "seq": seq } })
}

/// A session that has received `READY` (1) and `GUILD_CREATE` (2).
fn settled(floor: &Floor) -> Any<(Wire, Value)> {
    let (mut wire, ready) = Wire::ready(floor, 1 | 1 << 9)?;
    wire.event("GUILD_CREATE")?;
    Ok((wire, ready["session_id"].clone()))
}

/// The first frame after a resume.
fn resumed(floor: &Floor, session: &Value, seq: u64) -> Any<(Wire, Value)> {
    let mut wire = Wire::open(floor)?;
    wire.say(&resume(floor, session, seq))?;
    match wire.hear() {
        Heard::Frame(frame) => Ok((wire, frame)),
        other => Err(format!("{other:?}").into()),
    }
}

async fn missed(floor: &Floor, contents: &[&str]) -> Any {
    for content in contents {
        floor.post(json!({ "content": content })).await?;
    }
    Ok(())
}

async fn replay(floor: &Floor) -> Any {
    let (wire, session) = settled(floor)?;
    drop(wire);
    missed(floor, &["one", "two"]).await?;
    let (mut wire, first) = resumed(floor, &session, 2)?;
    assert_eq!((&first["s"], &first["d"]["content"]), (&json!(3), &json!("one")));
    assert!(
        matches!(wire.hear(), Heard::Frame(second) if second["d"]["content"] == "two" && second["s"] == 4)
    );
    assert!(matches!(wire.hear(), Heard::Frame(last) if last["t"] == "RESUMED"));
    Ok(())
}

async fn replay_none(floor: &Floor) -> Any {
    let (wire, session) = settled(floor)?;
    drop(wire);
    assert_eq!(resumed(floor, &session, 2)?.1["t"], "RESUMED");
    Ok(())
}

async fn live(floor: &Floor) -> Any {
    let (wire, session) = settled(floor)?;
    drop(wire);
    let (mut wire, _) = resumed(floor, &session, 2)?;
    missed(floor, &["after"]).await?;
    assert_eq!(wire.event("MESSAGE_CREATE")?["content"], "after");
    Ok(())
}

async fn sequence(floor: &Floor) -> Any {
    let mut wire = Wire::open(floor)?;
    wire.say(&identify(floor, 1 | 1 << 9))?;
    missed(floor, &["one", "two"]).await?;
    for expected in 1..=4 {
        assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["s"] == expected));
    }
    Ok(())
}

async fn unknown(floor: &Floor) -> Any {
    let (_, frame) = resumed(floor, &json!("nobody"), 2)?;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    Ok(())
}

async fn forgotten(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    floor.control.gateway(Gateway::Forget).await?;
    assert_eq!(wire.closed(), None, "cut without a word");
    let (mut wire, frame) = resumed(floor, &session, 2)?;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
    wire.say(&identify(floor, 1))?;
    assert_ne!(wire.event("READY")?["session_id"], session);
    Ok(())
}

async fn greeted(floor: &Floor) -> Any {
    let (_wire, session) = settled(floor)?;
    let meet = async |with, times| floor.control.gateway(Gateway::Greet { with, times }).await;
    meet(Greeting::Refuse { status: 503 }, 1).await?;
    let url = floor.sandbox.url().replace("http", "ws");
    let met = tokio_tungstenite::connect_async(format!("{url}/?v=10")).await;
    assert!(
        matches!(&met, Err(tokio_tungstenite::tungstenite::Error::Http(answer)) if answer.status() == 503)
    );
    meet(Greeting::Silence, 1).await?;
    let mut silent = Wire::dial(floor, "v=10")?;
    silent.say(&identify(floor, 1))?;
    for code in [4000, 4011, 1001] {
        meet(Greeting::Close { code }, 1).await?;
        assert_eq!(Wire::open(floor)?.closed(), Some(code));
        meet(Greeting::Reject { code }, 1).await?;
        let mut wire = Wire::open(floor)?;
        wire.say(&identify(floor, 1))?;
        assert_eq!(wire.closed(), Some(code));
    }
    meet(Greeting::Close { code: 1005 }, 1).await?;
    let mut wire = Wire::open(floor)?;
    assert!(matches!(wire.payload()?, (8, empty) if empty.is_empty()), "a close frame without a code");
    meet(Greeting::Invalidate { resumable: true }, 2).await?;
    let (mut wire, frame) = resumed(floor, &session, 2)?;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(true)));
    wire.close(4000)?;
    assert_eq!(resumed(floor, &session, 2)?.1["op"], 9);
    // The next connection is accepted.
    assert_eq!(resumed(floor, &session, 2)?.1["t"], "RESUMED");
    let log = floor.control.log(0).await?;
    let identified = log.iter().filter(|entry| entry["did"] == "identified").count();
    assert_eq!(identified, 1, "nothing is said to the silent one, nor to those who were rejected");
    Ok(())
}

async fn wrong_seq(floor: &Floor) -> Any {
    let (_wire, session) = settled(floor)?;
    let mut wire = Wire::open(floor)?;
    wire.say(&resume(floor, &session, 99))?;
    assert_eq!(wire.closed(), Some(4007));
    Ok(())
}

async fn wrong_token(floor: &Floor) -> Any {
    let (_wire, session) = settled(floor)?;
    let mut wire = Wire::open(floor)?;
    let mut payload = resume(floor, &session, 2);
    payload["d"]["token"] = json!("nobody");
    wire.say(&payload)?;
    assert_eq!(wire.closed(), Some(4004));
    Ok(())
}

async fn again(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    wire.say(&resume(floor, &session, 2))?;
    assert_eq!(wire.closed(), Some(4005));
    Ok(())
}

async fn reconnect(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    floor.control.gateway(Gateway::Reconnect).await?;
    assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["op"] == 7));
    wire.close(4000)?;
    assert_eq!(resumed(floor, &session, 2)?.1["t"], "RESUMED");
    Ok(())
}

async fn invalid(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    floor.control.gateway(Gateway::Invalidate { resumable: false }).await?;
    assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["op"] == 9 && frame["d"] == false));
    assert_eq!(resumed(floor, &session, 2)?.1["op"], 9);
    Ok(())
}

async fn resumable(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    floor.control.gateway(Gateway::Invalidate { resumable: true }).await?;
    assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["op"] == 9 && frame["d"] == true));
    wire.close(4000)?;
    assert_eq!(resumed(floor, &session, 2)?.1["t"], "RESUMED");
    Ok(())
}

async fn anew(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    floor.control.gateway(Gateway::Invalidate { resumable: false }).await?;
    wire.say(&identify(floor, 1))?;
    assert_ne!(wire.event("READY")?["session_id"], session);
    Ok(())
}

async fn asked(floor: &Floor) -> Any {
    let (mut wire, _) = settled(floor)?;
    floor.control.gateway(Gateway::Heartbeat).await?;
    assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["op"] == 1));
    Ok(())
}

async fn leave(floor: &Floor) -> Any {
    for code in [1000, 1001] {
        let (mut wire, session) = settled(floor)?;
        wire.close(code)?;
        wire.closed();
        assert_eq!(resumed(floor, &session, 2)?.1["op"], 9, "{code}");
    }
    Ok(())
}

async fn stay(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    wire.close(4000)?;
    wire.closed();
    assert_eq!(resumed(floor, &session, 2)?.1["t"], "RESUMED");
    Ok(())
}

async fn cut(floor: &Floor) -> Any {
    let (mut wire, session) = settled(floor)?;
    floor.control.gateway(Gateway::Drop).await?;
    assert_eq!(wire.closed(), None, "a cut has no close code");
    assert_eq!(resumed(floor, &session, 2)?.1["t"], "RESUMED");
    Ok(())
}

/// A connection for one shard of several, and its READY.
fn of_shard(floor: &Floor, shard: u64, shards: u64, intents: u64) -> Any<(Wire, Value)> {
    let mut wire = Wire::open(floor)?;
    let mut payload = identify(floor, intents);
    payload["d"]["shard"] = json!([shard, shards]);
    wire.say(&payload)?;
    let ready = wire.event("READY")?;
    Ok((wire, ready))
}

async fn formula(floor: &Floor) -> Any {
    floor.control.guilds("Many", 9).await?;
    for shard in 0..3 {
        let (_, ready) = of_shard(floor, shard, 3, 0)?;
        for guild in ready["guilds"].as_array().into_iter().flatten() {
            assert_eq!((text(guild, "id").parse::<u64>()? >> 22) % 3, shard);
        }
    }
    Ok(())
}

async fn each_once(floor: &Floor) -> Any {
    floor.control.guilds("Many", 9).await?;
    let mut seen = std::collections::BTreeSet::new();
    for shard in 0..3 {
        let (_, ready) = of_shard(floor, shard, 3, 0)?;
        for guild in ready["guilds"].as_array().into_iter().flatten() {
            assert!(seen.insert(text(guild, "id").to_owned()), "{guild} twice");
        }
    }
    assert_eq!(seen.len(), 10);
    Ok(())
}

async fn direct(floor: &Floor) -> Any {
    let (mut first, _) = of_shard(floor, 0, 2, 1 << 12)?;
    let (mut second, _) = of_shard(floor, 1, 2, 1 << 12)?;
    let direct = floor.control.direct_channel(&floor.ann).await?;
    floor.control.say(&floor.ann, &direct, "psst").await?;
    assert_eq!(first.event("MESSAGE_CREATE")?["content"], "psst");
    floor.control.gateway(Gateway::Heartbeat).await?;
    assert!(matches!(second.hear(), Heard::Frame(frame) if frame["op"] == 1));
    Ok(())
}

async fn two_sessions(floor: &Floor) -> Any {
    let (mut one, _) = settled(floor)?;
    let (mut other, _) = settled(floor)?;
    missed(floor, &["both"]).await?;
    for wire in [&mut one, &mut other] {
        assert_eq!(wire.event("MESSAGE_CREATE")?["content"], "both");
    }
    Ok(())
}

/// Requests members and returns the chunk.
fn members(floor: &Floor, mut ask: Value) -> Any<Value> {
    let (mut wire, _) = Wire::ready(floor, 1 | 1 << 1)?;
    ask["guild_id"] = json!(floor.guild.id);
    wire.say(&json!({ "op": 8, "d": ask }))?;
    wire.event("GUILD_MEMBERS_CHUNK")
}

fn count(chunk: &Value) -> usize {
    chunk["members"].as_array().map_or(0, Vec::len)
}

async fn chunk(floor: &Floor) -> Any {
    let chunk = members(floor, json!({ "query": "", "limit": 0 }))?;
    assert_eq!((count(&chunk), &chunk["chunk_index"], &chunk["chunk_count"]), (3, &json!(0), &json!(1)));
    assert_eq!(text(&chunk, "guild_id"), floor.guild.id);
    Ok(())
}

async fn by_query(floor: &Floor) -> Any {
    assert_eq!(count(&members(floor, json!({ "query": "an", "limit": 5 }))?), 1);
    let by_id = members(floor, json!({ "user_ids": [floor.ann] }))?;
    assert_eq!(text(&by_id["members"][0]["user"], "id"), floor.ann);
    Ok(())
}

async fn nonce(floor: &Floor) -> Any {
    let chunk = members(floor, json!({ "user_ids": [floor.ann, "1"], "nonce": "n" }))?;
    assert_eq!((text(&chunk, "nonce"), &chunk["not_found"]), ("n", &json!(["1"])));
    Ok(())
}
