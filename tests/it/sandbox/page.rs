//! Stories of what the page relies on: what a person sees, live events, the clock, and access control.

use std::time::Duration;

use bellringer::sandbox::client::{Fault, Mishap, Person};
use bellringer::sandbox::{Agenda, Due};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Any, Floor};

impl Floor {
    async fn look(&self, path: &str) -> Any<Value> {
        Ok(reqwest::get(format!("{}/sandbox{path}", self.sandbox.url())).await?.json().await?)
    }

    async fn put(&self, path: &str, body: &Value) -> Any<(StatusCode, Value)> {
        let url = format!("{}/sandbox{path}", self.sandbox.url());
        let answer = reqwest::Client::new().put(url).json(body).send().await?;
        Ok((answer.status(), answer.json().await?))
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|it| it["name"].as_str()).collect()
}

#[tokio::test]
async fn a_person_sees_the_channels_and_commands_that_are_theirs() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (guild, general) = (&floor.guild.id, &floor.guild.channel_id);
    let manager = floor.control.role(guild, "Manager", 1 << 5).await?;
    let max =
        Person { roles: vec![manager.clone()], display_name: Some("Max".into()), ..Person::named("max") };
    let max = floor.control.person(guild, &max).await?;
    let back_room = floor.control.channel(guild, "back-room").await?;
    let hidden = json!([
        { "id": guild, "type": 0, "allow": "0", "deny": "1024" }, { "id": manager, "type": 0, "allow": "1024", "deny": "0" },
    ]);
    floor.control.overwrites(&back_room, hidden).await?;

    let as_ann = floor.look(&format!("/view?as={}", floor.ann)).await?;
    assert_eq!(names(&as_ann["guilds"][0]["channels"]), ["general"]);
    let as_max = floor.look(&format!("/view?as={max}")).await?;
    assert_eq!(names(&as_max["guilds"][0]["channels"]), ["general", "back-room"]);
    assert_eq!((&as_max["me"]["name"], &as_max["me"]["manages"]), (&json!("Max"), &json!(true)));
    assert_eq!(floor.look("/view").await?["me"]["id"], json!(floor.ann), "a rep is who one is first");

    let for_ann = floor.look(&format!("/channels/{general}/commands?as={}", floor.ann)).await?;
    assert_eq!(names(&for_ann), ["win", "Log as win", "Who is it"]);
    let for_max = floor.look(&format!("/channels/{general}/commands?as={max}")).await?;
    assert_eq!(names(&for_max), ["win", "boss", "Log as win", "Who is it"]);
    Ok(())
}

#[tokio::test]
async fn of_many_messages_the_last_come_first_and_the_earlier_on_request() -> Any {
    let floor = Floor::open().await?;
    for number in 0..7 {
        floor.post(json!({ "content": number.to_string() })).await?;
    }
    let told = |list: &Value| -> String {
        list.as_array().into_iter().flatten().filter_map(|it| it["content"].as_str()).collect()
    };
    let path = format!("/channels/{}/messages?as={}&limit=3", floor.guild.channel_id, floor.ann);
    let last = floor.look(&path).await?;
    assert_eq!(told(&last), "456");
    let before = last[0]["id"].as_str().unwrap_or_default();
    assert_eq!(told(&floor.look(&format!("{path}&before={before}")).await?), "123");
    let first = floor.look(&format!("{path}&before={before}")).await?;
    let after = first[0]["id"].as_str().unwrap_or_default();
    assert_eq!(told(&floor.look(&format!("{path}&after={after}")).await?), "234");
    assert_eq!(
        told(&floor.look(&format!("{path}&after={before}&before={after}")).await?),
        "",
        "none is both"
    );
    Ok(())
}

