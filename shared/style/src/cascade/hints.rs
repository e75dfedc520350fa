//! Presentational attributes as declarations (HTML standard §15, CSS Cascade 5 §6.5).

mod controls;

use super::legacy::{dimension, font_size, integer, legacy_color, pixels};
use crate::computed::{
    Clear, Collapse, CounterStyleName, Counting, LineStyle, TextAlign, VerticalAlign,
};
use crate::css::background::ImageValue;
use crate::css::boxes::{ClearValue, FloatValue, VerticalAlignValue};
use crate::css::declaration::{Block, Setting, parse_block, parse_substituted};
use crate::css::font;
use crate::css::numeric::{AutoOr, Distance, Length, SizeValue};
use crate::css::property::Value;
use crate::css::text::AlignValue;
use crate::dom::{Dom, Element, NodeData, NodeId};
use html5ever::{LocalName, local_name};
use rustc_hash::FxHashMap;
use std::fmt::Write;
use std::sync::Arc;
use unicode_bidi::{BidiClass, bidi_class};

/// Attributes that may have a presentational meaning on some element.
const MAPPED: &[&str] = &[
    "align",
    "background",
    "bgcolor",
    "border",
    "bordercolor",
    "cellpadding",
    "cellspacing",
    "clear",
    "color",
    "cols",
    "face",
    "height",
    "high",
    "hspace",
    "lang",
    "low",
    "max",
    "min",
    "multiple",
    "nowrap",
    "optimum",
    "reversed",
    "rows",
    "rules",
    "size",
    "start",
    "text",
    "type",
    "valign",
    "value",
    "vspace",
    "width",
    "xml:lang",
    "noshade",
    "leftmargin",
    "topmargin",
    "marginwidth",
    "marginheight",
];

/// Attributes of a table that its cells take on.
const OF_CELLS: &[&str] = &["cellpadding", "border", "rules"];

/// Blocks by element name and attributes, so that equal elements share one.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    known: FxHashMap<String, Option<Arc<Block>>>,
}

impl Hints {
    /// How many are known.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// What the attributes of the element at `id` declare.
    pub(crate) fn of(&mut self, dom: &Dom, id: NodeId, element: &Element) -> Option<Arc<Block>> {
        // Most attributes are one of these.
        let usual = |name: &LocalName| {
            matches!(
                *name,
                local_name!("class") | local_name!("id") | local_name!("style")
            )
        };
        let mapped = |name: &LocalName| !usual(name) && MAPPED.contains(&&**name);
        let own = element.attributes.iter().any(|(name, _)| mapped(name));
        let is_cell = matches!(element.name, local_name!("td") | local_name!("th"));
        let table = if is_cell { table_of(dom, id) } else { None };
        let table =
            table.filter(|table| OF_CELLS.iter().any(|name| table.attribute(name).is_some()));
        let direction = auto_direction(dom, id, element);
        if !own && table.is_none() && direction.is_none() {
            return None;
        }
        let mut key = format!("{}\u{0}{direction:?}", element.name);
        for (name, value) in &element.attributes {
            if mapped(name) {
                // Writing to a string cannot fail.
                let _ = write!(key, "\u{0}{name}={value}");
            }
        }
        if let Some(table) = table {
            for name in OF_CELLS {
                let _ = write!(key, "\u{0}table {name}={:?}", table.attribute(name));
            }
        }
        self.known
            .entry(key)
            .or_insert_with(|| {
                let values = Mapping {
                    element,
                    table,
                    direction,
                }
                .values();
                let css = controls::declarations(element);
                (!values.is_empty() || !css.is_empty()).then(|| {
                    let mut block = parse_block(&css, &Arc::from(""), &mut |_, _| {});
                    values
                        .into_iter()
                        .for_each(|value| block.push(Setting::Value(value), false));
                    Arc::new(block)
                })
            })
            .clone()
    }
}

/// Characters and nodes that are looked at for the direction of a text.
const MOST_LOOKED_AT: usize = 4096;

/// The types of `<input>` whose value says nothing about direction (HTML §3.2.6.4).
const NOT_TEXT: [&str; 12] = [
    "date",
    "month",
    "week",
    "time",
    "datetime-local",
    "number",
    "range",
    "color",
    "checkbox",
    "radio",
    "file",
    "image",
];

/// A `dir` attribute that is one of its keywords.
fn stated_direction(element: &Element) -> Option<&'static str> {
    let value = element.attribute("dir")?;
    ["ltr", "rtl", "auto"]
        .into_iter()
        .find(|keyword| value.eq_ignore_ascii_case(keyword))
}

