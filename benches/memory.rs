//! Memory of the real `bellringer run` beside a real `bellringer sandbox`: idle, and with 2,500 guilds.
//!
//! `cargo bench --bench memory`. Reads `/proc`, so it runs on Linux only.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::path::Path;
use std::time::{Duration, Instant};

use bellringer::sandbox::client::{Place, State};
use process::{BINARY, Bot, Fails, LocalDiscord, megabytes};
use serde_json::json;

mod process;

const GUILDS: usize = 2_500;
/// How long the bot idles before its memory is read.
const REST: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Fails {
    println!("The binary has {:.1} MB.\n", megabytes(Path::new(BINARY).metadata()?.len()));
    println!("{:<42} {:>9} {:>12} {:>12}", "guilds", "ready s", "memory MB", "at most MB");

    let idle = Measured::start(0).await?;
    idle.tell("0")?;
    drop(idle);

    let bot = Measured::start(GUILDS).await?;
    bot.tell("2,500")?;
    bot.each_logs_a_win().await?;
    let most = bot.tell("2,500, after a /win log in each")?;
    println!("\nAt most {most:.1} MB (aim: under 60).");
    Ok(())
}

/// A ready bot, its sandbox, and how long it took to be ready.
struct Measured {
    bot: Bot,
    took: Duration,
    sandbox: LocalDiscord,
}

impl Measured {
    async fn start(guilds: usize) -> Fails<Self> {
        let sandbox = LocalDiscord::start()?;
        if guilds > 0 {
            sandbox.control.guilds("Guild", guilds).await?;
        }
        let started = Instant::now();
        let bot = Bot::start(&sandbox, guilds, &[]).await?;
        let took = started.elapsed();
        tokio::time::sleep(REST).await;
        Ok(Self { bot, took, sandbox })
    }

    /// The owner of each guild logs a win there.
    async fn each_logs_a_win(&self) -> Fails {
        let guilds = self.sandbox.guilds().await?;
        assert_eq!(guilds.len(), GUILDS, "there were to be so many guilds");
        for guild in &guilds {
            let id = |name: &str| guild[name].as_str().unwrap_or_default();
            let place = Place::new(id("id"), id("channel_id"), id("owner_id"));
            let outcome = self.sandbox.control.command(&place, "win log", json!({"amount": "12.5k"})).await?;
            assert_eq!(outcome.state, State::Replied, "the win was to be logged");
        }
        tokio::time::sleep(REST).await;
        Ok(())
    }

    /// Prints a row; returns the peak memory, in megabytes.
    fn tell(&self, guilds: &str) -> Fails<f64> {
        let (now, most) = self.bot.megabytes()?;
        println!("{guilds:<42} {:>9.1} {now:>12.1} {most:>12.1}", self.took.as_secs_f64());
        Ok(most)
    }
}
