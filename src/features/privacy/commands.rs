//! `/privacy …`

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serenity::all::{CreateAttachment, Http, User};

use super::{erase as erase_person, export as export_person, shown, view};
use crate::chat::press::Press;
use crate::chat::{Ctx, Here, here, person, whisper, whisper_with};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::PersonId;
use crate::kernel::state::State;
use crate::ledger::roster;

/// From this size on, a file is compressed.
const LARGE: usize = 4 << 20;
/// Discord takes no larger file.
const LARGEST: usize = 10 << 20;

/// What I know about you, and how it goes
#[poise::command(slash_command, guild_only, subcommand_required, subcommands("show", "export", "erase"))]
pub(crate) async fn privacy(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Whose data it is about, with their name unless they are one's own.
async fn subject(ctx: Ctx<'_>, here: &Here, who: Option<&User>) -> Result<(PersonId, Option<String>)> {
    let Some(user) = who.filter(|user| user.id.get() != here.actor.user.get()) else {
        return Ok((here.actor.person, None));
    };
    here.actor.manage()?;
    let id = person(ctx, here, user).await?;
    Ok((id, Some(roster::person(ctx.data().db.read(), here.guild.id, id).await?.name)))
}

/// See what is stored about you
#[poise::command(slash_command, guild_only)]
pub(crate) async fn show(
    ctx: Ctx<'_>,
    #[description = "Whose; yours if you don't say (managers)"] who: Option<User>,
) -> Result<()> {
    let here = here(ctx).await?;
    let (id, name) = subject(ctx, &here, who.as_ref()).await?;
    let found = shown(ctx.data(), here.actor.over(id)?).await?;
    whisper(ctx, &view::shown(name.as_deref(), &found)).await
}

/// Get everything that is stored about you, as a file
#[poise::command(slash_command, guild_only)]
pub(crate) async fn export(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    // It may be years.
    ctx.defer_ephemeral().await?;
    let parts = export_person(ctx.data(), here.actor.over(here.actor.person)?).await?;
    let count = parts.as_array().map_or(0, Vec::len);
    let file = file(&serde_json::to_vec_pretty(&parts)?)?;
    whisper_with(ctx, &view::exported(None, count), vec![file]).await
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
        return Err(Error::user("It is more than Discord takes as a file. Ask whoever runs me for it."));
    }
    Ok(CreateAttachment::bytes(packed, "bellringer.json.gz"))
}

/// Take your name and your Discord user out for good; totals stay
#[poise::command(slash_command, guild_only)]
pub(crate) async fn erase(
    ctx: Ctx<'_>,
    #[description = "Whom; yourself if you don't say. Somebody who left: managers"] who: Option<User>,
) -> Result<()> {
    let here = here(ctx).await?;
    let (id, name) = subject(ctx, &here, who.as_ref()).await?;
    whisper(ctx, &view::sure(name.as_deref(), id)).await
}

/// The buttons of `/privacy erase`. What a `custom_id` says is checked as if it had been typed.
pub async fn pressed(state: &State, http: &Http, press: Press<'_>, here: &Here) -> Result<()> {
    let route = press.route();
    let person = route.get(2).and_then(|text| text.parse().ok()).map(PersonId);
    match (route.get(1).copied(), person) {
        (Some("keep"), None) => press.replace(http, &view::kept()).await,
        (Some("erase"), Some(person)) => {
            erase_person(state, here.actor.over(person)?).await?;
            press.replace(http, &view::erased()).await
        }
        _ => Err(crate::chat::press::stale()),
    }
}
