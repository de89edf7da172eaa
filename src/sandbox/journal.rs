//! What happened, in order: messages made, edited and deleted (the feed), and every REST exchange and gateway
//! event (the log). Written by `messages`, `rest` and `gateway`; read through the control API.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// How many entries of each are kept.
const KEPT: usize = 20_000;

#[derive(Debug)]
pub(crate) struct Journal {
    seq: u64,
    feed: VecDeque<(u64, Value)>,
    log: VecDeque<(u64, Value)>,
    /// Big runs turn the log off.
    pub(crate) logging: bool,
}

impl Default for Journal {
    fn default() -> Self {
        Self { seq: 0, feed: VecDeque::new(), log: VecDeque::new(), logging: true }
    }
}

impl Journal {
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) fn feed(&mut self, entry: Value) {
        self.seq += 1;
        push(&mut self.feed, self.seq, entry);
    }

    /// Notes an exchange or event; `entry` is only made when the log is on.
    pub(crate) fn log(&mut self, entry: impl FnOnce() -> Value) {
        if self.logging {
            self.seq += 1;
            push(&mut self.log, self.seq, entry());
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
