//! Discord's limits, one row a rule.

use serde_json::{Value, json};

use super::{Any, Floor};

fn long(count: usize) -> String {
    "x".repeat(count)
}

fn row(part: &Value) -> Value {
    json!({ "components": [{ "type": 1, "components": [part] }] })
}

fn embed(part: &Value) -> Value {
    json!({ "embeds": [part] })
}

fn options(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({ "label": "l", "value": n.to_string() })).collect()
}

/// Each rule: what is sent, and where the error has to stand.
fn messages() -> Vec<(&'static str, Value, &'static str)> {
    let button = |id: &str| json!({ "type": 2, "style": 1, "label": "b", "custom_id": id });
    let select = |options: Vec<Value>| json!({ "type": 3, "custom_id": "s", "options": options });
    let field = json!({ "name": "n", "value": "v" });
    vec![
        ("content of 2,001", json!({ "content": long(2001) }), "/content"),
        ("content that is no text", json!({ "content": 5 }), "/content"),
        ("11 embeds", json!({ "embeds": vec![json!({ "title": "t" }); 11] }), "/embeds"),
        ("title of 257", embed(&json!({ "title": long(257) })), "/embeds/0/title"),
        ("description of 4,097", embed(&json!({ "description": long(4097) })), "/embeds/0/description"),
        ("26 fields", embed(&json!({ "fields": vec![field; 26] })), "/embeds/0/fields"),
        (
            "field name of 257",
            embed(&json!({ "fields": [{ "name": long(257), "value": "v" }] })),
            "/embeds/0/fields/0/name",
        ),
        (
            "field value of 1,025",
            embed(&json!({ "fields": [{ "name": "n", "value": long(1025) }] })),
            "/embeds/0/fields/0/value",
        ),
        ("field without a value", embed(&json!({ "fields": [{ "name": "n" }] })), "/embeds/0/fields/0/value"),
        (
            "field with an empty value",
            embed(&json!({ "fields": [{ "name": "n", "value": "" }] })),
            "/embeds/0/fields/0/value",
        ),
        ("footer of 2,049", embed(&json!({ "footer": { "text": long(2049) } })), "/embeds/0/footer/text"),
        ("author of 257", embed(&json!({ "author": { "name": long(257) } })), "/embeds/0/author/name"),
        (
            "6,001 in all",
            json!({ "embeds": [{ "description": long(4000) }, { "description": long(2001) }] }),
            "/embeds",
        ),
        ("timestamp of words", embed(&json!({ "timestamp": "today" })), "/embeds/0/timestamp"),
        ("image at no address", embed(&json!({ "image": { "url": "here" } })), "/embeds/0/image/url"),
        ("colour over white", embed(&json!({ "color": 0x0100_0000 })), "/embeds/0/color"),
        (
            "6 rows",
            json!({ "components": vec![json!({ "type": 1, "components": [button("a")] }); 6] }),
            "/components",
        ),
        (
            "6 buttons",
            json!({ "components": [{ "type": 1, "components": (0..6).map(|n| button(&n.to_string())).collect::<Vec<_>>() }] }),
            "/components/0/components",
        ),
        ("empty row", json!({ "components": [{ "type": 1, "components": [] }] }), "/components/0/components"),
        (
            "button label of 81",
            row(&json!({ "type": 2, "style": 1, "label": long(81), "custom_id": "a" })),
            "/components/0/components/0/label",
        ),
        (
            "button without custom_id",
            row(&json!({ "type": 2, "style": 1, "label": "b" })),
            "/components/0/components/0/custom_id",
        ),
        (
            "button without a face",
            row(&json!({ "type": 2, "style": 1, "custom_id": "a" })),
            "/components/0/components/0",
        ),
        ("custom_id of 101", row(&button(&long(101))), "/components/0/components/0/custom_id"),
        (
            "custom_id twice",
            json!({ "components": [{ "type": 1, "components": [button("a"), button("a")] }] }),
            "/components/0/components/1/custom_id",
        ),
        (
            "link with custom_id",
            row(
                &json!({ "type": 2, "style": 5, "label": "b", "url": "https://a.example", "custom_id": "a" }),
            ),
            "/components/0/components/0/custom_id",
        ),
        (
            "link without url",
            row(&json!({ "type": 2, "style": 5, "label": "b" })),
            "/components/0/components/0/url",
        ),
        ("26 options", row(&select(options(26))), "/components/0/components/0/options"),
        ("no options", row(&select(Vec::new())), "/components/0/components/0/options"),
        (
            "option label of 101",
            row(&select(vec![json!({ "label": long(101), "value": "v" })])),
            "/components/0/components/0/options/0/label",
        ),
        (
            "option value twice",
            row(&select(vec![json!({ "label": "l", "value": "v" }); 2])),
            "/components/0/components/0/options/1/value",
        ),
        (
            "placeholder of 151",
            row(&json!({ "type": 3, "custom_id": "s", "placeholder": long(151), "options": options(1) })),
            "/components/0/components/0/placeholder",
        ),
        (
            "select beside a button",
            json!({ "components": [{ "type": 1, "components": [button("a"), select(options(1))] }] }),
            "/components/0",
        ),
        (
            "text input in a message",
            row(&json!({ "type": 4, "custom_id": "t", "label": "l", "style": 1 })),
            "/components/0/components/0/type",
        ),
        ("nonce of 26", json!({ "content": "c", "nonce": long(26) }), "/nonce"),
        ("ephemeral flag", json!({ "content": "c", "flags": 64 }), "/flags"),
        (
            "parse and list at once",
            json!({ "content": "c", "allowed_mentions": { "parse": ["users"], "users": ["1"] } }),
            "/allowed_mentions",
        ),
        (
            "parse of the unknown",
            json!({ "content": "c", "allowed_mentions": { "parse": ["all"] } }),
            "/allowed_mentions/parse/0",
        ),
        (
            "101 users",
            json!({ "content": "c", "allowed_mentions": { "users": vec!["1"; 101] } }),
            "/allowed_mentions/users",
        ),
        ("reply to nothing", json!({ "content": "c", "message_reference": { "message_id": "1" } }), ""),
    ]
}

