//! Texts about goals.

use chrono::{Days, NaiveDateTime};

use super::rules::{Left, Pace, attainment, by, days_left, left, pace};
use super::store::GoalVersion;
use super::{CHEER, Goal, Standing, Standings};
use crate::kernel::calendar::{Span, day_number, day_of};
use crate::kernel::clock::at;
use crate::kernel::name::{Name, spoken};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::capitalised;
use crate::ledger::metric::{REVENUE, Unit};
use crate::people::{Scope, Voice};
use crate::render::post::{Post, Tone, bar};
use crate::words::{Message, Value, goals as words, joined, listed, some_of};

fn period(goal: &Goal, voice: Voice<'_>) -> Message {
    if goal.period.span == Span::Custom {
        words::through(voice.day(goal.period.last()))
    } else {
        goal.period.called()
    }
}

/// The same at the start of a line.
fn period_heading(goal: &Goal, voice: Voice<'_>) -> Message {
    if goal.period.span == Span::Custom {
        words::through_heading(voice.day(goal.period.last()))
    } else {
        goal.period.heading()
    }
}

/// A quantity with its metric: "6 demos", "$50,000", "$9,000 in upsells".
fn sized(standing: &Standing, quantity: Quantity, voice: Voice<'_>) -> Value {
    let metric = &standing.metric;
    match metric.unit {
        Unit::Money if metric.name == REVENUE => metric.quantity(quantity, voice.currency),
        _ => metric.quantity_named(quantity, voice.currency).into(),
    }
}

/// A goal's owner and target: "Team goal: $50,000", "Ana's goal: 6 demos".
fn headline(standing: &Standing, voice: Voice<'_>) -> Message {
    let target = sized(standing, standing.goal.target, voice);
    match standing.goal.scope {
        Scope::Person(person) if voice.is_to(person) => words::headline_own(target),
        Scope::Person(_) => words::headline(capitalised(&standing.whose), target),
        Scope::Team(_) => words::headline_team(&standing.whose, target),
        Scope::Guild => words::headline_everyone(target),
    }
}

