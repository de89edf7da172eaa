//! What people read on a profile.

use crate::feature::{Part, Viewed};
use crate::render::post::{Post, Tone};

pub(super) fn shown(viewed: &Viewed, parts: Vec<Part>) -> Post {
    let footer = match (viewed.is_own, viewed.person.shares_profile) {
        (true, false) => "Only you see this: /me sharing lets others look",
        (true, true) => "Others see this without your private goals: /me sharing ends it",
        (false, _) => "Shared by them",
    };
    let post = Post::new(Tone::Calm, viewed.person.name.to_string(), "").footer(footer);
    parts.into_iter().fold(post, |post, part| post.field(part.name, part.lines.join("\n")))
}
