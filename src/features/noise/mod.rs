//! `/noise`: which wins go into the daily summary, arrive silently or notify; and the summary's text.

pub mod commands;
mod view;

use crate::feature::{Feature, Help};
use crate::features::FEATURES;
use crate::kernel::error::{Result, caught};
use crate::outbox;
use crate::outbox::noise::DayOf;
use crate::outbox::subject::{Compose, Composer, Subject, Told};
use crate::people::{Guild, Voice};
use crate::render::post::Post;
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::words::{Message, noise as words};

/// The noise budget feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::noise()],
    help: Help { everyone: None, managers: Some(words::help_managers) },
    composers: &[Composer {
        kind: DayOf::KIND,
        compose: |db, state, voice, about| {
            Box::pin(async move { Ok(day(db, state, voice, about.of()?).await?.into()) })
        },
    }],
    money: Some(|tx, guild| Box::pin(in_money(tx, guild))),
    ..Feature::NONE
};

/// The summary line of a post, with its first line as a fallback.
fn line(Told { post, line }: Told) -> String {
    let first = || post.title.into_iter().chain(post.body.lines().map(str::to_owned)).next();
    if line.is_empty() { first().unwrap_or_default() } else { line }
}

/// The daily summary. A line that can't be composed is left out.
async fn day(db: &mut Reader, state: &State, voice: Voice<'_>, day: DayOf) -> Result<Post> {
    let mut lines = Vec::new();
    for about in outbox::noise::folded(db, day).await? {
        match caught(FEATURES.compose(db, state, voice, &about)).await {
            Ok(told) => lines.push(line(told)),
            // Retried: otherwise the summary would miss lines.
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => drop(state.report(&format!("composing a line: {}", about.kind()), &error)),
        }
    }
    Ok(view::day(&lines, voice))
}

async fn in_money(tx: &mut Tx, guild: &Guild) -> Result<Option<Message>> {
    let budget = outbox::noise::budget(&mut **tx, guild.id).await?;
    Ok(budget.small.or(budget.large).map(|_| words::in_money(guild.currency.code())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::post::Tone;

    #[test]
    fn what_folds_without_a_line_of_its_own_says_what_its_post_says_first() {
        let bell = Post::new(Tone::Bell, "Ana closed $400 with Acme", "renewal\nWith Ben (25% credit)");
        assert_eq!(line(Told { post: bell.clone(), line: "Ana · Acme".to_owned() }), "Ana · Acme");
        assert_eq!(line(bell.into()), "Ana closed $400 with Acme");
        assert_eq!(line(Post::text("Ana closed $400\nAcme").into()), "Ana closed $400");
    }
}
