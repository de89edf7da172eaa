//! What people read about goals.

use chrono::{Days, NaiveDateTime};

use super::rules::{Left, Pace, attainment, by, days_left, left, pace};
use super::store::GoalVersion;
use super::{CHEER, Goal, Standing, Standings};
use crate::kernel::calendar::{Span, day_of, show_day};
use crate::kernel::clock::at;
use crate::kernel::name::{Name, spoken};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{capitalised, escape, listed, singular, some_of};
use crate::ledger::metric::{REVENUE, Unit};
use crate::people::{Guild, Scope};
use crate::render::post::{Post, Tone, bar};

fn period(goal: &Goal) -> String {
    if goal.period.span == Span::Custom {
        format!("through {}", show_day(goal.period.last()))
    } else {
        goal.period.to_string()
    }
}

/// A quantity of a goal's metric, with what it is: "6 demos", "$50,000", "$9,000 in upsells".
fn sized(standing: &Standing, quantity: Quantity, guild: &Guild) -> String {
    let metric = &standing.metric;
    match metric.unit {
        Unit::Money if metric.name == REVENUE => metric.show(quantity, guild.currency),
        _ => metric.show_named(quantity, guild.currency),
    }
}

/// Whose goal, and its target: "Team goal: $50,000", "Ana's goal: 6 demos".
fn headline(standing: &Standing, guild: &Guild) -> String {
    let target = sized(standing, standing.goal.target, guild);
    match standing.goal.scope {
        Scope::Guild => format!("Team goal: {target}"),
        Scope::Person(_) | Scope::Team(_) => format!("{}'s goal: {target}", capitalised(&standing.whose)),
    }
}

pub(super) fn set(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    Post::new(Tone::Calm, "Goal set", line(standing, guild, local))
}

pub(super) fn cancelled(whose: &str) -> Post {
    Post::text(format!("Canceled the goal for {whose}. Everything logged stays on record."))
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
    let (aim, what_for) =
        if *actual >= goal.target { (goal.stretch?, "For the stretch: ") } else { (goal.target, "") };
    let today = local.date().max(goal.period.from);
    let (days, last) = days_left(goal.period, today, away);
    let day = by(last, local.date());
    let by = if day == "today" { day.clone() } else { format!("by {day}") };
    let money = |minor: Quantity| metric.show(minor, guild.currency);
    let gap = aim - *actual;
    let to_do = match left(gap, metric.unit == Unit::Money, *usual, days)? {
        Left::Things(1) => format!("1 more {} {by}", escape(&singular(&metric.name))),
        Left::Things(count) => format!("{count} more {} {by}", escape(&metric.name)),
        Left::Wins { count: 1, usual } => {
            let part = if gap < usual { "less than one" } else { "one" };
            format!("{} to go {by}, {part} typical deal ({})", money(gap), money(usual))
        }
        Left::Wins { count, usual } => {
            format!("{} to go {by}, about {count} typical deals ({} each)", money(gap), money(usual))
        }
        Left::EachDay(each) if days > 1 => format!("{} a day through {day} to get there", money(each)),
        Left::EachDay(each) => format!("{} more {by}", money(each)),
    };
    Some(format!("{what_for}{to_do}"))
}

/// So long, in percent of a period, nobody is told that they are behind.
const EARLY: i64 = 10;

fn paced(standing: &Standing, local: NaiveDateTime) -> String {
    let Standing { goal, actual, away, .. } = standing;
    let span = if goal.period.span == Span::Custom { "time" } else { goal.period.span.name() };
    let passed = goal.period.passed_without(local, away) / 10;
    let gone = format!("{passed}% of the {span} gone");
    match pace(*actual, goal.target, goal.period, local, away) {
        Pace::Reached if goal.stretched_at.is_some() => "reached, stretch included 🎯".to_owned(),
        Pace::Reached => "reached 🎯".to_owned(),
        Pace::NotBegun => format!("starts {}", show_day(goal.period.from)),
        Pace::OnPace | Pace::Behind if passed < EARLY => "just getting started".to_owned(),
        Pace::Ahead => format!("ahead of pace, {gone}"),
        Pace::OnPace => format!("on pace, {gone}"),
        Pace::Behind => format!("behind pace, {gone}"),
    }
}

