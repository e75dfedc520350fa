//! A resolved SVG tree → display items.

use super::adapt::UNSEEN;
use super::text::{self, Faces};
use crate::press::Limits;
use fanfold_geometry::{Color, Point, Px, Rect, Transform};
use fanfold_paint::{
    Gradient, GradientLine, Item, LineCap, LineJoin, Mask, PaintImage, Path, PathSegment, Spread,
    Stroke, Tiles,
};
use std::sync::Arc;
use tiny_skia_path::PathSegment as Segment;

/// More items than this are refused: references can multiply what a small file says.
const MOST_ITEMS: usize = 400_000;
/// Groups, patterns and masks in each other.
pub(super) const DEEPEST: usize = 200;

/// All that the tree shows, in its own units.
///
/// # Errors
/// When it would be too much.
pub(super) fn items(
    tree: &usvg::Tree,
    limits: Limits,
    faces: &Faces<'_>,
) -> Result<Vec<Item>, String> {
    let mut walk = Walk {
        faces,
        limits,
        left: MOST_ITEMS,
        depth: 0,
    };
    let mut items = Vec::new();
    walk.group(tree.root(), &mut items);
    if walk.left == 0 {
        return Err(format!("more than {MOST_ITEMS} shapes"));
    }
    Ok(items)
}

struct Walk<'a> {
    faces: &'a Faces<'a>,
    limits: Limits,
    left: usize,
    depth: usize,
}

