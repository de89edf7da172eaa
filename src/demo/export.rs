//! Reads a CRM export strictly: a file that a lenient reader would accept while dropping or merging rows is
//! rejected with a line number.
//!
//! The rules are those of RFC 4180, except that the delimiter is a semicolon or a tab if the header has more
//! of those than commas, and that Windows, Unix and old Mac line endings all work. Every row has as many
//! columns as the header. A quote may only open or close a column. A stray quote can still pair up with one
//! further down, so that both rules hold while the rows between have become one column; [`swallows`] detects
//! these by their shape. Finally, an independent row count is compared.

use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::kernel::text::plural;

/// An export: its header and its rows, all with the same number of columns.
pub(super) struct Export {
    header: Row,
    rows: Vec<Row>,
    ends: bool,
}

/// A row of an export.
pub(super) struct Row {
    /// The line on which it begins, from 1.
    pub(super) line: usize,
    /// Its columns, trimmed.
    pub(super) cells: Vec<String>,
}

/// The index of each column.
pub(super) struct Column(usize);

impl Row {
    /// The text in a column; empty if the export has no such column.
    pub(super) fn cell(&self, column: Option<&Column>) -> &str {
        column.and_then(|column| self.cells.get(column.0)).map_or("", String::as_str)
    }
}

impl Export {
    /// Reads a file.
    ///
    /// # Errors
    /// One line that says what is wrong and where.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let named = |why: String| format!("{}: {why}", file.display());
        let bytes = std::fs::read(file).map_err(|error| named(error.to_string()))?;
        Self::parse(&bytes).map_err(named)
    }

    /// Reads a file's content.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = text(bytes)?;
        let header = text.split(['\r', '\n']).find(|line| !line.is_empty()).unwrap_or_default();
        let columns = |delimiter: &char| header.matches(*delimiter).count();
        let delimiter = [',', ';', '\t'].into_iter().rev().max_by_key(columns).unwrap_or(',');
        let mut rows = Cursor { rest: text, line: 1, delimiter }.rows()?.into_iter();
        let header = rows.next().ok_or("the file is empty")?;
        let rows: Vec<Row> = rows.collect();
        let width = header.cells.len();
        for row in std::iter::once(&header).chain(&rows) {
            if row.cells.len() != width {
                let (line, has) = (row.line, plural(row.cells.len(), "column", "columns"));
                return Err(format!(
                    "line {line} has {has}, but the header has {width}. Was the file cut off, or are quotes missing?"
                ));
            }
            if let Some(at) =
                row.cells.iter().enumerate().position(|(at, cell)| swallows(cell, at, width, delimiter))
            {
                return Err(format!(
                    "line {}: the quote that opens column {} closes after lines that look like rows of their own. Is there an extra quote?",
                    row.line,
                    at + 1
                ));
            }
        }
        let trimmed =
            |row: Row| Row { cells: row.cells.iter().map(|it| it.trim().to_owned()).collect(), ..row };
        let export = Self {
            header: trimmed(header),
            rows: rows.into_iter().map(trimmed).collect(),
            ends: text.ends_with(['\r', '\n']),
        };
        export.compare(text, delimiter)?;
        Ok(export)
    }

    /// Counts the rows independently and compares.
    fn compare(&self, text: &str, delimiter: char) -> Result<(), String> {
        let mut reader = ReaderBuilder::new();
        reader
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .delimiter(u8::try_from(delimiter).unwrap_or(b','));
        let others: Vec<StringRecord> = reader
            .from_reader(text.as_bytes())
            .records()
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let same = |(row, other): (&Row, &StringRecord)| {
            let cells = other.iter().map(|cell| cell.replace("\r\n", "\n").replace('\r', "\n"));
            row.cells.iter().map(String::as_str).eq(cells.collect::<Vec<_>>().iter().map(String::as_str))
        };
        let all = || std::iter::once(&self.header).chain(&self.rows);
        if let Some((row, _)) = all().zip(&others).find(|pair| !same(*pair)) {
            return Err(format!("line {} can be read two ways. Check its quotes.", row.line));
        }
        if others.len() != self.rows.len() + 1 {
            return Err(format!(
                "I read {} rows but counted {}",
                self.rows.len(),
                others.len().saturating_sub(1)
            ));
        }
        Ok(())
    }

    /// Its rows, in order.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The line of the last row if it has no line break: the file may have been cut off there.
    pub(super) fn unended(&self) -> Option<usize> {
        self.rows.last().filter(|_| !self.ends).map(|row| row.line)
    }

    /// The index of a column by name, ignoring case, if it exists.
    ///
    /// # Errors
    /// When there are two, or when a value in it spans several lines, which never happens in the columns used
    /// here.
    pub(super) fn column(&self, name: &str) -> Result<Option<Column>, String> {
        let mut found =
            (0..self.header.cells.len()).filter(|at| self.header.cells[*at].eq_ignore_ascii_case(name));
        let Some(at) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(format!("line {} has the column {name} twice", self.header.line));
        }
        match self.rows.iter().find(|row| row.cells[at].contains('\n')) {
            Some(row) => {
                Err(format!("line {}: {name} runs over several lines. Is there an extra quote?", row.line))
            }
            None => Ok(Some(Column(at))),
        }
    }

    /// The same for a required column.
    ///
    /// # Errors
    /// Also when it is missing.
    pub(super) fn needed(&self, name: &str) -> Result<Column, String> {
        let header = &self.header;
        self.column(name)?.ok_or_else(|| format!("line {} has no column {name}", header.line))
    }
}

