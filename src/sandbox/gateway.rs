//! The gateway: sessions, the events each receives, and the WebSocket conversation. The rest of the sandbox
//! sends events through `World::dispatch`.

use std::collections::{HashMap, VecDeque};

use axum::extract::ws::Utf8Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::world::{Id, World, id_of};

mod socket;
mod transport;

pub(crate) use socket::upgrade;

const GUILDS: u64 = 1;
const GUILD_MEMBERS: u64 = 1 << 1;
const GUILD_MESSAGES: u64 = 1 << 9;
const GUILD_REACTIONS: u64 = 1 << 10;
const GUILD_TYPING: u64 = 1 << 11;
const DIRECT_MESSAGES: u64 = 1 << 12;
const DIRECT_REACTIONS: u64 = 1 << 13;
const DIRECT_TYPING: u64 = 1 << 14;
const MESSAGE_CONTENT: u64 = 1 << 15;
/// Every documented intent.
const ALL_INTENTS: u64 = 0xFFFF | 1 << 16 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25;
/// Events kept per session for a resume.
const REPLAYED: usize = 5_000;
/// Disconnected sessions that can still be resumed.
const RESUMABLE: usize = 64;
/// Payloads buffered per connection: room for a whole replay, or a shard's guilds, twice over.
const QUEUED: usize = 2 * REPLAYED;

/// The most guilds in a shard.
const MOST_GUILDS: usize = 2_500;

/// The result of a request to resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resumed {
    Yes,
    /// There is no such session, or too much was missed.
    Gone,
    /// A sequence number that the session has not reached.
    NoSuchSeq,
}

/// A message to a connection task.
#[derive(Debug)]
pub(crate) enum Push {
    Text(Utf8Bytes),
    /// Close with a code.
    Close(u16),
    /// Cut the connection without a close frame.
    Drop,
}

/// What a connection gets instead of Discord's welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Greeting {
    /// The upgrade is refused with a status and HTML, as by Discord's front end.
    Refuse { status: u16 },
    /// The connection is accepted, but HELLO never comes.
    Silence,
    /// Closed after HELLO.
    Close { code: u16 },
    /// Closed on IDENTIFY.
    Reject { code: u16 },
    /// Every IDENTIFY or RESUME is answered as invalid (op 9).
    Invalidate { resumable: bool },
}

/// The channel to a connection task.
#[derive(Debug, Clone)]
struct Line {
    queue: mpsc::Sender<Push>,
    cut: CancellationToken,
}

impl Line {
    fn new() -> (Self, mpsc::Receiver<Push>) {
        let (queue, inbox) = mpsc::channel(QUEUED);
        (Self { queue, cut: CancellationToken::new() }, inbox)
    }

    fn push(&self, push: Push) {
        // A client that leaves this much unread is cut off; a resume makes up for it.
        if let Err(TrySendError::Full(_)) = self.queue.try_send(push) {
            self.cut.cancel();
        }
    }
}

#[derive(Debug)]
pub(crate) struct Session {
    intents: u64,
    shard: (u64, u64),
    seq: u64,
    /// The last sequence number sent; later events are held back.
    sent: u64,
    replay: VecDeque<Utf8Bytes>,
    connection: Option<Line>,
    hung_up_at: Instant,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    all: HashMap<String, Session>,
    made: u64,
    /// While true, events accumulate in the replay buffers.
    held: bool,
    /// What the next connections get, and how many of them.
    greeting: Option<(Greeting, u32)>,
}

impl Session {
    fn new(intents: u64, shard: (u64, u64), connection: Option<Line>) -> Self {
        let (replay, hung_up_at) = (VecDeque::new(), Instant::now());
        Self { intents, shard, seq: 0, sent: 0, replay, connection, hung_up_at }
    }

    fn hears(&self, event: &str, guild: Option<Id>) -> bool {
        let (shard, shards) = self.shard;
        if guild.map_or(0, |id| (id >> 22) % shards) != shard {
            return false;
        }
        let needed = match (event, guild.is_some()) {
            ("INTERACTION_CREATE" | "USER_UPDATE", _) => return true,
            ("GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE", _) => GUILD_MEMBERS,
            ("MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE", true) => GUILD_MESSAGES,
            ("MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE" | "CHANNEL_PINS_UPDATE", false) => {
                DIRECT_MESSAGES
            }
            ("MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE", true) => GUILD_REACTIONS,
            ("MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE", false) => DIRECT_REACTIONS,
            ("TYPING_START", true) => GUILD_TYPING,
            ("TYPING_START", false) => DIRECT_TYPING,
            _ => GUILDS,
        };
        self.intents & needed != 0
    }

