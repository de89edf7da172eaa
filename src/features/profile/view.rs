//! What people read on a profile.

use crate::feature::{Part, Viewed};
use crate::render::post::{Post, Tone};

pub(super) fn shown(viewed: &Viewed, parts: Vec<Part>) -> Post {
    let footer = match (viewed.is_own, viewed.person.shares_profile) {
        (true, false) => "Only you can see this · Share it with /me sharing",
        (true, true) => "Shared, except your private goals · Stop sharing with /me sharing",
        (false, _) => "Shared with the team",
    };
    let post = Post::new(Tone::Calm, viewed.person.name.to_string(), "").footer(footer);
    parts.into_iter().fold(post, |post, part| post.field(part.name, part.lines.join("\n")))
}
