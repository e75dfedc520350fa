//! Absolutely positioned boxes that the page's end cuts (CSS Fragmentation 3 §4.4: they break like any
//! other content, in the column of pages their containing block began in).

use super::positioned::Against;
use super::{BreakAbove, Floats, Layout, Outcome, Resume, Space, Step, TOLERANCE};
use crate::boxes::{BoxId, Content};
use crate::fragment::{Fragment, Kind};
use fanfold_geometry::{Point, Px, Size};

/// What the next page shows of an absolutely positioned box.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    id: BoxId,
    /// Its border-box width.
    width: Px,
    /// Its containing block, which percentages are of.
    area: Size,
    resume: Resume,
}

impl Layout<'_> {
    /// The first piece of an absolutely positioned box whose border box begins at `y`, and the rest of
    /// it. None where it is better left whole: it fits, or what is past the page's end is no content
    /// but its own height or a picture, as of a cover that fills the sheet.
    pub(super) fn cut_absolute(
        &self,
        id: BoxId,
        whole: Size,
        y: Px,
        against: &Against,
    ) -> Step<Option<(Fragment, Rest)>> {
        let (end, area) = (against.page_end, against.area);
        let visible = end + self.bleed.get();
        if !end.is_finite() || y + whole.height <= visible + TOLERANCE || y + Px(1.0) > end {
            return Ok(None);
        }
        if matches!(self.tree.get(id).content, Content::Replaced(_)) {
            return Ok(None);
        }
        let space = Space {
            width: area.width,
            height: Some(area.height),
            left: end - y,
            page: against.page.max(Px(1.0)),
            at_top: true,
            break_above: BreakAbove::None,
            in_column: false,
        };
        let (floats, corner) = (&mut Floats::default(), Point::default());
        let outcome = self.layout(id, whole.width, space, None, floats, corner)?;
        let Outcome::Laid(laid) = outcome else {
            return Ok(None);
        };
        let Some(resume) = laid.resume.filter(|resume| self.shows_more(id, resume)) else {
            return Ok(None);
        };
        let rest = Rest {
            id,
            width: whole.width,
            area: Size::new(area.width, area.height),
            resume,
        };
        Ok(Some((laid.fragment, rest)))
    }

    /// The next piece of a box, on a page of `height`.
    pub(crate) fn next_piece(&self, rest: &Rest, height: Px) -> Step<(Fragment, Option<Rest>)> {
        let space = Space {
            width: rest.area.width,
            height: Some(rest.area.height),
            left: height,
            page: height,
            at_top: true,
            break_above: BreakAbove::Unforced,
            in_column: false,
        };
        let run = |space: Space| {
            let (floats, corner) = (&mut Floats::default(), Point::default());
            self.layout(
                rest.id,
                rest.width,
                space,
                Some(&rest.resume),
                floats,
                corner,
            )
        };
        let mut outcome = run(space)?;
        let stuck = match &outcome {
            Outcome::Before => true,
            Outcome::Laid(laid) => laid
                .resume
                .as_ref()
                .is_some_and(|next| next.same_place(&rest.resume)),
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
            return Ok((Fragment::new(Kind::Group, Size::default()), None));
        };
        let more = laid.resume;
        let more = more.filter(|resume| self.shows_more(rest.id, resume));
        let next = more.map(|resume| Rest {
            resume,
            ..rest.clone()
        });
        Ok((laid.fragment, next))
    }

    /// The boxes that go on after the page `fragment`, and where they are on it.
    pub(crate) fn rests(&self, fragment: &Fragment) -> Vec<(Point, Rest)> {
        let mut found = Vec::new();
        self.collect_rests(fragment, Point::default(), &mut found);
        found
    }

    fn collect_rests(&self, fragment: &Fragment, at: Point, found: &mut Vec<(Point, Rest)>) {
        for child in &fragment.children {
            if !child.fragment.has.rests {
                continue;
            }
            let at = at + child.offset;
            match &child.fragment.kind {
                Kind::Rest(rest) => found.push((at, (**rest).clone())),
                // What a box clips at its own lower edge stays hidden.
                Kind::Box(box_) if box_.last && self.tree.style(box_.id).box_.clips => {}
                _ => self.collect_rests(&child.fragment, at, found),
            }
        }
    }

    /// Whether there is content from `resume` on, not only height or the rest of a picture.
    fn shows_more(&self, id: BoxId, resume: &Resume) -> bool {
        let (mut id, mut resume) = (id, resume);
        loop {
            match (resume, &self.tree.get(id).content) {
                (
                    Resume::Blocks {
                        child,
                        inner,
                        floats,
                        ..
                    },
                    Content::Blocks(children),
                ) => {
                    if !floats.is_empty() {
                        return true;
                    }
                    let Some(next) = children.get(*child) else {
                        return false;
                    };
                    let Some(inner) = inner else { return true };
                    (id, resume) = (*next, inner);
                }
                (Resume::Blocks { .. } | Resume::Slice { .. }, _) => return false,
                _ => return true,
            }
        }
    }
}
