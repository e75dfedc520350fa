//! One font program: its bytes, its metrics and what it can draw.

use crate::fonts::{Aspect, FaceDescription, FontError, FontSlant, MetricsAdjustment};
use crate::metrics::FaceMetrics;
use crate::plan::Plans;
use crate::small_caps::{self, CapsFeatures};
use crate::variation::{Axis, Variations};
use harfrust::{Font, Tag};
use read_fonts::tables::name::NameId;
use read_fonts::{FontRef, TableProvider};
use sha2::{Digest, Sha256};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// The bytes of a font file: in the program itself, or shared.
#[derive(Clone)]
pub enum FontData {
    /// Embedded in the program; never copied.
    Static(&'static [u8]),
    /// Loaded from a bundle.
    Shared(Arc<[u8]>),
}

impl Deref for FontData {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for FontData {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for FontData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FontData({} bytes)", self.len())
    }
}

impl From<Arc<[u8]>> for FontData {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self::Shared(bytes)
    }
}

impl From<&'static [u8]> for FontData {
    fn from(bytes: &'static [u8]) -> Self {
        Self::Static(bytes)
    }
}

impl From<Vec<u8>> for FontData {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Shared(bytes.into())
    }
}

/// A parsed font face and the facts that layout and PDF need.
pub struct Face {
    /// The whole font program (sfnt; woff and woff2 are unpacked before they get here).
    pub data: FontData,
    /// Index in a collection.
    pub index: u32,
    /// What it is used for.
    pub description: FaceDescription,
    /// PostScript name, as PDF's BaseFont wants it: printable ASCII without delimiters.
    pub postscript_name: Arc<str>,
    /// Vertical metrics and the like.
    pub metrics: FaceMetrics,
    /// Outlines are CFF rather than TrueType.
    pub cff: bool,
    /// Glyphs may have colours of their own: bitmaps (`sbix`, `CBDT`) or layers (`COLR`).
    pub colors: bool,
    /// A hash of `data` and `index`: equal programs have equal keys in every process.
    pub program_key: [u8; 16],
    /// The font's variation axes.
    pub axes: Arc<[Axis]>,
    /// Where on them this face is; axes that are not named have their default.
    pub location: Variations,
    /// As `program_key`, whatever is made of the file.
    file_key: [u8; 16],
    pub(crate) font: Option<Font>,
    pub(crate) plans: Plans,
    latin: OnceLock<[u64; LATIN_WORDS]>,
    caps: OnceLock<CapsFeatures>,
    missing: OnceLock<f32>,
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Face({}, {:?})", self.postscript_name, self.data)
    }
}

/// Code points below this have their coverage in a bitmap: Latin up to Extended-B.
const LATIN_END: usize = 0x240;
const LATIN_WORDS: usize = LATIN_END / 64;

