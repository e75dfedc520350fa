//! The page loop: which page, how large, what goes on it (CSS Paged Media 3).

mod margin_boxes;

use crate::PressError;
use crate::boxes::{BoxId, Content, PageFacts};
use crate::fragment::Fragment;
use crate::images::Images;
use crate::layout::{Floats, Layout, Outcome, Resume, Space, used_edges};
use crate::paint::{Found, Painter};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_paint::{OutlineEntry, Sheet};
use fanfold_style::Styled;
use fanfold_style::computed::Break;
use fanfold_style::page::{PageKey, PageSelector, PageStyle};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A page has at least this much room, whatever its margins say.
const LEAST: Px = Px(1.0);

/// Everything the pages are made from.
pub(crate) struct Pages<'a> {
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) styled: &'a Styled,
    pub(crate) images: &'a Images<'a>,
    /// Most pages.
    pub(crate) limit: usize,
}

/// The pages of a document.
pub(crate) struct Printed {
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) outline: Vec<OutlineEntry>,
    pub(crate) facts: PageFacts,
}

/// A page laid out, before its margin boxes.
struct Record {
    style: Rc<PageStyle>,
    geometry: Geometry,
    /// Strings in force when the page starts, and set on it.
    before: FxHashMap<Arc<str>, String>,
    strings: Vec<(Arc<str>, String)>,
    /// The page counter.
    number: i32,
}

/// Boxes of a page, in pixels from its corner.
#[derive(Clone, Copy, Debug)]
struct Geometry {
    size: Size,
    /// Margin box inside: the border box of the page.
    border: Rect,
    /// The page area, where content goes.
    area: Rect,
    margins: fanfold_geometry::Edges<Px>,
}

impl Pages<'_> {
    /// Lays out and paints all pages.
    ///
    /// # Errors
    /// [`PressError::Limit`] over the page limit, [`PressError::Cancelled`].
    pub(crate) fn print(&self) -> Result<Printed, PressError> {
        let mut state = State {
            pages: self,
            sheets: Vec::new(),
            records: Vec::new(),
            outline: Vec::new(),
            facts: PageFacts::default(),
            strings: FxHashMap::default(),
            fixed: Vec::new(),
            number: 0,
            styles: FxHashMap::default(),
        };
        state.flow()?;
        state.facts.pages = state.sheets.len();
        state.fixed_boxes()?;
        state.margin_boxes()?;
        Ok(Printed {
            sheets: state.sheets,
            outline: state.outline,
            facts: state.facts,
        })
    }

    /// The first page is on the right, or on the left where the document runs right to left
    /// (CSS Paged Media 3 §4.3).
    fn is_right(&self, index: usize) -> bool {
        let rtl = self
            .layout
            .tree
            .root
            .is_some_and(|root| self.layout.tree.style(root).text.rtl);
        index.is_multiple_of(2) != rtl
    }

    /// Whether the page at `index` is on the side a forced break asks for.
    fn suits(&self, side: Break, index: usize) -> bool {
        let right = self.is_right(index);
        let first_right = self.is_right(0);
        match side {
            Break::Left => !right,
            Break::Right => right,
            Break::Recto => right == first_right,
            Break::Verso => right != first_right,
            _ => true,
        }
    }
}

/// The pages so far.
struct State<'p> {
    pages: &'p Pages<'p>,
    sheets: Vec<Sheet>,
    records: Vec<Record>,
    outline: Vec<OutlineEntry>,
    facts: PageFacts,
    strings: FxHashMap<Arc<str>, String>,
    fixed: Vec<BoxId>,
    number: i32,
    /// The styles of the pages so far.
    styles: FxHashMap<PageKey, Rc<PageStyle>>,
}

