//! Discord's permission bits, and a member's permissions. Used by the whole sandbox.

use super::world::{Channel, Guild, Id};

pub(crate) const ADMINISTRATOR: u64 = 1 << 3;
pub(crate) const MANAGE_CHANNELS: u64 = 1 << 4;
pub(crate) const MANAGE_GUILD: u64 = 1 << 5;
pub(crate) const ADD_REACTIONS: u64 = 1 << 6;
pub(crate) const VIEW_CHANNEL: u64 = 1 << 10;
pub(crate) const SEND_MESSAGES: u64 = 1 << 11;
pub(crate) const SEND_TTS_MESSAGES: u64 = 1 << 12;
pub(crate) const MANAGE_MESSAGES: u64 = 1 << 13;
pub(crate) const EMBED_LINKS: u64 = 1 << 14;
pub(crate) const ATTACH_FILES: u64 = 1 << 15;
pub(crate) const READ_MESSAGE_HISTORY: u64 = 1 << 16;
pub(crate) const MENTION_EVERYONE: u64 = 1 << 17;
pub(crate) const USE_EXTERNAL_EMOJIS: u64 = 1 << 18;
pub(crate) const CHANGE_NICKNAME: u64 = 1 << 26;
pub(crate) const MANAGE_ROLES: u64 = 1 << 28;
pub(crate) const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
pub(crate) const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
pub(crate) const PIN_MESSAGES: u64 = 1 << 51;

/// Every documented bit.
pub(crate) const ALL: u64 = (1 << 53) - 1;

/// What `@everyone` may do in a new guild.
pub(crate) const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | ADD_REACTIONS
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_EXTERNAL_EMOJIS
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | SEND_MESSAGES_IN_THREADS;

/// A bot's default permissions, unless the guild was made with others.
pub(crate) const BOT: u64 = EVERYONE | MENTION_EVERYONE | PIN_MESSAGES;

/// The permissions of `user` in `guild`, and in `channel` if given.
///
/// Owner, then roles, then ADMINISTRATOR, then overwrites: `@everyone`, roles together, the member.
pub(crate) fn of(guild: &Guild, user: Id, channel: Option<&Channel>) -> u64 {
    let Some(member) = guild.members.get(&user) else {
        return 0;
    };
    if guild.owner == user {
        return ALL;
    }
    let held = |id: Id| id == guild.id || member.roles.contains(&id);
    let base = guild.roles.iter().filter(|role| held(role.id)).fold(0, |all, role| all | role.permissions);
    if base & ADMINISTRATOR != 0 {
        return ALL;
    }
    let Some(channel) = channel else { return base };
    let mut result = base;
    let mut apply = |chosen: &dyn Fn(Id, bool) -> bool| {
        let (mut deny, mut allow) = (0, 0);
        for over in channel.overwrites.iter().filter(|over| chosen(over.id, over.for_member)) {
            deny |= over.deny;
            allow |= over.allow;
        }
        result = result & !deny | allow;
    };
    apply(&|id, for_member| !for_member && id == guild.id);
    apply(&|id, for_member| !for_member && id != guild.id && held(id));
    apply(&|id, for_member| for_member && id == user);
    // Without these two, no other permission in the channel has any effect.
    if result & VIEW_CHANNEL == 0 {
        return 0;
    }
    let sends = if channel.is_thread() { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
    if result & sends == 0 {
        result &= !(EMBED_LINKS | ATTACH_FILES | MENTION_EVERYONE | SEND_TTS_MESSAGES);
    }
    result
}
