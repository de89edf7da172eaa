//! What people read about themselves.

use super::Own;
use crate::features::streaks;
use crate::kernel::calendar::{Period, show_day};
use crate::kernel::text::plural;
use crate::people::Praise;
use crate::render::post::{Post, Tone, bar};

/// A birthday as people read it: "March 14".
pub(super) fn date((month, day): (u32, u32)) -> String {
    let name = u8::try_from(month).ok().and_then(|month| chrono::Month::try_from(month).ok());
    format!("{} {day}", name.map_or("?", |month| month.name()))
}

/// What somebody's work builds, in words: the things they did, by what they count for.
fn balance((pipeline, forecast): (i64, i64)) -> String {
    let all = pipeline + forecast;
    if all == 0 {
        return "Nothing logged in the last 4 weeks.".to_owned();
    }
    let said = match pipeline * 100 / all {
        0..=20 => "That's mostly closing. What's feeding next month's pipeline?",
        81..=100 => "That's mostly pipeline. What can you close now?",
        _ => "That's a good mix.",
    };
    format!(
        "{} {pipeline} of {} in the last 4 weeks built pipeline, {forecast} closed business. {said}",
        bar(pipeline * 100 / all),
        things(all)
    )
}

fn things(count: i64) -> String {
    plural(usize::try_from(count).unwrap_or_default(), "entry", "entries")
}

pub(super) fn praise(praise: Praise) -> &'static str {
    match praise {
        Praise::Public => "in public",
        Praise::Private => "in private, in your inbox",
        Praise::Nothing => "off",
    }
}

pub(super) fn own(own: &Own) -> Post {
    let person = &own.person;
    let away: Vec<String> = own.away.iter().map(|period| days(*period)).collect();
    let settings = [
        format!("Praise: {} (/me praise)", praise(person.praise)),
        format!(
            "Your profile: {} (/me sharing)",
            if person.shares_profile { "shared with the team" } else { "private" }
        ),
        format!("Direct messages: {} (/me messages)", if person.dm_channel.is_some() { "on" } else { "off" }),
        format!("Birthday: {} (/me dates)", person.birthday.map_or_else(|| "not set".to_owned(), date)),
        format!(
            "First day at work: {} (/me dates)",
            person.first_day.map_or_else(|| "not set".to_owned(), show_day)
        ),
        format!("Time off: {} (/me away)", if away.is_empty() { "none".to_owned() } else { away.join(", ") }),
    ];
    let new = match own.unread {
        0 => String::new(),
        1 => "1 new message in your /inbox".to_owned(),
        more => format!("{more} new messages in your /inbox"),
    };
    Post::new(Tone::Calm, "You", new)
        .field("Your activity mix", balance(own.balance))
        .field("Your streak", streaks::told(&own.streak))
        .field("Your preferences", settings.join("\n"))
        .footer("Only you can see this")
}

fn days(period: Period) -> String {
    if period.from == period.last() {
        show_day(period.from)
    } else {
        format!("{} to {}", show_day(period.from), show_day(period.last()))
    }
}

pub(super) fn praised(chosen: Praise) -> Post {
    Post::text(match chosen {
        Praise::Public => "You'll get your praise in public.",
        Praise::Private => "Praise goes to your /inbox, where only you can see it.",
        Praise::Nothing => {
            "I won't praise you anywhere, and badges only show on your /profile. Your wins still ring, and thanks from others go to your /inbox."
        }
    })
}

pub(super) fn away(period: Period) -> Post {
    Post::text(format!("You're off {}. Your streak will wait. Back early? Use /me back.", days(period)))
}

pub(super) fn back() -> Post {
    Post::text("Welcome back.")
}

pub(super) fn sharing(shares: bool) -> Post {
    Post::text(if shares {
        "Your /profile is shared: records, badges, streak, public thanks and public goals."
    } else {
        "Your /profile is private. Only you can see it."
    })
}

pub(super) fn messages(on: bool) -> Post {
    Post::text(if on {
        "You'll get your /inbox as direct messages, too."
    } else {
        "Direct messages are off. Everything for you is in your /inbox."
    })
}

pub(super) fn dates(birthday: Option<(u32, u32)>, first_day: Option<chrono::NaiveDate>) -> Post {
    let birthday = birthday.map_or_else(|| "not set".to_owned(), date);
    let first_day = first_day.map_or_else(|| "not set".to_owned(), show_day);
    Post::text(format!("Birthday: {birthday}. First day at work: {first_day}."))
        .footer("Shout-outs may mention these if you get your praise in public")
}
