//! A leaderboard over a year with 200 persons, read from a ledger of 100,000 entries and from one of 10,000,000.
//!
//! `cargo bench --bench leaderboard`; `-- --entries 1000000` for a smaller large one.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::error::Error;
use std::path::Path;
use std::str::FromStr;
use std::time::Instant;

use bellringer::features::leaderboard::{self, Board};
use bellringer::kernel::calendar::{Period, Span, day_number};
use bellringer::kernel::clock::Clock;
use bellringer::kernel::ids::{GuildId, PersonId, UserId};
use bellringer::kernel::quantity::Quantity;
use bellringer::ledger::metric::{self, Metric};
use bellringer::ledger::totals::{self, Totals};
use bellringer::people::{self, Guild, Voice};
use bellringer::store::db::Db;
use bellringer::store::state::State;
use bellringer::words::Language;
use chrono::{NaiveDate, Weekday};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

type Fails<T = ()> = Result<T, Box<dyn Error>>;

const SMALL: i64 = 100_000;
const LARGE: i64 = 10_000_000;
const PERSONS: i64 = 200;
/// How often each board is read.
const READS: usize = 400;
const GUILD: GuildId = GuildId(1);

#[tokio::main]
async fn main() -> Fails {
    let mut words = std::env::args().skip_while(|word| word != "--entries").skip(1);
    let large = words.next().map_or(Ok(LARGE), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let ledgers =
        [Ledger::fill(folder.path(), SMALL).await?, Ledger::fill(folder.path(), large.max(SMALL)).await?];

    // The board is what /leaderboard reads; the post also finds the metric and renders the text.
    let mut took: [[Vec<f64>; 2]; 2] = Default::default();
    for round in 0..READS + 20 {
        for (ledger, took) in ledgers.iter().zip(&mut took) {
            for (figure, took) in [ledger.read().await?, ledger.compose().await?].into_iter().zip(took) {
                // Warm up the caches.
                if round >= 20 {
                    took.push(figure);
                }
            }
        }
    }

    println!("\nA year's board of {PERSONS} persons, {READS} reads each, by turns.\n");
    println!(
        "{:>12} {:>18} {:>10} {:>18} {:>10}",
        "entries", "board p50 ms", "p99 ms", "post p50 ms", "p99 ms"
    );
    let mut medians = Vec::new();
    for (ledger, took) in ledgers.iter().zip(&mut took) {
        let [board, post] = took.each_mut().map(|took| {
            took.sort_by(f64::total_cmp);
            [took[took.len() / 2], took[took.len() * 99 / 100]]
        });
        println!(
            "{:>12} {:>18.2} {:>10.2} {:>18.2} {:>10.2}",
            ledger.entries, board[0], board[1], post[0], post[1]
        );
        medians.push((board[0], post[0]));
    }
    println!(
        "\nThe larger takes {:.2} times the smaller for the board, {:.2} times for the post (aims: under 10 ms; at most 1.5 times).",
        medians[1].0 / medians[0].0,
        medians[1].1 / medians[0].1
    );
    Ok(())
}

/// A database with a guild, its people, this many entries in 2026 and a tenth of that in 2025.
struct Ledger {
    state: State,
    guild: Guild,
    metric: Metric,
    period: Period,
    entries: i64,
}

impl Ledger {
    async fn fill(folder: &Path, entries: i64) -> Fails<Self> {
        let started = Instant::now();
        let file = folder.join(format!("{entries}.db"));
        let url = format!("sqlite://{}", file.display());
        let state = State::new(Db::open(&url).await?, Clock::system());
        let guild = bellringer::ledger::meet_guild(&state, GUILD, Language::default()).await?;
        let mut persons = Vec::new();
        for number in 1..=PERSONS {
            let name = format!("Person {number}");
            persons.push(people::meet_person(&state, GUILD, UserId(number), &name, None).await?);
        }
        let metric = metric::named(state.db.read(), GUILD, metric::REVENUE).await?;
        state.db.close().await;

        let new_year = NaiveDate::from_ymd_opt(2026, 1, 1).ok_or("the day is missing")?;
        let period = Period::around(Span::Year, new_year, Weekday::Mon);
        let mut bulk = SqliteConnectOptions::from_str(&url)?
            // Nothing here needs to survive a power cut.
            .pragma("journal_mode", "OFF")
            .pragma("synchronous", "OFF")
            .pragma("foreign_keys", "OFF")
            .pragma("cache_size", "-400000")
            .connect()
            .await?;
        pour(&mut bulk, &metric, &persons, period, entries).await?;
        bulk.close().await?;

        let state = State::new(Db::open(&url).await?, Clock::system());
        let ledger = Self { state, guild, metric, period, entries };
        ledger.check().await?;
        println!(
            "{entries} entries: filled and checked in {:.0} s, {} MB",
            started.elapsed().as_secs_f64(),
            file.metadata()?.len() / 1_000_000
        );
        Ok(ledger)
    }

    /// Checks that the sums that boards read match the entries, person by person, in both years.
    async fn check(&self) -> Fails {
        let mut counted = 0;
        for period in [self.period, self.period.before()] {
            let rows: Vec<(PersonId, i64, i64)> = sqlx::query_as(
                "SELECT person_id, SUM(quantity), COUNT(*) FROM entry
                 WHERE guild_id = $1 AND metric_id = $2 AND day >= $3 AND day < $4 GROUP BY person_id",
            )
            .bind(GUILD)
            .bind(self.metric.id)
            .bind(day_number(period.from))
            .bind(day_number(period.until))
            .fetch_all(self.state.db.read())
            .await?;
            counted += rows.iter().map(|(.., count)| count).sum::<i64>();
            let entries: Totals = rows.into_iter().map(|(person, sum, _)| (person, Quantity(sum))).collect();
            assert_eq!(entries.len(), 200, "everyone was to have something");
            let db = self.state.db.read();
            let by_month = totals::by_person(db, self.metric.id, period).await?;
            assert_eq!(by_month, entries, "the months' sums were to be those of the entries");
            // The same without the last day, and that day alone: partial months are summed from days.
            let last = Period::days(period.last(), period.last());
            let rest = Period { until: period.last(), ..period };
            let mut by_day = totals::by_person(db, self.metric.id, rest).await?;
            for (person, sum) in totals::by_person(db, self.metric.id, last).await? {
                *by_day.entry(person).or_default() += sum;
            }
            assert_eq!(by_day, entries, "the days' sums were to be those of the entries");
        }
        assert_eq!(counted, self.entries + self.entries / 10, "the ledger was to be of that size");
        Ok(())
    }

    /// Reads the year's board; returns milliseconds.
    async fn read(&self) -> Fails<f64> {
        let metric = self.metric.clone();
        let started = Instant::now();
        Board::read(&mut self.state.db.reader().await?, &self.guild, metric, self.period).await?;
        Ok(started.elapsed().as_secs_f64() * 1000.0)
    }

    /// Composes the year's post; returns milliseconds.
    async fn compose(&self) -> Fails<f64> {
        let started = Instant::now();
        let post = leaderboard::compose(
            &mut self.state.db.reader().await?,
            Voice::of(&self.guild, &self.state.clock),
            self.period,
        )
        .await?;
        assert!(post.is_some(), "there was to be a post");
        Ok(started.elapsed().as_secs_f64() * 1000.0)
    }
}

/// Bulk-inserts entries, spread over people and days, with the sums `ledger::record` would write.
async fn pour(
    bulk: &mut SqliteConnection,
    metric: &Metric,
    persons: &[PersonId],
    period: Period,
    entries: i64,
) -> Fails {
    // Building indexes at once is faster. Those of constraints stay; ids come in order.
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entry' AND sql IS NOT NULL",
    )
    .fetch_all(&mut *bulk)
    .await?;
    for (name, _) in &indexes {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut *bulk).await?;
    }
    let ids: Vec<i64> = persons.iter().map(|person| person.0).collect();
    sqlx::query("CREATE TEMP TABLE rep AS SELECT key AS number, value AS id FROM json_each($1)")
        .bind(serde_json::to_string(&ids)?)
        .execute(&mut *bulk)
        .await?;
    sqlx::query("CREATE UNIQUE INDEX temp.rep_number ON rep (number, id)").execute(&mut *bulk).await?;
    let mut first_id = 1;
    for (period, count) in [(period.before(), entries / 10), (period, entries)] {
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
             INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
             SELECT $2 + i, $3, $4, (SELECT id FROM rep WHERE number = i * 7919 / 31 % $5), 1000 + i * 104729 % 990001,
                    $6 + i * 15485863 / 17 % $7, 'win', $2 + i, 0 FROM n",
        )
        .bind(count)
        .bind(first_id)
        .bind(GUILD)
        .bind(metric.id)
        .bind(i64::try_from(persons.len())?)
        .bind(day_number(period.from))
        .bind((period.until - period.from).num_days())
        .execute(&mut *bulk)
        .await?;
        first_id += count;
    }
    sqlx::raw_sql(
        "INSERT INTO total SELECT guild_id, metric_id, 'day', day, person_id, SUM(quantity)
         FROM entry GROUP BY metric_id, day, person_id;
         INSERT INTO total SELECT guild_id, metric_id, 'month',
                CAST(unixepoch(start_day * 86400, 'unixepoch', 'start of month') / 86400 AS INTEGER) AS month, person_id,
                SUM(quantity)
         FROM total WHERE grain = 'day' GROUP BY metric_id, month, person_id;",
    )
    .execute(&mut *bulk)
    .await?;
    for (_, sql) in indexes {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *bulk).await?;
    }
    Ok(())
}
