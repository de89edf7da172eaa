//! Real crashes: the process is killed again and again while wins are logged and posts come due. Everything
//! acknowledged is there, everything due is posted, and nothing is there twice.
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;
use std::time::{Duration, Instant};

use bellringer::kernel::clock::{Clock, at};
use bellringer::kernel::ids::reference;
use bellringer::sandbox::client::{Fault, Mishap, Place};
use bellringer::sandbox::{Client, Limits, Options, Sandbox};
use bellringer::shutdown;
use bellringer::store::db::Db;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bot::Home;
use crate::floor::{Floor, acknowledged, references, schedule};
use crate::story::UNEQUAL_SUMS;

const GUILDS: usize = 80;
/// How many wins reach a guild's goal.
const GOAL: i64 = 5;
const KINDS: [&str; 3] = ["expectations", "leaderboard", "shout-outs"];
/// How often somebody logs a win.
const EVERY: Duration = Duration::from_millis(40);
/// The longest run before a kill, in milliseconds.
const LONGEST: u64 = 400;
/// How long the last run may take to deliver the rest: two leases and the search, with some slack.
const PATIENCE: Duration = Duration::from_mins(5);
/// A word in every customer's name, and nowhere else.
const CUSTOMER: &str = "Quillfeather";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_what_was_acknowledged_is_there_and_what_was_due_is_posted_once() {
    let (began, kills) = (Instant::now(), kills());
    let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
    let home = Home::beside(&sandbox, &[("BELLRINGER_REQUESTS_PER_SECOND", "400")]).await;
    let floor = Floor::of(sandbox.control(), GUILDS).await;
    let due = set_up(&floor, &home, kills / 100).await;
    let last_due = due.values().max().copied().unwrap();

    // Creating a message takes a moment, so that a kill may come before, during or after it.
    let slow =
        Fault { delay_ms: 10, times: u32::MAX, ..Fault::once("POST /channels/{id}/messages", Mishap::Delay) };
    floor.control.fault(&slow).await.unwrap();
    let stop = CancellationToken::new();
    let logging = shutdown::spawn(wins_stream_in(floor.control.clone(), places(&floor), stop.clone()));
    let (mut killed, mut chance, mut tries) = (0, Chance(20_261_124), Tries::default());
    while killed < kills || Clock::system().now() < last_due + TimeDelta::seconds(5) {
        let mut bot = home.start(&[]);
        // Some are killed while starting.
        if chance.below(4) > 0 {
            bot.ready().await;
        }
        tokio::time::sleep(Duration::from_millis(chance.below(LONGEST + 1))).await;
        bot.kill();
        killed += 1;
        tries.hear(&floor.control).await;
    }
    stop.cancel();
    let logged = logging.await.unwrap();
    let mut bot = home.start(&[]);
    bot.ready().await;
    let db = Db::open(&home.database_url()).await.unwrap();
    let alone = Instant::now();
    while left_over(&db).await > 0 {
        bot.assert_lives();
        assert!(alone.elapsed() < PATIENCE, "{} things are left over", left_over(&db).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tries.hear(&floor.control).await;

    let posted = floor.posted().await;
    let references = references(&posted);
    let mut found = Found { lost: Vec::new(), doubled: twice(&references), ..Found::default() };
    found.wins(&db, &logged, &floor, &posted).await;
    found.due(&db, &due, &floor, &references).await;
    found.posts(&db, &references).await;
    found.goals(&db, &floor, &references).await;
    println!(
        "kills={killed} acknowledged={} found={} due={} posted={} doubled={} lost={} goals={} seconds={} | \
         logged={} in_the_ledger={} reasons={:?} messages={} resent={} searched={} alone={}",
        found.acknowledged,
        found.acknowledged - found.forgotten,
        due.len(),
        found.posted,
        found.doubled.len(),
        found.lost.len(),
        found.goals,
        began.elapsed().as_secs(),
        logged.len(),
        found.wins,
        found.reasons,
        posted.len(),
        tries.resent(),
        tries.searched,
        alone.elapsed().as_secs(),
    );
    assert_eq!((found.doubled.as_slice(), found.lost.as_slice()), (&[][..], &[][..]), "doubled and lost");
    assert!(found.acknowledged > 0 && found.posted > due.len() / 2, "there was something to lose");
    assert!(found.goals > 0, "some goals were reached");
    assert!(tries.resent() + tries.searched > 0, "some were killed while they sent");
    tells_nothing(&home.log(), sandbox.token(), logged.len());
    bot.kill();
    db.close().await;
    sandbox.stop().await;
    home.drop().await;
}

/// The minimum number of kills.
fn kills() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests themselves")]
    std::env::var("BELLRINGER_TEST_KILLS").map_or(100, |kills| kills.parse().unwrap())
}

/// Pseudorandom numbers, the same in every run (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// When each kind of a guild's posts is due.
type Due = HashMap<(i64, &'static str), DateTime<Utc>>;

/// Sets every guild up with a bot that isn't killed: a win each, and each post in one of the coming minutes.
async fn set_up(floor: &Floor, home: &Home, minutes: usize) -> Due {
    let mut bot = home.start(&[]);
    bot.ready().await;
    floor.each_runs(|_, guild| guild.set_up()).await;
    // Every win gets its own message, regardless of how many there are.
    floor.each_runs(|_, _| vec![("noise set", json!({"small": "1", "most": 1000}))]).await;
    floor.each_runs(|_, _| vec![("win log", json!({"amount": "4k"}))]).await;
    // Reached partway through the stream.
    let goal = json!({"metric": "wins", "target": GOAL.to_string(), "everyone": true, "period": "year"});
    floor.each_runs(|_, _| vec![("goal set", goal.clone())]).await;
    // The first full minute after all schedules are set.
    let first = (Clock::system().now().timestamp() + 20) / 60 + 1;
    let mut due = Due::new();
    for (number, guild) in floor.guilds.iter().enumerate() {
        for (turn, kind) in KINDS.into_iter().enumerate() {
            let minute = first + i64::try_from((number + turn) % minutes.max(1)).unwrap();
            due.insert((guild.id, kind), at(minute * 60_000_000));
        }
    }
    floor.each_runs(|_, guild| KINDS.map(|kind| schedule(kind, due[&(guild.id, kind)])).into()).await;
    assert!(Clock::system().now() < at(first * 60_000_000), "the schedules were set too late");
    bot.kill();
    due
}

/// Every rep, ordered so that those of one guild are far apart.
fn places(floor: &Floor) -> Vec<Place> {
    (0..2).flat_map(|rep| floor.guilds.iter().map(move |guild| guild.reps[rep].clone())).collect()
}

/// The customer's name for a win.
fn customer(number: usize) -> String {
    format!("{CUSTOMER} {number}")
}

/// The amount of a win in dollars, unique to each.
fn worth(number: usize) -> usize {
    1_000_000 + number
}

/// Each rep logs a win, whether or not the previous one was answered. Returns for each whether it was
/// acknowledged.
async fn wins_stream_in(control: Client, reps: Vec<Place>, stop: CancellationToken) -> Vec<(usize, bool)> {
    let (mut asked, mut beat) = (JoinSet::new(), tokio::time::interval(EVERY));
    for number in 0.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = beat.tick() => {}
        }
        let (control, rep) = (control.clone(), reps[number % reps.len()].clone());
        asked.spawn(async move {
            let win = json!({"amount": worth(number).to_string(), "customer": customer(number)});
            let outcome = control.command(&rep, "win log", win).await.unwrap();
            (number, acknowledged(&outcome))
        });
    }
    asked.join_all().await
}

