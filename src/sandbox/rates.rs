//! Discord's rate limits: the global one and the buckets by route, in real time. For `rest`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};

use super::Limits;

/// Requests a second across all routes.
const GLOBAL: u32 = 50;
/// The header value for "no limit".
const PLENTY: u32 = 1_000_000;
/// Above this many buckets, expired ones are dropped.
const SWEEP: usize = 4096;

#[derive(Debug)]
struct Window {
    ends: Instant,
    used: u32,
}

/// The limit of a route.
#[derive(Debug, Clone, Copy)]
struct Rule {
    requests: u32,
    per: Duration,
}

#[derive(Debug)]
pub(crate) struct Rates {
    pub(crate) limits: Limits,
    global: Window,
    buckets: HashMap<String, Window>,
}

/// Whether a request may pass, and the rate-limit headers.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) headers: HeaderMap,
    /// Seconds to wait, and whether it was the global limit.
    pub(crate) refused: Option<(f64, bool)>,
}

impl Rates {
    pub(crate) fn new(limits: Limits) -> Self {
        let global = Window { ends: Instant::now(), used: 0 };
        Self { limits, global, buckets: HashMap::new() }
    }

    /// Counts a request to `route` (`POST /channels/{id}/messages`) under its top-level id.
    pub(crate) fn take(&mut self, route: &str, top: &str, global: bool, now: DateTime<Utc>) -> Verdict {
        // Answers to interactions are outside every limit, and carry no rate-limit headers.
        if route == "POST /interactions/{id}/{token}/callback" {
            return Verdict { headers: HeaderMap::new(), refused: None };
        }
        let instant = Instant::now();
        let rule = match self.limits {
            Limits::Discord => rule_of(route),
            Limits::Lifted => Rule { requests: PLENTY, per: Duration::from_secs(1) },
        };
        if self.buckets.len() > SWEEP {
            self.buckets.retain(|_, window| window.ends > instant);
        }
        let key = format!("{route}:{top}");
        let window = self.buckets.entry(key).or_insert(Window { ends: instant + rule.per, used: 0 });
        if window.ends <= instant {
            *window = Window { ends: instant + rule.per, used: 0 };
        }
        let bucket_wait = (window.used >= rule.requests).then(|| window.ends - instant);
        if self.global.ends <= instant {
            self.global = Window { ends: instant + Duration::from_secs(1), used: 0 };
        }
        let counted = global && self.limits == Limits::Discord;
        let global_wait = (counted && self.global.used >= GLOBAL).then(|| self.global.ends - instant);
        if bucket_wait.is_none() && global_wait.is_none() {
            window.used += 1;
            self.global.used += u32::from(counted);
        }

        let left = (window.ends - instant).as_secs_f64();
        let reset = f64::from(u32::try_from(now.timestamp()).unwrap_or(0)) + left;
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("x-ratelimit-limit", rule.requests.to_string());
        set("x-ratelimit-remaining", rule.requests.saturating_sub(window.used).to_string());
        set("x-ratelimit-reset", format!("{reset:.3}"));
        set("x-ratelimit-reset-after", format!("{left:.3}"));
        set("x-ratelimit-bucket", bucket_name(route));
        let refused = match (global_wait, bucket_wait) {
            (Some(wait), _) => Some((wait.as_secs_f64(), true)),
            (None, Some(wait)) => Some((wait.as_secs_f64(), false)),
            (None, None) => None,
        };
        if let Some((wait, is_global)) = refused {
            set("retry-after", format!("{:.0}", wait.ceil()));
            set("x-ratelimit-scope", if is_global { "global" } else { "user" }.to_owned());
            if is_global {
                set("x-ratelimit-global", "true".to_owned());
            }
        }
        Verdict { headers, refused }
    }
}

fn rule_of(route: &str) -> Rule {
    let (requests, millis) = match route {
        "POST /channels/{id}/messages" | "PATCH /channels/{id}/messages/{id}" => (5, 5_000),
        "PUT /channels/{id}/messages/{id}/reactions/{emoji}/@me"
        | "DELETE /channels/{id}/messages/{id}/reactions/{emoji}/@me" => (1, 250),
        _ if route.contains("/webhooks/") => (5, 2_000),
        _ => (50, 1_000),
    };
    Rule { requests, per: Duration::from_millis(millis) }
}

/// An opaque, stable name for a route's bucket (FNV-1a).
fn bucket_name(route: &str) -> String {
    let hash = route.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
