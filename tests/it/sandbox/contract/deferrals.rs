//! After the first response: deferrals filled, the original and the follow-ups.

use bellringer::sandbox::client::State;
use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::interactions::replied;
use super::scene::{Scene, text};
use super::{Rule, Source, page, refused, story};

const TYPES: Source =
    page!("interactions/receiving-and-responding#interaction-response-object-interaction-callback-type");
const FOLLOW_UP: Source = page!("interactions/receiving-and-responding#create-followup-message");
const ORIGINAL: Source = page!("interactions/receiving-and-responding#edit-original-interaction-response");
const FLAGS: Source = page!("resources/message#message-object-message-flags");
const CODES: Source = page!("topics/opcodes-and-status-codes#json");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "deferral.loading",
            FLAGS,
            "A deferred reply has the loading flag (1 << 7) until it's filled in.",
            loading
        ),
        story!(
            "deferral.follow_up",
            FOLLOW_UP,
            "The first follow-up after a deferral fills in the reply; the next one is a new message.",
            fills
        ),
        story!("deferral.edit", ORIGINAL, "Editing @original fills in a deferred reply.", edit_fills),
        story!(
            "deferral.ephemeral",
            FOLLOW_UP,
            "The deferral decides who sees the reply; flags on the follow-up that fills it in are ignored.",
            fixed
        ),
        story!(
            "deferral.update",
            TYPES,
            "A deferred update shows nothing; editing @original changes the component's message.",
            deferred_update
        ),
        story!(
            "deferral.update.follow_up",
            TYPES,
            "A follow-up after a deferred update is a new message.",
            update_then_follow_up
        ),
        story!(
            "original.get",
            page!("interactions/receiving-and-responding#get-original-interaction-response"),
            "@original is the first response.",
            get_original
        ),
        story!(
            "original.delete",
            page!("interactions/receiving-and-responding#delete-original-interaction-response"),
            "@original can be deleted once (204, then 10008).",
            delete_original
        ),
        story!(
            "original.none",
            page!("interactions/receiving-and-responding#get-original-interaction-response"),
            "After a modal response, there's no @original (10008).",
            no_original
        ),
        story!(
            "follow_up.edit",
            page!("interactions/receiving-and-responding#edit-followup-message"),
            "A follow-up can be read, edited and deleted by its id.",
            own_follow_up
        ),
        story!(
            "follow_up.foreign",
            page!("resources/webhook#get-webhook-message"),
            "The token can't be used to reach other messages (10008).",
            foreign
        ),
        story!(
            "follow_up.ephemeral",
            FOLLOW_UP,
            "Only the person who used the interaction sees an ephemeral follow-up.",
            ephemeral
        ),
        story!("follow_up.empty", CODES, "An empty follow-up is refused (50006).", empty_follow_up),
    ]
}

/// Defers with these flags and reads the placeholder.
async fn deferred(floor: &Floor, flags: u64) -> Any<(Scene<'_>, Value, Value)> {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    assert_eq!(scene.respond(&asked, json!({ "type": 5, "data": { "flags": flags } })).await?.0, 204);
    let (_, placeholder) = scene.webhook("GET", &asked, "/messages/@original", json!({})).await?;
    Ok((scene, asked, placeholder))
}

async fn loading(floor: &Floor) -> Any {
    let (scene, asked, placeholder) = deferred(floor, 0).await?;
    assert_eq!(placeholder["flags"], 128);
    let (_, filled) =
        scene.webhook("PATCH", &asked, "/messages/@original", json!({ "content": "done" })).await?;
    assert_eq!((&filled["flags"], &filled["edited_timestamp"]), (&json!(0), &Value::Null));
    Ok(())
}

async fn fills(floor: &Floor) -> Any {
    let (scene, asked, placeholder) = deferred(floor, 0).await?;
    let (_, filled) = scene.webhook("POST", &asked, "", json!({ "content": "done" })).await?;
    let (_, second) = scene.webhook("POST", &asked, "", json!({ "content": "more" })).await?;
    assert_eq!(filled["id"], placeholder["id"]);
    assert_ne!(second["id"], placeholder["id"]);
    Ok(())
}

