//! What people read about the noise budget.

use super::Budget;
use crate::kernel::money;
use crate::ledger::roster::Guild;
use crate::render::post::{Post, Tone};

pub(super) fn shown(budget: &Budget, guild: &Guild, changed: bool) -> Post {
    let amount = |minor: i64| money::show(minor, guild.currency);
    let small = match budget.small {
        Some(small) => format!("**Small**, less than {}: a line in the day's message.", amount(small)),
        None => "**Small**, the lower quarter of your latest wins once there are about three a day: a line in the day's message."
            .to_owned(),
    };
    let large = match budget.large {
        Some(large) => format!("**Large**, {} and more: a message that notifies.", amount(large)),
        None => "**Large**, the upper quarter of your latest wins, and every one of the first twenty: a message that notifies."
            .to_owned(),
    };
    let body = [
        small,
        "**Medium**, what lies between: a message that notifies nobody.".to_owned(),
        large,
        format!(
            "A channel takes **{}** of my messages a day. What comes after that stands in the day's message.",
            budget.most
        ),
    ];
    let title = if changed { "The noise budget is set" } else { "The noise budget" };
    Post::new(Tone::Calm, title, body.join("\n"))
}
