//! What people read of a board.

use super::rules::{Place, Style, Visible, around, gap, most_improved, spark};
use super::{Board, OWN, Own};
use crate::chat::target::Day;
use crate::features::goals::rules::{Left, left};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::clock::at;
use crate::kernel::ids::PersonId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{capitalised, escape, listed, plural, singular, some_of};
use crate::ledger::metric::Unit;
use crate::people::{Guild, Scope};
use crate::render::card::{Bar, Card, Row};
use crate::render::post::{Post, Tone, bar};

/// Somebody's name as they wrote it.
fn plain(board: &Board, person: PersonId) -> String {
    board.persons.get(&person).map_or_else(|| "somebody".to_owned(), |person| person.name.plain().to_owned())
}

fn name(board: &Board, person: PersonId) -> String {
    board.persons.get(&person).map_or_else(|| "somebody".to_owned(), |person| person.name.to_string())
}

fn span(board: &Board) -> &'static str {
    if board.period.span == Span::Custom { "time" } else { board.period.span.name() }
}

fn medal(place: usize) -> String {
    match place {
        1 => "🥇".to_owned(),
        2 => "🥈".to_owned(),
        3 => "🥉".to_owned(),
        place => format!("{place}."),
    }
}

/// Those who share a place, with the names that everyone sees: in a text, and as they are, for a card.
struct Level {
    place: usize,
    league: Option<usize>,
    names: Vec<String>,
    plain: Vec<String>,
    quantity: Quantity,
}

/// The places that everyone sees, those who share one together.
fn levels(board: &Board, guild: &Guild) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for Visible { place, alias, league } in board.seen(guild) {
        let (name, plain) = match alias {
            Some(alias) => (escape(&alias), alias),
            None => (name(board, place.person), plain(board, place.person)),
        };
        match levels.last_mut() {
            Some(level) if level.place == place.place && level.league == league => {
                level.names.push(name);
                level.plain.push(plain);
            }
            _ => levels.push(Level {
                place: place.place,
                league,
                names: vec![name],
                plain: vec![plain],
                quantity: place.quantity,
            }),
        }
    }
    for names in levels.iter_mut().flat_map(|level| [&mut level.names, &mut level.plain]) {
        *names = some_of(std::mem::take(names));
    }
    levels
}

/// Teams with their sums, and how they stand against the best of them in percent.
fn teams(board: &Board) -> Vec<(String, Quantity, i64)> {
    let sum = |team: &crate::people::Team| Scope::Team(team.id).sum(&board.totals, &board.teams);
    let best = board.teams.iter().map(sum).max().unwrap_or_default();
    let filled = board.teams.iter().filter(|team| !team.members.is_empty());
    filled.map(|team| (team.name.clone(), sum(team), sum(team).percent_of(best))).collect()
}

fn title(board: &Board) -> String {
    capitalised(&escape(&board.metric.name))
}

