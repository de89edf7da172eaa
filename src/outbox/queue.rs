//! The posts of the outbox as work: claimed with a lease, and settled once the outcome is known.
//!
//! Leases are measured on a process's steady clock, never by the time of day: a claim is taken over by a
//! process that has watched it for a whole lease. However clocks are set, no two processes send the same
//! post.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;

use super::failure::Failure;
use super::subject::{About, Said, kept};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, MessageId, PersonId, PostId};
use crate::store::db::flag;
use crate::store::state::State;

/// How long a claim must have been watched before it is taken over. Longer than any send can take.
pub const LEASE: Duration = Duration::from_secs(30);
/// A try dated later than this from now was made before the clock was set back, so its times are ignored.
/// Clocks of different processes differ by less.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// How soon a process looks again at a claim that it watches.
const GLANCE: TimeDelta = TimeDelta::seconds(1);

/// The open claims a process has seen, each with the steady time at which it first saw it.
#[derive(Debug, Default)]
pub struct Watch(Mutex<HashMap<Token, Duration>>);

/// A particular claim of a post: the post's id, its claim count, and when it was claimed.
type Token = (PostId, i64, i64);

impl Watch {
    /// Records the open claims at a steady time, and returns those that have stood for a whole lease.
    fn look(&self, standing: Vec<Token>, now: Duration) -> Vec<Token> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = standing.into_iter().map(|token| (token, seen.get(&token).copied().unwrap_or(now))).collect();
        seen.iter()
            .filter(|(_, since)| now.saturating_sub(**since) >= LEASE)
            .map(|(token, _)| *token)
            .collect()
    }
}

/// After this many tries in a row without an answer from Discord, which takes about four minutes, a post is
/// stuck, and those behind it are tried too.
pub const ENOUGH: i64 = 8;

/// A post that this worker is sending exclusively.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The post.
    pub id: PostId,
    /// Its guild.
    pub guild: GuildId,
    /// Its destination.
    pub channel: ChannelId,
    /// What it is about.
    pub about: About,
    /// The revision of that.
    pub revision: i64,
    /// Whether it is for one person only.
    pub is_alone: bool,
    /// Whether it arrives without a notification, even if its post isn't silent.
    pub is_silent: bool,
    /// Which of its post's messages it is, from 0, and how many there are.
    pub page: (usize, usize),
    /// The message to edit, if it was sent before.
    pub message: Option<MessageId>,
    /// How many times it has been claimed, including this time.
    pub attempts: i64,
    /// When it was claimed, in microseconds since 1970.
    pub tried_at: i64,
    /// The same on this process's steady clock.
    pub taken: Duration,
    /// When the send with the unknown outcome began, in microseconds since 1970; this one's own start if
    /// there is none.
    pub first_attempt: i64,
    /// When the post was created, in microseconds since 1970.
    pub created_at: i64,
    /// How many tries in a row had an unknown outcome, including this one.
    pub tries: i64,
}

impl Claim {
    /// Whether an earlier try may have created the message.
    pub fn in_doubt(&self) -> bool {
        self.tries > 1
    }
}

/// The outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the channel.
    Sent(MessageId),
    /// It is in the channel, perhaps with an older text; an edit follows.
    Found(MessageId),
    /// It is definitely not in the channel; retry after this long.
    Later(TimeDelta),
    /// It may or may not be in the channel; find out after this long.
    Unknown(TimeDelta),
    /// It can't be determined whether it is in the channel, or later posts got through and it didn't. Kept,
    /// and shown to managers.
    Held(Failure),
    /// It will never be sent. Kept, and shown to managers.
    Failed(Failure),
}

impl Outcome {
    /// Its label in metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent(_) | Self::Found(_) => "sent",
            Self::Later(_) => "later",
            Self::Unknown(_) => "unknown",
            Self::Held(_) => "held",
            Self::Failed(_) => "failed",
        }
    }
}

crate::row! {
    struct Row {
        id: PostId,
        guild_id: GuildId,
        channel_id: ChannelId,
        subject: String,
        revision: i64,
        person_id: Option<PersonId>,
        silent: i64,
        page: i64,
        pages: i64,
        message_id: Option<MessageId>,
        attempts: i64,
        first_attempt: i64,
        created_at: i64,
        unsettled: i64,
    }
}

/// A post that is waiting and may be tried at $1; $2 is a time that no clock can show yet. Combine with
/// `first!`.
macro_rules! due {
    () => {
        "post.state = 'waiting' AND (post.not_before <= $1 OR post.tried_at > $2)"
    };
}

/// An open post without an earlier new message in its channel. Edits don't block: their messages are already
/// in place.
macro_rules! first {
    () => {
        "post.state IN ('waiting', 'claimed') AND NOT EXISTS (SELECT 1 FROM post AS ahead
             WHERE ahead.channel_id = post.channel_id AND ahead.state IN ('waiting', 'claimed')
               AND ahead.message_id IS NULL AND ahead.id < post.id)"
    };
}

