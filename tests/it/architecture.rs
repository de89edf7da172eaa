//! The rooms' walls: imports run one way, and what belongs in one place is in no other.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, lowest first. A room may name those of lower rank, and itself.
const RANKS: [(&str, u8); 16] = [
    ("kernel", 0),
    ("shutdown", 0),
    ("ledger", 1),
    ("render", 1),
    ("outbox", 2),
    ("chat", 3),
    ("features", 4),
    ("config", 4),
    ("worker", 5),
    ("gateway", 5),
    ("web", 5),
    ("app", 6),
    ("telemetry", 6),
    ("copy", 7),
    ("doctor", 7),
    ("demo", 7),
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

/// The rooms that a file names, as `crate::room`.
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
