//! The sandbox's data: users, guilds, channels, messages, commands, interactions. It is behind one lock;
//! REST, gateway and control all work on these types.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Options;
use super::agenda::Agenda;
use super::clock::{Clock, EPOCH_MS, stamp};
use super::gateway::Sessions;
use super::interactions::Interaction;
use super::journal::Journal;
use super::mentions::Pings;
use super::permissions;
use super::refused::{self, Refused};

/// A snowflake.
pub(crate) type Id = u64;

/// The low bits of a snowflake, which aren't time.
const TIME_SHIFT: u32 = 22;
/// How far back guild ids are dated, so that each gets its own millisecond and they spread over shards.
const GUILDS_SINCE_MS: u64 = 90 * 24 * 3_600_000;

/// Reads an id from a JSON string or number.
pub(crate) fn id_of(value: &Value) -> Option<Id> {
    value.as_str().and_then(|text| text.parse().ok()).or_else(|| value.as_u64())
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) display_name: Option<String>,
    pub(crate) bot: bool,
    /// Whether the bot may send them direct messages.
    pub(crate) closed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) nick: Option<String>,
    pub(crate) roles: Vec<Id>,
    pub(crate) joined_at: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) permissions: u64,
    pub(crate) position: usize,
    /// The bot whose role this is.
    pub(crate) bot: Option<Id>,
    pub(crate) mentionable: bool,
}

#[derive(Debug)]
pub(crate) struct Guild {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) owner: Id,
    pub(crate) roles: Vec<Role>,
    pub(crate) channels: Vec<Id>,
    pub(crate) members: BTreeMap<Id, Member>,
    pub(crate) joined_at: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Overwrite {
    pub(crate) id: Id,
    pub(crate) for_member: bool,
    pub(crate) allow: u64,
    pub(crate) deny: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    pub(crate) kind: u8,
    pub(crate) guild: Option<Id>,
    pub(crate) name: String,
    pub(crate) topic: Option<String>,
    pub(crate) nsfw: bool,
    /// Slowmode: seconds that a person must wait between messages.
    pub(crate) slow_mode: u64,
    pub(crate) parent: Option<Id>,
    pub(crate) position: usize,
    pub(crate) overwrites: Vec<Overwrite>,
    /// The other side of a direct message channel.
    pub(crate) recipient: Option<Id>,
    pub(crate) messages: BTreeMap<Id, Message>,
    /// Enforced nonces, oldest first: author, nonce, time, and the message created.
    pub(crate) nonces: VecDeque<(Id, String, DateTime<Utc>, Id)>,
}

impl Channel {
    /// Whether messages can be written here: text, direct message, voice, announcement, thread.
    pub(crate) fn holds_messages(&self) -> bool {
        matches!(self.kind, 0..=3 | 5 | 10..=13)
    }

    pub(crate) fn is_thread(&self) -> bool {
        matches!(self.kind, 10..=12)
    }

    /// A forum or media channel, which holds only threads.
    pub(crate) fn is_forum(&self) -> bool {
        matches!(self.kind, 15 | 16)
    }
}

#[derive(Debug)]
pub(crate) struct Message {
    /// The message object as in REST.
    pub(crate) value: Value,
    pub(crate) author: Id,
    /// The only person who sees an ephemeral message.
    pub(crate) audience: Option<Id>,
    /// The interaction it answers.
    pub(crate) interaction: Option<Id>,
    pub(crate) pings: Pings,
    /// Who reacted, by emoji.
    pub(crate) reactions: HashMap<String, HashSet<Id>>,
    /// A deferred reply that has not been filled.
    pub(crate) loading: bool,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) content_type: String,
    pub(crate) bytes: axum::body::Bytes,
}

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) url: String,
    /// The locale of every client and guild.
    pub(crate) locale: String,
    pub(crate) clock: Clock,
    /// How often the clock was set.
    pub(crate) clock_set: u64,
    pub(crate) agenda: Agenda,
    /// The application and its bot user share one id.
    pub(crate) application: Id,
    pub(crate) application_owner: Id,
    pub(crate) users: HashMap<Id, User>,
    pub(crate) guilds: BTreeMap<Id, Guild>,
    pub(crate) channels: HashMap<Id, Channel>,
    /// The channel of each message.
    pub(crate) whereabouts: HashMap<Id, Id>,
    /// Registered commands by guild; `None` is global.
    pub(crate) commands: HashMap<Option<Id>, Vec<Value>>,
    pub(crate) interactions: BTreeMap<Id, Interaction>,
    /// Files by age; the oldest are dropped when space runs out.
    pub(crate) files: BTreeMap<Id, File>,
    pub(crate) gateway: Sessions,
    pub(crate) journal: Journal,
    last_id: Id,
    earlier_ids: u64,
    last_guild: Id,
}

/// The id at the start of a token, in base 64 as client libraries expect it.
fn id_in(token: &str) -> Option<Id> {
    let first = token.split('.').next()?.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(first).ok()?;
    std::str::from_utf8(&bytes).ok()?.parse().ok()
}

