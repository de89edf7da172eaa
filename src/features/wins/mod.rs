//! Wins: logged, announced in the channel, undone by reversal.

pub mod commands;
pub mod rules;
mod store;
mod view;

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::chat::permit::{Member, Over};
use crate::chat::target::{Day, Page, Target};
use crate::feature::{Asked, Feature, Help, Origin, Part, Route, Rung, Section, gather};
use crate::features::FEATURES;
use crate::kernel::calendar::{Period, Span};
use crate::kernel::error::{Error, Result, caught};
use crate::kernel::ids::{MetricId, PersonId, WinId, reference};
use crate::kernel::money::Money;
use crate::kernel::quantity::Quantity;
use crate::ledger::metric::{self, Metric};
use crate::ledger::totals::Row;
use crate::ledger::{self, Entry, OnceKey, Source};
use crate::outbox;
use crate::outbox::noise::{Loudness, News};
use crate::outbox::subject::{Composer, Subject, Told};
use crate::people::{Guild, Voice};
use crate::store::batch::Batch;
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Trace};
use crate::words::wins as words;
use rules::Draft;
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;
use store::Win;

/// Source key of a win's entries: its id.
const WIN: Source = Source("win");

/// The *Log as a win* modal.
const MENU: Target<()> = Target::new("win:menu");
/// The undo button.
const UNDO: Target<WinId> = Target::new("win:undo");
/// Page buttons of a person's wins.
const LIST: Target<(PersonId, Page)> = Target::new("win:list");
/// Page buttons of the rows behind a number: person, metric, and the period of that span containing that day.
const WHY: Target<(PersonId, MetricId, Span, Day, Page)> = Target::new("win:why");

/// The wins feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::win(), commands::log_as_a_win()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    routes: &[
        Route { name: MENU.name, pressed: |state, press, here| Box::pin(commands::menu(state, press, here)) },
        Route {
            name: UNDO.name,
            pressed: |state, press, here| Box::pin(commands::undone(state, press, here)),
        },
        Route {
            name: LIST.name,
            pressed: |state, press, here| Box::pin(commands::listed(state, press, here)),
        },
        Route {
            name: WHY.name,
            pressed: |state, press, here| Box::pin(commands::explained(state, press, here)),
        },
    ],
    composers: &[Composer {
        kind: Bell::KIND,
        compose: |db, state, voice, about| {
            Box::pin(async move {
                let Bell { win } = about.of()?;
                let win = store::win(db, voice.id, win).await?.ok_or(sqlx::Error::RowNotFound)?;
                let parts = if win.undone_by.is_some() || about.is_folded() {
                    Vec::new()
                } else {
                    let sections = FEATURES.iter().flat_map(|it| it.bell).collect();
                    beside(sections, db, state, voice, &win).await?
                };
                Ok(Told { post: view::bell(&win, &parts, voice), line: view::line(&win, voice) })
            })
        },
    }],
    origins: &[Origin {
        source: WIN,
        of: |db, voice, wins, asked| Box::pin(origin(db, voice, wins, asked.whose)),
    }],
    tables: &[
        Table::new(
            "win",
            &[
                Trace::own(words::trace_wins_logged, Erasure::Loses("note = NULL")),
                Trace::rows(words::trace_wins_undone, "undone_by = $1", Erasure::Stays),
            ],
        ),
        Table::new("win_share", &[Trace::own(words::trace_wins_credited, Erasure::Stays)])
            .of("win_id", "win"),
    ],
    ..Feature::NONE
};

/// The bell of a win, also after it was undone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Bell {
    win: WinId,
}

impl Subject for Bell {
    const KIND: &'static str = "win";
}

/// What other features add to a win. If one fails, that is reported and the win goes out without it.
///
/// # Errors
/// When the database fails.
async fn beside(
    sections: Vec<&'static Section<Rung>>,
    db: &mut Reader,
    state: &State,
    voice: Voice<'_>,
    win: &Win,
) -> Result<Vec<Part>> {
    let rung = Rung { win: win.id, by: win.by, day: win.day };
    match caught(gather(sections.into_iter(), db, voice, &rung)).await {
        Err(error) if !error.is_passing() => {
            state.report("telling what goes with a win", &error);
            Ok(Vec::new())
        }
        said => said,
    }
}

/// What other features add to the reply; empty if it can't be read, since the win is already logged.
async fn beside_the_reply(state: &State, voice: Voice<'_>, win: &Win) -> Vec<Part> {
    let sections: Vec<_> = FEATURES.iter().flat_map(|it| it.receipt).collect();
    if sections.is_empty() {
        return Vec::new();
    }
    let said = async { beside(sections, &mut state.db.reader().await?, state, voice, win).await };
    said.await.unwrap_or_else(|error| {
        state.report("telling what goes with a win", &error);
        Vec::new()
    })
}

