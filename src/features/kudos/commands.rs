//! `/kudos …`, `/values …`, and thanks by context menu.

use serenity::all::{CreateActionRow, CreateInputText, CreateModal, InputTextStyle, Message, User};

use super::{
    Allowances, Draft, FORM, Given, LIST, ListQuery, PAGE, SECOND_IT, Side, UNDO, Value, allow,
    give as give_thanks, rules, second, set_values, store, undo as undo_thanks, view,
};
use crate::chat::choice::{Choice, Offered};
use crate::chat::press::{Press, stale};
use crate::chat::target::Page;
use crate::chat::{
    AtOnce, Ctx, Here, MenuCtx, Receipt, Suggestions, anyone, author, here, is_member, member, open, receipt,
    still_here, suggest, suggest_labelled, whisper,
};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{KudosId, PersonId, ValueId, dereference, reference};
use crate::kernel::text::{escape, quotable, quote};
use crate::outbox::inbox;
use crate::people::{self, Voice};
use crate::render::post::Post;
use crate::store::state::State;
use crate::words::{self as said, kudos as words};

impl Offered for Side {
    const NAME: &'static str = "side";
}

#[poise::command(
    slash_command,
    guild_only,
    subcommand_required,
    subcommands("give", "list", "undo", "allowance")
)]
pub(crate) async fn kudos(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

async fn value_names(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let values = store::values(ctx.data().db.read(), here.guild.id).await.unwrap_or_default();
    suggest(typed, values.iter().map(|value| value.name.as_str()))
}

#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn give(
    ctx: Ctx<'_>,
    to: User,
    reason: String,
    #[autocomplete = "value_names"] value: Option<String>,
    and: Option<User>,
    and_2: Option<User>,
    and_3: Option<User>,
    and_4: Option<User>,
    private: Option<bool>,
) -> Result<()> {
    let here = here(ctx).await?;
    let mut receivers = Vec::new();
    for user in [Some(to), and, and_2, and_3, and_4].into_iter().flatten() {
        receivers.push(receiver(ctx, &here, &user).await.map_err(|error| kept(error, &reason))?);
    }
    let draft = draft(ctx.data(), &here, receivers, &reason, value.as_deref(), private == Some(true)).await;
    let given = match draft {
        Ok(draft) => thank(ctx.data(), &here, &draft).await,
        Err(error) => Err(error),
    };
    let given = given.map_err(|error| kept(error, &reason))?;
    receipt(ctx, &here, told(&given, here.voice())).await
}

async fn thank(state: &State, here: &Here, draft: &Draft) -> Result<Given> {
    let mut tx = state.db.write().await?;
    let given = give_thanks(&mut tx, state, &here.actor, &here.guild, here.interaction.into(), draft).await?;
    state.commit(tx).await?;
    Ok(given)
}

/// The reply after giving kudos, with the undo button if the reply couldn't be delivered at once.
fn told(given: &Given, voice: Voice<'_>) -> Receipt {
    // No names: erased people's names are removed from texts, but not from labels.
    let label = voice.say(words::undo_button());
    Receipt::from(view::given(given, voice)).undone_by(UNDO.with(&given.kudos.id), &label)
}

/// The error with the typed text included, so that it isn't lost.
fn kept(error: Error, reason: &str) -> Error {
    match error {
        Error::User(why) => {
            let typed: String = quotable(reason).chars().take(1000).collect();
            Error::user(words::refused(why.message(), typed))
        }
        other => other,
    }
}

async fn receiver(ctx: Ctx<'_>, here: &Here, user: &User) -> Result<PersonId> {
    refuse_bots(user)?;
    member(ctx, here, user).await
}

fn refuse_bots(user: &User) -> Result<()> {
    if user.bot {
        return Err(Error::user(words::to_a_bot()));
    }
    Ok(())
}

/// Validates typed kudos.
async fn draft(
    state: &State,
    here: &Here,
    mut to: Vec<PersonId>,
    reason: &str,
    value: Option<&str>,
    is_private: bool,
) -> Result<Draft> {
    to.sort_unstable();
    to.dedup();
    let value = match value.map(str::trim).filter(|value| !value.is_empty()) {
        Some(value) => Some(value_named(state, here, value).await?),
        None => None,
    };
    Ok(Draft { to, reason: rules::reason(reason)?, value, is_private })
}

