//! Answers to interactions, and making sure that they arrive.
//!
//! Discord accepts a first answer for three seconds, then refuses it with 10062. Only Discord decides what is
//! late: an interaction that may be late is deferred before anything is written, and if Discord refuses the
//! deferral, nothing is written. An answer with an unknown outcome is sent again, since Discord accepts only
//! one; a 429 is waited out. If something was done but the answer failed, the receipt goes to the person's
//! inbox.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::{Value, json};
use serenity::all::{
    ApplicationId, CommandInteraction, Context, CreateAttachment, CreateEmbed,
    CreateInteractionResponseMessage, CreateModal, InteractionId, LightMethod, Route,
};
use serenity::http::{Multipart, MultipartUpload, Request};
use serenity::prelude::TypeMapKey;

use super::{Ctx, Here, language, outside};
use crate::kernel::error::{Error, Result};
use crate::outbox::answer::is_refusal;
use crate::outbox::inbox;
use crate::outbox::subject::Said;
use crate::people::Voice;
use crate::render::embed;
use crate::render::post::{Button, Post};
use crate::store::state::State;
use crate::words::{Language, chat as words};

/// An interaction older than this on arrival may be too late to answer.
const MAY_BE_LATE: TimeDelta = TimeDelta::milliseconds(2_000);
/// One younger than this is from the future: the clock is behind, so it may be of any age.
const CLOCK_IS_BEHIND: TimeDelta = TimeDelta::milliseconds(-500);
/// How long a first answer may be waited for: as long as Discord waits.
const FIRST: Duration = Duration::from_secs(3);
/// The same for the answer after a deferral. Its token lives for fifteen minutes, but nobody watches for that
/// long.
const FILLED: Duration = Duration::from_mins(1);
/// How often an answer with an unknown outcome is sent, and the pause before the last try.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(400);

/// Discord's response types for callbacks.
const MESSAGE: u8 = 4;
const DEFERRED_MESSAGE: u8 = 5;
const DEFERRED_UPDATE: u8 = 6;
const UPDATE: u8 = 7;
const MODAL: u8 = 9;

/// The HTTP client for answers, stored in serenity's type map: serenity's own requests don't expose a 429's
/// wait time.
#[derive(Debug)]
pub struct Client;

impl TypeMapKey for Client {
    type Value = reqwest::Client;
}

/// Marks a command that writes nothing and must not be deferred: a form can't be opened after a deferral, and
/// a public answer would become private.
#[derive(Debug)]
pub struct AtOnce;

/// Why an answer didn't reach the person.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The three seconds, or the token's lifetime, were over.
    #[error("too late: Discord no longer accepts an answer to this interaction")]
    Late,
    /// It was answered already: the interaction arrived twice.
    #[error("it was already answered")]
    Before,
    /// Discord's rate limit lasts until it is too late.
    #[error("Discord is rate limiting answers for {0:?}")]
    Limited(Duration),
    /// Discord refuses it.
    #[error("Discord refused the answer: {0}, code {1}")]
    Refused(StatusCode, i64),
    /// Every try had an unknown outcome.
    #[error("the answer was lost: {0}")]
    Lost(String),
}

impl From<Unanswered> for Error {
    fn from(why: Unanswered) -> Self {
        Self::other("answering", why)
    }
}

/// The reason, if this error is that an answer didn't reach the person.
pub fn unanswered(error: &Error) -> Option<&Unanswered> {
    let Error::Other { source, .. } = error else { return None };
    source.downcast_ref()
}

/// Whether an interaction with this id may be too late to answer. The clock may be wrong; the only cost is a
/// needless deferral.
pub(super) fn may_be_late(id: InteractionId, now: DateTime<Utc>) -> bool {
    let age = now.timestamp_millis() - id.created_at().timestamp_millis();
    !(CLOCK_IS_BEHIND..=MAY_BE_LATE).contains(&TimeDelta::milliseconds(age))
}

/// The receipt for something that was done, kept in the inbox if it can't be delivered.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The post to show.
    pub(super) shown: Post,
    kept: Post,
    undo: Option<Button>,
}

