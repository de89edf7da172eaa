//! `enforce_nonce`: one message per nonce, however often it is sent.

use bellringer::sandbox::client::Person;
use chrono::Duration;
use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{at_noon, control, text};
use super::{Rule, Source, page, refused, story};

const CREATE: Source = page!("resources/message#create-message");
const DELETED: Source = Source::Observed("https://github.com/discord/discord-api-docs/pull/6647");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "nonce.same",
            CREATE,
            "Sending the same nonce again returns the first message and creates no new one.",
            same
        ),
        story!("nonce.quiet", CREATE, "A repeated nonce doesn't send a second Message Create.", quiet),
        story!("nonce.unenforced", CREATE, "Without enforce_nonce, a nonce can be used twice.", unenforced),
        story!("nonce.alone", CREATE, "enforce_nonce without a nonce does nothing.", alone),
        story!("nonce.other", CREATE, "A different nonce creates a new message.", other),
        story!("nonce.author", CREATE, "The same nonce from another author creates a new message.", author),
        story!(
            "nonce.channel",
            Source::Own,
            "The same nonce in another channel creates a new message; the documentation doesn't say.",
            channel
        ),
        story!(
            "nonce.window",
            CREATE,
            "A nonce can be reused after a few minutes (five in the sandbox).",
            window
        ),
        story!(
            "nonce.deleted",
            DELETED,
            "If the first message was deleted, the retry fails (10008) and creates no message.",
            deleted
        ),
        story!("nonce.webhook", DELETED, "Follow-ups ignore nonces, so each one creates a message.", webhook),
    ]
}

fn bell(nonce: &str) -> Value {
    json!({ "content": "bell", "nonce": nonce, "enforce_nonce": true })
}

async fn count(floor: &Floor) -> Any<usize> {
    Ok(floor.control.messages(&floor.guild.channel_id, None).await?.len())
}

async fn same(floor: &Floor) -> Any {
    let (_, first) = floor.post(bell("n")).await?;
    let mut other = bell("n");
    other["content"] = json!("other words");
    let (status, again) = floor.post(other).await?;
    assert_eq!((status, &again["id"], &again["content"]), (200, &first["id"], &json!("bell")));
    assert_eq!(count(floor).await?, 1);
    Ok(())
}

async fn quiet(floor: &Floor) -> Any {
    let (mut wire, _) = super::super::wire::Wire::ready(floor, 1 << 9)?;
    for nonce in ["n", "n", "m"] {
        floor.post(bell(nonce)).await?;
    }
    assert_eq!(wire.event("MESSAGE_CREATE")?["nonce"], "n");
    assert_eq!(wire.event("MESSAGE_CREATE")?["nonce"], "m");
    Ok(())
}

async fn unenforced(floor: &Floor) -> Any {
    for enforce in [json!({}), json!({ "enforce_nonce": false })] {
        let mut body = json!({ "content": "bell", "nonce": "n" });
        body["enforce_nonce"] = enforce["enforce_nonce"].clone();
        floor.post(body).await?;
    }
    assert_eq!(count(floor).await?, 2);
    Ok(())
}

async fn alone(floor: &Floor) -> Any {
    for _ in 0..2 {
        floor.post(json!({ "content": "bell", "enforce_nonce": true })).await?;
    }
    assert_eq!(count(floor).await?, 2);
    Ok(())
}

async fn other(floor: &Floor) -> Any {
    floor.post(bell("n")).await?;
    floor.post(bell("m")).await?;
    assert_eq!(count(floor).await?, 2);
    Ok(())
}

async fn author(floor: &Floor) -> Any {
    let bob = floor.control.person(&floor.guild.id, &Person::named("bob")).await?;
    floor.post(bell("n")).await?;
    for user in [&floor.ann, &bob, &bob] {
        let mut said = bell("n");
        said["user"] = json!(user);
        said["guild"] = json!(floor.guild.id);
        said["channel"] = json!(floor.guild.channel_id);
        assert_eq!(control(floor, "POST", "/act/message", &said).await?.0, 200);
    }
    assert_eq!(count(floor).await?, 3);
    Ok(())
}

async fn channel(floor: &Floor) -> Any {
    let extra = floor.control.channel(&floor.guild.id, "extra").await?;
    let (_, first) = floor.post(bell("n")).await?;
    let (status, second) = floor.rest("POST", &format!("/channels/{extra}/messages"), bell("n")).await?;
    assert_eq!(status, 200);
    assert_ne!(first["id"], second["id"]);
    Ok(())
}

async fn window(_: &Floor) -> Any {
    let (floor, noon) = at_noon().await?;
    let (_, first) = floor.post(bell("n")).await?;
    floor.control.set_clock(Some(noon + Duration::minutes(4))).await?;
    assert_eq!(floor.post(bell("n")).await?.1["id"], first["id"]);
    floor.control.set_clock(Some(noon + Duration::minutes(6))).await?;
    assert_ne!(floor.post(bell("n")).await?.1["id"], first["id"]);
    Ok(())
}

async fn deleted(floor: &Floor) -> Any {
    let (_, first) = floor.post(bell("n")).await?;
    floor.control.delete_message(text(&first, "id")).await?;
    refused(&floor.post(bell("n")).await?, 404, 10008);
    assert_eq!(count(floor).await?, 0);
    Ok(())
}

async fn webhook(floor: &Floor) -> Any {
    let mut scene = super::scene::Scene::open(floor).await?;
    let asked = scene.asked().await?;
    scene.respond(&asked, json!({ "type": 4, "data": { "content": "hi" } })).await?;
    for _ in 0..2 {
        assert_eq!(scene.webhook("POST", &asked, "", bell("n")).await?.0, 200);
    }
    assert_eq!(count(floor).await?, 3);
    Ok(())
}
