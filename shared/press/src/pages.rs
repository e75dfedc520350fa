//! The page loop: which page, how large, what goes on it (CSS Paged Media 3).

mod fixed;
mod geometry;
mod margin_boxes;
mod margin_sizes;
mod notes;
mod running;

use geometry::Geometry;
use notes::{Note, NoteArea};
use running::named;

use crate::PressError;
use crate::boxes::{BoxId, Content, Counters, PageFacts, Targets, Values};
use crate::fragment::{Fragment, Kind};
use crate::images::Images;
use crate::layout::{
    Against, BreakAbove, Floats, Layout, Outcome, PageStart, Rest, Resume, Space, used_edges,
};
use crate::paint::{Found, Painter};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_paint::{Item, OutlineEntry, Path, Sheet, Writer};
use fanfold_style::computed::{Break, GeneratedStyle};
use fanfold_style::page::{PageKey, PageSelector, PageStyle};
use fanfold_style::{NodeId, Styled};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// Everything the pages are made from.
pub(crate) struct Pages<'a> {
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) styled: &'a Styled,
    pub(crate) images: &'a Images<'a>,
    pub(crate) targets: &'a Targets,
    /// Most pages.
    pub(crate) limit: usize,
}

/// Pages that wait to be written: all of a short document's, which then have one content stream each.
const WAITING: usize = 64;

/// The pages of a document.
pub(crate) struct Printed<'w> {
    /// What the pages have; the items only of those that are not in `writer`.
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) writer: Writer<'w>,
    pub(crate) outline: Vec<OutlineEntry>,
    pub(crate) facts: PageFacts,
}

/// A page laid out, before its margin boxes.
struct Record {
    style: Rc<PageStyle>,
    geometry: Geometry,
    strings: Values<String>,
    elements: Values<NodeId>,
    /// The page counter.
    number: i32,
    /// The page's other counters.
    counters: Rc<Counters>,
    /// Where the layers of its content are.
    order: fixed::Order,
}

/// An absolutely positioned box to go on with.
struct Carried {
    rest: Rest,
    /// Its border box's left edge from the page area's.
    x: Px,
}

impl Pages<'_> {
    /// Lays out and paints all pages.
    ///
    /// # Errors
    /// [`PressError::Limit`] over the page limit, [`PressError::Cancelled`].
    pub(crate) fn print<'w>(&self, writer: Writer<'w>) -> Result<Printed<'w>, PressError> {
        let tree = self.layout.tree;
        let mut state = State {
            pages: self,
            writer,
            written: 0,
            // Fixed boxes are on every page, some below its content; and pages whose number the text
            // asks for may not be the last.
            writes: !tree.asks_pages && !tree.has_fixed,
            sheets: Vec::new(),
            records: Vec::new(),
            outline: Vec::new(),
            facts: PageFacts::default(),
            strings: FxHashMap::default(),
            elements: FxHashMap::default(),
            fixed_at: FxHashMap::default(),
            carried: Vec::new(),
            called: FxHashSet::default(),
            late_notes: VecDeque::new(),
            number: 0,
            counters: Rc::default(),
            groups: Vec::new(),
            group_pages: Vec::new(),
            styles: FxHashMap::default(),
        };
        state.flow()?;
        state.facts.pages = state.sheets.len();
        state.fixed_boxes()?;
        state.margin_boxes()?;
        Ok(Printed {
            sheets: state.sheets,
            writer: state.writer,
            outline: state.outline,
            facts: state.facts,
        })
    }

    /// The first page is on the right, or on the left where the document runs right to left
    /// (CSS Paged Media 3 §4.3).
    ///
    /// A break to a side before the root element says on which side the document begins (§4.3).
    fn is_right(&self, index: usize) -> bool {
        let tree = self.layout.tree;
        let root = tree.root.map(|root| tree.style(root));
        let rtl = root.is_some_and(|root| root.text.rtl);
        let first = match root.map(|root| root.breaks.before) {
            Some(Break::Left) => false,
            Some(Break::Right) => true,
            Some(Break::Verso) => rtl,
            _ => !rtl,
        };
        index.is_multiple_of(2) == first
    }
}

