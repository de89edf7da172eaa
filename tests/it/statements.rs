//! How many SQL statements a waiting user causes: as many in a large guild as in a small one, for every
//! command and every list of suggestions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bellringer::features::commands;
use bellringer::kernel::calendar::{Period, day_number};
use bellringer::kernel::ids::reference;
use bellringer::ledger::{metric, totals};
use bellringer::sandbox::client::State;
use chrono::{Months, NaiveDate};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::database::is_on_postgres;
use crate::permissions::{commanded, leaves};
use crate::story::{MAYA, Story, april};

/// The additional data of a large guild, in SQL for speed: 200 people, 30 teams, 300 goals and a year of
/// 100,000 wins, Ana's and Maya's among them. Words in braces are replaced.
const LARGE: &str = "
    INSERT INTO person (id, guild_id, user_id, name, created_at)
        {1..200} SELECT 999 + i, {guild}, 5000 + i, 'P' || i, 0 FROM n;
    INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
        {1..20} SELECT 3000 + i, {guild}, 'm' || i, 'm' || i, 'count', 'pipeline', 0, 0 FROM n;
    INSERT INTO team (id, guild_id, name, name_key, created_at)
        {1..30} SELECT 2000 + i, {guild}, 'T' || i, 't' || i, 0 FROM n;
    INSERT INTO team_member (team_id, person_id) {1..200} SELECT 2001 + i % 30, 999 + i FROM n;
    INSERT INTO team_member (team_id, person_id) {1..10} SELECT 2000 + i, {ana} FROM n;
    INSERT INTO team_member (team_id, person_id) {1..10} SELECT 2000 + i, {maya} FROM n;
    INSERT INTO away (id, guild_id, person_id, from_day, until_day)
        {1..100} SELECT 96000000 + i, {guild}, 1000 + i % 200, {today} - 3, {today} + 3 FROM n;

    INSERT INTO win (id, guild_id, person_id, amount, customer, day, logged_at)
        {1..100000} SELECT 10000000 + i, {guild},
            CASE i % 200 WHEN 0 THEN {ana} WHEN 1 THEN {maya} ELSE 1000 + i % 200 END,
            1000 + (i * 7919) % 900000, 'C' || i, {today} - CASE WHEN i <= 4000 THEN 0 ELSE i % 365 END, {now} - i FROM n;
    INSERT INTO win_share (win_id, person_id, percent) SELECT id, person_id, 100 FROM win WHERE id < 20000000;
    INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
        SELECT id + 10000000, guild_id, {wins}, person_id, 100, day, 'win', id, logged_at FROM win WHERE id < 20000000;
    INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
        SELECT id + 20000000, guild_id, {revenue}, person_id, amount, day, 'win', id, logged_at FROM win WHERE id < 20000000;

    INSERT INTO kudos (id, guild_id, giver_id, reason, is_private, day, given_at)
        {1..1000} SELECT 50000000 + i, {guild}, CASE i % 4 WHEN 0 THEN {ana} WHEN 1 THEN {maya} ELSE 1000 + i % 200 END,
            'You stayed late until it worked', 0, {today} - i % 60, {now} - i FROM n;
    INSERT INTO kudos_receiver (kudos_id, person_id, is_public)
        {1..1000} SELECT 50000000 + i, CASE i % 4 WHEN 2 THEN {ana} WHEN 3 THEN {maya} ELSE 1000 + (i + 50) % 200 END, 1 FROM n;
    INSERT INTO kudos_second (id, kudos_id, person_id, seconded_at)
        {1..200} SELECT 60000000 + i, 50000000 + i, 1000 + (i + 99) % 200, {now} - i FROM n;
    INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
        SELECT kudos.id + 20000000, kudos.guild_id, {kudos_metric}, kudos_receiver.person_id, 100, kudos.day, 'kudos', kudos.id, kudos.given_at
        FROM kudos JOIN kudos_receiver ON kudos_receiver.kudos_id = kudos.id WHERE kudos.id < 60000000;
    INSERT INTO entry (id, guild_id, metric_id, person_id, quantity, day, source, source_id, recorded_at)
        SELECT id + 30000000, guild_id, {given}, giver_id, 100, day, 'kudos', id, given_at FROM kudos WHERE id < 60000000;

    INSERT INTO goal (id, guild_id, metric_id, person_id, team_id, target, whole, span, from_day, until_day, set_by, set_at, is_public, version)
        {1..300} SELECT 90000000 + i, {guild}, CASE i % 2 WHEN 0 THEN {revenue} ELSE {wins} END,
            CASE i % 5 WHEN 0 THEN {ana} WHEN 1 THEN {maya} WHEN 4 THEN 1000 + i % 200 END,
            CASE i % 5 WHEN 2 THEN 2001 + i % 10 END,
            1000000000, 1000000000, 'custom', {today} - i % 30, {today} + 1 + i % 30, {maya}, {now} - i, 1, 2 FROM n;
    INSERT INTO goal_version (goal_id, version, target, until_day, changed_by, changed_at)
        SELECT id, 1, 5000, until_day, {maya}, set_at FROM goal WHERE id < 100000000;
    INSERT INTO goal_cheer (goal_id, person_id, cheered_at) SELECT id, 1000 + id % 200, set_at FROM goal WHERE id < 100000000;
    INSERT INTO expectation (id, guild_id, what, weekly, first_due, person_id, team_id, if_met, if_missed, set_by, set_at)
        {1..100} SELECT 97000000 + n.i, it.guild_id, it.what, it.weekly, it.first_due, it.person_id, it.team_id, it.if_met,
            it.if_missed, it.set_by, it.set_at FROM expectation AS it CROSS JOIN n;

    DELETE FROM total;
    INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
        SELECT guild_id, metric_id, 'day', day, person_id, CAST(SUM(quantity) AS BIGINT) FROM entry
        GROUP BY guild_id, metric_id, day, person_id;
    INSERT INTO total (guild_id, metric_id, grain, start_day, person_id, quantity)
        WITH month (first_day, until_day) AS (VALUES {months})
        SELECT entry.guild_id, entry.metric_id, 'month', month.first_day, entry.person_id, CAST(SUM(entry.quantity) AS BIGINT)
        FROM entry JOIN month ON entry.day >= month.first_day AND entry.day < month.until_day
        GROUP BY entry.guild_id, entry.metric_id, month.first_day, entry.person_id;
