//! Faces, their metrics and the choice among them.

use std::sync::Arc;

/// A face in a [`Fonts`], stable while it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaceId(pub u32);

/// Upright, italic or oblique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FontSlant {
    /// Upright.
    #[default]
    Normal,
    /// Italic.
    Italic,
    /// Oblique.
    Oblique,
}

/// What a face claims to be: from `@font-face`, or from its own name and OS/2 tables.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceDescription {
    /// Family name; matched without case.
    pub family: Arc<str>,
    /// Weight range, 1 to 1000.
    pub weight: (f32, f32),
    /// Slant.
    pub slant: FontSlant,
    /// Stretch range, 1.0 is normal.
    pub stretch: (f32, f32),
    /// Code points it is used for; empty is all that it maps.
    pub ranges: Vec<(u32, u32)>,
}

/// A parsed font face and the facts that layout and PDF need.
#[derive(Debug)]
pub struct Face {
    /// The whole font program (sfnt; woff and woff2 are unpacked before they get here).
    pub data: Arc<[u8]>,
    /// Index in a collection.
    pub index: u32,
    /// What it is used for.
    pub description: FaceDescription,
    /// PostScript name, as PDF's BaseFont wants it.
    pub postscript_name: Arc<str>,
    /// Vertical metrics and the like.
    pub metrics: FaceMetrics,
    /// Outlines are CFF rather than TrueType.
    pub cff: bool,
    /// A hash of `data` and `index`: equal programs have equal keys in every process.
    pub program_key: [u8; 16],
}

/// Metrics in font units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names are the OpenType tables'")]
pub struct FaceMetrics {
    pub units_per_em: f32,
    /// As browsers take it: hhea, or OS/2 typo with USE_TYPO_METRICS; positive upwards.
    pub ascent: f32,
    /// Positive downwards.
    pub descent: f32,
    pub line_gap: f32,
    pub x_height: f32,
    pub cap_height: f32,
    pub underline_position: f32,
    pub underline_thickness: f32,
    pub strikeout_position: f32,
    pub strikeout_thickness: f32,
    pub italic_angle: f32,
    /// x_min, y_min, x_max, y_max of all glyphs.
    pub bounds: [f32; 4],
    /// OS/2 weight class.
    pub weight_class: u16,
    pub fixed_pitch: bool,
    pub serif: bool,
}

/// What text asks of a font.
#[derive(Clone, Debug, PartialEq)]
pub struct FontQuery {
    /// Families in order of preference; generic names are mapped to the embedded ones.
    pub families: Arc<[Arc<str>]>,
    /// 1 to 1000.
    pub weight: f32,
    /// Slant.
    pub slant: FontSlant,
    /// 1.0 is normal.
    pub stretch: f32,
}

/// A font file that cannot be used, and why.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FontError {
    /// Not a font, or damaged.
    #[error("not a usable font: {0}")]
    Malformed(String),
    /// Embedding is forbidden by the font's OS/2 fsType.
    #[error("the font's licence bits (OS/2 fsType) forbid embedding")]
    NotEmbeddable,
}

/// The faces a document may use. Cheap to clone and extend: a document's own `@font-face` fonts are
/// added to a clone of the shared set, and parsed faces are shared.
#[derive(Clone, Debug, Default)]
pub struct Fonts {}

impl Fonts {
    /// No fonts at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a face. `description` is taken from the font's tables where it is none.
    ///
    /// # Errors
    /// [`FontError`] when `data` is not a usable font.
    pub fn add(
        &mut self,
        data: Arc<[u8]>,
        index: u32,
        description: Option<FaceDescription>,
    ) -> Result<FaceId, FontError> {
        let _ = (data, index, description);
        Err(FontError::Malformed("not yet written".into()))
    }

    /// The face at `id`.
    pub fn face(&self, id: FaceId) -> &Arc<Face> {
        let _ = id;
        panic!("not yet written")
    }

    /// The first available face for `query` (CSS Fonts 4 §5.2), whose metrics make the strut.
    pub fn primary(&self, query: &FontQuery) -> FaceId {
        let _ = query;
        FaceId(0)
    }
}
