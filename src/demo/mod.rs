//! `bellringer demo`: sandbox and app together, with a clock set by hand and a team that plays a week, or a real file.

mod export;
mod follow;
mod quarter;
pub mod stage;
mod week;

use std::path::PathBuf;

use clap::Args;

use crate::kernel::number::DecimalMark;
use crate::shutdown;
use crate::words::Language;
use stage::Speech;

/// Watch a sales team's week, no Discord account needed.
#[derive(Debug, Args)]
pub struct Demo {
    /// Exit after the week instead of keeping the page up.
    #[arg(long)]
    once: bool,
    /// Print each message as a line of JSON when it's posted or edited.
    #[arg(long)]
    json: bool,
    /// Play a CRM export instead: a CSV file with the columns `sales_agent`, `product`, `account`, `deal_stage`,
    /// `close_date`, `close_value`.
    #[arg(long, requires = "quarter", value_name = "FILE")]
    play: Option<PathBuf>,
    /// The quarter to play, like 2017-Q2.
    #[arg(long, requires = "play", value_name = "YEAR-Qn")]
    quarter: Option<String>,
    /// The language everyone speaks, like en-GB; en-XA and ar-XB are made up, to see what isn't translated.
    #[arg(long, default_value = "en-US", value_name = "TAG", value_parser = language)]
    language: Language,
    /// The decimal mark in `close_value`, if the column doesn't make it clear: point or comma.
    #[arg(long, requires = "play", value_name = "MARK", value_parser = mark)]
    decimals: Option<DecimalMark>,
}

fn language(tag: &str) -> Result<Language, String> {
    Language::typed(tag).ok_or_else(|| "isn't a language I have".to_owned())
}

fn mark(name: &str) -> Result<DecimalMark, String> {
    DecimalMark::ALL
        .into_iter()
        .find(|mark| mark.name() == name)
        .ok_or_else(|| "must be point or comma".to_owned())
}

impl Demo {
    /// Plays, and serves on until interrupted unless told otherwise.
    ///
    /// # Errors
    /// One line that says what went wrong.
    pub async fn run(self) -> Result<(), String> {
        let stop = shutdown::on_signal().map_err(|error| error.to_string())?;
        let speech = if self.json { Speech::Json } else { Speech::Text };
        if let (Some(file), Some(name)) = (&self.play, &self.quarter) {
            let plan = quarter::Plan::read(file, name, self.decimals)?;
            return tokio::select! {
                played = quarter::play(&plan, self.language, speech) => played,
                () = stop.cancelled() => Ok(()),
            };
        }
        let stage = tokio::select! {
            played = week::play(self.language, speech) => played?,
            () = stop.cancelled() => return Ok(()),
        };
        if self.once { stage.close().await } else { stage.serve_on(stop).await }
    }
}
