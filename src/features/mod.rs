//! THE list: each feature's commands, its schedules, its buttons and its reactions to facts.

pub mod activities;
pub mod badges;
pub mod digest;
pub mod expectations;
pub mod goals;
pub mod help;
pub mod inbox;
pub mod kudos;
pub mod leaderboard;
pub mod me;
pub mod noise;
pub mod periods;
pub mod privacy;
pub mod profile;
pub mod recognition;
pub mod schedules;
pub mod setup;
pub mod streaks;
pub mod teams;
pub mod wins;

use chrono::{DateTime, Utc};

use crate::chat::Command;
use crate::chat::press::{Press, stale};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::db::{Reader, Tx};
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::state::State;
use crate::ledger::roster::Guild;
use crate::ledger::totals::Row;
use crate::outbox::Fact;
use crate::render::post::Post;

/// Every command, in the order of `/help`.
pub fn commands() -> Vec<Command> {
    vec![
        wins::commands::win(),
        wins::commands::log_as_a_win(),
        kudos::commands::kudos(),
        kudos::commands::give_kudos(),
        kudos::commands::give_kudos_for_this(),
        activities::activity(),
        goals::commands::goal(),
        leaderboard::commands::leaderboard(),
        leaderboard::commands::board(),
        me::commands::me(),
        profile::commands::profile(),
        inbox::inbox(),
        expectations::commands::expect(),
        recognition::commands::shoutout(),
        teams::team(),
        activities::metric(),
        kudos::commands::values(),
        schedules::commands::schedule(),
        noise::commands::noise(),
        setup::setup(),
        privacy::commands::privacy(),
        help::help(),
    ]
}

/// Every post that comes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is expected this week.
    Expectations,
    /// The week's board.
    Leaderboard,
    /// The week's praise.
    Shoutouts,
    /// What managers are told, and nobody else.
    Digest,
    /// The board of the week before, which changes no more.
    Final,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Expectations, Self::Leaderboard, Self::Shoutouts, Self::Digest, Self::Final];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expectations => "expectations",
            Self::Leaderboard => "leaderboard",
            Self::Shoutouts => "shoutouts",
            Self::Digest => "digest",
            Self::Final => "final",
        }
    }

    /// Its name as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Expectations => "The week's expectations",
            Self::Leaderboard => "The week's leaderboard",
            Self::Shoutouts => "The week's shout-outs",
            Self::Digest => "The managers' digest",
            Self::Final => "The week's board, final",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it makes a message in a channel. The digest goes to the managers' inboxes, and a board that is final changes
    /// the message that is there.
    pub fn makes_a_message(self) -> bool {
        !matches!(self, Self::Digest | Self::Final)
    }

    /// When it comes unless a guild says otherwise, as cron fields on its wall clock.
    pub fn default_cron(self) -> &'static str {
        match self {
            Self::Expectations => "0 9 * * mon",
            Self::Leaderboard => "0 16 * * fri",
            Self::Shoutouts => "30 16 * * fri",
            Self::Digest => "30 8 * * mon",
            Self::Final => "0 12 * * mon",
        }
    }
}

/// What a schedule makes, with what is to be remembered once it is in the outbox.
#[derive(Debug)]
pub struct Composed {
    /// The post; none where everything is for single persons.
    pub post: Option<Post>,
    praised: Option<recognition::Praised>,
}

impl Composed {
    /// Remembers what the next one must know, and tells single persons what is for them, in the transaction that posts this
    /// one. False if what it was composed of has changed meanwhile: then the transaction must be dropped.
    pub async fn remember(
        &self,
        tx: &mut Tx,
        state: &State,
        guild: &Guild,
        period: Period,
        is_posted: bool,
    ) -> Result<bool> {
        match &self.praised {
            Some(praised) => recognition::remember(tx, state, guild, period, praised, is_posted).await,
            None => Ok(true),
        }
    }
}

