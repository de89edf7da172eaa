//! Numbers as people type and read them, and as programs write them: "12.5k", "1,200.50", "1.200,50". No
//! floating point.
//!
//! Bellringer writes a comma between thousands and a point before decimals, in every currency, and reads
//! typed numbers the same way. But half of the world does the opposite, and there "1.500" means one thousand
//! five hundred. So a separator before exactly three digits is never read as decimals, unless the unit has
//! three of them (as KWD has) and no `k` or `m` follows: it is [`NotANumber::Ambiguous`], and the person is
//! asked. A comma alone isn't questioned: it is how Bellringer itself writes thousands, and nobody types
//! three decimals of a unit that has two.
//!
//! A file can't be asked, but its column can: [`evidence`] says what a text reveals about its column's
//! separators, and [`read`] applies it.

use crate::words::{Message, Value, number as words};

/// The largest magnitude accepted anywhere: 2^53, so that a number survives JSON readers that use doubles.
pub const LARGEST: i64 = 1 << 53;

/// Why a text is not a number. The caller knows what it was meant to be, and tells the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotANumber {
    /// Nothing was typed.
    Empty,
    /// Not digits, groups of three, and one decimal point.
    Unreadable,
    /// A comma that isn't between groups of three: "1,20".
    Misgrouped,
    /// A separator before exactly three digits, which could mean thousands or decimals.
    Ambiguous(Readings),
    /// More decimals than the unit has.
    TooFine,
    /// Beyond [`LARGEST`].
    TooLarge,
}

/// The two numbers that an ambiguous text could be, each times 10^`decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    /// If the separator marks thousands.
    pub thousands: i64,
    /// If it marks decimals; none if there are more than the unit has.
    pub decimals: Option<i64>,
}

impl Readings {
    /// Tells a person both readings, formatted by `show`, and what to type for each: "`1.500` could be €1,500
    /// or €1.50. Type …".
    pub fn told<M: Into<Value>>(self, typed: &Value, decimals: u32, show: impl Fn(i64) -> M) -> Message {
        let thousands = self.thousands;
        let (most, most_typed) = (show(thousands), plain(thousands, decimals));
        if let Some(finer) = self.decimals {
            return words::could_be(typed, most, show(finer), most_typed, plain(finer, decimals));
        }
        let least = shown(thousands / 10_i64.pow(decimals), 3);
        match decimals {
            0 => words::could_be_whole(typed, most, least, most_typed),
            _ => words::could_be_finer(typed, most, least, most_typed, decimals),
        }
    }
}

/// The decimal mark, where it is known; any other separator then groups thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1,234.50
    Point,
    /// 1.234,50
    Comma,
}

impl DecimalMark {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Point, Self::Comma];

    /// The character.
    pub fn as_char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// Its name: "point", "comma".
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    fn of(mark: char) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_char() == mark)
    }

    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// Reads a number that a person typed, with up to `decimals` decimals, and returns it times 10^`decimals`.
///
/// Grammar: an optional minus; ASCII digits, plain or in groups of three by comma; an optional point and decimals;
/// an optional `k` (thousand) or `m` (million), any case. Decimals are counted as typed, trailing zeros
/// included.
///
/// ```
/// use bellringer::kernel::number::{NotANumber, Readings, parse};
/// assert_eq!(parse("1,500.50", 2), Ok(150_050));
/// let both = Readings { thousands: 150_000, decimals: Some(150) };
/// assert_eq!(parse("1.500", 2), Err(NotANumber::Ambiguous(both)));
/// assert_eq!(parse("1.500", 3), Ok(1_500));
/// ```
pub fn parse(text: &str, decimals: u32) -> Result<i64, NotANumber> {
    let it = Written::parse(text)?;
    if let [mark] = it.marks[..]
        && it.ends_in_three()
        && (!matches!(mark, ',' | '.') || mark == ',' && it.begins_with_zero())
    {
        return Err(it.ambiguous(decimals));
    }
    let (commas, has_point) = match it.marks.split_last() {
        Some(('.', commas)) => (commas, true),
        _ => (&it.marks[..], false),
    };
    if commas.iter().any(|mark| *mark != ',') {
        return Err(NotANumber::Unreadable);
    }
    if !it.is_grouped(commas.len()) {
        return Err(NotANumber::Misgrouped);
    }
    if !has_point {
        return it.value(decimals, false);
    }
    if it.ends_in_three() && (decimals != 3 || it.shift > 0) {
        return Err(it.ambiguous(decimals));
    }
    if it.last().len() > (decimals + it.shift) as usize {
        return Err(NotANumber::TooFine);
    }
    it.value(decimals, true)
}

