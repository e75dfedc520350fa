//! Borders, backgrounds, and what only paint reads.

use crate::values::LengthPercentage;
use fanfold_geometry::{Color, Corners, Edges, Px};
use std::sync::Arc;

/// Borders: widths are zero where the style is `none` or `hidden`.
#[derive(Clone, Debug, PartialEq)]
pub struct BorderStyle {
    /// The four sides.
    pub sides: Edges<BorderSide>,
    /// `border-*-radius`, horizontal and vertical.
    pub radii: Corners<(LengthPercentage, LengthPercentage)>,
}

/// One side of a border.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BorderSide {
    /// Used width.
    pub width: Px,
    /// Line style.
    pub style: LineStyle,
    /// Line colour, `currentcolor` resolved.
    pub color: Color,
}

/// `border-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineStyle {
    /// No line.
    #[default]
    None,
    /// No line, and none of a neighbour in a collapsed table.
    Hidden,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
    /// One line.
    Solid,
    /// Two lines.
    Double,
    /// Carved in.
    Groove,
    /// Standing out.
    Ridge,
    /// Sunken box.
    Inset,
    /// Raised box.
    Outset,
}

/// Backgrounds: a colour under layers, first layer on top.
#[derive(Clone, Debug, PartialEq)]
pub struct BackgroundStyle {
    /// `background-color`.
    pub color: Color,
    /// `background-image` layers.
    pub layers: Vec<BackgroundLayer>,
}

/// One `background-image` with its placement.
#[derive(Clone, Debug, PartialEq)]
pub struct BackgroundLayer {
    /// The image.
    pub image: Image,
    /// `background-position`.
    pub position: (LengthPercentage, LengthPercentage),
    /// `background-size`.
    pub size: BackgroundSize,
    /// `background-repeat`, horizontal and vertical.
    pub repeat: (bool, bool),
    /// `background-origin`.
    pub origin: BoxArea,
    /// `background-clip`.
    pub clip: BoxArea,
}

/// An image value.
#[derive(Clone, Debug, PartialEq)]
pub enum Image {
    /// `url()`, resolved against its style sheet.
    Url(Arc<str>),
    /// `linear-gradient()`: angle in radians (0 is to the top, clockwise) and stops (offset fraction, colour).
    LinearGradient(f32, Vec<(f32, Color)>),
}

/// `background-size`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum BackgroundSize {
    /// The image's own size.
    #[default]
    Auto,
    /// As large as needed to cover.
    Cover,
    /// As large as fits.
    Contain,
    /// Each side, none is `auto`.
    Explicit(Option<LengthPercentage>, Option<LengthPercentage>),
}

/// The box areas that `*-origin` and `*-clip` name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoxArea {
    /// Up to the border's outer edge.
    Border,
    /// Up to the border's inner edge.
    #[default]
    Padding,
    /// The content box.
    Content,
}

/// What only paint reads.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectStyle {
    /// `opacity`.
    pub opacity: f32,
    /// `transform` functions, outermost first; empty is `none`.
    pub transform: Vec<TransformFunction>,
    /// `transform-origin`.
    pub transform_origin: (LengthPercentage, LengthPercentage),
    /// `outline`.
    pub outline: BorderSide,
    /// `outline-offset`.
    pub outline_offset: Px,
    /// `text-decoration` lines this element starts.
    pub decoration: TextDecoration,
    /// `object-fit`.
    pub object_fit: ObjectFit,
    /// `object-position`.
    pub object_position: (LengthPercentage, LengthPercentage),
    /// `box-shadow`, first on top.
    pub shadows: Vec<Shadow>,
}

/// A transform function with its lengths computed; angles in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransformFunction {
    /// `translate()`.
    Translate(LengthPercentage, LengthPercentage),
    /// Anything that does not depend on the box: rotate, scale, skew, matrix.
    Matrix(fanfold_geometry::Transform),
}

/// One `box-shadow`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shadow {
    /// Rightwards offset.
    pub x: Px,
    /// Downwards offset.
    pub y: Px,
    /// Blur radius.
    pub blur: Px,
    /// Spread distance.
    pub spread: Px,
    /// Colour.
    pub color: Color,
    /// Inside the box.
    pub inset: bool,
}

/// `object-fit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectFit {
    /// Stretched.
    #[default]
    Fill,
    /// Whole image inside.
    Contain,
    /// Box covered.
    Cover,
    /// Own size.
    None,
    /// The smaller of none and contain.
    ScaleDown,
}

/// `text-decoration-*` of the element that starts the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextDecoration {
    /// A line under the text.
    pub underline: bool,
    /// A line over the text.
    pub overline: bool,
    /// A line through the text.
    pub line_through: bool,
    /// Line colour; none is `currentcolor`.
    pub color: Option<Color>,
    /// Line style.
    pub style: DecorationStyle,
    /// Line thickness; none is `auto`.
    pub thickness: Option<Px>,
    /// `text-underline-offset`; none is `auto`.
    pub underline_offset: Option<Px>,
}

/// `text-decoration-style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DecorationStyle {
    /// One line.
    #[default]
    Solid,
    /// Two lines.
    Double,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
    /// A wave.
    Wavy,
}

impl Default for BorderSide {
    fn default() -> Self {
        Self {
            width: Px::ZERO,
            style: LineStyle::None,
            color: Color::BLACK,
        }
    }
}

impl Default for BorderStyle {
    fn default() -> Self {
        let square = (LengthPercentage::ZERO, LengthPercentage::ZERO);
        Self {
            sides: Edges::all(BorderSide::default()),
            radii: Corners {
                top_left: square,
                top_right: square,
                bottom_right: square,
                bottom_left: square,
            },
        }
    }
}

impl Default for BackgroundStyle {
    fn default() -> Self {
        Self {
            color: Color::TRANSPARENT,
            layers: Vec::new(),
        }
    }
}

impl Default for EffectStyle {
    fn default() -> Self {
        let centre = LengthPercentage::percent(0.5);
        Self {
            opacity: 1.0,
            transform: Vec::new(),
            transform_origin: (centre, centre),
            outline: BorderSide::default(),
            outline_offset: Px::ZERO,
            decoration: TextDecoration::default(),
            object_fit: ObjectFit::Fill,
            object_position: (centre, centre),
            shadows: Vec::new(),
        }
    }
}
