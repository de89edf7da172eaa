//! Why a post did not reach its channel: kept as what it was, told in words to whoever manages.

use serde::{Deserialize, Serialize};

use crate::words::{Message, outbox as words};

/// Why a post is held or will never be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// It was there, and somebody has deleted it.
    Deleted,
    /// Its channel is gone.
    ChannelGone,
    /// The bot doesn't see its channel.
    ChannelHidden,
    /// The bot may not post there.
    MayNotPost,
    /// Discord doesn't let the bot post there, for a reason of this code.
    Barred(i64),
    /// Discord refuses the message itself; the log has the cause under this reference.
    Refused(String),
    /// What it is about can't be read; the log has the cause under this reference.
    Unreadable(String),
    /// It could not be composed; the log has the cause under this reference.
    Uncomposed(String),
    /// It was of no use any more.
    TooLate,
    /// Newer ones got through and it did not.
    TurnedAway,
    /// Whether it was posted is not known: the channel could not be searched.
    Unsearched,
    /// The same, since the bot may not read the channel's history.
    HistoryHidden,
    /// The same, since the bot doesn't see the channel.
    Unseen,
    /// The same, since there is too much in the channel.
    TooMuchSince,
    /// It doesn't get through yet.
    Stuck,
    /// What was written before reasons were kept as such.
    Said(String),
}

impl Failure {
    /// As it is kept in a column.
    pub(super) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was kept. What does not read back is told as it stands.
    pub fn parse(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or_else(|_| Self::Said(kept.to_owned()))
    }

    /// What a manager reads of it, and what to do.
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
