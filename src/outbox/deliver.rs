//! Delivery: claim, commit, send, record. Once, or it says so.
//!
//! Discord's one aid is the nonce: Create Message with `enforce_nonce` returns the earlier message of the same nonce
//! instead of making a second, for a few minutes. Within two minutes an unknown outcome is retried under the same
//! nonce; later, the channel is searched for the post's reference first. Where it can't be searched, the post is held.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serenity::all::{Http, LightMethod, Nonce, Permissions, Route};
use serenity::http::Request;

use super::access;
use super::queue::{self, Claim, Outcome};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, MessageId, reference};
use crate::kernel::state::State;
use crate::render::embed;
use crate::render::post::Post;

/// Within this time of the first try, the nonce tells a repeat from a new message.
const NONCE_HOLDS: TimeDelta = TimeDelta::minutes(2);
/// After this long without an answer from Discord, a post is given up.
const GIVE_UP: TimeDelta = TimeDelta::hours(12);
/// How many channels are sent to at once.
const AT_ONCE: i64 = 8;

/// Sends the outbox's posts, at Discord's pace.
#[derive(Debug)]
pub struct Deliverer {
    http: Arc<Http>,
    client: reqwest::Client,
    pace: DefaultDirectRateLimiter,
    /// Until when, in microseconds since 1970, a channel takes no more; `None` stands for all of them.
    closed_until: Mutex<HashMap<Option<ChannelId>, i64>>,
}

enum Answer {
    Body(serde_json::Value),
    Refused { status: StatusCode, code: i64 },
    Limited { wait: TimeDelta },
    NeverLeft,
    Lost,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: i64,
    retry_after: Option<f64>,
    #[serde(default)]
    global: bool,
}

impl Deliverer {
    /// A deliverer that speaks through `http`'s address and token, with at most `per_second` requests a second.
    pub fn new(http: Arc<Http>, client: reqwest::Client, per_second: NonZeroU32) -> Self {
        let pace = RateLimiter::direct(Quota::per_second(per_second));
        Self { http, client, pace, closed_until: Mutex::default() }
    }

    /// Sends the posts that are due, the first of each channel. Returns how many were tried.
    pub async fn step(&self, state: &State) -> Result<usize> {
        let claims = queue::claim(state, AT_ONCE).await?;
        let count = claims.len();
        let outcomes = futures_util::future::join_all(claims.into_iter().map(async |claim| {
            let outcome = self.send(state, &claim).await;
            if let Outcome::Held(why) | Outcome::Failed(why) = &outcome {
                tracing::warn!(
                    guild = claim.guild.0,
                    channel = claim.channel.0,
                    post = claim.id.0,
                    why,
                    "not delivered"
                );
            }
            queue::settle(state, &claim, &outcome).await
        }));
        for settled in outcomes.await {
            settled?;
        }
        Ok(count)
    }

    async fn send(&self, state: &State, claim: &Claim) -> Outcome {
        let waited = TimeDelta::microseconds(state.micros() - claim.first_attempt);
        match self.attempt(state, claim, waited).await {
            // This try did nothing, but an earlier one may have.
            Outcome::Later(wait) if claim.in_doubt => Outcome::Unknown(wait),
            // It may be an earlier try's, with the text of then.
            Outcome::Sent(id) if claim.in_doubt && claim.message.is_none() && claim.revision > 1 => {
                Outcome::Found(id)
            }
            outcome => outcome,
        }
    }

    async fn attempt(&self, state: &State, claim: &Claim, waited: TimeDelta) -> Outcome {
        if let Some(wait) = self.closed(state, claim.channel) {
            return Outcome::Later(wait);
        }
        if claim.message.is_none() && waited > NONCE_HOLDS {
            match self.search(state, claim).await {
                Ok(Some(message)) => return Outcome::Sent(message),
                Ok(None) => {}
                Err(outcome) => return outcome,
            }
        }
        match self.request(state, claim).await {
            Answer::Body(body) => match body["id"].as_str().and_then(|id| id.parse().ok()) {
                Some(id) => Outcome::Sent(MessageId(id)),
                None => Outcome::Unknown(backoff(claim.attempts)),
            },
            Answer::Limited { wait } => Outcome::Later(wait),
            Answer::NeverLeft | Answer::Lost if waited > GIVE_UP => gave_up(),
            Answer::NeverLeft => Outcome::Later(backoff(claim.attempts)),
            Answer::Lost => Outcome::Unknown(backoff(claim.attempts)),
            Answer::Refused { status, code } => refused(state, claim, status, code),
        }
    }

