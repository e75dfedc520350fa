//! Faces and the choice among them.

use crate::face::{Face, FontData};
use crate::select::{Selection, SelectionCache};
use crate::variation::{Axis, Instances, Variations, location};
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

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
    /// An axis of the font slants it where that is asked for.
    pub auto_slant: bool,
    /// Metrics in place of the font's own.
    pub adjustment: MetricsAdjustment,
    /// OpenType features that its text has, tag and value.
    pub features: Vec<([u8; 4], u32)>,
    /// Values of its variation axes.
    pub variations: Variations,
}

impl Default for FaceDescription {
    /// A regular face without a name, for all that it maps.
    fn default() -> Self {
        Self {
            family: "".into(),
            weight: (400.0, 400.0),
            slant: FontSlant::Normal,
            stretch: (1.0, 1.0),
            ranges: Vec::new(),
            auto_slant: false,
            adjustment: MetricsAdjustment::default(),
            features: Vec::new(),
            variations: Vec::new(),
        }
    }
}

impl FaceDescription {
    /// Takes weights, stretches and slants as far as the axes of a font reach, each where `auto` is asked for
    /// (CSS Fonts 4 §4.4).
    pub fn take_axes(&mut self, axes: &[Axis], [weight, stretch, slant]: [bool; 3]) {
        for axis in axes {
            match &axis.tag {
                b"wght" if weight => self.weight = (axis.min, axis.max),
                b"wdth" if stretch => self.stretch = (axis.min / 100.0, axis.max / 100.0),
                b"slnt" | b"ital" if slant => self.auto_slant = true,
                _ => {}
            }
        }
    }

    /// Whether an axis of `face` makes it slanted.
    pub(crate) fn slants(&self, face: &Face) -> bool {
        (self.auto_slant || self.slant != FontSlant::Normal)
            && (face.axis(*b"slnt").is_some() || face.axis(*b"ital").is_some())
    }
}

/// The metrics descriptors of `@font-face` (CSS Fonts 5 §3), as parts of the font size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricsAdjustment {
    /// `ascent-override`.
    pub ascent: Option<f32>,
    /// `descent-override`.
    pub descent: Option<f32>,
    /// `line-gap-override`.
    pub line_gap: Option<f32>,
    /// `size-adjust`: all that the font measures is this much larger.
    pub size: f32,
}

impl Default for MetricsAdjustment {
    /// The font's own metrics.
    fn default() -> Self {
        Self {
            ascent: None,
            descent: None,
            line_gap: None,
            size: 1.0,
        }
    }
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
    /// The font size in px where the `opsz` axis follows it (`font-optical-sizing`), else 0.
    pub optical_size: f32,
    /// What little text asks for.
    pub details: Option<Arc<FontDetails>>,
}

/// What text asks of a font beyond family and style.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FontDetails {
    /// `font-variation-settings`.
    pub variations: Variations,
    /// `font-synthesis`.
    pub synthesis: Synthesis,
    /// `font-size-adjust`: the metric, and how large a part of the font size it is to be; none is as large
    /// as the first face has it.
    pub aspect: Option<(Aspect, Option<f32>)>,
}

/// What may be made of a face that does not have it (CSS Fonts 4 §6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthesis {
    /// Bold letters.
    pub weight: bool,
    /// Oblique letters.
    pub style: bool,
    /// Small capitals.
    pub small_caps: bool,
}

impl Default for Synthesis {
    fn default() -> Self {
        Self {
            weight: true,
            style: true,
            small_caps: true,
        }
    }
}

/// The metrics that `font-size-adjust` may go by (CSS Fonts 5 §2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aspect {
    /// Height of a lower-case x.
    #[default]
    ExHeight,
    /// Height of a capital.
    CapHeight,
    /// Advance of the digit zero.
    ChWidth,
    /// Advance of an ideograph.
    IcWidth,
    /// The same down the page, which is an em.
    IcHeight,
}

impl FontQuery {
    /// What may be synthesised.
    pub(crate) fn synthesis(&self) -> Synthesis {
        self.details
            .as_ref()
            .map_or_else(Synthesis::default, |details| details.synthesis)
    }

    /// By how much text of the query's is drawn larger in `face` than its size says; `first` is the first
    /// available face.
    pub fn size_factor(&self, face: &Face, first: impl FnOnce() -> Arc<Face>) -> f32 {
        let own = face.description.adjustment.size;
        let Some((aspect, wanted)) = self.details.as_ref().and_then(|details| details.aspect)
        else {
            return own;
        };
        let wanted = wanted.unwrap_or_else(|| first().aspect(aspect));
        let factor = own * wanted / face.aspect(aspect);
        if factor.is_finite() { factor } else { own }
    }
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
pub struct Fonts {
    set: Arc<FontSet>,
}

#[derive(Debug, Default)]
pub(crate) struct FontSet {
    slots: Vec<Arc<Slot>>,
    /// Lower-case family names in order of first use, and the faces of each.
    families: Vec<(Arc<str>, Vec<FaceId>)>,
    family_index: FxHashMap<Arc<str>, usize>,
    aliases: FxHashMap<Arc<str>, Vec<Arc<str>>>,
    fallbacks: Vec<([u8; 4], Vec<Arc<str>>)>,
    selections: SelectionCache,
    instances: Instances,
    optical_sizes: bool,
    colors: bool,
}

impl Clone for FontSet {
    fn clone(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            families: self.families.clone(),
            family_index: self.family_index.clone(),
            aliases: self.aliases.clone(),
            fallbacks: self.fallbacks.clone(),
            // The clone is about to change, and with it what matches.
            selections: SelectionCache::default(),
            instances: Instances::default(),
            optical_sizes: self.optical_sizes,
            colors: self.colors,
        }
    }
}

