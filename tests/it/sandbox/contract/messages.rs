//! Messages: contents, replies, files and edits.

use serde_json::{Value, json};

use super::super::wire::Wire;
use super::super::{Any, Floor};
use super::scene::{general, text, upload};
use super::{Rule, Sent, Source, faulty, forms, long, page, refused, story};

const CREATE: Source = page!("resources/message#create-message");
const EDIT: Source = page!("resources/message#edit-message");
const REFERENCE: Source = page!("resources/message#message-reference-structure");
const ATTACHMENT: Source = page!("resources/message#attachment-object");
const FILES: Source = page!("reference#uploading-files");

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = forms(Sent::Message, table());
    rules.extend(stories());
    rules
}

fn table() -> Vec<(&'static str, Source, &'static str, Value, &'static str)> {
    let with = |key: &str, value: Value| {
        let mut body = json!({ "content": "c" });
        body[key] = value;
        body
    };
    vec![
        (
            "message.content.length",
            CREATE,
            "Content can have at most 2,000 characters.",
            with("content", json!(long(2001))),
            "/content",
        ),
        ("message.content.type", CREATE, "Content is a string.", with("content", json!(["c"])), "/content"),
        (
            "message.nonce.length",
            CREATE,
            "A nonce can have at most 25 characters.",
            with("nonce", json!(long(26))),
            "/nonce",
        ),
        (
            "message.nonce.type",
            CREATE,
            "A nonce is an integer or a string.",
            with("nonce", json!([1])),
            "/nonce",
        ),
        (
            "message.enforce_nonce.type",
            CREATE,
            "enforce_nonce is a boolean.",
            with("enforce_nonce", json!("yes")),
            "/enforce_nonce",
        ),
        ("message.tts.type", CREATE, "tts is a boolean.", with("tts", json!(1)), "/tts"),
        (
            "message.flags.ephemeral",
            CREATE,
            "EPHEMERAL can't be set on a message sent to a channel.",
            with("flags", json!(64)),
            "/flags",
        ),
        (
            "message.flags.others",
            CREATE,
            "Flags that only Discord sets can't be set.",
            with("flags", json!(1)),
            "/flags",
        ),
        ("message.flags.type", CREATE, "flags is an integer.", with("flags", json!("many")), "/flags"),
        (
            "message.attachments.description",
            ATTACHMENT,
            "A file's description can have at most 1,024 characters.",
            with("attachments", json!([{ "id": 0, "description": long(1025) }])),
            "/attachments/0/description",
        ),
        (
            "message.attachments.id",
            ATTACHMENT,
            "An attachment needs an id that says which file it describes.",
            with("attachments", json!([{ "filename": "a.txt" }])),
            "/attachments/0/id",
        ),
        (
            "message.reference.id",
            REFERENCE,
            "A reply must say which message it replies to.",
            with("message_reference", json!({})),
            "/message_reference/message_id",
        ),
        (
            "message.reference.type",
            REFERENCE,
            "The id of the message replied to is a snowflake.",
            with("message_reference", json!({ "message_id": "last" })),
            "/message_reference/message_id",
        ),
        (
            "message.reference.unknown",
            CREATE,
            "The message replied to must exist.",
            with("message_reference", json!({ "message_id": "1" })),
            "",
        ),
    ]
}

