//! Ids: 64-bit snowflakes, with a type for each thing, so that a person's id can't be passed where a guild's
//! is expected.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use super::clock::Clock;

/// Database encoding for a type that wraps an `i64`.
macro_rules! kept_as_a_number {
    ($name:ident) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            i64: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                i64::type_info()
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            i64: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut DB::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.0.encode_by_ref(buffer)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            i64: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                i64::decode(value).map(Self)
            }
        }
    };
}
pub(super) use kept_as_a_number;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self(id.cast_signed())
            }
        }

        impl $name {
            /// The id as a number, as Discord uses it.
            pub fn get(self) -> u64 {
                self.0.cast_unsigned()
            }
        }

        kept_as_a_number!($name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A Discord server.
    GuildId,
    /// A Discord user.
    UserId,
    /// A Discord channel.
    ChannelId,
    /// A Discord message.
    MessageId,
    /// A Discord role.
    RoleId,
    /// One thing a person did in Discord: a command, a button, a modal. What it creates is keyed by it.
    InteractionId,
    /// A member of a sales team.
    PersonId,
    /// A named group of persons.
    TeamId,
    /// A metric.
    MetricId,
    /// A recorded success.
    WinId,
    /// A target on a metric.
    GoalId,
    /// Thanks from one person to others.
    KudosId,
    /// A value that a team stands for.
    ValueId,
    /// Something that may be praised.
    MomentId,
    /// A contract of what is expected.
    ExpectationId,
    /// A recurring post.
    ScheduleId,
    /// A message for a channel.
    PostId,
    /// Something that happened.
    FactId,
}

impl From<InteractionId> for WinId {
    fn from(id: InteractionId) -> Self {
        Self(id.0)
    }
}

impl From<InteractionId> for KudosId {
    fn from(id: InteractionId) -> Self {
        Self(id.0)
    }
}

impl From<WinId> for InteractionId {
    fn from(id: WinId) -> Self {
        Self(id.0)
    }
}

impl From<KudosId> for InteractionId {
    fn from(id: KudosId) -> Self {
        Self(id.0)
    }
}

/// Makes ids that grow with time and never repeat within a process.
///
/// Milliseconds are in the upper 42 bits, as in Discord's own ids; the lower 22 start at random, so that a
/// process restarted within the same millisecond doesn't repeat its predecessor's ids.
#[derive(Debug)]
pub struct Ids {
    last: AtomicI64,
    salt: i64,
}

impl Ids {
    /// A fresh source of ids.
    pub fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let salt = RandomState::new().hash_one(0_u8) & 0x1f_ffff;
        Self { last: AtomicI64::new(0), salt: salt.cast_signed() }
    }

    /// Makes every later id larger than this one, even if the clock was set back since it was made.
    pub fn after(&self, earlier: i64) {
        self.last.fetch_max(earlier, Ordering::Relaxed);
    }

    /// The next id at the clock's time.
    pub fn next(&self, clock: &Clock) -> i64 {
        const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;
        let floor = ((clock.now().timestamp_millis() - DISCORD_EPOCH_MS).max(0) << 22) | self.salt;
        let after = |last: i64| floor.max(last + 1);
        let previous = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        after(previous.unwrap_or_default())
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::new()
    }
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A short reference for people: lower-case base 32 without look-alikes.
pub fn reference(id: i64) -> String {
    let mut rest = id.cast_unsigned();
    let mut text = Vec::new();
    while rest > 0 || text.is_empty() {
        text.push(DIGITS[(rest & 31) as usize]);
        rest >>= 5;
    }
    text.iter().rev().map(|&digit| char::from(digit)).collect()
}

/// The id for a reference that a person typed or chose.
pub fn dereference(text: &str) -> Option<i64> {
    let digit = |c: u8| DIGITS.iter().position(|it| *it == c.to_ascii_lowercase());
    let value = text.bytes().try_fold(0_u64, |value, c| {
        let digit = u64::try_from(digit(c)?).ok()?;
        value.checked_mul(32)?.checked_add(digit)
    })?;
    Some(value.cast_signed()).filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_stands_still_or_goes_back() {
        let clock = Clock::by_hand("2026-04-06T07:00:00Z".parse().unwrap());
        let ids = Ids::new();
        let first = ids.next(&clock);
        let second = ids.next(&clock);
        clock.set("2026-04-06T06:00:00Z".parse().unwrap());
        assert!(first < second && second < ids.next(&clock));
    }

    #[test]
    fn a_reference_fits_a_nonce() {
        assert!(reference(i64::MAX).len() <= 25);
        assert_eq!(reference(0), "0");
        assert_eq!(dereference(&reference(i64::MAX)), Some(i64::MAX));
        assert!(["", "no!", "zzzzzzzzzzzzzzzzzzzz"].iter().all(|text| dereference(text).is_none()));
    }
}
