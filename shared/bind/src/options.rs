//! What a merge can be told, and what can go wrong.

use std::fmt;

/// How a volume is made.
#[derive(Clone, Debug, Default)]
pub struct BindOptions {
    /// What the outline holds.
    pub outline: OutlineMode,
    /// The volume's own description.
    pub info: DocumentInfo,
    /// Bounds on each input.
    pub limits: Limits,
    /// A line of text over each page.
    pub stamp: Option<Stamp>,
    /// The heading of a contents page in front, with a link to each document; none without one.
    pub contents: Option<String>,
    /// Whether a page with its title comes before each document.
    pub separators: bool,
    /// Whether each document starts on a right-hand page, behind a blank one where needed.
    pub right_hand: bool,
    /// What becomes of form fields.
    pub forms: FormMode,
    /// How much is compressed anew, and smaller than zlib can.
    pub recompress: Recompress,
    /// Who may open the volume, and what they may do with it; everyone everything without it.
    pub protection: Option<Protection>,
}

/// A line of text over each page.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    /// The text, in which `{page}`, `{pages}` and `{title}` stand for the page's number in the volume, the
    /// number of its pages, and the title of the document. Letters that Latin-1 does not have are left
    /// out: it is set in Helvetica, which every reader has.
    pub text: String,
    /// Where it stands on the page as readers show it.
    pub place: StampPlace,
    /// Height of the letters in points; 9 by default.
    pub size: f32,
    /// Distance from the edges of the page in points; 24 by default.
    pub margin: f32,
}

/// Where a [`Stamp`] stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StampPlace {
    /// At the top, on the left.
    TopLeft,
    /// At the top, in the middle.
    Top,
    /// At the top, on the right.
    TopRight,
    /// At the bottom, on the left.
    BottomLeft,
    /// At the bottom, in the middle.
    #[default]
    Bottom,
    /// At the bottom, on the right.
    BottomRight,
}

/// Encryption with AES-256 (ISO 32000-2 §7.6, revision 6).
///
/// The key depends on the passwords and `seed` alone, so that the same merge gives the same bytes. Two
/// volumes of the same passwords and seed have the same key.
#[derive(Clone, Default)]
pub struct Protection {
    /// Opens the volume; everyone can when it is empty. At most 127 bytes of UTF-8.
    pub user_password: String,
    /// Opens the volume without restrictions; the user's when it is empty.
    pub owner_password: String,
    /// What readers let those do who have the user password.
    pub permissions: Permissions,
    /// Something that belongs to this volume, like a batch's id.
    pub seed: Vec<u8>,
}

/// What readers allow (ISO 32000-2 table 22). They may be asked to allow; nothing forces them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Printing.
    pub print: bool,
    /// Changing contents and putting pages together.
    pub modify: bool,
    /// Copying text and pictures.
    pub copy: bool,
    /// Adding notes and filling in forms.
    pub annotate: bool,
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

/// How much of a volume is compressed as tightly as can be, be it compressed already or not. That takes a
/// second for some 5 MB of what documents usually hold, or for 1 MB where short matches are everywhere, as in
/// noise of two letters. It makes pages' contents a tenth smaller, and structure trees a fifth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recompress {
    /// Nothing.
    #[default]
    Never,
    /// Streams of the usual size (up to 128 KB), until it has been so many bytes of data.
    First(u64),
    /// All streams: those of more than 1 MB as small as zlib can.
    All,
}

impl Recompress {
    /// What a few inputs may have packed tightly.
    const FEW: Self = Self::First(8 << 20);

    /// What suits a volume of so many inputs: a few can mostly be packed tightly in the time that it takes to
    /// start a larger tool, while for thousands it would take longer than everything else.
    pub fn of_inputs(count: usize) -> Self {
        match count {
            0..=400 => Self::FEW,
            _ => Self::Never,
        }
    }
}

/// What becomes of the inputs' form fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormMode {
    /// All stay, each input's apart from those of the others: names that are taken get another.
    #[default]
    Keep,
    /// Fields of the same full name and kind become one field with the widgets of all, and the value of
    /// the first input. Fields of the same name and another kind, or with other options to choose from,
    /// stay apart, and so do signature fields, fields whose value is a stream, and all others below the same
    /// first name; a warning counts these. What is kept until the end is each distinct field, and
    /// four bytes for each widget.
    Join,
    /// What the fields show becomes content of their pages; there is no form in the volume.
    Flatten,
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
    /// What a volume should be gone on with is not its state.
    #[error("the volume cannot be gone on with: its state is of another version, or damaged")]
    State,
    /// Nothing was added, and a PDF must have a page.
    #[error("there is nothing to merge: a PDF needs at least one page")]
    Empty,
    /// The output could not be written.
    #[error("the volume could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Default for Stamp {
    fn default() -> Self {
        Self {
            text: "{page} / {pages}".to_owned(),
            place: StampPlace::default(),
            size: 9.0,
            margin: 24.0,
        }
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self {
            print: true,
            modify: true,
            copy: true,
            annotate: true,
        }
    }
}

/// Passwords are not for logs.
impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protection")
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
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
