//! The local Discord's own maximum, so that it isn't mistaken for a bot's: a stand-in in the same process
//! that answers every interaction at once and does nothing else.

use bellringer::shutdown;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::Fails;
use crate::discord::Discord;
use crate::load::IN_FLIGHT;

/// The stand-in's answer to everything.
const ANSWER: &str = r#"{"type":4,"data":{"content":"Logged nothing."}}"#;
const TIMES: usize = 20_000;

/// Answers a second, with as many in flight as for the bots.
pub(crate) async fn measure() -> Fails<f64> {
    let discord = Discord::open().await?;
    let address = discord.url.trim_start_matches("http://").to_owned();
    let standing_in = shutdown::spawn(stand_in(address));
    discord.connected().await?;
    let figures = crate::win().at_once(&discord, TIMES, IN_FLIGHT).await?;
    standing_in.abort();
    Ok(figures.rate)
}

/// The fields of an event that an answer needs.
#[derive(Deserialize)]
struct Event {
    d: Option<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    id: Option<String>,
    token: Option<String>,
}

async fn stand_in(address: String) {
    if let Err(why) = answers(&address).await {
        eprintln!("the stand-in ended: {why}");
    }
}

async fn answers(address: &str) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let (mut socket, _) =
        connect_async(format!("ws://{address}/?v=10&encoding=json")).await.map_err(|it| told(&it))?;
    socket.send(Message::text(r#"{"op":2,"d":{}}"#)).await.map_err(|it| told(&it))?;
    let mut lines = Vec::new();
    for _ in 0..IN_FLIGHT {
        let (line, paths) = mpsc::unbounded_channel();
        let connection = TcpStream::connect(address).await.map_err(|it| told(&it))?;
        connection.set_nodelay(true).map_err(|it| told(&it))?;
        drop(shutdown::spawn(speak(connection, paths)));
        lines.push(line);
    }
    let mut turn = lines.iter().cycle();
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.to_text() else { continue };
        let Ok(Event { d: Some(Asked { id: Some(id), token: Some(token) }) }) = serde_json::from_str(text)
        else {
            continue;
        };
        if let Some(line) = turn.next() {
            line.send(format!("/api/v10/interactions/{id}/{token}/callback")).map_err(|it| told(&it))?;
        }
    }
    Ok(())
}

/// Sends an answer to each of these paths in sequence.
async fn speak(connection: TcpStream, mut paths: mpsc::UnboundedReceiver<String>) {
    let mut connection = BufReader::new(connection);
    let mut line = String::new();
    while let Some(path) = paths.recv().await {
        let length = ANSWER.len();
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: local\r\ncontent-length: {length}\r\n\r\n{ANSWER}");
        if connection.get_mut().write_all(request.as_bytes()).await.is_err() {
            return;
        }
        // Up to the empty line: the response has no body.
        loop {
            line.clear();
            match connection.read_line(&mut line).await {
                Ok(length) if length > 2 => {}
                Ok(2) => break,
                _ => return,
            }
        }
    }
}
