//! The connection to Discord: client, command registration, and event routing.

mod measure;
mod pace;
mod relay;
mod under_way;
mod watchdog;

use std::sync::Arc;
use std::time::{Duration, Instant};

use poise::{Framework, FrameworkContext, FrameworkOptions};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use serenity::all::{
    Command, CreateCommand, FullEvent, GatewayIntents, Http, HttpBuilder, HttpError, Interaction,
};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::{answer, failure, nameless, press::Press, wording};
use crate::config::{Secret, Shards};
use crate::feature;
use crate::features::{self, FEATURES, privacy};
use crate::kernel::error::{Error, Result, caught};
use crate::kernel::ids::GuildId;
use crate::kernel::patience::{Patience, Waits};
use crate::outbox::access;
use crate::shutdown;
use crate::store::state::State;

pub use pace::Identifies;
use pace::Pace;
use relay::Relay;
use under_way::Waited;

/// Timeout of every request to Discord.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long serenity's shards may take to shut down.
const LEAVING: Duration = Duration::from_secs(3);

/// Why Discord can't be used, as one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The token isn't a bot's.
    #[error(
        "Discord rejected the bot token. Copy a new one from the Developer Portal (Bot › Reset Token) into DISCORD_TOKEN"
    )]
    Token,
    /// The API can't be reached, or a proxy answers instead.
    #[error("Discord can't be reached at {0}: {1}")]
    Unreachable(String, String),
    /// Discord itself rejected the bot.
    #[error("Discord rejected the bot: {0}")]
    Refused(String),
    /// A local API names a remote gateway, which would get the token.
    #[error(
        "the API at {0} points to the gateway {1}, which isn't on this machine; not sending the token there"
    )]
    Elsewhere(String, String),
    /// The address is not one.
    #[error("DISCORD_API_URL must be an address like http://127.0.0.1:8077")]
    Address,
    /// The commands were rejected.
    #[error("Discord rejected the commands: {0}")]
    Commands(String),
    /// A shard is dead, which nothing else would notice.
    #[error("shard {0} hasn't responded for too long; exiting so the process supervisor can restart it")]
    Silent(u32),
    /// Discord closed the gateway with a code that rules out reconnecting.
    #[error("{}", mended_by(*.0, *.1))]
    Closed(u16, Shards),
    /// The connection ended permanently.
    #[error("the connection to Discord ended: {0}")]
    Ended(String),
}

impl GatewayError {
    /// Whether retrying later may succeed without anyone's intervention.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(..))
    }
}

/// What the operator should do about a close code.
/// <https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
fn mended_by(code: u16, Shards { first, last, total }: Shards) -> String {
    let text = match code {
        4010 => {
            return format!(
                "Discord doesn't recognize shards {first}-{last}/{total} for this bot (4010). Set SHARDS to a range such as 0-3/8, or leave it out"
            );
        }
        4011 => {
            return format!(
                "{total} shard(s) are too few: one holds more than 2,500 servers (4011). Start more shards: raise the number behind the slash of SHARDS in every process, or leave SHARDS out"
            );
        }
        4012 => "Discord no longer supports this gateway version (4012). Install a newer Bellringer",
        4013 => "Discord doesn't recognize the requested intents (4013). Install a newer Bellringer",
        4014 => {
            "Discord didn't grant the requested intents (4014). Install a newer Bellringer, or turn them on in the Developer Portal (Bot › Privileged Gateway Intents)"
        }
        _ => return format!("Discord closed the gateway for good ({code})"),
    };
    text.to_owned()
}

/// The error and status if Discord itself rejected a request: either one of its own error codes, or code 0
/// with 401 for an unknown token. Any other code 0 isn't a rejection.
fn refusal(error: &serenity::Error) -> Option<(StatusCode, String)> {
    let serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) = error else { return None };
    let status = answer.status_code;
    // serenity uses code -1 when the body isn't such JSON.
    let is_unknown_token = answer.error.code == 0 && status == StatusCode::UNAUTHORIZED;
    (is_unknown_token || access::refusal(error).is_some()).then(|| (status, one_line(error)))
}

/// Calls Discord's REST API, or whatever stands in for it.
#[derive(Debug, Clone)]
pub struct Api {
    /// serenity's client, for answers to interactions.
    pub http: Arc<Http>,
    /// Our own, for deliveries, which need the rate-limit headers.
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
        // Discord never redirects; following a redirect could leak post contents.
        let client = reqwest::Client::builder().redirect(Policy::none()).timeout(TIMEOUT).tcp_nodelay(true);
        let client = client.build().map_err(other)?;
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

