//! Tables: captions, and rows over pages with header and footer repeated (CSS 2.2 §17, CSS Tables 3).

mod break_row;
mod grid;
mod heights;
mod page;
mod positioned;
mod repeated;
mod resume;
mod row;
mod rows;

pub(crate) use self::resume::TableResume;
use super::columns::{Column, Columns};
use super::{
    Floats, Laid, Layout, MarginSet, Outcome, Resume, Space, Step, TOLERANCE, Used, used_edges,
};
use crate::boxes::{BoxId, Content, TableBox};
use crate::fragment::{Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};
use std::rc::Rc;

/// What a table keeps between its pages.
#[derive(Debug, Default)]
pub(crate) struct TableCache {
    /// What the columns ask for at any width.
    pub(crate) asked: Option<Rc<[Column]>>,
    /// Columns at a width.
    pub(crate) columns: Option<(Px, Rc<Columns>)>,
    /// Header and footer at a width.
    repeated: [Option<(Px, Rc<repeated::Repeated>)>; 2],
    /// What the table's own height makes of its rows.
    stretched: Option<heights::Stretched>,
}

/// What a table wrapper has from top to bottom (CSS 2.2 §17.4).
#[derive(Clone, Copy)]
enum Part {
    Caption(BoxId),
    Grid,
}

impl Layout<'_> {
    /// A table's fragment, captions included.
    pub(super) fn table(
        &self,
        id: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<Outcome> {
        let Content::Table(table) = &self.tree.get(id).content else {
            return Ok(Outcome::Before);
        };
        let resume = match resume {
            Some(Resume::Table(resume)) => Some(&**resume),
            _ => None,
        };
        if table.captions.is_empty() {
            let grid = resume.and_then(|resume| resume.grid.as_ref());
            return self.grid(id, table, width, space, grid);
        }
        self.wrapper(id, table, width, space, resume)
    }

    /// Captions and grid one below the other.
    fn wrapper(
        &self,
        id: BoxId,
        table: &TableBox,
        width: Px,
        space: Space,
        resume: Option<&TableResume>,
    ) -> Step<Outcome> {
        let below = |caption: &BoxId| self.tree.style(*caption).text.caption_bottom;
        let captions = |bottom: bool| {
            let captions = table.captions.iter().copied();
            captions.filter(move |caption| below(caption) == bottom)
        };
        let mut parts: Vec<Part> = captions(false).map(Part::Caption).collect();
        parts.push(Part::Grid);
        parts.extend(captions(true).map(Part::Caption));
        let start = resume.map_or(0, |resume| resume.part);
        let mut outer = Fragment::new(Kind::Group, Size::new(width, Px::ZERO));
        let mut y = Px::ZERO;
        let mut placed = false;
        for (index, part) in parts.iter().copied().enumerate().skip(start) {
            let from = resume.filter(|_| index == start);
            let room = Space {
                left: space.left - y,
                at_top: space.at_top && !placed,
                ..space
            };
            let (outcome, margins) = match part {
                Part::Grid => {
                    let from = from.and_then(|resume| resume.grid.as_ref());
                    (
                        self.grid(id, table, width, room, from)?,
                        (Px::ZERO, Px::ZERO),
                    )
                }
                Part::Caption(caption) => {
                    let from = from.and_then(|resume| resume.caption.as_ref());
                    let margins = self.caption_margins(caption, width, from.is_some());
                    let room = Space {
                        left: room.left - margins.0,
                        ..room
                    };
                    (self.caption(caption, width, room, from)?, margins)
                }
            };
            let Outcome::Laid(laid) = outcome else {
                if !placed {
                    return Ok(Outcome::Before);
                }
                let resume = TableResume::part(index);
                return Ok(Outcome::Laid(broken(outer, y, resume, None)));
            };
            placed = true;
            let at = match part {
                Part::Caption(caption) => {
                    let style = self.tree.style(caption);
                    let left = used_edges(style, width).margin.left.unwrap_or_default();
                    Point::new(left, Px::ZERO) + self.relative_offset(style, width, None)
                }
                Part::Grid => {
                    let moved = |baseline: Option<Px>| baseline.map(|baseline| baseline + y);
                    outer.first_baseline = moved(laid.fragment.first_baseline);
                    outer.last_baseline = moved(laid.fragment.last_baseline);
                    Point::default()
                }
            };
            let top = y + margins.0;
            y = top + laid.fragment.size.height;
            let at = at + Point::new(Px::ZERO, top);
            outer.push(at, Rc::new(laid.fragment), index);
            if let Some(resume) = laid.resume {
                let resume = match (part, resume) {
                    (Part::Grid, Resume::Table(inner)) => TableResume {
                        part: index,
                        ..*inner
                    },
                    (_, inner) => TableResume {
                        caption: Some(inner),
                        ..TableResume::part(index)
                    },
                };
                return Ok(Outcome::Laid(broken(outer, y, resume, laid.forced)));
            }
            y += margins.1;
        }
        outer.size.height = y;
        let used = used_edges(self.tree.style(id), space.width);
        Ok(Outcome::Laid(Laid {
            end: MarginSet::of(used.margin_bottom()),
            ..Laid::whole(outer)
        }))
    }

    fn caption_margins(&self, caption: BoxId, width: Px, continued: bool) -> (Px, Px) {
        let used = used_edges(self.tree.style(caption), width);
        let above = if continued {
            Px::ZERO
        } else {
            used.margin_top()
        };
        (above, used.margin_bottom())
    }

    fn caption(
        &self,
        caption: BoxId,
        width: Px,
        space: Space,
        resume: Option<&Resume>,
    ) -> Step<Outcome> {
        let used = used_edges(self.tree.style(caption), width);
        let inner = (width - used.margin_horizontal()).max(used.horizontal());
        let space = Space {
            width,
            height: None,
            ..space
        };
        let mut floats = Floats::default();
        self.layout(caption, inner, space, resume, &mut floats, Point::default())
    }
}

/// A wrapper that goes on at `resume`.
fn broken(
    mut outer: Fragment,
    height: Px,
    resume: TableResume,
    forced: Option<super::Forced>,
) -> Laid {
    outer.size.height = height;
    Laid {
        resume: Some(Resume::Table(Box::new(resume))),
        forced,
        ..Laid::whole(outer)
    }
}
