//! Memory of the real `bellringer run` beside a real `bellringer sandbox`: idle, and with 2,500 guilds.
//!
//! `cargo bench --bench memory`. Reads `/proc`, so it runs on Linux only.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bellringer::sandbox::Client;
use bellringer::sandbox::client::{Place, State};
use serde_json::{Value, json};

type Fails<T = ()> = Result<T, Box<dyn Error>>;

const BINARY: &str = env!("CARGO_BIN_EXE_bellringer");
const TOKEN: &str = "measured.bellringer.token";
const GUILDS: usize = 2_500;
/// How long the bot is left alone before its memory is read.
const REST: Duration = Duration::from_secs(5);
/// How long it may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> Fails {
    println!("The binary has {:.1} MB.\n", megabytes(Path::new(BINARY).metadata()?.len()));
    println!("{:<42} {:>9} {:>12} {:>12}", "guilds", "ready s", "memory MB", "at most MB");

    let idle = Bot::start(0).await?;
    idle.tell("0")?;
    drop(idle);

    let bot = Bot::start(GUILDS).await?;
    bot.tell("2,500")?;
    bot.each_logs_a_win().await?;
    let most = bot.tell("2,500, after a /win log in each")?;
    println!("\nAt most {most:.1} MB (aim: under 60).");
    Ok(())
}

/// A process that ends with its handle.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A bot that is ready, beside its sandbox.
struct Bot {
    process: Process,
    url: String,
    took: Duration,
    _sandbox: Process,
    _folder: tempfile::TempDir,
}

impl Bot {
    async fn start(guilds: usize) -> Fails<Self> {
        let folder = tempfile::tempdir()?;
        let (sandbox, url) = sandbox(folder.path())?;
        let control = Client::new(&url);
        if guilds > 0 {
            control.guilds("Guild", guilds).await?;
        }
        // A port that was free a moment ago.
        let health = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let started = Instant::now();
        let process = Command::new(BINARY)
            .arg("run")
            .current_dir(folder.path())
            .env_clear()
            .envs([
                ("DISCORD_API_URL", url.clone()),
                ("DISCORD_TOKEN", TOKEN.to_owned()),
                ("DATABASE_URL", format!("sqlite://{}", folder.path().join("bellringer.db").display())),
                ("HTTP_ADDR", health.to_string()),
                ("BELLRINGER_LOG", "warn".to_owned()),
            ])
            .spawn()?;
        let process = Process(process);
        // One connection for each 2,500 guilds or part of them, as Discord asks for.
        let connections = guilds / 2_500 + 1;
        while !(is_ready(&format!("http://{health}/readyz")).await
            && control.summary().await?["connections"].as_u64() == u64::try_from(connections).ok())
        {
            if started.elapsed() > PATIENCE {
                return Err("the bot was not ready in time".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = started.elapsed();
        tokio::time::sleep(REST).await;
        Ok(Self { process, url, took, _sandbox: sandbox, _folder: folder })
    }

    /// The owner of each guild logs a win there.
    async fn each_logs_a_win(&self) -> Fails {
        let control = Client::new(&self.url);
        let guilds: Vec<Value> = reqwest::get(format!("{}/sandbox/guilds", self.url)).await?.json().await?;
        assert_eq!(guilds.len(), GUILDS, "there were to be so many guilds");
        for guild in &guilds {
            let id = |name: &str| guild[name].as_str().unwrap_or_default();
            let place = Place::new(id("id"), id("channel_id"), id("owner_id"));
            let outcome = control.command(&place, "win log", json!({"amount": "12.5k"})).await?;
            assert_eq!(outcome.state, State::Replied, "the win was to be logged");
        }
        tokio::time::sleep(REST).await;
        Ok(())
    }

    /// Prints a row; returns the most memory that there was, in megabytes.
    fn tell(&self, guilds: &str) -> Fails<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id()))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_matches([':', '\t', ' ']).split(' ').next()?.parse::<u64>().ok()
        };
        let of = |name: &str| kib(name).map(|kib| megabytes(kib * 1024)).ok_or("no memory is told");
        let (now, most) = (of("VmRSS")?, of("VmHWM")?);
        println!("{guilds:<42} {:>9.1} {now:>12.1} {most:>12.1}", self.took.as_secs_f64());
        Ok(most)
    }
}

async fn is_ready(url: &str) -> bool {
    reqwest::get(url).await.is_ok_and(|answer| answer.status().is_success())
}

/// A sandbox on a free port, and its address as it prints it.
fn sandbox(folder: &Path) -> Fails<(Process, String)> {
    let mut process = Command::new(BINARY)
        .args(["sandbox", "--addr", "127.0.0.1:0", "--token", TOKEN])
        .current_dir(folder)
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .map(Process)?;
    // Borrowed: the sandbox goes on printing, and would fail if nobody could read it any more.
    let printed = process.0.stdout.as_mut().ok_or("the sandbox prints nothing")?;
    let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
    let url = lines
        .find_map(|line| line.trim().strip_prefix("DISCORD_API_URL=").map(str::to_owned))
        .ok_or("the sandbox did not say where it is")?;
    Ok((process, url))
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1_000).unwrap_or(u32::MAX)) / 1_000.0
}
