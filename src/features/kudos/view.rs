//! What people read about kudos.

use chrono::{DateTime, Utc};

use super::{Allowances, Given, Kudos, LIST, PAGE, Receiver, SECOND_IT, Side, Value};
use crate::chat::paged::Paged;
use crate::chat::target::Page;
use crate::kernel::calendar::{day_of, show_day};
use crate::kernel::ids::{PersonId, reference};
use crate::kernel::name::Name;
use crate::kernel::number;
use crate::kernel::text::{escape, listed, plural, some_of};
use crate::ledger::UNDO_WITHIN;
use crate::render::post::{Post, Tone};

fn names<'a>(receivers: impl Iterator<Item = &'a Receiver>) -> String {
    listed(&receivers.map(|it| it.name.to_string()).collect::<Vec<_>>())
}

fn value(kudos: &Kudos) -> Option<String> {
    kudos.value.as_deref().map(|value| format!("*{}*", escape(value)))
}

/// What for; nothing where that went with somebody who was erased.
fn reason(kudos: &Kudos) -> Option<String> {
    (!kudos.reason.is_empty()).then(|| format!("> {}", escape(&kudos.reason)))
}

/// "Cleo agrees", "Cleo and Dev agree", "Cleo, Dev and 3 more agree".
fn joined_in(kudos: &Kudos) -> String {
    let agree = if kudos.seconders.len() == 1 { "agrees" } else { "agree" };
    format!("{} {agree}", listed(&some_of(kudos.seconders.iter().map(Name::to_string).collect())))
}

/// The post for everyone.
pub(super) fn told(kudos: &Kudos) -> Post {
    let (giver, to) = (&kudos.giver_name, names(kudos.in_public()));
    if let Some(by) = &kudos.undone_by {
        let text = format!("~~{giver} thanked {to}~~\nUndone by {by}.");
        return Post { tone: Tone::Calm, ..Post::text(text) };
    }
    let mut lines: Vec<String> = reason(kudos).into_iter().chain(value(kudos)).collect();
    if !kudos.seconders.is_empty() {
        lines.push(joined_in(kudos));
    }
    let mut post = Post::new(Tone::Bell, format!("💛 {giver} thanks {to}"), lines.join("\n"));
    post.pings = kudos.in_public().filter_map(|it| it.user).collect();
    post.button(SECOND_IT.with(&kudos.id), "+1")
}

/// The same as a line of the day's message.
pub(super) fn line(kudos: &Kudos) -> String {
    let (giver, to) = (&kudos.giver_name, names(kudos.in_public()));
    match &kudos.undone_by {
        None if kudos.reason.is_empty() => format!("💛 **{giver}** thanks **{to}**"),
        None => format!("💛 **{giver}** thanks **{to}**: {}", escape(&kudos.reason)),
        Some(by) => format!("~~{giver} thanked {to}~~ undone by {by}"),
    }
}

/// What lies in the inbox of somebody who is thanked in private.
pub(super) fn privately(kudos: &Kudos) -> Post {
    let lines: Vec<String> = reason(kudos).into_iter().chain(value(kudos)).collect();
    Post::new(Tone::Bell, format!("💛 {} thanks you", kudos.giver_name), lines.join("\n"))
}

/// The reply to whoever gave them.
pub(super) fn given(given: &Given) -> Post {
    let kudos = &given.kudos;
    let mut lines = Vec::new();
    if kudos.in_public().next().is_some() {
        let to = names(kudos.in_public());
        lines.push(match given.channel {
            Some(channel) => format!("Your thanks to {to} are up in <#{channel}>."),
            None => format!("Your thanks to {to} count, but no channel is set to post them in. A manager can pick one with /setup."),
        });
    }
    if kudos.in_private().next().is_some() {
        lines.push(format!("{} will see it privately in /inbox.", names(kudos.in_private())));
    }
    let minutes = UNDO_WITHIN.num_minutes();
    lines.push(format!("Changed your mind? /kudos undo works for {minutes} minutes."));
    let left = match given.left {
        ..=0 => "That was your last one this week".to_owned(),
        left => format!("{left} left this week"),
    };
    Post::text(lines.join("\n")).footer(left)
}

/// Why thanks are beyond the week's allowance.
pub(super) fn beyond(granted: i64, given: i64, wanted: i64, turns: DateTime<Utc>) -> String {
    let left = (granted - given).max(0);
    let people = plural(usize::try_from(wanted).unwrap_or_default(), "person", "people");
    let more = format!("You get more <t:{}:R>.", turns.timestamp());
    match (left, granted) {
        (0, 0) => "Your weekly kudos limit is 0. A manager can raise it with /kudos allowance.".to_owned(),
        (0, 1) => format!("You've used your one thank-you this week. {more}"),
        (0, _) => format!("You've used all {granted} thanks this week. {more}"),
        _ => format!(
            "That would thank {people}, but you have {left} of {granted} thanks left this week. {more}"
        ),
    }
}