/// Whether an element's own `dir` makes it run right to left; none where it runs as its parent does.
pub(crate) fn own_direction(dom: &Dom, id: NodeId, element: &Element) -> Option<bool> {
    match stated_direction(element) {
        Some("auto") | None => auto_direction(dom, id, element),
        Some(value) => Some(value == "rtl"),
    }
}

/// Whether `dir=auto`, or `<bdi>` without a valid `dir`, is right to left: by its text's first strong character, left to
/// right without one (HTML §3.2.6.4).
fn auto_direction(dom: &Dom, id: NodeId, element: &Element) -> Option<bool> {
    let is_auto = match stated_direction(element) {
        Some(value) => value == "auto",
        None => element.name == local_name!("bdi"),
    };
    if !is_auto {
        return None;
    }
    if element.name == local_name!("input") {
        let kind = element.attribute("type").unwrap_or("text");
        let shows = !NOT_TEXT
            .iter()
            .any(|other| kind.eq_ignore_ascii_case(other));
        let value = element.attribute("value").filter(|_| shows);
        let classes = value.unwrap_or_default().chars().map(bidi_class);
        let strong =
            |class: &BidiClass| matches!(class, BidiClass::L | BidiClass::R | BidiClass::AL);
        let first = classes.into_iter().find(strong);
        return Some(first.is_some_and(|class| class != BidiClass::L));
    }
    let mut left = MOST_LOOKED_AT;
    let mut next = dom.node(id).first_child;
    while let Some(at) = next {
        let mut inside = None;
        match &dom.node(at).data {
            NodeData::Text(text) => {
                for character in text.chars().take(left) {
                    left -= 1;
                    match bidi_class(character) {
                        BidiClass::L => return Some(false),
                        BidiClass::R | BidiClass::AL => return Some(true),
                        _ => {}
                    }
                }
            }
            NodeData::Element(element) => {
                let apart = stated_direction(element).is_some()
                    || matches!(&*element.name, "bdi" | "script" | "style" | "textarea");
                inside = dom.node(at).first_child.filter(|_| !apart);
            }
            _ => {}
        }
        left = left.saturating_sub(1);
        if left == 0 {
            break;
        }
        next = inside.or_else(|| {
            let mut above = at;
            while above != id {
                if let Some(sibling) = dom.node(above).next_sibling {
                    return Some(sibling);
                }
                above = dom.node(above).parent?;
            }
            None
        });
    }
    Some(false)
}

/// The table a cell is in.
fn table_of(dom: &Dom, cell: NodeId) -> Option<&Element> {
    std::iter::successors(dom.node(cell).parent, |id| dom.node(*id).parent)
        .take(3)
        .filter_map(|id| dom.element(id))
        .find(|element| element.name == local_name!("table"))
}

struct Mapping<'a> {
    element: &'a Element,
    table: Option<&'a Element>,
    /// Right to left, where its text says.
    direction: Option<bool>,
}

