//! From computed styles to what shaping and line boxes need: font queries, spans, line metrics.

use super::Layout;
use crate::boxes::{InlineContent, TextSpan};
use fanfold_geometry::Px;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{
    Collapse, FontAspect, FontCaps, FontStyle, FontSynthesis, Hyphens, LineBreak, LineHeight,
    OverflowWrap, Slant, SlantSynthesis, UnicodeBidi, WordBreak,
};
use fanfold_text::{
    Aspect, Face, FaceId, FontDetails, FontQuery, FontSlant, Fonts, HyphenLimits, LineBreakRules,
    SmallCaps, Span, Strictness, Synthesis, TextDirection,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Font selections made, by the identity of their style
/// and their language's.
pub(crate) type MetricsCache = FxHashMap<(usize, usize), Selected>;

/// What was selected, with what keeps the identities from being used again.
#[derive(Debug)]
pub(crate) struct Selected {
    query: FontQuery,
    face: FaceId,
    _font: Arc<FontStyle>,
    _language: Option<Arc<str>>,
}

/// What a font and line height give a line box (CSS 2.2 §10.8.1).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LineMetrics {
    /// Font size.
    pub(crate) size: Px,
    /// Ascent of the font.
    pub(crate) ascent: Px,
    /// Descent of the font, positive.
    pub(crate) descent: Px,
    /// Used line height.
    pub(crate) line_height: Px,
    /// Height of a lower-case x.
    pub(crate) x_height: Px,
}

impl LineMetrics {
    /// Above the baseline with half of the leading.
    pub(crate) fn above(&self) -> Px {
        let leading = self.line_height - (self.ascent + self.descent);
        self.ascent + leading / 2.0
    }

    /// Below the baseline with the other half.
    pub(crate) fn below(&self) -> Px {
        self.line_height - self.above()
    }
}

/// The font query of `font` for text in `language`.
pub(crate) fn font_query(font: &FontStyle, language: Option<&str>, fonts: &Fonts) -> FontQuery {
    let optical = font.optical_sizing && fonts.have_optical_sizes();
    FontQuery {
        families: families(font, language),
        weight: font.weight,
        slant: font_slant(font.slant),
        stretch: font.stretch,
        optical_size: if optical { font.size.0 } else { 0.0 },
        details: details(font).map(Arc::new),
    }
}

/// A style as the fonts know it.
pub(crate) fn font_slant(slant: Slant) -> FontSlant {
    match slant {
        Slant::Normal => FontSlant::Normal,
        Slant::Italic => FontSlant::Italic,
        Slant::Oblique => FontSlant::Oblique,
    }
}

/// What `font` asks for beyond what all text does.
fn details(font: &FontStyle) -> Option<FontDetails> {
    let synthesis = font.synthesis;
    if font.variations.is_empty()
        && font.size_adjust.is_none()
        && synthesis == FontSynthesis::default()
    {
        return None;
    }
    let aspect = |aspect| match aspect {
        FontAspect::ExHeight => Aspect::ExHeight,
        FontAspect::CapHeight => Aspect::CapHeight,
        FontAspect::ChWidth => Aspect::ChWidth,
        FontAspect::IcWidth => Aspect::IcWidth,
        FontAspect::IcHeight => Aspect::IcHeight,
    };
    Some(FontDetails {
        variations: font.variations.clone(),
        synthesis: Synthesis {
            weight: synthesis.weight,
            style: match synthesis.style {
                SlantSynthesis::Auto => true,
                SlantSynthesis::ObliqueOnly => font.slant == Slant::Oblique,
                SlantSynthesis::None => false,
            },
            small_caps: synthesis.small_caps,
        },
        aspect: font
            .size_adjust
            .map(|(metric, value)| (aspect(metric), value)),
    })
}

/// The families of `font`; before the first generic one those of the language's script, as fontconfig
/// ranks fonts: a generic family is a different one in each script (CSS Fonts 4 §2.1).
fn families(font: &FontStyle, language: Option<&str>) -> Arc<[Arc<str>]> {
    let written = font.families.as_slice();
    let Some(script) = language.and_then(fanfold_fonts::script_of) else {
        return written.into();
    };
    let mut served = fanfold_fonts::fallbacks().iter();
    let Some((_, own)) = served.find(|(served, _)| *served == script) else {
        return written.into();
    };
    let generic = written
        .iter()
        .position(|family| fanfold_fonts::is_generic(family));
    let (named, generic) = written.split_at(generic.unwrap_or(written.len()));
    let own = own.iter().map(|&family| Arc::from(family));
    let named = named.iter().cloned();
    named.chain(own).chain(generic.iter().cloned()).collect()
}

/// Metrics of a face that is drawn at a size, for a line height of text of `size`.
pub(crate) fn line_metrics(
    face: &fanfold_text::FaceMetrics,
    (size, drawn): (Px, Px),
    line_height: LineHeight,
) -> LineMetrics {
    let units = if face.units_per_em > 0.0 {
        face.units_per_em
    } else {
        1000.0
    };
    let scale = |value: f32| Px(value / units * drawn.0);
    let (ascent, descent) = (scale(face.ascent), scale(face.descent));
    let line_height = match line_height {
        // CSS leaves `normal` to us. As WeasyPrint has it: neither rounded for a screen's pixels nor
        // with the font's line gap, so that documents made for it keep their pages.
        LineHeight::Normal => ascent + descent,
        LineHeight::Number(factor) => size * factor,
        LineHeight::Length(length) => length,
    };
    let line_height = super::sizing::bounded(line_height).max(Px::ZERO);
    let x_height = if face.x_height > 0.0 {
        scale(face.x_height)
    } else {
        drawn * 0.5
    };
    LineMetrics {
        size,
        ascent,
        descent,
        line_height,
        x_height,
    }
}