impl Face {
    /// Reads a font program.
    ///
    /// # Errors
    /// [`FontError::Malformed`] without a character map, metrics or anything to draw;
    /// [`FontError::NotEmbeddable`] where OS/2 fsType says so.
    pub fn parse(
        data: FontData,
        index: u32,
        description: Option<FaceDescription>,
    ) -> Result<Self, FontError> {
        let malformed = |what: &str| FontError::Malformed(what.to_owned());
        let tables = FontRef::from_index(&data, index)
            .map_err(|error| FontError::Malformed(error.to_string()))?;
        let units_per_em = tables
            .head()
            .map_err(|e| malformed(&format!("head: {e}")))?
            .units_per_em();
        if !(16..=16384).contains(&units_per_em) {
            return Err(malformed("head: unitsPerEm is out of range"));
        }
        tables
            .cmap()
            .map_err(|e| malformed(&format!("cmap: {e}")))?;
        tables
            .hmtx()
            .map_err(|e| malformed(&format!("hmtx: {e}")))?;
        if tables
            .maxp()
            .map_err(|e| malformed(&format!("maxp: {e}")))?
            .num_glyphs()
            == 0
        {
            return Err(malformed("maxp: no glyphs"));
        }
        let cff = tables.cff().is_ok();
        let cff2 = tables.cff2().is_ok();
        let bitmaps = tables.sbix().is_ok() || tables.cbdt().is_ok() && tables.cblc().is_ok();
        let colors = bitmaps || tables.colr().is_ok() && tables.cpal().is_ok();
        let glyf = tables.glyf().is_ok() && tables.loca(None).is_ok();
        if !cff && !cff2 && !glyf && !bitmaps {
            return Err(malformed(
                "no outlines (glyf or CFF) or bitmaps (sbix or CBDT)",
            ));
        }
        if let Ok(os2) = tables.os2()
            && forbids_embedding(os2.fs_type())
        {
            return Err(FontError::NotEmbeddable);
        }
        let axes = axes(&tables);
        let description = description.unwrap_or_else(|| describe(&tables, &axes));
        let metrics = FaceMetrics::read(&tables).adjusted(&description.adjustment);
        let postscript_name = postscript_name(&tables, &description.family);
        let font = match &data {
            FontData::Static(bytes) => Font::new(*bytes, index),
            FontData::Shared(bytes) => {
                let blob: Arc<dyn AsRef<[u8]> + Send + Sync> =
                    Arc::new(FontData::Shared(Arc::clone(bytes)));
                Font::new(blob, index)
            }
        };
        let font = Some(font.ok_or_else(|| malformed("not in a supported format"))?);
        let file_key = program_key(&data, index);
        let program_key = adjusted_key(file_key, &[], &description.adjustment);
        Ok(Self {
            file_key,
            data,
            index,
            description,
            postscript_name,
            metrics,
            cff,
            colors,
            program_key,
            axes,
            location: Vec::new(),
            font,
            plans: Plans::default(),
            latin: OnceLock::new(),
            caps: OnceLock::new(),
            missing: OnceLock::new(),
        })
    }

    /// A face with no glyphs, for a set without fonts and for embedded data that does not parse.
    pub(crate) fn empty(data: FontData, index: u32, description: FaceDescription) -> Self {
        let file_key = program_key(&data, index);
        Self {
            file_key,
            program_key: file_key,
            data,
            index,
            description,
            postscript_name: "Empty".into(),
            metrics: FaceMetrics::default(),
            cff: false,
            colors: false,
            axes: Arc::default(),
            location: Vec::new(),
            font: None,
            plans: Plans::default(),
            latin: OnceLock::new(),
            caps: OnceLock::new(),
            missing: OnceLock::new(),
        }
    }

    /// The same font file for another use.
    pub fn described(&self, description: FaceDescription) -> Self {
        self.made(description, Vec::new())
    }

    /// This variable font elsewhere on its axes.
    pub(crate) fn instance(&self, location: Variations) -> Self {
        self.made(self.description.clone(), location)
    }

    fn made(&self, description: FaceDescription, location: Variations) -> Self {
        let variations = location.iter().map(|(tag, value)| (Tag::new(tag), *value));
        let font = self
            .font
            .as_ref()
            .map(|font| font.instance_builder().variations(variations).build());
        let adjustment = &description.adjustment;
        let metrics = match (&font, FontRef::from_index(&self.data, self.index)) {
            (Some(font), Ok(tables)) => FaceMetrics::read(&tables)
                .varied(&tables, font)
                .adjusted(adjustment),
            _ => self.metrics,
        };
        Self {
            data: self.data.clone(),
            index: self.index,
            postscript_name: Arc::clone(&self.postscript_name),
            metrics,
            cff: self.cff,
            colors: self.colors,
            program_key: adjusted_key(self.file_key, &location, adjustment),
            file_key: self.file_key,
            description,
            axes: Arc::clone(&self.axes),
            location,
            font,
            plans: Plans::default(),
            latin: OnceLock::new(),
            caps: OnceLock::new(),
            missing: OnceLock::new(),
        }
    }

    /// The axis with `tag`.
    pub fn axis(&self, tag: [u8; 4]) -> Option<&Axis> {
        self.axes.iter().find(|axis| axis.tag == tag)
    }

