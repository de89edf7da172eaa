//! How long writes wait while a server of 20,000 wins is erased beside many other servers' rows.
//!
//! `cargo bench --bench erasure`; `-- --rows 10000000` for more than the default million other rows.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::error::Error;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use bellringer::feature::tables;
use bellringer::features::{FEATURES, privacy};
use bellringer::kernel::clock::Clock;
use bellringer::kernel::error::Result;
use bellringer::store::db::Db;
use bellringer::store::state::State;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

type Fails<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Wins in the erased server.
const WINS: i64 = 20_000;
/// Rows per win, including its posts and thanks.
const EACH: i64 = 10;
/// How often the concurrent writer writes.
const EVERY: Duration = Duration::from_millis(5);
/// How long it writes before the erasure starts, as a baseline.
const BEFORE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Fails {
    let mut words = std::env::args().skip_while(|word| word != "--rows").skip(1);
    let rows = words.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let url = fill(folder.path(), rows).await?;
    let state = State::new(Db::open(&url).await?, Clock::system());
    println!("{rows} rows of others, filled in {:.0} s\n", began.elapsed().as_secs_f64());
    println!("{:<24} {:>8} {:>12} {:>10} {:>10}", "", "writes", "wait p50 ms", "p99 ms", "max ms");

    Waits::beside(&state, tokio::time::sleep(BEFORE)).await?.0.tell("nothing goes");
    let (theirs, began) = (wins_of_others(&state).await?, Instant::now());
    let (during, steps) = Waits::beside(&state, erased(&state)).await?;
    during.tell("a server is erased");
    let took = began.elapsed();
    println!("\nIt took {:.1} s in {} steps.", took.as_secs_f64(), steps?);

    assert_eq!(state.failures(), 0, "nothing was to fail");
    for table in tables(FEATURES) {
        let sql = format!("SELECT COUNT(*) FROM {} WHERE {}", table.name, table.of_guild());
        let (left,): (i64,) =
            sqlx::query_as(AssertSqlSafe(sql)).bind(1_i64).fetch_one(state.db.read()).await?;
        assert_eq!(left, 0, "nothing was to be left in {}", table.name);
    }
    assert_eq!(wins_of_others(&state).await?, theirs, "nothing of others was to go");
    state.db.close().await;
    if during.at(99) > 20.0 || during.at(100) > 50.0 {
        return Err("the aims are to wait for less than 20 ms (p99), and never for more than 50 ms".into());
    }
    Ok(())
}

/// Runs the erasure; returns the number of steps.
async fn erased(state: &State) -> Result<u32> {
    let mut steps = 0;
    while (privacy::FEATURE.duties[0].step)(state).await? {
        steps += 1;
    }
    Ok(steps)
}

async fn wins_of_others(state: &State) -> Result<i64> {
    let (count,) =
        sqlx::query_as("SELECT COUNT(*) FROM win WHERE guild_id <> 1").fetch_one(state.db.read()).await?;
    Ok(count)
}

/// How long each write waited for the writer connection, in milliseconds, sorted ascending.
struct Waits(Vec<f64>);

impl Waits {
    /// Runs `doing` with the concurrent writer going.
    async fn beside<T>(state: &State, doing: impl Future<Output = T>) -> Fails<(Self, T)> {
        let (db, stop) = (state.db.clone(), CancellationToken::new());
        let mut writers = JoinSet::new();
        writers.spawn(writes(db, stop.clone()));
        let done = doing.await;
        stop.cancel();
        let mut waits = writers.join_next().await.ok_or("nobody wrote")???;
        waits.sort_by(f64::total_cmp);
        Ok((Self(waits), done))
    }

    /// The wait at a percentile.
    fn at(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent).div_ceil(100).max(1) - 1]
    }

    fn tell(&self, what: &str) {
        let [middle, most, all] = [50, 99, 100].map(|percent| self.at(percent));
        println!("{what:<24} {:>8} {middle:>12.2} {most:>10.2} {all:>10.2}", self.0.len());
    }
}

