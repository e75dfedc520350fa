//! Journal records as bytes. A record is: the payload's length (4 bytes), its CRC-32 (4 bytes), the
//! payload. Numbers are little-endian. A payload is a tag and the fields of a change; the body of a
//! message comes last, so that its place in the file is known from the record's end.

use std::sync::Arc;

use crate::broker::{Change, Message, QueueIndex};

/// Length and checksum before each payload.
pub(super) const RECORD_HEADER_BYTES: usize = 8;

/// No record is longer: a body is at most 1 MiB. So a damaged length cannot ask for all memory.
pub(super) const MAX_PAYLOAD_BYTES: usize = 2 * 1024 * 1024;

const DECLARE: u8 = 1;
const SEND: u8 = 2;
const TAKE: u8 = 3;
const DELETE: u8 = 4;
const RESCHEDULE: u8 = 5;
const MOVE: u8 = 6;
const RELEASE: u8 = 7;
const HOLD: u8 = 8;

/// A record's meaning. Bodies are given as their length: they are the last bytes of the payload.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// The next queue has that name.
    Declare(String),
    /// The state moves on.
    Change(Change<u32>),
}

/// Appends a record for a new queue.
pub(super) fn put_declare(to: &mut Vec<u8>, name: &str) {
    put_record(to, |to| {
        to.push(DECLARE);
        to.extend_from_slice(name.as_bytes());
    });
}

/// Appends a record for a change; `body` is the text of the message sent, else empty.
pub(super) fn put_change<B>(to: &mut Vec<u8>, change: &Change<B>, body: &[u8]) {
    put_record(to, |to| match change {
        Change::Send {
            queue,
            seq,
            message,
        } => {
            put_head(to, SEND, *queue, *seq);
            put_u64(to, message.sent_ms);
            put_u64(to, message.visible_at_ms);
            put_u32(to, message.receive_count);
            put_u32(to, message.delivery);
            to.push(u8::from(message.in_flight) | u8::from(message.given_back) << 1);
            match &message.group {
                None => put_u32(to, u32::MAX),
                Some(group) => {
                    put_u32(to, u32::try_from(group.len()).unwrap_or(0));
                    to.extend_from_slice(group.as_bytes());
                }
            }
            to.extend_from_slice(body);
        }
        Change::Take {
            queue,
            seq,
            visible_at_ms,
        } => {
            put_head(to, TAKE, *queue, *seq);
            put_u64(to, *visible_at_ms);
        }
        Change::Delete { queue, seq } => put_head(to, DELETE, *queue, *seq),
        Change::Reschedule {
            queue,
            seq,
            visible_at_ms,
            given_back,
        } => {
            let tag = if *given_back { RESCHEDULE } else { HOLD };
            put_head(to, tag, *queue, *seq);
            put_u64(to, *visible_at_ms);
        }
        Change::Move {
            from,
            to: target,
            seq,
            at_ms,
        } => {
            put_head(to, MOVE, *from, *seq);
            put_u32(to, index(*target));
            put_u64(to, *at_ms);
        }
        Change::Release {
            queue,
            seq,
            receive_count,
        } => {
            put_head(to, RELEASE, *queue, *seq);
            put_u32(to, *receive_count);
        }
    });
}

fn put_record(to: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) {
    let start = to.len();
    to.extend_from_slice(&[0; RECORD_HEADER_BYTES]);
    payload(to);
    let body = &to[start + RECORD_HEADER_BYTES..];
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    let sum = crc32fast::hash(body).to_le_bytes();
    to[start..start + 4].copy_from_slice(&length);
    to[start + 4..start + 8].copy_from_slice(&sum);
}

fn put_head(to: &mut Vec<u8>, tag: u8, queue: QueueIndex, seq: u64) {
    to.push(tag);
    put_u32(to, index(queue));
    put_u64(to, seq);
}

fn index(queue: QueueIndex) -> u32 {
    u32::try_from(queue.0).unwrap_or(u32::MAX)
}

fn put_u32(to: &mut Vec<u8>, number: u32) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn put_u64(to: &mut Vec<u8>, number: u64) {
    to.extend_from_slice(&number.to_le_bytes());
}

/// The length and checksum at the start of a record.
pub(super) fn header(bytes: [u8; RECORD_HEADER_BYTES]) -> (usize, u32) {
    let [a, b, c, d, e, f, g, h] = bytes;
    let length = u32::from_le_bytes([a, b, c, d]);
    (
        usize::try_from(length).unwrap_or(usize::MAX),
        u32::from_le_bytes([e, f, g, h]),
    )
}