#[tokio::test]
async fn who_watches_is_told_of_everything_once_and_where_they_left_off() -> Any {
    let floor = Floor::open().await?;
    let seq = floor.control.summary().await?["seq"].clone();
    floor.post(json!({ "content": "one" })).await?;
    floor.control.channel(&floor.guild.id, "wins").await?;
    let url = format!("{}/sandbox/live", floor.sandbox.url());
    let http = reqwest::Client::new();
    let mut live = http.get(format!("{url}?after={seq}")).send().await?;
    assert_eq!(live.headers()["content-type"], "text/event-stream");
    let first = until(&mut live, "event: world").await?;
    assert_eq!(first.matches("event: feed").count(), 1, "{first}");
    assert!(first.contains("POST /channels/{id}/messages") && first.contains("CHANNEL_CREATE"), "{first}");

    floor.post(json!({ "content": "two" })).await?;
    let second = until(&mut live, "event: feed").await?;
    assert!(second.contains("two") && !second.contains("\"one\""), "{second}");
    let left_off = second.lines().find_map(|line| line.strip_prefix("id: ")).unwrap_or_default().to_owned();
    drop(live);
    floor.post(json!({ "content": "three" })).await?;
    let mut again = http.get(format!("{url}?after={seq}")).header("last-event-id", left_off).send().await?;
    let third = until(&mut again, "three").await?;
    assert!(!third.contains("\"one\""), "{third}");
    Ok(())
}

/// Reads server-sent events until one holds `sign`.
async fn until(live: &mut reqwest::Response, sign: &str) -> Any<String> {
    let mut all = String::new();
    while !all.split_inclusive("\n\n").any(|event| event.contains(sign) && event.ends_with("\n\n")) {
        let chunk = tokio::time::timeout(Duration::from_secs(5), live.chunk()).await??;
        all.push_str(std::str::from_utf8(&chunk.ok_or("the stream ended")?)?);
    }
    Ok(all)
}

#[tokio::test]
async fn the_clock_goes_forward_by_way_of_what_is_due() -> Any {
    let floor = Floor::open().await?;
    let time = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>();
    floor.control.set_clock(Some(time("2026-04-10T17:00:00Z")?)).await?;
    let due = |at| Due { at, what: "The bell".to_owned(), place: None };
    let monday = time("2026-04-13T13:00:00Z")?;
    floor.control.agenda(&Agenda { zone: None, due: vec![due(monday)] }).await?;

    let (control, target) = (floor.control.clone(), time("2026-04-17T17:00:00Z")?);
    let going = async { Ok::<_, Box<dyn std::error::Error + Send + Sync>>(control.forward(target).await?) };
    let bot = async {
        while floor.control.clock().await? != monday {
            tokio::task::yield_now().await;
        }
        floor.post(json!({ "content": "good morning" })).await?;
        floor.control.agenda(&Agenda::default()).await?;
        Ok(())
    };
    let (reached, ()) = tokio::try_join!(going, bot)?;
    assert_eq!(reached, target);
    let said = &floor.control.messages(&floor.guild.channel_id, None).await?[0];
    assert_eq!(said["timestamp"], "2026-04-13T13:00:00.000000+00:00");
    assert_eq!(floor.control.forward(monday).await.unwrap_err().status, 400, "forward is not back");
    Ok(())
}

#[tokio::test]
async fn who_sets_the_clock_meanwhile_is_not_overruled_by_going_forward() -> Any {
    let floor = Floor::open().await?;
    let time = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>();
    floor.control.set_clock(Some(time("2026-04-10T17:00:00Z")?)).await?;
    let due = Due { at: time("2026-04-13T13:00:00Z")?, what: "The bell".to_owned(), place: None };
    floor.control.agenda(&Agenda { zone: None, due: vec![due.clone()] }).await?;
    let control = floor.control.clone();
    let (target, may) = (time("2026-04-17T17:00:00Z")?, time("2026-05-01T09:00:00Z")?);
    let going = tokio::time::timeout(Duration::from_secs(5), control.forward(target));
    let another = async {
        while floor.control.clock().await? != due.at {
            tokio::task::yield_now().await;
        }
        floor.control.set_clock(Some(may)).await?;
        floor.control.agenda(&Agenda::default()).await
    };
    let (gone, set) = tokio::join!(going, another);
    set?;
    assert_eq!(gone?.unwrap_err().status, 409);
    assert_eq!(floor.control.clock().await?, may);
    Ok(())
}

