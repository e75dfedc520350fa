//! Lines that no page has room for, because of what stands on them: they go on on the next page, and what
//! was laid out is shared out afterwards (CSS Fragmentation 3 §4.1, slicing of monolithic content).

use super::{Layout, Resume, Space, TOLERANCE};
use crate::boxes::{Content, Tree};
use crate::fragment::{
    BorderLine, Child, DEEPEST, Fragment, Has, InlinePiece, Kind, LineFragment, TextPiece,
};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_paint::Drawing;
use std::rc::Rc;

/// What is left of a line that earlier pages show the upper part of.
#[derive(Clone, Debug)]
pub(crate) struct HighLine {
    pub(crate) line: Rc<Fragment>,
    /// Its left edge, from the content edge.
    pub(crate) x: Px,
    /// How much of its height is on earlier pages.
    pub(crate) shown: Px,
    /// Where the lines after it go on.
    pub(crate) next: Resume,
}

impl Layout<'_> {
    /// Whether something on `line` is higher than the page or column that the line begins, and off the sheet.
    pub(super) fn is_too_high(&self, line: &Fragment, space: Space) -> bool {
        let most = space.left + self.bleed.get();
        let sunk = |child: &Child| {
            let reach = child.fragment.reach();
            reach > Px::ZERO
                && child.offset.y + reach > most + TOLERANCE
                && (has_text(line) || !self.is_blank(&child.fragment))
        };
        space.breaks()
            && space.at_top
            && !space.aside
            && space.left >= Px(1.0)
            && space.overflows(line.reach())
            && (has_text_below(line, most) || line.children.iter().any(sunk))
    }

    /// Whether what sticks out of `line`, which begins at `y`, is not on the page, nor in the margin below it.
    pub(super) fn line_sinks(&self, line: &Fragment, y: Px, space: Space) -> bool {
        space.breaks()
            && line.has.overfull
            && !space.in_column
            && y + line.reach() > space.left + self.bleed.get() + TOLERANCE
    }

    /// Whether it is a picture with nothing in it, which no page is needed for.
    fn is_blank(&self, fragment: &Fragment) -> bool {
        let box_ = fragment.as_box().map(|box_| self.tree.get(box_.id));
        let Some(Content::Replaced(replaced)) = box_.map(|box_| &box_.content) else {
            return false;
        };
        let mut items = Vec::new();
        if let Some(image) = &replaced.image {
            let area = Rect::new(
                Px::ZERO,
                Px::ZERO,
                fragment.size.width,
                fragment.size.height,
            );
            image.draw(area, true, &mut items);
        }
        Drawing::new(items).is_empty()
    }
}

impl HighLine {
    /// What the next `left` of it show, and the rest.
    pub(super) fn piece(&self, left: Px) -> (Fragment, Option<Self>) {
        let from = if self.shown > Px::ZERO {
            self.shown
        } else {
            -Px::INFINITY
        };
        let whole = self.line.reach();
        if whole - self.shown <= left + TOLERANCE {
            let mut last = self.between(from, Px::INFINITY);
            last.size.height = whole - self.shown;
            return (last, None);
        }
        let least = self.shown + left / 2.0;
        let end = Breakable { tree: None }.end(&self.line, self.shown + left, least, left / 2.0);
        let rest = Self {
            shown: end,
            ..self.clone()
        };
        let mut piece = self.between(from, end);
        piece.size.height = end - self.shown;
        (piece, Some(rest))
    }

    fn between(&self, from: Px, to: Px) -> Fragment {
        part(&self.line, from, to, 0).unwrap_or_else(|| Fragment::new(Kind::Group, Size::default()))
    }
}

/// Whether all that is below `end` in `fragment`, whose top is at `top`, are lower parts of lines higher than a `page`,
/// with nothing to see on them.
pub(super) fn is_blank_below(
    fragment: &Fragment,
    (top, end, page): (Px, Px, Px),
    depth: usize,
) -> bool {
    let mut below = fragment
        .children
        .iter()
        .filter(|child| top + child.offset.y + child.fragment.reach() > end)
        .peekable();
    let is_line = matches!(fragment.kind, Kind::Line(_));
    if is_line && fragment.size.height > page && !has_text_below(fragment, end - top) {
        return below.peek().is_none();
    }
    depth < DEEPEST
        && !is_line
        && below.peek().is_some()
        && below.all(|child| {
            is_blank_below(
                &child.fragment,
                (top + child.offset.y, end, page),
                depth + 1,
            )
        })
}

/// Whether text on a line stands below `end`.
fn has_text_below(line: &Fragment, end: Px) -> bool {
    let is_below = |text: &TextPiece| text.baseline > end;
    matches!(&line.kind, Kind::Line(line) if line.texts.iter().any(is_below))
}

fn has_text(line: &Fragment) -> bool {
    matches!(&line.kind, Kind::Line(line) if !line.texts.is_empty())
}

/// Where what is laid out in one piece may be cut.
pub(super) struct Breakable<'t> {
    /// Boxes of it are kept together too, not only lines.
    tree: Option<&'t Tree>,
}

impl<'t> Breakable<'t> {
    /// Not through lines, pictures, or boxes that avoid it.
    pub(super) fn new(tree: &'t Tree) -> Self {
        Self { tree: Some(tree) }
    }

