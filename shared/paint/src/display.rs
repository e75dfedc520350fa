//! What is drawn on a page, in paint order.

use crate::PaintImage;
use fanfold_geometry::{BlendMode, Color, Point, Px, Rect, Transform};
use fanfold_text::FaceId;
use std::sync::Arc;

/// One drawing instruction.
#[derive(Clone, Debug)]
pub enum Item {
    /// A filled rectangle.
    FillRect(Rect, Color),
    /// A filled path.
    FillPath {
        /// The outline.
        path: Path,
        /// Even-odd rule instead of non-zero.
        even_odd: bool,
        /// The colour.
        color: Color,
    },
    /// A stroked path.
    StrokePath(Path, Stroke),
    /// Glyphs of one face.
    Text(TextRun),
    /// The same as shapes that stand for no text.
    Shapes(TextRun),
    /// An image stretched over a rectangle.
    Image(Arc<PaintImage>, Rect),
    /// A gradient.
    Gradient(Gradient),
    /// A drawing that a document may show more than once, and stores once.
    Drawing(Arc<Drawing>),
    /// A cell of drawing, repeated.
    Tiles(Box<Tiles>),
    /// A clip by the even-odd rule, else as [`Item::PushClip`].
    PushClipEvenOdd(Path),
    /// Shows what follows only where the mask does, until the matching pop.
    PushMask(Box<Mask>),
    /// Clips what follows, until the matching [`Item::Pop`].
    PushClip(Path),
    /// Transforms what follows, until the matching pop.
    PushTransform(Transform),
    /// Composites what follows as one group at this opacity, until the matching pop.
    PushOpacity(f32),
    /// Composites what follows as one group, mixed with what is below, until the matching pop.
    PushBlend(BlendMode),
    /// Ends the innermost clip, transform or group.
    Pop,
}

impl Item {
    /// About how much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let path = |path: &Path| path.segments.len() * size_of::<PathSegment>();
        let items = |items: &[Self]| items.iter().map(Self::size).sum::<usize>();
        size_of::<Self>()
            + match self {
                Self::FillPath { path: own, .. }
                | Self::StrokePath(own, _)
                | Self::PushClip(own)
                | Self::PushClipEvenOdd(own) => path(own),
                Self::Gradient(gradient) => gradient.stops.len() * size_of::<(f32, Color)>(),
                Self::Drawing(drawing) => items(&drawing.items),
                Self::PushMask(mask) => items(&mask.items),
                Self::Tiles(tiles) => items(&tiles.items),
                Self::Text(run) | Self::Shapes(run) => {
                    run.glyphs.len() * size_of::<PositionedGlyph>()
                }
                _ => 0,
            }
    }
}

/// A gradient over a rectangle.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// What is filled.
    pub area: Rect,
    /// Where offsets 0 and 1 are.
    pub line: GradientLine,
    /// What is beyond the first and the last stop.
    pub spread: Spread,
    /// Offset and colour of the stops, in order.
    pub stops: Vec<(f32, Color)>,
}

/// What a gradient's offsets are measured along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GradientLine {
    /// Between two points.
    Linear {
        /// Offset 0.
        start: Point,
        /// Offset 1.
        end: Point,
    },
    /// Between two circles, each a centre and a radius.
    Radial {
        /// Offset 0.
        from: (Point, Px),
        /// Offset 1.
        to: (Point, Px),
    },
    /// Once around a point, clockwise.
    Conic {
        /// The point.
        center: Point,
        /// Where offset 0 is, in radians from the top.
        from: f32,
    },
}

/// What a gradient shows beyond its stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// The outer stops' colours.
    #[default]
    Pad,
    /// The stops again.
    Repeat,
    /// The stops again, every second time backwards.
    Reflect,
}

/// A cell of drawing, repeated over a rectangle.
#[derive(Clone, Debug)]
pub struct Tiles {
    /// What is filled.
    pub area: Rect,
    /// One of the cells: nothing is drawn outside of it.
    pub cell: Rect,
    /// From one cell to the next, rightwards and downwards.
    pub step: (Px, Px),
    /// What is in the cell.
    pub items: Vec<Item>,
}

/// A group of items in coordinates of its own.
#[derive(Debug)]
pub struct Drawing {
    pub(crate) items: Vec<Item>,
}

