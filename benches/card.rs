//! How long drawing a card takes and how much memory it needs. `cargo bench --bench card`; with `-- --to
//! FOLDER` it writes the three cards of `docs/cards` there. Reads `/proc`, so it runs on Linux only.
#![expect(clippy::print_stdout, reason = "a measurement prints its table")]

#[path = "../tests/it/cards/samples.rs"]
mod samples;

use std::time::{Duration, Instant};

const TIMES: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().skip_while(|word| word != "--to").nth(1);
    println!("{:<12} {:>10} {:>10} {:>10} {:>14}", "", "p50 ms", "p99 ms", "PNG KB", "peak MB more");
    let mut slow = false;
    let before = peak()?;
    for (name, card) in samples::cards() {
        // The fonts are loaded once.
        let png = card.png()?;
        let mut times: Vec<Duration> = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let began = Instant::now();
            card.png()?;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let ms = |at: usize| times[at].as_secs_f64() * 1000.0;
        let (p50, p99) = (ms(TIMES / 2), ms(TIMES - 1));
        println!("{name:<12} {p50:>10.1} {p99:>10.1} {:>10} {:>14.1}", png.len() / 1024, peak()? - before);
        slow |= p50 > 30.0;
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{name}.png"), png)?;
        }
    }
    if slow { Err("the aim is under 30 ms".into()) } else { Ok(()) }
}

/// The process's peak memory, in megabytes.
fn peak() -> Result<f64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
