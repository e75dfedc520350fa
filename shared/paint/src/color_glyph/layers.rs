//! Layers of outlines (`COLR`, versions 0 and 1) as display items, in the font's units.

use super::paint_graph::is_bounded;
use crate::glyph_shapes::OutlinePath;
use crate::{Drawing, Gradient, GradientLine, Item, Mask, Path, PathSegment, Spread};
use fanfold_geometry::{BlendMode, Color, Point, Px, Rect, Transform};
use read_fonts::TableProvider;
use read_fonts::types::BoundingBox;
use skrifa::color::{
    Brush, ColorGlyph, ColorPainter, ColorPalettes, ColorStop, CompositeMode, Extend,
    Transform as Matrix,
};
use skrifa::instance::{Location, Size};
use skrifa::outline::{DrawSettings, OutlineGlyphCollection};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::sync::Arc;

/// Stands for the text's colour in place of an entry of the palette.
const FOREGROUND: u16 = 0xffff;
/// Segments of one glyph's outlines; flags of Noto Color Emoji have some thousands.
const SEGMENTS: usize = 100_000;
/// Composites in composites: what is in one is drawn twice for some modes.
const COMPOSITES: usize = 8;

/// What a glyph shows in text of a colour, `scale` times its units, and whether that is of the colour; none where
/// the font is damaged.
pub(super) fn draw(
    font: &FontRef<'_>,
    location: &Location,
    (glyph, id): (&ColorGlyph<'_>, GlyphId),
    color: Color,
    scale: f32,
) -> Option<(Vec<Item>, bool)> {
    if !is_bounded(&font.colr().ok()?, id) {
        return None;
    }
    let mut painter = Painter::new(font, location, color);
    glyph.paint(location, &mut painter).ok()?;
    let drawn = painter.layers.pop().filter(|_| painter.left > 0)?;
    let to = Transform {
        a: scale,
        d: -scale,
        ..Transform::IDENTITY
    };
    let mut items = Vec::with_capacity(drawn.len() + 2);
    items.push(Item::PushTransform(to));
    items.extend(drawn);
    items.push(Item::Pop);
    Some((items, painter.foreground))
}

struct Painter<'a> {
    outlines: OutlineGlyphCollection<'a>,
    location: &'a Location,
    palette: Vec<Color>,
    /// What is drawn of each open layer; the first is the glyph.
    layers: Vec<Vec<Item>>,
    /// Bounds of what can be seen, outside and inside of each open clip and transform.
    areas: Vec<Rect>,
    /// The text's colour.
    color: Color,
    /// It is asked for.
    foreground: bool,
    /// Segments that may still be drawn.
    left: usize,
}

impl<'a> Painter<'a> {
    fn new(font: &FontRef<'a>, location: &'a Location, color: Color) -> Self {
        let palettes = ColorPalettes::new(font);
        let part = |value: u8| f32::from(value) / 255.0;
        let palette = palettes.get(0).map(|palette| {
            let colors = palette.colors().iter();
            let colors = colors.map(|color| Color {
                a: part(color.alpha()),
                ..Color::rgb(part(color.red()), part(color.green()), part(color.blue()))
            });
            colors.collect()
        });
        let em = font
            .head()
            .map_or(1000.0, |head| f32::from(head.units_per_em()));
        let around = Rect::new(Px(-2.0 * em), Px(-2.0 * em), Px(5.0 * em), Px(5.0 * em));
        Self {
            outlines: font.outline_glyphs(),
            location,
            palette: palette.unwrap_or_default(),
            layers: vec![Vec::new()],
            areas: vec![around],
            color,
            foreground: false,
            left: SEGMENTS,
        }
    }

    fn area(&self) -> Rect {
        self.areas.last().copied().unwrap_or_default()
    }

    fn push(&mut self, item: Item) {
        if let Some(layer) = self.layers.last_mut() {
            layer.push(item);
        }
    }

    /// A glyph's outline; none beyond what a glyph may have.
    fn outline(&mut self, glyph: GlyphId) -> Path {
        let mut pen = OutlinePath::default();
        if let Some(outline) = self.outlines.get(glyph).filter(|_| self.left > 0) {
            let settings = DrawSettings::unhinted(Size::unscaled(), self.location);
            let _ = outline.draw(settings, &mut pen);
        }
        let path = pen.finish();
        self.left = self.left.saturating_sub(path.segments.len() + 1);
        path
    }

    /// The colour of an entry of the palette.
    fn color(&mut self, index: u16, alpha: f32) -> Color {
        let mut color = if index == FOREGROUND {
            self.foreground = true;
            self.color
        } else {
            let color = self.palette.get(usize::from(index));
            color.copied().unwrap_or(Color::TRANSPARENT)
        };
        color.a *= alpha.clamp(0.0, 1.0);
        color
    }

