//! Reads an answer, and decides whether it really came from Discord: proxies, firewalls and Discord's own
//! edge may answer in its place.

use chrono::TimeDelta;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// Discord's error codes start here. 0 is its "general error"; smaller codes come from a proxy: an HTTP
/// status, or Cloudflare's 1020.
/// Source: topics/opcodes-and-status-codes#json.
const FIRST_CODE: i64 = 10_001;
/// Codes that mean "not now": a resource's limit, a block by Cloudflare, or an overloaded API.
const NOT_NOW: [i64; 3] = [40_062, 40_333, 130_000];

/// The meaning of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// It was done, with this result.
    Done(Value),
    /// Discord refuses it with one of its own codes: nothing was done, and the same request would be refused
    /// again.
    Refused { status: StatusCode, code: i64 },
    /// Rate limited: nothing was done. `wait` is `None` if the answer doesn't say how long. Unless Discord
    /// itself says whose limit it was, it is taken as the global one.
    TooMany { wait: Option<TimeDelta>, is_for_all: bool },
    /// Not from Discord. The request may or may not have been carried out.
    Unsigned,
}

/// Reads an answer.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Said {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    if status.is_success() {
        return body.map_or(Said::Unsigned, Said::Done);
    }
    let body = body.unwrap_or_default();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let told = body["retry_after"].as_f64();
        let wait = told.and_then(seconds).or_else(|| number(headers, RETRY_AFTER.as_str()).and_then(seconds));
        let is_global = body["global"] == true || scope(headers) == Some("global");
        return Said::TooMany { wait, is_for_all: told.is_none() || wait.is_none() || is_global };
    }
    match body["code"].as_i64() {
        Some(code) if is_refusal(status, code) => Said::Refused { status, code },
        _ => Said::Unsigned,
    }
}

/// Whether Discord would refuse the same request again. A 401 is about the token, not about the request.
pub(crate) fn is_refusal(status: StatusCode, code: i64) -> bool {
    code >= FIRST_CODE
        && !NOT_NOW.contains(&code)
        && status.is_client_error()
        && status != StatusCode::UNAUTHORIZED
        && status != StatusCode::TOO_MANY_REQUESTS
}

/// Whether Discord counts the answer towards banning the address: all 401, 403 and 429, except for shared
/// limits.
pub(super) fn counts(status: StatusCode, headers: &HeaderMap) -> bool {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
        StatusCode::TOO_MANY_REQUESTS => scope(headers) != Some("shared"),
        _ => false,
    }
}

fn scope(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-ratelimit-scope")?.to_str().ok()
}

/// A header's numeric value.
pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Seconds as Discord sends them, a float, rounded up to the millisecond. `None` if it isn't a valid wait.
pub(super) fn seconds(told: f64) -> Option<TimeDelta> {
    #[expect(clippy::cast_possible_truncation, reason = "a wait is bounded by an hour")]
    (told > 0.0).then(|| TimeDelta::milliseconds((told.min(3600.0) * 1000.0).ceil() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(status: u16, headers: &[(&'static str, &str)], body: &str) -> Said {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        read(StatusCode::from_u16(status).unwrap(), &headers.collect(), body.as_bytes())
    }

    /// Answers that don't come from Discord.
    const FOREIGN: [&str; 13] = [
        "",
        "<html><body>403 Forbidden</body></html>",
        "error code: 1015",
        "null",
        "[]",
        "\"50013\"",
        r#"{"message": "turned away"}"#,
        r#"{"message": "401: Unauthorized", "code": 0}"#,
        r#"{"message": "Forbidden", "code": 403}"#,
        r#"{"code": 1020, "message": "Access denied"}"#,
        r#"{"code": "50013", "message": "Missing Permissions"}"#,
        r#"{"code": -50013}"#,
        r#"{"message": "internal network error", "code": 40333}"#,
    ];

    #[test]
    fn only_discords_own_codes_refuse_whatever_the_status() {
        for status in (300..600).filter(|status| *status != 429) {
            for body in FOREIGN {
                assert_eq!(said(status, &[], body), Said::Unsigned, "{status} {body}");
            }
            for code in [10_003, 10_008, 50_001, 50_013, 160_002] {
                let expected = match StatusCode::from_u16(status).unwrap() {
                    StatusCode::UNAUTHORIZED => Said::Unsigned,
                    status if status.is_client_error() => Said::Refused { status, code },
                    _ => Said::Unsigned,
                };
                let body = format!(r#"{{"message": "x", "code": {code}}}"#);
                assert_eq!(said(status, &[], &body), expected, "{status} {code}");
            }
        }
    }

    #[test]
    fn what_is_done_says_so_in_json() {
        for status in [200, 201, 202, 204] {
            for body in ["", "<html></html>", "error code: 1015"] {
                assert_eq!(said(status, &[], body), Said::Unsigned, "{status} {body}");
            }
            assert_eq!(said(status, &[], "[]"), Said::Done(serde_json::json!([])));
        }
    }

    #[test]
    fn a_limit_is_a_channels_only_where_discord_itself_tells_its_time() {
        let limited = |wait: Option<i64>, is_for_all| Said::TooMany {
            wait: wait.map(TimeDelta::milliseconds),
            is_for_all,
        };
        let by = |headers: &[(&'static str, &str)], body: &str| said(429, headers, body);
        assert_eq!(
            by(&[], r#"{"retry_after": 1.5, "global": false, "code": 0}"#),
            limited(Some(1500), false)
        );
        assert_eq!(by(&[], r#"{"retry_after": 1.5, "global": true}"#), limited(Some(1500), true));
        let global = [("x-ratelimit-scope", "global"), ("retry-after", "9")];
        assert_eq!(by(&global, r#"{"retry_after": 0.0004}"#), limited(Some(1), true));
        for body in FOREIGN {
            assert_eq!(by(&[("retry-after", "30")], body), limited(Some(30_000), true), "{body}");
            assert_eq!(by(&[], body), limited(None, true), "{body}");
            for no_time in ["0", "-1", "NaN", "soon", "", "Wed, 21 Oct 2026 07:28:00 GMT"] {
                assert_eq!(by(&[("retry-after", no_time)], body), limited(None, true), "{body} {no_time}");
            }
        }
        assert_eq!(by(&[], r#"{"retry_after": 0, "global": false}"#), limited(None, true));
        assert_eq!(by(&[("retry-after", "inf")], ""), limited(Some(3_600_000), true), "an hour at most");
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_strangers_are_a_refusal(status in 300_u16..600, body: Vec<u8>) {
            let said = read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), &body);
            let is_discords = matches!(said, Said::Refused { .. } | Said::Done(_));
            prop_assert!(!is_discords);
        }
    }
}
