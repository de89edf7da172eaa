//! The relay between serenity and Discord's gateway: serenity connects to it on this machine, and it connects
//! to Discord.
//!
//! serenity's runner hides the code with which Discord closed, and after an unexpected end it reads from the
//! dead connection in a loop, without ever yielding its thread. The relay reads Discord's messages itself,
//! and shows serenity only three things: a working connection, a close that means "resume" and one that means
//! "identify again". Everything else, mainly waiting, happens here.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, accept_async_with_config, connect_async_with_config,
};
use tokio_util::sync::CancellationToken;

use super::pace::Pace;
use crate::kernel::patience::{Patience, Waits};
use crate::shutdown;

/// Discord's HELLO must arrive within this time, and no send may take longer.
const PROMPT: Duration = Duration::from_secs(10);
/// How long a closed connection may take to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Discord's close codes that rule out reconnecting without a change.
/// <https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
const FINAL: [u16; 6] = [4004, 4010, 4011, 4012, 4013, 4014];
/// Close codes after which the session is lost: not authenticated, session no longer valid, invalid seq,
/// session timed out.
const SESSION_LOST: [u16; 4] = [4003, 4006, 4007, 4009];
/// Stands for a close frame without a code (RFC 6455, 7.4.1).
const NO_CODE: u16 = 1005;
/// What makes serenity resume, if it has a session.
const RESUME: u16 = 4000;
/// What makes serenity identify again.
const ANEW: u16 = 4009;

type Bot = WebSocketStream<TcpStream>;
type Discord = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The relay. When dropped it hangs up on Discord, but keeps serenity's side open until [`Relay::over`] is
/// cancelled.
#[derive(Debug)]
pub(super) struct Relay {
    /// Where serenity connects.
    pub(super) url: String,
    way: Arc<Way>,
}

#[derive(Debug)]
struct Way {
    /// The gateway's URL.
    address: String,
    /// The required path prefix, so that other local programs can't connect.
    secret: String,
    pace: Pace,
    waits: Waits,
    /// Whether Discord has ever sent HELLO.
    met: watch::Sender<bool>,
    /// The code in `FINAL` with which Discord has closed.
    refused: watch::Sender<Option<u16>>,
    hung_up: CancellationToken,
    over: CancellationToken,
}

