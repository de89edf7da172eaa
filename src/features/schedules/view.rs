//! Texts about schedules.

use chrono::NaiveDateTime;

use crate::kernel::calendar::near_time;
use crate::kernel::clock::at;
use crate::outbox::failure::Failure;
use crate::outbox::queue;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::schedules::{Kind, Past, Place, Schedule};
use crate::words::{Message, Value, joined, schedules as words};

/// A relative time, rendered by each reader's client.
fn relative(micros: i64) -> String {
    format!("<t:{}:R>", at(micros).timestamp())
}

/// The next due time, at the start of a line.
fn next(schedule: &Schedule, voice: Voice<'_>) -> Message {
    match schedule.next {
        Some((due, local)) => words::next(near_time(local), voice.zone.name(), relative(due)),
        None if schedule.is_paused => words::paused(),
        None => words::not_again(),
    }
}

/// The same within a line.
fn next_within(schedule: &Schedule, voice: Voice<'_>) -> Message {
    match schedule.next {
        Some((due, local)) => words::next_within(near_time(local), voice.zone.name(), relative(due)),
        None if schedule.is_paused => words::paused_within(),
        None => words::not_again_within(),
    }
}

fn place(kind: Kind, schedule: &Schedule, voice: Voice<'_>) -> Value {
    match kind.place {
        Place::Inboxes => words::in_inboxes().into(),
        Place::There(place) => place().into(),
        Place::Channel(_) => match schedule.target(kind, voice.guild) {
            Some(channel) => format!("<#{channel}>").into(),
            None => words::no_channel().into(),
        },
    }
}

pub(super) fn list(schedules: &[(Kind, Schedule)], voice: Voice<'_>) -> Post {
    let title = voice.say(words::list_title());
    if schedules.is_empty() {
        return Post::new(Tone::Calm, title, voice.say(words::list_empty()));
    }
    let mut post = Post::new(Tone::Calm, title, "");
    for (kind, schedule) in schedules {
        post = post.field(voice.say((kind.title)()), told(kind, schedule, voice));
    }
    post
}

pub(super) fn changed(kind: Kind, schedule: &Schedule, voice: Voice<'_>) -> Post {
    Post::new(Tone::Calm, voice.say((kind.title)()), told(kind, schedule, voice))
}

/// When and where it is posted, the next time, and the misfire policy.
fn told(kind: Kind, schedule: &Schedule, voice: Voice<'_>) -> String {
    let when = joined([schedule.cron.shown().into(), place(kind, schedule, voice)]);
    let next = joined([next(schedule, voice), words::late(schedule.late.name())]);
    [when, next].map(|line| voice.say(line)).join("\n")
}

/// A post with a note that only the reader sees it.
pub(super) fn preview(post: Option<Post>, schedule: &Schedule, voice: Voice<'_>) -> Post {
    match post {
        Some(mut post) => {
            post.buttons.clear();
            post.pings.clear();
            post.footer(voice.say(match schedule.next {
                Some((_, local)) => words::preview_next(near_time(local), voice.zone.name()),
                None if schedule.is_paused => words::preview_paused(),
                None => words::preview_not_again(),
            }))
        }
        None => Post::text(voice.say(words::preview_nothing(next(schedule, voice)))),
    }
}

fn became(past: &Past, voice: Voice<'_>) -> String {
    voice.say(match (past.outcome.as_str(), past.post_state.as_deref()) {
        ("posted", Some("sent")) => {
            let sent = past.sent_at.unwrap_or(past.due);
            if sent - past.due > 300_000_000 {
                words::became_posted_late(relative(sent))
            } else {
                words::became_posted()
            }
        }
        ("posted", Some("failed" | "held")) => match past.failure.as_deref() {
            Some(why) => return voice.say(Failure::parse(why).told()),
            None => words::became_unknown(),
        },
        ("posted", _) if past.tries.is_some_and(|tries| tries >= queue::ENOUGH) => {
            return voice.say(Failure::Stuck.told());
        }
        ("posted", _) => words::became_on_its_way(),
        ("kept", _) => words::became_kept(),
        ("told", _) => words::became_told(),
        ("quiet", _) => words::became_quiet(),
        ("skipped", _) => words::became_skipped(),
        ("folded", _) => words::became_folded(),
        ("changed", _) => words::became_changed(),
        _ => words::became_blocked(),
    })
}

pub(super) fn explain(kind: Kind, schedule: &Schedule, past: &[Past], voice: Voice<'_>) -> Post {
    let line = |it: &Past| {
        let due = format!("<t:{}:f>", at(it.due).timestamp());
        voice.say(joined([due, became(it, voice)]))
    };
    let lines: Vec<String> = past.iter().map(line).collect();
    let history = if lines.is_empty() { voice.say(words::nothing_yet()) } else { lines.join("\n") };
    let body = [
        words::explained_when(schedule.cron.shown(), voice.zone.name(), schedule.cron.fields()).into(),
        joined([place(kind, schedule, voice), next_within(schedule, voice).into()]),
        words::late_beginning(schedule.late.name()).into(),
    ];
    let title = voice.say(words::explained_title((kind.title)()));
    Post::new(Tone::Calm, title, body.map(|line| voice.say(line)).join("\n"))
        .field(voice.say(words::last_ten()), history)
}

/// A post with a note that it is late.
pub(super) fn late_by(mut post: Post, due: NaiveDateTime, voice: Voice<'_>) -> Post {
    let late = Value::from(words::late_by(near_time(due)));
    let ends = post.footer.take().map(Value::from);
    post.footer(voice.say(joined([Some(late), ends].into_iter().flatten())))
}

/// A post whose content is gone by the time it is sent.
pub(super) fn nothing_left(voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::nothing_left()))
}
