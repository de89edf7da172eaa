//! Pings: the mentions in a message, restricted to what `allowed_mentions` permits.

use serde_json::{Value, json};

use super::form::Form;
use super::permissions::MENTION_EVERYONE;
use super::world::{Channel, Id, World};

const KINDS: [&str; 3] = ["users", "roles", "everyone"];

/// The people and roles a message pings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pings {
    pub(crate) users: Vec<Id>,
    pub(crate) roles: Vec<Id>,
    pub(crate) everyone: bool,
}

impl Pings {
    pub(crate) fn json(&self) -> Value {
        let text = |ids: &[Id]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        json!({ "users": text(&self.users), "roles": text(&self.roles), "everyone": self.everyone })
    }
}

/// The `allowed_mentions` of a message.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    /// Kinds whose mentions are all allowed: `users`, `roles`, `everyone`.
    parse: Vec<&'static str>,
    users: Vec<Id>,
    roles: Vec<Id>,
    replied_user: bool,
}

impl Default for Allowed {
    /// Discord's default is to parse everything.
    fn default() -> Self {
        Self { parse: KINDS.to_vec(), users: Vec::new(), roles: Vec::new(), replied_user: true }
    }
}

impl Allowed {
    /// The default when a message says nothing; for interaction responses, users only.
    pub(crate) fn unsaid(by_interaction: bool) -> Self {
        if by_interaction { Self { parse: vec!["users"], ..Self::default() } } else { Self::default() }
    }
}

/// Reads an `allowed_mentions` object.
pub(crate) fn read_allowed(form: &Form<'_>) -> Allowed {
    form.object();
    let mut parse: Vec<&'static str> = Vec::new();
    for entry in form.get("parse").map(|list| list.list(0..=3)).unwrap_or_default() {
        match KINDS.into_iter().find(|kind| entry.value() == kind) {
            Some(kind) => parse.push(kind),
            None => entry.fault("BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone')."),
        }
    }
    let ids = |key: &'static str| -> Vec<Id> {
        let list = form.get(key).map(|list| list.list(0..=100)).unwrap_or_default();
        let ids: Vec<Id> = list.iter().filter_map(Form::id).collect();
        if !ids.is_empty() && parse.contains(&key) {
            form.fault(
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                format!("parse:[\"{key}\"] and {key}: [ids...] are mutually exclusive."),
            );
        }
        ids
    };
    Allowed {
        users: ids("users"),
        roles: ids("roles"),
        replied_user: form.get("replied_user").and_then(|flag| flag.flag()).unwrap_or(false),
        parse,
    }
}

/// Whom `content`, written by `author` in `channel`, pings.
pub(crate) fn pings(
    world: &World,
    channel: &Channel,
    author: Id,
    content: &str,
    allowed: &Allowed,
    replied_to: Option<Id>,
) -> Pings {
    let named = named(content);
    let parses = |kind| allowed.parse.contains(&kind);
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let may_all = guild.is_some() && world.permissions(author, channel) & MENTION_EVERYONE != 0;
    let mut users: Vec<Id> = named
        .users
        .into_iter()
        .filter(|id| world.users.contains_key(id) && (parses("users") || allowed.users.contains(id)))
        .collect();
    if let Some(replied) = replied_to.filter(|id| allowed.replied_user && !users.contains(id)) {
        users.push(replied);
    }
    let mentionable = |id: &Id| {
        guild.is_some_and(|guild| {
            guild
                .roles
                .iter()
                .any(|role| role.id == *id && role.id != guild.id && (role.mentionable || may_all))
        })
    };
    let roles = named
        .roles
        .into_iter()
        .filter(|id| mentionable(id) && (parses("roles") || allowed.roles.contains(id)))
        .collect();
    Pings { users, roles, everyone: named.everyone && parses("everyone") && may_all }
}

/// Everyone mentioned in `content`, allowed to ping or not.
fn named(content: &str) -> Pings {
    let mut found =
        Pings { everyone: content.contains("@everyone") || content.contains("@here"), ..Pings::default() };
    for part in content.split("<@").skip(1) {
        let Some((inside, _)) = part.split_once('>') else {
            continue;
        };
        let (list, digits) = match inside.strip_prefix('&') {
            Some(digits) => (&mut found.roles, digits),
            None => (&mut found.users, inside.strip_prefix('!').unwrap_or(inside)),
        };
        if let Ok(id) = digits.parse()
            && !list.contains(&id)
        {
            list.push(id);
        }
    }
    found
}