/// The board for everyone, in the guild's style.
pub(super) fn public(board: &Board, guild: &Guild) -> Post {
    let show = |quantity: Quantity| board.metric.show(quantity, guild.currency);
    let heading = format!("{}, {}", title(board), board.period);
    if board.places.is_empty() {
        return Post::new(Tone::Bell, heading, "Nothing yet. The first one rings the loudest.");
    }
    let levels = levels(board, guild);
    let mut lines = Vec::new();
    let mut league = None;
    for level in &levels {
        if level.league != league {
            league = level.league;
            lines.extend(league.map(|number| format!("**League {number}**")));
        }
        let each = if level.names.len() > 1 { " each" } else { "" };
        lines.push(format!(
            "{} {} · {}{each}",
            medal(level.place),
            listed(&level.names),
            show(level.quantity)
        ));
    }
    let mut post = Post::new(Tone::Bell, heading, lines.join("\n"));
    let teams: Vec<String> = teams(board)
        .into_iter()
        .map(|(name, sum, percent)| format!("{} {} · {}", bar(percent), escape(&name), show(sum)))
        .collect();
    post = post.field("Teams", teams.join("\n"));
    let earlier: Quantity = board.before.values().sum();
    let compared = if earlier.is_positive() {
        format!(" (the {} before: {})", span(board), show(earlier))
    } else {
        String::new()
    };
    let grown = if earlier.is_positive() {
        format!("{} ", bar(board.sum.percent_of(earlier)))
    } else {
        String::new()
    };
    let people = plural(board.places.len(), "person", "people");
    post = post.field("Together", format!("{grown}{} by {people}{compared}", show(board.sum)));
    if names_people(board) {
        if let Some((person, gain)) = most_improved(&board.totals, &board.before) {
            let text =
                format!("{}, {} more than the {} before", name(board, person), show(gain), span(board));
            post = post.field("Most improved", text);
        }
        if let Some((person, wins)) = board.helpful {
            post = post.field("Most helpful", format!("{}, with {}", name(board, person), others(wins)));
        }
    }
    if board.has_card {
        post.card = Some(card(board, guild));
    }
    let Period { span, from, until } = board.period;
    let route = OWN.with(&(board.metric.id, span, Day(from), Day(until)));
    footed(post, board).button(route, "Where am I?")
}

/// Whether the style names people by their own names.
fn names_people(board: &Board) -> bool {
    !matches!(board.style, Style::Teams | Style::Pseudonyms)
}

fn others(wins: Quantity) -> String {
    let count = usize::try_from(wins.whole()).unwrap_or_default();
    format!("{} of others", plural(count, "win", "wins"))
}

/// What a board that is final says at its foot.
fn footed(post: Post, board: &Board) -> Post {
    let Some((_, later)) = board.is_final else { return post };
    let later = match usize::try_from(later).unwrap_or_default() {
        0 => String::new(),
        count => {
            format!(" · {} in the ledger, not here", plural(count, "later row counts", "later rows count"))
        }
    };
    post.footer(format!("Final{later}"))
}

/// The same board on the day it becomes final.
pub(super) fn at_last(board: &Board, guild: &Guild) -> Post {
    public(board, guild).footer("Final")
}

/// The same as a picture.
fn card(board: &Board, guild: &Guild) -> Card {
    const MOST_ROWS: usize = 10;
    let show = |quantity: Quantity| board.metric.show(quantity, guild.currency);
    let small = |percent: i64| u8::try_from(percent.clamp(0, 100)).unwrap_or(100);
    let levels = levels(board, guild);
    let first = levels.iter().map(|level| level.quantity).max().unwrap_or_default();
    let row = |level: &Level| {
        let each = if level.names.len() > 1 { " each" } else { "" };
        Row {
            place: level.place,
            name: listed(&level.plain),
            quantity: format!("{}{each}", show(level.quantity)),
            percent: small(level.quantity.percent_of(first)),
        }
    };
    let mut bars: Vec<Bar> = teams(board)
        .into_iter()
        .map(|(name, sum, percent)| Bar { name, quantity: show(sum), percent: small(percent) })
        .collect();
    let earlier: Quantity = board.before.values().sum();
    let together = if earlier.is_positive() { board.sum.percent_of(earlier) } else { 100 };
    bars.push(Bar { name: "Together".to_owned(), quantity: show(board.sum), percent: small(together) });
    let mut notes = Vec::new();
    if names_people(board) {
        notes.extend(most_improved(&board.totals, &board.before).map(|(person, gain)| {
            ("Most improved".to_owned(), format!("{}, {} more", plain(board, person), show(gain)))
        }));
        notes.extend(board.helpful.map(|(person, wins)| {
            ("Most helpful".to_owned(), format!("{}, {}", plain(board, person), others(wins)))
        }));
    }
    Card {
        title: capitalised(&board.metric.name),
        subtitle: capitalised(&board.period.to_string()),
        rows: levels.iter().take(MOST_ROWS).map(row).collect(),
        bars,
        notes,
        empty: String::new(),
    }
}