impl Layout<'_> {
    /// What is selected for a style's font, as `use_it` wants it.
    fn with_font<T>(&self, style: &ComputedStyle, use_it: impl FnOnce(&Selected) -> T) -> T {
        let language = style.text.language.as_ref();
        let key = (
            Arc::as_ptr(&style.font) as usize,
            language.map_or(0, |language| Arc::as_ptr(language).cast::<u8>() as usize),
        );
        if let Some(selected) = self.metrics.borrow().get(&key) {
            return use_it(selected);
        }
        let language_tag = language.map(|language| &**language);
        let query = font_query(&style.font, language_tag, self.fonts);
        let selected = Selected {
            face: self.fonts.primary(&query),
            query,
            _font: style.font.clone(),
            _language: language.cloned(),
        };
        let used = use_it(&selected);
        self.metrics.borrow_mut().insert(key, selected);
        used
    }

    /// The query and first available face of a style's font.
    pub(crate) fn font(&self, style: &ComputedStyle) -> (FontQuery, FaceId) {
        self.with_font(style, |selected| (selected.query.clone(), selected.face))
    }

    /// The first available face of a style's font.
    pub(crate) fn first_face_id(&self, style: &ComputedStyle) -> FaceId {
        self.with_font(style, |selected| selected.face)
    }

    /// The strut of a style.
    pub(crate) fn strut(&self, style: &ComputedStyle) -> LineMetrics {
        let (face, drawn) = self.first_face(style);
        let size = super::sizing::bounded(style.font.size).max(Px::ZERO);
        line_metrics(&face.metrics, (size, drawn), style.text.line_height)
    }

    /// The first available face of a style's font, and the size that it is drawn in.
    pub(crate) fn first_face(&self, style: &ComputedStyle) -> (&Face, Px) {
        let size = super::sizing::bounded(style.font.size).max(Px::ZERO);
        self.with_font(style, |selected| {
            let face = self.fonts.face(selected.face);
            let factor = selected.query.size_factor(face, || Arc::clone(face));
            (&**face, size * factor)
        })
    }

    /// The spans of an inline formatting context.
    pub(crate) fn spans(&self, content: &InlineContent, root: &ComputedStyle) -> Vec<Span> {
        content
            .spans
            .iter()
            .map(|span| self.span(content, span, root))
            .collect()
    }

    pub(super) fn span(
        &self,
        content: &InlineContent,
        span: &TextSpan,
        root: &ComputedStyle,
    ) -> Span {
        let style = span
            .owner
            .map_or(root, |owner| &content.boxes[owner as usize].style);
        let (query, _) = self.font(style);
        let text = &style.text;
        Span {
            range: span.range.start as usize..span.range.end as usize,
            font: query,
            size: super::sizing::bounded(style.font.size).max(Px::ZERO),
            letter_spacing: text.letter_spacing,
            word_spacing: text.word_spacing,
            features: style.font.features.clone(),
            kerning: style.font.kerning,
            caps: small_caps(style.font.variants.caps),
            language: text.language.clone(),
            rules: LineBreakRules {
                nowrap: text.white_space.nowrap,
                break_all: text.word_break == WordBreak::BreakAll,
                keep_all: text.word_break == WordBreak::KeepAll,
                anywhere: text.overflow_wrap == OverflowWrap::Anywhere,
                emergency: text.overflow_wrap != OverflowWrap::Normal,
                hyphenate: text.hyphens == Hyphens::Auto,
                no_soft_hyphens: text.hyphens == Hyphens::None,
                break_spaces: text.white_space.collapse == Collapse::BreakSpaces,
                strictness: match text.line_break {
                    LineBreak::Loose => Strictness::Loose,
                    LineBreak::Auto | LineBreak::Normal => Strictness::Normal,
                    LineBreak::Strict => Strictness::Strict,
                    LineBreak::Anywhere => Strictness::Anywhere,
                },
                hyphen_limits: HyphenLimits {
                    word: text.hyphenate_limit_chars.word as usize,
                    before: text.hyphenate_limit_chars.before as usize,
                    after: text.hyphenate_limit_chars.after as usize,
                },
            },
            atomic: (span.atomic.is_some() || span.leader.is_some()).then_some(Px::ZERO),
        }
    }
}

fn small_caps(caps: FontCaps) -> SmallCaps {
    match caps {
        FontCaps::Normal => SmallCaps::None,
        FontCaps::Small => SmallCaps::Small,
        FontCaps::AllSmall => SmallCaps::AllSmall,
        FontCaps::Petite => SmallCaps::Petite,
        FontCaps::AllPetite => SmallCaps::AllPetite,
        FontCaps::Unicase => SmallCaps::Unicase,
        FontCaps::Titling => SmallCaps::Titling,
    }
}

/// The paragraph direction of a block container (CSS Writing Modes 4 §2.4.3).
pub(crate) fn direction(style: &ComputedStyle) -> TextDirection {
    match (style.box_.unicode_bidi, style.text.rtl) {
        (UnicodeBidi::Plaintext, _) => TextDirection::Auto,
        (UnicodeBidi::Override | UnicodeBidi::IsolateOverride, true) => TextDirection::RtlOverride,
        (UnicodeBidi::Override | UnicodeBidi::IsolateOverride, false) => TextDirection::LtrOverride,
        (_, true) => TextDirection::Rtl,
        (_, false) => TextDirection::Ltr,
    }
}
