//! A process of the bot: the app with its gateway, or another worker on the same database. It has its own
//! runtime, so that it can be killed at any point.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bellringer::app::App;
use bellringer::config::{Config, Secret};
use bellringer::gateway::Api;
use bellringer::kernel::clock::Clock;
use bellringer::kernel::error::Result;
use bellringer::outbox::deliver::Deliverer;
use bellringer::store::db::Db;
use bellringer::store::state::State;
use bellringer::worker::{Step, Worker};
use chrono::{DateTime, Utc};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::network::{Answer, Asked};

/// A request of the current step.
pub(crate) struct Waiting {
    pub(crate) asked: Asked,
    /// Discord's answer, once the request has taken effect.
    pub(crate) answer: Option<Answer>,
    pub(crate) since: DateTime<Utc>,
}

/// A process of the bot.
pub(crate) struct Process {
    pub(crate) state: Arc<State>,
    worker: Arc<Worker>,
    pub(crate) step: Option<JoinHandle<Result<Step>>>,
    pub(crate) waiting: Option<Waiting>,
    /// When the current step started.
    pub(crate) began: Option<DateTime<Utc>>,
    runtime: Option<Runtime>,
}

impl Process {
    /// The app: gateway, commands and a worker.
    pub(crate) async fn app(config: Config, clock: Clock) -> Self {
        let runtime = runtime();
        let started = runtime.spawn(async move {
            let app = App::build(&config, clock).await.unwrap();
            let (state, worker, mut ready) = (app.state(), app.worker(), app.ready());
            let running = bellringer::shutdown::spawn(app.run(CancellationToken::new()));
            ready.wait_for(|ready| *ready).await.unwrap();
            // It ends with its runtime.
            drop(running);
            (state, worker)
        });
        let (state, worker) = started.await.unwrap();
        Self { state, worker, step: None, waiting: None, began: None, runtime: Some(runtime) }
    }

    /// Only a worker.
    pub(crate) async fn worker(config: Config, clock: Clock) -> Self {
        let runtime = runtime();
        let started = runtime.spawn(async move {
            let state = Arc::new(State::new(Db::open(config.database_url.reveal()).await.unwrap(), clock));
            let api = Api::new(&config.token().unwrap(), config.discord_api_url.as_ref().map(Secret::reveal))
                .unwrap();
            let deliverer = Deliverer::new(api.http, api.client, NonZeroU32::MAX);
            (state.clone(), Arc::new(Worker::new(state, deliverer)))
        });
        let (state, worker) = started.await.unwrap();
        Self { state, worker, step: None, waiting: None, began: None, runtime: Some(runtime) }
    }

    /// Runs a statement on the writer connection.
    pub(crate) async fn tells(&self, sql: &str) {
        let mut tx = self.state.db.write().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.step.is_none()
    }

    /// Starts a step of the worker.
    pub(crate) fn begin(&mut self) {
        let worker = self.worker.clone();
        let runtime = self.runtime.as_ref().unwrap();
        self.step = Some(runtime.spawn(async move { worker.step().await }));
    }

    /// Kills it: its connections close, and nothing is recorded.
    pub(crate) async fn die(mut self) {
        if let Some(runtime) = self.runtime.take() {
            let ended = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5)));
            ended.await.unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
