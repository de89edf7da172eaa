//! Texts about kudos.

use chrono::{DateTime, Utc};

use super::{Allowances, Given, Kudos, LIST, PAGE, Receiver, SECOND_IT, Side, Value};
use crate::chat::paged::Paged;
use crate::chat::target::Page;
use crate::kernel::calendar::day_of;
use crate::kernel::ids::{PersonId, reference};
use crate::kernel::name::Name;
use crate::kernel::number;
use crate::kernel::text::escape;
use crate::ledger::UNDO_WITHIN;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::{self as said, Message, joined, kudos as words, listed, paging, some_of};

fn names<'a>(receivers: impl Iterator<Item = &'a Receiver>) -> said::Value {
    listed(receivers.map(|it| &it.name))
}

fn value(kudos: &Kudos) -> Option<String> {
    kudos.value.as_deref().map(|value| format!("*{}*", escape(value)))
}

/// The reason; none if it was erased with its author.
fn reason(kudos: &Kudos) -> Option<String> {
    (!kudos.reason.is_empty()).then(|| format!("> {}", escape(&kudos.reason)))
}

/// "Cleo agrees", "Cleo and Dev agree", "Cleo, Dev, Eva and 3 more agree"; none without a +1.
fn joined_in(kudos: &Kudos) -> Option<Message> {
    let who = &kudos.seconders;
    (!who.is_empty()).then(|| words::joined_in(who.len(), listed(some_of(who))))
}

/// The public post.
pub(super) fn told(kudos: &Kudos, voice: Voice<'_>) -> Post {
    let (giver, to) = (&kudos.giver_name, names(kudos.in_public()));
    if let Some(by) = &kudos.undone_by {
        let text = voice.say(words::told_undone(giver, to, by));
        return Post { tone: Tone::Calm, ..Post::text(text) };
    }
    let mut lines: Vec<String> = reason(kudos).into_iter().chain(value(kudos)).collect();
    lines.extend(joined_in(kudos).map(|it| voice.say(it)));
    let mut post = Post::new(Tone::Bell, voice.say(words::told(giver, to)), lines.join("\n"));
    post.pings = kudos.in_public().filter_map(|it| it.user).collect();
    post.button(SECOND_IT.with(&kudos.id), voice.say(words::second_button()))
}

/// The same as a line of the daily summary.
pub(super) fn line(kudos: &Kudos, voice: Voice<'_>) -> String {
    let (giver, to) = (&kudos.giver_name, names(kudos.in_public()));
    voice.say(match &kudos.undone_by {
        None if kudos.reason.is_empty() => words::line(giver, to),
        None => words::line_for(giver, to, escape(&kudos.reason)),
        Some(by) => words::line_undone(giver, to, by),
    })
}

/// The inbox entry of a person thanked in private.
pub(super) fn privately(kudos: &Kudos, voice: Voice<'_>) -> Post {
    let lines: Vec<String> = reason(kudos).into_iter().chain(value(kudos)).collect();
    Post::new(Tone::Bell, voice.say(words::privately(&kudos.giver_name)), lines.join("\n"))
}

/// The reply to the giver.
pub(super) fn given(given: &Given, voice: Voice<'_>) -> Post {
    let kudos = &given.kudos;
    let mut lines = Vec::new();
    if kudos.in_public().next().is_some() {
        let to = names(kudos.in_public());
        lines.push(voice.say(match given.channel {
            Some(channel) => words::up(to, format!("<#{channel}>")),
            None => words::counted(to),
        }));
    }
    let in_private = kudos.in_private().count();
    if in_private > 0 {
        lines.push(voice.say(words::in_their_inbox(in_private, names(kudos.in_private()))));
    }
    lines.push(voice.say(words::changed_your_mind(UNDO_WITHIN.num_minutes())));
    let left = match given.left {
        ..=0 => words::none_left(),
        left => words::left(left),
    };
    Post::text(lines.join("\n")).footer(voice.say(left))
}

/// The error when the weekly allowance is exceeded.
pub(super) fn beyond(granted: i64, given: i64, wanted: i64, turns: DateTime<Utc>) -> Message {
    let left = (granted - given).max(0);
    let when = format!("<t:{}:R>", turns.timestamp());
    match (left, granted) {
        (0, 0) => words::limit_of_nothing(),
        (0, 1) => words::limit_of_one_reached(when),
        (0, _) => words::limit_reached(granted, when),
        _ => words::limit_exceeded(wanted, left, granted, when),
    }
}

/// The reply to a +1.
pub(super) fn seconded(kudos: &Kudos, voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::seconded(names(kudos.in_public()))))
}

