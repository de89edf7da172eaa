//! HTTP itself: authorization, versions, formats, and routes.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{Scene, general, raw, text, upload};
use super::{Rule, Source, faulty, long, page, refused, story};

const AUTH: Source = page!("reference#authentication");
const VERSIONS: Source = page!("reference#api-versioning");
const CODES: Source = page!("topics/opcodes-and-status-codes#json");
const STATUS: Source = page!("topics/opcodes-and-status-codes#http");
const CONTENT_TYPE: Source = page!("reference#content-type");
const FILES: Source = page!("reference#uploading-files");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!("http.auth.missing", AUTH, "A request without an Authorization header gets 401.", no_token),
        story!("http.auth.wrong", AUTH, "A request with a wrong token gets 401.", wrong_token),
        story!("http.auth.type", AUTH, "A bot's token is sent as `Bot TOKEN`.", bearer),
        story!(
            "http.auth.interaction",
            page!("interactions/receiving-and-responding#interaction-callback"),
            "An interaction's own endpoints need no Authorization header.",
            own_token
        ),
        story!(
            "http.auth.gateway",
            page!("events/gateway#get-gateway"),
            "Get Gateway needs no authentication.",
            open_gateway
        ),
        story!("http.version.available", VERSIONS, "Versions 9 and 10 are available.", available),
        story!(
            "http.version.discontinued",
            VERSIONS,
            "Discontinued versions answer 400 (50041).",
            discontinued
        ),
        story!("http.version.deprecated", Source::Own, "Deprecated versions answer 501.", deprecated),
        story!(
            "http.version.none",
            Source::Own,
            "A path without a version means version 10; Discord falls back to 6.",
            unversioned
        ),
        story!("http.json.malformed", CODES, "A body that isn't JSON gives 50109.", malformed),
        story!("http.json.payload", CODES, "A payload_json that isn't JSON gives 50109.", malformed_payload),
        story!("http.json.root", CODES, "A body that isn't an object gives 50035.", root),
        story!(
            "http.content_type",
            CONTENT_TYPE,
            "A body of any other content type gives 50035.",
            content_type
        ),
        story!("http.content_type.form", Source::Own, "URL-encoded forms are answered with 501.", form),
        story!(
            "http.size",
            page!("resources/message#create-message"),
            "A request over 25 MiB is refused (413, 40005).",
            oversize
        ),
        story!(
            "http.size.files",
            page!("resources/message#create-message"),
            "Files that are each small enough can still be too large together (413, 40005).",
            oversize_files
        ),
        story!("http.multipart", FILES, "payload_json and files are sent as multipart/form-data.", multipart),
        story!(
            "http.multipart.fields",
            Source::Own,
            "Other multipart fields are answered with 501.",
            other_fields
        ),
        story!("http.status.created", STATUS, "Creating something can answer 201.", created),
        story!("http.status.no_content", STATUS, "A 204 has no body.", no_content),
        story!(
            "http.snowflakes",
            page!("reference#snowflakes"),
            "Ids are strings, and newer ids are larger.",
            snowflakes
        ),
        story!("http.time", page!("reference"), "Times are in ISO 8601 format.", times),
        story!(
            "http.boolean",
            page!("reference#boolean-query-strings"),
            "A boolean in a query is true, True or 1.",
            booleans
        ),
        story!(
            "http.path.encoded",
            page!("resources/message#create-reaction"),
            "Paths are percent-decoded.",
            encoded
        ),
        story!("http.unbuilt", Source::Own, "A route that isn't built answers 501 with its name.", unbuilt),
        story!("http.elsewhere", STATUS, "Paths outside /api aren't found (404).", elsewhere),
        story!(
            "http.application",
            page!("resources/application#get-current-application"),
            "The application includes its id, bot and flags.",
            application
        ),
        story!(
            "http.me",
            page!("resources/user#get-current-user"),
            "The bot's own user is marked as a bot.",
            me
        ),
        story!(
            "http.guilds",
            page!("resources/user#get-current-user-guilds"),
            "The bot's guilds are listed in pages of up to 200.",
            guilds
        ),
        story!(
            "http.members",
            page!("resources/guild#list-guild-members"),
            "Members are listed in pages of 1 to 1,000, starting after an id.",
            members
        ),
    ]
}

/// A GET with this Authorization header, in this API version.
async fn get(floor: &Floor, path: &str, authorization: Option<String>) -> Any<(u16, Value)> {
    let mut request = floor.http.get(format!("{}{path}", floor.sandbox.url()));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((status, response.json().await.unwrap_or_default()))
}

fn token(floor: &Floor) -> String {
    format!("Bot {}", floor.sandbox.token())
}

async fn no_token(floor: &Floor) -> Any {
    refused(&get(floor, "/api/v10/users/@me", None).await?, 401, 0);
    Ok(())
}

async fn wrong_token(floor: &Floor) -> Any {
    refused(&get(floor, "/api/v10/users/@me", Some("Bot nobody".to_owned())).await?, 401, 0);
    Ok(())
}

