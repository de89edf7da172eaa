//! Options of commands: names, order, choices, ranges and nesting.

use serde_json::{Value, json};

use super::commands::with;
use super::{Rule, Sent, Source, changed, forms, long, page};

const NAMING: Source =
    page!("interactions/application-commands#application-command-object-application-command-naming");
const OPTION: Source = page!(
    "interactions/application-commands#application-command-object-application-command-option-structure"
);
const KIND: Source =
    page!("interactions/application-commands#application-command-object-application-command-option-type");
const CHOICE: Source = page!(
    "interactions/application-commands#application-command-object-application-command-option-choice-structure"
);
const NESTING: Source = page!("interactions/application-commands#subcommands-and-subcommand-groups");

pub(super) fn rules() -> Vec<Rule> {
    forms(Sent::Command, options())
}

/// A command with one option, a string unless changed.
fn option(changes: Value) -> Value {
    let option = changed(json!({ "type": 3, "name": "o", "description": "d" }), changes);
    with("options", json!([option]))
}

type Rows = Vec<(&'static str, Source, &'static str, Value, &'static str)>;

fn options() -> Rows {
    let two = |first: Value, second: Value| with("options", json!([first, second]));
    let plain = |name: &str, required: bool| json!({ "type": 3, "name": name, "description": "d", "required": required });
    let choices = |list: Value| option(json!({ "choices": list }));
    vec![
        (
            "option.type.needed",
            OPTION,
            "An option needs a type.",
            option(json!({ "type": null })),
            "/0/options/0/type",
        ),
        (
            "option.type",
            KIND,
            "An option's type is a number from 1 to 11.",
            option(json!({ "type": 12 })),
            "/0/options/0/type",
        ),
        (
            "option.name",
            NAMING,
            "An option's name must be lowercase.",
            option(json!({ "name": "Amount" })),
            "/0/options/0/name",
        ),
        (
            "option.name.unique",
            OPTION,
            "Option names must be unique.",
            two(plain("a", true), plain("a", true)),
            "/0/options/1",
        ),
        (
            "option.description",
            OPTION,
            "An option needs a description.",
            option(json!({ "description": null })),
            "/0/options/0/description",
        ),
        (
            "option.description.length",
            OPTION,
            "An option's description can have at most 100 characters.",
            option(json!({ "description": long(101) })),
            "/0/options/0/description",
        ),
        (
            "option.required.order",
            OPTION,
            "Required options must come before optional ones.",
            two(plain("a", false), plain("b", true)),
            "/0/options/1",
        ),
        (
            "option.required.type",
            OPTION,
            "required is a boolean.",
            option(json!({ "required": "yes" })),
            "/0/options/0/required",
        ),
        (
            "option.choices.most",
            OPTION,
            "An option can have at most 25 choices.",
            choices((0..26).map(|n| json!({ "name": n.to_string(), "value": "v" })).collect()),
            "/0/options/0/choices",
        ),
        (
            "option.choices.type",
            OPTION,
            "Only string and number options can have choices.",
            option(json!({ "type": 6, "choices": [{ "name": "n", "value": "v" }] })),
            "/0/options/0",
        ),
        (
            "option.choices.autocomplete",
            OPTION,
            "An option with choices can't have autocomplete.",
            option(json!({ "autocomplete": true, "choices": [{ "name": "n", "value": "v" }] })),
            "/0/options/0",
        ),
        (
            "option.autocomplete.type",
            OPTION,
            "Only string and number options can have autocomplete.",
            option(json!({ "type": 5, "autocomplete": true })),
            "/0/options/0",
        ),
        (
            "option.choice.name",
            CHOICE,
            "A choice's name can have at most 100 characters.",
            choices(json!([{ "name": long(101), "value": "v" }])),
            "/0/options/0/choices/0/name",
        ),
        (
            "option.choice.value",
            CHOICE,
            "A choice's value can have at most 100 characters.",
            choices(json!([{ "name": "n", "value": long(101) }])),
            "/0/options/0/choices/0/value",
        ),
        (
            "option.choice.kind",
            CHOICE,
            "A choice's value must be of the option's type.",
            option(json!({ "type": 4, "choices": [{ "name": "n", "value": "one" }] })),
            "/0/options/0/choices/0/value",
        ),
        (
            "option.choice.unique",
            Source::Own,
            "Choice names must be unique.",
            choices(json!([{ "name": "n", "value": "a" }, { "name": "n", "value": "b" }])),
            "/0/options/0/choices/1",
        ),
        (
            "option.choice.localized",
            CHOICE,
            "A choice's localised names follow the rules for its name.",
            choices(json!([{ "name": "n", "value": "v", "name_localizations": { "de": long(101) } }])),
            "/0/options/0/choices/0/name_localizations/de",
        ),
        (
            "option.integer",
            KIND,
            "An integer must be between -2^53+1 and 2^53-1.",
            option(json!({ "type": 4, "choices": [{ "name": "n", "value": 1u64 << 53 }] })),
            "/0/options/0/choices/0/value",
        ),
        (
            "option.range.type",
            OPTION,
            "Only number options can have min_value and max_value.",
            option(json!({ "min_value": 1 })),
            "/0/options/0/min_value",
        ),
        (
            "option.range.integer",
            OPTION,
            "An integer option's bounds must be integers.",
            option(json!({ "type": 4, "max_value": 1.5 })),
            "/0/options/0/max_value",
        ),
        (
            "option.length.type",
            OPTION,
            "Only string options can have min_length and max_length.",
            option(json!({ "type": 4, "max_length": 5 })),
            "/0/options/0/max_length",
        ),
        (
            "option.length.most",
            OPTION,
            "min_length can be at most 6,000.",
            option(json!({ "min_length": 6001 })),
            "/0/options/0/min_length",
        ),
        (
            "option.length.least",
            OPTION,
            "max_length must be at least 1.",
            option(json!({ "max_length": 0 })),
            "/0/options/0/max_length",
        ),
        (
            "option.channel_types",
            OPTION,
            "Only channel options can have channel_types.",
            option(json!({ "channel_types": [0] })),
            "/0/options/0/channel_types",
        ),
        (
            "option.nesting.beside",
            NESTING,
            "Subcommands can't be mixed with other options.",
            two(plain("a", false), json!({ "type": 1, "name": "s", "description": "d" })),
            "/0/options",
        ),
        (
            "option.nesting.group",
            NESTING,
            "A group can't contain another group.",
            option(json!({ "type": 2, "options": [{ "type": 2, "name": "g", "description": "d" }] })),
            "/0/options/0/options",
        ),
        (
            "option.nesting.subcommand",
            NESTING,
            "A subcommand can't contain another subcommand.",
            option(json!({ "type": 1, "options": [{ "type": 1, "name": "s", "description": "d" }] })),
            "/0/options/0/options",
        ),
        (
            "option.nesting.plain",
            NESTING,
            "A group can contain only subcommands.",
            option(json!({ "type": 2, "options": [plain("a", false)] })),
            "/0/options/0/options",
        ),
        (
            "option.nesting.most",
            OPTION,
            "A subcommand can have at most 25 options.",
            option(
                json!({ "type": 1, "options": (0..26).map(|n| plain(&format!("o{n}"), false)).collect::<Vec<_>>() }),
            ),
            "/0/options/0/options",
        ),
    ]
}
