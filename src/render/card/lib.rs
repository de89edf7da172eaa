//! A card: a leaderboard as a picture. A value with its content, and the PNG drawn from it.
//!
//! It is drawn with fonts built into the binary, so that it looks the same on every machine. DejaVu has
//! Latin, Greek, Cyrillic, Hebrew, Arabic and many symbols; other characters are drawn from Unifont's pixels,
//! and those that both lack as a small ring. Nothing but the card's own text is ever read.

use std::fmt::Write;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use flate2::read::ZlibDecoder;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use serde::{Deserialize, Serialize};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};

/// The file name.
pub const FILE: &str = "board.png";
/// Discord's limit for a file's description.
const LONGEST_ALT: usize = 1024;

/// A card's content. Its texts are plain, as people wrote them, and drawn as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its title: "Revenue".
    pub title: String,
    /// The period: "Week of Apr 6".
    pub subtitle: String,
    /// The ranking, from the top.
    pub rows: Vec<Row>,
    /// Teams, and the total.
    pub bars: Vec<Bar>,
    /// Further facts as label and value: "Most improved", and who.
    pub notes: Vec<(String, String)>,
    /// Text shown if there are no rows.
    pub empty: String,
}

/// A place on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The rank, from 1.
    pub place: usize,
    /// One name, or several.
    pub name: String,
    /// The amount as shown to people.
    pub quantity: String,
    /// Relative to first place, in percent.
    pub percent: u8,
}

/// A bar of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Its label.
    pub name: String,
    /// The amount as shown to people.
    pub quantity: String,
    /// How full it is, in percent.
    pub percent: u8,
}

/// Why a card can't be drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// The generated SVG is invalid.
    #[error(transparent)]
    Svg(#[from] resvg::usvg::Error),
    /// It is empty, or too large for memory.
    #[error("the card is empty or too large")]
    Sizeless,
    /// The file can't be written.
    #[error(transparent)]
    Png(#[from] png::EncodingError),
}

impl Card {
    /// The same as text, for people who can't see the picture.
    pub fn alt(&self) -> String {
        let mut text = format!("{}, {}.", self.title, self.subtitle);
        if self.rows.is_empty() && self.bars.is_empty() {
            let _ = write!(text, " {}", self.empty);
        }
        for row in &self.rows {
            let _ = write!(text, " {}. {}: {}.", row.place, row.name, row.quantity);
        }
        for bar in &self.bars {
            let _ = write!(text, " {}: {}.", bar.name, bar.quantity);
        }
        for (what, who) in &self.notes {
            let _ = write!(text, " {what}: {who}.");
        }
        text.chars().take(LONGEST_ALT).collect()
    }

    /// The card as PNG.
    ///
    /// # Errors
    /// When it can't be drawn, which only a bug can cause.
    pub fn png(&self) -> Result<Vec<u8>, DrawError> {
        let (svg, height) = self.svg();
        let options = Options { fontdb: FONTS.clone(), font_family: FAMILY.to_owned(), ..Options::default() };
        let tree = Tree::from_str(&svg, &options)?;
        let mut pixels = Pixmap::new(WIDTH, height).ok_or(DrawError::Sizeless)?;
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        Ok(encode(pixels)?)
    }

    /// The card as SVG, and its height.
    fn svg(&self) -> (String, u32) {
        let mut ink = Ink::default();
        ink.text(MARGIN, 92, TITLE, Weight::Bold, TEXT, &self.title, WIDTH - 2 * MARGIN);
        ink.text(MARGIN, 140, SMALL, Weight::Regular, FAINT, &self.subtitle, WIDTH - 2 * MARGIN);
        let mut y = 190;
        if self.rows.is_empty() && self.bars.is_empty() {
            ink.text(MARGIN, y + 50, BODY, Weight::Regular, TEXT, &self.empty, WIDTH - 2 * MARGIN);
            y += 90;
        }
        for row in &self.rows {
            ink.row(y, row);
            y += ROW;
        }
        for bar in &self.bars {
            ink.bar(y, bar);
            y += BAR;
        }
        for (what, who) in &self.notes {
            y += 14;
            ink.text(MARGIN, y + 34, SMALL, Weight::Regular, FAINT, what, 250);
            ink.text(MARGIN + 270, y + 34, SMALL, Weight::Bold, TEXT, who, WIDTH - 2 * MARGIN - 270);
            y += 44;
        }
        let height = y + MARGIN;
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"><rect width="{WIDTH}" height="{height}" rx="24" fill="{EDGE}"/><path d="M12 0H{right}a24 24 0 0 1 24 24V{bottom}a24 24 0 0 1 -24 24H12z" fill="{GROUND}"/>{}</svg>"#,
            ink.0,
            right = WIDTH - 24,
            bottom = height - 24,
        );
        (svg, height)
    }
}

