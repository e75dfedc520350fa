//! A computed style under construction.

use crate::computed::*;
use crate::css::background::{ImageValue, SizeOf};
use crate::css::property::{PropertyId as Id, Value};
use crate::css::{Compute, Computing};
use crate::values::LengthPercentage;
use fanfold_geometry::Px;
use std::sync::{Arc, LazyLock};

/// The initial values of all properties.
pub(crate) static INITIAL: LazyLock<Arc<ComputedStyle>> = LazyLock::new(Arc::default);

/// Collects computed values, then settles what depends on several of them.
#[derive(Debug)]
pub(crate) struct Builder {
    pub(crate) style: ComputedStyle,
    set: [u64; Id::COUNT.div_ceil(64)],
    overflow: (bool, bool),
    layers: Layers,
}

/// `background-*` lists, repeated to the number of images at the end.
#[derive(Debug, Default)]
struct Layers {
    changed: bool,
    images: Vec<Option<Image>>,
    xs: Vec<LengthPercentage>,
    ys: Vec<LengthPercentage>,
    sizes: Vec<BackgroundSize>,
    repeats: Vec<(Repeat, Repeat)>,
    fixed: Vec<bool>,
    origins: Vec<BoxArea>,
    clips: Vec<BoxArea>,
}

impl Builder {
    /// Starts from `parent`'s inherited properties and the initial values of others.
    pub(crate) fn new(parent: &ComputedStyle) -> Self {
        let initial = &**INITIAL;
        let style = ComputedStyle {
            font: Arc::clone(&parent.font),
            text: Arc::clone(&parent.text),
            ..initial.clone()
        };
        Self {
            style,
            set: Default::default(),
            overflow: (false, false),
            layers: Layers::default(),
        }
    }

    pub(crate) fn font(&mut self) -> &mut FontStyle {
        Arc::make_mut(&mut self.style.font)
    }

    pub(crate) fn text(&mut self) -> &mut InheritedStyle {
        Arc::make_mut(&mut self.style.text)
    }

    pub(crate) fn box_(&mut self) -> &mut BoxStyle {
        &mut self.style.box_
    }

    pub(crate) fn border(&mut self) -> &mut BorderStyle {
        Arc::make_mut(&mut self.style.border)
    }

    pub(crate) fn background(&mut self) -> &mut BackgroundStyle {
        Arc::make_mut(&mut self.style.background)
    }

    pub(crate) fn breaks(&mut self) -> &mut BreakStyle {
        &mut self.style.breaks
    }

    pub(crate) fn columns(&mut self) -> &mut ColumnStyle {
        Arc::make_mut(&mut self.style.columns)
    }

    pub(crate) fn grid(&mut self) -> &mut GridStyle {
        Arc::make_mut(&mut self.style.grid)
    }

    pub(crate) fn effects(&mut self) -> &mut EffectStyle {
        Arc::make_mut(&mut self.style.effects)
    }

    pub(crate) fn generated(&mut self) -> &mut GeneratedStyle {
        Arc::make_mut(&mut self.style.generated)
    }

    /// Notes whether `id` has a value other than its initial one.
    pub(crate) fn mark(&mut self, id: Id, set: bool) {
        let (word, bit) = (id as usize / 64, 1 << (id as usize % 64));
        if set {
            self.set[word] |= bit;
        } else {
            self.set[word] &= !bit;
        }
    }

    fn is_set(&self, id: Id) -> bool {
        self.set[id as usize / 64] & (1 << (id as usize % 64)) != 0
    }

    /// Computes a value that has no field of its own.
    pub(crate) fn apply_special(&mut self, value: &Value, cx: &Computing<'_>) {
        match value {
            Value::Position((position, running)) => {
                self.style.box_.position = *position;
                if self.style.generated.running != *running {
                    self.generated().running.clone_from(running);
                }
            }
            Value::FlexDirection((column, reverse)) => {
                self.style.box_.flex.column = *column;
                self.style.box_.flex.reverse = *reverse;
            }
            Value::OverflowX(clips) => self.overflow.0 = *clips,
            Value::OverflowY(clips) => self.overflow.1 = *clips,
            Value::TextDecorationLine(lines) => {
                let decoration = &mut self.effects().decoration;
                decoration.underline = lines.underline;
                decoration.overline = lines.overline;
                decoration.line_through = lines.line_through;
            }
            other => self.apply_background(other, cx),
        }
    }