impl From<Post> for Receipt {
    fn from(post: Post) -> Self {
        Self { kept: post.clone(), shown: post, undo: None }
    }
}

impl Receipt {
    /// Adds an undo button to the inbox item, for a person who could not be told at once. The label says what
    /// is undone.
    #[must_use]
    pub fn undone_by(self, id: impl Into<String>, label: &str) -> Self {
        let label = label.chars().take(80).collect();
        Self { undo: Some(Button { id: id.into(), label }), ..self }
    }

    /// Keeps another text in the inbox: what is shown is a page, which doesn't say what was done.
    #[must_use]
    pub fn kept_as(self, text: &str) -> Self {
        Self { kept: Post::text(text), ..self }
    }

    /// The inbox item.
    fn into_item(self, at: DateTime<Utc>, voice: Voice<'_>) -> Post {
        let Self { kept, undo, .. } = self;
        let title = kept.title.unwrap_or_else(|| voice.say(words::done()));
        let when = voice.say(words::done_at(format!("<t:{}:t>", at.timestamp())));
        let body = format!("{}\n\n{when}", kept.body).trim_start().to_owned();
        let buttons = undo.into_iter().collect();
        Post { title: Some(title), body, buttons, footer: None, card: None, ..kept }
    }
}

/// Puts a receipt in the inbox of the person who acted, if it could not be delivered.
pub(super) async fn kept(state: &State, here: &Here, receipt: Receipt, said: Result<()>) -> Result<()> {
    let Err(error) = &said else { return said };
    // If the interaction was answered before, the person has read that answer.
    if unanswered(error).is_some_and(|why| !matches!(why, Unanswered::Before))
        && let Err(lost) = put_in_inbox(state, here, receipt).await
    {
        state.report("keeping a receipt", &lost);
    }
    said
}

async fn put_in_inbox(state: &State, here: &Here, receipt: Receipt) -> Result<()> {
    let post = receipt.into_item(state.clock.now(), here.voice());
    let mut tx = state.db.write().await?;
    let key = inbox::receipt_key(here.interaction);
    inbox::add(&mut tx, state, here.guild.id, here.actor.person, &key, &Said::from(post)).await?;
    tx.commit_unasked().await?;
    state.wake();
    Ok(())
}

/// A message's JSON, including whether only one person sees it.
fn body(post: &Post, embed: CreateEmbed, file: Option<&CreateAttachment>, is_private: bool) -> Result<Value> {
    let message = CreateInteractionResponseMessage::new()
        .embed(embed)
        .components(embed::rows(post))
        .allowed_mentions(embed::mentions(post))
        .ephemeral(is_private);
    let mut body = serde_json::to_value(message)?;
    if let Some(file) = file {
        body["attachments"] = json!([{"id": 0, "filename": file.filename, "description": file.description}]);
    }
    Ok(body)
}

/// The JSON of a post's messages, including whether only one person sees them; the file goes with the first.
/// Continuations are marked in this language.
pub(super) fn bodies(
    post: &Post,
    language: Language,
    file: Option<&CreateAttachment>,
    is_private: bool,
) -> Result<Vec<Value>> {
    let mut file = file;
    let mut bodies = Vec::new();
    for page in post.clone().pages(language) {
        let with = file.take();
        let embed = match with.filter(|_| page.card.is_some()) {
            Some(picture) => embed::embed(&page).attachment(&picture.filename),
            None => embed::embed(&page),
        };
        bodies.push(body(&page, embed, with, is_private)?);
    }
    Ok(bodies)
}

/// Answers a command with a post, in as many messages as it takes.
pub(super) async fn send(
    ctx: Ctx<'_>,
    post: &Post,
    file: Option<&CreateAttachment>,
    is_private: bool,
) -> Result<()> {
    let Ctx::Application(app) = ctx else { return Err(outside()) };
    let language = language(&app.interaction.locale);
    let mut bodies = bodies(post, language, file, is_private)?.into_iter();
    if let Some(first) = bodies.next() {
        answer(ctx, &first, file).await?;
    }
    for body in bodies {
        Way::of(app.serenity_context(), app.interaction).follow(&body).await?;
    }
    Ok(())
}

