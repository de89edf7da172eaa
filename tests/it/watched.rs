//! The process from an operator's view: metrics, logs, and exiting when Discord stops responding.

use std::collections::BTreeSet;
use std::time::Duration;

use bellringer::app::{App, StartError};
use bellringer::config::Config;
use bellringer::kernel::clock::Clock;
use bellringer::sandbox::client::{Fault, Mishap, Person, Place};
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::shutdown;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::bot::{Home, health};
use crate::delivery::SENDING;

/// A bot on the system's clock, in a guild with a channel for wins and a rep.
struct Watched {
    sandbox: Sandbox,
    config: Config,
    owner: Place,
    rep: Place,
    _folder: tempfile::TempDir,
}

impl Watched {
    async fn begin() -> Self {
        let options =
            Options { limits: Limits::Lifted, heartbeat: Duration::from_secs(1), ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let control = sandbox.control();
        let guild = control.guild("Watched").await.unwrap();
        let ana = control.person(&guild.id, &Person::named("ana")).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}", folder.path().join("bellringer.db").display());
        let mut config = Config::beside_sandbox(&sandbox.url(), sandbox.token(), file);
        config.http_addr = Some(health());
        let [owner, rep] = [&guild.owner_id, &ana].map(|user| Place::new(&guild.id, &guild.channel_id, user));
        Self { sandbox, config, owner, rep, _folder: folder }
    }

    async fn asks(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.config.http_addr.unwrap());
        reqwest::get(url).await.unwrap().text().await.unwrap()
    }
}

/// Polls until the answer is as expected.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.unwrap()
}

#[tokio::test]
async fn the_meters_tell_of_interactions_deliveries_and_shards() {
    let watched = Watched::begin().await;
    let control = watched.sandbox.control();
    let app = App::build(&watched.config, Clock::system()).await.unwrap();
    let (mut ready, stop) = (app.ready(), CancellationToken::new());
    let running = shutdown::spawn(app.run(stop.clone()));
    ready.wait_for(|ready| *ready).await.unwrap();
    let setup = json!({"time_zone": "UTC", "currency": "USD", "wins_channel": watched.owner.channel});
    control.command(&watched.owner, "setup", setup).await.unwrap();
    control.fault(&Fault::once(SENDING, Mishap::BadGateway)).await.unwrap();
    control.command(&watched.rep, "win log", json!({"amount": "4k"})).await.unwrap();
    control.command(&watched.rep, "win log", json!({"amount": "nothing"})).await.unwrap();
    control.command(&watched.rep, "help", json!({})).await.unwrap();
    let told = until(async || {
        let told = watched.asks("/metrics").await;
        let wanted = [
            "outbox_posts 0\n",
            "deliveries_total{result=\"sent\"} 1",
            "shard_heartbeat_seconds{shard=\"0\"}",
        ];
        wanted.iter().all(|line| told.contains(line)).then_some(told)
    })
    .await;
    for line in [
        "bellringer_interactions_total{command=\"win log\",result=\"ok\"} 1",
        "bellringer_interactions_total{command=\"win log\",result=\"refused\"} 1",
        "bellringer_interactions_total{command=\"help\",result=\"ok\"} 1",
        "bellringer_reply_seconds_count 4",
        "bellringer_deliveries_total{result=\"unknown\"} 1",
        "bellringer_delivery_requests_total{status=\"502\"} 1",
        "bellringer_outbox_posts 0",
        "bellringer_shard_connected{shard=\"0\"} 1",
        "bellringer_failures_total 0",
        "bellringer_late_occurrences_total 0",
        "# TYPE bellringer_database_write_seconds histogram",
        "# EOF",
    ] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    // Each takes a different time: that is how the watchdog recognizes a new one.
    let mut heartbeats = BTreeSet::new();
    until(async || {
        let told = watched.asks("/metrics").await;
        let line = told.lines().find(|line| line.starts_with("bellringer_shard_heartbeat_seconds{"));
        heartbeats.insert(line.map(str::to_owned));
        (heartbeats.len() > 3).then_some(())
    })
    .await;
    assert_eq!(watched.asks("/readyz").await, "ready\n");
    assert_eq!(watched.asks("/healthz").await, "ok\n");
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_bot_that_nobody_answers_any_more_ends_so_that_it_can_be_started_anew() {
    let mut watched = Watched::begin().await;
    watched.config.patience = Duration::from_secs(3);
    let app = App::build(&watched.config, Clock::system()).await.unwrap();
    let mut ready = app.ready();
    let running = shutdown::spawn(app.run(CancellationToken::new()));
    ready.wait_for(|ready| *ready).await.unwrap();
    watched.sandbox.stop().await;
    let ended = tokio::time::timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
    let Err(StartError::Gateway(why)) = ended else { panic!("it ended well") };
    insta::assert_snapshot!(why.to_string());
}

#[tokio::test]
async fn a_log_in_json_is_one_object_a_line() {
    let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
    let home = Home::beside(&sandbox, &[("BELLRINGER_LOG_FORMAT", "json")]).await;
    let mut bot = home.start(&[]);
    bot.ready().await;
    bot.kill();
    let log = home.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["message"] == "bellringer runs"), "{log}");
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()), "{log}");
    sandbox.stop().await;
    home.drop().await;
}