fn commands() -> Vec<(&'static str, Value, &'static str)> {
    let one = |key: &str, value: Value| {
        let mut command = json!({ "name": "win", "description": "d" });
        command[key] = value;
        json!([command])
    };
    let option = |name: &str, required: bool| json!({ "type": 3, "name": name, "description": "d", "required": required });
    let choices = |count: usize| -> Value {
        let list: Vec<_> = (0..count).map(|n| json!({ "name": n.to_string(), "value": "v" })).collect();
        json!([{ "type": 3, "name": "o", "description": "d", "choices": list }])
    };
    let heavy: Vec<_> = (0..25).map(|n| json!({
        "type": 3, "name": format!("o{n}"), "description": long(100),
        "choices": (0..5).map(|c| json!({ "name": format!("{c}{}", long(30)), "value": long(30) })).collect::<Vec<_>>(),
    })).collect();
    vec![
        ("upper case", one("name", json!("Win")), "/0/name"),
        ("space", one("name", json!("win log")), "/0/name"),
        ("name of 33", one("name", json!(long(33))), "/0/name"),
        ("no description", json!([{ "name": "win" }]), "/0/description"),
        ("description of 101", one("description", json!(long(101))), "/0/description"),
        (
            "26 options",
            one("options", (0..26).map(|n| option(&format!("o{n}"), false)).collect()),
            "/0/options",
        ),
        (
            "required after optional",
            one("options", json!([option("a", false), option("b", true)])),
            "/0/options/1",
        ),
        ("option twice", one("options", json!([option("a", true), option("a", true)])), "/0/options/1"),
        ("26 choices", one("options", choices(26)), "/0/options/0/choices"),
        (
            "subcommand beside an option",
            one("options", json!([option("a", false), { "type": 1, "name": "s", "description": "d" }])),
            "/0/options",
        ),
        (
            "group in a group",
            one(
                "options",
                json!([{ "type": 2, "name": "g", "description": "d", "options": [{ "type": 2, "name": "h", "description": "d" }] }]),
            ),
            "/0/options/0/options",
        ),
        ("more than 8,000", one("options", json!(heavy)), "/0"),
        ("menu with a description", json!([{ "type": 3, "name": "Log it", "description": "d" }]), "/0"),
        (
            "name twice",
            json!([{ "name": "a", "description": "d" }, { "name": "a", "description": "d" }]),
            "/1",
        ),
        ("locale unknown", one("name_localizations", json!({ "xx": "gewinn" })), "/0/name_localizations/xx"),
        (
            "choices and autocomplete",
            one(
                "options",
                json!([{ "type": 3, "name": "o", "description": "d", "autocomplete": true, "choices": [{ "name": "n", "value": "v" }] }]),
            ),
            "/0/options/0",
        ),
    ]
}

