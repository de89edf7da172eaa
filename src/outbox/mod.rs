//! Facts and posts, committed with the state that caused them, and what becomes of them afterwards.
//!
//! Use cases call [`tell`], [`enqueue`] and [`amend`] inside their transaction. The worker delivers.

pub mod access;
pub(crate) mod answer;
pub mod deliver;
pub mod fact;
pub mod inbox;
pub mod noise;
pub mod queue;

pub use fact::{Fact, tell};

use chrono::TimeDelta;

use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId, PersonId, PostId};
use crate::kernel::state::State;
use crate::render::post::Post;

/// Puts a post in the outbox. `key` says what it is about; where the guild has a post of that key already, nothing is
/// added and `None` is returned.
pub async fn enqueue(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    post: &Post,
) -> Result<Option<PostId>> {
    put(tx, state, guild, (channel, None), key, post).await
}

/// The same, for everyone in a channel or for one person alone.
async fn put(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    (channel, alone): (ChannelId, Option<PersonId>),
    key: &str,
    post: &Post,
) -> Result<Option<PostId>> {
    let id: Option<(PostId,)> = sqlx::query_as(
        "INSERT INTO post (id, guild_id, channel_id, post_key, body, state, not_before, created_at, person_id)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $7) ON CONFLICT (guild_id, post_key) DO NOTHING RETURNING id",
    )
    .bind(state.id())
    .bind(guild)
    .bind(channel)
    .bind(key)
    .bind(serde_json::to_string(post)?)
    .bind(state.micros())
    .bind(alone)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(|(id,)| id))
}

/// Says that a post tells of something due at `since`, in microseconds since 1970: it is of use for as long after that.
pub async fn date(tx: &mut Tx, post: PostId, since: i64) -> Result<()> {
    sqlx::query("UPDATE post SET created_at = $2 WHERE id = $1")
        .bind(post)
        .bind(since)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Changes what a post says: before it is sent, its text; afterwards, by an edit of the message. Where there is no
/// post of that key, nothing happens.
pub async fn amend(tx: &mut Tx, guild: GuildId, key: &str, post: &Post) -> Result<()> {
    sqlx::query(
        "UPDATE post SET body = $3, names_by_id = 1, revision = revision + 1,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE guild_id = $1 AND post_key = $2",
    )
    .bind(guild)
    .bind(key)
    .bind(serde_json::to_string(post)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How often a message that shows how things stand is edited at most.
const REFRESH: TimeDelta = TimeDelta::minutes(1);

/// The same for a message that shows how things stand: it is edited at most once a minute, and then says the latest.
pub async fn refresh(tx: &mut Tx, guild: GuildId, key: &str, post: &Post) -> Result<()> {
    sqlx::query(
        "UPDATE post SET body = $3, names_by_id = 1, revision = revision + 1,
                not_before = CASE WHEN state = 'sent' THEN COALESCE(sent_at, 0) + $4 ELSE not_before END,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE guild_id = $1 AND post_key = $2",
    )
    .bind(guild)
    .bind(key)
    .bind(serde_json::to_string(post)?)
    .bind(REFRESH.num_microseconds())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
