//! A message as a client sends it, validated against Discord's rules. For every route that takes a message.

use axum::body::Bytes;
use serde_json::Value;

use super::form::Form;
use super::mentions::{self, Allowed};
use super::objects::ATTACHMENT_LIMIT;
use super::refused::{self, Refused};
use super::world::Id;
use super::{components, embeds, form};

pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
pub(crate) const EPHEMERAL: u64 = 1 << 6;
pub(crate) const LOADING: u64 = 1 << 7;
pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
const VOICE_MESSAGE: u64 = 1 << 13;
const COMPONENTS_V2: u64 = 1 << 15;
const MOST_FILES: usize = 10;

/// A file in a request, as `files[index]`.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) index: u64,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// The kind of sender, which determines the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// A message to a channel.
    Channel,
    /// A response to an interaction, or a follow-up.
    Interaction,
    /// A deferred response to an interaction.
    Deferral,
    /// An edit of a message.
    Edit,
}

/// A validated message. `None` means that the field was absent.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Value>>,
    pub(crate) components: Option<Vec<Value>>,
    pub(crate) flags: Option<u64>,
    pub(crate) allowed: Option<Allowed>,
    pub(crate) nonce: Option<Value>,
    pub(crate) enforce_nonce: bool,
    pub(crate) tts: bool,
    pub(crate) reply_to: Option<Reply>,
    /// Existing attachments to keep.
    pub(crate) kept: Option<Vec<Id>>,
    pub(crate) files: Vec<Upload>,
    /// Descriptions of the new files, by `files[n]`.
    pub(crate) descriptions: Vec<(u64, String)>,
}

/// The message it replies to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) message: Id,
    pub(crate) must_exist: bool,
}

impl Draft {
    /// Validates `body` and its files, and reports all errors at once.
    pub(crate) fn read(body: &Value, files: &[Upload], route: Route) -> Result<Self, Refused> {
        if files.iter().any(|file| file.bytes.len() > ATTACHMENT_LIMIT) {
            return Err(refused::TOO_LARGE);
        }
        for (key, what) in [("poll", "polls"), ("sticker_ids", "stickers"), ("shared_client_theme", "themes")]
        {
            if body
                .get(key)
                .is_some_and(|value| !value.is_null() && value.as_array().is_none_or(|it| !it.is_empty()))
            {
                return Err(Refused::not_built(what));
            }
        }
        if files.len() > MOST_FILES {
            return Err(refused::TOO_MANY_ATTACHMENTS);
        }
        let flags = body.get("flags").and_then(Value::as_u64).unwrap_or(0);
        for (flag, what) in [(COMPONENTS_V2, "components v2"), (VOICE_MESSAGE, "voice messages")] {
            if flags & flag != 0 {
                return Err(Refused::not_built(what));
            }
        }
        if body.pointer("/message_reference/type").and_then(Value::as_u64) == Some(1) {
            return Err(Refused::not_built("forwarded messages"));
        }
        form::read(body, |form| Self::fields(form, files, route))
    }

    fn fields(form: &Form<'_>, files: &[Upload], route: Route) -> Self {
        let mut draft = Self { files: files.to_vec(), ..Self::default() };
        // On an edit, null empties a field.
        draft.content = form.given("content").map(|content| {
            if content.value().is_null() {
                return String::new();
            }
            content.text(0..=2000).unwrap_or_default().trim().to_owned()
        });
        let names: Vec<&str> = files.iter().map(|file| file.filename.as_str()).collect();
        draft.embeds = form
            .given("embeds")
            .map(|list| if list.value().is_null() { Vec::new() } else { embeds::read(&list, &names) });
        draft.components = form
            .given("components")
            .map(|list| if list.value().is_null() { Vec::new() } else { components::read(&list) });
        draft.flags = form.get("flags").and_then(|flags| {
            let allowed = match route {
                Route::Channel => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS,
                Route::Interaction => SUPPRESS_EMBEDS | EPHEMERAL | SUPPRESS_NOTIFICATIONS,
                Route::Deferral => EPHEMERAL,
                Route::Edit => SUPPRESS_EMBEDS,
            };
            let bits = flags.int(0..=i64::MAX)?.unsigned_abs();
            // An edit carries the message's flags along; only unknown bits are refused.
            if bits & !(allowed | if route == Route::Edit { u64::from(u16::MAX) } else { 0 }) != 0 {
                flags.fault("BASE_TYPE_CHOICES", format!("Flags {bits} hold one that can't be set here."));
            }
            Some(bits & allowed)
        });
        draft.allowed = form.get("allowed_mentions").map(|allowed| mentions::read_allowed(&allowed));
        draft.tts = form.get("tts").and_then(|tts| tts.flag()).unwrap_or(false);
        if route == Route::Channel {
            draft.read_nonce(form);
        }
        draft.reply_to = form.get("message_reference").and_then(|reference| {
            let message = reference.need("message_id")?.id()?;
            let must_exist = reference.get("fail_if_not_exists").and_then(|it| it.flag()).unwrap_or(true);
            Some(Reply { message, must_exist })
        });
        draft.read_attachments(form);
        draft
    }

    fn read_nonce(&mut self, form: &Form<'_>) {
        self.enforce_nonce = form.get("enforce_nonce").and_then(|flag| flag.flag()).unwrap_or(false);
        let Some(nonce) = form.get("nonce") else {
            return;
        };
        if nonce.value().is_i64() || nonce.value().is_u64() || nonce.text(0..=25).is_some() {
            self.nonce = Some(nonce.value().clone());
        }
    }

    fn read_attachments(&mut self, form: &Form<'_>) {
        let Some(list) = form.get("attachments") else {
            return;
        };
        let mut kept = Vec::new();
        for entry in list.list(0..=MOST_FILES) {
            let description = entry.get("description").and_then(|text| text.text(0..=1024));
            let Some(id) = entry.need("id").and_then(|id| id.id()) else {
                continue;
            };
            match self.files.iter_mut().find(|file| file.index == id) {
                Some(file) => {
                    if let Some(name) = entry.get("filename").and_then(|name| name.text(1..=1024)) {
                        name.clone_into(&mut file.filename);
                    }
                    self.descriptions.extend(description.map(|text| (id, text.to_owned())));
                }
                None => kept.push(id),
            }
        }
        self.kept = Some(kept);
    }

    /// Whether the message would be empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.content.as_ref().is_none_or(String::is_empty)
            && self.embeds.as_ref().is_none_or(Vec::is_empty)
            && self.components.as_ref().is_none_or(Vec::is_empty)
            && self.files.is_empty()
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.flags.is_some_and(|flags| flags & EPHEMERAL != 0)
    }
}