    fn apply_background(&mut self, value: &Value, cx: &Computing<'_>) {
        let layers = &mut self.layers;
        layers.changed = true;
        match value {
            Value::BackgroundImage(images) => {
                layers.images = images
                    .iter()
                    .map(|image| image.as_ref().map(|image: &ImageValue| image.compute(cx)))
                    .collect();
            }
            Value::BackgroundPositionX(xs) => layers.xs = xs.compute(cx),
            Value::BackgroundPositionY(ys) => layers.ys = ys.compute(cx),
            Value::BackgroundSize(sizes) => {
                layers.sizes = sizes.iter().map(|size: &SizeOf| size.compute(cx)).collect();
            }
            Value::BackgroundRepeat(repeats) => layers.repeats.clone_from(repeats),
            Value::BackgroundAttachment(fixed) => layers.fixed.clone_from(fixed),
            Value::BackgroundOrigin(origins) => layers.origins.clone_from(origins),
            Value::BackgroundClip(clips) => layers.clips.clone_from(clips),
            // Logical values were made physical before; `size` is read by the page alone.
            _ => {}
        }
    }

    /// Copies a property that has no field of its own.
    pub(crate) fn copy_special(&mut self, id: Id, from: &ComputedStyle) {
        match id {
            Id::Position => {
                self.style.box_.position = from.box_.position;
                if self.style.generated.running != from.generated.running {
                    let running = from.generated.running.clone();
                    self.generated().running = running;
                }
            }
            Id::FlexDirection => {
                self.style.box_.flex.column = from.box_.flex.column;
                self.style.box_.flex.reverse = from.box_.flex.reverse;
            }
            Id::OverflowX => self.overflow.0 = from.box_.clips,
            Id::OverflowY => self.overflow.1 = from.box_.clips,
            Id::TextDecorationLine => {
                let decoration = from.effects.decoration;
                if self.style.effects.decoration != decoration {
                    let own = &mut self.effects().decoration;
                    own.underline = decoration.underline;
                    own.overline = decoration.overline;
                    own.line_through = decoration.line_through;
                }
            }
            other => self.copy_background(other, &from.background.layers),
        }
    }

    fn copy_background(&mut self, id: Id, from: &[BackgroundLayer]) {
        let layers = &mut self.layers;
        layers.changed = true;
        match id {
            Id::BackgroundImage => {
                layers.images = from.iter().map(|layer| Some(layer.image.clone())).collect();
            }
            Id::BackgroundPositionX => {
                layers.xs = from.iter().map(|layer| layer.position.0).collect();
            }
            Id::BackgroundPositionY => {
                layers.ys = from.iter().map(|layer| layer.position.1).collect();
            }
            Id::BackgroundSize => layers.sizes = from.iter().map(|layer| layer.size).collect(),
            Id::BackgroundRepeat => {
                layers.repeats = from.iter().map(|layer| layer.repeat).collect();
            }
            Id::BackgroundAttachment => {
                layers.fixed = from.iter().map(|layer| layer.fixed).collect();
            }
            Id::BackgroundOrigin => {
                layers.origins = from.iter().map(|layer| layer.origin).collect();
            }
            Id::BackgroundClip => layers.clips = from.iter().map(|layer| layer.clip).collect(),
            _ => {}
        }
    }

    /// Settles what several properties decide together.
    pub(crate) fn finish(mut self, parent: &ComputedStyle, blockify: bool) -> ComputedStyle {
        self.settle_features(parent);
        self.settle_borders();
        self.settle_outline();
        self.settle_column_rule();
        self.settle_backgrounds();
        self.style.box_.clips = self.overflow.0 || self.overflow.1;
        self.settle_display(parent, blockify);
        self.settle_alignment();
        // `auto` is the parent's page name (CSS Paged Media 3 §8.1).
        if self.style.box_.page.is_none() {
            self.style.box_.page.clone_from(&parent.box_.page);
        }
        self.style
    }

    /// A table is aligned by `align` and `<center>` above it, but hands that on to nothing inside, in any browser.
    fn settle_alignment(&mut self) {
        let legacy = matches!(
            self.style.text.align,
            TextAlign::LegacyCenter | TextAlign::LegacyLeft | TextAlign::LegacyRight
        );
        if legacy
            && matches!(
                self.style.box_.display,
                Display::Table | Display::InlineTable
            )
        {
            self.text().align = TextAlign::Start;
        }
    }

    /// Joins the feature lists; later ones override (CSS Fonts 4 §7.2).
    fn settle_features(&mut self, parent: &ComputedStyle) {
        if Arc::ptr_eq(&self.style.font, &parent.font)
            || self.style.font.variants == parent.font.variants
        {
            return;
        }
        let font = self.font();
        let variants = &font.variants;
        font.features = [
            &variants.ligatures,
            &variants.numeric,
            &variants.east_asian,
            &variants.position,
        ]
        .into_iter()
        .flatten()
        .chain(&variants.settings)
        .copied()
        .collect();
    }

