//! The connection to Discord: client, command registration, and events to where they belong.

mod measure;
mod watchdog;

use std::sync::Arc;
use std::time::{Duration, Instant};

use poise::{Framework, FrameworkContext, FrameworkOptions};
use reqwest::{StatusCode, Url};
use serenity::all::{FullEvent, GatewayIntents, Http, HttpBuilder, HttpError, Interaction};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::chat::{answer, failure, nameless, press::Press};
use crate::config::{Secret, Shards};
use crate::features::{self, privacy};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::GuildId;
use crate::kernel::state::State;
use crate::shutdown;

/// No request to Discord takes longer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why Discord can't be worked with, in a line for whoever runs the process.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The token is not one of a bot.
    #[error(
        "Discord refuses the bot token. Copy it anew from the developer portal (Bot › Reset Token) into DISCORD_TOKEN"
    )]
    Token,
    /// The API can't be reached.
    #[error("Discord can't be reached at {0}: {1}")]
    Unreachable(String, String),
    /// A local API names a gateway elsewhere, to which the token would go.
    #[error(
        "the API at {0} names the gateway {1}, which is not on this machine; refusing to send the token there"
    )]
    Elsewhere(String, String),
    /// The address is not one.
    #[error("DISCORD_API_URL must be an address like http://127.0.0.1:8077")]
    Address,
    /// The commands were refused.
    #[error("Discord refuses the commands: {0}")]
    Commands(String),
    /// A shard is dead, and nobody else would notice.
    #[error(
        "shard {0} has not been heard of for too long; ending, so that whatever supervises this process starts it anew"
    )]
    Silent(u32),
    /// The connection ended for good.
    #[error("the connection to Discord ended: {0}")]
    Ended(String),
}

/// Speaks to Discord's REST API, or to whatever stands in for it.
#[derive(Debug, Clone)]
pub struct Api {
    /// serenity's client, for answers to interactions.
    pub http: Arc<Http>,
    /// Ours, for deliveries, which must see the rate-limit headers.
    pub client: reqwest::Client,
    token: Secret,
    /// `None` is Discord itself.
    address: Option<String>,
    is_local: bool,
}

impl Api {
    /// An API at an address, or Discord's own.
    ///
    /// # Errors
    /// When the address is not one.
    pub fn new(token: &Secret, address: Option<&str>) -> Result<Self, GatewayError> {
        let other = |error: reqwest::Error| GatewayError::Ended(error.to_string());
        let client = reqwest::Client::builder().timeout(TIMEOUT).tcp_nodelay(true).build().map_err(other)?;
        let is_address = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let url = address.map(|text| Url::parse(text).ok().filter(is_address).ok_or(GatewayError::Address));
        let is_local = url.transpose()?.is_some_and(|url| is_loopback(&url));
        let address = address.map(|text| base(text).to_owned());
        let http = Arc::new(build(token, &client, address.as_deref()));
        Ok(Self { http, client, token: token.clone(), address, is_local })
    }

    fn fresh(&self) -> Http {
        build(&self.token, &self.client, self.address.as_deref())
    }

    /// The address as far as it may be shown: what else it says may be a password.
    fn named(&self) -> String {
        let url = self.address.as_deref().and_then(|address| Url::parse(address).ok());
        url.map_or_else(|| "https://discord.com".to_owned(), |url| url.origin().ascii_serialization())
    }

    /// Asks who the bot is and where the gateway is: the check of token and address before anything is started.
    pub async fn check(&self) -> Result<Address, GatewayError> {
        let told = |error: serenity::Error| match &error {
            serenity::Error::Http(HttpError::UnsuccessfulRequest(answer))
                if answer.status_code == StatusCode::UNAUTHORIZED =>
            {
                GatewayError::Token
            }
            _ => GatewayError::Unreachable(self.named(), one_line(&nameless(error))),
        };
        self.http.get_current_user().await.map_err(told)?;
        let url = self.http.get_gateway().await.map_err(told)?.url;
        self.stays(&url)?;
        let total = match self.http.get_bot_gateway().await {
            Ok(gateway) => gateway.shards.max(1),
            // Servers that only resemble Discord may not say; one shard does for them.
            Err(serenity::Error::Http(HttpError::UnsuccessfulRequest(_))) => 1,
            Err(error) => return Err(told(error)),
        };
        Ok(Address { url, shards: Shards { first: 0, last: total - 1, total } })
    }

    /// A token that was given for an API on this machine is sent to no gateway elsewhere, but to Discord's own where the
    /// API names it, as a proxy does.
    fn stays(&self, gateway: &str) -> Result<(), GatewayError> {
        let stays = Url::parse(gateway).is_ok_and(|url| is_loopback(&url) || is_discords(&url));
        if self.is_local && !stays {
            return Err(GatewayError::Elsewhere(self.named(), gateway.to_owned()));
        }
        Ok(())
    }
}

/// Where the gateway is, and which shards to connect.
#[derive(Debug, Clone)]
pub struct Address {
    /// `wss://…`
    pub url: String,
    /// As many as Discord asks for.
    pub shards: Shards,
}

/// The address without the path of the API, which serenity adds.
fn base(address: &str) -> &str {
    address.trim_end_matches('/').trim_end_matches("/v10").trim_end_matches("/api")
}

fn build(token: &Secret, client: &reqwest::Client, address: Option<&str>) -> Http {
    // serenity's own limiter ignores the address, and keeps an entry for each interaction for ever. Answers to
    // interactions are outside the global limit, and the outbox keeps to the limits by itself.
    let builder = HttpBuilder::new(token.reveal()).client(client.clone()).ratelimiter_disabled(true);
    match address {
        Some(address) => builder.proxy(address).build(),
        None => builder.build(),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        None => false,
    }
}

