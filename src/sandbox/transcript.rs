//! A Discord message as plain text, for a terminal and for snapshot tests.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

/// Formats messages as text, with names in place of ids.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    names: HashMap<String, String>,
    zone: Option<FixedOffset>,
}

/// [`Transcript::lines`] without any names.
#[must_use]
pub fn lines(message: &Value, width: usize) -> Vec<String> {
    Transcript::default().lines(message, width)
}

impl Transcript {
    /// Adds names by id, for users, roles and channels alike.
    #[must_use]
    pub const fn new(names: HashMap<String, String>) -> Self {
        Self { names, zone: None }
    }

    /// Shows timestamps for a reader with this UTC offset.
    #[must_use]
    pub const fn read_in(mut self, zone: FixedOffset) -> Self {
        self.zone = Some(zone);
        self
    }

    /// The message in lines of at most `width` characters. A longer word gets its own line.
    #[must_use]
    pub fn lines(&self, message: &Value, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        if message["flags"].as_u64().is_some_and(|flags| flags & super::draft::LOADING != 0) {
            lines.push("(thinking…)".to_owned());
        }
        self.paragraph(&mut lines, "", text(&message["content"]), width);
        for embed in list(&message["embeds"]) {
            self.embed(&mut lines, embed, width);
        }
        for file in list(&message["attachments"]) {
            let line =
                format!("[file {}, {} bytes]", text(&file["filename"]), file["size"].as_u64().unwrap_or(0));
            self.paragraph(&mut lines, "", &line, width);
        }
        for row in list(&message["components"]) {
            let parts: Vec<String> = list(&row["components"]).iter().map(component).collect();
            wrap(&mut lines, "", &parts, width);
        }
        lines
    }

    fn embed(&self, lines: &mut Vec<String>, embed: &Value, width: usize) {
        const BAR: &str = "| ";
        let mut part = |prefix: &str, value: &str| self.paragraph(lines, prefix, value, width);
        part(BAR, text(&embed["author"]["name"]));
        part(BAR, text(&embed["title"]));
        part(BAR, text(&embed["description"]));
        for field in list(&embed["fields"]) {
            let (name, value) = (text(&field["name"]), text(&field["value"]));
            let name = if name == "\u{200b}" { String::new() } else { format!("{name}: ") };
            // A multi-line value reads better below its name.
            if value.contains('\n') {
                part(BAR, name.trim_end());
                part("|   ", value);
            } else {
                part(BAR, &format!("{name}{value}"));
            }
        }
        for key in ["image", "thumbnail"] {
            if let Some(file) = embed[key]["url"].as_str().and_then(|url| url.rsplit('/').next()) {
                part(BAR, &format!("[{key} {file}]"));
            }
        }
        let footer = text(&embed["footer"]["text"]);
        if !footer.is_empty() {
            part(BAR, &format!("({footer})"));
        }
    }

    fn paragraph(&self, lines: &mut Vec<String>, prefix: &str, value: &str, width: usize) {
        if value.is_empty() {
            return;
        }
        for line in self.named(value).lines() {
            // Indentation carries meaning in lists and code, so it is kept.
            let indent: String = line.chars().take_while(|c| *c == ' ').collect();
            let words: Vec<String> = line.split_whitespace().map(ToOwned::to_owned).collect();
            wrap(lines, &format!("{prefix}{indent}"), &words, width);
        }
    }

    /// Replaces `<@id>`, `<@&id>` and `<#id>` with names, and `<t:unix:F>` with a time.
    fn named(&self, value: &str) -> String {
        let mut out = String::new();
        let mut rest = value;
        while let Some((before, tail)) = rest.split_once('<') {
            out.push_str(before);
            let is_escaped = before.bytes().rev().take_while(|it| *it == b'\\').count() % 2 == 1;
            let token = tail.split_once('>').filter(|_| !is_escaped);
            let token = token.and_then(|(inside, after)| Some((self.token(inside)?, after)));
            if let Some((shown, after)) = token {
                out.push_str(&shown);
                rest = after;
            } else {
                out.push('<');
                rest = tail;
            }
        }
        out.push_str(rest);
        out
    }

    fn token(&self, inside: &str) -> Option<String> {
        if let Some(time) = inside.strip_prefix("t:") {
            let seconds = time.split(':').next()?.parse().ok()?;
            let at = DateTime::from_timestamp(seconds, 0)?;
            let at = self.zone.map_or_else(|| at.naive_utc(), |zone| at.with_timezone(&zone).naive_local());
            return Some(at.format("%a %-d %b %H:%M").to_string());
        }
        if let Some(custom) = inside.strip_prefix("a:").or_else(|| inside.strip_prefix(':')) {
            return Some(format!(":{}:", custom.split(':').next()?));
        }
        if let Some(command) = inside.strip_prefix('/') {
            return Some(format!("/{}", command.rsplit_once(':')?.0));
        }
        let (sign, id) = match inside.strip_prefix("@&").or_else(|| inside.strip_prefix("@!")) {
            Some(id) => ('@', id),
            None => (inside.chars().next().filter(|sign| matches!(sign, '@' | '#'))?, inside.get(1..)?),
        };
        id.parse::<u64>().ok()?;
        Some(format!("{sign}{}", self.names.get(id).map_or(id, String::as_str)))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn component(part: &Value) -> String {
    let label = [text(&part["emoji"]["name"]), text(&part["label"]), text(&part["placeholder"])];
    let label = label.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let off = if part["disabled"] == Value::Bool(true) { " (off)" } else { "" };
    if part["type"].as_u64() == Some(2) {
        return format!("[ {label}{off} ]");
    }
    let chosen: Vec<&str> = list(&part["options"]).iter().map(|option| text(&option["label"])).collect();
    let shown = if label.is_empty() { "select".to_owned() } else { label };
    if chosen.is_empty() {
        format!("[ {shown} ▾{off} ]")
    } else {
        format!("[ {shown} ▾ {}{off} ]", chosen.join(" | "))
    }
}

/// Adds words in lines of at most `width` characters, each line after `prefix`.
fn wrap(lines: &mut Vec<String>, prefix: &str, words: &[String], width: usize) {
    let mut line = prefix.to_owned();
    let mut empty = true;
    for word in words {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, prefix.to_owned()));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line.trim_end().to_owned());
}
