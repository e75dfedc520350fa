//! Absolutely positioned boxes that the page's end cuts, or that stand below it (CSS Fragmentation 3 §4.4: they
//! break like any other content, in the column of pages their containing block began in).

use super::positioned::Against;
use super::{BreakAbove, Floats, Layout, Outcome, Resume, Space, Step, TOLERANCE};
use crate::boxes::{BoxId, Content, InlineItem, InlineItemKind, contains_absolutes};
use crate::fragment::{BoxFragment, Child, DEEPEST, Fragment, Kind};
use fanfold_geometry::{Point, Px, Rect, Size};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::Position;
use fanfold_style::values::{AutoLength, Sizing};
use std::rc::Rc;

/// What the next page shows of an absolutely positioned box.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    pub(crate) id: BoxId,
    /// Its border-box width.
    pub(crate) width: Px,
    /// Its containing block, which percentages are of.
    area: Size,
    /// Its border-box height, where two insets say it.
    imposed: Option<Px>,
    /// It goes on in columns.
    aside: bool,
    /// Where in it; none where all of it is below the pages so far.
    resume: Option<Resume>,
    /// From the page's top to where it begins.
    down: Px,
    /// There is something to read or to look at in it, which a page of its own is made for.
    pub(crate) shows: bool,
}

/// A box as many pages further down is hidden there.
const FARTHEST: f32 = 100.0;

/// Absolutely positioned boxes in one another that are laid out anew for a better break: each multiplies what those
/// inside it cost.
const DEEPEST_CUT: u32 = 3;

/// What is below a page.
struct Below {
    /// Where its area ends.
    end: Px,
    /// Where it is not seen any more.
    visible: Px,
    /// From the area's end to where nothing is looked for.
    farthest: Px,
    /// Height of a whole page.
    page: Px,
}