";

/// Commands with which Ana views her own data.
const OWN: [&str; 9] = [
    "goal list",
    "win list",
    "win why",
    "kudos list",
    "profile",
    "records",
    "inbox",
    "me show",
    "privacy show",
];

/// Commands that only Ana may run on her data.
const ALONE: [&str; 2] = ["goal share", "profile"];

/// A guild in which statements are counted.
struct Counting {
    story: Story,
    /// The values for words in braces.
    words: Vec<(&'static str, String)>,
    /// How many statements were sent, by command.
    sent: BTreeMap<String, u64>,
}

impl Counting {
    /// A guild of four, with a team, two goals and five wins.
    async fn begin() -> Self {
        let mut story = Story::begin().await;
        let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
        story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
        story.runs(MAYA, "team create", json!({"name": "North"})).await;
        for who in [&ana, &story.stage.user(MAYA)] {
            story.runs(MAYA, "team add", json!({"team": "North", "who": who})).await;
        }
        // Fixed limits, so that how loud a win is doesn't depend on the number of earlier ones.
        story.runs(MAYA, "noise set", json!({"small": "1", "large": "900000"})).await;
        let expected = json!({"what": "Call", "by": "friday 15:00", "if_met": "A", "if_missed": "B"});
        story.runs(MAYA, "expect set", expected).await;
        for (name, amount) in [("Ana", "5k"), ("Ben", "1k"), ("Ben", "2k"), ("Cleo", "1k"), (MAYA, "2k")] {
            story.runs(name, "win log", json!({"amount": amount, "customer": "Acme"})).await;
        }
        for target in ["90k", "95k"] {
            let goal = json!({"metric": "revenue", "target": target, "share": true});
            story.runs("Ana", "goal set", goal).await;
        }
        let goal = json!({"metric": "revenue", "target": "200k", "team": "North"});
        story.runs(MAYA, "goal set", goal).await;
        let reason = "You stayed late until it worked";
        story.runs("Ben", "kudos give", json!({"to": ana, "reason": reason})).await;
        story.runs("Ana", "kudos give", json!({"to": ben, "reason": reason})).await;
        story.runs(MAYA, "kudos give", json!({"to": ben, "reason": reason})).await;
        story.runs("Ana", "me sharing", json!({"profile": true})).await;
        let mut counting = Self { story, words: Vec::new(), sent: BTreeMap::new() };
        let stays = "SELECT MAX(id) FROM goal WHERE person_id IS NOT NULL";
        let stays = reference(counting.id(stays).await);
        let goal = "SELECT MIN(id) FROM goal WHERE person_id IS NOT NULL";
        let goal = reference(counting.id(goal).await);
        counting.words = vec![
            ("ana", ana),
            ("ben", ben),
            ("win", reference(counting.id("SELECT MIN(id) FROM win").await)),
            ("kudos", reference(counting.id("SELECT MAX(id) FROM kudos").await)),
            ("expectation", reference(counting.id("SELECT id FROM expectation").await)),
            ("goal", goal.clone()),
        ];
        // A goal's previous versions are read as well.
        for goal in [goal, stays] {
            counting.story.runs("Ana", "goal change", json!({"which": goal, "target": "100k"})).await;
        }
        counting
    }

