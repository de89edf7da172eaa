//! A busy guild: 200 persons, a wins channel, a team with a live goal, and a year of 100,000 wins. Bellringer itself sets it
//! up by its commands, so that schema and schedules are its own; the wins of before are written by SQL, as it writes them.

use std::time::Duration;

use bellringer::kernel::clock::{Clock, at};
use chrono::{Datelike, Months, NaiveDate};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::Fails;
use crate::bot::Bot;
use crate::discord::{Discord, EPOCH_MS};
use crate::load::Deed;
use crate::store::{Store, Stores};
use crate::world::{self, BELLS, BOSS, Form, text};

/// Wins in it.
pub(crate) const WINS: usize = 100_000;
const PERSONS: u64 = 200;
/// How many of them are on the team.
const ON_TEAM: u64 = 20;
const TEAM: &str = "Field";
const DAY: i64 = 86_400_000_000;

/// Makes one, in an empty store.
pub(crate) async fn fill(bot: &Bot, store: &Store, stores: &Stores) -> Fails {
    let life = bot.start(store, &stores.folder).await?;
    life.explains(set_up(&life.discord, store).await)?;
    life.settles().await?;
    life.end().await?;

    let mut db = store.connect().await?;
    let persons = usize::try_from(PERSONS)?;
    pour(&mut db, i64::try_from(WINS - 2 * persons)?).await?;
    check(&mut db, WINS - persons).await?;
    // A server does so by itself before long; nobody does so for a file.
    if let Store::Server(..) = store {
        sqlx::raw_sql("ANALYZE").execute(&mut db).await?;
    }
    db.close().await?;

    // What is found in so many wins, badges above all, is found now and not while it is measured.
    let life = bot.start(store, &stores.folder).await?;
    life.discord.ready().await?;
    life.explains(wins(&life.discord, persons).await)?;
    life.settles().await?;
    life.end().await?;
    let mut db = store.connect().await?;
    check(&mut db, WINS).await?;
    has_live_goal(&mut db).await?;
    Ok(db.close().await?)
}

/// What a manager does: the channel, the team and its goal. In between, everyone is met.
async fn set_up(discord: &Discord, store: &Store) -> Fails {
    discord.ready().await?;
    let channel = json!({"name": "wins_channel", "type": 7, "value": BELLS.to_string()});
    let options = json!([text("time_zone", "UTC"), text("currency", "USD"), channel]);
    boss("setup", options, &world::place(BELLS)).deferred().once(discord, 0).await?;
    is_set_up(store).await?;
    wins(discord, 0).await?;
    boss("team create", json!([text("name", TEAM)]), &json!({})).once(discord, 0).await?;
    for who in 1..=ON_TEAM {
        let person = json!({"name": "who", "type": 6, "value": (world::USERS + who).to_string()});
        let options = json!([text("team", TEAM), person]);
        boss("team add", options, &world::person(who)).once(discord, 0).await?;
    }
    // By the quarter, and too much to be reached: a goal that is reached is not live any more.
    let quarter = json!({"name": "period", "type": 4, "value": 2});
    let options = json!([text("metric", "revenue"), text("target", "900m"), quarter, text("team", TEAM)]);
    boss("goal set", options, &json!({})).once(discord, 0).await?;
    Ok(())
}

/// What a manager does, which is answered with an embed.
fn boss(name: &str, options: Value, resolved: &Value) -> Deed {
    Deed::command(Form::command(name, options, resolved), "description").by(BOSS)
}

