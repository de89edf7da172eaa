//! `/privacy …`

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serenity::all::{Context, CreateAttachment, User};

use super::{ERASE, erase as erase_person, export as export_person, shown, view};
use crate::chat::permit::Over;
use crate::chat::press::Press;
use crate::chat::{Ctx, Here, anyone, defer, here, is_member, whisper, whisper_with};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::kernel::name::Name;
use crate::people;
use crate::store::state::State;
use crate::words::privacy as words;

/// Larger files are compressed.
const LARGE: usize = 4 << 20;
/// Discord's file size limit.
const LARGEST: usize = 10 << 20;

/// How long to wait for Discord, so that a button press is answered within three seconds.
const PATIENCE: Duration = Duration::from_millis(1500);

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("show", "export", "erase"))]
pub(crate) async fn privacy(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// The person the data is about, with a name unless it is the actor.
async fn subject(ctx: Ctx<'_>, here: &Here, who: Option<&User>) -> Result<(PersonId, Option<Name>)> {
    let Some(user) = who.filter(|user| user.id.get() != here.actor.user.get()) else {
        return Ok((here.actor.person, None));
    };
    here.actor.manage()?;
    let id = anyone(ctx, here, user).await?;
    Ok((id, Some(people::person(ctx.data().db.read(), here.guild.id, id).await?.name)))
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn show(ctx: Ctx<'_>, who: Option<User>) -> Result<()> {
    let here = here(ctx).await?;
    let (id, name) = subject(ctx, &here, who.as_ref()).await?;
    let found = shown(ctx.data(), here.actor.over(ctx.data().db.read(), id).await?).await?;
    whisper(ctx, &view::shown(name.as_ref(), &found, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn export(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    // This may cover years.
    defer(ctx).await?;
    let parts = export_person(ctx.data(), here.actor.own(), here.language).await?;
    let count = parts.as_array().map_or(0, Vec::len);
    let file = file(&serde_json::to_vec_pretty(&parts)?)?;
    whisper_with(ctx, &view::exported(count, here.voice()), &file).await
}

fn file(json: &[u8]) -> Result<CreateAttachment> {
    if json.len() < LARGE {
        return Ok(CreateAttachment::bytes(json, "bellringer.json"));
    }
    let failed = |error: std::io::Error| Error::other("compressing an export", error);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(json).map_err(failed)?;
    let packed = gzip.finish().map_err(failed)?;
    if packed.len() >= LARGEST {
        return Err(Error::user(words::too_big()));
    }
    Ok(CreateAttachment::bytes(packed, "bellringer.json.gz"))
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn erase(ctx: Ctx<'_>, who: Option<User>) -> Result<()> {
    let here = here(ctx).await?;
    let (id, name) = subject(ctx, &here, who.as_ref()).await?;
    if name.is_some() && who.is_some_and(|user| is_here(ctx, &user)) {
        return Err(still_here());
    }
    whisper(ctx, &view::sure(name.as_ref(), id, here.voice())).await
}

/// Whether a user named in a command is in the server: Discord sends member data only for members.
fn is_here(ctx: Ctx<'_>, user: &User) -> bool {
    let Ctx::Application(app) = ctx else { return false };
    app.interaction.data.resolved.members.contains_key(&user.id)
}

fn still_here() -> Error {
    Error::user(words::still_here())
}

/// Whether a person has left the server, asking Discord now.
///
/// # Errors
/// When Discord doesn't answer.
async fn has_left(state: &State, discord: &Context, over: Over) -> Result<bool> {
    let Some(user) = people::person(state.db.read(), over.guild, over.person).await?.user else {
        return Ok(true);
    };
    match tokio::time::timeout(PATIENCE, is_member(discord, over.guild, user)).await {
        Ok(Ok(is_member)) => Ok(!is_member),
        _ => Err(Error::user(words::unchecked())),
    }
}

/// *Erase for good*. The `custom_id` is validated as if it had been typed.
pub(super) async fn erased(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let person = press.held(&ERASE)?;
    let over = here.actor.over(state.db.read(), person).await?;
    // They may have come back since the button was made.
    if person != here.actor.person && !has_left(state, press.discord, over).await? {
        return Err(still_here());
    }
    let mut tx = state.db.write().await?;
    erase_person(&mut tx, state, over).await?;
    state.commit(tx).await?;
    tracing::info!(guild = over.guild.0, person = over.person.0, by = over.by.0, "person erased");
    let erased = view::erased(person == here.actor.person, here.voice());
    press.replace_with_receipt(state, here, erased).await
}

/// *Keep everything*.
pub(super) async fn kept(press: Press<'_>, here: &Here) -> Result<()> {
    press.replace(&view::kept(here.voice())).await
}
