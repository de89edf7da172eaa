//! Personal data: shown, exported and erased on request. A guild's data is erased a while after the bot was
//! removed from it.

pub mod commands;
mod store;
mod view;

use chrono::TimeDelta;
use serde_json::Value;

use crate::chat::permit::Over;
use crate::chat::target::Target;
use crate::feature::{Duty, Feature, Help, Route, tables, traces};
use crate::features::FEATURES;
use crate::kernel::error::{Error, Result, caught};
use crate::kernel::ids::{GuildId, PersonId};
use crate::kernel::name;
use crate::kernel::text::{escape, replaced};
use crate::outbox::subject::{self, About, Compose, Said};
use crate::people::{self, NOBODY, Voice};
use crate::schedules::{self, is_for_managers};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::sweep::Going;
use crate::store::table::Trace;
use crate::words::{Language, privacy as words};
use store::{Kept, Overdue};

/// *Erase for good*: the person.
const ERASE: Target<PersonId> = Target::new("privacy:erase");
/// *Keep everything*.
const KEEP: Target<()> = Target::new("privacy:keep");

/// The privacy feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::privacy()],
    help: Help { everyone: Some(words::help), managers: None },
    routes: &[
        Route {
            name: ERASE.name,
            pressed: |state, press, here| Box::pin(commands::erased(state, press, here)),
        },
        Route { name: KEEP.name, pressed: |_, press, here| Box::pin(commands::kept(press, here)) },
    ],
    duties: &[Duty {
        name: "erasing guilds that were left",
        step: |state| Box::pin(step(state)),
        due: |state| Box::pin(next_due(state)),
    }],
    ..Feature::NONE
};

/// How long a guild's data is kept after the bot was removed, so that it can be invited back.
pub const GUILD_STAYS: TimeDelta = TimeDelta::days(30);

/// Guilds met this recently aren't treated as left when a list lacks them.
const JUST_MET: TimeDelta = TimeDelta::minutes(10);

/// How many rows each trace of a person has, without empty ones.
async fn shown(state: &State, over: Over) -> Result<Vec<(&'static Trace, usize)>> {
    let mut db = state.db.reader().await?;
    let mut found = Vec::new();
    for (table, trace) in traces(FEATURES) {
        let count = store::count(&mut db, (table, trace), over.person).await?;
        if count > 0 {
            found.push((trace, count));
        }
    }
    Ok(found)
}

/// Everything stored about a person, as JSON: each trace's description in the reader's language, its table
/// and its rows. Rows that hold a subject instead of text also get its current text.
async fn export(state: &State, over: Over, language: Language) -> Result<Value> {
    let mut db = state.db.reader().await?;
    let guild = people::guild(&mut *db, over.guild).await?;
    let voice = Voice { language, ..Voice::of(&guild, &state.clock) };
    let person = people::person(&mut *db, over.guild, over.person).await?;
    let mut parts = Vec::new();
    for (table, trace) in traces(FEATURES) {
        let mut rows = store::rows(&mut db, (table, trace), over.person).await?;
        // Traces with text already contain the person's part.
        for row in rows.iter_mut().filter(|_| trace.text.is_none()) {
            if let Some(says) = says(&mut db, state, voice, (&row["subject"], person.manages)).await? {
                row["says"] = says;
            }
        }
        if !rows.is_empty() {
            let what = voice.say((trace.what)());
            parts.push(serde_json::json!({ "what": what, "table": table.name, "rows": rows }));
        }
    }
    Ok(Value::Array(parts))
}

/// The current text of a row's subject, if it has one and can be composed.
async fn says(
    db: &mut Reader,
    state: &State,
    voice: Voice<'_>,
    (subject, manages): (&Value, bool),
) -> Result<Option<Value>> {
    let about = subject.as_str().and_then(|kept| About::parse(kept).ok());
    let Some(about) = about.filter(|it| manages || !is_for_managers(it)) else { return Ok(None) };
    match caught(FEATURES.compose(db, state, voice, &about)).await {
        Ok(told) => Ok(Some(serde_json::to_value(told.post.spoken())?)),
        // Fail rather than export silently incomplete data.
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            state.report("composing for an export", &error);
            Ok(None)
        }
    }
}