impl Layout<'_> {
    /// The first piece of an absolutely positioned box laid out as `whole`, whose border box begins at `y`,
    /// and the rest of it. None where it is better left whole: it fits and no break inside it `forces` another
    /// page, or what is past the page's end is no content but its own height or a picture, as of a cover that
    /// fills the sheet.
    pub(super) fn cut_absolute(
        &self,
        id: BoxId,
        whole: &Fragment,
        (y, imposed, forces): (Px, Option<Px>, bool),
        against: &Against,
    ) -> Step<Option<(Fragment, Option<Rest>)>> {
        let (end, area) = (against.page_end, against.area);
        let aside = against.aside;
        let visible = if aside { end } else { end + self.bleed.get() };
        let size = whole.size;
        if !end.is_finite() {
            return Ok(None);
        }
        let depth = self.cutting.get();
        let lowest = if depth < DEEPEST_CUT {
            self.lowest(whole)
        } else {
            size.height
        };
        if y + lowest <= visible + TOLERANCE && (aside || !forces) {
            return Ok(None);
        }
        if self.is_transformed(id) {
            return Ok(None);
        }
        let page = against.page.max(Px(1.0));
        // In the margin, it stays where the greater part of it is seen.
        if y + Px(1.0) > end
            && is_off(whole, y, visible)
            && y - end < page * FARTHEST
            && self.is_movable(id)
            && !self.comes_back(whole, y, end, 0)
        {
            return Ok(Some(self.moved(id, whole, (y, imposed), against)));
        }
        if y + Px(1.0) > end {
            return Ok(None);
        }
        if matches!(self.tree.get(id).content, Content::Replaced(_)) {
            return Ok(None);
        }
        let space = Space {
            width: area.width,
            height: Some(area.height),
            left: end - y,
            page,
            at_top: true,
            break_above: BreakAbove::None,
            in_column: aside,
            aside,
        };
        let lay = |space: Space| {
            let (floats, corner) = (&mut Floats::default(), Point::default());
            let around = self
                .imposed
                .replace(imposed.filter(|_| aside).map(|height| (id, height)));
            self.cutting.set(depth + 1);
            let outcome = self.layout(id, size.width, space, None, floats, corner);
            self.cutting.set(depth);
            self.imposed.set(around);
            outcome
        };
        let Outcome::Laid(mut laid) = lay(space)? else {
            return Ok(None);
        };
        // On the page's top a line has to stay; further down it has more room on the next page.
        let begins_page = y <= end - page + TOLERANCE;
        if !begins_page && depth < DEEPEST_CUT && has_line_across(&laid.fragment, y, visible, 0) {
            match lay(Space {
                at_top: false,
                ..space
            })? {
                Outcome::Laid(higher) => laid = higher,
                Outcome::Before if self.is_movable(id) && !self.comes_back(whole, y, end, 0) => {
                    return Ok(Some(self.moved(id, whole, (y, imposed), against)));
                }
                Outcome::Before => {}
            }
        }
        let shown = |resume: &Resume| aside || self.shows_more(id, resume);
        let ends = laid.resume.is_none();
        let Some(resume) = laid.resume.filter(shown) else {
            if has_line_across(whole, y, visible, 0)
                && !has_line_across(&laid.fragment, y, visible, 0)
                && (ends || lines_of_text(whole, 0) == lines_of_text(&laid.fragment, 0))
            {
                // A margin that no page has room below is cut off, and all is there.
                return Ok(Some((laid.fragment, None)));
            }
            // Only boxes that are positioned in it go on.
            let goes_on = laid.fragment.has.rests && whole.size == laid.fragment.size;
            return Ok(goes_on.then_some((laid.fragment, None)));
        };
        let rest = Rest {
            id,
            width: size.width,
            area: Size::new(area.width, area.height),
            imposed,
            aside,
            resume: Some(resume),
            down: Px::ZERO,
            shows: true,
        };
        Ok(Some((laid.fragment, Some(rest))))
    }

    /// How far down a box laid out as `fragment` reaches, with what sticks out of it and what is positioned in it.
    fn lowest(&self, fragment: &Fragment) -> Px {
        self.lowest_of(fragment, 0, |_| true)
    }

    /// The same without the absolutely positioned boxes in it.
    fn lowest_in_flow(&self, fragment: &Fragment) -> Px {
        let absolute = |id: BoxId| self.tree.style(id).box_.position == Position::Absolute;
        self.lowest_of(fragment, 0, |child| {
            !child.as_box().is_some_and(|box_| absolute(box_.id))
        })
    }

    fn lowest_of(
        &self,
        fragment: &Fragment,
        depth: usize,
        counts: impl Fn(&Fragment) -> bool + Copy,
    ) -> Px {
        let height = fragment.size.height;
        let has = fragment.has;
        if !(has.layers || has.overfull || has.floats) || !self.goes_into(fragment, depth) {
            return height;
        }
        let below =
            |child: &Child| child.offset.y + self.lowest_of(&child.fragment, depth + 1, counts);
        let children = fragment.children.iter();
        let counted = children.filter(|child| counts(&child.fragment));
        counted.map(below).fold(height, Px::max)
    }

    /// Nothing of a box laid out as `whole`, whose border box begins at `y`: all of it is on later pages.
    fn moved(
        &self,
        id: BoxId,
        whole: &Fragment,
        (y, imposed): (Px, Option<Px>),
        against: &Against,
    ) -> (Fragment, Option<Rest>) {
        let area = against.area;
        let rest = Rest {
            id,
            width: whole.size.width,
            area: Size::new(area.width, area.height),
            imposed,
            aside: against.aside,
            resume: None,
            down: (y - against.page_end).max(Px::ZERO),
            shows: self.shows(id, whole),
        };
        (Fragment::new(Kind::Group, Size::default()), Some(rest))
    }

    /// The next piece of a box, on a page of `height`, and how far below the page's top it begins.
    pub(crate) fn next_piece(&self, rest: &Rest, height: Px) -> Step<(Px, Fragment, Option<Rest>)> {
        let nothing = || Fragment::new(Kind::Group, Size::default());
        let down = rest.down;
        // Less than that of a box is not seen, as on the page that it is placed on.
        if down > Px::ZERO && down + Px(1.0) > height {
            let rest = Rest {
                down: (down - height.max(Px(1.0))).max(Px::ZERO),
                ..rest.clone()
            };
            return Ok((Px::ZERO, nothing(), Some(rest)));
        }
        let space = Space {
            width: rest.area.width,
            height: Some(rest.area.height),
            left: height - down,
            page: height,
            at_top: true,
            break_above: BreakAbove::Unforced,
            in_column: rest.aside,
            aside: rest.aside,
        };
        let run = |space: Space| {
            let (floats, corner) = (&mut Floats::default(), Point::default());
            let imposed = rest.imposed.filter(|_| rest.aside);
            let around = self
                .imposed
                .replace(imposed.map(|height| (rest.id, height)));
            let outcome = self.layout(
                rest.id,
                rest.width,
                space,
                rest.resume.as_ref(),
                floats,
                corner,
            );
            self.imposed.set(around);
            outcome
        };
        let mut outcome = run(space)?;
        let stuck = match &outcome {
            Outcome::Before => true,
            Outcome::Laid(laid) => match (&laid.resume, &rest.resume) {
                (Some(next), Some(before)) => next.same_place(before),
                _ => false,
            },
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
            return Ok((down, nothing(), None));
        };
        let more = laid.resume;
        let more = more.filter(|resume| rest.aside || self.shows_more(rest.id, resume));
        let next = more.map(|resume| Rest {
            resume: Some(resume),
            down: Px::ZERO,
            ..rest.clone()
        });
        Ok((down, laid.fragment, next))
    }

    /// Takes the absolutely positioned boxes out of a page's fragment that are below its end, at `end`, and cuts
    /// those that reach below it: those in what was laid out in one piece, which does not know where the page ends.
    pub(crate) fn take_sunk(
        &self,
        fragment: &mut Fragment,
        end: Px,
        page: Px,
    ) -> Step<Vec<(Point, Rest)>> {
        let (mut found, at) = (Vec::new(), Point::default());
        let page = page.max(Px(1.0));
        let below = Below {
            end,
            visible: end + self.bleed.get(),
            farthest: page * FARTHEST,
            page,
        };
        if self.has_sunk(fragment, at, &below, 0) {
            self.take_sunk_of(fragment, at, &below, 0, &mut found)?;
        }
        Ok(found)
    }

    fn has_sunk(&self, fragment: &Fragment, at: Point, below: &Below, depth: usize) -> bool {
        let area = self.area_in(fragment);
        fragment.children.iter().any(|child| {
            let (at, own) = (at + child.offset, &child.fragment);
            own.has.layers
                && (self.sunk(own, at, below, area).is_some()
                    || self.straddles(own, at, below, area).is_some()
                    || (self.goes_into(own, depth) && self.has_sunk(own, at, below, depth + 1)))
        })
    }

    fn take_sunk_of(
        &self,
        fragment: &mut Fragment,
        at: Point,
        below: &Below,
        depth: usize,
        found: &mut Vec<(Point, Rest)>,
    ) -> Step<()> {
        let area = self.area_in(fragment);
        for child in fragment.children.iter_mut() {
            let (at, own) = (at + child.offset, &child.fragment);
            if !own.has.layers {
                continue;
            }
            if let Some(rest) = self.sunk(own, at, below, area) {
                found.push((at, rest));
                child.fragment = Rc::new(Fragment::new(Kind::Group, Size::default()));
                continue;
            }
            if let Some(id) = self.straddles(own, at, below, area)
                && let Some((mut piece, rest)) = self.cut_at(id, own, at, below, area)?
            {
                let rests = self.rests(&piece).into_iter();
                found.extend(rests.map(|(own, rest)| (at + own, rest)));
                piece.has.rests = false;
                found.extend(rest.map(|rest| (at, rest)));
                child.fragment = Rc::new(piece);
                continue;
            }
            if self.goes_into(own, depth) && self.has_sunk(own, at, below, depth + 1) {
                let own = Rc::make_mut(&mut child.fragment);
                self.take_sunk_of(own, at, below, depth + 1, found)?;
            }
        }
        Ok(())
    }

    /// The absolutely positioned box whose fragment begins on the page and reaches below it, laid out as if there
    /// were no end; `area` is that of its containing block.
    fn straddles(
        &self,
        fragment: &Fragment,
        at: Point,
        below: &Below,
        area: Option<Size>,
    ) -> Option<BoxId> {
        if at.y + Px(1.0) > below.end || fragment.has.rests {
            return None;
        }
        let whole = |box_: &&BoxFragment| box_.first && box_.last;
        let id = fragment.as_box().filter(whole)?.id;
        let style = self.tree.style(id);
        let movable = style.box_.position == Position::Absolute
            && (area.is_some() || !has_percentages(style))
            && at.y + self.lowest_in_flow(fragment) > below.visible + TOLERANCE
            && self.is_movable(id);
        movable.then_some(id)
    }

    /// The piece of the box `id` that is on the page, and the rest of it; none where it is better left whole.
    fn cut_at(
        &self,
        id: BoxId,
        whole: &Fragment,
        at: Point,
        below: &Below,
        area: Option<Size>,
    ) -> Step<Option<(Fragment, Option<Rest>)>> {
        let area = area.unwrap_or(whole.size);
        let against = Against {
            area: Rect::new(Px::ZERO, Px::ZERO, area.width, area.height),
            page_end: below.end,
            page: below.page,
            rtl: false,
            aside: false,
            least: -Px::INFINITY,
            cut: Px::ZERO,
        };
        let cut = self.cut_absolute(id, whole, (at.y, None, false), &against)?;
        Ok(cut.map(|(mut piece, rest)| {
            piece.has.layers = true;
            (piece, rest)
        }))
    }

    /// Whether what is below the page in `fragment` would be seen there: it neither clips nor moves it.
    fn goes_into(&self, fragment: &Fragment, depth: usize) -> bool {
        let holds = |id: BoxId| {
            let style = self.tree.style(id);
            style.box_.clips || style.effects.is_transformed()
        };
        depth < DEEPEST && !fragment.as_box().is_some_and(|box_| holds(box_.id))
    }

    /// What is left for later pages of a box that is below this one; `area` is its containing block's.
    fn sunk(
        &self,
        fragment: &Fragment,
        at: Point,
        below: &Below,
        area: Option<Size>,
    ) -> Option<Rest> {
        let size = fragment.size;
        let far = at.y + Px(1.0) > below.end
            && is_off(fragment, at.y, below.visible)
            && at.y - below.end < below.farthest;
        let id = fragment.as_box().filter(|box_| far && box_.first)?.id;
        let style = self.tree.style(id);
        if style.box_.position != Position::Absolute
            || area.is_none() && has_percentages(style)
            || !self.is_movable(id)
            || self.comes_back(fragment, at.y, below.end, 0)
        {
            return None;
        }
        Some(Rest {
            id,
            width: size.width,
            area: area.unwrap_or(size),
            imposed: None,
            aside: false,
            resume: None,
            down: (at.y - below.end).max(Px::ZERO),
            shows: self.shows(id, fragment),
        })
    }

    /// The extent of the containing block of the absolutely positioned boxes right inside of `fragment`; none
    /// where that is not its padding box, but an inline box or a grid area.
    fn area_in(&self, fragment: &Fragment) -> Option<Size> {
        let box_ = fragment.as_box().filter(|box_| box_.first && box_.last)?;
        if !contains_absolutes(self.tree.style(box_.id)) {
            return None;
        }
        match &self.tree.get(box_.id).content {
            Content::Grid(_) => return None,
            Content::Inline(inline)
                if inline
                    .boxes
                    .iter()
                    .any(|own| contains_absolutes(&own.style)) =>
            {
                return None;
            }
            _ => {}
        }
        let (size, border) = (fragment.size, box_.border);
        let area = Rect::new(Px::ZERO, Px::ZERO, size.width, size.height).inset(border);
        Some(Size::new(area.width, area.height))
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
                    // What comes after the rest of a picture is no part of it.
                    let after = &children[*child + 1..];
                    if after.iter().any(|next| self.has_own_text(*next, 0)) {
                        return true;
                    }
                    (id, resume) = (*next, inner);
                }
                (Resume::Blocks { .. } | Resume::Slice { .. }, _) => return false,
                _ => return true,
            }
        }
    }

    /// Whether there is text in the flow of the box `id`, or in its floats.
    fn has_own_text(&self, id: BoxId, depth: usize) -> bool {
        let box_ = self.tree.get(id);
        depth < DEEPEST
            && !box_.is_absolute()
            && match &box_.content {
                Content::Inline(inline) => {
                    let in_float = |item: &InlineItem| match item.kind {
                        InlineItemKind::Float(float) => self.has_own_text(float, depth + 1),
                        _ => false,
                    };
                    !inline.text.trim().is_empty() || inline.items.iter().any(in_float)
                }
                Content::Blocks(children) | Content::Flex(children) | Content::Grid(children) => {
                    children
                        .iter()
                        .any(|child| self.has_own_text(*child, depth + 1))
                }
                Content::Table(table) => !table.rows.is_empty(),
                Content::Replaced(_) => false,
            }
    }
}