/// Reads a number whose decimal mark is known, and returns it times 10^`decimals`. Zeros beyond the unit's
/// decimals are dropped: "1234.5000".
pub fn read(text: &str, decimals: u32, mark: DecimalMark) -> Result<i64, NotANumber> {
    let it = Written::parse(text)?;
    let (groups, has_decimals) = match it.marks.split_last() {
        Some((last, groups)) if *last == mark.as_char() => (groups, true),
        _ => (&it.marks[..], false),
    };
    let is_group = |it: &char| *it != mark.as_char() && *it == groups[0];
    if !groups.iter().all(is_group) {
        return Err(NotANumber::Unreadable);
    }
    if !it.is_grouped(groups.len()) {
        return Err(NotANumber::Misgrouped);
    }
    it.value(decimals, has_decimals)
}

/// Every number a text could mean, the largest first: what [`parse`] reads; both readings if it is ambiguous;
/// or else its reading with a decimal comma ("1.500,25", "12,5").
pub fn readings(text: &str, decimals: u32) -> Vec<i64> {
    match parse(text, decimals) {
        Ok(value) => vec![value],
        Err(NotANumber::Ambiguous(both)) => {
            [Some(both.thousands), both.decimals].into_iter().flatten().collect()
        }
        // Here, too, three digits aren't read as decimals: "1.500,000".
        Err(_)
            if Written::parse(text).is_ok_and(|it| it.ends_in_three() && it.marks.last() == Some(&',')) =>
        {
            Vec::new()
        }
        Err(_) => read(text, decimals, DecimalMark::Comma).into_iter().collect(),
    }
}

/// The decimal mark in use where this text was written; none if it could be either, or the text isn't a
/// number.
///
/// Proof is a second, different separator ("1.234,50"), the same one twice ("1.234.567"), other than three
/// digits after it ("12.5"), or a first group that can't be one ("1234.500", "0.500").
pub fn evidence(text: &str) -> Option<DecimalMark> {
    let it = Written::parse(text).ok()?;
    let (last, earlier) = it.marks.split_last()?;
    let mark = DecimalMark::of(*last)?;
    let is_last = |mark: &char| mark == last;
    let (says, groups) = match earlier {
        [] if it.ends_in_three() && it.is_grouped(1) => return None,
        [] => (mark, 0),
        [first, ..] if earlier.iter().all(is_last) && first == last => (mark.other(), it.marks.len()),
        [first, ..] if earlier.iter().all(|mark| mark == first) => (mark, earlier.len()),
        _ => return None,
    };
    it.is_grouped(groups).then_some(says)
}

/// A number's text, split into its parts.
struct Written<'a> {
    is_negative: bool,
    /// Its digits, split at separators; at least one group.
    groups: Vec<&'a str>,
    marks: Vec<char>,
    /// How many zeros its suffix adds.
    shift: u32,
}

