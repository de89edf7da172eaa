//! Texts about oneself.

use chrono::NaiveDate;

use super::Own;
use crate::features::streaks;
use crate::kernel::calendar::Period;
use crate::people::{Praise, Voice};
use crate::render::post::{Post, Tone, bar};
use crate::words::{Message, calendar, me as words};

/// A birthday as text: "March 14".
fn birthday(birthday: Option<(u32, u32)>) -> Message {
    match birthday {
        Some((month, day)) => words::day_of_the_year(calendar::month(month), day),
        None => words::birthday_not_set(),
    }
}

fn first_day(day: Option<NaiveDate>, voice: Voice<'_>) -> Message {
    day.map_or_else(words::first_day_not_set, |day| voice.day(day))
}

/// How somebody's work splits between building pipeline and closing business, in words.
fn balance((pipeline, forecast): (i64, i64)) -> Message {
    let all = pipeline + forecast;
    if all == 0 {
        return words::mix_empty();
    }
    let percent = pipeline * 100 / all;
    let leaning = match percent {
        0..=20 => "closing",
        81..=100 => "pipeline",
        _ => "both",
    };
    words::mix(bar(percent), pipeline, all, forecast, leaning)
}

pub(super) fn own(own: &Own, voice: Voice<'_>) -> Post {
    let person = &own.person;
    let away = own.away.iter().map(|period| days(*period, voice)).reduce(words::days_and_more);
    let settings = [
        words::praise(person.praise.name()),
        if person.shares_profile { words::profile_shared() } else { words::profile_private() },
        if person.dm_channel.is_some() { words::messages_on() } else { words::messages_off() },
        words::birthday(birthday(person.birthday)),
        words::first_day(first_day(person.first_day, voice)),
        away.map_or_else(words::time_off_none, words::time_off),
    ];
    let new = match own.unread {
        0 => String::new(),
        count => voice.say(words::unread(count)),
    };
    Post::new(Tone::Calm, voice.say(words::title()), new)
        .field(voice.say(words::mix_title()), voice.say(balance(own.balance)))
        .field(voice.say(words::streak_title()), voice.say(streaks::told(&own.streak)))
        .field(voice.say(words::preferences_title()), settings.map(|it| voice.say(it)).join("\n"))
        .footer(voice.say(words::footer()))
}

/// An absence as a custom period: one day, or a range.
fn days(period: Period, voice: Voice<'_>) -> Message {
    if period.from == period.last() { voice.day(period.from) } else { voice.called(period) }
}

pub(super) fn praised(chosen: Praise, voice: Voice<'_>) -> Post {
    Post::text(voice.say(match chosen {
        Praise::Public => words::praised_in_public(),
        Praise::Private => words::praised_in_private(),
        Praise::Nothing => words::praised_nowhere(),
    }))
}

pub(super) fn away(period: Period, voice: Voice<'_>) -> Post {
    let (first, last) = (period.from, period.last());
    Post::text(voice.say(if first == last {
        words::away_day(voice.day(first))
    } else {
        words::away_days(voice.day(first), voice.day(last))
    }))
}

pub(super) fn back(voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::back()))
}

pub(super) fn sharing(shares: bool, voice: Voice<'_>) -> Post {
    Post::text(voice.say(if shares { words::sharing_on() } else { words::sharing_off() }))
}

pub(super) fn messages(on: bool, voice: Voice<'_>) -> Post {
    Post::text(voice.say(if on { words::inbox_sent() } else { words::inbox_kept() }))
}

pub(super) fn dates(birthday: Option<(u32, u32)>, first_day: Option<NaiveDate>, voice: Voice<'_>) -> Post {
    let told = words::dates(self::birthday(birthday), self::first_day(first_day, voice));
    Post::text(voice.say(told)).footer(voice.say(words::dates_footer()))
}