impl Walk<'_> {
    fn group(&mut self, group: &usvg::Group, items: &mut Vec<Item>) {
        if self.depth >= DEEPEST || self.left == 0 {
            return;
        }
        self.depth += 1;
        let mut open = 0;
        let transform = transform(group.transform());
        if transform != Transform::IDENTITY {
            items.push(Item::PushTransform(transform));
            open += 1;
        }
        if let Some(clip) = group.clip_path() {
            open += self.clip(clip, items);
        }
        if let Some(mask) = group.mask() {
            let mask = self.mask(mask);
            items.push(Item::PushMask(Box::new(mask)));
            open += 1;
        }
        let opacity = group.opacity().get();
        if opacity < 1.0 {
            items.push(Item::PushOpacity(opacity));
            open += 1;
        }
        for child in group.children() {
            self.node(child, items);
        }
        items.extend((0..open).map(|_| Item::Pop));
        self.depth -= 1;
    }

    fn node(&mut self, node: &usvg::Node, items: &mut Vec<Item>) {
        self.left = self.left.saturating_sub(1);
        match node {
            usvg::Node::Group(group) => self.group(group, items),
            usvg::Node::Path(path) => self.path(path, items),
            usvg::Node::Image(image) => self.image(image, items),
            usvg::Node::Text(text) => self.text(text, items),
        }
    }

    fn text(&mut self, text: &usvg::Text, items: &mut Vec<Item>) {
        match text::items(text, self.faces) {
            Some(mut shown) => {
                self.left = self.left.saturating_sub(shown.len());
                items.append(&mut shown);
            }
            None => self.group(text.flattened(), items),
        }
    }

    fn path(&mut self, path: &usvg::Path, items: &mut Vec<Item>) {
        if !path.is_visible() {
            return;
        }
        if path.paint_order() == usvg::PaintOrder::FillAndStroke {
            self.fill(path, items);
            self.stroke(path, items);
        } else {
            self.stroke(path, items);
            self.fill(path, items);
        }
    }

    fn fill(&mut self, path: &usvg::Path, items: &mut Vec<Item>) {
        let Some(fill) = path.fill() else { return };
        let even_odd = fill.rule() == usvg::FillRule::EvenOdd;
        let shape = outline(path.data(), Transform::IDENTITY);
        let opacity = fill.opacity().get();
        if let usvg::Paint::Color(ink) = fill.paint() {
            items.push(Item::FillPath {
                path: shape,
                even_odd,
                color: color(*ink, opacity),
            });
            return;
        }
        let bounds = rect(path.data().bounds());
        self.flood(fill.paint(), opacity, (shape, even_odd), bounds, items);
    }

    fn stroke(&mut self, path: &usvg::Path, items: &mut Vec<Item>) {
        let stroke = path
            .stroke()
            .filter(|stroke| stroke.width().get() > UNSEEN * 2.0);
        let Some(stroke) = stroke else { return };
        let opacity = stroke.opacity().get();
        if let usvg::Paint::Color(ink) = stroke.paint() {
            let stroke = Stroke {
                width: Px(stroke.width().get()),
                color: color(*ink, opacity),
                dashes: stroke
                    .dasharray()
                    .map(|dashes| dashes.iter().copied().map(Px).collect())
                    .unwrap_or_default(),
                dash_offset: Px(stroke.dashoffset()),
                cap: match stroke.linecap() {
                    usvg::LineCap::Butt => LineCap::Butt,
                    usvg::LineCap::Round => LineCap::Round,
                    usvg::LineCap::Square => LineCap::Square,
                },
                join: match stroke.linejoin() {
                    usvg::LineJoin::Round => LineJoin::Round,
                    usvg::LineJoin::Bevel => LineJoin::Bevel,
                    _ => LineJoin::Miter(stroke.miterlimit().get()),
                },
            };
            let shape = outline(path.data(), Transform::IDENTITY);
            items.push(Item::StrokePath(shape, stroke));
            return;
        }
        // A line of more than one colour is filled as the shape that it is.
        let Some(line) = path.data().stroke(&stroke.to_tiny_skia(), 1.0) else {
            return;
        };
        let shape = outline(&line, Transform::IDENTITY);
        let bounds = rect(line.bounds());
        self.flood(stroke.paint(), opacity, (shape, false), bounds, items);
    }

    /// Fills a shape with a gradient or pattern.
    fn flood(
        &mut self,
        paint: &usvg::Paint,
        opacity: f32,
        (shape, even_odd): (Path, bool),
        bounds: Rect,
        items: &mut Vec<Item>,
    ) {
        let mut content = Vec::new();
        let placed = match paint {
            usvg::Paint::Color(_) => return,
            usvg::Paint::LinearGradient(gradient) => {
                let line = GradientLine::Linear {
                    start: point(gradient.x1(), gradient.y1()),
                    end: point(gradient.x2(), gradient.y2()),
                };
                base_gradient(gradient, line, opacity, bounds, &mut content)
            }
            usvg::Paint::RadialGradient(gradient) => {
                let line = GradientLine::Radial {
                    from: (point(gradient.fx(), gradient.fy()), Px(gradient.fr().get())),
                    to: (point(gradient.cx(), gradient.cy()), Px(gradient.r().get())),
                };
                base_gradient(gradient, line, opacity, bounds, &mut content)
            }
            usvg::Paint::Pattern(pattern) => self.pattern(pattern, opacity, bounds, &mut content),
        };
        if placed.is_none() {
            return;
        }
        items.push(if even_odd {
            Item::PushClipEvenOdd(shape)
        } else {
            Item::PushClip(shape)
        });
        items.append(&mut content);
        items.push(Item::Pop);
    }

    fn pattern(
        &mut self,
        pattern: &usvg::Pattern,
        opacity: f32,
        bounds: Rect,
        items: &mut Vec<Item>,
    ) -> Option<()> {
        let placed = transform(pattern.transform());
        let area = placed.inverse_bounds(bounds)?;
        let cell = rect(pattern.rect().to_rect());
        let mut content = Vec::new();
        self.group(pattern.root(), &mut content);
        items.push(Item::PushTransform(placed));
        if opacity < 1.0 {
            items.push(Item::PushOpacity(opacity));
        }
        items.push(Item::Tiles(Box::new(Tiles {
            area,
            cell,
            step: (cell.width, cell.height),
            items: content,
        })));
        if opacity < 1.0 {
            items.push(Item::Pop);
        }
        items.push(Item::Pop);
        Some(())
    }

    /// Begins a clip; gives the number of items to end it.
    fn clip(&mut self, clip: &usvg::ClipPath, items: &mut Vec<Item>) -> usize {
        let mut open = 0;
        if let Some(outer) = clip.clip_path()
            && self.depth < DEEPEST
        {
            self.depth += 1;
            open += self.clip(outer, items);
            self.depth -= 1;
        }
        let own = transform(clip.transform());
        if let Some((shape, even_odd)) = lone_shape(clip.root(), own, 0) {
            items.push(if even_odd {
                Item::PushClipEvenOdd(shape)
            } else {
                Item::PushClip(shape)
            });
            return open + 1;
        }
        // Shapes that overlap, or are clipped themselves, are one shape as a mask.
        let mut content = vec![Item::PushTransform(own)];
        self.group(clip.root(), &mut content);
        content.push(Item::Pop);
        items.push(Item::PushMask(Box::new(Mask {
            items: content,
            luminance: false,
        })));
        open + 1
    }

    fn mask(&mut self, mask: &usvg::Mask) -> Mask {
        let area = rect(mask.rect().to_rect());
        let mut items = vec![Item::PushClip(Path::rect(area))];
        let mut open = 1;
        if let Some(outer) = mask.mask()
            && self.depth < DEEPEST
        {
            self.depth += 1;
            items.push(Item::PushMask(Box::new(self.mask(outer))));
            self.depth -= 1;
            open += 1;
        }
        self.group(mask.root(), &mut items);
        items.extend((0..open).map(|_| Item::Pop));
        Mask {
            items,
            luminance: mask.kind() == usvg::MaskType::Luminance,
        }
    }

    fn image(&mut self, image: &usvg::Image, items: &mut Vec<Item>) {
        if !image.is_visible() {
            return;
        }
        match image.kind() {
            usvg::ImageKind::SVG(tree) => self.group(tree.root(), items),
            usvg::ImageKind::JPEG(data)
            | usvg::ImageKind::PNG(data)
            | usvg::ImageKind::GIF(data)
            | usvg::ImageKind::WEBP(data) => {
                // A damaged image leaves a hole, as in browsers.
                if let Ok(picture) = PaintImage::decode(data, self.limits.image_pixels) {
                    let size = image.size();
                    let area = Rect::new(Px::ZERO, Px::ZERO, Px(size.width()), Px(size.height()));
                    items.push(Item::Image(Arc::new(picture), area));
                }
            }
        }
    }
}

