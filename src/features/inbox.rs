//! `/inbox`: private messages waiting for one person.

use crate::chat::paged::Paged;
use crate::chat::press::Press;
use crate::chat::target::{Page, Target};
use crate::chat::{Ctx, Here, here, whisper};
use crate::feature::{Feature, Help, Route};
use crate::features::FEATURES;
use crate::kernel::clock::at;
use crate::kernel::error::{Result, caught};
use crate::outbox::inbox::{Item, items, mark_read};
use crate::outbox::subject::Compose;
use crate::people::Voice;
use crate::render::post::{Post, Tone, cut};
use crate::schedules::is_for_managers;
use crate::store::state::State;
use crate::words::inbox as words;

/// The inbox feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![inbox()],
    help: Help { everyone: Some(words::help), managers: None },
    routes: &[Route {
        name: PAGES.name,
        pressed: |state, press, here| Box::pin(pressed(state, press, here)),
    }],
    ..Feature::NONE
};

/// The inbox's page buttons.
const PAGES: Target<Page> = Target::new("inbox:page");
/// How many items a page shows.
const PAGE: i64 = 3;
/// The most characters of all items on a page, so that it fits into one message (6,000).
const ROOM: usize = 5700;
/// The fewest characters each gets. The latest takes what it needs beyond that, so that nothing new is cut.
const LEAST: usize = 1000;
/// How many buttons the items on a page may have in addition to the page's own; a message can have 25.
const MOST_BUTTONS: usize = 20;

#[poise::command(slash_command, guild_only)]
pub(crate) async fn inbox(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let post = page(ctx.data(), &here, Page(0)).await?;
    whisper(ctx, &post).await
}

/// Shows a page of the presser's own inbox.
async fn pressed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let post = page(state, here, press.held(&PAGES)?).await?;
    press.replace(&post).await
}

async fn page(state: &State, here: &Here, page: Page) -> Result<Post> {
    let whose = here.actor.member();
    let at = async |page: Page| items(state.db.read(), whose.person, page.0 * PAGE, PAGE).await;
    let (mut shown_page, (mut items, count)) = (page, at(page).await?);
    if items.is_empty() && count > 0 {
        // Items may be gone since the button was made: clamp to the last page.
        shown_page = Page((count - 1) / PAGE);
        items = at(shown_page).await?.0;
    }
    let waiting = composed(state, here, &items).await?;
    if items.iter().any(|item| !item.is_read) {
        let mut tx = state.db.write().await?;
        mark_read(&mut tx, state, whose.person, &items).await?;
        tx.commit_unasked().await?;
    }
    Ok(shown(&waiting, count, shown_page, here.voice()))
}

/// An inbox item as it reads now.
#[derive(Debug, Clone)]
struct Waiting {
    post: Post,
    created_at: i64,
    is_read: bool,
}

/// The texts of inbox items. One that can't be read or composed doesn't hide the others.
async fn composed(state: &State, here: &Here, items: &[Item]) -> Result<Vec<Waiting>> {
    let mut db = state.db.reader().await?;
    let mut waiting = Vec::new();
    for Item { about, created_at, is_read, .. } in items {
        let told = match about {
            None => None,
            Some(about) if is_for_managers(about) && !here.actor.is_manager => {
                Some(Post::text(here.voice().say(words::only_managers())).into())
            }
            Some(about) => {
                match caught(FEATURES.compose(&mut db, state, here.voice(), about)).await {
                    Ok(told) => Some(told),
                    // Nothing has been marked as read yet, so retrying is safe.
                    Err(error) if error.is_passing() => return Err(error),
                    Err(error) => {
                        state.report(&format!("composing for an inbox: {}", about.kind()), &error);
                        None
                    }
                }
            }
        };
        let unopenable = || Post::text(here.voice().say(words::unopenable()));
        let post = told.map_or_else(unopenable, |told| told.post);
        waiting.push(Waiting { post, created_at: *created_at, is_read: *is_read });
    }
    Ok(waiting)
}

