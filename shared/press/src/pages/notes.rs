//! Footnotes: a page's area for them, and which of those called on the page it has room for
//! (CSS GCPM 3 §2).
//!
//! A page with footnotes is laid out twice: to see what is called on it, and again in the room that is
//! left above the footnotes that go on it.

use super::{Geometry, State};
use crate::PressError;
use crate::boxes::BoxId;
use crate::fragment::{Fragment, Kind};
use crate::layout::{
    Against, Floats, MarginSet, Outcome, Resume, Space, TOLERANCE, bounded, used_edges,
};
use crate::paint::Painter;
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Break, FootnotePolicy};
use fanfold_style::page::PageStyle;
use fanfold_style::values::Sizing;
use std::rc::Rc;

/// A page's content: its fragment, where it goes on, and on which side.
pub(super) type Content = (Fragment, Option<Resume>, Option<Break>);

/// A page with its footnotes.
pub(super) struct Noted {
    pub(super) content: Content,
    pub(super) area: Option<NoteArea>,
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
}

/// How high a page's footnote area is.
#[derive(Clone, Copy)]
struct Extent {
    /// Of its margin box.
    outer: Px,
    /// All of its content fits.
    fits: bool,
}

impl State<'_, '_> {
    /// The content of a page and its footnotes.
    pub(super) fn noted(
        &mut self,
        root: BoxId,
        (style, geometry): (&PageStyle, &Geometry),
        resume: Option<&Resume>,
        truncates: bool,
    ) -> Result<Noted, PressError> {
        let layout = self.pages.layout;
        if !layout.tree.has_footnotes {
            let content = self.root(root, geometry, resume, truncates, Px::ZERO)?;
            return Ok(Noted {
                content,
                area: None,
            });
        }
        let notes = &style.footnotes;
        let mut kept: Vec<Note> = Vec::new();
        let mut later: Vec<Note> = Vec::new();
        // Those that earlier pages had no room for come first.
        for note in std::mem::take(&mut self.late_notes) {
            let more = [kept.as_slice(), std::slice::from_ref(&note)].concat();
            let fits = kept.is_empty() || {
                let extent = self.extent(notes, geometry, &more)?;
                later.is_empty() && extent.fits && extent.outer <= geometry.area.height
            };
            let list = if fits { &mut kept } else { &mut later };
            list.push(note);
        }
        let mut reserved = self.extent(notes, geometry, &kept)?.outer;
        if reserved >= geometry.area.height && !kept.is_empty() {
            // They take all of the page.
            let blank = Fragment::new(Kind::Group, geometry.size);
            let (area, rest) = self.note_area(notes, geometry, &kept)?;
            self.late_notes = rest.into_iter().chain(later).collect();
            let content = (blank, resume.cloned(), None);
            return Ok(Noted { content, area });
        }
        let mut content = self.root(root, geometry, resume, truncates, reserved)?;
        let calls = self.calls(&content.0, geometry);
        let mut barred = None;
        for call in &calls {
            if call.bottom > geometry.area.height - reserved + TOLERANCE {
                // Footnotes before it push its line to the next page.
                break;
            }
            let more = [kept.as_slice(), &[Note::whole(call.note)]].concat();
            let extent = self.extent(notes, geometry, &more)?;
            let room = geometry.area.height - extent.outer;
            if later.is_empty() && extent.fits && call.bottom <= room + TOLERANCE {
                kept = more;
                reserved = extent.outer;
                continue;
            }
            let policy = layout.tree.style(call.note).breaks.footnote;
            if policy != FootnotePolicy::Auto {
                barred = Some((call.note, policy == FootnotePolicy::Block));
                break;
            }
            later.push(Note::whole(call.note));
        }
        if !calls.is_empty() {
            layout.barred.set(barred.map(|(note, _)| note));
            layout
                .barred_block
                .set(barred.is_some_and(|(_, block)| block));
            let again = self.root(root, geometry, resume, truncates, reserved);
            layout.barred.set(None);
            layout.barred_block.set(false);
            content = again?;
            let shown = self.calls(&content.0, geometry);
            let first: Vec<BoxId> = calls.iter().map(|call| call.note).collect();
            let here = |note: &Note| {
                !first.contains(&note.id) || shown.iter().any(|call| call.note == note.id)
            };
            kept.retain(here);
            later.retain(here);
            // A line that nothing could move keeps its call here.
            for call in &shown {
                if !kept.iter().chain(&later).any(|note| note.id == call.note) {
                    later.push(Note::whole(call.note));
                }
                self.called.insert(call.note);
            }
        }
        let (area, rest) = self.note_area(notes, geometry, &kept)?;
        self.late_notes = rest.into_iter().chain(later).collect();
        Ok(Noted { content, area })
    }

    /// A page of footnotes alone, after the end of the document.
    pub(super) fn notes_only(
        &mut self,
        style: &PageStyle,
        geometry: &Geometry,
    ) -> Result<Option<NoteArea>, PressError> {
        let mut kept: Vec<Note> = Vec::new();
        let mut later = Vec::new();
        for note in std::mem::take(&mut self.late_notes) {
            let more = [kept.as_slice(), std::slice::from_ref(&note)].concat();
            let fits = later.is_empty() && {
                let extent = self.extent(&style.footnotes, geometry, &more)?;
                extent.fits && extent.outer <= geometry.area.height + TOLERANCE
            };
            if kept.is_empty() || fits {
                kept = more;
            } else {
                later.push(note);
            }
        }
        let (area, rest) = self.note_area(&style.footnotes, geometry, &kept)?;
        self.late_notes = rest.into_iter().chain(later).collect();
        Ok(area)
    }

