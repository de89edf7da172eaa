//! What managers read, and nobody else.

use crate::kernel::text::{capitalised, plural};
use crate::render::post::{Post, Tone};

/// What the week that has ended leaves to a manager. Names and reasons are escaped.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Who has gone unrecognised, with something true to praise them for if there is any.
    pub(super) unrecognised: Vec<(String, Option<String>)>,
    /// Records, by name.
    pub(super) records: Vec<(String, String)>,
    /// Pairs who only thank each other, and how often.
    pub(super) pairs: Vec<(String, String, i64)>,
    /// Goals off pace: whose, what, percent.
    pub(super) goals: Vec<(String, String, i64)>,
}

impl Told {
    fn is_empty(&self) -> bool {
        self.unrecognised.is_empty()
            && self.records.is_empty()
            && self.pairs.is_empty()
            && self.goals.is_empty()
    }
}

/// The most lines of a part; what is more is counted.
const MOST: usize = 6;

fn lines(all: Vec<String>) -> String {
    let more = all.len().saturating_sub(MOST);
    let mut shown: Vec<String> = all.into_iter().take(MOST).collect();
    if more > 0 {
        shown.push(format!("…and {more} more"));
    }
    shown.join("\n")
}

/// The digest; none of a quiet week.
pub(super) fn digest(told: Told) -> Option<Post> {
    if told.is_empty() {
        return None;
    }
    let unrecognised = told.unrecognised.into_iter().map(|(name, reason)| match reason {
        Some(reason) => format!("**{}** {reason}", capitalised(&name)),
        None => format!("**{}**: ask how it is going. That is a start.", capitalised(&name)),
    });
    let records =
        told.records.into_iter().map(|(name, reason)| format!("**{}** {reason}", capitalised(&name)));
    let pairs = told.pairs.into_iter().map(|(one, other, times)| {
        let times = plural(usize::try_from(times).unwrap_or_default(), "time", "times");
        format!("{one} and {other}: {times} in four weeks, and hardly anybody else")
    });
    let goals = told
        .goals
        .into_iter()
        .map(|(whose, what, percent)| format!("{}: {what}, {percent} % so far", capitalised(&whose)));
    let post = Post::new(
        Tone::Calm,
        "Your week as a manager",
        "For managers alone. A word from you, where it is due, is worth more than one from me.\n/shoutout preview shows whom the next shout-outs praise; /shoutout nominate puts somebody forward.",
    )
    .field("Two weeks without a word of thanks", lines(unrecognised.collect()))
    .field("New records", lines(records.collect()))
    .field("Thanks that go in pairs only", lines(pairs.collect()))
    .field("Goals off pace", lines(goals.collect()));
    Some(post)
}
