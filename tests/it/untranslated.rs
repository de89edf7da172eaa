//! What is still English where stories are told in a language made of other letters: words of plain letters that nobody has
//! typed, and that nothing is called.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where in a request the bot speaks.
const SPOKEN: [&str; 8] =
    ["content", "title", "description", "name", "value", "text", "label", "placeholder"];
/// What is the same in every language: currencies' codes, UTC, what somebody's name is once it is gone.
const EVERYWHERE: [&str; 8] = ["USD", "EUR", "KWD", "JPY", "UTC", "former", "teammate", "cron"];

/// Words in what the bot has said that are in no language, by what it asked Discord for.
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
    // What is offered while an option is typed has values that nobody reads, and currencies as others call them.
    let is_offered = |it: &Value| !it["request"]["data"]["choices"].is_null();
    let is_said =
        |it: &&Value| !it["route"].as_str().unwrap_or_default().contains("/commands") && !is_offered(it);
    let mut found = BTreeSet::new();
    for request in requests.into_iter().filter(is_said) {
        all(&request["request"], &mut |key, text| {
            if SPOKEN.contains(&key) {
                let text = without(&without(text, '`', '`'), '<', '>');
                // One of what somebody has called in the plural is theirs, too.
                let is_theirs = |word: &str| typed.contains(word) || typed.contains(&format!("{word}s"));
                let left = plain(&text).filter(|word| !is_theirs(&word.to_lowercase()));
                found.extend(left.map(|word| format!("{word} in {text}")));
            }
        });
    }
    found
}

/// Every text in a value, with the name that it has there.
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

/// A text without what stands between two marks.
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

/// The words of plain letters in a text. What has a digit in it is a reference or an amount.
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
