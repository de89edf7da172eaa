//! The program as users start it: its errors when it can't run, how it stops, and what the demo prints.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use bellringer::sandbox::client::{Fault, Filler};
use bellringer::sandbox::{Options, Sandbox};
use bellringer::store::db::Db;
use std::collections::BTreeSet;

use serde_json::Value;

/// The program, in its own folder and without environment variables.
pub(crate) fn bellringer(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellringer"));
    command
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Its standard error.
pub(crate) fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs `bellringer run`, which must fail with one line; returns it.
async fn refusal(folder: &Path, settings: &[(&str, &str)]) -> String {
    let mut command = bellringer(folder);
    command.arg("run").envs(settings.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = told(&output);
    assert!(!output.status.success(), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

#[tokio::test]
async fn what_keeps_it_from_running_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let url = sandbox.url();
    std::fs::write(folder.path().join("text.db"), "this is not a database at all").unwrap();
    std::fs::write(folder.path().join("bellringer.toml"), "databse_url = 'x'").unwrap();
    let misspelt = refusal(folder.path(), &[]).await;
    std::fs::remove_file(folder.path().join("bellringer.toml")).unwrap();
    let mut lines = vec![misspelt];
    for settings in [
        &[][..],
        &[("DISCORD_TOKEN_FILE", "nowhere")],
        &[("DISCORD_TOKEN", "wrong"), ("DISCORD_API_URL", &url)],
        &[("DISCORD_TOKEN", "any"), ("DISCORD_API_URL", "not an address")],
        &[("DISCORD_TOKEN", "any"), ("DATABASE_URL", "sqlite://no/such/folder/x.db")],
        &[("DISCORD_TOKEN", "any"), ("DATABASE_URL", "sqlite://text.db")],
        &[("DISCORD_TOKEN", "any"), ("DATABASE_URL", "mysql://localhost/x")],
        &[("DISCORD_TOKEN", "any"), ("HTTP_ADDR", "eighty")],
        &[("DISCORD_TOKEN", "any"), ("SHARDS", "4-3/8")],
        &[("DISCORD_TOKEN", "any"), ("BELLRINGER_LOG_FORMAT", "yaml")],
    ] {
        lines.push(refusal(folder.path(), settings).await.replace(&url, "URL"));
    }
    insta::assert_snapshot!(lines.join("\n"));
    sandbox.stop().await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bellringer.db");
    let db = Db::open(&format!("sqlite://{}", path.display())).await.unwrap();
    let mut tx = db.write().await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99, 'x', 1, x'00', 1)";
    sqlx::query(newer).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let line = refusal(folder.path(), &[("DISCORD_TOKEN", "any")]).await;
    assert!(line.contains("newer Bellringer (schema 99)"), "{line}");
}

/// Waits until the child has written `word` to standard error.
fn until_said(child: &mut Child, word: &str) {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let found = lines.map_while(Result::ok).any(|line| line.contains(word));
    assert!(found, "it never said {word}");
}

#[tokio::test]
async fn both_signals_stop_it_cleanly_and_soon() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let mut command = bellringer(folder.path());
        command.arg("run").env("DISCORD_TOKEN", sandbox.token()).env("DISCORD_API_URL", sandbox.url());
        let mut child = command.spawn().unwrap();
        let (mut child, stopped) = tokio::task::spawn_blocking(move || {
            until_said(&mut child, "bellringer runs");
            let asked = Instant::now();
            let pid = child.id().to_string();
            assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
            let status = child.wait().unwrap();
            (child, (status, asked.elapsed()))
        })
        .await
        .unwrap();
        assert!(stopped.0.success() && stopped.1 < Duration::from_secs(10), "{stopped:?}");
        let _ = child.kill();
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let examine = async |token: &str| {
        let mut command = bellringer(folder.path());
        command.arg("doctor").env("DISCORD_TOKEN", token).env("DISCORD_API_URL", sandbox.url());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap().replace(&sandbox.url().replace("http", "ws"), "URL"),
        )
    };
    let (well, healthy) = examine(sandbox.token()).await;
    assert!(well, "{healthy}");
    let guild = sandbox.control().guild("Clinic").await.unwrap();
    let address = format!("sqlite://{}", folder.path().join("bellringer.db").display());
    let db = Db::open(&address).await.unwrap();
    let mut tx = db.write().await.unwrap();
    let insert = "INSERT INTO guild (id, zone, currency, week_start, wins_channel, created_at) VALUES ($1, 'UTC', 'USD', 0, $2, 0)";
    let (id, channel): (i64, i64) = (guild.id.parse().unwrap(), guild.channel_id.parse().unwrap());
    sqlx::query(insert).bind(id).bind(channel).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let denied = serde_json::json!([{"id": guild.bot_role_id, "type": 0, "allow": "0", "deny": "18432"}]);
    sandbox.control().overwrites(&guild.channel_id, denied).await.unwrap();
    let (well, lacking) = examine(sandbox.token()).await;
    assert!(!well, "{lacking}");
    let between = Fault::between("GET /channels/{id}", 403, Filler::Html, 1);
    sandbox.control().fault(&between).await.unwrap();
    let (well, turned_away) = examine(sandbox.token()).await;
    assert!(!well, "{turned_away}");
    let (_, refused) = examine("wrong").await;
    let ids = |text: &str| text.replace(&guild.id, "GUILD").replace(&guild.channel_id, "CHANNEL");
    insta::assert_snapshot!(format!(
        "{healthy}\n{}\n{}\n{}",
        ids(&lacking),
        ids(&turned_away),
        ids(&refused)
    ));
    sandbox.stop().await;
}

