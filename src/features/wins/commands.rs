//! `/win …`, and "Log as a win" on a message.

use serenity::all::{CreateActionRow, CreateInputText, CreateModal, InputTextStyle, Message, User};

use super::rules::{self, Draft};
use super::{
    LIST, Logged, MENU, UNDO, WHY, beside_the_reply, list as wins_of, log as log_win, reasons,
    undo as undo_win, view, weigh,
};
use crate::chat::choice::Choice;
use crate::chat::press::{Press, stale};
use crate::chat::target::{Day, Page};
use crate::chat::{
    AtOnce, Ctx, Here, MenuCtx, Receipt, Suggestions, anyone, here, member, open, receipt, suggest,
    suggest_labelled, whisper,
};
use crate::features::periods::{amounts, metric_names};
use crate::kernel::calendar::{Period, Span, parse_past_day};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{PersonId, WinId, dereference, reference};
use crate::kernel::money::Money;
use crate::kernel::text::{Line, quote};
use crate::ledger::metric;
use crate::outbox::inbox;
use crate::people;
use crate::render::post::Post;
use crate::store::state::State;
use crate::words::{self as said, wins as words};

const CUSTOMER: usize = 120;
const KIND: usize = 40;
const NOTE: usize = 500;

#[poise::command(slash_command, guild_only, subcommand_required, subcommands("log", "undo", "list", "why"))]
pub(crate) async fn win(_: Ctx<'_>) -> Result<()> {
    Ok(())
}

async fn kinds(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let kinds = [
        words::kind_new(),
        words::kind_renewal(),
        words::kind_upsell(),
        words::kind_cross_sell(),
        words::kind_win_back(),
    ];
    // It is public, so it uses the guild's language.
    let kinds = kinds.map(|kind| here.voice_of_the_guild().say(kind));
    suggest(typed, kinds.iter().map(String::as_str))
}

async fn days(_: Ctx<'_>, typed: &str) -> Suggestions {
    suggest(typed, ["today", "yesterday", "monday", "tuesday", "wednesday", "thursday", "friday"])
}

#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn log(
    ctx: Ctx<'_>,
    #[autocomplete = "amounts"] amount: Option<String>,
    customer: Option<String>,
    #[autocomplete = "kinds"] kind: Option<String>,
    note: Option<String>,
    #[autocomplete = "days"] when: Option<String>,
    with: Option<User>,
    share: Option<i64>,
    with_2: Option<User>,
    share_2: Option<i64>,
    with_3: Option<User>,
    share_3: Option<i64>,
) -> Result<()> {
    let here = here(ctx).await?;
    let mut others: Vec<(PersonId, Option<i64>)> = Vec::new();
    for (user, percent) in [(with, share), (with_2, share_2), (with_3, share_3)] {
        match (user, percent) {
            (Some(user), percent) => others.push((member(ctx, &here, &user).await?, percent)),
            (None, Some(_)) => {
                return Err(Error::user(words::share_without_a_person()));
            }
            (None, None) => {}
        }
    }
    let typed = Typed { amount, customer, kind, note, when };
    let draft = draft(ctx.data(), &here, &typed, &others)?;
    let logged = logged(ctx.data(), &here, &draft).await?;
    receipt(ctx, &here, told(ctx.data(), &logged, &here).await).await
}

async fn logged(state: &State, here: &Here, draft: &Draft) -> Result<Logged> {
    let weighed = weigh(state, &here.guild, draft).await?;
    let mut tx = state.db.write().await?;
    let by = here.actor.member();
    let logged = log_win(&mut tx, state, by, &here.guild, here.interaction.into(), (draft, weighed)).await?;
    state.commit(tx).await?;
    Ok(logged)
}

/// The reply after logging a win, with the undo button if the reply couldn't be delivered at once.
async fn told(state: &State, logged: &Logged, here: &Here) -> Receipt {
    let voice = here.voice();
    let parts = beside_the_reply(state, voice, &logged.win).await;
    Receipt::from(view::logged(logged, &parts, voice))
        .undone_by(UNDO.with(&logged.win.id), &view::undo_button(&logged.win, voice))
}

