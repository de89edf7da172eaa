//! A message before it is sent, independent of Discord's format.

use serde::{Deserialize, Serialize};

use super::card::Card;
use crate::kernel::ids::{PersonId, UserId};
use crate::kernel::name;
use crate::words::{Language, render as words};

/// A message as a value. Text that people typed must have been through `kernel::text::escape`; a person's
/// name is written as a `kernel::name::Name`, so that stored posts record by id whom they name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its title, in bold. At most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text. At most 4,096 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Named parts. At most 25.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Small text at the bottom. At most 2,048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// The colour of its edge.
    #[serde(default)]
    pub tone: Tone,
    /// Its buttons. At most 25.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Whether it arrives without a notification.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// A picture of the same content, sent with it.
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

impl Field {
    /// Itself split into as many fields as needed.
    fn parts(self, language: Language) -> impl Iterator<Item = Self> {
        let Self { name, value } = self;
        let parts = chunks(&value, 1024).into_iter().enumerate();
        parts.map(move |(number, value)| match number {
            0 => Self { name: name.clone(), value },
            _ => Self { name: language.say(words::more(&name)), value },
        })
    }

    fn length(&self) -> usize {
        length(&self.name).min(256) + length(&self.value).min(1024)
    }
}

/// The most characters on a page, without its footer and the message's reference.
const ROOM: usize = 5400;
/// The most characters of a page's text: Discord allows 4,096, and this leaves room for a line saying that
/// there is more.
const MOST_TEXT: usize = 4000;

/// The length of a text as people read it, in characters.
fn length(text: &str) -> usize {
    name::spoken(text).chars().count()
}

/// A text split at line ends into chunks of at most `most` characters, as people read it.
fn chunks(text: &str, most: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut room = 0;
    for line in text.lines() {
        let needs = length(line) + 1;
        if let Some(part) = parts.last_mut().filter(|_| needs <= room) {
            part.push('\n');
            part.push_str(line);
            room -= needs;
        } else {
            parts.push(line.to_owned());
            room = most.saturating_sub(needs - 1);
        }
    }
    parts
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The route of a press: "feature:action:arguments". At most 100 characters, unique in a post.
    pub id: String,
    /// Its label. At most 80 characters.
    pub label: String,
}

/// A post's mood, which decides its colour.
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
    /// A post with a tone, a title and a text.
    pub fn new(tone: Tone, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: Some(title.into()), body: body.into(), tone, ..Self::default() }
    }

    /// A text without a title.
    pub fn text(body: impl Into<String>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// Applies a change to each of its texts.
    fn with_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        self.title = self.title.map(|text| change(&text));
        self.footer = self.footer.map(|text| change(&text));
        self.body = change(&self.body);
        for field in &mut self.fields {
            field.name = change(&field.name);
            field.value = change(&field.value);
        }
        self
    }

    /// Applies a change that removes somebody from each of its texts. The picture holds plain names, without
    /// ids: if a text has changed, the picture is dropped.
    #[must_use]
    pub fn forgetting(mut self, change: impl Fn(&str) -> String) -> Self {
        let card = self.card.take();
        let changed = self.clone().with_texts(change);
        Self { card: card.filter(|_| self == changed), ..changed }
    }

    /// As people read it: name links in its texts become names (`kernel::name`). This no longer records whom
    /// it names, so it must never be stored.
    #[must_use]
    pub fn spoken(self) -> Self {
        self.with_texts(name::spoken)
    }

    /// Whether it names a person.
    pub fn names(&self, whose: PersonId) -> bool {
        let parts = self.fields.iter().flat_map(|field| [&field.name, &field.value]);
        let texts = self.title.iter().chain(&self.footer).chain([&self.body]).chain(parts);
        texts.into_iter().any(|text| name::names(text, whose))
    }

    /// What it says about a person, as people read it; none if it doesn't name them. A line that names nobody
    /// belongs to whoever the line above names. Lines about others are left out, and so is the picture.
    pub fn of(&self, whose: PersonId) -> Option<Self> {
        if !self.names(whose) {
            return None;
        }
        let is_theirs = |text: &str| name::names_nobody(text) || name::names(text, whose);
        let title = self.title.clone().filter(|title| is_theirs(title));
        let is_about_them = title.is_some() || self.title.is_none();
        let lines = |text: &str, mut theirs: bool| {
            let theirs = text.lines().filter(|line| {
                theirs = if name::names_nobody(line) { theirs } else { name::names(line, whose) };
                theirs
            });
            theirs.collect::<Vec<_>>().join("\n")
        };
        let of_them = Self {
            body: lines(&self.body, is_about_them),
            footer: self.footer.clone().filter(|footer| is_theirs(footer)),
            tone: self.tone,
            title,
            ..Self::default()
        };
        let fields = self.fields.iter().filter(|it| is_theirs(&it.name) && is_theirs(&it.value));
        Some(fields.fold(of_them, |post, it| post.field(&it.name, lines(&it.value, is_about_them))).spoken())
    }

    /// Adds a field; an empty one is left out, since Discord refuses it.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.fields.push(Field { name: name.into(), value });
        }
        self
    }

    /// Sets the footer.
    #[must_use]
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.footer = Some(text.into());
        self
    }

    /// Adds a button.
    #[must_use]
    pub fn button(mut self, id: impl Into<String>, label: impl Into<String>) -> Self {
        self.buttons.push(Button { id: id.into(), label: label.into() });
        self
    }

    /// Split into as many messages as needed, so that nothing is left out: the first has the title and the
    /// picture, the last the buttons and the footer. Fields and texts are split at line ends; only a line
    /// longer than the limit (1,024 characters in a field, 4,000 in the text) is cut. Continued fields are
    /// marked in this language.
    pub fn pages(mut self, language: Language) -> Vec<Self> {
        let fields = std::mem::take(&mut self.fields);
        let fields: Vec<Field> = fields.into_iter().flat_map(|field| field.parts(language)).collect();
        let (footer, buttons) = (self.footer.take(), std::mem::take(&mut self.buttons));
        let mut texts = chunks(&std::mem::take(&mut self.body), MOST_TEXT).into_iter();
        let tone = self.tone;
        self.body = texts.next().unwrap_or_default();
        let mut pages = vec![self];
        pages.extend(texts.map(|body| Self { body, tone, ..Self::default() }));
        for field in fields {
            let last =
                pages.last().filter(|page| page.fields.len() < 25 && page.length() + field.length() <= ROOM);
            if last.is_none() {
                pages.push(Self { tone, ..Self::default() });
            }
            if let Some(page) = pages.last_mut() {
                page.fields.push(field);
            }
        }
        if let Some(last) = pages.last_mut() {
            (last.footer, last.buttons) = (footer, buttons);
        }
        pages
    }

    /// The number of characters that count, as people read it.
    fn length(&self) -> usize {
        let texts = self.title.iter().chain([&self.body]);
        let fields: usize = self.fields.iter().map(Field::length).sum();
        texts.map(|text| length(text)).sum::<usize>() + fields
    }

    /// As people read it, cut to Discord's limits.
    #[must_use]
    pub fn fitted(self) -> Self {
        let mut this = self.spoken();
        let title = |text: String| cut(text, 256);
        this.title = this.title.map(title);
        this.footer = this.footer.map(|text| cut(text, 512));
        this.fields.truncate(25);
        for field in &mut this.fields {
            field.name = cut(std::mem::take(&mut field.name), 256);
            field.value = cut(std::mem::take(&mut field.value), 1024);
        }
        // Discord's limit for all texts of an embed together is 6,000 characters.
        let length = |text: &str| text.chars().count();
        let mut room =
            6000 - this.title.as_deref().map_or(0, length) - this.footer.as_deref().map_or(0, length);
        this.body = cut(this.body, room.min(4096));
        room -= length(&this.body);
        let fits = |field: &Field| {
            let needs = length(&field.name) + length(&field.value);
            room.checked_sub(needs).map(|left| room = left).is_some()
        };
        let kept = this
            .fields
            .iter()
            .map_while({
                let mut fits = fits;
                move |field| fits(field).then_some(())
            })
            .count();
        this.fields.truncate(kept);
        this
    }
}

