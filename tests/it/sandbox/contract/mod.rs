//! The contract: what Discord documents, one rule per row, each with a violation and the expected answer.

mod autocomplete;
mod commands;
mod components;
mod deferrals;
mod document;
mod embeds;
mod errors;
mod gateway;
mod http;
mod intents;
mod interactions;
mod mentions;
mod messages;
mod modals;
mod nonces;
mod options;
mod overwrites;
mod permissions;
mod rates;
mod scene;
mod sessions;

use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt as _;
use serde_json::Value;

use super::{Any, Floor};
use scene::Scene;

/// The source of a rule.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// A page of Discord's documentation.
    Page(&'static str),
    /// Undocumented: known from reports about Discord, or from its client libraries.
    Observed(&'static str),
    /// Not from Discord: the sandbox's own promise.
    Own,
}

/// The endpoint for a body.
#[derive(Debug, Clone, Copy)]
enum Sent {
    Message,
    Command,
    /// The data of a modal that answers a command.
    Modal,
    /// Suggestions for a text option.
    Choices,
}

type Told<'f> = Pin<Box<dyn Future<Output = Any> + 'f>>;

enum Breaks {
    /// A body that is refused as `50035 Invalid Form Body`, and the error's path.
    Form(Sent, Value, &'static str),
    Story(for<'f> fn(&'f Floor) -> Told<'f>),
}

struct Rule {
    id: &'static str,
    says: &'static str,
    source: Source,
    breaks: Breaks,
}

struct Area {
    name: &'static str,
    rules: fn() -> Vec<Rule>,
}

const AREAS: [Area; 19] = [
    Area { name: "Messages", rules: messages::rules },
    Area { name: "Embeds", rules: embeds::rules },
    Area { name: "Components", rules: components::rules },
    Area { name: "Modals", rules: modals::rules },
    Area { name: "Commands", rules: commands::rules },
    Area { name: "Command options", rules: options::rules },
    Area { name: "Autocomplete", rules: autocomplete::rules },
    Area { name: "Interactions", rules: interactions::rules },
    Area { name: "Deferrals and follow-ups", rules: deferrals::rules },
    Area { name: "Nonces", rules: nonces::rules },
    Area { name: "Mentions", rules: mentions::rules },
    Area { name: "Permissions", rules: permissions::rules },
    Area { name: "Overwrites and people", rules: overwrites::rules },
    Area { name: "Errors", rules: errors::rules },
    Area { name: "Rate limits", rules: rates::rules },
    Area { name: "HTTP", rules: http::rules },
    Area { name: "Gateway", rules: gateway::rules },
    Area { name: "Intents", rules: intents::rules },
    Area { name: "Sessions", rules: sessions::rules },
];

/// A page of Discord's documentation, by its path.
macro_rules! page {
    ($path:literal) => {
        $crate::sandbox::contract::Source::Page(concat!("https://docs.discord.com/developers/", $path))
    };
}

/// A row whose rule takes more than one request to test.
macro_rules! story {
    ($id:literal, $source:expr, $rule:literal, $tell:ident) => {
        $crate::sandbox::contract::Rule {
            id: $id,
            says: $rule,
            source: $source,
            breaks: $crate::sandbox::contract::Breaks::Story(|floor| Box::pin($tell(floor))),
        }
    };
}
use {page, story};

/// Rows of refused bodies: id, source, rule, body and error path.
fn forms(sent: Sent, rows: Vec<(&'static str, Source, &'static str, Value, &'static str)>) -> Vec<Rule> {
    let row = |(id, source, says, body, at)| Rule { id, says, source, breaks: Breaks::Form(sent, body, at) };
    rows.into_iter().map(row).collect()
}

/// A valid part with some fields changed; `null` removes one.
fn changed(mut part: Value, changes: Value) -> Value {
    if let (Some(fields), Value::Object(changes)) = (part.as_object_mut(), changes) {
        fields.extend(changes);
        fields.retain(|_, value| !value.is_null());
    }
    part
}

fn long(count: usize) -> String {
    "x".repeat(count)
}

#[track_caller]
fn refused(answer: &(u16, Value), status: u16, code: u64) {
    assert_eq!((answer.0, answer.1["code"].as_u64()), (status, Some(code)), "{}", answer.1);
}

#[track_caller]
fn faulty(answer: &(u16, Value), at: &str) {
    refused(answer, 400, 50035);
    let found = answer.1["errors"].pointer(at).is_some_and(|at| at["_errors"].is_array());
    assert!(found, "nothing at {at}: {}", answer.1);
}

/// Tests each rule of the area, and reports all that didn't hold.
async fn holds(name: &str) -> Any {
    let area = AREAS.iter().find(|area| area.name == name).ok_or("no such area")?;
    let desk = Floor::open().await?;
    let mut scene = Scene::open(&desk).await?;
    let mut failures = Vec::new();
    for rule in (area.rules)() {
        let held = AssertUnwindSafe(breaks(&rule, &mut scene)).catch_unwind().await;
        let failure = match held {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_default(),
        };
        failures.push(format!("{}: {}\n    {failure}", rule.id, rule.says));
    }
    assert!(failures.is_empty(), "{} rules of {name} don't hold:\n{}", failures.len(), failures.join("\n"));
    Ok(())
}

async fn breaks(rule: &Rule, scene: &mut Scene<'_>) -> Any {
    match &rule.breaks {
        Breaks::Form(sent, body, at) => {
            faulty(&scene.send(*sent, body.clone()).await?, at);
            Ok(())
        }
        Breaks::Story(tell) => tell(&Floor::open().await?).await,
    }
}

macro_rules! areas {
    ($($test:ident $name:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() -> Any {
                holds($name).await
            }
        )*
    };
}

areas! {
    messages_hold "Messages";
    embeds_hold "Embeds";
    components_hold "Components";
    modals_hold "Modals";
    commands_hold "Commands";
    command_options_hold "Command options";
    autocomplete_holds "Autocomplete";
    interactions_hold "Interactions";
    deferrals_hold "Deferrals and follow-ups";
    nonces_hold "Nonces";
    mentions_hold "Mentions";
    permissions_hold "Permissions";
    overwrites_hold "Overwrites and people";
    errors_hold "Errors";
    rate_limits_hold "Rate limits";
    http_holds "HTTP";
    the_gateway_holds "Gateway";
    intents_hold "Intents";
    sessions_hold "Sessions";
}