    async fn id(&self, sql: &'static str) -> i64 {
        let (id,): (i64,) = sqlx::query_as(sql).fetch_one(self.story.stage.state.db.read()).await.unwrap();
        id
    }

    /// Makes the guild large.
    async fn grow(&self) {
        let today = april(6, "00:00").date();
        let month = |back: u32| {
            let first = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap() - Months::new(back);
            format!("({}, {})", day_number(first), day_number(first + Months::new(1)))
        };
        let mut words = vec![
            ("guild", self.story.stage.guild.id.clone()),
            ("today", day_number(today).to_string()),
            ("now", self.story.stage.state.micros().to_string()),
            ("months", (0..14).map(month).collect::<Vec<_>>().join(", ")),
        ];
        for (word, sql) in [
            ("ana", "SELECT id FROM person WHERE name = 'Ana'"),
            ("maya", "SELECT id FROM person WHERE name = 'Maya'"),
            ("wins", "SELECT id FROM metric WHERE name = 'wins'"),
            ("revenue", "SELECT id FROM metric WHERE name = 'revenue'"),
            ("kudos_metric", "SELECT id FROM metric WHERE name = 'kudos'"),
            ("given", "SELECT id FROM metric WHERE name = 'kudos given'"),
        ] {
            words.push((word, self.id(sql).await.to_string()));
        }
        let numbers = |count: &str| {
            format!(
                "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
            )
        };
        let sql = LARGE.replace("{1..", "{");
        let sql = ["10", "20", "30", "100", "200", "300", "1000", "100000"]
            .iter()
            .fold(sql, |sql, count| sql.replace(&format!("{{{count}}}"), &numbers(count)));
        let mut tx = self.story.stage.state.db.write().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(filled(&sql, &words))).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(self.id(crate::story::UNEQUAL_SUMS).await, 0);
    }

    /// Runs a command, or requests suggestions for one of its options, and counts the statements. The worker
    /// is paused.
    async fn tries(&mut self, name: &str, command: &str, options: &Value, focused: Option<&str>) {
        let options: Value = serde_json::from_str(&filled(&options.to_string(), &self.words)).unwrap();
        let post = options["post"].as_str();
        let what = format!("{name}: /{command} {}", focused.or(post).unwrap_or_default());
        let stage = &self.story.stage;
        let place = stage.place(name, "general");
        let before = settled().await;
        let outcome = match focused {
            Some(option) => stage.control.autocomplete(&place, command, options, option).await,
            None => stage.control.command(&place, command, options).await,
        };
        let sent = settled().await - before;
        assert_ne!(outcome.unwrap().state, State::Silent, "{what}");
        self.sent.insert(what, sent);
    }
}

/// A text with words in braces replaced.
fn filled(text: &str, words: &[(&str, String)]) -> String {
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value))
}

/// Each option with autocomplete, with its command.
fn suggesting() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for command in commands() {
        let inner = command.subcommands.iter().map(|it| (format!("{} {}", command.name, it.name), it));
        for (name, leaf) in inner.chain([(command.name.to_string(), &command)]) {
            let suggests = leaf.parameters.iter().filter(|option| option.autocomplete_callback.is_some());
            all.extend(suggests.map(|option| (name.clone(), option.name.to_string())));
        }
    }
    all
}

