//! What a document's content streams name: fonts, images, graphics states, shadings, forms.

use crate::buckets::BucketSet;
use crate::content::Content;
use crate::face_program::FaceProgram;
use crate::page_space::Box4;
use crate::{Drawing, PaintCache, PaintImage};
use fanfold_text::{Face, FaceId, Fonts};
use lopdf::Dictionary;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A document's resources, in the order of their first use.
pub(crate) struct Resources<'a> {
    fonts: &'a Fonts,
    cache: &'a PaintCache,
    pub(crate) used_fonts: Vec<UsedFont>,
    font_of_face: FxHashMap<FaceId, usize>,
    font_of_program: FxHashMap<[u8; 16], usize>,
    pub(crate) images: Vec<Arc<PaintImage>>,
    image_of_content: FxHashMap<[u8; 16], usize>,
    /// Opacities in 255ths.
    pub(crate) alphas: BTreeSet<u8>,
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
            images: Vec::new(),
            image_of_content: FxHashMap::default(),
            alphas: BTreeSet::new(),
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
                });
                self.used_fonts.len() - 1
            });
        self.font_of_face.insert(id, index);
        index
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
