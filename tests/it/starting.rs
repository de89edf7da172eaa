//! Starting while a dependency is unresponsive, down or overloaded: it waits, says for what, and reacts to a
//! stop signal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bellringer::sandbox::client::{Fault, Mishap, Person, Place};
use bellringer::sandbox::{Client, Limits, Options, Sandbox};
use bellringer::shutdown;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::bot::{Bot, Home};
use crate::command_line::bellringer;

/// How long a process may take to react.
const SOON: Duration = Duration::from_secs(3);
const HTML: &str = "<html><body>Attention required</body></html>";
const REGISTERING: &str = "PUT /applications/{id}/commands";

/// The answer given instead of the sandbox's.
type Instead = Box<dyn Fn(&Method, &str) -> Option<(u16, String)> + Send + Sync>;

/// A proxy in front of the sandbox that answers some requests itself: strings as HTML, JSON as Discord would.
async fn between(sandbox: &Sandbox, instead: Instead) -> String {
    async fn pass(State((url, instead)): State<(String, Arc<Instead>)>, request: Request) -> Response {
        let path = request.uri().path_and_query().unwrap().to_string();
        let (parts, body) = request.into_parts();
        if let Some((status, text)) = instead(&parts.method, &path) {
            let kind = if text.starts_with('{') { "application/json" } else { "text/html" };
            return (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, kind)], text)
                .into_response();
        }
        let mut headers: HeaderMap = parts.headers;
        headers.remove(header::HOST);
        let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
        let client = reqwest::Client::new();
        let asked = client.request(parts.method, format!("{url}{path}")).headers(headers).body(body);
        let answer = asked.send().await.unwrap();
        let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
        let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
        *response.status_mut() = status;
        kind.map(|kind| response.headers_mut().insert(header::CONTENT_TYPE, kind));
        response
    }
    let router = Router::new().fallback(pass).with_state((sandbox.url(), Arc::new(instead)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    shutdown::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A server that accepts connections and never answers.
async fn mute() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    shutdown::spawn(async move {
        let mut taken = Vec::new();
        while let Ok(connection) = listener.accept().await {
            taken.push(connection);
        }
    });
    address
}

/// A PostgreSQL that rejects all connections with this code.
async fn postgres_says(code: &'static str, why: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let told = format!("SFATAL\0VFATAL\0C{code}\0M{why}\0\0");
    let told = [b"E", &u32::try_from(told.len() + 4).unwrap().to_be_bytes()[..], told.as_bytes()].concat();
    shutdown::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 1024];
            // It is first asked for TLS, and has none.
            for answer in [&b"N"[..], &told] {
                drop(stream.read(&mut asked).await);
                drop(stream.write_all(answer).await);
            }
        }
    });
    format!("postgres://bell@{address}/bell")
}

/// A port without a server: tests listen on ports chosen by the system, and 9 is none of them.
const NOWHERE: &str = "127.255.0.9:9";

async fn sandbox() -> Sandbox {
    Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap()
}

/// How many times a bot has identified.
async fn identified(control: &Client) -> usize {
    let log = control.log(0).await.unwrap();
    log.iter().filter(|entry| entry["did"] == "identified").count()
}

