//! A quarter of a CRM export: every won opportunity is logged by its agent on the day it closed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use chrono::{Days, NaiveDate, NaiveTime, Weekday};
use serde_json::json;

use super::export::Export;
use super::stage::{Speech, Stage};
use crate::kernel::calendar::{Period, Span, Zone};
use crate::kernel::money::{Currency, Money, worth};
use crate::kernel::number::DecimalMark;
use crate::kernel::quantity::Quantity;
use crate::kernel::text::plural;
use crate::ledger::{metric, totals};
use crate::people;
use crate::sandbox::client::Outcome;
use crate::words::Language;

/// A won opportunity.
#[derive(Debug)]
struct Won {
    id: String,
    agent: String,
    amount: Money,
    product: String,
    account: String,
}

/// What to play.
pub(super) struct Plan {
    period: Period,
    currency: Currency,
    /// How many rows the file has.
    rows: usize,
    /// Won in the quarter, by day.
    wins: BTreeMap<NaiveDate, Vec<Won>>,
    /// Each agent's total according to the file, in minor units.
    expected: BTreeMap<String, Quantity>,
    /// Won opportunities that can't be played, and why.
    unplayable: Vec<(String, String)>,
    /// How many of these have an unreadable value; the others have none.
    unread: usize,
    /// The last line, if the file may have been cut off there.
    unended: Option<usize>,
}

impl Plan {
    /// Reads an export and picks the quarter's won opportunities. `decimals` is the decimal mark, if known.
    ///
    /// # Errors
    /// When the file is ambiguous: then nothing of it is played.
    pub(super) fn read(file: &Path, quarter: &str, decimals: Option<DecimalMark>) -> Result<Self, String> {
        let period = named(quarter).ok_or_else(|| format!("{quarter} isn't a quarter like 2017-Q2"))?;
        let currency = Currency::from_code("USD").ok_or("the currency is missing")?;
        let export = Export::read(file)?;
        let plan = Self::of(&export, period, currency, decimals);
        let plan = plan.map_err(|why| format!("{}: {why}", file.display()))?;
        if plan.wins.is_empty() {
            return Err(format!("{} has no won opportunities to play in {quarter}", file.display()));
        }
        Ok(plan)
    }

    fn of(
        export: &Export,
        period: Period,
        currency: Currency,
        decimals: Option<DecimalMark>,
    ) -> Result<Self, String> {
        let [agent, stage, day, value] =
            ["sales_agent", "deal_stage", "close_date", "close_value"].map(|name| export.needed(name));
        let (agent, stage, day, value) = (Some(agent?), Some(stage?), Some(day?), Some(value?));
        let [id, product, account] = ["opportunity_id", "product", "account"].map(|name| export.column(name));
        let (id, product, account) = (id?, product?, account?);
        let values = export.rows().iter().map(|row| (row.line, row.cell(value.as_ref())));
        let mark = decimal_mark(values, currency, decimals)?;
        let rows = export.rows().len();
        let (wins, expected) = (BTreeMap::<_, Vec<Won>>::new(), BTreeMap::new());
        let unended = export.unended();
        let mut plan =
            Self { period, currency, rows, wins, expected, unplayable: Vec::new(), unread: 0, unended };
        for row in export.rows().iter().filter(|row| row.cell(stage.as_ref()).eq_ignore_ascii_case("won")) {
            let [id, agent, day, value, product, account] =
                [&id, &agent, &day, &value, &product, &account].map(|column| row.cell(column.as_ref()));
            let name = if id.is_empty() { format!("line {}", row.line) } else { id.to_owned() };
            let Ok(closed) = day.parse::<NaiveDate>() else {
                plan.leave_out(name, "date", day);
                continue;
            };
            if !period.contains(closed) {
                continue;
            }
            match Money::read(value, currency, mark) {
                _ if agent.is_empty() => plan.unplayable.push((name, "no agent".to_owned())),
                Err(_) => plan.leave_out(name, "value", value),
                Ok(amount) => {
                    *plan.expected.entry(agent.to_owned()).or_default() += amount.quantity();
                    let [agent, product, account] = [agent, product, account].map(str::to_owned);
                    let won = Won { id: id.to_owned(), agent, amount, product, account };
                    plan.wins.entry(closed).or_default().push(won);
                }
            }
        }
        Ok(plan)
    }

    /// A won opportunity that can't be played because its date or value is missing or unreadable.
    fn leave_out(&mut self, name: String, what: &str, said: &str) {
        let is_nothing = said.chars().all(|c| matches!(c, '0' | '.' | ','));
        self.unread += usize::from(!is_nothing);
        let why = if is_nothing {
            format!("no {what}: `{said}`")
        } else {
            format!("can't read the {what}: `{said}`")
        };
        self.unplayable.push((name, why));
    }
}