/// What is missing to somebody else's level, as something one can do.
fn to_do(own: &Own, guild: &Guild, missing: Quantity) -> String {
    let metric = &own.board.metric;
    match left(missing, metric.unit == Unit::Money, own.usual, 1) {
        Some(Left::Things(1)) => format!("1 more {}", escape(singular(&metric.name))),
        Some(Left::Things(count)) => format!("{count} more {}", escape(&metric.name)),
        Some(Left::Wins { count, usual }) => {
            let count = plural(usize::try_from(count).unwrap_or_default(), "win", "wins");
            format!("{count} of your usual size ({})", metric.show(usual, guild.currency))
        }
        _ => format!("{} more", metric.show(missing, guild.currency)),
    }
}

/// The board for one person: themselves, two neighbours on either side, the gap to the next as something one can do, and
/// their own last weeks.
pub(super) fn private(own: &Own, guild: &Guild) -> Post {
    let board = &own.board;
    let show = |quantity: Quantity| board.metric.show(quantity, guild.currency);
    let title = format!("You, {}, {}", escape(&board.metric.name), board.period);
    let near = around(&board.places, own.person);
    let weeks = if own.weeks.iter().any(|it| it.is_positive()) {
        let latest = own.weeks.last().copied().unwrap_or_default();
        format!("`{}` this week {}", spark(&own.weeks), show(latest))
    } else {
        String::new()
    };
    let seen =
        own.pseudonym.as_deref().map(|bird| format!("The others see you as **{bird}**.")).unwrap_or_default();
    let post = if near.is_empty() {
        let together = if board.sum.is_positive() {
            format!(" Together you have {} so far.", show(board.sum))
        } else {
            String::new()
        };
        Post::new(Tone::Calm, title, format!("Nothing of yours yet in this period.{together}"))
    } else {
        let line = |it: &Place| {
            let whose = if it.person != own.person && !names_people(board) {
                "somebody".to_owned()
            } else {
                name(board, it.person)
            };
            let line = format!("{}. {whose} · {}", it.place, show(it.quantity));
            if it.person == own.person { format!("**{line}**") } else { line }
        };
        let lines: Vec<String> = near.iter().map(line).collect();
        let next = match gap(&board.places, own.person) {
            Some((next, missing)) => {
                let whom = if names_people(board) { name(board, next) } else { "the next".to_owned() };
                format!("{} and you are level with {whom}.", capitalised(&to_do(own, guild, missing)))
            }
            None => "Nobody is ahead of you.".to_owned(),
        };
        let before = board.before.get(&own.person).copied().unwrap_or_default();
        let earlier = if before.is_positive() {
            format!(" The {} before you had {}.", span(board), show(before))
        } else {
            String::new()
        };
        Post::new(Tone::Calm, title, format!("{}\n\n{next}{earlier}", lines.join("\n")))
    };
    let post = post.field("Your last eight weeks", weeks).field("Your name here", seen);
    let since = board.is_final.map(|(since, _)| format!("Final since {} · ", at(since).format("%-d %b")));
    post.footer(format!("{}Only you see this", since.unwrap_or_default()))
}

/// How the guild's boards are.
pub(super) fn wanted(style: Style, cards: bool, changed: bool) -> Post {
    let what = match style {
        Style::Podium => "three places, the teams, the most improved, the most helpful",
        Style::Full => "everyone who has something",
        Style::TopTen => "ten places",
        Style::Leagues => "groups of people of a like level, three places each",
        Style::Teams => "teams, and nobody by name",
        Style::Pseudonyms => "everyone who has something, under names that only they know",
    };
    let title = if changed { "The boards are set" } else { "How the boards are" };
    let cards = if cards { "They come as a picture, too." } else { "They come without a picture." };
    Post::new(
        Tone::Calm,
        title,
        format!(
            "**{}**: {what}.\n{cards}\nOne's own place is shown to oneself alone, whatever the style.",
            capitalised(style.name())
        ),
    )
}

/// What a week's board says once it is final and empty.
pub(super) fn nothing_left() -> Post {
    Post::text("Nothing left on this week's board.")
}
