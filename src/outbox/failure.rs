//! Why a post did not reach its channel: kept as what it was, told in words to whoever manages.

use serde::{Deserialize, Serialize};

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
    pub fn told(&self) -> String {
        let known = match self {
            Self::Deleted => "It went out, but someone deleted it.",
            Self::ChannelGone => "The channel is gone. Pick another with /setup.",
            Self::ChannelHidden => "I can't see the channel. Give me View Channel there.",
            Self::MayNotPost => "I can't post there. Give me Send Messages and Embed Links in the channel.",
            Self::Barred(code) => return format!("Discord won't let me post there (code {code})."),
            Self::Refused(reference) => {
                return format!("Discord rejected this post. Details are in my log under {reference}.");
            }
            Self::Unreadable(reference) => {
                return format!(
                    "I couldn't read what this post was about. Details are in my log under {reference}."
                );
            }
            Self::Uncomposed(reference) => {
                return format!(
                    "I couldn't put this post together. Details are in my log under {reference}."
                );
            }
            Self::TooLate => "I couldn't send it within 12 hours, so I skipped it.",
            Self::TurnedAway => {
                "Discord or a proxy in between kept blocking this post while newer ones got through. Ask the person who hosts me to check."
            }
            Self::Unsearched => "I can't tell if this was posted: I couldn't search the channel.",
            Self::HistoryHidden => {
                "I can't tell if this was posted: I need Read Message History in the channel."
            }
            Self::Unseen => "I can't tell if this was posted: I need View Channel there.",
            Self::TooMuchSince => {
                "I can't tell if this was posted: there's too much in the channel since then."
            }
            Self::Stuck => {
                "It isn't getting through yet: Discord, or a proxy or firewall in between, keeps blocking it. I'll keep trying for 12 hours."
            }
            Self::Said(text) => text,
        };
        known.to_owned()
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
        assert_eq!(Failure::parse("It could not be sent.").told(), "It could not be sent.");
    }
}
