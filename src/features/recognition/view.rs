//! Texts of shout-outs. A reason says what somebody did, without ranks or comparisons.

use super::rules::{MomentKind, Reason, Why};
use super::{Moment, Pool, VETO, Words};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::ids::PersonId;
use crate::kernel::name::Name;
use crate::kernel::number;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{capitalised, escape};
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::{Message, Value, recognition as words};

/// The most moments that a preview offers to veto; Discord allows 25 buttons.
const MOST_SHOWN: usize = 15;

/// Which week a moment's text refers to, from where it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    This,
    That,
    Last,
}

impl When {
    /// Its name in messages.
    fn name(self) -> &'static str {
        match self {
            Self::This => "this",
            Self::That => "that",
            Self::Last => "last",
        }
    }
}

/// The name of the person at the start of a line, escaped.
fn subject(person: PersonId, with: &Words) -> Value {
    match with.persons.get(&person) {
        Some(person) => capitalised(&person.name.to_string()).into(),
        None => words::someone().into(),
    }
}

/// What somebody did, in words and escaped: the person and the moment's reason.
pub(super) fn told_of(moment: &Moment, when: When, with: &Words, voice: Voice<'_>) -> String {
    let name = subject(moment.person, with);
    let named = |reason: &str| format!("**{}** {reason}", voice.say(&name));
    match &moment.reason {
        Reason::Found(why) => {
            found(&name, *why, when, with, voice).map_or_else(|| named(""), |it| voice.say(it))
        }
        Reason::Nominated(text) => named(&format!("\n> {}", escape(text))),
        Reason::Said(text) if moment.kind == MomentKind::Nominated => named(text),
        // Texts from before reasons were stored as data are in English.
        Reason::Said(text) => named(&text.replace("this week", &format!("{} week", when.name()))),
    }
}

/// A reason in words; none if its metric is gone.
fn found(name: &Value, why: Why, when: When, with: &Words, voice: Voice<'_>) -> Option<Message> {
    let named = |id, quantity| {
        let metric = with.metrics.iter().find(|metric| metric.id == id)?;
        Some(metric.quantity_named(quantity, voice.currency))
    };
    let week = when.name();
    Some(match why {
        Why::RecordDeal(amount) => words::record_deal(name, voice.money(amount)),
        Why::RecordWeek(amount) => words::record_week(name, voice.money(amount)),
        Why::RecordMonth(amount) => words::record_month(name, voice.money(amount)),
        Why::RecordStreak(weeks) => words::record_streak(name, weeks),
        Why::FirstWin => words::first_win(name),
        Why::Comeback => words::comeback(name),
        // If two are equally large, either may be found.
        Why::BiggestWin(amount) => words::biggest_win(name, voice.money(amount)),
        Why::Improved { now, usual } => words::improved(name, week, voice.money(now), voice.money(usual)),
        Why::GoalEarly { metric, target, days, .. } => words::goal_early(name, named(metric, target)?, days),
        // Two may be tied.
        Why::MostHelp(count) => words::most_help(name, counted(count), week),
        Why::Assist(count) => words::assist(name, counted(count)),
        Why::MostThanked(count) => words::most_thanked(name, counted(count), week),
        Why::Groundwork { metric, quantity } => words::groundwork(name, named(metric, quantity)?, week),
        Why::Anniversary(years) => words::anniversary(name, week, years),
        Why::Birthday => words::birthday(name, week),
    })
}

/// The number of things; whole numbers select singular or plural.
fn counted(quantity: Quantity) -> Value {
    if quantity == Quantity::things(quantity.whole()) {
        quantity.whole().into()
    } else {
        number::shown(quantity.0, 2)
    }
}

fn line(moment: &Moment, with: &Words, voice: Voice<'_>) -> String {
    // If the post covers several weeks, "this week" is the last one.
    let when = if moment.day < with.week { When::That } else { When::This };
    told_of(moment, when, with, voice)
}

/// The public post.
pub(super) fn told(praised: &[&Moment], with: &Words, period: Period, voice: Voice<'_>) -> Post {
    let title =
        if period.span == Span::Week { words::title() } else { words::title_of(voice.called(period)) };
    let lines: Vec<String> = praised.iter().map(|moment| line(moment, with, voice)).collect();
    Post::new(Tone::Bell, voice.say(title), lines.join("\n\n"))
}

/// The inbox entry of somebody who wants no praise in public.
pub(super) fn privately(moment: &Moment, with: &Words, voice: Voice<'_>) -> Post {
    Post::new(Tone::Bell, voice.say(words::private_title()), line(moment, with, voice))
}

/// What the next post would praise, and the pool it draws from.
pub(super) fn preview(pool: &Pool, voice: Voice<'_>) -> Post {
    let (public, private) = pool.choice();
    let show = |moments: &[&Moment], between: &str| {
        let lines: Vec<String> = moments.iter().map(|moment| line(moment, &pool.words, voice)).collect();
        lines.join(between)
    };
    let body = if public.is_empty() && !private.is_empty() {
        voice.say(words::preview_none_public())
    } else if public.is_empty() {
        voice.say(words::preview_nobody())
    } else {
        show(&public, "\n\n")
    };
    let mut rest: Vec<&Moment> =
        pool.open.iter().filter(|it| !public.contains(it) && !private.contains(it)).collect();
    rest.sort_by_key(|moment| std::cmp::Reverse(moment.strength));
    rest.truncate(MOST_SHOWN - public.len() - private.len());
    let mut post = Post::new(Tone::Calm, voice.say(words::preview_title()), body)
        .field(voice.say(words::preview_private()), show(&private, "\n\n"))
        .field(voice.say(words::preview_rest()), show(&rest, "\n"))
        .footer(voice.say(words::preview_footer()));
    for moment in public.iter().chain(&private).chain(&rest) {
        if let (Some(id), Some(person)) = (moment.id, pool.words.persons.get(&moment.person)) {
            let label = voice.say(words::veto_button(person.name.plain(), moment.kind.name()));
            post = post.button(VETO.with(&id), label.chars().take(80).collect::<String>());
        }
    }
    post
}

/// The reply to a nomination.
pub(super) fn nominated(name: &Name, voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::nominated(capitalised(&name.to_string()))))
}

/// Somebody's pipeline work.
pub(super) fn work(person: PersonId, what: Message, is_most: bool, with: &Words, voice: Voice<'_>) -> String {
    let name = subject(person, with);
    voice.say(if is_most { words::work_most(name, what) } else { words::work(name, what) })
}
