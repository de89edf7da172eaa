//! `/setup`: a guild's settings. Can be run again; without options it shows the current ones.

use serenity::all::{Http, PartialChannel, Role};

use crate::chat::choice::text_channel;
use crate::chat::permit::Manager;
use crate::chat::{Ctx, Suggestions, defer, here, receipt, suggest, suggest_labelled, whisper};
use crate::feature::{Feature, Help};
use crate::features::FEATURES;
use crate::kernel::calendar::{Zone, weekday};
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, RoleId};
use crate::kernel::money::Currency;
use crate::kernel::text::quote;
use crate::ledger::totals;
use crate::outbox::{access, queue};
use crate::people::{self, Guild, Voice};
use crate::render::post::{Post, Tone};
use crate::schedules;
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::{Language, Message, Value, setup as words};

/// The setup feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![setup()],
    help: Help { everyone: None, managers: Some(words::help_managers) },
    ..Feature::NONE
};

/// The first day of the week, as a choice.
#[derive(Debug, Clone, Copy, poise::ChoiceParameter)]
pub enum WeekStart {
    /// As in most of the world.
    #[name = "week-start.monday"]
    Monday,
    /// As in North America.
    #[name = "week-start.sunday"]
    Sunday,
    /// As in much of the Middle East.
    #[name = "week-start.saturday"]
    Saturday,
}

impl WeekStart {
    fn weekday(self) -> chrono::Weekday {
        match self {
            Self::Monday => chrono::Weekday::Mon,
            Self::Sunday => chrono::Weekday::Sun,
            Self::Saturday => chrono::Weekday::Sat,
        }
    }
}

async fn zones(_: Ctx<'_>, typed: &str) -> Suggestions {
    suggest(&typed.replace(' ', "_"), Zone::names())
}

async fn currencies(_: Ctx<'_>, typed: &str) -> Suggestions {
    suggest_labelled(
        typed,
        Currency::all().map(|it| (format!("{} · {}", it.code(), it.name()), it.code().to_owned())),
    )
}

async fn languages(_: Ctx<'_>, typed: &str) -> Suggestions {
    suggest_labelled(typed, Language::all().map(|it| (it.name(), it.tag().to_owned())))
}

#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn setup(
    ctx: Ctx<'_>,
    #[autocomplete = "zones"] time_zone: Option<String>,
    #[autocomplete = "currencies"] currency: Option<String>,
    week_start: Option<WeekStart>,
    #[autocomplete = "languages"] language: Option<String>,
    wins_channel: Option<PartialChannel>,
    recognition_channel: Option<PartialChannel>,
    expectations_channel: Option<PartialChannel>,
    manager_role: Option<Role>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let permit = here.actor.manage()?;
    let mut wanted = here.guild.clone();
    if let Some(name) = &time_zone {
        wanted.zone = Zone::parse(name).ok_or_else(|| Error::user(words::unknown_zone(quote(name))))?;
    }
    if let Some(code) = &currency {
        let unknown = || Error::user(words::unknown_currency(quote(code)));
        wanted.currency = Currency::from_code(code).ok_or_else(unknown)?;
    }
    if let Some(typed) = &language {
        let unknown = || Error::user(words::unknown_language(quote(typed)));
        wanted.language = Language::all().find(|it| it.is_called(typed)).ok_or_else(unknown)?;
    }
    wanted.week_start = week_start.map_or(wanted.week_start, WeekStart::weekday);
    let chosen = |channel: Option<&PartialChannel>| channel.map(text_channel).transpose();
    wanted.wins_channel = chosen(wins_channel.as_ref())?.or(wanted.wins_channel);
    wanted.recognition_channel =
        chosen(recognition_channel.as_ref())?.or(wanted.recognition_channel).or(wanted.wins_channel);
    wanted.expectations_channel =
        chosen(expectations_channel.as_ref())?.or(wanted.expectations_channel).or(wanted.wins_channel);
    if let Some(role) = manager_role {
        if role.id.get() == here.guild.id.get() {
            return Err(Error::user(words::everyones_role()));
        }
        wanted.manager_role = Some(RoleId::from(role.id.get()));
    }
    let changes =
        wanted != here.guild || (!here.guild.is_set_up && (time_zone.is_some() || currency.is_some()));
    // Asking Discord for permissions may take longer than the time allowed for a reply.
    defer(ctx).await?;
    if changes {
        let mut tx = state.db.write().await?;
        save(&mut tx, state, permit, &wanted).await?;
        state.commit(tx).await?;
        wanted.is_set_up = true;
    }
    let looked = look(ctx.http(), &wanted).await;
    let troubles = queue::troubles(state, here.guild.id, 3).await?;
    let voice = Voice { guild: &wanted, ..here.voice() };
    let shown = shown(voice, changes, &looked, &troubles);
    if changes { receipt(ctx, &here, shown).await } else { whisper(ctx, &shown).await }
}

