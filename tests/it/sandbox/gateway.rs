//! The gateway: close codes, resume, intents, shards.

use bellringer::sandbox::client::Gateway;
use serde_json::{Value, json};

use super::wire::{Heard, Wire, identify};
use super::{Any, Floor};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mistake_closes_with_its_own_code() -> Any {
    let floor = Floor::open().await?;
    let token = floor.sandbox.token();
    let wrong = |data| json!({ "op": 2, "d": data });
    for (what, said, code) in [
        ("wrong token", wrong(json!({ "token": "x", "intents": 1, "properties": {} })), 4004),
        ("invalid intents", wrong(json!({ "token": token, "intents": 1u64 << 40, "properties": {} })), 4013),
        (
            "invalid shard",
            wrong(json!({ "token": token, "intents": 1, "properties": {}, "shard": [2, 2] })),
            4010,
        ),
        ("not identified", json!({ "op": 8, "d": {} }), 4003),
        ("unknown opcode", json!({ "op": 99, "d": {} }), 4001),
        ("too long", json!({ "op": 1, "d": "x".repeat(5000) }), 4002),
    ] {
        let mut wire = Wire::open(&floor)?;
        wire.say(&said)?;
        assert_eq!(wire.closed(), Some(code), "{what}");
    }
    let mut wire = Wire::open(&floor)?;
    wire.text(b"{not json")?;
    assert_eq!(wire.closed(), Some(4002));
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    wire.say(&identify(&floor, 1))?;
    assert_eq!(wire.closed(), Some(4005));
    let mut wire = Wire::open(&floor)?;
    for _ in 0..121 {
        wire.say(&json!({ "op": 1, "d": null }))?;
    }
    assert_eq!(wire.closed(), Some(4008));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_session_hears_what_it_missed() -> Any {
    let floor = Floor::open().await?;
    let (mut wire, ready) = Wire::ready(&floor, 1 | 1 << 9)?;
    wire.event("GUILD_CREATE")?;
    floor.control.gateway(Gateway::Drop).await?;
    assert_eq!(wire.closed(), None, "a cut has no close code");
    floor.control.say(&floor.ann, &floor.guild.channel_id, "missed").await?;
    let mut wire = Wire::open(&floor)?;
    let data = json!({ "token": floor.sandbox.token(), "session_id": ready["session_id"], "seq": 2 });
    wire.say(&json!({ "op": 6, "d": data }))?;
    let Heard::Frame(first) = wire.hear() else {
        return Err("nothing replayed".into());
    };
    assert_eq!((first["t"].as_str(), first["s"].as_u64()), (Some("MESSAGE_CREATE"), Some(3)));
    wire.event("RESUMED")?;
    let mut wire = Wire::open(&floor)?;
    wire.say(&json!({ "op": 6, "d": { "token": floor.sandbox.token(), "session_id": "nobody", "seq": 2 } }))?;
    assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["op"] == 9 && frame["d"] == false));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn intents_decide_what_is_heard_and_blank_what_is_not_ours() -> Any {
    let floor = Floor::open().await?;
    let (mut all, _) = Wire::ready(&floor, 1 | 1 << 9 | 1 << 15)?;
    let (mut blanked, _) = Wire::ready(&floor, 1 | 1 << 9)?;
    let (mut deaf, _) = Wire::ready(&floor, 1)?;
    let channel = &floor.guild.channel_id;
    floor.control.say(&floor.ann, channel, "secret").await?;
    floor.control.say(&floor.ann, channel, &format!("hey <@{}>", floor.app)).await?;
    floor.post(json!({ "content": "own" })).await?;
    let hear = |wire: &mut Wire| -> Any<Vec<String>> {
        (0..3)
            .map(|_| Ok(wire.event("MESSAGE_CREATE")?["content"].as_str().unwrap_or_default().to_owned()))
            .collect()
    };
    assert_eq!(hear(&mut all)?, ["secret".to_owned(), format!("hey <@{}>", floor.app), "own".to_owned()]);
    assert_eq!(hear(&mut blanked)?, [String::new(), format!("hey <@{}>", floor.app), "own".to_owned()]);
    floor.control.channel(&floor.guild.id, "later").await?;
    deaf.event("GUILD_CREATE")?;
    assert!(
        matches!(deaf.hear(), Heard::Frame(next) if next["t"] == "CHANNEL_CREATE"),
        "no message in between"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_events_come_at_release_and_in_order() -> Any {
    let floor = Floor::open().await?;
    let (mut wire, _) = Wire::ready(&floor, 1 | 1 << 9)?;
    wire.event("GUILD_CREATE")?;
    floor.control.gateway(Gateway::Hold).await?;
    for text in ["one", "two"] {
        floor.post(json!({ "content": text })).await?;
    }
    wire.say(&json!({ "op": 1, "d": null }))?;
    assert!(
        matches!(wire.hear(), Heard::Frame(ack) if ack["op"] == 11),
        "nothing but the heartbeat's answer"
    );
    floor.control.gateway(Gateway::Release).await?;
    assert_eq!(wire.event("MESSAGE_CREATE")?["content"], "one");
    assert_eq!(wire.event("MESSAGE_CREATE")?["content"], "two");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_guilds_fall_on_their_shards() -> Any {
    let floor = Floor::open().await?;
    floor.control.guilds("Many", 2_499).await?;
    let mut seen = 0;
    for shard in 0..2 {
        let mut wire = Wire::open(&floor)?;
        let mut identify = identify(&floor, 0);
        identify["d"]["shard"] = json!([shard, 2]);
        wire.say(&identify)?;
        let here = wire.event("READY")?["guilds"].as_array().map_or(0, Vec::len);
        assert!((1_000..1_500).contains(&here), "{here}");
        seen += here;
    }
    assert_eq!(seen, 2_500);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_session_may_identify_anew_on_its_connection() -> Any {
    let floor = Floor::open().await?;
    let (mut wire, first) = Wire::ready(&floor, 1)?;
    wire.event("GUILD_CREATE")?;
    floor.control.gateway(Gateway::Invalidate { resumable: false }).await?;
    assert!(matches!(wire.hear(), Heard::Frame(frame) if frame["op"] == 9 && frame["d"] == false));
    wire.say(&identify(&floor, 1))?;
    assert_ne!(wire.event("READY")?["session_id"], first["session_id"]);
    Ok(())
}

/// The result of resuming a session on a new connection.
fn resumed(floor: &Floor, session: &Value, seq: u64) -> Any<(Wire, Value)> {
    let mut wire = Wire::open(floor)?;
    let data = json!({ "token": floor.sandbox.token(), "session_id": session, "seq": seq });
    wire.say(&json!({ "op": 6, "d": data }))?;
    let first = frame(&mut wire)?;
    Ok((wire, first))
}

fn frame(wire: &mut Wire) -> Any<Value> {
    match wire.hear() {
        Heard::Frame(frame) => Ok(frame),
        other => Err(format!("{other:?}").into()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_begun_while_events_are_held_gets_them_at_release() -> Any {
    let floor = Floor::open().await?;
    floor.control.gateway(Gateway::Hold).await?;
    let (mut wire, _) = Wire::ready(&floor, 1 | 1 << 9)?;
    wire.event("GUILD_CREATE")?;
    floor.post(json!({ "content": "held" })).await?;
    floor.control.gateway(Gateway::Release).await?;
    floor.post(json!({ "content": "after" })).await?;
    for (seq, content) in [(3, "held"), (4, "after")] {
        let heard = frame(&mut wire)?;
        assert_eq!((&heard["s"], &heard["d"]["content"]), (&json!(seq), &json!(content)));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_resumed_while_events_are_held_hears_each_of_them_once() -> Any {
    let floor = Floor::open().await?;
    let (mut wire, ready) = Wire::ready(&floor, 1 | 1 << 9)?;
    wire.event("GUILD_CREATE")?;
    floor.control.gateway(Gateway::Hold).await?;
    floor.post(json!({ "content": "held" })).await?;
    floor.control.gateway(Gateway::Drop).await?;
    let (mut wire, first) = resumed(&floor, &ready["session_id"], 2)?;
    assert_eq!((&first["s"], &first["d"]["content"]), (&json!(3), &json!("held")));
    let second = frame(&mut wire)?;
    assert_eq!((&second["s"], &second["t"]), (&json!(4), &json!("RESUMED")));
    floor.control.gateway(Gateway::Release).await?;
    floor.post(json!({ "content": "after" })).await?;
    let third = frame(&mut wire)?;
    assert_eq!((&third["s"], &third["d"]["content"]), (&json!(5), &json!("after")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_shards_cut_at_once_each_can_be_resumed() -> Any {
    let floor = Floor::open().await?;
    let begin = |shard: u64| -> Any<(Wire, Value)> {
        let mut wire = Wire::open(&floor)?;
        let mut identify = identify(&floor, 0);
        identify["d"]["shard"] = json!([shard, 16]);
        wire.say(&identify)?;
        let ready = wire.event("READY")?;
        Ok((wire, ready["session_id"].clone()))
    };
    let mut shards = (0..16).map(begin).collect::<Any<Vec<_>>>()?;
    floor.control.gateway(Gateway::Drop).await?;
    for (wire, _) in &mut shards {
        assert_eq!(wire.closed(), None);
    }
    let _anew = begin(0)?;
    for (_, session) in shards.iter().skip(1) {
        assert_eq!(resumed(&floor, session, 1)?.1["t"], "RESUMED");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_cut() -> Any {
    let floor = Floor::open().await?;
    let (_wire, _) = Wire::ready(&floor, 1 | 1 << 9)?;
    // More than a socket buffer holds.
    let (long, longer) = ("\u{1f514}".repeat(2_000), "\u{1f514}".repeat(3_000));
    for _ in 0..600 {
        floor.post(json!({ "content": long, "embeds": [{ "description": longer }] })).await?;
    }
    for _ in 0..100 {
        if floor.control.summary().await?["connections"] == 0 {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err("it still has its connection".into())
}
