//! Font programs as a PDF embeds them: subset by buckets, compressed once.

use crate::buckets::{BucketSet, Buckets};
use crate::glyph_text::GlyphTexts;
use crate::{PaintError, sfnt};
use fanfold_pdf::{FileWriter, deflate, write_dictionary};
use fanfold_text::Face;
use lopdf::{Dictionary, Object};
use read_fonts::FontRef;
use sha2::{Digest, Sha256};
use skrifa::instance::Size;
use skrifa::metrics::GlyphMetrics;
use skrifa::{GlyphId, MetadataProvider, Tag};
use std::borrow::Cow;
use std::fmt::Write;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use subsetter::GlyphRemapper;

/// Font programs are compressed once for all documents: the level costs nothing per document.
const FONT_LEVEL: u32 = 9;

/// What painting needs to know of a face, read once per process.
#[derive(Debug)]
pub(crate) struct FaceProgram {
    pub(crate) texts: GlyphTexts,
    pub(crate) buckets: Buckets,
    widths: Vec<f32>,
}

/// A subset ready to be written: everything that is the same in all documents is done.
#[derive(Debug)]
pub(crate) struct EmbeddedFont {
    program: Packed,
    /// `CIDToGIDMap` for TrueType, or the encoding CMap for CFF.
    encoding: Packed,
    to_unicode: Packed,
    /// The font dictionary, its descendant and the descriptor, in PDF's syntax, without references and the
    /// closing `>>`.
    font: Vec<u8>,
    descendant: Vec<u8>,
    descriptor: Vec<u8>,
    cff: bool,
}

/// A compressed stream with its hash.
#[derive(Debug)]
struct Packed {
    /// Without `Length`.
    dictionary: Dictionary,
    data: Vec<u8>,
    digest: [u8; 32],
}

impl EmbeddedFont {
    /// About how much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let streams = [&self.program, &self.encoding, &self.to_unicode];
        let streams: usize = streams.iter().map(|stream| stream.data.len()).sum();
        streams + self.font.len() + self.descendant.len() + self.descriptor.len() + 1024
    }

    /// Writes the font's objects (ISO 32000-1 §9.7) and gives the number of the font dictionary.
    pub(crate) fn write<W: io::Write>(&self, out: &mut FileWriter<W>) -> io::Result<u32> {
        let [program, encoding, to_unicode, descriptor, descendant, font] =
            std::array::from_fn(|_| out.reserve());
        for (number, stream) in [
            (program, &self.program),
            (encoding, &self.encoding),
            (to_unicode, &self.to_unicode),
        ] {
            out.hashed_stream(number, &stream.dictionary, &stream.data, &stream.digest)?;
        }
        let (of_program, of_descendant, of_font) = match self.cff {
            true => (
                "FontFile3",
                String::new(),
                format!("/Encoding {encoding} 0 R"),
            ),
            false => (
                "FontFile2",
                format!("/CIDToGIDMap {encoding} 0 R"),
                "/Encoding/Identity-H".to_owned(),
            ),
        };
        let mut write = |number, begin: &[u8], rest: &str| {
            out.serialized(number, &[begin, rest.as_bytes(), b">>"].concat())
        };
        let references = format!("/{of_program} {program} 0 R");
        write(descriptor, &self.descriptor, &references)?;
        let references = format!("/FontDescriptor {descriptor} 0 R{of_descendant}");
        write(descendant, &self.descendant, &references)?;
        let references =
            format!("{of_font}/DescendantFonts[{descendant} 0 R]/ToUnicode {to_unicode} 0 R");
        write(font, &self.font, &references)?;
        Ok(font)
    }
}