/// A file's text, without its byte order mark.
fn text(bytes: &[u8]) -> Result<&str, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("the file is UTF-16. Save it as UTF-8 CSV.".to_owned());
    }
    let line_of =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n").matches(['\r', '\n']).count() + 1;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        format!("line {} isn't UTF-8. Save the file as UTF-8 CSV.", line_of(&bytes[..error.valid_up_to()]))
    })?;
    if let Some(at) = text.find('\0') {
        return Err(format!("line {} has a null byte, so this isn't a text file.", line_of(&bytes[..at])));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whether a quoted text over several lines is really several rows joined by a stray quote: it contains a
/// line with as many delimiters as a row, or its first and last lines complete the rows they touch.
fn swallows(cell: &str, at: usize, width: usize, delimiter: char) -> bool {
    let counts: Vec<usize> = cell.split('\n').map(|line| line.matches(delimiter).count()).collect();
    let [first, between @ .., last] = &counts[..] else { return false };
    let row = width - 1;
    row > 0 && (between.contains(&row) || (*first, *last) == (row - at, at))
}

/// The current position in a file.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
    delimiter: char,
}

impl Cursor<'_> {
    /// The next character, with every line ending as `\n`.
    fn peek(&self) -> Option<char> {
        self.rest.chars().next().map(|c| if c == '\r' { '\n' } else { c })
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        let end = if self.rest.starts_with("\r\n") {
            2
        } else {
            self.rest.chars().next().map_or(0, char::len_utf8)
        };
        self.rest = &self.rest[end..];
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn rows(mut self) -> Result<Vec<Row>, String> {
        let mut rows = Vec::new();
        while let Some(first) = self.peek() {
            if first == '\n' {
                self.next();
                continue;
            }
            let (line, mut cells) = (self.line, Vec::new());
            loop {
                cells.push(self.cell(cells.len() + 1)?);
                if self.next() != Some(self.delimiter) {
                    break;
                }
            }
            rows.push(Row { line, cells });
        }
        Ok(rows)
    }

    fn cell(&mut self, column: usize) -> Result<String, String> {
        let (opened, mut cell) = (self.line, String::new());
        let is_end = |c: Option<char>, delimiter: char| c.is_none_or(|c| c == delimiter || c == '\n');
        if self.peek() != Some('"') {
            while let Some(c) = self.peek().filter(|c| !is_end(Some(*c), self.delimiter)) {
                if c == '"' {
                    return Err(format!("line {opened} has a quote in the middle of column {column}"));
                }
                cell.push(c);
                self.next();
            }
            return Ok(cell);
        }
        self.next();
        loop {
            match self.next() {
                Some('"') if self.peek() == Some('"') => cell.extend(self.next()),
                Some('"') => break,
                Some(c) => cell.push(c),
                None => {
                    return Err(format!(
                        "line {opened}: the quote that opens column {column} is never closed"
                    ));
                }
            }
        }
        if is_end(self.peek(), self.delimiter) {
            return Ok(cell);
        }
        Err(match self.line {
            line if line == opened => {
                format!("line {line}: there's text after the quote that closes column {column}")
            }
            line => format!(
                "line {opened}: the quote that opens column {column} isn't closed on that line, and there's text after the next one on line {line}"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
        let export = Export::parse(text.as_bytes())?;
        Ok(export.rows.into_iter().map(|row| row.cells).collect())
    }

    fn written(rows: &[Vec<String>], end: &str) -> String {
        let cell = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",") + end).collect()
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_rules_is_read_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a-c\",; ]{0,6}", 4), 1..6),
            end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
        ) {
            let header = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
            let all = [vec![header], rows.clone()].concat();
            let trimmed: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            prop_assert_eq!(read(&written(&all, end)), Ok(trimmed));
        }

        #[test]
        fn stray_quotes_are_found_or_change_nothing(
            rows in 2_usize..9,
            strays in proptest::collection::vec((0_usize..9, 0_usize..5, proptest::bool::ANY), 1..4),
        ) {
            let row = |number: usize| ["id", "name", "stage", "day", "note"].map(|column| format!("{column}{number}")).to_vec();
            let plain: Vec<Vec<String>> = (0..rows).map(row).collect();
            let mut marred = plain.clone();
            for (at, column, before) in strays {
                let cell = &mut marred[at % rows][column];
                *cell = if before { format!("\"{cell}") } else { format!("{cell}\"") };
            }
            let lines: Vec<String> = marred.iter().map(|row| row.join(",")).collect();
            let text = format!("id,name,stage,day,note\n{}\n", lines.join("\n"));
            if let Ok(read) = read(&text) {
                prop_assert_eq!(read, plain, "{}", text);
            }
        }

        #[test]
        fn no_file_makes_it_panic(text in "[a\",;\t\r\n é]{0,60}") {
            let _ = read(&text);
        }
    }
}
