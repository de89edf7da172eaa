//! What is counted: a guild's metrics, with their units and horizons.

use sqlx::any::AnyExecutor;

use crate::kernel::error::{Error, OnConstraint, Result, UserError};
use crate::kernel::ids::{GuildId, MetricId};
use crate::kernel::money::{self, Currency};
use crate::kernel::number::{self, NotANumber};
use crate::kernel::quantity::Quantity;
use crate::kernel::text::{Line, capitalised, escape, quote, singular};
use crate::store::db::{Tx, flag};
use crate::store::state::State;
use crate::words::{Language, Message, Value, metric as words, number as said};

/// The name of the metric that counts wins.
pub const WINS: &str = "wins";
/// The name of the metric that sums their amounts.
pub const REVENUE: &str = "revenue";

/// The name of the metric that counts help with other people's wins.
pub const ASSISTS: &str = "assists";

/// The name of the metric that counts thanks received.
pub const KUDOS: &str = "kudos";

/// The name of the metric that counts thanks given.
pub const KUDOS_GIVEN: &str = "kudos given";

/// A metric that every guild has: its name in the database, and its displayed name.
struct BuiltIn {
    name: &'static str,
    unit: Unit,
    horizon: Horizon,
    called: fn() -> Message,
    so_many: fn(Value) -> Message,
    heading: fn() -> Message,
}

const BUILT_IN: [BuiltIn; 5] = [
    BuiltIn {
        name: WINS,
        unit: Unit::Count,
        horizon: Horizon::Lagging,
        called: words::wins_name,
        so_many: words::wins,
        heading: words::wins_heading,
    },
    BuiltIn {
        name: REVENUE,
        unit: Unit::Money,
        horizon: Horizon::Lagging,
        called: words::revenue_name,
        so_many: |_| words::revenue_name(),
        heading: words::revenue_heading,
    },
    BuiltIn {
        name: ASSISTS,
        unit: Unit::Count,
        horizon: Horizon::Lagging,
        called: words::assists_name,
        so_many: words::assists,
        heading: words::assists_heading,
    },
    BuiltIn {
        name: KUDOS,
        unit: Unit::Count,
        horizon: Horizon::Leading,
        called: words::kudos_name,
        so_many: words::kudos,
        heading: words::kudos_heading,
    },
    BuiltIn {
        name: KUDOS_GIVEN,
        unit: Unit::Count,
        horizon: Horizon::Leading,
        called: words::kudos_given_name,
        so_many: words::kudos_given,
        heading: words::kudos_given_heading,
    },
];

/// The unit of a metric.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Unit {
    /// Items; stored in hundredths, since a shared win counts as fractions.
    #[default]
    Count,
    /// Money in the guild's currency; stored in minor units.
    Money,
}

/// Whether a metric is leading (pipeline) or lagging (forecast).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray,
)]
pub enum Horizon {
    /// Leading: what is being built for later periods.
    #[default]
    #[strum(serialize = "pipeline")]
    Leading,
    /// Lagging: what closes in this one.
    #[strum(serialize = "forecast")]
    Lagging,
}

impl Unit {
    /// Its name in the database and in commands.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Horizon {
    /// Its name in the database and in commands.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its name in posts.
    pub fn called(self) -> Message {
        match self {
            Self::Leading => words::pipeline(),
            Self::Lagging => words::forecast(),
        }
    }
}

/// A metric of a guild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its id.
    pub id: MetricId,
    /// Its name, as it was typed.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Leading or lagging.
    pub horizon: Horizon,
    /// Whether a feature writes it; other metrics are logged by hand.
    pub built_in: bool,
}

type Row = (MetricId, String, String, String, i64);
const COLUMNS: &str = "id, name, unit, horizon, built_in";

impl From<Row> for Metric {
    fn from((id, name, unit, horizon, built_in): Row) -> Self {
        Self {
            id,
            name,
            unit: if unit == Unit::Money.name() { Unit::Money } else { Unit::Count },
            horizon: if horizon == Horizon::Leading.name() { Horizon::Leading } else { Horizon::Lagging },
            built_in: built_in == 1,
        }
    }
}

