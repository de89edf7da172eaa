//! A stage: sandbox, app, people, and one shared clock. The demo plays on it, and so do the tests' stories.
#![expect(clippy::print_stdout, reason = "the command line speaks")]

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::{App, StartError};
use crate::config::Config;
use crate::kernel::calendar::Zone;
use crate::kernel::clock::{Clock, at};
use crate::kernel::ids::GuildId;
use crate::sandbox::client::{FeedItem, Outcome, Person, Place};
use crate::sandbox::transcript::Transcript;
use crate::sandbox::{self, Client, Limits, Options, Sandbox, client};
use crate::shutdown;
use crate::store::state::State;
use crate::words::{self, Language};
use crate::worker::Worker;

/// Manage Server.
const MANAGE_GUILD: u64 = 1 << 5;
/// The default terminal width.
const WIDTH: usize = 80;

/// Where the transcript goes.
#[derive(Debug, Clone)]
pub enum Speech {
    /// As text, on standard output.
    Text,
    /// As JSON on standard output, one message per line.
    Json,
    /// As text, kept in memory.
    Kept(String),
}

impl Speech {
    fn say(&mut self, text: &str) {
        match self {
            Self::Text => println!("{text}"),
            Self::Json => {}
            Self::Kept(all) => {
                all.push_str(text);
                all.push('\n');
            }
        }
    }
}

/// Everything in the play.
pub struct Stage {
    /// The sandbox's control API.
    pub control: Client,
    /// The state that the app's use cases are called with.
    pub state: Arc<State>,
    /// The app's worker; nothing is delivered unless it is stepped.
    pub worker: Arc<Worker>,
    /// The app's clock.
    pub clock: Clock,
    /// The guild in the sandbox.
    pub guild: client::Guild,
    /// The locale of everyone's client.
    pub language: Language,
    /// How many of the bot's messages were publicly visible.
    pub posts: usize,
    /// How many interactions there were.
    pub interactions: usize,
    pub(super) sandbox: Sandbox,
    pub(super) zone: Zone,
    manager_role: String,
    pub(super) channels: HashMap<String, String>,
    people: HashMap<String, String>,
    speech: Speech,
    shown: u64,
    stop: CancellationToken,
    running: JoinHandle<Result<(), StartError>>,
    database: String,
    folder: TempDir,
}

/// An app that runs beside a sandbox.
struct Running {
    state: Arc<State>,
    worker: Arc<Worker>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), StartError>>,
}

async fn start(sandbox: &Sandbox, database: &str, clock: &Clock) -> Result<Running, String> {
    let mut config = Config::beside_sandbox(&sandbox.url(), sandbox.token(), database.to_owned());
    config.steps_itself = false;
    config.requests_per_second = Some(NonZeroU32::MAX);
    let app = App::build(&config, clock.clone()).await.map_err(line)?;
    let (state, worker, mut ready) = (app.state(), app.worker(), app.ready());
    let stop = CancellationToken::new();
    let task = shutdown::spawn(app.run(stop.clone()));
    if ready.wait_for(|ready| *ready).await.is_err() {
        let why = task.await.map_err(line)?.err().map_or_else(String::new, line);
        return Err(format!("the bot quit before it was ready: {why}"));
    }
    Ok(Running { state, worker, stop, task })
}

