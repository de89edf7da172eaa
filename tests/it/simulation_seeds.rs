//! The simulation, seed by seed. `BELLRINGER_SEED=7 cargo test simulation` plays one, and prints its trace.
#![expect(clippy::print_stdout, reason = "a seed that broke a promise is worth nothing unless it is named")]

use std::sync::Mutex;

use crate::database::is_on_postgres;
use crate::simulation::{Report, Sabotage, Setting, Wrong, run};

/// How many seeds each test run plays, limited by patience: on a file, and on PostgreSQL.
const SEEDS: [u64; 2] = [24, 6];

/// The first seed: CI derives it from each commit, so that new seeds are tried every time.
fn seeds() -> std::ops::Range<u64> {
    let base = setting("BELLRINGER_SEED_BASE").unwrap_or(1);
    let count = SEEDS[usize::from(is_on_postgres())];
    println!("The simulation plays the seeds {base} to {}.", base + count - 1);
    base..base + count
}

fn setting(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests themselves")]
    std::env::var(name).ok().map(|seed| seed.parse().unwrap())
}

/// Plays seeds, two at a time. Returns the failures, in order.
fn play(seeds: &[u64]) -> Vec<Report> {
    let seeds = Mutex::new(seeds.iter().copied());
    let reports = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(seed) = seeds.lock().unwrap().next() else { break };
                    let report = run(seed, Setting::USUAL);
                    if !report.wrong.is_empty() {
                        reports.lock().unwrap().push(report);
                    }
                }
            });
        }
    });
    let mut reports = reports.into_inner().unwrap();
    reports.sort_by_key(|report| report.seed);
    reports
}

fn assert_kept(broken: &[Report]) {
    let seeds: Vec<u64> = broken.iter().map(|report| report.seed).collect();
    assert!(broken.is_empty(), "{}\nSeeds that broke a promise: {seeds:?}", broken[0]);
}

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_comes_twice() {
    match setting("BELLRINGER_SEED") {
        Some(seed) => {
            let report = run(seed, Setting::USUAL);
            assert!(report.wrong.is_empty(), "{report}");
            panic!("Nothing went wrong:\n{report}");
        }
        None => assert_kept(&play(&seeds().collect::<Vec<_>>())),
    }
}

#[test]
fn a_seed_is_always_the_same_story() {
    let setting = Setting { is_in_a_file: true, ..Setting::USUAL };
    for seed in [3, 8] {
        let (first, second) = (run(seed, setting), run(seed, setting));
        for (one, other) in first.trace.iter().zip(&second.trace) {
            assert_eq!(one, other, "seed {seed}");
        }
        assert_eq!(first.trace.len(), second.trace.len(), "seed {seed}");
    }
}

/// How many seeds it takes until something is duplicated.
fn found(sabotage: Sabotage) -> Option<u64> {
    let setting = Setting { sabotage, clocks_are_right: true, is_in_a_file: true };
    (1..=80).find(|seed| run(*seed, setting).wrong.iter().any(|it| matches!(it, Wrong::Doubled(_))))
}

#[test]
fn posts_sent_before_their_claim_is_committed_are_found() {
    assert!(found(Sabotage::SendsBeforeCommit).is_some());
}

#[test]
fn claims_that_keep_nobody_away_are_found() {
    assert!(found(Sabotage::ClaimsWithoutLease).is_some());
}
