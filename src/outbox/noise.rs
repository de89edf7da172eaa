//! The noise budget: what is small folds into one message a day that is edited, what is medium arrives silently, what is
//! large notifies. A channel takes so many messages a day; what is beyond that is folded as well, and nothing is lost.

use chrono::NaiveDate;

use super::{enqueue, refresh};
use crate::kernel::calendar::day_number;
use crate::kernel::db::Tx;
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId};
use crate::kernel::name::spoken;
use crate::kernel::state::State;
use crate::ledger::roster::Guild;
use crate::render::post::{Post, Tone};

/// How loud a post is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// A line in the day's message.
    Small,
    /// A message that notifies nobody.
    Medium,
    /// A message that notifies.
    Large,
}

/// Something to tell in a channel.
#[derive(Debug)]
pub struct News<'a> {
    /// What it is about. Told before, nothing happens.
    pub key: &'a str,
    /// How loud.
    pub loudness: Loudness,
    /// As a message of its own.
    pub post: Post,
    /// As a line of the day's message: a text of a post, without line breaks.
    pub line: String,
}

/// The most characters of the day's message; what is older makes room.
const ROOM: usize = 3800;

/// Puts news in the outbox as loudly as they are to be, or in the day's message where they are small or the channel has
/// had enough. Returns whether it is a message of its own.
pub async fn announce(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    channel: ChannelId,
    news: News<'_>,
) -> Result<bool> {
    let News { key, loudness, mut post, line } = news;
    let day = guild.today(&state.clock);
    let known: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM post WHERE guild_id = $1 AND post_key = $2 UNION ALL SELECT 0 FROM folded WHERE guild_id = $1 AND line_key = $2",
    )
    .bind(guild.id)
    .bind(key)
    .fetch_optional(&mut **tx)
    .await?;
    if let Some((stands_alone,)) = known {
        return Ok(stands_alone == 1);
    }
    if loudness > Loudness::Small && takes_room(tx, guild.id, channel, day).await? {
        post.silent = loudness == Loudness::Medium;
        enqueue(tx, state, guild.id, channel, key, &post).await?;
        return Ok(true);
    }
    sqlx::query(
        "INSERT INTO folded (id, guild_id, channel_id, day, line_key, line) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (guild_id, line_key) DO NOTHING",
    )
    .bind(state.id())
    .bind(guild.id)
    .bind(channel)
    .bind(day_number(day))
    .bind(key)
    .bind(line)
    .execute(&mut **tx)
    .await?;
    tell_day(tx, state, guild.id, channel, day_number(day)).await?;
    Ok(false)
}

/// Changes what was told under a key: the message, or its line in a day's.
pub async fn amend(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    key: &str,
    post: &Post,
    line: &str,
) -> Result<()> {
    let folded: Option<(ChannelId, i64)> = sqlx::query_as(
        "UPDATE folded SET line = $3, names_by_id = 1 WHERE guild_id = $1 AND line_key = $2 RETURNING channel_id, day",
    )
    .bind(guild)
    .bind(key)
    .bind(line)
    .fetch_optional(&mut **tx)
    .await?;
    match folded {
        Some((channel, day)) => tell_day(tx, state, guild, channel, day).await,
        None => super::amend(tx, guild, key, post).await.map(drop),
    }
}

/// Counts one more message of a channel's day, whether there is room for it or not.
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

/// Counts one more message of a channel's day if there is room for it. What finds none is not counted.
async fn takes_room(tx: &mut Tx, guild: GuildId, channel: ChannelId, day: NaiveDate) -> Result<bool> {
    let taken = sqlx::query(
        "INSERT INTO channel_day (guild_id, channel_id, day, messages) VALUES ($1, $2, $3, 1)
         ON CONFLICT (channel_id, day) DO UPDATE SET messages = channel_day.messages + 1
         WHERE channel_day.messages < (SELECT noise_most FROM guild WHERE id = $1)",
    )
    .bind(guild)
    .bind(channel)
    .bind(day_number(day))
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Writes the day's message anew, the first time as a new one.
async fn tell_day(tx: &mut Tx, state: &State, guild: GuildId, channel: ChannelId, day: i64) -> Result<()> {
    let lines: Vec<(String,)> =
        sqlx::query_as("SELECT line FROM folded WHERE channel_id = $1 AND day = $2 ORDER BY id")
            .bind(channel)
            .bind(day)
            .fetch_all(&mut **tx)
            .await?;
    let lines: Vec<String> = lines.into_iter().map(|(line,)| line).collect();
    let post = Post { silent: true, ..Post::new(Tone::Calm, "Also today", fitting(&lines)) };
    let key = format!("day:{channel}:{day}");
    if enqueue(tx, state, guild, channel, &key, &post).await?.is_none() {
        refresh(tx, guild, &key, &post).await?;
    }
    Ok(())
}

/// The lines as one text; the oldest make room for what is new.
fn fitting(lines: &[String]) -> String {
    let mut room = ROOM;
    let kept = lines
        .iter()
        .rev()
        .take_while(|line| {
            let needs = spoken(line).chars().count() + 1;
            room.checked_sub(needs).map(|left| room = left).is_some()
        })
        .count();
    let earlier = lines.len() - kept;
    let shown = lines[earlier..].join("\n");
    if earlier > 0 { format!("…and {earlier} before these\n{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_day_keeps_what_is_new() {
        let lines: Vec<String> = (0..500).map(|it| format!("line {it}")).collect();
        let text = fitting(&lines);
        assert!(text.chars().count() <= ROOM + 40 && text.ends_with("line 499"), "{text}");
        let earlier: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(text.contains(&format!("\nline {earlier}\n")), "{text}");
        assert_eq!(fitting(&lines[..2]), "line 0\nline 1");
    }
}