/// The pages so far.
struct State<'p, 'w> {
    pages: &'p Pages<'p>,
    writer: Writer<'w>,
    /// How many of the sheets are written, but for their margin boxes, and have no items any more.
    written: usize,
    /// Pages are written as soon as some are there.
    writes: bool,
    sheets: Vec<Sheet>,
    records: Vec<Record>,
    outline: Vec<OutlineEntry>,
    facts: PageFacts,
    strings: FxHashMap<Arc<str>, String>,
    /// Running elements so far.
    elements: FxHashMap<Arc<str>, NodeId>,
    /// Where fixed boxes are in the flow and among its layers.
    fixed_at: FxHashMap<BoxId, fixed::Place>,
    /// Absolutely positioned boxes that go on on the next page.
    carried: Vec<Carried>,
    /// Footnotes called so far.
    called: FxHashSet<BoxId>,
    /// Those of them that no page had room for yet.
    late_notes: VecDeque<Note>,
    number: i32,
    /// Other counters that pages count.
    counters: Rc<Counters>,
    /// Elements with a page name that the page is inside of, outer before inner.
    groups: Vec<BoxId>,
    /// Their page names, and how many pages of them are before this one.
    group_pages: Vec<(Arc<str>, usize)>,
    /// The styles of the pages so far.
    styles: FxHashMap<PageKey, Rc<PageStyle>>,
}

impl State<'_, '_> {
    /// Pages until the root box is complete.
    fn flow(&mut self) -> Result<(), PressError> {
        let layout = self.pages.layout;
        let Some(root) = layout.tree.root else {
            self.blank(None)?;
            return Ok(());
        };
        let mut resume: Option<Resume> = None;
        let mut break_above = BreakAbove::None;
        let mut side = Break::Auto;
        let mut forced = false;
        loop {
            if (layout.stopped)() {
                return Err(PressError::Cancelled);
            }
            let start = layout.page_start(root, resume.as_ref());
            // A break to a side may leave a page empty (CSS Fragmentation 3 §3.1). It belongs to what
            // goes on, not to what begins after it.
            let around = start.inside.last();
            let around = around.and_then(|id| layout.tree.style(*id).box_.page.clone());
            side = start.side.unwrap_or(side);
            while !layout.suits(side, self.pages.is_right(self.sheets.len())) {
                self.go_on_in_groups(&start);
                self.blank(around.as_deref())?;
            }
            self.go_on_in_groups(&start);
            let begins = (resume.is_none() && break_above == BreakAbove::None)
                || forced
                || start.side.is_some();
            if begins && let (Some(first), Some(name)) = (start.first, &start.name) {
                self.begin_group(first, name);
            }
            let name = start.name;
            let (style, geometry) = self.next_page(name.as_deref(), false)?;
            if resume.is_none() && break_above == BreakAbove::None {
                let area = geometry.area;
                let edges = used_edges(layout.tree.style(root), area.width);
                if edges.margin_top() >= area.height {
                    // The margin takes the page, and is cut off there (CSS Fragmentation 3 §5.2).
                    let nothing = Fragment::new(Kind::Group, geometry.size);
                    self.paint(root, &nothing, None, style, geometry)?;
                    break_above = BreakAbove::Unforced;
                    continue;
                }
            }
            let at = resume.as_ref();
            let pieces = self.next_pieces(&geometry)?;
            let noted = self.noted(root, (&style, &geometry), at, break_above)?;
            let (mut fragment, next, next_side) = noted.content;
            self.carry_on(&mut fragment, pieces, &geometry)?;
            self.paint(root, &fragment, noted.area.as_ref(), style, geometry)?;
            if noted.waits {
                continue;
            }
            let Some(next) = next else {
                return self.rests(root, name.as_deref());
            };
            forced = next_side.is_some();
            break_above = if forced {
                BreakAbove::Forced
            } else {
                BreakAbove::Unforced
            };
            side = next_side.unwrap_or(Break::Auto);
            resume = Some(next);
        }
    }

    /// Counts a page of the elements with a page name that go on.
    fn go_on_in_groups(&mut self, start: &PageStart) {
        let inside = &start.inside;
        let groups = self.groups.iter().zip(&mut self.group_pages);
        let goes_on: Vec<bool> = groups
            .map(|(element, (_, index))| {
                *index += 1;
                inside.contains(element)
            })
            .collect();
        let mut keep = goes_on.iter().copied();
        self.groups.retain(|_| keep.next().unwrap_or(false));
        let mut keep = goes_on.iter().copied();
        self.group_pages.retain(|_| keep.next().unwrap_or(false));
    }

    /// A page group begins, unless the page is inside one of that name (CSS GCPM 3 §2.4).
    fn begin_group(&mut self, first: BoxId, name: &Arc<str>) {
        if self
            .group_pages
            .last()
            .is_some_and(|(last, _)| last == name)
        {
            return;
        }
        if let Some(element) = self.pages.layout.named_element(first, name) {
            self.groups.push(element);
            self.group_pages.push((Arc::clone(name), 0));
        }
    }

