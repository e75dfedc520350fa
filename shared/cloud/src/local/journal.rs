//! The journal: an append-only file of records, from which the queues' state is made anew at start.
//!
//! A record that the process did not finish writing is cut off at the next start: its change was
//! never acknowledged. When most of the file is about messages that are gone, it is written anew
//! beside itself and renamed into place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Durability;
use super::codec::{self, MAX_PAYLOAD_BYTES, RECORD_HEADER_BYTES, Record};
use crate::broker::{Broker, Change, Message, QueueIndex};
use crate::error::{CloudError, CloudResult};

/// The file's first bytes: what it is, and the version of its records.
const MAGIC: &[u8; 8] = b"FANFQ\x00\x01\n";

/// A file shorter than this is not worth writing anew.
const COMPACT_ABOVE_BYTES: u64 = 4 * 1024 * 1024;

/// Where a message's body is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BodyPlace {
    offset: u64,
    length: u32,
}

/// The open journal and the state it stands for.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next record goes: the end of the last whole one.
    end: u64,
    durability: Durability,
    pub(super) broker: Broker<BodyPlace>,
}

impl Journal {
    /// Opens the journal, making it when there is none, and replays it.
    pub(super) fn open(path: &Path, durability: Durability) -> CloudResult<Self> {
        let failed = |error| CloudError::other(format!("opening {}", path.display()), error);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed)?;
        let mut broker = Broker::new();
        let end = match replay(&mut file, &mut broker).map_err(failed)? {
            Some(end) => end,
            None => {
                file.seek(SeekFrom::Start(0))
                    .and_then(|_| file.write_all(MAGIC))
                    .map_err(failed)?;
                MAGIC.len() as u64
            }
        };
        file.set_len(end).map_err(failed)?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            end,
            durability,
            broker,
        })
    }

    /// Declares a queue.
    pub(super) fn declare(&mut self, name: &str) -> CloudResult<QueueIndex> {
        if let Some(index) = self.broker.find(name) {
            return Ok(index);
        }
        let mut bytes = Vec::new();
        codec::put_declare(&mut bytes, name);
        self.append(&bytes)?;
        Ok(self.broker.declare(name))
    }

    /// Writes changes and then makes them: all are on the file before any is seen.
    pub(super) fn commit(&mut self, changes: &[Change<BodyPlace>]) -> CloudResult<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for change in changes {
            codec::put_change(&mut bytes, change, &[]);
        }
        self.append(&bytes)?;
        for change in changes {
            self.broker.apply(change);
        }
        self.compact_when_worthwhile()
    }

    /// Sends messages: their state and text.
    pub(super) fn send(
        &mut self,
        queue: QueueIndex,
        messages: Vec<(Message<()>, String)>,
    ) -> CloudResult<Vec<u64>> {
        let mut bytes = Vec::new();
        let mut changes = Vec::with_capacity(messages.len());
        for (message, body) in messages {
            let seq = self.broker.fresh_seq();
            let mut change = Change::Send {
                queue,
                seq,
                message: message.with_body(BodyPlace {
                    offset: 0,
                    length: 0,
                }),
            };
            codec::put_change(&mut bytes, &change, body.as_bytes());
            if let Change::Send { message, .. } = &mut change {
                let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
                let offset = self.end + (bytes.len() - body.len()) as u64;
                message.body = BodyPlace { offset, length };
            }
            changes.push((seq, change));
        }
        self.append(&bytes)?;
        for (_, change) in &changes {
            self.broker.apply(change);
        }
        self.compact_when_worthwhile()?;
        Ok(changes.into_iter().map(|(seq, _)| seq).collect())
    }

    /// Reads a message's text.
    pub(super) fn body(&mut self, place: BodyPlace) -> CloudResult<String> {
        read_body(&mut self.file, place)
            .map_err(|error| CloudError::other(format!("reading {}", self.path.display()), error))
    }

    fn append(&mut self, bytes: &[u8]) -> CloudResult<()> {
        let written = self.file.seek(SeekFrom::Start(self.end)).and_then(|_| {
            self.file.write_all(bytes)?;
            match self.durability {
                Durability::ProcessDeath => Ok(()),
                Durability::PowerLoss => self.file.sync_data(),
            }
        });
        // After a failure `end` stays, so the next record overwrites what was half written.
        written.map_err(|error| {
            CloudError::other(format!("writing {}", self.path.display()), error)
        })?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn compact_when_worthwhile(&mut self) -> CloudResult<()> {
        if self.end < COMPACT_ABOVE_BYTES {
            return Ok(());
        }
        let mut live = 0;
        for (queue, _) in self.broker.names() {
            live += self
                .broker
                .messages(queue)
                .map(|(_, it)| u64::from(it.body.length) + 64)
                .sum::<u64>();
        }
        if live * 2 > self.end {
            return Ok(());
        }
        self.compact().map_err(|error| {
            CloudError::other(format!("writing {} anew", self.path.display()), error)
        })
    }

    fn compact(&mut self) -> io::Result<()> {
        let path = self.path.with_extension("journal.new");
        let mut to = BufWriter::new(File::create(&path)?);
        to.write_all(MAGIC)?;
        let mut end = MAGIC.len() as u64;
        let mut bytes = Vec::new();
        for (_, name) in self.broker.names() {
            codec::put_declare(&mut bytes, name);
        }
        let mut moved = Vec::new();
        let queues: Vec<_> = self.broker.names().map(|(queue, _)| queue).collect();
        for queue in queues {
            for (seq, message) in self.broker.messages(queue) {
                let body = read_body(&mut self.file, message.body)?;
                let mut message = message.clone();
                let change = Change::Send {
                    queue,
                    seq,
                    message: message.clone(),
                };
                codec::put_change(&mut bytes, &change, body.as_bytes());
                message.body.offset = end + (bytes.len() - body.len()) as u64;
                moved.push(Change::Send {
                    queue,
                    seq,
                    message,
                });
                if bytes.len() > MAX_PAYLOAD_BYTES {
                    to.write_all(&bytes)?;
                    end += bytes.len() as u64;
                    bytes.clear();
                }
            }
        }
        to.write_all(&bytes)?;
        end += bytes.len() as u64;
        to.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(&path, &self.path)?;
        self.file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        self.end = end;
        for change in &moved {
            self.broker.apply(change);
        }
        Ok(())
    }
}

