//! What a document's content streams name: fonts, images, graphics states, shadings, forms.

use crate::buckets::BucketSet;
use crate::cache::ColorKey;
use crate::canvas::Ink;
use crate::color_glyph::{BUDGET, ColorGlyph, Shows};
use crate::content::Content;
use crate::face_program::FaceProgram;
use crate::page_space::Box4;
use crate::{Drawing, PaintCache, PaintImage};
use fanfold_geometry::{BlendMode, Color};
use fanfold_text::{Face, FaceId, Fonts};
use lopdf::Dictionary;
use rustc_hash::FxHashMap;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A document's resources, in the order of their first use.
pub(crate) struct Resources<'a> {
    pub(crate) fonts: &'a Fonts,
    pub(crate) cache: &'a PaintCache,
    pub(crate) used_fonts: Vec<UsedFont>,
    font_of_face: FxHashMap<FaceId, usize>,
    font_of_program: FxHashMap<[u8; 16], usize>,
    /// By the font of a face, the upper half of a glyph's number, and the text's colour where that is drawn in it,
    /// the font of its glyphs with colours.
    font_of_colors: FxHashMap<(usize, u8, Option<Ink>), usize>,
    color_glyphs: FxHashMap<ColorKey, Option<Arc<ColorGlyph>>>,
    /// What is left of the document's budget for these.
    color_budget: usize,
    pub(crate) images: Vec<Arc<PaintImage>>,
    image_of_content: FxHashMap<[u8; 16], usize>,
    /// The objects of the first images.
    pub(crate) image_numbers: Vec<u32>,
    /// Opacities in 255ths.
    pub(crate) alphas: BTreeSet<u8>,
    pub(crate) blends: BTreeSet<BlendMode>,
    pub(crate) shadings: Vec<Shading>,
    /// Masks: the form that each draws, and whether its luminosity counts.
    pub(crate) masks: Vec<(usize, bool)>,
    pub(crate) forms: Vec<Form>,
    /// Drawings by their address, held so that it stays theirs, and the form of each.
    drawings: FxHashMap<usize, (Arc<Drawing>, usize)>,
}

/// A face and the buckets of its glyphs that the document shows.
pub(crate) struct UsedFont {
    pub(crate) face: Arc<Face>,
    pub(crate) program: Arc<FaceProgram>,
    pub(crate) used: BucketSet,
    /// Its glyphs with colours in a block of 256, where it is a font of these.
    pub(crate) colors: Option<ColorBlock>,
}

/// Glyphs with colours of one font.
#[derive(Default)]
pub(crate) struct ColorBlock {
    /// The upper half of their numbers.
    pub(crate) block: u8,
    /// By the lower half, which is their code.
    pub(crate) glyphs: BTreeMap<u8, Arc<ColorGlyph>>,
}

/// A shading, and its function where that has to be a stream.
#[derive(PartialEq)]
pub(crate) struct Shading {
    pub(crate) dictionary: Dictionary,
    pub(crate) function: Option<(Dictionary, Vec<u8>)>,
}

/// A content stream of its own.
pub(crate) struct Form {
    /// Its content until it is written.
    pub(crate) content: Content,
    pub(crate) bounds: Box4,
    pub(crate) kind: FormKind,
    /// The object number once written.
    pub(crate) number: Option<u32>,
}

/// What a content stream is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FormKind {
    /// A transparency group (ISO 32000-1 §11.6.6).
    Group,
    /// A gray group, for masks.
    GrayGroup,
    /// A tiling pattern (§8.7.3): its steps, and the matrix to the content stream that uses it.
    Tiling { step: (f64, f64), matrix: [f64; 6] },
}

impl<'a> Resources<'a> {
    pub(crate) fn new(fonts: &'a Fonts, cache: &'a PaintCache) -> Self {
        Self {
            fonts,
            cache,
            used_fonts: Vec::new(),
            font_of_face: FxHashMap::default(),
            font_of_program: FxHashMap::default(),
            font_of_colors: FxHashMap::default(),
            color_glyphs: FxHashMap::default(),
            color_budget: BUDGET,
            images: Vec::new(),
            image_of_content: FxHashMap::default(),
            image_numbers: Vec::new(),
            alphas: BTreeSet::new(),
            blends: BTreeSet::new(),
            shadings: Vec::new(),
            masks: Vec::new(),
            forms: Vec::new(),
            drawings: FxHashMap::default(),
        }
    }

    pub(crate) fn face(&self, id: FaceId) -> &Arc<Face> {
        self.fonts.face(id)
    }

    /// The font of a face; faces with the same program share one.
    pub(crate) fn font(&mut self, id: FaceId) -> usize {
        if let Some(&index) = self.font_of_face.get(&id) {
            return index;
        }
        let face = self.fonts.face(id);
        let index = *self
            .font_of_program
            .entry(face.program_key)
            .or_insert_with(|| {
                self.used_fonts.push(UsedFont {
                    face: Arc::clone(face),
                    program: self.cache.face(face),
                    used: BucketSet::default(),
                    colors: None,
                });
                self.used_fonts.len() - 1
            });
        self.font_of_face.insert(id, index);
        index
    }

