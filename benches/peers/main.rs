//! Bellringer compared with minimal bots with the same commands, one on discord.js and one on discord.py:
//! each a process of its own, in turns, against the same minimal local Discord.
//!
//! `benches/peers/run` installs the two and starts this. Reads `/proc`, so it runs on Linux only. The head of
//! each bot says what it leaves out.
//!
//! In a round a bot starts on an empty database and logs wins, one at a time and then with 32 in flight; then
//! it starts again on a copy of a database in which it has logged 10,000 wins before, to time its first reply
//! and to read `/leaderboard`. The first tenth of each is untimed, so that connections are made, statements
//! prepared and loops compiled. A reply counts when the whole callback has arrived, and in all three the win
//! is synced to disk before that. At the end the wins are counted.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

mod bot;
mod busy;
mod ceiling;
mod discord;
mod load;
mod store;
mod world;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bellringer::kernel::clock::Clock;
use bot::{Bot, Life};
use clap::Parser;
use load::{Deed, IN_FLIGHT};
use serde_json::json;
use store::{Store, Stores};
use world::{Form, text};

/// A measurement, or the error that ended it.
type Fails<T = ()> = Result<T, Box<dyn Error>>;

/// The binary.
const BINARY: &str = env!("CARGO_BIN_EXE_bellringer");
/// Existing wins when a bot starts.
const WINS_BEFORE: usize = 10_000;
/// How long a bot idles before its memory is read.
const REST: Duration = Duration::from_secs(1);

/// What can be chosen.
#[derive(Parser)]
struct Options {
    /// Rounds; the table has their medians.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Wins per round with 32 in flight, and boards read; a quarter as many one at a time.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(40..))]
    wins: u32,
    /// Only these: bellringer, discord.js, discord.py, or a name given with --peer.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Also measure a busy guild, for each Bellringer.
    #[arg(long)]
    busy: bool,
    /// Another Bellringer to measure.
    #[arg(long, value_name = "NAME=PATH")]
    peer: Vec<String>,
    /// A server for Bellringer's databases, where the user may create them; each round has its own.
    #[arg(long, value_name = "postgres://…")]
    url: Option<String>,
    /// The Bellringer to measure, instead of the one just built.
    #[arg(long, value_name = "PATH")]
    bell: Option<PathBuf>,
    /// Where the peers are installed and databases are stored. Must be on a disk.
    #[arg(long, default_value = "target/peers")]
    cache: PathBuf,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn bots(&self) -> Fails<Vec<Bot>> {
        let is_wanted = |name: &str| self.only.is_empty() || self.only.iter().any(|it| it == name);
        let mut bots = Vec::new();
        if is_wanted("bellringer") {
            bots.push(Bot::ours("bellringer", self.bell.as_deref().unwrap_or(Path::new(BINARY)))?);
        }
        for peer in &self.peer {
            let (name, path) = peer.split_once('=').ok_or("--peer takes NAME=PATH")?;
            if is_wanted(name) {
                let mut bot = Bot::ours(name, Path::new(path))?;
                bot.title = format!("{} ({name})", bot.title);
                bots.push(bot);
            }
        }
        for bot in bots.iter_mut().filter(|_| self.url.is_some()) {
            bot.title.push_str(" on PostgreSQL");
        }
        if is_wanted("discord.js") {
            bots.push(Bot::peer("discord.js", "node".into(), &self.cache.join("js/bot.mjs"))?);
        }
        if is_wanted("discord.py") {
            let python = self.cache.join("venv/bin/python");
            // The link itself, not its target: the virtual environment is found by the program's path.
            let python = std::path::absolute(python)?;
            bots.push(Bot::peer("discord.py", python, Path::new("benches/peers/bot.py"))?);
        }
        if bots.is_empty() { Err("none of these names is a bot's".into()) } else { Ok(bots) }
    }

    fn wins(&self) -> usize {
        usize::try_from(self.wins).unwrap_or(usize::MAX)
    }
}

#[tokio::main]
async fn main() -> Fails {
    let options = Options::parse();
    let bots = options.bots()?;
    let stores = Stores::open(&options.cache.join("wins"), options.url.as_deref())?;
    let measured = measure(&options, &bots, &stores).await;
    let closed = stores.close().await;
    measured.and(closed)
}

