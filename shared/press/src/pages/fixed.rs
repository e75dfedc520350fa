//! Fixed boxes, which are on every page (CSS 2.2 §9.6.1).

use super::State;
use crate::PressError;
use crate::boxes::BoxId;
use crate::fragment::{Fragment, Kind, StaticPoint};
use crate::layout::{Against, Layout};
use crate::paint::{Found, Painter, Slot, holds_fixed, is_layer, is_stacking_context, level_of};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_paint::{Item, Path};
use fanfold_style::computed::Position;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Fixed boxes on all pages together: a few on each of many pages, or thousands on a few.
const LIMIT: usize = 2_000_000;

/// Page areas for which the laid out boxes are kept; left and right pages take turns.
const KEPT: usize = 4;

/// Where a fixed box is in the flow, and among the layers of its stacking context.
pub(super) struct Place {
    /// Its static position, from the corner of the page area.
    at: Point,
    /// Which of its points that is the place of.
    point: StaticPoint,
    /// Level and box of the layer that it is in: its own, or a stacking context that cannot hold it.
    layer: (i32, BoxId),
    /// The stacking context of that layer; none is the root's.
    context: Option<Rc<Context>>,
    /// The positioned boxes and stacking contexts around it.
    around: Option<Rc<Around>>,
}

/// A stacking context that fixed boxes are painted in, with those around it.
struct Context {
    layer: (i32, BoxId),
    outer: Option<Rc<Context>>,
}

impl Place {
    /// The layer of the root's stacking context.
    fn outermost(&self) -> (i32, BoxId) {
        let (mut layer, mut context) = (self.layer, self.context.as_ref());
        while let Some(inner) = context {
            (layer, context) = (inner.layer, inner.outer.as_ref());
        }
        layer
    }
}

/// A positioned box or stacking context, with those around it.
struct Around {
    id: BoxId,
    outer: Option<Rc<Around>>,
}

/// Where the layers of a page's content are among the items of its sheet.
#[derive(Default)]
pub(super) struct Order {
    pub(super) slots: Vec<Slot>,
    /// What the content is clipped to.
    pub(super) clip: Option<Path>,
}

/// The slots of a stacking context on a page by what is asked of them: there may be thousands, and as many
/// fixed boxes.
struct Slots {
    all: Vec<Slot>,
    /// By level and box, the last place of a box of that level up to it.
    sorted: Vec<(i32, BoxId, usize)>,
    /// The last place of a box.
    last: FxHashMap<(i32, BoxId), usize>,
    /// The last place of a box or one around it, once it is known.
    around: FxHashMap<(i32, BoxId), Option<usize>>,
}

impl Slots {
    /// Those of all contexts; of the root's alone where what else is between them would be clipped.
    fn by_context(order: &Order) -> FxHashMap<Option<BoxId>, Self> {
        let mut all: FxHashMap<Option<BoxId>, Vec<Slot>> = FxHashMap::default();
        let inner = order.clip.is_none();
        let slots = order.slots.iter();
        for slot in slots.filter(|slot| inner || slot.context.is_none()) {
            all.entry(slot.context).or_default().push(*slot);
        }
        all.entry(None).or_default();
        let slots = all.into_iter();
        slots.map(|(id, slots)| (id, Self::new(slots))).collect()
    }

    fn new(all: Vec<Slot>) -> Self {
        let places = all.iter().enumerate().filter_map(|(place, slot)| {
            let (level, id) = slot.layer?;
            Some((level, id, place))
        });
        let mut sorted: Vec<_> = places.collect();
        let last = sorted
            .iter()
            .map(|(level, id, place)| ((*level, *id), *place));
        let last = last.collect();
        sorted.sort_unstable();
        for index in 1..sorted.len() {
            let (level, _, place) = sorted[index - 1];
            if level == sorted[index].0 {
                sorted[index].2 = sorted[index].2.max(place);
            }
        }
        Self {
            all,
            sorted,
            last,
            around: FxHashMap::default(),
        }
    }

