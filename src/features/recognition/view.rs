//! What people read about shout-outs. A reason says what somebody did: it has no place, and nobody to be less than.

use super::rules::{MomentKind, Reason, Why};
use super::{Moment, Pool, VETO, Words};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::money;
use crate::kernel::name::Name;
use crate::kernel::number;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{capitalised, escape};
use crate::render::post::{Post, Tone};

/// The most moments that a preview offers to veto; Discord takes 25 buttons.
const MOST_SHOWN: usize = 15;

/// What the week of a moment is called where it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    This,
    That,
    Last,
}

impl When {
    fn name(self) -> &'static str {
        match self {
            Self::This => "this week",
            Self::That => "that week",
            Self::Last => "last week",
        }
    }
}

/// What a moment is praised for, in words, escaped and without the name.
pub(super) fn reason(words: &Words, moment: &Moment, when: When) -> String {
    match &moment.reason {
        Reason::Found(why) => found(*why, when, words).unwrap_or_default(),
        Reason::Nominated(text) => format!("\n> {}", escape(text)),
        Reason::Said(text) if moment.kind == MomentKind::Nominated => text.clone(),
        Reason::Said(text) => text.replace("this week", when.name()),
    }
}

/// A reason in words. Without its metric there is nothing to say.
fn found(why: Why, when: When, words: &Words) -> Option<String> {
    let currency = words.guild.currency;
    let show = |minor: Quantity| money::show(minor, currency);
    let times = |count: Quantity, one: &str, many: &str| {
        if count == Quantity::ONE {
            format!("a {one}")
        } else {
            format!("{} {many}", number::show(count.0, 2))
        }
    };
    let named = |id, quantity| {
        let metric = words.metrics.iter().find(|metric| metric.id == id)?;
        Some(metric.show_named(quantity, currency))
    };
    let week = when.name();
    Some(match why {
        Why::RecordDeal(amount) => {
            format!("brought in {} on one deal, their biggest in 3 months.", show(amount))
        }
        Why::RecordWeek(amount) => {
            format!("had their best week in 3 months: {}.", show(amount))
        }
        Why::RecordMonth(amount) => {
            format!("hit {} for the month, their best in 6 months.", show(amount))
        }
        Why::RecordStreak(weeks) => format!("is on a streak of {weeks} good weeks, a personal record."),
        Why::FirstWin => "rang the bell for the first time. Welcome to the board!".to_owned(),
        Why::Comeback => "is back on the board. Good to hear that bell again!".to_owned(),
        // Of two as large, either may be the one that is found.
        Why::BiggestWin(amount) => {
            format!("brought in {} on one deal, the most anyone has so far this quarter.", show(amount))
        }
        Why::Improved { now, usual } => {
            let (now, usual) = (show(now), show(usual));
            if when == When::This {
                format!("closed {now}, up from {usual} in a typical week.")
            } else {
                format!("closed {now} {week}, up from {usual} in a typical one.")
            }
        }
        Why::GoalEarly { metric, target, days, .. } => {
            let early = if days == 1 { "a day".to_owned() } else { format!("{days} business days") };
            format!("hit their goal of {} with {early} to spare.", named(metric, target)?)
        }
        Why::MostHelp(count) => {
            // Two may have helped as often.
            format!("helped close {}. Nobody had more assists {week}.", times(count, "deal", "deals"))
        }
        Why::Assist(count) => format!("helped close {}.", times(count, "deal", "deals")),
        Why::MostThanked(count) => {
            format!("was thanked {} times {week}.", number::show(count.0, 2))
        }
        Why::Groundwork { metric, quantity } => {
            format!("logged {} {week}. That's how deals start.", named(metric, quantity)?)
        }
        Why::Anniversary(years) => {
            let marks = if when == When::This { "is celebrating" } else { "celebrated" };
            let years = if years == 1 { "a year".to_owned() } else { format!("{years} years") };
            format!("{marks} {years} with the team {week}. Here's to many more.")
        }
        Why::Birthday if when == When::This => {
            "has a birthday this week. Happy birthday from all of us.".to_owned()
        }
        Why::Birthday => format!("had a birthday {week}. Happy belated birthday from all of us."),
    })
}

