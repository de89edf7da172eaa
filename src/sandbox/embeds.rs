//! Embeds: Discord's limits, and the shape in which they are returned. For `draft`.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::clock::stamp;
use super::form::Form;

/// The most characters in all embeds of a message.
const ALL_TEXT: usize = 6000;
const LINK: [&str; 2] = ["http://", "https://"];
const MEDIA: [&str; 3] = ["http://", "https://", "attachment://"];

/// Reads the embeds of a message with attached files of these names.
pub(crate) fn read(list: &Form<'_>, files: &[&str]) -> Vec<Value> {
    let mut total = 0;
    let embeds: Vec<Value> = list.list(0..=10).iter().map(|form| embed(form, files, &mut total)).collect();
    if total > ALL_TEXT {
        list.fault("MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
    }
    embeds
}

fn embed(form: &Form<'_>, files: &[&str], total: &mut usize) -> Value {
    form.object();
    let mut embed = Map::new();
    let mut text = |form: &Form<'_>, key: &str, most: usize| -> Option<Value> {
        let text = form.get(key)?.trimmed(0..=most)?;
        *total += text.chars().count();
        Some(json!(text))
    };
    embed.insert("type".to_owned(), json!("rich"));
    for (key, most) in [("title", 256), ("description", 4096)] {
        embed.extend(text(form, key, most).map(|value| (key.to_owned(), value)));
    }
    if let Some(url) = form.get("url").and_then(|url| url.url(&LINK)) {
        embed.insert("url".to_owned(), json!(url));
    }
    if let Some(color) = form.get("color").and_then(|color| color.int(0..=0x00FF_FFFF)) {
        embed.insert("color".to_owned(), json!(color));
    }
    if let Some(time) = form.get("timestamp") {
        match time.value().as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()) {
            Some(parsed) => {
                drop(embed.insert("timestamp".to_owned(), json!(stamp(parsed.with_timezone(&Utc)))));
            }
            None => time.fault(
                "DATE_TIME_TYPE_PARSE",
                format!("Could not parse {}. Should be ISO8601.", time.value()),
            ),
        }
    }
    if let Some(footer) = form.get("footer").filter(Form::object) {
        let mut value = json!({});
        if footer.need("text").is_some() {
            value["text"] = text(&footer, "text", 2048).unwrap_or_default();
        }
        if let Some(url) = footer.get("icon_url").and_then(|url| url.url(&MEDIA)) {
            value["icon_url"] = json!(url);
        }
        embed.insert("footer".to_owned(), value);
    }
    if let Some(author) = form.get("author").filter(Form::object) {
        let mut value = json!({});
        if author.need("name").is_some() {
            value["name"] = text(&author, "name", 256).unwrap_or_default();
        }
        if let Some(url) = author.get("url").and_then(|url| url.url(&LINK)) {
            value["url"] = json!(url);
        }
        if let Some(url) = author.get("icon_url").and_then(|url| url.url(&MEDIA)) {
            value["icon_url"] = json!(url);
        }
        embed.insert("author".to_owned(), value);
    }
    for key in ["image", "thumbnail"] {
        if let Some(media) = form.get(key).filter(Form::object) {
            let url = media.need("url").and_then(|url| url.url(&MEDIA)).unwrap_or_default();
            if let Some(name) = url.strip_prefix("attachment://")
                && !files.contains(&name)
                && media.get("width").is_none()
            {
                media.fault(
                    "EMBED_ATTACHMENT_UNKNOWN",
                    format!("No file named {name} comes with this message."),
                );
            }
            embed.insert(key.to_owned(), json!({ "url": url, "proxy_url": url, "width": 0, "height": 0 }));
        }
    }
    if let Some(fields) = form.get("fields") {
        let fields: Vec<Value> = fields
            .list(0..=25)
            .iter()
            .map(|field| {
                let mut value = json!({ "name": "", "value": "", "inline": false });
                field.object();
                for (key, most) in [("name", 256), ("value", 1024)] {
                    if field.need(key).is_some_and(|part| part.trimmed(1..=most).is_some()) {
                        value[key] = text(field, key, most).unwrap_or_default();
                    }
                }
                if let Some(inline) = field.get("inline").and_then(|inline| inline.flag()) {
                    value["inline"] = json!(inline);
                }
                value
            })
            .collect();
        embed.insert("fields".to_owned(), json!(fields));
    }
    Value::Object(embed)
}
