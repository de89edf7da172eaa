//! The move from SQLite to PostgreSQL: everything acknowledged is there, pending work continues, and the old
//! database says where it went. Stories that need a cluster run if `BELLRINGER_TEST_POSTGRES` names one.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bellringer::features::TABLES;
use bellringer::kernel::clock::Clock;
use bellringer::sandbox::client::State;
use bellringer::shutdown;
use bellringer::store::copy::{Purpose, Report, copy};
use bellringer::store::db::Db;
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tokio_util::sync::CancellationToken;

use crate::command_line::{bellringer, told};
use crate::database::Database;
use crate::story::{MAYA, Story, april, said};
use crate::weekly::jump;

fn file(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("bellringer.db").display())
}

/// A database file with a guild and two wins, the second of which was undone.
async fn filled(folder: &Path) -> String {
    let url = file(folder);
    let db = Db::open(&url).await.unwrap();
    tell(
        &url,
        "INSERT INTO guild (id, zone, currency, week_start, created_at) VALUES (1, 'UTC', 'USD', 0, 0);
         INSERT INTO person (id, guild_id, user_id, name, created_at) VALUES (2, 1, NULL, 'Zoë 🔔', 0);
         INSERT INTO metric VALUES (3, 1, 'Wins', 'wins', 'count', 'forecast', 1, 0);
         INSERT INTO entry VALUES (7, 1, 3, 2, 100, 20000, 'win', 7, NULL, 0), (9, 1, 3, 2, 250, 20001, 'win', 9, NULL, 0),
                                  (8, 1, 3, 2, -250, 20001, 'win', 9, 9, 0);",
    )
    .await;
    db.close().await;
    url
}

