//! What people read about themselves.

use super::Own;
use crate::features::streaks;
use crate::kernel::calendar::{Period, show_day};
use crate::kernel::text::plural;
use crate::people::Praise;
use crate::render::post::{Post, Tone, bar};

/// A birthday as people read it: "14 March".
pub(super) fn date((month, day): (u32, u32)) -> String {
    let name = u8::try_from(month).ok().and_then(|month| chrono::Month::try_from(month).ok());
    format!("{day} {}", name.map_or("?", |month| month.name()))
}

/// What somebody's work builds, in words: the things they did, by what they count for.
fn balance((pipeline, forecast): (i64, i64)) -> String {
    let all = pipeline + forecast;
    if all == 0 {
        return "Nothing is logged in the last four weeks.".to_owned();
    }
    let said = match pipeline * 100 / all {
        0..=20 => "Nearly all of it closes now. What will next month live on?",
        81..=100 => "Nearly all of it builds what comes later. What can close now?",
        _ => "Both have their part.",
    };
    format!(
        "{} {pipeline} of {} in the last four weeks built what comes later (pipeline), {forecast} counted at once (forecast). {said}",
        bar(pipeline * 100 / all),
        things(all)
    )
}

fn things(count: i64) -> String {
    plural(usize::try_from(count).unwrap_or_default(), "thing", "things")
}

pub(super) fn praise(praise: Praise) -> &'static str {
    match praise {
        Praise::Public => "where everyone sees it",
        Praise::Private => "in your inbox",
        Praise::Nothing => "not at all",
    }
}

pub(super) fn own(own: &Own) -> Post {
    let person = &own.person;
    let away: Vec<String> = own.away.iter().map(|period| days(*period)).collect();
    let settings = [
        format!("Praise: {} (/me praise)", praise(person.praise)),
        format!(
            "Your profile: {} (/me sharing)",
            if person.shares_profile { "others see it" } else { "yours alone" }
        ),
        format!("Direct messages: {} (/me messages)", if person.dm_channel.is_some() { "yes" } else { "no" }),
        format!("Birthday: {} (/me dates)", person.birthday.map_or_else(|| "not said".to_owned(), date)),
        format!(
            "First day at work: {} (/me dates)",
            person.first_day.map_or_else(|| "not said".to_owned(), show_day)
        ),
        format!("Away: {} (/me away)", if away.is_empty() { "no".to_owned() } else { away.join(", ") }),
    ];
    let new = match own.unread {
        0 => String::new(),
        1 => "1 new thing waits: /inbox".to_owned(),
        more => format!("{more} new things wait: /inbox"),
    };
    Post::new(Tone::Calm, "You", new)
        .field("What your work builds", balance(own.balance))
        .field("Your streak", streaks::told(&own.streak))
        .field("As you want it", settings.join("\n"))
        .footer("Only you see this")
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
        Praise::Public => "You are praised where everyone sees it.",
        Praise::Private => "Praise comes to your /inbox, and nobody else reads it.",
        Praise::Nothing => {
            "I praise you nowhere: badges only stand on your /profile. Your wins still ring, and thanks from others come to your /inbox."
        }
    })
}

pub(super) fn away(period: Period) -> Post {
    Post::text(format!("Away {}: noted. Your streak waits for you. Back earlier? /me back.", days(period)))
}

pub(super) fn back() -> Post {
    Post::text("Welcome back.")
}

pub(super) fn sharing(shares: bool) -> Post {
    Post::text(if shares {
        "Others may look at your /profile: records, badges, streak, public thanks and public goals."
    } else {
        "Your /profile is yours alone."
    })
}

pub(super) fn messages(on: bool) -> Post {
    Post::text(if on {
        "What lies in your /inbox comes as a direct message, too."
    } else {
        "No direct messages: what is for you alone waits in /inbox."
    })
}

pub(super) fn dates(birthday: Option<(u32, u32)>, first_day: Option<chrono::NaiveDate>) -> Post {
    let birthday = birthday.map_or_else(|| "I don't know it".to_owned(), date);
    let first_day = first_day.map_or_else(|| "I don't know it".to_owned(), show_day);
    Post::text(format!("Birthday: {birthday}. First day at work: {first_day}."))
        .footer("A shout-out may mention them, if you want praise where everyone sees it")
}
