//! Page margin boxes: headers, footers, page numbers (CSS Paged Media 3 §5).

use super::margin_sizes::{Asked, Solved, along};
use super::{Geometry, Record, State};
use crate::PressError;
use crate::boxes::{MarginContent, PageFacts, margin_box};
use crate::fragment::{Fragment, Kind};
use crate::layout::{Against, Layout, Used, bounded, used_edges};
use crate::paint::{Found, Painter};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_paint::Sheet;
use fanfold_style::ComputedStyle;
use fanfold_style::computed::VerticalAlign;
use fanfold_style::page::MarginBox;
use fanfold_style::values::Sizing;
use std::rc::Rc;

impl State<'_, '_> {
    /// Paints the margin boxes of all pages, now that their number is known.
    pub(super) fn margin_boxes(&mut self) -> Result<(), PressError> {
        let records = std::mem::take(&mut self.records);
        let facts = self.facts.clone();
        for (index, record) in records.iter().enumerate() {
            if record.style.margin_boxes.is_empty() {
                continue;
            }
            self.page_boxes(index, record, &facts)?;
            if index < self.written {
                self.writer.over(index, &self.sheets[index])?;
                self.sheets[index].items = Vec::new();
            }
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
        pages.targets.begin_page();
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
                    targets: pages.targets,
                    page: record.number,
                    page_counters: &record.counters,
                    strings: &record.strings,
                    elements: &record.elements,
                    counters: &pages.layout.tree.running_counters,
                    width_set: group.boxes.len() == 1 || !group.horizontal,
                };
                trees.push(Some(margin_box(style, &content)?));
            }
            let layouts: Vec<Option<Layout<'_>>> = trees
                .iter()
                .map(|tree| tree.as_ref().map(|tree| pages.layout.over(tree)))
                .collect();
            let mut places: Vec<_> = layouts
                .iter()
                .zip(group.places(&record.geometry, &layouts)?)
                .collect();
            // They are painted clockwise (CSS Paged Media 3 §6.1).
            if group.corner.0 < 0 || group.corner.1 > 0 {
                places.reverse();
            }
            for (layout, place) in places {
                if let (Some(layout), Some(place)) = (layout, place) {
                    draw(layout, pages.images, &mut self.sheets[index], index, &place)?;
                }
            }
        }
        Ok(())
    }
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

/// A margin box's place on the page.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Border box.
    border: Rect,
    /// Content height.
    height: Px,
    used: Used,
}

