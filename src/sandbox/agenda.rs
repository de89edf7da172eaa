//! What a bot announces it will do, and when, through the control API, so that the clock can jump there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Something due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// When.
    pub at: DateTime<Utc>,
    /// What, in a few words.
    pub what: String,
    /// Where it will be seen, such as `#wins`.
    #[serde(rename = "where", default)]
    pub place: Option<String>,
}

/// What is due, and the time zone to show it in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    /// An IANA name.
    #[serde(default)]
    pub zone: Option<String>,
    /// In any order.
    #[serde(default)]
    pub due: Vec<Due>,
}

impl Agenda {
    /// The earliest thing due at or before `until`.
    pub(crate) fn next(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.due.iter().map(|due| due.at).filter(|at| *at <= until).min()
    }
}
