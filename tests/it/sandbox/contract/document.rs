//! The table as a document: `docs/CONTRACT.md` says what the rows say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::{AREAS, Source};

/// What of Discord's surface is not there, and what happens instead.
const UNBUILT: &str = "\
## Not built

What isn't built is refused with status 501 and its name, unless the line says otherwise.

REST, in messages:

- Components v2 (the flag `1 << 15`): sections, text displays, galleries, files, separators, containers.
- Polls, stickers, voice messages, forwarded messages, shared client themes.
- In modals: selects of users, roles, mentionables and channels, file uploads, radio groups, checkboxes.
- URL-encoded bodies, and multipart fields other than `payload_json` and `files[n]`.
- Ids that an app gives its components are replaced by running numbers; `default_values` of selects isn't looked at.
- Embeds that Discord makes of links: none are made.
- Pinning makes no system message, `before` of the pins isn't looked at, and `pinned_at` is the message's own time.
- Two of `before`, `after` and `around` at once are taken; the first of around, after, before counts.
- Editing messages older than an hour is not throttled (30046), slow mode does not exist.

REST, whole resources and routes:

- Threads (creating, joining, archiving, listing), forum posts, stage instances.
- Webhooks other than those of interactions: creating, listing, executing.
- Reactions of others: listing, deleting; custom emojis are unknown (10014), emojis can't be managed.
- Bulk deletion, crossposting, message search, invites.
- Members: adding, editing, kicking, banning, roles, timeouts; bot's own nickname. Roles: creating, editing, deleting.
- Guilds: creating, editing, leaving, pruning, previews, widgets, templates, welcome screens, onboarding, join requests.
- Permission overwrites by their own routes; they are changed with the channel. Channel positions, voice settings.
- Scheduled events, auto moderation, audit logs, soundboard, voice regions and states, integrations.
- Stickers, applications' emojis, role connections, activities, lobbies, the permissions of commands.
- Monetisation: SKUs, entitlements, subscriptions; a premium button is taken, its SKU isn't looked up.
- Entry point commands, and the callbacks 10 and 12 (refused as 50035, as for apps without them).
- Interactions over HTTP (an endpoint of the app's with signatures), PING and PONG; user installations, group DMs.
- OAuth2 other than the application itself; bearer tokens answer 401.
- API versions 6 to 8. A path without a version is taken for version 10.
- The numbers of the routes' rate limits are guesses, since Discord publishes none; no two routes share a bucket.
- New files that an edit's `attachments` doesn't name are appended all the same.
- Time-outs, the order of roles, two-factor requirements, verification levels and CONNECT are not looked at.
- Daily limits: 200 commands created a day, 10,000 invalid requests; nothing is counted.
- The most that a guild may have of channels (500), roles (250) and the like is not looked at.
- Locales `ar` and `he` are taken although the documentation doesn't list them.

Gateway:

- The encoding etf. Payload compression: `compress` in IDENTIFY is taken, nothing is compressed.
- Disallowed intents (4014): the three privileged ones are granted to everyone.
- The limits of identifying: 1,000 a day, and `max_concurrency` in 5 seconds (op 9) don't hold.
- A connection is closed after 82.5 s without any payload (4009), not for a single heartbeat missed.
- Presence, voice states, soundboards and channel info (op 3, 4, 31, 43) are taken, and nothing comes of them.
- Request Guild Members asks for no intent, and isn't limited to 100 names or ids.
- Obfuscated channels: GUILD_CREATE tells channels whole that the bot can't view.
- Typing is taken over REST and told to nobody. Bans, invites, integrations, threads and the like have no events.
- Voice: there is no voice server.
- Gateway versions 6 to 8.
";

fn document() -> String {
    let mut sections = String::new();
    let (mut all, mut pages, mut observed, mut own) = (0, 0, 0, 0);
    for area in &AREAS {
        let rules = (area.rules)();
        let _ = writeln!(sections, "## {}\n\n| id | rule | source |\n|---|---|---|", area.name);
        for rule in rules {
            all += 1;
            let source = match rule.source {
                Source::Page(page) => {
                    pages += 1;
                    format!("[{}]({page})", page.trim_start_matches("https://docs.discord.com/developers/"))
                }
                Source::Observed(by) => {
                    observed += 1;
                    format!("observed: {by}")
                }
                Source::Own => {
                    own += 1;
                    "the sandbox's own".to_owned()
                }
            };
            let _ = writeln!(sections, "| `{}` | {} | {source} |", rule.id, rule.says);
        }
        sections.push('\n');
    }
    format!(
        "{all} rules the sandbox keeps: {pages} from Discord's documentation, {observed} observed by others, {own} its own.\n\n\
         # Contract\n\n\
         Each row is tested by itself: `tests/it/sandbox/contract` breaks the rule and looks at the answer. Nothing here\n\
         was tried against Discord. This file is written by the tests; it is not edited by hand.\n\n\
         {sections}{UNBUILT}"
    )
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/CONTRACT.md")
}

#[test]
fn the_document_says_what_the_table_says() {
    let written = fs::read_to_string(path()).unwrap_or_default();
    assert!(
        written == document(),
        "docs/CONTRACT.md is not what the table says. Write it anew:\n\
         cargo test --locked --test it write_the_contract -- --ignored"
    );
}

#[test]
#[ignore = "writes docs/CONTRACT.md"]
fn write_the_contract() {
    fs::write(path(), document()).unwrap();
}

#[test]
fn every_rule_has_an_id_of_its_own() {
    let mut seen = BTreeSet::new();
    for rule in AREAS.iter().flat_map(|area| (area.rules)()) {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
    }
}
