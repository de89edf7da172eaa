//! Faults that a test injects into REST requests. Set through the control API, applied in `rest`.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// The kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "429")]
    TooMany,
    #[serde(rename = "500")]
    Internal,
    #[serde(rename = "502")]
    BadGateway,
    /// The connection closes; nothing was done.
    #[serde(rename = "drop_before")]
    DropBefore,
    /// It was done, but the connection closes without an answer.
    #[serde(rename = "drop_after")]
    DropAfter,
    #[serde(rename = "delay")]
    Delay,
    /// A proxy answers in Discord's place: a firewall, Cloudflare.
    #[serde(rename = "between")]
    Between,
}

/// The body of an answer that isn't Discord's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Filler {
    /// An HTML page.
    #[default]
    Html,
    /// JSON without a code.
    Json,
    /// JSON with code 0, which Discord doesn't use.
    CodeZero,
    Empty,
}

impl Filler {
    /// Its media type and text.
    pub(crate) fn text(self, status: u16) -> (&'static str, String) {
        let page =
            || format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
        match self {
            Self::Html => ("text/html", page()),
            Self::Json => ("application/json", json!({ "error": "turned away" }).to_string()),
            Self::CodeZero => {
                ("application/json", json!({ "message": "turned away", "code": 0 }).to_string())
            }
            Self::Empty => ("text/plain", String::new()),
        }
    }
}

/// One fault, and how many requests it still affects.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Its number, used to remove it.
    #[serde(skip_deserializing)]
    id: u64,
    /// Part of `METHOD /route`, such as `POST /channels/{id}/messages`.
    pub(crate) route: String,
    pub(crate) kind: Kind,
    #[serde(default = "once")]
    pub(crate) times: u32,
    #[serde(default)]
    pub(crate) retry_after: f64,
    #[serde(default)]
    pub(crate) global: bool,
    pub(crate) scope: Option<String>,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// The status of a proxy's answer.
    #[serde(default = "forbidden")]
    pub(crate) status: u16,
    /// The body of a proxy's answer.
    #[serde(default)]
    pub(crate) body: Filler,
    /// Whether Discord executes the request behind a proxy's answer.
    #[serde(default)]
    pub(crate) done: bool,
}

impl Fault {
    /// The scope of a 429.
    pub(crate) fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or(if self.global { "global" } else { "user" })
    }
}

const fn once() -> u32 {
    1
}

const fn forbidden() -> u16 {
    403
}

/// The pending faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    added: u64,
}

impl Faults {
    pub(crate) fn all(&self) -> &[Fault] {
        &self.waiting
    }

    /// Adds a fault, and returns its number.
    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        self.added += 1;
        self.waiting.push(Fault { id: self.added, ..fault });
        self.added
    }

    /// Removes a fault. Returns whether it existed.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|fault| fault.id != id);
        self.waiting.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Takes one use of the first fault that matches `route`.
    pub(crate) fn meet(&mut self, route: &str) -> Option<Fault> {
        let index = self.waiting.iter().position(|fault| route.contains(&fault.route))?;
        let fault = self.waiting.get_mut(index)?;
        let met = fault.clone();
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.waiting.remove(index);
        }
        Some(met)
    }
}
