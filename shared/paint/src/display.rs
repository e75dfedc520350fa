//! What is drawn on a page, in paint order.

use crate::PaintImage;
use fanfold_geometry::{Color, Point, Px, Rect, Transform};
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
    /// An image stretched over a rectangle.
    Image(Arc<PaintImage>, Rect),
    /// A linear gradient over `rect` between two points; stops are fraction and colour.
    LinearGradient {
        /// What is filled.
        rect: Rect,
        /// Where offset 0 is.
        start: Point,
        /// Where offset 1 is.
        end: Point,
        /// Stops in order.
        stops: Vec<(f32, Color)>,
    },
    /// Clips what follows, until the matching [`Item::Pop`].
    PushClip(Path),
    /// Transforms what follows, until the matching pop.
    PushTransform(Transform),
    /// Composites what follows as one group at this opacity, until the matching pop.
    PushOpacity(f32),
    /// Ends the innermost clip, transform or group.
    Pop,
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
