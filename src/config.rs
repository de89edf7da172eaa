//! All settings, and the only code that reads the environment.
//!
//! They come from `bellringer.toml` (same names, lower case), overridden by the environment. Errors name the
//! file, line and setting, but never the value: it may be a secret, even in a setting that shouldn't hold
//! one.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use toml_edit::{ImDocument, Item, TableLike};
use tracing_subscriber::filter::Targets;

use crate::store::db;

/// The settings of a process.
#[derive(Debug, Clone)]
pub struct Config {
    /// The bot's token.
    pub discord_token: Option<Secret>,
    /// A file that holds the token, for mounted secrets.
    pub discord_token_file: Option<Secret>,
    /// `sqlite://…` or `postgres://…`, which may hold a password.
    pub database_url: Secret,
    /// The base URL of Discord's API if it isn't Discord's own: the sandbox, or a REST proxy, whose URL may
    /// contain a password.
    pub discord_api_url: Option<Secret>,
    /// The address that serves `/healthz`, `/readyz` and `/metrics`; none are served if unset.
    pub http_addr: Option<SocketAddr>,
    /// The log filter.
    pub log: String,
    /// The log format.
    pub log_format: LogFormat,
    /// The most requests a second that deliveries make. Discord allows a bot 50 in all; if unset, this
    /// process takes a share proportional to its shards.
    pub requests_per_second: Option<NonZeroU32>,
    /// The shards that this process connects; all of them if unset.
    pub shards: Option<Shards>,
    /// How long a shard may go without an acknowledged heartbeat before the process exits.
    pub patience: Duration,
    /// Whether the app runs its worker itself; a simulation steps it from outside.
    pub steps_itself: bool,
}

/// A setting's name in the file and in the environment.
struct Setting {
    key: &'static str,
    variable: &'static str,
}

const fn setting(key: &'static str, variable: &'static str) -> Setting {
    Setting { key, variable }
}

const SETTINGS: [Setting; 9] = [
    setting("discord_token", "DISCORD_TOKEN"),
    setting("discord_token_file", "DISCORD_TOKEN_FILE"),
    setting("database_url", "DATABASE_URL"),
    setting("discord_api_url", "DISCORD_API_URL"),
    setting("http_addr", "HTTP_ADDR"),
    setting("shards", "SHARDS"),
    setting("log", "BELLRINGER_LOG"),
    setting("log_format", "BELLRINGER_LOG_FORMAT"),
    setting("requests_per_second", "BELLRINGER_REQUESTS_PER_SECOND"),
];

fn default_database() -> String {
    "sqlite://bellringer.db".to_owned()
}

fn default_log() -> String {
    "info,serenity=error,poise=warn,sqlx=warn".to_owned()
}

/// A bit more than three of Discord's heartbeats.
fn default_patience() -> Duration {
    Duration::from_secs(150)
}

/// The share of Discord's 50 requests a second that deliveries use; the rest is for `/setup` and `doctor`.
const PACE: u32 = 48;

/// The log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Human-readable.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// A range of a bot's shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards {
    /// The first shard of this process.
    pub first: u32,
    /// The last shard of this process (inclusive).
    pub last: u32,
    /// How many shards the bot has in all.
    pub total: u32,
}

impl Shards {
    /// Reads "0-3/8" (shards 0 to 3 of 8) or "2/8" (shard 2 alone).
    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.split_once('/')?;
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let read = Self { first: number(first)?, last: number(last)?, total: number(total)? };
        (read.first <= read.last && read.last < read.total).then_some(read)
    }
}

/// Where a setting was found.
#[derive(Debug, Clone)]
enum Place {
    Variable(&'static str),
    /// The file, the line and the name.
    Line(String, usize, &'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Line(file, line, key) => write!(f, "{file}, line {line}: {key}"),
        }
    }
}

