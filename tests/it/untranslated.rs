//! Finds text that is still English when stories run in a language with other letters: plain-letter words
//! that nobody typed and that aren't names.

use std::collections::BTreeSet;

use serde_json::Value;

/// The parts of a request that contain the bot's texts.
const SPOKEN: [&str; 8] =
    ["content", "title", "description", "name", "value", "text", "label", "placeholder"];
/// The same in every language: currency codes, UTC, the placeholder for an erased name.
const EVERYWHERE: [&str; 8] = ["USD", "EUR", "KWD", "JPY", "UTC", "former", "teammate", "cron"];

/// Untranslated words in the bot's texts, by the request that sent them.
pub(crate) fn words(log: &[Value]) -> BTreeSet<String> {
    let mut typed: BTreeSet<String> = EVERYWHERE.iter().map(|it| it.to_lowercase()).collect();
    let (events, requests): (Vec<&Value>, Vec<&Value>) = log.iter().partition(|it| it["kind"] == "gateway");
    for event in events {
        all(&event["data"], &mut |key, text| {
            if !matches!(key, "name" | "custom_id" | "description") || event["event"] != "INTERACTION_CREATE"
            {
                typed.extend(plain(text).map(str::to_lowercase));
            }
        });
    }
    // Autocomplete choices have values that nobody reads, and currencies with their usual names.
    let is_offered = |it: &Value| !it["request"]["data"]["choices"].is_null();
    let is_said =
        |it: &&Value| !it["route"].as_str().unwrap_or_default().contains("/commands") && !is_offered(it);
    let mut found = BTreeSet::new();
    for request in requests.into_iter().filter(is_said) {
        all(&request["request"], &mut |key, text| {
            if SPOKEN.contains(&key) {
                let text = without(&without(text, '`', '`'), '<', '>');
                // The plural of a custom name counts as a name, too.
                let is_theirs = |word: &str| typed.contains(word) || typed.contains(&format!("{word}s"));
                let left = plain(&text).filter(|word| !is_theirs(&word.to_lowercase()));
                found.extend(left.map(|word| format!("{word} in {text}")));
            }
        });
    }
    found
}

/// Every text in a value, with its field name.
fn all<'a>(value: &'a Value, told: &mut impl FnMut(&'a str, &'a str)) {
    fn within<'a>(key: &'a str, value: &'a Value, told: &mut impl FnMut(&'a str, &'a str)) {
        match value {
            Value::String(text) => told(key, text),
            Value::Array(items) => items.iter().for_each(|item| within(key, item, told)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| within(name, value, told)),
            _ => {}
        }
    }
    within("", value, told);
}

/// A text without what is between two marks.
fn without(text: &str, from: char, to: char) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        left.push_str(before);
        left.push(' ');
        let Some((_, behind)) = after.split_once(to) else { return left + after };
        rest = behind;
    }
    left + rest
}

/// The plain-letter words in a text. A word with a digit is a reference or an amount.
fn plain(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic()))
}

#[test]
fn a_word_that_nobody_typed_is_found_and_one_that_somebody_typed_is_not() {
    let log = [
        serde_json::json!({"kind": "gateway", "event": "INTERACTION_CREATE",
            "data": {"name": "win", "options": [{"name": "customer", "value": "Acme"}]}}),
        serde_json::json!({"route": "POST /interactions/{id}/{token}/callback",
            "request": {"data": {"embeds": [{"title": "🔔 Acme ṗḁˑḭˑḓ", "description": "Logged `win log` <@1> 4k"}]}}}),
    ];
    let found: Vec<String> = words(&log).into_iter().collect();
    assert_eq!(found, ["Logged in Logged     4k"]);
}
