//! Three cards: a typical week, long and foreign names, and an empty week.

use bellringer::render::card::{Bar, Card, Row};

fn row(place: usize, name: &str, quantity: &str, percent: u8) -> Row {
    Row { place, name: name.to_owned(), quantity: quantity.to_owned(), percent }
}

fn bar(name: &str, quantity: &str, percent: u8) -> Bar {
    Bar { name: name.to_owned(), quantity: quantity.to_owned(), percent }
}

fn note(what: &str, who: &str) -> (String, String) {
    (what.to_owned(), who.to_owned())
}

/// Each with its file name.
pub(crate) fn cards() -> [(&'static str, Card); 3] {
    let week = |title: &str| Card {
        title: title.to_owned(),
        subtitle: "Week of Apr 6".to_owned(),
        ..Card::default()
    };
    let ordinary = Card {
        rows: vec![
            row(1, "Ana", "$22,400", 100),
            row(2, "Cleo", "$12,950", 57),
            row(3, "Ben and Dev", "$7,300 each", 32),
        ],
        bars: vec![
            bar("Harbour", "$42,650", 100),
            bar("Old Town", "$10,250", 24),
            bar("Total", "$52,900", 88),
        ],
        notes: vec![
            note("Most improved", "Ana, up $13,400"),
            note("Most helpful", "Finn, who helped close 3 deals"),
        ],
        ..week("Revenue")
    };
    let foreign = Card {
        rows: vec![
            row(1, "Bartholomäus Wolfeschlegelsteinhausenbergerdorff der Ältere", "€1,234,567.89", 100),
            row(2, "محمد بن عبد الله الفارسي and יעל בן־דוד", "€98,400", 71),
            row(3, "李小龍 · 山田 太郎 · 김민수 · Ngọc Ánh · Ελένη · Дмитрий", "€76,000", 55),
            row(3, "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆🦅🦉🦇🐺🐗🐴🦄🐝🐛🦋🐌🐞🐜🦟🦗🕷🦂", "€76,000", 55),
            row(
                5,
                "Z\u{334}\u{321}\u{353}a\u{335}\u{322}\u{316}l\u{336}\u{328}\u{359}g\u{337}\u{327}o\u{338} <b>&\"bold\"</b>",
                "€5",
                1,
            ),
        ],
        bars: vec![bar("團隊 & Söhne", "€248,967.89", 100)],
        notes: vec![note("Most improved", "Þórdís Kolbrún Reykfjörð Gylfadóttir, up €12")],
        ..week("Umsatz")
    };
    let empty = Card { empty: "Nothing logged for this period yet.".to_owned(), ..week("Revenue") };
    [("ordinary", ordinary), ("foreign", foreign), ("empty", empty)]
}
