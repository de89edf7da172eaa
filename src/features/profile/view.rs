//! What people read on a profile.

use chrono::NaiveDateTime;

use super::{Profile, Record};
use crate::features::{goals, me};
use crate::kernel::calendar::show_day;
use crate::kernel::money;
use crate::kernel::number;
use crate::ledger::roster::Guild;
use crate::render::post::{Post, Tone};

pub(super) fn shown(profile: &Profile, guild: &Guild, local: NaiveDateTime) -> Post {
    let record = |name: &str, record: Record, when: &dyn Fn(chrono::NaiveDate) -> String| {
        record.map(|(sum, day)| format!("{name}: **{}**, {}", money::show(sum, guild.currency), when(day)))
    };
    let records: Vec<String> = [
        record("Largest win", profile.best_win, &show_day),
        record("Best week", profile.best_week, &|day| format!("week of {}", show_day(day))),
        record("Best month", profile.best_month, &|day| day.format("%B %Y").to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let badges: Vec<String> =
        profile.badges.iter().map(|badge| format!("{} {}", badge.emoji, badge.name)).collect();
    let goals: Vec<String> =
        profile.goals.iter().map(|standing| goals::line(standing, guild, local)).collect();
    let count = |hundredths: i64| number::show(hundredths, 2);
    let (received, given) = profile.kudos;
    let latest = profile.latest.as_deref().map(|thanks| format!("\n{thanks}")).unwrap_or_default();
    let footer = match (profile.is_own, profile.person.shares_profile) {
        (true, false) => "Only you see this: /me sharing lets others look",
        (true, true) => "Others see this without your private goals: /me sharing ends it",
        (false, _) => "Shared by them",
    };
    Post::new(Tone::Calm, profile.person.name.to_string(), "")
        .field("Records", records.join("\n"))
        .field("Badges", badges.join(" · "))
        .field("Streak", me::streak(&profile.streak))
        .field("Thanks", format!("{} received, {} given{latest}", count(received), count(given)))
        .field("Goals", goals.join("\n\n"))
        .footer(footer)
}