/// How much work is left.
async fn left_over(db: &Db) -> i64 {
    let (left,): (i64,) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed'))
              + (SELECT COUNT(*) FROM fact WHERE reacted_at IS NULL)
              + (SELECT COUNT(*) FROM schedule WHERE next_due <= $1)",
    )
    .bind(Clock::system().now().timestamp_micros())
    .fetch_one(db.read())
    .await
    .unwrap();
    left
}

/// How many send requests the sandbox received.
#[derive(Default)]
struct Tries {
    heard: u64,
    sent: HashMap<String, usize>,
    searched: usize,
}

impl Tries {
    async fn hear(&mut self, control: &Client) {
        for entry in control.log(self.heard).await.unwrap() {
            self.heard = entry["seq"].as_u64().unwrap();
            match entry["route"].as_str() {
                Some("POST /channels/{id}/messages") => {
                    let nonce = entry["request"]["nonce"].as_str().unwrap_or_default();
                    *self.sent.entry(nonce.to_owned()).or_default() += 1;
                }
                Some("GET /channels/{id}/messages") => self.searched += 1,
                _ => {}
            }
        }
    }

    /// How often a message already existed.
    fn resent(&self) -> usize {
        self.sent.values().map(|times| times - 1).sum()
    }
}

/// Counts duplicates.
fn twice<K: Debug + Eq + Hash>(times: &HashMap<K, usize>) -> Vec<String> {
    times
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(what, times)| format!("{what:?}: {times} times"))
        .collect()
}

