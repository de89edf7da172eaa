//! `/records`

use super::{shown, view};
use crate::chat::{Ctx, here, whisper};
use crate::feature::Viewed;
use crate::kernel::error::Result;
use crate::people;

#[poise::command(slash_command, guild_only)]
pub(crate) async fn records(ctx: Ctx<'_>) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let mut db = state.db.reader().await?;
    let person = people::person(&mut *db, here.guild.id, here.actor.person).await?;
    let viewed = Viewed { person, is_own: true, now: here.guild.local(&state.clock) };
    let all = shown(&mut db, &here.guild, &viewed).await?;
    drop(db);
    whisper(ctx, &view::shown(&all, here.voice())).await
}
