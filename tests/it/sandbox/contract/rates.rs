//! Rate limits: headers, the response when exceeded, and exemptions.

use bellringer::sandbox::client::{Fault, Mishap};
use bellringer::sandbox::{Limits, Options};
use reqwest::Response;
use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::scene::{Scene, general};
use super::{Rule, Source, page, story};

const HEADERS: Source = page!("topics/rate-limits#header-format");
const EXCEEDED: Source = page!("topics/rate-limits#exceeding-a-rate-limit");
const GLOBAL: Source = page!("topics/rate-limits#global-rate-limit");
const ROUTES: Source = page!("topics/rate-limits");

pub(super) fn rules() -> Vec<Rule> {
    vec![
        story!("rate.limit", HEADERS, "X-RateLimit-Limit gives the number of requests allowed.", limit),
        story!("rate.remaining", HEADERS, "X-RateLimit-Remaining counts down.", remaining),
        story!("rate.reset", HEADERS, "X-RateLimit-Reset is in seconds since 1970.", reset),
        story!(
            "rate.reset_after",
            HEADERS,
            "X-RateLimit-Reset-After is in seconds, with decimals.",
            reset_after
        ),
        story!(
            "rate.bucket",
            HEADERS,
            "X-RateLimit-Bucket identifies the limit and is the same for every channel.",
            bucket
        ),
        story!(
            "rate.scope.only",
            HEADERS,
            "X-RateLimit-Scope and X-RateLimit-Global are sent only with a 429.",
            only_on_429
        ),
        story!(
            "rate.exceeded",
            EXCEEDED,
            "Requests over the limit get a 429 with message, retry_after and global.",
            exceeded
        ),
        story!("rate.retry_after", EXCEEDED, "Retry-After matches the body's retry_after.", retry_after),
        story!(
            "rate.exceeded.headers",
            EXCEEDED,
            "A 429 includes the route's headers too, with nothing remaining.",
            exceeded_headers
        ),
        story!("rate.scope.user", HEADERS, "A route's limit has the scope user.", scope_user),
        story!("rate.top_level", ROUTES, "Each channel has its own limit.", top_level),
        story!("rate.effect", EXCEEDED, "A request that gets a 429 has no effect.", no_effect),
        story!(
            "rate.global",
            GLOBAL,
            "The 51st request in a second gets a 429 with X-RateLimit-Global and scope global.",
            global
        ),
        story!(
            "rate.global.interactions",
            GLOBAL,
            "Interaction responses don't count toward the global limit.",
            interactions
        ),
        story!("rate.shared", EXCEEDED, "A shared limit has the scope shared (set by a fault).", shared),
        story!(
            "rate.lifted",
            Source::Own,
            "With limits lifted, the headers are still sent, with plenty of requests remaining.",
            lifted
        ),
    ]
}

async fn limited() -> Any<Floor> {
    Floor::with(Options::default()).await
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn post(floor: &Floor) -> Any<Response> {
    floor.send("POST", &general(floor, "/messages"), &json!({ "content": "c" })).await
}

/// The sixth message in five seconds.
async fn sixth() -> Any<(Floor, Response)> {
    let floor = limited().await?;
    for _ in 0..5 {
        assert_eq!(post(&floor).await?.status(), 200);
    }
    let response = post(&floor).await?;
    Ok((floor, response))
}

async fn limit(_: &Floor) -> Any {
    assert_eq!(header(&post(&limited().await?).await?, "x-ratelimit-limit"), "5");
    Ok(())
}

async fn remaining(_: &Floor) -> Any {
    let floor = limited().await?;
    for left in (0..5).rev() {
        assert_eq!(header(&post(&floor).await?, "x-ratelimit-remaining"), left.to_string());
    }
    Ok(())
}

async fn reset(_: &Floor) -> Any {
    let (floor, noon) = super::scene::at_noon().await?;
    floor.control.limits(Limits::Discord).await?;
    let reset: f64 = header(&post(&floor).await?, "x-ratelimit-reset").parse()?;
    let since = reset - f64::from(u32::try_from(noon.timestamp())?);
    assert!(since > 0.0 && since <= 5.0, "{since}");
    Ok(())
}

async fn reset_after(_: &Floor) -> Any {
    let response = post(&limited().await?).await?;
    let after = header(&response, "x-ratelimit-reset-after");
    assert!(after.contains('.') && after.parse::<f64>()? <= 5.0, "{after}");
    Ok(())
}

async fn bucket(_: &Floor) -> Any {
    let floor = limited().await?;
    let extra = floor.control.channel(&floor.guild.id, "extra").await?;
    let path = format!("/channels/{extra}/messages");
    let (one, other) = (post(&floor).await?, floor.send("POST", &path, &json!({ "content": "c" })).await?);
    let third = floor.send("GET", "/users/@me", &json!({})).await?;
    assert_eq!(header(&one, "x-ratelimit-bucket"), header(&other, "x-ratelimit-bucket"));
    assert_ne!(header(&one, "x-ratelimit-bucket"), header(&third, "x-ratelimit-bucket"));
    Ok(())
}

async fn only_on_429(_: &Floor) -> Any {
    let response = post(&limited().await?).await?;
    assert_eq!((header(&response, "x-ratelimit-scope"), header(&response, "x-ratelimit-global")), ("", ""));
    Ok(())
}

async fn exceeded(_: &Floor) -> Any {
    let (_, response) = sixth().await?;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (429, "application/json"));
    let body: Value = response.json().await?;
    assert_eq!((&body["global"], &body["message"]), (&json!(false), &json!("You are being rate limited.")));
    assert!(body["retry_after"].as_f64().is_some_and(|wait| wait > 0.0 && wait <= 5.0), "{body}");
    Ok(())
}

