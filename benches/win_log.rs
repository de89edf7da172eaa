//! `/win log` from the interaction through the durable commit to the reply, in the sandbox, compared with a
//! bare SQLite commit of the same rows. Both take turns in the same run and folder.
//!
//! `cargo bench --bench win_log`
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bellringer::demo::stage::{Speech, Stage};
use bellringer::kernel::calendar::Zone;
use bellringer::kernel::quantity::Quantity;
use bellringer::sandbox::client::{Place, State};
use bellringer::store::db::Db;
use bellringer::words::Language;
use chrono::{NaiveDate, NaiveTime};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

type Fails<T = ()> = Result<T, Box<dyn Error>>;

/// Rounds; the report gives their medians.
const ROUNDS: usize = 11;
/// Wins per round, each way.
const WINS: usize = 240;
/// The people who log concurrently.
const REPS: [&str; 8] = ["Ana", "Ben", "Cleo", "Dev", "Eli", "Fay", "Gus", "Hana"];

#[tokio::main]
async fn main() -> Fails {
    let stage = open().await?;
    let places: Vec<Place> = REPS.iter().map(|name| stage.place(name, "general")).collect();
    // Unreported warm-up: opens connections, prepares statements, logs a win to copy.
    through_sandbox(&stage, &places, WINS).await?;
    stage.worker.drain().await?;
    let bare = Bare::beside(&stage).await?;
    bare.commit(WINS).await?;
    bare.settle().await?;

    let mut table: [Vec<Turn>; 4] = Default::default();
    for _ in 0..ROUNDS {
        table[0].push(Turn::of(|| through_sandbox(&stage, &places[..1], WINS)).await?);
        stage.worker.drain().await?;
        table[1].push(Turn::of(|| bare.commit(WINS)).await?);
        bare.settle().await?;
        table[2].push(Turn::of(|| through_sandbox(&stage, &places, WINS / REPS.len())).await?);
        stage.worker.drain().await?;
        table[3].push(Turn::of(|| bare.commit_at_once(REPS.len(), WINS / REPS.len())).await?);
        bare.settle().await?;
    }
    let logged = (2 * ROUNDS + REPS.len()) * WINS;
    let (rows,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM win").fetch_one(stage.state.db.read()).await?;
    assert_eq!(usize::try_from(rows), Ok(logged), "every win was to be logged, each once");
    assert_eq!(stage.state.failures(), 0, "nothing was to fail");

    println!("Medians of {ROUNDS} rounds of {WINS} wins each way, in turns.\n");
    println!("{:<34} {:>10} {:>10} {:>10}", "", "a second", "p50 ms", "p99 ms");
    let names = [
        "/win log, one at a time",
        "bare commit, one at a time",
        "/win log, 8 at once",
        "bare commit, 8 at once",
    ];
    let told: Vec<Turn> = table.iter().map(|turns| Turn::median(turns)).collect();
    for (name, turn) in names.iter().zip(&told) {
        println!("{name:<34} {:>10.0} {:>10.2} {:>10.2}", turn.rate, turn.p50, turn.p99);
    }
    println!("\n/win log costs, of a bare commit (aim: under 4 times):");
    println!("  one at a time  {:.2} times (p50)", told[0].p50 / told[1].p50);
    println!("  8 at once      {:.2} times (by rate)", told[3].rate / told[2].rate);
    bare.db.close().await;
    Ok(stage.close().await?)
}

/// A guild with eight reps, set up, on a Monday morning.
async fn open() -> Fails<Stage> {
    let zone = Zone::parse("America/New_York").ok_or("the zone is missing")?;
    let monday = NaiveDate::from_ymd_opt(2026, 4, 6).ok_or("the day is missing")?;
    let morning = monday.and_time(NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default());
    let mut stage =
        Stage::open("Measured", Language::default(), zone, morning, Speech::Kept(String::new())).await?;
    stage.channels(&["wins"]).await?;
    stage.joins("Maya", true).await?;
    for name in REPS {
        stage.joins(name, false).await?;
    }
    let options = json!({"time_zone": zone.name(), "currency": "USD", "wins_channel": stage.channel("wins")});
    stage.runs("Maya", "general", "setup", options).await?;
    // Recording the sandbox's journal isn't part of the measurement.
    stage.control.set_log(false).await?;
    Ok(stage)
}

/// Everyone logs wins one after the other, all people concurrently.
async fn through_sandbox(stage: &Stage, places: &[Place], each: usize) -> Fails<Vec<Duration>> {
    let person = async |place: &Place| -> Fails<Vec<Duration>> {
        let mut took = Vec::with_capacity(each);
        for _ in 0..each {
            let options = json!({"amount": "12.5k", "customer": "Harbor Foods", "kind": "new business"});
            let started = Instant::now();
            let outcome = stage.control.command(place, "win log", options).await?;
            took.push(started.elapsed());
            let said = outcome.message.as_ref().map(Value::to_string).unwrap_or_default();
            if outcome.state != State::Replied || !said.contains("Logged ") {
                return Err(format!("a win was not logged: {said}").into());
            }
        }
        Ok(took)
    };
    Ok(try_join_all(places.iter().map(person)).await?.concat())
}

/// A database of the same schema in the same folder, and the rows of a win that are written to it repeatedly.
struct Bare {
    db: Db,
    row: Row,
    last_id: AtomicI64,
}

bellringer::row! {
    /// The values of a win's rows.
    struct Row {
        guild_id: i64,
        person_id: i64,
        amount: i64,
        customer: String,
        kind: String,
        day: i64,
        month: i64,
        logged_at: i64,
        wins: i64,
        revenue: i64,
        fact: String,
        channel_id: i64,
        post: String,
    }
}

impl Bare {
    /// Copies all existing rows, so that the data and index sizes are the same.
    async fn beside(stage: &Stage) -> Fails<Self> {
        let (file,): (String,) = sqlx::query_as("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(stage.state.db.read())
            .await?;
        let copy = Path::new(&file).with_file_name("bare.db");
        sqlx::query("VACUUM INTO $1").bind(copy.display().to_string()).execute(stage.state.db.read()).await?;
        let db = Db::open(&format!("sqlite://{}", copy.display())).await?;
        let row = sqlx::query_as(
            "SELECT win.guild_id, win.person_id, win.amount, win.customer, win.kind, win.day, win.logged_at,
                    (SELECT MIN(start_day) FROM total WHERE grain = 'month') AS month, wins.id AS wins,
                    revenue.id AS revenue, fact.body AS fact, post.channel_id, post.subject AS post
             FROM win, metric AS wins, metric AS revenue, fact, post
             WHERE wins.name = 'wins' AND revenue.name = 'revenue' AND fact.id = (SELECT MAX(id) FROM fact)
             ORDER BY win.id DESC, post.id DESC LIMIT 1",
        )
        .fetch_one(db.read())
        .await?;
        // Above every existing id.
        Ok(Self { db, row, last_id: AtomicI64::new(i64::MAX / 2) })
    }

    fn id(&self) -> i64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A win, its share, two entries, their four sums, the fact and the post, in a durable transaction.
    async fn one(&self) -> Fails {
        let (row, win) = (&self.row, self.id());
        let mut tx = self.db.write().await?;
        sqlx::query(
            "INSERT INTO win (id, guild_id, person_id, amount, customer, kind, note, day, logged_at)
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8)",
        )
        .bind(win)
        .bind(row.guild_id)
        .bind(row.person_id)
        .bind(row.amount)
        .bind(row.customer.as_str())
        .bind(row.kind.as_str())
        .bind(row.day)
        .bind(row.logged_at)
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO win_share (win_id, person_id, percent) VALUES ($1, $2, 100)")
            .bind(win)
            .bind(row.person_id)
            .execute(&mut *tx)
            .await?;
        for (metric, quantity) in [(row.wins, Quantity::ONE.0), (row.revenue, row.amount)] {
            sqlx::query(
                "INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
                 VALUES ($1, $2, $3, $4, $5, $6, 'win', $7, $8)",
            )
            .bind(self.id())
            .bind(row.guild_id)
            .bind(metric)
            .bind(row.person_id)
            .bind(quantity)
            .bind(row.day)
            .bind(win)
            .bind(row.logged_at)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
                 VALUES ($1, $2, 'day', $3, $5, $6), ($1, $2, 'month', $4, $5, $6)
                 ON CONFLICT (metric_id, grain, start_day, person_id) DO UPDATE SET quantity = total.quantity + excluded.quantity",
            )
            .bind(row.guild_id)
            .bind(metric)
            .bind(row.day)
            .bind(row.month)
            .bind(row.person_id)
            .bind(quantity)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query("INSERT INTO fact (id, guild_id, body, happened) VALUES ($1, $2, $3, $4)")
            .bind(self.id())
            .bind(row.guild_id)
            .bind(row.fact.as_str())
            .bind(row.logged_at)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO post (id, guild_id, channel_id, post_key, subject, state, not_before, created_at)
             VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6)",
        )
        .bind(self.id())
        .bind(row.guild_id)
        .bind(row.channel_id)
        .bind(format!("win:{win}"))
        .bind(row.post.as_str())
        .bind(row.logged_at)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Commits wins one after the other.
    async fn commit(&self, count: usize) -> Fails<Vec<Duration>> {
        let mut took = Vec::with_capacity(count);
        for _ in 0..count {
            let started = Instant::now();
            self.one().await?;
            took.push(started.elapsed());
        }
        Ok(took)
    }

    /// Marks facts and posts as done, as the worker does in the real app.
    async fn settle(&self) -> Fails {
        let mut tx = self.db.write().await?;
        sqlx::query("UPDATE fact SET reacted_at = happened WHERE reacted_at IS NULL")
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE post SET state = 'sent' WHERE state = 'waiting'").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// The same with this many concurrent writers.
    async fn commit_at_once(&self, tasks: usize, each: usize) -> Fails<Vec<Duration>> {
        Ok(try_join_all((0..tasks).map(|_| self.commit(each))).await?.concat())
    }
}

/// The results of a round.
struct Turn {
    /// Wins a second.
    rate: f64,
    /// p50, in milliseconds.
    p50: f64,
    /// p99, in milliseconds.
    p99: f64,
}

impl Turn {
    async fn of<F: Future<Output = Fails<Vec<Duration>>>>(turn: impl FnOnce() -> F) -> Fails<Self> {
        let started = Instant::now();
        let mut took: Vec<f64> = turn().await?.iter().map(|it| it.as_secs_f64() * 1000.0).collect();
        let seconds = started.elapsed().as_secs_f64();
        took.sort_by(f64::total_cmp);
        let at = |percent: usize| took[(took.len() * percent).div_ceil(100) - 1];
        let count = f64::from(u32::try_from(took.len())?);
        Ok(Self { rate: count / seconds, p50: at(50), p99: at(99) })
    }

    fn median(turns: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| {
            let mut all: Vec<f64> = turns.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        Self { rate: of(|it| it.rate), p50: of(|it| it.p50), p99: of(|it| it.p99) }
    }
}