impl FaceProgram {
    pub(crate) fn read(face: &Face) -> Self {
        let Ok(font) = FontRef::from_index(&face.data, face.index) else {
            return Self {
                texts: GlyphTexts::default(),
                buckets: Buckets::default(),
                widths: vec![],
            };
        };
        let texts = GlyphTexts::read(&font);
        let buckets = Buckets::of_face(&texts);
        let axes = face
            .location
            .iter()
            .map(|(tag, value)| (Tag::new(tag), *value));
        let location = font.axes().location(axes);
        let metrics = GlyphMetrics::new(&font, Size::unscaled(), &location);
        let scale = 1000.0 / face.metrics.units_per_em.max(1.0);
        let widths = (0..u32::try_from(texts.len()).unwrap_or(0))
            .map(|glyph| {
                let advance = metrics.advance_width(GlyphId::new(glyph)).unwrap_or(0.0);
                // Two decimals: a line of a hundred glyphs stays within a thousandth of an em.
                (advance * scale * 100.0).round() / 100.0
            })
            .collect();
        Self {
            texts,
            buckets,
            widths,
        }
    }

    /// A glyph's advance in thousandths of an em, as the `W` array will say it.
    pub(crate) fn width(&self, glyph: u16) -> f32 {
        self.widths.get(usize::from(glyph)).copied().unwrap_or(0.0)
    }

    /// Subsets and compresses the glyphs of `set`.
    ///
    /// Codes in content streams are the face's own glyph indices, whatever the subset, so that two
    /// subsets of a face can be joined later. TrueType programs then need a `CIDToGIDMap`, CFF ones
    /// an encoding CMap (ISO 32000-1 §9.7.4.2, §9.7.5).
    pub(crate) fn embed(&self, face: &Face, set: &BucketSet) -> Result<EmbeddedFont, PaintError> {
        let failed = |reason: String| PaintError::Font {
            name: face.postscript_name.to_string(),
            reason,
        };
        let glyphs = self.buckets.glyphs(set);
        let remapper = GlyphRemapper::new_from_glyphs_sorted(&glyphs);
        let copy = sfnt::hide_broken_names(&face.data, face.index);
        let data = copy.as_deref().unwrap_or(&face.data);
        let location = face.location.iter();
        let location: Vec<_> = location
            .map(|(tag, value)| (subsetter::Tag::new(tag), *value))
            .collect();
        let subset = match face.axes.is_empty() {
            true => subsetter::subset(data, face.index, &remapper),
            // PDF has no variable fonts (ISO 32000-2 §9.9): what is embedded is the instance. Writing its
            // outlines counts on coordinates that damaged fonts do not have.
            false => catch_unwind(AssertUnwindSafe(|| {
                subsetter::subset_with_variations(data, face.index, &location, &remapper)
            }))
            .map_err(|_| failed("its outlines cannot be written".into()))?,
        };
        let subset = subset.map_err(|error| failed(error.to_string()))?;
        let mut codes: Vec<(u16, u16)> = glyphs
            .iter()
            .filter_map(|&old| Some((old, remapper.get(old)?)))
            .collect();
        codes.sort_unstable();
        let mut program_dictionary = Dictionary::new();
        let (program, encoding) = if face.cff {
            let table =
                sfnt::table(&subset, *b"CFF ").ok_or_else(|| failed("no CFF table".into()))?;
            program_dictionary.set("Subtype", Object::Name(b"CIDFontType0C".to_vec()));
            (table.to_vec(), encoding_cmap(&codes))
        } else {
            let program = sfnt::strip(&subset).ok_or_else(|| failed("damaged outlines".into()))?;
            program_dictionary.set("Length1", i64::try_from(program.len()).unwrap_or(0));
            (program, (Dictionary::new(), cid_to_gid(&codes)))
        };
        let name = format!(
            "{}+{}",
            tag(&face.program_key, set.bytes()),
            face.postscript_name
        );
        let of_type = |kind: &str| {
            let mut dictionary = Dictionary::new();
            dictionary.set("Type", Object::Name(b"Font".to_vec()));
            dictionary.set("Subtype", Object::Name(kind.into()));
            dictionary.set("BaseFont", Object::Name(name.clone().into_bytes()));
            dictionary
        };
        let mut descendant = of_type(match face.cff {
            true => "CIDFontType0",
            false => "CIDFontType2",
        });
        descendant.set("CIDSystemInfo", system_info());
        descendant.set("W", self.width_array(&codes, face.cff));
        Ok(EmbeddedFont {
            program: compress(program_dictionary, &program),
            encoding: compress(encoding.0, &encoding.1),
            to_unicode: compress(
                Dictionary::new(),
                self.to_unicode(codes.iter().map(|&(code, _)| (code, code)), 4)
                    .as_bytes(),
            ),
            font: unclosed(&of_type("Type0")),
            descendant: unclosed(&descendant),
            descriptor: unclosed(&descriptor(face, &name)),
            cff: face.cff,
        })
    }