/// Whether the greater part of `fragment`, whose top is at `top` below a page's area, is not seen there, or the end of
/// a line in it, which `visible` is across.
fn is_off(fragment: &Fragment, top: Px, visible: Px) -> bool {
    top + fragment.size.height / 2.0 > visible || has_line_across(fragment, top, visible, 0)
}

/// Whether a line with text in `fragment`, whose top is at `top`, reaches below `end`.
fn has_line_across(fragment: &Fragment, top: Px, end: Px, depth: usize) -> bool {
    depth < DEEPEST
        && fragment.children.iter().any(|child| {
            let (top, own) = (top + child.offset.y, &child.fragment);
            let text = matches!(&own.kind, Kind::Line(line) if !line.texts.is_empty());
            let across = text && top + own.size.height > end + TOLERANCE;
            across || has_line_across(own, top, end, depth + 1)
        })
}

/// How many lines with text are in `fragment`.
fn lines_of_text(fragment: &Fragment, depth: usize) -> usize {
    let lines = fragment.children.iter().map(|child| {
        let own = &child.fragment;
        let text = matches!(&own.kind, Kind::Line(line) if !line.texts.is_empty());
        let inner = match depth < DEEPEST {
            true => lines_of_text(own, depth + 1),
            false => 0,
        };
        usize::from(text) + inner
    });
    lines.sum()
}

/// Whether the size of a box of this style and width depends on its containing block.
fn has_percentages(style: &ComputedStyle) -> bool {
    let box_ = &style.box_;
    let (padding, margin) = (&box_.padding, &box_.margin);
    let heights = [&box_.height, &box_.min_height, &box_.max_height];
    heights
        .iter()
        .any(|height| matches!(height, Sizing::Size(size) if size.has_percentage()))
        || [padding.top, padding.right, padding.bottom, padding.left]
            .iter()
            .any(|padding| padding.has_percentage())
        || [margin.top, margin.right, margin.bottom, margin.left]
            .iter()
            .any(|margin| matches!(margin, AutoLength::Length(margin) if margin.has_percentage()))
}
