//! Errors: what doesn't exist, belongs to somebody else, or is full.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{Scene, control, general, permit, text};
use super::{Rule, Source, page, refused, story};

const CODES: Source = page!("topics/opcodes-and-status-codes#json");
const EDIT: Source = page!("resources/message#edit-message");
const FORM: Source = page!("reference#error-messages");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!("unknown.channel", CODES, "A channel that doesn't exist gives 10003.", channel),
        story!("unknown.guild", CODES, "A guild that doesn't exist gives 10004.", guild),
        story!("unknown.member", CODES, "A user who isn't a member gives 10007.", member),
        story!("unknown.message", CODES, "A message that doesn't exist gives 10008.", message),
        story!("unknown.role", CODES, "A role that doesn't exist gives 10011.", role),
        story!("unknown.user", CODES, "A user who doesn't exist gives 10013.", user),
        story!(
            "unknown.emoji",
            page!("resources/message#create-reaction"),
            "Something that isn't an emoji gives 10014.",
            emoji
        ),
        story!("unknown.webhook", CODES, "A webhook token that was never issued gives 10015.", webhook),
        story!(
            "unknown.deleted_channel",
            CODES,
            "A deleted channel gives 10003, and so do its messages.",
            deleted_channel
        ),
        story!("unknown.left_guild", CODES, "A guild the bot has left no longer exists for it.", left),
        story!(
            "unknown.ephemeral",
            page!("interactions/receiving-and-responding#create-followup-message"),
            "An ephemeral message can't be accessed through its channel (10008).",
            ephemeral
        ),
        story!(
            "author.edit",
            EDIT,
            "Other users' messages can't be edited (50005), whatever the bot's permissions.",
            edit
        ),
        story!(
            "author.edit.own",
            EDIT,
            "The bot can edit its own messages without any further permission.",
            edit_own
        ),
        story!(
            "direct.closed",
            CODES,
            "Someone who has closed their direct messages can't be messaged (50007).",
            closed
        ),
        story!("direct.self", Source::Own, "The bot can't message itself (50007).", oneself),
        story!(
            "direct.again",
            page!("resources/user#create-dm"),
            "Opening a direct message channel again returns the same one.",
            again
        ),
        story!("channel.category", CODES, "A category can't hold messages (50008).", category),
        story!("channel.forum", CODES, "A forum can't hold messages (40058).", forum),
        story!("full.pins", CODES, "A channel can have at most 250 pins (30003).", pins),
        story!(
            "full.reactions",
            CODES,
            "A message can have at most 20 different reactions (30010).",
            reactions
        ),
        story!("form.all", FORM, "All errors are reported at once, each at its own field.", all_at_once),
        story!(
            "form.shape",
            FORM,
            "A form error is 50035, with _errors that have a code and a message.",
            shape
        ),
        story!("form.required", FORM, "A missing field gives BASE_TYPE_REQUIRED.", required),
    ]
}

async fn get(floor: &Floor, path: &str) -> Any<(u16, Value)> {
    floor.rest("GET", path, json!({})).await
}

async fn channel(floor: &Floor) -> Any {
    refused(&get(floor, "/channels/1").await?, 404, 10003);
    refused(&floor.rest("POST", "/channels/1/messages", json!({ "content": "c" })).await?, 404, 10003);
    Ok(())
}

async fn guild(floor: &Floor) -> Any {
    refused(&get(floor, "/guilds/1").await?, 404, 10004);
    refused(&get(floor, "/guilds/1/channels").await?, 404, 10004);
    Ok(())
}

async fn member(floor: &Floor) -> Any {
    floor.control.remove_person(&floor.guild.id, &floor.ann).await?;
    refused(&get(floor, &format!("/guilds/{}/members/{}", floor.guild.id, floor.ann)).await?, 404, 10007);
    Ok(())
}

async fn message(floor: &Floor) -> Any {
    let path = general(floor, "/messages/1");
    for method in ["GET", "PATCH", "DELETE"] {
        refused(&floor.rest(method, &path, json!({ "content": "c" })).await?, 404, 10008);
    }
    refused(&floor.rest("PUT", &general(floor, "/messages/pins/1"), json!({})).await?, 404, 10008);
    refused(&floor.rest("PUT", &format!("{path}/reactions/%F0%9F%94%94/@me"), json!({})).await?, 404, 10008);
    Ok(())
}

async fn role(floor: &Floor) -> Any {
    refused(&get(floor, &format!("/guilds/{}/roles/1", floor.guild.id)).await?, 404, 10011);
    Ok(())
}

async fn user(floor: &Floor) -> Any {
    refused(&get(floor, "/users/1").await?, 404, 10013);
    refused(&get(floor, &format!("/guilds/{}/members/1", floor.guild.id)).await?, 404, 10013);
    Ok(())
}

async fn emoji(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    for emoji in ["bell", "bell:1", ":bell:"] {
        let path = general(floor, &format!("/messages/{}/reactions/{emoji}/@me", text(&made, "id")));
        refused(&floor.rest("PUT", &path, json!({})).await?, 400, 10014);
    }
    Ok(())
}

async fn webhook(floor: &Floor) -> Any {
    for path in [
        "/webhooks/1/x.1.y/messages/@original".to_owned(),
        format!("/webhooks/{}/nobody/messages/1", floor.app),
    ] {
        refused(&get(floor, &path).await?, 404, 10015);
    }
    refused(&floor.rest("POST", "/webhooks/1/token", json!({ "content": "c" })).await?, 404, 10015);
    Ok(())
}

async fn deleted_channel(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    floor.control.delete_channel(&floor.guild.channel_id).await?;
    refused(&get(floor, &general(floor, "")).await?, 404, 10003);
    refused(&get(floor, &general(floor, &format!("/messages/{}", text(&made, "id")))).await?, 404, 10003);
    Ok(())
}

