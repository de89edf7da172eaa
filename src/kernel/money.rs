//! Money: integer minor units with an ISO 4217 currency.

use std::fmt;

use super::error::UserError;
use super::number::{self, DecimalMark, NotANumber, Readings};
use super::quantity::Quantity;
use super::text::quote;
use crate::words::{Message, money as words, number as said};

/// An ISO 4217 currency in everyday use (no funds, metals or test codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this three-letter code, in any case.
    pub fn from_code(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase())
            .map(Self)
            .filter(|it| it.is_paid_with())
    }

    /// Every currency, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        use iso_currency::IntoEnumIterator;
        iso_currency::Currency::iter().map(Self).filter(|it| it.is_paid_with())
    }

    fn is_paid_with(self) -> bool {
        self.0.exponent().is_some()
            && !self.0.is_fund()
            && !self.0.is_special()
            && self.0.is_superseded().is_none()
    }

    /// Its three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Its English name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// How many decimals its minor unit has: 2 for USD, 0 for JPY.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// The sign that stands for this currency and for no other in common use; other currencies are written by
    /// code.
    fn own_sign(self) -> Option<&'static str> {
        Some(match self.code() {
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "JPY" => "¥",
            "INR" => "₹",
            "KRW" => "₩",
            "ILS" => "₪",
            "UAH" => "₴",
            "VND" => "₫",
            "NGN" => "₦",
            "PHP" => "₱",
            "TRY" => "₺",
            _ => return None,
        })
    }

    fn accepts(self, sign: &str) -> bool {
        sign.eq_ignore_ascii_case(self.code())
            || self.own_sign() == Some(sign)
            || self.0.symbol().symbol == sign
    }
}

/// An amount of money, greater than zero and at most 2^53 minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Reads what a person typed: "1200", "12.5k", "€1,200.50", "1,200 EUR".
    ///
    /// # Errors
    /// Says what was wrong and what to type instead: empty, negative, zero, unreadable, "1,20", a separator
    /// before exactly three digits that could mean thousands or decimals ("1.500": both readings are named),
    /// too many decimals for the currency, over 2^53 minor units, another currency's sign, or digits other
    /// than 0 to 9.
    ///
    /// ```
    /// use bellringer::kernel::money::{Currency, Money};
    /// let euro = Currency::from_code("eur").unwrap();
    /// assert_eq!(Money::parse("€1,200.50", euro).unwrap().quantity().0, 120_050);
    /// let told = Money::parse("1.500", euro).unwrap_err().to_string();
    /// assert_eq!(told, "`1.500` could be €1,500 or €1.50. Type `1500` or `1.50`.");
    /// ```
    pub fn parse(text: &str, currency: Currency) -> Result<Self, UserError> {
        Typed::parse(text, currency)?.amount(number::parse)
    }

    /// Reads an amount from a file whose decimal mark is known.
    ///
    /// # Errors
    /// As [`Money::parse`].
    pub fn read(text: &str, currency: Currency, mark: DecimalMark) -> Result<Self, UserError> {
        Typed::parse(text, currency)?.amount(|number, decimals| number::read(number, decimals, mark))
    }

    /// Every amount that a text could mean, the largest first: what it says, if that is clear; both readings,
    /// if a separator could mark thousands or decimals; and "1.500,25" as written elsewhere.
    pub fn readings(text: &str, currency: Currency) -> Vec<Self> {
        let Ok(typed) = Typed::parse(text, currency) else { return Vec::new() };
        let read = number::readings(&typed.number, currency.decimals());
        read.into_iter()
            .filter(|minor| *minor > 0 && !typed.is_negative)
            .map(|minor| Self { minor, currency })
            .collect()
    }

    /// What an amount reveals about its column's separators: see [`number::evidence`].
    pub fn evidence(text: &str, currency: Currency) -> Option<DecimalMark> {
        number::evidence(&Typed::parse(text, currency).ok()?.number)
    }

    /// The amount as people read it.
    pub fn shown(self) -> Message {
        worth(self.quantity(), self.currency)
    }

    /// The amount as a person would type it: "1500", "1.50".
    pub fn plain(self) -> String {
        number::plain(self.minor, self.currency.decimals())
    }

    /// The amount as stored, in minor units (cents).
    pub fn quantity(self) -> Quantity {
        Quantity(self.minor)
    }

    /// Splits by percent shares that add up to 100. The parts add up exactly to the total.
    ///
    /// Largest remainder first, earlier shares before later ones (Hamilton's method).
    pub fn split(total: Quantity, percents: &[u8]) -> Vec<Quantity> {
        let scaled = |percent: u8| i128::from(total.0) * i128::from(percent);
        let mut parts: Vec<i64> =
            percents.iter().map(|&p| i64::try_from(scaled(p) / 100).unwrap_or(i64::MAX)).collect();
        let mut left = total.0 - parts.iter().sum::<i64>();
        let mut order: Vec<usize> = (0..percents.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(scaled(percents[index]) % 100));
        for index in order.into_iter().cycle().take(percents.len() * 2) {
            if left > 0 {
                parts[index] += 1;
                left -= 1;
            }
        }
        parts.into_iter().map(Quantity).collect()
    }
}

