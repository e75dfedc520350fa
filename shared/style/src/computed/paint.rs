//! Borders, backgrounds, and what only paint reads.

use crate::values::LengthPercentage;
use fanfold_geometry::{BlendMode, Color, Corners, Edges, Px};
use std::sync::Arc;

/// Borders: widths are zero where the style is `none` or `hidden`.
#[derive(Clone, Debug, PartialEq)]
pub struct BorderStyle {
    /// The four sides.
    pub sides: Edges<BorderSide>,
    /// `border-*-radius`, horizontal and vertical.
    pub radii: Corners<(LengthPercentage, LengthPercentage)>,
    /// `border-image-*`, drawn instead of the lines.
    pub image: SlicedImage,
}

/// `border-image-*` and `mask-border-*` (CSS Backgrounds 3 §6).
#[derive(Clone, Debug, PartialEq)]
pub struct SlicedImage {
    /// The image.
    pub source: Option<Image>,
    /// Where it is cut.
    pub slices: Slices,
    /// How wide the parts are drawn; factors are of the border's width, percentages of the area.
    pub width: Edges<Extent>,
    /// How far the area reaches beyond the border box; factors are of the border's width.
    pub outset: Edges<Extent>,
    /// How the middle parts fill, horizontally and vertically.
    pub repeat: (SliceRepeat, SliceRepeat),
}

/// Where an image is cut into nine parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slices {
    /// Distances from the edges in image pixels or, where the flag says so, parts of the image's size.
    pub edges: Edges<(f32, bool)>,
    /// The middle part is drawn too.
    pub fill: bool,
}

impl Slices {
    /// The initial `border-image-slice`, 100 %.
    pub const BORDER: Self = Self {
        edges: Edges::all((1.0, true)),
        fill: false,
    };
    /// The initial `mask-border-slice`, zero.
    pub const MASK: Self = Self {
        edges: Edges::all((0.0, false)),
        fill: false,
    };
}

/// A width or outset of a [`SlicedImage`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// The slice's own size.
    Auto,
    /// A multiple of the border's width.
    Times(f32),
    /// A length or percentage.
    Length(LengthPercentage),
}

/// How a part of a [`SlicedImage`] fills its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SliceRepeat {
    /// Stretched.
    #[default]
    Stretch,
    /// Repeated from the middle and cut off.
    Repeat,
    /// Repeated and scaled to fit.
    Round,
    /// Repeated with space between.
    Space,
}

impl SlicedImage {
    fn new(slices: Slices, width: Extent) -> Self {
        Self {
            source: None,
            slices,
            width: Edges::all(width),
            outset: Edges::all(Extent::Times(0.0)),
            repeat: Default::default(),
        }
    }
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
    /// It is `currentcolor`, which children inherit as such (CSS Color 4 §15.2).
    pub is_current: bool,
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
    /// The line around a form control, in the outer half of its width, as browsers draw it.
    Control,
}

/// Backgrounds: a colour under layers, first layer on top.
#[derive(Clone, Debug, PartialEq)]
pub struct BackgroundStyle {
    /// `background-color`.
    pub color: Color,
    /// It is `currentcolor`, which children inherit as such.
    pub is_current: bool,
    /// The `background-clip` that the colour is cut to: the last layer's.
    pub color_clip: BoxArea,
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
    pub repeat: (Repeat, Repeat),
    /// `background-attachment: fixed`.
    pub fixed: bool,
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
    /// The same, with so many dots a `px` (`image-set()`).
    Dense(Arc<str>, f32),
    /// Any gradient.
    Gradient(Arc<Gradient>),
}

/// A gradient (CSS Images 4 §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// What offsets are measured along.
    pub line: GradientLine,
    /// Stops go on over and over.
    pub repeating: bool,
    /// Stops and hints as specified.
    pub stops: Vec<ColorStop>,
}

/// What a gradient's offsets are measured along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GradientLine {
    /// A line at an angle in radians, 0 to the top, clockwise.
    Angle(f32),
    /// A line to a corner: the middle colour goes through the other two.
    Corner {
        /// The right side, else the left.
        right: bool,
        /// The bottom, else the top.
        bottom: bool,
    },
    /// Outwards from a centre.
    Radial(RadialExtent, (LengthPercentage, LengthPercentage)),
    /// Around a centre, from an angle in radians, clockwise from the top. Percentages are of a turn.
    Conic(f32, (LengthPercentage, LengthPercentage)),
}

