//! The application as a value: built from settings, run until stopped. Tests use the same two calls.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::config::{Config, Secret};
use crate::gateway::{Address, Api, Gateway, GatewayError};
use crate::kernel::clock::Clock;
use crate::kernel::patience::{Patience, Waits};
use crate::outbox::deliver::Deliverer;
use crate::shutdown;
use crate::store::db::{self, Db, OpenError};
use crate::store::state::State;
use crate::web::{self, Watched};
use crate::worker::Worker;

/// How long a stop may take; then the app exits anyway, a little before the process does.
const PATIENCE: Duration = shutdown::PATIENCE.saturating_sub(Duration::from_secs(2));
/// How long to wait for Discord to allow another identify before asking again.
const ASKED_ANEW: Duration = Duration::from_hours(1);

/// Why the app can't run, as one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error("{0}")]
    Setting(String),
    /// The database can't be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Discord can't be used.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// Work in progress did not finish in time.
    #[error("stopped before everything was finished")]
    Unfinished,
    /// The address for the health pages is taken.
    #[error("can't listen on HTTP_ADDR: {0}")]
    Listen(std::io::Error),
}

/// An app that is ready to run.
pub struct App {
    state: Arc<State>,
    worker: Arc<Worker>,
    gateway: Gateway,
    health: Health,
    ready: watch::Receiver<bool>,
    steps_itself: bool,
}

/// The health pages, which start before anything else.
struct Health {
    served: Option<JoinHandle<()>>,
    stop: DropGuard,
}

impl Health {
    async fn serve(config: &Config, watched: Watched) -> Result<Self, StartError> {
        let stop = CancellationToken::new();
        let served = match config.http_addr {
            None => None,
            Some(address) => {
                let listener = web::listen(address).await.map_err(StartError::Listen)?;
                Some(shutdown::spawn(web::serve(listener, watched, stop.clone())))
            }
        };
        Ok(Self { served, stop: stop.drop_guard() })
    }

    async fn end(self) {
        drop(self.stop);
        if let Some(served) = self.served {
            drop(served.await);
        }
    }
}

impl App {
    /// Checks token, address and database, and wires everything up. Waits for anything that can't be reached
    /// yet; nothing has started if it is dropped while waiting.
    pub async fn build(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let token = config.token().map_err(StartError::Setting)?;
        let api = Api::new(&token, config.discord_api_url.as_ref().map(Secret::reveal))?;
        let (waits, (set_ready, ready), (opened, state)) =
            (Waits::default(), watch::channel(false), watch::channel(None));
        let watched = Watched { waits: waits.clone(), state, ready: ready.clone() };
        let health = Health::serve(config, watched).await?;
        let state = open(config, &clock, &waits).await?;
        opened.send_replace(Some(state.clone()));
        let address = reach(&api, config, &waits).await?;
        let gateway =
            Gateway::build(&api, &address, config.patience, state.clone(), set_ready, waits).await?;
        let deliverer = Deliverer::new(api.http.clone(), api.client.clone(), config.pace());
        let worker = Arc::new(Worker::new(state.clone(), deliverer));
        Ok(Self { state, worker, gateway, health, ready, steps_itself: config.steps_itself })
    }

    /// What use cases are called with.
    pub fn state(&self) -> Arc<State> {
        self.state.clone()
    }

    /// The worker, for callers that step it themselves.
    pub fn worker(&self) -> Arc<Worker> {
        self.worker.clone()
    }

    /// Becomes true once the commands are registered.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Serves until `stop`: then takes no more work, finishes what is claimed, and closes the database. If it
    /// ends on its own, it cancels `stop`, so that the caller's time limit on stopping starts.
    pub async fn run(self, stop: CancellationToken) -> Result<(), StartError> {
        let worker = async {
            if self.steps_itself {
                Box::pin(self.worker.run(stop.clone())).await;
            }
        };
        let health = async {
            stop.cancelled().await;
            self.health.end().await;
        };
        let gateway = self.gateway.serve(stop.clone());
        let all = async {
            let (ended, (), ()) = tokio::join!(gateway, worker, health);
            self.state.db.close().await;
            Ok(ended?)
        };
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        };
        tokio::select! {
            ended = all => ended,
            () = too_long => Err(StartError::Unfinished),
        }
    }
}

/// Opens the database; retries while a networked one is unavailable.
async fn open(config: &Config, clock: &Clock, waits: &Waits) -> Result<Arc<State>, OpenError> {
    let opened = async || {
        let state = State::new(Db::open(config.database_url.reveal()).await?, clock.clone());
        state.resume_ids().await.map_err(|error| OpenError::of(error, config.database_url.reveal()))?;
        Ok::<_, OpenError>(Arc::new(state))
    };
    if db::is_sqlite(config.database_url.reveal()) {
        return opened().await;
    }
    let mut patience = Patience::new(waits, "PostgreSQL");
    loop {
        match patience.during(opened()).await {
            Err(error) if error.is_passing() => patience.again(&error.to_string()).await,
            opened => {
                patience.rewarded();
                return opened;
            }
        }
    }
}

/// Asks Discord who the bot is and where to connect, retrying until it answers and the bot may identify.
async fn reach(api: &Api, config: &Config, waits: &Waits) -> Result<Address, GatewayError> {
    const SPENT: &str = "Discord to let the bot identify again";
    let mut patience = Patience::new(waits, "Discord");
    let mut address = loop {
        match patience.during(api.check()).await {
            Err(error) if error.is_passing() => patience.again(&error.to_string()).await,
            Err(error) => return Err(error),
            Ok(address) => match address.spent(config.shards) {
                None => break address,
                Some(reset_after) => {
                    let why = format!("today's logins are used up; more in {} s", reset_after.as_secs());
                    waits.begin(SPENT, &why);
                    tokio::time::sleep(reset_after.min(ASKED_ANEW)).await;
                }
            },
        }
    };
    patience.rewarded();
    waits.end(SPENT);
    if let Some(shards) = config.shards {
        address.shards = shards;
    }
    Ok(address)
}