fn read_body(file: &mut File, place: BodyPlace) -> io::Result<String> {
    let mut bytes = vec![0; usize::try_from(place.length).unwrap_or(0)];
    file.seek(SeekFrom::Start(place.offset))?;
    file.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// Makes the state anew; answers where the last whole record ends, or none for an empty file.
fn replay(file: &mut File, broker: &mut Broker<BodyPlace>) -> io::Result<Option<u64>> {
    let mut from = BufReader::with_capacity(256 * 1024, file);
    let mut magic = [0; MAGIC.len()];
    match from.read_exact(&mut magic) {
        Ok(()) if magic == *MAGIC => {}
        Ok(()) => {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "it is not a queue journal of this version; delete it or choose another folder",
            ));
        }
        // The process died before it had written the first bytes.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut end = MAGIC.len() as u64;
    let mut queues = 0;
    let mut payload = Vec::new();
    while read_record(&mut from, &mut payload)? {
        let Some(record) = codec::parse(&payload, queues) else {
            break;
        };
        let record_end = end + (RECORD_HEADER_BYTES + payload.len()) as u64;
        match record {
            Record::Declare(name) => {
                broker.declare(&name);
                queues += 1;
            }
            Record::Change(change) => broker.apply(&change_with_place(change, record_end)),
        }
        end = record_end;
    }
    Ok(Some(end))
}

/// Reads the next record whole and checked; false at the end of what is whole.
fn read_record(from: &mut impl Read, payload: &mut Vec<u8>) -> io::Result<bool> {
    let mut header = [0; RECORD_HEADER_BYTES];
    if !read_whole(from, &mut header)? {
        return Ok(false);
    }
    let (length, sum) = codec::header(header);
    if length > MAX_PAYLOAD_BYTES {
        return Ok(false);
    }
    payload.resize(length, 0);
    Ok(read_whole(from, payload)? && crc32fast::hash(payload) == sum)
}

fn read_whole(from: &mut impl Read, to: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The change with the place of its body, which ends where its record ends.
fn change_with_place(change: Change<u32>, record_end: u64) -> Change<BodyPlace> {
    match change {
        Change::Send {
            queue,
            seq,
            message,
        } => {
            let length = message.body;
            let offset = record_end - u64::from(length);
            Change::Send {
                queue,
                seq,
                message: message.with_body(BodyPlace { offset, length }),
            }
        }
        Change::Take {
            queue,
            seq,
            visible_at_ms,
        } => Change::Take {
            queue,
            seq,
            visible_at_ms,
        },
        Change::Delete { queue, seq } => Change::Delete { queue, seq },
        Change::Reschedule {
            queue,
            seq,
            visible_at_ms,
        } => Change::Reschedule {
            queue,
            seq,
            visible_at_ms,
        },
        Change::Move {
            from,
            to,
            seq,
            at_ms,
        } => Change::Move {
            from,
            to,
            seq,
            at_ms,
        },
        Change::Release {
            queue,
            seq,
            receive_count,
        } => Change::Release {
            queue,
            seq,
            receive_count,
        },
    }
}
