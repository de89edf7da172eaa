//! What people read, in every language. A [`Message`] is an id with its arguments; a [`Language`] renders it.
//! The texts are Fluent files, one folder per language and one file per room or feature; `build.rs` generates
//! a function for each message that takes its arguments. `docs/LANGUAGES.md` explains how to add a language.

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::Memoizable;
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

mod made {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}
pub(crate) use made::*;

pub mod check;
mod pseudo;

use pseudo::Pseudo;

/// A message that isn't rendered in a language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    id: &'static str,
    arguments: Vec<(&'static str, Value)>,
}

impl Message {
    /// Only called by the functions that `build.rs` generates, which know each message's arguments.
    fn new(id: &'static str, arguments: Vec<(&'static str, Value)>) -> Self {
        Self { id, arguments }
    }
}

/// In the default language: for the log, and for tests.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Language::default().say(self))
    }
}

/// An argument of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text that is the same in every language: a name, or what somebody typed. Already escaped where
    /// needed.
    Text(String),
    /// A count, which also selects singular or plural.
    Count(i64),
    /// A number in American notation ("1,200.50"), shown with each language's own separators.
    Digits(String),
    /// Another message, rendered in the same language.
    Message(Box<Message>),
    /// Several things listed in a sentence.
    List(Vec<Value>),
    /// Several things side by side, with separators.
    Row(Vec<Value>),
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

