//! The posts of the outbox as work: claimed with a lease, and settled once the outcome is known.

use chrono::TimeDelta;

use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId, MessageId, PostId};
use crate::kernel::state::State;
use crate::render::post::Post;

/// How long a claim holds. Longer than any request may take; after it, another worker may take over.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A post that this worker, and no other, is sending.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Which.
    pub id: PostId,
    /// Whose.
    pub guild: GuildId,
    /// Where to.
    pub channel: ChannelId,
    /// What it says.
    pub post: Post,
    /// Which version of the text.
    pub revision: i64,
    /// The message that is to be edited, where it has been sent before.
    pub message: Option<MessageId>,
    /// How many times it has been claimed, this time included.
    pub attempts: i64,
    /// Microseconds since 1970 at which the sending whose outcome is unknown began; this one's own start if none is.
    pub first_attempt: i64,
    /// Whether an earlier try may have made the message.
    pub in_doubt: bool,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the channel.
    Sent(MessageId),
    /// It is in the channel, perhaps with an earlier text; an edit follows.
    Found(MessageId),
    /// It is certainly not in the channel; try again after this long.
    Later(TimeDelta),
    /// It may or may not be in the channel; find out after this long.
    Unknown(TimeDelta),
    /// Whether it is in the channel can't be found out. Kept, and shown to a manager.
    Held(String),
    /// It will never be. Kept, and shown to a manager.
    Failed(String),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: PostId,
    guild_id: GuildId,
    channel_id: ChannelId,
    body: String,
    revision: i64,
    message_id: Option<MessageId>,
    attempts: i64,
    first_attempt: i64,
}

/// Claims the first open post of each channel that is due, oldest first, at most `most`.
pub async fn claim(state: &State, most: i64) -> Result<Vec<Claim>> {
    let now = state.micros();
    let due: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM post WHERE state IN ('waiting', 'claimed') AND not_before <= $1
         AND (state = 'waiting' OR lease_until <= $1) LIMIT 1",
    )
    .bind(now)
    .fetch_optional(state.db.read())
    .await?;
    if due.is_none() {
        return Ok(Vec::new());
    }
    let mut tx = state.db.write().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE post SET state = 'claimed', lease_until = $2, attempts = attempts + 1, first_attempt = COALESCE(first_attempt, $1)
         WHERE (state = 'waiting' OR (state = 'claimed' AND lease_until <= $1)) AND id IN (
             SELECT post.id FROM post
             JOIN (SELECT MIN(id) AS id FROM post WHERE state IN ('waiting', 'claimed') GROUP BY channel_id) AS head
               ON head.id = post.id
             WHERE post.not_before <= $1 AND (post.state = 'waiting' OR post.lease_until <= $1)
             ORDER BY post.id LIMIT $3)
         RETURNING id, guild_id, channel_id, body, revision, message_id, attempts, first_attempt",
    )
    .bind(now)
    .bind(now + LEASE.num_microseconds().unwrap_or_default())
    .bind(most)
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    rows.into_iter()
        .map(|row| {
            Ok(Claim {
                id: row.id,
                guild: row.guild_id,
                channel: row.channel_id,
                post: serde_json::from_str(&row.body)?,
                revision: row.revision,
                message: row.message_id,
                attempts: row.attempts,
                first_attempt: row.first_attempt,
                in_doubt: row.first_attempt < now,
            })
        })
        .collect()
}

/// Records what became of a claim. A text that was changed meanwhile stays open, as an edit. Of a claim that was taken
/// over meanwhile, only "it is in the channel" is recorded.
pub async fn settle(state: &State, claim: &Claim, outcome: &Outcome) -> Result<()> {
    let now = state.micros();
    let after = |wait: &TimeDelta| now + wait.num_microseconds().unwrap_or_default();
    let mut tx = state.db.write().await?;
    let query = match outcome {
        Outcome::Sent(message) | Outcome::Found(message) => sqlx::query(
            "UPDATE post SET state = CASE WHEN revision = $2 THEN 'sent' ELSE 'waiting' END, message_id = $3, sent_at = $4,
                    first_attempt = NULL, lease_until = NULL, attempts = 0, failure = NULL WHERE id = $1",
        )
        .bind(claim.id)
        .bind(if matches!(outcome, Outcome::Sent(_)) { claim.revision } else { 0 })
        .bind(*message)
        .bind(now),
        Outcome::Later(wait) => sqlx::query(
            "UPDATE post SET state = 'waiting', not_before = $2, first_attempt = NULL, lease_until = NULL
             WHERE id = $1 AND state = 'claimed' AND attempts = $3",
        )
        .bind(claim.id)
        .bind(after(wait))
        .bind(claim.attempts),
        Outcome::Unknown(wait) => sqlx::query(
            "UPDATE post SET state = 'waiting', not_before = $2, lease_until = NULL
             WHERE id = $1 AND state = 'claimed' AND attempts = $3",
        )
        .bind(claim.id)
        .bind(after(wait))
        .bind(claim.attempts),
        Outcome::Held(why) | Outcome::Failed(why) => sqlx::query(
            "UPDATE post SET state = $2, failure = $3, lease_until = NULL
             WHERE id = $1 AND state = 'claimed' AND attempts = $4",
        )
        .bind(claim.id)
        .bind(if matches!(outcome, Outcome::Held(_)) { "held" } else { "failed" })
        .bind(why.as_str())
        .bind(claim.attempts),
    };
    query.execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// A post that did not reach its channel, and why.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Where it was to go.
    pub channel: ChannelId,
    /// Why it didn't.
    pub failure: String,
    /// Microseconds since 1970 at which it was made.
    pub created_at: i64,
}

/// For how long a post that did not reach its channel is news.
const LATELY: TimeDelta = TimeDelta::days(7);

/// The latest posts of a guild that lately did not reach their channel.
pub async fn troubles(state: &State, guild: GuildId, most: i64) -> Result<Vec<Trouble>> {
    let rows: Vec<(ChannelId, String, i64)> = sqlx::query_as(
        "SELECT channel_id, COALESCE(failure, ''), created_at FROM post
         WHERE guild_id = $1 AND state IN ('held', 'failed') AND created_at > $3 ORDER BY id DESC LIMIT $2",
    )
    .bind(guild)
    .bind(most)
    .bind(state.micros() - LATELY.num_microseconds().unwrap_or_default())
    .fetch_all(state.db.read())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(channel, failure, created_at)| Trouble { channel, failure, created_at })
        .collect())
}

/// Microseconds since 1970 at which the first open post of a channel may next be tried, if there is any.
pub async fn next_attempt(state: &State) -> Result<Option<i64>> {
    let (next,): (Option<i64>,) = sqlx::query_as(
        "SELECT MIN(CASE WHEN post.state = 'claimed' THEN post.lease_until ELSE post.not_before END) FROM post
         JOIN (SELECT MIN(id) AS id FROM post WHERE state IN ('waiting', 'claimed') GROUP BY channel_id) AS head ON head.id = post.id",
    )
    .fetch_one(state.db.read())
    .await?;
    Ok(next)
}