/// Determines the decimal mark of a column of values from all of its rows.
///
/// # Errors
/// When rows contradict each other, or when a value is ambiguous and no other settles it.
fn decimal_mark<'a>(
    values: impl Iterator<Item = (usize, &'a str)>,
    currency: Currency,
    known: Option<DecimalMark>,
) -> Result<DecimalMark, String> {
    let mut proved = known.map(|mark| (mark, format!("you said the decimal mark is a {}", mark.name())));
    let mut doubtful = None;
    for (line, value) in values {
        match (Money::evidence(value, currency), &proved) {
            (Some(mark), Some((other, by))) if mark != *other => {
                let mark = mark.name();
                return Err(format!("{by}, but on line {line} it's a {mark}: `{value}`"));
            }
            (Some(mark), None) => {
                let by = format!("the decimal mark is a {} on line {line} (`{value}`)", mark.name());
                proved = Some((mark, by));
            }
            (Some(_), Some(_)) => {}
            (None, _) => {
                let read = |mark| Money::read(value, currency, mark).ok();
                if let [Some(by_point), Some(by_comma)] = DecimalMark::ALL.map(read)
                    && by_point != by_comma
                    && Money::parse(value, currency).is_err()
                {
                    doubtful = doubtful.or(Some((line, value, by_point, by_comma)));
                }
            }
        }
    }
    match (proved, doubtful) {
        (Some((mark, _)), _) => Ok(mark),
        // Nothing is ambiguous: a lone comma is read as in typed amounts.
        (None, None) => Ok(DecimalMark::Point),
        (None, Some((line, value, by_point, by_comma))) => Err(format!(
            "line {line}: `{value}` could be {by_comma} or {by_point}, and no other value settles it. Add --decimals comma for {by_comma}, or --decimals point for {by_point}."
        )),
    }
}

fn named(quarter: &str) -> Option<Period> {
    let upper = quarter.trim().to_uppercase();
    let (year, number) = upper.split_once("-Q")?;
    let number: u32 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, number * 3 - 2, 1)?;
    Some(Period::around(Span::Quarter, day, Weekday::Mon))
}

/// Plays the plan, and prints the ledger's totals next to the file's.
pub(super) async fn play(plan: &Plan, language: Language, speech: Speech) -> Result<(), String> {
    let started = Instant::now();
    let zone = Zone::parse("America/New_York").ok_or("the zone is missing")?;
    let opening = plan.period.from - Days::new(1);
    let mut stage = Stage::open("Quarter", language, zone, opening.and_time(NaiveTime::MIN), speech).await?;
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
            let mut options = json!({"amount": row.amount.plain()});
            for (name, text) in [("customer", &row.account), ("kind", &row.product), ("note", &row.id)] {
                if !text.is_empty() {
                    options[name] = json!(text);
                }
            }
            let outcome = stage.runs(&row.agent, "general", "win log", options).await?;
            refused(&outcome, row)?;
        }
    }
    stage.until(plan.period.until.and_time(NaiveTime::MIN)).await?;
    stage.settle().await?;
    let played = report(plan, &mut stage, started).await;
    stage.close().await?;
    played
}

/// A win that isn't logged ends the play: the totals would no longer match the file.
fn refused(outcome: &Outcome, row: &Won) -> Result<(), String> {
    let text = outcome.message.as_ref().map(ToString::to_string).unwrap_or_default();
    if text.contains("Logged ") { Ok(()) } else { Err(format!("{} wasn't logged: {text}", row.id)) }
}

