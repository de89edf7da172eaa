//! Stories of the sandbox: real HTTP, real WebSocket, and twilight as a second reader.

mod contract;
mod gateway;
mod interactions;
mod messages;
mod page;
mod real_client;
mod second_reader;
mod wire;

use bellringer::sandbox::client::{Guild, Person, Place};
use bellringer::sandbox::{Client, Limits, Options, Sandbox};
use serde_json::{Value, json};

pub(crate) type Any<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A sandbox with one guild and Ann in it.
pub(crate) struct Floor {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Client,
    pub(crate) guild: Guild,
    pub(crate) ann: String,
    pub(crate) app: String,
    http: reqwest::Client,
}

impl Floor {
    pub(crate) async fn open() -> Any<Self> {
        Self::with(Options { limits: Limits::Lifted, ..Options::default() }).await
    }

    pub(crate) async fn with(options: Options) -> Any<Self> {
        let sandbox = Sandbox::start(options).await?;
        let control = sandbox.control();
        let guild = control.guild("Floor").await?;
        let ann = control.person(&guild.id, &Person::named("ann")).await?;
        let app = control.summary().await?["application_id"].as_str().unwrap_or_default().to_owned();
        Ok(Self { sandbox, control, guild, ann, app, http: reqwest::Client::new() })
    }

    pub(crate) fn place(&self) -> Place {
        Place::new(&self.guild.id, &self.guild.channel_id, &self.ann)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Any<reqwest::Response> {
        let url = format!("{}/api/v10{path}", self.sandbox.url());
        let request = self
            .http
            .request(method.parse()?, url)
            .header("authorization", format!("Bot {}", self.sandbox.token()));
        let request = if method == "GET" { request } else { request.json(body) };
        Ok(request.send().await?)
    }

    /// One REST call as the bot: status and body.
    pub(crate) async fn rest(&self, method: &str, path: &str, body: Value) -> Any<(u16, Value)> {
        let response = self.send(method, path, &body).await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? }))
    }

    /// Posts to `general`.
    pub(crate) async fn post(&self, body: Value) -> Any<(u16, Value)> {
        self.rest("POST", &format!("/channels/{}/messages", self.guild.channel_id), body).await
    }

    pub(crate) async fn register(&self, commands: Value) -> Any<(u16, Value)> {
        self.rest("PUT", &format!("/applications/{}/commands", self.app), commands).await
    }

    /// Registers `/win log amount with? zone?` and the two menus.
    pub(crate) async fn register_usual(&self) -> Any {
        let (status, body) = self.register(json!([
            { "name": "win", "description": "Wins", "options": [
                { "type": 1, "name": "log", "description": "Log one", "options": [
                    { "type": 3, "name": "amount", "description": "How much", "required": true },
                    { "type": 6, "name": "with", "description": "With whom" },
                    { "type": 3, "name": "zone", "description": "Where", "autocomplete": true },
                    { "type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 5 },
                ] },
            ] },
            { "name": "boss", "description": "For managers", "default_member_permissions": "32" },
            { "name": "Log as win", "type": 3 },
            { "name": "Who is it", "type": 2 },
        ])).await?;
        assert_eq!(status, 200, "{body}");
        Ok(())
    }
}
