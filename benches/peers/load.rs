//! Repeated interactions, and statistics of how long they took.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use serde::Deserialize;

use crate::Fails;
use crate::discord::{Answer, Discord};
use crate::world::Form;

/// How many people take turns. All are reps, not the administrator.
const PEOPLE: u64 = 50;
/// How many interactions are in flight in the concurrent rounds.
pub(crate) const IN_FLIGHT: usize = 32;

/// An action of people, and how to recognize its success.
pub(crate) struct Deed {
    form: Form,
    /// The type of the answer.
    answer: u8,
    /// Text that the answer contains on success, but not on a refusal.
    word: &'static str,
    /// Who does it, if it is always the same person.
    who: Option<u64>,
}

impl Deed {
    /// A command that is answered with a message containing this word.
    pub(crate) fn command(form: Form, word: &'static str) -> Self {
        Self { form, answer: 4, word, who: None }
    }

    /// An option with suggestions in the answer.
    pub(crate) fn typing(form: Form) -> Self {
        Self { form, answer: 8, word: r#""value""#, who: None }
    }

    /// Done by the same person each time.
    pub(crate) fn by(self, who: u64) -> Self {
        Self { who: Some(who), ..self }
    }

    /// The same for a deferred command, whose first answer has no content.
    pub(crate) fn deferred(self) -> Self {
        Self { answer: 5, word: "", ..self }
    }

    /// Does it once.
    pub(crate) async fn once(&self, discord: &Discord, number: usize) -> Fails<Answer> {
        let who = self.who.unwrap_or(1 + number as u64 % PEOPLE);
        let answer = discord.ask(&self.form, who, number).await?;
        let Answered { kind } = serde_json::from_slice(&answer.body)?;
        let said = String::from_utf8_lossy(&answer.body);
        if kind != self.answer || !said.contains(self.word) {
            return Err(format!("not the answer that was to come: {said}").into());
        }
        Ok(answer)
    }

    /// Does it this many times in sequence.
    pub(crate) async fn one_by_one(&self, discord: &Discord, times: usize) -> Fails<Figures> {
        self.at_once(discord, times, 1).await
    }

    /// Does it this many times, with this many in flight.
    pub(crate) async fn at_once(&self, discord: &Discord, times: usize, in_flight: usize) -> Fails<Figures> {
        let next = AtomicUsize::default();
        let lane = async || -> Fails<Vec<Duration>> {
            let mut took = Vec::with_capacity(times / in_flight + 1);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= times {
                    return Ok(took);
                }
                took.push(self.once(discord, number).await?.took);
            }
        };
        let begun = Instant::now();
        let took = try_join_all((0..in_flight).map(|_| lane())).await?.concat();
        Figures::of(&took, begun.elapsed())
    }
}

/// The part of an answer that holds its type.
#[derive(Deserialize)]
struct Answered {
    #[serde(rename = "type")]
    kind: u8,
}

/// Speed measurements.
pub(crate) struct Figures {
    /// Answers a second.
    pub(crate) rate: f64,
    /// p50, in milliseconds.
    pub(crate) p50: f64,
    /// p99, in milliseconds.
    pub(crate) p99: f64,
}

impl Figures {
    fn of(took: &[Duration], whole: Duration) -> Fails<Self> {
        let mut took: Vec<f64> = took.iter().map(|it| it.as_secs_f64() * 1_000.0).collect();
        took.sort_by(f64::total_cmp);
        let at =
            |percent: usize| (took.len() * percent).div_ceil(100).checked_sub(1).map(|index| took[index]);
        let nothing = "nothing was measured";
        let count = f64::from(u32::try_from(took.len())?);
        let (p50, p99) = (at(50).ok_or(nothing)?, at(99).ok_or(nothing)?);
        Ok(Self { rate: count / whole.as_secs_f64(), p50, p99 })
    }
}
