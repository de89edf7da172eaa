//! The app by itself, on the system's clock: nobody steps it, and time passes.

use std::time::Duration;

use bellringer::app::App;
use bellringer::config::Config;
use bellringer::kernel::clock::Clock;
use bellringer::kernel::state::State;
use bellringer::sandbox::client::{Fault, Mishap, Person, Place};
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::shutdown;
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

    // Told to slow down, it knows that nothing was made: there is no doubt to remember.
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

/// Waits until no post is open.
async fn settled(state: &State) {
    let open = "SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed')";
    while sqlx::query_as::<_, (i64,)>(open).fetch_one(state.db.read()).await.unwrap().0 > 0 {
        tokio::task::yield_now().await;
    }
}
