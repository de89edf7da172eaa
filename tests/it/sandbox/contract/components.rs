//! Components of messages: rows, buttons and selects.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::{Rule, Sent, Source, changed, forms, long, page, story};

const LEGACY: Source = page!("components/reference#legacy-message-component-behavior");
const ROW: Source = page!("components/reference#action-row");
const CUSTOM_ID: Source = page!("components/reference#anatomy-of-a-component-custom-id");
const BUTTON: Source = page!("components/reference#button");
const SELECT: Source = page!("components/reference#string-select");
const OPTION: Source = page!("components/reference#string-select-select-option-structure");
const DUPLICATED: Source = Source::Observed("https://github.com/discord/discord-api-docs/issues/3673");
const FACE: Source = Source::Observed("https://github.com/discordjs/discord.js/pull/11317");

/// The path of the first component in the first row.
const FIRST: &str = "/components/0/components/0";

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = forms(Sent::Message, rows());
    rules.extend(forms(Sent::Message, buttons()));
    rules.extend(forms(Sent::Message, selects()));
    rules.push(story!(
        "component.number",
        page!("components/reference#anatomy-of-a-component"),
        "Components without an id are numbered in order.",
        numbered
    ));
    rules.push(story!(
        "component.edit",
        page!("resources/message#edit-message"),
        "An edit replaces the components; an empty list removes them.",
        replaced
    ));
    rules.push(story!("component.disabled", BUTTON, "A disabled button can't be pressed.", disabled));
    rules.push(story!(
        "component.select.values",
        SELECT,
        "The number of options chosen must be within min_values and max_values.",
        chosen
    ));
    rules
}

fn row(parts: &[Value]) -> Value {
    json!({ "components": [{ "type": 1, "components": parts }] })
}

fn button(id: &str) -> Value {
    json!({ "type": 2, "style": 1, "label": "b", "custom_id": id })
}

fn options(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({ "label": "l", "value": n.to_string() })).collect()
}

fn but(part: Value, changes: Value) -> Value {
    row(&[changed(part, changes)])
}

