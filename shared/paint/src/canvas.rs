//! Display items → content streams, with no more state changes than needed.

use crate::content::Content;
use crate::gradient::Ramp;
use crate::page_space::{Box4, PageSpace, float, length, precise};
use crate::resources::{FormKind, Resources, alpha_name};
use crate::text_ops::TextState;
use crate::{
    Drawing, Item, LineCap, LineJoin, Mask, PaintImage, Path, PathSegment, Sheet, Stroke, TextRun,
    Tiles,
};
use fanfold_geometry::{BlendMode, Cmyk, Color, Edges, Px, Rect};
use printpdf::{
    CurTransMat, ExtendedGraphicsStateId, LineCapStyle, LineDashPattern, LineJoinStyle, Op,
    ShadingId, XObjectId, XObjectTransform,
};
use std::sync::Arc;

/// Groups in groups beyond this depth are painted without a group of their own.
const DEEPEST: usize = 64;

/// Paints one sheet.
pub(crate) struct Canvas<'r, 'a> {
    pub(crate) content: Content,
    pub(crate) space: PageSpace,
    pub(crate) resources: &'r mut Resources<'a>,
    pub(crate) state: State,
    pub(crate) text: TextState,
    page: Box4,
    stack: Vec<Frame>,
}

/// The parts of the graphics state that operations change (ISO 32000-1 §8.4.1); `None` is unknown.
#[derive(Clone, Debug)]
pub(crate) struct State {
    fill: Option<Ink>,
    stroke: Option<Ink>,
    alpha: Option<u8>,
    line_width: Option<f32>,
    dash: Option<(Vec<f32>, f32)>,
    cap: Option<LineCap>,
    join: Option<LineJoin>,
    pub(crate) font: Option<(usize, f32)>,
    pub(crate) text_mode: Option<u8>,
    /// From here to where the content stream begins, which patterns are placed by.
    matrix: [f64; 6],
    /// No transform is in force, so the page is a bound for everything.
    untransformed: bool,
}

/// Nearly everything, where transforms leave no closer bound.
pub(crate) const EVERYWHERE: Box4 = Box4 {
    left: -16_000.0,
    bottom: -16_000.0,
    right: 16_000.0,
    top: 16_000.0,
};

const IDENTITY: [f64; 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// A colour in thousandths, without its opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ink {
    Rgb([u16; 3]),
    Cmyk([u16; 4]),
}

enum Frame {
    /// Restored by `Q`.
    Saved(State),
    /// A group: what was painted before it, and the state there.
    Group {
        before: Content,
        state: State,
        alpha: u8,
        blend: BlendMode,
    },
    /// Changed nothing.
    Nothing,
}

/// What a sheet shows, from the graphics state on that its page is in; its forms are added to
/// `resources`.
pub(crate) fn paint(sheet: &Sheet, state: &mut State, resources: &mut Resources<'_>) -> Content {
    let space = PageSpace::new(sheet.size.height);
    let page = Rect::new(Px::ZERO, Px::ZERO, sheet.size.width, sheet.size.height)
        .inset(Edges::all(-sheet.bleed.max(Px::ZERO)));
    let mut canvas = Canvas {
        content: Content::with_capacity(sheet.items.len() * 40),
        space,
        resources,
        state: state.clone(),
        text: TextState::default(),
        page: space.rect(page),
        stack: Vec::new(),
    };
    for item in &sheet.items {
        canvas.item(item);
    }
    while !canvas.stack.is_empty() {
        canvas.pop();
    }
    canvas.end_text();
    *state = canvas.state;
    canvas.content
}

/// What `items` show by themselves, with the origin at their own; their forms are added to `resources`.
pub(crate) fn paint_apart(items: &[Item], resources: &mut Resources<'_>) -> Content {
    let mut canvas = Canvas {
        content: Content::default(),
        space: PageSpace::new(Px::ZERO),
        resources,
        state: State::initial(),
        text: TextState::default(),
        page: EVERYWHERE,
        stack: Vec::new(),
    };
    canvas.apart(items)
}