impl From<&Message> for Value {
    fn from(message: &Message) -> Self {
        message.clone().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<i32> for Value {
    fn from(count: i32) -> Self {
        Self::Count(count.into())
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<u8> for Value {
    fn from(count: u8) -> Self {
        Self::Count(count.into())
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

/// In the default language.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Language::default().say(self))
    }
}

/// A language to render messages in. The default is American English, which every other falls back on.
#[derive(Clone, Copy)]
pub struct Language(&'static Catalogue);

type Files = &'static [(&'static str, &'static str)];

/// A language's texts, parsed on first use.
struct Catalogue {
    tag: &'static str,
    /// Its own files, with their names.
    files: Files,
    pseudo: Option<&'static Pseudo>,
    read: OnceLock<Vec<Arc<FluentResource>>>,
    bundle: OnceLock<FluentBundle<Arc<FluentResource>>>,
    /// The thousands separator and the decimal mark.
    marks: OnceLock<[String; 2]>,
}

/// Every language; pseudo-languages come last.
static LANGUAGES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let real = CATALOGUES.iter().map(|(tag, files)| Catalogue::new(tag, files, None));
    let made_up = pseudo::ALL.iter().map(|it| Catalogue::new(it.tag, &[], Some(it)));
    real.chain(made_up).collect()
});

/// The language of messages that nobody has translated.
const DEFAULT: &str = "en-US";

impl Catalogue {
    fn new(tag: &'static str, files: Files, pseudo: Option<&'static Pseudo>) -> Self {
        let (read, bundle, marks) = Default::default();
        Self { tag, files, pseudo, read, bundle, marks }
    }

    /// Its own files. A test catches entries that don't parse; here they are left out.
    fn read(&self) -> &[Arc<FluentResource>] {
        let text = |(_, text): &(_, &str)| FluentResource::try_new((*text).to_owned());
        let texts = || self.files.iter().map(text).map(|it| Arc::new(it.unwrap_or_else(|(read, _)| read)));
        self.read.get_or_init(|| texts().collect())
    }

    /// The default language's files, overridden by those of the languages this is a variant of, then by its
    /// own.
    fn bundle(&self) -> &FluentBundle<Arc<FluentResource>> {
        self.bundle.get_or_init(|| {
            let language: LanguageIdentifier = self.tag.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
            // Isolation marks keep a left-to-right name from reordering the text around it.
            bundle.set_use_isolating(["ar", "fa", "he", "ur"].contains(&language.language.as_str()));
            bundle.set_transform(self.pseudo.map(|it| it.transform));
            bundle.set_formatter(Some(count));
            let is_above = |other: &str| {
                other == DEFAULT || self.tag == other || self.tag.starts_with(&format!("{other}-"))
            };
            let mut above: Vec<_> = LANGUAGES.iter().filter(|it| is_above(it.tag)).collect();
            above.sort_by_key(|it| (it.tag != DEFAULT, it.tag.len()));
            for resource in above.into_iter().flat_map(Self::read) {
                bundle.add_resource_overriding(resource.clone());
            }
            bundle
        })
    }

    fn pattern(
        &self,
        id: &str,
        attribute: Option<&str>,
        arguments: &[(&'static str, Value)],
    ) -> Option<String> {
        let bundle = self.bundle();
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut given = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            given.set(*name, self.value(value));
        }
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned();
        if !errors.is_empty() {
            // `check` finds these first, and shows them to translators.
            tracing::warn!(id, language = self.tag, ?errors, "a text uses an argument it isn't given");
        }
        Some(said)
    }

    fn value(&self, value: &Value) -> FluentValue<'static> {
        match value {
            Value::Count(count) => (*count).into(),
            other => self.say(other).into(),
        }
    }

    fn say(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Count(count) => self.marked(&grouped(*count)),
            Value::Digits(digits) => self.marked(digits),
            Value::Message(message) => {
                let said = self.pattern(message.id, None, &message.arguments);
                let said =
                    said.or_else(|| Language::default().0.pattern(message.id, None, &message.arguments));
                said.unwrap_or_else(|| message.id.to_owned())
            }
            Value::List(things) => self.listed(things),
            Value::Row(things) => {
                let said = things.iter().map(|thing| self.say(thing));
                said.reduce(|row, next| self.say(&list::beside(row, next).into())).unwrap_or_default()
            }
        }
    }

    fn listed(&self, things: &[Value]) -> String {
        let mut said = things.iter().map(|thing| self.say(thing));
        let Some(last) = said.next_back() else { return String::new() };
        let Some(before) = said.next_back() else { return last };
        let Some(first) = said.next() else { return self.say(&list::of_two(before, last).into()) };
        let beginning =
            said.chain([before]).fold(first, |all, next| self.say(&list::middle(all, next).into()));
        self.say(&list::ending(beginning, last).into())
    }

    fn marked(&self, digits: &str) -> String {
        let mark = |mark: Message| self.say(&mark.into());
        let [group, decimal] = self.marks.get_or_init(|| [mark(number::group()), mark(number::decimal())]);
        let mut text = String::with_capacity(digits.len());
        for c in digits.chars() {
            match c {
                ',' => text.push_str(group),
                '.' => text.push_str(decimal),
                c => text.push(c),
            }
        }
        text
    }
}

/// A count with thousands separators, in American notation.
fn grouped(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = if count < 0 { "-".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a count within a message, with the language's separators.
fn count(value: &FluentValue<'_>, of: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let digits = grouped(number.value.to_string().parse().ok()?);
    of.with_try_get::<Language, _, _>((), |language| language.0.marked(&digits)).ok()
}

/// A bundle's formatters look up the language by its identifier alone.
impl Memoizable for Language {
    type Args = ();
    type Error = ();

    fn construct(language: LanguageIdentifier, (): ()) -> Result<Self, ()> {
        Self::of(&language.to_string()).ok_or(())
    }
}

impl Language {
    /// The language of a stored tag: "en-GB".
    pub fn of(tag: &str) -> Option<Self> {
        LANGUAGES.iter().find(|it| it.tag == tag).map(Self)
    }

    /// The language that somebody typed, pseudo-languages included.
    pub fn typed(text: &str) -> Option<Self> {
        LANGUAGES.iter().map(Self).find(|it| it.is_called(text))
    }

    /// Whether a text is its tag or its own name, in any case.
    pub fn is_called(self, text: &str) -> bool {
        let is_it = |it: &str| it.to_lowercase() == text.trim().to_lowercase();
        is_it(self.tag()) || self.is_real() && is_it(&self.name())
    }

    /// The language closest to a client's locale: the same one, or another variant of it.
    pub fn nearest(locale: &str) -> Option<Self> {
        let primary = |tag: &str| tag.split('-').next().map(str::to_owned);
        Self::of(locale).or_else(|| Self::all().find(|it| primary(it.tag()) == primary(locale)))
    }

    /// The real languages, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = LANGUAGES.iter().map(Self).filter(|it| it.is_real() && it.tag() != DEFAULT);
        std::iter::once(Self::default()).chain(others)
    }

    /// All languages, pseudo-languages included.
    pub(crate) fn every() -> impl Iterator<Item = Self> {
        LANGUAGES.iter().map(Self)
    }

    /// Its tag, as stored and as Discord spells it: "en-GB".
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// Its name in its own language.
    pub fn name(self) -> String {
        self.say(language::name())
    }

    fn is_real(self) -> bool {
        self.0.pseudo.is_none()
    }

    /// Renders a message.
    pub fn say(self, it: impl Into<Value>) -> String {
        self.0.say(&it.into())
    }

    /// The description of a command or of one of its options; in the default language where there is no
    /// translation.
    pub(crate) fn attribute(self, id: &str, attribute: Option<&str>) -> Option<String> {
        let own = self.0.pattern(id, attribute, &[]);
        own.or_else(|| Self::default().0.pattern(id, attribute, &[]))
    }

    /// Turns pseudo-language text back into the default language; text in any other language is unchanged.
    pub fn read(self, text: &str) -> String {
        self.0.pseudo.map_or_else(|| text.to_owned(), |it| it.read(text))
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::of(DEFAULT).expect("its folder is there")
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl Eq for Language {}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Several things listed in a sentence: "Ana", "Ana and Ben", "Ana, Ben and Cleo". Empty if there are none.
pub fn listed(things: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    Value::List(things.into_iter().map(Into::into).collect())
}

/// Things side by side, not as a sentence: "Acme · $500 · renewal".
pub fn joined(things: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    Value::Row(things.into_iter().map(Into::into).collect())
}

/// Things to list; if there are more than four, the first three and how many more: "Ana, Ben, Cleo", "2
/// more".
pub fn some_of(things: impl IntoIterator<Item = impl Into<Value>>) -> Vec<Value> {
    let mut things: Vec<Value> = things.into_iter().map(Into::into).collect();
    if things.len() > 4 {
        let more = things.split_off(3).len();
        things.push(list::more(more).into());
    }
    things
}