    /// ISO 32000-1 §9.10.3; at most 100 entries in a section (Adobe Technical Note 5411).
    ///
    /// `codes` are glyphs' codes, written in so many digits, and their numbers in the face.
    pub(crate) fn to_unicode(
        &self,
        codes: impl Iterator<Item = (u16, u16)>,
        digits: usize,
    ) -> String {
        let mut body = String::new();
        let known: Vec<(u16, &str)> = codes
            .map(|(code, glyph)| (code, self.texts.text(glyph)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        for section in known.chunks(100) {
            let _ = writeln!(body, "{} beginbfchar", section.len());
            for (code, text) in section {
                let _ = write!(body, "<{code:0digits$X}><");
                for unit in in_visual_order(text).encode_utf16() {
                    let _ = write!(body, "{unit:04X}");
                }
                body.push_str(">\n");
            }
            body.push_str("endbfchar\n");
        }
        cmap("Adobe-Identity-UCS", ("Adobe", "UCS"), (2, digits), &body)
    }

    /// `W` is by CID: the glyph's index for TrueType, the renumbered one for CFF.
    fn width_array(&self, codes: &[(u16, u16)], cff: bool) -> Object {
        let mut array: Vec<Object> = Vec::new();
        let mut run: Vec<Object> = Vec::new();
        let mut next = None;
        let mut by_cid: Vec<(u16, f32)> = codes
            .iter()
            .map(|&(old, new)| (if cff { new } else { old }, self.width(old)))
            .collect();
        by_cid.sort_unstable_by_key(|entry| entry.0);
        for (cid, width) in by_cid {
            if next != Some(cid) {
                if !run.is_empty() {
                    array.push(Object::Array(std::mem::take(&mut run)));
                }
                array.push(Object::Integer(i64::from(cid)));
            }
            run.push(Object::Real(width));
            next = cid.checked_add(1);
        }
        if !run.is_empty() {
            array.push(Object::Array(run));
        }
        Object::Array(array)
    }
}

/// Readers (poppler, PDFium) take the characters of a right-to-left line from left to right as they are
/// drawn, and then turn the line round character by character: a ligature's characters must be in the
/// order of the page too.
fn in_visual_order(text: &str) -> Cow<'_, str> {
    let right_to_left = text
        .chars()
        .next()
        .is_some_and(|c| matches!(c, '\u{590}'..='\u{8ff}'));
    if right_to_left {
        text.chars().rev().collect::<String>().into()
    } else {
        text.into()
    }
}

fn compress(mut dictionary: Dictionary, data: &[u8]) -> Packed {
    dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
    let data = deflate(data, FONT_LEVEL);
    Packed {
        digest: Sha256::digest(&data).into(),
        dictionary,
        data,
    }
}

/// A dictionary in PDF's syntax, to which more entries may be added.
fn unclosed(dictionary: &Dictionary) -> Vec<u8> {
    let mut text = Vec::new();
    write_dictionary(&mut text, dictionary);
    text.truncate(text.len() - b">>".len());
    text
}

/// Six letters that name the subset (ISO 32000-1 §9.6.4), equal for equal subsets only.
pub(crate) fn tag(program_key: &[u8; 16], set: impl IntoIterator<Item = u8>) -> String {
    let mut digest = Sha256::new();
    digest.update(program_key);
    digest.update(set.into_iter().collect::<Vec<u8>>());
    digest
        .finalize()
        .iter()
        .take(6)
        .map(|byte| char::from(b'A' + byte % 26))
        .collect()
}

fn cid_to_gid(codes: &[(u16, u16)]) -> Vec<u8> {
    let last = codes.last().map_or(0, |&(old, _)| usize::from(old));
    let mut map = vec![0_u8; (last + 1) * 2];
    for &(old, new) in codes {
        let at = usize::from(old) * 2;
        map[at..at + 2].copy_from_slice(&new.to_be_bytes());
    }
    map
}

/// A CMap from the face's glyph indices to the subset's, which are a CFF program's CIDs.
fn encoding_cmap(codes: &[(u16, u16)]) -> (Dictionary, Vec<u8>) {
    let mut ranges: Vec<(u16, u16, u16)> = Vec::new();
    for &(old, new) in codes {
        match ranges.last_mut() {
            // A range may not cross a border of 256 codes (Adobe Technical Note 5014).
            Some((first, last, start))
                if last.checked_add(1) == Some(old)
                    && *start + (old - *first) == new
                    && old % 256 != 0 =>
            {
                *last = old;
            }
            _ => ranges.push((old, old, new)),
        }
    }
    let mut body = String::new();
    for section in ranges.chunks(100) {
        let _ = writeln!(body, "{} begincidrange", section.len());
        for (first, last, start) in section {
            let _ = writeln!(body, "<{first:04X}><{last:04X}> {start}");
        }
        body.push_str("endcidrange\n");
    }
    let text = cmap("Fanfold-Subset", ("Adobe", "Identity"), (1, 4), &body);
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"CMap".to_vec()));
    dictionary.set("CMapName", Object::Name(b"Fanfold-Subset".to_vec()));
    dictionary.set("CIDSystemInfo", system_info());
    (dictionary, text.into_bytes())
}