    /// What a glyph with colours of its own shows in text of a colour, which it is drawn in where that is given
    /// too; none of one that has an outline alone. Beyond the budget of the document it is nothing.
    pub(crate) fn color_glyph(
        &mut self,
        face: &Face,
        glyph: u16,
        color: Color,
    ) -> Option<(Arc<ColorGlyph>, Option<Ink>)> {
        let color = Color { a: 1.0, ..color };
        let found = self.color_glyph_as(face, (face.program_key, glyph, None), color)?;
        if !found.foreground {
            return Some((found, None));
        }
        let ink = Some(Ink::new(color));
        let found = self.color_glyph_as(face, (face.program_key, glyph, ink), color)?;
        Some((found, ink))
    }

    fn color_glyph_as(
        &mut self,
        face: &Face,
        key: ColorKey,
        color: Color,
    ) -> Option<Arc<ColorGlyph>> {
        if let Some(known) = self.color_glyphs.get(&key) {
            return known.clone();
        }
        let found = if self.color_budget == 0 {
            Some(Arc::new(ColorGlyph::NOTHING))
        } else {
            self.cache.color_glyph(face, key, color)
        };
        if let Some(found) = &found {
            self.color_budget = self.color_budget.saturating_sub(found.cost);
        }
        self.color_glyphs.insert(key, found.clone());
        found
    }

    /// The font of a face's glyph with colours in text of `color`, to which it is added; none of a glyph without.
    pub(crate) fn color_font(&mut self, font: usize, glyph: u16, color: Color) -> Option<usize> {
        let face = Arc::clone(&self.used_fonts[font].face);
        let (found, ink) = self.color_glyph(&face, glyph, color)?;
        let [block, code] = glyph.to_be_bytes();
        let next = self.used_fonts.len();
        let own = *self
            .font_of_colors
            .entry((font, block, ink))
            .or_insert(next);
        if own == next {
            self.used_fonts.push(UsedFont {
                program: Arc::clone(&self.used_fonts[font].program),
                face,
                used: BucketSet::default(),
                colors: Some(ColorBlock {
                    block,
                    ..ColorBlock::default()
                }),
            });
        }
        if let Some(colors) = &mut self.used_fonts[own].colors
            && let Entry::Vacant(place) = colors.glyphs.entry(code)
        {
            if let Shows::Image(image, _) = &found.shows {
                let image = Arc::clone(image);
                place.insert(found);
                self.image(&image);
            } else {
                place.insert(found);
            }
        }
        Some(own)
    }

    pub(crate) fn image(&mut self, image: &Arc<PaintImage>) -> usize {
        *self
            .image_of_content
            .entry(image.content_key)
            .or_insert_with(|| {
                self.images.push(Arc::clone(image));
                self.images.len() - 1
            })
    }

    /// Whether no content stream names anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.used_fonts.is_empty()
            && self.images.is_empty()
            && self.alphas.is_empty()
            && self.blends.is_empty()
            && self.shadings.is_empty()
            && self.forms.is_empty()
    }

    /// The object of an image that is written.
    pub(crate) fn image_number(&self, image: &PaintImage) -> Option<u32> {
        let index = self.image_of_content.get(&image.content_key)?;
        self.image_numbers.get(*index).copied()
    }

    pub(crate) fn shading(&mut self, shading: Shading) -> usize {
        // Table rows repeat their gradients; a document has few different ones.
        match self
            .shadings
            .iter()
            .rev()
            .take(64)
            .position(|known| *known == shading)
        {
            Some(back) => self.shadings.len() - 1 - back,
            None => {
                self.shadings.push(shading);
                self.shadings.len() - 1
            }
        }
    }

    pub(crate) fn form(&mut self, content: Content, bounds: Box4, kind: FormKind) -> usize {
        self.forms.push(Form {
            content,
            bounds,
            kind,
            number: None,
        });
        self.forms.len() - 1
    }

    /// The form of a drawing, once there is one.
    pub(crate) fn drawing(&self, drawing: &Arc<Drawing>) -> Option<usize> {
        let address = Arc::as_ptr(drawing) as usize;
        self.drawings.get(&address).map(|(_, form)| *form)
    }

    pub(crate) fn keep_drawing(&mut self, drawing: &Arc<Drawing>, form: usize) {
        let address = Arc::as_ptr(drawing) as usize;
        self.drawings.insert(address, (Arc::clone(drawing), form));
    }

    pub(crate) fn mask(&mut self, form: usize, luminosity: bool) -> usize {
        self.masks.push((form, luminosity));
        self.masks.len() - 1
    }
}

/// The name of an opacity's graphics state.
pub(crate) fn alpha_name(alpha: u8) -> String {
    format!("A{alpha}")
}
