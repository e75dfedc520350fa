//! Fonts: selection, size and features.

use fanfold_geometry::Px;
use std::sync::Arc;

/// Font selection and size; the font family fallback list in order.
#[derive(Clone, Debug, PartialEq)]
pub struct FontStyle {
    /// Family names as written, generic ones (`serif`, `sans-serif`, `monospace`, …) included as names.
    pub families: Vec<Arc<str>>,
    /// Computed `font-size`.
    pub size: Px,
    /// 1 to 1000; 400 is normal, 700 bold.
    pub weight: f32,
    /// `font-style`.
    pub slant: Slant,
    /// `font-stretch` as a fraction, 1.0 is normal.
    pub stretch: f32,
    /// `font-feature-settings` and what `font-variant-*` other than `caps` ask for, OpenType tag and value.
    pub features: Vec<([u8; 4], u32)>,
    /// `font-kerning: none` turns this off.
    pub kerning: bool,
    /// What font-relative lengths go by.
    pub ratios: FontRatios,
    /// What `features` were made from, for inheritance, and `font-variant-caps`.
    pub variants: FontVariants,
    /// `font-variation-settings`: axes and their values.
    pub variations: Vec<([u8; 4], f32)>,
    /// `font-optical-sizing`.
    pub optical_sizing: bool,
    /// `font-synthesis`.
    pub synthesis: FontSynthesis,
    /// `font-size-adjust`: the metric, and how large a part of the font size it is to be; none is as large as
    /// the first font has it.
    pub size_adjust: Option<(FontAspect, Option<f32>)>,
}

/// What may be made of a font that does not have it (CSS Fonts 4 §6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FontSynthesis {
    /// `font-synthesis-weight`.
    pub weight: bool,
    /// `font-synthesis-style`.
    pub style: SlantSynthesis,
    /// `font-synthesis-small-caps`.
    pub small_caps: bool,
}

impl Default for FontSynthesis {
    fn default() -> Self {
        Self {
            weight: true,
            style: SlantSynthesis::Auto,
            small_caps: true,
        }
    }
}

/// `font-synthesis-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlantSynthesis {
    /// Upright letters are slanted.
    #[default]
    Auto,
    /// Only for `font-style: oblique`.
    ObliqueOnly,
    /// They are not.
    None,
}

/// The metrics of `font-size-adjust` (CSS Fonts 5 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FontAspect {
    /// Height of a lower-case x.
    ExHeight,
    /// Height of a capital.
    CapHeight,
    /// Advance of the digit zero.
    ChWidth,
    /// Advance of an ideograph.
    IcWidth,
    /// The same down the page.
    IcHeight,
}

/// Font-relative lengths as parts of the font size (CSS Values 4 §6.1.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FontRatios {
    /// `ex`: the height of a lower-case x.
    pub ex: f32,
    /// `ch`: the advance of the digit zero.
    pub ch: f32,
    /// `cap`: the height of a capital.
    pub cap: f32,
}

impl Default for FontRatios {
    /// What is assumed where the font is not at hand.
    fn default() -> Self {
        Self {
            ex: 0.5,
            ch: 0.5,
            cap: 0.7,
        }
    }
}

/// The `font-variant-*` longhands and `font-feature-settings`, each as OpenType features.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FontVariants {
    /// `font-variant-ligatures`.
    pub ligatures: Vec<([u8; 4], u32)>,
    /// `font-variant-caps`.
    pub caps: FontCaps,
    /// `font-variant-numeric`.
    pub numeric: Vec<([u8; 4], u32)>,
    /// `font-variant-east-asian`.
    pub east_asian: Vec<([u8; 4], u32)>,
    /// `font-variant-position`.
    pub position: Vec<([u8; 4], u32)>,
    /// `font-feature-settings`.
    pub settings: Vec<([u8; 4], u32)>,
}

/// `font-variant-caps`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FontCaps {
    /// As written.
    #[default]
    Normal,
    /// Small capitals for lower case.
    Small,
    /// Small capitals for all letters.
    AllSmall,
    /// Petite capitals for lower case.
    Petite,
    /// Petite capitals for all letters.
    AllPetite,
    /// Small capitals for upper case, normal lower case.
    Unicase,
    /// Titling capitals.
    Titling,
}

/// `font-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Slant {
    /// Upright.
    #[default]
    Normal,
    /// Italic.
    Italic,
    /// Oblique.
    Oblique,
}

impl Default for FontStyle {
    fn default() -> Self {
        Self {
            families: vec!["serif".into()],
            size: Px(16.0),
            weight: 400.0,
            slant: Slant::Normal,
            stretch: 1.0,
            features: Vec::new(),
            kerning: true,
            ratios: FontRatios::default(),
            variants: FontVariants::default(),
            variations: Vec::new(),
            optical_sizing: true,
            synthesis: FontSynthesis::default(),
            size_adjust: None,
        }
    }
}
