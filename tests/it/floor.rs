//! A sales floor: many guilds at once, set up by their owners' commands, and all posts in them.

use std::collections::HashMap;

use bellringer::sandbox::Client;
use bellringer::sandbox::client::{Outcome, Person, Place, State};
use chrono::{DateTime, Utc};
use futures_util::stream::{StreamExt, iter};
use serde_json::{Value, json};

use crate::story::said;

/// How many guilds are set up concurrently.
const AT_ONCE: usize = 8;

/// How often an owner retries an unanswered command.
const TRIES: usize = 5;

/// Many guilds of a sandbox.
#[derive(Clone)]
pub(crate) struct Floor {
    pub(crate) control: Client,
    pub(crate) guilds: Vec<Guild>,
}

#[derive(Clone)]
/// A guild with a manager, two reps and a channel for each kind of post.
pub(crate) struct Guild {
    pub(crate) id: i64,
    owner: Place,
    pub(crate) reps: Vec<Place>,
    pub(crate) wins: String,
    recognition: String,
    expectations: String,
}

impl Floor {
    /// This many guilds without any setup.
    pub(crate) async fn of(control: Client, count: usize) -> Self {
        let mut guilds = Vec::new();
        for number in 0..count {
            let guild = control.guild(&format!("Guild {number}")).await.unwrap();
            let channel = async |name| control.channel(&guild.id, name).await.unwrap();
            let rep = async |name| {
                let user = control.person(&guild.id, &Person::named(name)).await.unwrap();
                Place::new(&guild.id, &guild.channel_id, &user)
            };
            guilds.push(Guild {
                id: guild.id.parse().unwrap(),
                owner: Place::new(&guild.id, &guild.channel_id, &guild.owner_id),
                reps: vec![rep("ana").await, rep("ben").await],
                wins: channel("wins").await,
                recognition: channel("recognition").await,
                expectations: channel("expectations").await,
            });
        }
        Self { control, guilds }
    }

    /// Each owner runs commands one after the other; the bot must answer each.
    pub(crate) async fn each_runs(&self, commands: impl Fn(usize, &Guild) -> Vec<(&'static str, Value)>) {
        let guilds = iter(self.guilds.iter().enumerate());
        let commands = &commands;
        let each = guilds.map(|(number, guild)| async move {
            for (name, options) in commands(number, guild) {
                // On a busy machine, an answer may come too late.
                let mut tries = 0;
                while self.control.command(&guild.owner, name, options.clone()).await.unwrap().state
                    != State::Replied
                {
                    tries += 1;
                    assert!(tries < TRIES, "nobody answers /{name} in guild {number}");
                }
            }
        });
        each.buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// Every message in every channel that receives posts, with the channel's id.
    pub(crate) async fn posted(&self) -> Vec<(String, Value)> {
        let mut posted = Vec::new();
        for channel in self.guilds.iter().flat_map(|it| [&it.wins, &it.recognition, &it.expectations]) {
            let messages = self.control.messages(channel, None).await.unwrap();
            posted.extend(messages.into_iter().map(|message| (channel.clone(), message)));
        }
        posted
    }
}

impl Guild {
    /// `/setup`, with a channel for each kind of post; and an expectation that is due this week.
    pub(crate) fn set_up(&self) -> Vec<(&'static str, Value)> {
        let channels = json!({"time_zone": "UTC", "currency": "USD", "wins_channel": self.wins,
            "recognition_channel": self.recognition, "expectations_channel": self.expectations});
        let expectation = json!({"what": "Ten calls", "by": "sunday 23:59", "if_met": "An early end.", "if_missed": "We talk."});
        vec![("setup", channels), ("expect set", expectation)]
    }

    /// The channel that a schedule of a kind posts to.
    pub(crate) fn channel_of(&self, kind: &str) -> &str {
        if kind == "expectations" { &self.expectations } else { &self.recognition }
    }
}

/// `/schedule set` for a daily post at an instant.
pub(crate) fn schedule(kind: &str, at: DateTime<Utc>) -> (&'static str, Value) {
    ("schedule set", json!({"post": kind, "when": format!("daily {}", at.format("%H:%M"))}))
}

/// How often each reference occurs at the end of a footer in a channel.
pub(crate) fn references(posted: &[(String, Value)]) -> HashMap<(String, String), usize> {
    let mut found = HashMap::new();
    for (channel, message) in posted {
        let footer = message["embeds"][0]["footer"]["text"].as_str().unwrap_or_default();
        let (_, reference) = footer.rsplit_once('#').expect("every post carries a reference");
        *found.entry((channel.clone(), reference.to_owned())).or_default() += 1;
    }
    found
}

/// Whether an outcome confirms a logged win.
pub(crate) fn acknowledged(outcome: &Outcome) -> bool {
    outcome.state == State::Replied && said(outcome).contains("Logged ")
}
