//! Font properties (CSS Fonts 4).

use super::numeric::{Length, angle, number, percentage, positive_length_percentage};
use super::problem::invalid;
use super::{Compute, Computing, Parse, computed_as_specified, keyword, none_or};
use crate::computed::{FontAspect, FontCaps, Slant, SlantSynthesis};
use cssparser::{Parser, Token};
use fanfold_geometry::Px;
use std::sync::Arc;

/// OpenType features, tag and value.
pub(crate) type Features = Vec<([u8; 4], u32)>;
/// Keywords and the features they stand for.
type Table = &'static [(&'static str, &'static [([u8; 4], u32)])];
/// `font-variant-caps`.
pub(crate) type Caps = FontCaps;

computed_as_specified!(
    Slant,
    SlantSynthesis,
    FontCaps,
    ([u8; 4], u32),
    ([u8; 4], f32),
    (FontAspect, Option<f32>)
);

/// `font-family`: names as written, quoted or not.
pub(crate) fn families(input: &mut Parser<'_>) -> Parse<Vec<Arc<str>>> {
    input.parse_comma_separated(family)
}

/// One family name.
pub(crate) fn family(input: &mut Parser<'_>) -> Parse<Arc<str>> {
    if let Ok(name) = input.try_parse(|input| input.expect_string_cloned()) {
        return Ok(Arc::from(&*name));
    }
    let mut name = String::from(&**input.expect_ident()?);
    while let Ok(next) = input.try_parse(|input| input.expect_ident_cloned()) {
        name.push(' ');
        name.push_str(&next);
    }
    Ok(name.into())
}

/// `font-size` as specified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Size {
    /// Percentages are of the parent's size.
    Length(Length),
    /// A keyword's size in px.
    Absolute(f32),
    /// The next larger keyword's size, or a fifth more than the parent's.
    Larger,
    /// The next smaller keyword's size, or four fifths of the parent's.
    Smaller,
}

/// The absolute sizes in px, with a medium of 16 px (CSS Fonts 4 §2.5.1, its scaling factors).
const ABSOLUTE: [(&str, f32); 8] = [
    ("xx-small", 9.6),
    ("x-small", 12.0),
    ("small", 16.0 * 8.0 / 9.0),
    ("medium", 16.0),
    ("large", 19.2),
    ("x-large", 24.0),
    ("xx-large", 32.0),
    ("xxx-large", 48.0),
];

impl Compute for Size {
    type To = Px;
    fn compute(&self, cx: &Computing<'_>) -> Px {
        let parent = cx.parent.font.size;
        match self {
            Self::Length(length) => length
                .compute(cx)
                .resolve(parent)
                .clamp(Px::ZERO, Px(100_000.0)),
            Self::Absolute(px) => Px(*px),
            Self::Larger => {
                let next = ABSOLUTE.iter().find(|(_, px)| *px > parent.0 + 0.01);
                next.map_or((parent * 1.2).min(Px(100_000.0)), |(_, px)| Px(*px))
            }
            Self::Smaller => {
                let next = ABSOLUTE.iter().rev().find(|(_, px)| *px < parent.0 - 0.01);
                next.map_or(parent * 0.8, |(_, px)| Px(*px))
            }
        }
    }
}

/// `font-size`.
pub(crate) fn size(input: &mut Parser<'_>) -> Parse<Size> {
    let relative = [("larger", Size::Larger), ("smaller", Size::Smaller)];
    if let Ok(size) = input.try_parse(|input| keyword(input, &relative)) {
        return Ok(size);
    }
    if let Ok(px) = input.try_parse(|input| keyword(input, &ABSOLUTE)) {
        return Ok(Size::Absolute(px));
    }
    positive_length_percentage(input).map(Size::Length)
}

/// `font-weight` as specified.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Weight {
    /// 1 to 1000.
    Number(f32),
    /// `bolder`.
    Bolder,
    /// `lighter`.
    Lighter,
}

impl Compute for Weight {
    type To = f32;
    fn compute(&self, cx: &Computing<'_>) -> f32 {
        let parent = cx.parent.font.weight;
        // CSS Fonts 4 §2.2.1.
        match self {
            Self::Number(weight) => *weight,
            Self::Bolder if parent < 350.0 => 400.0,
            Self::Bolder if parent < 550.0 => 700.0,
            Self::Bolder => parent.max(900.0),
            Self::Lighter if parent < 100.0 => parent,
            Self::Lighter if parent < 550.0 => 100.0,
            Self::Lighter if parent < 750.0 => 400.0,
            Self::Lighter => 700.0,
        }
    }
}

/// `font-weight`.
pub(crate) fn weight(input: &mut Parser<'_>) -> Parse<Weight> {
    let keywords = [
        ("normal", Weight::Number(400.0)),
        ("bold", Weight::Number(700.0)),
        ("bolder", Weight::Bolder),
        ("lighter", Weight::Lighter),
    ];
    if let Ok(weight) = input.try_parse(|input| keyword(input, &keywords)) {
        return Ok(weight);
    }
    let weight = number(input)?;
    if (1.0..=1000.0).contains(&weight) {
        Ok(Weight::Number(weight))
    } else {
        Err(invalid())
    }
}