/// The settings as written.
#[derive(Default)]
struct Written(BTreeMap<&'static str, (Place, String)>);

impl Written {
    /// The file's content; a missing file has no settings.
    fn of_file(path: &Path) -> Result<Self, String> {
        let file = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(format!("can't read {file}: {error}")),
        };
        let document = ImDocument::parse(text.as_str()).map_err(|error| {
            let (line, key) = broken(&text, error.span());
            let what = key.map_or_else(|| "this line".to_owned(), ToOwned::to_owned);
            // Only this part of the message is used: the rest may quote the file.
            if error.message().starts_with("duplicate key") {
                format!("{file}, line {line}: {what} is set twice; keep one")
            } else {
                format!("{file}, line {line}: {what} can't be read; text goes in quotes, like key = \"text\"")
            }
        })?;
        let line_of = |span: Option<Range<usize>>| line(&text, span.map_or(0, |span| span.start));
        let mut written = BTreeMap::new();
        for (name, item) in document.iter() {
            let at =
                line_of(document.as_table().key(name).and_then(toml_edit::Key::span).or_else(|| item.span()));
            let Some(key) = known(name) else {
                if let Some((inner, key)) = within(item) {
                    let at = line_of(inner);
                    return Err(format!(
                        "{file}, line {at}: {key} is inside a table; move it above any [table]"
                    ));
                }
                let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
                return Err(format!(
                    "{file}, line {at}: unknown setting. The settings are {}",
                    names.join(", ")
                ));
            };
            let place = Place::Line(file.to_string(), at, key);
            let value = match (item.as_str(), item.as_integer()) {
                (Some(text), _) => text.to_owned(),
                (None, Some(number)) if key == "requests_per_second" => number.to_string(),
                _ => return Err(format!("{place} must be text in quotes, like {key} = \"text\"")),
            };
            written.insert(key, (place, value));
        }
        Ok(Self(written))
    }

    /// The environment takes precedence over the file.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    fn and_environment(mut self) -> Result<Self, String> {
        for Setting { key, variable } in SETTINGS {
            let value = match std::env::var(variable) {
                Ok(value) => value,
                Err(std::env::VarError::NotPresent) => continue,
                Err(std::env::VarError::NotUnicode(_)) => return Err(format!("{variable} isn't valid text")),
            };
            // Some env-file readers keep the quotes.
            let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let value = quoted.unwrap_or(&value).to_owned();
            self.0.insert(key, (Place::Variable(variable), value));
        }
        Ok(self)
    }

    /// Parses a setting if it is present; on failure the error says `what` it must be.
    fn take<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
        what: &str,
    ) -> Result<Option<T>, String> {
        let Some((place, text)) = self.0.remove(key) else { return Ok(None) };
        let text = text.trim();
        let read = read(text).filter(|_| !text.chars().any(char::is_control));
        read.map(Some).ok_or_else(|| format!("{place} {what}"))
    }
}

/// The file's value for a setting.
fn known(name: &str) -> Option<&'static str> {
    SETTINGS.iter().map(|setting| setting.key).find(|key| *key == name)
}

/// The first known setting inside a table, and where it is.
fn within(item: &Item) -> Option<(Option<Range<usize>>, &'static str)> {
    let inside = |table: &dyn TableLike| {
        table.iter().find_map(|(name, item)| match known(name) {
            Some(key) => Some((table.key(name).and_then(toml_edit::Key::span), key)),
            None => within(item),
        })
    };
    match item {
        Item::ArrayOfTables(tables) => tables.iter().find_map(|table| inside(table)),
        item => item.as_table_like().and_then(inside),
    }
}

/// The 1-based line of a position in a text.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Where the unreadable part begins, and which setting it is, if any. A missing quote is only noticed further
/// down, so the first lines are tried on their own.
fn broken(text: &str, span: Option<Range<usize>>) -> (usize, Option<&'static str>) {
    let noticed = line(text, span.map_or(text.len(), |span| span.start));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let reads = |above: usize| ImDocument::parse(lines[..above].concat()).is_ok();
    let begins = (1..=noticed.clamp(1, lines.len().max(1))).rev().find(|it| reads(it - 1)).unwrap_or(noticed);
    let written =
        lines.get(begins - 1).map_or("", |line| line.trim_start_matches(['[', ' ', '\t', '"', '\'']));
    let name: String = written.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (begins, known(&name.to_ascii_lowercase()))
}