    /// The items that a box at `place`, in `layer`, is painted after; none for all (CSS 2.2 Appendix E.2).
    fn before(&mut self, place: &Place, (level, id): (i32, BoxId)) -> Option<usize> {
        // An element's number is greater than those inside it and of those before it.
        let until = (self.sorted).partition_point(|(z, layer, _)| (*z, *layer) <= (level, id));
        let earlier = self.sorted[..until].last();
        let earlier = earlier.filter(|(z, ..)| *z == level).map(|found| found.2);
        let last = earlier.max(self.last_around(level, place.around.as_deref()));
        let next = last.map_or_else(
            || {
                self.all.partition_point(|slot| match slot.layer {
                    None => level >= 0,
                    Some((z, _)) => z < level,
                })
            },
            |last| last + 1,
        );
        self.all.get(next).map(|slot| slot.at)
    }

    /// The last place of `around` or a box around it, at `level`.
    fn last_around(&mut self, level: i32, around: Option<&Around>) -> Option<usize> {
        let mut open = Vec::new();
        let mut at = around;
        let mut last = None;
        while let Some(around) = at {
            if let Some(known) = self.around.get(&(level, around.id)) {
                last = *known;
                break;
            }
            open.push(around.id);
            at = around.outer.as_deref();
        }
        for id in open.into_iter().rev() {
            last = last.max(self.last.get(&(level, id)).copied());
            self.around.insert((level, id), last);
        }
        last
    }
}

/// Notes where the fixed boxes in `fragment` are, whose corner is at `corner` of the page area.
pub(super) fn find(
    layout: &Layout<'_>,
    fragment: &Fragment,
    corner: Point,
    found: &mut FxHashMap<BoxId, Place>,
) {
    walk(layout, fragment, corner, &Within::default(), found);
}

/// What is around a fragment.
#[derive(Clone, Default)]
struct Within {
    around: Option<Rc<Around>>,
    context: Option<Rc<Context>>,
    /// A stacking context in it that cannot hold fixed boxes.
    closed: Option<(i32, BoxId)>,
}

fn walk(
    layout: &Layout<'_>,
    fragment: &Fragment,
    corner: Point,
    within: &Within,
    found: &mut FxHashMap<BoxId, Place>,
) {
    for child in &fragment.children {
        if !child.fragment.has.fixed {
            continue;
        }
        let at = corner + child.offset;
        let level = |id: BoxId| (level_of(layout.tree.style(id)), id);
        if let Kind::Placeholder { id, point, .. } = child.fragment.kind {
            if layout.tree.style(id).box_.position == Position::Fixed {
                found.entry(id).or_insert_with(|| Place {
                    at,
                    point,
                    layer: within.closed.unwrap_or(level(id)),
                    context: within.context.clone(),
                    around: within.around.clone(),
                });
            }
            continue;
        }
        let box_ = child.fragment.as_box();
        let Some(id) = box_
            .map(|box_| box_.id)
            .filter(|id| is_layer(layout.tree.style(*id)))
        else {
            walk(layout, &child.fragment, at, within, found);
            continue;
        };
        let mut inner = Within {
            around: Some(Rc::new(Around {
                id,
                outer: within.around.clone(),
            })),
            ..within.clone()
        };
        let style = layout.tree.style(id);
        if within.closed.is_none() && holds_fixed(style) {
            let outer = within.context.clone();
            let layer = level(id);
            inner.context = Some(Rc::new(Context { layer, outer }));
        } else if is_stacking_context(style) {
            inner.closed = within.closed.or(Some(level(id)));
        }
        walk(layout, &child.fragment, at, &inner, found);
    }
}

/// The fixed boxes as one page area shows them, in the order they are painted in.
struct Set {
    area: Rect,
    boxes: Vec<(Place, Fragment)>,
}