/// Reads a payload whose checksum is right; none when it is not one of ours. `queues` is how many
/// queues are declared so far.
pub(super) fn parse(payload: &[u8], queues: usize) -> Option<Record> {
    let mut fields = Fields(payload);
    let tag = fields.u8()?;
    if tag == DECLARE {
        return Some(Record::Declare(String::from_utf8(fields.0.to_vec()).ok()?));
    }
    let queue = fields.queue(queues)?;
    let seq = fields.u64()?;
    let change = match tag {
        SEND => {
            let sent_ms = fields.u64()?;
            let visible_at_ms = fields.u64()?;
            let receive_count = fields.u32()?;
            let delivery = fields.u32()?;
            let flags = fields.u8()?;
            let group = match fields.u32()? {
                u32::MAX => None,
                length => {
                    let text = fields.bytes(usize::try_from(length).ok()?)?;
                    Some(Arc::from(std::str::from_utf8(text).ok()?))
                }
            };
            let body = u32::try_from(fields.0.len()).ok()?;
            let (in_flight, given_back) = (flags & 1 != 0, flags & 2 != 0);
            let message = Message {
                body,
                group,
                sent_ms,
                visible_at_ms,
                receive_count,
                delivery,
                in_flight,
                given_back,
            };
            return Some(Record::Change(Change::Send {
                queue,
                seq,
                message,
            }));
        }
        TAKE => Change::Take {
            queue,
            seq,
            visible_at_ms: fields.u64()?,
        },
        DELETE => Change::Delete { queue, seq },
        RESCHEDULE | HOLD => Change::Reschedule {
            queue,
            seq,
            visible_at_ms: fields.u64()?,
            given_back: tag == RESCHEDULE,
        },
        MOVE => Change::Move {
            from: queue,
            to: fields.queue(queues)?,
            seq,
            at_ms: fields.u64()?,
        },
        RELEASE => Change::Release {
            queue,
            seq,
            receive_count: fields.u32()?,
        },
        _ => return None,
    };
    fields.0.is_empty().then_some(Record::Change(change))
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        Some(self.bytes(1)?[0])
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    fn queue(&mut self, queues: usize) -> Option<QueueIndex> {
        let index = usize::try_from(self.u32()?).ok()?;
        (index < queues).then_some(QueueIndex(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Vec<Change<u32>> {
        let (queue, to, seq) = (QueueIndex(0), QueueIndex(1), 9);
        let message = Message {
            body: 4,
            group: Some("tenant".into()),
            sent_ms: 5,
            visible_at_ms: 6,
            receive_count: 1,
            delivery: 3,
            in_flight: true,
            given_back: true,
        };
        vec![
            Change::Send {
                queue,
                seq,
                message: message.clone(),
            },
            Change::Send {
                queue,
                seq,
                message: Message {
                    group: None,
                    ..message
                },
            },
            Change::Take {
                queue,
                seq,
                visible_at_ms: 8,
            },
            Change::Delete { queue, seq },
            Change::Reschedule {
                queue,
                seq,
                visible_at_ms: 8,
                given_back: true,
            },
            Change::Reschedule {
                queue,
                seq,
                visible_at_ms: 8,
                given_back: false,
            },
            Change::Move {
                from: queue,
                to,
                seq,
                at_ms: 8,
            },
            Change::Release {
                queue,
                seq,
                receive_count: 2,
            },
        ]
    }

    #[test]
    fn every_record_comes_back_and_no_cut_of_it_does_as_itself() {
        for change in changes() {
            let body: &[u8] = if matches!(change, Change::Send { .. }) {
                b"text"
            } else {
                b""
            };
            let mut bytes = Vec::new();
            put_change(&mut bytes, &change, body);
            let (length, sum) = header(bytes[..8].try_into().unwrap());
            let payload = &bytes[8..];
            assert_eq!((length, sum), (payload.len(), crc32fast::hash(payload)));
            let whole = Some(Record::Change(change));
            assert_eq!(parse(payload, 2), whole);
            for cut in 0..payload.len() {
                assert_ne!(parse(&payload[..cut], 2), whole);
            }
            assert_eq!(parse(payload, 0), None, "an undeclared queue");
        }
    }
}
