//! Teams: named groups of persons.

use serenity::all::User;

use crate::chat::{Ctx, anyone, here, member, receipt, whisper};
use crate::feature::{Feature, Help};
use crate::features::periods::team_names;
use crate::kernel::error::{Error, Result};
use crate::kernel::text::{Line, escape, listed};
use crate::people::{self, Person};
use crate::render::post::{Post, Tone};
use crate::words::teams as words;

/// What teams add to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![team()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    ..Feature::NONE
};

/// Teams for shared goals and leaderboards
#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("create", "add", "remove", "list")
)]
pub(crate) async fn team(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Create a team (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn create(ctx: Ctx<'_>, #[description = "Team name"] name: String) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let name = Line::parse("The name", &name, 40)?;
    let mut tx = ctx.data().db.write().await?;
    people::insert_team(&mut tx, ctx.data(), permit.guild, &name).await?;
    ctx.data().commit(tx).await?;
    let text = format!("Team **{}** created. Add people with /team add.", escape(name.as_str()));
    receipt(ctx, &here, Post::text(text)).await
}

/// Add someone to a team (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn add(
    ctx: Ctx<'_>,
    #[description = "Which team"]
    #[autocomplete = "team_names"]
    team: String,
    #[description = "Who to add"] who: User,
) -> Result<()> {
    change(ctx, &team, &who, true).await
}

/// Remove someone from a team (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn remove(
    ctx: Ctx<'_>,
    #[description = "Which team"]
    #[autocomplete = "team_names"]
    team: String,
    #[description = "Who to remove"] who: User,
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
        (true, true) => format!("Added {name} to **{team}**."),
        (true, false) => return Err(Error::user(format!("{name} is already on {team}."))),
        (false, true) => format!("Removed {name} from **{team}**. Their numbers no longer count toward it."),
        (false, false) => return Err(Error::user(format!("{name} isn't on {team}."))),
    };
    receipt(ctx, &here, Post::text(text)).await
}

/// See your teams and who's on them
#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>) -> Result<()> {
    let (here, db) = (here(ctx).await?, ctx.data().db.read());
    let (teams, persons) =
        (people::teams(db, here.guild.id).await?, people::persons(db, here.guild.id).await?);
    let lines: Vec<String> = teams
        .iter()
        .map(|team| {
            let mut members: Vec<&Person> = team.members.iter().filter_map(|id| persons.get(id)).collect();
            members.sort_by_key(|person| person.name.plain());
            let names: Vec<String> = members.iter().map(|person| person.name.to_string()).collect();
            let who = if names.is_empty() { "nobody yet".to_owned() } else { listed(&names) };
            format!("**{}**: {who}", escape(&team.name))
        })
        .collect();
    let body = if lines.is_empty() {
        "No teams yet. A manager can create one with /team create.".to_owned()
    } else {
        lines.join("\n")
    };
    whisper(ctx, &Post::new(Tone::Calm, "Teams", body)).await
}