impl State<'_, '_> {
    /// Paints the fixed boxes, now that all pages are there.
    pub(super) fn fixed_boxes(&mut self) -> Result<(), PressError> {
        let tree = self.pages.layout.tree;
        if !tree.has_fixed {
            return Ok(());
        }
        let count = tree.boxes.len();
        let fixed: Vec<BoxId> = (0..u32::try_from(count).unwrap_or(u32::MAX))
            .map(BoxId)
            .filter(|id| tree.style(*id).box_.position == Position::Fixed)
            .collect();
        if fixed.len().saturating_mul(self.sheets.len()) > LIMIT {
            return Err(PressError::Limit {
                what: "fixed boxes on all pages",
                limit: LIMIT as u64,
            });
        }
        let mut sets: Vec<Rc<Set>> = Vec::new();
        for index in 0..self.sheets.len() {
            if (self.pages.layout.stopped)() {
                return Err(PressError::Cancelled);
            }
            let area = self.records[index].geometry.area;
            let known = sets.iter().find(|set| set.area == area).cloned();
            let set = match known {
                Some(set) => set,
                None => {
                    let set = Rc::new(self.fixed_set(&fixed, area)?);
                    sets.truncate(KEPT - 1);
                    sets.insert(0, Rc::clone(&set));
                    set
                }
            };
            self.paint_set(index, &set);
        }
        Ok(())
    }

    fn fixed_set(&self, fixed: &[BoxId], area: Rect) -> Result<Set, PressError> {
        let layout = self.pages.layout;
        let rtl = (layout.tree.root).is_some_and(|root| layout.tree.style(root).text.rtl);
        let against = Against {
            area,
            page_end: Px::INFINITY,
            page: Px::INFINITY,
            rtl,
            aside: false,
            least: -Px::INFINITY,
            cut: Px::ZERO,
        };
        let mut boxes = Vec::with_capacity(fixed.len());
        for id in fixed {
            // Where it would be in the flow of its own page.
            let known = self.fixed_at.get(id);
            let place = Place {
                at: Point::new(area.x, area.y) + known.map_or(Point::default(), |known| known.at),
                point: known.map_or_else(StaticPoint::default, |known| known.point),
                layer: known.map_or_else(
                    || (layout.tree.style(*id).box_.z_index.unwrap_or(0), *id),
                    |known| known.layer,
                ),
                context: known.and_then(|known| known.context.clone()),
                around: known.and_then(|known| known.around.clone()),
            };
            let (at, laid, _) = layout.absolute(*id, &against, (place.at, place.point))?;
            let mut group = Fragment::new(Kind::Group, Size::default());
            group.push(at, Rc::new(laid), 0);
            boxes.push((place, group));
        }
        boxes.sort_by_key(|(place, _)| (place.outermost(), place.layer));
        Ok(Set { area, boxes })
    }

    fn paint_set(&mut self, index: usize, set: &Set) {
        let order = &self.records[index].order;
        let mut slots = Slots::by_context(order);
        let sheet = &mut self.sheets[index];
        let content = sheet.items.len();
        let mut found = Found::default();
        let mut painter = Painter {
            layout: self.pages.layout,
            images: self.pages.images,
            sheet,
            found: &mut found,
            index,
            canvas: None,
            canvas_area: set.area,
            fixed_area: set.area,
            outlines: Vec::new(),
            shadowed: 0,
            slots: None,
        };
        // What belongs between the page's own items, with the number of those before it.
        let mut between: Vec<(usize, Vec<Item>)> = Vec::new();
        for (place, box_) in &set.boxes {
            let start = painter.sheet.items.len();
            painter.context(box_, Point::default());
            // The innermost context that this page has, too.
            let (mut layer, mut context) = (place.layer, place.context.as_ref());
            let own = loop {
                let id = context.map(|context| context.layer.1);
                match (slots.get_mut(&id), context) {
                    (None, Some(missing)) => {
                        (layer, context) = (missing.layer, missing.outer.as_ref());
                    }
                    (own, _) => break own,
                }
            };
            if let Some(at) = own.and_then(|own| own.before(place, layer)) {
                between.push((at, painter.sheet.items.split_off(start)));
            }
        }
        if between.is_empty() {
            return;
        }
        between.sort_by_key(|(at, _)| *at);
        let mut own = std::mem::take(&mut sheet.items).into_iter();
        let mut taken = 0;
        for (at, items) in between {
            let at = at.clamp(taken, content);
            sheet.items.extend(own.by_ref().take(at - taken));
            taken = at;
            // The page's end does not clip them.
            sheet.items.extend(order.clip.as_ref().map(|_| Item::Pop));
            sheet.items.extend(items);
            let clip = order.clip.clone();
            sheet.items.extend(clip.map(Item::PushClip));
        }
        sheet.items.extend(own);
    }
}