/// A face that is parsed when it is first used.
struct Slot {
    load: Box<dyn Fn() -> FontData + Send + Sync>,
    index: u32,
    description: FaceDescription,
    face: OnceLock<Arc<Face>>,
    /// It is not parsed before it is needed.
    later: bool,
}

impl Slot {
    fn face(&self) -> &Arc<Face> {
        self.face.get_or_init(|| {
            let description = self.description.clone();
            let data = (self.load)();
            let parsed = Face::parse(data.clone(), self.index, Some(description.clone()));
            Arc::new(parsed.unwrap_or_else(|_| Face::empty(data, self.index, description)))
        })
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({})", self.description.family)
    }
}

/// Stands in where a set has no face at all.
static NO_FACE: LazyLock<Arc<Face>> = LazyLock::new(|| {
    let description = FaceDescription::default();
    Arc::new(Face::empty(FontData::Static(&[]), 0, description))
});

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
        let face = Arc::new(Face::parse(FontData::Shared(data), index, description)?);
        Ok(self.add_face(face))
    }

    /// Adds a face that is parsed already, such as one that another set has loaded.
    pub fn add_face(&mut self, face: Arc<Face>) -> FaceId {
        self.push(Slot {
            load: {
                let data = face.data.clone();
                Box::new(move || data.clone())
            },
            index: face.index,
            description: face.description.clone(),
            face: OnceLock::from(face),
            later: false,
        })
    }

    /// Adds a face of the program's own, to be parsed when text first needs it.
    ///
    /// Nothing is checked here: data that proves not to be a font acts as a face without glyphs.
    pub fn add_static(&mut self, data: &'static [u8], description: FaceDescription) -> FaceId {
        self.add_later(move || data, description)
    }

    /// As [`Self::add_static`], with data that `load` gives when it is first needed.
    pub fn add_later(
        &mut self,
        load: impl Fn() -> &'static [u8] + Send + Sync + 'static,
        description: FaceDescription,
    ) -> FaceId {
        self.push(Slot {
            load: Box::new(move || FontData::Static(load())),
            index: 0,
            description,
            face: OnceLock::new(),
            later: true,
        })
    }

    /// Lets `families` serve, in order, where `name` is asked for and no face has that name.
    pub fn alias(&mut self, name: &str, families: &[&str]) {
        let families = families.iter().map(|family| fold(family)).collect();
        Arc::make_mut(&mut self.set)
            .aliases
            .insert(fold(name), families);
    }

    /// Families for the characters of an ISO 15924 `script` that the named ones lack, in order.
    ///
    /// Those of `Zyyy` serve every script after its own.
    pub fn set_fallback(&mut self, script: [u8; 4], families: &[&str]) {
        let families: Vec<_> = families.iter().map(|family| fold(family)).collect();
        let fallbacks = &mut Arc::make_mut(&mut self.set).fallbacks;
        match fallbacks.iter_mut().find(|(known, _)| *known == script) {
            Some((_, known)) => *known = families,
            None => fallbacks.push((script, families)),
        }
    }

    /// The face at `id`; a face without glyphs where there is none.
    pub fn face(&self, id: FaceId) -> &Arc<Face> {
        let (index, slots) = (id.0 as usize, &self.set.slots);
        match slots.get(index) {
            Some(slot) => slot.face(),
            None => (self.set.instances.at(index - slots.len())).unwrap_or(&NO_FACE),
        }
    }

    /// The first available face for `query` (CSS Fonts 4 §5.2), whose metrics make the strut.
    ///
    /// A face whose ranges leave out the space is passed over (CSS Fonts 4 §4.5).
    pub fn primary(&self, query: &FontQuery) -> FaceId {
        self.select(query).primary
    }

    /// The first face for `query` that has `character`: of the families that it names, then of those that
    /// serve the character's script (CSS Fonts 4 §5.3).
    pub fn covering(&self, query: &FontQuery, character: char) -> Option<FaceId> {
        let covers = |selection: &Selection| {
            let choice = selection
                .choices
                .iter()
                .find(|choice| choice.covers(character));
            choice.map(|choice| choice.id)
        };
        covers(&self.select(query)).or_else(|| {
            let script = unicode_script::UnicodeScript::script(&character);
            let mut tag = *b"Zyyy";
            tag.iter_mut()
                .zip(script.short_name().bytes())
                .for_each(|(to, from)| *to = from);
            covers(&self.select_fallback(query, tag))
        })
    }

    /// The face that goes by `name`: a PostScript name, or a family's with the style (`local()`, CSS Fonts 4 §4.3).
    pub fn local(&self, name: &str) -> Option<FaceId> {
        let name = plain(name);
        let named = |slot: &Slot| plain(&slot.face().postscript_name) == name;
        let mut slots = self.set.slots.iter().zip(0..);
        // Parsing those of the program to know their names would take longer than the document does.
        if let Some((_, id)) = slots.find(|(slot, _)| !slot.later && named(slot)) {
            return Some(FaceId(id));
        }
        let mut styles = vec![(name.as_str(), 400.0, FontSlant::Normal)];
        for (suffix, weight, slant) in [
            ("regular", 400.0, FontSlant::Normal),
            ("bolditalic", 700.0, FontSlant::Italic),
            ("bold", 700.0, FontSlant::Normal),
            ("italic", 400.0, FontSlant::Italic),
        ] {
            let family = name
                .strip_suffix("mt")
                .unwrap_or(&name)
                .strip_suffix(suffix);
            styles.extend(family.map(|family| (family, weight, slant)));
        }
        styles.into_iter().find_map(|(family, weight, slant)| {
            // Not what stands in for a family: the font that the next source names is the right one.
            let mut known = self.set.families.iter().map(|(known, _)| known);
            let known = known.find(|known| plain(known) == family)?;
            let query = FontQuery {
                families: [Arc::clone(known)].into(),
                weight,
                slant,
                stretch: 1.0,
                optical_size: 0.0,
                details: None,
            };
            self.select(&query).choices.first().map(|choice| choice.id)
        })
    }

    /// Whether a face of a document's own has an `opsz` axis.
    pub fn have_optical_sizes(&self) -> bool {
        self.set.optical_sizes
    }

    /// Whether a face of a document's own has glyphs with colours.
    pub(crate) fn have_colors(&self) -> bool {
        self.set.colors
    }

    /// Number of faces.
    pub fn len(&self) -> usize {
        self.set.slots.len()
    }

    /// Whether there is no face.
    pub fn is_empty(&self) -> bool {
        self.set.slots.is_empty()
    }

    /// The faces for `query` in order of preference.
    pub(crate) fn select(&self, query: &FontQuery) -> Arc<Selection> {
        self.set
            .selections
            .get(query, None, || Selection::named(&self.set, query))
    }

    /// The faces to try for a script after the named ones.
    pub(crate) fn select_fallback(&self, query: &FontQuery, script: [u8; 4]) -> Arc<Selection> {
        self.set.selections.get(query, Some(script), || {
            Selection::fallback(&self.set, query, script)
        })
    }

    fn push(&mut self, slot: Slot) -> FaceId {
        let set = Arc::make_mut(&mut self.set);
        let id = FaceId(u32::try_from(set.slots.len()).unwrap_or(u32::MAX));
        let family = fold(&slot.description.family);
        let parsed = slot.face.get();
        set.colors |= parsed.is_some_and(|face| face.colors);
        set.optical_sizes |= parsed.is_some_and(|face| face.axis(*b"opsz").is_some());
        set.slots.push(Arc::new(slot));
        let next = set.families.len();
        let index = *set.family_index.entry(Arc::clone(&family)).or_insert(next);
        if index == next {
            set.families.push((family, Vec::new()));
        }
        set.families[index].1.push(id);
        set.selections = SelectionCache::default();
        set.instances = Instances::default();
        id
    }
}

