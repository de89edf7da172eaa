//! What people read on a profile.

use super::{Record, Records};
use crate::feature::{Part, Viewed};
use crate::kernel::calendar::show_day;
use crate::kernel::money;
use crate::ledger::roster::Guild;
use crate::render::post::{Post, Tone};

pub(super) fn records(records: &Records, guild: &Guild) -> Vec<String> {
    let record = |name: &str, record: Record, when: &dyn Fn(chrono::NaiveDate) -> String| {
        record.map(|(sum, day)| format!("{name}: **{}**, {}", money::show(sum, guild.currency), when(day)))
    };
    let all = [
        record("Largest win", records.win, &show_day),
        record("Best week", records.week, &|day| format!("week of {}", show_day(day))),
        record("Best month", records.month, &|day| day.format("%B %Y").to_string()),
    ];
    all.into_iter().flatten().collect()
}

pub(super) fn shown(viewed: &Viewed, parts: Vec<Part>) -> Post {
    let footer = match (viewed.is_own, viewed.person.shares_profile) {
        (true, false) => "Only you see this: /me sharing lets others look",
        (true, true) => "Others see this without your private goals: /me sharing ends it",
        (false, _) => "Shared by them",
    };
    let post = Post::new(Tone::Calm, viewed.person.name.to_string(), "").footer(footer);
    parts.into_iter().fold(post, |post, part| post.field(part.name, part.lines.join("\n")))
}