/// How many statements each command sends, in order: commands that undo or end something come last.
async fn sent(is_large: bool) -> BTreeMap<String, u64> {
    let mut counting = Counting::begin().await;
    if is_large {
        counting.grow().await;
    }
    // Opening a connection sends statements of its own.
    let db = counting.story.stage.state.db.clone();
    let mut opened = Vec::new();
    for _ in 0..4 {
        opened.push(db.reader().await.unwrap());
    }
    drop(opened);
    let doors = commanded();
    for (command, option) in suggesting() {
        let door = doors.iter().find(|door| door.name == command).unwrap();
        let mut options = door.input.clone();
        options[&option] = json!("");
        for name in ["Ana", MAYA] {
            counting.tries(name, &command, &options, Some(&option)).await;
        }
    }
    for command in OWN {
        counting.tries("Ana", command, &json!({}), None).await;
    }
    for post in ["expectations", "shout-outs", "digest"] {
        counting.tries(MAYA, "schedule preview", &json!({"post": post}), None).await;
    }
    for door in &doors {
        let name = if ALONE.contains(&door.name) { "Ana" } else { MAYA };
        counting.tries(name, door.name, &door.input, None).await;
    }
    counting.story.breaks_off().await;
    counting.sent
}

/// How many statements this process has sent.
static SENT: AtomicU64 = AtomicU64::new(0);

/// The count once it stops growing: some statements are sent after the reply.
async fn settled() -> u64 {
    loop {
        let sent = SENT.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        if SENT.load(Ordering::SeqCst) == sent {
            return sent;
        }
    }
}

/// Listens to the driver, which logs each statement it sends.
struct Counts;

impl Subscriber for Counts {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Told);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Counts a statement, but for what a connection says when it is opened: a pool opens one whenever none has come back yet.
struct Told;

impl Visit for Told {
    fn record_str(&mut self, field: &Field, summary: &str) {
        if field.name() == "summary" && !summary.starts_with("SET ") && !summary.starts_with("PRAGMA ") {
            SENT.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Other stories send statements too, so this test needs its own process.
#[test]
fn a_command_sends_as_many_statements_in_a_large_guild_as_in_a_small_one() {
    let alone = ["statements::counted_alone", "--exact", "--ignored", "--nocapture"];
    let counted = Command::new(std::env::current_exe().unwrap()).args(alone).output().unwrap();
    let told = String::from_utf8_lossy(&counted.stderr);
    assert!(counted.status.success(), "{told}");
}

#[tokio::test]
#[ignore = "the test before runs it"]
async fn counted_alone() {
    tracing::subscriber::set_global_default(Counts).unwrap();
    let tried: BTreeSet<String> = commanded().iter().map(|door| door.name.to_owned()).collect();
    assert_eq!(tried, leaves(), "every command is tried");
    let (small, large) = (sent(false).await, sent(true).await);
    let more = small.iter().filter(|(what, few)| large[*what] > **few);
    let grown: Vec<String> =
        more.map(|(what, few)| format!("{what}: {few}, and {} in a large guild", large[what])).collect();
    assert!(grown.is_empty(), "{}\n\nOf all: {small:#?}", grown.join("\n"));
    let win = small["Maya: /win log "];
    // A file takes several statements at once.
    let most = if is_on_postgres() { 14 } else { 7 };
    assert!((1..=most).contains(&win), "a win takes {win} journeys to the database before its reply");
}

#[tokio::test]
async fn the_sums_of_many_periods_are_those_of_each() {
    let mut story = Story::begin().await;
    for (name, amount, when) in [("Ana", "5k", "today"), ("Ben", "1k", "yesterday"), ("Ana", "2k", "friday")]
    {
        story.runs(name, "win log", json!({"amount": amount, "when": when})).await;
    }
    let mut db = story.stage.state.db.reader().await.unwrap();
    let metrics = metric::all(&mut *db, story.stage.guild_id()).await.unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let periods = [
        ("2026-04-06", "2026-04-06"),
        ("2026-03-15", "2026-04-05"),
        ("2026-04-01", "2026-04-30"),
        ("2025-11-20", "2026-06-02"),
        ("2025-01-01", "2025-12-31"),
    ];
    let periods = periods.map(|(from, last)| Period::days(day(from), day(last)));
    let asked: Vec<_> = metrics.iter().flat_map(|metric| periods.map(|period| (metric.id, period))).collect();
    let together = totals::of_many(&mut db, &asked).await.unwrap();
    assert!(together.iter().any(|sums| sums.len() == 2));
    for ((metric, period), sums) in asked.iter().zip(together) {
        assert_eq!(sums, totals::by_person(&mut *db, *metric, *period).await.unwrap(), "{period:?}");
    }
    drop(db);
    story.ends().await;
}
