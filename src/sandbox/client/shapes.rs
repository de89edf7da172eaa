//! What the client of the control API sends and gets.

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

/// Someone to be made a member of a guild.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Person {
    /// An existing user's id, when it is one; else a new user is made.
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

/// Where somebody acts: a channel of a guild, as a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The guild; `None` in direct messages.
    pub guild: Option<String>,
    /// The channel; `None` means the user's direct messages with the bot.
    pub channel: Option<String>,
    /// Who acts.
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
    /// The bot asked for time and has not used it yet.
    Deferred,
    /// A modal was opened.
    Modal,
    /// Suggestions came.
    Choices,
    /// The message of the component was changed.
    Updated,
    /// No answer in time.
    Silent,
    /// Not waited for.
    Waiting,
}

/// What an action led to, as the person who acted sees it.
#[derive(Debug, Clone, Deserialize)]
pub struct Outcome {
    /// The interaction's id.
    pub interaction: String,
    /// How far it came.
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

/// A message, and what became of it.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedItem {
    /// Its number; ask for what is after it next.
    pub seq: u64,
    /// `made`, `edited`, `deleted`, `reacted`, or `thinking` of a promise that is `made` once it is kept.
    pub kind: String,
    /// Where.
    pub channel: Named,
    /// By whom.
    pub author: Named,
    /// The only one who sees it, of an ephemeral or direct message.
    #[serde(rename = "for")]
    pub only: Option<String>,
    /// The message.
    pub message: Value,
    /// Whom it pings.
    pub pings: Pings,
}

/// What goes wrong with a REST request.
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
    /// The connection closes and nothing was done.
    #[serde(rename = "drop_before")]
    DropBefore,
    /// It was done, and the connection closes without saying so.
    #[serde(rename = "drop_after")]
    DropAfter,
    /// The answer takes `delay_ms`.
    #[serde(rename = "delay")]
    Delay,
    /// Something between the bot and Discord answers: `status`, with `body`.
    #[serde(rename = "between")]
    Between,
}

/// What is in an answer from between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filler {
    /// A page for people.
    Html,
    /// JSON without a code.
    Json,
    /// JSON with code 0, which is none of Discord's.
    CodeZero,
    /// Nothing.
    Empty,
}

/// A fault to put in the way of REST requests.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    /// Part of `METHOD /route`, such as `POST /channels/{id}/messages`.
    pub route: String,
    /// What goes wrong.
    pub kind: Mishap,
    /// How many requests meet it.
    pub times: u32,
    /// Seconds, of a 429.
    pub retry_after: f64,
    /// Whether a 429 is the global limit.
    pub global: bool,
    /// Milliseconds before anything else happens.
    pub delay_ms: u64,
    /// The status of an answer from between. Its `retry_after` is a header, and left out where it is 0.
    pub status: u16,
    /// What is in it.
    pub body: Filler,
    /// Whether Discord has done what was asked all the same.
    pub done: bool,
}

impl Fault {
    /// A fault that one request to `route` meets.
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

    /// So many answers to `route` that aren't Discord's.
    #[must_use]
    pub fn between(route: &str, status: u16, body: Filler, times: u32) -> Self {
        Self { times, status, body, ..Self::once(route, Mishap::Between) }
    }
}

/// What happens to the gateway's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Gateway {
    /// Cut without a word.
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
        /// Whether it may be resumed all the same.
        resumable: bool,
    },
    /// Cut without a word, and the session with it: it can't be resumed (op 9 with false).
    Forget,
    /// The next connections meet this instead of a welcome.
    Greet {
        /// What they meet.
        with: Greeting,
        /// How many of them; 0 takes it back.
        times: u32,
    },
    /// Asked for a heartbeat (op 1).
    Heartbeat,
    /// Events are held back.
    Hold,
    /// What was held back is sent.
    Release,
}

/// What a connection to the gateway meets instead of a welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Greeting {
    /// The upgrade is refused with a status.
    Refuse {
        /// 400 to 599.
        status: u16,
    },
    /// It is taken, and HELLO never comes.
    Silence,
    /// It is closed once HELLO is said.
    Close {
        /// The close code; 1005 is a close frame without one.
        code: u16,
    },
    /// It is closed where it identifies.
    Reject {
        /// The close code; 1005 is a close frame without one.
        code: u16,
    },
    /// Whatever it identifies as or resumes is invalid (op 9).
    Invalidate {
        /// Whether it may be resumed all the same.
        resumable: bool,
    },
}