/// `font-style`; an oblique angle is accepted and the font's own is used.
pub(crate) fn slant(input: &mut Parser<'_>) -> Parse<Slant> {
    let keywords = [
        ("normal", Slant::Normal),
        ("italic", Slant::Italic),
        ("oblique", Slant::Oblique),
    ];
    let slant = keyword(input, &keywords)?;
    if slant == Slant::Oblique {
        input.try_parse(angle).ok();
    }
    Ok(slant)
}

/// `font-stretch` by keyword.
pub(crate) fn stretch_keyword(input: &mut Parser<'_>) -> Parse<f32> {
    let keywords = [
        ("normal", 1.0),
        ("ultra-condensed", 0.5),
        ("extra-condensed", 0.625),
        ("condensed", 0.75),
        ("semi-condensed", 0.875),
        ("semi-expanded", 1.125),
        ("expanded", 1.25),
        ("extra-expanded", 1.5),
        ("ultra-expanded", 2.0),
    ];
    keyword(input, &keywords)
}

/// `font-stretch`.
pub(crate) fn stretch(input: &mut Parser<'_>) -> Parse<f32> {
    if let Ok(stretch) = input.try_parse(stretch_keyword) {
        return Ok(stretch);
    }
    percentage(input).and_then(|stretch| {
        if stretch < 0.0 {
            Err(invalid())
        } else {
            Ok(stretch)
        }
    })
}

/// Feature keywords of a `font-variant-*` property, each at most once.
fn features(input: &mut Parser<'_>, initial: &str, table: Table) -> Parse<Features> {
    if input
        .try_parse(|input| input.expect_ident_matching(initial))
        .is_ok()
    {
        return Ok(Vec::new());
    }
    let mut features = Features::new();
    loop {
        for feature in keyword(input, table)? {
            if features.iter().any(|(tag, _)| *tag == feature.0) {
                return Err(invalid());
            }
            features.push(*feature);
        }
        if input.is_exhausted() {
            return Ok(features);
        }
    }
}

const LIGATURES: Table = &[
    (
        "none",
        &[
            (*b"liga", 0),
            (*b"clig", 0),
            (*b"dlig", 0),
            (*b"hlig", 0),
            (*b"calt", 0),
        ],
    ),
    ("common-ligatures", &[(*b"liga", 1), (*b"clig", 1)]),
    ("no-common-ligatures", &[(*b"liga", 0), (*b"clig", 0)]),
    ("discretionary-ligatures", &[(*b"dlig", 1)]),
    ("no-discretionary-ligatures", &[(*b"dlig", 0)]),
    ("historical-ligatures", &[(*b"hlig", 1)]),
    ("no-historical-ligatures", &[(*b"hlig", 0)]),
    ("contextual", &[(*b"calt", 1)]),
    ("no-contextual", &[(*b"calt", 0)]),
];

const NUMERIC: Table = &[
    ("lining-nums", &[(*b"lnum", 1)]),
    ("oldstyle-nums", &[(*b"onum", 1)]),
    ("proportional-nums", &[(*b"pnum", 1)]),
    ("tabular-nums", &[(*b"tnum", 1)]),
    ("diagonal-fractions", &[(*b"frac", 1)]),
    ("stacked-fractions", &[(*b"afrc", 1)]),
    ("ordinal", &[(*b"ordn", 1)]),
    ("slashed-zero", &[(*b"zero", 1)]),
];

const EAST_ASIAN: Table = &[
    ("jis78", &[(*b"jp78", 1)]),
    ("jis83", &[(*b"jp83", 1)]),
    ("jis90", &[(*b"jp90", 1)]),
    ("jis04", &[(*b"jp04", 1)]),
    ("simplified", &[(*b"smpl", 1)]),
    ("traditional", &[(*b"trad", 1)]),
    ("full-width", &[(*b"fwid", 1)]),
    ("proportional-width", &[(*b"pwid", 1)]),
    ("ruby", &[(*b"ruby", 1)]),
];

const POSITION: Table = &[("sub", &[(*b"subs", 1)]), ("super", &[(*b"sups", 1)])];

/// `font-variant-ligatures`.
pub(crate) fn ligatures(input: &mut Parser<'_>) -> Parse<Features> {
    features(input, "normal", LIGATURES)
}

/// `font-variant-numeric`.
pub(crate) fn numeric(input: &mut Parser<'_>) -> Parse<Features> {
    features(input, "normal", NUMERIC)
}

/// `font-variant-east-asian`.
pub(crate) fn east_asian(input: &mut Parser<'_>) -> Parse<Features> {
    features(input, "normal", EAST_ASIAN)
}

/// `font-variant-position`.
pub(crate) fn position(input: &mut Parser<'_>) -> Parse<Features> {
    features(input, "normal", POSITION)
}

/// `font-variant-caps`.
pub(crate) fn caps(input: &mut Parser<'_>) -> Parse<Caps> {
    let keywords = [
        ("normal", FontCaps::Normal),
        ("small-caps", FontCaps::Small),
        ("all-small-caps", FontCaps::AllSmall),
        ("petite-caps", FontCaps::Petite),
        ("all-petite-caps", FontCaps::AllPetite),
        ("unicase", FontCaps::Unicase),
        ("titling-caps", FontCaps::Titling),
    ];
    keyword(input, &keywords)
}

