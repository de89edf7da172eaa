//! What people read about what is stored.

use super::{ERASE, GUILD_STAYS, KEEP};
use crate::kernel::ids::PersonId;
use crate::kernel::name::Name;
use crate::kernel::text::capitalised;
use crate::render::post::{Post, Tone};
use crate::store::table::Trace;

pub(super) fn shown(name: Option<&Name>, found: &[(&Trace, usize)]) -> Post {
    let lines: Vec<String> = found.iter().map(|(trace, count)| format!("{}: {count}", trace.what)).collect();
    let title = name.map_or_else(
        || "What I know about you".to_owned(),
        |name| format!("What I know about {}", capitalised(&name.to_string())),
    );
    Post::new(Tone::Calm, title, lines.join("\n"))
        .field(
            "Why",
            "So that every number here can be explained by its rows. I read no chat, only what is given to me by command.",
        )
        .field("Yours to take", "/privacy export gives you all of it as a file.")
        .field(
            "Yours to end",
            "/privacy erase takes your name and your Discord user away for good; totals without a name stay.",
        )
        .footer(format!("After I am removed from a server, everything of it is erased within {} days", GUILD_STAYS.num_days()))
}

pub(super) fn exported(parts: usize) -> Post {
    Post::text(if parts == 0 {
        "I know nothing about you."
    } else {
        "Everything that I know about you, as a file. Only you see this."
    })
}

/// Asks before it is done, since it can't be undone.
pub(super) fn sure(name: Option<&Name>, person: PersonId) -> Post {
    let (title, whose, button) = match name {
        None => ("Erase you here?".to_owned(), "your", "Erase me for good"),
        Some(name) => (format!("Erase {name} here?"), "their", "Erase them for good"),
    };
    let lines = [
        format!("**Goes:** {whose} name, the link to Discord, notes and reasons, badges, moments, absences, dates, inbox; {whose} own goals end."),
        "**Stays:** totals and counts, as those of *somebody who left*, so that the team's numbers stay true.".to_owned(),
        "**Not mine to take back:** messages that stand in channels. Who may delete messages there can delete them.".to_owned(),
        "This can't be undone.".to_owned(),
    ];
    Post::new(Tone::Duty, title, lines.join("\n"))
        .button(ERASE.with(&person), button)
        .button(KEEP.with(&()), "Keep everything")
}

pub(super) fn erased() -> Post {
    Post::text("Erased. Only totals without a name are left. Who uses a command of mine here begins anew.")
}

pub(super) fn kept() -> Post {
    Post::text("Nothing was changed.")
}