async fn bearer(floor: &Floor) -> Any {
    for kind in ["Bearer ", ""] {
        let value = format!("{kind}{}", floor.sandbox.token());
        refused(&get(floor, "/api/v10/users/@me", Some(value)).await?, 401, 0);
    }
    Ok(())
}

async fn own_token(floor: &Floor) -> Any {
    let mut scene = Scene::open(floor).await?;
    let asked = scene.asked().await?;
    let (id, token) = (text(&asked, "id"), text(&asked, "token"));
    let url = format!("{}/api/v10/interactions/{id}/{token}/callback", floor.sandbox.url());
    let answer = floor.http.post(url).json(&json!({ "type": 4, "data": { "content": "hi" } })).send().await?;
    assert_eq!(answer.status(), 204);
    let original = format!("/api/v10/webhooks/{}/{token}/messages/@original", floor.app);
    assert_eq!(get(floor, &original, None).await?.0, 200);
    Ok(())
}

async fn open_gateway(floor: &Floor) -> Any {
    let (status, answer) = get(floor, "/api/v10/gateway", None).await?;
    assert!(status == 200 && text(&answer, "url").starts_with("ws://"), "{answer}");
    refused(&get(floor, "/api/v10/gateway/bot", None).await?, 401, 0);
    Ok(())
}

async fn version(floor: &Floor, version: &str) -> Any<(u16, Value)> {
    get(floor, &format!("/api/{version}/users/@me"), Some(token(floor))).await
}

async fn available(floor: &Floor) -> Any {
    for it in ["v9", "v10"] {
        assert_eq!(version(floor, it).await?.0, 200, "{it}");
    }
    Ok(())
}

async fn discontinued(floor: &Floor) -> Any {
    for it in ["v3", "v5", "v99"] {
        refused(&version(floor, it).await?, 400, 50041);
    }
    Ok(())
}

async fn deprecated(floor: &Floor) -> Any {
    for it in ["v6", "v8"] {
        assert_eq!(version(floor, it).await?.0, 501, "{it}");
    }
    Ok(())
}

async fn unversioned(floor: &Floor) -> Any {
    assert_eq!(get(floor, "/api/users/@me", Some(token(floor))).await?.0, 200);
    Ok(())
}

async fn send(floor: &Floor, kind: &str, body: &str) -> Any<(u16, Value)> {
    raw(floor, "POST", &general(floor, "/messages"), kind, body.to_owned()).await
}

async fn malformed(floor: &Floor) -> Any {
    refused(&send(floor, "application/json", "{\"content\":").await?, 400, 50109);
    Ok(())
}

async fn malformed_payload(floor: &Floor) -> Any {
    let body = "--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{no}\r\n--b--\r\n";
    refused(&send(floor, "multipart/form-data; boundary=b", body).await?, 400, 50109);
    Ok(())
}

async fn root(floor: &Floor) -> Any {
    for body in ["[]", "\"text\"", "5"] {
        faulty(&send(floor, "application/json", body).await?, "");
    }
    Ok(())
}

async fn content_type(floor: &Floor) -> Any {
    faulty(&send(floor, "text/plain", "{\"content\":\"c\"}").await?, "");
    assert_eq!(send(floor, "application/json; charset=utf-8", "{\"content\":\"c\"}").await?.0, 200);
    Ok(())
}

async fn form(floor: &Floor) -> Any {
    assert_eq!(send(floor, "application/x-www-form-urlencoded", "content=c").await?.0, 501);
    Ok(())
}

async fn oversize(floor: &Floor) -> Any {
    let body = json!({ "content": long(25 * 1024 * 1024) });
    refused(&floor.post(body).await?, 413, 40005);
    Ok(())
}

async fn oversize_files(floor: &Floor) -> Any {
    let files = [("a.txt", 9 * 1024 * 1024); 3];
    refused(&upload(floor, "POST", &general(floor, "/messages"), &json!({}), &files).await?, 413, 40005);
    assert_eq!(upload(floor, "POST", &general(floor, "/messages"), &json!({}), &files[..2]).await?.0, 200);
    Ok(())
}

async fn multipart(floor: &Floor) -> Any {
    let payload = json!({ "content": "c" });
    let (status, made) =
        upload(floor, "POST", &general(floor, "/messages"), &payload, &[("a.csv", 4), ("b", 2)]).await?;
    assert_eq!((status, text(&made, "content")), (200, "c"));
    let sizes: Vec<_> =
        made["attachments"].as_array().into_iter().flatten().map(|it| it["size"].as_u64()).collect();
    assert_eq!(sizes, [Some(4), Some(2)]);
    Ok(())
}

async fn other_fields(floor: &Floor) -> Any {
    let body = "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nc\r\n--b--\r\n";
    assert_eq!(send(floor, "multipart/form-data; boundary=b", body).await?.0, 501);
    Ok(())
}

