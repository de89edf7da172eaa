//! Autocomplete: what the bot is asked, and what it may suggest.

use bellringer::sandbox::client::State;
use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{Scene, text};
use super::{Rule, Sent, Source, faulty, forms, long, page, story};

const RESPONSE: Source =
    page!("interactions/receiving-and-responding#interaction-response-object-autocomplete");
const CHOICE: Source = page!(
    "interactions/application-commands#application-command-object-application-command-option-choice-structure"
);
const AUTOCOMPLETE: Source = page!("interactions/application-commands#autocomplete");
const CALLBACK: Source =
    page!("interactions/receiving-and-responding#interaction-response-object-interaction-callback-type");

pub(super) fn rules() -> Vec<Rule> {
    let choices = |list: Vec<Value>| json!({ "choices": list });
    let one = |name: Value, value: Value| choices(vec![json!({ "name": name, "value": value })]);
    let mut rules = forms(
        Sent::Choices,
        vec![
            (
                "autocomplete.most",
                RESPONSE,
                "A response can suggest at most 25 choices.",
                choices((0..26).map(|n| json!({ "name": n.to_string(), "value": "v" })).collect()),
                "/data/choices",
            ),
            (
                "autocomplete.needed",
                RESPONSE,
                "A response needs choices, even if the list is empty.",
                json!({}),
                "/data/choices",
            ),
            (
                "autocomplete.name.length",
                CHOICE,
                "A choice's name can have at most 100 characters.",
                one(json!(long(101)), json!("v")),
                "/data/choices/0/name",
            ),
            (
                "autocomplete.name.empty",
                CHOICE,
                "A choice's name must have at least 1 character.",
                one(json!(""), json!("v")),
                "/data/choices/0/name",
            ),
            (
                "autocomplete.value.length",
                CHOICE,
                "A choice's value can have at most 100 characters.",
                one(json!("n"), json!(long(101))),
                "/data/choices/0/value",
            ),
            (
                "autocomplete.value.needed",
                CHOICE,
                "A choice needs a value.",
                choices(vec![json!({ "name": "n" })]),
                "/data/choices/0/value",
            ),
            (
                "autocomplete.value.string",
                CHOICE,
                "A string option's choices have string values.",
                one(json!("n"), json!(5)),
                "/data/choices/0/value",
            ),
        ],
    );
    rules.push(story!(
        "autocomplete.value.integer",
        CHOICE,
        "An integer option's choices have integer values.",
        integers
    ));
    rules.push(story!(
        "autocomplete.asked",
        AUTOCOMPLETE,
        "An autocomplete interaction contains what was typed so far and which option has the focus.",
        focused
    ));
    rules.push(story!(
        "autocomplete.free",
        AUTOCOMPLETE,
        "People can enter values that weren't suggested.",
        free
    ));
    rules.push(story!(
        "autocomplete.answer",
        CALLBACK,
        "An autocomplete interaction can be answered only with choices.",
        only_choices
    ));
    rules.push(story!(
        "autocomplete.elsewhere",
        CALLBACK,
        "Choices can't answer any other kind of interaction.",
        elsewhere
    ));
    rules.push(story!("autocomplete.empty", RESPONSE, "An empty list of choices is a valid answer.", none));
    rules
}

async fn integers(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let option = json!({ "type": 4, "name": "count", "description": "d", "autocomplete": true });
    floor.register(json!([{ "name": "pick", "description": "d", "options": [option] }])).await?;
    let typed = json!({ "name": "pick", "options": { "count": "1" }, "focused": "count" });
    let asked = scene.act("autocomplete", typed).await?;
    for (value, status) in [(json!("1"), 400), (json!(1.5), 400), (json!(1), 204)] {
        let data = json!({ "choices": [{ "name": "n", "value": value }] });
        assert_eq!(scene.respond(&asked, json!({ "type": 8, "data": data })).await?.0, status, "{value}");
    }
    Ok(())
}

async fn focused(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.typed("zone").await?;
    assert_eq!(asked["type"], 4);
    let options = asked["data"]["options"][0]["options"].as_array().ok_or("no options")?;
    let zone = options.iter().find(|it| it["name"] == "zone").ok_or("no zone")?;
    assert_eq!((&zone["focused"], &zone["value"]), (&json!(true), &json!("Lon")));
    assert!(options.iter().all(|it| it["name"] == "zone" || it["focused"] != true));
    Ok(())
}

async fn free(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.typed("zone").await?;
    let data = json!({ "choices": [{ "name": "London", "value": "london" }] });
    scene.respond(&asked, json!({ "type": 8, "data": data })).await?;
    let options = json!({ "amount": "1", "zone": "nowhere" });
    floor.control.command_unawaited(&floor.place(), "win log", options).await?;
    Ok(())
}

async fn only_choices(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.typed("zone").await?;
    for kind in [1, 4, 5, 6, 7, 9] {
        let body = json!({ "type": kind, "data": { "content": "c", "choices": [] } });
        faulty(&scene.respond(&asked, body).await?, "/type");
    }
    Ok(())
}

async fn elsewhere(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (pressed, _) = scene.pressed().await?;
    for asked in [scene.asked().await?, pressed, scene.submitted().await?] {
        let body = json!({ "type": 8, "data": { "choices": [] } });
        faulty(&scene.respond(&asked, body).await?, "/type");
    }
    Ok(())
}

async fn none(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.typed("zone").await?;
    let answer = scene.respond(&asked, json!({ "type": 8, "data": { "choices": [] } })).await?;
    assert_eq!(answer.0, 204);
    assert_eq!(floor.control.outcome(text(&asked, "id")).await?.state, State::Choices);
    Ok(())
}
