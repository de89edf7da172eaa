//! The building blocks of commands: who acts and where, people as options, and replying with a post.

pub mod answer;
pub mod choice;
pub mod failure;
pub mod paged;
pub mod permit;
pub mod press;
pub mod target;
pub mod wording;

use std::sync::Arc;

pub use answer::{AtOnce, Receipt, defer, open};
use chrono::NaiveDate;
use reqwest::StatusCode;
use serenity::all::{
    Context, CreateAttachment, CreateAutocompleteResponse, HttpError, Member, Message, PartialMember,
    Permissions, ResolvedValue, User,
};

use crate::chat::permit::{Acting, Actor};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{GuildId, InteractionId, PersonId, RoleId, UserId};
use crate::kernel::text::escape;
use crate::people::{self, Guild, Person, Voice};
use crate::render::embed;
use crate::render::post::Post;
use crate::store::state::State;
use crate::words::{Language, chat as words, text};

/// The context of every command.
pub type Ctx<'a> = poise::Context<'a, Arc<State>, Error>;
/// The context of a context-menu command.
pub type MenuCtx<'a> = poise::ApplicationContext<'a, Arc<State>, Error>;
/// A command, as declared to the framework.
pub type Command = poise::Command<Arc<State>, Error>;

/// The error without its URL, which may contain a password or an interaction's token.
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
    /// The guild and its settings.
    pub guild: Guild,
    /// Who acts.
    pub actor: Actor,
    /// The interaction, which is the key for everything it creates.
    pub interaction: InteractionId,
    /// The language of what only the actor sees: their client's, or else the guild's.
    pub language: Language,
    /// The guild's current day.
    pub today: NaiveDate,
}

impl Here {
    /// The voice for what only the actor sees.
    pub fn voice(&self) -> Voice<'_> {
        Voice { language: self.language, to: Some(self.actor.person), ..self.voice_of_the_guild() }
    }

    /// The voice for what everyone sees.
    pub fn voice_of_the_guild(&self) -> Voice<'_> {
        Voice { language: self.guild.language, guild: &self.guild, today: self.today, to: None }
    }
}

/// The language for a client's locale, without a guild.
pub(super) fn language(locale: &str) -> Language {
    Language::nearest(locale).unwrap_or_default()
}

/// The same in a guild, whose own language is used if there is none for the locale.
pub(super) async fn language_in(
    state: &State,
    guild: Option<serenity::all::GuildId>,
    locale: &str,
) -> Language {
    let own = Language::nearest(locale);
    let Some(guild) = guild.filter(|_| own.is_none()) else { return own.unwrap_or_default() };
    let found = people::find_guild(state.db.read(), GuildId::from(guild.get())).await;
    found.ok().flatten().map(|guild| guild.language).unwrap_or_default()
}

/// Who runs a command, and where.
///
/// # Errors
/// Outside a server.
pub async fn here(ctx: Ctx<'_>) -> Result<Here> {
    let Ctx::Application(app) = ctx else { return Err(outside()) };
    let it = app.interaction;
    let asked = Asked { id: it.id.get(), locale: &it.locale, guild_locale: it.guild_locale.as_deref() };
    found(ctx.data(), it.guild_id, it.member.as_deref(), asked).await
}

/// The rest of an interaction: everything except where and by whom.
struct Asked<'a> {
    id: u64,
    /// The actor's client locale.
    locale: &'a str,
    /// The server's locale.
    guild_locale: Option<&'a str>,
}

