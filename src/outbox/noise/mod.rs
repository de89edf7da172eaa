//! The noise budget: small news is folded into one message a day, which is edited; medium arrives silently;
//! large notifies. A channel gets a limited number of messages a day; everything beyond that is folded too,
//! so nothing is lost.

pub mod rules;
mod store;

use chrono::NaiveDate;
pub use rules::{Budget, History};

use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
pub use store::budget;

use super::subject::{About, Subject, kept};
use super::{New, put};
use crate::kernel::calendar::day_number;
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId};
use crate::kernel::quantity::Quantity;
use crate::people::Guild;
use crate::store::batch::{Answers, Batch};
use crate::store::db::{Tx, flag};
use crate::store::state::State;

/// How prominently to announce something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// A line in the daily summary.
    Small,
    /// A silent message.
    Medium,
    /// A message with a notification.
    Large,
}

/// Something to announce in a channel.
#[derive(Debug)]
pub struct News<'a, S> {
    /// Its unique key.
    pub key: &'a str,
    /// How loud.
    pub loudness: Loudness,
    /// Its subject, for a message of its own or a line in the daily summary.
    pub subject: &'a S,
}

/// A channel's daily summary, with a line for each folded announcement.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DayOf {
    /// The channel.
    pub channel: ChannelId,
    /// The day, as the ledger stores days.
    pub day: i64,
}

impl Subject for DayOf {
    const KIND: &'static str = "day";
}

/// Asks how loud something is in a guild, for [`answered`].
pub fn ask(batch: &mut Batch, guild: GuildId) {
    store::ask(batch, guild);
}

/// How loud something of an amount (minor units) is in a guild that was asked about, compared with its history.
pub fn answered(answers: &mut Answers, amount: Option<Quantity>, history: &History) -> Result<Loudness> {
    Ok(rules::loudness(amount, history, &store::answered(answers)?))
}

/// Sets a guild's budget.
///
/// # Errors
/// When the fold limit isn't below the notify limit.
pub async fn set(tx: &mut Tx, guild: GuildId, budget: &Budget) -> Result<()> {
    rules::accept(budget)?;
    store::save(tx, guild, budget).await
}

/// Whether a key was announced as a message of its own (true) or as a line in a daily summary (false); none
/// if it wasn't announced.
pub async fn announced(tx: &mut Tx, guild: GuildId, key: &str) -> Result<Option<bool>> {
    let known: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM post WHERE guild_id = $1 AND post_key = $2 UNION ALL SELECT 0 FROM folded WHERE guild_id = $1 AND line_key = $2",
    )
    .bind(guild)
    .bind(key)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(known.map(|(stands_alone,)| stands_alone == 1))
}

/// Queues news at its loudness, or adds it to the daily summary if it is small or the channel has reached its
/// limit. Returns whether it is a message of its own. Don't call it for news that was announced before: it
/// would be counted again.
pub async fn announce(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    channel: ChannelId,
    news: News<'_, impl Subject>,
) -> Result<bool> {
    let mut batch = Batch::of(tx);
    take_room(&mut batch, state, guild, channel, news.loudness);
    let mut answers = batch.run(tx).await?;
    announce_in(tx, state, guild, (channel, &mut answers), news).await
}

/// Counts one more message for a channel's day if it is within the limit and needs room, for [`announce_in`].
pub fn take_room(batch: &mut Batch, state: &State, guild: &Guild, channel: ChannelId, loudness: Loudness) {
    batch
        .add(
            "INSERT INTO channel_day (guild_id, channel_id, day, messages) SELECT $1, $2, $3, 1 WHERE $4 = 1
             ON CONFLICT (channel_id, day) DO UPDATE SET messages = channel_day.messages + 1
             WHERE channel_day.messages < (SELECT noise_most FROM guild WHERE id = $1) RETURNING messages",
        )
        .bind(guild.id)
        .bind(channel)
        .bind(day_number(guild.today(&state.clock)))
        .bind(flag(loudness > Loudness::Small));
}

/// The same as [`announce`], with the answer to [`take_room`].
pub async fn announce_in(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    (channel, answers): (ChannelId, &mut Answers),
    news: News<'_, impl Subject>,
) -> Result<bool> {
    let News { key, loudness, subject } = news;
    let day = day_number(guild.today(&state.clock));
    if !answers.rows::<(i64,)>()?.is_empty() {
        let new = New { is_silent: loudness == Loudness::Medium, ..New::everyones(channel, key) };
        put(tx, state, guild.id, new, subject).await?;
        return Ok(true);
    }
    let mut batch = Batch::of(tx);
    batch
        .add(
            "INSERT INTO folded (id, guild_id, channel_id, day, line_key, subject) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (guild_id, line_key) DO NOTHING",
        )
        .bind(state.id())
        .bind(guild.id)
        .bind(channel)
        .bind(day)
        .bind(key)
        .bind(kept(subject)?);
    tell_day(&mut batch, state, guild.id, channel, day)?;
    batch.run(tx).await?;
    Ok(false)
}

/// Updates what was announced under a key: its message, or its line in a daily summary.
pub async fn amend(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    key: &str,
    subject: &impl Subject,
) -> Result<()> {
    let folded: Option<(ChannelId, i64)> = sqlx::query_as(
        "UPDATE folded SET subject = $3, names_by_id = 1 WHERE guild_id = $1 AND line_key = $2 RETURNING channel_id, day",
    )
    .bind(guild)
    .bind(key)
    .bind(kept(subject)?)
    .fetch_optional(&mut **tx)
    .await?;
    match folded {
        Some((channel, day)) => {
            let mut batch = Batch::of(tx);
            tell_day(&mut batch, state, guild, channel, day)?;
            batch.run(tx).await.map(drop)
        }
        None => super::amend(tx, guild, key, subject).await,
    }
}

/// Counts one more message for a channel's day, even beyond the limit.
pub async fn count(tx: &mut Tx, guild: GuildId, channel: ChannelId, day: NaiveDate) -> Result<()> {
    sqlx::query(
        "INSERT INTO channel_day (guild_id, channel_id, day, messages) VALUES ($1, $2, $3, 1)
         ON CONFLICT (channel_id, day) DO UPDATE SET messages = channel_day.messages + 1",
    )
    .bind(guild)
    .bind(channel)
    .bind(day_number(day))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn tell_day(batch: &mut Batch, state: &State, guild: GuildId, channel: ChannelId, day: i64) -> Result<()> {
    let key = format!("day:{channel}:{day}");
    super::show_in(batch, state, guild, channel, &key, &DayOf { channel, day })
}

/// The subjects of the lines in a channel's daily summary, in order; those that can't be parsed are left out.
pub async fn folded(db: &mut AnyConnection, day: DayOf) -> Result<Vec<About>> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT subject FROM folded WHERE channel_id = $1 AND day = $2 ORDER BY id")
            .bind(day.channel)
            .bind(day.day)
            .fetch_all(&mut *db)
            .await?;
    Ok(rows.iter().filter_map(|(kept,)| About::parse(kept).ok()).map(About::folded).collect())
}