impl Relay {
    /// Listens on this machine until dropped.
    pub(super) async fn open(gateway: &str, pace: Pace, waits: Waits) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let chance = || RandomState::new().build_hasher().finish();
        let secret = format!("{:016x}{:016x}", chance(), chance());
        let url = format!("ws://{}/{secret}", listener.local_addr()?);
        let version = serenity::constants::GATEWAY_VERSION;
        let address = format!("{}/?v={version}&encoding=json", gateway.trim_end_matches('/'));
        let way = Arc::new(Way {
            address,
            secret,
            pace,
            waits,
            met: watch::Sender::new(false),
            refused: watch::Sender::new(None),
            hung_up: CancellationToken::new(),
            over: CancellationToken::new(),
        });
        // Ends with `over`, or with the runtime.
        drop(shutdown::spawn(serve(listener, way.clone())));
        Ok(Self { url, way })
    }

    /// Waits until Discord has closed permanently, and returns the code.
    pub(super) async fn refused(&self) -> u16 {
        let mut refused = self.way.refused.subscribe();
        loop {
            if let Some(code) = *refused.borrow_and_update() {
                return code;
            }
            if refused.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until Discord has sent HELLO for the first time.
    pub(super) async fn met(&self) {
        // The sender lives as long as the relay.
        drop(self.way.met.subscribe().wait_for(|met| *met).await);
    }

    /// Whether a shard was about to identify within this time.
    pub(super) fn begins(&self, within: Duration) -> bool {
        self.way.pace.begins(within)
    }

    /// Closes Discord's side (1000), but keeps serenity's open, so that it can shut down cleanly.
    pub(super) fn hang_up(&self) {
        self.way.hung_up.cancel();
    }

    /// Ends it completely.
    pub(super) fn over(&self) -> CancellationToken {
        self.way.over.clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.hang_up();
    }
}

async fn serve(listener: TcpListener, way: Arc<Way>) {
    let mut lines = FuturesUnordered::new();
    loop {
        tokio::select! {
            () = way.over.cancelled() => return,
            Some(()) = lines.next() => {}
            came = listener.accept() => match came {
                Ok((stream, _)) => lines.push(relayed(stream, &way)),
                // For example, too many open files.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
        }
    }
}

/// One connection of serenity's, from start to end.
async fn relayed(stream: TcpStream, way: &Way) {
    drop(stream.set_nodelay(true));
    if !timeout(PROMPT, knows(&stream, &way.secret)).await.unwrap_or(false) {
        return;
    }
    // serenity waits for the handshake without a timeout, so it isn't accepted before Discord's HELLO.
    let (discord, hello) = tokio::select! {
        welcomed = way.dial() => welcomed,
        () = way.hung_up.cancelled() => return,
    };
    let Ok(Ok(mut bot)) = timeout(PROMPT, accept_async_with_config(stream, Some(unlimited()))).await else {
        return;
    };
    let line = Line { way, discord, held: None, is_welcome: false };
    let code = match line.talk(&mut bot, hello).await {
        End::Gone => return,
        End::Closed(code) if FINAL.contains(&code) => {
            way.refused.send_replace(Some(code));
            nudge(&mut bot).await;
            return;
        }
        End::Closed(code) if SESSION_LOST.contains(&code) => ANEW,
        End::Closed(_) | End::Lost => RESUME,
        End::HungUp => {
            nudge(&mut bot).await;
            return;
        }
    };
    let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
    drop(timeout(FAREWELL, bot.close(Some(frame))).await);
    // Dropping it with unread data would look like a broken connection to serenity, not a closed one.
    drop(timeout(FAREWELL, idle(&mut bot)).await);
}

/// Reads until serenity is gone, so that a close gets answered.
async fn idle(bot: &mut Bot) {
    while let Some(Ok(_)) = bot.next().await {}
}

/// The same while serenity is told to stop: its runner checks for that after each message, but only twice a
/// second without any. The heartbeat ACKs sent here have no other effect.
async fn nudge(bot: &mut Bot) {
    loop {
        match timeout(Duration::from_millis(10), bot.next()).await {
            Ok(Some(Ok(_))) => {}
            Ok(_) => return,
            Err(_) if sent(bot, Message::text(r#"{"op":11}"#)).await => {}
            Err(_) => return idle(bot).await,
        }
    }
}

/// Whether the client knows the secret path.
async fn knows(stream: &TcpStream, secret: &str) -> bool {
    let (wanted, mut said) = (format!("GET /{secret}?"), [0; 64]);
    while let Ok(length) = stream.peek(&mut said).await {
        if length == 0 {
            return false;
        }
        if length >= wanted.len() {
            return said.starts_with(wanted.as_bytes());
        }
        sleep(Duration::from_millis(5)).await;
    }
    false
}

fn unlimited() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(None).max_frame_size(None)
}

impl Way {
    /// Connects to Discord and waits for HELLO, retrying as long as needed.
    async fn dial(&self) -> (Discord, Message) {
        let mut patience = Patience::new(&self.waits, "Discord's gateway");
        loop {
            self.pace.before_connecting().await;
            let why = match patience.during(timeout(PROMPT, Box::pin(self.dialled()))).await {
                Ok(Ok(welcome)) => {
                    patience.rewarded();
                    self.met.send_replace(true);
                    return welcome;
                }
                Ok(Err(why)) => why,
                Err(_) => "no answer".to_owned(),
            };
            patience.again(&why).await;
        }
    }

    async fn dialled(&self) -> Result<(Discord, Message), String> {
        let connected = connect_async_with_config(&self.address, Some(unlimited()), true).await;
        let (mut discord, _) = connected.map_err(|error| error.to_string())?;
        match discord.next().await {
            Some(Ok(hello @ Message::Text(_))) => Ok((discord, hello)),
            Some(Ok(Message::Close(Some(frame)))) if FINAL.contains(&frame.code.into()) => {
                self.refused.send_replace(Some(frame.code.into()));
                Err(format!("closed with {}", u16::from(frame.code)))
            }
            Some(Ok(Message::Close(frame))) => {
                Err(format!("closed with {:?}", frame.map(|frame| u16::from(frame.code))))
            }
            Some(Ok(_)) => Err("it didn't send HELLO".to_owned()),
            Some(Err(error)) => Err(error.to_string()),
            None => Err("it closed without a reason".to_owned()),
        }
    }
}

/// How a conversation ended.
enum End {
    /// serenity disconnected.
    Gone,
    /// Discord's side broke off.
    Lost,
    /// Discord closed.
    Closed(u16),
    /// The process is stopping.
    HungUp,
}

/// A conversation between serenity and Discord.
struct Line<'a> {
    way: &'a Way,
    discord: Discord,
    /// An IDENTIFY waiting for its turn.
    held: Option<Message>,
    /// Whether Discord has accepted the session.
    is_welcome: bool,
}

/// The opcode of a payload.
#[derive(Deserialize)]
struct Payload {
    op: u8,
}

fn op(message: &Message) -> Option<u8> {
    let Message::Text(text) = message else { return None };
    serde_json::from_str::<Payload>(text).ok().map(|payload| payload.op)
}

const DISPATCH: u8 = 0;
const IDENTIFY: u8 = 2;

impl Line<'_> {
    async fn talk(mut self, bot: &mut Bot, hello: Message) -> End {
        if !sent(bot, hello).await {
            return self.leaves(RESUME, End::Gone).await;
        }
        let way = self.way;
        loop {
            let turn = async {
                match &self.held {
                    Some(_) => way.pace.before_identifying().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                said = self.discord.next() => match said {
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(NO_CODE, |frame| frame.code.into());
                        way.pace.ended(self.is_welcome, &format!("closed with {code}"));
                        // Reading on sends the answer to the close.
                        drop(timeout(FAREWELL, self.discord.next()).await);
                        return End::Closed(code);
                    }
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                        // A binary message is an event: only those are long enough to be compressed.
                        self.is_welcome =
                            self.is_welcome || op(&message).is_none_or(|op| op == DISPATCH);
                        if !sent(bot, message).await {
                            return self.leaves(RESUME, End::Gone).await;
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => {
                        return self.lost();
                    }
                },
                said = bot.next() => match said {
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(RESUME, |frame| frame.code.into());
                        // Reading on sends the answer to the close.
                        drop(timeout(FAREWELL, idle(bot)).await);
                        return self.leaves(code, End::Gone).await;
                    }
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                        if op(&message) == Some(IDENTIFY) {
                            self.held = Some(message);
                        } else if !sent(&mut self.discord, message).await {
                            return self.lost();
                        }
                    }
                    Some(Ok(_)) => {}
                    // Without a close frame the session can still be resumed.
                    Some(Err(_)) | None => return self.leaves(RESUME, End::Gone).await,
                },
                () = turn => {
                    if let Some(identify) = self.held.take()
                        && !sent(&mut self.discord, identify).await
                    {
                        return self.lost();
                    }
                }
                () = way.hung_up.cancelled() => return self.leaves(1000, End::HungUp).await,
            }
        }
    }

    fn lost(&self) -> End {
        self.way.pace.ended(self.is_welcome, "the connection broke off");
        End::Lost
    }

    /// Closes Discord's side.
    async fn leaves(mut self, code: u16, end: End) -> End {
        self.way.pace.ended(self.is_welcome, "the session was not taken");
        let farewell = async {
            let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
            if self.discord.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.discord.next().await {}
            }
        };
        drop(timeout(FAREWELL, farewell).await);
        end
    }
}

