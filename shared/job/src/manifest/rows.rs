//! Rows, one at a time, from a list, JSON Lines or CSV.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};

use super::expand::StreamError;
use super::strict_json;
use crate::{ManifestError, Place, Within};

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

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> Option<Result<Placed<Value>, StreamError>> {
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
            let value = strict_json::parse(&self.buffer, self.within, self.line);
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
    read: Arc<AtomicUsize>,
    within: Within,
    header: Option<Vec<String>>,
    ended: bool,
}

/// Counts what the CSV reader takes, so that a record without an end cannot fill the memory.
struct Metered<R> {
    inner: R,
    read: Arc<AtomicUsize>,
    limit: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.load(Ordering::Relaxed) > self.limit {
            return Err(io::Error::new(io::ErrorKind::InvalidData, RecordTooLong));
        }
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n, Ordering::Relaxed);
        Ok(n)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a record is too long; is a quotation mark not closed?")]
struct RecordTooLong;

impl<R: Read> Csv<R> {
    pub(super) fn new(inner: R, within: Within, limit: usize) -> Self {
        let read = Arc::new(AtomicUsize::new(0));
        let metered = Metered {
            inner,
            read: Arc::clone(&read),
            limit,
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(metered);
        Self {
            reader,
            read,
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
            match self.read_header()? {
                Ok(header) => self.header = Some(header),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        let (line, record) = match self.record()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let place = Place::line(self.within, line);
        let header = self.header.as_deref().unwrap_or_default();
        if record.len() != header.len() {
            let what = format!(
                "{} fields; the header row has {}",
                record.len(),
                header.len()
            );
            return Some(Err(ManifestError::new(place, what).into()));
        }
        let fields = header.iter().zip(record.iter());
        Some(Ok((
            place,
            fields
                .map(|(name, text)| (name.clone(), Value::from(text)))
                .collect(),
        )))
    }

    fn read_header(&mut self) -> Option<Result<Vec<String>, StreamError>> {
        let (line, record) = match self.record()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let place = Place::line(self.within, line);
        let names = record
            .iter()
            .map(|name| name.trim_start_matches('\u{FEFF}').trim().to_owned());
        let names: Vec<String> = names.collect();
        if names.len() > COLUMNS {
            let what = format!("{} columns; at most {COLUMNS}", names.len());
            return Some(Err(ManifestError::new(place, what).into()));
        }
        let mut seen = HashSet::with_capacity(names.len());
        for (name, column) in names.iter().zip(1..) {
            if name.is_empty() {
                let what = format!("column {column} of the header row has no name");
                return Some(Err(ManifestError::new(place, what).into()));
            }
            if !seen.insert(name) {
                let what = format!("the header row names {name:?} twice");
                return Some(Err(ManifestError::new(place, what).into()));
            }
        }
        Some(Ok(names))
    }

    /// The next record and the line it begins on.
    fn record(&mut self) -> Option<Result<(u64, csv::StringRecord), StreamError>> {
        self.read.store(0, Ordering::Relaxed);
        let mut record = csv::StringRecord::new();
        match self.reader.read_record(&mut record) {
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
            csv::ErrorKind::Utf8 { err, .. } => {
                ManifestError::new(place, format!("not UTF-8 ({err}); save the file as UTF-8"))
                    .into()
            }
            other => ManifestError::new(place, format!("{other:?}")).into(),
        }
    }
}
