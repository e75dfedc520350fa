//! Files written forward, with object streams and a cross-reference stream (ISO 32000-1 §7.5).

use crate::Deflater;
use crate::syntax::{write_dictionary, write_entry, write_integer, write_object};
use lopdf::{Dictionary, Object, StringFormat};
use serde::{Deserialize, Serialize};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct WriterOptions {
    /// zlib level of everything the writer compresses; 6 by default.
    pub level: u32,
    /// How many bytes of what comes first are made smaller than zlib can (see [`Deflater::tightly`]); none by
    /// default.
    pub tight: u64,
    /// Objects in one object stream; 256 by default. More is smaller, fewer is quicker to open.
    pub objects_per_stream: usize,
}

/// Encrypts what a file holds (ISO 32000-2 §7.6).
pub trait Protect {
    /// The encryption dictionary, which stays readable.
    fn dictionary(&self) -> Dictionary;

    /// The data of a stream, or a string in its dictionary, that belongs to this object. `part` tells those
    /// of one object apart.
    fn seal(&self, number: u32, part: u32, data: &[u8]) -> Vec<u8>;
}

/// Writes a PDF 1.7 file to `W` from the first byte to the last, never back.
///
/// Objects that are not streams are gathered in object streams. What it keeps is a few bytes for
/// each object (where it is) and the object stream it is filling.
pub struct FileWriter<W: Write> {
    out: W,
    offset: u64,
    digest: Sha256,
    options: WriterOptions,
    deflater: Deflater,
    entries: Vec<Entry>,
    pending: Vec<(u32, usize)>,
    pending_data: Vec<u8>,
    scratch: Vec<u8>,
    packed: Vec<u8>,
    protection: Option<Box<dyn Protect + Send>>,
}

/// A file that is stopped between two objects; what is written of it is elsewhere.
#[derive(Serialize, Deserialize)]
pub struct SuspendedFile {
    offset: u64,
    digest: Vec<u8>,
    entries: Vec<Entry>,
    pending: Vec<(u32, usize)>,
    pending_data: Vec<u8>,
    tight: u64,
}

/// Where an object is (ISO 32000-1 table 18).
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Entry {
    Free,
    At(u64),
    In { stream: u32, index: u16 },
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            level: 6,
            tight: 0,
            objects_per_stream: 256,
        }
    }
}

impl<W: Write> FileWriter<W> {
    /// Starts a file.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, options: WriterOptions) -> io::Result<Self> {
        let mut writer = Self {
            out,
            offset: 0,
            digest: Sha256::new(),
            options,
            deflater: Deflater::new(options.level).tightly(options.tight),
            entries: vec![Entry::Free],
            pending: Vec::new(),
            pending_data: Vec::new(),
            scratch: Vec::new(),
            packed: Vec::new(),
            protection: None,
        };
        // The comment's high bytes tell transfer programs that this is not text (§7.5.2).
        writer.put(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(writer)
    }

    /// Stops the file and gives the output back, with what [`resume`](Self::resume) needs.
    pub fn suspend(self) -> (W, SuspendedFile) {
        let suspended = SuspendedFile {
            offset: self.offset,
            digest: self.digest.serialize().to_vec(),
            tight: self.deflater.tight_left(),
            entries: self.entries,
            pending: self.pending,
            pending_data: self.pending_data,
        };
        (self.out, suspended)
    }

    /// Goes on with a file that was stopped, behind what is written of it. Options and protection are to
    /// be those it was begun with. `None` when it is damaged.
    pub fn resume(out: W, options: WriterOptions, suspended: SuspendedFile) -> Option<Self> {
        let digest = SerializedState::<Sha256>::try_from(suspended.digest.as_slice()).ok()?;
        Some(Self {
            out,
            offset: suspended.offset,
            digest: Sha256::deserialize(&digest).ok()?,
            options,
            deflater: Deflater::new(options.level).tightly(suspended.tight),
            entries: suspended.entries,
            pending: suspended.pending,
            pending_data: suspended.pending_data,
            scratch: Vec::new(),
            packed: Vec::new(),
            protection: None,
        })
    }