/// Writes a row every few milliseconds until stopped.
async fn writes(db: Db, stop: CancellationToken) -> Result<Vec<f64>> {
    let (mut waits, mut ticks) = (Vec::new(), tokio::time::interval(EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        ticks.tick().await;
        let asked = Instant::now();
        let mut tx = db.write().await?;
        waits.push(asked.elapsed().as_secs_f64() * 1000.0);
        sqlx::query("UPDATE guild SET wins_channel = COALESCE(wins_channel, 0) + 1 WHERE id = 2")
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    Ok(waits)
}

/// Makes a database with this many rows of other servers and one server that the bot left a month ago.
async fn fill(folder: &Path, rows: i64) -> Fails<String> {
    let url = format!("sqlite://{}", folder.join("bellringer.db").display());
    Db::open(&url).await?.close().await;
    let mut bulk = SqliteConnectOptions::from_str(&url)?
        // Nothing here needs to survive a power cut.
        .pragma("journal_mode", "OFF")
        .pragma("synchronous", "OFF")
        .pragma("foreign_keys", "OFF")
        .pragma("cache_size", "-400000")
        .connect()
        .await?;
    pour(&mut bulk, rows / EACH + WINS).await?;
    bulk.close().await?;
    Ok(url)
}

/// Inserts wins of eight people per server in 1,000 servers, the first server's evenly in between.
async fn pour(bulk: &mut SqliteConnection, wins: i64) -> Fails {
    // Building indexes at once is faster than row by row.
    let indexes: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            .fetch_all(&mut *bulk)
            .await?;
    for (name, _) in &indexes {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut *bulk).await?;
    }
    let others = (wins / 1000).max(1);
    let guilds = others + 1;
    let left = Clock::system().now() - privacy::GUILD_STAYS;
    let left = left.timestamp_micros();
    let sql = format!(
        "CREATE TEMP TABLE number AS
             WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {wins}) SELECT i FROM n;
         INSERT INTO guild (id, zone, currency, week_start, created_at, left_at)
             SELECT i + 1, 'UTC', 'USD', 0, 0, CASE WHEN i = 0 THEN {left} END FROM number WHERE i < {guilds};
         INSERT INTO person (id, guild_id, user_id, name, created_at)
             SELECT (i / 8 + 1) * 100 + i % 8, i / 8 + 1, i, 'Person', 0 FROM number WHERE i < {guilds} * 8;
         INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
             SELECT (i / 2 + 1) * 100 + i % 2, i / 2 + 1, 'm' || (i % 2), 'm' || (i % 2), 'count', 'forecast', 1, 0
             FROM number WHERE i < {guilds} * 2;
         CREATE TEMP TABLE won AS
             SELECT i, guild, guild * 100 + i % 8 AS person, guild * 100 AS metric FROM (
                 SELECT i, CASE WHEN i * {WINS} % {wins} < {WINS} THEN 1 ELSE 2 + i * 7919 % {others} END AS guild FROM number);
         INSERT INTO win (id, guild_id, person_id, amount, customer, day, logged_at)
             SELECT i * 10, guild, person, 1000 + i % 9000, 'Harbor Foods', i, i FROM won;
         INSERT INTO win_share (win_id, person_id, percent) SELECT i * 10, person, 100 FROM won;
         INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
             SELECT i * 10 + more.one, guild, metric + more.one, person, 100, i, 'win', i * 10, i
             FROM won CROSS JOIN (SELECT 0 AS one UNION ALL SELECT 1) AS more;
         INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
             SELECT guild, metric + more.one, 'day', i, person, 100
             FROM won CROSS JOIN (SELECT 0 AS one UNION ALL SELECT 1) AS more;
         INSERT INTO fact (id, guild_id, body, happened, reacted_at)
             SELECT i * 10, guild, '{{\"kind\":\"counted\",\"metrics\":[1,2],\"persons\":[3],\"first\":4,\"last\":4}}', i, i FROM won;
         INSERT INTO post (id, guild_id, channel_id, post_key, subject, state, not_before, message_id, created_at, sent_at)
             SELECT i * 10, guild, guild, 'win:' || i, '{{\"kind\":\"win\",\"win\":5}}', 'sent', 0, i, i, i FROM won;
         INSERT INTO kudos (id, guild_id, giver_id, reason, is_private, day, given_at)
             SELECT i * 10, guild, person, 'You stayed late until the demo worked', 0, i, i FROM won;
         INSERT INTO kudos_receiver (kudos_id, person_id, is_public) SELECT i * 10, guild * 100, 1 FROM won;"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *bulk).await?;
    for (_, sql) in indexes {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *bulk).await?;
    }
    Ok(())
}
