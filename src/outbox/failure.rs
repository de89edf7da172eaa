//! Why a post did not reach its channel: stored as a typed reason, and shown to managers in words.

use serde::{Deserialize, Serialize};

use crate::words::{Message, outbox as words};

/// Why a post is held or will never be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// It was posted, and somebody has deleted it.
    Deleted,
    /// Its channel is gone.
    ChannelGone,
    /// The bot can't see its channel.
    ChannelHidden,
    /// The bot may not post there.
    MayNotPost,
    /// Discord doesn't let the bot post there, with this code.
    Barred(i64),
    /// Discord refuses the message itself; this reference leads to the cause in the log.
    Refused(String),
    /// Its subject can't be parsed; this reference leads to the cause in the log.
    Unreadable(String),
    /// It could not be composed; this reference leads to the cause in the log.
    Uncomposed(String),
    /// It was out of date.
    TooLate,
    /// Newer posts got through and it did not.
    TurnedAway,
    /// Whether it was posted is unknown: the channel could not be searched.
    Unsearched,
    /// The same, because the bot may not read the channel's history.
    HistoryHidden,
    /// The same, because the bot can't see the channel.
    Unseen,
    /// The same, because there are too many messages in the channel.
    TooMuchSince,
    /// It hasn't got through yet.
    Stuck,
    /// A text from before reasons were stored as types.
    Said(String),
}

impl Failure {
    /// As stored in a column.
    pub(super) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a stored reason. One that can't be parsed is shown as it is.
    pub fn parse(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or_else(|_| Self::Said(kept.to_owned()))
    }

    /// What a manager reads about it, with what to do.
    pub fn told(&self) -> Message {
        match self {
            Self::Deleted => words::deleted(),
            Self::ChannelGone => words::channel_gone(),
            Self::ChannelHidden => words::channel_hidden(),
            Self::MayNotPost => words::may_not_post(),
            Self::Barred(code) => words::barred(code.to_string()),
            Self::Refused(reference) => words::refused(reference),
            Self::Unreadable(reference) => words::unreadable(reference),
            Self::Uncomposed(reference) => words::uncomposed(reference),
            Self::TooLate => words::too_late(),
            Self::TurnedAway => words::turned_away(),
            Self::Unsearched => words::unsearched(),
            Self::HistoryHidden => words::history_hidden(),
            Self::Unseen => words::unseen(),
            Self::TooMuchSince => words::too_much_since(),
            Self::Stuck => words::stuck(),
            Self::Said(text) => words::said(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_back_and_one_of_before_is_told_as_it_was() {
        for failure in [Failure::Deleted, Failure::Barred(50_083), Failure::Refused("K7Q".to_owned())] {
            assert_eq!(Failure::parse(&failure.kept()), failure);
        }
        assert_eq!(Failure::parse("It could not be sent.").told().to_string(), "It could not be sent.");
    }
}