impl Drawing {
    /// A drawing of `items`, which are balanced.
    pub fn new(items: Vec<Item>) -> Self {
        Self { items }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        let empty = |item: &Item| match item {
            Item::PushClip(_) | Item::PushTransform(_) | Item::Pop => true,
            Item::Drawing(drawing) => drawing.is_empty(),
            _ => false,
        };
        self.items.iter().all(empty)
    }
}

/// What a drawing is seen through.
#[derive(Clone, Debug)]
pub struct Mask {
    /// What the mask is drawn of; balanced.
    pub items: Vec<Item>,
    /// Its lightness counts, else its opacity.
    pub luminance: bool,
}

/// A line's look.
#[derive(Clone, Debug)]
pub struct Stroke {
    /// Line width.
    pub width: Px,
    /// Colour.
    pub color: Color,
    /// On and off lengths; empty is solid.
    pub dashes: Vec<Px>,
    /// Where in the dash pattern the line starts.
    pub dash_offset: Px,
    /// How lines end.
    pub cap: LineCap,
    /// How lines meet.
    pub join: LineJoin,
}

/// How lines of a stroked path meet (ISO 32000-2 §8.4.3.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineJoin {
    /// With a point, while it is at most so many line widths long.
    Miter(f32),
    /// With an arc.
    Round,
    /// Cut off.
    Bevel,
}

impl Default for LineJoin {
    /// PDF's.
    fn default() -> Self {
        Self::Miter(10.0)
    }
}

/// How a stroked line ends (ISO 32000-2 §8.4.3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineCap {
    /// At the end point.
    #[default]
    Butt,
    /// With a half circle.
    Round,
    /// With a half square.
    Square,
}

/// An outline of lines and cubic curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// The segments in order.
    pub segments: Vec<PathSegment>,
}

/// A step of a [`Path`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathSegment {
    /// Starts a subpath.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A cubic Bézier curve: two control points, then the end.
    Curve(Point, Point, Point),
    /// Closes the subpath.
    Close,
}

/// Shaped text of one face and colour on one baseline.
#[derive(Clone, Debug)]
pub struct TextRun {
    /// The face in the document's fonts.
    pub face: FaceId,
    /// Font size.
    pub size: Px,
    /// Fill colour.
    pub color: Color,
    /// The pen at the start, on the baseline.
    pub origin: Point,
    /// Glyphs in visual order.
    pub glyphs: Vec<PositionedGlyph>,
    /// The characters it stands for, in logical order; for text extraction.
    pub text: Arc<str>,
    /// Odd UAX #9 level.
    pub rtl: bool,
    /// Emboldened by stroking.
    pub synthetic_bold: bool,
    /// Slanted by 1/5 (about 12°).
    pub synthetic_oblique: bool,
}

/// A glyph and its place relative to the run's origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PositionedGlyph {
    /// Glyph index in the face.
    pub id: u16,
    /// Rightwards from the run's origin.
    pub x: Px,
    /// Upwards from the baseline.
    pub y: Px,
    /// Pen advance, for the text matrix.
    pub advance: Px,
    /// Byte range in [`TextRun::text`] of the glyph's cluster; equal for all glyphs of a cluster.
    pub text: (u32, u32),
}

impl Path {
    /// The same outline somewhere else.
    #[must_use]
    pub fn translated(mut self, by: Point) -> Self {
        for segment in &mut self.segments {
            *segment = match *segment {
                PathSegment::Move(to) => PathSegment::Move(to + by),
                PathSegment::Line(to) => PathSegment::Line(to + by),
                PathSegment::Curve(one, two, to) => PathSegment::Curve(one + by, two + by, to + by),
                PathSegment::Close => PathSegment::Close,
            };
        }
        self
    }

    /// A rectangle's outline.
    pub fn rect(rect: Rect) -> Self {
        Self {
            segments: vec![
                PathSegment::Move(Point::new(rect.x, rect.y)),
                PathSegment::Line(Point::new(rect.right(), rect.y)),
                PathSegment::Line(Point::new(rect.right(), rect.bottom())),
                PathSegment::Line(Point::new(rect.x, rect.bottom())),
                PathSegment::Close,
            ],
        }
    }
}