#[test]
fn a_sandbox_stays_on_this_machine_and_takes_another_port_where_its_own_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let outside = bellringer(folder.path()).args(["sandbox", "--addr", "0.0.0.0:0"]).output().unwrap();
    assert!(!outside.status.success() && told(&outside).contains("this machine only"), "{}", told(&outside));
    // Taken by this bind, or by another process already.
    let _taken = std::net::TcpListener::bind(("127.0.0.1", bellringer::sandbox::PORT));
    let mut elsewhere = bellringer(folder.path()).arg("sandbox").spawn().unwrap();
    let lines = BufReader::new(elsewhere.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said: Vec<String> = lines.take(7).collect();
    elsewhere.kill().unwrap();
    elsewhere.wait().unwrap();
    let said = said.join("\n");
    assert!(said.contains("http://127.0.0.1:") && !said.contains("127.0.0.1:8077"), "{said}");
    assert!(said.contains("Port 8077 is taken, so I picked another."), "{said}");
}

#[tokio::test]
async fn a_backup_of_a_database_in_use_is_what_was_committed_and_can_be_run_on() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let db = Db::open(&url("bellringer.db")).await.unwrap();
    let guild = |id| {
        sqlx::query(
            "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES ($1, 'UTC', 'USD', 0, 0)",
        )
        .bind::<i64>(id)
    };
    let mut tx = db.write().await.unwrap();
    guild(1).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut unfinished = db.write().await.unwrap();
    guild(2).execute(&mut *unfinished).await.unwrap();
    let backup = async |file: &str, database: &str| {
        let mut command = bellringer(folder.path());
        command.args(["backup", file]).env("DATABASE_URL", database);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        (output.status.success(), told(&output))
    };
    let (made, line) = backup("copy.db", "sqlite://bellringer.db").await;
    assert!(made, "{line}");
    unfinished.commit().await.unwrap();
    db.close().await;

    // Restored as the README says: the backup replaces the database, and its side files are moved away.
    let restored = tempfile::tempdir().unwrap();
    let at = |folder: &tempfile::TempDir, name: &str| folder.path().join(name);
    for file in ["bellringer.db", "bellringer.db-wal", "bellringer.db-shm"] {
        // Left behind by a power cut.
        std::fs::write(at(&restored, file), b"not a database any more").unwrap();
    }
    std::fs::copy(at(&folder, "copy.db"), at(&restored, "bellringer.db")).unwrap();
    for beside in ["bellringer.db-wal", "bellringer.db-shm"] {
        std::fs::remove_file(at(&restored, beside)).unwrap();
    }
    let copy = Db::open(&format!("sqlite://{}", at(&restored, "bellringer.db").display())).await.unwrap();
    let guilds: Vec<(i64,)> = sqlx::query_as("SELECT id FROM guild").fetch_all(copy.read()).await.unwrap();
    assert_eq!(guilds, [(1,)], "what was committed when the copy began, and nothing else");
    let mut goes_on = copy.write().await.unwrap();
    guild(3).execute(&mut *goes_on).await.unwrap();
    goes_on.commit().await.unwrap();
    copy.close().await;

    for (file, database) in [
        ("copy.db", "sqlite://bellringer.db"),
        ("other.db", "sqlite://nowhere.db"),
        ("no/folder/other.db", "sqlite://bellringer.db"),
        ("other.db", "postgres://localhost/bellringer"),
    ] {
        let (made, line) = backup(file, database).await;
        assert!(!made && line.lines().count() == 1, "{file} of {database}: {line}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "nowhere.db" || name == "other.db"), "{left:?}");
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
}

async fn demo(arguments: &[&str]) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bellringer(folder.path());
    command.arg("demo").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    (output.status.success(), String::from_utf8(output.stdout.clone()).unwrap(), told(&output))
}

