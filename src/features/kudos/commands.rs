//! `/kudos …`, `/values …`, and thanks by context menu.

use serenity::all::{CreateActionRow, CreateInputText, CreateModal, InputTextStyle, Message, User};

use super::{
    Allowances, Draft, FORM, Given, LIST, ListQuery, PAGE, SECOND_IT, Side, UNDO, Value, allow,
    give as give_thanks, rules, second, set_values, store, undo as undo_thanks, view,
};
use crate::chat::choice::Choice;
use crate::chat::press::{Press, stale};
use crate::chat::target::Page;
use crate::chat::{
    AtOnce, Ctx, Here, MenuCtx, Receipt, Suggestions, anyone, author, here, is_member, member, open, receipt,
    still_here, suggest, suggest_labelled, whisper,
};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{KudosId, PersonId, ValueId, dereference, reference};
use crate::kernel::text::quote;
use crate::outbox::inbox;
use crate::people;
use crate::render::post::Post;
use crate::store::state::State;

/// Thank teammates for something they did
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

/// Thank a teammate in the channel, or just between you two
#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn give(
    ctx: Ctx<'_>,
    #[description = "Who to thank"] to: User,
    #[description = "What they did and how it helped"] reason: String,
    #[description = "Which team value it shows"]
    #[autocomplete = "value_names"]
    value: Option<String>,
    #[description = "Someone else to thank"] and: Option<User>,
    #[description = "Someone else to thank"] and_2: Option<User>,
    #[description = "Someone else to thank"] and_3: Option<User>,
    #[description = "Someone else to thank"] and_4: Option<User>,
    #[description = "Only they see it, in their inbox (default: no)"] private: Option<bool>,
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
    receipt(ctx, &here, told(&given)).await
}

async fn thank(state: &State, here: &Here, draft: &Draft) -> Result<Given> {
    let mut tx = state.db.write().await?;
    let given = give_thanks(&mut tx, state, &here.actor, &here.guild, here.interaction.into(), draft).await?;
    state.commit(tx).await?;
    Ok(given)
}

/// What whoever gave thanks is told; with what takes them back, where they could not be told at once.
fn told(given: &Given) -> Receipt {
    // No names: those of who is erased go from texts, and a label is none.
    Receipt::from(view::given(given)).undone_by(UNDO.with(&given.kudos.id), "Undo kudos")
}

/// The refusal with what was typed, so that it is not lost.
fn kept(error: Error, reason: &str) -> Error {
    match error {
        Error::User(told) => {
            let typed: String = crate::kernel::text::quotable(reason).chars().take(1000).collect();
            Error::user(format!("{told}\nYou typed: `{typed}`"))
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
        return Err(Error::user("Bots don't need thanks. Pick a person instead."));
    }
    Ok(())
}

/// Checks thanks as they were typed.
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
        return Error::user(format!("{typed} isn't a team value. None are set yet, so leave it blank."));
    }
    let names: Vec<String> = values.iter().map(|value| crate::kernel::text::escape(&value.name)).collect();
    Error::user(format!(
        "{typed} isn't a team value. The team's values are {}.",
        crate::kernel::text::listed(&names)
    ))
}

/// Asks for what thanks need beside whom they are for.
async fn ask(ctx: MenuCtx<'_>, to: PersonId, name: &str) -> Result<()> {
    let reason = CreateInputText::new(InputTextStyle::Paragraph, "What are you thanking them for?", "reason")
        .placeholder("What they did and how it helped")
        .min_length(u16::try_from(rules::LEAST).unwrap_or(20))
        .max_length(u16::try_from(rules::MOST).unwrap_or(300));
    let value = CreateInputText::new(InputTextStyle::Short, "Team value it shows (optional)", "value")
        .required(false)
        .max_length(u16::try_from(rules::MOST_OF_A_VALUE).unwrap_or(40));
    let title: String = format!("Thank {name}").chars().take(45).collect();
    let modal = CreateModal::new(FORM.with(&to), title)
        .components(vec![CreateActionRow::InputText(reason), CreateActionRow::InputText(value)]);
    open(Ctx::Application(ctx), modal).await
}

/// Thank a person, with a reason
#[poise::command(context_menu_command = "Give kudos", guild_only, custom_data = "AtOnce")]
pub(crate) async fn give_kudos(ctx: MenuCtx<'_>, #[description = "Who to thank"] user: User) -> Result<()> {
    let here = here(Ctx::Application(ctx)).await?;
    let to = receiver(Ctx::Application(ctx), &here, &user).await?;
    may_be_thanked(&here, to)?;
    ask(ctx, to, user.display_name()).await
}

/// Thank the author of a message, with a reason
#[poise::command(context_menu_command = "Give kudos for this", guild_only, custom_data = "AtOnce")]
pub(crate) async fn give_kudos_for_this(
    ctx: MenuCtx<'_>,
    #[description = "Their message"] message: Message,
) -> Result<()> {
    let here = here(Ctx::Application(ctx)).await?;
    refuse_bots(&message.author)?;
    let to = author(Ctx::Application(ctx), &here, &message).await?;
    may_be_thanked(&here, to)?;
    ask(ctx, to, message.author.display_name()).await
}

