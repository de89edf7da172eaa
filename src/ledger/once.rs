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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::Clock;
    use crate::store::db::Db;

    #[tokio::test]
    async fn the_same_key_asks_for_the_same_deed_and_any_other_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
        let state = State::new(db, Clock::by_hand("2026-04-06T12:00:00Z".parse().unwrap()));
        let mut tx = state.db.write().await.unwrap();
        let met = "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (1, 'UTC', 'USD', 0, 0), (2, 'UTC', 'USD', 0, 0)";
        sqlx::query(met).execute(&mut *tx).await.unwrap();
        let mut ids = Vec::new();
        for (guild, source, key) in
            [(1, "hook", "a"), (1, "hook", "a"), (1, "hook", "b"), (1, "api", "a"), (2, "hook", "a")]
        {
            let key = OnceKey::Outside { source, key };
            ids.push(key.id(&mut tx, &state, GuildId(guild)).await.unwrap());
        }
        assert_eq!(ids[0], ids[1]);
        let others: std::collections::BTreeSet<i64> = ids[1..].iter().copied().collect();
        assert_eq!(others.len(), 4, "{ids:?}");
        let interaction = OnceKey::from(InteractionId(7)).id(&mut tx, &state, GuildId(1)).await.unwrap();
        assert_eq!(interaction, 7);
    }
}
