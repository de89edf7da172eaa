//! The network between the bot's processes and Discord: a proxy that hands each request to the driver of the
//! simulation, and waits for its verdict.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use bellringer::shutdown;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// A request from a process to Discord.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    /// Whether it answers an interaction.
    pub(crate) fn is_reply(&self) -> bool {
        self.path.contains("/interactions/") || self.path.contains("/webhooks/")
    }

    /// Whether it is the first answer to a different interaction than this one.
    pub(crate) fn replies_to_another_than(&self, interaction: &str) -> bool {
        self.path.contains("/interactions/") && !self.path.contains(&format!("/interactions/{interaction}/"))
    }

    /// Whether it only defers the answer.
    pub(crate) fn defers(&self) -> bool {
        matches!(self.json()["type"].as_i64(), Some(5 | 6))
    }

    /// Whether it creates a message in a channel.
    pub(crate) fn creates(&self) -> bool {
        self.method == Method::POST && self.path.ends_with("/messages")
    }

    /// Whether it changes anything.
    pub(crate) fn writes(&self) -> bool {
        self.method != Method::GET
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.said()).unwrap_or_default()
    }

    /// The JSON body; for a message with a picture, one of its parts.
    fn said(&self) -> &[u8] {
        let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|it| it == what);
        let part = find(&self.body, b"name=\"payload_json\"").map(|at| &self.body[at..]);
        let part = part.and_then(|part| find(part, b"\r\n\r\n").map(|at| &part[at + 4..]));
        part.and_then(|part| find(part, b"\r\n--").map(|end| &part[..end])).unwrap_or(&self.body)
    }

    /// The same when the server can't see whether the nonce was used before.
    pub(crate) fn without_nonce(mut self) -> Self {
        let (is, is_not) = (b"\"enforce_nonce\":true", b"\"enforce_nonce\":null");
        if let Some(at) = self.body.windows(is.len()).position(|it| it == is) {
            let mut body = self.body.to_vec();
            body[at..at + is.len()].copy_from_slice(is_not);
            self.body = body.into();
        }
        self
    }

    /// The reference of the post it is about, from the end of the footer.
    pub(crate) fn about(&self) -> Option<String> {
        let body = self.json();
        let footer = body["embeds"][0]["footer"]["text"].as_str()?;
        footer.rsplit_once('#').map(|(_, reference)| reference.to_owned())
    }

    /// The id that follows `word` in the path.
    pub(crate) fn id_after(&self, word: &str) -> Option<&str> {
        let (path, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
        path.split('/').skip_while(|part| *part != word).nth(1)
    }
}

/// A request waiting for its verdict. If dropped, the connection closes without an answer.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) who: usize,
    pub(crate) ask: Ask,
    answer: oneshot::Sender<Answer>,
}

impl Asked {
    pub(crate) fn answer(self, answer: Answer) {
        // The process may have died meanwhile.
        drop(self.answer.send(answer));
    }
}

/// The response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Discord's "too many requests".
    pub(crate) fn limited(seconds: i64, global: bool) -> Self {
        let mut headers = HeaderMap::new();
        let scope = if global { "global" } else { "user" };
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        headers.insert(header::RETRY_AFTER, seconds.into());
        headers.insert(header::VIA, header::HeaderValue::from_static("1.1 google"));
        headers.insert("x-ratelimit-scope", header::HeaderValue::from_static(scope));
        if global {
            headers.insert("x-ratelimit-global", header::HeaderValue::from_static("true"));
        }
        let body = json!({"message": "You are being rate limited.", "retry_after": seconds, "global": global, "code": 0});
        Self { status: StatusCode::TOO_MANY_REQUESTS, headers, body: body.to_string().into() }
    }

    /// An error from the servers in front of Discord.
    pub(crate) fn broken(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::from_static(b"<html></html>") }
    }

    /// A refusal by a proxy: a page, or JSON without a Discord error code, and no retry time.
    pub(crate) fn between(status: u16) -> Self {
        let (kind, body) = if status.is_multiple_of(2) {
            ("text/html", "<html><title>Blocked</title></html>")
        } else {
            ("application/json", r#"{"error": "blocked"}"#)
        };
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, header::HeaderValue::from_static(kind))]);
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The proxy. Each process has its own address, so that the driver knows who is asking.
pub(crate) struct Network {
    url: String,
    way: Arc<Way>,
    asks: mpsc::UnboundedReceiver<Asked>,
    served: JoinHandle<()>,
}

struct Way {
    sandbox: String,
    client: reqwest::Client,
    asks: mpsc::UnboundedSender<Asked>,
    /// Whether everything is passed through.
    open: AtomicBool,
}

impl Network {
    pub(crate) async fn before(sandbox: &str) -> Self {
        let (sender, asks) = mpsc::unbounded_channel();
        let client = reqwest::Client::builder().tcp_nodelay(true).build().unwrap();
        let way =
            Arc::new(Way { sandbox: sandbox.to_owned(), client, asks: sender, open: AtomicBool::new(true) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = axum::Router::new().fallback(serve).with_state(way.clone());
        let served = shutdown::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, way, asks, served }
    }

    /// The address of Discord for a process.
    pub(crate) fn address(&self, who: usize) -> String {
        format!("{}/{who}", self.url)
    }

    pub(crate) fn open(&self, open: bool) {
        self.way.open.store(open, Ordering::Release);
    }

    pub(crate) async fn next(&mut self) -> Asked {
        self.asks.recv().await.unwrap()
    }

    /// Executes a request.
    pub(crate) async fn forward(&self, ask: &Ask) -> Answer {
        self.way.forward(ask).await
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.served.abort();
    }
}

impl Way {
    async fn forward(&self, ask: &Ask) -> Answer {
        let url = format!("{}{}", self.sandbox, ask.path);
        let request = self.client.request(ask.method.clone(), url).headers(ask.headers.clone());
        let answer = request.body(ask.body.clone()).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.unwrap() }
    }
}

async fn serve(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str()).trim_start_matches('/');
    let (who, path) = path.split_once('/').unwrap_or((path, ""));
    let (who, path) = (who.parse().unwrap_or_default(), format!("/{path}"));
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let Ok(body) = to_bytes(body, usize::MAX).await else { return silence() };
    let ask = Ask { method: parts.method, path, headers, body };
    let answer = if way.open.load(Ordering::Acquire) {
        way.forward(&ask).await
    } else {
        let (answer, answered) = oneshot::channel();
        drop(way.asks.send(Asked { who, ask, answer }));
        let Ok(answer) = answered.await else { return silence() };
        answer
    };
    let mut headers = answer.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    (answer.status, headers, answer.body).into_response()
}

/// The body fails before the head is sent, so the connection just closes.
fn silence() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("on purpose")) });
    Response::new(Body::from_stream(broken))
}