impl Mapping<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.element.attribute(name)
    }

    fn values(&self) -> Vec<Value> {
        let mut values = Vec::new();
        values.extend(self.direction.map(Value::Direction));
        if let Some(language) = self
            .attribute("lang")
            .or_else(|| self.attribute("xml:lang"))
        {
            let language = language.trim();
            values.push(Value::Language(
                (!language.is_empty()).then(|| language.into()),
            ));
        }
        match &*self.element.name {
            "body" => self.body(&mut values),
            "table" => self.table(&mut values),
            "td" | "th" => self.cell(&mut values),
            "tr" | "thead" | "tbody" | "tfoot" | "col" | "colgroup" => self.table_part(&mut values),
            "div" | "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.text_align(&mut values),
            "caption" if self.is("align", "bottom") => {
                values.push(Value::CaptionSide(true));
            }
            "img" | "object" | "embed" | "iframe" | "video" | "canvas" | "svg" | "input" => {
                self.replaced(&mut values);
            }
            "hr" => self.rule(&mut values),
            "font" => self.font(&mut values),
            "br" => self.line_break(&mut values),
            "ol" | "ul" | "li" => self.list(&mut values),
            _ => {}
        }
        values
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.attribute(name)
            .is_some_and(|own| own.trim().eq_ignore_ascii_case(value))
    }

    fn background(&self, values: &mut Vec<Value>) {
        if let Some(color) = self.attribute("bgcolor").and_then(legacy_color) {
            values.push(Value::BackgroundColor(color));
        }
        if let Some(url) = self
            .attribute("background")
            .map(str::trim)
            .filter(|url| !url.is_empty())
        {
            values.push(Value::BackgroundImage(vec![Some(ImageValue::Url(
                url.into(),
            ))]));
        }
    }

    fn dimensions(&self, values: &mut Vec<Value>) {
        if let Some(width) = self.attribute("width").and_then(dimension) {
            values.push(Value::Width(SizeValue::Length(width)));
        }
        if let Some(height) = self.attribute("height").and_then(dimension) {
            values.push(Value::Height(SizeValue::Length(height)));
        }
    }

    /// `width` and `height` of `<svg>` are presentation attributes (SVG 2 §6.6), with numbers for pixels.
    fn svg_dimensions(&self, values: &mut Vec<Value>) {
        for name in ["width", "height"] {
            let Some(text) = self.attribute(name) else {
                continue;
            };
            let number = text.trim().parse::<f32>().ok();
            let pixels = number.filter(|number| number.is_finite() && *number >= 0.0);
            match (pixels, name) {
                (Some(pixels), "width") => {
                    values.push(Value::Width(SizeValue::Length(Length::px(pixels))));
                }
                (Some(pixels), _) => {
                    values.push(Value::Height(SizeValue::Length(Length::px(pixels))));
                }
                (None, _) => {
                    let settings = parse_substituted(name, text, "");
                    values.extend(settings.into_iter().flatten().filter_map(
                        |setting| match setting {
                            Setting::Value(value) => Some(value),
                            _ => None,
                        },
                    ));
                }
            }
        }
    }

    fn text_align(&self, values: &mut Vec<Value>) {
        let Some(align) = self.attribute("align") else {
            return;
        };
        let align = match align.trim().to_ascii_lowercase().as_str() {
            "left" => TextAlign::LegacyLeft,
            "right" => TextAlign::LegacyRight,
            "center" | "middle" => TextAlign::LegacyCenter,
            "justify" => TextAlign::Justify,
            _ => return,
        };
        values.push(Value::TextAlign(AlignValue::Is(align)));
    }

    fn vertical_align(&self, values: &mut Vec<Value>) {
        let Some(align) = self.attribute("valign") else {
            return;
        };
        let align = match align.trim().to_ascii_lowercase().as_str() {
            "top" => VerticalAlign::Top,
            "middle" | "center" => VerticalAlign::Middle,
            "bottom" => VerticalAlign::Bottom,
            "baseline" => VerticalAlign::Baseline,
            _ => return,
        };
        values.push(Value::VerticalAlign(VerticalAlignValue::Is(align)));
    }

    fn body(&self, values: &mut Vec<Value>) {
        self.background(values);
        if let Some(color) = self.attribute("text").and_then(legacy_color) {
            values.push(Value::Color(color));
        }
        let margin = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| self.attribute(name))
                .and_then(pixels)
                .map(|px| AutoOr(Some(Length::px(px))))
        };
        if let Some(margin) = margin(["marginwidth", "leftmargin"]) {
            values.extend([
                Value::MarginLeft(margin.clone()),
                Value::MarginRight(margin),
            ]);
        }
        if let Some(margin) = margin(["marginheight", "topmargin"]) {
            values.extend([
                Value::MarginTop(margin.clone()),
                Value::MarginBottom(margin),
            ]);
        }
    }

    fn table(&self, values: &mut Vec<Value>) {
        self.background(values);
        self.dimensions(values);
        let auto = || AutoOr(None);
        match self
            .attribute("align")
            .map(|align| align.trim().to_ascii_lowercase())
            .as_deref()
        {
            Some("left") => values.push(Value::Float(FloatValue::Is(crate::computed::Float::Left))),
            Some("right") => {
                values.push(Value::Float(FloatValue::Is(crate::computed::Float::Right)));
            }
            Some("center" | "middle") => {
                values.extend([Value::MarginLeft(auto()), Value::MarginRight(auto())]);
            }
            _ => {}
        }
        if let Some(spacing) = self.attribute("cellspacing").and_then(pixels) {
            let spacing = Distance(Length::px(spacing));
            values.push(Value::BorderSpacing(crate::css::border::Spacing(
                spacing.clone(),
                spacing,
            )));
        }
        if let Some(border) = self.attribute("border") {
            // Anything but a number is one pixel.
            lines(values, pixels(border).unwrap_or(1.0), LineStyle::Outset);
        }
        if let Some(color) = self.attribute("bordercolor").and_then(legacy_color) {
            values.extend([
                Value::BorderTopColor(color.clone()),
                Value::BorderRightColor(color.clone()),
                Value::BorderBottomColor(color.clone()),
                Value::BorderLeftColor(color),
            ]);
        }
        if rules_of(self.element).is_some() {
            values.push(Value::BorderCollapse(true));
            // Lines between cells, and none around them.
            if self.attribute("border").is_none() {
                lines(values, 0.0, LineStyle::Hidden);
            }
        }
    }

    fn table_part(&self, values: &mut Vec<Value>) {
        self.background(values);
        self.text_align(values);
        self.vertical_align(values);
        self.dimensions(values);
    }

    fn cell(&self, values: &mut Vec<Value>) {
        if let Some(padding) = self
            .table
            .and_then(|table| table.attribute("cellpadding"))
            .and_then(pixels)
        {
            let padding = Length::px(padding);
            values.extend([
                Value::PaddingTop(padding.clone()),
                Value::PaddingRight(padding.clone()),
                Value::PaddingBottom(padding.clone()),
                Value::PaddingLeft(padding),
            ]);
        }
        let table_border = self.table.and_then(|table| table.attribute("border"));
        let has_border = table_border.is_some_and(|border| pixels(border).unwrap_or(1.0) > 0.0);
        match self.table.and_then(rules_of) {
            None if has_border => lines(values, 1.0, LineStyle::Inset),
            Some(Rules::All) => lines(values, 1.0, LineStyle::Solid),
            Some(Rules::Columns) => {
                let width = Distance(Length::px(1.0));
                values.extend([
                    Value::BorderLeftWidth(width.clone()),
                    Value::BorderRightWidth(width),
                    Value::BorderLeftStyle(LineStyle::Solid),
                    Value::BorderRightStyle(LineStyle::Solid),
                ]);
            }
            _ => {}
        }
        self.background(values);
        self.text_align(values);
        self.vertical_align(values);
        self.dimensions(values);
        if self.attribute("nowrap").is_some() {
            values.extend([
                Value::WhiteSpaceCollapse(Collapse::Collapse),
                Value::TextWrapMode(true),
            ]);
        }
    }

    fn replaced(&self, values: &mut Vec<Value>) {
        if &*self.element.name == "input" && !self.is("type", "image") {
            return;
        }
        if &*self.element.name == "svg" {
            self.svg_dimensions(values);
        } else {
            self.dimensions(values);
        }
        let space = |name: &str| {
            self.attribute(name)
                .and_then(dimension)
                .map(|length| AutoOr(Some(length)))
        };
        if let Some(space) = space("hspace") {
            values.extend([Value::MarginLeft(space.clone()), Value::MarginRight(space)]);
        }
        if let Some(space) = space("vspace") {
            values.extend([Value::MarginTop(space.clone()), Value::MarginBottom(space)]);
        }
        if let Some(width) = self.attribute("border").and_then(pixels)
            && width > 0.0
        {
            lines(values, width, LineStyle::Solid);
        }
    }

    fn rule(&self, values: &mut Vec<Value>) {
        if let Some(width) = self.attribute("width").and_then(dimension) {
            values.push(Value::Width(SizeValue::Length(width)));
        }
        let margin = |auto: bool| AutoOr((!auto).then(|| Length::px(0.0)));
        match self
            .attribute("align")
            .map(|align| align.trim().to_ascii_lowercase())
            .as_deref()
        {
            Some("left") => values.extend([
                Value::MarginLeft(margin(false)),
                Value::MarginRight(margin(true)),
            ]),
            Some("right") => values.extend([
                Value::MarginLeft(margin(true)),
                Value::MarginRight(margin(false)),
            ]),
            Some("center") => values.extend([
                Value::MarginLeft(margin(true)),
                Value::MarginRight(margin(true)),
            ]),
            _ => {}
        }
        let solid = self.attribute("noshade").is_some() || self.attribute("color").is_some();
        if let Some(color) = self.attribute("color").and_then(legacy_color) {
            values.push(Value::Color(color));
        }
        let size = self.attribute("size").and_then(pixels);
        if solid {
            lines(values, size.unwrap_or(2.0) / 2.0, LineStyle::Solid);
        } else if let Some(size) = size {
            match size {
                size if size <= 1.0 => {
                    values.push(Value::BorderBottomWidth(Distance(Length::px(0.0))));
                }
                size => values.push(Value::Height(SizeValue::Length(Length::px(size - 2.0)))),
            }
        }
    }

    fn font(&self, values: &mut Vec<Value>) {
        if let Some(color) = self.attribute("color").and_then(legacy_color) {
            values.push(Value::Color(color));
        }
        if let Some(face) = self.attribute("face") {
            let families: Vec<Arc<str>> = face
                .split(',')
                .map(|name| name.trim().trim_matches(['"', '\'']))
                .filter(|name| !name.is_empty())
                .map(Into::into)
                .collect();
            if !families.is_empty() {
                values.push(Value::FontFamily(families));
            }
        }
        if let Some(size) = self.attribute("size").and_then(font_size) {
            values.push(Value::FontSize(font::Size::Absolute(size)));
        }
    }

    fn line_break(&self, values: &mut Vec<Value>) {
        let clear = match self
            .attribute("clear")
            .map(|clear| clear.trim().to_ascii_lowercase())
            .as_deref()
        {
            Some("left") => Clear::Left,
            Some("right") => Clear::Right,
            Some("all" | "both") => Clear::Both,
            _ => return,
        };
        values.push(Value::Clear(ClearValue::Is(clear)));
    }

    fn list(&self, values: &mut Vec<Value>) {
        let item: Arc<str> = "list-item".into();
        let name = &*self.element.name;
        if let Some(style) = self
            .attribute("type")
            .and_then(|kind| marker(kind.trim(), name))
        {
            values.push(Value::ListStyleType(
                style.map(|name| CounterStyleName::Named(name.into())),
            ));
        }
        if name == "ol"
            && ["start", "reversed"]
                .iter()
                .any(|name| self.attribute(name).is_some())
        {
            let (before, counting) = list_start(self.element);
            let reset = (Arc::clone(&item), before, counting);
            values.push(Value::CounterReset(vec![reset]));
        }
        if name == "li"
            && let Some(value) = self.attribute("value").and_then(integer)
        {
            values.push(Value::CounterSet(vec![(item, value)]));
        }
    }
}