impl Metric {
    /// Whether it counts kudos, given or received.
    pub fn counts_thanks(&self) -> bool {
        self.built_in && matches!(self.name.as_str(), KUDOS | KUDOS_GIVEN)
    }

    /// Its name within a sentence: "revenue", "calls". Built-in metrics are named in the language.
    pub fn called(&self) -> Value {
        let own = || escape(&self.name).into();
        self.built_in_name(|it| it.called).map_or_else(own, |called| called().into())
    }

    /// The same for a count: "1 call", "2 calls".
    pub fn called_of(&self, count: i64) -> Value {
        match self.built_in_name(|it| it.so_many) {
            Some(so_many) => so_many(count.into()).into(),
            None if count == 1 => escape(&singular(&self.name)).into(),
            None => escape(&self.name).into(),
        }
    }

    /// The same at the start of a heading: "Revenue", "Calls".
    pub fn heading(&self) -> Value {
        let own = || capitalised(&escape(&self.name)).into();
        self.built_in_name(|it| it.heading).map_or_else(own, |heading| heading().into())
    }

    /// The same for places that aren't markdown: a picture.
    pub fn plain_heading(&self) -> Value {
        let own = || capitalised(&self.name).into();
        self.built_in_name(|it| it.heading).map_or_else(own, |heading| heading().into())
    }

    /// Its name in a list of choices.
    pub fn label(&self) -> Value {
        if self.built_in { self.called() } else { self.name.as_str().into() }
    }

    fn built_in_name<T>(&self, of: fn(&BuiltIn) -> T) -> Option<T> {
        BUILT_IN.iter().find(|it| self.built_in && it.name == self.name).map(of)
    }

    /// A quantity as shown to people: "$12,500", "3", "0.5".
    pub fn quantity(&self, quantity: Quantity, currency: Currency) -> Value {
        match self.unit {
            Unit::Money => money::worth(quantity, currency).into(),
            Unit::Count => number::shown(quantity.0, COUNT_DECIMALS),
        }
    }

    /// A quantity with its noun: "$12,500 in revenue", "3 calls", "1 call".
    pub fn quantity_named(&self, quantity: Quantity, currency: Currency) -> Message {
        let shown = self.quantity(quantity, currency);
        match self.unit {
            Unit::Money => words::money_named(shown, self.called()),
            Unit::Count if quantity.is_whole() => words::count_named(shown, self.called_of(quantity.whole())),
            Unit::Count => words::count_named(shown, self.called()),
        }
    }

    /// Reads a quantity that a person typed, greater than zero.
    ///
    /// # Errors
    /// Says what was wrong and what to type instead.
    pub fn parse(&self, typed: &str, currency: Currency) -> Result<Quantity, UserError> {
        if self.unit == Unit::Money {
            return money::Money::parse(typed, currency).map(money::Money::quantity);
        }
        let shown = quote(typed.trim());
        Err(UserError::new(match number::parse(typed, COUNT_DECIMALS) {
            Ok(quantity) if quantity > 0 => return Ok(Quantity(quantity)),
            Err(NotANumber::Ambiguous(both)) if both.thousands > 0 => {
                both.told(&shown, COUNT_DECIMALS, |it| self.quantity(Quantity(it), currency))
            }
            Ok(_) | Err(NotANumber::Ambiguous(_)) => said::not_positive(shown),
            Err(NotANumber::TooLarge) => said::too_large(shown),
            Err(NotANumber::TooFine) => said::too_fine(shown),
            Err(NotANumber::Misgrouped) => said::misgrouped(shown, "1.2"),
            Err(NotANumber::Empty | NotANumber::Unreadable) => said::unreadable(shown),
        }))
    }

