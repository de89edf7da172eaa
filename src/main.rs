//! The command line.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bellringer::app::App;
use bellringer::config::Config;
use bellringer::features::TABLES;
use bellringer::kernel::clock::Clock;
use bellringer::sandbox::{self, Options, Sandbox};
use bellringer::store::copy::{self, Purpose};
use bellringer::store::db;
use bellringer::words::Language;
use bellringer::words::check::check;
use bellringer::{demo, doctor, shutdown, telemetry};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};

/// A Discord bot for sales teams: rings the bell for every win, and keeps track of goals, expectations and praise.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The settings file; environment variables override it.
    #[arg(long, global = true, default_value = "bellringer.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

/// How long remaining work gets after the app has ended.
const LAST: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot.
    Run,
    /// Watch a sales team's week, no Discord account needed.
    Demo(demo::Demo),
    /// Run a local Discord that any bot can connect to.
    Sandbox {
        /// The local address to listen on; 127.0.0.1:8077 by default, or another port if that one's taken.
        #[arg(long)]
        addr: Option<SocketAddr>,
        /// The token bots must use.
        #[arg(long, default_value = sandbox::TOKEN)]
        token: String,
    },
    /// Check the token, gateway, database and permissions, and say how to fix what's wrong.
    Doctor,
    /// Check a translation: what's missing, misspelled, too long, or asks for something it isn't given.
    Words {
        /// The language's tag, like de. All of them, if left out.
        tag: Option<String>,
    },
    /// Back up the SQLite database to a file, even while the bot is running.
    Backup {
        /// The file to create; it can't exist yet.
        file: PathBuf,
    },
    /// Move to PostgreSQL: copy the SQLite database, check that nothing is missing, and seal the old one.
    Copy {
        /// The SQLite database, as in `DATABASE_URL`. The bot can keep running: its writes wait during the copy.
        #[arg(long)]
        from: String,
        /// The PostgreSQL database, which must be empty. The password can be in ~/.pgpass.
        #[arg(long)]
        to: String,
        /// Dry run: copy and check everything, then throw the copy away. The bot isn't affected.
        #[arg(long)]
        rehearse: bool,
    },
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bellringer: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(perform(cli));
    // Dropping it would wait for its busy threads.
    runtime.shutdown_timeout(LAST);
    code
}

async fn perform(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Run => run(&cli.config).await,
        Command::Demo(demo) => demo.run().await,
        Command::Sandbox { addr, token } => serve_sandbox(addr, token).await,
        Command::Words { tag } => check_words(tag.as_deref()),
        Command::Backup { file } => backup(&cli.config, &file).await,
        Command::Copy { from, to, rehearse } => copy(&from, &to, rehearse).await,
        Command::Doctor => match Config::read(&cli.config) {
            Ok(config) => {
                return if doctor::examine(&config).await { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bellringer: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Describes a command-line error without quoting what was typed: it may be a password in the wrong place.
fn misused(error: &clap::Error) -> ExitCode {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(argument)) => argument.clone(),
        Some(ContextValue::Strings(arguments)) => arguments.join(", "),
        _ => "an argument".to_owned(),
    };
    let what = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
        ErrorKind::UnknownArgument => "unknown argument".to_owned(),
        ErrorKind::InvalidSubcommand => "unknown command".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("{} is missing", named(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("invalid value for {}", named(ContextKind::InvalidArg))
        }
        _ => "can't make sense of that command line".to_owned(),
    };
    eprintln!("bellringer: {what}. Run `bellringer help` to see the options");
    ExitCode::from(2)
}

async fn run(file: &Path) -> Result<(), String> {
    let config = Config::read(file)?;
    telemetry::start(&config.log, config.log_format)?;
    let stop = shutdown::on_signal().map_err(|error| error.to_string())?;
    let app = tokio::select! {
        built = App::build(&config, Clock::system()) => built.map_err(|error| error.to_string())?,
        () = stop.cancelled() => return Ok(()),
    };
    tracing::info!("bellringer runs");
    Box::pin(app.run(stop)).await.map_err(|error| error.to_string())
}

fn check_words(tag: Option<&str>) -> Result<(), String> {
    let languages = match tag {
        Some(tag) => vec![Language::typed(tag).ok_or(format!("there's no folder src/words/{tag}"))?],
        None => Language::all().collect(),
    };
    let (mut told, mut faults) = (String::new(), 0);
    for language in languages {
        let findings = check(language);
        let _ = writeln!(told, "{} ({})", language.name(), language.tag());
        for finding in &findings {
            let _ = writeln!(told, "  {finding}");
        }
        if findings.is_empty() {
            told.push_str("  Nothing to fix.\n");
        }
        faults += findings.iter().filter(|it| it.is_fault()).count();
    }
    // A reader that closes the pipe early, like `head`, is no error.
    let _ = std::io::stdout().write_all(told.as_bytes());
    match faults {
        0 => Ok(()),
        1 => Err("1 text has to be fixed".to_owned()),
        faults => Err(format!("{faults} texts have to be fixed")),
    }
}

#[expect(clippy::print_stdout, reason = "the command line speaks")]
async fn backup(settings: &Path, file: &Path) -> Result<(), String> {
    let config = Config::read(settings)?;
    let bytes = db::backup(config.database_url.reveal(), file).await.map_err(|error| error.to_string())?;
    println!(
        "Backed up to {}: everything committed so far, {} KB, checked.",
        file.display(),
        bytes.div_ceil(1024)
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line speaks")]
async fn copy(from: &str, to: &str, rehearse: bool) -> Result<(), String> {
    // The path without the URL's options.
    let named = from.split('?').next().unwrap_or_default();
    let purpose = if rehearse { Purpose::Rehearsal } else { Purpose::Move };
    let report = copy::copy(from, to, &TABLES, purpose, &Clock::system()).await;
    let report = report.map_err(|error| error.to_string())?;
    println!("{report}\n");
    if rehearse {
        println!("This was a dry run: nothing was kept, and {named} hasn't changed.");
    } else {
        println!(
            "Everything is now in {}, and {named} is sealed: nothing can write to it anymore.\n\
             Stop the bot, set DATABASE_URL to the new address, and start it again.",
            report.seal.to
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line speaks")]
async fn serve_sandbox(addr: Option<SocketAddr>, token: String) -> Result<(), String> {
    if let Some(addr) = addr.filter(|addr| !addr.ip().is_loopback()) {
        return Err(format!(
            "{addr} is reachable from other machines, and the sandbox is for this machine only. Use 127.0.0.1"
        ));
    }
    let stop = shutdown::on_signal().map_err(|error| error.to_string())?;
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, sandbox::PORT));
    let options = Options { addr: addr.unwrap_or(usual), token, ..Options::default() };
    let started = if addr.is_some() {
        Sandbox::start(options).await
    } else {
        Sandbox::start_or_elsewhere(options).await
    };
    let sandbox = started.map_err(|error| format!("can't listen on {}: {error}", addr.unwrap_or(usual)))?;
    println!(
        "A local Discord is running at {0}\n\n  DISCORD_API_URL={0}\n  DISCORD_TOKEN={1}\n",
        sandbox.url(),
        sandbox.token()
    );
    if addr.is_none() && !sandbox.url().ends_with(&format!(":{}", sandbox::PORT)) {
        println!("Port {} is taken, so I picked another.", sandbox::PORT);
    }
    println!(
        "Open it in a browser to act as anyone on it, or drive them through {}/sandbox. Press Ctrl-C to stop.",
        sandbox.url()
    );
    stop.cancelled().await;
    sandbox.stop().await;
    Ok(())
}
