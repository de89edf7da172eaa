//! A client of the control API, over plain HTTP. For the demo, tests and benches.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Agenda, Limits, Refused};

mod shapes;

pub use shapes::{
    Fault, FeedItem, Filler, Gateway, Greeting, Guild, Mishap, Named, Outcome, Person, Pings, Place, State,
};

/// Talks to the control API of a sandbox. Cheap to clone.
///
/// Every method fails when the sandbox refuses, with its status and reason, or can't be reached (status 0).
#[derive(Debug, Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    late: f64,
    reading: fn(&str) -> String,
}

#[derive(Deserialize)]
struct Clock {
    now: DateTime<Utc>,
}

/// A value with every text mapped.
pub fn read(value: Value, reading: fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(reading(&text)),
        Value::Array(items) => items.into_iter().map(|item| read(item, reading)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, read(value, reading))).collect()
        }
        other => other,
    }
}

type Answer<T> = Result<T, Refused>;

impl Client {
    /// A client of the sandbox at `url` (`http://127.0.0.1:PORT`).
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
            late: 0.0,
            reading: str::to_owned,
        }
    }

    /// A client whose every command, press and form reaches the bot with this delay, in seconds.
    #[must_use]
    pub fn late(&self, seconds: f64) -> Self {
        Self { late: seconds, ..self.clone() }
    }

    /// A client that maps every text it receives, for example one written in another alphabet.
    #[must_use]
    pub fn reading(&self, reading: fn(&str) -> String) -> Self {
        Self { reading, ..self.clone() }
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&Value>) -> Answer<T> {
        let lost = |error: reqwest::Error| Refused::new(0, error.to_string());
        let mut request = self.http.request(method, format!("{}/sandbox{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let value = read(response.json().await.map_err(lost)?, self.reading);
        if status >= 400 {
            return Err(Refused {
                status,
                code: value["code"].as_u64().unwrap_or(0),
                message: value["message"].as_str().unwrap_or_default().to_owned().into(),
                errors: value.get("errors").cloned(),
            });
        }
        T::deserialize(value).map_err(|error| Refused::new(status, format!("not understood: {error}")))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        self.ask(Method::GET, path, None).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, mut body: Value) -> Answer<T> {
        if self.late > 0.0 && path.starts_with("/act/") {
            body["late"] = json!(self.late);
        }
        self.ask(Method::POST, path, Some(&body)).await
    }

    async fn put<T: DeserializeOwned>(&self, path: &str, body: Value) -> Answer<T> {
        self.ask(Method::PUT, path, Some(&body)).await
    }

    async fn delete(&self, path: &str) -> Answer<()> {
        self.ask::<Value>(Method::DELETE, path, None).await.map(drop)
    }

    /// Url, token, application, clock and counts.
    pub async fn summary(&self) -> Answer<Value> {
        self.get("").await
    }

    /// Makes a guild with an owner, a channel and the bot in it.
    pub async fn guild(&self, name: &str) -> Answer<Guild> {
        self.post("/guilds", json!({ "name": name })).await
    }

    /// Makes a guild where the bot holds exactly these permissions.
    pub async fn guild_with(&self, name: &str, bot_permissions: u64) -> Answer<Guild> {
        self.post("/guilds", json!({ "name": name, "bot_permissions": bot_permissions.to_string() })).await
    }

    /// Makes many guilds at once; returns their ids.
    pub async fn guilds(&self, name: &str, count: usize) -> Answer<Vec<String>> {
        #[derive(Deserialize)]
        struct Made {
            ids: Vec<String>,
        }
        let made: Made = self.post("/guilds", json!({ "name": name, "count": count })).await?;
        Ok(made.ids)
    }

    /// Takes the bot out of a guild.
    pub async fn leave(&self, guild: &str) -> Answer<()> {
        self.delete(&format!("/guilds/{guild}")).await
    }

    /// Makes a text channel; returns its id.
    pub async fn channel(&self, guild: &str, name: &str) -> Answer<String> {
        self.made(&format!("/guilds/{guild}/channels"), json!({ "name": name })).await
    }

    /// Deletes a channel.
    pub async fn delete_channel(&self, channel: &str) -> Answer<()> {
        self.delete(&format!("/channels/{channel}")).await
    }

    /// Replaces the permission overwrites of a channel (`[{id, type: 0|1, allow, deny}]`).
    pub async fn overwrites(&self, channel: &str, overwrites: Value) -> Answer<Value> {
        self.put(&format!("/channels/{channel}/overwrites"), overwrites).await
    }

    /// Makes a role; returns its id.
    pub async fn role(&self, guild: &str, name: &str, permissions: u64) -> Answer<String> {
        let body = json!({ "name": name, "permissions": permissions.to_string() });
        self.made(&format!("/guilds/{guild}/roles"), body).await
    }

    /// Makes somebody a member; returns the user's id.
    pub async fn person(&self, guild: &str, person: &Person) -> Answer<String> {
        self.made(&format!("/guilds/{guild}/people"), json!(person)).await
    }

    async fn made(&self, path: &str, body: Value) -> Answer<String> {
        let made: Value = self.post(path, body).await?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Changes a member: `{nick?, roles?}`.
    pub async fn change_person(&self, guild: &str, user: &str, change: Value) -> Answer<Value> {
        self.ask(Method::PATCH, &format!("/guilds/{guild}/people/{user}"), Some(&change)).await
    }

    /// Takes a member out of a guild.
    pub async fn remove_person(&self, guild: &str, user: &str) -> Answer<()> {
        self.delete(&format!("/guilds/{guild}/people/{user}")).await
    }

    /// Closes or opens a user's direct messages to the bot.
    pub async fn close_direct(&self, user: &str, closed: bool) -> Answer<Value> {
        self.ask(Method::PATCH, &format!("/users/{user}"), Some(&json!({ "closed": closed }))).await
    }

    /// The id of the direct message channel between a user and the bot.
    pub async fn direct_channel(&self, user: &str) -> Answer<String> {
        self.made(&format!("/users/{user}/direct"), json!({})).await
    }

    /// The commands that `user` may use in a channel, as they are registered.
    pub async fn commands(&self, channel: &str, user: &str) -> Answer<Vec<Value>> {
        self.get(&format!("/channels/{channel}/commands?as={user}")).await
    }

    /// Uses a slash command, such as `win log` with `{"amount": "12.5k"}`, and waits for the answer.
    ///
    /// # Errors
    /// When the person's client would refuse: not registered (404), not allowed (403), options wrong (400).
    pub async fn command(&self, place: &Place, name: &str, options: Value) -> Answer<Outcome> {
        self.post("/act/command", acting(place, json!({ "name": name, "options": options }))).await
    }

    /// Uses a slash command without waiting; [`Client::outcome`] returns the result later.
    pub async fn command_unawaited(&self, place: &Place, name: &str, options: Value) -> Answer<Outcome> {
        self.post("/act/command", acting(place, json!({ "name": name, "options": options, "wait": false })))
            .await
    }

    /// The outcome of an interaction so far.
    pub async fn outcome(&self, interaction: &str) -> Answer<Outcome> {
        self.post("/act/outcome", json!({ "interaction": interaction })).await
    }

    /// Types into the option `focused` of a slash command, and waits for suggestions.
    pub async fn autocomplete(
        &self,
        place: &Place,
        name: &str,
        options: Value,
        focused: &str,
    ) -> Answer<Outcome> {
        let body = json!({ "name": name, "options": options, "focused": focused });
        self.post("/act/autocomplete", acting(place, body)).await
    }

    /// Uses a context menu command on a user or a message.
    pub async fn menu(&self, place: &Place, name: &str, target: &str) -> Answer<Outcome> {
        self.post("/act/menu", acting(place, json!({ "name": name, "target": target }))).await
    }

    /// Presses a button.
    ///
    /// # Errors
    /// When that person can't see the message, or it has no such enabled button.
    pub async fn button(&self, user: &str, message: &str, custom_id: &str) -> Answer<Outcome> {
        self.post("/act/button", json!({ "user": user, "message": message, "custom_id": custom_id })).await
    }

    /// Chooses in a select.
    pub async fn select(
        &self,
        user: &str,
        message: &str,
        custom_id: &str,
        values: &[&str],
    ) -> Answer<Outcome> {
        let body = json!({ "user": user, "message": message, "custom_id": custom_id, "values": values });
        self.post("/act/select", body).await
    }

    /// Submits the modal that `interaction` opened, with `{custom_id: value}`.
    ///
    /// # Errors
    /// When no modal is open, or a value is missing or has an invalid length.
    pub async fn modal(&self, user: &str, interaction: &str, values: Value) -> Answer<Outcome> {
        self.post("/act/modal", json!({ "user": user, "interaction": interaction, "values": values })).await
    }

    /// Delivers the same interaction again.
    pub async fn redeliver(&self, interaction: &str) -> Answer<()> {
        self.post::<Value>("/act/redeliver", json!({ "interaction": interaction })).await.map(drop)
    }

    /// Writes a chat message; returns it.
    ///
    /// # Errors
    /// When that person isn't allowed to.
    pub async fn say(&self, user: &str, channel: &str, content: &str) -> Answer<Value> {
        self.post("/act/message", json!({ "user": user, "channel": channel, "content": content })).await
    }

    /// Edits a person's own message.
    ///
    /// # Errors
    /// When it is somebody else's.
    pub async fn edit(&self, user: &str, message: &str, content: &str) -> Answer<Value> {
        self.post("/act/edit", json!({ "user": user, "message": message, "content": content })).await
    }

    /// Deletes a message, regardless of its author.
    pub async fn delete_message(&self, message: &str) -> Answer<()> {
        self.post::<Value>("/act/delete", json!({ "message": message })).await.map(drop)
    }

    /// Reacts to a message.
    pub async fn react(&self, user: &str, message: &str, emoji: &str) -> Answer<()> {
        let body = json!({ "user": user, "message": message, "emoji": emoji });
        self.post::<Value>("/act/reaction", body).await.map(drop)
    }

    /// What `user` sees in a channel, oldest first; without a user, everything that isn't ephemeral.
    ///
    /// # Errors
    /// When that person may not see the channel.
    pub async fn messages(&self, channel: &str, user: Option<&str>) -> Answer<Vec<Value>> {
        let query = user.map(|user| format!("?as={user}")).unwrap_or_default();
        self.get(&format!("/channels/{channel}/messages{query}")).await
    }

    /// Messages made, edited and deleted after `seq`, everywhere.
    pub async fn feed(&self, seq: u64) -> Answer<Vec<FeedItem>> {
        self.get(&format!("/feed?after={seq}")).await
    }

    /// REST exchanges and gateway events after `seq`.
    pub async fn log(&self, seq: u64) -> Answer<Vec<Value>> {
        self.get(&format!("/log?after={seq}")).await
    }

    /// Turns the log on or off; it costs time in big runs.
    pub async fn set_log(&self, on: bool) -> Answer<Value> {
        self.put("/log", json!({ "on": on })).await
    }

    /// What time it is in the sandbox.
    pub async fn clock(&self) -> Answer<DateTime<Utc>> {
        self.get::<Clock>("/clock").await.map(|clock| clock.now)
    }

    /// Sets the clock by hand; `None` lets it follow the system again.
    pub async fn set_clock(&self, now: Option<DateTime<Utc>>) -> Answer<()> {
        self.put::<Value>("/clock", json!({ "now": now })).await.map(drop)
    }

    /// Lets the clock run from its current time, at this many simulated seconds a second; 0 stops it.
    pub async fn run_clock(&self, speed: u32) -> Answer<()> {
        self.put::<Value>("/clock", json!({ "speed": speed })).await.map(drop)
    }

    /// Sets what the bot will do, and when, so that people can move the clock there.
    pub async fn agenda(&self, agenda: &Agenda) -> Answer<()> {
        self.put::<Value>("/agenda", json!(agenda)).await.map(drop)
    }

    /// Moves the clock forward to `to`, stopping at each thing due on the way; returns the time reached.
    pub async fn forward(&self, to: DateTime<Utc>) -> Answer<DateTime<Utc>> {
        self.post::<Clock>("/clock/forward", json!({ "to": to })).await.map(|clock| clock.now)
    }

    /// Turns Discord's rate limits on or off.
    pub async fn limits(&self, mode: Limits) -> Answer<()> {
        self.put::<Value>("/limits", json!({ "mode": mode })).await.map(drop)
    }

    /// Injects a fault into REST requests.
    pub async fn fault(&self, fault: &Fault) -> Answer<()> {
        self.post::<Value>("/faults", json!(fault)).await.map(drop)
    }

    /// Removes all faults.
    pub async fn clear_faults(&self) -> Answer<()> {
        self.delete("/faults").await
    }

    /// Applies a mishap to every gateway connection.
    pub async fn gateway(&self, what: Gateway) -> Answer<()> {
        self.post::<Value>("/gateway", json!(what)).await.map(drop)
    }
}

/// Merges place and payload into one request object.
fn acting(place: &Place, mut rest: Value) -> Value {
    rest["guild"] = json!(place.guild);
    rest["channel"] = json!(place.channel);
    rest["user"] = json!(place.user);
    rest
}
