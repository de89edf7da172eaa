//! What people read about expectations.

use super::{ACK, Expectation, Week};
use crate::feature::Part;
use crate::kernel::calendar::{show_day, show_time, weekday_name};
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
        "Due <t:{}:F> for {}\nIf met: {}\nIf missed: {}",
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
        return with(Post::new(Tone::Duty, capitalised(&week.period.to_string()), ""));
    }
    let mut post = Post::new(
        Tone::Duty,
        format!("Expectations for the {}", week.period),
        "Here's what's expected this week, and what follows. Tap to confirm.",
    );
    for it in &week.expectations {
        post = post.field(escape(it.what.as_str()), contract(week, it, guild));
    }
    with(post).button(ACK.with(&week.period.from), "I've got it")
}

/// The answer to the button.
pub(super) fn acknowledged(week: &Week, own: &[&Expectation], guild: &Guild) -> Post {
    if own.is_empty() {
        return Post::text("Nothing here is for you this week. Thanks for checking.");
    }
    let lines = own.iter().map(|it| {
        let due = it.deadline.within(week.period).unwrap_or(it.deadline.first);
        format!("• **{}** by <t:{}:F>", escape(it.what.as_str()), guild.zone.instant(due).timestamp())
    });
    Post::text(format!("Thanks! On your plate this week:\n{}", lines.collect::<Vec<_>>().join("\n")))
}

fn by_when(it: &Expectation) -> String {
    let first = it.deadline.first;
    if it.deadline.weekly {
        format!("{}s at {}", weekday_name(first.weekday()), show_time(first.time()))
    } else {
        format!("{} at {}", show_day(first.date()), show_time(first.time()))
    }
}

/// The list: to a manager all of this week's, and who has not pressed the button; to others, their own.
pub(super) fn list(week: &Week, shown: &[&Expectation], as_manager: bool) -> Post {
    if shown.is_empty() {
        let body = if as_manager {
            "No expectations this week. Add one with /expect set."
        } else {
            "Nothing on your plate this week. Enjoy."
        };
        return Post::new(Tone::Duty, "Expectations", body);
    }
    let mut post = Post::new(Tone::Duty, format!("Expectations for the {}", week.period), "");
    for it in shown {
        post = post.field(
            escape(it.what.as_str()),
            format!(
                "Due {} for {}\nIf met: {}\nIf missed: {}",
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
            "Everyone has confirmed.".to_owned()
        } else {
            let have = if names.len() == 1 { "Hasn't" } else { "Haven't" };
            format!("{have} confirmed yet: {}. Only managers can see this.", listed(&names))
        };
        post.body = body;
    }
    post
}

pub(super) fn set(it: &Expectation, week: &Week, guild: &Guild) -> Post {
    let place = match guild.expectations_channel {
        Some(channel) => {
            format!(
                "It goes out with the next weekly post in <#{channel}>. Until then, see it with /expect list."
            )
        }
        None => "It won't be posted yet: no expectations channel is set. Pick one with /setup.".to_owned(),
    };
    Post::new(
        Tone::Duty,
        escape(it.what.as_str()),
        format!(
            "Due {} for {}\nIf met: {}\nIf missed: {}\n\n{place}",
            by_when(it),
            whose(week, it.scope),
            escape(it.if_met.as_str()),
            escape(it.if_missed.as_str())
        ),
    )
}

pub(super) fn ended(it: &Expectation) -> Post {
    Post::text(format!("Ended **{}**. It won't be posted again.", escape(it.what.as_str())))
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
        let parts =
            vec![Part { name: "Planted".to_owned(), lines: vec!["one".to_owned(), "two".to_owned()] }];
        let post = super::week(&week, parts, &Guild::just_met());
        assert_eq!(
            post.fields.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect::<Vec<_>>(),
            [("Planted", "one\ntwo")]
        );
        assert!(post.buttons.is_empty());
    }
}
