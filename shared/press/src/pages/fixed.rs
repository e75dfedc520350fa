//! Fixed boxes, which are on every page (CSS 2.2 §9.6.1).

use super::State;
use crate::PressError;
use crate::boxes::BoxId;
use crate::fragment::{Fragment, Kind};
use crate::layout::Against;
use crate::paint::{Found, Painter};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::computed::Position;
use std::rc::Rc;

/// Fixed boxes on all pages together: a few on each of many pages, or thousands on a few.
const LIMIT: usize = 2_000_000;

/// Page areas for which the laid out boxes are kept; left and right pages take turns.
const KEPT: usize = 4;

/// The fixed boxes as one page area shows them.
struct Set {
    area: Rect,
    /// Those with a negative `z-index`, below the page's content.
    below: Fragment,
    above: Fragment,
}

impl State<'_, '_> {
    /// Paints the fixed boxes, now that all pages are there.
    pub(super) fn fixed_boxes(&mut self) -> Result<(), PressError> {
        let tree = self.pages.layout.tree;
        let count = tree.boxes.len();
        let fixed: Vec<BoxId> = (0..u32::try_from(count).unwrap_or(u32::MAX))
            .map(BoxId)
            .filter(|id| tree.style(*id).box_.position == Position::Fixed)
            .collect();
        if fixed.is_empty() {
            return Ok(());
        }
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
        let group = || Fragment::new(Kind::Group, Size::default());
        let (mut below, mut above) = (group(), group());
        let rtl = (layout.tree.root).is_some_and(|root| layout.tree.style(root).text.rtl);
        let against = Against {
            area,
            page_end: Px::INFINITY,
            page: Px::INFINITY,
            rtl,
        };
        for id in fixed {
            let corner = Point::new(area.x, area.y);
            // Where it would be in the flow of its own page.
            let known = self.fixed_at.get(id);
            let flow = known.map_or((corner, false), |(at, rtl)| (corner + *at, *rtl));
            let (at, laid, _) = layout.absolute(*id, &against, flow)?;
            let z = layout.tree.style(*id).box_.z_index.unwrap_or(0);
            let set = if z < 0 { &mut below } else { &mut above };
            set.push(at, Rc::new(laid), 0);
        }
        Ok(Set { area, below, above })
    }

    fn paint_set(&mut self, index: usize, set: &Set) {
        let under = self.records[index].under;
        let sheet = &mut self.sheets[index];
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
        };
        painter.context(&set.above, Point::default());
        if set.below.children.is_empty() {
            return;
        }
        let painted = painter.sheet.items.len();
        painter.context(&set.below, Point::default());
        let more = sheet.items.len() - painted;
        if let Some(items) = sheet.items.get_mut(under..) {
            items.rotate_right(more);
        }
    }
}