    /// How large a part of the font size a metric is, `size-adjust` included.
    pub(crate) fn aspect(&self, aspect: Aspect) -> f32 {
        let metrics = &self.metrics;
        let value = match aspect {
            Aspect::ExHeight => metrics.x_height,
            Aspect::CapHeight => metrics.cap_height,
            Aspect::ChWidth => metrics.zero_advance,
            // The ideograph of water stands for all (CSS Values 4 §6.1.1).
            Aspect::IcWidth => match self.glyph('水') {
                Some(glyph) => self.advance(glyph),
                None => metrics.units_per_em,
            },
            Aspect::IcHeight => metrics.units_per_em,
        };
        value / metrics.units_per_em * self.description.adjustment.size
    }

    /// Whether the character map has a glyph for `character`.
    pub fn covers(&self, character: char) -> bool {
        let code = character as usize;
        if code < LATIN_END {
            let latin = self.latin.get_or_init(|| self.latin_coverage());
            return latin[code / 64] & (1 << (code % 64)) != 0;
        }
        self.glyph(character).is_some()
    }

    /// The nominal glyph of `character`: before any substitution.
    pub fn glyph(&self, character: char) -> Option<u16> {
        let id = self
            .font
            .as_ref()?
            .charmap()
            .map_unicode(character)?
            .to_u32();
        u16::try_from(id).ok().filter(|&id| id != 0)
    }

    /// Horizontal advance of a glyph in font units; 0 for a glyph that the font does not have.
    pub fn advance(&self, glyph: u16) -> f32 {
        self.font.as_ref().map_or(0.0, |font| {
            font.glyph_metrics()
                .h_advance(harfrust::GlyphId::new(u32::from(glyph)))
        })
    }

    /// How much of the text's size `.notdef` is drawn in: it gets no wider than letters are on
    /// average, which is the room that WeasyPrint leaves for icons whose font is not there.
    pub(crate) fn missing_scale(&self) -> f32 {
        *self.missing.get_or_init(|| {
            let sample = "The quick brown fox jumps over the lazy dog.";
            let advances = sample
                .chars()
                .map(|letter| self.advance(self.glyph(letter).unwrap_or(0)));
            let average = advances.sum::<f32>() / sample.len() as f32;
            let own = self.advance(0);
            if own > average && average > 0.0 {
                average / own
            } else {
                1.0
            }
        })
    }

    /// What the font has for small capitals.
    pub(crate) fn caps_features(&self) -> CapsFeatures {
        *self.caps.get_or_init(|| small_caps::features_of(self))
    }

    /// Whether every printable ASCII character has a glyph.
    pub(crate) fn covers_ascii(&self) -> bool {
        let latin = self.latin.get_or_init(|| self.latin_coverage());
        // U+0020 to U+007E.
        latin[0] >> 32 == u64::from(u32::MAX) && latin[1] | (1 << 63) == u64::MAX
    }

    fn latin_coverage(&self) -> [u64; LATIN_WORDS] {
        let mut bits = [0; LATIN_WORDS];
        let Some(font) = &self.font else { return bits };
        let charmap = font.charmap();
        for code in 0..LATIN_END {
            let mapped = charmap
                .map_unicode(code as u32)
                .is_some_and(|id| id.to_u32() != 0);
            bits[code / 64] |= u64::from(mapped) << (code % 64);
        }
        bits
    }
}

/// OpenType OS/2 fsType: restricted licence embedding alone, or bitmaps only.
fn forbids_embedding(fs_type: u16) -> bool {
    const USAGE: u16 = 0x000E;
    const RESTRICTED: u16 = 0x0002;
    const BITMAPS_ONLY: u16 = 0x0200;
    fs_type & USAGE == RESTRICTED || fs_type & BITMAPS_ONLY != 0
}

fn program_key(data: &[u8], index: u32) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(index.to_be_bytes())
        .chain_update(data)
        .finalize();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// The key of a program that is used elsewhere on its axes or with other metrics.
