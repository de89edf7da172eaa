//! Posts, committed with the state that caused them, and what becomes of them afterwards.
//!
//! Use cases call [`enqueue`] and [`amend`] inside their transaction, with what the post is about
//! ([`subject`]). The worker composes and delivers it.

pub mod access;
pub(crate) mod answer;
pub mod deliver;
pub mod failure;
pub mod inbox;
pub mod noise;
pub mod queue;
pub mod subject;

use chrono::TimeDelta;

use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId, PersonId, PostId};
use crate::kernel::name;
use crate::render::post::Post;
use crate::store::batch::Batch;
use crate::store::db::{Tx, flag};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Text, Than, Trace, made_before};
use crate::words::{Language, outbox as words};
use subject::{Said, Subject};

/// The tables of the outbox and the inboxes.
pub const TABLES: &[Table] = &[
    Table::new("inbox", &[Trace::own(words::trace_inbox_messages, Erasure::Goes)]).pruned(&[
        Old { days: 180, rows: "read_at < $1", than: Than::Micros },
        // Items that nobody has looked at for this long won't be looked at.
        Old { days: 400, rows: made_before!(), than: Than::Micros },
    ]),
    Table::new(
        "post",
        &[
            Trace::own(words::trace_direct_messages, Erasure::Goes),
            // An item for one person is theirs, whomever it names. A sent post's text isn't kept, and a post
            // composed at delivery has no stored text.
            Trace::naming(
                words::trace_mentions_in_posts_not_sent_yet,
                "state <> 'sent' AND person_id IS NULL AND names_by_id = 1 AND subject LIKE '{\"kind\":\"said\"%'
                 AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
                Text { column: "subject", of: of_post },
            ),
        ],
    )
    // A message is found by its post when it is edited late: a goal may run for a year, and a win logged
    // later may reach it.
    .pruned(&[Old {
        days: 800,
        rows: concat!(made_before!(), " AND state IN ('sent', 'failed', 'held') AND COALESCE(sent_at, 0) < $1"),
        than: Than::Micros,
    }]),
    Table::new(
        "folded",
        &[Trace::naming(
            words::trace_mentions_in_daily_summaries,
            "names_by_id = 1 AND subject LIKE '{\"kind\":\"said\"%'
             AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
            Text { column: "subject", of: of_line },
        )],
    )
    .pruned(&[Old { days: 35, rows: "day < $1", than: Than::Day }]),
    Table::new("channel_day", &[]).pruned(&[Old { days: 35, rows: "day < $1", than: Than::Day }]),
];

fn of_post(text: &str, whose: PersonId) -> Option<String> {
    let Said { post, .. } = serde_json::from_str(text).ok()?;
    serde_json::to_string(&post.of(whose)?).ok()
}

fn of_line(text: &str, whose: PersonId) -> Option<String> {
    let Said { line, .. } = serde_json::from_str(text).ok()?;
    name::names(&line, whose).then(|| name::spoken(&line))
}

/// A message to be sent.
struct New<'a> {
    channel: ChannelId,
    /// The only person it is for; none for everyone in the channel.
    alone: Option<PersonId>,
    key: &'a str,
    /// Whether it arrives without a notification, even if its post isn't silent.
    is_silent: bool,
    /// Which of its post's messages it is, from 0, and how many there are.
    page: (usize, usize),
}

impl<'a> New<'a> {
    fn everyones(channel: ChannelId, key: &'a str) -> Self {
        Self { channel, alone: None, key, is_silent: false, page: (0, 1) }
    }
}

/// Adds a post to the outbox. `key` identifies it: if the guild already has a post with that key, nothing is
/// added and `None` is returned.
pub async fn enqueue(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    subject: &impl Subject,
) -> Result<Option<PostId>> {
    put(tx, state, guild, New::everyones(channel, key), subject).await
}

async fn put(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    new: New<'_>,
    subject: &impl Subject,
) -> Result<Option<PostId>> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let id: Option<(PostId,)> = sqlx::query_as(
        "INSERT INTO post (id, guild_id, channel_id, post_key, subject, state, not_before, created_at, person_id, silent, page, pages)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $7, $8, $9, $10) ON CONFLICT (guild_id, post_key) DO NOTHING RETURNING id",
    )
    .bind(state.id())
    .bind(guild)
    .bind(new.channel)
    .bind(new.key)
    .bind(subject::kept(subject)?)
    .bind(state.micros())
    .bind(new.alone)
    .bind(flag(new.is_silent))
    .bind(count(new.page.0))
    .bind(count(new.page.1))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(|(id,)| id))
}

/// The key of one of a post's messages, from 0.
fn page_key(key: &str, number: usize) -> String {
    if number == 0 { key.to_owned() } else { format!("{key}:{}", number + 1) }
}