macro_rules! claim {
    ($lock:literal) => {
        // Materialised, since the planner might otherwise repeat the search while posts are being claimed.
        concat!(
            "WITH picked AS MATERIALIZED (SELECT post.id FROM post WHERE ",
            due!(),
            " AND ",
            first!(),
            " ORDER BY post.id LIMIT $3",
            $lock,
            ") UPDATE post SET state = 'claimed', tried_at = $1, attempts = attempts + 1,
                      unsettled = unsettled + 1, first_attempt = COALESCE(first_attempt, $1)
             WHERE ",
            due!(),
            " AND id IN (SELECT id FROM picked)
             RETURNING id, guild_id, channel_id, subject, revision, person_id, silent, page, pages, message_id, attempts,
                       first_attempt, created_at, unsettled"
        )
    };
}

/// A change to a post that requires still holding its claim.
macro_rules! still_mine {
    ($change:literal, $claim:expr) => {
        sqlx::query(concat!(
            $change,
            " WHERE id = $1 AND state = 'claimed' AND attempts = $2 AND tried_at = $3"
        ))
        .bind($claim.id)
        .bind($claim.attempts)
        .bind($claim.tried_at)
    };
}

/// Claims the first due post of each channel, oldest first, at most `most`. A claim that has stood unsettled
/// for a whole lease, as seen by `watch`, counts as due.
pub async fn claim(state: &State, watch: &Watch, most: usize) -> Result<Vec<Claim>> {
    let now = state.micros();
    let not_yet = now + micros(SKEW);
    let taken = state.clock.steady();
    let standing =
        sqlx::query_as("SELECT id, attempts, COALESCE(tried_at, 0) FROM post WHERE state = 'claimed'")
            .fetch_all(state.db.read())
            .await?;
    let abandoned = watch.look(standing, taken);
    // Checked with a read first, so that no write transaction is opened for nothing.
    let is_any = concat!("SELECT 1 FROM post WHERE ", due!(), " AND ", first!(), " LIMIT 1");
    let due: Option<(i64,)> =
        sqlx::query_as(is_any).bind(now).bind(not_yet).fetch_optional(state.db.read()).await?;
    if due.is_none() && abandoned.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = state.db.write().await?;
    for (id, attempts, tried_at) in abandoned {
        sqlx::query(
            "UPDATE post SET state = 'waiting', not_before = 0
             WHERE id = $1 AND state = 'claimed' AND attempts = $2 AND COALESCE(tried_at, 0) = $3",
        )
        .bind(id)
        .bind(attempts)
        .bind(tried_at)
        .execute(&mut *tx)
        .await?;
    }
    let rows: Vec<Row> = sqlx::query_as(if state.db.skips_locked() {
        // Processes skip posts that others are claiming, instead of waiting only to find them taken.
        claim!(" FOR UPDATE SKIP LOCKED")
    } else {
        claim!("")
    })
    .bind(now)
    .bind(not_yet)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    claimed(state, rows, now, taken).await
}

/// Claims the next post in a claimed one's channel, whenever it was due, if the claim still holds.
pub async fn behind(state: &State, ahead: &Claim) -> Result<Option<Claim>> {
    let (now, taken) = (state.micros(), state.clock.steady());
    let mut tx = state.db.write().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE post SET state = 'claimed', tried_at = $4, attempts = attempts + 1,
                unsettled = unsettled + 1, first_attempt = COALESCE(first_attempt, $4)
         WHERE state = 'waiting' AND id = (
             SELECT MIN(next.id) FROM post AS ahead JOIN post AS next ON next.channel_id = ahead.channel_id
             WHERE ahead.id = $1 AND ahead.state = 'claimed' AND ahead.attempts = $2 AND ahead.tried_at = $3
             AND next.state IN ('waiting', 'claimed') AND next.message_id IS NULL AND next.id > ahead.id)
         RETURNING id, guild_id, channel_id, subject, revision, person_id, silent, page, pages, message_id, attempts,
                   first_attempt, created_at, unsettled",
    )
    .bind(ahead.id)
    .bind(ahead.attempts)
    .bind(ahead.tried_at)
    .bind(now)
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(claimed(state, rows, now, taken).await?.pop())
}

async fn claimed(state: &State, rows: Vec<Row>, now: i64, taken: Duration) -> Result<Vec<Claim>> {
    let mut claims = Vec::with_capacity(rows.len());
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    for row in rows {
        match About::parse(&row.subject) {
            Ok(about) => claims.push(Claim {
                id: row.id,
                guild: row.guild_id,
                channel: row.channel_id,
                about,
                revision: row.revision,
                is_alone: row.person_id.is_some(),
                is_silent: row.silent == 1,
                page: (count(row.page), count(row.pages)),
                message: row.message_id,
                attempts: row.attempts,
                tried_at: now,
                taken,
                first_attempt: row.first_attempt,
                created_at: row.created_at,
                tries: row.unsettled,
            }),
            Err(error) => unreadable(state, row.id, &error).await?,
        }
    }
    Ok(claims)
}

