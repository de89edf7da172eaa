//! Pseudo-languages: American English with other letters and longer words. Text that still reads as English
//! in them never came from a catalogue, and a layout that breaks in them is too narrow for languages with
//! longer words. Both can be read back ([`Pseudo::read`]), so the tests' stories also run in them unchanged.

use std::borrow::Cow;

/// A language derived from the default one.
pub(super) struct Pseudo {
    /// Its tag; no country has the regions XA and XB.
    pub(super) tag: &'static str,
    /// Converts a text to it.
    pub(super) transform: fn(&str) -> Cow<'_, str>,
    /// Its letters for a to z, and for A to Z.
    letters: [&'static str; 2],
    /// The character that lengthens words.
    filler: char,
}

/// One left-to-right and one right-to-left.
pub(super) const ALL: [Pseudo; 2] = [
    Pseudo { tag: "en-XA", transform: |text| ACCENTED.write(text), letters: ACCENTS, filler: 'ˑ' },
    Pseudo { tag: "ar-XB", transform: |text| MIRRORED.write(text), letters: MIRROR, filler: 'ـ' },
];
const ACCENTED: &Pseudo = &ALL[0];
const MIRRORED: &Pseudo = &ALL[1];

/// For a to z and A to Z: letters that hardly ever occur in names.
const ACCENTS: [&str; 2] = ["ḁḅḉḓḙḟḡḥḭɉḳḽṃṋṍṗɋṛṣṱṷṿẉẋẏẕ", "ḀḄḈḒḘḞḠḤḬɈḲḼṂṊṌṖɊṚṢṰṶṾẈẊẎẔ"];
/// Arabic letters for lower case, Hebrew ones for upper case.
const MIRROR: [&str; 2] = ["ابصدعفجهيضكلمنوتقرسطحغشخثز", "אבגדהוזחטיכלמנסעפצקרשתםןףץ"];

/// The letters that a filler follows.
const LENGTHENED: [char; 8] = ['a', 'e', 'i', 'o', 'u', 'n', 'r', 's'];

/// The marks that Fluent puts around arguments in languages that need them.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

impl Pseudo {
    fn letter(&self, plain: char) -> Option<char> {
        let [small, capital] = self.letters;
        let (letters, first) = if plain.is_ascii_lowercase() { (small, 'a') } else { (capital, 'A') };
        plain.is_ascii_alphabetic().then(|| letters.chars().nth(plain as usize - first as usize))?
    }

    fn plain(&self, letter: char) -> Option<char> {
        let place = |letters: &str| letters.chars().zip(0..).find(|(it, _)| *it == letter).map(|(_, at)| at);
        let [small, capital] = self.letters;
        let small = place(small).map(|at: u8| b'a' + at);
        small.or_else(|| place(capital).map(|at: u8| b'A' + at)).map(char::from)
    }

    /// Replaces every letter, and adds a filler to the commonest: forty percent longer. Everything else
    /// stays.
    fn write<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut written = String::with_capacity(text.len() * 3);
        for c in text.chars() {
            written.push(self.letter(c).unwrap_or(c));
            if LENGTHENED.contains(&c.to_ascii_lowercase()) {
                written.push(self.filler);
            }
        }
        written.into()
    }

    /// The text in the default language.
    pub(super) fn read(&self, text: &str) -> String {
        let is_kept = |c: &char| c.is_ascii() || *c != self.filler && !ISOLATES.contains(c);
        let plain = |c: char| if c.is_ascii() { c } else { self.plain(c).unwrap_or(c) };
        text.chars().filter(is_kept).map(plain).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_bellringer_says_is_forty_percent_longer() {
        let all = super::super::check::words_of_the_default();
        let length = |text: &str| text.chars().count();
        for pseudo in &ALL {
            let (plain, written) = (length(&all), length(&pseudo.write(&all)));
            assert!(written * 10 >= plain * 14, "{}: {written} of {plain}", pseudo.tag);
        }
    }

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
