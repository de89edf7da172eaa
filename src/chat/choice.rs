//! What somebody may choose as an option of a command: a value of an enumeration, a channel that posts can go to.

use std::borrow::Cow;

use poise::{ChoiceParameter, CommandParameterChoice};
use serenity::all::{ChannelType, PartialChannel};
use strum::{EnumMessage, VariantArray};

use crate::kernel::error::{Error, Result};
use crate::kernel::ids::ChannelId;

/// A value of an enumeration that somebody has chosen. What a choice says is the variant's message (`strum`); one without a message is
/// no choice of anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<T>(pub T);

impl<T: VariantArray + EnumMessage + Copy + Send + Sync> Choice<T> {
    fn all() -> impl Iterator<Item = (&'static str, T)> {
        T::VARIANTS.iter().filter_map(|it| Some((it.get_message()?, *it)))
    }
}

impl<T: VariantArray + EnumMessage + Copy + Send + Sync> ChoiceParameter for Choice<T> {
    fn list() -> Cow<'static, [CommandParameterChoice]> {
        let choice = |(name, _): (&'static str, T)| CommandParameterChoice {
            name: name.into(),
            localizations: Cow::default(),
            __non_exhaustive: (),
        };
        Cow::Owned(Self::all().map(choice).collect())
    }

    fn from_index(index: usize) -> Option<Self> {
        Self::all().nth(index).map(|(_, it)| Self(it))
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|(said, _)| *said == name).map(|(_, it)| Self(it))
    }

    fn name(&self) -> &'static str {
        self.0.get_message().unwrap_or_default()
    }

    fn localized_name(&self, _: &str) -> Option<&'static str> {
        None
    }
}

/// A channel that posts can go to.
///
/// # Errors
/// When messages can't be posted there.
pub fn text_channel(channel: &PartialChannel) -> Result<ChannelId> {
    match channel.kind {
        ChannelType::Text | ChannelType::News | ChannelType::PublicThread | ChannelType::PrivateThread => {
            Ok(channel.id.get().into())
        }
        _ => Err(Error::user("That isn't a text channel. Pick one I can post in.")),
    }
}
