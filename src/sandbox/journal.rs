//! What happened, in order: messages made, edited, deleted and reacted to (the feed), every REST exchange and gateway
//! event (the log), and that something else changed. Read through the control API, and live by the page.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tokio::sync::watch;

/// How many entries of each are kept.
const KEPT: usize = 20_000;

#[derive(Debug)]
pub(crate) struct Journal {
    /// The number of the latest entry.
    seq: watch::Sender<u64>,
    feed: VecDeque<(u64, Value)>,
    log: VecDeque<(u64, Value)>,
    /// When people, channels, commands, clock or the like last changed.
    changed: u64,
    /// Big runs turn the log off.
    pub(crate) logging: bool,
}

impl Default for Journal {
    fn default() -> Self {
        let seq = watch::Sender::new(0);
        Self { seq, feed: VecDeque::new(), log: VecDeque::new(), changed: 0, logging: true }
    }
}

impl Journal {
    pub(crate) fn seq(&self) -> u64 {
        *self.seq.borrow()
    }

    /// Tells of every entry as it comes.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.seq.subscribe()
    }

    /// When something that is neither feed nor log last changed.
    pub(crate) const fn changed(&self) -> u64 {
        self.changed
    }

    /// Notes that people, channels, commands, clock or the like are no longer what they were.
    pub(crate) fn change(&mut self) {
        self.changed = self.seq() + 1;
        self.seq.send_replace(self.changed);
    }

    pub(crate) fn feed(&mut self, entry: Value) {
        let seq = self.seq() + 1;
        push(&mut self.feed, seq, entry);
        self.seq.send_replace(seq);
    }

    /// Notes an exchange or event; `entry` is only made when the log is on.
    pub(crate) fn log(&mut self, entry: impl FnOnce() -> Value) {
        if self.logging {
            let seq = self.seq() + 1;
            push(&mut self.log, seq, entry());
            self.seq.send_replace(seq);
        }
    }

    pub(crate) fn feed_after(&self, seq: u64) -> Vec<Value> {
        after(&self.feed, seq)
    }

    pub(crate) fn log_after(&self, seq: u64) -> Vec<Value> {
        after(&self.log, seq)
    }
}

fn push(ring: &mut VecDeque<(u64, Value)>, seq: u64, mut entry: Value) {
    entry["seq"] = json!(seq);
    if ring.len() == KEPT {
        ring.pop_front();
    }
    ring.push_back((seq, entry));
}

fn after(ring: &VecDeque<(u64, Value)>, seq: u64) -> Vec<Value> {
    let start = ring.partition_point(|(at, _)| *at <= seq);
    ring.range(start..).map(|(_, entry)| entry.clone()).collect()
}
