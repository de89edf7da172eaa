//! Teams: named groups of persons.

use serenity::all::User;

use crate::chat::{Ctx, anyone, here, member, receipt, whisper};
use crate::feature::{Feature, Help};
use crate::features::periods::team_names;
use crate::kernel::error::{Error, Result};
use crate::kernel::text::{Line, escape};
use crate::people::{self, Person};
use crate::render::post::{Post, Tone};
use crate::words::{self as said, listed, teams as words};

/// The teams feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![team()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    ..Feature::NONE
};

#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("create", "add", "remove", "list")
)]
pub(crate) async fn team(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn create(ctx: Ctx<'_>, name: String) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let name = Line::parse(said::text::field_name(), &name, 40)?;
    let mut tx = ctx.data().db.write().await?;
    people::insert_team(&mut tx, ctx.data(), permit.guild, &name).await?;
    ctx.data().commit(tx).await?;
    let text = here.voice().say(words::created(escape(name.as_str())));
    receipt(ctx, &here, Post::text(text)).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn add(ctx: Ctx<'_>, #[autocomplete = "team_names"] team: String, who: User) -> Result<()> {
    change(ctx, &team, &who, true).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn remove(
    ctx: Ctx<'_>,
    #[autocomplete = "team_names"] team: String,
    who: User,
) -> Result<()> {
    change(ctx, &team, &who, false).await
}

async fn change(ctx: Ctx<'_>, team: &str, who: &User, belongs: bool) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let permit = here.actor.manage()?;
    let team = people::team_named(state.db.read(), here.guild.id, team).await?;
    let member = if belongs { member(ctx, &here, who).await? } else { anyone(ctx, &here, who).await? };
    let mut tx = state.db.write().await?;
    let changed = people::belongs(&mut tx, permit.guild, team.id, member, belongs).await?;
    state.commit(tx).await?;
    let name = people::person(state.db.read(), here.guild.id, member).await?.name;
    let team = escape(&team.name);
    let text = match (belongs, changed) {
        (true, true) => words::added(&name, team),
        (true, false) => return Err(Error::user(words::added_before(&name, team))),
        (false, true) => words::removed(&name, team),
        (false, false) => return Err(Error::user(words::not_on(&name, team))),
    };
    receipt(ctx, &here, Post::text(here.voice().say(text))).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let (here, db) = (here(ctx).await?, ctx.data().db.read());
    let voice = here.voice();
    let (teams, persons) =
        (people::teams(db, here.guild.id).await?, people::persons(db, here.guild.id).await?);
    let lines: Vec<String> = teams
        .iter()
        .map(|team| {
            let mut members: Vec<&Person> = team.members.iter().filter_map(|id| persons.get(id)).collect();
            members.sort_by_key(|person| person.name.plain());
            let (team, names) = (escape(&team.name), members.iter().map(|person| &person.name));
            voice.say(if members.is_empty() {
                words::list_line_of_nobody(team)
            } else {
                words::list_line(team, listed(names))
            })
        })
        .collect();
    let body = if lines.is_empty() { voice.say(words::list_empty()) } else { lines.join("\n") };
    whisper(ctx, &Post::new(Tone::Calm, voice.say(words::list_title()), body)).await
}
