//! Text of SVG images: laid out by usvg with the press's fonts, shown as text where it is of one colour.

use super::draw::{color, outline_of, transform};
use fanfold_geometry::{Color, Point, Px, Transform};
use fanfold_paint::{Item, PositionedGlyph, TextRun};
use fanfold_text::{Face, FaceId, FontQuery, FontSlant, Fonts};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use usvg::fontdb::{self, Database};

/// The em that runs are written at: user units of any size scale it.
const EM: f32 = 16.0;

/// The faces that an image's text uses, as usvg and as the document know them.
pub(super) struct Faces<'a> {
    fonts: &'a Fonts,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    ids: BTreeMap<FaceId, fontdb::ID>,
    faces: BTreeMap<fontdb::ID, FaceId>,
    /// What was asked for each face first: its fallbacks match it.
    queries: BTreeMap<fontdb::ID, FontQuery>,
}

impl<'a> Faces<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        Self {
            fonts,
            known: Mutex::default(),
        }
    }

    /// Answers usvg's questions for fonts.
    pub(super) fn resolver(&self) -> usvg::FontResolver<'_> {
        usvg::FontResolver {
            select_font: Box::new(|font, database| {
                let query = query(font);
                let face = self.fonts.primary(&query);
                let id = self.enter(face, database)?;
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                known.queries.entry(id).or_insert(query);
                Some(id)
            }),
            select_fallback: Box::new(|character, used, database| {
                let query = {
                    let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                    used.iter().find_map(|id| known.queries.get(id).cloned())?
                };
                let face = self.fonts.covering(&query, character)?;
                self.enter(face, database)
                    .filter(|found| !used.contains(found))
            }),
        }
    }

    /// The face of an identifier that was given out.
    fn face(&self, id: fontdb::ID) -> Option<FaceId> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.faces.get(&id).copied()
    }

    fn enter(&self, face: FaceId, database: &mut Arc<Database>) -> Option<fontdb::ID> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = known.ids.get(&face) {
            return Some(*id);
        }
        let program = self.fonts.face(face);
        if program.data.is_empty() {
            return None;
        }
        let id = Arc::make_mut(database).push_face_info(described(program));
        known.ids.insert(face, id);
        known.faces.insert(id, face);
        Some(id)
    }
}

fn described(face: &Face) -> fontdb::FaceInfo {
    fontdb::FaceInfo {
        id: fontdb::ID::dummy(),
        source: fontdb::Source::Binary(Arc::new(face.data.clone())),
        index: face.index,
        families: vec![(
            face.description.family.to_string(),
            fontdb::Language::English_UnitedStates,
        )],
        post_script_name: face.postscript_name.to_string(),
        // Only the resolver above chooses.
        style: fontdb::Style::Normal,
        weight: fontdb::Weight::NORMAL,
        stretch: fontdb::Stretch::Normal,
        monospaced: false,
    }
}

fn query(font: &usvg::Font) -> FontQuery {
    use usvg::FontStretch as S;
    let families = font.families().iter().map(|family| match family {
        usvg::FontFamily::Serif => "serif".into(),
        usvg::FontFamily::SansSerif => "sans-serif".into(),
        usvg::FontFamily::Cursive => "cursive".into(),
        usvg::FontFamily::Fantasy => "fantasy".into(),
        usvg::FontFamily::Monospace => "monospace".into(),
        usvg::FontFamily::Named(name) => name.as_str().into(),
    });
    FontQuery {
        families: families.collect(),
        optical_size: 0.0,
        details: None,
        weight: f32::from(font.weight()),
        slant: match font.style() {
            usvg::FontStyle::Normal => FontSlant::Normal,
            usvg::FontStyle::Italic => FontSlant::Italic,
            usvg::FontStyle::Oblique => FontSlant::Oblique,
        },
        // CSS Fonts 4 §2.4.
        stretch: match font.stretch() {
            S::UltraCondensed => 0.5,
            S::ExtraCondensed => 0.625,
            S::Condensed => 0.75,
            S::SemiCondensed => 0.875,
            S::Normal => 1.0,
            S::SemiExpanded => 1.125,
            S::Expanded => 1.25,
            S::ExtraExpanded => 1.5,
            S::UltraExpanded => 2.0,
        },
    }
}

/// A text's items; none where it has to be drawn as shapes: lined, or of more than one colour.
pub(super) fn items(text: &usvg::Text, faces: &Faces<'_>) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    for span in text.layouted() {
        if !span.visible {
            continue;
        }
        let under = [&span.underline, &span.overline];
        for line in under.into_iter().flatten() {
            items.push(solid(line)?);
        }
        let ink = match &span.fill {
            Some(fill) if span.stroke.is_none() => plain(fill)?,
            None if span.stroke.is_none() => continue,
            _ => return None,
        };
        runs(&span.positioned_glyphs, ink, faces, &mut items)?;
        if let Some(line) = &span.line_through {
            items.push(solid(line)?);
        }
    }
    Some(items)
}

fn plain(fill: &usvg::Fill) -> Option<Color> {
    match fill.paint() {
        usvg::Paint::Color(ink) => Some(color(*ink, fill.opacity().get())),
        _ => None,
    }
}