impl State {
    /// At the start of a page (ISO 32000-1 table 52).
    pub(crate) fn initial() -> Self {
        Self {
            fill: Some(Ink::Rgb([0; 3])),
            stroke: Some(Ink::Rgb([0; 3])),
            alpha: Some(255),
            line_width: Some(1.0),
            dash: Some((Vec::new(), 0.0)),
            cap: Some(LineCap::Butt),
            join: Some(LineJoin::default()),
            font: None,
            text_mode: Some(0),
            matrix: IDENTITY,
            untransformed: true,
        }
    }

    /// At the start of a group, which inherits all but the opacity (§11.6.6) from wherever it is used.
    fn in_group(&self) -> Self {
        Self {
            fill: None,
            stroke: None,
            alpha: Some(255),
            line_width: None,
            dash: None,
            cap: None,
            join: None,
            font: None,
            text_mode: None,
            matrix: IDENTITY,
            untransformed: self.untransformed,
        }
    }
}

impl Canvas<'_, '_> {
    fn item(&mut self, item: &Item) {
        if let Item::Text(run) = item {
            self.show(run);
            return;
        }
        self.end_text();
        match item {
            Item::FillRect(rect, color) => self.fill_rect(*rect, *color),
            Item::FillPath {
                path,
                even_odd,
                color,
            } => self.fill_path(path, *even_odd, *color),
            Item::StrokePath(path, stroke) => self.stroke_path(path, stroke),
            Item::Image(image, rect) => self.image(image, *rect),
            Item::Gradient(gradient) => {
                if let Some(ramp) = Ramp::new(self.space, gradient) {
                    self.gradient(gradient.area, &ramp);
                }
            }
            Item::Tiles(tiles) => self.tiles(tiles),
            Item::Drawing(drawing) => self.drawing(drawing),
            Item::PushMask(mask) => {
                self.push_mask(mask);
            }
            Item::PushClip(path) => self.push_clip(path, "W"),
            Item::PushClipEvenOdd(path) => self.push_clip(path, "W*"),
            Item::PushTransform(transform) => {
                self.save();
                self.state.untransformed = false;
                let matrix = self.space.transform(*transform);
                self.transform(matrix);
            }
            Item::PushOpacity(opacity) => self.push_opacity(*opacity),
            Item::Pop => self.pop(),
            Item::PushBlend(mode) => self.push_group(255, *mode),
            Item::Shapes(run) => self.shapes(run),
            Item::Text(_) => {}
        }
    }

    fn push_clip(&mut self, path: &Path, operator: &str) {
        self.save();
        self.outline(path);
        self.content.operator(operator);
        self.content.operator("n");
    }

    pub(crate) fn fill_rect(&mut self, rect: Rect, color: Color) {
        let area = self.space.rect(rect);
        if color.is_transparent() || area.left >= area.right || area.bottom >= area.top {
            return;
        }
        self.fill_color(color);
        self.rectangle(area);
        self.content.operator("f");
    }

    fn fill_path(&mut self, path: &Path, even_odd: bool, color: Color) {
        if color.is_transparent() || path.segments.is_empty() {
            return;
        }
        self.fill_color(color);
        self.outline(path);
        self.content.operator(if even_odd { "f*" } else { "f" });
    }

    fn stroke_path(&mut self, path: &Path, stroke: &Stroke) {
        if stroke.color.is_transparent()
            || path.segments.is_empty()
            || stroke.width.max(Px::ZERO) == Px::ZERO
        {
            return;
        }
        self.stroke_color(stroke.color);
        self.line_width(length(stroke.width));
        if self.state.cap != Some(stroke.cap) {
            self.state.cap = Some(stroke.cap);
            let cap = match stroke.cap {
                LineCap::Butt => LineCapStyle::Butt,
                LineCap::Round => LineCapStyle::Round,
                LineCap::Square => LineCapStyle::ProjectingSquare,
            };
            self.content.push(Op::SetLineCapStyle { cap });
        }
        self.join(stroke.join);
        self.dash(stroke);
        self.outline(path);
        self.content.operator("S");
    }

    fn join(&mut self, join: LineJoin) {
        if self.state.join == Some(join) {
            return;
        }
        self.state.join = Some(join);
        let style = match join {
            LineJoin::Miter(_) => LineJoinStyle::Miter,
            LineJoin::Round => LineJoinStyle::Round,
            LineJoin::Bevel => LineJoinStyle::Bevel,
        };
        self.content.push(Op::SetLineJoinStyle { join: style });
        if let LineJoin::Miter(limit) = join {
            let limit = f64::from(limit).clamp(1.0, 1e4);
            self.content.numbers([limit]);
            self.content.operator("M");
        }
    }