    fn stops(&mut self, stops: &[ColorStop]) -> Vec<(f32, Color)> {
        let stops = stops.iter();
        let stops = stops.map(|stop| (stop.offset, self.color(stop.palette_index, stop.alpha)));
        stops.collect()
    }

    /// Fills what is in `path`.
    fn fill_solid(&mut self, path: Path, index: u16, alpha: f32) {
        let color = self.color(index, alpha);
        self.push(Item::FillPath {
            path,
            even_odd: false,
            color,
        });
    }

    fn gradient(&mut self, brush: &Brush<'_>) -> Option<Gradient> {
        let point = |point: read_fonts::types::Point<f32>| Point::new(Px(point.x), Px(point.y));
        let (line, stops, extend) = match *brush {
            Brush::Solid { .. } => return None,
            Brush::LinearGradient {
                p0,
                p1,
                color_stops,
                extend,
            } => {
                let (start, end) = (point(p0), point(p1));
                let line = GradientLine::Linear { start, end };
                (line, self.stops(color_stops), extend)
            }
            Brush::RadialGradient {
                c0,
                r0,
                c1,
                r1,
                color_stops,
                extend,
            } => {
                let line = GradientLine::Radial {
                    from: (point(c0), Px(r0)),
                    to: (point(c1), Px(r1)),
                };
                (line, self.stops(color_stops), extend)
            }
            Brush::SweepGradient {
                c0,
                start_angle,
                end_angle,
                color_stops,
                extend,
            } => {
                // Clockwise degrees from the right, to parts of a turn the other way, as y is upwards here.
                let turns =
                    |offset: f32| 1.0 - (start_angle + (end_angle - start_angle) * offset) / 360.0;
                let stops = self.stops(color_stops).into_iter().rev();
                let line = GradientLine::Conic {
                    center: point(c0),
                    from: std::f32::consts::FRAC_PI_2,
                };
                let stops = stops.map(|(offset, color)| (turns(offset), color));
                (line, stops.collect(), extend)
            }
        };
        Some(Gradient {
            area: self.area(),
            line,
            stops,
            spread: match extend {
                Extend::Repeat => Spread::Repeat,
                Extend::Reflect => Spread::Reflect,
                _ => Spread::Pad,
            },
        })
    }

    /// Composites what is `above` with the layer that is open (OpenType `COLR`, composite modes).
    fn composite(&mut self, above: Vec<Item>, mode: CompositeMode) {
        let area = self.area();
        let deep = self.layers.len() > COMPOSITES;
        let Some(layer) = self.layers.last_mut() else {
            return;
        };
        let below = std::mem::take(layer);
        // Either may be drawn twice.
        let drawing = |items| Item::Drawing(Arc::new(Drawing::new(items)));
        let within = |item: &Item, mask: &Item| {
            let mask = Mask {
                items: vec![mask.clone()],
                luminance: false,
            };
            vec![Item::PushMask(Box::new(mask)), item.clone(), Item::Pop]
        };
        let outside = |item: &Item, mask: &Item| {
            let black = Item::FillRect(area, Color::BLACK);
            let mut items = vec![Item::FillRect(area, Color::WHITE)];
            items.extend(within(&black, mask));
            let mask = Mask {
                items,
                luminance: true,
            };
            vec![Item::PushMask(Box::new(mask)), item.clone(), Item::Pop]
        };
        let plain = |mut below: Vec<Item>, above: Vec<Item>| {
            below.extend(above);
            below
        };
        *layer = match mode {
            // A sum of light has no equal in PDF.
            CompositeMode::SrcOver | CompositeMode::Plus => plain(below, above),
            _ if deep => plain(below, above),
            CompositeMode::Clear => Vec::new(),
            CompositeMode::Src => above,
            CompositeMode::Dest => below,
            CompositeMode::DestOver => plain(above, below),
            CompositeMode::SrcIn => within(&drawing(above), &drawing(below)),
            CompositeMode::DestIn => within(&drawing(below), &drawing(above)),
            CompositeMode::SrcOut => outside(&drawing(above), &drawing(below)),
            CompositeMode::DestOut => outside(&drawing(below), &drawing(above)),
            CompositeMode::SrcAtop => {
                let below = drawing(below);
                let above = within(&drawing(above), &below);
                plain(vec![below], above)
            }
            CompositeMode::DestAtop => {
                let above = drawing(above);
                let below = within(&drawing(below), &above);
                plain(vec![above], below)
            }
            CompositeMode::Xor => {
                let (below, above) = (drawing(below), drawing(above));
                plain(outside(&below, &above), outside(&above, &below))
            }
            other => {
                let mut items = vec![Item::PushBlend(BlendMode::Normal)];
                items.extend(below);
                items.push(Item::PushBlend(blend_mode(other)));
                items.extend(above);
                items.extend([Item::Pop, Item::Pop]);
                items
            }
        };
    }
}

