//! The application as a value: built from settings, run until told to stop. Tests use the same two calls.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Secret};
use crate::gateway::{Api, Gateway, GatewayError};
use crate::kernel::clock::Clock;
use crate::kernel::db::{Db, OpenError};
use crate::kernel::state::State;
use crate::outbox::deliver::Deliverer;
use crate::web;
use crate::worker::Worker;

/// How long a stop may take; then the app ends anyway.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the app can't run, in a line for whoever runs it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error("{0}")]
    Setting(String),
    /// The database can't be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Discord can't be worked with.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// Something that was under way did not end in time.
    #[error("stopped before everything was finished")]
    Unfinished,
    /// The health pages' address is taken.
    #[error("HTTP_ADDR can't be listened on: {0}")]
    Listen(std::io::Error),
}

/// An app that is ready to run.
pub struct App {
    state: Arc<State>,
    worker: Arc<Worker>,
    gateway: Gateway,
    health: Option<TcpListener>,
    ready: watch::Receiver<bool>,
    steps_itself: bool,
}

impl App {
    /// Checks token, address and database, and wires everything.
    pub async fn build(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let token = config.token().map_err(StartError::Setting)?;
        let db = Db::open(config.database_url.reveal()).await?;
        let state = Arc::new(State::new(db, clock));
        state.go_on().await.map_err(OpenError::Unusable)?;
        let api = Api::new(&token, config.discord_api_url.as_ref().map(Secret::reveal))?;
        let mut gateway = api.check().await?;
        if let Some(shards) = config.shards {
            gateway.shards = shards;
        }
        let (set_ready, ready) = watch::channel(false);
        let gateway = Gateway::build(&api, &gateway, config.patience, state.clone(), set_ready).await?;
        let deliverer = Deliverer::new(api.http.clone(), api.client.clone(), config.pace());
        let worker = Arc::new(Worker::new(state.clone(), deliverer));
        let health = match config.http_addr {
            Some(address) => Some(web::listen(address).await.map_err(StartError::Listen)?),
            None => None,
        };
        Ok(Self { state, worker, gateway, health, ready, steps_itself: config.steps_itself })
    }

    /// What use cases are given.
    pub fn state(&self) -> Arc<State> {
        self.state.clone()
    }

    /// The worker, for whoever steps it from outside.
    pub fn worker(&self) -> Arc<Worker> {
        self.worker.clone()
    }

    /// Turns true once the commands are registered.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Serves until `stop`: then takes no more work, finishes what is claimed, and closes the database.
    pub async fn run(self, stop: CancellationToken) -> Result<(), StartError> {
        let ends = stop.child_token();
        let worker = async {
            if self.steps_itself {
                Box::pin(self.worker.run(ends.clone())).await;
            }
        };
        let health = async {
            if let Some(listener) = self.health {
                web::serve(listener, self.state.clone(), self.ready.clone(), ends.clone()).await;
            }
        };
        let gateway = self.gateway.serve(ends.clone());
        let all = async {
            let (ended, (), ()) = tokio::join!(gateway, worker, health);
            self.state.db.close().await;
            Ok(ended?)
        };
        let too_long = async {
            ends.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            ended = all => ended,
            () = too_long => Err(StartError::Unfinished),
        }
    }
}
