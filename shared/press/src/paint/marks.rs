//! Marks for the print shop beside a page (CSS Paged Media 3 §7.2): in the bleed, half as long as it is wide.

use super::Painter;
use fanfold_geometry::{Color, Point, Px, Rect};
use fanfold_paint::{Item, LineCap, LineJoin, Path, PathSegment, Stroke};
use fanfold_style::computed::Marks;

/// Lines to cut along are to be seen at a glance, crosses to be aligned exactly.
const CROP_WIDTH: Px = Px(1.0);
const CROSS_WIDTH: Px = Px(0.5);

/// From one point to another.
type Line = ((Px, Px), (Px, Px));

impl Painter<'_> {
    /// Draws what `marks` asks for around `page`, whose sheet reaches `bleed` beyond it.
    pub(super) fn marks_beside(&mut self, marks: Marks, page: Rect, bleed: Px) {
        if bleed <= Px::ZERO {
            return;
        }
        let half = bleed / 2.0;
        let quarter = bleed / 4.0;
        let sides = |start: Px, end: Px| [(start, start - bleed, 1.0), (end, end + bleed, -1.0)];
        if marks.crop {
            let mut lines = Vec::new();
            for (x, outer_x, to_x) in sides(page.x, page.right()) {
                for (y, outer_y, to_y) in sides(page.y, page.bottom()) {
                    lines.push(((outer_x, y), (outer_x + half * to_x, y)));
                    lines.push(((x, outer_y), (x, outer_y + half * to_y)));
                }
            }
            self.mark(&lines, CROP_WIDTH);
        }
        if marks.cross {
            let mut lines = Vec::new();
            let (middle_x, middle_y) = (page.x + page.width / 2.0, page.y + page.height / 2.0);
            for (_, outer, inwards) in sides(page.x, page.right()) {
                let x = outer + quarter * inwards;
                lines.push(((outer, middle_y), (outer + half * inwards, middle_y)));
                lines.push(((x, middle_y - quarter), (x, middle_y + quarter)));
            }
            for (_, outer, inwards) in sides(page.y, page.bottom()) {
                let y = outer + quarter * inwards;
                lines.push(((middle_x, outer), (middle_x, outer + half * inwards)));
                lines.push(((middle_x - quarter, y), (middle_x + quarter, y)));
            }
            self.mark(&lines, CROSS_WIDTH);
        }
    }

    fn mark(&mut self, lines: &[Line], width: Px) {
        let point = |(x, y): (Px, Px)| Point::new(x, y);
        let segments = lines.iter().flat_map(|(from, to)| {
            [
                PathSegment::Move(point(*from)),
                PathSegment::Line(point(*to)),
            ]
        });
        let path = Path {
            segments: segments.collect(),
        };
        let stroke = Stroke {
            width,
            color: Color::BLACK,
            dashes: Vec::new(),
            dash_offset: Px::ZERO,
            cap: LineCap::Butt,
            join: LineJoin::default(),
        };
        self.sheet.items.push(Item::StrokePath(path, stroke));
    }
}
