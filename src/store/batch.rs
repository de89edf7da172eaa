//! Statements that go to the database together. On SQLite each journey to the thread that owns the connection costs several times
//! what a statement does, and the writer is held meanwhile; so what doesn't depend on an answer goes with what comes before it.

use futures_util::TryStreamExt;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Arguments, AssertSqlSafe, Either, Encode, Executor, FromRow, Type};

use super::db::Tx;
use crate::kernel::error::{Error, Result};

/// Statements in their order, each with its parameters, numbered from `$1` on.
#[expect(missing_debug_implementations, reason = "the driver's parameters have none")]
pub struct Batch {
    /// Whether all of them are one text: PostgreSQL takes parameters for one statement alone.
    is_one: bool,
    texts: Vec<String>,
    arguments: Vec<AnyArguments>,
    /// How many parameters have been bound.
    bound: usize,
    /// The first parameter that could not be encoded.
    failed: Option<Error>,
}

/// What each statement returned.
#[expect(missing_debug_implementations, reason = "the driver's rows have none")]
pub struct Answers(std::vec::IntoIter<Vec<AnyRow>>);

impl Batch {
    /// A batch for a connection, such as a transaction's.
    pub fn of(on: &AnyConnection) -> Self {
        let is_one = on.backend_name() == "SQLite";
        let arguments = if is_one { vec![AnyArguments::default()] } else { Vec::new() };
        Self { is_one, texts: Vec::new(), arguments, bound: 0, failed: None }
    }

    /// Adds a statement; its parameters follow by [`bind`](Self::bind).
    pub fn add(&mut self, sql: &str) -> &mut Self {
        if self.is_one {
            self.texts.push(numbered_on(sql, self.bound));
        } else {
            self.arguments.push(AnyArguments::default());
            self.texts.push(sql.to_owned());
        }
        self
    }

    /// Binds the next parameter of the statement that was added last.
    pub fn bind<'a>(&mut self, value: impl Encode<'a, Any> + Type<Any> + 'a) -> &mut Self {
        self.bound += 1;
        let added = self.arguments.last_mut().map(|arguments| arguments.add(value));
        if let Some(Err(error)) = added {
            self.failed.get_or_insert(Error::other("binding a parameter", error));
        }
        self
    }

    /// Sends them all.
    ///
    /// # Errors
    /// What the first statement that fails says; those before it have been carried out, as far as the transaction goes on.
    pub async fn run(self, on: &mut AnyConnection) -> Result<Answers> {
        let mut answers = Vec::with_capacity(self.texts.len());
        self.carry_out(on, &mut answers).await?;
        Ok(Answers(answers.into_iter()))
    }

    /// The same, where the first one writes what may be there already: nothing then, and none of them has been carried out.
    ///
    /// # Errors
    /// The same.
    pub async fn run_if_new(self, tx: &mut Tx) -> Result<Option<Answers>> {
        let mut answers = Vec::with_capacity(self.texts.len());
        // PostgreSQL goes on with nothing after a refusal, unless that is taken back.
        let is_apart = !self.is_one;
        if is_apart {
            tx.begin_part().await?;
        }
        let carried_out = self.carry_out(tx, &mut answers).await;
        if is_apart {
            tx.end_part(carried_out.is_ok()).await?;
        }
        match carried_out {
            Ok(()) => Ok(Some(Answers(answers.into_iter()))),
            Err(Error::Database(sqlx::Error::Database(refused)))
                if answers.is_empty() && refused.is_unique_violation() =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn carry_out(self, on: &mut AnyConnection, answers: &mut Vec<Vec<AnyRow>>) -> Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let texts = if self.is_one { vec![self.texts.join("; ")] } else { self.texts };
        for (text, arguments) in texts.into_iter().zip(self.arguments) {
            let mut told = on.fetch_many(sqlx::query_with(AssertSqlSafe(text), arguments));
            let mut rows = Vec::new();
            while let Some(step) = told.try_next().await? {
                match step {
                    Either::Right(row) => rows.push(row),
                    Either::Left(_) => answers.push(std::mem::take(&mut rows)),
                }
            }
        }
        Ok(())
    }
}

impl Answers {
    /// Passes over the next statement, which has nothing to say.
    pub fn skip(&mut self) {
        drop(self.0.next());
    }

    /// The rows that the next statement returned.
    ///
    /// # Errors
    /// When they don't read back, or there is no further statement.
    pub fn rows<T: for<'r> FromRow<'r, AnyRow>>(&mut self) -> Result<Vec<T>> {
        let rows = self.0.next().ok_or(sqlx::Error::RowNotFound)?;
        Ok(rows.iter().map(T::from_row).collect::<sqlx::Result<_>>()?)
    }

    /// The one row of the next statement.
    ///
    /// # Errors
    /// The same, and when it returned none.
    pub fn row<T: for<'r> FromRow<'r, AnyRow>>(&mut self) -> Result<T> {
        Ok(self.rows()?.pop().ok_or(sqlx::Error::RowNotFound)?)
    }
}

/// A text whose parameters are numbered on from so many.
fn numbered_on(sql: &str, before: usize) -> String {
    let mut parts = sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|it: char| !it.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        text.push('$');
        match number.parse::<usize>() {
            Ok(number) => text.push_str(&(number + before).to_string()),
            Err(_) => text.push_str(number),
        }
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::Db;

    #[test]
    fn parameters_are_numbered_on() {
        assert_eq!(numbered_on("a = $1 AND b IN ($2, $10)", 3), "a = $4 AND b IN ($5, $13)");
        assert_eq!(numbered_on("SELECT 1", 3), "SELECT 1");
    }

    #[tokio::test]
    async fn each_statement_has_its_own_parameters_and_its_own_answer() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&format!("sqlite://{}", folder.path().join("x.db").display())).await;
        let mut tx = db.expect("a file").write().await.expect("nobody else writes");
        let mut batch = Batch::of(&tx);
        batch.add("SELECT $1, $2").bind(1_i64).bind("one");
        batch.add("SELECT $1 WHERE $1 > 5").bind(2_i64);
        batch.add("VALUES ($1), ($2)").bind(3_i64).bind(4_i64);
        let mut answers = batch.run(&mut tx).await.expect("they are carried out");
        assert_eq!(answers.row::<(i64, String)>().expect("a row"), (1, "one".to_owned()));
        assert!(answers.rows::<(i64,)>().expect("none").is_empty());
        assert_eq!(answers.rows::<(i64,)>().expect("two"), [(3,), (4,)]);
        assert!(answers.rows::<(i64,)>().is_err(), "there were three");
    }
}
