//! What people read, in every language. A [`Message`] is an id with its arguments; a [`Language`] says it. The texts are
//! Fluent files, one folder a language and one file a room or feature; `build.rs` makes a function of each message, which takes
//! what the message takes. `docs/LANGUAGES.md` says how a language is added.

use std::fmt;
use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

mod made {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}
pub(crate) use made::*;

mod pseudo;

/// Something to be said, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    id: &'static str,
    arguments: Vec<(&'static str, Value)>,
}

impl Message {
    /// Called by what `build.rs` makes alone, which knows what a message takes.
    fn new(id: &'static str, arguments: Vec<(&'static str, Value)>) -> Self {
        Self { id, arguments }
    }
}

/// As it is said by default: for the log, and for tests.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Language::default().say(self))
    }
}

/// What a message is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text that is the same in every language: a name, or what somebody typed; escaped as it has to be.
    Text(String),
    /// How many, which also decides between singular and plural.
    Count(i64),
    /// Digits as American English writes them ("1,200.50"), said with each language's own marks.
    Digits(String),
    /// Another message, said in the same language.
    Message(Box<Message>),
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

/// As it is said by default.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Language::default().say(self))
    }
}

/// A language that messages are said in. The default is American English, which every other falls back on.
#[derive(Clone, Copy)]
pub struct Language(&'static Catalogue);

struct Catalogue {
    tag: String,
    bundle: FluentBundle<Arc<FluentResource>>,
    /// What is written between thousands, and before decimals.
    marks: [String; 2],
    /// The messages that its own files have.
    own: Vec<(&'static str, &'static str)>,
}

/// Every language; those that are made up come last.
static LANGUAGES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    let real = CATALOGUES.iter().map(|(tag, files)| Catalogue::new(tag, files, None));
    let made_up = pseudo::ALL.iter().map(|it| Catalogue::new(it.tag, &[], Some(it)));
    real.chain(made_up).collect()
});

/// What messages that nobody has translated are said in.
const DEFAULT: &str = "en-US";

type Files = &'static [(&'static str, &'static str)];

impl Catalogue {
    /// The files of the default language, and over them those of the languages that this one is a kind of, and its own.
    fn new(tag: &'static str, files: Files, pseudo: Option<&pseudo::Pseudo>) -> Self {
        let language: LanguageIdentifier = tag.parse().expect("a folder's name is a language's tag");
        let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
        // Direction marks keep a name of another direction from turning what stands around it.
        bundle.set_use_isolating(is_right_to_left(&language));
        bundle.set_transform(pseudo.map(|it| it.transform));
        let is_above =
            |other: &str| other == DEFAULT || tag == other || tag.starts_with(&format!("{other}-"));
        let mut above: Vec<_> = CATALOGUES.iter().filter(|(other, _)| is_above(other)).collect();
        above.sort_by_key(|(other, _)| (*other != DEFAULT, other.len()));
        for (_, text) in above.into_iter().flat_map(|(_, files)| *files) {
            let resource = FluentResource::try_new((*text).to_owned());
            // What doesn't read is found by a test, and left out here.
            bundle.add_resource_overriding(Arc::new(resource.unwrap_or_else(|(read, _)| read)));
        }
        let mut it =
            Self { tag: tag.to_owned(), bundle, marks: [String::new(), String::new()], own: files.to_vec() };
        it.marks = [number::group(), number::decimal()].map(|mark| it.say(&mark.into()));
        it
    }

    fn pattern(
        &self,
        id: &str,
        attribute: Option<&str>,
        arguments: &[(&'static str, Value)],
    ) -> Option<String> {
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut given = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            given.set(*name, self.value(value));
        }
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
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
            Value::Count(count) => count.to_string(),
            Value::Digits(digits) => self.marked(digits),
            Value::Message(message) => {
                self.pattern(message.id, None, &message.arguments).unwrap_or_else(|| message.id.to_owned())
            }
        }
    }

    fn marked(&self, digits: &str) -> String {
        let mut text = String::with_capacity(digits.len());
        for c in digits.chars() {
            match c {
                ',' => text.push_str(&self.marks[0]),
                '.' => text.push_str(&self.marks[1]),
                c => text.push(c),
            }
        }
        text
    }
}

fn is_right_to_left(language: &LanguageIdentifier) -> bool {
    ["ar", "fa", "he", "ur"].contains(&language.language.as_str())
}

impl Language {
    /// The language of a tag as it is kept: "en-GB".
    pub fn of(tag: &str) -> Option<Self> {
        LANGUAGES.iter().find(|it| it.tag == tag).map(Self)
    }

    /// The language that comes nearest to what somebody's client is set to: the same, or another kind of it.
    pub fn nearest(locale: &str) -> Option<Self> {
        let primary = |tag: &str| tag.split('-').next().map(str::to_owned);
        Self::of(locale)
            .filter(|it| it.is_real())
            .or_else(|| Self::all().find(|it| primary(it.tag()) == primary(locale)))
    }

    /// Those that people speak, the default first.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = LANGUAGES.iter().map(Self).filter(|it| it.is_real() && it.tag() != DEFAULT);
        std::iter::once(Self::default()).chain(others)
    }

    /// Its tag, as it is kept and as Discord calls it: "en-GB".
    pub fn tag(self) -> &'static str {
        &self.0.tag
    }

    /// What it calls itself.
    pub fn name(self) -> String {
        self.say(language::name())
    }

    fn is_real(self) -> bool {
        pseudo::ALL.iter().all(|it| it.tag != self.tag())
    }

    /// Says something.
    pub fn say(self, it: impl Into<Value>) -> String {
        self.0.say(&it.into())
    }

    /// What a command says of itself or of one of its options.
    pub(crate) fn attribute(self, id: &str, attribute: Option<&str>) -> Option<String> {
        self.0.pattern(id, attribute, &[])
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

/// Several things as a sentence has them: "Ana", "Ana and Ben", "Ana, Ben and Cleo". Nothing is an empty text.
pub fn listed(things: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    let mut things: Vec<Value> = things.into_iter().map(Into::into).collect();
    let Some(last) = things.pop() else { return Value::Text(String::new()) };
    let Some(before) = things.pop() else { return last };
    let ending = match things.is_empty() {
        true => list::of_two(before, last),
        false => list::ending(before, last),
    };
    things.into_iter().rev().fold(ending.into(), |rest, thing| list::beginning(thing, rest).into())
}

/// Things side by side, which are no sentence: "Acme · $500 · renewal".
pub fn joined(things: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    let things: Vec<Value> = things.into_iter().map(Into::into).collect();
    let joined = things.into_iter().reduce(|all, thing| list::beside(all, thing).into());
    joined.unwrap_or_else(|| Value::Text(String::new()))
}

/// Things, of which three stand for more than four: "Ana, Ben, Cleo", and "2 more".
pub fn some_of(things: impl IntoIterator<Item = impl Into<Value>>) -> Vec<Value> {
    let mut things: Vec<Value> = things.into_iter().map(Into::into).collect();
    if things.len() > 4 {
        let more = things.split_off(3).len();
        things.push(list::more(more).into());
    }
    things
}
