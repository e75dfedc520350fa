//! From the declarations that apply to an element to its computed style.

use super::build::{Builder, INITIAL};
use super::custom::Custom;
use super::{Applicable, Level};
use crate::ComputedStyle;
use crate::computed::LineHeight;
use crate::css::Computing;
use crate::css::color::ColorValue;
use crate::css::declaration::{Pending, Setting, Wide, parse_substituted};
use crate::css::numeric::Units;
use crate::css::property::{PropertyId as Id, Value, copy};
use crate::dom::Element;
use crate::style_set::MeasureFonts;
use fanfold_geometry::Size;
use std::sync::Arc;

/// What an element's style is computed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// The style it inherits from.
    pub(crate) parent: &'a ComputedStyle,
    /// The root element's style; none for the root itself.
    pub(crate) root: Option<&'a ComputedStyle>,
    /// The first page's area.
    pub(crate) viewport: Size,
    /// What measures fonts; without it, their ratios are those of the parent.
    pub(crate) fonts: Option<&'a dyn MeasureFonts>,
    /// Where `attr()` looks.
    pub(crate) element: Option<&'a Element>,
    /// Its custom properties.
    pub(crate) custom: &'a Custom,
    /// Whether its box is a block whatever `display` says: the root, margin boxes.
    pub(crate) blockify: bool,
}

/// The declaration that wins for a property so far.
#[derive(Clone, Copy, Debug, Default)]
enum Slot<'a> {
    #[default]
    Empty,
    /// `revert` or `revert-layer` was met: these declarations are passed over.
    Rollback {
        author: bool,
        layer: Option<(Level, u16)>,
    },
    /// Won, as the nth from the strongest.
    Won(&'a Setting, u32),
}

/// The winners by property.
struct Winners<'a>([Slot<'a>; Id::COUNT]);

impl<'a> Winners<'a> {
    /// Picks from `blocks`, strongest last.
    fn pick(blocks: &[Applicable<'a>]) -> Self {
        let mut slots = [Slot::Empty; Id::COUNT];
        let mut count = 0;
        for applicable in blocks.iter().rev() {
            let (level, layer) = (applicable.priority.level, applicable.priority.layer);
            for (setting, important) in applicable.block.settings.iter().rev() {
                if *important != applicable.important {
                    continue;
                }
                let Some(id) = setting.id() else { continue };
                let slot = &mut slots[id as usize];
                match slot {
                    Slot::Won(..) => continue,
                    Slot::Rollback {
                        author,
                        layer: skipped,
                    } => {
                        if (*author && level.is_author()) || *skipped == Some((level, layer)) {
                            continue;
                        }
                    }
                    Slot::Empty => {}
                }
                count += 1;
                *slot = match setting {
                    Setting::Wide(_, Wide::Revert) if level.is_author() => Slot::Rollback {
                        author: true,
                        layer: None,
                    },
                    Setting::Wide(_, Wide::RevertLayer) => Slot::Rollback {
                        author: false,
                        layer: Some((level, layer)),
                    },
                    _ => Slot::Won(setting, count),
                };
            }
        }
        Self(slots)
    }

    fn get(&self, id: Id) -> Option<&'a Setting> {
        match self.0[id as usize] {
            Slot::Won(setting, _) => Some(setting),
            _ => None,
        }
    }

    /// The logical property that overrides `physical`, when it was declared later.
    fn logical_over(&self, logical: Id, physical: Id) -> Option<&'a Setting> {
        match (self.0[logical as usize], self.0[physical as usize]) {
            (Slot::Won(_, logical), Slot::Won(_, physical)) if logical > physical => None,
            (Slot::Won(setting, _), _) => Some(setting),
            _ => None,
        }
    }
}

/// Values of declarations with `var()`, parsed once for all longhands of a shorthand.
#[derive(Default)]
struct Substitutions(Vec<(*const Pending, Option<Vec<Setting>>)>);

