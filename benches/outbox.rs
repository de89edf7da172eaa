//! Monday morning: 10,000 guilds whose post is due in the same minute, at Discord's limits, while people log
//! wins.
//!
//! `cargo bench --bench outbox`, about eight minutes; `-- --guilds 1000` for fewer. Reads `/proc`, so it runs
//! on Linux only.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::time::{Duration, Instant};

use bellringer::kernel::clock::Clock;
use bellringer::kernel::ids::{GuildId, UserId};
use bellringer::people;
use bellringer::sandbox::Limits;
use bellringer::sandbox::client::{Fault, Mishap, Place, State};
use bellringer::store::db::Db;
use bellringer::store::state;
use bellringer::words::Language;
use process::{Bot, Fails, LocalDiscord};
use serde_json::json;

mod process;

/// Requests a second that Discord allows a bot.
const PERMITTED: f64 = 50.0;
/// How long Discord takes to answer.
const ANSWER: Duration = Duration::from_millis(150);
/// How often somebody logs a win.
const EVERY: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> Fails {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--guilds").skip(1);
    let guilds = arguments.next().map_or(Ok(10_000), |count| count.parse())?;
    println!("{guilds} guilds, each with a post due in the same minute.\n");
    println!(
        "{:<34} {:>9} {:>8} {:>9} {:>6} {:>12} {:>12} {:>10} {:>10}",
        "", "seconds", "a second", "permitted", "429s", "wins", "win p50 ms", "p99 ms", "memory MB"
    );
    let limited = Burst::of(guilds, Limits::Discord).await?;
    limited.tell("at Discord's limits, 150 ms away");
    Burst::of(guilds, Limits::Lifted).await?.tell("without limits, next door");
    if limited.share() < 0.95 || limited.refused > 0 || limited.p99() > 100.0 || limited.memory > 100.0 {
        return Err(
            "the aims are over 95 % of what is permitted, no 429, p99 below 100 ms, below 100 MB".into()
        );
    }
    Ok(())
}

/// The measurements of one Monday morning.
struct Burst {
    posts: f64,
    took: Duration,
    refused: u64,
    /// How long each win took from command to reply, in milliseconds, sorted ascending.
    wins: Vec<f64>,
    memory: f64,
}