async fn answer(ctx: Ctx<'_>, body: &Value, file: Option<&CreateAttachment>) -> Result<()> {
    let Ctx::Application(app) = ctx else { return Err(outside()) };
    let way = Way::of(app.serenity_context(), app.interaction);
    if app.has_sent_initial_response.load(Ordering::SeqCst) {
        way.fill(body, file).await?;
    } else {
        way.first(MESSAGE, body, file).await?;
        app.has_sent_initial_response.store(true, Ordering::SeqCst);
    }
    Ok(())
}

/// Answers a command by opening a form.
///
/// # Errors
/// When it did not arrive.
pub async fn open(ctx: Ctx<'_>, form: CreateModal) -> Result<()> {
    let Ctx::Application(app) = ctx else { return Err(outside()) };
    let form = serde_json::to_value(form)?;
    Ok(Way::of(app.serenity_context(), app.interaction).first(MODAL, &form, None).await?)
}

/// Tells Discord that the answer will take a while. Only the person who asked will see it.
///
/// # Errors
/// When Discord hasn't accepted it: then nothing may be done.
pub async fn defer(ctx: Ctx<'_>) -> Result<()> {
    let Ctx::Application(app) = ctx else { return Err(outside()) };
    if !app.has_sent_initial_response.load(Ordering::SeqCst) {
        Way::of(app.serenity_context(), app.interaction).defer(DEFERRED_MESSAGE).await?;
        app.has_sent_initial_response.store(true, Ordering::SeqCst);
    }
    Ok(())
}

/// Defers a command that may be late, before it does anything.
///
/// # Errors
/// When Discord hasn't accepted it: then nothing may be done.
pub async fn in_time(ctx: Ctx<'_>) -> Result<bool> {
    if let Ctx::Application(app) = ctx
        && app.interaction_type == poise::CommandInteractionType::Command
        && may_be_late(app.interaction.id, ctx.data().clock.now())
        && !app.command().custom_data.is::<AtOnce>()
    {
        defer(ctx).await?;
    }
    Ok(true)
}

/// The channel for answering an interaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) discord: &'a Context,
    pub(super) id: InteractionId,
    pub(super) application: ApplicationId,
    pub(super) token: &'a str,
}

impl<'a> Way<'a> {
    fn of(discord: &'a Context, command: &'a CommandInteraction) -> Self {
        let CommandInteraction { id, application_id, token, .. } = command;
        Self { discord, id: *id, application: *application_id, token }
    }

    /// Sends the first answer.
    async fn first(self, kind: u8, data: &Value, file: Option<&CreateAttachment>) -> Result<(), Unanswered> {
        let route = Route::InteractionResponse { interaction_id: self.id, token: self.token };
        self.send(LightMethod::Post, route, &json!({"type": kind, "data": data}), file, FIRST).await
    }

    /// Sends a message as the first answer.
    pub(super) async fn say(self, body: &Value) -> Result<(), Unanswered> {
        self.first(MESSAGE, body, None).await
    }

    /// As the first answer, replaces the message whose button was pressed.
    pub(super) async fn update(self, body: &Value) -> Result<(), Unanswered> {
        self.first(UPDATE, body, None).await
    }

    /// Defers the answer: to a private message, or to an update of the message whose button was pressed.
    async fn defer(self, kind: u8) -> Result<(), Unanswered> {
        self.first(kind, &json!({"flags": 64}), None).await
    }

    /// Defers to a private message.
    pub(super) async fn defer_message(self) -> Result<(), Unanswered> {
        self.defer(DEFERRED_MESSAGE).await
    }

    /// Defers to a possible update of the message whose button was pressed.
    pub(super) async fn defer_update(self) -> Result<(), Unanswered> {
        self.first(DEFERRED_UPDATE, &Value::Null, None).await
    }

