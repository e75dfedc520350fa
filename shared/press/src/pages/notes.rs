//! Footnotes: a page's area for them, and which of those called on the page it has room for
//! (CSS GCPM 3 §2).
//!
//! A page with footnotes is laid out twice: to see what is called on it, and again in the room that is
//! left above the footnotes that go on it.

mod pile;

use pile::Pile;

use super::{Geometry, State};
use crate::PressError;
use crate::boxes::{BoxId, Content as BoxContent};
use crate::fragment::{Fragment, Kind};
use crate::layout::{
    Against, BreakAbove, Floats, Laid, MarginSet, Outcome, Resume, Space, TOLERANCE, Used, bounded,
    used_edges,
};
use crate::paint::Painter;
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Break, FootnotePolicy};
use fanfold_style::page::PageStyle;
use fanfold_style::values::Sizing;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// A page's content: its fragment, where it goes on, and on which side.
pub(super) type Content = (Fragment, Option<Resume>, Option<Break>);

/// A page with its footnotes.
pub(super) struct Noted {
    pub(super) content: Content,
    pub(super) area: Option<NoteArea>,
    /// There is no content but footnotes that waited: it goes on where it would have on this page.
    pub(super) waits: bool,
}

/// A page's footnotes in their place.
pub(super) struct NoteArea {
    /// Border box.
    border: Rect,
    /// The footnotes, from the corner of the page.
    notes: Fragment,
}

/// A footnote, or what is left of it.
#[derive(Clone)]
pub(super) struct Note {
    id: BoxId,
    resume: Option<Resume>,
}

impl Note {
    fn whole(id: BoxId) -> Self {
        Self { id, resume: None }
    }
}

/// A footnote that is called on a page.
struct Call {
    note: BoxId,
    /// The lower edge of its line, from the page area's upper edge.
    bottom: Px,
    /// It is in columns: with less room its line may be higher up, in another one.
    in_columns: bool,
}

/// A page's area for footnotes, before it is known which.
struct Shape<'s> {
    style: &'s ComputedStyle,
    used: Used,
    area: Rect,
    /// Width of its content box.
    width: Px,
    /// The highest that its content may be.
    most: Px,
}

impl<'s> Shape<'s> {
    fn new(style: &'s ComputedStyle, geometry: &Geometry) -> Self {
        let area = geometry.area;
        let used = used_edges(style, area.width);
        let width = area.width - used.margin_horizontal() - used.horizontal();
        // A negative margin lets it cover the page's content, but gives the page no more room.
        let margins = used.margin_top().max(Px::ZERO) + used.margin_bottom();
        let room = area.height - margins - used.vertical();
        let most = room.min(inner_height(style, area, used.vertical(), Px::INFINITY));
        Self {
            style,
            used,
            area,
            width: width.max(Px::ZERO),
            most,
        }
    }

    /// The content height with footnotes that are `content` high.
    fn inner(&self, content: Px) -> Px {
        inner_height(self.style, self.area, self.used.vertical(), content)
    }

    /// The height of the margin box with `pile` in it.
    fn outer(&self, pile: Pile) -> Px {
        let used = &self.used;
        let inner = self.inner(pile.height());
        (inner + used.vertical() + used.margin_top() + used.margin_bottom()).max(Px::ZERO)
    }

    /// Whether all of `pile` is in it, and it on the page.
    fn fits(&self, pile: Pile) -> bool {
        pile.height() <= self.inner(pile.height()) + TOLERANCE
            && self.outer(pile) <= self.area.height + TOLERANCE
    }
}

