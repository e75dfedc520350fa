//! Lines that most text is of: one run from left to right in the block container's own style.

use super::{LineInput, LineRange, line_align};
use crate::fragment::{Fragment, Kind, LineFragment, TextPiece};
use crate::layout::Layout;
use crate::layout::lines::Context;
use fanfold_geometry::{Px, Size};
use fanfold_style::computed::{Ellipsis, TextAlign, UnicodeBidi};
use smallvec::smallvec;
use std::rc::Rc;

impl Layout<'_> {
    /// The line box of `input` as [`Layout::line`] makes it, where it is plain.
    pub(super) fn plain_line(&self, cx: &Context<'_>, input: &LineInput) -> Option<Fragment> {
        let ([span], [run]) = (&cx.content.spans[..], &cx.shaped.paragraph.runs[..]) else {
            return None;
        };
        let style = cx.style;
        let LineRange { start, .. } = input.range;
        let plain = span.is_text()
            && span.owner.is_none()
            && cx.content.items.is_empty()
            && cx.content.boxes.is_empty()
            && start < input.kept
            && input.hung <= input.kept
            && input.tabs.is_empty()
            && !input.hyphen
            && input.clamp.is_none()
            && (run.level, cx.shaped.paragraph.base_level) == (0, 0)
            && !style.text.rtl
            && style.box_.unicode_bidi != UnicodeBidi::Plaintext
            && self.first_face_id(style) == run.face;
        if !plain {
            return None;
        }
        let mut pieces = cx
            .shaped
            .paragraph
            .visual(start as usize..input.kept as usize);
        let piece = pieces.pop().filter(|_| pieces.is_empty())?;
        let width = cx.shaped.paragraph.width(piece.range.clone());
        let free = input.room - input.indent - width;
        let box_ = &self.tree.style(cx.id).box_;
        if box_.clips && free < -crate::layout::TOLERANCE && box_.text_overflow != Ellipsis::None {
            return None;
        }
        let shift = match line_align(style, false, input.ends) {
            TextAlign::Justify => return None,
            TextAlign::Center | TextAlign::LegacyCenter => (free / 2.0).max(Px::ZERO),
            TextAlign::Right | TextAlign::LegacyRight => free,
            _ => Px::ZERO,
        };
        let baseline = input.strut.above();
        let height = (input.strut.below() + baseline).max(Px::ZERO);
        let text = TextPiece {
            run: Some(piece),
            x: shift + input.indent,
            baseline,
            width,
            ..TextPiece::of(0)
        };
        let line = LineFragment {
            owner: cx.id,
            shaped: Rc::clone(&cx.shaped),
            first: cx.first,
            ends: input.last,
            texts: smallvec![text],
            boxes: Vec::new(),
            start,
            used: input.room - free,
            notes: Vec::new(),
        };
        let size = Size::new(input.room, height);
        let mut fragment = Fragment::new(Kind::Line(Box::new(line)), size);
        fragment.first_baseline = Some(baseline);
        fragment.last_baseline = Some(baseline);
        Some(fragment)
    }
}