/// A text that is never displayed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for code that must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// One line that names the setting, its location and what it must be.
    pub fn read(file: &Path) -> Result<Self, String> {
        let mut written = Written::of_file(file)?.and_environment()?;
        let secret = |text: &str| Some(Secret::new(text));
        let is_database = |url: &str| db::is_sqlite(url) || db::is_postgres(url);
        let is_api = |text: &str| {
            Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        let log_format = |text: &str| match text {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        };
        Ok(Self {
            discord_token: written.take("discord_token", secret, "must be a bot token on one line")?,
            discord_token_file: written.take(
                "discord_token_file",
                secret,
                "must be a file path on one line",
            )?,
            database_url: written
                .take(
                    "database_url",
                    |text| secret(text).filter(|_| is_database(text)),
                    "must start with sqlite:// or postgres://",
                )?
                .unwrap_or_else(|| Secret::new(default_database())),
            discord_api_url: written.take(
                "discord_api_url",
                |text| secret(text).filter(|_| is_api(text)),
                "must be an address like http://127.0.0.1:8077",
            )?,
            http_addr: written.take(
                "http_addr",
                |text| text.parse().ok(),
                "must be an address with a port, like 127.0.0.1:9090",
            )?,
            log: written
                .take(
                    "log",
                    |text| text.parse::<Targets>().ok().map(|_| text.to_owned()),
                    "must be log levels, like info,sqlx=warn",
                )?
                .unwrap_or_else(default_log),
            log_format: written.take("log_format", log_format, "must be text or json")?.unwrap_or_default(),
            requests_per_second: written.take(
                "requests_per_second",
                |text| text.parse().ok(),
                "must be a whole number, 1 or more",
            )?,
            shards: written.take(
                "shards",
                Shards::parse,
                "must be a range of shards, like 0-3/8 for the first four of eight",
            )?,
            patience: default_patience(),
            steps_itself: true,
        })
    }

    /// Settings for an app beside a sandbox, in the same process or on the same machine.
    pub fn beside_sandbox(url: &str, token: &str, database_url: String) -> Self {
        Self {
            discord_token: Some(Secret::new(token)),
            discord_token_file: None,
            database_url: Secret::new(database_url),
            discord_api_url: Some(Secret::new(url)),
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
            (None, Some(path)) => std::fs::read_to_string(PathBuf::from(path.reveal()))
                .map_err(|error| format!("can't read the file in DISCORD_TOKEN_FILE: {error}"))?,
            (None, None) => String::new(),
        };
        let text = text.trim().trim_start_matches("Bot ").to_owned();
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || !c.is_ascii_graphic()) {
            return Err(
                "no valid bot token: set DISCORD_TOKEN, or point DISCORD_TOKEN_FILE at a file with it"
                    .to_owned(),
            );
        }
        Ok(Secret(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        let database = "postgres://ann:very.secret@localhost/x".to_owned();
        let config = Config::beside_sandbox("http://ann:very.secret@127.0.0.1:1", "very.secret", database);
        assert!(!format!("{config:?}").contains("very"));
        assert_eq!(config.token().unwrap().reveal(), "very.secret");
    }

    #[test]
    fn shards_are_a_range_and_take_their_share_of_the_rate() {
        let read = Shards::parse;
        assert_eq!(read("0-3/8"), Some(Shards { first: 0, last: 3, total: 8 }));
        assert_eq!(read("2/8"), Some(Shards { first: 2, last: 2, total: 8 }));
        for text in ["", "8", "8/8", "3-2/8", "0-8/8", "-1/8", "a/b", "0-3/0"] {
            assert!(read(text).is_none(), "{text}");
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
