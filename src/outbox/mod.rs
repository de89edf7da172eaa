//! Posts, committed with the state that caused them, and what becomes of them afterwards.
//!
//! Use cases call [`enqueue`] and [`amend`] inside their transaction, with what a post is about ([`subject`]). The worker
//! composes it, and delivers.

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
use crate::store::db::{Tx, flag};
use crate::store::state::State;
use crate::store::table::{Erasure, Old, Table, Text, Than, Trace, made_before};
use crate::words::{Language, outbox as words};
use subject::{Said, Subject};

/// The tables of what is to be told.
pub const TABLES: &[Table] = &[
    Table::new("inbox", &[Trace::own(words::trace_inbox_messages, Erasure::Goes)]).pruned(&[
        Old { days: 180, rows: "read_at < $1", than: Than::Micros },
        // Whoever has not looked for so long is not looking.
        Old { days: 400, rows: made_before!(), than: Than::Micros },
    ]),
    Table::new(
        "post",
        &[
            Trace::own(words::trace_direct_messages, Erasure::Goes),
            // What is for one person alone is theirs, whomever it names. Of a post that was sent, no text is kept; of one that is
            // composed when it leaves, there never is any.
            Trace::naming(
                words::trace_mentions_in_posts_not_sent_yet,
                "state <> 'sent' AND person_id IS NULL AND names_by_id = 1 AND subject LIKE '{\"kind\":\"said\"%'
                 AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
                Text { column: "subject", of: of_post },
            ),
        ],
    )
    // A message that is edited late is found by its post: a goal may run for a year, and be reached by a win logged later.
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

/// A message that is to be.
struct New<'a> {
    channel: ChannelId,
    /// For whom alone; none for everyone in the channel.
    alone: Option<PersonId>,
    key: &'a str,
    /// Whether it arrives without a notification, whatever its post says.
    is_silent: bool,
    /// Which of how many messages that its post takes, from 0 on.
    page: (usize, usize),
}

impl<'a> New<'a> {
    fn everyones(channel: ChannelId, key: &'a str) -> Self {
        Self { channel, alone: None, key, is_silent: false, page: (0, 1) }
    }
}

/// Puts a post in the outbox. `key` says which it is; where the guild has a post of that key already, nothing is added and
/// `None` is returned.
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

/// The key of one of several messages that a post takes, from 0 on.
fn page_key(key: &str, number: usize) -> String {
    if number == 0 { key.to_owned() } else { format!("{key}:{}", number + 1) }
}

/// The same for a post that takes several messages, one after the other; those that are new.
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

/// Changes what such a post is about, in the messages that there are.
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

/// What a post says in one of so many messages that were made for it. What has no message any more says so in the last; a
/// message that is not needed any more, too.
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

/// Says that a post tells of something due at `since`, in microseconds since 1970: it is of use for as long after that.
pub async fn set_due(tx: &mut Tx, post: PostId, since: i64) -> Result<()> {
    sqlx::query("UPDATE post SET created_at = $2 WHERE id = $1")
        .bind(post)
        .bind(since)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Says that what a post is about has changed: before it is sent, it is composed of what is known then; afterwards, the message
/// is edited. Where there is no post of that key, nothing happens.
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

/// How often a message that shows how things stand is edited at most.
const REFRESH: TimeDelta = TimeDelta::minutes(1);

/// Tells how things stand, in one message that is edited: the first time a new one. Whether it is new.
pub async fn show(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    channel: ChannelId,
    key: &str,
    subject: &impl Subject,
) -> Result<bool> {
    let (revision,): (i64,) = sqlx::query_as(
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
    .bind(REFRESH.num_microseconds())
    .fetch_one(&mut **tx)
    .await?;
    Ok(revision == FIRST)
}

/// The revision of a post that is new.
const FIRST: i64 = 1;

/// The same for a message that is there: it is edited at most once a minute, and then says the latest.
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
