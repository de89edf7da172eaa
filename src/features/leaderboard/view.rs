//! Texts about boards.

use super::rules::{Place, Style, Visible, around, gap, most_improved, spark};
use super::{Board, OWN, Own};
use crate::chat::target::Day;
use crate::features::goals::rules::{Left, left};
use crate::kernel::calendar::{Period, Span, near_day};
use crate::kernel::clock::at;
use crate::kernel::ids::PersonId;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::escape;
use crate::ledger::metric::Unit;
use crate::people::{Scope, Voice};
use crate::render::card::{Bar, Card, Row};
use crate::render::post::{Post, Tone, bar};
use crate::words::{Message, Value, leaderboard as words, listed, some_of};

/// A name, unescaped.
fn plain(board: &Board, person: PersonId) -> Value {
    match board.persons.get(&person) {
        Some(person) => person.name.plain().into(),
        None => words::someone().into(),
    }
}

fn name(board: &Board, person: PersonId) -> Value {
    match board.persons.get(&person) {
        Some(person) => (&person.name).into(),
        None => words::someone().into(),
    }
}

/// The length of the period: the name of its span, and the number of days.
fn length(board: &Board) -> (&'static str, i64) {
    let Period { span, from, until } = board.period;
    (span.name(), (until - from).num_days())
}

/// A list of names.
fn all(board: &Board, people: &[PersonId], called: fn(&Board, PersonId) -> Value) -> Value {
    listed(some_of(people.iter().map(|person| called(board, *person))))
}

/// A quantity of one person, or of each of several.
fn had(quantity: Value, by: usize) -> Value {
    if by > 1 { words::each(quantity).into() } else { quantity }
}

fn medal(place: usize) -> Value {
    match place {
        1 => "🥇".into(),
        2 => "🥈".into(),
        3 => "🥉".into(),
        place => words::number(place).into(),
    }
}

/// The people who share a place, by their public names: escaped for text, and plain for a card.
struct Level {
    place: usize,
    league: Option<usize>,
    names: Vec<Value>,
    plain: Vec<Value>,
    quantity: Quantity,
}

