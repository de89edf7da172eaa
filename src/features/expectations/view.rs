//! Texts about expectations.

use super::{ACK, Expectation, Week};
use crate::feature::Part;
use crate::kernel::calendar::{key, time_of_day};
use crate::kernel::text::escape;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::{Message, Value, calendar, expectations as words, joined, listed};
use chrono::Datelike;

/// The deadline within a week, in each reader's own zone.
fn due(week: &Week, it: &Expectation, voice: Voice<'_>) -> String {
    let due = it.deadline.within(week.period).unwrap_or(it.deadline.first);
    format!("<t:{}:F>", voice.zone.instant(due).timestamp())
}

/// One expectation with its deadline.
fn contract(week: &Week, it: &Expectation, due: impl Into<Value>) -> Message {
    let whose = it.scope.name(&week.teams, &week.persons);
    words::contract(due, whose, escape(it.if_met.as_str()), escape(it.if_missed.as_str()))
}

/// Monday's post, with what other features add about the week.
pub(super) fn week(week: &Week, parts: Vec<Part>, voice: Voice<'_>) -> Post {
    let with =
        |post: Post| parts.into_iter().fold(post, |post, part| post.field(part.name, part.lines.join("\n")));
    if week.expectations.is_empty() {
        return with(Post::new(Tone::Duty, voice.say(week.period.heading()), ""));
    }
    let title = voice.say(words::week_title(voice.called(week.period)));
    let mut post = Post::new(Tone::Duty, title, voice.say(words::week_intro()));
    for it in &week.expectations {
        post = post.field(escape(it.what.as_str()), voice.say(contract(week, it, due(week, it, voice))));
    }
    with(post).button(ACK.with(&week.period.from), voice.say(words::confirm_button()))
}

/// The answer to the button.
pub(super) fn acknowledged(week: &Week, own: &[&Expectation], voice: Voice<'_>) -> Post {
    if own.is_empty() {
        return Post::text(voice.say(words::none_of_yours()));
    }
    let line = |it: &&Expectation| {
        voice.say(words::acknowledged_line(escape(it.what.as_str()), due(week, it, voice)))
    };
    let lines: Vec<String> = own.iter().map(line).collect();
    Post::text(voice.say(words::acknowledged(lines.join("\n"))))
}

fn by_when(it: &Expectation, voice: Voice<'_>) -> Message {
    let first = it.deadline.first;
    if it.deadline.weekly {
        words::every_week(key(first.weekday()), time_of_day(first.time()))
    } else {
        calendar::day_and_time(voice.day(first.date()), time_of_day(first.time()))
    }
}

/// The list: managers see everything for this week and who hasn't confirmed; others see their own.
pub(super) fn list(week: &Week, shown: &[&Expectation], as_manager: bool, voice: Voice<'_>) -> Post {
    if shown.is_empty() {
        let body = if as_manager { words::list_empty_for_managers() } else { words::list_empty() };
        return Post::new(Tone::Duty, voice.say(words::list_title()), voice.say(body));
    }
    let mut post = Post::new(Tone::Duty, voice.say(words::week_title(voice.called(week.period))), "");
    for it in shown {
        post = post.field(escape(it.what.as_str()), voice.say(contract(week, it, by_when(it, voice))));
    }
    if as_manager {
        let silent = week.silent();
        post.body = voice.say(if silent.is_empty() {
            words::all_confirmed()
        } else {
            words::not_confirmed(silent.len(), listed(silent.iter().map(|person| &person.name)))
        });
    }
    post
}

pub(super) fn set(it: &Expectation, week: &Week, voice: Voice<'_>) -> Post {
    let place = match voice.expectations_channel {
        Some(channel) => words::goes_out(format!("<#{channel}>")),
        None => words::no_channel(),
    };
    let body = [contract(week, it, by_when(it, voice)), place].map(|part| voice.say(part));
    Post::new(Tone::Duty, escape(it.what.as_str()), body.join("\n\n"))
}

pub(super) fn ended(it: &Expectation, voice: Voice<'_>) -> Post {
    Post::text(voice.say(words::ended(escape(it.what.as_str()))))
}

/// The label of an expectation in a choice list.
pub(super) fn label(it: &Expectation, voice: Voice<'_>) -> String {
    let label = voice.say(joined([it.what.as_str().into(), Value::from(by_when(it, voice))]));
    label.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::calendar::{Period, Span};
    use crate::kernel::clock::{Clock, at};
    use crate::people::Guild;

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
        let post = super::week(&week, parts, Voice::of(&Guild::just_met(), &Clock::by_hand(at(0))));
        assert_eq!(
            post.fields.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect::<Vec<_>>(),
            [("Planted", "one\ntwo")]
        );
        assert!(post.buttons.is_empty());
    }
}
