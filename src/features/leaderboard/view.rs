//! What people read of a board.

use super::rules::{Place, Style, Visible, around, gap, most_improved, spark};
use super::{Board, OWN, Own};
use crate::chat::target::Day;
use crate::features::goals::rules::{Left, left};
use crate::kernel::calendar::{Period, Span, show_near_day};
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
    board.persons.get(&person).map_or_else(|| "someone".to_owned(), |person| person.name.plain().to_owned())
}

fn name(board: &Board, person: PersonId) -> String {
    board.persons.get(&person).map_or_else(|| "someone".to_owned(), |person| person.name.to_string())
}

/// How long its period is: "week", "30 days".
fn span(board: &Board) -> String {
    let Period { span, from, until } = board.period;
    match span {
        Span::Custom => plural(usize::try_from((until - from).num_days()).unwrap_or_default(), "day", "days"),
        span => span.name().to_owned(),
    }
}

/// Several people, by what each is called.
fn all(board: &Board, people: &[PersonId], called: fn(&Board, PersonId) -> String) -> String {
    listed(&some_of(people.iter().map(|person| called(board, *person)).collect()))
}

/// What is said after a quantity that each of several has.
fn each(people: &[PersonId]) -> &'static str {
    if people.len() > 1 { " each" } else { "" }
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
        return Post::new(Tone::Bell, heading, "Nothing logged for this period yet.");
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
    post = post.field("Total", format!("{grown}{} from {people}{compared}", show(board.sum)));
    if names_people(board) {
        if let Some((people, gain)) = most_improved(&board.totals, &board.before) {
            let (names, each) = (all(board, &people, name), each(&people));
            let text = format!("{names}, up {}{each} from the {} before", show(gain), span(board));
            post = post.field("Most improved", text);
        }
        if let Some((people, wins)) = &board.helpful {
            post = post.field("Most helpful", helped(&all(board, people, name), people, *wins));
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

/// Who helped with how many wins of others: "Finn, who helped close 1 deal".
fn helped(names: &str, people: &[PersonId], wins: Quantity) -> String {
    let count = usize::try_from(wins.whole()).unwrap_or_default();
    format!("{names}, who{} helped close {}", each(people), plural(count, "deal", "deals"))
}

/// What a board that is final says at its foot.
fn footed(post: Post, board: &Board) -> Post {
    let Some((_, later)) = board.is_final else { return post };
    let later = match usize::try_from(later).unwrap_or_default() {
        0 => String::new(),
        count => {
            format!(" · {} included", plural(count, "later entry isn't", "later entries aren't"))
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
    bars.push(Bar { name: "Total".to_owned(), quantity: show(board.sum), percent: small(together) });
    let mut notes = Vec::new();
    if names_people(board) {
        notes.extend(most_improved(&board.totals, &board.before).map(|(people, gain)| {
            let (names, each) = (all(board, &people, plain), each(&people));
            ("Most improved".to_owned(), format!("{names}, up {}{each}", show(gain)))
        }));
        notes.extend(board.helpful.as_ref().map(|(people, wins)| {
            ("Most helpful".to_owned(), helped(&all(board, people, plain), people, *wins))
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
fn to_do(own: &Own, guild: &Guild, missing: Quantity, whom: &str) -> String {
    let metric = &own.board.metric;
    let show = |quantity: Quantity| metric.show(quantity, guild.currency);
    let behind = format!("You're {} behind {whom}.", show(missing));
    match left(missing, metric.unit == Unit::Money, own.usual, 1) {
        // Fewer are enough where somebody has a part of one.
        Some(Left::Things(1)) if Quantity::ONE > missing => {
            format!("One more {} puts you ahead of {whom}.", escape(&singular(&metric.name)))
        }
        Some(Left::Things(count)) if Quantity::things(count) > missing => {
            format!("{count} more {} put you ahead of {whom}.", escape(&metric.name))
        }
        Some(Left::Things(1)) => {
            format!("One more {} ties you with {whom}.", escape(&singular(&metric.name)))
        }
        Some(Left::Things(count)) => format!("{count} more {} tie you with {whom}.", escape(&metric.name)),
        Some(Left::Wins { count: 1, usual }) => {
            format!("{behind} One more typical deal ({}) closes the gap.", show(usual))
        }
        Some(Left::Wins { count, usual }) => {
            format!("{behind} {count} more typical deals ({} each) close the gap.", show(usual))
        }
        _ => behind,
    }
}

/// What is said to somebody who has nothing on a board.
fn nothing(own: &Own) -> String {
    let (metric, span) = (escape(&own.board.metric.name), span(&own.board));
    match own.board.period.span {
        _ if !own.is_now => format!("No {metric} for this period."),
        Span::Custom => format!("No {metric} in the last {span}."),
        _ => format!("No {metric} yet this {span}."),
    }
}

/// What is said to somebody whom nobody is ahead of.
fn first(own: &Own) -> &'static str {
    let is_tied = own.board.places.iter().filter(|it| it.place == 1).count() > 1;
    match (own.is_now, is_tied) {
        (true, false) => "You're in first place.",
        (true, true) => "You're tied for first place.",
        (false, false) => "You finished in first place.",
        (false, true) => "You tied for first place.",
    }
}

/// The board for one person: themselves, two neighbours on either side, the gap to the next as something one can do, and
/// their own last weeks.
pub(super) fn private(own: &Own, guild: &Guild) -> Post {
    let board = &own.board;
    let show = |quantity: Quantity| board.metric.show(quantity, guild.currency);
    let title = format!("Your {}, {}", escape(&board.metric.name), board.period);
    let near = around(&board.places, own.person);
    let weeks = if own.weeks.iter().any(|it| it.is_positive()) {
        let latest = own.weeks.last().copied().unwrap_or_default();
        format!("`{}` {} this week", spark(&own.weeks), show(latest))
    } else {
        String::new()
    };
    let seen =
        own.pseudonym.as_deref().map(|bird| format!("Others see you as **{bird}**.")).unwrap_or_default();
    let post = if near.is_empty() {
        let together = if board.sum.is_positive() {
            format!(" Team total: {}.", show(board.sum))
        } else {
            String::new()
        };
        Post::new(Tone::Calm, title, format!("{}{together}", nothing(own)))
    } else {
        let line = |it: &Place| {
            let whose = if it.person != own.person && !names_people(board) {
                "a teammate".to_owned()
            } else {
                name(board, it.person)
            };
            let line = format!("{}. {whose} · {}", it.place, show(it.quantity));
            if it.person == own.person { format!("**{line}**") } else { line }
        };
        let lines: Vec<String> = near.iter().map(line).collect();
        let next = match gap(&board.places, own.person) {
            Some((next, missing)) => {
                let whom = if names_people(board) {
                    name(board, next)
                } else {
                    "the person ahead of you".to_owned()
                };
                if own.is_now {
                    to_do(own, guild, missing, &whom)
                } else {
                    format!("You finished {} behind {whom}.", show(missing))
                }
            }
            None => first(own).to_owned(),
        };
        let before = board.before.get(&own.person).copied().unwrap_or_default();
        let earlier = if !before.is_positive() {
            String::new()
        } else if own.is_now && board.period.span != Span::Custom {
            format!(" Last {} you had {}.", span(board), show(before))
        } else {
            format!(" In the {} before, you had {}.", span(board), show(before))
        };
        Post::new(Tone::Calm, title, format!("{}\n\n{next}{earlier}", lines.join("\n")))
    };
    let post = post.field("Your last 8 weeks", weeks).field("Your alias", seen);
    let since = board
        .is_final
        .map(|(since, _)| format!("Final since {} · ", show_near_day(guild.zone.day(at(since)))));
    post.footer(format!("{}Only you can see this", since.unwrap_or_default()))
}

/// How the guild's boards are.
pub(super) fn wanted(style: Style, cards: bool, changed: bool) -> Post {
    let what = match style {
        Style::Podium => "top three, teams, most improved and most helpful",
        Style::Full => "everyone on the board",
        Style::TopTen => "the top ten",
        Style::Leagues => "similar performers grouped together, top three in each",
        Style::Teams => "team totals only, no names",
        Style::Pseudonyms => "everyone on the board, under aliases only they know",
    };
    let title = if changed { "Leaderboard settings saved" } else { "Leaderboard settings" };
    let cards = if cards { "Image: on" } else { "Image: off" };
    Post::new(
        Tone::Calm,
        title,
        format!(
            "**{}**: {what}.\n{cards}\nWhatever the style, everyone can check their own rank in private.",
            capitalised(style.name())
        ),
    )
}

/// What a week's board says once it is final and empty.
pub(super) fn nothing_left() -> Post {
    Post::text("There's nothing left on this leaderboard.")
}
