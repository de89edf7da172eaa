//! `/help`: what one can do here, by role.

use crate::chat::{Ctx, here, whisper};
use crate::kernel::error::Result;
use crate::render::post::{Post, Tone};

/// What you can do here
#[poise::command(slash_command, guild_only)]
pub(crate) async fn help(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    whisper(ctx, &shown(here.actor.is_manager, here.guild.is_set_up)).await
}

const EVERYONE: &str = "\
/win log: ring the bell. Right-click a message › Apps › *Log as a win* does it too.
/win undo: take one back, within 15 minutes.
/win list, /win why: your wins, and the rows behind a number.
/kudos give: thank somebody for something they did. Right-click a person › Apps › *Give kudos*, or a message › Apps › *Give kudos for this*, do it too. /kudos list, /kudos undo: those you were given and gave.
/activity log: count calls, demos, whatever the team counts.
/goal set, list, change, history, share, cancel: goals of your own, and where the team's stand.
/expect list: what is expected of you, by when, and what follows.
/me show, praise, away, back, sharing, messages, dates: what your work builds, your streak, and how you want it.
/profile: records, badges, streak. /inbox: what waits for you alone.
/leaderboard: where you stand, for you alone; or the board for the channel.
/team list, /metric list, /values list: the teams, what is counted, and what the team values.
/privacy show, export, erase: what I know about you, as a file, and gone.";

const MANAGERS: &str = "\
/setup: time zone, currency, channels. Run it again to change or see them.
/goal set, /goal change: for a person, a team, or everyone.
/expect set, /expect end: what you expect, by when, and what follows either way. /expect list shows who has not answered.
/team create, /team add, /team remove: the teams.
/metric add: count something of your own. /values set: what the team values. /kudos allowance: how many one may thank.
/schedule list, set, pause, resume, preview, explain: the week's posts.
/board show, /board set: what everyone sees of a board, and whether it comes as a picture.
/shoutout nominate, preview: put somebody forward, and see or veto whom the next shout-outs praise.
/noise set: which wins fold, which arrive silently, which notify.
/win undo, /win list, /win why: for anyone, at any time.";

fn shown(is_manager: bool, is_set_up: bool) -> Post {
    let post = Post::new(Tone::Calm, "What you can do here", EVERYONE);
    let post = if is_manager { post.field("As a manager", MANAGERS) } else { post };
    match (is_set_up, is_manager) {
        (true, _) => post,
        (false, true) => post.field("First", "Run /setup: it takes a minute."),
        (false, false) => post.field("First", "Ask a manager to run /setup: it takes a minute."),
    }
}
