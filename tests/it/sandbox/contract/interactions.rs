//! Interactions: the first response, deferral, follow-ups and the token's lifetime.

use chrono::Duration;
use serde_json::{Value, json};

use bellringer::sandbox::client::{Place, State};

use super::super::{Any, Floor};
use super::scene::{Scene, at_noon, general, text};
use super::{Rule, Source, faulty, page, refused, story};

const CALLBACK: Source = page!("interactions/receiving-and-responding#interaction-callback");
const TYPES: Source =
    page!("interactions/receiving-and-responding#interaction-response-object-interaction-callback-type");
const CREATE: Source = page!("interactions/receiving-and-responding#create-interaction-response");
const DATA: Source = page!(
    "interactions/receiving-and-responding#interaction-response-object-interaction-callback-data-structure"
);
const INTERACTION: Source = page!("interactions/receiving-and-responding#interaction-object");
const CODES: Source = page!("topics/opcodes-and-status-codes#json");
const EXPIRED: Source = Source::Observed("https://github.com/discord/discord-api-docs/issues/6851");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "interaction.callback",
            CREATE,
            "Responding to an interaction answers 204 with no body.",
            answered
        ),
        story!(
            "interaction.with_response",
            CREATE,
            "With with_response, the answer is 200 with the interaction and the resource.",
            with_response
        ),
        story!("interaction.twice", CODES, "A second response is refused (40060).", twice),
        story!(
            "interaction.late",
            CALLBACK,
            "After 3 seconds without a response, the token is invalid (10062).",
            late
        ),
        story!(
            "interaction.arrives",
            Source::Own,
            "An interaction delivered late keeps the id from when it was made, and only the rest of the 3 seconds is left.",
            arrives_late
        ),
        story!("interaction.unknown", CODES, "An interaction that doesn't exist gives 10062.", unknown),
        story!(
            "interaction.token",
            Source::Own,
            "An interaction's id with another interaction's token gives 10062.",
            wrong_token
        ),
        story!("interaction.lives", CALLBACK, "A token is valid for 15 minutes.", lives),
        story!(
            "interaction.expired",
            EXPIRED,
            "After 15 minutes, the interaction's webhook answers 401 with 50027.",
            expired
        ),
        story!(
            "interaction.early",
            Source::Observed("https://github.com/Snazzah/slash-create/issues/127"),
            "Before the first response, the interaction's webhook doesn't exist (10015).",
            early
        ),
        story!(
            "interaction.types.command",
            TYPES,
            "A command can be answered with type 4, 5 or 9.",
            command_types
        ),
        story!(
            "interaction.types.component",
            TYPES,
            "A component can be answered with type 4, 5, 6, 7 or 9.",
            component_types
        ),
        story!(
            "interaction.types.modal",
            TYPES,
            "A modal opened by a command can be answered with type 4 or 5, because there's no message to update.",
            modal_types
        ),
        story!("interaction.empty", CODES, "An empty response is refused (50006).", empty),
        story!("interaction.flags", DATA, "EPHEMERAL is the only flag a deferral can have.", deferral_flags),
        story!(
            "interaction.fault",
            page!("reference#error-messages"),
            "Errors in the message are reported under data.",
            fault_place
        ),
        story!(
            "interaction.update",
            TYPES,
            "An update response changes the message that the component is on.",
            update
        ),
        story!(
            "interaction.permissions",
            page!("interactions/application-commands#authorizing-your-application"),
            "Responding needs no permissions in the channel.",
            no_permission
        ),
        story!(
            "interaction.payload.guild",
            INTERACTION,
            "In a guild, an interaction contains member, guild, locale, permissions and context 0.",
            in_guild
        ),
        story!(
            "interaction.payload.direct",
            INTERACTION,
            "In direct messages, an interaction contains the user and context 1.",
            in_direct
        ),
        story!(
            "interaction.payload.component",
            INTERACTION,
            "A button press contains the message, the custom_id and the component's type.",
            press
        ),
        story!(
            "interaction.payload.select",
            INTERACTION,
            "When users are selected, the interaction contains their resolved data.",
            resolved
        ),
        story!(
            "interaction.message",
            page!("resources/message#message-interaction-metadata-object"),
            "A reply has type 20 and says which interaction it answers.",
            metadata
        ),
    ]
}

pub(super) fn hi(kind: u8) -> Value {
    json!({ "type": kind, "data": { "content": "hi" } })
}

async fn answered(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    assert_eq!(scene.respond(&asked, hi(4)).await?, (204, Value::Null));
    Ok(())
}

