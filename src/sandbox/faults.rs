//! Faults that a test puts in the way of REST requests. Set through the control API, met in `rest`.

use serde::Deserialize;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fault {
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

const fn once() -> u32 {
    1
}

/// The faults that wait for a request.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// The first fault that `route` meets, used up by one.
    pub(crate) fn meet(&mut self, route: &str) -> Option<Fault> {
        let index = self.0.iter().position(|fault| route.contains(&fault.route))?;
        let fault = self.0.get_mut(index)?;
        let met = fault.clone();
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.0.remove(index);
        }
        Some(met)
    }
}
