//! Secrets: never printed, wherever somebody has put one by mistake; and the database isn't readable by other
//! users.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bellringer::sandbox::{Options, Sandbox};
use bellringer::store::db::Db;

use crate::command_line::{bellringer, told};

/// Shaped like a token. Its parts are searched for as well.
const SECRET: &str = "Planted4Secret8Njg1.Hq5fRk.Zw7Tn2-Bd9Lp4Xc6";

/// Values that contain it.
fn values() -> [String; 3] {
    [
        SECRET.to_owned(),
        format!("postgres://ann:{SECRET}@127.0.0.1:1/sales"),
        format!("http://ann:{SECRET}@127.0.0.1:1"),
    ]
}

/// The names of all settings, in the file and in the environment.
const SETTINGS: [(&str, &str); 9] = [
    ("discord_token", "DISCORD_TOKEN"),
    ("discord_token_file", "DISCORD_TOKEN_FILE"),
    ("database_url", "DATABASE_URL"),
    ("discord_api_url", "DISCORD_API_URL"),
    ("http_addr", "HTTP_ADDR"),
    ("shards", "SHARDS"),
    ("log", "BELLRINGER_LOG"),
    ("log_format", "BELLRINGER_LOG_FORMAT"),
    ("requests_per_second", "BELLRINGER_REQUESTS_PER_SECOND"),
];

/// All known ways to miswrite a setting: the file from line 3 on, and the line that the error must name.
fn slips(key: &str, value: &str) -> Vec<(String, usize)> {
    let upper = key.to_uppercase();
    [
        (format!("{key} = {value}"), 3),
        (format!("{key}={value}\n\n# more"), 3),
        (format!("{key} = \"{value}"), 3),
        (format!("{key} = \"{value}\nlog_format = \"text\"\n"), 3),
        (format!("{key} = '{value}"), 3),
        (format!("{key} = {value}\""), 3),
        (format!("{key} = \"\"\"{value}\nmore\n"), 3),
        (format!("{key} = \"\"\"{value}\n{value}\"\"\""), 3),
        (format!("{key} = \"{value}\" # and\n{key} = \"{value}\""), 4),
        (format!("{key} = \"x\" {value}"), 3),
        (format!("{key} = \"{value}\" \"{value}\""), 3),
        (format!("{key} = [\"{value}\"]"), 3),
        (format!("{key} = [\n\"{value}\","), 3),
        (format!("{key} = {{ is = \"{value}\" }}"), 3),
        (format!("{key}.is = \"{value}\""), 3),
        (format!("{key} = \"\\q{value}\""), 3),
        (format!("[{key}]\nis = \"{value}\""), 3),
        (format!("[[{key}]]\nis = \"{value}\""), 3),
        (format!("[bot]\n{key} = \"{value}\""), 4),
        (format!("[bot.is]\n\n{key} = \"{value}\""), 5),
        (format!("{key}: {value}"), 3),
        (format!("{key} {value}"), 3),
        (key.to_owned(), 3),
        (format!("{upper} = {value}"), 3),
        (format!("export {value}\n{key} = \"{value}\""), 3),
    ]
    .into()
}

fn everything(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), told(output))
}

/// How long to wait for a process that prints nothing: its log goes elsewhere.
const PATIENCE: Duration = Duration::from_secs(4);

