//! The managers' private digest of a week, delivered to their inboxes and nowhere else.

use super::FEATURES;
use crate::feature::{Feature, Part, gather};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::error::Result;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::schedules::{Composed, Place, Scheduled};
use crate::store::db::Reader;
use crate::words::digest as words;

/// The digest feature.
pub static FEATURE: Feature = Feature {
    posts: &[Scheduled {
        name: "digest",
        title: words::post_managers_digest,
        cron: "30 8 * * mon",
        place: Place::Inboxes,
        compose: |db, voice, period| Box::pin(compose(db, voice, period)),
        tell: None,
    }],
    ..Feature::NONE
};

/// The digest about what has ended when a period's last week begins, since managers act on the latest news;
/// none when there is nothing to tell.
async fn compose(db: &mut Reader, voice: Voice<'_>, period: Period) -> Result<Option<Composed>> {
    let week = voice.period(Span::Week, period.last());
    let parts = gather(FEATURES.iter().flat_map(|it| it.digest), db, voice, &week).await?;
    Ok((!parts.is_empty()).then(|| Some(shown(parts, voice)).into()))
}

/// The most lines per section; the rest is only counted.
const MOST: usize = 6;

fn shown(parts: Vec<Part>, voice: Voice<'_>) -> Post {
    let post = Post::new(Tone::Calm, voice.say(words::title()), voice.say(words::intro()));
    parts.into_iter().fold(post, |post, Part { name, mut lines }| {
        let more = lines.len().saturating_sub(MOST);
        lines.truncate(MOST);
        if more > 0 {
            lines.push(voice.say(words::more(more)));
        }
        post.field(name, lines.join("\n"))
    })
}
