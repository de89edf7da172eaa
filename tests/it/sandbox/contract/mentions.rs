//! Allowed mentions: who is pinged by a message's content, and what is filtered.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{Scene, control, general, permit, text};
use super::{Rule, Sent, Source, forms, page, story};

const MENTIONS: Source = page!("resources/message#allowed-mentions-object");
const EDIT: Source = page!("resources/message#edit-message");
const MENTION_EVERYONE: u64 = 1 << 17;

pub(super) fn rules() -> Vec<Rule> {
    let body = |allowed: Value| json!({ "content": "c", "allowed_mentions": allowed });
    let mut rules = forms(
        Sent::Message,
        vec![
            (
                "mention.exclusive.users",
                MENTIONS,
                "users in parse and a list of users can't be combined.",
                body(json!({ "parse": ["users"], "users": ["1"] })),
                "/allowed_mentions",
            ),
            (
                "mention.exclusive.roles",
                MENTIONS,
                "roles in parse and a list of roles can't be combined.",
                body(json!({ "parse": ["roles"], "roles": ["1"] })),
                "/allowed_mentions",
            ),
            (
                "mention.parse.unknown",
                MENTIONS,
                "parse accepts only users, roles and everyone.",
                body(json!({ "parse": ["all"] })),
                "/allowed_mentions/parse/0",
            ),
            (
                "mention.users.most",
                MENTIONS,
                "At most 100 users can be listed.",
                body(json!({ "users": vec!["1"; 101] })),
                "/allowed_mentions/users",
            ),
            (
                "mention.roles.most",
                MENTIONS,
                "At most 100 roles can be listed.",
                body(json!({ "roles": vec!["1"; 101] })),
                "/allowed_mentions/roles",
            ),
            (
                "mention.users.type",
                MENTIONS,
                "Users are listed by id.",
                body(json!({ "users": ["ann"] })),
                "/allowed_mentions/users/0",
            ),
            (
                "mention.replied_user.type",
                MENTIONS,
                "replied_user is a boolean.",
                body(json!({ "replied_user": 1 })),
                "/allowed_mentions/replied_user",
            ),
        ],
    );
    rules.extend(vec![
        story!(
            "mention.default",
            MENTIONS,
            "In a message without allowed_mentions, every mention pings.",
            by_default
        ),
        story!("mention.none", MENTIONS, "With an empty parse, nobody is pinged.", none),
        story!(
            "mention.parse.users",
            MENTIONS,
            "With only users in parse, only users are pinged.",
            parse_users
        ),
        story!(
            "mention.parse.roles",
            MENTIONS,
            "With only roles in parse, only roles are pinged.",
            parse_roles
        ),
        story!(
            "mention.parse.everyone",
            MENTIONS,
            "With only everyone in parse, only @everyone is pinged.",
            parse_everyone
        ),
        story!("mention.listed", MENTIONS, "Listed users and roles are pinged; others aren't.", listed),
        story!("mention.mixed", MENTIONS, "everyone in parse can be combined with a list of users.", mixed),
        story!("mention.phantom", MENTIONS, "A user who is listed but not mentioned isn't pinged.", phantom),
        story!("mention.empty_list", MENTIONS, "An empty list next to parse isn't an error.", empty_list),
        story!(
            "mention.replied_user",
            MENTIONS,
            "The author of the message replied to is pinged only if replied_user says so.",
            replied
        ),
        story!(
            "mention.interaction",
            MENTIONS,
            "An interaction response without allowed_mentions pings only users.",
            interaction
        ),
        story!(
            "mention.everyone.permission",
            MENTIONS,
            "Without MENTION_EVERYONE, @everyone pings nobody, and it isn't an error.",
            no_everyone
        ),
        story!(
            "mention.role.permission",
            MENTIONS,
            "Without MENTION_EVERYONE, only mentionable roles are pinged.",
            no_role
        ),
        story!("mention.here", MENTIONS, "@here follows the same rules as @everyone.", here),
        story!(
            "mention.edit.rebuilt",
            EDIT,
            "Editing the content without allowed_mentions parses all mentions again.",
            rebuilt
        ),
        story!("mention.edit.allowed", EDIT, "An edit follows its own allowed_mentions.", edit_allowed),
        story!(
            "mention.edit.untouched",
            EDIT,
            "An edit that doesn't change the content doesn't change the mentions.",
            edit_untouched
        ),
        story!(
            "mention.silent",
            page!("resources/message#message-object-message-flags"),
            "The message keeps the SUPPRESS_NOTIFICATIONS flag (1 << 12).",
            silent
        ),
    ]);
    rules
}