async fn report(plan: &Plan, stage: &mut Stage, started: Instant) -> Result<(), String> {
    let line = |error: crate::kernel::error::Error| error.to_string();
    let state = stage.state.clone();
    let db = state.db.read();
    let guild = stage.guild_id();
    let revenue = metric::named(db, guild, metric::REVENUE).await.map_err(line)?;
    let sums = totals::by_person(db, revenue.id, plan.period).await.map_err(line)?;
    let persons = people::persons(db, guild).await.map_err(line)?;
    let ledger: BTreeMap<String, Quantity> = sums
        .iter()
        .filter_map(|(person, sum)| persons.get(person).map(|person| (person.name.plain().to_owned(), *sum)))
        .collect();
    stage.tell(&format!(
        "\n{:<28} {:>16} {:>16}",
        format!("{}, by agent", plan.period.called()),
        "ledger",
        "file"
    ));
    for (name, file) in &plan.expected {
        let sum = ledger.get(name).copied().unwrap_or_default();
        let mark = if sum == *file { "" } else { "  doesn't match" };
        stage.tell(&format!(
            "{name:<28} {:>16} {:>16}{mark}",
            worth(sum, plan.currency),
            worth(*file, plan.currency)
        ));
    }
    let count: usize = plan.wins.values().map(Vec::len).sum();
    stage.tell(&format!(
        "\n{count} wins from {} rows, {} interactions, {} posts in {:.1} s",
        plan.rows,
        stage.interactions,
        stage.posts,
        started.elapsed().as_secs_f64()
    ));
    let named: Vec<String> = plan.unplayable.iter().map(|(id, why)| format!("  {id}: {why}")).collect();
    let unplayable = plural(named.len(), "won opportunity", "won opportunities");
    stage.tell(&format!("{unplayable} couldn't be played{}", if named.is_empty() { "." } else { ":" }));
    if !named.is_empty() {
        stage.tell(&named.join("\n"));
    }
    if stage.speaks_json() && !named.is_empty() {
        eprintln!("{unplayable} couldn't be played:\n{}", named.join("\n"));
    }
    if let Some(line) = plan.unended {
        eprintln!(
            "The last line ({line}) has no line break at the end. If the file was cut off there, its last value is incomplete."
        );
    }
    stage.last_line(&json!({"totals": ledger}));
    if ledger != plan.expected {
        return Err("the ledger's totals don't match the file".to_owned());
    }
    match plan.unread {
        0 => Ok(()),
        unread => Err(format!(
            "{} couldn't be read, so the totals don't include {}",
            plural(unread, "won opportunity", "won opportunities"),
            if unread == 1 { "it" } else { "them" }
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "opportunity_id,sales_agent,product,account,deal_stage,close_date,close_value,note";

    /// Each agent's total in a file for the second quarter of 2017.
    fn expected(file: &[u8], decimals: Option<DecimalMark>) -> Result<BTreeMap<String, Quantity>, String> {
        let (period, currency) = (named("2017-Q2").unwrap(), Currency::from_code("USD").unwrap());
        Plan::of(&Export::parse(file)?, period, currency, decimals).map(|plan| plan.expected)
    }

    #[test]
    fn a_file_is_read_whole_however_its_program_writes_lines_columns_and_quotes() {
        let row = |number: i64| {
            let agent = if number % 2 == 0 { "Ann Lee" } else { "Bo Chan" };
            format!("A{number},{agent},Pump,Northgate,Won,2017-05-02,{},plain", 100 + number)
        };
        let lines: Vec<String> = std::iter::once(HEADER.to_owned()).chain((1..=9).map(row)).collect();
        let joined = |end: &str| lines.iter().flat_map(|line| [line, end]).collect::<String>();
        let note = |note: &str| joined("\n").replacen("plain", note, 1);
        let wanted = BTreeMap::from([
            ("Ann Lee".to_owned(), Quantity(42_000)),
            ("Bo Chan".to_owned(), Quantity(52_500)),
        ]);
        for (what, file) in [
            ("plain", joined("\n")),
            ("with a byte order mark", format!("\u{feff}{}", joined("\n"))),
            ("lines as Windows ends them", joined("\r\n")),
            ("lines as old Macs ended them", joined("\r")),
            ("empty lines between", joined("\n\n")),
            ("empty lines as Windows ends them", joined("\r\n\r\n")),
            ("no end to the last line", lines.join("\n")),
            ("semicolons", joined("\n").replace(',', ";")),
            ("tabs", joined("\n").replace(',', "\t")),
            ("spaces around", joined("\n").replace(',', " , ")),
            ("everything in quotes", format!("\"{}\"\n", lines.join("\"\n\"").replace(',', "\",\""))),
            ("commas and doubled quotes in quotes", note("\"a \"\"pump\"\", or 2, or 3\"")),
            ("a note over several lines", note("\"called, twice\n\nthey want 3, 4 or 5\nby May\"")),
            ("a note over several lines as Windows ends them", note("\"called\r\nthey want 3\"")),
            ("a note of one quote", note("\"\"\"\"")),
        ] {
            assert_eq!(expected(file.as_bytes(), None), Ok(wanted.clone()), "{what}");
        }
    }

    #[test]
    fn a_column_says_by_all_its_rows_what_its_points_and_commas_mean() {
        use DecimalMark::{Comma, Point};
        for (values, known, cents) in [
            (&["1.500", "1.234,50"][..], None, 273_450),
            (&["1.500", "12,5"], None, 151_250),
            (&["1.500", "1.234.567"], None, 123_606_700),
            (&["1.500", "12.5"], None, 1_400),
            (&["1.500", "1,234.50"], None, 123_600),
            (&["1.500", "12.25?"], None, 150),
            (&["1.500", "12,25?"], None, 150_000),
            (&["0,500", "1.500"], None, 150_050),
            (&["1234.5000", "12.2500"], None, 124_675),
            (&["1,500", "250"], None, 175_000),
            (&["$1,500", "250"], None, 175_000),
            (&["1.500 USD", "2,50 USD"], None, 150_250),
            (&["1'500", "250"], None, 175_000),
            (&["1 500", "250,75"], None, 175_075),
            (&["1.500", "250"], Some(Comma), 175_000),
            (&["1.500", "250"], Some(Point), 25_150),
            (&["1,500", "250"], Some(Comma), 25_150),
        ] {
            let rows = values.iter().map(|value| {
                let stage = if value.ends_with('?') { "Lost" } else { "Won" };
                format!("Ann Lee;{stage};2017-05-02;{}\n", value.trim_end_matches('?'))
            });
            let file = format!("sales_agent;deal_stage;close_date;close_value\n{}", rows.collect::<String>());
            let wanted = BTreeMap::from([("Ann Lee".to_owned(), Quantity(cents))]);
            assert_eq!(expected(file.as_bytes(), known), Ok(wanted), "{values:?}");
        }
    }
}