async fn with_response(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let (id, token) = (text(&asked, "id"), text(&asked, "token"));
    let path = format!("/interactions/{id}/{token}/callback?with_response=true");
    let (status, answer) = floor.rest("POST", &path, hi(4)).await?;
    assert_eq!(
        (status, &answer["interaction"]["id"], &answer["interaction"]["type"]),
        (200, &asked["id"], &json!(2))
    );
    let message = &answer["resource"]["message"];
    assert_eq!((&answer["resource"]["type"], &message["content"]), (&json!(4), &json!("hi")));
    assert_eq!(answer["interaction"]["response_message_id"], message["id"]);
    assert_eq!(answer["interaction"]["response_message_ephemeral"], false);
    Ok(())
}

async fn twice(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    for first in [hi(4), json!({ "type": 5 })] {
        let asked = scene.asked().await?;
        scene.respond(&asked, first).await?;
        refused(&scene.respond(&asked, hi(4)).await?, 400, 40060);
    }
    Ok(())
}

async fn late(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    refused(&scene.respond(&asked, hi(4)).await?, 404, 10062);
    assert_eq!(floor.control.outcome(text(&asked, "id")).await?.state, State::Silent);
    Ok(())
}

async fn arrives_late(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let place = floor.place();
    for (seconds, status) in [(2.0, 204), (3.5, 404), (900.0, 404)] {
        let control = floor.control.late(seconds);
        let now = floor.control.clock().await?.timestamp_millis();
        control.command_unawaited(&place, "win log", json!({ "amount": "1" })).await?;
        let asked = scene.wire.event("INTERACTION_CREATE")?;
        let made = (text(&asked, "id").parse::<i64>()? >> 22) + 1_420_070_400_000;
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
        let age = Duration::milliseconds(now - made) - Duration::milliseconds((seconds * 1000.0) as i64);
        assert!(age.abs() < Duration::seconds(1), "{seconds} s: its id is of {age} before");
        let answer = scene.respond(&asked, hi(4)).await?;
        assert_eq!(answer.0, status, "{seconds} s");
        if status == 404 {
            refused(&answer, 404, 10062);
            refused(&scene.respond(&asked, hi(4)).await?, 404, 10062);
        }
    }
    assert_eq!(
        floor
            .control
            .late(901.0)
            .command(&place, "win log", json!({ "amount": "1" }))
            .await
            .err()
            .map(|it| it.status),
        Some(400)
    );
    Ok(())
}

async fn unknown(floor: &Floor) -> Any {
    refused(&floor.rest("POST", "/interactions/1/token/callback", hi(4)).await?, 404, 10062);
    Ok(())
}

async fn wrong_token(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (one, other) = (scene.asked().await?, scene.asked().await?);
    let mixed = json!({ "id": one["id"], "token": other["token"] });
    refused(&scene.respond(&mixed, hi(4)).await?, 404, 10062);
    Ok(())
}

async fn after(minutes: i64) -> Any<(u16, Value)> {
    let (floor, noon) = at_noon().await?;
    let mut scene = Scene::open(&floor).await?;
    let asked = scene.asked().await?;
    scene.respond(&asked, hi(4)).await?;
    floor.control.set_clock(Some(noon + Duration::minutes(minutes))).await?;
    scene.webhook("POST", &asked, "", json!({ "content": "more" })).await
}

async fn lives(_: &Floor) -> Any {
    assert_eq!(after(14).await?.0, 200);
    Ok(())
}

async fn expired(_: &Floor) -> Any {
    refused(&after(16).await?, 401, 50027);
    Ok(())
}

async fn early(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let body = json!({ "content": "early" });
    refused(&scene.webhook("POST", &asked, "", body.clone()).await?, 404, 10015);
    refused(&scene.webhook("PATCH", &asked, "/messages/@original", body).await?, 404, 10015);
    Ok(())
}

async fn command_types(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    for kind in [1, 2, 3, 6, 7, 8, 10, 11, 12] {
        faulty(&scene.respond(&asked, hi(kind)).await?, "/type");
    }
    faulty(&scene.respond(&asked, json!({})).await?, "/type");
    Ok(())
}

async fn component_types(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (asked, _) = scene.pressed().await?;
    for kind in [1, 8, 12] {
        faulty(&scene.respond(&asked, hi(kind)).await?, "/type");
    }
    Ok(())
}

async fn modal_types(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.submitted().await?;
    for kind in [1, 6, 7, 8] {
        faulty(&scene.respond(&asked, hi(kind)).await?, "/type");
    }
    Ok(())
}