    /// Pages for absolutely positioned boxes that are longer than the document, and for footnotes that
    /// its pages had no room for.
    fn rests(&mut self, root: BoxId, name: Option<&str>) -> Result<(), PressError> {
        let shows = |carried: &Carried| carried.rest.shows;
        while self.carried.iter().any(shows) || !self.late_notes.is_empty() {
            if (self.pages.layout.stopped)() {
                return Err(PressError::Cancelled);
            }
            let (style, geometry) = self.next_page(name, false)?;
            let mut fragment = Fragment::new(Kind::Group, geometry.size);
            let pieces = self.next_pieces(&geometry)?;
            self.carry_on(&mut fragment, pieces, &geometry)?;
            let area = self.notes_only(&style, &geometry)?;
            self.paint(root, &fragment, area.as_ref(), style, geometry)?;
        }
        Ok(())
    }

    /// The pieces of the absolutely positioned boxes that the page before cut, in their places, and
    /// keeps what of them this page cuts. Footnotes called in them wait for the page's area.
    fn next_pieces(&mut self, geometry: &Geometry) -> Result<Vec<(Point, Fragment)>, PressError> {
        let area = geometry.area;
        let mut pieces = Vec::new();
        for Carried { rest, x } in std::mem::take(&mut self.carried) {
            let (down, piece, next) = self.pages.layout.next_piece(&rest, area.height)?;
            let piece = self.pages.layout.in_contexts(rest.id, piece);
            self.call_later(&piece);
            pieces.push((Point::new(area.x + x, area.y + down), piece));
            self.carried.extend(next.map(|rest| Carried { rest, x }));
        }
        Ok(pieces)
    }

    /// Puts `pieces` on the page, and keeps the boxes that it cuts.
    fn carry_on(
        &mut self,
        page: &mut Fragment,
        pieces: Vec<(Point, Fragment)>,
        geometry: &Geometry,
    ) -> Result<(), PressError> {
        for (at, piece) in pieces {
            page.push(at, Rc::new(piece), 0);
        }
        let layout = self.pages.layout;
        let (end, height) = (geometry.area.bottom(), geometry.area.height);
        let mut later = layout.take_sunk(page, end, height)?;
        if page.has.rests {
            later.extend(layout.rests(page));
        }
        self.carried.extend(later.into_iter().map(|(at, mut rest)| {
            // Left of the sheet, nobody sees it; what is in a box of no width sticks out of it.
            rest.shows &= at.x + rest.width.max(Px(1.0)) > Px::ZERO;
            let x = at.x - geometry.area.x;
            Carried { rest, x }
        }));
        Ok(())
    }

    /// Lays out the root on one page, above the `reserved` height at its foot.
    fn root(
        &self,
        root: BoxId,
        geometry: &Geometry,
        resume: Option<&Resume>,
        break_above: BreakAbove,
        reserved: Px,
    ) -> Result<notes::Content, PressError> {
        let layout = self.pages.layout;
        let style = layout.tree.style(root);
        let area = geometry.area;
        let used = used_edges(style, area.width);
        let place =
            layout.place_block(root, &used, style, (area.width, None), Px::ZERO, area.width);
        let top = if resume.is_none() && break_above == BreakAbove::None {
            used.margin_top()
        } else {
            Px::ZERO
        };
        let room = area.height - reserved;
        let top = layout.below_margin(root, Px::ZERO, top, room);
        let space = Space {
            width: area.width,
            height: Some(area.height),
            left: (room - top).max(Px(1.0)),
            page: room.max(Px(1.0)),
            at_top: true,
            break_above,
            in_column: false,
            aside: false,
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
                // Behind a forced break, the same place again says that none of what follows it was placed.
                (laid.forced.is_none() || break_above == BreakAbove::Forced)
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
            let empty = Fragment::new(Kind::Group, Size::default());
            return Ok((empty, None, None));
        };
        let at = Point::new(area.x + place.x, area.y + top);
        let mut page = Fragment::new(Kind::Group, geometry.size);
        let has = laid.fragment.has;
        page.push(at, Rc::new(laid.fragment), 0);
        if has.absolutes {
            let against = Against {
                area,
                page_end: area.bottom(),
                page: area.height,
                rtl: style.text.rtl,
                aside: false,
                least: -Px::INFINITY,
                cut: Px::ZERO,
            };
            layout.place_absolutes(&mut page, &against)?;
        }
        Ok((page, laid.resume, laid.forced.map(|forced| forced.side)))
    }

