//! The contents of the local Discord: one guild with two channels, its people, and their interactions.

use std::fmt::Write as _;

use serde_json::{Value, json};

const APPLICATION: u64 = 1_100_000_000_000_000_001;
const GUILD: u64 = 1_100_000_000_000_000_002;
const GENERAL: u64 = 1_100_000_000_000_000_003;
/// The wins channel of the busy guild.
pub(crate) const BELLS: u64 = 1_100_000_000_000_000_004;
/// The base of user ids; a person's number is added.
pub(crate) const USERS: u64 = 1_100_000_000_000_010_000;
/// The administrator's number; all others are reps.
pub(crate) const BOSS: u64 = 0;

/// View Channel, Send Messages, Embed Links, Attach Files, Read Message History and Use Application Commands.
const MEMBER: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 31;
const ADMINISTRATOR: u64 = 1 << 3;
const SINCE: &str = "2024-01-01T00:00:00.000000+00:00";

/// The bot's user.
pub(crate) fn me() -> Value {
    let mut me = user(&APPLICATION.to_string(), "peer", true);
    me["verified"] = json!(true);
    me["mfa_enabled"] = json!(false);
    me
}

fn user(id: &str, name: &str, is_bot: bool) -> Value {
    json!({
        "id": id, "username": name, "global_name": name, "discriminator": "0", "avatar": null, "bot": is_bot,
        "public_flags": 0,
    })
}

fn member() -> Value {
    json!({
        "nick": null, "avatar": null, "roles": [], "joined_at": SINCE, "premium_since": null, "deaf": false,
        "mute": false, "flags": 0, "pending": false, "communication_disabled_until": null,
    })
}

/// The bot as a member.
pub(crate) fn bot_member() -> Value {
    with(member(), "user", me())
}

fn with(mut object: Value, key: &str, part: Value) -> Value {
    object[key] = part;
    object
}

/// The application.
pub(crate) fn application() -> Value {
    json!({
        "id": APPLICATION.to_string(), "name": "peer", "icon": null, "description": "", "summary": "",
        "bot_public": true, "bot_require_code_grant": false, "bot": me(), "owner": user("1", "owner", false),
        "verify_key": "", "team": null, "flags": 0, "tags": [], "integration_types_config": {},
    })
}

/// A text channel.
pub(crate) fn channel(id: &str) -> Value {
    json!({
        "id": id, "type": 0, "guild_id": GUILD.to_string(), "name": "channel", "topic": null, "position": 0,
        "parent_id": null, "permission_overwrites": [], "nsfw": false, "rate_limit_per_user": 0,
        "last_message_id": null, "flags": 0,
    })
}

/// The guild as returned by REST.
pub(crate) fn guild() -> Value {
    let id = GUILD.to_string();
    let everyone = json!({
        "id": id, "name": "@everyone", "color": 0, "hoist": false, "icon": null, "unicode_emoji": null,
        "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null}, "position": 0,
        "permissions": MEMBER.to_string(), "managed": false, "mentionable": false, "flags": 0,
    });
    json!({
        "id": id, "name": "Measured", "icon": null, "splash": null, "discovery_splash": null,
        "owner_id": (USERS + BOSS).to_string(), "afk_channel_id": null, "afk_timeout": 300, "verification_level": 0,
        "default_message_notifications": 1, "explicit_content_filter": 0, "roles": [everyone], "emojis": [],
        "stickers": [], "features": [], "mfa_level": 0, "application_id": null, "system_channel_id": null,
        "system_channel_flags": 0, "rules_channel_id": null, "max_members": 500_000, "vanity_url_code": null,
        "description": null, "banner": null, "premium_tier": 0, "premium_subscription_count": 0,
        "preferred_locale": "en-US", "public_updates_channel_id": null, "nsfw_level": 0,
        "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null,
    })
}

/// The guild as sent over the gateway.
pub(crate) fn guild_came() -> Value {
    let mut guild = guild();
    for (key, part) in [
        ("joined_at", json!(SINCE)),
        ("large", json!(false)),
        ("unavailable", json!(false)),
        ("member_count", json!(201)),
        ("members", json!([bot_member()])),
        ("channels", json!([channel(&GENERAL.to_string()), channel(&BELLS.to_string())])),
    ] {
        guild[key] = part;
    }
    for empty in [
        "voice_states",
        "threads",
        "presences",
        "stage_instances",
        "guild_scheduled_events",
        "soundboard_sounds",
    ] {
        guild[empty] = json!([]);
    }
    guild
}

/// The gateway's events after a bot has identified.
pub(crate) fn ready(gateway: &str) -> Value {
    json!({
        "v": 10, "user": me(), "guilds": [{"id": GUILD.to_string(), "unavailable": true}], "session_id": "one",
        "session_type": "normal", "resume_gateway_url": gateway, "shard": [0, 1],
        "application": {"id": APPLICATION.to_string(), "flags": 0}, "private_channels": [], "relationships": [],
    })
}

