//! A guild and its settings, as chosen in `/setup`.

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use sqlx::any::AnyExecutor;

use crate::kernel::calendar::{Period, Span, Zone};
use crate::kernel::clock::Clock;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::{ChannelId, GuildId, RoleId};
use crate::kernel::money::Currency;
use crate::store::db::Tx;
use crate::store::state::State;
use crate::words::Language;

/// A guild and its settings. Before `/setup`: UTC, US dollars, weeks from Monday, no channels, and the
/// language that its server is set to, or American English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guild {
    /// Its id.
    pub id: GuildId,
    /// Its time zone.
    pub zone: Zone,
    /// Its currency.
    pub currency: Currency,
    /// The day its week starts.
    pub week_start: Weekday,
    /// The language of its posts.
    pub language: Language,
    /// Where wins are announced.
    pub wins_channel: Option<ChannelId>,
    /// Where leaderboards and shout-outs go.
    pub recognition_channel: Option<ChannelId>,
    /// Where the week's expectations go.
    pub expectations_channel: Option<ChannelId>,
    /// The role that counts as manager, in addition to *Manage Server*.
    pub manager_role: Option<RoleId>,
    /// Whether `/setup` has been run.
    pub is_set_up: bool,
    /// When it was first met, in microseconds since 1970. A guild that is erased and met again is another one, with another time.
    pub met_at: i64,
}

impl Guild {
    /// A new guild.
    #[cfg(test)]
    pub(crate) fn just_met() -> Self {
        Self {
            id: GuildId(1),
            zone: Zone::parse("UTC").expect("there is one"),
            currency: Currency::from_code("USD").expect("there is one"),
            week_start: Weekday::Mon,
            language: Language::default(),
            wins_channel: None,
            recognition_channel: None,
            expectations_channel: None,
            manager_role: None,
            is_set_up: false,
            met_at: 0,
        }
    }

    /// The guild's local time.
    pub fn local(&self, clock: &Clock) -> NaiveDateTime {
        self.zone.local(clock.now())
    }

    /// The guild's current day.
    pub fn today(&self, clock: &Clock) -> NaiveDate {
        self.local(clock).date()
    }

    /// Where goals and thanks are announced: the recognition channel, or else the wins channel.
    pub fn social_channel(&self) -> Option<ChannelId> {
        self.recognition_channel.or(self.wins_channel)
    }

    /// The period of a span that contains a day, on its calendar.
    pub fn period(&self, span: Span, day: NaiveDate) -> Period {
        Period::around(span, day, self.week_start)
    }

    /// The guild's current week.
    pub fn week(&self, clock: &Clock) -> Period {
        self.period(Span::Week, self.today(clock))
    }
}

/// Reads a guild.
///
/// # Errors
/// When it is unknown, or its row can't be parsed.
pub async fn guild(on: impl AnyExecutor<'_>, id: GuildId) -> Result<Guild> {
    find_guild(on, id).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
}

crate::row! {
    pub(super) struct GuildRow {
        id: GuildId,
        zone: String,
        currency: String,
        week_start: i64,
        language: String,
        wins_channel: Option<ChannelId>,
        recognition_channel: Option<ChannelId>,
        expectations_channel: Option<ChannelId>,
        manager_role: Option<RoleId>,
        set_up_at: Option<i64>,
        created_at: i64,
    }
}

/// The columns of a guild.
macro_rules! guild_columns {
    () => {
        "guild.id, guild.zone, guild.currency, guild.week_start, guild.language, guild.wins_channel, guild.recognition_channel,
         guild.expectations_channel, guild.manager_role, guild.set_up_at, guild.created_at"
    };
}
pub(super) use guild_columns;

/// Reads a guild, if it is known. One whose data is being erased is not.
pub async fn find_guild(on: impl AnyExecutor<'_>, id: GuildId) -> Result<Option<Guild>> {
    let row: Option<GuildRow> = sqlx::query_as(concat!(
        "SELECT ",
        guild_columns!(),
        " FROM guild WHERE id = $1 AND erasing_at IS NULL"
    ))
    .bind(id)
    .fetch_optional(on)
    .await?;
    row.map(Guild::try_from).transpose()
}

impl TryFrom<GuildRow> for Guild {
    type Error = Error;

    fn try_from(row: GuildRow) -> Result<Self> {
        let unreadable = |what: &str| Error::other("reading a guild", format!("unknown {what}"));
        Ok(Self {
            id: row.id,
            zone: Zone::parse(&row.zone).ok_or_else(|| unreadable("zone"))?,
            currency: Currency::from_code(&row.currency).ok_or_else(|| unreadable("currency"))?,
            week_start: u8::try_from(row.week_start)
                .ok()
                .and_then(|day| Weekday::try_from(day).ok())
                .ok_or_else(|| unreadable("weekday"))?,
            // A language that this version no longer has must not silence the bot.
            language: Language::of(&row.language).unwrap_or_default(),
            wins_channel: row.wins_channel,
            recognition_channel: row.recognition_channel,
            expectations_channel: row.expectations_channel,
            manager_role: row.manager_role,
            is_set_up: row.set_up_at.is_some(),
            met_at: row.created_at,
        })
    }
}

/// Writes what `/setup` chose.
pub async fn set_up(tx: &mut Tx, state: &State, guild: &Guild) -> Result<()> {
    sqlx::query(
        "UPDATE guild SET zone = $2, currency = $3, week_start = $4, wins_channel = $5, recognition_channel = $6,
                expectations_channel = $7, manager_role = $8, language = $9, set_up_at = COALESCE(set_up_at, $10) WHERE id = $1",
    )
    .bind(guild.id)
    .bind(guild.zone.name())
    .bind(guild.currency.code())
    .bind(i64::from(guild.week_start.num_days_from_monday()))
    .bind(guild.wins_channel)
    .bind(guild.recognition_channel)
    .bind(guild.expectations_channel)
    .bind(guild.manager_role)
    .bind(guild.language.tag())
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Inserts a new guild. False if it existed before.
pub async fn insert_guild(tx: &mut Tx, state: &State, id: GuildId, language: Language) -> Result<bool> {
    let met = sqlx::query(
        "INSERT INTO guild (id, zone, currency, week_start, language, created_at) VALUES ($1, 'UTC', 'USD', 0, $2, $3)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(language.tag())
    .bind(state.micros())
    .execute(&mut **tx)
    .await?;
    Ok(met.rows_affected() == 1)
}

/// Serialises with other transactions that hold the guild, until this one ends. On PostgreSQL, writers don't
/// see what others haven't committed; SQLite has only one writer anyway.
pub async fn hold_guild(tx: &mut Tx, guild: GuildId) -> Result<()> {
    // Not the id column: SQLite would check every row that refers to it.
    sqlx::query("UPDATE guild SET zone = zone WHERE id = $1").bind(guild).execute(&mut **tx).await?;
    Ok(())
}
