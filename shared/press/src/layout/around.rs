//! What is around an absolutely positioned box in the tree: transforms that move it, and the stacking contexts
//! that it is painted in.

use super::Layout;
use crate::boxes::{BoxId, Content, InlineContent, InlineItemKind, Tree};
use crate::fragment::{DEEPEST, Fragment, Kind};
use crate::paint::{is_layer, is_mixed, is_stacking_context, transform_of};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Visibility;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// The boxes around all boxes, and what about them is seldom.
#[derive(Debug)]
pub(crate) struct Around {
    /// By box.
    parents: Vec<Option<BoxId>>,
    /// Boxes in transparent inline boxes.
    faded: FxHashSet<BoxId>,
    /// There is a transform somewhere.
    transforms: bool,
}

impl Around {
    fn of(tree: &Tree) -> Self {
        let mut around = Self {
            parents: vec![None; tree.boxes.len()],
            faded: FxHashSet::default(),
            transforms: tree
                .boxes
                .iter()
                .any(|box_| box_.style.effects.is_transformed()),
        };
        for (index, box_) in (0..).zip(&tree.boxes) {
            let id = BoxId(index);
            match &box_.content {
                Content::Blocks(children) | Content::Flex(children) | Content::Grid(children) => {
                    children.iter().for_each(|child| around.add(id, *child));
                }
                Content::Inline(inline) => around.add_inline(id, inline),
                Content::Table(table) => {
                    let cells = table.rows.iter().flat_map(|row| &row.cells);
                    let cells = cells.map(|cell| cell.id);
                    cells
                        .chain(table.captions.iter().copied())
                        .for_each(|child| around.add(id, child));
                }
                Content::Replaced(_) => {}
            }
        }
        around
    }

    fn add(&mut self, parent: BoxId, child: BoxId) {
        if let Some(place) = self.parents.get_mut(child.0 as usize) {
            *place = Some(parent);
        }
    }

    fn add_inline(&mut self, id: BoxId, inline: &InlineContent) {
        for child in inline.spans.iter().filter_map(|span| span.atomic) {
            self.add(id, child);
        }
        let mut faded = 0_usize;
        let fades = |index: u32| {
            let style = &inline.boxes[index as usize].style;
            style.effects.opacity < 1.0 || is_mixed(style)
        };
        for item in &inline.items {
            match item.kind {
                InlineItemKind::Open(index) => faded += usize::from(fades(index)),
                InlineItemKind::Close(index) => {
                    faded = faded.saturating_sub(usize::from(fades(index)));
                }
                InlineItemKind::Float(child) | InlineItemKind::Absolute(child) => {
                    self.add(id, child);
                    if faded > 0 {
                        self.faded.insert(child);
                    }
                }
                _ => {}
            }
        }
    }

    /// The boxes around `id`, from the inside.
    fn outwards(&self, id: BoxId) -> impl Iterator<Item = BoxId> {
        let parent = |id: &BoxId| self.parents.get(id.0 as usize).copied().flatten();
        std::iter::successors(parent(&id), move |id| parent(id))
    }
}

