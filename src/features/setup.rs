//! `/setup`: how a guild works. Can be run again; without options it shows what is set.

use serenity::all::{Http, PartialChannel, Role};

use crate::chat::choice::text_channel;
use crate::chat::permit::Manager;
use crate::chat::{Ctx, Suggestions, defer, here, receipt, suggest, suggest_labelled, whisper};
use crate::feature::{Feature, Help};
use crate::features::FEATURES;
use crate::kernel::calendar::{Zone, weekday_name};
use crate::kernel::clock::at;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, RoleId};
use crate::kernel::money::Currency;
use crate::kernel::text::quote;
use crate::ledger::metric::{self, Unit};
use crate::ledger::totals;
use crate::outbox::{access, queue};
use crate::people::{self, Guild};
use crate::render::post::{Post, Tone};
use crate::schedules;
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::{Message, setup as words};

/// What setting up adds to the house.
pub static FEATURE: Feature = Feature {
    commands: || vec![setup()],
    help: Help { everyone: None, managers: Some(words::help_managers) },
    ..Feature::NONE
};

/// The day a week starts, as people choose it.
#[derive(Debug, Clone, Copy, poise::ChoiceParameter)]
pub enum WeekStart {
    /// As in most of the world.
    #[name = "Monday"]
    Monday,
    /// As in North America.
    #[name = "Sunday"]
    Sunday,
    /// As in much of the Middle East.
    #[name = "Saturday"]
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

/// Set up Bellringer, or check your settings (managers)
#[poise::command(slash_command, guild_only)]
#[expect(clippy::too_many_arguments, reason = "each is an option of the command")]
pub(crate) async fn setup(
    ctx: Ctx<'_>,
    #[description = "Your team's time zone, like America/New_York"]
    #[autocomplete = "zones"]
    time_zone: Option<String>,
    #[description = "Currency for all amounts, like USD"]
    #[autocomplete = "currencies"]
    currency: Option<String>,
    #[description = "First day of your week (default: Monday)"] week_start: Option<WeekStart>,
    #[description = "Channel where wins ring"] wins_channel: Option<PartialChannel>,
    #[description = "Channel for leaderboards and shout-outs (default: the wins channel)"]
    recognition_channel: Option<PartialChannel>,
    #[description = "Channel for weekly expectations (default: the wins channel)"]
    expectations_channel: Option<PartialChannel>,
    #[description = "Role that counts as manager, in addition to Manage Server"] manager_role: Option<Role>,
) -> Result<()> {
    let (here, state) = (here(ctx).await?, ctx.data());
    let permit = here.actor.manage()?;
    let mut wanted = here.guild.clone();
    if let Some(name) = &time_zone {
        wanted.zone = Zone::parse(name).ok_or_else(|| {
            Error::user(format!(
                "I don't know the time zone {}. Pick one from the list, like `America/New_York`.",
                quote(name)
            ))
        })?;
    }
    if let Some(code) = &currency {
        wanted.currency = Currency::from_code(code).ok_or_else(|| {
            Error::user(format!(
                "I don't know the currency {}. Pick one from the list, like `USD`.",
                quote(code)
            ))
        })?;
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
            return Err(Error::user("@everyone isn't a manager role. Pick one that only managers have."));
        }
        wanted.manager_role = Some(RoleId::from(role.id.get()));
    }
    let changes =
        wanted != here.guild || (!here.guild.is_set_up && (time_zone.is_some() || currency.is_some()));
    // Asking Discord for permissions may take longer than a reply may.
    defer(ctx).await?;
    if changes {
        let mut tx = state.db.write().await?;
        save(&mut tx, state, permit, &wanted).await?;
        state.commit(tx).await?;
        wanted.is_set_up = true;
    }
    let looked = look(ctx.http(), &wanted).await;
    let troubles = queue::troubles(state, here.guild.id, 3).await?;
    let shown = shown(&wanted, changes, &looked, &troubles);
    if changes { receipt(ctx, &here, shown).await } else { whisper(ctx, &shown).await }
}

/// Writes how a guild works; the first time, creates its schedules.
///
/// # Errors
/// When the currency of a ledger with amounts in it would change.
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

/// Something that holds amounts in the guild's currency, if anything does.
async fn held_in_money(tx: &mut Tx, guild: &Guild) -> Result<Option<Message>> {
    for metric in metric::all(&mut **tx, guild.id).await? {
        if metric.unit == Unit::Money && !totals::first_days(&mut **tx, metric.id).await?.is_empty() {
            return Ok(Some(words::in_money(guild.currency.code())));
        }
    }
    for holds in FEATURES.iter().filter_map(|it| it.money) {
        if let Some(found) = holds(tx, guild).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What was seen of the channels that are set: a line for each where the bot lacks something, and for each that could not be
/// looked at.
#[derive(Default)]
struct Looked {
    lacking: Vec<String>,
    unseen: Vec<String>,
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
                let lacking = access::lacking(has);
                if !lacking.is_empty() {
                    lines.push(format!("<#{channel}>: give me {}", lacking.join(", ")));
                } else if guild.recognition_channel == Some(channel) && !has.attach_files() {
                    lines.push(format!("<#{channel}>: give me Attach Files to post leaderboards as images"));
                }
            }
            Err(error) if access::refusal(&error).is_some() => {
                tracing::info!(guild = guild.id.0, channel = channel.0, %error, "permissions could not be read");
                lines.push(format!("I can't open <#{channel}>. Was it deleted, or do I need View Channel?"));
            }
            unread => {
                let error = unread.err().map(|error| error.to_string());
                tracing::info!(
                    guild = guild.id.0,
                    channel = channel.0,
                    error,
                    "permissions could not be read"
                );
                looked.unseen.push(format!("<#{channel}>"));
            }
        }
    }
    looked
}

fn shown(guild: &Guild, changed: bool, looked: &Looked, troubles: &[queue::Trouble]) -> Post {
    let channel = |it: Option<ChannelId>| it.map_or_else(|| "not set".to_owned(), |id| format!("<#{id}>"));
    let role = guild.manager_role.map_or_else(
        || "anyone with *Manage Server*".to_owned(),
        |id| format!("<@&{id}> and anyone with *Manage Server*"),
    );
    let title = if changed { "Settings saved" } else { "Settings" };
    let lines = [
        format!("Time zone: **{}**", guild.zone.name()),
        format!("Currency: **{}**", guild.currency.code()),
        format!("Week starts: **{}**", weekday_name(guild.week_start)),
        format!("Wins: {}", channel(guild.wins_channel)),
        format!("Recognition: {}", channel(guild.recognition_channel)),
        format!("Expectations: {}", channel(guild.expectations_channel)),
        format!("Managers: {role}"),
    ];
    let next = if guild.is_set_up {
        "Weekly posts go out on their own. See when with /schedule list."
    } else {
        "Run /setup with your time zone, currency and wins channel. Until then it's UTC, US dollars and no posts."
    };
    let failed: Vec<String> = troubles
        .iter()
        .map(|it| {
            format!("<#{}>, <t:{}:f>: {}", it.channel, at(it.created_at).timestamp(), it.failure.told())
        })
        .collect();
    let unchecked = match looked.unseen.join(", ") {
        unseen if unseen.is_empty() => unseen,
        unseen => format!("{unseen}: Discord didn't answer just now. Run /setup again in a few minutes."),
    };
    Post::new(Tone::Calm, title, lines.join("\n"))
        .field("Fix these channels", looked.lacking.join("\n"))
        .field("Couldn't check", unchecked)
        .field("Recent posts with problems", failed.join("\n"))
        .field("What's next", next)
}
