//! The story of a request from outside Discord that is executed once.

use std::collections::BTreeSet;

use bellringer::kernel::ids::InteractionId;
use bellringer::ledger::OnceKey;

use crate::story::Story;

#[tokio::test]
async fn the_same_key_asks_for_the_same_deed_also_at_once_and_any_other_for_another() {
    let story = Story::begin().await;
    let (state, guild) = (story.stage.state.clone(), story.stage.guild_id());
    let id = async |source: &str, key: &str| {
        let mut tx = state.db.write().await.unwrap();
        let id = OnceKey::Outside { source, key }.id(&mut tx, &state, guild).await.unwrap();
        tx.commit().await.unwrap();
        id
    };
    let (one, other) = tokio::join!(id("hook", "a"), id("hook", "a"));
    assert_eq!(one, other);
    let others = [id("hook", "a").await, id("hook", "b").await, id("api", "a").await];
    assert_eq!((others[0], BTreeSet::from(others).len()), (one, 3));
    let mut tx = state.db.write().await.unwrap();
    assert_eq!(OnceKey::from(InteractionId(7)).id(&mut tx, &state, guild).await.unwrap(), 7);
    drop(tx);
    story.ends().await;
}
