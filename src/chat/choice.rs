//! An enumeration as the choices of a command.

use std::borrow::Cow;

use poise::{ChoiceParameter, CommandParameterChoice};
use strum::{EnumMessage, VariantArray};

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