impl FontSet {
    /// The faces of a family by its folded name.
    pub(crate) fn family(&self, folded: &str) -> Option<&[FaceId]> {
        self.family_index
            .get(folded)
            .map(|&index| self.families[index].1.as_slice())
    }

    pub(crate) fn alias_of(&self, folded: &str) -> &[Arc<str>] {
        self.aliases.get(folded).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn fallback_families(&self, script: [u8; 4]) -> &[Arc<str>] {
        self.fallbacks
            .iter()
            .find(|(known, _)| *known == script)
            .map_or(&[], |(_, list)| list)
    }

    pub(crate) fn all_families(&self) -> impl Iterator<Item = &[FaceId]> {
        self.families.iter().map(|(_, faces)| faces.as_slice())
    }

    pub(crate) fn description(&self, id: FaceId) -> &FaceDescription {
        &self.slots[id.0 as usize].description
    }

    /// The face at `id` as it serves `query`: an instance where it is variable.
    pub(crate) fn serving(&self, id: FaceId, query: &FontQuery) -> (FaceId, Arc<Face>) {
        let face = Arc::clone(self.slots[id.0 as usize].face());
        match location(&face, query) {
            location if location.is_empty() => (id, face),
            location => self.instances.get((id, face), location, self.slots.len()),
        }
    }
}

/// A name as `local()` compares it: without case, spaces and hyphens, which full and PostScript names differ in.
fn plain(name: &str) -> String {
    let name = name.chars().filter(|c| !matches!(c, ' ' | '-'));
    name.flat_map(char::to_lowercase).collect()
}

/// Family names compare without case (CSS Fonts 4 §5.1).
pub(crate) fn fold(name: &str) -> Arc<str> {
    name.trim().to_lowercase().into()
}