/// What a schedule posts about a period; nothing when there is nothing to say.
pub async fn compose(db: &mut Reader, kind: Kind, guild: &Guild, period: Period) -> Result<Option<Composed>> {
    let plain = |post| Composed { post: Some(post), praised: None };
    // Where occurrences were folded, it is several. What is expected is over with its week, and managers act on the latest.
    let week = guild.period(Span::Week, period.last());
    Ok(match kind {
        Kind::Expectations => expectations::compose(db, guild, week).await?.map(plain),
        Kind::Leaderboard => leaderboard::compose(db, guild, period).await?.map(plain),
        Kind::Shoutouts => {
            let composed = recognition::compose(db, guild, period).await?;
            composed.map(|(post, praised)| Composed { post, praised: Some(praised) })
        }
        Kind::Digest => digest::compose(db, guild, week).await?.map(plain),
        Kind::Final => leaderboard::compose_final(db, guild, period.before()).await?.map(plain),
    })
}

/// What a row of the ledger is about, of a person, as far as somebody may see it; ready to be shown.
pub async fn origin(
    db: &mut Reader,
    guild: &Guild,
    row: &Row,
    (whose, by): (PersonId, PersonId),
) -> Result<Option<String>> {
    match row.source.as_str() {
        "win" => wins::origin(db, guild.id, row.source_id, whose).await,
        source @ ("kudos" | "second") => {
            kudos::origin(db, guild.id, (source, row.source_id), (whose, by)).await
        }
        _ => Ok(None),
    }
}

/// Whose numbers a fact has changed, as far as it says so.
fn concerned(fact: &Fact) -> Vec<PersonId> {
    match fact {
        Fact::WinLogged { persons, .. } => persons.clone(),
        Fact::ActivityLogged { person, .. } => vec![*person],
        Fact::KudosGiven { giver, receivers, .. } => [&[*giver], &receivers[..]].concat(),
        Fact::KudosSeconded { by, receivers, .. } => [&[*by], &receivers[..]].concat(),
        Fact::GoalReached { person, .. } => person.iter().copied().collect(),
        Fact::WinUndone { .. }
        | Fact::KudosUndone { .. }
        | Fact::GoalSet { .. }
        | Fact::GoalChanged { .. } => Vec::new(),
    }
}

/// Reacts to a fact, in the transaction that marks it as reacted to. The days that it concerns are those of when it happened:
/// the worker may have been down for weeks since.
pub async fn react(
    tx: &mut Tx,
    state: &State,
    guild: &Guild,
    fact: &Fact,
    happened: DateTime<Utc>,
) -> Result<()> {
    goals::react(tx, state, guild, fact, happened).await?;
    badges::react(tx, state, guild, &concerned(fact), guild.zone.day(happened)).await?;
    recognition::react(tx, state, guild, fact, guild.zone.day(happened)).await
}

/// Whatever can be pressed or sent as a form, by the first two parts of its `custom_id`. What is not in it says that it is
/// from an older message.
pub const PRESSES: &[&str] = &[
    "board:me",
    "expect:ack",
    "goal:cheer",
    "inbox:page",
    "kudos:form",
    "kudos:list",
    "kudos:second",
    "kudos:undo",
    "privacy:erase",
    "privacy:keep",
    "shoutout:veto",
    "win:list",
    "win:menu",
    "win:undo",
    "win:why",
];

/// Sends a button pressed or a modal sent to its feature.
///
/// # Errors
/// What the feature says; and for a `custom_id` that is not among [`PRESSES`], that the message is an older one.
pub async fn pressed(state: &State, press: Press<'_>) -> Result<()> {
    let here = press.here(state).await?;
    let route = press.route();
    let [feature, action, ..] = route[..] else { return Err(stale()) };
    if !PRESSES.contains(&format!("{feature}:{action}").as_str()) {
        return Err(stale());
    }
    match feature {
        "win" => wins::pressed(state, press, &here).await,
        "board" => leaderboard::pressed(state, press, &here).await,
        "goal" => goals::pressed(state, press, &here).await,
        "inbox" => inbox::pressed(state, press, &here).await,
        "kudos" => kudos::pressed(state, press, &here).await,
        "privacy" => privacy::pressed(state, press, &here).await,
        "shoutout" => recognition::pressed(state, press, &here).await,
        "expect" => expectations::pressed(state, press, &here).await,
        _ => Err(stale()),
    }
}
