//! A quantity of whatever is counted.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use serde::{Deserialize, Serialize};

use super::ids::kept_as_a_number;

/// How much there is of something counted: minor units of money, or hundredths of a count, since what is shared counts in parts.
/// Which of the two, and how it reads, its metric says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

kept_as_a_number!(Quantity);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One whole thing that is counted.
    pub const ONE: Self = Self(100);

    /// So many whole things that are counted.
    pub const fn things(count: i64) -> Self {
        Self(count.saturating_mul(Self::ONE.0))
    }

    /// Of things: whether there is no part of one among them.
    pub const fn is_whole(self) -> bool {
        self.0 % Self::ONE.0 == 0
    }

    /// How many whole things it is, of what is counted.
    pub const fn whole(self) -> i64 {
        self.0 / Self::ONE.0
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Its share of a whole in per cent, rounded down; what is less than nothing is none of it, and of nothing all is one.
    pub fn percent_of(self, whole: Self) -> i64 {
        i64::try_from(i128::from(self.0.max(0)) * 100 / i128::from(whole.0.max(1))).unwrap_or(i64::MAX)
    }

    /// How many of these it takes to have as much: rounded up. One of them is more than nothing.
    pub fn takes(self, part: Self) -> i64 {
        self.0 / part.0 + i64::from(self.0 % part.0 > 0)
    }

    /// How much each of so many must be to have as much: rounded up. There is at least one.
    #[must_use]
    pub fn each_of(self, count: i64) -> Self {
        Self(self.takes(Self(count)))
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Quantity {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<i64> for Quantity {
    type Output = Self;

    fn mul(self, times: i64) -> Self {
        Self(self.0 * times)
    }
}

impl Div<i64> for Quantity {
    type Output = Self;

    fn div(self, parts: i64) -> Self {
        Self(self.0 / parts)
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl<'a> Sum<&'a Self> for Quantity {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.copied().sum()
    }
}
