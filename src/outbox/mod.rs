//! Posts, committed with the state that caused them, and what becomes of them afterwards.
//!
//! Use cases call [`enqueue`] and [`amend`] inside their transaction. The worker delivers.

pub mod access;
pub(crate) mod answer;
pub mod deliver;
pub mod inbox;
pub mod noise;
pub mod queue;

use chrono::TimeDelta;

use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId, PersonId, PostId};
use crate::kernel::name;
use crate::kernel::state::State;
use crate::kernel::table::{Erasure, Old, Table, Text, Than, Trace};
use crate::render::post::Post;

/// The tables of what is to be told.
pub const TABLES: &[Table] = &[
    Table::new("inbox", &[Trace::own("What lies in your inbox", Erasure::Goes)]).pruned(Old {
        days: 180,
        rows: "read_at < $1",
        than: Than::Micros,
    }),
    Table::new(
        "post",
        &[
            Trace::own("Direct messages to you", Erasure::Goes),
            // What is for one person alone is theirs, whomever it names. Of a post that was sent, the text is not kept.
            Trace::naming(
                "Posts that name you and have not left",
                "state <> 'sent' AND person_id IS NULL AND names_by_id = 1
                 AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
                Text { column: "body", of: of_post },
            ),
        ],
    )
    // A message that is edited late is found by its post: a goal may run for a year, and be reached by a win logged later.
    .pruned(Old {
        days: 800,
        rows: "created_at < $1 AND state IN ('sent', 'failed', 'held') AND COALESCE(sent_at, 0) < $1",
        than: Than::Micros,
    }),
    Table::new(
        "folded",
        &[Trace::naming(
            "Lines of a day's message that name you",
            "names_by_id = 1 AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
            Text { column: "line", of: of_line },
        )],
    )
    .pruned(Old { days: 35, rows: "day < $1", than: Than::Day }),
    Table::new("channel_day", &[]).pruned(Old { days: 35, rows: "day < $1", than: Than::Day }),
];

fn of_post(text: &str, whose: PersonId) -> Option<String> {
    let post: Post = serde_json::from_str(text).ok()?;
    serde_json::to_string(&post.of(whose)?).ok()
}

fn of_line(text: &str, whose: PersonId) -> Option<String> {
    name::names(text, whose).then(|| name::spoken(text))
}

/// Puts a post in the outbox. `key` says what it is about; where the guild has a post of that key already, nothing is
/// added and `None` is returned.
pub async fn enqueue(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    post: &Post,
) -> Result<Option<PostId>> {
    put(tx, state, guild, (channel, None), key, post).await
}

/// The same, for everyone in a channel or for one person alone.
async fn put(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    (channel, alone): (ChannelId, Option<PersonId>),
    key: &str,
    post: &Post,
) -> Result<Option<PostId>> {
    let id: Option<(PostId,)> = sqlx::query_as(
        "INSERT INTO post (id, guild_id, channel_id, post_key, body, state, not_before, created_at, person_id)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $7) ON CONFLICT (guild_id, post_key) DO NOTHING RETURNING id",
    )
    .bind(state.id())
    .bind(guild)
    .bind(channel)
    .bind(key)
    .bind(serde_json::to_string(post)?)
    .bind(state.micros())
    .bind(alone)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(|(id,)| id))
}

/// The key of one of several messages that a post takes, from 0 on.
fn page_key(key: &str, number: usize) -> String {
    if number == 0 { key.to_owned() } else { format!("{key}:{}", number + 1) }
}

/// The same for a post that may take several messages, one after the other; those that are new.
pub async fn enqueue_whole(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    post: &Post,
) -> Result<Vec<PostId>> {
    let mut ids = Vec::new();
    for (number, page) in post.clone().pages().iter().enumerate() {
        ids.extend(enqueue(tx, state, guild, channel, &page_key(key, number), page).await?);
    }
    Ok(ids)
}

/// Changes what such a post says, in the messages that are there. What has no message any more says so in the last; a message
/// that is not needed any more, too.
pub async fn amend_whole(tx: &mut Tx, guild: GuildId, key: &str, post: &Post) -> Result<()> {
    let mut pages = post.clone().pages().into_iter();
    let mut last = None;
    for number in 0.. {
        let page = pages.next();
        let is_over = page.is_none();
        let page = page.unwrap_or_else(|| Post::text("There is nothing more: it all stands above."));
        if !amend(tx, guild, &page_key(key, number), &page).await? {
            if let Some((number, mut shown)) = last.filter(|_| !is_over) {
                let Post { body, .. } = &mut shown;
                body.push_str("\n…and more than there is room for here.");
                amend(tx, guild, &page_key(key, number), &shown).await?;
            }
            break;
        }
        last = Some((number, page));
    }
    Ok(())
}

/// Says that a post tells of something due at `since`, in microseconds since 1970: it is of use for as long after that.
pub async fn set_due(tx: &mut Tx, post: PostId, since: i64) -> Result<()> {
    sqlx::query("UPDATE post SET created_at = $2 WHERE id = $1")
        .bind(post)
        .bind(since)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Changes what a post says: before it is sent, its text; afterwards, by an edit of the message. Where there is no
/// post of that key, nothing happens, and it says false.
pub async fn amend(tx: &mut Tx, guild: GuildId, key: &str, post: &Post) -> Result<bool> {
    let amended = sqlx::query(
        "UPDATE post SET body = $3, names_by_id = 1, revision = revision + 1,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE guild_id = $1 AND post_key = $2",
    )
    .bind(guild)
    .bind(key)
    .bind(serde_json::to_string(post)?)
    .execute(&mut **tx)
    .await?;
    Ok(amended.rows_affected() == 1)
}

/// How often a message that shows how things stand is edited at most.
const REFRESH: TimeDelta = TimeDelta::minutes(1);

/// The same for a message that shows how things stand: it is edited at most once a minute, and then says the latest.
pub async fn refresh(tx: &mut Tx, guild: GuildId, key: &str, post: &Post) -> Result<()> {
    sqlx::query(
        "UPDATE post SET body = $3, names_by_id = 1, revision = revision + 1,
                not_before = CASE WHEN state = 'sent' THEN COALESCE(sent_at, 0) + $4 ELSE not_before END,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE guild_id = $1 AND post_key = $2",
    )
    .bind(guild)
    .bind(key)
    .bind(serde_json::to_string(post)?)
    .bind(REFRESH.num_microseconds())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
