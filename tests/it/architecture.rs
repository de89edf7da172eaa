//! Module boundaries: imports go one way, and code that belongs in one place is nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bellringer::features::TABLES;
use bellringer::{ledger, outbox, people, schedules};

/// The modules, lowest first. A module may only name itself and those below it.
const RANKS: [(&str, u8); 20] = [
    ("words", 0),
    ("kernel", 1),
    ("shutdown", 1),
    ("store", 2),
    ("render", 2),
    ("people", 3),
    ("ledger", 4),
    ("outbox", 5),
    ("chat", 6),
    ("schedules", 6),
    ("feature", 7),
    ("config", 7),
    ("features", 8),
    ("worker", 9),
    ("gateway", 9),
    ("web", 9),
    ("app", 10),
    ("telemetry", 10),
    ("doctor", 11),
    ("demo", 11),
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|it| it == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn room(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

fn rank(room: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

/// The modules that a file names, as `crate::module`.
fn names(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
        .collect()
}

#[test]
fn imports_run_one_way() {
    for (file, text) in sources() {
        let Some(own) = rank(room(&file)) else { continue };
        for named in names(&text) {
            let Some(other) = rank(named) else { continue };
            let may = other < own || named == room(&file);
            assert!(may, "{file} names crate::{named}, which is not below it");
        }
    }
}

/// The features, in tiers: foundations, what happened, what follows from it, and the places that show it. A
/// feature may only name those in lower tiers.
const TIERS: [(&str, &[&str]); 7] = [
    ("words of commands", &["periods"]),
    ("what others stand on", &["noise"]),
    ("what happened", &["wins", "kudos", "activities", "teams"]),
    ("what follows from it", &["goals"]),
    ("what follows from goals", &["streaks"]),
    ("what is told of both", &["badges", "leaderboard", "expectations", "recognition", "records", "me"]),
    ("places", &["profile", "digest", "inbox", "help", "privacy", "setup", "schedules", "pruning"]),
];

/// The feature that a file belongs to, if any.
fn feature(file: &str) -> Option<&str> {
    let name = file.strip_prefix("features/")?.split('/').next()?.trim_end_matches(".rs");
    (name != "mod").then_some(name)
}

fn tier(feature: &str) -> Option<usize> {
    TIERS.iter().position(|(_, names)| names.contains(&feature))
}

/// The words that follow any of these in a text.
fn words_after<'a>(text: &'a str, marks: &[&str]) -> BTreeSet<&'a str> {
    let word =
        |rest: &'a str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').find(|it| !it.is_empty());
    marks.iter().flat_map(|mark| text.split(mark).skip(1)).filter_map(word).collect()
}

/// The features that another feature's file names: `features::name`, `features::{a, b}`, and the same from
/// `super`.
fn features_named(text: &str) -> BTreeSet<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut named = BTreeSet::new();
    for line in code {
        for mark in ["crate::features::", "use super::"] {
            for rest in line.split(mark).skip(1) {
                let list = rest.strip_prefix('{').map_or(rest.split(':').next().unwrap(), |it| it);
                let names = list.split(|c: char| !c.is_alphanumeric() && c != '_');
                named.extend(names.filter(|name| tier(name).is_some()));
            }
        }
    }
    named
}

#[test]
fn a_feature_names_those_of_lower_tiers_alone() {
    for (file, text) in sources() {
        let Some(own) = feature(&file) else { continue };
        let rank = tier(own).unwrap_or_else(|| panic!("{own} stands in no tier"));
        for other in features_named(&text).into_iter().filter(|other| *other != own) {
            assert!(tier(other).unwrap() < rank, "{file} names {other}, which is not in a lower tier");
        }
    }
}

#[test]
fn a_features_sql_names_its_own_tables_and_those_of_the_rooms_below() {
    let of_rooms = [people::TABLES, ledger::TABLES, outbox::TABLES, schedules::TABLES];
    let of_rooms: BTreeSet<&str> = of_rooms.into_iter().flatten().map(|table| table.name).collect();
    for (file, text) in sources() {
        let Some(own) = feature(&file) else { continue };
        let folder = sources();
        let theirs: BTreeSet<String> = folder
            .iter()
            .filter(|(file, _)| feature(file) == Some(own))
            .flat_map(|(_, text)| {
                words_after(text, &["Table::new("]).into_iter().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        for table in words_after(&text, &["FROM ", "JOIN ", "INTO ", "UPDATE "]) {
            let is_table = TABLES.contains(&table);
            let may = of_rooms.contains(table) || theirs.contains(table);
            assert!(may || !is_table, "{file}: its SQL names {table}, which is another feature's");
        }
    }
}

#[test]
fn a_feature_never_reads_anothers_store() {
    for (file, text) in sources() {
        let Some(feature) =
            file.strip_prefix("features/").and_then(|rest| rest.split_once('/')).map(|(it, _)| it)
        else {
            continue;
        };
        for line in text.lines().filter(|line| line.contains("::store")) {
            let own = !line.contains("features::") || line.contains(&format!("features::{feature}::"));
            assert!(own, "{file}: {line}");
        }
    }
}

#[test]
fn rules_and_views_know_neither_discord_nor_sql() {
    for (file, text) in sources() {
        if file.ends_with("/rules.rs") || (file.ends_with("/view.rs") && file.starts_with("features/")) {
            for word in ["poise", "serenity", "sqlx"] {
                assert!(!text.contains(word), "{file} knows {word}");
            }
        }
    }
}

#[test]
fn serenity_and_poise_stay_where_discord_is_spoken() {
    const SINGLE_FILE_FEATURES: [&str; 7] =
        ["activities", "help", "inbox", "periods", "setup", "teams", "mod"];
    for (file, text) in sources() {
        let speaks = ["serenity::", "poise::"].iter().any(|word| text.contains(word));
        let may = matches!(room(&file), "gateway" | "chat" | "sandbox")
            || matches!(file.as_str(), "outbox/deliver.rs" | "outbox/access.rs" | "render/embed.rs")
            || file.ends_with("/commands.rs")
            || SINGLE_FILE_FEATURES.iter().any(|name| file == format!("features/{name}.rs"));
        assert!(may || !speaks, "{file} speaks to Discord");
    }
}

#[test]
fn only_the_calendar_knows_where_time_zones_come_from() {
    for (file, text) in sources().iter().filter(|(file, _)| file != "kernel/calendar.rs") {
        assert!(!text.contains("jiff"), "{file} knows jiff");
    }
}

#[test]
fn every_room_is_ranked_and_every_file_says_what_it_is() {
    for (file, text) in sources() {
        assert!(text.starts_with("//!"), "{file} doesn't say what it is");
        let known = rank(room(&file)).is_some() || matches!(room(&file), "lib" | "main" | "sandbox");
        assert!(known, "{file} is in a room without a rank");
    }
}