fn cmap(
    name: &str,
    (registry, ordering): (&str, &str),
    (kind, digits): (u8, usize),
    body: &str,
) -> String {
    let (zero, last) = ("0".repeat(digits), "F".repeat(digits));
    format!(
        "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo<</Registry({registry})/Ordering({ordering})/Supplement 0>>def\n\
         /CMapName/{name} def\n/CMapType {kind} def\n\
         1 begincodespacerange\n<{zero}><{last}>\nendcodespacerange\n{body}endcmap\n\
         CMapName currentdict/CMap defineresource pop\nend\nend"
    )
}

/// The character collection of all embedded fonts.
fn system_info() -> Dictionary {
    let mut info = Dictionary::new();
    info.set("Registry", Object::string_literal("Adobe"));
    info.set("Ordering", Object::string_literal("Identity"));
    info.set("Supplement", 0);
    info
}

/// ISO 32000-1 §9.8.
pub(crate) fn descriptor(face: &Face, name: &str) -> Dictionary {
    let metrics = &face.metrics;
    let scale = 1000.0 / metrics.units_per_em.max(1.0);
    let scaled = |value: f32| Object::Real((value * scale).round());
    let mut flags = 4; // Symbolic: the codes are not those of the standard Latin set.
    flags |= i64::from(metrics.fixed_pitch);
    flags |= i64::from(metrics.serif) << 1;
    flags |= i64::from(metrics.italic_angle != 0.0) << 6;
    let mut descriptor = Dictionary::new();
    descriptor.set("Type", Object::Name(b"FontDescriptor".to_vec()));
    descriptor.set("FontName", Object::Name(name.as_bytes().to_vec()));
    descriptor.set("Flags", flags);
    descriptor.set(
        "FontBBox",
        metrics
            .bounds
            .iter()
            .map(|&edge| scaled(edge))
            .collect::<Vec<_>>(),
    );
    descriptor.set("ItalicAngle", Object::Real(metrics.italic_angle));
    descriptor.set("Ascent", scaled(metrics.ascent));
    descriptor.set("Descent", scaled(-metrics.descent));
    descriptor.set("CapHeight", scaled(metrics.cap_height));
    descriptor.set("XHeight", scaled(metrics.x_height));
    // No table holds the stem width; this is the usual estimate from the weight.
    let weight = f32::from(metrics.weight_class).clamp(100.0, 1000.0);
    descriptor.set(
        "StemV",
        Object::Real((10.0 + 0.244 * (weight - 50.0)).round()),
    );
    descriptor.set(
        "FontWeight",
        i64::from(metrics.weight_class.clamp(100, 900) / 100 * 100),
    );
    descriptor
}