/// A post that can't be parsed fails permanently, and holds up nothing.
async fn unreadable(state: &State, id: PostId, error: &Error) -> Result<()> {
    let reference = state.report("reading a post", error);
    let why = Failure::Unreadable(reference).kept();
    let mut tx = state.db.write().await?;
    sqlx::query("UPDATE post SET state = 'failed', failure = $2 WHERE id = $1")
        .bind(id)
        .bind(why)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// Records the outcomes of claims. A sent post's text isn't kept; a post that changed in the meantime stays
/// open, as an edit. For a claim that was taken over, only "it is in the channel" is recorded.
pub async fn settle(state: &State, settled: &[(Claim, Outcome)]) -> Result<()> {
    let now = state.micros();
    let nothing = kept(&Said::default())?;
    let mut tx = state.db.write().await?;
    for (claim, outcome) in settled {
        let query = match outcome {
            Outcome::Sent(message) | Outcome::Found(message) => sqlx::query(
                "UPDATE post SET state = CASE WHEN revision = $2 THEN 'sent' ELSE 'waiting' END, not_before = 0,
                        subject = CASE WHEN revision = $2 AND $5 = 1 THEN $6 ELSE subject END,
                        message_id = $3, sent_at = $4, first_attempt = NULL, attempts = 0,
                        unsettled = 0, failure = NULL WHERE id = $1",
            )
            .bind(claim.id)
            .bind(if matches!(outcome, Outcome::Sent(_)) { claim.revision } else { 0 })
            .bind(*message)
            .bind(now)
            .bind(flag(claim.about.is_text()))
            .bind(&nothing),
            Outcome::Later(wait) => still_mine!(
                "UPDATE post SET state = 'waiting', not_before = $4, first_attempt = NULL, unsettled = 0",
                claim
            )
            .bind(now + micros(*wait)),
            Outcome::Unknown(wait) => {
                still_mine!("UPDATE post SET state = 'waiting', not_before = $4", claim)
                    .bind(now + micros(*wait))
            }
            Outcome::Held(why) | Outcome::Failed(why) => {
                still_mine!("UPDATE post SET state = $4, failure = $5", claim)
                    .bind(if matches!(outcome, Outcome::Held(_)) { "held" } else { "failed" })
                    .bind(why.kept())
            }
        };
        query.execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// A post that did not reach its channel, and why.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Its destination.
    pub channel: ChannelId,
    /// Why it didn't.
    pub failure: Failure,
    /// When it was created, in microseconds since 1970.
    pub created_at: i64,
}

/// How long a failed post is reported.
const LATELY: TimeDelta = TimeDelta::days(7);

/// A guild's latest posts that recently failed, or haven't got through yet.
pub async fn troubles(state: &State, guild: GuildId, most: i64) -> Result<Vec<Trouble>> {
    let rows: Vec<(ChannelId, String, i64)> = sqlx::query_as(
        "SELECT channel_id, why, created_at FROM (
             SELECT id, channel_id, COALESCE(failure, '') AS why, created_at FROM post
             WHERE guild_id = $1 AND state IN ('held', 'failed') AND created_at > $3
             UNION ALL SELECT id, channel_id, $5 AS why, created_at FROM post
             WHERE guild_id = $1 AND state IN ('waiting', 'claimed') AND unsettled >= $4) AS trouble
         ORDER BY id DESC LIMIT $2",
    )
    .bind(guild)
    .bind(most)
    .bind(state.micros() - micros(LATELY))
    .bind(ENOUGH)
    .bind(Failure::Stuck.kept())
    .fetch_all(state.db.read())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(channel, why, created_at)| Trouble { channel, failure: Failure::parse(&why), created_at })
        .collect())
}

/// When the first open post of a channel may next be tried, in microseconds since 1970, if there is one. If
/// it is claimed, shortly from now, since the claim is watched.
pub async fn next_attempt(state: &State) -> Result<Option<i64>> {
    let (next,): (Option<i64>,) = sqlx::query_as(concat!(
        "SELECT MIN(CASE WHEN post.state = 'claimed' THEN $1 ELSE post.not_before END) FROM post WHERE ",
        first!()
    ))
    .bind(state.micros() + micros(GLANCE))
    .fetch_one(state.db.read())
    .await?;
    Ok(next)
}

/// How many posts are open, and when the oldest was created (microseconds since 1970).
pub async fn depth(state: &State) -> Result<(i64, Option<i64>)> {
    Ok(sqlx::query_as("SELECT COUNT(*), MIN(created_at) FROM post WHERE state IN ('waiting', 'claimed')")
        .fetch_one(state.db.read())
        .await?)
}

fn micros(span: TimeDelta) -> i64 {
    span.num_microseconds().unwrap_or_default()
}
