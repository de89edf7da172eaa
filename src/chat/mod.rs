//! The words that commands are written in: who acts and where, people as options, and replying with a post.

pub mod failure;
pub mod press;

use std::sync::Arc;

use poise::CreateReply;
use serenity::all::{
    CreateAttachment, CreateAutocompleteResponse, CreateEmbed, HttpError, Member, Permissions, User,
};

use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GuildId, InteractionId, PersonId, RoleId, UserId};
use crate::kernel::permit::Actor;
use crate::kernel::state::State;
use crate::ledger::roster::{self, Guild};
use crate::render::embed;
use crate::render::post::Post;

/// What every command is given.
pub type Ctx<'a> = poise::Context<'a, Arc<State>, Error>;
/// What a context-menu command is given.
pub type MenuCtx<'a> = poise::ApplicationContext<'a, Arc<State>, Error>;
/// A command with its declaration, as the framework takes it.
pub type Command = poise::Command<Arc<State>, Error>;

/// The error without the address that was asked, which may hold a password or an interaction's token.
pub(crate) fn nameless(error: serenity::Error) -> serenity::Error {
    match error {
        serenity::Error::Http(HttpError::Request(error)) => {
            serenity::Error::Http(HttpError::Request(error.without_url()))
        }
        error => error,
    }
}

impl From<serenity::Error> for Error {
    fn from(error: serenity::Error) -> Self {
        Self::other("talking to Discord", nameless(error))
    }
}

/// Where something was done, and by whom.
#[derive(Debug, Clone)]
pub struct Here {
    /// The guild, as it is set up.
    pub guild: Guild,
    /// Who acts.
    pub actor: Actor,
    /// What they did; whatever it creates is keyed by it.
    pub interaction: InteractionId,
}

/// Who runs a command, and where.
///
/// # Errors
/// Outside a server.
pub async fn here(ctx: Ctx<'_>) -> Result<Here> {
    let Ctx::Application(app) = ctx else { return Err(outside()) };
    found(ctx.data(), app.interaction.guild_id, app.interaction.member.as_deref(), app.interaction.id.get())
        .await
}

async fn found(
    state: &State,
    guild: Option<serenity::all::GuildId>,
    member: Option<&Member>,
    interaction: u64,
) -> Result<Here> {
    let (Some(guild), Some(member)) = (guild, member) else { return Err(outside()) };
    let guild = roster::meet_guild(state, GuildId::from(guild.get())).await?;
    let user = UserId::from(member.user.id.get());
    let has_role =
        guild.manager_role.is_some_and(|role| member.roles.iter().any(|it| RoleId::from(it.get()) == role));
    let may_manage = member.permissions.is_some_and(|it| it.administrator() || it.manage_guild());
    let is_manager = has_role || may_manage;
    let called = name(&member.user, member.nick.as_deref());
    let person = roster::meet_person(state, guild.id, user, &called, Some(is_manager)).await?;
    let actor = Actor { guild: guild.id, person, user, is_manager };
    Ok(Here { guild, actor, interaction: interaction.into() })
}

fn outside() -> Error {
    Error::user("Bellringer works in a server's channels. Run this there.")
}

/// Nickname, else display name, else user name; of a length that fits any line.
fn name(user: &User, nick: Option<&str>) -> String {
    let shown = nick.or(user.global_name.as_deref()).unwrap_or(&user.name);
    crate::kernel::text::Line::parse("the name", shown, 64)
        .map_or_else(|_| user.name.clone(), |line| line.as_str().to_owned())
}

/// The person of a user whom a command names.
///
/// # Errors
/// When it is a bot.
pub async fn person(ctx: Ctx<'_>, here: &Here, user: &User) -> Result<PersonId> {
    if user.bot {
        return Err(Error::user("Bots don't have numbers. Name a person."));
    }
    let nick = match ctx {
        Ctx::Application(app) => {
            app.interaction.data.resolved.members.get(&user.id).and_then(|member| member.nick.clone())
        }
        Ctx::Prefix(_) => None,
    };
    let called = name(user, nick.as_deref());
    roster::meet_person(ctx.data(), here.guild.id, user.id.get().into(), &called, None).await
}

/// Replies so that only the person who asked sees it.
pub async fn whisper(ctx: Ctx<'_>, post: &Post) -> Result<()> {
    ctx.send(reply(post).ephemeral(true)).await?;
    Ok(())
}

/// The same with files.
pub async fn whisper_with(ctx: Ctx<'_>, post: &Post, files: Vec<CreateAttachment>) -> Result<()> {
    let reply = files.into_iter().fold(reply(post), CreateReply::attachment);
    ctx.send(reply.ephemeral(true)).await?;
    Ok(())
}

/// Replies so that the channel sees it, with its picture if it has one.
pub async fn say(ctx: Ctx<'_>, post: &Post) -> Result<()> {
    let drawn = match &post.card {
        Some(card) if may_attach(ctx) => embed::picture(card).await.map(Some),
        _ => Ok(None),
    };
    let answer = match drawn {
        Ok(Some(file)) => {
            let embed = embed::embed(post).attachment(file.filename.clone());
            dressed(post, embed).attachment(file)
        }
        Ok(None) => reply(post),
        Err(error) => {
            // The words are the same without the picture.
            ctx.data().report("drawing a card", &error);
            reply(post)
        }
    };
    ctx.send(answer).await?;
    Ok(())
}

/// Whether the bot may send files where a command was run.
fn may_attach(ctx: Ctx<'_>) -> bool {
    let Ctx::Application(app) = ctx else { return false };
    app.interaction.app_permissions.is_none_or(Permissions::attach_files)
}

fn reply(post: &Post) -> CreateReply {
    dressed(post, embed::embed(post))
}

fn dressed(post: &Post, embed: CreateEmbed) -> CreateReply {
    CreateReply::default().embed(embed).components(embed::rows(post)).allowed_mentions(embed::mentions(post))
}

/// What can be chosen while an option is typed.
pub type Suggestions = CreateAutocompleteResponse;

/// The candidates that contain what was typed so far, those that begin with it first.
pub fn suggest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Suggestions {
    suggest_labelled(
        typed,
        candidates.into_iter().map(|candidate| (candidate.to_owned(), candidate.to_owned())),
    )
}

/// The same for candidates whose value is not what people read: pairs of label and value.
pub fn suggest_labelled(typed: &str, candidates: impl IntoIterator<Item = (String, String)>) -> Suggestions {
    let typed = typed.trim().to_lowercase();
    let hit =
        |(label, value): (String, String)| label.to_lowercase().find(&typed).map(|at| (at, label, value));
    let mut hits: Vec<(usize, String, String)> = candidates.into_iter().filter_map(hit).collect();
    hits.sort_by_key(|(at, ..)| *at);
    // Discord takes 25 choices of 100 characters.
    let short = |text: &str| text.chars().take(100).collect::<String>();
    hits.iter()
        .take(25)
        .fold(Suggestions::new(), |all, (_, label, value)| all.add_string_choice(short(label), short(value)))
}
