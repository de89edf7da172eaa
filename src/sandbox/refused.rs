//! Errors returned to callers: Discord's and the control API's.

use std::borrow::Cow;

use serde_json::{Value, json};

/// A refused request.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{status} (code {code}): {message}")]
pub struct Refused {
    /// HTTP status; 0 when no answer came at all.
    pub status: u16,
    /// Discord's error code; 0 where Discord has none.
    pub code: u64,
    /// What was wrong, in a sentence.
    pub message: Cow<'static, str>,
    /// For an invalid form: which field broke which rule.
    pub errors: Option<Value>,
}

impl Refused {
    pub(crate) const fn fixed(status: u16, code: u64, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), errors: None }
    }

    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, code: 0, message: Cow::Owned(message.into()), errors: None }
    }

    /// The control API's error for an impossible action.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// A Discord feature that the sandbox doesn't have.
    pub(crate) fn not_built(what: &str) -> Self {
        Self::new(501, format!("not built in this sandbox: {what}"))
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }
}

macro_rules! discord_errors {
    ($($name:ident = $status:literal $code:literal $message:literal;)*) => {
        $(pub(crate) const $name: Refused = Refused::fixed($status, $code, $message);)*
    };
}

discord_errors! {
    UNAUTHORIZED = 401 0 "401: Unauthorized";
    NOT_FOUND = 404 0 "404: Not Found";
    UNKNOWN_CHANNEL = 404 10003 "Unknown Channel";
    UNKNOWN_GUILD = 404 10004 "Unknown Guild";
    UNKNOWN_MEMBER = 404 10007 "Unknown Member";
    UNKNOWN_MESSAGE = 404 10008 "Unknown Message";
    UNKNOWN_ROLE = 404 10011 "Unknown Role";
    UNKNOWN_USER = 404 10013 "Unknown User";
    UNKNOWN_EMOJI = 400 10014 "Unknown Emoji";
    UNKNOWN_WEBHOOK = 404 10015 "Unknown Webhook";
    UNKNOWN_INTERACTION = 404 10062 "Unknown interaction";
    UNKNOWN_COMMAND = 404 10063 "Unknown application command";
    TOO_MANY_PINS = 400 30003 "Maximum number of pins reached (250)";
    TOO_MANY_REACTIONS = 400 30010 "Maximum number of reactions reached (20)";
    TOO_MANY_ATTACHMENTS = 400 30015 "Maximum number of attachments in a message reached (10)";
    TOO_LARGE = 413 40005 "Request entity too large";
    IN_A_FORUM = 400 40058 "Cannot send a message in a forum channel";
    ALREADY_ACKNOWLEDGED = 400 40060 "Interaction has already been acknowledged.";
    MISSING_ACCESS = 403 50001 "Missing Access";
    ANOTHER_USERS_MESSAGE = 403 50005 "Cannot edit a message authored by another user";
    EMPTY_MESSAGE = 400 50006 "Cannot send an empty message";
    CANNOT_DM = 403 50007 "Cannot send messages to this user";
    NOT_A_TEXT_CHANNEL = 400 50008 "Cannot send messages in a non-text channel";
    MISSING_PERMISSIONS = 403 50013 "Missing Permissions";
    INVALID_WEBHOOK_TOKEN = 401 50027 "Invalid Webhook Token";
    BAD_VERSION = 400 50041 "Invalid API version";
    BAD_JSON = 400 50109 "The request body contains invalid JSON.";
    NO_HISTORY_TO_REPLY = 403 160_002 "Cannot reply without permission to read message history";
}
