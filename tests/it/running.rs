//! The app on the system's clock, running by itself.

use std::time::Duration;

use bellringer::app::App;
use bellringer::config::Config;
use bellringer::kernel::clock::Clock;
use bellringer::sandbox::client::{Fault, Mishap, Person, Place};
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::shutdown;
use bellringer::store::state::State;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::database::Database;

const SENDING: &str = "POST /channels/{id}/messages";

#[tokio::test]
async fn while_time_passes_a_lost_answer_still_leaves_one_message_and_nothing_is_held() {
    let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
    let control = sandbox.control();
    let guild = control.guild("Running").await.unwrap();
    let wins = control.channel(&guild.id, "wins").await.unwrap();
    let ana = control.person(&guild.id, &Person::named("ana")).await.unwrap();
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh().await);
    let file = format!("sqlite://{}", folder.path().join("bellringer.db").display());
    let url = database.as_ref().map_or(file, Database::url);
    let config = Config::beside_sandbox(&sandbox.url(), sandbox.token(), url);
    let app = App::build(&config, Clock::system()).await.unwrap();
    let (state, mut ready, stop) = (app.state(), app.ready(), CancellationToken::new());
    let running = shutdown::spawn(app.run(stop.clone()));
    ready.wait_for(|ready| *ready).await.unwrap();

    let owner = Place::new(&guild.id, &guild.channel_id, &guild.owner_id);
    let setup = json!({"time_zone": "UTC", "currency": "USD", "wins_channel": wins});
    control.command(&owner, "setup", setup).await.unwrap();
    let rep = Place::new(&guild.id, &guild.channel_id, &ana);
    for mishap in [Mishap::DropBefore, Mishap::DropAfter] {
        control.fault(&Fault::once(SENDING, mishap)).await.unwrap();
        control.command(&rep, "win log", json!({"amount": "4k", "customer": "Acme"})).await.unwrap();
        tokio::time::timeout(Duration::from_secs(30), settled(&state)).await.unwrap();
    }

    // A 429 means that nothing was made, so there is no doubt to record.
    control.fault(&Fault { retry_after: 2.0, ..Fault::once(SENDING, Mishap::TooMany) }).await.unwrap();
    control.command(&rep, "win log", json!({"amount": "4k", "customer": "Acme"})).await.unwrap();
    let waiting = "SELECT first_attempt FROM post WHERE state = 'waiting' AND attempts > 0";
    let slowed = async {
        loop {
            let row: Option<(Option<i64>,)> =
                sqlx::query_as(waiting).fetch_optional(state.db.read()).await.unwrap();
            match row {
                Some((doubt,)) => break doubt,
                None => tokio::task::yield_now().await,
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(10), slowed).await.unwrap(), None);
    tokio::time::timeout(Duration::from_secs(30), settled(&state)).await.unwrap();

    assert_eq!(control.messages(&wins, None).await.unwrap().len(), 3, "a bell each");
    let sent = control.log(0).await.unwrap();
    let sent = sent.iter().filter(|entry| entry["route"] == SENDING);
    let became: Vec<Value> = sent
        .map(|entry| entry.get("fault").filter(|it| !it.is_null()).unwrap_or(&entry["status"]).clone())
        .collect();
    let expected = json!(["drop_before", 200, "drop_after", 200, "429", 200]);
    assert_eq!(json!(became), expected);
    let (held,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM post WHERE state <> 'sent'")
        .fetch_one(state.db.read())
        .await
        .unwrap();
    assert_eq!((held, state.failures()), (0, 0));
    stop.cancel();
    running.await.unwrap().unwrap();
    sandbox.stop().await;
    if let Some(database) = database {
        database.drop().await;
    }
}

/// Waits until no post is pending.
async fn settled(state: &State) {
    let open = "SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed')";
    while sqlx::query_as::<_, (i64,)>(open).fetch_one(state.db.read()).await.unwrap().0 > 0 {
        tokio::task::yield_now().await;
    }
}

/// A server on this machine that answers like Discord's API, and names this gateway.
async fn names(gateway: &'static str) -> String {
    use axum::{Json, Router, routing::get};
    let limits = json!({"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1});
    let bot = json!({"url": gateway, "shards": 3, "session_start_limit": limits});
    let own = json!({"id": "1", "username": "bell", "discriminator": "0", "bot": true});
    let router = Router::new()
        .route("/api/v10/users/@me", get(async move || Json(own)))
        .route("/api/v10/gateway", get(async move || Json(json!({"url": gateway}))))
        .route("/api/v10/gateway/bot", get(async move || Json(bot)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    shutdown::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn a_proxy_on_this_machine_may_name_discords_gateway_and_nobody_elses() {
    use bellringer::config::Secret;
    use bellringer::gateway::{Api, GatewayError};
    let token = Secret::new("a.b.c");
    let proxy = names("wss://gateway.discord.gg").await;
    let found = Api::new(&token, Some(&proxy)).unwrap().check().await.unwrap();
    assert_eq!((found.url.as_str(), found.shards.total), ("wss://gateway.discord.gg", 3));
    for elsewhere in ["wss://gateway.example.org", "wss://discord.gg.example.org", "ws://gateway.discord.gg"]
    {
        let proxy = names(elsewhere).await;
        let refused = Api::new(&token, Some(&proxy)).unwrap().check().await;
        assert!(matches!(refused, Err(GatewayError::Elsewhere(..))), "{elsewhere}: {refused:?}");
    }
}
