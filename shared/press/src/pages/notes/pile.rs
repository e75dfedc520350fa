//! Footnotes in their area: below each other, or on one line (CSS GCPM 3 §2.6).

use super::{Note, Shape, State};
use crate::PressError;
use crate::boxes::{BoxId, Content};
use crate::fragment::{Fragment, Kind, LineFragment};
use crate::layout::{MarginSet, TOLERANCE};
use fanfold_geometry::{Point, Px};
use fanfold_style::computed::FootnoteDisplay;

/// How high the footnotes of an area are together.
#[derive(Clone, Copy, Default)]
pub(super) struct Pile {
    y: Px,
    /// What adjoins the next one's margin.
    margin: MarginSet,
    /// The last one's last line, where the next may go on.
    line: Option<LineEnd>,
}

/// The end of a line that another footnote may go on after.
#[derive(Clone, Copy)]
pub(super) struct LineEnd {
    /// How much of its width is taken.
    used: Px,
    /// Its upper edge, baseline and lower edge, from the top of the area's content.
    top: Px,
    baseline: Px,
    bottom: Px,
    note: BoxId,
    /// Footnotes on it, when they have no other lines and so can be moved down with it.
    movable: Option<usize>,
}

/// A footnote on the last line of the one before.
pub(super) struct Joined {
    pub(super) at: Point,
    pub(super) fragment: Fragment,
    /// The lower edge of both.
    pub(super) bottom: Px,
    pub(super) line: Option<LineEnd>,
    /// How far down, and how many, the footnotes before it move, as it is higher than their line.
    pub(super) down: (Px, usize),
}

impl Pile {
    pub(super) fn height(self) -> Px {
        self.y + self.margin.solve()
    }
}

impl State<'_, '_> {
    /// `pile` with `note` after it; infinitely high where no page has room for the note.
    pub(super) fn piled(
        &self,
        pile: Pile,
        note: &Note,
        shape: &Shape<'_>,
    ) -> Result<Pile, PressError> {
        if let Some(joined) = self.joined(pile.line, note, shape)? {
            return Ok(Pile {
                y: pile.y.max(joined.bottom),
                margin: MarginSet::default(),
                line: joined.line,
            });
        }
        let layout = self.pages.layout;
        let start = match note.resume {
            Some(_) => MarginSet::default(),
            None => layout.own_start_margin(note.id, shape.width),
        };
        let y = pile.y + pile.margin.adjoin(start).solve();
        // No more of a long one is laid out than a page could show.
        let most = shape.most.max(Px(1.0));
        let laid = match self.laid_note(note, shape, most)? {
            Some((_, laid)) if laid.resume.is_some() && laid.forced.is_none() => {
                return Ok(Pile {
                    y: Px::INFINITY,
                    ..pile
                });
            }
            Some((_, laid)) if laid.resume.is_none() => Some(laid),
            _ => (self.laid_note(note, shape, Px::INFINITY)?).map(|(_, laid)| laid),
        };
        Ok(match laid {
            Some(laid) => Pile {
                y: y + laid.fragment.size.height,
                margin: laid.end,
                line: self.line_end(note, &laid.fragment, y),
            },
            None => Pile {
                y,
                ..Pile::default()
            },
        })
    }

