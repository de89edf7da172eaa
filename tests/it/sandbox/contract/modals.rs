//! Modals: allowed contents, and what is submitted.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{Scene, text};
use super::{Rule, Sent, Source, changed, faulty, forms, long, page, story};

const MODAL: Source = page!("interactions/receiving-and-responding#interaction-response-object-modal");
const ROW: Source = page!("components/reference#action-row");
const LABEL: Source = page!("components/reference#label");
const INPUT: Source = page!("components/reference#text-input");
const SELECT: Source = page!("components/reference#string-select");
const CALLBACK: Source =
    page!("interactions/receiving-and-responding#interaction-response-object-interaction-callback-type");

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = forms(Sent::Modal, frames());
    rules.extend(forms(Sent::Modal, inputs()));
    rules.push(story!(
        "modal.after_modal",
        CALLBACK,
        "A modal submission can't be answered with another modal.",
        after_modal
    ));
    rules.push(story!(
        "modal.submission",
        INPUT,
        "A submission contains each custom_id with its value.",
        submission
    ));
    rules.push(story!(
        "modal.untouched",
        INPUT,
        "An input left unchanged is submitted with the value it was given.",
        untouched
    ));
    rules.push(story!(
        "modal.typed",
        INPUT,
        "What a person types must satisfy min_length, max_length and required.",
        typed
    ));
    rules.push(story!(
        "modal.unbuilt",
        Source::Own,
        "In a modal, selects of users, roles and channels, file uploads and checkboxes are answered with 501.",
        unbuilt
    ));
    rules
}

fn input(changes: Value) -> Value {
    changed(json!({ "type": 4, "custom_id": "i", "label": "l", "style": 1 }), changes)
}

fn modal(rows: &[Value]) -> Value {
    json!({ "custom_id": "m", "title": "M", "components": rows })
}

fn row(input: &Value) -> Value {
    json!({ "type": 1, "components": [input] })
}

fn label(component: &Value) -> Value {
    json!({ "type": 18, "label": "l", "component": component })
}

