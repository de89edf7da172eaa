//! `bellringer doctor`: checks everything that `run` needs, and says how to fix what is wrong.
#![expect(clippy::print_stdout, reason = "the command line speaks")]

use std::time::Duration;

use crate::config::{Config, Secret};
use crate::gateway::Api;
use crate::kernel::error::Result;
use crate::kernel::ids::{ChannelId, GuildId};
use crate::kernel::text::quotable;
use crate::outbox::access;
use crate::store::db::{self, Db};

/// How long opening a networked database may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Prints a line for each thing examined. Returns whether all is well.
pub async fn examine(config: &Config) -> bool {
    let mut is_well = true;
    let mut say = |well: bool, line: String| {
        is_well &= well;
        println!("{} {line}", if well { "✓" } else { "✗" });
    };
    let discord = async {
        let address = config.discord_api_url.as_ref().map(Secret::reveal);
        let api = Api::new(&config.token()?, address).map_err(|it| it.to_string())?;
        let address = api.check().await.map_err(|error| error.to_string())?;
        Ok::<_, String>((api, address))
    };
    // A local file always answers, but its migrations may take long.
    let patience = if db::is_sqlite(config.database_url.reveal()) { Duration::MAX } else { PATIENCE };
    let database = tokio::time::timeout(patience, Db::open(config.database_url.reveal()));
    let (discord, database) = tokio::join!(discord, database);
    let api = match discord {
        Err(error) => {
            say(false, error);
            None
        }
        Ok((api, address)) => {
            say(true, "the bot token works".to_owned());
            say(true, format!("the gateway is at {}, with {} shard(s)", address.url, address.shards.total));
            if let Some(reset_after) = address.spent(config.shards) {
                let seconds = reset_after.as_secs();
                say(false, format!("the bot has used up today's logins; it can log in again in {seconds} s"));
            }
            Some(api)
        }
    };
    match database {
        Err(_) => say(false, "the database isn't responding".to_owned()),
        Ok(Err(error)) => say(false, error.to_string()),
        Ok(Ok(db)) => {
            say(true, "the database is writable, and its schema is up to date".to_owned());
            for file in db::open_to_others(config.database_url.reveal()) {
                // It may be intentional, so it isn't a failure.
                println!(
                    "! {} can be read by other users on this machine; run chmod 600 on it to keep it private",
                    file.display()
                );
            }
            match channels(&db).await {
                Err(error) => say(false, format!("can't look up the configured channels: {error}")),
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
                        say(well, line);
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
    let ids = format!("server {guild}, channel {channel}");
    match access::permissions(&*api.http, guild, channel).await {
        Ok(Some(has)) => {
            let place = named(api, guild, channel).await;
            match access::lacking(has) {
                None => (true, format!("{place}: posting works")),
                Some(lacking) => {
                    (false, format!("{place}: give the bot {lacking} there (channel settings › Permissions)"))
                }
            }
        }
        Err(error) if access::refusal(&error).is_some() => (
            false,
            format!(
                "{ids}: can't open it ({error}). Pick another channel with /setup, or invite the bot again"
            ),
        ),
        unread => {
            let status = unread.err().and_then(|error| access::status(&error));
            let said = status.map_or_else(
                || "no answer".to_owned(),
                |status| format!("status {status}, and not from Discord itself"),
            );
            (
                false,
                format!(
                    "{ids}: couldn't check it ({said}). Try again, and look for a proxy or \
                     firewall in between"
                ),
            )
        }
    }
}

/// Readable names of a server and a channel, or their ids if Discord doesn't return names.
async fn named(api: &Api, guild: GuildId, channel: ChannelId) -> String {
    let (server, place) =
        tokio::join!(api.http.get_guild(guild.get().into()), api.http.get_channel(channel.get().into()));
    let server = server.map_or_else(|_| format!("server {guild}"), |it| quotable(&it.name));
    let place = place.ok().and_then(|it| Some(format!("#{}", quotable(&it.guild()?.name))));
    format!("{server}, {}", place.unwrap_or_else(|| format!("channel {channel}")))
}
