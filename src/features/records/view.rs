//! Texts about records.

use chrono::Datelike;

use super::rules::Fallen;
use super::{Records, Whose};
use crate::kernel::calendar::Span;
use crate::kernel::name::Name;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::escape;
use crate::ledger::metric::Unit;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::{Value, calendar, listed, records as words};

/// Records as lines; none if there are none.
pub(super) fn lines(records: &Records, voice: Voice<'_>) -> Vec<String> {
    let (metric, bests) = (&records.metric, &records.bests);
    let show = |quantity: Quantity| -> Value {
        match metric.unit {
            Unit::Money => metric.quantity(quantity, voice.currency),
            Unit::Count => metric.quantity_named(quantity, voice.currency).into(),
        }
    };
    let win = records.win.map(|it| {
        let (amount, day) = (voice.money(it.quantity), voice.day(it.day));
        match &records.by[..] {
            [] => words::biggest_win(amount, day),
            by => words::biggest_win_by(amount, listed(by), day),
        }
    });
    let week = bests.week.map(|it| {
        let month = calendar::short_month(it.day.month());
        words::best_week(show(it.quantity), month, it.day.day(), it.day.year().to_string())
    });
    let month = bests.month.map(|it| {
        let month = voice.period(Span::Month, it.day);
        words::best_month(show(it.quantity), month.called())
    });
    let all = [
        win,
        bests.day.map(|it| words::best_day(show(it.quantity), voice.day(it.day))),
        week,
        month,
        records.streak.map(words::longest_streak),
    ];
    all.into_iter().flatten().map(|line| voice.say(line)).collect()
}

/// The list.
pub(super) fn shown(all: &[(Whose, Records)], voice: Voice<'_>) -> Post {
    let named = all.iter().map(|(whose, records)| {
        let name = match whose {
            Whose::Own => words::own(),
            Whose::Team(name) => words::team(escape(name)),
            Whose::Everyone => words::all_time(),
        };
        (voice.say(name), lines(records, voice).join("\n"))
    });
    let title = voice.say(words::title());
    let post = named.fold(Post::new(Tone::Calm, &title, ""), |post, (name, lines)| post.field(name, lines));
    if post.fields.is_empty() {
        return Post::new(Tone::Calm, title, voice.say(words::none()));
    }
    post.footer(voice.say(words::footer()))
}

/// The bell's line about a record that its win broke.
pub(super) fn fallen(fallen: Fallen, name: &Name, voice: Voice<'_>) -> String {
    voice.say(match fallen {
        Fallen::OfEveryone(_) => words::fallen_of_everyone(),
        Fallen::Win(_) => words::fallen_win(name),
        Fallen::Month(sum) => words::fallen_month(name, voice.money(sum)),
        Fallen::Week(sum) => words::fallen_week(name, voice.money(sum)),
        Fallen::Day(sum) => words::fallen_day(name, voice.money(sum)),
    })
}