/// Waits until `/setup` has written what it was told: it is deferred, and so answered before.
async fn is_set_up(store: &Store) -> Fails {
    let mut db = store.connect().await?;
    for _ in 0..100 {
        let (guilds,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM guild WHERE set_up_at IS NOT NULL")
            .fetch_one(&mut db)
            .await?;
        if guilds == 1 {
            return Ok(db.close().await?);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the guild was not set up".into())
}

/// Everyone logs a win, and by that is met.
async fn wins(discord: &Discord, from: usize) -> Fails {
    for who in 1..=PERSONS {
        let number = from + usize::try_from(who)?;
        crate::win().by(who).once(discord, number).await?;
    }
    Ok(())
}

/// Writes wins of the last year, evenly spread over it and over everyone who was met, with what the ledger keeps of them.
async fn pour(db: &mut AnyConnection, count: i64) -> Fails {
    let now = Clock::system().now().timestamp_micros();
    let (first, until) = (now - 365 * DAY, now - DAY / 24);
    let (guild,): (i64,) = sqlx::query_as("SELECT id FROM guild").fetch_one(&mut *db).await?;
    // Ids as Discord would have given them at that time, with room above each for the ids of its entries.
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
         INSERT INTO win (id, guild_id, person_id, amount, customer, kind, note, day, logged_at)
         SELECT (($2 + i * $3) / 1000 - $4) * 4194304, $5, rep.id, 100000 + i * 104729 % 1900001,
                'Customer ' || CAST(i * 7919 % 5003 AS TEXT), 'renewal', NULL, ($2 + i * $3) / $6, $2 + i * $3
         FROM n JOIN (
             SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place FROM person WHERE guild_id = $5 AND manages = 0
         ) AS rep ON rep.place = i * 7919 / 31 % $7
         ORDER BY i",
    )
    .bind(count)
    .bind(first)
    .bind((until - first) / count)
    .bind(EPOCH_MS)
    .bind(guild)
    .bind(DAY)
    .bind(PERSONS.cast_signed())
    .execute(&mut *db)
    .await?;
    let poured = "INSERT INTO win_share (win_id, person_id, percent) SELECT id, person_id, 100 FROM win WHERE logged_at < $1";
    sqlx::query(poured).bind(until).execute(&mut *db).await?;
    for (above, metric, quantity) in [(1, "wins", "100"), (2, "revenue", "amount")] {
        let sql = format!(
            "INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
             SELECT win.id + {above}, win.guild_id, metric.id, win.person_id, {quantity}, win.day, 'win', win.id, win.logged_at
             FROM win JOIN metric ON metric.guild_id = win.guild_id AND metric.name = '{metric}'
             WHERE win.logged_at < $1 ORDER BY win.id"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(until).execute(&mut *db).await?;
    }
    // The sums of days and months anew, of all that is there.
    sqlx::raw_sql(
        "DELETE FROM total;
         INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
         SELECT guild_id, metric_id, 'day', day, person_id, CAST(SUM(quantity) AS BIGINT)
         FROM entry GROUP BY guild_id, metric_id, day, person_id",
    )
    .execute(&mut *db)
    .await?;
    let mut month = at(first).date_naive().with_day(1).ok_or("a month has a first day")?;
    while month <= at(now).date_naive() {
        let next = month + Months::new(1);
        let day = |date: NaiveDate| date.to_epoch_days();
        sqlx::query(
            "INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
             SELECT guild_id, metric_id, 'month', $1, person_id, CAST(SUM(quantity) AS BIGINT)
             FROM total WHERE grain = 'day' AND start_day >= $1 AND start_day < $2
             GROUP BY guild_id, metric_id, person_id",
        )
        .bind(i64::from(day(month)))
        .bind(i64::from(day(next)))
        .execute(&mut *db)
        .await?;
        month = next;
    }
    Ok(())
}

/// There are so many wins, each with its share and its two entries, and all sums of their amounts are the same.
async fn check(db: &mut AnyConnection, wins: usize) -> Fails {
    let wins = i64::try_from(wins)?;
    let counts: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM win), (SELECT COUNT(*) FROM win_share),
                (SELECT COUNT(*) FROM entry JOIN win ON win.id = entry.source_id WHERE entry.source = 'win'
                    AND entry.person_id = win.person_id AND entry.day = win.day),
                (SELECT COUNT(DISTINCT person_id) FROM win)",
    )
    .fetch_one(&mut *db)
    .await?;
    let persons = PERSONS.cast_signed();
    if counts != (wins, wins, 2 * wins, persons) {
        return Err(format!("{wins} wins of {persons} persons were to be there, and not {counts:?}").into());
    }
    let sums: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT CAST(SUM(amount) AS BIGINT) FROM win),
                (SELECT CAST(SUM(quantity) AS BIGINT) FROM entry WHERE metric_id = metric.id),
                (SELECT CAST(SUM(quantity) AS BIGINT) FROM total WHERE metric_id = metric.id AND grain = 'day'),
                (SELECT CAST(SUM(quantity) AS BIGINT) FROM total WHERE metric_id = metric.id AND grain = 'month')
         FROM metric WHERE name = 'revenue'",
    )
    .fetch_one(&mut *db)
    .await?;
    if [sums.1, sums.2, sums.3] != [sums.0; 3] {
        return Err(format!("the sums of wins, entries, days and months are not one: {sums:?}").into());
    }
    Ok(())
}

/// Everyone who was to be on the team is, and its goal is told in a message of its own, and not reached.
async fn has_live_goal(db: &mut AnyConnection) -> Fails {
    let found: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM team_member),
                (SELECT COUNT(*) FROM goal WHERE team_id IS NOT NULL AND reached_at IS NULL AND closed_at IS NULL),
                (SELECT COUNT(*) FROM post WHERE post_key LIKE 'goal:%:live' AND message_id IS NOT NULL)",
    )
    .fetch_one(&mut *db)
    .await?;
    if found == (ON_TEAM.cast_signed(), 1, 1) {
        Ok(())
    } else {
        Err(format!("the team was to have a live goal, and not {found:?}").into())
    }
}

/// Somebody types an option there, with what that is called in the table.
pub(crate) fn typing() -> [(&'static str, Deed); 4] {
    let typing = |name, options| Deed::typing(Form::autocomplete(name, options));
    let which = || json!([world::typed("which", "")]);
    [
        ("`/win undo`, `which`, as a rep", typing("win undo", which())),
        ("`/win undo`, `which`, as a manager", typing("win undo", which()).by(BOSS)),
        ("`/goal change`, `which`, as a manager", typing("goal change", which()).by(BOSS)),
        (
            "`/goal set`, `target`",
            typing("goal set", json!([text("metric", "revenue"), world::typed("target", "12k")])),
        ),
    ]
}
