//! What is waiting for one person and nobody else. There are no unsolicited direct messages: only people who
//! opted in also get their inbox items as DMs.

use sqlx::any::AnyExecutor;

use super::New;
use super::subject::{About, Subject, Withdrawn, kept};
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId, InteractionId, PersonId};
use crate::store::db::Tx;
use crate::store::state::State;

/// The key for the receipt of an interaction.
pub fn receipt_key(interaction: InteractionId) -> String {
    format!("receipt:{interaction}")
}

/// Adds an item to a person's inbox. `key` identifies it: an item with the same key is only added once.
/// Nothing is added for an erased person.
pub async fn add(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    person: PersonId,
    key: &str,
    subject: &impl Subject,
) -> Result<()> {
    let added = sqlx::query(
        "INSERT INTO inbox (id, guild_id, person_id, item_key, subject, created_at)
         SELECT $1, $2, id, $4, $5, $6 FROM person WHERE id = $3 AND erased_at IS NULL
         ON CONFLICT (person_id, item_key) DO NOTHING",
    )
    .bind(state.id())
    .bind(guild)
    .bind(person)
    .bind(key)
    .bind(kept(subject)?)
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(());
    }
    let (direct,): (Option<ChannelId>,) = sqlx::query_as("SELECT dm_channel FROM person WHERE id = $1")
        .bind(person)
        .fetch_one(&mut **tx)
        .await?;
    if let Some(channel) = direct {
        let key = direct_key(person, key);
        let new = New { alone: Some(person), ..New::everyones(channel, &key) };
        super::put(tx, state, guild, new, subject).await?;
    }
    Ok(())
}

/// Removes an item from a person's inbox by its key. Its direct message isn't sent any more; one that may
/// have been sent is edited to say that it was withdrawn. If the item is added again, it is sent again.
pub async fn withdraw(tx: &mut Tx, person: PersonId, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM inbox WHERE person_id = $1 AND item_key = $2")
        .bind(person)
        .bind(key)
        .execute(&mut **tx)
        .await?;
    let direct = direct_key(person, key);
    sqlx::query(
        "DELETE FROM post WHERE person_id = $1 AND post_key = $2
           AND state = 'waiting' AND message_id IS NULL AND unsettled = 0",
    )
    .bind(person)
    .bind(&direct)
    .execute(&mut **tx)
    .await?;
    // Frees the key for a later item.
    sqlx::query(
        "UPDATE post SET subject = $3, names_by_id = 1, revision = revision + 1, post_key = post_key || ':' || id,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE person_id = $1 AND post_key = $2",
    )
    .bind(person)
    .bind(&direct)
    .bind(kept(&Withdrawn {})?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The key of the direct message for an inbox item's key.
fn direct_key(person: PersonId, key: &str) -> String {
    format!("inbox:{person}:{key}")
}

/// The same in a transaction of its own.
pub async fn withdraw_now(state: &State, person: PersonId, key: &str) -> Result<()> {
    let mut tx = state.db.write().await?;
    withdraw(&mut tx, person, key).await?;
    tx.commit().await
}

/// An item in an inbox.
#[derive(Debug, Clone)]
pub struct Item {
    id: i64,
    /// What it is about; none if that can't be parsed.
    pub about: Option<About>,
    /// When it was added, in microseconds since 1970.
    pub created_at: i64,
    /// Whether it has been seen.
    pub is_read: bool,
}

/// A person's inbox items, the latest first, `offset` skipped and at most `most` returned; and how many there
/// are in total.
pub async fn items(
    on: impl AnyExecutor<'_> + Copy,
    person: PersonId,
    offset: i64,
    most: i64,
) -> Result<(Vec<Item>, i64)> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM inbox WHERE person_id = $1").bind(person).fetch_one(on).await?;
    let rows: Vec<(i64, String, i64, Option<i64>)> = sqlx::query_as(
        "SELECT id, subject, created_at, read_at FROM inbox WHERE person_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3",
    )
    .bind(person)
    .bind(most)
    .bind(offset)
    .fetch_all(on)
    .await?;
    let item = |(id, kept, created_at, read_at): (i64, String, i64, Option<i64>)| Item {
        id,
        about: About::parse(&kept).ok(),
        created_at,
        is_read: read_at.is_some(),
    };
    Ok((rows.into_iter().map(item).collect(), count))
}

/// How many unread items are in a person's inbox.
pub async fn unread(on: impl AnyExecutor<'_>, person: PersonId) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM inbox WHERE person_id = $1 AND read_at IS NULL")
            .bind(person)
            .fetch_one(on)
            .await?;
    Ok(count)
}

/// Marks inbox items as read.
pub async fn mark_read(tx: &mut Tx, state: &State, person: PersonId, items: &[Item]) -> Result<()> {
    for item in items.iter().filter(|item| !item.is_read) {
        sqlx::query("UPDATE inbox SET read_at = $3 WHERE person_id = $1 AND id = $2 AND read_at IS NULL")
            .bind(person)
            .bind(item.id)
            .bind(state.micros())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