/// The reply to whoever joined in.
pub(super) fn seconded(kudos: &Kudos) -> Post {
    Post::text(format!("You added your +1 for {}.", names(kudos.in_public())))
}

/// The reply to whoever took them back.
pub(super) fn undone(kudos: &Kudos) -> Post {
    Post::text(format!(
        "Undone: the thanks to {}. The thanks and the reversal both stay on record.",
        names(kudos.receivers.iter())
    ))
}

/// A page of somebody's kudos.
pub(super) fn list(
    name: Option<&Name>,
    side: Side,
    (all, count): &(Vec<Kudos>, i64),
    page: Page,
    whose: PersonId,
    voice: crate::people::Voice<'_>,
) -> Post {
    let title = match (name, side) {
        (None, Side::Received) => "Thanks you received".to_owned(),
        (None, Side::Given) => "Thanks you gave".to_owned(),
        (Some(name), Side::Received) => format!("Thanks to {name}"),
        (Some(name), Side::Given) => format!("Thanks {name} gave"),
    };
    let lines: Vec<String> = all
        .iter()
        .map(|kudos| {
            let day = show_day(day_of(kudos.day));
            let who = match side {
                Side::Received => format!("from {}", kudos.giver_name),
                // Of others who are thanked in private only whoever thanked them reads.
                Side::Given if name.is_none() => format!("to {}", names(kudos.receivers.iter())),
                Side::Given => format!("to {}", names(kudos.in_public())),
            };
            let only = if kudos.in_public().next().is_none() { " · in private" } else { "" };
            let reference = reference(kudos.id.0);
            let value = value(kudos).map(|value| format!(" · {value}")).unwrap_or_default();
            let joined =
                if kudos.seconders.is_empty() { String::new() } else { format!("\n{}", joined_in(kudos)) };
            format!("{day} · **{who}**{value}{only} · `{reference}`\n> {}{joined}", escape(&kudos.reason))
        })
        .collect();
    let empty = match side {
        Side::Received => "None yet.",
        Side::Given => "None yet. Thank a teammate with /kudos give.",
    };
    let body = if lines.is_empty() { empty.to_owned() } else { lines.join("\n\n") };
    let post = Post::new(Tone::Calm, title, body);
    let to = |side, page| LIST.with(&(whose, side, page));
    let paged = Paged { page, count: *count, size: PAGE };
    let post = paged.turning(
        voice,
        post,
        [crate::words::paging::previous_button(), crate::words::paging::next_button()],
        |page| to(side, page),
    );
    match side {
        Side::Received => post.button(to(Side::Given, Page(0)), "Given"),
        Side::Given => post.button(to(Side::Received, Page(0)), "Received"),
    }
}

/// Thanks with their reason, on somebody's profile.
pub(super) fn quoted(kudos: &Kudos) -> String {
    format!("> {}\nfrom {}", escape(&kudos.reason), kudos.giver_name)
}

/// What a row of the ledger is about.
pub(super) fn origin(kudos: &Kudos, whose: PersonId, by: PersonId, joined: bool) -> String {
    let reason = escape(&kudos.reason);
    if kudos.receivers.iter().any(|it| it.person == whose) {
        return if joined {
            format!("+1 on {}'s thanks: {reason}", kudos.giver_name)
        } else {
            format!("from {}: {reason}", kudos.giver_name)
        };
    }
    let did = if joined { "+1 for" } else { "to" };
    format!(
        "{did} {}: {reason}",
        names(kudos.receivers.iter().filter(|it| kudos.giver == by || it.is_public))
    )
}

/// How many one may thank.
pub(super) fn allowances(allowances: Allowances, changed: bool) -> Post {
    let title = if changed { "Weekly kudos limit saved" } else { "Weekly kudos limit" };
    let Allowances { everyone, managers } = allowances;
    Post::new(
        Tone::Calm,
        title,
        format!(
            "Everyone: **{everyone}** a week\nManagers: **{managers}** a week\nResets at midnight when a new week starts."
        ),
    )
}

/// The team's values.
pub(super) fn values(values: &[Value], changed: bool) -> Post {
    let title = if changed { "Team values saved" } else { "Team values" };
    if values.is_empty() {
        let text = "None set yet. A manager can add them: /values set values:Care, Courage, Craft.";
        return Post::new(Tone::Calm, title, text);
    }
    let lines: Vec<String> = values.iter().map(|value| format!("• {}", escape(&value.name))).collect();
    Post::new(Tone::Calm, title, lines.join("\n"))
}

/// How many thanks somebody was given and gave, in hundredths.
pub(super) fn sums(received: i64, given: i64) -> String {
    format!("{} received, {} given", number::show(received, 2), number::show(given, 2))
}

/// Two who only thank each other. Names are escaped.
pub(super) fn pair(one: &str, other: &str, times: i64) -> String {
    let times = plural(usize::try_from(times).unwrap_or_default(), "time", "times");
    format!("{one} and {other}: {times} in 4 weeks, and hardly anyone else")
}
