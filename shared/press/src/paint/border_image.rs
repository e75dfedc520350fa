//! Images cut into nine parts: border images and border masks (CSS Backgrounds 3 §6, CSS Masking 1 §7).

use super::picture::Picture;
use super::{Frame, Painter};
use fanfold_geometry::{Edges, Px, Rect};
use fanfold_paint::{Item, Mask, Path};
use fanfold_style::ComputedStyle;
use fanfold_style::computed::{Extent, SliceRepeat, SlicedImage, Slices};

/// More copies of a part than this are drawn as one, stretched.
const MOST_COPIES: f32 = 500.0;

/// A stretch of the image along one axis and where it goes.
#[derive(Clone, Copy)]
struct Span {
    /// In the image.
    from: Px,
    length: Px,
    /// On the page.
    to: Px,
    room: Px,
}

impl Painter<'_> {
    /// Draws the border image; false when there is none to draw.
    pub(super) fn border_image(&mut self, frame: &Frame, style: &ComputedStyle) -> bool {
        let image = &style.border.image;
        let Some(source) = &image.source else {
            return false;
        };
        let Some(picture) = self.picture(source) else {
            return false;
        };
        let mut items = Vec::new();
        nine_parts(image, &picture, frame, style, &mut items);
        self.sheet.items.append(&mut items);
        true
    }

    /// The mask that the box and all in it is seen through.
    pub(super) fn mask_border(&mut self, frame: &Frame, style: &ComputedStyle) -> Option<Mask> {
        let image = &style.effects.mask_border;
        let picture = self.picture(image.source.as_ref()?)?;
        let mut items = Vec::new();
        nine_parts(image, &picture, frame, style, &mut items);
        Some(Mask {
            items,
            luminance: false,
        })
    }
}

fn nine_parts(
    image: &SlicedImage,
    picture: &Picture,
    frame: &Frame,
    style: &ComputedStyle,
    items: &mut Vec<Item>,
) {
    let border = frame.border;
    let outset = resolved(image.outset, border, Edges::default(), Px::ZERO, Px::ZERO);
    let area = frame.outer.inset(Edges {
        top: -outset.top,
        right: -outset.right,
        bottom: -outset.bottom,
        left: -outset.left,
    });
    // The image as large as it wants to be within the area (CSS Images 3 §5.3).
    let natural = picture.natural(style);
    let ratio = natural.ratio();
    let width = natural
        .width
        .or_else(|| Some(natural.height? * ratio?))
        .unwrap_or(area.width);
    let height = natural
        .height
        .or_else(|| Some(width / ratio?))
        .unwrap_or(area.height);
    if !(width.0 > 0.0 && height.0 > 0.0 && area.width.0 > 0.0 && area.height.0 > 0.0) {
        return;
    }
    let slices = cut(image.slices, width, height);
    let widths = resolved(image.width, border, slices, area.width, area.height);
    // Parts that would overlap shrink together.
    let fit = |sum: Px, room: Px| if sum > room { room / sum } else { 1.0 };
    let factor = fit(widths.left + widths.right, area.width)
        .min(fit(widths.top + widths.bottom, area.height));
    let columns = spans(
        (slices.left, slices.right, width),
        (widths.left * factor, widths.right * factor),
        (area.x, area.width),
    );
    let rows = spans(
        (slices.top, slices.bottom, height),
        (widths.top * factor, widths.bottom * factor),
        (area.y, area.height),
    );
    for (row, down) in rows.iter().enumerate() {
        for (column, across) in columns.iter().enumerate() {
            let (middle_row, middle_column) = (row == 1, column == 1);
            if middle_row && middle_column && !image.slices.fill {
                continue;
            }
            if [across.length, across.room, down.length, down.room]
                .iter()
                .any(|extent| extent.0 <= 0.0)
            {
                continue;
            }
            // Edges keep the proportions of the corners beside them, the middle those of the top
            // and the left (§6.5).
            let scale = |span: &Span| span.room / span.length;
            let beside = |spans: &[Span; 3]| {
                let used = [&spans[0], &spans[2]];
                let found = used
                    .into_iter()
                    .find(|span| span.length.0 > 0.0 && span.room.0 > 0.0);
                found.map_or(1.0, scale)
            };
            let sx = if !middle_column {
                scale(across)
            } else if middle_row {
                beside(&rows)
            } else {
                scale(down)
            };
            let sy = if !middle_row {
                scale(down)
            } else if middle_column {
                beside(&columns)
            } else {
                scale(across)
            };
            let repeat = |is_middle: bool, repeat: SliceRepeat| {
                if is_middle {
                    repeat
                } else {
                    SliceRepeat::Stretch
                }
            };
            let xs = copies(across, sx, repeat(middle_column, image.repeat.0));
            let ys = copies(down, sy, repeat(middle_row, image.repeat.1));
            items.push(Item::PushClip(Path::rect(Rect::new(
                across.to,
                down.to,
                across.room,
                down.room,
            ))));
            for y in ys.places() {
                for x in xs.places() {
                    part(
                        picture,
                        (width, height),
                        (across, x, xs.size),
                        (down, y, ys.size),
                        items,
                    );
                }
            }
            items.push(Item::Pop);
        }
    }
}

