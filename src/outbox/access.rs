//! What the bot may do in a channel, asked of Discord.

use serenity::all::{Channel, Http, Permissions};

use crate::kernel::ids::{ChannelId, GuildId};

/// What posting asks for, in the words of Discord's settings.
pub const POSTING: [(Permissions, &str); 4] = [
    (Permissions::VIEW_CHANNEL, "View Channel"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (Permissions::EMBED_LINKS, "Embed Links"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
];

/// What the bot may do in a channel of a guild.
///
/// # Errors
/// When Discord does not say, for instance since the channel is gone.
pub async fn permissions(http: &Http, guild: GuildId, channel: ChannelId) -> serenity::Result<Permissions> {
    let me = http.get_current_user().await?.id;
    let guild_id = serenity::all::GuildId::new(guild.get());
    let whole = http.get_guild(guild_id).await?;
    let member = http.get_member(guild_id, me).await?;
    match http.get_channel(channel.get().into()).await? {
        Channel::Private(_) => Ok(POSTING.iter().map(|(needed, _)| *needed).collect()),
        Channel::Guild(channel) if channel.guild_id == guild_id => {
            Ok(whole.user_permissions_in(&channel, &member))
        }
        _ => Ok(Permissions::empty()),
    }
}

/// The names of what is lacking for posting.
pub fn lacking(has: Permissions) -> Vec<&'static str> {
    POSTING.iter().filter(|(needed, _)| !has.contains(*needed)).map(|(_, name)| *name).collect()
}
