//! Faults that a test puts in the way of REST requests. Set through the control API, met in `rest`.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "429")]
    TooMany,
    #[serde(rename = "500")]
    Internal,
    #[serde(rename = "502")]
    BadGateway,
    /// The connection closes and nothing was done.
    #[serde(rename = "drop_before")]
    DropBefore,
    /// It was done, and the connection closes without saying so.
    #[serde(rename = "drop_after")]
    DropAfter,
    #[serde(rename = "delay")]
    Delay,
}

/// One fault, and how often it still happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Its number, by which it is taken away.
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
}

impl Fault {
    /// Whose limit a 429 speaks of.
    pub(crate) fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or(if self.global { "global" } else { "user" })
    }
}

const fn once() -> u32 {
    1
}

/// The faults that wait for a request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    added: u64,
}

impl Faults {
    pub(crate) fn all(&self) -> &[Fault] {
        &self.waiting
    }

    /// Adds a fault, and tells its number.
    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        self.added += 1;
        self.waiting.push(Fault { id: self.added, ..fault });
        self.added
    }

    /// Takes a fault away. Whether it was there.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|fault| fault.id != id);
        self.waiting.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The first fault that `route` meets, used up by one.
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