async fn tell(url: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The numbers that a query returns.
async fn asks(url: &str, sql: &str) -> Vec<i64> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let rows: Vec<(i64,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.into_iter().map(|(number,)| number).collect()
}

const TABLES_THERE: &str =
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()";

/// Moves `from` to `to`, which must fail, and returns the error line.
async fn refused(from: &str, to: &str) -> String {
    let line = copy(from, to, &TABLES, Purpose::Move, &Clock::system()).await.unwrap_err().to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

fn rows(report: &Report, table: &str) -> u64 {
    report.tables.iter().find(|checked| checked.table == table).unwrap().rows
}

#[tokio::test]
async fn every_table_is_copied_and_after_those_that_it_refers_to() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&file(folder.path())).await.unwrap();
    let there: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '_sqlx_migrations'")
            .fetch_all(db.read())
            .await
            .unwrap();
    let there: BTreeSet<&str> = there.iter().map(|(name,)| name.as_str()).collect();
    assert_eq!(TABLES.iter().copied().collect::<BTreeSet<_>>(), there);
    for (place, table) in TABLES.iter().copied().enumerate() {
        let parents: Vec<(String,)> = sqlx::query_as(r#"SELECT "table" FROM pragma_foreign_key_list($1)"#)
            .bind(table)
            .fetch_all(db.read())
            .await
            .unwrap();
        for (parent,) in parents {
            assert!(TABLES[..=place].contains(&parent.as_str()), "{table} refers to {parent}");
        }
    }
    db.close().await;
}

#[tokio::test]
async fn a_guild_that_has_moved_goes_on_where_it_was() {
    let Some(target) = Database::fresh().await else { return };
    let mut story = Story::begin_on(None).await;
    let expectation = json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."});
    story.runs(MAYA, "expect set", expectation).await;
    story.runs(MAYA, "goal set", json!({"metric": "revenue", "target": "20k", "everyone": true})).await;
    story.runs(MAYA, "team create", json!({"name": "North"})).await;
    story.until(april(6, "10:00")).await;
    for (name, amount) in [("Ana", "4k"), ("Ben", "9k"), ("Cleo", "1k")] {
        story.runs(name, "win log", json!({"amount": amount, "customer": "Acme"})).await;
    }
    story.runs("Cleo", "win undo", json!({})).await;
    // Ana's second win isn't announced yet, and Friday's board is due.
    let place = story.stage.place("Ana", "general");
    jump(&story, "2026-04-10T19:30:00Z".parse().unwrap()).await;
    let late = json!({"amount": "8k", "customer": "Cedar"});
    story.stage.control.command(&place, "win log", late).await.unwrap();
    jump(&story, "2026-04-10T20:01:00Z".parse().unwrap()).await;
    let board = async |story: &Story| {
        said(&story.stage.control.command(&place, "leaderboard", json!({})).await.unwrap())
    };
    let before = board(&story).await;
    let (bells, boards) = (story.channel("wins").await.len(), story.channel("recognition").await.len());
    let old = story.stage.database().to_owned();

    let report = copy(&old, &target.url(), &TABLES, Purpose::Move, &story.stage.clock).await.unwrap();
    assert_eq!((rows(&report, "guild"), rows(&report, "win"), rows(&report, "entry")), (1, 4, 10));
    assert_eq!((report.tables.len(), report.metrics), (TABLES.len(), 2));
    story.moves_to(target).await;

    assert_eq!(board(&story).await, before);
    story.stage.settle().await.unwrap();
    let bell = story.channel("wins").await;
    assert_eq!(bell.len(), bells + 1, "the bell that was waiting, once");
    assert!(bell.last().unwrap().contains("Cedar"), "{bell:?}");
    let told = story.channel("recognition").await[boards..].join("\n");
    assert_eq!(told.matches("🥇").count(), 1, "Friday's board, once: {told}");
    story.runs("Ana", "win log", json!({"amount": "2k", "customer": "Birch"})).await;
    assert_ne!(board(&story).await, before);
    story.until(april(13, "10:00")).await;
    assert_eq!(story.channel("expectations").await.len(), 2, "Monday's came on both databases");

    let line = Db::open(&old).await.unwrap_err().to_string();
    let seal = format!(
        "this database has moved to PostgreSQL, {}, on April 10, 2026 at 20:01 UTC; set DATABASE_URL to the new one",
        report.seal.to
    );
    assert_eq!(line, seal);
    assert!(line.contains("story_") && !line.contains("bellringer@"), "{line}");
    story.ends().await;
}

#[tokio::test]
async fn whatever_is_acknowledged_while_it_is_copied_is_in_the_target() {
    let Some(target) = Database::fresh().await else { return };
    let mut story = Story::begin_on(None).await;
    story.runs(crate::story::MAYA, "noise set", json!({"most": 1000})).await;
    let (old, new) = (story.stage.database().to_owned(), target.url());
    let stop = CancellationToken::new();
    let (sent, mut count) = tokio::sync::watch::channel(0);
    let stream = shutdown::spawn({
        let (control, place, stop) =
            (story.stage.control.clone(), story.stage.place("Ana", "general"), stop.clone());
        async move {
            let (mut acknowledged, mut after) = (BTreeSet::new(), 0);
            // Keep writing a little longer: wins acknowledged after the copy would be missing from it.
            while !stop.is_cancelled() || after < 3 {
                after += usize::from(stop.is_cancelled());
                let win = json!({"amount": "1k", "customer": "Acme"});
                let outcome = control.command(&place, "win log", win).await.unwrap();
                if outcome.state == State::Replied && !said(&outcome).contains("nothing changed") {
                    acknowledged.insert(outcome.interaction.parse::<i64>().unwrap());
                }
                sent.send_modify(|count| *count += 1);
            }
            acknowledged
        }
    });
    count.wait_for(|count| *count >= 5).await.unwrap();
    copy(&old, &new, &TABLES, Purpose::Move, &story.stage.clock).await.unwrap();
    stop.cancel();
    let acknowledged = stream.await.unwrap();

    let there: BTreeSet<i64> = asks(&new, "SELECT id FROM win").await.into_iter().collect();
    assert!(acknowledged.len() >= 5 && acknowledged.is_subset(&there), "{acknowledged:?} and {there:?}");
    assert_eq!(asks(&old, "SELECT id FROM win").await.into_iter().collect::<BTreeSet<_>>(), there);
    story.moves_to(target).await;
    story.stage.settle().await.unwrap();
    assert_eq!(story.channel("wins").await.len(), there.len(), "a bell each");
    story.ends().await;
}

#[tokio::test]
async fn a_rehearsal_keeps_nothing_and_waits_for_nobody() {
    let Some(target) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = filled(folder.path()).await;
    let db = Db::open(&url).await.unwrap();
    let writes = db.write().await.unwrap();
    let report = copy(&url, &target.url(), &TABLES, Purpose::Rehearsal, &Clock::system()).await.unwrap();
    insta::assert_snapshot!(report);
    drop(writes);
    db.close().await;
    assert_eq!(asks(&target.url(), TABLES_THERE).await, [0]);
    Db::open(&url).await.unwrap().close().await;
    target.drop().await;
}

#[tokio::test]
async fn what_differs_is_found_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    for (planted, found) in [
        (
            "entry: NEW.quantity := NEW.quantity + 1",
            "entry.quantity adds up to 100 in the source and 103 in the target",
        ),
        ("person: NEW.name := 'Zoé 🔔'", "person.name has different values in the target"),
        (
            "person: NEW.name := 'Zoe'",
            "person.name adds up to 5 characters in the source and 3 in the target",
        ),
        (
            "entry: IF NEW.id <> 9 THEN NEW.day := 40001 - NEW.day; END IF",
            "entry has the same values in different rows in the target",
        ),
        (
            "entry: IF NEW.id = 8 THEN RETURN NULL; END IF",
            "entry has 3 rows in the source and 2 in the target",
        ),
        (
            "entry: DELETE FROM total; UPDATE guild SET zone = 'CET'",
            "guild.zone has different values in the target",
        ),
    ] {
        let Some(target) = Database::fresh().await else { return };
        let url = filled(folder.path()).await;
        let (table, does) = planted.split_once(": ").unwrap();
        Db::open(&target.url()).await.unwrap().close().await;
        let trigger = format!(
            "CREATE FUNCTION meddle() RETURNS trigger AS $$ BEGIN {does}; RETURN NEW; END $$ LANGUAGE plpgsql;
             CREATE TRIGGER meddles BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle();"
        );
        tell(&target.url(), &trigger).await;
        let line = refused(&url, &target.url()).await;
        assert_eq!(line, format!("{found}; nothing was kept, and the source hasn't changed"));
        assert_eq!(asks(&target.url(), "SELECT COUNT(*) FROM guild").await, [0]);
        Db::open(&url).await.unwrap().close().await;
        std::fs::remove_file(folder.path().join("bellringer.db")).unwrap();
        target.drop().await;
    }
}

