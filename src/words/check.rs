//! What a translator gets wrong: texts that are missing, unknown, take the wrong arguments, or are too long
//! for Discord.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;

use super::Language;

/// A problem in a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A file's syntax is broken.
    Unreadable {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// The default language has it and this one doesn't, so the default's text is used.
    Missing(String),
    /// The default language has no such text.
    Unknown(String),
    /// It uses arguments that it isn't given.
    Arguments(String, Vec<String>),
    /// It has a variant that is never selected.
    Variant(String, String),
    /// It refers to something that doesn't exist.
    Reference(String, String),
    /// It is identical to the default language's text.
    Same(String),
    /// It is longer than Discord allows: its length and the limit, in characters.
    TooLong(String, usize, usize),
    /// A command's or an option's name has characters that Discord doesn't allow.
    Name(String, String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, line, why } => {
                write!(f, "{file}.ftl, line {line}: can't be read: {why}")
            }
            Self::Missing(id) => write!(f, "{id}: missing"),
            Self::Unknown(id) => write!(f, "{id}: isn't used; check the spelling"),
            Self::Arguments(id, extra) => write!(f, "{id}: isn't given {}", extra.join(", ")),
            Self::Variant(id, variant) => {
                write!(f, "{id}: [{variant}] never comes; use what stands there in en-US, a number, or other")
            }
            Self::Reference(id, name) => write!(f, "{id}: there is no {name}"),
            Self::Same(id) => write!(f, "{id}: still English"),
            Self::TooLong(id, length, most) => {
                write!(f, "{id}: {length} characters, and the limit is {most}")
            }
            Self::Name(id, name) => {
                write!(f, "{id}: `{name}` can't be a name; use lower-case letters, digits, - and _")
            }
        }
    }
}

impl Finding {
    /// Whether the language can't be used like this. A missing text is not a fault: the default's is used.
    pub fn is_fault(&self) -> bool {
        !matches!(self, Self::Missing(_) | Self::Same(_))
    }
}

/// Everything wrong with a language: unreadable files first, then by kind and id.
pub fn check(language: Language) -> Vec<Finding> {
    let default = Language::default();
    let of = |language: Language| language.0.files.iter().map(|(name, text)| (*name, *text));
    // Variants of the default language (en-GB) contain only what differs, so nothing is missing from them.
    compare(of(default), of(language), language.tag().starts_with("en-"))
}

/// The ids in the default language that start with this.
#[cfg(test)]
pub(crate) fn ids(beginning: &str) -> Vec<String> {
    let files = Language::default().0.files.iter().map(|(name, text)| (*name, *text));
    texts(files, &mut Vec::new()).into_keys().filter(|id| id.starts_with(beginning)).collect()
}

/// All of the default language's text.
#[cfg(test)]
pub(crate) fn words_of_the_default() -> String {
    let files = Language::default().0.files.iter().map(|(name, text)| (*name, *text));
    texts(files, &mut Vec::new()).into_values().map(|text| text.words).collect()
}

/// Compares a language's files with the default's; a variant of the default contains only what differs.
fn compare<'a>(
    default: impl Iterator<Item = (&'a str, &'a str)>,
    files: impl Iterator<Item = (&'a str, &'a str)>,
    is_a_kind: bool,
) -> Vec<Finding> {
    let (mut ignored, mut findings) = (Vec::new(), Vec::new());
    let known = texts(default, &mut ignored);
    let own = texts(files, &mut findings);
    for (id, text) in &own {
        let is_a_name = is_a_name(id);
        match known.get(id) {
            None if is_a_name && names_something(id, &known) => {}
            None => findings.push(Finding::Unknown(id.clone())),
            Some(given) => {
                let extra: Vec<String> = text.arguments.difference(&given.arguments).cloned().collect();
                if !extra.is_empty() {
                    findings.push(Finding::Arguments(id.clone(), extra));
                }
                let is_known = |variant: &&String| {
                    PLURALS.contains(&variant.as_str())
                        || variant.parse::<f64>().is_ok()
                        || given.variants.contains(*variant)
                };
                let others = text.variants.iter().filter(|it| !is_known(it)).cloned();
                findings.extend(others.map(|variant| Finding::Variant(id.clone(), variant)));
                findings.extend(text.references.iter().cloned().map(|it| Finding::Reference(id.clone(), it)));
                if !is_a_kind
                    && !is_a_name
                    && text.words == given.words
                    && text.words.chars().filter(|c| c.is_alphabetic()).count() > 3
                {
                    findings.push(Finding::Same(id.clone()));
                }
            }
        }
        if let Some(most) = most(id).filter(|most| text.length > *most) {
            findings.push(Finding::TooLong(id.clone(), text.length, most));
        }
        // Discord's rule: letters and digits of any script, and the marks used in Devanagari and Thai.
        let may_be = |c: char| {
            matches!(c, '-' | '_' | '\'' | '\u{900}'..='\u{97f}' | '\u{e00}'..='\u{e7f}')
                || c.is_alphanumeric() && c.to_lowercase().eq([c])
        };
        if is_a_name && !text.words.chars().all(may_be) {
            findings.push(Finding::Name(id.clone(), text.words.clone()));
        }
    }
    if !is_a_kind {
        findings.extend(known.keys().filter(|id| !own.contains_key(*id)).cloned().map(Finding::Missing));
    }
    findings.sort();
    findings
}

/// Whether this id holds the localised name of a command or an option.
fn is_a_name(id: &str) -> bool {
    id.starts_with("command-") && (id.ends_with(".called") || id.ends_with("-called"))
}