/// What the `list-item` counter of a list is before its first item, which itself counts by one, and how it goes on
/// from there (HTML §15.3.8).
pub fn list_start(list: &Element) -> (i32, Counting) {
    if &*list.name != "ol" {
        return (0, Counting::Up);
    }
    let reversed = list.attribute("reversed").is_some();
    match list.attribute("start").and_then(integer) {
        Some(start) if reversed => (start.saturating_add(1), Counting::Down),
        Some(start) => (start.saturating_sub(1), Counting::Up),
        None if reversed => (0, Counting::DownToLast),
        None => (0, Counting::Up),
    }
}

/// Where a table's `rules` attribute has lines between its cells (HTML §15.3.10).
enum Rules {
    None,
    /// Between row groups, which the style sheet draws, or between rows.
    Rows,
    Columns,
    All,
}

fn rules_of(table: &Element) -> Option<Rules> {
    let rules = table.attribute("rules")?.to_ascii_lowercase();
    Some(match &*rules {
        "none" => Rules::None,
        "groups" | "rows" => Rules::Rows,
        "cols" => Rules::Columns,
        "all" => Rules::All,
        _ => return None,
    })
}

/// Lines on all four sides.
fn lines(values: &mut Vec<Value>, width: f32, style: LineStyle) {
    let width = Distance(Length::px(width));
    values.extend([
        Value::BorderTopWidth(width.clone()),
        Value::BorderRightWidth(width.clone()),
        Value::BorderBottomWidth(width.clone()),
        Value::BorderLeftWidth(width),
        Value::BorderTopStyle(style),
        Value::BorderRightStyle(style),
        Value::BorderBottomStyle(style),
        Value::BorderLeftStyle(style),
    ]);
}

/// The list style an old `type` attribute names.
fn marker(kind: &str, element: &str) -> Option<Option<&'static str>> {
    Some(Some(match kind {
        "1" => "decimal",
        "a" => "lower-alpha",
        "A" => "upper-alpha",
        "i" => "lower-roman",
        "I" => "upper-roman",
        _ if element == "ol" => return None,
        _ if kind.eq_ignore_ascii_case("disc") => "disc",
        _ if kind.eq_ignore_ascii_case("circle") => "circle",
        _ if kind.eq_ignore_ascii_case("square") => "square",
        _ if kind.eq_ignore_ascii_case("none") => return Some(None),
        _ => return None,
    }))
}
