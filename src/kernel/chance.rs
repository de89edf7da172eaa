//! Chance that is the same each time: what is drawn follows from what it is drawn by. Changing it draws other names and praises
//! other people in the middle of a week.

/// 2^64 divided by the golden ratio.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number of which every bit depends on every bit of what goes in: the finaliser of `SplitMix64` (Steele, Lea & Flood 2014).
pub fn finalised(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The next number after one: a step of `SplitMix64`.
pub fn mixed(value: u64) -> u64 {
    finalised(value.wrapping_add(GOLDEN))
}