    /// The address without parts that may contain a password.
    fn named(&self) -> String {
        let url = self.address.as_deref().and_then(|address| Url::parse(address).ok());
        url.map_or_else(|| "https://discord.com".to_owned(), |url| url.origin().ascii_serialization())
    }

    /// Asks who the bot is and where the gateway is, which checks token and address before anything starts.
    pub async fn check(&self) -> Result<Address, GatewayError> {
        let told = |error: serenity::Error| match refusal(&error) {
            Some((StatusCode::UNAUTHORIZED, _)) => GatewayError::Token,
            Some((_, why)) => GatewayError::Refused(why),
            None => GatewayError::Unreachable(self.named(), one_line(&nameless(error))),
        };
        self.http.get_current_user().await.map_err(told)?;
        let url = self.http.get_gateway().await.map_err(told)?.url;
        self.stays(&url)?;
        let (total, identifies) = match self.http.get_bot_gateway().await {
            Ok(gateway) => {
                let limit = gateway.session_start_limit;
                let reset_after = Duration::from_millis(limit.reset_after);
                let limit = Identifies { total: limit.total, remaining: limit.remaining, reset_after };
                (gateway.shards.max(1), Some(limit))
            }
            // Servers that only resemble Discord may lack this; one shard is enough for them.
            Err(serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)))
                if matches!(answer.status_code, StatusCode::NOT_FOUND | StatusCode::NOT_IMPLEMENTED) =>
            {
                (1, None)
            }
            Err(error) => return Err(told(error)),
        };
        Ok(Address { url, shards: Shards { first: 0, last: total - 1, total }, identifies })
    }

    /// Never sends a token given for a local API to a remote gateway, except Discord's own when the API names
    /// it, as a proxy does.
    fn stays(&self, gateway: &str) -> Result<(), GatewayError> {
        let stays = Url::parse(gateway).is_ok_and(|url| is_loopback(&url) || is_discords(&url));
        if self.is_local && !stays {
            return Err(GatewayError::Elsewhere(self.named(), gateway.to_owned()));
        }
        Ok(())
    }
}

/// The gateway's URL, and the shards to connect.
#[derive(Debug, Clone)]
pub struct Address {
    /// `wss://…`
    pub url: String,
    /// As many as Discord recommends.
    pub shards: Shards,
    /// How often the bot may still identify, if known.
    pub identifies: Option<Identifies>,
}

impl Address {
    /// When the bot may identify again, unless all of these shards (or of the bot's) can identify now.
    pub fn spent(&self, own: Option<Shards>) -> Option<Duration> {
        let Shards { first, last, .. } = own.unwrap_or(self.shards);
        // If the daily limit is below the number of shards, waiting doesn't help.
        let left = self.identifies.filter(|it| it.remaining < it.total.min(u64::from(last - first) + 1))?;
        Some(left.reset_after.max(Duration::from_secs(1)))
    }
}

/// The address without the API path, which serenity adds.
fn base(address: &str) -> &str {
    address.trim_end_matches('/').trim_end_matches("/v10").trim_end_matches("/api")
}