impl State<'_, '_> {
    /// The content of a page and its footnotes.
    pub(super) fn noted(
        &mut self,
        root: BoxId,
        (style, geometry): (&PageStyle, &Geometry),
        resume: Option<&Resume>,
        break_above: BreakAbove,
    ) -> Result<Noted, PressError> {
        let layout = self.pages.layout;
        if !layout.tree.has_footnotes {
            let content = self.root(root, geometry, resume, break_above, Px::ZERO)?;
            return Ok(Noted {
                content,
                area: None,
                waits: false,
            });
        }
        let shape = Shape::new(&style.footnotes, geometry);
        // Those that earlier pages had no room for come first.
        let (mut kept, mut pile) = self.waiting(&shape)?;
        let mut reserved = if kept.is_empty() {
            Px::ZERO
        } else {
            shape.outer(pile)
        };
        let alone = |state: &mut Self, kept: &[Note]| {
            let blank = Fragment::new(Kind::Group, geometry.size);
            let area = state.note_area(&shape, geometry, kept)?;
            Ok(Noted {
                content: (blank, None, None),
                area,
                waits: true,
            })
        };
        if reserved >= geometry.area.height && !kept.is_empty() {
            // They take all of the page.
            return alone(self, &kept);
        }
        let mut content = self.root(root, geometry, resume, break_above, reserved)?;
        let room = geometry.area.height - reserved + TOLERANCE;
        if !kept.is_empty() && self.text_end(&content.0, Px::ZERO) - geometry.area.y > room {
            // They leave no room for the first line.
            return alone(self, &kept);
        }
        let mut calls = self.calls(&content.0, geometry);
        let mut late: Vec<Note> = Vec::new();
        let mut barred = None;
        let mut index = 0;
        while let Some(call) = calls.get(index) {
            index += 1;
            if call.in_columns && late.is_empty() && self.late_notes.is_empty() {
                let note = Note::whole(call.note);
                let more = self.piled(pile, &note, &shape)?;
                let outer = shape.outer(more);
                let limit = geometry.area.height - outer + TOLERANCE;
                if shape.fits(more) && call.bottom > limit {
                    let trial = self.root(root, geometry, resume, break_above, outer)?;
                    let found = self.calls(&trial.0, geometry);
                    let stays = |note: &Note| {
                        let call = found.iter().find(|call| call.note == note.id);
                        call.is_none_or(|call| call.bottom <= limit)
                    };
                    let calls_it = found.get(index - 1).map(|call| call.note) == Some(note.id);
                    if calls_it && stays(&note) && kept.iter().all(stays) {
                        kept.push(note);
                        (pile, reserved) = (more, outer);
                        calls = found;
                        continue;
                    }
                }
            }
            if call.bottom > geometry.area.height - reserved + TOLERANCE {
                // Footnotes before it push its line to the next page.
                break;
            }
            let note = Note::whole(call.note);
            if late.is_empty() && self.late_notes.is_empty() {
                let more = self.piled(pile, &note, &shape)?;
                let outer = shape.outer(more);
                if shape.fits(more) && call.bottom <= geometry.area.height - outer + TOLERANCE {
                    kept.push(note);
                    pile = more;
                    reserved = outer;
                    continue;
                }
            }
            let policy = layout.tree.style(call.note).breaks.footnote;
            if policy != FootnotePolicy::Auto {
                barred = Some((call.note, policy == FootnotePolicy::Block));
                break;
            }
            late.push(note);
        }
        if !calls.is_empty() {
            layout.barred.set(barred.map(|(note, _)| note));
            layout
                .barred_block
                .set(barred.is_some_and(|(_, block)| block));
            let again = self.root(root, geometry, resume, break_above, reserved);
            layout.barred.set(None);
            layout.barred_block.set(false);
            content = again?;
            let shown = self.calls(&content.0, geometry);
            let first: FxHashSet<BoxId> = calls.iter().map(|call| call.note).collect();
            let still: FxHashSet<BoxId> = shown.iter().map(|call| call.note).collect();
            let here = |note: &Note| !first.contains(&note.id) || still.contains(&note.id);
            kept.retain(here);
            late.retain(here);
            let placed: FxHashSet<BoxId> = kept.iter().chain(&late).map(|note| note.id).collect();
            // A line that nothing could move keeps its call here.
            for call in &shown {
                if !placed.contains(&call.note) {
                    late.push(Note::whole(call.note));
                }
                self.called.insert(call.note);
            }
        }
        let area = self.note_area(&shape, geometry, &kept)?;
        self.late_notes.extend(late);
        Ok(Noted {
            content,
            area,
            waits: false,
        })
    }

    /// A page of footnotes alone, after the end of the document.
    pub(super) fn notes_only(
        &mut self,
        style: &PageStyle,
        geometry: &Geometry,
    ) -> Result<Option<NoteArea>, PressError> {
        let shape = Shape::new(&style.footnotes, geometry);
        let (kept, _) = self.waiting(&shape)?;
        self.note_area(&shape, geometry, &kept)
    }