/// How far a radial gradient reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RadialExtent {
    /// To the nearest side, or the nearest ones of both directions.
    ClosestSide {
        /// A circle, else an ellipse.
        circle: bool,
    },
    /// To the farthest side.
    FarthestSide {
        /// A circle, else an ellipse.
        circle: bool,
    },
    /// Through the nearest corner.
    ClosestCorner {
        /// A circle, else an ellipse.
        circle: bool,
    },
    /// Through the farthest corner.
    FarthestCorner {
        /// A circle, else an ellipse.
        circle: bool,
    },
    /// A circle's radius.
    Circle(Px),
    /// An ellipse's radii.
    Ellipse(LengthPercentage, LengthPercentage),
}

/// A colour stop, or a hint about where the middle between two is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColorStop {
    /// Where, along the gradient line; none is evenly between the neighbours.
    pub offset: Option<LengthPercentage>,
    /// The colour; none is a hint.
    pub color: Option<Color>,
}

/// `background-repeat` in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// Once.
    No,
    /// As often as there is room, cut off at the edges.
    #[default]
    Repeat,
    /// As often as it fits, with space between.
    Space,
    /// Scaled so that it fits.
    Round,
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
    /// Where text is (CSS Backgrounds 4 §2.2, `background-clip` alone).
    Text,
}

/// What only paint reads.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectStyle {
    /// `opacity`.
    pub opacity: f32,
    /// `mix-blend-mode` (CSS Compositing 1 §5).
    pub blend_mode: BlendMode,
    /// `isolation: isolate`.
    pub isolates: bool,
    /// `transform` functions, outermost first; empty is `none`.
    pub transform: Vec<TransformFunction>,
    /// `translate`, at most one function (CSS Transforms 2 §5); likewise the next two.
    pub translate: Vec<TransformFunction>,
    /// `rotate`.
    pub rotate: Vec<TransformFunction>,
    /// `scale`.
    pub scale: Vec<TransformFunction>,
    /// `transform-origin`.
    pub transform_origin: (LengthPercentage, LengthPercentage),
    /// `clip`: distances from the border box's top and left edges; none is `auto`.
    pub clip: Option<Edges<Option<Px>>>,
    /// `clip-path`.
    pub clip_path: Option<Arc<super::ClipPath>>,
    /// `mask-border-*`.
    pub mask_border: SlicedImage,
    /// `bleed` of a page; none is `auto` (CSS Paged Media 3 §7.3).
    pub bleed: Option<Px>,
    /// `marks` of a page.
    pub marks: Marks,
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

impl EffectStyle {
    /// All transform functions, outermost first (CSS Transforms 2 §3).
    pub fn transforms(&self) -> impl Iterator<Item = &TransformFunction> {
        let own = self.translate.iter().chain(&self.rotate);
        own.chain(&self.scale).chain(&self.transform)
    }

    /// Whether there are any.
    pub fn is_transformed(&self) -> bool {
        self.transforms().next().is_some()
    }

    /// Whether they do more than shift the box to the side.
    pub fn moves_down(&self) -> bool {
        let to_side = |function: &TransformFunction| {
            let TransformFunction::Translate(_, down, near) = function else {
                return false;
            };
            down.to_length() == Some(Px::ZERO) && *near == Px::ZERO
        };
        !self.transforms().all(to_side)
    }
}

/// A transform function with its lengths computed; angles in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransformFunction {
    /// `translate3d()`.
    Translate(LengthPercentage, LengthPercentage, Px),
    /// Anything that does not depend on the box: rotate, scale, skew, matrix.
    Matrix(fanfold_geometry::Transform3d),
    /// `perspective()`.
    Perspective(Px),
}

/// One `box-shadow` or `text-shadow`.
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
            is_current: true,
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
            image: SlicedImage::new(Slices::BORDER, Extent::Times(1.0)),
        }
    }
}

impl Default for BackgroundStyle {
    fn default() -> Self {
        Self {
            color: Color::TRANSPARENT,
            is_current: false,
            color_clip: BoxArea::Border,
            layers: Vec::new(),
        }
    }
}

impl Default for EffectStyle {
    fn default() -> Self {
        let centre = LengthPercentage::percent(0.5);
        Self {
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            isolates: false,
            transform: Vec::new(),
            translate: Vec::new(),
            rotate: Vec::new(),
            scale: Vec::new(),
            transform_origin: (centre, centre),
            clip: None,
            clip_path: None,
            mask_border: SlicedImage::new(Slices::MASK, Extent::Auto),
            bleed: None,
            marks: Marks::default(),
            outline: BorderSide::default(),
            outline_offset: Px::ZERO,
            decoration: TextDecoration::default(),
            object_fit: ObjectFit::Fill,
            object_position: (centre, centre),
            shadows: Vec::new(),
        }
    }
}

/// Marks of the print shop beside a page (CSS Paged Media 3 §7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Where to cut.
    pub crop: bool,
    /// Where to align.
    pub cross: bool,
}
