//! What a batch may at most be.

use serde::{Deserialize, Serialize};

/// Limits of a manifest and its documents. Going over one is an error that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Documents in a batch. 100,000 through the API; see [`Limits::upload`].
    pub documents: u64,
    /// Bytes of one document's data as JSON, and of its inline HTML or Markdown. 1 MiB.
    pub data_bytes: usize,
    /// Bytes of a manifest that is read whole (JSON). 16 MiB, as its values take some ten times that
    /// in memory; JSON Lines, CSV and `rows` are streamed and have no such limit.
    pub manifest_bytes: usize,
    /// Volumes a manifest may ask for in `merge`, before `by` multiplies them. 32.
    pub merges: usize,
    /// Documents in a kit. 1,000.
    pub kit: usize,
    /// Different bundles that a manifest may name. 1,000.
    pub bundles: usize,
    /// Bytes of one line of JSON Lines or one CSV record. 4 MiB.
    pub line_bytes: usize,
    /// Errors listed in full; the rest are counted. 1,000.
    pub errors_listed: usize,
    /// Prefixes that an existing PDF's key must have one of; none means any key will do. See
    /// [`Limits::may_read`].
    pub pdf_prefixes: Vec<String>,
    /// Documents in a chunk. 10.
    pub chunk_documents: u32,
    /// Bytes of a chunk message; a chunk that needs more is spilled to `input/`. 256 KiB.
    pub message_bytes: usize,
    /// Bytes and messages of one SendMessageBatch. 1 MiB and 10, which are SQS's own.
    pub send_bytes: usize,
    /// See [`Limits::send_bytes`].
    pub send_messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            documents: 100_000,
            data_bytes: 1 << 20,
            manifest_bytes: 16 << 20,
            merges: 32,
            kit: 1_000,
            bundles: 1_000,
            line_bytes: 4 << 20,
            errors_listed: 1_000,
            pdf_prefixes: Vec::new(),
            chunk_documents: 10,
            message_bytes: 256 << 10,
            send_bytes: 1 << 20,
            send_messages: 10,
        }
    }
}

/// Below it each tenant has a folder of uploads of its own.
const TENANTS_UPLOADS: &str = "uploads/t/";

impl Limits {
    /// Whether a manifest may name a key: it has one of [`Limits::pdf_prefixes`]. A tenant's folder
    /// below `uploads/t/` is open only to a prefix that begins there, not to `uploads/`.
    pub fn may_read(&self, key: &str) -> bool {
        let in_folder = |text: &str| text.starts_with(TENANTS_UPLOADS);
        self.pdf_prefixes.is_empty()
            || self.pdf_prefixes.iter().any(|prefix| {
                key.starts_with(prefix.as_str())
                    && (prefix.is_empty() || in_folder(prefix) || !in_folder(key))
            })
    }

    /// What to say of a key that may not be read.
    pub fn unreadable(&self) -> String {
        let prefixes = self.pdf_prefixes.join(", ");
        format!("the key may not be read; it begins with one of {prefixes}")
    }

    /// None on manifests: for one that was accepted, whatever the limits are now.
    pub fn accepted() -> Self {
        Self {
            documents: u64::MAX,
            data_bytes: usize::MAX,
            manifest_bytes: usize::MAX,
            merges: usize::MAX,
            kit: usize::MAX,
            bundles: usize::MAX,
            line_bytes: usize::MAX,
            ..Self::default()
        }
    }

    /// The limits of a manifest that comes by upload: 2,000,000 documents.
    pub fn upload() -> Self {
        Self {
            documents: 2_000_000,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_uploads_are_not_everybodys() {
        let limits = |prefixes: &[&str]| Limits {
            pdf_prefixes: prefixes.iter().map(ToString::to_string).collect(),
            ..Limits::default()
        };
        let default = limits(&["uploads/", "uploads/t/default/", "t/default/"]);
        for key in [
            "uploads/a.pdf",
            "uploads/t.pdf",
            "uploads/t/default/a.pdf",
            "t/default/x",
        ] {
            assert!(default.may_read(key), "{key}");
        }
        for key in [
            "uploads/t/acme/a.pdf",
            "uploads/t/a.pdf",
            "t/acme/x",
            "other.pdf",
        ] {
            assert!(!default.may_read(key), "{key}");
        }
        assert!(limits(&["uploads/t/acme/"]).may_read("uploads/t/acme/a.pdf"));
        assert!(limits(&[]).may_read("anything"));
        assert!(limits(&[""]).may_read("uploads/t/acme/a.pdf"));
    }
}
