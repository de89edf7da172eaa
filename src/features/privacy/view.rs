//! Texts about stored data.

use super::{ERASE, GUILD_STAYS, KEEP};
use crate::kernel::ids::PersonId;
use crate::kernel::name::Name;
use crate::kernel::text::capitalised;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::store::table::Trace;
use crate::words::privacy as words;

pub(super) fn shown(name: Option<&Name>, found: &[(&Trace, usize)], voice: Voice<'_>) -> Post {
    let lines: Vec<String> =
        found.iter().map(|(trace, count)| voice.say(words::line((trace.what)(), *count))).collect();
    let (title, download, delete) = match name {
        None => (words::title(), words::download(), words::delete()),
        Some(name) => {
            let title = words::title_of(capitalised(&name.to_string()));
            (title, words::download_theirs(), words::delete_theirs())
        }
    };
    Post::new(Tone::Calm, voice.say(title), lines.join("\n"))
        .field(voice.say(words::why_heading()), voice.say(words::why()))
        .field(voice.say(words::download_heading()), voice.say(download))
        .field(voice.say(words::delete_heading()), voice.say(delete))
        .footer(voice.say(words::foot(GUILD_STAYS.num_days())))
}

pub(super) fn exported(parts: usize, voice: Voice<'_>) -> Post {
    Post::text(voice.say(if parts == 0 { words::nothing_to_export() } else { words::exported() }))
}

/// Asks for confirmation, since it can't be undone.
pub(super) fn sure(name: Option<&Name>, person: PersonId, voice: Voice<'_>) -> Post {
    let (title, goes, button) = match name {
        None => (words::sure_title(), words::goes(), words::erase_button()),
        Some(name) => (words::sure_title_of(name), words::goes_theirs(), words::erase_them_button()),
    };
    let lines = [goes, words::stays(), words::posted(), words::for_good()].map(|line| voice.say(line));
    Post::new(Tone::Duty, voice.say(title), lines.join("\n"))
        .button(ERASE.with(&person), voice.say(button))
        .button(KEEP.with(&()), voice.say(words::keep_button()))
}

pub(super) fn erased(is_own: bool, voice: Voice<'_>) -> Post {
    Post::text(voice.say(if is_own { words::erased() } else { words::erased_theirs() }))
}

pub(super) fn kept(voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::kept()))
}
