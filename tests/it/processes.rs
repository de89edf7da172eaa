//! Two processes on one PostgreSQL share a burst of posts; one is killed in the middle, and the other takes
//! over its claims.
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::time::{Duration, Instant};

use bellringer::kernel::clock::{Clock, at};
use bellringer::kernel::ids::reference;
use bellringer::sandbox::client::{Fault, Mishap};
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::store::db::Db;
use chrono::TimeDelta;

use crate::bot::Home;
use crate::floor::{Floor, references, schedule};

/// The shards of each process.
const SHARDS: [&str; 2] = ["0/2", "1/2"];
const GUILDS: usize = 300;
/// How long creating a message takes, in milliseconds.
const SLOW: u64 = 2_000;
/// How many posts each of these processes claims at once: half of a bot's.
const AT_ONCE: usize = 24;
/// A lease is half a minute; then the other must notice and send, on a busy machine.
const TAKEN_OVER: TimeDelta = TimeDelta::seconds(45);
const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_processes_is_killed_in_a_burst_and_every_post_still_arrives_once() {
    let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
    let home = Home::beside(&sandbox, &[]).await;
    if !home.is_shared() {
        println!("Not told: a file has one process. tests/postgres starts what two can share.");
        return;
    }
    let floor = Floor::of(sandbox.control(), GUILDS).await;
    let start = async |number: usize| {
        let mut bot = home.start(&[("SHARDS", SHARDS[number])]);
        bot.ready().await;
        bot
    };
    let (dies, mut lives) = (start(0).await, start(1).await);
    floor.each_runs(|_, guild| guild.set_up()).await;
    // The first full minute after all schedules are set.
    let due = at(((Clock::system().now().timestamp() + 20) / 60 + 1) * 60_000_000);
    floor.each_runs(|_, _| vec![schedule("expectations", due)]).await;
    assert!(Clock::system().now() < due, "the schedules were set too late");
    let slow = Fault {
        delay_ms: SLOW,
        times: u32::MAX,
        ..Fault::once("POST /channels/{id}/messages", Mishap::Delay)
    };
    floor.control.fault(&slow).await.unwrap();

    let db = Db::open(&home.database_url()).await.unwrap();
    let (waits, began) = (Instant::now(), due.timestamp_micros());
    // In the middle of the burst, while both are sending.
    let claimed = loop {
        let posts = posts(&db).await;
        let (sent, claimed) = (in_state(&posts, "sent"), in_state(&posts, "claimed"));
        if sent.len() > GUILDS / 3 && claimed.len() > AT_ONCE {
            break claimed;
        }
        assert!(sent.len() < GUILDS && waits.elapsed() < PATIENCE, "there was no burst");
    };
    dies.kill();
    let killed = Clock::system().now().timestamp_micros();
    let sent = loop {
        let posts = posts(&db).await;
        if in_state(&posts, "sent").len() == GUILDS {
            break posts;
        }
        lives.assert_lives();
        assert!(waits.elapsed() < PATIENCE, "only {} were sent", in_state(&posts, "sent").len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };

    let posted = floor.posted().await;
    let messages = references(&posted);
    let doubled = messages.values().filter(|times| **times > 1).count();
    let is_there = |post: &&Post| messages.contains_key(&(post.channel_id.to_string(), reference(post.id)));
    let lost = sent.iter().filter(|post| !is_there(post)).count();
    let after = |post: &&Post| TimeDelta::microseconds(post.sent_at.unwrap_or_default() - killed);
    let waited: Vec<TimeDelta> =
        sent.iter().filter(|post| claimed.contains(&post.id)).map(|it| after(&it)).collect();
    // The survivor's own claims were sent at once.
    let taken_over = waited.iter().filter(|wait| **wait > TimeDelta::seconds(10)).count();
    let last = waited.iter().max().copied().unwrap_or_default();
    let (occurrences,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM occurrence").fetch_one(db.read()).await.unwrap();
    println!(
        "due={GUILDS} occurrences={occurrences} posted={} doubled={doubled} lost={lost} claimed_at_the_kill={} \
         taken_over={taken_over} killed_after_s={:.1} others_sent_after_s={:.1} last_taken_over_after_s={:.1}",
        posted.len(),
        claimed.len(),
        seconds(TimeDelta::microseconds(killed - began)),
        seconds(
            sent.iter().filter(|it| !claimed.contains(&it.id)).map(|it| after(&it)).max().unwrap_or_default()
        ),
        seconds(last),
    );
    assert_eq!((posted.len(), doubled, lost), (GUILDS, 0, 0));
    assert_eq!(usize::try_from(occurrences).unwrap(), GUILDS);
    assert!((1..=AT_ONCE).contains(&taken_over), "{taken_over} were taken over");
    assert!(last <= TAKEN_OVER, "the last was sent {last} after the kill");
    lives.kill();
    db.close().await;
    sandbox.stop().await;
    home.drop().await;
}

bellringer::row! {
    struct Post {
        id: i64,
        channel_id: i64,
        state: String,
        sent_at: Option<i64>,
    }
}

async fn posts(db: &Db) -> Vec<Post> {
    sqlx::query_as("SELECT id, channel_id, state, sent_at FROM post").fetch_all(db.read()).await.unwrap()
}

fn in_state(posts: &[Post], state: &str) -> Vec<i64> {
    posts.iter().filter(|post| post.state == state).map(|post| post.id).collect()
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn seconds(span: TimeDelta) -> f64 {
    span.num_milliseconds() as f64 / 1000.0
}
