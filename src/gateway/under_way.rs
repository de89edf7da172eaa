//! What the bot is in the middle of: serenity starts a task for each event and waits for none of them.

use serenity::all::{Context, Framework, FullEvent};
use serenity::async_trait;
use tokio_util::task::TaskTracker;

use crate::store::db::keeping_in_mind;

/// A framework of which one knows when it has done what it began.
pub(super) struct Waited<F> {
    pub(super) framework: F,
    pub(super) under_way: TaskTracker,
}

#[async_trait]
impl<F: Framework> Framework for Waited<F> {
    async fn init(&mut self, client: &serenity::Client) {
        self.framework.init(client).await;
    }

    /// Once the tracker is closed nothing is begun, as if nobody were there: the database may be closed by then.
    async fn dispatch(&self, ctx: Context, event: FullEvent) {
        let _one = self.under_way.token();
        if !self.under_way.is_closed() {
            keeping_in_mind(self.framework.dispatch(ctx, event)).await;
        }
    }
}