    /// The last height of `fragment` up to `end`, but not above `least`, that nothing is across which is to
    /// be kept together, unless it is higher than `most`.
    pub(super) fn end(&self, fragment: &Fragment, end: Px, least: Px, most: Px) -> Px {
        let mut clean = end;
        // Lines beside each other may be moved in turn.
        for _ in 0..16 {
            let before = clean;
            self.clear(fragment, Px::ZERO, most, &mut clean, 0);
            if clean < least {
                return end;
            }
            if clean == before {
                break;
            }
        }
        clean
    }

    fn clear(&self, fragment: &Fragment, top: Px, most: Px, clean: &mut Px, depth: usize) {
        for child in &fragment.children {
            let (top, height) = (top + child.offset.y, child.fragment.size.height);
            let crosses = top + TOLERANCE < *clean && top + height > *clean + TOLERANCE;
            if crosses && height <= most && self.keeps_together(&child.fragment) {
                *clean = top;
            } else if depth < DEEPEST {
                self.clear(&child.fragment, top, most, clean, depth + 1);
            }
        }
    }

    fn keeps_together(&self, fragment: &Fragment) -> bool {
        match (&fragment.kind, self.tree) {
            (Kind::Line(_), _) => true,
            (Kind::Box(box_), Some(tree)) => {
                let source = tree.get(box_.id);
                let breaks = &source.style.breaks;
                breaks.avoid_inside
                    || breaks.contained
                    || matches!(source.content, Content::Replaced(_))
            }
            _ => false,
        }
    }
}

/// What of `fragment` is from `from` down to `to`, both from its top; none where that is nothing.
pub(super) fn part(fragment: &Fragment, from: Px, to: Px, depth: usize) -> Option<Fragment> {
    let base = from.max(Px::ZERO);
    let height = fragment.size.height;
    let meets = from < height && to > Px::ZERO;
    let mut kept = Fragment::new(fragment.kind.clone(), fragment.size);
    kept.size.height = (height.min(to) - base).max(Px::ZERO);
    // What is further away than the piece is high, and holds nothing that sticks out, is not looked into.
    let high = to - base;
    let far = |child: &&Child| {
        let (top, own) = (child.offset.y, &child.fragment);
        let within = !own.has.overfull && !own.has.layers && high.is_finite();
        within && (top + own.size.height + high < from || top > to + high)
    };
    for child in fragment.children.iter().filter(|_| depth < DEEPEST) {
        if far(&child) {
            continue;
        }
        let top = child.offset.y;
        let own = &child.fragment;
        let inside = top >= from && top + own.size.height <= to;
        let piece = match own.kind {
            Kind::Line(_) if inside && own.children.is_empty() => Some(Rc::clone(own)),
            _ => part(own, from - top, to - top, depth + 1).map(Rc::new),
        };
        let Some(piece) = piece else { continue };
        kept.has = kept.has.or(piece.has);
        kept.children.push(Child {
            offset: Point::new(child.offset.x, top.max(from) - base),
            fragment: piece,
            index: child.index,
        });
    }
    let begins = from <= Px::ZERO && to > Px::ZERO;
    let shows = match &mut kept.kind {
        Kind::Box(box_) => {
            box_.first &= begins;
            box_.last &= to >= height;
            box_.consumed += base;
            // What sticks out of it is all that is here.
            box_.bare |= !meets;
            meets || (begins && height <= Px::ZERO)
        }
        Kind::Line(line) => part_of_line(line, from, to, begins),
        Kind::Borders(lines) => {
            *lines = lines
                .iter()
                .filter_map(|line| part_of_border(line, from, to))
                .collect();
            !lines.is_empty()
        }
        Kind::Placeholder { .. } | Kind::Rest(_) => begins,
        Kind::Group => false,
    };
    // What the fragment is itself, not through its children.
    let own = match kept.kind {
        Kind::Placeholder { .. } | Kind::Rest(_) => fragment.has,
        Kind::Line(ref line) => Has {
            notes: !line.notes.is_empty(),
            ..Has::default()
        },
        Kind::Box(_) => Has {
            layers: fragment.has.layers,
            floats: fragment.has.floats,
            ..Has::default()
        },
        _ => Has::default(),
    };
    kept.has = kept.has.or(own).as_placed(fragment.has);
    (shows || !kept.children.is_empty()).then_some(kept)
}

/// Keeps what of a line is from `from` to `to`; whether there is anything.
fn part_of_line(line: &mut LineFragment, from: Px, to: Px, begins: bool) -> bool {
    let base = from.max(Px::ZERO);
    line.texts
        .retain(|text| text.baseline >= from && text.baseline < to);
    for text in &mut line.texts {
        text.baseline -= base;
    }
    line.boxes
        .retain(|piece: &InlinePiece| piece.y + piece.size.height > from && piece.y < to);
    for piece in &mut line.boxes {
        let bottom = (piece.y + piece.size.height).min(to);
        piece.y = piece.y.max(from) - base;
        piece.size.height = bottom - base - piece.y;
    }
    if !begins {
        line.notes.clear();
    }
    begins || !line.texts.is_empty() || !line.boxes.is_empty()
}

/// What of a collapsed border is from `from` to `to`.
fn part_of_border(line: &BorderLine, from: Px, to: Px) -> Option<BorderLine> {
    let (top, bottom) = (line.at.y.max(from), (line.at.y + line.size.height).min(to));
    (bottom > top).then(|| BorderLine {
        at: Point::new(line.at.x, top - from.max(Px::ZERO)),
        size: Size::new(line.size.width, bottom - top),
        ..*line
    })
}
