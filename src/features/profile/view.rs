//! Texts of a profile.

use crate::feature::{Part, Viewed};
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::profile as words;

pub(super) fn shown(viewed: &Viewed, parts: Vec<Part>, voice: Voice<'_>) -> Post {
    let footer = match (viewed.is_own, viewed.person.shares_profile) {
        (true, false) => words::private(),
        (true, true) => words::shared(),
        (false, _) => words::shared_by_them(),
    };
    let post = Post::new(Tone::Calm, viewed.person.name.to_string(), "").footer(voice.say(footer));
    parts.into_iter().fold(post, |post, part| post.field(part.name, part.lines.join("\n")))
}
