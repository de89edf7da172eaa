//! What the bot may do in a channel, asked of Discord.

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serenity::all::{
    Channel, Http, HttpError, LightMethod, Member, PartialGuild, Permissions, Route, UserId,
};
use serenity::http::Request;

use super::answer::is_refusal;
use crate::kernel::ids::{ChannelId, GuildId};
use crate::words::{self as said, Message, list, outbox as words};

/// The permissions that posting needs, named as in Discord's settings.
pub const POSTING: [(Permissions, fn() -> Message); 4] = [
    (Permissions::VIEW_CHANNEL, words::view_channel),
    (Permissions::SEND_MESSAGES, words::send_messages),
    (Permissions::EMBED_LINKS, words::embed_links),
    (Permissions::READ_MESSAGE_HISTORY, words::read_message_history),
];

/// A client that makes requests to Discord.
pub trait Asks: Sync {
    /// The error when there is no answer.
    type Error: Send;

    /// Makes a request, and returns the JSON of its answer.
    fn ask(&self, request: Request<'static>) -> impl Future<Output = Result<Value, Self::Error>> + Send;
}

impl Asks for Http {
    type Error = serenity::Error;

    async fn ask(&self, request: Request<'static>) -> serenity::Result<Value> {
        self.fire(request).await
    }
}

/// What the bot may do in a channel of a guild. `None` if the answers don't look like Discord's.
///
/// # Errors
/// When Discord doesn't say, for instance because the channel is gone.
pub async fn permissions<A: Asks>(
    asks: &A,
    guild: GuildId,
    channel: ChannelId,
) -> Result<Option<Permissions>, A::Error> {
    let get = |route| asks.ask(Request::new(route, LightMethod::Get));
    let guild_id = serenity::all::GuildId::new(guild.get());
    let me = get(Route::UserMe).await?["id"].as_str().and_then(|id| id.parse::<UserId>().ok());
    let Some(user_id) = me else { return Ok(None) };
    let whole: Option<PartialGuild> = parsed(get(Route::Guild { guild_id }).await?);
    let mut member = get(Route::GuildMember { guild_id, user_id }).await?;
    if let Some(member) = member.as_object_mut() {
        member.insert("guild_id".to_owned(), json!(guild_id));
    }
    let member: Option<Member> = parsed(member);
    let place = parsed(get(Route::Channel { channel_id: channel.get().into() }).await?);
    Ok(match (whole, member, place) {
        (.., Some(Channel::Private(_))) => Some(POSTING.iter().map(|(needed, _)| *needed).collect()),
        (Some(whole), Some(member), Some(Channel::Guild(place))) if place.guild_id == guild_id => {
            Some(whole.user_permissions_in(&place, &member))
        }
        (Some(_), Some(_), Some(_)) => Some(Permissions::empty()),
        _ => None,
    })
}

fn parsed<T: DeserializeOwned>(said: Value) -> Option<T> {
    serde_json::from_value(said).ok()
}

/// The code with which Discord itself refused one of serenity's requests. `None` for any other failure.
pub fn refusal(error: &serenity::Error) -> Option<i64> {
    let serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) = error else { return None };
    let code = answer.error.code as i64;
    is_refusal(answer.status_code, code).then_some(code)
}

/// The status of an answer that serenity treated as an error.
pub fn status(error: &serenity::Error) -> Option<StatusCode> {
    let serenity::Error::Http(error) = error else { return None };
    error.status_code()
}

/// The names of the permissions missing for posting: "View Channel, Send Messages". None if nothing is
/// missing.
pub fn lacking(has: Permissions) -> Option<said::Value> {
    let lacking = POSTING.iter().filter(|(needed, _)| !has.contains(*needed));
    let names = lacking.map(|(_, name)| said::Value::from(name()));
    names.reduce(|before, name| list::middle(before, name).into())
}