/// Encodes as PNG with fast compression, since each card is sent only once.
fn encode(pixels: Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let (width, height) = (pixels.width(), pixels.height());
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&pixels.take_demultiplied())?;
    Ok(file)
}

const WIDTH: u32 = 1000;
const MARGIN: u32 = 56;
const ROW: u32 = 104;
const BAR: u32 = 84;
const TITLE: u32 = 56;
const BODY: u32 = 38;
const SMALL: u32 = 30;
/// A little darker than Discord's dark background, so that the card stands out on it, and on the light one as
/// well.
const GROUND: &str = "#24262b";
/// The gold used for the bell.
const EDGE: &str = MEDALS[0];
const TRACK: &str = "#3a3d44";
const TEXT: &str = "#f4f5f7";
const FAINT: &str = "#b3b7c0";
const CALM: &str = "#6fa3c8";
/// Gold, silver and bronze; then the calm one.
const MEDALS: [&str; 3] = ["#e0a526", "#b9c0cb", "#c98a54"];
const FAMILY: &str = "DejaVu Sans";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Regular,
    Bold,
}

/// The SVG drawn so far.
#[derive(Default)]
struct Ink(String);

impl Ink {
    fn row(&mut self, y: u32, row: &Row) {
        let colour = row.place.checked_sub(1).and_then(|at| MEDALS.get(at)).unwrap_or(&CALM);
        let (x, inner) = (MARGIN + 84, WIDTH - 2 * MARGIN - 84);
        let _ = write!(self.0, r#"<circle cx="{}" cy="{}" r="28" fill="{colour}"/>"#, MARGIN + 28, y + 36);
        let place = row.place.to_string();
        let size = if place.len() > 2 { 22 } else { SMALL };
        let at = MARGIN + 28 - width(&place, size, Weight::Bold) / 2;
        self.text(at, y + 36 + size / 3, size, Weight::Bold, GROUND, &place, 56);
        let quantity = width(&row.quantity, BODY, Weight::Bold).min(inner / 2);
        self.text(x, y + 42, BODY, Weight::Regular, TEXT, &row.name, inner - quantity - 32);
        self.text(WIDTH - MARGIN - quantity, y + 42, BODY, Weight::Bold, TEXT, &row.quantity, quantity);
        self.track(x, y + 62, inner, 12, row.percent, colour);
    }

    fn bar(&mut self, y: u32, bar: &Bar) {
        let inner = WIDTH - 2 * MARGIN;
        let quantity = width(&bar.quantity, SMALL, Weight::Bold).min(inner / 2);
        self.text(MARGIN, y + 34, SMALL, Weight::Regular, FAINT, &bar.name, inner - quantity - 32);
        self.text(WIDTH - MARGIN - quantity, y + 34, SMALL, Weight::Bold, TEXT, &bar.quantity, quantity);
        self.track(MARGIN, y + 50, inner, 16, bar.percent, CALM);
    }

    fn track(&mut self, x: u32, y: u32, length: u32, height: u32, percent: u8, colour: &str) {
        let radius = height / 2;
        let full = length * u32::from(percent.min(100)) / 100;
        let _ = write!(
            self.0,
            r#"<rect x="{x}" y="{y}" width="{length}" height="{height}" rx="{radius}" fill="{TRACK}"/>"#
        );
        if full > 0 {
            let full = full.max(height);
            let _ = write!(
                self.0,
                r#"<rect x="{x}" y="{y}" width="{full}" height="{height}" rx="{radius}" fill="{colour}"/>"#
            );
        }
    }

    /// A line of text from `x` on, no wider than `room`; longer text is cut with an ellipsis.
    #[expect(clippy::too_many_arguments, reason = "where, how, and what")]
    fn text(&mut self, x: u32, y: u32, size: u32, weight: Weight, colour: &str, text: &str, room: u32) {
        let runs = fitting(&shown(text), size, weight, room);
        let _ = write!(self.0, r#"<g fill="{colour}">"#);
        let mut at = x;
        for run in runs {
            match run {
                Run::Text(text) => {
                    let bold = if weight == Weight::Bold { "bold" } else { "normal" };
                    let _ = write!(
                        self.0,
                        r#"<text x="{at}" y="{y}" font-family="{FAMILY}" font-size="{size}" font-weight="{bold}" xml:space="preserve">{}</text>"#,
                        escaped(&text)
                    );
                    at += width(&text, size, weight);
                }
                Run::Pixels(c) => {
                    self.pixels(at, y, size, c);
                    at += pixel_width(c, size);
                }
            }
        }
        self.0.push_str("</g>");
    }

    /// A character in Unifont, or a ring if it isn't there either.
    fn pixels(&mut self, x: u32, y: u32, size: u32, c: char) {
        let Some(glyph) = unifont::get_glyph(c) else {
            let radius = size / 5;
            let _ = write!(
                self.0,
                r#"<circle cx="{}" cy="{}" r="{radius}" fill="none" stroke="{FAINT}" stroke-width="3"/>"#,
                x + size / 3,
                y - size / 3
            );
            return;
        };
        // Sixteen rows per em, the last two below the baseline.
        let unit = f64::from(size) / 16.0;
        let top = f64::from(y) - unit * 14.0;
        let mut path = String::new();
        for row in 0..16_u32 {
            let mut column = 0;
            while column < 16_u32 {
                let is_set = |column: u32| glyph.get_pixel(column as usize, row as usize);
                let from = column;
                while column < 16 && is_set(column) {
                    column += 1;
                }
                if column > from {
                    let (left, above) = (f64::from(x) + unit * f64::from(from), top + unit * f64::from(row));
                    let length = unit * f64::from(column - from);
                    let _ = write!(path, "M{left:.2} {above:.2}h{length:.2}v{unit:.2}h-{length:.2}z");
                } else {
                    column += 1;
                }
            }
        }
        let _ = write!(self.0, r#"<path d="{path}"/>"#);
    }
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Run {
    /// In DejaVu, shaped and in its own direction.
    Text(String),
    /// A single character drawn in pixels.
    Pixels(char),
}

/// Removes invisible characters, and keeps at most two combining marks per letter: more would grow out of the
/// line.
fn shown(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}');
    // The emoji is drawn without joiners, variation selectors and skin tones.
    let is_silent = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
            || c.is_control()
    };
    let mut marks = 0;
    let keep = |c: &char| {
        marks = if is_mark(*c) { marks + 1 } else { 0 };
        marks <= 2 && !is_silent(*c)
    };
    text.chars().filter(keep).collect()
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for c in text.chars() {
        if !has(c) {
            runs.push(Run::Pixels(c));
        } else if let Some(Run::Text(text)) = runs.last_mut() {
            text.push(c);
        } else {
            runs.push(Run::Text(c.to_string()));
        }
    }
    runs
}

/// The text's runs that fit into `room`; if it is too long, as much as fits, with an ellipsis.
fn fitting(text: &str, size: u32, weight: Weight, room: u32) -> Vec<Run> {
    let all = runs(text);
    if length(&all, size, weight) <= room {
        return all;
    }
    let letters: Vec<char> = text.chars().collect();
    let cut = |count: usize| runs(&format!("{}…", letters[..count].iter().collect::<String>().trim_end()));
    let (mut fits, mut too_long) = (0, letters.len());
    while too_long - fits > 1 {
        let middle = usize::midpoint(fits, too_long);
        if length(&cut(middle), size, weight) <= room { fits = middle } else { too_long = middle }
    }
    cut(fits)
}

fn length(runs: &[Run], size: u32, weight: Weight) -> u32 {
    let each = runs.iter().map(|run| match run {
        Run::Text(text) => width(text, size, weight),
        Run::Pixels(c) => pixel_width(*c, size),
    });
    each.sum()
}

fn pixel_width(c: char, size: u32) -> u32 {
    let is_wide = unifont::get_glyph(c).is_none_or(unifont::Glyph::is_fullwidth);
    if is_wide { size } else { size.div_ceil(2) }
}

/// DejaVu's two weights, decompressed.
static REGULAR: LazyLock<Vec<u8>> =
    LazyLock::new(|| unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/regular"))));
static BOLD: LazyLock<Vec<u8>> =
    LazyLock::new(|| unpacked(include_bytes!(concat!(env!("OUT_DIR"), "/bold"))));

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut font = Vec::new();
    ZlibDecoder::new(packed).read_to_end(&mut font).expect("what the build packed");
    font
}

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for font in [&REGULAR, &BOLD] {
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(font.as_slice())));
    }
    Arc::new(fonts)
});