fn stories() -> Vec<Rule> {
    vec![
        story!("message.empty", CREATE, "A message needs content, embeds, components or files.", empty),
        story!("message.full", CREATE, "A message exactly at the limits is accepted.", full),
        story!(
            "message.reference.lenient",
            REFERENCE,
            "If fail_if_not_exists is false, a reply to a missing message becomes a plain message.",
            lenient
        ),
        story!(
            "message.reply",
            REFERENCE,
            "A reply has type 19 and names the message, channel and guild it refers to.",
            reply
        ),
        story!("message.nonce.told", CREATE, "The nonce appears in the Message Create event.", nonce_told),
        story!(
            "message.files.count",
            page!("topics/opcodes-and-status-codes#json"),
            "A message can have at most 10 attachments (30015).",
            too_many_files
        ),
        story!(
            "message.files.size",
            FILES,
            "A file over the limit is refused (40005). The sandbox's limit is 10 MiB; the page currently gives a default of 20.",
            too_large
        ),
        story!(
            "message.files.described",
            FILES,
            "attachments sets the names and descriptions of new files.",
            described
        ),
        story!("message.edit.keeps", EDIT, "An edit keeps only the files listed in attachments.", keeps),
        story!(
            "message.edit.appends",
            EDIT,
            "An edit without attachments adds new files to the existing ones.",
            appends
        ),
        story!(
            "message.edit.empty",
            EDIT,
            "null clears the content; an edit that would leave the message empty is refused.",
            emptied
        ),
        story!(
            "message.edit.flags",
            EDIT,
            "SUPPRESS_EMBEDS can be set and cleared; other flags are ignored without an error.",
            edited_flags
        ),
        story!(
            "message.history.order",
            page!("resources/message#get-channel-messages"),
            "Message history is newest first.",
            newest_first
        ),
        story!(
            "message.history.limit",
            page!("resources/message#get-channel-messages"),
            "Message history is read in pages of 1 to 100.",
            page_size
        ),
        story!(
            "message.delete",
            page!("resources/message#delete-message"),
            "Deleting a message answers 204, and after that it no longer exists (10008).",
            deleted
        ),
        story!(
            "message.unbuilt",
            Source::Own,
            "Polls, stickers, components v2, voice messages and forwards are answered with 501.",
            unbuilt
        ),
    ]
}

async fn empty(floor: &Floor) -> Any {
    for body in [json!({}), json!({ "content": "" }), json!({ "content": " " }), json!({ "embeds": [] })] {
        refused(&floor.post(body).await?, 400, 50006);
    }
    Ok(())
}

async fn full(floor: &Floor) -> Any {
    let options: Vec<_> = (0..25).map(|n| json!({ "label": "l", "value": n.to_string() })).collect();
    let select = json!({ "type": 3, "custom_id": long(100), "options": options });
    let content = "é".repeat(2000);
    twilight_validate::message::content(&content)?;
    let (status, answer) = floor
        .post(json!({
            "content": content, "nonce": long(25),
            "embeds": [{ "title": long(256), "description": long(4096), "footer": { "text": long(1648) } }],
            "components": [{ "type": 1, "components": [select] }],
        }))
        .await?;
    assert_eq!(status, 200, "{answer}");
    let message: twilight_model::channel::Message = serde_json::from_value(answer)?;
    twilight_validate::message::embeds(&message.embeds)?;
    Ok(twilight_validate::message::components(&message.components, false)?)
}

async fn lenient(floor: &Floor) -> Any {
    let reference = json!({ "message_id": "1", "fail_if_not_exists": false });
    let (status, made) = floor.post(json!({ "content": "c", "message_reference": reference })).await?;
    assert_eq!((status, made.get("message_reference"), &made["type"]), (200, None, &json!(0)));
    Ok(())
}

async fn reply(floor: &Floor) -> Any {
    let (_, first) = floor.post(json!({ "content": "a" })).await?;
    let reference = json!({ "message_id": first["id"] });
    let (_, made) = floor.post(json!({ "content": "b", "message_reference": reference })).await?;
    let told = &made["message_reference"];
    assert_eq!((&made["type"], &made["referenced_message"]["content"]), (&json!(19), &json!("a")));
    assert_eq!((&told["message_id"], &told["channel_id"]), (&first["id"], &first["channel_id"]));
    assert_eq!(told["guild_id"], json!(floor.guild.id));
    Ok(())
}

async fn nonce_told(floor: &Floor) -> Any {
    let (mut wire, _) = Wire::ready(floor, 1 | 1 << 9)?;
    for nonce in [json!("n"), json!(7)] {
        assert_eq!(floor.post(json!({ "content": "c", "nonce": nonce })).await?.1["nonce"], nonce);
        assert_eq!(wire.event("MESSAGE_CREATE")?["nonce"], nonce);
    }
    Ok(())
}

async fn too_many_files(floor: &Floor) -> Any {
    let path = general(floor, "/messages");
    assert_eq!(upload(floor, "POST", &path, &json!({}), &[("a.txt", 1); 10]).await?.0, 200);
    refused(&upload(floor, "POST", &path, &json!({}), &[("a.txt", 1); 11]).await?, 400, 30015);
    Ok(())
}