#[tokio::test]
async fn what_is_of_the_wrong_kind_is_refused_and_not_taken_for_something_else() -> Any {
    let floor = Floor::open().await?;
    let (guild, general, ann) = (&floor.guild.id, &floor.guild.channel_id, &floor.ann);
    let said = floor.control.say(ann, general, "mine").await?["id"].clone();
    for (method, path, body) in [
        ("POST", "act/message".to_owned(), json!({ "user": ann, "channel": "", "content": "c" })),
        ("POST", "act/message".to_owned(), json!({ "user": floor.app, "channel": general, "content": "c" })),
        ("POST", "act/edit".to_owned(), json!({ "user": "", "message": said, "content": "c" })),
        ("POST", "act/delete".to_owned(), json!({ "user": "abc", "message": said })),
        ("PUT", "clock".to_owned(), json!({})),
        ("PUT", "clock".to_owned(), json!({ "sped": 1 })),
        ("PUT", "clock".to_owned(), json!({ "now": "-262143-01-01T00:00:00Z" })),
        ("PUT", "clock".to_owned(), json!({ "now": "2150-01-01T00:00:00Z" })),
        ("POST", "clock/forward".to_owned(), json!({ "seconds": 9_000_000_000_i64 })),
        ("POST", "guilds".to_owned(), json!({ "name": "n", "count": "5" })),
        ("POST", "guilds".to_owned(), json!({ "name": "n", "owner": 5 })),
        ("POST", format!("guilds/{guild}/channels"), json!({ "name": "n", "type": 300 })),
        ("POST", format!("guilds/{guild}/people"), json!({ "username": " " })),
        ("POST", format!("guilds/{guild}/people"), json!({ "username": "bo", "bot": "yes" })),
        ("PATCH", format!("guilds/{guild}/people/{ann}"), json!({ "nick": 5 })),
        ("POST", "gateway".to_owned(), json!({ "do": "close", "code": 70_000 })),
        ("POST", "faults".to_owned(), json!({ "route": "", "kind": "500", "times": 0 })),
        ("POST", "faults".to_owned(), json!({ "route": "", "kind": "delay", "delay": 5 })),
        ("POST", "faults".to_owned(), json!({ "route": "", "kind": "between", "status": 99 })),
        ("POST", "faults".to_owned(), json!({ "route": "", "kind": "between", "body": "poem" })),
    ] {
        let url = format!("{}/sandbox/{path}", floor.sandbox.url());
        let answer = floor.http.request(method.parse()?, url).json(&body).send().await?;
        assert_eq!(answer.status(), 400, "{path} {body}");
    }
    let roles = Person { roles: vec!["1".to_owned()], ..Person::named("bo") };
    assert_eq!(floor.control.person(guild, &roles).await.unwrap_err().code, 10011);
    assert_eq!(reqwest::get(format!("{}/sandbox/feed?after=abc", floor.sandbox.url())).await?.status(), 400);
    assert_eq!(floor.look("/clock").await?["by_hand"], json!(false), "and nothing has stopped it");
    Ok(())
}

#[tokio::test]
async fn what_is_too_long_to_keep_is_not_kept_and_the_rest_is() -> Any {
    let floor = Floor::open().await?;
    floor.post(json!({ "content": "c", "unknown": "x".repeat(300_000) })).await?;
    let log = floor.control.log(0).await?;
    let entry = log.iter().find(|entry| entry["route"] == "POST /channels/{id}/messages");
    let entry = entry.ok_or("it is not in the log")?;
    assert!(entry["request"]["not_kept"].is_string() && entry["response"]["content"] == "c", "{entry}");
    Ok(())
}

