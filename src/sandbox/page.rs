//! The page: a Discord that one can hold, in a browser. Its files are part of the binary and ask for nothing elsewhere.

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

macro_rules! files {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("page/", $name)))),*] };
}

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
    "composer.css"
    "composer.js"
    "controls.js"
    "dom.js"
    "embed.js"
    "form.js"
    "inline.js"
    "live.js"
    "markdown.js"
    "media.js"
    "menu.js"
    "menus.js"
    "message.css"
    "message.js"
    "options.js"
    "page.css"
    "picker.js"
    "safe.js"
    "setup.js"
    "sides.js"
    "stamps.js"
    "thread.js"
    "times.js"
    "world.js"
};

/// Nothing runs but the page's own scripts, and nothing is fetched from anywhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// The page itself.
pub(super) fn index() -> Response {
    (HEADERS, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], INDEX).into_response()
}

/// One of its files.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "image/svg+xml",
    };
    match FILES.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => (HEADERS, [(header::CONTENT_TYPE, kind)], *text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
