//! Delivery: claim, commit, send, record. Once, or it says so.
//!
//! Discord's one aid is the nonce: Create Message with `enforce_nonce` returns the earlier message of the same nonce
//! instead of making a second, for a few minutes. Within two minutes an unknown outcome is retried under the same
//! nonce; later, the channel is searched for the post's reference first. Where it can't be searched, the post is held.
//! Only Discord's own word settles an outcome; whatever else answers leaves a doubt.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::StatusCode;
use serde_json::Value;
use serenity::all::{Http, LightMethod, Nonce, Permissions, Route};
use serenity::http::{Multipart, MultipartUpload, Request};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::access::{self, Asks as _};
use super::answer::{self, Said, number, seconds};
use super::failure::Failure;
use super::page;
use super::queue::{self, Claim, ENOUGH, Outcome, Watch};
use super::subject::Compose;
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result, caught};
use crate::kernel::ids::{ChannelId, MessageId, PostId, reference};
use crate::kernel::patience::doubled;
use crate::people::{self, Voice};
use crate::render::card::Card;
use crate::render::embed;
use crate::render::post::Post;
use crate::store::state::State;

/// Within this time of the first try, the nonce tells a repeat from a new message.
const NONCE_HOLDS: TimeDelta = TimeDelta::minutes(2);
/// After this long, a post that has not left is of no use any more; nor is an edit that could not be made.
const GIVE_UP: TimeDelta = TimeDelta::hours(12);
/// A sending that takes longer is broken off, so that it ends before the claim on it does.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long everything pauses after a 429 that doesn't say for how long; twice as long each time in a row, an hour at most.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// The longest that a post whose outcome is unknown waits before its next try.
const LONGEST_BACKOFF: TimeDelta = TimeDelta::seconds(256);
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