/// Waits as expected, says so once, and stops on request.
async fn waits(what: &str, settings: &[(&'static str, &str)]) {
    let sandbox = sandbox().await;
    let home = Home::beside(&sandbox, settings).await;
    let mut bot = home.start(settings);
    bot.listens().await;
    let began = Instant::now();
    loop {
        assert_eq!(bot.asked("/healthz").await.0, 200, "{what}");
        let (status, why) = bot.asked("/readyz").await;
        assert_eq!(status, 503, "{what}: {why}");
        // Long enough for a second attempt where the first is refused at once.
        if why.contains(what) && began.elapsed() > Duration::from_secs(3) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(15), "{what}: {why}\n{}", home.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let worked = bot.worked();
    assert!(worked < 200, "{what}: the processor worked for {worked} hundredths of a second");
    bot.terminate();
    let status = bot.ended(SOON).await;
    let log = home.log();
    assert!(status.success(), "{what}: {status}\n{log}");
    assert_eq!(log.matches("waiting for").count(), 1, "{what}: {log}");
    assert_eq!(identified(&sandbox.control()).await, 0, "{what}");
    sandbox.stop().await;
    home.drop().await;
}

#[tokio::test]
async fn while_discord_or_the_database_is_mute_or_down_it_waits_and_says_for_what() {
    let silent = mute().await;
    let mut apis = vec![format!("http://{silent}"), format!("http://{NOWHERE}")];
    let sandbox = sandbox().await;
    let limited =
        json!({"message": "You are being rate limited.", "retry_after": 1.0, "global": false}).to_string();
    let overloaded = json!({"message": "API resource is currently overloaded", "code": 130_000}).to_string();
    for (status, body) in
        [(401, HTML), (403, HTML), (404, HTML), (502, HTML), (200, HTML), (429, &limited), (503, &overloaded)]
    {
        let body = body.to_owned();
        apis.push(between(&sandbox, Box::new(move |_, _| Some((status, body.clone())))).await);
    }
    // The gateway's address is requested last.
    let instead = |_: &Method, path: &str| path.ends_with("/gateway/bot").then(|| (500, HTML.to_owned()));
    apis.push(between(&sandbox, Box::new(instead)).await);
    let starts = postgres_says("57P03", "the database system is starting up").await;
    let [silent, gone] =
        [silent.to_string(), NOWHERE.to_owned()].map(|address| format!("postgres://bell@{address}/bell"));
    let databases = [silent, gone, starts];
    let of_api = async |api: &String| waits("waiting for Discord", &[("DISCORD_API_URL", api)]).await;
    let of_database = async |url: &String| waits("waiting for PostgreSQL", &[("DATABASE_URL", url)]).await;
    tokio::join!(join_all(apis.iter().map(of_api)), join_all(databases.iter().map(of_database)));
    sandbox.stop().await;
}

#[tokio::test]
async fn the_doctor_waits_for_nobody_and_says_who_does_not_answer() {
    let (folder, silent) = (tempfile::tempdir().unwrap(), mute().await);
    let mut command = bellringer(folder.path());
    command.arg("doctor").env("DISCORD_TOKEN", "any").env("DISCORD_API_URL", format!("http://{silent}"));
    command.env("DATABASE_URL", format!("postgres://bell@{silent}/bell"));
    let asked = Instant::now();
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && asked.elapsed() < Duration::from_secs(25), "{told}");
    assert!(told.contains("✗ Discord can't be reached"), "{told}");
    assert!(told.contains("✗ the database") && told.contains("isn't responding"), "{told}");
}

/// Its output when it exits by itself.
async fn ends(sandbox: &Sandbox, settings: &[(&'static str, &str)]) -> String {
    let home = Home::beside(sandbox, settings).await;
    let mut bot = home.start(settings);
    let status = bot.ended(Duration::from_secs(10)).await;
    let log = home.log();
    assert_eq!(status.code(), Some(1), "{log}");
    let said: Vec<&str> = log.lines().filter(|line| !line.contains("INFO")).collect();
    assert_eq!(said.len(), 1, "{log}");
    let line = said[0].to_owned();
    home.drop().await;
    line
}

#[tokio::test]
async fn what_discord_or_the_database_itself_refuses_ends_it_in_one_line() {
    let sandbox = sandbox().await;
    let refuses = async |part: &'static str, status: u16, body: Value| {
        let instead = move |_: &Method, path: &str| path.contains(part).then(|| (status, body.to_string()));
        let api = between(&sandbox, Box::new(instead)).await;
        ends(&sandbox, &[("DISCORD_API_URL", &api)]).await
    };
    let (token, verify, commands) = tokio::join!(
        refuses("/users/@me", 401, json!({"message": "401: Unauthorized", "code": 0})),
        refuses(
            "/users/@me",
            403,
            json!({"message": "You need to verify your account in order to perform this action.", "code": 40002})
        ),
        refuses(
            "/commands",
            400,
            json!({"message": "Invalid Form Body", "code": 50035, "errors": {"0": {"name": {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 1 and 32 in length."}]}}}})
        ),
    );
    let url = postgres_says("28P01", "password authentication failed for user \"bell\"").await;
    let database = ends(&sandbox, &[("DATABASE_URL", &url)]).await;
    insta::assert_snapshot!([token, verify, commands, database].join("\n"));
    sandbox.stop().await;
}

async fn began(sandbox: &Sandbox) -> (Place, Home) {
    let control = sandbox.control();
    let guild = control.guild("Starting").await.unwrap();
    let ana = control.person(&guild.id, &Person::named("ana")).await.unwrap();
    (Place::new(&guild.id, &guild.channel_id, &ana), Home::beside(sandbox, &[]).await)
}

async fn stops(mut bot: Bot, home: &Home) {
    bot.terminate();
    let status = bot.ended(Duration::from_secs(8)).await;
    assert!(status.success(), "{status}: {}", home.log());
}

#[tokio::test]
async fn while_the_commands_cannot_be_registered_the_old_ones_work_and_it_identifies_once() {
    let mishaps =
        [Mishap::Internal, Mishap::BadGateway, Mishap::TooMany, Mishap::DropBefore, Mishap::DropAfter];
    join_all(mishaps.map(async |mishap| {
        let sandbox = sandbox().await;
        let (control, (place, home)) = (sandbox.control(), began(&sandbox).await);
        let mut bot = home.start(&[]);
        bot.ready().await;
        bot.kill();
        control.fault(&Fault { times: 2, ..Fault::once(REGISTERING, mishap) }).await.unwrap();
        let mut bot = home.start(&[]);
        bot.listens().await;
        let started = Instant::now();
        while identified(&control).await < 2 {
            assert!(started.elapsed() < Duration::from_secs(20), "{mishap:?}: {}", home.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let answered = control.command(&place, "help", json!({})).await.unwrap();
        assert!(answered.message.is_some(), "{mishap:?}: {answered:?}");
        // A shard may receive a command a moment before the process considers it connected.
        let why = loop {
            let (status, why) = bot.asked("/readyz").await;
            assert!(status == 503 && started.elapsed() < Duration::from_secs(20), "{mishap:?}: {why}");
            if !why.contains("not connected") {
                break why;
            }
        };
        assert!(why.contains("commands"), "{mishap:?}: {why}");
        bot.ready().await;
        assert_eq!(identified(&control).await, 2, "{mishap:?}: once in each life");
        assert_eq!(home.log().matches("waiting for").count(), 1, "{mishap:?}: {}", home.log());
        stops(bot, &home).await;
        sandbox.stop().await;
        home.drop().await;
    }))
    .await;
}

#[tokio::test]
async fn where_nothing_is_left_of_the_days_identifying_it_waits_until_there_is() {
    let sandbox = sandbox().await;
    let (gateway, asked) = (sandbox.url().replace("http", "ws"), std::sync::atomic::AtomicU64::new(0));
    let instead = move |_: &Method, path: &str| {
        let spent = |remaining: u64| {
            let limit =
                json!({"total": 1000, "remaining": remaining, "reset_after": 3000, "max_concurrency": 1});
            json!({"url": gateway, "shards": 1, "session_start_limit": limit}).to_string()
        };
        let first = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        path.ends_with("/gateway/bot").then(|| (200, spent(if first() { 0 } else { 1000 })))
    };
    let api = between(&sandbox, Box::new(instead)).await;
    let home = Home::beside(&sandbox, &[("DISCORD_API_URL", &api)]).await;
    let mut bot = home.start(&[("DISCORD_API_URL", &api)]);
    bot.listens().await;
    let began = Instant::now();
    let mut told = String::new();
    while began.elapsed() < Duration::from_secs(2) {
        told = bot.asked("/readyz").await.1;
        assert_eq!(identified(&sandbox.control()).await, 0);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(told.contains("identify"), "{told}");
    bot.ready().await;
    assert_eq!(identified(&sandbox.control()).await, 1);
    stops(bot, &home).await;
    sandbox.stop().await;
    home.drop().await;
}
