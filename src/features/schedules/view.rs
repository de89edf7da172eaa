//! What people read about schedules.

use chrono::NaiveDateTime;

use crate::kernel::calendar::show_local;
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
        Some((due, local)) => {
            format!("next: {} {} (<t:{}:R>)", show_local(local), guild.zone.name(), at(due).timestamp())
        }
        None if schedule.is_paused => "paused".to_owned(),
        None => "not scheduled again".to_owned(),
    }
}

fn place(kind: Kind, schedule: &Schedule, guild: &Guild) -> String {
    match kind.place {
        Place::Inboxes => "each manager's inbox".to_owned(),
        Place::There(place) => place().to_string(),
        Place::Channel(_) => schedule.target(kind, guild).map_or_else(
            || "no channel yet, set one with /setup or /schedule set".to_owned(),
            |channel| format!("<#{channel}>"),
        ),
    }
}

fn late(late: Late) -> &'static str {
    match late {
        Late::Post => "if missed, posts up to 12 hours late",
        Late::Skip => "if missed, skipped",
        Late::Fold => "if missed, rolled into the next one",
    }
}

pub(super) fn list(schedules: &[(Kind, Schedule)], guild: &Guild) -> Post {
    if schedules.is_empty() {
        return Post::new(Tone::Calm, "Schedules", "None yet. Run /setup to create them.");
    }
    let mut post = Post::new(Tone::Calm, "Schedules", "");
    for (kind, schedule) in schedules {
        post = post.field((kind.title)().to_string(), told(kind, schedule, guild));
    }
    post
}

pub(super) fn changed(kind: Kind, schedule: &Schedule, guild: &Guild) -> Post {
    Post::new(Tone::Calm, (kind.title)().to_string(), told(kind, schedule, guild))
}

/// When and where it is posted, when next, and what becomes of one that was missed.
fn told(kind: Kind, schedule: &Schedule, guild: &Guild) -> String {
    let (place, next) = (place(kind, schedule, guild), next(schedule, guild));
    format!("{} · {place}\n{} · {}", schedule.cron.shown(), capitalised(&next), late(schedule.late))
}

/// A post with a line that says it is one that nobody else sees.
pub(super) fn preview(post: Option<Post>, schedule: &Schedule, guild: &Guild) -> Post {
    match post {
        Some(mut post) => {
            post.buttons.clear();
            post.pings.clear();
            post.footer(format!(
                "Preview, only you can see this · {}",
                next(schedule, guild).replace("<t:", "").split(" (").next().unwrap_or_default()
            ))
        }
        None => Post::text(format!("Nothing to post right now. {}.", capitalised(&next(schedule, guild)))),
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
            let unknown = || "not posted, and I don't know why".to_owned();
            return past.failure.as_deref().map_or_else(unknown, |it| Failure::parse(it).told());
        }
        ("posted", _) if past.tries.is_some_and(|tries| tries >= queue::ENOUGH) => {
            return Failure::Stuck.told();
        }
        ("posted", _) => "on its way",
        ("kept", _) => "the week's leaderboard is final",
        ("told", _) => "delivered to managers' inboxes",
        ("quiet", _) => "nothing to post",
        ("skipped", _) => "skipped: I was offline",
        ("folded", _) => "rolled into the next one",
        ("changed", _) => "skipped: the schedule changed before I got to it",
        _ => "not posted: no channel set",
    };
    post.to_owned()
}

pub(super) fn explain(kind: Kind, schedule: &Schedule, past: &[Past], guild: &Guild) -> Post {
    let lines: Vec<String> =
        past.iter().map(|it| format!("<t:{}:f> · {}", at(it.due).timestamp(), became(it))).collect();
    let history = if lines.is_empty() { "Nothing yet.".to_owned() } else { lines.join("\n") };
    Post::new(
        Tone::Calm,
        format!("{}, explained", (kind.title)()),
        format!(
            "{} in {}, cron `{}`\n{} · {}\n{}",
            schedule.cron.shown(),
            guild.zone.name(),
            schedule.cron.fields(),
            place(kind, schedule, guild),
            next(schedule, guild),
            capitalised(late(schedule.late))
        ),
    )
    .field("Last 10", history)
}

/// A post that says that it is late.
pub(super) fn late_by(mut post: Post, due: NaiveDateTime) -> Post {
    let was = show_local(due);
    let ends = post.footer.take().map(|ends| format!(" · {ends}")).unwrap_or_default();
    post.footer(format!("Late: this was due {was}, but I was offline{ends}"))
}

/// What a post says of which nothing is left when it leaves.
pub(super) fn nothing_left() -> Post {
    Post::text("Nothing to report here anymore.")
}