async fn value_named(state: &State, here: &Here, typed: &str) -> Result<ValueId> {
    let values = store::values(state.db.read(), here.guild.id).await?;
    let found = values.iter().find(|value| value.name.to_lowercase() == typed.to_lowercase());
    found.map(|value| value.id).ok_or_else(|| unknown(typed, &values))
}

fn unknown(typed: &str, values: &[Value]) -> Error {
    let typed = quote(typed);
    if values.is_empty() {
        return Error::user(words::value_unknown_of_none(typed));
    }
    let names = values.iter().map(|value| escape(&value.name));
    Error::user(words::value_unknown(typed, said::listed(names)))
}

/// Asks for what kudos need in addition to the recipient.
async fn ask(ctx: MenuCtx<'_>, here: &Here, to: PersonId, name: &str) -> Result<()> {
    let voice = here.voice();
    let label = voice.say(words::form_reason());
    let reason = CreateInputText::new(InputTextStyle::Paragraph, label, "reason")
        .placeholder(voice.say(words::reason_placeholder()))
        .min_length(u16::try_from(rules::LEAST).unwrap_or(20))
        .max_length(u16::try_from(rules::MOST).unwrap_or(300));
    let value = CreateInputText::new(InputTextStyle::Short, voice.say(words::form_value()), "value")
        .required(false)
        .max_length(u16::try_from(rules::MOST_OF_A_VALUE).unwrap_or(40));
    let title: String = voice.say(words::form_title(name)).chars().take(45).collect();
    let modal = CreateModal::new(FORM.with(&to), title)
        .components(vec![CreateActionRow::InputText(reason), CreateActionRow::InputText(value)]);
    open(Ctx::Application(ctx), modal).await
}

#[poise::command(context_menu_command = "give_kudos", guild_only, custom_data = "AtOnce")]
pub(crate) async fn give_kudos(ctx: MenuCtx<'_>, user: User) -> Result<()> {
    let here = here(Ctx::Application(ctx)).await?;
    let to = receiver(Ctx::Application(ctx), &here, &user).await?;
    may_be_thanked(&here, to)?;
    ask(ctx, &here, to, user.display_name()).await
}

#[poise::command(context_menu_command = "give_kudos_for_this", guild_only, custom_data = "AtOnce")]
pub(crate) async fn give_kudos_for_this(ctx: MenuCtx<'_>, message: Message) -> Result<()> {
    let here = here(Ctx::Application(ctx)).await?;
    refuse_bots(&message.author)?;
    let to = author(Ctx::Application(ctx), &here, &message).await?;
    may_be_thanked(&here, to)?;
    ask(ctx, &here, to, message.author.display_name()).await
}

fn may_be_thanked(here: &Here, to: PersonId) -> Result<()> {
    if to == here.actor.person {
        return Err(Error::user(words::to_oneself()));
    }
    Ok(())
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>, which: Option<Choice<Side>>, who: Option<User>) -> Result<()> {
    let here = here(ctx).await?;
    let whose = match &who {
        Some(user) if user.id.get() != here.actor.user.get() => {
            here.actor.manage()?;
            anyone(ctx, &here, user).await?
        }
        _ => here.actor.person,
    };
    let side = which.map_or_else(Side::default, |Choice(side)| side);
    whisper(ctx, &page(ctx.data(), &here, whose, side, Page(0)).await?).await
}

async fn page(state: &State, here: &Here, whose: PersonId, side: Side, page: Page) -> Result<Post> {
    let over = here.actor.over(state.db.read(), whose).await?;
    let mut db = state.db.reader().await?;
    let name = people::person(&mut *db, here.guild.id, whose).await?.name;
    let seen = ListQuery { guild: over.guild, by: over.by, whose, side };
    let found = store::page(&mut db, &seen, page.0 * PAGE, PAGE).await?;
    Ok(view::list((whose != over.by).then_some(&name), side, &found, page, whose, here.voice()))
}

