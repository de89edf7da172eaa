//! What a message is about. The outbox, inboxes and daily summaries store this instead of text: a message is
//! composed from current data when it is sent or viewed. So no stored text mentions an erased person, and
//! changes in the meantime are reflected.

use std::fmt;

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::error::{Error, Result};
use crate::people::Voice;
use crate::render::post::Post;
use crate::store::db::Reader;
use crate::store::state::State;
use crate::words::outbox as words;

/// What a message is about. The feature that sends it defines a type for it, and a [`Composer`].
pub trait Subject: Serialize + DeserializeOwned + Sync {
    /// Its unique name in the database.
    const KIND: &'static str;
}

/// A subject as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    kind: String,
    value: Value,
    /// Whether only its line in a daily summary is needed.
    is_folded: bool,
}

#[derive(Serialize)]
struct Kept<'a, S> {
    kind: &'static str,
    #[serde(flatten)]
    subject: &'a S,
}

/// A subject in its stored form.
///
/// # Errors
/// When it can't be written as JSON.
pub fn kept<S: Subject>(subject: &S) -> Result<String> {
    Ok(serde_json::to_string(&Kept { kind: S::KIND, subject })?)
}

impl About {
    /// Parses a stored subject.
    ///
    /// # Errors
    /// When it can't be parsed.
    pub fn parse(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            kind: String,
        }
        let value: Value = serde_json::from_str(text)?;
        let Named { kind } = Named::deserialize(&value)?;
        Ok(Self { kind, value, is_folded: false })
    }

    /// The kind of its composer.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The same, for its line in a daily summary.
    #[must_use]
    pub(super) fn folded(self) -> Self {
        Self { is_folded: true, ..self }
    }

    /// Whether only its line is needed.
    pub fn is_folded(&self) -> bool {
        self.is_folded
    }

    /// Whether it is a stored text.
    pub(super) fn is_text(&self) -> bool {
        self.kind == Said::KIND
    }

    /// The subject, for its composer.
    ///
    /// # Errors
    /// When it is of another type, or can't be parsed.
    pub fn of<S: Subject>(&self) -> Result<S> {
        if self.kind != S::KIND {
            return Err(Error::other("composing", format!("{} is no {}", self.kind, S::KIND)));
        }
        Ok(S::deserialize(&self.value)?)
    }
}

/// A composed subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// As a message of its own, or as an inbox item.
    pub post: Post,
    /// As a line in the daily summary, without line breaks; if empty, the post's first line is used.
    pub line: String,
}

impl From<Post> for Told {
    fn from(post: Post) -> Self {
        Self { post, line: String::new() }
    }
}

/// Composes messages for subjects of a kind.
#[derive(Debug)]
pub struct Composer {
    /// The subjects' [`Subject::KIND`].
    pub kind: &'static str,
    /// Composes the message from current data. One that fails or panics affects that message only.
    pub compose: for<'a> fn(&'a mut Reader, &'a State, Voice<'a>, &'a About) -> BoxFuture<'a, Result<Told>>,
}

/// The registry of composers.
pub trait Compose: fmt::Debug + Send + Sync {
    /// Composes the message for a subject.
    fn compose<'a>(
        &'a self,
        db: &'a mut Reader,
        state: &'a State,
        voice: Voice<'a>,
        about: &'a About,
    ) -> BoxFuture<'a, Result<Told>>;
}

/// A stored text: a receipt that couldn't be delivered, or a message from before messages were composed at
/// delivery. The only text that is stored; names in it carry their ids (`kernel::name`).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Said {
    /// As a message.
    #[serde(default)]
    pub post: Post,
    /// As a line in the daily summary.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub line: String,
}

impl From<Post> for Said {
    fn from(post: Post) -> Self {
        Self { post, line: String::new() }
    }
}

impl Subject for Said {
    const KIND: &'static str = "said";
}

/// Something that was sent to one person and then withdrawn.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Withdrawn {}

impl Subject for Withdrawn {
    const KIND: &'static str = "withdrawn";
}

/// The outbox's own composers.
pub const COMPOSERS: &[Composer] = &[
    Composer {
        kind: Said::KIND,
        compose: |_, _, _, about| {
            Box::pin(async {
                let Said { post, line } = about.of()?;
                Ok(Told { post, line })
            })
        },
    },
    Composer {
        kind: Withdrawn::KIND,
        compose: |_, _, voice, _| {
            Box::pin(async move { Ok(Post::text(voice.say(words::withdrawn())).into()) })
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Bell {
        win: i64,
        kind_of: String,
    }

    impl Subject for Bell {
        const KIND: &'static str = "bell";
    }

    proptest! {
        #[test]
        fn a_subject_reads_back_as_its_own_type_and_as_no_other(win in any::<i64>(), kind_of in ".{0,20}") {
            let bell = Bell { win, kind_of };
            let about = About::parse(&kept(&bell).unwrap()).unwrap();
            prop_assert_eq!(about.kind(), "bell");
            prop_assert!(about.of::<Withdrawn>().is_err() && about.of::<Said>().is_err());
            prop_assert_eq!(about.of::<Bell>().unwrap(), bell);
        }

        #[test]
        fn what_is_no_subject_is_an_error_and_no_panic(text in ".{0,60}") {
            let known = About::parse(&text).is_ok_and(|about| about.of::<Bell>().is_ok());
            prop_assert!(!known);
        }
    }
}
