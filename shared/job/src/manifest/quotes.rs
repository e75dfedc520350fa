//! The quotation marks of a CSV text (RFC 4180 §2).
//!
//! The CSV reader takes any text: a mark that is never closed makes the rest of the file one field, and
//! what stands after a closing mark is joined to what it closed. Both lose documents without a word, so
//! both are errors here.

use crate::{ManifestError, ManifestErrors, Place, Within};

/// Errors listed of one text.
const LISTED: usize = 1_000;

/// Watches a text's quotation marks, in pieces of any length.
#[derive(Debug)]
pub(super) struct Quotes {
    at: At,
    within: Within,
    line: u64,
    column: u64,
    /// Where the quotation mark stands that was opened last.
    opened: (u64, u64),
    errors: ManifestErrors,
}

/// Where in a record the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first byte of a field.
    Begin,
    /// In a field without marks around it; a mark in it is a character like others.
    Plain,
    /// In a field with marks around it.
    Quoted,
    /// Behind a mark that closes its field, unless it is the first of two.
    Mark,
}

impl Quotes {
    pub(super) fn new(within: Within) -> Self {
        Self {
            at: At::Begin,
            within,
            line: 1,
            column: 0,
            opened: (1, 1),
            errors: ManifestErrors::new(LISTED),
        }
    }

    /// Reads on.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            // A continuation byte of UTF-8 is not a character of its own.
            self.column += u64::from(byte & 0xC0 != 0x80);
            self.at = self.after(byte);
            if byte == b'\n' {
                self.line += 1;
                self.column = 0;
            }
        }
    }

    fn after(&mut self, byte: u8) -> At {
        match (self.at, byte) {
            (At::Begin, b'"') => {
                self.opened = (self.line, self.column);
                At::Quoted
            }
            (At::Quoted, b'"') => At::Mark,
            (At::Mark, b'"') | (At::Quoted, _) => At::Quoted,
            (At::Begin | At::Plain | At::Mark, b',' | b'\n' | b'\r') => At::Begin,
            (At::Mark, _) => {
                let what = "text after a closing quotation mark; inside a quoted field, write each mark twice";
                self.fault((self.line, self.column), what);
                At::Plain
            }
            // The byte order mark.
            (At::Begin, 0xEF | 0xBB | 0xBF) if self.line == 1 && self.column <= 1 => At::Begin,
            (At::Begin | At::Plain, _) => At::Plain,
        }
    }

    fn fault(&mut self, (line, column): (u64, u64), what: &str) {
        let place = Place::line(self.within, line).at_column(column);
        self.errors.push(ManifestError::new(place, what));
    }

    /// What is wrong with the text, if it ends here.
    pub(super) fn faults(&mut self) -> ManifestErrors {
        if self.at == At::Quoted {
            self.fault(self.opened, "the quotation mark is never closed");
        }
        std::mem::replace(&mut self.errors, ManifestErrors::new(LISTED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> String {
        // In pieces, as a reader gives them.
        let mut quotes = Quotes::new(Within::Manifest);
        for piece in text.as_bytes().chunks(3) {
            quotes.read(piece);
        }
        quotes.faults().to_string()
    }

    #[test]
    fn marks_that_are_closed_and_doubled_are_right() {
        for text in [
            "a,b\n\"x\",\"y \"\"z\"\"\"\r\n\"\",\"two\nlines, one field\"",
            "\u{FEFF}\"a\",b\n1,5\" pipe\n",
            "",
        ] {
            assert_eq!(faults(text), "", "{text}");
        }
    }

    #[test]
    fn a_mark_that_is_not_closed_is_named() {
        assert_eq!(
            faults("é,b\né,\"open\n1,2\n3,4\n"),
            "line 2:3: the quotation mark is never closed"
        );
    }

    #[test]
    fn text_after_a_closing_mark_is_named() {
        let said = faults("a\n\"O\"Brien\nx\n\"b\" \n");
        let places: Vec<&str> = said
            .lines()
            .filter_map(|line| line.split(": ").next())
            .collect();
        assert_eq!(places, ["line 2:4", "line 4:4"], "{said}");
    }
}
