//! Borders, corners and outlines (CSS Backgrounds 3 §3, §5; CSS UI 4 §5).

use super::{Frame, Painter};
use fanfold_geometry::{Color, Corners, Edges, Point, Px, Rect};
use fanfold_paint::{Item, LineCap, LineJoin, Path, PathSegment, Stroke};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BorderSide, LineStyle};
use fanfold_style::values::LengthPercentage;

/// Control point distance of a quarter circle drawn as one cubic curve.
const ARC: f32 = 0.552_284_8;

/// The four sides in painting order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Top,
    Right,
    Bottom,
    Left,
}

impl Painter<'_> {
    /// A box's borders.
    pub(super) fn borders(&mut self, frame: &Frame, style: &ComputedStyle) {
        let widths = frame.border;
        if self.border_image(frame, style) {
            return;
        }
        if widths.top + widths.right + widths.bottom + widths.left <= Px::ZERO {
            return;
        }
        let sides = style.border.sides;
        let all = [
            (Side::Top, sides.top, widths.top),
            (Side::Right, sides.right, widths.right),
            (Side::Bottom, sides.bottom, widths.bottom),
            (Side::Left, sides.left, widths.left),
        ];
        let present: Vec<_> = all
            .into_iter()
            .filter(|(_, side, width)| {
                *width > Px::ZERO
                    && !side.color.is_transparent()
                    && !matches!(side.style, LineStyle::None | LineStyle::Hidden)
            })
            .collect();
        let Some((_, first, _)) = present.first().copied() else {
            return;
        };
        let alike = present
            .iter()
            .all(|(_, side, _)| side.style == first.style && side.color == first.color);
        let all_there = present.len() == 4;
        if alike && first.style == LineStyle::Solid && (all_there || !has_radius(style)) {
            if all_there {
                self.ring(style, frame, frame.outer, frame.inner(), first.color);
            } else {
                for (side, border, _) in present {
                    self.sheet.items.push(Item::FillPath {
                        path: wedge(frame, side),
                        even_odd: false,
                        color: border.color,
                    });
                }
            }
            return;
        }
        for (side, border, width) in present {
            self.side(style, frame, side, border, width);
        }
    }

    /// One side in its style.
    fn side(
        &mut self,
        style: &ComputedStyle,
        frame: &Frame,
        side: Side,
        border: BorderSide,
        width: Px,
    ) {
        match border.style {
            LineStyle::None | LineStyle::Hidden => {}
            LineStyle::Dotted | LineStyle::Dashed => self.dashes(frame, side, border, width),
            LineStyle::Double if width.0 >= 3.0 => {
                let third = |edges: Edges<Px>, part: f32| Edges {
                    top: edges.top * part,
                    right: edges.right * part,
                    bottom: edges.bottom * part,
                    left: edges.left * part,
                };
                self.clipped(frame, side, |painter| {
                    let inner = frame.outer.inset(third(frame.border, 1.0 / 3.0));
                    painter.ring(style, frame, frame.outer, inner, border.color);
                    let outer = frame.outer.inset(third(frame.border, 2.0 / 3.0));
                    painter.ring(style, frame, outer, frame.inner(), border.color);
                });
            }
            LineStyle::Groove | LineStyle::Ridge => {
                let half = frame.outer.inset(Edges {
                    top: frame.border.top / 2.0,
                    right: frame.border.right / 2.0,
                    bottom: frame.border.bottom / 2.0,
                    left: frame.border.left / 2.0,
                });
                let raised = border.style == LineStyle::Ridge;
                let (outer, inner) = (
                    shade(border.color, side, raised),
                    shade(border.color, side, !raised),
                );
                self.clipped(frame, side, |painter| {
                    painter.ring(style, frame, frame.outer, half, outer);
                    painter.ring(style, frame, half, frame.inner(), inner);
                });
            }
            LineStyle::Control => {
                let border_box = frame.outer;
                let inner = border_box.inset(Edges {
                    top: frame.border.top / 2.0,
                    right: frame.border.right / 2.0,
                    bottom: frame.border.bottom / 2.0,
                    left: frame.border.left / 2.0,
                });
                self.clipped(frame, side, |painter| {
                    painter.ring(style, frame, border_box, inner, border.color);
                });
            }
            LineStyle::Inset | LineStyle::Outset => {
                let color = shade(border.color, side, border.style == LineStyle::Outset);
                self.clipped(frame, side, |painter| {
                    painter.ring(style, frame, frame.outer, frame.inner(), color);
                });
            }
            LineStyle::Solid | LineStyle::Double if has_radius(style) => {
                self.clipped(frame, side, |painter| {
                    painter.ring(style, frame, frame.outer, frame.inner(), border.color);
                });
            }
            LineStyle::Solid | LineStyle::Double => self.sheet.items.push(Item::FillPath {
                path: wedge(frame, side),
                even_odd: false,
                color: border.color,
            }),
        }
    }

    fn clipped(&mut self, frame: &Frame, side: Side, draw: impl FnOnce(&mut Self)) {
        self.sheet.items.push(Item::PushClip(wedge(frame, side)));
        draw(self);
        self.sheet.items.push(Item::Pop);
    }

    /// What is between two rounded rectangles.
    fn ring(
        &mut self,
        style: &ComputedStyle,
        frame: &Frame,
        outer: Rect,
        inner: Rect,
        color: Color,
    ) {
        let mut path = rounded(style, frame, outer);
        if inner.width > Px::ZERO && inner.height > Px::ZERO {
            path.segments.extend(rounded(style, frame, inner).segments);
        }
        self.sheet.items.push(Item::FillPath {
            path,
            even_odd: true,
            color,
        });
    }

    fn dashes(&mut self, frame: &Frame, side: Side, border: BorderSide, width: Px) {
        let outer = frame.outer;
        let half = width / 2.0;
        let (from, to) = match side {
            Side::Top => (
                Point::new(outer.x, outer.y + half),
                Point::new(outer.right(), outer.y + half),
            ),
            Side::Bottom => (
                Point::new(outer.x, outer.bottom() - half),
                Point::new(outer.right(), outer.bottom() - half),
            ),
            Side::Left => (
                Point::new(outer.x + half, outer.y),
                Point::new(outer.x + half, outer.bottom()),
            ),
            Side::Right => (
                Point::new(outer.right() - half, outer.y),
                Point::new(outer.right() - half, outer.bottom()),
            ),
        };
        self.dashed(from, to, border, width);
    }

    /// A dashed or dotted line with whole dashes at both ends.
    pub(super) fn dashed(&mut self, from: Point, to: Point, border: BorderSide, width: Px) {
        let length = (to.x - from.x).abs() + (to.y - from.y).abs();
        if length <= Px::ZERO {
            return;
        }
        let dotted = border.style == LineStyle::Dotted;
        let along = |distance: Px| {
            let part = distance / length;
            Point::new(
                from.x + (to.x - from.x) * part,
                from.y + (to.y - from.y) * part,
            )
        };
        let (start, end, dashes, cap) = if dotted {
            let inner = (length - width).max(Px(0.01));
            let count = (inner / (width * 2.0)).round().clamp(1.0, 100_000.0);
            let gap = inner / count;
            (
                along(width / 2.0),
                along(width / 2.0 + inner),
                vec![Px::ZERO, gap],
                LineCap::Round,
            )
        } else {
            // As Chromium has them: thin dashes are longer and further apart.
            let (dash, gap) = if width.0 >= 3.0 {
                (width * 2.0, width)
            } else {
                (width * 3.0, width * 2.0)
            };
            let gap = dash_gap(length, dash, gap);
            (from, to, vec![dash, gap], LineCap::Butt)
        };
        let path = Path {
            segments: vec![PathSegment::Move(start), PathSegment::Line(end)],
        };
        let stroke = Stroke {
            width,
            color: border.color,
            dashes,
            dash_offset: Px::ZERO,
            cap,
            join: LineJoin::default(),
        };
        if !dotted {
            self.sheet.items.push(Item::StrokePath(path, stroke));
            return;
        }
        // Round caps that just touch the edge must not colour what is beyond it.
        let half = width / 2.0;
        let (reach_x, reach_y) = if from.y == to.y {
            (Px::ZERO, half)
        } else {
            (half, Px::ZERO)
        };
        let (left, top) = (from.x.min(to.x) - reach_x, from.y.min(to.y) - reach_y);
        let (right, bottom) = (from.x.max(to.x) + reach_x, from.y.max(to.y) + reach_y);
        let clip = Rect::new(left, top, right - left, bottom - top);
        self.sheet.items.push(Item::PushClip(Path::rect(clip)));
        self.sheet.items.push(Item::StrokePath(path, stroke));
        self.sheet.items.push(Item::Pop);
    }

    /// Keeps the outline around the border box for [`Painter::paint_outlines`].
    ///
    /// Its corners follow the border's (CSS UI 4 §5.1, as browsers do).
    pub(super) fn outline(&mut self, style: &ComputedStyle, frame: &Frame) {
        let line = style.effects.outline;
        if line.width <= Px::ZERO || matches!(line.style, LineStyle::None | LineStyle::Hidden) {
            return;
        }
        let reach = style.effects.outline_offset + line.width;
        let outer = frame.outer.inset(Edges::all(-reach));
        let radii = has_radius(style).then(|| {
            let grown = |(x, y): (Px, Px)| {
                let round = x > Px::ZERO && y > Px::ZERO;
                let by = |radius: Px| {
                    if round {
                        (radius + reach).max(Px::ZERO)
                    } else {
                        Px::ZERO
                    }
                };
                (by(x), by(y))
            };
            used_radii(style, frame).map(grown)
        });
        self.outlines.push(Outline { outer, line, radii });
    }

    /// Paints the outlines kept so far, which lie on everything else of what is painted in one go
    /// (CSS 2.2 Appendix E.2, step 10).
    pub(super) fn paint_outlines(&mut self) {
        for Outline { outer, line, radii } in std::mem::take(&mut self.outlines) {
            let frame = Frame {
                outer,
                border: Edges::all(line.width),
                padding: Edges::default(),
                cut: Edges::default(),
            };
            let mut around = ComputedStyle::default();
            let border = std::sync::Arc::make_mut(&mut around.border);
            border.sides = Edges::all(line);
            if let Some(radii) = radii {
                let length =
                    |(x, y): (Px, Px)| (LengthPercentage::length(x), LengthPercentage::length(y));
                border.radii = radii.map(length);
            }
            self.borders(&frame, &around);
        }
    }
}

