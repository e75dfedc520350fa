//! Rows, one at a time, from a list, JSON Lines or CSV.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::expand::StreamError;
use super::quotes::Quotes;
use super::strict_json;
use crate::{ManifestError, ManifestErrors, Place, Within};

/// Columns of a CSV file.
const COLUMNS: usize = 10_000;

/// Something read, and where it stands.
type Placed<T> = (Place, T);

/// A line of JSON Lines: its value and where it stands.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    within: Within,
    line: u64,
    limit: usize,
    buffer: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R, within: Within, limit: usize) -> Self {
        Self {
            reader: BufReader::with_capacity(64 << 10, reader),
            within,
            line: 0,
            limit,
            buffer: Vec::new(),
        }
    }

    /// The next line that is not blank; `errors` say what is wrong with it though it can be read.
    pub(super) fn next(
        &mut self,
        errors: &mut ManifestErrors,
    ) -> Option<Result<Placed<Value>, StreamError>> {
        loop {
            self.buffer.clear();
            let limit = (self.limit as u64).saturating_add(1);
            match (&mut self.reader)
                .take(limit)
                .read_until(b'\n', &mut self.buffer)
            {
                Err(error) => return Some(Err(StreamError::Io(error))),
                Ok(0) => return None,
                Ok(_) => self.line += 1,
            }
            let place = Place::line(self.within, self.line);
            if self.buffer.len() > self.limit {
                if let Err(error) = skip_line(&mut self.reader) {
                    return Some(Err(StreamError::Io(error)));
                }
                let what = format!("the line is longer than {} bytes", self.limit);
                return Some(Err(ManifestError::new(place, what).into()));
            }
            if self.buffer.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            // Without its end, so that what is missing is missing on this line.
            let value = strict_json::parse(self.buffer.trim_ascii_end(), &place, errors);
            return Some(value.map(|value| (place, value)).map_err(StreamError::from));
        }
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(());
        }
        let end = chunk.iter().position(|&b| b == b'\n');
        let used = end.map_or(chunk.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Records of a CSV file with a header row; every column is a text field.
pub(super) struct Csv<R> {
    reader: csv::Reader<Metered<R>>,
    seen: Arc<Mutex<Seen>>,
    within: Within,
    /// None for a column without a name of its own, whose fields are left out.
    header: Option<Vec<Option<String>>>,
    ended: bool,
}

/// What is known of the text that the CSV reader has taken.
struct Seen {
    /// Bytes since the record's begin, about: the reader takes more than it gives.
    bytes: usize,
    quotes: Quotes,
}

/// Counts what the CSV reader takes, so that a record without an end cannot fill the memory, and
/// watches its quotation marks, of which the reader forgives anything.
struct Metered<R> {
    inner: R,
    seen: Arc<Mutex<Seen>>,
    limit: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.bytes > self.limit {
            return Err(io::Error::new(io::ErrorKind::InvalidData, RecordTooLong));
        }
        let n = self.inner.read(buffer)?;
        seen.bytes += n;
        seen.quotes.read(&buffer[..n]);
        Ok(n)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a record is too long; is a quotation mark not closed?")]
struct RecordTooLong;

impl<R: Read> Csv<R> {
    pub(super) fn new(inner: R, within: Within, limit: usize) -> Self {
        let seen = Arc::new(Mutex::new(Seen {
            bytes: 0,
            quotes: Quotes::new(within),
        }));
        let metered = Metered {
            inner,
            seen: Arc::clone(&seen),
            limit,
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(metered);
        Self {
            reader,
            seen,
            within,
            header: None,
            ended: false,
        }
    }

    /// The next record as an object.
    pub(super) fn next(&mut self) -> Option<Result<Placed<Map<String, Value>>, StreamError>> {
        if self.ended {
            return None;
        }
        if self.header.is_none() {
            let (header, errors) = match self.read_header()? {
                Ok(read) => read,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            self.header = Some(header);
            if !errors.is_empty() {
                return Some(Err(StreamError::Manifest(errors)));
            }
        }
        let (line, record) = match self.record()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let header = self.header.as_deref().unwrap_or_default();
        Some(object(Place::line(self.within, line), header, &record).map_err(StreamError::Manifest))
    }

    /// What is wrong with the quotation marks of the text read so far.
    pub(super) fn faults(&mut self) -> ManifestErrors {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.quotes.faults()
    }

    /// The columns' names, and what is wrong with them.
    fn read_header(&mut self) -> Option<Result<Header, StreamError>> {
        let (line, record) = match self.record()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let place = Place::line(self.within, line);
        let mut errors = ManifestErrors::new(ERRORS_IN_HEADER);
        let mut fault = |what: String| errors.push(ManifestError::new(place.clone(), what));
        if record.len() > COLUMNS {
            let what = format!("{} columns; at most {COLUMNS}", record.len());
            return Some(Err(ManifestError::new(place, what).into()));
        }
        let mut seen = HashSet::with_capacity(record.len());
        let mut names = Vec::with_capacity(record.len());
        for (name, column) in record.iter().zip(1..) {
            let name = match std::str::from_utf8(name) {
                Ok(name) => name.trim_start_matches('\u{FEFF}').trim(),
                Err(error) => {
                    fault(format!(
                        "column {column} of the header row is {}",
                        not_utf8(error)
                    ));
                    names.push(None);
                    continue;
                }
            };
            if name.is_empty() {
                fault(format!("column {column} of the header row has no name"));
            } else if !seen.insert(name.to_owned()) {
                fault(format!("the header row names {name:?} twice"));
            } else {
                names.push(Some(name.to_owned()));
                continue;
            }
            names.push(None);
        }
        Some(Ok((names, errors)))
    }

    /// The next record and the line it begins on.
    fn record(&mut self) -> Option<Result<(u64, csv::ByteRecord), StreamError>> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes = 0;
        let mut record = csv::ByteRecord::new();
        match self.reader.read_byte_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                Some(Ok((line, record)))
            }
            Err(error) => Some(Err(self.record_error(error))),
        }
    }

    fn record_error(&mut self, error: csv::Error) -> StreamError {
        let line = error
            .position()
            .unwrap_or_else(|| self.reader.position())
            .line();
        let place = Place::line(self.within, line);
        match error.into_kind() {
            csv::ErrorKind::Io(error) => {
                self.ended = true;
                match error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<RecordTooLong>())
                {
                    true => ManifestError::new(place, RecordTooLong).into(),
                    false => StreamError::Io(error),
                }
            }
            other => ManifestError::new(place, format!("{other:?}")).into(),
        }
    }
}

