//! The shared press and its entry point.

use fanfold_style::{Diagnostic, Fetch};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Everything that outlives a document: fonts, parsed style sheets, decoded images, shaped words,
/// compressed font programs. One for a process; all threads share it by reference.
#[derive(Debug, Default)]
pub struct Press {}

/// What a document asks for beyond its HTML.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Bounds on what one document may use.
    pub limits: Limits,
    /// Set to stop the document as soon as the press looks: at least once a page and once a thousand
    /// boxes.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Fonts beyond the embedded ones (`--font-dir`), by family name.
    pub fonts: Vec<Arc<[u8]>>,
    /// Creation date (ISO 8601) from the data; none leaves it out.
    pub created: Option<String>,
}

/// Bounds on one document; going over one is [`PressError::Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Pages.
    pub pages: usize,
    /// Bytes of HTML.
    pub html_bytes: usize,
    /// Boxes in the box tree.
    pub boxes: usize,
    /// Pixels of one image.
    pub image_pixels: u64,
    /// Bytes of one resource.
    pub resource_bytes: usize,
}

/// A finished document.
#[derive(Clone, Debug)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// What had no effect, and where.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why there is no document.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PressError {
    /// Over a limit.
    #[error("the document has more than {limit} {what}; the limit is {limit}")]
    Limit {
        /// What there is too much of: `pages`, `boxes`, …
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// [`Options::cancel`] was set.
    #[error("stopped before it was finished")]
    Cancelled,
    /// A font given in [`Options::fonts`] cannot be used.
    #[error("a font cannot be used: {0}")]
    Font(String),
    /// The PDF could not be written.
    #[error("{0}")]
    Paint(#[from] fanfold_paint::PaintError),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pages: 10_000,
            html_bytes: 64 << 20,
            boxes: 5_000_000,
            image_pixels: 100_000_000,
            resource_bytes: 64 << 20,
        }
    }
}

impl Press {
    /// A press with the embedded fonts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the PDF of `html`, with style sheets, fonts and images through `fetch`.
    ///
    /// # Errors
    /// [`PressError`]; damaged or missing resources are diagnostics, not errors.
    pub fn print(
        &self,
        html: &str,
        fetch: &dyn Fetch,
        options: &Options,
    ) -> Result<Pdf, PressError> {
        let _ = (html, fetch, options);
        Err(PressError::Cancelled)
    }
}
