//! Presentation: a post as a value, and its form in Discord.

pub mod embed;
pub mod post;

pub use bellringer_card as card;