pub(super) fn line(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Stage {
    /// Starts everything at a local time in a zone, with a guild of this name and everyone's client set to a language.
    pub async fn open(
        guild: &str,
        language: Language,
        zone: Zone,
        now: NaiveDateTime,
        speech: Speech,
    ) -> Result<Self, String> {
        Self::open_on(None, guild, language, zone, now, speech).await
    }

    /// The same, on the database at this URL, or in a temporary file if there is none.
    pub async fn open_on(
        database: Option<String>,
        guild: &str,
        language: Language,
        zone: Zone,
        now: NaiveDateTime,
        speech: Speech,
    ) -> Result<Self, String> {
        let now = zone.instant(now);
        // The usual port when somebody may open the page, so that its address can be bookmarked.
        let port = if matches!(speech, Speech::Kept(_)) { 0 } else { sandbox::PORT };
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let locale = language.tag().to_owned();
        let options = Options { addr, locale, now: Some(now), limits: Limits::Lifted, ..Options::default() };
        let sandbox = Sandbox::start_or_elsewhere(options).await.map_err(line)?;
        let control = sandbox.control();
        let folder = tempfile::tempdir().map_err(line)?;
        let database =
            database.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bellringer.db").display()));
        let clock = Clock::by_hand(now);
        let guild = control.guild(guild).await.map_err(line)?;
        let manager_role = control.role(&guild.id, "Sales Manager", MANAGE_GUILD).await.map_err(line)?;
        let Running { state, worker, stop, task } = start(&sandbox, &database, &clock).await?;
        Ok(Self {
            control,
            state,
            worker,
            clock,
            guild,
            language,
            posts: 0,
            interactions: 0,
            sandbox,
            zone,
            manager_role,
            channels: HashMap::new(),
            people: HashMap::new(),
            speech,
            shown: 0,
            stop,
            running: task,
            database,
            folder,
        })
    }

    /// Kills the app without a clean stop, and starts another on the same database.
    ///
    /// # Errors
    /// When it doesn't start.
    pub async fn crash(&mut self) -> Result<(), String> {
        self.running.abort();
        let Running { state, worker, stop, task } = start(&self.sandbox, &self.database, &self.clock).await?;
        (self.state, self.worker, self.stop, self.running) = (state, worker, stop, task);
        Ok(())
    }

    /// Stops the app, and starts another on the database at this URL.
    ///
    /// # Errors
    /// When it doesn't stop or doesn't start.
    pub async fn moves_to(&mut self, database: String) -> Result<(), String> {
        self.stop.cancel();
        (&mut self.running).await.map_err(line)?.map_err(line)?;
        self.database = database;
        let Running { state, worker, stop, task } = start(&self.sandbox, &self.database, &self.clock).await?;
        (self.state, self.worker, self.stop, self.running) = (state, worker, stop, task);
        Ok(())
    }

    /// The address of the app's database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The transcript so far, when it is kept in memory.
    pub fn told(&self) -> &str {
        if let Speech::Kept(told) = &self.speech { told } else { "" }
    }

    /// Makes channels.
    pub async fn channels(&mut self, names: &[&str]) -> Result<(), String> {
        for name in names {
            let id = self.control.channel(&self.guild.id, name).await.map_err(line)?;
            self.channels.insert((*name).to_owned(), id);
        }
        Ok(())
    }

    /// Adds a member.
    pub async fn joins(&mut self, name: &str, manages: bool) -> Result<(), String> {
        let username: String =
            name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '.' }).collect();
        let roles = if manages { vec![self.manager_role.clone()] } else { Vec::new() };
        let person = Person { display_name: Some(name.to_owned()), roles, ..Person::named(&username) };
        let user = self.control.person(&self.guild.id, &person).await.map_err(line)?;
        self.people.insert(name.to_owned(), user);
        Ok(())
    }

    /// A channel's id.
    pub fn channel(&self, name: &str) -> String {
        self.channels.get(name).unwrap_or(&self.guild.channel_id).clone()
    }

    /// A person's Discord user.
    pub fn user(&self, name: &str) -> String {
        self.people.get(name).cloned().unwrap_or_default()
    }

    /// A person in a channel, as the control API takes it.
    pub fn place(&self, name: &str, channel: &str) -> Place {
        Place::new(&self.guild.id, &self.channel(channel), &self.user(name))
    }

    /// A person runs a command in a channel.
    pub async fn runs(
        &mut self,
        name: &str,
        channel: &str,
        command: &str,
        options: Value,
    ) -> Result<Outcome, String> {
        let typed = self.typed(command, &options);
        self.announce(name, channel, &typed);
        let place = self.place(name, channel);
        let outcome = self.control.command(&place, command, options).await.map_err(line)?;
        self.played(outcome).await
    }

    /// A person writes a message; returns its id.
    pub async fn says(&mut self, name: &str, channel: &str, text: &str) -> Result<String, String> {
        let message = self.control.say(&self.user(name), &self.channel(channel), text).await.map_err(line)?;
        self.show().await?;
        Ok(message["id"].as_str().unwrap_or_default().to_owned())
    }

    /// A person uses a context-menu command on a message and submits the prefilled modal.
    pub async fn picks(
        &mut self,
        name: &str,
        channel: &str,
        command: &str,
        message: &str,
    ) -> Result<Outcome, String> {
        self.announce(name, channel, &format!("Apps › {command}, and submits the prefilled form"));
        let place = self.place(name, channel);
        let opened = self.control.menu(&place, command, message).await.map_err(line)?;
        let rows = opened
            .modal
            .as_ref()
            .and_then(|modal| modal["components"].as_array())
            .cloned()
            .unwrap_or_default();
        let inputs = rows.iter().filter_map(|row| row["components"].get(0));
        let values: serde_json::Map<String, Value> = inputs
            .filter_map(|input| Some((input["custom_id"].as_str()?.to_owned(), input.get("value").cloned()?)))
            .collect();
        let outcome = self
            .control
            .modal(&place.user, &opened.interaction, Value::Object(values))
            .await
            .map_err(line)?;
        self.interactions += 1;
        self.played(outcome).await
    }

    /// A person presses a button with this label on the latest message in the channel that has one.
    pub async fn presses(
        &mut self,
        name: &str,
        channel: &str,
        label: impl Into<words::Value>,
    ) -> Result<Outcome, String> {
        let label = self.language.say(label);
        self.announce(name, channel, &format!("[ {label} ]"));
        let user = self.user(name);
        let messages = self.control.messages(&self.channel(channel), Some(&user)).await.map_err(line)?;
        let button = messages.iter().rev().find_map(|message| {
            let buttons = message["components"]
                .as_array()?
                .iter()
                .filter_map(|row| row["components"].as_array())
                .flatten();
            let wanted = buttons.into_iter().find(|button| button["label"] == label.as_str())?;
            Some((message["id"].as_str()?.to_owned(), wanted["custom_id"].as_str()?.to_owned()))
        });
        let (message, id) = button.ok_or_else(|| format!("there's no {label} button in #{channel}"))?;
        let outcome = self.control.button(&user, &message, &id).await.map_err(line)?;
        self.played(outcome).await
    }

    async fn played(&mut self, outcome: Outcome) -> Result<Outcome, String> {
        self.interactions += 1;
        if outcome.state == client::State::Silent {
            return Err("the bot didn't answer in time".to_owned());
        }
        self.settle().await?;
        Ok(outcome)
    }

    /// Lets the worker finish all its work, and prints the resulting messages.
    pub async fn settle(&mut self) -> Result<(), String> {
        self.worker.drain().await.map_err(line)?;
        self.show().await
    }

    /// Advances to a local time, stopping at everything due.
    pub async fn until(&mut self, local: NaiveDateTime) -> Result<(), String> {
        let target = self.zone.instant(local);
        while let Some(due) = self.next_due().await.map_err(line)?.filter(|due| *due <= target) {
            self.set(due.max(self.clock.now())).await?;
            self.settle().await?;
        }
        self.set(target).await
    }

    /// When something is due next.
    pub(super) async fn next_due(&self) -> crate::kernel::error::Result<Option<DateTime<Utc>>> {
        Ok(self.worker.next_due().await?.map(at))
    }

    /// Advances by a duration, stopping at everything due.
    pub async fn passes(&mut self, span: TimeDelta) -> Result<(), String> {
        self.until(self.zone.local(self.clock.now() + span)).await?;
        self.settle().await
    }

    async fn set(&mut self, now: DateTime<Utc>) -> Result<(), String> {
        self.control.set_clock(Some(now)).await.map_err(line)?;
        self.clock.set(now);
        Ok(())
    }

    fn announce(&mut self, name: &str, channel: &str, what: &str) {
        let text = wrapped(&format!("{} · #{channel} · {name} ▸ {what}", self.wall_clock()));
        self.speech.say(&format!("\n{text}"));
    }

    /// A command as it appears while typing it.
    fn typed(&self, command: &str, options: &Value) -> String {
        let named = |text: &str| {
            let of = |names: &HashMap<String, String>, mark| {
                names.iter().find(|(_, id)| *id == text).map(|(name, _)| format!("{mark}{name}"))
            };
            of(&self.people, '@').or_else(|| of(&self.channels, '#')).unwrap_or_else(|| text.to_owned())
        };
        let options = options.as_object().into_iter().flatten();
        let typed = options.map(|(name, value)| {
            format!(" {name}:{}", value.as_str().map_or_else(|| value.to_string(), named))
        });
        format!("/{command}{}", typed.collect::<String>())
    }

    fn wall_clock(&self) -> String {
        self.zone.local(self.clock.now()).format("%a %-I:%M %p").to_string()
    }

    async fn show(&mut self) -> Result<(), String> {
        let mut feed = self.control.feed(self.shown).await.map_err(line)?;
        let Some(last) = feed.last() else { return Ok(()) };
        self.shown = last.seq;
        // Channels and edits are delivered concurrently; the transcript lists them in sequence.
        let id = |text: &str| text.parse::<u64>().ok();
        feed.sort_by_key(|item| (id(&item.channel.id), id(item.message["id"].as_str().unwrap_or_default())));
        let users = self.people.iter().map(|(name, id)| (id.clone(), name.clone()));
        let rooms = self.channels.iter().map(|(name, id)| (id.clone(), name.clone()));
        let names: HashMap<String, String> =
            users.chain(rooms).chain([(self.manager_role.clone(), "Sales Manager".to_owned())]).collect();
        for item in feed {
            if !matches!(item.kind.as_str(), "made" | "edited") {
                continue;
            }
            if item.only.is_none() && item.kind == "made" && item.message["author"]["bot"] == true {
                self.posts += 1;
            }
            let only = item.only.as_ref().map(|user| names.get(user).unwrap_or(user).clone());
            if matches!(self.speech, Speech::Json) {
                let author = names.get(&item.author.id).unwrap_or(&item.author.name);
                let mut object =
                    json!({"channel": item.channel.name, "author": author, "message": item.message});
                if let Some(only) = only {
                    object["for"] = Value::String(only);
                }
                println!("{object}");
            } else {
                self.print(&item, only.as_deref(), &names);
            }
        }
        Ok(())
    }

    fn print(&mut self, item: &FeedItem, only: Option<&str>, names: &HashMap<String, String>) {
        let edited = if item.kind == "edited" { " (edited)" } else { "" };
        let only = only.map(|name| format!(" (only {name} can see this)")).unwrap_or_default();
        let author = names.get(&item.author.id).unwrap_or(&item.author.name);
        let head = format!("\n{} · #{} · {author}{edited}{only}", self.wall_clock(), item.channel.name);
        self.speech.say(&head);
        let zone = self.zone.offset(self.clock.now());
        for text in Transcript::new(names.clone()).read_in(zone).lines(&item.message, WIDTH - 4) {
            self.speech.say(&format!("    {text}"));
        }
    }

    /// Prints a line of the demo's own.
    pub fn tell(&mut self, text: &str) {
        self.speech.say(text);
    }

    /// Whether standard output is JSON only.
    pub fn speaks_json(&self) -> bool {
        matches!(self.speech, Speech::Json)
    }

    /// Prints a final object in JSON mode.
    pub fn last_line(&self, object: &Value) {
        if matches!(self.speech, Speech::Json) {
            println!("{object}");
        }
    }

    /// The guild, as the ledger knows it.
    pub fn guild_id(&self) -> GuildId {
        GuildId(self.guild.id.parse().unwrap_or_default())
    }

    /// Stops everything.
    pub async fn close(self) -> Result<(), String> {
        self.stop.cancel();
        let ended = self.running.await.map_err(line)?;
        self.sandbox.stop().await;
        self.folder.close().map_err(line)?;
        ended.map_err(line)
    }
}

fn wrapped(text: &str) -> String {
    let mut length = 0;
    let mut out = String::new();
    for word in text.split(' ') {
        let width = word.chars().count();
        if length > 0 && length + 1 + width > WIDTH {
            out.push_str("\n    ");
            length = 4;
        } else if length > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += width;
    }
    out
}