#[tokio::test]
async fn the_demo_is_readable_in_eighty_columns() {
    let (well, told, errors) = demo(&["--once"]).await;
    assert!(well, "{errors}");
    let wide: Vec<&str> = told.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:?}");
    insta::assert_snapshot!(crate::story::stable(&told));
}

#[tokio::test]
async fn the_demo_in_json_is_one_message_a_line() {
    let (well, told, errors) = demo(&["--once", "--json"]).await;
    assert!(well, "{errors}");
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["channel"].is_string() && line["author"].is_string()));
    assert!(lines.iter().all(|line| line["message"]["id"].is_string()));
    let of = |channel: &str| {
        let shown = lines.iter().filter(|line| line["channel"] == channel && line["for"].is_null());
        // An edited message is printed again.
        shown.map(|line| line["message"]["id"].to_string()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(of("expectations"), 1, "one post on Monday");
    assert!(of("recognition") >= 4, "goals, thanks, board and praise");
    assert!(lines.iter().any(|line| line["for"] == "Maya" && line["channel"] == "general"));
}

const EXPORT: &str = "\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Ann Lee,Pump,Northgate,Won,2017-01-02,2017-04-03,1054
A2,Bo Chan,Pump,,Won,2017-01-02,2017-06-30,550.25
A3,Ann Lee,Valve,Southgate,Won,2017-01-02,2017-05-15,88
A4,Ann Lee,Valve,Southgate,Lost,2017-01-02,2017-05-15,0
A5,Bo Chan,Valve,Eastgate,Won,2017-01-02,,700
A6,Bo Chan,Valve,Eastgate,Won,2017-01-02,2017-05-02,
A7,Bo Chan,Valve,Eastgate,Won,2017-01-02,2017-07-01,900
A8,,Valve,Eastgate,Won,2017-01-02,2017-05-03,10
";

#[tokio::test]
async fn a_quarter_of_an_export_ends_with_the_files_totals_and_names_what_it_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.csv");
    std::fs::write(&file, EXPORT).unwrap();
    let file = file.to_str().unwrap();
    let (well, told, errors) = demo(&["--play", file, "--quarter", "2017-Q2", "--json"]).await;
    assert!(well, "{errors}");
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(last, serde_json::json!({"totals": {"Ann Lee": 114_200, "Bo Chan": 55_025}}));
    let (well, told, _) = demo(&["--play", file, "--quarter", "2017-Q2"]).await;
    assert!(well);
    let report = told.split("Q2 2017, by agent").nth(1).unwrap();
    let report: Vec<&str> = report.lines().filter(|line| !line.contains(" s")).collect();
    insta::assert_snapshot!(report.join("\n"));
    let (well, _, errors) = demo(&["--play", file, "--quarter", "spring"]).await;
    assert!(!well && errors.contains("spring isn't a quarter"), "{errors}");
}