    /// The footnotes called on a page that no page before called, in order.
    fn calls(&self, page: &Fragment, geometry: &Geometry) -> Vec<Call> {
        let mut calls = Vec::new();
        collect(page, Px::ZERO, &mut calls);
        let mut seen = Vec::new();
        calls.retain(|call| {
            let new = !self.called.contains(&call.note) && !seen.contains(&call.note);
            seen.push(call.note);
            new
        });
        for call in &mut calls {
            call.bottom -= geometry.area.y;
        }
        calls
    }

    /// Lays out `notes` below each other: their fragments, from the area's content box, and its height.
    /// One that is higher than `most` and alone is broken, and goes on at the third.
    fn stacked(
        &self,
        notes: &[Note],
        width: Px,
        most: Px,
    ) -> Result<(Fragment, Px, Option<Note>), PressError> {
        let layout = self.pages.layout;
        let mut stack = Fragment::new(Kind::Group, Size::default());
        let mut y = Px::ZERO;
        let mut margin = MarginSet::default();
        let mut rest = None;
        for (index, note) in notes.iter().enumerate() {
            let style = layout.tree.style(note.id);
            let used = used_edges(style, width);
            if note.resume.is_none() {
                margin = margin.adjoin(layout.own_start_margin(note.id, width));
            }
            y += margin.solve();
            let place = layout.place_block(note.id, &used, style, width, Px::ZERO, width);
            let mut space = Space::unbroken(width, None);
            if notes.len() == 1 {
                (space.left, space.page) = ((most - y).max(Px(1.0)), most.max(Px(1.0)));
            }
            let resume = note.resume.as_ref();
            let run = |space: Space| {
                let (floats, corner) = (&mut Floats::default(), Point::default());
                layout.layout(note.id, place.width, space, resume, floats, corner)
            };
            let mut outcome = run(space)?;
            let stuck = match &outcome {
                Outcome::Before => true,
                Outcome::Laid(laid) => (laid.resume.as_ref().zip(resume))
                    .is_some_and(|(next, before)| next.same_place(before)),
            };
            if stuck {
                outcome = run(Space::unbroken(width, None))?;
            }
            let Outcome::Laid(laid) = outcome else {
                continue;
            };
            rest = laid.resume.map(|resume| Note {
                id: note.id,
                resume: Some(resume),
            });
            let height = laid.fragment.size.height;
            stack.push(Point::new(place.x, y), Rc::new(laid.fragment), index);
            y += height;
            margin = laid.end;
        }
        Ok((stack, y + margin.solve(), rest))
    }

    /// How high the area is with `notes` in it.
    fn extent(
        &self,
        style: &ComputedStyle,
        geometry: &Geometry,
        notes: &[Note],
    ) -> Result<Extent, PressError> {
        if notes.is_empty() {
            return Ok(Extent {
                outer: Px::ZERO,
                fits: true,
            });
        }
        let used = used_edges(style, geometry.area.width);
        let width = geometry.area.width - used.margin_horizontal() - used.horizontal();
        let (_, content, _) = self.stacked(notes, width.max(Px::ZERO), Px::INFINITY)?;
        let inner = inner_height(style, geometry, used.vertical(), content);
        Ok(Extent {
            outer: inner + used.vertical() + used.margin_top() + used.margin_bottom(),
            fits: content <= inner + TOLERANCE,
        })
    }

    /// The area with `notes` at the foot of the page area, and what of them the page has no room for.
    fn note_area(
        &self,
        style: &ComputedStyle,
        geometry: &Geometry,
        notes: &[Note],
    ) -> Result<(Option<NoteArea>, Option<Note>), PressError> {
        if notes.is_empty() {
            return Ok((None, None));
        }
        let area = geometry.area;
        let used = used_edges(style, area.width);
        let width = area.width - used.margin_horizontal();
        let inner_width = (width - used.horizontal()).max(Px::ZERO);
        let margins = used.margin_top() + used.margin_bottom();
        let most = area.height - margins - used.vertical();
        let (stack, content, rest) = self.stacked(notes, inner_width, most)?;
        let inner = inner_height(style, geometry, used.vertical(), content);
        let height = inner + used.vertical();
        let left = area.x + used.margin.left.unwrap_or_default();
        let top = area.bottom() - used.margin_bottom() - height;
        let border = Rect::new(left, top, width.max(Px::ZERO), height);
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
            };
            layout.place_absolutes(&mut page, &against)?;
        }
        let notes = page;
        Ok((Some(NoteArea { border, notes }), rest))
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
fn inner_height(style: &ComputedStyle, geometry: &Geometry, edges: Px, content: Px) -> Px {
    let box_ = &style.box_;
    let resolve = |size: &Sizing| match size {
        Sizing::Size(length) => {
            let length = bounded(length.resolve(geometry.area.height));
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

/// The calls below `fragment`, whose upper edge is at `y`.
fn collect(fragment: &Fragment, y: Px, calls: &mut Vec<Call>) {
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
            }));
        }
        collect(&child.fragment, y, calls);
    }
}
