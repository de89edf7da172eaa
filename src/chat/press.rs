//! Buttons pressed and modals sent: routed by their `custom_id`, "feature:action:arguments".

use std::sync::Arc;

use serenity::all::{
    ActionRowComponent, ComponentInteraction, CreateInteractionResponse, CreateInteractionResponseMessage,
    Http, MessageFlags, ModalInteraction,
};

use super::{Here, failure, found};
use crate::kernel::error::{Error, Result};
use crate::kernel::state::State;
use crate::kernel::text::quotable;
use crate::render::embed;
use crate::render::post::Post;

/// A button pressed or a modal sent.
#[derive(Debug, Clone, Copy)]
pub enum Press<'a> {
    /// A button of a message.
    Button(&'a ComponentInteraction),
    /// A modal.
    Modal(&'a ModalInteraction),
}

impl Press<'_> {
    /// Where it is routed: the parts of its `custom_id`.
    pub fn route(&self) -> Vec<&str> {
        let id = match self {
            Self::Button(it) => &it.data.custom_id,
            Self::Modal(it) => &it.data.custom_id,
        };
        id.split(':').collect()
    }

    /// Whether something was typed, rather than a button pressed.
    pub fn is_form(&self) -> bool {
        matches!(self, Self::Modal(_))
    }

    /// Who pressed, and where.
    ///
    /// # Errors
    /// Outside a server.
    pub async fn here(&self, state: &State) -> Result<Here> {
        let (guild, member, id) = match self {
            Self::Button(it) => (it.guild_id, it.member.as_ref(), it.id),
            Self::Modal(it) => (it.guild_id, it.member.as_ref(), it.id),
        };
        found(state, guild, member, id.get()).await
    }

    /// What was typed in a modal's field.
    pub fn typed(&self, field: &str) -> Option<&str> {
        let Self::Modal(it) = self else { return None };
        it.data.components.iter().flat_map(|row| &row.components).find_map(|component| match component {
            ActionRowComponent::InputText(input) if input.custom_id == field => input.value.as_deref(),
            _ => None,
        })
    }

    /// Everything that was typed in a modal, so that an error can give it back.
    fn all_typed(&self) -> Vec<(&str, &str)> {
        let Self::Modal(it) = self else { return Vec::new() };
        let inputs = it.data.components.iter().flat_map(|row| &row.components);
        inputs
            .filter_map(|component| match component {
                ActionRowComponent::InputText(input) => {
                    Some((input.custom_id.as_str(), input.value.as_deref()?))
                }
                _ => None,
            })
            .collect()
    }

    /// Answers so that only the person who pressed sees it.
    pub async fn whisper(&self, http: &Http, post: &Post) -> Result<()> {
        self.respond(http, CreateInteractionResponse::Message(message(post).ephemeral(true))).await
    }

    /// Puts a post in the place of the message whose button was pressed; beside it, where others see that one, too.
    pub async fn replace(&self, http: &Http, post: &Post) -> Result<()> {
        let is_private = |it: &ComponentInteraction| {
            it.message.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
        };
        if !matches!(self, Self::Button(it) if is_private(it)) {
            return self.whisper(http, post).await;
        }
        self.respond(http, CreateInteractionResponse::UpdateMessage(message(post))).await
    }

    async fn respond(&self, http: &Http, response: CreateInteractionResponse) -> Result<()> {
        match self {
            Self::Button(it) => it.create_response(http, response).await?,
            Self::Modal(it) => it.create_response(http, response).await?,
        }
        Ok(())
    }

    /// Tells the person what went wrong, and gives back what they typed.
    pub async fn refuse(&self, state: &Arc<State>, http: &Http, error: &Error) {
        if failure::was_answered(error) {
            return;
        }
        let mut post = failure::refusal(state, &self.route().join(":"), error);
        for (field, value) in self.all_typed() {
            let kept: String = quotable(value).chars().take(1000).collect();
            if !kept.trim().is_empty() {
                post = post.field(format!("You typed ({field})"), format!("`{kept}`"));
            }
        }
        if let Err(lost) = self.whisper(http, &post).await
            && !failure::was_answered(&lost)
        {
            state.report("answering a failure", &lost);
        }
    }
}

/// What a `custom_id` that says nothing any more is answered with.
pub fn stale() -> Error {
    Error::user("This button is from an older message. Run the command again.")
}

fn message(post: &Post) -> CreateInteractionResponseMessage {
    CreateInteractionResponseMessage::new()
        .embed(embed::embed(post))
        .components(embed::rows(post))
        .allowed_mentions(embed::mentions(post))
}