/// What is special about a goal: stretch, ramp, that it repeats, that others see it.
fn marks(standing: &Standing, guild: &Guild) -> Vec<String> {
    let Standing { goal, metric, .. } = standing;
    let mut marks = vec![metric.horizon.name().to_owned()];
    marks.extend(goal.stretch.map(|stretch| format!("stretch {}", metric.show(stretch, guild.currency))));
    if let Some(ramp) = goal.ramp.as_ref().filter(|ramp| ramp.share(goal.turn) < 100) {
        let (week, share) = (goal.turn + 1, ramp.share(goal.turn));
        marks.push(format!("ramp week {week}: {share}% of {}", metric.show(goal.whole, guild.currency)));
    }
    marks.extend(goal.repeats.then(|| format!("repeats every {}", goal.period.span.name())));
    marks.extend((goal.is_public && goal.scope.person().is_some()).then(|| "shared".to_owned()));
    marks
}

fn standing_bar(standing: &Standing, guild: &Guild) -> String {
    let Standing { goal, metric, actual, .. } = standing;
    let attained = attainment(*actual, goal.target);
    format!("{} {} ({attained}%)", bar(attained), metric.show(*actual, guild.currency))
}

/// A goal in a list.
pub(super) fn line(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> String {
    let to_do = to_do(standing, guild, local).map(|text| format!("\n{}", capitalised(&text)));
    format!(
        "**{}**, {}\n{} · {} · {}{}",
        headline(standing, guild),
        period(&standing.goal),
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
            "No open goals. Set one for yourself with /goal set. Managers can set one for anyone.",
        );
    }
    let own = match standings.theirs[..] {
        [] => "You don't have any open goals. Set one with /goal set.".to_owned(),
        _ => lines(&standings.theirs),
    };
    Post::new(Tone::Calm, "Goals", own).field("Shared by others", lines(&standings.shared))
}

