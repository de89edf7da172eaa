//! The leaderboard: top three, team bar, most improved, most helpful; one's own place only in private. A
//! week's board becomes final, and is stored as it was then.

pub mod commands;
pub mod rules;
mod store;
mod view;

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
pub use rules::Style;
use rules::{Place, Visible};
use serde::{Deserialize, Serialize};

use crate::chat::permit::Manager;
use crate::chat::target::{Day, Target};
use crate::feature::{Feature, Help, Route};
use crate::kernel::calendar::{Period, Span, day_number, day_of, time_of_day, weekday};
use crate::kernel::error::{Doing, Result};
use crate::kernel::ids::{MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::ledger::metric::{self, Metric};
use crate::ledger::totals::{self, Totals};
use crate::outbox;
use crate::outbox::subject::{Composer, Subject};
use crate::people::{self, Guild, Person, Team, Voice};
use crate::schedules::{self, Beside, Composed, Place as Goes, Scheduled};
use crate::store::db::{Reader, Tx};
use crate::store::state::State;
use crate::store::table::{Erasure, Table, Trace};
use crate::words::{Message, leaderboard as words};

/// *Where am I?*: the metric, the first day, and the day after the last.
const OWN: Target<(MetricId, Span, Day, Day)> = Target::new("board:me");

/// The leaderboard feature.
pub static FEATURE: Feature = Feature {
    commands: || vec![commands::leaderboard(), commands::board()],
    help: Help { everyone: Some(words::help), managers: Some(words::help_managers) },
    routes: &[Route {
        name: OWN.name,
        pressed: |state, press, here| Box::pin(commands::pressed(state, press, here)),
    }],
    posts: &[
        Scheduled {
            name: WEEKLY,
            title: words::post_weekly_leaderboard,
            cron: "0 16 * * fri",
            place: Goes::Channel(|guild| guild.recognition_channel),
            compose: |db, voice, period| Box::pin(compose(db, voice, period)),
            tell: None,
        },
        Scheduled {
            name: FINAL,
            title: words::post_final_weekly_leaderboard,
            cron: "0 12 * * mon",
            place: Goes::There(words::on_the_weekly_post),
            compose: |db, voice, period| Box::pin(compose_final(db, voice, period.before())),
            tell: None,
        },
    ],
    composers: &[Composer {
        kind: Final::KIND,
        compose: |db, _, voice, about| {
            Box::pin(async move {
                let week = voice.period(Span::Week, day_of(about.of::<Final>()?.week));
                let board = of_the_week(db, voice.guild, week).await?;
                let told = board.map(|board| view::at_last(&board, voice));
                Ok(told.unwrap_or_else(|| view::nothing_left(voice)).into())
            })
        },
    }],
    money: Some(|tx, guild| Box::pin(in_money(tx, guild))),
    tables: &[
        Table::new("final_week", &[]),
        Table::new("final_place", &[Trace::own(words::trace_ranks_on_final_leaderboards, Erasure::Stays)]),
    ],
    ..Feature::NONE
};

/// The scheduled post with the week's board.
const WEEKLY: &str = "leaderboard";
/// The same once it is final.
const FINAL: &str = "final";

/// A metric over a period, ranked.
#[derive(Debug)]
pub struct Board {
    metric: Metric,
    period: Period,
    style: Style,
    /// Whether it also comes as a picture.
    has_card: bool,
    places: Vec<Place>,
    sum: Quantity,
    before: Totals,
    persons: HashMap<PersonId, Person>,
    teams: Vec<Team>,
    totals: Totals,
    /// Who assisted on the most wins (all of them if tied), and on how many (hundredths).
    helpful: Option<(Vec<PersonId>, Quantity)>,
    /// For a final week: since when (microseconds since 1970), and how many rows were added later.
    is_final: Option<(i64, i64)>,
}

impl Board {
    /// Reads a board. "Improved" compares with the previous period of the same length. A final week is read
    /// as it was stored.
    pub async fn read(db: &mut Reader, guild: &Guild, metric: Metric, period: Period) -> Result<Self> {
        let mut totals = totals::by_person(&mut **db, metric.id, period).await?;
        let mut is_final = None;
        if period.span == Span::Week
            && let Some(since) = store::final_since(db, guild.id, period).await?
        {
            totals = store::kept(db, metric.id, period).await?.into_iter().collect();
            is_final = Some((since, store::later(db, guild.id, metric.id, period, since).await?));
        }
        let before = totals::by_person(&mut **db, metric.id, period.before()).await?;
        let assists = metric::named(&mut **db, guild.id, metric::ASSISTS).await?;
        let help = totals::by_person(&mut **db, assists.id, period).await?;
        let (style, has_card) = store::wanted(&mut **db, guild.id).await?;
        Ok(Self {
            places: rules::rank(&totals),
            sum: totals.values().sum(),
            persons: people::persons(&mut **db, guild.id).await?,
            teams: people::teams(&mut **db, guild.id).await?,
            helpful: rules::most(&help),
            metric,
            period,
            style,
            has_card,
            before,
            totals,
            is_final,
        })
    }

    /// What everyone sees of the board.
    fn seen(&self, guild: &Guild) -> Vec<Visible> {
        rules::seen(self.style, &self.places, &self.before, seed(guild, self.period))
    }
}

/// The seed for pseudonyms, different in each period.
fn seed(guild: &Guild, period: Period) -> u64 {
    guild.id.get() ^ day_number(period.from).cast_unsigned()
}

/// The board for a week's post: revenue, or wins if no amounts were logged; none if empty.
async fn of_the_week(db: &mut Reader, guild: &Guild, period: Period) -> Result<Option<Board>> {
    for name in [metric::REVENUE, metric::WINS] {
        let metric = metric::named(&mut **db, guild.id, name).await?;
        let board = Board::read(db, guild, metric, period).await?;
        if !board.places.is_empty() {
            return Ok(Some(board));
        }
    }
    Ok(None)
}

/// The week's post, with the time it becomes final; none when there is nothing to tell.
pub async fn compose(db: &mut Reader, voice: Voice<'_>, period: Period) -> Result<Option<Composed>> {
    let Some(board) = of_the_week(db, voice.guild, period).await? else { return Ok(None) };
    let mut post = view::public(&board, voice);
    if let Some(ends) = schedules::next_of(&mut **db, voice.id, FINAL).await? {
        let text = words::footer_final_on(weekday(ends.weekday()), time_of_day(ends.time()));
        post = post.footer(voice.say(text));
    }
    Ok(Some(Some(post).into()))
}

/// The week's post once the week is final; also stores the week's places.
async fn compose_final(db: &mut Reader, voice: Voice<'_>, week: Period) -> Result<Option<Composed>> {
    let post = of_the_week(db, voice.guild, week).await?.map(|board| view::at_last(&board, voice));
    let beside: Box<dyn Beside> = Box::new(AtLast { week, is_told: post.is_some() });
    Ok(Some(Composed { beside: Some(beside), ..Composed::from(post) }))
}

/// A week's board that is final.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Final {
    /// The week's first day, as a ledger day number.
    week: i64,
}

