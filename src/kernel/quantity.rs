//! A quantity of a metric.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use serde::{Deserialize, Serialize};

use super::ids::kept_as_a_number;

/// An amount of a metric: minor units of money, or hundredths of a count, since shared wins count as
/// fractions. The metric knows which of the two it is, and how to show it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

kept_as_a_number!(Quantity);

impl Quantity {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One whole item.
    pub const ONE: Self = Self(100);

    /// This many whole items.
    pub const fn things(count: i64) -> Self {
        Self(count.saturating_mul(Self::ONE.0))
    }

    /// For a count: whether it has no fraction.
    pub const fn is_whole(self) -> bool {
        self.0 % Self::ONE.0 == 0
    }

    /// For a count: its whole items.
    pub const fn whole(self) -> i64 {
        self.0 / Self::ONE.0
    }

    /// Whether it is greater than zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Its share of a whole in percent, rounded down. A negative quantity counts as zero; a whole below one
    /// counts as one.
    pub fn percent_of(self, whole: Self) -> i64 {
        i64::try_from(i128::from(self.0.max(0)) * 100 / i128::from(whole.0.max(1))).unwrap_or(i64::MAX)
    }

    /// How many of `part` it takes to reach this quantity, rounded up. `part` must be greater than zero.
    pub fn takes(self, part: Self) -> i64 {
        self.0 / part.0 + i64::from(self.0 % part.0 > 0)
    }

    /// How much each of `count` must be to reach this quantity together, rounded up. `count` must be at least
    /// one.
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
