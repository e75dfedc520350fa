//! The fonts a document may use: the embedded ones, `@font-face`, and those given with the options.

use crate::font_file::{DocumentFiles, FontCache, FontFile};
use crate::images::bytes_of;
use crate::layout::{font_query, font_slant};
use crate::press::{Options, PressError};
use fanfold_style::computed::{FontRatios, FontStyle};
use fanfold_style::{Diagnostic, Fetch, FontFaceRule, FontSource, MeasureFonts, Place};
use fanfold_text::{Face, FaceDescription, FontSlant, Fonts, MetricsAdjustment};
use std::sync::Arc;

/// A document's fonts, and what could not be added to them.
pub(crate) struct DocumentFonts {
    pub(crate) fonts: Fonts,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The embedded faces with the names they answer to.
pub(crate) fn embedded() -> Fonts {
    let mut fonts = Fonts::new();
    for face in fanfold_fonts::faces() {
        let weight = f32::from(face.weight);
        fonts.add_later(
            || face.data(),
            FaceDescription {
                family: face.family.into(),
                weight: (weight, weight),
                slant: if face.italic {
                    FontSlant::Italic
                } else {
                    FontSlant::Normal
                },
                ..FaceDescription::default()
            },
        );
    }
    for (name, families) in fanfold_fonts::aliases() {
        fonts.alias(name, families);
    }
    for (script, families) in fanfold_fonts::fallbacks() {
        fonts.set_fallback(*script, families);
    }
    fonts
}

/// The fonts of a document's own that an earlier try could not embed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Refused {
    /// None so far.
    #[default]
    None,
    /// Those with this PostScript name.
    Named(String),
    /// All: so that a document with many damaged fonts is not tried once for each.
    All,
}

impl Refused {
    /// What to refuse when the font called `name` cannot be embedded; none when nothing is left to.
    pub(crate) fn further(&self, name: &str) -> Option<Self> {
        match self {
            Self::None => Some(Self::Named(name.to_owned())),
            Self::Named(_) => Some(Self::All),
            Self::All => None,
        }
    }

    fn refuses(&self, face: &Face) -> bool {
        match self {
            Self::None => false,
            Self::Named(name) => *face.postscript_name == **name,
            Self::All => true,
        }
    }
}

/// The shared set with a document's own fonts added.
///
/// # Errors
/// [`PressError::Font`] for a font of the options; an `@font-face` that fails is a diagnostic.
pub(crate) fn with_document_fonts(
    shared: &Fonts,
    faces: &[FontFaceRule],
    (fetch, cache): (&dyn Fetch, &FontCache),
    options: &Options,
    refused: &Refused,
) -> Result<DocumentFonts, PressError> {
    let mut diagnostics = Vec::new();
    let mut fonts = shared.clone();
    for data in &options.fonts {
        let file = FontFile::read(data.clone(), cache, options.limits.resource_bytes);
        fonts.add_face(Arc::clone(file.map_err(PressError::Font)?.face()));
    }
    let limit = options.limits.resource_bytes;
    let mut files = DocumentFiles::new(cache, limit);
    for rule in faces {
        if let Err(message) = add_rule(&mut fonts, rule, (fetch, &mut files), limit, refused) {
            diagnostics.push(Diagnostic {
                place: Place::default(),
                message: format!("@font-face \"{}\" left out: {message}", rule.family),
            });
        }
    }
    Ok(DocumentFonts { fonts, diagnostics })
}

