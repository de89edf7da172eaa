//! What people read about goals.

use chrono::NaiveDateTime;

use super::Standing;
use super::rules::{Pace, attainment, pace};
use crate::kernel::calendar::{Span, show_day};
use crate::ledger::roster::Guild;
use crate::render::post::{Post, Tone, bar};

fn period(standing: &Standing) -> String {
    let period = standing.goal.period;
    if period.span == Span::Custom {
        format!("until {}", show_day(period.last()))
    } else {
        period.to_string()
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
    format!("{target} · {} · {}", standing.whose, period(standing))
        .replace('\\', "")
        .chars()
        .take(100)
        .collect()
}

fn line(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> String {
    let Standing { goal, metric, whose, actual } = standing;
    let pace = match pace(*actual, goal.target, goal.period, local) {
        Pace::Reached => "reached 🎯".to_owned(),
        Pace::NotBegun => format!("begins {}", show_day(goal.period.from)),
        Pace::Ahead => format!("ahead of the time ({} % passed)", goal.period.passed(local) / 10),
        Pace::OnPace => format!("on pace ({} % of the time passed)", goal.period.passed(local) / 10),
        Pace::Behind => {
            let missing = metric.show(goal.target - actual, guild.currency);
            format!("{missing} to go ({} % of the time passed)", goal.period.passed(local) / 10)
        }
    };
    format!(
        "**{}** for {whose}, {}\n{} {} of it, {} % · {pace} · {}",
        metric.show_named(goal.target, guild.currency),
        period(standing),
        bar(attainment(*actual, goal.target)),
        metric.show(*actual, guild.currency),
        attainment(*actual, goal.target),
        metric.horizon.name(),
    )
}

pub(super) fn list(standings: &[Standing], guild: &Guild, local: NaiveDateTime) -> Post {
    if standings.is_empty() {
        return Post::new(
            Tone::Calm,
            "Goals",
            "None is open. /goal set makes one: for yourself, or, if you manage, for anyone.",
        );
    }
    let lines: Vec<String> = standings.iter().map(|standing| line(standing, guild, local)).collect();
    Post::new(Tone::Calm, "Goals", lines.join("\n\n"))
}

/// The post of a goal reached.
pub(super) fn reached(standing: &Standing, guild: &Guild, local: NaiveDateTime) -> Post {
    let target = standing.metric.show_named(standing.goal.target, guild.currency);
    let who = crate::kernel::text::capitalised(&standing.whose);
    let left = 100 - standing.goal.period.passed(local) / 10;
    let early = if (1..100).contains(&left) {
        format!(", with {left} % of the time to spare")
    } else {
        String::new()
    };
    Post::new(
        Tone::Bell,
        format!("🎯 {who} reached the goal"),
        format!(
            "**{} of {target}**, {}{early}.",
            standing.metric.show(standing.actual, guild.currency),
            period(standing)
        ),
    )
}

/// What the post of a goal reached becomes when the win behind it is taken back.
pub(super) fn open_again(standing: &Standing, guild: &Guild) -> Post {
    let target = standing.metric.show_named(standing.goal.target, guild.currency);
    Post::text(format!(
        "The goal of **{target}** for {} is open again: {} of it, after a win was taken back.",
        standing.whose,
        standing.metric.show(standing.actual, guild.currency)
    ))
}
