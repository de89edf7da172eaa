//! The misfire policy: what is missed is posted late, skipped, or folded into the next one. Never a burst of
//! old posts.

use chrono::TimeDelta;

use super::{GRACE, STALE};

/// What a schedule does about a missed occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Late {
    /// Post it late, marked as such, within twelve hours.
    Post,
    /// Skip it.
    Skip,
    /// Cover it in the next one.
    Fold,
}

impl Late {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The decision about an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is posted.
    Post {
        /// Whether the post is marked as late.
        is_late: bool,
    },
    /// It is skipped.
    Skip,
    /// The next one covers it too.
    Fold,
}

/// Decides from the policy, the lateness, and whether the schedule's next occurrence is also due.
pub fn decide(policy: Late, lateness: TimeDelta, superseded: bool) -> Decision {
    match policy {
        _ if lateness <= GRACE && !superseded => Decision::Post { is_late: false },
        Late::Fold => Decision::Fold,
        Late::Post if lateness <= STALE && !superseded => Decision::Post { is_late: true },
        Late::Post | Late::Skip => Decision::Skip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_decides_what_becomes_of_a_missed_post() {
        let post = |is_late| Decision::Post { is_late };
        for (policy, minutes, superseded, want) in [
            (Late::Post, 0, false, post(false)),
            (Late::Skip, 5, false, post(false)),
            (Late::Post, 6, false, post(true)),
            (Late::Post, 12 * 60, false, post(true)),
            (Late::Post, 12 * 60 + 1, false, Decision::Skip),
            (Late::Skip, 6, false, Decision::Skip),
            (Late::Fold, 6, false, Decision::Fold),
            (Late::Fold, 90 * 24 * 60, true, Decision::Fold),
            (Late::Post, 0, true, Decision::Skip),
        ] {
            assert_eq!(decide(policy, TimeDelta::minutes(minutes), superseded), want, "{policy:?} {minutes}");
        }
    }
}