    fn dash(&mut self, stroke: &Stroke) {
        let mut dashes: Vec<f32> = stroke
            .dashes
            .iter()
            .map(|&dash| float(length(dash).max(0.0)))
            .collect();
        // A pattern of zeros is an error in PDF and a solid line in CSS.
        if dashes.iter().all(|&dash| dash == 0.0) {
            dashes.clear();
        }
        let offset = if dashes.is_empty() {
            0.0
        } else {
            float(length(stroke.dash_offset))
        };
        let pattern = (dashes, offset);
        if self.state.dash.as_ref() != Some(&pattern) {
            self.content.push(Op::SetLineDashPattern {
                dash: LineDashPattern {
                    offset: pattern.1,
                    pattern: pattern.0.iter().copied().collect(),
                },
            });
            self.state.dash = Some(pattern);
        }
    }

    fn image(&mut self, image: &Arc<PaintImage>, rect: Rect) {
        let area = self.space.rect(rect);
        if area.left >= area.right || area.bottom >= area.top {
            return;
        }
        self.alpha(255);
        let image_number = self.resources.image(image);
        let matrix = image.matrix(area);
        let outside = self.state.matrix;
        self.content.operator("q");
        self.transform(matrix);
        self.content.name('I', image_number);
        self.content.operator("Do");
        self.content.operator("Q");
        self.state.matrix = outside;
    }

    fn gradient(&mut self, rect: Rect, gradient: &Ramp) {
        let area = self.space.rect(rect);
        if area.left >= area.right || area.bottom >= area.top {
            return;
        }
        let uniform = gradient.uniform_alpha();
        if uniform == Some(0) {
            return;
        }
        self.save();
        self.rectangle(area);
        self.content.operator("W");
        self.content.operator("n");
        if let Some(alpha) = uniform {
            self.alpha(alpha);
        } else {
            let luminosity = self.resources.shading(gradient.opacity());
            let mut content = Content::default();
            content.push(Op::PaintShading {
                id: ShadingId(format!("S{luminosity}")),
            });
            let form = self.resources.form(content, area, FormKind::GrayGroup);
            self.alpha(255);
            self.mask(form, true);
        }
        let shading = self.resources.shading(gradient.colors());
        self.content.push(Op::PaintShading {
            id: ShadingId(format!("S{shading}")),
        });
        self.pop();
    }

    fn mask(&mut self, form: usize, luminosity: bool) {
        let mask = self.resources.mask(form, luminosity);
        self.content.push(Op::LoadGraphicsState {
            gs: ExtendedGraphicsStateId(format!("M{mask}")),
        });
    }

    /// What `items` paint, as a content stream of its own.
    fn apart(&mut self, items: &[Item]) -> Content {
        self.end_text();
        let state = self.state.clone();
        self.state = state.in_group();
        let before = std::mem::take(&mut self.content);
        let depth = self.stack.len();
        for item in items {
            // A pop too many would end what is outside.
            if !matches!(item, Item::Pop) || self.stack.len() > depth {
                self.item(item);
            }
        }
        while self.stack.len() > depth {
            self.pop();
        }
        self.end_text();
        self.state = state;
        std::mem::replace(&mut self.content, before)
    }

    /// A drawing's form is made once for the document, with its origin at its own.
    fn drawing(&mut self, drawing: &Arc<Drawing>) {
        if drawing.items.is_empty() || self.stack.len() >= DEEPEST {
            return;
        }
        let page = self.space;
        let form = self.resources.drawing(drawing).unwrap_or_else(|| {
            self.space = PageSpace::new(Px::ZERO);
            // Counts as one level for what is nested in it.
            self.stack.push(Frame::Nothing);
            let untransformed = std::mem::replace(&mut self.state.untransformed, false);
            let content = self.apart(&drawing.items);
            self.state.untransformed = untransformed;
            self.stack.pop();
            self.space = page;
            let form = self.resources.form(content, EVERYWHERE, FormKind::Group);
            self.resources.keep_drawing(drawing, form);
            form
        });
        self.alpha(255);
        self.save();
        self.transform([1.0, 0.0, 0.0, 1.0, 0.0, page.y(Px::ZERO)]);
        self.use_form(form);
        self.pop();
    }