/// Ten blocks, filled to `percent`.
pub fn bar(percent: i64) -> String {
    let full = usize::try_from(percent.clamp(0, 100) / 10).unwrap_or(0);
    format!("{}{}", "▰".repeat(full), "▱".repeat(10 - full))
}

/// A text cut to at most `most` characters, ending in "…" if it was longer.
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
    use crate::kernel::name::Name;
    use proptest::prelude::*;

    #[test]
    fn of_what_names_several_each_gets_what_is_theirs() {
        let [ana, ben, cleo] =
            [(1, "Ana"), (2, "Ben"), (3, "Cleo")].map(|(id, name)| Name::new(PersonId(id), name));
        let board = Post::new(Tone::Bell, "Revenue", format!("🥇 {ana} · $5\n🥈 {ben} · $4\n> for Ben"))
            .field("Together", "$9")
            .field("Most improved", ben.to_string());
        let of = |post: &Post, person| {
            post.of(PersonId(person)).map(|post| (post.title, post.body, post.fields.len()))
        };
        let title = Some("Revenue".to_owned());
        assert_eq!(of(&board, 1), Some((title.clone(), "🥇 Ana · $5".to_owned(), 1)));
        assert_eq!(of(&board, 2), Some((title, "🥈 Ben · $4\n> for Ben".to_owned(), 2)));
        assert_eq!(of(&board, 3), None);
        let bell = Post::new(
            Tone::Bell,
            format!("{ana} won"),
            format!("**Acme**\nTogether with {cleo}\nmore of Cleo"),
        );
        assert_eq!(of(&bell, 1), Some((Some("Ana won".to_owned()), "**Acme**".to_owned(), 0)));
        assert_eq!(of(&bell, 3), Some((None, "Together with Cleo\nmore of Cleo".to_owned(), 0)));
    }

    proptest! {
        #[test]
        fn the_pages_of_a_post_fit_and_have_every_line_once_and_in_order(
            body in proptest::collection::vec("[a-z]{1,200}", 0..80),
            fields in proptest::collection::vec(("[a-z]{1,80}", proptest::collection::vec("[a-z]{1,400}", 1..12)), 0..60),
        ) {
            let mut post = Post::new(Tone::Duty, "Title", body.join("\n")).footer("foot").button("a:b", "Press");
            for (name, lines) in &fields {
                post = post.field(name.clone(), lines.join("\n"));
            }
            let pages = post.pages(Language::default());
            let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
            let shown: Vec<String> = pages.iter().flat_map(|page| lines(&page.body)).collect();
            prop_assert_eq!(shown, body);
            let shown: Vec<String> = pages.iter().flat_map(|page| &page.fields).flat_map(|it| lines(&it.value)).collect();
            let all: Vec<String> = fields.iter().flat_map(|(_, lines)| lines.clone()).collect();
            prop_assert_eq!(shown, all);
            for (number, page) in pages.iter().enumerate() {
                prop_assert_eq!(page.clone().fitted(), page.clone().spoken());
                prop_assert_eq!(page.title.is_some(), number == 0);
                prop_assert_eq!(page.buttons.len(), usize::from(number + 1 == pages.len()));
                let has_text = !page.body.is_empty() || !page.fields.is_empty() || page.title.is_some();
                prop_assert!(has_text, "an empty message is refused");
            }
        }

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