impl Group {
    /// Where the group's boxes go (§5.3).
    fn places(
        &self,
        geometry: &Geometry,
        layouts: &[Option<Layout<'_>>],
    ) -> Result<Vec<Option<Place>>, PressError> {
        let area = self.area(geometry);
        let mut boxes: Vec<Option<(Used, Asked, Asked)>> = layouts
            .iter()
            .map(|layout| layout.as_ref().and_then(|layout| asked(layout, area)))
            .collect();
        let corner = self.boxes.len() == 1;
        let horizontal = self.solved(
            boxes.iter().map(|box_| box_.map(|(_, across, _)| across)),
            area.width,
            !corner && self.horizontal,
            self.corner.0 < 0,
        );
        // Alone at its side, a box has all of it.
        let shares = !corner && !self.horizontal && boxes.iter().flatten().count() > 1;
        for ((box_, layout), solved) in boxes.iter_mut().zip(layouts).zip(&horizontal) {
            if let (Some((_, _, down)), Some(layout)) = (box_, layout) {
                by_content(down, layout, solved.edges + solved.inner, shares)?;
            }
        }
        let vertical = self.solved(
            boxes.iter().map(|box_| box_.map(|(.., down)| down)),
            area.height,
            !corner && !self.horizontal,
            self.corner.1 < 0,
        );
        let offset = |side: bool, length: Px, solved: &Solved, index: usize| {
            let free = if side && !corner {
                length - solved.outer()
            } else {
                Px::ZERO
            };
            free * (index as f32 / 2.0)
        };
        let solved = horizontal.iter().zip(&vertical).zip(boxes).enumerate();
        Ok(solved
            .map(|(index, ((across, down), box_))| {
                let (used, ..) = box_?;
                let x = area.x + offset(self.horizontal, area.width, across, index);
                let y = area.y + offset(!self.horizontal, area.height, down, index);
                Some(place(x, y, across, down, used))
            })
            .collect())
    }

    /// The boxes along the side, which they share, or across it.
    fn solved(
        &self,
        boxes: impl Iterator<Item = Option<Asked>>,
        length: Px,
        is_along: bool,
        outside_first: bool,
    ) -> Vec<Solved> {
        let mut boxes = boxes;
        if is_along {
            let asked = [(); 3].map(|()| boxes.next().flatten());
            return along(asked, length).to_vec();
        }
        let across = |asked: Asked| asked.across(length, outside_first);
        boxes
            .map(|asked| asked.map(across).unwrap_or_default())
            .collect()
    }
}

fn place(x: Px, y: Px, horizontal: &Solved, vertical: &Solved, used: Used) -> Place {
    Place {
        border: Rect::new(
            x + horizontal.margins.0,
            y + vertical.margins.0,
            horizontal.inner + horizontal.edges,
            vertical.inner + vertical.edges,
        ),
        height: vertical.inner,
        used,
    }
}

/// What a margin box asks for, across and down; percentages are of the page's margin `area`.
fn asked(layout: &Layout<'_>, area: Rect) -> Option<(Used, Asked, Asked)> {
    let root = layout.tree.root?;
    let style = &layout.tree.style(root).box_;
    let mut used = used_edges(layout.tree.style(root), area.width);
    // Vertical percentages are of the height here (§5.1).
    let down = used_edges(layout.tree.style(root), area.height);
    (used.margin.top, used.margin.bottom) = (down.margin.top, down.margin.bottom);
    let resolve = |size: &Sizing, base: Px, edges: Px| match size {
        Sizing::Size(length) => {
            let length = bounded(length.resolve(base));
            let taken = if style.border_box { edges } else { Px::ZERO };
            Some((length - taken).max(Px::ZERO))
        }
        _ => None,
    };
    let (horizontal, vertical) = (used.horizontal(), used.vertical());
    let content = layout.intrinsic(root);
    let by_content = match style.width {
        Sizing::MinContent => Some(content.0),
        Sizing::MaxContent | Sizing::FitContent => Some(content.1),
        _ => None,
    };
    let across = Asked {
        margins: (used.margin.left, used.margin.right),
        edges: horizontal,
        inner: by_content.or_else(|| resolve(&style.width, area.width, horizontal)),
        least: resolve(&style.min_width, area.width, horizontal).unwrap_or_default(),
        most: resolve(&style.max_width, area.width, horizontal),
        content,
    };
    let down = Asked {
        margins: (used.margin.top, used.margin.bottom),
        edges: vertical,
        inner: resolve(&style.height, area.height, vertical),
        least: resolve(&style.min_height, area.height, vertical).unwrap_or_default(),
        most: resolve(&style.max_height, area.height, vertical),
        content: (Px::ZERO, Px::ZERO),
    };
    Some((used, across, down))
}

/// Sets in `down` what depends on how high the content of a margin box is: a height that says so, and one that is
/// `auto` where it `shares` its side.
fn by_content(
    down: &mut Asked,
    layout: &Layout<'_>,
    width: Px,
    shares: bool,
) -> Result<(), PressError> {
    let Some(root) = layout.tree.root else {
        return Ok(());
    };
    let asked = match layout.tree.style(root).box_.height {
        Sizing::MinContent | Sizing::MaxContent | Sizing::FitContent => true,
        Sizing::Auto => shares,
        _ => false,
    };
    if !asked {
        return Ok(());
    }
    let laid = layout.layout_whole(root, width, None)?;
    let height = (laid.fragment.size.height - down.edges).max(Px::ZERO);
    down.content = (height, height);
    if layout.tree.style(root).box_.height != Sizing::Auto {
        down.inner = Some(height);
    }
    Ok(())
}

/// Lays out and paints one margin box in its place.
fn draw(
    layout: &Layout<'_>,
    images: &crate::images::Images<'_>,
    sheet: &mut Sheet,
    index: usize,
    place: &Place,
) -> Result<(), PressError> {
    let Some(root) = layout.tree.root else {
        return Ok(());
    };
    let style = layout.tree.style(root);
    let laid = layout.layout_whole(root, place.border.width, Some(place.height))?;
    let mut fragment = laid.fragment;
    let set = layout.height_of(style, &style.box_.height, &place.used, Some(place.height));
    let natural = if set.is_some() {
        // Its own height says nothing about what is in it.
        let bottoms = fragment
            .children
            .iter()
            .map(|child| child.offset.y + child.fragment.size.height);
        let top = place.used.top();
        bottoms
            .reduce(Px::max)
            .map_or(top, |bottom| bottom.max(top))
            + place.used.bottom()
    } else {
        fragment.size.height
    };
    let free = place.border.height - natural;
    let shift = match style.box_.vertical_align {
        VerticalAlign::Top => Px::ZERO,
        VerticalAlign::Bottom => free,
        _ => free / 2.0,
    };
    for child in &mut fragment.children {
        child.offset.y += shift;
    }
    fragment.size.height = place.border.height.max(Px::ZERO);
    let mut page = Fragment::new(Kind::Group, Size::default());
    let corner = Point::new(place.border.x, place.border.y);
    let has = fragment.has;
    page.push(corner, Rc::new(fragment), 0);
    if has.absolutes {
        let against = Against {
            area: place.border.inset(place.used.border),
            page_end: Px::INFINITY,
            page: Px::INFINITY,
            rtl: style.text.rtl,
            aside: false,
            least: -Px::INFINITY,
            cut: Px::ZERO,
        };
        layout.place_absolutes(&mut page, &against)?;
    }
    let mut found = Found::default();
    let mut painter = Painter {
        layout,
        images,
        sheet,
        found: &mut found,
        index,
        canvas: None,
        canvas_area: place.border,
        fixed_area: place.border,
        outlines: Vec::new(),
        shadowed: 0,
        slots: None,
    };
    painter.context(&page, Point::default());
    Ok(())
}
