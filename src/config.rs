//! Every setting, and the only reader of the environment.
//!
//! From `bellringer.toml` (same names, lower case), overridden by the environment.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::{Deserialize, Deserializer};

/// The settings of a process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The bot's token.
    #[serde(default)]
    pub discord_token: Option<Secret>,
    /// A file that holds the token, for secrets that are mounted.
    #[serde(default)]
    pub discord_token_file: Option<PathBuf>,
    /// `sqlite://…` or `postgres://…`.
    #[serde(default = "default_database")]
    pub database_url: String,
    /// Where Discord's API is, if not at Discord: the sandbox, or a REST proxy.
    #[serde(default)]
    pub discord_api_url: Option<String>,
    /// Where `/healthz`, `/readyz` and `/metrics` are served; nowhere if not said.
    #[serde(default)]
    pub http_addr: Option<SocketAddr>,
    /// What is logged.
    #[serde(default = "default_log")]
    pub log: String,
    /// How log lines are written.
    #[serde(default)]
    pub log_format: LogFormat,
    /// The most requests a second that deliveries make. Discord permits a bot 50 in all; if not said, this process takes
    /// as much of them as it has of the shards.
    #[serde(default)]
    pub requests_per_second: Option<NonZeroU32>,
    /// The shards that this process connects; all of them if not said.
    #[serde(default)]
    pub shards: Option<Shards>,
    /// How long a shard may be without a heartbeat that Discord acknowledged, before the process ends.
    #[serde(skip, default = "default_patience")]
    pub patience: Duration,
    /// Whether the app steps its worker by itself; a simulation steps it from outside.
    #[serde(skip, default = "yes")]
    pub steps_itself: bool,
}

const NAMES: [&str; 9] = [
    "DISCORD_TOKEN",
    "DISCORD_TOKEN_FILE",
    "DATABASE_URL",
    "DISCORD_API_URL",
    "HTTP_ADDR",
    "SHARDS",
    "BELLRINGER_LOG",
    "BELLRINGER_LOG_FORMAT",
    "BELLRINGER_REQUESTS_PER_SECOND",
];

fn default_database() -> String {
    "sqlite://bellringer.db".to_owned()
}

fn default_log() -> String {
    "info,serenity=error,poise=warn,sqlx=warn".to_owned()
}

/// Three heartbeats of Discord's, and some.
fn default_patience() -> Duration {
    Duration::from_secs(150)
}

/// Of the 50 requests a second that Discord permits a bot, what deliveries take; the rest is for `/setup` and `doctor`.
const PACE: u32 = 48;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// A range of a bot's shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Shards {
    /// The first that is this process's.
    pub first: u32,
    /// The last, which is its as well.
    pub last: u32,
    /// How many the bot has in all.
    pub total: u32,
}

impl TryFrom<String> for Shards {
    type Error = String;

    /// Reads "0-3/8" (shards 0 to 3 of 8) or "2/8" (shard 2 alone).
    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (range, total) = text.split_once('/')?;
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.trim().parse::<u32>().ok();
            Some(Self { first: number(first)?, last: number(last)?, total: number(total)? })
        };
        read()
            .filter(|it| it.first <= it.last && it.last < it.total)
            .ok_or_else(|| format!("{text:?} is no range of shards; the first four of eight are 0-3/8"))
    }
}

fn yes() -> bool {
    true
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// One line that names the setting and what is wrong with it.
    pub fn read(file: &Path) -> Result<Self, String> {
        let environment = Env::raw().only(&NAMES).map(|name| {
            let name = name.as_str().to_ascii_lowercase();
            name.strip_prefix("bellringer_").unwrap_or(&name).to_owned().into()
        });
        Figment::new()
            .merge(Toml::file(file))
            // A token may look like a number; it stays the text that it is.
            .merge(environment.lowercase(false))
            .extract()
            .map_err(|error| format!("a setting can't be used: {}", error.to_string().replace('\n', " ")))
    }

    /// Settings for an app beside a sandbox, in the same process or on the same machine.
    pub fn beside_sandbox(url: &str, token: &str, database_url: String) -> Self {
        Self {
            discord_token: Some(Secret::new(token)),
            discord_token_file: None,
            database_url,
            discord_api_url: Some(url.to_owned()),
            http_addr: None,
            log: default_log(),
            log_format: LogFormat::Text,
            requests_per_second: None,
            shards: None,
            patience: default_patience(),
            steps_itself: true,
        }
    }

    /// The requests a second that deliveries make.
    pub fn pace(&self) -> NonZeroU32 {
        let share = |shards: Shards| PACE * (shards.last - shards.first + 1) / shards.total;
        let pace = self.requests_per_second.map_or_else(|| self.shards.map_or(PACE, share), NonZeroU32::get);
        NonZeroU32::new(pace).unwrap_or(NonZeroU32::MIN)
    }

    /// The bot's token, from the setting or its file.
    ///
    /// # Errors
    /// When neither is there, or the file can't be read.
    pub fn token(&self) -> Result<Secret, String> {
        let text = match (&self.discord_token, &self.discord_token_file) {
            (Some(token), _) => token.reveal().to_owned(),
            (None, Some(path)) => std::fs::read_to_string(path)
                .map_err(|error| format!("DISCORD_TOKEN_FILE {} can't be read: {error}", path.display()))?,
            (None, None) => String::new(),
        };
        let text = text.trim().trim_start_matches("Bot ").to_owned();
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || !c.is_ascii_graphic()) {
            return Err(
                "no bot token: set DISCORD_TOKEN, or DISCORD_TOKEN_FILE to a file that holds it".to_owned()
            );
        }
        Ok(Secret(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_shows() {
        let config = Config::beside_sandbox("http://127.0.0.1:1", "very.secret", "sqlite://x".to_owned());
        assert!(!format!("{config:?}").contains("very"));
        assert_eq!(config.token().unwrap().reveal(), "very.secret");
    }

    #[test]
    fn shards_are_a_range_and_take_their_share_of_the_rate() {
        let read = |text: &str| Shards::try_from(text.to_owned());
        assert_eq!(read("0-3/8"), Ok(Shards { first: 0, last: 3, total: 8 }));
        assert_eq!(read("2/8"), Ok(Shards { first: 2, last: 2, total: 8 }));
        for text in ["", "8", "8/8", "3-2/8", "0-8/8", "-1/8", "a/b", "0-3/0"] {
            assert!(read(text).is_err(), "{text}");
        }
        let with = |shards: &str| Config {
            shards: Some(read(shards).unwrap()),
            ..Config::beside_sandbox("", "", String::new())
        };
        assert_eq!(with("0-3/8").pace().get(), 24);
        assert_eq!(with("0/1000").pace().get(), 1);
    }

    #[test]
    fn a_token_of_blanks_or_line_breaks_is_none() {
        for text in ["", "  ", "a b", "a\nb", "tökèn"] {
            let config = Config {
                discord_token: Some(Secret::new(text)),
                ..Config::beside_sandbox("", "", String::new())
            };
            assert!(config.token().is_err(), "{text:?}");
        }
    }
}
