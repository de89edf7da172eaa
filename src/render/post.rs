//! A message before it is sent: what it says, without a word about how Discord carries it.

use serde::{Deserialize, Serialize};

use super::card::Card;
use crate::kernel::ids::UserId;

/// A message as a value. Text that people typed must have been through `kernel::text::escape`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its first line, bold. At most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text. At most 4,096 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Named parts. At most 25.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// A small last line. At most 2,048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// The colour of its edge.
    #[serde(default)]
    pub tone: Tone,
    /// What can be pressed. At most 25.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Whether it arrives without a notification.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// The same as a picture, which goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// Who is pinged. Nobody else is, whatever the text says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pings: Vec<UserId>,
}

/// A named part of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// At most 256 characters.
    pub name: String,
    /// At most 1,024 characters.
    pub value: String,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Where the press is routed: "feature:action:arguments". At most 100 characters, unique in a post.
    pub id: String,
    /// What it says. At most 80 characters.
    pub label: String,
}

/// What a post feels like; the theme gives it a colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// An answer, a list.
    #[default]
    Calm,
    /// A win, a goal reached, praise.
    Bell,
    /// What is expected.
    Duty,
    /// Something was refused or went wrong.
    Refusal,
}

impl Tone {
    /// Its colour, as 24-bit RGB.
    pub fn colour(self) -> u32 {
        match self {
            Self::Calm => 0x00_5b_7c_99,
            Self::Bell => 0x00_e0_a5_26,
            Self::Duty => 0x00_2f_8f_83,
            Self::Refusal => 0x00_b8_4a_3c,
        }
    }
}

impl Post {
    /// A post of a tone with a title and a text.
    pub fn new(tone: Tone, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: Some(title.into()), body: body.into(), tone, ..Self::default() }
    }

    /// A text without a title.
    pub fn text(body: impl Into<String>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// With each of its texts changed. The picture holds names as people wrote them, not as texts do: where a text has
    /// changed, it is left out.
    #[must_use]
    pub fn with_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        let (card, before) = (self.card.take(), self.clone());
        self.title = self.title.map(|text| change(&text));
        self.footer = self.footer.map(|text| change(&text));
        self.body = change(&self.body);
        for field in &mut self.fields {
            field.name = change(&field.name);
            field.value = change(&field.value);
        }
        self.card = card.filter(|_| self == before);
        self
    }

    /// With one more named part; an empty one is left out, since Discord refuses it.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.fields.push(Field { name: name.into(), value });
        }
        self
    }

    /// With a small last line.
    #[must_use]
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.footer = Some(text.into());
        self
    }

    /// With something to press.
    #[must_use]
    pub fn button(mut self, id: impl Into<String>, label: impl Into<String>) -> Self {
        self.buttons.push(Button { id: id.into(), label: label.into() });
        self
    }

    /// Cut to what Discord takes, so that a long list is shortened and not lost.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        let title = |text: String| cut(text, 256);
        self.title = self.title.map(title);
        self.footer = self.footer.map(|text| cut(text, 512));
        self.fields.truncate(25);
        for field in &mut self.fields {
            field.name = cut(std::mem::take(&mut field.name), 256);
            field.value = cut(std::mem::take(&mut field.value), 1024);
        }
        // All texts of an embed together may have 6,000 characters.
        let length = |text: &str| text.chars().count();
        let mut room =
            6000 - self.title.as_deref().map_or(0, length) - self.footer.as_deref().map_or(0, length);
        self.body = cut(self.body, room.min(4096));
        room -= length(&self.body);
        let fits = |field: &Field| {
            let needs = length(&field.name) + length(&field.value);
            room.checked_sub(needs).map(|left| room = left).is_some()
        };
        let kept = self
            .fields
            .iter()
            .map_while({
                let mut fits = fits;
                move |field| fits(field).then_some(())
            })
            .count();
        self.fields.truncate(kept);
        self
    }
}

/// Ten blocks, filled by percent.
pub fn bar(percent: i64) -> String {
    let full = usize::try_from(percent.clamp(0, 100) / 10).unwrap_or(0);
    format!("{}{}", "▰".repeat(full), "▱".repeat(10 - full))
}

/// A text of at most so many characters; what is cut ends in "…".
pub(crate) fn cut(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_fitted_post_is_within_discords_limits(
            title in ".{0,300}", body in ".{0,5000}", footer in ".{0,600}",
            fields in proptest::collection::vec((".{1,300}", ".{1,1200}"), 0..30),
        ) {
            let mut post = Post::new(Tone::Calm, title, body).footer(footer);
            for (name, value) in fields {
                post = post.field(name, value);
            }
            let post = post.fitted();
            let length = |text: &str| text.chars().count();
            let title = length(post.title.as_deref().unwrap_or_default());
            let footer = length(post.footer.as_deref().unwrap_or_default());
            let fields: usize = post.fields.iter().map(|f| length(&f.name) + length(&f.value)).sum();
            prop_assert!(title <= 256 && length(&post.body) <= 4096 && post.fields.len() <= 25);
            prop_assert!(title + footer + length(&post.body) + fields <= 6000);
        }
    }
}