#[tokio::test]
async fn every_limit_of_a_message_is_refused_at_its_place() -> Any {
    let floor = Floor::open().await?;
    for (rule, body, path) in messages() {
        let (status, answer) = floor.post(body).await?;
        assert_eq!((status, &answer["code"]), (400, &json!(50035)), "{rule}: {answer}");
        assert!(
            answer["errors"].pointer(path).is_some_and(|at| at["_errors"].is_array()) || path.is_empty(),
            "{rule}: {answer}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_limit_of_a_command_is_refused_at_its_place() -> Any {
    let floor = Floor::open().await?;
    for (rule, body, path) in commands() {
        let (status, answer) = floor.register(body).await?;
        assert_eq!((status, &answer["code"]), (400, &json!(50035)), "{rule}: {answer}");
        let at = answer["errors"].pointer(path);
        assert!(
            at.is_some_and(|at| !at["_errors"].is_null()) || rule == "menu with a description",
            "{rule}: {answer}"
        );
    }
    let many: Vec<_> = (0..101).map(|n| json!({ "name": format!("c{n}"), "description": "d" })).collect();
    assert_eq!(floor.register(json!(many)).await?.1["code"], 30032);
    Ok(())
}

#[tokio::test]
async fn what_stands_at_the_limit_passes_here_and_with_twilight() -> Any {
    let floor = Floor::open().await?;
    let content = "é".repeat(2000);
    twilight_validate::message::content(&content)?;
    let (status, answer) = floor.post(json!({
        "content": content, "nonce": long(25),
        "embeds": [{ "title": long(256), "description": long(4096), "footer": { "text": long(1648) } }],
        "components": [{ "type": 1, "components": [{ "type": 3, "custom_id": long(100), "options": options(25) }] }],
    })).await?;
    assert_eq!(status, 200, "{answer}");
    let message: twilight_model::channel::Message = serde_json::from_value(answer)?;
    twilight_validate::message::embeds(&message.embeds)?;
    twilight_validate::message::components(&message.components, false)?;
    Ok(())
}

#[tokio::test]
async fn what_is_not_built_says_its_name() -> Any {
    let floor = Floor::open().await?;
    let (status, answer) = floor.rest("GET", "/guilds/1/audit-logs/x", json!({})).await?;
    assert_eq!(status, 404, "{answer}");
    let (status, answer) =
        floor.rest("GET", &format!("/guilds/{}/audit-logs", floor.guild.id), json!({})).await?;
    assert_eq!(
        (status, &answer["message"]),
        (501, &json!("not built in this sandbox: GET /guilds/{id}/audit-logs"))
    );
    let (status, _) = floor.post(json!({ "content": "c", "poll": { "question": {} } })).await?;
    assert_eq!(status, 501);
    Ok(())
}
