//! Idempotency: an action is performed once, however often it is requested and by whichever route.

use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, InteractionId};
use crate::store::db::Tx;
use crate::store::state::State;

/// An idempotency key. A repeated key refers to the same action, and changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnceKey<'a> {
    /// A Discord interaction, whose id becomes the action's id.
    Interaction(InteractionId),
    /// An external caller's own key.
    Outside {
        /// The caller: an API token, a webhook, an import.
        source: &'a str,
        /// Their key: an idempotency key, a delivery's id, a row.
        key: &'a str,
    },
}

impl From<InteractionId> for OnceKey<'_> {
    fn from(id: InteractionId) -> Self {
        Self::Interaction(id)
    }
}

impl OnceKey<'_> {
    /// The action's id in a guild: the same key always gives the same id. Ids grow with time, so an external
    /// key is assigned one when it is first seen, in the action's transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn id(self, tx: &mut Tx, state: &State, guild: GuildId) -> Result<i64> {
        let (source, key) = match self {
            Self::Interaction(id) => return Ok(id.0),
            Self::Outside { source, key } => (source, key),
        };
        // The no-op update returns an existing row, and waits for a concurrent transaction that is inserting
        // it.
        let (id,): (i64,) = sqlx::query_as(
            "INSERT INTO once (guild_id, source, once_key, id, asked_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (guild_id, source, once_key) DO UPDATE SET source = excluded.source RETURNING id",
        )
        .bind(guild)
        .bind(source)
        .bind(key)
        .bind(state.id())
        .bind(state.micros())
        .fetch_one(&mut **tx)
        .await?;
        Ok(id)
    }
}