/// A role, and a message that mentions it, Ann and everyone.
async fn all(floor: &Floor) -> Any<(String, String)> {
    let role = floor.control.role(&floor.guild.id, "team", 0).await?;
    let content = format!("<@{}> <@&{role}> @everyone", floor.ann);
    Ok((role, content))
}

/// Whom the newest message pings: users, roles, everyone.
async fn pinged(floor: &Floor) -> Any<(usize, usize, bool)> {
    let pings = floor.control.feed(0).await?.pop().map(|item| item.pings).unwrap_or_default();
    Ok((pings.users.len(), pings.roles.len(), pings.everyone))
}

#[track_caller]
fn told(message: &Value, expected: (usize, usize, bool)) {
    let count = |key: &str| message[key].as_array().map_or(0, Vec::len);
    let found = (count("mentions"), count("mention_roles"), message["mention_everyone"] == true);
    assert_eq!(found, expected, "{message}");
}

async fn allowed(floor: &Floor, allowed: Value, expected: (usize, usize, bool)) -> Any {
    let (_, content) = all(floor).await?;
    let (status, message) = floor.post(json!({ "content": content, "allowed_mentions": allowed })).await?;
    assert_eq!(status, 200, "{message}");
    told(&message, expected);
    assert_eq!(pinged(floor).await?, expected);
    Ok(())
}

async fn by_default(floor: &Floor) -> Any {
    allowed(floor, Value::Null, (1, 1, true)).await
}

async fn none(floor: &Floor) -> Any {
    allowed(floor, json!({ "parse": [] }), (0, 0, false)).await
}

async fn parse_users(floor: &Floor) -> Any {
    allowed(floor, json!({ "parse": ["users"] }), (1, 0, false)).await
}

async fn parse_roles(floor: &Floor) -> Any {
    allowed(floor, json!({ "parse": ["roles"] }), (0, 1, false)).await
}

async fn parse_everyone(floor: &Floor) -> Any {
    allowed(floor, json!({ "parse": ["everyone"] }), (0, 0, true)).await
}

async fn listed(floor: &Floor) -> Any {
    let (role, content) = all(floor).await?;
    let owner = &floor.guild.owner_id;
    for (allowed, expected) in [
        (json!({ "users": [floor.ann] }), (1, 0, false)),
        (json!({ "roles": [role] }), (0, 1, false)),
        (json!({ "users": [owner], "roles": ["1"] }), (0, 0, false)),
    ] {
        told(&floor.post(json!({ "content": content, "allowed_mentions": allowed })).await?.1, expected);
    }
    Ok(())
}

async fn mixed(floor: &Floor) -> Any {
    allowed(floor, json!({ "parse": ["everyone"], "users": [floor.ann] }), (1, 0, true)).await
}

async fn phantom(floor: &Floor) -> Any {
    let body =
        json!({ "content": "nobody", "allowed_mentions": { "users": [floor.ann], "parse": ["everyone"] } });
    told(&floor.post(body).await?.1, (0, 0, false));
    Ok(())
}

async fn empty_list(floor: &Floor) -> Any {
    allowed(floor, json!({ "parse": ["users", "roles"], "users": [] }), (1, 1, false)).await
}

