//! The simulation, over many seeds.
//!
//! `cargo bench --bench simulation -- --seeds 1000 --from 1`, with `--trace` to see what happened and
//! `--right-clocks` to leave out clock errors; two seeds at a time, or `--at-once 4`. `tests/postgres cargo
//! bench --bench simulation` runs them on PostgreSQL.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

#[path = "../tests/it/database.rs"]
mod database;
#[path = "../tests/it/simulation/mod.rs"]
mod simulation;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use simulation::{Report, Setting, Wrong, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, unless: u64| {
        let at = arguments.iter().position(|it| it == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(unless)
    };
    let (seeds, from) = (number("--seeds", 100), number("--from", 1));
    let clocks_are_right = arguments.iter().any(|it| it == "--right-clocks");
    let setting = Setting { clocks_are_right, ..Setting::USUAL };
    let shows = arguments.iter().any(|it| it == "--trace");
    let started = Instant::now();
    let (next, all) = (AtomicU64::new(from), Mutex::new(Sum::default()));
    std::thread::scope(|scope| {
        for _ in 0..number("--at-once", 2) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        break;
                    }
                    let report = run(seed, setting);
                    all.lock().unwrap_or_else(PoisonError::into_inner).add(&report, shows);
                }
            });
        }
    });
    let Sum { faults, wins, posts, occurrences, lost, doubled, other } =
        all.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{:<34} {:>9}", "database", if database::is_on_postgres() { "PostgreSQL" } else { "SQLite" });
    for (fault, count) in &faults {
        println!("{fault:<34} {count:>9}");
    }
    println!("{:<34} {wins:>9}", "wins acknowledged");
    println!("{:<34} {posts:>9}", "posts checked");
    println!("{:<34} {other:>9}", "other promises broken");
    println!("{:<34} {:>9.1}", "seconds", started.elapsed().as_secs_f64());
    let faults: u64 = faults.values().sum();
    println!(
        "seeds={seeds} from={from} faults={faults} occurrences={occurrences} lost={lost} doubled={doubled}"
    );
    if lost + doubled + other == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The combined results of all seeds.
#[derive(Default)]
struct Sum {
    faults: BTreeMap<&'static str, u64>,
    wins: usize,
    posts: usize,
    occurrences: usize,
    lost: usize,
    doubled: usize,
    other: usize,
}

impl Sum {
    fn add(&mut self, report: &Report, shows: bool) {
        if shows {
            println!("{report}");
        } else if !report.wrong.is_empty() {
            let wrong: Vec<String> = report.wrong.iter().map(ToString::to_string).collect();
            println!("seed {}: {}", report.seed, wrong.join("; "));
        }
        for (fault, count) in &report.figures.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.wins += report.figures.wins;
        self.posts += report.figures.posts;
        self.occurrences += report.figures.occurrences;
        let count = |fits: fn(&Wrong) -> bool| report.wrong.iter().filter(|it| fits(it)).count();
        self.lost += count(|it| matches!(it, Wrong::Lost(_)));
        self.doubled += count(|it| matches!(it, Wrong::Doubled(_)));
        self.other += count(|it| matches!(it, Wrong::Other(_)));
    }
}