/// What was typed as an amount, without the currency signs around its number.
struct Typed<'a> {
    text: &'a str,
    number: String,
    is_negative: bool,
    currency: Currency,
}

impl<'a> Typed<'a> {
    fn parse(text: &'a str, currency: Currency) -> Result<Self, UserError> {
        let text = text.trim();
        let refuse = |why: Message| Err(why.into());
        let shown = quote(text);
        if text.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()) {
            return refuse(words::digits(shown));
        }
        let number_starts = |c: char| c.is_ascii_digit() || matches!(c, '-' | '−' | '.' | ',');
        let (before, rest) = text.split_at(text.find(number_starts).unwrap_or(text.len()));
        let body_ends = rest.rfind(|c: char| c.is_ascii_digit()).map_or(0, |last| last + 1);
        let (body, mut after) = rest.split_at(body_ends);
        let mut number = body.to_owned();
        let suffix = after.trim_start();
        if let Some(unit) = suffix.chars().next().filter(|c| "kKmM".contains(*c))
            && !suffix[1..].starts_with(|c: char| c.is_alphanumeric())
        {
            number.push(unit);
            after = &suffix[1..];
        }
        let (before, after) = (before.trim(), after.trim());
        let sign = before.trim_end_matches(['-', '−']).trim();
        let is_negative = sign != before || number.starts_with(['-', '−']);
        if body.is_empty() {
            return refuse(if text.is_empty() { words::empty() } else { words::unreadable(shown) });
        }
        if let Some(other) = [sign, after].iter().find(|sign| !sign.is_empty() && !currency.accepts(sign)) {
            // "5bn" isn't another currency, so don't blame the currency for it.
            return refuse(if Currency::all().any(|it| it.accepts(other)) {
                words::other_currency(currency.code(), shown)
            } else {
                words::unreadable(shown)
            });
        }
        Ok(Self { text, number, is_negative, currency })
    }

    /// The amount, with its number parsed by `read`.
    fn amount(&self, read: impl Fn(&str, u32) -> Result<i64, NotANumber>) -> Result<Money, UserError> {
        let (currency, shown) = (self.currency, quote(self.text));
        let decimals = currency.decimals();
        let number = read(&self.number, decimals);
        Err(UserError::new(match number {
            Ok(0) | Err(NotANumber::Ambiguous(Readings { thousands: 0, .. })) => words::zero(),
            Ok(_) | Err(NotANumber::Ambiguous(_)) if self.is_negative => words::minus(shown),
            Ok(minor) => return Ok(Money { minor, currency }),
            Err(NotANumber::Ambiguous(both)) => {
                both.told(&shown, decimals, |minor| worth(Quantity(minor), currency))
            }
            Err(NotANumber::Misgrouped) => said::misgrouped(shown, "1.20"),
            Err(NotANumber::TooFine) if decimals == 0 => words::too_fine_for_whole(shown, currency.code()),
            Err(NotANumber::TooFine) => words::too_fine(shown, currency.code(), decimals),
            Err(NotANumber::TooLarge) => said::too_large(shown),
            Err(NotANumber::Empty | NotANumber::Unreadable) => {
                match number::readings(&self.number, decimals)[..] {
                    [minor] if minor > 0 => words::typed_like(shown, number::plain(minor, decimals)),
                    _ => words::unreadable(shown),
                }
            }
        }))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

/// Minor units as shown to people: "$12,500", "€1,200.50", "CHF 900".
pub fn worth(Quantity(minor): Quantity, currency: Currency) -> Message {
    let digits = number::shown(minor.saturating_abs(), currency.decimals());
    let amount = match currency.own_sign() {
        Some(sign) => words::signed(sign, digits),
        None => words::coded(currency.code(), digits),
    };
    if minor < 0 { words::negative(amount) } else { amount }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, code: &str) -> Result<i64, String> {
        Money::parse(text, Currency::from_code(code).unwrap()).map(|it| it.minor).map_err(|e| e.to_string())
    }

    #[test]
    fn amounts_are_read_with_or_without_the_guilds_sign() {
        for (text, code, minor) in [
            ("1200", "USD", 120_000),
            ("$12.5k", "USD", 1_250_000),
            ("12.5 k", "USD", 1_250_000),
            ("€1,200.50", "EUR", 120_050),
            ("1,200.50 eur", "EUR", 120_050),
            ("EUR 5m", "EUR", 500_000_000),
            ("¥500", "JPY", 500),
            ("CHF 900", "CHF", 90_000),
        ] {
            assert_eq!(read(text, code), Ok(minor), "{text}");
        }
    }

    #[test]
    fn every_unreadable_amount_says_what_to_type() {
        let texts = [
            "",
            "-5",
            "$-5",
            "-$5",
            "0",
            "abc",
            "1.2.3",
            "1,20",
            "9007199254740993",
            "£5",
            "١٢٣",
            "1.234",
            "$1.500",
            "-1.500",
            "1.500k",
            "0.500",
            "1 500",
            "1.500,25",
            "1.500.000",
            "5 apples",
        ];
        let told: Vec<String> =
            texts.iter().map(|text| format!("{text:>18} -> {}", read(text, "USD").unwrap_err())).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(total in 0_i64..=number::LARGEST, a in 0_u8..=100, b in 0_u8..=100) {
            let (a, b) = (a.min(b), a.max(b));
            let parts = Money::split(Quantity(total), &[a, b - a, 100 - b]);
            prop_assert_eq!(parts.iter().sum::<Quantity>(), Quantity(total));
            prop_assert!(parts.iter().all(|part| *part >= Quantity::ZERO));
        }

        #[test]
        fn what_is_shown_reads_back_in_every_currency(minor in 1_i64..=number::LARGEST, whole in 1_i64..9_000_000_000) {
            for currency in Currency::all() {
                let round = whole * 10_i64.pow(currency.decimals());
                for minor in [minor, round, minor % 2_000_000 + 1] {
                    let money = Money { minor, currency };
                    for text in [money.to_string(), money.plain()] {
                        prop_assert_eq!(Money::parse(&text, currency), Ok(money));
                        prop_assert_eq!(Money::readings(&text, currency), [money]);
                    }
                }
            }
        }

        #[test]
        fn no_sign_nor_suffix_makes_a_thousandth_of_what_was_meant(
            whole in 1_i64..1000,
            rest in 0_i64..1000,
            (before, after) in proptest::sample::select(vec![("", ""), ("€", ""), ("€ ", ""), ("EUR ", ""), ("", " EUR"), ("", "€"), ("", " €"), ("", "\u{a0}€"), (" ", " ")]),
            mark in proptest::sample::select(vec![".", ",", "'", "’", " ", "\u{a0}", "\u{202f}", "_", "·", "٫", "٬"]),
        ) {
            let euro = Currency::from_code("EUR").unwrap();
            let text = format!("{before}{whole}{mark}{rest:03}{after}");
            let meant = Money { minor: (whole * 1000 + rest) * 100, currency: euro };
            match Money::parse(&text, euro) {
                Ok(money) => prop_assert!(mark == "," && money == meant, "{} was read as {}", text, money),
                Err(_) => prop_assert!(Money::readings(&text, euro).first() == Some(&meant), "{}", text),
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = read(&text, "USD");
        }
    }
}