fn font(weight: Weight) -> Option<skrifa::FontRef<'static>> {
    skrifa::FontRef::new(if weight == Weight::Bold { &BOLD } else { &REGULAR }).ok()
}

/// Whether both weights of DejaVu have this character.
fn has(c: char) -> bool {
    let in_font = |weight| font(weight).is_some_and(|font| font.charmap().map(c).is_some());
    in_font(Weight::Regular) && in_font(Weight::Bold)
}

/// The width of a text in DejaVu, in whole pixels, rounded up; without contextual shaping, which doesn't make
/// it wider.
fn width(text: &str, size: u32, weight: Weight) -> u32 {
    let Some(font) = font(weight) else { return 0 };
    #[expect(clippy::cast_precision_loss, reason = "a size of a font is small")]
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let charmap = font.charmap();
    let advance = |c: char| charmap.map(c).and_then(|glyph| metrics.advance_width(glyph)).unwrap_or_default();
    let sum: f32 = text.chars().map(advance).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a width is small and not negative"
    )]
    let pixels = sum.ceil().max(0.0) as u32;
    pixels
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn whatever_people_are_called_it_is_drawn_within_its_room(
            name in "\\PC{0,60}", title in "\\PC{0,60}", size in 20_u32..60, room in 60_u32..800,
        ) {
            let runs = fitting(&shown(&name), size, Weight::Bold, room);
            prop_assert!(length(&runs, size, Weight::Bold) <= room || runs == super::runs("…"));
            let row = Row { place: 1, name: name.clone(), quantity: "$1".to_owned(), percent: 100 };
            let card = Card { title, subtitle: name, rows: vec![row], ..Card::default() };
            prop_assert!(card.png().is_ok());
            prop_assert!(card.alt().chars().count() <= LONGEST_ALT);
        }
    }

    #[test]
    fn marks_do_not_grow_and_what_shows_nothing_is_left_out() {
        assert_eq!(shown("a\u{301}\u{301}\u{301}\u{301}b\u{202e}c\u{fe0f}"), "a\u{301}\u{301}bc");
        assert_eq!(runs("Zoë 李"), [Run::Text("Zoë ".to_owned()), Run::Pixels('李')]);
    }
}