    /// `note` after what is on `line`, where its style and the room there let it.
    pub(super) fn joined(
        &self,
        line: Option<LineEnd>,
        note: &Note,
        shape: &Shape<'_>,
    ) -> Result<Option<Joined>, PressError> {
        let layout = self.pages.layout;
        let display = layout.tree.style(note.id).breaks.footnote_display;
        let inline = matches!(layout.tree.get(note.id).content, Content::Inline(_));
        let Some(line) = line.filter(|_| inline && display != FootnoteDisplay::Block) else {
            return Ok(None);
        };
        let rtl = |id: BoxId| layout.tree.style(id).text.rtl;
        if note.resume.is_some() || rtl(note.id) != rtl(line.note) {
            return Ok(None);
        }
        let around = layout.lead.replace(Some((note.id, line.used)));
        let laid = self.laid_note(note, shape, Px::INFINITY);
        layout.lead.set(around);
        let Some((x, laid)) = laid? else {
            return Ok(None);
        };
        let Some((first_bottom, first)) = lines(&laid.fragment).next() else {
            return Ok(None);
        };
        let sticks_out = first.used > shape.width + TOLERANCE;
        let wraps = lines(&laid.fragment).nth(1).is_some();
        if sticks_out && (display == FootnoteDisplay::Compact || self.parts(line.note, note.id))
            || wraps && display == FootnoteDisplay::Compact
        {
            return Ok(None);
        }
        // Elsewhere than at the start it would be on what is there.
        if !layout.fills_line(note.id, first.ends) {
            return Ok(None);
        }
        let y = line.baseline - laid.fragment.first_baseline.unwrap_or_default();
        if wraps && y + first_bottom < line.bottom - TOLERANCE {
            return Ok(None);
        }
        let down = (line.top - y).max(Px::ZERO);
        let moved = match line.movable {
            None if down > TOLERANCE => return Ok(None),
            count => count.unwrap_or_default(),
        };
        let y = y + down;
        let bottom = (y + laid.fragment.size.height).max(line.bottom + down);
        let end = self
            .line_end(note, &laid.fragment, y)
            .map(|end| match wraps {
                true => end,
                false => LineEnd {
                    top: line.top,
                    bottom,
                    movable: line.movable.map(|before| before + 1),
                    ..end
                },
            });
        Ok(Some(Joined {
            at: Point::new(x, y),
            bottom,
            line: end,
            fragment: laid.fragment,
            down: (down, moved),
        }))
    }

    /// The line that a footnote after `note`, whose fragment begins at `y`, may go on after.
    pub(super) fn line_end(&self, note: &Note, fragment: &Fragment, y: Px) -> Option<LineEnd> {
        let found = self.pages.layout.tree.get(note.id);
        let display = found.style.breaks.footnote_display;
        let Content::Inline(_) = found.content else {
            return None;
        };
        let (last, line) = lines(fragment).last()?;
        let several = lines(fragment).nth(1).is_some();
        if display == FootnoteDisplay::Block || several && display == FootnoteDisplay::Compact {
            return None;
        }
        // A line that is moved to the end, or stretched, has no room after it.
        if !self.pages.layout.starts_line(note.id, line.ends) {
            return None;
        }
        let height = fragment.children.iter().rev().find_map(|child| {
            matches!(child.fragment.kind, Kind::Line(_)).then_some(child.fragment.size.height)
        });
        let top = match several {
            true => y + last - height.unwrap_or_default(),
            false => y,
        };
        let segments = &line.shaped.segments;
        Some(LineEnd {
            top,
            movable: (!several).then_some(1),
            // What vanishes at a line's end is between the two here.
            used: line.used
                + segments
                    .last()
                    .map_or(Px::ZERO, |last| last.trailing - last.hanging),
            baseline: y + fragment.last_baseline.unwrap_or(last),
            bottom: y + fragment.size.height,
            note: note.id,
        })
    }

    /// Whether a line may end between two footnotes: not within what reads as a word.
    fn parts(&self, before: BoxId, after: BoxId) -> bool {
        let tree = self.pages.layout.tree;
        let text = |id: BoxId| match &tree.get(id).content {
            Content::Inline(inline) => &*inline.text,
            _ => "",
        };
        let last = text(before).chars().next_back();
        let first = text(after).chars().next();
        !(last.is_some_and(char::is_alphanumeric) && first.is_some_and(char::is_alphanumeric))
    }
}

/// The lines of a paragraph's fragment, with the lower edge of each.
fn lines(fragment: &Fragment) -> impl Iterator<Item = (Px, &LineFragment)> {
    let children = fragment.children.iter();
    children.filter_map(|child| match &child.fragment.kind {
        Kind::Line(line) => Some((child.offset.y + child.fragment.size.height, &**line)),
        _ => None,
    })
}
