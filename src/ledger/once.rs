//! What makes a deed be done once, however often it is asked for and by whichever door.

use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, InteractionId};
use crate::store::db::Tx;
use crate::store::state::State;

/// The key under which something is asked for. The same key again asks for the same deed, and changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnceKey<'a> {
    /// An interaction of Discord's, whose id is the deed's.
    Interaction(InteractionId),
    /// Whatever whoever asks from outside calls it.
    Outside {
        /// Who asks: an API token, a webhook, an import.
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
    /// The id of the deed in a guild: the same for the same key. Ids grow with time, so a key from outside is given one when it
    /// is first seen, in the transaction of the deed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn id(self, tx: &mut Tx, state: &State, guild: GuildId) -> Result<i64> {
        let (source, key) = match self {
            Self::Interaction(id) => return Ok(id.0),
            Self::Outside { source, key } => (source, key),
        };
        // The row that is there is written over with itself, so that it is returned, and waited for where another writes it.
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