async fn edit_fills(floor: &Floor) -> Any {
    let (scene, asked, placeholder) = deferred(floor, 0).await?;
    let (_, filled) =
        scene.webhook("PATCH", &asked, "/messages/@original", json!({ "content": "done" })).await?;
    assert_eq!((&filled["id"], &filled["content"]), (&placeholder["id"], &json!("done")));
    let (_, second) = scene.webhook("POST", &asked, "", json!({ "content": "more" })).await?;
    assert_ne!(second["id"], placeholder["id"]);
    assert_eq!(floor.control.outcome(text(&asked, "id")).await?.state, State::Replied);
    Ok(())
}

async fn fixed(floor: &Floor) -> Any {
    for (deferral, follow_up, private) in [(64, 0, true), (0, 64, false)] {
        let (scene, asked, _) = deferred(floor, deferral).await?;
        scene.webhook("POST", &asked, "", json!({ "content": "done", "flags": follow_up })).await?;
        assert_eq!(floor.control.outcome(text(&asked, "id")).await?.ephemeral, private);
    }
    Ok(())
}

async fn deferred_update(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (asked, message) = scene.pressed().await?;
    assert_eq!(scene.respond(&asked, json!({ "type": 6 })).await?.0, 204);
    assert_eq!(floor.control.messages(&floor.guild.channel_id, None).await?.len(), 1);
    let (_, edited) =
        scene.webhook("PATCH", &asked, "/messages/@original", json!({ "content": "new" })).await?;
    assert_eq!((&edited["id"], &edited["content"]), (&message["id"], &json!("new")));
    Ok(())
}

async fn update_then_follow_up(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (asked, message) = scene.pressed().await?;
    scene.respond(&asked, json!({ "type": 6 })).await?;
    let (_, made) = scene.webhook("POST", &asked, "", json!({ "content": "new" })).await?;
    assert_ne!(made["id"], message["id"]);
    Ok(())
}

async fn get_original(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    scene.webhook("POST", &asked, "", json!({ "content": "more" })).await?;
    let (status, original) = scene.webhook("GET", &asked, "/messages/@original", json!({})).await?;
    assert_eq!((status, text(&original, "content")), (200, "hi"));
    Ok(())
}

async fn delete_original(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    let path = "/messages/@original";
    assert_eq!(scene.webhook("DELETE", &asked, path, json!({})).await?, (204, Value::Null));
    refused(&scene.webhook("DELETE", &asked, path, json!({})).await?, 404, 10008);
    Ok(())
}

async fn no_original(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let input = json!({ "type": 4, "custom_id": "i", "label": "l", "style": 1 });
    let rows = json!([{ "type": 1, "components": [input] }]);
    let data = json!({ "custom_id": "m", "title": "M", "components": rows });
    scene.respond(&asked, json!({ "type": 9, "data": data })).await?;
    refused(&scene.webhook("GET", &asked, "/messages/@original", json!({})).await?, 404, 10008);
    Ok(())
}

async fn own_follow_up(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    let (_, made) = scene.webhook("POST", &asked, "", json!({ "content": "a" })).await?;
    let path = format!("/messages/{}", text(&made, "id"));
    assert_eq!(scene.webhook("GET", &asked, &path, json!({})).await?.1["content"], "a");
    assert_eq!(scene.webhook("PATCH", &asked, &path, json!({ "content": "b" })).await?.1["content"], "b");
    assert_eq!(scene.webhook("DELETE", &asked, &path, json!({})).await?.0, 204);
    refused(&scene.webhook("GET", &asked, &path, json!({})).await?, 404, 10008);
    Ok(())
}

async fn foreign(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    let (_, plain) = floor.post(json!({ "content": "plain" })).await?;
    let path = format!("/messages/{}", text(&plain, "id"));
    refused(&scene.webhook("PATCH", &asked, &path, json!({ "content": "b" })).await?, 404, 10008);
    Ok(())
}

async fn ephemeral(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    let (_, made) = scene.webhook("POST", &asked, "", json!({ "content": "psst", "flags": 64 })).await?;
    assert_eq!(made["flags"], 64);
    let channel = &floor.guild.channel_id;
    assert_eq!(floor.control.messages(channel, Some(&floor.ann)).await?.len(), 2);
    assert_eq!(floor.control.messages(channel, Some(&floor.guild.owner_id)).await?.len(), 1);
    Ok(())
}

async fn empty_follow_up(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    refused(&scene.webhook("POST", &asked, "", json!({})).await?, 400, 50006);
    Ok(())
}