fn may_be_thanked(here: &Here, to: PersonId) -> Result<()> {
    if to == here.actor.person {
        return Err(Error::user("You can't thank yourself. Pick someone who helped you."));
    }
    Ok(())
}

/// See the thanks you got and gave; managers can see anyone's public ones
#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(
    ctx: Ctx<'_>,
    #[description = "Received or given (default: received)"] which: Option<Choice<Side>>,
    #[description = "Whose thanks to see (default: yours)"] who: Option<User>,
) -> Result<()> {
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
        let names: Vec<String> = kudos.receivers.iter().map(|it| it.name.plain().to_owned()).collect();
        format!("{}: {}", crate::kernel::text::listed(&names), kudos.reason)
    };
    suggest_labelled(typed, latest.iter().map(|kudos| (label(kudos), reference(kudos.id.0))))
}

/// Undo your thanks within 15 minutes, or anyone's public thanks if you're a manager
#[poise::command(slash_command, guild_only)]
pub(crate) async fn undo(
    ctx: Ctx<'_>,
    #[description = "Which thanks, from the list or by code (default: your latest)"]
    #[autocomplete = "own_thanks"]
    which: Option<String>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let none = || Error::user("You haven't thanked anyone yet, so there's nothing to undo.");
    let id = match which {
        Some(typed) => KudosId(dereference(typed.trim().trim_start_matches('#')).ok_or_else(|| {
            Error::user(format!("I can't find thanks {}. Pick from the list.", quote(&typed)))
        })?),
        None => store::newest(state.db.read(), here.guild.id, here.actor.person).await?.ok_or_else(none)?,
    };
    let giver = {
        let mut db = state.db.reader().await?;
        store::kudos(&mut db, here.guild.id, id).await?.map_or(here.actor.person, |it| it.giver)
    };
    // Somebody else's are not there for who does not manage.
    // Whoever doesn't manage finds none but their own.
    let over =
        if here.actor.is_manager { here.actor.over(state.db.read(), giver).await? } else { here.actor.own() };
    let mut tx = state.db.write().await?;
    let undone = undo_thanks(&mut tx, state, over, &here.guild, id).await?;
    state.commit(tx).await?;
    receipt(ctx, &here, view::undone(&undone)).await
}

/// See or change the weekly kudos limit (managers)
#[poise::command(slash_command, guild_only)]
pub(crate) async fn allowance(
    ctx: Ctx<'_>,
    #[description = "Weekly limit for everyone, like 10"] everyone: Option<i64>,
    #[description = "Weekly limit for managers, like 20"] managers: Option<i64>,
) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let before = store::allowances(ctx.data().db.read(), here.guild.id).await?;
    let after = Allowances {
        everyone: everyone.unwrap_or(before.everyone),
        managers: managers.unwrap_or(before.managers),
    };
    if after == before {
        return whisper(ctx, &view::allowances(after, false)).await;
    }
    let mut tx = ctx.data().db.write().await?;
    allow(&mut tx, permit, after).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::allowances(after, true)).await
}

/// Your team's values
#[poise::command(slash_command, guild_only, subcommand_required, subcommands("set_list", "show_list"))]
pub(crate) async fn values(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

/// Set your team's values, replacing the current list (managers)
#[poise::command(slash_command, guild_only, rename = "set")]
pub(crate) async fn set_list(
    ctx: Ctx<'_>,
    #[description = "Your values, separated by commas, like Care, Courage, Craft"] values: String,
) -> Result<()> {
    let here = here(ctx).await?;
    let permit = here.actor.manage()?;
    let mut tx = ctx.data().db.write().await?;
    set_values(&mut tx, ctx.data(), permit, &rules::values(&values)?).await?;
    ctx.data().commit(tx).await?;
    let values = store::values(ctx.data().db.read(), here.guild.id).await?;
    receipt(ctx, &here, view::values(&values, true)).await
}

/// See your team's values
#[poise::command(slash_command, guild_only, rename = "list")]
pub(crate) async fn show_list(ctx: Ctx<'_>) -> Result<()> {
    let here = here(ctx).await?;
    let values = store::values(ctx.data().db.read(), here.guild.id).await?;
    whisper(ctx, &view::values(&values, false)).await
}

/// The form of a context menu.
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
    press.receipt(state, here, told(&given)).await
}

/// *Second it*.
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
    press.receipt(state, here, view::seconded(&kudos)).await
}

/// The button that takes thanks back.
pub(super) async fn undone(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let id = press.held(&UNDO)?;
    let mut tx = state.db.write().await?;
    let undone = undo_thanks(&mut tx, state, here.actor.own(), &here.guild, id).await?;
    state.commit(tx).await?;
    press.receipt(state, here, view::undone(&undone)).await?;
    inbox::withdraw_now(state, here.actor.person, &inbox::receipt_key(id.into())).await
}

/// The pages of a list.
pub(super) async fn listed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let (whose, side, number) = press.held(&LIST)?;
    let post = page(state, here, whose, side, number).await?;
    press.replace(&post).await
}
