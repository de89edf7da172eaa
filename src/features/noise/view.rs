//! Texts about the noise budget.

use crate::kernel::name::spoken;
use crate::outbox::noise::Budget;
use crate::people::Voice;
use crate::render::post::{Post, Tone};
use crate::words::noise as words;

pub(super) fn shown(budget: &Budget, voice: Voice<'_>, changed: bool) -> Post {
    let small = match budget.small {
        Some(small) => words::under(voice.money(small)),
        None => words::bottom_quarter(),
    };
    let large = match budget.large {
        Some(large) => words::and_up(voice.money(large)),
        None => words::top_quarter(),
    };
    let body = [small, words::in_between(), large, words::limit(budget.most)].map(|line| voice.say(line));
    let title = if changed { words::title_saved() } else { words::title() };
    Post::new(Tone::Calm, voice.say(title), body.join("\n"))
}

/// The most characters of the daily summary; the oldest lines are dropped.
const ROOM: usize = 3800;

/// A channel's daily summary, which notifies nobody.
pub(super) fn day(lines: &[String], voice: Voice<'_>) -> Post {
    Post { silent: true, ..Post::new(Tone::Calm, voice.say(words::day_title()), fitting(lines, voice)) }
}

/// The lines as one text, dropping the oldest if there are too many.
fn fitting(lines: &[String], voice: Voice<'_>) -> String {
    let mut room = ROOM;
    let kept = lines
        .iter()
        .rev()
        .take_while(|line| {
            let needs = spoken(line).chars().count() + 1;
            room.checked_sub(needs).map(|left| room = left).is_some()
        })
        .count();
    let earlier = lines.len() - kept;
    let shown = lines[earlier..].join("\n");
    if earlier > 0 { format!("{}\n{shown}", voice.say(words::day_earlier(earlier))) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::{Clock, at};
    use crate::people::Guild;

    #[test]
    fn a_long_day_keeps_what_is_new() {
        let guild = Guild::just_met();
        let voice = Voice::of(&guild, &Clock::by_hand(at(0)));
        let lines: Vec<String> = (0..500).map(|it| format!("line {it}")).collect();
        let text = fitting(&lines, voice);
        assert!(text.chars().count() <= ROOM + 40 && text.ends_with("line 499"), "{text}");
        let earlier: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(text.contains(&format!("\nline {earlier}\n")), "{text}");
        assert_eq!(fitting(&lines[..2], voice), "line 0\nline 1");
    }
}
