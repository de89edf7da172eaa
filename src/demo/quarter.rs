//! A quarter of a CRM export: every won opportunity is logged by its agent on the day it closed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use chrono::{Days, NaiveDate, NaiveTime, Weekday};
use serde::Deserialize;
use serde_json::json;

use super::stage::{Speech, Stage};
use crate::kernel::calendar::{Period, Span, Zone};
use crate::kernel::money::{Currency, Money, show};
use crate::ledger::{metric, roster, totals};
use crate::sandbox::client::Outcome;

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default)]
    opportunity_id: String,
    #[serde(default)]
    sales_agent: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    account: String,
    deal_stage: String,
    #[serde(default)]
    close_date: String,
    #[serde(default)]
    close_value: String,
}

/// What is played.
pub(super) struct Plan {
    period: Period,
    currency: Currency,
    /// Won in the quarter, by day.
    wins: BTreeMap<NaiveDate, Vec<Row>>,
    /// What each agent has by the file, in minor units.
    expected: BTreeMap<String, i64>,
    /// Won, and can't be played: which, and why.
    unplayable: Vec<(String, String)>,
}

impl Plan {
    /// Reads an export, and picks the quarter's won opportunities.
    pub(super) fn read(file: &Path, quarter: &str) -> Result<Self, String> {
        let period = named(quarter).ok_or_else(|| format!("{quarter} is not a quarter like 2017-Q2"))?;
        let currency = Currency::from_code("USD").ok_or("the currency is missing")?;
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(file)
            .map_err(|error| format!("{} can't be read: {error}", file.display()))?;
        let (mut wins, mut expected, mut unplayable) =
            (BTreeMap::<_, Vec<Row>>::new(), BTreeMap::new(), Vec::new());
        for (index, row) in reader.deserialize::<Row>().enumerate() {
            let line = index + 2;
            let row = match row {
                Ok(row) if row.deal_stage.eq_ignore_ascii_case("won") => row,
                Ok(_) => continue,
                Err(error) => {
                    unplayable.push((format!("line {line}"), error.to_string().replace('\n', " ")));
                    continue;
                }
            };
            let id = if row.opportunity_id.is_empty() {
                format!("line {line}")
            } else {
                row.opportunity_id.clone()
            };
            let Ok(day) = row.close_date.parse::<NaiveDate>() else {
                unplayable.push((id, format!("no date: `{}`", row.close_date)));
                continue;
            };
            if !period.contains(day) {
                continue;
            }
            match Money::parse(&row.close_value, currency) {
                _ if row.sales_agent.is_empty() => unplayable.push((id, "no agent".to_owned())),
                Err(_) => unplayable.push((id, format!("no value: `{}`", row.close_value))),
                Ok(amount) => {
                    *expected.entry(row.sales_agent.clone()).or_default() += amount.minor();
                    wins.entry(day).or_default().push(row);
                }
            }
        }
        if wins.is_empty() {
            return Err(format!("{} has no won opportunity in {quarter} that can be played", file.display()));
        }
        Ok(Self { period, currency, wins, expected, unplayable })
    }
}

fn named(quarter: &str) -> Option<Period> {
    let upper = quarter.trim().to_uppercase();
    let (year, number) = upper.split_once("-Q")?;
    let number: u32 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, number * 3 - 2, 1)?;
    Some(Period::around(Span::Quarter, day, Weekday::Mon))
}

/// Plays the plan, and prints what the ledger has beside what the file has.
pub(super) async fn play(plan: &Plan, speech: Speech) -> Result<(), String> {
    let started = Instant::now();
    let zone = Zone::parse("America/New_York").ok_or("the zone is missing")?;
    let opening = plan.period.from - Days::new(1);
    let mut stage = Stage::open("Quarter", zone, opening.and_time(NaiveTime::MIN), speech).await?;
    stage.channels(&["wins", "recognition", "expectations"]).await?;
    stage.joins("Manager", true).await?;
    for name in plan.expected.keys() {
        stage.joins(name, false).await?;
    }
    let [wins, recognition, expectations] =
        ["wins", "recognition", "expectations"].map(|name| stage.channel(name));
    let options = json!({"time_zone": zone.name(), "currency": plan.currency.code(), "wins_channel": wins,
        "recognition_channel": recognition, "expectations_channel": expectations});
    stage.runs("Manager", "general", "setup", options).await?;
    for (day, rows) in &plan.wins {
        stage.until(day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default())).await?;
        for row in rows {
            let mut options = json!({"amount": row.close_value});
            for (name, text) in
                [("customer", &row.account), ("kind", &row.product), ("note", &row.opportunity_id)]
            {
                if !text.is_empty() {
                    options[name] = json!(text);
                }
            }
            let outcome = stage.runs(&row.sales_agent, "general", "win log", options).await?;
            refused(&outcome, row)?;
        }
    }
    stage.until(plan.period.until.and_time(NaiveTime::MIN)).await?;
    stage.settle().await?;
    let played = report(plan, &mut stage, started).await;
    stage.close().await?;
    played
}

/// A win that was not logged ends the play: what follows would not be the file's.
fn refused(outcome: &Outcome, row: &Row) -> Result<(), String> {
    let text = outcome.message.as_ref().map(ToString::to_string).unwrap_or_default();
    if text.contains("Logged: ") {
        Ok(())
    } else {
        Err(format!("{} was not logged: {text}", row.opportunity_id))
    }
}

async fn report(plan: &Plan, stage: &mut Stage, started: Instant) -> Result<(), String> {
    let line = |error: crate::kernel::error::Error| error.to_string();
    let state = stage.state.clone();
    let db = state.db.read();
    let guild = stage.guild_id();
    let revenue = metric::named(db, guild, metric::REVENUE).await.map_err(line)?;
    let sums = totals::by_person(db, revenue.id, plan.period).await.map_err(line)?;
    let persons = roster::persons(db, guild).await.map_err(line)?;
    let ledger: BTreeMap<String, i64> = sums
        .iter()
        .filter_map(|(person, sum)| persons.get(person).map(|person| (person.name.plain().to_owned(), *sum)))
        .collect();
    stage.tell(&format!("\n{:<28} {:>16} {:>16}", format!("{}, by agent", plan.period), "ledger", "file"));
    for (name, file) in &plan.expected {
        let sum = ledger.get(name).copied().unwrap_or_default();
        let mark = if sum == *file { "" } else { "  differs" };
        stage.tell(&format!(
            "{name:<28} {:>16} {:>16}{mark}",
            show(sum, plan.currency),
            show(*file, plan.currency)
        ));
    }
    let count: usize = plan.wins.values().map(Vec::len).sum();
    stage.tell(&format!(
        "\n{count} wins, {} interactions, {} posts in {:.1} s",
        stage.interactions,
        stage.posts,
        started.elapsed().as_secs_f64()
    ));
    let named: Vec<String> = plan.unplayable.iter().map(|(id, why)| format!("  {id}: {why}")).collect();
    stage.tell(&format!(
        "{} won opportunities could not be played{}",
        named.len(),
        if named.is_empty() { "." } else { ":" }
    ));
    if !named.is_empty() {
        stage.tell(&named.join("\n"));
    }
    if stage.speaks_json() && !named.is_empty() {
        eprintln!("{} won opportunities could not be played:\n{}", named.len(), named.join("\n"));
    }
    stage.last_line(&json!({"totals": ledger}));
    if ledger == plan.expected {
        Ok(())
    } else {
        Err("the ledger's totals are not those of the file".to_owned())
    }
}
