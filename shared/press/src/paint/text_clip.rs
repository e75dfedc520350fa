//! Backgrounds that are seen where text is (CSS Backgrounds 4 §2.2, `background-clip: text`).

use super::line::owner;
use super::text::as_shapes;
use super::{Frame, Painter, is_layer};
use crate::boxes::{Content, InlineContent, Tree};
use crate::fragment::{DEEPEST, Fragment, Kind, LineFragment, TextPiece};
use crate::layout::Layout;
use fanfold_geometry::{Color, Point};
use fanfold_paint::{Item, Mask};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{BoxArea, Visibility};

/// Text that a background is cut to.
pub(super) struct ClippingText<'f> {
    line: &'f LineFragment,
    piece: &'f TextPiece,
    origin: Point,
    /// What it is painted in.
    color: Color,
}

/// Whether a background of `style` is seen where text is.
pub(super) fn clips_to_text(style: &ComputedStyle) -> bool {
    let background = &style.background;
    background.color_clip == BoxArea::Text
        || background
            .layers
            .iter()
            .any(|layer| layer.clip == BoxArea::Text)
}

/// The style of a piece of text on `line`.
pub(super) fn style_of<'t>(
    tree: &'t Tree,
    line: &LineFragment,
    content: &'t InlineContent,
    piece: &TextPiece,
) -> &'t ComputedStyle {
    match owner(content, piece) {
        Some(owner) => &content.boxes[owner as usize].style,
        None => tree.style(line.owner),
    }
}

impl<'a> Layout<'a> {
    /// What `line` is a line of: the first has content of its own where it is styled.
    pub(crate) fn content_of(&self, line: &LineFragment) -> Option<&'a InlineContent> {
        let Content::Inline(content) = &self.tree.get(line.owner).content else {
            return None;
        };
        Some(match &content.first_line {
            Some(first_line) if line.first => &first_line.content,
            _ => content,
        })
    }
}

impl Painter<'_> {
    /// A background that is seen where `texts` are. Those that are transparent are still there to be found.
    pub(super) fn background_at_text(
        &mut self,
        frame: &Frame,
        style: &ComputedStyle,
        texts: &[ClippingText<'_>],
    ) {
        let draw = |painter: &mut Self, text: &ClippingText<'_>, color: Color| {
            let paragraph = &text.line.shaped.paragraph;
            painter.glyphs(paragraph, text.piece, text.origin, color);
        };
        let page = std::mem::take(&mut self.sheet.items);
        for text in texts {
            draw(self, text, Color::BLACK);
        }
        let mut mask = std::mem::replace(&mut self.sheet.items, page);
        as_shapes(&mut mask);
        self.background_in(frame, style, None, &mask);
        for text in texts.iter().filter(|text| text.color.is_transparent()) {
            draw(self, text, text.color);
        }
    }

    /// Begins what is seen at `text` alone, where that is what `clip` says.
    pub(super) fn push_text(&mut self, clip: BoxArea, text: &[Item]) -> bool {
        let clips = clip == BoxArea::Text;
        if clips {
            self.sheet.items.push(Item::PushMask(Box::new(Mask {
                items: text.to_vec(),
                luminance: false,
            })));
        }
        clips
    }

    /// The text in `fragment`, but for what has a layer of its own.
    pub(super) fn texts_below<'f>(
        &self,
        fragment: &'f Fragment,
        at: Point,
        depth: usize,
        found: &mut Vec<ClippingText<'f>>,
    ) {
        for child in fragment.children.iter().filter(|_| depth < DEEPEST) {
            let at = at + child.offset;
            let style = child
                .fragment
                .as_box()
                .map(|box_| self.layout.tree.style(box_.id));
            if style.is_some_and(is_layer) {
                continue;
            }
            if let Kind::Line(line) = &child.fragment.kind
                && let Some(content) = self.layout.content_of(line)
            {
                let pieces = line.texts.iter();
                found.extend(pieces.filter_map(|piece| self.clipping(line, content, piece, at)));
            }
            self.texts_below(&child.fragment, at, depth + 1, found);
        }
    }

    /// The text of the inline box with index `index` on `line`.
    pub(super) fn texts_in<'f>(
        &self,
        line: &'f LineFragment,
        content: &InlineContent,
        index: u32,
        at: Point,
    ) -> Vec<ClippingText<'f>> {
        let inside = |piece: &&TextPiece| {
            let mut next = owner(content, piece);
            while let Some(own) = next.filter(|own| *own != index) {
                next = content.boxes[own as usize].parent;
            }
            next.is_some()
        };
        let pieces = line.texts.iter().filter(inside);
        pieces
            .filter_map(|piece| self.clipping(line, content, piece, at))
            .collect()
    }

    fn clipping<'f>(
        &self,
        line: &'f LineFragment,
        content: &InlineContent,
        piece: &'f TextPiece,
        at: Point,
    ) -> Option<ClippingText<'f>> {
        let style = style_of(self.layout.tree, line, content, piece);
        (style.text.visibility == Visibility::Visible).then(|| ClippingText {
            line,
            piece,
            origin: Point::new(at.x + piece.x, at.y + piece.baseline),
            color: style.text.fill.unwrap_or(style.text.color),
        })
    }
}