/// A line of decoration.
fn solid(line: &usvg::Path) -> Option<Item> {
    if line.stroke().is_some() {
        return None;
    }
    Some(Item::FillPath {
        path: outline_of(line.data()),
        even_odd: false,
        color: plain(line.fill()?)?,
    })
}

/// Glyphs of one face and direction that differ by their place along the baseline alone.
struct Run {
    face: FaceId,
    /// From the run's space, an em of it [`EM`] wide, to the text's.
    place: Transform,
    /// Each with the index of its cluster.
    glyphs: Vec<(PositionedGlyph, usize)>,
    /// The clusters' characters, in visual order.
    clusters: Vec<String>,
    /// Known from the first letter on.
    rtl: Option<bool>,
}

fn runs(
    glyphs: &[usvg::layout::PositionedGlyph],
    ink: Color,
    faces: &Faces<'_>,
    items: &mut Vec<Item>,
) -> Option<()> {
    let mut open: Option<Run> = None;
    for glyph in glyphs {
        let face = faces.face(glyph.font)?;
        let program = faces.fonts.face(face);
        // Its instance is usvg's choice, not the face's.
        if !program.axes.is_empty() {
            return None;
        }
        let id = u16::try_from(glyph.id.0).ok()?;
        let scale = program.metrics.units_per_em / EM;
        let place = transform(glyph.transform().pre_scale(scale, scale));
        let rtl = is_rtl(&glyph.text);
        let same = open.as_ref().filter(|run| {
            run.face == face && run.rtl.zip(rtl).is_none_or(|(one, other)| one == other)
        });
        let at = same.and_then(|run| along(run.place, place));
        if at.is_none() {
            finish(open.take(), ink, items);
        }
        let run = open.get_or_insert_with(|| Run {
            face,
            place,
            glyphs: Vec::new(),
            clusters: Vec::new(),
            rtl: None,
        });
        run.rtl = run.rtl.or(rtl);
        let at = at.unwrap_or(Point::new(Px::ZERO, Px::ZERO));
        let positioned = PositionedGlyph {
            id,
            x: at.x,
            y: -at.y,
            advance: Px(program.advance(id) / scale),
            text: (0, 0),
        };
        run.add(positioned, &glyph.text);
    }
    finish(open, ink, items);
    Some(())
}

impl Run {
    /// Adds a glyph. Of a cluster's glyphs only one has its characters: the last from left to right, the
    /// first from right to left.
    fn add(&mut self, glyph: PositionedGlyph, text: &str) {
        let last = self.clusters.len().checked_sub(1);
        let waits = last.filter(|last| self.clusters[*last].is_empty());
        let cluster = match (waits, last) {
            (None, Some(last)) if text.is_empty() && self.rtl == Some(true) => last,
            (Some(waiting), _) => {
                self.clusters[waiting].push_str(text);
                waiting
            }
            (None, _) => {
                self.clusters.push(text.to_owned());
                self.clusters.len() - 1
            }
        };
        self.glyphs.push((glyph, cluster));
    }
}

/// The direction of the first letter or digit.
fn is_rtl(text: &str) -> Option<bool> {
    let strong = text.chars().find(|c| c.is_alphanumeric())?;
    // The blocks of the scripts that run so (UAX #9 §3.2).
    Some(matches!(
        u32::from(strong),
        0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff
    ))
}

/// Where `other`'s origin is in `space`, where the two differ by a shift alone.
fn along(space: Transform, other: Transform) -> Option<Point> {
    let size = space.a.abs() + space.b.abs() + space.c.abs() + space.d.abs();
    let near = |one: f32, other: f32| (one - other).abs() <= size * 1e-5;
    let alike = near(space.a, other.a)
        && near(space.b, other.b)
        && near(space.c, other.c)
        && near(space.d, other.d);
    let determinant = space.a * space.d - space.b * space.c;
    if !alike || determinant == 0.0 {
        return None;
    }
    let (x, y) = (other.e - space.e, other.f - space.f);
    Some(Point::new(
        Px((space.d * x - space.c * y) / determinant),
        Px((space.a * y - space.b * x) / determinant),
    ))
}

fn finish(run: Option<Run>, ink: Color, items: &mut Vec<Item>) {
    let Some(run) = run else { return };
    let rtl = run.rtl == Some(true);
    let mut text = String::new();
    let mut ranges = vec![(0, 0); run.clusters.len()];
    let count = run.clusters.len();
    for index in 0..count {
        let cluster = if rtl { count - 1 - index } else { index };
        let end = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let start = end(&text);
        text.push_str(&run.clusters[cluster]);
        ranges[cluster] = (start, end(&text));
    }
    let glyphs = run
        .glyphs
        .into_iter()
        .map(|(glyph, cluster)| PositionedGlyph {
            text: ranges[cluster],
            ..glyph
        });
    items.push(Item::PushTransform(run.place));
    items.push(Item::Text(TextRun {
        face: run.face,
        size: Px(EM),
        color: ink,
        origin: Point::new(Px::ZERO, Px::ZERO),
        glyphs: glyphs.collect(),
        text: text.into(),
        rtl,
        synthetic_bold: false,
        synthetic_oblique: false,
    }));
    items.push(Item::Pop);
}
