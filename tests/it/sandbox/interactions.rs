//! Interactions, from the press to the last follow-up.

use bellringer::sandbox::client::State;
use bellringer::sandbox::{Limits, Options};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::wire::Wire;
use super::{Any, Floor};

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// Ann uses `/win log amount:1`; returns the interaction as the bot received it.
async fn asked(floor: &Floor, wire: &mut Wire) -> Any<Value> {
    floor.control.command_unawaited(&floor.place(), "win log", json!({ "amount": "1" })).await?;
    wire.event("INTERACTION_CREATE")
}

async fn respond(floor: &Floor, asked: &Value, body: Value) -> Any<(u16, Value)> {
    floor
        .rest("POST", &format!("/interactions/{}/{}/callback", text(asked, "id"), text(asked, "token")), body)
        .await
}

fn webhook(floor: &Floor, asked: &Value, rest: &str) -> String {
    format!("/webhooks/{}/{}{rest}", floor.app, text(asked, "token"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deferral_decides_who_sees_and_the_first_follow_up_fills_it() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let asked = asked(&floor, &mut wire).await?;
    assert_eq!(asked["data"]["options"][0]["options"][0]["value"], "1");
    let before = floor.rest("POST", &webhook(&floor, &asked, ""), json!({ "content": "early" })).await?;
    assert_eq!((before.0, &before.1["code"]), (404, &json!(10015)), "no webhook before the first response");
    assert_eq!(respond(&floor, &asked, json!({ "type": 5, "data": { "flags": 64 } })).await?.0, 204);
    let twice = respond(&floor, &asked, json!({ "type": 5 })).await?;
    assert_eq!((twice.0, &twice.1["code"]), (400, &json!(40060)));
    assert_eq!(floor.control.outcome(text(&asked, "id")).await?.state, State::Deferred);
    let (_, filled) = floor.rest("POST", &webhook(&floor, &asked, ""), json!({ "content": "done" })).await?;
    let outcome = floor.control.outcome(text(&asked, "id")).await?;
    assert_eq!((outcome.state, outcome.ephemeral), (State::Replied, true));
    assert_eq!(outcome.message.map(|message| message["id"].clone()), Some(filled["id"].clone()));
    let (_, second) = floor.rest("POST", &webhook(&floor, &asked, ""), json!({ "content": "more" })).await?;
    assert_ne!(second["id"], filled["id"]);
    assert_eq!(floor.control.messages(&floor.guild.channel_id, Some(&floor.ann)).await?.len(), 2);
    assert_eq!(floor.control.messages(&floor.guild.channel_id, Some(&floor.guild.owner_id)).await?.len(), 1);
    let (status, original) =
        floor.rest("GET", &webhook(&floor, &asked, "/messages/@original"), json!({})).await?;
    assert_eq!((status, &original["content"]), (200, &json!("done")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_dies_after_a_quarter_of_an_hour() -> Any {
    let noon: DateTime<Utc> = "2026-04-06T12:00:00Z".parse()?;
    let floor =
        Floor::with(Options { now: Some(noon), limits: Limits::Lifted, ..Options::default() }).await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let asked = asked(&floor, &mut wire).await?;
    respond(&floor, &asked, json!({ "type": 4, "data": { "content": "hi" } })).await?;
    floor.control.set_clock(Some(noon + Duration::minutes(14))).await?;
    assert_eq!(floor.rest("POST", &webhook(&floor, &asked, ""), json!({ "content": "ok" })).await?.0, 200);
    floor.control.set_clock(Some(noon + Duration::minutes(16))).await?;
    let late = floor.rest("POST", &webhook(&floor, &asked, ""), json!({ "content": "late" })).await?;
    assert_eq!((late.0, &late.1["code"]), (401, &json!(50027)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_seconds_without_an_answer_are_silence_and_void_the_token() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let outcome = floor.control.command(&floor.place(), "win log", json!({ "amount": "1" })).await?;
    assert_eq!(outcome.state, State::Silent);
    let asked = wire.event("INTERACTION_CREATE")?;
    let late = respond(&floor, &asked, json!({ "type": 4, "data": { "content": "late" } })).await?;
    assert_eq!((late.0, &late.1["code"]), (404, &json!(10062)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buttons_update_modals_open_and_come_back() -> Any {
    let floor = Floor::open().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let buttons = json!([{ "type": 1, "components": [
        { "type": 2, "style": 1, "label": "Cheer", "custom_id": "cheer" },
        { "type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": true },
    ] }]);
    let (_, posted) = floor.post(json!({ "content": "win", "components": buttons })).await?;
    let message = text(&posted, "id");
    assert_eq!(floor.control.button(&floor.ann, message, "off").await.err().map(|it| it.status), Some(400));
    assert_eq!(floor.control.button(&floor.ann, message, "none").await.err().map(|it| it.status), Some(404));
    let press = json!({ "user": floor.ann, "message": message, "custom_id": "cheer", "wait": false });
    let url = format!("{}/sandbox/act/button", floor.sandbox.url());
    let client = reqwest::Client::new();
    client.post(&url).json(&press).send().await?.error_for_status()?;
    let asked = wire.event("INTERACTION_CREATE")?;
    assert_eq!((&asked["message"]["id"], &asked["data"]["component_type"]), (&posted["id"], &json!(2)));
    let refused = respond(&floor, &asked, json!({ "type": 8, "data": { "choices": [] } })).await?;
    assert_eq!((refused.0, &refused.1["code"]), (400, &json!(50035)), "suggestions don't answer a button");
    let input = json!({ "type": 4, "custom_id": "note", "label": "Note", "style": 1, "min_length": 3, "max_length": 5 });
    let modal =
        json!({ "custom_id": "m", "title": "M", "components": [{ "type": 1, "components": [input] }] });
    assert_eq!(respond(&floor, &asked, json!({ "type": 9, "data": modal })).await?.0, 204);
    let id = text(&asked, "id");
    for wrong in ["", "ab", "abcdef"] {
        let refused = floor.control.modal(&floor.ann, id, json!({ "note": wrong })).await.err();
        assert_eq!(refused.map(|it| it.status), Some(400), "{wrong}");
    }
    let url = format!("{}/sandbox/act/modal", floor.sandbox.url());
    let submit = json!({ "user": floor.ann, "interaction": id, "values": { "note": "abcd" }, "wait": false });
    client.post(&url).json(&submit).send().await?.error_for_status()?;
    let submitted = wire.event("INTERACTION_CREATE")?;
    assert_eq!(submitted["data"]["components"][0]["components"][0]["value"], "abcd");
    assert_eq!(
        respond(&floor, &submitted, json!({ "type": 7, "data": { "content": "abcd", "components": [] } }))
            .await?
            .0,
        204
    );
    let outcome = floor.control.outcome(text(&submitted, "id")).await?;
    assert_eq!(outcome.state, State::Updated);
    assert_eq!(outcome.message.map(|it| it["content"].clone()), Some(json!("abcd")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_persons_client_refuses_what_discords_would() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let place = floor.place();
    for (name, options, status) in [
        ("nothing", json!({}), 404),
        ("win", json!({}), 400),
        ("win log", json!({}), 400),
        ("win log", json!({ "amount": "1", "count": 6 }), 400),
        ("win log", json!({ "amount": "1", "count": "one" }), 400),
        ("win log", json!({ "amount": "1", "with": "77" }), 404),
        ("win log", json!({ "amount": "1", "colour": "red" }), 400),
        ("boss", json!({}), 403),
    ] {
        let refused = floor.control.command(&place, name, options.clone()).await.err();
        assert_eq!(refused.map(|it| it.status), Some(status), "{name} {options}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_delivery_is_the_same_interaction() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let first = asked(&floor, &mut wire).await?;
    respond(&floor, &first, json!({ "type": 4, "data": { "content": "hi" } })).await?;
    floor.control.redeliver(text(&first, "id")).await?;
    assert_eq!(wire.event("INTERACTION_CREATE")?, first);
    Ok(())
}

/// Ann opens a modal with a select of two options, modified as given; returns the interaction that opened it.
async fn form(floor: &Floor, wire: &mut Wire, changes: &[(&str, Value)]) -> Any<String> {
    let asked = asked(floor, wire).await?;
    let options = json!([{ "label": "A", "value": "a" }, { "label": "B", "value": "b" }]);
    let mut select = json!({ "type": 3, "custom_id": "s", "options": options });
    for (key, value) in changes {
        select[*key] = value.clone();
    }
    let label = json!({ "type": 18, "label": "l", "component": select });
    let data = json!({ "custom_id": "m", "title": "M", "components": [label] });
    assert_eq!(respond(floor, &asked, json!({ "type": 9, "data": data })).await?.0, 204);
    Ok(text(&asked, "id").to_owned())
}

/// Ann submits the modal; returns the status and, on success, the submission as the bot received it.
async fn sends(floor: &Floor, wire: &mut Wire, form: &str, values: Value) -> Any<(u16, Value)> {
    let url = format!("{}/sandbox/act/modal", floor.sandbox.url());
    let body = json!({ "user": floor.ann, "interaction": form, "values": values, "wait": false });
    let status = floor.http.post(url).json(&body).send().await?.status().as_u16();
    Ok((status, if status == 200 { wire.event("INTERACTION_CREATE")? } else { Value::Null }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_select_of_a_form_takes_as_many_of_its_options_as_it_says_and_none_twice() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let optional = ("required", json!(false));
    let two = [("min_values", json!(2)), ("max_values", json!(2))];
    let chosen = json!([{ "label": "A", "value": "a", "default": true }, { "label": "B", "value": "b" }]);
    for (changes, values, status) in [
        (vec![], json!({}), 400),
        (vec![], json!({ "s": [] }), 400),
        (vec![], json!({ "s": ["c"] }), 400),
        (vec![], json!({ "s": "a" }), 400),
        (vec![], json!({ "s": ["a", "b"] }), 400),
        (vec![], json!(5), 400),
        (vec![], json!({ "s": ["a"] }), 200),
        (two.to_vec(), json!({ "s": ["a", "a"] }), 400),
        (two.to_vec(), json!({ "s": ["a"] }), 400),
        (two.to_vec(), json!({ "s": ["b", "a"] }), 200),
        (vec![optional.clone()], json!({}), 200),
        (vec![("options", chosen)], json!({}), 200),
    ] {
        let form = form(&floor, &mut wire, &changes).await?;
        let (got, _) = sends(&floor, &mut wire, &form, values.clone()).await?;
        assert_eq!(got, status, "{changes:?} {values}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_goes_once_and_again_only_where_it_was_refused_or_left_unanswered() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (mut wire, _) = Wire::ready(&floor, 1)?;
    let form = form(&floor, &mut wire, &[]).await?;
    let good = json!({ "s": ["a"] });
    assert_eq!(sends(&floor, &mut wire, &form, json!({ "s": ["c"] })).await?.0, 400);
    assert_eq!(sends(&floor, &mut wire, &form, good.clone()).await?.0, 200);
    assert_eq!(sends(&floor, &mut wire, &form, good.clone()).await?.0, 404, "the bot may still answer");
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let (status, again) = sends(&floor, &mut wire, &form, good.clone()).await?;
    assert_eq!(status, 200, "the bot did not answer");
    assert_eq!(respond(&floor, &again, json!({ "type": 4, "data": { "content": "ok" } })).await?.0, 204);
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    assert_eq!(sends(&floor, &mut wire, &form, good).await?.0, 404);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_of_a_select_is_chosen_once() -> Any {
    let floor = Floor::open().await?;
    let options = json!([{ "label": "A", "value": "a" }, { "label": "B", "value": "b" }]);
    let select = json!({ "type": 3, "custom_id": "s", "max_values": 2, "options": options });
    let people = json!({ "type": 5, "custom_id": "p", "max_values": 2 });
    let rows = json!([{ "type": 1, "components": [select] }, { "type": 1, "components": [people] }]);
    let (_, posted) = floor.post(json!({ "content": "choose", "components": rows })).await?;
    for (select, value) in [("s", "a"), ("p", &*floor.ann)] {
        let refused = floor.control.select(&floor.ann, text(&posted, "id"), select, &[value, value]).await;
        assert_eq!(refused.err().map(|it| it.status), Some(400), "{select}");
    }
    Ok(())
}

#[tokio::test]
async fn a_number_is_finite() -> Any {
    let floor = Floor::open().await?;
    let option = json!({ "type": 10, "name": "x", "description": "d", "required": true });
    floor.register(json!([{ "name": "n", "description": "d", "options": [option] }])).await?;
    for number in ["nan", "inf", "-inf", "1e999"] {
        let refused = floor.control.command_unawaited(&floor.place(), "n", json!({ "x": number })).await;
        assert_eq!(refused.err().map(|it| it.status), Some(400), "{number}");
    }
    floor.control.command_unawaited(&floor.place(), "n", json!({ "x": "1.5" })).await?;
    Ok(())
}
