//! A stop ends the process in its time, whatever its threads are busy with.
#![expect(clippy::print_stdout, reason = "a process tells another that it is busy")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bellringer::shutdown;

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

/// As a library's loop does that never yields.
fn spin() {
    let began = Instant::now();
    // Long enough to be missed, and no longer than anybody would wait where it is.
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
    // The second must not be taken for the first.
    std::thread::sleep(Duration::from_millis(100));
    tell(&process, "-TERM");
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("bellringer: stopped at once, as it was told twice"), "{said}");
}
