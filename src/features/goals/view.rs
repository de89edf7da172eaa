//! What people read about goals.

use chrono::NaiveDateTime;

use super::rules::{Left, Pace, attainment, by, days_left, left, pace};
use super::store::GoalVersion;
use super::{CHEER, Goal, Standing, Standings};
use crate::kernel::calendar::{Span, day_of, show_day};
use crate::kernel::clock::at;
use crate::kernel::name::{Name, spoken};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{capitalised, escape, listed, plural, singular, some_of};
use crate::ledger::metric::Unit;
use crate::people::Guild;
use crate::render::post::{Post, Tone, bar};

fn period(goal: &Goal) -> String {
    if goal.period.span == Span::Custom {
        format!("until {}", show_day(goal.period.last()))
    } else {
        goal.period.to_string()
    }
}

pub(super) fn set(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    Post::new(Tone::Calm, "The goal is set", line(standing, guild, local))
}

pub(super) fn cancelled(whose: &str) -> Post {
    Post::text(format!("The goal for {whose} is cancelled. What was counted stays in the ledger."))
}

/// The title of a goal in a list to choose from.
pub(super) fn label(standing: &Standing, guild: &Guild) -> String {
    let target = standing.metric.show_named(standing.goal.target, guild.currency);
    format!("{target} · {} · {}", spoken(&standing.whose), period(&standing.goal))
        .replace('\\', "")
        .chars()
        .take(100)
        .collect()
}

