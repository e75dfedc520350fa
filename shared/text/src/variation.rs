//! Variable fonts: where on its axes a face is used, and the faces made for that (CSS Fonts 4 §2.7, §5.2).

use crate::face::Face;
use crate::fonts::{FaceId, FontQuery, FontSlant};
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock, RwLock};

/// Values of variation axes, by tag.
pub type Variations = Vec<([u8; 4], f32)>;

/// A variation axis of a font.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are the OpenType table's")]
pub struct Axis {
    pub tag: [u8; 4],
    pub min: f32,
    pub default: f32,
    pub max: f32,
}

/// The angle of `oblique` without one, as the `slnt` axis counts it (CSS Fonts 4 §2.4).
const SLANT: f32 = -14.0;

/// Where on its axes `face` serves `query`: what its family's choice says, then its rule's
/// `font-variation-settings`, then the text's (CSS Fonts 4 §7.2). Empty is the default instance.
pub(crate) fn location(face: &Face, query: &FontQuery) -> Variations {
    if face.axes.is_empty() {
        return Vec::new();
    }
    let description = &face.description;
    let mut wanted: Variations = Vec::new();
    let within = |value: f32, (low, high): (f32, f32)| value.clamp(low.min(high), high.max(low));
    wanted.push((*b"wght", within(query.weight, description.weight)));
    let stretch = within(query.stretch, description.stretch);
    wanted.push((*b"wdth", stretch * 100.0));
    if query.slant != FontSlant::Normal && description.slants(face) {
        match face.axis(*b"ital") {
            Some(_) if query.slant == FontSlant::Italic || face.axis(*b"slnt").is_none() => {
                wanted.push((*b"ital", 1.0));
            }
            _ => wanted.push((*b"slnt", SLANT)),
        }
    }
    if query.optical_size > 0.0 {
        wanted.push((*b"opsz", query.optical_size));
    }
    wanted.extend(&description.variations);
    if let Some(details) = &query.details {
        wanted.extend(&details.variations);
    }
    let axes = face.axes.iter().filter_map(|axis| {
        let (_, value) = wanted.iter().rev().find(|(tag, _)| *tag == axis.tag)?;
        let value = value.max(axis.min).min(axis.max);
        (value != axis.default && value.is_finite()).then_some((axis.tag, value))
    });
    axes.collect()
}

/// Faces that were made of variable ones. Their ids follow those of the set's own faces.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    faces: OnceLock<Box<[OnceLock<Arc<Face>>]>>,
    known: RwLock<FxHashMap<Key, usize>>,
}

/// A face and its place on its axes, as bits.
type Key = (FaceId, Vec<([u8; 4], u32)>);

/// More instances than this in one document are somebody's attack: further text gets the default one.
const INSTANCES: usize = 1024;

impl Instances {
    /// The instance of `face`, which is `id` in a set of `count` faces, at `location`.
    pub(crate) fn get(
        &self,
        (id, face): (FaceId, Arc<Face>),
        location: Variations,
        count: usize,
    ) -> (FaceId, Arc<Face>) {
        let bits = location
            .iter()
            .map(|(tag, value)| (*tag, value.to_bits()))
            .collect();
        let Ok(mut known) = self.known.write() else {
            return (id, face);
        };
        let next = known.len();
        let index = *known.entry((id, bits)).or_insert(next);
        let faces = self
            .faces
            .get_or_init(|| (0..INSTANCES).map(|_| OnceLock::new()).collect());
        let number = u32::try_from(count + index).ok();
        match (faces.get(index), number) {
            (Some(slot), Some(number)) => {
                let made = slot.get_or_init(|| Arc::new(face.instance(location)));
                (FaceId(number), Arc::clone(made))
            }
            _ => {
                known.retain(|_, index| *index < INSTANCES);
                (id, face)
            }
        }
    }

    /// The instance that was made as number `index`.
    pub(crate) fn at(&self, index: usize) -> Option<&Arc<Face>> {
        self.faces.get()?.get(index)?.get()
    }
}