/// The reply to an undo.
pub(super) fn undone(kudos: &Kudos, voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::undone(names(kudos.receivers.iter()))))
}

/// A page of somebody's kudos.
pub(super) fn list(
    name: Option<&Name>,
    side: Side,
    (all, count): &(Vec<Kudos>, i64),
    page: Page,
    whose: PersonId,
    voice: Voice<'_>,
) -> Post {
    let title = match (name, side) {
        (None, Side::Received) => words::list_received(),
        (None, Side::Given) => words::list_given(),
        (Some(name), Side::Received) => words::list_received_of(name),
        (Some(name), Side::Given) => words::list_given_of(name),
    };
    let entries: Vec<String> = all
        .iter()
        .map(|kudos| {
            let who = match side {
                Side::Received => words::list_from(&kudos.giver_name),
                // Of other people who are thanked in private, only the giver sees the names.
                Side::Given if name.is_none() => words::list_to(names(kudos.receivers.iter())),
                Side::Given => words::list_to(names(kudos.in_public())),
            };
            let parts: [Option<said::Value>; 5] = [
                Some(voice.day(day_of(kudos.day)).into()),
                Some(who.into()),
                value(kudos).map(Into::into),
                kudos.in_public().next().is_none().then(|| words::in_private().into()),
                Some(format!("`{}`", reference(kudos.id.0)).into()),
            ];
            let mut lines = vec![voice.say(joined(parts.into_iter().flatten()))];
            lines.push(format!("> {}", escape(&kudos.reason)));
            lines.extend(joined_in(kudos).map(|it| voice.say(it)));
            lines.join("\n")
        })
        .collect();
    let empty = match side {
        Side::Received => words::list_received_empty(),
        Side::Given => words::list_given_empty(),
    };
    let body = if entries.is_empty() { voice.say(empty) } else { entries.join("\n\n") };
    let post = Post::new(Tone::Calm, voice.say(title), body);
    let to = |side, page| LIST.with(&(whose, side, page));
    let labels = [paging::previous_button(), paging::next_button()];
    let post = Paged { page, count: *count, size: PAGE }.turning(voice, post, labels, |page| to(side, page));
    match side {
        Side::Received => post.button(to(Side::Given, Page(0)), voice.say(words::given_button())),
        Side::Given => post.button(to(Side::Received, Page(0)), voice.say(words::received_button())),
    }
}

/// Kudos with their reason, on a profile.
pub(super) fn quoted(kudos: &Kudos, voice: Voice<'_>) -> String {
    voice.say(words::quoted(escape(&kudos.reason), &kudos.giver_name))
}

/// The description of a ledger row.
pub(super) fn origin(
    kudos: &Kudos,
    whose: PersonId,
    by: PersonId,
    has_joined: bool,
    voice: Voice<'_>,
) -> String {
    let reason = escape(&kudos.reason);
    let giver = &kudos.giver_name;
    if kudos.receivers.iter().any(|it| it.person == whose) {
        return voice.say(if has_joined {
            words::origin_received_second(giver, reason)
        } else {
            words::origin_received(giver, reason)
        });
    }
    let to = names(kudos.receivers.iter().filter(|it| kudos.giver == by || it.is_public));
    voice.say(if has_joined {
        words::origin_given_second(to, reason)
    } else {
        words::origin_given(to, reason)
    })
}

/// The weekly limits.
pub(super) fn allowances(allowances: Allowances, changed: bool, voice: Voice<'_>) -> Post {
    let title = if changed { words::limit_saved() } else { words::limit() };
    let body = words::limit_body(allowances.everyone, allowances.managers);
    Post::new(Tone::Calm, voice.say(title), voice.say(body))
}

/// The team's values.
pub(super) fn values(values: &[Value], changed: bool, voice: Voice<'_>) -> Post {
    let title = voice.say(if changed { words::values_saved() } else { words::values() });
    if values.is_empty() {
        return Post::new(Tone::Calm, title, voice.say(words::values_empty()));
    }
    let lines: Vec<String> = values.iter().map(|value| format!("• {}", escape(&value.name))).collect();
    Post::new(Tone::Calm, title, lines.join("\n"))
}

/// How many thanks somebody received and gave, in hundredths.
pub(super) fn sums(received: i64, given: i64, voice: Voice<'_>) -> String {
    voice.say(words::sums(number::shown(received, 2), number::shown(given, 2)))
}

/// A pair who only thank each other. Names are escaped.
pub(super) fn pair(
    one: impl Into<said::Value>,
    other: impl Into<said::Value>,
    times: i64,
    voice: Voice<'_>,
) -> String {
    voice.say(words::pair(one, other, times))
}