/// Names of columns, and what is wrong with them.
type Header = (Vec<Option<String>>, ManifestErrors);

/// Errors listed of one header row: each column has one at most.
const ERRORS_IN_HEADER: usize = 100;

/// A record's fields by their columns' names.
fn object(
    place: Place,
    header: &[Option<String>],
    record: &csv::ByteRecord,
) -> Result<Placed<Map<String, Value>>, ManifestErrors> {
    let mut errors = ManifestErrors::new(header.len().saturating_add(1));
    if record.len() != header.len() {
        let what = format!(
            "{} fields; the header row has {}",
            record.len(),
            header.len()
        );
        errors.push(ManifestError::new(place.clone(), what));
    }
    let mut object = Map::new();
    for (number, field) in record.iter().enumerate() {
        let name = header.get(number).and_then(Option::as_deref);
        match (std::str::from_utf8(field), name) {
            (Ok(text), Some(name)) => {
                object.insert(name.to_owned(), Value::from(text));
            }
            (Ok(_), None) => {}
            (Err(error), name) => {
                let place = name.map_or_else(|| place.clone(), |name| place.join(name));
                errors.push(ManifestError::new(place, not_utf8(error)));
            }
        }
    }
    match errors.is_empty() {
        true => Ok((place, object)),
        false => Err(errors),
    }
}

fn not_utf8(error: std::str::Utf8Error) -> String {
    format!("not UTF-8 ({error}); save the file as UTF-8")
}
