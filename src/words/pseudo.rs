//! Languages that nobody speaks: American English with other letters and longer words. What still reads as English in them
//! was never in a catalogue, and what breaks in them is too narrow for a language with longer words. Both can be read back
//! ([`Pseudo::read`]), so that the tests' stories hold in them as they are.

use std::borrow::Cow;

/// A language made of the default one.
pub(super) struct Pseudo {
    /// Its tag; the regions XA and XB are nobody's.
    pub(super) tag: &'static str,
    /// Writes a text in it.
    pub(super) transform: fn(&str) -> Cow<'_, str>,
    letters: &'static [(char, char)],
    /// What lengthens a word.
    filler: char,
}

/// Both: one from left to right, one from right to left.
pub(super) const ALL: [Pseudo; 2] = [
    Pseudo { tag: "en-XA", transform: |text| ACCENTED.write(text), letters: ACCENTS, filler: 'ˑ' },
    Pseudo { tag: "ar-XB", transform: |text| MIRRORED.write(text), letters: MIRROR, filler: 'ـ' },
];
const ACCENTED: &Pseudo = &ALL[0];
const MIRRORED: &Pseudo = &ALL[1];

/// Letters that hardly a name has, in pairs of lower and upper case.
const ACCENTS: &[(char, char)] = &[
    ('a', 'ḁ'),
    ('b', 'ḅ'),
    ('c', 'ḉ'),
    ('d', 'ḓ'),
    ('e', 'ḙ'),
    ('f', 'ḟ'),
    ('g', 'ḡ'),
    ('h', 'ḥ'),
    ('i', 'ḭ'),
    ('j', 'ɉ'),
    ('k', 'ḳ'),
    ('l', 'ḽ'),
    ('m', 'ṃ'),
    ('n', 'ṋ'),
    ('o', 'ṍ'),
    ('p', 'ṗ'),
    ('q', 'ɋ'),
    ('r', 'ṛ'),
    ('s', 'ṣ'),
    ('t', 'ṱ'),
    ('u', 'ṷ'),
    ('v', 'ṿ'),
    ('w', 'ẉ'),
    ('x', 'ẋ'),
    ('y', 'ẏ'),
    ('z', 'ẕ'),
    ('A', 'Ḁ'),
    ('B', 'Ḅ'),
    ('C', 'Ḉ'),
    ('D', 'Ḓ'),
    ('E', 'Ḙ'),
    ('F', 'Ḟ'),
    ('G', 'Ḡ'),
    ('H', 'Ḥ'),
    ('I', 'Ḭ'),
    ('J', 'Ɉ'),
    ('K', 'Ḳ'),
    ('L', 'Ḽ'),
    ('M', 'Ṃ'),
    ('N', 'Ṋ'),
    ('O', 'Ṍ'),
    ('P', 'Ṗ'),
    ('Q', 'Ɋ'),
    ('R', 'Ṛ'),
    ('S', 'Ṣ'),
    ('T', 'Ṱ'),
    ('U', 'Ṷ'),
    ('V', 'Ṿ'),
    ('W', 'Ẉ'),
    ('X', 'Ẋ'),
    ('Y', 'Ẏ'),
    ('Z', 'Ẕ'),
];

/// Arabic letters for small ones, Hebrew ones and some more for capitals.
const MIRROR: &[(char, char)] = &[
    ('a', 'ا'),
    ('b', 'ب'),
    ('c', 'ص'),
    ('d', 'د'),
    ('e', 'ع'),
    ('f', 'ف'),
    ('g', 'ج'),
    ('h', 'ه'),
    ('i', 'ي'),
    ('j', 'ض'),
    ('k', 'ك'),
    ('l', 'ل'),
    ('m', 'م'),
    ('n', 'ن'),
    ('o', 'و'),
    ('p', 'ت'),
    ('q', 'ق'),
    ('r', 'ر'),
    ('s', 'س'),
    ('t', 'ط'),
    ('u', 'ح'),
    ('v', 'غ'),
    ('w', 'ش'),
    ('x', 'خ'),
    ('y', 'ث'),
    ('z', 'ز'),
    ('A', 'א'),
    ('B', 'ב'),
    ('C', 'ג'),
    ('D', 'ד'),
    ('E', 'ה'),
    ('F', 'ו'),
    ('G', 'ז'),
    ('H', 'ח'),
    ('I', 'ט'),
    ('J', 'י'),
    ('K', 'כ'),
    ('L', 'ל'),
    ('M', 'מ'),
    ('N', 'נ'),
    ('O', 'ס'),
    ('P', 'ע'),
    ('Q', 'פ'),
    ('R', 'צ'),
    ('S', 'ק'),
    ('T', 'ר'),
    ('U', 'ש'),
    ('V', 'ת'),
    ('W', 'ם'),
    ('X', 'ן'),
    ('Y', 'ף'),
    ('Z', 'ץ'),
];

/// The marks that Fluent puts around what it is given, where a language needs them.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

impl Pseudo {
    /// Every letter as another, and each vowel with a filler: some forty percent longer. What is no letter stays.
    fn write<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut written = String::with_capacity(text.len() * 3);
        for c in text.chars() {
            let letter = self.letters.iter().find(|(plain, _)| *plain == c);
            written.push(letter.map_or(c, |(_, other)| *other));
            if matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u') {
                written.push(self.filler);
            }
        }
        written.into()
    }

    /// What was written, as it reads in the default language.
    pub(super) fn read(&self, text: &str) -> String {
        let plain =
            |c: char| self.letters.iter().find(|(_, other)| *other == c).map_or(c, |(plain, _)| *plain);
        let is_kept = |c: &char| *c != self.filler && !ISOLATES.contains(c);
        text.chars().filter(is_kept).map(plain).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_has_no_plain_letter_and_reads_back(text in "[ -~]{0,80}") {
            for pseudo in &ALL {
                let written = pseudo.write(&text);
                prop_assert!(!written.contains(|c: char| c.is_ascii_alphabetic()), "{}", written);
                prop_assert_eq!(pseudo.read(&written), text.clone());
            }
        }
    }
}
