//! Metrics for monitoring the process, in Prometheus terms: counters, gauges and histograms.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::db::Db;

/// The bucket bounds of every duration histogram, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0];

/// A histogram of durations.
pub(crate) fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Interaction {
    command: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Shard {
    shard: u32,
}

/// All of the process's metrics.
#[derive(Debug)]
pub struct Meters {
    registry: Registry,
    interactions: Family<Interaction, Counter>,
    replies: Histogram,
    deliveries: Family<Of, Counter>,
    requests: Family<Status, Counter>,
    occurrences: Family<Of, Counter>,
    late: Counter,
    failures: Counter,
    depth: Gauge,
    age: Gauge<f64, AtomicU64>,
    shards: Family<Shard, Gauge>,
    heartbeats: Family<Shard, Gauge<f64, AtomicU64>>,
    reads: Histogram,
}

impl Meters {
    /// Meters at zero.
    pub fn new(db: &Db) -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("bellringer"),
            interactions: Family::default(),
            replies: seconds(),
            deliveries: Family::default(),
            requests: Family::default(),
            occurrences: Family::default(),
            late: Counter::default(),
            failures: Counter::default(),
            depth: Gauge::default(),
            age: Gauge::default(),
            shards: Family::default(),
            heartbeats: Family::default(),
            reads: seconds(),
        };
        macro_rules! register {
            ($($meter:expr, $name:literal, $help:literal;)*) => {$(
                all.registry.register($name, $help, $meter.clone());
            )*};
        }
        register! {
            all.interactions, "interactions", "Commands, buttons and forms, by outcome";
            all.replies, "reply_seconds", "Time from receiving an interaction to answering it";
            all.deliveries, "deliveries", "Attempts to send or edit a post, by outcome";
            all.requests, "delivery_requests", "Requests to Discord that deliveries made, by status";
            all.occurrences, "occurrences", "Scheduled occurrences, by decision";
            all.late, "late_occurrences", "Scheduled occurrences decided late";
            all.failures, "failures", "Failures logged, each with a reference";
            all.depth, "outbox_posts", "Posts waiting or being sent";
            all.age, "outbox_age_seconds", "Age of the oldest post waiting or being sent";
            all.shards, "shard_connected", "Whether the shard is connected to Discord's gateway";
            all.heartbeats, "shard_heartbeat_seconds", "How long Discord took to acknowledge the last heartbeat";
            all.reads, "database_read_seconds", "How long a small read takes, measured on each scrape";
            db.commits(), "database_commits", "Transactions committed; one holds the writes of all who waited for it";
            db.wrote(), "database_write_seconds", "Time from requesting a write until it is durable";
        }
        all
    }

    /// An interaction has ended: "ok", "refused" (the person can fix it) or "failed".
    pub fn interacted(&self, command: &str, result: &'static str, took: Option<Duration>) {
        self.interactions.get_or_create(&Interaction { command: command.to_owned(), result }).inc();
        if let Some(took) = took {
            self.replies.observe(took.as_secs_f64());
        }
    }

    /// An attempt to send a post has ended.
    pub fn delivered(&self, result: &'static str) {
        self.deliveries.get_or_create(&Of { result }).inc();
    }

    /// Discord answered one of a delivery's requests.
    pub fn requested(&self, status: u16) {
        self.requests.get_or_create(&Status { status }).inc();
    }

    /// An occurrence was decided.
    pub fn decided(&self, result: &'static str, is_late: bool) {
        self.occurrences.get_or_create(&Of { result }).inc();
        self.late.inc_by(u64::from(is_late));
    }

    /// A failure was logged.
    pub fn failed(&self) {
        self.failures.inc();
    }

    /// How many failures were logged since the start.
    pub fn failures(&self) -> u64 {
        self.failures.get()
    }

    /// The number of open posts in the outbox, and the age of the oldest.
    pub fn outbox(&self, posts: i64, oldest: Duration) {
        self.depth.set(posts);
        self.age.set(oldest.as_secs_f64());
    }

    /// A shard's connection state, and how long its last heartbeat took.
    pub fn shard(&self, shard: u32, is_connected: bool, heartbeat: Option<Duration>) {
        self.shards.get_or_create(&Shard { shard }).set(i64::from(is_connected));
        if let Some(heartbeat) = heartbeat {
            self.heartbeats.get_or_create(&Shard { shard }).set(heartbeat.as_secs_f64());
        }
    }

    /// How long a small read took.
    pub fn read(&self, took: Duration) {
        self.reads.observe(took.as_secs_f64());
    }

    /// Everything in Prometheus's text format.
    pub fn told(&self) -> String {
        let mut told = String::new();
        // Writing to a String can't fail.
        let _ = text::encode(&mut told, &self.registry);
        told
    }
}
