//! What draws a document: the port between the function, which knows batches and limits, and the
//! template and press, which know pages.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use fanfold_job::Document;
use fanfold_job::settled::{DocumentError, ErrorKind};

/// Draws documents. Called on a thread of its own, several at once.
///
/// The same document and input must give the same bytes. A panic is caught and fails the document.
pub trait Renderer: Send + Sync + 'static {
    /// Draws one document.
    ///
    /// # Errors
    /// Says what and where, and whether another attempt may succeed.
    fn render(
        &self,
        document: &Document,
        input: &RenderInput,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError>;

    /// Pages of a PDF that this or another renderer made; none when it cannot be read.
    fn pages(&self, pdf: &[u8]) -> Option<u32>;

    /// A bundle that comes with the program, for names the bucket does not have.
    fn built_in(&self, name: &str) -> Option<Arc<BundleFiles>> {
        let _ = name;
        None
    }
}

/// A bundle's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFiles {
    /// Its name.
    pub name: String,
    /// Its version: the same name and version, the same files.
    pub version: String,
    /// Contents by path.
    pub files: BTreeMap<String, Bytes>,
}

/// What was fetched for a document before it is drawn.
#[derive(Debug, Clone, Default)]
pub struct RenderInput {
    /// Its bundle.
    pub bundle: Option<Arc<BundleFiles>>,
    /// Its existing PDF.
    pub pdf: Option<Bytes>,
}

/// Bounds on one document.
#[derive(Debug, Clone)]
pub struct RenderLimits {
    /// Pages.
    pub pages: u32,
    /// Bytes of the PDF.
    pub pdf_bytes: u64,
    /// Set when the document's time is over: stop as soon as it is seen.
    pub cancel: Arc<AtomicBool>,
}

impl RenderLimits {
    /// Whether the document's time is over.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// A drawn document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedPart {
    /// The PDF.
    pub pdf: Bytes,
    /// Its pages.
    pub pages: u32,
}

/// Why a document was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .error.message)]
pub struct RenderError {
    /// What the result will say.
    pub error: DocumentError,
    /// Whether another attempt may succeed.
    pub transient: bool,
}

impl RenderError {
    /// An error that another attempt would only repeat.
    pub fn permanent(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            error: DocumentError {
                kind,
                message: message.into(),
                place: String::new(),
            },
            transient: false,
        }
    }

    /// An error that another attempt may not meet.
    pub fn transient(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            transient: true,
            ..Self::permanent(kind, message)
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.error.place = place.into();
        self
    }
}