impl Substitutions {
    fn get(&mut self, pending: &Arc<Pending>, custom: &Custom) -> Option<&[Setting]> {
        let key = Arc::as_ptr(pending);
        let at = self
            .0
            .iter()
            .position(|(known, _)| *known == key)
            .unwrap_or_else(|| {
                let settings = custom
                    .substitute(&pending.css)
                    .and_then(|css| parse_substituted(&pending.property, &css, &pending.base));
                self.0.push((key, settings));
                self.0.len() - 1
            });
        self.0[at].1.as_deref()
    }
}

/// Applies settings to a builder.
struct Application<'a> {
    builder: Builder,
    cx: Computing<'a>,
    surroundings: Surroundings<'a>,
    substitutions: Substitutions,
}

impl Application<'_> {
    fn apply(&mut self, id: Id, setting: &Setting) {
        match setting {
            Setting::Value(value) => self.value(id, value),
            Setting::Wide(_, wide) => self.wide(id, *wide),
            Setting::Pending(of, pending) => {
                let of = *of;
                let found = self
                    .substitutions
                    .get(pending, self.surroundings.custom)
                    .and_then(|settings| settings.iter().find(|setting| setting.id() == Some(of)))
                    .cloned();
                match found {
                    Some(Setting::Value(value)) => self.value(id, &value),
                    Some(Setting::Wide(_, wide)) => self.wide(id, wide),
                    // Invalid at computed-value time (CSS Variables 1 §3.1).
                    _ => self.wide(id, Wide::Unset),
                }
            }
            Setting::Custom(..) => {}
        }
    }

    fn value(&mut self, id: Id, value: &Value) {
        match value.to_physical(self.cx.rtl) {
            Some(physical) => physical.apply(&mut self.builder, &self.cx),
            None => value.apply(&mut self.builder, &self.cx),
        }
        let current = is_current_color(value);
        self.builder.mark(id, !current);
        if id == Id::BackgroundColor && self.builder.style.background.is_current != current {
            self.builder.background().is_current = current;
        }
    }

    fn wide(&mut self, id: Id, wide: Wide) {
        let inherit = match wide {
            Wide::Inherit => true,
            Wide::Initial => false,
            Wide::Unset | Wide::Revert | Wide::RevertLayer => id.inherits(),
        };
        if inherit {
            copy(id, self.surroundings.parent, &mut self.builder);
        } else {
            copy(id, &INITIAL, &mut self.builder);
        }
        // `currentcolor` is inherited as a keyword: it is this element's own colour.
        let parent = self.surroundings.parent;
        let sides = &parent.border.sides;
        let current = inherit
            && match id {
                Id::BorderTopColor => sides.top.is_current,
                Id::BorderRightColor => sides.right.is_current,
                Id::BorderBottomColor => sides.bottom.is_current,
                Id::BorderLeftColor => sides.left.is_current,
                Id::OutlineColor => parent.effects.outline.is_current,
                Id::ColumnRuleColor => parent.columns.rule.is_current,
                Id::BackgroundColor => parent.background.is_current,
                _ => false,
            };
        if id == Id::BackgroundColor && self.builder.style.background.is_current != current {
            self.builder.background().is_current = current;
        }
        if id == Id::BackgroundColor && current {
            self.builder.background().color = self.cx.color;
        }
        self.builder.mark(id, inherit && !current);
    }

    /// Applies the winners of `ids`.
    fn run(&mut self, winners: &Winners<'_>, ids: &[Id]) {
        for id in ids {
            if let Some(setting) = winners.get(*id) {
                self.apply(*id, setting);
            }
        }
    }
}

/// The line height that `lh` is, in px.
fn line_height(style: &ComputedStyle) -> f32 {
    match style.text.line_height {
        // Without the font at hand, what most text fonts come to.
        LineHeight::Normal => style.font.size.0 * 1.2,
        LineHeight::Number(factor) => style.font.size.0 * factor,
        LineHeight::Length(length) => length.0,
    }
}

