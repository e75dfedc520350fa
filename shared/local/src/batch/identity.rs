//! Which batch a manifest is: the same content is the same batch, so that running it again goes on.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use fanfold_job::{Defaults, Format, Limits, Manifest, Stream};
use fanfold_template::Bundle;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// A manifest on disk.
#[derive(Debug)]
pub(crate) struct LocalManifest {
    /// Its file.
    pub(crate) path: PathBuf,
    /// The folder that its paths are relative to.
    pub(crate) folder: PathBuf,
    /// Its form.
    pub(crate) format: Format,
    /// Its text.
    pub(crate) text: Bytes,
    /// What applies where it says nothing.
    pub(crate) defaults: Defaults,
}

impl LocalManifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path, bundle: Option<&str>) -> Result<Self, Failure> {
        let format = path
            .file_name()
            .and_then(|name| Format::from_file_name(name.to_str()?));
        let format = format.ok_or_else(|| {
            Failure::new("a manifest is a .json, .jsonl or .csv file").at(path.display())
        })?;
        let text = fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let defaults = Defaults {
            bundle: bundle.map(str::to_owned),
            ..Defaults::default()
        };
        Ok(Self {
            path: path.to_path_buf(),
            folder: parent.unwrap_or(Path::new(".")).to_path_buf(),
            format,
            text: text.into(),
            defaults,
        })
    }

    /// The idempotency key: a hash of all that the documents are made from.
    pub(crate) fn key(&self, bundles: &[Bundle]) -> Result<String, Failure> {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            // With its length, so that no two lists of parts are the same bytes.
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(env!("CARGO_PKG_VERSION").as_bytes());
        part(self.format.extension().as_bytes());
        part(&self.text);
        part(
            self.defaults
                .bundle
                .as_deref()
                .unwrap_or_default()
                .as_bytes(),
        );
        for bundle in bundles {
            part(bundle.name().as_bytes());
            part(bundle.version().as_bytes());
        }
        if let Some(rows) = self.rows() {
            part(&file_hash(&rows).map_err(|error| Failure::file(&rows, &error))?);
        }
        for pdf in self.pdfs() {
            part(pdf.as_bytes());
            part(stamp(&self.folder.join(&pdf)).as_bytes());
        }
        Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
    }

    /// The file of rows that the manifest names. A manifest that cannot be read has none: it is
    /// refused when it is accepted, with all its errors.
    fn rows(&self) -> Option<PathBuf> {
        let limits = Limits::upload();
        let manifest = Manifest::read(self.format, &self.text, &self.defaults, &limits).ok()?;
        match manifest.stream() {
            Stream::Rows { key, .. } => Some(self.folder.join(key)).filter(|path| path.exists()),
            _ => None,
        }
    }

    /// The existing PDFs that the manifest names.
    fn pdfs(&self) -> Vec<String> {
        let pdf = |document: &Value| document["pdf"].as_str().map(str::to_owned);
        match self.format {
            Format::Json => {
                let manifest: Value = serde_json::from_slice(&self.text).unwrap_or_default();
                let documents = manifest["documents"].as_array();
                documents.into_iter().flatten().filter_map(pdf).collect()
            }
            Format::JsonLines => self
                .text
                .split(|&byte| byte == b'\n')
                .filter(|line| line.windows(5).any(|word| word == b"\"pdf\""))
                .filter_map(|line| pdf(&serde_json::from_slice(line).ok()?))
                .collect(),
            Format::Csv => Vec::new(),
        }
    }
}

fn file_hash(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().to_vec()),
            length => hash.update(&piece[..length]),
        }
    }
}

/// What tells a file from a changed one without reading it: annexes may be large.
fn stamp(path: &Path) -> String {
    let found = fs::metadata(path).ok();
    let since = found
        .as_ref()
        .and_then(|found| found.modified().ok())
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    format!(
        "{}-{}",
        found.map_or(0, |found| found.len()),
        since.as_nanos()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(folder: &Path) -> String {
        LocalManifest::read(&folder.join("m.json"), None)
            .unwrap()
            .key(&[])
            .unwrap()
    }

    #[test]
    fn the_same_content_is_the_same_batch_and_any_change_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let manifest = r#"{"documents": [{"bundle": "b"}, {"pdf": "a.pdf"}], "rows": "r.csv"}"#;
        fs::write(path.join("m.json"), manifest).unwrap();
        fs::write(path.join("r.csv"), "a\n1\n").unwrap();
        fs::write(path.join("a.pdf"), "1").unwrap();
        let first = key(path);
        assert_eq!(key(path), first);
        fs::write(path.join("r.csv"), "a\n2\n").unwrap();
        let rows = key(path);
        assert_ne!(rows, first);
        fs::write(path.join("a.pdf"), "12").unwrap();
        let pdf = key(path);
        assert_ne!(pdf, rows);
        fs::write(path.join("m.json"), manifest.replace("\"b\"", "\"c\"")).unwrap();
        assert_ne!(key(path), pdf);
    }
}
