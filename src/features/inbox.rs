//! `/inbox`: what waits for one person, and for nobody else.

use serenity::all::Http;

use crate::chat::press::{Press, stale};
use crate::chat::{Ctx, Here, here, whisper};
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::kernel::permit::Member;
use crate::kernel::state::State;
use crate::outbox::inbox::{Item, items, mark_read};
use crate::render::post::{Post, Tone};

/// How many a page shows.
const PAGE: i64 = 5;

/// See what waits for you alone: thanks in private, badges, and what a manager is told
#[poise::command(slash_command, guild_only)]
pub(crate) async fn inbox(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let post = page(ctx.data(), here.actor.member(), 0).await?;
    whisper(ctx, &post).await
}

/// The pages of an inbox: always that of whoever presses.
pub async fn pressed(state: &State, http: &Http, press: Press<'_>, here: &Here) -> Result<()> {
    let route = press.route();
    let number = route.get(2).and_then(|text| text.parse::<i64>().ok()).ok_or_else(stale)?;
    let post = page(state, here.actor.member(), number.clamp(0, 1_000_000)).await?;
    press.replace(http, &post).await
}

async fn page(state: &State, whose: Member, page: i64) -> Result<Post> {
    let (items, count) = items(state.db.read(), whose.person, page * PAGE, PAGE).await?;
    if items.iter().any(|item| !item.is_read) {
        let mut tx = state.db.write().await?;
        mark_read(&mut tx, state, whose.person).await?;
        tx.commit().await?;
    }
    Ok(shown(&items, count, page))
}

fn shown(items: &[Item], count: i64, page: i64) -> Post {
    if items.is_empty() {
        return Post::new(Tone::Calm, "Your inbox", "Nothing waits for you.").footer("Only you see this");
    }
    let mut post = Post::new(Tone::Calm, "Your inbox", "");
    for item in items {
        let new = if item.is_read { "" } else { "🆕 " };
        let title = item.post.title.as_deref().unwrap_or("A word for you");
        let fields = item.post.fields.iter().map(|field| format!("**{}**\n{}", field.name, field.value));
        let parts = [item.post.body.clone()].into_iter().filter(|body| !body.is_empty()).chain(fields);
        let when = format!("<t:{}:R>", at(item.created_at).timestamp());
        let text: Vec<String> = parts.chain([when]).collect();
        // A field may have 1,024 characters.
        let text: String = text.join("\n").chars().take(1024).collect();
        post = post.field(format!("{new}{title}"), text);
    }
    let pages = (count + PAGE - 1) / PAGE;
    post = post.footer(if pages > 1 {
        format!("Page {} of {pages} · only you see this", page + 1)
    } else {
        "Only you see this".to_owned()
    });
    if page > 0 {
        post = post.button(format!("inbox:page:{}", page - 1), "Newer");
    }
    if page + 1 < pages {
        post = post.button(format!("inbox:page:{}", page + 1), "Older");
    }
    post
}
