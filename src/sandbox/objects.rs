//! Discord's objects as JSON, complete as documented. The only place that builds them.

use serde_json::{Value, json};

use super::permissions;
use super::world::{Channel, Guild, Id, Member, Role, User, World};

/// The application's flags: the privileged intents are fully granted.
const APPLICATION_FLAGS: u64 = 1 << 12 | 1 << 14 | 1 << 18 | 1 << 23;
/// 10 MiB, the upload limit without boosts.
pub(crate) const ATTACHMENT_LIMIT: usize = 10 * 1024 * 1024;

pub(crate) fn user(user: &User) -> Value {
    json!({
        "id": user.id.to_string(), "username": user.username, "discriminator": if user.bot { "0001" } else { "0" },
        "global_name": user.display_name, "avatar": null, "bot": user.bot, "system": false, "banner": null,
        "accent_color": null, "avatar_decoration_data": null, "public_flags": 0,
    })
}

/// The bot's own user, including what only it can see.
pub(crate) fn own_user(world: &World) -> Value {
    let mut own = world.user_json(world.application);
    for (key, value) in [
        ("mfa_enabled", json!(true)),
        ("verified", json!(true)),
        ("email", Value::Null),
        ("flags", json!(0)),
        ("locale", json!("en-US")),
        ("premium_type", json!(0)),
    ] {
        own[key] = value;
    }
    own
}

/// A member without its user.
pub(crate) fn bare_member(member: &Member) -> Value {
    json!({
        "nick": member.nick, "avatar": null, "banner": null,
        "roles": member.roles.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "joined_at": member.joined_at, "premium_since": null, "deaf": false, "mute": false, "flags": 0,
        "pending": false, "communication_disabled_until": null,
    })
}

pub(crate) fn role(guild: Id, role: &Role) -> Value {
    let mut value = json!({
        "id": role.id.to_string(), "name": role.name, "color": 0,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "hoist": false, "icon": null, "unicode_emoji": null, "position": role.position,
        "permissions": role.permissions.to_string(), "managed": role.bot.is_some(),
        "mentionable": role.mentionable, "flags": 0,
    });
    if let Some(bot) = role.bot.filter(|_| role.id != guild) {
        value["tags"] = json!({ "bot_id": bot.to_string() });
    }
    value
}

/// A guild as returned by REST.
pub(crate) fn guild(guild: &Guild) -> Value {
    let roles: Vec<_> = guild.roles.iter().map(|entry| role(guild.id, entry)).collect();
    json!({
        "id": guild.id.to_string(), "name": guild.name, "icon": null, "icon_hash": null, "splash": null,
        "discovery_splash": null, "owner_id": guild.owner.to_string(), "afk_channel_id": null,
        "afk_timeout": 300, "widget_enabled": false, "widget_channel_id": null, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "roles": roles, "emojis": [],
        "features": [], "mfa_level": 0, "application_id": null, "system_channel_id": null,
        "system_channel_flags": 0, "rules_channel_id": null, "max_presences": null, "max_members": 500_000,
        "vanity_url_code": null, "description": null, "banner": null, "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": "en-US", "public_updates_channel_id": null,
        "max_video_channel_users": 25, "max_stage_video_channel_users": 50, "nsfw_level": 0, "stickers": [],
        "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null, "incidents_data": null,
    })
}

impl World {
    pub(crate) fn user_json(&self, id: Id) -> Value {
        self.users.get(&id).map_or(Value::Null, user)
    }

    pub(crate) fn member_json(&self, id: Id, member: &Member) -> Value {
        let mut value = bare_member(member);
        value["user"] = self.user_json(id);
        value
    }

    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
        let last = channel.messages.iter().rev().find(|(_, message)| message.audience.is_none());
        let last = last.map(|(id, _)| id.to_string());
        let Some(guild) = channel.guild else {
            let recipients: Vec<_> = channel.recipient.iter().map(|id| self.user_json(*id)).collect();
            return json!({
                "id": channel.id.to_string(), "type": channel.kind, "last_message_id": last, "flags": 0,
                "recipients": recipients,
            });
        };
        let overwrites: Vec<_> = channel
            .overwrites
            .iter()
            .map(|over| {
                json!({
                    "id": over.id.to_string(), "type": u8::from(over.for_member),
                    "allow": over.allow.to_string(), "deny": over.deny.to_string(),
                })
            })
            .collect();
        let mut value = json!({
            "id": channel.id.to_string(), "type": channel.kind, "guild_id": guild.to_string(),
            "name": channel.name, "topic": channel.topic, "position": channel.position,
            "parent_id": channel.parent.map(|id| id.to_string()), "permission_overwrites": overwrites,
            "nsfw": channel.nsfw, "rate_limit_per_user": channel.slow_mode, "last_message_id": last,
            "last_pin_timestamp": null, "flags": 0,
        });
        // For voice and stage: discord.py's gateway fails on a channel without them.
        if matches!(channel.kind, 2 | 13) {
            value["bitrate"] = json!(64_000);
            value["user_limit"] = json!(0);
            value["rtc_region"] = Value::Null;
        }
        value
    }

    /// A guild as sent over the gateway: with channels, and the bot as the only member sent unrequested.
    pub(crate) fn guild_create_json(&self, guild: &Guild) -> Value {
        let mut value = self::guild(guild);
        let channels: Vec<_> = guild
            .channels
            .iter()
            .filter_map(|id| self.channels.get(id))
            .map(|it| self.channel_json(it))
            .collect();
        let bot =
            guild.members.get(&self.application).map(|member| self.member_json(self.application, member));
        for (key, part) in [
            ("joined_at", json!(guild.joined_at)),
            ("large", json!(guild.members.len() > 250)),
            ("unavailable", json!(false)),
            ("member_count", json!(guild.members.len())),
            ("voice_states", json!([])),
            ("members", json!(bot.into_iter().collect::<Vec<_>>())),
            ("channels", json!(channels)),
            ("threads", json!([])),
            ("presences", json!([])),
            ("stage_instances", json!([])),
            ("guild_scheduled_events", json!([])),
            ("soundboard_sounds", json!([])),
        ] {
            value[key] = part;
        }
        value
    }

    /// The application, as its bot sees it.
    pub(crate) fn application_json(&self) -> Value {
        let id = self.application.to_string();
        json!({
            "id": id, "name": self.user_json(self.application)["username"], "icon": null, "description": "", "summary": "", "rpc_origins": [],
            "bot_public": true, "bot_require_code_grant": false, "bot": self.user_json(self.application),
            "owner": self.user_json(self.application_owner), "verify_key": "0".repeat(64), "team": null,
            "flags": APPLICATION_FLAGS, "hook": true, "tags": [], "integration_types_config": { "0": {} },
            "approximate_guild_count": self.guilds.len(), "approximate_user_install_count": 0,
            "redirect_uris": [], "interactions_endpoint_url": null, "role_connections_verification_url": null,
        })
    }

    /// The channel as included in an interaction: with the acting person's permissions.
    pub(crate) fn interaction_channel_json(&self, channel: &Channel, person: Id) -> Value {
        let mut value = self.channel_json(channel);
        value["permissions"] = json!(self.permissions(person, channel).to_string());
        value
    }

    /// The application's flags, as in READY and the application object.
    pub(crate) const fn application_flags() -> u64 {
        APPLICATION_FLAGS
    }

    /// The bot's permissions in `channel`, as included in interactions.
    pub(crate) fn app_permissions(&self, channel: &Channel) -> u64 {
        self.permissions(self.application, channel) & permissions::ALL
    }
}