    /// Takes those of the footnotes that wait for which the area has room; the first in any case.
    fn waiting(&mut self, shape: &Shape<'_>) -> Result<(Vec<Note>, Pile), PressError> {
        let mut kept = Vec::new();
        let mut pile = Pile::default();
        while let Some(note) = self.late_notes.front() {
            let more = self.piled(pile, note, shape)?;
            if !kept.is_empty() && !shape.fits(more) {
                break;
            }
            pile = more;
            kept.extend(self.late_notes.pop_front());
        }
        Ok((kept, pile))
    }

    /// Footnotes called in `piece`, which is laid out apart from the page's flow, wait for room.
    pub(super) fn call_later(&mut self, piece: &Fragment) {
        let mut calls = Vec::new();
        collect(piece, Px::ZERO, &|_| false, &mut calls);
        for Call { note, .. } in calls {
            if self.called.insert(note) {
                self.late_notes.push_back(Note::whole(note));
            }
        }
    }

    /// How far down the lines and pictures in the flow of `fragment` go, whose upper edge is at `y`.
    fn text_end(&self, fragment: &Fragment, y: Px) -> Px {
        let tree = self.pages.layout.tree;
        let ends = fragment.children.iter().map(|child| {
            let (y, found) = (y + child.offset.y, &child.fragment);
            let end = y + found.size.height;
            match &found.kind {
                Kind::Line(_) => end,
                Kind::Box(box_) if tree.get(box_.id).is_absolute() => Px::ZERO,
                Kind::Box(box_) if matches!(tree.get(box_.id).content, BoxContent::Replaced(_)) => {
                    end
                }
                _ => self.text_end(found, y),
            }
        });
        ends.fold(Px::ZERO, Px::max)
    }

    /// The footnotes called on a page that no page before called, in order.
    fn calls(&self, page: &Fragment, geometry: &Geometry) -> Vec<Call> {
        let mut calls = Vec::new();
        let tree = self.pages.layout.tree;
        let columns = |id: BoxId| tree.get(id).is_multicol();
        collect(page, Px::ZERO, &columns, &mut calls);
        let mut seen = FxHashSet::default();
        calls.retain(|call| !self.called.contains(&call.note) && seen.insert(call.note));
        for call in &mut calls {
            call.bottom -= geometry.area.y;
        }
        calls
    }

    /// Lays out a footnote in `left`; where it begins from the left, and it.
    fn laid_note(
        &self,
        note: &Note,
        shape: &Shape<'_>,
        left: Px,
    ) -> Result<Option<(Px, Laid)>, PressError> {
        let layout = self.pages.layout;
        let width = shape.width;
        let style = layout.tree.style(note.id);
        let used = used_edges(style, width);
        let place = layout.place_block(note.id, &used, style, (width, None), Px::ZERO, width);
        let space = Space {
            left,
            page: left.max(shape.most).max(Px(1.0)),
            ..Space::unbroken(width, None)
        };
        let resume = note.resume.as_ref();
        let (floats, corner) = (&mut Floats::default(), Point::default());
        let outcome = layout.layout(note.id, place.width, space, resume, floats, corner)?;
        Ok(match outcome {
            Outcome::Laid(laid) => Some((place.x, laid)),
            Outcome::Before => None,
        })
    }

    /// Lays out `notes` below each other: their fragments, from the area's content box, and its height.
    /// One that is alone is broken where the area ends, and goes on at the third.
    fn stacked(
        &self,
        notes: &[Note],
        shape: &Shape<'_>,
    ) -> Result<(Fragment, Px, Option<Note>), PressError> {
        let layout = self.pages.layout;
        let mut stack = Fragment::new(Kind::Group, Size::default());
        let mut y = Px::ZERO;
        let mut margin = MarginSet::default();
        let mut rest = None;
        let mut line = None;
        for (index, note) in notes.iter().enumerate() {
            if let Some(joined) = self.joined(line, note, shape)? {
                let (down, moved) = joined.down;
                for before in stack.children.iter_mut().rev().take(moved) {
                    before.offset.y += down;
                }
                stack.push(joined.at, Rc::new(joined.fragment), index);
                y = y.max(joined.bottom);
                line = joined.line;
                continue;
            }
            if note.resume.is_none() {
                margin = margin.adjoin(layout.own_start_margin(note.id, shape.width));
            }
            y += margin.solve();
            let mut laid = None;
            if notes.len() == 1 {
                laid = self.laid_note(note, shape, (shape.most - y).max(Px(1.0)))?;
                let goes_on = |(_, laid): &(Px, Laid)| {
                    let places = laid.resume.as_ref().zip(note.resume.as_ref());
                    !places.is_some_and(|(next, before)| next.same_place(before))
                };
                laid = laid.filter(goes_on);
            }
            if laid.is_none() {
                laid = self.laid_note(note, shape, Px::INFINITY)?;
            }
            let Some((x, laid)) = laid else {
                continue;
            };
            rest = laid.resume.map(|resume| Note {
                id: note.id,
                resume: Some(resume),
            });
            let height = laid.fragment.size.height;
            line = self.line_end(note, &laid.fragment, y);
            stack.push(Point::new(x, y), Rc::new(laid.fragment), index);
            y += height;
            margin = laid.end;
        }
        Ok((stack, y + margin.solve(), rest))
    }

