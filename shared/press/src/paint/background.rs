//! Backgrounds and shadows (CSS Backgrounds 3 §2, §4).

use super::border::rounded;
use super::{Frame, Painter};
use fanfold_geometry::{Color, Edges, Point, Px, Rect};
use fanfold_paint::{Item, Path};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BackgroundLayer, BackgroundSize, BoxArea, Image, Shadow};

/// More tiles than this are left out: they could not be seen, but would fill the file.
const MOST_TILES: f32 = 10_000.0;

impl Painter<'_> {
    /// A box's background within its frame.
    pub(super) fn background(&mut self, frame: &Frame, style: &ComputedStyle) {
        let background = &style.background;
        let clip = background
            .layers
            .last()
            .map_or(BoxArea::Border, |layer| layer.clip);
        if !background.color.is_transparent() {
            self.fill(frame, style, area(frame, clip), background.color);
        }
        for layer in background.layers.iter().rev() {
            self.layer(frame, style, layer);
        }
    }

    /// The canvas: the root's background over `page` (CSS 2.2 §14.2).
    pub(crate) fn canvas(&mut self, style: &ComputedStyle, page: Rect) {
        let mut plain = style.clone();
        plain.border = std::sync::Arc::default();
        let frame = Frame {
            outer: page,
            border: Edges::default(),
            padding: Edges::default(),
            cut: Edges::default(),
        };
        self.background(&frame, &plain);
    }

    /// The page box's own background and borders.
    pub(crate) fn page_box(&mut self, style: &ComputedStyle, border: Rect) {
        let used = crate::layout::used_edges(style, border.width);
        let frame = Frame {
            outer: border,
            border: used.border,
            padding: used.padding,
            cut: Edges::default(),
        };
        self.background(&frame, style);
        self.borders(&frame, style);
    }

    fn fill(&mut self, frame: &Frame, style: &ComputedStyle, rect: Rect, color: Color) {
        if rect.width <= Px::ZERO || rect.height <= Px::ZERO {
            return;
        }
        if super::border::has_radius(style) {
            let path = rounded(style, frame, rect);
            self.sheet.items.push(Item::FillPath {
                path,
                even_odd: false,
                color,
            });
        } else {
            self.sheet.items.push(Item::FillRect(rect, color));
        }
    }

    fn layer(&mut self, frame: &Frame, style: &ComputedStyle, layer: &BackgroundLayer) {
        let origin = area(frame, layer.origin);
        let clip = area(frame, layer.clip);
        if origin.width <= Px::ZERO || origin.height <= Px::ZERO || clip.width <= Px::ZERO {
            return;
        }
        let loaded = match &layer.image {
            Image::Url(url) => match self.images.load(url) {
                Some(image) => Some(image),
                None => return,
            },
            Image::LinearGradient(..) => None,
        };
        let natural = loaded.as_ref().map(|image| image.natural());
        let (width, height) = tile_size(layer.size, natural, origin);
        if !(width.0 > 0.0 && height.0 > 0.0 && width.is_finite() && height.is_finite()) {
            return;
        }
        let x = origin.x + layer.position.0.resolve(origin.width - width);
        let y = origin.y + layer.position.1.resolve(origin.height - height);
        let (xs, ys) = (
            tiles(x, width, clip.x, clip.right(), layer.repeat.0),
            tiles(y, height, clip.y, clip.bottom(), layer.repeat.1),
        );
        if xs.1 as f32 * ys.1 as f32 > MOST_TILES {
            return;
        }
        self.sheet
            .items
            .push(Item::PushClip(rounded(style, frame, clip)));
        for row in 0..ys.1 {
            for column in 0..xs.1 {
                let at = Point::new(xs.0 + width * column as f32, ys.0 + height * row as f32);
                let tile = Rect::new(at.x, at.y, width, height);
                match (&layer.image, &loaded) {
                    (Image::LinearGradient(angle, stops), _) => self.gradient(tile, *angle, stops),
                    (_, Some(image)) => self.sheet.items.push(Item::Image(image.0.clone(), tile)),
                    _ => {}
                }
            }
        }
        self.sheet.items.push(Item::Pop);
    }

    /// CSS Images 3 §3.1: the gradient line reaches the corners' perpendiculars.
    fn gradient(&mut self, rect: Rect, angle: f32, stops: &[(f32, Color)]) {
        let (sin, cos) = (angle.sin(), angle.cos());
        let length = (rect.width.0 * sin).abs() + (rect.height.0 * cos).abs();
        let (x, y) = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
        let (dx, dy) = (Px(sin * length / 2.0), Px(-cos * length / 2.0));
        self.sheet.items.push(Item::LinearGradient {
            rect,
            start: Point::new(x - dx, y - dy),
            end: Point::new(x + dx, y + dy),
            stops: stops.to_vec(),
        });
    }

    /// Outer shadows go under the box, inner ones over its background; blur is drawn as steps of
    /// falling opacity.
    pub(super) fn shadows(&mut self, frame: &Frame, style: &ComputedStyle, inset: bool) {
        for shadow in style
            .effects
            .shadows
            .iter()
            .rev()
            .filter(|shadow| shadow.inset == inset)
        {
            if shadow.color.is_transparent() {
                continue;
            }
            if inset {
                self.inner_shadow(frame, style, shadow);
            } else {
                self.outer_shadow(frame, style, shadow);
            }
        }
    }

    fn outer_shadow(&mut self, frame: &Frame, style: &ComputedStyle, shadow: &Shadow) {
        let steps = blur_steps(shadow.blur);
        // Not under the box itself: a translucent background must not show it.
        let hole = rounded(style, frame, frame.outer);
        let reach = shadow.blur + shadow.spread.abs() + shadow.x.abs() + shadow.y.abs() + Px(1.0);
        let around = frame.outer.inset(Edges::all(-reach));
        let mut ring = Path::rect(around);
        ring.segments.extend(reversed(&hole));
        self.sheet.items.push(Item::PushClip(ring));
        for step in 0..steps {
            let part = (step as f32 + 0.5) / steps as f32;
            let grow = shadow.spread + shadow.blur * (0.5 - part);
            let rect = Rect {
                x: frame.outer.x + shadow.x - grow,
                y: frame.outer.y + shadow.y - grow,
                width: (frame.outer.width + grow * 2.0).max(Px::ZERO),
                height: (frame.outer.height + grow * 2.0).max(Px::ZERO),
            };
            let moved = Frame {
                outer: rect,
                ..*frame
            };
            let color = Color {
                a: shadow.color.a / steps as f32,
                ..shadow.color
            };
            let path = super::border::rounded_by(style, &moved, rect, grow);
            self.sheet.items.push(Item::FillPath {
                path,
                even_odd: false,
                color,
            });
        }
        self.sheet.items.push(Item::Pop);
    }

    fn inner_shadow(&mut self, frame: &Frame, style: &ComputedStyle, shadow: &Shadow) {
        let inner = frame.inner();
        let steps = blur_steps(shadow.blur);
        self.sheet
            .items
            .push(Item::PushClip(rounded(style, frame, inner)));
        for step in 0..steps {
            let part = (step as f32 + 0.5) / steps as f32;
            let shrink = shadow.spread + shadow.blur * (part - 0.5);
            let mut hole = inner.inset(Edges::all(shrink));
            hole.x += shadow.x;
            hole.y += shadow.y;
            let reach = shadow.blur + shadow.x.abs() + shadow.y.abs() + shrink.abs();
            let mut path = Path::rect(inner.inset(Edges::all(-reach)));
            path.segments.extend(Path::rect(hole).segments);
            let color = Color {
                a: shadow.color.a / steps as f32,
                ..shadow.color
            };
            self.sheet.items.push(Item::FillPath {
                path,
                even_odd: true,
                color,
            });
        }
        self.sheet.items.push(Item::Pop);
    }
}

