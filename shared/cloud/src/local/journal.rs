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
    /// The file may hold more than `end`: what a failed write has left.
    torn: bool,
    durability: Durability,
    /// Bytes of the records that the messages still there need, about.
    live: u64,
    /// A shorter file is not written anew; more than [`COMPACT_ABOVE_BYTES`] after that has failed.
    compact_above: u64,
    pub(super) broker: Broker<BodyPlace>,
}

/// What a message costs in the file beside its body, about.
const RECORD_BYTES: u64 = 64;

impl Journal {
    /// Opens the journal, making it when there is none, and replays it.
    pub(super) fn open(path: &Path, durability: Durability) -> CloudResult<Self> {
        let failed = |error| CloudError::file(format!("opening {}", path.display()), error);
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
        let live = broker
            .names()
            .flat_map(|(queue, _)| broker.messages(queue))
            .map(|(_, message)| cost(message))
            .sum();
        Ok(Self {
            path: path.to_path_buf(),
            file,
            end,
            torn: false,
            durability,
            live,
            compact_above: COMPACT_ABOVE_BYTES,
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
            self.apply(change);
        }
        self.compact_when_worthwhile();
        Ok(())
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
            self.apply(change);
        }
        self.compact_when_worthwhile();
        Ok(changes.into_iter().map(|(seq, _)| seq).collect())
    }

    /// Reads a message's text.
    pub(super) fn body(&mut self, place: BodyPlace) -> CloudResult<String> {
        read_body(&mut self.file, place)
            .map_err(|error| CloudError::file(format!("reading {}", self.path.display()), error))
    }

    /// Makes a change that is on the file.
    fn apply(&mut self, change: &Change<BodyPlace>) {
        match change {
            Change::Send { message, .. } => self.live += cost(message),
            Change::Delete { queue, seq } => {
                let gone = self.broker.message(*queue, *seq).map_or(0, cost);
                self.live = self.live.saturating_sub(gone);
            }
            _ => {}
        }
        self.broker.apply(change);
    }

    fn append(&mut self, bytes: &[u8]) -> CloudResult<()> {
        let written = self.write(bytes);
        if written.is_err() {
            // What was written is whole records as far as it goes: a later, shorter write over it
            // would leave some behind itself, and a replay would make changes that had failed.
            self.torn = true;
            // When it cannot be cut now, the next write cuts it first.
            let _ = self.mend();
        }
        written
            .map_err(|error| CloudError::file(format!("writing {}", self.path.display()), error))?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.mend()?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(bytes)?;
        match self.durability {
            Durability::ProcessDeath => Ok(()),
            Durability::PowerLoss => self.file.sync_data(),
        }
    }

    /// Cuts off what a failed write has left.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.end)?;
            self.torn = false;
        }
        Ok(())
    }

    /// Writes the file anew when most of it is about messages that are gone. When that fails nothing
    /// is lost, and it is tried again when the file is twice as long.
    fn compact_when_worthwhile(&mut self) {
        if self.end < self.compact_above || self.live * 2 > self.end {
            return;
        }
        match self.compact() {
            Ok(()) => self.compact_above = COMPACT_ABOVE_BYTES,
            Err(error) => {
                self.compact_above = self.end.saturating_mul(2);
                tracing::warn!(path = %self.path.display(), error = %error, "the queue journal could not be written anew and grows on; make room on its disk");
            }
        }
    }

    fn compact(&mut self) -> io::Result<()> {
        let path = self.path.with_extension("journal.new");
        // Open for reading too: it is the journal when it has its place.
        let new = OpenOptions::new()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&path)?;
        let mut to = BufWriter::new(new);
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
        let new = to.into_inner().map_err(io::IntoInnerError::into_error)?;
        new.sync_all()?;
        fs::rename(&path, &self.path)?;
        // From here on the new file is the journal, whatever else fails.
        self.file = new;
        self.end = end;
        self.torn = false;
        for change in &moved {
            self.broker.apply(change);
        }
        if let (Durability::PowerLoss, Some(folder)) = (self.durability, self.path.parent()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

fn cost(message: &Message<BodyPlace>) -> u64 {
    u64::from(message.body.length) + RECORD_BYTES
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
            given_back,
        } => Change::Reschedule {
            queue,
            seq,
            visible_at_ms,
            given_back,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OutgoingMessage;

    fn message(body: &str) -> (Message<()>, String) {
        let message = OutgoingMessage::new(body);
        (Message::sent((), &message, 0), message.body)
    }

    fn bodies(journal: &mut Journal, queue: QueueIndex) -> Vec<String> {
        let places: Vec<_> = journal
            .broker
            .messages(queue)
            .map(|(_, message)| message.body)
            .collect();
        places
            .into_iter()
            .map(|place| journal.body(place).unwrap())
            .collect()
    }

    #[test]
    fn what_a_failed_write_left_behind_is_not_replayed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues.journal");
        let mut journal = Journal::open(&path, Durability::ProcessDeath).unwrap();
        let queue = journal.declare("work").unwrap();
        let first = journal.send(queue, vec![message("first")]).unwrap()[0];
        // A disk that fills up after the bytes of two records are written, and that cannot be cut
        // at once.
        let mut left = Vec::new();
        let place = BodyPlace {
            offset: 0,
            length: 0,
        };
        let (sent, body) = message("x");
        let resent = Change::Send {
            queue,
            seq: 77,
            message: sent.with_body(place),
        };
        codec::put_change(&mut left, &resent, body.as_bytes());
        codec::put_change(&mut left, &Change::<()>::Delete { queue, seq: first }, &[]);
        let end = journal.end;
        journal.file.seek(SeekFrom::Start(end)).unwrap();
        journal.file.write_all(&left).unwrap();
        journal.torn = true;
        // The next record is as long as the first of those.
        journal.send(queue, vec![message("y")]).unwrap();
        drop(journal);
        let mut journal = Journal::open(&path, Durability::ProcessDeath).unwrap();
        assert_eq!(bodies(&mut journal, queue), ["first", "y"]);
    }

    #[test]
    fn a_change_is_made_though_the_file_cannot_be_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues.journal");
        let mut journal = Journal::open(&path, Durability::PowerLoss).unwrap();
        let queue = journal.declare("work").unwrap();
        // A folder is where the new file would be.
        let new = path.with_extension("journal.new");
        fs::create_dir(&new).unwrap();
        let large = "x".repeat(1 << 20);
        let mut seqs = Vec::new();
        for _ in 0..5 {
            seqs.extend(journal.send(queue, vec![message(&large)]).unwrap());
        }
        for seq in seqs.drain(..4) {
            journal.commit(&[Change::Delete { queue, seq }]).unwrap();
        }
        assert!(journal.end > COMPACT_ABOVE_BYTES);
        fs::remove_dir(&new).unwrap();
        // Later it is, and the messages that are there can be read.
        for _ in 0..6 {
            let seq = journal.send(queue, vec![message(&large)]).unwrap()[0];
            journal.commit(&[Change::Delete { queue, seq }]).unwrap();
        }
        assert!(journal.end < COMPACT_ABOVE_BYTES, "{}", journal.end);
        assert_eq!(bodies(&mut journal, queue), [large]);
        let live = journal.live;
        drop(journal);
        let journal = Journal::open(&path, Durability::PowerLoss).unwrap();
        assert_eq!(journal.live, live);
    }
}