async fn too_large(floor: &Floor) -> Any {
    let (path, most) = (general(floor, "/messages"), 10 * 1024 * 1024);
    assert_eq!(upload(floor, "POST", &path, &json!({}), &[("a.txt", most)]).await?.0, 200);
    refused(&upload(floor, "POST", &path, &json!({}), &[("a.txt", most + 1)]).await?, 413, 40005);
    Ok(())
}

async fn described(floor: &Floor) -> Any {
    let told = json!({ "attachments": [{ "id": 0, "filename": "b.txt", "description": "a list" }] });
    let (_, made) = upload(floor, "POST", &general(floor, "/messages"), &told, &[("a.txt", 3)]).await?;
    let file = &made["attachments"][0];
    let found = (text(file, "filename"), text(file, "description"), file["size"].as_u64());
    assert_eq!(found, ("b.txt", "a list", Some(3)));
    Ok(())
}

/// A message with two files, and its path.
async fn filed(floor: &Floor) -> Any<(Value, String)> {
    let files = [("a.txt", 1), ("b.txt", 1)];
    let (_, made) = upload(floor, "POST", &general(floor, "/messages"), &json!({}), &files).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    Ok((made, path))
}

fn names(message: &Value) -> Vec<&str> {
    message["attachments"].as_array().into_iter().flatten().map(|file| text(file, "filename")).collect()
}

async fn keeps(floor: &Floor) -> Any {
    let (made, path) = filed(floor).await?;
    let kept = json!({ "attachments": [{ "id": made["attachments"][1]["id"] }] });
    assert_eq!(names(&floor.rest("PATCH", &path, kept).await?.1), ["b.txt"]);
    Ok(())
}

async fn appends(floor: &Floor) -> Any {
    let (_, path) = filed(floor).await?;
    let (_, edited) = upload(floor, "PATCH", &path, &json!({}), &[("c.txt", 1)]).await?;
    assert_eq!(names(&edited), ["a.txt", "b.txt", "c.txt"]);
    Ok(())
}

async fn emptied(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c", "embeds": [{ "title": "t" }] })).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    assert_eq!(floor.rest("PATCH", &path, json!({ "content": null })).await?.1["content"], "");
    refused(&floor.rest("PATCH", &path, json!({ "embeds": [] })).await?, 400, 50006);
    Ok(())
}

async fn edited_flags(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c", "flags": 4096 })).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    for (set, left) in [(4096 | 4, 4096 | 4), (4096, 4096), (1, 4096)] {
        assert_eq!(floor.rest("PATCH", &path, json!({ "flags": set })).await?.1["flags"], left);
    }
    Ok(())
}

async fn newest_first(floor: &Floor) -> Any {
    for content in ["a", "b", "c"] {
        floor.post(json!({ "content": content })).await?;
    }
    let (_, all) = floor.rest("GET", &general(floor, "/messages?limit=2"), json!({})).await?;
    let contents: Vec<_> = all.as_array().into_iter().flatten().map(|it| text(it, "content")).collect();
    assert_eq!(contents, ["c", "b"]);
    Ok(())
}

async fn page_size(floor: &Floor) -> Any {
    for limit in [0, 101] {
        let path = general(floor, &format!("/messages?limit={limit}"));
        faulty(&floor.rest("GET", &path, json!({})).await?, "/limit");
    }
    Ok(())
}

async fn deleted(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    assert_eq!(floor.rest("DELETE", &path, json!({})).await?, (204, Value::Null));
    refused(&floor.rest("DELETE", &path, json!({})).await?, 404, 10008);
    Ok(())
}

async fn unbuilt(floor: &Floor) -> Any {
    for (body, name) in [
        (json!({ "content": "c", "poll": { "question": {} } }), "polls"),
        (json!({ "sticker_ids": ["1"] }), "stickers"),
        (json!({ "flags": 32768, "components": [{ "type": 10, "content": "c" }] }), "components v2"),
        (json!({ "flags": 8192 }), "voice messages"),
        (json!({ "message_reference": { "type": 1, "message_id": "1" } }), "forwarded messages"),
    ] {
        let (status, answer) = floor.post(body).await?;
        assert_eq!((status, text(&answer, "message")), (501, &*format!("not built in this sandbox: {name}")));
    }
    Ok(())
}
