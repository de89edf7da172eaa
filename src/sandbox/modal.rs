//! Modals: Discord's limits, what a person may enter, and what the bot receives. For `interactions` (opening
//! one) and `control` (submitting one).

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::components::{STRING_SELECT, chosen, custom_id, select};
use super::form::Form;
use super::refused::Refused;

const ROW: i64 = 1;
const TEXT_INPUT: i64 = 4;
const TEXT: i64 = 10;
const LABEL: i64 = 18;
/// The length limit of a text input without a maximum of its own.
const LONGEST: i64 = 4000;

/// Rejects label components that Discord has and the sandbox doesn't.
pub(crate) fn built(data: &Value) -> Result<(), Refused> {
    for part in data["components"].as_array().into_iter().flatten() {
        let what = match part.pointer("/component/type").and_then(Value::as_i64) {
            Some(5..=8) => "selects of users, roles and channels in a modal",
            Some(19) => "file uploads in a modal",
            Some(21..=23) => "radio groups and checkboxes in a modal",
            _ => continue,
        };
        return Err(Refused::not_built(what));
    }
    Ok(())
}

/// Validates the `data` of a modal response.
pub(crate) fn check(form: &Form<'_>) {
    form.object();
    if let Some(title) = form.need("title") {
        title.text(1..=45);
    }
    let mut seen = HashSet::new();
    if let Some(id) = form.need("custom_id") {
        id.text(1..=100);
    }
    for part in form.need("components").map(|list| list.list(1..=5)).unwrap_or_default() {
        part.object();
        match part.need("type").and_then(|kind| kind.one_of(&[ROW, TEXT, LABEL])) {
            Some(ROW) => {
                for input in part.need("components").map(|list| list.list(1..=1)).unwrap_or_default() {
                    if let Some(label) = input.need("label") {
                        label.text(1..=45);
                    }
                    text_input(&input, &mut seen);
                }
            }
            Some(TEXT) => drop(part.need("content").and_then(|text| text.text(1..=4000))),
            Some(LABEL) => {
                if let Some(label) = part.need("label") {
                    label.text(1..=45);
                }
                if let Some(text) = part.get("description") {
                    text.text(0..=100);
                }
                let Some(input) = part.need("component").filter(Form::object) else {
                    continue;
                };
                match input.need("type").and_then(|kind| kind.one_of(&[STRING_SELECT, TEXT_INPUT])) {
                    Some(TEXT_INPUT) => text_input(&input, &mut seen),
                    Some(kind) => {
                        select(&input, kind, &mut seen);
                        required(&input);
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }
}

/// Modal inputs can't be disabled, and must be answered unless marked as optional.
fn required(select: &Form<'_>) {
    // discord.py always sends it as false.
    if let Some(flag) = select.get("disabled").filter(|flag| flag.value() != false) {
        flag.fault("MODAL_COMPONENT_DISABLED", "Components in a modal can't be disabled.");
    }
    let required = select.get("required").and_then(|flag| flag.flag()).unwrap_or(true);
    if let Some(least) = select.get("min_values").filter(|least| required && least.value() == 0) {
        least.fault("NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.");
    }
}

fn text_input<'v>(form: &Form<'v>, seen: &mut HashSet<&'v str>) {
    form.object();
    if form.need("type").and_then(|kind| kind.one_of(&[TEXT_INPUT])).is_none() {
        return;
    }
    custom_id(form, seen);
    form.need("style").and_then(|style| style.one_of(&[1, 2]));
    let least = form.get("min_length").and_then(|it| it.int(0..=LONGEST)).unwrap_or(0);
    let most = form.get("max_length").and_then(|it| it.int(1..=LONGEST)).unwrap_or(LONGEST);
    if least > most {
        form.fault("TEXT_INPUT_MIN_LENGTH_OVER_MAX", "min_length must not be over max_length.");
    }
    if let Some(text) = form.get("placeholder") {
        text.text(0..=100);
    }
    if let Some(value) = form.get("value") {
        value.text(0..=usize::try_from(most).unwrap_or_default());
    }
    if let Some(required) = form.get("required") {
        required.flag();
    }
}

/// The components of a submission, with what the person typed (`{custom_id: value}`).
///
/// Untouched inputs keep the bot's value.
pub(crate) fn submit(modal: &Value, typed: &Value) -> Result<Vec<Value>, Refused> {
    let parts = modal["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let inputs: Vec<&Value> = parts
        .iter()
        .filter_map(|part| part.get("component").or_else(|| part.pointer("/components/0")))
        .collect();
    let typed =
        typed.as_object().ok_or_else(|| Refused::bad("values: an object {custom_id: value} is needed"))?;
    for key in typed.keys() {
        if !inputs.iter().any(|input| input["custom_id"] == json!(key)) {
            return Err(Refused::bad(format!("the modal has no input {key}")));
        }
    }
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    parts
        .iter()
        .filter(|part| part["type"] != json!(TEXT))
        .map(|part| {
            let id = next();
            if let Some(input) = part.get("component") {
                return Ok(json!({ "type": LABEL, "id": id, "component": answer(input, typed, next())? }));
            }
            Ok(json!({ "type": ROW, "id": id, "components": [answer(&part["components"][0], typed, next())?] }))
        })
        .collect()
}

fn answer(input: &Value, typed: &Map<String, Value>, id: u32) -> Result<Value, Refused> {
    let custom_id = input["custom_id"].as_str().unwrap_or_default();
    let given = typed.get(custom_id);
    let required = input["required"].as_bool().unwrap_or(true);
    if input["type"] == json!(STRING_SELECT) {
        let defaults = || {
            let options = input["options"].as_array().into_iter().flatten();
            options.filter(|it| it["default"] == json!(true)).map(|it| it["value"].clone()).collect()
        };
        let values = given.map_or_else(|| Some(defaults()), |it| it.as_array().cloned());
        let values =
            values.ok_or_else(|| Refused::bad(format!("{custom_id} takes a list of its options")))?;
        if required || !values.is_empty() {
            chosen(input, &values)?;
        }
        return Ok(json!({ "type": STRING_SELECT, "id": id, "custom_id": custom_id, "values": values }));
    }
    let text = given.or_else(|| input.get("value")).and_then(Value::as_str).unwrap_or_default();
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let least = input["min_length"].as_i64().unwrap_or(0).max(i64::from(required));
    let most = input["max_length"].as_i64().unwrap_or(LONGEST);
    if length > most || length < least && (required || length > 0) {
        return Err(Refused::bad(format!("{custom_id} takes {least} to {most} characters, not {length}")));
    }
    Ok(json!({ "type": TEXT_INPUT, "id": id, "custom_id": custom_id, "value": text }))
}
