//! The two kinds of failure: what a person is told, and what is logged.

use std::error::Error as StdError;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::words::{Message, Value};

/// The result of anything that can fail in Bellringer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The future of a callback, boxed so that the caller needn't know its type.
pub type Doing<'a, T> = BoxFuture<'a, Result<T>>;

/// Something a person asked for that can't be done, as a message that says what to do instead. Shown to them,
/// privately, in their language; logged in the default one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UserError(Value);

impl UserError {
    /// An error with this message.
    pub fn new(message: impl Into<Value>) -> Self {
        Self(message.into())
    }

    /// What is wrong, and what to do.
    pub fn message(&self) -> &Value {
        &self.0
    }
}

impl From<Message> for UserError {
    fn from(message: Message) -> Self {
        Self::new(message)
    }
}

/// Any failure. Only [`Error::User`] is ever shown; the others are logged once, with a reference.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something the person can fix.
    #[error(transparent)]
    User(#[from] UserError),
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The same, for a commit that several writers shared: each of them gets it.
    #[error(transparent)]
    Shared(Arc<Error>),
    /// Stored JSON that can't be parsed; only a bug or an edited database can cause this.
    #[error("stored data: {0}")]
    Stored(#[from] serde_json::Error),
    /// Anything else, with what was being done.
    #[error("{doing}: {source}")]
    Other {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl Error {
    /// Shorthand for a [`UserError`].
    pub fn user(message: impl Into<Value>) -> Self {
        Self::User(UserError::new(message))
    }

    /// Whether it is caused by the database's current state rather than by the request, so that a retry may
    /// succeed.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) => passes(error),
            Self::Shared(error) => error.is_passing(),
            _ => false,
        }
    }

    /// Wraps a failure of another library, with what was being done.
    pub fn other(doing: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Other { doing, source: source.into() }
    }
}

/// PostgreSQL's codes for "not now": starting or stopping, out of connections, rolling back, or switching
/// over.
const NOT_NOW: [&str; 7] = ["08", "53300", "57P01", "57P02", "57P03", "25006", "40"];
/// The same of SQLite: busy, locked, an I/O error, a full disk.
const NOT_NOW_OF_A_FILE: [i64; 4] = [5, 6, 10, 13];

/// Whether the database may recover from this by itself.
pub(crate) fn passes(error: &sqlx::Error) -> bool {
    use sqlx::Error as Sql;
    match error {
        Sql::Database(refused) => refused.code().is_some_and(|code| match code.len() {
            5 => NOT_NOW.iter().any(|it| code.starts_with(it)),
            // The low byte of an extended code is the primary code.
            _ => code.parse::<i64>().is_ok_and(|code| NOT_NOW_OF_A_FILE.contains(&(code & 0xff))),
        }),
        Sql::Io(_) | Sql::Protocol(_) | Sql::PoolTimedOut | Sql::PoolClosed | Sql::WorkerCrashed => true,
        _ => false,
    }
}

/// Runs something and turns a panic into an ordinary error, so that it stops nothing else.
///
/// # Errors
/// Its own, or that it panicked.
pub async fn caught<T>(doing: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(doing).catch_unwind().await.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Error::other("a bug", format!("it panicked: {said}")))
    })
}

/// Leaves the check to the database's constraint, and puts its refusal in a person's words.
pub trait OnConstraint<T> {
    /// Turns a unique violation into an error of the given message.
    fn on_unique<M: Into<Value>>(self, message: impl FnOnce() -> M) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, sqlx::Error> {
    fn on_unique<M: Into<Value>>(self, message: impl FnOnce() -> M) -> Result<T> {
        self.map_err(|error| match &error {
            sqlx::Error::Database(refused) if refused.is_unique_violation() => Error::user(message()),
            _ => error.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_the_databases_state_and_not_what_it_was_asked() {
        for passing in [sqlx::Error::PoolTimedOut, sqlx::Error::WorkerCrashed] {
            assert!(Error::from(passing).is_passing());
        }
        assert!(!Error::from(sqlx::Error::RowNotFound).is_passing());
        assert!(!Error::user("x").is_passing() && !Error::other("x", "y").is_passing());
    }
}
