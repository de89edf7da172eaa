//! What people read about records.

use chrono::NaiveDate;

use super::rules::{Fallen, Record};
use super::{Records, Whose};
use crate::kernel::calendar::show_day;
use crate::kernel::money;
use crate::kernel::name::Name;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{escape, listed, plural};
use crate::ledger::metric::Unit;
use crate::people::Guild;
use crate::render::post::{Post, Tone};

/// Records as lines; none where there is none.
pub(super) fn lines(records: &Records, guild: &Guild) -> Vec<String> {
    let metric = &records.metric;
    let show = |quantity: Quantity| match metric.unit {
        Unit::Money => metric.show(quantity, guild.currency),
        Unit::Count => metric.show_named(quantity, guild.currency),
    };
    let best = |name: &str, best: Option<Record>, when: &dyn Fn(NaiveDate) -> String| {
        best.map(|it| format!("{name}: **{}**, {}", show(it.quantity), when(it.day)))
    };
    let by = match &records.by[..] {
        [] => String::new(),
        by => format!(" by {}", listed(&by.iter().map(Name::to_string).collect::<Vec<_>>())),
    };
    let win = records.win.map(|it| {
        format!("Biggest win: **{}**{by}, {}", money::show(it.quantity, guild.currency), show_day(it.day))
    });
    let streak = records
        .streak
        .map(|weeks| format!("Longest streak: **{}**", plural(weeks as usize, "week", "weeks")));
    let all = [
        win,
        best("Best day", records.bests.day, &show_day),
        best("Best week", records.bests.week, &|day| day.format("week of %b %-d, %Y").to_string()),
        best("Best month", records.bests.month, &|day| day.format("%B %Y").to_string()),
        streak,
    ];
    all.into_iter().flatten().collect()
}

/// The list.
pub(super) fn shown(all: &[(Whose, Records)], guild: &Guild) -> Post {
    let named = all.iter().map(|(whose, records)| {
        let name = match whose {
            Whose::Own => "Yours".to_owned(),
            Whose::Team(name) => format!("Team {}", escape(name)),
            Whose::Everyone => "All time".to_owned(),
        };
        (name, lines(records, guild).join("\n"))
    });
    let post =
        named.fold(Post::new(Tone::Calm, "Records", ""), |post, (name, lines)| post.field(name, lines));
    if post.fields.is_empty() {
        return Post::new(Tone::Calm, "Records", "No records yet. /win log sets the first one.");
    }
    post.footer("Only you can see this")
}

/// What a bell says of a record that its win broke.
pub(super) fn fallen(fallen: Fallen, name: &Name, guild: &Guild) -> String {
    let show = |minor: Quantity| money::show(minor, guild.currency);
    match fallen {
        Fallen::OfEveryone(_) => "🏆 Biggest win this team's ever had".to_owned(),
        Fallen::Win(_) => format!("🏆 {name}'s biggest win yet"),
        Fallen::Month(sum) => format!("🏆 {name}'s best month yet: {}", show(sum)),
        Fallen::Week(sum) => format!("🏆 {name}'s best week yet: {}", show(sum)),
        Fallen::Day(sum) => format!("🏆 {name}'s best day yet: {}", show(sum)),
    }
}
