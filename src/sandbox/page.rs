//! The page: a simplified Discord in a browser. Its files are embedded, and it loads nothing external.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

macro_rules! files {
    ($($name:literal)*) => { &[("style.css", STYLE), $(($name, include_str!(concat!("page/", $name)))),*] };
}

/// All of the page's styles in one file, so that the first paint needs a single request.
const STYLE: &str = concat!(
    include_str!("page/page.css"),
    include_str!("page/panes.css"),
    include_str!("page/dialogs.css"),
    include_str!("page/composer.css"),
    include_str!("page/message.css"),
    include_str!("page/inspector.css"),
);

const INDEX: &str = include_str!("page/index.html");
const FILES: &[(&str, &str)] = files! {
    "acts.js"
    "api.js"
    "app.js"
    "bell.svg"
    "blocks.js"
    "chrome.js"
    "clock.js"
    "command.js"
    "composer.js"
    "controls.js"
    "dom.js"
    "embed.js"
    "explain.js"
    "faults.js"
    "form.js"
    "inline.js"
    "inspector.js"
    "live.js"
    "markdown.js"
    "media.js"
    "menu.js"
    "menus.js"
    "message.js"
    "mishaps.js"
    "options.js"
    "picker.js"
    "safe.js"
    "setup.js"
    "sides.js"
    "stamps.js"
    "thread.js"
    "times.js"
    "traffic.js"
    "world.js"
};

/// Runs only the page's own scripts, and fetches nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
    (header::VARY, "accept-encoding"),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The media type of a file.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => SCRIPT,
        Some("css") => "text/css; charset=utf-8",
        Some(_) => "image/svg+xml",
        None => "text/html; charset=utf-8",
    }
}

/// The page, listing every script at its end, so that a browser needn't discover them one import at a time.
/// The style comes first, since it is needed first.
static WHOLE: LazyLock<String> = LazyLock::new(|| {
    let scripts = FILES.iter().map(|(name, _)| name).filter(|name| kind(name) == SCRIPT);
    let links = scripts.map(|name| format!("<link rel=\"modulepreload\" href=\"/page/{name}\">"));
    INDEX.replace("</body>", &format!("{}\n</body>", links.collect::<Vec<_>>().join("\n")))
});

/// The files as they are served, compressed on first use.
static PACKED: LazyLock<HashMap<&str, Bytes>> = LazyLock::new(|| {
    let all = FILES.iter().copied().chain([("", WHOLE.as_str())]);
    all.map(|(name, text)| (name, pack(text))).collect()
});

fn pack(text: &str) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let written = packed.write_all(text.as_bytes()).and_then(|()| packed.finish());
    written.map(Bytes::from).unwrap_or_default()
}

/// The page itself.
pub(super) fn index(headers: &HeaderMap) -> Response {
    answer(headers, "", &WHOLE)
}

/// One of its files.
pub(super) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match FILES.iter().find(|(known, _)| *known == name) {
        Some((name, text)) => answer(&headers, name, text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(headers: &HeaderMap, name: &str, text: &'static str) -> Response {
    let kind = [(header::CONTENT_TYPE, kind(name))];
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    match PACKED.get(name).filter(|_| takes.is_some_and(|takes| takes.contains("gzip"))) {
        Some(packed) => (HEADERS, kind, [(header::CONTENT_ENCODING, "gzip")], packed.clone()).into_response(),
        None => (HEADERS, kind, text).into_response(),
    }
}
