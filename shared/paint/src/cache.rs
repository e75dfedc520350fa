//! What all documents of a process share: faces read, subsets made.

use crate::PaintError;
use crate::buckets::BucketSet;
use crate::canvas::Ink;
use crate::color_glyph::ColorGlyph;
use crate::face_program::{EmbeddedFont, FaceProgram};
use fanfold_geometry::Color;
use fanfold_text::Face;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of subsets kept; beyond it the cache starts afresh, so that a long-lived process that sees
/// ever new fonts does not grow.
const LARGEST: usize = 64 << 20;
/// Faces kept.
const MOST_FACES: usize = 256;

/// Font programs and images already subset and compressed, shared by all documents of a process.
#[derive(Debug, Default)]
pub struct PaintCache {
    state: Mutex<State>,
}

/// A face's program, a glyph, and the text's colour where it is drawn in that.
pub(crate) type ColorKey = ([u8; 16], u16, Option<Ink>);

#[derive(Debug, Default)]
struct State {
    faces: FxHashMap<[u8; 16], Arc<FaceProgram>>,
    subsets: FxHashMap<([u8; 16], BucketSet), Arc<EmbeddedFont>>,
    bytes: usize,
    color_glyphs: FxHashMap<ColorKey, Option<Arc<ColorGlyph>>>,
    color_bytes: usize,
}

impl PaintCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The face's facts, read when it is first seen. Two threads may both read it; they agree.
    pub(crate) fn face(&self, face: &Face) -> Arc<FaceProgram> {
        if let Some(program) = self.lock().faces.get(&face.program_key) {
            return Arc::clone(program);
        }
        let program = Arc::new(FaceProgram::read(face));
        let mut state = self.lock();
        if state.faces.len() >= MOST_FACES {
            state.faces.clear();
        }
        Arc::clone(state.faces.entry(face.program_key).or_insert(program))
    }

    /// The subset of a face, made when it is first asked for.
    pub(crate) fn subset(
        &self,
        face: &Face,
        program: &FaceProgram,
        set: &BucketSet,
    ) -> Result<Arc<EmbeddedFont>, PaintError> {
        let key = (face.program_key, set.clone());
        if let Some(font) = self.lock().subsets.get(&key) {
            return Ok(Arc::clone(font));
        }
        let font = Arc::new(program.embed(face, set)?);
        let mut state = self.lock();
        state.bytes += font.size();
        if state.bytes > LARGEST {
            state.subsets.clear();
            state.bytes = font.size();
        }
        Ok(Arc::clone(state.subsets.entry(key).or_insert(font)))
    }

    /// What a glyph with colours shows in text of `color`, read when it is first asked for under `key`; none of
    /// one without.
    pub(crate) fn color_glyph(
        &self,
        face: &Face,
        key: ColorKey,
        color: Color,
    ) -> Option<Arc<ColorGlyph>> {
        if let Some(known) = self.lock().color_glyphs.get(&key) {
            return known.clone();
        }
        let read = ColorGlyph::read(face, key.1, color).map(Arc::new);
        let mut state = self.lock();
        state.color_bytes += 64 + read.as_ref().map_or(0, |glyph| glyph.cost);
        if state.color_bytes > LARGEST {
            state.color_glyphs.clear();
            state.color_bytes = 0;
        }
        state.color_glyphs.entry(key).or_insert(read).clone()
    }

    /// A panic elsewhere cannot leave the maps half-changed, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