async fn found(
    state: &State,
    guild: Option<serenity::all::GuildId>,
    member: Option<&Member>,
    asked: Asked<'_>,
) -> Result<Here> {
    let (Some(guild), Some(member)) = (guild, member) else { return Err(outside()) };
    let (id, user) = (GuildId::from(guild.get()), UserId::from(member.user.id.get()));
    let (guild, known) = if let Some(met) = people::at_the_door(state.db.read(), id, user).await? {
        met
    } else {
        let language = language(asked.guild_locale.unwrap_or_default());
        (crate::ledger::meet_guild(state, id, language).await?, None)
    };
    let has_role =
        guild.manager_role.is_some_and(|role| member.roles.iter().any(|it| RoleId::from(it.get()) == role));
    let may_manage = member.permissions.is_some_and(|it| it.administrator() || it.manage_guild());
    let is_manager = has_role || may_manage;
    let called = name(&member.user, member.nick.as_deref());
    let person = people::keep_up_to_date(state, id, user, known, (&called, Some(is_manager))).await?;
    let actor = Actor::at_the_door(Acting { guild: guild.id, person, user, is_manager });
    let language = Language::nearest(asked.locale).unwrap_or(guild.language);
    let today = guild.today(&state.clock);
    Ok(Here { guild, actor, interaction: asked.id.into(), language, today })
}

fn outside() -> Error {
    Error::user(words::outside())
}

/// Nickname, else display name, else user name; cut to a length that fits any line.
fn name(user: &User, nick: Option<&str>) -> String {
    let shown = nick.or(user.global_name.as_deref()).unwrap_or(&user.name);
    crate::kernel::text::Line::parse(text::field_name(), shown, 64)
        .map_or_else(|_| user.name.clone(), |line| line.as_str().to_owned())
}

/// The person for a user named in a command, to receive something new: must be a current member of the
/// server.
///
/// # Errors
/// When it is a bot, or not a member.
pub async fn member(ctx: Ctx<'_>, here: &Here, user: &User) -> Result<PersonId> {
    refuse_bots(user)?;
    let Some(member) = resolved(ctx, user) else { return Err(not_here(&name(user, None))) };
    meet(ctx, here, user, member.nick.as_deref()).await
}

/// The person for a user named in a command, for what they already have, wherever they are now. Stores
/// nothing about a user who isn't a member.
///
/// # Errors
/// When it is a bot, or neither a member nor known.
pub async fn anyone(ctx: Ctx<'_>, here: &Here, user: &User) -> Result<PersonId> {
    refuse_bots(user)?;
    if let Some(member) = resolved(ctx, user) {
        return meet(ctx, here, user, member.nick.as_deref()).await;
    }
    let met = people::person_of(ctx.data().db.read(), here.guild.id, user.id.get().into()).await?;
    met.ok_or_else(|| {
        let name = escape(&name(user, None));
        Error::user(words::unmet(name))
    })
}

/// The person who wrote a message, to receive something new. A message doesn't say whether its author is
/// still a member.
///
/// # Errors
/// When it is a bot, or not a member.
pub async fn author(ctx: Ctx<'_>, here: &Here, message: &Message) -> Result<PersonId> {
    let user = &message.author;
    refuse_bots(user)?;
    let found = find_member(ctx.serenity_context(), here.guild.id, user.id.get().into()).await?;
    let member = found.ok_or_else(|| not_here(&name(user, None)))?;
    meet(ctx, here, user, member.nick.as_deref()).await
}

/// Checks that the person a button or form is about is still a member, before they receive something new.
///
/// # Errors
/// When they are not.
pub async fn still_here(discord: &Context, here: &Here, person: &Person) -> Result<()> {
    match person.user {
        Some(user) if is_member(discord, here.guild.id, user).await? => Ok(()),
        _ => Err(not_here(person.name.plain())),
    }
}

/// Whether a user is currently a member of a guild, according to Discord.
///
/// # Errors
/// When Discord can't be asked.
pub async fn is_member(discord: &Context, guild: GuildId, user: UserId) -> Result<bool> {
    Ok(find_member(discord, guild, user).await?.is_some())
}

fn not_here(name: &str) -> Error {
    Error::user(words::not_here(escape(name)))
}

fn refuse_bots(user: &User) -> Result<()> {
    if user.bot {
        return Err(Error::user(words::bot()));
    }
    Ok(())
}

