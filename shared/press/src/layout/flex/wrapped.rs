//! Flex columns side by side: `flex-flow: column wrap` in a container of a known height (§9.3 to §9.6).

use super::sizes::flexed_lengths;
use super::{align_lines, gap, justify};
use crate::boxes::{BoxId, Content};
use crate::fragment::Fragment;
use crate::layout::{Layout, Space, Step, TOLERANCE, Used, used_edges};
use fanfold_geometry::{Point, Px};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Alignment, FlexWrap};
use fanfold_style::values::Sizing;
use std::rc::Rc;

/// An item of a column.
struct Item {
    index: usize,
    id: BoxId,
    used: Used,
    laid: Fragment,
    /// Border-box height, and what it may shrink to.
    height: Px,
    least: Px,
}

impl Item {
    fn outer_width(&self) -> Px {
        self.laid.size.width + self.used.margin_horizontal()
    }

    fn outer_height(&self) -> Px {
        self.height + self.used.margin_top() + self.used.margin_bottom()
    }
}

impl Layout<'_> {
    /// Columns of at most `room`; gives the content height, and where its highest item ends at least.
    pub(super) fn flex_wrapped_column(
        &self,
        style: &ComputedStyle,
        items: &[BoxId],
        space: Space,
        room: Px,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<(Px, Px)> {
        let flex = &style.box_.flex;
        let between_rows = gap(flex.gap.0, space.height.unwrap_or_default());
        let between_columns = gap(flex.gap.1.unwrap_or_default(), space.width);
        let mut columns: Vec<Vec<Item>> = Vec::new();
        let (mut filled, mut bottom) = (Px::ZERO, Px::ZERO);
        for (index, id) in items.iter().copied().enumerate() {
            let item = self.column_item(index, id, space, room)?;
            let outer = item.outer_height();
            bottom = bottom.max(outer - item.height + item.least);
            match columns.last_mut() {
                Some(column) if filled + between_rows + outer <= room + TOLERANCE => {
                    filled += between_rows + outer;
                    column.push(item);
                }
                _ => {
                    filled = outer;
                    columns.push(vec![item]);
                }
            }
        }
        let content = space.height.unwrap_or_else(|| {
            let height = |column: &Vec<Item>| {
                let gaps = between_rows * column.len().saturating_sub(1) as f32;
                column.iter().map(Item::outer_height).sum::<Px>() + gaps
            };
            columns.iter().map(height).fold(Px::ZERO, Px::max)
        });
        let widths: Vec<Px> = columns
            .iter()
            .map(|column| column.iter().map(Item::outer_width).fold(Px::ZERO, Px::max))
            .collect();
        let gaps = between_columns * columns.len().saturating_sub(1) as f32;
        let free = space.width - widths.iter().copied().sum::<Px>() - gaps;
        let (more, before, between) = align_lines(flex.align_content, free, columns.len());
        // Columns follow one another in the inline direction, which `wrap-reverse` turns round.
        let flipped = (flex.wrap == FlexWrap::Reverse) != style.text.rtl;
        let mut x = before;
        for (column, width) in columns.into_iter().zip(widths) {
            let width = width + more;
            let left = if flipped { space.width - x - width } else { x };
            let column_space = Space {
                height: Some(content),
                ..space
            };
            let at = corner + Point::new(left, Px::ZERO);
            self.place_column(style, column, column_space, width, flipped, at, fragment)?;
            x += width + between_columns + between;
        }
        Ok((content, bottom))
    }

    /// An item at the width of its content, and the height it would like.
    fn column_item(&self, index: usize, id: BoxId, space: Space, room: Px) -> Step<Item> {
        let used = used_edges(self.tree.style(id), space.width);
        let available = (space.width - used.margin_horizontal()).max(Px::ZERO);
        let width = if matches!(self.tree.get(id).content, Content::Replaced(_)) {
            self.replaced_border_size(id, space.width, Some(room)).width
        } else {
            let shrunk = self.shrink(id, &used, available);
            let shrunk = self.ratio_width(id, &used, Some(room), shrunk);
            self.constrained_width(id, &used, space.width, shrunk)
        };
        let laid = self.layout_item(id, width, space.width, Some(room))?;
        let flexible = self.flexible_height(id, &used, &laid, room);
        let height = flexible.hypothetical();
        let least = if flexible.shrink > 0.0 {
            flexible.min.min(height)
        } else {
            height
        };
        Ok(Item {
            index,
            id,
            used,
            laid,
            height,
            least,
        })
    }

    /// Flexes and aligns the items of a column as wide as `width`, whose corner is `corner`.
    #[expect(clippy::too_many_arguments, reason = "the column and where it goes")]
    fn place_column(
        &self,
        style: &ComputedStyle,
        column: Vec<Item>,
        space: Space,
        width: Px,
        flipped: bool,
        corner: Point,
        fragment: &mut Fragment,
    ) -> Step<()> {
        let flex = &style.box_.flex;
        let room = space.height.unwrap_or_default();
        let gap = gap(flex.gap.0, room);
        let gaps = gap * column.len().saturating_sub(1) as f32;
        let margins: Px = column
            .iter()
            .map(|item| item.used.margin_top() + item.used.margin_bottom())
            .sum();
        let parts: Vec<_> = column
            .iter()
            .map(|item| self.flexible_height(item.id, &item.used, &item.laid, room))
            .collect();
        let heights = flexed_lengths(&parts, room - gaps - margins);
        let free = room - gaps - margins - heights.iter().copied().sum::<Px>();
        let autos: usize = column
            .iter()
            .map(|item| {
                usize::from(item.used.margin.top.is_none())
                    + usize::from(item.used.margin.bottom.is_none())
            })
            .sum();
        let share = if autos > 0 {
            free.max(Px::ZERO) / autos as f32
        } else {
            Px::ZERO
        };
        let (before, between) = if autos > 0 {
            (Px::ZERO, Px::ZERO)
        } else {
            justify(flex.justify_content, free, column.len())
        };
        let mut y = before;
        for (item, height) in column.into_iter().zip(heights) {
            let Item {
                index,
                id,
                used,
                mut laid,
                ..
            } = item;
            let own = self.tree.style(id);
            let alignment = self.alignment(style, id);
            let stretches = matches!(alignment, Alignment::Stretch | Alignment::Normal)
                && own.box_.width == Sizing::Auto
                && used.margin.left.is_some()
                && used.margin.right.is_some();
            if stretches && self.may_lay_again() {
                let wide = (width - used.margin_horizontal()).max(Px::ZERO);
                let wide = self.constrained_width(id, &used, space.width, wide);
                laid = self.item_of_height(id, wide, space.width, height)?;
            } else {
                self.reheighten(id, &mut laid, space.width, (height, Px::INFINITY))?;
            }
            let free = width - laid.size.width - used.margin_horizontal();
            let x = match (used.margin.left, used.margin.right) {
                (None, None) => free.max(Px::ZERO) / 2.0,
                (None, Some(_)) => free.max(Px::ZERO),
                (Some(left), None) => left,
                (Some(left), Some(_)) => match alignment {
                    Alignment::Center => free / 2.0 + left,
                    other if (other == Alignment::End) != flipped => free + left,
                    _ => left,
                },
            };
            let top = used.margin.top.unwrap_or(share);
            let bottom = used.margin.bottom.unwrap_or(share);
            let start = y + if flex.reverse { bottom } else { top };
            let down = if flex.reverse {
                room - start - height
            } else {
                start
            };
            let at = corner + Point::new(x, down);
            fragment.first_baseline = fragment
                .first_baseline
                .or(Some(super::first_baseline(&laid) + at.y));
            fragment.push(
                at + self.relative_offset(own, space.width, space.height),
                Rc::new(laid),
                index,
            );
            y = start + height + if flex.reverse { top } else { bottom } + gap + between;
        }
        Ok(())
    }
}