/// An outline to paint later.
pub(crate) struct Outline {
    /// Its outer edge.
    outer: Rect,
    line: BorderSide,
    /// Radii of its outer edge, where they are round.
    radii: Option<Corners<(Px, Px)>>,
}

/// The gap nearest to `gap` with which the line ends in a whole dash.
fn dash_gap(length: Px, dash: Px, gap: Px) -> Px {
    let fewer = ((length + gap) / (dash + gap))
        .floor()
        .clamp(1.0, 100_000.0);
    let fitted = |count: f32| (length - dash * count) / (count - 1.0).max(1.0);
    let (wide, narrow) = (fitted(fewer), fitted(fewer + 1.0));
    let best = if narrow <= Px::ZERO || (wide - gap).abs() < (narrow - gap).abs() {
        wide
    } else {
        narrow
    };
    best.max(Px(0.01))
}

/// Whether any corner is rounded.
pub(super) fn has_radius(style: &ComputedStyle) -> bool {
    let radii = &style.border.radii;
    let square = |corner: &(_, _)| {
        let zero = LengthPercentage::ZERO;
        corner.0 == zero || corner.1 == zero
    };
    ![
        &radii.top_left,
        &radii.top_right,
        &radii.bottom_right,
        &radii.bottom_left,
    ]
    .into_iter()
    .all(square)
}

