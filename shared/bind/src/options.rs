//! What a merge can be told, and what can go wrong.

/// How a volume is made.
#[derive(Clone, Debug, Default)]
pub struct BindOptions {
    /// What the outline holds.
    pub outline: OutlineMode,
    /// The volume's own description.
    pub info: DocumentInfo,
    /// Bounds on each input.
    pub limits: Limits,
}

/// What the volume's outline holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutlineMode {
    /// One entry for each input, with the input's own outline below it.
    #[default]
    Documents,
    /// The inputs' own outlines, one after the other.
    Inputs,
    /// No outline.
    None,
}

/// The volume's description. Dates are PDF date strings (`D:20240501…`), from the manifest only.
#[derive(Clone, Debug, Default)]
pub struct DocumentInfo {
    /// Title.
    pub title: Option<String>,
    /// Author.
    pub author: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Keywords.
    pub keywords: Option<String>,
    /// Creation date.
    pub created: Option<String>,
    /// Natural language (BCP 47); that of the inputs where they agree, when not given.
    pub language: Option<String>,
}

/// Bounds on one input; over one is [`BindError::OverLimit`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file; 1 GiB by default.
    pub bytes: u64,
    /// Pages; 200,000 by default.
    pub pages: usize,
    /// Bytes that one object stream or cross-reference stream may inflate to; 256 MiB by default.
    pub inflated: usize,
}

/// Why an input could not be added or the volume not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The input needs a password.
    #[error("{name}: the PDF is protected by a password; remove the protection before merging")]
    Encrypted {
        /// The input.
        name: String,
    },
    /// The input is not a PDF, or damaged beyond reading.
    #[error("{name}: not a readable PDF: {reason}")]
    Unreadable {
        /// The input.
        name: String,
        /// Why.
        reason: String,
    },
    /// The input goes over one of the [`Limits`].
    #[error("{name}: over the limit of {limit} {what}")]
    OverLimit {
        /// The input.
        name: String,
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// Nothing was added, and a PDF must have a page.
    #[error("there is nothing to merge: a PDF needs at least one page")]
    Empty,
    /// The output could not be written.
    #[error("the volume could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            pages: 200_000,
            inflated: 256 << 20,
        }
    }
}
