//! Everything the sandbox sends, parsed again by twilight.

use std::collections::BTreeSet;

use bellringer::sandbox::client::Person;
use serde_json::{Value, json};

use super::wire::Wire;
use super::{Any, Floor};
use crate::reading;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twilight_reads_every_event_and_every_answer() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1 | 1 << 1 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 15)?;
    wire.say(&json!({ "op": 8, "d": { "guild_id": floor.guild.id, "query": "", "limit": 0 } }))?;
    wire.event("GUILD_MEMBERS_CHUNK")?;
    let (control, guild, channel) = (&floor.control, &floor.guild.id, &floor.guild.channel_id);
    let bob = control.person(guild, &Person::named("bob")).await?;
    control.change_person(guild, &bob, json!({ "nick": "Bobby" })).await?;
    control.role(guild, "team", 0).await?;
    let extra = control.channel(guild, "extra").await?;
    control.overwrites(&extra, json!([{ "id": bob, "type": 1, "allow": "1024", "deny": "0" }])).await?;
    control.delete_channel(&extra).await?;
    let (_, posted) = floor.post(json!({
        "content": format!("<@{bob}>"), "nonce": "n",
        "embeds": [{ "title": "t", "timestamp": "2026-04-06T09:00:00Z", "footer": { "text": "f" }, "author": { "name": "a" },
            "image": { "url": "https://a.example/i.png" }, "fields": [{ "name": "n", "value": "v" }] }],
        "components": [{ "type": 1, "components": [{ "type": 2, "style": 1, "label": "b", "custom_id": "b" }] },
            { "type": 1, "components": [{ "type": 3, "custom_id": "s", "options": [{ "label": "l", "value": "v" }] }] }],
    })).await?;
    let id = posted["id"].as_str().unwrap_or_default();
    let own = format!("/channels/{channel}/messages/{id}");
    floor.post(json!({ "content": "re", "message_reference": { "message_id": id } })).await?;
    floor.rest("PATCH", &own, json!({ "content": "edited" })).await?;
    floor.rest("PUT", &format!("{own}/reactions/%F0%9F%94%94/@me"), json!({})).await?;
    floor.rest("PUT", &format!("/channels/{channel}/pins/{id}"), json!({})).await?;
    control.react(&bob, id, "🎉").await?;
    let (_, direct) = floor.rest("POST", "/users/@me/channels", json!({ "recipient_id": bob })).await?;
    floor
        .rest(
            "POST",
            &format!("/channels/{}/messages", direct["id"].as_str().unwrap_or_default()),
            json!({ "content": "hi" }),
        )
        .await?;
    for path in [
        own.clone(),
        format!("/channels/{channel}"),
        format!("/channels/{channel}/messages"),
        format!("/channels/{channel}/pins"),
        format!("/guilds/{guild}"),
        format!("/guilds/{guild}/channels"),
        format!("/guilds/{guild}/roles"),
        format!("/guilds/{guild}/members?limit=9"),
        format!("/guilds/{guild}/members/{bob}"),
        format!("/users/{bob}"),
        "/users/@me".to_owned(),
        "/users/@me/guilds".to_owned(),
        "/gateway/bot".to_owned(),
        "/oauth2/applications/@me".to_owned(),
        "/applications/@me".to_owned(),
        format!("/applications/{}/commands", floor.app),
    ] {
        let (status, answer) = floor.rest("GET", &path, json!({})).await?;
        assert_eq!(status, 200, "{path}: {answer}");
    }
    // Every kind of interaction, with its responses.
    let act = async |what: &str, mut body: Value| -> Any<Value> {
        body["wait"] = json!(false);
        let url = format!("{}/sandbox/act/{what}", floor.sandbox.url());
        Ok(reqwest::Client::new().post(url).json(&body).send().await?.error_for_status()?.json().await?)
    };
    let place = json!({ "guild": guild, "channel": channel, "user": floor.ann });
    let at = |more: Value| {
        let mut body = place.clone();
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    act("command", at(json!({ "name": "win log", "options": { "amount": "1", "with": bob } }))).await?;
    let asked = wire.event("INTERACTION_CREATE")?;
    let token = asked["token"].as_str().unwrap_or_default();
    let callback = format!("/interactions/{}/{token}/callback", asked["id"].as_str().unwrap_or_default());
    floor.rest("POST", &callback, json!({ "type": 5 })).await?;
    floor.rest("POST", &format!("/webhooks/{}/{token}", floor.app), json!({ "content": "filled" })).await?;
    floor.rest("GET", &format!("/webhooks/{}/{token}/messages/@original", floor.app), json!({})).await?;
    act("autocomplete", at(json!({ "name": "win log", "options": { "zone": "e" }, "focused": "zone" })))
        .await?;
    act("menu", at(json!({ "name": "Log as win", "target": id }))).await?;
    act("menu", at(json!({ "name": "Who is it", "target": bob }))).await?;
    act("command", json!({ "user": bob, "name": "win log", "options": { "amount": "1" } })).await?;
    act("select", json!({ "user": bob, "message": id, "custom_id": "s", "values": ["v"] })).await?;
    act("button", json!({ "user": bob, "message": id, "custom_id": "b" })).await?;
    let mut asked = Value::Null;
    for _ in 0..6 {
        asked = wire.event("INTERACTION_CREATE")?;
    }
    let modal = json!({ "custom_id": "m", "title": "M", "components": [{ "type": 1, "components": [
        { "type": 4, "custom_id": "t", "label": "l", "style": 1 } ] }] });
    let interaction = asked["id"].as_str().unwrap_or_default();
    let callback =
        format!("/interactions/{interaction}/{}/callback", asked["token"].as_str().unwrap_or_default());
    floor.rest("POST", &callback, json!({ "type": 9, "data": modal })).await?;
    act("modal", json!({ "user": bob, "interaction": interaction, "values": { "t": "x" } })).await?;
    control.delete_message(id).await?;
    control.remove_person(guild, &bob).await?;
    control.leave(guild).await?;

    let log = control.log(0).await?;
    assert!(log.iter().all(|it| it["status"].as_u64().is_none_or(|status| status < 300)), "{log:?}");
    let wrong = reading::again(&log, &control.feed(0).await?);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let events: BTreeSet<&str> = log.iter().filter_map(|it| it["event"].as_str()).collect();
    assert!(events.len() >= 17, "not much of a second reading: {events:?}");
    Ok(())
}