/// A box area of the frame.
fn area(frame: &Frame, area: BoxArea) -> Rect {
    match area {
        BoxArea::Border => frame.outer,
        BoxArea::Padding => frame.inner(),
        BoxArea::Content => frame.content(),
    }
}

/// A tile's size (CSS Backgrounds 3 §3.9).
fn tile_size(size: BackgroundSize, natural: Option<(Px, Px)>, origin: Rect) -> (Px, Px) {
    let whole = (origin.width, origin.height);
    let Some((width, height)) = natural.filter(|(width, height)| width.0 > 0.0 && height.0 > 0.0)
    else {
        return match size {
            BackgroundSize::Explicit(width, height) => (
                width.map_or(whole.0, |width| width.resolve(whole.0)),
                height.map_or(whole.1, |height| height.resolve(whole.1)),
            ),
            _ => whole,
        };
    };
    let (sx, sy) = (whole.0 / width, whole.1 / height);
    match size {
        BackgroundSize::Auto | BackgroundSize::Explicit(None, None) => (width, height),
        BackgroundSize::Cover => (width * sx.max(sy), height * sx.max(sy)),
        BackgroundSize::Contain => (width * sx.min(sy), height * sx.min(sy)),
        BackgroundSize::Explicit(Some(across), None) => {
            let across = across.resolve(whole.0);
            (across, height * (across / width))
        }
        BackgroundSize::Explicit(None, Some(down)) => {
            let down = down.resolve(whole.1);
            (width * (down / height), down)
        }
        BackgroundSize::Explicit(Some(across), Some(down)) => {
            (across.resolve(whole.0), down.resolve(whole.1))
        }
    }
}

/// First tile and number of tiles that cover `low..high`.
fn tiles(start: Px, size: Px, low: Px, high: Px, repeats: bool) -> (Px, usize) {
    if !repeats {
        return (start, 1);
    }
    let first = start - size * ((start - low) / size).ceil();
    let count = ((high - first) / size).ceil().clamp(0.0, MOST_TILES + 1.0);
    (first, count as usize)
}

fn blur_steps(blur: Px) -> usize {
    if blur <= Px(0.1) {
        1
    } else {
        (blur.0.ceil() as usize).clamp(4, 16)
    }
}

/// The path's subpaths the other way round, so that they cut holes.
fn reversed(path: &Path) -> Vec<fanfold_paint::PathSegment> {
    use fanfold_paint::PathSegment::{Close, Curve, Line, Move};
    let mut points: Vec<(Point, Option<(Point, Point)>)> = Vec::new();
    for segment in &path.segments {
        match *segment {
            Move(to) | Line(to) => points.push((to, None)),
            Curve(one, two, to) => points.push((to, Some((one, two)))),
            Close => {}
        }
    }
    let mut segments = Vec::with_capacity(points.len() + 1);
    let Some(last) = points.last() else {
        return segments;
    };
    segments.push(Move(last.0));
    for pair in points.windows(2).rev() {
        segments.push(match pair[1].1 {
            Some((one, two)) => Curve(two, one, pair[0].0),
            None => Line(pair[0].0),
        });
    }
    segments.push(Close);
    segments
}