type Rows = Vec<(&'static str, Source, &'static str, Value, &'static str)>;

fn frames() -> Rows {
    let one = || row(&input(json!({})));
    let but = |key: &str, value: Value| {
        let mut modal = modal(&[one()]);
        modal[key] = value;
        modal
    };
    let button = json!({ "type": 2, "style": 1, "label": "b", "custom_id": "b" });
    let select = |changes: Value| {
        let select = json!({ "type": 3, "custom_id": "s", "options": [{ "label": "l", "value": "v" }] });
        modal(&[label(&changed(select, changes))])
    };
    vec![
        (
            "modal.title.length",
            MODAL,
            "A title can have at most 45 characters.",
            but("title", json!(long(46))),
            "/data/title",
        ),
        ("modal.title.needed", MODAL, "A modal needs a title.", but("title", Value::Null), "/data/title"),
        (
            "modal.custom_id.length",
            MODAL,
            "A custom_id can have at most 100 characters.",
            but("custom_id", json!(long(101))),
            "/data/custom_id",
        ),
        (
            "modal.custom_id.needed",
            MODAL,
            "A modal needs a custom_id.",
            but("custom_id", Value::Null),
            "/data/custom_id",
        ),
        (
            "modal.components.none",
            MODAL,
            "A modal must have at least 1 component.",
            modal(&[]),
            "/data/components",
        ),
        (
            "modal.components.most",
            MODAL,
            "A modal can have at most 5 components.",
            modal(&vec![one(); 6]),
            "/data/components",
        ),
        (
            "modal.row.one",
            ROW,
            "A row in a modal has one text input.",
            modal(&[
                json!({ "type": 1, "components": [input(json!({})), input(json!({ "custom_id": "j" }))] }),
            ]),
            "/data/components/0/components",
        ),
        (
            "modal.row.button",
            page!("components/reference#button"),
            "Buttons are only allowed in messages.",
            modal(&[row(&button)]),
            "/data/components/0/components/0/type",
        ),
        (
            "modal.top",
            page!("components/reference#component-object"),
            "A text input must be inside a row or a label.",
            modal(&[input(json!({}))]),
            "/data/components/0/type",
        ),
        (
            "modal.custom_id.unique",
            page!("components/reference#anatomy-of-a-component-custom-id"),
            "Each input needs a different custom_id.",
            modal(&[one(), one()]),
            "/data/components/1/components/0/custom_id",
        ),
        (
            "modal.label.length",
            LABEL,
            "A label can have at most 45 characters.",
            modal(&[json!({ "type": 18, "label": long(46), "component": input(json!({})) })]),
            "/data/components/0/label",
        ),
        (
            "modal.label.needed",
            LABEL,
            "A label needs text.",
            modal(&[json!({ "type": 18, "component": input(json!({})) })]),
            "/data/components/0/label",
        ),
        (
            "modal.label.description",
            LABEL,
            "A label's description can have at most 100 characters.",
            modal(&[
                json!({ "type": 18, "label": "l", "description": long(101), "component": input(json!({})) }),
            ]),
            "/data/components/0/description",
        ),
        (
            "modal.label.component",
            LABEL,
            "A label needs a component.",
            modal(&[json!({ "type": 18, "label": "l" })]),
            "/data/components/0/component",
        ),
        (
            "modal.select.disabled",
            SELECT,
            "A select in a modal can't be disabled.",
            select(json!({ "disabled": true })),
            "/data/components/0/component/disabled",
        ),
        (
            "modal.select.required",
            SELECT,
            "If a select is required, its min_values must be at least 1.",
            select(json!({ "min_values": 0 })),
            "/data/components/0/component/min_values",
        ),
        (
            "modal.select.options",
            SELECT,
            "A select in a modal needs options.",
            select(json!({ "options": [] })),
            "/data/components/0/component/options",
        ),
        (
            "modal.select.placeholder",
            SELECT,
            "A placeholder can have at most 150 characters.",
            select(json!({ "placeholder": long(151) })),
            "/data/components/0/component/placeholder",
        ),
    ]
}

fn inputs() -> Rows {
    let at = |changes| modal(&[row(&input(changes))]);
    vec![
        (
            "modal.input.label",
            Source::Observed("https://docs.rs/twilight-validate/latest/twilight_validate/component/"),
            "A text input in a row needs a label of at most 45 characters.",
            at(json!({ "label": long(46) })),
            "/data/components/0/components/0/label",
        ),
        (
            "modal.input.custom_id",
            INPUT,
            "A text input needs a custom_id of at most 100 characters.",
            at(json!({ "custom_id": long(101) })),
            "/data/components/0/components/0/custom_id",
        ),
        (
            "modal.input.style",
            INPUT,
            "A text input's style is 1 or 2.",
            at(json!({ "style": 3 })),
            "/data/components/0/components/0/style",
        ),
        (
            "modal.input.style.needed",
            INPUT,
            "A text input needs a style.",
            at(json!({ "style": null })),
            "/data/components/0/components/0/style",
        ),
        (
            "modal.input.min.most",
            INPUT,
            "min_length can be at most 4,000.",
            at(json!({ "min_length": 4001 })),
            "/data/components/0/components/0/min_length",
        ),
        (
            "modal.input.min.least",
            INPUT,
            "min_length must be at least 0.",
            at(json!({ "min_length": -1 })),
            "/data/components/0/components/0/min_length",
        ),
        (
            "modal.input.max.most",
            INPUT,
            "max_length can be at most 4,000.",
            at(json!({ "max_length": 4001 })),
            "/data/components/0/components/0/max_length",
        ),
        (
            "modal.input.max.least",
            INPUT,
            "max_length must be at least 1.",
            at(json!({ "max_length": 0 })),
            "/data/components/0/components/0/max_length",
        ),
        (
            "modal.input.crossed",
            Source::Own,
            "min_length can't be greater than max_length.",
            at(json!({ "min_length": 3, "max_length": 2 })),
            "/data/components/0/components/0",
        ),
        (
            "modal.input.placeholder",
            INPUT,
            "A placeholder can have at most 100 characters.",
            at(json!({ "placeholder": long(101) })),
            "/data/components/0/components/0/placeholder",
        ),
        (
            "modal.input.value",
            INPUT,
            "A value can have at most 4,000 characters.",
            at(json!({ "value": long(4001) })),
            "/data/components/0/components/0/value",
        ),
        (
            "modal.input.value.max",
            Source::Own,
            "A value can't be longer than max_length.",
            at(json!({ "value": "abc", "max_length": 2 })),
            "/data/components/0/components/0/value",
        ),
        (
            "modal.input.required",
            INPUT,
            "required is a boolean.",
            at(json!({ "required": "no" })),
            "/data/components/0/components/0/required",
        ),
    ]
}

async fn after_modal(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let submitted = scene.submitted().await?;
    let data = modal(&[row(&input(json!({})))]);
    faulty(&scene.respond(&submitted, json!({ "type": 9, "data": data })).await?, "/type");
    Ok(())
}

async fn submission(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let submitted = scene.submitted().await?;
    assert_eq!((&submitted["type"], &submitted["data"]["custom_id"]), (&json!(5), &json!("m")));
    let input = &submitted["data"]["components"][0]["components"][0];
    assert_eq!(
        (&input["type"], &input["custom_id"], &input["value"]),
        (&json!(4), &json!("note"), &json!("typed"))
    );
    Ok(())
}

async fn untouched(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let data = modal(&[label(&input(json!({ "label": null, "value": "before" })))]);
    scene.respond(&asked, json!({ "type": 9, "data": data })).await?;
    let submitted = scene.act("modal", json!({ "interaction": asked["id"], "values": {} })).await?;
    let part = &submitted["data"]["components"][0];
    assert_eq!((&part["type"], &part["component"]["value"]), (&json!(18), &json!("before")));
    Ok(())
}

async fn typed(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let data = modal(&[row(&input(json!({ "min_length": 2, "max_length": 3 })))]);
    scene.respond(&asked, json!({ "type": 9, "data": data })).await?;
    for wrong in ["", "a", "abcd"] {
        let refused = floor.control.modal(&floor.ann, text(&asked, "id"), json!({ "i": wrong })).await.err();
        assert_eq!(refused.map(|it| it.status), Some(400), "{wrong}");
    }
    Ok(())
}

async fn unbuilt(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    for kind in [5, 6, 7, 8, 19, 21, 22, 23] {
        let data = modal(&[label(&json!({ "type": kind, "custom_id": "c" }))]);
        assert_eq!(scene.respond(&asked, json!({ "type": 9, "data": data })).await?.0, 501, "{kind}");
    }
    Ok(())
}
