//! The bots, as processes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use tokio::time::timeout;

use crate::Fails;
use crate::discord::Discord;
use crate::store::Store;

const TOKEN: &str = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.peers.measured";
/// How long one may take to stop.
const FAREWELL: Duration = Duration::from_secs(15);

/// A bot to measure.
#[derive(Debug)]
pub(crate) struct Bot {
    /// Its name in options and file names.
    pub(crate) name: String,
    /// Its name in the table.
    pub(crate) title: String,
    /// Its libraries and their versions, as it reports them.
    pub(crate) version: String,
    /// Whether it is a Bellringer, with a worker that must be waited for.
    pub(crate) is_ours: bool,
    program: PathBuf,
    script: Option<PathBuf>,
}

impl Bot {
    /// A Bellringer.
    pub(crate) fn ours(name: &str, binary: &Path) -> Fails<Self> {
        let program = binary
            .canonicalize()
            .map_err(|error| format!("no Bellringer at {}: {error}", binary.display()))?;
        Self::new(name, program, None)
    }

    /// A bot in a script.
    pub(crate) fn peer(name: &str, program: PathBuf, script: &Path) -> Fails<Self> {
        let script =
            script.canonicalize().map_err(|error| format!("no bot at {}: {error}", script.display()))?;
        Self::new(name, program, Some(script))
    }

    fn new(name: &str, program: PathBuf, script: Option<PathBuf>) -> Fails<Self> {
        let (name, title, version) = (name.to_owned(), String::new(), String::new());
        let mut bot = Self { name, title, version, is_ours: script.is_none(), program, script };
        let said = bot.command().arg("--version").output();
        let said = said.map_err(|error| format!("{} can't be run: {error}", bot.program.display()))?;
        if !said.status.success() {
            let why = String::from_utf8_lossy(&said.stderr);
            return Err(format!("{} does not say its version: {}", bot.name, why.trim()).into());
        }
        String::from_utf8(said.stdout)?.trim().clone_into(&mut bot.version);
        bot.title = bot.version.split(',').next().unwrap_or_default().replacen("bellringer", "Bellringer", 1);
        Ok(bot)
    }

    /// Identifies this build: size and modification time of the program or script.
    pub(crate) fn build(&self) -> Fails<String> {
        let known = self.script.as_ref().unwrap_or(&self.program).metadata()?;
        let age = known.modified()?.duration_since(UNIX_EPOCH)?.as_secs();
        Ok(format!("{}-{age}", known.len()))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.script);
        command
    }

    /// Starts it on the data in `store`, and waits until it is connected.
    pub(crate) async fn start(&self, store: &Store, folder: &Path) -> Fails<Life> {
        let discord = Discord::open().await?;
        let log = folder.join(format!("{}.log", self.name));
        let mut command = self.command();
        if self.is_ours {
            // No settings are inherited.
            command.arg("run").env_clear();
        }
        let said = File::create(&log)?;
        command
            .envs([("DISCORD_API_URL", discord.url.as_str()), ("DISCORD_TOKEN", TOKEN)])
            .env("DATABASE_URL", store.url())
            .envs([("BELLRINGER_LOG", "error"), ("NODE_ENV", "production")])
            .current_dir(folder)
            .stdout(Stdio::from(said.try_clone()?))
            .stderr(Stdio::from(said));
        let begun = Instant::now();
        let process = Process(command.spawn()?);
        let mut life = Life { begun, discord, process, log, is_ours: self.is_ours, store: store.clone() };
        let Life { discord, process, .. } = &mut life;
        let connected = tokio::select! {
            connected = discord.connected() => connected,
            ended = process.ends() => Err(format!("{} has ended by itself: {}", self.name, ended?).into()),
        };
        life.explains(connected)?;
        Ok(life)
    }
}

/// A process that is killed when its handle is dropped.
#[derive(Debug)]
struct Process(Child);

impl Process {
    /// Waits until it has exited.
    async fn ends(&mut self) -> std::io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A running bot with its own Discord.
#[derive(Debug)]
pub(crate) struct Life {
    /// When its process was started.
    pub(crate) begun: Instant,
    /// Its Discord.
    pub(crate) discord: Discord,
    process: Process,
    log: PathBuf,
    is_ours: bool,
    store: Store,
}

impl Life {
    /// Waits until it has finished its work after an answer. The peers have none.
    pub(crate) async fn settles(&self) -> Fails {
        if self.is_ours { self.store.settles().await } else { Ok(()) }
    }

    /// Its memory now, in megabytes.
    pub(crate) fn megabytes(&self) -> Fails<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id()))?;
        let resident =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory is told")?;
        let kib: u32 = resident.trim().split(' ').next().unwrap_or_default().parse()?;
        Ok(f64::from(kib) * 1.024 / 1_000.0)
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn end(mut self) -> Fails {
        Command::new("kill").args(["-TERM", &self.process.0.id().to_string()]).status()?;
        timeout(FAREWELL, self.process.ends()).await.map_err(|_| "the bot did not stop")??;
        Ok(())
    }

    /// Passes a result on; on failure, shows the end of the bot's log.
    pub(crate) fn explains<T>(&self, done: Fails<T>) -> Fails<T> {
        done.inspect_err(|_| {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            for line in &lines[lines.len().saturating_sub(10)..] {
                eprintln!("the bot has logged: {line}");
            }
        })
    }
}
