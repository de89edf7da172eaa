//! Messages: permissions, nonces, pings, rate limits, faults.

use bellringer::sandbox::client::{Fault, Filler, Mishap, Person};
use bellringer::sandbox::{Limits, Options, transcript};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::wire::{Heard, Wire};
use super::{Any, Floor};

const VIEW: u64 = 1 << 10;
const SEND: u64 = 1 << 11;

#[tokio::test]
async fn missing_permissions_have_their_codes() -> Any {
    let floor = Floor::open().await?;
    let channel = &floor.guild.channel_id;
    let only = |allow: u64| {
        json!([
            { "id": floor.guild.id, "type": 0, "allow": "0", "deny": (!0u64 >> 12).to_string() },
            { "id": floor.app, "type": 1, "allow": allow.to_string(), "deny": "0" },
        ])
    };
    let history = format!("/channels/{channel}/messages");
    for (allow, body, status, code) in [
        (0, json!({ "content": "c" }), 403, 50001),
        (VIEW, json!({ "content": "c" }), 403, 50013),
        (VIEW | SEND, json!({ "embeds": [{ "title": "t" }] }), 403, 50013),
        (VIEW | SEND, json!({ "content": " " }), 400, 50006),
    ] {
        floor.control.overwrites(channel, only(allow)).await?;
        let (got, answer) = floor.post(body).await?;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{allow}");
    }
    assert_eq!(floor.post(json!({ "content": "c" })).await?.0, 200);
    assert_eq!(
        floor.rest("GET", &history, json!({})).await?,
        (200, json!([])),
        "no history without the permission"
    );
    for (path, code) in [
        ("/channels/1/messages/1".to_owned(), 10003),
        (format!("/guilds/{}/members/1", floor.guild.id), 10013),
        ("/guilds/1".to_owned(), 10004),
        ("/users/1".to_owned(), 10013),
        ("/webhooks/1/x.1.y/messages/@original".to_owned(), 10015),
    ] {
        assert_eq!(floor.rest("GET", &path, json!({})).await?.1["code"], code, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn others_messages_closed_doors_and_lost_messages() -> Any {
    let floor = Floor::open().await?;
    let channel = &floor.guild.channel_id;
    let said = floor.control.say(&floor.ann, channel, "hi").await?;
    let path = format!("/channels/{channel}/messages/{}", said["id"].as_str().unwrap_or_default());
    assert_eq!(floor.rest("PATCH", &path, json!({ "content": "no" })).await?.1["code"], 50005);
    assert_eq!(floor.rest("DELETE", &path, json!({})).await?.1["code"], 50013);
    let (_, direct) = floor.rest("POST", "/users/@me/channels", json!({ "recipient_id": floor.ann })).await?;
    let direct = format!("/channels/{}/messages", direct["id"].as_str().unwrap_or_default());
    assert_eq!(floor.rest("POST", &direct, json!({ "content": "psst" })).await?.0, 200);
    floor.control.close_direct(&floor.ann, true).await?;
    assert_eq!(floor.rest("POST", &direct, json!({ "content": "psst" })).await?.1["code"], 50007);
    assert_eq!(
        floor.rest("GET", &format!("/channels/{channel}/messages/1"), json!({})).await?.1["code"],
        10008
    );
    Ok(())
}

#[tokio::test]
async fn an_enforced_nonce_makes_one_message_for_five_minutes() -> Any {
    let noon: DateTime<Utc> = "2026-04-06T12:00:00Z".parse()?;
    let floor =
        Floor::with(Options { now: Some(noon), limits: Limits::Lifted, ..Options::default() }).await?;
    let body = json!({ "content": "bell", "nonce": "n1", "enforce_nonce": true });
    let (_, first) = floor.post(body.clone()).await?;
    assert_eq!(floor.post(body.clone()).await?.1["id"], first["id"]);
    let plain = json!({ "content": "bell", "nonce": "n1" });
    assert_ne!(floor.post(plain).await?.1["id"], first["id"], "not enforced");
    floor.control.delete_message(first["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(floor.post(body.clone()).await?.0, 404, "the first was deleted: an error, and none made");
    floor.control.set_clock(Some(noon + Duration::minutes(6))).await?;
    assert_eq!(floor.post(body).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn pings_are_what_allowed_mentions_lets_through() -> Any {
    let floor = Floor::open().await?;
    let role = floor.control.role(&floor.guild.id, "team", 0).await?;
    let ann = floor.ann.clone();
    let content = format!("<@{ann}> <@&{role}> @everyone");
    for (allowed, users, roles, everyone) in [
        (Value::Null, 1, 1, true),
        (json!({ "parse": [] }), 0, 0, false),
        (json!({ "parse": ["users"] }), 1, 0, false),
        (json!({ "parse": ["everyone"], "roles": [role] }), 0, 1, true),
        (json!({ "users": ["1"] }), 0, 0, false),
    ] {
        let (status, message) =
            floor.post(json!({ "content": content, "allowed_mentions": allowed })).await?;
        assert_eq!(status, 200, "{message}");
        let pings = floor.control.feed(0).await?.pop().map(|item| item.pings).unwrap_or_default();
        assert_eq!(
            (pings.users.len(), pings.roles.len(), pings.everyone),
            (users, roles, everyone),
            "{allowed}"
        );
        assert_eq!(message["mention_everyone"], everyone);
    }
    let bob = floor.control.person(&floor.guild.id, &Person::named("bob")).await?;
    let said = floor.control.say(&bob, &floor.guild.channel_id, "@everyone").await?;
    assert_eq!(said["mention_everyone"], false, "Bob may not");
    Ok(())
}

#[tokio::test]
async fn the_sixth_message_in_five_seconds_waits() -> Any {
    let floor = Floor::with(Options::default()).await?;
    let path = format!("/channels/{}/messages", floor.guild.channel_id);
    for left in (0..5).rev() {
        let response = floor.send("POST", &path, &json!({ "content": "c" })).await?;
        assert_eq!(response.headers()["x-ratelimit-remaining"], left.to_string().as_str());
    }
    let refused = floor.send("POST", &path, &json!({ "content": "c" })).await?;
    assert_eq!((refused.status().as_u16(), &refused.headers()["x-ratelimit-scope"]), (429, &"user".parse()?));
    assert!(refused.headers().contains_key("retry-after"));
    let body: Value = refused.json().await?;
    assert!(body["retry_after"].as_f64().is_some_and(|wait| wait > 0.0 && wait <= 5.0), "{body}");
    assert_eq!((&body["global"], &body["code"]), (&json!(false), &json!(0)));
    floor.control.limits(Limits::Lifted).await?;
    assert_eq!(floor.post(json!({ "content": "c" })).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_dropped_answer_is_lost_before_or_after_the_effect() -> Any {
    let floor = Floor::open().await?;
    let count =
        async || -> Any<usize> { Ok(floor.control.messages(&floor.guild.channel_id, None).await?.len()) };
    for (kind, made) in [(Mishap::DropBefore, 0), (Mishap::DropAfter, 1)] {
        floor.control.fault(&Fault::once("POST /channels/{id}/messages", kind)).await?;
        assert!(floor.post(json!({ "content": "c" })).await.is_err(), "no answer came");
        assert_eq!(count().await?, made, "{kind:?}");
    }
    let fault = Fault { retry_after: 1.5, ..Fault::once("POST /channels", Mishap::TooMany) };
    floor.control.fault(&fault).await?;
    let (status, body) = floor.post(json!({ "content": "c" })).await?;
    assert_eq!((status, &body["retry_after"]), (429, &json!(1.5)));
    Ok(())
}

#[tokio::test]
async fn an_answer_from_between_is_no_word_of_discords_and_has_an_effect_only_if_asked() -> Any {
    let floor = Floor::open().await?;
    let path = format!("/channels/{}/messages", floor.guild.channel_id);
    let route = "POST /channels/{id}/messages";
    for (body, kind, text) in [
        (Filler::Html, "text/html", "<h1>429</h1>"),
        (Filler::Json, "application/json", "\"error\""),
        (Filler::CodeZero, "application/json", "\"code\":0"),
        (Filler::Empty, "text/plain", ""),
    ] {
        floor.control.fault(&Fault::between(route, 429, body, 1)).await?;
        let answer = floor.send("POST", &path, &json!({ "content": "c" })).await?;
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str()?), (429, kind));
        assert!(
            !answer.headers().keys().any(|name| name == "retry-after" || name.as_str().starts_with("x-r"))
        );
        assert!(answer.text().await?.contains(text));
    }
    let timed = Fault { retry_after: 30.0, ..Fault::between(route, 429, Filler::Html, 1) };
    floor.control.fault(&timed).await?;
    let answer = floor.send("POST", &path, &json!({ "content": "c" })).await?;
    assert_eq!(answer.headers()["retry-after"], "30");
    for (done, made) in [(false, 0), (true, 1)] {
        floor.control.fault(&Fault { done, ..Fault::between(route, 403, Filler::Html, 1) }).await?;
        assert_eq!(floor.send("POST", &path, &json!({ "content": "c" })).await?.status(), 403);
        assert_eq!(floor.control.messages(&floor.guild.channel_id, None).await?.len(), made);
    }
    Ok(())
}

#[tokio::test]
async fn a_reply_to_a_reply_shows_one_of_them() -> Any {
    let floor = Floor::open().await?;
    let mut last = floor.post(json!({ "content": "0" })).await?.1;
    for number in 1..4 {
        let reply =
            json!({ "content": number.to_string(), "message_reference": { "message_id": last["id"] } });
        last = floor.post(reply).await?.1;
    }
    assert_eq!(last["referenced_message"]["content"], "2");
    assert!(last["referenced_message"].get("referenced_message").is_none(), "{last}");
    Ok(())
}

#[tokio::test]
async fn a_field_called_like_the_errors_themselves_is_a_field() -> Any {
    let floor = Floor::open().await?;
    let names = json!({ "_errors": "x", "_errors._errors": "y" });
    let (status, answer) =
        floor.register(json!([{ "name": "x", "description": "d", "name_localizations": names }])).await?;
    assert_eq!((status, &answer["code"]), (400, &json!(50035)), "{answer}");
    Ok(())
}

/// Adds or removes a reaction; returns the status and any error code.
async fn reacts(floor: &Floor, user: &str, message: &Value, emoji: &str, remove: bool) -> Any<(u16, u64)> {
    let url = format!("{}/sandbox/act/reaction", floor.sandbox.url());
    let body = json!({ "user": user, "message": message["id"], "emoji": emoji, "remove": remove });
    let answer = floor.http.post(url).json(&body).send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.json::<Value>().await?["code"].as_u64().unwrap_or(0)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reaction_knows_who_reacted() -> Any {
    let floor = Floor::open().await?;
    let (mut wire, _) = Wire::ready(&floor, 1 << 10)?;
    let bob = floor.control.person(&floor.guild.id, &Person::named("bob")).await?;
    let (_, posted) = floor.post(json!({ "content": "vote" })).await?;
    let path =
        format!("/channels/{}/messages/{}", floor.guild.channel_id, posted["id"].as_str().unwrap_or(""));
    let count = async || -> Any<Value> {
        Ok(floor.rest("GET", &path, json!({})).await?.1["reactions"][0]["count"].clone())
    };
    for _ in 0..3 {
        assert_eq!(reacts(&floor, &floor.ann, &posted, "👍", false).await?.0, 200);
    }
    assert_eq!(count().await?, 1);
    assert_eq!(reacts(&floor, &bob, &posted, "👍", true).await?.0, 200);
    assert_eq!(count().await?, 1, "Bob had given none");
    assert_eq!(reacts(&floor, &floor.ann, &posted, "👍", true).await?.0, 200);
    assert_eq!(count().await?, Value::Null);
    for event in ["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"] {
        let Heard::Frame(heard) = wire.hear() else {
            return Err(format!("{event} never came").into());
        };
        assert_eq!((&heard["t"], &heard["d"]["user_id"]), (&json!(event), &json!(floor.ann)));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reacts_with_what_is_no_emoji_or_to_what_they_do_not_see() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let (_, posted) = floor.post(json!({ "content": "vote" })).await?;
    for emoji in ["", "<script>", "bell", "bell:1", "🔔:1", &"x".repeat(5_000), &"🔔".repeat(5_000)] {
        assert_eq!(reacts(&floor, &floor.ann, &posted, emoji, false).await?, (400, 10014), "{emoji:.20}");
    }
    floor.control.command_unawaited(&floor.place(), "win log", json!({ "amount": "1" })).await?;
    let asked = wire.event("INTERACTION_CREATE")?;
    let callback = |key: &str| asked[key].as_str().unwrap_or_default().to_owned();
    let path = format!("/interactions/{}/{}/callback?with_response=true", callback("id"), callback("token"));
    let secret = json!({ "type": 4, "data": { "content": "psst", "flags": 64 } });
    let (_, answer) = floor.rest("POST", &path, secret).await?;
    let secret = &answer["resource"]["message"];
    assert_eq!(reacts(&floor, &floor.guild.owner_id, secret, "👍", false).await?, (404, 10008));
    assert_eq!(reacts(&floor, &floor.ann, secret, "👍", false).await?.0, 200);
    Ok(())
}

#[test]
fn a_transcript_reads_like_the_message() {
    let message = json!({
        "content": "<@7> closed it <t:1775466000:F>",
        "embeds": [{
            "title": "The bell", "description": "Twelve thousand five hundred",
            "fields": [{ "name": "Customer", "value": "Acme" }], "footer": { "text": "win 3" },
        }],
        "components": [{ "components": [{ "type": 2, "label": "Cheer" }, { "type": 2, "label": "Undo", "disabled": true }] }],
    });
    let names = [("7".to_owned(), "Ann".to_owned())].into();
    let lines = transcript::Transcript::new(names).lines(&message, 24);
    assert_eq!(
        lines,
        [
            "@Ann closed it Mon 6 Apr",
            "09:00",
            "| The bell",
            "| Twelve thousand five",
            "| hundred",
            "| Customer: Acme",
            "| (win 3)",
            "[ Cheer ] [ Undo (off) ]",
        ]
    );
}