/// The only shape of a clip path, where it has one that is not clipped itself.
fn lone_shape(group: &usvg::Group, outer: Transform, depth: usize) -> Option<(Path, bool)> {
    if group.clip_path().is_some() || group.mask().is_some() || depth > DEEPEST {
        return None;
    }
    let inner = outer.then_inner(transform(group.transform()));
    match group.children() {
        [] => Some((Path::default(), false)),
        [usvg::Node::Group(group)] => lone_shape(group, inner, depth + 1),
        [usvg::Node::Path(path)] => {
            let fill = path.fill()?;
            let even_odd = fill.rule() == usvg::FillRule::EvenOdd;
            Some((outline(path.data(), inner), even_odd))
        }
        _ => None,
    }
}

fn base_gradient(
    gradient: &usvg::BaseGradient,
    line: GradientLine,
    opacity: f32,
    bounds: Rect,
    items: &mut Vec<Item>,
) -> Option<()> {
    let placed = transform(gradient.transform());
    let area = placed.inverse_bounds(bounds)?;
    let spread = match gradient.spread_method() {
        usvg::SpreadMethod::Pad => Spread::Pad,
        usvg::SpreadMethod::Reflect => Spread::Reflect,
        usvg::SpreadMethod::Repeat => Spread::Repeat,
    };
    let mut stops: Vec<(f32, Color)> = gradient
        .stops()
        .iter()
        .map(|stop| {
            let alpha = stop.opacity().get() * opacity;
            (stop.offset().get(), color(stop.color(), alpha))
        })
        .collect();
    // What repeats is all between 0 and 1 (SVG 2 §14.2.2).
    if spread != Spread::Pad {
        let (first, last) = (*stops.first()?, *stops.last()?);
        stops.insert(0, (0.0, first.1));
        stops.push((1.0, last.1));
    }
    items.push(Item::PushTransform(placed));
    items.push(Item::Gradient(Gradient {
        area,
        line,
        spread,
        stops,
    }));
    items.push(Item::Pop);
    Some(())
}

/// A path's outline in its own units.
pub(super) fn outline_of(path: &tiny_skia_path::Path) -> Path {
    outline(path, Transform::IDENTITY)
}

/// A path's segments; quadratic curves become cubic ones.
fn outline(path: &tiny_skia_path::Path, by: Transform) -> Path {
    let at = |to: tiny_skia_path::Point| by.apply(point(to.x, to.y));
    let mut last = tiny_skia_path::Point::zero();
    let mut segments = Vec::with_capacity(path.len());
    for segment in path.segments() {
        segments.push(match segment {
            Segment::MoveTo(to) => {
                last = to;
                PathSegment::Move(at(to))
            }
            Segment::LineTo(to) => {
                last = to;
                PathSegment::Line(at(to))
            }
            Segment::QuadTo(control, to) => {
                let toward = |end: tiny_skia_path::Point| {
                    let part = |end: f32, control: f32| end + (control - end) * 2.0 / 3.0;
                    by.apply(point(part(end.x, control.x), part(end.y, control.y)))
                };
                let curve = PathSegment::Curve(toward(last), toward(to), at(to));
                last = to;
                curve
            }
            Segment::CubicTo(one, two, to) => {
                last = to;
                PathSegment::Curve(at(one), at(two), at(to))
            }
            Segment::Close => PathSegment::Close,
        });
    }
    Path { segments }
}

pub(super) fn transform(from: usvg::Transform) -> Transform {
    Transform {
        a: from.sx,
        b: from.ky,
        c: from.kx,
        d: from.sy,
        e: from.tx,
        f: from.ty,
    }
}

fn point(x: f32, y: f32) -> Point {
    Point::new(Px(x), Px(y))
}

fn rect(from: tiny_skia_path::Rect) -> Rect {
    Rect::new(
        Px(from.x()),
        Px(from.y()),
        Px(from.width()),
        Px(from.height()),
    )
}

pub(super) fn color(color: usvg::Color, opacity: f32) -> Color {
    let part = |value: u8| f32::from(value) / 255.0;
    Color {
        r: part(color.red),
        g: part(color.green),
        b: part(color.blue),
        a: opacity,
        cmyk: None,
    }
}
