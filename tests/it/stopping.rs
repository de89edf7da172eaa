//! A stop ends the process in time, whatever its threads are doing; work in progress is finished and
//! answered.
#![expect(clippy::print_stdout, reason = "a process tells another that it is busy")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bellringer::sandbox::client::State;
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::shutdown;
use bellringer::store::db::Db;
use serde_json::json;

use crate::bot::Home;
use crate::floor::Floor;
use crate::story::said;

const BUSY: &str = "every thread is busy";
const PATIENCE: Duration = Duration::from_secs(1);

#[test]
#[ignore = "runs in a process of its own, which the other tests here start and stop"]
fn a_process_of_which_every_thread_is_busy() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _stop = shutdown::on_signal_within(PATIENCE).unwrap();
    runtime.block_on(async {
        for _ in 0..2 {
            drop(shutdown::spawn(async { spin() }));
        }
        println!("{BUSY}");
        spin();
    });
}

/// Like a library's loop that never yields.
fn spin() {
    let began = Instant::now();
    // Long enough to be noticed, but within what a caller would wait.
    while began.elapsed() < Duration::from_secs(30) {
        std::hint::spin_loop();
    }
}

fn busy() -> Child {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "stopping::a_process_of_which_every_thread_is_busy", "--nocapture"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(BUSY)));
    process
}

fn tell(process: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_process_of_which_every_thread_is_busy_ends_in_its_time() {
    let process = busy();
    let told = Instant::now();
    tell(&process, "-TERM");
    let output = process.wait_with_output().unwrap();
    assert!(told.elapsed() >= PATIENCE && told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("bellringer: stopped before everything was finished"), "{said}");
}

#[test]
fn told_twice_it_ends_at_once() {
    let process = busy();
    tell(&process, "-INT");
    // The second signal must not be taken for the first.
    std::thread::sleep(Duration::from_millis(100));
    tell(&process, "-TERM");
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("bellringer: stopped immediately after a second signal"), "{said}");
}

#[tokio::test]
async fn what_people_had_asked_when_it_was_told_to_stop_is_done_and_answered() {
    const GUILDS: usize = 6;
    let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
    let home = Home::beside(&sandbox, &[]).await;
    let mut bot = home.start(&[]);
    bot.ready().await;
    let floor = Floor::of(sandbox.control(), GUILDS).await;
    floor.each_runs(|_, guild| guild.set_up()).await;

    // All of them are in progress, blocked by another writer.
    let db = Db::open(&home.database_url()).await.unwrap();
    let mut writing = db.write().await.unwrap();
    if home.is_shared() {
        sqlx::query("LOCK TABLE win").execute(&mut *writing).await.unwrap();
    }
    let mut asked = Vec::new();
    for (number, guild) in floor.guilds.iter().enumerate() {
        let win = json!({"amount": "4k", "customer": format!("Quillfeather {number}")});
        asked
            .push(floor.control.command_unawaited(&guild.reps[0], "win log", win).await.unwrap().interaction);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    bot.terminate();
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(writing);

    let status = bot.ended(Duration::from_secs(8)).await;
    let log = home.log();
    assert!(status.success(), "{status}\n{log}");
    assert!(log.lines().all(|line| line.contains("INFO")), "{log}");
    let kept: Vec<(String,)> = sqlx::query_as("SELECT customer FROM win").fetch_all(db.read()).await.unwrap();
    for (number, interaction) in asked.iter().enumerate() {
        let outcome = floor.control.outcome(interaction).await.unwrap();
        let is_kept = kept.contains(&(format!("Quillfeather {number}"),));
        // Commands that weren't started yet, on a busy machine, are as if no bot had been there.
        assert_eq!(outcome.state == State::Replied, is_kept, "{outcome:?}");
        assert!(!is_kept || said(&outcome).contains("Logged"), "{outcome:?}");
    }
    assert!(!kept.is_empty(), "none had begun");
    db.close().await;
    sandbox.stop().await;
    home.drop().await;
}