    fn use_form(&mut self, form: usize) {
        self.content.push(Op::UseXobject {
            id: XObjectId(format!("X{form}")),
            transform: XObjectTransform {
                no_auto_scale: true,
                ..XObjectTransform::default()
            },
        });
    }

    /// Gives whether it is in force: not in groups that are nested too deep.
    pub(crate) fn push_mask(&mut self, mask: &Mask) -> bool {
        if self.stack.len() >= DEEPEST {
            self.stack.push(Frame::Nothing);
            return false;
        }
        // Counts as one level for what is nested in the mask itself.
        self.save();
        let content = self.apart(&mask.items);
        let form = self.resources.form(content, self.bounds(), FormKind::Group);
        self.mask(form, mask.luminance);
        true
    }

    /// A tiling pattern fills the area (ISO 32000-1 §8.7.3).
    fn tiles(&mut self, tiles: &Tiles) {
        let (area, cell) = (self.space.rect(tiles.area), self.space.rect(tiles.cell));
        let step = (length(tiles.step.0).abs(), length(tiles.step.1).abs());
        if area.left >= area.right
            || area.bottom >= area.top
            || step.0 < 1e-3
            || step.1 < 1e-3
            || self.stack.len() >= DEEPEST
        {
            return;
        }
        let matrix = self.state.matrix;
        self.save();
        let content = self.apart(&tiles.items);
        let form = self
            .resources
            .form(content, cell, FormKind::Tiling { step, matrix });
        self.alpha(255);
        self.content.operator("/Pattern cs");
        self.content.name('P', form);
        self.content.operator("scn");
        self.rectangle(area);
        self.content.operator("f");
        self.pop();
    }

    pub(crate) fn push_opacity(&mut self, opacity: f32) {
        match alpha_level(opacity) {
            255 => self.stack.push(Frame::Nothing),
            alpha => self.push_group(alpha, BlendMode::Normal),
        }
    }

    fn push_group(&mut self, alpha: u8, blend: BlendMode) {
        if self.stack.len() >= DEEPEST {
            self.stack.push(Frame::Nothing);
            return;
        }
        let state = self.state.clone();
        self.state = state.in_group();
        let before = std::mem::take(&mut self.content);
        self.stack.push(Frame::Group {
            before,
            state,
            alpha,
            blend,
        });
    }

    fn blend(&mut self, mode: BlendMode) {
        self.resources.blends.insert(mode);
        self.content.push(Op::LoadGraphicsState {
            gs: ExtendedGraphicsStateId(format!("{mode:?}")),
        });
    }

    fn save(&mut self) {
        self.end_text();
        self.content.operator("q");
        self.stack.push(Frame::Saved(self.state.clone()));
    }

    pub(crate) fn pop(&mut self) {
        self.end_text();
        match self.stack.pop() {
            Some(Frame::Saved(state)) => {
                self.content.operator("Q");
                self.state = state;
            }
            Some(Frame::Group {
                before,
                state,
                alpha,
                blend,
            }) => {
                let inner = std::mem::replace(&mut self.content, before);
                self.state = state;
                if inner.is_empty() || alpha == 0 {
                    return;
                }
                let form = self.resources.form(inner, self.bounds(), FormKind::Group);
                self.alpha(alpha);
                if blend == BlendMode::Normal {
                    self.use_form(form);
                    return;
                }
                self.save();
                self.blend(blend);
                self.use_form(form);
                self.pop();
            }
            Some(Frame::Nothing) | None => {}
        }
    }

    /// A box that holds all that can be seen: the page, or nearly everything under a transform.
    fn bounds(&self) -> Box4 {
        if self.state.untransformed {
            self.page
        } else {
            EVERYWHERE
        }
    }

    pub(crate) fn fill_color(&mut self, color: Color) {
        self.alpha(alpha_level(color.a));
        let ink = Ink::new(color);
        if self.state.fill != Some(ink) {
            self.state.fill = Some(ink);
            self.ink(ink, ["g", "rg", "k"]);
        }
    }

