//! Checks that `docs/CONTRACT.md` matches the table's rows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::{AREAS, Source};

/// Parts of Discord's API that are missing, and what happens instead.
const UNBUILT: &str = "\
## Not built

Anything that isn't built is refused with status 501 and its name, unless its line says otherwise.

REST, in messages:

- Components v2 (the flag `1 << 15`): sections, text displays, galleries, files, separators, containers.
- Polls, stickers, voice messages, forwarded messages, shared client themes.
- In modals: selects of users, roles, mentionables and channels, file uploads, radio groups, checkboxes.
- URL-encoded bodies, and multipart fields other than `payload_json` and `files[n]`.
- Ids that an app gives its components are replaced with sequential numbers; `default_values` of selects isn't checked.
- Embeds that Discord generates from links aren't generated.
- Pinning creates no system message, `before` is ignored when listing pins, and `pinned_at` is the message's own time.
- Combining `before`, `after` and `around` is accepted; the first of around, after, before is used.
- Editing messages older than an hour isn't throttled (30046), and there is no slow mode.

REST, whole resources and routes:

- Threads (creating, joining, archiving, listing), forum posts, stage instances.
- Webhooks other than those of interactions: creating, listing, executing.
- Other users' reactions: listing, deleting; custom emojis are unknown (10014), and emojis can't be managed.
- Bulk deletion, crossposting, message search, invites.
- Members: adding, editing, kicking, banning, roles, timeouts; the bot's own nickname. Roles: creating, editing, deleting.
- Guilds: creating, editing, leaving, pruning, previews, widgets, templates, welcome screens, onboarding, join requests.
- The separate routes for permission overwrites; overwrites are changed with the channel. Channel positions, voice settings.
- Scheduled events, auto moderation, audit logs, soundboard, voice regions and states, integrations.
- Stickers, application emojis, role connections, activities, lobbies, command permissions.
- Monetisation: SKUs, entitlements, subscriptions; a premium button is accepted, but its SKU isn't looked up.
- Entry point commands, and callback types 10 and 12 (refused as 50035, as for apps without them).
- Interactions over HTTP (sent to the app's own endpoint, with signatures), PING and PONG; user installations, group DMs.
- OAuth2, except for the application itself; bearer tokens get 401.
- API versions 6 to 8. A path without a version is treated as version 10.
- The limits for each route are guesses, since Discord publishes none; no two routes share a bucket.
- New files that aren't named in an edit's `attachments` are still appended.
- Timeouts, role order, two-factor requirements, verification levels and CONNECT aren't checked.
- Daily limits (200 commands created a day, 10,000 invalid requests) aren't counted.
- A guild's maximum numbers of channels (500), roles (250) and the like aren't checked.
- The locales `ar` and `he` are accepted, although the documentation doesn't list them.

Gateway:

- The etf encoding. Payload compression: `compress` in IDENTIFY is accepted, but nothing is compressed.
- Disallowed intents (4014): the three privileged intents are granted to every bot.
- The limits on identifying (1,000 a day, and `max_concurrency` in 5 seconds with op 9) aren't enforced.
- A connection is closed after 82.5 s without any payload (4009), not after a single missed heartbeat.
- Presence, voice states, soundboards and channel info (op 3, 4, 31, 43) are accepted but have no effect.
- Request Guild Members requires no intent, and isn't limited to 100 names or ids.
- Obfuscated channels: GUILD_CREATE includes channels in full even if the bot can't view them.
- Typing is accepted over REST, but no event is sent. Bans, invites, integrations, threads and the like have no events.
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
        "The sandbox keeps {all} rules: {pages} from Discord's documentation, {observed} observed by others and {own} of its own.\n\n\
         # Contract\n\n\
         Each row has its own test: `tests/it/sandbox/contract` breaks the rule and checks the answer. Nothing here was\n\
         tried against Discord itself. The tests write this file, so don't edit it by hand.\n\n\
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