async fn measure(options: &Options, bots: &[Bot], stores: &Stores) -> Fails {
    let before = machine_load()?;
    let ceiling = ceiling::measure().await?;
    let mut starts = Vec::new();
    for bot in bots {
        let calm = prepared(bot, stores, Kind::Calm).await?;
        let busy =
            if options.busy && bot.is_ours { Some(prepared(bot, stores, Kind::Busy).await?) } else { None };
        starts.push((bot, calm, busy));
    }
    let mut table = Table::default();
    for round in 1..=options.rounds {
        for (column, (bot, calm, busy)) in starts.iter().enumerate() {
            eprintln!("turn {round} of {}: {}", options.rounds, bot.name);
            let turn = Turn { bot, stores, wins: options.wins(), column };
            turn.wins(&mut table).await?;
            turn.boards(calm, &mut table).await?;
            if let Some(busy) = busy {
                turn.busy(busy, &mut table).await?;
            }
        }
    }
    println!("Medians of {} turns of {} wins.\n", options.rounds, options.wins);
    table.print(bots);
    println!("\nWith:");
    for bot in bots {
        println!("- {}: {}", bot.name, bot.version);
    }
    let processors = std::thread::available_parallelism()?;
    println!("\n{processors} processors. Load before: {before}; after: {}.", machine_load()?);
    println!("The local Discord by itself: {ceiling:.0} replies a second with {IN_FLIGHT} in flight.");
    Ok(())
}

fn machine_load() -> Fails<String> {
    Ok(std::fs::read_to_string("/proc/loadavg")?.trim().to_owned())
}

/// Somebody logs a win.
fn win() -> Deed {
    let options = json!([text("amount", "1%n%"), text("customer", "Acme %n%")]);
    Deed::command(Form::command("win log", options, &json!({})), "Logged ")
}

/// Somebody looks at the leaderboard.
fn board() -> Deed {
    // Without any wins it would contain no amount.
    Deed::command(Form::command("leaderboard", json!([]), &json!({})), "$")
}

/// The data that a bot starts with.
#[derive(Clone, Copy)]
enum Kind {
    /// A new guild without setup, and 10,000 wins of today.
    Calm,
    /// See `busy`.
    Busy,
}

/// A store of this kind made today by this build: yesterday's wins may belong to last week, and another build
/// may have another schema.
async fn prepared(bot: &Bot, stores: &Stores, kind: Kind) -> Fails<Store> {
    let kind_of = match kind {
        Kind::Calm => "calm",
        Kind::Busy => "busy",
    };
    let beginning = format!("{}-{kind_of}-", bot.name);
    let name = format!("{beginning}{}-{}", Clock::system().now().format("%Y%m%d"), bot.build()?);
    if let Some(kept) = stores.kept(&name, bot.is_ours) {
        return Ok(kept);
    }
    eprintln!("preparing: {beginning}");
    stores.forget(&beginning)?;
    let making = stores.fresh(&format!("making-{kind_of}-{}", bot.name), bot.is_ours).await?;
    match kind {
        Kind::Calm => {
            let life = bot.start(&making, &stores.folder).await?;
            life.discord.ready().await?;
            life.explains(win().at_once(&life.discord, WINS_BEFORE, IN_FLIGHT).await)?;
            life.settles().await?;
            life.end().await?;
        }
        Kind::Busy => busy::fill(bot, &making, stores).await?,
    }
    let kept = stores.copy(&making, &name).await?;
    stores.remove(&making).await?;
    Ok(kept)
}

/// One round of a bot.
struct Turn<'a> {
    bot: &'a Bot,
    stores: &'a Stores,
    wins: usize,
    column: usize,
}