/// An export of this many wins, one per line after the header; the last column isn't used.
fn export(wins: usize) -> Vec<String> {
    let header = "opportunity_id,sales_agent,product,account,deal_stage,close_date,close_value,note";
    let row = |number: usize| {
        let agent = if number.is_multiple_of(2) { "Ann Lee" } else { "Bo Chan" };
        format!("A{number},{agent},Pump,Northgate,Won,2017-05-{:02},{},plain", number % 28 + 1, 100 + number)
    };
    std::iter::once(header.to_owned()).chain((1..=wins).map(row)).collect()
}

/// The same with one line changed; line 1 is the header.
fn with(mut lines: Vec<String>, line: usize, from: &str, to: &str) -> Vec<String> {
    assert!(lines[line - 1].contains(from), "{}", lines[line - 1]);
    lines[line - 1] = lines[line - 1].replace(from, to);
    lines
}

fn whole(lines: &[String]) -> Vec<u8> {
    format!("{}\n", lines.join("\n")).into_bytes()
}

/// Plays a file's second quarter of 2017: whether it succeeded, its last line, and its standard error.
async fn played(file: &[u8], flags: &[&str]) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, file).unwrap();
    let path = path.to_str().unwrap();
    let arguments = [&["--play", path, "--quarter", "2017-Q2", "--json"], flags].concat();
    let (well, told, errors) = demo(&arguments).await;
    (well, told.lines().last().unwrap_or_default().to_owned(), errors.replace(path, "export.csv"))
}

#[tokio::test]
async fn a_file_whose_rows_are_not_what_they_seem_is_refused_by_its_line_and_nothing_is_played() {
    let stray = |first: (usize, &str), second: (usize, &str)| {
        let lines = with(export(9), first.0, first.1, &format!("\"{}", first.1));
        whole(&with(lines, second.0, second.1, &format!("{}\"", second.1)))
    };
    let without = |column: &str| whole(&with(export(3), 1, column, "other"));
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(whole(&export(3)).into_iter().flat_map(|byte| [byte, 0])).collect();
    let cut = |bytes: usize| {
        let file = whole(&export(9));
        file[..file.len() - bytes].to_vec()
    };
    let footer = |line: &str| whole(&[export(9), vec![line.to_owned()]].concat());
    let cases = [
        ("a quote that is never closed", whole(&with(export(200), 50, "Pump", "\"Pump"))),
        ("the same in what nobody plays", whole(&with(export(200), 50, "plain", "\"plain"))),
        ("the same in the header", whole(&with(export(9), 1, "note", "\"note"))),
        ("two stray quotes around an agent's rows", stray((4, "Bo Chan"), (8, "Bo Chan"))),
        ("two stray quotes in neighbouring rows", stray((3, "Ann Lee"), (4, "Bo Chan"))),
        ("two stray quotes around notes", stray((3, "plain"), (5, "plain"))),
        ("two stray quotes around the notes of neighbours", stray((3, "plain"), (4, "plain"))),
        ("two stray quotes in the first column", stray((3, "A2"), (4, "A3"))),
        ("two stray quotes in different columns", stray((3, "Ann Lee"), (6, "plain"))),
        ("two stray quotes in one field's middle", whole(&with(export(9), 5, "Pump", "5\" Pump\" x"))),
        ("text after a closing quote", whole(&with(export(9), 5, "Pump", "\"Pump\" x"))),
        ("an agent over two lines", whole(&with(export(9), 5, "Ann Lee", "\"Ann\nLee\""))),
        ("a column too few", whole(&with(export(9), 5, "Pump,", ""))),
        ("a column too many", whole(&with(export(9), 5, "Pump,", "Pump,,"))),
        ("a comma in a value that needs quotes", whole(&with(export(9), 5, ",104,", ",1,104,"))),
        ("cut in the middle of a row", cut(30)),
        (
            "cut in the middle of a quoted note",
            [cut(0), b"A10,Bo Chan,Pump,East,Won,2017-05-01,9,\"so".to_vec()].concat(),
        ),
        ("a footer", footer("Grand total")),
        ("a line of spaces", footer("   ")),
        ("a column twice", whole(&with(export(3), 1, "note", "close_value"))),
        ("no column for the agent", without("sales_agent")),
        ("no column for the stage", without("deal_stage")),
        ("no column for the value", without("close_value")),
        ("no column for the day", without("close_date")),
        ("a null byte", whole(&with(export(9), 5, "Pump", "Pu\0mp"))),
        ("Latin 1", [cut(0), b"A10,Ren\xe9,Pump,East,Won,2017-05-01,9,\n".to_vec()].concat()),
        ("UTF-16", utf16),
        ("nothing", Vec::new()),
        ("line breaks alone", b"\n\n\n".to_vec()),
        ("a header alone", whole(&export(0))),
        ("columns that nothing separates", b"a b c\n1 2 3\n".to_vec()),
    ];
    let mut told = Vec::new();
    for (what, file) in cases {
        let (well, last, errors) = played(&file, &[]).await;
        told.push(format!("{what}\n    {}{errors}{last}", if well { "PLAYED " } else { "" }));
    }
    insta::assert_snapshot!(told.join(""));
}