impl<'a> Written<'a> {
    fn parse(text: &'a str) -> Result<Self, NotANumber> {
        let text = text.trim();
        let (is_negative, text) =
            text.strip_prefix(['-', '−']).map_or((false, text), |rest| (true, rest.trim_start()));
        let (text, shift) = match text.chars().last() {
            None => return Err(NotANumber::Empty),
            Some('k' | 'K') => (&text[..text.len() - 1], 3),
            Some('m' | 'M') => (&text[..text.len() - 1], 6),
            Some(_) => (text, 0),
        };
        let text = text.trim_end();
        let groups: Vec<&str> = text.split(is_mark).collect();
        if groups.iter().any(|group| group.is_empty() || !group.bytes().all(|b| b.is_ascii_digit())) {
            return Err(NotANumber::Unreadable);
        }
        let marks = text.chars().filter(|&c| is_mark(c)).collect();
        Ok(Self { is_negative, groups, marks, shift })
    }

    fn last(&self) -> &'a str {
        self.groups.last().copied().unwrap_or_default()
    }

    fn ends_in_three(&self) -> bool {
        self.last().len() == 3
    }

    fn begins_with_zero(&self) -> bool {
        self.groups[0].starts_with('0')
    }

    /// Whether its first `marks` separators all group thousands.
    fn is_grouped(&self, marks: usize) -> bool {
        marks == 0
            || self.groups[0].len() <= 3
                && !self.begins_with_zero()
                && self.groups[1..=marks].iter().all(|group| group.len() == 3)
    }

    fn ambiguous(&self, decimals: u32) -> NotANumber {
        match self.value(decimals, false) {
            Ok(thousands) => {
                NotANumber::Ambiguous(Readings { thousands, decimals: self.value(decimals, true).ok() })
            }
            Err(error) => error,
        }
    }

    /// Its value times 10^`decimals`; its last group may be decimals.
    fn value(&self, decimals: u32, has_decimals: bool) -> Result<i64, NotANumber> {
        let (whole, fraction) = match self.groups.split_last() {
            Some((last, whole)) if has_decimals => (whole, last.trim_end_matches('0')),
            _ => (&self.groups[..], ""),
        };
        let places = decimals + self.shift;
        let missing = places
            .checked_sub(u32::try_from(fraction.len()).unwrap_or(u32::MAX))
            .ok_or(NotANumber::TooFine)?;
        let mut value: i64 = 0;
        for digit in whole.iter().flat_map(|group| group.bytes()).chain(fraction.bytes()) {
            value = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(i64::from(digit - b'0')))
                .filter(|v| *v <= LARGEST)
                .ok_or(NotANumber::TooLarge)?;
        }
        let value = 10_i64
            .checked_pow(missing)
            .and_then(|factor| value.checked_mul(factor))
            .filter(|v| *v <= LARGEST)
            .ok_or(NotANumber::TooLarge)?;
        Ok(if self.is_negative { -value } else { value })
    }
}

/// Characters that people and programs anywhere use to separate thousands or decimals.
fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '.' | ',' | '\'' | '’' | '‘' | '_' | '·' | '˙' | '٫' | '٬' | '．' | '，' | '、')
}

/// `value` / 10^`decimals`, shown with each language's separators.
pub fn shown(value: i64, decimals: u32) -> Value {
    Value::Digits(show(value, decimals))
}

