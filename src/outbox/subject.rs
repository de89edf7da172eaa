//! What a message is about. The outbox, inboxes and the lines of a day's message keep that, and no text: what a message says
//! is composed when it leaves or is looked at, from what is known then. So an erased person is in no stored text, and what
//! has changed meanwhile is told as it is.

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

/// What a message may be about. Whoever tells it has a type for it, and a [`Composer`].
pub trait Subject: Serialize + DeserializeOwned + Sync {
    /// Its name in the database, which no other type has.
    const KIND: &'static str;
}

/// A subject as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    kind: String,
    value: Value,
    /// Whether it is read for its line in a day's message.
    is_folded: bool,
}

#[derive(Serialize)]
struct Kept<'a, S> {
    kind: &'static str,
    #[serde(flatten)]
    subject: &'a S,
}

/// How a subject is kept in a column.
///
/// # Errors
/// When it can't be written as JSON.
pub fn kept<S: Subject>(subject: &S) -> Result<String> {
    Ok(serde_json::to_string(&Kept { kind: S::KIND, subject })?)
}

impl About {
    /// A subject that was kept.
    ///
    /// # Errors
    /// When it does not read back.
    pub fn parse(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            kind: String,
        }
        let value: Value = serde_json::from_str(text)?;
        let Named { kind } = Named::deserialize(&value)?;
        Ok(Self { kind, value, is_folded: false })
    }

    /// Which composer tells it.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The same for its line in a day's message.
    #[must_use]
    pub(super) fn folded(self) -> Self {
        Self { is_folded: true, ..self }
    }

    /// Whether it is its line that is wanted, and no more.
    pub fn is_folded(&self) -> bool {
        self.is_folded
    }

    /// Whether it is a text, kept as it was said.
    pub(super) fn is_text(&self) -> bool {
        self.kind == Said::KIND
    }

    /// The subject, for its composer.
    ///
    /// # Errors
    /// When it is of another type, or does not read back.
    pub fn of<S: Subject>(&self) -> Result<S> {
        if self.kind != S::KIND {
            return Err(Error::other("composing", format!("{} is no {}", self.kind, S::KIND)));
        }
        Ok(S::deserialize(&self.value)?)
    }
}

/// What is told about a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// As a message of its own, or as what lies in an inbox.
    pub post: Post,
    /// As a line of the day's message, without line breaks; where there is none, the post's first line stands for it.
    pub line: String,
}

impl From<Post> for Told {
    fn from(post: Post) -> Self {
        Self { post, line: String::new() }
    }
}

/// Tells what subjects of a kind say.
#[derive(Debug)]
pub struct Composer {
    /// Which subjects: their [`Subject::KIND`].
    pub kind: &'static str,
    /// Composes what is told, from what is known now. One that fails or panics costs that message alone.
    pub compose: for<'a> fn(&'a mut Reader, &'a State, Voice<'a>, &'a About) -> BoxFuture<'a, Result<Told>>,
}

/// Whoever knows every composer.
pub trait Compose: fmt::Debug + Send + Sync {
    /// Composes what is told about a subject.
    fn compose<'a>(
        &'a self,
        db: &'a mut Reader,
        state: &'a State,
        voice: Voice<'a>,
        about: &'a About,
    ) -> BoxFuture<'a, Result<Told>>;
}

/// What is told as it was said: a receipt that nobody heard, and what was written before messages were composed when they
/// leave. The one text that is kept; names in it say whose they are (`kernel::name`).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Said {
    /// As a message.
    #[serde(default)]
    pub post: Post,
    /// As a line of the day's message.
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

/// Something that was told one person and taken back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Withdrawn {}

impl Subject for Withdrawn {
    const KIND: &'static str = "withdrawn";
}

/// Composers of the outbox itself.
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