    /// Paints what the flow has on a page.
    fn paint(
        &mut self,
        root: BoxId,
        page: &Fragment,
        notes: Option<&NoteArea>,
        style: Rc<PageStyle>,
        geometry: Geometry,
    ) -> Result<(), PressError> {
        let layout = self.pages.layout;
        let index = self.sheets.len();
        let mut sheet = Sheet {
            size: geometry.size,
            bleed: geometry.bleed,
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
            canvas_area: geometry.area_with_padding(&style),
            fixed_area: geometry.area,
            outlines: Vec::new(),
            shadowed: 0,
            slots: None,
        };
        let whole = Rect::new(
            Px::ZERO,
            Px::ZERO,
            geometry.size.width,
            geometry.size.height,
        );
        painter.page_box(&style.style, geometry.border, (whole, geometry.printed()));
        if let (Some(canvas), Some(root)) = (canvas, page.children.first()) {
            painter.canvas(&root.fragment, root.offset, layout.tree.style(canvas));
        }
        let clips = layout.tree.viewport_clips;
        let clip = clips.then(|| Path::rect(painter.canvas_area));
        painter.sheet.items.extend(clip.clone().map(Item::PushClip));
        painter.slots = layout.tree.has_fixed.then(Vec::new);
        painter.context(page, Point::default());
        let slots = painter.slots.take().unwrap_or_default();
        if let Some(notes) = notes {
            notes.paint(&mut painter, &style.footnotes);
        }
        if clips {
            painter.sheet.items.push(Item::Pop);
        }
        let corner = Point::new(-geometry.area.x, -geometry.area.y);
        fixed::find(layout, page, corner, &mut self.fixed_at);
        let mut names = running::Names::default();
        names.read(layout.tree, page);
        self.finish_page(
            sheet,
            (found, names),
            style,
            geometry,
            fixed::Order { slots, clip },
        )
    }

    fn finish_page(
        &mut self,
        sheet: Sheet,
        (found, first): (Found, running::Names),
        style: Rc<PageStyle>,
        geometry: Geometry,
        order: fixed::Order,
    ) -> Result<(), PressError> {
        let strings = named(found.strings, &mut self.strings, &first.strings);
        let elements = named(first.elements, &mut self.elements, &first.running);
        for name in found.anchors {
            self.facts.anchors.entry(name).or_insert(self.number);
        }
        self.outline.extend(found.outline);
        self.records.push(Record {
            style,
            geometry,
            strings,
            elements,
            number: self.number,
            counters: Rc::clone(&self.counters),
            order,
        });
        self.sheets.push(sheet);
        if self.writes && self.sheets.len() >= self.written + WAITING {
            self.writer.pages(&self.sheets[self.written..])?;
            for sheet in &mut self.sheets[self.written..] {
                sheet.items = Vec::new();
            }
            self.written = self.sheets.len();
        }
        Ok(())
    }

    /// A page with nothing on it but margin boxes.
    fn blank(&mut self, name: Option<&str>) -> Result<(), PressError> {
        let (style, geometry) = self.next_page(name, true)?;
        let sheet = Sheet {
            size: geometry.size,
            bleed: geometry.bleed,
            ..Sheet::default()
        };
        let nothing = (Found::default(), running::Names::default());
        self.finish_page(sheet, nothing, style, geometry, fixed::Order::default())
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
        self.number = page_number(generated, self.number);
        let others = |name: &Arc<str>| !matches!(&**name, "page" | "pages");
        let names = generated.counter_reset.iter().map(|(name, ..)| name);
        let counted = generated.counter_increment.iter().map(|(name, _)| name);
        let set = generated.counter_set.iter().map(|(name, _)| name);
        if names.chain(counted).chain(set).any(others) {
            Rc::make_mut(&mut self.counters).count(generated);
        }
        let geometry = Geometry::of(&style);
        self.pages.layout.bleed.set(geometry.margins.bottom);
        self.pages.layout.on_right.set(self.pages.is_right(index));
        Ok((style, geometry))
    }

    /// The style of the page at `index`, computed once for all pages that the same rules match.
    fn style(&mut self, name: Option<&str>, index: usize, blank: bool) -> Rc<PageStyle> {
        let selector = PageSelector {
            name,
            index,
            blank,
            right: self.pages.is_right(index),
            groups: &self.group_pages,
        };
        let styled = self.pages.styled;
        let known = self.styles.entry(styled.page_key(selector));
        Rc::clone(known.or_insert_with(|| Rc::new(styled.page(selector))))
    }
}

/// The number of the page after the one numbered `before`. Pages count by one unless they say something else of
/// the counter (CSS Paged Media 3 §7.1), as WeasyPrint and Chromium have it.
fn page_number(generated: &GeneratedStyle, before: i32) -> i32 {
    let of = |list: &[(Arc<str>, i32)]| {
        let found = list.iter().find(|(name, _)| &**name == "page");
        found.map(|(_, value)| *value)
    };
    let (set, by) = (of(&generated.counter_set), of(&generated.counter_increment));
    let reset = generated
        .counter_reset
        .iter()
        .find(|(name, ..)| &**name == "page");
    let reset = reset.map(|(_, value, _)| *value);
    let untouched = set.is_none() && reset.is_none();
    let by = by.unwrap_or(i32::from(untouched));
    set.unwrap_or_else(|| reset.unwrap_or(before).saturating_add(by))
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