fn is_discords(url: &Url) -> bool {
    url.scheme() == "wss" && url.host_str().is_some_and(|host| host.ends_with(".discord.gg"))
}

/// An error and what caused it, without line breaks.
fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text.replace('\n', " ")
}

/// A client that is ready to connect.
pub struct Gateway {
    client: serenity::Client,
    shards: Shards,
    patience: Duration,
    state: Arc<State>,
    failed: watch::Receiver<Option<String>>,
}

impl Gateway {
    /// Builds the client. `ready` is set once the commands are registered.
    pub async fn build(
        api: &Api,
        gateway: &Address,
        patience: Duration,
        state: Arc<State>,
        ready: watch::Sender<bool>,
    ) -> Result<Self, GatewayError> {
        let (fail, failed) = watch::channel(None);
        let options = FrameworkOptions {
            commands: features::commands(),
            command_check: Some(|ctx| Box::pin(answer::in_time(ctx))),
            pre_command: |ctx| Box::pin(measure::begun(ctx)),
            post_command: |ctx| Box::pin(measure::done(ctx)),
            on_error: |error| {
                Box::pin(async {
                    measure::failed(&error).await;
                    failure::answer(error).await;
                })
            },
            event_handler: |framework, event| Box::pin(heard(framework, event)),
            initialize_owners: false,
            ..FrameworkOptions::default()
        };
        let data = state.clone();
        let framework = Framework::builder()
            .options(options)
            .setup(move |context, _, framework| {
                Box::pin(async move {
                    // An error returned from here would leave every later interaction waiting for ever.
                    match poise::builtins::register_globally(context, &framework.options().commands).await {
                        Ok(()) => drop(ready.send(true)),
                        Err(error) => drop(fail.send(Some(one_line(&error)))),
                    }
                    Ok(data)
                })
            })
            .build();
        let client = serenity::all::ClientBuilder::new_with_http(api.fresh(), GatewayIntents::GUILDS)
            .framework(framework)
            .type_map_insert::<answer::Client>(api.client.clone())
            .await;
        let client = client.map_err(|error| GatewayError::Ended(one_line(&error)))?;
        // The client asks again where the gateway is, and falls back to Discord's own when it gets no answer.
        let asked = client.ws_url.lock().await.clone();
        if api.is_local && asked != gateway.url {
            return Err(GatewayError::Elsewhere(api.named(), asked));
        }
        Ok(Self { client, shards: gateway.shards, patience, state, failed })
    }

    /// Stays connected until `stop`, or until the connection ends for good.
    pub async fn serve(mut self, stop: CancellationToken) -> Result<(), GatewayError> {
        let shards = self.client.shard_manager.clone();
        let mut failed = self.failed.clone();
        let Shards { first, last, total } = self.shards;
        let ended = tokio::select! {
            // Its range includes its end.
            ended = self.client.start_shard_range(first..last, total) => {
                ended.map_err(|error| GatewayError::Ended(one_line(&error)))
            }
            Ok(why) = failed.wait_for(Option::is_some) => Err(GatewayError::Commands(why.clone().unwrap_or_default())),
            dead = watchdog::watch(&shards, self.shards, self.patience, &self.state) => Err(GatewayError::Silent(dead)),
            () = stop.cancelled() => Ok(()),
        };
        if let Err(error) = &ended {
            tracing::error!(%error, "the connection to Discord ended");
        }
        // Whatever ends first, ends the others.
        stop.cancel();
        shards.shutdown_all().await;
        ended
    }
}

/// Dropped in the middle, it hangs up: its shards are tasks of serenity's, which would go on answering.
impl Drop for Gateway {
    fn drop(&mut self) {
        let shards = self.client.shard_manager.clone();
        shutdown::spawn_last(async move { shards.shutdown_all().await });
    }
}

async fn heard(framework: FrameworkContext<'_, Arc<State>, Error>, event: &FullEvent) -> Result<()> {
    let state = framework.user_data;
    let interaction = match event {
        FullEvent::InteractionCreate { interaction } => interaction,
        FullEvent::Ready { data_about_bot: ready } => {
            let present: Vec<GuildId> = ready.guilds.iter().map(|guild| guild.id.get().into()).collect();
            let shard = ready.shard.map_or((0, 1), |shard| (shard.id.0, shard.total));
            return privacy::guilds_present(state, &present, shard).await;
        }
        FullEvent::GuildCreate { guild, .. } => {
            return privacy::guild_came(state, guild.id.get().into()).await;
        }
        // An outage of Discord's makes a guild unavailable, and is no farewell.
        FullEvent::GuildDelete { incomplete, .. } if !incomplete.unavailable => {
            return privacy::guild_left(state, incomplete.id.get().into()).await;
        }
        _ => return Ok(()),
    };
    // Whoever does something there shows that the bot is there, whatever was heard before.
    let there = match interaction {
        Interaction::Command(it) => it.guild_id,
        Interaction::Component(it) => it.guild_id,
        Interaction::Modal(it) => it.guild_id,
        _ => None,
    };
    if let Some(guild) = there {
        privacy::guild_came(state, guild.get().into()).await?;
    }
    let Some(mut press) = Press::of(framework.serenity_context, interaction) else { return Ok(()) };
    let begun = Instant::now();
    let pressed = match press.in_time(state).await {
        Ok(()) => features::pressed(state, press).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &pressed {
        press.refuse(state, error).await;
    }
    measure::pressed(state, press, &pressed, begun.elapsed());
    Ok(())
}
