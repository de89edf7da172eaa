//! Button presses and submitted modals: routed by their `custom_id`, "feature:action:arguments".

use serenity::all::{
    ActionRowComponent, ComponentInteraction, Context, GuildId, Interaction, MessageFlags, ModalInteraction,
};

use super::answer::{self, Receipt, Way};
use super::target::{Held, Target};
use super::{Asked, Here, failure, found, language, language_in};
use crate::kernel::error::{Error, Result};
use crate::kernel::text::quotable;
use crate::render::post::Post;
use crate::store::state::State;
use crate::words::{Language, chat as words};

/// A button press or a submitted modal, and the means to answer it.
#[derive(Debug, Clone, Copy)]
pub struct Press<'a> {
    what: What<'a>,
    /// The Discord connection used for answering.
    pub discord: &'a Context,
    is_deferred: bool,
}

#[derive(Debug, Clone, Copy)]
enum What<'a> {
    Button(&'a ComponentInteraction),
    Modal(&'a ModalInteraction),
}

impl<'a> Press<'a> {
    /// The press, if this interaction is one.
    pub fn of(discord: &'a Context, interaction: &'a Interaction) -> Option<Self> {
        let what = match interaction {
            Interaction::Component(it) => What::Button(it),
            Interaction::Modal(it) => What::Modal(it),
            _ => return None,
        };
        Some(Self { what, discord, is_deferred: false })
    }

    /// Defers it if it may be late, before it does anything.
    ///
    /// # Errors
    /// When Discord hasn't accepted it: then nothing may be done.
    pub async fn in_time(&mut self, state: &State) -> Result<()> {
        let way = self.way();
        if !answer::may_be_late(way.id, state.clock.now()) {
            return Ok(());
        }
        if self.is_of_private_message() {
            way.defer_update().await?;
        } else {
            way.defer_message().await?;
        }
        self.is_deferred = true;
        Ok(())
    }

    fn way(&self) -> Way<'a> {
        let (id, application, token) = match self.what {
            What::Button(it) => (it.id, it.application_id, it.token.as_str()),
            What::Modal(it) => (it.id, it.application_id, it.token.as_str()),
        };
        Way { discord: self.discord, id, application, token }
    }

    /// The language of the person who pressed.
    fn language(&self) -> Language {
        language(self.locale())
    }

    fn guild(&self) -> Option<GuildId> {
        match self.what {
            What::Button(it) => it.guild_id,
            What::Modal(it) => it.guild_id,
        }
    }

    /// Their client's locale.
    fn locale(&self) -> &'a str {
        match self.what {
            What::Button(it) => &it.locale,
            What::Modal(it) => &it.locale,
        }
    }

    /// Its `custom_id`.
    pub fn custom_id(&self) -> &'a str {
        match self.what {
            What::Button(it) => &it.data.custom_id,
            What::Modal(it) => &it.data.custom_id,
        }
    }

    /// The value in its `custom_id`.
    ///
    /// # Errors
    /// When it has no such value, as on a message from another version.
    pub fn held<A: Held>(&self, target: &Target<A>) -> Result<A> {
        target.read(self.custom_id()).ok_or_else(stale)
    }

    /// Whether it is a submitted form rather than a button press.
    pub fn is_form(&self) -> bool {
        matches!(self.what, What::Modal(_))
    }

    /// Whether it is a button on a private message, which can be updated in place.
    fn is_of_private_message(&self) -> bool {
        let What::Button(it) = self.what else { return false };
        it.message.flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
    }

    /// Who pressed, and where.
    ///
    /// # Errors
    /// Outside a server.
    pub async fn here(&self, state: &State) -> Result<Here> {
        let (guild, member, id, guild_locale) = match self.what {
            What::Button(it) => (it.guild_id, it.member.as_ref(), it.id, it.guild_locale.as_deref()),
            What::Modal(it) => (it.guild_id, it.member.as_ref(), it.id, it.guild_locale.as_deref()),
        };
        found(state, guild, member, Asked { id: id.get(), locale: self.locale(), guild_locale }).await
    }

    /// What was typed in a modal's field.
    pub fn typed(&self, field: &str) -> Option<&str> {
        let What::Modal(it) = self.what else { return None };
        it.data.components.iter().flat_map(|row| &row.components).find_map(|component| match component {
            ActionRowComponent::InputText(input) if input.custom_id == field => input.value.as_deref(),
            _ => None,
        })
    }

    /// Everything that was typed in a modal, so that an error can return it.
    fn all_typed(&self) -> Vec<&str> {
        let What::Modal(it) = self.what else { return Vec::new() };
        let inputs = it.data.components.iter().flat_map(|row| &row.components);
        inputs
            .filter_map(|component| match component {
                ActionRowComponent::InputText(input) => input.value.as_deref(),
                _ => None,
            })
            .collect()
    }

    /// Answers privately.
    pub async fn whisper(&self, post: &Post) -> Result<()> {
        let way = self.way();
        for (number, body) in answer::bodies(post, self.language(), None, true)?.iter().enumerate() {
            match (number, self.is_deferred, self.is_of_private_message()) {
                (0, false, _) => way.say(body).await?,
                (0, true, false) => way.fill(body, None).await?,
                _ => way.follow(body).await?,
            }
        }
        Ok(())
    }

    /// Replaces the message whose button was pressed; if others see that message too, answers privately
    /// instead.
    pub async fn replace(&self, post: &Post) -> Result<()> {
        if !self.is_of_private_message() {
            return self.whisper(post).await;
        }
        let way = self.way();
        for (number, body) in answer::bodies(post, self.language(), None, true)?.iter().enumerate() {
            match (number, self.is_deferred) {
                (0, true) => way.fill(body, None).await?,
                (0, false) => way.update(body).await?,
                _ => way.follow(body).await?,
            }
        }
        Ok(())
    }

    /// Tells the person who pressed what was done. If they can't be told, the receipt goes to their inbox.
    pub async fn receipt(&self, state: &State, here: &Here, receipt: impl Into<Receipt>) -> Result<()> {
        let receipt = receipt.into();
        let said = self.whisper(&receipt.shown).await;
        answer::kept(state, here, receipt, said).await
    }

    /// The same, replacing the message whose button was pressed.
    pub async fn replace_with_receipt(
        &self,
        state: &State,
        here: &Here,
        receipt: impl Into<Receipt>,
    ) -> Result<()> {
        let receipt = receipt.into();
        let said = self.replace(&receipt.shown).await;
        answer::kept(state, here, receipt, said).await
    }

    /// Tells the person what went wrong, and returns what they typed.
    pub async fn refuse(&self, state: &State, error: &Error) {
        let doing = self.custom_id();
        if failure::is_beyond_words(state, doing, error) {
            return;
        }
        let language = language_in(state, self.guild(), self.locale()).await;
        let typed = self.all_typed().into_iter().map(|value| quotable(value).chars().take(1000).collect());
        let shown = |typed: String| (!typed.trim().is_empty()).then(|| format!("`{typed}`"));
        let typed: Vec<String> = typed.filter_map(shown).collect();
        let post = failure::refusal(state, language, doing, error);
        let post = post.field(language.say(words::typed()), typed.join("\n"));
        if let Err(lost) = self.whisper(&post).await {
            failure::is_beyond_words(state, "answering a failure", &lost);
        }
    }
}

/// The error for a `custom_id` that is no longer valid.
pub fn stale() -> Error {
    Error::user(words::stale())
}