/// Writes `value` / 10^`decimals` with commas between thousands; decimals are shown only if there are any.
pub fn show(value: i64, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    let (whole, rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    let digits = whole.to_string();
    let mut text = String::new();
    if value < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if rest > 0 {
        text.push('.');
        let digits = rest.to_string();
        text.extend(std::iter::repeat_n('0', decimals as usize - digits.len()).chain(digits.chars()));
    }
    text
}

/// The same as it would be typed: without thousands separators.
pub fn plain(value: i64, decimals: u32) -> String {
    show(value, decimals).replace(',', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ambiguous(thousands: i64, decimals: Option<i64>) -> Result<i64, NotANumber> {
        Err(NotANumber::Ambiguous(Readings { thousands, decimals }))
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, want) in [
            ("1200", Ok(120_000)),
            ("12.5k", Ok(1_250_000)),
            ("1,200.50", Ok(120_050)),
            ("1,200,300", Ok(120_030_000)),
            ("1,500", Ok(150_000)),
            ("2m", Ok(200_000_000)),
            ("-5", Ok(-500)),
            ("", Err(NotANumber::Empty)),
            ("abc", Err(NotANumber::Unreadable)),
            ("1.2.3", Err(NotANumber::Unreadable)),
            ("1,20", Err(NotANumber::Misgrouped)),
            ("1200,300", Err(NotANumber::Misgrouped)),
            ("0,500,000", Err(NotANumber::Misgrouped)),
            (".5", Err(NotANumber::Unreadable)),
            ("5.", Err(NotANumber::Unreadable)),
            ("1.2345", Err(NotANumber::TooFine)),
            ("1.5000", Err(NotANumber::TooFine)),
            ("١٢٣", Err(NotANumber::Unreadable)),
            ("90071992547409.92", Ok(LARGEST)),
            ("90071992547409.93", Err(NotANumber::TooLarge)),
            ("99999999999999999999", Err(NotANumber::TooLarge)),
            ("99999999999m", Err(NotANumber::TooLarge)),
            ("90071992547.500m", Err(NotANumber::TooLarge)),
        ] {
            assert_eq!(parse(text, 2), want, "{text}");
        }
    }

    #[test]
    fn a_mark_before_exactly_three_digits_asks_for_thousands_or_decimals() {
        for (text, want) in [
            ("1.500", ambiguous(150_000, Some(150))),
            ("1.234", ambiguous(123_400, None)),
            ("-1.500", ambiguous(-150_000, Some(-150))),
            ("1.500k", ambiguous(150_000_000, Some(150_000))),
            ("1.234m", ambiguous(123_400_000_000, Some(123_400_000))),
            ("1,500.000", ambiguous(150_000_000, Some(150_000))),
            ("1500.000", ambiguous(150_000_000, Some(150_000))),
            ("0.500", ambiguous(50_000, Some(50))),
            ("0,500", ambiguous(50_000, Some(50))),
            ("1 500", ambiguous(150_000, Some(150))),
            ("1'500", ambiguous(150_000, Some(150))),
            ("1٫500", ambiguous(150_000, Some(150))),
        ] {
            assert_eq!(parse(text, 2), want, "{text}");
        }
        for (text, want) in [
            ("1.500,25", &[150_025][..]),
            ("1.500.000", &[150_000_000]),
            ("1.500,000", &[]),
            ("1500,000", &[]),
        ] {
            assert_eq!(readings(text, 2), want, "{text}");
        }
        assert_eq!(parse("1.500", 3), Ok(1_500), "where there are three decimals, they are shown as three");
        assert_eq!(parse("1.500k", 3), ambiguous(1_500_000_000, Some(1_500_000)));
        assert_eq!(parse("1.000", 0), ambiguous(1_000, Some(1)));
    }

    #[test]
    fn a_text_proves_which_mark_begins_decimals_or_nothing() {
        use DecimalMark::{Comma, Point};
        for (text, want) in [
            ("1.234,50", Some(Comma)),
            ("1,234.50", Some(Point)),
            ("1.234.567", Some(Comma)),
            ("1,234,567", Some(Point)),
            ("1'234.50", Some(Point)),
            ("1 234,5", Some(Comma)),
            ("12.5", Some(Point)),
            ("1234,50", Some(Comma)),
            ("1234.500", Some(Point)),
            ("0.500", Some(Point)),
            ("12.50000", Some(Point)),
            ("1.500", None),
            ("1,500", None),
            ("1 500", None),
            ("1500", None),
            ("1.2.3", None),
            ("1.23,50", None),
            ("", None),
        ] {
            assert_eq!(evidence(text), want, "{text}");
        }
        assert_eq!(read("1.500", 2, Comma), Ok(150_000));
        assert_eq!(read("1.500", 2, Point), Ok(150));
        assert_eq!(read("1.234.567,5", 2, Comma), Ok(123_456_750));
        assert_eq!(read("1.234.567", 2, Point), Err(NotANumber::Unreadable));
        assert_eq!(read("12.5", 2, Comma), Err(NotANumber::Misgrouped));
    }

    /// A text that ends in one separator and three digits, with whatever may surround a number.
    fn marked() -> impl Strategy<Value = (u32, char, u32, String)> {
        let marks = proptest::sample::select(vec![
            '.', ',', '\'', '’', ' ', '\u{a0}', '\u{202f}', '_', '·', '٫', '٬', '，',
        ]);
        let suffix = proptest::sample::select(vec!["", "k", "K", "m", " k"]);
        (0_u32..2_000_000, marks, 0_u32..1000, suffix).prop_map(|(whole, mark, rest, suffix)| {
            (whole, mark, rest, format!("{whole}{mark}{rest:03}{suffix}"))
        })
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(value in -LARGEST..=LARGEST, decimals in 0_u32..5) {
            prop_assert_eq!(parse(&show(value, decimals), decimals), Ok(value));
            prop_assert_eq!(parse(&plain(value, decimals), decimals), Ok(value));
            prop_assert_eq!(read(&show(value, decimals), decimals, DecimalMark::Point), Ok(value));
        }

        #[test]
        fn one_mark_before_three_digits_is_never_read_as_decimals((whole, mark, rest, text) in marked(), decimals in 0_u32..3) {
            let factor = if text.ends_with(['k', 'K']) { 1_000 } else if text.ends_with('m') { 1_000_000 } else { 1 };
            let thousands = (i64::from(whole) * 1000 + i64::from(rest)) * factor * 10_i64.pow(decimals);
            match parse(&text, decimals) {
                Ok(value) => prop_assert!(mark == ',' && value == thousands, "{} was read as {}", text, value),
                Err(NotANumber::Ambiguous(both)) => {
                    prop_assert_eq!(both.thousands, thousands);
                    if let Some(finer) = both.decimals {
                        prop_assert_eq!(finer * 1000, thousands);
                        prop_assert_eq!(parse(&plain(finer, decimals), decimals), Ok(finer));
                    }
                    prop_assert_eq!(parse(&plain(thousands, decimals), decimals), Ok(thousands));
                }
                Err(NotANumber::Misgrouped) => prop_assert!(mark == ',' && whole > 999, "{}", text),
                Err(error) => prop_assert_eq!(error, NotANumber::TooLarge),
            }
        }

        #[test]
        fn three_decimals_are_read_where_there_are_three((whole, mark, rest, text) in marked()) {
            match parse(&text, 3) {
                Ok(value) if mark == '.' => prop_assert_eq!(value, i64::from(whole) * 1000 + i64::from(rest)),
                Ok(value) => prop_assert!(mark == ',' && value % 1000 == 0, "{} was read as {}", text, value),
                Err(_) => {}
            }
        }

        #[test]
        fn what_a_text_proves_is_how_it_can_be_read(value in 0_i64..=LARGEST, decimals in 0_u32..4) {
            let english = show(value, decimals);
            let german: String = english
                .chars()
                .map(|c| match c { '.' => ',', ',' => '.', other => other })
                .collect();
            for (text, mark) in [(english, DecimalMark::Point), (german, DecimalMark::Comma)] {
                prop_assert!(evidence(&text).is_none_or(|proved| proved == mark), "{}", text);
                prop_assert_eq!(read(&text, decimals, mark), Ok(value));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", decimals in 0_u32..5) {
            let _ = (parse(&text, decimals), evidence(&text));
            let _ = (read(&text, decimals, DecimalMark::Point), read(&text, decimals, DecimalMark::Comma));
        }

        #[test]
        fn no_marks_make_it_panic(text in "[-0-9., km']{0,16}", decimals in 0_u32..5) {
            let _ = (parse(&text, decimals), evidence(&text));
            let _ = (read(&text, decimals, DecimalMark::Point), read(&text, decimals, DecimalMark::Comma));
        }
    }
}
