//! `clip-path` (CSS Masking 1 §5).

use super::{Frame, border};
use fanfold_geometry::{Corners, Edges, Point, Px, Rect};
use fanfold_paint::{Item, Path, PathSegment};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BasicShape, PathStep, ShapeArea, ShapeRadius};
use fanfold_style::values::LengthPercentage;

/// The clip that begins what is in a fragment with this frame. A shape is measured by the fragment, as where
/// the decorations of a box are cloned (CSS Fragmentation 3 §5.4); nothing is inset where a page cuts it.
pub(super) fn item(style: &ComputedStyle, frame: &Frame) -> Option<Item> {
    let clip = style.effects.clip_path.as_ref()?;
    let area = match clip.area {
        ShapeArea::Border => frame.outer,
        ShapeArea::Padding => frame.inner(),
        ShapeArea::Content => frame.content(),
    };
    let Some(shape) = &clip.shape else {
        return Some(Item::PushClip(border::rounded(style, frame, area)));
    };
    let even_odd = matches!(
        shape,
        BasicShape::Polygon { even_odd: true, .. } | BasicShape::Path { even_odd: true, .. }
    );
    let path = path_of(shape, frame, area);
    Some(match even_odd {
        true => Item::PushClipEvenOdd(path),
        false => Item::PushClip(path),
    })
}

/// The outline of a shape (CSS Shapes 1 §3.1).
fn path_of(shape: &BasicShape, frame: &Frame, area: Rect) -> Path {
    let corner = Point::new(area.x, area.y);
    let place = |(x, y): (LengthPercentage, LengthPercentage)| {
        corner + Point::new(x.resolve(area.width), y.resolve(area.height))
    };
    match shape {
        BasicShape::Inset { sides, radii } => {
            let sides = Edges {
                top: frame
                    .where_cut(Px::ZERO, sides.top.resolve(area.height))
                    .top,
                right: sides.right.resolve(area.width),
                bottom: frame
                    .where_cut(Px::ZERO, sides.bottom.resolve(area.height))
                    .bottom,
                left: sides.left.resolve(area.width),
            };
            let radii = radii.map(|(x, y)| (x.resolve(area.width), y.resolve(area.height)));
            inset(area, sides, radii, frame)
        }
        BasicShape::Circle { radius, center } => {
            let center = place(*center);
            let sides = [
                (center.x - area.x).abs(),
                (area.right() - center.x).abs(),
                (center.y - area.y).abs(),
                (area.bottom() - center.y).abs(),
            ];
            let diagonal = Px(area.width.0.hypot(area.height.0) / std::f32::consts::SQRT_2);
            let radius = length(*radius, diagonal, &sides);
            ellipse(center, radius, radius)
        }
        BasicShape::Ellipse { radii, center } => {
            let center = place(*center);
            let across = [(center.x - area.x).abs(), (area.right() - center.x).abs()];
            let down = [(center.y - area.y).abs(), (area.bottom() - center.y).abs()];
            ellipse(
                center,
                length(radii.0, area.width, &across),
                length(radii.1, area.height, &down),
            )
        }
        BasicShape::Polygon { points, .. } if points.len() < 3 => Path::default(),
        BasicShape::Polygon { points, .. } => {
            let mut segments = Vec::with_capacity(points.len() + 1);
            for (index, point) in points.iter().enumerate() {
                let to = place(*point);
                segments.push(match index {
                    0 => PathSegment::Move(to),
                    _ => PathSegment::Line(to),
                });
            }
            segments.push(PathSegment::Close);
            Path { segments }
        }
        BasicShape::Path { steps, .. } => {
            let segments = steps.iter().map(|step| match *step {
                PathStep::Move(to) => PathSegment::Move(to),
                PathStep::Line(to) => PathSegment::Line(to),
                PathStep::Curve(one, two, to) => PathSegment::Curve(one, two, to),
                PathStep::Close => PathSegment::Close,
            });
            let segments = segments.collect();
            Path { segments }.translated(corner)
        }
    }
}

/// A rectangle inside of `area`, whose corners are made smaller where they overlap. Sides that pass each other
/// meet in proportion (CSS Shapes 1 §3.1).
fn inset(area: Rect, sides: Edges<Px>, radii: Corners<(Px, Px)>, frame: &Frame) -> Path {
    let fit = |one: Px, other: Px, room: Px| {
        let sum = one + other;
        let part = if sum > room && sum > Px::ZERO {
            room.0 / sum.0
        } else {
            1.0
        };
        (one * part, other * part)
    };
    let (left, right) = fit(sides.left, sides.right, area.width);
    let (top, bottom) = fit(sides.top, sides.bottom, area.height);
    let rect = area.inset(Edges {
        top,
        right,
        bottom,
        left,
    });
    let radii = border::fitting(radii, rect.width, rect.height, frame.cut);
    unless_empty(rect, border::rounded_rect(rect, radii))
}

fn length(radius: ShapeRadius, base: Px, sides: &[Px]) -> Px {
    let sides = sides.iter().copied();
    match radius {
        ShapeRadius::Length(length) => length.resolve(base).max(Px::ZERO),
        ShapeRadius::ClosestSide => sides.fold(Px::INFINITY, Px::min),
        ShapeRadius::FarthestSide => sides.fold(Px::ZERO, Px::max),
    }
}

fn ellipse(center: Point, across: Px, down: Px) -> Path {
    let around = Rect::new(center.x - across, center.y - down, across * 2.0, down * 2.0);
    let radius = (across, down);
    let radii = Corners {
        top_left: radius,
        top_right: radius,
        bottom_right: radius,
        bottom_left: radius,
    };
    unless_empty(around, border::rounded_rect(around, radii))
}

/// Nothing where `rect` has no extent: viewers show a hairline of a path without.
fn unless_empty(rect: Rect, path: Path) -> Path {
    if rect.width <= Px::ZERO || rect.height <= Px::ZERO {
        return Path::default();
    }
    path
}
