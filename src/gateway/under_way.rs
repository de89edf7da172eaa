//! Tracks events in progress: serenity starts a task for each event and waits for none of them.

use serenity::all::{Context, Framework, FullEvent};
use serenity::async_trait;
use tokio_util::task::TaskTracker;

use crate::store::db::keeping_in_mind;

/// A framework wrapper that can wait for events in progress.
pub(super) struct Waited<F> {
    pub(super) framework: F,
    pub(super) under_way: TaskTracker,
}

#[async_trait]
impl<F: Framework> Framework for Waited<F> {
    async fn init(&mut self, client: &serenity::Client) {
        self.framework.init(client).await;
    }

    /// Events after the tracker is closed are ignored: the database may be closed by then.
    async fn dispatch(&self, ctx: Context, event: FullEvent) {
        let _one = self.under_way.token();
        if !self.under_way.is_closed() {
            keeping_in_mind(self.framework.dispatch(ctx, event)).await;
        }
    }
}