/// Draws one part of the image so that its span comes to lie at `x` and `y`, `w` and `h` large.
fn part(
    picture: &Picture,
    (width, height): (Px, Px),
    (across, x, w): (&Span, Px, Px),
    (down, y, h): (&Span, Px, Px),
    items: &mut Vec<Item>,
) {
    let (sx, sy) = (w / across.length, h / down.length);
    let whole = Rect::new(
        x - across.from * sx,
        y - down.from * sy,
        width * sx,
        height * sy,
    );
    items.push(Item::PushClip(Path::rect(Rect::new(x, y, w, h))));
    picture.draw_stretched((width, height), whole, items);
    items.push(Item::Pop);
}

/// How far the cuts are from the image's edges.
fn cut(slices: Slices, width: Px, height: Px) -> Edges<Px> {
    let one = |(value, is_part): (f32, bool), whole: Px| {
        let length = if is_part { whole * value } else { Px(value) };
        length.clamp(Px::ZERO, whole)
    };
    Edges {
        top: one(slices.edges.top, height),
        right: one(slices.edges.right, width),
        bottom: one(slices.edges.bottom, height),
        left: one(slices.edges.left, width),
    }
}

fn resolved(
    extents: Edges<Extent>,
    border: Edges<Px>,
    slices: Edges<Px>,
    width: Px,
    height: Px,
) -> Edges<Px> {
    let one = |extent: Extent, border: Px, slice: Px, whole: Px| {
        let length = match extent {
            Extent::Auto => slice,
            Extent::Times(factor) => border * factor,
            Extent::Length(length) => length.resolve(whole),
        };
        length.max(Px::ZERO)
    };
    Edges {
        top: one(extents.top, border.top, slices.top, height),
        right: one(extents.right, border.right, slices.right, width),
        bottom: one(extents.bottom, border.bottom, slices.bottom, height),
        left: one(extents.left, border.left, slices.left, width),
    }
}

fn spans(
    (first, last, whole): (Px, Px, Px),
    (start, end): (Px, Px),
    (at, room): (Px, Px),
) -> [Span; 3] {
    let span = |from, length, to, room| Span {
        from,
        length,
        to,
        room,
    };
    [
        span(Px::ZERO, first, at, start),
        span(
            first,
            (whole - first - last).max(Px::ZERO),
            at + start,
            (room - start - end).max(Px::ZERO),
        ),
        span(whole - last, last, at + room - end, end),
    ]
}

/// Equal copies along a span.
struct Copies {
    first: Px,
    size: Px,
    step: Px,
    count: f32,
}

impl Copies {
    fn places(&self) -> impl Iterator<Item = Px> {
        (0..self.count as usize).map(|index| self.first + self.step * index as f32)
    }
}

fn copies(span: &Span, scale: f32, repeat: SliceRepeat) -> Copies {
    let one = Copies {
        first: span.to,
        size: span.room,
        step: span.room,
        count: 1.0,
    };
    let size = span.length * scale;
    let fits = span.room / size;
    if repeat == SliceRepeat::Stretch || !(fits > 0.0 && fits < MOST_COPIES) {
        return one;
    }
    match repeat {
        SliceRepeat::Stretch => one,
        // One is in the middle.
        SliceRepeat::Repeat => {
            let each_side = ((fits - 1.0) / 2.0).max(0.0).ceil();
            let middle = span.to + (span.room - size) / 2.0;
            Copies {
                first: middle - size * each_side,
                size,
                step: size,
                count: each_side * 2.0 + 1.0,
            }
        }
        SliceRepeat::Round => {
            let count = fits.round().max(1.0);
            let size = span.room / count;
            Copies {
                size,
                step: size,
                count,
                ..one
            }
        }
        SliceRepeat::Space => {
            // A hair's breadth too little is enough.
            let count = (fits + 1e-3).floor();
            let gap = (span.room - size * count) / (count + 1.0);
            Copies {
                first: span.to + gap,
                size,
                step: size + gap,
                count,
            }
        }
    }
}