bellringer::row! {
    /// The outcomes of due posts.
    #[derive(Debug)]
    struct Occurrence {
        guild_id: i64,
        kind: String,
        due: i64,
        outcome: String,
        post_id: Option<i64>,
        failure: Option<String>,
    }
}

/// Compares database and channels with what was promised.
#[derive(Default)]
struct Found {
    acknowledged: usize,
    forgotten: usize,
    wins: usize,
    posted: usize,
    /// Goals reached, each announced once.
    goals: usize,
    reasons: Vec<String>,
    doubled: Vec<String>,
    lost: Vec<String>,
}

impl Found {
    /// Each acknowledged win is in the database, and each win there is in the ledger and was announced,
    /// exactly once.
    async fn wins(
        &mut self,
        db: &Db,
        logged: &[(usize, bool)],
        floor: &Floor,
        posted: &[(String, serde_json::Value)],
    ) {
        let rows: Vec<(i64, String, i64)> =
            sqlx::query_as("SELECT guild_id, customer, amount FROM win WHERE customer IS NOT NULL")
                .fetch_all(db.read())
                .await
                .unwrap();
        let mut kept = HashMap::new();
        for (_, customer, _) in &rows {
            *kept.entry(customer.clone()).or_default() += 1;
        }
        let mut bells: HashMap<(String, String), usize> = HashMap::new();
        for (channel, message) in posted {
            let title = message["embeds"][0]["title"].as_str().unwrap_or_default();
            if let Some(at) = title.find(CUSTOMER) {
                *bells.entry((channel.clone(), title[at..].to_owned())).or_default() += 1;
            }
        }
        self.wins = rows.len();
        self.doubled.extend(twice(&kept));
        self.doubled.extend(twice(&bells));
        for (number, _) in logged.iter().filter(|(_, acknowledged)| *acknowledged) {
            self.acknowledged += 1;
            if !kept.contains_key(&customer(*number)) {
                self.forgotten += 1;
                self.lost.push(format!("{} was acknowledged", customer(*number)));
            }
        }
        for (guild, customer, amount) in rows {
            let guild = floor.guilds.iter().find(|it| it.id == guild).unwrap();
            if bells.remove(&(guild.wins.clone(), customer.clone())).is_none() {
                self.lost.push(format!("the bell of {customer}"));
            }
            let number: usize = customer.rsplit_once(' ').unwrap().1.parse().unwrap();
            if amount != i64::try_from(worth(number) * 100).unwrap() {
                self.lost.push(format!("what {customer} is worth"));
            }
        }
        self.lost.extend(bells.keys().map(|bell| format!("the win of {bell:?}")));
        for (what, sql) in [
            ("sums that are not those of the ledger", UNEQUAL_SUMS),
            (
                "wins whose entries are not what they are worth",
                "SELECT COUNT(*) FROM (SELECT win.id FROM win JOIN entry ON entry.source = 'win' AND entry.source_id = win.id
                 JOIN metric ON metric.id = entry.metric_id GROUP BY win.id, win.amount
                 HAVING SUM(CASE WHEN metric.unit = 'money' THEN entry.quantity ELSE 0 END) = win.amount
                    AND SUM(CASE WHEN metric.unit = 'count' THEN entry.quantity ELSE 0 END) = 100) AS whole
                 RIGHT JOIN win ON win.id = whole.id WHERE whole.id IS NULL",
            ),
            ("entries of no win", "SELECT COUNT(*) FROM entry LEFT JOIN win ON win.id = entry.source_id WHERE win.id IS NULL"),
        ] {
            let (wrong,): (i64,) = sqlx::query_as(sql).fetch_one(db.read()).await.unwrap();
            if wrong > 0 {
                self.lost.push(format!("{wrong} {what}"));
            }
        }
    }

    /// Each due post has one occurrence, and one message or a reason for having none.
    async fn due(
        &mut self,
        db: &Db,
        due: &Due,
        floor: &Floor,
        references: &HashMap<(String, String), usize>,
    ) {
        let rows: Vec<Occurrence> = sqlx::query_as(
            "SELECT schedule.guild_id, schedule.kind, occurrence.due, occurrence.outcome, occurrence.post_id, post.failure
             FROM occurrence JOIN schedule ON schedule.id = occurrence.schedule_id LEFT JOIN post ON post.id = occurrence.post_id",
        )
        .fetch_all(db.read())
        .await
        .unwrap();
        let mut decided: HashMap<_, Vec<&Occurrence>> = HashMap::new();
        for row in &rows {
            decided.entry((row.guild_id, row.kind.clone(), row.due)).or_default().push(row);
        }
        for ((guild, kind), at) in due {
            let occurrence = (*guild, kind.replace('-', ""), at.timestamp_micros());
            let of = decided.remove(&occurrence).unwrap_or_default();
            let channel = floor.guilds.iter().find(|it| it.id == *guild).unwrap().channel_of(kind);
            let is_there = |post: i64| references.contains_key(&(channel.to_owned(), reference(post)));
            match of[..] {
                [one] => match (one.post_id, &one.failure) {
                    (Some(post), _) if is_there(post) => self.posted += 1,
                    (Some(_), Some(why)) => self.reasons.push(why.clone()),
                    (None, _) if one.outcome != "posted" => self.reasons.push(one.outcome.clone()),
                    _ => self.lost.push(format!("the message of {one:?}")),
                },
                [] => self.lost.push(format!("{kind} of {guild}, due {at}")),
                _ => self.doubled.push(format!("{of:?}")),
            }
        }
        self.doubled.extend(decided.keys().map(|it| format!("an occurrence that was never due: {it:?}")));
    }

    /// Every reached goal was announced, and no other.
    async fn goals(&mut self, db: &Db, floor: &Floor, references: &HashMap<(String, String), usize>) {
        let rows: Vec<(i64, i64, i64, Option<i64>, i64)> = sqlx::query_as(
            "SELECT goal.id, goal.guild_id, (SELECT COUNT(*) FROM win WHERE win.guild_id = goal.guild_id),
                    (SELECT post.id FROM post WHERE post_key = 'goal:' || goal.id || ':reached'),
                    (SELECT COUNT(*) FROM fact WHERE body LIKE '%goal_reached%' AND body LIKE '%' || goal.id || '%')
             FROM goal",
        )
        .fetch_all(db.read())
        .await
        .unwrap();
        for (id, guild, wins, post, told) in rows {
            let guild = floor.guilds.iter().find(|it| it.id == guild).unwrap();
            let posted = post
                .map(|post| references.get(&(guild.channel_of("leaderboard").to_owned(), reference(post))));
            match (wins >= GOAL, posted) {
                (true, Some(Some(1))) if told == 1 => self.goals += 1,
                (false, None) if told == 0 => {}
                other => self.lost.push(format!("goal {id} of {wins} wins: {other:?}, told {told} times")),
            }
        }
    }

    /// The outbox matches the channels.
    async fn posts(&mut self, db: &Db, references: &HashMap<(String, String), usize>) {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT id, channel_id, state FROM post").fetch_all(db.read()).await.unwrap();
        let mut unknown: HashSet<_> = references.keys().collect();
        for (id, channel, state) in rows {
            let is_there = unknown.remove(&(channel.to_string(), reference(id)));
            if is_there != (state == "sent") {
                self.lost.push(format!("post {} is {state}, and in its channel: {is_there}", reference(id)));
            }
        }
        self.doubled.extend(unknown.iter().map(|message| format!("a message of no post: {message:?}")));
    }
}

/// The log contains neither the token, nor customers, nor amounts.
fn tells_nothing(log: &str, token: &str, wins: usize) {
    assert!(log.contains("bellringer runs"), "it logs");
    assert!(!log.contains(token), "the token is in the log");
    assert!(!log.contains(CUSTOMER), "a customer is in the log");
    let amounts: HashSet<String> = (0..wins)
        .map(worth)
        .flat_map(|it| {
            let grouped = format!("{},{:03},{:03}", it / 1_000_000, it / 1_000 % 1_000, it % 1_000);
            [it.to_string(), format!("{it}00"), format!("{it}.00"), format!("{grouped}.00"), grouped]
        })
        .collect();
    let words = log.split(|c: char| !c.is_ascii_digit() && c != ',' && c != '.');
    let told: Vec<&str> =
        words.map(|it| it.trim_matches([',', '.'])).filter(|it| amounts.contains(*it)).collect();
    assert!(told.is_empty(), "amounts are in the log: {told:?}");
}