    pub(crate) fn stroke_color(&mut self, color: Color) {
        self.alpha(alpha_level(color.a));
        let ink = Ink::new(color);
        if self.state.stroke != Some(ink) {
            self.state.stroke = Some(ink);
            self.ink(ink, ["G", "RG", "K"]);
        }
    }

    pub(crate) fn line_width(&mut self, width: f64) {
        let width = float(width);
        if self.state.line_width != Some(width) {
            self.state.line_width = Some(width);
            self.content.numbers([f64::from(width)]);
            self.content.operator("w");
        }
    }

    /// Whether showing the run's colour changes the state.
    pub(crate) fn needs_color(&self, run: &TextRun) -> bool {
        let ink = Some(Ink::new(run.color));
        self.state.alpha != Some(alpha_level(run.color.a))
            || self.state.fill != ink
            || run.synthetic_bold
    }

    fn alpha(&mut self, alpha: u8) {
        if self.state.alpha != Some(alpha) {
            self.state.alpha = Some(alpha);
            self.resources.alphas.insert(alpha);
            self.content.push(Op::LoadGraphicsState {
                gs: ExtendedGraphicsStateId(alpha_name(alpha)),
            });
        }
    }

    /// A colour, with the operator for grays or that for others.
    fn ink(&mut self, ink: Ink, [gray, rgb, cmyk]: [&str; 3]) {
        let number = |part: u16| f64::from(part) / 1000.0;
        match ink {
            Ink::Rgb([r, g, b]) if r == g && g == b => {
                self.content.numbers([number(r)]);
                self.content.operator(gray);
            }
            Ink::Rgb(parts) => {
                self.content.numbers(parts.map(number));
                self.content.operator(rgb);
            }
            Ink::Cmyk(parts) => {
                self.content.numbers(parts.map(number));
                self.content.operator(cmyk);
            }
        }
    }

    fn rectangle(&mut self, area: Box4) {
        let size = (area.right - area.left, area.top - area.bottom);
        self.content
            .numbers([area.left, area.bottom, size.0, size.1]);
        self.content.operator("re");
    }

    /// Path construction operators (ISO 32000-1 §8.5.2). Each path begins with a move, as it must.
    fn outline(&mut self, path: &Path) {
        let mut begun = false;
        for segment in &path.segments {
            let (operator, points): (_, &[_]) = match segment {
                PathSegment::Move(point) => ("m", &[*point]),
                PathSegment::Line(point) => (if begun { "l" } else { "m" }, &[*point]),
                PathSegment::Curve(first, second, end) if begun => ("c", &[*first, *second, *end]),
                PathSegment::Curve(_, _, end) => ("m", &[*end]),
                PathSegment::Close if begun => ("h", &[]),
                PathSegment::Close => continue,
            };
            begun = true;
            for &point in points {
                let (x, y) = self.space.point(point);
                self.content.numbers([x, y]);
            }
            self.content.operator(operator);
        }
        if !begun {
            // An empty clip hides everything; PDF needs a path to say so.
            self.content.operator("0 0 m");
        }
    }

    fn transform(&mut self, matrix: [f64; 6]) {
        let matrix = matrix.map(|part| part.clamp(-1e6, 1e6));
        let [a, b, c, d, e, f] = self.state.matrix;
        let [g, h, i, j, k, l] = matrix;
        self.state.matrix = [
            g * a + h * c,
            g * b + h * d,
            i * a + j * c,
            i * b + j * d,
            k * a + l * c + e,
            k * b + l * d + f,
        ];
        self.content.push(Op::SetTransformationMatrix {
            matrix: CurTransMat::Raw(matrix.map(precise)),
        });
    }
}

impl Ink {
    pub(crate) fn new(color: Color) -> Self {
        if let Some(Cmyk(parts)) = color.cmyk {
            return Self::Cmyk(parts);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000"
        )]
        let thousandths = |value: f32| (value.clamp(0.0, 1.0) * 1000.0 + 0.5) as u16;
        Self::Rgb([color.r, color.g, color.b].map(thousandths))
    }
}

/// An opacity in 255ths; NaN is opaque.
pub(crate) fn alpha_level(opacity: f32) -> u8 {
    if opacity.is_nan() {
        return 255;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=255"
    )]
    {
        (opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
    }
}