/// The same for a post that takes several messages in a row; returns the new ones.
pub async fn enqueue_pages(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    (channel, pages): (ChannelId, usize),
    key: &str,
    subject: &impl Subject,
) -> Result<Vec<PostId>> {
    let mut ids = Vec::new();
    for number in 0..pages {
        let key = page_key(key, number);
        let new = New { page: (number, pages), ..New::everyones(channel, &key) };
        ids.extend(put(tx, state, guild, new, subject).await?);
    }
    Ok(ids)
}

/// Changes what such a post is about, in its existing messages.
pub async fn amend_pages(tx: &mut Tx, guild: GuildId, key: &str, subject: &impl Subject) -> Result<()> {
    let (pages,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM post WHERE guild_id = $1 AND (post_key = $2 OR post_key LIKE $2 || ':%')",
    )
    .bind(guild)
    .bind(key)
    .fetch_one(&mut **tx)
    .await?;
    for number in 0..usize::try_from(pages).unwrap_or_default() {
        let key = page_key(key, number);
        sqlx::query("UPDATE post SET page = $3, pages = $4 WHERE guild_id = $1 AND post_key = $2")
            .bind(guild)
            .bind(&key)
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .bind(pages)
            .execute(&mut **tx)
            .await?;
        amend(tx, guild, &key, subject).await?;
    }
    Ok(())
}

/// A post's text for one of its messages. Pages beyond the existing messages are cut, and the last message
/// says so; a message that is no longer needed says so, too.
fn page(post: Post, (number, of): (usize, usize), language: Language) -> Post {
    let mut pages = post.pages(language);
    let has_more = pages.len() > of && number + 1 == of;
    if number >= pages.len() {
        return Post::text(language.say(words::nothing_more()));
    }
    let ends = if has_more { pages.pop() } else { None };
    let mut page = pages.swap_remove(number);
    if let Some(Post { footer, buttons, .. }) = ends {
        page.body.push('\n');
        page.body.push_str(&language.say(words::has_more()));
        (page.footer, page.buttons) = (footer, buttons);
    }
    page
}

/// Sets when a post became due, in microseconds since 1970: its expiry is counted from then.
pub async fn set_due(tx: &mut Tx, post: PostId, since: i64) -> Result<()> {
    sqlx::query("UPDATE post SET created_at = $2 WHERE id = $1")
        .bind(post)
        .bind(since)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Changes what a post is about: before it is sent, it will be composed from the new data; afterwards, its
/// message is edited. Does nothing if there is no post with that key.
pub async fn amend(tx: &mut Tx, guild: GuildId, key: &str, subject: &impl Subject) -> Result<()> {
    sqlx::query(
        "UPDATE post SET subject = $3, names_by_id = 1, revision = revision + 1,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE guild_id = $1 AND post_key = $2",
    )
    .bind(guild)
    .bind(key)
    .bind(subject::kept(subject)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The shortest time between two edits of a status message.
const REFRESH: TimeDelta = TimeDelta::minutes(1);

/// Shows a status in one message that is edited; creates it the first time. Returns whether it is new.
pub async fn show(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    subject: &impl Subject,
) -> Result<bool> {
    let mut batch = Batch::of(tx);
    show_in(&mut batch, state, guild, channel, key, subject)?;
    let (revision,): (i64,) = batch.run(tx).await?.row()?;
    Ok(revision == FIRST)
}

/// The same as part of a batch.
fn show_in(
    batch: &mut Batch,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    subject: &impl Subject,
) -> Result<()> {
    batch
        .add(
            "INSERT INTO post (id, guild_id, channel_id, post_key, subject, state, not_before, created_at)
             VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6)
             ON CONFLICT (guild_id, post_key) DO UPDATE SET subject = excluded.subject, names_by_id = 1, revision = post.revision + 1,
                 not_before = CASE WHEN post.state = 'sent' THEN COALESCE(post.sent_at, 0) + $7 ELSE post.not_before END,
                 state = CASE WHEN post.state = 'sent' THEN 'waiting' ELSE post.state END
             RETURNING revision",
        )
        .bind(state.id())
        .bind(guild)
        .bind(channel)
        .bind(key)
        .bind(subject::kept(subject)?)
        .bind(state.micros())
        .bind(REFRESH.num_microseconds());
    Ok(())
}

/// A new post's revision.
const FIRST: i64 = 1;

/// The same for an existing message: it is edited at most once a minute, with the latest status.
pub async fn refresh(tx: &mut Tx, guild: GuildId, key: &str, subject: &impl Subject) -> Result<()> {
    sqlx::query(
        "UPDATE post SET subject = $3, names_by_id = 1, revision = revision + 1,
                not_before = CASE WHEN state = 'sent' THEN COALESCE(sent_at, 0) + $4 ELSE not_before END,
                state = CASE WHEN state = 'sent' THEN 'waiting' ELSE state END
         WHERE guild_id = $1 AND post_key = $2",
    )
    .bind(guild)
    .bind(key)
    .bind(subject::kept(subject)?)
    .bind(REFRESH.num_microseconds())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
