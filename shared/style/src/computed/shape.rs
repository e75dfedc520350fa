//! Basic shapes (CSS Shapes 1 §3) and what is clipped to them.

use crate::values::LengthPercentage;
use fanfold_geometry::{Corners, Edges, Point};

/// `clip-path` (CSS Masking 1 §5.1).
#[derive(Clone, Debug, PartialEq)]
pub struct ClipPath {
    /// The shape; none is the reference box with its rounded corners.
    pub shape: Option<BasicShape>,
    /// What it is measured by.
    pub area: ShapeArea,
}

/// The reference box of a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShapeArea {
    /// `border-box`, and what has no other in CSS (`stroke-box`, `view-box`).
    #[default]
    Border,
    /// `padding-box`.
    Padding,
    /// `content-box` and `fill-box`.
    Content,
}

/// A shape.
#[derive(Clone, Debug, PartialEq)]
pub enum BasicShape {
    /// `inset()`: from the sides of the reference box, with rounded corners.
    Inset {
        /// From the sides.
        sides: Edges<LengthPercentage>,
        /// Horizontal and vertical radii.
        radii: Corners<(LengthPercentage, LengthPercentage)>,
    },
    /// `circle()`.
    Circle {
        /// The radius.
        radius: ShapeRadius,
        /// The centre.
        center: (LengthPercentage, LengthPercentage),
    },
    /// `ellipse()`.
    Ellipse {
        /// The radii, horizontal and vertical.
        radii: (ShapeRadius, ShapeRadius),
        /// The centre.
        center: (LengthPercentage, LengthPercentage),
    },
    /// `polygon()`.
    Polygon {
        /// The even-odd rule, else the non-zero one.
        even_odd: bool,
        /// The corners.
        points: Vec<(LengthPercentage, LengthPercentage)>,
    },
    /// `path()`, in pixels from the top left corner.
    Path {
        /// The even-odd rule, else the non-zero one.
        even_odd: bool,
        /// The steps.
        steps: Vec<PathStep>,
    },
}

/// How large a circle or an ellipse is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShapeRadius {
    /// A length; percentages are of the box's width or height, or of what is between for a circle.
    Length(LengthPercentage),
    /// As far as the nearest side.
    ClosestSide,
    /// As far as the farthest side.
    FarthestSide,
}

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathStep {
    /// Starts a subpath.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A cubic curve: two control points, then the end.
    Curve(Point, Point, Point),
    /// Closes the subpath.
    Close,
}