async fn replied(floor: &Floor) -> Any {
    let said = floor.control.say(&floor.ann, &floor.guild.channel_id, "hi").await?;
    for (allowed, expected) in [
        (json!({ "parse": ["users"] }), 0),
        (json!({ "replied_user": false }), 0),
        (json!({ "replied_user": true }), 1),
    ] {
        let reference = json!({ "message_id": said["id"] });
        let body = json!({ "content": "re", "message_reference": reference, "allowed_mentions": allowed });
        told(&floor.post(body).await?.1, (expected, 0, false));
    }
    Ok(())
}

async fn interaction(floor: &Floor) -> Any {
    let (_, content) = all(floor).await?;
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    scene.respond(&asked, json!({ "type": 4, "data": { "content": content } })).await?;
    assert_eq!(pinged(floor).await?, (1, 0, false));
    told(&scene.webhook("POST", &asked, "", json!({ "content": content })).await?.1, (1, 0, false));
    let edit = json!({ "content": format!("{content}!") });
    told(&scene.webhook("PATCH", &asked, "/messages/@original", edit).await?.1, (1, 0, false));
    let explicit = json!({ "content": content, "allowed_mentions": { "parse": ["roles", "everyone"] } });
    told(&scene.webhook("POST", &asked, "", explicit).await?.1, (0, 1, true));
    Ok(())
}

async fn no_everyone(floor: &Floor) -> Any {
    permit(floor, 0, MENTION_EVERYONE).await?;
    let body = json!({ "content": "@everyone", "allowed_mentions": { "parse": ["everyone"] } });
    told(&floor.post(body).await?.1, (0, 0, false));
    Ok(())
}

async fn no_role(floor: &Floor) -> Any {
    permit(floor, 0, MENTION_EVERYONE).await?;
    for (mentionable, expected) in [(false, 0), (true, 1)] {
        let role = json!({ "name": "team", "mentionable": mentionable });
        let (_, role) = control(floor, "POST", &format!("/guilds/{}/roles", floor.guild.id), &role).await?;
        let body = json!({ "content": format!("<@&{}>", text(&role, "id")) });
        told(&floor.post(body).await?.1, (0, expected, false));
    }
    Ok(())
}

async fn here(floor: &Floor) -> Any {
    told(&floor.post(json!({ "content": "@here" })).await?.1, (0, 0, true));
    told(
        &floor.post(json!({ "content": "@here", "allowed_mentions": { "parse": [] } })).await?.1,
        (0, 0, false),
    );
    Ok(())
}

/// A message that mentions everyone but pings nobody, and its path.
async fn hushed(floor: &Floor) -> Any<(String, String)> {
    let (_, content) = all(floor).await?;
    let (_, made) = floor.post(json!({ "content": content, "allowed_mentions": { "parse": [] } })).await?;
    Ok((content, general(floor, &format!("/messages/{}", text(&made, "id")))))
}

async fn rebuilt(floor: &Floor) -> Any {
    let (content, path) = hushed(floor).await?;
    told(&floor.rest("PATCH", &path, json!({ "content": format!("{content}!") })).await?.1, (1, 1, true));
    Ok(())
}

async fn edit_allowed(floor: &Floor) -> Any {
    let (content, path) = hushed(floor).await?;
    let edit = json!({ "content": format!("{content}!"), "allowed_mentions": { "parse": ["users"] } });
    told(&floor.rest("PATCH", &path, edit).await?.1, (1, 0, false));
    Ok(())
}

async fn edit_untouched(floor: &Floor) -> Any {
    let (_, path) = hushed(floor).await?;
    told(&floor.rest("PATCH", &path, json!({ "embeds": [{ "title": "t" }] })).await?.1, (0, 0, false));
    Ok(())
}

async fn silent(floor: &Floor) -> Any {
    assert_eq!(floor.post(json!({ "content": "c", "flags": 4096 })).await?.1["flags"], 4096);
    Ok(())
}