/// Discord's length limit for a text, where the id tells what it is used for.
fn most(id: &str) -> Option<usize> {
    match id {
        _ if is_a_name(id) || id.starts_with("menu-") => Some(32),
        _ if id.ends_with("-placeholder") => Some(100),
        _ if id.starts_with("command-") || id.starts_with("choice-") => Some(100),
        _ if id.ends_with("-button") => Some(80),
        _ if id.contains("-form-") => Some(45),
        _ => None,
    }
}

/// Whether a localised name belongs to a command or an option that exists.
fn names_something(id: &str, known: &BTreeMap<String, Text>) -> bool {
    match id.strip_suffix(".called") {
        Some(command) => known.contains_key(command),
        None => id.strip_suffix("-called").is_some_and(|option| known.contains_key(option)),
    }
}

/// The CLDR plural categories.
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The parts of a text that are compared.
#[derive(Default)]
struct Text {
    /// The keys of its variants.
    variants: BTreeSet<String>,
    /// What it refers to other than its arguments: functions, terms, other messages.
    references: BTreeSet<String>,
    /// Its arguments.
    arguments: BTreeSet<String>,
    /// The length of its literal text in its longest variant, in characters.
    length: usize,
    /// The literal text of all its variants.
    words: String,
}

/// The texts of these files by id; attributes as "id.attribute".
fn texts<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Text> {
    let mut texts = BTreeMap::new();
    for (file, source) in files {
        let read = parse(source).unwrap_or_else(|(read, errors)| {
            findings.extend(errors.into_iter().map(|error| {
                let before = &source[..error.pos.start.min(source.len())];
                let line = before.matches('\n').count() + 1;
                Finding::Unreadable { file: file.to_owned(), line, why: error.kind.to_string() }
            }));
            read
        });
        for entry in &read.body {
            let Entry::Message(message) = entry else { continue };
            let mut declared = Text::default();
            for line in message.comment.iter().flat_map(|comment| &comment.content) {
                let list = line.strip_prefix("Arguments: ").into_iter().flat_map(|list| list.split(", "));
                declared.arguments.extend(list.map(|it| it.trim_start_matches('$').to_owned()));
            }
            if let Some(value) = &message.value {
                texts.insert(message.id.name.to_owned(), measured(value, declared));
            }
            for attribute in &message.attributes {
                let id = format!("{}.{}", message.id.name, attribute.id.name);
                texts.insert(id, measured(&attribute.value, Text::default()));
            }
        }
    }
    texts
}

fn measured(pattern: &Pattern<&str>, mut text: Text) -> Text {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                text.length += value.chars().count();
                text.words.push_str(value);
            }
            PatternElement::Placeable { expression: Expression::Inline(inline) } => named(inline, &mut text),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                named(selector, &mut text);
                text.variants.extend(variants.iter().map(|it| match it.key {
                    VariantKey::Identifier { name } => name.to_owned(),
                    VariantKey::NumberLiteral { value } => value.to_owned(),
                }));
                let variants = variants.iter().map(|it| measured(&it.value, Text::default()));
                let mut longest = 0;
                for variant in variants {
                    longest = longest.max(variant.length);
                    text.arguments.extend(variant.arguments);
                    text.variants.extend(variant.variants);
                    text.references.extend(variant.references);
                    text.words.push_str(&variant.words);
                }
                text.length += longest;
            }
        }
    }
    text
}

fn named(inline: &InlineExpression<&str>, text: &mut Text) {
    match inline {
        InlineExpression::VariableReference { id } => drop(text.arguments.insert(id.name.to_owned())),
        InlineExpression::StringLiteral { value } => {
            text.length += value.chars().count();
            text.words.push_str(value);
        }
        InlineExpression::Placeable { expression } => match &**expression {
            Expression::Inline(inline) => named(inline, text),
            Expression::Select { .. } => drop(text.references.insert("a choice within a choice".to_owned())),
        },
        InlineExpression::FunctionReference { id, .. } | InlineExpression::MessageReference { id, .. } => {
            text.references.insert(id.name.to_owned());
        }
        InlineExpression::TermReference { id, .. } => drop(text.references.insert(format!("-{}", id.name))),
        InlineExpression::NumberLiteral { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_language_has_anything_to_be_mended() {
        for language in Language::all() {
            let faults: Vec<Finding> = check(language).into_iter().filter(Finding::is_fault).collect();
            assert_eq!(faults, [], "{language:?}");
        }
        for kind in ["en-US", "en-GB"] {
            assert_eq!(check(Language::of(kind).expect("it is there")), [], "{kind} has all that it needs");
        }
    }

    #[test]
    fn what_a_translator_gets_wrong_is_named() {
        let default = "a-one = One { $count }\n# Arguments: $more\na-two = Two\na-button = Press\ncommand-a = Does a\n    .what = What\na-many = { $count ->\n    [one] one\n   *[other] more\n}\na-same = Some words\n";
        let button = format!("a-button = {}", "x".repeat(81));
        let own = [
            "a-one = Eins { $much }",
            "a-two = Zwei { $more }",
            &button,
            "a-tree = Drei",
            "a-same = Some words",
            "command-a = Tut",
            "    .called = Gross a",
            "    .wat = Was",
            "    .wat-called = was",
            "a-many = { $count ->",
            "    [won] einer",
            "   *[other] { NUMBER($count) } { -Marke }",
            "}",
        ];
        let own = own.join("\n");
        let found = compare([("a", default)].into_iter(), [("a", own.as_str())].into_iter(), false);
        let told: Vec<String> = found.iter().map(Finding::to_string).collect();
        insta::assert_snapshot!(told.join("\n"));
        let broken = compare([("a", default)].into_iter(), [("a", "a-one = {\n")].into_iter(), true);
        assert!(matches!(&broken[..], [Finding::Unreadable { line: 1 | 2, .. }]), "{broken:?}");
    }
}