async fn left(floor: &Floor) -> Any {
    floor.control.leave(&floor.guild.id).await?;
    refused(&get(floor, &format!("/guilds/{}", floor.guild.id)).await?, 404, 10004);
    refused(&get(floor, &general(floor, "")).await?, 404, 10003);
    Ok(())
}

async fn ephemeral(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    scene.respond(&asked, json!({ "type": 4, "data": { "content": "psst", "flags": 64 } })).await?;
    let (_, made) = scene.webhook("GET", &asked, "/messages/@original", json!({})).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    for method in ["GET", "PATCH", "DELETE"] {
        refused(&floor.rest(method, &path, json!({ "content": "c" })).await?, 404, 10008);
    }
    assert_eq!(get(floor, &general(floor, "/messages")).await?.1, json!([]));
    Ok(())
}

async fn edit(floor: &Floor) -> Any {
    permit(floor, 1 << 13, 0).await?;
    let said = floor.control.say(&floor.ann, &floor.guild.channel_id, "hi").await?;
    let path = general(floor, &format!("/messages/{}", text(&said, "id")));
    for change in [json!({ "content": "c" }), json!({ "embeds": [] }), json!({ "flags": 4, "content": "c" })]
    {
        refused(&floor.rest("PATCH", &path, change).await?, 403, 50005);
    }
    Ok(())
}

async fn edit_own(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "a" })).await?;
    permit(floor, 0, 1 << 11).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    let (_, edited) = floor.rest("PATCH", &path, json!({ "content": "b" })).await?;
    assert!(edited["content"] == "b" && edited["edited_timestamp"].is_string(), "{edited}");
    Ok(())
}

async fn open(floor: &Floor, user: &str) -> Any<(u16, Value)> {
    floor.rest("POST", "/users/@me/channels", json!({ "recipient_id": user })).await
}

async fn closed(floor: &Floor) -> Any {
    let (_, direct) = open(floor, &floor.ann).await?;
    let path = format!("/channels/{}/messages", text(&direct, "id"));
    assert_eq!(floor.rest("POST", &path, json!({ "content": "psst" })).await?.0, 200);
    floor.control.close_direct(&floor.ann, true).await?;
    refused(&floor.rest("POST", &path, json!({ "content": "psst" })).await?, 403, 50007);
    Ok(())
}

async fn oneself(floor: &Floor) -> Any {
    refused(&open(floor, &floor.app).await?, 403, 50007);
    Ok(())
}

async fn again(floor: &Floor) -> Any {
    let (status, first) = open(floor, &floor.ann).await?;
    assert_eq!((status, &first["type"]), (200, &json!(1)));
    assert_eq!(open(floor, &floor.ann).await?.1["id"], first["id"]);
    Ok(())
}

/// Posts to a new channel of this kind.
async fn post_to(floor: &Floor, kind: u8) -> Any<(u16, Value)> {
    let channel = json!({ "name": "new", "type": kind });
    let (_, made) = control(floor, "POST", &format!("/guilds/{}/channels", floor.guild.id), &channel).await?;
    floor.rest("POST", &format!("/channels/{}/messages", text(&made, "id")), json!({ "content": "c" })).await
}

async fn category(floor: &Floor) -> Any {
    refused(&post_to(floor, 4).await?, 400, 50008);
    Ok(())
}

async fn forum(floor: &Floor) -> Any {
    refused(&post_to(floor, 15).await?, 400, 40058);
    Ok(())
}

async fn pins(floor: &Floor) -> Any {
    for number in 0..=250 {
        let (_, made) = floor.post(json!({ "content": "c" })).await?;
        let path = general(floor, &format!("/messages/pins/{}", text(&made, "id")));
        let pinned = floor.rest("PUT", &path, json!({})).await?;
        if number < 250 {
            assert_eq!(pinned.0, 204, "{number}");
        } else {
            refused(&pinned, 400, 30003);
        }
    }
    Ok(())
}

async fn reactions(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    let path = |last: u8| {
        general(floor, &format!("/messages/{}/reactions/%F0%9F%90%{last:X}/@me", text(&made, "id")))
    };
    for number in 0..20 {
        assert_eq!(floor.rest("PUT", &path(0x80 + number), json!({})).await?.0, 204);
    }
    refused(&floor.rest("PUT", &path(0x80 + 20), json!({})).await?, 400, 30010);
    Ok(())
}

async fn all_at_once(floor: &Floor) -> Any {
    let body = json!({ "content": super::long(2001), "embeds": [{ "title": super::long(257) }], "flags": 1 });
    let answer = floor.post(body).await?;
    for at in ["/content", "/embeds/0/title", "/flags"] {
        super::faulty(&answer, at);
    }
    Ok(())
}

async fn shape(floor: &Floor) -> Any {
    let (_, answer) = floor.post(json!({ "content": super::long(2001) })).await?;
    assert_eq!(text(&answer, "message"), "Invalid Form Body");
    let fault = &answer["errors"]["content"]["_errors"][0];
    assert_eq!(text(fault, "code"), "BASE_TYPE_MAX_LENGTH");
    assert_eq!(text(fault, "message"), "Must be 2000 or fewer in length.");
    Ok(())
}

async fn required(floor: &Floor) -> Any {
    let (_, answer) = floor.register(json!([{ "description": "d" }])).await?;
    let fault = &answer["errors"]["0"]["name"]["_errors"][0];
    assert_eq!(
        (text(fault, "code"), text(fault, "message")),
        ("BASE_TYPE_REQUIRED", "This field is required")
    );
    Ok(())
}