/// A message by the bot with this content.
pub(crate) fn message(id: u64, channel: &str, body: &Value) -> Value {
    let given = |key: &str, other: Value| body.get(key).cloned().unwrap_or(other);
    json!({
        "id": id.to_string(), "channel_id": channel, "author": me(), "content": given("content", json!("")),
        "embeds": given("embeds", json!([])), "components": given("components", json!([])),
        "flags": given("flags", json!(0)), "nonce": given("nonce", Value::Null), "timestamp": SINCE,
        "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [], "mention_roles": [],
        "attachments": [], "pinned": false, "type": 0,
    })
}

/// The response to a request for a callback's message.
pub(crate) fn callback(id: u64) -> Value {
    let message = message(id, &GENERAL.to_string(), &json!({"flags": 64}));
    let interaction = json!({
        "id": id.to_string(), "type": 2, "response_message_id": id.to_string(), "response_message_loading": false,
        "response_message_ephemeral": true,
    });
    json!({"interaction": interaction, "resource": {"type": 4, "message": message}})
}

/// Commands as returned after registration.
pub(crate) fn registered(commands: &Value) -> Value {
    let of = |(number, command): (usize, &Value)| {
        let mut command = command.clone();
        command["id"] = json!((APPLICATION + 1_000 + number as u64).to_string());
        command["application_id"] = json!(APPLICATION.to_string());
        command["version"] = json!("1");
        for (key, other) in
            [("type", json!(1)), ("description", json!("")), ("default_member_permissions", Value::Null)]
        {
            if command.get(key).is_none() {
                command[key] = other;
            }
        }
        command
    };
    commands.as_array().into_iter().flatten().enumerate().map(of).collect()
}

/// A text option.
pub(crate) fn text(name: &str, value: &str) -> Value {
    json!({"name": name, "type": 3, "value": value})
}

/// The same while it is being typed.
pub(crate) fn typed(name: &str, value: &str) -> Value {
    with(text(name, value), "focused", json!(true))
}

/// The resolved data for a user option.
pub(crate) fn person(number: u64) -> Value {
    let id = (USERS + number).to_string();
    let user = user(&id, &format!("Rep {number}"), false);
    let member = with(member(), "permissions", json!(MEMBER.to_string()));
    json!({"users": {&id: user}, "members": {&id: member}})
}

/// The same for a channel.
pub(crate) fn place(id: u64) -> Value {
    let id = id.to_string();
    let mut shown = channel(&id);
    shown["permissions"] = json!(MEMBER.to_string());
    json!({"channels": {id: shown}})
}

/// An interaction serialized except for the parts that vary. Serializing each one entirely would use several
/// times the CPU, which the measured bot shares.
#[derive(Debug)]
pub(crate) struct Form(Vec<String>);

impl Form {
    /// Somebody uses a command: its name with subcommands, and options in Discord's format. `%n%` in a value
    /// is replaced with the interaction's number.
    pub(crate) fn command(name: &str, options: Value, resolved: &Value) -> Self {
        Self::new(2, name, options, resolved)
    }

    /// Somebody types an option.
    pub(crate) fn autocomplete(name: &str, options: Value) -> Self {
        Self::new(4, name, options, &json!({}))
    }

    fn new(kind: u8, name: &str, options: Value, resolved: &Value) -> Self {
        let (command, below) = name.split_once(' ').unwrap_or((name, ""));
        let nested = below
            .rsplit(' ')
            .filter(|part| !part.is_empty())
            .fold(options, |inner, part| json!([{"name": part, "type": 1, "options": inner}]));
        let person = with(member(), "user", user("%user%", "Rep %who%", false));
        let whole = json!({
            "id": "%id%", "application_id": APPLICATION.to_string(), "type": kind, "token": "token-of-%id%",
            "version": 1, "guild_id": GUILD.to_string(),
            "guild": {"id": GUILD.to_string(), "locale": "en-US", "features": []}, "guild_locale": "en-US",
            "locale": "en-US", "channel_id": GENERAL.to_string(),
            "channel": with(channel(&GENERAL.to_string()), "permissions", json!("%may%")),
            "member": with(person, "permissions", json!("%may%")), "app_permissions": MEMBER.to_string(),
            "entitlements": [], "attachment_size_limit": 10_485_760, "context": 0,
            "authorizing_integration_owners": {"0": GUILD.to_string()},
            "data": {
                "id": (APPLICATION + 1_000).to_string(), "name": command, "type": 1, "options": nested,
                "resolved": resolved,
            },
        });
        Self(whole.to_string().split('%').map(str::to_owned).collect())
    }

    /// Serialized, given the person and the interaction's number.
    pub(crate) fn written(&self, id: u64, who: u64, number: usize) -> String {
        let mut text = String::with_capacity(2_048);
        for (index, part) in self.0.iter().enumerate() {
            // Writing to a string can't fail.
            let _ = match part.as_str() {
                part if index % 2 == 0 => text.write_str(part),
                "id" => write!(text, "{id}"),
                "user" => write!(text, "{}", USERS + who),
                "who" => write!(text, "{who}"),
                "may" => write!(text, "{}", if who == BOSS { MEMBER | ADMINISTRATOR } else { MEMBER }),
                _ => write!(text, "{number}"),
            };
        }
        text
    }
}
