//! What people read about wins.

use super::store::Win;
use super::{LIST, Logged, PAGE, Reasons, Rings, WHY};
use crate::chat::paged::Paged;
use crate::chat::target::{Day, Page};
use crate::feature::Part;
use crate::kernel::calendar::{Period, show_day};
use crate::kernel::ids::{PersonId, reference};
use crate::kernel::money::{self, Currency, Money};
use crate::kernel::name::Name;
use crate::kernel::text::{escape, listed};
use crate::ledger::UNDO_WITHIN;
use crate::ledger::metric::Metric;
use crate::people::Guild;
use crate::render::post::{Post, Tone};

fn worth(win: &Win, guild: &Guild) -> Option<String> {
    win.amount.map(|amount| money::show(amount, guild.currency))
}

/// Customer and amount, as far as they are known.
fn named(win: &Win, guild: &Guild) -> Option<String> {
    let parts: Vec<String> =
        [win.customer.as_deref().map(escape), worth(win, guild)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// The same as a part of a sentence.
fn deal(win: &Win, guild: &Guild) -> Option<String> {
    match (worth(win, guild), win.customer.as_deref().map(escape)) {
        (Some(amount), Some(customer)) => Some(format!("{amount} from {customer}")),
        (None, Some(customer)) => Some(format!("a win with {customer}")),
        (amount, None) => amount,
    }
}

/// The label of a form's amount: which two it could be, where what was read from the message is ambiguous.
pub(super) fn amount_label(read: &str, currency: Currency) -> String {
    // Discord takes labels of 45 characters.
    let asking = match Money::readings(read, currency)[..] {
        [most, least] => {
            Some(format!("Amount: {most} or {least}?")).filter(|label| label.chars().count() <= 45)
        }
        _ => None,
    };
    asking.unwrap_or_else(|| "Amount".to_owned())
}

/// The longest customer, as it is escaped, that a bell's title has room for beside a name and an amount.
const TITLED: usize = 120;

/// The post that rings in the channel, with what other features say of it.
pub(super) fn bell(win: &Win, parts: &[Part], guild: &Guild) -> Post {
    let name = win.shares.first().map_or_else(|| "Someone".to_owned(), |(name, _)| name.to_string());
    let worth = worth(win, guild);
    let customer = win.customer.as_deref().map(escape);
    if let Some(by) = &win.undone_by {
        let what = customer.or(worth).unwrap_or_else(|| "a win".to_owned());
        return Post { tone: Tone::Calm, ..Post::text(format!("~~{name}: {what}~~\nUndone by {by}.")) };
    }
    let (customer, below) = match customer {
        Some(it) if it.chars().count() > TITLED => (None, Some(it)),
        it => (it, None),
    };
    let title = match (worth, customer) {
        (Some(amount), Some(customer)) => format!("🔔 {name} closed {amount} with {customer}"),
        (Some(amount), None) => format!("🔔 {name} closed {amount}"),
        (None, Some(customer)) => format!("🔔 {name} closed a deal with {customer}"),
        (None, None) => format!("🔔 {name} just closed a deal!"),
    };
    let mut lines = Vec::new();
    let what: Vec<String> =
        below.map(|it| format!("**{it}**")).into_iter().chain(win.kind.as_deref().map(escape)).collect();
    lines.extend((!what.is_empty()).then(|| what.join(" · ")));
    lines.extend(win.note.as_deref().map(|note| format!("> {}", escape(note))));
    let helpers: Vec<String> =
        win.shares.iter().skip(1).map(|(name, percent)| format!("{name} ({percent}% credit)")).collect();
    lines.extend((!helpers.is_empty()).then(|| format!("With {}", listed(&helpers))));
    lines.extend(parts.iter().flat_map(|part| part.lines.iter().cloned()));
    let post = Post::new(Tone::Bell, title, lines.join("\n"));
    if guild.zone.day(win.logged_at) == win.day {
        post
    } else {
        post.footer(format!("Closed {}", show_day(win.day)))
    }
}

/// The same as a line of the day's message.
pub(super) fn line(win: &Win, guild: &Guild) -> String {
    let names: Vec<String> = win.shares.iter().map(|(name, _)| name.to_string()).collect();
    let what = named(win, guild).unwrap_or_else(|| "a win".to_owned());
    match &win.undone_by {
        None => format!("🔔 **{}** · {what}", listed(&names)),
        Some(by) => format!("~~{} · {what}~~ undone by {by}", listed(&names)),
    }
}

/// The reply to whoever logged it, with what other features say to them.
pub(super) fn logged(logged: &Logged, parts: &[Part], guild: &Guild) -> Post {
    let win = &logged.win;
    let what = deal(win, guild).unwrap_or_else(|| "your win".to_owned());
    let place = match guild.wins_channel {
        Some(channel) if logged.rings == Rings::Alone => format!("Ringing in <#{channel}>."),
        Some(channel) if logged.rings == Rings::InTheDays => {
            format!("Added to today's summary in <#{channel}>.")
        }
        _ => "There's no wins channel yet. A manager can pick one with /setup.".to_owned(),
    };
    let mut lines = vec![format!("Logged {what}. {place}")];
    lines.extend(parts.iter().flat_map(|part| part.lines.iter().cloned()));
    lines.push(format!("Made a mistake? /win undo works for {} minutes.", UNDO_WITHIN.num_minutes()));
    Post::text(lines.join("\n")).footer(format!("Win {}", reference(win.id.0)))
}

/// The reply to whoever took it back.
pub(super) fn undone(undone: &Logged, guild: &Guild) -> Post {
    let what =
        deal(&undone.win, guild).map_or_else(|| "Win undone.".to_owned(), |it| format!("Undone: {it}."));
    Post::text(format!("{what} The win and its reversal both stay on record."))
}

/// A page of somebody's wins.
pub(super) fn list(
    (whose, name): (PersonId, &Name),
    wins: &[Win],
    count: i64,
    page: Page,
    guild: &Guild,
) -> Post {
    let title = format!("{name}'s wins");
    if wins.is_empty() {
        return Post::new(Tone::Calm, title, "No wins yet. /win log rings the bell.");
    }
    let lines: Vec<String> = wins
        .iter()
        .map(|win| {
            let parts =
                [win.customer.as_deref().map(escape), worth(win, guild), win.kind.as_deref().map(escape)];
            let what: Vec<String> = parts.into_iter().flatten().collect();
            let what = if what.is_empty() { "a win".to_owned() } else { what.join(" · ") };
            let line = format!("{} · {what} · `{}`", show_day(win.day), reference(win.id.0));
            if win.undone_by.is_some() { format!("~~{line}~~ undone") } else { line }
        })
        .collect();
    let post = Post::new(Tone::Calm, title, lines.join("\n"));
    paged(post, page, count, |page| LIST.with(&(whose, page)))
}

/// A page of the rows behind a number.
pub(super) fn why(
    (whose, name): (PersonId, &Name),
    metric: &Metric,
    period: Period,
    reasons: &Reasons,
    page: Page,
    guild: &Guild,
) -> Post {
    let sum = metric.show_named(reasons.sum, guild.currency);
    let title = format!("{name}: {sum}, {period}");
    if reasons.rows.is_empty() {
        return Post::new(Tone::Calm, title, "Nothing logged for this period yet.");
    }
    let lines: Vec<String> = reasons
        .rows
        .iter()
        .map(|row| {
            let quantity = metric.show(row.quantity, guild.currency);
            let about = row.about.as_deref().map(|it| format!(" · {it}")).unwrap_or_default();
            let reversal = if row.is_reversal { " · undone" } else { "" };
            format!("{} · **{quantity}**{about}{reversal} · `{}`", show_day(row.day), row.reference)
        })
        .collect();
    let post = Post::new(Tone::Calm, title, lines.join("\n"));
    let to = |page| WHY.with(&(whose, metric.id, period.span, Day(period.from), page));
    paged(post, page, reasons.count, to)
}

/// What a row of the ledger is about.
pub(super) fn origin(customer: Option<&str>, percent: Option<i64>) -> Option<String> {
    let share = percent.filter(|it| *it < 100).map(|it| format!("{it}% credit"));
    let parts: Vec<String> = customer.map(escape).into_iter().chain(share).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn paged(post: Post, page: Page, count: i64, to: impl Fn(Page) -> String) -> Post {
    Paged { page, count, size: PAGE }.turning(post, ["Previous page", "Next page"], to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::at;
    use crate::kernel::ids::WinId;

    #[test]
    fn a_bell_and_a_reply_have_what_other_features_say_and_a_bell_that_was_taken_back_has_not() {
        let guild = Guild::just_met();
        let mut win = Win {
            id: WinId(1),
            by: PersonId(2),
            amount: Some(crate::kernel::quantity::Quantity(500_000)),
            customer: Some("Acme".to_owned()),
            kind: None,
            note: None,
            day: at(0).date_naive(),
            logged_at: at(0),
            shares: vec![(Name::new(PersonId(2), "Ana"), 100)],
            undone_by: None,
        };
        let parts = [Part { name: "Planted", lines: vec!["first".to_owned(), "second".to_owned()] }];
        assert!(bell(&win, &parts, &guild).body.ends_with("first\nsecond"));
        let reply = logged(&Logged { win: win.clone(), rings: Rings::Alone }, &parts, &guild);
        assert!(reply.body.contains("\nfirst\nsecond\n"), "{}", reply.body);
        win.undone_by = Some(Name::new(PersonId(2), "Ana"));
        assert!(!bell(&win, &parts, &guild).body.contains("first"));
    }
}