fn build(token: &Secret, client: &reqwest::Client, address: Option<&str>) -> Http {
    // serenity's own limiter ignores the address and keeps an entry per interaction forever. Answers to
    // interactions are outside the global limit, and the outbox respects the limits itself.
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

/// An error and its causes on one line.
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

/// What to register once a shard is connected, and with whom.
type Commands = (Arc<Http>, Vec<CreateCommand>);

/// A client that is ready to connect.
pub struct Gateway {
    client: serenity::Client,
    relay: Relay,
    shards: Shards,
    patience: Duration,
    state: Arc<State>,
    waits: Waits,
    commands: Option<oneshot::Receiver<Commands>>,
    ready: watch::Sender<bool>,
    under_way: TaskTracker,
}

impl Gateway {
    /// Builds the client. `ready` is set once the commands are registered.
    pub async fn build(
        api: &Api,
        address: &Address,
        patience: Duration,
        state: Arc<State>,
        ready: watch::Sender<bool>,
        waits: Waits,
    ) -> Result<Self, GatewayError> {
        let (connected, commands) = oneshot::channel();
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
                // Interactions wait during this. The previously registered commands keep working.
                let commands = wording::registered(&framework.options().commands);
                drop(connected.send((context.http.clone(), commands)));
                Box::pin(std::future::ready(Ok(data)))
            })
            .build();
        let under_way = TaskTracker::new();
        let client = serenity::all::ClientBuilder::new_with_http(api.fresh(), GatewayIntents::GUILDS)
            .framework(Waited { framework, under_way: under_way.clone() })
            .type_map_insert::<answer::Client>(api.client.clone())
            .await;
        let client = client.map_err(|error| GatewayError::Ended(one_line(&error)))?;
        let pace = Pace::new(address.shards, address.identifies, waits.clone());
        let relay = Relay::open(&address.url, pace, waits.clone()).await;
        let relay =
            relay.map_err(|error| GatewayError::Ended(format!("can't open a local port: {error}")))?;
        // Otherwise the client asks for it, and falls back to Discord's own if it gets no answer.
        client.ws_url.lock().await.clone_from(&relay.url);
        Ok(Self {
            client,
            relay,
            shards: address.shards,
            patience,
            state,
            waits,
            commands: Some(commands),
            ready,
            under_way,
        })
    }

    /// Stays connected until `stop`, or until the connection ends permanently, when it cancels `stop` itself;
    /// then finishes the interactions in progress.
    pub async fn serve(mut self, stop: CancellationToken) -> Result<(), GatewayError> {
        let manager = self.client.shard_manager.clone();
        let commands = self.commands.take();
        let (relay, shards) = (&self.relay, self.shards);
        let Shards { first, last, total } = shards;
        let dead = async {
            // Before the first HELLO, waiting is normal.
            relay.met().await;
            watchdog::watch(&manager, relay, shards, self.patience, &self.state).await
        };
        let ended = tokio::select! {
            // serenity's range includes its end.
            ended = self.client.start_shard_range(first..last, total) => {
                ended.map_err(|error| GatewayError::Ended(one_line(&error)))
            }
            code = relay.refused() => Err(match code {
                4004 => GatewayError::Token,
                code => GatewayError::Closed(code, shards),
            }),
            why = register(commands, &self.ready, &self.waits) => Err(GatewayError::Commands(why)),
            dead = dead => Err(GatewayError::Silent(dead)),
            () = stop.cancelled() => Ok(()),
        };
        // Whichever ends first stops the others.
        stop.cancel();
        relay.hang_up();
        drop(timeout(LEAVING, manager.shutdown_all()).await);
        relay.over().cancel();
        self.under_way.close();
        self.under_way.wait().await;
        ended
    }
}

/// Registers the commands once a shard is connected, retrying as long as needed. Returns only if Discord
/// itself rejects them, with the reason.
async fn register(
    commands: Option<oneshot::Receiver<Commands>>,
    ready: &watch::Sender<bool>,
    waits: &Waits,
) -> String {
    let mut patience = Patience::new(waits, "Discord to accept the commands");
    if let Some(connected) = commands
        && let Ok((http, commands)) = connected.await
    {
        let put = async || Command::set_global_commands(&http, commands.clone()).await;
        while let Err(error) = patience.during(put()).await {
            if let Some((_, why)) = refusal(&error) {
                return why;
            }
            patience.again(&one_line(&error)).await;
        }
        patience.rewarded();
        ready.send_replace(true);
    }
    std::future::pending().await
}

/// Hangs up when dropped early: its shards are serenity's tasks, which would keep answering.
impl Drop for Gateway {
    fn drop(&mut self) {
        self.relay.hang_up();
        let (manager, over) = (self.client.shard_manager.clone(), self.relay.over());
        shutdown::spawn_last(async move {
            manager.shutdown_all().await;
            over.cancel();
        });
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
        // During an outage, Discord marks a guild as unavailable; that doesn't mean the bot was removed.
        FullEvent::GuildDelete { incomplete, .. } if !incomplete.unavailable => {
            return privacy::guild_left(state, incomplete.id.get().into()).await;
        }
        _ => return Ok(()),
    };
    // An interaction proves that the bot is in the guild, whatever events said before.
    let there = match interaction {
        Interaction::Command(it) => it.guild_id,
        Interaction::Component(it) => it.guild_id,
        Interaction::Modal(it) => it.guild_id,
        _ => None,
    };
    if let Some(guild) = there
        && let Err(error) = privacy::guild_came(state, guild.get().into()).await
    {
        // The user didn't ask for this, so they still get an answer.
        state.report("meeting a guild again", &error);
    }
    let Some(mut press) = Press::of(framework.serenity_context, interaction) else { return Ok(()) };
    let begun = Instant::now();
    let pressed = match press.in_time(state).await {
        Ok(()) => caught(feature::pressed(FEATURES, state, press)).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &pressed {
        press.refuse(state, error).await;
    }
    measure::pressed(state, press, &pressed, begun.elapsed());
    Ok(())
}
