//! How things look: a post as a value, and the same post as Discord wants it.

pub mod embed;
pub mod post;

pub use bellringer_card as card;