/// Adds the first source that works.
fn add_rule(
    fonts: &mut Fonts,
    rule: &FontFaceRule,
    (fetch, files): (&dyn Fetch, &mut DocumentFiles<'_>),
    limit: usize,
    refused: &Refused,
) -> Result<(), String> {
    let mut why = "it has no usable src".to_owned();
    for source in &rule.sources {
        let added = match source {
            FontSource::Url(url) => bytes_of(url, fetch, limit).and_then(|data| {
                let face = files.read(data)?.described(rule, describe(rule));
                if refused.refuses(&face) {
                    return Err("it cannot be embedded".into());
                }
                Ok(face)
            }),
            // Those that every document has: the same document must look the same everywhere.
            FontSource::Local(name) => match fonts.local(name) {
                Some(face) => Ok(Arc::new(fonts.face(face).described(describe(rule)))),
                None => continue,
            },
        };
        match added {
            Ok(face) => {
                fonts.add_face(face);
                return Ok(());
            }
            Err(message) => why = message,
        }
    }
    Err(why)
}

fn describe(rule: &FontFaceRule) -> FaceDescription {
    let regular = FaceDescription::default();
    let [ascent, descent, line_gap] = rule.overrides;
    FaceDescription {
        family: rule.family.clone(),
        weight: rule.weight.unwrap_or(regular.weight),
        slant: rule.slant.map_or(regular.slant, font_slant),
        stretch: rule.stretch.unwrap_or(regular.stretch),
        ranges: rule.ranges.clone(),
        auto_slant: false,
        adjustment: MetricsAdjustment {
            ascent,
            descent,
            line_gap,
            size: rule.size_adjust,
        },
        features: rule.features.clone(),
        variations: rule.variations.clone(),
    }
}

/// Fonts as the cascade asks for them.
struct Measured {
    fonts: Fonts,
    /// They are the press's alone.
    usual: bool,
}

impl std::fmt::Debug for Measured {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Measured")
    }
}

impl MeasureFonts for Measured {
    fn ratios(&self, font: &FontStyle) -> FontRatios {
        let query = font_query(font, None, &self.fonts);
        let face = self.fonts.face(self.fonts.primary(&query));
        let metrics = &face.metrics;
        let factor = query.size_factor(face, || Arc::clone(face));
        let of = |value: f32, otherwise: f32| {
            let ratio = value / metrics.units_per_em * factor;
            if ratio.is_finite() && ratio > 0.0 {
                ratio
            } else {
                otherwise
            }
        };
        let assumed = FontRatios::default();
        FontRatios {
            ex: of(metrics.x_height, assumed.ex),
            ch: of(metrics.zero_advance, assumed.ch),
            cap: of(metrics.cap_height, assumed.cap),
        }
    }

    fn are_usual(&self) -> bool {
        self.usual
    }
}

/// What measures `fonts` for the cascade; `usual` are the press's alone.
pub(crate) fn measuring(fonts: &Fonts, usual: bool) -> Box<dyn MeasureFonts> {
    Box::new(Measured {
        fonts: fonts.clone(),
        usual,
    })
}

#[cfg(test)]
mod tests {
    use crate::{Fetch, FetchError, Options, Press};
    use std::sync::Arc;

    /// A font whose outlines are noise: it shapes, but cannot be embedded.
    struct Damaged;

    impl Fetch for Damaged {
        fn fetch(&self, _: &str) -> Result<Arc<[u8]>, FetchError> {
            let face = fanfold_fonts::faces()
                .iter()
                .find(|face| face.family == "Carlito")
                .ok_or(FetchError::NotFound)?;
            let mut data = face.data().to_vec();
            let tables = usize::from(u16::from_be_bytes([data[4], data[5]]));
            let number = |data: &[u8], at: usize| {
                u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]) as usize
            };
            let glyf = (0..tables)
                .map(|table| 12 + table * 16)
                .find(|at| data[*at..*at + 4] == *b"glyf")
                .ok_or(FetchError::NotFound)?;
            let (start, length) = (number(&data, glyf + 8), number(&data, glyf + 12));
            data[start..start + length].fill(0xff);
            Ok(data.into())
        }
    }

    #[test]
    fn a_document_is_printed_without_a_font_that_cannot_be_embedded() {
        let html = "<style>@font-face{font-family:q;src:url(q.ttf)}</style>\
                    <p style='font-family:q,Carlito'>Some words";
        let pdf = Press::new()
            .print(html, &Damaged, &Options::default())
            .expect("the document prints");
        assert!(
            pdf.diagnostics
                .iter()
                .any(|diagnostic| diagnostic.message.contains("\"q\" left out")),
            "{:?}",
            pdf.diagnostics
        );
    }
}