#[derive(Default)]
struct Typed {
    amount: Option<String>,
    customer: Option<String>,
    kind: Option<String>,
    note: Option<String>,
    when: Option<String>,
}

fn draft(state: &State, here: &Here, typed: &Typed, others: &[(PersonId, Option<i64>)]) -> Result<Draft> {
    let line = |field: said::Message, text: &Option<String>, most: usize| {
        text.as_deref().map(|it| Line::parse(field, it, most)).transpose()
    };
    let today = here.guild.today(&state.clock);
    Ok(Draft {
        amount: typed.amount.as_deref().map(|it| Money::parse(it, here.guild.currency)).transpose()?,
        customer: line(words::field_customer(), &typed.customer, CUSTOMER)?,
        kind: line(words::field_kind(), &typed.kind, KIND)?,
        note: line(words::field_note(), &typed.note, NOTE)?,
        day: typed.when.as_deref().map_or(Ok(today), |when| parse_past_day(when, today))?,
        shares: rules::share(here.actor.person, others)?,
    })
}

#[poise::command(context_menu_command = "log_as_a_win", guild_only, custom_data = "AtOnce")]
pub(crate) async fn log_as_a_win(ctx: MenuCtx<'_>, message: Message) -> Result<()> {
    let here = here(Ctx::Application(ctx)).await?;
    let voice = here.voice();
    let (amount, customer) = rules::guess(&message.content, here.guild.currency);
    let input = |label: String, id: &str, most: u16, value: Option<String>| {
        let field = CreateInputText::new(InputTextStyle::Short, label, id).required(false).max_length(most);
        CreateActionRow::InputText(match value {
            Some(value) => field.value(value.chars().take(usize::from(most)).collect::<String>()),
            None => field,
        })
    };
    let label = view::amount_label(amount.as_deref().unwrap_or_default(), voice);
    let modal = CreateModal::new(MENU.with(&()), voice.say(words::form_title())).components(vec![
        input(label, "amount", 40, amount),
        input(voice.say(words::form_customer()), "customer", 120, customer),
        input(voice.say(words::form_kind()), "kind", 40, None),
        input(voice.say(words::form_note()), "note", 500, None),
    ]);
    open(Ctx::Application(ctx), modal).await
}