#[tokio::test]
async fn a_file_is_played_whole_however_its_program_writes_it() {
    // As saved by a German spreadsheet on Windows: byte order mark, semicolons, decimal commas, a note over
    // two lines.
    let file = "\u{feff}opportunity_id;sales_agent;deal_stage;close_date;close_value;note\r\n\
        A1;Ann Lee;Won;2017-05-02;1.500;\"called; twice\r\nthey want 3, 4 or 5\"\r\n\
        A2;Bo Chan;Lost;2017-05-02;2,50;\r\n\
        A3;Bo Chan;Won;2017-05-03;1.234,5;\"a \"\"pump\"\"\"\r\n";
    let (well, last, errors) = played(file.as_bytes(), &[]).await;
    assert!(well, "{errors}");
    let wanted = serde_json::json!({"totals": {"Ann Lee": 150_000, "Bo Chan": 123_450}});
    assert_eq!(serde_json::from_str::<Value>(&last).unwrap(), wanted);
    let (well, last, errors) = played(&whole(&export(3))[..132], &[]).await;
    assert!(well && last.contains("10100"), "{errors}");
    assert!(errors.contains("The last line (2) has no line break at the end"), "{errors}");
}

#[tokio::test]
async fn what_a_won_row_says_and_nobody_can_read_is_named_and_the_play_does_not_end_well() {
    for (line, from, to, why) in [
        (5, ",104,", ",a lot,", "A4: can't read the value: `a lot`"),
        (5, ",104,", ",-104,", "A4: can't read the value: `-104`"),
        (5, "2017-05-05", "05/05/17", "A4: can't read the date: `05/05/17`"),
    ] {
        let (well, _, errors) = played(&whole(&with(export(9), line, from, to)), &[]).await;
        assert!(!well && errors.contains(why), "{errors}");
    }
}

/// A file of wins with these values, separated by semicolons.
fn worth(values: &[&str]) -> Vec<u8> {
    let rows = values.iter().enumerate().map(|(index, value)| {
        let stage = if value.ends_with('?') { "Lost" } else { "Won" };
        format!("A{index};Ann Lee;{stage};2017-05-02;{}\n", value.trim_end_matches('?'))
    });
    format!("opportunity_id;sales_agent;deal_stage;close_date;close_value\n{}", rows.collect::<String>())
        .into_bytes()
}

#[tokio::test]
async fn a_column_of_which_no_row_says_what_its_points_mean_is_asked_about_and_not_played() {
    let mut told = Vec::new();
    for (values, flags) in [
        (&["1.500", "250"][..], &[][..]),
        (&["1.500", "2.750", "1,250"], &[]),
        (&["1.234,50", "7", "1,234.50"], &[]),
        (&["12.5", "12,5"], &[]),
        (&["1.234.567", "12.5"], &[]),
        (&["1.234,50", "7"], &["--decimals", "point"]),
        (&["12.5"], &["--decimals", "semicolon"]),
    ] {
        let (well, last, errors) = played(&worth(values), flags).await;
        let flags = flags.join(" ");
        told.push(format!("{values:?} {flags}\n    {}{errors}{last}", if well { "PLAYED " } else { "" }));
    }
    insta::assert_snapshot!(told.join(""));
    let (well, last, errors) = played(&worth(&["1.500", "250"]), &["--decimals", "comma"]).await;
    assert!(well && last.contains("175000"), "{errors}");
}