    /// No line, no width; no colour, the text's (CSS Backgrounds 3 §4).
    fn settle_borders(&mut self) {
        let text = self.style.text.color;
        let sides = self.style.border.sides;
        let settled = [
            (sides.top, Id::BorderTopWidth, Id::BorderTopColor),
            (sides.right, Id::BorderRightWidth, Id::BorderRightColor),
            (sides.bottom, Id::BorderBottomWidth, Id::BorderBottomColor),
            (sides.left, Id::BorderLeftWidth, Id::BorderLeftColor),
        ]
        .map(|(side, width, color)| {
            let medium = if self.is_set(width) {
                side.width
            } else {
                Px(3.0)
            };
            let current = !self.is_set(color);
            let ink = if current { text } else { side.color };
            settle_side(side, medium, ink, current)
        });
        let [top, right, bottom, left] = settled;
        let settled = fanfold_geometry::Edges {
            top,
            right,
            bottom,
            left,
        };
        if settled != sides {
            self.border().sides = settled;
        }
    }

    fn settle_outline(&mut self) {
        let outline = self.style.effects.outline;
        let width = if self.is_set(Id::OutlineWidth) {
            outline.width
        } else {
            Px(3.0)
        };
        let current = !self.is_set(Id::OutlineColor);
        let color = if current {
            self.style.text.color
        } else {
            outline.color
        };
        let settled = settle_side(outline, width, color, current);
        if settled != outline {
            self.effects().outline = settled;
        }
    }

    fn settle_column_rule(&mut self) {
        let rule = self.style.columns.rule;
        let width = if self.is_set(Id::ColumnRuleWidth) {
            rule.width
        } else {
            Px(3.0)
        };
        let current = !self.is_set(Id::ColumnRuleColor);
        let color = if current {
            self.style.text.color
        } else {
            rule.color
        };
        let settled = settle_side(rule, width, color, current);
        if settled != rule {
            self.columns().rule = settled;
        }
    }

    /// Repeats shorter lists (CSS Backgrounds 3 §3.1).
    fn settle_backgrounds(&mut self) {
        if !self.layers.changed {
            return;
        }
        let layers = std::mem::take(&mut self.layers);
        // The colour is clipped as the last layer is, even where that has no image (§2.3).
        let last = layers.images.len().saturating_sub(1);
        let color_clip = cycled(&layers.clips, last).unwrap_or(BoxArea::Border);
        if color_clip != self.style.background.color_clip {
            self.background().color_clip = color_clip;
        }
        let list: Vec<BackgroundLayer> = layers
            .images
            .iter()
            .enumerate()
            .filter_map(|(index, image)| {
                Some(BackgroundLayer {
                    image: image.clone()?,
                    position: (
                        cycled(&layers.xs, index).unwrap_or_default(),
                        cycled(&layers.ys, index).unwrap_or_default(),
                    ),
                    size: cycled(&layers.sizes, index).unwrap_or_default(),
                    repeat: cycled(&layers.repeats, index).unwrap_or_default(),
                    fixed: cycled(&layers.fixed, index).unwrap_or(false),
                    origin: cycled(&layers.origins, index).unwrap_or(BoxArea::Padding),
                    clip: cycled(&layers.clips, index).unwrap_or(BoxArea::Border),
                })
            })
            .collect();
        if list != self.style.background.layers {
            self.background().layers = list;
        }
    }

    /// Out-of-flow boxes and children of flex containers are blocks (CSS Display 3 §2.7).
    fn settle_display(&mut self, parent: &ComputedStyle, blockify: bool) {
        let own = &mut self.style.box_;
        let out = |position| {
            matches!(
                position,
                Position::Absolute | Position::Fixed | Position::Running
            )
        };
        if out(own.position) {
            own.float = Float::None;
        }
        let container = matches!(
            parent.box_.display,
            Display::Flex | Display::InlineFlex | Display::Grid | Display::InlineGrid
        );
        if container {
            own.float = Float::None;
        }
        let out_of_flow = own.float != Float::None || out(own.position);
        if blockify || container || out_of_flow {
            let block = blockified(own.display);
            own.was_inline = block != own.display;
            own.display = block;
        }
    }
}

fn settle_side(
    side: BorderSide,
    width: Px,
    color: fanfold_geometry::Color,
    is_current: bool,
) -> BorderSide {
    match side.style {
        // Kept at the initial values, so that boxes without lines share one style.
        LineStyle::None | LineStyle::Hidden => BorderSide {
            style: side.style,
            ..BorderSide::default()
        },
        style => BorderSide {
            style,
            width,
            color,
            is_current,
        },
    }
}

fn cycled<T: Copy>(list: &[T], index: usize) -> Option<T> {
    list.get(index.checked_rem(list.len())?).copied()
}

fn blockified(display: Display) -> Display {
    match display {
        Display::Inline
        | Display::TableRowGroup
        | Display::TableHeaderGroup
        | Display::TableFooterGroup
        | Display::TableRow
        | Display::TableCell
        | Display::TableColumn
        | Display::TableColumnGroup
        | Display::TableCaption => Display::Block,
        Display::InlineBlock => Display::FlowRoot,
        Display::InlineFlex => Display::Flex,
        Display::InlineGrid => Display::Grid,
        Display::InlineTable => Display::Table,
        other => other,
    }
}
