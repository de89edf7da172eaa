//! Buttons and selects of messages: Discord's limits for `draft`, and validation of a person's choice for
//! `control`. Inputs of modals are in `modal`.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::form::Form;
use super::refused::Refused;

const ROW: i64 = 1;
const BUTTON: i64 = 2;
pub(crate) const STRING_SELECT: i64 = 3;
/// Selects of users, roles, mentionables and channels.
const OTHER_SELECTS: [i64; 4] = [5, 6, 7, 8];
const LINK_STYLE: i64 = 5;
const PREMIUM_STYLE: i64 = 6;

/// Reads a message's rows, and numbers the components as Discord does.
pub(crate) fn read(list: &Form<'_>) -> Vec<Value> {
    let mut seen = HashSet::new();
    let mut number = 0;
    list.list(0..=5)
        .iter()
        .map(|row| {
            number += 1;
            let mut value = json!({ "type": ROW, "id": number, "components": [] });
            row.object();
            if row.need("type").and_then(|kind| kind.one_of(&[ROW])).is_none() {
                return value;
            }
            let parts = row.need("components").map(|parts| parts.list(1..=5)).unwrap_or_default();
            let kinds: Vec<_> =
                parts.iter().filter_map(|part| part.value().get("type").and_then(Value::as_i64)).collect();
            if kinds.len() > 1 && kinds.iter().any(|kind| *kind != BUTTON) {
                row.fault("COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select needs an action row of its own.");
            }
            value["components"] = parts
                .iter()
                .map(|part| {
                    number += 1;
                    component(part, number, &mut seen)
                })
                .collect();
            value
        })
        .collect()
}

fn component<'v>(form: &Form<'v>, number: u32, seen: &mut HashSet<&'v str>) -> Value {
    form.object();
    let mut value = form.value().clone();
    let kinds =
        [BUTTON, STRING_SELECT, OTHER_SELECTS[0], OTHER_SELECTS[1], OTHER_SELECTS[2], OTHER_SELECTS[3]];
    match form.need("type").and_then(|kind| kind.one_of(&kinds)) {
        Some(BUTTON) => button(form, seen),
        Some(kind) => select(form, kind, seen),
        None => return value,
    }
    if let Some(flag) = form.get("disabled") {
        flag.flag();
    }
    value["id"] = json!(number);
    value
}

fn button<'v>(form: &Form<'v>, seen: &mut HashSet<&'v str>) {
    let style = form.need("style").and_then(|style| style.one_of(&[1, 2, 3, 4, LINK_STYLE, PREMIUM_STYLE]));
    let label = form.get("label").and_then(|label| label.text(0..=80));
    let emoji = form.get("emoji").filter(Form::object);
    match style {
        Some(LINK_STYLE) => {
            if let Some(url) = form.need("url") {
                url.url(&["http://", "https://", "discord://"]);
                url.text(1..=512);
            }
            if let Some(id) = form.get("custom_id") {
                id.fault(
                    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                    "A link button has no custom_id.",
                );
            }
        }
        Some(PREMIUM_STYLE) => {
            form.need("sku_id");
            for key in ["custom_id", "label", "url", "emoji"] {
                if let Some(extra) = form.get(key) {
                    extra.fault(
                        "BUTTON_COMPONENT_PREMIUM_EXCLUSIVE",
                        "A premium button has nothing but its SKU.",
                    );
                }
            }
        }
        Some(_) => {
            custom_id(form, seen);
            if let Some(sku) = form.get("sku_id") {
                sku.fault("BUTTON_COMPONENT_INVALID_SKU", "Only a premium button has a sku_id.");
            }
            if let Some(url) = form.get("url") {
                url.fault("BUTTON_COMPONENT_INVALID_URL", "Only a link button has a url.");
            }
        }
        None => {}
    }
    if style != Some(PREMIUM_STYLE) && label.is_none_or(str::is_empty) && emoji.is_none() {
        form.fault("BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button needs a label or an emoji.");
    }
}

/// Validates a select of this kind, in a message or a modal.
pub(crate) fn select<'v>(form: &Form<'v>, kind: i64, seen: &mut HashSet<&'v str>) {
    custom_id(form, seen);
    if let Some(text) = form.get("placeholder") {
        text.text(0..=150);
    }
    let least = form.get("min_values").and_then(|it| it.int(0..=25)).unwrap_or(1);
    let most = form.get("max_values").and_then(|it| it.int(1..=25)).unwrap_or(1);
    if least > most {
        form.fault("SELECT_COMPONENT_MIN_VALUES_OVER_MAX", "min_values must not be over max_values.");
    }
    if kind == STRING_SELECT {
        let count = form.need("options").map(|list| options(&list)).unwrap_or_default();
        if usize::try_from(most).is_ok_and(|most| most > count.max(1)) {
            form.fault(
                "SELECT_COMPONENT_MAX_VALUES_OVER_OPTIONS",
                "max_values must not be over the number of options.",
            );
        }
    }
    if let Some(types) = form.get("channel_types") {
        for kind in types.list(0..=20) {
            kind.int(0..=16);
        }
    }
}

/// Validates a select's options and returns their number.
fn options(list: &Form<'_>) -> usize {
    let mut values = HashSet::new();
    let options = list.list(1..=25);
    for option in &options {
        option.object();
        if let Some(label) = option.need("label") {
            label.text(1..=100);
        }
        if let Some(value) = option.need("value")
            && let Some(text) = value.text(1..=100)
            && !values.insert(text)
        {
            value.fault(
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            );
        }
        if let Some(description) = option.get("description") {
            description.text(0..=100);
        }
        if let Some(default) = option.get("default") {
            default.flag();
        }
    }
    options.len()
}

/// Validates a person's choice in a select, in a message or a modal: count, no duplicates, and only its
/// options.
pub(crate) fn chosen(select: &Value, values: &[Value]) -> Result<(), Refused> {
    let id = select["custom_id"].as_str().unwrap_or_default();
    let range = |key: &str| select[key].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(1);
    if !(range("min_values")..=range("max_values")).contains(&values.len()) {
        return Err(Refused::bad(format!("{id} does not take {} values", values.len())));
    }
    for (at, value) in values.iter().enumerate() {
        if values.iter().take(at).any(|earlier| earlier == value) {
            return Err(Refused::bad(format!("{value} is chosen twice in {id}")));
        }
        let options = select["options"].as_array().filter(|_| select["type"] == json!(STRING_SELECT));
        if options.is_some_and(|list| !list.iter().any(|option| option["value"] == *value)) {
            return Err(Refused::bad(format!("{value} is not among the options of {id}")));
        }
    }
    Ok(())
}

/// Checks that a `custom_id` is present, and unique in `seen`.
pub(crate) fn custom_id<'v>(form: &Form<'v>, seen: &mut HashSet<&'v str>) {
    if let Some(id) = form.need("custom_id")
        && let Some(text) = id.text(1..=100)
        && !seen.insert(text)
    {
        id.fault("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated");
    }
}