fn adjusted_key(
    key: [u8; 16],
    location: &[([u8; 4], f32)],
    adjustment: &MetricsAdjustment,
) -> [u8; 16] {
    if location.is_empty() && *adjustment == MetricsAdjustment::default() {
        return key;
    }
    let mut digest = Sha256::new().chain_update(key);
    for (tag, value) in location {
        digest.update(tag);
        digest.update(value.to_be_bytes());
    }
    let own = [adjustment.ascent, adjustment.descent, adjustment.line_gap];
    for value in own.into_iter().chain([Some(adjustment.size)]) {
        digest.update(value.unwrap_or(f32::NAN).to_be_bytes());
    }
    let digest = digest.finalize();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Axes as fvar has them; those that no value is on are left out.
fn axes(tables: &FontRef<'_>) -> Arc<[Axis]> {
    let Ok(axes) = tables.fvar().and_then(|fvar| fvar.axes()) else {
        return Arc::default();
    };
    let axes = axes.iter().map(|axis| Axis {
        tag: axis.axis_tag().to_be_bytes(),
        min: axis.min_value().to_f32(),
        default: axis.default_value().to_f32(),
        max: axis.max_value().to_f32(),
    });
    axes.filter(|axis| axis.min <= axis.default && axis.default <= axis.max)
        .collect()
}

/// The string of `id` in the name table, preferring US English.
fn name(tables: &FontRef<'_>, id: NameId) -> Option<String> {
    const US_ENGLISH: u16 = 0x409;
    let table = tables.name().ok()?;
    let mut found: Option<String> = None;
    for record in table
        .name_record()
        .iter()
        .filter(|record| record.name_id() == id)
    {
        let Ok(string) = record.string(table.string_data()) else {
            continue;
        };
        // A hostile name table may repeat long strings; a name needs few characters.
        let text: String = string.chars().take(128).collect();
        if text.is_empty() {
            continue;
        }
        if record.language_id() == US_ENGLISH {
            return Some(text);
        }
        found.get_or_insert(text);
    }
    found
}

/// What the font's own tables say it is (OpenType OS/2 and name).
fn describe(tables: &FontRef<'_>, axes: &[Axis]) -> FaceDescription {
    const ITALIC: u16 = 1;
    const OBLIQUE: u16 = 1 << 9;
    let family = name(tables, NameId::TYPOGRAPHIC_FAMILY_NAME)
        .or_else(|| name(tables, NameId::FAMILY_NAME))
        .unwrap_or_default();
    let (mut weight, mut stretch, mut slant) = (400.0, 1.0, FontSlant::Normal);
    if let Ok(os2) = tables.os2() {
        weight = f32::from(os2.us_weight_class().clamp(1, 1000));
        stretch = match os2.us_width_class() {
            1 => 0.5,
            2 => 0.625,
            3 => 0.75,
            4 => 0.875,
            6 => 1.125,
            7 => 1.25,
            8 => 1.5,
            9 => 2.0,
            _ => 1.0,
        };
        let selection = os2.fs_selection().bits();
        if selection & ITALIC != 0 {
            slant = FontSlant::Italic;
        } else if selection & OBLIQUE != 0 {
            slant = FontSlant::Oblique;
        }
    }
    let mut description = FaceDescription {
        family: family.into(),
        weight: (weight, weight),
        slant,
        stretch: (stretch, stretch),
        ..FaceDescription::default()
    };
    description.take_axes(axes, [true; 3]);
    description
}

/// A PostScript name that PDF can write as it is (ISO 32000-2 §9.6.2.2 and §7.3.5).
fn postscript_name(tables: &FontRef<'_>, family: &str) -> Arc<str> {
    let clean = |name: &str| -> String {
        name.chars()
            .filter(|c| c.is_ascii_graphic() && !"[](){}<>/%#".contains(*c))
            .take(63)
            .collect()
    };
    let own = name(tables, NameId::POSTSCRIPT_NAME)
        .map(|name| clean(&name))
        .unwrap_or_default();
    if !own.is_empty() {
        return own.into();
    }
    let family = clean(family);
    if family.is_empty() {
        "Unnamed".into()
    } else {
        family.into()
    }
}