impl State<'_> {
    /// Pages until the root box is complete.
    fn flow(&mut self) -> Result<(), PressError> {
        let layout = self.pages.layout;
        let Some(root) = layout.tree.root else {
            self.blank(None)?;
            return Ok(());
        };
        let mut resume: Option<Resume> = None;
        let mut truncates = false;
        let mut side = layout.forced_start(root);
        loop {
            if (layout.stopped)() {
                return Err(PressError::Cancelled);
            }
            let name = match &resume {
                Some(resume) => layout.page_name_at(root, resume),
                None => layout.page_name(root, true),
            };
            // A break to a side may leave a page empty (CSS Fragmentation 3 §3.1).
            while !self.pages.suits(side, self.sheets.len()) {
                self.blank(name.as_deref())?;
            }
            let (style, geometry) = self.next_page(name.as_deref(), false)?;
            let laid = self.root(root, &geometry, resume.as_ref(), truncates)?;
            let (fragment, at, next, forced) = laid;
            self.paint(root, &fragment, at, style, geometry)?;
            let Some(next) = next else { return Ok(()) };
            truncates = forced.is_none();
            side = forced.unwrap_or(Break::Auto);
            resume = Some(next);
        }
    }

    /// Lays out the root on one page.
    fn root(
        &self,
        root: BoxId,
        geometry: &Geometry,
        resume: Option<&Resume>,
        truncates: bool,
    ) -> Result<(Fragment, Point, Option<Resume>, Option<Break>), PressError> {
        let layout = self.pages.layout;
        let style = layout.tree.style(root);
        let area = geometry.area;
        let used = used_edges(style, area.width);
        let place = layout.place_block(root, &used, style, area.width, Px::ZERO, area.width);
        let top = if resume.is_none() {
            used.margin_top()
        } else {
            Px::ZERO
        };
        let space = Space {
            width: area.width,
            height: Some(area.height),
            left: (area.height - top).max(LEAST),
            page: area.height,
            at_top: true,
            truncates,
        };
        let run = |space: Space| {
            layout.layout(
                root,
                place.width,
                space,
                resume,
                &mut Floats::default(),
                Point::default(),
            )
        };
        let mut outcome = run(space)?;
        let stuck = match (&outcome, resume) {
            (Outcome::Before, _) => true,
            (Outcome::Laid(laid), Some(before)) => {
                laid.forced.is_none()
                    && laid
                        .resume
                        .as_ref()
                        .is_some_and(|next| next.same_place(before))
            }
            (Outcome::Laid(_), None) => false,
        };
        if stuck {
            // No page would ever show more: everything here, past the page's end.
            outcome = run(Space {
                left: Px::INFINITY,
                page: Px::INFINITY,
                ..space
            })?;
        }
        let Outcome::Laid(laid) = outcome else {
            let empty = Fragment::new(crate::fragment::Kind::Group, Size::default());
            return Ok((empty, Point::default(), None, None));
        };
        let at = Point::new(area.x + place.x, area.y + top);
        let mut page = Fragment::new(crate::fragment::Kind::Group, geometry.size);
        let has = laid.fragment.has;
        page.push(at, Rc::new(laid.fragment), 0);
        if has.absolutes {
            layout.place_absolutes(&mut page, area, area.height)?;
        }
        Ok((page, at, laid.resume, laid.forced.map(|forced| forced.side)))
    }

    /// Paints what the flow has on a page.
    fn paint(
        &mut self,
        root: BoxId,
        page: &Fragment,
        _at: Point,
        style: Rc<PageStyle>,
        geometry: Geometry,
    ) -> Result<(), PressError> {
        let layout = self.pages.layout;
        let index = self.sheets.len();
        let mut sheet = Sheet {
            size: geometry.size,
            ..Sheet::default()
        };
        let mut found = Found::default();
        let canvas = canvas_box(layout, root);
        let mut painter = Painter {
            layout,
            images: self.pages.images,
            sheet: &mut sheet,
            found: &mut found,
            index,
            canvas,
        };
        painter.page_box(&style.style, geometry.border);
        if let Some(canvas) = canvas {
            painter.canvas(
                layout.tree.style(canvas),
                geometry.area_with_padding(&style),
            );
        }
        painter.context(page, Point::default());
        for id in layout.fixed_boxes(page) {
            if !self.fixed.contains(&id) && self.fixed.len() < 1000 {
                self.fixed.push(id);
            }
        }
        self.finish_page(sheet, found, style, geometry);
        Ok(())
    }

    fn finish_page(
        &mut self,
        sheet: Sheet,
        found: Found,
        style: Rc<PageStyle>,
        geometry: Geometry,
    ) {
        let before = self.strings.clone();
        for (name, value) in &found.strings {
            self.strings.insert(name.clone(), value.clone());
        }
        for name in found.anchors {
            self.facts.anchors.entry(name).or_insert(self.number);
        }
        self.outline.extend(found.outline);
        self.records.push(Record {
            style,
            geometry,
            before,
            strings: found.strings,
            number: self.number,
        });
        self.sheets.push(sheet);
    }

    /// A page with nothing on it but margin boxes.
    fn blank(&mut self, name: Option<&str>) -> Result<(), PressError> {
        let (style, geometry) = self.next_page(name, true)?;
        let sheet = Sheet {
            size: geometry.size,
            ..Sheet::default()
        };
        self.finish_page(sheet, Found::default(), style, geometry);
        Ok(())
    }

    /// Style and geometry of the next page; counts it.
    fn next_page(
        &mut self,
        name: Option<&str>,
        blank: bool,
    ) -> Result<(Rc<PageStyle>, Geometry), PressError> {
        let index = self.sheets.len();
        if index >= self.pages.limit {
            return Err(PressError::Limit {
                what: "pages",
                limit: self.pages.limit as u64,
            });
        }
        let style = self.style(name, index, blank);
        let generated = &style.style.generated;
        let page = |name: &Arc<str>| &**name == "page";
        if let Some((_, value, _)) = generated.counter_reset.iter().find(|(name, ..)| page(name)) {
            self.number = *value;
        }
        let by = generated
            .counter_increment
            .iter()
            .find(|(name, _)| page(name))
            .map_or(1, |(_, by)| *by);
        self.number = self.number.saturating_add(by);
        let geometry = geometry(&style);
        Ok((style, geometry))
    }

    /// The style of the page at `index`, computed once for all pages that the same rules match.
    fn style(&mut self, name: Option<&str>, index: usize, blank: bool) -> Rc<PageStyle> {
        let selector = PageSelector {
            name,
            index,
            blank,
            right: self.pages.is_right(index),
        };
        let styled = self.pages.styled;
        let known = self.styles.entry(styled.page_key(selector));
        Rc::clone(known.or_insert_with(|| Rc::new(styled.page(selector))))
    }

    /// Fixed boxes are on every page (CSS 2.2 §9.6.1).
    fn fixed_boxes(&mut self) -> Result<(), PressError> {
        let layout = self.pages.layout;
        if self.fixed.is_empty() {
            return Ok(());
        }
        let mut group: Option<(Rect, Fragment)> = None;
        for index in 0..self.sheets.len() {
            let area = self.records[index].geometry.area;
            if group.as_ref().is_none_or(|(known, _)| *known != area) {
                let mut fragment = Fragment::new(crate::fragment::Kind::Group, Size::default());
                for id in &self.fixed {
                    let (at, laid) = layout.absolute(*id, area, Point::new(area.x, area.y))?;
                    fragment.push(at, Rc::new(laid), 0);
                }
                group = Some((area, fragment));
            }
            let Some((_, fragment)) = &group else {
                continue;
            };
            let mut found = Found::default();
            let mut painter = Painter {
                layout,
                images: self.pages.images,
                sheet: &mut self.sheets[index],
                found: &mut found,
                index,
                canvas: None,
            };
            painter.context(fragment, Point::default());
        }
        Ok(())
    }
}