impl Turn<'_> {
    async fn wins(&self, table: &mut Table) -> Fails {
        let store = self.stores.fresh(&self.name(), self.bot.is_ours).await?;
        let life = self.bot.start(&store, &self.stores.folder).await?;
        let (discord, win, one_by_one) = (&life.discord, win(), self.wins / 4);
        let played = async {
            discord.ready().await?;
            win.one_by_one(discord, one_by_one / 10).await?;
            let alone = win.one_by_one(discord, one_by_one).await?;
            table.add(Row::Alone, self.column, alone.p50);
            life.settles().await?;
            win.at_once(discord, self.wins / 10, IN_FLIGHT).await?;
            let wins = win.at_once(discord, self.wins, IN_FLIGHT).await?;
            table.add(Row::Wins, self.column, wins.rate);
            table.add(Row::WinsP50, self.column, wins.p50);
            tokio::time::sleep(REST).await;
            table.add(Row::Memory, self.column, life.megabytes()?);
            Fails::Ok(())
        };
        life.explains(played.await)?;
        let logged = one_by_one / 10 + one_by_one + self.wins / 10 + self.wins;
        self.end(life, &store, logged).await
    }

    async fn boards(&self, start: &Store, table: &mut Table) -> Fails {
        let store = self.stores.copy(start, &self.name()).await?;
        let life = self.bot.start(&store, &self.stores.folder).await?;
        let (discord, board) = (&life.discord, board());
        let played = async {
            let first = board.once(discord, 0).await?;
            table.add(Row::Start, self.column, first.at.duration_since(life.begun).as_secs_f64());
            discord.ready().await?;
            board.at_once(discord, self.wins / 10, IN_FLIGHT).await?;
            let boards = board.at_once(discord, self.wins, IN_FLIGHT).await?;
            table.add(Row::Boards, self.column, boards.rate);
            Fails::Ok(())
        };
        life.explains(played.await)?;
        self.end(life, &store, WINS_BEFORE).await
    }

    async fn busy(&self, start: &Store, table: &mut Table) -> Fails {
        let store = self.stores.copy(start, &self.name()).await?;
        let life = self.bot.start(&store, &self.stores.folder).await?;
        let (discord, win) = (&life.discord, win());
        let played = async {
            discord.ready().await?;
            for (index, (_, typing)) in busy::typing().into_iter().enumerate() {
                typing.one_by_one(discord, 20).await?;
                let typed = typing.one_by_one(discord, self.wins / 10).await?;
                table.add(Row::Typing(index, 50), self.column, typed.p50);
                table.add(Row::Typing(index, 99), self.column, typed.p99);
            }
            life.settles().await?;
            win.at_once(discord, self.wins / 10, IN_FLIGHT).await?;
            let wins = win.at_once(discord, self.wins, IN_FLIGHT).await?;
            table.add(Row::Busy, self.column, wins.rate);
            table.add(Row::BusyP50, self.column, wins.p50);
            table.add(Row::BusyP99, self.column, wins.p99);
            tokio::time::sleep(REST).await;
            table.add(Row::BusyMemory, self.column, life.megabytes()?);
            Fails::Ok(())
        };
        life.explains(played.await)?;
        self.end(life, &store, busy::WINS + self.wins / 10 + self.wins).await
    }

    fn name(&self) -> String {
        format!("turn-{}", self.bot.name)
    }

    async fn end(&self, life: Life, store: &Store, wins: usize) -> Fails {
        life.end().await?;
        let found = store.wins().await?;
        if found != wins {
            return Err(format!("{wins} wins were to be there, each once, and not {found}").into());
        }
        self.stores.remove(store).await
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Wins,
    WinsP50,
    Alone,
    Boards,
    Memory,
    Start,
    Busy,
    BusyP50,
    BusyP99,
    BusyMemory,
    /// The index of the typed option, and a percentile.
    Typing(usize, u8),
}

impl Row {
    fn title(self) -> String {
        let title = match self {
            Self::Wins => "`/win log`, 32 in flight",
            Self::WinsP50 | Self::BusyP50 => "the same, p50",
            Self::BusyP99 => "the same, p99",
            Self::Alone => "`/win log`, one at a time, p50",
            Self::Boards => "`/leaderboard` over 10,000 wins, 32 in flight",
            Self::Memory => "memory after the wins",
            Self::Start => "from its start to its first reply",
            Self::Busy => "busy: `/win log`, 32 in flight",
            Self::BusyMemory => "busy: memory after these",
            Self::Typing(index, percentile) => {
                return format!("busy: typing {}, p{percentile}", busy::typing()[index].0);
            }
        };
        title.to_owned()
    }

    fn told(self, figure: f64) -> String {
        match self {
            Self::Wins | Self::Boards | Self::Busy => format!("{figure:.0} a second"),
            Self::Memory | Self::BusyMemory => format!("{figure:.1} MB"),
            Self::Start => format!("{figure:.2} s"),
            _ => format!("{figure:.2} ms"),
        }
    }
}

/// All figures, by row and column.
#[derive(Default)]
struct Table(BTreeMap<Row, BTreeMap<usize, Vec<f64>>>);

impl Table {
    fn add(&mut self, row: Row, column: usize, figure: f64) {
        self.0.entry(row).or_default().entry(column).or_default().push(figure);
    }

    fn print(&self, bots: &[Bot]) {
        let titles: Vec<&str> = bots.iter().map(|bot| bot.title.as_str()).collect();
        println!("| | {} |", titles.join(" | "));
        println!("|---{}|", "|---".repeat(bots.len()));
        for (row, columns) in &self.0 {
            let told = (0..bots.len()).map(|column| match columns.get(&column) {
                Some(turns) => row.told(median(turns)),
                None => String::new(),
            });
            println!("| {} | {} |", row.title(), told.collect::<Vec<_>>().join(" | "));
        }
    }
}

fn median(turns: &[f64]) -> f64 {
    let mut all = turns.to_vec();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
