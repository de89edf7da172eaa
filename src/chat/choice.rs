//! Options of a command that are chosen from a list: values of an enumeration, channels that can be posted
//! to.

use std::borrow::Cow;

use poise::{ChoiceParameter, CommandParameterChoice};
use serenity::all::{ChannelType, PartialChannel};
use strum::VariantArray;

use crate::kernel::calendar::Span;
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::ChannelId;
use crate::ledger::metric::{Horizon, Unit};
use crate::people::Praise;
use crate::words::chat as words;

/// An enumeration offered as choices. Each value's label is in the catalogues, under both names
/// (`chat::wording`).
pub trait Offered: VariantArray + Copy + Into<&'static str> + Send + Sync + 'static {
    /// Its name in the catalogues.
    const NAME: &'static str;
    /// The values that can be chosen.
    const ALL: &'static [Self] = Self::VARIANTS;
}

impl Offered for Span {
    const NAME: &'static str = "span";
    const ALL: &'static [Self] = &[Self::Week, Self::Month, Self::Quarter, Self::Year];
}

impl Offered for Unit {
    const NAME: &'static str = "unit";
}

impl Offered for Horizon {
    const NAME: &'static str = "horizon";
}

impl Offered for Praise {
    const NAME: &'static str = "praise";
}

/// The value that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<T>(pub T);

impl<T: Offered> ChoiceParameter for Choice<T> {
    fn list() -> Cow<'static, [CommandParameterChoice]> {
        let choice = |it: &T| CommandParameterChoice {
            name: format!("{}.{}", T::NAME, Into::<&'static str>::into(*it)).into(),
            localizations: Cow::default(),
            __non_exhaustive: (),
        };
        T::ALL.iter().map(choice).collect()
    }

    fn from_index(index: usize) -> Option<Self> {
        T::ALL.get(index).copied().map(Self)
    }

    fn from_name(name: &str) -> Option<Self> {
        T::ALL.iter().copied().find(|it| Into::<&'static str>::into(*it) == name).map(Self)
    }

    fn name(&self) -> &'static str {
        self.0.into()
    }

    fn localized_name(&self, _: &str) -> Option<&'static str> {
        None
    }
}

/// Checks that a channel can be posted to.
///
/// # Errors
/// When messages can't be posted there.
pub fn text_channel(channel: &PartialChannel) -> Result<ChannelId> {
    match channel.kind {
        ChannelType::Text | ChannelType::News | ChannelType::PublicThread | ChannelType::PrivateThread => {
            Ok(channel.id.get().into())
        }
        _ => Err(Error::user(words::not_a_text_channel())),
    }
}
