//! Deterministic randomness: a draw depends only on its seed. Changing the algorithm would change the names
//! drawn and the people praised in the middle of a week.

/// 2^64 divided by the golden ratio.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes a number so that every output bit depends on every input bit: the finaliser of `SplitMix64` (Steele,
/// Lea & Flood 2014).
pub fn finalised(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The next number in the sequence: a step of `SplitMix64`.
pub fn mixed(value: u64) -> u64 {
    finalised(value.wrapping_add(GOLDEN))
}