impl Burst {
    async fn of(guilds: usize, limits: Limits) -> Fails<Self> {
        let sandbox = LocalDiscord::start()?;
        let control = &sandbox.control;
        control.limits(limits).await?;
        control.set_log(false).await?;
        control.guilds("Guild", guilds).await?;
        // Leaves time for setup and for the bot to connect: a shard per 2,500 guilds, five seconds apart.
        let due = Clock::system().now()
            + Duration::from_secs(30)
            + Duration::from_millis(12) * u32::try_from(guilds)?;
        prepare(&sandbox, due.timestamp_micros()).await?;
        let slow = Fault {
            delay_ms: u64::try_from(ANSWER.as_millis())?,
            times: u32::MAX,
            ..Fault::once("POST /channels/{id}/messages", Mishap::Delay)
        };
        let settings: &[(&str, &str)] = match limits {
            Limits::Discord => {
                control.fault(&slow).await?;
                &[]
            }
            Limits::Lifted => &[("BELLRINGER_REQUESTS_PER_SECOND", "100000")],
        };
        let bot = Bot::start(&sandbox, guilds, settings).await?;
        let places: Vec<Place> = sandbox
            .guilds()
            .await?
            .iter()
            .map(|guild| {
                let id = |name: &str| guild[name].as_str().unwrap_or_default();
                Place::new(id("id"), id("channel_id"), id("owner_id"))
            })
            .collect();
        let early = due - Clock::system().now();
        tokio::time::sleep(early.to_std().map_err(|_| "the bot was ready too late")?).await;

        let began = Instant::now();
        let sent = "bellringer_deliveries_total{result=\"sent\"}";
        let made = async {
            while counted(&bot, sent).await < u64::try_from(guilds)? {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Fails::Ok(began.elapsed())
        };
        let mut wins = Vec::new();
        let logging = async {
            let mut turn = tokio::time::interval(EVERY);
            for place in places.iter().cycle() {
                turn.tick().await;
                let asked = Instant::now();
                let outcome = control.command(place, "win log", json!({"amount": "4k"})).await?;
                if outcome.state != State::Replied {
                    return Fails::Err("a win was not answered".into());
                }
                wins.push(asked.elapsed().as_secs_f64() * 1_000.0);
            }
            Ok(())
        };
        let took = tokio::select! {
            took = made => took?,
            failed = logging => return Err(failed.err().unwrap_or_else(|| "there are no guilds".into())),
        };
        let refused = counted(&bot, "bellringer_delivery_requests_total{status=\"429\"}").await;
        for place in &places {
            let channel = place.channel.as_deref().unwrap_or_default();
            assert_eq!(control.messages(channel, None).await?.len(), 1, "a post each, and each once");
        }
        assert_eq!(counted(&bot, "bellringer_failures_total").await, 0, "nothing was to fail");
        wins.sort_by(f64::total_cmp);
        let (_, memory) = bot.megabytes()?;
        Ok(Self { posts: f64::from(u32::try_from(guilds)?), took, refused, wins, memory })
    }

    fn rate(&self) -> f64 {
        self.posts / self.took.as_secs_f64()
    }

    fn share(&self) -> f64 {
        self.rate() / PERMITTED
    }

    fn p99(&self) -> f64 {
        self.wins.get(self.wins.len() * 99 / 100).copied().unwrap_or_default()
    }

    fn tell(&self, what: &str) {
        println!(
            "{what:<34} {:>9.1} {:>8.1} {:>7.1} % {:>6} {:>12} {:>12.1} {:>10.1} {:>10.1}",
            self.took.as_secs_f64(),
            self.rate(),
            self.share() * 100.0,
            self.refused,
            self.wins.len(),
            self.wins.get(self.wins.len() / 2).copied().unwrap_or_default(),
            self.p99(),
            self.memory,
        );
    }
}

/// The value of one of the bot's counters.
async fn counted(bot: &Bot, counter: &str) -> u64 {
    let told = bot.asks("/metrics").await.unwrap_or_default();
    let count = told.lines().find_map(|line| line.strip_prefix(counter)?.trim().parse().ok());
    count.unwrap_or_default()
}

/// Sets every guild up as `/setup` and `/expect set` would, with the week's post due at an instant.
async fn prepare(sandbox: &LocalDiscord, due: i64) -> Fails {
    let state = state::State::new(Db::open(&sandbox.database_url()).await?, Clock::system());
    // The instant as wall-clock time; cron computes what follows.
    let local = Clock::system().now().format("%Y-%m-%dT%H:%M:%S").to_string();
    for guild in sandbox.guilds().await? {
        let id = |name: &str| guild[name].as_str().unwrap_or_default().parse::<i64>();
        let met = bellringer::ledger::meet_guild(&state, GuildId(id("id")?), Language::default()).await?.id;
        let maya = people::meet_person(&state, met, UserId(id("owner_id")?), "Maya", None).await?;
        let mut tx = state.db.write().await?;
        sqlx::query("UPDATE guild SET expectations_channel = $2, set_up_at = 0 WHERE id = $1")
            .bind(met)
            .bind(id("channel_id")?)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO expectation (id, guild_id, what, weekly, first_due, if_met, if_missed, set_by, set_at)
             VALUES ($1, $2, 'Ten calls', 1, '2026-01-02T15:00:00', 'An early end.', 'We talk.', $3, 0)",
        )
        .bind(state.id())
        .bind(met)
        .bind(maya)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO schedule (id, guild_id, kind, cron, late, next_due, next_local, created_at)
             VALUES ($1, $2, 'expectations', '0 9 * * mon', 'post', $3, $4, 0)",
        )
        .bind(state.id())
        .bind(met)
        .bind(due)
        .bind(&local)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    state.db.close().await;
    Ok(())
}
