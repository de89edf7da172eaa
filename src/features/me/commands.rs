//! `/me …`

use chrono::NaiveDate;
use serenity::all::CreateMessage;

use super::{Setting, come_back, go_away, own, set, view};
use crate::chat::choice::Choice;
use crate::chat::{Ctx, defer, here, receipt, whisper};
use crate::kernel::calendar::{Toward, parse_day, parse_weekday};
use crate::kernel::error::{Error, Result, UserError};
use crate::kernel::ids::ChannelId;
use crate::kernel::text::quote;
use crate::outbox::access;
use crate::people::{self, Praise, Voice};
use crate::words::me as words;

#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("show", "praise", "away", "back", "sharing", "messages", "dates")
)]
pub(crate) async fn me(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn show(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let own = own(ctx.data(), here.actor.member(), &here.guild).await?;
    whisper(ctx, &view::own(&own, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn praise(ctx: Ctx<'_>, how: Choice<Praise>) -> Result<()> {
    let here = here(ctx).await?;
    let Choice(chosen) = how;
    let mut tx = ctx.data().db.write().await?;
    set(&mut tx, here.actor.member(), Setting::Praise(chosen)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::praised(chosen, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn away(ctx: Ctx<'_>, until: String, from: Option<String>) -> Result<()> {
    let here = here(ctx).await?;
    let today = here.guild.today(&ctx.data().clock);
    let first = from.map_or(Ok(today), |text| parse_day(&text, today, Toward::Future))?;
    let last = parse_day(&until, first.max(today), Toward::Future)?;
    let mut tx = ctx.data().db.write().await?;
    let away = go_away(&mut tx, ctx.data(), here.actor.member(), &here.guild, first, last).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::away(away, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn back(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let mut tx = ctx.data().db.write().await?;
    come_back(&mut tx, ctx.data(), here.actor.member(), &here.guild).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::back(here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn sharing(ctx: Ctx<'_>, profile: bool) -> Result<()> {
    let here = here(ctx).await?;
    let mut tx = ctx.data().db.write().await?;
    set(&mut tx, here.actor.member(), Setting::Sharing(profile)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::sharing(profile, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn messages(ctx: Ctx<'_>, direct: bool) -> Result<()> {
    let here = here(ctx).await?;
    let channel = if direct {
        // Asking Discord may take longer than the time allowed for a reply.
        defer(ctx).await?;
        Some(open(ctx, here.voice()).await?)
    } else {
        None
    };
    let mut tx = ctx.data().db.write().await?;
    set(&mut tx, here.actor.member(), Setting::Messages(channel)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::messages(direct, here.voice())).await
}

/// Enables direct messages for the actor. The first one tests whether they arrive.
async fn open(ctx: Ctx<'_>, voice: Voice<'_>) -> Result<ChannelId> {
    let channel = ctx.author().create_dm_channel(ctx.http()).await?;
    let hello = CreateMessage::new().content(voice.say(words::hello()));
    match channel.id.send_message(ctx.http(), hello).await {
        Ok(_) => Ok(channel.id.get().into()),
        Err(error)
            if access::refusal(&error).is_some()
                && access::status(&error) == Some(reqwest::StatusCode::FORBIDDEN) =>
        {
            Err(Error::user(words::unreachable()))
        }
        Err(error) => Err(error.into()),
    }
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn dates(ctx: Ctx<'_>, birthday: Option<String>, first_day: Option<String>) -> Result<()> {
    let here = here(ctx).await?;
    let (state, permit) = (ctx.data(), here.actor.member());
    let today = here.guild.today(&state.clock);
    // Validate both before storing either.
    let birthday = birthday.as_deref().map(read_birthday).transpose()?;
    let first_day = first_day.as_deref().map(|text| read_first_day(text, today)).transpose()?;
    let is_said = birthday.is_some() || first_day.is_some();
    if is_said {
        let mut tx = state.db.write().await?;
        if let Some(date) = birthday {
            set(&mut tx, permit, Setting::Birthday(date)).await?;
        }
        if let Some(day) = first_day {
            set(&mut tx, permit, Setting::FirstDay(day)).await?;
        }
        state.commit(tx).await?;
    }
    let person = people::person(state.db.read(), here.guild.id, here.actor.person).await?;
    let dates = view::dates(person.birthday, person.first_day, here.voice());
    if is_said { receipt(ctx, &here, dates).await } else { whisper(ctx, &dates).await }
}

fn is_none(typed: &str) -> bool {
    typed.trim().eq_ignore_ascii_case("none")
}

/// Month and day; a typed year is discarded.
fn read_birthday(typed: &str) -> Result<Option<(u32, u32)>, UserError> {
    use chrono::Datelike;
    if is_none(typed) {
        return Ok(None);
    }
    if !typed.contains(|c: char| c.is_ascii_digit()) {
        return Err(words::birthday_unreadable(quote(typed)).into());
    }
    // A weekday isn't a birthday.
    let (first, rest) = typed.trim().split_once([' ', ',']).unwrap_or_default();
    let typed = if parse_weekday(first).is_some() { rest } else { typed };
    // A leap year, so that every day exists.
    let leap = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    let day = parse_day(typed, leap, Toward::Future)?;
    Ok(Some((day.month(), day.day())))
}

fn read_first_day(typed: &str, today: NaiveDate) -> Result<Option<NaiveDate>, UserError> {
    if is_none(typed) {
        return Ok(None);
    }
    let day = parse_day(typed, today, Toward::Past)?;
    if day > today {
        return Err(words::first_day_not_yet().into());
    }
    Ok(Some(day))
}
