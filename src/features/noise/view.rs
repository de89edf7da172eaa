//! What people read about the noise budget.

use crate::kernel::money;
use crate::kernel::name::spoken;
use crate::kernel::quantity::Quantity;
use crate::outbox::noise::Budget;
use crate::people::Guild;
use crate::render::post::{Post, Tone};

pub(super) fn shown(budget: &Budget, guild: &Guild, changed: bool) -> Post {
    let amount = |minor: Quantity| money::show(minor, guild.currency);
    let small = match budget.small {
        Some(small) => format!("**Under {}**: grouped into the daily summary.", amount(small)),
        None => "**Bottom quarter of your recent wins**, once you log about 3 per workday: grouped into the daily summary."
            .to_owned(),
    };
    let large = match budget.large {
        Some(large) => format!("**{} and up**: posted with a notification.", amount(large)),
        None => {
            "**Top quarter of your recent wins**, plus your first 20: posted with a notification.".to_owned()
        }
    };
    let body = [
        small,
        "**Everything in between**: posted silently.".to_owned(),
        large,
        format!(
            "My daily post limit per channel: **{}**. After that, wins and kudos go in the daily summary.",
            budget.most
        ),
    ];
    let title = if changed { "Win notifications saved" } else { "Win notifications" };
    Post::new(Tone::Calm, title, body.join("\n"))
}

/// The most characters of the day's message; what is older makes room.
const ROOM: usize = 3800;

/// The message of a channel's day, which notifies nobody.
pub(super) fn day(lines: &[String]) -> Post {
    Post { silent: true, ..Post::new(Tone::Calm, "Daily summary", fitting(lines)) }
}

/// The lines as one text; the oldest make room for what is new.
fn fitting(lines: &[String]) -> String {
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
    if earlier > 0 { format!("…and {earlier} earlier\n{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_day_keeps_what_is_new() {
        let lines: Vec<String> = (0..500).map(|it| format!("line {it}")).collect();
        let text = fitting(&lines);
        assert!(text.chars().count() <= ROOM + 40 && text.ends_with("line 499"), "{text}");
        let earlier: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(text.contains(&format!("\nline {earlier}\n")), "{text}");
        assert_eq!(fitting(&lines[..2]), "line 0\nline 1");
    }
}
