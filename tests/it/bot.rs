//! The real `bellringer run`: a process that can be killed and restarted on the same data.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use bellringer::sandbox::Sandbox;
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::database::Database;

const BINARY: &str = env!("CARGO_BIN_EXE_bellringer");
/// How long a process may take to be ready.
const PATIENCE: Duration = Duration::from_secs(30);
const LOG: &str = "log";

/// How many may run at once, so that timing tests have enough CPU.
static ROOM: Semaphore = Semaphore::const_new(4);

/// A health page address unique to each process: its own loopback IP, so that no two share a port.
pub(crate) fn health() -> SocketAddr {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    let [high, low] = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let own = u8::try_from(std::process::id() % 200).unwrap_or_default();
    (Ipv4Addr::new(127, 1 + own, high, low), 8080).into()
}

/// What all runs of a bot share: its database, its settings, and its log.
pub(crate) struct Home {
    folder: TempDir,
    database: Option<Database>,
    settings: Vec<(&'static str, String)>,
    http: reqwest::Client,
    _room: SemaphorePermit<'static>,
}

/// One run.
pub(crate) struct Bot {
    process: Child,
    /// The URL of its health pages.
    health: String,
    http: reqwest::Client,
}

impl Home {
    /// A new home for a bot of a sandbox, with additional settings.
    pub(crate) async fn beside(sandbox: &Sandbox, more: &[(&'static str, &str)]) -> Self {
        let room = ROOM.acquire().await.unwrap();
        let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh().await);
        let mut settings =
            vec![("DISCORD_API_URL", sandbox.url()), ("DISCORD_TOKEN", sandbox.token().to_owned())];
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Self { folder, database, settings, http: reqwest::Client::new(), _room: room }
    }

    /// Whether two runs may overlap.
    pub(crate) fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// The URL of its database.
    pub(crate) fn database_url(&self) -> String {
        let file = || format!("sqlite://{}", self.folder.path().join("bellringer.db").display());
        self.database.as_ref().map_or_else(file, Database::url)
    }

    /// Starts a run.
    pub(crate) fn start(&self, more: &[(&str, &str)]) -> Bot {
        let log = File::options().create(true).append(true).open(self.folder.path().join(LOG)).unwrap();
        let health = health();
        let process = Command::new(BINARY)
            .arg("run")
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())))
            .env("DATABASE_URL", self.database_url())
            .env("HTTP_ADDR", health.to_string())
            .envs(more.iter().copied())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        Bot { process, health: format!("http://{health}"), http: self.http.clone() }
    }

    /// The log of all runs.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap()
    }

    /// Deletes everything.
    pub(crate) async fn drop(self) {
        if let Some(database) = self.database {
            database.drop().await;
        }
    }
}

impl Bot {
    /// Waits until it is connected.
    pub(crate) async fn ready(&mut self) {
        let started = Instant::now();
        let ready = format!("{}/readyz", self.health);
        while !self.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            self.assert_lives();
            assert!(started.elapsed() < PATIENCE, "it was not ready in time");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Asserts that the process has not ended by itself.
    pub(crate) fn assert_lives(&mut self) {
        if let Some(status) = self.process.try_wait().unwrap() {
            panic!("it ended by itself: {status}");
        }
    }

    /// Suspends it (SIGSTOP) or resumes it (SIGCONT).
    pub(crate) fn stand_still(&mut self, still: bool) {
        self.assert_lives();
        let signal = if still { "-STOP" } else { "-CONT" };
        let told = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(told.success(), "kill {signal}");
    }

    /// The response of a health page, due within two seconds: many of these may run on this machine.
    pub(crate) async fn asked(&mut self, page: &str) -> (u16, String) {
        let asked = async {
            let answer = self.http.get(format!("{}{page}", self.health)).send().await?;
            Ok::<_, reqwest::Error>((answer.status().as_u16(), answer.text().await?))
        };
        match tokio::time::timeout(Duration::from_secs(2), asked).await {
            Ok(Ok(answer)) => answer,
            other => panic!("{page} is mute: {other:?}, {:?}", self.process.try_wait()),
        }
    }

    /// Waits until its health pages respond.
    pub(crate) async fn listens(&mut self) {
        let started = Instant::now();
        while self.http.get(format!("{}/healthz", self.health)).send().await.is_err() {
            self.assert_lives();
            assert!(started.elapsed() < PATIENCE, "its health pages never came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Its CPU time, in hundredths of a second.
    pub(crate) fn worked(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // Fields 14 and 15, counted after the name, which may contain anything.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        [11, 12].iter().map(|at| fields[*at].parse::<u64>().unwrap()).sum()
    }

    /// Tells it to stop (SIGTERM).
    pub(crate) fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Waits until it has exited by itself, for at most `most`.
    pub(crate) async fn ended(&mut self, most: Duration) -> ExitStatus {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(asked.elapsed() < most, "it goes on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Kills it at any point (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.assert_lives();
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