#[tokio::test]
async fn a_target_that_is_not_empty_is_left_alone() {
    let Some(target) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = filled(folder.path()).await;
    tell(&target.url(), "CREATE TABLE shop (id BIGINT)").await;
    let stray = refused(&url, &target.url()).await;
    tell(&target.url(), "DROP TABLE shop").await;
    assert_eq!(asks(&target.url(), TABLES_THERE).await, [0]);
    // As after a crash between the two commits: the target is complete, and the source not sealed.
    let before = folder.path().join("before.db");
    std::fs::copy(folder.path().join("bellringer.db"), &before).unwrap();
    copy(&url, &target.url(), &TABLES, Purpose::Move, &Clock::system()).await.unwrap();
    let full = refused(&format!("sqlite://{}", before.display()), &target.url()).await;
    let again = refused(&url, &target.url()).await;
    assert!(again.contains("--from: this database has moved to PostgreSQL"), "{again}");
    insta::assert_snapshot!(format!("{stray}\n{full}"));
    for change in [
        "INSERT INTO total VALUES (1, 3, 'day', 0, 2, 5)",
        "UPDATE guild SET zone = 'CET'",
        "DELETE FROM entry",
    ] {
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let why = sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut connection).await.unwrap_err();
        assert!(why.to_string().contains("has moved to PostgreSQL"), "{change}: {why}");
    }
    target.drop().await;
}

