//! Application commands: validation, limits, and visibility.

use bellringer::sandbox::client::Place;
use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::text;
use super::{Rule, Sent, Source, forms, long, page, refused, story};

const COMMAND: Source =
    page!("interactions/application-commands#application-command-object-application-command-structure");
const NAMING: Source =
    page!("interactions/application-commands#application-command-object-application-command-naming");
const NESTING: Source = page!("interactions/application-commands#subcommands-and-subcommand-groups");
const REGISTERING: Source = page!("interactions/application-commands#registering-a-command");
const UPDATING: Source = page!("interactions/application-commands#updating-and-deleting-a-command");
const CONTEXTS: Source = page!("interactions/application-commands#interaction-contexts");

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = forms(Sent::Command, commands());
    rules.extend(stories());
    rules
}

pub(super) fn with(key: &str, value: Value) -> Value {
    let mut command = json!({ "name": "win", "description": "d" });
    command[key] = value;
    command
}

type Rows = Vec<(&'static str, Source, &'static str, Value, &'static str)>;

fn commands() -> Rows {
    let heavy: Vec<_> = (0..25).map(|n| json!({
        "type": 3, "name": format!("o{n}"), "description": long(100),
        "choices": (0..5).map(|c| json!({ "name": format!("{c}{}", long(30)), "value": long(30) })).collect::<Vec<_>>(),
    })).collect();
    let menu = |key: &str, value: Value| {
        let mut menu = json!({ "name": "Log it", "type": 3 });
        menu[key] = value;
        menu
    };
    vec![
        ("command.name.needed", COMMAND, "A command needs a name.", json!({ "description": "d" }), "/0/name"),
        (
            "command.name.length",
            NAMING,
            "A name can have at most 32 characters.",
            with("name", json!(long(33))),
            "/0/name",
        ),
        (
            "command.name.empty",
            NAMING,
            "A name must have at least 1 character.",
            with("name", json!("")),
            "/0/name",
        ),
        (
            "command.name.case",
            NAMING,
            "A slash command's name must be lowercase.",
            with("name", json!("Win")),
            "/0/name",
        ),
        (
            "command.name.space",
            NAMING,
            "A slash command's name can't contain spaces.",
            with("name", json!("win log")),
            "/0/name",
        ),
        (
            "command.name.signs",
            NAMING,
            "A name can contain only letters, digits, - _ and '.",
            with("name", json!("win!")),
            "/0/name",
        ),
        (
            "command.description.needed",
            COMMAND,
            "A slash command needs a description.",
            json!({ "name": "win" }),
            "/0/description",
        ),
        (
            "command.description.length",
            COMMAND,
            "A description can have at most 100 characters.",
            with("description", json!(long(101))),
            "/0/description",
        ),
        (
            "command.description.empty",
            COMMAND,
            "A description must have at least 1 character.",
            with("description", json!("")),
            "/0/description",
        ),
        (
            "command.type",
            page!("interactions/application-commands#application-command-object-application-command-types"),
            "A command's type must be one of the documented ones.",
            with("type", json!(9)),
            "/0/type",
        ),
        (
            "command.options.most",
            COMMAND,
            "A command can have at most 25 options.",
            with(
                "options",
                (0..26).map(|n| json!({ "type": 3, "name": format!("o{n}"), "description": "d" })).collect(),
            ),
            "/0/options",
        ),
        (
            "command.size",
            page!("reference#error-messages"),
            "A command can have at most 8,000 characters in total.",
            with("options", json!(heavy)),
            "/0",
        ),
        (
            "command.permissions",
            COMMAND,
            "default_member_permissions is a bitset.",
            with("default_member_permissions", json!("all")),
            "/0/default_member_permissions",
        ),
        (
            "command.contexts",
            CONTEXTS,
            "contexts can contain only the values 0 to 2.",
            with("contexts", json!([3])),
            "/0/contexts/0",
        ),
        (
            "command.integration_types",
            COMMAND,
            "integration_types can contain only the values 0 and 1.",
            with("integration_types", json!([2])),
            "/0/integration_types/0",
        ),
        ("command.nsfw", COMMAND, "nsfw is a boolean.", with("nsfw", json!("no")), "/0/nsfw"),
        (
            "command.localized.locale",
            page!("reference#locales"),
            "Localisations must be for known locales.",
            with("name_localizations", json!({ "xx": "gewinn" })),
            "/0/name_localizations/xx",
        ),
        (
            "command.localized.name",
            COMMAND,
            "Localised names follow the rules for names.",
            with("name_localizations", json!({ "de": "Gewinn" })),
            "/0/name_localizations/de",
        ),
        (
            "command.localized.description",
            COMMAND,
            "Localised descriptions follow the rules for descriptions.",
            with("description_localizations", json!({ "de": long(101) })),
            "/0/description_localizations/de",
        ),
        (
            "command.menu.description",
            COMMAND,
            "A menu command can't have a description.",
            menu("description", json!("d")),
            "/0",
        ),
        (
            "command.menu.options",
            COMMAND,
            "A menu command can't have options.",
            menu("options", json!([{ "type": 3, "name": "o", "description": "d" }])),
            "/0",
        ),
        (
            "command.menu.length",
            NAMING,
            "A menu command's name can have at most 32 characters.",
            menu("name", json!(long(33))),
            "/0/name",
        ),
    ]
}

fn stories() -> Vec<Rule> {
    vec![
        story!(
            "command.most.slash",
            REGISTERING,
            "An app can have at most 100 slash commands in a scope (30032).",
            most_slash
        ),
        story!(
            "command.most.user",
            REGISTERING,
            "An app can have at most 15 user commands in a scope.",
            most_user
        ),
        story!(
            "command.most.message",
            REGISTERING,
            "An app can have at most 15 message commands in a scope.",
            most_message
        ),
        story!(
            "command.most.guild",
            REGISTERING,
            "A guild's commands are counted separately from global ones.",
            apart
        ),
        story!("command.unique", REGISTERING, "Names must be unique within a type and scope.", unique),
        story!("command.unique.types", REGISTERING, "Commands of different types can share a name.", shared),
        story!(
            "command.upsert",
            UPDATING,
            "Registering an existing name again updates the command (200, not 201).",
            upsert
        ),
        story!(
            "command.overwrite",
            page!("interactions/application-commands#bulk-overwrite-global-application-commands"),
            "PUT replaces all commands; a command that keeps its name keeps its id.",
            overwrite
        ),
        story!("command.edit", UPDATING, "PATCH changes only the fields it names.", edit),
        story!(
            "command.unknown",
            page!("topics/opcodes-and-status-codes#json"),
            "A command that doesn't exist gives 10063.",
            unknown
        ),
        story!(
            "command.naming.letters",
            NAMING,
            "Letters from any script are allowed, and menu commands can have spaces and capitals.",
            letters
        ),
        story!("command.nested.base", NESTING, "A command with subcommands can't be used on its own.", base),
        story!(
            "command.hidden",
            COMMAND,
            "default_member_permissions \"0\" hides a command from everyone but administrators.",
            hidden
        ),
        story!(
            "command.dm",
            CONTEXTS,
            "A command whose contexts don't include DMs can't be used there.",
            direct
        ),
        story!(
            "command.guild.dm",
            REGISTERING,
            "A guild's commands aren't available in DMs.",
            guild_in_direct
        ),
        story!(
            "command.entry_point",
            Source::Own,
            "Entry point commands are answered with 501.",
            entry_point
        ),
    ]
}

fn many(kind: u8, count: usize) -> Value {
    let named = |n: usize| {
        let mut command = json!({ "name": format!("c{n}"), "type": kind });
        if kind == 1 {
            command["description"] = json!("d");
        }
        command
    };
    (0..count).map(named).collect()
}

async fn at_most(floor: &Floor, kind: u8, most: usize) -> Any {
    assert_eq!(floor.register(many(kind, most)).await?.0, 200);
    refused(&floor.register(many(kind, most + 1)).await?, 400, 30032);
    let mut one = many(kind, 1)[0].clone();
    one["name"] = json!("onemore");
    refused(&floor.rest("POST", &format!("/applications/{}/commands", floor.app), one).await?, 400, 30032);
    Ok(())
}

async fn most_slash(floor: &Floor) -> Any {
    at_most(floor, 1, 100).await
}

async fn most_user(floor: &Floor) -> Any {
    at_most(floor, 2, 15).await
}

async fn most_message(floor: &Floor) -> Any {
    at_most(floor, 3, 15).await
}

async fn of_guild(floor: &Floor, commands: Value) -> Any<(u16, Value)> {
    floor
        .rest("PUT", &format!("/applications/{}/guilds/{}/commands", floor.app, floor.guild.id), commands)
        .await
}

async fn apart(floor: &Floor) -> Any {
    assert_eq!(floor.register(many(1, 100)).await?.0, 200);
    assert_eq!(of_guild(floor, many(1, 100)).await?.0, 200);
    Ok(())
}

async fn unique(floor: &Floor) -> Any {
    let twice = json!([{ "name": "a", "description": "d" }, { "name": "a", "description": "e" }]);
    super::faulty(&floor.register(twice).await?, "/1");
    Ok(())
}

async fn shared(floor: &Floor) -> Any {
    let both =
        json!([{ "name": "a", "description": "d" }, { "name": "a", "type": 2 }, { "name": "a", "type": 3 }]);
    assert_eq!(floor.register(both).await?.0, 200);
    Ok(())
}

async fn upsert(floor: &Floor) -> Any {
    let path = format!("/applications/{}/commands", floor.app);
    let (created, first) = floor.rest("POST", &path, json!({ "name": "a", "description": "d" })).await?;
    let (changed, second) = floor.rest("POST", &path, json!({ "name": "a", "description": "e" })).await?;
    assert_eq!((created, changed, &second["id"]), (201, 200, &first["id"]));
    assert_ne!(first["version"], second["version"]);
    Ok(())
}

async fn overwrite(floor: &Floor) -> Any {
    let (_, first) = floor.register(many(1, 2)).await?;
    let kept = json!([{ "name": "c1", "description": "new" }]);
    let (_, second) = floor.register(kept).await?;
    let (_, listed) = floor.rest("GET", &format!("/applications/{}/commands", floor.app), json!({})).await?;
    assert_eq!((&second[0]["id"], listed.as_array().map(Vec::len)), (&first[1]["id"], Some(1)));
    Ok(())
}

async fn edit(floor: &Floor) -> Any {
    let (_, made) = floor.register(json!([with("default_member_permissions", json!("32"))])).await?;
    let path = format!("/applications/{}/commands/{}", floor.app, text(&made[0], "id"));
    let (_, edited) = floor.rest("PATCH", &path, json!({ "description": "new" })).await?;
    assert_eq!((text(&edited, "description"), text(&edited, "default_member_permissions")), ("new", "32"));
    Ok(())
}

async fn unknown(floor: &Floor) -> Any {
    let path = format!("/applications/{}/commands/1", floor.app);
    for method in ["GET", "PATCH", "DELETE"] {
        refused(&floor.rest(method, &path, json!({})).await?, 404, 10063);
    }
    Ok(())
}

async fn letters(floor: &Floor) -> Any {
    let slash = |name: &str| json!({ "name": name, "description": "d" });
    let names = ["größe", "जीत", "ชนะ", "胜利", "o'win-2_x"].map(slash);
    assert_eq!(floor.register(json!(names)).await?.0, 200);
    assert_eq!(floor.register(json!([{ "name": "Log As Win", "type": 3 }])).await?.0, 200);
    Ok(())
}

/// How a person's client responds to a command.
async fn used(floor: &Floor, place: &Place, name: &str) -> Option<u16> {
    floor.control.command_unawaited(place, name, json!({})).await.err().map(|it| it.status)
}

async fn base(floor: &Floor) -> Any {
    floor.register_usual().await?;
    assert_eq!(used(floor, &floor.place(), "win").await, Some(400));
    Ok(())
}

async fn hidden(floor: &Floor) -> Any {
    floor.register(json!([with("default_member_permissions", json!("0"))])).await?;
    assert_eq!(used(floor, &floor.place(), "win").await, Some(403));
    let admin = floor.control.role(&floor.guild.id, "admin", 8).await?;
    floor.control.change_person(&floor.guild.id, &floor.ann, json!({ "roles": [admin] })).await?;
    assert_eq!(used(floor, &floor.place(), "win").await, None);
    Ok(())
}

async fn direct(floor: &Floor) -> Any {
    for (contexts, outcome) in [(json!([0]), Some(403)), (json!([0, 1]), None)] {
        floor.register(json!([with("contexts", contexts)])).await?;
        assert_eq!(used(floor, &Place::direct(&floor.ann), "win").await, outcome);
    }
    Ok(())
}

async fn guild_in_direct(floor: &Floor) -> Any {
    of_guild(floor, json!([{ "name": "win", "description": "d" }])).await?;
    assert_eq!(used(floor, &floor.place(), "win").await, None);
    assert_eq!(used(floor, &Place::direct(&floor.ann), "win").await, Some(404));
    Ok(())
}

async fn entry_point(floor: &Floor) -> Any {
    let launch = json!({ "name": "launch", "type": 4, "description": "" });
    assert_eq!(floor.register(json!([launch])).await?.0, 501);
    Ok(())
}
