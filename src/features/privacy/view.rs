//! What people read about what is stored.

use super::{ERASE, GUILD_STAYS, KEEP};
use crate::kernel::ids::PersonId;
use crate::kernel::name::Name;
use crate::kernel::text::capitalised;
use crate::render::post::{Post, Tone};
use crate::store::table::Trace;

pub(super) fn shown(name: Option<&Name>, found: &[(&Trace, usize)]) -> Post {
    let lines: Vec<String> =
        found.iter().map(|(trace, count)| format!("{}: {count}", (trace.what)())).collect();
    let title = name.map_or_else(
        || "What I know about you".to_owned(),
        |name| format!("What I know about {}", capitalised(&name.to_string())),
    );
    let (download, delete) = if name.is_none() {
        (
            "Get everything as a file with /privacy export.",
            "/privacy erase removes your name and the link to your Discord account for good. Totals without a name stay.",
        )
    } else {
        (
            "Only they can get it as a file, with /privacy export.",
            "/privacy erase removes their name and the link to their Discord account for good. Totals without a name stay. You can do it for them once they've left.",
        )
    };
    Post::new(Tone::Calm, title, lines.join("\n"))
        .field(
            "Why",
            "So every number can be traced back to what was logged. I don't read chat, only commands and the messages people right-click to log or thank for.",
        )
        .field("Download", download)
        .field("Delete", delete)
        .footer(format!(
            "If I'm removed from a server, its data is erased after {} days",
            GUILD_STAYS.num_days()
        ))
}

pub(super) fn exported(parts: usize) -> Post {
    Post::text(if parts == 0 {
        "I don't have anything on you."
    } else {
        "Here's everything I know about you, as a file. Only you can see this."
    })
}

/// Asks before it is done, since it can't be undone.
pub(super) fn sure(name: Option<&Name>, person: PersonId) -> Post {
    let (title, whose, button) = match name {
        None => ("Erase your data in this server?".to_owned(), "your", "Erase me for good"),
        Some(name) => (format!("Erase data about {name} in this server?"), "their", "Erase them for good"),
    };
    let lines = [
        format!("**What goes:** {whose} name, the link to Discord, notes and reasons, badges, shout-out moments, time off, dates and inbox. It ends {whose} own goals, too."),
        "**What stays:** totals and counts, shown as *a former teammate*, so the team's numbers still add up.".to_owned(),
        "**What can't be deleted:** messages already posted in channels. Ask someone with *Manage Messages* there.".to_owned(),
        "This can't be undone.".to_owned(),
    ];
    Post::new(Tone::Duty, title, lines.join("\n"))
        .button(ERASE.with(&person), button)
        .button(KEEP.with(&()), "Keep everything")
}

pub(super) fn erased(is_own: bool) -> Post {
    Post::text(if is_own {
        "Erased. Only totals without a name are left. If you use Bellringer again, you start fresh."
    } else {
        "Erased. Only totals without a name are left. If they use Bellringer again, they start fresh."
    })
}

pub(super) fn kept() -> Post {
    Post::text("Nothing was erased.")
}
