//! Font matching: from families, weight, slant and stretch to faces (CSS Fonts 4 §5.2).

use crate::face::Face;
use crate::fonts::{FaceDescription, FaceId, FontDetails, FontQuery, FontSet, FontSlant, fold};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, RwLock};

/// Requested weights from this on are bold, and lighter faces are emboldened for them.
const BOLD: f32 = 600.0;
/// Alias chains longer than this are loops.
const ALIAS_DEPTH: usize = 4;

/// A face that was chosen for a query, and what has to be done to make it match.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) id: FaceId,
    pub(crate) face: Arc<Face>,
    pub(crate) synthetic_bold: bool,
    pub(crate) synthetic_oblique: bool,
}

impl Choice {
    /// Whether it may and can draw `character` (`unicode-range`, CSS Fonts 4 §4.5).
    pub(crate) fn covers(&self, character: char) -> bool {
        in_ranges(&self.face.description, character)
            && (self.face.covers(character)
                || substitute(character).is_some_and(|other| self.face.covers(other)))
    }
}

/// The faces to try in order.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) choices: Vec<Choice>,
    /// The face that makes the strut, and draws `.notdef` for what no face has.
    pub(crate) primary: FaceId,
    /// The first choice draws all of ASCII.
    pub(crate) ascii: bool,
}

impl Selection {
    /// The faces of the query's families.
    pub(crate) fn named(set: &FontSet, query: &FontQuery) -> Self {
        let mut choices = Vec::new();
        for family in query.families.iter() {
            push_family(set, query, &fold(family), ALIAS_DEPTH, &mut choices);
        }
        let primary = choices
            .iter()
            .find(|choice| in_ranges(&choice.face.description, ' '));
        let primary = primary.or(choices.first()).map(|choice| choice.id);
        let primary = primary.or_else(|| {
            let rest = Self::fallback(set, query, *b"Zyyy");
            rest.choices.first().map(|choice| choice.id)
        });
        Self::new(choices, primary)
    }

    /// The faces of a script's fallback families, then of those for every script, then all others.
    pub(crate) fn fallback(set: &FontSet, query: &FontQuery, script: [u8; 4]) -> Self {
        let mut choices = Vec::new();
        let own = set.fallback_families(script);
        for family in own.iter().chain(set.fallback_families(*b"Zyyy")) {
            push_family(set, query, family, ALIAS_DEPTH, &mut choices);
        }
        for faces in set.all_families() {
            push_best(set, query, faces, &mut choices);
        }
        let primary = choices.first().map(|choice| choice.id);
        Self::new(choices, primary)
    }

    fn new(choices: Vec<Choice>, primary: Option<FaceId>) -> Self {
        let ascii = choices.first().is_some_and(|choice| {
            choice.face.description.ranges.is_empty() && choice.face.covers_ascii()
        });
        Self {
            choices,
            primary: primary.unwrap_or(FaceId(0)),
            ascii,
        }
    }
}

/// What shaping draws in place of a character that a face lacks: another face's would not match. The
/// spaces of fixed width are made from the word space, the no-break hyphen from the plain one.
fn substitute(character: char) -> Option<char> {
    match character {
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Some(' '),
        '\u{2011}' => Some('\u{2010}'),
        _ => None,
    }
}

fn in_ranges(description: &FaceDescription, character: char) -> bool {
    let code = u32::from(character);
    description.ranges.is_empty()
        || description
            .ranges
            .iter()
            .any(|&(low, high)| (low..=high).contains(&code))
}

fn push_family(
    set: &FontSet,
    query: &FontQuery,
    folded: &str,
    depth: usize,
    choices: &mut Vec<Choice>,
) {
    if let Some(faces) = set.family(folded) {
        push_best(set, query, faces, choices);
    } else if depth > 0 {
        for alias in set.alias_of(folded) {
            push_family(set, query, alias, depth - 1, choices);
        }
    }
}

/// Adds the faces of one family that match best: several where `unicode-range` divides them, the
/// last declared first.
fn push_best(set: &FontSet, query: &FontQuery, faces: &[FaceId], choices: &mut Vec<Choice>) {
    let best = faces.iter().map(|&id| distance(query, set.description(id)));
    let Some(best) = best.min_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
    else {
        return;
    };
    for &id in faces.iter().rev() {
        let description = set.description(id);
        if distance(query, description) != best {
            continue;
        }
        let (id, face) = set.serving(id, query);
        if choices.iter().any(|choice| choice.id == id) {
            continue;
        }
        let axis = face.axis(*b"wght");
        let heaviest = axis.map_or(f32::MAX, |axis| axis.max);
        let synthesis = query.synthesis();
        choices.push(Choice {
            id,
            synthetic_bold: synthesis.weight
                && query.weight >= BOLD
                && heaviest.min(description.weight.1) < BOLD,
            synthetic_oblique: synthesis.style
                && query.slant != FontSlant::Normal
                && description.slant == FontSlant::Normal
                && !description.slants(&face),
            face,
        });
    }
}