/// What is left, said as something one can do: "3 more demos by Thursday".
fn to_do(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Option<String> {
    let Standing { goal, metric, actual, away, usual, .. } = standing;
    let aim = if *actual >= goal.target { goal.stretch? } else { goal.target };
    let today = local.date().max(goal.period.from);
    let (days, last) = days_left(goal.period, today, away);
    let by = by(last, local.date());
    let money = |minor: Quantity| metric.show(minor, guild.currency);
    Some(match left(aim - *actual, metric.unit == Unit::Money, *usual, days)? {
        Left::Things(1) => format!("1 more {} by {by}", escape(singular(&metric.name))),
        Left::Things(count) => format!("{count} more {} by {by}", escape(&metric.name)),
        Left::Wins { count, usual } => {
            let count = plural(usize::try_from(count).unwrap_or_default(), "win", "wins");
            format!("{count} of the usual size ({}) by {by}", money(usual))
        }
        Left::EachDay(each) if days > 1 => format!("{} a day by {by}", money(each)),
        Left::EachDay(each) => format!("{} more by {by}", money(each)),
    })
}

fn paced(standing: &Standing, local: NaiveDateTime) -> String {
    let Standing { goal, actual, away, .. } = standing;
    let passed = goal.period.passed_without(local, away) / 10;
    match pace(*actual, goal.target, goal.period, local, away) {
        Pace::Reached if goal.stretched_at.is_some() => "reached, and the stretch 🎯".to_owned(),
        Pace::Reached => "reached 🎯".to_owned(),
        Pace::NotBegun => format!("begins {}", show_day(goal.period.from)),
        Pace::Ahead => format!("ahead of the time ({passed} % passed)"),
        Pace::OnPace => format!("on pace ({passed} % of the time passed)"),
        Pace::Behind => format!("behind the time ({passed} % passed)"),
    }
}

/// What is special about a goal: stretch, ramp, that it repeats, that others see it.
fn marks(standing: &Standing, guild: &Guild) -> Vec<String> {
    let Standing { goal, metric, .. } = standing;
    let mut marks = vec![metric.horizon.name().to_owned()];
    marks.extend(goal.stretch.map(|stretch| format!("stretch {}", metric.show(stretch, guild.currency))));
    if let Some(ramp) = goal.ramp.as_ref().filter(|ramp| ramp.share(goal.turn) < 100) {
        let (week, share) = (goal.turn + 1, ramp.share(goal.turn));
        marks.push(format!(
            "week {week} of the ramp: {share} % of {}",
            metric.show(goal.whole, guild.currency)
        ));
    }
    marks.extend(goal.repeats.then(|| format!("every {}", goal.period.span.name())));
    marks.extend((goal.is_public && goal.scope.person().is_some()).then(|| "shared".to_owned()));
    marks
}

fn standing_bar(standing: &Standing, guild: &Guild) -> String {
    let Standing { goal, metric, actual, .. } = standing;
    let attained = attainment(*actual, goal.target);
    format!("{} {} of it, {attained} %", bar(attained), metric.show(*actual, guild.currency))
}

/// A goal in a list.
pub(super) fn line(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> String {
    let Standing { goal, metric, whose, .. } = standing;
    let to_do = to_do(standing, guild, local).map(|text| format!("\n{}", capitalised(&text)));
    format!(
        "**{}** for {whose}, {}\n{} · {} · {}{}",
        metric.show_named(goal.target, guild.currency),
        period(goal),
        standing_bar(standing, guild),
        paced(standing, local),
        marks(standing, guild).join(" · "),
        to_do.unwrap_or_default(),
    )
}

pub(super) fn list(standings: &Standings, guild: &Guild, local: NaiveDateTime) -> Post {
    let lines = |of: &[Standing]| of.iter().map(|it| line(it, guild, local)).collect::<Vec<_>>().join("\n\n");
    if standings.theirs.is_empty() && standings.shared.is_empty() {
        return Post::new(
            Tone::Calm,
            "Goals",
            "None is open. /goal set makes one: for yourself, or, if you manage, for anyone.",
        );
    }
    let own = match standings.theirs[..] {
        [] => "None of yours is open. /goal set makes one.".to_owned(),
        _ => lines(&standings.theirs),
    };
    Post::new(Tone::Calm, "Goals", own).field("What others share", lines(&standings.shared))
}

/// What a change made of a goal: "$50,000 became $40,000".
fn became(
    before: &GoalVersion,
    after: (Quantity, Option<Quantity>, i64),
    standing: &Standing,
    guild: &Guild,
) -> String {
    let show = |quantity: Quantity| standing.metric.show(quantity, guild.currency);
    let stretch = |stretch: Option<Quantity>| stretch.map_or_else(|| "none".to_owned(), show);
    let (target, new_stretch, until) = after;
    let mut parts = Vec::new();
    if before.target != target {
        parts.push(format!("{} became {}", show(before.target), show(target)));
    }
    if before.stretch != new_stretch {
        parts.push(format!("the stretch of {} became {}", stretch(before.stretch), stretch(new_stretch)));
    }
    if before.until_day != until {
        parts.push(format!("its last day became {}", show_day(day_of(until - 1))));
    }
    format!(
        "{}, by {} <t:{}:R>",
        listed(&parts),
        Name::new(before.changed_by, &before.name),
        at(before.changed_at).timestamp()
    )
}

/// What each change made of a goal, the first first.
fn changes(standing: &Standing, guild: &Guild) -> Vec<String> {
    let goal = &standing.goal;
    let now = (goal.target, goal.stretch, crate::kernel::calendar::day_number(goal.period.until));
    let after = standing.before.iter().skip(1).map(|it| (it.target, it.stretch, it.until_day)).chain([now]);
    standing.before.iter().zip(after).map(|(before, after)| became(before, after, standing, guild)).collect()
}

/// The one message that shows how a goal stands.
pub(super) fn live(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    let Standing { goal, metric, whose, .. } = standing;
    if goal.is_over || goal.is_cancelled {
        return ended(standing, guild);
    }
    let title = format!("🎯 {} for {whose}", metric.show_named(goal.target, guild.currency));
    let mut lines = vec![
        capitalised(&period(goal)),
        standing_bar(standing, guild),
        format!("{} · {}", paced(standing, local), marks(standing, guild).join(" · ")),
    ];
    lines.extend(to_do(standing, guild, local).map(|text| format!("**{}**", capitalised(&text))));
    let cheers = some_of(standing.cheers.iter().map(Name::to_string).collect());
    lines.extend((!cheers.is_empty()).then(|| format!("📣 {} cheering", listed(&cheers))));
    lines.extend(changes(standing, guild).last().map(|change| format!("Changed: {change}")));
    let post = Post { silent: true, ..Post::new(Tone::Calm, title, lines.join("\n")) };
    if goal.scope.person().is_some() { post.button(CHEER.with(&goal.id), "Cheer") } else { post }
}

/// What the message of a goal becomes when it is over or cancelled.
fn ended(standing: &Standing, guild: &Guild) -> Post {
    let Standing { goal, metric, whose, actual, .. } = standing;
    let target = metric.show_named(goal.target, guild.currency);
    let how = if goal.is_cancelled {
        "Cancelled. What was counted stays in the ledger.".to_owned()
    } else if *actual >= goal.target {
        format!("Reached, with {}. 🎯", metric.show(*actual, guild.currency))
    } else {
        let attained = attainment(*actual, goal.target);
        format!("It came to {}, {attained} %.", metric.show(*actual, guild.currency))
    };
    Post::new(Tone::Calm, format!("{target} for {whose}"), format!("{}\n{how}", capitalised(&period(goal))))
}

/// What the message of a goal becomes that is not shared any more.
pub(super) fn unshared() -> Post {
    Post::text("This goal is not shared any more.")
}

/// The reply to whoever changed a goal.
pub(super) fn changed(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    let what = changes(standing, guild).pop().unwrap_or_default();
    Post::new(Tone::Calm, "The goal is changed", format!("{}\n\n{what}", line(standing, guild, local)))
}

/// What lies in the inbox of a person whose goal somebody else has changed; which version was, from 1 on.
pub(super) fn changed_for_you(standing: &Standing, guild: &Guild, version: i64) -> Post {
    let number = usize::try_from(version - 1).unwrap_or_default();
    let what = changes(standing, guild).into_iter().nth(number).unwrap_or_default();
    // As that change left it.
    let mut goal = standing.goal.clone();
    if let Some(next) = standing.before.get(number + 1) {
        (goal.target, goal.period.until) = (next.target, day_of(next.until_day));
    }
    let target = standing.metric.show_named(goal.target, guild.currency);
    Post::new(Tone::Duty, "Your goal was changed", format!("**{target}**, {}\n{what}", period(&goal)))
}

/// A goal with all that it was.
pub(super) fn history(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    let changes = changes(standing, guild);
    let said = if changes.is_empty() { "It is as it was set.".to_owned() } else { changes.join("\n") };
    Post::new(Tone::Calm, "A goal and its changes", line(standing, guild, local)).field("Changes", said)
}

pub(super) fn shared(is_public: bool) -> Post {
    Post::text(if is_public {
        "Others see it now, and can cheer you on."
    } else {
        "It is yours alone again."
    })
}

pub(super) fn cheered(whose: &str) -> Post {
    Post::text(format!("{whose} sees that you are cheering."))
}

/// The post of a goal that is reached, or was.
pub(super) fn announced(standing: &Standing, guild: &Guild, was_changed: bool) -> Post {
    let Goal { reached_at, stretched_at, .. } = &standing.goal;
    match reached_at.map(|at| stretched_at.unwrap_or(at)) {
        Some(at) => reached(standing, guild, guild.zone.local(at), was_changed),
        None => open_again(standing, guild),
    }
}

/// The post of a goal reached.
fn reached(standing: &Standing, guild: &Guild, local: NaiveDateTime, was_changed: bool) -> Post {
    let Standing { goal, metric, actual, .. } = standing;
    let target = metric.show_named(goal.target, guild.currency);
    let who = capitalised(&standing.whose);
    let left = 100 - goal.period.passed_without(local, &standing.away) / 10;
    let early = if (1..100).contains(&left) {
        format!(", with {left} % of the time to spare")
    } else {
        String::new()
    };
    let mut lines =
        vec![format!("**{} of {target}**, {}{early}.", metric.show(*actual, guild.currency), period(goal))];
    if let Some(stretch) = goal.stretch.filter(|_| goal.stretched_at.is_some()) {
        lines.push(format!("And the stretch of {}!", metric.show(stretch, guild.currency)));
    }
    lines.extend(was_changed.then(|| "The target was changed to what there is already.".to_owned()));
    Post::new(Tone::Bell, format!("🎯 {who} reached the goal"), lines.join("\n"))
}

/// What the post of a goal reached becomes when the win behind it is taken back.
fn open_again(standing: &Standing, guild: &Guild) -> Post {
    let target = standing.metric.show_named(standing.goal.target, guild.currency);
    let is = if standing.goal.is_over { "wasn't reached after all" } else { "is open again" };
    Post::text(format!(
        "The goal of **{target}** for {} {is}: {} of it, after something was taken back or changed.",
        standing.whose,
        standing.metric.show(standing.actual, guild.currency)
    ))
}

/// A goal off its pace, as managers read it.
pub(super) fn behind(standing: &Standing, goal: &Goal, guild: &Guild) -> String {
    let what = standing.metric.show_named(goal.target, guild.currency);
    let percent = attainment(standing.actual, goal.target);
    format!("{}: {what}, {percent} % so far", capitalised(&standing.whose))
}
