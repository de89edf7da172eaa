//! What people read of a board.

use super::Board;
use super::rules::{Place, around, gap, most_improved};
use crate::kernel::calendar::Span;
use crate::kernel::ids::PersonId;
use crate::kernel::text::{escape, listed, plural};
use crate::ledger::roster::{Guild, Scope};
use crate::render::post::{Post, Tone, bar};

fn name(board: &Board, person: PersonId) -> String {
    escape(board.persons.get(&person).map_or("somebody", |person| &person.name))
}

fn span(board: &Board) -> &'static str {
    if board.period.span == Span::Custom { "time" } else { board.period.span.name() }
}

fn medal(place: usize) -> &'static str {
    match place {
        1 => "🥇",
        2 => "🥈",
        _ => "🥉",
    }
}

/// The board for everyone: three places, the teams, the most improved.
pub(super) fn public(board: &Board, guild: &Guild) -> Post {
    let show = |quantity: i64| board.metric.show(quantity, guild.currency);
    let title =
        format!("{}, {}", crate::kernel::text::capitalised(&escape(&board.metric.name)), board.period);
    if board.places.is_empty() {
        return Post::new(Tone::Bell, title, "Nothing yet. The first one rings the loudest.");
    }
    let mut lines = Vec::new();
    for place in 1..=3 {
        let level: Vec<&Place> = board.places.iter().filter(|it| it.place == place).collect();
        if let Some(first) = level.first() {
            let mut names: Vec<String> = level.iter().map(|it| name(board, it.person)).collect();
            if names.len() > 4 {
                let more = names.split_off(3).len();
                names.push(format!("{more} more"));
            }
            let each = if level.len() > 1 { " each" } else { "" };
            lines.push(format!("{} {} · {}{each}", medal(place), listed(&names), show(first.quantity)));
        }
    }
    let mut post = Post::new(Tone::Bell, title, lines.join("\n"));
    let best = board
        .teams
        .iter()
        .map(|team| Scope::Team(team.id).sum(&board.totals, &board.teams))
        .max()
        .unwrap_or(0)
        .max(1);
    let bars: Vec<String> = board
        .teams
        .iter()
        .filter(|team| !team.members.is_empty())
        .map(|team| {
            let sum = Scope::Team(team.id).sum(&board.totals, &board.teams);
            let percent = i64::try_from(i128::from(sum.max(0)) * 100 / i128::from(best)).unwrap_or(0);
            format!("{} {} · {}", bar(percent), escape(&team.name), show(sum))
        })
        .collect();
    post = post.field("Teams", bars.join("\n"));
    let earlier: i64 = board.before.values().sum();
    let compared =
        if earlier > 0 { format!(" (the {} before: {})", span(board), show(earlier)) } else { String::new() };
    let percent =
        i64::try_from(i128::from(board.sum.max(0)) * 100 / i128::from(earlier.max(1))).unwrap_or(100);
    let grown = if earlier > 0 { format!("{} ", bar(percent)) } else { String::new() };
    let people = plural(board.places.len(), "person", "people");
    post = post.field("Together", format!("{grown}{} by {people}{compared}", show(board.sum)));
    if let Some((person, gain)) = most_improved(&board.totals, &board.before) {
        post = post.field(
            "Most improved",
            format!("{}, {} more than the {} before", name(board, person), show(gain), span(board)),
        );
    }
    post
}

/// The board for one person: themselves, two neighbours on either side, and the gap to the next.
pub(super) fn private(board: &Board, own: PersonId, guild: &Guild) -> Post {
    let show = |quantity: i64| board.metric.show(quantity, guild.currency);
    let title = format!("You, {}, {}", escape(&board.metric.name), board.period);
    let near = around(&board.places, own);
    if near.is_empty() {
        let together = if board.sum > 0 {
            format!(" Together you have {} so far.", show(board.sum))
        } else {
            String::new()
        };
        return Post::new(Tone::Calm, title, format!("Nothing of yours yet in this period.{together}"));
    }
    let lines: Vec<String> = near
        .iter()
        .map(|it| {
            let line = format!("{}. {} · {}", it.place, name(board, it.person), show(it.quantity));
            if it.person == own { format!("**{line}**") } else { line }
        })
        .collect();
    let next = match gap(&board.places, own) {
        Some((next, missing)) => {
            format!("{} more and you are level with {}.", show(missing), name(board, next))
        }
        None => "Nobody is ahead of you.".to_owned(),
    };
    let before = board.before.get(&own).copied().unwrap_or_default();
    let earlier = if before > 0 {
        format!(" The {} before you had {}.", span(board), show(before))
    } else {
        String::new()
    };
    Post::new(Tone::Calm, title, format!("{}\n\n{next}{earlier}", lines.join("\n")))
        .footer("Only you see this")
}