/// How far a face is from a query: stretch first, then slant, then weight; less is better.
fn distance(query: &FontQuery, face: &FaceDescription) -> [(u8, f32); 3] {
    [
        stretch_distance(query.stretch, face.stretch),
        (slant_rank(query.slant, face.slant), 0.0),
        weight_distance(query.weight, face.weight),
    ]
}

fn ordered((a, b): (f32, f32)) -> (f32, f32) {
    (a.min(b), a.max(b))
}

/// Up to normal, narrower faces come first; beyond, wider ones.
fn stretch_distance(wanted: f32, range: (f32, f32)) -> (u8, f32) {
    let (low, high) = ordered(range);
    if (low..=high).contains(&wanted) {
        (0, 0.0)
    } else if high < wanted {
        (if wanted <= 1.0 { 1 } else { 2 }, wanted - high)
    } else {
        (if wanted <= 1.0 { 2 } else { 1 }, low - wanted)
    }
}

fn slant_rank(wanted: FontSlant, face: FontSlant) -> u8 {
    use FontSlant::{Italic, Normal, Oblique};
    match (wanted, face) {
        (Normal, Normal) | (Italic, Italic) | (Oblique, Oblique) => 0,
        (Normal, Oblique) | (Italic, Oblique) | (Oblique, Italic) => 1,
        (Normal, Italic) | (Italic | Oblique, Normal) => 2,
    }
}

/// 400 to 500 look up to 500, then down, then further up; lighter look down first; bolder up.
fn weight_distance(wanted: f32, range: (f32, f32)) -> (u8, f32) {
    let (low, high) = ordered(range);
    if (low..=high).contains(&wanted) {
        (0, 0.0)
    } else if (400.0..=500.0).contains(&wanted) {
        if low > wanted && low <= 500.0 {
            (1, low - wanted)
        } else if high < wanted {
            (2, wanted - high)
        } else {
            (3, low - wanted)
        }
    } else if high < wanted {
        (if wanted < 400.0 { 1 } else { 2 }, wanted - high)
    } else {
        (if wanted < 400.0 { 2 } else { 1 }, low - wanted)
    }
}

/// Selections that were made before; most text of a document asks for a few.
#[derive(Debug, Default)]
pub(crate) struct SelectionCache {
    known: RwLock<FxHashMap<u64, Vec<Known>>>,
    /// The same by the address of the list of families, which is held so that it stays its own: text of
    /// one style asks with one list.
    asked: RwLock<FxHashMap<Asked, Answered>>,
}

type Known = (FontQuery, Option<[u8; 4]>, Arc<Selection>);

/// Families and details by address, weight, slant, stretch, optical size and script.
type Asked = ([usize; 2], u32, FontSlant, [u32; 2], Option<[u8; 4]>);

/// What keeps the addresses from being used again, and what was selected.
type Answered = (Arc<[Arc<str>]>, Option<Arc<FontDetails>>, Arc<Selection>);

/// More queries than this in one document are somebody's attack, or an animation.
const KNOWN_QUERIES: usize = 1024;

impl SelectionCache {
    pub(crate) fn get(
        &self,
        query: &FontQuery,
        script: Option<[u8; 4]>,
        make: impl FnOnce() -> Selection,
    ) -> Arc<Selection> {
        let details = query.details.as_ref();
        let asked = (
            [
                Arc::as_ptr(&query.families).cast::<()>().addr(),
                details.map_or(0, |details| Arc::as_ptr(details).addr()),
            ],
            query.weight.to_bits(),
            query.slant,
            [query.stretch.to_bits(), query.optical_size.to_bits()],
            script,
        );
        if let Ok(known) = self.asked.read()
            && let Some((_, _, found)) = known.get(&asked)
        {
            return Arc::clone(found);
        }
        let found = self.by_names(query, script, make);
        if let Ok(mut known) = self.asked.write() {
            if known.len() >= KNOWN_QUERIES {
                known.clear();
            }
            let families = Arc::clone(&query.families);
            known.insert(asked, (families, details.cloned(), Arc::clone(&found)));
        }
        found
    }

    fn by_names(
        &self,
        query: &FontQuery,
        script: Option<[u8; 4]>,
        make: impl FnOnce() -> Selection,
    ) -> Arc<Selection> {
        let key = hash(query, script);
        if let Ok(known) = self.known.read()
            && let Some(found) = known.get(&key).and_then(|list| {
                list.iter()
                    .find(|(other, of, _)| other == query && *of == script)
            })
        {
            return Arc::clone(&found.2);
        }
        let made = Arc::new(make());
        if let Ok(mut known) = self.known.write() {
            if known.len() >= KNOWN_QUERIES {
                known.clear();
            }
            known
                .entry(key)
                .or_default()
                .push((query.clone(), script, Arc::clone(&made)));
        }
        made
    }
}

fn hash(query: &FontQuery, script: Option<[u8; 4]>) -> u64 {
    let mut hasher = FxHasher::default();
    query.families.hash(&mut hasher);
    query.weight.to_bits().hash(&mut hasher);
    query.slant.hash(&mut hasher);
    query.stretch.to_bits().hash(&mut hasher);
    query.optical_size.to_bits().hash(&mut hasher);
    script.hash(&mut hasher);
    hasher.finish()
}
