//! Texts about wins.

use super::store::Win;
use super::{LIST, Logged, PAGE, Reasons, Rings, WHY};
use crate::chat::paged::Paged;
use crate::chat::target::{Day, Page};
use crate::feature::Part;
use crate::kernel::calendar::Period;
use crate::kernel::ids::{PersonId, reference};
use crate::kernel::money::Money;
use crate::kernel::name::Name;
use crate::kernel::text::escape;
use crate::ledger::UNDO_WITHIN;
use crate::ledger::metric::Metric;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::{Message, Value, joined, listed, paging, wins as words};

fn worth(win: &Win, voice: Voice<'_>) -> Option<Value> {
    win.amount.map(|amount| voice.money(amount).into())
}

fn customer(win: &Win) -> Option<Value> {
    win.customer.as_deref().map(|it| escape(it).into())
}

/// The known ones of several values, joined.
fn known(things: impl IntoIterator<Item = Option<Value>>) -> Option<Value> {
    let things: Vec<Value> = things.into_iter().flatten().collect();
    (!things.is_empty()).then(|| joined(things))
}

/// Customer and amount as part of a sentence, as far as they are known.
fn deal(win: &Win, voice: Voice<'_>) -> Option<Value> {
    match (worth(win, voice), customer(win)) {
        (Some(amount), Some(customer)) => Some(words::worth_from(amount, customer).into()),
        (None, Some(customer)) => Some(words::with(customer).into()),
        (amount, None) => amount,
    }
}

/// The label of a form's amount field; if the amount from the message is ambiguous, it gives both readings.
pub(super) fn amount_label(read: &str, voice: Voice<'_>) -> String {
    // Discord limits labels to 45 characters.
    let asking = match Money::readings(read, voice.currency)[..] {
        [most, least] => Some(voice.say(words::form_which_amount(most.shown(), least.shown())))
            .filter(|label| label.chars().count() <= 45),
        _ => None,
    };
    asking.unwrap_or_else(|| voice.say(words::form_amount()))
}

/// The longest customer, once escaped, that fits into a bell's title with a name and an amount.
const TITLED: usize = 120;

/// The public post about a win, with what other features add.
pub(super) fn bell(win: &Win, parts: &[Part], voice: Voice<'_>) -> Post {
    let name: Value = win.shares.first().map_or_else(|| words::someone().into(), |(name, _)| name.into());
    let (worth, customer) = (worth(win, voice), customer(win));
    if let Some(by) = &win.undone_by {
        let what = customer.or(worth).unwrap_or_else(|| words::a_win().into());
        let text = voice.say(words::bell_undone(name, what, by));
        return Post { tone: Tone::Calm, ..Post::text(text) };
    }
    let is_long = |it: &Value| matches!(it, Value::Text(text) if text.chars().count() > TITLED);
    let (below, customer) =
        if customer.as_ref().is_some_and(is_long) { (customer, None) } else { (None, customer) };
    let title = match (worth, customer) {
        (Some(amount), Some(customer)) => words::bell_worth_with(name, amount, customer),
        (Some(amount), None) => words::bell_worth(name, amount),
        (None, Some(customer)) => words::bell_with(name, customer),
        (None, None) => words::bell(name),
    };
    let mut lines = Vec::new();
    let below = below.map(|it| format!("**{it}**").into());
    lines.extend(known([below, win.kind.as_deref().map(|it| escape(it).into())]).map(|it| voice.say(it)));
    lines.extend(win.note.as_deref().map(|note| format!("> {}", escape(note))));
    let helpers = win.shares.iter().skip(1).map(|(name, percent)| words::helper(name, *percent));
    let helpers: Vec<Message> = helpers.collect();
    lines.extend((!helpers.is_empty()).then(|| voice.say(words::bell_helpers(listed(helpers)))));
    lines.extend(parts.iter().flat_map(|part| part.lines.iter().cloned()));
    let post = Post::new(Tone::Bell, voice.say(title), lines.join("\n"));
    if voice.zone.day(win.logged_at) == win.day {
        post
    } else {
        post.footer(voice.say(words::bell_closed(voice.day(win.day))))
    }
}

/// The same as a line of the daily summary.
pub(super) fn line(win: &Win, voice: Voice<'_>) -> String {
    let names = listed(win.shares.iter().map(|(name, _)| name));
    let what = known([customer(win), worth(win, voice)]).unwrap_or_else(|| words::a_win().into());
    voice.say(match &win.undone_by {
        None => words::line(names, what),
        Some(by) => words::line_undone(names, what, by),
    })
}