/// The result of logging a win.
#[derive(Debug)]
pub struct Logged {
    win: Win,
    /// How it is announced; not at all before `/setup`.
    rings: Rings,
}

/// How a win is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rings {
    /// As a message of its own.
    Alone,
    /// As a line of the daily summary.
    InTheDays,
    /// No channel is set.
    Nowhere,
}

/// What a win is counted on, and how loud it is.
#[derive(Debug, Clone, Copy)]
pub struct Weighed {
    /// The metrics for wins, revenue and assists.
    metrics: [MetricId; 3],
    loudness: Loudness,
}

/// Weighs a win before it is logged, by reading: the writer is held no longer than it has to be. A win that somebody logs in
/// between changes at most how loud this one is.
pub async fn weigh(state: &State, guild: &Guild, draft: &Draft) -> Result<Weighed> {
    let amount = draft.amount.map(Money::quantity);
    let key = (guild.id, guild.met_at);
    let known = || state.counted_on.lock().unwrap_or_else(PoisonError::into_inner);
    let metrics = known().get(&key).copied();
    let mut loudness = Loudness::Small;
    if let Some(metrics) = metrics.filter(|_| guild.wins_channel.is_none()) {
        return Ok(Weighed { metrics, loudness });
    }
    let mut db = state.db.reader().await?;
    let metrics = if let Some(metrics) = metrics {
        metrics
    } else {
        let all = metric::all(&mut *db, guild.id).await?;
        let of = |name| metric::built_in(&all, name).map(|metric| metric.id);
        let metrics = [of(metric::WINS)?, of(metric::REVENUE)?, of(metric::ASSISTS)?];
        known().insert(key, metrics);
        metrics
    };
    if guild.wins_channel.is_some() {
        let mut batch = Batch::of(&db);
        store::compare(&mut batch, state, guild.id, amount);
        outbox::noise::ask(&mut batch, guild.id);
        let mut answers = batch.run(&mut db).await?;
        let history = store::compared(&mut answers)?;
        loudness = outbox::noise::answered(&mut answers, amount, &history)?;
    }
    Ok(Weighed { metrics, loudness })
}

/// Logs a win: the win, its ledger entries and the bell, in one transaction. Idempotent per key: a repeat
/// returns what was logged the first time.
pub async fn log(
    tx: &mut Tx,
    state: &State,
    by: Member,
    guild: &Guild,
    key: OnceKey<'_>,
    (draft, weighed): (&Draft, Weighed),
) -> Result<Logged> {
    let id = WinId(key.id(tx, state, guild.id).await?);
    let Weighed { metrics: [wins, revenue, assists], loudness } = weighed;
    let mut batch = Batch::of(tx);
    let mut win = store::insert(&mut batch, state, by, id, draft);
    let percents: Vec<u8> = draft.shares.iter().map(|share| share.percent).collect();
    let counts = Money::split(Quantity::ONE, &percents);
    let amounts = draft.amount.map(|amount| Money::split(amount.quantity(), &percents));
    let mut entries = Vec::new();
    for (index, share) in draft.shares.iter().enumerate() {
        let entry = Entry {
            metric: wins,
            person: share.person,
            quantity: counts[index],
            day: draft.day,
            source: WIN,
            source_id: id.0,
        };
        entries.push(entry);
        if let Some(amounts) = &amounts {
            entries.push(Entry { metric: revenue, quantity: amounts[index], ..entry });
        }
        if share.person != by.person {
            entries.push(Entry { metric: assists, quantity: Quantity::ONE, ..entry });
        }
    }
    store::credit(&mut batch, id, &draft.shares);
    if let Some(channel) = guild.wins_channel {
        outbox::noise::take_room(&mut batch, state, guild, channel, loudness);
    }
    ledger::record_new(&mut batch, state, guild.id, &entries)?;
    let Some(mut answers) = batch.run_if_new(tx).await? else {
        return logged_before(tx, guild, id).await;
    };
    answers.skip();
    win.shares = store::credited(&mut answers, by.person)?;
    let mut rings = Rings::Nowhere;
    if let Some(channel) = guild.wins_channel {
        let news = News { key: &bell_key(id), loudness, subject: &Bell { win: id } };
        let is_alone = outbox::noise::announce_in(tx, state, guild, (channel, &mut answers), news).await?;
        rings = if is_alone { Rings::Alone } else { Rings::InTheDays };
    }
    Ok(Logged { win, rings })
}