    /// The area with `notes` at the foot of the page area; what of them the page has no room for waits.
    fn note_area(
        &mut self,
        shape: &Shape<'_>,
        geometry: &Geometry,
        notes: &[Note],
    ) -> Result<Option<NoteArea>, PressError> {
        if notes.is_empty() {
            return Ok(None);
        }
        let (area, used) = (shape.area, &shape.used);
        let (stack, content, rest) = self.stacked(notes, shape)?;
        if let Some(rest) = rest {
            self.late_notes.push_front(rest);
        }
        let height = shape.inner(content) + used.vertical();
        let width = (area.width - used.margin_horizontal()).max(Px::ZERO);
        let left = area.x + used.margin.left.unwrap_or_default();
        let top = area.bottom() - used.margin_bottom() - height;
        let border = Rect::new(left, top, width, height);
        let has = stack.has;
        let mut page = Fragment::new(Kind::Group, geometry.size);
        let at = Point::new(left + used.left(), top + used.top());
        page.push(at, Rc::new(stack), 0);
        if has.absolutes {
            let layout = self.pages.layout;
            let root = layout.tree.root;
            let against = Against {
                area,
                page_end: Px::INFINITY,
                page: Px::INFINITY,
                rtl: root.is_some_and(|root| layout.tree.style(root).text.rtl),
                aside: false,
                least: -Px::INFINITY,
                cut: Px::ZERO,
            };
            layout.place_absolutes(&mut page, &against)?;
        }
        let notes = page;
        Ok(Some(NoteArea { border, notes }))
    }
}

impl NoteArea {
    /// Paints the area, whose style is `style`.
    pub(super) fn paint(&self, painter: &mut Painter<'_>, style: &ComputedStyle) {
        painter.loose_box(style, self.border);
        painter.context(&self.notes, Point::default());
    }
}

/// The content height of an area whose footnotes are `content` high.
fn inner_height(style: &ComputedStyle, area: Rect, edges: Px, content: Px) -> Px {
    let box_ = &style.box_;
    let resolve = |size: &Sizing| match size {
        Sizing::Size(length) => {
            let length = bounded(length.resolve(area.height));
            let taken = if box_.border_box { edges } else { Px::ZERO };
            Some((length - taken).max(Px::ZERO))
        }
        _ => None,
    };
    let mut height = resolve(&box_.height).unwrap_or(content);
    if let Some(most) = resolve(&box_.max_height) {
        height = height.min(most);
    }
    height.max(resolve(&box_.min_height).unwrap_or_default())
}

/// The calls below `fragment`, whose upper edge is at `y`; `columns` says which boxes have some.
fn collect(fragment: &Fragment, y: Px, columns: &dyn Fn(BoxId) -> bool, calls: &mut Vec<Call>) {
    for child in &fragment.children {
        if !child.fragment.has.notes {
            continue;
        }
        let y = y + child.offset.y;
        if let Kind::Line(line) = &child.fragment.kind {
            let bottom = y + child.fragment.size.height;
            let notes = line.notes.iter();
            calls.extend(notes.map(|note| Call {
                note: *note,
                bottom,
                in_columns: false,
            }));
        }
        let before = calls.len();
        collect(&child.fragment, y, columns, calls);
        if child.fragment.as_box().is_some_and(|box_| columns(box_.id)) {
            let inside = calls[before..].iter_mut();
            inside.for_each(|call| call.in_columns = true);
        }
    }
}