type Rows = Vec<(&'static str, Source, &'static str, Value, &'static str)>;

fn rows() -> Rows {
    let select = json!({ "type": 3, "custom_id": "s", "options": options(1) });
    let six: Vec<_> = (0..6).map(|n| button(&n.to_string())).collect();
    vec![
        (
            "component.rows",
            LEGACY,
            "A message can have at most 5 action rows.",
            json!({ "components": vec![json!({ "type": 1, "components": [button("a")] }); 6] }),
            "/components",
        ),
        (
            "component.top",
            LEGACY,
            "Without components v2, only action rows are allowed at the top level.",
            json!({ "components": [button("a")] }),
            "/components/0/type",
        ),
        (
            "component.text_display",
            LEGACY,
            "Text displays aren't allowed without the components v2 flag.",
            json!({ "components": [{ "type": 10, "content": "c" }] }),
            "/components/0/type",
        ),
        (
            "component.row.buttons",
            ROW,
            "A row can have at most 5 buttons.",
            row(&six),
            "/components/0/components",
        ),
        ("component.row.empty", ROW, "A row can't be empty.", row(&[]), "/components/0/components"),
        (
            "component.row.mixed",
            ROW,
            "A select needs a row of its own.",
            row(&[button("a"), select.clone()]),
            "/components/0",
        ),
        (
            "component.row.selects",
            ROW,
            "A row can have only one select.",
            row(&[select.clone(), select]),
            "/components/0",
        ),
        (
            "component.row.nested",
            ROW,
            "A row can't contain another row.",
            row(&[json!({ "type": 1, "components": [button("a")] })]),
            "/components/0/components/0/type",
        ),
        (
            "component.text_input",
            page!("components/reference#text-input"),
            "Text inputs are only allowed in modals.",
            row(&[json!({ "type": 4, "custom_id": "t", "label": "l", "style": 1 })]),
            "/components/0/components/0/type",
        ),
        (
            "component.type",
            page!("components/reference#component-object"),
            "A component needs a type.",
            but(button("a"), json!({ "type": null })),
            "/components/0/components/0/type",
        ),
        (
            "component.custom_id.length",
            CUSTOM_ID,
            "A custom_id can have at most 100 characters.",
            row(&[button(&long(101))]),
            "/components/0/components/0/custom_id",
        ),
        (
            "component.custom_id.empty",
            CUSTOM_ID,
            "A custom_id must have at least 1 character.",
            row(&[button("")]),
            "/components/0/components/0/custom_id",
        ),
        (
            "component.custom_id.unique",
            CUSTOM_ID,
            "A custom_id must be unique in its message.",
            row(&[button("a"), button("a")]),
            "/components/0/components/1/custom_id",
        ),
        (
            "component.custom_id.disabled",
            DUPLICATED,
            "A disabled button's custom_id must be unique too.",
            row(&[
                button("a"),
                json!({ "type": 2, "style": 1, "label": "b", "custom_id": "a", "disabled": true }),
            ]),
            "/components/0/components/1/custom_id",
        ),
        (
            "component.disabled.type",
            BUTTON,
            "disabled is a boolean.",
            but(button("a"), json!({ "disabled": "yes" })),
            "/components/0/components/0/disabled",
        ),
    ]
}

fn buttons() -> Rows {
    let link = json!({ "type": 2, "style": 5, "label": "b", "url": "https://a.example" });
    let premium = json!({ "type": 2, "style": 6, "sku_id": "1" });
    let but_link = |changes| but(link.clone(), changes);
    vec![
        (
            "component.button.style",
            BUTTON,
            "A button's style is a number from 1 to 6.",
            but(button("a"), json!({ "style": 7 })),
            "/components/0/components/0/style",
        ),
        (
            "component.button.style.needed",
            BUTTON,
            "A button needs a style.",
            but(button("a"), json!({ "style": null })),
            "/components/0/components/0/style",
        ),
        (
            "component.button.label",
            BUTTON,
            "A button's label can have at most 80 characters.",
            but(button("a"), json!({ "label": long(81) })),
            "/components/0/components/0/label",
        ),
        (
            "component.button.face",
            FACE,
            "A button needs a label or an emoji.",
            but(button("a"), json!({ "label": null })),
            FIRST,
        ),
        (
            "component.button.custom_id",
            BUTTON,
            "A button that isn't a link needs a custom_id.",
            but(button("a"), json!({ "custom_id": null })),
            "/components/0/components/0/custom_id",
        ),
        (
            "component.button.url",
            BUTTON,
            "A button that isn't a link can't have a url.",
            but(button("a"), json!({ "url": "https://a.example" })),
            "/components/0/components/0/url",
        ),
        (
            "component.button.sku",
            BUTTON,
            "A button that isn't premium can't have a sku_id.",
            but(button("a"), json!({ "sku_id": "1" })),
            "/components/0/components/0/sku_id",
        ),
        (
            "component.link.url",
            BUTTON,
            "A link button needs a url.",
            but_link(json!({ "url": null })),
            "/components/0/components/0/url",
        ),
        (
            "component.link.url.length",
            BUTTON,
            "A link button's url can have at most 512 characters.",
            but_link(json!({ "url": format!("https://a.example/{}", long(495)) })),
            "/components/0/components/0/url",
        ),
        (
            "component.link.custom_id",
            BUTTON,
            "A link button can't have a custom_id.",
            but_link(json!({ "custom_id": "a" })),
            "/components/0/components/0/custom_id",
        ),
        (
            "component.premium.sku",
            BUTTON,
            "A premium button needs a sku_id.",
            but(premium.clone(), json!({ "sku_id": null })),
            "/components/0/components/0/sku_id",
        ),
        (
            "component.premium.label",
            BUTTON,
            "A premium button can't have a label.",
            but(premium.clone(), json!({ "label": "b" })),
            "/components/0/components/0/label",
        ),
        (
            "component.premium.custom_id",
            BUTTON,
            "A premium button can't have a custom_id.",
            but(premium, json!({ "custom_id": "a" })),
            "/components/0/components/0/custom_id",
        ),
    ]
}

fn selects() -> Rows {
    let select = |count| json!({ "type": 3, "custom_id": "s", "options": options(count) });
    let option = |changes: Value| {
        let option = changed(json!({ "label": "l", "value": "v" }), changes);
        but(select(0), json!({ "options": [option] }))
    };
    vec![
        (
            "component.select.options.most",
            SELECT,
            "A select can have at most 25 options.",
            row(&[select(26)]),
            "/components/0/components/0/options",
        ),
        (
            "component.select.options.none",
            SELECT,
            "A select needs options.",
            row(&[select(0)]),
            "/components/0/components/0/options",
        ),
        (
            "component.select.placeholder",
            SELECT,
            "A placeholder can have at most 150 characters.",
            but(select(1), json!({ "placeholder": long(151) })),
            "/components/0/components/0/placeholder",
        ),
        (
            "component.select.custom_id",
            SELECT,
            "A select needs a custom_id.",
            but(select(1), json!({ "custom_id": null })),
            "/components/0/components/0/custom_id",
        ),
        (
            "component.select.min",
            SELECT,
            "min_values can be at most 25.",
            but(select(1), json!({ "min_values": 26 })),
            "/components/0/components/0/min_values",
        ),
        (
            "component.select.min.least",
            SELECT,
            "min_values must be at least 0.",
            but(select(1), json!({ "min_values": -1 })),
            "/components/0/components/0/min_values",
        ),
        (
            "component.select.max",
            SELECT,
            "max_values can be at most 25.",
            but(select(1), json!({ "max_values": 26 })),
            "/components/0/components/0/max_values",
        ),
        (
            "component.select.crossed",
            Source::Own,
            "min_values can't be greater than max_values.",
            but(select(3), json!({ "min_values": 3, "max_values": 2 })),
            FIRST,
        ),
        (
            "component.select.too_few",
            Source::Own,
            "max_values can't be greater than the number of options.",
            but(select(2), json!({ "max_values": 3 })),
            FIRST,
        ),
        (
            "component.option.label",
            OPTION,
            "An option's label can have at most 100 characters.",
            option(json!({ "label": long(101) })),
            "/components/0/components/0/options/0/label",
        ),
        (
            "component.option.label.needed",
            OPTION,
            "An option needs a label.",
            option(json!({ "label": null })),
            "/components/0/components/0/options/0/label",
        ),
        (
            "component.option.value",
            OPTION,
            "An option's value can have at most 100 characters.",
            option(json!({ "value": long(101) })),
            "/components/0/components/0/options/0/value",
        ),
        (
            "component.option.description",
            OPTION,
            "An option's description can have at most 100 characters.",
            option(json!({ "description": long(101) })),
            "/components/0/components/0/options/0/description",
        ),
        (
            "component.option.default",
            OPTION,
            "default is a boolean.",
            option(json!({ "default": 1 })),
            "/components/0/components/0/options/0/default",
        ),
        (
            "component.option.unique",
            Source::Own,
            "An option's value must be unique in its select.",
            but(select(0), json!({ "options": vec![json!({ "label": "l", "value": "v" }); 2] })),
            "/components/0/components/0/options/1/value",
        ),
        (
            "component.user_select.custom_id",
            page!("components/reference#user-select"),
            "A user select needs a custom_id.",
            row(&[json!({ "type": 5 })]),
            "/components/0/components/0/custom_id",
        ),
        (
            "component.channel_select.types",
            page!("components/reference#channel-select"),
            "channel_types is a list of channel types.",
            row(&[json!({ "type": 8, "custom_id": "c", "channel_types": "text" })]),
            "/components/0/components/0/channel_types",
        ),
    ]
}

async fn numbered(floor: &Floor) -> Any {
    let row = json!({ "type": 1, "components": [button("a"), button("b")] });
    let (_, made) = floor.post(json!({ "content": "c", "components": [row] })).await?;
    let row = &made["components"][0];
    assert_eq!(
        (&row["id"], &row["components"][0]["id"], &row["components"][1]["id"]),
        (&json!(1), &json!(2), &json!(3))
    );
    Ok(())
}

async fn replaced(floor: &Floor) -> Any {
    let (_, made) = floor.post(but(button("a"), json!({}))).await?;
    let path = super::scene::general(floor, &format!("/messages/{}", super::scene::text(&made, "id")));
    let (_, edited) = floor.rest("PATCH", &path, row(&[button("b")])).await?;
    assert_eq!(edited["components"][0]["components"][0]["custom_id"], "b");
    let (_, emptied) = floor.rest("PATCH", &path, json!({ "content": "c", "components": [] })).await?;
    assert_eq!(emptied["components"], json!([]));
    Ok(())
}

async fn disabled(floor: &Floor) -> Any {
    let (_, made) = floor.post(but(button("a"), json!({ "disabled": true }))).await?;
    let pressed = floor.control.button(&floor.ann, super::scene::text(&made, "id"), "a").await;
    assert_eq!(pressed.err().map(|it| it.status), Some(400));
    Ok(())
}

async fn chosen(floor: &Floor) -> Any {
    let select =
        json!({ "type": 3, "custom_id": "s", "options": options(3), "min_values": 2, "max_values": 2 });
    let (_, made) = floor.post(row(&[select])).await?;
    for values in [&["0"][..], &["0", "1", "2"], &["0", "9"]] {
        let refused = floor.control.select(&floor.ann, super::scene::text(&made, "id"), "s", values).await;
        assert_eq!(refused.err().map(|it| it.status), Some(400), "{values:?}");
    }
    Ok(())
}