    /// Encrypts all that is written from here on; nothing may have been written before without.
    pub fn protect(&mut self, protection: Box<dyn Protect + Send>) {
        self.protection = Some(protection);
    }

    /// A number for an object that will be written later. One that never is counts as null.
    pub fn reserve(&mut self) -> u32 {
        self.entries.push(Entry::Free);
        u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
    }

    /// How many bytes have been written.
    pub fn position(&self) -> u64 {
        self.offset
    }

    /// The compressor, to compress data that is then given to [`stream`](Self::stream).
    pub fn deflater(&mut self) -> &mut Deflater {
        &mut self.deflater
    }

    /// Writes an object that is not a stream under a reserved number.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn object(&mut self, number: u32, object: &Object) -> io::Result<()> {
        let start = self.pending_data.len();
        write_object(&mut self.pending_data, object);
        self.pended(number, start)
    }

    /// Writes a dictionary under a reserved number.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn dictionary(&mut self, number: u32, dictionary: &Dictionary) -> io::Result<()> {
        let start = self.pending_data.len();
        write_dictionary(&mut self.pending_data, dictionary);
        self.pended(number, start)
    }

    /// Writes an object that is already in PDF's syntax under a reserved number.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn serialized(&mut self, number: u32, object: &[u8]) -> io::Result<()> {
        let start = self.pending_data.len();
        self.pending_data.extend_from_slice(object);
        self.pended(number, start)
    }

    /// Writes a stream whose data is already encoded as `dictionary` says; `Length` is added.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn stream(&mut self, number: u32, dictionary: &Dictionary, data: &[u8]) -> io::Result<()> {
        // Objects that are not streams are in object streams, and encrypted with these.
        match self.protection.take() {
            Some(protection) => {
                let data = protection.seal(number, 0, data);
                let mut part = 0;
                let dictionary = sealed(dictionary, number, &mut part, &*protection);
                self.protection = Some(protection);
                self.plain_stream(number, &dictionary, &data)
            }
            None => self.plain_stream(number, dictionary, data),
        }
    }

    /// The same as [`stream`](Self::stream) of data that goes into many files, and whose SHA-256 is known:
    /// in the file's identifier that stands for it.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn hashed_stream(
        &mut self,
        number: u32,
        dictionary: &Dictionary,
        data: &[u8],
        digest: &[u8; 32],
    ) -> io::Result<()> {
        match self.protection {
            // What is written is other data then.
            Some(_) => self.stream(number, dictionary, data),
            None => self.identified_stream(number, dictionary, data, digest),
        }
    }

    fn plain_stream(
        &mut self,
        number: u32,
        dictionary: &Dictionary,
        data: &[u8],
    ) -> io::Result<()> {
        self.identified_stream(number, dictionary, data, data)
    }

    /// `identity` goes into the file's identifier instead of `data`.
    fn identified_stream(
        &mut self,
        number: u32,
        dictionary: &Dictionary,
        data: &[u8],
        identity: &[u8],
    ) -> io::Result<()> {
        let mut head = std::mem::take(&mut self.scratch);
        head.clear();
        self.set(number, Entry::At(self.offset));
        write_integer(&mut head, i64::from(number));
        head.extend_from_slice(b" 0 obj\n<<");
        head.extend_from_slice(b"/Length ");
        write_integer(&mut head, i64::try_from(data.len()).unwrap_or(i64::MAX));
        for (key, value) in dictionary {
            if key != b"Length" {
                write_entry(&mut head, key, value);
            }
        }
        head.extend_from_slice(b">>stream\n");
        let written = self
            .put(&head)
            .and_then(|()| self.put_as(data, identity))
            .and_then(|()| self.put(b"\nendstream\nendobj\n"));
        self.scratch = head;
        written
    }

    /// Compresses `data` and writes it as a stream.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn compressed_stream(
        &mut self,
        number: u32,
        mut dictionary: Dictionary,
        data: &[u8],
    ) -> io::Result<()> {
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        self.deflater.deflate_into(data, &mut packed);
        dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
        let written = self.stream(number, &dictionary, &packed);
        self.packed = packed;
        written
    }

    /// Ends the file: what is pending, the cross-reference stream, the trailer. The file's identifier
    /// is the hash of all that was written, or of its hash (§14.4 suggests as much). Gives the output back and its
    /// length in bytes.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(mut self, root: u32, info: Option<u32>) -> io::Result<(W, u64)> {
        self.flush_objects()?;
        // Neither the encryption dictionary nor the table is encrypted (§7.6.2).
        let protection = match self.protection.take() {
            Some(protection) => {
                let number = self.reserve();
                self.set(number, Entry::At(self.offset));
                let mut object = format!("{number} 0 obj\n").into_bytes();
                write_dictionary(&mut object, &protection.dictionary());
                object.extend_from_slice(b"\nendobj\n");
                self.put(&object)?;
                Some(number)
            }
            None => None,
        };
        let number = self.reserve();
        let start = self.offset;
        self.set(number, Entry::At(start));
        let identifier = Object::String(
            self.digest.clone().finalize()[..16].to_vec(),
            StringFormat::Hexadecimal,
        );
        let (widths, table) = self.cross_references();
        let columns = 1 + widths[1] + widths[2];
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"XRef".to_vec()));
        dictionary.set(
            "Size",
            i64::try_from(self.entries.len()).unwrap_or(i64::MAX),
        );
        dictionary.set(
            "W",
            widths
                .iter()
                .map(|&width| integer(width))
                .collect::<Vec<_>>(),
        );
        dictionary.set("Root", Object::Reference((root, 0)));
        if let Some(info) = info {
            dictionary.set("Info", Object::Reference((info, 0)));
        }
        dictionary.set("ID", vec![identifier.clone(), identifier]);
        if let Some(protection) = protection {
            dictionary.set("Encrypt", Object::Reference((protection, 0)));
        }
        let mut parameters = Dictionary::new();
        parameters.set("Predictor", 12);
        parameters.set("Columns", integer(columns));
        dictionary.set("DecodeParms", parameters);
        self.compressed_stream(number, dictionary, &table)?;
        let tail = format!("startxref\n{start}\n%%EOF\n");
        self.put(tail.as_bytes())?;
        self.out.flush()?;
        Ok((self.out, self.offset))
    }

    fn pended(&mut self, number: u32, start: usize) -> io::Result<()> {
        self.pending_data.push(b'\n');
        self.pending.push((number, start));
        if self.pending.len() >= self.options.objects_per_stream.clamp(1, 10_000) {
            self.flush_objects()?;
        }
        Ok(())
    }

    /// Writes the object stream being filled (§7.5.7).
    fn flush_objects(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let stream = self.reserve();
        let pending = std::mem::take(&mut self.pending);
        let objects = std::mem::take(&mut self.pending_data);
        let mut data = Vec::with_capacity(objects.len() + pending.len() * 10);
        for (index, (number, start)) in pending.iter().enumerate() {
            write_integer(&mut data, i64::from(*number));
            data.push(b' ');
            write_integer(&mut data, i64::try_from(*start).unwrap_or(i64::MAX));
            data.push(b' ');
            self.set(
                *number,
                Entry::In {
                    stream,
                    index: u16::try_from(index).unwrap_or(u16::MAX),
                },
            );
        }
        let first = data.len();
        data.extend_from_slice(&objects);
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"ObjStm".to_vec()));
        dictionary.set("N", integer(pending.len()));
        dictionary.set("First", integer(first));
        self.compressed_stream(stream, dictionary, &data)
    }

    /// The cross-reference stream's field widths, and its data with the PNG "up" predictor.
    fn cross_references(&self) -> ([usize; 3], Vec<u8>) {
        let last = self.entries.len() as u64;
        let largest = self.offset.max(last);
        let middle = (8 - largest.leading_zeros() as usize / 8).clamp(1, 8);
        let widths = [1, middle, 2];
        let columns = widths.iter().sum();
        let mut above = vec![0_u8; columns];
        let mut row = vec![0_u8; columns];
        let mut table = Vec::with_capacity(self.entries.len() * (columns + 1));
        for entry in &self.entries {
            let (kind, second, third) = match *entry {
                Entry::Free => (0, 0, 0),
                Entry::At(offset) => (1, offset, 0),
                Entry::In { stream, index } => (2, u64::from(stream), index),
            };
            row[0] = kind;
            row[1..=middle].copy_from_slice(&second.to_be_bytes()[8 - middle..]);
            row[1 + middle..].copy_from_slice(&third.to_be_bytes());
            table.push(2);
            table.extend(
                row.iter()
                    .zip(&above)
                    .map(|(byte, up)| byte.wrapping_sub(*up)),
            );
            std::mem::swap(&mut row, &mut above);
        }
        (widths, table)
    }

    fn set(&mut self, number: u32, entry: Entry) {
        if let Some(slot) = self.entries.get_mut(number as usize) {
            *slot = entry;
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put_as(bytes, bytes)
    }

    fn put_as(&mut self, bytes: &[u8], identity: &[u8]) -> io::Result<()> {
        self.digest.update(identity);
        self.offset += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// A dictionary with its strings encrypted. Those that a parser made are nested at most 100 levels deep.
fn sealed(
    dictionary: &Dictionary,
    number: u32,
    part: &mut u32,
    protection: &dyn Protect,
) -> Dictionary {
    fn value(object: &Object, number: u32, part: &mut u32, protection: &dyn Protect) -> Object {
        match object {
            Object::String(text, _) => {
                *part += 1;
                let sealed = protection.seal(number, *part, text);
                Object::String(sealed, StringFormat::Hexadecimal)
            }
            Object::Array(items) => Object::Array(
                items
                    .iter()
                    .map(|item| value(item, number, part, protection))
                    .collect(),
            ),
            Object::Dictionary(inner) => sealed(inner, number, part, protection).into(),
            other => other.clone(),
        }
    }
    let mut copy = Dictionary::new();
    for (key, object) in dictionary {
        copy.set(key.clone(), value(object, number, part, protection));
    }
    copy
}

fn integer(value: usize) -> Object {
    Object::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small_file() -> Vec<u8> {
        let options = WriterOptions {
            objects_per_stream: 2,
            ..WriterOptions::default()
        };
        let mut writer = FileWriter::new(Vec::new(), options).expect("memory takes all");
        let [catalog, pages, page, content] = std::array::from_fn(|_| writer.reserve());
        let _never_written = writer.reserve();
        writer
            .compressed_stream(content, Dictionary::new(), b"0 0 9 9 re f")
            .expect("written");
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"Page".to_vec()));
        dictionary.set("Parent", Object::Reference((pages, 0)));
        dictionary.set(
            "MediaBox",
            vec![0.into(), 0.into(), 200.into(), Object::Real(99.5)],
        );
        dictionary.set("Contents", Object::Reference((content, 0)));
        writer.dictionary(page, &dictionary).expect("written");
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"Pages".to_vec()));
        dictionary.set("Kids", vec![Object::Reference((page, 0))]);
        dictionary.set("Count", 1);
        writer.dictionary(pages, &dictionary).expect("written");
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"Catalog".to_vec()));
        dictionary.set("Pages", Object::Reference((pages, 0)));
        writer.dictionary(catalog, &dictionary).expect("written");
        let (bytes, length) = writer.finish(catalog, None).expect("written");
        assert_eq!(bytes.len() as u64, length);
        bytes
    }

    #[test]
    fn lopdf_reads_it_back() {
        let document = lopdf::Document::load_mem(&small_file()).expect("a valid file");
        let pages = document.get_pages();
        assert_eq!(pages.len(), 1);
        assert!(
            document
                .get_page_content(pages[&1])
                .starts_with(b"0 0 9 9 re f")
        );
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        assert_eq!(small_file(), small_file());
    }
}
