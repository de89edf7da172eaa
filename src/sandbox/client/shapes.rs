//! Requests and responses of the control API.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A guild of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Guild {
    /// Its id, which is also that of its `@everyone` role.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The member who owns it.
    pub owner_id: String,
    /// Its first channel, `general`.
    pub channel_id: String,
    /// The bot's own role.
    pub bot_role_id: String,
}

/// A new member of a guild.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Person {
    /// The id of an existing user; otherwise a new user is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// User name.
    pub username: String,
    /// Display name.
    pub display_name: Option<String>,
    /// Nickname in the guild.
    pub nick: Option<String>,
    /// Roles held.
    pub roles: Vec<String>,
    /// Whether it is a bot.
    pub bot: bool,
}

impl Person {
    /// A person with this user name, and nothing else.
    #[must_use]
    pub fn named(username: &str) -> Self {
        Self { username: username.to_owned(), ..Self::default() }
    }
}

/// Where somebody acts: as a user in a channel of a guild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The guild; `None` in direct messages.
    pub guild: Option<String>,
    /// The channel; `None` means the user's direct messages with the bot.
    pub channel: Option<String>,
    /// The acting user.
    pub user: String,
}

impl Place {
    /// `user` in `channel` of `guild`.
    #[must_use]
    pub fn new(guild: &str, channel: &str, user: &str) -> Self {
        Self { guild: Some(guild.to_owned()), channel: Some(channel.to_owned()), user: user.to_owned() }
    }

    /// `user` in their direct messages with the bot.
    #[must_use]
    pub fn direct(user: &str) -> Self {
        Self { guild: None, channel: None, user: user.to_owned() }
    }
}

/// How far an interaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The bot replied with a message.
    Replied,
    /// The bot deferred and has not answered yet.
    Deferred,
    /// A modal was opened.
    Modal,
    /// Suggestions arrived.
    Choices,
    /// The message of the component was changed.
    Updated,
    /// No answer in time.
    Silent,
    /// Not awaited.
    Waiting,
}

/// The outcome of an action, as the acting person sees it.
#[derive(Debug, Clone, Deserialize)]
pub struct Outcome {
    /// The interaction's id.
    pub interaction: String,
    /// The stage it reached.
    pub state: State,
    /// The reply, or the changed message.
    #[serde(default)]
    pub message: Option<Value>,
    /// Whether only that person sees it.
    #[serde(default)]
    pub ephemeral: bool,
    /// The modal that was opened.
    #[serde(default)]
    pub modal: Option<Value>,
    /// The suggestions.
    #[serde(default)]
    pub choices: Option<Vec<Value>>,
}

/// An id with a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name; empty for a direct message channel.
    pub name: String,
}

/// Whom a message pings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Pings {
    /// Users.
    pub users: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// `@everyone` or `@here`.
    pub everyone: bool,
}

/// An event about a message.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedItem {
    /// Its sequence number; pass it to get later events.
    pub seq: u64,
    /// `made`, `edited`, `deleted`, `reacted`, or `thinking` for a deferred reply (`made` once filled).
    pub kind: String,
    /// The channel.
    pub channel: Named,
    /// The author.
    pub author: Named,
    /// The only person who sees an ephemeral or direct message.
    #[serde(rename = "for")]
    pub only: Option<String>,
    /// The message.
    pub message: Value,
    /// The people it pings.
    pub pings: Pings,
}

/// The kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Mishap {
    /// 429 Too Many Requests.
    #[serde(rename = "429")]
    TooMany,
    /// 500 Internal Server Error.
    #[serde(rename = "500")]
    Internal,
    /// 502 Bad Gateway, with HTML as proxies have it.
    #[serde(rename = "502")]
    BadGateway,
    /// The connection closes; nothing was done.
    #[serde(rename = "drop_before")]
    DropBefore,
    /// It was done, but the connection closes without an answer.
    #[serde(rename = "drop_after")]
    DropAfter,
    /// The answer is delayed by `delay_ms`.
    #[serde(rename = "delay")]
    Delay,
    /// A proxy between the bot and Discord answers: `status`, with `body`.
    #[serde(rename = "between")]
    Between,
}

/// The body of a proxy's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filler {
    /// An HTML page.
    Html,
    /// JSON without a code.
    Json,
    /// JSON with code 0, which Discord doesn't use.
    CodeZero,
    /// An empty body.
    Empty,
}

/// A fault to inject into REST requests.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    /// Part of `METHOD /route`, such as `POST /channels/{id}/messages`.
    pub route: String,
    /// The kind of fault.
    pub kind: Mishap,
    /// How many requests it affects.
    pub times: u32,
    /// `Retry-After` of a 429, in seconds.
    pub retry_after: f64,
    /// Whether a 429 is the global limit.
    pub global: bool,
    /// The delay in milliseconds.
    pub delay_ms: u64,
    /// The status of a proxy's answer. Its `retry_after` is a header, omitted if 0.
    pub status: u16,
    /// The body of a proxy's answer.
    pub body: Filler,
    /// Whether Discord executes the request anyway.
    pub done: bool,
}

impl Fault {
    /// A fault for one request to `route`.
    #[must_use]
    pub fn once(route: &str, kind: Mishap) -> Self {
        Self {
            route: route.to_owned(),
            kind,
            times: 1,
            retry_after: 0.0,
            global: false,
            delay_ms: 0,
            status: 403,
            body: Filler::Html,
            done: false,
        }
    }

    /// A number of proxy answers to `route`.
    #[must_use]
    pub fn between(route: &str, status: u16, body: Filler, times: u32) -> Self {
        Self { times, status, body, ..Self::once(route, Mishap::Between) }
    }
}

/// What happens to gateway connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Gateway {
    /// Cut without a close frame.
    Drop,
    /// Closed with a code.
    Close {
        /// The close code, such as 4000.
        code: u16,
    },
    /// Asked to reconnect (op 7).
    Reconnect,
    /// Told that the session is invalid (op 9).
    Invalidate {
        /// Whether it can still be resumed.
        resumable: bool,
    },
    /// Cut without a close frame, and the session is lost: resuming fails (op 9 with false).
    Forget,
    /// The next connections get this instead of HELLO and READY.
    Greet {
        /// What they get.
        with: Greeting,
        /// How many of them; 0 cancels it.
        times: u32,
    },
    /// Asked for a heartbeat (op 1).
    Heartbeat,
    /// Events are held back.
    Hold,
    /// Held-back events are sent.
    Release,
}

/// What a gateway connection gets instead of a normal welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Greeting {
    /// The upgrade is refused with a status.
    Refuse {
        /// 400 to 599.
        status: u16,
    },
    /// The connection is accepted, but HELLO never comes.
    Silence,
    /// Closed after HELLO.
    Close {
        /// The close code; 1005 is a close frame without one.
        code: u16,
    },
    /// Closed on IDENTIFY.
    Reject {
        /// The close code; 1005 is a close frame without one.
        code: u16,
    },
    /// Every IDENTIFY or RESUME is answered as invalid (op 9).
    Invalidate {
        /// Whether it can still be resumed.
        resumable: bool,
    },
}
