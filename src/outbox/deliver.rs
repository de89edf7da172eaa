//! Delivery: claim, commit, send, record. Once, or it says so.
//!
//! Discord's one aid is the nonce: Create Message with `enforce_nonce` returns the earlier message of the same nonce
//! instead of making a second, for a few minutes. Within two minutes an unknown outcome is retried under the same
//! nonce; later, the channel is searched for the post's reference first. Where it can't be searched, the post is held.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serenity::all::{Http, HttpError, LightMethod, Nonce, Permissions, Route};
use serenity::http::{Multipart, MultipartUpload, Request};
use tokio_util::sync::CancellationToken;

use super::access;
use super::queue::{self, Claim, Outcome, Watch};
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, MessageId, reference};
use crate::kernel::state::State;
use crate::render::card::Card;
use crate::render::embed;
use crate::render::post::Post;

/// Within this time of the first try, the nonce tells a repeat from a new message.
const NONCE_HOLDS: TimeDelta = TimeDelta::minutes(2);
/// After this long, a post that has not left is of no use any more; nor is an edit that could not be made.
const GIVE_UP: TimeDelta = TimeDelta::hours(12);
/// A sending that takes longer is broken off, so that it ends before the claim on it does.
const PATIENCE: Duration = Duration::from_secs(20);
/// A clock may be wrong by this much and a message still be found.
const CLOCK_ERROR: TimeDelta = TimeDelta::hours(3);
/// How many pages of a hundred messages are searched.
const PAGES: usize = 20;
/// The span over which Discord counts refused requests before it bars the address: 10,000 of them in ten minutes.
const REFUSALS_SPAN: TimeDelta = TimeDelta::minutes(10);
/// Refused requests in that span after which nothing is sent until it is over, for each request a second that is
/// permitted: half of what Discord bears, shared as the rate is among processes.
const REFUSALS: u32 = 100;
/// Discord counts no more of them for whoever is permitted more requests.
const MOST_REFUSALS: u32 = 5_000;

/// Sends the outbox's posts, at Discord's pace.
#[derive(Debug)]
pub struct Deliverer {
    http: Arc<Http>,
    client: reqwest::Client,
    pace: DefaultDirectRateLimiter,
    /// How many requests may be under way: enough for answers that take a second, and few enough to be sent in good time.
    at_once: usize,
    watch: Watch,
    /// From when until when, in microseconds since 1970, a channel takes no more; `None` stands for all of them.
    closed: Mutex<HashMap<Option<ChannelId>, (i64, i64)>>,
    refusals: Mutex<Refusals>,
    most_refusals: u32,
}