/// How long a new post waits for others, since each claim is a commit.
const GLANCE: Duration = Duration::from_millis(20);
/// After so many tries a post that can't be composed is given up, so that those behind it are not held up.
const TRIES_TO_COMPOSE: u32 = 3;

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
    /// Of searches that were broken off, the oldest message that was seen, and how many pages.
    searches: Mutex<HashMap<PostId, (i64, usize)>>,
    /// Of posts that could not be composed, how often.
    uncomposed: Mutex<HashMap<PostId, u32>>,
    /// How many times in a row everything paused since a 429 didn't say for how long.
    pauses: AtomicU32,
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
    Body(Value),
    Refused {
        status: StatusCode,
        code: i64,
    },
    Limited {
        wait: TimeDelta,
    },
    NeverLeft,
    Lost,
    /// Something answered that isn't Discord: whether it was done is not known.
    Unsigned(StatusCode),
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
            searches: Mutex::default(),
            uncomposed: Mutex::default(),
            pauses: AtomicU32::new(0),
            refusals: Mutex::default(),
            most_refusals: per_second.get().saturating_mul(REFUSALS).min(MOST_REFUSALS),
        }
    }

    /// Sends the posts that are due, the first of each channel. Returns how many were tried.
    pub async fn step(&self, state: &State, composers: &dyn Compose) -> Result<usize> {
        let claims = queue::claim(state, &self.watch, self.at_once).await?;
        let sent = claims.into_iter().map(|claim| self.send(state, composers, claim));
        let settled = join_all(sent).await.concat();
        if !settled.is_empty() {
            queue::settle(state, &settled).await?;
        }
        Ok(settled.len())
    }

    /// Sends what is due until `stop`, with several requests under way; those that have begun are finished.
    pub async fn run(&self, state: &State, composers: &dyn Compose, stop: &CancellationToken) {
        let mut sending = FuturesUnordered::new();
        // What became of those that have ended, and is not recorded yet.
        let mut sent = Vec::new();
        let mut woken = state.woken();
        loop {
            // Asked once a round, so that nothing is waited for that can't come.
            let stops = stop.is_cancelled();
            if !sent.is_empty() {
                let settled = std::mem::take(&mut sent);
                let settling = queue::settle(state, &settled);
                if let Err(error) = meanwhile(&mut sending, &mut sent, settling).await {
                    state.report("settling posts", &error);
                }
                continue;
            }
            if stops && sending.is_empty() {
                break;
            }
            woken.mark_unchanged();
            // Several at a time, since each claim is a commit.
            let has_room = sending.len() <= self.at_once / 2 && !stops;
            let claimed = if has_room {
                let most = self.at_once - sending.len();
                meanwhile(&mut sending, &mut sent, queue::claim(state, &self.watch, most)).await
            } else {
                Ok(Vec::new())
            };
            let next = match claimed {
                Ok(claims) => {
                    sending.extend(claims.into_iter().map(|claim| self.send(state, composers, claim)));
                    if sending.is_empty() { queue::next_attempt(state).await } else { Ok(None) }
                }
                Err(error) => Err(error),
            };
            if !sent.is_empty() {
                continue;
            }
            let wait = match next {
                Ok(next) => state.wait_until(next),
                Err(error) => state.troubled("claiming posts", &error),
            };
            tokio::select! {
                Some(first) = sending.next() => {
                    sent.extend(first);
                    sent.extend(std::iter::from_fn(|| sending.next().now_or_never().flatten()).flatten());
                }
                () = async { drop(woken.changed().await); tokio::time::sleep(GLANCE).await }, if has_room => {}
                () = state.clock.pass(wait), if has_room => {}
                () = stop.cancelled(), if has_room => {}
            }
        }
    }

    /// Sends a post. Where it doesn't get through though it was tried often enough, the one behind it tells why: if that one
    /// arrives, the road is open and it is this post that is turned away. It is held, since its place is gone. If it doesn't,
    /// nothing arrives there, and all of them wait in their order.
    async fn send(&self, state: &State, composers: &dyn Compose, claim: Claim) -> Vec<(Claim, Outcome)> {
        let ends = Instant::now() + PATIENCE;
        let mut tried = Vec::new();
        let mut next = Some(claim);
        while let Some(claim) = next.take() {
            let outcome = self.attempt_until(state, composers, &claim, ends).await;
            let is_stuck = matches!(outcome, Outcome::Unknown(_)) && claim.tries >= ENOUGH;
            let is_new = claim.message.is_none();
            if is_stuck
                && is_new
                && self.closed(state, Some(claim.channel)).is_none()
                && Instant::now() < ends
            {
                next = queue::behind(state, &claim).await.unwrap_or_else(|error| {
                    state.report("claiming a post", &error);
                    None
                });
            }
            tried.push((claim, outcome));
        }
        if let Some(((_, Outcome::Sent(_) | Outcome::Found(_)), ahead)) = tried.split_last_mut() {
            for (_, outcome) in ahead {
                *outcome = Outcome::Held(Failure::TurnedAway);
            }
        }
        for (claim, outcome) in &tried {
            if let Outcome::Held(why) | Outcome::Failed(why) = outcome {
                let (guild, channel, post) = (claim.guild.0, claim.channel.0, claim.id.0);
                tracing::warn!(guild, channel, post, why = why.told().to_string(), "not delivered");
            }
            state.meters.delivered(outcome.name());
        }
        tried
    }

    async fn attempt_until(
        &self,
        state: &State,
        composers: &dyn Compose,
        claim: &Claim,
        ends: Instant,
    ) -> Outcome {
        let outcome = tokio::select! {
            // The time first: a process that stood still must not go on sending what is another's by now.
            biased;
            () = tokio::time::sleep_until(ends) => Outcome::Unknown(backoff(claim.attempts)),
            outcome = caught(async { Ok(self.attempt(state, composers, claim).await) }) => outcome.unwrap_or_else(|error| {
                state.report("delivering a post", &error);
                Outcome::Unknown(backoff(claim.attempts))
            }),
        };
        match outcome {
            // This try did nothing, but an earlier one may have.
            Outcome::Later(wait) if claim.in_doubt() => Outcome::Unknown(wait),
            outcome => outcome,
        }
    }

    /// What a claim says, from what is known now.
    async fn compose(&self, state: &State, composers: &dyn Compose, claim: &Claim) -> Result<Post> {
        let mut db = state.db.reader().await?;
        let guild = people::guild(&mut *db, claim.guild).await?;
        let voice = Voice::of(&guild, &state.clock);
        let told = composers.compose(&mut db, state, voice, &claim.about).await?;
        let mut post = page(told.post, claim.page, voice.language);
        post.silent |= claim.is_silent;
        if claim.is_alone {
            // A press in direct messages doesn't say of which server it is.
            post.buttons.clear();
        }
        Ok(post)
    }

    async fn attempt(&self, state: &State, composers: &dyn Compose, claim: &Claim) -> Outcome {
        if let Some(wait) = self.closed(state, Some(claim.channel)) {
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
        if claim.message.is_none() && claim.in_doubt() && !nonce_holds {
            match self.search(state, claim).await {
                Ok(Some((id, there))) => {
                    // One that can't be composed now is edited once it can be.
                    let now = caught(self.compose(state, composers, claim)).await;
                    let is_same =
                        now.is_ok_and(|post| body(claim, &post).is_some_and(|it| same(&it, &there)));
                    return if is_same { Outcome::Sent(id) } else { Outcome::Found(id) };
                }
                Ok(None) => {}
                Err(Outcome::Unknown(_)) if since(claim.created_at) > GIVE_UP * 2 => {
                    return Outcome::Held(Failure::Unsearched);
                }
                Err(outcome) => return outcome,
            }
        }
        if is_stale {
            return Outcome::Failed(Failure::TooLate);
        }
        // It may be the newest message by now.
        self.searches().remove(&claim.id);
        let post = match caught(self.compose(state, composers, claim)).await {
            Ok(post) => post,
            Err(error) => return self.uncomposed(state, claim, &error),
        };
        self.failed_to_compose().remove(&claim.id);
        let Some(message) = body(claim, &post) else {
            return refused(state, claim, StatusCode::BAD_REQUEST, 0);
        };
        let mut answer = self.request(state, claim, &message, post.card.as_ref()).await;
        let is_pictures_fault = match answer {
            // Perhaps it may not attach files.
            Answer::Refused { status, .. } => {
                status == StatusCode::FORBIDDEN || status == StatusCode::PAYLOAD_TOO_LARGE
            }
            // A proxy may take less than Discord does.
            Answer::Unsigned(status) => status == StatusCode::PAYLOAD_TOO_LARGE,
            _ => false,
        };
        let is_unsigned = matches!(answer, Answer::Unsigned(_));
        if post.card.is_some() && is_pictures_fault {
            // The words are the same without the picture, and the nonce is.
            answer = self.request(state, claim, &message, None).await;
        }
        match answer {
            Answer::Body(there) => match made(&there, claim) {
                // It may be an earlier try's, with what was known then.
                Some(id) if claim.in_doubt() && claim.message.is_none() && !same(&message, &there) => {
                    Outcome::Found(id)
                }
                Some(id) => Outcome::Sent(id),
                None => Outcome::Unknown(backoff(claim.attempts)),
            },
            // Without its picture it did not leave; with it, who knows.
            Answer::Limited { wait } if is_unsigned => Outcome::Unknown(wait),
            Answer::Limited { wait } => Outcome::Later(wait),
            Answer::NeverLeft if !is_unsigned => Outcome::Later(backoff(claim.attempts)),
            Answer::NeverLeft | Answer::Lost | Answer::Unsigned(_) => {
                Outcome::Unknown(backoff(claim.attempts))
            }
            Answer::Refused { status, code } => refused(state, claim, status, code),
        }
    }

    fn failed_to_compose(&self) -> MutexGuard<'_, HashMap<PostId, u32>> {
        self.uncomposed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a post that could not be composed. Where the database is unwell, it waits like everything else; else it is
    /// tried again soon, and then is its own trouble alone.
    fn uncomposed(&self, state: &State, claim: &Claim, error: &Error) -> Outcome {
        let reference = state.report(&format!("composing a post: {}", claim.about.kind()), error);
        let later = Outcome::Later(backoff(claim.attempts));
        if error.is_passing() {
            return later;
        }
        let mut uncomposed = self.failed_to_compose();
        let times = uncomposed.entry(claim.id).or_default();
        *times += 1;
        if *times < TRIES_TO_COMPOSE {
            return later;
        }
        uncomposed.remove(&claim.id);
        if claim.message.is_none() && claim.in_doubt() {
            Outcome::Held(Failure::Uncomposed(reference))
        } else {
            Outcome::Failed(Failure::Uncomposed(reference))
        }
    }

    async fn request(&self, state: &State, claim: &Claim, message: &Value, card: Option<&Card>) -> Answer {
        let channel_id = serenity::all::ChannelId::new(claim.channel.get());
        let (route, method) = match claim.message {
            None => (Route::ChannelMessages { channel_id }, LightMethod::Post),
            Some(message) => {
                let message_id = serenity::all::MessageId::new(message.get());
                (Route::ChannelMessage { channel_id, message_id }, LightMethod::Patch)
            }
        };
        let request = Request::new(route, method);
        let request = match embed::picture(card, |doing, error| drop(state.report(doing, error))).await {
            None => request.body(Some(message.to_string().into_bytes())),
            Some(file) => request.multipart(Some(Multipart {
                payload_json: Some(embed::with_picture(message.clone(), &file).to_string()),
                upload: MultipartUpload::Attachments(vec![file]),
                fields: Vec::new(),
            })),
        };
        self.ask(state, claim, request).await
    }

    async fn ask(&self, state: &State, claim: &Claim, request: Request<'_>) -> Answer {
        self.pace.until_ready().await;
        // While this waited for its turn, others may have been told to stop.
        if let Some(wait) = self.closed(state, None) {
            return Answer::Limited { wait };
        }
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
        let (status, headers) = (answer.status(), answer.headers().clone());
        state.meters.requested(status.as_u16());
        if number(&headers, "x-ratelimit-remaining") == Some(0.0)
            && let Some(reset) = number(&headers, "x-ratelimit-reset-after").and_then(seconds)
        {
            self.close(state, Some(claim.channel), reset);
        }
        if answer::counts(status, &headers) {
            self.count_refusal(state);
        }
        // What breaks off is read as what it isn't: no word of Discord's.
        let body = answer.bytes().await.unwrap_or_default();
        match answer::read(status, &headers, &body) {
            Said::Done(body) => {
                self.pauses.store(0, Ordering::Relaxed);
                Answer::Body(body)
            }
            Said::Refused { status, code } => Answer::Refused { status, code },
            Said::TooMany { wait: Some(wait), is_for_all } => {
                self.close(state, if is_for_all { None } else { Some(claim.channel) }, wait);
                Answer::Limited { wait }
            }
            Said::TooMany { wait: None, .. } => Answer::Limited { wait: self.pause(state) },
            Said::Unsigned => {
                let (guild, channel, post) = (claim.guild.0, claim.channel.0, claim.id.0);
                tracing::info!(
                    guild,
                    channel,
                    post,
                    status = status.as_u16(),
                    "an answer without Discord's word"
                );
                Answer::Unsigned(status)
            }
        }
    }

    /// Looks for the message that an earlier try may have made.
    async fn search(&self, state: &State, claim: &Claim) -> Result<Option<(MessageId, Value)>, Outcome> {
        let unknown = || Outcome::Unknown(backoff(claim.attempts));
        let search = Search { deliverer: self, state, claim };
        let has = access::permissions(&search, claim.guild, claim.channel).await?.ok_or_else(unknown)?;
        if !has.contains(Permissions::VIEW_CHANNEL | Permissions::READ_MESSAGE_HISTORY) {
            return Err(Outcome::Held(Failure::HistoryHidden));
        }
        let mark = mark(claim.id.0);
        let carries = |message: &&Value| {
            message["author"]["bot"] == true
                && message["embeds"][0]["footer"]["text"].as_str().is_some_and(|text| text.ends_with(&mark))
        };
        let id = |message: &Value| message["id"].as_str().and_then(|id| id.parse::<i64>().ok());
        let channel_id = serenity::all::ChannelId::new(claim.channel.get());
        // Newest first: when the message was made is known by this machine's clock alone, and clocks are set.
        let since = at(claim.first_attempt.min(state.micros())) - CLOCK_ERROR;
        // Nothing was sent since a search that was broken off, so what it has seen need not be seen again.
        let (mut before, seen) =
            self.searches().remove(&claim.id).map_or((None, 0), |(id, seen)| (Some(id), seen));
        for page_number in seen..PAGES {
            if let Some(id) = before {
                self.searches().insert(claim.id, (id, page_number));
            }
            if let Some(wait) = self.closed(state, Some(claim.channel)) {
                return Err(Outcome::Unknown(wait));
            }
            let limit = ("limit", "100".to_owned());
            let params = [Some(limit), before.map(|id: i64| ("before", id.to_string()))];
            let request = Request::new(Route::ChannelMessages { channel_id }, LightMethod::Get)
                .params(Some(params.into_iter().flatten().collect()));
            // Only a list of messages tells that it isn't among them.
            let page = search.ask(request).await?;
            let page =
                page.as_array().filter(|page| page.iter().all(|it| id(it).is_some())).ok_or_else(unknown)?;
            self.searches().remove(&claim.id);
            if let Some(found) = page.iter().find(carries) {
                return Ok(id(found).map(|id| (MessageId(id), found.clone())));
            }
            let Some(oldest) = page.iter().filter_map(id).min() else { return Ok(None) };
            if page.len() < 100 || made_at(oldest) < since {
                return Ok(None);
            }
            before = Some(oldest);
        }
        Err(Outcome::Held(Failure::TooMuchSince))
    }

    fn searches(&self) -> MutexGuard<'_, HashMap<PostId, (i64, usize)>> {
        self.searches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how long a channel takes no more, or everything does.
    fn closed(&self, state: &State, channel: Option<ChannelId>) -> Option<TimeDelta> {
        let now = state.micros();
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let until = [channel, None]
            .iter()
            .filter_map(|key| closed.get(key))
            .filter(|(from, until)| (*from..*until).contains(&now))
            .map(|(_, until)| *until)
            .max()?;
        Some(TimeDelta::microseconds(until - now))
    }

    /// Pauses everything, since nobody says for how long. What was under way when a pause began does not lengthen it.
    fn pause(&self, state: &State) -> TimeDelta {
        self.closed(state, None).unwrap_or_else(|| {
            let before = self.pauses.fetch_add(1, Ordering::Relaxed);
            let wait = doubled(PAUSE, before, LONGEST_PAUSE);
            let seconds = wait.num_seconds();
            tracing::warn!(seconds, "told to slow down, and not for how long; deliveries pause");
            self.close(state, None, wait);
            wait
        })
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

/// The requests by which a message is looked for.
struct Search<'a> {
    deliverer: &'a Deliverer,
    state: &'a State,
    claim: &'a Claim,
}

impl access::Asks for Search<'_> {
    type Error = Outcome;

    async fn ask(&self, request: Request<'static>) -> Result<Value, Outcome> {
        let Self { deliverer, state, claim } = self;
        match deliverer.ask(state, claim, request).await {
            Answer::Body(body) => Ok(body),
            Answer::Limited { wait } => Err(Outcome::Unknown(wait)),
            // What Discord refuses today it refuses tomorrow; asking for ever would hold up the channel.
            Answer::Refused { status: StatusCode::FORBIDDEN, .. } => Err(Outcome::Held(Failure::Unseen)),
            Answer::Refused { status, code } => Err(refused(state, claim, status, code)),
            Answer::NeverLeft | Answer::Lost | Answer::Unsigned(_) => {
                Err(Outcome::Unknown(backoff(claim.attempts)))
            }
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

/// The message that an answer speaks of, if it is one of this post's channel.
fn made(body: &Value, claim: &Claim) -> Option<MessageId> {
    let number = |key: &str| body[key].as_str()?.parse::<i64>().ok();
    let id = MessageId(number("id")?);
    let is_it = number("channel_id")? == claim.channel.0 && claim.message.is_none_or(|message| message == id);
    is_it.then_some(id)
}

fn backoff(attempts: i64) -> TimeDelta {
    doubled(TimeDelta::seconds(1), u32::try_from(attempts).unwrap_or_default(), LONGEST_BACKOFF)
}

/// When a message of this id was made, by Discord's clock.
fn made_at(id: i64) -> DateTime<Utc> {
    at(((id >> 22) + 1_420_070_400_000) * 1000)
}

fn refused(state: &State, claim: &Claim, status: StatusCode, code: i64) -> Outcome {
    match (status, code) {
        (_, 10008) if claim.message.is_some() => Outcome::Sent(claim.message.unwrap_or(MessageId(0))),
        (_, 10008) => Outcome::Failed(Failure::Deleted),
        (_, 10003) => Outcome::Failed(Failure::ChannelGone),
        (_, 50001) => Outcome::Failed(Failure::ChannelHidden),
        (_, 50013) => Outcome::Failed(Failure::MayNotPost),
        (StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, _) => Outcome::Failed(Failure::Barred(code)),
        _ => {
            let error = Error::other("delivering a post", format!("Discord answered {status}, code {code}"));
            Outcome::Failed(Failure::Refused(state.report("deliver", &error)))
        }
    }
}

/// Does something while what is being sent goes on: it may hold connections to the database that this waits for.
async fn meanwhile<T>(
    sending: &mut FuturesUnordered<impl Future<Output = Vec<(Claim, Outcome)>>>,
    sent: &mut Vec<(Claim, Outcome)>,
    doing: impl Future<Output = T>,
) -> T {
    let mut doing = std::pin::pin!(doing);
    loop {
        tokio::select! {
            biased;
            Some(ended) = sending.next() => sent.extend(ended),
            done = &mut doing => return done,
        }
    }
}

/// The message that a claim's post is sent as, or edited to.
fn body(claim: &Claim, post: &Post) -> Option<Value> {
    let marked = referenced(post.clone(), claim.id.0);
    let body = match claim.message {
        None => {
            let nonce = Nonce::String(reference(claim.id.0));
            serde_json::to_value(embed::message(&marked).nonce(nonce).enforce_nonce(true))
        }
        Some(_) => serde_json::to_value(embed::edit(&marked)),
    };
    body.ok()
}

/// Whether a message that is there says what was to be sent, as far as people read it: text, colour and buttons. Where Discord
/// has written some of it in another way, they differ, and an edit follows that changes nothing.
fn same(sent: &Value, there: &Value) -> bool {
    fn read(message: &Value) -> (Vec<&Value>, Vec<(&Value, &Value)>) {
        let embed = &message["embeds"][0];
        let fields = embed["fields"].as_array().into_iter().flatten();
        let texts = [&embed["title"], &embed["description"], &embed["footer"]["text"], &embed["color"]]
            .into_iter()
            .chain(fields.flat_map(|field| [&field["name"], &field["value"]]))
            .collect();
        let rows = message["components"].as_array().into_iter().flatten();
        let buttons = rows.flat_map(|row| row["components"].as_array().into_iter().flatten());
        (texts, buttons.map(|button| (&button["custom_id"], &button["label"])).collect())
    }
    read(sent) == read(there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::Clock;
    use crate::store::db::Db;

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
        assert_eq!(deliverer.closed(&state, Some(ChannelId(1))), None, "those of long ago don't count");
        refuse(1);
        deliverer.close(&state, None, TimeDelta::seconds(1));
        assert_eq!(
            deliverer.closed(&state, Some(ChannelId(1))),
            Some(REFUSALS_SPAN),
            "a shorter pause ends no longer one"
        );
        clock.set(clock.now() + REFUSALS_SPAN);
        assert_eq!(deliverer.closed(&state, Some(ChannelId(1))), None);
    }

    #[tokio::test]
    async fn pauses_of_untold_length_grow_to_an_hour_and_begin_anew_after_a_success() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
        let clock = Clock::by_hand("2026-04-06T12:00:00Z".parse().unwrap());
        let state = State::new(db, clock.clone());
        let deliverer = Deliverer::new(Arc::new(Http::new("x")), reqwest::Client::new(), NonZeroU32::MIN);
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = TimeDelta::minutes(minutes);
            assert_eq!((deliverer.pause(&state), deliverer.pause(&state)), (wait, wait));
            assert_eq!(deliverer.closed(&state, Some(ChannelId(1))), Some(wait), "every channel");
            clock.set(clock.now() + wait);
            assert_eq!(deliverer.closed(&state, None), None);
        }
        deliverer.pauses.store(0, Ordering::Relaxed);
        assert_eq!(deliverer.pause(&state), PAUSE);
    }

    #[test]
    fn the_reference_stands_at_the_end_of_the_footer() {
        let post = referenced(Post::text("x").footer("Bell"), 40);
        assert_eq!(post.footer.as_deref(), Some("Bell · #18"));
    }
}