impl Subject for Final {
    const KIND: &'static str = "final_board";
}

/// A week that becomes final.
#[derive(Debug)]
struct AtLast {
    week: Period,
    is_told: bool,
}

impl Beside for AtLast {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        state: &'a State,
        guild: &'a Guild,
        _: Period,
        _: bool,
    ) -> Doing<'a, bool> {
        Box::pin(async move {
            keep(tx, state, guild, self.week).await?;
            if self.is_told
                && let Some(key) = schedules::posted_in(tx, guild.id, WEEKLY, self.week).await?
            {
                let subject = Final { week: day_number(self.week.from) };
                outbox::amend_pages(tx, guild.id, &key, &subject).await?;
            }
            Ok(true)
        })
    }
}

/// Stores a week's places on every metric, in the transaction that makes it final, unless already stored.
async fn keep(tx: &mut Tx, state: &State, guild: &Guild, week: Period) -> Result<()> {
    if !store::make_final(tx, state, guild.id, week).await? {
        return Ok(());
    }
    let metrics = metric::all(&mut **tx, guild.id).await?;
    let asked: Vec<_> = metrics.iter().map(|metric| (metric.id, week)).collect();
    let sums = totals::of_many(tx, &asked).await?;
    let mut places = Vec::new();
    for (metric, sums) in metrics.iter().zip(&sums) {
        places.extend(rules::rank(sums).into_iter().map(|place| (metric.id, place)));
    }
    store::keep(tx, guild.id, week, &places).await
}

/// How many past weeks are shown.
const WEEKS: usize = 8;

/// What a person sees of a board in private.
#[derive(Debug)]
struct Own {
    board: Board,
    /// Whether its period is the current one.
    is_now: bool,
    person: PersonId,
    /// Their quantity in each of the last weeks, latest last.
    weeks: Vec<Quantity>,
    /// Their typical win, for boards in money.
    usual: Option<Quantity>,
    /// The name others see, on pseudonymous boards.
    pseudonym: Option<String>,
}

async fn own(
    db: &mut Reader,
    guild: &Guild,
    board: Board,
    person: PersonId,
    today: NaiveDate,
) -> Result<Own> {
    let week = guild.period(Span::Week, today);
    let mut latest = totals::by_person_and_before(&mut **db, &[board.metric.id], week).await?;
    let latest: [Totals; WEEKS] = latest.remove(&board.metric.id).unwrap_or_default();
    let weeks: Vec<Quantity> =
        latest.iter().rev().map(|totals| totals.get(&person).copied().unwrap_or_default()).collect();
    let sizes = totals::latest(&mut *db, guild.id, &[(board.metric.id, Some(person))]).await?;
    let pseudonym = board
        .seen(guild)
        .into_iter()
        .filter(|_| board.style == Style::Pseudonyms)
        .find_map(|seen| (seen.place.person == person).then_some(seen.alias).flatten());
    let is_now = board.period.contains(today);
    let usual = totals::usual(sizes.into_iter().flatten().map(|(_, size)| size));
    Ok(Own { board, is_now, person, weeks, usual, pseudonym })
}

async fn in_money(tx: &mut Tx, guild: &Guild) -> Result<Option<Message>> {
    let found = store::is_in_money(tx, guild.id).await?;
    Ok(found.then(|| words::in_money(guild.currency.code())))
}

/// Changes a guild's board settings.
async fn set(tx: &mut Tx, by: Manager, style: Style, cards: bool) -> Result<()> {
    store::save(tx, by.guild, style, cards).await?;
    Ok(())
}
