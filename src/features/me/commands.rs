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
use crate::people::{self, Praise};

/// Your activity mix, streak and preferences
#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("show", "praise", "away", "back", "sharing", "messages", "dates")
)]
pub(crate) async fn me(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// See your activity mix, streak and preferences
#[poise::command(slash_command, guild_only)]
pub(crate) async fn show(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    whisper(ctx, &view::own(&own(ctx.data(), here.actor.member(), &here.guild).await?)).await
}

/// Choose how you get praised
#[poise::command(slash_command, guild_only)]
pub(crate) async fn praise(
    ctx: Ctx<'_>,
    #[description = "In public, in your inbox, or not at all"] how: Choice<Praise>,
) -> Result<()> {
    let here = here(ctx).await?;
    let Choice(chosen) = how;
    let mut tx = ctx.data().db.write().await?;
    set(&mut tx, here.actor.member(), Setting::Praise(chosen)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::praised(chosen)).await
}

/// Set time off: your streak waits, and your goals don't count those days
#[poise::command(slash_command, guild_only)]
pub(crate) async fn away(
    ctx: Ctx<'_>,
    #[description = "Last day off, like Friday or June 30"] until: String,
    #[description = "First day off (default: today)"] from: Option<String>,
) -> Result<()> {
    let here = here(ctx).await?;
    let today = here.guild.today(&ctx.data().clock);
    let first = from.map_or(Ok(today), |text| parse_day(&text, today, Toward::Future))?;
    let last = parse_day(&until, first.max(today), Toward::Future)?;
    let mut tx = ctx.data().db.write().await?;
    let away = go_away(&mut tx, ctx.data(), here.actor.member(), &here.guild, first, last).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::away(away)).await
}

/// You're back: end your time off
#[poise::command(slash_command, guild_only)]
pub(crate) async fn back(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let mut tx = ctx.data().db.write().await?;
    come_back(&mut tx, ctx.data(), here.actor.member(), &here.guild).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::back()).await
}

/// Share your profile with the team, or keep it private
#[poise::command(slash_command, guild_only)]
pub(crate) async fn sharing(
    ctx: Ctx<'_>,
    #[description = "True lets others see your profile, false keeps it private"] profile: bool,
) -> Result<()> {
    let here = here(ctx).await?;
    let mut tx = ctx.data().db.write().await?;
    set(&mut tx, here.actor.member(), Setting::Sharing(profile)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::sharing(profile)).await
}

/// Get your inbox as direct messages, too
#[poise::command(slash_command, guild_only)]
pub(crate) async fn messages(
    ctx: Ctx<'_>,
    #[description = "True to get direct messages from me, false to stop them"] direct: bool,
) -> Result<()> {
    let here = here(ctx).await?;
    let channel = if direct {
        // Asking Discord may take longer than a reply may.
        defer(ctx).await?;
        Some(open(ctx).await?)
    } else {
        None
    };
    let mut tx = ctx.data().db.write().await?;
    set(&mut tx, here.actor.member(), Setting::Messages(channel)).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::messages(direct)).await
}

/// Opens direct messages with whoever asked for them. The first one tells whether they arrive.
async fn open(ctx: Ctx<'_>) -> Result<ChannelId> {
    let channel = ctx.author().create_dm_channel(ctx.http()).await?;
    let hello = CreateMessage::new()
        .content("Your direct messages from me will come here. Turn them off anytime with /me messages.");
    match channel.id.send_message(ctx.http(), hello).await {
        Ok(_) => Ok(channel.id.get().into()),
        Err(error)
            if access::refusal(&error).is_some()
                && access::status(&error) == Some(reqwest::StatusCode::FORBIDDEN) =>
        {
            Err(Error::user(
                "I can't message you. Allow direct messages from this server's members in your privacy settings, then try again.",
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// Add your birthday or first day at work if you'd like a mention
#[poise::command(slash_command, guild_only)]
pub(crate) async fn dates(
    ctx: Ctx<'_>,
    #[description = "Month and day, like March 14; none to clear"] birthday: Option<String>,
    #[description = "Start date, like September 1, 2023; none to clear"] first_day: Option<String>,
) -> Result<()> {
    let here = here(ctx).await?;
    let (state, permit) = (ctx.data(), here.actor.member());
    let today = here.guild.today(&state.clock);
    // Both are read before either is kept.
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
    let dates = view::dates(person.birthday, person.first_day);
    if is_said { receipt(ctx, &here, dates).await } else { whisper(ctx, &dates).await }
}

fn is_none(typed: &str) -> bool {
    typed.trim().eq_ignore_ascii_case("none")
}

/// Month and day; a year that was typed is not kept.
fn read_birthday(typed: &str) -> Result<Option<(u32, u32)>, UserError> {
    use chrono::Datelike;
    if is_none(typed) {
        return Ok(None);
    }
    if !typed.contains(|c: char| c.is_ascii_digit()) {
        return Err(UserError::new(format!(
            "I couldn't read {} as a birthday. Try `march 14`.",
            quote(typed)
        )));
    }
    // A weekday says nothing of a birthday.
    let (first, rest) = typed.trim().split_once([' ', ',']).unwrap_or_default();
    let typed = if parse_weekday(first).is_some() { rest } else { typed };
    // A year with every day in it.
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
        return Err(UserError::new("That day hasn't come yet. Add it once you've started."));
    }
    Ok(Some(day))
}
