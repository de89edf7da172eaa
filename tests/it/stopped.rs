//! Real pauses: a process is suspended (SIGSTOP) and resumed after longer than a lease, as when its machine
//! sleeps. On PostgreSQL another process takes over meanwhile. Nothing acknowledged is lost, nothing is
//! posted twice, and commands sent during the pause aren't executed unnoticed.
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use bellringer::kernel::clock::Clock;
use bellringer::kernel::ids::reference;
use bellringer::sandbox::client::{Fault, Mishap};
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::shutdown;
use bellringer::store::db::{self, Db};
use chrono::TimeDelta;
use serde_json::json;
use tokio::task::JoinSet;

use crate::bot::Home;
use crate::database::Database;
use crate::floor::{Floor, Guild, acknowledged, references};
use crate::story::UNEQUAL_SUMS;

const GUILDS: usize = 24;
/// How long creating a message takes, in milliseconds, so that some are in progress when the process stops.
const SLOW: u64 = 150;
/// The length of a pause: longer than a lease, and than any request may take.
const STILL: Duration = Duration::from_secs(35);
/// How long the remaining work may take: a lease, a nonce and a search, with some slack.
const PATIENCE: Duration = Duration::from_mins(4);

/// Each win's customer, whether it was acknowledged, and whether a process was there to receive it.
#[derive(Default)]
struct Asked {
    wins: Vec<(String, bool, bool)>,
}

impl Asked {
    /// A rep of each guild logs a win at the same moment; `hears` says whether a process is there for the
    /// guild.
    async fn each_logs(&mut self, floor: &Floor, when: &str, hears: impl Fn(&Guild) -> bool) {
        let mut all = JoinSet::new();
        for (number, guild) in floor.guilds.iter().enumerate() {
            let (control, rep) = (floor.control.clone(), guild.reps[number % 2].clone());
            let (customer, heard) = (format!("Quillfeather {when} {number}"), hears(guild));
            all.spawn(async move {
                let win = json!({"amount": "4k", "customer": customer});
                let outcome = control.command(&rep, "win log", win).await.unwrap();
                (customer, acknowledged(&outcome), heard)
            });
        }
        self.wins.extend(all.join_all().await);
    }
}

