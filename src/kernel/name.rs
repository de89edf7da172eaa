//! A person's name in a text, tagged with their id: `[Ana](person:17)`.
//!
//! Stored text (a post, a line of a daily summary, an inbox item) records by id whom it names. So mentions of
//! a person are found by id rather than by name, and their name can be removed without touching a word that
//! only looks like it. Nobody can type such a link, since typed brackets are escaped. Code that shows a text
//! shows the name alone ([`spoken`]).

use std::fmt;

use super::ids::PersonId;
use super::text::escape;
use crate::words::Value;

/// A person's name, as last seen. Formatted into a text, it carries their id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    person: PersonId,
    plain: String,
}

impl Name {
    /// A person's name.
    pub fn new(person: PersonId, plain: impl Into<String>) -> Self {
        Self { person, plain: plain.into() }
    }

    /// Whether it is this person's name.
    pub fn is_of(&self, person: PersonId) -> bool {
        self.person == person
    }

    /// The name as they wrote it, for places that aren't markdown: a picture, a label, sorting.
    pub fn plain(&self) -> &str {
        &self.plain
    }
}

/// Escaped, as a link that carries the person's id.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}](person:{})", escape(&self.plain), self.person)
    }
}

impl From<&Name> for Value {
    fn from(name: &Name) -> Self {
        Self::Text(name.to_string())
    }
}

/// A piece of text: plain words, or a name.
enum Part<'a> {
    Words(&'a str),
    Name(PersonId, &'a str),
}

/// A name at the start of a text, and the length of its link.
fn link(text: &str) -> Option<(PersonId, &str, usize)> {
    let inner = text.strip_prefix('[')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = !escaped && matches!(c, '[' | ']');
        escaped = !escaped && c == '\\';
        ends
    })?;
    let rest = inner[end..].strip_prefix("](person:")?;
    let (id, _) = rest.split_once(')')?;
    let person = PersonId(id.parse().ok()?);
    // A link has only one valid spelling.
    (person.to_string() == id).then_some((person, &inner[..end], "[](person:)".len() + end + id.len()))
}

/// Splits a text into names and the words between them.
fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut words, mut at) = (Vec::new(), 0, 0);
    while let Some(c) = text[at..].chars().next() {
        if let Some((person, name, length)) = link(&text[at..]) {
            parts.push(Part::Words(&text[words..at]));
            parts.push(Part::Name(person, name));
            at += length;
            words = at;
        } else {
            at += c.len_utf8();
            // A backslash escapes the next character, so that isn't a bracket of ours.
            at += if c == '\\' { text[at..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        }
    }
    parts.push(Part::Words(&text[words..]));
    parts
}

/// Whether a text names a person.
pub fn names(text: &str, whose: PersonId) -> bool {
    parts(text).iter().any(|part| matches!(part, Part::Name(person, _) if *person == whose))
}

/// Whether a text names nobody.
pub fn names_nobody(text: &str) -> bool {
    parts(text).iter().all(|part| matches!(part, Part::Words(_)))
}

/// A text as people read it: each link becomes the person's name.
pub fn spoken(text: &str) -> String {
    let part = |part: Part<'_>| match part {
        Part::Words(text) | Part::Name(_, text) => text.to_owned(),
    };
    parts(text).into_iter().map(part).collect()
}

/// A text with something else in place of a person's name, wherever it appears.
pub fn without(text: &str, whose: PersonId, instead: &str) -> String {
    let part = |part: Part<'_>| match part {
        Part::Words(words) => words.to_owned(),
        Part::Name(person, _) if person == whose => instead.to_owned(),
        Part::Name(person, name) => format!("[{name}](person:{person})"),
    };
    parts(text).into_iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_link_that_somebody_typed_names_nobody() {
        for typed in ["[Ana](person:17)", r"\[Ana](person:17)", "x](person:17)", "[](person:17)", r"a\"] {
            let text = escape(typed);
            assert!(!names(&text, PersonId(17)), "{typed}");
            assert_eq!(spoken(&text), text);
        }
        for odd in ["[Ana](person:017)", "[Ana](person:+17)", "[Ana](person:)", "[Ana](person:17", "[Ana"] {
            assert!(!names(odd, PersonId(17)), "{odd}");
        }
    }

    proptest! {
        /// Whatever people are called or type, a text names exactly those whose names were written into it.
        #[test]
        fn a_text_names_those_it_was_made_of_and_reads_as_without_ids(
            said in proptest::collection::vec((r"[\\\[\]()%_e1 A-B:\n]{0,5}", r"[\\\[\]()%_e1 A-B:#]{0,4}", 1_i64..4), 0..6),
            other in 1_i64..5,
        ) {
            let told = |called: &dyn Fn(&str, PersonId) -> String| {
                let all = said.iter().map(|(typed, name, person)| [escape(typed), called(name, PersonId(*person))].join(" "));
                all.collect::<Vec<_>>().concat()
            };
            let text = told(&|name, person| Name::new(person, name).to_string());
            let read = told(&|name, _| escape(name));
            prop_assert_eq!(spoken(&text), read);
            let is_named = said.iter().any(|(.., person)| *person == other);
            prop_assert_eq!(names(&text, PersonId(other)), is_named);
            let left = without(&text, PersonId(other), "X");
            let gone = |name: &str, person| if person == PersonId(other) { "X".to_owned() } else { escape(name) };
            let want = told(&gone);
            prop_assert_eq!(spoken(&left), want);
            prop_assert!(!names(&left, PersonId(other)));
        }
    }
}