/// Erases a person: name, user and everything personal are deleted, totals stay. Can't be undone.
///
/// # Errors
/// When they are already erased.
async fn erase(tx: &mut Tx, state: &State, over: Over) -> Result<()> {
    people::hold_guild(tx, over.guild).await?;
    let person = people::person(&mut **tx, over.guild, over.person).await?;
    if person.is_erased || !store::mark_erased(tx, state, over.person).await? {
        return Err(Error::user(words::erased_before()));
    }
    let guild = people::guild(&mut **tx, over.guild).await?;
    for forget in FEATURES.iter().filter_map(|it| it.forget) {
        forget(tx, &guild, over.person).await?;
    }
    // Remove the name from private and pending texts of others.
    let called = person.name.plain();
    let without = |text: &str, by_id: bool| {
        if by_id {
            return name::without(text, over.person, NOBODY);
        }
        // Older rows don't mark whose names are in a text.
        replaced(&replaced(text, &escape(called), NOBODY), called, NOBODY)
    };
    let said = |kept: &str, by_id: bool| {
        // Unreadable subjects are never shown, but may contain a name.
        let Ok(about) = About::parse(kept) else { return Ok(String::new()) };
        // Anything else is composed from current data when it is sent.
        let Ok(Said { mut post, line }) = about.of() else { return Ok(kept.to_owned()) };
        post.pings.retain(|user| Some(*user) != person.user);
        let post = post.forgetting(|text| without(text, by_id));
        subject::kept(&Said { post, line: without(&line, by_id) })
    };
    for kept in [Kept::Inbox, Kept::Unsent, Kept::Folded] {
        store::rewrite(tx, over.guild, kept, said).await?;
    }
    for (table, trace) in traces(FEATURES) {
        store::erase(tx, (table, trace), over.person).await?;
    }
    Ok(())
}

/// The bot was removed from a guild: stops everything due there and schedules the erasure of its data.
pub async fn guild_left(state: &State, guild: GuildId) -> Result<()> {
    let mut tx = state.db.write().await?;
    if store::mark_left(&mut tx, state, guild).await? {
        schedules::suspend(&mut tx, guild).await?;
        tx.commit().await?;
        state.wake();
        tracing::info!(guild = guild.0, "removed from a guild; its data will be erased in 30 days");
    }
    Ok(())
}

/// The bot is in a guild. If it had been removed, everything resumes; if erasure has already begun, the guild
/// starts as new once that is done.
pub async fn guild_came(state: &State, guild: GuildId) -> Result<()> {
    if !store::has_left(state, guild).await? {
        return Ok(());
    }
    let mut tx = state.db.write().await?;
    if !store::mark_back(&mut tx, guild).await? {
        return Ok(());
    }
    let back = people::guild(&mut *tx, guild).await?;
    schedules::reckon_anew(&mut tx, state, &back).await?;
    tx.commit_unasked().await?;
    state.wake();
    tracing::info!(guild = guild.0, "back in a guild");
    Ok(())
}

/// The guilds of a shard that the bot is in. It has left all others of that shard, perhaps while offline.
pub async fn guilds_present(state: &State, present: &[GuildId], shard: (u32, u32)) -> Result<()> {
    let (number, total) = (u64::from(shard.0), u64::from(shard.1.max(1)));
    // The list may be older than a guild that has just joined.
    for guild in store::guilds_before(state, JUST_MET).await? {
        // Discord's formula for a guild's shard.
        if (guild.get() >> 22) % total == number && !present.contains(&guild) {
            guild_left(state, guild).await?;
        }
    }
    Ok(())
}

/// Erases a batch of a guild that is due for erasure, if there is one. A failing one is put off so that it
/// doesn't block others. Returns whether there was one.
///
/// The first step makes the guild unknown, so that nothing reads or posts half-erased data.
async fn step(state: &State) -> Result<bool> {
    let Some(overdue) = store::overdue(state, GUILD_STAYS).await? else { return Ok(false) };
    let Overdue { guild, since, has_begun } = overdue;
    let erased = async {
        if has_begun {
            return erase_some(state, guild).await;
        }
        store::begin_erasing(state, guild, GUILD_STAYS).await?;
        Ok(false)
    };
    match caught(erased).await {
        Ok(false) => {}
        Ok(true) => tracing::info!(guild = guild.0, "guild data erased"),
        Err(error) => {
            state.report("erasing a guild", &error);
            store::put_off(state, guild, state.retry(since)).await?;
        }
    }
    Ok(true)
}

/// Erases rows from the last table that has any of the guild. Returns whether that was all.
async fn erase_some(state: &State, guild: GuildId) -> Result<bool> {
    let mut tables = tables(FEATURES);
    while let Some(table) = tables.pop() {
        if Going::of_guild(table, guild).sweep(&state.db).await? > 0 {
            // The guild's own row is in the first table, so it goes last.
            return Ok(tables.is_empty());
        }
    }
    Ok(true)
}

/// Microseconds since 1970 at which the next guild is to be erased, if any is.
pub async fn next_due(state: &State) -> Result<Option<i64>> {
    store::next_due(state, GUILD_STAYS).await
}