/// `rect`, which lies in the frame's border box, with corners that follow the border's.
pub(super) fn rounded(style: &ComputedStyle, frame: &Frame, rect: Rect) -> Path {
    if !has_radius(style) {
        return Path::rect(rect);
    }
    let radii = used_radii(style, frame);
    let outer = frame.outer;
    // Inner corners are the outer ones less what is between (§5.2).
    let left = rect.x - outer.x;
    let top = rect.y - outer.y;
    let right = outer.right() - rect.right();
    let bottom = outer.bottom() - rect.bottom();
    let shrink = |(x, y): (Px, Px), across: Px, down: Px| {
        if x <= Px::ZERO || y <= Px::ZERO {
            return (Px::ZERO, Px::ZERO);
        }
        ((x - across).max(Px::ZERO), (y - down).max(Px::ZERO))
    };
    rounded_rect(
        rect,
        Corners {
            top_left: shrink(radii.top_left, left, top),
            top_right: shrink(radii.top_right, right, top),
            bottom_right: shrink(radii.bottom_right, right, bottom),
            bottom_left: shrink(radii.bottom_left, left, bottom),
        },
    )
}

/// `rect`, the border box grown by `grow` to all sides, with radii grown as much where there are any (a shadow's
/// spread, CSS Backgrounds 3 §6.1).
pub(super) fn grown(style: &ComputedStyle, frame: &Frame, rect: Rect, grow: Px) -> Path {
    if !has_radius(style) {
        return Path::rect(rect);
    }
    let radius = |(x, y): (Px, Px)| match x <= Px::ZERO || y <= Px::ZERO {
        true => (Px::ZERO, Px::ZERO),
        false => ((x + grow).max(Px::ZERO), (y + grow).max(Px::ZERO)),
    };
    rounded_rect(rect, used_radii(style, frame).map(radius))
}

/// Radii with percentages resolved, scaled down where they overlap (§5.5), square where cut.
fn used_radii(style: &ComputedStyle, frame: &Frame) -> Corners<(Px, Px)> {
    let (width, height) = (frame.outer.width, frame.outer.height);
    let radii = &style.border.radii;
    let resolve =
        |(x, y): (LengthPercentage, LengthPercentage)| (x.resolve(width), y.resolve(height));
    fitting(radii.map(resolve), width, height, frame.cut)
}