/// The number of pauses.
fn stops() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests themselves")]
    std::env::var("BELLRINGER_TEST_STOPS").map_or(1, |stops| stops.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stood_still_for_longer_than_a_lease_goes_on_and_nothing_comes_twice() {
    let began = Instant::now();
    let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
    let home = Home::beside(&sandbox, &[]).await;
    let shards: &[&str] = if home.is_shared() { &["0/2", "1/2"] } else { &["0/1"] };
    let mut bots = Vec::new();
    for shard in shards {
        let mut bot = home.start(&[("SHARDS", shard)]);
        bot.ready().await;
        bots.push(bot);
    }
    let floor = Floor::of(sandbox.control(), GUILDS).await;
    floor.each_runs(|_, guild| guild.set_up()).await;
    let slow = Fault {
        delay_ms: SLOW,
        times: u32::MAX,
        ..Fault::once("POST /channels/{id}/messages", Mishap::Delay)
    };
    floor.control.fault(&slow).await.unwrap();
    let db = Db::open(&home.database_url()).await.unwrap();

    let (mut asked, mut under_way) = (Asked::default(), 0);
    for round in 0..stops() {
        let all = floor.clone();
        let logging = shutdown::spawn(async move {
            let mut asked = Asked::default();
            asked.each_logs(&all, &format!("before stop {round}"), |_| true).await;
            asked
        });
        // In the middle of a burst, while some are being sent.
        let waits = Instant::now();
        while count(&db, "SELECT COUNT(*) FROM post WHERE state = 'claimed'").await == 0 {
            assert!(waits.elapsed() < PATIENCE, "there was no burst");
        }
        tokio::time::sleep(Duration::from_millis(37 * (round as u64 % 7))).await;
        bots[0].stand_still(true);
        let stopped = Instant::now();
        under_way += count(&db, "SELECT COUNT(*) FROM post WHERE state = 'claimed'").await;
        asked.wins.extend(logging.await.unwrap().wins);
        // Discord assigns a guild to a shard by its id.
        let hears = |guild: &Guild| shards.len() > 1 && (guild.id >> 22) % 2 != 0;
        asked.each_logs(&floor, &format!("during stop {round}"), hears).await;
        if shards.len() > 1 {
            // The other process takes over; by the time the first resumes, Discord has forgotten every nonce.
            until_idle(&db, &mut bots[1..]).await;
            let later = Clock::system().now() + TimeDelta::minutes(10) * i32::try_from(round + 1).unwrap();
            floor.control.set_clock(Some(later)).await.unwrap();
            floor.control.run_clock(1).await.unwrap();
        }
        tokio::time::sleep(STILL.saturating_sub(stopped.elapsed())).await;
        bots[0].stand_still(false);
        until_idle(&db, &mut bots).await;
        // Its requests in progress end, one way or the other.
        tokio::time::sleep(Duration::from_secs(2)).await;
        until_idle(&db, &mut bots).await;
    }

    let posted = floor.posted().await;
    let messages = references(&posted);
    let doubled: Vec<_> = messages.iter().filter(|(_, times)| **times > 1).collect();
    let rows: Vec<(i64, i64, String)> =
        sqlx::query_as("SELECT id, channel_id, state FROM post").fetch_all(db.read()).await.unwrap();
    let lost: Vec<_> = rows
        .iter()
        .filter(|(id, channel, state)| {
            state != "sent" || !messages.contains_key(&(channel.to_string(), reference(*id)))
        })
        .collect();
    let kept: Vec<(String,)> = sqlx::query_as("SELECT customer FROM win WHERE customer IS NOT NULL")
        .fetch_all(db.read())
        .await
        .unwrap();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for (customer,) in &kept {
        *times.entry(customer).or_default() += 1;
    }
    let promised = asked.wins.iter().filter(|(_, acknowledged, _)| *acknowledged).count();
    let forgotten: Vec<_> = asked
        .wins
        .iter()
        .filter(|(it, acknowledged, _)| *acknowledged && !times.contains_key(it.as_str()))
        .collect();
    let unheard: HashSet<&str> =
        asked.wins.iter().filter(|(_, _, heard)| !heard).map(|(it, ..)| it.as_str()).collect();
    let behind: Vec<_> = kept.iter().filter(|(it,)| unheard.contains(it.as_str())).collect();
    println!(
        "stops={} processes={} under_way={under_way} acknowledged={promised} found={} posts={} doubled={} lost={} seconds={}",
        stops(),
        bots.len(),
        promised - forgotten.len(),
        rows.len(),
        doubled.len(),
        lost.len(),
        began.elapsed().as_secs()
    );
    assert!(doubled.is_empty() && times.values().all(|times| *times == 1), "twice: {doubled:?} {times:?}");
    assert!(lost.is_empty() && forgotten.is_empty(), "lost: {lost:?} {forgotten:?}");
    assert!(behind.is_empty(), "booked though nobody was there to hear it: {behind:?}");
    assert_eq!(count(&db, UNEQUAL_SUMS).await, 0);
    assert!(promised > 0 && under_way > 0, "there was something to lose");
    for bot in bots {
        bot.kill();
    }
    db.close().await;
    sandbox.stop().await;
    home.drop().await;
}

#[tokio::test]
async fn who_stands_still_in_a_transaction_holds_its_rows_for_no_longer_than_a_lease() {
    let Some(database) = Database::fresh().await else {
        println!("Not told: a file has one process. tests/postgres starts what two can share.");
        return;
    };
    let [still, other] = [Db::open(&database.url()).await.unwrap(), Db::open(&database.url()).await.unwrap()];
    let writes = async |db: &Db| {
        let mut tx = db.write().await.unwrap();
        let met =
            "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (1, 'UTC', 'USD', 0, 0)";
        sqlx::query(met).execute(&mut *tx).await.map(|_| tx)
    };
    let held = writes(&still).await.unwrap();
    drop(tokio::time::timeout(Duration::from_secs(45), writes(&other)).await.unwrap().unwrap());
    held.commit().await.unwrap_err();
    still.close().await;
    other.close().await;
    database.drop().await;
}

#[tokio::test]
async fn whose_connection_ends_before_the_commit_is_answered_does_not_know_what_became_of_it() {
    let Some(database) = Database::fresh().await else {
        println!("Not told: a file has no connection that could end.");
        return;
    };
    let db = Db::open(&database.url()).await.unwrap();
    let became = db::keeping_in_mind(async {
        let mut tx = db.write().await.unwrap();
        let (own,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut *tx).await.unwrap();
        sqlx::query("SELECT pg_terminate_backend($1)").bind(own).fetch_one(db.read()).await.unwrap();
        (tx.commit().await.is_err(), db::fate())
    });
    assert_eq!(became.await, (true, db::Fate::Unknown));
    db.close().await;
    database.drop().await;
}

/// Waits until nothing is left to post or to react to, however long leases and doubts take.
async fn until_idle(db: &Db, bots: &mut [crate::bot::Bot]) {
    let waits = Instant::now();
    while count(
        db,
        "SELECT (SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed'))
                          + (SELECT COUNT(*) FROM fact WHERE reacted_at IS NULL)",
    )
    .await
        > 0
    {
        bots.iter_mut().for_each(crate::bot::Bot::assert_lives);
        assert!(waits.elapsed() < PATIENCE, "something is left over");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(db.read()).await.unwrap();
    count
}
