//! Every setting, and the only reader of the environment.
//!
//! From `bellringer.toml` (same names, lower case), overridden by the environment.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

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
    /// Where `/healthz` and `/readyz` are served; nowhere if not said.
    #[serde(default)]
    pub http_addr: Option<SocketAddr>,
    /// What is logged.
    #[serde(default = "default_log")]
    pub log: String,
    /// The most requests a second that deliveries make. Discord permits a bot 50 in all.
    #[serde(default = "default_pace")]
    pub requests_per_second: NonZeroU32,
    /// Whether the app steps its worker by itself; a simulation steps it from outside.
    #[serde(skip, default = "yes")]
    pub steps_itself: bool,
}

const NAMES: [&str; 7] = [
    "DISCORD_TOKEN",
    "DISCORD_TOKEN_FILE",
    "DATABASE_URL",
    "DISCORD_API_URL",
    "HTTP_ADDR",
    "BELLRINGER_LOG",
    "BELLRINGER_REQUESTS_PER_SECOND",
];

fn default_database() -> String {
    "sqlite://bellringer.db".to_owned()
}

fn default_log() -> String {
    "info,serenity=error,poise=warn,sqlx=warn".to_owned()
}

fn default_pace() -> NonZeroU32 {
    const { NonZeroU32::new(40).expect("40 is not 0") }
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
            requests_per_second: default_pace(),
            steps_itself: true,
        }
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