async fn empty(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    refused(&scene.respond(&asked, json!({ "type": 4, "data": {} })).await?, 400, 50006);
    Ok(())
}

async fn deferral_flags(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    for flag in [4, 4096] {
        faulty(&scene.respond(&asked, json!({ "type": 5, "data": { "flags": flag } })).await?, "/data/flags");
    }
    assert_eq!(scene.respond(&asked, json!({ "type": 5, "data": { "flags": 64 } })).await?.0, 204);
    Ok(())
}

async fn fault_place(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let body = json!({ "type": 4, "data": { "content": super::long(2001) } });
    faulty(&scene.respond(&asked, body).await?, "/data/content");
    Ok(())
}

async fn update(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (asked, message) = scene.pressed().await?;
    assert_eq!(scene.respond(&asked, hi(7)).await?.0, 204);
    let path = general(floor, &format!("/messages/{}", text(&message, "id")));
    assert_eq!(floor.rest("GET", &path, json!({})).await?.1["content"], "hi");
    Ok(())
}

/// Ann uses a command and the bot answers "hi".
pub(super) async fn replied(floor: &Floor) -> Any<(Scene<'_>, Value)> {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    assert_eq!(scene.respond(&asked, hi(4)).await?.0, 204);
    Ok((scene, asked))
}

async fn no_permission(floor: &Floor) -> Any {
    super::scene::permit(floor, 0, 1 << 11 | 1 << 14).await?;
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let body = json!({ "type": 4, "data": { "embeds": [{ "title": "t" }] } });
    assert_eq!(scene.respond(&asked, body).await?.0, 204);
    Ok(())
}

async fn in_guild(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    assert_eq!((&asked["version"], &asked["context"], asked.get("user")), (&json!(1), &json!(0), None));
    assert_eq!((text(&asked, "guild_id"), text(&asked, "application_id")), (&*floor.guild.id, &*floor.app));
    assert_eq!(asked["member"]["user"]["id"], json!(floor.ann));
    assert_eq!(asked["authorizing_integration_owners"], json!({ "0": floor.guild.id }));
    for key in ["app_permissions", "locale", "guild_locale", "token", "channel_id"] {
        assert!(asked[key].is_string(), "{key}");
    }
    assert!(asked["member"]["permissions"].is_string() && asked["entitlements"].is_array());
    assert_eq!(asked["attachment_size_limit"], 10 * 1024 * 1024);
    Ok(())
}

async fn in_direct(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let options = json!({ "amount": "1" });
    floor.control.command_unawaited(&Place::direct(&floor.ann), "win log", options).await?;
    let asked = scene.wire.event("INTERACTION_CREATE")?;
    assert_eq!(
        (&asked["user"]["id"], asked.get("member"), asked.get("guild_id")),
        (&json!(floor.ann), None, None)
    );
    assert_eq!(
        (&asked["context"], &asked["authorizing_integration_owners"]),
        (&json!(1), &json!({ "0": "0" }))
    );
    Ok(())
}

async fn press(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let (asked, message) = scene.pressed().await?;
    assert_eq!((&asked["type"], &asked["message"]["id"]), (&json!(3), &message["id"]));
    assert_eq!((&asked["data"]["custom_id"], &asked["data"]["component_type"]), (&json!("b"), &json!(2)));
    Ok(())
}

async fn resolved(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let row = json!({ "type": 1, "components": [{ "type": 5, "custom_id": "who" }] });
    let (_, message) = floor.post(json!({ "content": "c", "components": [row] })).await?;
    let choose = json!({ "message": message["id"], "custom_id": "who", "values": [floor.ann] });
    let asked = scene.act("select", choose).await?;
    assert_eq!(asked["data"]["values"], json!([floor.ann]));
    assert_eq!(asked["data"]["resolved"]["users"][&floor.ann]["username"], "ann");
    assert!(asked["data"]["resolved"]["members"][&floor.ann]["permissions"].is_string());
    Ok(())
}

async fn metadata(floor: &Floor) -> Any {
    let (scene, asked) = replied(floor).await?;
    let (_, original) = scene.webhook("GET", &asked, "/messages/@original", json!({})).await?;
    let told = &original["interaction_metadata"];
    assert_eq!((&original["type"], &told["id"], &told["type"]), (&json!(20), &asked["id"], &json!(2)));
    assert_eq!((&told["user"]["id"], &original["application_id"]), (&json!(floor.ann), &json!(floor.app)));
    Ok(())
}
