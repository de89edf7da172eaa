//! What happened, in order: message events (the feed), every REST exchange and gateway event (the log), and a
//! marker for other changes. Read through the control API, and live by the page.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

/// How many entries of each are kept, and how many bytes in total.
const KEPT: usize = 20_000;
const KEPT_BYTES: usize = 128 * 1024 * 1024;
/// Larger bodies are not kept.
const LONGEST: usize = 256 * 1024;

/// An entry: its number, and its JSON as serialized when it was made, so that readers share it.
pub(crate) type Entry = (u64, Arc<str>);

#[derive(Debug)]
pub(crate) struct Journal {
    /// The number of the latest entry.
    seq: watch::Sender<u64>,
    feed: Ring,
    log: Ring,
    /// When people, channels, commands, clock and the like last changed.
    changed: u64,
    /// Big runs turn the log off.
    pub(crate) logging: bool,
}

impl Default for Journal {
    fn default() -> Self {
        let seq = watch::Sender::new(0);
        Self { seq, feed: Ring::default(), log: Ring::default(), changed: 0, logging: true }
    }
}

impl Journal {
    pub(crate) fn seq(&self) -> u64 {
        *self.seq.borrow()
    }

    /// Notifies of every new entry.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.seq.subscribe()
    }

    /// When something that is neither feed nor log last changed.
    pub(crate) const fn changed(&self) -> u64 {
        self.changed
    }

    /// Records that people, channels, commands, clock or the like have changed.
    pub(crate) fn change(&mut self) {
        self.changed = self.seq() + 1;
        self.seq.send_replace(self.changed);
    }

    pub(crate) fn feed(&mut self, entry: Value) {
        let seq = self.seq() + 1;
        self.feed.push(seq, entry);
        self.seq.send_replace(seq);
    }

    /// Records an exchange or event; `entry` is only called when the log is on.
    pub(crate) fn log(&mut self, entry: impl FnOnce() -> Value) {
        if self.logging {
            let seq = self.seq() + 1;
            self.log.push(seq, entry());
            self.seq.send_replace(seq);
        }
    }

    pub(crate) fn feed_after(&self, seq: u64) -> Vec<Entry> {
        self.feed.after(seq)
    }

    pub(crate) fn log_after(&self, seq: u64) -> Vec<Entry> {
        self.log.after(seq)
    }
}

/// Entries as a JSON array.
pub(crate) fn array(entries: &[Entry]) -> String {
    let texts: Vec<&str> = entries.iter().map(|(_, text)| &**text).collect();
    format!("[{}]", texts.join(","))
}

/// The latest entries.
#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Ring {
    fn push(&mut self, seq: u64, mut entry: Value) {
        entry["seq"] = json!(seq);
        let mut text = entry.to_string();
        if text.len() > LONGEST {
            for key in ["request", "response", "data"] {
                let length = entry.get(key).map_or(0, |part| part.to_string().len());
                if length > LONGEST / 4 {
                    entry[key] = json!({ "not_kept": format!("{length} bytes") });
                }
            }
            text = entry.to_string();
        }
        self.bytes += text.len();
        self.entries.push_back((seq, text.into()));
        while self.entries.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some((_, oldest)) = self.entries.pop_front() else { break };
            self.bytes -= oldest.len();
        }
    }

    fn after(&self, seq: u64) -> Vec<Entry> {
        let start = self.entries.partition_point(|(at, _)| *at <= seq);
        self.entries.range(start..).cloned().collect()
    }
}