pub(super) fn set(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> Post {
    Post::new(Tone::Calm, voice.say(words::set()), line(standing, voice, local))
}

pub(super) fn cancelled(standing: &Standing, voice: Voice<'_>) -> Post {
    Post::text(voice.say(match standing.goal.scope {
        Scope::Person(person) if voice.is_to(person) => words::cancelled_own(),
        Scope::Person(_) => words::cancelled(&standing.whose),
        Scope::Team(_) => words::cancelled_team(&standing.whose),
        Scope::Guild => words::cancelled_everyone(),
    }))
}

/// The label of a goal in a choice list.
pub(super) fn label(standing: &Standing, voice: Voice<'_>) -> String {
    let target = standing.metric.quantity_named(standing.goal.target, voice.currency);
    let whose = match standing.goal.scope {
        Scope::Person(_) => Value::from(&standing.whose),
        Scope::Team(_) => words::label_team(&standing.whose).into(),
        Scope::Guild => words::label_everyone().into(),
    };
    let label = voice.say(joined([Value::from(target), whose, period(&standing.goal, voice).into()]));
    spoken(&label).replace('\\', "").chars().take(100).collect()
}

/// What is left, as an action: "3 more demos by Thursday".
fn to_do(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> Option<Message> {
    let Standing { goal, metric, actual, away, usual, .. } = standing;
    let is_reached = *actual >= goal.target;
    let aim = if is_reached { goal.stretch? } else { goal.target };
    let today = local.date().max(goal.period.from);
    let (days, last) = days_left(goal.period, today, away);
    let day = by(last, local.date());
    let by = if last == local.date() { day.clone() } else { words::by(&day) };
    let money = |minor: Quantity| metric.quantity(minor, voice.currency);
    let gap = aim - *actual;
    let to_do = match left(gap, metric.unit == Unit::Money, *usual, days)? {
        Left::Things(count) => words::to_do(count, metric.called_of(count), by),
        Left::Wins { count: 1, usual } if gap < usual => {
            words::to_do_less_than_a_deal(money(gap), by, money(usual))
        }
        Left::Wins { count: 1, usual } => words::to_do_one_deal(money(gap), by, money(usual)),
        Left::Wins { count, usual } => words::to_do_deals(money(gap), by, count, money(usual)),
        Left::EachDay(each) if days > 1 => words::to_do_each_day(money(each), day),
        Left::EachDay(each) => words::to_do_amount(money(each), by),
    };
    Some(if is_reached { words::to_do_stretch(to_do) } else { to_do })
}

/// The percentage of a period in which nobody is told that they are behind.
const EARLY: i64 = 10;

/// The pace, within a line and at the start of one.
fn paced(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> [Message; 2] {
    let Standing { goal, actual, away, .. } = standing;
    let passed = goal.period.passed_without(local, away) / 10;
    let gone = words::gone(passed, goal.period.span.name());
    match pace(*actual, goal.target, goal.period, local, away) {
        Pace::Reached if goal.stretched_at.is_some() => [words::stretched(), words::stretched_heading()],
        Pace::Reached => [words::reached(), words::reached_heading()],
        Pace::NotBegun => {
            let day = voice.day(goal.period.from);
            [words::starts(&day), words::starts_heading(&day)]
        }
        Pace::OnPace | Pace::Behind if passed < EARLY => [words::early(), words::early_heading()],
        Pace::Ahead => [words::ahead(&gone), words::ahead_heading(&gone)],
        Pace::OnPace => [words::on_pace(&gone), words::on_pace_heading(&gone)],
        Pace::Behind => [words::behind_pace(&gone), words::behind_pace_heading(&gone)],
    }
}

/// A goal's attributes: stretch, ramp, repeating, shared.
fn marks(standing: &Standing, voice: Voice<'_>) -> Vec<Message> {
    let Standing { goal, metric, .. } = standing;
    let mut marks = vec![metric.horizon.called()];
    let amount = |quantity: Quantity| metric.quantity(quantity, voice.currency);
    marks.extend(goal.stretch.map(|stretch| words::mark_stretch(amount(stretch))));
    if let Some(ramp) = goal.ramp.as_ref().filter(|ramp| ramp.share(goal.turn) < 100) {
        marks.push(words::mark_ramp(goal.turn + 1, ramp.share(goal.turn), amount(goal.whole)));
    }
    marks.extend(goal.repeats.then(|| words::mark_repeats(goal.period.span.name())));
    marks.extend((goal.is_public && goal.scope.person().is_some()).then(words::mark_shared));
    marks
}

fn standing_bar(standing: &Standing, voice: Voice<'_>) -> Message {
    let Standing { goal, metric, actual, .. } = standing;
    let attained = attainment(*actual, goal.target);
    words::standing(bar(attained), metric.quantity(*actual, voice.currency), attained)
}

/// A goal in a list.
pub(super) fn line(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> String {
    let [paced, _] = paced(standing, voice, local);
    let below = [standing_bar(standing, voice), paced].into_iter().chain(marks(standing, voice));
    let mut lines = vec![
        voice.say(words::heading(headline(standing, voice), period(&standing.goal, voice))),
        voice.say(joined(below)),
    ];
    lines.extend(to_do(standing, voice, local).map(|it| voice.say(it)));
    lines.join("\n")
}

pub(super) fn list(standings: &Standings, voice: Voice<'_>, local: NaiveDateTime) -> Post {
    let lines = |of: &[Standing]| of.iter().map(|it| line(it, voice, local)).collect::<Vec<_>>().join("\n\n");
    let title = voice.say(words::list_title());
    if standings.theirs.is_empty() && standings.shared.is_empty() {
        return Post::new(Tone::Calm, title, voice.say(words::list_empty()));
    }
    let own = match standings.theirs[..] {
        [] => voice.say(words::list_none_own()),
        _ => lines(&standings.theirs),
    };
    Post::new(Tone::Calm, title, own).field(voice.say(words::list_shared()), lines(&standings.shared))
}

/// What a change did: "Maya changed the target from $50,000 to $40,000".
fn became(
    before: &GoalVersion,
    after: (Quantity, Option<Quantity>, i64),
    standing: &Standing,
    voice: Voice<'_>,
) -> Message {
    let show = |quantity: Quantity| standing.metric.quantity(quantity, voice.currency);
    let (target, new_stretch, until) = after;
    let mut parts = Vec::new();
    if before.target != target {
        parts.push(words::became_target(show(before.target), show(target)));
    }
    if before.stretch != new_stretch {
        parts.push(match (before.stretch, new_stretch) {
            (Some(old), Some(new)) => words::became_stretch(show(old), show(new)),
            (Some(old), None) => words::became_without_stretch(show(old)),
            (None, new) => words::became_with_stretch(show(new.unwrap_or_default())),
        });
    }
    if before.until_day != until {
        parts.push(words::became_until(voice.day(day_of(until - 1))));
    }
    if parts.is_empty() {
        parts.push(words::became_other());
    }
    let when = format!("<t:{}:R>", at(before.changed_at).timestamp());
    words::became(&Name::new(before.changed_by, &before.name), listed(parts), when)
}

/// All changes to a goal, oldest first.
fn changes(standing: &Standing, voice: Voice<'_>) -> Vec<String> {
    let goal = &standing.goal;
    let now = (goal.target, goal.stretch, day_number(goal.period.until));
    let after = standing.before.iter().skip(1).map(|it| (it.target, it.stretch, it.until_day)).chain([now]);
    let changes = standing.before.iter().zip(after);
    changes.map(|(before, after)| voice.say(became(before, after, standing, voice))).collect()
}

/// The progress message.
pub(super) fn live(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> Post {
    let goal = &standing.goal;
    if goal.is_over || goal.is_cancelled {
        return ended(standing, voice);
    }
    let title = voice.say(words::live_title(headline(standing, voice)));
    let [_, paced] = paced(standing, voice, local);
    let mut lines = vec![
        voice.say(period_heading(goal, voice)),
        voice.say(standing_bar(standing, voice)),
        voice.say(joined(std::iter::once(paced).chain(marks(standing, voice)))),
    ];
    lines.extend(to_do(standing, voice, local).map(|it| format!("**{}**", voice.say(it))));
    let cheers = some_of(&standing.cheers);
    lines.extend((!cheers.is_empty()).then(|| voice.say(words::cheered_on(listed(cheers)))));
    lines.extend(changes(standing, voice).pop());
    let post = Post { silent: true, ..Post::new(Tone::Calm, title, lines.join("\n")) };
    if goal.scope.person().is_some() {
        post.button(CHEER.with(&goal.id), voice.say(words::cheer_button()))
    } else {
        post
    }
}

/// The message of a goal that is over or cancelled.
fn ended(standing: &Standing, voice: Voice<'_>) -> Post {
    let Standing { goal, metric, actual, .. } = standing;
    let (shown, attained) = (metric.quantity(*actual, voice.currency), attainment(*actual, goal.target));
    let how = if goal.is_cancelled {
        words::ended_cancelled()
    } else if *actual >= goal.target {
        words::ended_reached(shown)
    } else if goal.scope == Scope::Guild {
        words::ended_everyone(shown, attained)
    } else {
        words::ended(shown, attained)
    };
    let body = format!("{}\n{}", voice.say(period_heading(goal, voice)), voice.say(how));
    Post::new(Tone::Calm, voice.say(headline(standing, voice)), body)
}

/// The message of a goal that is no longer shared.
pub(super) fn unshared(voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::unshared()))
}

/// The reply after changing a goal.
pub(super) fn changed(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> Post {
    let what = changes(standing, voice).pop().unwrap_or_default();
    let body = format!("{}\n\n{what}", line(standing, voice, local));
    Post::new(Tone::Calm, voice.say(words::changed()), body)
}

/// The inbox entry for a person whose goal somebody else has changed; the version counts from 1.
pub(super) fn changed_for_you(standing: &Standing, voice: Voice<'_>, version: i64) -> Post {
    let number = usize::try_from(version - 1).unwrap_or_default();
    let what = changes(standing, voice).into_iter().nth(number).unwrap_or_default();
    // As of right after that change.
    let mut goal = standing.goal.clone();
    if let Some(next) = standing.before.get(number + 1) {
        (goal.target, goal.period.until) = (next.target, day_of(next.until_day));
    }
    let heading = words::heading(sized(standing, goal.target, voice), period(&goal, voice));
    let body = format!("{}\n{what}", voice.say(heading));
    Post::new(Tone::Duty, voice.say(words::changed_for_you()), body)
}

/// A goal with all previous versions.
pub(super) fn history(standing: &Standing, voice: Voice<'_>, local: NaiveDateTime) -> Post {
    let changes = changes(standing, voice);
    let said = if changes.is_empty() { voice.say(words::history_empty()) } else { changes.join("\n") };
    Post::new(Tone::Calm, voice.say(words::history_title()), line(standing, voice, local))
        .field(voice.say(words::history_changes()), said)
}

pub(super) fn shared(is_public: bool, voice: Voice<'_>) -> Post {
    Post::text(voice.say(if is_public { words::now_shared() } else { words::now_private() }))
}

pub(super) fn cheered(whose: &str, voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::cheered(whose)))
}

/// The post about a goal that is or was reached, to everyone or to its owner.
pub(super) fn announced(standing: &Standing, voice: Voice<'_>, was_changed: bool, to_owner: bool) -> Post {
    let Goal { reached_at, stretched_at, .. } = &standing.goal;
    match reached_at.map(|at| stretched_at.unwrap_or(at)) {
        Some(at) => reached(standing, voice, voice.zone.local(at), (was_changed, to_owner)),
        None => open_again(standing, voice),
    }
}

/// The post of a goal reached.
fn reached(
    standing: &Standing,
    voice: Voice<'_>,
    local: NaiveDateTime,
    (was_changed, to_owner): (bool, bool),
) -> Post {
    let Standing { goal, metric, .. } = standing;
    let title = match goal.scope {
        _ if to_owner => words::you_hit(),
        Scope::Person(_) => words::hit(capitalised(&standing.whose)),
        Scope::Team(_) => words::team_hit(&standing.whose),
        Scope::Guild => words::we_hit(),
    };
    let actual = metric.quantity(standing.actual, voice.currency);
    let (target, period) = (sized(standing, goal.target, voice), period(goal, voice));
    // The working days after the one on which it was reached.
    let hit = match days_left(goal.period, local.date() + Days::new(1), &standing.away) {
        (0, _) => words::hit_in_time(actual, target, period),
        (days, _) => words::hit_early(actual, target, period, days),
    };
    let mut lines = vec![voice.say(hit)];
    if let Some(stretch) = goal.stretch.filter(|_| goal.stretched_at.is_some()) {
        lines.push(voice.say(words::hit_stretch(metric.quantity(stretch, voice.currency))));
    }
    lines.extend(was_changed.then(|| voice.say(words::hit_by_change())));
    Post::new(Tone::Bell, voice.say(title), lines.join("\n"))
}

/// The post after the win that reached the goal was undone.
fn open_again(standing: &Standing, voice: Voice<'_>) -> Post {
    let goal = headline(standing, voice);
    let actual = standing.metric.quantity(standing.actual, voice.currency);
    Post::text(voice.say(if standing.goal.is_over {
        words::not_reached(goal, actual)
    } else {
        words::open_again(goal, actual)
    }))
}

/// An off-pace goal, for managers.
pub(super) fn behind(standing: &Standing, goal: &Goal, voice: Voice<'_>) -> String {
    let target = sized(standing, goal.target, voice);
    let attained = attainment(standing.actual, goal.target);
    voice.say(match goal.scope {
        Scope::Person(_) => words::behind(capitalised(&standing.whose), attained, target),
        Scope::Team(_) => words::behind_team(&standing.whose, attained, target),
        Scope::Guild => words::behind_everyone(attained, target),
    })
}
