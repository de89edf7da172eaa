//! A year of 500 guilds in every kind of time zone: each occurrence of the default schedules against a reckoning that
//! shares neither code nor data with them. Afterwards, the years in which zones changed their rules.
//!
//! `cargo bench --bench year`; `-- --guilds 100` for fewer. Ends with an error where anything is not as reckoned.
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
/// Databases, each with its share of the guilds, played at once.
const DATABASES: usize = 4;
const YEAR: i32 = 2026;

fn main() -> Fails {
    let mut words = std::env::args().skip_while(|word| word != "--guilds").skip(1);
    let guilds = words.next().map_or(Ok(GUILDS), |count| count.parse())?;
    // Whether a disk keeps what is written is not what is measured.
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

/// Plays each on a thread of its own, where a statement's answer wakes nobody else.
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

/// A year of these zones' guilds, one each, on a database of their own.
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
