//! Page margin boxes: headers, footers, page numbers (CSS Paged Media 3 §5).

use super::{Geometry, Record, State};
use crate::PressError;
use crate::boxes::{MarginContent, PageFacts, margin_box};
use crate::fragment::{Fragment, Kind};
use crate::layout::{Layout, used_edges};
use crate::paint::{Found, Painter};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_paint::Sheet;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::VerticalAlign;
use fanfold_style::page::MarginBox;
use fanfold_style::values::Sizing;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

impl State<'_> {
    /// Paints the margin boxes of all pages, now that their number is known.
    pub(super) fn margin_boxes(&mut self) -> Result<(), PressError> {
        let records = std::mem::take(&mut self.records);
        let facts = self.facts.clone();
        for (index, record) in records.iter().enumerate() {
            if record.style.margin_boxes.is_empty() {
                continue;
            }
            self.page_boxes(index, record, &facts)?;
        }
        Ok(())
    }

    fn page_boxes(
        &mut self,
        index: usize,
        record: &Record,
        facts: &PageFacts,
    ) -> Result<(), PressError> {
        let pages = self.pages;
        let boxes: Vec<(MarginBox, &ComputedStyle)> = record
            .style
            .margin_boxes
            .iter()
            .map(|(place, style)| (*place, style))
            .collect();
        for group in groups() {
            let present: Vec<_> = group
                .boxes
                .iter()
                .map(|place| boxes.iter().find(|(other, _)| other == place))
                .collect();
            if present.iter().all(Option::is_none) {
                continue;
            }
            let mut trees = Vec::new();
            for found in &present {
                let Some((_, style)) = found else {
                    trees.push(None);
                    continue;
                };
                let content = MarginContent {
                    styled: pages.styled,
                    images: pages.images,
                    facts,
                    page: record.number,
                    strings: strings(record),
                };
                trees.push(Some(margin_box(style, &content)?));
            }
            let area = group.area(&record.geometry);
            let layouts: Vec<Option<Layout<'_>>> = trees
                .iter()
                .map(|tree| tree.as_ref().map(|tree| pages.layout.over(tree)))
                .collect();
            let widths = if group.horizontal && group.boxes.len() == 3 {
                shares(&layouts, area.width)
            } else {
                vec![area.width; group.boxes.len()]
            };
            for (position, layout) in layouts.iter().enumerate() {
                let Some(layout) = layout else { continue };
                let place = if group.horizontal && group.boxes.len() == 3 {
                    across(area, &widths, position)
                } else if group.boxes.len() == 3 {
                    down(area, &layouts, position)
                } else {
                    area
                };
                draw(layout, pages.images, &mut self.sheets[index], index, place)?;
            }
        }
        Ok(())
    }
}

/// The named strings as `string()` sees them: the first on the page, else what came before (§GCPM 3
/// §1.1.2).
fn strings(record: &Record) -> FxHashMap<Arc<str>, String> {
    let mut strings = record.before.clone();
    for (name, value) in record.strings.iter().rev() {
        strings.insert(name.clone(), value.clone());
    }
    strings
}

/// A corner, or the three boxes of one side.
struct Group {
    boxes: &'static [MarginBox],
    horizontal: bool,
    corner: (i8, i8),
}

fn groups() -> [Group; 8] {
    use MarginBox::*;
    let side = |boxes, horizontal, corner| Group {
        boxes,
        horizontal,
        corner,
    };
    [
        side(&[TopLeftCorner], true, (-1, -1)),
        side(&[TopLeft, TopCenter, TopRight], true, (0, -1)),
        side(&[TopRightCorner], true, (1, -1)),
        side(&[RightTop, RightMiddle, RightBottom], false, (1, 0)),
        side(&[BottomRightCorner], true, (1, 1)),
        side(&[BottomLeft, BottomCenter, BottomRight], true, (0, 1)),
        side(&[BottomLeftCorner], true, (-1, 1)),
        side(&[LeftTop, LeftMiddle, LeftBottom], false, (-1, 0)),
    ]
}

impl Group {
    /// The group's part of the page's margin.
    fn area(&self, geometry: &Geometry) -> Rect {
        let (border, size, margins) = (geometry.border, geometry.size, geometry.margins);
        let (x, width) = match self.corner.0 {
            -1 => (Px::ZERO, margins.left),
            1 => (border.right(), size.width - border.right()),
            _ => (border.x, border.width),
        };
        let (y, height) = match self.corner.1 {
            -1 => (Px::ZERO, margins.top),
            1 => (border.bottom(), size.height - border.bottom()),
            _ => (border.y, border.height),
        };
        Rect::new(x, y, width.max(Px::ZERO), height.max(Px::ZERO))
    }
}

