//! Numbers as people type and read them: "12.5k", "1,200.50". No floating point.

/// The largest magnitude accepted anywhere: 2^53, so that a number survives JSON readers that use doubles.
pub const LARGEST: i64 = 1 << 53;

/// Why a text is not a number. The caller knows the noun, and says it to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotANumber {
    /// Nothing was typed.
    Empty,
    /// Not digits, groups of three and one decimal point.
    Unreadable,
    /// A comma that could be a thousands separator or a decimal one.
    Ambiguous,
    /// More decimals than the unit has.
    TooFine,
    /// Beyond [`LARGEST`].
    TooLarge,
}

/// Reads a number with up to `decimals` decimals, and returns it times 10^`decimals`.
///
/// Grammar: an optional minus; ASCII digits, plain or in groups of three by comma; an optional point and decimals;
/// an optional `k` (thousand) or `m` (million), any case.
pub fn parse(text: &str, decimals: u32) -> Result<i64, NotANumber> {
    let text = text.trim();
    let (negative, text) =
        text.strip_prefix(['-', '−']).map_or((false, text), |rest| (true, rest.trim_start()));
    let (text, shift) = match text.chars().last() {
        None => return Err(NotANumber::Empty),
        Some('k' | 'K') => (&text[..text.len() - 1], 3),
        Some('m' | 'M') => (&text[..text.len() - 1], 6),
        Some(_) => (text, 0),
    };
    let text = text.trim_end();
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let digits = ungroup(whole)?;
    let fraction = match fraction {
        Some(rest) if rest.is_empty() || !all_digits(rest) => return Err(NotANumber::Unreadable),
        other => other.unwrap_or_default().trim_end_matches('0'),
    };
    let places = decimals + shift;
    let missing =
        places.checked_sub(u32::try_from(fraction.len()).unwrap_or(u32::MAX)).ok_or(NotANumber::TooFine)?;
    let mut value: i64 = 0;
    for digit in digits.bytes().chain(fraction.bytes()) {
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
    Ok(if negative { -value } else { value })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn ungroup(whole: &str) -> Result<String, NotANumber> {
    let mut groups = whole.split(',');
    let head = groups.next().unwrap_or_default();
    let tail: Vec<&str> = groups.collect();
    if !all_digits(head) || tail.iter().any(|group| !all_digits(group)) {
        return Err(NotANumber::Unreadable);
    }
    if !tail.is_empty() && (head.len() > 3 || tail.iter().any(|group| group.len() != 3)) {
        return Err(NotANumber::Ambiguous);
    }
    Ok(whole.replace(',', ""))
}

/// Writes `value` / 10^`decimals` with thousands separated by commas; decimals are shown only where there are any.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, want) in [
            ("1200", Ok(120_000)),
            ("12.5k", Ok(1_250_000)),
            ("1,200.50", Ok(120_050)),
            ("1,200,300", Ok(120_030_000)),
            ("2m", Ok(200_000_000)),
            ("-5", Ok(-500)),
            ("1.500", Ok(150)),
            ("", Err(NotANumber::Empty)),
            ("abc", Err(NotANumber::Unreadable)),
            ("1.2.3", Err(NotANumber::Unreadable)),
            ("1,20", Err(NotANumber::Ambiguous)),
            ("1200,300", Err(NotANumber::Ambiguous)),
            (".5", Err(NotANumber::Unreadable)),
            ("5.", Err(NotANumber::Unreadable)),
            ("1.234", Err(NotANumber::TooFine)),
            ("١٢٣", Err(NotANumber::Unreadable)),
            ("90071992547409.92", Ok(LARGEST)),
            ("90071992547409.93", Err(NotANumber::TooLarge)),
            ("99999999999999999999", Err(NotANumber::TooLarge)),
            ("99999999999m", Err(NotANumber::TooLarge)),
        ] {
            assert_eq!(parse(text, 2), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(value in -LARGEST..=LARGEST, decimals in 0_u32..4) {
            prop_assert_eq!(parse(&show(value, decimals), decimals), Ok(value));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", decimals in 0_u32..4) {
            let _ = parse(&text, decimals);
        }
    }
}