/// How many requests were refused since a time in microseconds since 1970.
#[derive(Debug, Default)]
struct Refusals {
    since: i64,
    count: u32,
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
        // Evenly, so that no second of Discord's sees more; one late request may be made up for.
        let quota =
            Quota::per_second(per_second).allow_burst(const { NonZeroU32::new(2).expect("2 is not 0") });
        Self {
            http,
            client,
            pace: RateLimiter::direct(quota),
            at_once: per_second.get().clamp(8, 64) as usize,
            watch: Watch::default(),
            closed: Mutex::default(),
            refusals: Mutex::default(),
            most_refusals: per_second.get().saturating_mul(REFUSALS).min(MOST_REFUSALS),
        }
    }

    /// Sends the posts that are due, the first of each channel. Returns how many were tried.
    pub async fn step(&self, state: &State) -> Result<usize> {
        let claims = queue::claim(state, &self.watch, self.at_once).await?;
        let settled = join_all(claims.into_iter().map(|claim| self.send(state, claim))).await;
        if !settled.is_empty() {
            queue::settle(state, &settled).await?;
        }
        Ok(settled.len())
    }

    /// Sends what is due until `stop`, with several requests under way; those that have begun are finished.
    pub async fn run(&self, state: &State, stop: &CancellationToken) {
        let mut sending = FuturesUnordered::new();
        let mut woken = state.woken();
        while !(stop.is_cancelled() && sending.is_empty()) {
            woken.mark_unchanged();
            // Several at a time, since each claim is a commit.
            let has_room = sending.len() <= self.at_once / 2 && !stop.is_cancelled();
            let claimed = if has_room {
                queue::claim(state, &self.watch, self.at_once - sending.len()).await
            } else {
                Ok(Vec::new())
            };
            let next = match claimed {
                Ok(claims) => {
                    sending.extend(claims.into_iter().map(|claim| self.send(state, claim)));
                    if sending.is_empty() { queue::next_attempt(state).await } else { Ok(None) }
                }
                Err(error) => Err(error),
            };
            let wait = match next {
                Ok(next) => state.until(next),
                Err(error) => state.troubled("claiming posts", &error),
            };
            tokio::select! {
                Some(first) = sending.next() => {
                    let mut settled = vec![first];
                    settled.extend(std::iter::from_fn(|| sending.next().now_or_never().flatten()));
                    if let Err(error) = queue::settle(state, &settled).await {
                        state.report("settling posts", &error);
                    }
                }
                Ok(()) = woken.changed(), if has_room => {}
                () = state.clock.pass(wait), if has_room => {}
                () = stop.cancelled(), if has_room => {}
            }
        }
    }

    async fn send(&self, state: &State, claim: Claim) -> (Claim, Outcome) {
        let outcome = tokio::select! {
            // The time first: a process that stood still must not go on sending what is another's by now.
            biased;
            () = tokio::time::sleep(PATIENCE) => Outcome::Unknown(backoff(claim.attempts)),
            outcome = self.attempt(state, &claim) => outcome,
        };
        let outcome = match outcome {
            // This try did nothing, but an earlier one may have.
            Outcome::Later(wait) if claim.in_doubt => Outcome::Unknown(wait),
            // It may be an earlier try's, with the text of then.
            Outcome::Sent(id) if claim.in_doubt && claim.message.is_none() && claim.revision > 1 => {
                Outcome::Found(id)
            }
            outcome => outcome,
        };
        if let Outcome::Held(why) | Outcome::Failed(why) = &outcome {
            let (guild, channel, post) = (claim.guild.0, claim.channel.0, claim.id.0);
            tracing::warn!(guild, channel, post, why, "not delivered");
        }
        state.meters.delivered(outcome.name());
        (claim, outcome)
    }

    async fn attempt(&self, state: &State, claim: &Claim) -> Outcome {
        if let Some(wait) = self.closed(state, claim.channel) {
            return Outcome::Later(wait);
        }
        let since = |then: i64| TimeDelta::microseconds(state.micros() - then);
        let waited = since(claim.first_attempt);
        let is_stale = match claim.message {
            None => since(claim.created_at) > GIVE_UP,
            Some(_) => waited > GIVE_UP,
        };
        // Before the first attempt is never: the clock was set back, and nobody knows how long ago it was.
        let nonce_holds = !is_stale && waited >= TimeDelta::zero() && waited <= NONCE_HOLDS;
        if claim.message.is_none() && claim.in_doubt && !nonce_holds {
            match self.search(state, claim).await {
                Ok(Some(message)) => return Outcome::Sent(message),
                Ok(None) => {}
                Err(Outcome::Unknown(_)) if since(claim.created_at) > GIVE_UP * 2 => {
                    return Outcome::Held(
                        "I can't tell whether this was posted: the channel could not be searched.".to_owned(),
                    );
                }
                Err(outcome) => return outcome,
            }
        }
        if is_stale {
            return Outcome::Failed("It could not be sent within twelve hours, and is left out.".to_owned());
        }
        let mut answer = self.request(state, claim, claim.post.card.as_ref()).await;
        if claim.post.card.is_some()
            && matches!(answer, Answer::Refused { status: StatusCode::FORBIDDEN, .. })
        {
            // Perhaps it may not attach files: the words are the same without the picture.
            answer = self.request(state, claim, None).await;
        }
        match answer {
            Answer::Body(body) => match body["id"].as_str().and_then(|id| id.parse().ok()) {
                Some(id) => Outcome::Sent(MessageId(id)),
                None => Outcome::Unknown(backoff(claim.attempts)),
            },
            Answer::Limited { wait } => Outcome::Later(wait),
            Answer::NeverLeft => Outcome::Later(backoff(claim.attempts)),
            Answer::Lost => Outcome::Unknown(backoff(claim.attempts)),
            Answer::Refused { status, code } => refused(state, claim, status, code),
        }
    }

    async fn request(&self, state: &State, claim: &Claim, card: Option<&Card>) -> Answer {
        let channel_id = serenity::all::ChannelId::new(claim.channel.get());
        let marked = referenced(claim.post.clone(), claim.id.0);
        let (route, method, message) = match claim.message {
            None => {
                let message =
                    embed::message(&marked).nonce(Nonce::String(reference(claim.id.0))).enforce_nonce(true);
                (Route::ChannelMessages { channel_id }, LightMethod::Post, serde_json::to_value(&message))
            }
            Some(message) => {
                let message_id = serenity::all::MessageId::new(message.get());
                let edit = serde_json::to_value(embed::edit(&marked));
                (Route::ChannelMessage { channel_id, message_id }, LightMethod::Patch, edit)
            }
        };
        let Ok(message) = message else {
            return Answer::Refused { status: StatusCode::BAD_REQUEST, code: 0 };
        };
        let request = Request::new(route, method);
        let drawn = match card {
            Some(card) => embed::picture(card).await.map(Some),
            None => Ok(None),
        };
        let request = match drawn {
            Ok(None) => request.body(Some(message.to_string().into_bytes())),
            Ok(Some(file)) => request.multipart(Some(Multipart {
                payload_json: Some(embed::with_picture(message, &file).to_string()),
                upload: MultipartUpload::Attachments(vec![file]),
                fields: Vec::new(),
            })),
            Err(error) => {
                // The words are the same without the picture.
                state.report("drawing a card", &error);
                request.body(Some(message.to_string().into_bytes()))
            }
        };
        self.ask(state, claim, request).await
    }

    async fn ask(&self, state: &State, claim: &Claim, request: Request<'_>) -> Answer {
        self.pace.until_ready().await;
        // The process may have stood still, and the claim be another's by now. A steady clock stops while a machine sleeps,
        // and the time of day can be set: both must agree.
        let held = TimeDelta::microseconds(state.micros() - claim.tried_at).to_std();
        let ran = state.clock.steady().saturating_sub(claim.taken);
        if !held.is_ok_and(|held| held.max(ran) < PATIENCE) {
            return Answer::NeverLeft;
        }
        let Ok(request) = request.build(&self.client, self.http.token(), self.http.proxy.as_deref()) else {
            return Answer::NeverLeft;
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Answer::NeverLeft,
            Err(_) => return Answer::Lost,
        };
        let status = answer.status();
        state.meters.requested(status.as_u16());
        if header(answer.headers(), "x-ratelimit-remaining") == Some(0.0)
            && let Some(reset) = header(answer.headers(), "x-ratelimit-reset-after")
        {
            self.close(state, Some(claim.channel), seconds(reset));
        }
        if status.is_success() {
            return answer.json().await.map_or(Answer::Lost, Answer::Body);
        }
        if status.is_server_error() {
            return Answer::Lost;
        }
        let waits = header(answer.headers(), "retry-after");
        let is_shared = answer.headers().get("x-ratelimit-scope").is_some_and(|scope| scope == "shared");
        let refusal = answer.json().await.unwrap_or(Refusal { code: 0, retry_after: None, global: false });
        let counts = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            StatusCode::TOO_MANY_REQUESTS => !is_shared,
            _ => false,
        };
        if counts {
            self.count_refusal(state);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = seconds(refusal.retry_after.or(waits).unwrap_or(1.0));
            self.close(state, if refusal.global { None } else { Some(claim.channel) }, wait);
            return Answer::Limited { wait };
        }
        Answer::Refused { status, code: refusal.code }
    }

    /// Looks for the message that an earlier try may have made.
    async fn search(&self, state: &State, claim: &Claim) -> Result<Option<MessageId>, Outcome> {
        // What is asked there counts as well.
        for _ in 0..4 {
            self.pace.until_ready().await;
        }
        let unreadable = |error| match error {
            // What Discord refuses today it refuses tomorrow; asking for ever would hold up the channel.
            serenity::Error::Http(HttpError::UnsuccessfulRequest(answer))
                if answer.status_code == StatusCode::NOT_FOUND =>
            {
                refused(state, claim, answer.status_code, answer.error.code as i64)
            }
            serenity::Error::Http(HttpError::UnsuccessfulRequest(answer))
                if answer.status_code == StatusCode::FORBIDDEN =>
            {
                Outcome::Held("I can't tell whether this was posted: I can't see the channel.".to_owned())
            }
            _ => Outcome::Unknown(backoff(claim.attempts)),
        };
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
        let carries = |message: &&serde_json::Value| {
            message["author"]["bot"] == true
                && message["embeds"][0]["footer"]["text"].as_str().is_some_and(|text| text.ends_with(&mark))
        };
        let id = |message: &serde_json::Value| message["id"].as_str().and_then(|id| id.parse::<i64>().ok());
        let channel_id = serenity::all::ChannelId::new(claim.channel.get());
        // Newest first: when the message was made is known by this machine's clock alone, and clocks are set.
        let since = at(claim.first_attempt.min(state.micros())) - CLOCK_ERROR;
        let mut before = None;
        for _ in 0..PAGES {
            if let Some(wait) = self.closed(state, claim.channel) {
                return Err(Outcome::Unknown(wait));
            }
            let limit = ("limit", "100".to_owned());
            let params = [Some(limit), before.map(|id: i64| ("before", id.to_string()))];
            let request = Request::new(Route::ChannelMessages { channel_id }, LightMethod::Get)
                .params(Some(params.into_iter().flatten().collect()));
            let page = match self.ask(state, claim, request).await {
                Answer::Body(page) => page.as_array().cloned().unwrap_or_default(),
                Answer::Limited { wait } => return Err(Outcome::Unknown(wait)),
                Answer::Refused { status, code } => return Err(refused(state, claim, status, code)),
                Answer::NeverLeft | Answer::Lost => return Err(Outcome::Unknown(backoff(claim.attempts))),
            };
            if let Some(found) = page.iter().find(carries).and_then(id) {
                return Ok(Some(MessageId(found)));
            }
            let Some(oldest) = page.iter().filter_map(id).min() else { return Ok(None) };
            if page.len() < 100 || made_at(oldest) < since {
                return Ok(None);
            }
            before = Some(oldest);
        }
        Err(Outcome::Held(
            "I can't tell whether this was posted: there is too much in the channel since.".to_owned(),
        ))
    }

    fn closed(&self, state: &State, channel: ChannelId) -> Option<TimeDelta> {
        let now = state.micros();
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let until = [Some(channel), None]
            .iter()
            .filter_map(|key| closed.get(key))
            .filter(|(from, until)| (*from..*until).contains(&now))
            .map(|(_, until)| *until)
            .max()?;
        Some(TimeDelta::microseconds(until - now))
    }

    fn close(&self, state: &State, channel: Option<ChannelId>, wait: TimeDelta) {
        let now = state.micros();
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.retain(|_, (from, until)| (*from..*until).contains(&now));
        let until = now + wait.num_microseconds().unwrap_or_default();
        closed.entry(channel).and_modify(|(_, end)| *end = until.max(*end)).or_insert((now, until));
    }

    /// Refusals are counted, and too many of them pause everything: Discord bars the address of a bot that goes on.
    fn count_refusal(&self, state: &State) {
        let now = state.micros();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = TimeDelta::microseconds(now - refusals.since);
        if !(TimeDelta::zero()..REFUSALS_SPAN).contains(&passed) {
            *refusals = Refusals { since: now, count: 0 };
        }
        refusals.count += 1;
        if refusals.count >= self.most_refusals {
            tracing::warn!("Discord refuses too much; deliveries pause for ten minutes");
            self.close(state, None, REFUSALS_SPAN);
            *refusals = Refusals::default();
        }
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

/// When a message of this id was made, by Discord's clock.
fn made_at(id: i64) -> DateTime<Utc> {
    at(((id >> 22) + 1_420_070_400_000) * 1000)
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
    use crate::kernel::clock::Clock;
    use crate::kernel::db::Db;

    #[tokio::test]
    async fn refusals_without_end_pause_everything_before_discord_bars_the_address() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
        let clock = Clock::by_hand("2026-04-06T12:00:00Z".parse().unwrap());
        let state = State::new(db, clock.clone());
        let deliverer = Deliverer::new(Arc::new(Http::new("x")), reqwest::Client::new(), NonZeroU32::MIN);
        let refuse = |times: u32| (0..times).for_each(|_| deliverer.count_refusal(&state));
        refuse(REFUSALS - 1);
        clock.set(clock.now() + REFUSALS_SPAN);
        refuse(REFUSALS - 1);
        assert_eq!(deliverer.closed(&state, ChannelId(1)), None, "those of long ago don't count");
        refuse(1);
        deliverer.close(&state, None, TimeDelta::seconds(1));
        assert_eq!(
            deliverer.closed(&state, ChannelId(1)),
            Some(REFUSALS_SPAN),
            "a shorter pause ends no longer one"
        );
        clock.set(clock.now() + REFUSALS_SPAN);
        assert_eq!(deliverer.closed(&state, ChannelId(1)), None);
    }

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