/// `font-feature-settings`.
pub(crate) fn settings(input: &mut Parser<'_>) -> Parse<Features> {
    if input
        .try_parse(|input| input.expect_ident_matching("normal"))
        .is_ok()
    {
        return Ok(Vec::new());
    }
    input.parse_comma_separated(|input| {
        let tag = opentype_tag(input)?;
        let value = match input.try_parse(|input| keyword(input, &[("on", 1), ("off", 0)])) {
            Ok(value) => value,
            Err(_) if input.is_exhausted() => 1,
            Err(_) => u32::try_from(input.expect_integer()?).map_err(|_| invalid())?,
        };
        Ok((tag, value))
    })
}

/// An OpenType tag in quotes.
fn opentype_tag(input: &mut Parser<'_>) -> Parse<[u8; 4]> {
    let tag: [u8; 4] = input
        .expect_string()?
        .as_bytes()
        .try_into()
        .map_err(|_| invalid())?;
    if tag.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        Ok(tag)
    } else {
        Err(invalid())
    }
}

/// `font-variation-settings`.
pub(crate) fn variations(input: &mut Parser<'_>) -> Parse<Vec<([u8; 4], f32)>> {
    if input
        .try_parse(|input| input.expect_ident_matching("normal"))
        .is_ok()
    {
        return Ok(Vec::new());
    }
    input.parse_comma_separated(|input| Ok((opentype_tag(input)?, number(input)?)))
}

/// `font-size-adjust`.
pub(crate) fn size_adjust(input: &mut Parser<'_>) -> Parse<Option<(FontAspect, Option<f32>)>> {
    let metrics = [
        ("ex-height", FontAspect::ExHeight),
        ("cap-height", FontAspect::CapHeight),
        ("ch-width", FontAspect::ChWidth),
        ("ic-width", FontAspect::IcWidth),
        ("ic-height", FontAspect::IcHeight),
    ];
    none_or(input, |input| {
        let aspect = input.try_parse(|input| keyword(input, &metrics));
        let from_font = input.try_parse(|input| input.expect_ident_matching("from-font"));
        let value = match from_font {
            Ok(()) => None,
            Err(_) => match number(input)? {
                value if value < 0.0 => return Err(invalid()),
                value => Some(value),
            },
        };
        Ok((aspect.unwrap_or(FontAspect::ExHeight), value))
    })
}

/// `font-synthesis-style`.
pub(crate) fn slant_synthesis(input: &mut Parser<'_>) -> Parse<SlantSynthesis> {
    keyword(
        input,
        &[
            ("auto", SlantSynthesis::Auto),
            ("none", SlantSynthesis::None),
            ("oblique-only", SlantSynthesis::ObliqueOnly),
        ],
    )
}

/// What `font-synthesis` says by naming the style or not.
pub(crate) fn slant_synthesis_of(named: bool) -> SlantSynthesis {
    if named {
        SlantSynthesis::Auto
    } else {
        SlantSynthesis::None
    }
}

/// Which kinds of synthesis `font-synthesis` allows: weight, style and small capitals.
pub(crate) fn synthesis(input: &mut Parser<'_>) -> Parse<[bool; 3]> {
    let kinds = [
        ("weight", 0),
        ("style", 1),
        ("small-caps", 2),
        ("position", 3),
    ];
    let found = none_or(input, |input| {
        let mut found = [false; 4];
        while !input.is_exhausted() {
            let kind: usize = keyword(input, &kinds)?;
            if std::mem::replace(&mut found[kind], true) {
                return Err(invalid());
            }
        }
        if found == [false; 4] {
            Err(invalid())
        } else {
            Ok(found)
        }
    })?;
    let [weight, style, small_caps, _] = found.unwrap_or_default();
    Ok([weight, style, small_caps])
}

/// The parts of the `font-variant` shorthand that one run of keywords holds.
pub(crate) fn variant_keyword(input: &mut Parser<'_>) -> Parse<VariantPart> {
    let Token::Ident(name) = input.next()?.clone() else {
        return Err(invalid());
    };
    let find = |table: Table| {
        table
            .iter()
            .find(|(key, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, features)| features.to_vec())
    };
    if let Some(features) = find(LIGATURES) {
        return Ok(VariantPart::Ligatures(features));
    }
    if let Some(features) = find(NUMERIC) {
        return Ok(VariantPart::Numeric(features));
    }
    if let Some(features) = find(EAST_ASIAN) {
        return Ok(VariantPart::EastAsian(features));
    }
    let mut one = Parser::new(&name);
    if let Ok(caps) = one.try_parse(caps) {
        return Ok(VariantPart::Caps(caps));
    }
    position(&mut one).map(VariantPart::Position)
}

/// What one keyword of `font-variant` sets.
pub(crate) enum VariantPart {
    Ligatures(Features),
    Caps(Caps),
    Numeric(Features),
    EastAsian(Features),
    Position(Features),
}