    /// Every quantity that typed text could mean, the largest first: as it is shown, and as text that is
    /// unambiguous when typed.
    pub fn readings(&self, typed: &str, currency: Currency) -> Vec<(Value, String)> {
        match self.unit {
            Unit::Money => {
                let all = money::Money::readings(typed, currency);
                all.into_iter().map(|it| (it.shown().into(), it.plain())).collect()
            }
            Unit::Count => {
                let all =
                    number::readings(typed, COUNT_DECIMALS).into_iter().filter(|quantity| *quantity > 0);
                all.map(|it| (self.quantity(Quantity(it), currency), number::plain(it, COUNT_DECIMALS)))
                    .collect()
            }
        }
    }
}

const COUNT_DECIMALS: u32 = 2;

/// A guild's metrics: its built-in ones first, then by name.
pub async fn all(on: impl AnyExecutor<'_>, guild: GuildId) -> Result<Vec<Metric>> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM metric WHERE guild_id = $1 ORDER BY built_in DESC, name_key"
    )))
    .bind(guild)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(Metric::from).collect())
}

/// The metric with this name, in any case.
///
/// # Errors
/// When the guild has no such metric.
pub async fn named(on: impl AnyExecutor<'_>, guild: GuildId, name: &str) -> Result<Metric> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM metric WHERE guild_id = $1 AND name_key = $2"
    )))
    .bind(guild)
    .bind(key_of(name))
    .fetch_optional(on)
    .await?;
    row.map(Metric::from).ok_or_else(|| Error::user(words::unknown(quote(name.trim()))))
}

/// The lookup key for a typed name. A built-in metric can be typed by its name in any language.
fn key_of(typed: &str) -> String {
    let typed = typed.trim().to_lowercase();
    let is_it =
        |it: &&BuiltIn| Language::every().any(|language| language.say((it.called)()).to_lowercase() == typed);
    BUILT_IN.iter().find(is_it).map_or(typed.clone(), |it| it.name.to_owned())
}

/// The built-in metric with this name, among all of a guild's.
///
/// # Errors
/// When it is missing, which should never happen.
pub fn built_in<'a>(metrics: &'a [Metric], name: &str) -> Result<&'a Metric> {
    let found = metrics.iter().find(|metric| metric.built_in && metric.name == name);
    found.ok_or_else(|| Error::other("reading a guild's metrics", format!("there is no {name}")))
}

/// The metric with this id.
pub async fn by_id(on: impl AnyExecutor<'_>, id: MetricId) -> Result<Metric> {
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM metric WHERE id = $1")))
        .bind(id)
        .fetch_one(on)
        .await?;
    Ok(row.into())
}

/// Adds a custom metric to a guild.
///
/// # Errors
/// When the name is taken, in any spelling.
pub async fn add(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    name: &Line,
    unit: Unit,
    horizon: Horizon,
) -> Result<()> {
    if BUILT_IN.iter().any(|it| it.name == key_of(name.as_str())) {
        return Err(Error::user(words::taken(quote(name.as_str()))));
    }
    insert(tx, state, guild, name.as_str(), unit, horizon, false)
        .await
        .on_unique(|| words::taken(quote(name.as_str())))
}

/// Adds the metrics that every guild has.
pub async fn add_built_in(tx: &mut Tx, state: &State, guild: GuildId) -> Result<()> {
    for BuiltIn { name, unit, horizon, .. } in BUILT_IN {
        insert(tx, state, guild, name, unit, horizon, true).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    state: &State,
    guild: GuildId,
    name: &str,
    unit: Unit,
    horizon: Horizon,
    built_in: bool,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(state.id())
    .bind(guild)
    .bind(name)
    .bind(name.to_lowercase())
    .bind(unit.name())
    .bind(horizon.name())
    .bind(flag(built_in))
    .bind(state.micros())
    .execute(&mut **tx)
    .await
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_that_every_guild_has_is_known_by_what_any_language_calls_it() {
        let other = Language::of("en-XA").expect("it is there");
        for it in &BUILT_IN {
            let called = other.say((it.called)());
            assert_ne!(called, it.name);
            assert_eq!(key_of(&format!(" {} ", called.to_uppercase())), it.name);
            assert_eq!(key_of(it.name), it.name);
        }
        assert_eq!(key_of("Demos"), "demos");
    }
}
