//! The fonts a document may use: the embedded ones, `@font-face`, and those given with the options.

use crate::images::bytes_of;
use crate::press::{Options, PressError};
use fanfold_style::computed::Slant;
use fanfold_style::{Diagnostic, Fetch, FontFaceRule, FontSource, Place, Styled};
use fanfold_text::{FaceDescription, FontSlant, Fonts};

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
        fonts.add_static(
            face.data,
            FaceDescription {
                family: face.family.into(),
                weight: (weight, weight),
                slant: if face.italic {
                    FontSlant::Italic
                } else {
                    FontSlant::Normal
                },
                stretch: (1.0, 1.0),
                ranges: Vec::new(),
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

/// The shared set with a document's own fonts added.
///
/// # Errors
/// [`PressError::Font`] for a font of the options; an `@font-face` that fails is a diagnostic.
pub(crate) fn with_document_fonts(
    shared: &Fonts,
    styled: &Styled,
    fetch: &dyn Fetch,
    options: &Options,
) -> Result<DocumentFonts, PressError> {
    let mut diagnostics = Vec::new();
    let mut fonts = shared.clone();
    for data in &options.fonts {
        fonts
            .add(data.clone(), 0, None)
            .map_err(|error| PressError::Font(error.to_string()))?;
    }
    for rule in &styled.font_faces {
        if let Err(message) = add_rule(&mut fonts, rule, fetch, options.limits.resource_bytes) {
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
    fetch: &dyn Fetch,
    limit: usize,
) -> Result<(), String> {
    let mut why = "it has no usable src".to_owned();
    for source in &rule.sources {
        // There are no local fonts: the same document must look the same everywhere.
        let FontSource::Url(url) = source else {
            continue;
        };
        let added = bytes_of(url, fetch, limit).and_then(|data| {
            let description = Some(describe(rule));
            fonts
                .add(data, 0, description)
                .map_err(|error| error.to_string())
        });
        match added {
            Ok(_) => return Ok(()),
            Err(message) => why = message,
        }
    }
    Err(why)
}

fn describe(rule: &FontFaceRule) -> FaceDescription {
    FaceDescription {
        family: rule.family.clone(),
        weight: rule.weight,
        slant: match rule.slant {
            Slant::Normal => FontSlant::Normal,
            Slant::Italic => FontSlant::Italic,
            Slant::Oblique => FontSlant::Oblique,
        },
        stretch: rule.stretch,
        ranges: rule.ranges.clone(),
    }
}
