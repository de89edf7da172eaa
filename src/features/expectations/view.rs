//! What people read about expectations.

use super::{ACK, Expectation, Week};
use crate::feature::Part;
use crate::kernel::calendar::{show_day, weekday_name};
use crate::kernel::text::{capitalised, escape, listed};
use crate::people::{Guild, Scope};
use crate::render::post::{Post, Tone};
use chrono::Datelike;

fn whose(week: &Week, scope: Scope) -> String {
    scope.name(&week.teams, &week.persons)
}

/// One expectation, with its deadline in each reader's own zone.
fn contract(week: &Week, it: &Expectation, guild: &Guild) -> String {
    let due = it.deadline.within(week.period).unwrap_or(it.deadline.first);
    format!(
        "By <t:{}:F>, {}\nIf met: {}\nIf missed: {}",
        guild.zone.instant(due).timestamp(),
        whose(week, it.scope),
        escape(it.if_met.as_str()),
        escape(it.if_missed.as_str())
    )
}

/// Monday's post, with what other features say of the week.
pub(super) fn week(week: &Week, parts: Vec<Part>, guild: &Guild) -> Post {
    let with =
        |post: Post| parts.into_iter().fold(post, |post, part| post.field(part.name, part.lines.join("\n")));
    if week.expectations.is_empty() {
        return with(Post::new(Tone::Duty, week.period.to_string(), ""));
    }
    let mut post = Post::new(
        Tone::Duty,
        format!("What is expected, {}", week.period),
        "What, by when, and what follows. Press the button once you have read it.",
    );
    for it in &week.expectations {
        post = post.field(escape(it.what.as_str()), contract(week, it, guild));
    }
    with(post).button(ACK.with(&week.period.from), "I've got it")
}

/// The answer to the button.
pub(super) fn acknowledged(week: &Week, own: &[&Expectation], guild: &Guild) -> Post {
    if own.is_empty() {
        return Post::text("Nothing of this is for you this week. Thanks for reading it.");
    }
    let lines = own.iter().map(|it| {
        let due = it.deadline.within(week.period).unwrap_or(it.deadline.first);
        format!("• **{}** by <t:{}:F>", escape(it.what.as_str()), guild.zone.instant(due).timestamp())
    });
    Post::text(format!("Noted, thank you. Yours this week:\n{}", lines.collect::<Vec<_>>().join("\n")))
}

fn by_when(it: &Expectation) -> String {
    let first = it.deadline.first;
    if it.deadline.weekly {
        format!("{}s at {}", weekday_name(first.weekday()), first.format("%H:%M"))
    } else {
        format!("{} at {}", show_day(first.date()), first.format("%H:%M"))
    }
}

/// The list: to a manager all of this week's, and who has not pressed the button; to others, their own.
pub(super) fn list(week: &Week, shown: &[&Expectation], as_manager: bool) -> Post {
    if shown.is_empty() {
        let how = if as_manager {
            "/expect set says what you expect, by when, and what follows."
        } else {
            "Enjoy the week."
        };
        return Post::new(Tone::Duty, "Expectations", format!("Nothing is expected this week. {how}"));
    }
    let mut post = Post::new(Tone::Duty, format!("Expectations, {}", week.period), "");
    for it in shown {
        post = post.field(
            escape(it.what.as_str()),
            format!(
                "{}, {}\nIf met: {}\nIf missed: {}",
                by_when(it),
                whose(week, it.scope),
                escape(it.if_met.as_str()),
                escape(it.if_missed.as_str())
            ),
        );
    }
    if as_manager {
        let names: Vec<String> = week.silent().iter().map(|person| person.name.to_string()).collect();
        let body = if names.is_empty() {
            "Everyone has pressed *I've got it*.".to_owned()
        } else {
            format!("Not pressed *I've got it* yet: {}. Only managers see this.", listed(&names))
        };
        post.body = body;
    }
    post
}

pub(super) fn set(it: &Expectation, week: &Week, guild: &Guild) -> Post {
    let place = match guild.expectations_channel {
        Some(channel) => {
            format!("It stands in the next weekly post in <#{channel}>; until then /expect list shows it.")
        }
        None => "No channel is set for expectations yet: choose one with /setup.".to_owned(),
    };
    let who = capitalised(&whose(week, it.scope));
    Post::new(
        Tone::Duty,
        escape(it.what.as_str()),
        format!(
            "{who}, {}\nIf met: {}\nIf missed: {}\n\n{place}",
            by_when(it),
            escape(it.if_met.as_str()),
            escape(it.if_missed.as_str())
        ),
    )
}

pub(super) fn ended(it: &Expectation) -> Post {
    Post::text(format!("**{}** has ended. It is in no later post.", escape(it.what.as_str())))
}

/// The title of one in a list to choose from.
pub(super) fn label(it: &Expectation) -> String {
    format!("{} · {}", it.what.as_str(), by_when(it)).chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::calendar::{Period, Span};

    #[test]
    fn mondays_post_has_what_other_features_say_and_a_button_only_where_something_is_expected() {
        let period = Period::around(Span::Week, "2026-04-06".parse().unwrap(), chrono::Weekday::Mon);
        let week = Week {
            period,
            expectations: Vec::new(),
            teams: Vec::new(),
            persons: [].into(),
            acknowledged: Vec::new(),
        };
        let parts = vec![Part { name: "Planted", lines: vec!["one".to_owned(), "two".to_owned()] }];
        let post = super::week(&week, parts, &Guild::just_met());
        assert_eq!(
            post.fields.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect::<Vec<_>>(),
            [("Planted", "one\ntwo")]
        );
        assert!(post.buttons.is_empty());
    }
}