async fn own_wins(ctx: Ctx<'_>, typed: &str) -> Suggestions {
    let Ok(here) = here(ctx).await else { return Suggestions::new() };
    let by = (!here.actor.is_manager).then_some(here.actor.person);
    let latest = super::store::latest(ctx.data().db.read(), here.guild.id, by).await.unwrap_or_default();
    let labelled = latest.into_iter().map(|(id, name, amount, customer)| {
        let worth = amount.map(|it| here.voice().say(here.voice().money(it)));
        let parts: Vec<String> = [customer, worth, Some(name)].into_iter().flatten().collect();
        (parts.join(" · "), reference(id.0))
    });
    suggest_labelled(typed, labelled)
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn undo(ctx: Ctx<'_>, #[autocomplete = "own_wins"] which: Option<String>) -> Result<()> {
    let here = here(ctx).await?;
    let id = if let Some(text) = which {
        let id = dereference(text.trim().trim_start_matches('#'));
        let unknown = || Error::user(words::unknown(quote(&text)));
        WinId(id.ok_or_else(unknown)?)
    } else {
        // The latest even if it was undone, so that running this twice never undoes an earlier win.
        let own = super::store::newest(ctx.data().db.read(), here.guild.id, here.actor.person).await?;
        own.ok_or_else(|| Error::user(words::none_to_undo()))?
    };
    let mut tx = ctx.data().db.write().await?;
    let undone = undo_win(&mut tx, ctx.data(), here.actor.own(), &here.guild, id).await?;
    ctx.data().commit(tx).await?;
    receipt(ctx, &here, view::undone(&undone, here.voice())).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn list(ctx: Ctx<'_>, who: Option<User>) -> Result<()> {
    let here = here(ctx).await?;
    let whose = subject(ctx, &here, who.as_ref()).await?;
    whisper(ctx, &list_page(ctx.data(), &here, whose, Page(0)).await?).await
}

#[poise::command(slash_command, guild_only)]
pub(crate) async fn why(
    ctx: Ctx<'_>,
    #[autocomplete = "metric_names"] metric: Option<String>,
    period: Option<Choice<Span>>,
    who: Option<User>,
) -> Result<()> {
    let here = here(ctx).await?;
    let whose = subject(ctx, &here, who.as_ref()).await?;
    let name = metric.as_deref().unwrap_or(metric::REVENUE);
    let metric = metric::named(ctx.data().db.read(), here.guild.id, name).await?;
    let span: Span = period.map_or(Span::Week, |Choice(span)| span);
    let period = here.guild.period(span, here.guild.today(&ctx.data().clock));
    whisper(ctx, &why_page(ctx.data(), &here, whose, &metric, period, Page(0)).await?).await
}

async fn subject(ctx: Ctx<'_>, here: &Here, who: Option<&User>) -> Result<PersonId> {
    match who {
        Some(user) => anyone(ctx, here, user).await,
        None => Ok(here.actor.person),
    }
}

async fn list_page(state: &State, here: &Here, whose: PersonId, page: Page) -> Result<Post> {
    let (wins, count) = wins_of(state, here.actor.over(state.db.read(), whose).await?, page).await?;
    let name = people::person(state.db.read(), here.guild.id, whose).await?.name;
    Ok(view::list((whose, &name), &wins, count, page, here.voice()))
}

async fn why_page(
    state: &State,
    here: &Here,
    whose: PersonId,
    metric: &metric::Metric,
    period: Period,
    page: Page,
) -> Result<Post> {
    let reasons =
        reasons(state, here.actor.over(state.db.read(), whose).await?, here.voice(), metric, period, page)
            .await?;
    let name = people::person(state.db.read(), here.guild.id, whose).await?.name;
    Ok(view::why((whose, &name), metric, period, &reasons, page, here.voice()))
}

/// The *Log as a win* modal.
pub(super) async fn menu(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    if !press.is_form() {
        return Err(stale());
    }
    let typed = |field: &str| press.typed(field).filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let typed = Typed {
        amount: typed("amount"),
        customer: typed("customer"),
        kind: typed("kind"),
        note: typed("note"),
        when: None,
    };
    let draft = draft(state, here, &typed, &[])?;
    let logged = logged(state, here, &draft).await?;
    press.receipt(state, here, told(state, &logged, here).await).await
}

/// The undo button.
pub(super) async fn undone(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let id = press.held(&UNDO)?;
    let mut tx = state.db.write().await?;
    let undone = undo_win(&mut tx, state, here.actor.own(), &here.guild, id).await?;
    state.commit(tx).await?;
    press.receipt(state, here, view::undone(&undone, here.voice())).await?;
    inbox::withdraw_now(state, here.actor.person, &inbox::receipt_key(id.into())).await
}

/// The page buttons of `/win list`.
pub(super) async fn listed(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let (whose, page) = press.held(&LIST)?;
    let page = list_page(state, here, whose, page).await?;
    press.replace(&page).await
}

/// The page buttons of `/win why`.
pub(super) async fn explained(state: &State, press: Press<'_>, here: &Here) -> Result<()> {
    let (whose, id, span, Day(first), page) = press.held(&WHY)?;
    let metrics = metric::all(state.db.read(), here.guild.id).await?;
    let metric = metrics.iter().find(|metric| metric.id == id).ok_or_else(stale)?;
    let period = here.guild.period(span, first);
    press.replace(&why_page(state, here, whose, metric, period, page).await?).await
}