fn line(words: &Words, moment: &Moment) -> String {
    let person = words.persons.get(&moment.person);
    let name = person.map_or_else(|| "someone".to_owned(), |person| person.name.to_string());
    // Of several weeks, this one is the last.
    let when = if moment.day < words.week { When::That } else { When::This };
    told_of(&name, &reason(words, moment, when))
}

/// The post for everyone.
pub(super) fn told(praised: &[&Moment], words: &Words, period: Period) -> Post {
    let title = if period.span == Span::Week {
        "This week's shout-outs".to_owned()
    } else {
        format!("Shout-outs for {period}")
    };
    let lines: Vec<String> = praised.iter().map(|moment| line(words, moment)).collect();
    Post::new(Tone::Bell, title, lines.join("\n\n"))
}

/// What lies in the inbox of somebody who wants no praise in public.
pub(super) fn privately(moment: &Moment, words: &Words) -> Post {
    Post::new(Tone::Bell, "A shout-out, just for you", line(words, moment))
}

/// What the next post would praise, with all that it is chosen from.
pub(super) fn preview(pool: &Pool) -> Post {
    let (public, private) = pool.choice();
    let show = |moments: &[&Moment]| {
        moments.iter().map(|moment| line(&pool.words, moment)).collect::<Vec<_>>().join("\n\n")
    };
    let body = if public.is_empty() && !private.is_empty() {
        "No public shout-outs right now.".to_owned()
    } else if public.is_empty() {
        "Nobody's up right now, so nothing would be posted. Nominate someone with /shoutout nominate."
            .to_owned()
    } else {
        show(&public)
    };
    let mut rest: Vec<&Moment> =
        pool.open.iter().filter(|it| !public.contains(it) && !private.contains(it)).collect();
    rest.sort_by_key(|moment| std::cmp::Reverse(moment.strength));
    rest.truncate(MOST_SHOWN - public.len() - private.len());
    let mut post = Post::new(Tone::Calm, "Next shout-outs so far", body)
        .field("In their inbox, as they prefer", show(&private))
        .field(
            "Also in the running",
            rest.iter().map(|it| line(&pool.words, it)).collect::<Vec<_>>().join("\n"),
        )
        .footer("Only you can see this. Veto one to make room for the next");
    for moment in public.iter().chain(&private).chain(&rest) {
        if let Some(id) = moment.id {
            let what = what(moment.kind);
            let label: String =
                format!("Veto {}: {what}", pool.name(moment.person)).chars().take(80).collect();
            post = post.button(VETO.with(&id), label);
        }
    }
    post
}

/// What a veto takes out, on its button.
fn what(kind: MomentKind) -> String {
    match kind {
        MomentKind::Improved => "improvement".to_owned(),
        MomentKind::GoalEarly => "early goal".to_owned(),
        MomentKind::MostHelp => "top assists".to_owned(),
        MomentKind::Nominated => "nomination".to_owned(),
        kind => kind.name().replace('_', " "),
    }
}

/// The reply to a nomination.
pub(super) fn nominated(name: &Name) -> Post {
    Post::text(format!(
        "{} is in the running for the next shout-outs, with your note. See who's up with /shoutout preview.",
        capitalised(&name.to_string())
    ))
}

/// What somebody did, as managers read it. Names and reasons are escaped.
pub(super) fn told_of(name: &str, reason: &str) -> String {
    format!("**{}** {reason}", capitalised(name))
}

/// Somebody who went without a word of thanks, with something true to praise them for if there is any.
pub(super) fn overlooked(name: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => told_of(name, reason),
        None => format!("Check in with **{name}**."),
    }
}

/// What somebody put into later periods.
pub(super) fn work(what: &str, is_most: bool) -> String {
    let most = if is_most { ", their most in 4 weeks" } else { "" };
    format!("logged {what} last week{most}.")
}