/// Runs it until it exits or waits for something missing; asserts that the secret isn't printed. Returns
/// whether it succeeded, and its output.
fn says(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String) {
    let said = tempfile::NamedTempFile::new().unwrap();
    let mut command = bellringer(folder);
    command.stdout(said.reopen().unwrap()).stderr(said.as_file().try_clone().unwrap());
    let (mut running, began) =
        (command.args(arguments).envs(settings.iter().copied()).spawn().unwrap(), Instant::now());
    let heard = || std::fs::read_to_string(said.path()).unwrap();
    let ended = loop {
        if let Some(status) = running.try_wait().unwrap() {
            break status;
        }
        if heard().contains("waiting for") || began.elapsed() > PATIENCE {
            running.kill().unwrap();
            break running.wait().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_secret(&heard());
    (ended.success(), heard())
}

/// Asserts that neither the secret nor a panic was printed.
fn assert_secret(said: &str) {
    let parts = SECRET.split(['.', '-']).filter(|part| part.len() > 5);
    for part in parts.chain(["panicked"]) {
        assert!(!said.contains(part), "it says: {said}");
    }
}

const COMMANDS: [&[&str]; 3] = [&["run"], &["doctor"], &["backup", "copy.db"]];

#[test]
fn a_setting_that_is_miswritten_is_named_by_file_line_and_key_and_never_by_what_it_says() {
    std::thread::scope(|scope| {
        for (key, _) in SETTINGS {
            scope.spawn(move || {
                let folder = tempfile::tempdir().unwrap();
                for (number, value) in values().iter().enumerate() {
                    // Each mistake with one value and each command; trying all combinations would add
                    // nothing.
                    for (slip, line) in slips(key, value).into_iter().skip(number).step_by(values().len()) {
                        let text = format!("# settings\n\n{slip}");
                        std::fs::write(folder.path().join("bellringer.toml"), &text).unwrap();
                        for command in COMMANDS {
                            let output = bellringer(folder.path()).args(command).output().unwrap();
                            let (well, said) = (output.status.success(), everything(&output));
                            assert_secret(&said);
                            assert!(!well, "{text} is taken by {command:?}: {said}");
                            // An unknown setting has no name that may be printed.
                            let named = if slip.starts_with("export") { "" } else { key };
                            let place = format!("bellringer.toml, line {line}: {named}");
                            assert!(said.contains(&place), "{text}\n{command:?} says: {said}");
                            assert_eq!(said.lines().count(), 1, "{said}");
                        }
                    }
                }
            });
        }
    });
}

#[test]
fn a_secret_in_the_wrong_variable_is_not_said() {
    for (_, variable) in SETTINGS {
        for value in values() {
            for command in COMMANDS {
                let folder = tempfile::tempdir().unwrap();
                let mut settings = vec![("DISCORD_API_URL", "http://127.0.0.1:1"), ("DISCORD_TOKEN", "any")];
                settings.retain(|(name, _)| *name != variable);
                settings.push((variable, &value));
                let (well, said) = says(folder.path(), command, &settings);
                assert!(!well, "{command:?} with {variable}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_wrong_argument_is_not_said() {
    let folder = tempfile::tempdir().unwrap();
    let there = format!("sqlite://{}", folder.path().join("there.db").display());
    Db::open(&there).await.unwrap().close().await;
    let postgres = |options: &str| format!("postgres://ann:{SECRET}@127.0.0.1:1/sales{options}");
    let options = ["", "?sslmode=", "?port=", "?hostaddr=", "?pasword=", "?statement-cache-capacity="];
    let mut addresses: Vec<String> = options
        .into_iter()
        .map(|option| postgres(&if option.is_empty() { String::new() } else { format!("{option}{SECRET}") }))
        .collect();
    addresses.extend(values());
    addresses.extend([
        format!("postgres://ann:half/{SECRET}@127.0.0.1:1/x"),
        format!("postgres://{SECRET}"),
        format!("sqlite://{SECRET}/x.db?mode={SECRET}"),
        format!("sqlite://x.db?mode={SECRET}"),
        format!("mysql://ann:{SECRET}@127.0.0.1/x"),
    ]);
    let flag = format!("--{SECRET}");
    let mut lines: Vec<Vec<&str>> =
        vec![vec![SECRET], vec![&flag], vec!["sandbox", "--addr", SECRET], vec!["backup", "x", SECRET]];
    for address in &addresses {
        lines.extend([
            vec!["copy", "--from", &there, "--to", address],
            vec!["copy", "--from", address, "--to", address],
            vec!["copy", "--from", address],
            vec!["copy", address],
            vec!["run", address],
            vec!["--config", address, "run"],
        ]);
        for command in COMMANDS {
            let (well, said) =
                says(folder.path(), command, &[("DATABASE_URL", address), ("DISCORD_TOKEN", "any")]);
            assert!(!well, "{command:?} on {address}: {said}");
        }
    }
    for arguments in lines {
        let (well, said) = says(folder.path(), &arguments, &[]);
        assert!(!well && said.starts_with("bellringer: "), "{arguments:?}: {said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_and_its_backups_are_their_owners_alone_whatever_the_umask() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let (token, url) = (sandbox.token().to_owned(), sandbox.url());
    let freely = |arguments: &str| {
        let mut command = Command::new("sh");
        let line = format!("umask 000; exec {} {arguments}", env!("CARGO_BIN_EXE_bellringer"));
        command.args(["-c", &line]).current_dir(folder.path());
        command.env("DISCORD_TOKEN", &token).env("DISCORD_API_URL", &url);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let mode = |file: &str| {
        let known =
            std::fs::metadata(folder.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        known.permissions().mode() & 0o777
    };
    let mut running = freely("run").spawn().unwrap();
    let lines = BufReader::new(running.stderr.take().unwrap()).lines();
    let runs = tokio::task::spawn_blocking(move || {
        lines.map_while(Result::ok).any(|line| line.contains("bellringer runs"))
    });
    assert!(runs.await.unwrap());
    let mut backup = freely("backup copy.db");
    let backed_up = tokio::task::spawn_blocking(move || backup.output()).await.unwrap().unwrap();
    assert!(backed_up.status.success(), "{}", told(&backed_up));
    for file in ["bellringer.db", "bellringer.db-wal", "bellringer.db-shm", "copy.db"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let doctor = async || {
        let mut command = freely("doctor");
        everything(&tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap())
    };
    assert!(!doctor().await.contains("other users"), "nobody else can read it");
    // Permissions opened by the user stay open, and the doctor mentions it.
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(folder.path().join("bellringer.db"), open).unwrap();
    let told = doctor().await;
    assert!(told.contains("bellringer.db can be read by other users"), "{told}");
    assert_eq!(mode("bellringer.db"), 0o640);
    sandbox.stop().await;
}