#[tokio::test]
async fn the_old_database_says_where_everything_went() {
    let Some(target) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let (old, new) = ("sqlite://bellringer.db", target.url());
    let mut lines = Vec::new();
    for arguments in [
        &["copy", "--from", old, "--to", &new][..],
        &["copy", "--from", old, "--to", &new],
        &["run"],
        &["backup", "copy.db"],
        &["doctor"],
    ] {
        let mut command = bellringer(folder.path());
        command.args(arguments).env("DATABASE_URL", old).env("DISCORD_TOKEN", "any");
        command.env("DISCORD_API_URL", "http://127.0.0.1:1");
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        assert_eq!(output.status.success(), lines.is_empty(), "{arguments:?}");
        let text = format!("{}{}", String::from_utf8(output.stdout.clone()).unwrap(), told(&output));
        let said = text.lines().skip_while(|line| lines.is_empty() && !line.contains("the same on both"));
        lines.push(format!("$ {}\n{}", arguments[0], said.collect::<Vec<_>>().join("\n")));
    }
    // Its name, port and the time differ in each run.
    let name = new.rsplit('/').next().unwrap().trim_end_matches('?');
    let port = new.rsplit(':').next().unwrap().split('/').next().unwrap();
    let told = lines.join("\n").replace(name, "NAME").replace(port, "PORT");
    let told: Vec<String> = told
        .lines()
        .map(|line| match line.split_once(", on ") {
            Some((before, rest)) => {
                let after = rest.split_once("UTC").unwrap().1;
                format!("{before}, on DAY{after}")
            }
            None => line.to_owned(),
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    target.drop().await;
}

#[tokio::test]
async fn who_writes_while_it_is_copied_hears_in_time_that_nothing_was_changed() {
    let mut story = Story::begin_on(None).await;
    story.expected_failures = 1;
    let copying = Db::open(story.stage.database()).await.unwrap();
    let lock = copying.write().await.unwrap();
    let place = story.stage.place("Ana", "general");
    let win = json!({"amount": "1k", "customer": "Acme"});
    let outcome = story.stage.control.command(&place, "win log", win).await.unwrap();
    assert!(said(&outcome).contains("nothing changed"), "{outcome:?}");
    drop(lock);
    copying.close().await;
    story.ends().await;
}

#[tokio::test]
async fn what_postgresql_cannot_keep_is_named_with_its_row() {
    let Some(target) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    for change in [
        "UPDATE person SET name = 'Z' || char(0)",
        "UPDATE person SET name = 'Zoe', created_at = 1.5",
        "UPDATE person SET name = x'ff', created_at = 0",
    ] {
        let url = filled(folder.path()).await;
        tell(&url, change).await;
        lines.push(refused(&url, &target.url()).await);
        std::fs::remove_file(folder.path().join("bellringer.db")).unwrap();
    }
    assert_eq!(asks(&target.url(), TABLES_THERE).await, [0]);
    insta::assert_snapshot!(lines.join("\n"));
    target.drop().await;
}

#[tokio::test]
async fn a_copy_that_dies_leaves_both_as_they_were() {
    let Some(target) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = filled(folder.path()).await;
    Db::open(&target.url()).await.unwrap().close().await;
    let slow = "CREATE FUNCTION wait() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$ LANGUAGE plpgsql;
                CREATE TRIGGER waits BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION wait();";
    tell(&target.url(), slow).await;
    let mut child =
        bellringer(folder.path()).args(["copy", "--from", &url, "--to", &target.url()]).spawn().unwrap();
    let sleeping =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    let patience = tokio::time::timeout(Duration::from_secs(30), async {
        while asks(&target.url(), sleeping).await == [0] {}
    });
    patience.await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    tell(&target.url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'; DROP TRIGGER waits ON entry").await;
    let db = Db::open(&url).await.unwrap();
    db.write().await.unwrap().commit().await.unwrap();
    db.close().await;
    copy(&url, &target.url(), &TABLES, Purpose::Move, &Clock::system()).await.unwrap();
    target.drop().await;
}

#[tokio::test]
async fn what_cannot_be_copied_is_said_in_one_line_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let good = filled(folder.path()).await;
    let path = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    for (name, change) in [
        ("older.db", "UPDATE _sqlx_migrations SET version = version - 2"),
        ("newer.db", "UPDATE _sqlx_migrations SET version = version + 97"),
        ("more.db", "CREATE TABLE diary (id BIGINT)"),
        ("wider.db", "ALTER TABLE win ADD COLUMN weight DOUBLE"),
    ] {
        std::fs::copy(folder.path().join("bellringer.db"), folder.path().join(name)).unwrap();
        tell(&path(name), change).await;
    }
    tell(&format!("{}?mode=rwc", path("other.db")), "CREATE TABLE diary (id BIGINT)").await;
    std::fs::write(folder.path().join("text.db"), "this is not a database at all").unwrap();
    let nowhere = "postgres://rep:secret@127.0.0.1:1/bellringer";
    let mut lines = Vec::new();
    for (from, to) in [
        (good.as_str(), good.as_str()),
        (nowhere, &good),
        (&good, &path("new.db")),
        (&path("missing.db"), nowhere),
        (&format!("{}?mode=rwc", path("missing.db")), nowhere),
        (&path("text.db"), nowhere),
        (&path("other.db"), nowhere),
        (&path("older.db"), nowhere),
        (&path("newer.db"), nowhere),
        (&path("more.db"), nowhere),
        (&path("wider.db"), nowhere),
        (&good, nowhere),
    ] {
        let mut command = bellringer(folder.path());
        command.args(["copy", "--from", from, "--to", to]);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let text = told(&output);
        assert!(!output.status.success() && text.lines().count() == 1 && !text.contains("secret"), "{text}");
        lines.push(text.trim_end().to_owned());
    }
    insta::assert_snapshot!(lines.join("\n"));
    let made = ["missing.db", "new.db"].map(|name| folder.path().join(name).exists());
    assert_eq!(made, [false, false]);
}
