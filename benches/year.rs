//! A year of 500 guilds in every kind of time zone: each occurrence of the default schedules is checked
//! against an independent computation that shares neither code nor data with the bot. Then the years in which
//! zones changed their rules.
//!
//! `cargo bench --bench year`; `-- --guilds 100` for fewer. Fails if any occurrence differs.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

#[path = "../tests/it/year/play.rs"]
mod play;
#[path = "../tests/it/year/reckoning.rs"]
mod reckoning;

use std::path::Path;
use std::time::Instant;

use chrono::Datelike;
use play::{Fails, Guilds, Tally};
use tokio::runtime::Builder;

const GUILDS: usize = 500;
/// Databases played concurrently, each with its share of the guilds.
const DATABASES: usize = 4;
const YEAR: i32 = 2026;

fn main() -> Fails {
    let mut words = std::env::args().skip_while(|word| word != "--guilds").skip(1);
    let guilds = words.next().map_or(Ok(GUILDS), |count| count.parse())?;
    // Durability isn't being measured.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? };
    let zones = play::one_of_each(reckoning::year(YEAR));

    println!(
        "{:<24} {:>8} {:>8} {:>14} {:>8} {:>10}",
        "", "guilds", "zones", "occurrences", "wrong", "seconds"
    );
    let started = Instant::now();
    let spread: Vec<&str> = zones.iter().copied().cycle().take(guilds).collect();
    let shares = (0..DATABASES).map(|first| spread.iter().copied().skip(first).step_by(DATABASES));
    let mut tally = at_once(shares.map(|share| live(folder.path(), share.collect())))?;
    tell(&YEAR.to_string(), zones.len(), &tally, started);

    let started = Instant::now();
    let upheavals =
        at_once(play::UPHEAVALS.chunks(play::UPHEAVALS.len().div_ceil(DATABASES)).map(async |zones| {
            let mut tally = Tally::default();
            for (zone, day) in zones {
                tally.add(play::day_and_night(folder.path(), zone, reckoning::year(day.year())).await?);
            }
            Ok(tally)
        }))?;
    tell("years of upheaval", play::UPHEAVALS.len(), &upheavals, started);
    tally.add(upheavals);

    println!(
        "\nNot played, since their rules changed after the reckoning's copy of the time zone database was made:"
    );
    println!("{}", reckoning::CHANGED_SINCE.join(", "));
    for wrong in &tally.wrong {
        println!("{wrong}");
    }
    if tally.wrong.is_empty() { Ok(()) } else { Err(format!("{} are wrong", tally.wrong.len()).into()) }
}

/// Plays each database on its own thread, so that a statement's answer wakes no other.
fn at_once<Play: Future<Output = Fails<Tally>> + Send>(plays: impl Iterator<Item = Play>) -> Fails<Tally> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = plays
            .map(|play| scope.spawn(|| Builder::new_current_thread().enable_all().build()?.block_on(play)))
            .collect();
        let mut tally = Tally::default();
        for thread in threads {
            tally.add(thread.join().map_err(|_| "a thread has panicked")??);
        }
        Ok(tally)
    })
}

/// Plays a year of one guild in each of these zones, on a database of their own.
async fn live(folder: &Path, zones: Vec<&'static str>) -> Fails<Tally> {
    let mut guilds = Guilds::found(folder, reckoning::year(YEAR)).await?;
    for zone in zones {
        guilds.join(zone).await?;
    }
    guilds.play().await
}

fn tell(what: &str, zones: usize, tally: &Tally, started: Instant) {
    println!(
        "{what:<24} {:>8} {zones:>8} {:>14} {:>8} {:>10.1}",
        tally.guilds,
        tally.occurrences,
        tally.wrong.len(),
        started.elapsed().as_secs_f64()
    );
}