    async fn request(&self, state: &State, claim: &Claim) -> Answer {
        let channel_id = serenity::all::ChannelId::new(claim.channel.get());
        let marked = referenced(claim.post.clone(), claim.id.0);
        let (route, method, body) = match claim.message {
            None => {
                let message =
                    embed::message(&marked).nonce(Nonce::String(reference(claim.id.0))).enforce_nonce(true);
                (Route::ChannelMessages { channel_id }, LightMethod::Post, serde_json::to_vec(&message))
            }
            Some(message) => {
                let message_id = serenity::all::MessageId::new(message.get());
                let edit = serde_json::to_vec(&embed::edit(&marked));
                (Route::ChannelMessage { channel_id, message_id }, LightMethod::Patch, edit)
            }
        };
        match body {
            Ok(body) => {
                self.ask(state, Some(claim.channel), Request::new(route, method).body(Some(body))).await
            }
            Err(_) => Answer::Refused { status: StatusCode::BAD_REQUEST, code: 0 },
        }
    }

    async fn ask(&self, state: &State, channel: Option<ChannelId>, request: Request<'_>) -> Answer {
        self.pace.until_ready().await;
        let Ok(request) = request.build(&self.client, self.http.token(), self.http.proxy.as_deref()) else {
            return Answer::NeverLeft;
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Answer::NeverLeft,
            Err(_) => return Answer::Lost,
        };
        let status = answer.status();
        if header(answer.headers(), "x-ratelimit-remaining") == Some(0.0)
            && let Some(reset) = header(answer.headers(), "x-ratelimit-reset-after")
        {
            self.close(state, channel, seconds(reset));
        }
        if status.is_success() {
            return answer.json().await.map_or(Answer::Lost, Answer::Body);
        }
        if status.is_server_error() {
            return Answer::Lost;
        }
        let waits = header(answer.headers(), "retry-after");
        let refusal = answer.json().await.unwrap_or(Refusal { code: 0, retry_after: None, global: false });
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = seconds(refusal.retry_after.or(waits).unwrap_or(1.0));
            self.close(state, if refusal.global { None } else { channel }, wait);
            return Answer::Limited { wait };
        }
        Answer::Refused { status, code: refusal.code }
    }

    /// Looks for the message that an earlier try may have made.
    async fn search(&self, state: &State, claim: &Claim) -> Result<Option<MessageId>, Outcome> {
        let unreadable = |_| Outcome::Unknown(backoff(claim.attempts));
        match access::permissions(&self.http, claim.guild, claim.channel).await.map_err(unreadable) {
            Ok(has) if has.contains(Permissions::VIEW_CHANNEL | Permissions::READ_MESSAGE_HISTORY) => {}
            Ok(_) => {
                return Err(Outcome::Held(
                    "I can't tell whether this was posted: I lack Read Message History in the channel."
                        .to_owned(),
                ));
            }
            Err(outcome) => return Err(outcome),
        }
        let mark = mark(claim.id.0);
        let mut after =
            crate::kernel::clock::at(claim.first_attempt).timestamp_millis() - 60_000 - 1_420_070_400_000;
        after = after.max(0) << 22;
        loop {
            let channel_id = serenity::all::ChannelId::new(claim.channel.get());
            let request = Request::new(Route::ChannelMessages { channel_id }, LightMethod::Get)
                .params(Some(vec![("after", after.to_string()), ("limit", "100".to_owned())]));
            let page = match self.ask(state, None, request).await {
                Answer::Body(page) => page.as_array().cloned().unwrap_or_default(),
                Answer::Limited { wait } => return Err(Outcome::Unknown(wait)),
                Answer::Refused { status, code } => return Err(refused(state, claim, status, code)),
                Answer::NeverLeft | Answer::Lost => return Err(Outcome::Unknown(backoff(claim.attempts))),
            };
            let id =
                |message: &serde_json::Value| message["id"].as_str().and_then(|id| id.parse::<i64>().ok());
            let carries = |message: &&serde_json::Value| {
                message["author"]["bot"] == true
                    && message["embeds"][0]["footer"]["text"]
                        .as_str()
                        .is_some_and(|text| text.ends_with(&mark))
            };
            if let Some(found) = page.iter().find(carries).and_then(id) {
                return Ok(Some(MessageId(found)));
            }
            match page.iter().filter_map(id).max() {
                Some(last) if page.len() == 100 => after = last,
                _ => return Ok(None),
            }
        }
    }

    fn closed(&self, state: &State, channel: ChannelId) -> Option<TimeDelta> {
        let closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = [Some(channel), None].iter().filter_map(|key| closed.get(key)).max()?;
        Some(TimeDelta::microseconds(until - state.micros())).filter(|wait| *wait > TimeDelta::zero())
    }

    fn close(&self, state: &State, channel: Option<ChannelId>, wait: TimeDelta) {
        let now = state.micros();
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        closed.retain(|_, until| *until > now);
        closed.insert(channel, now + wait.num_microseconds().unwrap_or_default());
    }
}