impl Geometry {
    /// The page area with the page's padding around it.
    fn area_with_padding(&self, style: &PageStyle) -> Rect {
        let used = used_edges(&style.style, self.size.width);
        self.border.inset(used.border)
    }
}

/// Resolves a page's size and margins (CSS Paged Media 3 §4.1).
fn geometry(style: &PageStyle) -> Geometry {
    let limit = |length: Px| {
        if length.is_finite() {
            length.clamp(Px(4.0), Px(20_000.0))
        } else {
            Px(4.0)
        }
    };
    let size = Size::new(limit(style.size.width), limit(style.size.height));
    let across = used_edges(&style.style, size.width);
    // Vertical percentages are of the page's height.
    let down = used_edges(&style.style, size.height);
    let margins = fanfold_geometry::Edges {
        top: down.margin.top.unwrap_or_default(),
        bottom: down.margin.bottom.unwrap_or_default(),
        left: across.margin.left.unwrap_or_default(),
        right: across.margin.right.unwrap_or_default(),
    };
    let border = Rect::new(Px::ZERO, Px::ZERO, size.width, size.height).inset(margins);
    let mut area = border.inset(across.border).inset(across.padding);
    area.width = area.width.max(LEAST);
    area.height = area.height.max(LEAST);
    Geometry {
        size,
        border,
        area,
        margins,
    }
}

/// The box whose background covers the canvas: the root, or its first child where the root has none
/// (CSS 2.2 §14.2).
fn canvas_box(layout: &Layout<'_>, root: BoxId) -> Option<BoxId> {
    let paints = |id: &BoxId| {
        let background = &layout.tree.style(*id).background;
        !background.color.is_transparent() || !background.layers.is_empty()
    };
    if paints(&root) {
        return Some(root);
    }
    let Content::Blocks(children) = &layout.tree.get(root).content else {
        return None;
    };
    children.first().copied().filter(paints)
}