/// The reply to the logger, with what other features add.
pub(super) fn logged(logged: &Logged, parts: &[Part], voice: Voice<'_>) -> Post {
    let win = &logged.win;
    let what = deal(win, voice).unwrap_or_else(|| words::your_win().into());
    let channel = voice.wins_channel.map(|channel| format!("<#{channel}>"));
    let place = match (channel, logged.rings) {
        (Some(channel), Rings::Alone) => words::rings(channel),
        (Some(channel), Rings::InTheDays) => words::rings_in_the_days(channel),
        _ => words::rings_nowhere(),
    };
    let mut lines = vec![voice.say(words::logged(what, place))];
    lines.extend(parts.iter().flat_map(|part| part.lines.iter().cloned()));
    lines.push(voice.say(words::mistake(UNDO_WITHIN.num_minutes())));
    Post::text(lines.join("\n")).footer(voice.say(words::reference(reference(win.id.0))))
}

/// The undo button, for a logger whose reply couldn't be delivered.
pub(super) fn undo_button(win: &Win, voice: Voice<'_>) -> String {
    let customer = win.customer.clone().map(Value::from);
    let what = worth(win, voice).or(customer).unwrap_or_else(|| words::the_win().into());
    voice.say(words::undo_button(what))
}

/// The reply to an undo.
pub(super) fn undone(undone: &Logged, voice: Voice<'_>) -> Post {
    Post::text(voice.say(match deal(&undone.win, voice) {
        Some(what) => words::undone(what),
        None => words::undone_unnamed(),
    }))
}

/// A page of somebody's wins.
pub(super) fn list(
    (whose, name): (PersonId, &Name),
    wins: &[Win],
    count: i64,
    page: Page,
    voice: Voice<'_>,
) -> Post {
    let title = if voice.is_to(whose) { words::list_title_own() } else { words::list_title(name) };
    let title = voice.say(title);
    if wins.is_empty() {
        return Post::new(Tone::Calm, title, voice.say(words::list_empty()));
    }
    let lines: Vec<String> = wins
        .iter()
        .map(|win| {
            let kind = win.kind.as_deref().map(|it| escape(it).into());
            let what =
                known([customer(win), worth(win, voice), kind]).unwrap_or_else(|| words::a_win().into());
            let line = words::list_line(voice.day(win.day), what, reference(win.id.0));
            voice.say(if win.undone_by.is_some() { words::list_undone(line) } else { line })
        })
        .collect();
    let post = Post::new(Tone::Calm, title, lines.join("\n"));
    paged(voice, post, page, count, |page| LIST.with(&(whose, page)))
}

/// A page of the rows behind a number.
pub(super) fn why(
    (whose, name): (PersonId, &Name),
    metric: &Metric,
    period: Period,
    reasons: &Reasons,
    page: Page,
    voice: Voice<'_>,
) -> Post {
    let sum = metric.quantity_named(reasons.sum, voice.currency);
    let period_called = voice.called(period);
    let title = if voice.is_to(whose) {
        words::why_title_own(sum, period_called)
    } else {
        words::why_title(name, sum, period_called)
    };
    let title = voice.say(title);
    if reasons.rows.is_empty() {
        return Post::new(Tone::Calm, title, voice.say(words::why_empty()));
    }
    let lines: Vec<String> = reasons
        .rows
        .iter()
        .map(|row| {
            let quantity = metric.quantity(row.quantity, voice.currency);
            let parts = [
                Some(voice.day(row.day).into()),
                Some(format!("**{}**", voice.say(quantity)).into()),
                row.about.as_ref().map(Value::from),
                row.is_reversal.then(|| words::why_undone().into()),
                Some(format!("`{}`", row.reference).into()),
            ];
            voice.say(joined(parts.into_iter().flatten()))
        })
        .collect();
    let post = Post::new(Tone::Calm, title, lines.join("\n"));
    let to = |page| WHY.with(&(whose, metric.id, period.span, Day(period.from), page));
    paged(voice, post, page, reasons.count, to)
}

/// The description of a ledger row.
pub(super) fn origin(customer: Option<&str>, percent: Option<i64>, voice: Voice<'_>) -> Option<String> {
    let share = percent.filter(|it| *it < 100).map(|it| words::credit(it).into());
    known([customer.map(|it| escape(it).into()), share]).map(|it| voice.say(it))
}

fn paged(voice: Voice<'_>, post: Post, page: Page, count: i64, to: impl Fn(Page) -> String) -> Post {
    let labels = [paging::previous_button(), paging::next_button()];
    Paged { page, count, size: PAGE }.turning(voice, post, labels, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::{Clock, at};
    use crate::kernel::ids::WinId;
    use crate::people::Guild;

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
        let parts =
            [Part { name: "Planted".to_owned(), lines: vec!["first".to_owned(), "second".to_owned()] }];
        assert!(
            bell(&win, &parts, Voice::of(&guild, &Clock::by_hand(at(0)))).body.ends_with("first\nsecond")
        );
        let reply = logged(
            &Logged { win: win.clone(), rings: Rings::Alone },
            &parts,
            Voice::of(&guild, &Clock::by_hand(at(0))),
        );
        assert!(reply.body.contains("\nfirst\nsecond\n"), "{}", reply.body);
        win.undone_by = Some(Name::new(PersonId(2), "Ana"));
        assert!(!bell(&win, &parts, Voice::of(&guild, &Clock::by_hand(at(0)))).body.contains("first"));
    }
}