/// Saves a guild's settings; the first time, creates its schedules.
///
/// # Errors
/// When it would change the currency although amounts are stored.
async fn save(tx: &mut Tx, state: &State, by: Manager, wanted: &Guild) -> Result<()> {
    let present = people::guild(&mut **tx, by.guild).await?;
    if present.currency != wanted.currency
        && let Some(why) = held_in_money(tx, &present).await?
    {
        return Err(Error::user(why));
    }
    people::set_up(tx, state, wanted).await?;
    schedules::create_defaults(tx, state, wanted, &FEATURES).await?;
    if present.zone != wanted.zone {
        schedules::reckon_anew(tx, state, wanted).await?;
    }
    Ok(())
}

/// What holds amounts in the guild's currency, if anything does.
async fn held_in_money(tx: &mut Tx, guild: &Guild) -> Result<Option<Message>> {
    if totals::is_in_money(&mut **tx, guild.id).await? {
        return Ok(Some(words::in_money(guild.currency.code())));
    }
    for holds in FEATURES.iter().filter_map(|it| it.money) {
        if let Some(found) = holds(tx, guild).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Checks the configured channels: a line for each where the bot lacks a permission or that couldn't be
/// checked.
#[derive(Default)]
struct Looked {
    lacking: Vec<Message>,
    unseen: Vec<String>,
}

fn link(channel: ChannelId) -> String {
    format!("<#{channel}>")
}

async fn look(http: &Http, guild: &Guild) -> Looked {
    let mut channels: Vec<ChannelId> =
        [guild.wins_channel, guild.recognition_channel, guild.expectations_channel]
            .into_iter()
            .flatten()
            .collect();
    channels.sort_unstable();
    channels.dedup();
    let mut looked = Looked::default();
    let lines = &mut looked.lacking;
    for channel in channels {
        match access::permissions(http, guild.id, channel).await {
            Ok(Some(has)) => {
                if let Some(lacking) = access::lacking(has) {
                    lines.push(words::lacking(link(channel), lacking));
                } else if guild.recognition_channel == Some(channel) && !has.attach_files() {
                    lines.push(words::lacking_files(link(channel)));
                }
            }
            Err(error) if access::refusal(&error).is_some() => {
                tracing::info!(guild = guild.id.0, channel = channel.0, %error, "permissions could not be read");
                lines.push(words::unopenable(link(channel)));
            }
            unread => {
                let error = unread.err().map(|error| error.to_string());
                tracing::info!(
                    guild = guild.id.0,
                    channel = channel.0,
                    error,
                    "permissions could not be read"
                );
                looked.unseen.push(link(channel));
            }
        }
    }
    looked
}

fn shown(voice: Voice<'_>, changed: bool, looked: &Looked, troubles: &[queue::Trouble]) -> Post {
    let channel =
        |it: Option<ChannelId>| it.map_or_else(|| words::not_set().into(), |id| Value::from(link(id)));
    let lines = [
        words::time_zone(voice.zone.name()),
        words::currency(voice.currency.code()),
        words::week_start(weekday(voice.week_start)),
        words::language(voice.guild.language.name()),
        words::wins(channel(voice.wins_channel)),
        words::recognition(channel(voice.recognition_channel)),
        words::expectations(channel(voice.expectations_channel)),
        match voice.manager_role {
            Some(role) => words::managers_by_role(format!("<@&{role}>")),
            None => words::managers(),
        },
    ];
    let lines = lines.map(|line| voice.say(line));
    let title = voice.say(if changed { words::saved_title() } else { words::title() });
    let next = voice.say(if voice.is_set_up { words::next() } else { words::next_first() });
    let lacking: Vec<String> = looked.lacking.iter().map(|it| voice.say(it)).collect();
    let unchecked = match looked.unseen.join(", ") {
        unseen if unseen.is_empty() => unseen,
        unseen => voice.say(words::unchecked(unseen)),
    };
    let failed = troubles.iter().map(|it| {
        let when = format!("<t:{}:f>", at(it.created_at).timestamp());
        voice.say(words::trouble(link(it.channel), when, it.failure.told()))
    });
    let failed: Vec<String> = failed.collect();
    Post::new(Tone::Calm, title, lines.join("\n"))
        .field(voice.say(words::fix_heading()), lacking.join("\n"))
        .field(voice.say(words::unchecked_heading()), unchecked)
        .field(voice.say(words::troubles_heading()), failed.join("\n"))
        .field(voice.say(words::next_heading()), next)
}