/// Computes a style from `blocks`, strongest last.
pub(crate) fn compute(blocks: &[Applicable<'_>], surroundings: Surroundings<'_>) -> ComputedStyle {
    let parent = surroundings.parent;
    let root = surroundings.root.unwrap_or(parent);
    let winners = Winners::pick(blocks);
    let mut application = Application {
        builder: Builder::new(parent),
        cx: Computing {
            units: Units {
                font_size: parent.font.size.0,
                ratios: parent.font.ratios,
                root_font_size: root.font.size.0,
                line_height: line_height(parent),
                root_line_height: line_height(root),
                viewport: surroundings.viewport,
            },
            color: parent.text.color,
            rtl: parent.text.rtl,
            element: surroundings.element,
            parent,
        },
        surroundings,
        substitutions: Substitutions::default(),
    };
    let at = |id: Id| id as usize;
    let (fonts, rest) = Id::ALL.split_at(at(Id::LineHeight));
    let (text, rest) = rest.split_at(at(Id::Language) - at(Id::LineHeight));
    application.run(&winners, fonts);
    let size = application.builder.style.font.size.0;
    application.cx.units.font_size = size;
    // Only another font has other ratios; the initial one's are not known before the root.
    let font = &application.builder.style.font;
    if let Some(fonts) = surroundings.fonts
        && (surroundings.root.is_none() || !Arc::ptr_eq(font, &parent.font))
    {
        let ratios = fonts.ratios(font);
        if ratios != font.ratios {
            Arc::make_mut(&mut application.builder.style.font).ratios = ratios;
        }
    }
    application.cx.units.ratios = application.builder.style.font.ratios;
    if surroundings.root.is_none() {
        application.cx.units.root_font_size = size;
    }
    // `color`, `line-height` and `direction`, which the rest may refer to.
    application.run(&winners, text);
    let style = &application.builder.style;
    (application.cx.color, application.cx.rtl) = (style.text.color, style.text.rtl);
    let height = line_height(style);
    application.cx.units.line_height = height;
    if surroundings.root.is_none() {
        application.cx.units.root_line_height = height;
    }
    application.run(
        &winners,
        &rest[..at(Id::MarginInlineStart) - at(Id::Language)],
    );
    for id in rest.iter().copied().filter(|id| id.is_logical()) {
        let target = id.physical(application.cx.rtl);
        if let Some(setting) = winners.logical_over(id, target) {
            application.apply(target, setting);
        }
    }
    application.builder.finish(parent, surroundings.blockify)
}

/// What relative units are in a box of style `style`; the root's own is none.
pub(crate) fn units_of(
    style: &ComputedStyle,
    root: Option<&ComputedStyle>,
    viewport: Size,
) -> Units {
    let root = root.unwrap_or(style);
    Units {
        ratios: style.font.ratios,
        font_size: style.font.size.0,
        root_font_size: root.font.size.0,
        line_height: line_height(style),
        root_line_height: line_height(root),
        viewport,
    }
}

/// The page size that `blocks` ask for, strongest last.
pub(crate) fn page_size(blocks: &[Applicable<'_>], surroundings: Surroundings<'_>) -> Option<Size> {
    let page = surroundings.parent;
    let units = units_of(page, surroundings.root, crate::page::A4);
    match Winners::pick(blocks).get(Id::Size)? {
        Setting::Value(Value::Size(size)) => Some(size.resolve(&units)),
        Setting::Pending(_, pending) => {
            let mut substitutions = Substitutions::default();
            match substitutions.get(pending, surroundings.custom)?.first()? {
                Setting::Value(Value::Size(size)) => Some(size.resolve(&units)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether it makes a line or background of the text's colour.
fn is_current_color(value: &Value) -> bool {
    matches!(
        value,
        Value::BorderTopColor(ColorValue::Current)
            | Value::BorderRightColor(ColorValue::Current)
            | Value::BorderBottomColor(ColorValue::Current)
            | Value::BorderLeftColor(ColorValue::Current)
            | Value::BorderInlineStartColor(ColorValue::Current)
            | Value::BorderInlineEndColor(ColorValue::Current)
            | Value::OutlineColor(ColorValue::Current)
            | Value::ColumnRuleColor(ColorValue::Current)
            | Value::BackgroundColor(ColorValue::Current)
    )
}