async fn own_thanks(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let seen = ListQuery {
        guild: here.guild.id,
        by: here.actor.person,
        whose: here.actor.person,
        side: Side::Given,
    };
    let Ok(mut db) = ctx.data().db.reader().await else { return Suggestions::new() };
    let (latest, _) = store::page(&mut db, &seen, 0, 25).await.unwrap_or_default();
    let label = |kudos: &super::Kudos| {
        let names = said::listed(kudos.receivers.iter().map(|it| it.name.plain()));
        here.voice().say(words::suggested(names, &kudos.reason))
    };
    suggest_labelled(typed, latest.iter().map(|kudos| (label(kudos), reference(kudos.id.0))))
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn undo(ctx: Ctx<'_>, #[autocomplete = "own_thanks"] which: Option<String>) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let none = || Error::user(words::none_to_undo());
    let id = match which {
        Some(typed) => {
            let id = dereference(typed.trim().trim_start_matches('#'));
            KudosId(id.ok_or_else(|| Error::user(words::unknown(quote(&typed))))?)
        }
        None => store::newest(state.db.read(), here.guild.id, here.actor.person).await?.ok_or_else(none)?,
    };
    let giver = {
        let mut db = state.db.reader().await?;
        store::kudos(&mut db, here.guild.id, id).await?.map_or(here.actor.person, |it| it.giver)
    };
    // Non-managers only find their own.
    let over =
        if here.actor.is_manager { here.actor.over(state.db.read(), giver).await? } else { here.actor.own() };
    let mut tx = state.db.write().await?;
    let undone = undo_thanks(&mut tx, state, over, &here.guild, id).await?;
    state.commit(tx).await?;
    receipt(ctx, &here, view::undone(&undone, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn allowance(ctx: Ctx<'_>, everyone: Option<i64>, managers: Option<i64>) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let before = store::allowances(ctx.data().db.read(), here.guild.id).await?;
    let after = Allowances {
        everyone: everyone.unwrap_or(before.everyone),
        managers: managers.unwrap_or(before.managers),
    };
    if after == before {
        return whisper(ctx, &view::allowances(after, false, here.voice())).await;
    }
    let mut tx = ctx.data().db.write().await?;
    allow(&mut tx, permit, after).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::allowances(after, true, here.voice())).await
}

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("set_list", "show_list"))]
pub(crate) async fn values(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

#[poise::command(slash_command, guild_only, rename = "set")]
pub(crate) async fn set_list(ctx: Ctx<'_>, values: String) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let mut tx = ctx.data().db.write().await?;
    set_values(&mut tx, ctx.data(), permit, &rules::values(&values)?).await?;
    ctx.data().commit(tx).await?;
    let values = store::values(ctx.data().db.read(), here.guild.id).await?;
    receipt(ctx, &here, view::values(&values, true, here.voice())).await
}

#[poise::command(slash_command, guild_only, rename = "list")]
pub(crate) async fn show_list(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let values = store::values(ctx.data().db.read(), here.guild.id).await?;
    whisper(ctx, &view::values(&values, false, here.voice())).await
}

/// The modal of the context menu.
pub(super) async fn sent(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    if !press.is_form() {
        return Err(stale());
    }
    let to = press.held(&FORM)?;
    let person = people::person(state.db.read(), here.guild.id, to).await?;
    still_here(press.discord, here, &person).await?;
    let typed = |field: &str| press.typed(field).unwrap_or_default();
    let draft = draft(state, here, vec![to], typed("reason"), Some(typed("value")), false).await?;
    let given = thank(state, here, &draft).await?;
    press.receipt(state, here, told(&given, here.voice())).await
}

/// The *+1* button.
pub(super) async fn joined(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let id = press.held(&SECOND_IT)?;
    let thanked = {
        let mut db = state.db.reader().await?;
        store::kudos(&mut db, here.guild.id, id).await?.map(|it| it.receivers).unwrap_or_default()
    };
    let mut present = Vec::new();
    for receiver in thanked {
        if let Some(user) = receiver.user
            && is_member(press.discord, here.guild.id, user).await?
        {
            present.push(receiver.person);
        }
    }
    let mut tx = state.db.write().await?;
    let kudos =
        second(&mut tx, state, here.actor.member(), &here.guild, id, here.interaction.into(), &present)
            .await?;
    state.commit(tx).await?;
    press.receipt(state, here, view::seconded(&kudos, here.voice())).await
}

/// The undo button.
pub(super) async fn undone(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let id = press.held(&UNDO)?;
    let mut tx = state.db.write().await?;
    let undone = undo_thanks(&mut tx, state, here.actor.own(), &here.guild, id).await?;
    state.commit(tx).await?;
    press.receipt(state, here, view::undone(&undone, here.voice())).await?;
    inbox::withdraw_now(state, here.actor.person, &inbox::receipt_key(id.into())).await
}

/// The page buttons of a list.
pub(super) async fn listed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let (whose, side, number) = press.held(&LIST)?;
    let post = page(state, here, whose, side, number).await?;
    press.replace(&post).await
}