    /// Numbers an event, stores it for a resume and sends it unless held back.
    fn tell(&mut self, event: &str, data: &str, held: bool) {
        self.seq += 1;
        if self.replay.len() == REPLAYED {
            self.replay.pop_front();
        }
        let text = format!(r#"{{"op":0,"s":{},"t":"{event}","d":{data}}}"#, self.seq);
        self.replay.push_back(text.into());
        if !held {
            self.catch_up();
        }
    }

    fn push(&self, push: Push) {
        if let Some(connection) = &self.connection {
            connection.push(push);
        }
    }

    /// Sends everything not sent yet.
    fn catch_up(&mut self) {
        let missed = usize::try_from(self.seq - self.sent).unwrap_or(usize::MAX);
        for text in self.replay.range(self.replay.len().saturating_sub(missed)..) {
            self.push(Push::Text(text.clone()));
        }
        self.sent = self.seq;
    }
}

impl Sessions {
    /// Sends the same to every connection.
    pub(crate) fn push_all(&mut self, push: impl Fn() -> Push) {
        for session in self.all.values() {
            session.push(push());
        }
    }

    /// Forgets all sessions, so that none can be resumed.
    pub(crate) fn forget(&mut self) {
        self.all.clear();
    }

    /// The next `count` connections get this instead of a welcome.
    pub(crate) fn greet(&mut self, greeting: Greeting, times: u32) {
        self.greeting = (times > 0).then_some((greeting, times));
    }

    /// What a new connection gets.
    fn greeting(&mut self) -> Option<Greeting> {
        let (greeting, times) = self.greeting.take()?;
        self.greet(greeting, times - 1);
        Some(greeting)
    }

    /// Holds events back from every connection.
    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// Sends what was held back.
    pub(crate) fn release(&mut self) {
        self.held = false;
        for session in self.all.values_mut() {
            session.catch_up();
        }
    }

    /// How many sessions have a connection.
    pub(crate) fn connected(&self) -> usize {
        self.all.values().filter(|session| session.connection.is_some()).count()
    }

    fn add(&mut self, session: Session) -> String {
        let idle = self.all.iter().filter(|(_, it)| it.connection.is_none());
        let mut idle: Vec<_> = idle.map(|(id, it)| (it.hung_up_at, id.clone())).collect();
        idle.sort();
        for (_, id) in idle.iter().take(idle.len().saturating_sub(RESUMABLE)) {
            self.all.remove(id);
        }
        self.made += 1;
        let id =
            format!("{:032x}", u128::from(self.made).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        self.all.insert(id.clone(), session);
        id
    }
}

impl World {
    /// Sends an event to every session whose shard and intents match.
    pub(crate) fn dispatch(&mut self, event: &str, guild: Option<Id>, data: Value) {
        if event.starts_with("CHANNEL_") || event.starts_with("GUILD_") {
            self.journal.change();
        }
        let held = self.gateway.held;
        let (whole, mut blanked) = (data.to_string(), None);
        let readable = !event.starts_with("MESSAGE_") || self.readable_by_all(&data, guild);
        // Changes to the bot itself are sent regardless of intents, like USER_UPDATE.
        let own = event == "GUILD_MEMBER_UPDATE" && id_of(&data["user"]["id"]) == Some(self.application);
        let heard_as = if own { "USER_UPDATE" } else { event };
        for session in self.gateway.all.values_mut().filter(|session| session.hears(heard_as, guild)) {
            if readable || session.intents & MESSAGE_CONTENT != 0 {
                session.tell(event, &whole, held);
            } else {
                session.tell(event, blanked.get_or_insert_with(|| blank(data.clone())), held);
            }
        }
        self.note(move || {
            let mut entry = json!({ "kind": "gateway", "event": event });
            entry["data"] = data;
            entry
        });
    }

    /// Whether content is sent without the intent: the bot's own messages, those that mention it, private
    /// ones.
    fn readable_by_all(&self, message: &Value, guild: Option<Id>) -> bool {
        let own = |user: &Value| id_of(&user["id"]) == Some(self.application);
        guild.is_none()
            || own(&message["author"])
            || message["mentions"].as_array().is_some_and(|all| all.iter().any(own))
    }

    /// Starts a session: READY, then each guild of the shard. Returns the session's id; `None` if the shard
    /// would hold too many guilds.
    fn identify(&mut self, intents: u64, shard: (u64, u64), connection: Line) -> Option<String> {
        let ours = |id: Id| (id >> 22) % shard.1 == shard.0;
        let guilds: Vec<Value> = self
            .guilds
            .keys()
            .filter(|id| ours(**id))
            .map(|id| json!({ "id": id.to_string(), "unavailable": true }))
            .collect();
        if guilds.len() > MOST_GUILDS {
            return None;
        }
        let id = self.gateway.add(Session::new(intents, shard, Some(connection)));
        let ready = json!({
            "v": 10, "user": super::objects::own_user(self), "user_settings": {}, "session_type": "normal",
            "session_id": id, "resume_gateway_url": self.url.replace("http", "ws"), "relationships": [],
            "private_channels": [], "presences": [], "guilds": guilds, "guild_join_requests": [],
            "geo_ordered_rtc_regions": [], "auth": {}, "_trace": ["sandbox"], "shard": [shard.0, shard.1],
            "application": { "id": self.application.to_string(), "flags": Self::application_flags() },
        });
        self.tell(&id, "READY", &ready, false);
        if intents & GUILDS != 0 {
            let mine: Vec<Value> = self
                .guilds
                .values()
                .filter(|guild| ours(guild.id))
                .map(|guild| self.guild_create_json(guild))
                .collect();
            for guild in mine {
                self.tell(&id, "GUILD_CREATE", &guild, false);
            }
        }
        Some(id)
    }

