//! The simulation, over many seeds.
//!
//! `cargo bench --bench simulation -- --seeds 1000 --from 1`, with `--trace` to read what happened and `--right-clocks` to
//! leave out that clocks are wrong.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

#[path = "../tests/it/database.rs"]
mod database;
#[path = "../tests/it/simulation/mod.rs"]
mod simulation;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use simulation::{Setting, Wrong, run};

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
    let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut wins, mut posts, mut occurrences) = (0_usize, 0_usize, 0_usize);
    let (mut lost, mut doubled, mut other) = (0, 0, 0);
    let started = Instant::now();
    for seed in from..from + seeds {
        let report = run(seed, setting);
        if shows {
            println!("{report}");
        } else if !report.wrong.is_empty() {
            println!(
                "seed {seed}: {}",
                report.wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
            );
        }
        for (fault, count) in &report.figures.faults {
            *faults.entry(fault).or_default() += count;
        }
        wins += report.figures.wins;
        posts += report.figures.posts;
        occurrences += report.figures.occurrences;
        let count = |fits: fn(&Wrong) -> bool| report.wrong.iter().filter(|it| fits(it)).count();
        lost += count(|it| matches!(it, Wrong::Lost(_)));
        doubled += count(|it| matches!(it, Wrong::Doubled(_)));
        other += count(|it| matches!(it, Wrong::Other(_)));
    }
    for (fault, count) in &faults {
        println!("{fault:<34} {count:>9}");
    }
    println!("{:<34} {wins:>9}", "wins acknowledged");
    println!("{:<34} {posts:>9}", "posts checked");
    println!("{:<34} {other:>9}", "other promises broken");
    println!("{:<34} {:>9.1}", "seconds", started.elapsed().as_secs_f64());
    let faults: u64 = faults.values().sum();
    println!("seeds={seeds} faults={faults} occurrences={occurrences} lost={lost} doubled={doubled}");
    if lost + doubled + other == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
