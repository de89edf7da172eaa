//! Text that people typed, made safe to keep and to show.

use std::borrow::Cow;

use super::error::UserError;
use crate::words::{Value, text as words};

/// A line of text without control characters, direction overrides or line breaks, of a limited length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Cleans `typed`. `field` names it for the person, as at the start of a sentence: "The customer".
    ///
    /// # Errors
    /// When nothing is left, or when it is longer than `most` characters.
    pub fn parse(field: impl Into<Value>, typed: &str, most: usize) -> Result<Self, UserError> {
        let clean = typed
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|&c| !is_hidden(c))
            .collect::<String>();
        let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = clean.chars().count();
        if clean.is_empty() {
            return Err(words::blank(field).into());
        }
        if length > most {
            return Err(words::too_long(field, length, most).into());
        }
        Ok(Self(clean))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Invisible characters, and those that reorder the text around them: controls, zero widths, direction marks
/// and overrides.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// The text with its first letter in upper case, even if it starts with a name link (`kernel::name`).
pub fn capitalised(text: &str) -> String {
    let (bracket, rest) = text.strip_prefix('[').map_or(("", text), |rest| ("[", rest));
    let mut letters = rest.chars();
    let rest = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    format!("{bracket}{rest}")
}

/// A regular plural's singular: "calls" to "call", "pitches" to "pitch", "opportunities" to "opportunity";
/// other text is unchanged.
pub fn singular(noun: &str) -> Cow<'_, str> {
    const AS_THEY_ARE: [&str; 3] = ["kudos", "series", "species"];
    const WITH_AN_E: [&str; 9] =
        ["movies", "cookies", "freebies", "rookies", "selfies", "calories", "niches", "caches", "headaches"];
    let is = |word: &&str| noun.rsplit(' ').next().is_some_and(|last| last.eq_ignore_ascii_case(word));
    // "bonuses" loses "es" but "houses" only "s", and the spelling doesn't tell which.
    if AS_THEY_ARE.iter().any(is) || noun.ends_with("uses") {
        return noun.into();
    }
    if WITH_AN_E.iter().any(is) {
        return noun[..noun.len() - 1].into();
    }
    if let Some(rest) = noun.strip_suffix("ies").filter(|rest| rest.len() > 2) {
        return format!("{rest}y").into();
    }
    let hisses = ["ch", "sh", "ss", "x"];
    if let Some(rest) = noun.strip_suffix("es").filter(|rest| hisses.iter().any(|end| rest.ends_with(end))) {
        return rest.into();
    }
    let irregular = ["s", "u", "i"];
    let regular = |rest: &&str| rest.len() > 1 && !irregular.iter().any(|end| rest.ends_with(end));
    noun.strip_suffix('s').filter(regular).unwrap_or(noun).into()
}

/// What a person typed, visible characters only and safe between backticks.
pub fn quotable(typed: &str) -> String {
    typed.chars().filter(|&c| !is_hidden(c) && c != '`').collect()
}

/// What a person typed, quoted, shortened and safe to repeat back to them.
pub fn quote(typed: &str) -> Value {
    let clean = quotable(typed);
    if clean.trim().is_empty() {
        return words::blank_typed().into();
    }
    let short: String = clean.chars().take(40).collect();
    let dots = if clean.chars().count() > 40 { "…" } else { "" };
    format!("`{short}{dots}`").into()
}

/// The text with all of Discord's markdown escaped: emphasis, links, headings, lists, quotes, code, spoilers,
/// mentions and timestamps.
///
/// ```
/// assert_eq!(bellringer::kernel::text::escape("**big** #1"), "\\*\\*big\\*\\* #1");
/// ```
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (index, c) in text.char_indices() {
        let opens_line = index == 0 && matches!(c, '#' | '-' | '+' | '>');
        if opens_line || matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '[' | ']') {
            safe.push('\\');
        }
        safe.push(c);
        if c == '@' {
            // A word joiner after the @: "@everyone" stays readable but pings nobody.
            safe.push('\u{2060}');
        }
    }
    safe
}

/// The text with `word` replaced wherever it is a whole word: "Ann" is not in "Anna".
pub fn replaced(text: &str, word: &str, with: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word).filter(|_| !word.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let is_word = !is_part(before.chars().next_back().or(out.chars().next_back()))
            && !is_part(after.chars().next());
        out.push_str(before);
        out.push_str(if is_word { with } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// "1 win", "2 wins".
pub fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_is_replaced_where_it_stands_alone() {
        assert_eq!(replaced("Ann and Anna, Ann's (Ann)", "Ann", "X"), "X and Anna, X's (X)");
        assert_eq!(replaced("AnnAnn Ann", "Ann", "X"), "AnnAnn X");
        assert_eq!(replaced("Zoë", "Zo", "X"), "Zoë");
    }

    #[test]
    fn hidden_characters_and_line_breaks_are_taken_out() {
        let line = Line::parse("The note", " a\u{202e}b\n\tc\u{200b}\u{7} ", 10).unwrap();
        assert_eq!(line.as_str(), "ab c");
        assert!(Line::parse("The note", "\u{200b}\n\u{202e}", 10).is_err());
        assert!(Line::parse("The note", &"x".repeat(11), 10).is_err());
    }

    #[test]
    fn only_regular_plurals_have_a_singular() {
        for (noun, one) in [
            ("calls", "call"),
            ("cold calls", "cold call"),
            ("wins", "win"),
            ("revenue", "revenue"),
            ("pitches", "pitch"),
            ("opportunities", "opportunity"),
            ("businesses", "business"),
            ("boxes", "box"),
            ("leases", "lease"),
            ("free cookies", "free cookie"),
        ] {
            assert_eq!(singular(noun), one);
        }
        for noun in ["status", "analysis", "process", "kudos", "team kudos", "bonuses", "s", ""] {
            assert_eq!(singular(noun), noun);
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "\\PC{1,60}") {
            if let Ok(line) = Line::parse("it", &text, 100) {
                prop_assert_eq!(Line::parse("it", line.as_str(), 100), Ok(line));
            }
        }
    }
}
