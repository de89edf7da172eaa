//! The client library that the bot uses, against the sandbox.

use bellringer::sandbox::client::State;
use serde_json::json;
use serenity::all::{
    Client, Context, CreateInteractionResponseFollowup, EventHandler, GatewayIntents, HttpBuilder,
    Interaction, Ready,
};
use tokio::sync::mpsc;

use super::{Any, Floor};

struct Bell(mpsc::UnboundedSender<()>);

#[serenity::async_trait]
impl EventHandler for Bell {
    async fn ready(&self, _: Context, _: Ready) {
        self.0.send(()).expect("the story listens");
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        if let Interaction::Command(command) = interaction {
            let with = command.data.resolved.users.values().next().map_or("", |user| &user.name);
            command.defer_ephemeral(&ctx).await.expect("the sandbox accepts it");
            let reply = CreateInteractionResponseFollowup::new().content(format!("with {with}"));
            command.create_followup(&ctx, reply).await.expect("the sandbox accepts it");
        }
    }
}

#[tokio::test]
async fn serenity_defers_and_fills_its_reply() -> Any {
    let floor = Floor::open().await?;
    floor.register_usual().await?;
    let (told, mut ready) = mpsc::unbounded_channel();
    let http =
        HttpBuilder::new(floor.sandbox.token()).proxy(floor.sandbox.url()).ratelimiter_disabled(true).build();
    let mut client = serenity::client::ClientBuilder::new_with_http(http, GatewayIntents::GUILDS)
        .event_handler(Bell(told))
        .await?;
    let shards = client.shard_manager.clone();
    let story = async {
        ready.recv().await;
        let options = json!({ "amount": "1", "with": floor.ann });
        let outcome = floor.control.command(&floor.place(), "win log", options).await?;
        shards.shutdown_all().await;
        Any::Ok(outcome)
    };
    let (_, outcome) = tokio::join!(Client::start(&mut client), story);
    let outcome = outcome?;
    assert_eq!((outcome.state, outcome.ephemeral), (State::Replied, true));
    assert_eq!(outcome.message.map(|message| message["content"].clone()), Some(json!("with ann")));
    Ok(())
}
