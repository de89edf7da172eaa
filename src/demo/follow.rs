//! After the week has played: the bot follows the sandbox's clock, and tells the sandbox what is due.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::stage::{Stage, line};
use crate::features::kinds;
use crate::kernel::clock::at;
use crate::kernel::error::Result;
use crate::people;
use crate::sandbox::{Agenda, Due, PORT};
use crate::schedules;

/// How often to poll the sandbox's clock.
const GLANCE: Duration = Duration::from_millis(100);

impl Stage {
    /// Runs until interrupted, for anyone using the page.
    pub async fn serve_on(mut self, stop: CancellationToken) -> std::result::Result<(), String> {
        let url = self.sandbox.url();
        if !url.ends_with(&format!(":{PORT}")) {
            self.tell(&format!("\nPort {PORT} is taken, so I picked another."));
        }
        self.tell(&format!(
            "\nThat's the week, and the team's still here: be any of them at {url}. Press Ctrl-C to stop."
        ));
        self.control.run_clock(1).await.map_err(line)?;
        let (mut told, mut woken) = (Agenda::default(), self.state.woken());
        while !stop.is_cancelled() {
            let now = self.control.clock().await.map_err(line)?;
            // Years of events may be due at once.
            let followed = tokio::select! {
                () = stop.cancelled() => break,
                followed = self.follow(now) => followed,
            };
            match followed {
                Ok(agenda) if agenda == told => {}
                Ok(agenda) => {
                    self.control.agenda(&agenda).await.map_err(line)?;
                    told = agenda;
                }
                Err(error) => drop(self.state.report("demo", &error)),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = woken.changed() => {}
                () = tokio::time::sleep(GLANCE) => {}
            }
        }
        self.close().await
    }

    /// Advances the bot's clock to `now`, stopping at everything due, and tells the sandbox what is due next.
    async fn follow(&self, now: chrono::DateTime<chrono::Utc>) -> Result<Agenda> {
        while let Some(due) = self.next_due().await?.filter(|due| *due <= now) {
            self.clock.set(due.max(self.clock.now()));
            self.worker.drain().await?;
        }
        self.clock.set(now);
        self.worker.drain().await?;
        self.agenda().await
    }

    async fn agenda(&self) -> Result<Agenda> {
        let guild = people::guild(self.state.db.read(), self.guild_id()).await?;
        let mut due = Vec::new();
        for schedule in schedules::of_guild(self.state.db.read(), guild.id).await? {
            // Only what posts a message is listed; the rest happens on the way.
            let kind = kinds().find(|kind| kind.name == schedule.kind && kind.makes_a_message());
            let Some((kind, (micros, _))) = kind.zip(schedule.next) else { continue };
            let channel = schedule.target(kind, &guild).map(|id| id.to_string());
            let name = self.channels.iter().find(|(_, id)| Some(*id) == channel.as_ref());
            due.push(Due {
                at: at(micros),
                what: (kind.title)().to_string(),
                place: name.map(|(name, _)| format!("#{name}")),
            });
        }
        due.sort_by_key(|due| due.at);
        Ok(Agenda { zone: Some(guild.zone.name().to_owned()), due })
    }
}