    /// Sends an event to one session.
    fn tell(&mut self, id: &str, event: &str, data: &Value, held: bool) {
        if let Some(session) = self.gateway.all.get_mut(id) {
            session.tell(event, &data.to_string(), held);
        }
        self.note(|| json!({ "kind": "gateway", "event": event, "data": data }));
    }

    /// Resumes a session after sequence number `seq`.
    fn resume(&mut self, id: &str, seq: u64, connection: &Line) -> Resumed {
        let Some(session) = self.gateway.all.get_mut(id) else {
            return Resumed::Gone;
        };
        if seq > session.seq {
            return Resumed::NoSuchSeq;
        }
        if session.seq - seq > session.replay.len() as u64 {
            return Resumed::Gone;
        }
        session.push(Push::Close(4000));
        session.connection = Some(connection.clone());
        session.sent = seq;
        // Missed events are sent before it, held back or not.
        self.tell(id, "RESUMED", &json!({ "_trace": ["sandbox"] }), false);
        Resumed::Yes
    }

    /// Answers a request for members (op 8) in chunks of 1,000.
    fn tell_members(&mut self, id: &str, request: &Value) {
        let Some(guild) = id_of(&request["guild_id"]).and_then(|id| self.guilds.get(&id)) else {
            return;
        };
        let query = request["query"].as_str().unwrap_or_default().to_lowercase();
        let limit = request["limit"].as_u64().and_then(|it| usize::try_from(it).ok()).filter(|it| *it > 0);
        let asked: Option<Vec<Id>> = match &request["user_ids"] {
            Value::Null => None,
            Value::Array(list) => Some(list.iter().filter_map(id_of).collect()),
            one => Some(id_of(one).into_iter().collect()),
        };
        let matches = |user: Id| match &asked {
            Some(ids) => ids.contains(&user),
            None => {
                self.users.get(&user).is_some_and(|user| user.username.to_lowercase().starts_with(&query))
            }
        };
        let members: Vec<Value> = guild
            .members
            .iter()
            .filter(|(user, _)| matches(**user))
            .take(limit.unwrap_or(usize::MAX))
            .map(|(user, member)| self.member_json(*user, member))
            .collect();
        let missing: Vec<String> = asked
            .iter()
            .flatten()
            .filter(|id| !guild.members.contains_key(id))
            .map(ToString::to_string)
            .collect();
        let (guild, held) = (guild.id.to_string(), self.gateway.held);
        let chunks: Vec<&[Value]> =
            if members.is_empty() { vec![&[]] } else { members.chunks(1000).collect() };
        for (index, chunk) in chunks.iter().enumerate() {
            let mut data = json!({
                "guild_id": guild, "members": chunk, "chunk_index": index, "chunk_count": chunks.len(),
                "not_found": missing,
            });
            if request["nonce"].is_string() {
                data["nonce"] = request["nonce"].clone();
            }
            self.tell(id, "GUILD_MEMBERS_CHUNK", &data, held);
        }
    }

    /// A session's connection is gone; its events are kept for a resume.
    fn hang_up(&mut self, id: &str, connection: &Line) {
        if let Some(session) = self.gateway.all.get_mut(id)
            && session.connection.as_ref().is_some_and(|it| it.queue.same_channel(&connection.queue))
        {
            session.connection = None;
            session.hung_up_at = Instant::now();
            self.journal.change();
        }
    }
}

fn blank(mut message: Value) -> String {
    if message.get("content").is_some() {
        message["content"] = json!("");
        for key in ["embeds", "components", "attachments"] {
            message[key] = json!([]);
        }
    }
    message.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_sessions_without_a_connection_the_oldest_is_forgotten_first() {
        let mut sessions = Sessions::default();
        let ids: Vec<_> = (0..=RESUMABLE).map(|_| sessions.add(Session::new(0, (0, 1), None))).collect();
        sessions.add(Session::new(0, (0, 1), None));
        let kept: Vec<_> = ids.iter().map(|id| sessions.all.contains_key(id)).collect();
        assert!(!kept[0] && kept[1..].iter().all(|kept| *kept), "{kept:?}");
    }

    #[test]
    fn who_leaves_too_much_unread_is_cut() {
        let (line, _inbox) = Line::new();
        for _ in 0..QUEUED {
            line.push(Push::Text("{}".into()));
        }
        assert!(!line.cut.is_cancelled());
        line.push(Push::Text("{}".into()));
        assert!(line.cut.is_cancelled());
    }
}
