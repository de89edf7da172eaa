//! Delivery: claim, commit, send, record. A post is sent exactly once, or its outcome is reported as unknown.
//!
//! Discord's only help is the nonce: for a few minutes, Create Message with `enforce_nonce` returns the
//! earlier message with the same nonce instead of creating a second. Within two minutes, an unknown outcome
//! is retried with the same nonce; later, the channel is searched for the post's reference first. If it can't
//! be searched, the post is held. Only Discord's own answer settles an outcome; any other answer leaves it
//! unknown.

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

/// For this long after the first try, the nonce detects repeats.
const NONCE_HOLDS: TimeDelta = TimeDelta::minutes(2);
/// After this long, an unsent post is too old to send, and so is an edit that couldn't be made.
const GIVE_UP: TimeDelta = TimeDelta::hours(12);
/// A send that takes longer is aborted, so that it ends before its claim expires.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long everything pauses after a 429 without a wait time; doubled each time in a row, up to an hour.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// The longest wait before a post with an unknown outcome is retried.
const LONGEST_BACKOFF: TimeDelta = TimeDelta::seconds(256);
/// How wrong a clock may be with a message still being found.
const CLOCK_ERROR: TimeDelta = TimeDelta::hours(3);
/// How many pages of a hundred messages are searched.
const PAGES: usize = 20;
/// Discord counts refused requests over this span, and bans the address at 10,000.
const REFUSALS_SPAN: TimeDelta = TimeDelta::minutes(10);
/// After this many refused requests in that span, per permitted request a second, sending stops until the
/// span is over: half of Discord's limit, divided among processes like the rate is.
const REFUSALS: u32 = 100;
/// Discord's limit doesn't grow any further for bots with a higher request rate.
const MOST_REFUSALS: u32 = 5_000;

/// How long to wait for more posts after a new one, since each claim costs a commit.
const GLANCE: Duration = Duration::from_millis(20);
/// A post that can't be composed is dropped after this many tries, so that it doesn't hold up those behind
/// it.
const TRIES_TO_COMPOSE: u32 = 3;

/// Sends the outbox's posts within Discord's rate limits.
#[derive(Debug)]
pub struct Deliverer {
    http: Arc<Http>,
    client: reqwest::Client,
    pace: DefaultDirectRateLimiter,
    /// The most requests in flight: enough when answers take a second, but few enough to be sent in time.
    at_once: usize,
    watch: Watch,
    /// The time span, in microseconds since 1970, during which a channel is rate limited; `None` stands for
    /// all channels.
    closed: Mutex<HashMap<Option<ChannelId>, (i64, i64)>>,
    /// For interrupted searches: the oldest message seen, and how many pages were read.
    searches: Mutex<HashMap<PostId, (i64, usize)>>,
    /// For posts that could not be composed: how often it failed.
    uncomposed: Mutex<HashMap<PostId, u32>>,
    /// How many pauses in a row were caused by a 429 without a wait time.
    pauses: AtomicU32,
    refusals: Mutex<Refusals>,
    most_refusals: u32,
}

/// The number of refused requests, and since when they are counted, in microseconds since 1970.
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
    /// Something other than Discord answered: whether the request was carried out is unknown.
    Unsigned(StatusCode),
}