async fn created(floor: &Floor) -> Any {
    let command = json!({ "name": "new", "description": "d" });
    assert_eq!(floor.rest("POST", &format!("/applications/{}/commands", floor.app), command).await?.0, 201);
    Ok(())
}

async fn no_content(floor: &Floor) -> Any {
    assert_eq!(floor.rest("POST", &general(floor, "/typing"), json!({})).await?, (204, Value::Null));
    Ok(())
}

async fn snowflakes(floor: &Floor) -> Any {
    let mut last = 0;
    for _ in 0..3 {
        let (_, made) = floor.post(json!({ "content": "c" })).await?;
        let id: u64 = text(&made, "id").parse()?;
        assert!(id > last);
        last = id;
    }
    Ok(())
}

async fn times(_: &Floor) -> Any {
    let (floor, noon) = super::scene::at_noon().await?;
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    let told = chrono::DateTime::parse_from_rfc3339(text(&made, "timestamp"))?;
    assert_eq!(told, noon);
    let id: i64 = text(&made, "id").parse()?;
    assert_eq!((id >> 22) + 1_420_070_400_000, noon.timestamp_millis(), "a snowflake tells its time");
    Ok(())
}

async fn booleans(floor: &Floor) -> Any {
    for (value, counted) in [("true", true), ("True", true), ("1", true), ("false", false), ("0", false)] {
        let path = format!("/guilds/{}?with_counts={value}", floor.guild.id);
        let (_, guild) = floor.rest("GET", &path, json!({})).await?;
        assert_eq!(guild["approximate_member_count"].is_number(), counted, "{value}");
    }
    Ok(())
}

async fn encoded(floor: &Floor) -> Any {
    let (_, made) = floor.post(json!({ "content": "c" })).await?;
    let path = general(floor, &format!("/messages/{}", text(&made, "id")));
    floor.rest("PUT", &format!("{path}/reactions/%F0%9F%94%94/@me"), json!({})).await?;
    let (_, read) = floor.rest("GET", &path, json!({})).await?;
    assert_eq!(read["reactions"][0]["emoji"]["name"], "🔔");
    Ok(())
}

async fn unbuilt(floor: &Floor) -> Any {
    let guild = &floor.guild.id;
    for (method, path, name) in [
        ("GET", format!("/guilds/{guild}/audit-logs"), "GET /guilds/{id}/audit-logs"),
        ("POST", general(floor, "/threads"), "POST /channels/{id}/threads"),
        ("POST", general(floor, "/webhooks"), "POST /channels/{id}/webhooks"),
        ("PUT", format!("/guilds/{guild}/bans/1"), "PUT /guilds/{id}/bans/{id}"),
        ("GET", "/stickers/1".to_owned(), "GET /stickers/{id}"),
    ] {
        let (status, answer) = floor.rest(method, &path, json!({})).await?;
        let expected = format!("not built in this sandbox: {name}");
        assert_eq!((status, text(&answer, "message")), (501, &*expected));
    }
    Ok(())
}

async fn elsewhere(floor: &Floor) -> Any {
    refused(&get(floor, "/nowhere", Some(token(floor))).await?, 404, 0);
    Ok(())
}

async fn application(floor: &Floor) -> Any {
    for path in ["/applications/@me", "/oauth2/applications/@me"] {
        let (_, told) = floor.rest("GET", path, json!({})).await?;
        assert!(text(&told, "id") == floor.app && told["flags"].is_u64(), "{told}");
        assert_eq!(text(&told["bot"], "id"), floor.app);
    }
    Ok(())
}

async fn me(floor: &Floor) -> Any {
    let (_, told) = floor.rest("GET", "/users/@me", json!({})).await?;
    assert_eq!((text(&told, "id"), &told["bot"]), (&*floor.app, &json!(true)));
    Ok(())
}

async fn guilds(floor: &Floor) -> Any {
    floor.control.guilds("Many", 3).await?;
    let (_, first) = floor.rest("GET", "/users/@me/guilds?limit=3", json!({})).await?;
    let last = text(&first[2], "id");
    let (_, rest) = floor.rest("GET", &format!("/users/@me/guilds?after={last}"), json!({})).await?;
    assert_eq!((first.as_array().map(Vec::len), rest.as_array().map(Vec::len)), (Some(3), Some(1)));
    Ok(())
}

async fn members(floor: &Floor) -> Any {
    let path = format!("/guilds/{}/members", floor.guild.id);
    for limit in [0, 1001] {
        faulty(&floor.rest("GET", &format!("{path}?limit={limit}"), json!({})).await?, "/limit");
    }
    let (_, all) = floor.rest("GET", &format!("{path}?limit=9"), json!({})).await?;
    let first = text(&all[0]["user"], "id");
    let (_, rest) = floor.rest("GET", &format!("{path}?limit=9&after={first}"), json!({})).await?;
    assert_eq!((all.as_array().map(Vec::len), rest.as_array().map(Vec::len)), (Some(3), Some(2)));
    Ok(())
}