/// Outer widths of the three boxes of a horizontal side (§5.3.2): the middle one centred, what is
/// left shared by what the boxes need.
fn shares(layouts: &[Option<Layout<'_>>], width: Px) -> Vec<Px> {
    let asked: Vec<(Option<Px>, Px)> = layouts
        .iter()
        .map(|layout| {
            let Some(layout) = layout else {
                return (None, Px::ZERO);
            };
            let Some(root) = layout.tree.root else {
                return (None, Px::ZERO);
            };
            let style = layout.tree.style(root);
            let used = used_edges(style, width);
            let edges = used.horizontal() + used.margin_horizontal();
            let set = match style.box_.width {
                Sizing::Size(length) => Some(length.resolve(width) + edges),
                _ => None,
            };
            (set, layout.intrinsic(root).1 + edges)
        })
        .collect();
    let need = |index: usize| asked[index].0.unwrap_or(asked[index].1);
    if layouts[1].is_some() {
        let side = need(0).max(need(2));
        let middle = asked[1].0.unwrap_or_else(|| {
            // In proportion to content, both sides as the wider one (§5.3.2.2).
            let total = need(1) + side * 2.0;
            if total > Px::ZERO {
                width * (need(1) / total)
            } else {
                width
            }
        });
        let middle = middle.clamp(Px::ZERO, width);
        let rest = (width - middle) / 2.0;
        return vec![
            asked[0].0.unwrap_or(rest),
            middle,
            asked[2].0.unwrap_or(rest),
        ];
    }
    let (left, right) = match (layouts[0].is_some(), layouts[2].is_some()) {
        (true, false) => (asked[0].0.unwrap_or(width), Px::ZERO),
        (false, _) => (Px::ZERO, asked[2].0.unwrap_or(width)),
        (true, true) => match (asked[0].0, asked[2].0) {
            (Some(left), Some(right)) => (left, right),
            (Some(left), None) => (left, width - left),
            (None, Some(right)) => (width - right, right),
            (None, None) => {
                let total = need(0) + need(2);
                let part = if total > Px::ZERO {
                    need(0) / total
                } else {
                    0.5
                };
                (width * part, width * (1.0 - part))
            }
        },
    };
    vec![left.max(Px::ZERO), Px::ZERO, right.max(Px::ZERO)]
}

fn across(area: Rect, widths: &[Px], position: usize) -> Rect {
    let width = widths[position];
    let x = match position {
        0 => area.x,
        1 => area.x + (area.width - width) / 2.0,
        _ => area.right() - width,
    };
    Rect { x, width, ..area }
}

/// A vertical side's boxes: thirds where several are there.
fn down(area: Rect, layouts: &[Option<Layout<'_>>], position: usize) -> Rect {
    let alone = layouts.iter().filter(|layout| layout.is_some()).count() == 1;
    if alone {
        return area;
    }
    let height = area.height / 3.0;
    Rect {
        y: area.y + height * position as f32,
        height,
        ..area
    }
}

/// Lays out and paints one margin box in its place.
fn draw(
    layout: &Layout<'_>,
    images: &crate::images::Images<'_>,
    sheet: &mut Sheet,
    index: usize,
    place: Rect,
) -> Result<(), PressError> {
    let Some(root) = layout.tree.root else {
        return Ok(());
    };
    let style = layout.tree.style(root);
    let used = used_edges(style, place.width);
    let outer = place.inset(fanfold_geometry::Edges {
        top: used.margin_top(),
        bottom: used.margin_bottom(),
        left: used.margin.left.unwrap_or_default(),
        right: used.margin.right.unwrap_or_default(),
    });
    let mut fragment = layout
        .layout_whole(root, outer.width, Some(outer.height))?
        .fragment;
    let natural = fragment.size.height;
    let height = layout
        .height_of(style, &style.box_.height, &used, Some(place.height))
        .unwrap_or(outer.height);
    let free = height - natural;
    let shift = match style.box_.vertical_align {
        VerticalAlign::Top => Px::ZERO,
        VerticalAlign::Bottom => free,
        _ => free / 2.0,
    };
    for child in &mut fragment.children {
        child.offset.y += shift;
    }
    fragment.size.height = height.max(Px::ZERO);
    let mut page = Fragment::new(Kind::Group, Size::default());
    page.push(Point::new(outer.x, outer.y), Rc::new(fragment), 0);
    let mut found = Found::default();
    let mut painter = Painter {
        layout,
        images,
        sheet,
        found: &mut found,
        index,
        canvas: None,
    };
    painter.context(&page, Point::default());
    Ok(())
}