/// The public places, grouped by rank.
fn levels(board: &Board, voice: Voice<'_>) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for Visible { place, alias, league } in board.seen(voice.guild) {
        let (name, plain): (Value, Value) = match alias {
            Some(alias) => (escape(&alias).into(), alias.into()),
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

/// Teams with their sums, and their percentage of the best team's.
fn teams(board: &Board) -> Vec<(String, Quantity, i64)> {
    let sum = |team: &crate::people::Team| Scope::Team(team.id).sum(&board.totals, &board.teams);
    let best = board.teams.iter().map(sum).max().unwrap_or_default();
    let filled = board.teams.iter().filter(|team| !team.members.is_empty());
    filled.map(|team| (team.name.clone(), sum(team), sum(team).percent_of(best))).collect()
}

/// The board for everyone, in the guild's style.
pub(super) fn public(board: &Board, voice: Voice<'_>) -> Post {
    let show = |quantity: Quantity| board.metric.quantity(quantity, voice.currency);
    let metric = board.metric.heading();
    let heading = voice.say(words::title(metric, voice.called(board.period)));
    if board.places.is_empty() {
        return Post::new(Tone::Bell, heading, voice.say(words::empty()));
    }
    let levels = levels(board, voice);
    let mut lines = Vec::new();
    let mut league = None;
    for level in &levels {
        if level.league != league {
            league = level.league;
            lines.extend(league.map(|number| voice.say(words::league(number))));
        }
        let quantity = had(show(level.quantity), level.names.len());
        lines.push(voice.say(words::place(medal(level.place), listed(&level.names), quantity)));
    }
    let mut post = Post::new(Tone::Bell, heading, lines.join("\n"));
    let teams: Vec<String> = teams(board)
        .into_iter()
        .map(|(name, sum, percent)| voice.say(words::team(bar(percent), escape(&name), show(sum))))
        .collect();
    post = post.field(voice.say(words::teams()), teams.join("\n"));
    let earlier: Quantity = board.before.values().sum();
    let (span, days) = length(board);
    let (sum, people) = (show(board.sum), board.places.len());
    let total = if earlier.is_positive() {
        let grown = bar(board.sum.percent_of(earlier));
        words::total_compared(grown, sum, people, span, days, show(earlier))
    } else {
        words::total_of(sum, people)
    };
    post = post.field(voice.say(words::total()), voice.say(total));
    if names_people(board) {
        if let Some((people, gain)) = most_improved(&board.totals, &board.before) {
            let (names, gain) = (all(board, &people, name), show(gain));
            let text = if people.len() > 1 {
                words::improved_each(names, gain, span, days)
            } else {
                words::improved(names, gain, span, days)
            };
            post = post.field(voice.say(words::most_improved()), voice.say(text));
        }
        if let Some((people, wins)) = &board.helpful {
            let text = helped(all(board, people, name), people, *wins);
            post = post.field(voice.say(words::most_helpful()), voice.say(text));
        }
    }
    if board.has_card {
        post.card = Some(card(board, voice));
    }
    let Period { span, from, until } = board.period;
    let route = OWN.with(&(board.metric.id, span, Day(from), Day(until)));
    footed(post, board, voice).button(route, voice.say(words::where_am_i_button()))
}

/// Whether the style shows real names.
fn names_people(board: &Board) -> bool {
    !matches!(board.style, Style::Teams | Style::Pseudonyms)
}

/// Who assisted on how many wins: "Finn, who helped close 1 deal".
fn helped(names: Value, people: &[PersonId], wins: Quantity) -> Message {
    if people.len() > 1 {
        words::helped_each(names, wins.whole())
    } else {
        words::helped(names, wins.whole())
    }
}

/// The footer of a final board.
fn footed(post: Post, board: &Board, voice: Voice<'_>) -> Post {
    let Some((_, later)) = board.is_final else { return post };
    let text = if later > 0 { words::footer_final_without(later) } else { words::footer_final() };
    post.footer(voice.say(text))
}

/// The same board on the day it becomes final.
pub(super) fn at_last(board: &Board, voice: Voice<'_>) -> Post {
    public(board, voice).footer(voice.say(words::footer_final()))
}

/// The same as a picture.
fn card(board: &Board, voice: Voice<'_>) -> Card {
    const MOST_ROWS: usize = 10;
    let show = |quantity: Quantity| board.metric.quantity(quantity, voice.currency);
    let small = |percent: i64| u8::try_from(percent.clamp(0, 100)).unwrap_or(100);
    let levels = levels(board, voice);
    let first = levels.iter().map(|level| level.quantity).max().unwrap_or_default();
    let row = |level: &Level| Row {
        place: level.place,
        name: voice.say(listed(&level.plain)),
        quantity: voice.say(had(show(level.quantity), level.plain.len())),
        percent: small(level.quantity.percent_of(first)),
    };
    let mut bars: Vec<Bar> = teams(board)
        .into_iter()
        .map(|(name, sum, percent)| Bar { name, quantity: voice.say(show(sum)), percent: small(percent) })
        .collect();
    let earlier: Quantity = board.before.values().sum();
    let together = if earlier.is_positive() { board.sum.percent_of(earlier) } else { 100 };
    bars.push(Bar {
        name: voice.say(words::total()),
        quantity: voice.say(show(board.sum)),
        percent: small(together),
    });
    let mut notes = Vec::new();
    if names_people(board) {
        notes.extend(most_improved(&board.totals, &board.before).map(|(people, gain)| {
            let (names, gain) = (all(board, &people, plain), show(gain));
            let text = if people.len() > 1 {
                words::card_improved_each(names, gain)
            } else {
                words::card_improved(names, gain)
            };
            (voice.say(words::most_improved()), voice.say(text))
        }));
        notes.extend(board.helpful.as_ref().map(|(people, wins)| {
            let text = helped(all(board, people, plain), people, *wins);
            (voice.say(words::most_helpful()), voice.say(text))
        }));
    }
    Card {
        title: voice.say(board.metric.plain_heading()),
        subtitle: voice.say(board.period.heading()),
        rows: levels.iter().take(MOST_ROWS).map(row).collect(),
        bars,
        notes,
        empty: String::new(),
    }
}

/// The gap to somebody's level, as an action.
fn to_do(own: &Own, voice: Voice<'_>, missing: Quantity, whom: Value) -> Message {
    let metric = &own.board.metric;
    let show = |quantity: Quantity| metric.quantity(quantity, voice.currency);
    match left(missing, metric.unit == Unit::Money, own.usual, 1) {
        // With fractional credit, this many put them ahead instead of level.
        Some(Left::Things(1)) if Quantity::ONE > missing => words::one_puts_ahead(metric.called_of(1), whom),
        Some(Left::Things(count)) if Quantity::things(count) > missing => {
            words::more_put_ahead(count, metric.called_of(count), whom)
        }
        Some(Left::Things(1)) => words::one_ties(metric.called_of(1), whom),
        Some(Left::Things(count)) => words::more_tie(count, metric.called_of(count), whom),
        Some(Left::Wins { count: 1, usual }) => words::behind_by_one_deal(show(missing), whom, show(usual)),
        Some(Left::Wins { count, usual }) => words::behind_by_deals(show(missing), whom, count, show(usual)),
        _ => words::behind(show(missing), whom),
    }
}

/// The text for somebody who has nothing on a board.
fn nothing(own: &Own) -> Message {
    let (metric, (span, days)) = (own.board.metric.called(), length(&own.board));
    match own.board.period.span {
        _ if !own.is_now => words::nothing_then(metric),
        Span::Custom => words::nothing_lately(metric, days),
        _ => words::nothing_yet(metric, span),
    }
}

/// The text for somebody in first place.
fn first(own: &Own) -> Message {
    let is_tied = own.board.places.iter().filter(|it| it.place == 1).count() > 1;
    match (own.is_now, is_tied) {
        (true, false) => words::first(),
        (true, true) => words::first_tied(),
        (false, false) => words::was_first(),
        (false, true) => words::was_first_tied(),
    }
}

/// The board for one person: themselves, two neighbours on either side, the gap to the next as an action, and
/// their own last weeks.
pub(super) fn private(own: &Own, voice: Voice<'_>) -> Post {
    let board = &own.board;
    let show = |quantity: Quantity| board.metric.quantity(quantity, voice.currency);
    let title = voice.say(words::own_title(board.metric.called(), voice.called(board.period)));
    let near = around(&board.places, own.person);
    let weeks = if own.weeks.iter().any(|it| it.is_positive()) {
        let latest = own.weeks.last().copied().unwrap_or_default();
        voice.say(words::own_weeks(spark(&own.weeks), show(latest)))
    } else {
        String::new()
    };
    let seen = own.pseudonym.as_deref().map(|bird| voice.say(words::own_alias(bird))).unwrap_or_default();
    let post = if near.is_empty() {
        let nothing = nothing(own);
        let text =
            if board.sum.is_positive() { words::nothing_of_total(nothing, show(board.sum)) } else { nothing };
        Post::new(Tone::Calm, title, voice.say(text))
    } else {
        let line = |it: &Place| {
            let whose: Value = if it.person != own.person && !names_people(board) {
                words::a_teammate().into()
            } else {
                name(board, it.person)
            };
            let line = voice.say(words::place(words::number(it.place), whose, show(it.quantity)));
            if it.person == own.person { format!("**{line}**") } else { line }
        };
        let lines: Vec<String> = near.iter().map(line).collect();
        let next = match gap(&board.places, own.person) {
            Some((next, missing)) => {
                let whom: Value =
                    if names_people(board) { name(board, next) } else { words::person_ahead().into() };
                if own.is_now {
                    to_do(own, voice, missing, whom)
                } else {
                    words::was_behind(show(missing), whom)
                }
            }
            None => first(own),
        };
        let before = board.before.get(&own.person).copied().unwrap_or_default();
        let (span, days) = length(board);
        let text = if !before.is_positive() {
            next
        } else if own.is_now && board.period.span != Span::Custom {
            words::and_last(next, span, show(before))
        } else {
            words::and_before(next, span, days, show(before))
        };
        Post::new(Tone::Calm, title, format!("{}\n\n{}", lines.join("\n"), voice.say(text)))
    };
    let post = post
        .field(voice.say(words::own_weeks_heading()), weeks)
        .field(voice.say(words::own_alias_heading()), seen);
    post.footer(voice.say(match board.is_final {
        Some((since, _)) => words::own_footer_final(near_day(voice.zone.day(at(since)))),
        None => words::own_footer(),
    }))
}

/// The guild's board settings.
pub(super) fn wanted(style: Style, cards: bool, changed: bool, voice: Voice<'_>) -> Post {
    let what = match style {
        Style::Podium => words::style_podium(),
        Style::Full => words::style_full(),
        Style::TopTen => words::style_top_ten(),
        Style::Leagues => words::style_leagues(),
        Style::Teams => words::style_teams(),
        Style::Pseudonyms => words::style_pseudonyms(),
    };
    let title = if changed { words::settings_saved() } else { words::settings() };
    let cards = if cards { words::image_on() } else { words::image_off() };
    let lines = [what, cards, words::own_rank_stays()].map(|line| voice.say(line));
    Post::new(Tone::Calm, voice.say(title), lines.join("\n"))
}

/// A week's board that is final and empty.
pub(super) fn nothing_left(voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::nothing_left()))
}
