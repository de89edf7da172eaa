//! How permissions combine, and what people may do.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::permissions::{holding, own, posted};
use super::scene::{permit, text};
use super::{Rule, Source, page, refused, story};

const FLAGS: Source = page!("topics/permissions#permissions-bitwise-permission-flags");
const OVERWRITES: Source = page!("topics/permissions#permission-overwrites");
const IMPLICIT: Source = page!("topics/permissions#implicit-permissions");

const ADMINISTRATOR: u64 = 1 << 3;
const VIEW: u64 = 1 << 10;
const SEND: u64 = 1 << 11;
const MANAGE_MESSAGES: u64 = 1 << 13;
const EMBED: u64 = 1 << 14;
const ATTACH: u64 = 1 << 15;
const HISTORY: u64 = 1 << 16;
const COMMANDS: u64 = 1 << 31;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!(
            "permission.commands",
            FLAGS,
            "Without USE_APPLICATION_COMMANDS, a person can't use commands.",
            commands
        ),
        story!(
            "permission.commands.default",
            page!("interactions/application-commands#permissions"),
            "Without the command's default_member_permissions, a person can't use it.",
            default_permissions
        ),
        story!(
            "permission.people.send",
            FLAGS,
            "Without SEND_MESSAGES, a person can't send messages.",
            people_send
        ),
        story!(
            "permission.implicit.view",
            IMPLICIT,
            "Someone who can't view a channel can't do anything else there.",
            implicit_view
        ),
        story!(
            "permission.implicit.send",
            IMPLICIT,
            "Someone who can't send messages can't mention everyone, embed or attach either.",
            implicit_send
        ),
        story!("permission.administrator", FLAGS, "ADMINISTRATOR overrides every overwrite.", administrator),
        story!("permission.owner", OVERWRITES, "A guild's owner can do everything.", owner),
        story!(
            "permission.order.role",
            OVERWRITES,
            "A role's overwrite takes precedence over @everyone's.",
            role_over_everyone
        ),
        story!(
            "permission.order.roles",
            OVERWRITES,
            "If one role's overwrite allows and another's denies, allow wins.",
            allow_over_deny
        ),
        story!(
            "permission.order.member",
            OVERWRITES,
            "A member's overwrite takes precedence over role overwrites.",
            member_over_role
        ),
    ]
}

/// Changes the permissions of everyone in `general`.
async fn everyone(floor: &Floor, deny: u64, others: Vec<Value>) -> Any {
    let mut all = vec![json!({ "id": floor.guild.id, "type": 0, "allow": "0", "deny": deny.to_string() })];
    all.extend(others);
    floor.control.overwrites(&floor.guild.channel_id, json!(all)).await?;
    Ok(())
}

/// The response of Ann's client to `/win log`.
async fn used(floor: &Floor) -> Option<u16> {
    let options = json!({ "amount": "1" });
    floor.control.command_unawaited(&floor.place(), "win log", options).await.err().map(|it| it.status)
}

async fn commands(floor: &Floor) -> Any {
    floor.register_usual().await?;
    assert_eq!(used(floor).await, None);
    everyone(floor, COMMANDS, Vec::new()).await?;
    assert_eq!(used(floor).await, Some(403));
    Ok(())
}

async fn default_permissions(floor: &Floor) -> Any {
    floor.register_usual().await?;
    let boss = async || floor.control.command_unawaited(&floor.place(), "boss", json!({})).await;
    assert_eq!(boss().await.err().map(|it| it.status), Some(403));
    let manager = floor.control.role(&floor.guild.id, "manager", 32).await?;
    floor.control.change_person(&floor.guild.id, &floor.ann, json!({ "roles": [manager] })).await?;
    assert!(boss().await.is_ok());
    Ok(())
}

/// The result of Ann writing in `general`.
async fn says(floor: &Floor) -> Option<u64> {
    floor.control.say(&floor.ann, &floor.guild.channel_id, "hi").await.err().map(|it| it.code)
}

async fn people_send(floor: &Floor) -> Any {
    everyone(floor, SEND, Vec::new()).await?;
    assert_eq!(says(floor).await, Some(50013));
    Ok(())
}

async fn implicit_view(floor: &Floor) -> Any {
    let path = own(floor).await?;
    permit(floor, SEND | HISTORY | MANAGE_MESSAGES, VIEW).await?;
    for method in ["GET", "PATCH", "DELETE"] {
        refused(&floor.rest(method, &path, posted("new")).await?, 403, 50001);
    }
    Ok(())
}

async fn implicit_send(floor: &Floor) -> Any {
    permit(floor, 0, SEND).await?;
    floor.register_usual().await?;
    let mut scene = super::scene::Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let held: u64 = text(&asked, "app_permissions").parse()?;
    assert_eq!(held & (SEND | EMBED | ATTACH | 1 << 17), 0);
    assert_ne!(held & VIEW, 0);
    Ok(())
}

async fn administrator(floor: &Floor) -> Any {
    let (_, channel) = holding(floor, ADMINISTRATOR).await?;
    let over = json!([{ "id": floor.app, "type": 1, "allow": "0", "deny": (VIEW | SEND).to_string() }]);
    floor.control.overwrites(&channel, over).await?;
    assert_eq!(floor.rest("POST", &format!("/channels/{channel}/messages"), posted("c")).await?.0, 200);
    Ok(())
}

async fn owner(floor: &Floor) -> Any {
    everyone(floor, VIEW | SEND, Vec::new()).await?;
    assert!(floor.control.say(&floor.guild.owner_id, &floor.guild.channel_id, "hi").await.is_ok());
    Ok(())
}

/// Gives Ann a role; returns the path of its overwrite in `general`.
async fn role_of_ann(floor: &Floor, allow: u64, deny: u64) -> Any<Value> {
    let role = floor.control.role(&floor.guild.id, "team", 0).await?;
    let (_, member) =
        floor.rest("GET", &format!("/guilds/{}/members/{}", floor.guild.id, floor.ann), json!({})).await?;
    let mut roles = member["roles"].as_array().cloned().unwrap_or_default();
    roles.push(json!(role));
    floor.control.change_person(&floor.guild.id, &floor.ann, json!({ "roles": roles })).await?;
    Ok(json!({ "id": role, "type": 0, "allow": allow.to_string(), "deny": deny.to_string() }))
}

async fn role_over_everyone(floor: &Floor) -> Any {
    let role = role_of_ann(floor, SEND, 0).await?;
    everyone(floor, SEND, vec![role]).await?;
    assert_eq!(says(floor).await, None);
    Ok(())
}

async fn allow_over_deny(floor: &Floor) -> Any {
    let roles = vec![role_of_ann(floor, SEND, 0).await?, role_of_ann(floor, 0, SEND).await?];
    everyone(floor, 0, roles).await?;
    assert_eq!(says(floor).await, None);
    Ok(())
}

async fn member_over_role(floor: &Floor) -> Any {
    let role = role_of_ann(floor, SEND, 0).await?;
    let own = json!({ "id": floor.ann, "type": 1, "allow": "0", "deny": SEND.to_string() });
    everyone(floor, 0, vec![role, own]).await?;
    assert_eq!(says(floor).await, Some(50013));
    Ok(())
}