/// A user named in a command, as a current member.
fn resolved<'a>(ctx: Ctx<'a>, user: &User) -> Option<&'a PartialMember> {
    let Ctx::Application(app) = ctx else { return None };
    app.interaction.data.resolved.members.get(&user.id)
}

async fn meet(ctx: Ctx<'_>, here: &Here, user: &User, nick: Option<&str>) -> Result<PersonId> {
    let called = name(user, nick);
    people::meet_person(ctx.data(), here.guild.id, user.id.get().into(), &called, None).await
}

/// Asks Discord for a member of a guild.
async fn find_member(discord: &Context, guild: GuildId, user: UserId) -> Result<Option<Member>> {
    let guild = serenity::all::GuildId::new(guild.get());
    match discord.http.get_member(guild, serenity::all::UserId::new(user.get())).await {
        Ok(member) => Ok(Some(member)),
        Err(serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)))
            if answer.status_code == StatusCode::NOT_FOUND && matches!(answer.error.code, 10007 | 10013) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Replies privately to the person who asked.
pub async fn whisper(ctx: Ctx<'_>, post: &Post) -> Result<()> {
    answer::send(ctx, post, None, true).await
}

/// The same with a file.
pub async fn whisper_with(ctx: Ctx<'_>, post: &Post, file: &CreateAttachment) -> Result<()> {
    answer::send(ctx, post, Some(file), true).await
}

/// Tells the person who asked what was done. If they can't be told, the receipt goes to their inbox.
pub async fn receipt(ctx: Ctx<'_>, here: &Here, receipt: impl Into<Receipt>) -> Result<()> {
    let receipt = receipt.into();
    let said = whisper(ctx, &receipt.shown).await;
    answer::kept(ctx.data(), here, receipt, said).await
}

/// Replies publicly, with the post's picture if it has one.
pub async fn say(ctx: Ctx<'_>, post: &Post) -> Result<()> {
    let card = post.card.as_ref().filter(|_| may_attach(ctx));
    let file = embed::picture(card, |doing, error| drop(ctx.data().report(doing, error))).await;
    answer::send(ctx, post, file.as_ref(), false).await
}

/// Whether the bot may attach files in the command's channel.
fn may_attach(ctx: Ctx<'_>) -> bool {
    let Ctx::Application(app) = ctx else { return false };
    app.interaction.app_permissions.is_none_or(Permissions::attach_files)
}

/// Autocomplete suggestions.
pub type Suggestions = CreateAutocompleteResponse;

/// The candidates that contain what was typed so far; those that start with it come first.
pub fn suggest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Suggestions {
    suggest_labelled(
        typed,
        candidates.into_iter().map(|candidate| (candidate.to_owned(), candidate.to_owned())),
    )
}

/// The same for pairs of label and value.
pub fn suggest_labelled(typed: &str, candidates: impl IntoIterator<Item = (String, String)>) -> Suggestions {
    let typed = typed.trim().to_lowercase();
    let hit =
        |(label, value): (String, String)| label.to_lowercase().find(&typed).map(|at| (at, label, value));
    let mut hits: Vec<(usize, String, String)> = candidates.into_iter().filter_map(hit).collect();
    hits.sort_by_key(|(at, ..)| *at);
    offer(hits.into_iter().map(|(_, label, value)| (label, value)))
}

/// The candidates regardless of what was typed: pairs of label and value.
pub fn offer(candidates: impl IntoIterator<Item = (String, String)>) -> Suggestions {
    // Discord allows 25 choices of 100 characters.
    let short = |text: &str| text.chars().take(100).collect::<String>();
    candidates
        .into_iter()
        .take(25)
        .fold(Suggestions::new(), |all, (label, value)| all.add_string_choice(short(&label), short(&value)))
}

/// The value of another option of the command during autocomplete.
pub fn beside<'a>(ctx: Ctx<'a>, option: &str) -> Option<&'a str> {
    let Ctx::Application(app) = ctx else { return None };
    match app.args.iter().find(|it| it.name == option)?.value {
        ResolvedValue::String(text) => Some(text),
        _ => None,
    }
}
