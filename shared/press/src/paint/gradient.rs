//! Gradients as images: where their lines run and their stops are (CSS Images 4 §3).

use fanfold_geometry::{Color, Point, Px, Rect, Transform};
use fanfold_paint::{GradientLine as PaintLine, Item, Spread};
use fanfold_style::computed::{ColorStop, Gradient, GradientLine, RadialExtent};
use fanfold_style::values::LengthPercentage;

/// Pieces that the curve of a hinted transition is drawn with.
const HINT_PIECES: usize = 24;
/// Radii of nothing are drawn as this.
const LEAST: Px = Px(1e-3);

/// The gradient as an image that fills `rect`.
pub(super) fn draw(gradient: &Gradient, rect: Rect, items: &mut Vec<Item>) {
    let middle = Point::new(rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
    let place = |(x, y): (LengthPercentage, LengthPercentage)| {
        Point::new(
            rect.x + x.resolve(rect.width),
            rect.y + y.resolve(rect.height),
        )
    };
    let spread = if gradient.repeating {
        Spread::Repeat
    } else {
        Spread::Pad
    };
    let mut push = |line, length, area| {
        items.push(Item::Gradient(fanfold_paint::Gradient {
            area,
            line,
            spread,
            stops: placed(&gradient.stops, length),
        }));
    };
    match gradient.line {
        GradientLine::Angle(angle) => {
            // The line reaches the corners' perpendiculars (§3.1).
            let (sin, cos) = angle.sin_cos();
            let length = (rect.width * sin).abs() + (rect.height * cos).abs();
            let (dx, dy) = (length * sin / 2.0, length * -cos / 2.0);
            let line = PaintLine::Linear {
                start: Point::new(middle.x - dx, middle.y - dy),
                end: Point::new(middle.x + dx, middle.y + dy),
            };
            push(line, length, rect);
        }
        GradientLine::Corner { right, bottom } => {
            // Across the diagonal between the other two corners, which has the colour of 50 %.
            let (w, h) = (rect.width.0, rect.height.0);
            let diagonal = w.hypot(h).max(LEAST.0);
            let length = Px(2.0 * w * h / diagonal);
            let sign = |positive: bool| if positive { 1.0 } else { -1.0 };
            let (dx, dy) = (
                length / 2.0 * (sign(right) * h / diagonal),
                length / 2.0 * (sign(bottom) * w / diagonal),
            );
            let line = PaintLine::Linear {
                start: Point::new(middle.x - dx, middle.y - dy),
                end: Point::new(middle.x + dx, middle.y + dy),
            };
            push(line, length, rect);
        }
        GradientLine::Radial(extent, center) => {
            let center = place(center);
            let (across, down) = radii(extent, rect, center);
            let line = PaintLine::Radial {
                from: (center, Px::ZERO),
                to: (center, across),
            };
            if across == down {
                push(line, across, rect);
                return;
            }
            // An ellipse is a circle seen from the side.
            let flat = down / across;
            let squeeze = Transform::translate(center.x, center.y)
                .then_inner(Transform {
                    d: flat,
                    ..Transform::IDENTITY
                })
                .then_inner(Transform::translate(-center.x, -center.y));
            let area = Rect {
                y: center.y + (rect.y - center.y) / flat,
                height: rect.height / flat,
                ..rect
            };
            let stops = placed(&gradient.stops, across);
            items.push(Item::PushTransform(squeeze));
            items.push(Item::Gradient(fanfold_paint::Gradient {
                area,
                line,
                spread,
                stops,
            }));
            items.push(Item::Pop);
        }
        GradientLine::Conic(from, center) => {
            let center = place(center);
            push(PaintLine::Conic { center, from }, Px(1.0), rect);
        }
    }
}

/// The ending shape's radii (§3.2).
fn radii(extent: RadialExtent, rect: Rect, center: Point) -> (Px, Px) {
    let (left, right) = ((center.x - rect.x).abs(), (rect.right() - center.x).abs());
    let (top, bottom) = ((center.y - rect.y).abs(), (rect.bottom() - center.y).abs());
    let near = (left.min(right), top.min(bottom));
    let far = (left.max(right), top.max(bottom));
    let corner = |(x, y): (Px, Px)| Px(x.0.hypot(y.0));
    let through = |(x, y): (Px, Px)| (x * std::f32::consts::SQRT_2, y * std::f32::consts::SQRT_2);
    let same = |radius: Px| (radius, radius);
    let (across, down) = match extent {
        RadialExtent::ClosestSide { circle: true } => same(near.0.min(near.1)),
        RadialExtent::FarthestSide { circle: true } => same(far.0.max(far.1)),
        RadialExtent::ClosestCorner { circle: true } => same(corner(near)),
        RadialExtent::FarthestCorner { circle: true } => same(corner(far)),
        RadialExtent::ClosestSide { .. } => near,
        RadialExtent::FarthestSide { .. } => far,
        // With the proportions of the side ones.
        RadialExtent::ClosestCorner { .. } => through(near),
        RadialExtent::FarthestCorner { .. } => through(far),
        RadialExtent::Circle(radius) => same(radius),
        RadialExtent::Ellipse(x, y) => (x.resolve(rect.width), y.resolve(rect.height)),
    };
    (across.max(LEAST), down.max(LEAST))
}

/// The stops as fractions of a gradient line of `length`, every position filled in (§3.5.3) and hints
/// turned into stops along their curve.
fn placed(stops: &[ColorStop], length: Px) -> Vec<(f32, Color)> {
    let length = length.max(LEAST);
    let mut offsets: Vec<Option<f32>> = stops
        .iter()
        .map(|stop| stop.offset.map(|offset| offset.resolve(length) / length))
        .collect();
    if let Some(first) = offsets.first_mut() {
        first.get_or_insert(0.0);
    }
    if let Some(last) = offsets.last_mut() {
        last.get_or_insert(1.0);
    }
    let mut largest = f32::NEG_INFINITY;
    for offset in offsets.iter_mut().flatten() {
        largest = largest.max(*offset);
        *offset = largest;
    }
    let mut known: Vec<f32> = Vec::with_capacity(offsets.len());
    for index in 0..offsets.len() {
        let offset = offsets[index].unwrap_or_else(|| {
            // Evenly between the known ones around; what is before is known by now.
            let before = known.last().copied().unwrap_or(0.0);
            let next = (index..offsets.len()).find_map(|at| Some((at, offsets[at]?)));
            let (at, until) = next.unwrap_or((index, 1.0));
            before + (until - before) / (at + 1 - index) as f32
        });
        known.push(offset);
    }
    let mut placed = Vec::with_capacity(stops.len());
    for (index, stop) in stops.iter().enumerate() {
        match stop.color {
            Some(color) => placed.push((known[index], color)),
            None => {
                let around = index
                    .checked_sub(1)
                    .and_then(|before| Some((known[before], stops[before].color?)))
                    .zip(
                        stops
                            .get(index + 1)
                            .and_then(|next| Some((known[index + 1], next.color?))),
                    );
                if let Some((before, after)) = around {
                    hint(before, known[index], after, &mut placed);
                }
            }
        }
    }
    placed
}

/// The transition between two stops whose middle colour is at `at` (§3.4.2).
fn hint(before: (f32, Color), at: f32, after: (f32, Color), placed: &mut Vec<(f32, Color)>) {
    let extent = after.0 - before.0;
    if extent <= 0.0 || extent.is_nan() {
        return;
    }
    let share = (at - before.0) / extent;
    if share <= 0.0 {
        placed.push((before.0, after.1));
        return;
    }
    if share >= 1.0 {
        placed.push((after.0, before.1));
        return;
    }
    let power = 0.5_f32.ln() / share.ln();
    let (one, two) = (before.1, after.1);
    for piece in 1..HINT_PIECES {
        let part = piece as f32 / HINT_PIECES as f32;
        let weight = part.powf(power);
        let mix = |from: f32, to: f32| from + (to - from) * weight;
        let color = Color {
            r: mix(one.r, two.r),
            g: mix(one.g, two.g),
            b: mix(one.b, two.b),
            a: mix(one.a, two.a),
            cmyk: None,
        };
        placed.push((before.0 + extent * part, color));
    }
}
