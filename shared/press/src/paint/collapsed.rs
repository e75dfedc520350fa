//! Collapsed borders of a table (CSS 2.2 §17.6.2).

use super::Painter;
use crate::fragment::BorderLine;
use fanfold_geometry::{Color, Point, Px, Rect};
use fanfold_paint::Item;
use fanfold_style::computed::LineStyle;

impl Painter<'_> {
    /// The lines of a table's grid, the ones that win later.
    pub(super) fn collapsed(&mut self, lines: &[BorderLine], at: Point) {
        for line in lines {
            let place = line.at + at;
            let rect = Rect::new(place.x, place.y, line.size.width, line.size.height);
            let (side, color) = (line.side, line.side.color);
            if color.is_transparent() {
                continue;
            }
            match side.style {
                LineStyle::None | LineStyle::Hidden => {}
                LineStyle::Dotted | LineStyle::Dashed => {
                    let half = side.width / 2.0;
                    let (from, to) = if line.vertical {
                        let x = rect.x + half;
                        (Point::new(x, rect.y), Point::new(x, rect.bottom()))
                    } else {
                        let y = rect.y + half;
                        (Point::new(rect.x, y), Point::new(rect.right(), y))
                    };
                    self.dashed(from, to, side, side.width);
                }
                LineStyle::Double if side.width.0 >= 3.0 => {
                    self.stripe(line, rect, 0.0, 1.0 / 3.0, color);
                    self.stripe(line, rect, 2.0 / 3.0, 1.0, color);
                }
                // Inset is ridge and outset is groove here (§17.6.3).
                LineStyle::Ridge | LineStyle::Inset => {
                    self.stripe(line, rect, 0.0, 0.5, color);
                    self.stripe(line, rect, 0.5, 1.0, dark(color));
                }
                LineStyle::Groove | LineStyle::Outset => {
                    self.stripe(line, rect, 0.0, 0.5, dark(color));
                    self.stripe(line, rect, 0.5, 1.0, color);
                }
                LineStyle::Solid | LineStyle::Double | LineStyle::Control => {
                    self.sheet.items.push(Item::FillRect(rect, color));
                }
            }
        }
    }

    /// A part of a line's thickness.
    fn stripe(&mut self, line: &BorderLine, rect: Rect, from: f32, to: f32, color: Color) {
        let part = |start: Px, extent: Px| (start + extent * from, extent * (to - from));
        let rect = if line.vertical {
            let (x, width) = part(rect.x, rect.width);
            Rect { x, width, ..rect }
        } else {
            let (y, height) = part(rect.y, rect.height);
            Rect { y, height, ..rect }
        };
        self.sheet.items.push(Item::FillRect(rect, color));
    }
}

/// The side away from the light.
fn dark(color: Color) -> Color {
    Color {
        r: color.r * 0.5,
        g: color.g * 0.5,
        b: color.b * 0.5,
        a: color.a,
        cmyk: None,
    }
}