/// Whether it could be sent.
async fn sent<S>(to: &mut WebSocketStream<S>, message: Message) -> bool
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    matches!(timeout(PROMPT, to.send(message)).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::config::Shards;

    async fn relay(gateway: &str) -> Relay {
        let (waits, shards) = (Waits::default(), Shards { first: 0, last: 0, total: 1 });
        Relay::open(gateway, Pace::new(shards, None, waits.clone()), waits).await.unwrap()
    }

    /// Sends this to the first client, and closes.
    async fn says(words: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(shutdown::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(stream.write_all(words).await);
        }));
        address
    }

    #[tokio::test]
    async fn what_is_no_gateway_is_named_and_nothing_breaks() {
        for (scheme, words) in
            [("wss", &b"no TLS at all"[..]), ("ws", b"no HTTP at all"), ("ws", b""), ("wss", b"")]
        {
            let relay = relay(&format!("{scheme}://{}", says(words).await)).await;
            assert!(relay.way.dialled().await.is_err(), "{scheme} {words:?}");
        }
    }

    #[tokio::test]
    async fn once_it_has_hung_up_serenity_hears_something_until_it_leaves() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = relay(&format!("ws://{}", listener.local_addr().unwrap())).await;
        let discord = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut discord = accept_async_with_config(stream, None).await.unwrap();
            discord.send(Message::text(r#"{"op":10}"#)).await.unwrap();
            discord
        };
        let url = format!("{}?v=10", relay.url);
        let (_discord, serenity) = tokio::join!(discord, connect_async_with_config(&url, None, true));
        let mut serenity = serenity.unwrap().0;
        assert_eq!(serenity.next().await.unwrap().unwrap(), Message::text(r#"{"op":10}"#));
        relay.hang_up();
        for _ in 0..3 {
            let heard = timeout(PROMPT, serenity.next()).await.unwrap();
            assert_eq!(heard.unwrap().unwrap(), Message::text(r#"{"op":11}"#));
        }
    }

    #[tokio::test]
    async fn nobody_else_on_this_machine_is_let_in() {
        let relay = relay("ws://127.0.0.1:1").await;
        let (host, path) = relay.url.trim_start_matches("ws://").split_once('/').unwrap();
        assert_eq!(path.len(), 32);
        let mut stranger = TcpStream::connect(host).await.unwrap();
        let request = format!("GET /{:032}?v=10 HTTP/1.1\r\nHost: {host}\r\n\r\n", 0);
        stranger.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        drop(timeout(PROMPT, stranger.read_to_end(&mut answer)).await.unwrap());
        assert_eq!(answer, b"");
    }
}