fn shown(items: &[Waiting], count: i64, page: Page, voice: Voice<'_>) -> Post {
    if items.is_empty() {
        let (title, body) = (voice.say(words::title()), voice.say(words::empty()));
        return Post::new(Tone::Calm, title, body).footer(voice.say(words::foot()));
    }
    let mut post = Post::new(Tone::Calm, voice.say(words::title()), "");
    let mut room = ROOM;
    for (item, after) in items.iter().zip((0..items.len()).rev()) {
        for (name, value) in parts(item, room - LEAST * after, voice) {
            room -= name.chars().count() + value.chars().count();
            post = post.field(name, value);
        }
    }
    for button in items.iter().flat_map(|item| &item.post.buttons) {
        // Discord rejects a message with duplicate ones.
        if post.buttons.len() < MOST_BUTTONS && post.buttons.iter().all(|it| it.id != button.id) {
            post.buttons.push(button.clone());
        }
    }
    let paged = Paged { page, count, size: PAGE };
    let post = post.footer(voice.say(paged.told().map_or_else(words::foot, words::page_foot)));
    paged.turning(voice, post, [words::newer_button(), words::older_button()], |page| PAGES.with(&page))
}

/// An item as embed fields: its title with text and date, then its sections. Text that doesn't fit is cut
/// with "…".
fn parts(item: &Waiting, mut room: usize, voice: Voice<'_>) -> Vec<(String, String)> {
    let Post { title, body, fields, .. } = &item.post.clone().spoken();
    let mut fitted = |text: &str, most: usize| {
        let most = most.min(room);
        let text = if most == 0 { String::new() } else { cut(text.to_owned(), most) };
        room -= text.chars().count();
        text
    };
    let new = if item.is_read { "" } else { "🆕 " };
    let title = title.clone().unwrap_or_else(|| voice.say(words::for_you()));
    let name = fitted(&format!("{new}{title}"), 256);
    let when = fitted(&format!("\n<t:{}:R>", at(item.created_at).timestamp()), 32);
    let body = fitted(body, 1024 - 32);
    let mut parts = vec![(name, format!("{body}{when}").trim_start().to_owned())];
    for field in fields {
        let (name, value) = (fitted(&field.name, 256), fitted(&field.value, 1024));
        if !name.is_empty() && !value.is_empty() {
            parts.push((name, value));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::{Clock, at};
    use crate::people::Guild;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_full_page_is_shown_whole(
            title in ".{1,300}", body in ".{0,3000}",
            fields in proptest::collection::vec((".{1,300}", ".{1,1200}"), 0..8),
        ) {
            let post = fields.into_iter().fold(Post::new(Tone::Calm, title, body), |post, (name, value)| post.field(name, value));
            let item = Waiting { post, created_at: 0, is_read: false };
            let items: Vec<Waiting> = (0..PAGE).map(|_| item.clone()).collect();
            let page = shown(&items, 1000, Page(1), Voice::of(&Guild::just_met(), &Clock::by_hand(at(0))));
            prop_assert!(page.fields.iter().all(|it| it.value.chars().count() <= 1024 && !it.name.is_empty()));
            prop_assert_eq!(page.clone().fitted(), page);
        }
    }

    #[test]
    fn a_long_digest_loses_nothing() {
        // Four sections of six lines of maximum length.
        let line =
            "**Ana** logged 40 calls last week, the most of their last four, and nobody has thanked them";
        let lines = [line; 6].join("\n");
        let digest = ["Unrecognised", "Records", "Pairs", "Goals"]
            .into_iter()
            .fold(Post::new(Tone::Calm, "Your week", "For managers alone."), |post, name| {
                post.field(name, &lines)
            });
        let item = Waiting { post: digest, created_at: 0, is_read: false };
        let page = shown(&vec![item; 3], 3, Page(0), Voice::of(&Guild::just_met(), &Clock::by_hand(at(0))));
        let whole = page.fields.iter().take(5).filter(|field| field.value == lines).count();
        assert_eq!(whole, 4, "the latest is whole: {page:?}");
    }
}
