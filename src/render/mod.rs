//! How things look: a post as a value, and the same post as Discord wants it.

pub mod card;
pub mod embed;
pub mod post;
