//! The journal as server-sent events, live, for the page and other viewers.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::hub::Hub;
use super::journal::{Entry, Journal};

/// Serves events after `?after=SEQ`, or after the last one a reconnecting client has seen.
pub(super) async fn serve(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let told = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let told = told.or(query.get("after").map(String::as_str)).and_then(|text| text.parse().ok());
    let (after, seq) = {
        let world = hub.world();
        (told.unwrap_or(world.journal.seq()), world.journal.watch())
    };
    let stop = hub.stop.clone();
    // Send something at once, so that the browser knows that it is connected.
    let hello = stream::once(async { Event::default().comment("connected") });
    let batches = stream::unfold(Watcher { hub, seq, after, stop }, Watcher::next);
    let events = hello.chain(batches.flat_map(stream::iter)).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

struct Watcher {
    hub: Arc<Hub>,
    seq: watch::Receiver<u64>,
    after: u64,
    stop: CancellationToken,
}

impl Watcher {
    /// Everything that has happened since; waits until something has. Ends with the sandbox.
    async fn next(mut self) -> Option<(Vec<Event>, Self)> {
        let after = self.after;
        tokio::select! {
            () = self.stop.cancelled() => return None,
            seq = self.seq.wait_for(|seq| *seq > after) => drop(seq.ok()?),
        }
        let (entries, reached) = since(&self.hub.world().journal, after);
        self.after = reached;
        let told = entries
            .into_iter()
            .map(|(name, (seq, text))| Event::default().event(name).id(seq.to_string()).data(&*text));
        Some((told.collect(), self))
    }
}

/// Entries after `after`, in order, each under its event name; and the number of the last one.
fn since(journal: &Journal, after: u64) -> (Vec<(&'static str, Entry)>, u64) {
    let feed = journal.feed_after(after).into_iter().map(|entry| ("feed", entry));
    let log = journal.log_after(after).into_iter().map(|entry| ("log", entry));
    let changed = Some(journal.changed()).filter(|seq| *seq > after);
    let world = changed.map(|seq| ("world", (seq, json!({ "seq": seq }).to_string().into())));
    let mut entries: Vec<_> = feed.chain(log).chain(world).collect();
    entries.sort_by_key(|(_, (seq, _))| *seq);
    (entries, journal.seq())
}