#[tokio::test]
async fn the_clock_runs_at_a_speed_of_its_own_and_stands_again() -> Any {
    let floor = Floor::open().await?;
    let start = "2026-04-10T17:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    floor.control.set_clock(Some(start)).await?;
    floor.control.run_clock(86_400).await?;
    while floor.control.clock().await? - start < chrono::TimeDelta::minutes(1) {
        tokio::task::yield_now().await;
    }
    floor.control.run_clock(0).await?;
    let stands = floor.control.clock().await?;
    assert_eq!(floor.control.clock().await?, stands);
    assert_eq!(floor.put("/clock", &json!({ "speed": 86_401 })).await?.0, 400);
    assert_eq!(floor.put("/clock", &json!({ "now": null })).await?.1["by_hand"], json!(false));
    Ok(())
}

#[tokio::test]
async fn a_fault_is_taken_away_by_its_number() -> Any {
    let floor = Floor::open().await?;
    let fault = Fault { times: u32::MAX, ..Fault::once("POST /channels", Mishap::Internal) };
    floor.control.fault(&fault).await?;
    assert_eq!(floor.post(json!({ "content": "c" })).await?.0, 500);
    let waiting = floor.look("/faults").await?;
    assert_eq!(waiting[0]["times"], json!(u32::MAX - 1), "{waiting}");
    let url = format!("{}/sandbox/faults/{}", floor.sandbox.url(), waiting[0]["id"]);
    assert_eq!(reqwest::Client::new().delete(&url).send().await?.status(), 200);
    assert_eq!(reqwest::Client::new().delete(&url).send().await?.status(), 404);
    assert_eq!(floor.post(json!({ "content": "c" })).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn no_web_page_but_the_sandboxes_own_is_let_in() -> Any {
    let floor = Floor::open().await?;
    let own = floor.sandbox.url();
    for path in ["/", "/sandbox", "/sandbox/live", "/sandbox/files/1", "/gateway", "/api/v10/gateway"] {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "http://localhost:3000"),
            ("origin", "null"),
            ("host", "evil.example"),
        ] {
            let answer =
                reqwest::Client::new().get(format!("{own}{path}")).header(name, value).send().await?;
            assert_eq!(answer.status(), 403, "{path} from {name} {value}");
        }
    }
    let answer = reqwest::Client::new().get(format!("{own}/sandbox")).header("origin", &own).send().await?;
    assert_eq!(answer.status(), 200);
    Ok(())
}

#[tokio::test]
async fn the_page_is_light_and_asks_for_nothing_elsewhere() -> Any {
    let floor = Floor::open().await?;
    let page = reqwest::get(floor.sandbox.url()).await?;
    let policy = page.headers()["content-security-policy"].to_str()?.to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await?;
    let mut weight = html.len();
    let mut files: Vec<String> = linked(&html);
    let mut next = 0;
    while let Some(file) = files.get(next).cloned() {
        let url = format!("{}/page/{file}", floor.sandbox.url());
        let answer = reqwest::get(&url).await?;
        assert_eq!(answer.status(), 200, "{file}");
        let text = answer.text().await?;
        let packed = reqwest::Client::new().get(&url).header("accept-encoding", "gzip").send().await?;
        assert_eq!(packed.headers()["content-encoding"], "gzip");
        weight += packed.bytes().await?.len();
        for address in text
            .split(['"', '\'', '(', ' '])
            .filter(|it| it.starts_with("http://") || it.starts_with("https://"))
        {
            assert!(address.starts_with("http://www.w3.org/"), "{file} names {address}");
        }
        for imported in imports(&text) {
            if !files.contains(&imported) {
                files.push(imported);
            }
        }
        next += 1;
    }
    assert!(weight < 150 * 1024, "the page weighs {weight} bytes");
    assert_eq!(reqwest::get(format!("{}/page/none.js", floor.sandbox.url())).await?.status(), 404);
    Ok(())
}

/// The files referenced by the page.
fn linked(html: &str) -> Vec<String> {
    let mut files: Vec<String> =
        html.split("/page/").skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect();
    files.sort();
    files.dedup();
    files
}

/// The files imported by a script.
fn imports(script: &str) -> Vec<String> {
    script.split("\"./").skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
}