/// Radii scaled down where they overlap in a box of this size, square where that is cut.
pub(super) fn fitting(
    radii: Corners<(Px, Px)>,
    width: Px,
    height: Px,
    cut: Edges<bool>,
) -> Corners<(Px, Px)> {
    let corner = |(x, y): (Px, Px), cut: bool| match cut {
        true => (Px::ZERO, Px::ZERO),
        false => (x.max(Px::ZERO), y.max(Px::ZERO)),
    };
    let corners = Corners {
        top_left: corner(radii.top_left, cut.top || cut.left),
        top_right: corner(radii.top_right, cut.top || cut.right),
        bottom_right: corner(radii.bottom_right, cut.bottom || cut.right),
        bottom_left: corner(radii.bottom_left, cut.bottom || cut.left),
    };
    let fit = |sum: Px, room: Px| {
        if sum > room && sum > Px::ZERO {
            room / sum
        } else {
            1.0
        }
    };
    let factor = fit(corners.top_left.0 + corners.top_right.0, width)
        .min(fit(corners.bottom_left.0 + corners.bottom_right.0, width))
        .min(fit(corners.top_left.1 + corners.bottom_left.1, height))
        .min(fit(corners.top_right.1 + corners.bottom_right.1, height));
    let scale = |(x, y): (Px, Px)| (x * factor, y * factor);
    corners.map(scale)
}

/// A rectangle with elliptical corners.
pub(super) fn rounded_rect(rect: Rect, radii: Corners<(Px, Px)>) -> Path {
    use PathSegment::{Close, Curve, Line, Move};
    let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
    let at = Point::new;
    let back = 1.0 - ARC;
    let Corners {
        top_left: tl,
        top_right: tr,
        bottom_right: br,
        bottom_left: bl,
    } = radii;
    let mut segments = vec![Move(at(x + tl.0, y)), Line(at(right - tr.0, y))];
    if tr.0 > Px::ZERO {
        let (one, two) = (at(right - tr.0 * back, y), at(right, y + tr.1 * back));
        segments.push(Curve(one, two, at(right, y + tr.1)));
    }
    segments.push(Line(at(right, bottom - br.1)));
    if br.0 > Px::ZERO {
        let (one, two) = (
            at(right, bottom - br.1 * back),
            at(right - br.0 * back, bottom),
        );
        segments.push(Curve(one, two, at(right - br.0, bottom)));
    }
    segments.push(Line(at(x + bl.0, bottom)));
    if bl.0 > Px::ZERO {
        let (one, two) = (at(x + bl.0 * back, bottom), at(x, bottom - bl.1 * back));
        segments.push(Curve(one, two, at(x, bottom - bl.1)));
    }
    segments.push(Line(at(x, y + tl.1)));
    if tl.0 > Px::ZERO {
        let (one, two) = (at(x, y + tl.1 * back), at(x + tl.0 * back, y));
        segments.push(Curve(one, two, at(x + tl.0, y)));
    }
    segments.push(Close);
    Path { segments }
}

/// The part of the border that belongs to one side: mitred at the corners.
fn wedge(frame: &Frame, side: Side) -> Path {
    use PathSegment::{Close, Line, Move};
    let (outer, inner) = (frame.outer, frame.inner());
    let at = Point::new;
    let corners = match side {
        Side::Top => [
            at(outer.x, outer.y),
            at(outer.right(), outer.y),
            at(inner.right(), inner.y),
            at(inner.x, inner.y),
        ],
        Side::Right => [
            at(outer.right(), outer.y),
            at(outer.right(), outer.bottom()),
            at(inner.right(), inner.bottom()),
            at(inner.right(), inner.y),
        ],
        Side::Bottom => [
            at(outer.right(), outer.bottom()),
            at(outer.x, outer.bottom()),
            at(inner.x, inner.bottom()),
            at(inner.right(), inner.bottom()),
        ],
        Side::Left => [
            at(outer.x, outer.bottom()),
            at(outer.x, outer.y),
            at(inner.x, inner.y),
            at(inner.x, inner.bottom()),
        ],
    };
    Path {
        segments: vec![
            Move(corners[0]),
            Line(corners[1]),
            Line(corners[2]),
            Line(corners[3]),
            Close,
        ],
    }
}

/// Lit from the top left: `raised` sides are light above and dark below.
fn shade(color: Color, side: Side, raised: bool) -> Color {
    let lit = matches!(side, Side::Top | Side::Left) == raised;
    if lit {
        return color;
    }
    Color {
        r: color.r * 0.5,
        g: color.g * 0.5,
        b: color.b * 0.5,
        a: color.a,
        cmyk: None,
    }
}