/// How a post is found again in its channel: the end of its footer.
fn mark(id: i64) -> String {
    format!("#{}", reference(id))
}

fn referenced(post: Post, id: i64) -> Post {
    let footer = post.footer.as_ref().map_or_else(|| mark(id), |text| format!("{text} · {}", mark(id)));
    post.footer(footer)
}

fn header(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Seconds as Discord says them, a float, rounded up to the millisecond.
fn seconds(text: f64) -> TimeDelta {
    #[expect(clippy::cast_possible_truncation, reason = "a wait is bounded by an hour")]
    TimeDelta::milliseconds((text.clamp(0.0, 3600.0) * 1000.0).ceil() as i64)
}

fn backoff(attempts: i64) -> TimeDelta {
    TimeDelta::seconds(1 << attempts.clamp(0, 8))
}

fn gave_up() -> Outcome {
    Outcome::Failed("Discord could not be reached for twelve hours.".to_owned())
}

fn refused(state: &State, claim: &Claim, status: StatusCode, code: i64) -> Outcome {
    match (status, code) {
        (_, 10008) if claim.message.is_some() => Outcome::Sent(claim.message.unwrap_or(MessageId(0))),
        (_, 10008) => Outcome::Failed("It was posted, and has been deleted since.".to_owned()),
        (_, 10003) => Outcome::Failed("The channel is gone. Choose another with /setup.".to_owned()),
        (_, 50001) => Outcome::Failed("I can't see the channel. Give me View Channel there.".to_owned()),
        (_, 50013) => Outcome::Failed(
            "I may not post there. Give me Send Messages and Embed Links in the channel.".to_owned(),
        ),
        (StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, _) => {
            Outcome::Failed(format!("Discord doesn't let me post there (code {code})."))
        }
        (StatusCode::UNAUTHORIZED, _) => Outcome::Later(TimeDelta::minutes(5)),
        _ => {
            let error = Error::other("delivering a post", format!("Discord answered {status}, code {code}"));
            let reference = state.report("deliver", &error);
            Outcome::Failed(format!("Discord refused the message. The log has the cause under {reference}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_never_shorter_than_told() {
        assert_eq!(seconds(0.0004), TimeDelta::milliseconds(1));
        assert_eq!(seconds(f64::INFINITY), TimeDelta::hours(1));
        assert_eq!(seconds(f64::NAN), TimeDelta::zero());
    }

    #[test]
    fn the_reference_stands_at_the_end_of_the_footer() {
        let post = referenced(Post::text("x").footer("Bell"), 40);
        assert_eq!(post.footer.as_deref(), Some("Bell · #18"));
    }
}
