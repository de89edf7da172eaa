//! Shout-outs: few, chosen by rules, each with its reason, never the same people week after week.

pub mod rules;

use crate::kernel::calendar::{Period, Span, day_number};
use crate::kernel::db::{Reader, Tx};
use crate::kernel::error::Result;
use crate::kernel::ids::{GuildId, PersonId};
use crate::kernel::text::{capitalised, escape};
use crate::ledger::metric::{self, Metric};
use crate::ledger::roster::{self, Guild};
use crate::ledger::totals;
use crate::render::post::{Post, Tone};
use rules::{Moment, Week};

/// Someone praised in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Praise {
    person: PersonId,
    reason: String,
}

/// The week's shout-outs and whom they praise; none when there is nothing to say.
pub async fn compose(db: &mut Reader, guild: &Guild, period: Period) -> Result<Option<(Post, Vec<Praise>)>> {
    let metrics = metric::all(&mut **db, guild.id).await?;
    let of = |name| metric::built_in(&metrics, name);
    let (wins, revenue, assists) = (of(metric::WINS)?, of(metric::REVENUE)?, of(metric::ASSISTS)?);
    let [revenue_now, earlier @ ..] =
        totals::by_person_and_before::<5>(&mut **db, revenue.id, period).await?;
    let week = Week {
        revenue: revenue_now,
        earlier: earlier.into(),
        assists: totals::by_person(&mut **db, assists.id, period).await?,
        first_days: totals::first_days(&mut **db, wins.id).await?,
        biggest: totals::largest_entry(&mut **db, guild.id, revenue.id, period).await?,
        praised_lately: praised(db, guild, period.before()).await?,
    };
    let moments = rules::choose(&week, period);
    if moments.is_empty() {
        return Ok(None);
    }
    let persons = roster::persons(&mut **db, guild.id).await?;
    let mut praises = Vec::new();
    let mut lines = Vec::new();
    for moment in moments {
        let name =
            persons.get(&moment.person).map_or_else(|| "somebody".to_owned(), |person| escape(&person.name));
        let reason = words(&moment, revenue, guild);
        lines.push(format!("**{}** {reason}", capitalised(&name)));
        praises.push(Praise { person: moment.person, reason });
    }
    let title = if period.span == Span::Week {
        "This week's shout-outs".to_owned()
    } else {
        format!("Shout-outs, {period}")
    };
    Ok(Some((Post::new(Tone::Bell, title, lines.join("\n\n")), praises)))
}

fn words(moment: &Moment, revenue: &Metric, guild: &Guild) -> String {
    let show = |quantity: i64| revenue.show(quantity, guild.currency);
    match moment.why {
        rules::Why::Improved { now, usual } => {
            format!(
                "did {} this week, up from {} in an ordinary one: the largest step on oneself.",
                show(now),
                show(usual)
            )
        }
        rules::Why::FirstWin => "rang the bell for the first time. Welcome to the board!".to_owned(),
        rules::Why::BiggestWin { amount } => format!("closed the biggest win of the week: {}.", show(amount)),
        rules::Why::MostHelp { wins } => {
            let times = if wins == 1 { "a win".to_owned() } else { format!("{wins} wins") };
            format!("helped others to {times}, more than anyone.")
        }
    }
}

async fn praised(db: &mut Reader, guild: &Guild, period: Period) -> Result<Vec<PersonId>> {
    let rows: Vec<(PersonId,)> = sqlx::query_as(
        "SELECT person_id FROM shoutout WHERE guild_id = $1 AND week_day >= $2 AND week_day < $3",
    )
    .bind(guild.id)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_all(&mut **db)
    .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// Remembers who was praised, in the transaction that posts it, so that next week's are others.
pub async fn remember(tx: &mut Tx, guild: GuildId, period: Period, praises: &[Praise]) -> Result<()> {
    for praise in praises {
        sqlx::query("INSERT INTO shoutout (guild_id, week_day, person_id, reason) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
            .bind(guild)
            .bind(day_number(period.last()))
            .bind(praise.person)
            .bind(praise.reason.as_str())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
