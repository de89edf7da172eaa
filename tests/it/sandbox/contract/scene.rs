//! A fixture: someone who uses commands and presses buttons, and the bot's raw responses.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use bellringer::sandbox::{Limits, Options};

use super::super::wire::Wire;
use super::super::{Any, Floor};
use super::Sent;

/// A guild with commands, and a gateway connection that receives interactions.
pub(super) struct Scene<'f> {
    pub(super) floor: &'f Floor,
    pub(super) wire: Wire,
}

pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// A scene whose clock stands at noon until set.
pub(super) async fn at_noon() -> Any<(Floor, DateTime<Utc>)> {
    let noon: DateTime<Utc> = "2026-04-06T12:00:00Z".parse()?;
    let options = Options { now: Some(noon), limits: Limits::Lifted, ..Options::default() };
    Ok((Floor::with(options).await?, noon))
}

impl<'f> Scene<'f> {
    pub(super) async fn open(floor: &'f Floor) -> Any<Self> {
        floor.register_usual().await?;
        let (wire, _) = Wire::ready(floor, 1)?;
        Ok(Self { floor, wire })
    }

    pub(super) async fn send(&mut self, sent: Sent, body: Value) -> Any<(u16, Value)> {
        match sent {
            Sent::Message => self.floor.post(body).await,
            Sent::Command => self.floor.register(json!([body])).await,
            Sent::Modal => {
                let asked = self.asked().await?;
                self.respond(&asked, json!({ "type": 9, "data": body })).await
            }
            Sent::Choices => {
                let asked = self.typed("zone").await?;
                self.respond(&asked, json!({ "type": 8, "data": body })).await
            }
        }
    }

    /// Ann uses `/win log amount:1`; returns the interaction as the bot received it.
    pub(super) async fn asked(&mut self) -> Any<Value> {
        let place = self.floor.place();
        self.floor.control.command_unawaited(&place, "win log", json!({ "amount": "1" })).await?;
        self.wire.event("INTERACTION_CREATE")
    }

    /// Ann types into an option of `/win log`.
    pub(super) async fn typed(&mut self, focused: &str) -> Any<Value> {
        let options = json!({ "amount": "1", focused: "Lon" });
        self.act("autocomplete", json!({ "name": "win log", "options": options, "focused": focused })).await
    }

    /// The bot posts a button and Ann presses it; returns interaction and message.
    pub(super) async fn pressed(&mut self) -> Any<(Value, Value)> {
        let button = json!({ "type": 2, "style": 1, "label": "b", "custom_id": "b" });
        let row = json!({ "content": "press", "components": [{ "type": 1, "components": [button] }] });
        let (_, message) = self.floor.post(row).await?;
        let press = json!({ "message": message["id"], "custom_id": "b" });
        Ok((self.act("button", press).await?, message))
    }

    /// Ann opens a modal with the command and submits it.
    pub(super) async fn submitted(&mut self) -> Any<Value> {
        let asked = self.asked().await?;
        let input = json!({ "type": 4, "custom_id": "note", "label": "Note", "style": 1 });
        let rows = json!([{ "type": 1, "components": [input] }]);
        let data = json!({ "custom_id": "m", "title": "M", "components": rows });
        assert_eq!(self.respond(&asked, json!({ "type": 9, "data": data })).await?.0, 204);
        self.act("modal", json!({ "interaction": asked["id"], "values": { "note": "typed" } })).await
    }

    /// Ann acts; returns the interaction as the bot received it.
    pub(super) async fn act(&mut self, what: &str, mut body: Value) -> Any<Value> {
        let place = self.floor.place();
        for (key, value) in [("guild", json!(place.guild)), ("channel", json!(place.channel))] {
            if !matches!(what, "button" | "select" | "modal") {
                body[key] = value;
            }
        }
        body["user"] = json!(place.user);
        body["wait"] = json!(false);
        let (status, answer) = control(self.floor, "POST", &format!("/act/{what}"), &body).await?;
        assert_eq!(status, 200, "{what}: {answer}");
        self.wire.event("INTERACTION_CREATE")
    }

    pub(super) async fn respond(&self, asked: &Value, body: Value) -> Any<(u16, Value)> {
        let path = format!("/interactions/{}/{}/callback", text(asked, "id"), text(asked, "token"));
        self.floor.rest("POST", &path, body).await
    }

    /// A call on the interaction's webhook; `rest` is what follows the token.
    pub(super) async fn webhook(
        &self,
        method: &str,
        asked: &Value,
        rest: &str,
        body: Value,
    ) -> Any<(u16, Value)> {
        let path = format!("/webhooks/{}/{}{rest}", self.floor.app, text(asked, "token"));
        self.floor.rest(method, &path, body).await
    }
}

/// The raw control API, where its client has no method.
pub(super) async fn control(floor: &Floor, method: &str, path: &str, body: &Value) -> Any<(u16, Value)> {
    let url = format!("{}/sandbox{path}", floor.sandbox.url());
    let response = floor.http.request(method.parse()?, url).json(body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// The path of the channel `general`.
pub(super) fn general(floor: &Floor, rest: &str) -> String {
    format!("/channels/{}{rest}", floor.guild.channel_id)
}

/// Denies the bot permissions in `general` and allows others.
pub(super) async fn permit(floor: &Floor, allow: u64, deny: u64) -> Any {
    let own = json!([{ "id": floor.app, "type": 1, "allow": allow.to_string(), "deny": deny.to_string() }]);
    floor.control.overwrites(&floor.guild.channel_id, own).await?;
    Ok(())
}

/// A request with files, each given as name and size.
pub(super) async fn upload(
    floor: &Floor,
    method: &str,
    path: &str,
    payload: &Value,
    files: &[(&str, usize)],
) -> Any<(u16, Value)> {
    let mut body =
        format!("--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{payload}\r\n");
    for (index, (name, size)) in files.iter().enumerate() {
        let head = format!("Content-Disposition: form-data; name=\"files[{index}]\"; filename=\"{name}\"");
        body.extend(["--b\r\n", &head, "\r\n\r\n", &super::long(*size), "\r\n"]);
    }
    body.push_str("--b--\r\n");
    raw(floor, method, path, "multipart/form-data; boundary=b", body).await
}

/// A request with a raw body of any type.
pub(super) async fn raw(
    floor: &Floor,
    method: &str,
    path: &str,
    kind: &str,
    body: String,
) -> Any<(u16, Value)> {
    let url = format!("{}/api/v10{path}", floor.sandbox.url());
    let token = format!("Bot {}", floor.sandbox.token());
    let request = floor.http.request(method.parse()?, url).header("authorization", token);
    let response = request.header("content-type", kind).body(body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}