    /// Sends the deferred answer.
    pub(super) async fn fill(self, body: &Value, file: Option<&CreateAttachment>) -> Result<(), Unanswered> {
        let mut body = body.clone();
        // The deferral decided who sees it.
        if let Some(body) = body.as_object_mut() {
            body.remove("flags");
        }
        let route =
            Route::WebhookOriginalInteractionResponse { application_id: self.application, token: self.token };
        self.send(LightMethod::Patch, route, &body, file, FILLED).await
    }

    /// Sends a further message.
    pub(super) async fn follow(self, body: &Value) -> Result<(), Unanswered> {
        let route = Route::WebhookFollowupMessages { application_id: self.application, token: self.token };
        self.send(LightMethod::Post, route, body, None, FILLED).await
    }

    async fn send(
        self,
        method: LightMethod,
        route: Route<'_>,
        body: &Value,
        file: Option<&CreateAttachment>,
        patience: Duration,
    ) -> Result<(), Unanswered> {
        let client = self.discord.data.read().await.get::<Client>().cloned().unwrap_or_default();
        let (http, begun) = (&self.discord.http, Instant::now());
        let mut unknown = 0;
        loop {
            let request = Request::new(route, method);
            let request = match file {
                None => request.body(Some(body.to_string().into_bytes())),
                Some(file) => request.multipart(Some(Multipart {
                    payload_json: Some(body.to_string()),
                    upload: MultipartUpload::Attachments(vec![file.clone()]),
                    fields: Vec::new(),
                })),
            };
            let lost = |error: serenity::Error| Unanswered::Lost(error.to_string());
            let request = request.build(&client, http.token(), http.proxy.as_deref()).map_err(lost)?;
            let why = match request.send().await {
                Ok(answer) => {
                    let (status, told) = (answer.status(), retry_after(answer.headers()));
                    let said: Value = answer.json().await.unwrap_or_default();
                    let code = said["code"].as_i64().unwrap_or_default();
                    match code {
                        // A callback is accepted without a body; everything else returns the resulting
                        // message.
                        _ if status == StatusCode::NO_CONTENT => return Ok(()),
                        _ if status.is_success() && said["id"].is_string() => return Ok(()),
                        // An earlier try arrived after all.
                        40060 if unknown > 0 => return Ok(()),
                        40060 => return Err(Unanswered::Before),
                        10062 | 10015 | 50027 => return Err(Unanswered::Late),
                        _ if status == StatusCode::TOO_MANY_REQUESTS => {
                            let wait = said["retry_after"].as_f64().or(told).unwrap_or(1.0).clamp(0.0, 900.0);
                            let wait = Duration::from_secs_f64(wait);
                            if begun.elapsed() + wait >= patience {
                                return Err(Unanswered::Limited(wait));
                            }
                            // On the system clock, since Discord's limits run in real time.
                            tokio::time::sleep(wait).await;
                            continue;
                        }
                        _ if is_refusal(status, code) => return Err(Unanswered::Refused(status, code)),
                        // An intermediary's answer doesn't say whether the request arrived.
                        _ => status.to_string(),
                    }
                }
                Err(error) => error.without_url().to_string(),
            };
            unknown += 1;
            if unknown == TRIES {
                return Err(Unanswered::Lost(why));
            }
            if unknown > 1 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Seconds to wait, if only the headers say so.
fn retry_after(headers: &HeaderMap) -> Option<f64> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    seconds.is_finite().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_late_is_what_a_clock_can_not_tell_to_be_in_time() {
        let now: DateTime<Utc> = "2026-04-06T12:00:00Z".parse().unwrap();
        let aged = |millis: i64| {
            let made = (now.timestamp_millis() - millis - 1_420_070_400_000).cast_unsigned() << 22;
            may_be_late(InteractionId::new(made), now)
        };
        for in_time in [0, 50, 1_999, -400] {
            assert!(!aged(in_time), "{in_time} ms");
        }
        for late in [2_001, 3_000, 900_000, -600, -3_600_000] {
            assert!(aged(late), "{late} ms");
        }
    }
}
