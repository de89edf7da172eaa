//! The board without shame: top three, team bar, most improved; one's own place in private.

pub mod commands;
pub mod rules;
mod view;

use std::collections::HashMap;

use rules::Place;

use crate::kernel::calendar::Period;
use crate::kernel::db::Reader;
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::ledger::metric::{self, Metric};
use crate::ledger::roster::{self, Guild, Person, Team};
use crate::ledger::totals::{self, Totals};
use crate::render::post::Post;

/// A metric over a period, ranked.
#[derive(Debug)]
pub struct Board {
    metric: Metric,
    period: Period,
    places: Vec<Place>,
    sum: i64,
    before: Totals,
    persons: HashMap<PersonId, Person>,
    teams: Vec<Team>,
    totals: Totals,
}

impl Board {
    /// Reads a board. "Improved" is against the period of the same length before.
    pub async fn read(db: &mut Reader, guild: &Guild, metric: Metric, period: Period) -> Result<Self> {
        let totals = totals::by_person(&mut **db, metric.id, period).await?;
        let before = totals::by_person(&mut **db, metric.id, period.before()).await?;
        let persons = roster::persons(&mut **db, guild.id).await?;
        let teams = roster::teams(&mut **db, guild.id).await?;
        let places = rules::rank(&totals);
        let sum = totals.values().sum();
        Ok(Self { metric, period, places, sum, before, persons, teams, totals })
    }
}

/// The week's post: revenue, or wins where no amount was named; none when there is nothing to tell.
pub async fn compose(db: &mut Reader, guild: &Guild, period: Period) -> Result<Option<Post>> {
    for name in [metric::REVENUE, metric::WINS] {
        let metric = metric::named(&mut **db, guild.id, name).await?;
        let board = Board::read(db, guild, metric, period).await?;
        if !board.places.is_empty() {
            return Ok(Some(view::public(&board, guild)));
        }
    }
    Ok(None)
}
