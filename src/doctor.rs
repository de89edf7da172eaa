//! `bellringer doctor`: looks at everything that `run` needs, and says how to mend what is wrong.
#![expect(clippy::print_stdout, reason = "the command line speaks")]

use crate::config::{Config, Secret};
use crate::gateway::Api;
use crate::kernel::db::{self, Db};
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId};
use crate::outbox::{access, answer};

/// Prints a line for each thing examined. Returns whether all is well.
pub async fn examine(config: &Config) -> bool {
    let mut is_well = true;
    let mut say = |well: bool, line: String| {
        is_well &= well;
        println!("{} {line}", if well { "✓" } else { "✗" });
    };
    let mut api = None;
    match config.token() {
        Err(error) => say(false, error),
        Ok(token) => match Api::new(&token, config.discord_api_url.as_ref().map(Secret::reveal)) {
            Err(error) => say(false, error.to_string()),
            Ok(built) => match built.check().await {
                Err(error) => say(false, error.to_string()),
                Ok(gateway) => {
                    say(true, "the token is a bot's".to_owned());
                    say(
                        true,
                        format!("the gateway is at {}, for {} shard(s)", gateway.url, gateway.shards.total),
                    );
                    api = Some(built);
                }
            },
        },
    }
    match Db::open(config.database_url.reveal()).await {
        Err(error) => say(false, error.to_string()),
        Ok(db) => {
            say(true, "the database can be written, and its schema is up to date".to_owned());
            for file in db::open_to_others(config.database_url.reveal()) {
                // Somebody may have meant it to be so.
                println!(
                    "! {} can be read by other users of this machine; chmod 600 keeps it to its owner",
                    file.display()
                );
            }
            match channels(&db).await {
                Err(error) => say(false, format!("the configured channels can't be read: {error}")),
                Ok(channels) => {
                    if channels.is_empty() {
                        say(
                            true,
                            "no server has run /setup yet, so there are no channels to check".to_owned(),
                        );
                    }
                    for (guild, channel) in channels {
                        let Some(api) = &api else { break };
                        let (well, line) = permissions(api, guild, channel).await;
                        say(well, format!("server {guild}, channel {channel}: {line}"));
                    }
                }
            }
            db.close().await;
        }
    }
    is_well
}

async fn channels(db: &Db) -> Result<Vec<(GuildId, ChannelId)>> {
    Ok(sqlx::query_as(
        "SELECT id, wins_channel FROM guild WHERE wins_channel IS NOT NULL
         UNION SELECT id, recognition_channel FROM guild WHERE recognition_channel IS NOT NULL
         UNION SELECT id, expectations_channel FROM guild WHERE expectations_channel IS NOT NULL
         UNION SELECT guild_id, channel_id FROM schedule WHERE channel_id IS NOT NULL ORDER BY 1, 2",
    )
    .fetch_all(db.read())
    .await?)
}

async fn permissions(api: &Api, guild: GuildId, channel: ChannelId) -> (bool, String) {
    match access::permissions(&*api.http, guild, channel).await {
        Ok(Some(has)) => {
            let lacking = access::lacking(has);
            if lacking.is_empty() {
                (true, "I may post there".to_owned())
            } else {
                (false, format!("give the bot {} there (channel settings › Permissions)", lacking.join(", ")))
            }
        }
        Err(error) if answer::refusal(&error).is_some() => (
            false,
            format!("can't be looked at ({error}). Choose another with /setup, or invite the bot again"),
        ),
        unread => {
            let status = unread.err().and_then(|error| answer::status(&error));
            let said = status.map_or_else(|| "no answer".to_owned(), |status| format!("status {status}"));
            (
                false,
                format!(
                    "could not be looked at: {said}, and no word of Discord's. Try again, and see what is in between: a \
                     proxy, a firewall"
                ),
            )
        }
    }
}