async fn retry_after(_: &Floor) -> Any {
    let (_, response) = sixth().await?;
    let told: f64 = header(&response, "retry-after").parse()?;
    let body: Value = response.json().await?;
    assert_eq!(body["retry_after"].as_f64().map(f64::ceil), Some(told));
    Ok(())
}

async fn exceeded_headers(_: &Floor) -> Any {
    let (_, response) = sixth().await?;
    assert_eq!(
        (header(&response, "x-ratelimit-limit"), header(&response, "x-ratelimit-remaining")),
        ("5", "0")
    );
    for name in ["x-ratelimit-reset", "x-ratelimit-reset-after", "x-ratelimit-bucket"] {
        assert_ne!(header(&response, name), "", "{name}");
    }
    Ok(())
}

async fn scope_user(_: &Floor) -> Any {
    let (_, response) = sixth().await?;
    assert_eq!(
        (header(&response, "x-ratelimit-scope"), header(&response, "x-ratelimit-global")),
        ("user", "")
    );
    Ok(())
}

async fn top_level(_: &Floor) -> Any {
    let (floor, _) = sixth().await?;
    let extra = floor.control.channel(&floor.guild.id, "extra").await?;
    let path = format!("/channels/{extra}/messages");
    assert_eq!(floor.send("POST", &path, &json!({ "content": "c" })).await?.status(), 200);
    Ok(())
}

async fn no_effect(_: &Floor) -> Any {
    let (floor, _) = sixth().await?;
    assert_eq!(floor.control.messages(&floor.guild.channel_id, None).await?.len(), 5);
    Ok(())
}

/// Sends requests until the global limit is hit, alternating between routes with their own limits.
async fn until_global(floor: &Floor) -> Any<(usize, Response)> {
    for number in 0..500 {
        let path = ["/users/@me", "/users/@me/guilds", "/gateway/bot"][number % 3];
        let response = floor.send("GET", path, &json!({})).await?;
        if response.status() == 429 {
            return Ok((number, response));
        }
    }
    Err("the global limit was never met".into())
}

async fn global(_: &Floor) -> Any {
    // On a slow machine the second may be over before the limit is hit; then retry once.
    for _ in 0..20 {
        let (before, response) = until_global(&limited().await?).await?;
        assert!(before >= 50, "after {before}");
        if before == 50 {
            let told = (header(&response, "x-ratelimit-global"), header(&response, "x-ratelimit-scope"));
            assert_eq!(told, ("true", "global"));
            assert_ne!(header(&response, "retry-after"), "");
            assert_eq!(response.json::<Value>().await?["global"], true);
            return Ok(());
        }
    }
    Err("the limit was never met at the 51st request".into())
}

async fn interactions(_: &Floor) -> Any {
    let floor = limited().await?;
    let mut scene = Scene::open(&floor).await?;
    // The global limit's second may end in between; then retry once.
    for _ in 0..20 {
        let asked = scene.asked().await?;
        until_global(&floor).await?;
        let answer = scene.respond(&asked, json!({ "type": 4, "data": { "content": "hi" } })).await?;
        let (followed, _) = scene.webhook("POST", &asked, "", json!({ "content": "more" })).await?;
        assert_eq!((answer.0, followed), (204, 200));
        if floor.send("GET", "/users/@me", &json!({})).await?.status() == 429 {
            return Ok(());
        }
    }
    Err("the global limit never held long enough".into())
}

async fn shared(_: &Floor) -> Any {
    let floor = limited().await?;
    let fault = Fault { retry_after: 1.5, ..Fault::once("POST /channels", Mishap::TooMany) };
    let mut fault = json!(fault);
    fault["scope"] = json!("shared");
    super::scene::control(&floor, "POST", "/faults", &fault).await?;
    let response = post(&floor).await?;
    assert_eq!((response.status().as_u16(), header(&response, "x-ratelimit-scope")), (429, "shared"));
    assert_eq!(response.json::<Value>().await?["retry_after"], 1.5);
    Ok(())
}

async fn lifted(floor: &Floor) -> Any {
    for _ in 0..8 {
        let response = post(floor).await?;
        assert_eq!((response.status().as_u16(), header(&response, "x-ratelimit-limit")), (200, "1000000"));
    }
    Ok(())
}