/// A win that was logged under the same key before, as it is now.
async fn logged_before(tx: &mut Tx, guild: &Guild, id: WinId) -> Result<Logged> {
    let win = store::win(tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let rings = match outbox::noise::announced(tx, guild.id, &bell_key(id)).await? {
        Some(true) => Rings::Alone,
        Some(false) => Rings::InTheDays,
        None => Rings::Nowhere,
    };
    Ok(Logged { win, rings })
}

/// Undoes a win: reverses its entries and edits its bell. Nothing is deleted.
///
/// # Errors
/// When there is no such win, when it was already undone, and when the actor may not undo it (any more).
pub async fn undo(tx: &mut Tx, state: &State, over: Over, guild: &Guild, id: WinId) -> Result<Logged> {
    let win = store::win(tx, guild.id, id).await?.filter(|win| over.as_manager || win.by == over.person);
    let win = win.ok_or_else(|| Error::user(words::not_found()))?;
    rules::may_undo(win.undone_by.as_ref(), over.by, win.logged_at, over.as_manager, state.clock.now())?;
    store::mark_undone(tx, state, over.by, id).await?;
    ledger::reverse(tx, state, guild.id, WIN, id.0).await?;
    let win = store::win(tx, guild.id, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    outbox::noise::amend(tx, state, guild.id, &bell_key(id), &Bell { win: id }).await?;
    Ok(Logged { win, rings: Rings::Nowhere })
}

fn bell_key(win: WinId) -> String {
    format!("win:{}", reference(win.0))
}

/// A row behind a number, with the win it came from.
#[derive(Debug)]
pub struct Reason {
    day: NaiveDate,
    quantity: Quantity,
    is_reversal: bool,
    /// Its description, ready for display.
    about: Option<String>,
    reference: String,
}

/// A page of the rows behind a person's number, with the row count and the sum.
#[derive(Debug)]
pub struct Reasons {
    rows: Vec<Reason>,
    count: i64,
    sum: Quantity,
}

async fn reasons(
    state: &State,
    over: Over,
    voice: Voice<'_>,
    metric: &Metric,
    period: Period,
    page: Page,
) -> Result<Reasons> {
    let mut db = state.db.reader().await?;
    let (count, sum) =
        ledger::totals::count_and_sum(&mut *db, metric.id, over.guild, over.person, period).await?;
    let page = (page.0 * PAGE, PAGE);
    let rows = ledger::totals::rows(&mut *db, metric.id, over.guild, over.person, period, page).await?;
    let about = about(&mut db, voice, &rows, Asked { whose: over.person, by: over.by }).await?;
    let reason = |row: Row| Reason {
        about: about.get(&(row.source, row.source_id)).cloned(),
        day: row.day,
        quantity: row.quantity,
        is_reversal: row.is_reversal,
        reference: reference(row.source_id),
    };
    Ok(Reasons { rows: rows.into_iter().map(reason).collect(), count, sum })
}

/// Descriptions of ledger rows from their sources, by source and source id.
async fn about(
    db: &mut Reader,
    voice: Voice<'_>,
    rows: &[Row],
    asked: Asked,
) -> Result<HashMap<(String, i64), String>> {
    let mut known = HashMap::new();
    for origin in FEATURES.iter().flat_map(|it| it.origins) {
        let source = origin.source.0;
        let of_it = rows.iter().filter(|row| row.source == source).map(|row| row.source_id);
        let of_it: Vec<i64> = of_it.collect();
        if !of_it.is_empty() {
            let about = (origin.of)(&mut *db, voice, &of_it, asked).await?;
            known.extend(about.into_iter().map(|(id, about)| ((source.to_owned(), id), about)));
        }
    }
    Ok(known)
}

/// Descriptions of ledger rows from wins: the customer, and a person's share.
async fn origin(
    db: &mut Reader,
    voice: Voice<'_>,
    wins: &[i64],
    person: PersonId,
) -> Result<HashMap<i64, String>> {
    let found = store::origins(&mut *db, voice.id, wins, person).await?;
    let about = found
        .into_iter()
        .filter_map(|(id, customer, percent)| Some((id, view::origin(customer.as_deref(), percent, voice)?)));
    Ok(about.collect())
}

/// A page of a person's wins, latest first, and how many there are.
async fn list(state: &State, over: Over, page: Page) -> Result<(Vec<Win>, i64)> {
    store::of_person(state.db.read(), over.guild, over.person, page.0 * PAGE, PAGE).await
}

/// How many rows a page shows.
const PAGE: i64 = 8;