impl Layout<'_> {
    fn surroundings(&self) -> &Around {
        self.around.get_or_init(|| Around::of(self.tree))
    }

    /// The child of the box `container` that is or holds the box `id`.
    pub(super) fn child_around(&self, container: BoxId, id: BoxId) -> Option<BoxId> {
        let mut child = id;
        for around in self.surroundings().outwards(id) {
            if around == container {
                return Some(child);
            }
            child = around;
        }
        None
    }

    /// The boxes between the box `container` and the box `id` in it, from the outside.
    pub(super) fn boxes_between(&self, container: BoxId, id: BoxId) -> Vec<BoxId> {
        let around = self.surroundings().outwards(id);
        let mut between: Vec<BoxId> = around.take_while(|around| *around != container).collect();
        between.reverse();
        between
    }

    /// Whether a transform takes the box `id` away from its place: it is printed whole on the page of that place,
    /// since it may be seen there and nowhere else. One that is only shifted to the side is on the same page.
    pub(super) fn is_transformed(&self, id: BoxId) -> bool {
        let around = self.surroundings();
        let transformed = |id: BoxId| self.tree.style(id).effects.is_transformed();
        around.transforms
            && (self.tree.style(id).effects.moves_down() || around.outwards(id).any(transformed))
    }

    /// Whether the box `id` can be painted on a page without the boxes around it: none of them has an effect
    /// that needs its own place.
    pub(super) fn is_movable(&self, id: BoxId) -> bool {
        let around = self.surroundings();
        let holds = |id: BoxId| {
            let style = self.tree.style(id);
            let effects = &style.effects;
            effects.mask_border.source.is_some()
                || effects.clip.is_some()
                || style.box_.clips && is_stacking_context(style)
        };
        let faded = |id: &BoxId| around.faded.contains(id);
        !self.is_transformed(id)
            && !faded(&id)
            && !around.outwards(id).any(|id| holds(id) || faded(&id))
    }

    /// `piece`, of the box `id`, in the stacking contexts that the box is in, which have nothing else on this page:
    /// it is as transparent as they are, and at their levels.
    pub(crate) fn in_contexts(&self, id: BoxId, piece: Fragment) -> Fragment {
        let mut piece = piece;
        for host in self.surroundings().outwards(id) {
            let style = self.tree.style(host);
            if !is_stacking_context(style)
                || style.box_.clips
                || style.effects.is_transformed()
                || style.effects.mask_border.source.is_some()
            {
                continue;
            }
            let context = crate::fragment::BoxFragment {
                id: host,
                border: fanfold_geometry::Edges::default(),
                padding: fanfold_geometry::Edges::default(),
                first: false,
                last: false,
                consumed: Px::ZERO,
                bare: true,
            };
            let mut around = Fragment::new(Kind::Box(context), Size::default());
            piece.has.layers = true;
            around.push(Point::default(), Rc::new(piece), 0);
            piece = around;
        }
        piece.has.layers = true;
        piece
    }

    /// Whether something in `fragment`, whose top is at `top`, is moved back above `end` by an offset or a
    /// transform of its own.
    pub(super) fn comes_back(&self, fragment: &Fragment, top: Px, end: Px, depth: usize) -> bool {
        depth < DEEPEST
            && fragment.children.iter().any(|child| {
                let own = &child.fragment;
                if !own.has.layers {
                    return false;
                }
                let at = Point::new(Px::ZERO, top + child.offset.y);
                let layer = own.as_box().map(|box_| self.tree.style(box_.id));
                let above = |style: &ComputedStyle| {
                    let size = own.size;
                    let whole = Rect::new(at.x, at.y, size.width, size.height);
                    let moved = transform_of(style, own, at)
                        .and_then(|transform| transform.inverse()?.inverse_bounds(whole));
                    let seen = moved.unwrap_or(whole);
                    seen.y + seen.height / 2.0 < end
                };
                layer.is_some_and(|style| is_layer(style) && above(style))
                    || self.comes_back(own, at.y, end, depth + 1)
            })
    }

    /// Whether there is text or a picture to be seen in `fragment`, of the box `id`.
    pub(super) fn shows(&self, id: BoxId, fragment: &Fragment) -> bool {
        let invisible = |id: BoxId| self.tree.style(id).effects.opacity <= 0.0;
        !self.surroundings().outwards(id).any(invisible) && self.shows_content(fragment, 0)
    }

    fn shows_content(&self, fragment: &Fragment, depth: usize) -> bool {
        let visible = |style: &ComputedStyle| style.text.visibility == Visibility::Visible;
        let own = match &fragment.kind {
            Kind::Line(line) => {
                let inline = match &self.tree.get(line.owner).content {
                    Content::Inline(inline) => Some(inline),
                    _ => None,
                };
                line.texts.iter().any(|text| {
                    let owner = inline.and_then(|inline| {
                        let owner = inline.spans.get(text.span as usize)?.owner?;
                        inline.boxes.get(owner as usize)
                    });
                    visible(owner.map_or(self.tree.style(line.owner), |owner| &owner.style))
                })
            }
            Kind::Box(box_) => {
                let style = self.tree.style(box_.id);
                let clip = style.effects.clip;
                let nothing = clip.is_some_and(|clip| {
                    let ends = |start: Option<Px>, end: Option<Px>, size: Px| {
                        end.unwrap_or(size) <= start.unwrap_or_default()
                    };
                    let size = fragment.size;
                    ends(clip.left, clip.right, size.width)
                        || ends(clip.top, clip.bottom, size.height)
                });
                if nothing || style.effects.opacity <= 0.0 {
                    return false;
                }
                matches!(self.tree.get(box_.id).content, Content::Replaced(_)) && visible(style)
            }
            Kind::Rest(rest) => rest.shows,
            _ => false,
        };
        let mut children = fragment.children.iter();
        own || depth < DEEPEST
            && children.any(|child| self.shows_content(&child.fragment, depth + 1))
    }
}