/// What somebody made of a goal: "Maya changed the target from $50,000 to $40,000".
fn became(
    before: &GoalVersion,
    after: (Quantity, Option<Quantity>, i64),
    standing: &Standing,
    guild: &Guild,
) -> String {
    let show = |quantity: Quantity| standing.metric.show(quantity, guild.currency);
    let (target, new_stretch, until) = after;
    let mut parts = Vec::new();
    if before.target != target {
        parts.push(format!("changed the target from {} to {}", show(before.target), show(target)));
    }
    if before.stretch != new_stretch {
        parts.push(match (before.stretch, new_stretch) {
            (Some(old), Some(new)) => format!("changed the stretch from {} to {}", show(old), show(new)),
            (Some(old), None) => format!("dropped the stretch of {}", show(old)),
            (None, new) => format!("added a stretch of {}", show(new.unwrap_or_default())),
        });
    }
    if before.until_day != until {
        parts.push(format!("moved the end date to {}", show_day(day_of(until - 1))));
    }
    if parts.is_empty() {
        parts.push("updated the goal".to_owned());
    }
    format!(
        "{} {} · <t:{}:R>",
        Name::new(before.changed_by, &before.name),
        listed(&parts),
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
    let goal = &standing.goal;
    if goal.is_over || goal.is_cancelled {
        return ended(standing, guild);
    }
    let title = format!("🎯 {}", headline(standing, guild));
    let mut lines = vec![
        capitalised(&period(goal)),
        standing_bar(standing, guild),
        format!("{} · {}", capitalised(&paced(standing, local)), marks(standing, guild).join(" · ")),
    ];
    lines.extend(to_do(standing, guild, local).map(|text| format!("**{}**", capitalised(&text))));
    let cheers = some_of(standing.cheers.iter().map(Name::to_string).collect());
    lines.extend((!cheers.is_empty()).then(|| format!("📣 Cheered on by {}", listed(&cheers))));
    lines.extend(changes(standing, guild).pop());
    let post = Post { silent: true, ..Post::new(Tone::Calm, title, lines.join("\n")) };
    if goal.scope.person().is_some() { post.button(CHEER.with(&goal.id), "Cheer") } else { post }
}

/// What the message of a goal becomes when it is over or cancelled.
fn ended(standing: &Standing, guild: &Guild) -> Post {
    let Standing { goal, metric, actual, .. } = standing;
    let how = if goal.is_cancelled {
        "Canceled. Everything logged stays on record.".to_owned()
    } else if *actual >= goal.target {
        format!("🎯 Goal reached with {}.", metric.show(*actual, guild.currency))
    } else {
        let finished = if goal.scope == Scope::Guild { "We finished" } else { "Finished" };
        let attained = attainment(*actual, goal.target);
        format!("{finished} at {} ({attained}%).", metric.show(*actual, guild.currency))
    };
    Post::new(Tone::Calm, headline(standing, guild), format!("{}\n{how}", capitalised(&period(goal))))
}

/// What the message of a goal becomes that is not shared any more.
pub(super) fn unshared() -> Post {
    Post::text("This goal isn't shared anymore.")
}

/// The reply to whoever changed a goal.
pub(super) fn changed(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    let what = changes(standing, guild).pop().unwrap_or_default();
    Post::new(Tone::Calm, "Goal updated", format!("{}\n\n{what}", line(standing, guild, local)))
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
    let target = sized(standing, goal.target, guild);
    Post::new(Tone::Duty, "Your goal was changed", format!("**{target}**, {}\n{what}", period(&goal)))
}

/// A goal with all that it was.
pub(super) fn history(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    let changes = changes(standing, guild);
    let said = if changes.is_empty() { "No changes so far.".to_owned() } else { changes.join("\n") };
    Post::new(Tone::Calm, "Goal history", line(standing, guild, local)).field("Changes", said)
}

pub(super) fn shared(is_public: bool) -> Post {
    Post::text(if is_public {
        "Shared. Others can see this goal and cheer you on."
    } else {
        "This goal is private again."
    })
}

pub(super) fn cheered(whose: &str) -> Post {
    Post::text(format!("{whose} can see you're cheering them on."))
}

/// The post of a goal that is reached, or was; to everyone, or to its owner.
pub(super) fn announced(standing: &Standing, guild: &Guild, was_changed: bool, to_owner: bool) -> Post {
    let Goal { reached_at, stretched_at, .. } = &standing.goal;
    match reached_at.map(|at| stretched_at.unwrap_or(at)) {
        Some(at) => reached(standing, guild, guild.zone.local(at), (was_changed, to_owner)),
        None => open_again(standing, guild),
    }
}

/// The post of a goal reached.
fn reached(
    standing: &Standing,
    guild: &Guild,
    local: NaiveDateTime,
    (was_changed, to_owner): (bool, bool),
) -> Post {
    let Standing { goal, metric, actual, .. } = standing;
    let target = sized(standing, goal.target, guild);
    let title = match goal.scope {
        _ if to_owner => "🎯 You hit your goal".to_owned(),
        Scope::Guild => "🎯 We hit the goal".to_owned(),
        Scope::Person(_) | Scope::Team(_) => format!("🎯 {} hit their goal", capitalised(&standing.whose)),
    };
    // The working days after the one on which it was reached.
    let early = match days_left(goal.period, local.date() + Days::new(1), &standing.away) {
        (0, _) => String::new(),
        (1, _) => ", with a day to spare".to_owned(),
        (days, _) => format!(", with {days} business days to spare"),
    };
    let mut lines = vec![format!(
        "**{} (goal: {target})**, {}{early}.",
        metric.show(*actual, guild.currency),
        period(goal)
    )];
    if let Some(stretch) = goal.stretch.filter(|_| goal.stretched_at.is_some()) {
        lines.push(format!("That clears the stretch of {}, too.", metric.show(stretch, guild.currency)));
    }
    lines.extend(was_changed.then(|| "The target changed, and the numbers were already there.".to_owned()));
    Post::new(Tone::Bell, title, lines.join("\n"))
}

/// What the post of a goal reached becomes when the win behind it is taken back.
fn open_again(standing: &Standing, guild: &Guild) -> Post {
    let is = if standing.goal.is_over { "wasn't reached after all" } else { "is open again" };
    Post::text(format!(
        "**{}** {is}. After an undo or a change, it's at {}.",
        headline(standing, guild),
        standing.metric.show(standing.actual, guild.currency)
    ))
}

/// A goal off its pace, as managers read it.
pub(super) fn behind(standing: &Standing, goal: &Goal, guild: &Guild) -> String {
    let what = sized(standing, goal.target, guild);
    let percent = attainment(standing.actual, goal.target);
    format!("{}: {percent}% of {what} so far", capitalised(&standing.whose))
}