impl ColorPainter for Painter<'_> {
    fn push_transform(&mut self, matrix: Matrix) {
        let [a, b, c, d, e, f] = matrix.elements();
        let transform = Transform { a, b, c, d, e, f };
        self.areas
            .push(transform.inverse_bounds(self.area()).unwrap_or_default());
        self.push(Item::PushTransform(transform));
    }

    fn pop_transform(&mut self) {
        self.areas.pop();
        self.push(Item::Pop);
    }

    fn push_clip_glyph(&mut self, glyph: GlyphId) {
        let path = self.outline(glyph);
        self.areas.push(bounds(&path));
        self.push(Item::PushClip(path));
    }

    fn push_clip_box(&mut self, clip: BoundingBox<f32>) {
        let (width, height) = (clip.x_max - clip.x_min, clip.y_max - clip.y_min);
        let rect = Rect::new(Px(clip.x_min), Px(clip.y_min), Px(width), Px(height));
        self.areas.push(rect);
        self.push(Item::PushClip(Path::rect(rect)));
    }

    fn pop_clip(&mut self) {
        self.pop_transform();
    }

    fn fill(&mut self, brush: Brush<'_>) {
        if let Brush::Solid {
            palette_index,
            alpha,
        } = brush
        {
            self.fill_solid(Path::rect(self.area()), palette_index, alpha);
        } else if let Some(gradient) = self.gradient(&brush) {
            self.push(Item::Gradient(gradient));
        }
    }

    fn fill_glyph(&mut self, glyph: GlyphId, brush_transform: Option<Matrix>, brush: Brush<'_>) {
        if let Brush::Solid {
            palette_index,
            alpha,
        } = brush
        {
            let path = self.outline(glyph);
            self.fill_solid(path, palette_index, alpha);
            return;
        }
        self.push_clip_glyph(glyph);
        match brush_transform {
            Some(transform) => {
                self.push_transform(transform);
                self.fill(brush);
                self.pop_transform();
            }
            None => self.fill(brush),
        }
        self.pop_clip();
    }

    fn push_layer(&mut self, _: CompositeMode) {
        self.layers.push(Vec::new());
    }

    fn pop_layer_with_mode(&mut self, mode: CompositeMode) {
        if self.layers.len() > 1
            && let Some(above) = self.layers.pop()
        {
            self.composite(above, mode);
        }
    }
}

fn blend_mode(mode: CompositeMode) -> BlendMode {
    match mode {
        CompositeMode::Screen => BlendMode::Screen,
        CompositeMode::Overlay => BlendMode::Overlay,
        CompositeMode::Darken => BlendMode::Darken,
        CompositeMode::Lighten => BlendMode::Lighten,
        CompositeMode::ColorDodge => BlendMode::ColorDodge,
        CompositeMode::ColorBurn => BlendMode::ColorBurn,
        CompositeMode::HardLight => BlendMode::HardLight,
        CompositeMode::SoftLight => BlendMode::SoftLight,
        CompositeMode::Difference => BlendMode::Difference,
        CompositeMode::Exclusion => BlendMode::Exclusion,
        CompositeMode::Multiply => BlendMode::Multiply,
        CompositeMode::HslHue => BlendMode::Hue,
        CompositeMode::HslSaturation => BlendMode::Saturation,
        CompositeMode::HslColor => BlendMode::Color,
        CompositeMode::HslLuminosity => BlendMode::Luminosity,
        _ => BlendMode::Normal,
    }
}

/// A box around all of a path's points.
fn bounds(path: &Path) -> Rect {
    let points = path.segments.iter().flat_map(|segment| match *segment {
        PathSegment::Move(to) | PathSegment::Line(to) => [Some(to), None, None],
        PathSegment::Curve(first, second, to) => [Some(first), Some(second), Some(to)],
        PathSegment::Close => [None; 3],
    });
    let mut sides: Option<[f32; 4]> = None;
    for point in points.flatten() {
        let (x, y) = (point.x.0, point.y.0);
        let [left, top, right, bottom] = sides.unwrap_or([x, y, x, y]);
        sides = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
    }
    sides.map_or(Rect::default(), |[left, top, right, bottom]| {
        Rect::new(Px(left), Px(top), Px(right - left), Px(bottom - top))
    })
}
