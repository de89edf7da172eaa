//! What people read about schedules.

use chrono::NaiveDateTime;

use crate::kernel::clock::at;
use crate::kernel::text::capitalised;
use crate::outbox::failure::Failure;
use crate::outbox::queue;
use crate::people::Guild;
use crate::render::post::{Post, Tone};
use crate::schedules::rules::Late;
use crate::schedules::{Kind, Past, Place, Schedule};

fn next(schedule: &Schedule, guild: &Guild) -> String {
    match schedule.next {
        Some((due, local)) => format!(
            "next {} {} (<t:{}:R>)",
            local.format("%a %-d %b at %H:%M"),
            guild.zone.name(),
            at(due).timestamp()
        ),
        None if schedule.is_paused => "paused".to_owned(),
        None => "never again".to_owned(),
    }
}

fn place(kind: Kind, schedule: &Schedule, guild: &Guild) -> String {
    match kind.place {
        Place::Inboxes => "each manager's inbox".to_owned(),
        Place::There(place) => place.to_owned(),
        Place::Channel(_) => schedule.target(kind, guild).map_or_else(
            || "no channel yet: /setup or /schedule set".to_owned(),
            |channel| format!("<#{channel}>"),
        ),
    }
}

fn late(late: Late) -> &'static str {
    match late {
        Late::Post => "missed ones are posted late within 12 hours",
        Late::Skip => "missed ones are left out",
        Late::Fold => "missed ones are folded into the next",
    }
}

pub(super) fn list(schedules: &[(Kind, Schedule)], guild: &Guild) -> Post {
    if schedules.is_empty() {
        return Post::new(Tone::Calm, "Schedules", "None yet. /setup creates the week's posts.");
    }
    let mut post = Post::new(Tone::Calm, "Schedules", "");
    for (kind, schedule) in schedules {
        post = post.field(kind.title, told(kind, schedule, guild));
    }
    post
}

pub(super) fn changed(kind: Kind, schedule: &Schedule, guild: &Guild) -> Post {
    Post::new(Tone::Calm, kind.title, told(kind, schedule, guild))
}

/// When and where it is posted, when next, and what becomes of one that was missed.
fn told(kind: Kind, schedule: &Schedule, guild: &Guild) -> String {
    let (place, next) = (place(kind, schedule, guild), next(schedule, guild));
    format!("{} · {place}\n{next} · {}", schedule.cron, late(schedule.late))
}

/// A post with a line that says it is one that nobody else sees.
pub(super) fn preview(post: Option<Post>, schedule: &Schedule, guild: &Guild) -> Post {
    match post {
        Some(mut post) => {
            post.buttons.clear();
            post.pings.clear();
            post.footer(format!(
                "A preview for you alone · {}",
                next(schedule, guild).replace("<t:", "").split(" (").next().unwrap_or_default()
            ))
        }
        None => Post::text(format!(
            "There is nothing to say right now, so nothing would be posted. {}.",
            capitalised(&next(schedule, guild))
        )),
    }
}

fn became(past: &Past) -> String {
    let post = match (past.outcome.as_str(), past.post_state.as_deref()) {
        ("posted", Some("sent")) => {
            let sent = past.sent_at.unwrap_or(past.due);
            return if sent - past.due > 300_000_000 {
                format!("posted late, <t:{}:R>", at(sent).timestamp())
            } else {
                "posted".to_owned()
            };
        }
        ("posted", Some("failed" | "held")) => {
            let why =
                past.failure.as_deref().map_or_else(|| "unknown".to_owned(), |it| Failure::parse(it).told());
            return format!("not posted: {why}");
        }
        ("posted", _) if past.tries.is_some_and(|tries| tries >= queue::ENOUGH) => {
            return Failure::Stuck.told();
        }
        ("posted", _) => "on its way",
        ("kept", _) => "the week's board is final",
        ("told", _) => "laid in the managers' inboxes",
        ("quiet", _) => "nothing to say",
        ("skipped", _) => "left out: I was away",
        ("folded", _) => "folded into the next",
        ("changed", _) => "left out: the schedule was changed before I got to it",
        _ => "not posted: no channel is set",
    };
    post.to_owned()
}

pub(super) fn explain(kind: Kind, schedule: &Schedule, past: &[Past], guild: &Guild) -> Post {
    let lines: Vec<String> =
        past.iter().map(|it| format!("<t:{}:f> · {}", at(it.due).timestamp(), became(it))).collect();
    let history = if lines.is_empty() { "It has not been due yet.".to_owned() } else { lines.join("\n") };
    Post::new(
        Tone::Calm,
        format!("{}, explained", kind.title),
        format!(
            "{} in {}, cron `{}`\n{} · {}\n{}",
            schedule.cron,
            guild.zone.name(),
            schedule.cron.fields(),
            place(kind, schedule, guild),
            next(schedule, guild),
            late(schedule.late)
        ),
    )
    .field("The last ten", history)
}

/// A post that says that it is late.
pub(super) fn late_by(mut post: Post, due: NaiveDateTime) -> Post {
    let was = due.format("%a %-d %b, %H:%M");
    let ends = post.footer.take().map(|ends| format!(" · {ends}")).unwrap_or_default();
    post.footer(format!("Late: this was due {was}, and I was away{ends}"))
}

/// What a post says of which nothing is left when it leaves.
pub(super) fn nothing_left() -> Post {
    Post::text("Nothing to report here anymore.")
}
