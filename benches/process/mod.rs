//! Real processes to measure: a local Discord, and a bot beside it.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bellringer::sandbox::Client;
use serde_json::Value;
use tempfile::TempDir;

/// A measurement, or the error that ended it.
pub(crate) type Fails<T = ()> = Result<T, Box<dyn Error>>;

/// The binary.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_bellringer");
const TOKEN: &str = "measured.bellringer.token";
/// How long a bot may take to be ready.
const PATIENCE: Duration = Duration::from_mins(2);

/// A child process that is killed when its handle is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A sandbox in its own process.
pub(crate) struct LocalDiscord {
    pub(crate) url: String,
    pub(crate) control: Client,
    _process: Process,
    folder: TempDir,
}

impl LocalDiscord {
    /// Starts one on a free port.
    pub(crate) fn start() -> Fails<Self> {
        let folder = tempfile::tempdir()?;
        let mut process = Command::new(BINARY)
            .args(["sandbox", "--addr", "127.0.0.1:0", "--token", TOKEN])
            .current_dir(folder.path())
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .map(Process)?;
        // Borrowed, not taken: the sandbox keeps printing, and would fail if its stdout were closed.
        let printed = process.0.stdout.as_mut().ok_or("the sandbox prints nothing")?;
        let mut lines = BufReader::new(printed).lines().map_while(Result::ok);
        let url = lines
            .find_map(|line| line.trim().strip_prefix("DISCORD_API_URL=").map(str::to_owned))
            .ok_or("the sandbox did not say where it is")?;
        let control = Client::new(&url);
        Ok(Self { url, control, _process: process, folder })
    }

    /// The path of the bot's database.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("bellringer.db").display())
    }

    /// The guilds in the sandbox.
    pub(crate) async fn guilds(&self) -> Fails<Vec<Value>> {
        Ok(reqwest::get(format!("{}/sandbox/guilds", self.url)).await?.json().await?)
    }
}

/// A running bot that is ready.
pub(crate) struct Bot {
    process: Process,
    health: SocketAddr,
}

impl Bot {
    /// Starts a bot against a sandbox of this many guilds, and waits until it is connected to all of them.
    pub(crate) async fn start(
        sandbox: &LocalDiscord,
        guilds: usize,
        settings: &[(&str, &str)],
    ) -> Fails<Self> {
        // A port that was free a moment ago.
        let health = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = Command::new(BINARY)
            .arg("run")
            .current_dir(sandbox.folder.path())
            .env_clear()
            .envs([
                ("DISCORD_API_URL", sandbox.url.clone()),
                ("DISCORD_TOKEN", TOKEN.to_owned()),
                ("DATABASE_URL", sandbox.database_url()),
                ("HTTP_ADDR", health.to_string()),
                ("BELLRINGER_LOG", "warn".to_owned()),
            ])
            .envs(settings.iter().copied())
            .spawn()
            .map(Process)?;
        let (bot, started) = (Self { process, health }, Instant::now());
        // One shard per 2,500 guilds, rounded up, as Discord requires.
        let connections = u64::try_from(guilds / 2_500 + 1)?;
        while !(bot.asks("/readyz").await.is_some_and(|answer| answer == "ready\n")
            && sandbox.control.summary().await?["connections"].as_u64() == Some(connections))
        {
            if started.elapsed() > PATIENCE {
                return Err("the bot was not ready in time".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(bot)
    }

    /// The response from one of its own HTTP addresses, if any.
    pub(crate) async fn asks(&self, path: &str) -> Option<String> {
        reqwest::get(format!("http://{}{path}", self.health)).await.ok()?.text().await.ok()
    }

    /// Its current and peak memory.
    pub(crate) fn megabytes(&self) -> Fails<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id()))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_matches([':', '\t', ' ']).split(' ').next()?.parse::<u64>().ok()
        };
        let of = |name: &str| kib(name).map(|kib| megabytes(kib * 1024)).ok_or("no memory is told");
        Ok((of("VmRSS")?, of("VmHWM")?))
    }
}

/// Converts bytes to megabytes.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1_000).unwrap_or(u32::MAX)) / 1_000.0
}