impl Deliverer {
    /// A deliverer that uses `http`'s address and token, with at most `per_second` requests a second.
    pub fn new(http: Arc<Http>, client: reqwest::Client, per_second: NonZeroU32) -> Self {
        // Spaced evenly, so that no second by Discord's count sees more; one late request may be caught up.
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

    /// Sends the posts that are due, the first of each channel. Returns how many were attempted.
    pub async fn step(&self, state: &State, composers: &dyn Compose) -> Result<usize> {
        let claims = queue::claim(state, &self.watch, self.at_once).await?;
        let sent = claims.into_iter().map(|claim| self.send(state, composers, claim));
        let settled = join_all(sent).await.concat();
        if !settled.is_empty() {
            queue::settle(state, &settled).await?;
        }
        Ok(settled.len())
    }

    /// Sends due posts until `stop`, several at a time; requests in flight are finished.
    pub async fn run(&self, state: &State, composers: &dyn Compose, stop: &CancellationToken) {
        let mut sending = FuturesUnordered::new();
        // Outcomes that aren't recorded yet.
        let mut sent = Vec::new();
        let mut woken = state.woken();
        loop {
            // Read once per round, so that the loop doesn't wait for something that can't happen.
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
            // Claimed several at a time, since each claim costs a commit.
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

    /// Sends a post. If it still fails after enough tries, the one behind it is tried: if that arrives, the
    /// channel works and this post is the problem, so it is held, since its turn has passed. If it doesn't
    /// arrive either, nothing gets through, and all of them wait in order.
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
            // Timeout first: a process that was suspended must not go on sending a post that another may have
            // claimed by now.
            biased;
            () = tokio::time::sleep_until(ends) => Outcome::Unknown(backoff(claim.attempts)),
            outcome = caught(async { Ok(self.attempt(state, composers, claim).await) }) => outcome.unwrap_or_else(|error| {
                state.report("delivering a post", &error);
                Outcome::Unknown(backoff(claim.attempts))
            }),
        };
        match outcome {
            // This try did nothing, but an earlier one may have succeeded.
            Outcome::Later(wait) if claim.in_doubt() => Outcome::Unknown(wait),
            outcome => outcome,
        }
    }

    /// Composes a claim's post from current data.
    async fn compose(&self, state: &State, composers: &dyn Compose, claim: &Claim) -> Result<Post> {
        let mut db = state.db.reader().await?;
        let guild = people::guild(&mut *db, claim.guild).await?;
        let voice = Voice::of(&guild, &state.clock);
        let told = composers.compose(&mut db, state, voice, &claim.about).await?;
        let mut post = page(told.post, claim.page, voice.language);
        post.silent |= claim.is_silent;
        if claim.is_alone {
            // In a direct message, a button press doesn't say which server it is for.
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
        // Now is before the first attempt: the clock was set back, so the nonce's age is unknown.
        let nonce_holds = !is_stale && waited >= TimeDelta::zero() && waited <= NONCE_HOLDS;
        if claim.message.is_none() && claim.in_doubt() && !nonce_holds {
            match self.search(state, claim).await {
                Ok(Some((id, there))) => {
                    // If it can't be composed now, it will be edited later.
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
        // Another search must start over: this try may create the newest message.
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
            // The bot may lack the permission to attach files.
            Answer::Refused { status, .. } => {
                status == StatusCode::FORBIDDEN || status == StatusCode::PAYLOAD_TOO_LARGE
            }
            // A proxy may have a lower size limit than Discord.
            Answer::Unsigned(status) => status == StatusCode::PAYLOAD_TOO_LARGE,
            _ => false,
        };
        let is_unsigned = matches!(answer, Answer::Unsigned(_));
        if post.card.is_some() && is_pictures_fault {
            // Retry without the picture; the text and the nonce stay the same.
            answer = self.request(state, claim, &message, None).await;
        }
        match answer {
            Answer::Body(there) => match made(&there, claim) {
                // The nonce may have returned an earlier try's message, with older text.
                Some(id) if claim.in_doubt() && claim.message.is_none() && !same(&message, &there) => {
                    Outcome::Found(id)
                }
                Some(id) => Outcome::Sent(id),
                None => Outcome::Unknown(backoff(claim.attempts)),
            },
            // The retry without the picture wasn't sent, but the first try may have arrived.
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

    /// What happens to a post that could not be composed. If the database is in trouble, it waits like
    /// everything else; otherwise it is retried soon, and after a few tries it is dropped.
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
        // Deliveries may have been paused while this one waited for its turn.
        if let Some(wait) = self.closed(state, None) {
            return Answer::Limited { wait };
        }
        // The process may have been suspended, and the claim taken over. A steady clock stops while the
        // machine sleeps, and the time of day can be set, so both must agree.
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
        // A truncated body reads as not being Discord's.
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

    /// Searches for the message that an earlier try may have created.
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
        // Newest first: the message's time is only known by this machine's clock, which may have been
        // changed.
        let since = at(claim.first_attempt.min(state.micros())) - CLOCK_ERROR;
        // Nothing was sent since an interrupted search, so it can continue where it stopped.
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
            // Only a valid list of messages proves that the message isn't there.
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

    /// How long a channel, or everything, is still rate limited.
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

    /// Pauses everything after a 429 without a wait time. Requests that were in flight when a pause began
    /// don't extend it.
    fn pause(&self, state: &State) -> TimeDelta {
        self.closed(state, None).unwrap_or_else(|| {
            let before = self.pauses.fetch_add(1, Ordering::Relaxed);
            let wait = doubled(PAUSE, before, LONGEST_PAUSE);
            let seconds = wait.num_seconds();
            tracing::warn!(seconds, "rate limited without a wait time; pausing deliveries");
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

    /// Counts refusals, and pauses everything if there are too many: Discord bans the address of a bot that
    /// continues.
    fn count_refusal(&self, state: &State) {
        let now = state.micros();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = TimeDelta::microseconds(now - refusals.since);
        if !(TimeDelta::zero()..REFUSALS_SPAN).contains(&passed) {
            *refusals = Refusals { since: now, count: 0 };
        }
        refusals.count += 1;
        if refusals.count >= self.most_refusals {
            tracing::warn!("too many requests refused by Discord; pausing deliveries for ten minutes");
            self.close(state, None, REFUSALS_SPAN);
            *refusals = Refusals::default();
        }
    }
}

/// The requests that search for a message.
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
            // Discord would refuse it again tomorrow, and retrying forever would hold up the channel.
            Answer::Refused { status: StatusCode::FORBIDDEN, .. } => Err(Outcome::Held(Failure::Unseen)),
            Answer::Refused { status, code } => Err(refused(state, claim, status, code)),
            Answer::NeverLeft | Answer::Lost | Answer::Unsigned(_) => {
                Err(Outcome::Unknown(backoff(claim.attempts)))
            }
        }
    }
}

/// The mark by which a post's message is recognised: the end of its footer.
fn mark(id: i64) -> String {
    format!("#{}", reference(id))
}

fn referenced(post: Post, id: i64) -> Post {
    let footer = post.footer.as_ref().map_or_else(|| mark(id), |text| format!("{text} · {}", mark(id)));
    post.footer(footer)
}

/// The message in an answer, if it belongs to this post's channel.
fn made(body: &Value, claim: &Claim) -> Option<MessageId> {
    let number = |key: &str| body[key].as_str()?.parse::<i64>().ok();
    let id = MessageId(number("id")?);
    let is_it = number("channel_id")? == claim.channel.0 && claim.message.is_none_or(|message| message == id);
    is_it.then_some(id)
}

fn backoff(attempts: i64) -> TimeDelta {
    doubled(TimeDelta::seconds(1), u32::try_from(attempts).unwrap_or_default(), LONGEST_BACKOFF)
}

/// When the message with this id was created, by Discord's clock.
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

/// Awaits something while sends in flight continue: they may hold database connections that it needs.
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

/// The JSON that a claim's post is sent as, or edited to.
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

/// Whether an existing message shows what was to be sent, as far as people can see: text, colour and buttons.
/// If Discord has normalised some of it, they differ, and a harmless edit follows.
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
