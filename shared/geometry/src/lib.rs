//! Units, points, rectangles, affine transforms and colours shared by style, layout and paint.
//!
//! Layout speaks CSS pixels ([`Px`], 1/96 in, y down from the page's top left corner);
//! PDF speaks points ([`Pt`], 1/72 in, y up). The conversion happens once, in `fanfold-paint`.

mod blend;
mod color;
mod shape;
mod space;
mod units;

pub use blend::BlendMode;
pub use color::{Cmyk, Color};
pub use shape::{Corners, Edges, Point, Rect, Size, Transform};
pub use space::Transform3d;
pub use units::{Pt, Px};