impl World {
    pub(crate) fn new(url: String, clock: Clock, Options { token, bot, locale, .. }: &Options) -> Self {
        let started = snowflake(clock.now());
        let mut world = Self {
            url,
            locale: locale.clone(),
            clock,
            clock_set: 0,
            agenda: Agenda::default(),
            application: 0,
            application_owner: 0,
            users: HashMap::new(),
            guilds: BTreeMap::new(),
            channels: HashMap::new(),
            whereabouts: HashMap::new(),
            commands: HashMap::new(),
            interactions: BTreeMap::new(),
            files: BTreeMap::new(),
            gateway: Sessions::default(),
            journal: Journal::default(),
            last_id: started,
            earlier_ids: 0,
            last_guild: started.saturating_sub(GUILDS_SINCE_MS << TIME_SHIFT),
        };
        let id = id_in(token).unwrap_or_else(|| world.next_id());
        let user = User { id, username: bot.clone(), display_name: None, bot: true, closed: false };
        world.users.insert(id, user);
        world.application = id;
        world.application_owner = world.add_user("maker", None, false);
        world
    }

    /// A new id, greater than all earlier ones.
    pub(crate) fn next_id(&mut self) -> Id {
        self.last_id = (self.last_id + 1).max(snowflake(self.clock.now()));
        self.last_id
    }

    /// A new id dated in the past.
    pub(crate) fn earlier_id(&mut self, time: DateTime<Utc>) -> Id {
        self.earlier_ids += 1;
        // Regular ids in that millisecond count up from its first; these count down from its last.
        (snowflake(time) | ((1 << TIME_SHIFT) - 1)) - self.earlier_ids
    }

    pub(crate) fn next_guild_id(&mut self) -> Id {
        self.last_guild += 1 << TIME_SHIFT;
        self.last_guild
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn stamp(&self) -> String {
        stamp(self.now())
    }

    /// Records an exchange or event in the log, with the time; `entry` is only called when the log is on.
    pub(crate) fn note(&mut self, entry: impl FnOnce() -> Value) {
        let now = self.now();
        self.journal.log(|| {
            let mut entry = entry();
            entry["at"] = Value::String(stamp(now));
            entry
        });
    }

    pub(crate) fn add_user(&mut self, username: &str, display_name: Option<String>, bot: bool) -> Id {
        let id = self.next_id();
        self.users.insert(id, User { id, username: username.to_owned(), display_name, bot, closed: false });
        id
    }

    pub(crate) fn guild(&self, id: Id) -> Result<&Guild, Refused> {
        self.guilds.get(&id).ok_or(refused::UNKNOWN_GUILD)
    }

    pub(crate) fn guild_mut(&mut self, id: Id) -> Result<&mut Guild, Refused> {
        self.guilds.get_mut(&id).ok_or(refused::UNKNOWN_GUILD)
    }

    pub(crate) fn channel(&self, id: Id) -> Result<&Channel, Refused> {
        self.channels.get(&id).ok_or(refused::UNKNOWN_CHANNEL)
    }

    pub(crate) fn channel_mut(&mut self, id: Id) -> Result<&mut Channel, Refused> {
        self.channels.get_mut(&id).ok_or(refused::UNKNOWN_CHANNEL)
    }

    pub(crate) fn message(&self, channel: Id, message: Id) -> Result<&Message, Refused> {
        self.channel(channel)?.messages.get(&message).ok_or(refused::UNKNOWN_MESSAGE)
    }

    pub(crate) fn user(&self, id: Id) -> Result<&User, Refused> {
        self.users.get(&id).ok_or(refused::UNKNOWN_USER)
    }

    /// A message by its id alone, with its channel.
    pub(crate) fn find_message(&self, message: Id) -> Result<(Id, &Message), Refused> {
        let channel = *self.whereabouts.get(&message).ok_or(refused::UNKNOWN_MESSAGE)?;
        Ok((channel, self.message(channel, message)?))
    }

    /// What `user` may do in `channel`.
    pub(crate) fn permissions(&self, user: Id, channel: &Channel) -> u64 {
        match channel.guild.and_then(|id| self.guilds.get(&id)) {
            Some(guild) => permissions::of(guild, user, Some(channel)),
            None if channel.recipient == Some(user) || user == self.application => permissions::BOT,
            None => 0,
        }
    }

    /// The channel, if `user` can see it and has all of `needed` there.
    pub(crate) fn allowed(&self, user: Id, channel: Id, needed: u64) -> Result<&Channel, Refused> {
        let channel = self.channel(channel)?;
        let held = self.permissions(user, channel);
        if held & permissions::VIEW_CHANNEL == 0 {
            return Err(refused::MISSING_ACCESS);
        }
        if held & needed != needed {
            return Err(refused::MISSING_PERMISSIONS);
        }
        Ok(channel)
    }

    /// The direct message channel between the bot and `user`, created if necessary.
    pub(crate) fn direct(&mut self, user: Id) -> Result<Id, Refused> {
        self.user(user)?;
        if let Some(channel) = self.channels.values().find(|channel| channel.recipient == Some(user)) {
            return Ok(channel.id);
        }
        let id = self.next_id();
        self.channels.insert(id, Channel { id, kind: 1, recipient: Some(user), ..Channel::default() });
        self.journal.change();
        Ok(id)
    }
}

fn snowflake(time: DateTime<Utc>) -> Id {
    u64::try_from(time.timestamp_millis() - EPOCH_MS).unwrap_or(0) << TIME_SHIFT
}
